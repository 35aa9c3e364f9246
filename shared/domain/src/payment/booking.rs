//! Money that arrives, is distributed, is taken back and reopens: the only ways in which a payment moves an account.
//!
//! A receipt is one entry on the account. Which invoices it settles is matching, not posting: up to [`STEP_INVOICES`] in
//! the same transaction, the rest in steps. Until it is all distributed it is held, so that nobody else can spend it.
//!
//! Architecture Invariant: received − reversed = standing + pending + credit − to_reopen, after every step.

use jiff::{Timestamp, civil::Date};

use super::{Named, Payment, ProviderName, Purpose, Refused, STEP_INVOICES, Standing, State, UNFINISHED};
use crate::{
    Money,
    change::{Actor, Change, Event, EventKind},
    invoice::{InvoiceRow, Moved, Movement},
    ledger::{Account, Because, Entry, Posting, PostingKind, TenantAccount},
    money::MoneyError,
};

/// Money that a provider or bank says has arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The provider's or bank's own id; remembered for ever.
    pub reference: String,
    /// What arrived, which may differ from what was asked.
    pub amount: Money,
    /// The day it counts for.
    pub on: Date,
    /// Who says so.
    pub actor: Actor,
    /// The provider, when it is one that says so.
    pub provider: Option<ProviderName>,
}

/// Money that is taken back: a refund, a return, a dispute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reversal {
    /// The provider's or bank's own id of it; remembered for ever.
    pub reference: String,
    /// How much.
    pub amount: Money,
    /// The day it counts for.
    pub on: Date,
    /// Who says so.
    pub actor: Actor,
    /// The provider, when it is one that says so.
    pub provider: Option<ProviderName>,
}

/// An account after a step, with its entry if one was posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booked {
    /// The account afterwards.
    pub account: Account,
    /// Its new entry; matching alone has none.
    pub entry: Option<Entry>,
}

/// Everything one transaction writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The payment afterwards.
    pub payment: Payment,
    /// The account it goes to, afterwards; none when nothing on it changed.
    pub account: Option<Booked>,
    /// The prepaid account it was paid from, afterwards.
    pub source: Option<Booked>,
    /// Invoices that changed.
    pub rows: Vec<Moved>,
    /// What happened. A step in the middle is told by the payment itself; its last one says everything.
    pub events: Vec<Event>,
}

/// A payment and its account on their way through one step.
struct Walk<'a> {
    payment: Payment,
    account: Account,
    rows: &'a [InvoiceRow],
    moved: Vec<Moved>,
    on: Date,
}

/// Books money that arrived: one entry, and its share of the first named invoices. Money is booked as it came, also
/// more or less than asked, also late, also a second time.
///
/// # Errors
/// See [`Refused`]; money in another currency is for staff.
pub fn receive(
    payment: &Payment,
    account: &Account,
    rows: &[InvoiceRow],
    receipt: &Receipt,
    now: Timestamp,
) -> Result<Step, Refused> {
    check_provider(payment, receipt.provider)?;
    check(receipt.amount, account)?;
    let booked = credited(payment, account, receipt, TenantAccount::Clearing, now)?;
    distribute_first(payment, booked, rows, receipt, now)
}

/// Pays invoices from a prepaid account: both accounts move in one transaction. `settles` is how much of it the first
/// invoices must still take: what somebody else has paid meanwhile is not paid once more out of the balance.
///
/// # Errors
/// [`Refused::BalanceTooLow`] when less is there, [`Refused::OpenChanged`] when less is open.
pub fn spend(
    payment: &Payment,
    source: &Account,
    account: &Account,
    rows: &[InvoiceRow],
    settles: Money,
    (on, now): (Date, Timestamp),
) -> Result<Step, Refused> {
    let amount = payment.asked;
    let open = Money::sum(settles.currency(), rows.iter().map(|row| row.open))?;
    if open.minor() < settles.minor() {
        return Err(Refused::OpenChanged);
    }
    check(amount, account)?;
    check(amount, source)?;
    if source.available()?.minor() < amount.minor() {
        return Err(Refused::BalanceTooLow);
    }
    let because = because(payment, payment.id.as_str(), on, now);
    let posting = Posting::between(PostingKind::Spending, &source.number, amount, TenantAccount::Transit)?;
    let (spent, entry) = source.post(posting, because)?;
    let receipt = Receipt { reference: payment.id.to_string(), amount, on, actor: Actor::Customer, provider: None };
    let booked = credited(payment, account, &receipt, TenantAccount::Transit, now)?;
    let mut step = distribute_first(payment, booked, rows, &receipt, now)?;
    step.source = Some(Booked { account: spent, entry: Some(entry) });
    Ok(step)
}

