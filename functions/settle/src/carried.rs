//! What the four steps of „Rechnungen ausgleichen" carry along: in the address, so that back, reload, language and a new
//! login keep it, and nothing needs a script.

use checkout::Choice;
use domain::{
    Money,
    id::PaymentId,
    number::{AccountNumber, InvoiceNumber},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A step; account and amount are asked for until they are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// „Betrag": which invoices, or how much.
    #[default]
    Amount,
    /// „Verteilung".
    Allocation,
    /// „Zahlungsmethode".
    Method,
    /// „Prüfen".
    Check,
}

/// What is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// The chosen invoices, wholly.
    Invoices,
    /// An amount over the chosen invoices.
    Part,
    /// An amount over everything that is open.
    Amount,
}

/// What the address carries.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
pub struct Ask {
    pub(crate) step: Option<Step>,
    pub(crate) account: Option<String>,
    pub(crate) how: Option<How>,
    #[serde(default)]
    pub(crate) invoice: Vec<String>,
    pub(crate) amount: Option<String>,
    pub(crate) method: Option<String>,
    pub(crate) payment: Option<String>,
}

impl Ask {
    /// The payment that the address is about, from the last step on.
    pub(crate) fn named_payment(&self) -> Option<PaymentId> {
        self.payment.as_deref()?.parse().ok()
    }
}

/// The same, as far as it is known to be right.
#[derive(Debug, Clone, Serialize)]
pub struct Carried {
    /// Which receivables account.
    pub account: AccountNumber,
    /// What is paid.
    pub how: How,
    /// The chosen invoices.
    pub invoices: Vec<InvoiceNumber>,
    /// The amount as a plain decimal number, once it is known.
    pub amount: Option<Money>,
    /// The chosen way to pay.
    pub choice: Option<Choice>,
    /// The payment's fresh id, from the last step on.
    pub payment: Option<PaymentId>,
}

impl Carried {
    /// Address of a step with everything that is known. The payment's id belongs to one amount and one method: it goes
    /// to the last step only.
    #[must_use]
    pub fn href(&self, step: Step) -> String {
        let mut pairs = self.fields();
        pairs.push(("step", step.name().to_owned()));
        if step == Step::Check {
            pairs.extend(self.choice.iter().map(|choice| ("method", choice.to_string())));
            pairs.extend(self.payment.iter().map(|payment| ("payment", payment.to_string())));
        }
        format!("/settle?{}", serde_html_form::to_string(pairs).unwrap_or_default())
    }

    /// Address of the first step.
    #[must_use]
    pub fn amount_href(&self) -> String {
        self.href(Step::Amount)
    }

    /// Address of the second step.
    #[must_use]
    pub fn allocation_href(&self) -> String {
        self.href(Step::Allocation)
    }

    /// Address of the third step.
    #[must_use]
    pub fn method_href(&self) -> String {
        self.href(Step::Method)
    }

    /// Address of the last step.
    #[must_use]
    pub fn check_href(&self) -> String {
        self.href(Step::Check)
    }

    /// Hidden fields of a form that goes on.
    #[must_use]
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let mut pairs = self.without_amount();
        pairs.extend(self.amount.iter().map(|amount| ("amount", amount.decimal())));
        pairs
    }

    /// The same, where the amount is a field to type in.
    #[must_use]
    pub fn without_amount(&self) -> Vec<(&'static str, String)> {
        let mut pairs = vec![("account", self.account.to_string()), ("how", self.how.name().to_owned())];
        if self.how != How::Amount {
            pairs.extend(self.invoices.iter().map(|number| ("invoice", number.to_string())));
        }
        pairs
    }

    /// `/settle?…` for chosen invoices of a payment that ended, with the same amount.
    #[must_use]
    pub fn again(account: &AccountNumber, invoices: Vec<InvoiceNumber>, amount: Money) -> String {
        let (account, amount) = (account.clone(), Some(amount));
        Self { account, how: How::Part, invoices, amount, choice: None, payment: None }.href(Step::Method)
    }
}

impl Step {
    /// As it stands in addresses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Amount => "amount",
            Self::Allocation => "allocation",
            Self::Method => "method",
            Self::Check => "check",
        }
    }
}

impl How {
    const fn name(self) -> &'static str {
        match self {
            Self::Invoices => "invoices",
            Self::Part => "part",
            Self::Amount => "amount",
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{Currency, payment::Method};

    use super::*;

    #[test]
    fn an_address_carries_all_of_it_and_the_id_only_to_the_last_step() {
        let carried = Carried {
            account: "K5003-EUR".parse().unwrap(),
            how: How::Part,
            invoices: vec!["RE 1/2".parse().unwrap(), "RE2".parse().unwrap()],
            amount: Some(Money::of_minor(123_450, Currency::Eur)),
            choice: Some(Choice::from(Method::Sandbox)),
            payment: Some(PaymentId::new(jiff::Timestamp::UNIX_EPOCH, [0; 10])),
        };
        let check = carried.href(Step::Check);
        let start = "/settle?account=K5003-EUR&how=part&invoice=RE+1%2F2&invoice=RE2&amount=1234.50&step=check";
        assert!(check.starts_with(start), "{check}");
        assert!(check.contains("&method=sandbox&payment=pay_"), "{check}");
        assert!(!carried.href(Step::Method).contains("pay_"));
    }
}
