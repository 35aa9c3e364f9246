//! What the account holds, and the events about it.

use std::{
    collections::{BTreeMap, HashMap},
    sync::atomic::Ordering,
};

use serde_json::{Value, json};

use super::{
    Charge, Setup,
    problem::Problem,
    seal::{Envelope, Hand, seal},
    views,
};
use crate::{
    Message,
    tools::{stamp, tag},
};

/// How the next attempt to take money ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Luck {
    Fine,
    Declined,
    Pending,
}

#[derive(Debug, Clone)]
pub(super) struct Order {
    pub(super) id: String,
    /// `CREATED`, `PAYER_ACTION_REQUIRED`, `APPROVED` or `COMPLETED`.
    pub(super) status: &'static str,
    pub(super) amount: i64,
    pub(super) currency: String,
    pub(super) reference: String,
    pub(super) description: Option<String>,
    pub(super) custom: Option<String>,
    pub(super) invoice: Option<String>,
    /// It was created with a `payment_source`.
    pub(super) sourced: bool,
    pub(super) return_url: Option<String>,
    pub(super) cancel_url: Option<String>,
    pub(super) capture: Option<String>,
    pub(super) luck: Luck,
    pub(super) created: i64,
    pub(super) approved: Option<i64>,
    pub(super) updated: i64,
}

impl Order {
    /// Where the payer approves it.
    pub(super) fn approval(&self) -> String {
        format!("https://www.sandbox.paypal.com/checkoutnow?token={}", self.id)
    }
}

#[derive(Debug, Clone)]
pub(super) struct Capture {
    pub(super) id: String,
    pub(super) order: String,
    pub(super) amount: i64,
    pub(super) currency: String,
    /// `PENDING`, `COMPLETED` or `DECLINED`; what was given back is shown on top of it.
    pub(super) status: &'static str,
    /// Why it is pending.
    pub(super) reason: &'static str,
    pub(super) custom: Option<String>,
    pub(super) invoice: Option<String>,
    pub(super) created: i64,
    pub(super) updated: i64,
}

/// Money that went back: given by the merchant, or taken by PayPal.
#[derive(Debug, Clone)]
pub(super) struct Refund {
    pub(super) id: String,
    pub(super) capture: String,
    pub(super) amount: i64,
    pub(super) currency: String,
    /// `PENDING`, `COMPLETED`, `FAILED` or `CANCELLED`.
    pub(super) status: &'static str,
    /// PayPal took it.
    pub(super) reversal: bool,
    pub(super) custom: Option<String>,
    pub(super) invoice: Option<String>,
    pub(super) note: Option<String>,
    /// Everything that had gone back by then.
    pub(super) total: i64,
    pub(super) created: i64,
    pub(super) updated: i64,
}

impl Refund {
    pub(super) fn counts(&self) -> bool {
        matches!(self.status, "PENDING" | "COMPLETED")
    }
}

#[derive(Debug, Clone)]
pub(super) struct Dispute {
    pub(super) id: String,
    pub(super) capture: String,
    pub(super) amount: i64,
    pub(super) currency: String,
    /// `INQUIRY` or `CHARGEBACK`.
    pub(super) stage: &'static str,
    /// `INTERNAL` or `EXTERNAL`.
    pub(super) channel: &'static str,
    pub(super) outcome: Option<&'static str>,
    /// The refund by which PayPal took the money.
    pub(super) reversal: Option<String>,
    pub(super) movements: Vec<Value>,
    pub(super) created: i64,
    pub(super) updated: i64,
}

/// A wallet that is about to be saved.
#[derive(Debug, Clone)]
pub(super) struct Pledge {
    pub(super) id: String,
    /// `PAYER_ACTION_REQUIRED`, `APPROVED` or `TOKENIZED`.
    pub(super) status: &'static str,
    pub(super) customer: String,
    pub(super) merchant_customer: Option<String>,
    /// The wallet as it was asked for, without its addresses.
    pub(super) wallet: Value,
    pub(super) return_url: String,
    pub(super) cancel_url: String,
    pub(super) created: i64,
}

/// A wallet that was saved.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) id: String,
    pub(super) customer: String,
    pub(super) merchant_customer: Option<String>,
    pub(super) wallet: Value,
    pub(super) luck: Luck,
    /// The payer ended the agreement.
    pub(super) ended: bool,
}

