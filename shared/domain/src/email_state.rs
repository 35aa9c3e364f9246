//! What came back of mails to an address: it bounced for good, or its reader complained.

use serde::{Deserialize, Serialize};

use crate::change::EventKind;

/// Whether mail may go to an address. What came back later counts only where it is worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EmailState {
    /// Nothing is known against it.
    #[default]
    Ok,
    /// Its reader called a mail unwanted: only what somebody asks for there still goes out.
    Complained,
    /// Nothing can be delivered: nothing goes out.
    Bounced,
}

impl EmailState {
    /// May a mail go there that somebody has just asked for, a code for instance?
    #[must_use]
    pub const fn takes_asked(self) -> bool {
        !matches!(self, Self::Bounced)
    }

    /// May any other mail go there?
    #[must_use]
    pub const fn takes_unasked(self) -> bool {
        matches!(self, Self::Ok)
    }

    /// The fact that it came to be so.
    #[must_use]
    pub const fn event(self) -> EventKind {
        match self {
            Self::Ok => EventKind::EmailBounceCleared,
            Self::Complained => EventKind::EmailComplained,
            Self::Bounced => EventKind::EmailBounced,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bounce_is_worse_than_a_complaint_and_stops_what_was_asked_for_too() {
        let states = [EmailState::Ok, EmailState::Complained, EmailState::Bounced];
        assert!(states.is_sorted());
        assert_eq!(states.map(EmailState::takes_asked), [true, true, false]);
        assert_eq!(states.map(EmailState::takes_unasked), [true, false, false]);
    }
}
