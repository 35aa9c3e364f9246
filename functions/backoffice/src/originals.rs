//! `PUT /api/admin/v1/documents/invoice/{number}/pdf`: the integrator's own PDF, kept and served byte for byte.

use domain::{Event, EventKind, FieldErrors, change::Actor, document::DocumentType, number::InvoiceNumber};
use files::{Object, Put};
use serde::Deserialize;
use store::{FileKind, StoredFile, secret};
use utoipa::ToSchema;
use web::{Answer, IntegratorContext, NoContent, Problem, Upload, scope};

use crate::{Clients, pdf_check};

/// Which document, type and slug.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct DocumentPath {
    r#type: String,
    number: String,
}

/// Keeps the file, once: what was handed out to customers never changes (§ 147 AO, GoBD).
pub(crate) async fn put(
    cx: IntegratorContext<scope::Write>,
    clients: Clients,
    upload: Upload<DocumentPath>,
) -> Answer<NoContent> {
    if upload.path.r#type != "invoice" {
        return Err(Problem::NotFound);
    }
    let number = InvoiceNumber::from_slug(&upload.path.number).map_err(|_| Problem::NotFound)?;
    if upload.content_type != "application/pdf" {
        return Err(Problem::UnsupportedType("application/pdf"));
    }
    pdf_check::check(&upload.bytes)?;
    let document = cx.store().invoice_document(&number).await?.ok_or(Problem::NotFound)?;
    let sha = secret::digest(&upload.bytes);
    match document.file(FileKind::Pdf) {
        Some(file) if file.original && file.sha256 == sha => return Ok(NoContent),
        Some(_) => return Err(exists()),
        None => {}
    }
    let tenant = cx.tenant().scope().id();
    let object = Object::OriginalPdf { tenant, document: DocumentType::Invoice, number: number.as_str(), sha256: &sha };
    let size = upload.bytes.len() as u64;
    let put = clients.files.put_once(object, upload.bytes.to_vec(), "application/pdf").await;
    let (Put::Stored | Put::AlreadyThere) = put.map_err(|error| Problem::Unavailable(error.to_string()))?;
    let file = StoredFile {
        kind: FileKind::Pdf,
        object: object.key(),
        sha256: sha,
        size,
        original: true,
        format: String::new(),
        stored_at: cx.now(),
    };
    let event = Event::new(EventKind::DocumentFileStored, Actor::Integrator, cx.now(), number.as_str());
    match cx.store().add_file(&number, &file, &document.body.customer, &[event]).await {
        Err(store::CommitError::Refused("file")) => Err(exists()),
        result => Ok(result.map(|()| NoContent)?),
    }
}

fn exists() -> Problem {
    Problem::Conflict(FieldErrors::one("pdf", "immutable", "the document has a PDF already, and it never changes"))
}
