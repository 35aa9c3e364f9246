//! `/invoices/{number}`: one invoice with lines, tax, payments, facts and files (M-48, M-49). A link shows the same (`linked.rs`).

use checkout::method_name;
use domain::{
    Money,
    collection::{self, Collection},
    comment::Comment,
    document::DocumentType,
    id::{CustomerId, PaymentId},
    invoice::{Buyer, Line, Period, Status, TaxTotal},
    number::{DocumentNumber, InvoiceNumber, SubscriptionNumber},
    payment::Method,
    tenant::Collect,
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use store::{InvoiceDocument, Tenant, TenantStore};
use text::Words;
use utoipa::ToSchema;
use web::{Answer, Asked, CustomerContext, Json, Page, Problem, area};

use crate::comments::Draft;

/// Which invoice, as its slug.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Ask {
    number: String,
}

/// Shows the page.
pub(crate) async fn show(cx: CustomerContext<area::Invoices>, ask: Asked<Ask>) -> Answer<Page<InvoicePage>> {
    of_customer(&cx, &ask.0.number).await.map(Page::new)
}

/// `GET /api/v1/invoices/{number}`
pub(crate) async fn get(cx: CustomerContext<area::Invoices>, ask: Asked<Ask>) -> Answer<Json<InvoicePage>> {
    of_customer(&cx, &ask.0.number).await.map(Json::new)
}

async fn of_customer(cx: &CustomerContext<area::Invoices>, slug: &str) -> Answer<InvoicePage> {
    let number = InvoiceNumber::from_slug(slug).map_err(|_| Problem::NotFound)?;
    let store = cx.store();
    let reader = Reader { store: &store, tenant: cx.tenant(), customer: cx.customer(), today: cx.today() };
    let page = load(&reader, number).await?;
    let draft = Draft::on(cx, (DocumentType::Invoice, page.number.as_str()), &page.comments);
    Ok(InvoicePage { draft, ..page })
}

/// Whose invoice is read, and when.
pub(crate) struct Reader<'a> {
    pub(crate) store: &'a TenantStore,
    pub(crate) tenant: &'a Tenant,
    pub(crate) customer: &'a CustomerId,
    pub(crate) today: Date,
}

/// The document first, then its row; another customer's is the same 404 as none.
pub(crate) async fn load(reader: &Reader<'_>, number: InvoiceNumber) -> Answer<InvoicePage> {
    let Reader { store, tenant, customer, today } = *reader;
    let document = store.invoice_document(&number).await?;
    let document = document.filter(|document| document.body.customer == *customer).ok_or(Problem::NotFound)?;
    // Only where the tenant collects at all is it worth a read.
    let collects = tenant.settings.payments.collect == Collect::Portal;
    let (row, collection) = tokio::try_join!(store.invoice_row(&document.body), async {
        if collects { store.collection(customer, &number).await } else { Ok(None) }
    })?;
    let row = row.ok_or(Problem::NotFound)?.value;
    let payments = payments(&document, &row, tenant);
    // An original of the integrator's is served as it came; whether it carries XML, only its file says.
    let original = document.file(store::FileKind::Pdf).is_some_and(|file| file.original);
    let facts = document.body.facts;
    let xrechnung = !original && facts.may_be_xrechnung();
    Ok(InvoicePage {
        place: Place::Portal,
        status: row.status(today),
        number,
        issued_on: row.issued_on,
        due_on: row.due_on,
        lines: facts.lines,
        taxes: facts.taxes,
        net: facts.net,
        gross: row.gross,
        paid: row.paid,
        credited: row.credited,
        open: row.open,
        paid_on: row.paid_on,
        cancelled_on: row.cancelled_on,
        dunning_level: row.dunning_level,
        handle: row.handle,
        created_at: row.created_at,
        subscription: row.subscription,
        period: facts.period,
        delivered_on: facts.delivered_on,
        buyer_reference: facts.buyer_reference,
        buyer: facts.buyer,
        note: facts.note,
        payments,
        collected: collection.filter(|_| row.open.is_positive()).and_then(|found| Collected::of(&found.value)),
        xml: !original,
        xrechnung,
        comments: document.comments,
        draft: None,
    })
}

