//! An answer, and the sentences a test says about it. Each returns the answer, so that they can be chained.

use axum::body::Bytes;
use http::{HeaderMap, Response};
use serde_json::Value;

use crate::{logs, visible};

/// Most characters of a body that a failing test repeats.
const REPEATED: usize = 1_500;

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    what: String,
    status: u16,
    headers: HeaderMap,
    body: Bytes,
}

impl Answer {
    pub(crate) fn new(what: String, response: Response<Bytes>) -> Self {
        let (parts, body) = response.into_parts();
        Self { what, status: parts.status.as_u16(), headers: parts.headers, body }
    }

    /// It has this status.
    #[track_caller]
    pub fn status(self, wanted: u16) -> Self {
        assert_eq!(self.status, wanted, "{}: {}", self.what, short(&self.text()));
        self
    }

    /// It is JSON of RFC 9457 with this code, or the page with this code's status.
    #[track_caller]
    pub fn problem(self, code: &str) -> Self {
        if self.header("content-type") == "application/problem+json" {
            let body = self.json();
            assert_eq!(body["code"], code, "{}: {body}", self.what);
            assert_eq!(body["type"], format!("urn:problem:{code}"), "{}: {body}", self.what);
            assert_eq!(body["status"], self.status, "{}: {body}", self.what);
            assert_eq!(body["request_id"], self.header("x-request-id"), "{}: {body}", self.what);
            return self;
        }
        let status = match code {
            "malformed" => 400,
            "login_needed" => 401,
            "forged" | "not_allowed" | "own_window" => 403,
            "not_found" => 404,
            "method_not_allowed" => 405,
            "conflict" => 409,
            "gone" => 410,
            "too_large" => 413,
            "unsupported_type" => 415,
            "invalid" => 422,
            "too_many_requests" => 429,
            "unavailable" => 503,
            _ => 500,
        };
        assert_eq!(self.status, status, "{} should be the page of {code}: {}", self.what, short(&self.text()));
        assert!(self.html().starts_with("<!doctype html>"), "{} is no page: {}", self.what, short(&self.html()));
        self
    }

    /// A problem's `errors` name exactly these fields.
    #[track_caller]
    pub fn names(self, fields: &[&str]) -> Self {
        let mut named = self.fields();
        let mut wanted: Vec<String> = fields.iter().map(|field| (*field).to_owned()).collect();
        named.sort();
        wanted.sort();
        assert_eq!(named, wanted, "{}: {}", self.what, short(&self.html()));
        self
    }

    /// The fields that a problem's `errors` name.
    #[must_use]
    pub fn fields(&self) -> Vec<String> {
        let body = self.json();
        let errors = body["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().filter_map(|error| error["field"].as_str().map(str::to_owned)).collect()
    }

    /// A person reads this on the page.
    #[track_caller]
    pub fn shows(self, words: &str) -> Self {
        let text = self.text();
        assert!(text.contains(words), "{} does not show {words:?}: {}", self.what, short(&text));
        self
    }

    /// Nobody reads this on the page, nor does its source say it.
    #[track_caller]
    pub fn hides(self, words: &str) -> Self {
        let seen = self.without_chance();
        let is_seen = visible(&seen).contains(words) || seen.contains(words);
        assert!(!is_seen, "{} shows {words:?}: {}", self.what, short(&self.html()));
        self
    }

    /// It sends the browser on.
    #[track_caller]
    pub fn redirects(self, location: &str) -> Self {
        let to = self.header("location");
        assert_eq!((self.status, to), (303, location), "{}: {}", self.what, short(&self.text()));
        self
    }

    /// A header has this value.
    #[track_caller]
    pub fn has(self, name: &str, value: &str) -> Self {
        assert_eq!(self.header(name), value, "{}: {name}", self.what);
        self
    }

    /// The value of a hidden field.
    #[must_use]
    #[track_caller]
    pub fn field(&self, name: &str) -> String {
        let html = self.html();
        let after = html.split(&format!("name=\"{name}\" value=\"")).nth(1);
        let value = after.and_then(|after| after.split('"').next());
        value.unwrap_or_else(|| panic!("{} has no field {name}: {}", self.what, short(&html))).to_owned()
    }

    /// The first link whose address has this part.
    #[must_use]
    #[track_caller]
    pub fn link_to(&self, part: &str) -> String {
        let html = self.html();
        let mut links = html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
        let found = links.find(|href| href.contains(part));
        found.unwrap_or_else(|| panic!("{} has no link to {part}: {}", self.what, short(&html))).to_owned()
    }

    /// The number of the status.
    #[must_use]
    pub fn code(&self) -> u16 {
        self.status
    }

    /// Everything about it that must not say whom it was for: status, headers and body, without what differs from one
    /// request to the next (request id, date, CSRF mask, cookies' values).
    #[must_use]
    pub fn comparable(&self) -> String {
        let differing = ["x-request-id", "apigw-requestid", "date"];
        let mut headers: Vec<String> = self
            .headers
            .iter()
            .filter(|(name, _)| !differing.contains(&name.as_str()))
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                let value = if name == "set-cookie" { cookie_without_value(&value) } else { value };
                format!("{name}: {value}")
            })
            .collect();
        headers.sort();
        format!("{}\n{}\n\n{}", self.status, headers.join("\n"), self.without_chance())
    }

    /// The body without request id and CSRF mask, in which chance may write anything.
    fn without_chance(&self) -> String {
        let mut body = self.html();
        let id = self.header("x-request-id");
        if !id.is_empty() {
            body = body.replace(id, "[id]");
        }
        match csrf_token(&body) {
            Some(token) => body.replace(&token, "[csrf]"),
            None => body,
        }
    }

    /// The body as text.
    #[must_use]
    pub fn html(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body's bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.body
    }

    /// What a person reads.
    #[must_use]
    pub fn text(&self) -> String {
        visible(&self.html())
    }

    /// The body as JSON.
    #[must_use]
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{} ({}) is no JSON: {error}: {}", self.what, self.status, self.html()))
    }

    /// A header's value, empty when it is not there.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// All headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The request it answers.
    #[must_use]
    pub fn what(&self) -> &str {
        &self.what
    }

    /// The token in the page's forms.
    #[must_use]
    pub fn csrf(&self) -> Option<String> {
        csrf_token(&self.html())
    }

    /// The line that was logged about it.
    #[must_use]
    pub fn log_line(&self) -> Option<Value> {
        let id = self.header("x-request-id");
        logs::lines()
            .iter()
            .filter_map(|line| serde_json::from_str(line).ok())
            .find(|line: &Value| line["message"] == "request" && line["id"] == id)
    }

    /// Calls to DynamoDB it took.
    #[must_use]
    #[track_caller]
    pub fn store_calls(&self) -> u64 {
        let line = self.log_line().unwrap_or_else(|| panic!("{} was not logged", self.what));
        line["calls"].as_u64().unwrap_or_else(|| panic!("{line} has no calls"))
    }
}

fn short(text: &str) -> String {
    text.chars().take(REPEATED).collect()
}

fn csrf_token(html: &str) -> Option<String> {
    let (_, rest) = html.split_once("name=\"csrf\" value=\"")?;
    rest.split('"').next().map(str::to_owned)
}

fn cookie_without_value(cookie: &str) -> String {
    let (name, rest) = cookie.split_once('=').unwrap_or((cookie, ""));
    let attributes = rest.split_once(';').map_or("", |(_, attributes)| attributes);
    let attributes = attributes.split(';').map(str::trim).collect::<Vec<_>>().join("; ");
    format!("{name}=[value]; {attributes}")
}
