//! `/invoices/{number}/pdf` and `/xml`: the original as it was uploaded, else what is rendered once and kept, the XML as
//! Factur-X or as XRechnung; all are handed out by a short-lived address of the bucket.

use std::time::Duration;

use domain::{Language, document::DocumentType, number::InvoiceNumber};
use files::{Object, Presigned, Put};
use serde::Deserialize;
use store::{CommitError, FileKind, InvoiceDocument, StoredFile, secret};
use utoipa::ToSchema;
use web::{Answer, Asked, CustomerContext, Problem, SeeOther, area};

use crate::{
    Clients,
    render::{self, InvoicePaper, RenderError, Syntax},
    tools::{logo, unavailable, with_deep_stack},
};

/// How long the bucket's address works.
const ADDRESS_LIFETIME: Duration = Duration::from_secs(300);

/// Which invoice, as its slug.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct Ask {
    number: String,
}

/// Which invoice, and in which form.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct XmlAsk {
    number: String,
    #[serde(default)]
    format: Format,
}

/// The forms in which an invoice's data can be had.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Format {
    /// The data inside the PDF: CII, EN 16931.
    #[default]
    FacturX,
    /// XRechnung 3.0 in UBL.
    Xrechnung,
    /// XRechnung 3.0 in CII.
    XrechnungCii,
}

impl Format {
    const fn kind(self) -> FileKind {
        match self {
            Self::FacturX => FileKind::Xml,
            Self::Xrechnung => FileKind::XrechnungUbl,
            Self::XrechnungCii => FileKind::XrechnungCii,
        }
    }
}

/// Profile and version, kept with the file: an issued one is never made anew.
const fn format(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Pdf | FileKind::Xml => "factur-x 1.0 en16931",
        FileKind::XrechnungUbl => "xrechnung 3.0 ubl",
        FileKind::XrechnungCii => "xrechnung 3.0 cii",
    }
}

const fn content_type(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Pdf => "application/pdf",
        FileKind::Xml | FileKind::XrechnungUbl | FileKind::XrechnungCii => "application/xml",
    }
}

/// What follows the number in the name of the file that is saved.
const fn ending(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Pdf => ".pdf",
        FileKind::Xml => ".xml",
        FileKind::XrechnungUbl => "-XRechnung.xml",
        FileKind::XrechnungCii => "-XRechnung-CII.xml",
    }
}

/// `/invoices/{number}/pdf`
pub(crate) async fn pdf(cx: CustomerContext<area::Invoices>, clients: Clients, ask: Asked<Ask>) -> Answer<SeeOther> {
    hand_out(&cx, &clients, &ask.0.number, FileKind::Pdf).await
}

/// `/invoices/{number}/xml`
pub(crate) async fn xml(cx: CustomerContext<area::Invoices>, clients: Clients, ask: Asked<XmlAsk>) -> Answer<SeeOther> {
    hand_out(&cx, &clients, &ask.0.number, ask.0.format.kind()).await
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
        None if kind != FileKind::Pdf && document.file(FileKind::Pdf).is_some_and(|file| file.original) => {
            return Err(Problem::NotFound);
        }
        None => render_once(cx, clients, &document, kind).await?,
    };
    let original = document.file(kind).is_some_and(|file| file.original);
    let tenant = cx.tenant().scope().id();
    let object = object(tenant, &number, &sha256, kind, original);
    let file_name = format!("{}-{number}{}", word(document_language(cx, &document)), ending(kind));
    let inline = kind == FileKind::Pdf;
    let how = Presigned { content_type: content_type(kind), file_name: &file_name, inline, lifetime: ADDRESS_LIFETIME };
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
        (FileKind::Xml | FileKind::XrechnungUbl | FileKind::XrechnungCii, _) => {
            Object::RenderedXml { tenant, document, number, sha256 }
        }
    }
}

/// Renders and keeps what is asked for, PDF and its XML together, and returns the hash under which it lies. Two renderers at
/// once leave one file: whoever notes it first wins, and everybody hands out that one.
async fn render_once(
    cx: &CustomerContext<area::Invoices>,
    clients: &Clients,
    document: &InvoiceDocument,
    kind: FileKind,
) -> Answer<String> {
    for (kind, bytes) in render(cx, clients, document, kind).await? {
        if document.file(kind).is_none() {
            keep(cx, clients, document, kind, bytes).await?;
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
) -> Answer<()> {
    let number = &document.body.number;
    let sha256 = secret::digest(&bytes);
    let object = object(cx.tenant().scope().id(), number, &sha256, kind, false);
    let size = bytes.len() as u64;
    let (Put::Stored | Put::AlreadyThere) =
        clients.files.put_once(object, bytes, content_type(kind)).await.map_err(unavailable)?;
    let file = StoredFile {
        kind,
        object: object.key(),
        sha256: sha256.clone(),
        size,
        original: false,
        format: format(kind).to_owned(),
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
    kind: FileKind,
) -> Answer<Vec<(FileKind, Vec<u8>)>> {
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
    let paper = InvoicePaper {
        number: &document.body.number,
        facts,
        language,
        company: &settings.company,
        accent: settings.branding.accent,
        logo: logo.as_deref(),
        sandbox: cx.tenant().is_sandbox(),
    };
    match kind {
        FileKind::Pdf | FileKind::Xml => {
            let rendered = with_deep_stack(|| render::invoice(&paper))?.map_err(broken)?;
            Ok(vec![(FileKind::Pdf, rendered.pdf), (FileKind::Xml, rendered.xml.into_bytes())])
        }
        FileKind::XrechnungUbl => Ok(vec![(kind, xrechnung(&paper, Syntax::Ubl)?)]),
        FileKind::XrechnungCii => Ok(vec![(kind, xrechnung(&paper, Syntax::Cii)?)]),
    }
}

/// Most invoices between companies do not say what the German rules want: there is no XRechnung of them.
fn xrechnung(paper: &InvoicePaper<'_>, syntax: Syntax) -> Answer<Vec<u8>> {
    match render::xrechnung(paper, syntax) {
        Ok(xml) => Ok(xml.into_bytes()),
        Err(RenderError::Rules(_)) => Err(Problem::NotFound),
        Err(error) => Err(broken(error)),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "map_err passes it so")]
fn broken(error: RenderError) -> Problem {
    Problem::Internal(error.to_string())
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
