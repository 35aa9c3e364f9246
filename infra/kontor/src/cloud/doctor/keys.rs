//! The key that signs sessions, and the tenants' keys with their providers. What they are is never said.

use domain::payment::ProviderName;
use store::{Store, Tenant};
use web::{Clock, Config};

use super::line::{Fault, Verdict, green};
use crate::cloud::place::Place;

const SIGNING: &str = "put an Ed25519 key (PKCS#8, PEM) where SIGNING_KEY says, and let somebody open the login page: auth-otp \
                       publishes the public half";
const PROVIDERS: &str = "set the keys of the provider again: PUT /api/admin/v1/settings/providers/{provider}";

/// Is it there, and do all functions know its public half?
pub(super) async fn signing(place: &Place, config: &Config, store: &Store) -> Verdict {
    let key = Box::pin(auth_otp::public_signing_key(config, &place.ssm_config())).await;
    let key = key.map_err(|error| Fault::new(error.to_string(), SIGNING))?;
    let known = Box::pin(store.signing_keys(Clock::system().now(), true)).await;
    let known = known.map_err(|error| Fault::new(error.to_string(), SIGNING))?;
    if known.contains(&key) {
        return green(format!("{} signs, and {} are published", key.kid, known.len()));
    }
    Err(Fault::new(format!("the public half of {} is not published", key.kid), SIGNING))
}

/// Are the keys there of every provider that the tenant has an account with?
pub(super) async fn providers(place: &Place, config: &Config, tenant: &Tenant) -> Verdict {
    let vault = place.vault(config);
    let connected = ProviderName::ALL.into_iter().filter(|name| tenant.settings.providers.get(*name).is_some());
    let mut well = Vec::new();
    for name in connected {
        match vault.read(tenant.scope().id(), name).await {
            Ok(Some(_)) => well.push(name.code()),
            Ok(None) => return Err(Fault::new(format!("those of {} are gone", name.code()), PROVIDERS)),
            Err(error) => return Err(Fault::new(format!("those of {}: {error}", name.code()), PROVIDERS)),
        }
    }
    green(if well.is_empty() { "none are needed".to_owned() } else { well.join(", ") })
}
