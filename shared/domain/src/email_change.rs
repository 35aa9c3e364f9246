//! Another login address: wished by a customer who is signed in, true once whoever reads mail there confirms it (B-08).
//!
//! The wish replaces nothing by itself. Its mail carries a token that nobody else knows; the address that was there before
//! is told afterwards, so that a stranger in somebody's session cannot take the login away unnoticed.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    change::{Actor, Change, Event, EventKind, Way},
    customer::{Customer, EmailAddress},
    id::{CustomerId, EmailChangeId},
    number::CustomerNumber,
};

/// How long a wish waits for its confirmation.
pub const LIFETIME: SignedDuration = SignedDuration::from_hours(24);
/// The same wish again within this time is a button that was pressed twice, not another mail.
pub const SAME_WISH: SignedDuration = SignedDuration::from_secs(60);
/// What began within this time after a confirmation began while it was written, and ends with what was there before.
pub const SETTLING: SignedDuration = SignedDuration::from_secs(30);
/// Mails that one customer has sent in a day.
pub const MAILS_PER_CUSTOMER_AND_DAY: u32 = 5;
/// Mails that go to one mailbox in a day, whoever asked for them.
pub const MAILS_PER_ADDRESS_AND_DAY: u32 = 5;

/// A wish for another login address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmailChange {
    /// A newer wish of the customer has another one: mails and tokens of this one are worth nothing then.
    pub id: EmailChangeId,
    /// Whose.
    pub customer: CustomerId,
    /// The customer's number, for the timeline.
    pub number: CustomerNumber,
    /// The address that was there when it was wished.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<EmailAddress>,
    /// The address that is to take its place.
    pub to: EmailAddress,
    /// When it was wished.
    pub asked_at: Timestamp,
    /// From then on it is over.
    pub expires_at: Timestamp,
    /// Hash of the session that wished it: the only one that goes on afterwards.
    pub asked_by: String,
    /// When it was confirmed. It is kept until it expires, so that confirming it twice is the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_at: Option<Timestamp>,
}

/// Why a confirmation comes to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NotConfirmed {
    /// It is too late.
    #[error("the wish has expired")]
    Expired,
    /// The address that was to be replaced is no longer there.
    #[error("the address was changed meanwhile")]
    Overtaken,
}

impl EmailChange {
    /// Wishes another address, by a way.
    #[must_use]
    pub fn ask(wish: Self, way: Way) -> Change<Self> {
        let event = wish.event(EventKind::EmailChangeRequested, wish.asked_at).by(way);
        Change::new(wish, event)
    }

    /// The fact that the customer has thought better of it.
    #[must_use]
    pub fn withdrawn(&self, way: Way, now: Timestamp) -> Event {
        self.event(EventKind::EmailChangeWithdrawn, now).by(way)
    }

    /// Is it waited for? Not any more where the address it was to replace has gone another way.
    #[must_use]
    pub fn is_open(&self, person: &Customer, now: Timestamp) -> bool {
        self.check(person, now).is_ok()
    }

    /// Is it the same wish, sent again by a button that was pressed twice?
    #[must_use]
    pub fn is_repeated_by(&self, to: &EmailAddress, now: Timestamp) -> bool {
        self.to == *to && self.confirmed_at.is_none() && now.duration_since(self.asked_at) < SAME_WISH
    }

    /// Makes the wished address the login address. `sessions` says how many ended by that.
    ///
    /// # Errors
    /// Why not.
    pub fn confirm(
        &self,
        person: &Customer,
        sessions: usize,
        now: Timestamp,
    ) -> Result<Change<Customer>, NotConfirmed> {
        self.check(person, now)?;
        let from = person.facts.email.as_ref().map_or("", EmailAddress::as_str);
        let event = self
            .event(EventKind::EmailChanged, now)
            .by(Way::Link)
            .with("sessions_ended", sessions.to_string())
            .changing("email", from, self.to.as_str());
        let mut next = person.clone();
        next.facts.email = Some(self.to.clone());
        Ok(Change::new(next, event))
    }

    /// The wish itself, once it is confirmed.
    #[must_use]
    pub fn confirmed(&self, now: Timestamp) -> Self {
        Self { confirmed_at: Some(now), ..self.clone() }
    }

    /// When it was confirmed, as long as its link works and its address is the login address: confirming it once more is the
    /// same.
    #[must_use]
    pub fn stands_since(&self, person: &Customer, now: Timestamp) -> Option<Timestamp> {
        let is_present = person.facts.email.as_ref().is_some_and(|present| present.folded() == self.to.folded());
        self.confirmed_at.filter(|_| is_present && now < self.expires_at)
    }

