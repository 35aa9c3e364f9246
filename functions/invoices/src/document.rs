//! `/documents/{type}/{number}`: one document beside invoices with everything it says, to be read and printed (M-91, M-97).

use domain::{
    Money,
    comment::Comment,
    document::{
        Confirmation, Content, CreditKind, CreditNote, DeliveryNote, DocumentFacts, DocumentState, DocumentType,
        Dunning, Offer, OfferAnswer,
    },
    invoice::Priced,
    number::DocumentNumber,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::{DocumentRef, Tenant};
use text::Words;
use utoipa::ToSchema;
use web::{Answer, Asked, CustomerContext, Json, Page, Problem, area};

use crate::{
    comments::Draft,
    invoice::{Place, Reader},
};

/// Which document, type and slug.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Ask {
    r#type: String,
    number: String,
}

impl Ask {
    /// The document that an address names, of a kind that the tenant's customers see.
    pub(crate) fn name(&self, tenant: &Tenant) -> Answer<DocumentRef> {
        let kind =
            DocumentType::from_code(&self.r#type).filter(|kind| tenant.settings.documents_shown().contains(kind));
        let number = DocumentNumber::from_slug(&self.number).map_err(|_| Problem::NotFound)?;
        Ok(DocumentRef::new(kind.ok_or(Problem::NotFound)?, &number))
    }
}

/// Shows the page.
pub(crate) async fn show(cx: CustomerContext<area::Documents>, ask: Asked<Ask>) -> Answer<Page<DocumentPage>> {
    of_customer(&cx, &ask.0).await.map(Page::new)
}

/// `GET /api/v1/documents/{type}/{number}`
pub(crate) async fn get(cx: CustomerContext<area::Documents>, ask: Asked<Ask>) -> Answer<Json<DocumentPage>> {
    of_customer(&cx, &ask.0).await.map(Json::new)
}

pub(crate) async fn of_customer(cx: &CustomerContext<area::Documents>, ask: &Ask) -> Answer<DocumentPage> {
    let (store, name) = (cx.store(), ask.name(cx.tenant())?);
    let reader = Reader { store: &store, tenant: cx.tenant(), customer: cx.customer(), today: cx.today() };
    let page = load(&reader, &name).await?;
    let draft = Draft::on(cx, (page.kind, page.number.as_str()), &page.comments);
    Ok(DocumentPage { draft, ..page })
}

/// The document first, then its row. What is another customer's or still waits for its PDF is the same 404 as none.
pub(crate) async fn load(reader: &Reader<'_>, name: &DocumentRef) -> Answer<DocumentPage> {
    let Reader { store, tenant, customer, today } = *reader;
    let document = store.document(name).await?;
    let theirs = document.filter(|document| document.body.customer == *customer && document.is_visible());
    let document = theirs.ok_or(Problem::NotFound)?;
    let row = store.document_row(&document.body).await?.ok_or(Problem::NotFound)?.value;
    let state = row.state(today);
    let is_open = matches!(state, Some(DocumentState::Open { .. }));
    Ok(DocumentPage {
        place: Place::Portal,
        kind: row.kind,
        state,
        created_at: row.created_at,
        number: row.number,
        facts: document.body.facts,
        answerable: is_open && tenant.settings.documents.actions.accept_offers,
        answer: document.answer,
        comments: document.comments,
        draft: None,
    })
}

/// Everything about one document.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DocumentPage {
    /// Where it is shown.
    #[serde(skip)]
    pub place: Place,
    /// Which kind.
    #[serde(rename = "type")]
    pub kind: DocumentType,
    /// Unique among documents of its kind.
    pub number: DocumentNumber,
    /// Of an offer or a dunning letter, as of today.
    pub state: Option<DocumentState>,
    /// What it says.
    pub facts: DocumentFacts,
    /// „Erstellt am".
    pub created_at: Timestamp,
    /// Can it be accepted or declined now?
    pub answerable: bool,
    /// How an offer was answered.
    pub answer: Option<OfferAnswer>,
    /// What was written about it, in order.
    pub comments: Vec<Comment>,
    /// The form for one more.
    #[serde(skip)]
    pub draft: Option<Draft>,
}

