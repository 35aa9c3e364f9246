//! The way to providers: one HTTP client with limits on everything, made when it is first needed.

use std::{
    net::SocketAddr,
    sync::{Arc, OnceLock},
    time::Duration,
};

use http::{Method, header::DATE};
use jiff::{Timestamp, fmt::rfc2822};
use reqwest::{
    RequestBuilder, StatusCode,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect::Policy,
};
use serde::de::DeserializeOwned;

use crate::Unknown;

/// Longest time for one answer.
const TIMEOUT: Duration = Duration::from_secs(8);
/// Longest time for a handshake.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// Largest answer that is read.
const MAX_ANSWER_BYTES: usize = 256 * 1024;

/// An HTTP client for providers, with the house's limits: no redirects, no proxy, 8 s. It is made when it is first needed,
/// as reading the platform's roots of trust takes a while. Cloning shares it and its connections.
#[derive(Debug, Clone)]
pub struct Client {
    made: Arc<OnceLock<reqwest::Client>>,
    timeout: Duration,
}

impl Default for Client {
    fn default() -> Self {
        Self::waiting(TIMEOUT)
    }
}

impl Client {
    /// One that waits for an answer so long and no longer.
    #[must_use]
    pub fn waiting(timeout: Duration) -> Self {
        Self { made: Arc::default(), timeout }
    }

    /// A request to somewhere.
    ///
    /// # Errors
    /// When the platform's roots of trust cannot be read.
    pub fn request(&self, verb: Method, url: &str) -> Result<RequestBuilder, Unknown> {
        if let Some(client) = self.made.get() {
            return Ok(client.request(verb, url));
        }
        let made = reqwest::Client::builder()
            .timeout(self.timeout)
            .connect_timeout(CONNECT_TIMEOUT)
            .redirect(Policy::none())
            .no_proxy()
            .dns_resolver(Arc::new(Loopback))
            .build();
        let made = made.map_err(|error| Unknown::NoAnswer(error.to_string()))?;
        Ok(self.made.get_or_init(|| made).request(verb, url))
    }
}

/// Sends a request and reads its JSON. Addresses and bodies never reach the error.
pub(crate) async fn json<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, Unknown> {
    let (status, body) = send(request).await?;
    if !status.is_success() {
        return Err(Unknown::Refused(status.as_u16()));
    }
    serde_json::from_slice(&body).map_err(|_| Unknown::Unreadable)
}

/// Sends a request and reads a bounded answer.
pub(crate) async fn send(request: RequestBuilder) -> Result<(StatusCode, Vec<u8>), Unknown> {
    let Answer { status, body, .. } = send_dated(request).await?;
    Ok((status, body))
}

/// A bounded answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Vec<u8>,
    /// What the provider's own clock showed, where it says so.
    pub(crate) at: Option<Timestamp>,
}

/// The same with the provider's time: what depends on its clock is not asked of ours.
pub(crate) async fn send_dated(request: RequestBuilder) -> Result<Answer, Unknown> {
    let lost = |error: reqwest::Error| Unknown::NoAnswer(error.without_url().to_string());
    let mut answer = request.send().await.map_err(lost)?;
    let date = answer.headers().get(DATE).and_then(|date| date.to_str().ok());
    let at = date.and_then(|date| rfc2822::DateTimeParser::new().parse_timestamp(date).ok());
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(lost)? {
        if body.len() + chunk.len() > MAX_ANSWER_BYTES {
            return Err(Unknown::Unreadable);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status: answer.status(), body, at })
}

/// Names below `.localhost` are this machine (RFC 6761, 6.3), whatever the system's resolver says.
#[derive(Debug)]
struct Loopback;

impl Resolve for Loopback {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let host = name.as_str();
            if host == "localhost" || host.ends_with(".localhost") {
                let here: Addrs = Box::new(std::iter::once(SocketAddr::from(([127, 0, 0, 1], 0))));
                return Ok(here);
            }
            let found = tokio::net::lookup_host((host, 0)).await?.collect::<Vec<_>>();
            let found: Addrs = Box::new(found.into_iter());
            Ok(found)
        })
    }
}
