//! Errors as Stripe answers them: one object `error` with a type, often a code, and the parameter they are about.

use http::StatusCode;
use serde_json::{Map, Value, json};

/// An answer that is not 200.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    /// HTTP status.
    pub(super) status: StatusCode,
    /// What stands under `error`.
    pub(super) error: Map<String, Value>,
    /// Whether the endpoint had begun its work: only then does an idempotency key remember the answer.
    pub(super) begun: bool,
}

impl Refusal {
    fn new(status: StatusCode, kind: &str, message: &str) -> Self {
        let mut error = Map::new();
        error.insert("type".to_owned(), json!(kind));
        error.insert("message".to_owned(), json!(message));
        Self { status, error, begun: false }
    }

    /// Adds a field to the error.
    pub(super) fn with(mut self, name: &str, value: Value) -> Self {
        self.error.insert(name.to_owned(), value);
        self
    }

    fn code(self, code: &str) -> Self {
        self.with("code", json!(code)).with("doc_url", json!(format!("https://stripe.com/docs/error-codes/{code}")))
    }

    /// The request itself is wrong; the endpoint never starts.
    pub(super) fn request(message: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", message)
    }

    /// A parameter is wrong; the endpoint never starts.
    pub(super) fn parameter(code: Option<&str>, param: &str, message: &str) -> Self {
        let refusal = Self::request(message).with("param", json!(param));
        match code {
            Some(code) => refusal.code(code),
            None => refusal,
        }
    }

    /// A parameter is not there.
    pub(super) fn missing(param: &str) -> Self {
        Self::parameter(Some("parameter_missing"), param, &format!("Missing required param: {param}."))
    }

    /// Stripe knows the parameter, this server does not play it: a test that needs it must extend the server.
    pub(super) fn unplayed(param: &str) -> Self {
        Self::parameter(None, param, &format!("vendors: this Stripe on loopback does not play {param}"))
    }

    /// An object that is not there, named by a parameter (400) or by the path (404).
    pub(super) fn no_such(kind: &str, id: &str, param: &str, in_path: bool) -> Self {
        let kind = if kind == "payment_method" { "PaymentMethod" } else { kind };
        let mut refusal = Self::parameter(Some("resource_missing"), param, &format!("No such {kind}: '{id}'"));
        if in_path {
            refusal.status = StatusCode::NOT_FOUND;
        }
        refusal
    }

    /// The request is well formed, but not in this state of things; the endpoint had begun.
    pub(super) fn state(code: Option<&str>, message: &str) -> Self {
        let mut refusal = Self::request(message);
        refusal.begun = true;
        match code {
            Some(code) => refusal.code(code),
            None => refusal,
        }
    }

    /// The bank says no: 402.
    pub(super) fn card(code: &str, decline_code: &str, message: &str) -> Self {
        let mut refusal = Self::new(StatusCode::PAYMENT_REQUIRED, "card_error", message)
            .code(code)
            .with("decline_code", json!(decline_code));
        refusal.begun = true;
        refusal
    }

    /// No key, or a wrong one.
    pub(super) fn unauthorized(key: Option<&str>) -> Self {
        let message = match key {
            None => "You did not provide an API key. You need to provide your API key in the Authorization header, \
                     using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY')."
                .to_owned(),
            Some(key) => format!("Invalid API Key provided: {}", stars(key)),
        };
        Self::new(StatusCode::UNAUTHORIZED, "invalid_request_error", &message)
    }

    /// The key was used for something else.
    pub(super) fn other_use(key: &str, what: &str) -> Self {
        let message = format!(
            "Keys for idempotent requests can only be used {what} they were first used {}. Try using a key other than \
             '{key}' if you meant to execute a different request.",
            if what.contains("endpoint") { "for" } else { "with" }
        );
        Self::new(StatusCode::BAD_REQUEST, "idempotency_error", &message)
    }

    /// The first request with this key is not done.
    pub(super) fn in_use(key: &str) -> Self {
        let message = format!(
            "There is currently another in-progress request using this Idempotency-Key: {key}. Please try again later."
        );
        Self::new(StatusCode::CONFLICT, "idempotency_error", &message).code("idempotency_key_in_use")
    }

    /// Something broke at Stripe.
    pub(super) fn broken() -> Self {
        let mut refusal =
            Self::new(StatusCode::INTERNAL_SERVER_ERROR, "api_error", "An unknown error occurred. Contact us.");
        refusal.begun = true;
        refusal
    }

    /// No such endpoint.
    pub(super) fn no_route(method: &str, path: &str) -> Self {
        let mut refusal = Self::request(&format!("Unrecognized request URL ({method}: {path})."));
        refusal.status = StatusCode::NOT_FOUND;
        refusal
    }

    /// The body of the answer.
    pub(super) fn body(&self) -> Value {
        json!({ "error": self.error })
    }
}

/// Stripe shows the start and the last four characters of a key it does not know.
fn stars(key: &str) -> String {
    let all: Vec<char> = key.chars().collect();
    let head = all.len().min(8);
    let tail = all.len().saturating_sub(4).max(head);
    let mut shown: String = all.iter().take(head).collect();
    shown.push_str(&"*".repeat(tail - head));
    shown.extend(all.iter().skip(tail));
    shown
}
