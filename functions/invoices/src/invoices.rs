//! `/invoices`: all invoices with the eight columns of the seed and their status, filtered, searched, page by page (M-17,
//! M-18, M-48).

use domain::{
    Currency, Money,
    document::{DocumentRow, DocumentType},
    id::CustomerId,
    invoice::Status,
    number::{InvoiceNumber, SubscriptionNumber},
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use store::{InvoiceBody, InvoiceFilter, OpenItem, TenantStore};
use text::Words;
use utoipa::ToSchema;
use web::{Answer, Asked, CustomerContext, Either, Json, Page, Problem, SeeOther, area};

use crate::{
    documents::DocumentEntry,
    filter::{Filter, address},
};

/// Rows of one page.
const PAGE: u16 = 20;
/// Most rows of one page for programs.
const MAX_LIMIT: u16 = 100;
/// Credit notes below the first page; all of them stand under the documents.
const CREDIT_NOTES: u16 = 3;
/// Years that are offered as links.
const MAX_YEARS: i16 = 10;

/// What the address carries.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
pub struct Ask {
    /// Which invoices.
    #[serde(default)]
    pub filter: Filter,
    /// Only those issued in this year.
    pub year: Option<i16>,
    /// Exact number to look for.
    pub number: Option<String>,
    /// Cursor of older ones.
    pub after: Option<String>,
    /// Rows of one page, for programs.
    pub limit: Option<u16>,
}

/// Shows the list; an exact number that exists leads straight to its invoice.
pub(crate) async fn show(
    cx: CustomerContext<area::Invoices>,
    ask: Asked<Ask>,
) -> Answer<Either<Page<InvoicesPage>, SeeOther>> {
    let ask = Ask { limit: None, ..ask.0 };
    if let Some(found) = find(&cx, ask.number.as_deref()).await? {
        return Ok(Either::Second(SeeOther::to(format!("/invoices/{}", found.number.slug()))));
    }
    load(&cx, ask, None).await.map(Page::new).map(Either::First)
}

/// `GET /api/v1/invoices`
pub(crate) async fn list(cx: CustomerContext<area::Invoices>, ask: Asked<Ask>) -> Answer<Json<InvoicesPage>> {
    let found = find(&cx, ask.0.number.as_deref()).await?;
    load(&cx, ask.0, found).await.map(Json::new)
}

/// The invoice with the number that was looked for, if it is one of the customer's own.
async fn find(cx: &CustomerContext<area::Invoices>, typed: Option<&str>) -> Answer<Option<InvoiceBody>> {
    let Some(number) = typed.and_then(|typed| typed.trim().parse::<InvoiceNumber>().ok()) else { return Ok(None) };
    let found = cx.store().invoice_bodies(std::slice::from_ref(&number)).await?;
    Ok(found.into_iter().find(|body| body.customer == *cx.customer()))
}

async fn load(cx: &CustomerContext<area::Invoices>, ask: Ask, found: Option<InvoiceBody>) -> Answer<InvoicesPage> {
    let (store, customer, today) = (cx.store(), cx.customer(), cx.today());
    let limit = ask.limit.unwrap_or(PAGE).clamp(1, MAX_LIMIT);
    let position = position(cx, &ask).await?;
    let older = position.is_some();
    let rows = async {
        match ask.number {
            // Whoever looks for a number sees that invoice, or nothing.
            Some(ref number) if !number.trim().is_empty() => {
                let row = match &found {
                    Some(body) => store.invoice_row(body).await?,
                    None => None,
                };
                Ok(store::Page { items: row.map(|row| row.value).into_iter().collect(), next: None })
            }
            _ => rows(&store, customer, &ask, limit, position, today).await,
        }
    };
    let credit_notes = credit_notes(cx, &ask, older);
    let (rows, open, first_year, credit_notes) =
        tokio::try_join!(rows, store.open_items(customer), store.first_invoice_year(customer), credit_notes)?;
    let next = match rows.next {
        Some(position) => Some(cursors(cx, &ask).await?.sign(&position)),
        None => None,
    };
    let currency = rows.items.first().map(|row| row.gross.currency());
    Ok(InvoicesPage {
        items: rows.items.into_iter().map(|row| InvoiceRow::on(row, today)).collect(),
        next,
        filter: ask.filter,
        year: ask.year,
        number: ask.number.filter(|number| !number.trim().is_empty()),
        older,
        years: years(first_year, today),
        open: first_year.map(|_| open_amounts(&open, currency, today)).transpose()?,
        credit_notes: credit_notes.into_iter().map(|row| DocumentEntry::on(row, today)).collect(),
    })
}

/// The last credit notes, below all invoices on their first page (M-80).
async fn credit_notes(
    cx: &CustomerContext<area::Invoices>,
    ask: &Ask,
    older: bool,
) -> Result<Vec<DocumentRow>, store::StoreError> {
    let is_all = ask.filter == Filter::All && ask.year.is_none() && ask.number.is_none() && !older;
    match is_all && cx.tenant().settings.shows(DocumentType::CreditNote) {
        true => cx.store().credit_notes(cx.customer(), CREDIT_NOTES).await,
        false => Ok(vec![]),
    }
}

/// The rows of a filter: what is open comes from the sparse index, everything else from the customer's own partition.
async fn rows(
    store: &TenantStore,
    customer: &CustomerId,
    ask: &Ask,
    limit: u16,
    after: Option<String>,
    today: Date,
) -> Result<store::Page<domain::invoice::InvoiceRow>, store::StoreError> {
    let of_year = |item: &OpenItem| ask.year.is_none_or(|year| item.issued_on.year() == year);
    match ask.filter {
        Filter::Open => store.rows_of_open_items(customer, of_year, limit, after).await,
        Filter::Overdue => {
            let overdue = |item: &OpenItem| of_year(item) && item.due_on < today;
            store.rows_of_open_items(customer, overdue, limit, after).await
        }
        filter => {
            let filter =
                InvoiceFilter { year: ask.year, paid: filter == Filter::Paid, cancelled: filter == Filter::Cancelled };
            store.invoice_rows(customer, filter, limit, after).await
        }
    }
}

async fn cursors(cx: &CustomerContext<area::Invoices>, ask: &Ask) -> Answer<web::Cursors> {
    cx.cursors(&format!("invoices {} {}", ask.filter.code(), ask.year.unwrap_or_default())).await
}

async fn position(cx: &CustomerContext<area::Invoices>, ask: &Ask) -> Answer<Option<String>> {
    match &ask.after {
        Some(after) => cursors(cx, ask).await?.read(Some(after)),
        None => Ok(None),
    }
}

fn years(first: Option<i16>, today: Date) -> Vec<i16> {
    let Some(first) = first else { return Vec::new() };
    (first.max(today.year() - MAX_YEARS + 1)..=today.year()).rev().collect()
}

fn open_amounts(open: &[OpenItem], currency: Option<Currency>, today: Date) -> Answer<OpenAmounts> {
    let count = |of: usize| u32::try_from(of).unwrap_or(u32::MAX);
    let sums = |items: &mut dyn Iterator<Item = &OpenItem>| {
        Money::sums(items.map(|item| item.open)).map_err(|error| Problem::Internal(error.to_string()))
    };
    let mut amounts = sums(&mut open.iter())?;
    if amounts.is_empty() {
        amounts.push(Money::zero(currency.unwrap_or(Currency::Eur)));
    }
    let overdue: Vec<&OpenItem> = open.iter().filter(|item| item.due_on < today).collect();
    Ok(OpenAmounts {
        amounts,
        count: count(open.len()),
        overdue: sums(&mut overdue.iter().copied())?,
        overdue_count: count(overdue.len()),
    })
}

/// Rows for the CSV of what is shown, newest first, and whether there are more than fit.
pub(crate) async fn rows_for_csv(
    cx: &CustomerContext<area::Invoices>,
    ask: &Ask,
    limit: u16,
) -> Answer<(Vec<domain::invoice::InvoiceRow>, bool)> {
    let (store, mut items, mut after) = (cx.store(), Vec::new(), None);
    while items.len() < usize::from(limit) {
        let page = rows(&store, cx.customer(), ask, MAX_LIMIT, after, cx.today()).await?;
        items.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let more = after.is_some() || items.len() > usize::from(limit);
    items.truncate(usize::from(limit));
    Ok((items, more))
}

/// A page of invoices, newest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InvoicesPage {
    /// The invoices that fit the filter.
    pub items: Vec<InvoiceRow>,
    /// Cursor of older ones.
    pub next: Option<String>,
    /// What is shown.
    pub filter: Filter,
    /// Only invoices issued in this year.
    pub year: Option<i16>,
    /// The number that was looked for.
    pub number: Option<String>,
    /// Is this a page of older ones?
    #[serde(skip)]
    pub older: bool,
    /// Years in which there are invoices, newest first.
    pub years: Vec<i16>,
    /// What is open over all invoices; `None` while the customer has no invoice at all.
    pub open: Option<OpenAmounts>,
    /// The last credit notes, on the first page of all invoices.
    pub credit_notes: Vec<DocumentEntry>,
}

/// What is open, and how much of it is overdue.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OpenAmounts {
    /// Sums of what is open, one per currency; zero in the customer's own when nothing is.
    pub amounts: Vec<Money>,
    /// How many invoices are open.
    pub count: u32,
    /// Sums of what is overdue, one per currency; none when nothing is.
    pub overdue: Vec<Money>,
    /// How many invoices are overdue.
    pub overdue_count: u32,
}

