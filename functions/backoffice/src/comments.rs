//! `/api/admin/v1/documents/{type}/{number}/comments`: what customers and staff wrote about a document or an invoice (M-98),
//! and staff's answer, which its customer is told of.

use domain::{
    FieldErrors, Pii,
    comment::{self, Author, Comment, MAX_NAME_CHARS, MAX_ON_DOCUMENT},
    document::DocumentType,
    id::{CommentId, CustomerId},
    number::DocumentNumber,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::{KeptComment, secret};
use utoipa::ToSchema;
use web::{
    Answer, Asked, Bound, Created, Door as _, IdempotencyKey, IntegratorContext, Json, Problem, Submitted,
    door::ScopeMark, scope,
};

use crate::documents::DocumentPath;

/// A comment of staff.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = StaffCommentInput)]
pub(crate) struct CommentInput {
    /// Plain text, at most 2,000 characters.
    #[schema(value_type = String)]
    text: Pii<String>,
    /// Who writes, at most 80 characters; without it the tenant does.
    #[schema(value_type = String)]
    name: Pii<String>,
}

/// What was written about a document.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CommentsShown {
    /// Oldest first.
    items: Vec<Comment>,
}

/// `GET /api/admin/v1/documents/{type}/{number}/comments`
pub(crate) async fn list(cx: IntegratorContext<scope::Read>, ask: Asked<DocumentPath>) -> Answer<Json<CommentsShown>> {
    let Commented { kind, number, .. } = Commented::find(&cx, &ask.0).await?;
    let items = cx.store().comments((kind, number.as_str())).await?;
    Ok(Json::new(CommentsShown { items }))
}

/// `POST /api/admin/v1/documents/{type}/{number}/comments`; asked twice with one `Idempotency-Key` it writes one.
pub(crate) async fn create(
    cx: IntegratorContext<scope::Write>,
    body: Submitted<CommentInput, DocumentPath>,
) -> Answer<Created<Comment>> {
    let (path, input) = body.into_parts();
    let Commented { kind, number, customer } = Commented::find(&cx, &path).await?;
    let text = comment::text(&input.text).map_err(|flaw| FieldErrors::one("text", "invalid", flaw.to_string()))?;
    let name = comment::name(&input.name).ok_or_else(|| {
        let message = format!("must have at most {MAX_NAME_CHARS} characters, all of which can be seen");
        FieldErrors::one("name", "invalid", message)
    })?;
    let store = cx.store();
    let id = match IdempotencyKey::where_sent(cx.arrival(), &input)? {
        None => CommentId::new(cx.now(), secret::entropy()),
        Some(key) => {
            let bound: Bound<()> = key.find(&store, &staff()).await?;
            key.bind(&store, &staff(), bound).await?.comment()
        }
    };
    let comment = Comment { id, by: Author::Staff, name, text, written_at: cx.now() };
    match store.keep_comment(&customer, (kind, number.as_str()), &comment, None).await? {
        KeptComment::Kept(comment) => Ok(Created::new(comment)),
        KeptComment::Full | KeptComment::IdTaken => {
            let message = format!("there are {MAX_ON_DOCUMENT} comments already");
            Err(FieldErrors::one("text", "too_many", message).into())
        }
    }
}

/// A document or invoice, and whose it is.
struct Commented {
    kind: DocumentType,
    number: DocumentNumber,
    customer: CustomerId,
}

impl Commented {
    async fn find<S: ScopeMark>(cx: &IntegratorContext<S>, path: &DocumentPath) -> Answer<Self> {
        let kind = DocumentType::from_code(&path.r#type).ok_or(Problem::NotFound)?;
        let number = DocumentNumber::from_slug(&path.number).map_err(|_| Problem::NotFound)?;
        let customer = cx.store().document_owner(kind, &number).await?.ok_or(Problem::NotFound)?;
        Ok(Self { kind, number, customer })
    }
}

/// The tenant's systems use their keys as one, whom no customer is.
fn staff() -> CustomerId {
    CustomerId::new(Timestamp::UNIX_EPOCH, secret::entropy_of("staff"))
}
