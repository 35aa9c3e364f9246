//! `GET /api/admin/v1/payments/{id}`, `POST …:refund`, `POST …:decide`: what became of a payment, giving money back at its
//! provider, and saying what nobody else can find out.

use booking::{Applied, Books, apply_in_order, end_uncharged, look_up_charge};
use domain::{
    FieldErrors, Money,
    id::PaymentId,
    number::{AccountNumber, CustomerNumber, InvoiceNumber},
    payment::{Method, Payment, ProviderName, State},
};
use jiff::Timestamp;
use payments::{Known, Provider, Unknown};
use serde::{Deserialize, Serialize};
use store::{TenantStore, secret};
use utoipa::ToSchema;
use web::{Answer, Asked, IntegratorContext, Json, Problem, Submitted, scope};

use crate::{Clients, bank_statements::problem, postings::check_reference};

/// Which payment.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct PaymentPath {
    id: String,
}

impl PaymentPath {
    fn id(&self) -> Answer<PaymentId> {
        self.id.parse().map_err(|_| Problem::NotFound)
    }
}

/// How much is given back, under which reference of yours.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefundInput {
    amount: Money,
    /// The same reference again is the same refund.
    reference: String,
}

/// What staff found out, at the provider, of a payment that lies in the list of what is unmatched.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "outcome", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum DecisionInput {
    /// Nothing was charged: the payment has failed.
    NotCharged,
    /// It was charged: the provider is asked what became of it.
    Charged {
        /// The provider's id of the charge, for example of PayPal's capture.
        charge: String,
    },
}

impl DecisionInput {
    /// Was the same decided before?
    fn is_so(&self, payment: &Payment) -> bool {
        match self {
            Self::NotCharged => matches!(payment.state, State::Failed { .. }),
            Self::Charged { .. } => payment.was_asked(),
        }
    }
}

/// What stands of a payment on an invoice.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PaymentAllocation {
    invoice: InvoiceNumber,
    amount: Money,
}

/// A payment as staff see it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PaymentOfTenant {
    id: PaymentId,
    customer: CustomerNumber,
    method: Method,
    /// Who carries it.
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<ProviderName>,
    account: AccountNumber,
    asked: Money,
    state: State,
    received: Money,
    reversed: Money,
    /// What is still being distributed over invoices.
    pending: Money,
    credit: Money,
    allocations: Vec<PaymentAllocation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deposit: Option<String>,
    created_at: Timestamp,
    expires_at: Timestamp,
    /// Since when you are asked whether it was charged.
    #[serde(skip_serializing_if = "Option::is_none")]
    undecided_since: Option<Timestamp>,
}

/// `GET /api/admin/v1/payments/{id}`
pub(crate) async fn get(cx: IntegratorContext<scope::Read>, ask: Asked<PaymentPath>) -> Answer<Json<PaymentOfTenant>> {
    shown(&cx.store(), &ask.0.id()?).await.map(Json::new)
}

/// `POST /api/admin/v1/payments/{id}:refund`: the provider gives the money back, and what it says is booked.
pub(crate) async fn refund(
    cx: IntegratorContext<scope::Write>,
    clients: Clients,
    body: Submitted<RefundInput, PaymentPath>,
) -> Answer<Json<PaymentOfTenant>> {
    let (path, RefundInput { amount, reference }) = body.into_parts();
    let (id, store) = (path.id()?, cx.store());
    check_reference(&reference)?;
    if !amount.is_positive() {
        return Err(FieldErrors::one("amount", "invalid", "must be more than 0").into());
    }
    let payment = store.payment(&id).await?.ok_or(Problem::NotFound)?.value;
    let name = payment.provider.ok_or(Problem::NotRefundable)?;
    let provider = clients.providers.asked(&store, cx.tenant(), name, cx.now()).await?;
    let provider = provider.ok_or(Problem::MethodNotEnabled)?;
    if !provider.capabilities().refunds {
        return Err(Problem::NotRefundable);
    }
    let books = Books { store: store.clone(), now: cx.now(), today: cx.today() };
    give_back(&books, &*provider, &payment, amount, &reference).await?;
    shown(&store, &id).await.map(Json::new)
}

