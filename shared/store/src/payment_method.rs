//! Ways to pay that customers keep, one item each below their customer, and what uses them.
//!
//! access patterns: one · those of a customer that pages show (with the overview) · by the provider's name of it · what is
//! due ·
//! keys: C / A#PM#id, once it came to nothing or was taken away PM#id; DUE while it is waited for, has wishes, ends soon or is to be
//! forgotten; guard T#t#REF#method#value / REF
//!
//! What ends moves in the transaction that ends it, so that every page reads what it shows and no more, however often
//! somebody changed their mind.
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
    key::Key,
};

/// Most contracts of one transaction: each is two writes.
pub const MAX_SUBSCRIPTIONS_AT_ONCE: usize = 40;
/// Most ways to pay that are read, with those that are waited for.
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
        match self.get(self.scope.payment_method(name), true).await? {
            Some(method) => Ok(Some(method)),
            None => self.get(self.scope.payment_method_over(name), true).await,
        }
    }

    /// The ways to pay of a customer that pages show, oldest first, with those that are waited for.
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
            .of_living(customer)
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

    /// Replaces it, and moves it where its place is another one now.
    fn put_method<'a>(&self, commit: Commit<'a>, seen: &Loaded<PaymentMethod>, next: &PaymentMethod) -> Commit<'a> {
        let (tag, item) = ("payment_method", self.method_item(next, seen.rev + 1));
        let before = self.place_of(&seen.value);
        if before == self.place_of(next) {
            return commit.replace(tag, item, seen.rev);
        }
        commit.remove(tag, before, seen.rev).create(tag, item)
    }

    fn place_of(&self, method: &PaymentMethod) -> Key {
        let name = &method.name;
        if method.is_over() { self.scope.payment_method_over(name) } else { self.scope.payment_method(name) }
    }

    fn method_item(&self, method: &PaymentMethod, rev: u64) -> Result<Item, StoreError> {
        let mut item = Item::new(self.place_of(method), method, rev)?;
        if let Some(at) = method.forgotten_at() {
            item = item.expiring(at);
        }
        let Some(due_at) = method.due_at else { return Ok(item) };
        let due = TenantScope::due_at(due_at, &item.key);
        Ok(item.todo(self.scope.due(), due))
    }
}
