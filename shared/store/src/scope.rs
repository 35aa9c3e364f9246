//! The tenant's scope: without one no key can be built, and nothing outside the directory can make one.

use domain::id::TenantId;

use crate::Store;

/// The right to read and write one tenant's items.
///
/// Architecture Invariant: private field, no `Default`, `From` or `Deserialize`. Scopes are born in the directory lookup
/// (of a host, or of the tenant that a mail of ours names) and in the job loop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantScope {
    id: TenantId,
}

impl TenantScope {
    pub(crate) const fn born(id: TenantId) -> Self {
        Self { id }
    }

    /// The tenant whose item the table's stream tells about, for the job loop: the stream is the table's own word.
    #[must_use]
    pub fn of_stream_key(pk: &str) -> Option<Self> {
        pk.strip_prefix("T#")?.split('#').next()?.parse().ok().map(Self::born)
    }

    /// The opaque tenant id.
    #[must_use]
    pub const fn id(&self) -> &TenantId {
        &self.id
    }

    #[cfg(test)]
    pub(crate) fn for_key_tests() -> Self {
        Self::born(TenantId::new(jiff::Timestamp::UNIX_EPOCH, [0; 10]))
    }
}

/// The store, seen from inside one tenant.
#[derive(Debug, Clone)]
pub struct TenantStore {
    pub(crate) store: Store,
    pub(crate) scope: TenantScope,
}

impl Store {
    /// The store of one tenant.
    #[must_use]
    pub fn in_tenant(&self, scope: &TenantScope) -> TenantStore {
        TenantStore { store: self.clone(), scope: scope.clone() }
    }
}
