//! `/contracts`: the customer's contracts, running ones as sheets, ended ones below (M-16, M-45).

use domain::{
    Money,
    number::{SubscriptionNumber, counting},
    subscription::{NextInvoice, Phase, Subscription},
    time::Interval,
};
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;
use web::{Answer, Asked, CustomerContext, Json, Nothing, Page, Problem, area};

/// Shows the page.
pub(crate) async fn show(cx: CustomerContext<area::Contracts>, _: Asked<Nothing>) -> Answer<Page<ContractsPage>> {
    load(&cx).await.map(Page::new)
}

/// `GET /api/v1/subscriptions`
pub(crate) async fn list(cx: CustomerContext<area::Contracts>, _: Asked<Nothing>) -> Answer<Json<ContractsPage>> {
    load(&cx).await.map(Json::new)
}

async fn load(cx: &CustomerContext<area::Contracts>) -> Answer<ContractsPage> {
    let overview = cx.store().overview(cx.customer()).await?.ok_or(Problem::NotFound)?;
    let mut items: Vec<ContractRow> =
        overview.subscriptions.iter().map(|one| ContractRow::on(one, cx.today())).collect();
    items.sort_by(|one, other| counting(one.number.as_str(), other.number.as_str()));
    Ok(ContractsPage { items, next: None })
}

/// All contracts in the order of their numbers. A customer has at most a few hundred, so there is one page of them.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ContractsPage {
    /// Running and ended ones.
    pub items: Vec<ContractRow>,
    /// Cursor of older ones.
    pub next: Option<String>,
}

/// A contract as it stands in the list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ContractRow {
    /// Shown as „Vertrag Nr. 1".
    pub number: SubscriptionNumber,
    /// Plan variant.
    pub plan: String,
    /// „Vertragsabschluss".
    pub concluded_on: Date,
    /// „Vertragsbeginn".
    pub starts_on: Date,
    /// „Zahlungsintervall".
    pub interval: Interval,
    /// Gross price per interval.
    pub price: Money,
    /// „Status", as of today.
    pub phase: Phase,
    /// „Nächster Rechnungsbetrag".
    pub next_invoice: Option<NextInvoice>,
}

impl ContractRow {
    fn on(one: &Subscription, today: Date) -> Self {
        Self {
            number: one.number.clone(),
            plan: one.facts.plan.clone(),
            concluded_on: one.facts.concluded_on,
            starts_on: one.facts.starts_on,
            interval: one.facts.interval,
            price: one.facts.price,
            phase: one.phase_on(today),
            next_invoice: one.next_invoice(today),
        }
    }

    /// Last day of an ended contract.
    #[must_use]
    pub const fn ended_on(&self) -> Option<Date> {
        match self.phase {
            Phase::Ended { on, .. } => Some(on),
            _ => None,
        }
    }

    /// Last day, or the first one of a contract that has not ended.
    #[must_use]
    pub fn last_day(&self) -> Date {
        self.ended_on().unwrap_or(self.starts_on)
    }
}

impl ContractsPage {
    /// Those that run, rest or are about to end.
    #[must_use]
    pub fn running(&self) -> Vec<&ContractRow> {
        self.items.iter().filter(|row| row.ended_on().is_none()).collect()
    }

    /// „Beendete Verträge".
    #[must_use]
    pub fn ended(&self) -> Vec<&ContractRow> {
        self.items.iter().filter(|row| row.ended_on().is_some()).collect()
    }
}

web::page!(ContractsPage => "pages/subscriptions/contracts.html");

#[cfg(test)]
mod tests {
    use domain::{Currency, subscription::Ending, time::IntervalUnit};
    use jiff::civil::date;
    use web::page::testing;

    use super::*;

    fn row(number: &str, plan: &str, phase: Phase, months: u16) -> ContractRow {
        ContractRow {
            number: number.parse().unwrap(),
            plan: plan.to_owned(),
            concluded_on: date(2019, 3, 1),
            starts_on: date(2019, 3, 1),
            interval: Interval { count: months, unit: IntervalUnit::Month },
            price: Money::of_minor(5_900, Currency::Eur),
            phase,
            next_invoice: Some(NextInvoice { on: date(2026, 12, 1), amount: Money::of_minor(5_900, Currency::Eur) }),
        }
    }

    #[test]
    fn the_contracts_page_is_sound() {
        let long =
            "Managed Server für die Gesellschaft für angewandte Veranstaltungstechnik Norddeutschland mbH & Co. KG";
        let (on, ends_on) = (date(2023, 4, 30), date(2026, 12, 31));
        let items = vec![
            row("1", "Webhosting Business L", Phase::Active, 1),
            row("4", long, Phase::Cancelled { declared_on: on, ends_on, by: domain::subscription::Side::Customer }, 3),
            row("7", "Domain-Paket", Phase::Trial { until: date(2026, 11, 30) }, 12),
            row("8", "Backup", Phase::Paused { since: on }, 2),
            row("2", "Webhosting Start", Phase::Ended { on, how: Ending::Cancelled }, 1),
            row("3", "E-Mail-Archiv", Phase::Ended { on, how: Ending::Withdrawn }, 1),
            row("5", "Testserver", Phase::Ended { on, how: Ending::Expired }, 1),
        ];
        let page = ContractsPage { items: items.clone(), next: None };
        testing::check("contracts", &page, |_| {});
        testing::check("contracts-long", &ContractsPage { next: Some("c2".to_owned()), ..page }, testing::extreme);
        testing::check("contracts-ended", &ContractsPage { items: items[4..].to_vec(), next: None }, |_| {});
        testing::check("contracts-empty", &ContractsPage { items: vec![], next: None }, |_| {});
    }
}
