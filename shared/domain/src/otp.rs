//! Login by one-time code: how long a code is, how often it may be tried, and who may still try.
//!
//! The limits are the promise that codes cannot be guessed and that nobody is locked out by others. Counters live in the store; the decisions live here.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// How long a code works.
pub const LIFETIME: SignedDuration = SignedDuration::from_mins(10);
/// How long to wait before another code may be asked for (M-38).
pub const RESEND_AFTER: SignedDuration = SignedDuration::from_secs(60);
/// Tries per code.
pub const TRIES_PER_CODE: u32 = 5;
/// Failures in a row for an address after which its codes get ten digits until somebody succeeds.
pub const FAILURES_BEFORE_LONG_CODES: u32 = 10;
/// Failures in a row for an address after which browsers that never signed in are refused.
pub const FAILURES_OF_STRANGERS: u32 = 100;
/// Failures in a row of one browser that once signed in: its own budget, so nobody is locked out by others.
pub const FAILURES_OF_A_KNOWN_DEVICE: u32 = 20;
/// Codes sent to one address in an hour.
pub const SENDS_PER_ADDRESS_AND_HOUR: u32 = 10;
/// Codes asked for by one client address (/64 for IPv6) in an hour.
pub const SENDS_PER_CLIENT_AND_HOUR: u32 = 60;
/// Codes sent to one browser that once signed in to the address, in an hour: its own budget.
pub const SENDS_PER_KNOWN_DEVICE_AND_HOUR: u32 = 10;
/// Codes sent by one tenant in an hour.
pub const SENDS_PER_TENANT_AND_HOUR: u32 = 5_000;
/// Codes tried by one client address in an hour.
pub const TRIES_PER_CLIENT_AND_HOUR: u32 = 120;
/// „No customer has this address" mails to one address in a day.
pub const UNKNOWN_MAILS_PER_ADDRESS_AND_DAY: u32 = 1;
/// „No customer has this address" mails of one tenant in a day.
pub const UNKNOWN_MAILS_PER_TENANT_AND_DAY: u32 = 50;

/// A code as it is typed: digits only, spaces and dashes stripped.
#[derive(Clone, PartialEq, Eq)]
pub struct Code(String);

impl Code {
    /// How many digits the next code for an address has.
    #[must_use]
    pub const fn digits(failures_in_a_row: u32) -> u32 {
        if failures_in_a_row >= FAILURES_BEFORE_LONG_CODES { 10 } else { 6 }
    }

    /// A code from a random number. The bias of the remainder is below 2⁻³⁰.
    #[must_use]
    pub fn from_random(random: u64, digits: u32) -> Self {
        let number = random % 10_u64.pow(digits);
        Self(format!("{number:0width$}", width = digits as usize))
    }

    /// What a person typed, `482 193` or `482-193`; `None` when it cannot be a code.
    #[must_use]
    pub fn typed(text: &str) -> Option<Self> {
        let stripped: String = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '–')).collect();
        let plausible = (6..=10).contains(&stripped.len()) && stripped.bytes().all(|byte| byte.is_ascii_digit());
        plausible.then_some(Self(stripped))
    }

    /// The digits without spaces.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The digits in groups people can keep in mind: `482 193`, `48219 30471`.
    #[must_use]
    pub fn grouped(&self) -> String {
        let (left, right) = self.0.split_at(self.0.len() / 2);
        format!("{left} {right}")
    }
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[code]")
    }
}

/// What is known about the attempts on an address when somebody tries a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempts {
    /// Failures in a row on the address by browsers that never signed in to it.
    pub strangers: u32,
    /// Failures in a row of this browser, if it once signed in to the address.
    pub known_device: Option<u32>,
}

/// Why a code is not even compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Refused {
    /// Wrong, used, expired, or of another browser: all the same to the outside.
    #[error("the code is wrong or no longer valid")]
    Wrong,
    /// A budget is used up.
    #[error("too many attempts")]
    TooMany,
}

/// May this browser try a code for this address at all?
///
/// # Errors
/// `TooMany` when the browser's own budget, or that of strangers, is used up.
pub const fn may_try(attempts: Attempts) -> Result<(), Refused> {
    let exhausted = match attempts.known_device {
        Some(own) => own >= FAILURES_OF_A_KNOWN_DEVICE,
        None => attempts.strangers >= FAILURES_OF_STRANGERS,
    };
    if exhausted { Err(Refused::TooMany) } else { Ok(()) }
}

/// Where a challenge stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChallengeState {
    /// Waits for its code.
    Open,
    /// The code was right; several customers share the address and one must be chosen.
    Choosing,
    /// Used up.
    Used,
}

/// May a code still be compared with this challenge?
///
/// # Errors
/// `Wrong` when it is used, expired or tried out.
pub fn may_compare(state: ChallengeState, tries: u32, expires_at: Timestamp, now: Timestamp) -> Result<(), Refused> {
    let open = matches!(state, ChallengeState::Open) && tries < TRIES_PER_CODE && now < expires_at;
    if open { Ok(()) } else { Err(Refused::Wrong) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_and_dashes_do_not_matter() {
        for typed in ["482193", "482 193", " 482-193 ", "48 21 93", "482\u{a0}193"] {
            assert_eq!(Code::typed(typed), Some(Code("482193".into())), "{typed}");
        }
        for wrong in ["", "48219", "48219a", "12345678901"] {
            assert_eq!(Code::typed(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn codes_keep_their_leading_zeros() {
        assert_eq!(Code::from_random(1_000_042, 6).as_str(), "000042");
        assert_eq!(Code::from_random(42, 10).grouped(), "00000 00042");
    }

    #[test]
    fn each_budget_ends_exactly_at_its_limit() {
        let strangers = |strangers| may_try(Attempts { strangers, known_device: None });
        assert_eq!(
            [strangers(99), strangers(100), strangers(101)],
            [Ok(()), Err(Refused::TooMany), Err(Refused::TooMany)]
        );
        let known = |own| may_try(Attempts { strangers: 1_000_000, known_device: Some(own) });
        assert_eq!([known(19), known(20), known(21)], [Ok(()), Err(Refused::TooMany), Err(Refused::TooMany)]);
        assert_eq!([Code::digits(9), Code::digits(10), Code::digits(11)], [6, 10, 10]);
    }

    #[test]
    fn a_code_ends_at_its_last_second_and_its_fifth_try() {
        let end = Timestamp::from_second(1_000).unwrap();
        let at = |second| Timestamp::from_second(second).unwrap();
        assert!(may_compare(ChallengeState::Open, 4, end, at(999)).is_ok());
        assert!(may_compare(ChallengeState::Open, 4, end, at(1_000)).is_err());
        assert!(may_compare(ChallengeState::Open, 5, end, at(0)).is_err());
        assert!(may_compare(ChallengeState::Used, 0, end, at(0)).is_err());
    }
}
