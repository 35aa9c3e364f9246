//! Ways to pay that a customer keeps here (M-47): a card, a wallet, a mandate. The provider keeps the card or account
//! itself; here is only what it calls it, and what people recognise it by.
//!
//! Like a payment it is written down before anybody is asked, and its name is the key under which the provider knows it.
//! Only what the provider says makes it usable.

mod mandate;

use std::{fmt, str::FromStr};

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::{
    Currency, Language, Pii,
    change::{Actor, Change, Event, EventKind},
    id::{CustomerId, LinkId, NotAnId, PaymentMethodId},
    payment::{Method, ProviderName},
};

pub use mandate::{Creditor, Mandate};

/// Most ways to pay that one customer keeps.
pub const MAX_METHODS: usize = 20;
/// How long a customer has on a provider's page.
pub const SAVING_LIFETIME: SignedDuration = SignedDuration::from_mins(60);
/// How long one that never became usable is kept for looking it up: a mandate may be signed a little late.
const FORGOTTEN: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Pauses before the provider is asked what became of it; the last one repeats until it is forgotten.
const LOOK_UPS: [SignedDuration; 4] = [
    SignedDuration::from_mins(2),
    SignedDuration::from_mins(10),
    SignedDuration::from_mins(60),
    SignedDuration::from_hours(24),
];

/// The name under which providers know a way to pay, with its owner, so that a message leads straight to it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MethodName {
    /// Whose.
    pub customer: CustomerId,
    /// Which one.
    pub id: PaymentMethodId,
}

impl fmt::Display for MethodName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.customer, self.id)
    }
}

impl FromStr for MethodName {
    type Err = NotAnId;
    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let (customer, id) = text.split_once('.').ok_or(NotAnId { kind: "payment method" })?;
        Ok(Self { customer: customer.parse()?, id: id.parse()? })
    }
}

/// What the provider calls it. Worth nothing without the merchant's keys, but nobody's business either.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// Its name of the customer, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    /// Its name of the card, account, mandate or agreement.
    pub method: String,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[token]")
    }
}

/// A month of a year, as cards are valid until its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Month {
    /// Four digits.
    pub year: i16,
    /// 1 to 12.
    pub month: i8,
}

/// What people recognise it by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Shown {
    /// Of the sandbox provider.
    Test {
        /// What it does when it is charged.
        label: String,
    },
    /// A card.
    Card {
        /// The provider's word in small letters: `visa`, `mastercard`.
        brand: String,
        /// Last four digits.
        last4: String,
        /// Until when it is valid, where the provider says so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        valid_until: Option<Month>,
    },
    /// A bank account with the mandate to debit it.
    Account {
        /// Last four digits of the IBAN.
        last4: String,
        /// The bank's name, where the provider says so.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        bank: String,
        /// „Mandatsreferenz", which the bank statement shows.
        mandate: String,
        /// „Gläubiger-Identifikationsnummer" under which the provider debits, where it says so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        creditor: Option<String>,
    },
    /// A wallet such as PayPal.
    Wallet {
        /// The address it belongs to.
        #[schema(value_type = String)]
        email: Pii<String>,
    },
}

impl Shown {
    /// Until when a card can be charged.
    #[must_use]
    pub const fn valid_until(&self) -> Option<Month> {
        match self {
            Self::Card { valid_until, .. } => *valid_until,
            Self::Test { .. } | Self::Account { .. } | Self::Wallet { .. } => None,
        }
    }

    /// Is a card's time over on a day of this month?
    #[must_use]
    pub fn has_expired(&self, today: jiff::civil::Date) -> bool {
        match self {
            Self::Card { valid_until: Some(until), .. } => *until < Month { year: today.year(), month: today.month() },
            _ => false,
        }
    }
}

/// How far it has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum State {
    /// Written down; nobody has been asked, or the answer was lost.
    Started,
    /// The customer is at the provider.
    Pending,
    /// It can be charged.
    Usable {
        /// Since when.
        since: Timestamp,
        /// What the provider calls it.
        token: Token,
        /// What people recognise it by.
        shown: Shown,
    },
    /// Keeping it was declined, given up, or took too long.
    Failed {
        /// When.
        at: Timestamp,
    },
    /// It is over. One that the provider or the bank ended may still be named by contracts, so that somebody sees what
    /// is missing. A mandate must stay provable.
    Ended {
        /// When.
        at: Timestamp,
        /// Since when it could be used.
        since: Timestamp,
        /// What people recognise it by.
        shown: Shown,
        /// The customer took it away, and it is no longer shown.
        #[serde(default)]
        removed: bool,
        /// What the provider is still to forget.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to_forget: Option<Token>,
    },
}

