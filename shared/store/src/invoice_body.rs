//! Bodies of invoices: written once, with their files and postings in one partition.
//!
//! access patterns: everything of one invoice in one Query · list by month ·
//! keys: T#t#DOC#invoice#number / BODY, FILE#pdf, FILE#xml, PAY#…, MOVE#…, CM#…; lists T#t#LIST#DOC#invoice#yyyy-mm / date#number

use domain::{
    comment::{self, Comment},
    document::DocumentType,
    id::CustomerId,
    invoice::{CreditShare, InvoiceFacts, Movement, PaymentRecord},
    number::InvoiceNumber,
};
use jiff::civil::Date;

use crate::{
    FileKind, Loaded, Page, StoreError, StoredFile, TenantStore,
    access::{Range, query_all},
    body::BodyItem,
    item::{Item, KIND, kind, read, text},
};

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

impl InvoiceBody {
    fn of(item: BodyItem<InvoiceNumber>) -> Result<Self, StoreError> {
        let facts = item.unpacked()?;
        Ok(Self { number: item.number, customer: item.customer, facts })
    }
}

kind! {
    PaymentRecord = "payment_record";
    Movement = "movement";
    CreditShare = "credit_share";
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
    /// What credit notes took from it.
    pub credited: Vec<CreditShare>,
    /// What was written about it, in order.
    pub comments: Vec<Comment>,
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
        let raw =
            query_all(&self.store, Range::prefix(self.scope.document(&number.into()), "", 500).consistent()).await?;
        let (mut body, mut files, mut payments, mut movements) = (None, vec![], vec![], vec![]);
        let (mut credited, mut comments) = (vec![], vec![]);
        for item in raw {
            match text(&item, KIND) {
                Some("invoice_body") => body = Some(InvoiceBody::of(read(item)?.value)?),
                Some("file") => files.push(read::<StoredFile>(item)?.value),
                Some("payment_record") => payments.push(read::<PaymentRecord>(item)?.value),
                Some("movement") => movements.push(read::<Movement>(item)?.value),
                Some("credit_share") => credited.push(read::<CreditShare>(item)?.value),
                Some("comment") => comments.push(read::<Comment>(item)?.value),
                _ => {}
            }
        }
        comment::sort(&mut comments);
        Ok(body.map(|body| InvoiceDocument { body, files, payments, movements, credited, comments }))
    }

    /// Bodies of many invoices; absent ones are absent.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn invoice_bodies(&self, numbers: &[InvoiceNumber]) -> Result<Vec<InvoiceBody>, StoreError> {
        let keys = numbers.iter().map(|number| self.scope.document_part(number, "BODY")).collect();
        let found = crate::access::batch_get(&self.store, keys, true).await?;
        found.into_values().map(|raw| InvoiceBody::of(read(raw)?.value)).collect()
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
        let partition = |number: &InvoiceNumber| self.scope.document(&number.into());
        let list = self.scope.documents_of_month(DocumentType::Invoice, month);
        let page = self.bodies_of_month::<InvoiceNumber>(list, limit, after, partition).await?;
        let items = page.items.into_iter().map(InvoiceBody::of).collect::<Result<_, _>>()?;
        Ok(Page { items, next: page.next })
    }

    pub(crate) fn body_item(&self, body: &InvoiceBody) -> Result<Item, StoreError> {
        let stored = BodyItem::packed(body.number.clone(), body.customer.clone(), &body.facts)?;
        let item = Item::new(self.scope.document_part(&body.number, "BODY"), &stored, 1)?;
        let sort = format!("{}#{}", body.facts.issued_on, body.number.slug());
        Ok(item.listed(self.scope.documents_of_month(DocumentType::Invoice, body.facts.issued_on), sort))
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
