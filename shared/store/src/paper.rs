//! Papers about a payment: files in the bucket, noted once per version beside the payment.
//!
//! access patterns: one version of one paper (consistent) · keys: T#t#P#id / FILE#paper#version

use domain::{id::PaymentId, paper::Paper};

use crate::{CommitError, Loaded, StoreError, StoredFile, TenantStore, item::Item};

impl TenantStore {
    /// A version of a paper, where it was written before.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn payment_paper(
        &self,
        payment: &PaymentId,
        paper: Paper,
        version: &str,
    ) -> Result<Option<StoredFile>, StoreError> {
        let key = self.scope.payment_file(payment, paper.code(), version);
        let found: Option<Loaded<StoredFile>> = self.get(key, true).await?;
        Ok(found.map(|found| found.value))
    }

    /// Notes a paper that lies in the bucket, once.
    ///
    /// # Errors
    /// `Refused("file")` when this version is noted already.
    pub async fn add_payment_paper(
        &self,
        payment: &PaymentId,
        paper: Paper,
        version: &str,
        file: &StoredFile,
    ) -> Result<(), CommitError> {
        let key = self.scope.payment_file(payment, paper.code(), version);
        self.commit().create("file", Item::new(key, file, 1)).run().await
    }
}
