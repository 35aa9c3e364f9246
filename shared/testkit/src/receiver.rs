//! An integrator's server on loopback, which hears of what happened: it can take messages, refuse them, hang and redirect.

use std::sync::{Arc, Mutex, PoisonError};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    response::{IntoResponse, Response},
    routing::post,
};
use http::{HeaderMap, StatusCode, header::LOCATION};
use serde_json::Value;
use store::secret;
use tokio::sync::watch;
use vendors::Server;

/// What it does with messages from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    /// Takes them.
    Takes,
    /// Answers with this status.
    Refuses(u16),
    /// Lets them wait for ever.
    Hangs,
    /// Leads to another address of its own, which would take them.
    Redirects,
}

/// A message as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// `webhook-id`
    pub id: String,
    /// `webhook-timestamp`
    pub seconds: i64,
    /// `webhook-signature`
    pub signature: String,
    /// Its bytes.
    pub body: Bytes,
}

impl Received {
    /// Its JSON.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{}: {error}", self.id))
    }

    /// `type`
    #[must_use]
    pub fn kind(&self) -> String {
        self.json()["type"].as_str().unwrap_or_default().to_owned()
    }

    /// Is one of its signatures of this secret? Checked as the standard says, with none of the sender's code.
    #[must_use]
    pub fn is_signed_with(&self, secret: &str) -> bool {
        let key = secret.strip_prefix("whsec_").and_then(secret::decode_standard).unwrap_or_default();
        let text = [format!("{}.{}.", self.id, self.seconds).as_bytes(), &self.body[..]].concat();
        let wanted = format!("v1,{}", secret::encode_standard(&secret::mac(&key, &text)));
        self.signature.split(' ').any(|signature| signature == wanted)
    }
}

/// The server; it ends when it is dropped.
#[derive(Debug)]
pub struct Receiver {
    server: Server,
    desk: Arc<Desk>,
}

#[derive(Debug)]
struct Desk {
    behaviour: Mutex<Behaviour>,
    received: watch::Sender<Vec<Received>>,
    /// Messages that are let wait.
    waiting: watch::Sender<usize>,
}

impl Receiver {
    /// A server that does this with messages.
    pub async fn that(behaviour: Behaviour) -> Self {
        let desk = Desk {
            behaviour: Mutex::new(behaviour),
            received: watch::Sender::default(),
            waiting: watch::Sender::default(),
        };
        let desk = Arc::new(desk);
        let routes = Router::new()
            .route("/hooks", post(receive))
            .route("/elsewhere", post(|| async { StatusCode::NO_CONTENT }))
            .with_state(Arc::clone(&desk));
        Self { server: Server::start(routes).await, desk }
    }

    /// Where messages go.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}/hooks", self.server.url())
    }

    /// Does something else from now on.
    pub fn behaves(&self, behaviour: Behaviour) {
        *self.desk.behaviour.lock().unwrap_or_else(PoisonError::into_inner) = behaviour;
    }

    /// Every message so far, whatever was done with it, oldest first.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.desk.received.borrow().clone()
    }

    /// What the messages tell of, sorted by name.
    #[must_use]
    pub fn kinds(&self) -> Vec<String> {
        let mut kinds: Vec<String> = self.received().iter().map(Received::kind).collect();
        kinds.sort();
        kinds
    }

    /// What the messages happened to, each once however often it was told, sorted.
    #[must_use]
    pub fn subjects(&self) -> Vec<String> {
        let subject = |message: &Received| message.json()["data"]["subject"].as_str().unwrap_or_default().to_owned();
        let mut subjects: Vec<String> = self.received().iter().map(subject).collect();
        subjects.sort();
        subjects.dedup();
        subjects
    }

    /// Paths that were asked for.
    #[must_use]
    pub fn paths(&self) -> Vec<String> {
        self.server.seen().into_iter().map(|seen| seen.path).collect()
    }

    /// Waits until so many messages have come.
    pub async fn has_received(&self, count: usize) {
        let mut received = self.desk.received.subscribe();
        let waited = received.wait_for(|received| received.len() >= count).await;
        assert!(waited.is_ok(), "the receiver is gone");
    }

    /// How many messages it lets wait at this moment.
    #[must_use]
    pub fn waiting(&self) -> usize {
        *self.desk.waiting.borrow()
    }
}

async fn receive(State(desk): State<Arc<Desk>>, headers: HeaderMap, body: Bytes) -> Response {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let received = Received {
        id: header("webhook-id"),
        seconds: header("webhook-timestamp").parse().unwrap_or_default(),
        signature: header("webhook-signature"),
        body,
    };
    let behaviour = *desk.behaviour.lock().unwrap_or_else(PoisonError::into_inner);
    let _waiting = (behaviour == Behaviour::Hangs).then(|| Waiting::at(&desk));
    desk.received.send_modify(|all| all.push(received));
    match behaviour {
        Behaviour::Takes => StatusCode::NO_CONTENT.into_response(),
        Behaviour::Refuses(status) => {
            StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR).into_response()
        }
        Behaviour::Redirects => (StatusCode::TEMPORARY_REDIRECT, [(LOCATION, "/elsewhere")]).into_response(),
        Behaviour::Hangs => std::future::pending().await,
    }
}

/// A message that waits, until its connection ends.
struct Waiting(Arc<Desk>);

impl Waiting {
    fn at(desk: &Arc<Desk>) -> Self {
        desk.waiting.send_modify(|count| *count += 1);
        Self(Arc::clone(desk))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.waiting.send_modify(|count| *count -= 1);
    }
}
