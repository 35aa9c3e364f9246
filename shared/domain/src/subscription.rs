//! Contracts: phase, term, notice, what is booked, and what comes next.
//!
//! The tenant's system says where a contract stands. What is declared in the portal holds over that (`declared`), also when
//! that system does not know of it yet and sends the same once more.

mod declared;
mod terms;

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    FieldErrors, Money,
    change::{Actor, Change, Event, EventKind, Way},
    customer::check_line,
    id::PaymentMethodId,
    money::{Quantity, UnitPrice},
    number::SubscriptionNumber,
    time::{Interval, Zone, check_contract_day},
};

pub use declared::{Cancellation, ContractNotice, Declared, NewCancellation, NotNow, Rest};
pub use terms::{Because, EarliestEnd, NotAnEnd};

/// When something is decided, and where days begin and end there.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'a> {
    /// The time of the request or job.
    pub now: Timestamp,
    /// The tenant's zone.
    pub zone: &'a Zone,
}

impl Moment<'_> {
    /// Its day.
    #[must_use]
    pub fn today(self) -> Date {
        self.zone.day(self.now)
    }
}

/// Who decides something, and by which way.
#[derive(Debug, Clone, Copy)]
pub struct By {
    /// Who.
    pub actor: Actor,
    /// By which way, where that can differ.
    pub way: Option<Way>,
}

impl By {
    /// The customer.
    #[must_use]
    pub const fn customer(way: Way) -> Self {
        Self { actor: Actor::Customer, way: Some(way) }
    }

    /// The tenant's staff or system.
    #[must_use]
    pub const fn integrator() -> Self {
        Self { actor: Actor::Integrator, way: None }
    }
}

/// Where a contract stands, as the tenant's system says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum Phase {
    /// Free or reduced until a day (inclusive), then active.
    Trial {
        /// Last day of the trial.
        until: Date,
    },
    /// Runs and is charged.
    Active,
    /// Rests; nothing is charged.
    Paused {
        /// First day of the pause.
        since: Date,
    },
    /// Runs until a day (inclusive), then ends.
    Cancelled {
        /// Day of the declaration.
        declared_on: Date,
        /// Last day of the contract.
        ends_on: Date,
        /// By whom: customers take back only what is theirs.
        #[serde(default)]
        by: Side,
    },
    /// Over.
    Ended {
        /// Last day.
        on: Date,
        /// Why.
        how: Ending,
    },
}

/// One of the two whose contract it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ContractSide)]
pub enum Side {
    /// The customer.
    Customer,
    /// The tenant.
    #[default]
    Company,
}

impl Side {
    /// Whose side somebody is on.
    #[must_use]
    pub const fn of(actor: Actor) -> Self {
        if matches!(actor, Actor::Customer) { Self::Customer } else { Self::Company }
    }
}

/// Why a contract ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Cancelled by one of the two.
    Cancelled,
    /// Withdrawn by the consumer (§ 355 BGB).
    Withdrawn,
    /// Its fixed term was over.
    Expired,
}

/// Who the contract was concluded with: a consumer is protected by § 309 no. 9 BGB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// A consumer (§ 13 BGB).
    #[default]
    Consumer,
    /// A business (§ 14 BGB).
    Business,
}

/// How long before which day a cancellation must arrive (§ 309 no. 9 BGB bounds it for consumers).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// How long before.
    pub period: Interval,
    /// Before which day.
    pub to: NoticeEnd,
}

/// The days on which a notice period may end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoticeEnd {
    /// Any day.
    AnyDay,
    /// The last day of a calendar month.
    MonthEnd,
    /// The last day of the current charging period or minimum term.
    TermEnd,
}

/// The next invoice, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NextInvoice {
    /// Day of issue.
    pub on: Date,
    /// Gross amount.
    pub amount: Money,
}

/// One line of „Gebuchte Leistungen" (M-77).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Component {
    /// What it is.
    pub name: String,
    /// How many; for metered ones absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Quantity>,
    /// Gross price of one, in the contract's currency.
    pub unit_price: UnitPrice,
    /// Unit of a metered component, for example „GB".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metered_unit: Option<String>,
    /// How often it is charged.
    pub interval: Interval,
    /// Booked since.
    pub since: Date,
}

