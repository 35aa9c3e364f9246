//! The paths of the API.

use std::sync::{Arc, Mutex};

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    response::Response,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde_json::{Value, json};

use super::{acts, checks::Problem, ledger::Ledger, views};
use crate::{
    server::lock,
    tools::{http_date, pairs},
};

/// A page has fifty items unless told otherwise.
const PAGE: usize = 50;
/// And at most this many.
const MOST: usize = 500;
/// Largest body that is read.
const BODY: usize = 1024 * 1024;
/// The only version of the API.
const VERSION: &str = "2015-07-06";
/// Filters that every list has.
const PAGING: &[&str] =
    &["after", "before", "limit", "created_at[gt]", "created_at[gte]", "created_at[lt]", "created_at[lte]"];

/// A status and a body, or a refusal.
pub(super) type Answer = Result<(u16, Value), Problem>;

/// Answers every request, dated by the account's own clock.
pub(super) async fn serve(State(books): State<Arc<Mutex<Ledger>>>, request: Request) -> Response {
    let mut response = answer(&books, request).await;
    if let Ok(date) = HeaderValue::from_str(&http_date(lock(&books).now())) {
        response.headers_mut().insert(header::DATE, date);
    }
    response
}

async fn answer(books: &Mutex<Ledger>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, BODY).await else {
        return say(Err(Problem::usage(413, "request_too_large", "The request is too large")));
    };
    let mut books = lock(books);
    if let Err(problem) = enter(&books, &parts.headers) {
        return say(Err(problem));
    }
    let body = if bytes.is_empty() { Ok(Value::Null) } else { serde_json::from_slice(&bytes) };
    let Ok(body) = body else {
        return say(Err(Problem::usage(400, "invalid_document_structure", "Invalid document structure")));
    };
    let path = parts.uri.path().trim_matches('/').to_owned();
    let key = parts.headers.get("idempotency-key").and_then(|key| key.to_str().ok()).map(str::to_owned);
    let key = key.filter(|_| parts.method == Method::POST && kept(&path)).map(|key| (path.clone(), key));
    if let Some(made) = key.as_ref().and_then(|key| books.keys.get(key)) {
        return say(Err(Problem::conflict(made)));
    }
    let query = pairs(parts.uri.query().unwrap_or_default());
    let answer = route(&mut books, parts.method.as_str(), &path, &query, &body);
    // A key is used up by what it made; a refusal leaves it free.
    if let (Some(key), Ok((201, view))) = (key, &answer)
        && let Some(id) = view[&path]["id"].as_str()
    {
        books.keys.insert(key, id.to_owned());
    }
    let text = books.setup.text_amounts;
    say(answer.map(|(status, view)| (status, if text { texts(view) } else { view })))
}

/// Writes every amount as text.
fn texts(view: Value) -> Value {
    match view {
        Value::Array(items) => items.into_iter().map(texts).collect(),
        Value::Object(fields) => {
            let each = fields.into_iter().map(|(name, value)| match value {
                Value::Number(number) if name.starts_with("amount") => (name, json!(number.to_string())),
                other => (name, texts(other)),
            });
            Value::Object(each.collect())
        }
        other => other,
    }
}

/// Whether keys count for this path. Flows make a new one every time: the clients have no way to fetch the old one.
fn kept(path: &str) -> bool {
    matches!(path, "billing_requests" | "payments" | "refunds")
}

/// The token and the version. `reason`s are unconfirmed.
fn enter(books: &Ledger, headers: &HeaderMap) -> Result<(), Problem> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let token = header("authorization").strip_prefix("Bearer ").unwrap_or_default();
    if token.is_empty() || token != books.setup.token {
        return Err(Problem::usage(401, "access_token_not_found", "The access token you've used is not valid"));
    }
    match header("gocardless-version") {
        VERSION => Ok(()),
        "" => Err(Problem::usage(400, "version_not_found", "The GoCardless-Version header is missing")),
        _ => Err(Problem::usage(400, "version_not_found", "Version not found")),
    }
}

fn route(books: &mut Ledger, method: &str, path: &str, query: &[(String, String)], body: &Value) -> Answer {
    let segments: Vec<&str> = path.split('/').collect();
    match (method, segments.as_slice()) {
        ("POST", ["billing_requests"]) => acts::create_request(books, body),
        ("POST", ["billing_requests", id, "actions", "cancel"]) => acts::cancel_request(books, id, body),
        ("POST", ["billing_request_flows"]) => acts::create_flow(books, body),
        ("POST", ["billing_request_flows", id, "actions", "initialise"]) => acts::initialise_flow(books, id),
        ("POST", ["payments"]) => acts::create_payment(books, body),
        ("POST", ["payments", id, "actions", "cancel"]) => acts::cancel_payment(books, id, body),
        ("POST", ["payments", id, "actions", "retry"]) => acts::retry_payment(books, id, body),
        ("POST", ["refunds"]) => acts::create_refund(books, body),
        ("POST", ["mandates", id, "actions", "cancel"]) => acts::cancel_mandate(books, id, body),
        ("GET", [kind]) => list(books, kind, query),
        ("GET", [kind, id]) => {
            let found = one(books, kind, id).ok_or_else(Problem::missing)?;
            Ok((200, envelope(kind, found)))
        }
        _ => Err(Problem::missing()),
    }
}

