//! What the account holds, and the events about it.

use std::{
    collections::{BTreeMap, HashMap},
    sync::atomic::Ordering,
};

use http::{HeaderMap, HeaderValue, header};
use serde_json::{Value, json};

use super::{Charge, Setup, sign, time};
use crate::{Message, tools::tag};

/// A payment or mandate that a billing request asks for.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    /// Nothing for a mandate.
    pub(super) amount: i64,
    pub(super) currency: String,
    pub(super) scheme: String,
    pub(super) description: Value,
    pub(super) metadata: Value,
    /// What came out of it.
    pub(super) made: Option<String>,
}

#[derive(Debug, Clone)]
pub(super) struct BillingRequest {
    pub(super) id: String,
    /// `pending`, `fulfilled` or `cancelled`; `ready_to_fulfil` and `fulfilling` pass by unseen.
    pub(super) status: &'static str,
    pub(super) payment: Option<Ask>,
    pub(super) mandate: Option<Ask>,
    pub(super) metadata: Value,
    pub(super) customer: Option<String>,
    pub(super) account: Option<String>,
    pub(super) created: i64,
}

#[derive(Debug, Clone)]
pub(super) struct Flow {
    pub(super) id: String,
    pub(super) request: String,
    pub(super) redirect_uri: Value,
    pub(super) exit_uri: Value,
    pub(super) created: i64,
}

#[derive(Debug, Clone)]
pub(super) struct Payment {
    pub(super) id: String,
    pub(super) amount: i64,
    pub(super) currency: String,
    pub(super) status: &'static str,
    pub(super) scheme: String,
    pub(super) description: Value,
    pub(super) reference: Value,
    pub(super) metadata: Value,
    pub(super) mandate: Option<String>,
    pub(super) customer: Option<String>,
    pub(super) charge_date: String,
    pub(super) created: i64,
    pub(super) retries: u8,
    /// The bank has confirmed it at least once.
    pub(super) collected: bool,
    /// Its status before a chargeback.
    pub(super) before: &'static str,
}

impl Payment {
    /// The merchant has the money now.
    pub(super) fn held(&self) -> bool {
        matches!(self.status, "confirmed" | "paid_out")
    }
}

#[derive(Debug, Clone)]
pub(super) struct Refund {
    pub(super) id: String,
    pub(super) payment: String,
    pub(super) amount: i64,
    pub(super) currency: String,
    pub(super) status: &'static str,
    pub(super) reference: Value,
    pub(super) metadata: Value,
    pub(super) created: i64,
}

impl Refund {
    pub(super) fn counts(&self) -> bool {
        !matches!(self.status, "cancelled" | "bounced" | "funds_returned")
    }
}

#[derive(Debug, Clone)]
pub(super) struct Mandate {
    pub(super) id: String,
    pub(super) status: &'static str,
    pub(super) scheme: String,
    pub(super) customer: String,
    pub(super) account: String,
    pub(super) metadata: Value,
    pub(super) created: i64,
    /// What replaced it.
    pub(super) new: Option<String>,
}

impl Mandate {
    /// Payments may be made against it.
    pub(super) fn usable(&self) -> bool {
        matches!(self.status, "pending_customer_approval" | "pending_submission" | "submitted" | "active")
    }
}

#[derive(Debug)]
pub(super) struct Ledger {
    pub(super) setup: Setup,
    pub(super) requests: BTreeMap<String, BillingRequest>,
    pub(super) flows: BTreeMap<String, Flow>,
    pub(super) payments: BTreeMap<String, Payment>,
    pub(super) refunds: BTreeMap<String, Refund>,
    pub(super) mandates: BTreeMap<String, Mandate>,
    /// Customers with the time they came.
    pub(super) customers: BTreeMap<String, i64>,
    /// Bank accounts with their customer.
    pub(super) accounts: BTreeMap<String, (String, i64)>,
    /// Idempotency keys by path, with what they made.
    pub(super) keys: HashMap<(String, String), String>,
    /// Every event, oldest first.
    pub(super) events: Vec<Value>,
    /// What was not sent yet.
    pub(super) outbox: Vec<Value>,
    /// Whether the next payment that fails will be tried again by itself.
    pub(super) retries_next: bool,
    counter: u64,
}

/// Who caused an event, and why.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cause {
    /// `bank`, `gocardless`, `api`, `customer` or `payer`.
    pub(super) origin: &'static str,
    pub(super) cause: &'static str,
    pub(super) text: &'static str,
}

/// Shorthand for [`Cause`].
pub(super) const fn by(origin: &'static str, cause: &'static str, text: &'static str) -> Cause {
    Cause { origin, cause, text }
}

