//! No tenant sees another: every route × everybody who must not pass × ids of both tenants, and the owner beside them.

use std::collections::BTreeMap;

use domain::{Event, EventKind, change::Actor, delivery::Delivery, id::EventId, payment::Method};
use testkit::{
    Answer, Api, Browser, Customer, Portal, STRIPE_KEY, STRIPE_SECRET, Tenant, Value, hours, json, minutes, samples,
};
use web::Guard;

/// One tenant of two that have the same numbers for everything.
pub(crate) struct House {
    pub(crate) tenant: Tenant,
    pub(crate) owner: Browser,
    expired: Browser,
    other: Browser,
    other_program: Api,
    link: String,
    link_id: String,
    revoked: Api,
    key_id: String,
    /// Money on its bank statement that nobody was found for.
    bank_entry: String,
    /// A payment of the owner, asked for at the sandbox provider.
    payment: String,
    /// A top-up of the owner by transfer that has arrived.
    deposit: String,
    /// A link for one invoice.
    pay_link: String,
    /// A link that shows one.
    document_link: String,
    /// A job that was asked for.
    job: String,
    /// An export that the owner asked for, of which there is no file yet.
    export: String,
    /// A way to pay that the owner keeps.
    method: String,
    /// A link for adding one.
    method_link: String,
    /// A billing address that the owner keeps.
    address: String,
    /// An endpoint of webhooks, and one that is there to be taken away.
    endpoints: [String; 2],
    /// A message to the first one.
    delivery: String,
    /// The pages of a cancellation and a withdrawal that somebody declared.
    declarations: [String; 2],
    /// One of them, as staff know it.
    declaration: String,
    /// A session of the owner's.
    session: String,
    /// A link that confirms another login address of the owner's.
    email_link: String,
}

/// The account every house has: two tenants may have the same.
const IBAN: &str = "DE02120300000000202051";

const CSS: &str = "theme.css";

/// Files that only some have: a bank account (`papers.rs`), a cancelled contract (`contract_days.rs`), an answered offer
/// (`offers.rs`), and whoever's files were put together (`exports.rs`).
pub(crate) const PAPERS_OF_SOME: [&str; 5] = [
    "/payment-methods/{id}/mandate",
    "/contracts/{number}/cancel/pdf",
    "/documents/{type}/{number}/decision",
    "/files/{id}/{part}",
    "/api/v1/files/{id}/{part}",
];