/// One resource.
fn one(books: &Ledger, kind: &str, id: &str) -> Option<Value> {
    match kind {
        "billing_requests" => books.requests.get(id).map(views::request),
        "billing_request_flows" => None,
        "creditors" => (id == views::CREDITOR).then(views::creditor),
        "payments" => books.payments.get(id).map(|payment| views::payment(payment, books)),
        "refunds" => books.refunds.get(id).map(views::refund),
        "mandates" => books.mandates.get(id).map(views::mandate),
        "customers" => books.customers.get(id).map(|created| views::customer(id, *created)),
        "customer_bank_accounts" => {
            books.accounts.get(id).map(|(customer, created)| views::account(id, customer, *created))
        }
        "events" => books.events.iter().find(|event| event["id"] == id).cloned(),
        _ => None,
    }
}

/// Everything of a kind, newest first, and the filters it has. No list can be filtered by metadata.
fn all(books: &Ledger, kind: &str) -> Option<(Vec<Value>, &'static [&'static str])> {
    let found: (Vec<Value>, &'static [&'static str]) = match kind {
        "billing_requests" => (books.requests.values().rev().map(views::request).collect(), &["customer", "status"]),
        "payments" => (
            books.payments.values().rev().map(|payment| views::payment(payment, books)).collect(),
            &["creditor", "currency", "customer", "mandate", "status", "subscription"],
        ),
        "refunds" => {
            (books.refunds.values().rev().map(views::refund).collect(), &["mandate", "payment", "refund_type"])
        }
        "mandates" => (
            books.mandates.values().rev().map(views::mandate).collect(),
            &["creditor", "customer", "customer_bank_account", "reference", "status"],
        ),
        "creditors" => (vec![views::creditor()], &[]),
        "events" => (
            books.events.iter().rev().cloned().collect(),
            &["action", "billing_request", "mandate", "payment", "payout", "refund", "resource_type", "parent_event"],
        ),
        _ => return None,
    };
    Some(found)
}

fn list(books: &Ledger, kind: &str, query: &[(String, String)]) -> Answer {
    let (items, filters) = all(books, kind).ok_or_else(Problem::missing)?;
    let known = |name: &str| PAGING.contains(&name) || filters.contains(&name);
    if let Some((name, _)) = query.iter().find(|(name, _)| !known(name)) {
        // Unconfirmed, but a filter that is ignored would let a caller believe that he saw everything.
        return Err(Problem::usage(400, "bad_request", &format!("Unknown query parameter {name}")));
    }
    // `EventService.cs`: `resource_type` „cannot be used together with the `payment`, `mandate`, … parameter".
    let is_given = |name: &str| query.iter().any(|(key, _)| key == name);
    let one_thing = ["payment", "mandate", "refund", "payout"].iter().any(|name| is_given(name));
    if kind == "events" && is_given("resource_type") && one_thing {
        return Err(Problem::usage(400, "bad_request", "resource_type cannot be used together with one resource"));
    }
    let given = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let limit =
        given("limit").map_or(Some(PAGE), |limit| limit.parse().ok()).filter(|limit| (1..=MOST).contains(limit));
    let limit = limit.ok_or_else(|| Problem::usage(400, "bad_request", "Limit must be between 1 and 500"))?;
    let fits = |item: &Value| {
        filters.iter().all(|name| given(name).is_none_or(|value| holds(books, item, name, value)))
            && within(item, &given)
    };
    let items: Vec<Value> = items.into_iter().filter(fits).collect();
    let place = |id: &str| items.iter().position(|item| item["id"] == id);
    let lost = || Problem::usage(400, "invalid_cursor", "The cursor does not exist");
    let start = match (given("after"), given("before")) {
        (Some(id), _) => place(id).ok_or_else(lost)? + 1,
        (None, Some(id)) => place(id).ok_or_else(lost)?.saturating_sub(limit),
        (None, None) => 0,
    };
    let end = match given("before").and_then(place) {
        Some(end) if given("after").is_none() => end,
        _ => items.len().min(start + limit),
    };
    let page = &items[start.min(end)..end];
    let edge = |more: bool, item: Option<&Value>| item.filter(|_| more).map(|item| item["id"].clone());
    let after = edge(end < items.len(), page.last());
    let before = edge(start > 0, page.first());
    Ok((200, json!({kind: page, "meta": {"cursors": {"before": before, "after": after}, "limit": limit}})))
}

/// Whether an item has this value, itself or under `links`.
fn holds(books: &Ledger, item: &Value, name: &str, value: &str) -> bool {
    if name == "refund_type" {
        return value == "payment";
    }
    if name == "customer" && item["links"].get("customer").is_none() {
        let id = item["id"].as_str().unwrap_or_default();
        return books.payments.get(id).is_some_and(|payment| payment.customer.as_deref() == Some(value));
    }
    item.get(name).filter(|found| found.is_string()).unwrap_or(&item["links"][name]) == value
}

/// `created_at[…]`: times compare as text up to the second.
fn within<'a>(item: &Value, given: &impl Fn(&str) -> Option<&'a str>) -> bool {
    let cut = |text: &str| text.chars().take(19).collect::<String>();
    let at = cut(item["created_at"].as_str().unwrap_or_default());
    given("created_at[gt]").is_none_or(|bound| at > cut(bound))
        && given("created_at[gte]").is_none_or(|bound| at >= cut(bound))
        && given("created_at[lt]").is_none_or(|bound| at < cut(bound))
        && given("created_at[lte]").is_none_or(|bound| at <= cut(bound))
}

/// `{"payments": {…}}`.
pub(super) fn envelope(kind: &str, view: Value) -> Value {
    json!({kind: view})
}

fn say(answer: Answer) -> Response {
    let (status, body) = answer.unwrap_or_else(|problem| (problem.status, problem.body()));
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
