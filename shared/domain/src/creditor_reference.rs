//! References of ISO 11649 (`RF18 5390 0754 7034`): the one kind of reference that banks carry untouched and check.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// More are not looked for in one text.
const MAX_FOUND: usize = 20;

/// A text that is no reference of ISO 11649.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("must be RF, two check digits and 1 to 21 letters or digits (ISO 11649)")]
pub struct NotACreditorReference;

/// `RF`, two check digits, 1 to 21 capital letters and digits; without spaces.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String)]
pub struct CreditorReference(String);

impl CreditorReference {
    /// Longest reference, in characters.
    pub const MAX_CHARS: usize = 25;
    /// Shortest reference, in characters.
    pub const MIN_CHARS: usize = 5;

    /// The reference with this body: its check digits are computed.
    ///
    /// # Errors
    /// When the body is empty, longer than 21 characters, or has anything but letters and digits.
    pub fn of(body: &str) -> Result<Self, NotACreditorReference> {
        let body = body.to_ascii_uppercase();
        let alphanumeric = body.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !(1..=Self::MAX_CHARS - 4).contains(&body.len()) || !alphanumeric {
            return Err(NotACreditorReference);
        }
        Ok(Self::of_checked(&body))
    }

    /// As [`Self::of`], for a body that is known to be one.
    pub(crate) fn of_checked(body: &str) -> Self {
        let check = 98 - remainder(body.bytes().chain(*b"RF00"));
        Self(format!("RF{check:02}{body}"))
    }

    /// The whole reference without spaces, for example `RF18539007547034`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands behind the check digits.
    #[must_use]
    pub fn body(&self) -> &str {
        self.0.get(4..).unwrap_or_default()
    }

    /// Every reference in a text as banks mangle it: in groups, over line breaks, in lower case, behind other text.
    /// Where a reference ends cannot be seen, so all ends at which the check digits agree are given; a look-up decides.
    #[must_use]
    pub fn find_in(text: &str) -> Vec<Self> {
        let mut found = Vec::new();
        for run in runs(text) {
            for start in 0..run.len() {
                let longest = Self::MAX_CHARS.min(run.len() - start);
                for length in (Self::MIN_CHARS..=longest).filter(|length| run[start + length - 1].ends) {
                    let reference: String = run[start..start + length].iter().map(|sign| sign.character).collect();
                    match reference.parse() {
                        Ok(reference) if !found.contains(&reference) && found.len() < MAX_FOUND => {
                            found.push(reference);
                        }
                        _ => {}
                    }
                }
            }
        }
        found
    }
}

impl FromStr for CreditorReference {
    type Err = NotACreditorReference;

    /// Spaces are left out and letters made capital: both say nothing (ISO 11649 prints groups of four).
    fn from_str(text: &str) -> Result<Self, NotACreditorReference> {
        let reference: String =
            text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).take(64).collect();
        let bytes = reference.as_bytes();
        let shape = (Self::MIN_CHARS..=Self::MAX_CHARS).contains(&bytes.len())
            && bytes.starts_with(b"RF")
            && bytes[2..4].iter().all(u8::is_ascii_digit)
            && bytes.iter().all(u8::is_ascii_alphanumeric);
        // 00, 01 and 99 are never computed, although they leave the same remainder as 97, 98 and 02.
        let holds = || {
            let checked = bytes[4..].iter().chain(&bytes[..4]).copied();
            remainder(checked) == 1 && !matches!(&bytes[2..4], b"00" | b"01" | b"99")
        };
        if shape && holds() { Ok(Self(reference)) } else { Err(NotACreditorReference) }
    }
}

impl TryFrom<String> for CreditorReference {
    type Error = NotACreditorReference;
    fn try_from(text: String) -> Result<Self, NotACreditorReference> {
        text.parse()
    }
}

impl From<CreditorReference> for String {
    fn from(reference: CreditorReference) -> Self {
        reference.0
    }
}

impl fmt::Display for CreditorReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// ISO 7064 MOD 97-10: letters count as 10 to 35.
fn remainder(signs: impl Iterator<Item = u8>) -> u32 {
    signs.filter_map(|sign| char::from(sign).to_digit(36)).fold(0, |rest, value| {
        let shift = if value > 9 { 100 } else { 10 };
        (rest * shift + value) % 97
    })
}

/// One letter or digit of a [`runs`] text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sign {
    /// In capitals.
    pub(crate) character: char,
    /// A gap or the end of the run follows.
    pub(crate) ends: bool,
}

/// The letters and digits of a text, without the gaps that banks and people put between them (white space, `-`, `.`,
/// `/`). Anything else ends a run.
pub(crate) fn runs(text: &str) -> Vec<Vec<Sign>> {
    let mut runs = vec![Vec::<Sign>::new()];
    for character in text.chars() {
        if let Some(run) = runs.last_mut() {
            if character.is_ascii_alphanumeric() {
                run.push(Sign { character: character.to_ascii_uppercase(), ends: false });
                continue;
            }
            if let Some(last) = run.last_mut() {
                last.ends = true;
            }
        }
        if !character.is_whitespace() && !matches!(character, '-' | '.' | '/') {
            runs.push(Vec::new());
        }
    }
    if let Some(last) = runs.last_mut().and_then(|run| run.last_mut()) {
        last.ends = true;
    }
    runs.retain(|run| !run.is_empty());
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference(text: &str) -> CreditorReference {
        text.parse().unwrap()
    }

    #[test]
    fn the_standards_own_sample_is_made_and_read() {
        assert_eq!(CreditorReference::of("539007547034").unwrap().as_str(), "RF18539007547034");
        assert_eq!(reference("rf18 5390 0754 7034").body(), "539007547034");
        for wrong in ["RF19539007547034", "RF18", "XX18539007547034", "RF", "", "RF1853900754703ä", "RFA8539007547034"]
        {
            assert_eq!(wrong.parse::<CreditorReference>(), Err(NotACreditorReference), "{wrong}");
        }
        for wrong in ["", "a-b", &"1".repeat(22)] {
            assert_eq!(CreditorReference::of(wrong), Err(NotACreditorReference), "{wrong}");
        }
    }

    #[test]
    fn references_are_found_in_what_banks_make_of_them() {
        let expected = vec![reference("RF18539007547034")];
        for text in [
            "RF18539007547034",
            "Rechnung rf18 5390 0754 7034",
            "Rechnung:RF18-5390-0754-7034, danke",
            "VerwendungszweckRF1853900\n7547034",
            "(RF18539007547034)",
        ] {
            assert_eq!(CreditorReference::find_in(text), expected, "{text}");
        }
        assert!(CreditorReference::find_in("RF19539007547034 RF RFRFRF ä").is_empty());
    }

    proptest::proptest! {
        #[test]
        fn every_body_makes_a_reference_that_reads_back(body in "[0-9A-Za-z]{1,21}") {
            let made = CreditorReference::of(&body).unwrap();
            assert_eq!(made.as_str().parse(), Ok(made.clone()));
            assert!(CreditorReference::find_in(&format!("Zweck {made}")).contains(&made));
        }

        #[test]
        fn no_text_stops_the_finder(text in ".{0,300}") {
            assert!(CreditorReference::find_in(&text).len() <= MAX_FOUND);
        }
    }
}
