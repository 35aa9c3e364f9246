//! Money that arrives, leaves a balance, or is taken back.

use std::sync::atomic::{AtomicBool, Ordering};

use domain::{
    Money,
    id::PaymentId,
    number::AccountNumber,
    payment::{self, Payment, Receipt, Reversal, Step},
};
use jiff::{Timestamp, civil::Date};
use store::{CommitError, Loaded, PaymentStanding, Reference, TenantStore, deciding_again};

use crate::BookingError;

/// Most steps one call goes on with; 200 invoices need five. The sweep does the rest.
const MAX_STEPS: usize = 8;

/// One tenant's books at one moment.
#[derive(Debug, Clone)]
pub struct Books {
    /// The tenant's part of the table.
    pub store: TenantStore,
    /// The time of the request or job.
    pub now: Timestamp,
    /// Today in the tenant's zone.
    pub today: Date,
}

/// What came of booking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is booked now.
    Booked(Box<Payment>),
    /// It was booked before; nothing changed.
    Already,
}

/// Books money that arrived and distributes it. The same reference again changes nothing.
///
/// # Errors
/// See [`BookingError`].
pub async fn receive(
    books: &Books,
    id: &PaymentId,
    receipt: &Receipt,
    references: &[Reference],
) -> Result<Outcome, BookingError> {
    let decide = |standing: &PaymentStanding| {
        payment::receive(&standing.payment.value, &standing.account.value, &standing.rows(), receipt, books.now)
    };
    book(books, id, references, |payment| payment.rows_to_receive().to_vec(), decide).await
}

/// Takes money back. The same reference again changes nothing.
///
/// # Errors
/// See [`BookingError`].
pub async fn reverse(
    books: &Books,
    id: &PaymentId,
    reversal: &Reversal,
    references: &[Reference],
) -> Result<Outcome, BookingError> {
    let decide = |standing: &PaymentStanding| {
        payment::reverse(&standing.payment.value, &standing.account.value, &standing.rows(), reversal, books.now)
    };
    book(books, id, references, Payment::rows_to_reverse, decide).await
}

/// Pays invoices from a prepaid account, at once. The same payment again changes nothing. `settles` is the least that must
/// be open of the first invoices when it is booked; zero takes it as it comes, the rest becomes credit.
///
/// # Errors
/// `Refused(BalanceTooLow)` when less is there, `Refused(OpenChanged)` when less is open.
pub async fn spend(
    books: &Books,
    payment: &Payment,
    source: &AccountNumber,
    settles: Money,
) -> Result<Outcome, BookingError> {
    let booked = deciding_again(|| async {
        if books.store.payment(&payment.id).await?.is_some() {
            return Ok(None);
        }
        let fresh = Loaded { value: payment.clone(), rev: 0 };
        let standing = books.store.payment_standing(fresh, Some(source), payment.rows_to_receive(), true).await?;
        let from = standing.source.as_ref().ok_or(BookingError::NoPayment)?;
        let (account, rows) = (&standing.account.value, standing.rows());
        let step = payment::spend(payment, &from.value, account, &rows, settles, (books.today, books.now))?;
        books.store.book_step(&standing, &step, &[]).await?;
        Ok::<_, BookingError>(Some(step.payment))
    })
    .await?;
    finished(books, booked).await
}

/// Goes on with a payment that still distributes or reopens, until it is done.
///
/// # Errors
/// See [`BookingError`].
pub async fn finish(books: &Books, id: &PaymentId) -> Result<Payment, BookingError> {
    for _ in 0..MAX_STEPS {
        let payment = deciding_again(|| one_step(books, id)).await?;
        if !payment.is_unfinished() {
            return Ok(payment);
        }
    }
    books.store.payment(id).await?.map(|loaded| loaded.value).ok_or(BookingError::NoPayment)
}

async fn one_step(books: &Books, id: &PaymentId) -> Result<Payment, BookingError> {
    let payment = books.store.payment(id).await?.ok_or(BookingError::NoPayment)?;
    if !payment.value.is_unfinished() {
        return Ok(payment.value);
    }
    let rows = payment.value.rows_to_step();
    let standing = books.store.payment_standing(payment, None, &rows, true).await?;
    let (payment, account) = (&standing.payment.value, &standing.account.value);
    let step = payment::step(payment, account, &standing.rows(), books.today, books.now)?;
    let Some(step) = step else { return Ok(standing.payment.value) };
    books.store.book_step(&standing, &step, &[]).await?;
    Ok(step.payment)
}

async fn book(
    books: &Books,
    id: &PaymentId,
    references: &[Reference],
    rows: impl Fn(&Payment) -> Vec<payment::Named>,
    decide: impl Fn(&PaymentStanding) -> Result<Step, payment::Refused>,
) -> Result<Outcome, BookingError> {
    // The first try reads eventually: the revisions say whether that was good enough, and it costs half. Nothing says that
    // of a refusal, so that is found once more.
    let consistent = AtomicBool::new(false);
    let booked = deciding_again(|| async {
        let consistent = consistent.swap(true, Ordering::Relaxed);
        let payment = match books.store.payment_read(id, consistent).await? {
            Some(payment) => payment,
            None => books.store.payment(id).await?.ok_or(BookingError::NoPayment)?,
        };
        let rows = rows(&payment.value);
        let standing = books.store.payment_standing(payment, None, &rows, consistent).await?;
        let step = match decide(&standing) {
            Ok(step) => step,
            Err(refused) if was_booked(books, references).await? => {
                tracing::debug!(%refused, "booked before");
                return Ok(None);
            }
            Err(_) if !consistent => return Err(CommitError::Conflict.into()),
            Err(refused) => return Err(refused.into()),
        };
        match books.store.book_step(&standing, &step, references).await {
            Ok(()) => Ok::<_, BookingError>(Some(step.payment)),
            Err(CommitError::Refused("reference")) => Ok(None),
            Err(error) => Err(error.into()),
        }
    })
    .await?;
    finished(books, booked).await
}

/// A refusal may only mean that the same thing was booked before.
async fn was_booked(books: &Books, references: &[Reference]) -> Result<bool, BookingError> {
    for reference in references {
        if books.store.payment_of(reference).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

pub(crate) async fn finished(books: &Books, booked: Option<Payment>) -> Result<Outcome, BookingError> {
    let Some(payment) = booked else { return Ok(Outcome::Already) };
    if !payment.is_unfinished() {
        return Ok(Outcome::Booked(Box::new(payment)));
    }
    match finish(books, &payment.id).await {
        Ok(payment) => Ok(Outcome::Booked(Box::new(payment))),
        Err(error) => {
            // The money is booked; distributing it is due, and the sweep goes on with it.
            tracing::warn!(payment = %payment.id, %error, "the sweep goes on");
            Ok(Outcome::Booked(Box::new(payment)))
        }
    }
}
