//! A token that came with the request, and the session behind it.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use store::{Session, Tenant};
use tokio::sync::OnceCell;

use crate::{Arrival, Problem, cookies::CookieName, token};

/// A token that is genuine, of this tenant and not too old; whether its session still is, the table says.
#[derive(Debug)]
pub(super) struct SignedIn {
    arrival: Arrival,
    tenant: Arc<Tenant>,
    pub(super) claims: token::Claims,
    session: OnceCell<Session>,
    expired: AtomicBool,
}

impl SignedIn {
    /// Errors are the table's: whoever is signed in is not sent to the login because a key could not be read.
    pub(super) async fn by_cookie(arrival: &Arrival, tenant: &Arc<Tenant>) -> Result<Option<Self>, Problem> {
        let Some(token) = arrival.cookie(CookieName::Session) else { return Ok(None) };
        // A token of a window is nobody's in a frame, in whatever cookie it comes, and the other way round.
        let scope = if arrival.is_framed() { token::TokenScope::Embedded } else { token::TokenScope::Browser };
        Self::by_token(arrival, tenant, token, scope).await
    }

    pub(super) async fn by_bearer(arrival: &Arrival, tenant: &Arc<Tenant>) -> Result<Option<Self>, Problem> {
        let header = arrival.header("authorization").and_then(|header| header.strip_prefix("Bearer "));
        let Some(token) = header else { return Ok(None) };
        Self::by_token(arrival, tenant, token, token::TokenScope::Program).await
    }

    async fn by_token(
        arrival: &Arrival,
        tenant: &Arc<Tenant>,
        token: &str,
        scope: token::TokenScope,
    ) -> Result<Option<Self>, Problem> {
        let (store, now) = (arrival.portal().store(), arrival.now());
        let mut keys = store.signing_keys(now, false).await?;
        let known = token::kid(token).is_some_and(|kid| keys.iter().any(|key| key.kid == kid));
        if !known {
            keys = store.signing_keys(now, true).await?;
        }
        let Some(claims) = token::verify(token, &keys) else { return Ok(None) };
        let ours = claims.tenant == *tenant.scope().id() && claims.scope == scope;
        let (arrival, tenant, session) = (arrival.clone(), Arc::clone(tenant), OnceCell::new());
        Ok(ours.then_some(Self { arrival, tenant, claims, session, expired: AtomicBool::new(false) }))
    }

    pub(super) async fn session(&self) -> Result<&Session, Problem> {
        self.session.get_or_try_init(|| self.read_session()).await
    }

    pub(super) fn settled(&self) -> Option<&Session> {
        self.session.get()
    }

    /// Did the session end by itself, too old or idle too long? Nobody signed it out or took its access.
    pub(super) fn has_expired(&self) -> bool {
        self.expired.load(Ordering::Relaxed)
    }

    async fn read_session(&self) -> Result<Session, Problem> {
        let ended = || Problem::LoginNeeded { expired: true };
        let now = self.arrival.now();
        if now.duration_since(self.claims.issued_at()) >= token::ABSOLUTE {
            self.expired.store(true, Ordering::Relaxed);
            return Err(ended());
        }
        let store = self.arrival.portal().store().in_tenant(self.tenant.scope());
        let session = store.session(&self.claims.customer, &self.claims.sid_hash(), now).await?;
        // Both were said at once, and neither is wider than the other.
        let session = session.filter(|session| session.reach == self.claims.reach).ok_or_else(ended)?;
        let seen = token::last_seen(&session, self.arrival.cookie(CookieName::Seen), &self.claims);
        match self.claims.scope {
            token::TokenScope::Browser | token::TokenScope::Embedded if token::is_idle(seen, now) => {
                self.expired.store(true, Ordering::Relaxed);
                return Err(ended());
            }
            token::TokenScope::Browser | token::TokenScope::Embedded => self.arrival.note_session(&session),
            token::TokenScope::Program => {}
        }
        Ok(session)
    }
}
