//! `/api/v1/customer`: the same data for programs.

use domain::customer::Customer;
use web::{Answer, Asked, CustomerContext, Json, Nothing, Problem, Submitted, area, door::Change};

use super::{edit::save, patch::CustomerPatch};

/// Everything the tenant holds about the customer.
pub(crate) async fn show(cx: CustomerContext<area::Data>, _: Asked<Nothing>) -> Answer<Json<Customer>> {
    let customer = cx.store().customer(cx.customer()).await?.ok_or(Problem::NotFound)?;
    Ok(Json::new(customer.value).etag(customer.rev))
}

/// `PATCH /api/v1/customer`, with `If-Match`.
pub(crate) async fn change(
    cx: CustomerContext<area::Data, Change>,
    body: Submitted<CustomerPatch>,
) -> Answer<Json<Customer>> {
    let rev = cx.if_match()?;
    let saved = save(&cx, rev, &body.into_inner().typed()).await?.or_problem("billing_address")?;
    Ok(Json::new(saved.value).etag(saved.rev))
}
