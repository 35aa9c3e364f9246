//! Files of banks: the format is told by content, and a file is read as a whole or not at all.
//!
//! An error names the line and what was expected there, never what stood there: it may be personal.

mod camt;
mod mt940;
mod xml;

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    Currency, Money,
    bank::{BankFile, Statement},
};
use thiserror::Error;

/// How much one file may ask of us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Largest file.
    pub max_bytes: usize,
    /// Most entries of all its statements together, also of those that are left out.
    pub max_entries: usize,
}

impl Default for Limits {
    /// 4 MB (a request to Lambda carries 6 MB, base64 included) and 10,000 entries.
    fn default() -> Self {
        Self { max_bytes: 4 * 1024 * 1024, max_entries: 10_000 }
    }
}

/// Longest text of one entry or element, in characters: far above the 140 of SEPA and the 390 of MT940.
const MAX_TEXT_CHARS: usize = 2_000;

/// Why a file is not taken. Lines are counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BankFileError {
    /// Over [`Limits::max_bytes`].
    #[error("the file has more than {most} bytes")]
    TooLarge {
        /// The limit.
        most: usize,
    },
    /// Over [`Limits::max_entries`].
    #[error("line {line}: more than {most} entries")]
    TooManyEntries {
        /// Where the first one too many stands.
        line: usize,
        /// The limit.
        most: usize,
    },
    /// No format we read.
    #[error("is neither camt.053, camt.054 (versions 001.02 and 001.08) nor MT940")]
    UnknownFormat,
    /// Something else than the format asks for.
    #[error("line {line}: expected {expected}")]
    Expected {
        /// Where.
        line: usize,
        /// What should stand there.
        expected: &'static str,
    },
    /// The file ends too early.
    #[error("the file ends in line {line} before {expected}")]
    CutOff {
        /// The last line.
        line: usize,
        /// What is missing.
        expected: &'static str,
    },
    /// Opening balance and entries do not make the closing balance: something is missing, or was slipped in.
    #[error("line {line}: the entries do not add up to the closing balance")]
    DoesNotAddUp {
        /// Where the statement begins.
        line: usize,
    },
}

/// Reads a bank's file.
///
/// # Errors
/// When the file is of no known format, breaks its rules, is cut off, or goes over a limit.
pub fn read(bytes: &[u8], limits: Limits) -> Result<BankFile, BankFileError> {
    if bytes.len() > limits.max_bytes {
        return Err(BankFileError::TooLarge { most: limits.max_bytes });
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    if bytes.trim_ascii_start().starts_with(b"<") { camt::read(bytes, limits) } else { mt940::read(bytes, limits) }
}

/// The second guard of every entry in short: the hash of what the entry says, 22 characters. The text itself holds
/// personal data and goes nowhere.
#[must_use]
pub fn fingerprints(statement: &Statement) -> Vec<String> {
    let short = |text: &String| URL_SAFE_NO_PAD.encode(&digest(&SHA256, text.as_bytes()).as_ref()[..16]);
    statement.fingerprint_texts().iter().map(|text| short(text)).collect()
}

/// An amount without a sign, more or less digits than its currency has, as formats write it (`15.9`, `15.900`).
fn read_amount(text: &str, currency: Currency) -> Option<Money> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let significant = fraction.trim_end_matches('0');
    let padded = if significant.is_empty() { whole.to_owned() } else { format!("{whole}.{significant}") };
    let is_plain = fraction.bytes().all(|byte| byte.is_ascii_digit());
    Money::parse_decimal(&padded, currency).ok().filter(|money| is_plain && !money.is_negative())
}

/// Pieces of a text that was cut into pieces of at most `width` characters: only a piece that is not full ended at a
/// space.
fn join_pieces<'a>(pieces: impl IntoIterator<Item = &'a str>, width: usize) -> String {
    let mut joined = String::new();
    let mut is_full = true;
    for piece in pieces {
        if !is_full && !joined.is_empty() {
            joined.push(' ');
        }
        joined.push_str(piece);
        is_full = piece.chars().count() >= width;
    }
    joined.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_with_any_number_of_zeros_behind() {
        let read = |text| read_amount(text, Currency::Eur).map(Money::minor);
        for (text, minor) in [("15.91", 1591), ("15.9", 1590), ("15.", 1500), ("15", 1500), ("15.91000", 1591)] {
            assert_eq!(read(text), Some(minor), "{text}");
        }
        for text in ["", ".", "-1", "+1", "15.911", "1e3", "1,5", "99999999999999", "1.0x0", "1.-0"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn pieces_are_joined_where_they_were_cut() {
        assert_eq!(join_pieces(["abcde", "fg", "hi"], 5), "abcdefg hi");
        assert_eq!(join_pieces(["", "a "], 5), "a");
    }

    #[test]
    fn what_is_no_bank_file_is_refused_by_name() {
        let limits = Limits { max_bytes: 20, ..Limits::default() };
        assert_eq!(read(&[b' '; 21], limits), Err(BankFileError::TooLarge { most: 20 }));
        for other in ["", " ", "PK\u{3}\u{4}", "Buchungstag;Betrag", "{\"a\":1}"] {
            assert_eq!(read(other.as_bytes(), Limits::default()), Err(BankFileError::UnknownFormat), "{other}");
        }
    }
}
