//! What the mails of the worker say, from what is true when they are sent. Nothing for what is no longer so.

use domain::{
    collection::{CollectionMail, CollectionNotice},
    customer::{Customer, EmailAddress},
    email_change::EmailChange,
    id::{CustomerId, EmailChangeId, PaymentMethodId},
    link::Scope,
    number::{InvoiceNumber, SubscriptionNumber},
    paper::PaymentMail,
    payment::{Payment, State},
    payment_method::{MethodName, Shown},
    subscription::{ContractNotice, Subscription},
};
use files::Object;
use mail::{
    Attachment, ContractMail, Debit, EmailChangeNotice, EmailChangedNotice, MethodEnds, PaymentNotice, Rendered,
    Sender, render_cancelled, render_collection, render_contract, render_email_change, render_email_changed,
    render_method_ends, render_payment,
};
use store::{About, OutMail, secret};
use web::jobs::{Job, Undone};

use super::{Writing, links};
use crate::Desk;

/// A mail about a payment, with its paper.
///
/// # Errors
/// Why it must be tried again later, for the log.
pub(super) async fn payment(writing: &Writing<'_>, out: &OutMail) -> Result<Option<Rendered>, Undone> {
    let About::Payment { mail, payment, amount, paper: sha256 } = &out.about else { return Ok(None) };
    let Some(payment) = writing.job.store.payment(payment).await?.map(|loaded| loaded.value) else { return Ok(None) };
    if !mail.is_still_true(&payment)
        || (*mail == PaymentMail::PaymentFailed && !is_still_owed(writing, &payment).await?)
    {
        return Ok(None);
    }
    let notice = PaymentNotice {
        sender: writing.sender,
        mail: *mail,
        greeting_name: writing.greeting_name,
        payment: &payment,
        amount: *amount,
        on: writing.tenant.settings.zone.day(out.at),
    };
    let mut rendered = render_payment(&notice).map_err(|error| Undone::Later(error.to_string()))?;
    if let (Some(paper), Some(sha256)) = (mail.paper(), sha256) {
        let object = Object::PaymentPdf { tenant: writing.tenant.scope().id(), payment: &payment.id, sha256 };
        let paid_at = match payment.state {
            State::Paid { at } => at,
            _ => payment.created_at,
        };
        let on = writing.tenant.settings.zone.day(paid_at);
        let file_name = writing.sender.words().paper_file(paper, &payment, on);
        rendered.attachments.push(attached(writing.desk, object, file_name).await?);
    }
    Ok(Some(rendered))
}

/// A paper that was kept.
///
/// # Errors
/// The bucket's.
pub(super) async fn attached(desk: &Desk, object: Object<'_>, file_name: String) -> Result<Attachment, Undone> {
    let bytes = desk.clients.files.get(object, Attachment::MAX_BYTES).await;
    let bytes = bytes.map_err(|error| Undone::Later(error.to_string()))?;
    Ok(Attachment { file_name, content_type: "application/pdf", bytes })
}

/// Whoever has paid meanwhile in another way does not hear that the first one failed.
async fn is_still_owed(writing: &Writing<'_>, payment: &Payment) -> Result<bool, Undone> {
    for named in payment.named() {
        let row = writing.job.store.invoice_row_of(writing.customer, named).await?;
        if row.is_some_and(|row| row.value.open.is_positive()) {
            return Ok(true);
        }
    }
    Ok(payment.named().is_empty())
}

