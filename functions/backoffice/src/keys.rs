//! `/api/admin/v1/keys`: API keys of the tenant, and on the platform's host of any tenant. A key is shown once.

use domain::{FieldErrors, Secret, change::Actor, id::ApiKeyId, tenant::TenantSlug};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::{ApiKey, ApiKeyScope, TenantStore};
use utoipa::ToSchema;
use web::{
    Answer, Asked, Created, Door, IntegratorContext, Json, NoContent, Nothing, PlatformContext, Problem, Submitted,
    scope,
};

use crate::tenants;

/// Most keys of a tenant.
const MAX_KEYS: usize = 50;
/// Everything a tenant's key may do.
const ALL_SCOPES: [ApiKeyScope; 3] = [ApiKeyScope::Read, ApiKeyScope::Write, ApiKeyScope::Settings];

/// What a key is made from.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyInput {
    /// What it is for, at most 80 characters.
    label: String,
    /// `read`, `write`, `settings`, as far as the key that makes it has them; all of those unless said.
    #[serde(default)]
    scopes: Vec<KeyScope>,
}

/// What a tenant's key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KeyScope {
    Read,
    Write,
    Settings,
}

impl From<KeyScope> for ApiKeyScope {
    fn from(scope: KeyScope) -> Self {
        match scope {
            KeyScope::Read => Self::Read,
            KeyScope::Write => Self::Write,
            KeyScope::Settings => Self::Settings,
        }
    }
}

/// A key as it is listed; the secret is not kept.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KeyShown {
    id: ApiKeyId,
    label: String,
    #[schema(value_type = Vec<KeyScope>)]
    scopes: Vec<ApiKeyScope>,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<Timestamp>,
    /// The key itself: in the answer that made it, and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
}

/// All keys.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Keys {
    items: Vec<KeyShown>,
    next: Option<String>,
}

impl KeyShown {
    fn of(key: ApiKey, secret: Option<Secret<String>>) -> Self {
        let ApiKey { id, label, scopes, created_at, revoked_at, .. } = key;
        Self { id, label, scopes, created_at, revoked_at, key: secret.map(|secret| secret.expose().clone()) }
    }
}

/// Which key.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct KeyPath {
    id: ApiKeyId,
}

/// Which tenant.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct TenantPath {
    slug: TenantSlug,
}

/// `POST /api/admin/v1/keys`
pub(crate) async fn create(
    cx: IntegratorContext<scope::Settings>,
    body: Submitted<KeyInput>,
) -> Answer<Created<KeyShown>> {
    let stage = cx.arrival().portal().config().stage.name();
    // A key makes no key that may do more than itself.
    make(&cx.store(), stage, body.into_inner(), cx.key_scopes(), Actor::Integrator, cx.now()).await
}

/// `POST /api/admin/v1/tenants/{slug}/keys`, on the platform's host.
pub(crate) async fn create_for_tenant(
    cx: PlatformContext,
    body: Submitted<KeyInput, TenantPath>,
) -> Answer<Created<KeyShown>> {
    let (path, input) = body.into_parts();
    let (_, tenant) = tenants::find(&cx, &path.slug).await?;
    let stage = cx.arrival().portal().config().stage.name();
    make(&cx.store().in_tenant(tenant.scope()), stage, input, &ALL_SCOPES, Actor::Platform, cx.now()).await
}

async fn make(
    store: &TenantStore,
    stage: &str,
    input: KeyInput,
    may_give: &[ApiKeyScope],
    actor: Actor,
    now: Timestamp,
) -> Answer<Created<KeyShown>> {
    let KeyInput { label, scopes } = input;
    if label.trim().is_empty() || label.chars().count() > 80 || label.chars().any(char::is_control) {
        return Err(FieldErrors::one("label", "invalid", "must have 1 to 80 characters").into());
    }
    if store.api_keys().await?.iter().filter(|key| key.revoked_at.is_none()).count() >= MAX_KEYS {
        return Err(FieldErrors::one("label", "too_many", "a tenant has at most 50 keys").into());
    }
    let mut scopes: Vec<ApiKeyScope> = scopes.into_iter().map(Into::into).collect();
    if scopes.is_empty() {
        scopes = may_give.to_vec();
    }
    if scopes.iter().any(|scope| !may_give.contains(scope)) {
        return Err(FieldErrors::one("scopes", "not_allowed", "must be scopes of the key that makes this one").into());
    }
    let (key, secret) = ApiKey::create(stage, label, scopes, now);
    store.create_api_key(&key, actor).await?;
    Ok(Created::new(KeyShown::of(key, Some(secret))))
}

/// `GET /api/admin/v1/keys`
pub(crate) async fn list(cx: IntegratorContext<scope::Settings>, _: Asked<Nothing>) -> Answer<Json<Keys>> {
    let keys = cx.store().api_keys().await?;
    Ok(Json::new(Keys { items: keys.into_iter().map(|key| KeyShown::of(key, None)).collect(), next: None }))
}

/// `DELETE /api/admin/v1/keys/{id}`
pub(crate) async fn revoke(
    cx: IntegratorContext<scope::Settings>,
    body: Submitted<Nothing, KeyPath>,
) -> Answer<NoContent> {
    let (path, _) = body.into_parts();
    let key = cx.store().api_key(&path.id).await?.ok_or(Problem::NotFound)?;
    cx.store().revoke_api_key(&key, Actor::Integrator, cx.now()).await?;
    Ok(NoContent)
}
