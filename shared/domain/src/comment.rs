//! Comments on a document (M-98): a thread between its customer and staff, in plain text, which nothing ever reads as more.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    Pii,
    change::{Actor, Change, Event, EventKind, Way},
    document::DocumentType,
    id::CommentId,
    unseen::{is_break, is_unseen},
};

/// Longest comment, in characters.
pub const MAX_CHARS: usize = 2_000;
/// Longest name of somebody of staff, in characters.
pub const MAX_NAME_CHARS: usize = 80;
/// Most comments on one document.
pub const MAX_ON_DOCUMENT: usize = 200;
/// Most comments of one customer in an hour: each sends a mail.
pub const PER_CUSTOMER_AND_HOUR: u32 = 20;

/// Who wrote a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CommentAuthor)]
pub enum Author {
    /// The customer whose document it is.
    Customer,
    /// The tenant's staff.
    Staff,
}

/// A comment, which nobody changes any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = DocumentComment)]
pub struct Comment {
    /// Comes with the form, so that sending it twice writes one.
    pub id: CommentId,
    /// Who wrote it.
    pub by: Author,
    /// Who of staff, where that was said.
    #[serde(default, skip_serializing_if = "nothing")]
    #[schema(value_type = String)]
    pub name: Pii<String>,
    /// Plain text of one or more lines.
    #[schema(value_type = String)]
    pub text: Pii<String>,
    /// When.
    pub written_at: Timestamp,
}

fn nothing(text: &Pii<String>) -> bool {
    text.is_empty()
}

/// Why a text is no comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NotAComment {
    /// Nothing but white space.
    #[error("must not be empty")]
    Empty,
    /// More than [`MAX_CHARS`] characters.
    #[error("must have at most {MAX_CHARS} characters")]
    TooLong,
    /// A character that no text has.
    #[error("must not contain control characters")]
    Control,
}

/// A typed text as it is kept.
///
/// # Errors
/// Why it is none.
pub fn text(typed: &str) -> Result<Pii<String>, NotAComment> {
    let text = typed.replace("\r\n", "\n").replace('\r', "\n");
    let text = text.trim();
    match text {
        "" => Err(NotAComment::Empty),
        _ if text.chars().count() > MAX_CHARS => Err(NotAComment::TooLong),
        _ if text.chars().any(|c| is_break(c) && !matches!(c, '\n' | '\t')) => Err(NotAComment::Control),
        _ => Ok(Pii(text.to_owned())),
    }
}

/// A typed name of staff as it is kept; `None` for one that is too long or hides something.
#[must_use]
pub fn name(typed: &str) -> Option<Pii<String>> {
    let name = typed.trim();
    let fits = name.chars().count() <= MAX_NAME_CHARS && !name.chars().any(|c| is_break(c) || is_unseen(c));
    fits.then(|| Pii(name.to_owned()))
}

impl Comment {
    /// Does the other one say the same of the same author? Then it is this one, sent again.
    #[must_use]
    pub fn is_again(&self, other: &Self) -> bool {
        (&self.id, self.by, &self.name, &self.text) == (&other.id, other.by, &other.name, &other.text)
    }

    const fn actor(&self) -> Actor {
        match self.by {
            Author::Customer => Actor::Customer,
            Author::Staff => Actor::Integrator,
        }
    }
}

/// Sorts comments as they were written: an id that came with a form says nothing of that.
pub fn sort(comments: &mut [Comment]) {
    comments.sort_by(|one, other| (one.written_at, &one.id).cmp(&(other.written_at, &other.id)));
}

/// How many comments a document has. It is counted with each, so that the limit holds when many come at once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thread {
    /// So many.
    pub count: usize,
}

/// A comment that is written, and the thread with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// The thread after it.
    pub thread: Thread,
    /// The comment.
    pub comment: Comment,
}

/// There are as many comments as there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("there are {MAX_ON_DOCUMENT} comments already")]
pub struct ThreadIsFull;

