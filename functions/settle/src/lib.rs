//! „Rechnungen ausgleichen": one amount over many invoices, what became of a payment, and paying one invoice by link.

mod api;
mod bill;
mod payments;

pub mod carried;
pub mod paylink;
pub mod payment;
pub mod settle;
pub mod steps;

use web::{Providers, Routes, with};

/// The page table.
#[must_use]
pub fn routes(providers: &Providers) -> Routes {
    Routes::function("settle")
        .get("/settle", settle::show)
        .post("/settle", with(providers, settle::pay))
        .get("/settle/preview", settle::preview)
        .get("/payments/{id}", with(providers, payment::show))
        .get("/pay/{token}", with(providers, paylink::show))
        .post("/pay/{token}", with(providers, paylink::pay))
        .get("/pay/back/{id}", paylink::back)
        .post("/api/v1/settlements/preview", api::preview_of)
        .post("/api/v1/settlements", with(providers, api::create))
        .get("/api/v1/payments", payments::list)
        .get("/api/v1/payments/{id}", payments::get)
}
