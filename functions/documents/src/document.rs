//! `/documents/{type}/{number}/pdf` and `/xml`: a document beside invoices, the original as it was uploaded, else what is
//! rendered once and kept; of credit notes the data, too.

use domain::{
    Language,
    document::{DocumentType, Letter},
    id::CustomerId,
    number::DocumentNumber,
};
use jiff::civil::Date;
use serde::Deserialize;
use store::{Document, DocumentRef, FileKind, StoredFile, TenantStore};
use utoipa::ToSchema;
use web::{Answer, Asked, CustomerContext, Problem, SeeOther, area};

use crate::{
    Clients,
    desk::Desk,
    issued::{self, Format, Issued, broken, syntax},
    render::{self, DocumentPaper},
    tools::{logo, with_deep_stack},
};

/// Which document, type and slug.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = DocumentPdfAsk)]
pub(crate) struct Ask {
    r#type: String,
    number: String,
}

/// Which document, and in which form.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = DocumentXmlAsk)]
pub(crate) struct XmlAsk {
    r#type: String,
    number: String,
    #[serde(default)]
    format: Format,
}

/// `/documents/{type}/{number}/pdf`
pub(crate) async fn pdf(cx: CustomerContext<area::Documents>, clients: Clients, ask: Asked<Ask>) -> Answer<SeeOther> {
    of_customer(&cx, &clients, (&ask.0.r#type, &ask.0.number), FileKind::Pdf).await
}

/// `/documents/{type}/{number}/xml`: 404 for all but credit notes with lines.
pub(crate) async fn xml(
    cx: CustomerContext<area::Documents>,
    clients: Clients,
    ask: Asked<XmlAsk>,
) -> Answer<SeeOther> {
    of_customer(&cx, &clients, (&ask.0.r#type, &ask.0.number), ask.0.format.kind()).await
}

async fn of_customer(
    cx: &CustomerContext<area::Documents>,
    clients: &Clients,
    (kind, number): (&str, &str),
    file: FileKind,
) -> Answer<SeeOther> {
    let kind = DocumentType::from_code(kind).filter(|kind| cx.tenant().settings.documents_shown().contains(kind));
    let kind = kind.ok_or(Problem::NotFound)?;
    let number = DocumentNumber::from_slug(number).map_err(|_| Problem::NotFound)?;
    let store = cx.store();
    let document = find(&store, cx.customer(), &DocumentRef::new(kind, &number)).await?;
    // What costs something is made for a checked session only; for all others the answer is thrown away anyway.
    cx.session().await?;
    let desk = Desk { store: &store, tenant: cx.tenant(), files: &clients.files, now: cx.now() };
    issued::hand_out(&desk, &document, file).await
}

/// A document that its customer may see; another one's, or one that waits for its PDF, is none.
pub(crate) async fn find(store: &TenantStore, customer: &CustomerId, name: &DocumentRef) -> Answer<Document> {
    let document = store.document(name).await?;
    let theirs = |document: &Document| document.body.customer == *customer && document.is_visible();
    document.filter(theirs).ok_or(Problem::NotFound)
}

impl Issued for Document {
    fn kind(&self) -> DocumentType {
        self.body.kind()
    }

    fn number(&self) -> &str {
        self.body.number.as_str()
    }

    fn issued_on(&self) -> Date {
        self.body.facts.letter.issued_on
    }

    fn name(&self) -> DocumentRef {
        self.body.name()
    }

    fn customer(&self) -> &CustomerId {
        &self.body.customer
    }

    fn language(&self) -> Option<Language> {
        let Letter { language, .. } = self.body.facts.letter;
        language
    }

    fn files(&self) -> &[StoredFile] {
        &self.files
    }

    async fn rendered(&self, desk: &Desk<'_>, kind: FileKind) -> Answer<Vec<(FileKind, Vec<u8>)>> {
        // What is only an uploaded PDF says nothing that could be printed.
        if self.body.facts.letter.uploaded {
            return Err(Problem::NotFound);
        }
        let settings = &desk.tenant.settings;
        let logo = logo(desk.files, desk.tenant).await?;
        let paper = DocumentPaper {
            number: &self.body.number,
            facts: &self.body.facts,
            language: desk.language_of(self).await?,
            company: &settings.company,
            accent: settings.branding.accent,
            logo: logo.as_deref(),
            sandbox: desk.tenant.is_sandbox(),
        };
        if kind != FileKind::Pdf && self.body.kind() != DocumentType::CreditNote {
            return Err(Problem::NotFound);
        }
        if let Some(syntax) = syntax(kind) {
            return Ok(vec![(kind, issued::xrechnung(render::credit_xrechnung(&paper, syntax))?)]);
        }
        let made = with_deep_stack(|| render::document(&paper))?.map_err(|error| broken(&error))?;
        let xml = made.xml.map(|xml| (FileKind::Xml, xml.into_bytes()));
        Ok([(FileKind::Pdf, made.pdf)].into_iter().chain(xml).collect())
    }
}
