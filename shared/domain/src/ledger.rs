//! Double entry: every posting balances by construction, entries are only ever added, and replaying them gives every
//! balance.
//!
//! Signs: a debit is positive. A positive receivables balance is money the customer owes; a negative one is credit. A
//! prepaid account holds the customer's money, so its balance is negative; [`Account::available`] says it as people do.
//! Only customers' accounts have a balance of their own; the tenant's side (clearing, revenue, opening) is the
//! counter-leg inside the customers' entries.

mod statement;

pub use statement::{Statement, statement};

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    Currency, Money,
    change::{Actor, Event, EventKind},
    money::MoneyError,
    number::{AccountNumber, CustomerNumber},
};

/// What an account is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// What the customer owes; one per customer and currency.
    Receivables,
    /// What the customer paid in advance („Prepaid-Konto").
    Prepaid,
}

/// One side of the tenant, without a balance item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TenantAccount {
    /// Money that came in or went out.
    Clearing,
    /// What was invoiced.
    Revenue,
    /// What was settled before the portal knew the invoice.
    Opening,
    /// Money on its way between two accounts of one customer; always zero between transactions.
    Transit,
}

/// Whose account a leg touches.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountRef {
    /// A customer's account by its number.
    Customer(AccountNumber),
    /// One of the tenant's own.
    Tenant(TenantAccount),
}

/// Why something was posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PostingKind {
    /// An invoice was issued.
    Invoice,
    /// It had been settled, wholly or in part, before it was loaded.
    Opening,
    /// Money arrived.
    Payment,
    /// A payment was taken back.
    PaymentReversal,
    /// An invoice was cancelled.
    Cancellation,
    /// A credit note was issued.
    CreditNote,
    /// It had been paid out or set off, wholly or in part, before it was loaded.
    CreditNoteSettled,
    /// A prepaid account was topped up.
    TopUp,
    /// Prepaid money paid invoices.
    Spending,
}

/// One amount on one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leg {
    /// Which account.
    pub account: AccountRef,
    /// Debit positive, credit negative.
    pub amount: Money,
}

/// A balanced set of legs. It has no public constructor that could leave it unbalanced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    kind: PostingKind,
    legs: [Leg; 2],
}

impl Posting {
    /// Debits the customer's account and credits the tenant's side by the same amount (a negative amount does the
    /// reverse).
    ///
    /// # Errors
    /// Overflow of the negated amount.
    pub fn between(
        kind: PostingKind,
        customer: &AccountNumber,
        amount: Money,
        tenant: TenantAccount,
    ) -> Result<Self, MoneyError> {
        let legs = [
            Leg { account: AccountRef::Customer(customer.clone()), amount },
            Leg { account: AccountRef::Tenant(tenant), amount: amount.negated()? },
        ];
        Ok(Self { kind, legs })
    }

    /// Why it was posted.
    #[must_use]
    pub const fn kind(&self) -> PostingKind {
        self.kind
    }

    /// Its legs, which sum to zero.
    #[must_use]
    pub const fn legs(&self) -> &[Leg; 2] {
        &self.legs
    }
}

/// A customer's account with its balance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StoredAccount")]
pub struct Account {
    /// For example `K5003-EUR`.
    pub number: AccountNumber,
    /// What it is for.
    pub kind: AccountKind,
    /// What people call it; empty: its number says enough.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Sum of all legs on it.
    pub balance: Money,
    /// Money that arrived and is not matched with an invoice. It is negative only while a reversal still reopens.
    pub credit: Money,
    /// The part of `credit` that a payment is still distributing over its invoices; nobody else may spend it.
    pub held: Money,
    /// Number of its last entry, 0 before the first. A commit holds only if it is still this.
    pub seq: u64,
}

/// Accounts of the first shape had nothing held.
#[derive(Deserialize)]
struct StoredAccount {
    number: AccountNumber,
    kind: AccountKind,
    #[serde(default)]
    name: String,
    balance: Money,
    credit: Money,
    held: Option<Money>,
    seq: u64,
}

impl From<StoredAccount> for Account {
    fn from(stored: StoredAccount) -> Self {
        let StoredAccount { number, kind, name, balance, credit, held, seq } = stored;
        let held = held.unwrap_or(Money::zero(balance.currency()));
        Self { number, kind, name, balance, credit, held, seq }
    }
}

/// One line of an account, never changed after it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Position on the account, from 1 without gaps.
    pub seq: u64,
    /// When it was posted.
    pub at: Timestamp,
    /// The day it counts for, in the tenant's zone.
    pub value_date: Date,
    /// What it belongs to: the invoice's number, and for payments the external reference.
    pub subject: String,
    /// External reference of a payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// All legs.
    pub posting: Posting,
    /// Balance of the account after this entry.
    pub balance_after: Money,
}

/// What an entry says beside its amounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Because {
    /// When it is posted.
    pub at: Timestamp,
    /// The day it counts for.
    pub value_date: Date,
    /// The invoice it belongs to.
    pub subject: String,
    /// External reference of a payment.
    pub reference: Option<String>,
}

impl Account {
    /// A fresh receivables account of a customer.
    ///
    /// # Errors
    /// When the customer's number is so long that the account's would exceed the limit.
    pub fn receivables(customer: &CustomerNumber, currency: Currency) -> Result<Self, crate::number::NotANumber> {
        Self::receivables_number(customer, currency)
            .map(|number| Self::open(number, AccountKind::Receivables, currency))
    }