/// What a request id is remembered for.
#[derive(Debug, Clone)]
pub(super) enum Kept {
    Made(String),
    Declined(Problem),
}

#[derive(Debug)]
pub(super) struct Ledger {
    pub(super) setup: Setup,
    /// The server's own address.
    pub(super) base: String,
    pub(super) orders: BTreeMap<String, Order>,
    pub(super) captures: BTreeMap<String, Capture>,
    pub(super) refunds: BTreeMap<String, Refund>,
    pub(super) disputes: BTreeMap<String, Dispute>,
    pub(super) pledges: BTreeMap<String, Pledge>,
    pub(super) tokens: BTreeMap<String, Token>,
    /// Access tokens with the time they run out.
    pub(super) access: HashMap<String, i64>,
    /// Request ids by path, with the body they came with and until when they are remembered.
    pub(super) keys: HashMap<(String, String), (i64, Value, Kept)>,
    /// What the next refund becomes.
    pub(super) next_refund: &'static str,
    /// The account cannot pay refunds.
    pub(super) poor: bool,
    outbox: Vec<Value>,
    counter: u64,
}

impl Ledger {
    pub(super) fn new(setup: Setup) -> Self {
        Self {
            setup,
            base: String::new(),
            orders: BTreeMap::new(),
            captures: BTreeMap::new(),
            refunds: BTreeMap::new(),
            disputes: BTreeMap::new(),
            pledges: BTreeMap::new(),
            tokens: BTreeMap::new(),
            access: HashMap::new(),
            keys: HashMap::new(),
            next_refund: "COMPLETED",
            poor: false,
            outbox: Vec::new(),
            counter: 0,
        }
    }

    pub(super) fn now(&self) -> i64 {
        self.setup.clock.load(Ordering::SeqCst)
    }

    /// A new identifier of seventeen letters and digits that begins like this.
    pub(super) fn id(&mut self, prefix: &str) -> String {
        self.counter += 1;
        format!("{prefix:0<7}{}", tag(self.counter))
    }