/// Every route there is: its path, its methods, and which of a house's numbers `{number}` is. A route without its row fails,
/// for only what stands here is known to be walked.
const ROWS: [(&str, &str, &str); 219] = [
    ("/", "GET", ""),
    ("/accessibility", "GET", ""),
    ("/accounts", "GET", ""),
    ("/accounts/{number}", "GET", "00001008"),
    ("/api/admin/v1/access:apply", "POST", ""),
    ("/api/admin/v1/accounts", "GET", ""),
    ("/api/admin/v1/accounts/{number}", "GET PUT", "00001008"),
    ("/api/admin/v1/bank-entries", "GET", ""),
    ("/api/admin/v1/bank-entries/{id}:assign", "POST", ""),
    ("/api/admin/v1/bank-statements", "POST", ""),
    ("/api/admin/v1/contacts", "GET", ""),
    ("/api/admin/v1/contacts/{number}", "GET PUT", "petersen"),
    ("/api/admin/v1/customers", "GET", ""),
    ("/api/admin/v1/customers/{number}", "GET PUT", "K-OWN"),
    ("/api/admin/v1/customers/{number}/access", "GET PUT", "K-OWN"),
    ("/api/admin/v1/customers/{number}/addresses", "GET", "K-OWN"),
    ("/api/admin/v1/customers/{number}/bounce", "DELETE", "K-OWN"),
    ("/api/admin/v1/customers/{number}/erasure", "GET", "K-OWN"),
    ("/api/admin/v1/customers/{number}/payment-methods", "GET", "K-OWN"),
    ("/api/admin/v1/customers/{number}/subscriptions", "GET", "K-OWN"),
    ("/api/admin/v1/customers/{number}/subscriptions/{subscription}", "GET PUT", "K-OWN"),
    ("/api/admin/v1/customers/{number}/subscriptions/{subscription}/cancel", "POST", "K-OWN"),
    ("/api/admin/v1/customers/{number}/subscriptions/{subscription}/pause", "POST", "K-OWN"),
    ("/api/admin/v1/customers/{number}/subscriptions/{subscription}/resume", "POST", "K-OWN"),
    ("/api/admin/v1/customers/{number}/subscriptions/{subscription}/take-back", "POST", "K-OWN"),
    ("/api/admin/v1/customers/{number}:erase", "POST", "K-OTHER"),
    ("/api/admin/v1/customers:import", "POST", ""),
    ("/api/admin/v1/declarations", "GET", ""),
    ("/api/admin/v1/declarations/{id}", "GET", ""),
    ("/api/admin/v1/declarations/{id}:answer", "POST", ""),
    ("/api/admin/v1/deliveries/{id}:redeliver", "POST", ""),
    ("/api/admin/v1/documents/{type}", "GET", ""),
    ("/api/admin/v1/documents/{type}:import", "POST", ""),
    ("/api/admin/v1/documents/{type}/{number}", "GET PUT", "AN1"),
    ("/api/admin/v1/documents/{type}/{number}/comments", "GET POST", "AN1"),
    ("/api/admin/v1/documents/{type}/{number}/pdf", "PUT", "AN1"),
    ("/api/admin/v1/events", "GET", ""),
    ("/api/admin/v1/invoices", "GET", ""),
    ("/api/admin/v1/invoices/{number}", "GET PUT PATCH", "RE1"),
    ("/api/admin/v1/invoices/{number}:cancel", "POST", "RE2"),
    ("/api/admin/v1/invoices/{number}:payment", "POST", "RE2"),
    ("/api/admin/v1/invoices/{number}:payment-reverse", "POST", "RE2"),
    ("/api/admin/v1/invoices:import", "POST", ""),
    ("/api/admin/v1/jobs/{id}", "GET", ""),
    ("/api/admin/v1/keys", "GET POST", ""),
    ("/api/admin/v1/keys/{id}", "DELETE", ""),
    ("/api/admin/v1/ledger:check", "POST", ""),
    ("/api/admin/v1/links", "GET POST DELETE", ""),
    ("/api/admin/v1/payments/{id}", "GET", ""),
    ("/api/admin/v1/payments/{id}:decide", "POST", ""),
    ("/api/admin/v1/payments/{id}:refund", "POST", ""),
    ("/api/admin/v1/settings/areas", "GET PUT", ""),
    ("/api/admin/v1/settings/branding", "GET PUT", ""),
    ("/api/admin/v1/settings/branding/logo", "PUT", ""),
    ("/api/admin/v1/settings/branding/logo-dark", "PUT", ""),
    ("/api/admin/v1/settings/company", "GET PUT", ""),
    ("/api/admin/v1/settings/contracts", "GET PUT", ""),
    ("/api/admin/v1/settings/embed", "GET PUT", ""),
    ("/api/admin/v1/settings/links", "GET PUT", ""),
    ("/api/admin/v1/settings/documents", "GET PUT", ""),
    ("/api/admin/v1/settings/login", "GET PUT", ""),
    ("/api/admin/v1/settings/mails", "GET PUT", ""),
    ("/api/admin/v1/settings/payments", "GET PUT", ""),
    ("/api/admin/v1/settings/portal", "GET PUT", ""),
    ("/api/admin/v1/settings/providers", "GET", ""),
    ("/api/admin/v1/settings/providers/{provider}", "PUT", ""),
    ("/api/admin/v1/settings/texts", "GET PUT", ""),
    ("/api/admin/v1/settings/wording/{language}", "GET PUT", ""),
    ("/api/admin/v1/subscriptions", "GET", ""),
    ("/api/admin/v1/templates", "GET", ""),
    ("/api/admin/v1/templates/{kind}/{language}", "GET PUT DELETE", ""),
    ("/api/admin/v1/templates/{kind}/{language}/history", "GET", ""),
    ("/api/admin/v1/templates/{kind}/{language}/history/{rev}", "GET", ""),
    ("/api/admin/v1/templates/{kind}/{language}/preview", "POST", ""),
    ("/api/admin/v1/tenants", "GET", ""),
    ("/api/admin/v1/tenants/{slug}", "GET PUT", ""),
    ("/api/admin/v1/tenants/{slug}/keys", "POST", ""),
    ("/api/admin/v1/webhook-endpoints", "GET POST", ""),
    ("/api/admin/v1/webhook-endpoints/{id}", "GET DELETE", ""),
    ("/api/admin/v1/webhook-endpoints/{id}/deliveries", "GET", ""),
    ("/api/admin/v1/webhook-endpoints/{id}:enable", "POST", ""),
    ("/api/admin/v1/webhook-endpoints/{id}:rotate", "POST", ""),
    ("/api/admin/v1/webhooks:replay", "POST", ""),
    ("/api/openapi.json", "GET", ""),
    ("/api/v1/accounts", "GET", ""),
    ("/api/v1/accounts/{number}", "GET", "00001008"),
    ("/api/v1/accounts/{number}/entries", "GET", "00001008"),
    ("/api/v1/addresses", "GET POST", ""),
    ("/api/v1/addresses/{id}", "GET PATCH DELETE", ""),
    ("/api/v1/auth/otp", "POST", ""),
    ("/api/v1/auth/otp/choose", "POST", ""),
    ("/api/v1/auth/otp/resend", "POST", ""),
    ("/api/v1/auth/otp/verify", "POST", ""),
    ("/api/v1/customer/email", "POST", ""),
    ("/api/v1/customer", "GET PATCH", ""),
    ("/api/v1/customer/export", "GET POST", ""),
    ("/api/v1/documents", "GET", ""),
    ("/api/v1/documents/{type}/{number}", "GET", "AN1"),
    ("/api/v1/documents/{type}/{number}/accept", "POST", "AN1"),
    ("/api/v1/documents/{type}/{number}/comments", "POST", "AN1"),
    ("/api/v1/documents/{type}/{number}/decline", "POST", "AN1"),
    ("/api/v1/documents/{type}/{number}/pdf", "GET", "AN1"),
    ("/api/v1/documents/{type}/{number}/xml", "GET", "GS1"),
    ("/api/v1/files/{id}/{part}", "GET", ""),
    ("/api/v1/invoices", "GET", ""),
    ("/api/v1/invoices/{number}", "GET", "RE1"),
    ("/api/v1/invoices/{number}/pdf", "GET", "RE1"),
    ("/api/v1/invoices/{number}/xml", "GET", "RE1"),
    ("/api/v1/payment-methods", "GET POST", ""),
    ("/api/v1/payment-methods/{id}", "GET PATCH DELETE", ""),
    ("/api/v1/payments", "GET", ""),
    ("/api/v1/payments/{id}", "GET", ""),
    ("/api/v1/session", "DELETE", ""),
    ("/api/v1/sessions", "GET", ""),
    ("/api/v1/sessions/{id}", "DELETE", ""),
    ("/api/v1/settlements", "POST", ""),
    ("/api/v1/settlements/preview", "POST", ""),
    ("/api/v1/subscriptions", "GET", ""),
    ("/api/v1/subscriptions/{number}", "GET", "V1"),
    ("/api/v1/subscriptions/{number}/cancel", "POST", "V1"),
    ("/api/v1/subscriptions/{number}/cancel-preview", "GET", "V1"),
    ("/api/v1/subscriptions/{number}/pause", "POST", "V1"),
    ("/api/v1/subscriptions/{number}/resume", "POST", "V1"),
    ("/api/v1/subscriptions/{number}/take-back", "POST", "V1"),
    ("/api/v1/topups", "POST", ""),
    ("/assets/{file}", "GET", ""),
    ("/cancel", "GET POST", ""),
    ("/cancel/{id}/confirmation", "GET", ""),
    ("/cancel/{id}/pdf", "GET", ""),
    ("/contact", "GET", ""),
    ("/contracts", "GET", ""),
    ("/contracts/{number}", "GET", "V1"),
    ("/contracts/{number}/cancel/pdf", "GET", "V1"),
    ("/contracts/{number}/payment-method", "GET POST", "V1"),
    ("/contracts/{number}/cancel", "GET POST", "V1"),
    ("/contracts/{number}/cancel/confirmation", "GET", "V1"),
    ("/contracts/{number}/pause", "GET POST", "V1"),
    ("/contracts/{number}/resume", "POST", "V1"),
    ("/contracts/{number}/take-back", "GET POST", "V1"),
    ("/d/{token}", "GET", ""),
    ("/d/{token}/pdf", "GET", ""),
    ("/data", "GET", ""),
    ("/data/email", "GET POST", ""),
    ("/data/email/confirm/{token}", "GET POST", ""),
    ("/data/email/withdraw", "POST", ""),
    ("/data/addresses", "GET", ""),
    ("/data/addresses/new", "GET POST", ""),
    ("/data/addresses/{id}", "GET POST", ""),
    ("/data/addresses/{id}/default", "POST", ""),
    ("/data/addresses/{id}/remove", "GET POST", ""),
    ("/data/edit", "GET POST", ""),
    ("/data/erasure", "GET POST", ""),
    ("/data/export", "GET POST", ""),
    ("/documents", "GET", ""),
    ("/documents.zip", "GET POST", ""),
    ("/documents/{type}/{number}", "GET", "AN1"),
    ("/documents/{type}/{number}/accept", "GET POST", "AN1"),
    ("/documents/{type}/{number}/comments", "POST", "AN1"),
    ("/documents/{type}/{number}/confirmation", "GET", "AN1"),
    ("/documents/{type}/{number}/decision", "GET", "AN1"),
    ("/documents/{type}/{number}/decline", "GET POST", "AN1"),
    ("/documents/{type}/{number}/pdf", "GET", "AN1"),
    ("/documents/{type}/{number}/xml", "GET", "GS1"),
    ("/embed", "GET", ""),
    ("/embed/{token}", "GET POST", ""),
    ("/files/{id}/{part}", "GET", ""),
    ("/healthz", "GET", ""),
    ("/imprint", "GET", ""),
    ("/invoices", "GET", ""),
    ("/invoices.csv", "GET", ""),
    ("/invoices/{number}", "GET", "RE1"),
    ("/invoices/{number}/pdf", "GET", "RE1"),
    ("/invoices/{number}/xml", "GET", "RE1"),
    ("/language", "POST", ""),
    ("/link/{token}", "GET POST", ""),
    ("/login", "GET POST", ""),
    ("/login/choose", "GET POST", ""),
    ("/login/code", "GET POST", ""),
    ("/login/resend", "POST", ""),
    ("/logout", "POST", ""),
    ("/pay/back/{id}", "GET", ""),
    ("/pay/{token}", "GET POST", ""),
    ("/payment-methods", "GET", ""),
    ("/payment-methods/add", "GET POST", ""),
    ("/payment-methods/back/{id}", "GET", ""),
    ("/payment-methods/link/{token}", "GET POST", ""),
    ("/payment-methods/no-default", "POST", ""),
    ("/payment-methods/{id}", "GET", ""),
    ("/payment-methods/{id}/default", "POST", ""),
    ("/payment-methods/{id}/mandate", "GET", ""),
    ("/payment-methods/{id}/remove", "GET POST", ""),
    ("/payments/{id}", "GET", ""),
    ("/payments/{id}/receipt", "GET", ""),
    ("/prepaid", "GET POST", ""),
    ("/prepaid/{deposit}", "GET", ""),
    ("/prepaid/{deposit}/confirmation", "GET", ""),
    ("/prepaid/{deposit}/pdf", "GET", ""),
    ("/privacy", "GET", ""),
    ("/sandbox-provider/{tenant}/checkout.css", "GET", ""),
    ("/sandbox-provider/{tenant}/checkout/{id}", "GET POST", ""),
    ("/sandbox-provider/{tenant}/method/{id}", "GET POST", ""),
    ("/sandbox-provider/{tenant}/v1/charges", "POST", ""),
    ("/sandbox-provider/{tenant}/v1/checkouts", "POST", ""),
    ("/sandbox-provider/{tenant}/v1/methods", "POST", ""),
    ("/sandbox-provider/{tenant}/v1/methods/{method}", "GET", ""),
    ("/sandbox-provider/{tenant}/v1/methods/{method}/forget", "POST", ""),
    ("/sandbox-provider/{tenant}/v1/payments/{reference}", "GET", ""),
    ("/sandbox-provider/{tenant}/v1/refunds", "POST", ""),
    ("/sessions", "GET", ""),
    ("/sessions/{id}/end", "POST", ""),
    ("/settle", "GET POST", ""),
    ("/settle/preview", "GET", ""),
    ("/statement", "GET", ""),
    ("/statement.csv", "GET", ""),
    ("/statement/pdf", "GET", ""),
    ("/webhooks/{provider}", "POST", ""),
    ("/withdraw", "GET POST", ""),
    ("/withdraw/{id}/confirmation", "GET", ""),
    ("/withdraw/{id}/pdf", "GET", ""),
];

