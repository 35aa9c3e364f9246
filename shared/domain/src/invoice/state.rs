//! What is paid and open on an invoice, and the only ways in which that changes.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::facts::InvoiceFacts;
use crate::{
    Money,
    change::{Actor, Change, Event, EventKind},
    id::PaymentId,
    ledger::{Account, Because, Entry, Posting, PostingKind, TenantAccount},
    money::MoneyError,
    number::{AccountNumber, InvoiceNumber, SubscriptionNumber},
    payment::Method,
    time::days_between,
};

/// Highest level of dunning.
pub const MAX_DUNNING_LEVEL: u8 = 9;

/// The read model of the list, ≤ 600 B: one row per invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = InvoiceState)]
pub struct InvoiceRow {
    /// „Re.-Nummer".
    pub number: InvoiceNumber,
    /// „Re.-Datum".
    pub issued_on: Date,
    /// „Fälligkeit".
    pub due_on: Date,
    /// „Gesamtbetrag brutto".
    pub gross: Money,
    /// What is still to pay; never negative, zero once cancelled.
    pub open: Money,
    /// What was paid and stands against this invoice.
    pub paid: Money,
    /// What credit notes took from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credited: Option<Money>,
    /// „Vollzahlung am": the day since which nothing is open, paid or credited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_on: Option<Date>,
    /// „Storniert" with its day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled_on: Option<Date>,
    /// „Mahnstufe", 0 for none.
    #[serde(default)]
    pub dunning_level: u8,
    /// The contract it was made for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscription: Option<SubscriptionNumber>,
    /// „Kennung".
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub handle: String,
    /// „Erstellt am".
    pub created_at: Timestamp,
    /// The receivables account it stands on.
    pub account: AccountNumber,
    /// What payments of the portal settled and reopened, in order; at most [`MAX_MOVEMENTS`], further ones stand beside
    /// the document.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub movements: Vec<Movement>,
}

/// Movements a row carries itself: nearly every invoice has one, and a payment then writes the row alone.
pub const MAX_MOVEMENTS: usize = 6;

/// A payment's share in an invoice, as „Zahlungsvorgänge" lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Movement {
    /// Which payment.
    pub payment: PaymentId,
    /// How it was paid.
    pub method: Method,
    /// Positive: settled; negative: reopened because the payment was taken back.
    pub amount: Money,
    /// The day it counts for.
    pub on: Date,
}

/// A row after a movement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// The row afterwards.
    pub row: InvoiceRow,
    /// The movement, when the row had no place left for it.
    pub beside: Option<Movement>,
}

/// What people are told about an invoice, in the fixed words of the design.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum Status {
    /// „Offen, fällig am …".
    Open {
        /// Due on.
        due_on: Date,
    },
    /// „Teilweise bezahlt".
    PartlyPaid {
        /// Still to pay.
        open: Money,
        /// Due on.
        due_on: Date,
    },
    /// „Überfällig seit … Tagen".
    Overdue {
        /// Full days since it was due, at least 1.
        days: i32,
        /// Still to pay.
        open: Money,
    },
    /// „Bezahlt am …".
    Paid {
        /// Day of the last payment.
        on: Date,
    },
    /// „Gutgeschrieben am …": credit notes took all of it.
    Credited {
        /// Day of the last credit note.
        on: Date,
    },
    /// „Nichts zu zahlen": a gross amount of zero.
    NothingToPay,
    /// „Storniert am …".
    Cancelled {
        /// Day of the cancellation.
        on: Date,
    },
}

impl InvoiceRow {
    /// The status on a day in the tenant's zone.
    #[must_use]
    pub fn status(&self, today: Date) -> Status {
        let days = days_between(self.due_on, today);
        match (self.cancelled_on, self.paid_on) {
            (Some(on), _) => Status::Cancelled { on },
            _ if self.gross.is_zero() => Status::NothingToPay,
            (None, Some(on)) if self.open.is_zero() && self.paid.is_zero() => Status::Credited { on },
            (None, Some(on)) if self.open.is_zero() => Status::Paid { on },
            _ if days > 0 => Status::Overdue { days, open: self.open },
            _ if self.open == self.gross => Status::Open { due_on: self.due_on },
            _ => Status::PartlyPaid { open: self.open, due_on: self.due_on },
        }
    }