impl Thread {
    /// With one comment more on a document. Its event says who wrote about what, and not a word of it.
    ///
    /// # Errors
    /// When there are as many as there may be.
    pub fn with(
        self,
        (document, number): (DocumentType, &str),
        comment: Comment,
        way: Option<Way>,
    ) -> Result<Change<Written>, ThreadIsFull> {
        if self.count >= MAX_ON_DOCUMENT {
            return Err(ThreadIsFull);
        }
        let event = Event::new(EventKind::DocumentCommented, comment.actor(), comment.written_at, number)
            .with("type", document.code())
            .with("comment", comment.id.as_str());
        let event = Event { way, ..event };
        Ok(Change::new(Written { thread: Self { count: self.count + 1 }, comment }, event))
    }
}

/// A comment that the other side is told of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommentNotice {
    /// Kind of the document.
    pub document: DocumentType,
    /// Its number.
    pub number: String,
    /// Which comment.
    pub comment: CommentId,
    /// Whose it is.
    pub by: Author,
}

impl CommentNotice {
    /// The notice of an event.
    #[must_use]
    pub fn of(event: &Event) -> Option<Self> {
        if event.kind != EventKind::DocumentCommented {
            return None;
        }
        Some(Self {
            document: event.fact("type").and_then(DocumentType::from_code)?,
            number: event.subject.clone(),
            comment: event.fact("comment")?.parse().ok()?,
            by: if event.actor == Actor::Customer { Author::Customer } else { Author::Staff },
        })
    }

    /// The name of its template.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self.by {
            Author::Customer => "comment-told",
            Author::Staff => "comment",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ON: (DocumentType, &str) = (DocumentType::Offer, "AN 1/2026");

    fn comment(by: Author, written: &str, number: u8) -> Comment {
        Comment {
            id: CommentId::new(Timestamp::UNIX_EPOCH, [number; 10]),
            by,
            name: Pii::default(),
            text: text(written).unwrap(),
            written_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_text_has_its_limits_and_stays_what_it_is() {
        assert_eq!(text(" a\r\n\r\n<b>*b*</b>\tc \n").unwrap().as_str(), "a\n\n<b>*b*</b>\tc");
        assert_eq!(text(" \r\n\t"), Err(NotAComment::Empty));
        assert!(text(&"ä".repeat(MAX_CHARS)).is_ok());
        assert_eq!(text(&"ä".repeat(MAX_CHARS + 1)), Err(NotAComment::TooLong));
        for control in ["a\u{0}", "a\u{1b}[31m", "a\u{2028}b"] {
            assert_eq!(text(control), Err(NotAComment::Control), "{control:?}");
        }
        assert_eq!(name(" Frau Petersen ").unwrap().as_str(), "Frau Petersen");
        for wrong in ["a\nb", "a\u{202e}b", &"x".repeat(MAX_NAME_CHARS + 1)] {
            assert_eq!(name(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn an_event_says_who_wrote_about_what_and_nothing_of_the_text() {
        for (by, way, code) in [(Author::Customer, Some(Way::Page), "comment-told"), (Author::Staff, None, "comment")] {
            let written = comment(by, "Geheim", 1);
            let change = Thread::default().with(ON, written.clone(), way).unwrap();
            let event = &change.events()[0];
            assert!(!serde_json::to_string(event).unwrap().contains("Geheim"));
            let notice = CommentNotice::of(event).unwrap();
            assert_eq!((notice.document, notice.number.as_str()), ON);
            assert_eq!((notice.comment.clone(), notice.by, notice.code()), (written.id, by, code));
            assert_eq!((event.way, change.next().thread.count), (way, 1));
        }
    }

    #[test]
    fn a_thread_has_an_end() {
        let almost = Thread { count: MAX_ON_DOCUMENT - 1 };
        let full = almost.with(ON, comment(Author::Customer, "a", 1), None).unwrap().into_parts().0.thread;
        assert_eq!(full.with(ON, comment(Author::Staff, "b", 2), None), Err(ThreadIsFull));
    }

    #[test]
    fn the_same_again_is_the_same_and_comments_stand_as_they_were_written() {
        let (first, other) = (comment(Author::Customer, "a", 9), comment(Author::Customer, "b", 9));
        assert!(first.is_again(&first.clone()) && !first.is_again(&other));
        assert!(!first.is_again(&Comment { by: Author::Staff, ..first.clone() }));
        let later = Comment { written_at: Timestamp::MAX, ..comment(Author::Staff, "c", 1) };
        let mut comments = [later.clone(), first.clone()];
        sort(&mut comments);
        assert_eq!(comments, [first, later]);
    }
}