/// A mail about collecting an invoice, while it is as it says.
///
/// # Errors
/// Why it must be tried again later, for the log.
pub(super) async fn collection(
    writing: &Writing<'_>,
    notice: &CollectionNotice,
    out: &OutMail,
) -> Result<Option<Rendered>, Undone> {
    let store = writing.job.store;
    let row = store.invoice_row_of(writing.customer, &notice.invoice).await?;
    let collection = store.collection(writing.customer, &notice.invoice.number).await?;
    let is_open = row.is_some_and(|row| row.value.open.is_positive());
    if !is_open || !collection.is_some_and(|collection| collection.value.is_as(notice)) {
        return Ok(None);
    }
    let method = match &notice.method {
        Some(id) => {
            let name = MethodName { customer: writing.customer.clone(), id: id.clone() };
            store.payment_method(&name).await?.map(|loaded| loaded.value)
        }
        None => None,
    };
    let words = writing.sender.words();
    let shown = method.as_ref().and_then(|method| Some((method.method, method.shown()?)));
    let label = shown.map(|(method, shown)| words.kept_method(method, shown)).unwrap_or_default();
    let (mandate, creditor) = match shown {
        Some((_, Shown::Account { mandate, creditor, .. })) => (mandate.as_str(), creditor.as_deref()),
        _ => ("", None),
    };
    let pay_url = match notice.mail {
        CollectionMail::CollectionGivenUp if writing.person.access => {
            pay_url(writing, &notice.invoice.number, out).await?
        }
        _ => String::new(),
    };
    let debit = Debit {
        sender: writing.sender,
        greeting_name: writing.greeting_name,
        notice,
        method: &label,
        mandate,
        creditor: creditor.unwrap_or_default(),
        pay_url,
    };
    render_collection(&debit).map(Some).map_err(|error| Undone::Later(error.to_string()))
}

/// A card ends, and was not exchanged meanwhile.
///
/// # Errors
/// Why it must be tried again later, for the log.
pub(super) async fn method_ends(writing: &Writing<'_>, id: &PaymentMethodId) -> Result<Option<Rendered>, Undone> {
    let name = MethodName { customer: writing.customer.clone(), id: id.clone() };
    let method = writing.job.store.payment_method(&name).await?.map(|loaded| loaded.value);
    let Some(method) = method.filter(|method| method.token().is_some()) else { return Ok(None) };
    let Some(until) = method.shown().and_then(Shown::valid_until).filter(|until| method.told_of == Some(*until)) else {
        return Ok(None);
    };
    let label = method.shown().map(|shown| writing.sender.words().kept_method(method.method, shown));
    let notice = MethodEnds {
        sender: writing.sender,
        greeting_name: writing.greeting_name,
        method: &label.unwrap_or_default(),
        until,
    };
    render_method_ends(&notice).map(Some).map_err(|error| Undone::Later(error.to_string()))
}

/// The confirmation of a cancellation with its paper, unless it was taken back or another stands in its place.
///
/// # Errors
/// Why it must be tried again later, for the log.
pub(super) async fn cancelled(writing: &Writing<'_>, out: &OutMail) -> Result<Option<Rendered>, Undone> {
    let About::Cancelled { subscription, cancellation: id, paper: sha256 } = &out.about else { return Ok(None) };
    let Some(contract) = contract_of(writing, subscription).await? else { return Ok(None) };
    let Some(cancellation) = contract.declared.cancellation.as_ref().filter(|standing| standing.id == *id) else {
        return Ok(None);
    };
    let rendered = render_cancelled(&contract_mail(writing, &contract), cancellation);
    let mut rendered = rendered.map_err(|error| Undone::Later(error.to_string()))?;
    let object = Object::CancellationPdf { tenant: writing.tenant.scope().id(), cancellation: id, sha256 };
    let file_name = writing.sender.words().papers_cancellation_file(subscription);
    rendered.attachments.push(attached(writing.desk, object, file_name).await?);
    Ok(Some(rendered))
}

/// A contract rests, runs again or is cancelled no more, while that is so.
///
/// # Errors
/// Why it must be tried again later, for the log.
pub(super) async fn contract(
    writing: &Writing<'_>,
    notice: ContractNotice,
    subscription: &SubscriptionNumber,
) -> Result<Option<Rendered>, Undone> {
    let today = writing.tenant.settings.zone.day(writing.job.now);
    let contract = contract_of(writing, subscription).await?;
    let Some(contract) = contract.filter(|contract| notice.is_still_true(contract, today)) else { return Ok(None) };
    let rendered = render_contract(&contract_mail(writing, &contract), notice);
    rendered.map(Some).map_err(|error| Undone::Later(error.to_string()))
}

