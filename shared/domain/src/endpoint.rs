//! Where an integrator hears of what happened: an address, the secrets it trusts, and what becomes of it while nobody
//! answers there.
//!
//! The endpoint has a place in the feed of events (`cursor`) and a time at which it is visited next. A visit reads on from
//! there, so what happens while nobody answers, or while the endpoint is disabled, is read later and not lost.

mod url;

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use self::url::{EndpointUrl, Reach, WrongUrl};
use crate::{
    EventKind, FieldErrors,
    change::{Actor, Change, Event},
    customer::check_line,
    id::{EndpointId, EventId},
};

/// Most endpoints of a tenant.
pub const MAX_ENDPOINTS: usize = 10;
/// How long a secret is still signed with after another one took its place.
pub const ROTATION: SignedDuration = SignedDuration::from_hours(24);
/// Most secrets at once: the one that is used, and two that retire. A rotation whose answer was lost can be made again, and
/// the secret that the receiver knows is still among them.
const MAX_SECRETS: usize = 3;
/// After so long without a single delivery an endpoint is disabled.
const PATIENCE: SignedDuration = SignedDuration::from_hours(5 * 24);
/// Failures that lie further apart are not one failure: in between nothing was to be delivered, and nobody was asked.
const APART: SignedDuration = SignedDuration::from_hours(36);
/// How often an endpoint is visited that answers.
const VISIT_EVERY: SignedDuration = SignedDuration::from_mins(1);
/// Pauses after the first, second … visit at which nothing could be delivered; the last one repeats.
const PAUSES: [SignedDuration; 5] = [
    SignedDuration::from_mins(1),
    SignedDuration::from_mins(5),
    SignedDuration::from_mins(15),
    SignedDuration::from_mins(30),
    SignedDuration::from_mins(60),
];

/// What messages to an endpoint are signed with: `whsec_` and the key in base64 (Standard Webhooks). Both sides need it in
/// the clear, so it is stored; it is shown once, where it was made.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SigningSecret(String);

impl SigningSecret {
    /// What its text begins with.
    pub const PREFIX: &str = "whsec_";

    /// A secret from its text.
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// Its text, for signing and for showing it once.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// A secret whose place another one has taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retiring {
    /// The secret.
    pub secret: SigningSecret,
    /// Until when it is signed with.
    pub until: Timestamp,
}

/// How an endpoint is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum EndpointState {
    /// It is visited every minute.
    Enabled,
    /// Nothing could be delivered lately: it is visited more and more rarely.
    Failing {
        /// Since when.
        since: Timestamp,
        /// Visits in vain since then.
        visits: u32,
        /// The last of them.
        last: Timestamp,
    },
    /// Nothing is tried until it is enabled again.
    Disabled {
        /// Since when.
        since: Timestamp,
        /// When it had begun to fail.
        failing_since: Timestamp,
    },
}

/// An endpoint as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// Stands in its address in the API.
    pub id: EndpointId,
    /// Where messages go.
    pub url: EndpointUrl,
    /// What it is for, in the integrator's words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The events it wants; none means all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<EventKind>>,
    /// What messages are signed with.
    pub secret: SigningSecret,
    /// What they are signed with as well, newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub retiring: Vec<Retiring>,
    /// How it is doing.
    pub state: EndpointState,
    /// How far the feed was read for it.
    pub cursor: EventId,
    /// When it is visited next, unless it is disabled.
    pub due_at: Timestamp,
    /// When it was set up.
    pub created_at: Timestamp,
}

/// What an endpoint is set up with.
#[derive(Debug, Clone)]
pub struct NewEndpoint {
    /// A fresh id.
    pub id: EndpointId,
    /// Where messages go.
    pub url: EndpointUrl,
    /// What it is for.
    pub description: String,
    /// The events it wants; none means all.
    pub events: Option<Vec<EventKind>>,
    /// A fresh secret.
    pub secret: SigningSecret,
}

