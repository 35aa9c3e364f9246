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

    /// Sends an invoice again with one text of its facts changed; the answer may refuse it.
    pub async fn invoice_again(&self, number: &str, field: &str) -> Answer {
        let mut facts = samples::invoice(&self.number);
        facts[field] = "changed".into();
        self.tenant.api.put(&format!("/invoices/{number}"), &facts).await
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
