//! Stripe on loopback, written from Stripe's documents alone: Checkout, saved methods, charges without the customer,
//! refunds, disputes, and the signed messages about all of them.
//!
//! What the customer and the vendor do is in `play.rs` and `back.rs`. What Stripe knows and this server does not play
//! is refused with a message that begins with `vendors:`, so that a test notices.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
};

use axum::Router;
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderValue};
use serde_json::Value;
use sha2::Sha256;
use tokio::sync::watch;

use crate::server::{Fault, Message, Seen, Server, lock};
use books::{Books, word};

mod back;
mod books;
mod door;
mod form;
mod intents;
mod look;
mod money;
mod objects;
mod people;
mod play;
mod refuse;
mod rules;
mod sessions;
#[cfg(test)]
mod tests;

pub use play::{Closed, Next, SavedKind};
pub use rules::NEWEST;

/// What the door and the deeds share.
#[derive(Debug)]
struct Shop {
    key: String,
    secret: String,
    now: Arc<AtomicI64>,
    books: Mutex<Books>,
    /// While true, requests that change something wait after their key was taken.
    held: watch::Sender<bool>,
}

impl Shop {
    fn new(key: &str, secret: &str, now: Arc<AtomicI64>) -> Arc<Self> {
        let (held, _) = watch::channel(false);
        let books = Mutex::new(Books::new(key));
        Arc::new(Self { key: key.to_owned(), secret: secret.to_owned(), now, books, held })
    }

    fn now(&self) -> i64 {
        self.now.load(Ordering::SeqCst)
    }
}

/// A Stripe account with its API and its messages.
#[derive(Debug)]
pub struct Stripe {
    server: Server,
    shop: Arc<Shop>,
}

/// What was really taken from somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// `pi_…`
    pub payment_intent: String,
    /// `ch_…`, or `py_…` when it is no card.
    pub charge: String,
    /// In the currency's smallest unit.
    pub amount: i64,
    /// `eur`
    pub currency: String,
    /// The intent's.
    pub metadata: BTreeMap<String, String>,
    /// `cus_…`
    pub customer: Option<String>,
    /// Given back; refunds that failed do not count.
    pub refunded: i64,
    /// Withdrawn by disputes and not given back to the merchant.
    pub disputed: i64,
}

impl Taken {
    /// What the merchant keeps, before fees.
    #[must_use]
    pub fn kept(&self) -> i64 {
        self.amount - self.refunded - self.disputed
    }
}

impl Stripe {
    /// Serves an account. `key` is what a request must bear (`sk_test_…` or `rk_test_…`), `secret` signs messages
    /// (`whsec_…`), `now` is the time in seconds since 1970.
    pub async fn start(key: &str, secret: &str, now: Arc<AtomicI64>) -> Self {
        let shop = Shop::new(key, secret, now);
        let server = Server::start(door::router(Arc::clone(&shop))).await;
        Self { server, shop }
    }

    /// Base address for the adapter, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// The API without a network.
    pub fn router(&self) -> Router {
        door::router(Arc::clone(&self.shop))
    }

    /// The next answer fails like this. Under the request's key Stripe remembers the answer that did not arrive.
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

    /// The next change breaks inside Stripe: it answers 500, `done` says whether its work was done before, and the 500
    /// is remembered under the request's key.
    pub fn crash(&self, done: bool) {
        self.books().crashes.push_back(done);
    }

    /// Changes wait after their key was taken, so that a second request with the same key meets 409.
    pub fn hold(&self) {
        self.shop.held.send_replace(true);
    }

    /// Lets the waiting changes go on.
    pub fn release(&self) {
        self.shop.held.send_replace(false);
    }

    /// Sets the time, and does what falls due: sessions expire.
    pub fn set_now(&self, now: i64) {
        self.shop.now.store(now, Ordering::SeqCst);
        drop(self.books());
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.shop.now()
    }

    /// `acct_…`, as `GET /v1/account` tells it.
    #[must_use]
    pub fn account(&self) -> String {
        self.books().account.clone()
    }

    /// What new objects and messages say about `livemode`.
    pub fn set_live(&self, live: bool) {
        self.books().live = live;
    }

