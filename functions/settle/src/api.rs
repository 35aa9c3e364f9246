//! `/api/v1/settlements`: the same over the API, what an amount would do and doing it.

use checkout::{Choice, Counter, Next, Opened, Order, chosen};
use domain::{
    FieldErrors, Money,
    id::PaymentId,
    number::{AccountNumber, InvoiceNumber},
    payment::{Claim, NewPayment, Payment, Preview, Purpose, SettlementRefused, State, preview},
};
use serde::{Deserialize, Serialize};
use store::Loaded;
use utoipa::ToSchema;
use web::{
    Answer, Bound, Created, CustomerContext, Door, IdempotencyKey, Json, Problem, Providers, Submitted, area::Payments,
    door::Change,
};

use crate::{
    bill::{Bill, OpenAccount},
    settle::returning,
};

type Context = CustomerContext<Payments, Change>;

/// What is paid: an amount, chosen invoices, or an amount over chosen invoices.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PreviewInput {
    /// Which receivables account; needed where something is open on more than one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    account: Option<AccountNumber>,
    /// How much; exactly what is open unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    amount: Option<Money>,
    /// Which invoices; all open ones unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    invoices: Option<Vec<InvoiceNumber>>,
}

/// What is paid, and how.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SettlementInput {
    /// Which receivables account; needed where something is open on more than one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    account: Option<AccountNumber>,
    /// How much; exactly what is open unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    amount: Option<Money>,
    /// Which invoices; all open ones unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    invoices: Option<Vec<InvoiceNumber>>,
    /// `sandbox`, `bank_transfer`, `balance` or `balance:<account>`.
    method: Choice,
}

impl SettlementInput {
    fn what(&self) -> PreviewInput {
        let Self { account, amount, invoices, .. } = self.clone();
        PreviewInput { account, amount, invoices }
    }
}

/// What an amount would do.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PreviewShown {
    account: AccountNumber,
    amount: Money,
    allocations: Vec<Allocation>,
    /// What becomes credit.
    credit: Money,
}

/// What one invoice gets, and what stays open on it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct Allocation {
    invoice: InvoiceNumber,
    amount: Money,
    remaining: Money,
}

/// A payment that was opened.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct SettlementShown {
    payment: PaymentId,
    state: State,
    allocations: Vec<Allocation>,
    credit: Money,
    next: Next,
}

/// `POST /api/v1/settlements/preview`
pub(crate) async fn preview_of(cx: Context, body: Submitted<PreviewInput>) -> Answer<Json<PreviewShown>> {
    let bill = Bill::load(&cx.store(), cx.customer(), cx.today()).await?;
    let (account, preview) = decide(&cx, &bill, &body.into_inner())?;
    Ok(Json::new(PreviewShown {
        account: account.number().clone(),
        amount: preview.amount,
        credit: preview.credit,
        allocations: allocations(&preview),
    }))
}

/// `POST /api/v1/settlements`
pub(crate) async fn create(
    cx: Context,
    providers: Providers,
    body: Submitted<SettlementInput>,
) -> Answer<Created<SettlementShown>> {
    let input = body.into_inner();
    let (store, customer) = (cx.store(), cx.customer());
    let key = IdempotencyKey::of(cx.arrival(), &input)?;
    let mut bound: Bound<SettlementShown> = key.find(&store, customer).await?;
    if let Some(answer) = bound.answer.take() {
        return Ok(Created::new(answer));
    }
    let counter = Counter::of(cx.arrival(), cx.tenant(), &providers);
    let shown = match counter.known(&bound.payment, customer).await? {
        // The first attempt got that far and no further.
        Some(payment) => {
            let payment = counter.go_on(payment, &returning(&bound.payment)).await;
            let (allocations, credit) = standing(&cx, &payment).await?;
            SettlementShown { allocations, credit, ..shown(&cx, &payment) }
        }
        None => {
            let bill = Bill::load(&store, customer, cx.today()).await?;
            let (account, preview) = decide(&cx, &bill, &input.what())?;
            let ways = bill.ways(&cx.tenant().settings, cx.has_sandbox_provider(), account.currency());
            let way = chosen(&ways, &input.method).ok_or(Problem::MethodNotEnabled)?;
            bound = key.bind(&store, customer, bound).await?;
            if let Some(answer) = bound.answer.take() {
                return Ok(Created::new(answer));
            }
            let order = Order {
                payment: NewPayment {
                    id: bound.payment.clone(),
                    customer: customer.clone(),
                    purpose: Purpose::Invoices { named: preview.named() },
                    method: way.choice.method,
                    provider: way.provider,
                    saved: way.saved.clone(),
                    account: account.number().clone(),
                    amount: preview.amount,
                    deposit: None,
                    language: cx.arrival().language(),
                },
                source: way.choice.source.clone(),
                settles: preview.amount.minus(preview.credit).map_err(|error| Problem::Internal(error.to_string()))?,
            };
            let payment = match counter.open(&order, &returning(&bound.payment)).await? {
                Opened::Payment(payment) => payment,
                Opened::BalanceTooLow => {
                    return Err(FieldErrors::one("method", "balance_too_low", "the balance is too low").into());
                }
                Opened::Running(running) => return Err(Counter::is_running(&running)),
                Opened::OpenChanged => {
                    let message = "what is open has changed meanwhile";
                    return Err(Problem::Conflict(FieldErrors::one("invoices", "changed", message)));
                }
            };
            // What is booked already is told as it was booked, what waits as it is meant.
            let (allocations, credit) = match payment.is_waiting() {
                true => (allocations(&preview), preview.credit),
                false => standing(&cx, &payment).await?,
            };
            SettlementShown { allocations, credit, ..shown(&cx, &payment) }
        }
    };
    key.keep(&store, customer, &bound, &shown).await;
    Ok(Created::new(shown))
}

