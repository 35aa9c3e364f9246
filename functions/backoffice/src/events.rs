//! `/api/admin/v1/events`: everything that happened, oldest first, without gaps.

use domain::{
    EventKind,
    change::Actor,
    id::{CustomerId, EventId},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Answer, Asked, IntegratorContext, Json, Problem, scope};

/// What the address carries.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct FeedAsk {
    /// `next` of the page before; without it the feed begins today.
    after: Option<EventId>,
    limit: Option<u16>,
}

/// One fact.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventShown {
    id: EventId,
    kind: EventKind,
    actor: Actor,
    at: Timestamp,
    /// Number of the thing it happened to.
    subject: String,
    /// The customer it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<CustomerId>,
    /// Further facts.
    facts: std::collections::BTreeMap<String, String>,
}

/// A part of the feed. What is younger than 30 s waits for the next one.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Feed {
    items: Vec<EventShown>,
    /// Go on with this as `after`, also when nothing was found: it says how far the feed was read. Opaque, but it sorts.
    next: EventId,
}

/// `GET /api/admin/v1/events`
pub(crate) async fn list(cx: IntegratorContext<scope::Read>, ask: Asked<FeedAsk>) -> Answer<Json<Feed>> {
    let after = match ask.0.after {
        None => None,
        Some(id) => {
            let made_at = id.made_at().ok_or_else(|| Problem::malformed("after", "is no event id"))?;
            Some((id, made_at))
        }
    };
    let limit = usize::from(ask.0.limit.unwrap_or(100).clamp(1, 100));
    let page = cx.store().feed(after, limit, cx.now()).await?;
    let shown = |(customer, record): (Option<CustomerId>, store::EventRecord)| EventShown {
        id: record.id,
        kind: record.event.kind,
        actor: record.event.actor,
        at: record.event.at,
        subject: record.event.subject,
        customer,
        facts: record.event.facts.into_iter().collect(),
    };
    Ok(Json::new(Feed { items: page.items.into_iter().map(shown).collect(), next: page.next }))
}