impl House {
    /// What nobody of another house may read.
    fn words(&self) -> Vec<String> {
        vec![format!("Only of {}", self.tenant.slug()), "K-OWN".to_owned(), self.key_id.clone(), self.link_id.clone()]
    }

    pub(crate) async fn built(portal: &Portal, slug: &str, number: &str) -> Self {
        let tenant = portal.tenant(slug).await;
        tenant.enable(Method::Sandbox).await;
        tenant.settings("areas", &json!({ "pause": "change" })).await.status(200);
        tenant.settings("areas", &json!({ "data": "change" })).await;
        tenant.put("/settings/company", &company(slug)).await;
        // The same numbers in both houses, and in each something that the other must never read.
        let own = format!("Only of {slug}");
        tenant.put("/contacts/petersen", &json!({ "name": own })).await;
        tenant.put("/templates/invoice/de", &json!({ "subject": own, "body": own })).await;
        let change = |c: &mut Value| {
            c["contact"] = "petersen".into();
            c["company"] = own.as_str().into();
        };
        let owner = tenant.customer(number, change).await;
        let other = tenant.customer("K-OTHER", |c| c["email"] = format!("other@{slug}.example").into()).await;
        owner.contract("V1", |c| c["plan"] = own.as_str().into()).await;
        for invoice in ["RE1", "RE2"] {
            owner.invoice(invoice, |i| i["lines"][0]["description"] = own.as_str().into()).await;
        }
        owner.document("offer", "AN1", |offer| offer["subject"] = own.as_str().into()).await;
        owner.original("offer", "AN1").await.status(204);
        owner.document("credit-note", "GS1", |note| note["subject"] = own.as_str().into()).await;
        tenant.put("/accounts/00001008", &json!({ "customer": number })).await;
        owner.pays("RE2", "19.00", "bank-1").await.status(200);
        let made = tenant.api.post("/keys", &json!({ "label": "old" })).await.status(201).json();
        let key_id = made["id"].as_str().unwrap().to_owned();
        let revoked = Api::new(portal, &tenant.host(), made["key"].as_str().unwrap());
        tenant.api.delete(&format!("/keys/{key_id}"), &json!({})).await.status(204);
        let link = owner.link().await;
        let url = link["url"].as_str().unwrap().to_owned();
        // A host is believed for a minute, and its account is new.
        portal.clock.advance(minutes(2));
        let statement = tenant.api.request("POST", "/bank-statements").body("text/plain", statement(1));
        let entries = portal.ask(statement).await.status(200).json()["entries"].clone();
        let settlement = json!({ "invoices": ["RE1"], "method": "sandbox" });
        let program = owner.token().await.request("POST", "/api/v1/settlements").header("idempotency-key", "1");
        let settled = portal.ask(program.json(&settlement)).await.status(201).json();
        portal.provider.pay(settled["next"]["url"].as_str().unwrap()).await;
        let top_up = json!({ "amount": samples::euros("10.00"), "method": "bank_transfer" });
        let program = owner.token().await.request("POST", "/api/v1/topups").header("idempotency-key", "2");
        let deposit =
            portal.ask(program.json(&top_up)).await.status(201).json()["deposit"].as_str().unwrap().to_owned();
        let funded = tenant.api.request("POST", "/bank-statements").body("text/plain", statement_with(90, &deposit));
        portal.ask(funded).await.status(200);
        let keep = json!({ "method": "sandbox" });
        let program = owner.token().await.request("POST", "/api/v1/payment-methods").header("idempotency-key", "3");
        let method = portal.ask(program.json(&keep)).await.status(201).json();
        portal.provider.press(method["url"].as_str().unwrap(), "keep", &[]).await.status(303);
        let program = owner.token().await;
        let address = program.post("/api/v1/addresses", &samples::address()).await.status(201).json();
        let export = program.post("/api/v1/customer/export", &json!({})).await.status(202).json();
        let link_body = json!({ "purpose": "add_method", "customer": number });
        let method_link =
            tenant.api.post("/links", &link_body).await.status(201).json()["url"].as_str().unwrap().to_owned();
        let link_body = json!({ "purpose": "pay", "customer": number, "document": "RE2" });
        let pay_link =
            tenant.api.post("/links", &link_body).await.status(201).json()["url"].as_str().unwrap().to_owned();
        let link_body = json!({ "purpose": "document", "customer": number, "document": "RE1" });
        let document_link =
            tenant.api.post("/links", &link_body).await.status(201).json()["url"].as_str().unwrap().to_owned();
        let job = tenant.api.post("/access:apply", &json!({ "access": true })).await.status(202).json();
        let mut endpoints = [const { String::new() }; 2];
        for (number, id) in endpoints.iter_mut().enumerate() {
            let made = tenant.endpoint(&format!("https://hooks.example/{slug}/{number}")).await;
            *id = made["id"].as_str().unwrap().to_owned();
        }
        let delivery = written_down(portal, &tenant, &endpoints[0]).await;
        let declarations = [declared(&tenant, "/cancel", number).await, declared(&tenant, "/withdraw", number).await];
        let (session, email_link) = session_and_email_link(portal, &tenant, &owner).await;
        Self {
            session,
            email_link,
            declaration: first_declaration(&tenant).await,
            declarations,
            endpoints,
            delivery,
            method: method["id"].as_str().unwrap().to_owned(),
            address: address["id"].as_str().unwrap().to_owned(),
            method_link: method_link.rsplit('/').next().unwrap().to_owned(),
            deposit,
            pay_link: pay_link.rsplit('/').next().unwrap().to_owned(),
            document_link: document_link.rsplit('/').next().unwrap().to_owned(),
            job: job["id"].as_str().unwrap().to_owned(),
            export: export["id"].as_str().unwrap().to_owned(),
            payment: settled["payment"].as_str().unwrap().to_owned(),
            owner: owner.login().await,
            expired: owner.login().await,
            other: other.login().await,
            other_program: other.token().await,
            link: url.rsplit('/').next().unwrap().to_owned(),
            link_id: link["id"].as_str().unwrap().to_owned(),
            revoked,
            key_id,
            bank_entry: entries[0]["id"].as_str().unwrap().to_owned(),
            tenant,
        }
    }

