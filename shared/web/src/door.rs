//! The doors: contexts that can only be had by having the right to pass. A handler names the door it wants in its
//! signature; the guard of a route is derived from that, so it cannot be forgotten.

use std::sync::Arc;

use domain::{
    link::Reach,
    tenant::{Area, Right},
};
use serde::Serialize;
use store::{ApiKeyScope, Session, Tenant};

use crate::{Arrival, Problem, csrf};

mod customer;
mod keys;
mod provider;
mod public;
mod signed_in;

pub use customer::{
    Any, AreaMark, Change, ContractContext, CustomerContext, OneContract, ReachMark, RightMark, View, Whole, area,
};
pub use keys::{IntegratorContext, PlatformContext, ScopeMark, scope};
pub(crate) use provider::SANDBOX_PREFIX;
pub use provider::{HookContext, SandboxMerchantContext, SandboxPageContext};
pub use public::{AnyContext, EmbedContext, PublicContext};
use signed_in::SignedIn;

/// Who may pass, as ROUTES lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "who", rename_all = "snake_case")]
pub enum Guard {
    /// Everybody who asks a tenant's host.
    Public,
    /// Everybody who opens the portal in a frame on somebody's page.
    Embed,
    /// A signed-in customer, where the area is open that far.
    Customer {
        /// The area's switch; none is always on.
        area: Option<Area>,
        /// How far it must be open.
        right: Right,
        /// Which sessions pass.
        #[serde(skip_serializing_if = "Reaching::is_portal")]
        reaching: Reaching,
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

impl Guard {
    /// May what it guards stand in a frame on pages that the tenant names? Only what is looked at: what changes something, moves
    /// money or asks for an address stands in a window of its own, where people see whose page it is.
    #[must_use]
    pub const fn may_be_framed(self) -> bool {
        match self {
            Self::Embed => true,
            Self::Customer { area, right, .. } => {
                matches!(right, Right::View) && !matches!(area, Some(Area::Payments | Area::PaymentMethods))
            }
            Self::Public
            | Self::Integrator { .. }
            | Self::Platform
            | Self::Provider
            | Self::SandboxPage
            | Self::SandboxMerchant => false,
        }
    }
}

/// Which sessions pass a customer's door.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reaching {
    /// Those that reach the whole portal.
    Portal,
    /// Those of one contract too, where the path is that contract's.
    Contract,
    /// Every one.
    Any,
}

impl Reaching {
    const fn is_portal(&self) -> bool {
        matches!(self, Self::Portal)
    }

    /// Does a session pass that reaches so far, at this address?
    fn admits(self, reach: &Reach, path: &str) -> bool {
        match (self, reach) {
            (_, Reach::Portal) | (Self::Any, _) => true,
            (Self::Contract, Reach::Contract { subscription }) => {
                contract_of(path).is_some_and(|slug| slug == subscription.slug())
            }
            (Self::Portal, Reach::Contract { .. }) => false,
        }
    }
}

/// The contract that an address is about, as it stands there. A number has one slug, which no encoding changes, so another
/// spelling of it is another contract's.
fn contract_of(path: &str) -> Option<&str> {
    let path = path.split(['?', '#']).next()?;
    let below = ["/contracts/", "/api/v1/subscriptions/"].iter().find_map(|area| path.strip_prefix(area))?;
    below.split('/').next()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_looked_at_and_moves_no_money_stands_in_a_frame() {
        let door = |area, right| Guard::Customer { area, right, reaching: Reaching::Portal }.may_be_framed();
        for area in [None, Some(Area::Data), Some(Area::Invoices), Some(Area::Accounts)] {
            assert!(door(area, Right::View) && !door(area, Right::Change), "{area:?}");
        }
        for area in [Area::Payments, Area::PaymentMethods] {
            assert!(!door(Some(area), Right::View) && !door(Some(area), Right::Change), "{area:?}");
        }
        assert!(Guard::Embed.may_be_framed());
        for guard in [Guard::Public, Guard::Platform, Guard::Provider, Guard::SandboxPage, Guard::SandboxMerchant] {
            assert!(!guard.may_be_framed(), "{guard:?}");
        }
    }

    #[test]
    fn a_session_of_one_contract_passes_at_that_contract_and_nowhere_else() {
        let reach = Reach::Contract { subscription: "V 1".parse().unwrap() };
        for own in [
            "/contracts/V~201",
            "/contracts/V~201?language=en",
            "/contracts/V~201/cancel/pdf",
            "/api/v1/subscriptions/V~201/cancel-preview",
        ] {
            assert!(Reaching::Contract.admits(&reach, own), "{own}");
            assert!(!Reaching::Portal.admits(&reach, own), "{own} is for whoever signed in");
        }
        for other in [
            "/",
            "/contracts",
            "/contracts/",
            "/contracts?number=V~201",
            "/contracts/V~202",
            "/contracts/V~201x",
            "/contracts/V%201",
            "/contracts/V%7E201",
            "/contracts/x/V~201",
            "/contracts//V~201",
            "/invoices/V~201",
            "/x/contracts/V~201",
            "/api/v1/subscriptions",
        ] {
            assert!(!Reaching::Contract.admits(&reach, other), "{other}");
            assert!(Reaching::Contract.admits(&Reach::Portal, other) && Reaching::Any.admits(&reach, other), "{other}");
        }
    }
}
