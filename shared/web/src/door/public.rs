//! Everybody: a tenant's public pages, and what is on every known host.

use std::sync::Arc;

use domain::id::CustomerId;
use jiff::Timestamp;
use store::{Session, Tenant, TenantStore};

use super::{Door, FORM_BYTES, Guard, SignedIn, own_page, tenant_methods, tenant_of};
use crate::{Arrival, Problem};

/// Everybody who asks a tenant's host; knows who is signed in, if somebody is.
#[derive(Debug, Clone)]
pub struct PublicContext {
    arrival: Arrival,
    tenant: Arc<Tenant>,
    visitor: Option<Arc<SignedIn>>,
}

impl PublicContext {
    tenant_methods!();

    /// Who is signed in, checked.
    ///
    /// # Errors
    /// 503 when that cannot be found out.
    pub async fn customer(&self) -> Result<Option<&CustomerId>, Problem> {
        let Some(visitor) = &self.visitor else { return Ok(None) };
        match visitor.session().await {
            Ok(_) => Ok(Some(&visitor.claims.customer)),
            Err(Problem::LoginNeeded { .. }) => Ok(None),
            Err(problem) => Err(problem),
        }
    }

    /// Whose session has expired, for filling in the address only; known once [`Self::customer`] was asked. Who signed out
    /// or lost access is forgotten.
    #[must_use]
    pub fn remembered_customer(&self) -> Option<&CustomerId> {
        self.visitor.as_ref().filter(|visitor| visitor.has_expired()).map(|visitor| &visitor.claims.customer)
    }
}

impl Door for PublicContext {
    const GUARD: Guard = Guard::Public;
    const MAX_BODY_BYTES: usize = FORM_BYTES;

    async fn open(arrival: &Arrival) -> Result<Self, Problem> {
        let tenant = tenant_of(arrival)?;
        // A public page is shown without its menu rather than not at all.
        let visitor = SignedIn::by_cookie(arrival, &tenant).await.ok().flatten().map(Arc::new);
        Ok(Self { arrival: arrival.clone(), tenant, visitor })
    }

    async fn settle(&self) -> Result<(), Problem> {
        // As above.
        let _visitor = self.customer().await;
        Ok(())
    }

    fn settled_session(&self) -> Option<&Session> {
        self.visitor.as_ref()?.settled()
    }

    fn check_forgery(&self, _sent: Option<&str>) -> Result<(), Problem> {
        // Programs send neither header and carry no cookie that could be abused; browsers always say where they are.
        let from_browser = self.arrival.header("origin").is_some() || self.arrival.header("sec-fetch-site").is_some();
        match self.arrival.wants() {
            crate::Wants::Json if !from_browser => Ok(()),
            _ => own_page(&self.arrival),
        }
    }

    fn arrival(&self) -> &Arrival {
        &self.arrival
    }
}

/// Everybody, on any known host: health and the description of the API.
#[derive(Debug, Clone)]
pub struct AnyContext(Arrival);

impl Door for AnyContext {
    const GUARD: Guard = Guard::Public;
    const MAX_BODY_BYTES: usize = FORM_BYTES;

    async fn open(arrival: &Arrival) -> Result<Self, Problem> {
        Ok(Self(arrival.clone()))
    }

    fn check_forgery(&self, _sent: Option<&str>) -> Result<(), Problem> {
        own_page(&self.0)
    }

    fn arrival(&self) -> &Arrival {
        &self.0
    }
}
