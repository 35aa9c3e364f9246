//! Payments that are due: money is distributed further, the provider is asked what became of one, a transfer that nobody
//! made ends. Each is saved by what it does, which says whether it is due again.

use booking::{BookingError, Books, Place, ask, finish, look_up, may_ask_again};
use checkout::description;
use domain::payment::{Ending, Payment};
use payments::Provider;
use store::{Loaded, deciding_again};
use web::jobs::{Followed, Job, Undone};

use crate::{Desk, counter::Counter};

/// Looks at one payment.
///
/// # Errors
/// Why it must be tried again later, for the log.
pub(crate) async fn look_at(desk: &Desk, job: Job<'_>, payment: &Loaded<Payment>) -> Result<Followed, Undone> {
    let counter = desk.counter(job).await?;
    let (books, payment) = (&counter.books, &payment.value);
    if payment.is_unfinished() {
        finish(books, &payment.id).await.map_err(undone)?;
        return Ok(Followed::Saved);
    }
    let Some(name) = payment.provider else { return end(books, payment).await };
    let Some(provider) = counter.provider(name).await? else { return end(books, payment).await };
    // Nobody will open its page: what charges something kept is asked for again here, while that is safe.
    let again = payment.saved.is_some() && payment.is_waiting() && !payment.was_asked();
    if again && may_ask_again(&*provider, payment.created_at, job.now) {
        return ask_again(&counter, &*provider, payment).await;
    }
    look_up(books, &*provider, &payment.id).await.map_err(undone)?;
    Ok(Followed::Saved)
}

/// Asks for a payment that charges something kept. What is not answered is asked again, with the same key.
///
/// # Errors
/// Why it must be tried again later, for the log.
pub(crate) async fn ask_again(
    counter: &Counter<'_>,
    provider: &dyn Provider,
    payment: &Payment,
) -> Result<Followed, Undone> {
    let books = counter.fresh();
    let place = Place {
        description: description(payment),
        return_url: format!("{}/payments/{}?returned=1", counter.origin(), payment.id),
        webhook_url: counter.webhook_url(provider.capabilities().name),
    };
    let Some(loaded) = books.store.payment(&payment.id).await? else { return Ok(Followed::Done) };
    ask(&books, provider, loaded, &place).await.map_err(undone)?;
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
