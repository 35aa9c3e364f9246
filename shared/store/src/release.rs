//! Which documents went to their customers by mail: each once.
//!
//! access patterns: note if absent · keys: T#t#DOC#type#number / RELEASED · commits: note, event

use domain::{change::Change, id::CustomerId, release::Release};

use crate::{
    CommitError, TenantStore,
    item::{Item, kind},
};

kind! { Release = "release"; }

impl TenantStore {
    /// Releases a document; its mail follows from the event.
    ///
    /// # Errors
    /// `Refused("release")` when that was done already.
    pub async fn release(&self, customer: &CustomerId, change: &Change<Release>) -> Result<(), CommitError> {
        let release = change.next();
        let key = self.scope.released(release.document, &release.number);
        self.commit().create("release", Item::new(key, release, 1)).events(Some(customer), change.events()).run().await
    }
}
