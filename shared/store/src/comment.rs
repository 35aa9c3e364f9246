//! Comments on documents, one item each in the partition of their document, and their count.
//!
//! access patterns: all of one document (with its body) · those alone · one (consistent) · write one, once for its id ·
//! keys: T#t#DOC#type#number / CM#id; their count COMMENTS · commits: comment, count, event

use domain::{
    change::Way,
    comment::{self, Comment, Thread},
    document::DocumentType,
    id::{CommentId, CustomerId},
};

use crate::{
    CommitError, Loaded, StoreError, TenantStore,
    access::{Range, query_all},
    deciding_again,
    item::{Item, kind, read},
};

/// Most comments that one answer of the table carries.
const STEP: i32 = 500;

/// What became of a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeptComment {
    /// It stands there; it may have stood there before.
    Kept(Comment),
    /// Its id is that of another one.
    IdTaken,
    /// The document has as many as it may have.
    Full,
}

kind! { Comment = "comment"; Thread = "comment_count"; }

impl TenantStore {
    /// What was written about a document, in order.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn comments(&self, (kind, number): (DocumentType, &str)) -> Result<Vec<Comment>, StoreError> {
        let range = Range::prefix(self.scope.document_of(kind, number), "CM#", STEP).consistent();
        let raw = query_all(&self.store, range).await?;
        let mut comments =
            raw.into_iter().map(|raw| read(raw).map(|loaded| loaded.value)).collect::<Result<Vec<Comment>, _>>()?;
        comment::sort(&mut comments);
        Ok(comments)
    }

    /// One comment, read consistently.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn comment(
        &self,
        (kind, number): (DocumentType, &str),
        id: &CommentId,
    ) -> Result<Option<Comment>, StoreError> {
        let found: Option<Loaded<Comment>> = self.get(self.scope.comment(kind, number, id), true).await?;
        Ok(found.map(|loaded| loaded.value))
    }

    /// Writes a comment on a document of this customer, once for its id, however often and at once it is sent.
    ///
    /// # Errors
    /// The table's errors, or that others were faster again and again.
    pub async fn keep_comment(
        &self,
        customer: &CustomerId,
        on: (DocumentType, &str),
        comment: &Comment,
        way: Option<Way>,
    ) -> Result<KeptComment, CommitError> {
        let (comment_key, count_key) =
            (self.scope.comment(on.0, on.1, &comment.id), self.scope.comment_count(on.0, on.1));
        deciding_again(|| async {
            if let Some(there) = self.comment(on, &comment.id).await? {
                return Ok(if there.is_again(comment) { KeptComment::Kept(there) } else { KeptComment::IdTaken });
            }
            let seen: Option<Loaded<Thread>> = self.get(count_key.clone(), true).await?;
            let thread = seen.as_ref().map_or_else(Thread::default, |seen| seen.value);
            let Ok(change) = thread.with(on, comment.clone(), way) else { return Ok(KeptComment::Full) };
            let rev = seen.map(|seen| seen.rev);
            let count = Item::new(count_key.clone(), &change.next().thread, rev.unwrap_or(0) + 1);
            self.commit()
                .of_living(customer)
                .create("comment", Item::new(comment_key.clone(), &change.next().comment, 1))
                .save("comment_count", count, rev)
                .events(Some(customer), change.events())
                .run()
                .await?;
            Ok::<_, CommitError>(KeptComment::Kept(comment.clone()))
        })
        .await
    }
}
