//! The paths of `/v2`.

use std::sync::{Arc, Mutex};

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    response::Response,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde_json::{Value, json};

use super::{
    acts,
    checks::{self, Problem},
    ledger::{Kept, Ledger, Payment},
    views,
};
use crate::{server::lock, tools::pairs};

/// A page has fifty items unless told otherwise.
const PAGE: usize = 50;
/// And at most this many.
const MOST: usize = 250;
/// Largest body that is read.
const BODY: usize = 1024 * 1024;

/// What a call is about.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) query: Vec<(String, String)>,
    pub(super) body: Value,
    /// Where links of the answer point to.
    pub(super) base: String,
}

/// A status and a body, or a refusal.
pub(super) type Answer = Result<(u16, Value), Problem>;

/// Answers every request.
pub(super) async fn serve(State(books): State<Arc<Mutex<Ledger>>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, BODY).await else { return refuse(&Problem::new(413, "The request is too large")) };
    let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("api.mollie.com");
    let mut call = Call {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: pairs(parts.uri.query().unwrap_or_default()),
        body: Value::Null,
        base: format!("http://{host}/v2"),
    };
    let mut books = lock(&books);
    if let Err(problem) = authenticate(&books, &parts.headers) {
        return refuse(&problem);
    }
    if !bytes.is_empty() {
        match serde_json::from_slice(&bytes) {
            Ok(value) => call.body = value,
            Err(_) => return refuse(&Problem::new(400, "The request body is not valid JSON")),
        }
    }
    books.sweep();
    let key = parts.headers.get("idempotency-key").and_then(|key| key.to_str().ok()).map(str::to_owned);
    // Keys are ignored for everything but POST.
    match key.filter(|_| call.method == Method::POST) {
        None => say(route(&mut books, &call), false),
        Some(key) => once(&mut books, &call, key),
    }
}

/// Answers a request with an idempotency key: the first answer again, as long as the key lives.
fn once(books: &mut Ledger, call: &Call, key: String) -> Response {
    let now = books.now();
    if let Some(kept) = books.keys.get(&key).filter(|kept| now - kept.at < books.setup.key_life) {
        if kept.path != call.path || kept.request != call.body {
            return refuse(&Problem::new(400, "The idempotency key was used for a request with other parameters"));
        }
        return say(Ok((kept.status, kept.answer.clone())), true);
    }
    let (status, answer) = route(books, call).unwrap_or_else(|problem| (problem.status, body(&problem)));
    let kept = Kept { path: call.path.clone(), request: call.body.clone(), status, answer: answer.clone(), at: now };
    books.keys.insert(key, kept);
    say(Ok((status, answer)), false)
}

fn authenticate(books: &Ledger, headers: &HeaderMap) -> Result<(), Problem> {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = given.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    if given == books.setup.key && given.starts_with("test_") {
        Ok(())
    } else {
        Err(Problem::new(401, "Missing authentication, or failed to authenticate"))
    }
}

fn route(books: &mut Ledger, call: &Call) -> Answer {
    let segments: Vec<&str> = call.path.trim_start_matches('/').split('/').collect();
    let base = call.base.as_str();
    match (call.method.as_str(), segments.as_slice()) {
        ("POST", ["v2", "payments"]) => acts::create_payment(books, call, None),
        ("GET", ["v2", "payments"]) => payments(books, call, None),
        ("GET", ["v2", "payments", id]) => payment(books, call, id),
        ("DELETE", ["v2", "payments", id]) => acts::cancel_payment(books, call, id),
        ("POST", ["v2", "payments", id, "refunds"]) => acts::create_refund(books, call, id),
        ("GET", ["v2", "payments", id, "refunds"]) => {
            let items = find(books, id)?.refunds.iter().rev();
            let items = items.map(|refund| (refund.id.clone(), views::refund(refund, base))).collect();
            paged(call, "refunds", items)
        }
        ("GET", ["v2", "payments", id, "refunds", refund]) => {
            let found = find(books, id)?.refunds.iter().find(|item| item.id == **refund);
            found.map(|item| (200, views::refund(item, base))).ok_or_else(|| missing("refund", refund))
        }
        ("DELETE", ["v2", "payments", id, "refunds", refund]) => acts::cancel_refund(books, id, refund),
        ("GET", ["v2", "payments", id, "chargebacks"]) => {
            let items = find(books, id)?.chargebacks.iter().rev();
            let items = items.map(|back| (back.id.clone(), views::chargeback(back, base))).collect();
            paged(call, "chargebacks", items)
        }
        ("GET", ["v2", "payments", id, "chargebacks", back]) => {
            let found = find(books, id)?.chargebacks.iter().find(|item| item.id == **back);
            found.map(|item| (200, views::chargeback(item, base))).ok_or_else(|| missing("chargeback", back))
        }
        // `/reference/get-current-profile`: with an API key, the profile that it belongs to.
        ("GET", ["v2", "profiles", "me"]) => Ok((200, views::profile(base))),
        (_, ["v2", "customers", ..]) => customers(books, call, &segments[2..]),
        _ => Err(Problem::new(404, "The requested resource does not exist")),
    }
}