    /// A path of ROUTES with this house's own ids in it.
    pub(crate) fn path(&self, route: &str) -> String {
        let row = ROWS.iter().find(|(path, ..)| *path == route);
        let (_, _, number) = row.unwrap_or_else(|| panic!("{route} has no row"));
        let filled = route
            .replace("{number}", number)
            .replace("{subscription}", "V1")
            .replace("{token}", self.token(route))
            .replace("{method}", &self.method)
            .replace("{deposit}", &self.deposit)
            .replace("{kind}", "invoice")
            .replace("{language}", "de")
            .replace("{rev}", "1")
            .replace("{type}", type_of(route))
            .replace("{id}", self.id(route))
            .replace("{part}", "1")
            .replace("{provider}", if route.contains("/settings/") { "stripe" } else { "sandbox" })
            .replace("{tenant}", self.tenant.slug())
            .replace("{reference}", &self.payment)
            .replace("{slug}", self.tenant.slug());
        format!("{}{}", filled.replace("{file}", CSS), query(route, "K-OWN"))
    }

    /// What stands where a route has `{id}`.
    fn id(&self, route: &str) -> &str {
        match route {
            route if route.starts_with("/withdraw/") => &self.declarations[1],
            route if route.starts_with("/cancel/") => &self.declarations[0],
            route if route.contains("/declarations/") => &self.declaration,
            route if route.contains("/bank-entries/") => &self.bank_entry,
            route if route.contains("/payments/") || route.starts_with("/pay/") => &self.payment,
            route if route.contains("/payment-methods/") => &self.method,
            route if route.contains("/sessions/") => &self.session,
            route if route.contains("/addresses/") => &self.address,
            route if route.ends_with("/webhook-endpoints/{id}") => &self.endpoints[1],
            route if route.contains("/webhook-endpoints/") => &self.endpoints[0],
            route if route.contains("/deliveries/") => &self.delivery,
            route if route.contains("/jobs/") => &self.job,
            route if route.contains("/files/") => &self.export,
            _ => &self.key_id,
        }
    }

