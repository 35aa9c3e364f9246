//! What the customer has to do now, for programs.

use domain::payment::{Method, Payment};
use serde::{Deserialize, Serialize};
use store::Tenant;

use crate::Transfer;

/// The next step of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Next {
    /// Send the customer there.
    Redirect {
        /// The provider's page.
        url: String,
    },
    /// The customer transfers.
    Transfer {
        /// What to enter.
        transfer: Transfer,
    },
    /// Nothing: it is paid, it has ended, or the provider has not answered yet and is asked again.
    None,
}

impl Next {
    /// The next step of this payment.
    #[must_use]
    pub fn of(tenant: &Tenant, payment: &Payment) -> Self {
        if !payment.is_waiting() {
            return Self::None;
        }
        match (payment.method, &payment.pay_url) {
            (Method::BankTransfer, _) => {
                Transfer::of(tenant, payment).map_or(Self::None, |transfer| Self::Transfer { transfer })
            }
            (_, Some(url)) => Self::Redirect { url: url.clone() },
            (_, None) => Self::None,
        }
    }
}
