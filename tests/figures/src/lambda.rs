//! Plays Lambda for one binary: hands events out over the runtime API and takes the answers.

use std::{
    path::Path,
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::{get, post},
};
use serde_json::{Value, json};
use tokio::{
    io::AsyncReadExt,
    net::{TcpListener, TcpStream},
    process::Command,
    sync::{Mutex, mpsc},
};

/// What is started, and with what.
#[derive(Debug)]
pub(crate) struct Run<'a> {
    pub(crate) binary: &'a Path,
    pub(crate) environment: &'a [(String, String)],
    /// Given one after the other.
    pub(crate) events: Vec<Value>,
    /// Counts instructions into this file.
    pub(crate) callgrind: Option<&'a Path>,
    /// The line to the table, when its connections are counted.
    pub(crate) line: Option<&'a Line>,
}

/// What one start of a binary showed.
#[derive(Debug, Clone)]
pub(crate) struct Started {
    /// From starting the process to the first answer.
    pub(crate) first_answer: Duration,
    /// Status codes of the answers, in order.
    pub(crate) statuses: Vec<u16>,
    /// Instructions of the whole process, when it ran under callgrind.
    pub(crate) instructions: Option<u64>,
    /// Most resident memory until the last answer, bytes.
    pub(crate) resident: u64,
    /// Connections to the table that the first request had to open.
    pub(crate) handshakes: usize,
    /// Length of the first request's line in the log.
    pub(crate) log_bytes: usize,
}

/// A line to the table that counts its connections.
#[derive(Debug, Clone, Default)]
pub(crate) struct Line {
    opened: Arc<AtomicUsize>,
    opened_in_init: Arc<AtomicUsize>,
}

impl Line {
    /// Lays the line to a port of this machine; answers where it begins.
    ///
    /// # Errors
    /// When nobody may listen.
    pub(crate) async fn to(port: u16) -> Result<(Self, String), String> {
        let line = Self::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|error| error.to_string())?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let opened = Arc::clone(&line.opened);
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                opened.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(async move {
                    let mut far = TcpStream::connect(("127.0.0.1", port)).await?;
                    tokio::io::copy_bidirectional(&mut near, &mut far).await
                });
            }
        });
        Ok((line, format!("http://{address}")))
    }
}

/// A table without network and without content: it answers everything at once with nothing.
///
/// # Errors
/// When nobody may listen.
pub(crate) async fn empty_table() -> Result<String, String> {
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|error| error.to_string())?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let answer = async || ([("content-type", "application/x-amz-json-1.0")], "{}");
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    Ok(format!("http://{address}"))
}

#[derive(Clone)]
struct Shared {
    events: Arc<Mutex<Vec<Value>>>,
    answers: mpsc::Sender<(Instant, Value)>,
    line: Option<Line>,
}

