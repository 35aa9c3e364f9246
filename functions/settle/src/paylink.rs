//! `/pay/{token}`: what one invoice asks for, and its payment, without a login (M-103). It says nothing else: no name, no
//! address, no other invoice.

use checkout::{BackPage, Choice, Counter, Opened, Order, Own, Way, address_back, chosen, come_back, leaving, ways};
use domain::{
    Language, Money,
    id::PaymentId,
    invoice::{InvoiceRow, Status},
    link::Link,
    number::InvoiceNumber,
    payment::{Named, NewPayment, Purpose},
};
use http::{HeaderValue, header};
use jiff::{SignedDuration, civil::Date};
use serde::{Deserialize, Serialize};
use store::{Budget, secret};
use utoipa::ToSchema;
use web::{
    Answer, Asked, Door, Either, Page, Problem, Providers, PublicContext, SeeOther, Submitted, With,
    page::{ErrorSummary, Frame, Html, View},
    reply::GONE,
};

use crate::payment::{Links, PaymentPage, view};

/// Where the addresses of this page begin.
const AREA: &str = "pay";
/// Payments that may be opened by one link in an hour.
const OPENED: u32 = 20;
const WINDOW: SignedDuration = SignedDuration::from_hours(1);

/// The token in the address, and the payment that was opened by it.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Ask {
    token: String,
    payment: Option<String>,
    returned: Option<String>,
}

/// Which payment a provider sends somebody back from.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Back {
    id: String,
}

/// What is paid, and how.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Form {
    payment: PaymentId,
    /// As it was shown, a plain decimal number.
    amount: String,
    method: Option<String>,
}

/// A link that works, and its invoice.
struct Open {
    link: Link,
    row: InvoiceRow,
}

type Shown = Either<With<Page<LinkPage>>, SeeOther>;

/// Shows what the invoice asks for, or where its payment stands.
pub(crate) async fn show(cx: PublicContext, providers: Providers, ask: Asked<Ask>) -> Answer<Shown> {
    let Ask { token, payment, returned } = ask.0;
    let Some(open) = find(&cx, &token).await? else { return private(Page::new(ended()).status(GONE)) };
    let Some(id) = payment else { return private(Page::new(asking(&cx, &open))) };
    let id: PaymentId = id.parse().map_err(|_| Problem::NotFound)?;
    let counter = Counter::of(cx.arrival(), cx.tenant(), &providers);
    let page = standing(&counter, &open, &token, &id, returned.is_some()).await?;
    private(Page::new(LinkPage::Payment(Box::new(page))).cookie(leaving(cx.arrival(), id.as_str(), &token)))
}

/// Somebody comes back from a provider's page.
pub(crate) async fn back(cx: PublicContext, ask: Asked<Back>) -> Answer<Either<SeeOther, Page<BackPage>>> {
    let id: PaymentId = ask.0.id.parse().map_err(|_| Problem::NotFound)?;
    Ok(come_back(cx.arrival(), id.as_str(), |token, language| came_back(token, &id, language)))
}

/// Opens the payment once and leads to where it stands.
pub(crate) async fn pay(cx: PublicContext, providers: Providers, form: Submitted<Form, Ask>) -> Answer<Shown> {
    let (Ask { token, .. }, Form { payment: id, amount, method }) = form.into_parts();
    let Some(open) = find(&cx, &token).await? else { return private(Page::new(ended()).status(GONE)) };
    let counter = Counter::of(cx.arrival(), cx.tenant(), &providers);
    let back = address(&token, &id, cx.arrival().language());
    let returning = address_back(AREA, id.as_str());
    if let Some(payment) = counter.known(&id, &open.link.customer).await? {
        counter.go_on(payment, &returning).await;
        return Ok(Either::Second(SeeOther::to(back)));
    }
    let t = cx.arrival().words();
    let again =
        |field: &str, message: &str| private(Page::with_errors(asking(&cx, &open), ErrorSummary::one(field, message)));
    if open.row.open.decimal() != amount || !open.row.open.is_positive() {
        return again("amount", t.settle_error_link_changed());
    }
    let ways = offered(&cx, open.row.open);
    let choice = method.as_deref().and_then(|method| method.parse::<Choice>().ok());
    let Some(way) = choice.and_then(|choice| chosen(&ways, &choice)) else {
        return again("method", t.pay_error_method());
    };
    let subject = secret::hash(&token);
    let budget = Budget { what: "pay-link", subject: &subject, window: Some(WINDOW), max: OPENED };
    if !cx.store().take(&budget, cx.now()).await? {
        return Err(Problem::TooMany { retry_after: u32::try_from(WINDOW.as_secs()).unwrap_or(u32::MAX) });
    }
    let order = order(&cx, &open, id, way);
    match counter.open(&order, &returning).await? {
        Opened::Payment(_) => Ok(Either::Second(SeeOther::to(back))),
        Opened::BalanceTooLow | Opened::OpenChanged | Opened::Running(_) => Err(Problem::NotFound),
    }
}