impl NewEndpoint {
    /// Checks what an integrator wrote beside the address.
    ///
    /// # Errors
    /// Every field that is wrong.
    pub fn check(description: &str, events: Option<&[EventKind]>) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        check_line(&mut errors, "description", description);
        let wants_some = events.is_none_or(|events| !events.is_empty());
        errors.require(wants_some, "events", "missing", "must name an event; left out it means all");
        errors.into_result()
    }
}

/// What came of one visit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Visit {
    /// Deliveries that were taken.
    pub delivered: usize,
    /// Deliveries that were not.
    pub failed: usize,
    /// Is there more to do at once?
    pub unfinished: bool,
}

/// What becomes of an endpoint after a visit.
#[derive(Debug, Clone, PartialEq)]
pub enum AfterVisit {
    /// It goes on; nobody needs to read about it.
    Goes(Endpoint),
    /// It was in vain once too often.
    Disabled(Change<Endpoint>),
}

/// There were two rotations within a day already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the secret was exchanged twice within 24 hours; wait until the oldest one has ended")]
pub struct TooManySecrets;

impl Endpoint {
    /// A fresh endpoint. It hears of everything from now on, its own beginning first.
    #[must_use]
    pub fn create(new: NewEndpoint, now: Timestamp) -> Change<Self> {
        let NewEndpoint { id, url, description, events, secret } = new;
        let event = Event::new(EventKind::EndpointCreated, Actor::Integrator, now, id.as_str());
        let endpoint = Self {
            id,
            url,
            description,
            events,
            secret,
            retiring: Vec::new(),
            state: EndpointState::Enabled,
            // Sorts before everything of this moment.
            cursor: EventId::new(now, [0; 10]),
            due_at: now,
            created_at: now,
        };
        Change::new(endpoint, event)
    }

    /// Does it want to hear of such an event?
    #[must_use]
    pub fn wants(&self, kind: EventKind) -> bool {
        self.events.as_ref().is_none_or(|events| events.contains(&kind))
    }

    /// Is it disabled?
    #[must_use]
    pub const fn is_disabled(&self) -> bool {
        matches!(self.state, EndpointState::Disabled { .. })
    }

    /// What messages are signed with at this time, newest first.
    pub fn secrets(&self, now: Timestamp) -> impl Iterator<Item = &SigningSecret> {
        let retiring = self.retiring.iter().filter(move |retiring| now < retiring.until);
        std::iter::once(&self.secret).chain(retiring.map(|retiring| &retiring.secret))
    }

    /// Another secret takes the place of the present one, which is good for another day.
    ///
    /// # Errors
    /// When more than two would retire at once: no secret ends before its time.
    pub fn rotated(&self, fresh: SigningSecret, now: Timestamp) -> Result<Change<Self>, TooManySecrets> {
        let retired = Retiring { secret: self.secret.clone(), until: now + ROTATION };
        let still_good = self.retiring.iter().filter(|retiring| now < retiring.until).cloned();
        let retiring: Vec<Retiring> = std::iter::once(retired).chain(still_good).collect();
        if retiring.len() >= MAX_SECRETS {
            return Err(TooManySecrets);
        }
        let event = Event::new(EventKind::EndpointRotated, Actor::Integrator, now, self.id.as_str());
        Ok(Change::new(Self { secret: fresh, retiring, ..self.clone() }, event))
    }

    /// It is tried again from now on, where it stopped. `None` when it was not disabled.
    #[must_use]
    pub fn enabled_again(&self, now: Timestamp) -> Option<Change<Self>> {
        if !self.is_disabled() {
            return None;
        }
        let event = Event::new(EventKind::EndpointEnabled, Actor::Integrator, now, self.id.as_str());
        Some(Change::new(Self { state: EndpointState::Enabled, due_at: now, ..self.clone() }, event))
    }

    /// Why it is gone.
    #[must_use]
    pub fn deleted(&self, now: Timestamp) -> Event {
        Event::new(EventKind::EndpointDeleted, Actor::Integrator, now, self.id.as_str())
    }

    /// Visited at once, for somebody waits for it.
    #[must_use]
    pub fn hurried(&self, now: Timestamp) -> Self {
        Self { due_at: now, ..self.clone() }
    }