fn customers(books: &mut Ledger, call: &Call, rest: &[&str]) -> Answer {
    let base = call.base.as_str();
    if let [id, ..] = rest
        && !books.customers.contains_key(*id)
    {
        return Err(missing("customer", id));
    }
    match (call.method.as_str(), rest) {
        ("POST", []) => acts::create_customer(books, call),
        ("GET", []) => {
            let items = books.customers.values().rev();
            paged(call, "customers", items.map(|item| (item.id.clone(), views::customer(item, base))).collect())
        }
        ("GET", [id]) => Ok((200, views::customer(&books.customers[*id], base))),
        ("GET", [id, "payments"]) => payments(books, call, Some(id)),
        ("POST", [id, "payments"]) => acts::create_payment(books, call, Some(id)),
        ("POST", [id, "mandates"]) => acts::create_mandate(books, call, id),
        ("GET", [id, "mandates"]) => {
            let items = books.mandates.values().rev().filter(|item| item.customer == **id && !item.gone);
            paged(call, "mandates", items.map(|item| (item.id.clone(), views::mandate(item, base))).collect())
        }
        (method @ ("GET" | "DELETE"), [id, "mandates", mandate]) => {
            let found = books.mandates.get_mut(*mandate).filter(|found| found.customer == **id);
            let found = found.ok_or_else(|| missing("mandate", mandate))?;
            if found.gone {
                return Err(Problem::new(410, format!("The mandate {mandate} is no longer available")));
            }
            if method == "GET" {
                return Ok((200, views::mandate(found, base)));
            }
            found.gone = true;
            found.status = "invalid";
            Ok((204, Value::Null))
        }
        _ => Err(Problem::new(404, "The requested resource does not exist")),
    }
}

/// The refusal for an id that is not there.
pub(super) fn missing(kind: &str, id: &str) -> Problem {
    Problem::new(404, format!("No {kind} exists with token {id}."))
}

/// A payment by its id.
pub(super) fn find<'a>(books: &'a Ledger, id: &str) -> Result<&'a Payment, Problem> {
    books.payments.get(id).ok_or_else(|| missing("payment", id))
}

fn payment(books: &Ledger, call: &Call, id: &str) -> Answer {
    checks::asked(&call.query, &["embed", "include"])?;
    let payment = find(books, id)?;
    let mut view = views::payment(payment, &call.base);
    for (_, names) in call.query.iter().filter(|(name, _)| name == "embed") {
        for name in names.split(',') {
            view["_embedded"][name] = match name {
                "refunds" => payment.refunds.iter().map(|item| views::refund(item, &call.base)).collect(),
                "chargebacks" => payment.chargebacks.iter().map(|item| views::chargeback(item, &call.base)).collect(),
                "captures" => json!([]),
                _ => return Err(Problem { field: Some("embed".into()), ..Problem::new(400, "The embed is invalid") }),
            };
        }
    }
    Ok((200, view))
}

/// Newest first unless `sort=asc`. There is no filter by metadata or description.
fn payments(books: &Ledger, call: &Call, customer: Option<&str>) -> Answer {
    let of = |payment: &&Payment| customer.is_none_or(|id| payment.customer.as_deref() == Some(id));
    let items = books.payments.values().rev().filter(of);
    paged(call, "payments", items.map(|item| (item.id.clone(), views::payment(item, &call.base))).collect())
}

/// One page: `from` is the first id of it.
fn paged(call: &Call, name: &str, mut items: Vec<(String, Value)>) -> Answer {
    checks::asked(&call.query, &["from", "limit", "sort"])?;
    let query = |name: &str| call.query.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str());
    let limit =
        query("limit").map_or(Some(PAGE), |limit| limit.parse().ok()).filter(|limit| (1..=MOST).contains(limit));
    let Some(limit) = limit else {
        return Err(Problem { field: Some("limit".into()), ..Problem::new(400, "The limit is invalid") });
    };
    match query("sort") {
        None | Some("desc") => {}
        Some("asc") => items.reverse(),
        Some(_) => return Err(Problem { field: Some("sort".into()), ..Problem::new(400, "The sort is invalid") }),
    }
    if let Some(from) = query("from") {
        let Some(at) = items.iter().position(|(id, _)| id == from) else {
            return Err(Problem { field: Some("from".into()), ..Problem::new(400, "The from is invalid") });
        };
        items.drain(..at);
    }
    let next = items.get(limit).map(|(id, _)| id.clone());
    items.truncate(limit);
    let at = format!("{}{}", call.base, call.path.trim_start_matches("/v2"));
    let items = items.into_iter().map(|(_, item)| item).collect();
    Ok((200, views::list(name, items, &at, limit, next.as_deref())))
}

fn body(problem: &Problem) -> Value {
    let title = match problem.status {
        400 => "Bad Request",
        401 => "Unauthorized Request",
        404 => "Not Found",
        409 => "Conflict",
        410 => "Gone",
        422 => "Unprocessable Entity",
        _ => "Error",
    };
    let mut body = json!({
        "status": problem.status, "title": title, "detail": problem.detail,
        "_links": {"documentation": {"href": "https://docs.mollie.com/overview/handling-errors", "type": "text/html"}},
    });
    if let Some(field) = &problem.field {
        body["field"] = json!(field);
    }
    body
}

fn refuse(problem: &Problem) -> Response {
    say(Err(problem.clone()), false)
}

fn say(answer: Answer, replayed: bool) -> Response {
    let (status, value) = answer.unwrap_or_else(|problem| (problem.status, body(&problem)));
    let mut response = Response::new(if value.is_null() { Body::empty() } else { Body::from(value.to_string()) });
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/hal+json"));
    if replayed {
        headers.insert("idempotent-replayed", HeaderValue::from_static("true"));
    }
    response
}
