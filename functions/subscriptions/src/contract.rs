//! `/contracts/{number}`: one contract with its facts, booked services and invoices, and what can be done with it (M-45, M-46,
//! M-77).

pub mod api;
pub mod cancel;
pub mod pause;
pub mod payment_method;
pub mod take_back;

mod deciding;

use domain::{
    Currency, Money,
    invoice::Status,
    number::{InvoiceNumber, SubscriptionNumber},
    subscription::{Component, NextInvoice, Notice, Phase, Side, Subscription},
    tenant::{Area, Right},
    time::Interval,
};
use jiff::civil::Date;
use serde::Serialize;
use text::Words;
use utoipa::ToSchema;
use web::{
    Answer, Asked, ContractContext, Json, Page, Problem, area,
    door::{AreaMark, RightMark},
};

use self::{deciding::Ask, payment_method::Used};

/// Invoices on the page; the rest is in the list.
const INVOICES: u16 = 12;

/// Shows the page.
pub(crate) async fn show(cx: ContractContext<area::Contracts>, ask: Asked<Ask>) -> Answer<Page<ContractPage>> {
    load(&cx, &ask.0.number(&cx)?).await.map(Page::new)
}

/// `GET /api/v1/subscriptions/{number}`
pub(crate) async fn get(cx: ContractContext<area::Contracts>, ask: Asked<Ask>) -> Answer<Json<ContractPage>> {
    load(&cx, &ask.0.number(&cx)?).await.map(Json::new)
}

/// Does the tenant let customers do that?
fn may<A: AreaMark, R: RightMark>(cx: &ContractContext<A, R>, area: Area) -> bool {
    cx.tenant().settings.right(area) == Right::Change
}

/// Does the tenant have that?
fn has<A: AreaMark, R: RightMark>(cx: &ContractContext<A, R>, area: Area) -> bool {
    cx.tenant().settings.right(area) != Right::Off
}

async fn load<A: AreaMark, R: RightMark>(
    cx: &ContractContext<A, R>,
    number: &SubscriptionNumber,
) -> Answer<ContractPage> {
    let (store, today) = (cx.store(), cx.today());
    let invoices = async {
        // Whoever came by a link to the contract sees the contract, and nobody's invoices.
        match has(cx, Area::Invoices) && cx.reach().is_whole() {
            false => Ok(None),
            true => store.invoices_of_subscription(cx.customer(), number, INVOICES).await.map(Some),
        }
    };
    // The contract and what it is paid with lie together; what was just chosen is shown at once.
    let (overview, invoices) = tokio::try_join!(store.overview_now(cx.customer()), invoices)?;
    let overview = overview.ok_or(Problem::NotFound)?;
    let one = overview.subscriptions.iter().find(|one| one.number == *number).cloned().ok_or(Problem::NotFound)?;
    let payment_method = has(cx, Area::PaymentMethods).then(|| Used::of(&overview, &one));
    let actions = Actions::of(cx, &one, today);
    let (rests, pauses_until) = (one.rests_on(today), one.pauses_until());
    let (phase, ends_on, next_invoice) = (one.phase_on(today), one.ends_on(), one.next_invoice(today));
    let facts = one.facts;
    let withdrawable = facts.withdrawal_until().filter(|until| today <= *until && has(cx, Area::Declarations));
    Ok(ContractPage {
        number: one.number,
        plan: facts.plan,
        phase,
        price: facts.price,
        interval: facts.interval,
        concluded_on: facts.concluded_on,
        starts_on: facts.starts_on,
        ends_on,
        minimum_until: facts.minimum_until,
        notice: facts.notice,
        next_invoice,
        components: facts.components,
        invoices: invoices.map(|rows| rows.into_iter().map(|row| InvoiceRow::on(row, today)).collect()),
        payment_method,
        rests,
        pauses_until: pauses_until.filter(|_| rests),
        actions,
        withdrawal_until: withdrawable,
    })
}

