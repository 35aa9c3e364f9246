//! `/api/admin/v1/customers/{number}/payment-methods`: what a customer keeps here, with what its provider calls it. A tenant
//! that collects with its own system (`collect: own_system`) charges by that reference (M-79).

use domain::{
    id::PaymentMethodId,
    number::SubscriptionNumber,
    payment::{Method, ProviderName},
    payment_method::{PaymentMethod, Shown},
};
use serde::Serialize;
use utoipa::ToSchema;
use web::{Answer, Asked, IntegratorContext, Json, Problem, scope};

use crate::customers::{self, CustomerPath};

/// What a customer keeps.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KeptMethods {
    /// Those that can be charged, and those that the provider or the bank ended, oldest first.
    items: Vec<KeptMethod>,
}

/// One way to pay.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KeptMethod {
    id: PaymentMethodId,
    method: Method,
    provider: ProviderName,
    shown: Shown,
    /// Missing when it can no longer be charged.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<MethodReference>,
    /// Used for future contracts and invoices.
    is_default: bool,
    /// Contracts for which it was chosen.
    subscriptions: Vec<SubscriptionNumber>,
}

/// What the provider calls it: worth nothing without the tenant's own keys.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MethodReference {
    /// Its name of the customer, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<String>,
    /// Its name of the card, account, mandate or agreement.
    method: String,
}

/// `GET /api/admin/v1/customers/{number}/payment-methods`
pub(crate) async fn of_customer(
    cx: IntegratorContext<scope::Read>,
    ask: Asked<CustomerPath>,
) -> Answer<Json<KeptMethods>> {
    let (id, _) = customers::find(&cx.store(), &ask.0.number()?).await?;
    let overview = cx.store().overview_now(&id).await?.ok_or(Problem::NotFound)?;
    let today = cx.today();
    let kept = |method: &PaymentMethod| {
        let id = &method.name.id;
        let uses = overview.subscriptions.iter().filter(|contract| contract.payment_method.as_ref() == Some(id));
        let usable = method.token().filter(|_| method.is_usable(today));
        Some(KeptMethod {
            id: id.clone(),
            method: method.method,
            provider: method.provider,
            shown: method.shown()?.clone(),
            reference: usable
                .map(|token| MethodReference { customer: token.customer.clone(), method: token.method.clone() }),
            is_default: overview.customer.value.default_method.as_ref() == Some(id),
            subscriptions: uses.map(|contract| contract.number.clone()).collect(),
        })
    };
    let items = overview.methods.iter().filter(|method| method.is_listed()).filter_map(kept).collect();
    Ok(Json::new(KeptMethods { items }))
}
