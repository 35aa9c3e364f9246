//! Signing in: the code by e-mail, personal links, the choice between customers, sessions.

mod api;
mod clients;
mod device;
mod flow;
mod language;
mod mails;
mod sign_in;

pub mod choose;
pub mod code;
pub mod embed;
pub mod link;
pub mod login;
pub mod sessions;

pub use clients::{Clients, NoKey, fresh_signing_key, public_signing_key};

use web::{Routes, with};

/// The page table.
#[must_use]
pub fn routes(clients: &Clients) -> Routes {
    Routes::function("auth-otp")
        .get("/login", login::show)
        .post("/login", with(clients, login::submit))
        .get("/login/code", code::show)
        .post("/login/code", with(clients, code::submit))
        .post("/login/resend", with(clients, code::resend))
        .get("/login/choose", choose::show)
        .post("/login/choose", with(clients, choose::submit))
        .get("/link/{token}", link::show)
        .post("/link/{token}", with(clients, link::submit))
        .get("/embed", embed::closed)
        .get("/embed/{token}", embed::show)
        .post("/embed/{token}", with(clients, embed::submit))
        .post("/logout", sessions::sign_out)
        .get("/sessions", sessions::show)
        .post("/sessions/{id}/end", sessions::end_one)
        .post("/language", language::choose)
        .post("/api/v1/auth/otp", with(clients, api::request))
        .post("/api/v1/auth/otp/resend", with(clients, api::resend))
        .post("/api/v1/auth/otp/verify", with(clients, api::verify))
        .post("/api/v1/auth/otp/choose", with(clients, api::choose))
        .delete("/api/v1/session", api::end)
        .get("/api/v1/sessions", api::list_sessions)
        .delete("/api/v1/sessions/{id}", api::end_session)
}
