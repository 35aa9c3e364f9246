//! A payment as its own page shows it, whatever it is for: number, amounts, method and where it stands.

use std::cmp::Ordering;

use domain::{
    Money,
    payment::{Method, Payment},
};
use jiff::Timestamp;
use serde::Serialize;
use store::Tenant;
use text::Words;

use crate::{Standing, in_groups, method_name};

/// What every payment's page says.
#[derive(Debug, Clone, Serialize)]
pub struct Slip {
    /// „Zahlungsnummer"; empty where there is none.
    pub number: String,
    /// How it is paid.
    pub method: Method,
    /// What was asked for.
    pub asked: Money,
    /// What arrived.
    pub received: Money,
    /// What was taken back.
    pub reversed: Money,
    /// „Begonnen".
    pub created_at: Timestamp,
    /// Where it stands.
    pub standing: Standing,
}

impl Slip {
    /// Of this payment; `returned` says that somebody came back from the provider.
    #[must_use]
    pub fn of(tenant: &Tenant, payment: &Payment, returned: bool) -> Self {
        Self {
            number: payment.deposit.clone().unwrap_or_default(),
            method: payment.method,
            asked: payment.asked,
            received: payment.received,
            reversed: payment.reversed,
            created_at: payment.created_at,
            standing: Standing::of(tenant, payment, returned),
        }
    }

    /// „2611 2214 3600 0173".
    #[must_use]
    pub fn number_in_groups(&self) -> String {
        in_groups(&self.number)
    }

    /// The method's name.
    #[must_use]
    pub fn method_name(&self, t: &Words) -> &'static str {
        method_name(self.method, t)
    }

    /// The page's heading.
    #[must_use]
    pub fn title(&self, t: &Words) -> &'static str {
        self.standing.title(t)
    }

    /// What arrived, and what was asked for while nothing did.
    #[must_use]
    pub const fn amount(&self) -> &Money {
        if self.standing.paid_at().is_some() { &self.received } else { &self.asked }
    }

    /// More or less than asked, where it was.
    #[must_use]
    pub fn difference(&self, t: &Words) -> Option<String> {
        let (asked, received) = (t.money(self.asked), t.money(self.received));
        match self.received.minor().cmp(&self.asked.minor()) {
            Ordering::Less => Some(t.pay_paid_less(asked, received)),
            Ordering::Greater => Some(t.pay_paid_more(asked, received)),
            Ordering::Equal => None,
        }
    }

    /// What was taken back, where something was.
    #[must_use]
    pub fn taken_back(&self, t: &Words) -> Option<String> {
        self.reversed.is_positive().then(|| t.pay_paid_reversed(t.money(self.reversed)))
    }
}
