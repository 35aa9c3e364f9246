//! `/v1/…`: what merchants' programs ask. The wire is `payments::sandbox`'s.

use domain::{FieldErrors, id::PaymentId};
use payments::sandbox::{CheckoutMade, Moved, NewCheckout, NewRefund, PaymentSeen};
use serde::{Deserialize, Serialize};
use store::{CommitError, SandboxCheckout, deciding_again, secret};
use utoipa::ToSchema;
use web::{Answer, Asked, Door, Json, Problem, SandboxMerchantContext, Submitted};

use crate::{
    Clients,
    books::{self, RefundRefused},
    messages,
};

/// Longest address.
const MAX_URL: usize = 2_000;
/// Longest description, in characters.
const MAX_DESCRIPTION: usize = 200;
/// Longest idempotency key.
const MAX_KEY: usize = 200;

/// A body of the provider's wire, whose types are no part of our own API's description.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Wire<T>(pub(crate) T);

impl<T> utoipa::PartialSchema for Wire<T> {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        utoipa::openapi::Schema::default().into()
    }
}

impl<T> ToSchema for Wire<T> {}

/// Which payment.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct PaymentPath {
    reference: String,
}

/// `POST /v1/checkouts`: the same reference again is the same checkout.
pub(crate) async fn create(
    cx: SandboxMerchantContext,
    clients: Clients,
    body: Submitted<Wire<NewCheckout>>,
) -> Answer<Json<Wire<CheckoutMade>>> {
    let Wire(new) = body.into_inner();
    let mut errors = check_place(&cx, (&new.description, &new.return_url, &new.webhook_url));
    errors.require(new.amount.is_positive(), "amount", "invalid", "must be more than 0");
    errors.into_result()?;
    let id = checkout_id(&cx, &new.reference);
    let url = format!("{}/{}/checkout/{id}", clients.base, cx.tenant().slug);
    let NewCheckout { reference, amount, description, return_url, webhook_url, language } = new;
    let checkout = SandboxCheckout {
        id: id.clone(),
        reference,
        amount,
        description,
        return_url,
        webhook_url,
        language,
        created_at: cx.now(),
        ended: None,
        charges: vec![],
        refunds: vec![],
        messages: vec![],
    };
    match cx.store().save_sandbox_checkout(&checkout, None).await {
        Ok(()) => {}
        Err(CommitError::Refused(_)) => {
            let known = cx.store().sandbox_checkout(&id).await?.ok_or(Problem::NotFound)?.value;
            if known.amount != checkout.amount {
                return Err(taken("reference"));
            }
        }
        Err(error) => return Err(error.into()),
    }
    Ok(Json::new(Wire(CheckoutMade { id, url })))
}

/// `GET /v1/payments/{reference}`
pub(crate) async fn payment(cx: SandboxMerchantContext, ask: Asked<PaymentPath>) -> Answer<Json<Wire<PaymentSeen>>> {
    let reference = ask.0.reference.parse().map_err(|_| Problem::NotFound)?;
    let checkout = cx.store().sandbox_checkout(&checkout_id(&cx, &reference)).await?.ok_or(Problem::NotFound)?;
    Ok(Json::new(Wire(books::seen(&checkout.value))))
}

/// `POST /v1/refunds`, with `Idempotency-Key`.
pub(crate) async fn refund(
    cx: SandboxMerchantContext,
    clients: Clients,
    body: Submitted<Wire<NewRefund>>,
) -> Answer<Json<Wire<Moved>>> {
    let Wire(NewRefund { reference, amount }) = body.into_inner();
    let key = cx.arrival().header("idempotency-key").filter(|key| !key.is_empty() && key.len() <= MAX_KEY);
    let key = key.ok_or_else(|| Problem::malformed("Idempotency-Key", "is needed"))?;
    let (store, id) = (cx.store(), checkout_id(&cx, &reference));
    let (refund, told) = deciding_again(|| async {
        let current = store.sandbox_checkout(&id).await?.ok_or(Problem::NotFound)?;
        let (refund, next) = books::refund(&current.value, amount, key).map_err(refused)?;
        let Some(next) = next else { return Ok::<_, Problem>((refund, None)) };
        store.save_sandbox_checkout(&next, Some(current.rev)).await?;
        let fresh = books::fresh(&current.value, &next);
        Ok((refund, Some((next, fresh))))
    })
    .await?;
    if let Some((checkout, fresh)) = told {
        messages::send(&clients, &store, &checkout, &fresh, 1, cx.now()).await?;
    }
    Ok(Json::new(Wire(Moved { id: refund.id, amount: refund.amount })))
}

/// It follows from the reference, so asking twice cannot make two; who does not have the secret cannot guess it.
pub(crate) fn checkout_id(cx: &SandboxMerchantContext, reference: &PaymentId) -> String {
    id(cx, "co", &format!("checkout {reference}"))
}

pub(crate) fn id(cx: &SandboxMerchantContext, prefix: &str, of: &str) -> String {
    let mac = secret::mac(cx.secret().expose().as_bytes(), of.as_bytes());
    format!("{prefix}_{}", secret::encode(&mac[..15]).replace(['-', '_'], "0"))
}

/// What every request carries for the customer and the merchant: messages go to the merchant's own address only.
pub(crate) fn check_place(
    cx: &SandboxMerchantContext,
    (description, return_url, webhook_url): (&str, &str, &str),
) -> FieldErrors {
    let config = cx.arrival().portal().config();
    let own = format!("{}/", config.origin(&config.host_of(&cx.tenant().slug)));
    let is_url = |url: &str| {
        let web = url.starts_with("http://") || url.starts_with("https://");
        web && url.len() <= MAX_URL && url.bytes().all(|byte| byte.is_ascii_graphic())
    };
    let mut errors = FieldErrors::default();
    errors.require(is_url(return_url), "return_url", "invalid", "must be an address");
    let is_own = is_url(webhook_url) && webhook_url.starts_with(&own);
    errors.require(is_own, "webhook_url", "invalid", "must be an address of the merchant");
    let fits = description.chars().count() <= MAX_DESCRIPTION;
    errors.require(fits, "description", "invalid", "must have at most 200 characters");
    errors
}

fn refused(refused: RefundRefused) -> Problem {
    match refused {
        RefundRefused::OtherAmount => taken("Idempotency-Key"),
        RefundRefused::TooMuch => FieldErrors::one("amount", "invalid", "is more than was charged and is left").into(),
    }
}

pub(crate) fn taken(field: &'static str) -> Problem {
    Problem::Conflict(FieldErrors::one(field, "taken", "it was used with another amount"))
}
