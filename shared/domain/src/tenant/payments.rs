//! How a tenant's customers may pay (M-22), and how much they may pay in advance.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Currency, FieldErrors, Money,
    payment::{Method, ProviderName},
};

/// Most amounts that are offered for a top-up.
const MAX_PRESETS: usize = 3;

/// Who collects what is due from what customers keep here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Collect {
    /// The tenant's own system.
    #[default]
    OwnSystem,
    /// The portal: invoices that are issued from then on are charged on their due day (M-79).
    Portal,
}

/// Most days of a notice, and between two charges.
const MAX_DAYS: u8 = 30;

/// Payment settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Payments {
    /// The methods that are offered and accepted; unset: transfer and prepaid balance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub methods: Option<Vec<Method>>,
    /// Which provider carries a method, where more than one is connected that can; unset: the first of them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub via: BTreeMap<Method, ProviderName>,
    /// Who collects what is due.
    pub collect: Collect,
    /// Days between the announcement of a direct debit and the debit: 14 unless the tenant has agreed otherwise with its
    /// customers.
    pub notice_days: u8,
    /// Days after which a declined charge is made once more; a direct debit is announced again.
    pub again_days: u8,
    /// Limits and offers of a top-up.
    pub top_up: TopUp,
}

impl Default for Payments {
    fn default() -> Self {
        Self {
            methods: None,
            via: BTreeMap::new(),
            collect: Collect::default(),
            notice_days: 14,
            again_days: 7,
            top_up: TopUp::default(),
        }
    }
}

/// The providers that a tenant has an account with: what may be known of them. Their secrets lie elsewhere.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Connections(BTreeMap<ProviderName, Connection>);

/// A tenant's account with a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// The provider's name of the account.
    pub account: String,
    /// Does it move real money?
    pub live: bool,
    /// When its secrets were set.
    pub at: Timestamp,
}

impl Connections {
    /// Of these providers.
    #[must_use]
    pub fn of(connections: impl IntoIterator<Item = (ProviderName, Connection)>) -> Self {
        Self(connections.into_iter().collect())
    }

    /// The account with a provider, if there is one.
    #[must_use]
    pub fn get(&self, provider: ProviderName) -> Option<&Connection> {
        self.0.get(&provider)
    }

    /// Sets the account with a provider.
    pub fn set(&mut self, provider: ProviderName, connection: Connection) {
        self.0.insert(provider, connection);
    }

    /// Is something connected? The provider of sandboxes needs no account.
    #[must_use]
    pub fn has(&self, provider: ProviderName, sandbox: bool) -> bool {
        if provider == ProviderName::Sandbox { sandbox } else { self.0.contains_key(&provider) }
    }
}

/// Limits and offers of a top-up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TopUp {
    /// Least amount.
    pub least: Money,
    /// Largest amount.
    pub most: Money,
    /// One to three amounts beside the free one.
    pub presets: Vec<Money>,
}

impl Default for TopUp {
    fn default() -> Self {
        let eur = |minor| Money::of_minor(minor, Currency::Eur);
        Self { least: eur(500), most: eur(500_000), presets: vec![eur(2_500), eur(5_000), eur(10_000)] }
    }
}

impl Payments {
    /// The methods customers may use, in the order in which they are offered.
    #[must_use]
    pub fn offered(&self) -> Vec<Method> {
        let wanted = self.methods.as_deref().unwrap_or(&[Method::BankTransfer, Method::Balance]);
        Method::ALL.into_iter().filter(|method| wanted.contains(method)).collect()
    }

    /// May customers pay that way? What is not offered is not accepted.
    #[must_use]
    pub fn accepts(&self, method: Method) -> bool {
        self.offered().contains(&method)
    }

    /// The provider that carries a method: the one that was chosen, else the first one that is connected and can. None for
    /// methods that need none. `sandbox` says whether the sandbox provider is registered in this stage.
    #[must_use]
    pub fn carrier(&self, method: Method, connections: &Connections, sandbox: bool) -> Option<ProviderName> {
        let can = |provider: &ProviderName| provider.carries(method) && connections.has(*provider, sandbox);
        match self.via.get(&method) {
            Some(chosen) => Some(*chosen).filter(can),
            None => ProviderName::ALL.into_iter().find(can),
        }
    }

    /// The provider that keeps a method for later charges: the one that was chosen where it can, else the first one that is
    /// connected and can.
    #[must_use]
    pub fn keeper(&self, method: Method, connections: &Connections, sandbox: bool) -> Option<ProviderName> {
        let can = |provider: &ProviderName| provider.saves().contains(&method) && connections.has(*provider, sandbox);
        let chosen = self.via.get(&method).copied().filter(can);
        chosen.or_else(|| ProviderName::ALL.into_iter().find(can)).filter(|_| self.accepts(method))
    }

    /// The methods that customers can keep here, with who keeps them, in the order in which they are offered.
    #[must_use]
    pub fn kept(&self, connections: &Connections, sandbox: bool) -> Vec<(Method, ProviderName)> {
        let kept = |method| Some((method, self.keeper(method, connections, sandbox)?));
        self.offered().into_iter().filter_map(kept).collect()
    }

