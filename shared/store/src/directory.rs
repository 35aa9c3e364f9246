//! Which tenant a host belongs to, cached: the one place where a scope is born from outside input.
//!
//! access patterns: host → tenant (every request, cached 60 s), its own texts (once a process and edition) · all tenants
//! (platform API, job loop) · public signing keys (with the host, cached likewise)

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use domain::{
    Language,
    change::{Actor, Change, Event, EventKind},
    id::{ApiKeyId, TenantId},
    tenant::{Settings, TenantSlug},
    wording::Wording,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    ApiKey, CommitError, Page, Store, StoreError, TenantScope,
    access::{self, Range},
    item::{Item, Loaded, kind, read},
    key::global,
};

/// How long a known host is believed.
const FRESH: SignedDuration = SignedDuration::from_secs(60);
/// How long a known host is still served while the table is down.
const STALE: SignedDuration = SignedDuration::from_mins(10);
/// How long an unknown host is believed to be unknown.
const UNKNOWN: SignedDuration = SignedDuration::from_secs(5);
/// Most hosts kept; beyond it the cache starts anew (an attacker's invented hosts must not fill the memory).
const CAPACITY: usize = 10_000;
/// Longest name of a host (RFC 1035); longer ones are nobody's and fit into no key.
const MAX_HOST_BYTES: usize = 253;
/// Most bytes of own texts that a process keeps, as they are unpacked.
const MAX_WORDING_BYTES: usize = 16_000_000;
/// Most hosts of one tenant.
pub(crate) const MAX_HOSTS: usize = 20;

/// One host's copy of everything a page needs to know about its tenant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct HostItem {
    pub(crate) tenant: TenantId,
    pub(crate) slug: TenantSlug,
    pub(crate) settings: Settings,
}

/// The registry's line about a tenant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TenantRecord {
    /// Opaque id.
    pub id: TenantId,
    /// Name in addresses.
    pub slug: TenantSlug,
    /// All hosts it answers on; the first is the neutral one.
    pub hosts: Vec<String>,
    /// When it was set up.
    pub created_at: Timestamp,
}

/// A public key for sessions, published by the function that holds the private one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SigningKey {
    /// Its name in the tokens' `kid`.
    pub kid: String,
    /// Ed25519 public key, PEM.
    pub public_pem: String,
}

kind! { HostItem = "host"; TenantRecord = "tenant"; SigningKey = "signing_key"; }

/// A tenant as one request sees it.
#[derive(Debug, Clone)]
pub struct Tenant {
    scope: TenantScope,
    in_sandbox_stage: bool,
    /// Name in addresses.
    pub slug: TenantSlug,
    /// The host that was asked.
    pub host: String,
    /// Its settings.
    pub settings: Settings,
}

impl Tenant {
    /// The right to read and write its items.
    #[must_use]
    pub const fn scope(&self) -> &TenantScope {
        &self.scope
    }

    /// Is it a sandbox (M-02)? All tenants of a sandbox stage are.
    #[must_use]
    pub fn is_sandbox(&self) -> bool {
        self.in_sandbox_stage || self.slug.is_sandbox()
    }
}

/// Why a host gives no tenant.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DirectoryError {
    /// Nobody has this host.
    #[error("unknown host")]
    Unknown,
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[derive(Debug, Clone)]
struct Cached {
    tenant: Option<Arc<Tenant>>,
    read_at: Timestamp,
}

/// The cache of one process.
#[derive(Debug, Default)]
pub struct Directory {
    hosts: Mutex<HashMap<String, Cached>>,
    keys: Mutex<Option<(Arc<Vec<SigningKey>>, Timestamp)>>,
    wordings: Mutex<KeptWordings>,
}

/// The own texts that this process has read. Words are handed out as `&'static str`, the product's and a tenant's alike, so
/// what was read stays until the process ends: each edition once, for it never changes.
#[derive(Debug, Default)]
struct KeptWordings {
    editions: HashMap<(TenantId, Language, u64), &'static Wording>,
    bytes: usize,
}

