//! `/documents`: documents beside invoices, newest first, of all kinds or one, page by page (M-91).

use domain::{
    Money,
    document::{DocumentRow, DocumentState, DocumentType},
    number::DocumentNumber,
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use text::Words;
use utoipa::ToSchema;
use web::{Answer, Asked, CustomerContext, Json, Page, Problem, area};

use crate::invoices::ListLink;

/// Rows of one page.
const PAGE: u16 = 20;
/// Most rows of one page for programs.
const MAX_LIMIT: u16 = 100;

/// What the address carries.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
pub struct Ask {
    /// Only documents of this kind.
    pub r#type: Option<DocumentType>,
    /// Cursor of older ones.
    pub after: Option<String>,
    /// Rows of one page, for programs.
    pub limit: Option<u16>,
}

/// Shows the list.
pub(crate) async fn show(cx: CustomerContext<area::Documents>, ask: Asked<Ask>) -> Answer<Page<DocumentsPage>> {
    load(&cx, Ask { limit: None, ..ask.0 }).await.map(Page::new)
}

/// `GET /api/v1/documents`
pub(crate) async fn list(cx: CustomerContext<area::Documents>, ask: Asked<Ask>) -> Answer<Json<DocumentsPage>> {
    load(&cx, ask.0).await.map(Json::new)
}

async fn load(cx: &CustomerContext<area::Documents>, ask: Ask) -> Answer<DocumentsPage> {
    let kinds = cx.tenant().settings.documents_shown();
    let wanted = match ask.r#type {
        None => kinds.clone(),
        Some(kind) if kinds.contains(&kind) => vec![kind],
        // What is not released is not there, whether it exists or not.
        Some(_) => return Err(Problem::NotFound),
    };
    let position = match &ask.after {
        Some(after) => cursors(cx, ask.r#type).await?.read(Some(after))?,
        None => None,
    };
    let older = position.is_some();
    let limit = ask.limit.unwrap_or(PAGE).clamp(1, MAX_LIMIT);
    let rows = cx.store().document_rows(cx.customer(), &wanted, limit, position).await?;
    let next = match rows.next {
        Some(position) => Some(cursors(cx, ask.r#type).await?.sign(&position)),
        None => None,
    };
    let today = cx.today();
    let items = rows.items.into_iter().map(|row| DocumentEntry::on(row, today)).collect();
    Ok(DocumentsPage { items, next, kind: ask.r#type, older, kinds })
}

async fn cursors(cx: &CustomerContext<area::Documents>, kind: Option<DocumentType>) -> Answer<web::Cursors> {
    cx.cursors(&format!("documents {}", kind.map_or("all", DocumentType::code))).await
}

/// A page of documents, newest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DocumentsPage {
    /// The documents that fit the filter.
    pub items: Vec<DocumentEntry>,
    /// Cursor of older ones; a filtered page may be empty and still have one.
    pub next: Option<String>,
    /// Only documents of this kind.
    #[serde(rename = "type")]
    pub kind: Option<DocumentType>,
    /// Is this a page of older ones?
    #[serde(skip)]
    pub older: bool,
    /// The kinds there can be.
    #[serde(rename = "types")]
    pub kinds: Vec<DocumentType>,
}

/// A document as it stands in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DocumentEntry {
    /// Which kind.
    #[serde(rename = "type")]
    pub kind: DocumentType,
    /// Unique among documents of its kind.
    pub number: DocumentNumber,
    /// „Datum".
    pub issued_on: Date,
    /// What it is about.
    pub subject: String,
    /// What it comes to, if it says so.
    pub amount: Option<Money>,
    /// Of an offer or a dunning letter, as of today.
    pub state: Option<DocumentState>,
}

impl DocumentEntry {
    /// A row of the read model with its state on a day.
    #[must_use]
    pub fn on(row: DocumentRow, today: Date) -> Self {
        Self {
            state: row.state(today),
            kind: row.kind,
            number: row.number,
            issued_on: row.issued_on,
            subject: row.subject,
            amount: row.amount,
        }
    }

    /// „Angebot AN-2026-7".
    #[must_use]
    pub fn title(&self, t: &Words) -> String {
        t.document_title(self.kind, self.number.as_str())
    }

    /// Address of its page.
    #[must_use]
    pub fn href(&self) -> String {
        format!("/documents/{}/{}", self.kind.code(), self.number.slug())
    }
}

impl DocumentsPage {
    /// All documents, and those of each kind.
    #[must_use]
    pub fn filters(&self, t: &Words) -> Vec<ListLink> {
        let link = |kind: Option<DocumentType>| ListLink {
            label: kind.map_or_else(|| t.invoices_filter_all(), |kind| t.document_kinds(kind)).to_owned(),
            href: address(kind, None),
            count: None,
            here: kind == self.kind,
        };
        std::iter::once(None).chain(self.kinds.iter().copied().map(Some)).map(link).collect()
    }

    /// Address of the next page.
    #[must_use]
    pub fn older_page(&self) -> Option<String> {
        self.next.as_deref().map(|after| address(self.kind, Some(after)))
    }

    /// Address of the first page, unless this is it.
    #[must_use]
    pub fn newest_page(&self) -> Option<String> {
        self.older.then(|| address(self.kind, None))
    }

    /// Is there nothing at all, so that there is nothing to filter either?
    #[must_use]
    pub fn has_none(&self) -> bool {
        self.items.is_empty() && self.next.is_none() && self.kind.is_none() && !self.older
    }

    /// What the table shows, for those who hear it.
    #[must_use]
    pub fn caption(&self, t: &Words) -> String {
        match self.kind {
            Some(kind) => t.documents_caption_kind(t.document_kinds(kind)),
            None => t.documents_caption_all().to_owned(),
        }
    }

    /// Heading of an empty selection.
    #[must_use]
    pub fn nothing(&self, t: &Words) -> String {
        t.documents_empty_kind(self.kind.map_or_else(|| t.documents_title(), |kind| t.document_kinds(kind)))
    }
}

/// Address of the list with kind and cursor. Cursors are made of letters that need no escape.
fn address(kind: Option<DocumentType>, after: Option<&str>) -> String {
    let kind = kind.map(|kind| format!("type={}", kind.code()));
    let after = after.map(|after| format!("after={after}"));
    let query: Vec<String> = [kind, after].into_iter().flatten().collect();
    if query.is_empty() { "/documents".to_owned() } else { format!("/documents?{}", query.join("&")) }
}

web::page!(DocumentsPage => "pages/invoices/documents.html");

#[cfg(test)]
mod tests {
    use domain::Currency;
    use jiff::civil::date;
    use web::page::{View as _, testing};

    use super::*;

    fn entry(kind: DocumentType, number: &str, state: Option<DocumentState>) -> DocumentEntry {
        DocumentEntry {
            kind,
            number: number.parse().unwrap(),
            issued_on: date(2026, 11, 16),
            subject: "Umzug auf den neuen Server".to_owned(),
            amount: (kind != DocumentType::DeliveryNote).then(|| Money::of_minor(11_900, Currency::Eur)),
            state,
        }
    }

    fn page() -> DocumentsPage {
        let (day, last) = (date(2026, 11, 20), date(2026, 11, 30));
        DocumentsPage {
            items: vec![
                entry(DocumentType::Offer, "AN4", Some(DocumentState::Open { until: last })),
                entry(DocumentType::Offer, "AN3", Some(DocumentState::Accepted { on: day })),
                entry(DocumentType::Offer, "AN2", Some(DocumentState::Declined { on: day })),
                entry(DocumentType::Offer, "AN1", Some(DocumentState::Expired { since: day })),
                entry(DocumentType::Dunning, "MA1", Some(DocumentState::Dunned { level: 2 })),
                entry(DocumentType::CreditNote, "GS1", None),
                entry(DocumentType::Confirmation, "AB1", None),
                DocumentEntry { subject: String::new(), ..entry(DocumentType::DeliveryNote, "LS/1", None) },
            ],
            next: Some("b3BhcXVl".to_owned()),
            kind: None,
            older: false,
            kinds: DocumentType::BESIDE_INVOICES.to_vec(),
        }
    }

    #[test]
    fn the_documents_page_is_sound() {
        testing::check("documents", &page(), |_| {});
        let none = DocumentsPage { items: vec![], next: None, ..page() };
        testing::check("documents-empty", &none, |_| {});
        let filtered = DocumentsPage { kind: Some(DocumentType::Offer), ..none };
        testing::check("documents-filter-empty", &filtered, |_| {});
        // A filter may find nothing in what one answer looks at, and older ones all the same.
        let older = DocumentsPage { next: Some("b3BhcXVl".to_owned()), ..filtered };
        testing::check("documents-filter-older", &older, |_| {});
        let html = older.html(&testing::frame(domain::Language::De)).unwrap();
        assert!(html.contains("/documents?type=offer&#38;after=b3BhcXVl"), "{html}");
        let long = "ANGEBOT-2026-NORDDEUTSCHLAND-0000004711";
        let items = vec![
            DocumentEntry {
                subject: "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft".to_owned(),
                ..entry(DocumentType::Confirmation, long, None)
            };
            3
        ];
        testing::check("documents-long", &DocumentsPage { items, older: true, ..page() }, testing::extreme);
    }

    #[test]
    fn a_document_has_one_address() {
        assert_eq!(entry(DocumentType::DeliveryNote, "LS/1", None).href(), "/documents/delivery-note/LS~2F1");
        assert_eq!(address(None, None), "/documents");
        assert_eq!(address(Some(DocumentType::CreditNote), Some("x")), "/documents?type=credit-note&after=x");
    }
}
