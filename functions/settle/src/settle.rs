//! `/settle`: account, amount, allocation, method, check, and the button that pays (M-28 to M-31, B-04).

use checkout::{Choice, Counter, Opened, Order, Way, chosen};
use domain::{
    Money,
    id::PaymentId,
    number::InvoiceNumber,
    payment::{MAX_INVOICES, NewPayment, Preview, Purpose, SettlementRefused},
    tenant::Settings,
};
use serde::Deserialize;
use store::secret;
use text::{Words, typed_amount};
use utoipa::ToSchema;
use web::{
    Answer, Asked, CustomerContext, Door, Either, Page, Problem, Providers, SeeOther, Submitted, area::Payments,
    door::Change, page::ErrorSummary,
};

use crate::{
    bill::{Bill, OpenAccount},
    carried::{Ask, Carried, How, Step},
    steps::{
        AccountCard, AccountPage, AllocationPage, AmountPage, CheckPage, InvoiceChoice, MethodPage, NothingPage,
        PreviewPart, Running, SettlePage, Shares,
    },
};

/// Payments that are looked through for one that still runs.
const LAST_PAYMENTS: u16 = 20;

type Context = CustomerContext<Payments, Change>;

/// What was shown beside the button.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Confirmed {
    /// What becomes credit, as a plain decimal number: if it is no longer that, the customer is asked again.
    credit: String,
}

/// Where a customer stands, and what is wrong there.
enum Stage {
    At(Box<SettlePage>, Option<ErrorSummary>),
    Go(String),
}

/// Shows the step that the address asks for, or the first one before it that is not settled.
pub(crate) async fn show(cx: Context, ask: Asked<Ask>) -> Answer<Either<Page<SettlePage>, SeeOther>> {
    if let Some(id) = ask.0.named_payment()
        && cx.store().payment(&id).await?.is_some_and(|payment| payment.value.customer == *cx.customer())
    {
        // Back from the provider or from the next page: it is the same payment, whatever is open by now.
        return Ok(Either::Second(SeeOther::to(address(&id))));
    }
    let desk = Desk::open(&cx).await?;
    let (page, errors) = match desk.stage(&ask.0)? {
        Stage::Go(href) => return Ok(Either::Second(SeeOther::to(href))),
        Stage::At(page, errors) => (*page, errors),
    };
    let SettlePage::Check(mut page) = page else { return Ok(Either::First(shown(page, errors))) };
    page.running = running(&cx, &page).await?;
    Ok(Either::First(shown(SettlePage::Check(page), errors)))
}

/// What the amount of the second step does, for a page that shows it while somebody types; empty while it is no amount.
pub(crate) async fn preview(cx: Context, ask: Asked<Ask>) -> Answer<Page<PreviewPart>> {
    let desk = Desk::open(&cx).await?;
    let shares = match desk.stage(&Ask { step: Some(Step::Allocation), ..ask.0 })? {
        Stage::At(page, None) => (*page).shares(),
        Stage::At(..) | Stage::Go(_) => None,
    };
    Ok(Page::new(PreviewPart { shares }))
}

