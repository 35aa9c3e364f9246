//! What the account holds, and what follows when a payment changes its state.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    sync::atomic::Ordering,
};

use http::{HeaderMap, HeaderValue, header};
use serde_json::{Value, json};

use super::{Charge, Setup, Signed, sign, time, views};
use crate::{Message, tools::tag};

/// Where links point to when no request tells the address.
pub(super) const HOME: &str = "https://api.mollie.com/v2";

/// How a recurring payment ends: it has no checkout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Paid at once, as cards are.
    Paid,
    /// Waits for the bank, as direct debits do.
    Pending,
    /// Declined at once.
    Failed,
}

/// `status` of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Open,
    Pending,
    Authorized,
    Paid,
    Canceled,
    Expired,
    Failed,
}

impl Status {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Pending => "pending",
            Self::Authorized => "authorized",
            Self::Paid => "paid",
            Self::Canceled => "canceled",
            Self::Expired => "expired",
            Self::Failed => "failed",
        }
    }

    /// The field that holds when it was reached; open and pending payments have none.
    pub(super) fn field(self) -> Option<&'static str> {
        match self {
            Self::Open | Self::Pending => None,
            Self::Authorized => Some("authorizedAt"),
            Self::Paid => Some("paidAt"),
            Self::Canceled => Some("canceledAt"),
            Self::Expired => Some("expiredAt"),
            Self::Failed => Some("failedAt"),
        }
    }

    /// „Definitive", as `/docs/status-change` has it.
    pub(super) fn last(self) -> bool {
        matches!(self, Self::Paid | Self::Canceled | Self::Expired | Self::Failed)
    }
}

#[derive(Debug, Clone)]
pub(super) struct Payment {
    pub(super) id: String,
    pub(super) minor: i64,
    pub(super) currency: String,
    pub(super) description: String,
    pub(super) status: Status,
    pub(super) method: Option<String>,
    /// `oneoff`, `first` or `recurring`.
    pub(super) sequence: String,
    pub(super) redirect_url: Option<String>,
    pub(super) cancel_url: Option<String>,
    pub(super) webhook_url: Option<String>,
    pub(super) locale: Option<String>,
    pub(super) metadata: Value,
    pub(super) customer: Option<String>,
    pub(super) mandate: Option<String>,
    pub(super) created: i64,
    pub(super) expires: Option<i64>,
    /// When the present status was reached.
    pub(super) reached: i64,
    pub(super) cancelable: bool,
    pub(super) failure: Option<&'static str>,
    pub(super) refunds: Vec<Refund>,
    pub(super) chargebacks: Vec<Chargeback>,
}

impl Payment {
    /// Refunds that took or will take money.
    pub(super) fn refunded(&self) -> i64 {
        self.refunds.iter().filter(|refund| refund.counts()).map(|refund| refund.minor).sum()
    }

    /// Chargebacks that stand.
    pub(super) fn charged_back(&self) -> i64 {
        self.chargebacks.iter().filter(|back| back.reversed.is_none()).map(|back| back.minor).sum()
    }

    /// What can still be given back: bank transfers in euro may get up to 25.00 more than was paid.
    pub(super) fn remaining(&self) -> i64 {
        let extra = if self.method.as_deref() == Some("banktransfer") && self.currency == "EUR" { 2500 } else { 0 };
        (self.minor + extra - self.refunded() - self.charged_back()).max(0)
    }
}

#[derive(Debug, Clone)]
pub(super) struct Refund {
    pub(super) id: String,
    pub(super) payment: String,
    pub(super) minor: i64,
    pub(super) currency: String,
    /// `queued`, `pending`, `processing`, `refunded`, `failed` or `canceled`.
    pub(super) status: &'static str,
    pub(super) description: String,
    pub(super) metadata: Value,
    pub(super) created: i64,
}

impl Refund {
    pub(super) fn counts(&self) -> bool {
        !matches!(self.status, "failed" | "canceled")
    }
}

#[derive(Debug, Clone)]
pub(super) struct Chargeback {
    pub(super) id: String,
    pub(super) payment: String,
    pub(super) minor: i64,
    pub(super) currency: String,
    pub(super) created: i64,
    pub(super) reversed: Option<i64>,
}

