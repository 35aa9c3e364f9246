//! `/v1/methods…` and `/v1/charges`: what merchants' programs ask about ways to pay that the provider keeps.

use payments::sandbox::{Behaviour, CheckoutMade, MethodSeen, MethodState, NewCharge, NewMethod, PaymentSeen};
use serde::Deserialize;
use store::{CommitError, SandboxCheckout, SandboxEnding, SandboxMethod, SandboxMethodState, deciding_again};
use utoipa::ToSchema;
use web::{Answer, Asked, Json, NoContent, Nothing, Problem, SandboxMerchantContext, Submitted};

use crate::{
    Clients,
    api::{Wire, check_place, checkout_id, id, taken},
    books, messages,
};

/// Which one: the merchant's name of it, or the provider's id.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct MethodPath {
    method: String,
}

/// `POST /v1/methods`: the same reference again is the same way to pay.
pub(crate) async fn create(
    cx: SandboxMerchantContext,
    clients: Clients,
    body: Submitted<Wire<NewMethod>>,
) -> Answer<Json<Wire<CheckoutMade>>> {
    let Wire(new) = body.into_inner();
    check_place(&cx, (&new.description, &new.return_url, &new.webhook_url)).into_result()?;
    let NewMethod { reference, description, return_url, webhook_url, language } = new;
    let id = method_id(&cx, &reference.to_string());
    let url = format!("{}/{}/method/{id}", clients.base, cx.tenant().slug);
    let method = SandboxMethod {
        id: id.clone(),
        reference,
        description,
        return_url,
        webhook_url,
        language,
        created_at: cx.now(),
        state: SandboxMethodState::Open,
    };
    match cx.store().save_sandbox_method(&method, None).await {
        Ok(()) | Err(CommitError::Refused(_)) => Ok(Json::new(Wire(CheckoutMade { id, url }))),
        Err(error) => Err(error.into()),
    }
}

/// `GET /v1/methods/{reference}`
pub(crate) async fn show(cx: SandboxMerchantContext, ask: Asked<MethodPath>) -> Answer<Json<Wire<MethodSeen>>> {
    let id = method_id(&cx, &ask.0.method);
    let method = cx.store().sandbox_method(&id).await?.ok_or(Problem::NotFound)?.value;
    let (state, behaviour) = match &method.state {
        SandboxMethodState::Open => (MethodState::Open, None),
        SandboxMethodState::Kept { behaviour } => (MethodState::Kept, Some(named(behaviour)?)),
        SandboxMethodState::Declined => (MethodState::Declined, None),
        SandboxMethodState::Ended => (MethodState::Ended, None),
    };
    Ok(Json::new(Wire(MethodSeen { id, reference: method.reference, state, behaviour })))
}

/// `POST /v1/methods/{id}/forget`: again is the same.
pub(crate) async fn forget(cx: SandboxMerchantContext, body: Submitted<Nothing, MethodPath>) -> Answer<NoContent> {
    let (MethodPath { method: id }, _) = body.into_parts();
    let store = cx.store();
    deciding_again(|| async {
        let current = store.sandbox_method(&id).await?.ok_or(Problem::NotFound)?;
        if current.value.state == SandboxMethodState::Ended {
            return Ok(NoContent);
        }
        let next = SandboxMethod { state: SandboxMethodState::Ended, ..current.value };
        store.save_sandbox_method(&next, Some(current.rev)).await?;
        Ok::<_, Problem>(NoContent)
    })
    .await
}

/// `POST /v1/charges`: the same reference again is the same charge.
pub(crate) async fn charge(
    cx: SandboxMerchantContext,
    clients: Clients,
    body: Submitted<Wire<NewCharge>>,
) -> Answer<Json<Wire<PaymentSeen>>> {
    let Wire(new) = body.into_inner();
    let mut errors = check_place(&cx, (&new.description, &new.return_url, &new.webhook_url));
    errors.require(new.amount.is_positive(), "amount", "invalid", "must be more than 0");
    errors.into_result()?;
    let store = cx.store();
    let id = checkout_id(&cx, &new.reference);
    if let Some(known) = store.sandbox_checkout(&id).await? {
        return if known.value.amount == new.amount {
            Ok(Json::new(Wire(books::seen(&known.value))))
        } else {
            Err(taken("reference"))
        };
    }
    let method = store.sandbox_method(&new.method).await?.ok_or(Problem::NotFound)?.value;
    let SandboxMethodState::Kept { behaviour } = &method.state else { return Err(Problem::NotFound) };
    let open = SandboxCheckout {
        id: id.clone(),
        reference: new.reference,
        amount: new.amount,
        description: new.description,
        return_url: new.return_url,
        webhook_url: new.webhook_url,
        language: new.language,
        created_at: cx.now(),
        ended: None,
        charges: vec![],
        refunds: vec![],
        messages: vec![],
    };
    let decided = match named(behaviour)? {
        Behaviour::Pays => books::pay(&open, 1),
        Behaviour::Declines => books::end(&open, SandboxEnding::Declined),
        Behaviour::Waits => None,
    };
    let charge = decided.unwrap_or_else(|| open.clone());
    match store.save_sandbox_checkout(&charge, None).await {
        Ok(()) => {
            let fresh = books::fresh(&open, &charge);
            messages::send(&clients, &store, &charge, &fresh, 1, cx.now()).await?;
            Ok(Json::new(Wire(books::seen(&charge))))
        }
        Err(CommitError::Refused(_)) => {
            let known = store.sandbox_checkout(&id).await?.ok_or(Problem::NotFound)?;
            Ok(Json::new(Wire(books::seen(&known.value))))
        }
        Err(error) => Err(error.into()),
    }
}

fn method_id(cx: &SandboxMerchantContext, reference: &str) -> String {
    id(cx, "sm", &format!("method {reference}"))
}

fn named(behaviour: &str) -> Answer<Behaviour> {
    let found = Behaviour::ALL.into_iter().find(|one| one.code() == behaviour);
    found.ok_or_else(|| Problem::Internal("a behaviour that there is not".to_owned()))
}
