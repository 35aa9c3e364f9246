//! What the mails to customers say of what was said about their documents: a comment of staff, and their own answer to an offer.

use domain::{comment::CommentNotice, document::DocumentType, number::DocumentNumber};
use files::Object;
use mail::{DocumentMail, Rendered, render_answer, render_comment};
use store::DocumentRef;
use text::Words;
use web::jobs::Undone;

use super::{Writing, about::attached};

/// What staff wrote.
///
/// # Errors
/// Why it must be tried again later, for the log.
pub(super) async fn comment(writing: &Writing<'_>, notice: &CommentNotice) -> Result<Option<Rendered>, Undone> {
    let on = (notice.document, notice.number.as_str());
    let Some(comment) = writing.job.store.comment(on, &notice.comment).await? else { return Ok(None) };
    let rendered = render_comment(&document_mail(writing, on), &comment);
    rendered.map(Some).map_err(|error| Undone::Later(error.to_string()))
}

/// The confirmation of an answer to an offer, with its paper.
///
/// # Errors
/// Why it must be tried again later, for the log.
pub(super) async fn answer(
    writing: &Writing<'_>,
    offer: &DocumentNumber,
    sha256: &str,
) -> Result<Option<Rendered>, Undone> {
    let document = writing.job.store.document(&DocumentRef::new(DocumentType::Offer, offer)).await?;
    let Some(document) = document else { return Ok(None) };
    let Some(answer) = &document.answer else { return Ok(None) };
    let mail = document_mail(writing, (DocumentType::Offer, offer.as_str()));
    let rendered = render_answer(&mail, answer, document.body.facts.content.amount());
    let mut rendered = rendered.map_err(|error| Undone::Later(error.to_string()))?;
    let object = Object::AnswerPdf { tenant: writing.tenant.scope().id(), number: offer.as_str(), sha256 };
    let file_name = Words::new(writing.sender.language).papers_answer_file(offer);
    rendered.attachments.push(attached(writing.desk, object, file_name).await?);
    Ok(Some(rendered))
}

fn document_mail<'a>(writing: &Writing<'a>, document: (DocumentType, &'a str)) -> DocumentMail<'a> {
    let (sender, greeting_name, access) = (writing.sender, writing.greeting_name, writing.person.access);
    DocumentMail { sender, greeting_name, document, access }
}