/// A link that changes what is shown.
#[derive(Debug, Clone)]
pub struct ListLink {
    /// What it says.
    pub label: String,
    /// Where it leads.
    pub href: String,
    /// How many invoices are there.
    pub count: Option<u32>,
    /// Is it what is shown?
    pub here: bool,
}

/// An invoice as it stands in the list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InvoiceRow {
    /// „Re.-Nummer".
    pub number: InvoiceNumber,
    /// „Re.-Datum".
    pub issued_on: Date,
    /// „Gesamtbetrag brutto".
    pub gross: Money,
    /// „bezahlt".
    pub paid: Money,
    /// What is still to pay.
    pub open: Money,
    /// „Vollzahlung am".
    pub paid_on: Option<Date>,
    /// „Fälligkeit".
    pub due_on: Date,
    /// „Storniert", with its day.
    pub cancelled_on: Option<Date>,
    /// „Mahnstufe", 0 for none.
    pub dunning_level: u8,
    /// As of today.
    pub status: Status,
    /// „Kennung".
    pub handle: String,
    /// The contract it was made for.
    pub subscription: Option<SubscriptionNumber>,
    /// „Erstellt am".
    pub created_at: Timestamp,
}

impl InvoiceRow {
    /// A row of the read model with its status on a day.
    #[must_use]
    pub fn on(row: domain::invoice::InvoiceRow, today: Date) -> Self {
        Self {
            status: row.status(today),
            number: row.number,
            issued_on: row.issued_on,
            gross: row.gross,
            paid: row.paid,
            open: row.open,
            paid_on: row.paid_on,
            due_on: row.due_on,
            cancelled_on: row.cancelled_on,
            dunning_level: row.dunning_level,
            handle: row.handle,
            subscription: row.subscription,
            created_at: row.created_at,
        }
    }
}