    /// The next number, for identifiers of another form.
    pub(super) fn number(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    /// What a request id is remembered for.
    pub(super) fn kept(&self, path: &str, key: &str) -> Option<&(i64, Value, Kept)> {
        self.keys.get(&(path.to_owned(), key.to_owned())).filter(|(until, ..)| *until > self.now())
    }

    /// Time has passed: orders that nobody approved are gone, and so are approvals that nobody used.
    pub(super) fn sweep(&mut self) {
        let (now, life, hold) = (self.now(), self.setup.order_life, self.setup.approval_life);
        let over = |order: &&Order| {
            let end = order.approved.map_or(order.created + life, |approved| approved + hold);
            order.status != "COMPLETED" && end <= now
        };
        let ids: Vec<String> = self.orders.values().filter(over).map(|order| order.id.clone()).collect();
        for id in ids {
            self.lapse(&id);
        }
        let end = now - self.setup.pledge_life;
        self.pledges.retain(|_, pledge| pledge.created > end);
    }

    /// An order ends without money; the payer's approval, if there was one, is taken back.
    pub(super) fn lapse(&mut self, id: &str) {
        let Some(order) = self.orders.remove(id) else { return };
        if order.status == "APPROVED" {
            let resource = views::approval(&order);
            let text = "A payment has been reversed after approval.";
            self.tell("CHECKOUT.PAYMENT-APPROVAL.REVERSED", "", "", text, resource);
        }
    }

    /// Writes an event. Kind and version of the resource are left out where PayPal's samples leave them out.
    pub(super) fn tell(&mut self, event: &str, kind: &str, version: &str, summary: &str, resource: Value) {
        let id = format!("WH-{}-{}", self.id("58D329"), self.id("8HN650"));
        let page = format!("{}/v1/notifications/webhooks-events/{id}", self.base);
        let mut event = json!({
            "id": id, "event_version": "1.0", "create_time": format!("{}.000Z", stamp(self.now())),
            "event_type": event, "summary": summary, "resource": resource,
            "links": [{"href": page, "rel": "self", "method": "GET"},
                {"href": format!("{page}/resend"), "rel": "resend", "method": "POST"}],
        });
        if !kind.is_empty() {
            event["resource_type"] = json!(kind);
        }
        if !version.is_empty() {
            event["resource_version"] = json!(version);
        }
        self.outbox.push(event);
    }

    /// Tells the state of a capture.
    pub(super) fn tell_capture(&mut self, id: &str, event: &str) {
        let Some(capture) = self.captures.get(id) else { return };
        let amount = views::spoken(capture.amount, &capture.currency);
        let summary = match event {
            "PAYMENT.CAPTURE.COMPLETED" => format!("Payment completed for {amount}"),
            "PAYMENT.CAPTURE.PENDING" => format!("Payment pending for {amount}"),
            "PAYMENT.CAPTURE.DENIED" => format!("A {amount} capture payment was denied"),
            _ => format!("A payment capture for {amount} was declined."),
        };
        let resource = views::capture(self, capture, true);
        self.tell(event, "capture", "2.0", &summary, resource);
    }

    /// Tells that money went back, or that it waits or failed to.
    pub(super) fn tell_refund(&mut self, id: &str) {
        let Some(refund) = self.refunds.get(id) else { return };
        let amount = views::spoken(refund.amount, &refund.currency);
        let (event, summary) = match refund.status {
            "COMPLETED" if refund.reversal => {
                ("PAYMENT.CAPTURE.REVERSED", format!("A {amount} capture payment was reversed"))
            }
            "COMPLETED" => ("PAYMENT.CAPTURE.REFUNDED", format!("A {amount} capture payment was refunded")),
            "PENDING" if self.setup.refund_events => {
                ("PAYMENT.REFUND.PENDING", format!("A {amount} refund is pending"))
            }
            "FAILED" if self.setup.refund_events => ("PAYMENT.REFUND.FAILED", format!("A {amount} refund failed")),
            _ => return,
        };
        let resource = views::refund(self, refund, true);
        self.tell(event, "refund", "2.0", &summary, resource);
    }

    /// Everything that went back for a capture: what the merchant gave, and what PayPal took.
    pub(super) fn back(&self, capture: &str) -> (i64, i64) {
        let of = self.refunds.values().filter(|refund| refund.capture == capture && refund.counts());
        of.fold(
            (0, 0),
            |(given, taken), refund| {
                if refund.reversal { (given, taken + refund.amount) } else { (given + refund.amount, taken) }
            },
        )
    }

    /// See [`super::PayPal::charges`].
    pub(super) fn charges(&self) -> Vec<Charge> {
        let completed = self.captures.values().filter(|capture| capture.status == "COMPLETED");
        completed
            .map(|capture| {
                let (refunded, reversed) = self.back(&capture.id);
                Charge {
                    id: capture.id.clone(),
                    order: capture.order.clone(),
                    amount: capture.amount,
                    currency: capture.currency.clone(),
                    custom_id: capture.custom.clone(),
                    invoice_id: capture.invoice.clone(),
                    refunded,
                    reversed,
                }
            })
            .collect()
    }

    /// What is the same in all messages of now.
    pub(super) fn envelope(&self) -> Envelope {
        Envelope {
            id: String::new(),
            time: format!("{}Z", stamp(self.now())),
            webhook: self.setup.webhook_id.clone(),
            certificates: format!("{}/v1/notifications/certs", self.base),
        }
    }

    /// Packs what was not sent yet.
    pub(super) fn messages(&mut self) -> Vec<Message> {
        self.sweep();
        let events = std::mem::take(&mut self.outbox);
        events.into_iter().map(|event| self.message(&event)).collect()
    }

    fn message(&mut self, event: &Value) -> Message {
        self.sign(event.to_string().into_bytes())
    }

    /// Signs any bytes.
    pub(super) fn sign(&mut self, body: Vec<u8>) -> Message {
        let id = format!("1c6772d0-5106-11ef-9b66-{:012x}", self.number());
        let envelope = Envelope { id, ..self.envelope() };
        seal(Hand::PayPal, &envelope, body)
    }

    /// Puts anything among the next messages.
    pub(super) fn post(&mut self, event: Value) {
        self.outbox.push(event);
    }
}
