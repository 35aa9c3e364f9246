//! Invoices that are collected (M-79): announced, charged on their day, charged once more, given up. Each is one item that
//! is due at its next moment, so a run that is doubled, late or killed changes nothing.

use booking::{Books, collect};
use domain::{id::CustomerId, number::InvoiceNumber, payment::Payment};
use web::jobs::{Followed, Job, Undone};

use crate::{
    Desk,
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
    let Some(tenant) = desk.store().tenant_of_scope(job.scope, job.now).await? else {
        return Err(Undone::Later("the tenant has no host".to_owned()));
    };
    let today = tenant.settings.zone.day(job.now);
    let books = Books { store: job.store.clone(), now: job.now, today };
    let Some(payment) = collect(&books, &tenant.settings, customer, number).await.map_err(undone)? else {
        return Ok(Followed::Saved);
    };
    let Some(name) = payment.provider else { return Ok(Followed::Saved) };
    let provider = desk.clients.providers.asked(job.store, &tenant, name, job.now).await;
    let asked = match provider {
        Ok(Some(provider)) => ask_again(desk, &books, &tenant, &*provider, &payment).await.map(|_| ()),
        Ok(None) => Err(Undone::Later("its provider is not connected".to_owned())),
        Err(problem) => Err(Undone::Later(format!("{problem:?}"))),
    };
    if let Err(reason) = asked {
        // It is written down, so it is due by itself and asked for again.
        tracing::warn!(payment = %payment.id, ?reason, "the charge is asked for again later");
    }
    Ok(Followed::Saved)
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
    if is_charged {
        go_on(desk, job, &payment.customer, &invoice.number).await?;
    }
    Ok(is_charged)
}
