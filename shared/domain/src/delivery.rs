//! One event on its way to one endpoint: tried over a day, then given up until somebody asks for it again.
//!
//! Architecture Invariant: a delivery raises no event. It would be delivered, and that would be one more.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Event,
    id::{DeliveryId, EndpointId, EventId},
    number::CustomerNumber,
};

/// How long a delivery can be looked at and asked for again.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How long it is tried, from its first try on.
const TRIED_FOR: SignedDuration = SignedDuration::from_hours(24);
/// Pauses after the first, second … try; the last one repeats. Endpoints are visited once a minute, so the first one means:
/// the next time.
const PAUSES: [SignedDuration; 7] = [
    SignedDuration::from_secs(5),
    SignedDuration::from_mins(1),
    SignedDuration::from_mins(5),
    SignedDuration::from_mins(30),
    SignedDuration::from_hours(2),
    SignedDuration::from_hours(4),
    SignedDuration::from_hours(6),
];

/// How far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum DeliveryState {
    /// It is tried, or tried again.
    Pending {
        /// Not before this.
        next_at: Timestamp,
        /// The tries so far, since it was last asked for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tried: Option<Tried>,
    },
    /// It was taken.
    Delivered {
        /// When.
        at: Timestamp,
    },
    /// It was not taken for a day.
    GivenUp {
        /// When.
        at: Timestamp,
    },
}

/// Tries of a delivery that is still pending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Tried {
    /// When the first one was.
    pub since: Timestamp,
    /// How many.
    pub times: u32,
}

/// What came of one try.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum Reaction {
    /// The receiver answered.
    Answered {
        /// With this status; 200 to 299 takes the message.
        status: u16,
    },
    /// There was no answer.
    Unanswered {
        /// Why.
        reason: Silence,
    },
}

/// Why there was no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Silence {
    /// Not within three seconds.
    Timeout,
    /// Nobody took the connection, or not in a safe way.
    NotConnected,
    /// The host's name leads to an address that is not public.
    NotPublic,
    /// The connection ended too early.
    Interrupted,
}

impl Reaction {
    /// Has the receiver taken the message?
    #[must_use]
    pub const fn is_taken(self) -> bool {
        matches!(self, Self::Answered { status: 200..=299 })
    }

    /// Is nobody there? Then others need not be tried now.
    #[must_use]
    pub const fn is_silence(self) -> bool {
        matches!(self, Self::Unanswered { .. })
    }
}

/// The last try.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Attempt {
    /// When.
    pub at: Timestamp,
    /// What came of it.
    pub reaction: Reaction,
}

/// A delivery as it is stored: with its fact, so that every try says the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The same at every try.
    pub id: DeliveryId,
    /// Where it goes.
    pub endpoint: EndpointId,
    /// What it tells.
    pub event: EventId,
    /// What happened.
    pub fact: Event,
    /// Whose, unless it is the tenant's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerNumber>,
    /// How far it has come.
    pub state: DeliveryState,
    /// How often it was tried in all.
    pub attempts: u32,
    /// The last try.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Attempt>,
    /// When it was written down.
    pub created_at: Timestamp,
}

impl Delivery {
    /// A delivery that is due at once.
    #[must_use]
    pub fn new(
        id: DeliveryId,
        endpoint: EndpointId,
        (event, fact): (EventId, Event),
        customer: Option<CustomerNumber>,
        now: Timestamp,
    ) -> Self {
        let state = DeliveryState::Pending { next_at: now, tried: None };
        Self { id, endpoint, event, fact, customer, state, attempts: 0, last: None, created_at: now }
    }

    /// When it is tried next, if it is.
    #[must_use]
    pub const fn next_at(&self) -> Option<Timestamp> {
        match self.state {
            DeliveryState::Pending { next_at, .. } => Some(next_at),
            DeliveryState::Delivered { .. } | DeliveryState::GivenUp { .. } => None,
        }
    }

    /// When nobody can look at it any more.
    #[must_use]
    pub fn ends_at(&self) -> Timestamp {
        self.created_at + KEPT
    }

