//! `/api/admin/v1/events`: everything that happened, oldest first, without gaps.

use domain::id::{CustomerId, EventId};
use hooks::EventShown;
use serde::{Deserialize, Serialize};
use store::EventRecord;
use utoipa::ToSchema;
use web::{Answer, Asked, IntegratorContext, Json, Problem, scope};

/// What the address carries.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct FeedAsk {
    /// `next` of the page before; without it the feed begins today.
    after: Option<EventId>,
    limit: Option<u16>,
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
    let owners = page.items.iter().filter_map(|(customer, _)| customer.clone()).collect();
    let numbers = cx.store().customer_numbers(owners).await?;
    let shown = |(customer, record): (Option<CustomerId>, EventRecord)| {
        let number = customer.and_then(|customer| numbers.get(&customer).cloned());
        EventShown::of(record.id, record.event, number)
    };
    Ok(Json::new(Feed { items: page.items.into_iter().map(shown).collect(), next: page.next }))
}