    /// The version the endpoint for messages is set to; an account upgrades it apart from the requests' version.
    pub fn set_event_version(&self, version: &str) {
        version.clone_into(&mut self.books().version);
    }

    /// Messages that were not handed out yet, oldest first, signed now. The real ones come in any order and more than
    /// once.
    #[must_use]
    pub fn messages(&self) -> Vec<Message> {
        let mut books = self.books();
        let ids: Vec<String> = books.unsent.drain(..).collect();
        ids.iter().map(|id| self.message(books.get(id))).collect()
    }

    /// Every event so far, oldest first.
    #[must_use]
    pub fn events(&self) -> Vec<Value> {
        self.books().all("event").map(|event| look::shown(event.clone())).collect()
    }

    /// A message about an event, signed now: for a second delivery, or with an event a test made up.
    #[must_use]
    pub fn message(&self, event: &Value) -> Message {
        let event = look::shown(event.clone());
        // Stripe sends JSON with line breaks: whoever writes it anew before checking breaks the signature.
        let body = serde_json::to_vec_pretty(&event).unwrap_or_default();
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static("application/json; charset=utf-8"));
        headers.insert("user-agent", HeaderValue::from_static("Stripe/1.0 (+https://stripe.com/docs/webhooks)"));
        if let Ok(signature) = HeaderValue::from_str(&sign(&self.shop.secret, self.now(), &body)) {
            headers.insert("stripe-signature", signature);
        }
        Message { headers, body }
    }

    /// An object as the API would show it, or null.
    #[must_use]
    pub fn object(&self, id: &str) -> Value {
        look::shown(self.books().get(id).clone())
    }

    /// What was really taken, oldest first: the truth that books are compared with.
    #[must_use]
    pub fn charges(&self) -> Vec<Taken> {
        let books = self.books();
        let sum = |kind: &str, charge: &str, counts: &dyn Fn(&Value) -> bool| -> i64 {
            let rows = books.all(kind).filter(|row| row["charge"] == charge && counts(row));
            rows.filter_map(|row| row["amount"].as_i64()).sum()
        };
        let taken = |row: &Value| {
            let charge = word(row, "id");
            let metadata = row["metadata"].as_object().into_iter().flatten();
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            Taken {
                payment_intent: word(row, "payment_intent").to_owned(),
                charge: charge.to_owned(),
                amount: row["amount"].as_i64().unwrap_or(0),
                currency: word(row, "currency").to_owned(),
                metadata: metadata.map(|(key, value)| (key.clone(), text(value))).collect(),
                customer: row["customer"].as_str().map(str::to_owned),
                refunded: sum("refund", charge, &|row| !["failed", "canceled"].contains(&word(row, "status"))),
                disputed: sum("dispute", charge, &|row| {
                    ["needs_response", "under_review", "lost"].contains(&word(row, "status"))
                }),
            }
        };
        books.all("charge").filter(|row| row["status"] == "succeeded").map(taken).collect()
    }

    /// Methods that are attached to a customer, oldest first.
    #[must_use]
    pub fn methods(&self, customer: &str) -> Vec<String> {
        let books = self.books();
        let methods = books.all("payment_method").filter(|row| row["customer"] == customer);
        methods.map(|row| word(row, "id").to_owned()).collect()
    }

    fn books(&self) -> std::sync::MutexGuard<'_, Books> {
        let mut books = lock(&self.shop.books);
        books.tick(self.shop.now());
        books
    }
}

/// `Stripe-Signature` for a body: `t=…,v1=…,v0=…`. The last is a worthless one, as test accounts send it.
#[must_use]
pub fn sign(secret: &str, at: i64, body: &[u8]) -> String {
    let real = hmac(secret, at, body);
    format!("t={at},v1={real},v0={}", "0".repeat(real.len()))
}

/// hex(HMAC-SHA256(secret, `t.body`)); the secret counts with its `whsec_`.
#[expect(clippy::expect_used, reason = "this code takes a key of any length")]
fn hmac(secret: &str, at: i64, body: &[u8]) -> String {
    let mut code = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key");
    code.update(at.to_string().as_bytes());
    code.update(b".");
    code.update(body);
    code.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}