/// What is done as soon as it can be used (M-87 … M-89).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wishes {
    /// „Auch für meine bestehenden Verträge verwenden" (M-87).
    #[serde(default)]
    pub for_contracts: bool,
    /// For open invoices whose last payment failed (M-88).
    #[serde(default)]
    pub for_failed: bool,
    /// It becomes the default for future contracts and invoices (M-89).
    #[serde(default)]
    pub as_default: bool,
}

impl Wishes {
    /// Nothing more is to be done.
    #[must_use]
    pub fn are_done(self) -> bool {
        self == Self::default()
    }
}

/// A way to pay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentMethod {
    /// Its id and its owner.
    #[serde(flatten)]
    pub name: MethodName,
    /// What it is.
    pub method: Method,
    /// Who carries it.
    pub provider: ProviderName,
    /// How far it has come.
    pub state: State,
    /// What is still to be done with it.
    #[serde(default)]
    pub wishes: Wishes,
    /// The provider's id of its page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// The provider's page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What was wished at the beginning.
    #[serde(default)]
    pub wished: Wishes,
    /// The link by which it was added, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<LinkId>,
    /// Language of the provider's page and of papers about it.
    pub language: Language,
    /// When it was written down.
    pub created_at: Timestamp,
    /// When somebody must look at it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
    /// How often it was looked up.
    #[serde(default)]
    pub look_ups: u32,
    /// The end of a card's time of which its owner was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_of: Option<Month>,
    /// The mandate of a bank account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mandate: Option<Box<Mandate>>,
}

/// What a way to pay is made from.
#[derive(Debug, Clone)]
pub struct NewMethod {
    /// Its id and its owner.
    pub name: MethodName,
    /// What it is.
    pub method: Method,
    /// Who carries it.
    pub provider: ProviderName,
    /// What is done as soon as it can be used.
    pub wishes: Wishes,
    /// The link by which it is added.
    pub link: Option<LinkId>,
    /// Language of the provider's page.
    pub language: Language,
    /// What the customer is sent to give, when it is a bank account.
    pub mandate: Option<Mandate>,
}

impl PaymentMethod {
    /// Writes down that a customer wants to keep a way to pay.
    #[must_use]
    pub fn start(new: NewMethod, actor: Actor, now: Timestamp) -> Change<Self> {
        let NewMethod { name, method, provider, wishes, link, language, mandate } = new;
        let method = Self {
            name,
            method,
            provider,
            state: State::Started,
            wishes,
            session: None,
            url: None,
            wished: wishes,
            link,
            language,
            created_at: now,
            due_at: Some(now + LOOK_UPS[0]),
            look_ups: 0,
            told_of: None,
            mandate: mandate.map(Box::new),
        };
        let event = method.event(EventKind::PaymentMethodStarted, actor, now);
        Change::new(method, event)
    }

    /// The provider gave its page. No fact worth a line in the timeline.
    #[must_use]
    pub fn asked_at_provider(&self, session: String, url: String) -> Self {
        let state = if self.state == State::Started { State::Pending } else { self.state.clone() };
        Self { session: Some(session), url: Some(url), state, ..self.clone() }
    }

    /// The provider keeps it: it can be charged from now on. `None` when nothing differs.
    #[must_use]
    pub fn saved(&self, token: Token, shown: Shown, now: Timestamp) -> Option<Change<Self>> {
        match &self.state {
            State::Usable { token: old, shown: seen, .. } if (old, seen) == (&token, &shown) => None,
            // A card is renewed, or a mandate moved to another bank: not a new way to pay.
            State::Usable { since, .. } => {
                let state = State::Usable { since: *since, token, shown };
                let event = self.event(EventKind::PaymentMethodAdded, Actor::Provider, now).with("renewed", "true");
                Some(Change::new(Self { state, ..self.clone() }.in_order(now), event))
            }
            State::Started | State::Pending | State::Failed { .. } => {
                let mandate = self.mandate.as_ref().map(|mandate| Box::new(mandate.given(&shown)));
                let event = self.event(EventKind::PaymentMethodAdded, Actor::Provider, now);
                let state = State::Usable { since: now, token, shown };
                let saved = Self { state, look_ups: 0, mandate, ..self.clone() };
                Some(Change::new(saved.in_order(now), event))
            }
            // What has ended does not come back: the customer adds it anew.
            State::Ended { .. } => None,
        }
    }

