//! The paths of the API.

use std::sync::{Arc, Mutex};

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    response::Response,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};

use super::{
    ledger::{Kept, Ledger},
    money, orders,
    problem::Problem,
    seal::{Envelope, chain, genuine},
    vault, views,
};
use crate::{
    server::lock,
    tools::{pairs, tag},
};

/// Largest body that is read.
const BODY: usize = 1024 * 1024;
/// Longest request id.
const KEY: usize = 108;
/// What the access token is for.
const SCOPES: &str = "https://uri.paypal.com/services/payments/realtimepayment \
    https://uri.paypal.com/services/payments/payment/authcapture openid \
    https://uri.paypal.com/services/payments/refund https://uri.paypal.com/services/vault/payment-tokens/read \
    https://uri.paypal.com/services/vault/payment-tokens/readwrite \
    https://uri.paypal.com/services/disputes/read-seller https://uri.paypal.com/services/applications/webhooks";
/// With this one, an account tells its id.
const ATTRIBUTES: &str = "https://uri.paypal.com/services/paypalattributes";

/// What an action did.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) view: Value,
    /// The id that a repeated request shows again.
    pub(super) made: String,
}

impl Done {
    pub(super) fn made(id: &str, view: Value) -> Self {
        Self { view, made: id.to_owned() }
    }
}

/// What was done, or a refusal.
pub(super) type Answer = Result<Done, Problem>;

/// Answers every request.
pub(super) async fn serve(State(books): State<Arc<Mutex<Ledger>>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, BODY).await else { return say("", Err(Problem::missing())) };
    let path = parts.uri.path().trim_matches('/').to_owned();
    let query = pairs(parts.uri.query().unwrap_or_default());
    let mut books = lock(&books);
    books.sweep();
    if let Some(id) = path.strip_prefix("v1/notifications/certs/") {
        return chain(id).map_or_else(|| say(&path, Err(Problem::missing())), certificate);
    }
    if path == "v1/oauth2/token" {
        return say(&path, grant(&mut books, &parts.method, &parts.headers, &bytes));
    }
    if let Err(problem) = enter(&books, &parts.headers) {
        return say(&path, Err(problem));
    }
    let segments: Vec<&str> = path.split('/').collect();
    let answer = match parts.method {
        Method::POST => post(&mut books, &path, &segments, &parts.headers, &bytes),
        Method::GET => get(&books, &segments, &query).map(|view| (200, view)),
        Method::DELETE => match segments.as_slice() {
            ["v3", "vault", "payment-tokens", id] => {
                vault::delete(&mut books, id);
                Ok((204, Value::Null))
            }
            _ => Err(Problem::missing()),
        },
        _ => Err(Problem::missing()),
    };
    say(&path, answer)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn kind(headers: &HeaderMap) -> &str {
    text(headers, "content-type").split(';').next().unwrap_or_default().trim()
}

/// `POST /v1/oauth2/token`: client and secret become an access token.
fn grant(books: &mut Ledger, method: &Method, headers: &HeaderMap, bytes: &[u8]) -> Result<(u16, Value), Problem> {
    if method != Method::POST {
        return Err(Problem::missing());
    }
    if kind(headers) != "application/x-www-form-urlencoded" {
        return Err(Problem::media());
    }
    let basic = text(headers, "authorization").strip_prefix("Basic ").unwrap_or_default();
    let given = STANDARD.decode(basic).ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    if given != format!("{}:{}", books.setup.client_id, books.setup.secret) {
        return Err(Problem::oauth(401, "invalid_client", "Client Authentication failed"));
    }
    let form = pairs(&String::from_utf8_lossy(bytes));
    match form.iter().find(|(name, _)| name == "grant_type").map(|(_, value)| value.as_str()) {
        Some("client_credentials") => {}
        Some(_) => return Err(Problem::oauth(400, "unsupported_grant_type", "unsupported grant_type")),
        None => return Err(Problem::oauth(400, "unsupported_grant_type", "Grant Type is NULL")),
    }
    let (now, life) = (books.now(), books.setup.token_life);
    let token = format!("A21AAJ--{}", tag(books.number()));
    books.access.insert(token.clone(), now + life);
    let scope = if books.setup.attributes { format!("{SCOPES} {ATTRIBUTES}") } else { SCOPES.to_owned() };
    Ok((
        200,
        json!({"scope": scope, "access_token": token, "token_type": "Bearer", "app_id": "APP-80W284485P519543T",
            "expires_in": life, "nonce": format!("{}nonce", views::time(now))}),
    ))
}

