//! Ways to pay that are due: the provider is asked what became of one, and what was wished with it is done (M-87 … M-89).

use booking::{Books, Place, ask, look_up_method, start_again, started_again};
use checkout::description;
use domain::payment_method::PaymentMethod;
use payments::Provider;
use store::Tenant;
use web::jobs::{Followed, Job, Undone};

use crate::{Desk, payments::undone};

/// Looks at one way to pay.
///
/// # Errors
/// Why it must be tried again later, for the log.
pub(crate) async fn look_at(desk: &Desk, job: Job<'_>, method: &PaymentMethod) -> Result<Followed, Undone> {
    let Some(tenant) = desk.store().tenant_of_scope(job.scope, job.now).await? else {
        return Err(Undone::Later("the tenant has no host".to_owned()));
    };
    let today = tenant.settings.zone.day(job.now);
    let books = Books { store: job.store.clone(), now: job.now, today };
    let provider = desk.clients.providers.asked(job.store, &tenant, method.provider, job.now).await;
    let provider = provider.map_err(|problem| Undone::Later(format!("{problem:?}")))?;
    let provider = provider.ok_or_else(|| Undone::Later("its provider is not connected".to_owned()))?;
    // Asked once more also when it can be charged: what was wished may have been interrupted.
    let method = look_up_method(&books, &*provider, &method.name).await.map_err(undone)?;
    if method.token().is_some() && method.wishes.for_failed {
        pay_again(desk, &books, &tenant, &*provider, &method).await?;
    }
    Ok(Followed::Saved)
}

/// Pays open invoices whose last payment was declined. Each charge is written down before, and asked for once.
async fn pay_again(
    desk: &Desk,
    books: &Books,
    tenant: &Tenant,
    provider: &dyn Provider,
    method: &PaymentMethod,
) -> Result<(), Undone> {
    let origin = desk.portal.config().origin(&tenant.host);
    for payment in start_again(books, method, method.language).await.map_err(undone)? {
        let place = Place {
            description: description(&payment),
            return_url: format!("{origin}/payments/{}?returned=1", payment.id),
            webhook_url: desk.clients.providers.webhook_url(tenant, method.provider),
        };
        let Some(loaded) = books.store.payment(&payment.id).await? else { continue };
        // What the provider does not answer is looked up like any other payment.
        if let Err(error) = ask(books, provider, loaded, &place).await {
            tracing::warn!(payment = %payment.id, %error, "the provider is looked up later");
        }
    }
    started_again(books, method).await.map_err(undone)
}