/// „Zahlungsvorgänge", newest first: what was booked, taken back and cancelled, and the invoice itself.
fn payments(document: &InvoiceDocument, row: &domain::invoice::InvoiceRow, tenant: &Tenant) -> Vec<PaymentEvent> {
    let zone = &tenant.settings.zone;
    let mut events = vec![PaymentEvent { on: row.issued_on, kind: PaymentEventKind::Issued }];
    if let Some(settled) = document.body.facts.settled_before {
        events
            .push(PaymentEvent { on: settled.date, kind: PaymentEventKind::SettledBefore { amount: settled.amount } });
    }
    for record in &document.payments {
        let (amount, reference) = (record.payment.amount, record.payment.reference.clone());
        let received = PaymentEventKind::Received { amount, reference: reference.clone(), credit: record.credit };
        events.push(PaymentEvent { on: record.payment.date, kind: received });
        if let Some(at) = record.reversed_at {
            events.push(PaymentEvent { on: zone.day(at), kind: PaymentEventKind::Reversed { amount, reference } });
        }
    }
    for movement in row.movements.iter().chain(&document.movements) {
        let kind = PaymentEventKind::Moved {
            amount: movement.amount,
            method: movement.method,
            payment: movement.payment.clone(),
        };
        events.push(PaymentEvent { on: movement.on, kind });
    }
    for share in &document.credited {
        let kind = PaymentEventKind::Credited { amount: share.amount, number: share.credit_note.clone() };
        events.push(PaymentEvent { on: share.on, kind });
    }
    events.extend(row.cancelled_on.map(|on| PaymentEvent { on, kind: PaymentEventKind::Cancelled }));
    events.sort_by_key(|event| event.on);
    events.reverse();
    events
}

/// Where an invoice is shown: its files lie at another address for each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In the portal.
    Portal,
    /// Behind a link, and nowhere else.
    Link {
        /// What opens it.
        token: String,
    },
}

/// Everything about one invoice.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InvoicePage {
    /// Where it is shown.
    #[serde(skip)]
    pub place: Place,
    /// „Re.-Nummer".
    pub number: InvoiceNumber,
    /// As of today.
    pub status: Status,
    /// „Re.-Datum".
    pub issued_on: Date,
    /// „Fälligkeit".
    pub due_on: Date,
    /// „Positionen".
    pub lines: Vec<Line>,
    /// One per category and rate.
    pub taxes: Vec<TaxTotal>,
    /// „Nettobetrag".
    pub net: Money,
    /// „Gesamtbetrag brutto".
    pub gross: Money,
    /// „bezahlt".
    pub paid: Money,
    /// What credit notes took from it.
    pub credited: Option<Money>,
    /// What is still to pay.
    pub open: Money,
    /// „Vollzahlung am".
    pub paid_on: Option<Date>,
    /// „Storniert", with its day.
    pub cancelled_on: Option<Date>,
    /// „Mahnstufe", 0 for none.
    pub dunning_level: u8,
    /// „Kennung".
    pub handle: String,
    /// „Erstellt am".
    pub created_at: Timestamp,
    /// The contract it was made for.
    pub subscription: Option<SubscriptionNumber>,
    /// Days of delivery.
    pub period: Option<Period>,
    /// Day of delivery.
    pub delivered_on: Option<Date>,
    /// The buyer's order or reference.
    pub buyer_reference: String,
    /// „Rechnungsanschrift", as it was frozen into the invoice.
    pub buyer: Buyer,
    /// Printed below the totals.
    pub note: String,
    /// „Zahlungsvorgänge", newest first.
    pub payments: Vec<PaymentEvent>,
    /// What the portal will do about what is open, where it collects.
    pub collected: Option<Collected>,
    /// Is there an XML to download?
    pub xml: bool,
    /// Can it be had as XRechnung, too?
    pub xrechnung: bool,
    /// What was written about it, in order.
    pub comments: Vec<Comment>,
    /// The form for one more.
    #[serde(skip)]
    pub draft: Option<Draft>,
}

/// What the portal will do about what is open (M-79).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum Collected {
    /// It is charged on a day, if the customer keeps a way to pay by then.
    If {
        /// At the earliest.
        on: Date,
    },
    /// It is charged on a day, as the customer was told.
    On {
        /// Not before.
        on: Date,
    },
    /// It was declined and is charged once more on a day.
    Again {
        /// Not before.
        on: Date,
    },
    /// It is being charged.
    Now,
}

impl Collected {
    const fn of(collection: &Collection) -> Option<Self> {
        match &collection.state {
            collection::State::Planned { on } | collection::State::Announced { on, .. } if collection.declined > 0 => {
                Some(Self::Again { on: *on })
            }
            collection::State::Planned { on } => Some(Self::If { on: *on }),
            collection::State::Announced { on, .. } => Some(Self::On { on: *on }),
            collection::State::Charging { .. } => Some(Self::Now),
            collection::State::Ended { .. } => None,
        }
    }
}

