//! Everybody: a tenant's public pages, and what is on every known host.

use std::{marker::PhantomData, sync::Arc};

use domain::{id::CustomerId, link::Reach, tenant::Right};
use jiff::Timestamp;
use store::{Session, Tenant, TenantStore};

use super::{AreaMark, Door, FORM_BYTES, Guard, SignedIn, area, own_page, tenant_methods, tenant_of};
use crate::{Arrival, Problem};

/// Everybody who asks a tenant's host; knows who is signed in, if somebody is. Where a public page belongs to an area,
/// it is 404 while that is off.
#[derive(Debug)]
pub struct PublicContext<A: AreaMark = area::Always> {
    arrival: Arrival,
    tenant: Arc<Tenant>,
    visitor: Option<Arc<SignedIn>>,
    mark: PhantomData<A>,
}

impl<A: AreaMark> Clone for PublicContext<A> {
    fn clone(&self) -> Self {
        Self {
            arrival: self.arrival.clone(),
            tenant: Arc::clone(&self.tenant),
            visitor: self.visitor.clone(),
            mark: PhantomData,
        }
    }
}

impl<A: AreaMark> PublicContext<A> {
    tenant_methods!();

    /// Who is signed in to the whole portal, checked. Whoever came by a link to one contract is nobody here.
    ///
    /// # Errors
    /// 503 when that cannot be found out.
    pub async fn customer(&self) -> Result<Option<&CustomerId>, Problem> {
        let visitor = self.checked().await?.filter(|visitor| visitor.claims.reach.is_whole());
        Ok(visitor.map(|visitor| &visitor.claims.customer))
    }

    /// Whose session has expired, for filling in the address only; known once [`Self::customer`] was asked. Who signed
    /// out or lost access is forgotten, and a link to one contract told nobody an address.
    #[must_use]
    pub fn remembered_customer(&self) -> Option<&CustomerId> {
        let remembered = |visitor: &&Arc<SignedIn>| visitor.has_expired() && visitor.claims.reach.is_whole();
        self.visitor.as_ref().filter(remembered).map(|visitor| &visitor.claims.customer)
    }

    /// Whoever asks, if that session goes on.
    async fn checked(&self) -> Result<Option<&Arc<SignedIn>>, Problem> {
        let Some(visitor) = &self.visitor else { return Ok(None) };
        match visitor.session().await {
            Ok(_) => Ok(Some(visitor)),
            Err(Problem::LoginNeeded { .. }) => Ok(None),
            Err(problem) => Err(problem),
        }
    }
}

impl<A: AreaMark> Door for PublicContext<A> {
    const GUARD: Guard = Guard::Public;
    const MAX_BODY_BYTES: usize = FORM_BYTES;

    async fn open(arrival: &Arrival) -> Result<Self, Problem> {
        let tenant = tenant_of(arrival)?;
        if A::AREA.is_some_and(|area| tenant.settings.right(area) == Right::Off) {
            return Err(Problem::NotFound);
        }
        // A public page is shown without its menu rather than not at all.
        let visitor = SignedIn::by_cookie(arrival, &tenant).await.ok().flatten().map(Arc::new);
        Ok(Self { arrival: arrival.clone(), tenant, visitor, mark: PhantomData })
    }

    async fn settle(&self) -> Result<(), Problem> {
        // As above.
        let _visitor = self.checked().await;
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

/// Everybody who opens the portal in a frame on somebody's page: the one door without a session whose pages may stand there.
#[derive(Debug, Clone)]
pub struct EmbedContext(PublicContext);

impl EmbedContext {
    /// What every public door knows.
    #[must_use]
    pub const fn public(&self) -> &PublicContext {
        &self.0
    }

    /// Is there a session here already that reaches just so far, for this customer?
    ///
    /// # Errors
    /// 503 when that cannot be found out.
    pub async fn goes_on(&self, customer: &CustomerId, reach: &Reach) -> Result<bool, Problem> {
        let visitor = self.0.checked().await?;
        Ok(visitor.is_some_and(|visitor| visitor.claims.customer == *customer && visitor.claims.reach == *reach))
    }
}

impl Door for EmbedContext {
    const GUARD: Guard = Guard::Embed;
    const MAX_BODY_BYTES: usize = FORM_BYTES;

    async fn open(arrival: &Arrival) -> Result<Self, Problem> {
        <PublicContext>::open(arrival).await.map(Self)
    }

    async fn settle(&self) -> Result<(), Problem> {
        self.0.settle().await
    }

    fn settled_session(&self) -> Option<&Session> {
        self.0.settled_session()
    }

    fn check_forgery(&self, _sent: Option<&str>) -> Result<(), Problem> {
        own_page(self.0.arrival())
    }

    fn arrival(&self) -> &Arrival {
        self.0.arrival()
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
