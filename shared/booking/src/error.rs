//! Why something was not booked. Nothing was written then.

use domain::payment::Refused;
use payments::Unknown;
use store::{CommitError, LostRace, StoreError};
use thiserror::Error;

/// See the variants.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BookingError {
    /// There is no such payment.
    #[error("there is no such payment")]
    NoPayment,
    /// There is no such customer any more.
    #[error("the customer was erased")]
    NoCustomer,
    /// There is no such way to pay.
    #[error("there is no such way to pay")]
    NoMethod,
    /// There is no such contract.
    #[error("there is no such contract")]
    NoContract,
    /// Money is taken back whose own message has not come yet: it must be told again.
    #[error("more is taken back than has arrived so far")]
    TooEarly,
    /// A rule of money says no.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Somebody else was faster each time, or the table did not answer.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// The provider's answer is not known.
    #[error(transparent)]
    Provider(#[from] Unknown),
}

impl From<StoreError> for BookingError {
    fn from(error: StoreError) -> Self {
        Self::Commit(error.into())
    }
}

impl LostRace for BookingError {
    fn lost_race(&self) -> bool {
        matches!(self, Self::Commit(error) if error.may_decide_again())
    }
}
