//! Loads the demo through the public API on the first start, and writes down the keys it made.

use crate::{
    cloud,
    demo::{self, DemoRequest, DemoTenant},
    environment::Environment,
    functions,
    gateway::Gateway,
    options::Options,
};
use axum::body::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};
use store::{ApiKey, ApiKeyScope};
use web::Clock;

/// Name of the file with the keys.
const KEYS_FILE: &str = "keys.json";

/// Name of the file that says how far the demo is loaded.
pub(crate) const DEMO_FILE: &str = "demo.json";

/// How long to wait before a part of the bulk is sent again.
const PAUSES: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(5), Duration::from_secs(15)];

/// Longest part of an answer that is shown, in characters.
const MAX_SHOWN: usize = 300;

/// On which day the demo's dates stand, until all of it is loaded. A start that was broken off is taken up again with the
/// same dates, so that what was sent before is sent again just so.
#[derive(Debug)]
pub(crate) struct DemoProgress {
    file: PathBuf,
    day: Date,
}

/// What stands in [`DEMO_FILE`].
#[derive(Debug, Serialize, Deserialize)]
struct DemoState {
    day: Date,
    complete: bool,
}

impl DemoProgress {
    /// Written down before the table is there; `None` when nothing is left to load. A table without the file was filled before
    /// there was one.
    pub(crate) fn begin(data: &Path, was_used: bool, today: Date) -> Result<Option<Self>, String> {
        let file = data.join(DEMO_FILE);
        let day = match fs::read_to_string(&file) {
            Err(_) if was_used => return Ok(None),
            Err(_) => today,
            Ok(text) => {
                let state: DemoState = serde_json::from_str(&text).map_err(|error| format!("{DEMO_FILE}: {error}"))?;
                if state.complete {
                    return Ok(None);
                }
                state.day
            }
        };
        cloud::private_folder(data)?;
        let progress = Self { file, day };
        progress.write(false)?;
        Ok(Some(progress))
    }

    fn write(&self, complete: bool) -> Result<(), String> {
        let state = DemoState { day: self.day, complete };
        let text = serde_json::to_string(&state).map_err(|error| error.to_string())?;
        fs::write(&self.file, text + "\n").map_err(|error| format!("{}: {error}", self.file.display()))
    }
}

/// Sends requests as an integrator would.
struct Integrator<'a> {
    gateway: &'a Gateway,
    base_domain: String,
    keys: BTreeMap<String, String>,
    platform: String,
}

/// Makes the platform's key, and with the demo its tenants and their data. The ten thousand invoices come last and in the
/// background, so that everybody else can be looked at meanwhile.
///
/// # Errors
/// When the portal refuses a part of the demo.
pub(crate) async fn load(
    gateway: &Gateway,
    environment: &Environment,
    clock: &Clock,
    options: &Options,
    progress: DemoProgress,
) -> Result<(), String> {
    let portal = functions::portal(environment, clock).await?;
    let (key, secret) = ApiKey::create("local", "cargo portal".to_owned(), vec![ApiKeyScope::Platform], clock.now());
    portal.store().put_platform_key(&key).await.map_err(|error| error.to_string())?;
    let day = progress.day;
    let (tenants, bulk) = if options.no_demo { Default::default() } else { (demo::tenants(day)?, demo::bulk(day)?) };
    let mut integrator = Integrator {
        gateway,
        base_domain: portal.config().base_domain.clone(),
        keys: BTreeMap::new(),
        platform: secret.expose().clone(),
    };
    for tenant in &tenants {
        integrator.set_up(tenant).await?;
    }
    let keys = json!({ "platform": integrator.platform, "tenants": integrator.keys });
    let text = serde_json::to_string_pretty(&keys).map_err(|error| error.to_string())?;
    fs::write(options.data.join(KEYS_FILE), text + "\n").map_err(|error| error.to_string())?;
    for request in tenants.iter().flat_map(|tenant| &tenant.requests) {
        integrator.send(request).await?;
    }
    let (gateway, keys, base_domain) = (gateway.clone(), integrator.keys, integrator.base_domain);
    tokio::spawn(async move {
        let integrator = Integrator { gateway: &gateway, base_domain, keys, platform: String::new() };
        for request in &bulk {
            if let Err(error) = integrator.send_again(request).await {
                tracing::error!(error, "the demo's bulk is incomplete; the next start goes on with it");
                return;
            }
        }
        if let Err(error) = progress.write(true) {
            tracing::error!(error, "the demo is complete, but the next start will not know it");
        }
    });
    Ok(())
}