    /// It was declined or given up. `None` when it can be used or failed before.
    #[must_use]
    pub fn failed(&self, now: Timestamp) -> Option<Change<Self>> {
        if !self.is_waiting() {
            return None;
        }
        let event = self.event(EventKind::PaymentMethodFailed, Actor::Provider, now);
        Some(Change::new(Self { state: State::Failed { at: now }, due_at: None, ..self.clone() }, event))
    }

    /// The provider or the bank ended it. `None` when it was never usable, or ended before.
    #[must_use]
    pub fn ended(&self, now: Timestamp) -> Option<Change<Self>> {
        let State::Usable { since, shown, .. } = &self.state else { return None };
        let state = State::Ended { at: now, since: *since, shown: shown.clone(), removed: false, to_forget: None };
        let event = self.event(EventKind::PaymentMethodEnded, Actor::Provider, now);
        Some(Change::new(Self { state, due_at: None, wishes: Wishes::default(), ..self.clone() }, event))
    }

    /// Nothing new was found out: it is looked at again later, until it is given up.
    #[must_use]
    pub fn looked_up(&self, now: Timestamp) -> Self {
        let pause = LOOK_UPS[(self.look_ups as usize + 1).min(LOOK_UPS.len() - 1)];
        let next = now + pause;
        let due_at = (next <= self.created_at + FORGOTTEN).then_some(next);
        Self { look_ups: self.look_ups + 1, due_at, ..self.clone() }
    }

    /// One more wish is done; when all are, it rests until its end is to be told.
    #[must_use]
    pub fn with_wishes(&self, wishes: Wishes) -> Self {
        let due_at = if wishes.are_done() { self.notice_at() } else { self.due_at };
        Self { wishes, due_at, ..self.clone() }
    }

    /// The time of a card is over with this month: its owner is told, once. `None` while there is time, and for what does
    /// not end by itself.
    #[must_use]
    pub fn expiring(&self, now: Timestamp) -> Option<Change<Self>> {
        let until = self.shown()?.valid_until()?;
        if self.notice_at()? > now {
            return None;
        }
        let event = self
            .event(EventKind::PaymentMethodExpiring, Actor::System, now)
            .with("until", format!("{:04}-{:02}", until.year, until.month));
        let told = Self { told_of: Some(until), ..self.clone() };
        Some(Change::new(told.in_order(now), event))
    }

    /// When the owner of a card is told that it ends: with the first day of its last month. What a renewed card says anew is
    /// told anew.
    fn notice_at(&self) -> Option<Timestamp> {
        let State::Usable { shown, .. } = &self.state else { return None };
        let until = shown.valid_until().filter(|until| self.told_of != Some(*until))?;
        let begin = Date::new(until.year, until.month, 1).ok()?;
        let morning = begin.at(7, 0, 0, 0).to_zoned(TimeZone::UTC).ok()?;
        Some(morning.timestamp())
    }

    /// It can be charged: it is due while something is wished, and then when its owner is to be told of its end.
    fn in_order(self, now: Timestamp) -> Self {
        let due_at = if self.wishes.are_done() { self.notice_at() } else { Some(now) };
        Self { due_at, ..self }
    }

    /// The customer takes it away. `None` when it never came about, or was taken away before.
    #[must_use]
    pub fn remove(&self, actor: Actor, now: Timestamp) -> Option<Change<Self>> {
        let (since, shown, to_forget) = match &self.state {
            State::Usable { since, shown, token } => (*since, shown, Some(token.clone())),
            State::Ended { since, shown, removed: false, .. } => (*since, shown, None),
            _ => return None,
        };
        let due_at = to_forget.as_ref().map(|_| now);
        let state = State::Ended { at: now, since, shown: shown.clone(), removed: true, to_forget };
        let event = self.event(EventKind::PaymentMethodRemoved, actor, now);
        Some(Change::new(Self { state, due_at, wishes: Wishes::default(), ..self.clone() }, event))
    }

    /// What its provider is still to forget.
    #[must_use]
    pub const fn to_forget(&self) -> Option<&Token> {
        match &self.state {
            State::Ended { to_forget, .. } => to_forget.as_ref(),
            _ => None,
        }
    }

    /// Its provider has forgotten it.
    #[must_use]
    pub fn forgotten(&self) -> Self {
        let mut next = Self { due_at: None, ..self.clone() };
        if let State::Ended { to_forget, .. } = &mut next.state {
            *to_forget = None;
        }
        next
    }

    /// Is it still at the provider's page?
    #[must_use]
    pub const fn is_waiting(&self) -> bool {
        matches!(self.state, State::Started | State::Pending)
    }

