//! Stripe's tables: versions, currencies and their smallest amounts, languages of Checkout.

use super::refuse::Refusal;

/// The newest stable version: the vendor's stripe-python 16.1.0 (October 2026) pins it; the stored copy of
/// docs.stripe.com/api/versioning still names 2026-09-30.endive.
pub const NEWEST: &str = "2026-10-28.endive";

/// Versions whose objects look as this server writes them.
pub(super) const VERSIONS: [&str; 20] = [
    "2025-03-31.basil",
    "2025-04-30.basil",
    "2025-05-28.basil",
    "2025-06-30.basil",
    "2025-07-30.basil",
    "2025-08-27.basil",
    "2025-09-30.clover",
    "2025-10-29.clover",
    "2025-11-17.clover",
    "2025-12-15.clover",
    "2026-01-28.clover",
    "2026-02-25.clover",
    "2026-03-25.dahlia",
    "2026-04-22.dahlia",
    "2026-05-27.dahlia",
    "2026-06-24.dahlia",
    "2026-07-29.dahlia",
    "2026-08-26.dahlia",
    "2026-09-30.endive",
    NEWEST,
];

/// From this day on `payment_method_types` cannot be sent any more, only `allowed_payment_method_types`.
pub(super) const ENDIVE: &str = "2026-09-30";
/// From this day on `ui_mode` is `hosted_page`, before `hosted`.
pub(super) const DAHLIA: &str = "2026-03-25";
/// From this version on `allowed_payment_method_types` is there (for intents; for sessions from endive on).
pub(super) const ALLOWED: &str = "2026-07-29";

/// Languages of Checkout's page.
pub(super) const LOCALES: [&str; 42] = [
    "auto", "bg", "cs", "da", "de", "el", "en", "en-GB", "es", "es-419", "et", "fi", "fil", "fr", "fr-CA", "hi-IN",
    "hr", "hu", "id", "it", "ja", "ko", "lt", "lv", "ms", "mt", "nb", "nl", "pl", "pt", "pt-BR", "ro", "ru", "sk",
    "sl", "sv", "th", "tr", "vi", "zh", "zh-HK", "zh-TW",
];

/// Payment methods this account could offer, of those Stripe has.
pub(super) const METHODS: [&str; 12] = [
    "card",
    "sepa_debit",
    "link",
    "paypal",
    "klarna",
    "ideal",
    "bancontact",
    "eps",
    "p24",
    "giropay",
    "revolut_pay",
    "customer_balance",
];

/// Currency, decimal places, smallest amount in the smallest unit (0: Stripe's table has no row, it converts).
const CURRENCIES: [(&str, u32, i64); 26] = [
    ("aed", 2, 200),
    ("aud", 2, 50),
    ("bgn", 2, 100),
    ("bhd", 3, 0),
    ("brl", 2, 50),
    ("cad", 2, 50),
    ("chf", 2, 50),
    ("czk", 2, 1500),
    ("dkk", 2, 250),
    ("eur", 2, 50),
    ("gbp", 2, 30),
    ("hkd", 2, 400),
    ("huf", 2, 17_500),
    ("inr", 2, 50),
    ("isk", 2, 0),
    ("jpy", 0, 50),
    ("krw", 0, 0),
    ("kwd", 3, 0),
    ("mxn", 2, 1000),
    ("myr", 2, 200),
    ("nok", 2, 300),
    ("nzd", 2, 50),
    ("pln", 2, 200),
    ("ron", 2, 200),
    ("sek", 2, 300),
    ("usd", 2, 50),
];

/// Largest amount: eight digits.
const LARGEST: i64 = 99_999_999;

/// A currency Stripe takes, in small letters.
pub(super) fn currency(param: &str, code: &str) -> Result<(), Refusal> {
    if CURRENCIES.iter().any(|row| row.0 == code) {
        return Ok(());
    }
    let message = format!("Invalid currency: {code}. Stripe currently supports these currencies: usd, aed, eur, …");
    Err(Refusal::parameter(None, param, &message))
}

/// An amount Stripe can charge.
pub(super) fn chargeable(param: &str, amount: i64, currency: &str, what: &str) -> Result<(), Refusal> {
    let least = CURRENCIES.iter().find(|row| row.0 == currency).map_or(1, |row| row.2.max(1));
    if amount < 0 {
        let message = "This value must be greater than or equal to 0.";
        return Err(Refusal::parameter(Some("parameter_invalid_integer"), param, message));
    }
    if amount < least {
        let message = format!("{what} must be at least {} {currency}", written(least, currency));
        return Err(Refusal::parameter(Some("amount_too_small"), param, &message));
    }
    if amount > LARGEST {
        let message = format!("{what} must be no more than {} {currency}", written(LARGEST, currency));
        return Err(Refusal::parameter(Some("amount_too_large"), param, &message));
    }
    if decimals(currency) == 3 && amount % 10 != 0 {
        let message = format!("Amounts in {currency} must end with 0");
        return Err(Refusal::parameter(None, param, &message));
    }
    Ok(())
}

fn decimals(currency: &str) -> u32 {
    CURRENCIES.iter().find(|row| row.0 == currency).map_or(2, |row| row.1)
}

/// An amount for a message, `€0.50`.
pub(super) fn written(amount: i64, currency: &str) -> String {
    let places = decimals(currency);
    let unit = 10_i64.pow(places);
    let sign = match currency {
        "eur" => "€",
        "usd" => "$",
        "gbp" => "£",
        _ => "",
    };
    if places == 0 {
        return format!("{sign}{amount}");
    }
    format!("{sign}{}.{:0width$}", amount / unit, amount % unit, width = places as usize)
}