fn shown(cx: &Context, payment: &Payment) -> SettlementShown {
    SettlementShown {
        payment: payment.id.clone(),
        state: payment.state.clone(),
        allocations: Vec::new(),
        credit: payment.credit,
        next: Next::of(cx.tenant(), payment),
    }
}

/// The account that is meant, and what the amount does on it.
fn decide<'a>(cx: &Context, bill: &'a Bill, input: &PreviewInput) -> Answer<(&'a OpenAccount, Preview)> {
    let Some(account) = bill.account(input.account.as_ref().map(AccountNumber::as_str)) else {
        return Err(match (&input.account, bill.open.as_slice()) {
            (None, []) => FieldErrors::one("account", "nothing_open", "nothing is open on any account"),
            (None, _) => FieldErrors::one("account", "missing", "is needed: something is open on more than one"),
            (Some(_), _) => FieldErrors::one("account", "unknown", "nothing is open on such an account"),
        }
        .into());
    };
    if let Some(named) = &input.invoices {
        let open = account.chosen(named);
        if let Some(closed) = named.iter().position(|number| !open.contains(number)) {
            return Err(FieldErrors::one(format!("invoices[{closed}]"), "not_open", "is no open invoice").into());
        }
    }
    let preview = account.preview(input.amount, input.invoices.as_deref(), cx.today());
    preview.map(|preview| (account, preview)).map_err(|refused| {
        let (field, code) = match refused {
            SettlementRefused::NotPositive | SettlementRefused::Arithmetic(_) => ("amount", "invalid"),
            SettlementRefused::NothingOpen => ("invoices", "missing"),
            SettlementRefused::TooMany => ("invoices", "too_many"),
        };
        FieldErrors::one(field, code, refused.to_string()).into()
    })
}

fn allocations(preview: &Preview) -> Vec<Allocation> {
    let allocation = |share: &domain::payment::Share| Allocation {
        invoice: share.invoice.clone(),
        amount: share.amount,
        remaining: share.remaining,
    };
    preview.allocations.iter().map(allocation).collect()
}

/// What a known payment does or did: its shares as they stand, or as they would.
async fn standing(cx: &Context, payment: &Payment) -> Answer<(Vec<Allocation>, Money)> {
    let loaded = Loaded { value: payment.clone(), rev: 0 };
    let rows = cx.store().payment_standing(loaded, None, payment.named(), true).await?.rows();
    if payment.is_waiting()
        && let Ok(preview) = preview(Some(payment.asked), rows.iter().map(Claim::from).collect(), cx.today())
    {
        return Ok((allocations(&preview), preview.credit));
    }
    let open = |number: &InvoiceNumber| rows.iter().find(|row| row.number == *number).map(|row| row.open);
    let stands = payment.standing.iter().filter_map(|one| {
        let invoice = one.invoice.number.clone();
        Some(Allocation { remaining: open(&invoice)?, amount: one.amount, invoice })
    });
    Ok((stands.collect(), payment.credit))
}
