//! One message to one receiver: somebody else's server, at an address that somebody else chose.
//!
//! Architecture Invariant: whoever sets an endpoint up must not reach anything through us that the internet cannot reach. The
//! name is looked up once, and the connection goes to what was found then; a redirect is an answer like any other.

use std::{
    error::Error as _,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, OnceLock},
    time::Duration,
};

use domain::{
    delivery::{Reaction, Silence},
    endpoint::{Endpoint, Reach},
    id::DeliveryId,
};
use jiff::Timestamp;
use reqwest::{
    dns::{Addrs, Name, Resolve, Resolving},
    header::CONTENT_TYPE,
    redirect::Policy,
};
use thiserror::Error;

use crate::{is_public, sign};

/// Longest time for everything: looking the name up, the handshake, the answer.
const TIMEOUT: Duration = Duration::from_secs(3);
/// How long a connection waits for the next message: within one visit, and not until the process is thawed again.
const IDLE: Duration = Duration::from_secs(5);
/// So much of an answer is read, and no more: nobody needs it.
const MAX_ANSWER_BYTES: usize = 64 * 1024;
/// Whose house sends it is said by the message, not by the product's name.
const USER_AGENT: &str = "webhooks/1";

/// The way out for webhooks. It is made when it is first needed, as reading the roots of trust takes a while; cloning shares
/// it.
#[derive(Debug, Clone)]
pub struct Client {
    made: Arc<OnceLock<reqwest::Client>>,
    reach: Reach,
    look_up: LookUp,
}

impl Client {
    /// A client that reaches so far.
    #[must_use]
    pub fn new(reach: Reach) -> Self {
        Self { made: Arc::default(), reach, look_up: by_the_system }
    }

    /// Sends a message once, signed at this time.
    pub async fn send(&self, endpoint: &Endpoint, id: &DeliveryId, body: Vec<u8>, now: Timestamp) -> Reaction {
        match self.exchange(endpoint, id, body, now).await {
            Ok(status) => Reaction::Answered { status },
            Err(reason) => Reaction::Unanswered { reason },
        }
    }

    async fn exchange(
        &self,
        endpoint: &Endpoint,
        id: &DeliveryId,
        body: Vec<u8>,
        now: Timestamp,
    ) -> Result<u16, Silence> {
        // A number in place of a name is never looked up: the address itself must be within reach.
        if !endpoint.url.is_within(self.reach) {
            return Err(Silence::NotPublic);
        }
        let seconds = now.as_second();
        let request = self
            .http()?
            .post(endpoint.url.as_str())
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", id.as_str())
            .header("webhook-timestamp", seconds)
            .header("webhook-signature", sign(endpoint.secrets(now), id.as_str(), seconds, &body));
        let mut answer = request.body(body).send().await.map_err(|error| why(&error))?;
        let mut read = 0;
        while read < MAX_ANSWER_BYTES {
            let Some(chunk) = answer.chunk().await.map_err(|error| why(&error))? else { break };
            read += chunk.len();
        }
        Ok(answer.status().as_u16())
    }

    fn http(&self) -> Result<&reqwest::Client, Silence> {
        if let Some(made) = self.made.get() {
            return Ok(made);
        }
        let made = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .pool_idle_timeout(IDLE)
            .redirect(Policy::none())
            .https_only(self.reach == Reach::Public)
            .no_proxy()
            .user_agent(USER_AGENT)
            .dns_resolver(Arc::new(Guard { reach: self.reach, look_up: self.look_up }))
            .build();
        let made = made.map_err(|error| {
            tracing::error!(error = %error.without_url(), "there is no way out for webhooks");
            Silence::NotConnected
        })?;
        Ok(self.made.get_or_init(|| made))
    }
}

/// What is said about it: never the address or anything of an answer.
fn why(error: &reqwest::Error) -> Silence {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if inner.is::<NotPublic>() {
            return Silence::NotPublic;
        }
        cause = inner.source();
    }
    match error {
        error if error.is_timeout() => Silence::Timeout,
        error if error.is_connect() => Silence::NotConnected,
        _ => Silence::Interrupted,
    }
}

type Found = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;
type LookUp = fn(String) -> Found;

fn by_the_system(host: String) -> Found {
    Box::pin(async move { Ok(tokio::net::lookup_host((host.as_str(), 0)).await?.collect()) })
}

/// A name that leads to nothing, or to an address that is not public.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the name does not lead to a public address")]
struct NotPublic;

/// Looks names up and hands out what may be connected to.
#[derive(Debug)]
struct Guard {
    reach: Reach,
    look_up: LookUp,
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let (reach, found) = (self.reach, (self.look_up)(name.as_str().to_owned()));
        Box::pin(async move {
            let found: Addrs = Box::new(allowed(found.await?, reach)?.into_iter());
            Ok(found)
        })
    }
}

/// All that was found, or nothing: a name with one foot inside is no receiver.
fn allowed(found: Vec<SocketAddr>, reach: Reach) -> Result<Vec<SocketAddr>, NotPublic> {
    let fits =
        |address: &SocketAddr| is_public(address.ip()) || (reach == Reach::LoopbackToo && address.ip().is_loopback());
    if !found.is_empty() && found.iter().all(fits) { Ok(found) } else { Err(NotPublic) }
}

