//! A tenant's access to a provider: its keys as they are kept, and the adapter they open.

use std::sync::Arc;

use domain::payment::ProviderName;
use serde::Deserialize;
use thiserror::Error;

use crate::{Client, GoCardless, Mollie, Paypal, Provider, Stripe, gocardless, mollie, paypal, stripe};

/// Keys that cannot be right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{field} {expected}")]
pub struct WrongAccess {
    /// Which one.
    pub field: &'static str,
    /// What it should be.
    pub expected: &'static str,
}

/// Where the providers are. Tests and demos name places of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Urls {
    /// Without a slash at the end.
    pub stripe: String,
    /// Without a slash at the end.
    pub mollie: String,
    /// None for GoCardless' own, live or for tests as the keys say.
    pub gocardless: Option<String>,
    /// None for PayPal's own, live or for tests as the keys say.
    pub paypal: Option<paypal::Place>,
}

impl Default for Urls {
    fn default() -> Self {
        Self { stripe: stripe::URL.to_owned(), paypal: None, mollie: mollie::URL.to_owned(), gocardless: None }
    }
}

/// The keys of one provider.
#[derive(Debug, Clone)]
pub enum Access {
    /// Of Stripe.
    Stripe(stripe::Keys),
    /// Of Mollie.
    Mollie(mollie::Keys),
    /// Of GoCardless.
    Gocardless(gocardless::Keys),
    /// Of PayPal.
    Paypal(paypal::Keys),
}

impl Access {
    /// Reads a provider's keys from JSON, as they are sent and as they are kept. None for a provider without keys.
    ///
    /// # Errors
    /// The field that is wrong; never its value.
    pub fn read(provider: ProviderName, json: &[u8]) -> Result<Option<Self>, WrongAccess> {
        match provider {
            ProviderName::Sandbox => Ok(None),
            ProviderName::Stripe => {
                let keys: stripe::Keys = parse(json)?;
                keys.check()?;
                Ok(Some(Self::Stripe(keys)))
            }
            ProviderName::Mollie => {
                let keys: mollie::Keys = parse(json)?;
                keys.check()?;
                Ok(Some(Self::Mollie(keys)))
            }
            ProviderName::Gocardless => {
                let keys: gocardless::Keys = parse(json)?;
                keys.check()?;
                Ok(Some(Self::Gocardless(keys)))
            }
            ProviderName::Paypal => {
                let keys: paypal::Keys = parse(json)?;
                keys.check()?;
                Ok(Some(Self::Paypal(keys)))
            }
        }
    }
}

impl Access {
    /// The field of the key that the provider knows the account by.
    #[must_use]
    pub const fn key_field(&self) -> &'static str {
        match self {
            Self::Stripe(_) => "secret_key",
            Self::Mollie(_) => "api_key",
            Self::Gocardless(_) => "access_token",
            Self::Paypal(_) => "client_secret",
        }
    }

    /// Do the keys say that real money moves?
    #[must_use]
    pub fn is_live(&self) -> bool {
        match self {
            Self::Stripe(keys) => keys.is_live(),
            Self::Mollie(keys) => keys.is_live(),
            Self::Gocardless(keys) => keys.live,
            Self::Paypal(keys) => keys.live,
        }
    }
}

fn parse<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Result<T, WrongAccess> {
    // The parser's own words would repeat what was sent.
    serde_json::from_slice(json)
        .map_err(|_| WrongAccess { field: "", expected: "must have exactly the fields of this provider" })
}

/// The adapter that these keys open.
#[must_use]
pub fn connect(client: Client, urls: &Urls, access: Access) -> Arc<dyn Provider> {
    match access {
        Access::Stripe(keys) => Arc::new(Stripe::new(client, urls.stripe.clone(), keys)),
        Access::Mollie(keys) => Arc::new(Mollie::new(client, urls.mollie.clone(), keys)),
        Access::Gocardless(keys) => {
            let own = if keys.live { gocardless::URL } else { gocardless::SANDBOX_URL };
            let url = urls.gocardless.clone().unwrap_or_else(|| own.to_owned());
            Arc::new(GoCardless::new(client, url, keys))
        }
        Access::Paypal(keys) => Arc::new(Paypal::new(client, urls.paypal.clone(), keys)),
    }
}