/// „Bezahlvorgang durchführen": opens the payment once and leads to its page.
pub(crate) async fn pay(
    cx: Context,
    providers: Providers,
    form: Submitted<Confirmed, Ask>,
) -> Answer<Either<Page<SettlePage>, SeeOther>> {
    let (ask, Confirmed { credit }) = form.into_parts();
    let counter = Counter::of(cx.arrival(), cx.tenant(), &providers);
    let id = ask.named_payment();
    if let Some(id) = &id
        && let Some(payment) = counter.known(id, cx.customer()).await?
    {
        counter.go_on(payment, &returning(id)).await;
        return Ok(Either::Second(SeeOther::to(address(id))));
    }
    let desk = Desk::open(&cx).await?;
    let (page, errors) = match desk.stage(&Ask { step: Some(Step::Check), ..ask })? {
        Stage::Go(href) => return Ok(Either::Second(SeeOther::to(href))),
        Stage::At(page, errors) => (*page, errors),
    };
    let SettlePage::Check(page) = page else { return Ok(Either::First(shown(page, errors))) };
    let t = cx.arrival().words();
    if page.shares.credit.decimal() != credit {
        let changed = ErrorSummary::one("allocation", t.settle_error_changed());
        return Ok(Either::First(shown(SettlePage::Check(page), Some(changed))));
    }
    let id = id.ok_or_else(|| Problem::Internal("the last step has an id".into()))?;
    let order = order(&cx, &desk, &page, id.clone())?;
    let error = match counter.open(&order, &returning(&id)).await? {
        Opened::Payment(_) => return Ok(Either::Second(SeeOther::to(address(&id)))),
        Opened::BalanceTooLow => ErrorSummary::one("method", t.pay_error_balance()),
        Opened::OpenChanged => ErrorSummary::one("allocation", t.settle_error_changed()),
        Opened::Running(_) => ErrorSummary::one("method", t.pay_error_running()),
    };
    Ok(Either::First(shown(SettlePage::Check(page), Some(error))))
}

fn shown(page: SettlePage, errors: Option<ErrorSummary>) -> Page<SettlePage> {
    match errors {
        Some(errors) => Page::with_errors(page, errors),
        None => Page::new(page),
    }
}

fn order(cx: &Context, desk: &Desk<'_>, page: &CheckPage, id: PaymentId) -> Answer<Order> {
    let account = desk.bill.account(Some(page.carried.account.as_str())).ok_or(Problem::NotFound)?;
    let amount = page.shares.amount;
    let paid = page.shares.rows.iter().map(|row| &row.share).filter(|share| share.amount.is_positive());
    let named = paid.map(|share| domain::payment::Named { number: share.invoice.clone(), issued_on: share.issued_on });
    Ok(Order {
        payment: NewPayment {
            id,
            customer: cx.customer().clone(),
            purpose: Purpose::Invoices { named: named.collect() },
            method: page.way.choice.method,
            provider: page.way.provider,
            saved: page.way.saved.clone(),
            account: account.number().clone(),
            amount,
            deposit: None,
            language: cx.arrival().language(),
        },
        source: page.way.choice.source.clone(),
        settles: page.shares.totals.1,
    })
}

/// A payment's own page.
pub(crate) fn address(id: &PaymentId) -> String {
    format!("/payments/{id}")
}

/// The same, as the provider sends people back to it.
pub(crate) fn returning(id: &PaymentId) -> String {
    format!("/payments/{id}?returned=1")
}

/// Payments over the same invoices that still run. They are said and block nothing.
async fn running(cx: &Context, page: &CheckPage) -> Answer<Vec<Running>> {
    let last = cx.store().payments(cx.customer(), LAST_PAYMENTS, None).await?;
    let names = |payment: &domain::payment::Payment| {
        let rows = page.shares.rows.iter().filter(|row| row.share.amount.is_positive());
        rows.into_iter().any(|row| payment.named().iter().any(|named| named.number == row.share.invoice))
    };
    let runs = last
        .items
        .iter()
        .filter(|payment| payment.is_waiting() && (payment.was_asked() || payment.expires_at > cx.now()));
    let running = runs.filter(|payment| names(payment));
    Ok(running.map(|payment| Running { amount: payment.asked, href: address(&payment.id) }).collect())
}

/// What a step is decided from.
struct Desk<'a> {
    cx: &'a Context,
    bill: Bill,
    t: Words,
}

impl<'a> Desk<'a> {
    async fn open(cx: &'a Context) -> Answer<Self> {
        let bill = Bill::load(&cx.store(), cx.customer(), cx.today()).await?;
        Ok(Self { cx, bill, t: cx.arrival().words() })
    }

    fn settings(&self) -> &Settings {
        &self.cx.tenant().settings
    }

