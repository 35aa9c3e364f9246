//! Where a payment stands, as a page tells it. Somebody who comes back proves nothing: only what is booked counts.

use domain::payment::{Method, Payment, State};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use store::Tenant;
use text::Words;

use crate::{Counter, Transfer, method_name};

/// From then on a page that is loaded asks the provider, also when nobody came back from it.
const LOOK_UP_AFTER: SignedDuration = SignedDuration::from_secs(60);

/// Where a payment stands.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum Standing {
    /// The customer has not been at the provider's page yet.
    Go {
        /// That page.
        url: String,
    },
    /// The customer transfers.
    Transfer {
        /// What to enter.
        transfer: Box<Transfer>,
    },
    /// The provider has not said anything final.
    Waiting {
        /// Its page, where it gave one.
        url: Option<String>,
        /// Does it know of the payment? Else it has not answered yet.
        asked: bool,
    },
    /// Money arrived.
    Paid {
        /// When.
        at: Timestamp,
    },
    /// It ended without money.
    Ended {
        /// How.
        how: Ended,
    },
}

/// How a payment ended without money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// Declined.
    Failed,
    /// The customer turned back.
    Cancelled,
    /// Too late.
    Expired,
    /// Nobody transferred in time.
    TransferExpired,
}

impl Standing {
    /// Where it stands. `returned` says that somebody came back from the provider.
    #[must_use]
    pub fn of(tenant: &Tenant, payment: &Payment, returned: bool) -> Self {
        match (&payment.state, &payment.pay_url) {
            (State::Started | State::Pending, _) if payment.method == Method::BankTransfer => {
                let transfer = Transfer::of(tenant, payment).map(Box::new);
                transfer.map_or(Self::Waiting { url: None, asked: false }, |transfer| Self::Transfer { transfer })
            }
            (State::Started | State::Pending, Some(url)) if !returned => Self::Go { url: url.clone() },
            (State::Started | State::Pending, url) => Self::Waiting { url: url.clone(), asked: payment.was_asked() },
            (State::Paid { at }, _) => Self::Paid { at: *at },
            (State::Failed { .. }, _) => Self::Ended { how: Ended::Failed },
            (State::Cancelled { .. }, _) => Self::Ended { how: Ended::Cancelled },
            (State::Expired { .. }, _) if payment.method == Method::BankTransfer => {
                Self::Ended { how: Ended::TransferExpired }
            }
            (State::Expired { .. }, _) => Self::Ended { how: Ended::Expired },
        }
    }

    /// The heading.
    #[must_use]
    pub fn title(&self, t: &Words) -> &'static str {
        match self {
            Self::Go { .. } => t.pay_go_title(),
            Self::Transfer { .. } => t.pay_transfer(),
            Self::Waiting { .. } => t.pay_waiting_title(),
            Self::Paid { .. } => t.pay_paid_title(),
            Self::Ended { how: Ended::Failed } => t.pay_failed_title(),
            Self::Ended { how: Ended::Cancelled } => t.pay_cancelled_title(),
            Self::Ended { how: Ended::Expired | Ended::TransferExpired } => t.pay_expired_title(),
        }
    }

    /// The sentence below the amount, while no money has arrived.
    #[must_use]
    pub fn sentence(&self, t: &Words, method: Method) -> String {
        match self {
            Self::Go { .. } if method == Method::Sandbox => t.pay_go_lead(method_name(method, t)),
            Self::Go { .. } => t.pay_go_lead_page().to_owned(),
            Self::Waiting { asked: false, .. } => t.pay_waiting_provider().to_owned(),
            Self::Waiting { .. } if method == Method::SepaDebit => t.pay_waiting_debit().to_owned(),
            Self::Waiting { url: Some(_), .. } => t.pay_waiting().to_owned(),
            Self::Waiting { url: None, .. } => t.pay_waiting_kept().to_owned(),
            Self::Transfer { .. } => t.pay_transfer_days().to_owned(),
            Self::Paid { .. } => String::new(),
            Self::Ended { how: Ended::Failed } => t.pay_failed().to_owned(),
            Self::Ended { how: Ended::Cancelled } => t.pay_cancelled().to_owned(),
            Self::Ended { how: Ended::Expired } => t.pay_expired().to_owned(),
            Self::Ended { how: Ended::TransferExpired } => t.pay_expired_transfer().to_owned(),
        }
    }

    /// The provider's page, while the payment waits for it.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        match self {
            Self::Go { url } => Some(url),
            Self::Waiting { url, .. } => url.as_deref(),
            _ => None,
        }
    }

    /// When money arrived.
    #[must_use]
    pub const fn paid_at(&self) -> Option<&Timestamp> {
        match self {
            Self::Paid { at } => Some(at),
            _ => None,
        }
    }

    /// The transfer to be made.
    #[must_use]
    pub fn transfer(&self) -> Option<&Transfer> {
        match self {
            Self::Transfer { transfer } => Some(transfer),
            _ => None,
        }
    }

    /// Is the provider's page still to be opened for the first time?
    #[must_use]
    pub const fn is_go(&self) -> bool {
        matches!(self, Self::Go { .. })
    }

    /// Has it ended without money?
    #[must_use]
    pub const fn is_ended(&self) -> bool {
        matches!(self, Self::Ended { .. })
    }
}

impl Counter {
    /// The payment as it stands after asking its provider, where there is a reason to.
    pub async fn up_to_date(&self, payment: Payment, returned: bool, back: &str) -> Payment {
        let payment = self.go_on(payment, back).await;
        let old = self.books.now.duration_since(payment.created_at) > LOOK_UP_AFTER;
        if returned || old { self.look_up(payment).await } else { payment }
    }
}