/// Without a token the answer is the documented one. To tokens that it does not know, or no longer, PayPal is seen to
/// answer in OAuth's words, in `paypal/Checkout-Java-SDK` issue 24 for example.
fn enter(books: &Ledger, headers: &HeaderMap) -> Result<(), Problem> {
    let token = text(headers, "authorization").strip_prefix("Bearer ").unwrap_or_default();
    match books.access.get(token) {
        Some(until) if *until > books.now() => Ok(()),
        _ if token.is_empty() => Err(Problem::stranger()),
        _ => Err(Problem::oauth(401, "invalid_token", "Access Token not found in cache")),
    }
}

fn get(books: &Ledger, segments: &[&str], query: &[(String, String)]) -> Result<Value, Problem> {
    match segments {
        ["v2", "checkout", "orders", id] => {
            if let Some((name, _)) = query.iter().find(|(name, value)| name != "fields" || value != "payment_source") {
                return Err(Problem::query("INVALID_PARAMETER_VALUE", name));
            }
            orders::show(books, id, true)
        }
        ["v2", "payments", "captures", id] => money::capture(books, id),
        ["v2", "payments", "refunds", id] => money::show(books, id, true),
        ["v3", "vault", "setup-tokens", id] => vault::show_pledge(books, id),
        ["v3", "vault", "payment-tokens"] => vault::list(books, query),
        ["v3", "vault", "payment-tokens", id] => vault::show_token(books, id),
        ["v1", "customer", "disputes", id] => {
            let dispute = books.disputes.get(*id).ok_or_else(Problem::missing)?;
            Ok(views::dispute(books, dispute))
        }
        ["v1", "identity", "oauth2", "userinfo"] => person(books, query),
        _ => Err(Problem::missing()),
    }
}

/// Whose account it is: `payer_id` only with the scope for it, `user_id` always.
fn person(books: &Ledger, query: &[(String, String)]) -> Result<Value, Problem> {
    match query.iter().find(|(name, _)| name == "schema").map(|(_, value)| value.as_str()) {
        Some("paypalv1.1") => {}
        Some(_) => return Err(Problem::query("INVALID_PARAMETER_VALUE", "schema")),
        None => return Err(Problem::query("MISSING_REQUIRED_PARAMETER", "schema")),
    }
    let user = format!("https://www.paypal.com/webapps/auth/identity/user/{}", books.setup.user);
    let mut view = json!({"user_id": user, "sub": user});
    if books.setup.attributes {
        view["payer_id"] = json!(books.setup.merchant_id);
        view["verified_account"] = json!("true");
    }
    Ok(view)
}

fn post(
    books: &mut Ledger,
    path: &str,
    segments: &[&str],
    headers: &HeaderMap,
    bytes: &[u8],
) -> Result<(u16, Value), Problem> {
    // Even without a body: the samples name the type everywhere.
    if kind(headers) != "application/json" {
        return Err(Problem::media());
    }
    if path == "v1/notifications/verify-webhook-signature" {
        return verify(books, bytes).map(|view| (200, view));
    }
    let body = if bytes.is_empty() { Ok(json!({})) } else { serde_json::from_slice::<Value>(bytes) };
    let body = body.ok().filter(Value::is_object);
    let body = body.ok_or_else(|| Problem::invalid("MALFORMED_REQUEST_JSON", "/"))?;
    let (full, key) = (prefers(headers)?, key(headers, segments)?);
    if let Some(key) = &key
        && let Some((_, first, kept)) = books.kept(path, key)
    {
        if segments.first() == Some(&"v3") && *first != body {
            return Err(Problem::refused("PAYPAL_REQUEST_ID_PREVIOUSLY_USED"));
        }
        return match kept {
            Kept::Made(id) => again(books, segments, id, full).map(|view| (200, view)),
            Kept::Declined(problem) => Err(problem.clone()),
        };
    }
    let answer = act(books, segments, &body, full, key.is_some());
    if let Some(key) = key {
        remember(books, path, key, body, &answer);
    }
    answer.map(|done| (201, done.view))
}

/// The answer's size: `Prefer: return=representation` asks for everything.
fn prefers(headers: &HeaderMap) -> Result<bool, Problem> {
    match text(headers, "prefer") {
        "" | "return=minimal" => Ok(false),
        "return=representation" => Ok(true),
        _ => Err(Problem::header("INVALID_PARAMETER_VALUE", "Prefer")),
    }
}

/// The vault insists on a request id.
fn key(headers: &HeaderMap, segments: &[&str]) -> Result<Option<String>, Problem> {
    let key = text(headers, "paypal-request-id");
    match key.chars().count() {
        0 if segments.first() == Some(&"v3") => Err(Problem::header("MISSING_REQUIRED_PARAMETER", "PayPal-Request-Id")),
        0 => Ok(None),
        length if length > KEY => Err(Problem::header("INVALID_STRING_LENGTH", "PayPal-Request-Id")),
        _ => Ok(Some(key.to_owned())),
    }
}

