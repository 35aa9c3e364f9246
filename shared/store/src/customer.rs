//! Customers: profile, number guard and the login lookup by address, always written together.
//!
//! access patterns: number → customer · everything of the start page in one Query · login by address · list by name · ids in
//! the order of their numbers, and how many (consistent) ·
//! keys: C / A#PROFILE, T#t#NUM#C / number, T#t#MAIL#addr / created#cid

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    Language, Pii,
    change::Change,
    customer::{Customer, EmailAddress, Salutation},
    email_state::EmailState,
    id::CustomerId,
    ledger::Account,
    number::CustomerNumber,
    payment_method::PaymentMethod,
    subscription::Subscription,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    CommitError, Loaded, Page, StoreError, TenantStore, Undelivered,
    access::{Index, Range, batch_get, count_all, query, query_all, query_index},
    bounce::known_state,
    commit::Commit,
    item::{Item, KIND, Kind as _, Raw, kind, read, text},
};

/// Most items of a customer below `A#` (profile, accounts, contracts …).
const MAX_OVERVIEW: i32 = 1_000;
/// Numbers that one call counts.
const COUNTED_AT_ONCE: i32 = 10_000;
/// Most bytes of a name in a sort key, beside the customer's number.
const MAX_SORT_NAME_BYTES: usize = 600;

/// Owner of a number.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct NumberGuard {
    pub(crate) customer: CustomerId,
}

/// A customer who may log in with an address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginCandidate {
    /// Whom it signs in.
    pub customer: CustomerId,
    /// The customer's number.
    pub number: CustomerNumber,
    /// May the customer use the portal?
    pub access: bool,
    /// For greeting in the mail, so that a known address costs no more reads than an unknown one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub salutation: Option<Salutation>,
    /// Likewise.
    pub name: Pii<String>,
    /// Language of the mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// Shared addresses are listed newest first.
    pub created_at: Timestamp,
}

kind! { Customer = "customer"; NumberGuard = "number"; LoginCandidate = "login"; Account = "account"; Subscription = "subscription"; }

/// Everything of a customer that fits on the start page.
#[derive(Debug, Clone)]
pub struct Overview {
    /// The customer.
    pub customer: Loaded<Customer>,
    /// Its accounts.
    pub accounts: Vec<Account>,
    /// Its contracts, in the order of their numbers.
    pub subscriptions: Vec<Subscription>,
    /// Its ways to pay that pages show, oldest first, with those that are waited for.
    pub methods: Vec<PaymentMethod>,
    /// Its addresses that bounced.
    pub undelivered: Undelivered,
}

