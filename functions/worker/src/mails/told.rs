//! Mails to the tenant itself about what a customer did with a document: in its own language, to the address that is set for
//! that, else the company's. They are written down and sent once like those to customers.

use domain::customer::Customer;
use mail::{DocumentTold, Rendered, Sender, render_comment_told};
use store::{About, OutMail, OutMailEnd};
use web::jobs::{Followed, Job, Undone};

use super::give;
use crate::Desk;

/// Sends a mail to the tenant, unless there is a reason not to.
///
/// # Errors
/// Why it must be tried again later, for the log.
pub(super) async fn send(desk: &Desk, job: Job<'_>, customer: &Customer, out: &OutMail) -> Result<Followed, Undone> {
    let ended = |end| Ok(Followed::Mail(end));
    let Some(tenant) = desk.store().tenant_of_scope(job.scope, job.now).await? else {
        return Err(Undone::Later("the tenant has no host".to_owned()));
    };
    let settings = &tenant.settings;
    let Some(to) = settings.documents_inbox() else {
        tracing::warn!(event = %out.event, "a customer did something with a document, and the tenant has no address");
        return ended(OutMailEnd::NoAddress);
    };
    if job.store.has_bounced(to).await? {
        tracing::warn!(event = %out.event, "nothing is sent to an address that bounced");
        return ended(OutMailEnd::Bounced);
    }
    let origin = desk.portal.config().origin(&tenant.host);
    let sender = Sender { settings, origin: &origin, sandbox: tenant.is_sandbox(), language: settings.language };
    match rendered(job, sender, customer, out).await? {
        Some(rendered) => give(desk, job, &rendered, to).await,
        None => ended(OutMailEnd::Outdated),
    }
}

async fn rendered(
    job: Job<'_>,
    sender: Sender<'_>,
    customer: &Customer,
    out: &OutMail,
) -> Result<Option<Rendered>, Undone> {
    let rendered = match &out.about {
        About::Commented(notice) => {
            let document = (notice.document, notice.number.as_str());
            let Some(comment) = job.store.comment(document, &notice.comment).await? else { return Ok(None) };
            render_comment_told(&DocumentTold { sender, customer, document }, &comment)
        }
        // All others are for customers.
        _ => return Ok(None),
    };
    rendered.map(Some).map_err(|error| Undone::Later(error.to_string()))
}
