//! Erasing a customer (Art. 17 GDPR): asked for by the customer, started by staff, and never before what runs has ended. What
//! § 147 AO wants kept stays until its time is over, and goes then by itself.
//!
//! An erasure is its tombstone: whoever puts one down has the customer erased, also once more after a restore.

use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    change::{Actor, Change, Event, EventKind, Way},
    document::DocumentType,
    id::CustomerId,
    ledger::{Account, AccountKind},
    number::CustomerNumber,
    payment::Payment,
    subscription::Subscription,
    time::Zone,
};

/// How long it is known that a customer asked to be erased; asking again within that time says nothing new.
pub const REQUEST_KNOWN: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Full calendar years for which an issued invoice or credit note is kept after its own (§ 147 (3) AO).
pub const RETENTION_YEARS: i16 = 8;
/// How long it is waited for a provider to forget a way to pay.
pub const FORGETTING_TAKES: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A customer's wish to be erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasureRequest {
    /// When it was told.
    pub requested_at: Timestamp,
}

impl ErasureRequest {
    /// Tells staff, who decide.
    #[must_use]
    pub fn ask(number: &CustomerNumber, way: Way, now: Timestamp) -> Change<Self> {
        let event = Event::new(EventKind::ErasureRequested, Actor::Customer, now, number.as_str()).by(way);
        Change::new(Self { requested_at: now }, event)
    }

    /// From then on it may be told again.
    #[must_use]
    pub fn known_until(&self) -> Timestamp {
        self.requested_at + REQUEST_KNOWN
    }
}

/// Why a customer cannot be erased yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hindrance {
    /// A contract has not ended.
    RunningContract,
    /// An invoice is not paid.
    OpenInvoice,
    /// Money is left on the account of invoices.
    Credit,
    /// Money is left on a prepaid account.
    PrepaidBalance,
    /// A payment may still bring money or take it back.
    PaymentUnderWay,
    /// Nobody has answered yet what the customer declared: a cancellation or a withdrawal is lost otherwise.
    OpenDeclaration,
}

impl Hindrance {
    /// The field that the API names, and what it says.
    #[must_use]
    pub const fn told(self) -> (&'static str, &'static str) {
        match self {
            Self::RunningContract => ("contracts", "a contract has not ended"),
            Self::OpenInvoice => ("invoices", "an invoice is not paid"),
            Self::Credit => ("credit", "money is left on the account of invoices; pay it out and book that"),
            Self::PrepaidBalance => ("prepaid", "money is left on a prepaid account; pay it out and book that"),
            Self::PaymentUnderWay => ("payments", "a payment is on its way"),
            Self::OpenDeclaration => ("declarations", "a cancellation or a withdrawal is not answered"),
        }
    }
}

/// What is read of a customer before it is erased.
#[derive(Debug, Clone, Copy)]
pub struct Before<'a> {
    /// All contracts.
    pub contracts: &'a [Subscription],
    /// All accounts.
    pub accounts: &'a [Account],
    /// All payments.
    pub payments: &'a [Payment],
    /// Is an invoice open?
    pub owes: bool,
    /// Has a declaration no answer?
    pub waits_for_answer: bool,
}

/// Everything that stands in the way, each once.
#[must_use]
pub fn hindrances(before: Before<'_>, today: Date) -> Vec<Hindrance> {
    let Before { contracts, accounts, payments, owes, waits_for_answer } = before;
    let has_money = |account: &Account| match account.kind {
        AccountKind::Receivables => !account.credit.is_zero() || !account.held.is_zero(),
        AccountKind::Prepaid => !account.balance.is_zero(),
    };
    let left = |kind| accounts.iter().any(|account| account.kind == kind && has_money(account));
    let is_under_way = |payment: &Payment| payment.due_at.is_some() || payment.undecided_since.is_some();
    [
        (contracts.iter().any(|contract| !contract.has_ended(today)), Hindrance::RunningContract),
        (owes, Hindrance::OpenInvoice),
        (left(AccountKind::Receivables), Hindrance::Credit),
        (left(AccountKind::Prepaid), Hindrance::PrepaidBalance),
        (payments.iter().any(is_under_way), Hindrance::PaymentUnderWay),
        (waits_for_answer, Hindrance::OpenDeclaration),
    ]
    .into_iter()
    .filter_map(|(stands, hindrance)| stands.then_some(hindrance))
    .collect()
}