/// Takes money back: one entry; what is still undistributed or credit goes first, then settled invoices are reopened,
/// the last one first. A cancelled invoice is never reopened: its share had become credit.
///
/// # Errors
/// See [`Refused`].
pub fn reverse(
    payment: &Payment,
    account: &Account,
    rows: &[InvoiceRow],
    reversal: &Reversal,
    now: Timestamp,
) -> Result<Step, Refused> {
    check_provider(payment, reversal.provider)?;
    check(reversal.amount, account)?;
    if payment.kept()?.minor() < reversal.amount.minor() {
        return Err(Refused::MoreThanArrived);
    }
    let because = because(payment, &reversal.reference, reversal.on, now);
    let posting =
        Posting::between(PostingKind::PaymentReversal, &account.number, reversal.amount, TenantAccount::Clearing)?;
    let (after, entry) = account.post(posting, because)?;
    let mut walk = Walk { payment: payment.clone(), account: after, rows, moved: Vec::new(), on: reversal.on };
    walk.payment.reversed = payment.reversed.plus(reversal.amount)?;
    if matches!(payment.purpose, Purpose::Invoices { .. }) {
        walk.take_back(reversal.amount)?;
        walk.reopen()?;
    }
    let event = payment.event(EventKind::PaymentReversed, reversal.actor, now).with_amount(reversal.amount);
    walk.finish(Some(entry), vec![event], now)
}

/// Goes on with what one transaction could not hold: reopens first, then distributes. `None` when nothing is left to do.
///
/// # Errors
/// See [`Refused`].
pub fn step(
    payment: &Payment,
    account: &Account,
    rows: &[InvoiceRow],
    on: Date,
    now: Timestamp,
) -> Result<Option<Step>, Refused> {
    if !payment.is_unfinished() {
        return Ok(None);
    }
    let mut walk = Walk { payment: payment.clone(), account: account.clone(), rows, moved: Vec::new(), on };
    let events = if payment.to_reopen.is_zero() {
        walk.distribute()?;
        walk.success(Actor::System, now)
    } else {
        walk.reopen()?;
        Vec::new()
    };
    walk.finish(None, events, now).map(Some)
}

/// A provider speaks for its own payments only: metadata could name any.
fn check_provider(payment: &Payment, provider: Option<ProviderName>) -> Result<(), Refused> {
    if provider.is_some() && provider != payment.provider { Err(Refused::OtherProvider) } else { Ok(()) }
}

fn check(amount: Money, account: &Account) -> Result<(), Refused> {
    if amount.currency() != account.balance.currency() {
        return Err(Refused::OtherCurrency);
    }
    if amount.is_positive() { Ok(()) } else { Err(Refused::NotPositive) }
}

fn because(payment: &Payment, reference: &str, value_date: Date, at: Timestamp) -> Because {
    Because { at, value_date, subject: payment.id.to_string(), reference: Some(reference.to_owned()) }
}

/// The account with the money on it, not yet matched.
fn credited(
    payment: &Payment,
    account: &Account,
    receipt: &Receipt,
    from: TenantAccount,
    now: Timestamp,
) -> Result<(Account, Entry), MoneyError> {
    let kind = match payment.purpose {
        Purpose::Invoices { .. } => PostingKind::Payment,
        Purpose::TopUp { .. } => PostingKind::TopUp,
    };
    let posting = Posting::between(kind, &account.number, receipt.amount.negated()?, from)?;
    account.post(posting, because(payment, &receipt.reference, receipt.on, now))
}

fn distribute_first(
    payment: &Payment,
    (account, entry): (Account, Entry),
    rows: &[InvoiceRow],
    receipt: &Receipt,
    now: Timestamp,
) -> Result<Step, Refused> {
    let mut walk = Walk { payment: payment.clone(), account, rows, moved: Vec::new(), on: receipt.on };
    walk.payment.received = payment.received.plus(receipt.amount)?;
    walk.payment.state = State::Paid { at: now };
    if matches!(payment.purpose, Purpose::Invoices { .. }) {
        walk.account.credit = walk.account.credit.plus(receipt.amount)?;
        walk.account.held = walk.account.held.plus(receipt.amount)?;
        walk.payment.pending = payment.pending.plus(receipt.amount)?;
        // A second receipt begins anew: what the first one settled gets nothing more.
        walk.payment.cursor = 0;
        walk.distribute()?;
    }
    let events = walk.success(receipt.actor, now);
    walk.finish(Some(entry), events, now)
}

