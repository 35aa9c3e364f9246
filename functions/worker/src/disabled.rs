//! Tells a tenant that one of its endpoints is disabled: the one mail that goes to the tenant and not to a customer.
//!
//! It is sent straight from its event, which is leased like a mail that was written down and leaves the list once it is
//! sent: a duplicate can come from the same one place, and from no other.

use domain::endpoint::EndpointState;
use mail::{EndpointNotice, Sender, render_endpoint_disabled};
use store::EventRecord;
use web::jobs::{Followed, Job, Undone};

use crate::{Desk, mails::give};

/// Writes to the company's address, unless the endpoint was enabled again or taken away meanwhile.
///
/// # Errors
/// Why it must be tried again later, for the log.
pub(crate) async fn tell(desk: &Desk, job: Job<'_>, record: &EventRecord) -> Result<Followed, Undone> {
    let Ok(id) = record.event.subject.parse() else { return Ok(Followed::Done) };
    let Some(endpoint) = job.store.endpoint(&id).await?.map(|loaded| loaded.value) else { return Ok(Followed::Done) };
    let EndpointState::Disabled { failing_since, .. } = endpoint.state else { return Ok(Followed::Done) };
    let Some(tenant) = desk.store().tenant_of_scope(job.scope, job.now).await? else {
        return Err(Undone::Later("the tenant has no host".to_owned()));
    };
    let settings = &tenant.settings;
    let Some(to) = &settings.company.email else {
        tracing::warn!(endpoint = %endpoint.id, "an endpoint is disabled, and the tenant has no address to tell it to");
        return Ok(Followed::Done);
    };
    if !job.store.email_state(to).await?.takes_unasked() {
        tracing::warn!(endpoint = %endpoint.id, "nothing is sent to an address that mail came back from");
        return Ok(Followed::Done);
    }
    let origin = desk.portal.config().origin(&tenant.host);
    let notice = EndpointNotice {
        sender: Sender { settings, origin: &origin, sandbox: tenant.is_sandbox(), language: settings.language },
        id: &endpoint.id,
        host: &endpoint.url.host(),
        description: &endpoint.description,
        failing_since: settings.zone.day(failing_since),
    };
    let rendered = render_endpoint_disabled(&notice).map_err(|error| Undone::Later(error.to_string()))?;
    give(desk, job, (&rendered, None), to).await.map(|_| Followed::Done)
}
