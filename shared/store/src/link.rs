//! Personal links: found by the hash of their token, listed and revoked by their id.
//!
//! access patterns (all consistent): token → link · id → link · links of a customer, all or by the page · revoke · whose document
//! a link may show · keys: T#t#LINK#hash / LINK, C / LINK#id

use domain::{
    change::{Actor, Change},
    document::DocumentType,
    id::{CustomerId, LinkId},
    link::Link,
    number::{DocumentNumber, InvoiceNumber},
};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    CommitError, DocumentRef, Loaded, Page, StoreError, TenantStore,
    access::{Range, batch_in_order, query, query_all},
    body::BodyItem,
    item::{Item, Raw, kind, read},
    key::{Key, LINKS},
};

/// Links read at once.
const PAGE: i32 = 100;
/// How long a link is kept after its end.
const AFTER_END: SignedDuration = SignedDuration::from_hours(90 * 24);

/// What stands under the hash of a token.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
enum LinkItem {
    /// The link itself, with the hash that is its key.
    First { token_hash: String, link: Link },
    /// A further token: the hash of the first one. What is true of a link, that it was revoked for instance, stands once.
    Further { of: String },
}

/// Where the link of an id stands. Ids begin with their time, so that the oldest link comes first.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LinkName {
    pub(crate) token_hash: String,
}

kind! { LinkItem = "link"; LinkName = "link_name"; }

impl LinkItem {
    fn into_link(self) -> Option<Link> {
        match self {
            Self::First { link, .. } => Some(link),
            Self::Further { .. } => None,
        }
    }
}

