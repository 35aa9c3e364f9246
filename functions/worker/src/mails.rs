//! One mail that was written down, given to SES once more: in the customer's language, to the address for invoices.

use domain::{
    customer::EmailAddress,
    id::CustomerId,
    payment::{Payment, State},
};
use files::Object;
use mail::{Attachment, MailError, PaymentNotice, Rendered, Sender, render_payment};
use store::{OutMail, OutMailEnd, Tenant};
use text::Words;
use web::jobs::{Followed, Job, Undone};

use crate::Desk;

/// After so many tries a mail that SES refuses is given up: a good day, in which a wrong setting can be mended.
const MAX_REFUSALS: u64 = 8;

/// Sends a mail, unless there is a reason not to.
///
/// # Errors
/// Why it must be tried again later, for the log.
pub(crate) async fn send(desk: &Desk, job: Job<'_>, customer: &CustomerId, out: &OutMail) -> Result<Followed, Undone> {
    let ended = |end| Ok(Followed::Mail(end));
    let Some(payment) = job.store.payment(&out.payment).await?.map(|loaded| loaded.value) else {
        return ended(OutMailEnd::Outdated);
    };
    let Some(person) = job.store.customer(customer).await? else { return ended(OutMailEnd::Outdated) };
    if !out.mail.is_still_true(&payment) {
        return ended(OutMailEnd::Outdated);
    }
    let Some(to) = person.value.invoice_address() else { return ended(OutMailEnd::NoAddress) };
    if job.store.has_bounced(to).await? {
        tracing::warn!(payment = %payment.id, "nothing is sent to an address that bounced");
        return ended(OutMailEnd::Bounced);
    }
    let Some(tenant) = desk.store().tenant_of_scope(job.scope, job.now).await? else {
        return Err(Undone::Later("the tenant has no host".to_owned()));
    };
    let language = person.value.facts.language.unwrap_or(tenant.settings.language);
    let words = Words::new(language);
    let greeting_name = words.addressed(&person.value.facts);
    let origin = desk.portal.config().origin(&tenant.host);
    let sender = Sender { settings: &tenant.settings, origin: &origin, sandbox: tenant.is_sandbox(), language };
    let notice = PaymentNotice {
        sender,
        mail: out.mail,
        greeting_name: &greeting_name,
        payment: &payment,
        amount: out.amount,
        on: tenant.settings.zone.day(out.at),
    };
    let mut rendered = render_payment(&notice).map_err(|error| Undone::Later(error.to_string()))?;
    rendered.attachments.extend(paper(desk, &tenant, &payment, out, words).await?);
    give(desk, job, &rendered, to).await
}

/// The paper that the mail names.
async fn paper(
    desk: &Desk,
    tenant: &Tenant,
    payment: &Payment,
    out: &OutMail,
    words: Words,
) -> Result<Option<Attachment>, Undone> {
    let (Some(paper), Some(sha256)) = (out.mail.paper(), &out.paper) else { return Ok(None) };
    let object = Object::PaymentPdf { tenant: tenant.scope().id(), payment: &payment.id, sha256 };
    let bytes = desk.clients.files.get(object, Attachment::MAX_BYTES).await;
    let bytes = bytes.map_err(|error| Undone::Later(error.to_string()))?;
    let paid_at = match payment.state {
        State::Paid { at } => at,
        _ => payment.created_at,
    };
    let file_name = words.paper_file(paper, payment, tenant.settings.zone.day(paid_at));
    Ok(Some(Attachment { file_name, content_type: "application/pdf", bytes }))
}

/// Gives a mail to SES, once.
///
/// # Errors
/// Why it must be tried again later, for the log.
pub(crate) async fn give(desk: &Desk, job: Job<'_>, mail: &Rendered, to: &EmailAddress) -> Result<Followed, Undone> {
    match desk.clients.mailer.send(mail, to, job.now).await {
        Ok(()) => Ok(Followed::Mail(OutMailEnd::Sent)),
        Err(MailError::NotListed) => Ok(Followed::Mail(OutMailEnd::NotListed)),
        Err(MailError::Refused(reason)) if job.tries >= MAX_REFUSALS => {
            tracing::error!(reason, "a mail was refused for good");
            Ok(Followed::Mail(OutMailEnd::Refused))
        }
        Err(error) => Err(Undone::Later(error.to_string())),
    }
}
