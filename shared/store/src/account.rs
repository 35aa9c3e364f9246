//! Accounts with their balances, and the entries below them that are never changed.
//!
//! access patterns: account of a customer and currency (consistent) · by number · entries of an account, newest first ·
//! all accounts (list, check) · what a check found wrong, once of each account (create) ·
//! keys: C / A#ACC#number, T#t#NUM#ACC / number, T#t#L#account / E#seq; faults T#t#JOB#id / FAULT#account, ttl 90 days

use std::collections::BTreeMap;

use domain::{
    Currency, Event, Money,
    change::Change,
    id::{CustomerId, JobId},
    ledger::{Account, AccountRef, Entry, Fault, replay, totals},
    number::AccountNumber,
};
use serde::{Deserialize, Serialize};

use crate::{
    CommitError, Loaded, Page, StoreError, TenantStore,
    access::{Range, query, query_all},
    commit::Commit,
    customer::NumberGuard,
    item::{Item, kind, read},
    job::KEPT,
};

/// Says that a check told staff of an account.
#[derive(Debug, Serialize, Deserialize)]
struct LedgerFault {
    account: AccountNumber,
}

kind! { Entry = "entry"; LedgerFault = "ledger_fault"; }

/// What checking one account found.
#[derive(Debug, Clone)]
pub struct AccountCheck {
    /// Which account.
    pub account: AccountNumber,
    /// How many entries it has.
    pub entries: usize,
    /// Its balance.
    pub balance: Money,
    /// Everything wrong with it; empty is right.
    pub faults: Vec<Fault>,
    /// Sums per account side, which together are zero.
    pub totals: BTreeMap<(AccountRef, &'static str), i64>,
}

impl TenantStore {
    /// An account, read consistently.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn account(
        &self,
        customer: &CustomerId,
        number: &AccountNumber,
    ) -> Result<Option<Loaded<Account>>, StoreError> {
        self.get(self.scope.account(customer, number), true).await
    }

