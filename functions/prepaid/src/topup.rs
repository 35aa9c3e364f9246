//! `/prepaid`: account, amount, method and text, then everything again, then the payment (M-21 to M-23).

use checkout::{Counter, Opened, Way};
use domain::{
    Money,
    id::PaymentId,
    number::AccountNumber,
    payment::{Payment, Purpose},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::secret;
use text::{Words, typed_amount};
use utoipa::ToSchema;
use web::{
    Answer, Asked, CustomerContext, Door, Either, Nothing, Page, Problem, Providers, SeeOther, Submitted,
    area::Payments,
    door::Change,
    page::{ErrorSummary, FormError, Frame, Html, View},
};

use crate::order::{Chargeable, Wish, Wrong};

/// Payments that are looked through for the last top-ups.
const LAST_PAYMENTS: u16 = 20;
/// Top-ups beside the form.
const LAST: usize = 3;
/// The value of „Anderer".
const OTHER: &str = "other";

type Context = CustomerContext<Payments, Change>;

/// What the address carries.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
pub struct Ask {
    check: Option<String>,
    account: Option<String>,
    /// One of the offered amounts, or `other`.
    amount: Option<String>,
    other: Option<String>,
    method: Option<String>,
    reference_text: Option<String>,
    payment: Option<String>,
}

/// Where a customer stands.
enum Stage {
    At(TopUpPage, Option<ErrorSummary>),
    Check(Box<CheckPage>, Box<Wish>),
    Go(String),
}

/// Shows the form, or what was entered, to be checked.
pub(crate) async fn show(cx: Context, ask: Asked<Ask>) -> Answer<Either<Page<TopUpPage>, SeeOther>> {
    let desk = Desk::open(&cx).await?;
    match desk.stage(&ask.0)? {
        Stage::Go(href) => Ok(Either::Second(SeeOther::to(href))),
        Stage::At(TopUpPage::Form(mut form), errors) => {
            form.last = last(&cx).await?;
            Ok(Either::First(shown(TopUpPage::Form(form), errors)))
        }
        Stage::At(page, errors) => Ok(Either::First(shown(page, errors))),
        Stage::Check(page, _) => match cx.store().payment(&page.payment).await? {
            // Back from the provider or from the next page: it is the same payment.
            Some(payment) if payment.value.customer == *cx.customer() => {
                Ok(Either::Second(SeeOther::to(address(&payment.value))))
            }
            _ => Ok(Either::First(Page::new(TopUpPage::Check(page)))),
        },
    }
}

/// Opens the payment once and leads to its page.
pub(crate) async fn pay(
    cx: Context,
    providers: Providers,
    form: Submitted<Nothing, Ask>,
) -> Answer<Either<Page<TopUpPage>, SeeOther>> {
    let (ask, _) = form.into_parts();
    let counter = Counter::of(cx.arrival(), cx.tenant(), &providers);
    let id = ask.payment.as_deref().and_then(|id| id.parse::<PaymentId>().ok());
    if let Some(id) = &id
        && let Some(payment) = counter.known(id, cx.customer()).await?
    {
        let payment = counter.go_on(payment, &returning(id)).await;
        return Ok(Either::Second(SeeOther::to(address(&payment))));
    }
    let desk = Desk::open(&cx).await?;
    let (page, wish) = match desk.stage(&Ask { check: Some("1".to_owned()), ..ask })? {
        Stage::Go(href) => return Ok(Either::Second(SeeOther::to(href))),
        Stage::At(page, errors) => return Ok(Either::First(shown(page, errors))),
        Stage::Check(page, wish) => (page, wish),
    };
    let order = wish.order(page.payment.clone(), cx.customer(), cx.arrival().language());
    match counter.open(&order, &returning(&page.payment)).await? {
        Opened::Payment(payment) => Ok(Either::Second(SeeOther::to(address(&payment)))),
        // What charges the same account at the moment is shown instead.
        Opened::Running(payment) => Ok(Either::Second(SeeOther::to(address(&payment)))),
        Opened::BalanceTooLow | Opened::OpenChanged => Err(Problem::NotFound),
    }
}

fn shown(page: TopUpPage, errors: Option<ErrorSummary>) -> Page<TopUpPage> {
    match errors {
        Some(errors) => Page::with_errors(page, errors),
        None => Page::new(page),
    }
}

/// A top-up's own page.
pub(crate) fn address(payment: &Payment) -> String {
    match &payment.deposit {
        Some(deposit) => format!("/prepaid/{deposit}"),
        None => format!("/payments/{}", payment.id),
    }
}

/// Where the provider sends people back to; the deposit number does not exist yet when that is said.
pub(crate) fn returning(id: &PaymentId) -> String {
    format!("/payments/{id}?returned=1")
}

async fn last(cx: &Context) -> Answer<Vec<LastTopUp>> {
    let page = cx.store().payments(cx.customer(), LAST_PAYMENTS, None).await?;
    let top_ups = page.items.iter().filter(|payment| matches!(payment.purpose, Purpose::TopUp { .. }));
    let last = top_ups.map(|payment| LastTopUp {
        at: payment.created_at,
        amount: if payment.received.is_positive() { payment.received } else { payment.asked },
        arrived: payment.received.is_positive(),
        waits: payment.is_waiting(),
        href: address(payment),
    });
    Ok(last.take(LAST).collect())
}

/// What the form is decided from.
struct Desk<'a> {
    cx: &'a Context,
    chargeable: Chargeable,
    t: Words,
}