/// Everything about one contract.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ContractPage {
    /// Shown as „Vertrag Nr. 1".
    pub number: SubscriptionNumber,
    /// Plan variant.
    pub plan: String,
    /// „Status", as of today.
    pub phase: Phase,
    /// Gross price per interval.
    pub price: Money,
    /// „Zahlungsintervall".
    pub interval: Interval,
    /// „Vertragsabschluss".
    pub concluded_on: Date,
    /// „Vertragsbeginn".
    pub starts_on: Date,
    /// „Vertragsende", once it is known.
    pub ends_on: Option<Date>,
    /// Last day of the minimum term.
    pub minimum_until: Option<Date>,
    /// „Kündigungsfrist".
    pub notice: Option<Notice>,
    /// „Nächster Rechnungsbetrag".
    pub next_invoice: Option<NextInvoice>,
    /// „Gebuchte Leistungen".
    pub components: Vec<Component>,
    /// The last invoices of this contract; `None` when invoices are switched off, and for whoever came by a link to it.
    pub invoices: Option<Vec<InvoiceRow>>,
    /// What future invoices of this contract are paid with; `None` when ways to pay are switched off.
    pub payment_method: Option<Used>,
    /// Last day of its pause, where that was said.
    pub pauses_until: Option<Date>,
    /// Does it rest, also where it is cancelled?
    pub rests: bool,
    /// What can be done with it today.
    pub actions: Actions,
    /// Through this day a consumer may withdraw from it; `None` when nobody may any more.
    pub withdrawal_until: Option<Date>,
}

/// What can be done with a contract, as it stands and as far as the tenant lets customers.
#[derive(Debug, Clone, Copy, Default, Serialize, ToSchema)]
#[schema(as = ContractActions)]
pub struct Actions {
    /// „Vertrag kündigen": it would end on this day.
    pub cancel: Option<Date>,
    /// „Kündigung zurücknehmen".
    pub take_back: bool,
    /// Has it a confirmation of its cancellation?
    pub confirmation: bool,
    /// It can rest.
    pub pause: bool,
    /// It can run again.
    pub resume: bool,
}

impl Actions {
    fn of<A: AreaMark, R: RightMark>(cx: &ContractContext<A, R>, one: &Subscription, today: Date) -> Self {
        let phase = one.phase_on(today);
        let is_open = !matches!(phase, Phase::Cancelled { .. } | Phase::Ended { .. });
        let rule = cx.tenant().settings.contracts.cancel_in_trial;
        Self {
            cancel: (is_open && may(cx, Area::Cancel)).then(|| one.earliest_end(today, rule).on),
            take_back: matches!(phase, Phase::Cancelled { by: Side::Customer, .. }) && may(cx, Area::TakeBack),
            confirmation: !is_open && one.declared.cancellation.is_some(),
            pause: phase == Phase::Active && may(cx, Area::Pause),
            resume: one.rests_on(today) && one.paused_by() == Side::Customer && may(cx, Area::Pause),
        }
    }
}

/// An invoice of the contract.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ContractInvoice)]
pub struct InvoiceRow {
    /// „Re.-Nummer".
    pub number: InvoiceNumber,
    /// „Re.-Datum".
    pub issued_on: Date,
    /// „Gesamtbetrag brutto".
    pub gross: Money,
    /// As of today.
    pub status: Status,
}

impl InvoiceRow {
    fn on(row: domain::invoice::InvoiceRow, today: Date) -> Self {
        Self { status: row.status(today), number: row.number, issued_on: row.issued_on, gross: row.gross }
    }
}

impl ContractPage {
    /// What a pause brings about, or that it rests.
    #[must_use]
    pub fn resting(&self, t: &Words, word: impl text::Word) -> String {
        match (self.rests, self.pauses_until) {
            (false, _) => t.pausing_lead(word),
            (true, None) => t.pausing_rests(word),
            (true, Some(until)) => t.pausing_rests_until(word, t.date(until)),
        }
    }

    /// Currency of all its prices.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.price.currency()
    }
}

