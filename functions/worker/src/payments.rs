//! Payments that are due: money is distributed further, the provider is asked what became of one, a transfer that nobody
//! made ends. Each is saved by what it does, which says whether it is due again.

use booking::{BookingError, Books, Place, ask, finish, look_up, may_ask_again};
use checkout::description;
use domain::payment::{Ending, Payment};
use payments::Provider;
use store::{Loaded, Tenant, deciding_again};
use web::jobs::{Followed, Job, Undone};

use crate::Desk;

/// Looks at one payment.
///
/// # Errors
/// Why it must be tried again later, for the log.
pub(crate) async fn look_at(desk: &Desk, job: Job<'_>, payment: &Loaded<Payment>) -> Result<Followed, Undone> {
    let Some(tenant) = desk.store().tenant_of_scope(job.scope, job.now).await? else {
        return Err(Undone::Later("the tenant has no host".to_owned()));
    };
    let today = tenant.settings.zone.day(job.now);
    let books = Books { store: job.store.clone(), now: job.now, today };
    let payment = &payment.value;
    if payment.is_unfinished() {
        finish(&books, &payment.id).await.map_err(undone)?;
        return Ok(Followed::Saved);
    }
    let Some(name) = payment.provider else { return end(&books, payment).await };
    let provider = desk.clients.providers.asked(job.store, &tenant, name, job.now).await;
    let provider = provider.map_err(|problem| Undone::Later(format!("{problem:?}")))?;
    let Some(provider) = provider else { return end(&books, payment).await };
    // Nobody will open its page: what charges something kept is asked for again here, while that is safe.
    let again = payment.saved.is_some() && payment.is_waiting() && !payment.was_asked();
    if again && may_ask_again(&*provider, payment.created_at, job.now) {
        return ask_again(desk, &books, &tenant, &*provider, payment).await;
    }
    look_up(&books, &*provider, &payment.id).await.map_err(undone)?;
    Ok(Followed::Saved)
}

/// Asks for a payment that charges something kept. What is not answered is asked again, with the same key.
///
/// # Errors
/// Why it must be tried again later, for the log.
pub(crate) async fn ask_again(
    desk: &Desk,
    books: &Books,
    tenant: &Tenant,
    provider: &dyn Provider,
    payment: &Payment,
) -> Result<Followed, Undone> {
    let origin = desk.portal.config().origin(&tenant.host);
    let place = Place {
        description: description(payment),
        return_url: format!("{origin}/payments/{}?returned=1", payment.id),
        webhook_url: desk.clients.providers.webhook_url(tenant, provider.capabilities().name),
    };
    let Some(loaded) = books.store.payment(&payment.id).await? else { return Ok(Followed::Done) };
    ask(books, provider, loaded, &place).await.map_err(undone)?;
    Ok(Followed::Saved)
}

/// Nobody paid in time, and there is nobody to ask. Money that comes later is booked all the same.
async fn end(books: &Books, payment: &Payment) -> Result<Followed, Undone> {
    deciding_again(|| async {
        let Some(current) = books.store.payment(&payment.id).await? else { return Ok(()) };
        let Some(change) = current.value.ended(Ending::Expired, books.now) else { return Ok(()) };
        Ok::<_, BookingError>(books.store.save_payment(&current, &change).await?)
    })
    .await
    .map_err(undone)?;
    Ok(Followed::Saved)
}

pub(crate) fn undone(error: BookingError) -> Undone {
    match error {
        BookingError::Commit(error) => error.into(),
        error => Undone::Later(error.to_string()),
    }
}
