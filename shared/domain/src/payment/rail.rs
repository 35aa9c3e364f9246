//! Ways to pay as customers choose them, and the providers that carry them.

use serde::{Deserialize, Serialize};

/// A way to pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Of sandboxes and demos; it moves no money.
    Sandbox,
    /// Credit or debit card.
    Card,
    /// PayPal.
    Paypal,
    /// „Per Online-Banking bezahlen" (law 16).
    OnlineBanking,
    /// SEPA direct debit.
    SepaDebit,
    /// „Überweisung".
    BankTransfer,
    /// From a prepaid account.
    Balance,
}

impl Method {
    /// All methods, in the order in which they are offered.
    pub const ALL: [Self; 7] = [
        Self::Sandbox,
        Self::Card,
        Self::Paypal,
        Self::OnlineBanking,
        Self::SepaDebit,
        Self::BankTransfer,
        Self::Balance,
    ];

    /// The name programs use.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Sandbox => "sandbox",
            Self::Card => "card",
            Self::Paypal => "paypal",
            Self::OnlineBanking => "online_banking",
            Self::SepaDebit => "sepa_debit",
            Self::BankTransfer => "bank_transfer",
            Self::Balance => "balance",
        }
    }

    /// The method with a name.
    #[must_use]
    pub fn named(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.code() == code)
    }

    /// Does a provider carry it?
    #[must_use]
    pub const fn needs_provider(self) -> bool {
        !matches!(self, Self::BankTransfer | Self::Balance)
    }
}

/// A payment provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProviderName {
    /// The one of sandboxes and demos.
    Sandbox,
    /// Stripe.
    Stripe,
    /// Mollie.
    Mollie,
    /// GoCardless.
    Gocardless,
    /// PayPal.
    Paypal,
}

impl ProviderName {
    /// All providers, in the order in which they are asked where a tenant says nothing.
    pub const ALL: [Self; 5] = [Self::Sandbox, Self::Stripe, Self::Paypal, Self::Mollie, Self::Gocardless];

    /// The name in addresses and for programs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Sandbox => "sandbox",
            Self::Stripe => "stripe",
            Self::Mollie => "mollie",
            Self::Gocardless => "gocardless",
            Self::Paypal => "paypal",
        }
    }

    /// The provider with a name.
    #[must_use]
    pub fn named(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|provider| provider.code() == code)
    }

    /// What it can carry.
    #[must_use]
    pub const fn methods(self) -> &'static [Method] {
        match self {
            Self::Sandbox => &[Method::Sandbox],
            Self::Stripe => &[Method::Card, Method::SepaDebit],
            Self::Mollie => &[Method::Card, Method::Paypal, Method::OnlineBanking],
            Self::Gocardless => &[Method::OnlineBanking],
            Self::Paypal => &[Method::Paypal],
        }
    }

    /// What it can keep for later charges.
    #[must_use]
    pub const fn saves(self) -> &'static [Method] {
        match self {
            Self::Sandbox => &[Method::Sandbox],
            Self::Stripe => &[Method::Card, Method::SepaDebit],
            Self::Mollie => &[Method::Card, Method::Paypal],
            Self::Gocardless => &[Method::SepaDebit],
            Self::Paypal => &[Method::Paypal],
        }
    }

    /// The first provider that can carry a method.
    #[must_use]
    pub fn first_for(method: Method) -> Option<Self> {
        Self::ALL.into_iter().find(|provider| provider.carries(method))
    }

    /// Can it carry this method?
    #[must_use]
    pub fn carries(self, method: Method) -> bool {
        self.methods().contains(&method)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_only_methods_of_providers_are_carried() {
        for method in Method::ALL {
            assert_eq!(Method::named(method.code()), Some(method));
        }
        for provider in ProviderName::ALL {
            assert_eq!(ProviderName::named(provider.code()), Some(provider));
            let all = provider.methods().iter().chain(provider.saves());
            assert!(all.into_iter().all(|method| method.needs_provider()), "{provider:?}");
        }
    }
}
