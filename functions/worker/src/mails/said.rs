//! What the mails to customers say of what was said about their documents.

use domain::comment::CommentNotice;
use mail::{DocumentMail, Rendered, render_comment};
use web::jobs::Undone;

use super::Writing;

/// What staff wrote.
///
/// # Errors
/// Why it must be tried again later, for the log.
pub(super) async fn comment(writing: &Writing<'_>, notice: &CommentNotice) -> Result<Option<Rendered>, Undone> {
    let on = (notice.document, notice.number.as_str());
    let Some(comment) = writing.job.store.comment(on, &notice.comment).await? else { return Ok(None) };
    let (sender, greeting_name, access) = (writing.sender, writing.greeting_name, writing.person.access);
    let mail = DocumentMail { sender, greeting_name, document: on, access };
    render_comment(&mail, &comment).map(Some).map_err(|error| Undone::Later(error.to_string()))
}
