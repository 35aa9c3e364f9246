//! Filters of the templates: values in, words of the page's language out.
#![allow(unused_braces, clippy::unnecessary_wraps, reason = "shape that askama::filter_fn wants")]

use std::fmt::Display;

use askama::{Values, get_value};
use domain::{
    Currency, Money,
    customer::{CountryCode, CustomerFacts, Salutation, TaxRegion},
    money::{Quantity, TaxRate, UnitPrice},
    subscription::Notice,
    time::Interval,
};
use jiff::{Timestamp, civil::Date};

use crate::page::{Frame, SafeHtml};

type Shown = askama::Result<String>;

fn frame(values: &dyn Values) -> askama::Result<&Frame> {
    get_value::<Frame>(values, "frame")
}

/// `{{ gross|money }}`: `1.234,50 €`.
#[askama::filter_fn]
pub fn money(amount: &Money, values: &dyn Values) -> Shown {
    Ok(frame(values)?.t.money(*amount))
}

/// `{{ paid|less }}`: the same amount as a deduction, `−39,00 €`.
#[askama::filter_fn]
pub fn less(amount: &Money, values: &dyn Values) -> Shown {
    Ok(frame(values)?.t.money(Money::of_minor(amount.minor().saturating_neg(), amount.currency())))
}

/// `{{ amount|unit }}`: `€`, beside a field to type an amount in.
#[askama::filter_fn]
pub fn unit(amount: &Money, values: &dyn Values) -> Shown {
    Ok(frame(values)?.t.currency(amount.currency()).to_owned())
}

/// `{{ line.unit_price|price(currency) }}`: a price for one, with up to four decimals.
#[askama::filter_fn]
pub fn price(price: &UnitPrice, values: &dyn Values, currency: Currency) -> Shown {
    Ok(frame(values)?.t.unit_price(*price, currency))
}

/// `{{ due_on|day }}`: `06.03.2019`.
#[askama::filter_fn]
pub fn day(date: &Date, values: &dyn Values) -> Shown {
    Ok(frame(values)?.t.date(*date))
}

/// `{{ created_at|moment }}`: date and time in the tenant's zone.
#[askama::filter_fn]
pub fn moment(at: &Timestamp, values: &dyn Values) -> Shown {
    let frame = frame(values)?;
    Ok(frame.t.date_time(frame.zone.local(*at)))
}

/// `{{ resend_at|clock }}`: time with seconds in the tenant's zone.
#[askama::filter_fn]
pub fn clock(at: &Timestamp, values: &dyn Values) -> Shown {
    let frame = frame(values)?;
    Ok(frame.t.time_with_seconds(frame.zone.local(*at).time()))
}

/// `{{ interval|long }}`: `1 Monat`.
#[askama::filter_fn]
pub fn long(interval: &Interval, values: &dyn Values) -> Shown {
    Ok(frame(values)?.t.interval(*interval))
}

/// `{{ interval|often }}`: `je Monat`.
#[askama::filter_fn]
pub fn often(interval: &Interval, values: &dyn Values) -> Shown {
    Ok(frame(values)?.t.per_interval(*interval))
}

/// `{{ notice|notice }}`: `1 Monat zum Monatsende`.
#[askama::filter_fn]
pub fn notice(notice: &Notice, values: &dyn Values) -> Shown {
    Ok(frame(values)?.t.notice(*notice))
}

/// `{{ line.quantity|quantity }}`: `2,5`.
#[askama::filter_fn]
pub fn quantity(quantity: &Quantity, values: &dyn Values) -> Shown {
    Ok(frame(values)?.t.quantity(*quantity))
}

/// `{{ line.tax_rate|percent }}`: `19 %`.
#[askama::filter_fn]
pub fn percent(rate: &TaxRate, values: &dyn Values) -> Shown {
    Ok(frame(values)?.t.tax_rate(*rate))
}

/// `{{ country|country }}`: `Deutschland`.
#[askama::filter_fn]
pub fn country(code: &CountryCode, values: &dyn Values) -> Shown {
    Ok(frame(values)?.t.country(*code))
}

/// `{{ salutation|salutation }}`: `Frau`.
#[askama::filter_fn]
pub fn salutation(salutation: &Salutation, values: &dyn Values) -> Shown {
    Ok(frame(values)?.t.salutation(*salutation).to_owned())
}

/// `{{ facts|addressed }}`: `Frau Exemplus Tine`.
#[askama::filter_fn]
pub fn addressed(customer: &CustomerFacts, values: &dyn Values) -> Shown {
    Ok(frame(values)?.t.addressed(customer))
}

/// `{{ tax_region|tax_region }}`: `Inland`.
#[askama::filter_fn]
pub fn tax_region(region: &TaxRegion, values: &dyn Values) -> Shown {
    Ok(frame(values)?.t.tax_region(*region).to_owned())
}

/// `{{ sentence|strong(part) }}`: the escaped sentence with the part in bold.
#[askama::filter_fn]
pub fn strong<P: Display>(sentence: impl Display, _: &dyn Values, part: P) -> askama::Result<SafeHtml> {
    Ok(wrap(&sentence.to_string(), &part.to_string(), "<b>"))
}

/// `{{ sentence|strong_number(part) }}`: like `strong`, in figures that do not break.
#[askama::filter_fn]
pub fn strong_number<P: Display>(sentence: impl Display, _: &dyn Values, part: P) -> askama::Result<SafeHtml> {
    Ok(wrap(&sentence.to_string(), &part.to_string(), "<b class=\"num\">"))
}

/// `{{ email|breakable }}`: an address that may break after its @.
#[askama::filter_fn]
pub fn breakable(address: impl Display, _: &dyn Values) -> askama::Result<SafeHtml> {
    Ok(SafeHtml::from_sanitised(escaped(&address.to_string()).replacen('@', "@<wbr>", 1)))
}

/// `{{ phone|tel }}`: the digits for a `tel:` link.
#[askama::filter_fn]
pub fn tel(phone: impl Display, _: &dyn Values) -> Shown {
    Ok(dialled(&phone.to_string()))
}

fn dialled(phone: &str) -> String {
    let digits: String = phone.replace("(0)", "").chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    match digits.strip_prefix("00") {
        Some(rest) => format!("+{rest}"),
        None => digits,
    }
}

fn wrap(sentence: &str, part: &str, open: &str) -> SafeHtml {
    let (sentence, part) = (escaped(sentence), escaped(part));
    let marked = format!("{open}{part}</b>");
    SafeHtml::from_sanitised(if part.is_empty() { sentence } else { sentence.replacen(&part, &marked, 1) })
}

fn escaped(text: &str) -> String {
    askama::filters::escape(text, askama::filters::Html).map(|text| text.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bold_parts_are_escaped() {
        assert_eq!(wrap("Für <x@y> & Co.", "<x@y>", "<b>").to_string(), "Für <b>&#60;x@y&#62;</b> &#38; Co.");
        assert_eq!(wrap("nothing", "", "<b>").to_string(), "nothing");
    }

    #[test]
    fn phone_numbers_become_digits() {
        for (written, dialled) in
            [("0441 1234-567", "04411234567"), ("+49 (0)441 12", "+4944112"), ("0049 441", "+49441")]
        {
            assert_eq!(super::dialled(written), dialled);
        }
    }
}
