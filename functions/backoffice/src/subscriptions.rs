//! `/api/admin/v1/customers/{number}/subscriptions/{subscription}`: loads and lists contracts.

use domain::{
    change::Actor,
    number::{CustomerNumber, SubscriptionNumber},
    subscription::{Moment, Subscription, SubscriptionFacts},
};
use serde::{Deserialize, Serialize};
use store::deciding_again;
use utoipa::ToSchema;
use web::{Answer, Asked, IntegratorContext, Json, Problem, Saved, Submitted, scope};

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

/// Contracts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Subscriptions {
    items: Vec<Subscription>,
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
pub(crate) async fn list(cx: IntegratorContext<scope::Read>, ask: Asked<ListAsk>) -> Answer<Json<Subscriptions>> {
    let cursors = cx.cursors("subscriptions");
    let (limit, after) = ask.0.read(&cursors)?;
    let page = cx.store().subscriptions(limit, after).await?;
    let items = page.items.into_iter().map(|(_, subscription)| subscription).collect();
    Ok(Json::new(Subscriptions { items, next: page.next.map(|next| cursors.sign(&next)) }))
}
