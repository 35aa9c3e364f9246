//! Runs of one binary under the runtime API, and what they showed.

use std::{path::Path, time::Duration};

use axum::Router;
use lambda::{Lambda, Line, Start};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// What is started, and with what.
#[derive(Debug)]
pub(crate) struct Run<'a> {
    pub(crate) binary: &'a Path,
    pub(crate) environment: &'a [(String, String)],
    /// Given one after the other.
    pub(crate) events: Vec<Value>,
    /// The first one comes when the process has initialised, and its time counts from there.
    pub(crate) waits: bool,
    /// Counts instructions into this file.
    pub(crate) callgrind: Option<&'a Path>,
    /// The line to the table, when its connections are counted.
    pub(crate) line: Option<&'a Line>,
}

/// What one start of a binary showed.
#[derive(Debug, Clone)]
pub(crate) struct Started {
    /// To the first answer: from starting the process, or from the first event if that waited.
    pub(crate) first_answer: Duration,
    /// Status codes of the answers, in order; work has none.
    pub(crate) statuses: Vec<Option<u16>>,
    /// Instructions of the whole process, when it ran under callgrind.
    pub(crate) instructions: Option<u64>,
    /// Most resident memory until the last answer, bytes.
    pub(crate) resident: u64,
    /// Connections to the table that the first request had to open.
    pub(crate) handshakes: usize,
    /// Length of the first request's line in the log.
    pub(crate) log_bytes: usize,
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

/// Starts a binary, gives it the events one after the other and ends it.
///
/// # Errors
/// When it does not start, does not answer or fails.
pub(crate) async fn run(run: Run<'_>) -> Result<Started, String> {
    let Run { binary, environment, events, waits, callgrind, line } = run;
    let named = |error: String| format!("{}: {error}", binary.display());
    let mut lambda = Lambda::start(Start { binary, environment, callgrind, line }).await.map_err(named)?;
    let mut began = Duration::ZERO;
    if waits {
        lambda.initialised().await.map_err(named)?;
        began = lambda.running();
    }
    let (mut first_answer, mut handshakes, mut statuses) = (Duration::ZERO, 0, Vec::new());
    for event in events {
        let answered = lambda.invoke(event).await.map_err(named)?;
        if statuses.is_empty() {
            first_answer = answered.after.saturating_sub(began);
            handshakes = line.map_or(0, Line::opened_later);
        }
        let answer = answered.outcome.map_err(|error| named(error.to_string()))?;
        let status = answer.get("statusCode").and_then(Value::as_u64);
        statuses.push(status.and_then(|code| u16::try_from(code).ok()));
    }
    let ended = lambda.end().await.map_err(named)?;
    let log_bytes = ended.log.lines().find(|line| line.contains("\"route\"")).map_or(0, |line| line.len() + 1);
    let instructions = callgrind.and_then(totals);
    Ok(Started { first_answer, statuses, instructions, resident: ended.resident, handshakes, log_bytes })
}

/// The total of a callgrind file.
fn totals(file: &Path) -> Option<u64> {
    let text = std::fs::read_to_string(file).ok()?;
    let line =
        text.lines().rev().find_map(|line| line.strip_prefix("totals:").or_else(|| line.strip_prefix("summary:")))?;
    line.trim().split(' ').next()?.parse().ok()
}

/// What the schedule sends each minute, as AWS documents it.
///
/// # Errors
/// When the file holds no JSON.
pub(crate) fn minute_event() -> Result<Value, String> {
    serde_json::from_str(include_str!("../../events/schedule.json")).map_err(|error| error.to_string())
}

/// A page's HTTP API event, payload version 2.0.
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
