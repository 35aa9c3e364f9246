//! Documents beside invoices (M-91): their bodies, written once, and the rows that customers see.
//!
//! access patterns: one with its files in one Query · a customer's, newest first, of all kinds or some · list by month ·
//! keys: T#t#DOC#type#number / BODY, FILE#pdf, FILE#xml, CM#…, DECISION; lists T#t#LIST#DOC#type#yyyy-mm / date#number ·
//! row C / DOC#date#type#number, of an offer DUE when it is over; of credit notes lists C#DOC#credit-note / date#number

use domain::{
    change::Change,
    comment::{self, Comment},
    document::{DocumentFacts, DocumentRow, DocumentType, OfferAnswer},
    id::CustomerId,
    number::DocumentNumber,
};
use jiff::civil::Date;

use crate::{
    CommitError, DocumentRef, FileKind, Loaded, Page, StoreError, StoredFile, TenantScope, TenantStore,
    access::{Index, Range, query, query_all, query_index},
    body::BodyItem,
    commit::Commit,
    item::{Item, KIND, kind, read, text},
    subscription::begin_anywhere,
};

/// Rows looked at per read while a filter leaves some of them out.
const FILTER_STEP: i32 = 100;
/// Reads one page may cost: then it ends with fewer rows and the place where it goes on.
const FILTER_READS: usize = 5;

/// The immutable part of a document with its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentBody {
    /// Its number.
    pub number: DocumentNumber,
    /// Whose it is; nobody else ever sees it.
    pub customer: CustomerId,
    /// Its facts.
    pub facts: DocumentFacts,
}

impl DocumentBody {
    /// Which kind it is.
    #[must_use]
    pub const fn kind(&self) -> DocumentType {
        self.facts.content.kind()
    }

    /// What its partition is named by.
    #[must_use]
    pub fn name(&self) -> DocumentRef {
        DocumentRef::new(self.kind(), &self.number)
    }

    fn of(item: BodyItem<DocumentNumber>) -> Result<Self, StoreError> {
        let facts = item.unpacked()?;
        Ok(Self { number: item.number, customer: item.customer, facts })
    }
}

/// Everything in the partition of one document.
#[derive(Debug, Clone)]
pub struct Document {
    /// Its immutable part.
    pub body: DocumentBody,
    /// Its files.
    pub files: Vec<StoredFile>,
    /// What was written about it, in order.
    pub comments: Vec<Comment>,
    /// How its customer answered an offer.
    pub answer: Option<OfferAnswer>,
}

impl Document {
    /// The stored file of a kind.
    #[must_use]
    pub fn file(&self, kind: FileKind) -> Option<&StoredFile> {
        self.files.iter().find(|file| file.kind == kind)
    }

    /// May its customer see it? What is only a PDF waits for that.
    #[must_use]
    pub fn is_visible(&self) -> bool {
        !self.body.facts.letter.uploaded || self.file(FileKind::Pdf).is_some_and(|file| file.original)
    }
}

kind! { DocumentRow = "document"; }

