//! A provider's genuine message → what it says, carried out.

use payments::{Fact, Provider, Verified, What};

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
pub async fn hear<P: Provider>(books: &Books, provider: &P, message: Verified<'_>) -> Result<Heard, BookingError> {
    let Ok(facts) = provider.facts(message) else { return Ok(Heard::ForStaff) };
    let mut heard = Heard::Done;
    for fact in &facts {
        match apply_in_order(books, provider, fact).await {
            Ok(Applied::TooEarly) => return Err(BookingError::TooEarly),
            Ok(_) => {}
            Err(BookingError::Refused(reason)) => {
                tracing::error!(payment = ?fact.payment, %reason, "a message that cannot be booked");
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
pub async fn apply_in_order<P: Provider>(books: &Books, provider: &P, fact: &Fact) -> Result<Applied, BookingError> {
    if let Some(payment) = fact.payment.as_ref().filter(|_| matches!(fact.what, What::TakenBack { .. }))
        && is_early(books, fact).await?
    {
        look_up(books, provider, payment).await?;
    }
    apply(books, provider.capabilities().method, fact).await
}

/// Is more taken back than has arrived, as far as we know?
async fn is_early(books: &Books, fact: &Fact) -> Result<bool, BookingError> {
    let (Some(id), What::TakenBack { amount, .. }) = (&fact.payment, &fact.what) else { return Ok(false) };
    let Some(payment) = books.store.payment(id).await? else { return Ok(false) };
    let kept = payment.value.kept();
    Ok(kept.is_ok_and(|kept| kept.currency() == amount.currency() && kept.minor() < amount.minor()))
}
