//! `/`: greeting, open amount, what is to do, contracts, last invoices, contact person and news (M-05, M-06, M-09, M-81).

use domain::{
    Currency, Money,
    customer::{Contact, CustomerFacts},
    invoice::Status,
    number::{CustomerNumber, InvoiceNumber, SubscriptionNumber, counting},
    subscription::{NextInvoice, Phase, Subscription},
    tenant::{Area, Right},
    time::Interval,
};
use jiff::civil::Date;
use serde::Serialize;
use store::{OpenItem, Overview};
use web::{Answer, Asked, CustomerContext, Door, Nothing, Page, Problem, area::Always, page::SafeHtml};

use crate::undelivered::{UndeliveredNotice, notices};

/// Invoices in „Zu erledigen".
const TO_PAY: usize = 5;
/// Invoices in „Letzte Rechnungen".
const LAST: u16 = 3;

/// Shows the start page: everything in one round trip, the contact person in a second.
pub(crate) async fn show(cx: CustomerContext<Always>, _: Asked<Nothing>) -> Answer<Page<StartPage>> {
    let (store, customer) = (cx.store(), cx.customer());
    let shown = |area| cx.tenant().settings.right(area) > Right::Off;
    let invoices = async {
        if !shown(Area::Invoices) {
            return Ok(None);
        }
        let last = store.invoice_rows(customer, store::InvoiceFilter::default(), LAST, None);
        tokio::try_join!(store.open_items(customer), last).map(Some)
    };
    let (overview, invoices) = tokio::try_join!(store.overview(customer), invoices)?;
    let Overview { customer: profile, subscriptions, undelivered, .. } = overview.ok_or(Problem::NotFound)?;
    let profile = profile.value;
    let undelivered = notices(&profile.facts, &undelivered, &cx.tenant().settings);
    let contact = match profile.facts.contact.as_ref().filter(|_| shown(Area::Contact)) {
        Some(number) => store.contact_to_show(number, cx.now()).await?,
        None => None,
    };
    let today = cx.today();
    let invoices = invoices.map(|(open, last)| Invoices::of(open, last.items, today)).transpose()?;
    let contracts = shown(Area::Contracts).then(|| running(&subscriptions, today));
    let welcome = cx.tenant().settings.texts.welcome.html.get(cx.arrival().language()).map(SafeHtml::from_sanitised);
    let (number, customer) = (profile.number, profile.facts);
    Ok(Page::new(StartPage { number, customer, undelivered, invoices, contracts, contact, welcome }))
}

impl Invoices {
    fn of(mut open: Vec<OpenItem>, last: Vec<domain::invoice::InvoiceRow>, today: Date) -> Answer<Self> {
        let sums = |items: &mut dyn Iterator<Item = &OpenItem>| {
            Money::sums(items.map(|item| item.open)).map_err(|error| Problem::Internal(error.to_string()))
        };
        let mut total = sums(&mut open.iter())?;
        if total.is_empty() {
            total.push(Money::zero(last.first().map_or(Currency::Eur, |row| row.gross.currency())));
        }
        let overdue = sums(&mut open.iter().filter(|item| item.due_on < today))?;
        let open_count = u32::try_from(open.len()).unwrap_or(u32::MAX);
        open.sort_by_key(|item| item.due_on);
        let to_pay = open.into_iter().take(TO_PAY).map(|item| InvoiceToPay::on(item, today)).collect();
        let last = last.into_iter().map(|row| InvoiceRow::on(row, today)).collect();
        Ok(Self { open: total, open_count, overdue, to_pay, last })
    }
}

/// In the order of the page of contracts.
fn running(subscriptions: &[Subscription], today: Date) -> Vec<ContractRow> {
    let mut running: Vec<&Subscription> = subscriptions.iter().filter(|one| !one.has_ended(today)).collect();
    running.sort_by(|one, other| counting(one.number.as_str(), other.number.as_str()));
    running.into_iter().map(|one| ContractRow::on(one, today)).collect()
}