async fn contract_of(writing: &Writing<'_>, number: &SubscriptionNumber) -> Result<Option<Subscription>, Undone> {
    let found = writing.job.store.subscription(writing.customer, number).await?;
    Ok(found.map(|loaded| loaded.value))
}

fn contract_mail<'a>(writing: &Writing<'a>, contract: &'a Subscription) -> ContractMail<'a> {
    let (sender, greeting_name, access) = (writing.sender, writing.greeting_name, writing.person.access);
    ContractMail { sender, greeting_name, contract, access }
}

/// The wish for another login address that a mail is about, as long as it can be confirmed.
///
/// # Errors
/// The table's.
pub(super) async fn open_wish(
    job: Job<'_>,
    customer: &CustomerId,
    person: &Customer,
    id: &EmailChangeId,
) -> Result<Option<EmailChange>, Undone> {
    let wish = job.store.email_change(customer).await?.map(|loaded| loaded.value);
    Ok(wish.filter(|wish| wish.id == *id && person.access && wish.is_open(person, job.now)))
}

/// Asks at another login address whether it is right, with a token of its own for each try: only its hash is kept.
///
/// # Errors
/// Why it must be tried again later, for the log.
pub(super) async fn email_change(writing: &Writing<'_>, id: &EmailChangeId) -> Result<Option<Rendered>, Undone> {
    let Some(wish) = open_wish(writing.job, writing.customer, writing.person, id).await? else { return Ok(None) };
    let token = secret::token();
    writing.job.store.add_email_token(&secret::hash(token.expose()), &wish).await?;
    let Sender { origin, language, .. } = writing.sender;
    let notice = EmailChangeNotice {
        sender: writing.sender,
        url: format!("{origin}/data/email/confirm/{}?language={}", token.expose(), language.code()),
        until: writing.tenant.settings.zone.local(wish.expires_at),
    };
    render_email_change(&notice).map(Some).map_err(|error| Undone::Later(error.to_string()))
}

/// A login address that was changed: the one before, and the new one.
pub(super) struct Moved {
    pub(super) from: EmailAddress,
    to: EmailAddress,
}

/// What the event of a mail says about that; nothing where there was no address before.
///
/// # Errors
/// The table's.
pub(super) async fn moved(job: Job<'_>, customer: &CustomerId, out: &OutMail) -> Result<Option<Moved>, Undone> {
    let Some(record) = job.store.event_of(customer, &out.event).await? else { return Ok(None) };
    let change = record.event.changes.iter().find(|change| change.field == "email");
    Ok(change.and_then(|change| Some(Moved { from: change.from.parse().ok()?, to: change.to.parse().ok()? })))
}

/// Tells the address before that it is no longer the login address.
///
/// # Errors
/// Why it must be tried again later, for the log.
pub(super) async fn email_changed(writing: &Writing<'_>, out: &OutMail) -> Result<Option<Rendered>, Undone> {
    let Some(Moved { to, .. }) = moved(writing.job, writing.customer, out).await? else { return Ok(None) };
    let notice = EmailChangedNotice {
        sender: writing.sender,
        greeting_name: writing.greeting_name,
        to: &to,
        at: writing.tenant.settings.zone.local(out.at),
    };
    render_email_changed(&notice).map(Some).map_err(|error| Undone::Later(error.to_string()))
}

/// A link that takes the payment of one invoice without a login, in the mail's language.
async fn pay_url(writing: &Writing<'_>, invoice: &InvoiceNumber, out: &OutMail) -> Result<String, Undone> {
    let made = links::made(writing, Scope::Pay { invoice: invoice.clone() }, out).await?;
    Ok(format!("{}?language={}", made.url, writing.sender.language.code()))
}
