//! A provider's fact → what it means for the payment it names.

use domain::{
    Money,
    change::Actor,
    id::PaymentId,
    payment::{Ending, ProviderName, Receipt, Refused, Reversal},
};
use payments::{Fact, What};
use store::{CommitError, Led, Reference, ReferenceKind, StrayMoney, deciding_again};

use crate::{BookingError, Books, Outcome, receive, reverse};

/// What came of a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// Something changed.
    Changed,
    /// It was known, or means nothing to us; it is acknowledged.
    Nothing,
    /// It cannot be booked; it lies in the list for staff.
    ForStaff,
    /// Money is taken back that has not arrived here yet: its message is still on the way. It must be told again.
    TooEarly,
}

/// Carries out what a provider says of a payment. Doubled, late and out-of-order facts change nothing twice and lower nothing.
///
/// # Errors
/// The table's: then the provider tries again, and so does the sweep.
pub async fn apply(
    books: &Books,
    provider: ProviderName,
    id: &PaymentId,
    what: &What,
) -> Result<Applied, BookingError> {
    let outcome = match what {
        What::Arrived { reference, amount } => arrived(books, provider, id, reference, *amount).await,
        What::TakenBack { reference, amount } => {
            let reversal = Reversal {
                reference: reference.clone(),
                amount: *amount,
                on: books.today,
                actor: Actor::Provider,
                provider: Some(provider),
            };
            let guard = Reference::of_provider(provider, ReferenceKind::ProviderReversal, reference);
            let booked = reverse(books, id, &reversal, std::slice::from_ref(&guard)).await;
            or_for_staff(books, id, *amount, guard, booked).await
        }
        What::CameBack { taken, reference, amount } => {
            came_back(books, provider, id, (taken, reference), *amount).await
        }
        What::Failed => ended(books, id, Ending::Failed).await,
        What::Cancelled => ended(books, id, Ending::Cancelled).await,
        What::Expired => ended(books, id, Ending::Expired).await,
        What::Pending | What::Other(_) => Ok(Applied::Nothing),
    };
    match outcome {
        Err(BookingError::NoPayment) => Ok(Applied::Nothing),
        outcome => outcome,
    }
}

/// Carries out everything that a provider knows of a payment.
///
/// # Errors
/// `TooEarly` when something was taken back that has not arrived here; see [`apply`].
pub(crate) async fn apply_all(
    books: &Books,
    provider: ProviderName,
    id: &PaymentId,
    facts: &[Fact],
) -> Result<(), BookingError> {
    let mut is_early = false;
    for Fact { what, .. } in facts {
        let applied = match (apply(books, provider, id, what).await?, what) {
            // A bank may take the whole amount back although some of it was given back before. No message will mend that.
            (Applied::TooEarly, What::TakenBack { reference, amount }) if is_overdrawn(facts, reference) => {
                let reference = Reference::of_provider(provider, ReferenceKind::ProviderReversal, reference);
                for_staff(books, id, *amount, reference, Refused::MoreThanArrived).await?
            }
            (applied, _) => applied,
        };
        is_early |= applied == Applied::TooEarly;
    }
    if is_early { Err(BookingError::TooEarly) } else { Ok(()) }
}

/// Was more taken back than arrived, by the provider's own words, until this much of it came back again? Where nothing has
/// arrived, its list may only be behind.
fn is_overdrawn(facts: &[Fact], reference: &str) -> bool {
    let moved = facts.iter().map(|fact| match &fact.what {
        What::CameBack { taken, .. } if taken == reference => 0,
        What::Arrived { amount, .. } | What::CameBack { amount, .. } => amount.minor(),
        What::TakenBack { amount, .. } => -amount.minor(),
        _ => 0,
    });
    let has_arrived = facts.iter().any(|fact| matches!(fact.what, What::Arrived { .. }));
    has_arrived && moved.sum::<i64>() < 0
}

async fn arrived(
    books: &Books,
    provider: ProviderName,
    id: &PaymentId,
    reference: &str,
    amount: Money,
) -> Result<Applied, BookingError> {
    let receipt = Receipt {
        reference: reference.to_owned(),
        amount,
        on: books.today,
        actor: Actor::Provider,
        provider: Some(provider),
    };
    let guard = Reference::of_provider(provider, ReferenceKind::ProviderPayment, reference);
    let booked = receive(books, id, &receipt, std::slice::from_ref(&guard)).await;
    or_for_staff(books, id, amount, guard, booked).await
}

/// What was taken back is here again. Where that was booked, so is this; where staff were asked, nobody needs them any more.
async fn came_back(
    books: &Books,
    provider: ProviderName,
    id: &PaymentId,
    (taken, reference): (&str, &str),
    amount: Money,
) -> Result<Applied, BookingError> {
    let taken = Reference::of_provider(provider, ReferenceKind::ProviderReversal, taken);
    let guard = Reference::of_provider(provider, ReferenceKind::ProviderPayment, reference);
    let without_booking = deciding_again(|| async {
        let applied = match books.store.led_to(&taken).await? {
            None => Applied::TooEarly,
            Some(Led::Booked) => return Ok(None),
            Some(Led::Stray(stray)) if stray.value.settled_at.is_some() => Applied::Nothing,
            Some(Led::Stray(stray)) => {
                books.store.settle_stray(&stray, &guard, books.now).await?;
                Applied::Changed
            }
        };
        Ok::<_, BookingError>(Some(applied))
    })
    .await?;
    match without_booking {
        Some(applied) => Ok(applied),
        None => arrived(books, provider, id, reference, amount).await,
    }
}

/// Money that no rule can book waits for staff.
async fn or_for_staff(
    books: &Books,
    payment: &PaymentId,
    amount: Money,
    reference: Reference,
    booked: Result<Outcome, BookingError>,
) -> Result<Applied, BookingError> {
    match booked {
        Ok(Outcome::Booked(_)) => Ok(Applied::Changed),
        Ok(Outcome::Already) => Ok(Applied::Nothing),
        Err(BookingError::Refused(Refused::MoreThanArrived)) => Ok(Applied::TooEarly),
        Err(BookingError::Refused(reason @ Refused::OtherCurrency)) => {
            for_staff(books, payment, amount, reference, reason).await
        }
        Err(error) => Err(error),
    }
}

/// Puts money on the list for staff, once.
async fn for_staff(
    books: &Books,
    payment: &PaymentId,
    amount: Money,
    reference: Reference,
    reason: Refused,
) -> Result<Applied, BookingError> {
    let stray = StrayMoney {
        payment: payment.clone(),
        reference,
        amount,
        reason: reason.to_string(),
        at: books.now,
        settled_at: None,
    };
    match books.store.note_stray(&stray).await {
        Ok(()) => {
            tracing::error!(%payment, %reason, "money for staff");
            Ok(Applied::ForStaff)
        }
        Err(CommitError::Refused("reference")) => Ok(Applied::Nothing),
        Err(error) => Err(error.into()),
    }
}

async fn ended(books: &Books, id: &PaymentId, ending: Ending) -> Result<Applied, BookingError> {
    deciding_again(|| async {
        let payment = books.store.payment(id).await?.ok_or(BookingError::NoPayment)?;
        let Some(change) = payment.value.ended(ending, books.now) else { return Ok(Applied::Nothing) };
        books.store.save_payment(&payment, &change).await?;
        Ok(Applied::Changed)
    })
    .await
}