    /// The feed was read up to here for it.
    #[must_use]
    pub fn read_up_to(&self, cursor: EventId) -> Self {
        Self { cursor, ..self.clone() }
    }

    /// What becomes of it after a visit. One delivery that is taken forgives everything before it; five days without one
    /// disable it.
    #[must_use]
    pub fn after(&self, visit: Visit, now: Timestamp) -> AfterVisit {
        let Visit { delivered, failed, unfinished } = visit;
        let was_in_vain = failed > 0 && delivered == 0;
        let (state, pause) = match self.state {
            EndpointState::Disabled { .. } => return AfterVisit::Goes(self.clone()),
            EndpointState::Failing { last, .. } if was_in_vain && now.duration_since(last) > APART => {
                failing(now, 1, now)
            }
            EndpointState::Failing { since, .. } if was_in_vain && now.duration_since(since) >= PATIENCE => {
                return AfterVisit::Disabled(self.disabled(since, now));
            }
            EndpointState::Failing { since, visits, .. } if was_in_vain => {
                failing(since, visits.saturating_add(1), now)
            }
            EndpointState::Enabled if was_in_vain => failing(now, 1, now),
            EndpointState::Failing { since, visits, last } if delivered == 0 => failing(since, visits, last),
            EndpointState::Failing { .. } | EndpointState::Enabled => {
                (EndpointState::Enabled, if unfinished { SignedDuration::ZERO } else { VISIT_EVERY })
            }
        };
        AfterVisit::Goes(Self { state, due_at: now + pause, ..self.clone() })
    }

    fn disabled(&self, failing_since: Timestamp, now: Timestamp) -> Change<Self> {
        let event = Event::new(EventKind::EndpointDisabled, Actor::System, now, self.id.as_str())
            .with("host", self.url.host())
            .with("failing_since", failing_since.to_string());
        let state = EndpointState::Disabled { since: now, failing_since };
        Change::new(Self { state, ..self.clone() }, event)
    }
}

/// The state, and the pause before the next visit.
fn failing(since: Timestamp, visits: u32, last: Timestamp) -> (EndpointState, SignedDuration) {
    let place = usize::try_from(visits.saturating_sub(1)).unwrap_or(usize::MAX);
    (EndpointState::Failing { since, visits, last }, PAUSES[place.min(PAUSES.len() - 1)])
}

#[cfg(test)]
mod tests {
    use super::*;

    const IN_VAIN: Visit = Visit { delivered: 0, failed: 4, unfinished: true };
    const TAKEN: Visit = Visit { delivered: 1, failed: 3, unfinished: false };
    const NOTHING: Visit = Visit { delivered: 0, failed: 0, unfinished: false };

    fn start() -> Timestamp {
        Timestamp::from_second(1_790_000_000).unwrap()
    }

    fn days(days: i64) -> SignedDuration {
        SignedDuration::from_hours(24 * days)
    }

    fn secret(text: &str) -> SigningSecret {
        SigningSecret::new(format!("whsec_{text}"))
    }

    fn endpoint() -> Endpoint {
        let new = NewEndpoint {
            id: EndpointId::new(start(), [1; 10]),
            url: EndpointUrl::parse("https://hooks.example/portal", Reach::Public).unwrap(),
            description: String::new(),
            events: Some(vec![EventKind::InvoiceIssued]),
            secret: secret("one"),
        };
        Endpoint::create(new, start()).into_parts().0
    }

    fn goes(after: AfterVisit) -> Endpoint {
        match after {
            AfterVisit::Goes(endpoint) => endpoint,
            AfterVisit::Disabled(change) => panic!("it was disabled: {change:?}"),
        }
    }

    #[test]
    fn an_endpoint_hears_of_what_it_asked_for() {
        let some = endpoint();
        assert!(some.wants(EventKind::InvoiceIssued) && !some.wants(EventKind::InvoicePaid));
        let all = Endpoint { events: None, ..some };
        assert!(EventKind::ALL.iter().all(|kind| all.wants(*kind)));
        assert!(NewEndpoint::check("for the books", None).is_ok());
        assert_eq!(NewEndpoint::check("a\nb", Some(&[])).unwrap_err().0.len(), 2);
    }

