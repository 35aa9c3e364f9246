//! `/invoices/{number}/pdf` and `/xml`: the original as it was uploaded, else what is rendered once and kept, the XML as
//! Factur-X or as XRechnung; all are handed out by a short-lived address of the bucket.

use domain::{Language, document::DocumentType, id::CustomerId, number::InvoiceNumber};
use jiff::civil::Date;
use serde::Deserialize;
use store::{DocumentRef, FileKind, InvoiceDocument, StoredFile, TenantStore};
use utoipa::ToSchema;
use web::{Answer, Asked, CustomerContext, Problem, SeeOther, area};

use crate::{
    Clients,
    desk::Desk,
    issued::{self, Format, Issued, broken, syntax},
    render::{self, InvoicePaper},
    tools::{logo, with_deep_stack},
};

/// Which invoice, as its slug.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct Ask {
    number: String,
}

/// Which invoice, and in which form.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = InvoiceXmlAsk)]
pub(crate) struct XmlAsk {
    number: String,
    #[serde(default)]
    format: Format,
}

/// `/invoices/{number}/pdf`
pub(crate) async fn pdf(cx: CustomerContext<area::Invoices>, clients: Clients, ask: Asked<Ask>) -> Answer<SeeOther> {
    of_customer(&cx, &clients, &ask.0.number, FileKind::Pdf).await
}

/// `/invoices/{number}/xml`
pub(crate) async fn xml(cx: CustomerContext<area::Invoices>, clients: Clients, ask: Asked<XmlAsk>) -> Answer<SeeOther> {
    of_customer(&cx, &clients, &ask.0.number, ask.0.format.kind()).await
}

async fn of_customer(
    cx: &CustomerContext<area::Invoices>,
    clients: &Clients,
    slug: &str,
    kind: FileKind,
) -> Answer<SeeOther> {
    let number = InvoiceNumber::from_slug(slug).map_err(|_| Problem::NotFound)?;
    let store = cx.store();
    let document = find(&store, cx.customer(), &number).await?;
    // What costs something is made for a checked session only; for all others the answer is thrown away anyway.
    cx.session().await?;
    let desk = Desk { store: &store, tenant: cx.tenant(), files: &clients.files, now: cx.now() };
    issued::hand_out(&desk, &document, kind).await
}

/// An invoice of a customer; another one's is none.
pub(crate) async fn find(
    store: &TenantStore,
    customer: &CustomerId,
    number: &InvoiceNumber,
) -> Answer<InvoiceDocument> {
    let document = store.invoice_document(number).await?;
    document.filter(|document| document.body.customer == *customer).ok_or(Problem::NotFound)
}

impl Issued for InvoiceDocument {
    fn kind(&self) -> DocumentType {
        DocumentType::Invoice
    }

    fn number(&self) -> &str {
        self.body.number.as_str()
    }

    fn issued_on(&self) -> Date {
        self.body.facts.issued_on
    }

    fn name(&self) -> DocumentRef {
        DocumentRef::from(&self.body.number)
    }

    fn customer(&self) -> &CustomerId {
        &self.body.customer
    }

    fn language(&self) -> Option<Language> {
        self.body.facts.language
    }

    fn files(&self) -> &[StoredFile] {
        &self.files
    }

    async fn rendered(&self, desk: &Desk<'_>, kind: FileKind) -> Answer<Vec<(FileKind, Vec<u8>)>> {
        let settings = &desk.tenant.settings;
        let logo = logo(desk.files, desk.tenant).await?;
        let paper = InvoicePaper {
            number: &self.body.number,
            facts: &self.body.facts,
            language: desk.language_of(self).await?,
            company: &settings.company,
            accent: settings.branding.accent,
            logo: logo.as_deref(),
            sandbox: desk.tenant.is_sandbox(),
        };
        if let Some(syntax) = syntax(kind) {
            return Ok(vec![(kind, issued::xrechnung(render::xrechnung(&paper, syntax))?)]);
        }
        let made = with_deep_stack(|| render::invoice(&paper))?.map_err(|error| broken(&error))?;
        Ok(vec![(FileKind::Pdf, made.pdf), (FileKind::Xml, made.xml.into_bytes())])
    }
}
