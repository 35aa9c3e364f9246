//! Entries of an account, as people read them: what happened, what it refers to, the amount and the balance after it.

use std::collections::HashMap;

use domain::{
    Money,
    id::PaymentId,
    ledger::{AccountKind, AccountRef, Entry, PostingKind},
    money::MoneyError,
    number::{AccountNumber, InvoiceNumber},
    payment::{Method, Payment, Purpose},
};
use jiff::{Timestamp, civil::Date};
use serde::Serialize;
use store::{StoreError, TenantStore};
use text::Words;
use utoipa::ToSchema;

/// A line of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = AccountEntry)]
pub struct EntryRow {
    /// Position on the account, from 1 without gaps.
    pub seq: u64,
    /// When it was booked.
    pub at: Timestamp,
    /// „Datum": the day it counts for.
    pub on: Date,
    /// What happened.
    #[serde(flatten)]
    pub what: What,
    /// „Referenz"; may be empty.
    pub reference: String,
    /// As people say it: what came to a prepaid account is positive, and so is what is owed.
    pub amount: Money,
    /// The balance after it, likewise.
    pub balance: Money,
}

/// What an entry tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum What {
    /// An invoice was issued.
    Invoice {
        /// Which.
        invoice: String,
    },
    /// It had been settled before the portal knew it.
    Opening {
        /// Which.
        invoice: String,
    },
    /// Money arrived for an invoice, told by the tenant's own system.
    InvoicePayment {
        /// Which.
        invoice: String,
    },
    /// A payment of the portal.
    Payment {
        /// How it was paid, where that is known.
        method: Option<Method>,
    },
    /// A payment was taken back.
    Reversal {
        /// The invoice, where the tenant's own system told it.
        invoice: Option<String>,
    },
    /// An invoice was cancelled.
    Cancellation {
        /// Which.
        invoice: String,
    },
    /// A credit note was issued.
    CreditNote {
        /// Which.
        number: String,
    },
    /// It had been paid out or set off before.
    CreditNoteSettled {
        /// Which.
        number: String,
    },
    /// A prepaid account was topped up.
    TopUp {
        /// How it was paid, where that is known.
        method: Option<Method>,
    },
    /// Prepaid money paid invoices.
    Spending {
        /// Which ones.
        invoices: Vec<InvoiceNumber>,
    },
}

impl What {
    /// In words.
    #[must_use]
    pub fn words(&self, t: &Words) -> String {
        match self {
            Self::Invoice { invoice } => t.prepaid_entry_invoice(invoice),
            Self::Opening { invoice } => t.prepaid_entry_opening(invoice),
            Self::InvoicePayment { invoice } => t.prepaid_entry_invoice_payment(invoice),
            Self::Payment { method: Some(method) } => t.prepaid_entry_payment_by(t.method_name(*method)),
            Self::Payment { method: None } => t.prepaid_entry_payment().to_owned(),
            Self::Reversal { invoice: Some(invoice) } => t.prepaid_entry_reversal_of(invoice),
            Self::Reversal { invoice: None } => t.prepaid_entry_reversal().to_owned(),
            Self::Cancellation { invoice } => t.prepaid_entry_cancellation(invoice),
            Self::CreditNote { number } => t.prepaid_entry_credit_note(number),
            Self::CreditNoteSettled { number } => t.prepaid_entry_credit_note_settled(number),
            Self::TopUp { method: Some(method) } => t.prepaid_entry_top_up_by(t.method_name(*method)),
            Self::TopUp { method: None } => t.prepaid_entry_top_up().to_owned(),
            Self::Spending { invoices } => match invoices.as_slice() {
                [only] => t.prepaid_entry_spending(only),
                many => t.prepaid_entry_spending_many(many.len()),
            },
        }
    }
}

