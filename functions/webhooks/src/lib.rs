//! What payment providers tell us: one address per provider.

mod receive;

use web::{Providers, Routes, with};

/// The page table.
#[must_use]
pub fn routes(providers: &Providers) -> Routes {
    Routes::function("webhooks").post("/webhooks/{provider}", with(providers, receive::receive))
}
