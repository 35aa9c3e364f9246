//! Billing addresses that customers keep, one item each below their customer.
//!
//! access patterns: one · those of a customer · how many (consistent) · was one taken away? ·
//! keys: C / A#ADDR#id; their count ADDRS; for a week after it was taken away, without its content, ADDR#id
//!
//! A default is always there: it is chosen only while the address exists, and an address goes only while the profile, which
//! names the default, is as it was read. Each that comes or goes is counted with it, so a limit that was looked at holds when
//! many come at once.

use domain::{
    address::{BillingAddress, REMOVAL_KNOWN},
    change::Change,
    customer::Customer,
    id::{AddressId, CustomerId},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    CommitError, Loaded, StoreError, TenantStore,
    access::{Range, query_all},
    item::{Item, kind, read},
};

/// Most addresses that are read: more than one customer may have.
const MAX_READ: i32 = 100;

/// Says that an address was taken away, until then.
#[derive(Debug, Serialize, Deserialize)]
struct Removed {
    until: Timestamp,
}

/// How many addresses a customer keeps, as it was read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AddressCount {
    /// That many.
    pub count: usize,
    /// None: none was ever counted.
    rev: Option<u64>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Counted {
    count: usize,
}

kind! { BillingAddress = "address"; Removed = "address_removed"; Counted = "address_count"; }

impl TenantStore {
    /// A customer's billing addresses, oldest first, read consistently.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn addresses(&self, customer: &CustomerId) -> Result<Vec<Loaded<BillingAddress>>, StoreError> {
        let range = Range::prefix(self.scope.c(customer), "A#ADDR#", MAX_READ).consistent();
        query_all(&self.store, range).await?.into_iter().map(read).collect()
    }

    /// One of them, read consistently.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn address(
        &self,
        customer: &CustomerId,
        id: &AddressId,
    ) -> Result<Option<Loaded<BillingAddress>>, StoreError> {
        self.get(self.scope.address(customer, id), true).await
    }

    /// How many there are, read consistently.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn address_count(&self, customer: &CustomerId) -> Result<AddressCount, StoreError> {
        let counted: Option<Loaded<Counted>> = self.get(self.scope.address_count(customer), true).await?;
        Ok(counted.map_or_else(AddressCount::default, |counted| AddressCount {
            count: counted.value.count,
            rev: Some(counted.rev),
        }))
    }

    /// Was it taken away a short while ago?
    ///
    /// # Errors
    /// The table's errors.
    pub async fn address_was_removed(
        &self,
        customer: &CustomerId,
        id: &AddressId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let removed: Option<Loaded<Removed>> = self.get(self.scope.address_removed(customer, id), true).await?;
        Ok(removed.is_some_and(|removed| now < removed.value.until))
    }

    /// Adds one to as many as were counted.
    ///
    /// # Errors
    /// `Refused("address")` when the id is taken, `Refused("address_count")` when another one came or went meanwhile.
    pub async fn create_address(
        &self,
        customer: &CustomerId,
        counted: AddressCount,
        change: &Change<BillingAddress>,
    ) -> Result<(), CommitError> {
        let address = change.next();
        self.commit()
            .create("address", Item::new(self.scope.address(customer, &address.id), address, 1))
            .save("address_count", self.count_item(customer, counted, counted.count + 1), counted.rev)
            .of_living(customer)
            .events(Some(customer), change.events())
            .run()
            .await
    }

    /// Stores what became of one.
    ///
    /// # Errors
    /// `Refused("address")` when somebody else changed it meanwhile.
    pub async fn update_address(
        &self,
        customer: &CustomerId,
        seen: &Loaded<BillingAddress>,
        change: &Change<BillingAddress>,
    ) -> Result<u64, CommitError> {
        let next = seen.rev + 1;
        let item = Item::new(self.scope.address(customer, &seen.value.id), change.next(), next);
        let commit = self.commit().replace("address", item, seen.rev);
        commit.events(Some(customer), change.events()).run().await?;
        Ok(next)
    }

    /// Takes one away that is not the default of the profile of this revision.
    ///
    /// # Errors
    /// `Refused` when either changed meanwhile, or another one came or went.
    pub async fn remove_address(
        &self,
        (customer, profile_rev): (&CustomerId, u64),
        seen: &Loaded<BillingAddress>,
        change: &Change<BillingAddress>,
        now: Timestamp,
    ) -> Result<(), CommitError> {
        let id = &seen.value.id;
        let removed = Removed { until: now + REMOVAL_KNOWN };
        let mark = Item::new(self.scope.address_removed(customer, id), &removed, 1);
        let counted = self.address_count(customer).await?;
        self.commit()
            .remove("address", self.scope.address(customer, id), seen.rev)
            .unchanged("customer", self.scope.profile(customer), profile_rev)
            .save("address_count", self.count_item(customer, counted, counted.count.saturating_sub(1)), counted.rev)
            .overwrite("removed", mark.map(|mark| mark.expiring(removed.until)))
            .events(Some(customer), change.events())
            .run()
            .await
    }

    fn count_item(&self, customer: &CustomerId, seen: AddressCount, count: usize) -> Result<Item, StoreError> {
        Item::new(self.scope.address_count(customer), &Counted { count }, seen.rev.unwrap_or(0) + 1)
    }

    /// Stores which address is the default.
    ///
    /// # Errors
    /// `Refused("customer")` when somebody else changed the customer meanwhile, `Refused("address")` when it is gone.
    pub async fn save_default_address(
        &self,
        customer: &CustomerId,
        seen: &Loaded<Customer>,
        change: &Change<Customer>,
    ) -> Result<(), CommitError> {
        let item = self.profile_item(customer, change.next(), seen.rev + 1);
        let mut commit = self.commit().replace("customer", item, seen.rev);
        if let Some(id) = &change.next().default_address {
            commit = commit.exists("address", self.scope.address(customer, id));
        }
        commit.events(Some(customer), change.events()).run().await
    }
}