/// A page of entries, newest first, with the payments they belong to in one more read.
///
/// # Errors
/// The table's errors.
pub async fn entries(
    store: &TenantStore,
    account: &AccountNumber,
    kind: AccountKind,
    limit: u16,
    after: Option<String>,
) -> Result<store::Page<EntryRow>, StoreError> {
    let page = store.account_entries(account, limit, after).await?;
    Ok(store::Page { items: rows(store, account, kind, page.items).await?, next: page.next })
}

/// Entries as people read them, with the payments they belong to in one more read.
pub(crate) async fn rows(
    store: &TenantStore,
    account: &AccountNumber,
    kind: AccountKind,
    entries: Vec<Entry>,
) -> Result<Vec<EntryRow>, StoreError> {
    let mut ids: Vec<PaymentId> = entries.iter().filter_map(|entry| entry.subject.parse().ok()).collect();
    ids.sort();
    ids.dedup();
    let payments: HashMap<PaymentId, Payment> =
        store.payments_by_id(&ids).await?.into_iter().map(|payment| (payment.id.clone(), payment)).collect();
    let row = |entry: Entry| {
        let payment = entry.subject.parse::<PaymentId>().ok().and_then(|id| payments.get(&id));
        EntryRow::of(account, kind, entry, payment).map_err(|error| corrupt(&error))
    };
    entries.into_iter().map(row).collect()
}

pub(crate) fn corrupt(error: &MoneyError) -> StoreError {
    StoreError::Corrupt { kind: "entry", reason: error.to_string() }
}

/// An amount of the ledger as people say it: what is on a prepaid account is theirs.
pub(crate) fn said(kind: AccountKind, amount: Money) -> Result<Money, MoneyError> {
    if kind == AccountKind::Prepaid { amount.negated() } else { Ok(amount) }
}

impl EntryRow {
    fn of(
        account: &AccountNumber,
        kind: AccountKind,
        entry: Entry,
        payment: Option<&Payment>,
    ) -> Result<Self, MoneyError> {
        let currency = entry.balance_after.currency();
        let own = AccountRef::Customer(account.clone());
        let legs = entry.posting.legs().iter().filter(|leg| leg.account == own).map(|leg| leg.amount);
        let amount = Money::sum(currency, legs)?;
        Ok(Self {
            seq: entry.seq,
            at: entry.at,
            on: entry.value_date,
            amount: said(kind, amount)?,
            balance: said(kind, entry.balance_after)?,
            what: what(&entry, payment),
            reference: reference(&entry, payment),
        })
    }
}

fn what(entry: &Entry, payment: Option<&Payment>) -> What {
    let invoice = entry.subject.clone();
    let ours = payment.is_some() || entry.subject.parse::<PaymentId>().is_ok();
    let method = payment.map(|payment| payment.method);
    match entry.posting.kind() {
        PostingKind::Invoice => What::Invoice { invoice },
        PostingKind::Opening => What::Opening { invoice },
        PostingKind::Payment if ours => What::Payment { method },
        PostingKind::Payment => What::InvoicePayment { invoice },
        PostingKind::PaymentReversal => What::Reversal { invoice: (!ours).then_some(invoice) },
        PostingKind::Cancellation => What::Cancellation { invoice },
        PostingKind::CreditNote => What::CreditNote { number: invoice },
        PostingKind::CreditNoteSettled => What::CreditNoteSettled { number: invoice },
        PostingKind::TopUp => What::TopUp { method },
        PostingKind::Spending => {
            let named = payment.map(Payment::named).unwrap_or_default();
            What::Spending { invoices: named.iter().map(|named| named.number.clone()).collect() }
        }
    }
}

/// What people can find again: their own text, the number on the transfer, or the reference the tenant's system gave.
fn reference(entry: &Entry, payment: Option<&Payment>) -> String {
    let Some(payment) = payment else {
        let foreign = entry.subject.parse::<PaymentId>().is_err();
        return entry.reference.clone().filter(|_| foreign).unwrap_or_default();
    };
    match &payment.purpose {
        Purpose::TopUp { reference_text } if !reference_text.is_empty() => reference_text.clone(),
        _ => payment.deposit.clone().unwrap_or_default(),
    }
}
