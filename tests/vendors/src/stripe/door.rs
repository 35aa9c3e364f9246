//! The door: key, version, idempotency, then the endpoint.

use std::sync::Arc;

use axum::{
    Json, Router,
    body::to_bytes,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, request::Parts};
use serde_json::Value;

use super::{
    Shop,
    books::{Books, Remembered},
    form::Params,
    intents, look, objects, people,
    refuse::Refusal,
    rules, sessions,
};
use crate::server::lock;

/// How long a key is remembered: Stripe removes keys that are at least this old, so it may be gone a second later.
pub(super) const REMEMBERED: i64 = 24 * 3600;
/// Longest key.
const LONGEST_KEY: usize = 255;
/// Largest body that is read.
const MAX_BODY: usize = 1024 * 1024;

/// One request.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) params: Params,
    pub(super) version: String,
    /// The form as it came.
    body: Vec<u8>,
    /// `Idempotency-Key`.
    key: Option<String>,
    /// `req_…`
    id: String,
}

/// What goes out.
struct Answer {
    status: StatusCode,
    body: Value,
    /// The request whose answer this is, when it was remembered.
    first: Option<String>,
}

/// The API as a router.
pub(super) fn router(shop: Arc<Shop>) -> Router {
    Router::new().fallback(enter).with_state(shop)
}

