//! The running portal as a user and its own log see it.

use std::{
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::body::Body;
use http::{HeaderMap, Method, Request, StatusCode, header};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use serde::Serialize;
use serde_json::Value;

/// The day it is there: pages say dates, and so their lengths are those of a day.
const DAY: &str = "2026-11-16T09:00:00Z";

/// A `cargo portal` of our own.
#[derive(Debug)]
pub(crate) struct Portal {
    child: Child,
    lines: Arc<Mutex<Vec<String>>>,
    port: u16,
    /// Where it keeps its data.
    pub(crate) data: PathBuf,
}

/// An answer with what its log line says.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Status.
    pub(crate) status: StatusCode,
    /// Headers.
    pub(crate) headers: HeaderMap,
    /// Body as it came over the wire.
    pub(crate) body: Vec<u8>,
    /// What its log line says.
    pub(crate) cost: Option<Cost>,
}

/// What one request costs at DynamoDB.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Cost {
    pub(crate) calls: u32,
    /// Calls that had to wait for another one's answer.
    pub(crate) depth: u32,
    /// Read units.
    pub(crate) reads: f64,
    /// Write units, those in indexes among them.
    pub(crate) writes: f64,
}

impl Cost {
    /// From a line of the log.
    fn told(line: &str) -> Option<Self> {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small counts")]
        let whole = |name| number(line, name).map(|value| value as u32);
        let (calls, depth) = (whole("calls=")?, whole("depth=")?);
        Some(Self { calls, depth, reads: number(line, "reads=")?, writes: number(line, "writes=")? })
    }
}

impl Drop for Portal {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
        let _gone = std::fs::remove_dir_all(&self.data);
    }
}

impl Answer {
    /// The body as text.
    ///
    /// # Errors
    /// When it is none.
    pub(crate) fn text(&self) -> Result<String, String> {
        let mut text = String::new();
        let read = if self.headers.contains_key(header::CONTENT_ENCODING) {
            flate2::read::GzDecoder::new(self.body.as_slice()).read_to_string(&mut text)
        } else {
            self.body.as_slice().read_to_string(&mut text)
        };
        read.map_err(|error| error.to_string())?;
        Ok(text)
    }

    /// Where it leads to.
    ///
    /// # Errors
    /// When it leads nowhere.
    pub(crate) fn location(&self) -> Result<&str, String> {
        let location = self.headers.get(header::LOCATION).and_then(|location| location.to_str().ok());
        location.ok_or_else(|| format!("an answer {} leads nowhere", self.status))
    }
}

impl Portal {
    /// Starts it on the one day on which pages are measured, whose bytes hold dates.
    ///
    /// # Errors
    /// When it does not start.
    pub(crate) async fn of_the_day(binary: &Path, port: u16) -> Result<Self, String> {
        Self::start(binary, port, &["--now", DAY]).await
    }

    /// Starts it at this moment: the binaries that are measured beside it have no other clock, and to them a session of that day has ended.
    ///
    /// # Errors
    /// When it does not start.
    pub(crate) async fn of_now(binary: &Path, port: u16) -> Result<Self, String> {
        Self::start(binary, port, &[]).await
    }

