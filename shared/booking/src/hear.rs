//! A provider's genuine message → what it says, carried out.

use domain::{id::PaymentId, payment_method::MethodName};
use payments::{About, Fact, Owner, Provider, Said, Verified, What};
use store::{Reference, ReferenceKind, Sought};

use crate::{Applied, BookingError, Books, apply, look_up, look_up_charge, look_up_method};

/// Most things that are looked up before a message is answered: each is several requests to the provider, which waits for
/// our answer. What a longer message names is noted, and the worker looks it up; so is what fails of a message that names
/// several things.
pub const LOOKED_UP_AT_ONCE: usize = 4;

/// What came of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// Everything in it is carried out or noted to be, was before, or means nothing to us.
    Done,
    /// It is genuine and makes no sense: trying again would not help, somebody must look at it.
    ForStaff,
}

/// Carries a message out. The same message again, late, or before the one it follows, changes nothing twice.
///
/// # Errors
/// The table's, or the provider's where it had to be asked: then the message must come again.
pub async fn hear(books: &Books, provider: &dyn Provider, message: Verified<'_>) -> Result<Heard, BookingError> {
    let Ok(said) = provider.facts(message) else { return Ok(Heard::ForStaff) };
    let (facts, sought) = sorted(said);
    let mut can_be_booked = true;
    for fact in &facts {
        can_be_booked &= carried_out(apply_in_order(books, provider, fact).await)?;
    }
    let named = sought.len();
    let (at_once, later) = if named > LOOKED_UP_AT_ONCE { (vec![], sought) } else { (sought, vec![]) };
    let mut undone = later;
    for sought in at_once {
        match carried_out(look_into(books, provider, &sought).await) {
            Ok(is_booked) => can_be_booked &= is_booked,
            // The whole message would come again, and fail again at the same neighbour.
            Err(error) if named > 1 => {
                tracing::warn!(%error, "something that a message names is left to the worker");
                undone.push(sought);
            }
            Err(error) => return Err(error),
        }
    }
    if !undone.is_empty() {
        books.store.note_look_ups(provider.capabilities().name, undone, books.now).await?;
    }
    Ok(if can_be_booked { Heard::Done } else { Heard::ForStaff })
}

/// False for what no rule of money can book: the same again would not help.
fn carried_out(outcome: Result<Applied, BookingError>) -> Result<bool, BookingError> {
    match outcome {
        Ok(Applied::TooEarly) => Err(BookingError::TooEarly),
        Ok(_) => Ok(true),
        Err(BookingError::Refused(reason)) => {
            tracing::error!(%reason, "a message that cannot be booked");
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// What a message says of itself, and what it only asks to be looked up.
fn sorted(said: Vec<Said>) -> (Vec<Fact>, Vec<Sought>) {
    let (mut facts, mut sought) = (Vec::new(), Vec::new());
    for said in said {
        match said {
            Said::Payment(fact) => facts.push(fact),
            Said::Charge(charge) => sought.push(Sought::Charge(charge)),
            Said::Ours(payment) => sought.push(Sought::Payment(payment)),
            Said::Method(name) => sought.push(Sought::Method(name)),
            Said::MethodOf(token) => sought.push(Sought::MethodOf(token)),
        }
    }
    (facts, sought)
}

/// Looks up what a message named: a payment, whatever its state, or a way to pay. What is not ours means nothing.
///
/// # Errors
/// See [`hear`].
pub async fn look_into(books: &Books, provider: &dyn Provider, sought: &Sought) -> Result<Applied, BookingError> {
    match sought {
        Sought::Charge(charge) => match owner(books, provider, charge).await? {
            Some(Owner::Payment(payment)) => or_foreign(look_up_charge(books, provider, &payment, charge).await),
            Some(Owner::Method(name)) => look_at(books, provider, &name).await,
            None => Ok(Applied::Nothing),
        },
        Sought::Payment(payment) => or_foreign(look_up(books, provider, payment).await),
        Sought::Method(name) => look_at(books, provider, name).await,
        Sought::MethodOf(token) => {
            let name = books.store.payment_method_of(provider.capabilities().name, token).await?;
            match name {
                Some(name) => look_at(books, provider, &name).await,
                None => Ok(Applied::Nothing),
            }
        }
    }
}

async fn look_at(books: &Books, provider: &dyn Provider, name: &MethodName) -> Result<Applied, BookingError> {
    or_foreign(look_up_method(books, provider, name).await)
}

/// Another portal may share the merchant's account.
fn or_foreign<T>(found: Result<T, BookingError>) -> Result<Applied, BookingError> {
    match found {
        Ok(_) => Ok(Applied::Changed),
        Err(BookingError::NoPayment | BookingError::NoMethod) => Ok(Applied::Nothing),
        Err(error) => Err(error),
    }
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
        About::Theirs(charge) => Ok(match owner(books, provider, charge).await? {
            Some(Owner::Payment(payment)) => Some(payment),
            Some(Owner::Method(_)) | None => None,
        }),
    }
}

async fn owner(books: &Books, provider: &dyn Provider, charge: &str) -> Result<Option<Owner>, BookingError> {
    let reference = Reference::of_provider(provider.capabilities().name, ReferenceKind::ProviderPayment, charge);
    match books.store.payment_of(&reference).await? {
        Some(payment) => Ok(Some(Owner::Payment(payment))),
        None => Ok(provider.owner(charge).await?),
    }
}

/// Is more taken back than has arrived, as far as we know?
async fn is_early(books: &Books, id: &PaymentId, what: &What) -> Result<bool, BookingError> {
    let What::TakenBack { amount, .. } = what else { return Ok(false) };
    let Some(payment) = books.store.payment(id).await? else { return Ok(false) };
    let kept = payment.value.kept();
    Ok(kept.is_ok_and(|kept| kept.currency() == amount.currency() && kept.minor() < amount.minor()))
}
