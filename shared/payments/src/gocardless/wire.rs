//! What GoCardless sends: its resources as far as we read them.

use domain::{Currency, Money, id::PaymentId, payment_method::MethodName};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;

use crate::{Owner, Unreadable, What};

/// Longest word that is taken over from GoCardless.
pub(super) const MAX_WORD: usize = 120;

/// Something that GoCardless keeps under a path, in an envelope of the same name.
pub(super) trait Resource: DeserializeOwned {
    /// Path and envelope.
    const KIND: &'static str;
    /// How many are read at once: an answer must stay below the client's limit.
    const PAGE: usize;
}

/// What we hang on GoCardless's resources: at most three keys.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Metadata {
    #[serde(default)]
    payment: Option<String>,
    #[serde(default)]
    method: Option<String>,
    /// Our key of a refund.
    #[serde(default)]
    pub(super) refund: Option<String>,
}

impl Metadata {
    pub(super) fn payment(&self) -> Option<PaymentId> {
        self.payment.as_deref()?.parse().ok()
    }

    pub(super) fn method(&self) -> Option<MethodName> {
        self.method.as_deref()?.parse().ok()
    }

    pub(super) fn owner(&self) -> Option<Owner> {
        self.payment().map(Owner::Payment).or_else(|| self.method().map(Owner::Method))
    }
}

/// Minor units: a number in the reference's examples, text in the clients' own fixtures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Minor(pub(super) i64);

impl<'de> Deserialize<'de> for Minor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Number(i64),
            Text(String),
        }
        match Written::deserialize(deserializer)? {
            Written::Number(minor) => Ok(Self(minor)),
            // `parse` would also take a sign.
            Written::Text(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
                text.parse().map(Self).map_err(serde::de::Error::custom)
            }
            Written::Text(_) => Err(serde::de::Error::custom("an amount that is no number")),
        }
    }
}

/// A refusal.
#[derive(Debug, Deserialize)]
pub(super) struct Refusal {
    error: RefusalError,
}

#[derive(Debug, Deserialize)]
struct RefusalError {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    errors: Vec<Reason>,
}

#[derive(Debug, Deserialize)]
struct Reason {
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    field: Option<String>,
    #[serde(default)]
    links: Option<ReasonLinks>,
}

#[derive(Debug, Deserialize)]
struct ReasonLinks {
    #[serde(default)]
    conflicting_resource_id: Option<String>,
}

impl Refusal {
    /// GoCardless's word for why: never its message, which may repeat what was sent.
    pub(super) fn code(&self) -> String {
        let first = self.error.errors.first();
        let word = first.and_then(|first| first.reason.as_deref().or(first.field.as_deref()));
        word.filter(|word| is_word(word)).unwrap_or(&self.error.kind).chars().take(MAX_WORD).collect()
    }

    /// What the key that was sent has made before.
    pub(super) fn made_before(&self) -> Option<&str> {
        let conflict = |reason: &&Reason| reason.reason.as_deref() == Some("idempotent_creation_conflict");
        let links = self.error.errors.iter().find(conflict)?.links.as_ref()?;
        links.conflicting_resource_id.as_deref().filter(|id| is_word(id))
    }
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Meta {
    #[serde(default)]
    cursors: Cursors,
}

#[derive(Debug, Default, Deserialize)]
struct Cursors {
    #[serde(default)]
    after: Option<String>,
}

impl Meta {
    /// Where the next page begins; none after the last.
    pub(super) fn after(&self) -> Option<&str> {
        self.cursors.after.as_deref()
    }
}

/// Asks a customer for a payment or a mandate.
#[derive(Debug, Deserialize)]
pub(super) struct BillingRequest {
    pub(super) id: String,
    pub(super) status: String,
    #[serde(default)]
    pub(super) metadata: Metadata,
    #[serde(default)]
    links: RequestLinks,
    #[serde(default)]
    payment_request: Option<PaymentRequest>,
}

#[derive(Debug, Default, Deserialize)]
struct RequestLinks {
    #[serde(default)]
    payment_request_payment: Option<String>,
    #[serde(default)]
    mandate_request_mandate: Option<String>,
}

#[derive(Debug, Deserialize)]
struct PaymentRequest {
    amount: Minor,
    currency: String,
}

impl Resource for BillingRequest {
    const KIND: &'static str = "billing_requests";
    /// One that is fulfilled carries a customer and an account.
    const PAGE: usize = 25;
}

impl BillingRequest {
    /// The payment that came of it.
    pub(super) fn payment(&self) -> Option<&str> {
        self.links.payment_request_payment.as_deref()
    }