    /// What stands where a route has `{token}`.
    fn token(&self, route: &str) -> &str {
        match route {
            route if route.starts_with("/pay/") => &self.pay_link,
            route if route.starts_with("/d/") => &self.document_link,
            route if route.starts_with("/payment-methods/link/") => &self.method_link,
            route if route.starts_with("/data/email/") => &self.email_link,
            _ => &self.link,
        }
    }
}

/// Declares something on a public page, and answers what opens its own.
async fn declared(tenant: &Tenant, page: &str, number: &str) -> String {
    let browser = tenant.browser();
    let form = browser.get(page).await.status(200).field("form");
    let fields = [
        ("form", form.as_str()),
        ("termination", "ordinary"),
        ("name", "Tine"),
        ("identity", number),
        ("contract", "V1"),
        ("email", "tine@example.net"),
    ];
    let sent = browser.post(page, &fields).await.status(303);
    sent.header("location").split('/').nth(2).unwrap().to_owned()
}

/// A declaration as staff know it.
async fn first_declaration(tenant: &Tenant) -> String {
    let open = tenant.api.get("/declarations?open").await.status(200).json();
    open["items"][0]["id"].as_str().unwrap().to_owned()
}

/// A session of a customer's as lists name it, and the token that a mail about another login address carries; nothing is sent.
async fn session_and_email_link(portal: &Portal, tenant: &Tenant, owner: &Customer) -> (String, String) {
    let program = owner.token().await;
    let sessions = program.get("/api/v1/sessions").await.status(200).json();
    let wish = json!({ "email": format!("new@{}.example", tenant.slug()) });
    program.post("/api/v1/customer/email", &wish).await.status(202);
    let (process, now) = (portal.another_process().await, portal.clock.now());
    let found = process.store().tenant_of_host(tenant.host().split(':').next().unwrap(), now).await.unwrap();
    let store = process.store().in_tenant(found.scope());
    let customer = store.customer_id(&owner.number().parse().unwrap()).await.unwrap().unwrap();
    let wish = store.email_change(&customer).await.unwrap().unwrap().value;
    let token = store::secret::token();
    store.add_email_token(&store::secret::hash(token.expose()), &wish).await.unwrap();
    (sessions["items"][0]["id"].as_str().unwrap().to_owned(), token.expose().clone())
}

/// Writes a message to an endpoint down, as a visit does; nobody is asked.
async fn written_down(portal: &Portal, tenant: &Tenant, endpoint: &str) -> String {
    let (process, now) = (portal.another_process().await, portal.clock.now());
    let found = process.store().tenant_of_host(tenant.host().split(':').next().unwrap(), now).await.unwrap();
    let store = process.store().in_tenant(found.scope());
    let seen = store.endpoint(&endpoint.parse().unwrap()).await.unwrap().unwrap();
    let event = EventId::new(now, [1; 10]);
    let fact = Event::new(EventKind::InvoiceIssued, Actor::Integrator, now, "RE1");
    let id = store::delivery_id(&seen.value.id, &event, now);
    let delivery = Delivery::new(id, seen.value.id.clone(), (event, fact), None, now);
    store.fan_out(&seen, seen.value.clone(), std::slice::from_ref(&delivery)).await.unwrap();
    delivery.id.to_string()
}

/// What the address of a list cannot do without.
fn query(route: &str, customer: &str) -> String {
    if route == "/api/admin/v1/links" { format!("?customer={customer}") } else { String::new() }
}

/// A route's path with ids that nobody has.
pub(crate) fn missing(route: &str) -> String {
    let path = [
        "{number}",
        "{subscription}",
        "{token}",
        "{id}",
        "{slug}",
        "{provider}",
        "{tenant}",
        "{reference}",
        "{deposit}",
        "{method}",
        "{kind}",
        "{language}",
        "{rev}",
        "{part}",
    ]
    .iter()
    .fold(route.to_owned(), |path, name| {
        path.replace(name, if *name == "{id}" { "key_01AAAAAAAAAAAAAAAAAAAAAAAA" } else { "nothing-of-ours" })
    })
    .replace("{type}", type_of(route))
    .replace("{file}", "nothing.css");
    path + &query(route, "nothing-of-ours")
}

/// The kind of document that a row is about: only credit notes have data for machines.
fn type_of(route: &str) -> &'static str {
    if route.ends_with("/xml") { "credit-note" } else { "offer" }
}

async fn two_houses() -> (Portal, House, House) {
    let portal = Portal::start().await;
    let mine = House::built(&portal, "webhosting-ag", "K-OWN").await;
    let theirs = House::built(&portal, "stadtwerke-muster", "K-THEIRS").await;
    // The first house's sessions are as much older as building the second one took.
    portal.clock.advance(minutes(25));
    for browser in [&mine.owner, &mine.other, &theirs.owner, &theirs.other] {
        browser.get("/").await.status(200);
    }
    portal.clock.advance(minutes(29));
    (portal, mine, theirs)
}

