//! Amounts as people type them: `1.234,50`, `1,234.50`, `1234.5`, `1 234,50 €` are all the same.

use domain::{Currency, Language, Money};

use crate::Words;

/// Longest text that is looked at.
const MAX_CHARS: usize = 40;

/// Reads a typed amount, whatever language it is typed in; `None` when it is none, or less than nothing.
///
/// The last separator is the decimal one if the currency's digits, or fewer, stand behind it; every other one groups
/// thousands and must have three digits behind it. So `1.234` is a thousand and `1.23` is not.
#[must_use]
pub fn typed_amount(text: &str, currency: Currency) -> Option<Money> {
    let text = text.trim();
    if text.chars().count() > MAX_CHARS {
        return None;
    }
    let unit = Words::new(Language::De).currency(currency);
    let text = [unit, currency.code()].into_iter().fold(text, |text, unit| {
        let text = text.strip_prefix(unit).unwrap_or(text);
        text.strip_suffix(unit).unwrap_or(text).trim()
    });
    let digits = text.chars().all(|c| c.is_ascii_digit() || is_separator(c));
    let framed = text.starts_with(|c: char| c.is_ascii_digit()) && text.ends_with(|c: char| c.is_ascii_digit());
    if !digits || !framed {
        return None;
    }
    let (whole, fraction) = match text.char_indices().rfind(|(_, c)| matches!(c, '.' | ',')) {
        Some((at, point)) if is_decimal(&text[..at], point, &text[at + 1..], currency) => {
            (&text[..at], &text[at + 1..])
        }
        _ => (text, ""),
    };
    let whole = ungrouped(whole)?;
    let decimal = if fraction.is_empty() { whole } else { format!("{whole}.{fraction}") };
    Money::parse_decimal(&decimal, currency).ok()
}

/// Point and comma; spaces, narrow spaces and apostrophes only group.
fn is_separator(c: char) -> bool {
    matches!(c, '.' | ',' | '\'' | '’') || c.is_whitespace()
}

/// A separator that occurs twice groups, and so does one with too many digits behind it.
fn is_decimal(before: &str, point: char, behind: &str, currency: Currency) -> bool {
    let digits = usize::try_from(currency.digits()).unwrap_or(0);
    (1..=digits).contains(&behind.len()) && behind.bytes().all(|b| b.is_ascii_digit()) && !before.contains(point)
}

/// The digits without their separators, if every group but the first has three.
fn ungrouped(whole: &str) -> Option<String> {
    let groups: Vec<&str> = whole.split(is_separator).collect();
    let (first, rest) = groups.split_first()?;
    let separators: Vec<char> = whole.chars().filter(|c| is_separator(*c)).collect();
    let alike = separators.windows(2).all(|pair| pair[0] == pair[1]);
    let led = (1..=3).contains(&first.len()) && !first.starts_with('0');
    let fits = rest.is_empty() || (led && rest.iter().all(|group| group.len() == 3));
    (alike && fits).then(|| groups.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_to_write_an_amount_are_understood() {
        for (typed, minor) in [
            ("1.234,50", 123_450),
            ("1,234.50", 123_450),
            ("1234,5", 123_450),
            ("1234.5", 123_450),
            ("1234", 123_400),
            ("1.234", 123_400),
            ("1,234", 123_400),
            ("1.234.567", 123_456_700),
            ("1.234.567,89", 123_456_789),
            ("1 234,50\u{a0}€", 123_450),
            ("€1,234.50", 123_450),
            ("1’234.50", 123_450),
            ("12.3", 1_230),
            ("0,05", 5),
            ("0", 0),
            (" 15,91 EUR ", 1_591),
        ] {
            assert_eq!(typed_amount(typed, Currency::Eur), Some(Money::of_minor(minor, Currency::Eur)), "{typed}");
        }
    }

    #[test]
    fn what_is_no_amount_is_not_guessed() {
        for typed in [
            "",
            " ",
            "€",
            "zehn",
            "-5",
            "−5",
            "+5",
            "1e3",
            "1.23.4",
            "0.123",
            "$5",
            "1,2345",
            "12.34,567,8",
            "1234.567",
            "1.2345,00",
            ",50",
            "5,",
            "1,234,50",
            "1.234,567.89",
            "99999999999999999999",
            "10000000001",
            "1\n2",
        ] {
            assert_eq!(typed_amount(typed, Currency::Eur), None, "{typed:?}");
        }
        assert_eq!(typed_amount(&"1".repeat(50), Currency::Eur), None);
    }

    #[test]
    fn a_currency_without_cents_has_no_decimals() {
        assert_eq!(typed_amount("1.234", Currency::Jpy), Some(Money::of_minor(1_234, Currency::Jpy)));
        assert_eq!(typed_amount("12.5", Currency::Jpy), None);
    }

    #[test]
    fn what_is_shown_can_be_typed() {
        for language in domain::Language::ALL {
            for minor in [1, 99, 100, 123_450, 100_000_000] {
                let money = Money::of_minor(minor, Currency::Eur);
                let shown = crate::Words::new(language).money(money);
                assert_eq!(typed_amount(&shown, Currency::Eur), Some(money), "{shown}");
            }
        }
    }
}