/// The last day on which a document must be kept; none: it need not be.
#[must_use]
pub fn kept_until(kind: DocumentType, issued_on: Date) -> Option<Date> {
    match kind {
        DocumentType::Invoice | DocumentType::CreditNote => {
            Some(Date::new(issued_on.year() + RETENTION_YEARS, 12, 31).unwrap_or(Date::MAX))
        }
        DocumentType::Dunning | DocumentType::Offer | DocumentType::DeliveryNote | DocumentType::Confirmation => None,
    }
}

/// Until when nobody may delete a document's files, not even whoever runs the installation; none: they need not be kept, or not
/// any longer.
#[must_use]
pub fn locked_until(kind: DocumentType, issued_on: Date, zone: &Zone, now: Timestamp) -> Option<Timestamp> {
    kept_until(kind, issued_on).map(|last| let_go_at(last, zone)).filter(|until| now < *until)
}

/// The moment after the last day on which something must be kept.
fn let_go_at(last: Date, zone: &Zone) -> Timestamp {
    zone.begin(last.tomorrow().unwrap_or(last))
}

/// Says that a customer was erased, or is being. It carries ids and numbers only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tombstone {
    /// Who.
    pub customer: CustomerId,
    /// The customer's number, which nobody else gets.
    pub number: CustomerNumber,
    /// When staff had it done.
    pub erased_at: Timestamp,
    /// Where it goes on; its steps know what that means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// The earliest last day of what was met in this round and must be kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept_until: Option<Date>,
    /// When what was met in this round and waits for somebody else is looked at again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits_until: Option<Timestamp>,
    /// When it is taken up again; none: nothing is left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
    /// When the first round was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done_at: Option<Timestamp>,
}

/// What one portion of an erasure came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Erased {
    /// Where the next one goes on; none: the round is over.
    pub next: Option<String>,
    /// The earliest last day of what must be kept.
    pub kept_until: Option<Date>,
    /// When what waits for somebody else is looked at again.
    pub waits_until: Option<Timestamp>,
}

impl Tombstone {
    /// Puts it down. It is due at once.
    #[must_use]
    pub fn put_down(customer: CustomerId, number: CustomerNumber, now: Timestamp) -> Change<Self> {
        let event = Event::new(EventKind::ErasureStarted, Actor::Integrator, now, number.as_str());
        let tombstone = Self {
            customer,
            number,
            erased_at: now,
            cursor: None,
            kept_until: None,
            waits_until: None,
            due_at: Some(now),
            done_at: None,
        };
        Change::new(tombstone, event)
    }

    /// The tombstone after a portion: it goes on at once, or with another round once something need not be kept or waited for
    /// any more.
    #[must_use]
    pub fn after(&self, portion: Erased, zone: &Zone, now: Timestamp) -> Self {
        let kept_until = [self.kept_until, portion.kept_until].into_iter().flatten().min();
        let waits_until = [self.waits_until, portion.waits_until].into_iter().flatten().min();
        if portion.next.is_some() {
            return Self { cursor: portion.next, kept_until, waits_until, due_at: Some(now), ..self.clone() };
        }
        let due_at = [waits_until, kept_until.map(|last| let_go_at(last, zone))].into_iter().flatten().min();
        let done_at = self.done_at.or(waits_until.is_none().then_some(now));
        Self { cursor: None, kept_until, waits_until, due_at, done_at, ..self.clone() }
    }