/// One entry of „Zahlungsvorgänge".
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PaymentEvent {
    /// The day it counts for.
    pub on: Date,
    /// What happened.
    #[serde(flatten)]
    pub kind: PaymentEventKind,
}

/// What happened to the invoice's money.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PaymentEventKind {
    /// The invoice was made.
    Issued,
    /// Settled before the portal knew it.
    SettledBefore {
        /// How much.
        amount: Money,
    },
    /// Money arrived.
    Received {
        /// How much.
        amount: Money,
        /// The bank's or provider's reference.
        reference: String,
        /// What exceeded the open amount.
        credit: Money,
    },
    /// A payment of the portal settled a share, or reopened it because it was taken back.
    Moved {
        /// How much; negative when it was reopened.
        amount: Money,
        /// How it was paid.
        method: Method,
        /// Which payment.
        payment: PaymentId,
    },
    /// A payment was taken back.
    Reversed {
        /// How much.
        amount: Money,
        /// The reference of the payment.
        reference: String,
    },
    /// A credit note took a share from what it asks for.
    Credited {
        /// How much.
        amount: Money,
        /// Which credit note.
        number: DocumentNumber,
    },
    /// The invoice was cancelled.
    Cancelled,
}

impl PaymentEventKind {
    /// How a payment of the portal was paid.
    #[must_use]
    pub fn method(&self, t: &Words) -> &'static str {
        match self {
            Self::Moved { method, .. } => method_name(*method, t),
            _ => "",
        }
    }
}

impl InvoicePage {
    /// Is it shown behind a link?
    #[must_use]
    pub const fn is_linked(&self) -> bool {
        matches!(self.place, Place::Link { .. })
    }

    /// Where its PDF is.
    #[must_use]
    pub fn pdf(&self) -> String {
        match &self.place {
            Place::Portal => format!("/invoices/{}/pdf", self.number.slug()),
            Place::Link { token } => format!("/d/{token}/pdf"),
        }
    }

    /// „Rechnungen ausgleichen" with this one chosen: the next question is how to pay.
    #[must_use]
    pub fn settle(&self) -> String {
        let pairs = [("how", "invoices"), ("invoice", self.number.as_str()), ("step", "method")];
        format!("/settle?{}", serde_html_form::to_string(pairs).unwrap_or_default())
    }

    /// Is it being charged just now?
    #[must_use]
    pub fn is_being_charged(&self) -> bool {
        self.collected == Some(Collected::Now)
    }

    /// Is something still to pay?
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.open.is_positive()
    }

    /// Is it past its due day?
    #[must_use]
    pub const fn is_overdue(&self) -> bool {
        matches!(self.status, Status::Overdue { .. })
    }
}

web::page!(InvoicePage => "pages/invoices/invoice.html");

#[cfg(test)]
pub(crate) mod tests {
    use domain::{Currency, customer::CountryCode, invoice::TaxCategory};
    use jiff::civil::date;
    use web::page::testing;

    use super::*;

    fn eur(minor: i64) -> Money {
        Money::of_minor(minor, Currency::Eur)
    }

    fn line(description: &str, quantity: &str, price: &str, net: i64) -> Line {
        Line {
            description: description.to_owned(),
            details: String::new(),
            period: Some(Period { from: date(2026, 11, 1), to: date(2026, 11, 30) }),
            quantity: quantity.parse().unwrap(),
            unit: "C62".to_owned(),
            unit_price: price.parse().unwrap(),
            tax_category: TaxCategory::S,
            tax_rate: "19".parse().unwrap(),
            net: eur(net),
        }
    }

    fn buyer() -> Buyer {
        Buyer {
            company: "Gesellschaft für angewandte Veranstaltungstechnik und Bühnenbau Norddeutschland mbH & Co. KG"
                .to_owned()
                .into(),
            person: "Frau Exemplus Tine".to_owned().into(),
            line1: "Exempel Gasse 1".to_owned().into(),
            postal_code: "56789".to_owned().into(),
            city: "Rosahausen".to_owned().into(),
            country: CountryCode::try_from("DE".to_owned()).ok(),
            ..Buyer::default()
        }
    }

    fn event(day: i8, kind: PaymentEventKind) -> PaymentEvent {
        PaymentEvent { on: date(2026, 11, day), kind }
    }

