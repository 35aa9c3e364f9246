//! Collecting an invoice (M-79): where the tenant lets the portal collect, it is charged on its due day with what its
//! contract uses, else with the customer's default; a bank account only after it was announced. What is declined is
//! charged once more, and then the customer is asked to pay.
//!
//! One item per invoice, written when it is issued. It names the payment before that is written down, and names another
//! one only after the first has ended without money: so an invoice is never charged twice, whoever runs twice.

use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    Money,
    change::{Actor, Change, Event, EventKind},
    id::{CustomerId, PaymentId, PaymentMethodId},
    invoice::InvoiceRow,
    number::{InvoiceNumber, SubscriptionNumber},
    payment::{self, Method, Named, Payment},
    payment_method::PaymentMethod,
    tenant::{Collect, Payments},
    time::Zone,
};

/// How often an invoice is charged at most.
pub const MAX_ATTEMPTS: u8 = 2;
/// Payments that it names at most: those that came to nothing without a bank's saying no count here alone.
const MAX_PAYMENTS: usize = 4;
/// How soon it is looked at again while somebody pays the invoice just now.
const WHILE_PAID: SignedDuration = SignedDuration::from_mins(15);
/// How soon while another charge of the same account is just being made: at once for a card.
const WHILE_ANOTHER: SignedDuration = SignedDuration::from_mins(1);
/// How often a charge is looked at that the bank decides on; its decline is heard of at once.
const WHILE_CHARGED: SignedDuration = SignedDuration::from_hours(6);

/// How far collecting an invoice has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Collection {
    /// Whose invoice.
    pub customer: CustomerId,
    /// The invoice.
    pub invoice: Named,
    /// „Fälligkeit".
    pub due_on: Date,
    /// The contract it was made for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscription: Option<SubscriptionNumber>,
    /// How far it has come.
    pub state: State,
    /// Payments that charged it, in order; all but the last ended without money.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub payments: Vec<PaymentId>,
    /// Charges that were declined.
    #[serde(default)]
    pub declined: u8,
    /// When it is looked at again; none when it has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
}

/// How far collecting has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = CollectionState)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum State {
    /// It will be charged on a day, with what is chosen then.
    Planned {
        /// At the earliest.
        on: Date,
    },
    /// The customer knows that and how it will be charged.
    Announced {
        /// Not before.
        on: Date,
        /// With this way to pay.
        method: PaymentMethodId,
        /// At most so much.
        amount: Money,
        /// The day on which the mail that says so went out; a debit does not come before its notice.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        told_on: Option<Date>,
    },
    /// A payment charges it. That payment may not be written down yet.
    Charging {
        /// The last of its payments.
        payment: PaymentId,
        /// What is charged.
        method: PaymentMethodId,
        /// How much.
        amount: Money,
    },
    /// Nothing more is done.
    Ended {
        /// Why.
        why: Ended,
    },
}

/// Why an invoice is not collected any further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = CollectionEnded)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// The money came by its payment.
    Collected,
    /// Nothing is open: it was paid otherwise, or cancelled.
    Settled,
    /// The customer keeps nothing that could be charged.
    NoMethod,
    /// It was declined for good; the customer was asked to pay.
    GivenUp,
    /// The tenant collects by itself now.
    TurnedOff,
}

/// What the customer chose to be charged with.
#[derive(Debug, Clone, Copy)]
pub enum Chosen<'a> {
    /// Nothing, neither for the contract nor as the default.
    Nothing,
    /// Something that can no longer be charged.
    Lost,
    /// This.
    Method(&'a PaymentMethod),
}

/// What collecting is decided from.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// The invoice as it is now.
    pub row: &'a InvoiceRow,
    /// With what it may be charged.
    pub chosen: Chosen<'a>,
    /// Has the customer an address that mails reach?
    pub is_reachable: bool,
    /// The tenant's terms.
    pub terms: &'a Payments,
    /// Where the tenant's days begin.
    pub zone: &'a Zone,
    /// Now.
    pub now: Timestamp,
}

