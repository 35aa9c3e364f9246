//! The doors: contexts that can only be had by having the right to pass. A handler names the door it wants in its
//! signature; the guard of a route is derived from that, so it cannot be forgotten.

use std::{marker::PhantomData, sync::Arc};

use domain::{
    id::CustomerId,
    tenant::{Area, Right},
};
use jiff::Timestamp;
use serde::Serialize;
use store::{ApiKey, ApiKeyScope, Session, Store, Tenant, TenantStore};
use tokio::sync::OnceCell;

use crate::{Arrival, Cursors, Problem, cookies::CookieName, csrf, token};

/// Who may pass, as ROUTES lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "who", rename_all = "snake_case")]
pub enum Guard {
    /// Everybody who asks a tenant's host.
    Public,
    /// A signed-in customer, where the area is open that far.
    Customer {
        /// The area's switch; none is always on.
        area: Option<Area>,
        /// How far it must be open.
        right: Right,
    },
    /// A key of the tenant's integrator.
    Integrator {
        /// What the key must be allowed.
        scope: ApiKeyScope,
    },
    /// A key of the platform, on the platform's host.
    Platform,
}

/// A door. `open` decides by what came with the request; `settle` asks the table where that is needed, beside the page's
/// own reads.
pub trait Door: Clone + Send + Sync + Sized + 'static {
    /// Who may pass.
    const GUARD: Guard;
    /// Largest body that is read.
    const MAX_BODY_BYTES: usize;

    /// Decides by what came with the request.
    fn open(arrival: &Arrival) -> impl Future<Output = Result<Self, Problem>> + Send;

    /// The rest of the decision. Nothing is answered before it is `Ok`.
    fn settle(&self) -> impl Future<Output = Result<(), Problem>> + Send {
        async { Ok(()) }
    }

    /// The session, once settled.
    fn settled_session(&self) -> Option<&Session> {
        None
    }

    /// Did a submission come from our own page, or from a program that sends nothing by itself?
    ///
    /// # Errors
    /// 403.
    fn check_forgery(&self, sent: Option<&str>) -> Result<(), Problem>;

    /// The request behind it.
    fn arrival(&self) -> &Arrival;
}

/// Largest form or small JSON body.
const FORM_BYTES: usize = 64 * 1024;
/// Largest body of an integrator that is answered at once.
const IMPORT_BYTES: usize = 4 * 1024 * 1024;

fn tenant_of(arrival: &Arrival) -> Result<Arc<Tenant>, Problem> {
    arrival.tenant().cloned().ok_or(Problem::NotFound)
}

fn own_page(arrival: &Arrival) -> Result<(), Problem> {
    if csrf::is_own(arrival.headers(), arrival.origin()) { Ok(()) } else { Err(Problem::Forged) }
}

macro_rules! tenant_methods {
    () => {
        /// The tenant.
        #[must_use]
        pub fn tenant(&self) -> &Arc<Tenant> {
            &self.tenant
        }

        /// The tenant's part of the table.
        #[must_use]
        pub fn store(&self) -> TenantStore {
            self.arrival.portal().store().in_tenant(self.tenant.scope())
        }

        /// The time of this request.
        #[must_use]
        pub fn now(&self) -> Timestamp {
            self.arrival.now()
        }

        /// Today in the tenant's zone.
        #[must_use]
        pub fn today(&self) -> jiff::civil::Date {
            self.tenant.settings.zone.day(self.arrival.now())
        }
    };
}

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

    /// Whose genuine token this is, ended or not: for filling in the address only.
    #[must_use]
    pub fn remembered_customer(&self) -> Option<&CustomerId> {
        self.visitor.as_ref().map(|visitor| &visitor.claims.customer)
    }
}

impl Door for PublicContext {
    const GUARD: Guard = Guard::Public;
    const MAX_BODY_BYTES: usize = FORM_BYTES;

    async fn open(arrival: &Arrival) -> Result<Self, Problem> {
        let tenant = tenant_of(arrival)?;
        let visitor = SignedIn::by_cookie(arrival, &tenant).await.map(Arc::new);
        Ok(Self { arrival: arrival.clone(), tenant, visitor })
    }

