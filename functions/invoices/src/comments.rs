//! `/documents/{type}/{number}/comments`: what customers write about a document or an invoice (M-98), on its page or with a
//! program.

use domain::{
    FieldErrors, Pii,
    comment::{self, Author, Comment, NotAComment, PER_CUSTOMER_AND_HOUR},
    document::DocumentType,
    id::CommentId,
    number::{DocumentNumber, InvoiceNumber, slug},
};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use store::{Budget, DocumentRef, KeptComment, secret};
use text::Words;
use utoipa::ToSchema;
use web::{
    Answer, Bound, Created, CustomerContext, Door as _, Either, IdempotencyKey, Page, Problem, SeeOther, Submitted,
    area,
    door::{AreaMark, RightMark},
    page::{ErrorSummary, Flash, Frame, Html, View},
    reply::TOO_MANY,
};

use crate::{
    document::{self, DocumentPage},
    invoice::{self, InvoicePage, Reader},
};

const HOUR_SECONDS: u32 = 60 * 60;

/// Invoices and other documents are areas of their own: whether this one is open is asked for each.
type Cx = CustomerContext<area::Always>;

/// Which document, type and slug.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = CommentPath)]
pub struct Ask {
    r#type: String,
    number: String,
}

/// What the form sends.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = CommentForm)]
pub struct Form {
    /// Fresh with the page, so that sending it twice writes one.
    pub id: String,
    /// The text.
    #[schema(value_type = String)]
    pub comment: Pii<String>,
}

/// A comment of the customer.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = CommentInput)]
pub struct Input {
    /// Plain text, at most 2,000 characters.
    #[schema(value_type = String)]
    pub text: Pii<String>,
}

/// Writes it, or shows the document again with what is wrong.
pub(crate) async fn submit(cx: Cx, form: Submitted<Form, Ask>) -> Answer<Either<Page<CommentedPage>, SeeOther>> {
    let (ask, Form { id, comment }) = form.into_parts();
    let page = CommentedPage::of(&cx, &ask).await?;
    let id = id.parse().unwrap_or_else(|_| fresh(&cx));
    let t = cx.arrival().words();
    let written = match write(&cx, &page, id.clone(), &comment).await? {
        // Somebody went back and wrote something else.
        Outcome::IdTaken => write(&cx, &page, fresh(&cx), &comment).await?,
        written => written,
    };
    let again =
        |message: String| Page::with_errors(page.clone().with(id, comment), ErrorSummary::one("comment", message));
    Ok(match written {
        Outcome::Written(_) => Either::Second(SeeOther::to(page.href()).saying(Flash::Commented)),
        Outcome::Flawed(flaw) => Either::First(again(message(flaw, &t))),
        Outcome::Full | Outcome::IdTaken => Either::First(again(t.comments_full(comment::MAX_ON_DOCUMENT))),
        Outcome::TooMany => Either::First(again(t.comments_too_many().to_owned()).status(TOO_MANY)),
    })
}

/// `POST /api/v1/documents/{type}/{number}/comments`; asked twice with one `Idempotency-Key` it writes one.
pub(crate) async fn create(cx: Cx, body: Submitted<Input, Ask>) -> Answer<Created<Comment>> {
    let (ask, input) = body.into_parts();
    let page = CommentedPage::of(&cx, &ask).await?;
    let id = match IdempotencyKey::where_sent(cx.arrival(), &input)? {
        None => fresh(&cx),
        Some(key) => {
            let (store, customer) = (cx.store(), cx.customer());
            let bound: Bound<()> = key.find(&store, customer).await?;
            key.bind(&store, customer, bound).await?.comment()
        }
    };
    let wrong = |code, message: String| FieldErrors::one("text", code, message).into();
    match write(&cx, &page, id, &input.text).await? {
        Outcome::Written(comment) => Ok(Created::new(comment)),
        Outcome::Flawed(flaw) => Err(wrong("invalid", flaw.to_string())),
        Outcome::Full | Outcome::IdTaken => Err(wrong("too_many", comment::ThreadIsFull.to_string())),
        Outcome::TooMany => Err(Problem::TooMany { retry_after: HOUR_SECONDS }),
    }
}

