//! Asking a provider, and finding out what became of it.

use domain::{
    id::PaymentId,
    payment::{Ending, Payment},
};
use jiff::Timestamp;
use payments::{Ask, Asked, Known, Provider, Unknown, What};
use store::{Loaded, deciding_again};

use crate::{BookingError, Books, apply, apply::apply_all};

/// Addresses and words a provider needs.
#[derive(Debug, Clone)]
pub struct Place {
    /// What the customer reads there.
    pub description: String,
    /// Where the customer comes back to.
    pub return_url: String,
    /// Where the provider tells what happened.
    pub webhook_url: String,
}

/// Asks the provider for a payment that is written down, and keeps its answer. Asking again is safe: the payment's id is
/// the idempotency key. A payment that the provider does not take has failed.
///
/// # Errors
/// `Provider` when the answer is not known: the payment stays written down and is looked up.
pub async fn ask(
    books: &Books,
    provider: &dyn Provider,
    payment: Loaded<Payment>,
    place: &Place,
) -> Result<Payment, BookingError> {
    let value = &payment.value;
    if !value.is_waiting() || value.was_asked() {
        return Ok(payment.value);
    }
    // The answer to an earlier try may have been lost, and a provider that forgets the key would charge once more.
    if !may_ask_again(provider, value.created_at, books.now) {
        return Err(Unknown::NoAnswer("it is too late to ask again".to_owned()).into());
    }
    let ask = Ask {
        payment: &value.id,
        method: value.method,
        saved: value.saved.as_ref().map(|saved| &saved.token),
        amount: value.asked,
        description: &place.description,
        return_url: &place.return_url,
        webhook_url: &place.webhook_url,
        language: value.language,
        until: value.expires_at,
    };
    let asked = provider.ask(&ask).await?;
    if let Asked::Refused { code } = &asked {
        tracing::error!(payment = %value.id, code, "the provider does not take this payment");
    }
    let known = deciding_again(|| async {
        let current = books.store.payment(&value.id).await?.ok_or(BookingError::NoPayment)?;
        // Its message may have been faster than its answer.
        if !current.value.is_waiting() || current.value.was_asked() {
            return Ok(current.value);
        }
        let change = match &asked {
            Asked::Page { session, pay_url } => {
                current.value.asked_at_provider(session.clone(), Some(pay_url.clone()), books.now)
            }
            Asked::Charged { session, .. } => current.value.asked_at_provider(session.clone(), None, books.now),
            Asked::Refused { .. } => match current.value.ended(Ending::Failed, books.now) {
                Some(change) => change,
                None => return Ok(current.value),
            },
        };
        books.store.save_payment(&current, &change).await?;
        Ok::<_, BookingError>(change.into_parts().0)
    })
    .await?;
    let Asked::Charged { what, .. } = &asked else { return Ok(known) };
    apply(books, provider.capabilities().name, &known.id, what).await?;
    Ok(books.store.payment(&known.id).await?.map_or(known, |payment| payment.value))
}

/// May something be sent again under the same key? Only for half the time for which the provider remembers it.
#[must_use]
pub fn may_ask_again(provider: &dyn Provider, since: Timestamp, now: Timestamp) -> bool {
    now.duration_since(since) < provider.capabilities().remembers_keys / 2
}

/// Asks the provider what became of a payment and books it. A payment that nobody ever asked the provider for ends when
/// its time is over and the provider still knows nothing of it.
///
/// # Errors
/// See [`BookingError`]; it is looked up again later.
pub async fn look_up(books: &Books, provider: &dyn Provider, id: &PaymentId) -> Result<Payment, BookingError> {
    let payment = books.store.payment(id).await?.ok_or(BookingError::NoPayment)?.value;
    // A message could name any payment, also one that another provider was asked for.
    if payment.provider != Some(provider.capabilities().name) {
        return Err(BookingError::NoPayment);
    }
    let facts = match provider.look_up(Known::from(&payment)).await {
        // As long as the same may be asked again, the answer may still be found out.
        Err(Unknown::Unfindable) if !payment.was_asked() && !may_ask_again(provider, payment.created_at, books.now) => {
            return leave_to_staff(books, id).await;
        }
        facts => facts?,
    };
    apply_all(books, provider.capabilities().name, id, &facts).await?;
    let is_unknown = facts.is_empty();
    let is_open = facts.iter().any(|fact| matches!(fact.what, What::Pending));
    deciding_again(|| async {
        let current = books.store.payment(id).await?.ok_or(BookingError::NoPayment)?;
        if !current.value.is_waiting() || !(is_unknown || is_open) {
            return Ok(current.value);
        }
        let is_over = is_unknown && current.value.expires_at <= books.now;
        if let Some(change) = is_over.then(|| current.value.ended(Ending::Expired, books.now)).flatten() {
            books.store.save_payment(&current, &change).await?;
            return Ok(change.into_parts().0);
        }
        let next = current.value.looked_up(books.now);
        books.store.note_payment(&current, &next).await?;
        Ok(next)
    })
    .await
}

/// The same, of a payment of which a charge was named. Where the provider's answer to asking was lost, that may be the only
/// way to find it.
///
/// # Errors
/// See [`look_up`].
pub async fn look_up_charge(
    books: &Books,
    provider: &dyn Provider,
    id: &PaymentId,
    charge: &str,
) -> Result<Payment, BookingError> {
    // Of a page that may still be asked for, the answer is needed itself: nobody has its address.
    let is_lost =
        |payment: &Payment| !payment.was_asked() && (payment.saved.is_some() || payment.undecided_since.is_some());
    let payment = books.store.payment(id).await?.ok_or(BookingError::NoPayment)?.value;
    if is_lost(&payment)
        && let Some(session) = provider.session_of(Known::from(&payment), charge).await?
    {
        deciding_again(|| async {
            let current = books.store.payment(id).await?.ok_or(BookingError::NoPayment)?;
            if !is_lost(&current.value) {
                return Ok(());
            }
            let next = current.value.found_at_provider(session.clone(), books.now);
            Ok::<_, BookingError>(books.store.note_payment(&current, &next).await?)
        })
        .await?;
    }
    look_up(books, provider, id).await
}

/// Nobody can find out what became of it. It waits on, so that nobody charges the same once more, until staff say.
async fn leave_to_staff(books: &Books, id: &PaymentId) -> Result<Payment, BookingError> {
    deciding_again(|| async {
        let current = books.store.payment(id).await?.ok_or(BookingError::NoPayment)?;
        let Some(change) = current.value.left_to_staff(books.now) else { return Ok(current.value) };
        books.store.save_payment(&current, &change).await?;
        tracing::error!(payment = %id, "staff must say whether it was charged");
        Ok(change.into_parts().0)
    })
    .await
}

/// Staff say that nothing was charged: the payment has failed. Again is the same.
///
/// # Errors
/// See [`BookingError`].
pub async fn end_uncharged(books: &Books, id: &PaymentId) -> Result<(), BookingError> {
    deciding_again(|| async {
        let current = books.store.payment(id).await?.ok_or(BookingError::NoPayment)?;
        let Some(change) = current.value.not_charged(books.now) else { return Ok(()) };
        Ok::<_, BookingError>(books.store.save_payment(&current, &change).await?)
    })
    .await
}