impl Walk<'_> {
    fn row(&self, invoice: &Named) -> Option<InvoiceRow> {
        let moved = self.moved.iter().rev().map(|moved| &moved.row);
        moved.chain(self.rows).find(|row| row.number == invoice.number).cloned()
    }

    /// Gives the next named invoices their shares; after the last one, the rest becomes credit.
    fn distribute(&mut self) -> Result<(), MoneyError> {
        let named = self.payment.named().to_vec();
        let until = named.len().min(self.payment.cursor + STEP_INVOICES);
        for invoice in &named[self.payment.cursor.min(until)..until] {
            let Some(row) = self.row(invoice) else { continue };
            let pending = self.payment.pending;
            let share = if pending.minor() < row.open.minor() { pending } else { row.open };
            if row.cancelled_on.is_some() || !share.is_positive() {
                continue;
            }
            self.settle(invoice, &row, share)?;
        }
        self.payment.cursor = until;
        if until == named.len() {
            let rest = self.payment.pending;
            self.payment.credit = self.payment.credit.plus(rest)?;
            self.release(rest)?;
        }
        Ok(())
    }

    fn settle(&mut self, invoice: &Named, row: &InvoiceRow, share: Money) -> Result<(), MoneyError> {
        self.move_row(row, share)?;
        self.account.credit = self.account.credit.minus(share)?;
        self.release(share)?;
        match self.payment.standing.iter_mut().find(|standing| standing.invoice == *invoice) {
            Some(standing) => standing.amount = standing.amount.plus(share)?,
            None => self.payment.standing.push(Standing { invoice: invoice.clone(), amount: share }),
        }
        Ok(())
    }

    /// What was held is so no longer: it was distributed, became credit or went back.
    fn release(&mut self, amount: Money) -> Result<(), MoneyError> {
        self.payment.pending = self.payment.pending.minus(amount)?;
        self.account.held = self.account.held.minus(amount)?;
        Ok(())
    }

    /// Takes an amount from what stands on no invoice; the rest is to be reopened.
    fn take_back(&mut self, amount: Money) -> Result<(), MoneyError> {
        self.account.credit = self.account.credit.minus(amount)?;
        let least = |left: Money, right: Money| if left.minor() < right.minor() { left } else { right };
        let undistributed = least(amount, self.payment.pending);
        self.release(undistributed)?;
        let rest = amount.minus(undistributed)?;
        let credit = least(rest, self.payment.credit);
        self.payment.credit = self.payment.credit.minus(credit)?;
        self.payment.to_reopen = self.payment.to_reopen.plus(rest.minus(credit)?)?;
        Ok(())
    }

    /// Reopens the invoices that were settled last, as far as their rows are at hand.
    fn reopen(&mut self) -> Result<(), MoneyError> {
        while self.payment.to_reopen.is_positive() {
            let Some(last) = self.payment.standing.last().cloned() else { break };
            let Some(row) = self.row(&last.invoice) else { break };
            let to_reopen = self.payment.to_reopen;
            let share = if to_reopen.minor() < last.amount.minor() { to_reopen } else { last.amount };
            if row.cancelled_on.is_none() {
                self.move_row(&row, share.negated()?)?;
                self.account.credit = self.account.credit.plus(share)?;
            }
            self.payment.to_reopen = to_reopen.minus(share)?;
            let left = last.amount.minus(share)?;
            self.payment.standing.pop();
            if left.is_positive() {
                self.payment.standing.push(Standing { amount: left, ..last });
            }
        }
        Ok(())
    }

    fn move_row(&mut self, row: &InvoiceRow, amount: Money) -> Result<(), MoneyError> {
        let movement = Movement { payment: self.payment.id.clone(), method: self.payment.method, amount, on: self.on };
        self.moved.push(row.moved(movement)?);
        Ok(())
    }

    /// Once everything is distributed, one event says all of it.
    fn success(&self, actor: Actor, now: Timestamp) -> Vec<Event> {
        if !self.payment.pending.is_zero() {
            return Vec::new();
        }
        let invoices: Vec<String> = self
            .payment
            .standing
            .iter()
            .map(|standing| format!("{} {}", standing.invoice.number, standing.amount))
            .collect();
        let mut event = self.payment.event(EventKind::PaymentSucceeded, actor, now);
        event = event.with_amount(self.payment.received);
        if !invoices.is_empty() {
            event = event.with("invoices", invoices.join("; "));
        }
        if self.payment.credit.is_positive() {
            event = event.with("credit", self.payment.credit.to_string());
        }
        vec![event]
    }

    fn finish(mut self, entry: Option<Entry>, events: Vec<Event>, now: Timestamp) -> Result<Step, Refused> {
        self.payment.due_at = self.payment.is_unfinished().then_some(now + UNFINISHED);
        self.payment.undecided_since = None;
        let account = Some(Booked { account: self.account, entry });
        Ok(Step { payment: self.payment, account, source: None, rows: self.moved, events })
    }
}