impl Seen<'_> {
    fn today(&self) -> Date {
        self.zone.day(self.now)
    }

    fn in_days(&self, days: u8) -> Date {
        self.today().saturating_add(i32::from(days).days())
    }
}

/// What is to be stored.
#[derive(Debug, Clone, PartialEq)]
pub enum Next {
    /// No fact worth a line in the timeline.
    Quiet(Collection),
    /// With the fact that explains it.
    Told(Change<Collection>),
}

impl Next {
    /// How far it has come afterwards.
    #[must_use]
    pub const fn collection(&self) -> &Collection {
        match self {
            Self::Quiet(next) => next,
            Self::Told(change) => change.next(),
        }
    }
}

impl Collection {
    /// Plans to collect an invoice that is being issued. `None` when the tenant collects by itself, when there is another
    /// agreement about this invoice, when nothing is open, and when it was due before the portal knew it: nobody is charged
    /// out of the blue for what was loaded late.
    #[must_use]
    pub fn plan(
        customer: &CustomerId,
        row: &InvoiceRow,
        is_collected: bool,
        (terms, zone): (&Payments, &Zone),
        now: Timestamp,
    ) -> Option<Self> {
        let is_late = row.due_on < zone.day(now);
        if terms.collect != Collect::Portal || !is_collected || !row.open.is_positive() || is_late {
            return None;
        }
        let first_look = row.due_on.saturating_sub(i32::from(terms.notice_days).days());
        Some(Self {
            customer: customer.clone(),
            invoice: Named::from(row),
            due_on: row.due_on,
            subscription: row.subscription.clone(),
            state: State::Planned { on: row.due_on },
            payments: Vec::new(),
            declined: 0,
            due_at: Some(zone.morning(first_look).max(now)),
        })
    }

    /// What comes next, unless a payment is charging it: `id` is a fresh one for the payment that may begin now.
    #[must_use]
    pub fn next(&self, seen: &Seen<'_>, id: PaymentId) -> Next {
        if let Some(why) = over(seen) {
            return self.ended(why);
        }
        let on = match &self.state {
            State::Announced { on, .. } | State::Planned { on } => *on,
            State::Charging { .. } | State::Ended { .. } => seen.today(),
        };
        match seen.chosen {
            Chosen::Method(method) if needs_notice(method) => self.debited(method, on, seen, id),
            _ if seen.today() < on => self.rests(on, seen),
            Chosen::Nothing => self.ended(Ended::NoMethod),
            Chosen::Lost => self.given_up(seen, "method_ended"),
            Chosen::Method(method) => self.charged(method, seen, id),
        }
    }

    /// What follows from the payment that charges it.
    #[must_use]
    pub fn after(&self, payment: &Payment, seen: &Seen<'_>) -> Next {
        if payment.received.is_positive() {
            return self.ended(Ended::Collected);
        }
        if payment.is_waiting() {
            return Next::Quiet(Self { due_at: Some(seen.now + WHILE_CHARGED), ..self.clone() });
        }
        // It came to nothing without the bank's saying no: that is nobody's fault, and is tried anew.
        if !matches!(payment.state, payment::State::Failed { .. }) && self.payments.len() < MAX_PAYMENTS {
            let state = State::Planned { on: seen.today() };
            return Next::Quiet(Self { state, due_at: Some(seen.now + WHILE_PAID), ..self.clone() });
        }
        let declined = Self { declined: self.declined + 1, ..self.clone() };
        if let Some(why) = over(seen) {
            return declined.ended(why);
        }
        match seen.chosen {
            Chosen::Method(method) if declined.declined < MAX_ATTEMPTS => {
                let again = seen.terms.again_days;
                let days = if needs_notice(method) { again.max(seen.terms.notice_days) } else { again };
                declined.announced(EventKind::CollectionFailed, method, seen.in_days(days), seen)
            }
            Chosen::Method(_) => declined.given_up(seen, "declined"),
            Chosen::Nothing | Chosen::Lost => declined.given_up(seen, "method_ended"),
        }
    }

