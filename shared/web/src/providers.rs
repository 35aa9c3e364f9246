//! The tenant's access to its payment providers: keys, base addresses, and the addresses the provider is given.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use aws_config::SdkConfig;
use domain::{
    Secret,
    id::TenantId,
    payment::{Method, ProviderName},
};
use jiff::{SignedDuration, Timestamp};
use payments::{Access, Client, Provider, Sandbox, connect};
use store::{Tenant, TenantStore};
use vault::{Vault, VaultError};

use crate::{Answer, Config, Problem, Stage};

/// How long keys are used before they are read again.
const KEPT: SignedDuration = SignedDuration::from_mins(5);

/// The ways to the providers of one process. Nothing is connected before it is asked; cloning shares it.
#[derive(Debug, Clone)]
pub struct Providers(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: Config,
    vault: Vault,
    client: Client,
    known: Mutex<HashMap<(TenantId, ProviderName), Known>>,
}

/// An adapter, and since when its keys are known.
#[derive(Debug, Clone)]
struct Known {
    provider: Arc<dyn Provider>,
    at: Timestamp,
}

impl Providers {
    /// Providers as the configuration has them.
    #[must_use]
    pub fn connect(config: &Config, aws: &SdkConfig) -> Self {
        let vault = match &config.provider_secrets {
            None => Vault::nowhere(),
            Some(path) if config.stage == Stage::Local => Vault::in_file(path),
            Some(prefix) => Vault::in_parameters(aws, prefix),
        };
        Self(Arc::new(Inner { config: config.clone(), vault, client: Client::default(), known: Mutex::default() }))
    }

    /// A method's provider, for asking it for money.
    ///
    /// # Errors
    /// [`Problem::MethodNotEnabled`] when the tenant no longer offers that, or the stage does not have it.
    pub async fn to_ask(
        &self,
        store: &TenantStore,
        tenant: &Tenant,
        (method, name): (Method, ProviderName),
        now: Timestamp,
    ) -> Answer<Arc<dyn Provider>> {
        if !tenant.settings.payments.accepts(method) {
            return Err(Problem::MethodNotEnabled);
        }
        if let Some(provider) = self.asked(store, tenant, name, now).await? {
            return Ok(provider);
        }
        if name == ProviderName::Sandbox && self.base().is_some() {
            // Both sides share a secret of our making, and the first payment makes it.
            store.sandbox_secret_or_new().await?;
            return self.asked(store, tenant, name, now).await?.ok_or(Problem::MethodNotEnabled);
        }
        Err(Problem::MethodNotEnabled)
    }

    /// A provider, for what it was asked before: messages, look-ups, refunds. That goes on when the tenant no longer
    /// offers it. None where nobody ever asked it.
    ///
    /// # Errors
    /// The table's, or those of the store of secrets.
    pub async fn asked(
        &self,
        store: &TenantStore,
        tenant: &Tenant,
        name: ProviderName,
        now: Timestamp,
    ) -> Answer<Option<Arc<dyn Provider>>> {
        if name != ProviderName::Sandbox && tenant.settings.providers.get(name).is_none() {
            return Ok(None);
        }
        let key = (tenant.scope().id().clone(), name);
        let known = self.lock().get(&key).cloned();
        if let Some(known) = known.as_ref().filter(|known| now.duration_since(known.at) < KEPT) {
            return Ok(Some(Arc::clone(&known.provider)));
        }
        let provider = match self.make(store, tenant, name).await {
            // Old keys are better than none: providers take them until somebody exchanged them there.
            Err(problem) => match known {
                Some(known) => {
                    tracing::warn!(?problem, provider = name.code(), "keys could not be read again");
                    return Ok(Some(known.provider));
                }
                None => return Err(problem),
            },
            Ok(None) => return Ok(None),
            Ok(Some(provider)) => provider,
        };
        self.lock().insert(key, Known { provider: Arc::clone(&provider), at: now });
        Ok(Some(provider))
    }

    async fn make(
        &self,
        store: &TenantStore,
        tenant: &Tenant,
        name: ProviderName,
    ) -> Answer<Option<Arc<dyn Provider>>> {
        if name == ProviderName::Sandbox {
            let Some(base) = self.base() else { return Ok(None) };
            let Some(secret) = store.sandbox_secret().await? else { return Ok(None) };
            return Ok(Some(Arc::new(Sandbox::new(self.client(), format!("{base}/{}", tenant.slug), secret))));
        }
        let keys = self.0.vault.read(tenant.scope().id(), name).await.map_err(unavailable)?;
        // Connected, so it was asked before: nothing may end as if nobody had ever been asked.
        let keys = keys.ok_or_else(|| Problem::Unavailable(format!("the keys with {} are missing", name.code())))?;
        let access = Access::read(name, keys.expose().as_bytes());
        let access = access.map_err(|wrong| Problem::Internal(format!("the keys with {}: {wrong}", name.code())))?;
        Ok(access.map(|access| self.opened_by(access)))
    }

    /// The adapter that keys open, before they are kept.
    #[must_use]
    pub fn opened_by(&self, access: Access) -> Arc<dyn Provider> {
        connect(self.client(), &self.0.config.provider_urls, access)
    }

    /// Keeps a tenant's keys. Other processes use the old ones for five minutes more.
    ///
    /// # Errors
    /// Those of the store of secrets.
    pub async fn keep(&self, tenant: &Tenant, name: ProviderName, keys: &Secret<String>) -> Answer<()> {
        self.0.vault.keep(tenant.scope().id(), name, keys).await.map_err(unavailable)?;
        self.lock().remove(&(tenant.scope().id().clone(), name));
        Ok(())
    }

    /// Where a provider tells what happened: on the tenant's neutral host, which never changes.
    #[must_use]
    pub fn webhook_url(&self, tenant: &Tenant, provider: ProviderName) -> String {
        let config = &self.0.config;
        format!("{}/webhooks/{}", config.origin(&config.host_of(&tenant.slug)), provider.code())
    }

    /// The one client for all.
    #[must_use]
    pub fn client(&self) -> Client {
        self.0.client.clone()
    }

    fn base(&self) -> Option<&str> {
        let config = &self.0.config;
        config.sandbox_provider_url.as_deref().filter(|_| config.has_sandbox_provider())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<(TenantId, ProviderName), Known>> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn unavailable(error: VaultError) -> Problem {
    match error {
        VaultError::TooLarge => Problem::Invalid(domain::FieldErrors::one("", "too_large", "the keys are too long")),
        error => Problem::Unavailable(error.to_string()),
    }
}

/// `https://host:port` of an address.
pub(crate) fn origin_of(url: &str) -> &str {
    let after_scheme = url.find("://").map_or(0, |at| at + 3);
    let end = url[after_scheme..].find('/').map_or(url.len(), |at| after_scheme + at);
    &url[..end]
}

#[cfg(test)]
mod tests {
    use super::origin_of;

    #[test]
    fn an_origin_ends_before_the_path() {
        assert_eq!(origin_of("https://portal.example/sandbox-provider"), "https://portal.example");
        assert_eq!(origin_of("http://localhost:9004"), "http://localhost:9004");
    }
}
