//! Ways to pay that customers keep: asking the provider, finding out what became of it, and what uses them.

use domain::{
    Currency,
    change::Actor,
    customer::EmailAddress,
    id::{CustomerId, PaymentMethodId},
    number::SubscriptionNumber,
    payment_method::{MethodName, PaymentMethod, Wishes},
};
use payments::{Kept, KnownMethod, Provider, Save, Saving};
use store::{Loaded, MAX_SUBSCRIPTIONS_AT_ONCE, Uses, deciding_again};

use crate::{BookingError, Books, Place};

/// Whom it is kept for.
#[derive(Debug, Clone)]
pub struct Keeping<'a> {
    /// Full name of the person or the company; may be empty.
    pub holder: &'a str,
    /// The customer's address.
    pub email: Option<&'a EmailAddress>,
    /// What it will be charged in.
    pub currency: Currency,
}

/// Why a way to pay is not taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InUse {
    /// It is the default or a contract's, and nothing was named to take its place.
    NeedsReplacement,
    /// What was named cannot take its place.
    NoReplacement,
}

/// Asks the provider to keep a way to pay that is written down. Asking again is safe: its name is the idempotency key.
///
/// # Errors
/// `Provider` when the answer is not known: it stays written down and is looked up.
pub async fn ask_to_keep(
    books: &Books,
    provider: &dyn Provider,
    method: Loaded<PaymentMethod>,
    keeping: &Keeping<'_>,
    place: &Place,
) -> Result<PaymentMethod, BookingError> {
    let value = &method.value;
    if !value.is_waiting() || value.session.is_some() {
        return Ok(method.value);
    }
    let name = &value.name;
    // One customer there for one here, where the provider has such a thing.
    let others = books.store.payment_methods(&name.customer).await?;
    let theirs = others.iter().filter(|other| other.value.provider == value.provider);
    let customer = theirs.filter_map(|other| other.value.token()?.customer.as_deref()).next();
    let save = Save {
        name,
        method: value.method,
        customer,
        holder: keeping.holder,
        email: keeping.email,
        currency: keeping.currency,
        description: &place.description,
        return_url: &place.return_url,
        webhook_url: &place.webhook_url,
        language: value.language,
        until: value.until(),
    };
    let saving = provider.save(&save).await?;
    if let Saving::Refused { code } = &saving {
        tracing::error!(method = %name.id, code, "the provider does not keep this");
    }
    deciding_again(|| async {
        let current = books.store.payment_method(name).await?.ok_or(BookingError::NoMethod)?;
        if !current.value.is_waiting() || current.value.session.is_some() {
            return Ok(current.value);
        }
        match &saving {
            Saving::Page { session, url } => {
                let next = current.value.asked_at_provider(session.clone(), url.clone());
                books.store.note_payment_method(&current, &next).await?;
                Ok(next)
            }
            Saving::Refused { .. } => {
                let Some(change) = current.value.failed(books.now) else { return Ok(current.value) };
                books.store.save_payment_method(&current, &change).await?;
                Ok(change.into_parts().0)
            }
        }
    })
    .await
}

/// Asks the provider what became of a way to pay, and does what was wished with it.
///
/// # Errors
/// See [`BookingError`]; it is looked up again later.
pub async fn look_up_method(
    books: &Books,
    provider: &dyn Provider,
    name: &MethodName,
) -> Result<PaymentMethod, BookingError> {
    let method = books.store.payment_method(name).await?.ok_or(BookingError::NoMethod)?.value;
    if method.provider != provider.capabilities().name {
        return Err(BookingError::NoMethod);
    }
    let kept = provider.look_up_method(KnownMethod::from(&method)).await?;
    let method = deciding_again(|| async {
        let current = books.store.payment_method(name).await?.ok_or(BookingError::NoMethod)?;
        let change = match &kept {
            Kept::Saved { token, shown } => current.value.saved(token.clone(), shown.clone(), books.now),
            Kept::Failed => current.value.failed(books.now),
            // Of one that never came about, not every provider tells that apart.
            Kept::Gone => current.value.ended(books.now).or_else(|| current.value.failed(books.now)),
            Kept::Pending => None,
            Kept::Unknown if current.value.until() <= books.now => current.value.failed(books.now),
            Kept::Unknown => None,
        };
        if let Some(change) = change {
            books.store.save_payment_method(&current, &change).await?;
            return Ok(change.into_parts().0);
        }
        if !current.value.is_waiting() {
            return Ok(current.value);
        }
        let next = current.value.looked_up(books.now);
        books.store.note_payment_method(&current, &next).await?;
        Ok::<_, BookingError>(next)
    })
    .await?;
    if method.token().is_none() {
        return Ok(method);
    }
    as_wished(books, method).await
}

