//! Loads the demo through the public API on the first start, and writes down the keys it made.

use crate::{
    demo::{self, DemoRequest, DemoTenant},
    environment::Environment,
    functions,
    gateway::Gateway,
    options::Options,
};
use axum::body::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, fs};
use store::{ApiKey, ApiKeyScope};
use web::Clock;

/// Name of the file with the keys.
const KEYS_FILE: &str = "keys.json";

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
) -> Result<(), String> {
    let portal = functions::portal(environment, clock).await?;
    let (key, secret) = ApiKey::create("local", "cargo portal".to_owned(), vec![ApiKeyScope::Platform], clock.now());
    portal.store().put_platform_key(&key).await.map_err(|error| error.to_string())?;
    let today = domain::time::Zone::default().day(clock.now());
    let (tenants, bulk) =
        if options.no_demo { Default::default() } else { (demo::tenants(today)?, demo::bulk(today)?) };
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
            if let Err(error) = integrator.send(request).await {
                tracing::error!(error, "the demo's bulk is incomplete");
            }
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
            Some(failed) if failed > 0 => Err(format!("{tenant} {method} {path}: {failed} lines failed: {result}")),
            _ => Ok(()),
        }
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
            Err(format!("{host} {method} {path}: {status} {}", String::from_utf8_lossy(answer.body())))
        }
    }
}
