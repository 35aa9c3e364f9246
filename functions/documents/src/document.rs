//! `/documents/{type}/{number}/pdf`: the original of a document beside invoices as it was uploaded, handed out by a
//! short-lived address of the bucket.

use domain::{document::DocumentType, id::TenantId, number::DocumentNumber};
use files::{Object, Presigned};
use serde::Deserialize;
use store::{Document, DocumentRef, FileKind, StoredFile};
use text::Words;
use utoipa::ToSchema;
use web::{Answer, Asked, CustomerContext, Problem, SeeOther, area};

use crate::{
    Clients,
    tools::{ADDRESS_LIFETIME, unavailable},
};

/// Which document, type and slug.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct Ask {
    r#type: String,
    number: String,
}

/// What is another customer's, of a kind that is not released, or has no PDF is the same 404 as none.
pub(crate) async fn pdf(cx: CustomerContext<area::Documents>, clients: Clients, ask: Asked<Ask>) -> Answer<SeeOther> {
    let settings = &cx.tenant().settings;
    let kind = DocumentType::from_code(&ask.0.r#type).filter(|kind| settings.documents_shown().contains(kind));
    let kind = kind.ok_or(Problem::NotFound)?;
    let number = DocumentNumber::from_slug(&ask.0.number).map_err(|_| Problem::NotFound)?;
    let document = cx.store().document(&DocumentRef::new(kind, &number)).await?;
    let document = document.filter(|document| document.body.customer == *cx.customer()).ok_or(Problem::NotFound)?;
    // What costs something is made for a checked session only; for all others the answer is thrown away anyway.
    cx.session().await?;
    let file = file(&document)?;
    let object = object(cx.tenant().scope().id(), &document, file);
    let t = Words::new(document.body.facts.letter.language.unwrap_or(settings.language));
    let file_name = format!("{}-{number}.pdf", t.document_kind(kind));
    let how =
        Presigned { content_type: "application/pdf", file_name: &file_name, inline: true, lifetime: ADDRESS_LIFETIME };
    let address = clients.files.presigned_get(object, how).await.map_err(unavailable)?;
    Ok(SeeOther::to(address))
}

/// The PDF that was noted with the document. One without is read and printed on its page.
fn file(document: &Document) -> Answer<&StoredFile> {
    document.file(FileKind::Pdf).ok_or(Problem::NotFound)
}

fn object<'a>(tenant: &'a TenantId, document: &'a Document, file: &'a StoredFile) -> Object<'a> {
    let (number, sha256) = (document.body.number.as_str(), file.sha256.as_str());
    let document = document.body.kind();
    match file.original {
        true => Object::OriginalPdf { tenant, document, number, sha256 },
        false => Object::RenderedPdf { tenant, document, number, sha256 },
    }
}
