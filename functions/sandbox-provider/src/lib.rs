//! The sandbox payment provider's own side: what a real provider is to the portal, with a checkout page on which a test or
//! demo decides what happens. It moves no money, and in `prod` it does not exist.
//!
//! Architecture Invariant: the portal and this function share the wire (`payments::sandbox`) and the secret, nothing else.
//! What it knows, the portal learns by message and look-up only.

mod api;
mod books;
mod checkout;
mod messages;
mod method;
mod methods_api;

pub use checkout::ACTIONS;
pub use method::ACTIONS as METHOD_ACTIONS;

use payments::Client;
use web::{Config, Portal, Routes, with};

/// What this function has beside table and clock.
#[derive(Debug, Clone)]
pub struct Clients {
    client: Client,
    /// Its own address, without the tenant.
    base: String,
    /// Through which address messages go, if not straight to their own.
    via: Option<String>,
}

impl Clients {
    /// Makes the clients; nothing is asked yet.
    #[must_use]
    pub fn connect(portal: &Portal) -> Self {
        let config: &Config = portal.config();
        let own = || format!("{}/sandbox-provider", config.origin(config.base_host()));
        Self {
            client: Client::default(),
            base: config.sandbox_provider_url.clone().unwrap_or_else(own),
            via: config.sandbox_messages_via.clone(),
        }
    }
}

/// The page table.
#[must_use]
pub fn routes(clients: &Clients) -> Routes {
    Routes::function("sandbox-provider")
        .get("/sandbox-provider/{tenant}/checkout.css", checkout::style)
        .get("/sandbox-provider/{tenant}/checkout/{id}", checkout::show)
        .post("/sandbox-provider/{tenant}/checkout/{id}", with(clients, checkout::click))
        .post("/sandbox-provider/{tenant}/v1/checkouts", with(clients, api::create))
        .get("/sandbox-provider/{tenant}/v1/payments/{reference}", api::payment)
        .post("/sandbox-provider/{tenant}/v1/refunds", with(clients, api::refund))
        .get("/sandbox-provider/{tenant}/method/{id}", method::show)
        .post("/sandbox-provider/{tenant}/method/{id}", with(clients, method::click))
        .post("/sandbox-provider/{tenant}/v1/methods", with(clients, methods_api::create))
        .get("/sandbox-provider/{tenant}/v1/methods/{method}", methods_api::show)
        .post("/sandbox-provider/{tenant}/v1/methods/{method}/forget", methods_api::forget)
        .post("/sandbox-provider/{tenant}/v1/charges", with(clients, methods_api::charge))
}