/// Makes it the default and the contracts' own, where that was wished (M-87, M-89). Invoices whose payment failed are the
/// worker's (M-88): they are charged, which takes longer than anybody waits.
async fn as_wished(books: &Books, method: PaymentMethod) -> Result<PaymentMethod, BookingError> {
    if method.wishes.are_done() {
        return Ok(method);
    }
    if !method.is_usable(books.today) {
        // A card whose time was over before it was kept: there is nothing to do with it.
        return deciding_again(|| async {
            let current = books.store.payment_method(&method.name).await?.ok_or(BookingError::NoMethod)?;
            let next = current.value.with_wishes(Wishes::default());
            books.store.note_payment_method(&current, &next).await?;
            Ok(next)
        })
        .await;
    }
    let mut method = method;
    if method.wishes.as_default {
        method = default_to(books, &method.name, true, Actor::Customer).await?;
    }
    while method.wishes.for_contracts {
        method = use_for_contracts(books, &method.name).await?;
    }
    Ok(method)
}

/// Notes that the owner of a card is told of its end, where the time for that has come.
///
/// # Errors
/// See [`BookingError`].
pub async fn tell_of_end(books: &Books, name: &MethodName) -> Result<(), BookingError> {
    deciding_again(|| async {
        let current = books.store.payment_method(name).await?.ok_or(BookingError::NoMethod)?;
        let Some(change) = current.value.expiring(books.now) else { return Ok(()) };
        Ok(books.store.save_payment_method(&current, &change).await?)
    })
    .await
}

/// Makes a way to pay the customer's default.
///
/// # Errors
/// `NoMethod` for one that cannot be charged.
pub async fn set_default(books: &Books, name: &MethodName, actor: Actor) -> Result<PaymentMethod, BookingError> {
    default_to(books, name, false, actor).await
}

/// `as_wished` says that it was wished when the way to pay was added; a wish that was fulfilled meanwhile changes nothing.
async fn default_to(
    books: &Books,
    name: &MethodName,
    as_wished: bool,
    actor: Actor,
) -> Result<PaymentMethod, BookingError> {
    deciding_again(|| async {
        let current = usable(books, name).await?;
        if as_wished && !current.value.wishes.as_default {
            return Ok(current.value);
        }
        let next = current.value.with_wishes(Wishes { as_default: false, ..current.value.wishes });
        let customer = books.store.customer(&name.customer).await?.ok_or(BookingError::NoMethod)?;
        let change = customer.value.set_default_method(Some(&name.id), actor, books.now);
        if change.is_none() && next == current.value {
            return Ok(next);
        }
        let customer = change.map(|change| (&customer, change));
        let uses = Uses { used: Some((&current, next.clone())), customer, ..Uses::default() };
        books.store.save_uses(&name.customer, uses).await?;
        Ok(next)
    })
    .await
}

/// Nothing is used any more where nothing else was chosen.
///
/// # Errors
/// See [`BookingError`].
pub async fn clear_default(books: &Books, customer: &CustomerId, actor: Actor) -> Result<(), BookingError> {
    deciding_again(|| async {
        let current = books.store.customer(customer).await?.ok_or(BookingError::NoMethod)?;
        let Some(change) = current.value.set_default_method(None, actor, books.now) else { return Ok(()) };
        let uses = Uses { customer: Some((&current, change)), ..Uses::default() };
        books.store.save_uses(customer, uses).await?;
        Ok(())
    })
    .await
}

/// Chooses the way to pay of one contract; none uses the default.
///
/// # Errors
/// `NoMethod` for one that cannot be charged, `NoContract` for a contract that there is not.
pub async fn choose_for(
    books: &Books,
    customer: &CustomerId,
    contract: &SubscriptionNumber,
    method: Option<&PaymentMethodId>,
    actor: Actor,
) -> Result<(), BookingError> {
    deciding_again(|| async {
        let used = match method {
            Some(id) => {
                let name = MethodName { customer: customer.clone(), id: id.clone() };
                Some(usable(books, &name).await?)
            }
            None => None,
        };
        let subscription = books.store.subscription(customer, contract).await?.ok_or(BookingError::NoContract)?;
        let Some(change) = subscription.value.choose_method(method, actor, books.now) else { return Ok(()) };
        let used = used.as_ref().map(|current| (current, current.value.clone()));
        let uses = Uses { used, subscriptions: vec![(subscription.rev, change)], ..Uses::default() };
        books.store.save_uses(customer, uses).await?;
        Ok(())
    })
    .await
}

