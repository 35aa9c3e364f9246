//! What a credit note does to money: it takes from what its invoice asks for, and the rest is credit on the account.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use super::{InvoiceRow, PaymentRefused, SettledBefore};
use crate::{
    Money,
    ledger::{Account, Because, Entry, Posting, PostingKind, TenantAccount},
    money::MoneyError,
    number::DocumentNumber,
};

/// A credit note, as far as money goes.
#[derive(Debug, Clone, Copy)]
pub struct Credit<'a> {
    /// Which one.
    pub number: &'a DocumentNumber,
    /// What is credited; not negative.
    pub gross: Money,
    /// What of it was paid out or set off before the portal knew it.
    pub settled_before: Option<SettledBefore>,
    /// The day it counts for.
    pub on: Date,
}

/// A credit note's share in an invoice, as „Zahlungsvorgänge" lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CreditShare {
    /// Which credit note.
    pub credit_note: DocumentNumber,
    /// What the invoice asks for less.
    pub amount: Money,
    /// The day it counts for.
    pub on: Date,
}

/// Everything of money that is written when a credit note is issued.
#[derive(Debug, Clone, PartialEq)]
pub struct Credited {
    /// The invoice afterwards, and the share that says why; nothing where none was open.
    pub invoice: Option<(InvoiceRow, CreditShare)>,
    /// The account afterwards.
    pub account: Account,
    /// The credit note's entry, and the opening entry if it was settled before.
    pub entries: Vec<Entry>,
    /// What became credit on the account.
    pub credit: Money,
}

/// Credits an account. What the invoice still asks for is taken from it first; the rest becomes credit.
///
/// # Errors
/// [`PaymentRefused::OtherCurrency`], or a sum out of range. The facts must have been checked.
pub fn credit(
    invoice: Option<&InvoiceRow>,
    account: &Account,
    note: Credit<'_>,
    now: Timestamp,
) -> Result<Credited, PaymentRefused> {
    let currency = note.gross.currency();
    let others = invoice.map(|row| row.gross.currency()).into_iter().chain([account.balance.currency()]);
    if others.into_iter().any(|other| other != currency) {
        return Err(PaymentRefused::OtherCurrency);
    }
    let (mut after, entry) = post(account, PostingKind::CreditNote, note.gross.negated()?, note.on, (note, now))?;
    let mut entries = vec![entry];
    let mut left = note.gross;
    if let Some(settled) = note.settled_before {
        let (account, entry) = post(&after, PostingKind::CreditNoteSettled, settled.amount, settled.date, (note, now))?;
        (after, left) = (account, left.minus(settled.amount)?);
        entries.push(entry);
    }
    let open = invoice.map_or(Money::zero(currency), |row| row.open);
    let share = Money::of_minor(left.minor().min(open.minor()), currency);
    let credit = left.minus(share)?;
    after.credit = after.credit.plus(credit)?;
    let invoice = match invoice.filter(|_| share.is_positive()) {
        Some(row) => {
            let said = CreditShare { credit_note: note.number.clone(), amount: share, on: note.on };
            Some((row.with_credited(share, note.on)?, said))
        }
        None => None,
    };
    Ok(Credited { invoice, account: after, entries, credit })
}

fn post(
    account: &Account,
    kind: PostingKind,
    amount: Money,
    value_date: Date,
    (note, at): (Credit<'_>, Timestamp),
) -> Result<(Account, Entry), MoneyError> {
    let counter = if kind == PostingKind::CreditNote { TenantAccount::Revenue } else { TenantAccount::Opening };
    let posting = Posting::between(kind, &account.number, amount, counter)?;
    account.post(posting, Because { at, value_date, subject: note.number.to_string(), reference: None })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::{
        Currency,
        change::Actor,
        invoice::{Status, issue, tests_support::facts},
    };

    fn eur(minor: i64) -> Money {
        Money::of_minor(minor, Currency::Eur)
    }

    fn issued(gross: i64) -> (InvoiceRow, Account) {
        let account = Account::receivables(&"K1".parse().unwrap(), Currency::Eur).unwrap();
        let change = issue(&"RE1".parse().unwrap(), &facts(gross), &account, Actor::Integrator, Timestamp::UNIX_EPOCH);
        let (next, _) = change.unwrap().into_parts();
        (next.row, next.account)
    }

    fn credited(row: &InvoiceRow, account: &Account, gross: i64, settled: Option<i64>) -> Credited {
        let number = "GS1".parse().unwrap();
        let settled_before = settled.map(|amount| SettledBefore { amount: eur(amount), date: date(2026, 11, 20) });
        let note = Credit { number: &number, gross: eur(gross), settled_before, on: date(2026, 11, 20) };
        credit(Some(row), account, note, Timestamp::UNIX_EPOCH).unwrap()
    }

    #[test]
    fn a_credit_note_takes_from_its_invoice_and_the_rest_is_credit() {
        let (row, account) = issued(10_000);
        let part = credited(&row, &account, 4_000, None);
        let (after, share) = part.invoice.clone().unwrap();
        assert_eq!(
            (after.open, after.paid, after.credited, share.amount),
            (eur(6_000), eur(0), Some(eur(4_000)), eur(4_000))
        );
        assert_eq!((part.account.balance, part.account.credit), (eur(6_000), eur(0)));
        assert!(matches!(after.status(date(2026, 11, 2)), Status::PartlyPaid { .. }));

        let more = credited(&row, &account, 12_000, None);
        let (after, _) = more.invoice.clone().unwrap();
        assert_eq!((after.open, more.credit, more.account.balance), (eur(0), eur(2_000), eur(-2_000)));
        assert_eq!(after.status(date(2027, 1, 1)), Status::Credited { on: date(2026, 11, 20) });

        let none = credited(&after, &more.account, 500, None);
        assert_eq!((none.invoice, none.credit), (None, eur(500)));
    }

    #[test]
    fn what_was_settled_before_moves_nothing_any_more() {
        let (row, account) = issued(10_000);
        let all = credited(&row, &account, 4_000, Some(4_000));
        assert_eq!((all.invoice.clone(), all.credit, all.account.balance), (None, eur(0), account.balance));
        assert_eq!(all.entries.len(), 2);
    }

    #[test]
    fn another_currency_is_refused() {
        let (row, account) = issued(10_000);
        let number = "GS1".parse().unwrap();
        let gross = Money::of_minor(100, Currency::Chf);
        let note = Credit { number: &number, gross, settled_before: None, on: date(2026, 11, 20) };
        let refused = credit(Some(&row), &account, note, Timestamp::UNIX_EPOCH);
        assert_eq!(refused, Err(PaymentRefused::OtherCurrency));
    }
}