    /// A fresh account.
    #[must_use]
    pub const fn open(number: AccountNumber, kind: AccountKind, currency: Currency) -> Self {
        let nothing = Money::zero(currency);
        Self { number, kind, name: String::new(), balance: nothing, credit: nothing, held: nothing, seq: 0 }
    }

    /// What the customer may spend: paid in advance, or credit that no payment is distributing.
    ///
    /// # Errors
    /// Overflow.
    pub fn available(&self) -> Result<Money, MoneyError> {
        match self.kind {
            AccountKind::Prepaid => self.balance.negated(),
            AccountKind::Receivables => self.credit.minus(self.held),
        }
    }

    /// The number of a customer's receivables account in a currency.
    ///
    /// # Errors
    /// When the customer's number is so long that the account's would exceed the limit.
    pub fn receivables_number(
        customer: &CustomerNumber,
        currency: Currency,
    ) -> Result<AccountNumber, crate::number::NotANumber> {
        format!("{customer}-{}", currency.code()).parse()
    }

    /// Adds a posting: the account afterwards, and the entry that says so.
    ///
    /// # Errors
    /// Overflow, or another currency.
    pub fn post(&self, posting: Posting, because: Because) -> Result<(Self, Entry), MoneyError> {
        let own = posting
            .legs
            .iter()
            .filter(|leg| leg.account == AccountRef::Customer(self.number.clone()))
            .map(|leg| leg.amount);
        let moved = Money::sum(self.balance.currency(), own)?;
        let after = Self { balance: self.balance.plus(moved)?, seq: self.seq + 1, ..self.clone() };
        let Because { at, value_date, subject, reference } = because;
        let entry = Entry { seq: after.seq, at, value_date, subject, reference, posting, balance_after: after.balance };
        Ok((after, entry))
    }
}

/// What a replay found wrong.
#[derive(Debug, Clone, PartialEq, Eq, Error, Serialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum Fault {
    /// The legs of an entry do not sum to zero.
    #[error("entry {seq} does not balance")]
    Unbalanced {
        /// Which entry.
        seq: u64,
    },
    /// An entry is absent, or there twice.
    #[error("entry {expected} is missing, found {found}")]
    Gap {
        /// The number that should have come.
        expected: u64,
        /// The number that came.
        found: u64,
    },
    /// An entry's balance is not the sum so far.
    #[error("entry {seq} says another balance than its predecessors sum to")]
    WrongBalance {
        /// Which entry.
        seq: u64,
    },
    /// The account's balance is not the sum of its entries.
    #[error("the account does not say what its entries sum to")]
    WrongAccount,
    /// Receivables are not the open invoices less the unmatched credit.
    #[error("receivables differ from open invoices less unmatched credit")]
    WrongOpenItems,
    /// Less than nothing is held for distribution.
    #[error("less than nothing is held")]
    WrongHold,
    /// An amount left the range, or two currencies met.
    #[error("the amounts cannot be added")]
    Arithmetic,
}

/// Tells staff what the replay of an account found wrong; `None` when that is nothing.
#[must_use]
pub fn fault_found(account: &AccountNumber, faults: &[Fault], now: Timestamp) -> Option<Event> {
    let first = faults.first()?;
    let event = Event::new(EventKind::LedgerFault, Actor::System, now, account.as_str());
    Some(event.with("faults", faults.len().to_string()).with("first", first.to_string()))
}

/// Replays one account and compares it with what is stored beside it. `open` is the sum still open on its invoices.
#[must_use]
pub fn replay(account: &Account, entries: &[Entry], open: Money) -> Vec<Fault> {
    match try_replay(account, entries, open) {
        Ok(faults) => faults,
        Err(_) => vec![Fault::Arithmetic],
    }
}

fn try_replay(account: &Account, entries: &[Entry], open: Money) -> Result<Vec<Fault>, MoneyError> {
    let currency = account.balance.currency();
    let mut faults = Vec::new();
    let mut balance = Money::zero(currency);
    for (entry, expected) in entries.iter().zip(1_u64..) {
        if entry.seq != expected {
            faults.push(Fault::Gap { expected, found: entry.seq });
        }
        if !Money::sum(currency, entry.posting.legs.iter().map(|leg| leg.amount))?.is_zero() {
            faults.push(Fault::Unbalanced { seq: entry.seq });
        }
        for leg in &entry.posting.legs {
            if leg.account == AccountRef::Customer(account.number.clone()) {
                balance = balance.plus(leg.amount)?;
            }
        }
        if entry.balance_after != balance {
            faults.push(Fault::WrongBalance { seq: entry.seq });
        }
    }
    if account.balance != balance || account.seq != entries.len() as u64 {
        faults.push(Fault::WrongAccount);
    }
    // Prepaid accounts have no open items and no credit: their balance is the money.
    if account.kind == AccountKind::Receivables && account.balance != open.minus(account.credit)? {
        faults.push(Fault::WrongOpenItems);
    }
    if account.held.is_negative() {
        faults.push(Fault::WrongHold);
    }
    Ok(faults)
}

/// Sum of every account that the entries touch; together they are zero.
///
/// # Errors
/// Overflow.
pub fn totals(entries: &[Entry]) -> Result<BTreeMap<(AccountRef, &'static str), i64>, MoneyError> {
    let mut totals = BTreeMap::new();
    for leg in entries.iter().flat_map(|entry| &entry.posting.legs) {
        let total: &mut i64 = totals.entry((leg.account.clone(), leg.amount.currency().code())).or_default();
        *total = total.checked_add(leg.amount.minor()).ok_or(MoneyError::Overflow)?;
    }
    Ok(totals)
}
