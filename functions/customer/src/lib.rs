//! The customer's own pages: start page, data, login address, ways to pay, contact person, legal texts; and every path
//! nobody else has.

mod assets;

pub mod contact;
pub mod data;
pub mod email;
pub mod legal;
pub mod payment_methods;
pub mod start;
pub mod undelivered;

use data::addresses;
use files::{Files, FilesConfig};
use web::{Answer, AnyContext, Asked, File, Nothing, Portal, Providers, Routes, with};

/// What this function has beside table and clock.
#[derive(Debug, Clone)]
pub struct Clients {
    /// Logos.
    pub files: Files,
    /// Payment providers.
    pub providers: Providers,
}

impl Clients {
    /// Makes the clients; nothing is asked yet.
    #[must_use]
    pub fn connect(portal: &Portal, aws: &aws_config::SdkConfig) -> Self {
        Self {
            files: Files::connect(aws, FilesConfig { bucket: portal.config().bucket_name.clone(), path_style: true }),
            providers: Providers::connect(portal.config(), aws),
        }
    }
}

/// The page table.
#[must_use]
pub fn routes(clients: &Clients) -> Routes {
    let providers = &clients.providers;
    Routes::function("customer")
        .get("/", start::show)
        .get("/data", data::show)
        .get("/data/email", email::show)
        .post("/data/email", email::submit)
        .post("/data/email/withdraw", email::withdraw)
        .get("/data/email/confirm/{token}", email::confirm::show)
        .post("/data/email/confirm/{token}", email::confirm::submit)
        .get("/data/export", data::export::show)
        .post("/data/export", data::export::start)
        .get("/data/erasure", data::erasure::show)
        .post("/data/erasure", data::erasure::submit)
        .get("/data/edit", data::edit::show)
        .post("/data/edit", data::edit::submit)
        .get("/data/addresses", addresses::show)
        .get("/data/addresses/new", addresses::edit::show_new)
        .post("/data/addresses/new", addresses::edit::create)
        .get("/data/addresses/{id}", addresses::edit::show)
        .post("/data/addresses/{id}", addresses::edit::submit)
        .post("/data/addresses/{id}/default", addresses::make_default)
        .get("/data/addresses/{id}/remove", addresses::remove::show)
        .post("/data/addresses/{id}/remove", addresses::remove::submit)
        .get("/payment-methods", payment_methods::show)
        .get("/payment-methods/add", payment_methods::add::show)
        .post("/payment-methods/add", with(providers, payment_methods::add::submit))
        .post("/payment-methods/no-default", payment_methods::no_default)
        .get("/payment-methods/link/{token}", with(providers, payment_methods::link::show))
        .post("/payment-methods/link/{token}", with(providers, payment_methods::link::submit))
        .get("/payment-methods/back/{id}", payment_methods::link::back)
        .get("/payment-methods/{id}", with(providers, payment_methods::one::show))
        .post("/payment-methods/{id}/default", payment_methods::make_default)
        .get("/payment-methods/{id}/remove", payment_methods::remove::show)
        .post("/payment-methods/{id}/remove", with(providers, payment_methods::remove::submit))
        .get("/contact", contact::show)
        .get("/imprint", legal::imprint)
        .get("/privacy", legal::privacy)
        .get("/accessibility", legal::accessibility)
        .get("/assets/{file}", with(clients, assets::show))
        .get("/healthz", healthz)
        .get("/api/v1/customer", data::api::show)
        .patch("/api/v1/customer", data::api::change)
        .get("/api/v1/customer/export", data::export::latest)
        .post("/api/v1/customer/export", data::export::ask)
        .get("/api/v1/addresses", addresses::api::list)
        .post("/api/v1/addresses", addresses::api::create)
        .get("/api/v1/addresses/{id}", addresses::api::get)
        .patch("/api/v1/addresses/{id}", addresses::api::change)
        .delete("/api/v1/addresses/{id}", addresses::api::remove)
        .post("/api/v1/customer/email", email::api::request)
        .get("/api/v1/payment-methods", payment_methods::api::list)
        .post("/api/v1/payment-methods", with(providers, payment_methods::api::create))
        .get("/api/v1/payment-methods/{id}", with(providers, payment_methods::api::get))
        .patch("/api/v1/payment-methods/{id}", payment_methods::api::change)
        .delete("/api/v1/payment-methods/{id}", with(providers, payment_methods::api::remove))
}

/// Says that the function answers, on every known host.
async fn healthz(_: AnyContext, _: Asked<Nothing>) -> Answer<File> {
    Ok(File::plain(b"ok".to_vec(), "text/plain; charset=utf-8"))
}
