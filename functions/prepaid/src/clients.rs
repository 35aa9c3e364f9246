//! What this function has beside table and clock, and the counter it opens payments at.

use std::sync::Arc;

use booking::Books;
use checkout::Counter;
use store::Tenant;
use web::{Arrival, Portal, Providers};

/// Clients of the payment providers.
#[derive(Debug, Clone)]
pub struct Clients {
    /// Made when they are first needed.
    pub providers: Providers,
}

impl Clients {
    /// Makes the clients; nothing is asked yet.
    #[must_use]
    pub fn connect(portal: &Portal) -> Self {
        Self { providers: Providers::new(portal.config()) }
    }

    /// The counter of one request.
    pub(crate) fn counter(&self, arrival: &Arrival, tenant: &Arc<Tenant>) -> Counter {
        let now = arrival.now();
        let store = arrival.portal().store().in_tenant(tenant.scope());
        Counter {
            books: Books { store, now, today: tenant.settings.zone.day(now) },
            tenant: Arc::clone(tenant),
            arrival: arrival.clone(),
            providers: self.providers.clone(),
        }
    }
}
