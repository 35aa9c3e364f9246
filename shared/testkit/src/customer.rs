//! A customer of a tenant: what is loaded for it, and its way in.

use serde_json::{Value, json};

use crate::{Answer, Api, Browser, Tenant, samples};

/// A customer that was loaded.
#[derive(Debug, Clone)]
pub struct Customer {
    tenant: Tenant,
    number: String,
    email: String,
}

impl Customer {
    pub(crate) fn new(tenant: &Tenant, number: &str, email: &str) -> Self {
        Self { tenant: tenant.clone(), number: number.to_owned(), email: email.to_owned() }
    }

    /// The address it signs in with.
    #[must_use]
    pub fn email(&self) -> &str {
        &self.email
    }

    /// Its number.
    #[must_use]
    pub fn number(&self) -> &str {
        &self.number
    }

    /// Signs in with the code from the mail.
    pub async fn login(&self) -> Browser {
        self.tenant.login(&self.email).await
    }

    /// Signs a program in.
    pub async fn token(&self) -> Api {
        self.tenant.token(&self.email).await
    }

    /// Loads a contract, changed as the test needs it.
    pub async fn contract(&self, number: &str, change: impl FnOnce(&mut Value)) -> Answer {
        let mut facts = samples::subscription();
        change(&mut facts);
        self.tenant.put(&format!("/customers/{}/subscriptions/{number}", self.number), &facts).await
    }

    /// Issues an invoice of 119.00 €, changed as the test needs it.
    pub async fn invoice(&self, number: &str, change: impl FnOnce(&mut Value)) -> Answer {
        let mut facts = samples::invoice(&self.number);
        change(&mut facts);
        self.tenant.put(&format!("/invoices/{number}"), &facts).await
    }

    /// Issues a document beside invoices, by its kind in addresses, changed as the test needs it.
    pub async fn document(&self, kind: &str, number: &str, change: impl FnOnce(&mut Value)) -> Answer {
        let mut facts = samples::document(kind, &self.number);
        change(&mut facts);
        self.tenant.put(&format!("/documents/{kind}/{number}"), &facts).await
    }

    /// Uploads a PDF of one empty page as a document's original.
    pub async fn original(&self, kind: &str, number: &str) -> Answer {
        let path = format!("/documents/{kind}/{number}/pdf");
        let request = self.tenant.api.request("PUT", &path).body("application/pdf", samples::pdf());
        self.tenant.portal().ask(request).await
    }

    /// Sends an invoice again with one text of its facts changed; the answer may refuse it.
    pub async fn invoice_again(&self, number: &str, field: &str) -> Answer {
        let mut facts = samples::invoice(&self.number);
        facts[field] = "changed".into();
        self.tenant.api.put(&format!("/invoices/{number}"), &facts).await
    }

    /// Keeps a way to pay of the sandbox provider that behaves so (`pays`, `declines`, `waits`), and answers its id.
    pub async fn keeps(&self, browser: &Browser, behaviour: &str, wishes: &[(&str, &str)]) -> String {
        let form = browser.get("/payment-methods/add").await.status(200);
        let id = form.field("id");
        let fields = [&[("id", id.as_str()), ("method", "sandbox")], wishes].concat();
        let going = browser.post("/payment-methods/add", &fields).await.status(303);
        let page = browser.follow(&going).await.status(200).shows("Weiter zum Zahlungsanbieter");
        let provider = self.tenant.provider();
        provider.press(&page.link_to("/method/"), "keep", &[("behaviour", behaviour)]).await.status(303);
        let id = going.header("location").trim_start_matches("/payment-methods/").to_owned();
        browser.get(&format!("/payment-methods/{id}?returned=1")).await.status(200).shows("ist hinterlegt");
        id
    }

    /// Books a payment on an invoice.
    pub async fn pays(&self, invoice: &str, amount: &str, reference: &str) -> Answer {
        let path = format!("/invoices/{invoice}:payment");
        let body = json!({ "reference": reference, "amount": samples::euros(amount), "date": "2026-11-20" });
        self.tenant.api.post(&path, &body).await
    }

    /// A personal link to the portal.
    pub async fn link(&self) -> Value {
        let body = json!({ "purpose": "portal", "customer": self.number });
        self.tenant.api.post("/links", &body).await.status(201).json()
    }
}
