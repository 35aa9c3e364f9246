//! Contracts on their day: one that was cancelled ends, one that rested runs again, one with a fixed term goes on. Each is
//! told once by saving it, and being saved it is due on its next day: a run that is doubled, late or killed tells nothing
//! twice.

use domain::{id::CustomerId, subscription::Subscription};
use store::{CommitError, Loaded};
use web::jobs::{Followed, Job, Undone};

use crate::Desk;

/// Takes a contract one step further, if its day has come where the tenant is. What is further behind it is due at once.
///
/// # Errors
/// Why it must be tried again later, for the log.
pub(crate) async fn look_at(
    desk: &Desk,
    job: Job<'_>,
    customer: &CustomerId,
    contract: &Loaded<Subscription>,
) -> Result<Followed, Undone> {
    let Loaded { value: contract, rev } = contract;
    let Some(day) = contract.next_day() else { return Ok(Followed::Done) };
    let Some(tenant) = desk.store().tenant_of_scope(job.scope, job.now).await? else {
        return Err(Undone::Later("the tenant has no host".to_owned()));
    };
    let zone = &tenant.settings.zone;
    let today = zone.day(job.now);
    if today < day {
        return Err(Undone::NotBefore(zone.begin(day)));
    }
    let Some(change) = contract.on_day(today, job.now) else { return Ok(Followed::Done) };
    match job.store.save_subscription(customer, &change, Some(*rev)).await {
        // Somebody else has saved it meanwhile, and with it when it is due.
        Ok(()) | Err(CommitError::Refused("subscription")) => Ok(Followed::Saved),
        Err(error) => Err(error.into()),
    }
}
