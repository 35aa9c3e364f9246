//! Answers to offers: kept once and for good, beside the offer, with the paper that confirms them.
//!
//! access patterns: of one offer (with its body) · answer, once · the paper, once ·
//! keys: T#t#DOC#offer#number / DECISION; C / ANSWER#number#FILE#pdf · commits: answer, row, event

use domain::{
    change::Change,
    document::{Answered, DocumentRow, DocumentType, OfferAnswer},
    id::CustomerId,
    number::DocumentNumber,
};

use crate::{
    CommitError, DocumentRef, Loaded, StoreError, StoredFile, TenantStore,
    item::{Item, kind},
};

kind! { OfferAnswer = "offer_answer"; }

impl TenantStore {
    /// Answers an offer: answer, row and event at once.
    ///
    /// # Errors
    /// `Refused("answer")` when it was answered, `Refused("row")` when somebody else changed the row meanwhile.
    pub async fn answer_offer(
        &self,
        customer: &CustomerId,
        seen: &Loaded<DocumentRow>,
        change: &Change<Answered>,
    ) -> Result<(), CommitError> {
        let Answered { row, answer } = change.next();
        let key = self.scope.document_part(DocumentRef::new(DocumentType::Offer, &row.number), "DECISION");
        self.commit()
            .create("answer", Item::new(key, answer, 1))
            .replace("row", self.document_row_item(customer, row, seen.rev + 1), seen.rev)
            .events(Some(customer), change.events())
            .run()
            .await
    }

    /// The confirmation of an answer, where it was written before.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn answer_paper(
        &self,
        customer: &CustomerId,
        offer: &DocumentNumber,
    ) -> Result<Option<StoredFile>, StoreError> {
        let found: Option<Loaded<StoredFile>> =
            self.get(self.scope.answer_part(customer, offer, "FILE#pdf"), true).await?;
        Ok(found.map(|found| found.value))
    }

    /// Notes the confirmation that lies in the bucket, once.
    ///
    /// # Errors
    /// `Refused("file")` when one is noted already.
    pub async fn add_answer_paper(
        &self,
        customer: &CustomerId,
        offer: &DocumentNumber,
        file: &StoredFile,
    ) -> Result<(), CommitError> {
        let key = self.scope.answer_part(customer, offer, "FILE#pdf");
        self.commit().create("file", Item::new(key, file, 1)).run().await
    }
}
