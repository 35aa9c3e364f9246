//! GoCardless on loopback, from GoCardless's own documents alone.
//!
//! Read on 2026-11-25: the clients that GoCardless generates from its API description (gocardless-dotnet
//! `Resources/Event.cs`, `Services/PaymentService.cs`, `Services/RefundService.cs`; the types and `src/fixtures` of
//! gocardless-nodejs; gocardless-pro-python `services` and `tests/fixtures`), the beginning of
//! developer.gocardless.com `/billing-requests/responding-to-billing-request-events`, and the lists of event actions and
//! causes of the API reference as somebody copied them into a public Python file. Names that these do not show are
//! marked „unconfirmed" where they stand. Read on 2026-11-28: gocardless-dotnet `Resources/Creditor.cs`, `Mandate.cs`,
//! `BillingRequestFlow.cs`, `Services/BillingRequestFlowService.cs`, `EventService.cs`, and gocardless-pro-python
//! `tests/fixtures/billing_request_flows.json`.

mod acts;
mod banks;
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

use crate::{Fault, Message, Seen, Server, server::lock, tools, tools::hex_hmac};
use ledger::Ledger;

/// Largest number of events in one message.
pub const MOST: usize = 250;

/// How a server is started.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The only access token that is let in.
    pub token: String,
    /// Secret of the messages.
    pub secret: String,
    /// Unix seconds; shared with whoever drives the test.
    pub clock: Arc<AtomicI64>,
    /// Whether events carry `resource_metadata`: only the newer clients know the field.
    pub resource_metadata: bool,
    /// Whether answers write amounts as text: the clients' own test fixtures do, the reference's examples do not.
    pub text_amounts: bool,
    /// Whether the payment of a billing request carries the metadata of its `payment_request`: no page says so in words.
    pub inherits_metadata: bool,
}

impl Setup {
    /// With everything the documents promise.
    #[must_use]
    pub fn new(token: &str, secret: &str, clock: Arc<AtomicI64>) -> Self {
        Self {
            token: token.to_owned(),
            secret: secret.to_owned(),
            clock,
            resource_metadata: true,
            text_amounts: false,
            inherits_metadata: true,
        }
    }
}

/// How fast the bank is when the customer pays by instant bank transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speed {
    /// The payment is confirmed when the customer comes back.
    AtOnce,
    /// The payment is made and waits for the bank.
    Later,
}

/// A charge that really happened: the bank confirmed it at least once.
#[derive(Debug, Clone, PartialEq)]
pub struct Charge {
    /// `PM…`.
    pub id: String,
    /// In minor units of the currency.
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
    /// As it was given.
    pub metadata: Value,
    /// Given back and not returned, in minor units.
    pub refunded: i64,
    /// The whole amount after a late failure or a chargeback, otherwise nothing.
    pub charged_back: i64,
}

/// A GoCardless account on loopback.
#[derive(Debug)]
pub struct GoCardless {
    server: Server,
    books: Arc<Mutex<Ledger>>,
}

impl GoCardless {
    /// Serves the API on a free port.
    pub async fn start(setup: Setup) -> Self {
        let books = Arc::new(Mutex::new(Ledger::new(setup)));
        let router = Router::new().fallback(doors::serve).with_state(Arc::clone(&books));
        Self { server: Server::start(router).await, books }
    }

    /// What an adapter gets as its base address.
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

    /// The events since the last call, in order, as few messages as possible.
    #[must_use]
    pub fn messages(&self) -> Vec<Message> {
        self.bundle(MOST, None)
    }

    /// The events since the last call, at most `most` in a message, shuffled when there is a seed.
    #[must_use]
    pub fn bundle(&self, most: usize, seed: Option<u64>) -> Vec<Message> {
        lock(&self.books).bundle(most.clamp(1, MOST), seed)
    }

    /// Puts anything among the events of the next message, for example something that is no event at all.
    pub fn poison(&self, event: Value) {
        lock(&self.books).outbox.push(event);
    }

    /// Idempotency keys are not kept for ever; how long is unconfirmed.
    pub fn forget_keys(&self) {
        lock(&self.books).keys.clear();
    }

    /// Every charge that really happened, oldest first.
    #[must_use]
    pub fn charges(&self) -> Vec<Charge> {
        lock(&self.books).charges()
    }

    /// Every payment's id and status, oldest first.
    #[must_use]
    pub fn payments(&self) -> Vec<(String, &'static str)> {
        lock(&self.books).payments.values().map(|payment| (payment.id.clone(), payment.status)).collect()
    }

    /// Every mandate's id and status, oldest first.
    #[must_use]
    pub fn mandates(&self) -> Vec<(String, &'static str)> {
        lock(&self.books).mandates.values().map(|mandate| (mandate.id.clone(), mandate.status)).collect()
    }

    /// Every billing request's id and status, oldest first.
    #[must_use]
    pub fn billing_requests(&self) -> Vec<(String, &'static str)> {
        lock(&self.books).requests.values().map(|request| (request.id.clone(), request.status)).collect()
    }
}

/// `Webhook-Signature` of a body: lower-case hex of HMAC-SHA256.
#[must_use]
pub fn sign(secret: &str, body: &[u8]) -> String {
    hex_hmac(secret, body)
}

/// `2026-11-25T04:40:16.000Z`, as GoCardless writes times.
fn time(unix: i64) -> String {
    format!("{}.000Z", tools::stamp(unix))
}