impl DocumentPage {
    /// „Angebot AN-2026-7".
    #[must_use]
    pub fn title(&self, t: &Words) -> String {
        t.document_title(self.kind, self.number.as_str())
    }

    /// Is it shown behind a link?
    #[must_use]
    pub const fn is_linked(&self) -> bool {
        matches!(self.place, Place::Link { .. })
    }

    /// Address of its page.
    #[must_use]
    pub fn href(&self) -> String {
        format!("/documents/{}/{}", self.kind.code(), self.number.slug())
    }

    /// Address of its PDF.
    #[must_use]
    pub fn pdf_href(&self) -> String {
        match &self.place {
            Place::Portal => format!("{}/pdf", self.href()),
            Place::Link { token } => format!("/d/{token}/pdf"),
        }
    }

    /// Where whoever came by a link signs in to answer it.
    #[must_use]
    pub fn sign_in_href(&self) -> String {
        let pairs = [("return_to", format!("{}/accept", self.href()))];
        format!("/login?{}", serde_html_form::to_string(pairs).unwrap_or_default())
    }

    /// Address of its data for machines.
    #[must_use]
    pub fn xml_href(&self) -> String {
        format!("{}/xml", self.href())
    }

    /// Lines and sums, where it has prices and says them itself.
    #[must_use]
    pub fn priced(&self) -> Option<Priced<'_>> {
        self.facts.content.priced()
    }

    /// What it comes to, if it says so.
    #[must_use]
    pub const fn amount(&self) -> Option<Money> {
        self.facts.content.amount()
    }

    /// What only a credit note says.
    #[must_use]
    pub const fn credit_note(&self) -> Option<&CreditNote> {
        if let Content::CreditNote(note) = &self.facts.content { Some(note) } else { None }
    }

    /// What only a dunning letter says.
    #[must_use]
    pub const fn dunning(&self) -> Option<&Dunning> {
        if let Content::Dunning(dunning) = &self.facts.content { Some(dunning) } else { None }
    }

    /// What only an offer says.
    #[must_use]
    pub const fn offer(&self) -> Option<&Offer> {
        if let Content::Offer(offer) = &self.facts.content { Some(offer) } else { None }
    }

    /// What only a delivery note says.
    #[must_use]
    pub const fn delivery_note(&self) -> Option<&DeliveryNote> {
        if let Content::DeliveryNote(note) = &self.facts.content { Some(note) } else { None }
    }

    /// What only an order confirmation says.
    #[must_use]
    pub const fn confirmation(&self) -> Option<&Confirmation> {
        if let Content::Confirmation(confirmation) = &self.facts.content { Some(confirmation) } else { None }
    }

    /// What „Gutschrift" means here.
    #[must_use]
    pub fn credit_kind(&self, t: &Words) -> &'static str {
        match self.credit_note().map(|note| note.kind) {
            Some(CreditKind::SelfBilling) => t.documents_credit_self_billing(),
            Some(CreditKind::Correction) | None => t.documents_credit_correction(),
        }
    }

    /// The text above the lines, paragraph by paragraph.
    #[must_use]
    pub fn introduction(&self) -> Vec<&str> {
        paragraphs(&self.facts.letter.introduction)
    }

    /// The text below them.
    #[must_use]
    pub fn note(&self) -> Vec<&str> {
        paragraphs(&self.facts.letter.note)
    }
}

fn paragraphs(text: &str) -> Vec<&str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect()
}

web::page!(DocumentPage => "pages/invoices/document.html");