/// `POST /api/admin/v1/payments/{id}:decide`: ends a payment of which nobody else can find out whether it was charged. The
/// same again is the same.
pub(crate) async fn decide(
    cx: IntegratorContext<scope::Write>,
    clients: Clients,
    body: Submitted<DecisionInput, PaymentPath>,
) -> Answer<Json<PaymentOfTenant>> {
    let (path, decision) = body.into_parts();
    let (id, store) = (path.id()?, cx.store());
    let payment = store.payment(&id).await?.ok_or(Problem::NotFound)?.value;
    if payment.undecided_since.is_none() {
        if decision.is_so(&payment) {
            return shown(&store, &id).await.map(Json::new);
        }
        let (code, why) = if payment.is_waiting() {
            ("not_lost", "is still awaited from the provider or the bank")
        } else {
            ("decided", "is known already")
        };
        return Err(Problem::Conflict(FieldErrors::one("outcome", code, why)));
    }
    let books = Books { store: store.clone(), now: cx.now(), today: cx.today() };
    match decision {
        DecisionInput::NotCharged => end_uncharged(&books, &id).await.map_err(problem)?,
        DecisionInput::Charged { charge } => {
            let name = payment.provider.ok_or(Problem::NotFound)?;
            let provider = clients.providers.asked(&store, cx.tenant(), name, cx.now()).await?;
            charged(&books, &*provider.ok_or(Problem::MethodNotEnabled)?, &id, &charge).await?;
        }
    }
    shown(&store, &id).await.map(Json::new)
}

/// Staff's word only says where to look: what is booked is what the provider says of it.
async fn charged(books: &Books, provider: &dyn Provider, id: &PaymentId, charge: &str) -> Answer<()> {
    let found = look_up_charge(books, provider, id, charge).await;
    let payment = found.map_err(|error| Problem::Unavailable(error.to_string()))?;
    if payment.undecided_since.is_some() {
        return Err(FieldErrors::one("charge", "unknown", "is no charge of this payment at its provider").into());
    }
    Ok(())
}

async fn give_back(
    books: &Books,
    provider: &dyn Provider,
    payment: &Payment,
    amount: Money,
    reference: &str,
) -> Answer<()> {
    // References may hold anything; providers' keys may not.
    let key = format!("{}.{}", payment.id, secret::hash(reference));
    let fact = provider.refund(Known::from(payment), amount, &key).await.map_err(|unknown| match unknown {
        Unknown::Refused(409) => Problem::Conflict(FieldErrors::one("reference", "taken", "another refund has it")),
        Unknown::Refused(404 | 422) => {
            FieldErrors::one("amount", "invalid", "is more than was paid and is left").into()
        }
        // Asking again with the same reference is safe.
        other => Problem::Unavailable(other.to_string()),
    })?;
    match apply_in_order(books, provider, &fact).await {
        // The provider gave the money back; its message, or the same reference again, books it.
        Ok(Applied::TooEarly) => Err(Problem::Unavailable("the payment itself is not known yet".to_owned())),
        Ok(_) => Ok(()),
        Err(error) => Err(Problem::Unavailable(error.to_string())),
    }
}

async fn shown(store: &TenantStore, id: &PaymentId) -> Answer<PaymentOfTenant> {
    let payment: Payment = store.payment(id).await?.ok_or(Problem::NotFound)?.value;
    let customer = store.customer(&payment.customer).await?.ok_or(Problem::NotFound)?.value.number;
    let allocations = payment.standing.iter();
    let allocations =
        allocations.map(|one| PaymentAllocation { invoice: one.invoice.number.clone(), amount: one.amount });
    Ok(PaymentOfTenant {
        customer,
        allocations: allocations.collect(),
        id: payment.id,
        method: payment.method,
        provider: payment.provider,
        account: payment.account,
        asked: payment.asked,
        state: payment.state,
        received: payment.received,
        reversed: payment.reversed,
        pending: payment.pending,
        credit: payment.credit,
        deposit: payment.deposit,
        created_at: payment.created_at,
        expires_at: payment.expires_at,
        undecided_since: payment.undecided_since,
    })
}