/// A transition of the payment alone, as one transaction.
impl From<Change<Payment>> for Step {
    fn from(change: Change<Payment>) -> Self {
        let (payment, events) = change.into_parts();
        Self { payment, account: None, source: None, rows: Vec::new(), events }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::{
        Currency, Language,
        id::{CustomerId, PaymentId},
        invoice,
        ledger::{AccountKind, replay},
        payment::{Method, NewPayment},
    };

    const DAY: Date = date(2026, 11, 24);

    fn eur(minor: i64) -> Money {
        Money::of_minor(minor, Currency::Eur)
    }

    fn now() -> Timestamp {
        Timestamp::from_second(1_790_000_000).unwrap()
    }

    /// One customer's books: what the store would hold.
    #[derive(Clone)]
    struct Books {
        account: Account,
        entries: Vec<Entry>,
        rows: BTreeMap<String, InvoiceRow>,
        payment: Payment,
        events: Vec<Event>,
    }

    impl Books {
        fn with_open(opens: &[i64]) -> Self {
            let mut account = Account::receivables(&"K1".parse().unwrap(), Currency::Eur).unwrap();
            let (mut entries, mut rows) = (vec![], BTreeMap::new());
            for (index, open) in opens.iter().enumerate() {
                let number = format!("RE{index:03}");
                let facts = invoice::tests_support::facts(*open);
                let issued = invoice::issue(&number.parse().unwrap(), &facts, &account, Actor::Integrator, now());
                let issued = issued.unwrap().into_parts().0;
                account = issued.account;
                entries.extend(issued.entries);
                rows.insert(number, issued.row);
            }
            let named = rows.values().map(Named::from).collect();
            let new = NewPayment {
                id: PaymentId::new(now(), [1; 10]),
                customer: CustomerId::new(now(), [2; 10]),
                purpose: Purpose::Invoices { named },
                method: Method::Sandbox,
                provider: Some(ProviderName::Sandbox),
                saved: None,
                account: account.number.clone(),
                amount: eur(opens.iter().sum::<i64>().max(1)),
                deposit: None,
                language: Language::De,
            };
            let payment = Payment::start(new, Actor::Customer, now()).unwrap().into_parts().0;
            Self { account, entries, rows, payment, events: vec![] }
        }

        fn at_hand(&self, named: &[Named]) -> Vec<InvoiceRow> {
            named.iter().filter_map(|named| self.rows.get(named.number.as_str()).cloned()).collect()
        }

        fn keep(&mut self, step: Step) {
            self.payment = step.payment;
            if let Some(booked) = step.account {
                self.account = booked.account;
                self.entries.extend(booked.entry);
            }
            for moved in step.rows {
                self.rows.insert(moved.row.number.to_string(), moved.row);
            }
            self.events.extend(step.events);
        }

        fn receive(&mut self, minor: i64) {
            let receipt =
                Receipt { reference: "r".into(), amount: eur(minor), on: DAY, actor: Actor::Provider, provider: None };
            let rows = self.at_hand(self.payment.rows_to_receive());
            let step = receive(&self.payment, &self.account, &rows, &receipt, now()).unwrap();
            self.keep(step);
        }

        fn reverse(&mut self, minor: i64) -> Result<(), Refused> {
            let reversal =
                Reversal { reference: "b".into(), amount: eur(minor), on: DAY, actor: Actor::Provider, provider: None };
            let rows = self.at_hand(&self.payment.rows_to_reverse());
            let step = reverse(&self.payment, &self.account, &rows, &reversal, now())?;
            self.keep(step);
            Ok(())
        }

        fn step(&mut self) -> bool {
            let rows = self.at_hand(&self.payment.rows_to_step());
            match step(&self.payment, &self.account, &rows, DAY, now()).unwrap() {
                Some(step) => {
                    self.keep(step);
                    true
                }
                None => false,
            }
        }

        fn cancel(&mut self, index: usize) {
            let number = format!("RE{index:03}");
            let Some(row) = self.rows.get(&number) else { return };
            let Ok(done) = invoice::cancel(row, &self.account, DAY, Actor::Integrator, now()) else { return };
            let done = done.into_parts().0;
            self.account = done.account;
            self.entries.push(done.entry);
            self.rows.insert(number, done.row);
        }

        fn open(&self) -> Money {
            Money::sum(Currency::Eur, self.rows.values().map(|row| row.open)).unwrap()
        }

        /// Everything that must hold between any two transactions.
        fn check(&self) {
            assert_eq!(replay(&self.account, &self.entries, self.open()), []);
            let payment = &self.payment;
            let standing: i64 = payment.standing.iter().map(|standing| standing.amount.minor()).sum();
            let distributed = standing + payment.pending.minor() + payment.credit.minor() - payment.to_reopen.minor();
            assert_eq!(payment.kept().unwrap().minor(), distributed);
            assert!(self.rows.values().all(|row| !row.open.is_negative()));
            assert_eq!(self.account.held, payment.pending, "what is held is what is still to be distributed");
        }
    }

    #[test]
    fn one_amount_settles_several_invoices_and_the_last_one_in_part() {
        let mut books = Books::with_open(&[1_000, 2_000, 3_000]);
        books.receive(4_500);
        books.check();
        let open: Vec<i64> = books.rows.values().map(|row| row.open.minor()).collect();
        assert_eq!(open, [0, 0, 1_500]);
        assert_eq!(books.events.len(), 1);
        assert_eq!(books.payment.due_at, None);
    }

    #[test]
    fn surplus_and_a_second_receipt_become_credit() {
        let mut books = Books::with_open(&[1_000]);
        books.receive(1_200);
        books.receive(1_000);
        books.check();
        assert_eq!((books.open(), books.payment.credit, books.account.credit), (eur(0), eur(1_200), eur(1_200)));
    }

    #[test]
    fn what_a_cancelled_invoice_would_have_got_goes_to_the_others() {
        let mut books = Books::with_open(&[1_000, 2_000]);
        books.cancel(0);
        books.receive(2_500);
        books.check();
        assert_eq!((books.open(), books.payment.credit), (eur(0), eur(500)));
    }

    #[test]
    fn sixty_invoices_are_settled_in_two_steps_and_what_waits_is_held() {
        let mut books = Books::with_open(&[100; 60]);
        books.receive(6_000);
        books.check();
        assert_eq!((books.open(), books.account.held), (eur(2_000), eur(2_000)));
        assert_eq!(books.account.available(), Ok(eur(0)), "nobody else can spend it");
        assert!(books.events.is_empty() && books.payment.due_at.is_some());
        assert!(books.step());
        books.check();
        assert_eq!((books.open(), books.account.held, books.payment.due_at), (eur(0), eur(0), None));
        assert_eq!(books.events.len(), 1);
        assert!(!books.step());
    }

    #[test]
    fn a_reversal_reopens_the_last_invoice_first_after_the_credit() {
        let mut books = Books::with_open(&[1_000, 2_000]);
        books.receive(3_300);
        books.reverse(800).unwrap();
        books.check();
        let open: Vec<i64> = books.rows.values().map(|row| row.open.minor()).collect();
        assert_eq!((open, books.payment.credit), (vec![0, 500], eur(0)));
        assert_eq!(books.reverse(2_501), Err(Refused::MoreThanArrived));
        books.reverse(2_500).unwrap();
        books.check();
        assert_eq!(books.open(), eur(3_000));
    }

    #[test]
    fn a_cancelled_invoice_is_not_reopened() {
        let mut books = Books::with_open(&[1_000]);
        books.receive(1_000);
        books.cancel(0);
        books.reverse(1_000).unwrap();
        books.check();
        assert_eq!((books.open(), books.account.credit), (eur(0), eur(0)));
    }

    #[test]
    fn a_payment_that_ended_may_still_succeed_and_then_never_ends() {
        let mut books = Books::with_open(&[1_000]);
        let failed = books.payment.ended(super::super::Ending::Failed, now()).unwrap();
        books.payment = failed.into_parts().0;
        books.receive(1_000);
        books.check();
        assert!(matches!(books.payment.state, State::Paid { .. }));
        assert_eq!(books.payment.ended(super::super::Ending::Expired, now()), None);
    }

    #[test]
    fn what_nobody_can_find_out_waits_for_staff_and_for_nothing_else() {
        let mut books = Books::with_open(&[10_000]);
        let asked = books.payment.left_to_staff(now()).unwrap();
        assert_eq!(asked.events()[0].kind, EventKind::PaymentUnmatched);
        let asked = asked.into_parts().0;
        assert_eq!((asked.undecided_since, asked.due_at, asked.is_waiting()), (Some(now()), None, true));
        assert_eq!(asked.left_to_staff(now()), None);
        assert_eq!(books.payment.not_charged(now()), None, "nobody asked");
        let over = asked.not_charged(now()).unwrap().into_parts().0;
        assert_eq!((&over.state, over.undecided_since), (&State::Failed { at: now() }, None));
        assert_eq!((over.not_charged(now()), over.left_to_staff(now())), (None, None));
        let found = asked.found_at_provider("s".to_owned(), now());
        assert!(found.undecided_since.is_none() && found.due_at.is_some() && found.was_asked());
        books.payment = asked;
        books.receive(10_000);
        assert_eq!((books.payment.undecided_since, books.payment.due_at), (None, None), "a message was faster");
    }

    #[test]
    fn more_than_the_balance_is_not_spent() {
        let mut books = Books::with_open(&[1_000]);
        let mut prepaid = Account::open("00001008".parse().unwrap(), AccountKind::Prepaid, Currency::Eur);
        prepaid.balance = eur(-999);
        let (rows, nothing) = (books.at_hand(books.payment.named()), eur(0));
        let refused = spend(&books.payment, &prepaid, &books.account, &rows, nothing, (DAY, now()));
        assert_eq!(refused, Err(Refused::BalanceTooLow));
        prepaid.balance = eur(-1_000);
        // Somebody else has paid a cent of it.
        let refused = spend(&books.payment, &prepaid, &books.account, &rows, eur(1_001), (DAY, now()));
        assert_eq!(refused, Err(Refused::OpenChanged));
        let step = spend(&books.payment, &prepaid, &books.account, &rows, nothing, (DAY, now())).unwrap();
        let source = step.source.clone().unwrap();
        assert_eq!(source.account.available(), Ok(eur(0)));
        books.keep(step);
        books.check();
        assert_eq!(books.open(), eur(0));
    }

    #[test]
    fn money_of_another_currency_is_not_booked() {
        let books = Books::with_open(&[1_000]);
        let francs = Money::of_minor(1_000, Currency::Chf);
        let receipt =
            Receipt { reference: "r".into(), amount: francs, on: DAY, actor: Actor::Provider, provider: None };
        let refused = receive(&books.payment, &books.account, &[], &receipt, now());
        assert_eq!(refused, Err(Refused::OtherCurrency));
    }

    #[derive(Debug, Clone)]
    enum Happens {
        Receive(i64),
        Reverse(i64),
        Step,
        Cancel(usize),
    }

    fn happens() -> impl Strategy<Value = Happens> {
        prop_oneof![
            3 => (1_i64..12_000).prop_map(Happens::Receive),
            3 => (1_i64..9_000).prop_map(Happens::Reverse),
            4 => Just(Happens::Step),
            1 => (0_usize..90).prop_map(Happens::Cancel),
        ]
    }

    proptest! {
        #[test]
        fn whatever_happens_the_books_agree(
            opens in prop::collection::vec(1_i64..300, 1..90),
            happenings in prop::collection::vec(happens(), 0..30),
        ) {
            let mut books = Books::with_open(&opens);
            for happening in happenings {
                match happening {
                    Happens::Receive(minor) => books.receive(minor),
                    Happens::Reverse(minor) => drop(books.reverse(minor)),
                    Happens::Step => drop(books.step()),
                    Happens::Cancel(index) => books.cancel(index),
                }
                books.check();
            }
            let mut steps = 0;
            while books.step() {
                books.check();
                steps += 1;
                prop_assert!(steps < 12, "it comes to an end");
            }
            prop_assert!(!books.payment.is_unfinished());
            prop_assert!(!books.account.credit.is_negative());
        }
    }
}
