//! Bodies of documents: written once, with their files and postings in one partition.
//!
//! access patterns: everything of one document in one Query · list by month · file of a kind ·
//! keys: T#t#DOC#invoice#number / BODY, FILE#pdf, FILE#xml, FILE#xrechnung-…, PAY#…, MOVE#…; lists T#t#LIST#DOC#invoice#yyyy-mm / date#number

use domain::{
    id::CustomerId,
    invoice::{InvoiceFacts, Movement, PaymentRecord},
    number::InvoiceNumber,
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    CommitError, Loaded, Page, StoreError, TenantStore,
    access::{Index, Range, index_cursor, query_all, query_index},
    item::{Item, KIND, Kind as _, kind, pack, read, text, unpack, unpacked_bytes},
};

/// Most bytes of facts, as JSON, in one page of a list: an answer of Lambda is bounded.
const MAX_LIST_BYTES: usize = 3_000_000;

/// The immutable part of an invoice with its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceBody {
    /// „Re.-Nummer".
    pub number: InvoiceNumber,
    /// Whose it is; nobody else ever sees it.
    pub customer: CustomerId,
    /// Its facts.
    pub facts: InvoiceFacts,
}

/// A body as stored: the facts as compressed JSON, because a Query pays for bytes.
#[derive(Debug, Serialize, Deserialize)]
struct BodyItem {
    number: InvoiceNumber,
    customer: CustomerId,
    #[serde(with = "serde_bytes")]
    facts: Vec<u8>,
}

/// Which file of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileKind {
    /// What people read.
    Pdf,
    /// EN 16931, as it lies in the PDF.
    Xml,
    /// XRechnung in UBL.
    XrechnungUbl,
    /// XRechnung in CII.
    XrechnungCii,
}

impl FileKind {
    const fn sort_key(self) -> &'static str {
        match self {
            Self::Pdf => "FILE#pdf",
            Self::Xml => "FILE#xml",
            Self::XrechnungUbl => "FILE#xrechnung-ubl",
            Self::XrechnungCii => "FILE#xrechnung-cii",
        }
    }
}

/// A file in the bucket that belongs to a document. It is written once, as § 147 AO and the GoBD want it of issued documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredFile {
    /// Which one.
    pub kind: FileKind,
    /// Where it lies in the bucket.
    pub object: String,
    /// SHA-256 of its bytes (base64url).
    pub sha256: String,
    /// Size in bytes.
    pub size: u64,
    /// Uploaded by the integrator, or rendered by the portal?
    pub original: bool,
    /// Profile and version of the data inside, for example `factur-x en16931 1.0`; empty when unknown.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub format: String,
    /// When it was stored.
    pub stored_at: Timestamp,
}

kind! {
    BodyItem = "invoice_body";
    StoredFile = "file";
    PaymentRecord = "payment_record";
    Movement = "movement";
}

/// Everything in the partition of one invoice.
#[derive(Debug, Clone)]
pub struct InvoiceDocument {
    /// Its immutable part.
    pub body: InvoiceBody,
    /// Its files.
    pub files: Vec<StoredFile>,
    /// Payments the integrator booked on it, in the order of booking.
    pub payments: Vec<PaymentRecord>,
    /// Movements of the portal's payments that its row had no place for.
    pub movements: Vec<Movement>,
}

impl InvoiceDocument {
    /// The stored file of a kind.
    #[must_use]
    pub fn file(&self, kind: FileKind) -> Option<&StoredFile> {
        self.files.iter().find(|file| file.kind == kind)
    }
}

impl TenantStore {
    /// One invoice with its files and payments, in one consistent Query.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn invoice_document(&self, number: &InvoiceNumber) -> Result<Option<InvoiceDocument>, StoreError> {
        let raw = query_all(&self.store, Range::prefix(self.scope.document(number), "", 500).consistent()).await?;
        let (mut body, mut files, mut payments, mut movements) = (None, vec![], vec![], vec![]);
        for item in raw {
            match text(&item, KIND) {
                Some("invoice_body") => body = Some(self::body(read(item)?.value)?),
                Some("file") => files.push(read::<StoredFile>(item)?.value),
                Some("payment_record") => payments.push(read::<PaymentRecord>(item)?.value),
                Some("movement") => movements.push(read::<Movement>(item)?.value),
                _ => {}
            }
        }
        Ok(body.map(|body| InvoiceDocument { body, files, payments, movements }))
    }

    /// Bodies of many invoices; absent ones are absent.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn invoice_bodies(&self, numbers: &[InvoiceNumber]) -> Result<Vec<InvoiceBody>, StoreError> {
        let keys = numbers.iter().map(|number| self.scope.document_part(number, "BODY")).collect();
        let found = crate::access::batch_get(&self.store, keys, true).await?;
        found.into_values().map(|raw| body(read(raw)?.value)).collect()
    }

    /// Invoices of a month, by date: at most `limit`, and fewer where they are so long that one answer could not carry
    /// them.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn invoices_of_month(
        &self,
        month: Date,
        limit: u16,
        after: Option<String>,
    ) -> Result<Page<InvoiceBody>, StoreError> {
        let range = Range::prefix(self.scope.documents_of_month(month), "", i32::from(limit)).after(after);
        let page = query_index(&self.store, Index::Lists, range).await?;
        let loaded = self.get_rows::<BodyItem>(&page.items).await?;
        let (mut items, mut next, mut bytes) = (Vec::with_capacity(loaded.len()), page.next, 0);
        for BodyItem { number, customer, facts } in loaded.into_iter().map(|loaded| loaded.value) {
            bytes += unpacked_bytes(&facts);
            if bytes > MAX_LIST_BYTES && !items.is_empty() {
                let last = items.last().map(|body: &InvoiceBody| self.scope.document(&body.number));
                let row = page.items.iter().find(|raw| text(raw, "pk") == last.as_deref());
                next = row.and_then(|raw| index_cursor(raw, "l_sk"));
                break;
            }
            items.push(body(BodyItem { number, customer, facts })?);
        }
        Ok(Page { items, next })
    }

    /// Notes a file that lies in the bucket, once.
    ///
    /// # Errors
    /// `Refused("file")` when the document has a file of this kind already.
    pub async fn add_file(
        &self,
        number: &InvoiceNumber,
        file: &StoredFile,
        customer: &CustomerId,
        events: &[domain::Event],
    ) -> Result<(), CommitError> {
        let key = self.scope.document_part(number, file.kind.sort_key());
        self.commit().create("file", Item::new(key, file, 1)).events(Some(customer), events).run().await
    }

    pub(crate) fn body_item(&self, body: &InvoiceBody) -> Result<Item, StoreError> {
        let stored = BodyItem {
            number: body.number.clone(),
            customer: body.customer.clone(),
            facts: pack(BodyItem::KIND, &body.facts)?,
        };
        let item = Item::new(self.scope.document_part(&body.number, "BODY"), &stored, 1)?;
        let sort = format!("{}#{}", body.facts.issued_on, body.number.slug());
        Ok(item.listed(self.scope.documents_of_month(body.facts.issued_on), sort))
    }

    /// Payments of an invoice are kept beside its body; the reference guard says which.
    pub(crate) async fn payment_record(
        &self,
        number: &InvoiceNumber,
        part: &str,
    ) -> Result<Option<Loaded<PaymentRecord>>, StoreError> {
        self.get(self.scope.document_part(number, part), true).await
    }
}

fn body(item: BodyItem) -> Result<InvoiceBody, StoreError> {
    let facts = unpack(BodyItem::KIND, &item.facts)?;
    Ok(InvoiceBody { number: item.number, customer: item.customer, facts })
}
