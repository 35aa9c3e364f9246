//! What an account's entries say, in the words of pages, files and paper; and an account between two days.

mod ask;
mod entry;

pub mod testing;

pub use ask::Ask;
pub use entry::{EntryRow, What, entries};

use domain::{
    Money,
    ledger::{self, Account, AccountKind},
    number::AccountNumber,
};
use jiff::civil::Date;
use serde::Serialize;
use store::{StoreError, TenantStore};
use text::Words;

/// Most entries of an account that are read for a statement. Balances are summed from the first one on, because what counts for
/// a day may be booked later.
pub const MAX_READ: usize = 20_000;
/// Most entries of one statement: of more a shorter period is asked for.
pub const MAX_ENTRIES: usize = 2_000;

/// An account between two days, as people say it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// Which account.
    pub account: AccountNumber,
    /// What it is for.
    pub kind: AccountKind,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// The balance before the first day.
    pub opening: Money,
    /// Every entry that counts for the days between, oldest first; `balance` is that after it.
    pub entries: Vec<EntryRow>,
    /// The balance after the last day.
    pub closing: Money,
}

impl Statement {
    /// Is what it says owed, and negative what the customer has to spend? On a prepaid account it is the other way round.
    #[must_use]
    pub fn shows_debts(&self) -> bool {
        self.kind == AccountKind::Receivables
    }
}

/// Why there is no statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoStatement {
    /// The period has more than [`MAX_ENTRIES`] entries.
    TooMany,
    /// The account has more than [`MAX_READ`] of them.
    TooLong,
    /// The table did not answer, or an entry cannot be read.
    Table(StoreError),
}

impl From<StoreError> for NoStatement {
    fn from(error: StoreError) -> Self {
        Self::Table(error)
    }
}

impl Statement {
    /// The statement of an account that was read.
    ///
    /// # Errors
    /// See [`NoStatement`].
    pub async fn of(store: &TenantStore, account: &Account, from: Date, to: Date) -> Result<Self, NoStatement> {
        if account.seq > MAX_READ as u64 {
            return Err(NoStatement::TooLong);
        }
        let entries = store.all_entries(account).await?;
        let found = ledger::statement(account, entries, from, to).map_err(|error| entry::corrupt(&error))?;
        if found.lines.len() > MAX_ENTRIES {
            return Err(NoStatement::TooMany);
        }
        let said = |amount: Money| entry::said(account.kind, amount).map_err(|error| entry::corrupt(&error));
        let (opening, closing) = (said(found.opening)?, said(found.closing)?);
        let (booked, balances): (Vec<_>, Vec<_>) = found.lines.into_iter().unzip();
        let mut entries = entry::rows(store, &account.number, account.kind, booked).await?;
        for (row, balance) in entries.iter_mut().zip(balances) {
            row.balance = said(balance)?;
        }
        Ok(Self { account: account.number.clone(), kind: account.kind, from, to, opening, entries, closing })
    }

    /// „Kundenkonto K5003-EUR", „Prepaid-Konto 00001008".
    #[must_use]
    pub fn account_word(&self, t: &Words) -> String {
        account_word(&self.account, self.kind, t)
    }
}

/// What an account is called.
#[must_use]
pub fn account_word(number: &AccountNumber, kind: AccountKind, t: &Words) -> String {
    match kind {
        AccountKind::Receivables => t.settle_account(number),
        AccountKind::Prepaid => t.prepaid_account(number),
    }
}