/// Everything a customer sees first. What an area switched off would show is `None`.
#[derive(Debug, Clone, Serialize)]
pub struct StartPage {
    /// „Kundennummer".
    pub number: CustomerNumber,
    /// Who is greeted.
    #[serde(flatten)]
    pub customer: CustomerFacts,
    /// Addresses that mail came back from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub undelivered: Vec<UndeliveredNotice>,
    /// What is open, and the last invoices; `None` when invoices are switched off.
    pub invoices: Option<Invoices>,
    /// The contracts that run; `None` when contracts are switched off.
    pub contracts: Option<Vec<ContractRow>>,
    /// „Persönlicher Ansprechpartner".
    pub contact: Option<Contact>,
    /// „Aktuelles".
    pub welcome: Option<SafeHtml>,
}

/// The customer's invoices in short.
#[derive(Debug, Clone, Serialize)]
pub struct Invoices {
    /// Sums of what is open, one per currency; zero in the customer's own when nothing is.
    pub open: Vec<Money>,
    /// How many invoices are open.
    pub open_count: u32,
    /// How much of it is overdue, per currency; none when nothing is.
    pub overdue: Vec<Money>,
    /// „Zu erledigen": overdue ones first, then by due day.
    pub to_pay: Vec<InvoiceToPay>,
    /// The last three.
    pub last: Vec<InvoiceRow>,
}

impl Invoices {
    /// How many open invoices „Zu erledigen" does not list.
    #[must_use]
    pub fn more_to_pay(&self) -> u32 {
        self.open_count.saturating_sub(u32::try_from(self.to_pay.len()).unwrap_or(u32::MAX))
    }
}

/// An open invoice in „Zu erledigen".
#[derive(Debug, Clone, Serialize)]
pub struct InvoiceToPay {
    /// „Re.-Nummer".
    pub number: InvoiceNumber,
    /// What is still to pay.
    pub open: Money,
    /// As of today.
    pub status: Status,
}

impl InvoiceToPay {
    fn on(item: OpenItem, today: Date) -> Self {
        let days = domain::time::days_between(item.due_on, today);
        let status =
            if days > 0 { Status::Overdue { days, open: item.open } } else { Status::Open { due_on: item.due_on } };
        Self { number: item.number, open: item.open, status }
    }
}

/// An invoice in one line.
#[derive(Debug, Clone, Serialize)]
pub struct InvoiceRow {
    /// „Re.-Nummer".
    pub number: InvoiceNumber,
    /// „Re.-Datum".
    pub issued_on: Date,
    /// „Gesamtbetrag brutto".
    pub gross: Money,
    /// What is still to pay.
    pub open: Money,
    /// As of today.
    pub status: Status,
}

impl InvoiceRow {
    fn on(row: domain::invoice::InvoiceRow, today: Date) -> Self {
        Self {
            status: row.status(today),
            number: row.number,
            issued_on: row.issued_on,
            gross: row.gross,
            open: row.open,
        }
    }
}

/// A contract in two lines.
#[derive(Debug, Clone, Serialize)]
pub struct ContractRow {
    /// Shown as „Vertrag Nr. 1".
    pub number: SubscriptionNumber,
    /// Plan variant.
    pub plan: String,
    /// As of today.
    pub phase: Phase,
    /// Gross price per interval.
    pub price: Money,
    /// „Zahlungsintervall".
    pub interval: Interval,
    /// The next invoice, as far as it is known.
    pub next_invoice: Option<NextInvoice>,
}

impl ContractRow {
    fn on(one: &Subscription, today: Date) -> Self {
        Self {
            number: one.number.clone(),
            plan: one.facts.plan.clone(),
            phase: one.phase_on(today),
            price: one.facts.price,
            interval: one.facts.interval,
            next_invoice: one.next_invoice(today),
        }
    }
}

web::page!(StartPage => "pages/customer/start.html");

#[cfg(test)]
mod tests {
    use domain::Currency;
    use domain::{customer::Salutation, time::IntervalUnit};
    use jiff::civil::date;
    use web::page::{Flash, testing};

    use super::*;

    fn eur(minor: i64) -> Money {
        Money::of_minor(minor, Currency::Eur)
    }

    fn invoice(number: &str, gross: i64, open: i64, status: Status) -> InvoiceRow {
        InvoiceRow {
            number: number.parse().unwrap(),
            issued_on: date(2026, 11, 1),
            gross: eur(gross),
            open: eur(open),
            status,
        }
    }

