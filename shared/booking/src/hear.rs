//! A provider's genuine message → what it says, carried out.

use domain::id::PaymentId;
use payments::{About, Fact, Provider, Verified, What};
use store::{Reference, ReferenceKind};

use crate::{Applied, BookingError, Books, apply, look_up};

/// What came of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// Everything in it is carried out, was before, or means nothing to us.
    Done,
    /// It is genuine and makes no sense: trying again would not help, somebody must look at it.
    ForStaff,
}

/// Carries a message out. The same message again, late, or before the one it follows, changes nothing twice.
///
/// # Errors
/// The table's, or the provider's where it had to be asked: then the message must come again.
pub async fn hear(books: &Books, provider: &dyn Provider, message: Verified<'_>) -> Result<Heard, BookingError> {
    let Ok(facts) = provider.facts(message) else { return Ok(Heard::ForStaff) };
    let mut heard = Heard::Done;
    for fact in &facts {
        match apply_in_order(books, provider, fact).await {
            Ok(Applied::TooEarly) => return Err(BookingError::TooEarly),
            Ok(_) => {}
            Err(BookingError::Refused(reason)) => {
                tracing::error!(payment = ?fact.about, %reason, "a message that cannot be booked");
                heard = Heard::ForStaff;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(heard)
}

/// Carries one fact out. When it takes more back than has arrived, the money's own message is still on its way: the
/// provider is asked then, and says everything in its order.
///
/// # Errors
/// See [`hear`].
pub async fn apply_in_order(books: &Books, provider: &dyn Provider, fact: &Fact) -> Result<Applied, BookingError> {
    let Some(payment) = whose(books, provider, fact).await? else { return Ok(Applied::Nothing) };
    if is_early(books, &payment, &fact.what).await? {
        look_up(books, provider, &payment).await?;
    }
    apply(books, provider.capabilities().name, &payment, &fact.what).await
}

/// The payment that a fact is about. Where only the provider's name of the charge is known, it is looked for among what
/// was booked, and asked for where nothing was: a merchant's account may serve others than us.
async fn whose(books: &Books, provider: &dyn Provider, fact: &Fact) -> Result<Option<PaymentId>, BookingError> {
    match &fact.about {
        _ if matches!(fact.what, What::Pending | What::Other(_)) => Ok(None),
        About::Nothing => Ok(None),
        About::Ours(payment) => Ok(Some(payment.clone())),
        About::Theirs(charge) => {
            let reference =
                Reference::of_provider(provider.capabilities().name, ReferenceKind::ProviderPayment, charge);
            match books.store.payment_of(&reference).await? {
                Some(payment) => Ok(Some(payment)),
                None => Ok(provider.owner(charge).await?),
            }
        }
    }
}

/// Is more taken back than has arrived, as far as we know?
async fn is_early(books: &Books, id: &PaymentId, what: &What) -> Result<bool, BookingError> {
    let What::TakenBack { amount, .. } = what else { return Ok(false) };
    let Some(payment) = books.store.payment(id).await? else { return Ok(false) };
    let kept = payment.value.kept();
    Ok(kept.is_ok_and(|kept| kept.currency() == amount.currency() && kept.minor() < amount.minor()))
}