    /// Can it be confirmed?
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self, person: &Customer, now: Timestamp) -> Result<(), NotConfirmed> {
        if now >= self.expires_at {
            return Err(NotConfirmed::Expired);
        }
        let before = self.from.as_ref().map(EmailAddress::folded);
        let present = person.facts.email.as_ref().map(EmailAddress::folded);
        // Once confirmed it never is again, also where somebody put the address before back.
        if before == present && self.confirmed_at.is_none() { Ok(()) } else { Err(NotConfirmed::Overtaken) }
    }

    fn event(&self, kind: EventKind, at: Timestamp) -> Event {
        Event::new(kind, Actor::Customer, at, self.number.as_str()).with("email_change", self.id.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customer::CustomerFacts;

    fn address(text: &str) -> EmailAddress {
        text.parse().unwrap()
    }

    fn person(email: &str) -> Customer {
        let facts = CustomerFacts {
            last_name: "Tine".to_owned().into(),
            email: email.parse().ok(),
            ..CustomerFacts::default()
        };
        let number = "K5003".parse().unwrap();
        Customer::create(number, facts, true, Actor::Integrator, Timestamp::UNIX_EPOCH).into_parts().0
    }

    fn wish(from: &str, to: &str) -> EmailChange {
        let now = Timestamp::UNIX_EPOCH;
        EmailChange {
            id: EmailChangeId::new(now, [1; 10]),
            customer: CustomerId::new(now, [2; 10]),
            number: "K5003".parse().unwrap(),
            from: from.parse().ok(),
            to: address(to),
            asked_at: now,
            expires_at: now + LIFETIME,
            asked_by: "hash".to_owned(),
            confirmed_at: None,
        }
    }

    #[test]
    fn a_wish_tells_the_timeline_no_address() {
        let (wish, events) = EmailChange::ask(wish("old@example.org", "new@example.org"), Way::Page).into_parts();
        let told = serde_json::to_string(&events).unwrap();
        assert!(!told.contains('@') && told.contains(wish.id.as_str()), "{told}");
        assert!(!serde_json::to_string(&wish.withdrawn(Way::Api, wish.asked_at)).unwrap().contains('@'));
        assert!(!format!("{wish:?}").contains('@'), "{wish:?}");
    }

    #[test]
    fn a_confirmed_wish_says_what_became_of_the_address() {
        let (next, events) = wish("old@example.org", "New@example.org")
            .confirm(&person("Old@Example.org"), 2, Timestamp::UNIX_EPOCH)
            .unwrap()
            .into_parts();
        assert_eq!(next.facts.email, Some(address("New@example.org")));
        let [event] = &events[..] else { panic!("{events:?}") };
        assert_eq!(
            (event.kind, event.way, event.fact("sessions_ended")),
            (EventKind::EmailChanged, Some(Way::Link), Some("2"))
        );
        let [change] = &event.changes[..] else { panic!("{:?}", event.changes) };
        assert_eq!(
            (change.field.as_str(), change.from.as_str(), change.to.as_str()),
            ("email", "Old@example.org", "New@example.org")
        );
    }

    #[test]
    fn a_wish_is_good_to_its_last_second_and_for_the_address_it_was_made_for() {
        let (wish, person) = (wish("old@example.org", "new@example.org"), person("old@example.org"));
        let (end, second) = (wish.expires_at, SignedDuration::from_secs(1));
        assert!(wish.is_open(&person, end - second));
        assert_eq!(wish.confirm(&person, 0, end), Err(NotConfirmed::Expired));
        let moved = self::person("other@example.org");
        assert_eq!(wish.confirm(&moved, 0, wish.asked_at), Err(NotConfirmed::Overtaken));
        assert!(!wish.is_open(&self::person(""), wish.asked_at));
        assert!(self::wish("", "new@example.org").is_open(&self::person(""), wish.asked_at), "there was none before");
    }

    #[test]
    fn a_confirmed_wish_stands_while_its_address_does_and_is_confirmed_no_more() {
        let (wish, before) = (wish("old@example.org", "new@example.org"), person("old@example.org"));
        let (now, end) = (wish.asked_at, wish.expires_at);
        let after = wish.confirm(&before, 0, now).unwrap().into_parts().0;
        assert_eq!(wish.stands_since(&after, now), None, "nobody has confirmed it");
        let confirmed = wish.confirmed(now);
        assert_eq!(confirmed.stands_since(&after, end - SignedDuration::from_secs(1)), Some(now));
        assert_eq!(confirmed.stands_since(&after, end), None);
        for other in [&before, &person("other@example.org"), &person("")] {
            assert_eq!(confirmed.stands_since(other, now), None);
            assert_eq!(confirmed.confirm(other, 0, now), Err(NotConfirmed::Overtaken));
        }
        assert!(!confirmed.is_open(&before, now) && !confirmed.is_repeated_by(&wish.to, now));
    }

    #[test]
    fn pressed_twice_is_one_wish_and_another_address_is_another() {
        let wish = wish("old@example.org", "new@example.org");
        let soon = wish.asked_at + SAME_WISH - SignedDuration::from_secs(1);
        assert!(wish.is_repeated_by(&address("new@example.org"), soon));
        assert!(!wish.is_repeated_by(&address("newer@example.org"), soon));
        assert!(!wish.is_repeated_by(&address("new@example.org"), wish.asked_at + SAME_WISH));
    }
}
