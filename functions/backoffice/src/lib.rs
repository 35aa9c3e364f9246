//! The integrator's and the platform's API: tenants, settings, customers, contracts,
//! declarations, invoices and other documents, links, mail templates, keys, events, webhooks.

mod access;
mod accounts;
mod addresses;
mod bank_entries;
mod bank_statements;
mod comments;
mod contacts;
mod customers;
mod declarations;
mod deliveries;
mod document_input;
mod documents;
mod endpoints;
mod erasure;
mod events;
mod facts_input;
mod import;
mod invoice_input;
mod invoices;
mod jobs;
mod keys;
mod ledger;
mod links;
mod list;
mod notify;
mod openapi;
mod originals;
mod payment_methods;
mod payments;
mod pdf_check;
mod portal_page;
mod postings;
mod providers;
mod settings;
mod subscriptions;
mod templates;
mod tenants;
mod webhooks;
mod wording;

pub mod logo;
pub mod own_text;
pub mod theme;

use files::{Files, FilesConfig};
use web::{Portal, Providers, Routes, with};

/// What this function has beside table and clock.
#[derive(Debug, Clone)]
pub struct Clients {
    /// Logos and originals.
    pub files: Files,
    /// For connecting them and giving money back.
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
    let routes = Routes::function("backoffice").get("/api/openapi.json", openapi::show);
    loading(setting_up(routes, clients), clients)
}

/// Tenants, keys, settings, own words, mail templates, links, endpoints of webhooks.
fn setting_up(routes: Routes, clients: &Clients) -> Routes {
    routes
        .get("/api/admin/v1/tenants", tenants::list)
        .get("/api/admin/v1/tenants/{slug}", tenants::get)
        .put("/api/admin/v1/tenants/{slug}", tenants::put)
        .post("/api/admin/v1/tenants/{slug}/keys", keys::create_for_tenant)
        .get("/api/admin/v1/keys", keys::list)
        .post("/api/admin/v1/keys", keys::create)
        .delete("/api/admin/v1/keys/{id}", keys::revoke)
        .get("/api/admin/v1/settings/portal", settings::portal)
        .put("/api/admin/v1/settings/portal", settings::put_portal)
        .get("/api/admin/v1/settings/branding", settings::branding)
        .put("/api/admin/v1/settings/branding", settings::put_branding)
        .put("/api/admin/v1/settings/branding/logo", with(clients, settings::put_logo))
        .put("/api/admin/v1/settings/branding/logo-dark", with(clients, settings::put_logo_dark))
        .get("/api/admin/v1/settings/company", settings::company)
        .put("/api/admin/v1/settings/company", settings::put_company)
        .get("/api/admin/v1/settings/texts", settings::texts)
        .put("/api/admin/v1/settings/texts", settings::put_texts)
        .get("/api/admin/v1/settings/login", settings::login)
        .put("/api/admin/v1/settings/login", settings::put_login)
        .get("/api/admin/v1/settings/areas", settings::areas)
        .put("/api/admin/v1/settings/areas", settings::put_areas)
        .get("/api/admin/v1/settings/contracts", settings::contracts)
        .put("/api/admin/v1/settings/contracts", settings::put_contracts)
        .get("/api/admin/v1/settings/documents", settings::documents)
        .put("/api/admin/v1/settings/documents", settings::put_documents)
        .get("/api/admin/v1/settings/mails", settings::mails)
        .put("/api/admin/v1/settings/mails", settings::put_mails)
        .get("/api/admin/v1/settings/links", settings::links)
        .put("/api/admin/v1/settings/links", settings::put_links)
        .get("/api/admin/v1/settings/embed", settings::embed)
        .put("/api/admin/v1/settings/embed", settings::put_embed)
        .get("/api/admin/v1/settings/payments", settings::payments)
        .put("/api/admin/v1/settings/payments", settings::put_payments)
        .get("/api/admin/v1/settings/providers", with(clients, providers::list))
        .put("/api/admin/v1/settings/providers/{provider}", with(clients, providers::put))
        .get("/api/admin/v1/settings/wording/{language}", wording::get)
        .put("/api/admin/v1/settings/wording/{language}", wording::put)
        .get("/api/admin/v1/links", links::list)
        .get("/api/admin/v1/templates", templates::list)
        .get("/api/admin/v1/templates/{kind}/{language}", templates::get)
        .put("/api/admin/v1/templates/{kind}/{language}", templates::put)
        .delete("/api/admin/v1/templates/{kind}/{language}", templates::reset)
        .get("/api/admin/v1/templates/{kind}/{language}/history", templates::history)
        .get("/api/admin/v1/templates/{kind}/{language}/history/{rev}", templates::version)
        .post("/api/admin/v1/templates/{kind}/{language}/preview", templates::preview)
        .post("/api/admin/v1/links", links::create)
        .delete("/api/admin/v1/links", links::revoke)
        .get("/api/admin/v1/webhook-endpoints", endpoints::list)
        .post("/api/admin/v1/webhook-endpoints", endpoints::create)
        .get("/api/admin/v1/webhook-endpoints/{id}", endpoints::get)
        .delete("/api/admin/v1/webhook-endpoints/{id}", endpoints::delete)
        .verb("/api/admin/v1/webhook-endpoints/{id}", "rotate", endpoints::rotate)
        .verb("/api/admin/v1/webhook-endpoints/{id}", "enable", endpoints::enable)
        .get("/api/admin/v1/webhook-endpoints/{id}/deliveries", deliveries::list)
        .verb("/api/admin/v1/deliveries/{id}", "redeliver", deliveries::redeliver)
}

