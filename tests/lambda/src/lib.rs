//! Plays Lambda for one of the portal's binaries: starts it as Lambda does, hands it events over the runtime API and takes its answers.

mod line;

pub use line::Line;

use std::{
    path::Path,
    process::Stdio,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode},
    routing::{get, post},
};
use serde_json::Value;
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    net::TcpListener,
    process::{Child, Command},
    sync::{Mutex, mpsc, watch},
    task::JoinHandle,
};

/// Longest wait for an answer: under callgrind a start takes its time.
const PATIENCE: Duration = Duration::from_secs(120);
/// Longest wait for a process that was asked to end.
const END: Duration = Duration::from_secs(20);

/// What is started, and with what.
#[derive(Debug)]
pub struct Start<'a> {
    pub binary: &'a Path,
    /// The function's own variables; those of Lambda come with them.
    pub environment: &'a [(String, String)],
    /// Counts instructions into this file.
    pub callgrind: Option<&'a Path>,
    /// The line to the table, whose connections before the first event are told apart.
    pub line: Option<&'a Line>,
}

/// A running function. It ends with this.
#[derive(Debug)]
pub struct Lambda {
    child: Child,
    server: JoinHandle<()>,
    log: JoinHandle<String>,
    errors: JoinHandle<String>,
    events: mpsc::Sender<Value>,
    answers: mpsc::Receiver<Answered>,
    asks: watch::Receiver<bool>,
    began: Instant,
}

/// What became of an event.
#[derive(Debug)]
pub struct Answered {
    /// When the answer came, since the process was started.
    pub after: Duration,
    /// The answer, or what the function failed with (`errorType`, `errorMessage`).
    pub outcome: Result<Value, Value>,
}

/// What a process left behind.
#[derive(Debug)]
pub struct Ended {
    /// What it wrote to stdout.
    pub log: String,
    /// What it wrote to stderr: why it ended, if it did by itself.
    pub errors: String,
    /// Most resident memory, bytes.
    pub resident: u64,
}

#[derive(Clone)]
struct Runtime {
    events: Arc<Mutex<mpsc::Receiver<Value>>>,
    answers: mpsc::Sender<Answered>,
    asks: watch::Sender<bool>,
    line: Option<Line>,
    began: Instant,
}

impl Lambda {
    /// Starts a binary; it begins to initialise at once.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start(start: Start<'_>) -> Result<Self, String> {
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|error| error.to_string())?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let ((events, given), (taken, answers)) = (mpsc::channel(1), mpsc::channel(1));
        let (asked, asks) = watch::channel(false);
        let began = Instant::now();
        let (events_given, line) = (Arc::new(Mutex::new(given)), start.line.cloned());
        let runtime = Runtime { events: events_given, answers: taken, asks: asked, line, began };
        let server = tokio::spawn(async move {
            // It ends with the process that it serves.
            let _ended = axum::serve(listener, api(runtime)).await;
        });
        let mut child = command(&start)
            .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", "measured")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
            .envs(start.environment.iter().cloned())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("{}: {error}", start.binary.display()))?;
        let (log, errors) = (read(child.stdout.take()), read(child.stderr.take()));
        Ok(Self { child, server, log, errors, events, answers, asks, began })
    }

    /// Waits until the function asks for its first event: then its initialisation is over.
    ///
    /// # Errors
    /// When the process ended or does not ask.
    pub async fn initialised(&mut self) -> Result<(), String> {
        let (asks, child) = (&mut self.asks, &mut self.child);
        let asked = async { asks.wait_for(|asked| *asked).await.is_ok() };
        tokio::select! {
            asked = tokio::time::timeout(PATIENCE, asked) => match asked {
                Ok(true) => Ok(()),
                _ => Err("the function asks for no event".to_owned()),
            },
            ended = child.wait() => Err(format!("the function ended: {ended:?}")),
        }
    }

    /// Hands over one event and waits for what becomes of it.
    ///
    /// # Errors
    /// When the process ended or does not answer.
    pub async fn invoke(&mut self, event: Value) -> Result<Answered, String> {
        self.events.send(event).await.map_err(|_| "nobody takes events".to_owned())?;
        tokio::select! {
            answered = tokio::time::timeout(PATIENCE, self.answers.recv()) => {
                answered.ok().flatten().ok_or_else(|| "the function does not answer".to_owned())
            }
            ended = self.child.wait() => Err(format!("the function ended: {ended:?}")),
        }
    }

    /// How long it runs.
    #[must_use]
    pub fn running(&self) -> Duration {
        self.began.elapsed()
    }

    /// Asks the process to end in order and answers what it leaves.
    ///
    /// # Errors
    /// When it cannot be ended.
    pub async fn end(mut self) -> Result<Ended, String> {
        // It may have ended by itself.
        let id = self.child.id();
        let resident = id.map(resident).unwrap_or_default();
        if let Some(id) = id {
            // Callgrind writes its counts when the process ends in order.
            let _asked = std::process::Command::new("kill").args(["-INT", &id.to_string()]).status();
        }
        if tokio::time::timeout(END, self.child.wait()).await.is_err() {
            self.child.kill().await.map_err(|error| error.to_string())?;
        }
        self.server.abort();
        let said = |error: tokio::task::JoinError| error.to_string();
        Ok(Ended { log: self.log.await.map_err(said)?, errors: self.errors.await.map_err(said)?, resident })
    }
}

