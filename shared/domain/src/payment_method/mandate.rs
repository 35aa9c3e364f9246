//! The mandate of a bank account, as it was given: a company that moves, or a customer who marries, changes nothing in it.

use serde::{Deserialize, Serialize};

use super::Shown;
use crate::{
    customer::{CountryCode, CustomerFacts},
    tenant::Company,
};

/// A mandate. Whom it names is written down when the customer is sent to give it, and what it is called when it was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mandate {
    /// Who may debit.
    pub creditor: Creditor,
    /// Who gave it: names and address, nothing else.
    pub debtor: CustomerFacts,
    /// The account, and what the provider calls the mandate; none until it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given: Option<Shown>,
}

/// Who may debit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Creditor {
    /// Full name.
    pub name: String,
    /// Street and number.
    pub street: String,
    /// Postal code.
    pub postal_code: String,
    /// Town.
    pub city: String,
    /// Country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<CountryCode>,
}

impl Mandate {
    /// Between a tenant and a customer as they are now. `tenant_name` stands for a company that has no name of its own.
    #[must_use]
    pub fn between(company: &Company, tenant_name: &str, customer: &CustomerFacts) -> Self {
        let name = if company.name.is_empty() { tenant_name } else { &company.name };
        let creditor = Creditor {
            name: name.to_owned(),
            street: company.street.clone(),
            postal_code: company.postal_code.clone(),
            city: company.city.clone(),
            country: company.country,
        };
        let debtor = CustomerFacts {
            salutation: customer.salutation,
            company: customer.company.clone(),
            first_name: customer.first_name.clone(),
            last_name: customer.last_name.clone(),
            billing_address: customer.billing_address.clone(),
            ..CustomerFacts::default()
        };
        Self { creditor, debtor, given: None }
    }

    /// It was given. What the provider moves later, to another account for instance, was not given by the customer.
    #[must_use]
    pub(super) fn given(&self, shown: &Shown) -> Self {
        let given = self.given.clone().or_else(|| matches!(shown, Shown::Account { .. }).then(|| shown.clone()));
        Self { given, ..self.clone() }
    }

    /// „Mandatsreferenz", once it was given.
    #[must_use]
    pub fn reference(&self) -> Option<&str> {
        match &self.given {
            Some(Shown::Account { mandate, .. }) => Some(mandate),
            _ => None,
        }
    }
}
