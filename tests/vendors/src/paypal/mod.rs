//! PayPal on loopback, from PayPal's own documents, and never from an adapter of ours.
//!
//! Read on 2026-11-28: the API descriptions in `paypal/paypal-rest-api-specifications` (`checkout_orders_v2.json`,
//! `payments_payment_v2.json`, `vault_payment_tokens_v3.json`), the models in `paypal/PayPal-TypeScript-Server-SDK`,
//! and of developer.paypal.com the pages on idempotency, saving a wallet with the Payment Method Tokens API, webhook
//! event names, integrating webhooks, uncaptured payments, disputes and their webhooks, the errors of orders and of
//! payment tokens, user info and currencies, as they were kept by a search index. Where these show no body, it is one
//! that a merchant published: that of a decline, of old access tokens, of approved orders, and 404 for orders whose
//! time is over. What neither shows is marked „unconfirmed" where it stands.
//!
//! What is not played is refused with `NOT_SUPPORTED`: authorisations, several units, items, parcels, other sources
//! than the wallet, and saving a wallet along with a purchase.
//!
//! There is no way to find an order or a capture by `custom_id` or `invoice_id`: neither Orders nor Payments can be
//! listed, and the transaction search of `/v1/reporting/transactions` shows a payment only hours later and is not
//! played. Who lost an answer repeats the request with the same `PayPal-Request-Id` while that is remembered, and is
//! shown what it made; after that, only events tell.

mod checks;
mod doors;
mod ledger;
mod money;
mod orders;
mod payer;
mod problem;
#[cfg(test)]
mod proofs;
mod seal;
#[cfg(test)]
mod tests;
mod vault;
mod views;

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicI64, Ordering},
};

use axum::Router;
use serde_json::Value;

use crate::{Fault, Message, Seen, Server, server::lock, tools::DAY};
use ledger::Ledger;
pub use payer::Channel;
pub use seal::{AUTHORITY, FOREIGN_AUTHORITY, Forgery, SIGNER};

/// Seconds of an hour.
const HOUR: i64 = 3600;

/// How a server is started.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Name of the REST app.
    pub client_id: String,
    /// Its secret.
    pub secret: String,
    /// The webhook that messages are signed for.
    pub webhook_id: String,
    /// Unix seconds; shared with whoever drives the test.
    pub clock: Arc<AtomicI64>,
    /// The merchant's account, thirteen letters and digits.
    pub merchant_id: String,
    /// The end of the account's `user_id`.
    pub user: String,
    /// Whether the app has the scope by which `userinfo` tells `payer_id`; PayPal's samples of tokens lack it.
    pub attributes: bool,
    /// Seconds that access tokens are good for.
    pub token_life: i64,
    /// Seconds that request ids of orders are remembered: six hours, up to 72 by arrangement.
    pub order_keys: i64,
    /// Seconds that request ids of refunds are remembered.
    pub payment_keys: i64,
    /// Seconds that request ids of the vault are remembered.
    pub vault_keys: i64,
    /// Seconds in which a payer must approve an order: six hours, up to 72 by arrangement.
    pub order_life: i64,
    /// Seconds in which an approved order must be captured. The reference says six hours; the page on uncaptured
    /// payments says three, for other ways to pay than the wallet.
    pub approval_life: i64,
    /// Seconds that setup tokens are good for.
    pub pledge_life: i64,
    /// Whether the account takes each invoice number once.
    pub unique_invoices: bool,
    /// Whether a request id is used up by a decline. Unconfirmed: the documents only say that a repeated request is
    /// shown „the latest status of the previous request", so this is the careful reading.
    pub keeps_declines: bool,
    /// How it is told that a pending capture came to nothing: `PAYMENT.CAPTURE.DENIED` as in the guides, or
    /// `PAYMENT.CAPTURE.DECLINED` as in the list of event names.
    pub denial: &'static str,
    /// Whether refunds that wait or fail are told, as `PAYMENT.REFUND.PENDING` and `PAYMENT.REFUND.FAILED`: the list of
    /// event names has them, <https://developer.paypal.com/api/rest/webhooks/event-names/> as quoted in pull request 4466
    /// of the-events-calendar/event-tickets. A webhook gets only the events that it is subscribed to.
    pub refund_events: bool,
    /// Whether an order shows `update_time` once it is approved. The description only says when an order was last
    /// updated; orders that merchants published right after the approval show none (`order-approved.json`).
    pub approval_times: bool,
}

