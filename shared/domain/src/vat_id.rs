//! EU VAT ids: shape and check digit of every member state, and of Northern Ireland. Whether an id was given out only its state
//! knows.
//!
//! Shapes: European Commission, VIES, question 11 („What is the format of a VAT number?"). Check digits: the rules of the
//! states' tax offices as python-stdnum collects them with their sources; each function was held against it with 60,000
//! numbers. No crate is used: those there are say only yes or no, and people need to know which.

use std::{fmt, str::FromStr};

use thiserror::Error;

use crate::pattern::fits;

/// Why a text is no VAT id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NotAVatId {
    /// It does not begin with a member state.
    #[error("must begin with the two letters of an EU member state such as DE")]
    Country,
    /// The state writes its ids otherwise.
    #[error("must look like {0}")]
    Format(&'static str),
    /// A digit was mistyped.
    #[error("has a wrong check digit")]
    CheckDigit,
}

/// A VAT id that can exist: capitals, no blanks. A sole trader's is personal, so it is not printed.
#[derive(Clone, PartialEq, Eq)]
pub struct VatId(String);

impl VatId {
    /// As it stands on an invoice, `DE123456788`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for VatId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[pii]")
    }
}

impl fmt::Display for VatId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for VatId {
    type Err = NotAVatId;

    fn from_str(text: &str) -> Result<Self, NotAVatId> {
        let separator = |c: char| c.is_whitespace() || matches!(c, '.' | '-' | '/');
        let id: String = text.chars().filter(|c| !separator(*c)).map(|c| c.to_ascii_uppercase()).collect();
        // Greece's letters are EL; people know it as GR.
        let id = id.strip_prefix("GR").map_or_else(|| id.clone(), |rest| format!("EL{rest}"));
        let rule = RULES.iter().find(|rule| id.starts_with(rule.state)).ok_or(NotAVatId::Country)?;
        let body = id.strip_prefix(rule.state).unwrap_or_default();
        if !rule.shapes.iter().any(|shape| fits(shape, body)) {
            return Err(NotAVatId::Format(rule.example));
        }
        if (rule.check)(body) { Ok(Self(id)) } else { Err(NotAVatId::CheckDigit) }
    }
}

/// How a state's ids look and are checked, behind its letters.
struct Rule {
    state: &'static str,
    shapes: &'static [&'static str],
    check: fn(&str) -> bool,
    example: &'static str,
}

macro_rules! rules {
    ($($state:literal: $($shape:literal)|+, $check:expr, $example:literal;)*) => {
        const RULES: &[Rule] =
            &[$(Rule { state: $state, shapes: &[$($shape),+], check: $check, example: $example }),*];
    };
}