    fn stage(&self, ask: &Ask) -> Answer<Stage> {
        if self.bill.open.is_empty() {
            let credits = self.bill.accounts.iter().filter(|account| account.credit.is_positive());
            let credit = credits.filter_map(|account| account.available().ok()).find(|credit| credit.is_positive());
            return Ok(Stage::At(Box::new(SettlePage::Nothing(NothingPage { credit })), None));
        }
        let Some(account) = self.bill.account(ask.account.as_deref()) else {
            let accounts = self.bill.open.iter().map(|one| self.card(one, None)).collect::<Answer<_>>()?;
            return Ok(Stage::At(Box::new(SettlePage::Account(AccountPage { accounts })), None));
        };
        let step = ask.step.unwrap_or_default();
        if step == Step::Amount {
            return self.amount(account, ask, None);
        }
        let named: Vec<InvoiceNumber> = ask.invoice.iter().filter_map(|number| number.parse().ok()).collect();
        let how = ask.how.unwrap_or(if named.is_empty() { How::Amount } else { How::Invoices });
        let invoices = account.chosen(&named);
        if how != How::Amount && invoices.is_empty() {
            let error = ErrorSummary::one("invoices", self.t.settle_error_none());
            return self.amount(account, ask, Some(error));
        }
        self.later_step(account, ask, step, how, invoices)
    }

    /// The steps that stand on an amount.
    fn later_step(
        &self,
        account: &OpenAccount,
        ask: &Ask,
        step: Step,
        how: How,
        invoices: Vec<InvoiceNumber>,
    ) -> Answer<Stage> {
        let typed = ask.amount.as_deref().unwrap_or_default().trim();
        let amount = match how {
            How::Invoices => Ok(None),
            How::Part | How::Amount => typed_amount(typed, account.currency()).map(Some).ok_or(()),
        };
        let named = (how != How::Amount).then_some(invoices.as_slice());
        let preview = amount.map_err(|()| self.t.settle_error_amount()).and_then(|amount| {
            account.preview(amount, named, self.cx.today()).map_err(|refused| self.refused(refused))
        });
        // From here on the amount is said, so that it is the one that is paid.
        let how = if how == How::Invoices { How::Part } else { how };
        let mut carried =
            Carried { account: account.number().clone(), how, invoices, amount: None, choice: None, payment: None };
        let preview = match preview {
            Ok(preview) => preview,
            Err(error) => {
                let error = Some(ErrorSummary::one("amount", error));
                return match (step, ask.how) {
                    (Step::Allocation, Some(How::Part)) => self.allocation(account, carried, typed, None, error),
                    _ => self.amount(account, ask, error),
                };
            }
        };
        carried.amount = Some(preview.amount);
        match step {
            Step::Amount | Step::Allocation => {
                let typed = self.t.plain_amount(preview.amount);
                self.allocation(account, carried, &typed, Some(preview), None)
            }
            Step::Method => self.method(account, carried, ask, &preview, None),
            Step::Check => self.check(account, carried, ask, preview),
        }
    }

