//! How a tenant's customers may pay (M-22), and how much they may pay in advance.

use serde::{Deserialize, Serialize};

use crate::{Currency, FieldErrors, Money, payment::Method};

/// Most amounts that are offered for a top-up.
const MAX_PRESETS: usize = 3;

/// Payment settings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Payments {
    /// The methods that are offered and accepted; unset: transfer and prepaid balance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub methods: Option<Vec<Method>>,
    /// Limits and offers of a top-up.
    pub top_up: TopUp,
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

    /// Checks methods and limits. `sandbox` says whether the sandbox provider is registered in this stage.
    ///
    /// # Errors
    /// Every field that is wrong.
    pub fn check(&self, sandbox: bool) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        let has_sandbox = self.methods.as_ref().is_some_and(|methods| methods.contains(&Method::Sandbox));
        errors.require(
            sandbox || !has_sandbox,
            "methods",
            "method_not_enabled",
            "the sandbox provider is not registered here",
        );
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
        assert!(unset.check(false).is_ok());
        let set = Payments { methods: Some(vec![Method::BankTransfer, Method::Sandbox]), ..Payments::default() };
        assert_eq!(set.offered(), [Method::Sandbox, Method::BankTransfer], "in the order of offering");
        assert!(!set.accepts(Method::Balance));
    }

    #[test]
    fn the_sandbox_provider_is_refused_where_it_is_not_registered() {
        let set = Payments { methods: Some(vec![Method::Sandbox]), ..Payments::default() };
        assert!(set.check(true).is_ok());
        assert!(set.check(false).unwrap_err().of("methods").is_some());
    }

    #[test]
    fn limits_and_presets_must_agree() {
        let eur = |minor| Money::of_minor(minor, Currency::Eur);
        let with = |least, most, presets| Payments { methods: None, top_up: TopUp { least, most, presets } };
        assert!(with(eur(1), eur(1), vec![eur(1)]).check(true).is_ok());
        assert!(with(eur(0), eur(1), vec![]).check(true).is_err());
        assert!(with(eur(2), eur(1), vec![]).check(true).is_err());
        assert!(with(eur(1), eur(2), vec![eur(3)]).check(true).is_err());
        assert!(with(eur(1), eur(9), vec![eur(2); 4]).check(true).is_err());
    }
}