    /// The way to charge it, if it can be.
    #[must_use]
    pub const fn token(&self) -> Option<&Token> {
        match &self.state {
            State::Usable { token, .. } => Some(token),
            _ => None,
        }
    }

    /// What people recognise it by; none for one that never came about.
    #[must_use]
    pub const fn shown(&self) -> Option<&Shown> {
        match &self.state {
            State::Usable { shown, .. } | State::Ended { shown, .. } => Some(shown),
            _ => None,
        }
    }

    /// Can it be charged on a day?
    #[must_use]
    pub fn is_usable(&self, today: jiff::civil::Date) -> bool {
        matches!(&self.state, State::Usable { shown, .. } if !shown.has_expired(today))
    }

    /// Can it be charged in a currency? Debits of bank accounts are in euros.
    #[must_use]
    pub fn charges_in(&self, currency: Currency) -> bool {
        self.method != Method::SepaDebit || currency == Currency::Eur
    }

    /// Is it one of those a customer sees: usable, or ended by somebody else?
    #[must_use]
    pub const fn is_listed(&self) -> bool {
        matches!(&self.state, State::Usable { .. } | State::Ended { removed: false, .. })
    }

    /// Did it come to nothing, or was it taken away? Then no page shows it. It may still come about late.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        !self.is_waiting() && !self.is_listed()
    }

    /// Until when the customer may be sent to the provider's page.
    #[must_use]
    pub fn until(&self) -> Timestamp {
        self.created_at + SAVING_LIFETIME
    }

    /// Since when it can be used.
    #[must_use]
    pub const fn since(&self) -> Option<Timestamp> {
        match &self.state {
            State::Usable { since, .. } | State::Ended { since, .. } => Some(*since),
            _ => None,
        }
    }

    /// When it may be forgotten: it never came about. What could be used once is kept.
    #[must_use]
    pub fn forgotten_at(&self) -> Option<Timestamp> {
        self.since().is_none().then(|| self.created_at + FORGOTTEN)
    }

    fn event(&self, kind: EventKind, actor: Actor, now: Timestamp) -> Event {
        Event::new(kind, actor, now, self.name.id.as_str()).with("method", self.method.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_795_000_000 + second).unwrap()
    }

    fn name() -> MethodName {
        MethodName { customer: CustomerId::new(at(0), [1; 10]), id: PaymentMethodId::new(at(0), [2; 10]) }
    }

    fn started(wishes: Wishes) -> PaymentMethod {
        let new = NewMethod {
            name: name(),
            method: Method::Card,
            provider: ProviderName::Stripe,
            wishes,
            link: None,
            language: Language::De,
            mandate: None,
        };
        PaymentMethod::start(new, Actor::Customer, at(0)).into_parts().0
    }

    fn token(method: &str) -> Token {
        Token { customer: Some("cus_1".into()), method: method.into() }
    }

    fn card(last4: &str) -> Shown {
        let valid_until = Some(Month { year: 2026, month: 11 });
        Shown::Card { brand: "visa".into(), last4: last4.into(), valid_until }
    }

    #[test]
    fn the_name_reads_back_and_is_as_it_is_stored() {
        assert_eq!(name().to_string().parse(), Ok(name()));
        assert!("cus_x.pm_y".parse::<MethodName>().is_err());
        let method = started(Wishes::default());
        let json = serde_json::to_string(&method).unwrap();
        assert_eq!(serde_json::from_str::<PaymentMethod>(&json).unwrap(), method);
    }

    #[test]
    fn what_the_provider_keeps_can_be_used_once_and_late() {
        let method = started(Wishes { as_default: true, ..Wishes::default() });
        let failed = method.failed(at(60)).unwrap().into_parts().0;
        assert_eq!(failed.failed(at(61)), None);
        let saved = failed.saved(token("pm_1"), card("4242"), at(90)).unwrap().into_parts().0;
        assert_eq!(saved.due_at, Some(at(90)), "its wishes are due");
        assert_eq!(saved.saved(token("pm_1"), card("4242"), at(91)), None, "told twice");
        assert_eq!(saved.failed(at(92)), None, "nothing lowers it");
        let renewed = saved.saved(token("pm_1"), card("4343"), at(93)).unwrap().into_parts().0;
        assert_eq!(renewed.since(), Some(at(90)));
        let ended = renewed.ended(at(94)).unwrap().into_parts().0;
        assert_eq!((ended.token(), ended.shown()), (None, Some(&card("4343"))));
        assert_eq!(ended.saved(token("pm_1"), card("4343"), at(95)), None);
        assert_eq!(ended.ended(at(96)), None);
        let taken = renewed.remove(Actor::Customer, at(97)).unwrap().into_parts().0;
        assert_eq!((taken.to_forget(), taken.due_at), (Some(&token("pm_1")), Some(at(97))));
        assert_eq!((taken.forgotten().to_forget(), taken.forgotten().due_at), (None, None));
        let removed = ended.remove(Actor::Customer, at(97)).unwrap().into_parts().0;
        assert_eq!(removed.due_at, None, "there is nothing left to forget");
        assert!(ended.is_listed() && !removed.is_listed());
        assert!(!ended.is_over() && removed.is_over() && failed.is_over());
        assert_eq!(removed.remove(Actor::Customer, at(98)), None);
        assert_eq!((removed.since(), removed.forgotten_at()), (Some(at(90)), None), "a mandate stays provable");
    }

    #[test]
    fn a_mandate_stays_as_it_was_given() {
        let account = |last4: &str, mandate: &str| Shown::Account {
            last4: last4.into(),
            bank: String::new(),
            mandate: mandate.into(),
            creditor: None,
        };
        let company = crate::tenant::Company { street: "Musterweg 1".into(), ..Default::default() };
        let facts = crate::customer::CustomerFacts {
            last_name: "Exempel".to_owned().into(),
            phone1: "0123".to_owned().into(),
            ..Default::default()
        };
        let mandate = Mandate::between(&company, "Demo", &facts);
        assert_eq!((mandate.creditor.name.as_str(), mandate.reference()), ("Demo", None));
        assert!(mandate.debtor.phone1.is_empty(), "only what stands on it");
        let started = PaymentMethod { mandate: Some(Box::new(mandate)), ..started(Wishes::default()) };
        let saved = started.saved(token("ba_1"), account("3000", "RAILS-1"), at(1)).unwrap().into_parts().0;
        let moved = saved.saved(token("ba_1"), account("4000", "RAILS-2"), at(2)).unwrap().into_parts().0;
        assert_ne!(moved.shown(), saved.shown());
        for method in [&saved, &moved] {
            assert_eq!(method.mandate.as_deref().and_then(Mandate::reference), Some("RAILS-1"));
        }
        let json = serde_json::to_string(&moved).unwrap();
        assert_eq!(serde_json::from_str::<PaymentMethod>(&json).unwrap(), moved);
    }

    #[test]
    fn it_is_looked_up_for_a_week_and_then_forgotten() {
        let mut method = started(Wishes::default());
        let mut looks = 0;
        while let Some(due) = method.due_at {
            method = method.looked_up(due);
            looks += 1;
            assert!(looks < 20);
        }
        assert_eq!(looks, 9, "three soon, then daily");
    }

    #[test]
    fn the_owner_of_a_card_is_told_once_of_each_end() {
        let saved = started(Wishes::default()).saved(token("pm_1"), card("4242"), at(0)).unwrap().into_parts().0;
        let begin: Timestamp = "2026-11-01T07:00:00Z".parse().unwrap();
        assert_eq!(saved.expiring(begin - SignedDuration::from_secs(1)), None, "there is time");
        let told = saved.expiring(begin).unwrap();
        assert_eq!(told.events()[0].fact("until"), Some("2026-11"));
        let told = told.into_parts().0;
        assert_eq!((told.due_at, told.expiring(begin)), (None, None), "once");
        let valid_until = Some(Month { year: 2031, month: 2 });
        let shown = Shown::Card { brand: "visa".into(), last4: "4343".into(), valid_until };
        let renewed = told.saved(token("pm_1"), shown, begin).unwrap().into_parts().0;
        assert_eq!(renewed.due_at, Some("2031-02-01T07:00:00Z".parse().unwrap()), "the next end is told, too");
        let ended = renewed.ended(begin).unwrap().into_parts().0;
        assert_eq!((ended.due_at, ended.expiring(Timestamp::MAX)), (None, None));
    }

    #[test]
    fn a_card_is_good_until_the_end_of_its_month() {
        let saved = started(Wishes::default()).saved(token("pm_1"), card("4242"), at(0)).unwrap().into_parts().0;
        assert_eq!(saved.due_at, Some("2026-11-01T07:00:00Z".parse().unwrap()), "nothing is wished, but it will end");
        assert!(saved.is_usable(jiff::civil::date(2026, 11, 30)));
        assert!(!saved.is_usable(jiff::civil::date(2026, 12, 1)));
    }
}