    /// Whose account a number is.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn account_owner(&self, number: &AccountNumber) -> Result<Option<CustomerId>, StoreError> {
        let guard: Option<Loaded<NumberGuard>> = self.get(self.scope.account_number(number), true).await?;
        Ok(guard.map(|guard| guard.value.customer))
    }

    /// Opens an account.
    ///
    /// # Errors
    /// `Refused("account_number")` when the number is taken, `Refused("customer")` without its customer.
    pub async fn open_account(&self, customer: &CustomerId, change: &Change<Account>) -> Result<(), CommitError> {
        let commit = self.put_account(self.commit().of_living(customer), customer, change.next(), None);
        commit.events(Some(customer), change.events()).run().await
    }

    /// Stores an account whose amounts did not change (its name).
    ///
    /// # Errors
    /// `Refused("account")` when somebody else was faster, `Refused("customer")` without its customer.
    pub async fn save_account(
        &self,
        customer: &CustomerId,
        seen: &Loaded<Account>,
        change: &Change<Account>,
    ) -> Result<(), CommitError> {
        let commit = self.put_account(self.commit().of_living(customer), customer, change.next(), Some(seen.rev));
        commit.events(Some(customer), change.events()).run().await
    }

    /// Entries of an account, newest first.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn account_entries(
        &self,
        number: &AccountNumber,
        limit: u16,
        after: Option<String>,
    ) -> Result<Page<Entry>, StoreError> {
        let range = Range::prefix(self.scope.entries(number), "E#", i32::from(limit)).newest_first().after(after);
        let page = query(&self.store, range).await?;
        let items = page.items.into_iter().map(|raw| read(raw).map(|loaded| loaded.value)).collect::<Result<_, _>>()?;
        Ok(Page { items, next: page.next })
    }

    /// Every entry of an account up to the one that it calls its last, oldest first.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn all_entries(&self, account: &Account) -> Result<Vec<Entry>, StoreError> {
        let range = Range::prefix(self.scope.entries(&account.number), "E#", 1_000).consistent();
        let raw = query_all(&self.store, range).await?;
        let entries = raw.into_iter().map(|raw| read::<Entry>(raw).map(|loaded| loaded.value));
        let entries = entries.collect::<Result<Vec<_>, _>>()?;
        Ok(entries.into_iter().filter(|entry| entry.seq <= account.seq).collect())
    }

    /// All accounts of the tenant by number, with their owners.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn accounts(&self, limit: u16, after: Option<String>) -> Result<Page<(CustomerId, Account)>, StoreError> {
        let range = Range::prefix(self.scope.account_numbers(), "", i32::from(limit)).consistent().after(after);
        let page = query(&self.store, range).await?;
        let mut items = Vec::with_capacity(page.items.len());
        for raw in page.items {
            let slug = crate::item::text(&raw, "sk").unwrap_or_default().to_owned();
            let guard: Loaded<NumberGuard> = read(raw)?;
            let number = number_of(&slug)?;
            let account = self.account(&guard.value.customer, &number).await?;
            items.extend(account.map(|account| (guard.value.customer, account.value)));
        }
        Ok(Page { items, next: page.next })
    }

    /// Adds the account's next state to a commit; a fresh account claims its number.
    pub(crate) fn put_account<'a>(
        &self,
        commit: Commit<'a>,
        customer: &CustomerId,
        after: &Account,
        seen: Option<u64>,
    ) -> Commit<'a> {
        let item = Item::new(self.scope.account(customer, &after.number), after, seen.unwrap_or(0) + 1);
        let commit = commit.save("account", item, seen);
        if seen.is_some() {
            return commit;
        }
        let guard = NumberGuard { customer: customer.clone() };
        commit.create("account_number", Item::new(self.scope.account_number(&after.number), &guard, 1))
    }

    /// Adds an entry to a commit.
    pub(crate) fn put_entry<'a>(&self, commit: Commit<'a>, account: &AccountNumber, entry: &Entry) -> Commit<'a> {
        commit.create("entry", Item::new(self.scope.entry(account, entry.seq), entry, 1))
    }

    /// Replays a page of the tenant's accounts against their balances and open invoices.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn check_accounts(&self, limit: u16, after: Option<String>) -> Result<Page<AccountCheck>, StoreError> {
        let range = Range::prefix(self.scope.account_numbers(), "", i32::from(limit)).consistent().after(after);
        let page = query(&self.store, range).await?;
        let mut items = Vec::with_capacity(page.items.len());
        for raw in page.items {
            let slug = crate::item::text(&raw, "sk").unwrap_or_default().to_owned();
            let guard: Loaded<NumberGuard> = read(raw)?;
            let number = number_of(&slug)?;
            items.extend(self.check_account(&guard.value.customer, &number).await?);
        }
        Ok(Page { items, next: page.next })
    }

    /// Replays one account once more; none: there is no such account.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn check_again(&self, number: &AccountNumber) -> Result<Option<AccountCheck>, StoreError> {
        match self.account_owner(number).await? {
            Some(customer) => self.check_account(&customer, number).await,
            None => Ok(None),
        }
    }

    /// Tells staff what a check found wrong with an account.
    ///
    /// # Errors
    /// `Refused("fault")` when that check told it before.
    pub async fn tell_ledger_fault(
        &self,
        check: &JobId,
        account: &AccountNumber,
        event: Event,
    ) -> Result<(), CommitError> {
        let fault = LedgerFault { account: account.clone() };
        let item = Item::new(self.scope.ledger_fault(check, account), &fault, 1);
        let item = item.map(|item| item.expiring(event.at + KEPT));
        self.commit().create("fault", item).events(None, &[event]).run().await
    }

    async fn check_account(
        &self,
        customer: &CustomerId,
        number: &AccountNumber,
    ) -> Result<Option<AccountCheck>, StoreError> {
        let Some(account) = self.account(customer, number).await? else { return Ok(None) };
        let account = account.value;
        let raw = query_all(&self.store, Range::prefix(self.scope.entries(number), "E#", 1_000).consistent()).await?;
        let entries: Vec<Entry> = raw.into_iter().map(|raw| read(raw).map(|l| l.value)).collect::<Result<_, _>>()?;
        let corrupt =
            |error: domain::money::MoneyError| StoreError::Corrupt { kind: "entry", reason: error.to_string() };
        let open = self.open_on_account(customer, number, account.balance.currency()).await?;
        Ok(Some(AccountCheck {
            account: number.clone(),
            entries: entries.len(),
            balance: account.balance,
            faults: replay(&account, &entries, open),
            totals: totals(&entries).map_err(corrupt)?,
        }))
    }

    async fn open_on_account(
        &self,
        customer: &CustomerId,
        number: &AccountNumber,
        currency: Currency,
    ) -> Result<Money, StoreError> {
        let items = self.open_items(customer).await?;
        let own = items.iter().filter(|item| item.account == *number).map(|item| item.open);
        Money::sum(currency, own).map_err(|error| StoreError::Corrupt { kind: "invoice", reason: error.to_string() })
    }
}

fn number_of(slug: &str) -> Result<AccountNumber, StoreError> {
    AccountNumber::from_slug(slug).map_err(|error| StoreError::Corrupt { kind: "number", reason: error.to_string() })
}
