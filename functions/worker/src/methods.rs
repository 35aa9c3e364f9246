//! Ways to pay that are due: the provider is asked what became of one, and what was wished with it is done (M-87 … M-89).

use booking::{forget, look_up_method, start_again, started_again, tell_of_end};
use domain::payment_method::PaymentMethod;
use payments::Provider;
use web::jobs::{Followed, Job, Undone};

use crate::{
    Desk,
    counter::Counter,
    payments::{ask_again, undone},
};

/// Looks at one way to pay.
///
/// # Errors
/// Why it must be tried again later, for the log.
pub(crate) async fn look_at(desk: &Desk, job: Job<'_>, method: &PaymentMethod) -> Result<Followed, Undone> {
    let counter = desk.counter(job).await?;
    let provider = counter.provider(method.provider).await?;
    let provider = provider.ok_or_else(|| Undone::Later("its provider is not connected".to_owned()))?;
    if method.to_forget().is_some() {
        forget(&counter.books, &*provider, &method.name).await.map_err(undone)?;
        return Ok(Followed::Saved);
    }
    // Asked once more also when it can be charged: what was wished may have been interrupted.
    let method = look_up_method(&counter.books, &*provider, &method.name).await.map_err(undone)?;
    if method.token().is_some() && method.wishes.for_failed {
        pay_again(&counter, &*provider, &method).await?;
    }
    tell_of_end(&counter.fresh(), &method.name).await.map_err(undone)?;
    Ok(Followed::Saved)
}

/// Pays open invoices whose last payment was declined. Each charge is written down before it is asked for, and looked at
/// again by itself if its provider does not answer.
async fn pay_again(counter: &Counter<'_>, provider: &dyn Provider, method: &PaymentMethod) -> Result<(), Undone> {
    for payment in start_again(&counter.books, method, method.language).await.map_err(undone)? {
        if let Err(error) = ask_again(counter, provider, &payment).await {
            tracing::warn!(payment = %payment.id, ?error, "the charge is asked for again later");
        }
    }
    started_again(&counter.books, method).await.map_err(undone)
}