    async fn settle(&self) -> Result<(), Problem> {
        // A public page is shown without its menu rather than not at all.
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

/// A token that is genuine, of this tenant and not too old; whether its session still is, the table says.
#[derive(Debug)]
struct SignedIn {
    arrival: Arrival,
    tenant: Arc<Tenant>,
    claims: token::Claims,
    session: OnceCell<Session>,
}

impl SignedIn {
    async fn by_cookie(arrival: &Arrival, tenant: &Arc<Tenant>) -> Option<Self> {
        let token = arrival.cookie(CookieName::Session)?.to_owned();
        Self::by_token(arrival, tenant, &token, token::TokenScope::Browser).await
    }

    async fn by_bearer(arrival: &Arrival, tenant: &Arc<Tenant>) -> Option<Self> {
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

    async fn session(&self) -> Result<&Session, Problem> {
        self.session.get_or_try_init(|| self.read_session()).await
    }

    fn settled(&self) -> Option<&Session> {
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

/// An area's name as a type, so that a handler says which one it belongs to.
pub trait AreaMark: Clone + Send + Sync + 'static {
    /// The area; none cannot be switched off.
    const AREA: Option<Area>;
}

/// How far the area must be open, as a type.
pub trait RightMark: Clone + Send + Sync + 'static {
    /// The right.
    const RIGHT: Right;
}

macro_rules! marks {
    ($($(#[$doc:meta])* $name:ident: $area:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name;
        impl AreaMark for $name {
            const AREA: Option<Area> = $area;
        }
    )*};
}

/// Areas as types.
pub mod area {
    use super::{Area, AreaMark};
    marks! {
        /// What every signed-in customer may do: start page, sessions, signing out.
        Always: None;
        /// „Kundendaten".
        Data: Some(Area::Data);
        /// „Ansprechpartner".
        Contact: Some(Area::Contact);
        /// „Verträge".
        Contracts: Some(Area::Contracts);
        /// „Rechnungen".
        Invoices: Some(Area::Invoices);
    }
}

/// The right to look.
#[derive(Debug, Clone, Copy)]
pub struct View;
/// The right to change.
#[derive(Debug, Clone, Copy)]
pub struct Change;
impl RightMark for View {
    const RIGHT: Right = Right::View;
}
impl RightMark for Change {
    const RIGHT: Right = Right::Change;
}

/// A signed-in customer with the right to an area. It cannot be had otherwise.
#[derive(Debug)]
pub struct CustomerContext<A: AreaMark, R: RightMark = View> {
    arrival: Arrival,
    tenant: Arc<Tenant>,
    signed_in: Arc<SignedIn>,
    marks: PhantomData<(A, R)>,
}

impl<A: AreaMark, R: RightMark> Clone for CustomerContext<A, R> {
    fn clone(&self) -> Self {
        Self {
            arrival: self.arrival.clone(),
            tenant: Arc::clone(&self.tenant),
            signed_in: Arc::clone(&self.signed_in),
            marks: PhantomData,
        }
    }
}

impl<A: AreaMark, R: RightMark> CustomerContext<A, R> {
    tenant_methods!();

    /// Who is signed in.
    #[must_use]
    pub fn customer(&self) -> &CustomerId {
        &self.signed_in.claims.customer
    }

    /// The session. GET handlers run beside its check; one that needs its key waits here.
    ///
    /// # Errors
    /// When the session is over.
    pub async fn session(&self) -> Result<&Session, Problem> {
        self.signed_in.session().await
    }

    /// Cursors of one list of this session.
    ///
    /// # Errors
    /// When the session is over.
    pub async fn cursors(&self, list: &str) -> Result<Cursors, Problem> {
        Ok(Cursors::new(&self.session().await?.key, list))
    }
}

impl<A: AreaMark, R: RightMark> Door for CustomerContext<A, R> {
    const GUARD: Guard = Guard::Customer { area: A::AREA, right: R::RIGHT };
    const MAX_BODY_BYTES: usize = FORM_BYTES;

    async fn open(arrival: &Arrival) -> Result<Self, Problem> {
        let tenant = tenant_of(arrival)?;
        if A::AREA.is_some_and(|area| tenant.settings.areas.right(area) < R::RIGHT) {
            return Err(Problem::NotFound);
        }
        let mut signed_in = SignedIn::by_cookie(arrival, &tenant).await;
        if signed_in.is_none() && arrival.wants() == crate::Wants::Json {
            signed_in = SignedIn::by_bearer(arrival, &tenant).await;
        }
        let signed_in = Arc::new(signed_in.ok_or(Problem::LoginNeeded { expired: false })?);
        Ok(Self { arrival: arrival.clone(), tenant, signed_in, marks: PhantomData })
    }

    async fn settle(&self) -> Result<(), Problem> {
        self.session().await.map(|_| ())
    }

    fn settled_session(&self) -> Option<&Session> {
        self.signed_in.settled()
    }

    fn check_forgery(&self, sent: Option<&str>) -> Result<(), Problem> {
        if self.signed_in.claims.scope == token::TokenScope::Program {
            return Ok(());
        }
        own_page(&self.arrival)?;
        let session = self.signed_in.settled().ok_or(Problem::Forged)?;
        if sent.is_some_and(|sent| csrf::accepts(session, sent)) { Ok(()) } else { Err(Problem::Forged) }
    }

    fn arrival(&self) -> &Arrival {
        &self.arrival
    }
}

/// The scope a key needs, as a type.
pub trait ScopeMark: Clone + Send + Sync + 'static {
    /// The scope.
    const SCOPE: ApiKeyScope;
}

/// Scopes as types.
pub mod scope {
    use super::{ApiKeyScope, ScopeMark};

    /// May read.
    #[derive(Debug, Clone, Copy)]
    pub struct Read;
    /// May load and change customers, contracts and documents.
    #[derive(Debug, Clone, Copy)]
    pub struct Write;
    /// May change settings, keys and links.
    #[derive(Debug, Clone, Copy)]
    pub struct Settings;
    impl ScopeMark for Read {
        const SCOPE: ApiKeyScope = ApiKeyScope::Read;
    }
    impl ScopeMark for Write {
        const SCOPE: ApiKeyScope = ApiKeyScope::Write;
    }
    impl ScopeMark for Settings {
        const SCOPE: ApiKeyScope = ApiKeyScope::Settings;
    }
}

/// The tenant's own system, by API key.
#[derive(Debug)]
pub struct IntegratorContext<S: ScopeMark> {
    arrival: Arrival,
    tenant: Arc<Tenant>,
    key: Arc<ApiKey>,
    mark: PhantomData<S>,
}

impl<S: ScopeMark> Clone for IntegratorContext<S> {
    fn clone(&self) -> Self {
        Self {
            arrival: self.arrival.clone(),
            tenant: Arc::clone(&self.tenant),
            key: Arc::clone(&self.key),
            mark: PhantomData,
        }
    }
}

impl<S: ScopeMark> IntegratorContext<S> {
    tenant_methods!();

    /// Cursors of one list of this key.
    #[must_use]
    pub fn cursors(&self, list: &str) -> Cursors {
        Cursors::new(&self.key.hash, list)
    }

    /// The revision in `If-Match`, which integrators may leave out.
    ///
    /// # Errors
    /// 412 when it is none of ours.
    pub fn if_match(&self) -> Result<Option<u64>, Problem> {
        let Some(header) = self.arrival.header("if-match") else { return Ok(None) };
        header.trim().trim_matches('"').parse().map(Some).map_err(|_| Problem::Stale)
    }
}

impl<S: ScopeMark> Door for IntegratorContext<S> {
    const GUARD: Guard = Guard::Integrator { scope: S::SCOPE };
    const MAX_BODY_BYTES: usize = IMPORT_BYTES;

    async fn open(arrival: &Arrival) -> Result<Self, Problem> {
        let tenant = tenant_of(arrival)?;
        let (id, token) = sent_key(arrival)?;
        let store = arrival.portal().store().in_tenant(tenant.scope());
        let key = store.api_key(&id).await?.map(|loaded| loaded.value);
        let key = key.filter(|key| key.accepts(&token)).ok_or(Problem::LoginNeeded { expired: false })?;
        if !key.scopes.contains(&S::SCOPE) {
            return Err(Problem::NotAllowed);
        }
        Ok(Self { arrival: arrival.clone(), tenant, key: Arc::new(key), mark: PhantomData })
    }

    fn check_forgery(&self, _sent: Option<&str>) -> Result<(), Problem> {
        Ok(())
    }

    fn arrival(&self) -> &Arrival {
        &self.arrival
    }
}

/// The operator of the installation, by platform key, on the platform's host.
#[derive(Debug, Clone)]
pub struct PlatformContext {
    arrival: Arrival,
    key: Arc<ApiKey>,
}

impl PlatformContext {
    /// The table, across tenants.
    #[must_use]
    pub fn store(&self) -> &Store {
        self.arrival.portal().store()
    }

    /// The time of this request.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.arrival.now()
    }

    /// Cursors of one list of this key.
    #[must_use]
    pub fn cursors(&self, list: &str) -> Cursors {
        Cursors::new(&self.key.hash, list)
    }
}

impl Door for PlatformContext {
    const GUARD: Guard = Guard::Platform;
    const MAX_BODY_BYTES: usize = FORM_BYTES;

    async fn open(arrival: &Arrival) -> Result<Self, Problem> {
        if arrival.tenant().is_some() {
            return Err(Problem::NotFound);
        }
        let (id, token) = sent_key(arrival)?;
        let key = arrival.portal().store().platform_key(&id).await?;
        let key = key.filter(|key| key.accepts(&token)).ok_or(Problem::LoginNeeded { expired: false })?;
        Ok(Self { arrival: arrival.clone(), key: Arc::new(key) })
    }

    fn check_forgery(&self, _sent: Option<&str>) -> Result<(), Problem> {
        Ok(())
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

fn sent_key(arrival: &Arrival) -> Result<(domain::id::ApiKeyId, domain::Secret<String>), Problem> {
    let header = arrival.header("authorization").and_then(|header| header.strip_prefix("Bearer "));
    header.and_then(ApiKey::parse).ok_or(Problem::LoginNeeded { expired: false })
}
