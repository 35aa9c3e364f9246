//! `POST /api/v1/topups`: the same over the API.

use checkout::{Choice, Counter, Next, Opened};
use domain::{
    FieldErrors, Money,
    id::PaymentId,
    number::AccountNumber,
    payment::{Payment, State},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{
    Answer, Bound, Created, CustomerContext, Door, IdempotencyKey, Problem, Providers, Submitted, area::Payments,
    door::Change,
};

use crate::{
    order::{Chargeable, Wrong},
    topup::returning,
};

/// What is topped up, and how.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TopUpInput {
    /// Which prepaid account; needed where there is more than one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    account: Option<AccountNumber>,
    /// Within the tenant's limits.
    amount: Money,
    /// `sandbox` or `bank_transfer`.
    method: Choice,
    /// „Referenz-Text", at most 35 characters.
    #[serde(default)]
    reference_text: String,
}

/// A top-up that was opened.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct TopUpShown {
    payment: PaymentId,
    /// „Einzahlung": what is written on a transfer.
    deposit: String,
    state: State,
    amount: Money,
    next: Next,
}

/// `POST /api/v1/topups`
pub(crate) async fn create(
    cx: CustomerContext<Payments, Change>,
    providers: Providers,
    body: Submitted<TopUpInput>,
) -> Answer<Created<TopUpShown>> {
    let input = body.into_inner();
    let (store, customer) = (cx.store(), cx.customer());
    let key = IdempotencyKey::of(cx.arrival(), &input)?;
    let mut bound: Bound<TopUpShown> = key.find(&store, customer).await?;
    if let Some(answer) = bound.answer.take() {
        return Ok(Created::new(answer));
    }
    let counter = Counter::of(cx.arrival(), cx.tenant(), &providers);
    let payment = match counter.known(&bound.payment, customer).await? {
        // The first attempt got that far and no further.
        Some(payment) => counter.go_on(payment, &returning(&bound.payment)).await,
        None => {
            let settings = &cx.tenant().settings;
            let chargeable =
                Chargeable::load(&store, customer, settings, (cx.has_sandbox_provider(), cx.today())).await?;
            let (account, method) = (input.account.as_ref().map(AccountNumber::as_str), input.method.to_string());
            let wish = chargeable.check(account, Some(input.amount), Some(&method), &input.reference_text);
            let wish = wish.map_err(|wrong| problem(&wrong))?;
            bound = key.bind(&store, customer, bound).await?;
            if let Some(answer) = bound.answer.take() {
                return Ok(Created::new(answer));
            }
            let order = wish.order(bound.payment.clone(), customer, cx.arrival().language());
            match counter.open(&order, &returning(&bound.payment)).await? {
                Opened::Payment(payment) => *payment,
                Opened::Running(running) => return Err(Counter::is_running(&running)),
                Opened::BalanceTooLow | Opened::OpenChanged => return Err(Problem::MethodNotEnabled),
            }
        }
    };
    let shown = shown(&cx, &payment);
    key.keep(&store, customer, &bound, &shown).await;
    Ok(Created::new(shown))
}

fn shown(cx: &CustomerContext<Payments, Change>, payment: &Payment) -> TopUpShown {
    TopUpShown {
        payment: payment.id.clone(),
        deposit: payment.deposit.clone().unwrap_or_default(),
        state: payment.state.clone(),
        amount: payment.asked,
        next: Next::of(cx.tenant(), payment),
    }
}

fn problem(wrong: &[Wrong]) -> Problem {
    if wrong == [Wrong::Method] {
        return Problem::MethodNotEnabled;
    }
    let mut errors = FieldErrors::default();
    for one in wrong {
        let (field, code, message) = match one {
            Wrong::Account => ("account", "unknown", "must be a prepaid account of this customer"),
            Wrong::Amount => ("amount", "invalid", "must lie within the limits, in their currency"),
            Wrong::Method => ("method", "method_not_enabled", "is not offered here"),
            Wrong::ReferenceText => ("reference_text", "invalid", "must have at most 35 characters on one line"),
        };
        errors.require(false, field, code, message);
    }
    errors.into()
}
