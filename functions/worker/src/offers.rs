//! Offers on the day on which they are over: those that nobody answered are told once by saving it, so that a run that is
//! doubled, late or killed tells nothing twice.

use domain::{document::DocumentRow, id::CustomerId};
use store::{CommitError, Loaded};
use web::jobs::{Followed, Job, Undone};

use crate::Desk;

/// Tells that an offer is over, if its day has come where the tenant is.
///
/// # Errors
/// Why it must be tried again later, for the log.
pub(crate) async fn look_at(
    desk: &Desk,
    job: Job<'_>,
    customer: &CustomerId,
    seen: &Loaded<DocumentRow>,
) -> Result<Followed, Undone> {
    let Some(day) = seen.value.next_day() else { return Ok(Followed::Done) };
    let Some(tenant) = desk.store().tenant_of_scope(job.scope, job.now).await? else {
        return Err(Undone::Later("the tenant has no host".to_owned()));
    };
    let zone = &tenant.settings.zone;
    let today = zone.day(job.now);
    if today < day {
        return Err(Undone::NotBefore(zone.begin(day)));
    }
    let Some(change) = seen.value.on_day(today, job.now) else { return Ok(Followed::Done) };
    match job.store.save_document_row(customer, seen, &change).await {
        // Somebody else has saved it meanwhile, and with it when it is due.
        Ok(()) | Err(CommitError::Refused("row")) => Ok(Followed::Saved),
        Err(error) => Err(error.into()),
    }
}
