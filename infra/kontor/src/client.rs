//! The way to the API: one client with limits on everything, which asks again what may be asked again.

use std::time::Duration;

use domain::{FieldErrors, Secret};
use http::{
    HeaderMap, Method, StatusCode,
    header::{AUTHORIZATION, CONTENT_TYPE, HOST, RETRY_AFTER},
};
use reqwest::redirect::Policy;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use thiserror::Error;
use url::{Host, Url};

use crate::Stop;

/// Where every path of the integrator API begins.
const API: &str = "/api/admin/v1";
/// The gateway gives up after thirty seconds; a slow line may take longer to carry four megabytes.
const TIMEOUT: Duration = Duration::from_secs(120);
/// Longest time for a handshake.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Lambda answers no more.
const MAX_ANSWER_BYTES: usize = 6 * 1024 * 1024;
/// How often the same is asked.
const TRIES: u32 = 8;
/// Before the second try; each further pause is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// Longest pause of our own choice.
const MAX_PAUSE: Duration = Duration::from_secs(30);
/// Whoever asks us to wait longer is not waited for.
const MAX_ASKED_PAUSE: Duration = Duration::from_secs(300);

/// What could not be done.
#[derive(Debug, Error)]
pub enum Failure {
    /// A file, an option or a key is not as it should be.
    #[error("{0}")]
    Input(String),
    /// The portal does not answer, or refuses.
    #[error("{0}")]
    Portal(String),
    /// The cloud does not answer, or refuses.
    #[error("{0}")]
    Cloud(String),
    /// Ctrl-C.
    #[error("stopped; the same command goes on from here")]
    Stopped,
}

/// One thing wrong with one field, as the API says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FieldError {
    /// Path of the field; empty when it is about the whole.
    pub(crate) field: String,
    /// Stable word for programs.
    pub(crate) code: String,
    /// One sentence.
    pub(crate) message: String,
}

impl FieldError {
    pub(crate) fn new(field: impl Into<String>, code: &str, message: impl Into<String>) -> Self {
        Self { field: field.into(), code: code.to_owned(), message: message.into() }
    }

    /// What the domain finds wrong is what the API would find.
    pub(crate) fn of(errors: FieldErrors) -> Vec<Self> {
        errors.0.into_iter().map(|error| Self::new(error.field, error.code, error.message)).collect()
    }
}

/// Where the API is, and which host is asked.
#[derive(Debug, Clone)]
pub(crate) struct Address {
    base: Url,
    host: String,
    /// Names below `.localhost` are this machine, whatever the resolver says (RFC 6761, 6.3); the host is said apart.
    is_here: bool,
}

impl Address {
    pub(crate) fn new(url: &Url, host: Option<&str>) -> Result<Self, Failure> {
        let is_here = match url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            None => false,
        };
        let wrong = |why: &str| Failure::Input(format!("--url {url}: {why}"));
        if url.scheme() != "https" && !(url.scheme() == "http" && is_here) {
            return Err(wrong("must begin with https://, for the key goes along"));
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
            return Err(wrong("must be an origin such as https://kundenkontor.example"));
        }
        let own = url.host_str().ok_or_else(|| wrong("must name a host"))?;
        let own = url.port().map_or_else(|| own.to_owned(), |port| format!("{own}:{port}"));
        let mut base = url.clone();
        let connect_to = if is_here && url.domain().is_some() { Some("127.0.0.1") } else { host.filter(|_| !is_here) };
        if connect_to.is_some() && base.set_host(connect_to).is_err() {
            return Err(Failure::Input(format!("--host {}: must be a host name", host.unwrap_or_default())));
        }
        Ok(Self { base, host: host.map_or(own, str::to_owned), is_here })
    }

    fn url(&self, path: &str) -> Result<Url, Failure> {
        let joined = self.base.join(&format!("{API}{path}"));
        joined.map_err(|error| Failure::Input(format!("{path} is no address: {error}")))
    }
}

