//! A signed-in customer with the right to an area.

use std::{marker::PhantomData, sync::Arc};

use domain::{
    change::Way,
    id::CustomerId,
    link::Reach,
    tenant::{Area, Right},
};
use jiff::Timestamp;
use store::{Session, Tenant, TenantStore};

use super::{Door, FORM_BYTES, Guard, Reaching, SignedIn, own_page, tenant_methods, tenant_of};
use crate::{Arrival, Cursors, Problem, csrf, token};

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
        /// „Rechnungsadressen".
        BillingAddresses: Some(Area::BillingAddresses);
        /// „Ansprechpartner".
        Contact: Some(Area::Contact);
        /// „Verträge".
        Contracts: Some(Area::Contracts);
        /// „Abonnements kündigen".
        Cancel: Some(Area::Cancel);
        /// „Kündigung zurücknehmen".
        TakeBack: Some(Area::TakeBack);
        /// Pausing and resuming.
        Pause: Some(Area::Pause);
        /// „Rechnungen".
        Invoices: Some(Area::Invoices);
        /// „Dokumente".
        Documents: Some(Area::Documents);
        /// „Konten".
        Accounts: Some(Area::Accounts);
        /// „Zahlungsmethoden".
        PaymentMethods: Some(Area::PaymentMethods);
        /// Paying and topping up.
        Payments: Some(Area::Payments);
        /// „Verträge hier kündigen" and „Vertrag widerrufen".
        Declarations: Some(Area::Declarations);
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

/// Which sessions pass, as a type.
pub trait ReachMark: Clone + Send + Sync + 'static {
    /// Which ones.
    const REACHING: Reaching;
}

/// Sessions that reach the whole portal: what every handler asks for that says nothing else.
#[derive(Debug, Clone, Copy)]
pub struct Whole;
/// Those of one contract too, on the addresses of that contract.
#[derive(Debug, Clone, Copy)]
pub struct OneContract;
/// Every session, however little it reaches.
#[derive(Debug, Clone, Copy)]
pub struct Any;
impl ReachMark for Whole {
    const REACHING: Reaching = Reaching::Portal;
}
impl ReachMark for OneContract {
    const REACHING: Reaching = Reaching::Contract;
}
impl ReachMark for Any {
    const REACHING: Reaching = Reaching::Any;
}

/// The door of what belongs to one contract: a session that a link to this contract began passes as well. The number in the
/// path is the session's own before a handler sees it.
pub type ContractContext<A, R = View> = CustomerContext<A, R, OneContract>;

/// A signed-in customer with the right to an area. It cannot be had otherwise.
///
/// Architecture Invariant: a session of one contract passes only where the handler's signature says so. Everywhere else it
/// is answered as if there were nothing. A session in a frame never passes where something is changed or money moves.
#[derive(Debug)]
pub struct CustomerContext<A: AreaMark, R: RightMark = View, S: ReachMark = Whole> {
    arrival: Arrival,
    tenant: Arc<Tenant>,
    signed_in: Arc<SignedIn>,
    marks: PhantomData<(A, R, S)>,
}

impl<A: AreaMark, R: RightMark, S: ReachMark> Clone for CustomerContext<A, R, S> {
    fn clone(&self) -> Self {
        Self {
            arrival: self.arrival.clone(),
            tenant: Arc::clone(&self.tenant),
            signed_in: Arc::clone(&self.signed_in),
            marks: PhantomData,
        }
    }
}

impl<A: AreaMark, R: RightMark, S: ReachMark> CustomerContext<A, R, S> {
    tenant_methods!();

    /// Who is signed in.
    #[must_use]
    pub fn customer(&self) -> &CustomerId {
        &self.signed_in.claims.customer
    }

    /// How far the session reaches: what a page offers beyond that leads nowhere.
    #[must_use]
    pub fn reach(&self) -> &Reach {
        &self.signed_in.claims.reach
    }

    /// By which way the customer does what this request does: for the timeline.
    #[must_use]
    pub fn way(&self) -> Way {
        match self.signed_in.claims.scope {
            token::TokenScope::Program => Way::Api,
            token::TokenScope::Browser | token::TokenScope::Embedded if !self.reach().is_whole() => Way::Link,
            token::TokenScope::Browser | token::TokenScope::Embedded => match self.arrival.wants() {
                crate::Wants::Page => Way::Page,
                crate::Wants::Json => Way::Api,
            },
        }
    }

    /// May a session pass that lives in a frame? It looks at what may stand there, and ends itself.
    fn is_open_in_frames(arrival: &Arrival) -> bool {
        (Self::GUARD.may_be_framed() && arrival.reads()) || S::REACHING == Reaching::Any
    }

    /// The revision that `If-Match` names.
    ///
    /// # Errors
    /// 428 without it, and 412 for one that names none.
    pub fn if_match(&self) -> Result<u64, Problem> {
        let header = self.arrival.header("if-match").ok_or(Problem::PreconditionRequired)?;
        header.trim().trim_matches('"').parse().map_err(|_| Problem::Stale)
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

impl<A: AreaMark, R: RightMark, S: ReachMark> Door for CustomerContext<A, R, S> {
    const GUARD: Guard = Guard::Customer { area: A::AREA, right: R::RIGHT, reaching: S::REACHING };
    const MAX_BODY_BYTES: usize = FORM_BYTES;

    async fn open(arrival: &Arrival) -> Result<Self, Problem> {
        let tenant = tenant_of(arrival)?;
        if A::AREA.is_some_and(|area| tenant.settings.right(area) < R::RIGHT) {
            return Err(Problem::NotFound);
        }
        let mut signed_in = SignedIn::by_cookie(arrival, &tenant).await?;
        if signed_in.is_none() && arrival.wants() == crate::Wants::Json {
            signed_in = SignedIn::by_bearer(arrival, &tenant).await?;
        }
        let signed_in = Arc::new(signed_in.ok_or(Problem::LoginNeeded { expired: false })?);
        if !S::REACHING.admits(&signed_in.claims.reach, arrival.path()) {
            // Whose session has ended is sent to the login like anybody else.
            signed_in.session().await?;
            return Err(Problem::NotFound);
        }
        if signed_in.claims.scope == token::TokenScope::Embedded && !Self::is_open_in_frames(arrival) {
            signed_in.session().await?;
            return Err(Problem::OwnWindow);
        }
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