/// Starts a binary, gives it the events one after the other and ends it.
///
/// # Errors
/// When it does not start or does not answer.
pub(crate) async fn run(run: Run<'_>) -> Result<Started, String> {
    let Run { binary, environment, events, callgrind, line } = run;
    let wanted = events.len();
    let (answers, mut received) = mpsc::channel(wanted.max(1));
    let shared =
        Shared { events: Arc::new(Mutex::new(events.into_iter().rev().collect())), answers, line: line.cloned() };
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|error| error.to_string())?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let api = Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(answered))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(answered))
        .route("/2018-06-01/runtime/init/error", post(answered))
        .with_state(shared);
    let server = tokio::spawn(async move { axum::serve(listener, api).await });
    let mut command = match callgrind {
        None => Command::new(binary),
        Some(out) => {
            let mut valgrind = Command::new("valgrind");
            valgrind.arg("--tool=callgrind").arg(format!("--callgrind-out-file={}", out.display())).arg(binary);
            valgrind
        }
    };
    let began = Instant::now();
    let mut child = command
        .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
        .env("AWS_LAMBDA_FUNCTION_NAME", "measured")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        .envs(environment.iter().cloned())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| format!("{}: {error}", binary.display()))?;
    let (mut first_answer, mut handshakes) = (Duration::ZERO, 0);
    let mut statuses = Vec::new();
    while statuses.len() < wanted {
        let received = tokio::time::timeout(Duration::from_secs(120), received.recv()).await;
        let (at, answer) = received.ok().flatten().ok_or_else(|| format!("{} does not answer", binary.display()))?;
        if statuses.is_empty() {
            first_answer = at.duration_since(began);
            handshakes =
                line.map_or(0, |line| line.opened.load(Ordering::SeqCst) - line.opened_in_init.load(Ordering::SeqCst));
        }
        statuses.push(
            answer.get("statusCode").and_then(Value::as_u64).and_then(|code| u16::try_from(code).ok()).unwrap_or(0),
        );
    }
    let resident = child.id().map(resident).unwrap_or_default();
    let id = child.id().unwrap_or_default().to_string();
    // Callgrind writes its counts when the process ends in order.
    let _ended = std::process::Command::new("kill").args(["-INT", &id]).status();
    if tokio::time::timeout(Duration::from_secs(20), child.wait()).await.is_err() {
        let _killed = child.kill().await;
    }
    server.abort();
    let mut log = String::new();
    if let Some(mut stdout) = child.stdout.take() {
        stdout.read_to_string(&mut log).await.map_err(|error| error.to_string())?;
    }
    let log_bytes = log.lines().find(|line| line.contains("\"route\"")).map_or(0, |line| line.len() + 1);
    let instructions = callgrind.and_then(totals);
    Ok(Started { first_answer, statuses, instructions, resident, handshakes, log_bytes })
}

async fn next(State(shared): State<Shared>) -> (HeaderMap, String) {
    if let Some(line) = &shared.line {
        // The first question ends the initialisation.
        let opened = line.opened.load(Ordering::SeqCst);
        let _only_once = line.opened_in_init.compare_exchange(0, opened, Ordering::SeqCst, Ordering::SeqCst);
    }
    let event = shared.events.lock().await.pop();
    let Some(event) = event else { std::future::pending().await };
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd"),
        ("lambda-runtime-deadline-ms", "4102444800000"),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-central-1:1:function:measured"),
    ] {
        headers.insert(name, axum::http::HeaderValue::from_static(value));
    }
    (headers, event.to_string())
}

async fn answered(State(shared): State<Shared>, body: Bytes) -> StatusCode {
    let answer = serde_json::from_slice(&body).unwrap_or_default();
    let _nobody_waits = shared.answers.send((Instant::now(), answer)).await;
    StatusCode::ACCEPTED
}

/// Most resident memory of a process so far, bytes (Linux).
fn resident(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok()).unwrap_or(0) * 1_024
}

/// The total of a callgrind file.
fn totals(file: &Path) -> Option<u64> {
    let text = std::fs::read_to_string(file).ok()?;
    let line =
        text.lines().rev().find_map(|line| line.strip_prefix("totals:").or_else(|| line.strip_prefix("summary:")))?;
    line.trim().split(' ').next()?.parse().ok()
}

/// An HTTP API event, payload version 2.0.
#[must_use]
pub(crate) fn get_event(host: &str, path: &str, cookie: &str) -> Value {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    json!({
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": query,
        "cookies": cookie.split("; ").filter(|cookie| !cookie.is_empty()).collect::<Vec<_>>(),
        "headers": { "host": host, "accept": "text/html", "accept-language": "de" },
        "requestContext": {
            "accountId": "1", "apiId": "measured", "domainName": host, "domainPrefix": "x", "requestId": "x",
            "routeKey": "$default", "stage": "$default", "time": "01/Jan/2026:00:00:00 +0000", "timeEpoch": 1,
            "http": { "method": "GET", "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "figures" }
        },
        "isBase64Encoded": false
    })
}