fn order(cx: &PublicContext, open: &Open, id: PaymentId, way: &Way) -> Order {
    Order {
        payment: NewPayment {
            id,
            customer: open.link.customer.clone(),
            purpose: Purpose::Invoices { named: vec![Named::from(&open.row)] },
            method: way.choice.method,
            provider: way.provider,
            saved: None,
            account: open.row.account.clone(),
            amount: open.row.open,
            deposit: None,
            language: cx.arrival().language(),
        },
        source: None,
        settles: open.row.open,
    }
}

/// The link and its invoice; none when the link has ended. Links of other purposes are unknown here.
async fn find(cx: &PublicContext, token: &str) -> Answer<Option<Open>> {
    let found = cx.store().link(&secret::hash(token)).await?.map(|loaded| loaded.value);
    let link = found.filter(|link| link.invoice().is_some()).ok_or(Problem::NotFound)?;
    if link.check(cx.now()).is_err() {
        return Ok(None);
    }
    let number = link.invoice().ok_or(Problem::NotFound)?;
    let document = cx.store().invoice_document(number).await?;
    let document = document.filter(|document| document.body.customer == link.customer).ok_or(Problem::NotFound)?;
    let row = cx.store().invoice_row(&document.body).await?.ok_or(Problem::NotFound)?.value;
    Ok(Some(Open { link, row }))
}

/// A balance is the customer's own: whoever has the link does not spend it.
fn offered(cx: &PublicContext, open: Money) -> Vec<Way> {
    ways(&cx.tenant().settings, cx.has_sandbox_provider(), Own::nothing(cx.today()), open.currency())
}

fn asking(cx: &PublicContext, open: &Open) -> LinkPage {
    let row = &open.row;
    let (number, issued_on, due_on) = (row.number.clone(), row.issued_on, row.due_on);
    if !row.open.is_positive() {
        return LinkPage::Settled(SettledPage { number, cancelled: row.cancelled_on.is_some() });
    }
    LinkPage::Asking(Box::new(AskingPage {
        number,
        issued_on,
        due_on,
        open: row.open,
        status: row.status(cx.today()),
        ways: offered(cx, row.open),
        payment: PaymentId::new(cx.now(), secret::entropy()),
    }))
}

/// A payment of this link's invoice; others are unknown here, also the same customer's.
async fn standing(counter: &Counter, open: &Open, token: &str, id: &PaymentId, came: bool) -> Answer<PaymentPage> {
    let payment = counter.known(id, &open.link.customer).await?;
    let is_own =
        |payment: &domain::payment::Payment| matches!(payment.named(), [only] if only.number == open.row.number);
    let payment = payment.filter(is_own).ok_or(Problem::NotFound)?;
    let payment = counter.up_to_date(payment, came, &address_back(AREA, id.as_str())).await;
    let language = payment.language;
    let (reload, retry) = (came_back(token, id, language), format!("/pay/{token}?language={}", language.code()));
    view(counter, payment, came, None, Links { own: false, reload, retry, receipt: String::new() }).await
}

/// Where the payment stands. A link says in which language it is read, and so does what it leads to.
fn address(token: &str, id: &PaymentId, language: Language) -> String {
    format!("/pay/{token}?payment={id}&language={}", language.code())
}

