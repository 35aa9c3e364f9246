//! `/api/v1/addresses`: the same for programs.

use domain::{
    FieldErrors,
    address::{BillingAddress, MAX_ADDRESSES},
    customer::form::errors,
};
use serde::Serialize;
use store::Loaded;
use utoipa::ToSchema;
use web::{
    Answer, Asked, Bound, Created, CustomerContext, Door as _, IdempotencyKey, Json, NoContent, Nothing, Problem,
    Submitted, area::BillingAddresses,
};

use super::{
    Added, AddressPath, Cx, add, edit, fresh,
    remove::{self as removal, Removal},
    set_default,
};
use crate::data::patch::AddressPatch;

/// What a body calls the address.
const ADDRESS: &str = "address";

/// Further billing addresses.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AddressesShown {
    /// Oldest first.
    items: Vec<AddressShown>,
}

/// One of them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AddressShown {
    #[serde(flatten)]
    address: BillingAddress,
    /// Used for future contracts and invoices. Where none is, the customer's `billing_address` is.
    is_default: bool,
}

/// `GET /api/v1/addresses`
pub(crate) async fn list(cx: CustomerContext<BillingAddresses>, _: Asked<Nothing>) -> Answer<Json<AddressesShown>> {
    let store = cx.store();
    let (customer, addresses) = tokio::try_join!(store.customer(cx.customer()), store.addresses(cx.customer()))?;
    let default = customer.ok_or(Problem::NotFound)?.value.default_address;
    let shown = |address: Loaded<BillingAddress>| AddressShown {
        is_default: default.as_ref() == Some(&address.value.id),
        address: address.value,
    };
    Ok(Json::new(AddressesShown { items: addresses.into_iter().map(shown).collect() }))
}

/// `GET /api/v1/addresses/{id}`
pub(crate) async fn get(cx: CustomerContext<BillingAddresses>, ask: Asked<AddressPath>) -> Answer<Json<AddressShown>> {
    let id = ask.0.id()?;
    let store = cx.store();
    let (customer, address) = tokio::try_join!(store.customer(cx.customer()), store.address(cx.customer(), &id))?;
    let (customer, address) = (customer.ok_or(Problem::NotFound)?, address.ok_or(Problem::NotFound)?);
    let is_default = customer.value.default_address.as_ref() == Some(&id);
    Ok(Json::new(AddressShown { address: address.value, is_default }).etag(address.rev))
}

/// `POST /api/v1/addresses`; asked twice with one `Idempotency-Key` it adds one.
pub(crate) async fn create(cx: Cx, body: Submitted<AddressPatch>) -> Answer<Created<AddressShown>> {
    let patch = body.into_inner();
    let id = match IdempotencyKey::where_sent(cx.arrival(), &patch)? {
        None => fresh(&cx),
        Some(key) => {
            let (store, customer) = (cx.store(), cx.customer());
            let bound: Bound<()> = key.find(&store, customer).await?;
            key.bind(&store, customer, bound).await?.address()
        }
    };
    let is_default = patch.is_default;
    let added = match add(&cx, &id, &patch.typed()).await? {
        Added::Address(address) => *address,
        Added::Flawed(flaws) => return Err(errors(&flaws, ADDRESS).into()),
        Added::TooMany => {
            let message = format!("there are {MAX_ADDRESSES} already");
            return Err(FieldErrors::one(ADDRESS, "too_many", message).into());
        }
    };
    let is_default = choose(&cx, &added.value, is_default).await?;
    Ok(Created::new(AddressShown { address: added.value, is_default }).etag(added.rev))
}

/// `PATCH /api/v1/addresses/{id}`, with `If-Match`.
pub(crate) async fn change(cx: Cx, body: Submitted<AddressPatch, AddressPath>) -> Answer<Json<AddressShown>> {
    let (path, patch) = body.into_parts();
    let id = path.id()?;
    // Whose it is comes before everything else: nobody learns that there is one.
    cx.store().address(cx.customer(), &id).await?.ok_or(Problem::NotFound)?;
    let rev = cx.if_match()?;
    let is_default = patch.is_default;
    let saved = edit::save(&cx, &id, rev, &patch.typed()).await?.or_problem(ADDRESS)?;
    let is_default = choose(&cx, &saved.value, is_default).await?;
    Ok(Json::new(AddressShown { address: saved.value, is_default }).etag(saved.rev))
}

/// `DELETE /api/v1/addresses/{id}`
pub(crate) async fn remove(cx: Cx, body: Submitted<Nothing, AddressPath>) -> Answer<NoContent> {
    match removal::remove(&cx, &body.into_parts().0.id()?).await? {
        Removal::Gone => Ok(NoContent),
        Removal::IsDefault => {
            let message = "must not be true: choose another default first";
            Err(Problem::Conflict(FieldErrors::one("is_default", "in_use", message)))
        }
    }
}

/// Makes it the default, or no longer, where that was said; is it now?
async fn choose(cx: &Cx, address: &BillingAddress, wanted: Option<bool>) -> Answer<bool> {
    let customer = cx.store().customer(cx.customer()).await?.ok_or(Problem::NotFound)?.value;
    let was = customer.default_address.as_ref() == Some(&address.id);
    match wanted {
        Some(true) if !was => set_default(cx, Some(&address.id)).await?,
        Some(false) if was => set_default(cx, None).await?,
        _ => {}
    }
    Ok(wanted.unwrap_or(was))
}
