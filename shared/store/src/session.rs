//! Sessions: the truth about a login. A token that is genuine but has no session here is nobody's.
//!
//! access patterns: check (every page, consistent, beside the page's own reads) · list · end one · end all · end the others ·
//! keys: C / SESS#sha256(sid)

use domain::{Event, change::Change, device::Device, id::CustomerId, link::Reach, number::CustomerNumber};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    CommitError, Loaded, StoreError, TenantStore,
    access::{Range, delete, query_all},
    commit::Commit,
    item::{Item, kind, read},
    secret,
};

/// Sessions that one transaction ends beside whatever else it writes.
pub(crate) const ENDED_AT_ONCE: usize = 50;
/// Characters of a session's name, and of the part behind it that says whose it is: 96 bits each.
const NAME_CHARS: usize = 16;

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
    /// With what somebody signed in, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<Device>,
    /// How far it reaches, as its token says too.
    #[serde(default, skip_serializing_if = "Reach::is_whole")]
    pub reach: Reach,
    /// Where somebody came from and may go back to (M-52), as it was allowed then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back: Option<String>,
}

impl Session {
    /// What lists call it. It opens nothing, and nothing that does can be found by it; but it says whose session it names, so
    /// that one that has ended already is told from a stranger's.
    #[must_use]
    pub fn name(&self, customer: &CustomerId) -> String {
        let name = short_hash(&format!("session {}", self.sid_hash));
        format!("{name}{}", owner_mark(&name, customer))
    }

    /// Is this the name of a session of the customer, one that goes on or has ended?
    #[must_use]
    pub fn is_name_of(customer: &CustomerId, name: &str) -> bool {
        let Some((session, mark)) = name.split_at_checked(NAME_CHARS) else { return false };
        secret::equal(mark.as_bytes(), owner_mark(session, customer).as_bytes())
    }
}

fn owner_mark(name: &str, customer: &CustomerId) -> String {
    short_hash(&format!("{name} of {customer}"))
}

fn short_hash(text: &str) -> String {
    secret::hash(text).chars().take(NAME_CHARS).collect()
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

    /// Ends one of several sessions and says so; again is the same and says nothing.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn end_named_session(
        &self,
        customer: &CustomerId,
        session: &Session,
        because: Event,
    ) -> Result<(), CommitError> {
        let key = self.scope.session(customer, &session.sid_hash);
        // A session is written once.
        let ended =
            self.commit().remove("session", key, 1).events(Some(customer), std::slice::from_ref(&because)).run();
        match ended.await {
            Ok(()) | Err(CommitError::Refused("session")) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Ends every session of a customer that began before a moment, but one, in silence: for what has told why already.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn end_other_sessions(
        &self,
        customer: &CustomerId,
        kept: &str,
        before: Timestamp,
        now: Timestamp,
    ) -> Result<(), CommitError> {
        let sessions = self.sessions(customer, now).await?.into_iter();
        let ends = |session: &Session| session.sid_hash != kept && session.created_at < before;
        let others: Vec<Session> = sessions.filter(ends).collect();
        for part in others.chunks(ENDED_AT_ONCE) {
            self.ending(self.commit(), customer, part).run().await?;
        }
        Ok(())
    }

    /// Ends sessions in a transaction.
    pub(crate) fn ending<'a>(&self, commit: Commit<'a>, customer: &CustomerId, sessions: &[Session]) -> Commit<'a> {
        sessions
            .iter()
            .fold(commit, |commit, session| commit.delete("session", self.scope.session(customer, &session.sid_hash)))
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
        let parts: Vec<&[Session]> = sessions.chunks(ENDED_AT_ONCE).collect();
        for (position, part) in parts.iter().enumerate() {
            let commit = self.ending(self.commit(), customer, part);
            let is_last = position + 1 == parts.len();
            let said = if is_last { std::slice::from_ref(&because) } else { &[] };
            commit.events(Some(customer), said).run().await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(sid_hash: &str) -> Session {
        Session {
            sid_hash: sid_hash.to_owned(),
            number: "K5003".parse().unwrap(),
            created_at: Timestamp::UNIX_EPOCH,
            ends_at: Timestamp::UNIX_EPOCH,
            key: "key".to_owned(),
            device: None,
            reach: Reach::Portal,
            back: None,
        }
    }

    #[test]
    fn a_sessions_name_says_whose_it_is_and_opens_nothing() {
        let customer = |last| CustomerId::new(Timestamp::UNIX_EPOCH, [last; 10]);
        let hash = secret::hash("ses_1");
        let name = session(&hash).name(&customer(1));
        assert!(Session::is_name_of(&customer(1), &name));
        assert!(!Session::is_name_of(&customer(2), &name), "a stranger's");
        let moved = name.chars().rev().collect::<String>();
        for wrong in ["", "rubbish", hash.as_str(), moved.as_str(), "ö-ö-ö-ö-ö-ö-ö-ö-ö-ö"] {
            assert!(!Session::is_name_of(&customer(1), wrong), "{wrong}");
        }
        assert!(!hash.contains(&name[..NAME_CHARS]) && name.len() == 2 * NAME_CHARS, "{name}");
        assert_ne!(name, session(&secret::hash("ses_2")).name(&customer(1)));
    }
}
