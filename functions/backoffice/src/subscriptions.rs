//! `/api/admin/v1/customers/{number}/subscriptions/{subscription}`: loads and lists contracts.

use domain::{
    FieldErrors, Pii,
    change::{Actor, Change},
    id::CancellationId,
    number::{CustomerNumber, SubscriptionNumber},
    subscription::{By, Moment, NewCancellation, NotNow, Subscription, SubscriptionFacts},
    time::check_day,
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use store::{deciding_again, secret};
use utoipa::ToSchema;
use web::{Answer, Asked, IntegratorContext, Json, Nothing, Problem, Saved, Submitted, scope};

use crate::{
    customers::{self, CustomerPath},
    import::Outcome,
    list::{self, ListAsk},
};

/// Which contract of which customer, as slugs.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct SubscriptionPath {
    number: String,
    subscription: String,
}

impl SubscriptionPath {
    fn numbers(&self) -> Answer<(CustomerNumber, SubscriptionNumber)> {
        let customer = CustomerNumber::from_slug(&self.number).map_err(|_| Problem::NotFound)?;
        Ok((customer, SubscriptionNumber::from_slug(&self.subscription).map_err(|_| Problem::NotFound)?))
    }
}

/// Contracts of a customer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Subscriptions {
    items: Vec<Subscription>,
    next: Option<String>,
}

/// A contract, and whose it is: numbers count for each customer anew.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnedSubscription {
    customer: CustomerNumber,
    #[serde(flatten)]
    contract: Subscription,
}

/// Contracts of all customers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnedSubscriptions {
    items: Vec<OwnedSubscription>,
    next: Option<String>,
}

/// `PUT /api/admin/v1/customers/{number}/subscriptions/{subscription}`
pub(crate) async fn put(
    cx: IntegratorContext<scope::Write>,
    body: Submitted<SubscriptionFacts, SubscriptionPath>,
) -> Answer<Saved<Subscription>> {
    let (path, facts) = body.into_parts();
    let customer = CustomerNumber::from_slug(&path.number).map_err(|_| Problem::NotFound)?;
    let number = list::to_write(SubscriptionNumber::from_slug(&path.subscription), "subscription")?;
    facts.check()?;
    let if_match = cx.if_match()?;
    let at = Moment { now: cx.now(), zone: &cx.tenant().settings.zone };
    let (subscription, outcome) = deciding_again(|| async {
        let (id, _) = customers::find(&cx.store(), &customer).await?;
        let seen = cx.store().subscription(&id, &number).await?;
        if if_match.is_some_and(|rev| seen.as_ref().is_none_or(|seen| seen.rev != rev)) {
            return Err(Problem::Stale);
        }
        let change = match &seen {
            None => Some(Subscription::create(number.clone(), facts.clone(), Actor::Integrator, at)),
            Some(seen) => seen.value.update(facts.clone(), Actor::Integrator, at),
        };
        let outcome = if seen.is_none() { Outcome::Created } else { Outcome::Updated };
        match (change, seen) {
            (Some(change), seen) => {
                cx.store().save_subscription(&id, &change, seen.map(|seen| seen.rev)).await?;
                Ok((change.into_parts().0, outcome))
            }
            (None, Some(seen)) => Ok((seen.value, Outcome::Unchanged)),
            (None, None) => Err(Problem::NotFound),
        }
    })
    .await?;
    Ok(Saved::new(subscription, outcome == Outcome::Created))
}

/// When a contract ends.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = StaffCancelInput)]
pub(crate) struct CancelInput {
    /// Its last day; staff are bound by no notice (M-85).
    date: Date,
    /// Why, at most 1,000 characters; the customer reads it.
    #[serde(default)]
    #[schema(value_type = String)]
    reason: Pii<String>,
}

/// How long a contract rests.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = StaffPauseInput)]
pub(crate) struct PauseInput {
    /// Its last day; without one until it is resumed.
    until: Option<Date>,
}

/// `POST /api/admin/v1/customers/{number}/subscriptions/{subscription}/cancel`: another day replaces the one there was.
pub(crate) async fn cancel(
    cx: IntegratorContext<scope::Write>,
    body: Submitted<CancelInput, SubscriptionPath>,
) -> Answer<Json<Subscription>> {
    let (path, CancelInput { date, reason }) = body.into_parts();
    let mut errors = FieldErrors::default();
    check_day(&mut errors, "date", date);
    let is_short = reason.chars().count() <= Subscription::MAX_REASON_CHARS;
    errors.require(is_short, "reason", "too_long", "must have at most 1,000 characters");
    errors.into_result()?;
    let id = CancellationId::new(cx.now(), secret::entropy());
    decide(&cx, &path, |contract, at| {
        let new = NewCancellation { id: id.clone(), ends_on: date, reason: reason.clone() };
        contract.cancel(new, By::integrator(), at)
    })
    .await
}

