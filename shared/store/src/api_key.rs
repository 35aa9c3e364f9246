//! Keys of integrators: only a hash is stored, with the scopes it was made for.
//!
//! access patterns: check a key (every integrator request, consistent) · list · revoke ·
//! keys: T#t#KEY / id; the platform's own PLATFORM / KEY#id

use domain::{
    change::{Actor, Change, Event, EventKind},
    id::ApiKeyId,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    CommitError, Loaded, StoreError, TenantStore,
    access::{Range, query_all},
    item::{Item, kind, read},
    key::global,
    secret,
};

/// What a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApiKeyScope {
    /// Read everything of the tenant.
    Read,
    /// Load and change customers, contracts, invoices and documents.
    Write,
    /// Change settings, keys and links.
    Settings,
    /// Set up tenants (platform keys only).
    Platform,
}

/// A key as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ApiKey {
    /// Stands in the key itself.
    pub id: ApiKeyId,
    /// SHA-256 of its secret part.
    pub hash: String,
    /// What it is for, in the operator's words.
    pub label: String,
    /// What it may do.
    pub scopes: Vec<ApiKeyScope>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was revoked, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
}

kind! { ApiKey = "api_key"; }

impl ApiKey {
    /// A fresh key: what is stored, and the text that is shown once (`kk_<stage>_<id>_<secret>`).
    #[must_use]
    pub fn create(
        stage: &str,
        label: String,
        scopes: Vec<ApiKeyScope>,
        now: Timestamp,
    ) -> (Self, domain::Secret<String>) {
        let id = ApiKeyId::new(now, secret::entropy());
        let token = secret::token();
        let short = id.as_str().trim_start_matches("key_");
        let text = domain::Secret::new(format!("kk_{stage}_{short}_{}", token.expose()));
        (Self { id, hash: secret::hash(token.expose()), label, scopes, created_at: now, revoked_at: None }, text)
    }

    /// Takes a key's text apart into id and secret part.
    #[must_use]
    pub fn parse(text: &str) -> Option<(ApiKeyId, domain::Secret<String>)> {
        let mut parts = text.strip_prefix("kk_")?.splitn(3, '_');
        let (_stage, id, token) = (parts.next()?, parts.next()?, parts.next()?);
        Some((format!("key_{id}").parse().ok()?, domain::Secret::new(token.to_owned())))
    }

    /// Is this the secret part, and is the key still good?
    #[must_use]
    pub fn accepts(&self, token: &domain::Secret<String>) -> bool {
        let same = secret::equal(secret::hash(token.expose()).as_bytes(), self.hash.as_bytes());
        same && self.revoked_at.is_none()
    }

    /// The item of a platform key in DynamoDB's JSON, for whoever sets an installation up without this program's rights.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn platform_item(&self) -> Result<serde_json::Value, StoreError> {
        Ok(Item::new(global::platform_key(&self.id), self, 1)?.to_json())
    }

    fn created_event(&self, actor: Actor) -> Event {
        Event::new(EventKind::ApiKeyCreated, actor, self.created_at, self.id.as_str())
    }
}

impl TenantStore {
    /// A key by its id, read consistently: a revoked key ends at once.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn api_key(&self, id: &ApiKeyId) -> Result<Option<Loaded<ApiKey>>, StoreError> {
        self.get(self.scope.api_key(id), true).await
    }

    /// All keys of the tenant.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn api_keys(&self) -> Result<Vec<ApiKey>, StoreError> {
        let raw = query_all(&self.store, Range::prefix(self.scope.api_keys(), "key_", 100)).await?;
        raw.into_iter().map(|raw| read(raw).map(|loaded| loaded.value)).collect()
    }

    /// Stores a fresh key.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn create_api_key(&self, key: &ApiKey, actor: Actor) -> Result<(), CommitError> {
        let change = Change::new(key.clone(), key.created_event(actor));
        self.commit()
            .create("key", Item::new(self.scope.api_key(&key.id), change.next(), 1))
            .events(None, change.events())
            .run()
            .await
    }

    /// Revokes a key; again is the same.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn revoke_api_key(&self, key: &Loaded<ApiKey>, actor: Actor, now: Timestamp) -> Result<(), CommitError> {
        if key.value.revoked_at.is_some() {
            return Ok(());
        }
        let next = ApiKey { revoked_at: Some(now), ..key.value.clone() };
        let event = Event::new(EventKind::ApiKeyRevoked, actor, now, next.id.as_str());
        self.commit()
            .replace("key", Item::new(self.scope.api_key(&next.id), &next, key.rev + 1), key.rev)
            .events(None, &[event])
            .run()
            .await
    }
}
