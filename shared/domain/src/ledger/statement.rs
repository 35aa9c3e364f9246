//! An account between two days: what was there before, every entry that counts for them, and what was there afterwards.

use jiff::civil::Date;

use super::{Account, AccountRef, Entry};
use crate::{Money, money::MoneyError};

/// An account between two days, both included. Signs are the ledger's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Sum of everything that counts for days before.
    pub opening: Money,
    /// What counts for the days between, in their order and within a day in that of booking, each with the balance after it.
    pub lines: Vec<(Entry, Money)>,
    /// Sum of everything that counts for days up to the last one.
    pub closing: Money,
}

/// The statement of an account from all of its entries. They are ordered by the day they count for, which is not always that
/// of booking: so the balances are summed anew, and end where the ledger does.
///
/// # Errors
/// Overflow, or an entry of another currency.
pub fn statement(account: &Account, entries: Vec<Entry>, from: Date, to: Date) -> Result<Statement, MoneyError> {
    let own = AccountRef::Customer(account.number.clone());
    let currency = account.balance.currency();
    let amount = |entry: &Entry| {
        Money::sum(currency, entry.posting.legs().iter().filter(|leg| leg.account == own).map(|leg| leg.amount))
    };
    let mut entries: Vec<Entry> = entries.into_iter().filter(|entry| entry.value_date <= to).collect();
    entries.sort_by_key(|entry| (entry.value_date, entry.seq));
    let mut balance = Money::zero(currency);
    let (mut opening, mut lines) = (balance, Vec::new());
    for entry in entries {
        balance = balance.plus(amount(&entry)?)?;
        if entry.value_date < from {
            opening = balance;
        } else {
            lines.push((entry, balance));
        }
    }
    Ok(Statement { opening, lines, closing: balance })
}

#[cfg(test)]
mod tests {
    use jiff::{Timestamp, civil::date};
    use proptest::prelude::*;

    use super::*;
    use crate::{
        Currency,
        ledger::{AccountKind, Because, Posting, PostingKind, TenantAccount},
    };

    fn account() -> Account {
        Account::open("K1-EUR".parse().unwrap(), AccountKind::Receivables, Currency::Eur)
    }

    /// Books amounts, each for its day of November.
    fn booked(amounts: &[(i64, i8)]) -> (Account, Vec<Entry>) {
        let (mut account, mut entries) = (account(), Vec::new());
        for (minor, day) in amounts {
            let amount = Money::of_minor(*minor, Currency::Eur);
            let posting =
                Posting::between(PostingKind::Invoice, &account.number, amount, TenantAccount::Revenue).unwrap();
            let because = Because {
                at: Timestamp::UNIX_EPOCH,
                value_date: date(2026, 11, *day),
                subject: "RE1".to_owned(),
                reference: None,
            };
            let (after, entry) = account.post(posting, because).unwrap();
            account = after;
            entries.push(entry);
        }
        (account, entries)
    }

    #[test]
    fn what_was_booked_late_stands_at_its_day() {
        let (account, entries) = booked(&[(100, 10), (50, 5), (-30, 10), (7, 20)]);
        let found = statement(&account, entries, date(2026, 11, 6), date(2026, 11, 15)).unwrap();
        let minor = |money: Money| money.minor();
        assert_eq!((minor(found.opening), minor(found.closing)), (50, 120));
        let lines: Vec<_> = found.lines.iter().map(|(entry, balance)| (entry.seq, balance.minor())).collect();
        assert_eq!(lines, [(1, 150), (3, 120)]);
    }

    #[test]
    fn days_without_an_entry_open_and_close_alike() {
        let (account, entries) = booked(&[(100, 10)]);
        let before = statement(&account, entries.clone(), date(2026, 1, 1), date(2026, 1, 31)).unwrap();
        assert!(before.opening.is_zero() && before.closing.is_zero() && before.lines.is_empty());
        let after = statement(&account, entries, date(2026, 12, 1), date(2026, 12, 31)).unwrap();
        assert_eq!((after.opening, after.closing), (account.balance, account.balance));
    }

    proptest! {
        #[test]
        fn it_adds_up_whatever_was_booked(
            amounts in proptest::collection::vec((-100_000_i64..100_000, 1_i8..=30), 0..40),
            from in 1_i8..=30,
            length in 0_i8..30,
        ) {
            let (account, entries) = booked(&amounts);
            let (first, last) = (date(2026, 11, from), date(2026, 11, (from + length).min(30)));
            let found = statement(&account, entries.clone(), first, last).unwrap();
            let sum: i64 = found.lines.iter().map(|(entry, _)| entry.posting.legs()[0].amount.minor()).sum();
            prop_assert_eq!(found.closing.minor() - found.opening.minor(), sum);
            let ends_at = found.lines.last().map_or(found.opening, |(_, balance)| *balance);
            prop_assert_eq!(ends_at, found.closing);
            let whole = statement(&account, entries, date(2026, 11, 1), date(2026, 11, 30)).unwrap();
            prop_assert_eq!((whole.opening.minor(), whole.closing), (0, account.balance));
        }
    }
}