/// What a program or form sends to this route, such that its owner succeeds.
fn body(route: &str, house: &House) -> Value {
    match route {
        "/api/admin/v1/tenants/{slug}" => json!({ "name": "Neu" }),
        "/api/admin/v1/tenants/{slug}/keys" | "/api/admin/v1/keys" => json!({ "label": "another" }),
        "/api/admin/v1/settings/branding" => json!({ "accent": "#0057b8" }),
        "/api/admin/v1/settings/company" => company(house.tenant.slug()),
        "/api/admin/v1/settings/portal" => {
            json!({ "name": "Neu", "language": "de", "zone": "Europe/Berlin", "contract_word": "contract" })
        }
        "/api/admin/v1/settings/areas" => {
            json!({ "data": "view", "contact": "view", "contracts": "view", "invoices": "view" })
        }
        "/api/admin/v1/settings/login" => {
            json!({ "unknown_email": "by_email", "shared_email": "choose", "access_for_new_customers": true })
        }
        "/api/admin/v1/contacts/{number}" => json!({ "name": "Frau Petersen" }),
        "/api/admin/v1/customers/{number}" => samples::customer("K-OWN"),
        // Nothing stands in the way of that one.
        "/api/admin/v1/customers/{number}:erase" => json!({ "confirm": "K-OTHER" }),
        "/api/admin/v1/access:apply" | "/api/admin/v1/customers/{number}/access" => json!({ "access": true }),
        "/api/admin/v1/customers/{number}/subscriptions/{subscription}" => samples::subscription(),
        "/api/admin/v1/customers/{number}/subscriptions/{subscription}/cancel" => json!({ "date": "2026-12-31" }),
        "/api/admin/v1/invoices/{number}" => {
            let mut facts = samples::invoice("K-OWN");
            facts["lines"][0]["description"] = house.words()[0].as_str().into();
            facts
        }
        "/api/admin/v1/documents/{type}/{number}" => {
            let mut facts = samples::document("offer", "K-OWN");
            facts["subject"] = house.words()[0].as_str().into();
            facts
        }
        "/api/admin/v1/documents/{type}/{number}/comments" => json!({ "text": house.words()[0] }),
        "/api/admin/v1/invoices/{number}:payment" => {
            json!({ "reference": "bank-2", "amount": samples::euros("1.00"), "date": "2026-11-20" })
        }
        "/api/admin/v1/accounts/{number}" => json!({ "customer": "K-OWN" }),
        "/api/admin/v1/settings/providers/{provider}" => {
            json!({ "secret_key": STRIPE_KEY, "webhook_secrets": [STRIPE_SECRET] })
        }
        // It was charged: saying so once more changes nothing.
        "/api/admin/v1/payments/{id}:decide" => json!({ "outcome": "charged", "charge": "ch_1" }),
        "/api/admin/v1/payments/{id}:refund" => json!({ "amount": samples::euros("1.00"), "reference": "back-1" }),
        "/api/admin/v1/bank-entries/{id}:assign" => json!({ "customer": "K-OWN" }),
        "/api/admin/v1/invoices/{number}:payment-reverse" => json!({ "reference": "bank-1" }),
        "/api/admin/v1/invoices/{number}:cancel" => json!({ "date": "2026-11-20" }),
        "/api/admin/v1/declarations/{id}:answer" => json!({ "outcome": "accepted", "note": "endet am 31.12.2026" }),
        "/api/admin/v1/webhook-endpoints" => json!({ "url": "https://hooks.example/another" }),
        "/api/admin/v1/templates/{kind}/{language}" | "/api/admin/v1/templates/{kind}/{language}/preview" => {
            json!({ "subject": "Rechnung {DocumentNumber}", "body": house.words()[0] })
        }
        _ => json!({}),
    }
}

/// Company data with an account for transfers.
fn company(slug: &str) -> Value {
    let mut company = samples::company(slug);
    company["bank"] = json!({ "holder": format!("{slug} GmbH"), "iban": IBAN });
    company
}

/// A bank statement with one transfer that says nothing.
fn statement(number: u32) -> String {
    statement_with(number, "danke")
}

/// A bank statement with one transfer that says this.
fn statement_with(number: u32, text: &str) -> String {
    format!(
        ":20:STARTUMS\n:25:{IBAN}\n:28C:{number}/1\n:60F:C261119EUR0,00\n:61:2611201120CR1,00NTRFNONREF\n:86:{text}\n\
         :62F:C261120EUR1,00\n-\n"
    )
}

pub(crate) async fn routes() -> Vec<web::Route> {
    let tables = local::functions::tables().await.unwrap();
    tables.iter().flat_map(|(_, routes)| routes.list().to_vec()).collect()
}

pub(crate) fn is_api(route: &str) -> bool {
    route.starts_with("/api/")
}

#[track_caller]
fn sent_to_login(answer: &Answer, route: &str) {
    if is_api(route) {
        assert_eq!(answer.code(), 401, "{}: {}", answer.what(), answer.html());
        assert_eq!(answer.json()["code"], "login_needed", "{}", answer.what());
    } else {
        let to_login = answer.code() == 303 && answer.header("location").starts_with("/login");
        assert!(to_login, "{}: {} {}", answer.what(), answer.code(), answer.header("location"));
    }
}

/// What two answers have in common when the address in them is left out.
pub(crate) fn same_but_for(path: &str, answer: &Answer) -> String {
    let query = path.replace('/', "%2F");
    answer.comparable().replace(path, "[path]").replace(&query, "[path]")
}

