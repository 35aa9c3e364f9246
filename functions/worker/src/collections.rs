//! Invoices that are collected (M-79): announced, charged on their day, charged once more, given up. Each is one item that
//! is due at its next moment, so a run that is doubled, late or killed changes nothing.

use booking::collect;
use domain::{
    collection::{Ended, State},
    id::CustomerId,
    number::InvoiceNumber,
    payment::Payment,
};
use web::jobs::{Followed, Job, Undone};

use crate::{
    Desk,
    counter::Counter,
    payments::{ask_again, undone},
};

/// Takes the collection of an invoice as far as it goes now.
///
/// # Errors
/// Why it must be tried again later, for the log.
pub(crate) async fn go_on(
    desk: &Desk,
    job: Job<'_>,
    customer: &CustomerId,
    number: &InvoiceNumber,
) -> Result<Followed, Undone> {
    let counter = desk.counter(job).await?;
    let further = async || collect(&counter.fresh(), counter.settings(), customer, number).await.map_err(undone);
    if let Some(payment) = further().await? {
        match charge(&counter, &payment).await {
            // A card is paid or declined at once.
            Ok(()) => drop(further().await?),
            // It is written down, so it is due by itself and asked for again.
            Err(reason) => tracing::warn!(payment = %payment.id, ?reason, "the charge is asked for again later"),
        }
    }
    Ok(Followed::Saved)
}

async fn charge(counter: &Counter<'_>, payment: &Payment) -> Result<(), Undone> {
    let Some(name) = payment.provider else { return Ok(()) };
    let provider = counter.provider(name).await?;
    let provider = provider.ok_or_else(|| Undone::Later("its provider is not connected".to_owned()))?;
    ask_again(counter, &*provider, payment).await.map(|_| ())
}

/// An invoice's collection hears at once of its payment's end. Is the payment one of a collection?
///
/// # Errors
/// Why it must be tried again later, for the log.
pub(crate) async fn hear_of(desk: &Desk, job: Job<'_>, payment: &Payment) -> Result<bool, Undone> {
    let [invoice] = payment.named() else { return Ok(false) };
    if payment.saved.is_none() {
        return Ok(false);
    }
    let found = job.store.collection(&payment.customer, &invoice.number).await?;
    let is_charged = found.is_some_and(|collection| collection.value.has(&payment.id));
    if !is_charged {
        return Ok(false);
    }
    go_on(desk, job, &payment.customer, &invoice.number).await?;
    // Where the tenant collects by itself meanwhile, nothing follows, and the customer is told as of any other payment.
    let now = job.store.collection(&payment.customer, &invoice.number).await?;
    Ok(!now.is_some_and(|now| now.value.state == State::Ended { why: Ended::TurnedOff }))
}
