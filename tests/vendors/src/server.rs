//! What all vendors on loopback share: a listener, faults, and the list of requests that came.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode};
use tokio::{net::TcpListener, task::JoinHandle};

/// Largest body that is read.
const MAX_BODY: usize = 1024 * 1024;
/// How long a hanging answer hangs: longer than any client waits.
const HANG: Duration = Duration::from_mins(2);

/// How one answer fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing is done, and no answer comes.
    HangBefore,
    /// It is done, and no answer comes.
    HangAfter,
    /// Nothing is done, and this status is answered.
    Refuse(StatusCode),
    /// It is done, and this status is answered.
    Stumble(StatusCode),
    /// It is done, and the answer is no JSON.
    Garbage,
}

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Seen {
    /// `POST`.
    pub method: String,
    /// With its query.
    pub path: String,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Vec<u8>,
}

/// What a vendor tells the merchant: headers and body of a `POST` to its webhook address.
#[derive(Debug, Clone)]
pub struct Message {
    /// With the signature.
    pub headers: HeaderMap,
    /// The bytes that were signed.
    pub body: Vec<u8>,
}

#[derive(Debug, Default)]
struct Desk {
    faults: Mutex<VecDeque<Fault>>,
    seen: Mutex<Vec<Seen>>,
}

/// A vendor's HTTP server; it ends when it is dropped.
#[derive(Debug)]
pub struct Server {
    at: SocketAddr,
    desk: Arc<Desk>,
    task: JoinHandle<()>,
}

impl Server {
    /// Serves a router on a free port of loopback.
    ///
    /// # Panics
    /// When no port is free.
    #[expect(clippy::expect_used, reason = "nothing can be tested without a port")]
    pub async fn start(router: Router) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let at = listener.local_addr().expect("a bound port has an address");
        let desk = Arc::new(Desk::default());
        let router = router.layer(from_fn_with_state(Arc::clone(&desk), pass));
        let task = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Self { at, desk, task }
    }

    /// Base address, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.at)
    }

    /// The next answer fails like this; several are used up one by one.
    pub fn fault(&self, fault: Fault) {
        lock(&self.desk.faults).push_back(fault);
    }

    /// Every request so far.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        lock(&self.desk.seen).clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn pass(State(desk): State<Arc<Desk>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY).await else { return StatusCode::PAYLOAD_TOO_LARGE.into_response() };
    lock(&desk.seen).push(Seen {
        method: parts.method.to_string(),
        path: parts.uri.to_string(),
        headers: parts.headers.clone(),
        body: body.to_vec(),
    });
    let fault = lock(&desk.faults).pop_front();
    let act = async || next.run(Request::from_parts(parts, Body::from(body))).await;
    match fault {
        None => act().await,
        Some(Fault::HangBefore) => hang().await,
        Some(Fault::HangAfter) => {
            act().await;
            hang().await
        }
        Some(Fault::Refuse(status)) => status.into_response(),
        Some(Fault::Stumble(status)) => {
            act().await;
            status.into_response()
        }
        Some(Fault::Garbage) => {
            act().await;
            "<html>".into_response()
        }
    }
}

async fn hang() -> Response {
    tokio::time::sleep(HANG).await;
    StatusCode::GATEWAY_TIMEOUT.into_response()
}

/// A lock whose holder panicked holds what it held.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
