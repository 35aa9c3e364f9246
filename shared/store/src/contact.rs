//! Contact persons (M-81).
//!
//! access patterns: the contact of a customer · list · keys: T#t#CONTACT / number

use domain::{
    change::{Actor, Event, EventKind},
    customer::Contact,
    number::ContactNumber,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    CommitError, Loaded, Page, StoreError, TenantStore,
    access::{Range, query},
    item::{Item, kind, read},
};

/// A contact with its number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct ContactItem {
    number: ContactNumber,
    contact: Contact,
}

kind! { ContactItem = "contact"; }

impl TenantStore {
    /// One contact person.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn contact(&self, number: &ContactNumber) -> Result<Option<Loaded<Contact>>, StoreError> {
        let found: Option<Loaded<ContactItem>> = self.get(self.scope.contact(number), false).await?;
        Ok(found.map(|loaded| Loaded { value: loaded.value.contact, rev: loaded.rev }))
    }

    /// All contact persons, by number.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn contacts(&self, limit: u16, after: Option<String>) -> Result<Page<(ContactNumber, Contact)>, StoreError> {
        let first = self.scope.contact_pk();
        let page = query(&self.store, Range::prefix(first, "", i32::from(limit)).after(after)).await?;
        let items = page.items.into_iter().map(|raw| read(raw).map(|l: Loaded<ContactItem>| (l.value.number, l.value.contact)));
        Ok(Page { items: items.collect::<Result<_, _>>()?, next: page.next })
    }

    /// Creates or replaces a contact person.
    ///
    /// # Errors
    /// `Refused("contact")` when somebody else changed it meanwhile.
    pub async fn save_contact(&self, number: &ContactNumber, contact: &Contact, seen: Option<u64>, actor: Actor, now: Timestamp) -> Result<(), CommitError> {
        let item = ContactItem { number: number.clone(), contact: contact.clone() };
        let event = Event::new(EventKind::ContactChanged, actor, now, number.as_str());
        self.commit()
            .save("contact", Item::new(self.scope.contact(number), &item, seen.unwrap_or(0) + 1), seen)
            .events(None, &[event])
            .run()
            .await
    }
}