/// Uses it for running contracts that use another one, some at a time.
async fn use_for_contracts(books: &Books, name: &MethodName) -> Result<PaymentMethod, BookingError> {
    deciding_again(|| async {
        let contracts = books.store.subscriptions_of(&name.customer).await?;
        let running = contracts.into_iter().filter(|contract| !contract.value.has_ended(books.today));
        let changes = running.filter_map(|contract| {
            let change = contract.value.choose_method(Some(&name.id), Actor::Customer, books.now)?;
            Some((contract.rev, change))
        });
        let mut subscriptions: Vec<_> = changes.collect();
        let is_last = subscriptions.len() <= MAX_SUBSCRIPTIONS_AT_ONCE;
        subscriptions.truncate(MAX_SUBSCRIPTIONS_AT_ONCE);
        let current = books.store.payment_method(name).await?.ok_or(BookingError::NoMethod)?;
        let next = current.value.with_wishes(Wishes { for_contracts: !is_last, ..current.value.wishes });
        if current.value.token().is_none() {
            return Err(BookingError::NoMethod);
        }
        let uses = Uses { used: Some((&current, next.clone())), subscriptions, ..Uses::default() };
        books.store.save_uses(&name.customer, uses).await?;
        Ok(next)
    })
    .await
}

/// Takes a way to pay away, and puts another one in its place where it is used. Then its provider forgets it; what does not
/// answer is asked again by the sweep.
///
/// # Errors
/// See [`BookingError`]; removing again goes on.
pub async fn remove(
    books: &Books,
    provider: Option<&dyn Provider>,
    name: &MethodName,
    replacement: Option<&PaymentMethodId>,
) -> Result<Option<InUse>, BookingError> {
    loop {
        let step = deciding_again(|| replace_some(books, name, replacement)).await?;
        match step {
            Step::More => {}
            Step::Done => break,
            Step::InUse(in_use) => return Ok(Some(in_use)),
        }
    }
    if let Some(provider) = provider
        && let Err(error) = forget(books, provider, name).await
    {
        tracing::warn!(method = %name.id, %error, "the provider is told again later");
    }
    Ok(None)
}

/// Lets the provider forget what a customer took away. Again is the same.
///
/// # Errors
/// The provider's or the table's; then it is still due.
pub async fn forget(books: &Books, provider: &dyn Provider, name: &MethodName) -> Result<(), BookingError> {
    let method = books.store.payment_method(name).await?.ok_or(BookingError::NoMethod)?.value;
    let Some(token) = method.to_forget() else { return Ok(()) };
    provider.forget(token).await?;
    deciding_again(|| async {
        let current = books.store.payment_method(name).await?.ok_or(BookingError::NoMethod)?;
        Ok(books.store.note_payment_method(&current, &current.value.forgotten()).await?)
    })
    .await
}

enum Step {
    More,
    Done,
    InUse(InUse),
}

/// Moves the uses over, some at a time, and takes the way to pay away with the last ones.
async fn replace_some(
    books: &Books,
    name: &MethodName,
    replacement: Option<&PaymentMethodId>,
) -> Result<Step, BookingError> {
    let current = books.store.payment_method(name).await?.ok_or(BookingError::NoMethod)?;
    let customer = books.store.customer(&name.customer).await?.ok_or(BookingError::NoMethod)?;
    let contracts = books.store.subscriptions_of(&name.customer).await?;
    let is_default = customer.value.default_method.as_ref() == Some(&name.id);
    let using = contracts.into_iter().filter(|contract| contract.value.payment_method.as_ref() == Some(&name.id));
    let using: Vec<_> = using.collect();
    let used = match replacement {
        _ if !is_default && using.is_empty() => None,
        None => return Ok(Step::InUse(InUse::NeedsReplacement)),
        Some(id) => {
            let other = MethodName { customer: name.customer.clone(), id: id.clone() };
            match usable(books, &other).await {
                Ok(used) if *id != name.id => Some(used),
                Ok(_) | Err(BookingError::NoMethod) => return Ok(Step::InUse(InUse::NoReplacement)),
                Err(error) => return Err(error),
            }
        }
    };
    let changes = using.iter().filter_map(|contract| {
        Some((contract.rev, contract.value.choose_method(replacement, Actor::Customer, books.now)?))
    });
    let subscriptions: Vec<_> = changes.take(MAX_SUBSCRIPTIONS_AT_ONCE).collect();
    let is_last = subscriptions.len() == using.len();
    let default = is_default.then(|| customer.value.set_default_method(replacement, Actor::Customer, books.now));
    let removed = current.value.remove(Actor::Customer, books.now).filter(|_| is_last);
    if removed.is_none() && is_last {
        return Ok(Step::Done);
    }
    let uses = Uses {
        used: used.as_ref().map(|current| (current, current.value.clone())),
        removed: removed.map(|change| (&current, change)),
        customer: default.flatten().map(|change| (&customer, change)),
        subscriptions,
    };
    books.store.save_uses(&name.customer, uses).await?;
    Ok(if is_last { Step::Done } else { Step::More })
}

/// A way to pay that can be charged.
async fn usable(books: &Books, name: &MethodName) -> Result<Loaded<PaymentMethod>, BookingError> {
    let current = books.store.payment_method(name).await?.ok_or(BookingError::NoMethod)?;
    if current.value.is_usable(books.today) { Ok(current) } else { Err(BookingError::NoMethod) }
}
