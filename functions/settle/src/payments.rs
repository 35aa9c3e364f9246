//! `/api/v1/payments`: a customer's payments, newest first, and one of them.

use checkout::Next;
use domain::{
    Money,
    id::PaymentId,
    number::{AccountNumber, InvoiceNumber},
    payment::{Method, Payment, Purpose, State},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::Tenant;
use utoipa::ToSchema;
use web::{Answer, Asked, CustomerContext, Json, Problem, area::Payments, door::View};

/// What the list's address carries.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct ListAsk {
    limit: Option<u16>,
    after: Option<String>,
}

/// Which payment.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct Ask {
    id: String,
}

/// Payments, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PaymentsShown {
    items: Vec<PaymentShown>,
    next: Option<String>,
}

/// What a payment is for.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PurposeShown {
    /// Invoices.
    Invoices,
    /// A prepaid account.
    TopUp,
}

/// A share of a payment that stands on an invoice.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StandingShown {
    invoice: InvoiceNumber,
    amount: Money,
}

/// A payment.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PaymentShown {
    payment: PaymentId,
    purpose: PurposeShown,
    method: Method,
    account: AccountNumber,
    state: State,
    /// What was asked for.
    amount: Money,
    /// What arrived.
    received: Money,
    /// What was taken back.
    reversed: Money,
    /// What became credit.
    credit: Money,
    /// Is it still being distributed over its invoices?
    unfinished: bool,
    /// The invoices it is for, in the order in which they get the money.
    invoices: Vec<InvoiceNumber>,
    /// What stands on them.
    allocations: Vec<StandingShown>,
    /// „Zahlungsnummer"; for transfers what is written on them.
    deposit: Option<String>,
    /// „Referenz-Text" of a top-up.
    reference_text: Option<String>,
    created_at: Timestamp,
    expires_at: Timestamp,
    next: Next,
}

impl PaymentShown {
    fn of(tenant: &Tenant, payment: Payment) -> Self {
        let next = Next::of(tenant, &payment);
        let standing = payment.standing.iter();
        let standing =
            standing.map(|one| StandingShown { invoice: one.invoice.number.clone(), amount: one.amount }).collect();
        let (purpose, reference_text) = match &payment.purpose {
            Purpose::Invoices { .. } => (PurposeShown::Invoices, None),
            Purpose::TopUp { reference_text } => (PurposeShown::TopUp, Some(reference_text.clone())),
        };
        Self {
            purpose,
            unfinished: payment.is_unfinished(),
            invoices: payment.named().iter().map(|named| named.number.clone()).collect(),
            allocations: standing,
            payment: payment.id,
            method: payment.method,
            account: payment.account,
            state: payment.state,
            amount: payment.asked,
            received: payment.received,
            reversed: payment.reversed,
            credit: payment.credit,
            deposit: payment.deposit,
            reference_text,
            created_at: payment.created_at,
            expires_at: payment.expires_at,
            next,
        }
    }
}

/// `GET /api/v1/payments`
pub(crate) async fn list(cx: CustomerContext<Payments, View>, ask: Asked<ListAsk>) -> Answer<Json<PaymentsShown>> {
    let ListAsk { limit, after } = ask.0;
    let after = match after {
        Some(after) => cx.cursors("payments").await?.read(Some(&after))?,
        None => None,
    };
    let page = cx.store().payments(cx.customer(), limit.unwrap_or(20).clamp(1, 100), after).await?;
    let next = match page.next {
        Some(position) => Some(cx.cursors("payments").await?.sign(&position)),
        None => None,
    };
    let items = page.items.into_iter().map(|payment| PaymentShown::of(cx.tenant(), payment)).collect();
    Ok(Json::new(PaymentsShown { items, next }))
}

/// `GET /api/v1/payments/{id}`
pub(crate) async fn get(cx: CustomerContext<Payments, View>, ask: Asked<Ask>) -> Answer<Json<PaymentShown>> {
    let id: PaymentId = ask.0.id.parse().map_err(|_| Problem::NotFound)?;
    let found = cx.store().payment(&id).await?.map(|loaded| loaded.value);
    let payment = found.filter(|payment| payment.customer == *cx.customer()).ok_or(Problem::NotFound)?;
    Ok(Json::new(PaymentShown::of(cx.tenant(), payment)))
}