impl KeptWordings {
    /// Keeps an edition; `None` when there is no room.
    fn keep(&mut self, name: (TenantId, Language, u64), wording: Wording, bytes: usize) -> Option<&'static Wording> {
        if let Some(kept) = self.editions.get(&name).copied() {
            return Some(kept);
        }
        if self.bytes + bytes > MAX_WORDING_BYTES {
            return None;
        }
        self.bytes += bytes;
        let kept: &'static Wording = Box::leak(Box::new(wording));
        self.editions.insert(name, kept);
        Some(kept)
    }
}

impl Directory {
    fn cached(
        &self,
        host: &str,
        now: Timestamp,
        unknown_for: SignedDuration,
        known_for: SignedDuration,
    ) -> Option<Cached> {
        let hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let cached = hosts.get(host)?;
        let fresh_for = if cached.tenant.is_some() { known_for } else { unknown_for };
        // A clock that was set back must not make an entry eternal.
        let age = now.duration_since(cached.read_at);
        (age >= SignedDuration::ZERO && age < fresh_for).then(|| cached.clone())
    }

    fn remember(&self, host: &str, tenant: Option<Arc<Tenant>>, now: Timestamp) {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if hosts.len() >= CAPACITY {
            hosts.clear();
        }
        hosts.insert(host.to_owned(), Cached { tenant, read_at: now });
    }

    /// Forgets hosts whose settings this process has just changed.
    pub(crate) fn forget(&self, changed: &[String]) {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        for host in changed {
            hosts.remove(host);
        }
    }
}

impl Store {
    /// The tenant of a host (lower case, no port).
    ///
    /// # Errors
    /// `Unknown` for a host nobody has; the table's errors when there is no copy young enough either.
    pub async fn tenant_of_host(&self, host: &str, now: Timestamp) -> Result<Arc<Tenant>, DirectoryError> {
        let directory = &self.inner.directory;
        if host.is_empty() || host.len() > MAX_HOST_BYTES {
            return Err(DirectoryError::Unknown);
        }
        if let Some(cached) = directory.cached(host, now, UNKNOWN, FRESH) {
            return cached.tenant.ok_or(DirectoryError::Unknown);
        }
        match self.read_tenant(host).await {
            Ok(tenant) => {
                directory.remember(host, tenant.clone(), now);
                tenant.ok_or(DirectoryError::Unknown)
            }
            Err(error) => match directory.cached(host, now, SignedDuration::ZERO, STALE) {
                Some(Cached { tenant: Some(tenant), .. }) => Ok(tenant),
                _ => Err(error.into()),
            },
        }
    }