    fn contract(number: &str, plan: &str, phase: Phase, months: u16) -> ContractRow {
        ContractRow {
            number: number.parse().unwrap(),
            plan: plan.to_owned(),
            phase,
            price: eur(124_950),
            interval: Interval { count: months, unit: IntervalUnit::Month },
            next_invoice: Some(NextInvoice { on: date(2026, 12, 1), amount: eur(5_900) }),
        }
    }

    fn to_pay(row: &InvoiceRow) -> InvoiceToPay {
        InvoiceToPay { number: row.number.clone(), open: row.open, status: row.status }
    }

    fn invoices() -> Invoices {
        let due_on = date(2026, 11, 30);
        let overdue = invoice("RE1040", 11_900, 11_900, Status::Overdue { days: 7, open: eur(11_900) });
        let partly = invoice("RE1041", 5_900, 2_000, Status::PartlyPaid { open: eur(2_000), due_on });
        let open = invoice("RE1043", 124_950, 124_950, Status::Open { due_on });
        Invoices {
            open: vec![eur(138_850)],
            open_count: 3,
            overdue: vec![eur(11_900)],
            to_pay: vec![to_pay(&overdue), to_pay(&open)],
            last: vec![open, partly, overdue],
        }
    }

    fn page() -> StartPage {
        let long =
            "Managed Server für die Gesellschaft für angewandte Veranstaltungstechnik Norddeutschland mbH & Co. KG";
        let cancelled = Phase::Cancelled {
            declared_on: date(2026, 11, 1),
            ends_on: date(2026, 12, 31),
            by: domain::subscription::Side::Customer,
        };
        StartPage {
            number: "K5003".parse().unwrap(),
            customer: CustomerFacts {
                salutation: Some(Salutation::Frau),
                company: "Example GmbH".to_owned().into(),
                first_name: "Exemplus".to_owned().into(),
                last_name: "Tine".to_owned().into(),
                ..CustomerFacts::default()
            },
            undelivered: vec![],
            invoices: Some(invoices()),
            contracts: Some(vec![
                contract("1", "Webhosting Business L", Phase::Active, 1),
                contract("4", long, cancelled, 3),
            ]),
            contact: Some(Contact {
                name: "Johanna Petersen".to_owned(),
                role: "Kundenbetreuung Geschäftskunden".to_owned(),
                phone: "0441 1234567".to_owned(),
                email: "petersen@webhosting.example".parse().ok(),
            }),
            welcome: Some(SafeHtml::from_sanitised(
                "<h3>Wartung am 28. November</h3><p>Am Samstag, 28.11.2026, erneuern wir die Datenbankserver.</p>",
            )),
        }
    }

    #[test]
    fn the_start_page_is_sound() {
        testing::check("start", &page(), |frame| frame.flash = Some(Flash::SignedIn));
        let nothing = Invoices { open: vec![eur(0)], open_count: 0, overdue: vec![], to_pay: vec![], last: vec![] };
        let empty =
            StartPage { invoices: Some(nothing), contracts: Some(vec![]), contact: None, welcome: None, ..page() };
        testing::check("start-empty", &empty, |_| {});
        let francs = Money::of_minor(2_000, Currency::Chf);
        let two = Invoices { open: vec![eur(138_850), francs], overdue: vec![eur(11_900), francs], ..invoices() };
        testing::check("start-currencies", &StartPage { invoices: Some(two), ..page() }, |_| {});
        let undelivered = crate::undelivered::samples();
        testing::check("start-undelivered", &StartPage { undelivered, ..page() }, |_| {});
        testing::check("start-off", &StartPage { invoices: None, contracts: None, ..page() }, |_| {});
        testing::check("start-long", &page(), testing::extreme);
    }

    #[test]
    fn the_start_page_greets_in_the_seeds_words() {
        let html = web::page::View::html(&page(), &testing::frame(domain::Language::De)).unwrap();
        assert!(html.contains("<h1>Herzlich willkommen, Frau Exemplus Tine!</h1>"));
        assert!(html.contains("Ihre Kundennummer: <b class=\"num\">K5003</b>"));
        assert!(html.contains("davon <b class=\"num\">119,00\u{a0}€</b> überfällig"));
        assert!(html.contains("Noch 1 offene Rechnung</a>"), "three are open, two are listed");
    }
}
