//! „Rechnungen ausgleichen": one amount over many invoices, what became of a payment, and paying one invoice by link.

mod api;
mod bill;
mod clients;
mod payments;

pub mod carried;
pub mod paylink;
pub mod payment;
pub mod settle;
pub mod steps;

pub use clients::Clients;
use web::{Routes, with};

/// The page table.
#[must_use]
pub fn routes(clients: &Clients) -> Routes {
    Routes::function("settle")
        .get("/settle", settle::show)
        .post("/settle", with(clients, settle::pay))
        .get("/payments/{id}", with(clients, payment::show))
        .get("/pay/{token}", with(clients, paylink::show))
        .post("/pay/{token}", with(clients, paylink::pay))
        .post("/api/v1/settlements/preview", api::preview_of)
        .post("/api/v1/settlements", with(clients, api::create))
        .get("/api/v1/payments", payments::list)
        .get("/api/v1/payments/{id}", payments::get)
}