    /// Somebody pays the invoice just now: its end is awaited.
    #[must_use]
    pub fn waiting(&self, now: Timestamp) -> Self {
        Self { due_at: Some(now + WHILE_PAID), ..self.clone() }
    }

    /// Another invoice of the same account is charged just now: it is this one's turn after that.
    #[must_use]
    pub fn next_in_line(&self, now: Timestamp) -> Self {
        Self { due_at: Some(now + WHILE_ANOTHER), ..self.clone() }
    }

    /// Its payment was written down and is with the provider.
    #[must_use]
    pub fn charging(&self, now: Timestamp) -> Self {
        Self { due_at: Some(now + WHILE_CHARGED), ..self.clone() }
    }

    /// What its payment was for has changed before that was written down: it is decided anew, at once.
    #[must_use]
    pub fn anew(&self, seen: &Seen<'_>) -> Self {
        let mut payments = self.payments.clone();
        payments.pop();
        Self { state: State::Planned { on: seen.today() }, payments, due_at: Some(seen.now), ..self.clone() }
    }

    /// Is a payment one of those that charged it?
    #[must_use]
    pub fn has(&self, payment: &PaymentId) -> bool {
        self.payments.contains(payment)
    }

    /// A mail about it went out. `None` when it is no longer as that mail said.
    #[must_use]
    pub fn told(&self, notice: &CollectionNotice, today: Date) -> Option<Self> {
        let State::Announced { on, method, amount, .. } = &self.state else { return None };
        let state = State::Announced { on: *on, method: method.clone(), amount: *amount, told_on: Some(today) };
        self.is_as(notice).then(|| Self { state, ..self.clone() })
    }

    /// Is it still as a mail says?
    #[must_use]
    pub fn is_as(&self, notice: &CollectionNotice) -> bool {
        match (&self.state, notice.mail) {
            (State::Ended { why: Ended::GivenUp }, CollectionMail::CollectionGivenUp) => true,
            (
                State::Announced { on, method, amount, .. },
                CollectionMail::CollectionAnnounced | CollectionMail::CollectionFailed,
            ) => (Some(*on), Some(method), *amount) == (notice.on, notice.method.as_ref(), notice.amount),
            _ => false,
        }
    }

    /// A debit comes as it was announced, from that account and not for more, in time after the mail went out; else it is
    /// announced anew. Who cannot be told is not debited.
    fn debited(&self, method: &PaymentMethod, on: Date, seen: &Seen<'_>, id: PaymentId) -> Next {
        let notice = i32::from(seen.terms.notice_days);
        let told_on = match &self.state {
            State::Announced { method: known, amount, told_on, .. }
                if *known == method.name.id && seen.row.open.minor() <= amount.minor() =>
            {
                let is_early = seen.today() < on;
                match told_on {
                    None if is_early => return self.rests(on, seen),
                    told_on => *told_on,
                }
            }
            _ => None,
        };
        match told_on.map(|told_on| on.max(told_on.saturating_add(notice.days()))) {
            Some(day) if seen.today() < day => self.rests(day, seen),
            Some(_) => self.charged(method, seen, id),
            None if seen.is_reachable => {
                let on = self.due_on.max(seen.in_days(seen.terms.notice_days));
                self.announced(EventKind::CollectionAnnounced, method, on, seen)
            }
            None if seen.today() < on => self.rests(on, seen),
            None => self.given_up(seen, "not_announced"),
        }
    }

    fn rests(&self, on: Date, seen: &Seen<'_>) -> Next {
        Next::Quiet(Self { due_at: Some(seen.zone.morning(on)), ..self.clone() })
    }