    pub(crate) fn page() -> InvoicePage {
        let received =
            PaymentEventKind::Received { amount: eur(3_900), reference: "RE1041".to_owned(), credit: eur(0) };
        InvoicePage {
            place: Place::Portal,
            number: "RE1041".parse().unwrap(),
            status: Status::PartlyPaid { open: eur(2_000), due_on: date(2026, 12, 5) },
            issued_on: date(2026, 11, 5),
            due_on: date(2026, 12, 5),
            lines: vec![
                line("Webhosting Business L", "1", "39.58", 3_958),
                line("Speicher, je 50 GB", "2", "2.5", 500),
                line("Domain veranstaltungstechnik-norddeutschland.example", "1", "5", 500),
            ],
            taxes: vec![TaxTotal {
                category: TaxCategory::S,
                rate: "19".parse().unwrap(),
                net: eur(4_958),
                tax: eur(942),
                reason: String::new(),
            }],
            net: eur(4_958),
            gross: eur(5_900),
            paid: eur(3_900),
            credited: None,
            open: eur(2_000),
            paid_on: None,
            cancelled_on: None,
            dunning_level: 0,
            handle: "wh-2026-11-0417".to_owned(),
            created_at: "2026-11-05T05:12:00Z".parse().unwrap(),
            subscription: "1".parse().ok(),
            period: None,
            delivered_on: None,
            buyer_reference: String::new(),
            buyer: buyer(),
            note: String::new(),
            payments: vec![event(12, received), event(5, PaymentEventKind::Issued)],
            collected: None,
            xml: true,
            xrechnung: true,
            comments: vec![],
            draft: None,
        }
    }

    fn moved(minor: i64) -> PaymentEventKind {
        let payment = PaymentId::new(Timestamp::UNIX_EPOCH, [1; 10]);
        PaymentEventKind::Moved { amount: eur(minor), method: Method::BankTransfer, payment }
    }

    fn eventful() -> InvoicePage {
        let reference = || "0f9c-4711".to_owned();
        let payments = vec![
            event(20, PaymentEventKind::Cancelled),
            event(19, PaymentEventKind::Credited { amount: eur(2_000), number: "GS 1".parse().unwrap() }),
            event(18, PaymentEventKind::Reversed { amount: eur(3_900), reference: reference() }),
            event(17, PaymentEventKind::Received { amount: eur(3_900), reference: reference(), credit: eur(100) }),
            event(16, PaymentEventKind::SettledBefore { amount: eur(100) }),
            event(15, moved(-2_000)),
            event(14, moved(2_000)),
        ];
        let exempt = TaxTotal {
            category: TaxCategory::AE,
            rate: "0".parse().unwrap(),
            net: eur(100),
            tax: eur(0),
            reason: "Steuerschuldnerschaft des Leistungsempfängers".to_owned(),
        };
        InvoicePage {
            status: Status::Cancelled { on: date(2026, 11, 20) },
            open: eur(0),
            cancelled_on: Some(date(2026, 11, 20)),
            dunning_level: 2,
            taxes: vec![exempt],
            payments,
            delivered_on: Some(date(2026, 11, 5)),
            buyer_reference: "04011000-12345-67".to_owned(),
            note: "Vielen Dank für Ihren Auftrag.".to_owned(),
            ..page()
        }
    }

    #[test]
    fn the_invoice_page_is_sound() {
        testing::check("invoice", &page(), |_| {});
        let status = Status::Overdue { days: 1, open: eur(2_000) };
        testing::check("invoice-overdue", &InvoicePage { status, dunning_level: 1, ..page() }, |_| {});
        for (name, collected) in [
            ("invoice-collected-if", Collected::If { on: date(2026, 12, 5) }),
            ("invoice-collected-on", Collected::On { on: date(2026, 12, 5) }),
            ("invoice-collected-again", Collected::Again { on: date(2026, 12, 5) }),
            ("invoice-collected-now", Collected::Now),
        ] {
            testing::check(name, &InvoicePage { collected: Some(collected), ..page() }, |_| {});
        }
        let bare = InvoicePage {
            handle: String::new(),
            subscription: None,
            buyer: Buyer::default(),
            payments: vec![],
            xml: false,
            xrechnung: false,
            ..page()
        };
        testing::check("invoice-empty", &bare, |_| {});
        testing::check("invoice-long", &eventful(), testing::extreme);
    }
}