/// Everything the tenant's system says about a contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubscriptionFacts {
    /// Name of the plan variant, for example „Webhosting Business L".
    pub plan: String,
    /// „Vertragsabschluss".
    pub concluded_on: Date,
    /// „Vertragsbeginn".
    pub starts_on: Date,
    /// With whom; a consumer unless said otherwise.
    #[serde(default)]
    pub party: Party,
    /// Last day of the minimum term, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum_until: Option<Date>,
    /// For how long it is renewed when it is not cancelled in time; without that it runs on for an indefinite time. A
    /// consumer's contract always does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewal: Option<Interval>,
    /// „Kündigungsfrist".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<Notice>,
    /// „Zahlungsintervall".
    pub interval: Interval,
    /// Gross price per interval.
    pub price: Money,
    /// „Status".
    pub phase: Phase,
    /// „Nächster Rechnungsbetrag".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_invoice: Option<NextInvoice>,
    /// „Gebuchte Leistungen".
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<Component>,
}

impl SubscriptionFacts {
    /// Most components of one contract.
    pub const MAX_COMPONENTS: usize = 100;

    /// Checks limits and that the dates follow each other.
    ///
    /// # Errors
    /// Every field that is wrong.
    pub fn check(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        if self.plan.trim().is_empty() {
            errors.missing("plan", "a contract needs the name of its plan");
        }
        check_line(&mut errors, "plan", &self.plan);
        self.interval.check(&mut errors, "interval.count");
        if let Some(renewal) = self.renewal {
            renewal.check(&mut errors, "renewal.count");
        }
        if let Some(notice) = self.notice {
            notice.period.check(&mut errors, "notice.period.count");
        }
        check_contract_day(&mut errors, "concluded_on", self.concluded_on);
        check_contract_day(&mut errors, "starts_on", self.starts_on);
        if let Some(until) = self.minimum_until {
            check_contract_day(&mut errors, "minimum_until", until);
        }
        errors.require(
            self.components.len() <= Self::MAX_COMPONENTS,
            "components",
            "too_many",
            "a contract has at most 100 components",
        );
        for (position, component) in self.components.iter().enumerate() {
            check_line(&mut errors, &format!("components[{position}].name"), &component.name);
            let counted = component.quantity.is_some() != component.metered_unit.is_some();
            errors.require(
                counted,
                &format!("components[{position}].quantity"),
                "invalid",
                "give either a quantity or a metered unit",
            );
        }
        if let Phase::Cancelled { declared_on, ends_on, .. } = self.phase {
            errors.require(declared_on <= ends_on, "phase.ends_on", "invalid", "must not lie before the declaration");
        }
        if let Some(next) = &self.next_invoice {
            let same = next.amount.currency() == self.price.currency();
            errors.require(same, "next_invoice.amount", "invalid", "must have the currency of the price");
        }
        errors.into_result()
    }
}

/// A contract as the portal keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Subscription {
    /// Shown as „Vertrag Nr. 1".
    pub number: SubscriptionNumber,
    /// The way to pay that was chosen for this contract (M-46); without one the customer's default is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_method: Option<PaymentMethodId>,
    /// What was declared in the portal, and holds over `phase`.
    #[serde(default, skip_serializing_if = "Declared::is_nothing")]
    pub declared: Declared,
    /// Everything else.
    #[serde(flatten)]
    pub facts: SubscriptionFacts,
}

impl Subscription {
    /// A contract that appears for the first time.
    #[must_use]
    pub fn create(number: SubscriptionNumber, facts: SubscriptionFacts, actor: Actor, at: Moment<'_>) -> Change<Self> {
        let event = Event::new(EventKind::SubscriptionCreated, actor, at.now, number.as_str());
        let declared = Declared::of_new(&facts, at.today());
        Change::new(Self { number, payment_method: None, declared, facts }, event)
    }