/// The same, for one who comes back.
fn came_back(token: &str, id: &PaymentId, language: Language) -> String {
    format!("{}&returned=1", address(token, id, language))
}

fn ended() -> LinkPage {
    LinkPage::Ended(EndedPage {})
}

/// The address is a secret: no other page is told it, and nothing keeps it.
fn private(page: Page<LinkPage>) -> Answer<Shown> {
    Ok(Either::First(With::header(page, header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"))))
}

/// What a link for one invoice shows.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "shows", rename_all = "snake_case")]
pub enum LinkPage {
    /// What the invoice asks for.
    Asking(Box<AskingPage>),
    /// Nothing is to be paid.
    Settled(SettledPage),
    /// The link has ended.
    Ended(EndedPage),
    /// Where its payment stands.
    Payment(Box<PaymentPage>),
}

/// What the invoice asks for.
#[derive(Debug, Clone, Serialize)]
pub struct AskingPage {
    /// „Re.-Nummer".
    pub number: InvoiceNumber,
    /// „Rechnungsdatum".
    pub issued_on: Date,
    /// „Fällig am".
    pub due_on: Date,
    /// „Zu zahlen".
    pub open: Money,
    /// As of today.
    pub status: Status,
    /// The ways to pay.
    pub ways: Vec<Way>,
    /// A fresh id: sent twice it is one payment.
    pub payment: PaymentId,
}

/// Nothing is to be paid.
#[derive(Debug, Clone, Serialize)]
pub struct SettledPage {
    /// „Re.-Nummer".
    pub number: InvoiceNumber,
    /// Is it cancelled rather than paid?
    pub cancelled: bool,
}

/// 410, and the way to the login.
#[derive(Debug, Clone, Serialize)]
pub struct EndedPage {}

impl AskingPage {
    /// The ways; the first one is ticked.
    #[must_use]
    pub fn cards(&self) -> Vec<(&Way, bool)> {
        self.ways.iter().enumerate().map(|(position, way)| (way, position == 0)).collect()
    }
}

web::page!(AskingPage => "pages/settle/link.html");
web::page!(SettledPage => "pages/settle/link-settled.html");
web::page!(EndedPage => "pages/settle/link-ended.html");

impl View for LinkPage {
    fn html(&self, frame: &Frame) -> Html {
        match self {
            Self::Asking(page) => page.html(frame),
            Self::Settled(page) => page.html(frame),
            Self::Ended(page) => page.html(frame),
            Self::Payment(page) => page.html(frame),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{Currency, payment::Method};
    use jiff::civil::date;
    use web::page::testing;

    use super::*;

    fn page() -> AskingPage {
        let due_on = date(2026, 11, 30);
        AskingPage {
            number: "RE1043".parse().unwrap(),
            issued_on: date(2026, 11, 16),
            due_on,
            open: Money::of_minor(124_950, Currency::Eur),
            status: Status::Open { due_on },
            ways: vec![Way::by(Method::Sandbox, None), Way::by(Method::BankTransfer, None)],
            payment: PaymentId::new(jiff::Timestamp::UNIX_EPOCH, [1; 10]),
        }
    }

    #[test]
    fn the_link_pages_are_sound() {
        testing::check("pay-link", &page(), testing::public);
        let number: InvoiceNumber = "RECHNUNG-2026-NORDDEUTSCHLAND-0000004711".parse().unwrap();
        let long = AskingPage { number: number.clone(), ways: vec![], ..page() };
        testing::check("pay-link-long", &long, |frame| {
            testing::extreme(frame);
            testing::public(frame);
        });
        testing::check("pay-link-wrong", &page(), |frame| {
            testing::public(frame);
            frame.errors = Some(ErrorSummary::one("amount", frame.t.settle_error_link_changed()));
        });
        for cancelled in [true, false] {
            let settled = SettledPage { number: number.clone(), cancelled };
            testing::check(&format!("pay-link-settled-{cancelled}"), &settled, testing::public);
        }
        testing::check("pay-link-ended", &EndedPage {}, testing::public);
    }
}