    /// The mandate that came of it.
    pub(super) fn mandate(&self) -> Option<&str> {
        self.links.mandate_request_mandate.as_deref()
    }

    /// What it asks for.
    pub(super) fn amount(&self) -> Result<Money, Unreadable> {
        let asked = self.payment_request.as_ref().ok_or(Unreadable)?;
        money(asked.amount, &asked.currency)
    }

    /// May the customer still go through a page of it?
    pub(super) fn is_open(&self) -> bool {
        self.status == "pending"
    }

    /// Its state while nothing came of it. What the bank denied or let run out leaves it pending: the customer may try
    /// again on the page.
    pub(super) fn without_payment(&self) -> Result<What, Unreadable> {
        match self.status.as_str() {
            // Fulfilled, and the payment is not linked yet.
            "pending" | "ready_to_fulfil" | "fulfilling" | "fulfilled" => Ok(What::Pending),
            "cancelled" => Ok(What::Cancelled),
            "failed" => Ok(What::Failed),
            _ => Err(Unreadable),
        }
    }
}

/// The page of a billing request.
#[derive(Debug, Deserialize)]
pub(super) struct Flow {
    #[serde(default)]
    pub(super) authorisation_url: Option<String>,
    links: FlowLinks,
}

#[derive(Debug, Deserialize)]
struct FlowLinks {
    billing_request: String,
}

impl Resource for Flow {
    const KIND: &'static str = "billing_request_flows";
    const PAGE: usize = 100;
}

impl Flow {
    pub(super) fn is_of(&self, request: &str) -> bool {
        self.links.billing_request == request
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Payment {
    pub(super) id: String,
    pub(super) status: String,
    amount: Minor,
    currency: String,
    #[serde(default = "nothing")]
    amount_refunded: Minor,
    #[serde(default)]
    pub(super) metadata: Metadata,
    #[serde(default)]
    links: PaymentLinks,
}

#[derive(Debug, Default, Deserialize)]
struct PaymentLinks {
    #[serde(default)]
    mandate: Option<String>,
}

const fn nothing() -> Minor {
    Minor(0)
}

impl Resource for Payment {
    const KIND: &'static str = "payments";
    const PAGE: usize = 100;
}

impl Payment {
    pub(super) fn amount(&self) -> Result<Money, Unreadable> {
        money(self.amount, &self.currency)
    }

    pub(super) const fn refunded(&self) -> i64 {
        self.amount_refunded.0
    }

    pub(super) fn mandate(&self) -> Option<&str> {
        self.links.mandate.as_deref()
    }

    /// Does the merchant have the money? It is collected when it is confirmed; that it is paid out adds nothing.
    pub(super) fn is_held(&self) -> bool {
        matches!(self.status.as_str(), "confirmed" | "paid_out")
    }

    /// Money that is there now, or was.
    pub(super) fn arrived(&self) -> Result<What, Unreadable> {
        Ok(What::Arrived { reference: self.id.clone(), amount: self.amount()? })
    }

    /// What became of a charge when it is asked for once more.
    pub(super) fn charged(&self) -> Result<What, Unreadable> {
        match self.status.as_str() {
            "pending_customer_approval" | "pending_submission" | "submitted" => Ok(What::Pending),
            "confirmed" | "paid_out" | "charged_back" => self.arrived(),
            "failed" | "cancelled" | "customer_approval_denied" => Ok(What::Failed),
            _ => Err(Unreadable),
        }
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Refund {
    pub(super) id: String,
    #[serde(default)]
    status: Option<String>,
    amount: Minor,
    currency: String,
    #[serde(default)]
    pub(super) metadata: Metadata,
    #[serde(default)]
    links: RefundLinks,
}

#[derive(Debug, Default, Deserialize)]
struct RefundLinks {
    #[serde(default)]
    payment: Option<String>,
}

impl Resource for Refund {
    const KIND: &'static str = "refunds";
    const PAGE: usize = 100;
}

impl Refund {
    pub(super) fn payment(&self) -> Option<&str> {
        self.links.payment.as_deref()
    }

    pub(super) fn amount(&self) -> Result<Money, Unreadable> {
        money(self.amount, &self.currency)
    }

    pub(super) fn taken(&self) -> Result<What, Unreadable> {
        if !is_word(&self.id) {
            return Err(Unreadable);
        }
        Ok(What::TakenBack { reference: self.id.clone(), amount: self.amount()? })
    }

    /// A refund that did not reach the customer is one that came back.
    pub(super) fn facts(&self) -> Result<Vec<What>, Unreadable> {
        let mut facts = vec![self.taken()?];
        if matches!(self.status.as_deref(), Some("cancelled" | "bounced" | "funds_returned")) {
            facts.push(What::came_back(&self.id, "failed", self.amount()?));
        }
        Ok(facts)
    }
}

/// Something that happened, as messages and the list of events tell it.
#[derive(Debug, Deserialize)]
pub(super) struct Event {
    pub(super) id: String,
    pub(super) resource_type: String,
    pub(super) action: String,
    /// As it is written: GoCardless writes all its times alike, so they sort as text.
    #[serde(default)]
    pub(super) created_at: String,
    #[serde(default, deserialize_with = "or_nothing")]
    pub(super) links: EventLinks,
    #[serde(default, deserialize_with = "or_nothing")]
    pub(super) details: EventDetails,
    /// The resource's own metadata. The event's `metadata` is that of the request that caused it.
    #[serde(default, deserialize_with = "or_nothing")]
    pub(super) resource_metadata: Metadata,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct EventLinks {
    #[serde(default)]
    pub(super) payment: Option<String>,
    #[serde(default)]
    pub(super) refund: Option<String>,
    #[serde(default)]
    pub(super) mandate: Option<String>,
    #[serde(default)]
    pub(super) billing_request: Option<String>,
    #[serde(default)]
    pub(super) billing_request_flow: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct EventDetails {
    /// Of a payment that failed.
    #[serde(default)]
    pub(super) will_attempt_retry: Option<bool>,
}

/// `null` says as little as nothing.
fn or_nothing<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

impl Resource for Event {
    const KIND: &'static str = "events";
    const PAGE: usize = 100;
}

/// A message to the merchant. Events are read one by one: one that is broken takes no other with it.
#[derive(Debug, Deserialize)]
pub(super) struct Message {
    pub(super) events: Vec<Value>,
}

/// GoCardless counts in the lowest denomination, which for its currencies is that of ISO 4217.
pub(super) fn money(minor: Minor, currency: &str) -> Result<Money, Unreadable> {
    let currency: Currency = currency.parse().map_err(|_| Unreadable)?;
    if (0..=Money::MAX_MINOR).contains(&minor.0) { Ok(Money::of_minor(minor.0, currency)) } else { Err(Unreadable) }
}

/// An id or a word as GoCardless makes them: it may stand in an address.
pub(super) fn is_word(id: &str) -> bool {
    !id.is_empty() && id.len() <= MAX_WORD && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_numbers_or_digits() {
        for (json, minor) in
            [("100", Some(100)), ("\"100\"", Some(100)), ("\"+1\"", None), ("\"1,0\"", None), ("1.5", None)]
        {
            assert_eq!(serde_json::from_str::<Minor>(json).ok(), minor.map(Minor), "{json}");
        }
        assert_eq!(money(Minor(-1), "EUR"), Err(Unreadable));
        assert_eq!(money(Minor(1), "XXX"), Err(Unreadable));
    }

    #[test]
    fn a_refusal_is_told_by_its_word_and_never_by_its_message() {
        let refusal = |errors: &str| {
            let json =
                format!(r#"{{"error": {{"type": "validation_failed", "message": "Jane", "errors": {errors}}}}}"#);
            serde_json::from_str::<Refusal>(&json).unwrap()
        };
        assert_eq!(refusal(r#"[{"reason": "mandate_is_inactive", "message": "Jane"}]"#).code(), "mandate_is_inactive");
        assert_eq!(refusal(r#"[{"field": "amount", "message": "Jane"}]"#).code(), "amount");
        assert_eq!(refusal(r#"[{"field": "Jane Doe", "message": "Jane"}]"#).code(), "validation_failed");
        assert_eq!(refusal("[]").code(), "validation_failed");
        let conflict = r#"[{"reason": "idempotent_creation_conflict", "links": {"conflicting_resource_id": "PM1"}}]"#;
        assert_eq!(refusal(conflict).made_before(), Some("PM1"));
        assert_eq!(refusal(&conflict.replace("PM1", "../x")).made_before(), None);
    }
}
