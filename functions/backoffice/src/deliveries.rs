//! `/api/admin/v1/webhook-endpoints/{id}/deliveries` and `/api/admin/v1/deliveries/{id}:redeliver`: what became of every
//! message to an endpoint, and sending one again.

use domain::{
    EventKind, FieldErrors,
    delivery::{Attempt, Delivery, DeliveryState},
    id::{DeliveryId, EndpointId, EventId},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::{DeliveryFilter, deciding_again};
use utoipa::ToSchema;
use web::{Accepted, Answer, Asked, IntegratorContext, Json, Nothing, Problem, Submitted, scope};

use crate::list::limit;

/// What the list's address carries.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct DeliveriesAsk {
    id: String,
    /// Only deliveries in this state. A page may then hold fewer than `limit` and still have a `next`.
    state: Option<StateAsked>,
    /// Items of one page: 1 to 100, 100 unless said.
    limit: Option<u16>,
    /// `next` of the page before.
    after: Option<String>,
}

/// A state by its name.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StateAsked {
    Pending,
    Delivered,
    GivenUp,
}

/// A message to an endpoint.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeliveryShown {
    /// What the receiver knows as `webhook-id`.
    id: DeliveryId,
    endpoint: EndpointId,
    event: EventId,
    kind: EventKind,
    subject: String,
    state: DeliveryState,
    /// How often it was tried.
    attempts: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<Attempt>,
    created_at: Timestamp,
    /// Until when it can be looked at and sent again.
    ends_at: Timestamp,
}

/// A page of deliveries, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Deliveries {
    items: Vec<DeliveryShown>,
    next: Option<String>,
}

/// Which delivery.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct DeliveryPath {
    id: String,
}

/// `GET /api/admin/v1/webhook-endpoints/{id}/deliveries`
pub(crate) async fn list(cx: IntegratorContext<scope::Read>, ask: Asked<DeliveriesAsk>) -> Answer<Json<Deliveries>> {
    let ask = ask.0;
    let id: EndpointId = ask.id.parse().map_err(|_| Problem::NotFound)?;
    let endpoint = cx.store().endpoint(&id).await?.ok_or(Problem::NotFound)?.value.id;
    let filter = match ask.state {
        None => DeliveryFilter::All,
        Some(StateAsked::Pending) => DeliveryFilter::Pending,
        Some(StateAsked::Delivered) => DeliveryFilter::Delivered,
        Some(StateAsked::GivenUp) => DeliveryFilter::GivenUp,
    };
    let cursors = cx.cursors(&format!("deliveries {endpoint} {filter:?}"));
    let part = (limit(ask.limit), cursors.read(ask.after.as_deref())?);
    let page = cx.store().deliveries(&endpoint, filter, part, cx.now()).await?;
    let items = page.items.into_iter().map(shown).collect();
    Ok(Json::new(Deliveries { items, next: page.next.map(|next| cursors.sign(&next)) }))
}

/// `POST /api/admin/v1/deliveries/{id}:redeliver`: sent again within a minute, under the same `webhook-id`, and tried for
/// another day.
pub(crate) async fn redeliver(
    cx: IntegratorContext<scope::Write>,
    body: Submitted<Nothing, DeliveryPath>,
) -> Answer<Accepted<DeliveryShown>> {
    let (path, _) = body.into_parts();
    let id: DeliveryId = path.id.parse().map_err(|_| Problem::NotFound)?;
    let asked = deciding_again(|| async {
        let (endpoint, seen) = cx.store().delivery(&id, cx.now()).await?.ok_or(Problem::NotFound)?;
        if endpoint.value.is_disabled() {
            let message = "its endpoint is disabled; enable it first";
            return Err(Problem::Conflict(FieldErrors::one("", "disabled", message)));
        }
        let (next, hurried) = (seen.value.asked_again(cx.now()), endpoint.value.hurried(cx.now()));
        cx.store().redeliver((&seen, &next), (&endpoint, &hurried)).await?;
        Ok(next)
    });
    Ok(Accepted::new(shown(asked.await?)))
}

fn shown(delivery: Delivery) -> DeliveryShown {
    DeliveryShown {
        ends_at: delivery.ends_at(),
        id: delivery.id,
        endpoint: delivery.endpoint,
        event: delivery.event,
        kind: delivery.fact.kind,
        subject: delivery.fact.subject,
        state: delivery.state,
        attempts: delivery.attempts,
        last: delivery.last,
        created_at: delivery.created_at,
    }
}
