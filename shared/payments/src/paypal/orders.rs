//! Orders: made for a payer who approves them or for a wallet that is kept, found again, and captured.

use domain::{id::PaymentId, payment::Method, payment_method::Token};
use http::{Method as Verb, StatusCode};
use serde_json::{Value, json};

use super::{
    Paypal, refused,
    wire::{Amount, Order, is_decline, is_word},
};
use crate::{Ask, Asked, Known, Unknown, Unreadable, What};

/// Longest description that PayPal shows.
const MAX_DESCRIPTION: usize = 127;

/// What became of an attempt to collect an order's money.
#[derive(Debug)]
enum Captured {
    /// It was collected, or is on its way.
    Order(Box<Order>),
    /// Declined: the payer may choose another way to pay.
    Declined,
    /// It was collected before.
    Before,
}

/// What there is of a payment.
#[derive(Debug)]
pub(super) enum Found {
    /// Nothing that anybody could pay.
    Nothing,
    /// A charge without a page was declined: of that PayPal keeps nothing.
    Declined,
    /// There was an order, and its time is over.
    Over,
    Order(Box<Order>),
}

impl Paypal {
    pub(super) async fn order(&self, id: &str) -> Result<Option<Order>, Unknown> {
        self.get(&format!("/v2/checkout/orders/{id}")).await
    }

    /// An order as it was made; `Err` is the word for a refusal that holds for good.
    pub(super) async fn create(&self, ask: &Ask<'_>, wallet: &Value) -> Result<Result<Order, String>, Unknown> {
        if ask.method != Method::Paypal {
            return Ok(Err("method".to_owned()));
        }
        let Some(amount) = Amount::of(ask.amount) else { return Ok(Err("DECIMALS_NOT_SUPPORTED".to_owned())) };
        let payment = ask.payment.as_str();
        let description: String = ask.description.chars().take(MAX_DESCRIPTION).collect();
        let mut unit = json!({ "amount": amount, "custom_id": payment, "invoice_id": payment });
        if !description.is_empty() {
            unit["description"] = Value::String(description);
        }
        let body = json!({
            "intent": "CAPTURE",
            "purchase_units": [unit],
            "payment_source": { "paypal": wallet },
        });
        let (status, bytes) = self.call(Verb::POST, "/v2/checkout/orders", Some(payment), Some(&body)).await?;
        if !status.is_success() {
            let code = refused(status, &bytes)?;
            // Another order of the same payment was paid: that is no refusal of the payment, but money of it.
            let is_paid = code == "DUPLICATE_INVOICE_ID";
            return if is_paid { Err(Unknown::Refused(status.as_u16())) } else { Ok(Err(code)) };
        }
        let order: Order = serde_json::from_slice(&bytes).map_err(|_| Unknown::Unreadable)?;
        // Asked again, PayPal shows what it made the first time, whatever is asked for now.
        let is_same = order.payment().as_ref() == Some(ask.payment) && order.amount() == Ok(ask.amount);
        match (is_word(&order.id), is_same) {
            (true, true) => Ok(Ok(order)),
            (true, false) => Err(Unknown::Refused(StatusCode::CONFLICT.as_u16())),
            (false, _) => Err(Unknown::Unreadable),
        }
    }

    /// The session of an order.
    pub(super) fn session(&self, order: &str) -> String {
        format!("{order}.{}", self.keys.mark())
    }

    /// Collects the money of an order that the payer approved, if nobody has.
    ///
    /// PayPal captures an order once, whatever the request is called; the request's id only lets it repeat its answer. Such
    /// an id is used up by a decline. An order that shows when it was approved has one for each approval; of one that does
    /// not, nothing tells a decline of now from the one before, so after a decline it is asked for once more without id.
    async fn capture(&self, payment: &PaymentId, order: Order) -> Result<Order, Unknown> {
        let path = format!("/v2/checkout/orders/{}/capture", order.id);
        let approval = order.approval();
        let key = match &approval {
            Some(approval) => format!("{payment}.cap.{approval}"),
            None => format!("{payment}.cap"),
        };
        let mut captured = self.captured(&path, Some(&key)).await?;
        if matches!(captured, Captured::Declined) && approval.is_none() {
            captured = self.captured(&path, None).await?;
        }
        match captured {
            Captured::Order(order) => Ok(*order),
            Captured::Declined => Ok(order),
            Captured::Before => {
                let gone = Unknown::Refused(StatusCode::NOT_FOUND.as_u16());
                let now = self.order(&order.id).await?.ok_or(gone)?;
                if now.awaits_capture() { Err(Unknown::Unreadable) } else { Ok(now) }
            }
        }
    }