web::page!(ContractPage => "pages/subscriptions/contract.html");

#[cfg(test)]
mod tests {
    use domain::{subscription::NoticeEnd, time::IntervalUnit};
    use jiff::civil::date;
    use web::page::testing;

    use super::*;

    const MONTHLY: Interval = Interval { count: 1, unit: IntervalUnit::Month };

    fn eur(minor: i64) -> Money {
        Money::of_minor(minor, Currency::Eur)
    }

    fn component(name: &str, quantity: Option<&str>, price: &str, unit: Option<&str>) -> Component {
        Component {
            name: name.to_owned(),
            quantity: quantity.map(|quantity| quantity.parse().unwrap()),
            unit_price: price.parse().unwrap(),
            metered_unit: unit.map(str::to_owned),
            interval: MONTHLY,
            since: date(2019, 3, 1),
        }
    }

    fn invoice(number: &str, status: Status) -> InvoiceRow {
        InvoiceRow { number: number.parse().unwrap(), issued_on: date(2026, 11, 5), gross: eur(5_900), status }
    }

    fn page() -> ContractPage {
        ContractPage {
            number: "1".parse().unwrap(),
            plan: "Webhosting Business L".to_owned(),
            phase: Phase::Active,
            price: eur(5_900),
            interval: MONTHLY,
            concluded_on: date(2019, 3, 1),
            starts_on: date(2019, 3, 1),
            ends_on: None,
            minimum_until: None,
            notice: Some(Notice { period: MONTHLY, to: NoticeEnd::MonthEnd }),
            next_invoice: Some(NextInvoice { on: date(2026, 12, 1), amount: eur(5_900) }),
            components: vec![
                component("Webhosting Business L", Some("1"), "47.10", None),
                component("Domain veranstaltungstechnik-norddeutschland.example", Some("2.5"), "5.94", None),
                component("Datenverkehr über 500 GB", None, "0.0234", Some("GB")),
            ],
            invoices: Some(vec![
                invoice("RE1041", Status::PartlyPaid { open: eur(2_000), due_on: date(2026, 12, 5) }),
                invoice("RE1036", Status::Paid { on: date(2026, 10, 7) }),
                invoice("RE1000", Status::Cancelled { on: date(2019, 3, 7) }),
            ]),
            payment_method: Some(Used { by_default: true, method: None, name: None }),
            pauses_until: None,
            rests: false,
            actions: Actions { cancel: Some(date(2026, 12, 31)), pause: true, ..Actions::default() },
            withdrawal_until: None,
        }
    }

    #[test]
    fn the_contract_page_is_sound() {
        testing::check("contract", &page(), |_| {});
        let bare =
            ContractPage { components: vec![], invoices: Some(vec![]), notice: None, next_invoice: None, ..page() };
        testing::check("contract-empty", &bare, |_| {});
        let plan =
            "Managed Server für die Gesellschaft für angewandte Veranstaltungstechnik Norddeutschland mbH & Co. KG";
        let ends_on = date(2026, 12, 31);
        let long = ContractPage {
            plan: plan.to_owned(),
            phase: Phase::Cancelled { declared_on: date(2026, 11, 1), ends_on, by: Side::Customer },
            ends_on: Some(ends_on),
            minimum_until: Some(ends_on),
            actions: Actions { take_back: true, confirmation: true, ..Actions::default() },
            withdrawal_until: Some(ends_on),
            ..page()
        };
        testing::check("contract-long", &long, testing::extreme);
        let off = ContractPage { invoices: None, payment_method: None, actions: Actions::default(), ..page() };
        testing::check("contract-off", &off, |_| {});
        let resting = ContractPage {
            phase: Phase::Paused { since: ends_on },
            pauses_until: Some(ends_on),
            rests: true,
            actions: Actions { resume: true, ..page().actions },
            ..page()
        };
        testing::check("contract-paused", &resting, |_| {});
        testing::check("contract-part", &ContractPage { invoices: None, ..page() }, testing::part);
    }
}