    /// New facts. `None` when nothing differs.
    #[must_use]
    pub fn update(&self, facts: SubscriptionFacts, actor: Actor, at: Moment<'_>) -> Option<Change<Self>> {
        if facts == self.facts {
            return None;
        }
        let event = Event::new(EventKind::SubscriptionUpdated, actor, at.now, self.number.as_str());
        let today = at.today();
        let declared = self.declared.clone().after_facts(&self.facts, &facts, today);
        let next = Self { declared, facts, ..self.clone() };
        let event = self.changing_to(&next, today, event);
        let is_undone = self.declared.cancellation.is_some() && next.declared.cancellation.is_none();
        let change = Change::new(next, event);
        if !is_undone {
            return Some(change);
        }
        let undone = Event::new(EventKind::SubscriptionCancellationTakenBack, actor, at.now, self.number.as_str());
        Some(change.and(undone))
    }

    /// Chooses the way to pay; none uses the customer's default. `None` when nothing differs.
    #[must_use]
    pub fn choose_method(
        &self,
        method: Option<&PaymentMethodId>,
        actor: Actor,
        now: Timestamp,
    ) -> Option<Change<Self>> {
        if method == self.payment_method.as_ref() {
            return None;
        }
        let name = |method: Option<&PaymentMethodId>| method.map_or("default", PaymentMethodId::as_str).to_owned();
        let event = Event::new(EventKind::PaymentMethodChosen, actor, now, self.number.as_str())
            .with("from", name(self.payment_method.as_ref()))
            .with("to", name(method));
        Some(Change::new(Self { payment_method: method.cloned(), ..self.clone() }, event))
    }

    /// The phase on a day: a trial that is over runs, a cancelled contract whose last day is past has ended.
    #[must_use]
    pub fn phase_on(&self, today: Date) -> Phase {
        match self.declared.over(self.facts.phase, today) {
            Phase::Trial { until } if until < today => Phase::Active,
            Phase::Cancelled { ends_on, .. } if ends_on < today => Phase::Ended { on: ends_on, how: Ending::Cancelled },
            phase => phase,
        }
    }

    /// Has it ended by a day?
    #[must_use]
    pub fn has_ended(&self, today: Date) -> bool {
        matches!(self.phase_on(today), Phase::Ended { .. })
    }

    /// The last day, once it is known.
    #[must_use]
    pub fn ends_on(&self) -> Option<Date> {
        match self.declared.over(self.facts.phase, Date::MAX) {
            Phase::Cancelled { ends_on, .. } => Some(ends_on),
            Phase::Ended { on, .. } => Some(on),
            _ => None,
        }
    }

    /// The next invoice, unless the contract ends before it or rests.
    #[must_use]
    pub fn next_invoice(&self, today: Date) -> Option<NextInvoice> {
        let running = !matches!(self.phase_on(today), Phase::Ended { .. }) && !self.rests_on(today);
        self.facts
            .next_invoice
            .filter(|next| running && next.on >= today && self.ends_on().is_none_or(|end| next.on <= end))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::{Currency, time::IntervalUnit};

    fn contract(phase: Phase) -> Subscription {
        let monthly = Interval { count: 1, unit: IntervalUnit::Month };
        Subscription {
            number: "1".parse().unwrap(),
            payment_method: None,
            declared: Declared::default(),
            facts: SubscriptionFacts {
                plan: "Webhosting Business L".into(),
                concluded_on: date(2019, 3, 1),
                starts_on: date(2019, 3, 1),
                party: Party::Business,
                minimum_until: None,
                renewal: None,
                notice: None,
                interval: monthly,
                price: Money::of_minor(5900, Currency::Eur),
                phase,
                next_invoice: Some(NextInvoice { on: date(2026, 12, 1), amount: Money::of_minor(5900, Currency::Eur) }),
                components: vec![],
            },
        }
    }

    #[test]
    fn a_cancelled_contract_runs_through_its_last_day() {
        let contract = contract(Phase::Cancelled {
            declared_on: date(2026, 11, 1),
            ends_on: date(2026, 11, 30),
            by: Side::Customer,
        });
        assert!(!contract.has_ended(date(2026, 11, 30)));
        assert!(contract.has_ended(date(2026, 12, 1)));
        assert_eq!(contract.next_invoice(date(2026, 11, 15)), None, "the next one would come after the end");
    }

    #[test]
    fn a_trial_becomes_active_after_its_last_day() {
        let contract = contract(Phase::Trial { until: date(2026, 11, 30) });
        assert_eq!(contract.phase_on(date(2026, 12, 1)), Phase::Active);
        assert!(contract.next_invoice(date(2026, 11, 15)).is_some());
    }
}