impl Ledger {
    pub(super) fn new(setup: Setup) -> Self {
        Self {
            setup,
            requests: BTreeMap::new(),
            flows: BTreeMap::new(),
            payments: BTreeMap::new(),
            refunds: BTreeMap::new(),
            mandates: BTreeMap::new(),
            customers: BTreeMap::new(),
            accounts: BTreeMap::new(),
            keys: HashMap::new(),
            events: Vec::new(),
            outbox: Vec::new(),
            retries_next: false,
            counter: 0,
        }
    }

    pub(super) fn now(&self) -> i64 {
        self.setup.clock.load(Ordering::SeqCst)
    }

    /// A new identifier with this prefix.
    pub(super) fn id(&mut self, prefix: &str) -> String {
        self.counter += 1;
        format!("{prefix}{}", tag(self.counter))
    }

    /// Writes an event, and gives its id. `metadata` is that of the request that caused it, which is not the resource's.
    pub(super) fn tell(
        &mut self,
        kind: &str,
        action: &str,
        links: Value,
        cause: Cause,
        own: &Value,
        metadata: Option<&Value>,
    ) -> String {
        let id = self.id("EV");
        let mut details = json!({"origin": cause.origin, "cause": cause.cause, "description": cause.text});
        if cause.origin == "bank" {
            details["scheme"] = json!("sepa_core");
            details["reason_code"] = json!("AM04");
        }
        if kind == "payments" && action == "failed" {
            details["will_attempt_retry"] = json!(std::mem::take(&mut self.retries_next));
        }
        let mut event = json!({
            "id": id, "created_at": time(self.now()), "resource_type": kind, "action": action, "links": links,
            "details": details, "metadata": metadata.cloned().unwrap_or_else(|| json!({})),
        });
        if self.setup.resource_metadata {
            event["resource_metadata"] = own.clone();
        }
        self.events.push(event.clone());
        self.outbox.push(event);
        id
    }

    /// Puts a payment into a state and tells it.
    pub(super) fn payment(&mut self, id: &str, status: Option<&'static str>, action: &str, cause: Cause, more: &Value) {
        let Some(payment) = self.payments.get_mut(id) else { return };
        if let Some(status) = status {
            payment.before = payment.status;
            payment.status = status;
            payment.collected |= payment.held();
        }
        let own = payment.metadata.clone();
        let mut links = json!({"payment": id});
        if let (Some(links), Some(more)) = (links.as_object_mut(), more.as_object()) {
            links.extend(more.clone());
        }
        self.tell("payments", action, links, cause, &own, None);
    }

    /// The sum that was given back for a payment.
    pub(super) fn refunded(&self, payment: &str) -> i64 {
        let of = self.refunds.values().filter(|refund| refund.payment == payment && refund.counts());
        of.map(|refund| refund.amount).sum()
    }

    /// See [`super::GoCardless::charges`].
    pub(super) fn charges(&self) -> Vec<Charge> {
        let mut given: HashMap<&str, i64> = HashMap::new();
        for refund in self.refunds.values().filter(|refund| refund.counts()) {
            *given.entry(&refund.payment).or_default() += refund.amount;
        }
        let collected = self.payments.values().filter(|payment| payment.collected);
        collected
            .map(|payment| Charge {
                id: payment.id.clone(),
                amount: payment.amount,
                currency: payment.currency.clone(),
                metadata: payment.metadata.clone(),
                refunded: given.get(payment.id.as_str()).copied().unwrap_or_default(),
                charged_back: if payment.held() { 0 } else { payment.amount },
            })
            .collect()
    }

    /// Packs what was not sent yet.
    pub(super) fn bundle(&mut self, most: usize, seed: Option<u64>) -> Vec<Message> {
        let mut events = std::mem::take(&mut self.outbox);
        if let Some(seed) = seed {
            shuffle(&mut events, seed);
        }
        let chunks: Vec<Vec<Value>> = events.chunks(most).map(<[Value]>::to_vec).collect();
        chunks.into_iter().map(|events| self.message(events)).collect()
    }

    fn message(&mut self, events: Vec<Value>) -> Message {
        let webhook = self.id("WB");
        let body = json!({"events": events, "meta": {"webhook_id": webhook}}).to_string().into_bytes();
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::USER_AGENT, HeaderValue::from_static("gocardless-webhook-service/1.1"));
        if let Ok(value) = HeaderValue::from_str(&sign(&self.setup.secret, &body)) {
            headers.insert("webhook-signature", value);
        }
        Message { headers, body }
    }
}

/// Always the same order for a seed. The multiplier is Knuth's for 64 bits.
fn shuffle(events: &mut [Value], seed: u64) {
    let mut state = seed;
    for last in (1..events.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let bound = u64::try_from(last).unwrap_or_default() + 1;
        events.swap(last, usize::try_from((state >> 33) % bound).unwrap_or_default());
    }
}