impl<'a> Desk<'a> {
    async fn open(cx: &'a Context) -> Answer<Self> {
        let settings = &cx.tenant().settings;
        let chargeable =
            Chargeable::load(&cx.store(), cx.customer(), settings, (cx.has_sandbox_provider(), cx.today())).await?;
        Ok(Self { cx, chargeable, t: cx.arrival().words() })
    }

    fn stage(&self, ask: &Ask) -> Answer<Stage> {
        if self.chargeable.accounts.is_empty() {
            return Ok(Stage::At(TopUpPage::Nothing(NothingPage {}), None));
        }
        if ask.check.is_none() {
            return self.form(ask, None);
        }
        let reference_text = ask.reference_text.as_deref().unwrap_or_default();
        let currency = self.chargeable.limits.least.currency();
        let typed = match ask.amount.as_deref() {
            Some(OTHER) | None => ask.other.as_deref().unwrap_or_default(),
            Some(preset) => preset,
        };
        let amount = typed_amount(typed, currency);
        match self.chargeable.check(ask.account.as_deref(), amount, ask.method.as_deref(), reference_text) {
            Ok(wish) => Ok(self.check(ask, wish)),
            Err(wrong) => self.form(ask, Some(self.said(&wrong, ask))),
        }
    }

    /// What is wrong, field by field.
    fn said(&self, wrong: &[Wrong], ask: &Ask) -> ErrorSummary {
        let limits = &self.chargeable.limits;
        let amount_field = if ask.amount.as_deref() == Some(OTHER) { "other" } else { "amount" };
        let error = |wrong: &Wrong| {
            let (field, message) = match wrong {
                Wrong::Account => ("account", self.t.prepaid_error_account().to_owned()),
                Wrong::Amount => {
                    let (least, most) = (self.t.money(limits.least), self.t.money(limits.most));
                    (amount_field, self.t.prepaid_error_amount(least, most))
                }
                Wrong::Method => ("method", self.t.pay_error_method().to_owned()),
                Wrong::ReferenceText => ("reference", self.t.prepaid_error_reference().to_owned()),
            };
            FormError { field: field.to_owned(), message }
        };
        ErrorSummary { items: wrong.iter().map(error).collect() }
    }

    fn form(&self, ask: &Ask, errors: Option<ErrorSummary>) -> Answer<Stage> {
        let Chargeable { accounts, limits, ways } = &self.chargeable;
        let chosen = self.chargeable.account(ask.account.as_deref()).map(|account| account.number.clone());
        let choice = |account: &domain::ledger::Account| {
            let available = account.available().map_err(|error| Problem::Internal(error.to_string()))?;
            Ok(AccountChoice {
                chosen: chosen.as_ref() == Some(&account.number),
                number: account.number.clone(),
                name: account.name.clone(),
                available,
            })
        };
        let given = ask.amount.as_deref();
        let preset = |(position, amount): (usize, &Money)| {
            let is_last = position + 1 == limits.presets.len();
            let chosen = given.map_or(is_last, |given| given == amount.decimal());
            (*amount, chosen)
        };
        let presets: Vec<(Money, bool)> = limits.presets.iter().enumerate().map(preset).collect();
        let position = ways.iter().position(|way| ask.method.as_deref() == Some(way.choice.to_string().as_str()));
        let page = FormPage {
            accounts: accounts.iter().map(choice).collect::<Answer<_>>()?,
            least: limits.least,
            most: limits.most,
            by_other: !presets.iter().any(|(_, chosen)| *chosen),
            presets,
            other: ask.other.clone().unwrap_or_default(),
            ways: ways.clone(),
            way: position.unwrap_or_default(),
            reference_text: ask.reference_text.clone().unwrap_or_default(),
            last: Vec::new(),
        };
        Ok(Stage::At(TopUpPage::Form(Box::new(page)), errors))
    }