    async fn captured(&self, path: &str, key: Option<&str>) -> Result<Captured, Unknown> {
        let (status, bytes) = self.call(Verb::POST, path, key, Some(&json!({}))).await?;
        if status.is_success() {
            let order = serde_json::from_slice(&bytes).map_err(|_| Unknown::Unreadable)?;
            return Ok(Captured::Order(order));
        }
        match refused(status, &bytes)?.as_str() {
            "ORDER_ALREADY_CAPTURED" => Ok(Captured::Before),
            "ORDER_NOT_APPROVED" => Ok(Captured::Declined),
            code if is_decline(code) => Ok(Captured::Declined),
            _ => Err(Unknown::Refused(status.as_u16())),
        }
    }

    /// What there is of a payment, after collecting what the payer approved.
    pub(super) async fn find(&self, known: Known<'_>) -> Result<Found, Unknown> {
        let Some(session) = known.session else {
            return match known.saved {
                // Nobody has the address at which that order could be approved, so it cannot be paid, unless it is asked for
                // again.
                None => Ok(Found::Nothing),
                // It may have been charged at once. Asking again tells that; after that, a message or PayPal's own pages name
                // the capture, and that leads to it.
                Some(_) => Err(Unknown::Unfindable),
            };
        };
        if session == declined(known.payment) {
            return Ok(Found::Declined);
        }
        let (id, mark) = session.split_once('.').ok_or(Unknown::Unreadable)?;
        if !is_word(id) {
            return Err(Unknown::Unreadable);
        }
        let Some(order) = self.order(id).await? else {
            // An order that was paid stays: one that its own app does not see any more was not approved in time. What other
            // keys do not see proves nothing, and a charge without a page has no time that could be over.
            let is_over = mark == self.keys.mark() && known.saved.is_none();
            return if is_over { Ok(Found::Over) } else { Err(Unknown::Refused(StatusCode::NOT_FOUND.as_u16())) };
        };
        if order.payment().as_ref() != Some(known.payment) || order.id != id {
            return Err(Unknown::Unreadable);
        }
        let order = if order.awaits_capture() { self.capture(known.payment, order).await? } else { order };
        Ok(Found::Order(Box::new(order)))
    }

    /// Charges what is kept, while nobody is there: the order is made and captured at once.
    pub(super) async fn ask_saved(&self, ask: &Ask<'_>, saved: &Token) -> Result<Asked, Unknown> {
        let wallet = json!({
            "vault_id": saved.method,
            "stored_credential": {
                "payment_initiator": "MERCHANT",
                "usage": "SUBSEQUENT",
                "usage_pattern": "DEFERRED",
            },
        });
        let order = match self.create(ask, &wallet).await? {
            Ok(order) => order,
            Err(code) if is_decline(&code) => {
                return Ok(Asked::Charged { session: declined(ask.payment), what: What::Failed });
            }
            Err(code) => return Ok(Asked::Refused { code }),
        };
        let order = if order.awaits_capture() { self.capture(ask.payment, order).await? } else { order };
        let facts = order.facts(ask.payment, true).map_err(|Unreadable| Unknown::Unreadable)?;
        let what = match facts.into_iter().next().map(|fact| fact.what) {
            Some(What::Cancelled) => What::Failed,
            Some(what) => what,
            None => return Err(Unknown::Unreadable),
        };
        Ok(Asked::Charged { session: self.session(&order.id), what })
    }
}

/// The session of a charge without a page that was declined: PayPal makes no order then.
fn declined(payment: &PaymentId) -> String {
    format!("{payment}.declined")
}