impl TenantStore {
    /// Number → id.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn customer_id(&self, number: &CustomerNumber) -> Result<Option<CustomerId>, StoreError> {
        let guard: Option<Loaded<NumberGuard>> = self.get(self.scope.customer_number(number), true).await?;
        Ok(guard.map(|loaded| loaded.value.customer))
    }

    /// A customer's profile, read consistently.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn customer(&self, id: &CustomerId) -> Result<Option<Loaded<Customer>>, StoreError> {
        self.get(self.scope.profile(id), true).await
    }

    /// A customer by number, with its id.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn customer_by_number(
        &self,
        number: &CustomerNumber,
    ) -> Result<Option<(CustomerId, Loaded<Customer>)>, StoreError> {
        let Some(id) = self.customer_id(number).await? else { return Ok(None) };
        Ok(self.customer(&id).await?.map(|customer| (id, customer)))
    }

    /// Profile, accounts, contracts and ways to pay in one Query; `None` when there is no such customer.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn overview(&self, id: &CustomerId) -> Result<Option<Overview>, StoreError> {
        self.overview_in(Range::prefix(self.scope.c(id), "A#", MAX_OVERVIEW)).await
    }

    /// The same as it is now, for a page that shows what was just changed.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn overview_now(&self, id: &CustomerId) -> Result<Option<Overview>, StoreError> {
        self.overview_in(Range::prefix(self.scope.c(id), "A#", MAX_OVERVIEW).consistent()).await
    }

    async fn overview_in(&self, range: Range) -> Result<Option<Overview>, StoreError> {
        let raw = query_all(&self.store, range).await?;
        let (mut customer, mut accounts, mut subscriptions, mut methods) = (None, vec![], vec![], vec![]);
        let mut undelivered = Undelivered::default();
        for item in raw {
            match text(&item, KIND) {
                Some("customer") => customer = Some(read(item)?),
                Some("account") => accounts.push(read::<Account>(item)?.value),
                Some("subscription") => subscriptions.push(read::<Subscription>(item)?.value),
                Some("payment_method") => methods.push(read::<PaymentMethod>(item)?.value),
                _ => undelivered.note(item)?,
            }
        }
        Ok(customer.map(|customer| Overview { customer, accounts, subscriptions, methods, undelivered }))
    }

    /// Everybody who has this login address, newest first; also asked for addresses nobody has, so that both cost the same.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn login_candidates(&self, address: &EmailAddress) -> Result<Vec<LoginCandidate>, StoreError> {
        Ok(self.login_lookup(address).await?.0)
    }

    /// The same, and what is known of mail to the address: both lie in one partition.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn login_lookup(&self, address: &EmailAddress) -> Result<(Vec<LoginCandidate>, EmailState), StoreError> {
        let range = Range::prefix(self.scope.mail(address), "", 100).newest_first().consistent();
        let (mut candidates, mut state) = (Vec::new(), EmailState::Ok);
        for raw in query_all(&self.store, range).await? {
            match text(&raw, KIND) {
                Some(LoginCandidate::KIND) => candidates.push(read::<LoginCandidate>(raw)?.value),
                _ => state = known_state(raw)?.unwrap_or(state),
            }
        }
        Ok((candidates, state))
    }

    /// Customers by their ids, in that order; absent ones are absent.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn customers_by_id(&self, ids: &[CustomerId]) -> Result<Vec<Customer>, StoreError> {
        let keys: Vec<_> = ids.iter().map(|id| self.scope.profile(id)).collect();
        let mut found = batch_get(&self.store, keys.clone(), true).await?;
        keys.iter().filter_map(|key| found.remove(key)).map(|raw| read(raw).map(|loaded| loaded.value)).collect()
    }

    /// Ids → numbers; who is gone is absent.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn customer_numbers(
        &self,
        ids: BTreeSet<CustomerId>,
    ) -> Result<BTreeMap<CustomerId, CustomerNumber>, StoreError> {
        let keys = ids.iter().map(|id| self.scope.profile(id)).collect();
        let mut found = batch_get(&self.store, keys, false).await?;
        let mut numbers = BTreeMap::new();
        for id in ids {
            if let Some(raw) = found.remove(&self.scope.profile(&id)) {
                numbers.insert(id, read::<Customer>(raw)?.value.number);
            }
        }
        Ok(numbers)
    }

    /// Customers sorted by name.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn customers(&self, limit: u16, after: Option<String>) -> Result<Page<Customer>, StoreError> {
        let range = Range::prefix(self.scope.all("C"), "", i32::from(limit)).after(after);
        let page = query_index(&self.store, Index::Lists, range).await?;
        let items = self.get_rows(&page.items).await?.into_iter().map(|loaded| loaded.value).collect();
        Ok(Page { items, next: page.next })
    }

    /// Ids in the order of their numbers, as they are now: whoever is renamed meanwhile is neither left out nor met twice.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn customer_ids(&self, limit: u16, after: Option<String>) -> Result<Page<CustomerId>, StoreError> {
        let range = Range::prefix(self.scope.customer_numbers(), "", i32::from(limit)).after(after).consistent();
        let page = query(&self.store, range).await?;
        let ids = page.items.into_iter().map(|raw| read::<NumberGuard>(raw).map(|loaded| loaded.value.customer));
        Ok(Page { items: ids.collect::<Result<_, _>>()?, next: page.next })
    }

    /// How many customers there are.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn count_customers(&self) -> Result<u64, StoreError> {
        let range = Range::prefix(self.scope.customer_numbers(), "", COUNTED_AT_ONCE).consistent();
        count_all(&self.store, range).await
    }

    /// Loads a customer for the first time.
    ///
    /// # Errors
    /// `Refused("number")` when the number is taken.
    pub async fn create_customer(&self, id: &CustomerId, change: &Change<Customer>) -> Result<(), CommitError> {
        let customer = change.next();
        let guard = Item::new(self.scope.customer_number(&customer.number), &NumberGuard { customer: id.clone() }, 1);
        let commit = self.commit().create("number", guard).create("customer", self.profile_item(id, customer, 1));
        self.put_lookup(commit, id, customer).events(Some(id), change.events()).run().await
    }

    /// Stores changed facts, and moves the login lookup with the address.
    ///
    /// # Errors
    /// `Refused("customer")` when somebody else changed it meanwhile.
    pub async fn update_customer(
        &self,
        id: &CustomerId,
        seen: &Loaded<Customer>,
        change: &Change<Customer>,
    ) -> Result<u64, CommitError> {
        self.updating(id, seen, change).run().await?;
        Ok(seen.rev + 1)
    }

    /// The same as part of a transaction.
    pub(crate) fn updating(&self, id: &CustomerId, seen: &Loaded<Customer>, change: &Change<Customer>) -> Commit<'_> {
        let (before, after) = (&seen.value, change.next());
        let mut commit = self.commit().replace("customer", self.profile_item(id, after, seen.rev + 1), seen.rev);
        let folded = |customer: &Customer| customer.facts.email.as_ref().map(EmailAddress::folded);
        if let Some(address) = before.facts.email.as_ref().filter(|_| folded(before) != folded(after)) {
            commit = commit.delete("login", self.scope.mail_lookup(address, before.created_at, id));
        }
        self.put_lookup(commit, id, after).events(Some(id), change.events())
    }

    pub(crate) fn profile_item(&self, id: &CustomerId, customer: &Customer, rev: u64) -> Result<Item, StoreError> {
        let mut name = domain::number::slug(&customer.facts.sort_name());
        // Letters of other scripts are long as slugs; a list may be sorted by the first of them.
        name.truncate(MAX_SORT_NAME_BYTES);
        let sort = format!("{name}#{}", customer.number.slug());
        Ok(Item::new(self.scope.profile(id), customer, rev)?.listed(self.scope.all("C"), sort))
    }

    fn put_lookup<'a>(&self, commit: Commit<'a>, id: &CustomerId, customer: &Customer) -> Commit<'a> {
        let Some(address) = &customer.facts.email else { return commit };
        let candidate = LoginCandidate {
            customer: id.clone(),
            number: customer.number.clone(),
            access: customer.access,
            salutation: customer.facts.salutation,
            name: customer.facts.display_name().into(),
            language: customer.facts.language,
            created_at: customer.created_at,
        };
        let key = self.scope.mail_lookup(address, customer.created_at, id);
        commit.overwrite("login", Item::new(key, &candidate, 1))
    }
}

/// The id of the customer whose partition an item lies in.
pub(crate) fn owner(raw: &Raw) -> Option<CustomerId> {
    text(raw, "pk")?.split('#').nth(3)?.parse().ok()
}
