//! What follows from an event, by its kind. Events whose mail carries a paper come by `documents`.

use domain::{
    Language, change::EventKind, collection::CollectionNotice, comment::CommentNotice, id::CustomerId,
    paper::PaymentMail, subscription::ContractNotice,
};
use store::{About, EventRecord, OutMail};
use web::jobs::{Followed, Job, Undone};

use crate::{Desk, collections, disabled, erasure_wishes};

/// Follows an event up: writes its mail down where it has one. For all other kinds being in the timeline is all; webhooks
/// read the feed (`visits.rs`).
///
/// # Errors
/// Why it must be tried again later, for the log.
pub(crate) async fn up(
    desk: &Desk,
    job: Job<'_>,
    customer: Option<&CustomerId>,
    record: &EventRecord,
) -> Result<Followed, Undone> {
    match record.event.kind {
        EventKind::PaymentFailed | EventKind::PaymentReversed => payment(desk, job, record).await,
        EventKind::CollectionAnnounced | EventKind::CollectionFailed | EventKind::CollectionGivenUp => {
            let (Some(customer), Some(notice)) = (customer, CollectionNotice::of(&record.event)) else {
                return Ok(Followed::Done);
            };
            write_down(job, customer, About::Collection(notice), record).await
        }
        EventKind::DocumentCommented => {
            let (Some(customer), Some(notice)) = (customer, CommentNotice::of(&record.event)) else {
                return Ok(Followed::Done);
            };
            write_down(job, customer, About::Commented(notice), record).await
        }
        EventKind::LinkCreated => {
            let event = &record.event;
            let link = event.fact("link").and_then(|id| id.parse().ok());
            let (Some(customer), Some(link), Some("true")) = (customer, link, event.fact("mailed")) else {
                return Ok(Followed::Done);
            };
            let language = event.fact("language").and_then(Language::from_code);
            write_down(job, customer, About::Link { link, language }, record).await
        }
        EventKind::EmailChangeRequested => {
            let wish = record.event.fact("email_change").and_then(|id| id.parse().ok());
            let (Some(customer), Some(wish)) = (customer, wish) else { return Ok(Followed::Done) };
            write_down(job, customer, About::EmailChange { wish }, record).await
        }
        EventKind::EmailChanged => {
            let Some(customer) = customer else { return Ok(Followed::Done) };
            write_down(job, customer, About::EmailChanged, record).await
        }
        EventKind::PaymentMethodExpiring => {
            let (Some(customer), Ok(method)) = (customer, record.event.subject.parse()) else {
                return Ok(Followed::Done);
            };
            write_down(job, customer, About::MethodEnds { method }, record).await
        }
        EventKind::SubscriptionPaused
        | EventKind::SubscriptionResumed
        | EventKind::SubscriptionCancellationTakenBack => {
            let notice = ContractNotice::of(record.event.kind);
            let (Some(customer), Some(notice), Ok(subscription)) = (customer, notice, record.event.subject.parse())
            else {
                return Ok(Followed::Done);
            };
            write_down(job, customer, About::Contract { notice, subscription }, record).await
        }
        EventKind::EndpointDisabled => disabled::tell(desk, job, record).await,
        EventKind::ErasureRequested => erasure_wishes::tell(desk, job, record).await,
        kind => {
            tracing::debug!(event = %record.id, kind = kind.code(), "in the timeline");
            Ok(Followed::Done)
        }
    }
}

async fn payment(desk: &Desk, job: Job<'_>, record: &EventRecord) -> Result<Followed, Undone> {
    let Ok(id) = record.event.subject.parse() else { return Ok(Followed::Done) };
    let Some(payment) = job.store.payment(&id).await?.map(|loaded| loaded.value) else { return Ok(Followed::Done) };
    let mail = PaymentMail::of(record.event.kind, &payment).filter(|mail| mail.is_still_true(&payment));
    let Some(mail) = mail else { return Ok(Followed::Done) };
    // The customer has not paid, but was charged: that is told in other words, with what comes next.
    if mail == PaymentMail::PaymentFailed && collections::hear_of(desk, job, &payment).await? {
        return Ok(Followed::Done);
    }
    let amount = PaymentMail::amount(&record.event, &payment);
    let about = About::Payment { mail, payment: payment.id.clone(), amount, paper: None };
    write_down(job, &payment.customer, about, record).await
}

async fn write_down(
    job: Job<'_>,
    customer: &CustomerId,
    about: About,
    record: &EventRecord,
) -> Result<Followed, Undone> {
    let out = OutMail::new(about, record.id.clone(), record.event.at);
    job.store.write_mail_down(customer, &out, job.now).await?;
    Ok(Followed::Done)
}
