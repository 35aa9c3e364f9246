//! Contracts, one item each below their customer.
//!
//! access patterns: all of a customer (with the overview) · one · list of the tenant · what happens by itself on a day · the
//! paper of a cancellation, once ·
//! keys: C / A#SUB#number; lists T#t#LIST#SUB / number#cid; DUE next day; C / CNL#id#FILE#pdf

use domain::{
    change::Change,
    id::{CancellationId, CustomerId},
    number::SubscriptionNumber,
    subscription::Subscription,
};
use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};

use crate::{
    CommitError, Loaded, Page, StoreError, StoredFile, TenantScope, TenantStore,
    access::{Index, Range, query_all, query_index},
    customer::owner,
    item::{Item, read},
};

/// No zone's day begins earlier before midnight in UTC; its own day and hour `worker` knows.
const EARLIEST_ZONE: SignedDuration = SignedDuration::from_hours(14);
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
            .of_living(customer)
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

    /// The confirmation of a cancellation, where it was written before.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn cancellation_paper(
        &self,
        customer: &CustomerId,
        id: &CancellationId,
    ) -> Result<Option<StoredFile>, StoreError> {
        let found: Option<Loaded<StoredFile>> =
            self.get(self.scope.cancellation_part(customer, id, "FILE#pdf"), true).await?;
        Ok(found.map(|found| found.value))
    }

    /// Notes the confirmation that lies in the bucket, once.
    ///
    /// # Errors
    /// `Refused("file")` when one is noted already.
    pub async fn add_cancellation_paper(
        &self,
        customer: &CustomerId,
        id: &CancellationId,
        file: &StoredFile,
    ) -> Result<(), CommitError> {
        let key = self.scope.cancellation_part(customer, id, "FILE#pdf");
        self.commit().create("file", Item::new(key, file, 1)).run().await
    }

    pub(crate) fn subscription_item(
        &self,
        customer: &CustomerId,
        next: &Subscription,
        rev: u64,
    ) -> Result<Item, StoreError> {
        let item = Item::new(self.scope.subscription(customer, &next.number), next, rev)?;
        let item = item.listed(self.scope.all("SUB"), format!("{}#{customer}", next.number.slug()));
        let Some(day) = next.next_day() else { return Ok(item) };
        let due = TenantScope::due_at(begin_anywhere(day), &item.key);
        Ok(item.todo(self.scope.due(), due))
    }
}

/// The moment in which a day begins in the zone where it does first.
pub(crate) fn begin_anywhere(day: Date) -> Timestamp {
    let midnight = day.to_zoned(TimeZone::UTC).map_or(Timestamp::MAX, |midnight| midnight.timestamp());
    midnight.checked_sub(EARLIEST_ZONE).unwrap_or(Timestamp::MIN)
}
