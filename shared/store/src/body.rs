//! Bodies of documents as they are stored: facts as compressed JSON, because a Query pays for bytes.
//!
//! access patterns: list by month, at most what one answer can carry · keys: T#t#DOC#type#number / BODY;
//! lists T#t#LIST#DOC#type#yyyy-mm / date#number

use domain::{
    document::DocumentFacts,
    id::CustomerId,
    invoice::InvoiceFacts,
    number::{DocumentNumber, InvoiceNumber},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    Page, StoreError, TenantStore,
    access::{Index, Range, index_cursor, query_index},
    item::{Kind, pack, text, unpack, unpacked_bytes},
};

/// Most bytes of facts, as JSON, in one page of a list: an answer of Lambda is bounded.
const MAX_LIST_BYTES: usize = 3_000_000;

/// The immutable part of a document with its owner, under a number of its own kind.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct BodyItem<N> {
    pub(crate) number: N,
    pub(crate) customer: CustomerId,
    #[serde(with = "serde_bytes")]
    facts: Vec<u8>,
}

impl Kind for BodyItem<InvoiceNumber> {
    const KIND: &'static str = "invoice_body";
}

impl Kind for BodyItem<DocumentNumber> {
    const KIND: &'static str = "document_body";
}

/// The facts that stand under a number.
pub(crate) trait Numbered: Sized {
    /// Of an invoice or of another document.
    type Facts: Serialize + DeserializeOwned;
}

impl Numbered for InvoiceNumber {
    type Facts = InvoiceFacts;
}

impl Numbered for DocumentNumber {
    type Facts = DocumentFacts;
}

impl<N: Numbered> BodyItem<N>
where
    Self: Kind,
{
    pub(crate) fn packed(number: N, customer: CustomerId, facts: &N::Facts) -> Result<Self, StoreError> {
        Ok(Self { number, customer, facts: pack(Self::KIND, facts)? })
    }

    pub(crate) fn unpacked(&self) -> Result<N::Facts, StoreError> {
        unpack(Self::KIND, &self.facts)
    }
}

impl TenantStore {
    /// Bodies of one month's list, by date: at most `limit`, and fewer where they are so long that one answer could not carry
    /// them. `partition` is that of a body's document.
    pub(crate) async fn bodies_of_month<N>(
        &self,
        list: String,
        limit: u16,
        after: Option<String>,
        partition: impl Fn(&N) -> String,
    ) -> Result<Page<BodyItem<N>>, StoreError>
    where
        BodyItem<N>: Kind,
    {
        let range = Range::prefix(list, "", i32::from(limit)).after(after);
        let page = query_index(&self.store, Index::Lists, range).await?;
        let loaded = self.get_rows::<BodyItem<N>>(&page.items).await?;
        let (mut items, mut next, mut bytes) = (Vec::with_capacity(loaded.len()), page.next, 0);
        for body in loaded.into_iter().map(|loaded| loaded.value) {
            bytes += unpacked_bytes(&body.facts);
            if bytes > MAX_LIST_BYTES && !items.is_empty() {
                let last = items.last().map(|body: &BodyItem<N>| partition(&body.number));
                let row = page.items.iter().find(|raw| text(raw, "pk") == last.as_deref());
                next = row.and_then(|raw| index_cursor(raw, "l_sk"));
                break;
            }
            items.push(body);
        }
        Ok(Page { items, next })
    }
}
