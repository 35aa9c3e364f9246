//! From a request to the event of an HTTP API, payload version 2.0, with that version's losses.

use super::SourceIp;
use axum::{
    body::Bytes,
    http::{HeaderMap, HeaderName, Request, Uri, header},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use std::{
    net::{IpAddr, Ipv4Addr},
    sync::atomic::{AtomicU32, Ordering},
};
use url::{Url, form_urlencoded};

const FORWARDED_PROTO: &str = "x-forwarded-proto";

/// Everything that an event is made of.
pub(super) struct Event<'a> {
    pub(super) id: &'a str,
    pub(super) request: &'a Request<Bytes>,
    /// Decoded once.
    pub(super) path: &'a str,
    pub(super) route_key: &'a str,
    pub(super) parameters: Vec<(String, String)>,
}

impl Event<'_> {
    pub(super) fn to_json(&self) -> Vec<u8> {
        let request = self.request;
        let host = host(request);
        let query = request.uri().query().unwrap_or_default();
        let (body, is_base64) = body(request);
        let mut event = json!({
            "version": "2.0",
            "routeKey": self.route_key,
            "rawPath": self.path,
            "rawQueryString": query,
            "headers": headers(request, &host),
            "requestContext": {
                "accountId": "000000000000",
                "apiId": "local",
                "domainName": without_port(&host),
                "domainPrefix": host.split('.').next(),
                "requestId": self.id,
                "routeKey": self.route_key,
                "stage": "$default",
                "timeEpoch": web::Clock::system().now().as_millisecond(),
                "http": {
                    "method": request.method().as_str(),
                    "path": self.path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": source_ip(request),
                    "userAgent": request.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()),
                },
            },
            "isBase64Encoded": is_base64,
        });
        let optional = [
            ("cookies", cookies(request.headers())),
            ("queryStringParameters", joined(form_urlencoded::parse(query.as_bytes()))),
            ("pathParameters", joined(self.parameters.iter().map(|(name, value)| (name, value)))),
            ("body", body.map(Value::String)),
        ];
        for (name, value) in optional {
            if let Some(value) = value {
                event[name] = value;
            }
        }
        event.to_string().into_bytes()
    }
}

/// The size of request line and headers on the wire.
pub(super) fn head_bytes(request: &Request<Bytes>) -> usize {
    let target = request.uri().path_and_query().map_or(1, |target| target.as_str().len());
    let line = request.method().as_str().len() + target + "  HTTP/1.1\r\n".len();
    let headers = request.headers().iter();
    line + headers.map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len()).sum::<usize>()
}

/// The path as the gateway hands it on: decoded once. Nothing for what is no text then.
pub(super) fn decoded_path(request: &Request<Bytes>) -> Option<String> {
    let path = percent_decode_str(request.uri().path()).decode_utf8().ok()?;
    path.starts_with('/').then(|| path.into_owned())
}

/// Whether lambda_http will be able to build a URL; it panics otherwise, and a host with a slash would move the path.
pub(super) fn is_addressable(request: &Request<Bytes>, path: &str) -> bool {
    let host = host(request);
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte);
    let url = Url::parse(&format!("https://{host}{path}"));
    !host.is_empty() && host.bytes().all(is_plain) && url.is_ok_and(|url| Uri::try_from(url.as_str()).is_ok())
}

/// Different for each request of this process.
pub(super) fn request_id() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let millis = web::Clock::system().now().as_millisecond();
    format!("{millis:x}-{:08x}", COUNT.fetch_add(1, Ordering::Relaxed))
}

fn host(request: &Request<Bytes>) -> String {
    let header = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let target = request.uri().authority().map(axum::http::uri::Authority::as_str);
    header.or(target).unwrap_or("localhost").to_owned()
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

fn source_ip(request: &Request<Bytes>) -> IpAddr {
    request.extensions().get::<SourceIp>().map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |source| source.0)
}

/// Headers of one name come joined; cookies have a field of their own; who forwarded what is the gateway's to say.
fn headers(request: &Request<Bytes>, host: &str) -> Map<String, Value> {
    const NOT_PASSED_ON: [HeaderName; 6] =
        [header::COOKIE, header::CONNECTION, header::TE, header::TRAILER, header::TRANSFER_ENCODING, header::UPGRADE];
    let sent = request.headers();
    let mut passed_on = Map::new();
    for name in sent.keys().filter(|name| !NOT_PASSED_ON.contains(name)) {
        let values = sent.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
        passed_on.insert(name.to_string(), values.collect::<Vec<_>>().join(",").into());
    }
    let source = source_ip(request);
    let forwarded_for = match passed_on.get("x-forwarded-for").and_then(Value::as_str) {
        Some(before) => format!("{before}, {source}"),
        None => source.to_string(),
    };
    passed_on.insert("host".to_owned(), host.into());
    passed_on.insert("x-forwarded-for".to_owned(), forwarded_for.into());
    passed_on.insert("x-forwarded-port".to_owned(), "443".into());
    passed_on.insert(FORWARDED_PROTO.to_owned(), "https".into());
    passed_on
}

fn cookies(headers: &HeaderMap) -> Option<Value> {
    let sent = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let cookies: Vec<&str> = sent.flat_map(|line| line.split(';').map(str::trim)).collect();
    (!cookies.is_empty()).then(|| cookies.into())
}

/// Name to value; several values of one name stand with commas between them.
fn joined(pairs: impl Iterator<Item = (impl AsRef<str>, impl AsRef<str>)>) -> Option<Value> {
    let mut map = Map::new();
    for (name, value) in pairs {
        let value = match map.get(name.as_ref()).and_then(Value::as_str) {
            Some(before) => format!("{before},{}", value.as_ref()),
            None => value.as_ref().to_owned(),
        };
        map.insert(name.as_ref().to_owned(), value.into());
    }
    (!map.is_empty()).then_some(Value::Object(map))
}

/// The content type decides whether a body comes as text or in base64. Forms come in base64.
fn body(request: &Request<Bytes>) -> (Option<String>, bool) {
    let bytes = request.body();
    if bytes.is_empty() {
        return (None, false);
    }
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    match std::str::from_utf8(bytes) {
        Ok(text) if is_text(content_type.unwrap_or_default()) => (Some(text.to_owned()), false),
        _ => (Some(STANDARD.encode(bytes)), true),
    }
}

fn is_text(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind.starts_with("text/")
        || ["application/json", "application/xml", "application/javascript"].contains(&kind.as_str())
        || kind.ends_with("+json")
        || kind.ends_with("+xml")
}
