//! The tenant's access to its payment providers: base address, secret, and the addresses the provider is given.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use domain::{
    Secret,
    id::{PaymentId, TenantId},
    payment::Method,
    tenant::TenantSlug,
};
use payments::{Client, Sandbox};
use store::{Tenant, TenantStore};

use crate::{Answer, Config, Problem};

/// The ways to the providers of one process. Nothing is connected before it is asked; cloning shares it.
#[derive(Debug, Clone)]
pub struct Providers(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: Config,
    client: OnceLock<Client>,
    secrets: Mutex<HashMap<TenantId, Secret<String>>>,
}

impl Providers {
    /// Providers as the configuration has them.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        Self(Arc::new(Inner { config: config.clone(), client: OnceLock::new(), secrets: Mutex::default() }))
    }

    /// The sandbox provider, for asking it for money.
    ///
    /// # Errors
    /// [`Problem::MethodNotEnabled`] when the tenant does not offer it, or the stage has none.
    pub async fn sandbox(&self, store: &TenantStore, tenant: &Tenant) -> Answer<Sandbox> {
        let base = self.base().filter(|_| tenant.settings.payments.accepts(Method::Sandbox));
        let base = base.ok_or(Problem::MethodNotEnabled)?;
        let id = tenant.scope().id();
        let secret = match self.remembered(id) {
            Some(secret) => secret,
            None => self.remember(id, store.sandbox_secret_or_new().await?),
        };
        self.access(base, &tenant.slug, secret)
    }

    /// The sandbox provider, for what it was asked before: messages, look-ups, refunds. That goes on when the tenant no
    /// longer offers it. None where nobody ever asked it.
    ///
    /// # Errors
    /// The table's.
    pub async fn sandbox_asked(&self, store: &TenantStore, tenant: &Tenant) -> Answer<Option<Sandbox>> {
        let Some(base) = self.base() else { return Ok(None) };
        let id = tenant.scope().id();
        let secret = match self.remembered(id) {
            Some(secret) => secret,
            None => match store.sandbox_secret().await? {
                Some(secret) => self.remember(id, secret),
                None => return Ok(None),
            },
        };
        self.access(base, &tenant.slug, secret).map(Some)
    }

    /// Where a provider tells what happened: on the tenant's neutral host, which never changes.
    #[must_use]
    pub fn webhook_url(&self, tenant: &Tenant, method: Method) -> String {
        let config = &self.0.config;
        format!("{}/webhooks/{}", config.origin(&config.host_of(&tenant.slug)), method.code())
    }

    /// Where the customer comes back to: on the host that was asked.
    #[must_use]
    pub fn return_url(&self, tenant: &Tenant, payment: &PaymentId) -> String {
        format!("{}/payments/{payment}", self.0.config.origin(&tenant.host))
    }

    /// The origin of the sandbox provider's pages, for the `form-action` of a page that leads there.
    #[must_use]
    pub fn sandbox_origin(&self) -> Option<&str> {
        self.base().map(origin_of)
    }

    /// One client for all, made when it is first needed.
    ///
    /// # Errors
    /// When the platform's roots of trust cannot be read.
    pub fn client(&self) -> Answer<Client> {
        if let Some(client) = self.0.client.get() {
            return Ok(client.clone());
        }
        let made = Client::new().map_err(|error| Problem::Internal(error.to_string()))?;
        Ok(self.0.client.get_or_init(|| made).clone())
    }

    fn base(&self) -> Option<&str> {
        let config = &self.0.config;
        config.sandbox_provider_url.as_deref().filter(|_| config.has_sandbox_provider())
    }

    fn access(&self, base: &str, slug: &TenantSlug, secret: Secret<String>) -> Answer<Sandbox> {
        Ok(Sandbox::new(self.client()?, format!("{base}/{slug}"), secret))
    }

    fn remembered(&self, tenant: &TenantId) -> Option<Secret<String>> {
        self.0.secrets.lock().unwrap_or_else(PoisonError::into_inner).get(tenant).cloned()
    }

    fn remember(&self, tenant: &TenantId, secret: Secret<String>) -> Secret<String> {
        let mut secrets = self.0.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        secrets.insert(tenant.clone(), secret.clone());
        secret
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
