//! Tells a tenant that a customer wants to be erased. It goes straight from its event, as `disabled.rs` explains.

use mail::{ErasureNotice, Sender, render_erasure_requested};
use store::EventRecord;
use web::jobs::{Followed, Job, Undone};

use crate::{Desk, mails::give};

/// Writes to the company's address. Of the customer only the number is told.
///
/// # Errors
/// Why it must be tried again later, for the log.
pub(crate) async fn tell(desk: &Desk, job: Job<'_>, record: &EventRecord) -> Result<Followed, Undone> {
    let Some(tenant) = desk.store().tenant_of_scope(job.scope, job.now).await? else {
        return Err(Undone::Later("the tenant has no host".to_owned()));
    };
    let settings = &tenant.settings;
    let Some(to) = &settings.company.email else {
        tracing::warn!(event = %record.id, "an erasure is asked for, and the tenant has no address to tell it to");
        return Ok(Followed::Done);
    };
    if !job.store.email_state(to).await?.takes_unasked() {
        tracing::warn!(event = %record.id, "nothing is sent to an address that mail came back from");
        return Ok(Followed::Done);
    }
    let origin = desk.portal.config().origin(&tenant.host);
    let notice = ErasureNotice {
        sender: Sender { settings, origin: &origin, sandbox: tenant.is_sandbox(), language: settings.language },
        customer_number: &record.event.subject,
        requested_on: settings.zone.day(record.event.at),
    };
    let rendered = render_erasure_requested(&notice).map_err(|error| Undone::Later(error.to_string()))?;
    give(desk, job, (&rendered, None), to).await.map(|_| Followed::Done)
}
