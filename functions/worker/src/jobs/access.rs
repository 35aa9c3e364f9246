//! Every customer may use the portal, or none (M-93): one after the other, in the order of their numbers, which never change.

use domain::{
    change::{Actor, Event, EventKind},
    id::CustomerId,
    job::{Job, Portion},
};
use futures_util::{StreamExt as _, stream};
use store::{CommitError, deciding_again};
use web::jobs::Undone;

/// Customers of one portion.
const CUSTOMERS: u16 = 50;
/// Customers worked on at once.
const IN_PARALLEL: usize = 8;

/// The next customers.
///
/// # Errors
/// Why it must be tried again later, for the log.
pub(super) async fn portion(turn: web::jobs::Job<'_>, job: &Job, access: bool) -> Result<Portion, Undone> {
    let total = match job.total {
        Some(_) => None,
        None => Some(turn.store.count_customers().await?),
    };
    let page = turn.store.customer_ids(CUSTOMERS, job.cursor.clone()).await?;
    let done = u64::try_from(page.items.len()).unwrap_or(u64::MAX);
    let work = stream::iter(page.items).map(|id| async move { apply(turn, &id, access).await });
    let results: Vec<Result<(), Undone>> = work.buffer_unordered(IN_PARALLEL).collect().await;
    results.into_iter().collect::<Result<(), Undone>>()?;
    Ok(Portion { done, total, next: page.next, part: None })
}

/// Gives or takes one customer's access; again is the same.
async fn apply(turn: web::jobs::Job<'_>, id: &CustomerId, access: bool) -> Result<(), Undone> {
    let number = deciding_again(|| async {
        // Whoever was erased has only left the number.
        let Some(seen) = turn.store.customer(id).await? else { return Ok(None) };
        if let Some(change) = seen.value.set_access(access, Actor::Integrator, turn.now) {
            turn.store.update_customer(id, &seen, &change).await?;
        }
        Ok::<_, CommitError>(Some(seen.value.number))
    })
    .await?;
    // Also where access was taken before: a process that ended in between has left the sessions open.
    let Some(number) = number.filter(|_| !access) else { return Ok(()) };
    let event = Event::new(EventKind::SignedOutEverywhere, Actor::Integrator, turn.now, number.as_str());
    turn.store.end_all_sessions(id, event).await?;
    Ok(deciding_again(|| turn.store.revoke_permanent(id, |_| true, turn.now)).await?)
}
