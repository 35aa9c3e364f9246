//! `/d/{token}`: one document, for whoever has the link, without a login (M-95). Nothing on the page leads to anything else.

use domain::{
    document::DocumentType,
    link::{Link, LinkEnded, Scope},
    number::{DocumentNumber, InvoiceNumber},
};
use http::{HeaderValue, header};
use serde::{Deserialize, Serialize};
use store::{DocumentRef, secret};
use utoipa::ToSchema;
use web::{
    Answer, Asked, Door as _, Either, Page, Problem, PublicContext, SeeOther, With,
    page::{Frame, Html, View},
    reply::GONE,
};

use crate::{
    document::{self, DocumentPage},
    invoice::{self, InvoicePage, Place, Reader},
};

/// The token in the address.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Ask {
    token: String,
}

type Shown = Either<With<Page<LinkedPage>>, SeeOther>;

/// Shows the document; nothing is used up. A link that works for ever asks for the code first.
pub(crate) async fn show(cx: PublicContext, ask: Asked<Ask>) -> Answer<Shown> {
    let Ask { token } = ask.0;
    let link = cx.store().link(&secret::hash(&token)).await?.ok_or(Problem::NotFound)?.value;
    let Scope::Document { kind, number } = &link.scope else { return Err(Problem::NotFound) };
    if let Err(ended) = link.check(cx.now()) {
        return Ok(private(Page::new(LinkedPage::Ended(EndedPage::from(ended))).status(GONE)));
    }
    if link.asks(cx.tenant().settings.links.permanent_signs_in) {
        let language = cx.arrival().language().code();
        return Ok(Either::Second(SeeOther::to(format!("/link/{token}?language={language}"))));
    }
    // Its customer must be released, as its kind must be (M-96).
    let customer = cx.store().customer(&link.customer).await?.filter(|customer| customer.value.access);
    customer.ok_or(Problem::NotFound)?;
    document(&cx, &link, (*kind, number), token).await.map(|page| private(Page::new(page)))
}

/// The document of a link. What was said of it is between its customer and staff.
async fn document(
    cx: &PublicContext,
    link: &Link,
    (kind, number): (DocumentType, &DocumentNumber),
    token: String,
) -> Answer<LinkedPage> {
    if !cx.tenant().settings.shows(kind) {
        return Err(Problem::NotFound);
    }
    let (store, place) = (cx.store(), Place::Link { token });
    let reader = Reader { store: &store, tenant: cx.tenant(), customer: &link.customer, today: cx.today() };
    Ok(match kind {
        DocumentType::Invoice => {
            let number = InvoiceNumber::try_from(number.to_string()).map_err(|_| Problem::NotFound)?;
            let page = invoice::load(&reader, number).await?;
            LinkedPage::Invoice(Box::new(InvoicePage { place, comments: Vec::new(), ..page }))
        }
        kind => {
            let page = document::load(&reader, &DocumentRef::new(kind, number)).await?;
            LinkedPage::Document(Box::new(DocumentPage { place, comments: Vec::new(), answer: None, ..page }))
        }
    })
}

/// The address is a secret: no other page is told it, and nothing keeps it.
fn private(page: Page<LinkedPage>) -> Shown {
    Either::First(With::header(page, header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")))
}

/// What a link shows.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "shows", rename_all = "snake_case")]
pub enum LinkedPage {
    /// An invoice.
    Invoice(Box<InvoicePage>),
    /// Another document.
    Document(Box<DocumentPage>),
    /// The link works no more: 410.
    Ended(EndedPage),
}

/// A genuine link that works no more.
#[derive(Debug, Clone, Serialize)]
pub struct EndedPage {
    /// Is it taken back, or only too old?
    pub revoked: bool,
}

impl From<LinkEnded> for EndedPage {
    fn from(ended: LinkEnded) -> Self {
        Self { revoked: ended == LinkEnded::Revoked }
    }
}

web::page!(EndedPage => "pages/auth-otp/link-ended.html");

impl View for LinkedPage {
    /// Whoever is signed in here besides is not the one the document is for.
    fn html(&self, frame: &Frame) -> Html {
        let frame = frame.for_anybody();
        match self {
            Self::Invoice(page) => page.html(&frame),
            Self::Document(page) => page.html(&frame),
            Self::Ended(page) => page.html(&frame),
        }
    }
}

#[cfg(test)]
mod tests {
    use web::page::testing;

    use super::*;

    #[test]
    fn the_linked_pages_are_sound() {
        // The frame is that of somebody who is signed in: nothing of it is shown.
        let place = Place::Link { token: "token".to_owned() };
        let page = LinkedPage::Invoice(Box::new(InvoicePage { place, ..invoice::tests::page() }));
        testing::check("linked-invoice", &page, |_| {});
        let place = Place::Link { token: "token".to_owned() };
        let offer = LinkedPage::Document(Box::new(DocumentPage { place, ..document::tests::offer() }));
        testing::check("linked-offer", &offer, |_| {});
        testing::check("linked-ended", &LinkedPage::Ended(EndedPage::from(LinkEnded::Expired)), |_| {});
        for page in [page, offer] {
            let html = page.html(&testing::frame(domain::Language::De)).unwrap();
            for other in [
                "href=\"/invoices",
                "href=\"/documents",
                "href=\"/contracts",
                "href=\"/settle",
                "href=\"/payments",
                "K5003",
                "/logout",
            ] {
                assert!(!html.contains(other), "{other}: {html}");
            }
            assert!(html.contains("href=\"/d/token/pdf\""), "{html}");
        }
    }
}