    fn refused(&self, refused: SettlementRefused) -> &'static str {
        match refused {
            SettlementRefused::NotPositive => self.t.settle_error_amount(),
            SettlementRefused::NothingOpen => self.t.settle_error_none(),
            SettlementRefused::TooMany => self.t.settle_error_too_many(),
            SettlementRefused::Arithmetic(_) => self.t.settle_error_too_large(),
        }
    }

    fn card(&self, account: &OpenAccount, preview: Option<&Preview>) -> Answer<AccountCard> {
        let (open, overdue) = account.sums(self.cx.today())?;
        let internal = |error: domain::money::MoneyError| Problem::Internal(error.to_string());
        let paying = preview.map(|preview| {
            let settled = preview.amount.minus(preview.credit)?;
            Ok((preview.amount, open.minus(settled)?))
        });
        Ok(AccountCard {
            number: account.number().clone(),
            open,
            overdue,
            count: account.rows.len(),
            credit: account.account.available().map_err(internal)?,
            paying: paying.transpose().map_err(internal)?,
        })
    }

    fn amount(&self, account: &OpenAccount, ask: &Ask, errors: Option<ErrorSummary>) -> Answer<Stage> {
        let today = self.cx.today();
        let named: Vec<InvoiceNumber> = ask.invoice.iter().filter_map(|number| number.parse().ok()).collect();
        let chosen = account.chosen(&named);
        let all = chosen.is_empty() && errors.is_none();
        let choice = |(position, row): (usize, &domain::invoice::InvoiceRow)| {
            let is_chosen = if all { position < MAX_INVOICES } else { chosen.contains(&row.number) };
            InvoiceChoice::of(row, today, is_chosen)
        };
        let invoices: Vec<InvoiceChoice> = account.rows.iter().enumerate().map(choice).collect();
        let sum = Money::sum(account.currency(), invoices.iter().filter(|one| one.chosen).map(|one| one.open));
        let page = AmountPage {
            card: self.card(account, None)?,
            by_amount: ask.how == Some(How::Amount),
            chosen: sum.map_err(|error| Problem::Internal(error.to_string()))?,
            invoices,
            typed: ask.amount.clone().filter(|_| ask.how == Some(How::Amount)).unwrap_or_default(),
        };
        Ok(Stage::At(Box::new(SettlePage::Amount(page)), errors))
    }

    fn allocation(
        &self,
        account: &OpenAccount,
        carried: Carried,
        typed: &str,
        preview: Option<Preview>,
        errors: Option<ErrorSummary>,
    ) -> Answer<Stage> {
        let shares = preview.map(|preview| self.shares(preview)).transpose()?;
        let page = AllocationPage { carried, card: self.card(account, None)?, typed: typed.to_owned(), shares };
        Ok(Stage::At(Box::new(SettlePage::Allocation(page)), errors))
    }

    fn shares(&self, preview: Preview) -> Answer<Shares> {
        Shares::of(preview, self.cx.today()).map_err(|error| Problem::Internal(error.to_string()))
    }

    fn ways(&self, account: &OpenAccount) -> Vec<Way> {
        self.bill.ways(self.settings(), self.cx.has_sandbox_provider(), account.currency())
    }

    fn method(
        &self,
        account: &OpenAccount,
        carried: Carried,
        ask: &Ask,
        preview: &Preview,
        errors: Option<ErrorSummary>,
    ) -> Answer<Stage> {
        let ways = self.ways(account);
        let before = ask.method.as_deref().and_then(|method| method.parse::<Choice>().ok());
        let position = before.and_then(|choice| ways.iter().position(|way| way.choice == choice));
        let card = self.card(account, Some(preview))?;
        let page = MethodPage { carried, card, ways, chosen: position.unwrap_or_default() };
        Ok(Stage::At(Box::new(SettlePage::Method(page)), errors))
    }

    fn check(&self, account: &OpenAccount, carried: Carried, ask: &Ask, preview: Preview) -> Answer<Stage> {
        let ways = self.ways(account);
        let choice = ask.method.as_deref().and_then(|method| method.parse::<Choice>().ok());
        let Some(way) = choice.and_then(|choice| chosen(&ways, &choice)).cloned() else {
            let error = ask.method.as_ref().map(|_| ErrorSummary::one("method", self.t.pay_error_method()));
            return self.method(account, carried, ask, &preview, error);
        };
        let payment = ask.named_payment();
        let mut carried = Carried { choice: Some(way.choice.clone()), payment, ..carried };
        if carried.payment.is_none() {
            carried.payment = Some(PaymentId::new(self.cx.now(), secret::entropy()));
            // The id stands in the address, so that back and reload are the same payment.
            return Ok(Stage::Go(carried.href(Step::Check)));
        }
        let page = CheckPage {
            carried,
            card: self.card(account, Some(&preview))?,
            way,
            shares: self.shares(preview)?,
            payee: payee(self.settings()),
            running: Vec::new(),
            email: self.bill.email.clone(),
        };
        Ok(Stage::At(Box::new(SettlePage::Check(Box::new(page))), None))
    }
}

/// „Webhosting AG, Musterweg 1, 12345 Musterhausen".
pub(crate) fn payee(settings: &Settings) -> String {
    let company = &settings.company;
    let name = if company.name.is_empty() { &settings.name } else { &company.name };
    let town = format!("{} {}", company.postal_code, company.city);
    let parts = [name.as_str(), company.street.as_str(), town.trim()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}
