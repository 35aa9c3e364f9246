//! What providers named in messages that say too much for answering in time: each thing is looked up at its provider.

use booking::{BookingError, look_into};
use store::LookUp;
use web::jobs::{Followed, Job, Undone};

use crate::{Desk, payments::undone};

/// Looks one thing up. What is not known to us, or to the provider, is done too.
///
/// # Errors
/// Why it must be tried again later, for the log.
pub(crate) async fn look_at(desk: &Desk, job: Job<'_>, named: &LookUp) -> Result<Followed, Undone> {
    let counter = desk.counter(job).await?;
    let provider = counter.provider(named.provider).await?;
    let provider = provider.ok_or_else(|| Undone::Later("its provider is not connected".to_owned()))?;
    match look_into(&counter.books, &*provider, &named.sought).await {
        // The same again would not help.
        Err(BookingError::Refused(reason)) => tracing::error!(%reason, "what was looked up cannot be booked"),
        looked => drop(looked.map_err(undone)?),
    }
    Ok(Followed::Done)
}
