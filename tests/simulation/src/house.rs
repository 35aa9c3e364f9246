//! A tenant with customers, invoices and prepaid accounts, before anything goes wrong.

use booking::Books;
use domain::{Currency, Money};
use testkit::{Payer, Portal};

use crate::random::Random;

/// Invoices of the one customer whose payments need several steps.
const MANY: usize = 90;

/// Everything the payments of a run meet.
#[derive(Debug)]
pub(crate) struct House {
    pub(crate) portal: Portal,
    pub(crate) books: Books,
    pub(crate) payers: Vec<Payer>,
}

impl House {
    /// Builds it over the integrator's API; about forty payments per customer follow.
    pub(crate) async fn build(seed: u64, payments: u64, random: &mut Random) -> Self {
        let portal = Portal::behind_faults(seed).await;
        let tenant = portal.tenant("webhosting-ag").await;
        let books = tenant.books().await;
        let count = (payments / 40).clamp(4, 400);
        let few = |random: &mut Random| 10 + usize::try_from(random.below(20)).unwrap_or(0);
        let invoices: Vec<usize> = (0..count).map(|index| if index == 0 { MANY } else { few(random) }).collect();
        let payers = tenant.payers(&books, &invoices).await;
        Self { portal, books, payers }
    }
}

/// Euros of whole cents.
pub(crate) const fn eur(minor: i64) -> Money {
    Money::of_minor(minor, Currency::Eur)
}
