//! A tenant with customers, invoices and prepaid accounts, before anything goes wrong.

use booking::Books;
use domain::{
    Currency, Money,
    change::{Actor, Change, Event, EventKind},
    id::CustomerId,
    ledger::{Account, AccountKind},
    number::{AccountNumber, CustomerNumber, InvoiceNumber},
    payment::Named,
};
use jiff::civil::Date;
use serde_json::json;
use testkit::{Portal, samples};

use crate::random::Random;

/// Lines of one import.
const IMPORT: usize = 500;
/// Invoices of the one customer whose payments need several steps.
const MANY: u64 = 90;

/// A customer and what it can pay.
#[derive(Debug, Clone)]
pub(crate) struct Payer {
    pub(crate) id: CustomerId,
    pub(crate) receivables: AccountNumber,
    pub(crate) prepaid: AccountNumber,
    pub(crate) invoices: Vec<Named>,
}

/// Everything the payments of a run meet.
#[derive(Debug)]
pub(crate) struct House {
    pub(crate) portal: Portal,
    pub(crate) books: Books,
    pub(crate) payers: Vec<Payer>,
}

impl House {
    /// Builds it over the integrator's API; about three payments per customer follow.
    pub(crate) async fn build(seed: u64, payments: u64, random: &mut Random) -> Self {
        let portal = Portal::behind_faults(seed).await;
        let tenant = portal.tenant("webhosting-ag").await;
        let count = (payments / 40).clamp(4, 400);
        let (mut lines, mut numbers) = (Vec::new(), Vec::new());
        for index in 0..count {
            let number = format!("K{index}");
            tenant.customer(&number, |_| {}).await;
            let invoices = if index == 0 { MANY } else { 10 + random.below(20) };
            for at in 0..invoices {
                let mut facts = samples::invoice(&number);
                facts["number"] = json!(format!("RE{index}-{at}"));
                lines.push(facts.to_string());
            }
            numbers.push((number, invoices));
        }
        for part in lines.chunks(IMPORT) {
            tenant.api.import("/invoices:import", &part.join("\n")).await.status(200);
        }
        let books = books(&portal, tenant.slug()).await;
        let mut payers = Vec::new();
        for (index, (number, invoices)) in numbers.iter().enumerate() {
            payers.push(payer(&books, index, number, *invoices).await);
        }
        Self { portal, books, payers }
    }
}

/// The tenant's books, past every page: what webhooks, pages and the sweep use.
async fn books(portal: &Portal, slug: &str) -> Books {
    let process = portal.another_process().await;
    let now = portal.clock.now();
    let host = format!("{slug}.localhost");
    let tenant = process.store().tenant_of_host(&host, now).await.unwrap_or_else(|error| panic!("{host}: {error}"));
    let today = tenant.settings.zone.day(now);
    Books { store: process.store().in_tenant(tenant.scope()), now, today }
}

async fn payer(books: &Books, index: usize, number: &str, invoices: u64) -> Payer {
    let number: CustomerNumber = number.parse().unwrap_or_else(|error| panic!("{number}: {error}"));
    let id = books.store.customer_id(&number).await.ok().flatten().unwrap_or_else(|| panic!("{number} is missing"));
    let prepaid: AccountNumber =
        format!("{:08}", 1_000 + index).parse().unwrap_or_else(|error| panic!("an account number: {error}"));
    let account = Account::open(prepaid.clone(), AccountKind::Prepaid, Currency::Eur);
    let event = Event::new(EventKind::AccountOpened, Actor::Integrator, books.now, prepaid.as_str());
    let opened = books.store.open_account(&id, &Change::new(account, event)).await;
    opened.unwrap_or_else(|error| panic!("{prepaid}: {error}"));
    let receivables = Account::receivables_number(&number, Currency::Eur).unwrap_or_else(|error| panic!("{error}"));
    let named = |at: u64| Named { number: invoice(index, at), issued_on: issued_on() };
    Payer { id, receivables, prepaid, invoices: (0..invoices).map(named).collect() }
}

fn invoice(index: usize, at: u64) -> InvoiceNumber {
    format!("RE{index}-{at}").parse().unwrap_or_else(|error| panic!("an invoice number: {error}"))
}

/// The day on which the sample invoice is issued.
fn issued_on() -> Date {
    let facts = samples::invoice("K0");
    facts["issued_on"].as_str().and_then(|day| day.parse().ok()).unwrap_or_else(|| panic!("a sample without a day"))
}

/// Euros of whole cents.
pub(crate) const fn eur(minor: i64) -> Money {
    Money::of_minor(minor, Currency::Eur)
}