impl InvoicesPage {
    /// The filters with the number of their invoices where it is worth telling.
    #[must_use]
    pub fn filters(&self, t: &Words) -> Vec<ListLink> {
        let count = |filter| match filter {
            Filter::Open => self.open.as_ref().map(|open| open.count),
            Filter::Overdue => self.open.as_ref().map(|open| open.overdue_count),
            _ => None,
        };
        let link = |filter: Filter| ListLink {
            label: filter.label(t).to_owned(),
            href: address("/invoices", filter, self.year, None),
            count: count(filter),
            here: filter == self.filter && self.number.is_none(),
        };
        Filter::ALL.map(link).to_vec()
    }

    /// All years and each of them; nothing to choose with a single one.
    #[must_use]
    pub fn year_links(&self, t: &Words) -> Vec<ListLink> {
        if self.years.len() < 2 {
            return vec![];
        }
        let link = |year: Option<i16>| ListLink {
            label: year.map_or_else(|| t.invoices_years_all().to_owned(), |year| year.to_string()),
            href: address("/invoices", self.filter, year, None),
            count: None,
            here: year == self.year && self.number.is_none(),
        };
        std::iter::once(None).chain(self.years.iter().copied().map(Some)).map(link).collect()
    }

    /// Address of the same selection as CSV.
    #[must_use]
    pub fn csv(&self) -> String {
        address("/invoices.csv", self.filter, self.year, None)
    }

    /// Address of the next page.
    #[must_use]
    pub fn older_page(&self) -> Option<String> {
        self.next.as_deref().map(|after| address("/invoices", self.filter, self.year, Some(after)))
    }

    /// Address of the first page, unless this is it.
    #[must_use]
    pub fn newest_page(&self) -> Option<String> {
        self.older.then(|| address("/invoices", self.filter, self.year, None))
    }

    /// What the table shows, for those who hear it.
    #[must_use]
    pub fn caption(&self, t: &Words) -> String {
        match (&self.number, self.year) {
            (Some(number), _) => t.invoices_caption_search(number),
            (None, Some(year)) => format!("{}, {year}", self.filter.caption(t)),
            (None, None) => self.filter.caption(t).to_owned(),
        }
    }

    /// Heading and hint of an empty selection.
    #[must_use]
    pub fn nothing(&self, t: &Words) -> (String, &'static str) {
        match (&self.number, self.year, self.filter) {
            (Some(number), ..) => (t.invoices_empty_search(number), t.invoices_empty_search_hint()),
            (None, Some(year), Filter::All) => (t.invoices_empty_year(year), t.invoices_empty_filter_hint()),
            (None, _, filter) => (filter.nothing(t).to_owned(), t.invoices_empty_filter_hint()),
        }
    }
}

web::page!(InvoicesPage => "pages/invoices/invoices.html");