    /// Is something still to pay after its due day?
    #[must_use]
    pub fn is_overdue(&self, today: Date) -> bool {
        matches!(self.status(today), Status::Overdue { .. })
    }

    fn because(&self, at: Timestamp, value_date: Date, reference: Option<&str>) -> Because {
        Because { at, value_date, subject: self.number.to_string(), reference: reference.map(str::to_owned) }
    }

    /// Settles a share, or reopens it when the amount is negative. The caller has seen that it fits and that the invoice
    /// is not cancelled.
    ///
    /// # Errors
    /// Overflow, or another currency.
    pub(crate) fn moved(&self, movement: Movement) -> Result<Moved, MoneyError> {
        let mut row = self.with_paid(self.paid.plus(movement.amount)?, movement.on)?;
        if row.movements.len() < MAX_MOVEMENTS {
            row.movements.push(movement);
            return Ok(Moved { row, beside: None });
        }
        Ok(Moved { row, beside: Some(movement) })
    }

    fn with_paid(&self, paid: Money, on: Date) -> Result<Self, MoneyError> {
        let open = self.asked()?.minus(paid)?;
        let paid_on = (open.is_zero() && (paid.is_positive() || self.credited.is_some())).then_some(on);
        Ok(Self { paid, open, paid_on, ..self.clone() })
    }

    /// Takes a credit note's share from what it asks for. The caller has seen that so much is open.
    ///
    /// # Errors
    /// Overflow, or another currency.
    pub(super) fn with_credited(&self, share: Money, on: Date) -> Result<Self, MoneyError> {
        let credited = self.credited.map_or(Ok(share), |before| before.plus(share))?;
        Self { credited: Some(credited), ..self.clone() }.with_paid(self.paid, on)
    }

    /// What it asks for: the gross amount less what was credited.
    fn asked(&self) -> Result<Money, MoneyError> {
        self.credited.map_or(Ok(self.gross), |credited| self.gross.minus(credited))
    }
}

/// Everything written when an invoice is issued.
#[derive(Debug, Clone, PartialEq)]
pub struct Issue {
    /// The row as it begins.
    pub row: InvoiceRow,
    /// The account afterwards.
    pub account: Account,
    /// The invoice's entry, and the opening entry if it was settled before.
    pub entries: Vec<Entry>,
}

/// Issues an invoice on the customer's receivables account.
///
/// # Errors
/// Overflow, or an account of another currency. The facts must have been checked.
pub fn issue(
    number: &InvoiceNumber,
    facts: &InvoiceFacts,
    account: &Account,
    actor: Actor,
    now: Timestamp,
) -> Result<Change<Issue>, MoneyError> {
    let mut row = InvoiceRow {
        number: number.clone(),
        issued_on: facts.issued_on,
        due_on: facts.due_on,
        gross: facts.gross,
        open: facts.gross,
        paid: Money::zero(facts.currency()),
        credited: None,
        paid_on: None,
        cancelled_on: None,
        dunning_level: 0,
        subscription: facts.subscription.clone(),
        handle: facts.handle.clone(),
        created_at: now,
        account: account.number.clone(),
        movements: Vec::new(),
    };
    let posting = Posting::between(PostingKind::Invoice, &account.number, facts.gross, TenantAccount::Revenue)?;
    let (mut after, entry) = account.post(posting, row.because(now, facts.issued_on, None))?;
    let mut entries = vec![entry];
    if let Some(settled) = facts.settled_before {
        let opening =
            Posting::between(PostingKind::Opening, &account.number, settled.amount.negated()?, TenantAccount::Opening)?;
        let (settled_account, entry) = after.post(opening, row.because(now, settled.date, None))?;
        after = settled_account;
        entries.push(entry);
        row = row.with_paid(settled.amount, settled.date)?;
    }
    let event = Event::new(EventKind::InvoiceIssued, actor, now, number.as_str())
        .with("gross", facts.gross.to_string())
        .with("due_on", facts.due_on.to_string());
    Ok(Change::new(Issue { row, account: after, entries }, event))
}

