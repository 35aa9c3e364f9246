//! Entries of every kind, for the render tests of pages and paper. No running portal calls this.

use domain::{Currency, Money, ledger::AccountKind, number::InvoiceNumber, payment::Method};
use jiff::{Timestamp, civil::date};

use crate::{EntryRow, Statement, What};

fn eur(minor: i64) -> Money {
    Money::of_minor(minor, Currency::Eur)
}

/// One entry of each kind, newest first.
#[must_use]
pub fn rows() -> Vec<EntryRow> {
    let row = |seq, what, reference: &str, amount, balance| EntryRow {
        seq,
        at: Timestamp::UNIX_EPOCH,
        on: date(2026, 11, 15),
        what,
        reference: reference.to_owned(),
        amount: eur(amount),
        balance: eur(balance),
    };
    let numbers =
        |numbers: &[&str]| -> Vec<InvoiceNumber> { numbers.iter().filter_map(|number| number.parse().ok()).collect() };
    let invoice = || "RE1038".to_owned();
    vec![
        row(9, What::Spending { invoices: numbers(&["RE1038"]) }, "", -5_790, 4_210),
        row(8, What::Spending { invoices: numbers(&["RE1", "RE2"]) }, "", -100, 10_000),
        row(7, What::TopUp { method: Some(Method::BankTransfer) }, "Projekt Messestand 2027", 5_000, 10_000),
        row(6, What::TopUp { method: None }, "2610160012000173", 5_000, 5_000),
        row(5, What::Reversal { invoice: None }, "", -5_000, 0),
        row(4, What::Reversal { invoice: Some(invoice()) }, "bank-1", 1, 1),
        row(3, What::Cancellation { invoice: invoice() }, "", -1, 0),
        row(4, What::CreditNote { number: invoice() }, "", -1, 0),
        row(5, What::CreditNoteSettled { number: invoice() }, "", 1, 0),
        row(2, What::InvoicePayment { invoice: invoice() }, "bank-1", -1, 0),
        row(1, What::Payment { method: Some(Method::Sandbox) }, "", -1, 0),
        row(1, What::Payment { method: None }, "", -1, 0),
        row(1, What::Opening { invoice: invoice() }, "", -1, 0),
        row(1, What::Invoice { invoice: invoice() }, "", 1, 0),
    ]
}

/// A statement with so many entries of 1.00 each.
#[must_use]
pub fn statement(count: usize) -> Option<Statement> {
    let rows = rows().into_iter().cycle().zip(1_i64..).take(count);
    let entries = rows.map(|(row, place)| EntryRow {
        seq: place.unsigned_abs(),
        amount: eur(100),
        balance: eur(100 * place),
        ..row
    });
    let entries: Vec<EntryRow> = entries.collect();
    Some(Statement {
        account: "K5003-EUR".parse().ok()?,
        kind: AccountKind::Receivables,
        from: date(2026, 1, 1),
        to: date(2026, 12, 31),
        opening: eur(0),
        closing: entries.last().map_or(eur(0), |last| last.balance),
        entries,
    })
}
