//! A way to pay as it stands in forms, addresses and the API: `sandbox`, `bank_transfer`, `balance:00001008`.

use std::{fmt, str::FromStr};

use domain::{number::AccountNumber, payment::Method};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A method, and for the balance the account it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Choice {
    /// The method.
    pub method: Method,
    /// The prepaid account; `balance` alone names the only one there is.
    pub source: Option<AccountNumber>,
}

/// A text that names no way to pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("must be a method, for the balance with its account as balance:<account>")]
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
        Self { method, source: None }
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            Some(source) => write!(f, "{}:{}", self.method.code(), source.slug()),
            None => f.write_str(self.method.code()),
        }
    }
}

impl FromStr for Choice {
    type Err = NotAChoice;
    fn from_str(text: &str) -> Result<Self, NotAChoice> {
        let (method, source) = text.split_once(':').map_or((text, None), |(method, slug)| (method, Some(slug)));
        let method = Method::named(method).ok_or(NotAChoice)?;
        let source = source.map(|slug| AccountNumber::from_slug(slug).map_err(|_| NotAChoice)).transpose()?;
        if source.is_some() && method != Method::Balance {
            return Err(NotAChoice);
        }
        Ok(Self { method, source })
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

    #[test]
    fn a_choice_reads_back() {
        for text in ["sandbox", "bank_transfer", "balance", "balance:00001008", "balance:A~201"] {
            assert_eq!(text.parse::<Choice>().map(|choice| choice.to_string()), Ok(text.to_owned()));
        }
        for wrong in ["", "cash", "balance:", "balance:A 1", "sandbox:00001008"] {
            assert_eq!(wrong.parse::<Choice>(), Err(NotAChoice), "{wrong}");
        }
    }
}
