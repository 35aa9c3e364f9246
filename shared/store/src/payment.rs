//! Payments and the transactions that move money: intent, guard, accounts, entries, rows and event at once.
//!
//! access patterns: one · by a provider's, bank's or deposit's reference · of a customer, newest first · what is due ·
//! keys: T#t#P#id / INTENT; lists C#PAY / id; DUE until final and distributed, UNMATCHED while staff are asked; guards T#t#REF#kind#value / REF, for ever

use std::collections::HashMap;

use domain::{
    Event, Money,
    change::{Actor, Change, EventKind},
    id::{CustomerId, PaymentId},
    invoice::InvoiceRow,
    ledger::Account,
    number::AccountNumber,
    payment::{Booked, Named, Payment, ProviderName, Step},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    CommitError, Loaded, Page, StoreError, TenantScope, TenantStore,
    access::{Index, Range, batch_get, query_index},
    commit::Commit,
    item::{Item, kind, read},
    key::Key,
};

/// What kind of outside reference is remembered for ever. Two kinds never meet, whatever their values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReferenceKind {
    /// A provider's payment, capture or charge.
    ProviderPayment,
    /// A provider's refund, dispute or return.
    ProviderReversal,
    /// Deposit number of a transfer.
    Deposit,
    /// An entry of a bank statement, by its place in the statement.
    BankEntry,
    /// The same, by what it says.
    BankFingerprint,
}

impl ReferenceKind {
    const fn name(self) -> &'static str {
        match self {
            Self::ProviderPayment => "provider",
            Self::ProviderReversal => "reversal",
            Self::Deposit => "deposit",
            Self::BankEntry => "bank",
            Self::BankFingerprint => "bank_text",
        }
    }
}

/// An outside reference and its kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// What it names.
    pub kind: ReferenceKind,
    /// Its value; whatever characters it has.
    pub value: String,
}

impl Reference {
    /// A provider's id of a charge or of what it took back; providers number alike.
    #[must_use]
    pub fn of_provider(provider: ProviderName, kind: ReferenceKind, id: &str) -> Self {
        Self { kind, value: format!("{}:{id}", provider.code()) }
    }
}

/// Money that no rule can book.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StrayMoney {
    /// The payment it names.
    pub payment: PaymentId,
    /// What it is called outside.
    pub reference: Reference,
    /// How much.
    pub amount: Money,
    /// Why it cannot be booked.
    pub reason: String,
    /// When it came.
    pub at: Timestamp,
    /// Since when nothing is left to do about it: what was taken back came back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled_at: Option<Timestamp>,
}

/// What an outside reference led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Led {
    /// It was booked on a payment.
    Booked,
    /// No rule could book it: it lies or lay with staff.
    Stray(Box<Loaded<StrayMoney>>),
}

/// What is open on an account is being charged to something that the customer keeps here: nobody else does the same
/// meanwhile. It ends with its payment, or with its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// By which payment.
    pub payment: PaymentId,
    /// Until when at most.
    pub until: Timestamp,
}

/// Leads from an outside reference to the payment it belongs to.
#[derive(Debug, Serialize, Deserialize)]
struct PaymentGuard {
    payment: PaymentId,
    /// When it came, where no rule could book it: a part of where it lies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stray_at: Option<Timestamp>,
}

/// What a step of a payment is decided from.
#[derive(Debug, Clone)]
pub struct PaymentStanding {
    /// The payment as read.
    pub payment: Loaded<Payment>,
    /// The account the money goes to, as read.
    pub account: Loaded<Account>,
    /// The prepaid account it comes from, when it does.
    pub source: Option<Loaded<Account>>,
    /// Rows of the invoices at hand.
    pub rows: Vec<Loaded<InvoiceRow>>,
}

impl PaymentStanding {
    /// The rows without their revisions.
    #[must_use]
    pub fn rows(&self) -> Vec<InvoiceRow> {
        self.rows.iter().map(|row| row.value.clone()).collect()
    }
}

kind! { Payment = "payment"; Claim = "claim"; PaymentGuard = "payment_reference"; StrayMoney = "stray_money"; }

