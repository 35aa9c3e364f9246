//! The customer's contracts: list and detail; cancelling and withdrawing for everybody.

pub mod cancel;
pub mod confirmation;
pub mod contract;
pub mod contracts;
pub mod withdraw;

mod declarations;

use web::Routes;

/// The page table.
#[must_use]
pub fn routes() -> Routes {
    Routes::function("subscriptions")
        .get("/contracts", contracts::show)
        .get("/contracts/{number}", contract::show)
        .get("/contracts/{number}/cancel", contract::cancel::show)
        .post("/contracts/{number}/cancel", contract::cancel::submit)
        .get("/contracts/{number}/cancel/confirmation", contract::cancel::confirm)
        .get("/contracts/{number}/take-back", contract::take_back::show)
        .post("/contracts/{number}/take-back", contract::take_back::submit)
        .get("/contracts/{number}/pause", contract::pause::show)
        .post("/contracts/{number}/pause", contract::pause::submit)
        .post("/contracts/{number}/resume", contract::pause::resume)
        .get("/contracts/{number}/payment-method", contract::payment_method::show)
        .post("/contracts/{number}/payment-method", contract::payment_method::submit)
        .get("/cancel", cancel::show)
        .post("/cancel", cancel::submit)
        .get("/cancel/{id}/confirmation", confirmation::of_cancellation)
        .get("/withdraw", withdraw::show)
        .post("/withdraw", withdraw::submit)
        .get("/withdraw/{id}/confirmation", confirmation::of_withdrawal)
        .get("/api/v1/subscriptions", contracts::list)
        .get("/api/v1/subscriptions/{number}", contract::get)
        .get("/api/v1/subscriptions/{number}/cancel-preview", contract::api::cancel_preview)
        .post("/api/v1/subscriptions/{number}/cancel", contract::api::cancel)
        .post("/api/v1/subscriptions/{number}/take-back", contract::api::take_back)
        .post("/api/v1/subscriptions/{number}/pause", contract::api::pause)
        .post("/api/v1/subscriptions/{number}/resume", contract::api::resume)
}