    fn announced(&self, kind: EventKind, method: &PaymentMethod, on: Date, seen: &Seen<'_>) -> Next {
        let (amount, id) = (seen.row.open, method.name.id.clone());
        let event =
            self.event(kind, seen).with("on", on.to_string()).with("payment_method", id.as_str()).with_amount(amount);
        let state = State::Announced { on, method: id, amount, told_on: None };
        Next::Told(Change::new(Self { state, due_at: Some(seen.zone.morning(on)), ..self.clone() }, event))
    }

    fn charged(&self, method: &PaymentMethod, seen: &Seen<'_>, payment: PaymentId) -> Next {
        let (amount, id) = (seen.row.open, method.name.id.clone());
        let event = self
            .event(EventKind::CollectionStarted, seen)
            .with("payment", payment.as_str())
            .with("payment_method", id.as_str())
            .with("attempt", (self.declined + 1).to_string())
            .with_amount(amount);
        let payments = self.payments.iter().cloned().chain([payment.clone()]).collect();
        let state = State::Charging { payment, method: id, amount };
        Next::Told(Change::new(Self { state, payments, due_at: Some(seen.now), ..self.clone() }, event))
    }

    fn given_up(&self, seen: &Seen<'_>, reason: &str) -> Next {
        let event = self.event(EventKind::CollectionGivenUp, seen).with("reason", reason).with_amount(seen.row.open);
        let state = State::Ended { why: Ended::GivenUp };
        Next::Told(Change::new(Self { state, due_at: None, ..self.clone() }, event))
    }

    fn ended(&self, why: Ended) -> Next {
        Next::Quiet(Self { state: State::Ended { why }, due_at: None, ..self.clone() })
    }

    fn event(&self, kind: EventKind, seen: &Seen<'_>) -> Event {
        Event::new(kind, Actor::System, seen.now, self.invoice.number.as_str())
            .with("issued_on", self.invoice.issued_on.to_string())
    }
}

/// Why nothing is to be collected any more.
fn over(seen: &Seen<'_>) -> Option<Ended> {
    if seen.terms.collect != Collect::Portal {
        return Some(Ended::TurnedOff);
    }
    (!seen.row.open.is_positive()).then_some(Ended::Settled)
}

/// Direct debits are announced before they come.
const fn needs_notice(method: &PaymentMethod) -> bool {
    matches!(method.method, Method::SepaDebit)
}

/// A mail about collecting an invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CollectionMail {
    /// „Vorabankündigung": a debit will come.
    CollectionAnnounced,
    /// It was declined, and will be charged once more.
    CollectionFailed,
    /// It is not charged any more: a link to pay.
    CollectionGivenUp,
}

impl CollectionMail {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::CollectionAnnounced, Self::CollectionFailed, Self::CollectionGivenUp];

    /// The name of its template, also in keys.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::CollectionAnnounced => "collection-announced",
            Self::CollectionFailed => "collection-failed",
            Self::CollectionGivenUp => "collection-given-up",
        }
    }
}

/// What a mail about collecting tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CollectionNotice {
    /// Which mail.
    pub mail: CollectionMail,
    /// About which invoice.
    pub invoice: Named,
    /// What was open.
    pub amount: Money,
    /// When it will be charged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<Date>,
    /// With which way to pay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<PaymentMethodId>,
}

impl CollectionNotice {
    /// What an event about collecting is told by; none for other events.
    #[must_use]
    pub fn of(event: &Event) -> Option<Self> {
        let mail = match event.kind {
            EventKind::CollectionAnnounced => CollectionMail::CollectionAnnounced,
            EventKind::CollectionFailed => CollectionMail::CollectionFailed,
            EventKind::CollectionGivenUp => CollectionMail::CollectionGivenUp,
            _ => return None,
        };
        let number: InvoiceNumber = event.subject.parse().ok()?;
        let invoice = Named { number, issued_on: event.fact("issued_on")?.parse().ok()? };
        let on = event.fact("on").and_then(|on| on.parse().ok());
        let method = event.fact("payment_method").and_then(|id| id.parse().ok());
        Some(Self { mail, invoice, amount: event.amount()?, on, method })
    }
}

#[cfg(test)]
mod tests;