    fn check(&self, ask: &Ask, wish: Wish) -> Stage {
        let id = ask.payment.as_deref().and_then(|id| id.parse::<PaymentId>().ok());
        let payment = id.clone().unwrap_or_else(|| PaymentId::new(self.cx.now(), secret::entropy()));
        let page = CheckPage {
            account: wish.account.number.clone(),
            amount: wish.amount,
            way: wish.way.clone(),
            reference_text: wish.reference_text.clone(),
            payment,
        };
        if id.is_none() {
            // The id stands in the address, so that back and reload are the same payment.
            return Stage::Go(page.href());
        }
        Stage::Check(Box::new(page), Box::new(wish))
    }
}

/// The page one is at.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum TopUpPage {
    /// There is no prepaid account.
    Nothing(NothingPage),
    /// The form.
    Form(Box<FormPage>),
    /// Everything again, and the button.
    Check(Box<CheckPage>),
}

/// There is no prepaid account.
#[derive(Debug, Clone, Serialize)]
pub struct NothingPage {}

/// The form.
#[derive(Debug, Clone, Serialize)]
pub struct FormPage {
    /// The customer's prepaid accounts.
    pub accounts: Vec<AccountChoice>,
    /// Least amount.
    pub least: Money,
    /// Largest amount.
    pub most: Money,
    /// The offered amounts, and which one is chosen.
    pub presets: Vec<(Money, bool)>,
    /// Is „Anderer" chosen?
    pub by_other: bool,
    /// The free amount as it was typed.
    pub other: String,
    /// The ways to pay.
    pub ways: Vec<Way>,
    /// Position of the chosen one.
    pub way: usize,
    /// „Referenz-Text".
    pub reference_text: String,
    /// The last top-ups.
    pub last: Vec<LastTopUp>,
}

/// A prepaid account to choose.
#[derive(Debug, Clone, Serialize)]
pub struct AccountChoice {
    /// For example `00001008`.
    pub number: AccountNumber,
    /// What people call it, may be empty.
    pub name: String,
    /// What is there.
    pub available: Money,
    /// Is it chosen?
    pub chosen: bool,
}

/// A top-up in two lines.
#[derive(Debug, Clone, Serialize)]
pub struct LastTopUp {
    /// When it was wished for.
    pub at: Timestamp,
    /// What arrived, else what was asked for.
    pub amount: Money,
    /// Has money arrived?
    pub arrived: bool,
    /// Is it still waited for?
    pub waits: bool,
    /// Its page.
    pub href: String,
}

/// What was entered, to be checked.
#[derive(Debug, Clone, Serialize)]
pub struct CheckPage {
    /// Which account.
    pub account: AccountNumber,
    /// How much.
    pub amount: Money,
    /// How.
    pub way: Way,
    /// „Referenz-Text".
    pub reference_text: String,
    /// The payment's fresh id.
    pub payment: PaymentId,
}

impl FormPage {
    /// The ways, and which one is ticked.
    #[must_use]
    pub fn cards(&self) -> Vec<(&Way, bool)> {
        self.ways.iter().enumerate().map(|(position, way)| (way, position == self.way)).collect()
    }
}

impl AccountChoice {
    /// „00001008 · Domain-Reserve · Guthaben 42,10 €".
    #[must_use]
    pub fn label(&self, t: &Words) -> String {
        let balance = t.pay_hint_balance(t.money(self.available));
        let parts = [self.number.as_str(), self.name.as_str(), balance.as_str()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
    }
}

impl CheckPage {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        vec![
            ("account", self.account.to_string()),
            ("amount", self.amount.decimal()),
            ("other", self.amount.decimal()),
            ("method", self.way.choice.to_string()),
            ("reference_text", self.reference_text.clone()),
        ]
    }

