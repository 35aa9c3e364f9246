//! A way to pay as it stands in forms, addresses and the API: `sandbox`, `bank_transfer`, `balance:00001008`,
//! `card:pm_…` for a card that the customer keeps here.

use std::{fmt, str::FromStr};

use domain::{id::PaymentMethodId, number::AccountNumber, payment::Method};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A method, with the account that a balance comes from, or with what is charged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Choice {
    /// The method.
    pub method: Method,
    /// The prepaid account; `balance` alone names the only one there is.
    pub source: Option<AccountNumber>,
    /// What is charged, of what the customer keeps here.
    pub saved: Option<PaymentMethodId>,
}

/// A text that names no way to pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("must be a method, for the balance with its account as balance:<account>, for a kept one with its id")]
pub struct NotAChoice;

impl utoipa::PartialSchema for Choice {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        String::schema()
    }
}

impl utoipa::ToSchema for Choice {
    fn name() -> std::borrow::Cow<'static, str> {
        "WayToPay".into()
    }
}

impl From<Method> for Choice {
    fn from(method: Method) -> Self {
        Self { method, source: None, saved: None }
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.source, &self.saved) {
            (Some(source), _) => write!(f, "{}:{}", self.method.code(), source.slug()),
            (None, Some(saved)) => write!(f, "{}:{saved}", self.method.code()),
            (None, None) => f.write_str(self.method.code()),
        }
    }
}

impl FromStr for Choice {
    type Err = NotAChoice;
    fn from_str(text: &str) -> Result<Self, NotAChoice> {
        let (method, which) = text.split_once(':').map_or((text, None), |(method, which)| (method, Some(which)));
        let choice = Self::from(Method::named(method).ok_or(NotAChoice)?);
        match (choice.method, which) {
            (_, None) => Ok(choice),
            (Method::Balance, Some(slug)) => {
                let source = AccountNumber::from_slug(slug).map_err(|_| NotAChoice)?;
                Ok(Self { source: Some(source), ..choice })
            }
            (method, Some(id)) if method.needs_provider() => {
                Ok(Self { saved: Some(id.parse().map_err(|_| NotAChoice)?), ..choice })
            }
            (_, Some(_)) => Err(NotAChoice),
        }
    }
}

impl TryFrom<String> for Choice {
    type Error = NotAChoice;
    fn try_from(text: String) -> Result<Self, NotAChoice> {
        text.parse()
    }
}

impl From<Choice> for String {
    fn from(choice: Choice) -> Self {
        choice.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEPT: &str = "card:pm_01JDQX5Z8G0000000000000000";

    #[test]
    fn a_choice_reads_back() {
        for text in ["sandbox", "bank_transfer", "balance", "balance:00001008", "balance:A~201", KEPT] {
            assert_eq!(text.parse::<Choice>().map(|choice| choice.to_string()), Ok(text.to_owned()));
        }
        for wrong in ["", "cash", "balance:", "balance:A 1", "sandbox:00001008", "balance:", "bank_transfer:1"] {
            assert_eq!(wrong.parse::<Choice>(), Err(NotAChoice), "{wrong}");
        }
    }
}
