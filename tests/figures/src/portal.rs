//! The running portal as a user and its own log see it.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::body::Body;
use http::{HeaderMap, Method, Request, StatusCode, header};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use serde_json::Value;

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
    /// DynamoDB calls, sequential depth, capacity units.
    pub(crate) cost: Option<(u32, u32, f64)>,
}

impl Drop for Portal {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
        let _gone = std::fs::remove_dir_all(&self.data);
    }
}

impl Portal {
    /// Starts it with a fresh demo and waits until all of it, the ten thousand invoices too, is loaded.
    ///
    /// # Errors
    /// When it does not start.
    pub(crate) async fn start(binary: &Path, port: u16) -> Result<Self, String> {
        let data = std::env::temp_dir().join(format!("figures-{}", std::process::id()));
        let mut child = Command::new(binary)
            .args(["--port", &port.to_string(), "--fresh", "--data"])
            .arg(&data)
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
        let portal = Self { child, lines, port, data };
        for _ in 0..600 {
            if portal.imports() >= 10 {
                return Ok(portal);
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        Err("the demo was not loaded within ten minutes".into())
    }

    /// Where its DynamoDB listens.
    pub(crate) const fn dynamodb_port(&self) -> u16 {
        self.port + 3
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
        let origin = format!("http://{host}");
        let request = Request::builder()
            .method(method)
            .uri(format!("http://127.0.0.1:{}{path}", self.port))
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

    async fn cost(&self, id: &str) -> Option<(u32, u32, f64)> {
        for _ in 0..20 {
            let line = self
                .lines
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .iter()
                .rev()
                .find(|line| line.contains(id))
                .cloned();
            if let Some(line) = line {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small counts")]
                let whole = |name| number(&line, name).map(|value| value as u32);
                return Some((whole("calls=")?, whole("depth=")?, number(&line, "units=")?));
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