fn act(books: &mut Ledger, segments: &[&str], body: &Value, full: bool, keyed: bool) -> Answer {
    match segments {
        ["v2", "checkout", "orders"] => orders::create(books, body, full, keyed),
        ["v2", "checkout", "orders", id, "capture"] => orders::capture(books, id, body, full),
        ["v2", "payments", "captures", id, "refund"] => money::refund(books, id, body, full),
        ["v3", "vault", "setup-tokens"] => vault::pledge(books, body),
        ["v3", "vault", "payment-tokens"] => vault::token(books, body),
        _ => Err(Problem::missing()),
    }
}

/// What a repeated request shows: the thing as it is now.
fn again(books: &Ledger, segments: &[&str], id: &str, full: bool) -> Result<Value, Problem> {
    match segments {
        ["v2", "checkout", ..] => orders::show(books, id, full),
        ["v2", "payments", ..] => money::show(books, id, full),
        ["v3", "vault", "setup-tokens"] => vault::show_pledge(books, id),
        _ => vault::show_token(books, id),
    }
}

/// A request id is used up by what it made, and by a decline if the account is set so; other refusals leave it free.
fn remember(books: &mut Ledger, path: &str, key: String, body: Value, answer: &Answer) {
    let kept = match answer {
        Ok(done) => Kept::Made(done.made.clone()),
        Err(problem) if problem.issue == "INSTRUMENT_DECLINED" && books.setup.keeps_declines => {
            Kept::Declined(problem.clone())
        }
        Err(_) => return,
    };
    let life = match path.split('/').nth(1) {
        Some("checkout") => books.setup.order_keys,
        Some("payments") => books.setup.payment_keys,
        _ => books.setup.vault_keys,
    };
    let until = books.now() + life;
    books.keys.insert((path.to_owned(), key), (until, body, kept));
}

/// A message that somebody wants to be sure of; the event's bytes count as they came.
#[derive(Debug, Deserialize)]
struct Doubt<'a> {
    auth_algo: String,
    cert_url: String,
    transmission_id: String,
    transmission_sig: String,
    transmission_time: String,
    webhook_id: String,
    #[serde(borrow)]
    webhook_event: &'a RawValue,
}

/// `POST /v1/notifications/verify-webhook-signature`.
fn verify(books: &Ledger, bytes: &[u8]) -> Result<Value, Problem> {
    let body: Value = serde_json::from_slice(bytes).map_err(|_| Problem::invalid("MALFORMED_REQUEST_JSON", "/"))?;
    let fields = "auth_algo cert_url transmission_id transmission_sig transmission_time webhook_id webhook_event";
    if let Some(missing) = fields.split(' ').find(|field| body.get(field).is_none_or(Value::is_null)) {
        return Err(Problem::invalid("MISSING_REQUIRED_PARAMETER", &format!("/{missing}")));
    }
    let doubt: Doubt<'_> =
        serde_json::from_slice(bytes).map_err(|_| Problem::invalid("INVALID_PARAMETER_SYNTAX", "/"))?;
    let own = books.envelope();
    let envelope =
        Envelope { id: doubt.transmission_id, time: doubt.transmission_time, webhook: doubt.webhook_id, ..own };
    let good = doubt.auth_algo == "SHA256withRSA"
        && envelope.webhook == books.setup.webhook_id
        && genuine(&envelope, &doubt.cert_url, &doubt.transmission_sig, doubt.webhook_event.get().as_bytes());
    Ok(json!({"verification_status": if good { "SUCCESS" } else { "FAILURE" }}))
}

fn certificate(chain: String) -> Response {
    let mut response = Response::new(Body::from(chain));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-x509-ca-cert"));
    response
}

fn say(path: &str, answer: Result<(u16, Value), Problem>) -> Response {
    let api = match path.split('/').nth(1) {
        Some("payments") => "payments/v2",
        Some("vault") => "payment-tokens/v3",
        Some("notifications") => "webhooks/v1",
        Some("customer") => "customer-disputes/v1",
        Some("identity") => "identity/v1",
        _ => "orders/v2",
    };
    let (status, body) = answer.unwrap_or_else(|problem| (problem.status, problem.body(api)));
    let text = if body.is_null() { String::new() } else { body.to_string() };
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert("paypal-debug-id", HeaderValue::from_static("f8574efcf7ad9"));
    if status != 204 {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    response
}