#[tokio::test]
async fn a_customers_page_is_for_its_owner_alone() {
    let (_portal, mine, theirs) = two_houses().await;
    let mut walked = 0;
    for route in routes().await.iter().filter(|route| matches!(route.guard, Guard::Customer { .. })) {
        let (own, none) = (mine.path(&route.path), missing(&route.path));
        let has_ids = own != none;
        let nobody = mine.tenant.browser();
        for outsider in [&nobody, &mine.expired, &theirs.owner.carried_to(&mine.tenant.host())] {
            let answer = ask(outsider, route.method, &own).await;
            sent_to_login(&answer, &route.path);
            let absent = ask(outsider, route.method, &none).await;
            assert_eq!(same_but_for(&own, &answer), same_but_for(&none, &absent), "{} tells what exists", route.path);
        }
        if is_api(&route.path) {
            for token in ["", "rubbish", theirs.other_program.token(), mine.tenant.api.token()] {
                sent_to_login(
                    &mine.other_program.clone().with_token(token).send(route.method, &own).await,
                    &route.path,
                );
            }
        }
        if has_ids {
            let foreign = ask(&mine.other, route.method, &own).await;
            assert_eq!(foreign.code(), 404, "{}", foreign.what());
            let absent = ask(&mine.other, route.method, &none).await;
            assert_eq!(same_but_for(&own, &foreign), same_but_for(&none, &absent), "{} tells what exists", route.path);
            let elsewhere = ask(&theirs.other, route.method, &own).await;
            assert_eq!(elsewhere.code(), 404, "{}", elsewhere.what());
        }
        // What ends the session is walked by the tests of sessions.
        if route.method == "GET" {
            let answer = ask(&mine.owner, route.method, &own).await;
            let has_none = PAPERS_OF_SOME.contains(&route.path.as_str());
            let wanted: &[u16] = if has_none { &[404] } else { &[200, 303] };
            assert!(wanted.contains(&answer.code()), "{}: {} {}", answer.what(), answer.code(), answer.html());
        }
        walked += 1;
    }
    assert!(walked >= 15, "only {walked} routes of customers");
}

pub(crate) async fn ask(browser: &Browser, method: &str, path: &str) -> Answer {
    if method == "GET" {
        return browser.portal().ask(browser.request("GET", path)).await;
    }
    let request = browser.request(method, path).header("origin", &format!("http://{}", browser.host()));
    let token = browser.csrf().unwrap_or_default();
    let request = if is_api(path) {
        request.header("x-csrf", &token).json(&json!({}))
    } else {
        request.form(&[("csrf", &token)])
    };
    browser.portal().ask(request).await
}

#[tokio::test]
async fn an_integrators_route_is_for_its_own_key_alone() {
    let (portal, mine, theirs) = two_houses().await;
    let narrow = BTreeMap::from([
        ("read", mine.tenant.key(&["read"]).await),
        ("write", mine.tenant.key(&["write"]).await),
        ("settings", mine.tenant.key(&["settings"]).await),
    ]);
    let (mut walked, mut mine_is_shown) = (0, false);
    for route in routes().await {
        let Guard::Integrator { scope } = route.guard else { continue };
        let (own, none) = (mine.path(&route.path), missing(&route.path));
        let body = body(&route.path, &mine);
        let nobody = Api::new(&portal, &mine.tenant.host(), "");
        let items = portal.items();
        for outsider in [
            &nobody,
            &mine.revoked,
            &theirs.tenant.api.at(&mine.tenant.host()),
            &mine.other_program,
            &portal.platform().at(&mine.tenant.host()),
        ] {
            let answer = outsider.send_with(route.method, &own, &body).await;
            sent_to_login(&answer, &route.path);
            let absent = outsider.send_with(route.method, &none, &body).await;
            assert_eq!(answer.comparable(), absent.comparable(), "{} tells what exists", route.path);
        }
        let owned = match route.method {
            "GET" => mine.tenant.api.send_with("GET", &own, &body).await,
            _ => nobody.send_with(route.method, &own, &body).await,
        };
        let scope = serde_json::to_value(scope).unwrap();
        for key in narrow.iter().filter(|(name, _)| scope != **name).map(|(_, key)| key) {
            key.send_with(route.method, &own, &body).await.status(403).problem("not_allowed");
        }
        assert_eq!(portal.items(), items, "{} {} wrote for somebody without the right", route.method, route.path);
        // The other tenant reads its own thing of this number, or what an id gets that nobody has.
        if route.method == "GET" {
            let elsewhere = theirs.tenant.api.send_with(route.method, &own, &body).await;
            assert!(matches!(elsewhere.code(), 200 | 404), "{}: {}", elsewhere.what(), elsewhere.code());
            if elsewhere.code() == 404 {
                let absent = theirs.tenant.api.send_with(route.method, &none, &body).await;
                assert_eq!(elsewhere.comparable(), absent.comparable(), "{} tells what exists", route.path);
            }
            for word in mine.words() {
                assert!(!elsewhere.html().contains(&word), "{} shows {word:?}", elsewhere.what());
            }
            mine_is_shown |= mine.words().iter().any(|word| owned.html().contains(word));
        }
        walked += 1;
    }
    assert!(walked >= 30, "only {walked} routes of integrators");
    assert!(mine_is_shown, "the owner is shown none of what the others must not read");
}

#[tokio::test]
async fn the_owner_of_a_key_gets_every_integrators_route_answered() {
    let (portal, mine, _) = two_houses().await;
    let described = mine.tenant.browser().get("/api/openapi.json").await.status(200).json();
    for route in routes().await {
        if !matches!(route.guard, Guard::Integrator { .. }) {
            continue;
        }
        let request = mine.tenant.api.request(route.method, &mine.path(&route.path));
        let request = match route.path.as_str() {
            path if path.ends_with(":import") => request.body("application/x-ndjson", ""),
            path if path.ends_with("/logo") || path.ends_with("/logo-dark") => request.body("image/png", LOGO),
            path if path.ends_with("/bank-statements") => request.body("text/plain", statement(2)),
            path if path.ends_with("/pdf") => request.body("application/pdf", samples::pdf()),
            "/api/admin/v1/links" if route.method == "POST" => {
                request.json(&json!({ "purpose": "portal", "customer": "K-OWN" }))
            }
            "/api/admin/v1/links" if route.method == "DELETE" => {
                request.json(&json!({ "id": mine.link_id, "customer": "K-OWN" }))
            }
            "/api/admin/v1/invoices/{number}" if route.method == "PATCH" => {
                request.json(&json!({ "dunning_level": 1 }))
            }
            path if route.method != "GET" => request.json(&body(path, &mine)),
            _ => request,
        };
        let answer = portal.ask(request).await;
        assert!((200..300).contains(&answer.code()), "{}: {} {}", answer.what(), answer.code(), answer.html());
        let said = &described["paths"][&route.path][route.method.to_lowercase()]["responses"];
        assert!(said.get(answer.code().to_string()).is_some(), "{}: {} is not in {said}", answer.what(), answer.code());
    }
}