#[derive(Debug, Clone)]
pub(super) struct Customer {
    pub(super) id: String,
    pub(super) name: Value,
    pub(super) email: Value,
    pub(super) locale: Value,
    pub(super) metadata: Value,
    pub(super) created: i64,
}

#[derive(Debug, Clone)]
pub(super) struct Mandate {
    pub(super) id: String,
    pub(super) customer: String,
    /// `creditcard`, `directdebit` or `paypal`.
    pub(super) method: &'static str,
    /// `valid`, `pending` or `invalid`.
    pub(super) status: &'static str,
    pub(super) details: Value,
    pub(super) reference: Value,
    pub(super) signed: Value,
    pub(super) created: i64,
    /// Revoked: it answers 410 from then on.
    pub(super) gone: bool,
}

/// An answer that is kept for its idempotency key.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub(super) path: String,
    pub(super) request: Value,
    pub(super) status: u16,
    pub(super) answer: Value,
    pub(super) at: i64,
}

#[derive(Debug)]
pub(super) struct Ledger {
    pub(super) setup: Setup,
    pub(super) payments: BTreeMap<String, Payment>,
    pub(super) customers: BTreeMap<String, Customer>,
    pub(super) mandates: BTreeMap<String, Mandate>,
    /// Which payment a refund or chargeback belongs to.
    pub(super) owners: BTreeMap<String, String>,
    pub(super) keys: HashMap<String, Kept>,
    pub(super) messages: Vec<Message>,
    /// How the next recurring payments end.
    pub(super) outcomes: VecDeque<Outcome>,
    /// Open payments by the time they run out.
    pub(super) due: BTreeSet<(i64, String)>,
    counter: u64,
}

impl Ledger {
    pub(super) fn new(setup: Setup) -> Self {
        Self {
            setup,
            payments: BTreeMap::new(),
            customers: BTreeMap::new(),
            mandates: BTreeMap::new(),
            owners: BTreeMap::new(),
            keys: HashMap::new(),
            messages: Vec::new(),
            outcomes: VecDeque::new(),
            due: BTreeSet::new(),
            counter: 0,
        }
    }

    pub(super) fn now(&self) -> i64 {
        self.setup.clock.load(Ordering::SeqCst)
    }

    /// A new identifier with this prefix.
    pub(super) fn id(&mut self, prefix: &str) -> String {
        self.counter += 1;
        format!("{prefix}_{}", tag(self.counter))
    }

    /// Expires what ran out.
    pub(super) fn sweep(&mut self) {
        let now = self.now();
        while self.due.first().is_some_and(|(at, _)| *at <= now) {
            let Some((at, id)) = self.due.pop_first() else { break };
            // A payment that was paid or canceled meanwhile keeps its state.
            if self
                .payments
                .get(&id)
                .is_some_and(|payment| payment.status == Status::Open && payment.expires == Some(at))
            {
                self.reach(&id, Status::Expired);
            }
        }
    }

    /// Puts a payment into a state, with what follows: its mandate, and messages. Does not ask whether it may.
    pub(super) fn reach(&mut self, id: &str, status: Status) {
        let now = self.now();
        let Some(payment) = self.payments.get_mut(id) else { return };
        payment.status = status;
        payment.reached = now;
        if status != Status::Failed {
            payment.failure = None;
        }
        if status == Status::Paid && payment.method.is_none() {
            payment.method = Some("creditcard".to_owned());
        }
        let first = payment.sequence == "first";
        let chosen = payment.method.clone().unwrap_or_default();
        let (customer, mandate) = (payment.customer.clone(), payment.mandate.clone());
        if first {
            match (mandate, customer) {
                (Some(mandate), _) => self.ripen(&mandate, status),
                (None, Some(customer)) if status == Status::Paid => {
                    let made = self.mandate(&customer, kind(&chosen), "valid");
                    if let Some(payment) = self.payments.get_mut(id) {
                        payment.mandate = Some(made);
                    }
                }
                _ => {}
            }
        }
        // Mollie calls nobody for open and pending.
        if let Some(payment) = self.payments.get(id).cloned() {
            if status.field().is_some() {
                self.tell_classic(&payment);
            }
            if status != Status::Open {
                let entity = views::payment(&payment, HOME);
                self.tell_signed(&format!("payment.{}", status.word()), &payment.id, "payments", entity);
            }
        }
    }