#[cfg(test)]
pub(crate) mod tests {
    use domain::{
        Currency,
        customer::CountryCode,
        document::{Delivered, Dunned, Letter, Listing},
        invoice::{Buyer, Line, Seller, TaxCategory, TaxTotal},
    };
    use jiff::civil::date;
    use web::page::{View as _, testing};

    use super::*;

    fn eur(minor: i64) -> Money {
        Money::of_minor(minor, Currency::Eur)
    }

    fn letter() -> Letter {
        Letter {
            customer: "K5003".parse().unwrap(),
            issued_on: date(2026, 11, 16),
            language: None,
            handle: "wh-2026-0417".to_owned(),
            subscription: "1".parse().ok(),
            seller: Seller::default(),
            buyer: Buyer {
                company: "Gesellschaft für angewandte Veranstaltungstechnik und Bühnenbau Norddeutschland mbH & Co. KG"
                    .to_owned()
                    .into(),
                line1: "Exempel Gasse 1".to_owned().into(),
                postal_code: "56789".to_owned().into(),
                city: "Rosahausen".to_owned().into(),
                country: CountryCode::try_from("DE".to_owned()).ok(),
                ..Buyer::default()
            },
            subject: "Umzug auf den neuen Server".to_owned(),
            introduction: "Guten Tag Frau Tine,\n\ngern bieten wir Ihnen an:".to_owned(),
            note: "Wir freuen uns auf Ihren Auftrag.".to_owned(),
            uploaded: false,
        }
    }

    fn listing() -> Listing {
        let line = Line {
            description: "Umzug veranstaltungstechnik-norddeutschland.example".to_owned(),
            details: "Mit Datenbank".to_owned(),
            period: None,
            quantity: "2".parse().unwrap(),
            unit: "HUR".to_owned(),
            unit_price: "50".parse().unwrap(),
            tax_category: TaxCategory::S,
            tax_rate: "19".parse().unwrap(),
            net: eur(10_000),
        };
        let total = TaxTotal {
            category: TaxCategory::S,
            rate: "19".parse().unwrap(),
            net: eur(10_000),
            tax: eur(1_900),
            reason: String::new(),
        };
        Listing { lines: vec![line], taxes: vec![total], net: Some(eur(10_000)), tax: Some(eur(1_900)) }
    }

    fn page(content: Content, state: Option<DocumentState>) -> DocumentPage {
        DocumentPage {
            place: Place::Portal,
            kind: content.kind(),
            number: "AN-2026/7".parse().unwrap(),
            state,
            facts: DocumentFacts { letter: letter(), content },
            created_at: "2026-11-16T05:12:00Z".parse().unwrap(),
            answerable: matches!(state, Some(DocumentState::Open { .. })),
            answer: None,
            comments: vec![],
            draft: None,
        }
    }

    pub(crate) fn offer() -> DocumentPage {
        let valid_until = date(2026, 11, 30);
        let content = Content::Offer(Offer { listing: listing(), gross: Some(eur(11_900)), valid_until });
        page(content, Some(DocumentState::Open { until: valid_until }))
    }

    fn dunning() -> DocumentPage {
        let dunned = Dunned {
            number: "RE1106".parse().unwrap(),
            issued_on: date(2026, 10, 1),
            due_on: date(2026, 10, 15),
            open: eur(11_900),
        };
        let content = Content::Dunning(Dunning {
            level: 2,
            invoices: vec![dunned],
            fee: Some(eur(500)),
            total: eur(12_400),
            pay_by: date(2026, 11, 30),
        });
        page(content, Some(DocumentState::Dunned { level: 2 }))
    }

    fn delivery_note() -> DocumentPage {
        let item = Delivered {
            description: "Server".to_owned(),
            details: String::new(),
            quantity: "1".parse().unwrap(),
            unit: "C62".to_owned(),
        };
        let delivered_on = Some(date(2026, 11, 16));
        page(
            Content::DeliveryNote(DeliveryNote { items: vec![item], order_reference: "B-17".to_owned(), delivered_on }),
            None,
        )
    }

