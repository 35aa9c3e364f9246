//! Which documents went to their customers by mail: each once.
//!
//! access patterns: note if absent, also with the PDF that it waited for (`document`) · keys: T#t#DOC#type#number / RELEASED ·
//! commits: note, event

use domain::{change::Change, id::CustomerId, release::Release};

use crate::{
    CommitError, TenantStore,
    commit::Commit,
    item::{Item, kind},
};

kind! { Release = "release"; }

impl TenantStore {
    /// Releases a document; its mail follows from the event.
    ///
    /// # Errors
    /// `Refused("release")` when that was done already.
    pub async fn release(&self, customer: &CustomerId, change: &Change<Release>) -> Result<(), CommitError> {
        self.put_release(self.commit(), change.next()).events(Some(customer), change.events()).run().await
    }

    /// The note that a document was released.
    pub(crate) fn put_release<'a>(&self, commit: Commit<'a>, release: &Release) -> Commit<'a> {
        let key = self.scope.released(release.document, &release.number);
        commit.create("release", Item::new(key, release, 1))
    }
}
