//! A token that came with the request, and the session behind it.

use std::sync::Arc;

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
}

impl SignedIn {
    pub(super) async fn by_cookie(arrival: &Arrival, tenant: &Arc<Tenant>) -> Option<Self> {
        let token = arrival.cookie(CookieName::Session)?.to_owned();
        Self::by_token(arrival, tenant, &token, token::TokenScope::Browser).await
    }

    pub(super) async fn by_bearer(arrival: &Arrival, tenant: &Arc<Tenant>) -> Option<Self> {
        let token = arrival.header("authorization")?.strip_prefix("Bearer ")?.to_owned();
        Self::by_token(arrival, tenant, &token, token::TokenScope::Program).await
    }

    async fn by_token(arrival: &Arrival, tenant: &Arc<Tenant>, token: &str, scope: token::TokenScope) -> Option<Self> {
        let (store, now) = (arrival.portal().store(), arrival.now());
        let mut keys = store.signing_keys(now, false).await.ok()?;
        let known = token::kid(token).is_some_and(|kid| keys.iter().any(|key| key.kid == kid));
        if !known {
            keys = store.signing_keys(now, true).await.ok()?;
        }
        let claims = token::verify(token, &keys)?;
        let ours = claims.tenant == *tenant.scope().id() && claims.scope == scope;
        ours.then(|| Self { arrival: arrival.clone(), tenant: Arc::clone(tenant), claims, session: OnceCell::new() })
    }

    pub(super) async fn session(&self) -> Result<&Session, Problem> {
        self.session.get_or_try_init(|| self.read_session()).await
    }

    pub(super) fn settled(&self) -> Option<&Session> {
        self.session.get()
    }

    async fn read_session(&self) -> Result<Session, Problem> {
        let ended = || Problem::LoginNeeded { expired: true };
        let now = self.arrival.now();
        if now.duration_since(self.claims.issued_at()) >= token::ABSOLUTE {
            return Err(ended());
        }
        let store = self.arrival.portal().store().in_tenant(self.tenant.scope());
        let session = store.session(&self.claims.customer, &self.claims.sid_hash(), now).await?.ok_or_else(ended)?;
        let seen = token::last_seen(&session, self.arrival.cookie(CookieName::Seen), &self.claims);
        match self.claims.scope {
            token::TokenScope::Browser if token::is_idle(seen, now) => Err(ended()),
            _ => Ok(session),
        }
    }
}