/// What came of a typed text.
enum Outcome {
    Written(Comment),
    Flawed(NotAComment),
    IdTaken,
    Full,
    TooMany,
}

/// Writes a comment, once for its id; what stands there already costs nothing.
async fn write(cx: &Cx, page: &CommentedPage, id: CommentId, typed: &str) -> Answer<Outcome> {
    let text = match comment::text(typed) {
        Ok(text) => text,
        Err(flaw) => return Ok(Outcome::Flawed(flaw)),
    };
    let (store, on) = (cx.store(), page.on());
    let comment = Comment { id, by: Author::Customer, name: Pii::default(), text, written_at: cx.now() };
    if store.comment(on, &comment.id).await?.is_none() {
        let window = Some(SignedDuration::from_secs(HOUR_SECONDS.into()));
        let subject = cx.customer().as_str();
        let budget = Budget { what: "comments", subject, window, max: PER_CUSTOMER_AND_HOUR };
        if !store.take(&budget, cx.now()).await? {
            return Ok(Outcome::TooMany);
        }
    }
    Ok(match store.keep_comment(cx.customer(), on, &comment, Some(cx.way())).await? {
        KeptComment::Kept(comment) => Outcome::Written(comment),
        KeptComment::IdTaken => Outcome::IdTaken,
        KeptComment::Full => Outcome::Full,
    })
}

fn fresh<A: AreaMark, R: RightMark>(cx: &CustomerContext<A, R>) -> CommentId {
    CommentId::new(cx.now(), secret::entropy())
}

fn message(flaw: NotAComment, t: &Words) -> String {
    match flaw {
        NotAComment::Empty => t.comments_missing().to_owned(),
        NotAComment::TooLong => t.comments_too_long(comment::MAX_CHARS),
        NotAComment::Control => t.comments_invalid().to_owned(),
    }
}

/// The form for one more comment.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The id it gets.
    pub id: CommentId,
    /// Where it is sent.
    pub action: String,
    /// What was typed before.
    pub text: Pii<String>,
}

impl Draft {
    /// An empty form; none where nothing can be written any more, or the tenant lets nobody.
    pub(crate) fn on<A: AreaMark, R: RightMark>(
        cx: &CustomerContext<A, R>,
        on: (DocumentType, &str),
        written: &[Comment],
    ) -> Option<Self> {
        let is_open = cx.tenant().settings.documents.actions.comment && written.len() < comment::MAX_ON_DOCUMENT;
        is_open.then(|| Self { id: fresh(cx), action: action(on), text: Pii::default() })
    }
}

/// Where the form of a document is sent.
fn action((kind, number): (DocumentType, &str)) -> String {
    format!("/documents/{}/{}/comments", kind.code(), slug(number))
}

/// The page of what is commented on, with the form.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "shows", rename_all = "snake_case")]
pub enum CommentedPage {
    /// An invoice.
    Invoice(Box<InvoicePage>),
    /// Another document.
    Document(Box<DocumentPage>),
}