#[cfg(test)]
mod tests {
    use axum::{Router, body::Body, response::Response, routing::post};
    use domain::{
        endpoint::{EndpointUrl, NewEndpoint},
        id::EndpointId,
    };
    use http::StatusCode;
    use vendors::{Fault, Server};

    use super::*;
    use crate::fresh_secret;

    fn now() -> Timestamp {
        Timestamp::from_second(1_790_000_000).unwrap()
    }

    fn endpoint(url: &str, reach: Reach) -> Endpoint {
        let new = NewEndpoint {
            id: EndpointId::new(now(), [1; 10]),
            url: EndpointUrl::parse(url, reach).unwrap(),
            description: String::new(),
            events: None,
            secret: fresh_secret([7; 32]),
        };
        Endpoint::create(new, now()).into_parts().0
    }

    async fn sent(client: &Client, endpoint: &Endpoint) -> Reaction {
        client.send(endpoint, &DeliveryId::new(now(), [2; 10]), b"{}".to_vec(), now()).await
    }

    /// More than is read, and then never an end.
    async fn endless() -> Response {
        let (long, last) = (vec![b'x'; MAX_ANSWER_BYTES + 1024], std::future::pending());
        let parts = futures_util::stream::once(async move { Ok::<_, io::Error>(long) });
        Response::new(Body::from_stream(futures_util::StreamExt::chain(parts, futures_util::stream::once(last))))
    }

    async fn receiver() -> Server {
        let moved = || async { (StatusCode::FOUND, [("location", "/taken")]) };
        let routes = Router::new()
            .route("/taken", post(|| async { StatusCode::NO_CONTENT }))
            .route("/broken", post(|| async { StatusCode::INTERNAL_SERVER_ERROR }))
            .route("/moved", post(moved))
            .route("/endless", post(endless));
        Server::start(routes).await
    }

    #[tokio::test]
    async fn a_message_is_signed_and_its_status_is_the_answer() {
        let (receiver, client) = (receiver().await, Client::new(Reach::LoopbackToo));
        for (path, status) in [("/taken", 204), ("/broken", 500), ("/moved", 302)] {
            let endpoint = endpoint(&format!("{}{path}", receiver.url()), Reach::LoopbackToo);
            assert_eq!(sent(&client, &endpoint).await, Reaction::Answered { status }, "{path}");
        }
        let seen = receiver.seen();
        assert_eq!(seen.len(), 3, "a redirect is not followed");
        let header = |name: &str| seen[0].headers[name].to_str().unwrap().to_owned();
        let id = DeliveryId::new(now(), [2; 10]);
        assert_eq!((header("webhook-id"), header("webhook-timestamp")), (id.to_string(), "1790000000".to_owned()));
        let signature = sign([&fresh_secret([7; 32])].into_iter(), id.as_str(), now().as_second(), b"{}");
        assert_eq!((header("webhook-signature"), header("content-type")), (signature, "application/json".to_owned()));
    }

    #[tokio::test]
    async fn no_more_than_64_kb_of_an_answer_are_read() {
        let (receiver, client) = (receiver().await, Client::new(Reach::LoopbackToo));
        let endpoint = endpoint(&format!("{}/endless", receiver.url()), Reach::LoopbackToo);
        assert_eq!(sent(&client, &endpoint).await, Reaction::Answered { status: 200 });
    }

    #[tokio::test]
    async fn silence_has_its_reason() {
        let (receiver, client) = (receiver().await, Client::new(Reach::LoopbackToo));
        receiver.fault(Fault::HangBefore);
        let here = endpoint(&format!("{}/taken", receiver.url()), Reach::LoopbackToo);
        assert_eq!(sent(&client, &here).await, Reaction::Unanswered { reason: Silence::Timeout });
        drop(receiver);
        let gone = endpoint("http://127.0.0.1:1/", Reach::LoopbackToo);
        assert_eq!(sent(&client, &gone).await, Reaction::Unanswered { reason: Silence::NotConnected });
    }

    /// What a name leads to.
    fn leads_to(addresses: &'static [[u8; 4]]) -> Found {
        let found = addresses.iter().map(|address| SocketAddr::from((*address, 0))).collect();
        Box::pin(async move { Ok(found) })
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_is_not_connected_to() {
        let inside: [LookUp; 4] = [
            |_| leads_to(&[[10, 0, 0, 1]]),
            |_| leads_to(&[[127, 0, 0, 1]]),
            |_| leads_to(&[[93, 184, 216, 34], [169, 254, 169, 254]]),
            |_| leads_to(&[]),
        ];
        let public = endpoint("https://hooks.example/", Reach::Public);
        for look_up in inside {
            let client = Client { look_up, ..Client::new(Reach::Public) };
            assert_eq!(sent(&client, &public).await, Reaction::Unanswered { reason: Silence::NotPublic });
        }
    }

    #[tokio::test]
    async fn what_was_stored_where_more_was_allowed_is_not_sent() {
        let receiver = receiver().await;
        let here = endpoint(&format!("{}/taken", receiver.url()), Reach::LoopbackToo);
        let reaction = sent(&Client::new(Reach::Public), &here).await;
        assert_eq!(reaction, Reaction::Unanswered { reason: Silence::NotPublic });
        assert!(receiver.seen().is_empty());
    }
}
