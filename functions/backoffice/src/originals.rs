//! `PUT /api/admin/v1/documents/{type}/{number}/pdf`: the integrator's own PDF, kept and served byte for byte.

use domain::{
    Event, EventKind, FieldErrors,
    change::Actor,
    document::DocumentType,
    erasure::locked_until,
    number::{DocumentNumber, InvoiceNumber},
};
use files::{Kept, Object, Put};
use jiff::civil::Date;
use store::{CommitError, DocumentRef, FileKind, StoredFile, deciding_again, secret};
use web::{Answer, IntegratorContext, NoContent, Problem, Upload, scope};

use crate::{Clients, documents::DocumentPath, pdf_check};

type Cx = IntegratorContext<scope::Write>;

/// A PDF that may be handed to customers.
struct Original {
    bytes: Vec<u8>,
    sha256: String,
}

/// The document that it is the original of.
#[derive(Clone, Copy)]
struct Issued<'a> {
    kind: DocumentType,
    number: &'a str,
    issued_on: Date,
}

/// Keeps the file, once: what was handed out to customers never changes (§ 147 AO, GoBD).
pub(crate) async fn put(cx: Cx, clients: Clients, upload: Upload<DocumentPath>) -> Answer<NoContent> {
    let kind = DocumentType::from_code(&upload.path.r#type).ok_or(Problem::NotFound)?;
    if upload.content_type != "application/pdf" {
        return Err(Problem::UnsupportedType("application/pdf"));
    }
    pdf_check::check(&upload.bytes)?;
    let original = Original { bytes: upload.bytes.to_vec(), sha256: secret::digest(&upload.bytes) };
    match kind {
        DocumentType::Invoice => of_invoice(&cx, &clients, &upload.path.number, original).await,
        _ => of_document(&cx, &clients, (kind, &upload.path.number), original).await,
    }
}

async fn of_invoice(cx: &Cx, clients: &Clients, slug: &str, original: Original) -> Answer<NoContent> {
    let number = InvoiceNumber::from_slug(slug).map_err(|_| Problem::NotFound)?;
    let document = cx.store().invoice_document(&number).await?.ok_or(Problem::NotFound)?;
    if original.is_kept(document.file(FileKind::Pdf))? {
        return Ok(NoContent);
    }
    let issued_on = document.body.facts.issued_on;
    let issued = Issued { kind: DocumentType::Invoice, number: number.as_str(), issued_on };
    let file = original.kept(cx, clients, issued).await?;
    let event = Event::new(EventKind::DocumentFileStored, Actor::Integrator, cx.now(), number.as_str())
        .with("type", DocumentType::Invoice.code());
    match cx.store().add_file(&number, &file, &document.body.customer, &[event]).await {
        Err(CommitError::Refused("file")) => Err(exists()),
        result => Ok(result.map(|()| NoContent)?),
    }
}

/// Its row says that there is one: a document that is only a PDF is seen from now on.
async fn of_document(
    cx: &Cx,
    clients: &Clients,
    (kind, slug): (DocumentType, &str),
    original: Original,
) -> Answer<NoContent> {
    let number = DocumentNumber::from_slug(slug).map_err(|_| Problem::NotFound)?;
    let document = cx.store().document(&DocumentRef::new(kind, &number)).await?.ok_or(Problem::NotFound)?;
    if original.is_kept(document.file(FileKind::Pdf))? {
        return Ok(NoContent);
    }
    let issued = Issued { kind, number: number.as_str(), issued_on: document.body.facts.letter.issued_on };
    let file = original.kept(cx, clients, issued).await?;
    deciding_again(|| async {
        let row = cx.store().document_row(&document.body).await?.ok_or(Problem::NotFound)?;
        let change = row.value.with_pdf(Actor::Integrator, cx.now());
        match cx.store().add_original(&document.body, &row, &file, &change).await {
            Err(CommitError::Refused("file")) => Err(exists()),
            result => Ok(result?),
        }
    })
    .await?;
    Ok(NoContent)
}

impl Original {
    /// Is it what the document has already? Another one it never gets.
    fn is_kept(&self, file: Option<&StoredFile>) -> Answer<bool> {
        match file {
            Some(file) if file.original && file.sha256 == self.sha256 => Ok(true),
            Some(_) => Err(exists()),
            None => Ok(false),
        }
    }

    /// Puts it into the bucket, locked as long as it must be kept.
    async fn kept(self, cx: &Cx, clients: &Clients, issued: Issued<'_>) -> Answer<StoredFile> {
        let (Self { bytes, sha256 }, Issued { kind, number, issued_on }) = (self, issued);
        let object = Object::OriginalPdf { tenant: cx.tenant().scope().id(), document: kind, number, sha256: &sha256 };
        let until = locked_until(kind, issued_on, &cx.tenant().settings.zone, cx.now());
        let (size, kept) = (bytes.len() as u64, Kept { content_type: "application/pdf", until });
        let put = clients.files.put_once(object, bytes, kept).await;
        let (Put::Stored | Put::AlreadyThere) = put.map_err(|error| Problem::Unavailable(error.to_string()))?;
        Ok(StoredFile {
            kind: FileKind::Pdf,
            object: object.key(),
            size,
            original: true,
            format: String::new(),
            stored_at: cx.now(),
            sha256,
        })
    }
}

fn exists() -> Problem {
    Problem::Conflict(FieldErrors::one("pdf", "immutable", "the document has a PDF already, and it never changes"))
}