#[cfg(test)]
mod tests {
    use domain::Currency;
    use jiff::civil::date;
    use web::page::testing;

    use super::*;

    fn eur(minor: i64) -> Money {
        Money::of_minor(minor, Currency::Eur)
    }

    fn row(number: &str, gross: i64, paid: i64, status: Status) -> InvoiceRow {
        InvoiceRow {
            number: number.parse().unwrap(),
            issued_on: date(2026, 11, 16),
            gross: eur(gross),
            paid: eur(paid),
            open: eur(gross - paid),
            paid_on: if let Status::Paid { on } = status { Some(on) } else { None },
            due_on: date(2026, 11, 30),
            cancelled_on: if let Status::Cancelled { on } = status { Some(on) } else { None },
            dunning_level: u8::from(matches!(status, Status::Overdue { .. })),
            status,
            handle: String::new(),
            subscription: None,
            created_at: Timestamp::UNIX_EPOCH,
        }
    }

    fn open(amounts: Vec<Money>, overdue: Vec<Money>) -> OpenAmounts {
        OpenAmounts { amounts, count: 3, overdue, overdue_count: 1 }
    }

    fn page() -> InvoicesPage {
        let due_on = date(2026, 11, 30);
        InvoicesPage {
            items: vec![
                row("RE1043", 124_950, 0, Status::Open { due_on }),
                row("RE1041", 5_900, 3_900, Status::PartlyPaid { open: eur(2_000), due_on }),
                row("RE1040", 11_900, 0, Status::Overdue { days: 7, open: eur(11_900) }),
                row("RE1036", 5_900, 5_900, Status::Paid { on: date(2026, 10, 7) }),
                row("RE1031", 0, 0, Status::NothingToPay),
                row("RE1000", 1_591, 0, Status::Cancelled { on: date(2019, 3, 7) }),
            ],
            next: Some("b3BhcXVl".to_owned()),
            filter: Filter::All,
            year: None,
            number: None,
            older: false,
            years: vec![2026, 2025, 2019],
            open: Some(open(vec![eur(138_850)], vec![eur(11_900)])),
            credit_notes: vec![],
        }
    }

    fn credit_note() -> DocumentEntry {
        DocumentEntry {
            kind: DocumentType::CreditNote,
            number: "GS1".parse().unwrap(),
            issued_on: date(2026, 11, 16),
            subject: String::new(),
            amount: Some(eur(1_591)),
            state: None,
        }
    }

    #[test]
    fn the_invoices_page_is_sound() {
        testing::check("invoices", &page(), |_| {});
        let empty = InvoicesPage { items: vec![], next: None, years: vec![], open: None, ..page() };
        testing::check("invoices-empty", &empty, |_| {});
        let credited = InvoicesPage { credit_notes: vec![credit_note()], ..page() };
        testing::check("invoices-credit-notes", &credited, |_| {});
        testing::check(
            "invoices-credit-notes-only",
            &InvoicesPage { credit_notes: vec![credit_note()], ..empty },
            |_| {},
        );
        let francs = Money::of_minor(2_000, Currency::Chf);
        let two = open(vec![eur(138_850), francs], vec![eur(11_900), francs]);
        testing::check("invoices-currencies", &InvoicesPage { open: Some(two), ..page() }, |_| {});
        let none = OpenAmounts { amounts: vec![eur(0)], count: 0, overdue: vec![], overdue_count: 0 };
        let filtered =
            InvoicesPage { items: vec![], next: None, filter: Filter::Cancelled, open: Some(none), ..page() };
        testing::check("invoices-filter-empty", &filtered, |_| {});
        testing::check(
            "invoices-year-empty",
            &InvoicesPage { filter: Filter::All, year: Some(2024), ..filtered.clone() },
            |_| {},
        );
        testing::check(
            "invoices-search-empty",
            &InvoicesPage { number: Some("RE9 <b>".to_owned()), ..filtered.clone() },
            |_| {},
        );
        // A filter may find nothing in what one answer looks at, and older ones all the same.
        let older = InvoicesPage { next: Some("b3BhcXVl".to_owned()), ..filtered };
        testing::check("invoices-filter-older", &older, |_| {});
        let html = web::page::View::html(&older, &testing::frame(domain::Language::De)).unwrap();
        assert!(html.contains("after=b3BhcXVl"), "{html}");
        let items = vec![
            row(
                "RECHNUNG-2026-NORDDEUTSCHLAND-0000004711",
                1_211_900_000_000,
                1,
                Status::Overdue { days: 1, open: eur(1) }
            );
            3
        ];
        testing::check(
            "invoices-long",
            &InvoicesPage { items, older: true, year: Some(2026), ..page() },
            testing::extreme,
        );
    }
}
