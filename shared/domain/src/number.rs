//! Numbers people read and type: customer, invoice, contract and account numbers, and their form in a URL.

use std::{cmp::Ordering, fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Longest number accepted, in characters.
pub const MAX_CHARS: usize = 64;
/// Longest slug of a number: two of them and a date fit into a sort key of DynamoDB (1,024 bytes). 64 letters of Latin
/// scripts fit, of others a few less.
pub const MAX_SLUG_BYTES: usize = 384;
/// Longest slug of an external reference, which stands in a sort key behind an instant.
pub const MAX_REFERENCE_SLUG_BYTES: usize = 900;

/// Why a text is not a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NotANumber {
    /// Nothing but white space.
    #[error("must not be empty")]
    Empty,
    /// More than [`MAX_CHARS`] characters, or [`MAX_SLUG_BYTES`] of its slug.
    #[error("must have at most 64 characters, fewer of scripts other than Latin")]
    TooLong,
    /// Control characters, or white space at an end.
    #[error("must not contain control characters or begin or end with a space")]
    BadCharacter,
    /// `.` and `..` mean something else in an address.
    #[error("must not be only dots")]
    OnlyDots,
    /// A slug with a broken `~XX` escape.
    #[error("is not a valid address part")]
    BadSlug,
}

fn check(text: &str) -> Result<(), NotANumber> {
    match text {
        _ if text.trim().is_empty() => Err(NotANumber::Empty),
        "." | ".." => Err(NotANumber::OnlyDots),
        _ if text.chars().count() > MAX_CHARS || slug(text).len() > MAX_SLUG_BYTES => Err(NotANumber::TooLong),
        _ if text.trim() != text || text.chars().any(char::is_control) => Err(NotANumber::BadCharacter),
        _ => Ok(()),
    }
}

/// The number as one part of a URL or key: `[A-Za-z0-9._-]` unchanged, every other UTF-8 byte as `~XX`
/// (gateways decode `%2F`, and `#` separates the parts of a key).
#[must_use]
pub fn slug(number: &str) -> String {
    let mut slug = String::with_capacity(number.len());
    for byte in number.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-') {
            slug.push(char::from(byte));
        } else {
            slug.push_str(&format!("~{byte:02X}"));
        }
    }
    slug
}

fn unslug(slug: &str) -> Result<String, NotANumber> {
    let mut bytes = Vec::with_capacity(slug.len());
    let mut rest = slug.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'~' => {
                let digits = [rest.next(), rest.next()].map(|digit| digit.and_then(|d| char::from(d).to_digit(16)));
                let [Some(high), Some(low)] = digits else { return Err(NotANumber::BadSlug) };
                u8::try_from(high * 16 + low).map_err(|_| NotANumber::BadSlug)?
            }
            _ => byte,
        });
    }
    let number = String::from_utf8(bytes).map_err(|_| NotANumber::BadSlug)?;
    // One number has one address: `RE~31` must not be a second way to `RE1`.
    if self::slug(&number) == slug { Ok(number) } else { Err(NotANumber::BadSlug) }
}

/// The order in which people count: `2` before `10`, `V2` before `V10`.
#[must_use]
pub fn counting(one: &str, other: &str) -> Ordering {
    let (mut one_rest, mut other_rest) = (one, other);
    loop {
        let (a, b) = (part(&mut one_rest), part(&mut other_rest));
        let order = match (a, b) {
            ("", "") => return one.cmp(other),
            (a, b) if is_counted(a) && is_counted(b) => {
                let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
                a.len().cmp(&b.len()).then_with(|| a.cmp(b))
            }
            (a, b) => a.cmp(b),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

fn is_counted(part: &str) -> bool {
    part.starts_with(|c: char| c.is_ascii_digit())
}

/// The digits, or the letters up to the next digit, with which a text begins.
fn part<'a>(rest: &mut &'a str) -> &'a str {
    let counted = is_counted(rest);
    let end = rest.find(|c: char| c.is_ascii_digit() != counted).unwrap_or(rest.len());
    let (part, after) = rest.split_at(end);
    *rest = after;
    part
}

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
            #[serde(try_from = "String", into = "String")]
            #[schema(value_type = String)]
            pub struct $name(String);

            impl $name {
                /// The number as people read it.
                #[must_use]
                pub fn as_str(&self) -> &str {
                    &self.0
                }

                /// The number as one part of a URL or key.
                #[must_use]
                pub fn slug(&self) -> String {
                    slug(&self.0)
                }

                /// Reads the form that stands in a URL.
                ///
                /// # Errors
                /// When the text is no slug of a valid number.
                pub fn from_slug(slug: &str) -> Result<Self, NotANumber> {
                    unslug(slug)?.parse()
                }
            }

            impl FromStr for $name {
                type Err = NotANumber;
                fn from_str(text: &str) -> Result<Self, NotANumber> {
                    check(text).map(|()| Self(text.to_owned()))
                }
            }

            impl TryFrom<String> for $name {
                type Error = NotANumber;
                fn try_from(text: String) -> Result<Self, NotANumber> {
                    check(&text).map(|()| Self(text))
                }
            }

            impl From<$name> for String {
                fn from(number: $name) -> String {
                    number.0
                }
            }

            impl fmt::Display for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str(&self.0)
                }
            }
        )*
    };
}

numbers! {
    /// For example `K5003`.
    CustomerNumber;
    /// For example `RE1000`.
    InvoiceNumber;
    /// For example `AN-2026-7`: of a document beside invoices.
    DocumentNumber;
    /// For example `1`, shown as „Vertrag Nr. 1".
    SubscriptionNumber;
    /// For example `00001008`.
    AccountNumber;
    /// For example `petersen`: the operator's own key of a contact person.
    ContactNumber;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_and_its_slug_belong_together() {
        for (number, slug) in [("RE1000", "RE1000"), ("RE 2026/11", "RE~202026~2F11"), ("Ä#1", "~C3~84~231")] {
            let parsed: InvoiceNumber = number.parse().unwrap();
            assert_eq!(parsed.slug(), slug);
            assert_eq!(InvoiceNumber::from_slug(slug), Ok(parsed));
        }
    }

    #[test]
    fn numbers_are_counted_and_not_spelled() {
        let mut numbers = ["10", "2", "V10", "1", "V9", "007", "8", "2a", "", "K2-10", "K2-9", "99999999999999999999"];
        numbers.sort_by(|one, other| counting(one, other));
        let sorted = ["", "1", "2", "2a", "007", "8", "10", "99999999999999999999", "K2-9", "K2-10", "V9", "V10"];
        assert_eq!(numbers, sorted);
    }

    #[test]
    fn no_number_is_longer_than_a_key_can_be() {
        for (letter, fits) in [("R", 64), ("ä", 64), ("語", 42), ("😀", 32)] {
            assert!(letter.repeat(fits).parse::<InvoiceNumber>().is_ok(), "{letter}");
            assert_eq!(letter.repeat(fits + 1).parse::<InvoiceNumber>(), Err(NotANumber::TooLong), "{letter}");
        }
    }

    #[test]
    fn a_second_spelling_of_a_slug_is_refused() {
        for slug in ["RE~31000", "RE~2f1", "~", "~Z1", "~C3", ""] {
            assert!(InvoiceNumber::from_slug(slug).is_err(), "{slug}");
        }
    }
}
