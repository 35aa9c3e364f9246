//! `kontor key`: makes keys of a tenant and ends them. A key is shown once and kept nowhere.

use domain::{id::ApiKeyId, tenant::TenantSlug};
use http::Method;
use serde_json::{Value, json};

use crate::{
    Failure, Outcome,
    client::{Api, Body, Request},
    options::NewKey,
    voice::Voice,
};

/// With the platform's key for any tenant, with a tenant's own for that tenant.
pub(crate) async fn create(api: &Api, new: &NewKey, voice: &mut Voice<'_>) -> Result<Outcome, Failure> {
    let path = match &new.tenant {
        None => "/keys".to_owned(),
        Some(slug) => {
            let wrong = |why| Failure::Input(format!("--tenant {slug}: {why}"));
            let slug = slug.parse::<TenantSlug>().map_err(wrong)?;
            format!("/tenants/{slug}/keys")
        }
    };
    let body = json!({ "label": new.label, "scopes": new.scopes });
    // Asked twice there would be two keys, one of them unknown to everybody.
    let made = api.ask(&Request::once(Method::POST, path, Body::Json(body.to_string()))).await?.good(api)?;
    let part = |name| made.get(name).and_then(Value::as_str).unwrap_or_default();
    voice.say(&format!("{}\n{}", part("id"), part("key")), &made)?;
    Ok(Outcome::Right)
}

/// By a key of the same tenant that may change settings.
pub(crate) async fn revoke(api: &Api, id: &str, voice: &mut Voice<'_>) -> Result<Outcome, Failure> {
    let id = id.parse::<ApiKeyId>().map_err(|error| Failure::Input(format!("{id}: {error}")))?;
    let path = format!("/keys/{id}");
    api.ask(&Request::new(Method::DELETE, path, Body::Json("{}".to_owned()))).await?.good(api)?;
    voice.say(&format!("{id} is revoked"), &json!({ "id": id, "revoked": true }))?;
    Ok(Outcome::Right)
}
