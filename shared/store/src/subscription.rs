//! Contracts, one item each below their customer.
//!
//! access patterns: all of a customer (with the overview) · one · list of the tenant ·
//! keys: C / A#SUB#number; lists T#t#LIST#SUB / number#cid

use domain::{change::Change, id::CustomerId, number::SubscriptionNumber, subscription::Subscription};

use crate::{
    CommitError, Loaded, Page, StoreError, TenantStore,
    access::{Index, Range, query_all, query_index},
    customer::owner,
    item::{Item, read},
};

/// Most contracts of one customer.
const MAX_OF_CUSTOMER: i32 = 1_000;

impl TenantStore {
    /// One contract of a customer, read consistently.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn subscription(
        &self,
        customer: &CustomerId,
        number: &SubscriptionNumber,
    ) -> Result<Option<Loaded<Subscription>>, StoreError> {
        self.get(self.scope.subscription(customer, number), true).await
    }

    /// All contracts of the tenant with their owners.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn subscriptions(
        &self,
        limit: u16,
        after: Option<String>,
    ) -> Result<Page<(CustomerId, Subscription)>, StoreError> {
        let range = Range::prefix(self.scope.all("SUB"), "", i32::from(limit)).after(after);
        let page = query_index(&self.store, Index::Lists, range).await?;
        let loaded = self.get_rows::<Subscription>(&page.items).await?;
        let owners = page.items.iter().filter_map(owner);
        let items = owners.zip(loaded.into_iter().map(|loaded| loaded.value)).collect();
        Ok(Page { items, next: page.next })
    }

    /// Creates or replaces a contract.
    ///
    /// # Errors
    /// `Refused("subscription")` when somebody else changed it meanwhile, `Refused("customer")` without its customer.
    pub async fn save_subscription(
        &self,
        customer: &CustomerId,
        change: &Change<Subscription>,
        seen: Option<u64>,
    ) -> Result<(), CommitError> {
        let item = self.subscription_item(customer, change.next(), seen.unwrap_or(0) + 1);
        self.commit()
            .save("subscription", item, seen)
            .exists("customer", self.scope.profile(customer))
            .events(Some(customer), change.events())
            .run()
            .await
    }

    /// All contracts of a customer, in the order of their numbers.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn subscriptions_of(&self, customer: &CustomerId) -> Result<Vec<Loaded<Subscription>>, StoreError> {
        let range = Range::prefix(self.scope.c(customer), "A#SUB#", MAX_OF_CUSTOMER).consistent();
        query_all(&self.store, range).await?.into_iter().map(read).collect()
    }

    pub(crate) fn subscription_item(
        &self,
        customer: &CustomerId,
        next: &Subscription,
        rev: u64,
    ) -> Result<Item, StoreError> {
        let item = Item::new(self.scope.subscription(customer, &next.number), next, rev)?;
        Ok(item.listed(self.scope.all("SUB"), format!("{}#{customer}", next.number.slug())))
    }
}
