//! The text inside a GiroCode (EPC069-12, version 002): a transfer that a banking app reads from a picture.

mod picture;

use thiserror::Error;

pub use picture::svg;

use crate::{Currency, Money, creditor_reference::CreditorReference, tenant::BankAccount};

/// Longest name of the payee, in characters.
const MAX_NAME_CHARS: usize = 70;
/// Longest text for the payee, in characters.
pub const MAX_TEXT_CHARS: usize = 140;
/// Longest payload, in bytes: what a QR code of version 13 holds at error level M.
pub const MAX_BYTES: usize = 331;
/// Largest amount: 999,999,999.99 EUR.
const MAX_MINOR: i64 = 99_999_999_999;

/// What the payer's bank tells the payee.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remittance<'a> {
    /// ISO 11649: `RF`, two check digits, up to 21 letters and digits.
    Structured(&'a str),
    /// Up to 140 characters, for example an invoice number.
    Text(&'a str),
}

/// Why a transfer cannot be a GiroCode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NoGiroCode {
    /// SEPA transfers are in euros.
    #[error("only amounts in EUR can be transferred by GiroCode")]
    NotEuro,
    /// Nothing, less than nothing, or a billion.
    #[error("the amount must lie between 0.01 and 999999999.99 EUR")]
    Amount,
    /// Empty, over 70 characters, or with a line break.
    #[error("the account holder must have 1 to 70 characters on one line")]
    Holder,
    /// No IBAN of ISO 13616.
    #[error("the IBAN is not valid")]
    Iban,
    /// No reference of ISO 11649, or a text over 140 characters or with a line break.
    #[error("the reference must be an ISO 11649 reference or a text of at most 140 characters on one line")]
    Remittance,
    /// More than [`MAX_BYTES`].
    #[error("name and reference are too long together")]
    TooLong,
}

/// The payload of the code: lines, separated by LF, in UTF-8. Empty lines at the end are left out.
///
/// # Errors
/// When EPC069-12 has no form for this transfer.
pub fn payload(account: &BankAccount, amount: Money, remittance: Remittance<'_>) -> Result<String, NoGiroCode> {
    if amount.currency() != Currency::Eur {
        return Err(NoGiroCode::NotEuro);
    }
    if !(1..=MAX_MINOR).contains(&amount.minor()) {
        return Err(NoGiroCode::Amount);
    }
    let holder = account.holder.trim();
    if holder.is_empty() || !is_line(holder, MAX_NAME_CHARS) {
        return Err(NoGiroCode::Holder);
    }
    if account.iban.parse::<iban::Iban>().is_err() {
        return Err(NoGiroCode::Iban);
    }
    let iban: String = account.iban.split_whitespace().collect();
    // Line 9 (purpose) stays empty; line 10 is the structured reference, line 11 the text, never both.
    let reference = match remittance {
        Remittance::Structured(reference) if is_creditor_reference(reference) => reference.to_owned(),
        Remittance::Text(text) if is_line(text, MAX_TEXT_CHARS) => format!("\n{text}"),
        _ => return Err(NoGiroCode::Remittance),
    };
    let decimal = amount.decimal();
    let payload = format!("BCD\n002\n1\nSCT\n{}\n{holder}\n{iban}\nEUR{decimal}\n\n{reference}", account.bic);
    let payload = payload.trim_end_matches('\n').to_owned();
    if payload.len() > MAX_BYTES { Err(NoGiroCode::TooLong) } else { Ok(payload) }
}

fn is_line(text: &str, most: usize) -> bool {
    text.chars().count() <= most && !text.chars().any(char::is_control)
}

/// Without spaces and in capitals, as the code must carry it.
fn is_creditor_reference(text: &str) -> bool {
    text.parse::<CreditorReference>().is_ok_and(|reference| reference.as_str() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account() -> BankAccount {
        BankAccount {
            holder: "Webhosting AG".into(),
            iban: "DE02120300000000202051".into(),
            bic: "BYLADEM1001".into(),
            bank: String::new(),
        }
    }

    fn eur(minor: i64) -> Money {
        Money::of_minor(minor, Currency::Eur)
    }

    #[test]
    fn a_text_reference_stands_on_the_eleventh_line() {
        let payload = payload(&account(), eur(1591), Remittance::Text("RE1000")).unwrap();
        let expected = "BCD\n002\n1\nSCT\nBYLADEM1001\nWebhosting AG\nDE02120300000000202051\nEUR15.91\n\n\nRE1000";
        assert_eq!(payload, expected);
        assert_eq!(payload.lines().nth(10), Some("RE1000"));
    }

    #[test]
    fn a_structured_reference_stands_on_the_tenth_line_and_ends_the_payload() {
        let payload = payload(&account(), eur(1591), Remittance::Structured("RF18539007547034")).unwrap();
        assert!(payload.ends_with("EUR15.91\n\nRF18539007547034"), "{payload}");
    }

    #[test]
    fn without_bic_and_reference_the_lines_stay_in_place() {
        let account = BankAccount { bic: String::new(), ..account() };
        let payload = payload(&account, eur(100), Remittance::Text("")).unwrap();
        assert_eq!(payload, "BCD\n002\n1\nSCT\n\nWebhosting AG\nDE02120300000000202051\nEUR1.00");
    }

    #[test]
    fn what_epc_cannot_carry_is_refused() {
        let text = Remittance::Text("RE1000");
        let francs = Money::of_minor(100, Currency::Chf);
        assert_eq!(payload(&account(), francs, text), Err(NoGiroCode::NotEuro));
        for minor in [0, -1, MAX_MINOR + 1] {
            assert_eq!(payload(&account(), eur(minor), text), Err(NoGiroCode::Amount), "{minor}");
        }
        assert!(payload(&account(), eur(MAX_MINOR), text).is_ok());
        for reference in ["RF19539007547034", "RF18", "XX18539007547034", "RF18 5390 0754 7034"] {
            let refused = payload(&account(), eur(1), Remittance::Structured(reference));
            assert_eq!(refused, Err(NoGiroCode::Remittance), "{reference}");
        }
        let wrong = BankAccount { iban: "DE123456789".into(), ..account() };
        assert_eq!(payload(&wrong, eur(1), text), Err(NoGiroCode::Iban));
    }

    #[test]
    fn limits_hold_at_the_last_character() {
        let held = |chars: usize| BankAccount { holder: "a".repeat(chars), ..account() };
        assert!(payload(&held(70), eur(1), Remittance::Text("x")).is_ok());
        assert_eq!(payload(&held(71), eur(1), Remittance::Text("x")), Err(NoGiroCode::Holder));
        let (fits, long) = ("b".repeat(140), "b".repeat(141));
        assert!(payload(&account(), eur(1), Remittance::Text(&fits)).is_ok());
        assert_eq!(payload(&account(), eur(1), Remittance::Text(&long)), Err(NoGiroCode::Remittance));
        assert_eq!(payload(&account(), eur(1), Remittance::Text("a\nb")), Err(NoGiroCode::Remittance));
        let (wide_name, wide_text) = ("ä".repeat(70), "ö".repeat(140));
        let wide = BankAccount { holder: wide_name, ..account() };
        assert_eq!(payload(&wide, eur(1), Remittance::Text(&wide_text)), Err(NoGiroCode::TooLong));
    }
}
