//! Collecting invoices: one item per invoice beside its row, written when it is issued (invoice.rs).
//!
//! access patterns: one, with its invoice · what is due (outbox.rs) · keys: C / COL#number; DUE until it has ended

use domain::{
    Event,
    collection::{Collection, Next},
    id::CustomerId,
    invoice::InvoiceRow,
    number::InvoiceNumber,
    payment::Named,
};

use crate::{
    CommitError, Loaded, StoreError, TenantScope, TenantStore,
    item::{Item, kind},
};

kind! { Collection = "collection"; }

impl TenantStore {
    /// How far collecting an invoice has come; none where it is not collected. Read consistently.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn collection(
        &self,
        customer: &CustomerId,
        number: &InvoiceNumber,
    ) -> Result<Option<Loaded<Collection>>, StoreError> {
        self.get(self.scope.collection(customer, number), true).await
    }

    /// The state of an invoice that is named, read consistently.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn invoice_row_of(
        &self,
        customer: &CustomerId,
        named: &Named,
    ) -> Result<Option<Loaded<InvoiceRow>>, StoreError> {
        self.get(self.scope.invoice_row(customer, named.issued_on, &named.number), true).await
    }

    /// Stores what comes next, with the fact that explains it where there is one.
    ///
    /// # Errors
    /// `Refused("collection")` when somebody else was faster.
    pub async fn save_collection(&self, seen: &Loaded<Collection>, next: &Next) -> Result<(), CommitError> {
        let item = self.collection_item(next.collection(), seen.rev + 1);
        let events: &[Event] = match next {
            Next::Quiet(_) => &[],
            Next::Told(change) => change.events(),
        };
        self.commit().replace("collection", item, seen.rev).events(Some(&seen.value.customer), events).run().await
    }

    pub(crate) fn collection_item(&self, collection: &Collection, rev: u64) -> Result<Item, StoreError> {
        let key = self.scope.collection(&collection.customer, &collection.invoice.number);
        let item = Item::new(key, collection, rev)?;
        let Some(due_at) = collection.due_at else { return Ok(item) };
        let due = TenantScope::due_at(due_at, &item.key);
        Ok(item.todo(self.scope.due(), due))
    }
}
