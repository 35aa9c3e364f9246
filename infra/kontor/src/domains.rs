//! `kontor domain`: lets a tenant answer at domains of its own (M-75), on the platform's host.

use serde_json::json;

use crate::{Failure, Outcome, client::Api, tenants, voice::Voice};

/// Adds one to those there are.
pub(crate) async fn add(api: &Api, slug: &str, domain: &str, voice: &mut Voice<'_>) -> Result<Outcome, Failure> {
    let Some((tenant, shown)) = tenants::find(api, slug).await? else {
        return Err(Failure::Input(format!("there is no tenant {slug}: make it with kontor tenant create")));
    };
    if tenant.domains().contains(&domain) {
        voice.say(&format!("{slug} answers at {domain} already"), &shown)?;
        return Ok(Outcome::Right);
    }
    let mut domains = tenant.domains();
    domains.push(domain);
    // The name is needed to set a tenant up; of one that is there it changes nothing.
    let (tenant, shown) = tenants::put(api, slug, &json!({ "name": slug, "domains": domains })).await?;
    if !tenant.domains().contains(&domain) {
        return Err(Failure::Portal(format!("somebody else changed the domains of {slug} meanwhile; ask again")));
    }
    voice.say(&format!("{slug} answers at {domain}, once its DNS points to the portal"), &shown)?;
    Ok(Outcome::Right)
}
