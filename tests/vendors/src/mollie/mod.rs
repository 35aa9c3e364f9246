//! Mollie (`/v2`) on loopback, from Mollie's own documents alone.
//!
//! Read on 2026-11-25: `specs.yaml` of github.com/mollie/openapi (payments, refunds, chargebacks, customers, mandates,
//! webhook events), docs.mollie.com `/reference/api-idempotency`, `/reference/webhooks`, `/reference/webhooks-new`,
//! `/reference/payments-api-webhooks`, `/reference/refunds-api-webhooks`, `/reference/chargebacks-api-webhooks`,
//! `/docs/status-change`, `/docs/multicurrency`, `/reference/handling-errors`, and `SignatureValidator.php` of
//! github.com/mollie/mollie-api-php. Of the pages only the beginning is stored; the idempotency page is whole in
//! github.com/mollie/api-documentation. Where these disagree, [`Setup`] has a switch or a comment says which was taken.

mod acts;
mod checks;
mod doors;
mod ledger;
#[cfg(test)]
mod tests;
mod views;

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicI64, Ordering},
};

use axum::Router;
use serde_json::Value;

use crate::{
    Fault, Message, Seen, Server,
    server::lock,
    tools::{self, hex_hmac},
};
use ledger::Ledger;
pub use ledger::Outcome;

/// Which signed messages Mollie sends beside the classic ones.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Signed {
    /// No webhook is subscribed: only classic messages.
    #[default]
    None,
    /// An event with its id, the entity in `_embedded`, as `/reference/webhooks-new` and the specification show it.
    Event,
    /// An event without the entity („simple payload").
    Simple,
    /// The bare entity, as `/reference/payments-api-webhooks` shows it. It has no event id.
    Snapshot,
}

/// How a server is started.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The only key that is let in: `test_…`.
    pub key: String,
    /// Secret of the signed messages.
    pub secret: String,
    /// Unix seconds; shared with whoever drives the test.
    pub clock: Arc<AtomicI64>,
    /// Signed messages beside the classic ones.
    pub signed: Signed,
    /// `sha256=` before the signature: the PHP client takes it off when it is there, the documents show none.
    pub prefix: bool,
    /// How long an idempotency key lives, in seconds. The page says both „within 24 hours" and „older than 1 hour will
    /// be removed", so the shorter one holds.
    pub key_life: i64,
    /// For how many seconds a second refund of the same amount on the same payment is a duplicate (409). That it is
    /// refused is documented, for how long is not.
    pub duplicate_refund: i64,
}

impl Setup {
    /// With Mollie's usual ways: classic messages only, keys for an hour.
    #[must_use]
    pub fn new(key: &str, secret: &str, clock: Arc<AtomicI64>) -> Self {
        Self {
            key: key.to_owned(),
            secret: secret.to_owned(),
            clock,
            signed: Signed::None,
            prefix: false,
            key_life: 3600,
            duplicate_refund: 3600,
        }
    }
}

/// A charge that really happened: money moved from the customer.
#[derive(Debug, Clone, PartialEq)]
pub struct Charge {
    /// `tr_…`.
    pub id: String,
    /// In minor units of the currency.
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
    /// As it was given.
    pub metadata: Value,
    /// Given back and not failed, in minor units.
    pub refunded: i64,
    /// Taken back by the bank and not reversed, in minor units.
    pub charged_back: i64,
}

/// A Mollie account on loopback.
#[derive(Debug)]
pub struct Mollie {
    server: Server,
    books: Arc<Mutex<Ledger>>,
}

impl Mollie {
    /// Serves `/v2` on a free port.
    pub async fn start(setup: Setup) -> Self {
        let books = Arc::new(Mutex::new(Ledger::new(setup)));
        let router = Router::new().fallback(doors::serve).with_state(Arc::clone(&books));
        Self { server: Server::start(router).await, books }
    }

    /// What an adapter gets as its base address; `/v2` comes after it.
    #[must_use]
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// The next answer fails like this.
    pub fn fault(&self, fault: Fault) {
        self.server.fault(fault);
    }

    /// From now on so many answers of a hundred fail, drawn from the seed.
    pub fn unreliable(&self, percent: u64, seed: u64) {
        self.server.unreliable(percent, seed);
    }

    /// Every request so far.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        self.server.seen()
    }

    /// Sets the shared clock.
    pub fn set_clock(&self, unix: i64) {
        lock(&self.books).setup.clock.store(unix, Ordering::SeqCst);
    }

    /// What was sent since the last call, oldest first; payments that ran out by now are expired before.
    #[must_use]
    pub fn messages(&self) -> Vec<Message> {
        let mut books = lock(&self.books);
        books.sweep();
        std::mem::take(&mut books.messages)
    }

    /// Every charge that really happened, oldest first.
    #[must_use]
    pub fn charges(&self) -> Vec<Charge> {
        lock(&self.books).charges()
    }

    /// Every payment's id and status, oldest first.
    #[must_use]
    pub fn payments(&self) -> Vec<(String, &'static str)> {
        let mut books = lock(&self.books);
        books.sweep();
        books.payments.values().map(|payment| (payment.id.clone(), payment.status.word())).collect()
    }

    /// Every mandate's id and status, oldest first.
    #[must_use]
    pub fn mandates(&self) -> Vec<(String, &'static str)> {
        lock(&self.books).mandates.values().map(|mandate| (mandate.id.clone(), mandate.status)).collect()
    }
}

/// The signature of a body: lower-case hex of HMAC-SHA256 with the secret as it is written.
#[must_use]
pub fn sign(secret: &str, body: &[u8]) -> String {
    hex_hmac(secret, body)
}

/// `2026-11-25T04:40:16+00:00`, as Mollie writes times.
fn time(unix: i64) -> String {
    format!("{}+00:00", tools::stamp(unix))
}
