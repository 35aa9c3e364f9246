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
/// Largest answer that is held in memory before it is compressed.
const MAX_BODY_BYTES: usize = 32 * 1024 * 1024;
/// Largest body that goes out: Lambda takes 6 MB of JSON with the headers in it.
const MAX_ANSWER_BYTES: usize = 6 * 1024 * 1024 - 64 * 1024;

/// Nothing from elsewhere, no inline script or style, no frame around us.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The same for a page whose form leads to another origin: browsers count the redirect after it, too.
pub(crate) fn policy_leading_to(origin: &str) -> String {
    CONTENT_SECURITY_POLICY.replace("form-action 'self'", &format!("form-action 'self' {origin}"))
}

/// The same for a page that may stand in a frame on pages of these origins; none where there are none.
pub(crate) fn policy_framed_on(origins: &[String]) -> Option<HeaderValue> {
    let ancestors = format!("frame-ancestors {}", origins.join(" "));
    let policy = CONTENT_SECURITY_POLICY.replace("frame-ancestors 'none'", &ancestors);
    HeaderValue::from_str(&policy).ok().filter(|_| !origins.is_empty())
}

/// What every answer says, the gateway's own too.
pub const SECURITY_HEADERS: [(&str, &str); 7] = [
    ("content-security-policy", CONTENT_SECURITY_POLICY),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("x-robots-tag", "noindex"),
];

/// Said over https only: over http browsers must not heed it (RFC 6797 §7.2), and there it would be a lie.
const HSTS: &str = "max-age=63072000; includeSubDomains";

/// How an answer goes out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Way {
    /// Over https?
    pub(crate) https: bool,
    /// Does the client read gzip?
    pub(crate) gzip: bool,
}

/// An answer that Lambda would not take.
#[derive(Debug)]
pub(crate) struct TooLarge;

/// Adds what every answer has and compresses it where that saves something.
pub(crate) async fn finish(response: Response, request_id: &str, way: Way) -> Result<Response, TooLarge> {
    let (mut parts, body) = response.into_parts();
    for (name, value) in SECURITY_HEADERS {
        parts.headers.entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    }
    if way.https {
        parts.headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HSTS));
    }
    parts.headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if let Ok(value) = HeaderValue::from_str(request_id) {
        parts.headers.insert("x-request-id", value);
    }
    let bytes = axum::body::to_bytes(body, MAX_BODY_BYTES).await.map_err(|_| TooLarge)?;
    let body = if is_compressible(&parts.headers) && bytes.len() > COMPRESS_FROM_BYTES {
        parts.headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if way.gzip { gzip(&mut parts.headers, &bytes) } else { bytes }
    } else {
        bytes
    };
    if bytes_in_json(&parts.headers, &body) > MAX_ANSWER_BYTES {
        return Err(TooLarge);
    }
    Ok(Response::from_parts(parts, Body::from(body)))
}

/// How long a body is in the JSON that Lambda hands over: text with its escapes, everything else in base64.
fn bytes_in_json(headers: &HeaderMap, body: &[u8]) -> usize {
    if !is_compressible(headers) {
        return body.len().div_ceil(3) * 4;
    }
    let escaped = |byte: &u8| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' => 2,
        0..0x20 => 6,
        _ => 1,
    };
    body.iter().map(escaped).sum()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(content_type: &'static str, body: Vec<u8>) -> Response {
        let mut response = Response::new(Body::from(body));
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        response
    }

    #[tokio::test]
    async fn an_answer_that_lambda_would_not_take_is_none() {
        let mb = 1024 * 1024;
        for (content_type, bytes, gzip, fits) in [
            ("application/json", 5 * mb, false, true),
            ("application/json", 6 * mb, false, false),
            // Compressed it fits, however long it was.
            ("application/json", 20 * mb, true, true),
            ("application/json", 33 * mb, true, false),
            ("application/pdf", 4 * mb, true, true),
            ("application/pdf", 5 * mb, true, false),
        ] {
            let finished = finish(answer(content_type, vec![b'x'; bytes]), "req_1", Way { https: true, gzip }).await;
            assert_eq!(finished.is_ok(), fits, "{content_type} {bytes} {gzip}");
        }
        let plain = Way { https: true, gzip: false };
        assert!(finish(answer("text/csv", vec![b'"'; 4 * mb]), "req_1", plain).await.is_err(), "escapes count");
    }

    #[test]
    fn a_page_stands_in_frames_where_the_tenant_says_and_nowhere_else() {
        let on =
            |origins: &[&str]| policy_framed_on(&origins.iter().map(|origin| (*origin).to_owned()).collect::<Vec<_>>());
        assert_eq!(on(&[]), None);
        let policy = on(&["https://a.example", "https://b.example"]).unwrap();
        let policy = policy.to_str().unwrap();
        assert!(policy.ends_with("frame-ancestors https://a.example https://b.example"), "{policy}");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("frame-ancestors 'none'"), "{policy}");
        assert_eq!(on(&["https://a.example\r\nx: y"]), None, "no header value, so no frame");
    }

    #[tokio::test]
    async fn https_is_promised_over_https_only() {
        for https in [true, false] {
            let way = Way { https, gzip: false };
            let finished = finish(answer("text/html", Vec::new()), "req_1", way).await.unwrap();
            assert_eq!(finished.headers().contains_key("strict-transport-security"), https);
        }
    }
}