impl TenantStore {
    /// The link behind a token's hash, ended or not.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn link(&self, token_hash: &str) -> Result<Option<Loaded<Link>>, StoreError> {
        let found: Option<Loaded<LinkItem>> = self.get(self.scope.link(token_hash), true).await?;
        let found = match found {
            Some(Loaded { value: LinkItem::Further { of }, .. }) => self.get(self.scope.link(&of), true).await?,
            found => found,
        };
        Ok(found.and_then(|Loaded { value, rev }| value.into_link().map(|value| Loaded { value, rev })))
    }

    /// Stores a fresh link or its next state.
    ///
    /// # Errors
    /// `Refused("link")` when somebody else changed it meanwhile; of a fresh one `Refused("link_name")` when its id has a link,
    /// and `Refused("customer")` without its customer.
    pub async fn save_link(
        &self,
        token_hash: &str,
        change: &Change<Link>,
        seen: Option<u64>,
    ) -> Result<(), CommitError> {
        let link = change.next();
        let item = LinkItem::First { token_hash: token_hash.to_owned(), link: link.clone() };
        let item = Item::new(self.scope.link(token_hash), &item, seen.unwrap_or(0) + 1);
        let mut commit = self.commit().save("link", item.map(|item| ending(item, link)), seen);
        if seen.is_none() {
            let name = LinkName { token_hash: token_hash.to_owned() };
            let name = Item::new(self.scope.link_name(&link.customer, &link.id), &name, 1);
            commit = commit.create("link_name", name.map(|item| ending(item, link))).of_living(&link.customer);
        }
        commit.events(Some(&link.customer), change.events()).run().await
    }

    /// Gives a link one more token, for its mail: the first one cannot be known again. Whoever has it has the same link.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn add_token(&self, first_hash: &str, token_hash: &str, link: &Link) -> Result<(), CommitError> {
        let item = Item::new(self.scope.link(token_hash), &LinkItem::Further { of: first_hash.to_owned() }, 1);
        self.commit().create("link", item.map(|item| ending(item, link))).run().await
    }

    /// One link of a customer by its id, with its first token's hash.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn link_by_id(
        &self,
        customer: &CustomerId,
        id: &LinkId,
    ) -> Result<Option<(String, Loaded<Link>)>, StoreError> {
        let name: Option<Loaded<LinkName>> = self.get(self.scope.link_name(customer, id), true).await?;
        let Some(LinkName { token_hash }) = name.map(|name| name.value) else { return Ok(None) };
        Ok(self.link(&token_hash).await?.map(|link| (token_hash, link)))
    }

    /// A page of a customer's links, oldest first.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn links_page(
        &self,
        customer: &CustomerId,
        limit: u16,
        after: Option<String>,
    ) -> Result<Page<Link>, StoreError> {
        let page = self.link_keys(customer, i32::from(limit), after).await?;
        let links = self.links_at(page.items).await?.into_iter();
        Ok(Page { items: links.map(|(_, link)| link.value).collect(), next: page.next })
    }

    /// Whose document that is; none where there is no such document. The one place that knows where each kind lies.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn document_owner(
        &self,
        kind: DocumentType,
        number: &DocumentNumber,
    ) -> Result<Option<CustomerId>, StoreError> {
        match kind {
            DocumentType::Invoice => {
                let Ok(number) = InvoiceNumber::try_from(number.to_string()) else { return Ok(None) };
                let found = self.invoice_bodies(std::slice::from_ref(&number)).await?;
                Ok(found.into_iter().next().map(|body| body.customer))
            }
            kind => {
                let key = self.scope.document_part(DocumentRef::new(kind, number), "BODY");
                let found: Option<Loaded<BodyItem<DocumentNumber>>> = self.get(key, true).await?;
                Ok(found.map(|body| body.value.customer))
            }
        }
    }

    /// All links of a customer, ended or not, oldest first, each with its first token's hash.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn links(&self, customer: &CustomerId) -> Result<Vec<(String, Loaded<Link>)>, StoreError> {
        let names = query_all(&self.store, Range::prefix(self.scope.c(customer), LINKS, PAGE).consistent()).await?;
        let keys = names.into_iter().map(|raw| self.link_key(raw)).collect::<Result<_, _>>()?;
        self.links_at(keys).await
    }

    /// Takes back the permanent links of a customer that are meant; again is the same.
    ///
    /// # Errors
    /// `Refused("link")` when somebody else changed one meanwhile; doing it again is safe.
    pub async fn revoke_permanent(
        &self,
        customer: &CustomerId,
        is_meant: impl Fn(&Link) -> bool,
        now: Timestamp,
    ) -> Result<(), CommitError> {
        for (hash, link) in self.links(customer).await? {
            let is_meant = link.value.expires_at.is_none() && is_meant(&link.value);
            if let Some(change) = is_meant.then(|| link.value.revoke(Actor::Integrator, now)).flatten() {
                self.save_link(&hash, &change, Some(link.rev)).await?;
            }
        }
        Ok(())
    }

    /// Where a customer's links stand, oldest first.
    pub(crate) async fn link_keys(
        &self,
        customer: &CustomerId,
        limit: i32,
        after: Option<String>,
    ) -> Result<Page<Key>, StoreError> {
        let range = Range::prefix(self.scope.c(customer), LINKS, limit).consistent().after(after);
        let page = query(&self.store, range).await?;
        let keys = page.items.into_iter().map(|raw| self.link_key(raw));
        Ok(Page { items: keys.collect::<Result<_, _>>()?, next: page.next })
    }

    fn link_key(&self, name: Raw) -> Result<Key, StoreError> {
        Ok(self.scope.link(&read::<LinkName>(name)?.value.token_hash))
    }

    async fn links_at(&self, keys: Vec<Key>) -> Result<Vec<(String, Loaded<Link>)>, StoreError> {
        let items = batch_in_order(&self.store, keys, true).await?.into_iter().map(read::<LinkItem>);
        let first = |item: Loaded<LinkItem>| match item.value {
            LinkItem::First { token_hash, link } => Some((token_hash, Loaded { value: link, rev: item.rev })),
            LinkItem::Further { .. } => None,
        };
        items.filter_map(|item| item.map(first).transpose()).collect()
    }
}

/// Kept for a while after the link's end, so that a late click gets 410 and not 404. What works for ever stays.
fn ending(item: Item, link: &Link) -> Item {
    match link.expires_at {
        Some(end) => item.expiring(end + AFTER_END),
        None => item,
    }
}