/// Customers, contracts, invoices, and what became of them.
fn loading(routes: Routes, clients: &Clients) -> Routes {
    routes
        .get("/api/admin/v1/accounts", accounts::list)
        .get("/api/admin/v1/accounts/{number}", accounts::get)
        .put("/api/admin/v1/accounts/{number}", accounts::put)
        .get("/api/admin/v1/contacts", contacts::list)
        .get("/api/admin/v1/contacts/{number}", contacts::get)
        .put("/api/admin/v1/contacts/{number}", contacts::put)
        .get("/api/admin/v1/customers", customers::list)
        .post("/api/admin/v1/customers:import", customers::import)
        .get("/api/admin/v1/customers/{number}", customers::get)
        .put("/api/admin/v1/customers/{number}", customers::put)
        .verb("/api/admin/v1/customers/{number}", "erase", erasure::erase)
        .get("/api/admin/v1/customers/{number}/erasure", erasure::get)
        .get("/api/admin/v1/customers/{number}/access", access::get)
        .put("/api/admin/v1/customers/{number}/access", access::put)
        .post("/api/admin/v1/access:apply", access::apply)
        .get("/api/admin/v1/jobs/{id}", jobs::get)
        .delete("/api/admin/v1/customers/{number}/bounce", customers::clear_bounce)
        .get("/api/admin/v1/customers/{number}/addresses", addresses::of_customer)
        .get("/api/admin/v1/customers/{number}/payment-methods", payment_methods::of_customer)
        .get("/api/admin/v1/customers/{number}/subscriptions", subscriptions::of_customer)
        .get("/api/admin/v1/customers/{number}/subscriptions/{subscription}", subscriptions::get)
        .post("/api/admin/v1/customers/{number}/subscriptions/{subscription}/pause", subscriptions::pause)
        .post("/api/admin/v1/customers/{number}/subscriptions/{subscription}/resume", subscriptions::resume)
        .post("/api/admin/v1/customers/{number}/subscriptions/{subscription}/cancel", subscriptions::cancel)
        .post("/api/admin/v1/customers/{number}/subscriptions/{subscription}/take-back", subscriptions::take_back)
        .put("/api/admin/v1/customers/{number}/subscriptions/{subscription}", subscriptions::put)
        .get("/api/admin/v1/subscriptions", subscriptions::list)
        .get("/api/admin/v1/declarations", declarations::list)
        .get("/api/admin/v1/declarations/{id}", declarations::get)
        .verb("/api/admin/v1/declarations/{id}", "answer", declarations::answer)
        .get("/api/admin/v1/invoices", invoices::list)
        .post("/api/admin/v1/invoices:import", invoices::import)
        .get("/api/admin/v1/invoices/{number}", invoices::get)
        .put("/api/admin/v1/invoices/{number}", invoices::put)
        .patch("/api/admin/v1/invoices/{number}", postings::patch)
        .verb("/api/admin/v1/invoices/{number}", "payment", postings::payment)
        .verb("/api/admin/v1/invoices/{number}", "payment-reverse", postings::payment_reverse)
        .verb("/api/admin/v1/invoices/{number}", "cancel", postings::cancel_invoice)
        .get("/api/admin/v1/documents/{type}", documents::list)
        .verb("/api/admin/v1/documents/{type}", "import", documents::import)
        .get("/api/admin/v1/documents/{type}/{number}", documents::get)
        .put("/api/admin/v1/documents/{type}/{number}", documents::put)
        .put("/api/admin/v1/documents/{type}/{number}/pdf", with(clients, originals::put))
        .get("/api/admin/v1/documents/{type}/{number}/comments", comments::list)
        .post("/api/admin/v1/documents/{type}/{number}/comments", comments::create)
        .post("/api/admin/v1/bank-statements", bank_statements::post)
        .get("/api/admin/v1/bank-entries", bank_entries::list)
        .verb("/api/admin/v1/bank-entries/{id}", "assign", bank_entries::assign)
        .get("/api/admin/v1/events", events::list)
        .post("/api/admin/v1/ledger:check", ledger::check)
        .get("/api/admin/v1/payments/{id}", payments::get)
        .verb("/api/admin/v1/payments/{id}", "refund", with(clients, payments::refund))
        .verb("/api/admin/v1/payments/{id}", "decide", with(clients, payments::decide))
        .post("/api/admin/v1/webhooks:replay", with(clients, webhooks::replay))
}