    /// It was tried. The last try is a day after the first one; then it is given up.
    #[must_use]
    pub fn tried(&self, reaction: Reaction, now: Timestamp) -> Self {
        let before = match self.state {
            DeliveryState::Pending { tried: Some(tried), .. } => tried,
            _ => Tried { since: now, times: 0 },
        };
        let tried = Tried { times: before.times.saturating_add(1), ..before };
        let end = tried.since + TRIED_FOR;
        let state = match reaction.is_taken() {
            true => DeliveryState::Delivered { at: now },
            false if now >= end => DeliveryState::GivenUp { at: now },
            false => DeliveryState::Pending { next_at: end.min(now + pause(tried.times)), tried: Some(tried) },
        };
        let last = Some(Attempt { at: now, reaction });
        Self { state, attempts: self.attempts.saturating_add(1), last, ..self.clone() }
    }

    /// Somebody asks for it again: it is due at once and has another day.
    #[must_use]
    pub fn asked_again(&self, now: Timestamp) -> Self {
        Self { state: DeliveryState::Pending { next_at: now, tried: None }, ..self.clone() }
    }
}

/// The pause after so many tries.
fn pause(times: u32) -> SignedDuration {
    let place = usize::try_from(times.saturating_sub(1)).unwrap_or(usize::MAX);
    PAUSES[place.min(PAUSES.len() - 1)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EventKind, change::Actor};

    const DOWN: Reaction = Reaction::Unanswered { reason: Silence::NotConnected };
    const TAKEN: Reaction = Reaction::Answered { status: 204 };

    fn start() -> Timestamp {
        Timestamp::from_second(1_790_000_000).unwrap()
    }

    fn delivery() -> Delivery {
        let fact = Event::new(EventKind::InvoiceIssued, Actor::Integrator, start(), "RE1");
        let (id, endpoint) = (DeliveryId::new(start(), [1; 10]), EndpointId::new(start(), [2; 10]));
        Delivery::new(id, endpoint, (EventId::new(start(), [3; 10]), fact), None, start())
    }

    /// Tries it whenever it is due, until it is so no more; answers the hours since the first try, rounded down.
    fn tried_out(mut delivery: Delivery) -> (Delivery, Vec<i64>) {
        let begin = delivery.next_at().unwrap();
        let mut hours = Vec::new();
        while let Some(now) = delivery.next_at() {
            hours.push(now.duration_since(begin).as_hours());
            delivery = delivery.tried(DOWN, now);
        }
        (delivery, hours)
    }

    #[test]
    fn only_a_status_of_success_takes_it() {
        for (status, taken) in
            [(200, true), (204, true), (299, true), (199, false), (301, false), (404, false), (500, false)]
        {
            let reaction = Reaction::Answered { status };
            assert_eq!((reaction.is_taken(), reaction.is_silence()), (taken, false), "{status}");
        }
        assert!(DOWN.is_silence() && !DOWN.is_taken());
        let taken = delivery().tried(TAKEN, start());
        assert_eq!((taken.state, taken.next_at()), (DeliveryState::Delivered { at: start() }, None));
    }

    #[test]
    fn it_is_tried_for_a_day_and_then_given_up() {
        let (given_up, hours) = tried_out(delivery());
        assert_eq!(hours, [0, 0, 0, 0, 0, 2, 6, 12, 18, 24]);
        assert_eq!(given_up.state, DeliveryState::GivenUp { at: start() + TRIED_FOR });
        assert_eq!(given_up.attempts, 10);
    }

    #[test]
    fn the_day_begins_with_the_first_try_however_long_it_waited() {
        let late = start() + SignedDuration::from_hours(72);
        let tried = delivery().tried(DOWN, late);
        assert_eq!(tried.next_at(), Some(late + PAUSES[0]));
    }

    #[test]
    fn asked_for_again_it_has_another_day() {
        let (given_up, first) = tried_out(delivery());
        let again = given_up.asked_again(start() + SignedDuration::from_hours(100));
        let (given_up_again, second) = tried_out(again);
        assert_eq!((first, given_up_again.attempts), (second, 20));
        assert_eq!(given_up_again.id, given_up.id);
    }
}
