//! A tenant with customers, invoices, prepaid accounts and payment providers, before anything goes wrong.

use booking::Books;
use domain::{Currency, Money};
use testkit::{Payer, Portal, SignedDuration, Tenant};

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
}

impl House {
    /// Builds it over the integrator's API; about forty payments per customer follow.
    pub(crate) async fn build(seed: u64, payments: u64, mutant: Option<Mutant>, random: &mut Random) -> Self {
        let portal = Portal::behind_faults(seed).await;
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
        Self { portal, books, payers, rails, tenant }
    }

    /// Time passes, here and at the providers.
    pub(crate) async fn pass(&mut self, time: SignedDuration) {
        self.portal.clock.advance(time);
        self.portal.rails.set_clock(self.portal.clock.now());
        self.books = self.tenant.books().await;
    }

    /// From now on so many calls of a hundred to the table meet a fault, and a third as many to the providers: one word
    /// from them takes several calls.
    pub(crate) fn trouble(&self, faults: u64, seed: u64) {
        self.portal.dynamodb().percent(faults);
        self.portal.rails.unreliable(faults / 3, seed);
    }

    /// Everything goes through again.
    pub(crate) fn calm(&self) {
        self.portal.dynamodb().stop();
        self.portal.rails.unreliable(0, 0);
    }
}

/// Euros of whole cents.
pub(crate) const fn eur(minor: i64) -> Money {
    Money::of_minor(minor, Currency::Eur)
}