    /// The tenant of a scope, as its customers know it: on its own domain where it has one. For the job loop; `None` when
    /// it is gone.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn tenant_of_scope(
        &self,
        scope: &TenantScope,
        now: Timestamp,
    ) -> Result<Option<Arc<Tenant>>, StoreError> {
        let record: Option<Loaded<TenantRecord>> = access::get(self, global::registry(scope.id()), false).await?;
        let hosts = record.map(|record| record.value.hosts).unwrap_or_default();
        let Some(host) = hosts.get(1).or(hosts.first()) else { return Ok(None) };
        match self.tenant_of_host(host, now).await {
            Ok(tenant) => Ok(Some(tenant)),
            Err(DirectoryError::Unknown) => Ok(None),
            Err(DirectoryError::Store(error)) => Err(error),
        }
    }

    async fn read_tenant(&self, host: &str) -> Result<Option<Arc<Tenant>>, StoreError> {
        let Some(found) = self.read_host(host, false).await? else { return Ok(None) };
        let mut tenant = self.tenant(host, found.value);
        for (language, edition) in tenant.settings.wordings.editions() {
            edition.wording = self.own_texts(&tenant.scope, language, edition.rev).await?;
        }
        Ok(Some(Arc::new(tenant)))
    }

    /// One edition of a tenant's own texts. Where it cannot be had the product's words are better than no page.
    async fn own_texts(
        &self,
        scope: &TenantScope,
        language: Language,
        rev: u64,
    ) -> Result<Option<&'static Wording>, StoreError> {
        let kept = || self.inner.directory.wordings.lock().unwrap_or_else(PoisonError::into_inner);
        let name = (scope.id().clone(), language, rev);
        let known = kept().editions.get(&name).copied();
        if known.is_some() {
            return Ok(known);
        }
        let missing = match self.in_tenant(scope).wording_edition(language, rev).await {
            Ok(Some((wording, bytes))) => match kept().keep(name, wording, bytes) {
                Some(wording) => return Ok(Some(wording)),
                None => "this process has no room for more".to_owned(),
            },
            Ok(None) => "their edition is gone".to_owned(),
            Err(error @ StoreError::Unavailable(_)) => return Err(error),
            Err(error) => error.to_string(),
        };
        tracing::error!(tenant = %scope.id(), language = language.code(), rev, %missing, "own texts are not said");
        Ok(None)
    }

    /// The scope of a tenant that a mail of ours names; `None` when there is no such tenant.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn scope_of(&self, tenant: &TenantId) -> Result<Option<TenantScope>, StoreError> {
        let record: Option<Loaded<TenantRecord>> = access::get(self, global::registry(tenant), false).await?;
        Ok(record.map(|record| TenantScope::born(record.value.id)))
    }

    /// Pages read their host eventually; what a write is decided on is read consistently.
    pub(crate) async fn read_host(&self, host: &str, consistent: bool) -> Result<Option<Loaded<HostItem>>, StoreError> {
        access::get(self, global::host(host), consistent).await
    }

    fn tenant(&self, host: &str, item: HostItem) -> Tenant {
        Tenant {
            scope: TenantScope::born(item.tenant),
            in_sandbox_stage: self.inner.is_sandbox_stage,
            slug: item.slug,
            host: host.to_owned(),
            settings: item.settings,
        }
    }

    /// The public keys that sign sessions, cached. `unknown_kid` asks for a fresh look, at most every five seconds.
    ///
    /// # Errors
    /// The table's errors when nothing is cached.
    pub async fn signing_keys(&self, now: Timestamp, unknown_kid: bool) -> Result<Arc<Vec<SigningKey>>, StoreError> {
        let cached = self.inner.directory.keys.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((keys, read_at)) = &cached {
            let fresh_for = if unknown_kid { UNKNOWN } else { STALE };
            let age = now.duration_since(*read_at);
            if age >= SignedDuration::ZERO && age < fresh_for {
                return Ok(Arc::clone(keys));
            }
        }
        let range = Range::prefix(global::signing_key("").pk, "SIGN#", 20);
        match access::query(self, range)
            .await
            .and_then(|page| page.items.into_iter().map(read).collect::<Result<Vec<_>, _>>())
        {
            Ok(found) => {
                let keys = Arc::new(found.into_iter().map(|loaded: Loaded<SigningKey>| loaded.value).collect());
                *self.inner.directory.keys.lock().unwrap_or_else(PoisonError::into_inner) =
                    Some((Arc::clone(&keys), now));
                Ok(keys)
            }
            Err(error) => cached.map(|(keys, _)| keys).ok_or(error),
        }
    }

    /// Publishes the public half of a signing key; again and again is the same.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn publish_signing_key(&self, key: &SigningKey) -> Result<(), StoreError> {
        access::put(self, Item::new(global::signing_key(&key.kid), key, 1)?).await?;
        *self.inner.directory.keys.lock().unwrap_or_else(PoisonError::into_inner) = None;
        Ok(())
    }

    /// A platform key by its id, read consistently.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn platform_key(&self, id: &ApiKeyId) -> Result<Option<ApiKey>, StoreError> {
        Ok(access::get(self, global::platform_key(id), true).await?.map(|loaded: Loaded<ApiKey>| loaded.value))
    }

    /// Stores a platform key, for setting up an installation.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn put_platform_key(&self, key: &ApiKey) -> Result<(), StoreError> {
        access::put(self, Item::new(global::platform_key(&key.id), key, 1)?).await
    }

    /// The tenant with this neutral host, read from the table, with the revision of its registry line.
    ///
    /// # Errors
    /// `Unknown`, or the table's errors.
    pub async fn find_tenant(
        &self,
        slug: &TenantSlug,
        base_domain: &str,
    ) -> Result<(Loaded<TenantRecord>, Tenant), DirectoryError> {
        let host = slug.host(base_domain);
        let item = self.read_host(&host, true).await?.ok_or(DirectoryError::Unknown)?;
        let record: Loaded<TenantRecord> =
            access::get(self, global::registry(&item.value.tenant), true).await?.ok_or(DirectoryError::Unknown)?;
        Ok((record, self.tenant(&host, item.value)))
    }

    /// All tenants, a page at a time.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn tenants(&self, limit: u16, after: Option<String>) -> Result<Page<TenantRecord>, StoreError> {
        let range = Range::prefix(global::registry_pk(), "ten_", i32::from(limit)).after(after);
        let page = access::query(self, range).await?;
        let items = page.items.into_iter().map(|raw| read(raw).map(|loaded: Loaded<TenantRecord>| loaded.value));
        Ok(Page { items: items.collect::<Result<_, _>>()?, next: page.next })
    }

    /// The scopes of all tenants, for the job loop.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn scopes(&self) -> Result<Vec<TenantScope>, StoreError> {
        let raw = access::query_all(self, Range::prefix(global::registry_pk(), "ten_", 1_000)).await?;
        raw.into_iter().map(|raw| read(raw).map(|l: Loaded<TenantRecord>| TenantScope::born(l.value.id))).collect()
    }

    /// Sets a tenant up: registry line and host, all or nothing.
    ///
    /// # Errors
    /// `Refused("host")` when the host is taken.
    pub async fn create_tenant(
        &self,
        change: &Change<TenantRecord>,
        settings: &Settings,
    ) -> Result<Tenant, CommitError> {
        let record = change.next();
        let scope = TenantScope::born(record.id.clone());
        let inside = self.in_tenant(&scope);
        let host_item = HostItem { tenant: record.id.clone(), slug: record.slug.clone(), settings: settings.clone() };
        let mut commit = inside.commit().create("tenant", Item::new(global::registry(&record.id), record, 1));
        for host in &record.hosts {
            commit = commit.create("host", Item::new(global::host(host), &host_item, 1));
        }
        commit.events(None, change.events()).run().await?;
        self.inner.directory.forget(&record.hosts);
        let host = record.hosts.first().cloned().unwrap_or_default();
        Ok(self.tenant(&host, host_item))
    }

    /// Replaces the further hosts (own domains, M-75) of a tenant.
    ///
    /// # Errors
    /// `Refused("host")` when one is another tenant's; `Refused("tenant")` when somebody else changed the hosts and
    /// `Refused("settings")` when somebody saved settings meanwhile: the copies would differ.
    pub async fn set_hosts(
        &self,
        seen: &Loaded<TenantRecord>,
        hosts: &[String],
        actor: Actor,
        now: Timestamp,
    ) -> Result<(), CommitError> {
        let record = &seen.value;
        let neutral = record.hosts.first().cloned().unwrap_or_default();
        let current = self.read_host(&neutral, true).await?.ok_or(CommitError::Refused("tenant"))?;
        let mut wanted = vec![neutral.clone()];
        wanted.extend(hosts.iter().filter(|host| !record.hosts[..1].contains(host)).cloned());
        wanted.truncate(MAX_HOSTS);
        let next = TenantRecord { hosts: wanted.clone(), ..record.clone() };
        let scope = TenantScope::born(record.id.clone());
        let inside = self.in_tenant(&scope);
        let registry = Item::new(global::registry(&record.id), &next, seen.rev + 1);
        let mut commit = inside.commit().replace("tenant", registry, seen.rev);
        commit = commit.unchanged("settings", global::host(&neutral), current.rev);
        for host in wanted.iter().filter(|host| !record.hosts.contains(host)) {
            commit = commit.create("host", Item::new(global::host(host), &current.value, current.rev));
        }
        for host in record.hosts.iter().filter(|host| !wanted.contains(host)) {
            commit = commit.delete("host", global::host(host));
        }
        let event = Event::new(EventKind::SettingsChanged, actor, now, "hosts");
        commit.events(None, &[event]).run().await?;
        self.inner.directory.forget(&record.hosts);
        self.inner.directory.forget(&wanted);
        Ok(())
    }
}

/// A tenant that appears for the first time.
impl TenantRecord {
    /// The registry line and the fact that explains it.
    #[must_use]
    pub fn create(id: TenantId, slug: TenantSlug, host: String, actor: Actor, now: Timestamp) -> Change<Self> {
        let event = Event::new(EventKind::TenantCreated, actor, now, slug.as_str());
        Change::new(Self { id, slug, hosts: vec![host], created_at: now }, event)
    }
}
