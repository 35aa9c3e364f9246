//! Payments that charge what a customer keeps here: one at a time per account, and again for what was declined before.

use domain::{
    Language, Money,
    change::Actor,
    id::PaymentId,
    invoice::InvoiceRow,
    number::AccountNumber,
    payment::{MAX_INVOICES, Named, NewPayment, Payment, Purpose, Saved, State},
    payment_method::{PaymentMethod, Wishes},
};
use jiff::SignedDuration;
use store::{CommitError, Loaded, deciding_again, secret};

use crate::{BookingError, Books};

/// How long an account is claimed at most.
const CLAIMED: SignedDuration = SignedDuration::from_mins(15);
/// Payments that are looked through for what was declined, and open invoices.
pub(crate) const LAST_PAYMENTS: u16 = 100;
/// After so long every debit is decided, and so many pages of payments are looked through for one that is not.
const DECIDED: SignedDuration = SignedDuration::from_hours(30 * 24);
const PAGES: usize = 20;
const MAX_OPEN: u16 = 1_000;

/// What came of starting a payment.
#[derive(Debug, Clone)]
pub enum Started {
    /// It is written down, now or before.
    Payment(Box<Payment>),
    /// Another one charges the same account at the moment, or the same invoices.
    Running(Box<Payment>),
    /// Less is open than was to be settled: somebody else paid meanwhile.
    OpenChanged,
}

/// Writes down a payment that charges what a customer keeps, unless another one does for the same account at the moment, or
/// a debit of the same invoices is still on its way. The same id again is the same payment. `settles` is the least that
/// must be open of what is named.
///
/// # Errors
/// See [`BookingError`].
pub async fn start_saved(
    books: &Books,
    new: &NewPayment,
    settles: Money,
    actor: Actor,
) -> Result<Started, BookingError> {
    deciding_again(|| async {
        let claim = books.store.claim(&new.customer, &new.account).await?;
        if let Some(claim) = claim.as_ref().filter(|claim| claim.value.until > books.now) {
            let holder = books.store.payment(&claim.value.payment).await?.map(|payment| payment.value);
            match holder {
                Some(own) if own.id == new.id => return Ok(Started::Payment(Box::new(own))),
                // What has arrived may still be on its way to the invoices. A debit that its provider has takes days, and
                // is in nobody's way but of the same invoices.
                Some(other) if holds(&other, new) => return Ok(Started::Running(Box::new(other))),
                _ => {}
            }
        }
        if let Some(running) = on_its_way(books, new).await? {
            return Ok(Started::Running(Box::new(running)));
        }
        let change = Payment::start(new.clone(), actor, books.now)?;
        // Whoever settled something since the page was shown held the claim, so this is what is open now.
        if !is_open(books, change.next(), settles).await? {
            return Ok(Started::OpenChanged);
        }
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

/// Does a payment keep its account for itself?
fn holds(other: &Payment, new: &NewPayment) -> bool {
    let is_asked = other.is_waiting() && other.was_asked();
    other.is_unfinished() || (other.is_waiting() && (!is_asked || settles_the_same(other, new)))
}

/// Are both for one of the same invoices, or both top-ups of the same account?
fn settles_the_same(other: &Payment, new: &NewPayment) -> bool {
    match (&other.purpose, &new.purpose) {
        (Purpose::Invoices { named: one }, Purpose::Invoices { named: two }) => {
            one.iter().any(|one| two.iter().any(|two| two.number == one.number))
        }
        (Purpose::TopUp { .. }, Purpose::TopUp { .. }) => true,
        _ => false,
    }
}

/// A charge of the same invoices that nobody knows the end of yet: a debit takes days.
async fn on_its_way(books: &Books, new: &NewPayment) -> Result<Option<Payment>, BookingError> {
    if matches!(new.purpose, Purpose::TopUp { .. }) {
        return Ok(None);
    }
    let runs = |payment: &Payment| payment.saved.is_some() && payment.is_waiting() && payment.id != new.id;
    let mut after = None;
    for _ in 0..PAGES {
        let page = books.store.payments(&new.customer, LAST_PAYMENTS, after).await?;
        let is_old = page.items.last().is_none_or(|last| last.created_at + DECIDED < books.now);
        if let Some(found) = page.items.into_iter().find(|payment| runs(payment) && settles_the_same(payment, new)) {
            return Ok(Some(found));
        }
        after = page.next;
        if is_old || after.is_none() {
            break;
        }
    }
    Ok(None)
}

/// Is at least so much open of what is named? Read as it is now.
async fn is_open(books: &Books, payment: &Payment, settles: Money) -> Result<bool, BookingError> {
    if !settles.is_positive() {
        return Ok(true);
    }
    let fresh = Loaded { value: payment.clone(), rev: 0 };
    let standing = books.store.payment_standing(fresh, None, payment.named(), true).await?;
    let open = Money::sum(settles.currency(), standing.rows.iter().map(|row| row.value.open));
    Ok(open.map_err(domain::payment::Refused::from)?.minor() >= settles.minor())
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
        if !method.charges_in(currency) {
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
        match start_saved(books, &new, new.amount, Actor::System).await? {
            Started::Payment(payment) if payment.is_waiting() => started.push(*payment),
            // Somebody paid it just now.
            Started::Payment(_) | Started::OpenChanged => {}
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
    let entropy = secret::entropy_of(&format!("{} {account}", method.name.id));
    PaymentId::new(method.since().unwrap_or(method.created_at), entropy)
}