/// What goes along with a request.
#[derive(Debug, Clone)]
pub(crate) enum Body {
    /// Of requests that only read.
    Nothing,
    Json(String),
    /// A thing a line.
    Lines(String),
    Pdf(Vec<u8>),
}

impl Body {
    fn parts(&self) -> Option<(&'static str, Vec<u8>)> {
        match self {
            Self::Nothing => None,
            Self::Json(text) => Some(("application/json", text.clone().into_bytes())),
            Self::Lines(text) => Some(("application/x-ndjson", text.clone().into_bytes())),
            Self::Pdf(bytes) => Some(("application/pdf", bytes.clone())),
        }
    }
}

/// One request.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    method: Method,
    path: String,
    body: Body,
    is_repeatable: bool,
}

impl Request {
    /// What does the same when it is asked twice, as nearly everything does.
    pub(crate) fn new(method: Method, path: impl Into<String>, body: Body) -> Self {
        Self { method, path: path.into(), body, is_repeatable: true }
    }

    /// What is not asked again unless the portal says that it did nothing.
    pub(crate) fn once(method: Method, path: impl Into<String>, body: Body) -> Self {
        Self { is_repeatable: false, ..Self::new(method, path, body) }
    }
}

/// An answer that is worth reading: neither „later" nor nothing.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    body: Vec<u8>,
}

/// `application/problem+json`, as far as it is told on.
#[derive(Debug, Default, Deserialize)]
struct Problem {
    #[serde(default)]
    code: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    errors: Vec<FieldError>,
}

impl Answer {
    /// Its JSON.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_slice(&self.body)
            .map_err(|error| Failure::Portal(format!("the answer cannot be read: {error}; is --url a Kundenkontor?")))
    }

    /// Its JSON, when it is what was hoped for.
    pub(crate) fn good(self, api: &Api) -> Result<Value, Failure> {
        match self.status {
            StatusCode::NO_CONTENT => Ok(Value::Null),
            status if status.is_success() => self.read(),
            _ => Err(self.failure(api)),
        }
    }

    /// What is wrong with what was sent; never empty.
    pub(crate) fn errors(&self) -> Vec<FieldError> {
        let Problem { code, title, errors } = serde_json::from_slice(&self.body).unwrap_or_default();
        match (errors.is_empty(), title.is_empty()) {
            (false, _) => errors,
            (true, false) => vec![FieldError::new("", &code, title)],
            (true, true) => vec![FieldError::new("", "refused", format!("was answered with {}", self.status))],
        }
    }

    /// Why nothing comes of it, with what to do.
    pub(crate) fn failure(&self, api: &Api) -> Failure {
        let host = &api.address.host;
        let remedy = match self.status {
            StatusCode::UNAUTHORIZED => format!("the key is not one of {host}, or it was revoked"),
            StatusCode::FORBIDDEN => format!("the key lacks a scope that this needs at {host}"),
            StatusCode::NOT_FOUND => format!("{host} does not have that; is it the right host?"),
            status => format!("{host} answered {status}"),
        };
        let errors = self.errors();
        let said = errors.iter().map(|error| match error.field.as_str() {
            "" => error.message.clone(),
            field => format!("{field}: {}", error.message),
        });
        Failure::Portal(format!("{remedy} ({})", said.collect::<Vec<_>>().join("; ")))
    }
}

/// The API at one host, with one key.
#[derive(Debug)]
pub(crate) struct Api {
    http: reqwest::Client,
    address: Address,
    key: Secret<String>,
    stop: Stop,
}

impl Api {
    pub(crate) fn new(address: Address, key: Secret<String>, stop: Stop) -> Result<Self, Failure> {
        let http = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .connect_timeout(CONNECT_TIMEOUT)
            .redirect(Policy::none())
            .no_proxy()
            .build()
            .map_err(|error| Failure::Input(format!("no connection can be made: {error}")))?;
        Ok(Self { http, address, key, stop })
    }