impl TenantStore {
    /// One document with its files, in one consistent Query.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn document(&self, name: &DocumentRef) -> Result<Option<Document>, StoreError> {
        let raw = query_all(&self.store, Range::prefix(self.scope.document(name), "", 500).consistent()).await?;
        let (mut body, mut files, mut comments, mut answer) = (None, vec![], vec![], None);
        for item in raw {
            match text(&item, KIND) {
                Some("document_body") => body = Some(DocumentBody::of(read(item)?.value)?),
                Some("file") => files.push(read::<StoredFile>(item)?.value),
                Some("comment") => comments.push(read::<Comment>(item)?.value),
                Some("offer_answer") => answer = Some(read::<OfferAnswer>(item)?.value),
                _ => {}
            }
        }
        comment::sort(&mut comments);
        Ok(body.map(|body| Document { body, files, comments, answer }))
    }

    /// The row of one document, read consistently.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn document_row(&self, body: &DocumentBody) -> Result<Option<Loaded<DocumentRow>>, StoreError> {
        let key = self.scope.document_row(&body.customer, body.facts.letter.issued_on, &body.name());
        self.get(key, true).await
    }

    /// The last documents of some kinds that a customer may see, newest first. Rows of other kinds cost reads, at most
    /// [`FILTER_READS`]: a page may be short, or empty, and still go on.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn document_rows(
        &self,
        customer: &CustomerId,
        kinds: &[DocumentType],
        limit: u16,
        after: Option<String>,
    ) -> Result<Page<DocumentRow>, StoreError> {
        let limit = usize::from(limit);
        let is_every = DocumentType::BESIDE_INVOICES.iter().all(|kind| kinds.contains(kind));
        // One row more than is shown: only that tells whether older ones follow.
        let step = if is_every { i32::try_from(limit + 1).unwrap_or(FILTER_STEP) } else { FILTER_STEP };
        let (mut found, mut position) = (Vec::with_capacity(limit + 1), after);
        for _ in 0..FILTER_READS {
            let range = Range::prefix(self.scope.c(customer), "DOC#", step).newest_first().after(position);
            let page = query(&self.store, range).await?;
            position = page.next;
            for raw in page.items {
                let place = text(&raw, "sk").map(str::to_owned);
                let row: DocumentRow = read(raw)?.value;
                if row.is_visible() && kinds.contains(&row.kind) {
                    found.push((place, row));
                }
            }
            if position.is_none() || found.len() > limit {
                break;
            }
        }
        if found.len() > limit {
            found.truncate(limit);
            position = found.last().and_then(|(place, _)| place.clone());
        }
        Ok(Page { items: found.into_iter().map(|(_, row)| row).collect(), next: position })
    }

    /// A customer's last credit notes that are to be seen, newest first: they stand below the invoices too (M-80).
    ///
    /// # Errors
    /// The table's errors.
    pub async fn credit_notes(&self, customer: &CustomerId, limit: u16) -> Result<Vec<DocumentRow>, StoreError> {
        let range = Range::prefix(self.scope.credit_notes(customer), "", i32::from(limit)).newest_first();
        let page = query_index(&self.store, Index::Lists, range).await?;
        let rows = self.get_rows::<DocumentRow>(&page.items).await?.into_iter().map(|loaded| loaded.value);
        Ok(rows.filter(DocumentRow::is_visible).collect())
    }

    /// Documents of a kind and month, by date: at most `limit`, and fewer where they are so long that one answer could not
    /// carry them.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn documents_of_month(
        &self,
        kind: DocumentType,
        month: Date,
        limit: u16,
        after: Option<String>,
    ) -> Result<Page<DocumentBody>, StoreError> {
        let partition = |number: &DocumentNumber| self.scope.document(&DocumentRef::new(kind, number));
        let list = self.scope.documents_of_month(kind, month);
        let page = self.bodies_of_month::<DocumentNumber>(list, limit, after, partition).await?;
        let items = page.items.into_iter().map(DocumentBody::of).collect::<Result<_, _>>()?;
        Ok(Page { items, next: page.next })
    }

    /// Issues a document: body, row and event at once.
    ///
    /// # Errors
    /// `Refused("body")` when the number is taken, `Refused("customer")` without its customer.
    pub async fn issue_document(&self, body: &DocumentBody, change: &Change<DocumentRow>) -> Result<(), CommitError> {
        let commit = self.put_document(self.commit(), body, change.next());
        commit.events(Some(&body.customer), change.events()).run().await
    }

    /// Body and row of a fresh document.
    pub(crate) fn put_document<'a>(&self, commit: Commit<'a>, body: &DocumentBody, row: &DocumentRow) -> Commit<'a> {
        commit
            .of_living(&body.customer)
            .create("body", self.document_body_item(body))
            .create("document_row", self.document_row_item(&body.customer, row, 1))
    }

    /// Notes the integrator's PDF, once, and that there is one; a document that waited for it is released with it.
    ///
    /// # Errors
    /// `Refused("file")` when the document has a PDF already, `Refused("row")` when somebody else changed the row meanwhile.
    pub async fn add_original(
        &self,
        body: &DocumentBody,
        seen: &Loaded<DocumentRow>,
        file: &StoredFile,
        change: &Change<DocumentRow>,
    ) -> Result<(), CommitError> {
        let row = self.document_row_item(&body.customer, change.next(), seen.rev + 1);
        let mut commit = self.commit().create("file", self.file_item(body.name(), file)).replace("row", row, seen.rev);
        if seen.value.notify {
            commit = self.put_release(commit, &change.next().release());
        }
        commit.events(Some(&body.customer), change.events()).run().await
    }

    /// Writes the row of a document anew.
    ///
    /// # Errors
    /// `Refused("row")` when somebody else changed it meanwhile.
    pub async fn save_document_row(
        &self,
        customer: &CustomerId,
        seen: &Loaded<DocumentRow>,
        change: &Change<DocumentRow>,
    ) -> Result<(), CommitError> {
        let row = self.document_row_item(customer, change.next(), seen.rev + 1);
        self.commit().replace("row", row, seen.rev).events(Some(customer), change.events()).run().await
    }

    fn document_body_item(&self, body: &DocumentBody) -> Result<Item, StoreError> {
        let stored = BodyItem::packed(body.number.clone(), body.customer.clone(), &body.facts)?;
        let item = Item::new(self.scope.document_part(body.name(), "BODY"), &stored, 1)?;
        let issued_on = body.facts.letter.issued_on;
        let list = self.scope.documents_of_month(body.kind(), issued_on);
        Ok(item.listed(list, format!("{issued_on}#{}", body.number.slug())))
    }

    pub(crate) fn document_row_item(
        &self,
        customer: &CustomerId,
        row: &DocumentRow,
        rev: u64,
    ) -> Result<Item, StoreError> {
        let name = DocumentRef::new(row.kind, &row.number);
        let item = Item::new(self.scope.document_row(customer, row.issued_on, &name), row, rev)?;
        let item = match row.kind {
            DocumentType::CreditNote => {
                item.listed(self.scope.credit_notes(customer), format!("{}#{}", row.issued_on, row.number.slug()))
            }
            _ => item,
        };
        let Some(day) = row.next_day() else { return Ok(item) };
        let due = TenantScope::due_at(begin_anywhere(day), &item.key);
        Ok(item.todo(self.scope.due(), due))
    }
}
