//! A tenant as its integrator and its visitors meet it.

use axum::body::Bytes;
use domain::payment::Method;
use serde_json::{Value, json};

use crate::{Answer, Api, Browser, Customer, Portal, Provider, Request, portal::BASE, samples};

/// A tenant with a key that may do everything.
#[derive(Debug, Clone)]
pub struct Tenant {
    portal: Portal,
    slug: String,
    /// The integrator's API.
    pub api: Api,
}

impl Tenant {
    pub(crate) fn new(portal: &Portal, slug: &str, key: &str) -> Self {
        let api = Api::new(portal, &host_of(slug), key);
        Self { portal: portal.clone(), slug: slug.to_owned(), api }
    }

    /// The portal it belongs to.
    #[must_use]
    pub const fn portal(&self) -> &Portal {
        &self.portal
    }

    /// Its name in addresses.
    #[must_use]
    pub fn slug(&self) -> &str {
        &self.slug
    }

    /// Its own host, as `Host` says it.
    #[must_use]
    pub fn host(&self) -> String {
        host_of(&self.slug)
    }

    /// Its own origin, as browsers name it.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("http://{}", self.host())
    }

    /// Its sandbox, a tenant of its own.
    pub async fn sandbox(&self) -> Self {
        self.portal.existing_tenant(&format!("{}~sandbox", self.slug)).await
    }

    /// A key with these scopes only.
    pub async fn key(&self, scopes: &[&str]) -> Api {
        let made = self.api.post("/keys", &json!({ "label": "narrow", "scopes": scopes })).await.status(201).json();
        Api::new(&self.portal, &self.host(), made["key"].as_str().unwrap_or_default())
    }

    /// Changes settings; only the given fields differ from what they were.
    pub async fn settings(&self, area: &str, change: &Value) -> Answer {
        let path = format!("/settings/{area}");
        let mut body = self.api.get(&path).await.status(200).json();
        match (body.as_object_mut(), change.as_object()) {
            (Some(fields), Some(changes)) => fields.extend(changes.clone()),
            _ => panic!("settings are objects"),
        }
        self.put(&path, &body).await
    }

    /// `PUT` to the integrator's API that must succeed.
    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        let answer = self.api.put(path, body).await;
        assert!(matches!(answer.code(), 200 | 201 | 204), "{}: {}", answer.what(), answer.html());
        answer
    }

    /// Loads a customer, changed as the test needs it.
    pub async fn customer(&self, number: &str, change: impl FnOnce(&mut Value)) -> Customer {
        let mut facts = samples::customer(number);
        change(&mut facts);
        self.put(&format!("/customers/{number}"), &facts).await;
        let email = facts["email"].as_str().unwrap_or_default().to_owned();
        Customer::new(self, number, &email)
    }

    /// Offers a way to pay beside those it offers already.
    pub async fn enable(&self, method: Method) -> Answer {
        let known = self.api.get("/settings/payments").await.status(200).json();
        let mut methods =
            known["methods"].as_array().cloned().unwrap_or_else(|| vec![json!("bank_transfer"), json!("balance")]);
        methods.push(json!(method.code()));
        self.settings("payments", &json!({ "methods": methods })).await
    }

    /// What this tenant and the sandbox provider sign with.
    pub async fn sandbox_secret(&self) -> String {
        let process = self.portal.another_process().await;
        let host = self.host();
        let host = host.split(':').next().unwrap_or_default();
        let tenant = process.store().tenant_of_host(host, self.portal.clock.now()).await;
        let tenant = tenant.unwrap_or_else(|error| panic!("{host}: {error}"));
        let secret = process.store().in_tenant(tenant.scope()).sandbox_secret_or_new().await;
        secret.unwrap_or_else(|error| panic!("{host}: {error}")).expose().clone()
    }

    /// A message from the sandbox provider's address, with any signature.
    pub async fn webhook(&self, body: impl Into<Bytes>, signature: &str) -> Answer {
        let request = Request::new("POST", &self.host(), "/webhooks/sandbox");
        self.portal.ask(request.header("sandbox-signature", signature).body("application/json", body)).await
    }

    /// A genuine message.
    pub async fn genuine_webhook(&self, body: impl Into<Bytes>) -> Answer {
        let body = body.into();
        let secret = self.sandbox_secret().await;
        let signature = payments::signature::sign(secret.as_bytes(), self.portal.clock.now(), &body);
        self.webhook(body, &signature).await
    }

    /// The customer's side of the sandbox provider.
    pub(crate) const fn provider(&self) -> &Provider {
        &self.portal.provider
    }

    /// Sets an endpoint of webhooks up, for all events, and answers it with its secret.
    pub async fn endpoint(&self, url: &str) -> Value {
        self.api.post("/webhook-endpoints", &json!({ "url": url })).await.status(201).json()
    }

    /// Somebody's browser that has never been here.
    #[must_use]
    pub fn browser(&self) -> Browser {
        Browser::new(&self.portal, &self.host())
    }

    /// Signs in with the code from the mail.
    pub async fn login(&self, email: &str) -> Browser {
        let browser = self.browser();
        browser.sign_in(email).await;
        browser
    }

    /// Signs a program in and gives it the token.
    pub async fn token(&self, email: &str) -> Api {
        let program = Api::new(&self.portal, &self.host(), "");
        let sent = program.post("/api/v1/auth/otp", &json!({ "email": email })).await.status(202).json();
        let code = self.portal.mailbox.code_to(email);
        let body = json!({ "challenge": sent["challenge"], "code": code });
        let verified = program.post("/api/v1/auth/otp/verify", &body).await.status(200).json();
        Api::new(&self.portal, &self.host(), verified["access_token"].as_str().unwrap_or_default())
    }
}

/// `webhosting-ag~sandbox` → `webhosting-ag.sandbox.localhost:9000`.
fn host_of(slug: &str) -> String {
    format!("{}.{BASE}", slug.replace('~', "."))
}