    /// Whom it asks.
    pub(crate) fn host(&self) -> &str {
        &self.address.host
    }

    /// Ctrl-C.
    pub(crate) const fn stop(&self) -> &Stop {
        &self.stop
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Value, Failure> {
        self.ask(&Request::new(Method::GET, path, Body::Nothing)).await?.good(self)
    }

    /// Asks until there is an answer worth reading.
    pub(crate) async fn ask(&self, request: &Request) -> Result<Answer, Failure> {
        let mut tried = 1;
        loop {
            let later = match self.once(request).await? {
                Came::Answer(answer) => return Ok(answer),
                Came::Later(later) => later,
            };
            let may_ask = tried < TRIES && (request.is_repeatable || later.did_nothing);
            let pause = pause_before(tried, later.asked, fastrand::f64()).filter(|_| may_ask);
            let Some(pause) = pause else {
                let Later { why, .. } = later;
                return Err(Failure::Portal(format!("{} {why} (asked {tried} times)", self.address.host)));
            };
            self.rest(pause).await?;
            tried += 1;
        }
    }

    /// Waits, but not for longer than the command is to run.
    pub(crate) async fn rest(&self, pause: Duration) -> Result<(), Failure> {
        tokio::select! {
            () = tokio::time::sleep(pause) => Ok(()),
            () = self.stop.told() => Err(Failure::Stopped),
        }
    }

    async fn once(&self, request: &Request) -> Result<Came, Failure> {
        let url = self.address.url(&request.path)?;
        let bearer = format!("Bearer {}", self.key.expose());
        let mut asking = self.http.request(request.method.clone(), url).header(AUTHORIZATION, bearer);
        if self.address.is_here {
            asking = asking.header(HOST, self.address.host.as_str());
        }
        if let Some((kind, bytes)) = request.body.parts() {
            asking = asking.header(CONTENT_TYPE, kind).body(bytes);
        }
        Ok(match read(asking).await {
            Ok((answer, asked)) if is_later(answer.status) => {
                let did_nothing = answer.status == StatusCode::TOO_MANY_REQUESTS;
                Came::Later(Later { why: format!("answered {}", answer.status), asked, did_nothing })
            }
            Ok((answer, _)) => Came::Answer(answer),
            Err(error) => {
                let did_nothing = error.is_connect();
                Came::Later(Later { why: format!("does not answer: {}", innermost(error)), asked: None, did_nothing })
            }
        })
    }
}

/// What came of asking once.
enum Came {
    Answer(Answer),
    Later(Later),
}

/// Perhaps it works later.
struct Later {
    why: String,
    /// How long to wait, when the portal says so.
    asked: Option<Duration>,
    /// Is it certain that nothing was done?
    did_nothing: bool,
}

async fn read(asking: reqwest::RequestBuilder) -> Result<(Answer, Option<Duration>), reqwest::Error> {
    let mut answer = asking.send().await?;
    let (status, asked) = (answer.status(), asked_pause(answer.headers()));
    let mut body = Vec::new();
    // More than there can be is cut off, and then is no JSON.
    while let Some(chunk) = answer.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_ANSWER_BYTES {
            break;
        }
    }
    Ok((Answer { status, body }, asked))
}

/// The gateway answers 500 and 504 when a function did not finish.
fn is_later(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS
            | StatusCode::INTERNAL_SERVER_ERROR
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT
    )
}

fn asked_pause(head: &HeaderMap) -> Option<Duration> {
    head.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}

/// How long to wait before asking again: as long as was asked and up to a quarter more, else between half and all of a pause
/// that doubles. `chance` lies between 0 and 1, so that many who wait do not come back together. `None` for longer than
/// anybody waits.
pub(crate) fn pause_before(tried: u32, asked: Option<Duration>, chance: f64) -> Option<Duration> {
    match asked {
        Some(asked) if asked > MAX_ASKED_PAUSE => None,
        Some(asked) => Some(asked + asked.mul_f64(chance / 4.0)),
        None => {
            let doubled = FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(tried.saturating_sub(1)));
            Some(doubled.min(MAX_PAUSE).mul_f64(0.5 + chance / 2.0))
        }
    }
}

