//! `/api/admin/v1/customers/{number}/addresses`: the further billing addresses a customer keeps, and which one is for future
//! contracts and invoices (M-78). A tenant's system reads it when it makes the next invoice.

use domain::address::BillingAddress;
use serde::Serialize;
use store::Loaded;
use utoipa::ToSchema;
use web::{Answer, Asked, IntegratorContext, Json, scope};

use crate::customers::{self, CustomerPath};

/// What a customer keeps.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KeptAddresses {
    /// Oldest first. Where none is the default, the customer's `billing_address` is.
    items: Vec<KeptAddress>,
}

/// One address.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KeptAddress {
    #[serde(flatten)]
    address: BillingAddress,
    /// Used for future contracts and invoices.
    is_default: bool,
}

/// `GET /api/admin/v1/customers/{number}/addresses`
pub(crate) async fn of_customer(
    cx: IntegratorContext<scope::Read>,
    ask: Asked<CustomerPath>,
) -> Answer<Json<KeptAddresses>> {
    let store = cx.store();
    let (id, customer) = customers::find(&store, &ask.0.number()?).await?;
    let default = customer.value.default_address;
    let kept = |address: Loaded<BillingAddress>| KeptAddress {
        is_default: default.as_ref() == Some(&address.value.id),
        address: address.value,
    };
    let items = store.addresses(&id).await?.into_iter().map(kept).collect();
    Ok(Json::new(KeptAddresses { items }))
}