/// Money that arrived on an invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Payment {
    /// The integrator's own reference, unique in the tenant for ever.
    pub reference: String,
    /// More than nothing.
    pub amount: Money,
    /// The day it arrived.
    pub date: Date,
}

/// A booked payment: how much of it stands against the invoice and how much became credit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PaymentRecord {
    /// The invoice it was booked on.
    pub invoice: InvoiceNumber,
    /// What was said.
    #[serde(flatten)]
    pub payment: Payment,
    /// The share that stands against the invoice.
    pub share: Money,
    /// The share that became credit on the account.
    pub credit: Money,
    /// When it was booked.
    pub booked_at: Timestamp,
    /// When it was taken back, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reversed_at: Option<Timestamp>,
}

/// Why a payment is not booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PaymentRefused {
    /// Nothing, or less.
    #[error("the amount must be more than 0")]
    NotPositive,
    /// An amount in another currency is never allocated.
    #[error("the amount must have the invoice's currency")]
    OtherCurrency,
    /// It was taken back already.
    #[error("the payment was reversed already")]
    AlreadyReversed,
    /// It was cancelled already.
    #[error("the invoice was cancelled already")]
    AlreadyCancelled,
    /// A sum out of range.
    #[error("the amount is out of range")]
    Arithmetic(#[from] MoneyError),
}

/// Everything written when a payment is booked or taken back.
#[derive(Debug, Clone, PartialEq)]
pub struct PaymentReversal {
    /// The row afterwards.
    pub row: InvoiceRow,
    /// The account afterwards.
    pub account: Account,
    /// The entry.
    pub entry: Entry,
    /// The record to keep.
    pub record: PaymentRecord,
}

/// Books a payment. What exceeds the open amount, or arrives on a cancelled invoice, becomes credit.
///
/// # Errors
/// See [`PaymentRefused`].
pub fn pay(
    row: &InvoiceRow,
    account: &Account,
    payment: &Payment,
    actor: Actor,
    now: Timestamp,
) -> Result<Change<PaymentReversal>, PaymentRefused> {
    if payment.amount.currency() != row.gross.currency() {
        return Err(PaymentRefused::OtherCurrency);
    }
    if !payment.amount.is_positive() {
        return Err(PaymentRefused::NotPositive);
    }
    let share = Money::of_minor(payment.amount.minor().min(row.open.minor()), row.gross.currency());
    let credit = payment.amount.minus(share)?;
    let posting =
        Posting::between(PostingKind::Payment, &account.number, payment.amount.negated()?, TenantAccount::Clearing)?;
    let (mut after, entry) = account.post(posting, row.because(now, payment.date, Some(&payment.reference)))?;
    after.credit = account.credit.plus(credit)?;
    let row = if share.is_zero() { row.clone() } else { row.with_paid(row.paid.plus(share)?, payment.date)? };
    let record = PaymentRecord {
        invoice: row.number.clone(),
        payment: payment.clone(),
        share,
        credit,
        booked_at: now,
        reversed_at: None,
    };
    let event = Event::new(EventKind::InvoicePaid, actor, now, row.number.as_str())
        .with("reference", payment.reference.as_str())
        .with_amount(payment.amount)
        .with("open", row.open.to_string());
    Ok(Change::new(PaymentReversal { row, account: after, entry, record }, event))
}

/// Takes a booked payment back. Its share reopens the invoice, unless that was cancelled meanwhile (then the share had
/// become credit); its credit leaves the account, which may make the balance positive again.
///
/// # Errors
/// See [`PaymentRefused`].
pub fn reverse(
    row: &InvoiceRow,
    account: &Account,
    record: &PaymentRecord,
    actor: Actor,
    now: Timestamp,
    today: Date,
) -> Result<Change<PaymentReversal>, PaymentRefused> {
    if record.reversed_at.is_some() {
        return Err(PaymentRefused::AlreadyReversed);
    }
    let payment = &record.payment;
    let posting =
        Posting::between(PostingKind::PaymentReversal, &account.number, payment.amount, TenantAccount::Clearing)?;
    let (mut after, entry) = account.post(posting, row.because(now, today, Some(&payment.reference)))?;
    let (row, leaves_credit) = match row.cancelled_on {
        Some(_) => (row.clone(), payment.amount),
        // All of it had become credit: the invoice keeps what it says.
        None if record.share.is_zero() => (row.clone(), record.credit),
        None => (row.with_paid(row.paid.minus(record.share)?, today)?, record.credit),
    };
    after.credit = account.credit.minus(leaves_credit)?;
    let record = PaymentRecord { reversed_at: Some(now), ..record.clone() };
    let event = Event::new(EventKind::InvoicePaymentReversed, actor, now, row.number.as_str())
        .with("reference", payment.reference.as_str())
        .with_amount(payment.amount)
        .with("open", row.open.to_string());
    Ok(Change::new(PaymentReversal { row, account: after, entry, record }, event))
}

