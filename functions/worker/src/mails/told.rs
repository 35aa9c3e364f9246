//! Mails to the tenant itself about what a customer did with a document: in its own language, to the address that is set for
//! that, else the company's. They are written down and sent once like those to customers.

use domain::{comment::CommentNotice, customer::Customer, document::DocumentType, number::DocumentNumber};
use files::Object;
use mail::{DocumentTold, Rendered, Sender, render_answer_told, render_comment_told};
use store::{About, DocumentRef, OutMail, OutMailEnd, Tenant};
use text::Words;
use web::jobs::{Followed, Job, Undone};

use super::{about::attached, give, refused};
use crate::Desk;

/// What every mail to the tenant is rendered from.
struct Telling<'a> {
    desk: &'a Desk,
    job: Job<'a>,
    tenant: &'a Tenant,
    customer: &'a Customer,
    sender: Sender<'a>,
}

/// Sends a mail to the tenant, unless there is a reason not to.
///
/// # Errors
/// Why it must be tried again later, for the log.
pub(super) async fn send(desk: &Desk, job: Job<'_>, customer: &Customer, out: &OutMail) -> Result<Followed, Undone> {
    let ended = |end| Ok(Followed::Mail(end));
    let Some(tenant) = desk.store().tenant_of_scope(job.scope, job.now).await? else {
        return Err(Undone::Later("the tenant has no host".to_owned()));
    };
    let settings = &tenant.settings;
    let Some(to) = settings.documents_inbox() else {
        tracing::warn!(event = %out.event, "a customer did something with a document, and the tenant has no address");
        return ended(OutMailEnd::NoAddress);
    };
    if let Some(end) = refused(job, to, out).await? {
        return ended(end);
    }
    let origin = desk.portal.config().origin(&tenant.host);
    let sender = Sender { settings, origin: &origin, sandbox: tenant.is_sandbox(), language: settings.language };
    let telling = Telling { desk, job, tenant: &tenant, customer, sender };
    let rendered = match &out.about {
        About::Commented(notice) => comment(&telling, notice).await?,
        About::AnswerTold { offer, paper } => answer(&telling, offer, paper).await?,
        // All others are for customers.
        _ => None,
    };
    match rendered {
        Some(rendered) => give(desk, job, (&rendered, None), to).await,
        None => ended(OutMailEnd::Outdated),
    }
}

/// What a customer wrote.
async fn comment(telling: &Telling<'_>, notice: &CommentNotice) -> Result<Option<Rendered>, Undone> {
    let on = (notice.document, notice.number.as_str());
    let Some(comment) = telling.job.store.comment(on, &notice.comment).await? else { return Ok(None) };
    let told = DocumentTold { sender: telling.sender, customer: telling.customer, document: on };
    render_comment_told(&told, &comment).map(Some).map_err(|error| Undone::Later(error.to_string()))
}

/// How a customer answered an offer, with the paper that confirms it.
async fn answer(telling: &Telling<'_>, offer: &DocumentNumber, sha256: &str) -> Result<Option<Rendered>, Undone> {
    let document = telling.job.store.document(&DocumentRef::new(DocumentType::Offer, offer)).await?;
    let Some(document) = document else { return Ok(None) };
    let Some(answer) = &document.answer else { return Ok(None) };
    let on = (DocumentType::Offer, offer.as_str());
    let told = DocumentTold { sender: telling.sender, customer: telling.customer, document: on };
    let rendered = render_answer_told(&told, answer, document.body.facts.content.amount());
    let mut rendered = rendered.map_err(|error| Undone::Later(error.to_string()))?;
    let object = Object::AnswerPdf { tenant: telling.tenant.scope().id(), number: offer.as_str(), sha256 };
    let file_name = Words::new(telling.sender.language).papers_answer_file(offer);
    rendered.attachments.push(attached(telling.desk, object, file_name).await?);
    Ok(Some(rendered))
}