/// The last reason says most: „connection refused".
pub(crate) fn innermost(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut inner: &dyn std::error::Error = &error;
    while let Some(deeper) = inner.source() {
        inner = deeper;
    }
    inner.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(url: &str, host: Option<&str>) -> Result<Address, Failure> {
        Address::new(&url.parse().unwrap(), host)
    }

    #[test]
    fn a_tenants_host_is_asked_at_its_own_address_and_locally_on_this_machine() {
        let far = address("https://kundenkontor.example", Some("shop.kundenkontor.example")).unwrap();
        assert_eq!(far.url("/customers").unwrap().as_str(), "https://shop.kundenkontor.example/api/admin/v1/customers");
        assert!(!far.is_here);
        let near = address("http://localhost:9000", Some("shop.localhost:9000")).unwrap();
        assert_eq!(
            near.url("/tenants?limit=1").unwrap().as_str(),
            "http://127.0.0.1:9000/api/admin/v1/tenants?limit=1"
        );
        assert_eq!((near.host.as_str(), near.is_here), ("shop.localhost:9000", true));
        let own = address("http://shop.sandbox.localhost:9000", None).unwrap();
        assert_eq!((own.host.as_str(), own.base.host_str()), ("shop.sandbox.localhost:9000", Some("127.0.0.1")));
    }

    #[test]
    fn a_key_never_goes_over_the_network_unencrypted() {
        assert!(address("http://kundenkontor.example", None).is_err());
        assert!(address("http://localhost.example", None).is_err());
        assert!(address("ftp://localhost", None).is_err());
        assert!(address("https://kundenkontor.example/portal", None).is_err());
        assert!(address("https://somebody@kundenkontor.example", None).is_err());
        assert!(address("https://kundenkontor.example", Some("not a host")).is_err());
    }

    #[test]
    fn pauses_double_up_to_a_limit_and_are_never_the_same_for_all() {
        let pause = |tried, chance| pause_before(tried, None, chance).unwrap();
        assert_eq!(pause(1, 0.0), Duration::from_millis(250));
        assert_eq!(pause(1, 1.0), Duration::from_millis(500));
        assert_eq!(pause(3, 1.0), Duration::from_secs(2));
        assert_eq!(pause(40, 1.0), MAX_PAUSE);
    }

    #[test]
    fn whoever_asks_to_wait_is_waited_for_unless_it_takes_too_long() {
        let asked = |seconds| Some(Duration::from_secs(seconds));
        assert_eq!(pause_before(1, asked(8), 0.0), asked(8));
        assert_eq!(pause_before(7, asked(8), 1.0), asked(10));
        assert_eq!(pause_before(1, asked(301), 0.0), None);
        let head = |value: &'static str| {
            let mut head = HeaderMap::new();
            head.insert(RETRY_AFTER, http::HeaderValue::from_static(value));
            asked_pause(&head)
        };
        assert_eq!(head("5"), asked(5));
        assert_eq!(head("Wed, 21 Oct 2026 07:28:00 GMT"), None);
    }

    #[test]
    fn what_the_portal_finds_wrong_is_told_on() {
        let answer = |body: &str| Answer { status: StatusCode::CONFLICT, body: body.as_bytes().to_vec() };
        let problem = r#"{"code": "conflict", "title": "No.", "errors": [{"field": "net", "code": "immutable", "message": "m"}]}"#;
        assert_eq!(answer(problem).errors(), [FieldError::new("net", "immutable", "m")]);
        assert_eq!(answer(r#"{"code": "gone", "title": "No."}"#).errors(), [FieldError::new("", "gone", "No.")]);
        assert_eq!(answer("<html>").errors()[0].message, "was answered with 409 Conflict");
    }
}
