//! What follows from an event, by its kind. Events whose mail carries a paper come by `documents`.

use domain::{change::EventKind, paper::PaymentMail};
use store::{EventRecord, OutMail};
use web::jobs::{Followed, Job, Undone};

use crate::{Desk, disabled};

/// Follows an event up: writes its mail down where it has one. For all other kinds being in the timeline is all; webhooks
/// read the feed (`visits.rs`).
///
/// # Errors
/// Why it must be tried again later, for the log.
pub(crate) async fn up(desk: &Desk, job: Job<'_>, record: &EventRecord) -> Result<Followed, Undone> {
    match record.event.kind {
        EventKind::PaymentFailed | EventKind::PaymentReversed => payment(job, record).await,
        EventKind::EndpointDisabled => disabled::tell(desk, job, record).await,
        kind => {
            tracing::debug!(event = %record.id, kind = kind.code(), "in the timeline");
            Ok(Followed::Done)
        }
    }
}

async fn payment(job: Job<'_>, record: &EventRecord) -> Result<Followed, Undone> {
    let Ok(id) = record.event.subject.parse() else { return Ok(Followed::Done) };
    let Some(payment) = job.store.payment(&id).await?.map(|loaded| loaded.value) else { return Ok(Followed::Done) };
    let mail = PaymentMail::of(record.event.kind, &payment).filter(|mail| mail.is_still_true(&payment));
    let Some(mail) = mail else { return Ok(Followed::Done) };
    let out = OutMail {
        mail,
        event: record.id.clone(),
        payment: payment.id.clone(),
        amount: PaymentMail::amount(&record.event, &payment),
        at: record.event.at,
        paper: None,
        tries: 0,
        ended: None,
    };
    job.store.write_mail_down(&payment.customer, &out, job.now).await?;
    Ok(Followed::Done)
}