/// Everything written when an invoice is cancelled.
#[derive(Debug, Clone, PartialEq)]
pub struct Cancel {
    /// The row afterwards.
    pub row: InvoiceRow,
    /// The account afterwards.
    pub account: Account,
    /// The entry.
    pub entry: Entry,
}

/// Cancels an invoice: nothing is open any more, and what was paid on it becomes credit. `paid` keeps saying what
/// arrived (the seed's RE1000 shows „bezahlt 0,00 €").
///
/// # Errors
/// `AlreadyCancelled` when it was.
pub fn cancel(
    row: &InvoiceRow,
    account: &Account,
    on: Date,
    actor: Actor,
    now: Timestamp,
) -> Result<Change<Cancel>, PaymentRefused> {
    if row.cancelled_on.is_some() {
        return Err(PaymentRefused::AlreadyCancelled);
    }
    let posting =
        Posting::between(PostingKind::Cancellation, &account.number, row.asked()?.negated()?, TenantAccount::Revenue)?;
    let (mut after, entry) = account.post(posting, row.because(now, on, None))?;
    after.credit = account.credit.plus(row.paid)?;
    let row = InvoiceRow { cancelled_on: Some(on), open: Money::zero(row.gross.currency()), ..row.clone() };
    let event = Event::new(EventKind::InvoiceCancelled, actor, now, row.number.as_str()).with("on", on.to_string());
    Ok(Change::new(Cancel { row, account: after, entry }, event))
}

