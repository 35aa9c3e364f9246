//! Payment providers: their messages on a tenant's host, and the sandbox provider's own side on the platform's.

use std::sync::Arc;

use domain::Secret;
use jiff::Timestamp;
use store::{Tenant, TenantStore, secret};

use super::{Door, FORM_BYTES, Guard, tenant_methods, tenant_of};
use crate::{Arrival, Problem, csrf, providers::origin_of};

/// Largest message of a provider.
const MESSAGE_BYTES: usize = 256 * 1024;
/// Where the sandbox provider's paths begin.
pub(crate) const SANDBOX_PREFIX: &str = "/sandbox-provider/";

/// A payment provider with a message. Only a [`RawBody`](crate::RawBody) comes in here: it is proved by its signature.
#[derive(Debug, Clone)]
pub struct HookContext {
    arrival: Arrival,
    tenant: Arc<Tenant>,
}

impl HookContext {
    tenant_methods!();
}

impl Door for HookContext {
    const GUARD: Guard = Guard::Provider;
    const MAX_BODY_BYTES: usize = MESSAGE_BYTES;

    async fn open(arrival: &Arrival) -> Result<Self, Problem> {
        Ok(Self { tenant: tenant_of(arrival)?, arrival: arrival.clone() })
    }

    /// Forms and JSON do not come in here: nothing but a signature proves them.
    fn check_forgery(&self, _sent: Option<&str>) -> Result<(), Problem> {
        Err(Problem::Forged)
    }

    fn arrival(&self) -> &Arrival {
        &self.arrival
    }
}

/// The sandbox provider's pages, for people. It is an outside world: the tenant stands in the path, not in the host.
#[derive(Debug, Clone)]
pub struct SandboxPageContext {
    arrival: Arrival,
    tenant: Arc<Tenant>,
}

impl SandboxPageContext {
    tenant_methods!();
}

impl Door for SandboxPageContext {
    const GUARD: Guard = Guard::SandboxPage;
    const MAX_BODY_BYTES: usize = FORM_BYTES;

    async fn open(arrival: &Arrival) -> Result<Self, Problem> {
        Ok(Self { tenant: tenant_of_path(arrival).await?, arrival: arrival.clone() })
    }

    /// Whoever knows a checkout's id may pay it; only another page must not do it for them.
    fn check_forgery(&self, _sent: Option<&str>) -> Result<(), Problem> {
        let provider = self.arrival.portal().config().sandbox_provider_url.as_deref().map(origin_of);
        let origins = [Some(self.arrival.origin()), provider];
        let own = origins.into_iter().flatten().any(|origin| csrf::is_own(self.arrival.headers(), origin));
        if own { Ok(()) } else { Err(Problem::Forged) }
    }

    fn arrival(&self) -> &Arrival {
        &self.arrival
    }
}

/// A merchant's program at the sandbox provider, by the secret they share.
#[derive(Debug, Clone)]
pub struct SandboxMerchantContext {
    arrival: Arrival,
    tenant: Arc<Tenant>,
    secret: Secret<String>,
}

impl SandboxMerchantContext {
    tenant_methods!();

    /// What both sides sign with.
    #[must_use]
    pub const fn secret(&self) -> &Secret<String> {
        &self.secret
    }
}

impl Door for SandboxMerchantContext {
    const GUARD: Guard = Guard::SandboxMerchant;
    const MAX_BODY_BYTES: usize = FORM_BYTES;

    async fn open(arrival: &Arrival) -> Result<Self, Problem> {
        let tenant = tenant_of_path(arrival).await?;
        let unknown = || Problem::LoginNeeded { expired: false };
        let sent = arrival.header("authorization").and_then(|header| header.strip_prefix("Bearer "));
        let sent = sent.ok_or_else(unknown)?;
        let known = arrival.portal().store().in_tenant(tenant.scope()).sandbox_secret().await?.ok_or_else(unknown)?;
        if !secret::equal(sent.as_bytes(), known.expose().as_bytes()) {
            return Err(unknown());
        }
        Ok(Self { tenant, arrival: arrival.clone(), secret: known })
    }

    fn check_forgery(&self, _sent: Option<&str>) -> Result<(), Problem> {
        Ok(())
    }

    fn arrival(&self) -> &Arrival {
        &self.arrival
    }
}

/// `/sandbox-provider/{tenant}/…`: on the platform's host, in stages that have the provider.
async fn tenant_of_path(arrival: &Arrival) -> Result<Arc<Tenant>, Problem> {
    let portal = arrival.portal();
    if arrival.tenant().is_some() || !portal.config().has_sandbox_provider() {
        return Err(Problem::NotFound);
    }
    let rest = arrival.path().strip_prefix(SANDBOX_PREFIX).ok_or(Problem::NotFound)?;
    let slug = rest.split(['/', '?']).next().unwrap_or_default();
    let slug = slug.replace("%7E", "~").parse().map_err(|_| Problem::NotFound)?;
    Ok(portal.store().tenant_of_host(&portal.config().host_of(&slug), arrival.now()).await?)
}