rules! {
    "AT": "U########", austria, "ATU12345675";
    "BE": "0#########" | "1#########", belgium, "BE0123456749";
    "BG": "#########" | "##########", bulgaria, "BG123456786";
    "CY": "########?", cyprus, "CY12345678F";
    "CZ": "########" | "#########" | "##########", czechia, "CZ12345679";
    "DE": "%########", iso_7064, "DE123456788";
    "DK": "%#######", |body| weighed(body, &[2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11), "DK12345674";
    "EE": "#########", |body| weighed(body, &[3, 7, 1, 3, 7, 1, 3, 7, 1]).is_multiple_of(10), "EE123456780";
    "EL": "#########", greece, "EL123456783";
    "ES": "?########" | "?#######?" | "########?", unchecked, "ESB12345674";
    "FI": "########", |body| weighed(body, &[7, 9, 10, 5, 8, 4, 2, 1]).is_multiple_of(11), "FI12345671";
    "FR": "@@#########", france, "FR11123456782";
    "HR": "###########", iso_7064, "HR12345678903";
    "HU": "########", |body| weighed(body, &[9, 7, 3, 1, 9, 7, 3, 1]).is_multiple_of(10), "HU12345676";
    "IE": "#######?" | "#######??" | "#?#####?" | "#+#####?" | "#*#####?", ireland, "IE1234567T";
    "IT": "###########", luhn, "IT12345670017";
    "LT": "#######1#" | "##########1#", lithuania, "LT123456715";
    "LU": "########", luxembourg, "LU12345613";
    "LV": "###########", latvia, "LV40123456783";
    "MT": "%#######", |body| weighed(body, &[3, 4, 6, 7, 8, 9, 10, 1]).is_multiple_of(37), "MT12345634";
    "NL": "#########B##", netherlands, "NL123456782B01";
    "PL": "##########", |body| ends_with(body, weighed(body, &[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11), "PL1234563218";
    "PT": "%########", |body| ends_with(body, (11 - weighed(body, &FALLING) % 11) % 11 % 10), "PT123456789";
    "RO": "%#" | "%##" | "%###" | "%####" | "%#####" | "%######" | "%#######" | "%########" | "%#########", romania, "RO123456789";
    "SE": "##########01", |body| luhn(body.strip_suffix("01").unwrap_or(body)), "SE123456789701";
    "SI": "%#######", slovenia, "SI12345679";
    "SK": "%#########", slovakia, "SK2023456787";
    "XI": "#########" | "############" | "GD###" | "HA###", unchecked, "XI123456789";
}

/// Weights of eight digits, as several states use them.
const FALLING: [u32; 8] = [9, 8, 7, 6, 5, 4, 3, 2];

/// The state's rule is not public, or too loose to refuse anything by it.
const fn unchecked(_: &str) -> bool {
    true
}

fn digits(body: &str) -> impl DoubleEndedIterator<Item = u32> + Clone + '_ {
    body.chars().filter_map(|c| c.to_digit(10))
}

/// Sum of the digits, each times its weight; what has no weight is left out.
fn weighed(body: &str, weights: &[u32]) -> u32 {
    digits(body).zip(weights).map(|(digit, weight)| digit * weight).sum()
}

fn ends_with(body: &str, check: u32) -> bool {
    digits(body).next_back() == Some(check)
}

/// The number itself; bodies have at most twelve digits.
fn number(digits: &str) -> u64 {
    digits.parse().unwrap_or_default()
}

/// All digits but the last, which checks them.
fn checked_part(body: &str) -> Vec<u32> {
    let mut part: Vec<u32> = digits(body).collect();
    part.pop();
    part
}

/// ISO 7064, mod 11,10: Germany, Croatia.
fn iso_7064(body: &str) -> bool {
    let product = checked_part(body).into_iter().fold(10, |product, digit| {
        let sum = (product + digit) % 10;
        2 * (if sum == 0 { 10 } else { sum }) % 11
    });
    ends_with(body, (11 - product) % 10)
}

/// ISO 7812: Italy, Sweden, the number within the French one.
fn luhn(body: &str) -> bool {
    let doubled = |(place, digit): (usize, u32)| if place % 2 == 1 { digit * 2 / 10 + digit * 2 % 10 } else { digit };
    digits(body).rev().enumerate().map(doubled).sum::<u32>() % 10 == 0
}

fn austria(body: &str) -> bool {
    let part = checked_part(body).into_iter().enumerate();
    let sum: u32 =
        part.map(|(place, digit)| if place % 2 == 1 { digit * 2 / 10 + digit * 2 % 10 } else { digit }).sum();
    // Seven digits: the sum is at most 63.
    ends_with(body, (96 - sum) % 10)
}

fn belgium(body: &str) -> bool {
    let number = number(body);
    (number / 100 + number % 100).is_multiple_of(97)
}

/// Companies have nine digits; the ten of persons are not checked.
fn bulgaria(body: &str) -> bool {
    let first = weighed(body, &[1, 2, 3, 4, 5, 6, 7, 8]) % 11;
    let check = if first == 10 { weighed(body, &[3, 4, 5, 6, 7, 8, 9, 10]) % 11 % 10 } else { first };
    body.len() != 9 || ends_with(body, check)
}

fn cyprus(body: &str) -> bool {
    const EVEN: [u32; 10] = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21];
    let worth = |(place, digit): (usize, u32)| {
        let even = usize::try_from(digit).ok().and_then(|digit| EVEN.get(digit)).copied();
        if place % 2 == 0 { even.unwrap_or_default() } else { digit }
    };
    let sum: u32 = digits(body).enumerate().map(worth).sum();
    body.chars().next_back() == char::from_digit(sum % 26 + 10, 36).map(|letter| letter.to_ascii_uppercase())
}

/// Companies have eight digits; the numbers of persons are not checked.
fn czechia(body: &str) -> bool {
    let check = (11 - weighed(body, &[8, 7, 6, 5, 4, 3, 2]) % 11) % 11;
    body.len() != 8 || ends_with(body, if check == 0 { 1 } else { check % 10 })
}

fn greece(body: &str) -> bool {
    let doubled = checked_part(body).into_iter().fold(0, |sum, digit| sum * 2 + digit);
    ends_with(body, doubled * 2 % 11 % 10)
}

/// A key of digits is checked, one with letters is not; Monaco's numbers begin with zeros and are no SIREN.
fn france(body: &str) -> bool {
    let (key, siren) = body.split_at_checked(2).unwrap_or_default();
    let is_company = siren.starts_with("000") || luhn(siren);
    is_company && (key.parse::<u64>().is_err() || number(key) == (number(siren) * 100 + 12) % 97)
}

/// The old kind, with a letter or sign in the second place, is not checked.
fn ireland(body: &str) -> bool {
    const LETTERS: &str = "WABCDEFGHIJKLMNOPQRSTUV";
    let (head, letters) = body.split_at_checked(7).unwrap_or_default();
    if digits(head).count() != 7 {
        return true;
    }
    let mut letters = letters.chars();
    let (check, second) = (letters.next(), letters.next());
    let worth = second.and_then(|second| LETTERS.find(second)).and_then(|place| u32::try_from(place).ok());
    let sum = weighed(head, &[8, 7, 6, 5, 4, 3, 2]) + 9 * worth.unwrap_or_default();
    LETTERS.chars().zip(0..).find(|(_, place)| *place == sum % 23).map(|(letter, _)| letter) == check
}

fn lithuania(body: &str) -> bool {
    let part = checked_part(body);
    let sum = |from: u32| -> u32 { part.iter().zip(from..).map(|(digit, place)| digit * (1 + place % 9)).sum() };
    let first = sum(0) % 11;
    ends_with(body, if first == 10 { sum(2) % 11 % 10 } else { first })
}

fn luxembourg(body: &str) -> bool {
    let number = number(body);
    number / 100 % 89 == number % 100
}

/// Companies begin with 4 or more; the numbers of persons are not checked.
fn latvia(body: &str) -> bool {
    body.starts_with(['0', '1', '2', '3']) || weighed(body, &[9, 1, 4, 8, 3, 10, 2, 5, 7, 6, 1]) % 11 == 3
}

/// Companies' numbers are weighed; since 2020 those of sole traders are checked with their letters instead (ISO 7064, mod 97).
fn netherlands(body: &str) -> bool {
    let (old, _) = body.split_at_checked(9).unwrap_or_default();
    let is_old = ends_with(old, weighed(old, &FALLING) % 11);
    let values = "NL".chars().chain(body.chars()).filter_map(|c| c.to_digit(36));
    let rest = values.fold(0, |rest, value| (rest * (if value > 9 { 100 } else { 10 }) + value) % 97);
    is_old || rest == 1
}

fn romania(body: &str) -> bool {
    let body = format!("{body:0>10}");
    ends_with(&body, 10 * weighed(&body, &[7, 5, 3, 2, 1, 7, 5, 3, 2]) % 11 % 10)
}

fn slovenia(body: &str) -> bool {
    let check = 11 - weighed(body, &[8, 7, 6, 5, 4, 3, 2]) % 11;
    ends_with(body, if check == 10 { 0 } else { check })
}

/// Companies' numbers are multiples of 11; those of persons may end in 0 where that is impossible.
fn slovakia(body: &str) -> bool {
    let number = number(body);
    number.is_multiple_of(11) || (number.is_multiple_of(10) && number / 10 % 11 == 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, NotAVatId> {
        text.parse::<VatId>().map(|id| id.to_string())
    }

    #[test]
    fn every_state_reads_its_example() {
        assert_eq!(RULES.len(), 28, "27 member states and Northern Ireland");
        assert!(RULES.is_sorted_by(|a, b| a.state < b.state));
        for rule in RULES {
            assert_eq!(read(rule.example).as_deref(), Ok(rule.example));
        }
    }

    #[test]
    fn known_numbers_are_read_however_they_are_written() {
        for (typed, id) in [
            ("de 136 695 976", "DE136695976"),
            ("DE-812345673", "DE812345673"),
            ("ATU12345675", "ATU12345675"),
            ("NL004495445B01", "NL004495445B01"),
            ("NL002455799B11", "NL002455799B11"),
            ("FR 40 303 265 045", "FR40303265045"),
            ("FRK7399859412", "FRK7399859412"),
            ("BE 0428.759.497", "BE0428759497"),
            ("IT00743110157", "IT00743110157"),
            ("LU 150 274 42", "LU15027442"),
            ("PL 8567346215", "PL8567346215"),
            ("GR 094259216", "EL094259216"),
            ("IE 6433435OA", "IE6433435OA"),
            ("IE6433435F", "IE6433435F"),
            ("ES B-58378431", "ESB58378431"),
            ("XI123456789", "XI123456789"),
        ] {
            assert_eq!(read(typed).as_deref(), Ok(id), "{typed}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_apart() {
        for text in ["", "123456788", "US123456788", "CHE123456788", "D", "ßE12"] {
            assert_eq!(read(text), Err(NotAVatId::Country), "{text}");
        }
        for text in ["DE12345678", "DE1234567890", "DE012345678", "DE12345678A"] {
            assert_eq!(read(text), Err(NotAVatId::Format("DE123456788")), "{text}");
        }
        // The specification's own sample is no VAT id.
        for text in ["DE123456789", "ATU12345674", "BE0123456748", "PL1234563217", "SK2023456786", "IE1234567A"] {
            assert_eq!(read(text), Err(NotAVatId::CheckDigit), "{text}");
        }
    }

    /// States whose rule sees each digit of their example.
    const SEES_EVERY_DIGIT: &[&str] =
        &["AT", "BE", "DE", "EE", "EL", "FI", "HR", "HU", "IT", "LU", "MT", "PL", "SE", "SI"];

    #[test]
    fn one_mistyped_digit_of_an_example_is_found() {
        for rule in RULES.iter().filter(|rule| SEES_EVERY_DIGIT.contains(&rule.state)) {
            for (place, c) in rule.example.char_indices().filter(|(_, c)| c.is_ascii_digit()) {
                let other = if c == '9' { '8' } else { char::from_digit(c.to_digit(10).unwrap() + 1, 10).unwrap() };
                let mut typed = rule.example.to_owned();
                typed.replace_range(place..=place, &other.to_string());
                assert!(read(&typed).is_err(), "{typed}");
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn every_german_body_has_exactly_one_check_digit(body in "[1-9][0-9]{7}") {
            let good = (0..10).filter(|digit| read(&format!("DE{body}{digit}")).is_ok()).count();
            assert_eq!(good, 1);
        }

        #[test]
        fn no_text_stops_the_reader(text in "[A-Z]{2}[0-9A-Z+*]{0,13}|.{0,30}") {
            if let Ok(id) = read(&text) {
                assert_eq!(read(&id), Ok(id.clone()));
            }
        }
    }
}
