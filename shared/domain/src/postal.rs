//! Postal codes: how each country of Europe writes them, and which countries have none.
//!
//! The shapes are those of the Universal Postal Union's „Addressing systems" sheets. Beyond the countries of the table a code
//! is only as long as codes are.

use crate::{
    customer::CountryCode,
    pattern::{fits, is_separator, laid_out},
};

/// Fewest and most characters of a code whose country is not in the table.
pub const FREE_CHARS: std::ops::RangeInclusive<usize> = 2..=12;

/// What a country's codes look like.
#[derive(Debug)]
struct Rule {
    country: &'static str,
    shapes: &'static [&'static str],
    example: &'static str,
}

macro_rules! rules {
    ($($country:literal: $($shape:literal)|+ = $example:literal;)*) => {
        /// EU, EEA, Switzerland, United Kingdom.
        const RULES: &[Rule] =
            &[$(Rule { country: $country, shapes: &[$($shape),+], example: $example }),*];
    };
}

rules! {
    "AT": "####" = "1010";
    "BE": "####" = "1000";
    "BG": "####" = "1000";
    "CH": "####" = "8001";
    "CY": "####" = "1010";
    "CZ": "### ##" = "110 00";
    "DE": "#####" = "56789";
    "DK": "####" = "1050";
    "EE": "#####" = "10111";
    "ES": "#####" = "28001";
    "FI": "#####" = "00100";
    "FR": "#####" = "75001";
    "GB": "?# #??" | "?## #??" | "??# #??" | "??## #??" | "?#? #??" | "??#? #??" = "SW1A 1AA";
    "GR": "### ##" = "104 31";
    "HR": "#####" = "10000";
    "HU": "####" = "1011";
    "IE": "?## @@@@" | "D6W @@@@" = "D02 AF30";
    "IS": "###" = "101";
    "IT": "#####" = "00118";
    "LI": "####" = "9490";
    "LT": "#####" | "LT-#####" = "01100";
    "LU": "####" | "L-####" = "1009";
    "LV": "LV-####" = "LV-1010";
    "MT": "??? ####" = "VLT 1117";
    "NL": "#### ??" = "1012 AB";
    "NO": "####" = "0150";
    "PL": "##-###" = "00-950";
    "PT": "####-###" = "1000-001";
    "RO": "######" = "010011";
    "SE": "### ##" = "111 22";
    "SI": "####" = "1000";
    "SK": "### ##" = "811 01";
}

/// Countries whose post knows no codes.
const WITHOUT: &str = "AE AG AO AW BF BI BJ BO BQ BS BW BZ CD CF CG CI CK CM CW DJ DM ER FJ GA GD GH GM GQ GY HK KI KM KN KP LY \
                       ML MO MR MW NR NU QA RW SB SC SL SR ST SX SY TD TF TG TK TO TV UG VU YE ZW";

/// Why a text is no postal code of its country.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAPostalCode {
    /// A code as this country writes it; none where any text of the right length would do.
    pub example: Option<&'static str>,
    /// How many digits it has, where it has nothing else.
    pub digits: Option<usize>,
}

/// Reads a code and writes it as its country does: `1012ab` in the Netherlands is `1012 AB`.
///
/// # Errors
/// What the code should look like.
pub fn read(country: CountryCode, text: &str) -> Result<String, NotAPostalCode> {
    let text = text.trim();
    let Some(rule) = RULES.iter().find(|rule| rule.country == country.as_str()) else {
        let fits = FREE_CHARS.contains(&text.chars().count()) && !text.chars().any(char::is_control);
        return if fits { Ok(text.to_owned()) } else { Err(NotAPostalCode { example: None, digits: None }) };
    };
    let bare: String = text.chars().filter(|c| !is_separator(*c)).map(|c| c.to_ascii_uppercase()).collect();
    // „LV-1010" is the code itself in Latvia, „DE-56789" an old habit elsewhere: both are understood.
    let short = bare.strip_prefix(rule.country).unwrap_or(&bare);
    let long = format!("{}{short}", rule.country);
    let written = |code: &str| rule.shapes.iter().find_map(|shape| laid_out(shape, code));
    written(&bare).or_else(|| written(short)).or_else(|| written(&long)).ok_or_else(|| rule.refusal())
}

/// Has the country no codes, so that none can be asked for?
#[must_use]
pub fn has_none(country: CountryCode) -> bool {
    WITHOUT.split_whitespace().any(|code| code == country.as_str())
}

impl Rule {
    fn refusal(&self) -> NotAPostalCode {
        let digits = self.example.len();
        let is_digits =
            self.shapes.iter().all(|shape| fits(shape, self.example) && shape.chars().all(|sign| sign == '#'));
        NotAPostalCode { example: Some(self.example), digits: is_digits.then_some(digits) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn country(code: &str) -> CountryCode {
        code.to_owned().try_into().unwrap()
    }

    #[test]
    fn a_code_is_written_as_its_country_does() {
        for (code, typed, written) in [
            ("DE", " 56789 ", "56789"),
            ("DE", "DE-56789", "56789"),
            ("AT", "1010", "1010"),
            ("CH", "8001", "8001"),
            ("NL", "1012ab", "1012 AB"),
            ("PL", "00950", "00-950"),
            ("PT", "1000001", "1000-001"),
            ("SE", "11122", "111 22"),
            ("GB", "sw1a1aa", "SW1A 1AA"),
            ("GB", "M1 1AE", "M1 1AE"),
            ("IE", "T12 AB34", "T12 AB34"),
            ("LV", "1010", "LV-1010"),
            ("LU", "L-1009", "L-1009"),
            ("MT", "VLT1117", "VLT 1117"),
            ("US", "12345-6789", "12345-6789"),
        ] {
            assert_eq!(read(country(code), typed), Ok(written.to_owned()), "{code} {typed}");
        }
    }

    #[test]
    fn what_is_none_is_told_what_one_looks_like() {
        let five = NotAPostalCode { example: Some("56789"), digits: Some(5) };
        for wrong in ["5678", "567890", "5678A", "", "５６７８９"] {
            assert_eq!(read(country("DE"), wrong), Err(five), "{wrong}");
        }
        assert_eq!(read(country("NL"), "1012"), Err(NotAPostalCode { example: Some("1012 AB"), digits: None }));
        for wrong in ["1", "1234567890123", "12\n34"] {
            assert_eq!(read(country("US"), wrong), Err(NotAPostalCode { example: None, digits: None }), "{wrong}");
        }
    }

    #[test]
    fn every_rule_reads_its_own_example_and_names_a_country_once() {
        for rule in RULES {
            assert_eq!(read(country(rule.country), rule.example).as_deref(), Ok(rule.example));
            assert!(country(rule.country).is_assigned() && !has_none(country(rule.country)), "{}", rule.country);
        }
        assert!(RULES.is_sorted_by(|a, b| a.country < b.country));
        let without: Vec<&str> = WITHOUT.split_whitespace().collect();
        assert!(without.is_sorted_by(|a, b| a < b) && without.iter().all(|code| country(code).is_assigned()));
    }

    proptest::proptest! {
        #[test]
        fn what_was_read_reads_the_same_again(rule in 0..RULES.len(), text in "[0-9A-Za-z -]{2,9}") {
            let country = country(RULES[rule].country);
            if let Ok(code) = read(country, &text) {
                assert_eq!(read(country, &code), Ok(code.clone()));
            }
        }

        #[test]
        fn every_five_digits_are_a_german_code(code in "[0-9]{5}") {
            assert_eq!(read(country("DE"), &code), Ok(code));
        }
    }
}
