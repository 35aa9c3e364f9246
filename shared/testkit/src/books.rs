//! A tenant's books past every page: what webhooks, pages and the sweep book with, for tests of money and its order.

use std::sync::Arc;

use booking::Books;
use domain::{
    Currency, Language, Money,
    change::{Actor, Change, Event, EventKind},
    id::{CustomerId, PaymentId, TenantId},
    ledger::{Account, AccountKind},
    number::{AccountNumber, CustomerNumber},
    payment::{Method, Named, NewPayment, Payment, ProviderName, Purpose},
};
use jiff::civil::Date;
use serde_json::json;

use crate::{Tenant, samples};

/// Lines of one import.
const IMPORT: usize = 500;
/// How often a part is sent again.
const AGAIN: usize = 5;

/// A customer who pays: its accounts, and invoices of 119.00 € each.
#[derive(Debug, Clone)]
pub struct Payer {
    /// Who.
    pub id: CustomerId,
    /// What it owes.
    pub receivables: AccountNumber,
    /// What it paid in advance.
    pub prepaid: AccountNumber,
    /// What it can pay.
    pub invoices: Vec<Named>,
}

impl Payer {
    /// A payment of some invoices, not written down yet.
    #[must_use]
    pub fn paying(&self, invoices: &[Named], method: Method, minor: i64, books: &Books, seed: u8) -> Payment {
        let purpose = Purpose::Invoices { named: invoices.to_vec() };
        self.payment(purpose, &self.receivables, method, minor, books, seed)
    }

    /// A top-up, not written down yet.
    #[must_use]
    pub fn topping_up(&self, method: Method, minor: i64, books: &Books, seed: u8) -> Payment {
        let purpose = Purpose::TopUp { reference_text: String::new() };
        self.payment(purpose, &self.prepaid, method, minor, books, seed)
    }

    fn payment(
        &self,
        purpose: Purpose,
        account: &AccountNumber,
        method: Method,
        minor: i64,
        books: &Books,
        seed: u8,
    ) -> Payment {
        let mut entropy = [seed; 10];
        // The same seed for two customers is two payments.
        entropy.iter_mut().zip(self.id.as_str().bytes().rev()).for_each(|(byte, of_id)| *byte ^= of_id);
        let new = NewPayment {
            id: PaymentId::new(books.now, entropy),
            customer: self.id.clone(),
            purpose,
            method,
            provider: ProviderName::first_for(method),
            saved: None,
            account: account.clone(),
            amount: Money::of_minor(minor, Currency::Eur),
            deposit: None,
            language: Language::De,
        };
        let started = Payment::start(new, Actor::Customer, books.now);
        started.unwrap_or_else(|error| panic!("a payment of {minor}: {error}")).into_parts().0
    }
}

impl Tenant {
    /// Its books, as of the frozen clock.
    pub async fn books(&self) -> Books {
        let process = self.portal().another_process().await;
        let now = self.portal().clock.now();
        let tenant = self.stored(&process).await;
        let today = tenant.settings.zone.day(now);
        Books { store: process.store().in_tenant(tenant.scope()), now, today }
    }

    /// Its id in the keys of the table.
    pub async fn id(&self) -> TenantId {
        let process = self.portal().another_process().await;
        self.stored(&process).await.scope().id().clone()
    }

    async fn stored(&self, process: &web::Portal) -> Arc<store::Tenant> {
        let host = self.host();
        let host = host.split(':').next().unwrap_or_default();
        let found = process.store().tenant_of_host(host, self.portal().clock.now()).await;
        found.unwrap_or_else(|error| panic!("{host}: {error}"))
    }

    /// Customers who pay, each with so many invoices of 119.00 € and an empty prepaid account.
    pub async fn payers(&self, books: &Books, invoices: &[usize]) -> Vec<Payer> {
        let mut lines = Vec::new();
        for (index, count) in invoices.iter().enumerate() {
            let number = format!("K{index}");
            self.customer(&number, |_| {}).await;
            lines.extend((0..*count).map(|at| {
                let mut facts = samples::invoice(&number);
                facts["number"] = json!(format!("RE{index}-{at}"));
                facts.to_string()
            }));
        }
        for part in lines.chunks(IMPORT) {
            // A machine that is busy elsewhere answers 503 after its three seconds, as it should; again is the same.
            let mut imported = self.api.import("/invoices:import", &part.join("\n")).await;
            for _ in 0..AGAIN {
                if imported.code() == 503 {
                    imported = self.api.import("/invoices:import", &part.join("\n")).await;
                }
            }
            imported.status(200);
        }
        let mut payers = Vec::with_capacity(invoices.len());
        for (index, count) in invoices.iter().enumerate() {
            payers.push(payer(books, index, *count).await);
        }
        payers
    }
}

async fn payer(books: &Books, index: usize, invoices: usize) -> Payer {
    let number: CustomerNumber = parsed(&format!("K{index}"));
    let id = books.store.customer_id(&number).await.ok().flatten().unwrap_or_else(|| panic!("{number} is missing"));
    let prepaid: AccountNumber = parsed(&format!("{:08}", 1_000 + index));
    let account = Account::open(prepaid.clone(), AccountKind::Prepaid, Currency::Eur);
    let event = Event::new(EventKind::AccountOpened, Actor::Integrator, books.now, prepaid.as_str());
    let opened = books.store.open_account(&id, &Change::new(account, event)).await;
    opened.unwrap_or_else(|error| panic!("{prepaid}: {error}"));
    let receivables = Account::receivables_number(&number, Currency::Eur).unwrap_or_else(|error| panic!("{error}"));
    let issued_on: Date = parsed(samples::invoice("K0")["issued_on"].as_str().unwrap_or_default());
    let named = |at: usize| Named { number: parsed(&format!("RE{index}-{at}")), issued_on };
    Payer { id, receivables, prepaid, invoices: (0..invoices).map(named).collect() }
}

fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(text: &str) -> T {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}