impl Setup {
    /// As the documents describe an account that nobody arranged anything for.
    #[must_use]
    pub fn new(client_id: &str, secret: &str, webhook_id: &str, clock: Arc<AtomicI64>) -> Self {
        Self {
            client_id: client_id.to_owned(),
            secret: secret.to_owned(),
            webhook_id: webhook_id.to_owned(),
            clock,
            merchant_id: "6QX8PZK3WN7RB".to_owned(),
            user: "mWq6_1sU85v5EG9yHdPxJRrhGHrnMJ-1PQKtX6pcsmA".to_owned(),
            attributes: false,
            token_life: 32_400,
            order_keys: 6 * HOUR,
            payment_keys: 45 * DAY,
            vault_keys: 3 * HOUR,
            order_life: 6 * HOUR,
            approval_life: 6 * HOUR,
            pledge_life: 3 * DAY,
            unique_invoices: true,
            keeps_declines: true,
            denial: "PAYMENT.CAPTURE.DENIED",
            refund_events: false,
            approval_times: false,
        }
    }
}

/// A charge that really happened: its capture was completed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    /// The capture.
    pub id: String,
    /// Its order.
    pub order: String,
    /// In minor units of the currency, which are its whole units for HUF, JPY and TWD.
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
    /// As it was given.
    pub custom_id: Option<String>,
    /// As it was given.
    pub invoice_id: Option<String>,
    /// Given back by the merchant and not failed, in minor units.
    pub refunded: i64,
    /// Taken back by PayPal and not returned, in minor units.
    pub reversed: i64,
}

/// A PayPal account on loopback.
#[derive(Debug)]
pub struct PayPal {
    server: Server,
    books: Arc<Mutex<Ledger>>,
}

impl PayPal {
    /// Serves the API on a free port.
    pub async fn start(setup: Setup) -> Self {
        let books = Arc::new(Mutex::new(Ledger::new(setup)));
        let router = Router::new().fallback(doors::serve).with_state(Arc::clone(&books));
        let server = Server::start(router).await;
        lock(&books).base = server.url();
        Self { server, books }
    }

    /// What an adapter gets as its base address; certificates lie there too.
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

    /// The events since the last call, in order; each is a message of its own.
    #[must_use]
    pub fn messages(&self) -> Vec<Message> {
        lock(&self.books).messages()
    }

    /// The events since the last call, always in the same order for a seed.
    #[must_use]
    pub fn shuffled(&self, seed: u32) -> Vec<Message> {
        let mut messages = self.messages();
        messages
            .sort_by_cached_key(|message| crc32fast::hash(&[&seed.to_be_bytes(), message.body.as_slice()].concat()));
        messages
    }

    /// Signs any bytes, now.
    #[must_use]
    pub fn sign(&self, body: &[u8]) -> Message {
        lock(&self.books).sign(body.to_vec())
    }

    /// Puts anything among the next messages, signed, for example something that is no event at all.
    pub fn poison(&self, event: Value) {
        lock(&self.books).post(event);
    }

    /// All access tokens are no longer good.
    pub fn revoke(&self) {
        lock(&self.books).access.clear();
    }

    /// Every charge that really happened, oldest first.
    #[must_use]
    pub fn charges(&self) -> Vec<Charge> {
        lock(&self.books).charges()
    }

    /// Every order's id and status, oldest first.
    #[must_use]
    pub fn orders(&self) -> Vec<(String, &'static str)> {
        lock(&self.books).orders.values().map(|order| (order.id.clone(), order.status)).collect()
    }

    /// The capture of an order, done or waiting.
    #[must_use]
    pub fn capture_of(&self, order: &str) -> Option<String> {
        lock(&self.books).orders.get(order)?.capture.clone()
    }

    /// Every capture's id and status as shown, oldest first.
    #[must_use]
    pub fn captures(&self) -> Vec<(String, &'static str)> {
        let books = lock(&self.books);
        books.captures.values().map(|capture| (capture.id.clone(), views::standing(&books, capture))).collect()
    }

    /// The id, status and minor units of everything that went back, oldest first.
    #[must_use]
    pub fn refunds(&self) -> Vec<(String, &'static str, i64)> {
        lock(&self.books).refunds.values().map(|refund| (refund.id.clone(), refund.status, refund.amount)).collect()
    }

    /// Every saved wallet that can be charged, oldest first.
    #[must_use]
    pub fn wallets(&self) -> Vec<String> {
        let books = lock(&self.books);
        books.tokens.values().filter(|token| !token.ended).map(|token| token.id.clone()).collect()
    }
}
