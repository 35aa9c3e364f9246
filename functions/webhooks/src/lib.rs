//! What payment providers tell us: one address per provider.

mod receive;

use web::{Portal, Providers, Routes, with};

/// What this function has beside table and clock.
#[derive(Debug, Clone)]
pub struct Clients {
    /// The providers, for proving where a message comes from.
    pub providers: Providers,
}

impl Clients {
    /// Makes the clients; nothing is asked yet.
    #[must_use]
    pub fn connect(portal: &Portal) -> Self {
        Self { providers: Providers::new(portal.config()) }
    }
}

/// The page table.
#[must_use]
pub fn routes(clients: &Clients) -> Routes {
    Routes::function("webhooks").post("/webhooks/{provider}", with(clients, receive::receive))
}
