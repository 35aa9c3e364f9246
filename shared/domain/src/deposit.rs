//! Deposit numbers (M-27): what a customer writes on a transfer so that the money finds its way without a person.
//!
//! Sixteen digits: the second in which it was made (UTC), three random digits, and a check digit after Damm. Damm's is
//! the smallest scheme that finds every wrong digit and every exchange of two neighbours, the two mistakes people make
//! when they type; ISO 7064 MOD 11,10 and Luhn both let some exchanges pass. The same digits behind `RFkk` are a
//! reference of ISO 11649, so a typed and a scanned transfer agree.

use std::{fmt, str::FromStr};

use jiff::{Timestamp, civil, tz::TimeZone};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::creditor_reference::{CreditorReference, runs};

/// More are not looked for in one text.
const MAX_FOUND: usize = 20;

/// A totally anti-symmetric quasigroup of order ten (Damm 2004): zero on its diagonal, so a right number ends at zero.
const DAMM: [[u8; 10]; 10] = [
    [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
    [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
    [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
    [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
    [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
    [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
    [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
    [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
    [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
    [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
];

/// A text that is no deposit number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("must have 16 digits of which the last one checks the others")]
pub struct NotADepositNumber;

/// „Einzahlung": sixteen digits, the last one checks the others.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String)]
pub struct DepositNumber(String);

impl DepositNumber {
    /// Digits of every deposit number.
    pub const DIGITS: usize = 16;

    /// The number of this second. Of `random` the last three digits count; that it is new, the store's condition says.
    #[must_use]
    pub fn new(at: Timestamp, random: u16) -> Self {
        let utc = TimeZone::UTC.to_datetime(at);
        let year = utc.year().rem_euclid(100);
        let (month, day, hour, minute, second) = (utc.month(), utc.day(), utc.hour(), utc.minute(), utc.second());
        let digits =
            format!("{year:02}{month:02}{day:02}{hour:02}{minute:02}{second:02}{random:03}", random = random % 1000);
        let check = damm(digits.bytes());
        Self(format!("{digits}{check}"))
    }

    /// The sixteen digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same digits as a reference of ISO 11649: `RF`, two check digits, the number.
    #[must_use]
    pub fn creditor_reference(&self) -> CreditorReference {
        CreditorReference::of_checked(&self.0)
    }

    /// Every deposit number in a text as banks mangle it, plain or as `RFkk…`: in groups, over line breaks, with other
    /// text or digits stuck to it. A chance hit is possible (one in some thousands of foreign digits); a look-up decides.
    #[must_use]
    pub fn find_in(text: &str) -> Vec<Self> {
        let mut found = Vec::new();
        for run in runs(text) {
            for window in run.windows(Self::DIGITS) {
                let digits: String = window.iter().map(|sign| sign.character).collect();
                match digits.parse() {
                    Ok(number) if !found.contains(&number) && found.len() < MAX_FOUND => found.push(number),
                    _ => {}
                }
            }
        }
        found
    }
}

impl FromStr for DepositNumber {
    type Err = NotADepositNumber;
    fn from_str(text: &str) -> Result<Self, NotADepositNumber> {
        let digits = text.len() == Self::DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
        if digits && damm(text.bytes()) == 0 && is_second(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotADepositNumber)
        }
    }
}

impl TryFrom<String> for DepositNumber {
    type Error = NotADepositNumber;
    fn try_from(text: String) -> Result<Self, NotADepositNumber> {
        text.parse()
    }
}

impl From<DepositNumber> for String {
    fn from(number: DepositNumber) -> Self {
        number.0
    }
}

impl fmt::Display for DepositNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn damm(digits: impl Iterator<Item = u8>) -> u8 {
    digits.fold(0, |interim, digit| {
        let row = DAMM.get(usize::from(interim));
        row.and_then(|row| row.get(usize::from(digit.wrapping_sub(b'0')))).copied().unwrap_or_default()
    })
}

/// Do the first twelve digits name a second of the calendar? Few foreign numbers do.
fn is_second(digits: &str) -> bool {
    let pair = |at: usize| digits.get(at..at + 2).and_then(|pair| pair.parse::<i8>().ok()).unwrap_or(-1);
    civil::Date::new(2000 + i16::from(pair(0)), pair(2), pair(4)).is_ok()
        && civil::Time::new(pair(6), pair(8), pair(10), 0).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number() -> DepositNumber {
        DepositNumber::new("2026-03-05T12:30:45.9Z".parse().unwrap(), 7)
    }

    #[test]
    fn a_number_is_the_second_three_random_digits_and_a_check_digit() {
        assert_eq!(number().as_str(), "2603051230450075");
        assert_eq!(number().as_str().parse(), Ok(number()));
        assert_eq!(DepositNumber::new("2026-03-05T12:30:45Z".parse().unwrap(), 65_007), number());
        assert_eq!(damm(b"572".iter().copied()), 4, "the sample of Damm's thesis");
    }

    #[test]
    fn the_reference_has_the_same_digits() {
        let reference = number().creditor_reference();
        assert_eq!(reference.body(), number().as_str());
        assert_eq!(reference.as_str().parse(), Ok(reference));
    }

    #[test]
    fn one_wrong_digit_and_two_exchanged_ones_are_always_found() {
        let digits = number().as_str().as_bytes().to_vec();
        for at in 0..digits.len() {
            for digit in (b'0'..=b'9').filter(|digit| *digit != digits[at]) {
                let mut wrong = digits.clone();
                wrong[at] = digit;
                assert_ne!(damm(wrong.into_iter()), 0, "{at}");
            }
        }
        for (a, b) in (0..100_u8).map(|pair| (pair / 10, pair % 10)).filter(|(a, b)| a != b) {
            for start in 0..10_u8 {
                let [one, other] =
                    [[start, a, b], [start, b, a]].map(|three| damm(three.map(|d| d + b'0').into_iter()));
                assert_ne!(one, other, "{start} {a} {b}");
            }
        }
    }

    #[test]
    fn what_is_no_second_of_the_calendar_is_no_number() {
        for wrong in
            ["4319201612161244", "0000000000000000", "260305123045007", "26030512304500752", "", "２603051230450072"]
        {
            assert_eq!(wrong.parse::<DepositNumber>(), Err(NotADepositNumber), "{wrong}");
        }
    }

    #[test]
    fn numbers_are_found_in_what_banks_make_of_them() {
        let reference = number().creditor_reference();
        let lower = reference.as_str().to_lowercase();
        for text in [
            "2603051230450075",
            "Einzahlung 2603 0512 3045 0075 vom 05.03.2026",
            "EINZAHLUNG PREPAID 26030512\n30450075 KD 5003",
            "Einzahlung2603051230450075Danke",
            "Kd 5003 2603051230450075",
            "2603-0512-3045-0075",
            &lower,
            &format!("Zweck{} {}", &lower[..9], &lower[9..]),
        ] {
            assert_eq!(DepositNumber::find_in(text), [number()], "{text}");
        }
        assert!(DepositNumber::find_in("2603051230450074 RE1000 DE02120300000000202051").is_empty());
        let other = DepositNumber::new("2026-03-06T08:00:00Z".parse().unwrap(), 999);
        assert_eq!(DepositNumber::find_in(&format!("{}, {other}", number())), [number(), other]);
    }

    proptest::proptest! {
        #[test]
        fn every_second_makes_a_number_that_is_found_again(second in 946_684_800_i64..4_102_444_800, random: u16) {
            let made = DepositNumber::new(Timestamp::from_second(second).unwrap(), random);
            assert_eq!(made.as_str().parse(), Ok(made.clone()));
            assert!(DepositNumber::find_in(made.creditor_reference().as_str()).contains(&made));
        }

        #[test]
        fn no_text_stops_the_finder(text in "[0-9 ]{0,300}|.{0,300}") {
            assert!(DepositNumber::find_in(&text).len() <= MAX_FOUND);
        }
    }
}
