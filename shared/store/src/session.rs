//! Sessions: the truth about a login. A token that is genuine but has no session here is nobody's.
//!
//! access patterns: check (every page, consistent, beside the page's own reads) · list · end one · end all ·
//! keys: C / SESS#sha256(sid)

use domain::{Event, change::Change, id::CustomerId, number::CustomerNumber};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    CommitError, Loaded, StoreError, TenantStore,
    access::{Range, delete, query_all},
    item::{Item, kind, read},
};

/// One login of one browser or program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// SHA-256 of the session id, its key.
    pub sid_hash: String,
    /// The customer's number, shown at the right of the header.
    pub number: CustomerNumber,
    /// When it began.
    pub created_at: Timestamp,
    /// From then on it has ended, however busy it was.
    pub ends_at: Timestamp,
    /// Random key for this session's CSRF tokens and cursors (base64url).
    pub key: String,
}

kind! { Session = "session"; }

impl TenantStore {
    /// The session behind a token, unless it ended.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn session(
        &self,
        customer: &CustomerId,
        sid_hash: &str,
        now: Timestamp,
    ) -> Result<Option<Session>, StoreError> {
        let found: Option<Loaded<Session>> = self.get(self.scope.session(customer, sid_hash), true).await?;
        Ok(found.map(|loaded| loaded.value).filter(|session| now < session.ends_at))
    }

    /// Begins a session, unless the customer lost access meanwhile; the fact that somebody signed in stands in the timeline.
    ///
    /// # Errors
    /// `Refused("access")` when the customer may not use the portal.
    pub async fn begin_session(&self, customer: &CustomerId, change: &Change<Session>) -> Result<(), CommitError> {
        let session = change.next();
        let item = Item::new(self.scope.session(customer, &session.sid_hash), session, 1);
        let item = item.map(|item| item.expiring(session.ends_at));
        let commit = self.commit().create("session", item).holds("access", self.scope.profile(customer), "access");
        commit.events(Some(customer), change.events()).run().await
    }

    /// Ends a session; again is the same.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn end_session(&self, customer: &CustomerId, sid_hash: &str) -> Result<(), StoreError> {
        delete(&self.store, self.scope.session(customer, sid_hash)).await
    }

    /// All sessions of a customer that have not ended.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn sessions(&self, customer: &CustomerId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        let range = Range::prefix(self.scope.c(customer), "SESS#", 100).consistent();
        let raw = query_all(&self.store, range).await?;
        let all =
            raw.into_iter().map(|raw| read(raw).map(|l: Loaded<Session>| l.value)).collect::<Result<Vec<_>, _>>()?;
        Ok(all.into_iter().filter(|session| now < session.ends_at).collect())
    }

    /// Ends every session of a customer, and says so where there were any.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn end_all_sessions(&self, customer: &CustomerId, because: Event) -> Result<(), CommitError> {
        let sessions = self.sessions(customer, because.at).await?;
        let parts: Vec<&[Session]> = sessions.chunks(50).collect();
        for (position, part) in parts.iter().enumerate() {
            let commit = part.iter().fold(self.commit(), |commit, session| {
                commit.delete("session", self.scope.session(customer, &session.sid_hash))
            });
            let is_last = position + 1 == parts.len();
            let said = if is_last { std::slice::from_ref(&because) } else { &[] };
            commit.events(Some(customer), said).run().await?;
        }
        Ok(())
    }
}