/// One white pixel.
const LOGO: &[u8] = include_bytes!("../../../infra/local/demo/webhosting-ag/logo.png");
#[tokio::test]
async fn the_platforms_routes_are_for_its_own_key_on_its_own_host_alone() {
    let (portal, mine, theirs) = two_houses().await;
    let platform = portal.platform();
    let mut walked = 0;
    for route in routes().await.iter().filter(|route| matches!(route.guard, Guard::Platform)) {
        let (own, none) = (mine.path(&route.path), missing(&route.path));
        let body = body(&route.path, &mine);
        let items = portal.items();
        let base = "localhost:9000";
        for outsider in [
            Api::new(&portal, base, ""),
            mine.tenant.api.at(base),
            mine.revoked.at(base),
            theirs.other_program.at(base),
        ] {
            let answer = outsider.send_with(route.method, &own, &body).await;
            sent_to_login(&answer, &route.path);
            assert_eq!(answer.comparable(), outsider.send_with(route.method, &none, &body).await.comparable());
        }
        for host in [mine.tenant.host(), theirs.tenant.host()] {
            platform.at(&host).send_with(route.method, &own, &body).await.status(404).problem("not_found");
        }
        assert_eq!(portal.items(), items);
        let answer = platform.send_with(route.method, &own, &body).await;
        assert!((200..300).contains(&answer.code()), "{}: {} {}", answer.what(), answer.code(), answer.html());
        walked += 1;
    }
    assert_eq!(walked, 4);
}

#[tokio::test]
async fn a_public_page_shows_nobodys_data_and_a_foreign_link_is_no_link() {
    let (portal, mine, theirs) = two_houses().await;
    let mut walked = 0;
    for route in routes().await.iter().filter(|route| matches!(route.guard, Guard::Public)) {
        if route.method == "GET" {
            let answer = ask(&mine.tenant.browser(), "GET", &mine.path(&route.path)).await;
            let taken = matches!(answer.code(), 200 | 303) || route.path == "/assets/{file}";
            assert!(taken, "{}: {} {}", answer.what(), answer.code(), answer.html());
            // A link to a document shows it, and nothing else.
            if !["/api/openapi.json", "/d/{token}"].contains(&route.path.as_str()) {
                answer.hides("119,00").hides("Webhosting Basis").hides("Exempel Gasse");
            }
        }
        walked += 1;
    }
    assert!(walked >= 20, "only {walked} public routes");
    ask(&theirs.tenant.browser(), "GET", &format!("/pay/{}", mine.pay_link)).await.status(404).problem("not_found");
    for path in [format!("/d/{}", mine.document_link), format!("/d/{}/pdf", mine.document_link)] {
        ask(&theirs.tenant.browser(), "GET", &path).await.status(404).problem("not_found");
    }
    ask(&mine.tenant.browser(), "GET", &format!("/pay/{}", mine.link)).await.status(404).problem("not_found");
    let none = "/link/nothing-of-ours";
    for (browser, path) in
        [(theirs.tenant.browser(), format!("/link/{}", mine.link)), (mine.tenant.browser(), none.to_owned())]
    {
        for method in ["GET", "POST"] {
            let answer = ask(&browser, method, &path).await.status(404).problem("not_found");
            let absent = ask(&browser, method, none).await;
            assert_eq!(same_but_for(&path, &answer), same_but_for(none, &absent));
        }
    }
    portal.clock.advance(hours(25));
    let gone = ask(&mine.tenant.browser(), "GET", &format!("/link/{}", mine.link)).await;
    gone.status(410).shows("Link");
}

#[tokio::test]
async fn every_route_has_its_row() {
    let mut routes: Vec<(String, &str)> = routes().await.into_iter().map(|route| (route.path, route.method)).collect();
    let rows = ROWS.iter().flat_map(|(path, methods, _)| methods.split(' ').map(|method| ((*path).to_owned(), method)));
    let mut rows: Vec<(String, &str)> = rows.collect();
    routes.sort();
    rows.sort();
    let without: Vec<_> = routes.iter().filter(|route| !rows.contains(route)).collect();
    assert!(without.is_empty(), "these routes have no row: {without:?}");
    let gone: Vec<_> = rows.iter().filter(|row| !routes.contains(row)).collect();
    assert!(gone.is_empty(), "these rows have no route: {gone:?}");
    for (path, _, number) in ROWS {
        assert!(!missing(path).contains('{'), "{path} has an id that no house has");
        assert_eq!(path.contains("{number}"), !number.is_empty(), "{path}");
    }
}

#[tokio::test]
async fn a_tenants_checkouts_are_for_its_own_secret_alone() {
    let (portal, mine, theirs) = two_houses().await;
    let (own, other) = (mine.tenant.sandbox_secret().await, theirs.tenant.sandbox_secret().await);
    let mut walked = 0;
    for route in routes().await.iter().filter(|route| matches!(route.guard, Guard::SandboxMerchant)) {
        let path = mine.path(&route.path);
        let items = portal.items();
        for secret in ["", "rubbish", &other, mine.tenant.api.token(), portal.platform().token()] {
            let request = testkit::Request::new(route.method, "localhost:9000", &path)
                .header("authorization", &format!("Bearer {secret}"));
            let request = if route.method == "GET" { request } else { request.json(&json!({})) };
            sent_to_login(&portal.ask(request).await, "/api/");
        }
        let elsewhere = testkit::Request::new(route.method, &mine.tenant.host(), &path)
            .header("authorization", &format!("Bearer {own}"));
        portal.ask(elsewhere).await.status(404);
        assert_eq!(portal.items(), items);
        walked += 1;
    }
    assert_eq!(walked, 7);
    let seen = testkit::Request::new(
        "GET",
        "localhost:9000",
        &mine.path("/sandbox-provider/{tenant}/v1/payments/{reference}"),
    )
    .header("authorization", &format!("Bearer {own}"));
    assert_eq!(portal.ask(seen).await.status(200).json()["reference"], mine.payment);
}
