//! The front door: stands where API Gateway stands on AWS, with its limits and its way of calling functions.
//!
//! A function's router is called through lambda_http's own adapter with an event in JSON, never directly: so what
//! differs on AWS (one value per header, decoded paths, base64, sizes) differs here too.

mod answer;
mod event;
mod server;

pub use server::serve;

use crate::rights;
use answer::Answer;
use axum::{
    Router,
    body::Bytes,
    http::{Request, Response, StatusCode},
};
use event::Event;
use futures_util::FutureExt;
use lambda_http::{Adapter, Context, LambdaEvent, Service, request::LambdaRequest};
use std::{fmt, net::IpAddr, panic::AssertUnwindSafe, sync::Arc};

/// What API Gateway takes from the wire.
pub const MAX_WIRE_BYTES: usize = 10 * 1024 * 1024;
/// What Lambda takes and gives: the JSON event and the JSON answer, base64 included.
pub const MAX_EVENT_BYTES: usize = 6 * 1024 * 1024;
/// Request line and headers together.
pub const MAX_HEAD_BYTES: usize = 10_240;

/// The function that gets every path which no other function lists.
const DEFAULT_FUNCTION: &str = "customer";

/// A function of the portal, as the gateway sees it.
#[derive(Debug, Clone)]
pub struct Function {
    pub name: &'static str,
    /// Patterns in axum's notation, `/invoices/{number}`.
    pub paths: Vec<String>,
    pub router: Router,
}

/// Who asks; put it into a request's extensions to ask from elsewhere than this machine.
#[derive(Debug, Clone, Copy)]
pub struct SourceIp(pub IpAddr);

/// Routes requests to functions. Clones share the functions.
#[derive(Clone)]
pub struct Gateway(Arc<Inner>);

struct Inner {
    functions: Vec<Function>,
    routes: matchit::Router<Route>,
}

#[derive(Clone)]
struct Route {
    function: usize,
    /// `ANY /invoices/{number}`, or `$default`.
    key: String,
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway").field("functions", &self.0.functions).finish()
    }
}

impl Gateway {
    /// # Errors
    /// When two functions claim the same path.
    pub fn new(functions: Vec<Function>) -> Result<Self, String> {
        let mut routes = matchit::Router::new();
        for (place, function) in functions.iter().enumerate() {
            for path in &function.paths {
                let route = Route { function: place, key: format!("ANY {path}") };
                let clash = |error| format!("{} cannot have {path}: {error}", function.name);
                routes.insert(path.as_str(), route).map_err(clash)?;
            }
        }
        Ok(Self(Arc::new(Inner { functions, routes })))
    }

    /// Answers one request as AWS would.
    pub async fn call(&self, request: Request<Bytes>) -> Response<Bytes> {
        let id = event::request_id();
        let response = match self.answer(&id, &request).await {
            Ok(answer) => answer.into_response(),
            Err(refusal) => refusal.into_response(),
        };
        named(response, &id)
    }

    async fn answer(&self, id: &str, request: &Request<Bytes>) -> Result<Answer, Refusal> {
        if request.body().len() > MAX_WIRE_BYTES || event::head_bytes(request) > MAX_HEAD_BYTES {
            return Err(Refusal::TOO_LARGE);
        }
        let path = event::decoded_path(request).ok_or(Refusal::BAD_REQUEST)?;
        let Found { function, route_key, parameters } = self.route(&path).ok_or(Refusal::NOT_FOUND)?;
        let event = Event { id, request, path: &path, route_key, parameters }.to_json();
        if event.len() > MAX_EVENT_BYTES {
            return Err(Refusal::TOO_LARGE);
        }
        if !event::is_addressable(request, &path) {
            return Err(Refusal::BAD_REQUEST);
        }
        let answer = invoke(function, &event, id).await?;
        if answer.len() > MAX_EVENT_BYTES {
            tracing::error!(function = function.name, bytes = answer.len(), "the answer is larger than Lambda allows");
            return Err(Refusal::FAILED);
        }
        serde_json::from_slice(&answer).map_err(|_| Refusal::FAILED)
    }

    fn route(&self, path: &str) -> Option<Found<'_>> {
        let Inner { functions, routes } = &*self.0;
        if let Ok(found) = routes.at(path) {
            let parameters = found.params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            let function = functions.get(found.value.function)?;
            return Some(Found { function, route_key: &found.value.key, parameters });
        }
        let function = functions.iter().find(|function| function.name == DEFAULT_FUNCTION)?;
        Some(Found { function, route_key: "$default", parameters: Vec::new() })
    }
}

/// Every answer says the gateway's number of its request, and a number to ask staff by.
fn named(mut response: Response<Bytes>, id: &str) -> Response<Bytes> {
    if let Ok(id) = axum::http::HeaderValue::from_str(id) {
        response.headers_mut().entry("x-request-id").or_insert_with(|| id.clone());
        response.headers_mut().insert("apigw-requestid", id);
    }
    response
}

/// Who is to answer, and what the path says to them.
struct Found<'a> {
    function: &'a Function,
    route_key: &'a str,
    parameters: Vec<(String, String)>,
}

/// The function's answer in JSON, as Lambda would hand it over.
async fn invoke(function: &Function, event: &[u8], id: &str) -> Result<Vec<u8>, Refusal> {
    let payload: LambdaRequest = serde_json::from_slice(event).map_err(|_| Refusal::BAD_REQUEST)?;
    let mut context = Context::default();
    context.request_id = id.to_owned();
    let answering = {
        let mut adapter = Adapter::from(function.router.clone());
        adapter.call(LambdaEvent::new(payload, context))
    };
    match AssertUnwindSafe(rights::of(function.name, answering)).catch_unwind().await {
        Ok(Ok(answer)) => serde_json::to_vec(&answer).map_err(|_| Refusal::FAILED),
        Ok(Err(never)) => match never {},
        Err(_) => {
            tracing::error!(function = function.name, "the function panicked");
            Err(Refusal::FAILED)
        }
    }
}

/// What the gateway answers by itself.
struct Refusal(StatusCode, &'static str);

impl Refusal {
    const BAD_REQUEST: Self = Self(StatusCode::BAD_REQUEST, "Bad Request");
    const NOT_FOUND: Self = Self(StatusCode::NOT_FOUND, "Not Found");
    const TOO_LARGE: Self = Self(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
    /// HTTP APIs answer 500 where REST APIs answer 502.
    const FAILED: Self = Self(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error");
    const TIMED_OUT: Self = Self(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable");

    fn into_response(self) -> Response<Bytes> {
        let mut response = Response::new(Bytes::from(format!(r#"{{"message":"{}"}}"#, self.1)));
        *response.status_mut() = self.0;
        let json = axum::http::HeaderValue::from_static("application/json");
        let headers = response.headers_mut();
        headers.insert(axum::http::header::CONTENT_TYPE, json);
        for (name, value) in web::SECURITY_HEADERS {
            headers.insert(name, axum::http::HeaderValue::from_static(value));
        }
        response
    }
}