    fn ripen(&mut self, id: &str, status: Status) {
        let Some(mandate) = self.mandates.get_mut(id) else { return };
        if mandate.status == "pending" || status == Status::Paid {
            mandate.status = match status {
                Status::Paid => "valid",
                Status::Open | Status::Pending | Status::Authorized => mandate.status,
                Status::Canceled | Status::Expired | Status::Failed => "invalid",
            };
        }
    }

    /// A mandate that comes out of a first payment.
    pub(super) fn mandate(&mut self, customer: &str, method: &'static str, status: &'static str) -> String {
        let id = self.id("mdt");
        let details = match method {
            "directdebit" => {
                json!({"consumerName": "Jane Doe", "consumerAccount": "NL55INGB0000000000", "consumerBic": "INGBNL2A"})
            }
            "paypal" => json!({"consumerName": "Jane Doe", "consumerAccount": "jane@example.org"}),
            _ => json!({"cardHolder": "Jane Doe", "cardNumber": "6787", "cardLabel": "Mastercard",
                "cardExpiryDate": "2029-03-31", "cardFingerprint": "BN895ync4krH6kr9TBhstfhh"}),
        };
        let mandate = Mandate {
            id: id.clone(),
            customer: customer.to_owned(),
            method,
            status,
            details,
            reference: Value::Null,
            signed: Value::Null,
            created: self.now(),
            gone: false,
        };
        self.mandates.insert(id.clone(), mandate);
        id
    }

    /// The classic message: only the payment's id, unsigned. Refunds and chargebacks come as their payment's id too.
    pub(super) fn tell_classic(&mut self, payment: &Payment) {
        if payment.webhook_url.is_none() {
            return;
        }
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        headers.insert(header::USER_AGENT, HeaderValue::from_static("Mollie HTTP client/1.0"));
        self.messages.push(Message { headers, body: format!("id={}", payment.id).into_bytes() });
    }

    /// The signed message, if one is subscribed.
    pub(super) fn tell_signed(&mut self, kind: &str, id: &str, collection: &str, entity: Value) {
        let signed = self.setup.signed;
        if signed == Signed::None {
            return;
        }
        let event = self.id("event");
        let mut body = json!({"resource": "event", "id": event, "type": kind, "entityId": id,
            "createdAt": time(self.now()),
            "_links": {
                "self": {"href": format!("{HOME}/events/{event}"), "type": "application/hal+json"},
                "documentation": {"href": "https://docs.mollie.com/guides/webhooks", "type": "text/html"},
                "entity": {"href": format!("/v2/{collection}/{id}"), "type": "application/hal+json"}}});
        match signed {
            Signed::Snapshot => body = entity,
            Signed::Event => body["_embedded"] = json!({"entity": entity}),
            Signed::Simple | Signed::None => {}
        }
        let body = body.to_string().into_bytes();
        let prefix = if self.setup.prefix { "sha256=" } else { "" };
        let signature = format!("{prefix}{}", sign(&self.setup.secret, &body));
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Ok(value) = HeaderValue::from_str(&signature) {
            headers.insert("x-mollie-signature", value);
        }
        self.messages.push(Message { headers, body });
    }

    /// See [`super::Mollie::charges`].
    pub(super) fn charges(&self) -> Vec<Charge> {
        let paid = self.payments.values().filter(|payment| payment.status == Status::Paid);
        paid.map(|payment| Charge {
            id: payment.id.clone(),
            amount: payment.minor,
            currency: payment.currency.clone(),
            metadata: payment.metadata.clone(),
            refunded: payment.refunded(),
            charged_back: payment.charged_back(),
        })
        .collect()
    }
}

/// The kind of mandate that a first payment of this method leaves.
pub(super) fn kind(method: &str) -> &'static str {
    match method {
        "creditcard" | "applepay" => "creditcard",
        "paypal" => "paypal",
        _ => "directdebit",
    }
}
