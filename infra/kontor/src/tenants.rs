//! `kontor tenant`: sets tenants up and lists them, on the platform's host.

use domain::tenant::TenantSlug;
use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    Failure, Outcome,
    client::{Api, Body, Request},
    options::NewTenant,
    voice::Voice,
};

/// A tenant, as far as it is told on.
#[derive(Debug, Deserialize)]
pub(crate) struct Tenant {
    slug: String,
    /// The neutral one first.
    origins: Vec<String>,
}

impl Tenant {
    /// Its own domains, as `PUT` takes them.
    pub(crate) fn domains(&self) -> Vec<&str> {
        let host = |origin: &str| origin.split_once("://").map_or(0, |(scheme, _)| scheme.len() + 3);
        self.origins.iter().skip(1).filter_map(|origin| origin.get(host(origin)..)).collect()
    }

    fn line(&self) -> String {
        format!("{}  {}", self.slug, self.origins.join("  "))
    }
}

/// Sets it up unless it is there. Said again, `PUT` would change the own domains, so it is not said again.
pub(crate) async fn create(api: &Api, new: &NewTenant, voice: &mut Voice<'_>) -> Result<Outcome, Failure> {
    if let Some((_, shown)) = find(api, &new.slug).await? {
        voice.say(&format!("{} is there already and stays as it is", new.slug), &shown)?;
        return Ok(Outcome::Right);
    }
    let mut body = json!({ "name": new.name, "domains": new.domains });
    if let Some(language) = &new.language {
        body["language"] = json!(language);
    }
    let (tenant, shown) = put(api, &new.slug, &body).await?;
    voice.say(&tenant.line(), &shown)?;
    Ok(Outcome::Right)
}

/// All of them, page by page.
pub(crate) async fn list(api: &Api, voice: &mut Voice<'_>) -> Result<Outcome, Failure> {
    let mut path = "/tenants?limit=100".to_owned();
    loop {
        let page = api.get(&path).await?;
        for shown in page.get("items").and_then(Value::as_array).into_iter().flatten() {
            voice.say(&read(shown)?.line(), shown)?;
        }
        let Some(next) = page.get("next").and_then(Value::as_str) else { return Ok(Outcome::Right) };
        path = format!("/tenants?limit=100&after={}", in_query(next));
    }
}

/// A tenant and all the portal says of it; `None` when there is none.
pub(crate) async fn find(api: &Api, slug: &str) -> Result<Option<(Tenant, Value)>, Failure> {
    // A slug that is none must not become part of an address.
    let wrong = |why| Failure::Input(format!("{slug}: the name of a tenant in addresses {why}"));
    let slug = slug.parse::<TenantSlug>().map_err(wrong)?;
    let answer = api.ask(&Request::new(Method::GET, format!("/tenants/{slug}"), Body::Nothing)).await?;
    // The platform's own 404; at a tenant's host there is no such address, and the same list is not there either.
    if answer.status == StatusCode::NOT_FOUND {
        api.get("/tenants?limit=1").await?;
        return Ok(None);
    }
    let shown = answer.good(api)?;
    Ok(Some((read(&shown)?, shown)))
}

/// Sets up, or sets the own domains of what is there.
pub(crate) async fn put(api: &Api, slug: &str, body: &Value) -> Result<(Tenant, Value), Failure> {
    let request = Request::new(Method::PUT, format!("/tenants/{slug}"), Body::Json(body.to_string()));
    let shown = api.ask(&request).await?.good(api)?;
    Ok((read(&shown)?, shown))
}

fn read(shown: &Value) -> Result<Tenant, Failure> {
    Tenant::deserialize(shown).map_err(|error| Failure::Portal(format!("the answer shows no tenant: {error}")))
}

/// A value as it stands behind a `=` of an address.
pub(crate) fn in_query(value: &str) -> String {
    url::form_urlencoded::byte_serialize(value.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_domains_are_what_comes_after_the_neutral_address() {
        let origins = ["https://a.kontor.example", "https://kunden.a.example", "http://b.example"];
        let tenant = Tenant { slug: "a-ag".to_owned(), origins: origins.map(str::to_owned).to_vec() };
        assert_eq!(tenant.domains(), ["kunden.a.example", "b.example"]);
    }

    #[test]
    fn a_cursor_cannot_become_another_parameter() {
        assert_eq!(in_query("a&limit=1"), "a%26limit%3D1");
    }
}
