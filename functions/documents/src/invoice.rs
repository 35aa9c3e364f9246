//! `/invoices/{number}/pdf` and `/xml`: the original as it was uploaded, else what is rendered once and kept; both are
//! handed out by a short-lived address of the bucket.

use domain::{Language, document::DocumentType, number::InvoiceNumber};
use files::{Object, Presigned, Put};
use serde::Deserialize;
use store::{CommitError, FileKind, InvoiceDocument, StoredFile, secret};
use utoipa::ToSchema;
use web::{Answer, Asked, CustomerContext, Problem, SeeOther, area};

use crate::{
    Clients, render,
    tools::{ADDRESS_LIFETIME, logo, unavailable, with_deep_stack},
};

/// Profile and version of what is embedded, kept with the file: an issued one is never made anew.
const FORMAT: &str = "factur-x 1.0 en16931";

/// Which invoice, as its slug.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct Ask {
    number: String,
}

/// `/invoices/{number}/pdf`
pub(crate) async fn pdf(cx: CustomerContext<area::Invoices>, clients: Clients, ask: Asked<Ask>) -> Answer<SeeOther> {
    hand_out(&cx, &clients, &ask.0.number, FileKind::Pdf).await
}

/// `/invoices/{number}/xml`
pub(crate) async fn xml(cx: CustomerContext<area::Invoices>, clients: Clients, ask: Asked<Ask>) -> Answer<SeeOther> {
    hand_out(&cx, &clients, &ask.0.number, FileKind::Xml).await
}

async fn hand_out(
    cx: &CustomerContext<area::Invoices>,
    clients: &Clients,
    slug: &str,
    kind: FileKind,
) -> Answer<SeeOther> {
    let number = InvoiceNumber::from_slug(slug).map_err(|_| Problem::NotFound)?;
    let document = cx.store().invoice_document(&number).await?;
    let document = document.filter(|document| document.body.customer == *cx.customer()).ok_or(Problem::NotFound)?;
    // What costs something is made for a checked session only; for all others the answer is thrown away anyway.
    cx.session().await?;
    let sha256 = match document.file(kind) {
        Some(file) => file.sha256.clone(),
        // The data of an uploaded original is the sender's; another one beside it could differ.
        None if kind == FileKind::Xml && document.file(FileKind::Pdf).is_some_and(|file| file.original) => {
            return Err(Problem::NotFound);
        }
        None => render_once(cx, clients, &document, kind).await?,
    };
    let original = document.file(kind).is_some_and(|file| file.original);
    let tenant = cx.tenant().scope().id();
    let object = object(tenant, &number, &sha256, kind, original);
    let (content_type, extension) = match kind {
        FileKind::Pdf => ("application/pdf", "pdf"),
        FileKind::Xml => ("application/xml", "xml"),
    };
    let file_name = format!("{}-{number}.{extension}", word(document_language(cx, &document)));
    let how =
        Presigned { content_type, file_name: &file_name, inline: kind == FileKind::Pdf, lifetime: ADDRESS_LIFETIME };
    let address = clients.files.presigned_get(object, how).await.map_err(unavailable)?;
    Ok(SeeOther::to(address))
}

fn object<'a>(
    tenant: &'a domain::id::TenantId,
    number: &'a InvoiceNumber,
    sha256: &'a str,
    kind: FileKind,
    original: bool,
) -> Object<'a> {
    let (document, number) = (DocumentType::Invoice, number.as_str());
    match (kind, original) {
        (FileKind::Pdf, true) => Object::OriginalPdf { tenant, document, number, sha256 },
        (FileKind::Pdf, false) => Object::RenderedPdf { tenant, document, number, sha256 },
        (FileKind::Xml, _) => Object::RenderedXml { tenant, document, number, sha256 },
    }
}

/// Renders PDF and XML, keeps both, and returns the hash under which the wanted one lies. Two renderers at once leave one
/// file: whoever notes it first wins, and everybody hands out that one.
async fn render_once(
    cx: &CustomerContext<area::Invoices>,
    clients: &Clients,
    document: &InvoiceDocument,
    kind: FileKind,
) -> Answer<String> {
    let rendered = render(cx, clients, document).await?;
    for (kind, bytes, content_type) in [
        (FileKind::Pdf, rendered.pdf, "application/pdf"),
        (FileKind::Xml, rendered.xml.into_bytes(), "application/xml"),
    ] {
        if document.file(kind).is_none() {
            keep(cx, clients, document, kind, bytes, content_type).await?;
        }
    }
    let kept = cx.store().invoice_document(&document.body.number).await?.ok_or(Problem::NotFound)?;
    let file = kept.file(kind).map(|file| file.sha256.clone());
    file.ok_or_else(|| Problem::Internal("a rendered file was not noted".into()))
}

async fn keep(
    cx: &CustomerContext<area::Invoices>,
    clients: &Clients,
    document: &InvoiceDocument,
    kind: FileKind,
    bytes: Vec<u8>,
    content_type: &'static str,
) -> Answer<()> {
    let number = &document.body.number;
    let sha256 = secret::digest(&bytes);
    let object = object(cx.tenant().scope().id(), number, &sha256, kind, false);
    let size = bytes.len() as u64;
    let (Put::Stored | Put::AlreadyThere) =
        clients.files.put_once(object, bytes, content_type).await.map_err(unavailable)?;
    let file = StoredFile {
        kind,
        object: object.key(),
        sha256: sha256.clone(),
        size,
        original: false,
        format: FORMAT.to_owned(),
        stored_at: cx.now(),
    };
    match cx.store().add_file(number, &file, &document.body.customer, &[]).await {
        Ok(()) | Err(CommitError::Refused("file")) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

async fn render(
    cx: &CustomerContext<area::Invoices>,
    clients: &Clients,
    document: &InvoiceDocument,
) -> Answer<render::Rendered> {
    let settings = &cx.tenant().settings;
    let logo = logo(&clients.files, cx.tenant()).await?;
    let facts = &document.body.facts;
    let language = match facts.language {
        Some(language) => language,
        None => {
            let customer = cx.store().customer(cx.customer()).await?;
            customer.and_then(|customer| customer.value.facts.language).unwrap_or(settings.language)
        }
    };
    let paper = render::InvoicePaper {
        number: &document.body.number,
        facts,
        language,
        company: &settings.company,
        accent: settings.branding.accent,
        logo: logo.as_deref(),
        sandbox: cx.tenant().is_sandbox(),
    };
    let rendered = with_deep_stack(|| render::invoice(&paper))?;
    rendered.map_err(|error| Problem::Internal(error.to_string()))
}

/// Language of the file's name: the document's own, else the tenant's.
fn document_language(cx: &CustomerContext<area::Invoices>, document: &InvoiceDocument) -> Language {
    document.body.facts.language.unwrap_or(cx.tenant().settings.language)
}

const fn word(language: Language) -> &'static str {
    match language {
        Language::De => "Rechnung",
        Language::En => "Invoice",
    }
}
