//! The customer's contracts: list and detail; cancelling and withdrawing for everybody.

pub mod cancel;
pub mod confirmation;
pub mod contract;
pub mod contracts;
pub mod payment_method;
pub mod withdraw;

mod declarations;

use web::Routes;

/// The page table.
#[must_use]
pub fn routes() -> Routes {
    Routes::function("subscriptions")
        .get("/contracts", contracts::show)
        .get("/contracts/{number}", contract::show)
        .get("/contracts/{number}/payment-method", payment_method::show)
        .post("/contracts/{number}/payment-method", payment_method::submit)
        .get("/cancel", cancel::show)
        .post("/cancel", cancel::submit)
        .get("/cancel/{id}/confirmation", confirmation::of_cancellation)
        .get("/withdraw", withdraw::show)
        .post("/withdraw", withdraw::submit)
        .get("/withdraw/{id}/confirmation", confirmation::of_withdrawal)
        .get("/api/v1/subscriptions", contracts::list)
        .get("/api/v1/subscriptions/{number}", contract::get)
}
