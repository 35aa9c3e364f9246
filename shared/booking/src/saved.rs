//! Payments that charge what a customer keeps here: one at a time per account, and again for what was declined before.

use domain::{
    Language, Money,
    change::Actor,
    id::{Entropy, PaymentId},
    invoice::InvoiceRow,
    number::AccountNumber,
    payment::{MAX_INVOICES, Method, Named, NewPayment, Payment, Purpose, Saved, State},
    payment_method::{PaymentMethod, Wishes},
};
use jiff::SignedDuration;
use store::{CommitError, deciding_again, secret};

use crate::{BookingError, Books};

/// How long an account is claimed at most.
const CLAIMED: SignedDuration = SignedDuration::from_mins(15);
/// Payments that are looked through for what was declined, and open invoices.
const LAST_PAYMENTS: u16 = 100;
const MAX_OPEN: u16 = 1_000;

/// What came of starting a payment.
#[derive(Debug, Clone)]
pub enum Started {
    /// It is written down, now or before.
    Payment(Box<Payment>),
    /// Another one charges the same account at the moment.
    Running(Box<Payment>),
}

/// Writes down a payment that charges what a customer keeps, unless another one does for the same account. The same id
/// again is the same payment.
///
/// # Errors
/// See [`BookingError`].
pub async fn start_saved(books: &Books, new: &NewPayment, actor: Actor) -> Result<Started, BookingError> {
    deciding_again(|| async {
        let claim = books.store.claim(&new.customer, &new.account).await?;
        if let Some(claim) = claim.as_ref().filter(|claim| claim.value.until > books.now) {
            let holder = books.store.payment(&claim.value.payment).await?.map(|payment| payment.value);
            match holder {
                Some(own) if own.id == new.id => return Ok(Started::Payment(Box::new(own))),
                Some(other) if other.is_waiting() => return Ok(Started::Running(Box::new(other))),
                _ => {}
            }
        }
        let change = Payment::start(new.clone(), actor, books.now)?;
        match books.store.create_claiming_payment(&change, books.now + CLAIMED, claim.as_ref()).await {
            Ok(()) => Ok(Started::Payment(Box::new(change.into_parts().0))),
            Err(CommitError::Refused("payment")) => {
                let known = books.store.payment(&new.id).await?.ok_or(BookingError::NoPayment)?.value;
                Ok(Started::Payment(Box::new(known)))
            }
            Err(error) => Err(error.into()),
        }
    })
    .await
}

/// Payments for open invoices whose last payment was declined (M-88), one per account, written down and not asked for yet.
/// The same way to pay gives the same payments, however often it is asked.
///
/// # Errors
/// See [`BookingError`].
pub async fn start_again(
    books: &Books,
    method: &PaymentMethod,
    language: Language,
) -> Result<Vec<Payment>, BookingError> {
    let Some(token) = method.token() else { return Ok(Vec::new()) };
    let customer = &method.name.customer;
    let payments = books.store.payments(customer, LAST_PAYMENTS, None).await?.items;
    let own = |payment: &&Payment| payment.saved.as_ref().is_some_and(|saved| saved.id == method.name.id);
    let mut started: Vec<Payment> = payments.iter().filter(own).filter(|own| own.is_waiting()).cloned().collect();
    let was_declined = |row: &InvoiceRow| {
        let last = payments.iter().find(|payment| payment.named().iter().any(|named| named.number == row.number));
        last.is_some_and(|last| matches!(last.state, State::Failed { .. }))
    };
    let rows = books.store.rows_of_open_items(customer, |row| row.open.is_positive(), MAX_OPEN, None).await?.items;
    let mut accounts: Vec<(AccountNumber, Vec<InvoiceRow>)> = Vec::new();
    for row in rows.into_iter().filter(was_declined) {
        match accounts.iter_mut().find(|(number, _)| *number == row.account) {
            Some((_, rows)) => rows.push(row),
            None => accounts.push((row.account.clone(), vec![row])),
        }
    }
    for (account, mut rows) in accounts {
        rows.sort_by_key(|row| row.due_on);
        rows.truncate(MAX_INVOICES);
        let currency = rows[0].open.currency();
        if method.method == Method::SepaDebit && currency != domain::Currency::Eur {
            continue;
        }
        let new = NewPayment {
            id: again(method, &account),
            customer: customer.clone(),
            purpose: Purpose::Invoices { named: rows.iter().map(Named::from).collect() },
            method: method.method,
            provider: Some(method.provider),
            saved: Some(Saved { id: method.name.id.clone(), token: token.clone() }),
            account,
            amount: Money::sum(currency, rows.iter().map(|row| row.open)).map_err(domain::payment::Refused::from)?,
            deposit: None,
            language,
        };
        match start_saved(books, &new, Actor::System).await? {
            Started::Payment(payment) if payment.is_waiting() => started.push(*payment),
            Started::Payment(_) => {}
            // Somebody is paying just now; if that is declined too, the customer is told how to pay.
            Started::Running(running) => tracing::info!(payment = %running.id, "a charge is under way already"),
        }
    }
    Ok(started)
}

/// The wish is fulfilled: everything it asks for is written down and was asked for.
///
/// # Errors
/// See [`BookingError`].
pub async fn started_again(books: &Books, method: &PaymentMethod) -> Result<(), BookingError> {
    deciding_again(|| async {
        let current = books.store.payment_method(&method.name).await?.ok_or(BookingError::NoMethod)?;
        let next = current.value.with_wishes(Wishes { for_failed: false, ..current.value.wishes });
        Ok(books.store.note_payment_method(&current, &next).await?)
    })
    .await
}

/// The id follows from what is charged and for which account.
fn again(method: &PaymentMethod, account: &AccountNumber) -> PaymentId {
    let digest = secret::hash(&format!("{} {account}", method.name.id));
    let mut entropy = Entropy::default();
    for (place, byte) in entropy.iter_mut().zip(digest.bytes()) {
        *place = byte;
    }
    PaymentId::new(method.since().unwrap_or(method.created_at), entropy)
}
