//! Ways to pay that customers keep, one item each below their customer, and what uses them.
//!
//! access patterns: one · all of a customer (with the overview) · by the provider's name of it · what is due ·
//! keys: C / A#PM#id; DUE while it is waited for or has wishes; guard T#t#REF#method#value / REF
//!
//! A use and a removal never pass each other: whoever lets something use a way to pay writes the way to pay too, and so
//! raises its revision, on which a removal stands.

use domain::{
    change::Change,
    customer::Customer,
    id::CustomerId,
    payment::ProviderName,
    payment_method::{MethodName, PaymentMethod},
    subscription::Subscription,
};
use serde::{Deserialize, Serialize};

use crate::{
    CommitError, Loaded, StoreError, TenantScope, TenantStore,
    access::{Range, query_all},
    commit::Commit,
    item::{Item, kind, read},
};

/// Most contracts of one transaction: each is two writes.
pub const MAX_SUBSCRIPTIONS_AT_ONCE: usize = 40;
/// Most ways to pay that are read, with those that ended.
const MAX_READ: i32 = 500;

/// Leads from the provider's name of a way to pay to ours.
#[derive(Debug, Serialize, Deserialize)]
struct MethodGuard {
    name: MethodName,
}

kind! { PaymentMethod = "payment_method"; MethodGuard = "payment_method_reference"; }

/// What changes when something uses another way to pay.
#[derive(Debug, Default)]
pub struct Uses<'a> {
    /// The way to pay that is used from now on, as read; what is to be kept of it.
    pub used: Option<(&'a Loaded<PaymentMethod>, PaymentMethod)>,
    /// The way to pay that is taken away, as read.
    pub removed: Option<(&'a Loaded<PaymentMethod>, Change<PaymentMethod>)>,
    /// The customer's default.
    pub customer: Option<(&'a Loaded<Customer>, Change<Customer>)>,
    /// Contracts, at most [`MAX_SUBSCRIPTIONS_AT_ONCE`].
    pub subscriptions: Vec<(u64, Change<Subscription>)>,
}

impl TenantStore {
    /// One way to pay, read consistently.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn payment_method(&self, name: &MethodName) -> Result<Option<Loaded<PaymentMethod>>, StoreError> {
        self.get(self.scope.payment_method(name), true).await
    }

    /// All ways to pay of a customer, oldest first, with those that are waited for and those that ended.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn payment_methods(&self, customer: &CustomerId) -> Result<Vec<Loaded<PaymentMethod>>, StoreError> {
        let range = Range::prefix(self.scope.c(customer), "A#PM#", MAX_READ).consistent();
        query_all(&self.store, range).await?.into_iter().map(read).collect()
    }

    /// The way to pay that a provider calls so.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn payment_method_of(
        &self,
        provider: ProviderName,
        token: &str,
    ) -> Result<Option<MethodName>, StoreError> {
        let guard: Option<Loaded<MethodGuard>> = self.get(self.scope.method_reference(provider, token), true).await?;
        Ok(guard.map(|guard| guard.value.name))
    }

    /// Writes down a way to pay before anybody is asked.
    ///
    /// # Errors
    /// `Refused("payment_method")` when the id is taken.
    pub async fn create_payment_method(&self, change: &Change<PaymentMethod>) -> Result<(), CommitError> {
        let method = change.next();
        let customer = &method.name.customer;
        self.commit()
            .create("payment_method", self.method_item(method, 1))
            .exists("customer", self.scope.profile(customer))
            .events(Some(customer), change.events())
            .run()
            .await
    }

    /// Stores a change of it; when it can be charged, also what the provider calls it.
    ///
    /// # Errors
    /// `Refused("payment_method")` when somebody else was faster.
    pub async fn save_payment_method(
        &self,
        seen: &Loaded<PaymentMethod>,
        change: &Change<PaymentMethod>,
    ) -> Result<(), CommitError> {
        let commit = self.put_method(self.commit(), seen, change.next());
        let commit = match change.next().token() {
            Some(token) => {
                let key = self.scope.method_reference(seen.value.provider, &token.method);
                let guard = MethodGuard { name: seen.value.name.clone() };
                commit.overwrite("reference", Item::new(key, &guard, 1))
            }
            None => commit,
        };
        commit.events(Some(&seen.value.name.customer), change.events()).run().await
    }

    /// Notes what nobody needs to read: the provider's page, or when it is looked at again.
    ///
    /// # Errors
    /// `Refused("payment_method")` when somebody else was faster.
    pub async fn note_payment_method(
        &self,
        seen: &Loaded<PaymentMethod>,
        next: &PaymentMethod,
    ) -> Result<(), CommitError> {
        self.put_method(self.commit(), seen, next).run().await
    }

    /// Stores who uses what from now on, all or nothing.
    ///
    /// # Errors
    /// `Refused` of whatever somebody else changed meanwhile.
    pub async fn save_uses(&self, customer: &CustomerId, uses: Uses<'_>) -> Result<(), CommitError> {
        let mut commit = self.commit();
        let mut events = Vec::new();
        if let Some((seen, next)) = &uses.used {
            commit = self.put_method(commit, seen, next);
        }
        if let Some((seen, change)) = &uses.removed {
            commit = self.put_method(commit, seen, change.next());
            events.extend_from_slice(change.events());
        }
        if let Some((seen, change)) = &uses.customer {
            commit = commit.replace("customer", self.profile_item(customer, change.next(), seen.rev + 1), seen.rev);
            events.extend_from_slice(change.events());
        }
        for (seen, change) in &uses.subscriptions {
            let item = self.subscription_item(customer, change.next(), seen + 1);
            commit = commit.replace("subscription", item, *seen);
            events.extend_from_slice(change.events());
        }
        commit.events(Some(customer), &events).run().await
    }

    fn put_method<'a>(&self, commit: Commit<'a>, seen: &Loaded<PaymentMethod>, next: &PaymentMethod) -> Commit<'a> {
        commit.replace("payment_method", self.method_item(next, seen.rev + 1), seen.rev)
    }

    fn method_item(&self, method: &PaymentMethod, rev: u64) -> Result<Item, StoreError> {
        let mut item = Item::new(self.scope.payment_method(&method.name), method, rev)?;
        if let Some(at) = method.forgotten_at() {
            item = item.expiring(at);
        }
        let Some(due_at) = method.due_at else { return Ok(item) };
        let due = TenantScope::due_at(due_at, &item.key);
        Ok(item.todo(self.scope.due(), due))
    }
}
