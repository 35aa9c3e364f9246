//! `/api/v1/payment-methods`: the same for programs.

use booking::{InUse, clear_default, set_default};
use checkout::{Begun, Counter, problem};
use domain::{
    FieldErrors,
    change::Actor,
    id::PaymentMethodId,
    payment::Method,
    payment_method::{MAX_METHODS, MethodName, NewMethod, PaymentMethod, State, Wishes},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{
    Answer, Asked, Bound, Created, CustomerContext, Door as _, IdempotencyKey, Json, NoContent, Nothing, Problem,
    Providers, Submitted, area::PaymentMethods, door::Change,
};

use super::{MethodPath, MethodRow, add::offered, books, one::current, rows};

type Cx = CustomerContext<PaymentMethods>;
type Changing = CustomerContext<PaymentMethods, Change>;

/// All ways to pay.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MethodsShown {
    items: Vec<MethodRow>,
    /// What can be added.
    offers: Vec<Method>,
}

/// What is to be kept.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MethodInput {
    method: Method,
    /// Use it for future contracts and invoices.
    #[serde(default)]
    as_default: bool,
    /// Use it for running contracts too.
    #[serde(default)]
    for_contracts: bool,
}

/// Where a way to pay stands that is being kept.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct SavingShown {
    id: PaymentMethodId,
    method: Method,
    state: SavingState,
    /// Send the customer there, while it is pending.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

/// Its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SavingState {
    /// The provider has not answered yet, or the customer has not agreed.
    Pending,
    /// It can be charged.
    Usable,
    /// It was not kept.
    Failed,
    /// It is over.
    Ended,
}

/// Is it the default?
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MethodChange {
    is_default: Option<bool>,
}

/// What takes its place.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct RemovePath {
    id: String,
    /// Needed where it is used.
    replacement: Option<String>,
}

impl SavingShown {
    fn of(method: PaymentMethod) -> Self {
        let state = match method.state {
            State::Started | State::Pending => SavingState::Pending,
            State::Usable { .. } => SavingState::Usable,
            State::Failed { .. } => SavingState::Failed,
            State::Ended { .. } => SavingState::Ended,
        };
        let url = method.url.filter(|_| state == SavingState::Pending);
        Self { id: method.name.id, method: method.method, state, url }
    }
}

/// `GET /api/v1/payment-methods`
pub(crate) async fn list(cx: Cx, _: Asked<Nothing>) -> Answer<Json<MethodsShown>> {
    let overview = cx.store().overview(cx.customer()).await?.ok_or(Problem::NotFound)?;
    let offers = offered(&cx.tenant().settings, cx.has_sandbox_provider());
    let offers = offers.into_iter().map(|(method, _)| method).collect();
    Ok(Json::new(MethodsShown { items: rows(&overview, cx.today()), offers }))
}

/// `POST /api/v1/payment-methods`, with `Idempotency-Key`.
pub(crate) async fn create(
    cx: Changing,
    providers: Providers,
    body: Submitted<MethodInput>,
) -> Answer<Created<SavingShown>> {
    let input = body.into_inner();
    let (store, customer) = (cx.store(), cx.customer());
    let key = IdempotencyKey::of(cx.arrival(), &input)?;
    let bound: Bound<SavingShown> = key.find(&store, customer).await?;
    let offered = offered(&cx.tenant().settings, cx.has_sandbox_provider());
    let found = offered.into_iter().find(|(method, _)| *method == input.method);
    let (method, provider) = found.ok_or(Problem::MethodNotEnabled)?;
    let bound = key.bind(&store, customer, bound).await?;
    let id = bound.payment_method();
    let back = format!("/payment-methods/{id}?returned=1");
    let new = NewMethod {
        name: MethodName { customer: customer.clone(), id },
        method,
        provider,
        wishes: Wishes { as_default: input.as_default, for_contracts: input.for_contracts, for_failed: false },
        link: None,
        language: cx.arrival().language(),
        mandate: None,
    };
    let counter = Counter::of(cx.arrival(), cx.tenant(), &providers);
    match counter.keep(new, &back, Actor::Customer).await? {
        Begun::Method(method) => Ok(Created::new(SavingShown::of(*method))),
        Begun::TooMany => {
            let message = format!("there are {MAX_METHODS} already");
            Err(FieldErrors::one("method", "too_many", message).into())
        }
    }
}

/// `GET /api/v1/payment-methods/{id}`: asks the provider what became of one that is pending.
pub(crate) async fn get(cx: Cx, providers: Providers, ask: Asked<MethodPath>) -> Answer<Json<SavingShown>> {
    let id = ask.0.id()?;
    let counter = Counter::of(cx.arrival(), cx.tenant(), &providers);
    let method = counter.kept(cx.customer(), &id).await?.ok_or(Problem::NotFound)?;
    let method = current(&counter, method, true, &format!("/payment-methods/{id}?returned=1")).await;
    Ok(Json::new(SavingShown::of(method)))
}

/// `PATCH /api/v1/payment-methods/{id}`: makes it the default, or no longer.
pub(crate) async fn change(cx: Changing, body: Submitted<MethodChange, MethodPath>) -> Answer<NoContent> {
    let (path, MethodChange { is_default }) = body.into_parts();
    let name = MethodName { customer: cx.customer().clone(), id: path.id()? };
    let method = cx.store().payment_method(&name).await?.filter(|method| method.value.is_listed());
    method.ok_or(Problem::NotFound)?;
    let customer = cx.store().customer(cx.customer()).await?.ok_or(Problem::NotFound)?.value;
    let was = customer.default_method.as_ref() == Some(&name.id);
    match is_default {
        Some(true) if !was => set_default(&books(&cx), &name, Actor::Customer).await.map(drop).map_err(problem)?,
        Some(false) if was => clear_default(&books(&cx), cx.customer(), Actor::Customer).await.map_err(problem)?,
        _ => {}
    }
    Ok(NoContent)
}

/// `DELETE /api/v1/payment-methods/{id}?replacement=…`
pub(crate) async fn remove(
    cx: Changing,
    providers: Providers,
    body: Submitted<Nothing, RemovePath>,
) -> Answer<NoContent> {
    let (path, _) = body.into_parts();
    let id: PaymentMethodId = path.id.parse().map_err(|_| Problem::NotFound)?;
    let unknown = || FieldErrors::one("replacement", "unknown", "is no way to pay that can be charged");
    let replacement = path.replacement.map(|id| id.parse::<PaymentMethodId>()).transpose().map_err(|_| unknown())?;
    let counter = Counter::of(cx.arrival(), cx.tenant(), &providers);
    let method = counter.kept(cx.customer(), &id).await?.ok_or(Problem::NotFound)?;
    if !method.is_listed() {
        return Ok(NoContent);
    }
    match counter.remove_kept(&method, replacement.as_ref()).await? {
        None => Ok(NoContent),
        Some(InUse::NoReplacement) => Err(unknown().into()),
        Some(InUse::NeedsReplacement) => {
            Err(FieldErrors::one("replacement", "missing", "is needed: it is the default, or a contract's").into())
        }
    }
}
