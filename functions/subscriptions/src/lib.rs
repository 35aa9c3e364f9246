//! The customer's contracts: list and detail.

pub mod contract;
pub mod contracts;
pub mod payment_method;

use web::Routes;

/// The page table.
#[must_use]
pub fn routes() -> Routes {
    Routes::function("subscriptions")
        .get("/contracts", contracts::show)
        .get("/contracts/{number}", contract::show)
        .get("/contracts/{number}/payment-method", payment_method::show)
        .post("/contracts/{number}/payment-method", payment_method::submit)
        .get("/api/v1/subscriptions", contracts::list)
        .get("/api/v1/subscriptions/{number}", contract::get)
}
