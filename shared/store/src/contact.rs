//! Contact persons (M-81).
//!
//! access patterns: the contact of a customer · list · keys: T#t#CONTACT / number

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use domain::{
    change::{Actor, Event, EventKind},
    customer::Contact,
    id::TenantId,
    number::ContactNumber,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    CommitError, Loaded, Page, StoreError, TenantStore,
    access::{Range, query},
    item::{Item, kind, read},
};

/// How long a contact person is believed, as long as settings are.
const FRESH: SignedDuration = SignedDuration::from_secs(60);
/// Most contact persons kept; beyond it the cache starts anew.
const CAPACITY: usize = 10_000;

type Known = HashMap<(TenantId, ContactNumber), (Option<Contact>, Timestamp)>;

/// Contact persons of one process: few, the operator's own, and asked for on every start page.
#[derive(Debug, Default)]
pub(crate) struct ContactCache(Mutex<Known>);

impl ContactCache {
    fn get(&self, key: &(TenantId, ContactNumber), now: Timestamp) -> Option<Option<Contact>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (contact, read_at) = known.get(key)?;
        let age = now.duration_since(*read_at);
        (age >= SignedDuration::ZERO && age < FRESH).then(|| contact.clone())
    }

    fn put(&self, key: (TenantId, ContactNumber), contact: Option<Contact>, now: Timestamp) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= CAPACITY {
            known.clear();
        }
        known.insert(key, (contact, now));
    }

    fn forget(&self, key: &(TenantId, ContactNumber)) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

/// A contact with its number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct ContactItem {
    number: ContactNumber,
    contact: Contact,
}

kind! { ContactItem = "contact"; }

impl TenantStore {
    /// One contact person, read consistently.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn contact(&self, number: &ContactNumber) -> Result<Option<Loaded<Contact>>, StoreError> {
        self.read_contact(number, true).await
    }

    async fn read_contact(
        &self,
        number: &ContactNumber,
        consistent: bool,
    ) -> Result<Option<Loaded<Contact>>, StoreError> {
        let found: Option<Loaded<ContactItem>> = self.get(self.scope.contact(number), consistent).await?;
        Ok(found.map(|loaded| Loaded { value: loaded.value.contact, rev: loaded.rev }))
    }

    /// One contact person for showing, at most a minute old.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn contact_to_show(&self, number: &ContactNumber, now: Timestamp) -> Result<Option<Contact>, StoreError> {
        let (cache, key) = (&self.store.inner.contacts, (self.scope.id().clone(), number.clone()));
        if let Some(known) = cache.get(&key, now) {
            return Ok(known);
        }
        let contact = self.read_contact(number, false).await?.map(|loaded| loaded.value);
        cache.put(key, contact.clone(), now);
        Ok(contact)
    }

    /// All contact persons, by number.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn contacts(
        &self,
        limit: u16,
        after: Option<String>,
    ) -> Result<Page<(ContactNumber, Contact)>, StoreError> {
        let first = self.scope.contact_pk();
        let page = query(&self.store, Range::prefix(first, "", i32::from(limit)).after(after)).await?;
        let items =
            page.items.into_iter().map(|raw| read(raw).map(|l: Loaded<ContactItem>| (l.value.number, l.value.contact)));
        Ok(Page { items: items.collect::<Result<_, _>>()?, next: page.next })
    }

    /// Creates or replaces a contact person.
    ///
    /// # Errors
    /// `Refused("contact")` when somebody else changed it meanwhile.
    pub async fn save_contact(
        &self,
        number: &ContactNumber,
        contact: &Contact,
        seen: Option<u64>,
        actor: Actor,
        now: Timestamp,
    ) -> Result<(), CommitError> {
        let item = ContactItem { number: number.clone(), contact: contact.clone() };
        let event = Event::new(EventKind::ContactChanged, actor, now, number.as_str());
        self.commit()
            .save("contact", Item::new(self.scope.contact(number), &item, seen.unwrap_or(0) + 1), seen)
            .events(None, &[event])
            .run()
            .await?;
        self.store.inner.contacts.forget(&(self.scope.id().clone(), number.clone()));
        Ok(())
    }
}