/// Sets the level of dunning. `None` when nothing differs.
#[must_use]
pub fn set_dunning_level(row: &InvoiceRow, level: u8, actor: Actor, now: Timestamp) -> Option<Change<InvoiceRow>> {
    if row.dunning_level == level {
        return None;
    }
    let event = Event::new(EventKind::InvoiceDunned, actor, now, row.number.as_str()).with("level", level.to_string());
    Some(Change::new(InvoiceRow { dunning_level: level, ..row.clone() }, event))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::{
        Currency,
        invoice::{Credit, credit},
        ledger::replay,
    };

    fn eur(minor: i64) -> Money {
        Money::of_minor(minor, Currency::Eur)
    }

    fn now() -> Timestamp {
        Timestamp::from_second(1_790_000_000).unwrap()
    }

    fn facts(gross: i64, settled: Option<i64>) -> InvoiceFacts {
        let settled_before =
            settled.map(|amount| super::super::SettledBefore { amount: eur(amount), date: date(2026, 11, 2) });
        InvoiceFacts { settled_before, ..crate::invoice::tests_support::facts(gross) }
    }

    fn account() -> Account {
        Account::receivables(&"K1".parse().unwrap(), Currency::Eur).unwrap()
    }

    fn issued(gross: i64, settled: Option<i64>) -> Issue {
        issue(&"RE1".parse().unwrap(), &facts(gross, settled), &account(), Actor::Integrator, now())
            .unwrap()
            .into_parts()
            .0
    }

    #[test]
    fn an_invoice_is_overdue_from_the_day_after_its_due_day() {
        let row = issued(100, None).row;
        assert_eq!(row.status(date(2026, 11, 15)), Status::Open { due_on: date(2026, 11, 15) });
        assert_eq!(row.status(date(2026, 11, 16)), Status::Overdue { days: 1, open: eur(100) });
    }

    #[test]
    fn what_was_settled_before_is_paid_and_balances() {
        let Issue { row, account, entries } = issued(11_900, Some(11_900));
        assert_eq!((row.open, row.paid, row.paid_on), (eur(0), eur(11_900), Some(date(2026, 11, 2))));
        assert_eq!(replay(&account, &entries, row.open), []);
    }

    #[test]
    fn surplus_becomes_credit_and_open_is_never_negative() {
        let Issue { row, account, mut entries } = issued(1_000, None);
        let payment = Payment { reference: "a".into(), amount: eur(1_500), date: date(2026, 11, 3) };
        let paid = pay(&row, &account, &payment, Actor::Integrator, now()).unwrap().into_parts().0;
        entries.push(paid.entry);
        assert_eq!((paid.row.open, paid.account.credit, paid.account.balance), (eur(0), eur(500), eur(-500)));
        assert_eq!(replay(&paid.account, &entries, paid.row.open), []);
    }

    #[test]
    fn a_second_reversal_is_refused() {
        let Issue { row, account, .. } = issued(1_000, None);
        let payment = Payment { reference: "a".into(), amount: eur(400), date: date(2026, 11, 3) };
        let paid = pay(&row, &account, &payment, Actor::Integrator, now()).unwrap().into_parts().0;
        let back = reverse(&paid.row, &paid.account, &paid.record, Actor::Integrator, now(), date(2026, 11, 4))
            .unwrap()
            .into_parts()
            .0;
        assert_eq!((back.row.open, back.row.paid), (eur(1_000), eur(0)));
        let again = reverse(&back.row, &back.account, &back.record, Actor::Integrator, now(), date(2026, 11, 4));
        assert_eq!(again, Err(PaymentRefused::AlreadyReversed));
    }

    #[derive(Debug, Clone)]
    enum Step {
        Pay(i64),
        Reverse(usize),
        Credit(i64),
        Cancel,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => (1_i64..30_000).prop_map(Step::Pay),
            2 => (0_usize..8).prop_map(Step::Reverse),
            2 => (1_i64..30_000).prop_map(Step::Credit),
            1 => Just(Step::Cancel),
        ]
    }

    proptest! {
        #[test]
        fn whatever_happens_the_ledger_replays(gross in 0_i64..50_000, share in 0_i64..100, steps in prop::collection::vec(step(), 0..24)) {
            let settled = (gross * share / 100 > 0).then_some(gross * share / 100);
            let Issue { mut row, mut account, mut entries } = issued(gross, settled);
            let mut records: Vec<PaymentRecord> = vec![];
            for step in steps {
                let before = row.clone();
                match step {
                    Step::Pay(amount) => {
                        let payment = Payment { reference: records.len().to_string(), amount: eur(amount), date: date(2026, 11, 5) };
                        let done = pay(&row, &account, &payment, Actor::Integrator, now()).unwrap().into_parts().0;
                        entries.push(done.entry);
                        records.push(done.record);
                        (row, account) = (done.row, done.account);
                    }
                    Step::Reverse(which) => if let Some(record) = records.get_mut(which) {
                        let Ok(done) = reverse(&row, &account, record, Actor::Integrator, now(), date(2026, 11, 6)) else { continue };
                        let done = done.into_parts().0;
                        entries.push(done.entry);
                        *record = done.record;
                        (row, account) = (done.row, done.account);
                    },
                    Step::Credit(amount) => {
                        let number = "GS1".parse().unwrap();
                        let note = Credit { number: &number, gross: eur(amount), settled_before: None, on: date(2026, 11, 6) };
                        let done = credit(Some(&row), &account, note, now()).unwrap();
                        entries.extend(done.entries);
                        (row, account) = (done.invoice.map_or(row, |(row, _)| row), done.account);
                    }
                    Step::Cancel => if let Ok(done) = cancel(&row, &account, date(2026, 11, 7), Actor::Integrator, now()) {
                        let done = done.into_parts().0;
                        entries.push(done.entry);
                        (row, account) = (done.row, done.account);
                    },
                }
                prop_assert!(!row.open.is_negative());
                let moved = (row.paid, row.credited) != (before.paid, before.credited);
                prop_assert!(row.paid_on == before.paid_on || moved, "{before:?} {row:?}");
                prop_assert!(!account.credit.is_negative());
                prop_assert_eq!(replay(&account, &entries, row.open), vec![]);
            }
        }
    }
}
