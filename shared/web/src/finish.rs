//! What every answer gets: security headers, the request's id, compression.

use std::io::Write;

use axum::{
    body::{Body, Bytes},
    response::Response,
};
use flate2::{Compression, write::GzEncoder};
use http::{HeaderMap, HeaderName, HeaderValue, header};

/// Bodies above this are compressed; the gateway does not do it.
const COMPRESS_FROM_BYTES: usize = 1_024;
/// Largest answer that is held in memory, as the gateway's own limit.
const MAX_ANSWER_BYTES: usize = 8 * 1024 * 1024;

/// Nothing from elsewhere, no inline script or style, no frame around us.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The same for a page whose form leads to another origin: browsers count the redirect after it, too.
pub(crate) fn policy_leading_to(origin: &str) -> String {
    CONTENT_SECURITY_POLICY.replace("form-action 'self'", &format!("form-action 'self' {origin}"))
}

const HEADERS: [(&str, &str); 8] = [
    ("content-security-policy", CONTENT_SECURITY_POLICY),
    ("strict-transport-security", "max-age=63072000; includeSubDomains"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("x-robots-tag", "noindex"),
];

/// Adds what every answer has and compresses it where that saves something.
pub(crate) async fn finish(response: Response, request_id: &str, accepts_gzip: bool) -> Response {
    let (mut parts, body) = response.into_parts();
    for (name, value) in HEADERS {
        parts.headers.entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    }
    parts.headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if let Ok(value) = HeaderValue::from_str(request_id) {
        parts.headers.insert("x-request-id", value);
    }
    let Ok(bytes) = axum::body::to_bytes(body, MAX_ANSWER_BYTES).await else {
        return Response::from_parts(parts, Body::empty());
    };
    let body = if is_compressible(&parts.headers) && bytes.len() > COMPRESS_FROM_BYTES {
        parts.headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if accepts_gzip { gzip(&mut parts.headers, &bytes) } else { bytes }
    } else {
        bytes
    };
    Response::from_parts(parts, Body::from(body))
}

fn is_compressible(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let text = [
        "text/",
        "application/json",
        "application/problem+json",
        "application/xml",
        "application/x-ndjson",
        "image/svg",
    ];
    text.iter().any(|prefix| content_type.starts_with(prefix)) && !headers.contains_key(header::CONTENT_ENCODING)
}

fn gzip(headers: &mut HeaderMap, bytes: &Bytes) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 3), Compression::new(6));
    match encoder.write_all(bytes).and_then(|()| encoder.finish()) {
        Ok(packed) => {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            packed.into()
        }
        Err(_) => bytes.clone(),
    }
}

/// Does the client read gzip?
pub(crate) fn accepts_gzip(headers: &HeaderMap) -> bool {
    let value = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(',').any(|part| {
        let mut parts = part.split(';');
        let gzip = parts.next().is_some_and(|name| name.trim().eq_ignore_ascii_case("gzip"));
        gzip && !parts.any(|parameter| parameter.trim() == "q=0")
    })
}