    #[test]
    fn a_secret_is_good_for_a_day_after_the_next_one_was_made() {
        let rotated = endpoint().rotated(secret("two"), start()).unwrap().into_parts().0;
        let good = |at| rotated.secrets(at).map(|secret| secret.expose().to_owned()).collect::<Vec<_>>();
        assert_eq!(good(start() + ROTATION - SignedDuration::from_secs(1)), ["whsec_two", "whsec_one"]);
        assert_eq!(good(start() + ROTATION), ["whsec_two"]);
        assert_eq!(format!("{:?}", rotated.secret), "[secret]");
    }

    #[test]
    fn a_rotation_can_be_made_again_but_no_secret_ends_before_its_time() {
        let again = endpoint().rotated(secret("lost"), start()).unwrap().into_parts().0;
        let again = again.rotated(secret("three"), start()).unwrap().into_parts().0;
        assert!(again.secrets(start()).any(|one| *one == secret("one")), "the receiver's own is still good");
        assert_eq!(again.rotated(secret("four"), start()), Err(TooManySecrets));
        let later = again.rotated(secret("four"), start() + ROTATION).unwrap().into_parts().0;
        assert_eq!(later.retiring.len(), 1);
    }

    #[test]
    fn visits_in_vain_become_rarer_and_one_delivery_forgives_them() {
        let mut now = start();
        let mut endpoint = endpoint();
        let mut pauses = Vec::new();
        for _ in 0..6 {
            endpoint = goes(endpoint.after(IN_VAIN, now));
            pauses.push(endpoint.due_at.duration_since(now).as_mins());
            now = endpoint.due_at;
        }
        assert_eq!(pauses, [1, 5, 15, 30, 60, 60]);
        assert_eq!(
            endpoint.state,
            EndpointState::Failing { since: start(), visits: 6, last: start() + SignedDuration::from_mins(111) }
        );
        assert_eq!(
            goes(endpoint.after(NOTHING, now)).state,
            endpoint.state,
            "a visit without anything to do says nothing"
        );
        let well = goes(endpoint.after(TAKEN, now));
        assert_eq!((well.state, well.due_at), (EndpointState::Enabled, now + VISIT_EVERY));
        let busy = Visit { unfinished: true, ..TAKEN };
        assert_eq!(goes(well.after(busy, now)).due_at, now, "what is left is done at once");
    }

    #[test]
    fn five_days_in_vain_disable_it_and_enabling_goes_on_where_it_stopped() {
        let mut failing = goes(endpoint().after(IN_VAIN, start()));
        let apart = goes(failing.after(IN_VAIN, start() + days(6)));
        let since = start() + days(6);
        assert_eq!(
            apart.state,
            EndpointState::Failing { since, visits: 1, last: since },
            "nobody was asked in between"
        );
        for day in 1..5 {
            failing = goes(failing.after(IN_VAIN, start() + days(day)));
        }
        let early = failing.after(IN_VAIN, start() + days(5) - SignedDuration::from_secs(1));
        assert!(matches!(early, AfterVisit::Goes(_)));
        let AfterVisit::Disabled(change) = failing.after(IN_VAIN, start() + days(5)) else { panic!("it goes on") };
        let disabled = change.next().clone();
        assert_eq!(disabled.state, EndpointState::Disabled { since: start() + days(5), failing_since: start() });
        assert_eq!(change.events()[0].kind, EventKind::EndpointDisabled);
        assert!(change.events()[0].facts.contains(&("host".to_owned(), "hooks.example".to_owned())));
        assert_eq!(failing.enabled_again(start()), None);
        let again = disabled.enabled_again(start() + days(40)).unwrap().into_parts().0;
        assert_eq!((again.cursor, again.due_at), (disabled.cursor, start() + days(40)));
    }
}
