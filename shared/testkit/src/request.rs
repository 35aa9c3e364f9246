//! One request as the wire would carry it, put together step by step.

use std::net::IpAddr;

use axum::body::Bytes;
use http::Method;
use local::SourceIp;
use serde_json::Value;

/// A request to the front door.
#[derive(Debug, Clone)]
pub struct Request {
    method: Method,
    path: String,
    headers: Vec<(String, String)>,
    body: Bytes,
    from: Option<IpAddr>,
}

impl Request {
    /// A request to an address of a host.
    #[must_use]
    pub fn new(method: &str, host: &str, path: &str) -> Self {
        let method = method.parse().unwrap_or_else(|_| panic!("{method} is no method"));
        let headers = vec![("host".to_owned(), host.to_owned())];
        Self { method, path: path.to_owned(), headers, body: Bytes::new(), from: None }
    }

    /// With a header more.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With a header instead of the one it had.
    #[must_use]
    pub fn instead(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(own, _)| own != name);
        self.header(name, value)
    }

    /// Without a header.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(own, _)| own != name);
        self
    }

    /// With a body of a content type.
    #[must_use]
    pub fn body(mut self, content_type: &str, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self.header("content-type", content_type)
    }

    /// With a JSON body.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    /// With a form.
    #[must_use]
    pub fn form(self, fields: &[(&str, &str)]) -> Self {
        let encoded = fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
        self.body("application/x-www-form-urlencoded", encoded.collect::<Vec<_>>().join("&"))
    }

    /// Asked from this address.
    #[must_use]
    pub fn from(mut self, address: IpAddr) -> Self {
        self.from = Some(address);
        self
    }

    pub(crate) fn what(&self) -> String {
        let host = self.headers.iter().find(|(name, _)| name == "host").map_or("-", |(_, host)| host.as_str());
        format!("{} {host}{}", self.method, self.path)
    }

    pub(crate) fn build(self) -> http::Request<Bytes> {
        let what = self.what();
        let mut request = http::Request::builder().method(self.method).uri(&self.path);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let mut request = request.body(self.body).unwrap_or_else(|error| panic!("{what}: {error}"));
        if let Some(from) = self.from {
            request.extensions_mut().insert(SourceIp(from));
        }
        request
    }
}

/// A value of a form or query.
#[must_use]
pub(crate) fn encode(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
