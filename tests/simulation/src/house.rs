//! A tenant with customers, invoices, prepaid accounts and payment providers, before anything goes wrong.

use booking::Books;
use domain::{Currency, Money, id::TenantId};
use store::LookUp;
use testkit::{Payer, Portal, SignedDuration, Tenant, Value, json};

use crate::{mutant::Mutant, rail::Rail, random::Random};

/// Invoices of the one customer whose payments need several steps.
const MANY: usize = 90;

/// Everything the payments of a run meet.
#[derive(Debug)]
pub(crate) struct House {
    pub(crate) portal: Portal,
    /// As of now.
    pub(crate) books: Books,
    pub(crate) payers: Vec<Payer>,
    /// The providers that real tenants have.
    pub(crate) rails: Vec<Rail>,
    tenant: Tenant,
    id: TenantId,
}

impl House {
    /// Builds it over the integrator's API; about forty payments per customer follow.
    pub(crate) async fn build(seed: u64, payments: u64, mutant: Option<Mutant>, random: &mut Random) -> Self {
        let portal = Portal::behind_faults(seed).await;
        portal.end_stream();
        let tenant = portal.tenant("webhosting-ag").await;
        let books = tenant.books().await;
        let count = (payments / 40).clamp(4, 400);
        let few = |random: &mut Random| 10 + usize::try_from(random.below(20)).unwrap_or(0);
        let invoices: Vec<usize> = (0..count).map(|index| if index == 0 { MANY } else { few(random) }).collect();
        let payers = tenant.payers(&books, &invoices).await;
        let rails = Rail::all(&portal, mutant.and_then(Mutant::of_adapters)).await;
        if let Some(mutant) = mutant.and_then(Mutant::of_table) {
            portal.dynamodb().play(mutant);
        }
        let id = tenant.id().await;
        Self { portal, books, payers, rails, tenant, id }
    }

    /// Time passes, here and at the providers.
    pub(crate) async fn pass(&mut self, time: SignedDuration) {
        self.portal.clock.advance(time);
        self.portal.rails.set_clock(self.portal.clock.now());
        self.books = self.tenant.books().await;
    }

    /// What messages have named since time passed last and is left for the worker to look up.
    pub(crate) fn noted(&self) -> Vec<LookUp> {
        let partition = |rail: &Rail| format!("T#{}#LOOKUP#{}", self.id, rail.name.code());
        let stored = self.rails.iter().flat_map(|rail| self.portal.partition(&partition(rail)));
        let read = stored.map(|item| {
            let [provider, what, name, at] = ["provider", "what", "name", "at"].map(|field| plain(&item[field]));
            let noted = json!({ "provider": provider, "what": what, "name": name, "at": at });
            serde_json::from_value(noted).unwrap_or_else(|error| panic!("{item} is no look-up: {error}"))
        });
        read.filter(|noted: &LookUp| noted.at == self.books.now).collect()
    }

    /// From now on so many calls of a hundred to the table meet a fault, and a quarter as many to the providers: one word
    /// from them takes several calls, which nobody makes again by itself.
    pub(crate) fn trouble(&self, faults: u64, seed: u64) {
        self.portal.dynamodb().percent(faults);
        self.portal.rails.unreliable(faults / 4, seed);
    }

    /// Everything goes through again.
    pub(crate) fn calm(&self) {
        self.portal.dynamodb().stop();
        self.portal.rails.unreliable(0, 0);
    }
}

/// A text or a structure of texts, out of the table's JSON.
fn plain(stored: &Value) -> Value {
    match &stored["M"] {
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), plain(value))).collect(),
        _ => stored["S"].clone(),
    }
}

/// Euros of whole cents.
pub(crate) const fn eur(minor: i64) -> Money {
    Money::of_minor(minor, Currency::Eur)
}