/// `POST /api/admin/v1/customers/{number}/subscriptions/{subscription}/take-back`
pub(crate) async fn take_back(
    cx: IntegratorContext<scope::Write>,
    body: Submitted<Nothing, SubscriptionPath>,
) -> Answer<Json<Subscription>> {
    let (path, _) = body.into_parts();
    decide(&cx, &path, |contract, at| contract.take_back(By::integrator(), at)).await
}

/// `POST /api/admin/v1/customers/{number}/subscriptions/{subscription}/pause`
pub(crate) async fn pause(
    cx: IntegratorContext<scope::Write>,
    body: Submitted<PauseInput, SubscriptionPath>,
) -> Answer<Json<Subscription>> {
    let (path, PauseInput { until }) = body.into_parts();
    let (mut errors, today) = (FieldErrors::default(), cx.tenant().settings.zone.day(cx.now()));
    if let Some(until) = until {
        check_day(&mut errors, "until", until);
        errors.require(today <= until, "until", "invalid", "must not lie in the past");
    }
    errors.into_result()?;
    decide(&cx, &path, |contract, at| contract.pause(until, By::integrator(), at)).await
}

/// `POST /api/admin/v1/customers/{number}/subscriptions/{subscription}/resume`
pub(crate) async fn resume(
    cx: IntegratorContext<scope::Write>,
    body: Submitted<Nothing, SubscriptionPath>,
) -> Answer<Json<Subscription>> {
    let (path, _) = body.into_parts();
    decide(&cx, &path, |contract, at| contract.resume(By::integrator(), at)).await
}

/// Decides on a contract and keeps that; once more is the same, and what cannot be done as it stands is 409.
async fn decide(
    cx: &IntegratorContext<scope::Write>,
    path: &SubscriptionPath,
    decide: impl Fn(&Subscription, Moment<'_>) -> Result<Option<Change<Subscription>>, NotNow>,
) -> Answer<Json<Subscription>> {
    let (customer, number) = path.numbers()?;
    let at = Moment { now: cx.now(), zone: &cx.tenant().settings.zone };
    let (contract, rev) = deciding_again(|| async {
        let (id, _) = customers::find(&cx.store(), &customer).await?;
        let seen = cx.store().subscription(&id, &number).await?.ok_or(Problem::NotFound)?;
        let change = decide(&seen.value, at)
            .map_err(|not_now| Problem::Conflict(FieldErrors::one("phase", "state", not_now.to_string())))?;
        let Some(change) = change else { return Ok((seen.value, seen.rev)) };
        cx.store().save_subscription(&id, &change, Some(seen.rev)).await?;
        Ok::<_, Problem>((change.into_parts().0, seen.rev + 1))
    })
    .await?;
    Ok(Json::new(contract).etag(rev))
}

/// `GET /api/admin/v1/customers/{number}/subscriptions/{subscription}`
pub(crate) async fn get(
    cx: IntegratorContext<scope::Read>,
    ask: Asked<SubscriptionPath>,
) -> Answer<Json<Subscription>> {
    let (customer, number) = ask.0.numbers()?;
    let (id, _) = customers::find(&cx.store(), &customer).await?;
    let found = cx.store().subscription(&id, &number).await?.ok_or(Problem::NotFound)?;
    Ok(Json::new(found.value).etag(found.rev))
}

/// `GET /api/admin/v1/customers/{number}/subscriptions`
pub(crate) async fn of_customer(
    cx: IntegratorContext<scope::Read>,
    ask: Asked<CustomerPath>,
) -> Answer<Json<Subscriptions>> {
    let (id, _) = customers::find(&cx.store(), &ask.0.number()?).await?;
    let overview = cx.store().overview(&id).await?.ok_or(Problem::NotFound)?;
    Ok(Json::new(Subscriptions { items: overview.subscriptions, next: None }))
}

/// `GET /api/admin/v1/subscriptions`
pub(crate) async fn list(cx: IntegratorContext<scope::Read>, ask: Asked<ListAsk>) -> Answer<Json<OwnedSubscriptions>> {
    let cursors = cx.cursors("subscriptions");
    let (limit, after) = ask.0.read(&cursors)?;
    let page = cx.store().subscriptions(limit, after).await?;
    let numbers = cx.store().customer_numbers(page.items.iter().map(|(owner, _)| owner.clone()).collect()).await?;
    let owned = |(owner, contract)| Some(OwnedSubscription { customer: numbers.get(&owner)?.clone(), contract });
    let items = page.items.into_iter().filter_map(owned).collect();
    Ok(Json::new(OwnedSubscriptions { items, next: page.next.map(|next| cursors.sign(&next)) }))
}