    /// The same at the beginning of a round: what must be kept or waited for is found out anew.
    #[must_use]
    pub fn fresh_round(&self) -> Self {
        match self.cursor {
            Some(_) => self.clone(),
            None => Self { kept_until: None, waits_until: None, ..self.clone() },
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::{Currency, Money};

    fn now() -> Timestamp {
        "2026-11-22T09:00:00Z".parse().unwrap()
    }

    fn tombstone() -> Tombstone {
        let customer = CustomerId::new(now(), [1; 10]);
        Tombstone::put_down(customer, "K5003".parse().unwrap(), now()).into_parts().0
    }

    #[test]
    fn an_invoice_is_kept_for_eight_full_years_after_its_own() {
        for kind in [DocumentType::Invoice, DocumentType::CreditNote] {
            assert_eq!(kept_until(kind, date(2026, 1, 1)), Some(date(2034, 12, 31)));
            assert_eq!(kept_until(kind, date(2026, 12, 31)), Some(date(2034, 12, 31)));
        }
        for kind in DocumentType::BESIDE_INVOICES.into_iter().filter(|kind| *kind != DocumentType::CreditNote) {
            assert_eq!(kept_until(kind, date(2026, 1, 1)), None);
        }
    }

    #[test]
    fn files_are_locked_until_the_erasure_may_take_them_and_never_in_the_past() {
        let (zone, issued) = (Zone::default(), date(2026, 11, 20));
        let locked = |kind, now: Timestamp| locked_until(kind, issued, &zone, now);
        let until = zone.begin(date(2035, 1, 1));
        assert_eq!(locked(DocumentType::Invoice, now()), Some(until));
        assert_eq!(locked(DocumentType::CreditNote, until - SignedDuration::from_secs(1)), Some(until));
        assert_eq!(locked(DocumentType::Invoice, until), None, "the bucket takes no lock that has ended");
        assert_eq!(locked(DocumentType::Offer, now()), None);
    }

    #[test]
    fn a_round_ends_with_the_day_after_the_earliest_last_one_and_the_next_counts_anew() {
        let zone = Zone::default();
        let portion =
            |next: Option<&str>, kept| Erased { next: next.map(str::to_owned), kept_until: kept, waits_until: None };
        let first = tombstone().after(portion(Some("x"), Some(date(2034, 12, 31))), &zone, now());
        assert_eq!((first.cursor.as_deref(), first.due_at, first.done_at), (Some("x"), Some(now()), None));
        assert_eq!(first.fresh_round(), first, "in the middle of a round nothing is forgotten");
        let over = first.after(portion(None, Some(date(2033, 12, 31))), &zone, now());
        assert_eq!((over.kept_until, over.done_at), (Some(date(2033, 12, 31)), Some(now())));
        assert_eq!(over.due_at, Some(zone.begin(date(2034, 1, 1))));
        let next = over.fresh_round();
        assert_eq!(next.kept_until, None);
        let last = next.after(portion(None, None), &zone, zone.begin(date(2034, 1, 1)));
        assert_eq!((last.due_at, last.done_at), (None, Some(now())), "nothing is left");
    }

    #[test]
    fn whoever_is_waited_for_holds_nothing_else_up_and_the_round_is_done_without() {
        let (zone, later) = (Zone::default(), now() + jiff::SignedDuration::from_mins(5));
        let portion = |next: Option<&str>, waits_until| Erased {
            next: next.map(str::to_owned),
            kept_until: Some(date(2034, 12, 31)),
            waits_until,
        };
        let first = tombstone().after(portion(Some("x"), Some(later)), &zone, now());
        assert_eq!((first.due_at, first.waits_until), (Some(now()), Some(later)), "the rest goes on at once");
        let over = first.after(portion(None, None), &zone, now());
        assert_eq!((over.due_at, over.done_at), (Some(later), None));
        let done = over.fresh_round().after(portion(None, None), &zone, later);
        assert_eq!((done.due_at, done.done_at), (Some(zone.begin(date(2035, 1, 1))), Some(later)));
    }

    #[test]
    fn every_hindrance_is_named_once() {
        let account = |kind, balance, credit| Account {
            balance: Money::of_minor(balance, Currency::Eur),
            credit: Money::of_minor(credit, Currency::Eur),
            ..Account::open("A1".parse().unwrap(), kind, Currency::Eur)
        };
        let settled = account(AccountKind::Receivables, 0, 0);
        let found = |accounts: &[Account], owes| {
            let before = Before { contracts: &[], accounts, payments: &[], owes, waits_for_answer: false };
            hindrances(before, date(2026, 11, 22))
        };
        assert!(found(&[settled.clone(), account(AccountKind::Prepaid, 0, 0)], false).is_empty());
        assert_eq!(found(&[settled], true), [Hindrance::OpenInvoice]);
        let credit = account(AccountKind::Receivables, -5, 5);
        let prepaid = account(AccountKind::Prepaid, -100, 0);
        assert_eq!(found(&[credit, prepaid.clone(), prepaid], false), [Hindrance::Credit, Hindrance::PrepaidBalance]);
    }

    #[test]
    fn a_wish_may_be_told_again_after_a_month() {
        let change = ErasureRequest::ask(&"K1".parse().unwrap(), Way::Page, now());
        assert_eq!(change.next().known_until(), now() + REQUEST_KNOWN);
        assert_eq!(change.events().iter().map(|event| event.kind).collect::<Vec<_>>(), [EventKind::ErasureRequested]);
    }
}
