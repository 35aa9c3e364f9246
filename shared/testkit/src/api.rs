//! A program with a key or token: the integrator, the platform, or a customer's own.

use serde_json::Value;

use crate::{Answer, Portal, Request};

/// Where the integrator's and the platform's paths begin.
const ADMIN: &str = "/api/admin/v1";

/// Sends JSON with a bearer token.
#[derive(Debug, Clone)]
pub struct Api {
    portal: Portal,
    host: String,
    token: String,
}

impl Api {
    /// A program at a host.
    #[must_use]
    pub fn new(portal: &Portal, host: &str, token: &str) -> Self {
        Self { portal: portal.clone(), host: host.to_owned(), token: token.to_owned() }
    }

    /// The same program at another host.
    #[must_use]
    pub fn at(&self, host: &str) -> Self {
        Self::new(&self.portal, host, &self.token)
    }

    /// Another key or token at the same host.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self::new(&self.portal, &self.host, token)
    }

    /// Any method; what changes something carries an empty object.
    pub async fn send(&self, method: &str, path: &str) -> Answer {
        self.send_with(method, path, &Value::Object(serde_json::Map::new())).await
    }

    /// Any method; what changes something carries the body.
    pub async fn send_with(&self, method: &str, path: &str, body: &Value) -> Answer {
        let request = self.request(method, path);
        self.portal.ask(if method == "GET" { request } else { request.json(body) }).await
    }

    /// The key or token.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// A request of this program; a path that does not begin with `/api/` is one of the integrator's API.
    #[must_use]
    pub fn request(&self, method: &str, path: &str) -> Request {
        let path = if path.starts_with("/api/") { path.to_owned() } else { format!("{ADMIN}{path}") };
        Request::new(method, &self.host, &path).header("authorization", &format!("Bearer {}", self.token))
    }

    /// `GET`
    pub async fn get(&self, path: &str) -> Answer {
        self.portal.ask(self.request("GET", path)).await
    }

    /// `PUT`
    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.portal.ask(self.request("PUT", path).json(body)).await
    }

    /// `POST`
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.portal.ask(self.request("POST", path).json(body)).await
    }

    /// `PATCH`
    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.portal.ask(self.request("PATCH", path).json(body)).await
    }

    /// `DELETE`
    pub async fn delete(&self, path: &str, body: &Value) -> Answer {
        self.portal.ask(self.request("DELETE", path).json(body)).await
    }

    /// JSON Lines.
    pub async fn import(&self, path: &str, lines: &str) -> Answer {
        self.portal.ask(self.request("POST", path).body("application/x-ndjson", lines.to_owned())).await
    }
}
