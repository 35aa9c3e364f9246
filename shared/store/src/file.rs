//! Files of documents: written once, in the partition of the document they belong to.
//!
//! access patterns: all of one document (with its body) · note one, if its kind has none yet ·
//! keys: T#t#DOC#type#number / FILE#pdf, FILE#xml, FILE#xrechnung-ubl, FILE#xrechnung-cii

use domain::{
    document::DocumentType,
    id::CustomerId,
    number::{DocumentNumber, InvoiceNumber},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    CommitError, Loaded, StoreError, TenantStore,
    item::{Item, kind},
};

/// Which document: what its partition is named by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentRef {
    pub(crate) kind: DocumentType,
    pub(crate) slug: String,
}

impl DocumentRef {
    /// A document by its kind and number.
    #[must_use]
    pub fn new(kind: DocumentType, number: &DocumentNumber) -> Self {
        Self { kind, slug: number.slug() }
    }
}

impl From<&InvoiceNumber> for DocumentRef {
    fn from(number: &InvoiceNumber) -> Self {
        Self { kind: DocumentType::Invoice, slug: number.slug() }
    }
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

kind! { StoredFile = "file"; }

impl TenantStore {
    /// The file of a kind, read consistently.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn file(
        &self,
        document: impl Into<DocumentRef> + Send,
        kind: FileKind,
    ) -> Result<Option<StoredFile>, StoreError> {
        let key = self.scope.document_part(document, kind.sort_key());
        Ok(self.get(key, true).await?.map(|loaded: Loaded<StoredFile>| loaded.value))
    }

    /// Notes a file that lies in the bucket, once.
    ///
    /// # Errors
    /// `Refused("file")` when the document has a file of this kind already.
    pub async fn add_file(
        &self,
        document: impl Into<DocumentRef> + Send,
        file: &StoredFile,
        customer: &CustomerId,
        events: &[domain::Event],
    ) -> Result<(), CommitError> {
        let item = self.file_item(document.into(), file);
        self.commit().create("file", item).events(Some(customer), events).run().await
    }

    pub(crate) fn file_item(&self, document: DocumentRef, file: &StoredFile) -> Result<Item, StoreError> {
        Item::new(self.scope.document_part(document, file.kind.sort_key()), file, 1)
    }
}
