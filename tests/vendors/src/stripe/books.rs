//! What Stripe knows: objects, events, idempotency keys.

use std::collections::{BTreeMap, HashMap, VecDeque};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{money, play::Next, rules::NEWEST};

/// An idempotency key and what was asked with it.
#[derive(Debug, Clone)]
pub(super) struct Remembered {
    /// When it was first used.
    pub(super) at: i64,
    /// `POST` path.
    pub(super) path: String,
    /// The parameters as they came.
    pub(super) body: Vec<u8>,
    /// Status, body and request id of the first answer; none while it runs.
    pub(super) answer: Option<(u16, Value, String)>,
}

/// Everything of one account.
#[derive(Debug)]
pub(super) struct Books {
    /// `acct_…`
    pub(super) account: String,
    /// The time of the request or deed that is being done.
    pub(super) now: i64,
    /// Version the endpoint for messages is set to.
    pub(super) version: String,
    /// What the account says about test and live; a test may lie.
    pub(super) live: bool,
    /// Objects by id.
    pub(super) rows: HashMap<String, Value>,
    /// Their ids, oldest first.
    pub(super) order: Vec<String>,
    /// What Checkout shows as positions, by session.
    pub(super) lines: HashMap<String, Value>,
    /// Ids of events that were not handed out yet.
    pub(super) unsent: VecDeque<String>,
    /// Idempotency keys.
    pub(super) keys: BTreeMap<String, Remembered>,
    /// What a saved method does at its next charge.
    pub(super) next: HashMap<String, Next>,
    /// How the next requests break: `true` after their work is done.
    pub(super) crashes: VecDeque<bool>,
    /// New refunds wait (`pending`) instead of succeeding at once.
    pub(super) slow_refunds: bool,
    /// Request id and idempotency key of the API request that is being done.
    pub(super) cause: (Option<String>, Option<String>),
    count: u64,
}

impl Books {
    /// An account without objects.
    pub(super) fn new(key: &str) -> Self {
        let mut books = Self {
            account: String::new(),
            now: 0,
            version: NEWEST.to_owned(),
            live: false,
            rows: HashMap::new(),
            order: Vec::new(),
            lines: HashMap::new(),
            unsent: VecDeque::new(),
            keys: BTreeMap::new(),
            next: HashMap::new(),
            crashes: VecDeque::new(),
            slow_refunds: false,
            cause: (None, None),
            count: 0,
        };
        books.account = format!("acct_{}", scramble(key, 0, 16));
        books
    }

    /// A new id. Ids look random, but the same account hands out the same ones again.
    pub(super) fn id(&mut self, prefix: &str) -> String {
        self.count += 1;
        let long = if prefix.starts_with("cs_") { 60 } else { 24 };
        format!("{prefix}{}", scramble(&self.account, self.count, long))
    }

    /// Adds an object.
    pub(super) fn add(&mut self, row: Value) -> String {
        let id = word(&row, "id").to_owned();
        self.order.push(id.clone());
        self.rows.insert(id.clone(), row);
        id
    }

    /// An object, or null.
    pub(super) fn get(&self, id: &str) -> &Value {
        self.rows.get(id).unwrap_or(&Value::Null)
    }

    /// Whether an object of this kind is there.
    pub(super) fn is(&self, kind: &str, id: &str) -> bool {
        self.get(id)["object"] == kind
    }

    /// Changes some fields of an object; nothing happens when it is not there.
    pub(super) fn set(&mut self, id: &str, changes: Value) {
        if let (Some(Value::Object(row)), Value::Object(changes)) = (self.rows.get_mut(id), changes) {
            row.extend(changes);
        }
    }

    /// Text field of an object, empty when it has none.
    pub(super) fn text(&self, id: &str, field: &str) -> String {
        word(self.get(id), field).to_owned()
    }

    /// Number field of an object, 0 when it has none.
    pub(super) fn number(&self, id: &str, field: &str) -> i64 {
        self.get(id)[field].as_i64().unwrap_or(0)
    }

    /// Objects of a kind, oldest first.
    pub(super) fn all<'a>(&'a self, kind: &'a str) -> impl DoubleEndedIterator<Item = &'a Value> {
        self.order.iter().filter_map(|id| self.rows.get(id)).filter(move |row| row["object"] == kind)
    }

    /// The session that made a payment, if Checkout made it.
    pub(super) fn session_of(&self, intent: &str) -> Option<String> {
        let mut sessions = self.all("checkout.session");
        sessions.find(|row| row["payment_intent"] == intent).map(|row| word(row, "id").to_owned())
    }

    /// Something happened: an event with the object as it is now.
    pub(super) fn tell(&mut self, kind: &str, id: &str) {
        self.tell_with(kind, id, None);
    }

    /// The same, with the values before.
    pub(super) fn tell_with(&mut self, kind: &str, id: &str, before: Option<Value>) {
        let mut data = json!({ "object": self.get(id) });
        if let Some(before) = before {
            data["previous_attributes"] = before;
        }
        let event = json!({
            "id": self.id("evt_"),
            "object": "event",
            "api_version": self.version,
            "created": self.now,
            "data": data,
            "livemode": self.live,
            "pending_webhooks": 1,
            "request": { "id": self.cause.0, "idempotency_key": self.cause.1 },
            "type": kind,
        });
        let id = self.add(event);
        self.unsent.push_back(id);
    }

    /// Lets the time pass: sessions that are over expire.
    pub(super) fn tick(&mut self, now: i64) {
        self.now = now;
        self.cause = (None, None);
        let over: Vec<String> = self
            .all("checkout.session")
            .filter(|row| row["status"] == "open" && row["expires_at"].as_i64().is_some_and(|at| at <= now))
            .map(|row| word(row, "id").to_owned())
            .collect();
        for session in over {
            self.expire(&session);
        }
    }

    /// Ends an open session; its unpaid intent can never be paid any more.
    pub(super) fn expire(&mut self, session: &str) {
        self.set(session, json!({ "status": "expired", "url": null }));
        let intent = self.text(session, "payment_intent");
        if !intent.is_empty() {
            self.set(&intent, json!({ "status": "canceled", "canceled_at": self.now }));
            self.tell("payment_intent.canceled", &intent);
        }
        let setup = self.text(session, "setup_intent");
        if !setup.is_empty() {
            self.set(&setup, json!({ "status": "canceled" }));
            self.tell("setup_intent.canceled", &setup);
        }
        self.tell("checkout.session.expired", session);
    }

    /// A change of the account's balance.
    pub(super) fn balance(&mut self, amount: i64, source: &str, kind: &str) -> String {
        let row = money::balance_transaction(self, amount, source, kind);
        self.add(row)
    }
}

/// A text field, empty when there is none.
pub(super) fn word<'a>(row: &'a Value, field: &str) -> &'a str {
    row[field].as_str().unwrap_or_default()
}

/// Letters and digits that look random.
fn scramble(seed: &str, count: u64, long: usize) -> String {
    const SIGNS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    (0_u8..)
        .flat_map(|round| Sha256::digest(format!("{seed}/{count}/{round}")))
        .map(|byte| char::from(SIGNS[usize::from(byte) % SIGNS.len()]))
        .take(long)
        .collect()
}