impl TenantStore {
    /// One payment, read consistently.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn payment(&self, id: &PaymentId) -> Result<Option<Loaded<Payment>>, StoreError> {
        self.get(self.scope.payment(id), true).await
    }

    /// The same, consistent only where that is asked for: a commit stands on the revision all the same.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn payment_read(&self, id: &PaymentId, consistent: bool) -> Result<Option<Loaded<Payment>>, StoreError> {
        self.get(self.scope.payment(id), consistent).await
    }

    /// Keeps money that no rule can book for staff, once, and tells the tenant.
    ///
    /// # Errors
    /// `Refused("reference")` when it lies there already.
    pub async fn note_stray(&self, stray: &StrayMoney) -> Result<(), CommitError> {
        let event = Event::new(EventKind::PaymentUnmatched, Actor::Provider, stray.at, stray.payment.as_str())
            .with_amount(stray.amount)
            .with("reason", stray.reason.as_str());
        let guard = PaymentGuard { payment: stray.payment.clone(), stray_at: Some(stray.at) };
        self.commit()
            .create("reference", Item::new(self.reference_key(&stray.reference), &guard, 1))
            .create("stray", self.stray_item(stray, 1))
            .events(None, &[event])
            .run()
            .await
    }

    /// What a reference led to; none when nobody heard of it yet.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn led_to(&self, reference: &Reference) -> Result<Option<Led>, StoreError> {
        let guard: Option<Loaded<PaymentGuard>> = self.get(self.reference_key(reference), true).await?;
        let Some(guard) = guard else { return Ok(None) };
        let Some(at) = guard.value.stray_at else { return Ok(Some(Led::Booked)) };
        let stray = self.get(self.scope.stray(at, reference.kind.name(), &reference.value), true).await?;
        Ok(stray.map(|stray| Led::Stray(Box::new(stray))))
    }

    /// Takes money off the list for staff, because of what `reference` names.
    ///
    /// # Errors
    /// `Refused("reference")` when that happened before, `Refused("stray")` when somebody else was faster.
    pub async fn settle_stray(
        &self,
        seen: &Loaded<StrayMoney>,
        reference: &Reference,
        now: Timestamp,
    ) -> Result<(), CommitError> {
        let stray = StrayMoney { settled_at: Some(now), ..seen.value.clone() };
        let event = Event::new(EventKind::PaymentMatched, Actor::Provider, now, stray.payment.as_str())
            .with_amount(stray.amount)
            .with("reason", stray.reason.as_str());
        self.guard(self.commit(), reference, &stray.payment)
            .replace("stray", self.stray_item(&stray, seen.rev + 1), seen.rev)
            .events(None, &[event])
            .run()
            .await
    }

    fn stray_item(&self, stray: &StrayMoney, rev: u64) -> Result<Item, StoreError> {
        let key = self.scope.stray(stray.at, stray.reference.kind.name(), &stray.reference.value);
        let item = Item::new(key, stray, rev)?;
        let sort = crate::key::instant(stray.at);
        Ok(if stray.settled_at.is_some() { item } else { item.todo(self.scope.unmatched(), sort) })
    }

    /// Payments of a customer, newest first.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn payments(
        &self,
        customer: &CustomerId,
        limit: u16,
        after: Option<String>,
    ) -> Result<Page<Payment>, StoreError> {
        let range = Range::prefix(self.scope.payments_of(customer), "", i32::from(limit)).newest_first().after(after);
        let page = query_index(&self.store, Index::Lists, range).await?;
        let items = self.get_rows::<Payment>(&page.items).await?.into_iter().map(|loaded| loaded.value).collect();
        Ok(Page { items, next: page.next })
    }

    /// Payments by their ids, for telling what entries of an account mean; absent ones are absent.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn payments_by_id(&self, ids: &[PaymentId]) -> Result<Vec<Payment>, StoreError> {
        let found = batch_get(&self.store, ids.iter().map(|id| self.scope.payment(id)).collect(), false).await?;
        found.into_values().map(|raw| read(raw).map(|loaded| loaded.value)).collect()
    }

    /// The payment an outside reference belongs to.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn payment_of(&self, reference: &Reference) -> Result<Option<PaymentId>, StoreError> {
        let guard: Option<Loaded<PaymentGuard>> = self.get(self.reference_key(reference), true).await?;
        Ok(guard.map(|guard| guard.value.payment))
    }

    /// Writes down a payment before anybody is asked.
    ///
    /// # Errors
    /// `Refused("payment")` when the id is taken, `Refused("reference")` when the deposit number is, `Refused("customer")`
    /// without its customer.
    pub async fn create_payment(&self, change: &Change<Payment>) -> Result<(), CommitError> {
        let payment = change.next();
        let mut commit = self.commit().of_living(&payment.customer).create("payment", self.payment_item(payment, 1));
        if let Some(deposit) = &payment.deposit {
            let reference = Reference { kind: ReferenceKind::Deposit, value: deposit.clone() };
            commit = self.guard(commit, &reference, &payment.id);
        }
        commit.events(Some(&payment.customer), change.events()).run().await
    }

    /// Who charges what is open on an account at the moment, ended or not.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn claim(
        &self,
        customer: &CustomerId,
        account: &AccountNumber,
    ) -> Result<Option<Loaded<Claim>>, StoreError> {
        self.get(self.scope.claim(customer, account), true).await
    }

    /// Writes down a payment that charges something the customer keeps here, and claims its account. `seen` is the claim
    /// that was there and has ended.
    ///
    /// # Errors
    /// `Refused("payment")` when the id is taken, `Refused("claim")` when somebody else was faster, `Refused("customer")`
    /// without its customer.
    pub async fn create_claiming_payment(
        &self,
        change: &Change<Payment>,
        until: Timestamp,
        seen: Option<&Loaded<Claim>>,
    ) -> Result<(), CommitError> {
        let payment = change.next();
        let claim = Claim { payment: payment.id.clone(), until };
        let key = self.scope.claim(&payment.customer, &payment.account);
        let rev = seen.map(|seen| seen.rev);
        let item = Item::new(key, &claim, rev.unwrap_or(0) + 1).map(|item| item.expiring(until));
        self.commit()
            .of_living(&payment.customer)
            .create("payment", self.payment_item(payment, 1))
            .save("claim", item, rev)
            .events(Some(&payment.customer), change.events())
            .run()
            .await
    }

    /// Stores a change of the payment alone: it was asked for, or ended without money.
    ///
    /// # Errors
    /// `Refused("payment")` when somebody else was faster.
    pub async fn save_payment(&self, seen: &Loaded<Payment>, change: &Change<Payment>) -> Result<(), CommitError> {
        let item = self.payment_item(change.next(), seen.rev + 1);
        let commit = self.commit().replace("payment", item, seen.rev);
        commit.events(Some(&seen.value.customer), change.events()).run().await
    }

    /// Notes when a payment is looked at again, or where it is found; nothing happened, so there is no event.
    ///
    /// # Errors
    /// `Refused("payment")` when somebody else was faster.
    pub async fn note_payment(&self, seen: &Loaded<Payment>, next: &Payment) -> Result<(), CommitError> {
        self.commit().replace("payment", self.payment_item(next, seen.rev + 1), seen.rev).run().await
    }

    /// Everything one step is decided from, in one batch. Eventually consistent reads will do: each commit stands on the
    /// revisions that were seen.
    ///
    /// # Errors
    /// The table's errors; `Corrupt` when an account or row is missing.
    pub async fn payment_standing(
        &self,
        payment: Loaded<Payment>,
        source: Option<&AccountNumber>,
        invoices: &[Named],
        consistent: bool,
    ) -> Result<PaymentStanding, StoreError> {
        let customer = &payment.value.customer;
        let account_key = self.scope.account(customer, &payment.value.account);
        let source_key = source.map(|number| self.scope.account(customer, number));
        let row_key = |named: &Named| self.scope.invoice_row(customer, named.issued_on, &named.number);
        let row_keys: Vec<Key> = invoices.iter().map(row_key).collect();
        let keys = std::iter::once(&account_key).chain(&source_key).chain(&row_keys).cloned().collect();
        let mut found = batch_get(&self.store, keys, consistent).await?;
        let missing = |kind| StoreError::Corrupt { kind, reason: "it is missing".into() };
        let account = take(&mut found, &account_key)?.ok_or_else(|| missing("account"))?;
        let source = match &source_key {
            Some(key) => Some(take(&mut found, key)?.ok_or_else(|| missing("account"))?),
            None => None,
        };
        let rows = row_keys.iter().map(|key| take(&mut found, key)?.ok_or_else(|| missing("invoice")));
        Ok(PaymentStanding { rows: rows.collect::<Result<_, _>>()?, payment, account, source })
    }

    /// Writes one step: the payment, its accounts with their entries, its invoices, the guards of what the outside said,
    /// and the events. A fresh payment (never stored) is created with it.
    ///
    /// # Errors
    /// `Refused("reference")` when a reference was booked already; `Refused` of another item when somebody else was faster.
    pub async fn book_step(
        &self,
        seen: &PaymentStanding,
        step: &Step,
        references: &[Reference],
    ) -> Result<(), CommitError> {
        let mut commit = self.step_commit(seen, step);
        for reference in references {
            commit = self.guard(commit, reference, &step.payment.id);
        }
        commit.run().await
    }

    /// The same without guards, for whoever writes more with it.
    pub(crate) fn step_commit(&self, seen: &PaymentStanding, step: &Step) -> Commit<'_> {
        let (payment, customer) = (&step.payment, &step.payment.customer);
        let seen_rev = (seen.payment.rev > 0).then_some(seen.payment.rev);
        let item = self.payment_item(payment, seen.payment.rev + 1);
        let mut commit = self.commit().save("payment", item, seen_rev);
        commit = self.put_booked(commit, customer, &seen.account, step.account.as_ref());
        if let Some(source) = &seen.source {
            commit = self.put_booked(commit, customer, source, step.source.as_ref());
        }
        for moved in &step.rows {
            let rev = seen.rows.iter().find(|row| row.value.number == moved.row.number).map_or(0, |row| row.rev);
            commit = commit.replace("row", self.row_item(customer, &moved.row, rev + 1), rev);
            if let Some(movement) = &moved.beside {
                let part = format!("MOVE#{:06}", rev + 1);
                commit = commit
                    .create("movement", Item::new(self.scope.document_part(&moved.row.number, &part), movement, 1));
            }
        }
        commit.events(Some(customer), &step.events)
    }

    fn put_booked<'a>(
        &self,
        commit: Commit<'a>,
        customer: &CustomerId,
        seen: &Loaded<Account>,
        booked: Option<&Booked>,
    ) -> Commit<'a> {
        let Some(Booked { account, entry }) = booked else { return commit };
        let commit = self.put_account(commit, customer, account, (seen.rev > 0).then_some(seen.rev));
        match entry {
            Some(entry) => self.put_entry(commit, &account.number, entry),
            None => commit,
        }
    }

    fn guard<'a>(&self, commit: Commit<'a>, reference: &Reference, payment: &PaymentId) -> Commit<'a> {
        let guard = PaymentGuard { payment: payment.clone(), stray_at: None };
        commit.create("reference", Item::new(self.reference_key(reference), &guard, 1))
    }

    pub(crate) fn reference_key(&self, reference: &Reference) -> Key {
        self.scope.reference(reference.kind.name(), &reference.value)
    }

    fn payment_item(&self, payment: &Payment, rev: u64) -> Result<Item, StoreError> {
        let item = Item::new(self.scope.payment(&payment.id), payment, rev)?;
        let item = item.listed(self.scope.payments_of(&payment.customer), payment.id.to_string());
        if let Some(since) = payment.undecided_since {
            let place = format!("{}#{}", crate::key::instant(since), payment.id);
            return Ok(item.todo(self.scope.unmatched(), place));
        }
        let Some(due_at) = payment.due_at else { return Ok(item) };
        let due = TenantScope::due_at(due_at, &item.key);
        Ok(item.todo(self.scope.due(), due))
    }
}

fn take<T: crate::item::Kind>(
    found: &mut HashMap<Key, crate::item::Raw>,
    key: &Key,
) -> Result<Option<Loaded<T>>, StoreError> {
    found.remove(key).map(read).transpose()
}
