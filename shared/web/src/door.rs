//! The doors: contexts that can only be had by having the right to pass. A handler names the door it wants in its
//! signature; the guard of a route is derived from that, so it cannot be forgotten.

use std::sync::Arc;

use domain::tenant::{Area, Right};
use serde::Serialize;
use store::{ApiKeyScope, Session, Tenant};

use crate::{Arrival, Problem, csrf};

mod customer;
mod keys;
mod provider;
mod public;
mod signed_in;

pub use customer::{AreaMark, Change, CustomerContext, RightMark, View, area};
pub use keys::{IntegratorContext, PlatformContext, ScopeMark, scope};
pub(crate) use provider::SANDBOX_PREFIX;
pub use provider::{HookContext, SandboxMerchantContext, SandboxPageContext};
pub use public::{AnyContext, PublicContext};
use signed_in::SignedIn;

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
    /// A payment provider's message, proved by its signature.
    Provider,
    /// Everybody who knows a checkout of the sandbox provider, in stages that have it.
    SandboxPage,
    /// A program with the secret of a tenant at the sandbox provider, in stages that have it.
    SandboxMerchant,
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

        /// Is the sandbox payment provider registered in this stage?
        #[must_use]
        pub fn has_sandbox_provider(&self) -> bool {
            self.arrival.portal().config().has_sandbox_provider()
        }

        /// Today in the tenant's zone.
        #[must_use]
        pub fn today(&self) -> jiff::civil::Date {
            self.tenant.settings.zone.day(self.arrival.now())
        }
    };
}
use tenant_methods;
