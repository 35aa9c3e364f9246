//! Personal links: found by the hash of their token, listed and revoked by their id.
//!
//! access patterns: token → link (consistent) · links of a customer, all or by the page (of their last second some may lack) ·
//! revoke · whose document a link may show · keys: T#t#LINK#hash / LINK; lists C#LINK / created#id

use domain::{
    change::Change,
    document::DocumentType,
    id::{CustomerId, LinkId},
    link::Link,
    number::{DocumentNumber, InvoiceNumber},
};

use crate::{
    CommitError, DocumentRef, Loaded, Page, StoreError, TenantStore,
    access::{Index, Range, query_index, query_index_all},
    body::BodyItem,
    item::{Item, kind},
    key::instant,
};

/// A link with the hash of its token, which is its key.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
struct LinkItem {
    token_hash: String,
    /// Of a further token: the hash of the first one, under which the link itself stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    of: Option<String>,
    link: Link,
}

kind! { LinkItem = "link"; }

impl TenantStore {
    /// The link behind a token's hash, ended or not.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn link(&self, token_hash: &str) -> Result<Option<Loaded<Link>>, StoreError> {
        let found: Option<Loaded<LinkItem>> = self.get(self.scope.link(token_hash), true).await?;
        // What is true of a link, that it was revoked for instance, stands in one place.
        let found = match found.as_ref().and_then(|found| found.value.of.as_ref()) {
            Some(first) => self.get(self.scope.link(first), true).await?,
            None => found,
        };
        Ok(found.map(|loaded| Loaded { value: loaded.value.link, rev: loaded.rev }))
    }

    /// Stores a fresh link or its next state.
    ///
    /// # Errors
    /// `Refused("link")` when somebody else changed it meanwhile.
    pub async fn save_link(
        &self,
        token_hash: &str,
        change: &Change<Link>,
        seen: Option<u64>,
    ) -> Result<(), CommitError> {
        let link = change.next();
        let item = LinkItem { token_hash: token_hash.to_owned(), of: None, link: link.clone() };
        let sort = format!("{}#{}", instant(link.created_at), link.id);
        let item = self
            .link_item(&item, seen.unwrap_or(0) + 1)
            .map(|item| item.listed(self.scope.links_of(&link.customer), sort));
        self.commit().save("link", item, seen).events(Some(&link.customer), change.events()).run().await
    }

    /// Gives a link one more token, for its mail: the first one cannot be known again. Whoever has it has the same link.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn add_token(&self, first_hash: &str, token_hash: &str, link: &Link) -> Result<(), CommitError> {
        let item = LinkItem { token_hash: token_hash.to_owned(), of: Some(first_hash.to_owned()), link: link.clone() };
        self.commit().create("link", self.link_item(&item, 1)).run().await
    }

    fn link_item(&self, item: &LinkItem, rev: u64) -> Result<Item, StoreError> {
        let stored = Item::new(self.scope.link(&item.token_hash), item, rev)?;
        // Kept for 90 days after its end, so that a late click gets 410 and not 404. What works for ever stays.
        let end = item.link.expires_at.map(|end| end + jiff::SignedDuration::from_hours(90 * 24));
        Ok(match end {
            Some(end) => stored.expiring(end),
            None => stored,
        })
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
        Ok(self.links(customer).await?.into_iter().find(|(_, link)| link.value.id == *id))
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
        let range = Range::prefix(self.scope.links_of(customer), "", i32::from(limit)).after(after);
        let page = query_index(&self.store, Index::Lists, range).await?;
        let items = self.get_rows::<LinkItem>(&page.items).await?.into_iter().map(|item| item.value.link).collect();
        Ok(Page { items, next: page.next })
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
        let range = Range::prefix(self.scope.links_of(customer), "", 100);
        let rows = query_index_all(&self.store, Index::Lists, range).await?;
        let items = self.get_rows::<LinkItem>(&rows).await?.into_iter();
        Ok(items.map(|item| (item.value.token_hash, Loaded { value: item.value.link, rev: item.rev })).collect())
    }
}
