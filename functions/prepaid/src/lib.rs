//! „Konten" and „Prepaid-Konto aufladen": balances, entries, and money paid in advance.

mod api;
mod order;

pub mod account;
pub mod accounts;
pub mod deposit;
pub mod topup;

use web::{Providers, Routes, with};

/// The page table.
#[must_use]
pub fn routes(providers: &Providers) -> Routes {
    Routes::function("prepaid")
        .get("/accounts", accounts::show)
        .get("/accounts/{number}", account::show)
        .get("/prepaid", topup::show)
        .post("/prepaid", with(providers, topup::pay))
        .get("/prepaid/{deposit}", with(providers, deposit::show))
        .get("/api/v1/accounts", accounts::list)
        .get("/api/v1/accounts/{number}", account::get)
        .get("/api/v1/accounts/{number}/entries", account::entries)
        .post("/api/v1/topups", with(providers, api::create))
}
