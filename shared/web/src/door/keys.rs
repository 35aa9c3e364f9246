//! Programs with an API key: a tenant's integrator, and the platform.

use std::{marker::PhantomData, sync::Arc};

use jiff::Timestamp;
use store::{ApiKey, ApiKeyScope, Store, Tenant, TenantStore};

use super::{Door, FORM_BYTES, Guard, IMPORT_BYTES, tenant_methods, tenant_of};
use crate::{Arrival, Cursors, Problem};

/// The scope a key needs, as a type.
pub trait ScopeMark: Clone + Send + Sync + 'static {
    /// The scope.
    const SCOPE: ApiKeyScope;
}

/// Scopes as types.
pub mod scope {
    use super::{ApiKeyScope, ScopeMark};

    /// May read.
    #[derive(Debug, Clone, Copy)]
    pub struct Read;
    /// May load and change customers, contracts and documents.
    #[derive(Debug, Clone, Copy)]
    pub struct Write;
    /// May change settings, keys and links.
    #[derive(Debug, Clone, Copy)]
    pub struct Settings;
    impl ScopeMark for Read {
        const SCOPE: ApiKeyScope = ApiKeyScope::Read;
    }
    impl ScopeMark for Write {
        const SCOPE: ApiKeyScope = ApiKeyScope::Write;
    }
    impl ScopeMark for Settings {
        const SCOPE: ApiKeyScope = ApiKeyScope::Settings;
    }
}

/// The tenant's own system, by API key.
#[derive(Debug)]
pub struct IntegratorContext<S: ScopeMark> {
    arrival: Arrival,
    tenant: Arc<Tenant>,
    key: Arc<ApiKey>,
    mark: PhantomData<S>,
}

impl<S: ScopeMark> Clone for IntegratorContext<S> {
    fn clone(&self) -> Self {
        Self {
            arrival: self.arrival.clone(),
            tenant: Arc::clone(&self.tenant),
            key: Arc::clone(&self.key),
            mark: PhantomData,
        }
    }
}

impl<S: ScopeMark> IntegratorContext<S> {
    tenant_methods!();

    /// Cursors of one list of this key.
    #[must_use]
    pub fn cursors(&self, list: &str) -> Cursors {
        Cursors::new(&self.key.hash, list)
    }

    /// What the key may do.
    #[must_use]
    pub fn key_scopes(&self) -> &[ApiKeyScope] {
        &self.key.scopes
    }

    /// The revision in `If-Match`, which integrators may leave out; `*` is any.
    ///
    /// # Errors
    /// 412 when it is none of ours.
    pub fn if_match(&self) -> Result<Option<u64>, Problem> {
        let Some(header) = self.arrival.header("if-match") else { return Ok(None) };
        if header.trim() == "*" {
            return Ok(None);
        }
        header.trim().trim_matches('"').parse().map(Some).map_err(|_| Problem::Stale)
    }
}

impl<S: ScopeMark> Door for IntegratorContext<S> {
    const GUARD: Guard = Guard::Integrator { scope: S::SCOPE };
    const MAX_BODY_BYTES: usize = IMPORT_BYTES;

    async fn open(arrival: &Arrival) -> Result<Self, Problem> {
        let tenant = tenant_of(arrival)?;
        let (id, token) = sent_key(arrival)?;
        let store = arrival.portal().store().in_tenant(tenant.scope());
        let key = store.api_key(&id).await?.map(|loaded| loaded.value);
        let key = key.filter(|key| key.accepts(&token)).ok_or(Problem::LoginNeeded { expired: false })?;
        if !key.scopes.contains(&S::SCOPE) {
            return Err(Problem::NotAllowed);
        }
        Ok(Self { arrival: arrival.clone(), tenant, key: Arc::new(key), mark: PhantomData })
    }

    fn check_forgery(&self, _sent: Option<&str>) -> Result<(), Problem> {
        Ok(())
    }

    fn arrival(&self) -> &Arrival {
        &self.arrival
    }
}

/// The operator of the installation, by platform key, on the platform's host.
#[derive(Debug, Clone)]
pub struct PlatformContext {
    arrival: Arrival,
    key: Arc<ApiKey>,
}

impl PlatformContext {
    /// The table, across tenants.
    #[must_use]
    pub fn store(&self) -> &Store {
        self.arrival.portal().store()
    }

    /// The time of this request.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.arrival.now()
    }

    /// Cursors of one list of this key.
    #[must_use]
    pub fn cursors(&self, list: &str) -> Cursors {
        Cursors::new(&self.key.hash, list)
    }
}

impl Door for PlatformContext {
    const GUARD: Guard = Guard::Platform;
    const MAX_BODY_BYTES: usize = FORM_BYTES;

    async fn open(arrival: &Arrival) -> Result<Self, Problem> {
        if arrival.tenant().is_some() {
            return Err(Problem::NotFound);
        }
        let (id, token) = sent_key(arrival)?;
        let key = arrival.portal().store().platform_key(&id).await?;
        let key = key.filter(|key| key.accepts(&token)).ok_or(Problem::LoginNeeded { expired: false })?;
        Ok(Self { arrival: arrival.clone(), key: Arc::new(key) })
    }

    fn check_forgery(&self, _sent: Option<&str>) -> Result<(), Problem> {
        Ok(())
    }

    fn arrival(&self) -> &Arrival {
        &self.arrival
    }
}

fn sent_key(arrival: &Arrival) -> Result<(domain::id::ApiKeyId, domain::Secret<String>), Problem> {
    let header = arrival.header("authorization").and_then(|header| header.strip_prefix("Bearer "));
    header.and_then(ApiKey::parse).ok_or(Problem::LoginNeeded { expired: false })
}