impl Integrator<'_> {
    async fn set_up(&mut self, tenant: &DemoTenant) -> Result<(), String> {
        let slug = &tenant.slug;
        // A sandbox comes with its tenant.
        if !slug.contains('~') {
            let body = json!({ "name": tenant.name, "language": tenant.language });
            self.on_platform(Method::PUT, &format!("/api/admin/v1/tenants/{slug}"), &body).await?;
        }
        let body = json!({ "label": "cargo portal" });
        let made = self.on_platform(Method::POST, &format!("/api/admin/v1/tenants/{slug}/keys"), &body).await?;
        let key = made.get("key").and_then(Value::as_str).ok_or("the answer has no key")?;
        self.keys.insert(slug.clone(), key.to_owned());
        Ok(())
    }

    async fn on_platform(&self, method: Method, path: &str, body: &Value) -> Result<Map<String, Value>, String> {
        let (host, bytes) = (self.base_domain.clone(), body.to_string().into_bytes());
        let answer = self.call(&host, &self.platform, method, path, "application/json", bytes).await?;
        serde_json::from_slice(answer.body()).map_err(|error| format!("{path}: {error}"))
    }

    async fn send(&self, request: &DemoRequest) -> Result<(), String> {
        let DemoRequest { tenant, method, path, body } = request;
        let key = self.keys.get(tenant).ok_or_else(|| format!("no key for {tenant}"))?;
        let host = format!("{}.{}", tenant.replace('~', "."), self.base_domain);
        let answer = self.call(&host, key, method.clone(), path, body.content_type(), body.bytes()).await?;
        let result: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
        match result.get("failed").and_then(Value::as_u64) {
            Some(failed) if failed > 0 => {
                Err(format!("{tenant} {method} {path}: {failed} lines failed, first: {}", first_failure(&result)))
            }
            _ => Ok(()),
        }
    }

    /// On a busy machine a part may fail for the moment; sent again it is the same.
    async fn send_again(&self, request: &DemoRequest) -> Result<(), String> {
        for pause in PAUSES {
            match self.send(request).await {
                Ok(()) => return Ok(()),
                Err(error) => tracing::warn!(error, "a part of the demo's bulk failed and is sent again"),
            }
            tokio::time::sleep(pause).await;
        }
        self.send(request).await
    }

    async fn call(
        &self,
        host: &str,
        key: &str,
        method: Method,
        path: &str,
        content_type: &str,
        body: Vec<u8>,
    ) -> Result<Response<Bytes>, String> {
        let request = Request::builder()
            .method(method.clone())
            .uri(path)
            .header(header::HOST, host)
            .header(header::AUTHORIZATION, format!("Bearer {key}"))
            .header(header::CONTENT_TYPE, content_type)
            .body(Bytes::from(body))
            .map_err(|error| error.to_string())?;
        let answer = self.gateway.call(request).await;
        let status: StatusCode = answer.status();
        if status.is_success() {
            Ok(answer)
        } else {
            Err(format!("{host} {method} {path}: {status} {}", short(&String::from_utf8_lossy(answer.body()))))
        }
    }
}

/// Number and errors of the first line that failed.
fn first_failure(result: &Value) -> String {
    let lines = result.get("results").and_then(Value::as_array).into_iter().flatten();
    let failed = lines.into_iter().find(|line| line.get("outcome").is_some_and(|outcome| outcome == "failed"));
    let Some(failed) = failed else { return String::new() };
    let part = |name| failed.get(name).map(Value::to_string).unwrap_or_default();
    short(&format!("{} {}", part("number"), part("errors")))
}

/// What fits into a line of a terminal or two.
fn short(text: &str) -> String {
    if text.chars().count() <= MAX_SHOWN {
        text.to_owned()
    } else {
        text.chars().take(MAX_SHOWN).chain(['…']).collect()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_failure_is_said_in_a_line() {
        let failed =
            json!({ "line": 2, "number": "RE2", "outcome": "failed", "errors": [{ "message": "x".repeat(900) }] });
        let result = json!({ "failed": 1, "results": [{ "line": 1, "outcome": "created" }, failed] });
        let said = first_failure(&result);
        assert!(said.contains("RE2") && said.chars().count() == MAX_SHOWN + 1, "{said}");
    }

    #[test]
    fn a_demo_that_was_broken_off_goes_on_with_its_own_dates() -> Result<(), String> {
        let data = tempfile::tempdir().map_err(|error| error.to_string())?;
        let (first, later) = (date(2026, 11, 22), date(2026, 11, 25));
        let begin = |was_used, today| DemoProgress::begin(data.path(), was_used, today);
        assert!(begin(true, first)?.is_none(), "a table from before there was a file");
        assert_eq!(begin(false, first)?.map(|progress| progress.day), Some(first));
        let again = begin(true, later)?.ok_or("nothing left to load")?;
        assert_eq!(again.day, first);
        again.write(true)?;
        assert!(begin(true, later)?.is_none());
        Ok(())
    }
}
