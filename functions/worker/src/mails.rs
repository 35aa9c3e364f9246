//! One mail that was written down, given to SES once more: in the customer's language, to the address for invoices unless it
//! is about signing in, or for the tenant itself (`told.rs`).

mod about;
mod links;
mod released;
mod said;
mod told;

use booking::note_told;
use domain::{
    customer::{Customer, EmailAddress},
    email_state::EmailState,
    id::CustomerId,
};
use mail::{MailError, Rendered, Sender, Whose};
use store::{About, Loaded, OutMail, OutMailEnd, Tenant};
use text::Words;
use web::{
    jobs::{Followed, Job, Undone},
    metrics::{Metric, tell},
};

use crate::{Desk, payments::undone};

/// After so many tries a mail that SES refuses is given up: a good day, in which a wrong setting can be mended.
const MAX_REFUSALS: u64 = 8;

/// What every mail to a customer is rendered from.
pub(crate) struct Writing<'a> {
    pub(crate) desk: &'a Desk,
    pub(crate) job: Job<'a>,
    pub(crate) tenant: &'a Tenant,
    pub(crate) customer: &'a CustomerId,
    pub(crate) person: &'a Customer,
    pub(crate) sender: Sender<'a>,
    pub(crate) greeting_name: &'a str,
}

/// Sends a mail, unless there is a reason not to.
///
/// # Errors
/// Why it must be tried again later, for the log.
pub(crate) async fn send(desk: &Desk, job: Job<'_>, customer: &CustomerId, out: &OutMail) -> Result<Followed, Undone> {
    let ended = |end| Ok(Followed::Mail(end));
    let Some(Loaded { value: person, .. }) = job.store.customer(customer).await? else {
        return ended(OutMailEnd::Outdated);
    };
    if out.about.is_for_tenant() {
        return told::send(desk, job, &person, out).await;
    }
    let to = match recipient(job, customer, &person, out).await? {
        Ok(to) => to,
        Err(end) => return ended(end),
    };
    if let Some(end) = refused(job, &to, out).await? {
        return ended(end);
    }
    let Some(tenant) = desk.store().tenant_of_scope(job.scope, job.now).await? else {
        return Err(Undone::Later("the tenant has no host".to_owned()));
    };
    let asked = match &out.about {
        About::Link { language, .. } => *language,
        _ => None,
    };
    let language = asked.or(person.facts.language).unwrap_or(tenant.settings.language);
    let greeting_name = Words::of(&tenant.settings, language).addressed(&person.facts);
    let origin = desk.portal.config().origin(&tenant.host);
    let sender = Sender { settings: &tenant.settings, origin: &origin, sandbox: tenant.is_sandbox(), language };
    let (tenant, greeting_name) = (&*tenant, &*greeting_name);
    let writing = Writing { desk, job, tenant, customer, person: &person, sender, greeting_name };
    let rendered = match &out.about {
        About::Payment { .. } => about::payment(&writing, out).await?,
        About::Collection(notice) => about::collection(&writing, notice, out).await?,
        About::MethodEnds { method } => about::method_ends(&writing, method).await?,
        About::Link { link, .. } => released::link(&writing, link).await?,
        About::Released { .. } => released::document(&writing, out).await?,
        About::Commented(notice) => said::comment(&writing, notice).await?,
        About::Answered { offer, paper } => said::answer(&writing, offer, paper).await?,
        About::Cancelled { .. } => about::cancelled(&writing, out).await?,
        About::Contract { notice, subscription } => about::contract(&writing, *notice, subscription).await?,
        About::EmailChange { wish } => about::email_change(&writing, wish).await?,
        About::EmailChanged => about::email_changed(&writing, out).await?,
        // It is nobody's account's, and goes its own way (`confirmations.rs`).
        About::Declaration { .. } => None,
        // It is for the tenant (`told.rs`).
        About::AnswerTold { .. } => None,
    };
    let Some(rendered) = rendered else { return ended(OutMailEnd::Outdated) };
    let given = give(desk, job, (&rendered, Some(customer)), &to).await?;
    if let (About::Collection(notice), Followed::Mail(OutMailEnd::Sent | OutMailEnd::NotListed)) = (&out.about, given) {
        // A debit may only come once its customer was told.
        note_told(job.store, customer, notice, tenant.settings.zone.day(job.now)).await.map_err(undone)?;
    }
    Ok(given)
}

/// Where a mail goes; or why it goes nowhere.
async fn recipient(
    job: Job<'_>,
    customer: &CustomerId,
    person: &Customer,
    out: &OutMail,
) -> Result<Result<EmailAddress, OutMailEnd>, Undone> {
    Ok(match &out.about {
        // It may sign in, which is for whoever signs in and not for whoever gets the invoices.
        About::Link { .. } => person.facts.email.clone().ok_or(OutMailEnd::NoAddress),
        About::EmailChange { wish } => {
            let wish = about::open_wish(job, customer, person, wish).await?;
            wish.map(|wish| wish.to).ok_or(OutMailEnd::Outdated)
        }
        About::EmailChanged => {
            let moved = about::moved(job, customer, out).await?;
            moved.map(|moved| moved.from).ok_or(OutMailEnd::NoAddress)
        }
        About::Cancelled { .. } | About::Contract { .. } => {
            person.contract_address().cloned().ok_or(OutMailEnd::NoAddress)
        }
        _ => person.invoice_address().cloned().ok_or(OutMailEnd::NoAddress),
    })
}

/// Why nothing goes to an address, as far as what came back from it says so.
pub(crate) async fn refused(job: Job<'_>, to: &EmailAddress, out: &OutMail) -> Result<Option<OutMailEnd>, Undone> {
    let state = job.store.email_state(to).await?;
    let takes = if out.about.is_asked_for() { state.takes_asked() } else { state.takes_unasked() };
    if takes {
        return Ok(None);
    }
    tracing::warn!(event = %out.event, ?state, "nothing is sent to an address that mail came back from");
    Ok(Some(match state {
        EmailState::Complained => OutMailEnd::Complained,
        EmailState::Ok | EmailState::Bounced => OutMailEnd::Bounced,
    }))
}

/// Gives a mail to SES, once.
///
/// # Errors
/// Why it must be tried again later, for the log.
pub(crate) async fn give(
    desk: &Desk,
    job: Job<'_>,
    (mail, customer): (&Rendered, Option<&CustomerId>),
    to: &EmailAddress,
) -> Result<Followed, Undone> {
    let whose = Whose { tenant: job.scope.id(), customer };
    match desk.clients.mailer.send(mail, whose, to, job.now).await {
        Ok(()) => Ok(Followed::Mail(OutMailEnd::Sent)),
        Err(MailError::NotListed) => Ok(Followed::Mail(OutMailEnd::NotListed)),
        Err(MailError::Refused(reason)) if job.tries >= MAX_REFUSALS => {
            tracing::error!(reason, "a mail was refused for good");
            tell(Metric::MailsGivenUp, 1, job.now);
            Ok(Followed::Mail(OutMailEnd::Refused))
        }
        Err(error) => Err(Undone::Later(error.to_string())),
    }
}