    #[test]
    fn the_page_of_every_kind_is_sound() {
        testing::check("document-offer", &offer(), |_| {});
        testing::check("document-dunning", &dunning(), |_| {});
        testing::check("document-delivery-note", &delivery_note(), |_| {});
        for kind in [CreditKind::Correction, CreditKind::SelfBilling] {
            let invoice = "RE1000".parse().ok();
            let note = CreditNote {
                listing: listing(),
                gross: eur(11_900),
                invoice,
                kind,
                buyer_reference: String::new(),
                settled_before: None,
            };
            testing::check("document-credit-note", &page(Content::CreditNote(note), None), |_| {});
        }
        let confirmation = Confirmation {
            listing: listing(),
            gross: Some(eur(11_900)),
            order_reference: "B-17".to_owned(),
            delivery_on: Some(date(2026, 12, 1)),
        };
        testing::check("document-confirmation", &page(Content::Confirmation(confirmation), None), |_| {});
        testing::check("document-long", &offer(), testing::extreme);
    }

    #[test]
    fn what_is_only_a_pdf_says_where_it_is_read() {
        let mut bare = offer();
        bare.facts.letter.uploaded = true;
        bare.facts.letter.buyer = Buyer::default();
        bare.facts.letter.subject = String::new();
        bare.facts.letter.introduction = String::new();
        if let Content::Offer(offer) = &mut bare.facts.content {
            offer.listing = Listing::default();
        }
        testing::check("document-uploaded", &bare, |_| {});
        let html = bare.html(&testing::frame(domain::Language::De)).unwrap();
        assert!(html.contains("/documents/offer/AN-2026~2F7/pdf") && html.contains("119,00"), "{html}");
        assert!(!html.contains("<table"), "{html}");
    }

    #[test]
    fn a_delivery_note_has_no_price_and_links_lead_to_what_is_there() {
        let html = delivery_note().html(&testing::frame(domain::Language::De)).unwrap();
        assert!(!html.contains('€') && html.contains("B-17"), "{html}");
        let mut frame = testing::frame(domain::Language::De);
        assert!(dunning().html(&frame).unwrap().contains("href=\"/invoices/RE1106\""));
        frame.menu.clear();
        let html = dunning().html(&frame).unwrap();
        assert!(html.contains("RE1106") && !html.contains("href=\"/invoices/RE1106\""), "{html}");
    }

    #[test]
    fn an_open_offer_is_answered_where_somebody_is_signed_in_and_an_answered_one_says_how() {
        let frame = testing::frame(domain::Language::De);
        let html = offer().html(&frame).unwrap();
        for end in ["accept", "decline"] {
            assert!(html.contains(&format!("href=\"/documents/offer/AN-2026~2F7/{end}\"")), "{html}");
        }
        let place = Place::Link { token: "token".to_owned() };
        let html = DocumentPage { place, ..offer() }.html(&frame.for_anybody()).unwrap();
        let sign_in = "href=\"/login?return_to=%2Fdocuments%2Foffer%2FAN-2026%7E2F7%2Faccept\"";
        assert!(html.contains(sign_in) && !html.contains("/decline"), "{html}");
        let answer = OfferAnswer {
            said: domain::document::Said::declined("").unwrap(),
            at: Timestamp::UNIX_EPOCH,
            zone: domain::time::Zone::default(),
            way: domain::change::Way::Page,
        };
        let state = Some(DocumentState::Declined { on: date(2026, 11, 20) });
        let answered = DocumentPage { state, answerable: false, answer: Some(answer), ..offer() };
        testing::check("document-offer-answered", &answered, |_| {});
        let html = answered.html(&frame).unwrap();
        assert!(html.contains("/documents/offer/AN-2026~2F7/confirmation") && !html.contains("/accept"), "{html}");
    }
}