    /// With a fresh demo; waits until all of it, the ten thousand invoices too, is loaded.
    async fn start(binary: &Path, port: u16, clock: &[&str]) -> Result<Self, String> {
        let data = std::env::temp_dir().join(format!("figures-{}", std::process::id()));
        let mut child = Command::new(binary)
            .args(["--port", &port.to_string(), "--fresh", "--data"])
            .arg(&data)
            .args(clock)
            .env("RUST_LOG", "info")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{}: {error}", binary.display()))?;
        let lines = Arc::new(Mutex::new(Vec::new()));
        let (kept, stderr) = (Arc::clone(&lines), child.stderr.take().ok_or("no log")?);
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                kept.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            }
        });
        let mut portal = Self { child, lines, port, data };
        for _ in 0..600 {
            if portal.imports() >= 10 {
                return Ok(portal);
            }
            if let Ok(Some(status)) = portal.child.try_wait() {
                return Err(format!("{} ended with {status}; is port {port} taken?", binary.display()));
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        Err("the demo was not loaded within ten minutes".into())
    }

    /// The environment of a function beside it.
    ///
    /// # Errors
    /// When it was not written.
    pub(crate) fn environment(&self) -> Result<Vec<(String, String)>, String> {
        let text = std::fs::read_to_string(self.data.join("environment")).map_err(|error| error.to_string())?;
        let pairs = text.lines().filter_map(|line| line.split_once('='));
        Ok(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    /// The API key of a tenant of the demo.
    ///
    /// # Errors
    /// When none was written down.
    pub(crate) fn key(&self, tenant: &str) -> Result<String, String> {
        let text = std::fs::read_to_string(self.data.join("keys.json")).map_err(|error| error.to_string())?;
        let keys: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        let key = keys.get("tenants").and_then(|tenants| tenants.get(tenant)?.as_str());
        key.map(str::to_owned).ok_or_else(|| format!("{tenant} has no key"))
    }

    /// Imports of a thousand lines that are through.
    fn imports(&self) -> usize {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines
            .iter()
            .filter(|line| {
                line.contains("invoices:import") && number(line, "calls=").is_some_and(|calls| calls > 100.0)
            })
            .count()
    }

    /// Sends a request as a browser of a tenant.
    ///
    /// # Errors
    /// When there is no answer.
    pub(crate) async fn send(
        &self,
        method: Method,
        host: &str,
        path: &str,
        cookie: &str,
        form: &str,
    ) -> Result<Answer, String> {
        self.send_to(self.port, method, host, path, cookie, form).await
    }

    /// Where customers of the sandbox payment provider are sent to.
    pub(crate) fn provider_url(&self) -> String {
        format!("http://localhost:{}/", self.provider_port())
    }

    const fn provider_port(&self) -> u16 {
        self.port + 4
    }

    /// Pays on the provider's page, as whoever was sent there.
    ///
    /// # Errors
    /// When there is no answer.
    pub(crate) async fn pay(&self, url: &str) -> Result<Answer, String> {
        let base = self.provider_url();
        let page = url.strip_prefix(&base).ok_or_else(|| format!("{url} is no page of the provider at {base}"))?;
        let host = base.trim_start_matches("http://").trim_end_matches('/').to_owned();
        self.send_to(self.provider_port(), Method::POST, &host, &format!("/{page}"), "", "action=pay").await
    }

    async fn send_to(
        &self,
        port: u16,
        method: Method,
        host: &str,
        path: &str,
        cookie: &str,
        form: &str,
    ) -> Result<Answer, String> {
        let origin = format!("http://{host}");
        let request = Request::builder()
            .method(method)
            .uri(format!("http://127.0.0.1:{port}{path}"))
            .header(header::HOST, host)
            .header(header::ORIGIN, origin)
            .header(header::COOKIE, cookie)
            .header(header::ACCEPT_ENCODING, "gzip")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form.to_owned()))
            .map_err(|error| error.to_string())?;
        let client: Client<_, Body> = Client::builder(TokioExecutor::new()).build_http();
        let answer = client.request(request).await.map_err(|error| error.to_string())?;
        let (parts, body) = answer.into_parts();
        let body = axum::body::to_bytes(Body::new(body), 8 << 20).await.map_err(|error| error.to_string())?.to_vec();
        let id = parts.headers.get("x-request-id").and_then(|id| id.to_str().ok()).unwrap_or("-").to_owned();
        let cost = self.cost(&id).await;
        Ok(Answer { status: parts.status, headers: parts.headers, body, cost })
    }

    /// The cost of the request whose line in the log holds these words; of the last one, when there are many.
    pub(crate) async fn cost(&self, words: &str) -> Option<Cost> {
        for _ in 0..100 {
            let line = {
                let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
                lines.iter().rev().find(|line| line.contains(words)).cloned()
            };
            if let Some(line) = line {
                return Cost::told(&line);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        None
    }

    /// Signs a customer in through the mailbox; returns the cookies.
    ///
    /// # Errors
    /// When the code does not come.
    pub(crate) async fn sign_in(&self, host: &str, email: &str) -> Result<String, String> {
        let sent = self.send(Method::POST, host, "/login", "", &format!("email={}", email.replace('@', "%40"))).await?;
        let challenge = cookies(&sent.headers);
        let mailbox = format!("/api/messages?to={email}");
        let request = Request::get(format!("http://127.0.0.1:{}{mailbox}", self.port + 1)).body(Body::empty());
        let client: Client<_, Body> = Client::builder(TokioExecutor::new()).build_http();
        let answer =
            client.request(request.map_err(|error| error.to_string())?).await.map_err(|error| error.to_string())?;
        let body =
            axum::body::to_bytes(Body::new(answer.into_body()), 8 << 20).await.map_err(|error| error.to_string())?;
        let mails: Value = serde_json::from_slice(&body).map_err(|error| error.to_string())?;
        let text = mails.pointer("/0/text").and_then(Value::as_str).unwrap_or_default();
        let code: String =
            text.rsplit('#').next().unwrap_or_default().chars().take_while(char::is_ascii_digit).collect();
        let done = self.send(Method::POST, host, "/login/code", &challenge, &format!("code={code}")).await?;
        if done.status != StatusCode::SEE_OTHER {
            return Err(format!("{email} could not sign in: {}", done.status));
        }
        Ok(cookies(&done.headers))
    }
}

fn cookies(headers: &HeaderMap) -> String {
    let set = headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
    let kept = set.filter(|value| !value.contains("Max-Age=0") && !value.starts_with("kk_flash"));
    kept.filter_map(|value| value.split(';').next()).collect::<Vec<_>>().join("; ")
}

fn number(line: &str, name: &str) -> Option<f64> {
    let rest = line.split_once(name)?.1;
    rest.split(|c: char| !c.is_ascii_digit() && c != '.').next()?.parse().ok()
}