    /// This page's address, to which its form is sent.
    #[must_use]
    pub fn href(&self) -> String {
        let mut pairs = self.pairs();
        pairs.push(("check", "1".to_owned()));
        pairs.push(("payment", self.payment.to_string()));
        format!("/prepaid?{}", serde_html_form::to_string(pairs).unwrap_or_default())
    }

    /// The form with everything that was entered.
    #[must_use]
    pub fn back(&self) -> String {
        format!("/prepaid?{}", serde_html_form::to_string(self.pairs()).unwrap_or_default())
    }
}

web::page!(NothingPage => "pages/prepaid/nothing.html");
web::page!(FormPage => "pages/prepaid/form.html");
web::page!(CheckPage => "pages/prepaid/check.html");

impl View for TopUpPage {
    fn html(&self, frame: &Frame) -> Html {
        match self {
            Self::Nothing(page) => page.html(frame),
            Self::Form(page) => page.html(frame),
            Self::Check(page) => page.html(frame),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::payment::Method;
    use web::page::testing;

    use super::*;
    use crate::accounts::tests::eur;

    fn way(method: Method) -> Way {
        Way::by(method, None)
    }

    fn form() -> FormPage {
        let account = |number: &str, name: &str, minor| AccountChoice {
            number: number.parse().unwrap(),
            name: name.to_owned(),
            available: eur(minor),
            chosen: false,
        };
        let last = |minor, arrived, waits| LastTopUp {
            at: "2026-11-21T10:00:00Z".parse().unwrap(),
            amount: eur(minor),
            arrived,
            waits,
            href: "/prepaid/1".to_owned(),
        };
        let name = "Domain-Reserve Veranstaltungstechnik Norddeutschland";
        FormPage {
            accounts: vec![account("00001012", "", 4_210), account("00001013", name, 0)],
            least: eur(500),
            most: eur(250_000),
            presets: vec![(eur(2_500), false), (eur(5_000), false), (eur(10_000), true)],
            by_other: false,
            other: String::new(),
            ways: vec![way(Method::Sandbox), way(Method::BankTransfer)],
            way: 1,
            reference_text: String::new(),
            last: vec![last(10_000, false, true), last(5_000, true, false), last(100, false, false)],
        }
    }

    #[test]
    fn the_form_is_sound() {
        testing::check("prepaid", &form(), |_| {});
        let wrong = FormPage {
            by_other: true,
            presets: vec![(eur(2_500), false)],
            other: "viel".to_owned(),
            reference_text: "x".repeat(36),
            ..form()
        };
        testing::check("prepaid-wrong", &wrong, |frame| {
            let error = |field: &str, message: &str| FormError { field: field.to_owned(), message: message.to_owned() };
            let t = frame.t;
            let amount = t.prepaid_error_amount(t.money(eur(500)), t.money(eur(250_000)));
            let items = vec![
                error("account", t.prepaid_error_account()),
                error("other", &amount),
                error("amount", &amount),
                error("method", t.pay_error_method()),
                error("reference", t.prepaid_error_reference()),
            ];
            frame.errors = Some(ErrorSummary { items });
        });
        let none = FormPage { ways: vec![], last: vec![], presets: vec![], by_other: true, ..form() };
        testing::check("prepaid-no-way", &none, testing::extreme);
        testing::check("prepaid-nothing", &NothingPage {}, |_| {});
    }

    #[test]
    fn the_check_is_sound() {
        let page = CheckPage {
            account: "00001012".parse().unwrap(),
            amount: eur(10_000),
            way: way(Method::BankTransfer),
            reference_text: "Projekt Messestand 2027".to_owned(),
            payment: PaymentId::new(Timestamp::UNIX_EPOCH, [1; 10]),
        };
        assert!(page.href().contains("&payment=pay_") && !page.back().contains("payment=pay_"));
        testing::check("prepaid-check", &page, |_| {});
        let other = CheckPage { way: way(Method::Sandbox), reference_text: String::new(), ..page };
        testing::check("prepaid-check-long", &TopUpPage::Check(Box::new(other)), testing::extreme);
    }
}