/// Reads a pipe as it is written: a full one would hold the function up.
fn read(pipe: Option<impl AsyncRead + Unpin + Send + 'static>) -> JoinHandle<String> {
    tokio::spawn(async move {
        let mut read = Vec::new();
        if let Some(mut pipe) = pipe {
            // What came before a broken pipe is worth reading, too.
            let _length = pipe.read_to_end(&mut read).await;
        }
        String::from_utf8_lossy(&read).into_owned()
    })
}

fn command(start: &Start<'_>) -> Command {
    let Some(out) = start.callgrind else { return Command::new(start.binary) };
    let mut valgrind = Command::new("valgrind");
    valgrind.arg("--tool=callgrind").arg(format!("--callgrind-out-file={}", out.display())).arg(start.binary);
    valgrind
}

/// The runtime API, version 2018-06-01, as AWS documents it for custom runtimes.
fn api(runtime: Runtime) -> Router {
    Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(answered))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(failed))
        .route("/2018-06-01/runtime/init/error", post(failed))
        .with_state(runtime)
}

async fn next(State(runtime): State<Runtime>) -> (HeaderMap, String) {
    if let Some(line) = &runtime.line {
        line.end_of_init();
    }
    runtime.asks.send_replace(true);
    let Some(event) = runtime.events.lock().await.recv().await else { std::future::pending().await };
    let headers = [
        ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd"),
        ("lambda-runtime-deadline-ms", "4102444800000"),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-central-1:1:function:measured"),
    ];
    let headers = headers.map(|(name, value)| (name.parse(), HeaderValue::from_static(value)));
    (headers.into_iter().filter_map(|(name, value)| Some((name.ok()?, value))).collect(), event.to_string())
}

async fn answered(State(runtime): State<Runtime>, body: Bytes) -> StatusCode {
    runtime.take(Ok(serde_json::from_slice(&body).unwrap_or_default())).await
}

async fn failed(State(runtime): State<Runtime>, body: Bytes) -> StatusCode {
    runtime.take(Err(serde_json::from_slice(&body).unwrap_or_default())).await
}

impl Runtime {
    async fn take(self, outcome: Result<Value, Value>) -> StatusCode {
        let answered = Answered { after: self.began.elapsed(), outcome };
        // Nobody waits for the answer of a function that is being ended.
        let _nobody = self.answers.send(answered).await;
        StatusCode::ACCEPTED
    }
}

/// Most resident memory of a process so far, bytes (Linux).
fn resident(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok()).unwrap_or(0) * 1_024
}
