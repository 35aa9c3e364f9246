//! What programs are told: one fact, with one schema in the feed and in webhooks.

use std::collections::BTreeMap;

use domain::{
    Event, EventKind,
    change::{Actor, FieldChange, Way},
    delivery::Delivery,
    id::EventId,
    number::CustomerNumber,
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::{
    ToSchema,
    openapi::{KnownFormat, ObjectBuilder, Ref, RefOr, Schema, SchemaFormat, schema::Type},
};

/// Largest body. Facts are short, so none is near it; one that were goes out without them, and the feed has them.
const MAX_BODY_BYTES: usize = 20_000;

/// The headers of a webhook, and what they say.
pub const HEADERS: &[(&str, &str)] = &[
    ("webhook-id", "Names the message: the same however often it is sent. Whoever remembers it takes nothing twice."),
    ("webhook-timestamp", "When it is sent, in seconds since 1970. What is older than five minutes should be refused."),
    (
        "webhook-signature",
        "`v1,` and the base64 of HMAC-SHA256 of `id.timestamp.body`, for each secret that is good, with blanks between them.",
    ),
];

/// One fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EventShown {
    /// Its id; ids sort by time.
    pub id: EventId,
    /// What happened.
    pub kind: EventKind,
    /// Who caused it.
    pub actor: Actor,
    /// When it was decided.
    pub at: Timestamp,
    /// Number of the thing it happened to.
    pub subject: String,
    /// Number of the customer it belongs to; none: it is the tenant's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerNumber>,
    /// Further facts.
    pub facts: BTreeMap<String, String>,
    /// By which way a customer did it, where that can differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub way: Option<Way>,
    /// What became of which field; personal data.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<FieldChange>,
}

impl EventShown {
    /// A fact as it is told.
    #[must_use]
    pub fn of(id: EventId, event: Event, customer: Option<CustomerNumber>) -> Self {
        let Event { kind, actor, at, subject, facts, way, changes } = event;
        Self { id, kind, actor, at, subject, customer, facts: facts.into_iter().collect(), way, changes }
    }
}

/// The body of a webhook.
#[derive(Debug, Serialize)]
struct Message {
    r#type: EventKind,
    timestamp: Timestamp,
    data: EventShown,
}

/// The bytes that are signed and sent: the same at every try.
///
/// # Errors
/// When they cannot be written, which no value of these types brings about.
pub fn body(delivery: &Delivery) -> Result<Vec<u8>, serde_json::Error> {
    let data = EventShown::of(delivery.event.clone(), delivery.fact.clone(), delivery.customer.clone());
    let mut message = Message { r#type: data.kind, timestamp: data.at, data };
    let whole = serde_json::to_vec(&message)?;
    if whole.len() <= MAX_BODY_BYTES {
        return Ok(whole);
    }
    message.data.facts.clear();
    message.data.changes.clear();
    serde_json::to_vec(&message)
}

/// The schema of the body of one kind.
#[must_use]
pub fn body_schema(kind: EventKind) -> RefOr<Schema> {
    let time = ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
        .description(Some("When it was decided"));
    let schema: Schema = ObjectBuilder::new()
        .property("type", ObjectBuilder::new().schema_type(Type::String).enum_values(Some([kind.code()])))
        .property("timestamp", time)
        .property("data", Ref::from_schema_name(EventShown::name()))
        .required("type")
        .required("timestamp")
        .required("data")
        .build()
        .into();
    schema.into()
}

/// The schemas that bodies refer to.
#[must_use]
pub fn body_schemas() -> Vec<(String, RefOr<Schema>)> {
    named::<EventShown>()
}

fn named<T: ToSchema>() -> Vec<(String, RefOr<Schema>)> {
    let mut schemas = vec![(T::name().into(), T::schema())];
    T::schemas(&mut schemas);
    schemas
}

#[cfg(test)]
mod tests {
    use domain::id::{DeliveryId, EndpointId};
    use serde_json::json;

    use super::*;

    fn delivery(fact: &str) -> Delivery {
        let at: Timestamp = "2026-11-22T09:00:00Z".parse().unwrap();
        let event = Event::new(EventKind::InvoicePaid, Actor::Provider, at, "RE1").with("amount", fact);
        let (id, endpoint) = (DeliveryId::new(at, [1; 10]), EndpointId::new(at, [2; 10]));
        Delivery::new(id, endpoint, (EventId::new(at, [3; 10]), event), Some("K5003".parse().unwrap()), at)
    }

    #[test]
    fn a_message_says_what_the_feed_says() {
        let delivery = delivery("15.91 EUR");
        let said: serde_json::Value = serde_json::from_slice(&body(&delivery).unwrap()).unwrap();
        let line = EventShown::of(delivery.event.clone(), delivery.fact.clone(), delivery.customer.clone());
        assert_eq!(said["data"], serde_json::to_value(line).unwrap());
        assert_eq!(
            (&said["type"], &said["timestamp"]),
            (&json!("invoice.payment_booked"), &json!("2026-11-22T09:00:00Z"))
        );
        assert_eq!(
            (&said["data"]["customer"], &said["data"]["facts"]),
            (&json!("K5003"), &json!({ "amount": "15.91 EUR" }))
        );
    }

    #[test]
    fn a_body_is_never_longer_than_its_limit() {
        let fits = "x".repeat(MAX_BODY_BYTES - 300);
        for (fact, is_told) in [(fits.as_str(), true), (&"x".repeat(MAX_BODY_BYTES), false)] {
            let bytes = body(&delivery(fact)).unwrap();
            assert!(bytes.len() <= MAX_BODY_BYTES);
            assert_eq!(bytes.windows(3).any(|part| part == b"xxx"), is_told);
        }
    }

    #[test]
    fn every_kind_has_a_schema_that_names_it() {
        for kind in EventKind::ALL {
            let schema = serde_json::to_value(body_schema(*kind)).unwrap();
            assert_eq!(schema["properties"]["type"]["enum"], json!([kind.code()]));
            assert!(kind.meaning().ends_with('.') && !kind.meaning().starts_with(' '), "{}", kind.meaning());
        }
        assert!(body_schemas().iter().any(|(name, _)| name == "EventShown"));
    }
}
