//! What all vendors on loopback share: a listener, faults, and the list of requests that came.

use std::{
    collections::VecDeque,
    io,
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
use futures_util::stream;
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
    /// Nothing is done, and the connection ends before an answer.
    BreakBefore,
    /// It is done, and the connection ends before an answer.
    BreakAfter,
    /// Nothing is done, and this status is answered.
    Refuse(StatusCode),
    /// It is done, and this status is answered.
    Stumble(StatusCode),
    /// It is done, and the answer is no JSON.
    Garbage,
}

impl Fault {
    /// What bad weather is made of: nothing that takes time.
    const DRAWN: [Self; 5] = [
        Self::BreakBefore,
        Self::BreakAfter,
        Self::Refuse(StatusCode::SERVICE_UNAVAILABLE),
        Self::Stumble(StatusCode::INTERNAL_SERVER_ERROR),
        Self::Garbage,
    ];
}

/// How many answers fail by themselves, and which.
#[derive(Debug, Default)]
struct Weather {
    percent: u64,
    random: u64,
}

impl Weather {
    fn draw(&mut self) -> Option<Fault> {
        let (dice, which) = (self.roll(), self.roll());
        let at = usize::try_from(which % Fault::DRAWN.len() as u64).unwrap_or_default();
        (dice % 100 < self.percent).then(|| Fault::DRAWN[at])
    }

    /// The multiplier is Knuth's for 64 bits; its high bits are the good ones.
    const fn roll(&mut self) -> u64 {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.random >> 33
    }
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
    weather: Mutex<Weather>,
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

    /// From now on so many answers of a hundred fail, drawn from the seed.
    pub fn unreliable(&self, percent: u64, seed: u64) {
        *lock(&self.desk.weather) = Weather { percent, random: seed };
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
    let asked_for = lock(&desk.faults).pop_front();
    let fault = asked_for.or_else(|| lock(&desk.weather).draw());
    let act = async || next.run(Request::from_parts(parts, Body::from(body))).await;
    match fault {
        None => act().await,
        Some(Fault::HangBefore) => hang().await,
        Some(Fault::HangAfter) => {
            act().await;
            hang().await
        }
        Some(Fault::BreakBefore) => broken(),
        Some(Fault::BreakAfter) => {
            act().await;
            broken()
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

/// An answer whose body fails before its first byte: the connection ends with it.
fn broken() -> Response {
    let failure = io::Error::from(io::ErrorKind::ConnectionAborted);
    Response::new(Body::from_stream(stream::iter([Err::<Vec<u8>, _>(failure)])))
}

/// A lock whose holder panicked holds what it held.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        net::TcpStream,
        sync::atomic::{AtomicUsize, Ordering},
    };

    use axum::routing::get;

    use super::*;

    /// A server that counts what it does.
    async fn counting() -> (Server, Arc<AtomicUsize>) {
        let done = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&done);
        let act = move || async move { count.fetch_add(1, Ordering::SeqCst).to_string() };
        (Server::start(Router::new().route("/", get(act))).await, done)
    }

    /// Did an answer come, whole and good?
    async fn is_answered(server: &Server) -> bool {
        let at = server.at;
        let text = tokio::task::spawn_blocking(move || {
            let mut stream = TcpStream::connect(at).unwrap();
            stream.write_all(b"GET / HTTP/1.1\r\nHost: vendor\r\nConnection: close\r\n\r\n").unwrap();
            let mut text = String::new();
            stream.read_to_string(&mut text).map(|_| text)
        });
        let text = text.await.unwrap().unwrap_or_default();
        let is_whole = text.contains("content-length: ") || text.ends_with("0\r\n\r\n");
        text.starts_with("HTTP/1.1 200") && is_whole && !text.contains("<html>")
    }

    #[tokio::test]
    async fn a_connection_breaks_before_or_after_something_is_done() {
        let (server, done) = counting().await;
        for (fault, expected) in [(Fault::BreakBefore, 0), (Fault::BreakAfter, 1)] {
            server.fault(fault);
            assert!(!is_answered(&server).await, "{fault:?}");
            assert_eq!(done.load(Ordering::SeqCst), expected, "{fault:?}");
        }
        assert!(is_answered(&server).await);
    }

    #[tokio::test]
    async fn in_bad_weather_some_answers_fail_and_always_the_same() {
        let (server, _) = counting().await;
        let mut seasons = Vec::new();
        for _ in 0..2 {
            server.unreliable(40, 7);
            let mut answered = Vec::new();
            for _ in 0..40 {
                answered.push(is_answered(&server).await);
            }
            seasons.push(answered);
        }
        let failed = seasons[0].iter().filter(|answered| !**answered).count();
        assert!((8..=24).contains(&failed), "{failed} of 40");
        assert_eq!(seasons[0], seasons[1]);
        server.unreliable(0, 7);
        for _ in 0..20 {
            assert!(is_answered(&server).await);
        }
    }
}
