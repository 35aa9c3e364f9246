//! What every payment provider can be asked and what it tells, whatever it is called outside.

use domain::{Language, Money, id::PaymentId, payment::Method};
use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use thiserror::Error;

/// What a provider can do, as data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// The method people choose.
    pub method: Method,
    /// How long it remembers idempotency keys. After half of that an unknown outcome is only looked up, never sent again.
    pub remembers_keys: SignedDuration,
    /// Can it give money back?
    pub refunds: bool,
    /// Is the money there at once? Only then may the page say so.
    pub is_instant: bool,
    /// Origin that the browser is sent to, for the page's `form-action`; none where the base address says it.
    pub origin: Option<&'static str>,
}

/// What is asked of a provider. The payment's id is the idempotency key.
#[derive(Debug, Clone)]
pub struct Ask<'a> {
    /// Our id.
    pub payment: &'a PaymentId,
    /// How much.
    pub amount: Money,
    /// What the customer reads there, for example „Rechnung RE1000".
    pub description: &'a str,
    /// Where the customer comes back to; shows a state and proves nothing.
    pub return_url: &'a str,
    /// Where the provider tells what happened.
    pub webhook_url: &'a str,
    /// Language of the provider's page.
    pub language: Language,
}

/// The provider's answer to [`Ask`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Its id of the page or order.
    pub session: String,
    /// Where the customer pays.
    pub pay_url: String,
}

/// One thing a provider says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Which payment of ours; none when it does not say.
    pub payment: Option<PaymentId>,
    /// What happened.
    pub what: What,
}

/// What happened at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Money arrived.
    Arrived {
        /// The provider's id of the charge.
        reference: String,
        /// As the provider says it.
        amount: Money,
    },
    /// Money was taken back: a refund, a dispute, a return.
    TakenBack {
        /// The provider's id of the refund.
        reference: String,
        /// As the provider says it.
        amount: Money,
    },
    /// Declined.
    Failed,
    /// The customer turned back.
    Cancelled,
    /// It can no longer be paid.
    Expired,
    /// Still under way.
    Pending,
    /// Something we do not act upon; it is acknowledged and kept.
    Other(String),
}

/// A request as it came.
#[derive(Debug, Clone, Copy)]
pub struct Raw<'a> {
    /// Its headers.
    pub headers: &'a HeaderMap,
    /// Its bytes, decoded from nothing but base64.
    pub body: &'a [u8],
    /// When it came.
    pub now: Timestamp,
}

/// Bytes whose origin was proved.
#[derive(Debug, Clone, Copy)]
pub struct Verified<'a> {
    body: &'a [u8],
}

impl<'a> Verified<'a> {
    /// Only an adapter's `verify` calls this, after comparing signatures.
    pub(crate) const fn proved(body: &'a [u8]) -> Self {
        Self { body }
    }

    /// The bytes.
    #[must_use]
    pub const fn body(&self) -> &'a [u8] {
        self.body
    }
}

/// The origin was not proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the signature does not fit")]
pub struct NotVerified;

/// Genuine, but not what the provider's documents say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the message is not as documented")]
pub struct Unreadable;

/// The outcome is not known. A decline is an outcome, not an error.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Unknown {
    /// No answer, or none in time.
    #[error("the provider did not answer: {0}")]
    NoAnswer(String),
    /// An answer that says nothing about the payment (credentials, limits, a fault of theirs).
    #[error("the provider answered {0}")]
    Refused(u16),
    /// An answer in a form that is not documented.
    #[error("the provider's answer is not as documented")]
    Unreadable,
}

/// A payment provider.
pub trait Provider: Send + Sync {
    /// What it can do.
    fn capabilities(&self) -> Capabilities;

    /// Asks for money. Asking again with the same payment gives the same answer and never a second charge.
    ///
    /// # Errors
    /// The outcome is not known; looking it up is always safe.
    fn ask(&self, ask: &Ask<'_>) -> impl Future<Output = Result<Asked, Unknown>> + Send;

    /// What became of a payment: every charge and every refund it has, and its state where there is no money.
    ///
    /// # Errors
    /// The outcome is not known.
    fn look_up(&self, payment: &PaymentId) -> impl Future<Output = Result<Vec<Fact>, Unknown>> + Send;

    /// Gives money back. `key` is our idempotency key of this refund.
    ///
    /// # Errors
    /// The outcome is not known; a look-up tells it.
    fn refund(
        &self,
        payment: &PaymentId,
        amount: Money,
        key: &str,
    ) -> impl Future<Output = Result<Fact, Unknown>> + Send;

    /// The headers that [`verify`](Self::verify) reads: they are kept with a message, so that it can be proved again when
    /// it is carried out again.
    fn proving_headers(&self) -> &'static [&'static str];

    /// Proves where a message comes from, before a byte of it is read.
    ///
    /// # Errors
    /// [`NotVerified`], and nothing more is said.
    fn verify<'a>(&self, raw: Raw<'a>) -> Result<Verified<'a>, NotVerified>;

    /// What a genuine message says.
    ///
    /// # Errors
    /// When it is not as documented. It is kept for looking at.
    fn facts(&self, verified: Verified<'_>) -> Result<Vec<Fact>, Unreadable>;
}