async fn enter(State(shop): State<Arc<Shop>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY).await else { return StatusCode::PAYLOAD_TOO_LARGE.into_response() };
    let id = lock(&shop.books).id("req_");
    let call = match admitted(&shop, &parts, body.to_vec(), id.clone()) {
        Ok(call) => call,
        Err(refusal) => return written(&Answer::refused(&refusal), &id, None, None),
    };
    let (key, version) = (call.key.clone(), call.version.clone());
    // A caller that hangs up does not stop what it asked for.
    let work = tokio::spawn(async move { answered(&shop, &call).await });
    match work.await {
        Ok(answer) => written(&answer, &id, key.as_deref(), Some(&version)),
        Err(_) => StatusCode::BAD_GATEWAY.into_response(),
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn admitted(shop: &Shop, parts: &Parts, body: Vec<u8>, id: String) -> Result<Call, Refusal> {
    let key = header(&parts.headers, "authorization").and_then(|value| value.strip_prefix("Bearer "));
    if key != Some(shop.key.as_str()) {
        return Err(Refusal::unauthorized(key));
    }
    // Stripe would take the account's own version. Here it must be pinned.
    let Some(version) = header(&parts.headers, "stripe-version") else {
        return Err(Refusal::request("vendors: every request must pin a version with the header Stripe-Version"));
    };
    if !rules::VERSIONS.contains(&version) {
        return Err(Refusal::request(&format!("Invalid Stripe API version: {version}.")));
    }
    let post = parts.method == Method::POST;
    let form = header(&parts.headers, "content-type").unwrap_or_default();
    if post && !body.is_empty() && !form.starts_with("application/x-www-form-urlencoded") {
        let message = "Invalid request: the Content-Type must be application/x-www-form-urlencoded.";
        return Err(Refusal::request(message));
    }
    let own = header(&parts.headers, "idempotency-key").filter(|_| post);
    if own.is_some_and(|own| own.is_empty() || own.len() > LONGEST_KEY) {
        return Err(Refusal::request("Idempotency-Key must be 1 to 255 characters long."));
    }
    let query = parts.uri.query().unwrap_or_default();
    let params = Params::read(if post { &body } else { query.as_bytes() });
    Ok(Call {
        method: parts.method.clone(),
        path: parts.uri.path().to_owned(),
        params,
        version: version.to_owned(),
        body,
        key: own.map(str::to_owned),
        id,
    })
}

async fn answered(shop: &Shop, call: &Call) -> Answer {
    if let Some(known) = begin(shop, call) {
        return known;
    }
    if call.method == Method::POST {
        let mut held = shop.held.subscribe();
        // Ends at once unless a test holds requests back; an error means that the server is gone.
        let _ = held.wait_for(|held| !held).await;
    }
    let mut books = lock(&shop.books);
    let crash = if call.method == Method::POST { books.crashes.pop_front() } else { None };
    books.tick(shop.now());
    books.cause = (Some(call.id.clone()), call.key.clone());
    let done = match crash {
        Some(false) => Err(Refusal::broken()),
        Some(true) => act(&mut books, call).and_then(|_| Err(Refusal::broken())),
        None => act(&mut books, call),
    };
    books.cause = (None, None);
    if let Some(key) = &call.key {
        match &done {
            Err(refusal) if !refusal.begun => drop(books.keys.remove(key)),
            done => {
                if let Some(remembered) = books.keys.get_mut(key) {
                    let answer = Answer::of(done);
                    remembered.answer = Some((answer.status.as_u16(), answer.body, call.id.clone()));
                }
            }
        }
    }
    Answer::of(&done)
}

/// Takes the key, or tells what is known of it.
fn begin(shop: &Shop, call: &Call) -> Option<Answer> {
    let key = call.key.as_ref()?;
    let now = shop.now();
    let mut books = lock(&shop.books);
    books.keys.retain(|_, remembered| now - remembered.at < REMEMBERED || remembered.answer.is_none());
    let Some(first) = books.keys.get(key) else {
        let fresh = Remembered { at: now, path: call.path.clone(), body: call.body.clone(), answer: None };
        books.keys.insert(key.clone(), fresh);
        return None;
    };
    let refusal = if first.path != call.path {
        Refusal::other_use(key, "for the same endpoint")
    } else if Params::read(&first.body) != call.params {
        Refusal::other_use(key, "with the same parameters")
    } else if let Some((status, body, id)) = &first.answer {
        let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        return Some(Answer { status, body: body.clone(), first: Some(id.clone()) });
    } else {
        Refusal::in_use(key)
    };
    Some(Answer::refused(&refusal))
}

fn act(books: &mut Books, call: &Call) -> Result<Value, Refusal> {
    let parts: Vec<&str> = call.path.trim_matches('/').split('/').collect();
    let Some((&"v1", parts)) = parts.split_first() else {
        return Err(Refusal::no_route(call.method.as_str(), &call.path));
    };
    let done = if call.method == Method::POST { change(books, call, parts) } else { read(books, call, parts) };
    look::expanded(books, call, done?)
}

fn change(books: &mut Books, call: &Call, parts: &[&str]) -> Result<Value, Refusal> {
    match parts {
        ["checkout", "sessions"] => sessions::create(books, call),
        ["checkout", "sessions", id, "expire"] => sessions::expire(books, call, id),
        ["payment_intents"] => intents::create(books, call),
        ["refunds"] => intents::refund(books, call),
        ["customers"] => people::customer(books, call, None),
        ["customers", id] => people::customer(books, call, Some(id)),
        ["payment_methods", id, "detach"] => people::detach(books, call, id),
        _ => Err(Refusal::no_route(call.method.as_str(), &call.path)),
    }
}

fn read(books: &Books, call: &Call, parts: &[&str]) -> Result<Value, Refusal> {
    if call.method != Method::GET {
        return Err(Refusal::no_route(call.method.as_str(), &call.path));
    }
    match parts {
        ["account"] => Ok(objects::account(books)),
        ["checkout", "sessions"] => {
            look::list(books, call, "checkout.session", &["payment_intent", "customer", "status"])
        }
        ["checkout", "sessions", id] => look::one(books, call, "checkout.session", id),
        ["payment_intents"] => look::list(books, call, "payment_intent", &["customer"]),
        ["payment_intents", id] => look::one(books, call, "payment_intent", id),
        ["setup_intents"] => look::list(books, call, "setup_intent", &["customer", "payment_method"]),
        ["setup_intents", id] => look::one(books, call, "setup_intent", id),
        ["charges"] => look::list(books, call, "charge", &["payment_intent", "customer"]),
        ["charges", id] => look::one(books, call, "charge", id),
        ["refunds"] => look::list(books, call, "refund", &["payment_intent", "charge"]),
        ["refunds", id] => look::one(books, call, "refund", id),
        ["disputes"] => look::list(books, call, "dispute", &["payment_intent", "charge"]),
        ["disputes", id] => look::one(books, call, "dispute", id),
        ["mandates", id] => look::one(books, call, "mandate", id),
        ["customers"] => look::list(books, call, "customer", &["email"]),
        ["customers", id] => look::one(books, call, "customer", id),
        ["customers", id, "payment_methods"] => people::methods(books, call, id),
        ["payment_methods", id] => look::one(books, call, "payment_method", id),
        ["events"] => look::list(books, call, "event", &["type"]),
        ["events", id] => look::one(books, call, "event", id),
        _ => Err(Refusal::no_route(call.method.as_str(), &call.path)),
    }
}

impl Answer {
    fn of(done: &Result<Value, Refusal>) -> Self {
        match done {
            Ok(body) => Self { status: StatusCode::OK, body: body.clone(), first: None },
            Err(refusal) => Self::refused(refusal),
        }
    }

    fn refused(refusal: &Refusal) -> Self {
        Self { status: refusal.status, body: look::shown(refusal.body()), first: None }
    }
}

fn written(answer: &Answer, id: &str, key: Option<&str>, version: Option<&str>) -> Response {
    let mut response = (answer.status, Json(&answer.body)).into_response();
    let headers = response.headers_mut();
    let mut put = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    put("request-id", id);
    if let Some(version) = version {
        put("stripe-version", version);
    }
    if let Some(key) = key {
        put("idempotency-key", key);
        put("original-request", answer.first.as_deref().unwrap_or(id));
    }
    if answer.first.is_some() {
        put("idempotent-replayed", "true");
    }
    response
}
