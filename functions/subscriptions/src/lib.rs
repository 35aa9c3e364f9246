//! The customer's contracts: list and detail.

pub mod contract;
pub mod contracts;

use web::Routes;

/// The page table.
#[must_use]
pub fn routes() -> Routes {
    Routes::function("subscriptions")
        .get("/contracts", contracts::show)
        .get("/contracts/{number}", contract::show)
        .get("/api/v1/subscriptions", contracts::list)
        .get("/api/v1/subscriptions/{number}", contract::get)
}