    /// Checks methods and limits. `sandbox` says whether the sandbox provider is registered in this stage.
    ///
    /// # Errors
    /// Every field that is wrong.
    pub fn check(&self, connections: &Connections, sandbox: bool) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        for (method, provider) in &self.via {
            let can = provider.carries(*method) || provider.saves().contains(method);
            let can = can && connections.has(*provider, sandbox);
            let message =
                format!("names {} for {}, which is not connected or cannot do it", provider.code(), method.code());
            errors.require(can, "via", "method_not_enabled", &message);
        }
        let wanted = self.methods.as_deref().unwrap_or_default();
        for method in wanted.iter().filter(|method| method.needs_provider()) {
            let carried = self.carrier(*method, connections, sandbox).is_some()
                || self.keeper(*method, connections, sandbox).is_some();
            let message = format!("has {}, which no connected provider carries", method.code());
            errors.require(carried, "methods", "method_not_enabled", &message);
        }
        for (field, days) in [("notice_days", self.notice_days), ("again_days", self.again_days)] {
            errors.require((1..=MAX_DAYS).contains(&days), field, "invalid", "must be 1 to 30 days");
        }
        let TopUp { least, most, presets } = &self.top_up;
        let same = |money: &Money| money.currency() == least.currency();
        errors.require(least.is_positive(), "top_up.least", "invalid", "must be more than 0");
        errors.require(same(most), "top_up.most", "invalid", "must have the same currency");
        errors.require(
            most.minor() >= least.minor(),
            "top_up.most",
            "invalid",
            "must not be less than the least amount",
        );
        let fits = |money: &Money| same(money) && (least.minor()..=most.minor()).contains(&money.minor());
        let all_fit = presets.len() <= MAX_PRESETS && presets.iter().all(fits);
        errors.require(all_fit, "top_up.presets", "invalid", "must be at most three amounts within the limits");
        errors.into_result()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transfer_and_the_balance_are_offered_unless_set() {
        let unset = Payments::default();
        assert_eq!(unset.offered(), [Method::BankTransfer, Method::Balance]);
        assert!(unset.check(&Connections::default(), false).is_ok());
        let set = Payments { methods: Some(vec![Method::BankTransfer, Method::Sandbox]), ..Payments::default() };
        assert_eq!(set.offered(), [Method::Sandbox, Method::BankTransfer], "in the order of offering");
        assert!(!set.accepts(Method::Balance));
    }

    #[test]
    fn the_sandbox_provider_is_refused_where_it_is_not_registered() {
        let set = Payments { methods: Some(vec![Method::Sandbox]), ..Payments::default() };
        assert!(set.check(&Connections::default(), true).is_ok());
        assert!(set.check(&Connections::default(), false).unwrap_err().of("methods").is_some());
    }

    fn with_stripe() -> Connections {
        let connection = Connection { account: "acct_1".into(), live: false, at: Timestamp::UNIX_EPOCH };
        Connections::of([(ProviderName::Stripe, connection)])
    }

    #[test]
    fn a_method_needs_a_provider_that_is_connected() {
        let card = Payments { methods: Some(vec![Method::Card]), ..Payments::default() };
        assert!(card.check(&Connections::default(), true).unwrap_err().of("methods").is_some());
        assert!(card.check(&with_stripe(), false).is_ok());
        assert_eq!(card.carrier(Method::Card, &with_stripe(), false), Some(ProviderName::Stripe));
        assert_eq!(card.carrier(Method::Balance, &with_stripe(), true), None);
        assert_eq!(card.kept(&with_stripe(), true), [(Method::Card, ProviderName::Stripe)]);
        assert_eq!(card.keeper(Method::SepaDebit, &with_stripe(), true), None, "it is not offered");
        let wrong = Payments { via: BTreeMap::from([(Method::Paypal, ProviderName::Stripe)]), ..Payments::default() };
        assert!(wrong.check(&with_stripe(), true).unwrap_err().of("via").is_some());
    }

    #[test]
    fn a_notice_and_a_second_charge_have_their_days() {
        let unset = Payments::default();
        assert_eq!((unset.collect, unset.notice_days, unset.again_days), (Collect::OwnSystem, 14, 7));
        for days in [0, 31] {
            let wrong = Payments { notice_days: days, again_days: days, ..Payments::default() };
            let errors = wrong.check(&Connections::default(), true).unwrap_err();
            assert!(errors.of("notice_days").is_some() && errors.of("again_days").is_some());
        }
    }

    #[test]
    fn limits_and_presets_must_agree() {
        let eur = |minor| Money::of_minor(minor, Currency::Eur);
        let with = |least, most, presets| {
            let payments = Payments { top_up: TopUp { least, most, presets }, ..Payments::default() };
            payments.check(&Connections::default(), true)
        };
        assert!(with(eur(1), eur(1), vec![eur(1)]).is_ok());
        assert!(with(eur(0), eur(1), vec![]).is_err());
        assert!(with(eur(2), eur(1), vec![]).is_err());
        assert!(with(eur(1), eur(2), vec![eur(3)]).is_err());
        assert!(with(eur(1), eur(9), vec![eur(2); 4]).is_err());
    }
}