impl CommentedPage {
    /// A document of whoever is signed in, which the tenant shows and lets comment; anything else is the same 404.
    async fn of(cx: &Cx, ask: &Ask) -> Answer<Self> {
        let settings = &cx.tenant().settings;
        let kind =
            DocumentType::from_code(&ask.r#type).filter(|kind| settings.shows(*kind)).ok_or(Problem::NotFound)?;
        if !settings.documents.actions.comment {
            return Err(Problem::NotFound);
        }
        let store = cx.store();
        let reader = Reader { store: &store, tenant: cx.tenant(), customer: cx.customer(), today: cx.today() };
        if kind == DocumentType::Invoice {
            let number = InvoiceNumber::from_slug(&ask.number).map_err(|_| Problem::NotFound)?;
            return Ok(Self::Invoice(Box::new(invoice::load(&reader, number).await?)));
        }
        let number = DocumentNumber::from_slug(&ask.number).map_err(|_| Problem::NotFound)?;
        Ok(Self::Document(Box::new(document::load(&reader, &DocumentRef::new(kind, &number)).await?)))
    }

    /// Which document, as events name it.
    fn on(&self) -> (DocumentType, &str) {
        match self {
            Self::Invoice(page) => (DocumentType::Invoice, page.number.as_str()),
            Self::Document(page) => (page.kind, page.number.as_str()),
        }
    }

    fn href(&self) -> String {
        let (kind, number) = self.on();
        kind.page(number)
    }

    /// With what was typed in its form.
    fn with(mut self, id: CommentId, text: Pii<String>) -> Self {
        let draft = Some(Draft { id, action: action(self.on()), text });
        match &mut self {
            Self::Invoice(page) => page.draft = draft,
            Self::Document(page) => page.draft = draft,
        }
        self
    }
}

impl View for CommentedPage {
    fn html(&self, frame: &Frame) -> Html {
        match self {
            Self::Invoice(page) => page.html(frame),
            Self::Document(page) => page.html(frame),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use jiff::Timestamp;
    use web::page::testing;

    use super::*;

    /// A thread with everything that may stand in one.
    pub(crate) fn comments() -> Vec<Comment> {
        let written_at: Timestamp = "2026-11-20T09:12:00Z".parse().unwrap();
        let comment = |number: u8, by, name: &str, text: &str| Comment {
            id: CommentId::new(written_at, [number; 10]),
            by,
            name: name.to_owned().into(),
            text: text.to_owned().into(),
            written_at,
        };
        vec![
            comment(1, Author::Customer, "", "Können Sie am Montag kommen?\n\n<script>alert(1)</script> **fett**"),
            comment(2, Author::Staff, "Frau Petersen", "Gern.\nhttps://evil.example"),
            comment(
                3,
                Author::Staff,
                "",
                "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
            ),
        ]
    }

    pub(crate) fn draft(text: &str) -> Option<Draft> {
        let id = CommentId::new(Timestamp::UNIX_EPOCH, [9; 10]);
        let action = "/documents/offer/AN1/comments".to_owned();
        Some(Draft { id, action, text: text.to_owned().into() })
    }

    #[test]
    fn comments_stand_below_invoices_and_documents_as_text() {
        let offer = DocumentPage { comments: comments(), draft: draft(""), ..document::tests::offer() };
        let invoice = InvoicePage { comments: comments(), draft: draft(""), ..invoice::tests::page() };
        for (name, page) in [
            ("commented-offer", CommentedPage::Document(Box::new(offer))),
            ("commented-invoice", CommentedPage::Invoice(Box::new(invoice))),
        ] {
            testing::check(name, &page, |_| {});
            let html = page.html(&testing::frame(domain::Language::De)).unwrap();
            assert!(!html.contains("<script>") && !html.contains("href=\"https://evil"), "{html}");
            assert!(html.contains("**fett**") && html.contains("Frau Petersen, Webhosting AG"), "{html}");
            let typed = page.with(CommentId::new(Timestamp::UNIX_EPOCH, [8; 10]), "<b>\n#strong[x]".to_owned().into());
            testing::check(&format!("{name}-error"), &typed, |frame| {
                testing::extreme(frame);
                frame.errors = Some(ErrorSummary::one("comment", "Kürzen Sie den Kommentar."));
            });
        }
    }

    #[test]
    fn every_flaw_has_its_sentence() {
        for language in domain::Language::ALL {
            let t = Words::new(language);
            let mut messages =
                [NotAComment::Empty, NotAComment::TooLong, NotAComment::Control].map(|flaw| message(flaw, &t)).to_vec();
            assert!(messages.iter().all(|message| message.ends_with('.')), "{messages:?}");
            messages.dedup();
            assert_eq!(messages.len(), 3, "{messages:?}");
        }
    }
}
