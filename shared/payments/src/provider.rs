//! What every payment provider can be asked and what it tells, whatever it is called outside.

use std::fmt;

use async_trait::async_trait;
use domain::{
    Language, Money,
    id::PaymentId,
    payment::{Method, Payment, ProviderName},
};
use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use thiserror::Error;

/// What a provider can do, as data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// Who it is, and with that what it carries.
    pub name: ProviderName,
    /// How long it remembers idempotency keys. After half of that an unknown outcome is only looked up, never sent again.
    pub remembers_keys: SignedDuration,
    /// Can it give money back?
    pub refunds: bool,
}

/// What is asked of a provider. The payment's id is the idempotency key.
#[derive(Debug, Clone)]
pub struct Ask<'a> {
    /// Our id.
    pub payment: &'a PaymentId,
    /// How the customer wants to pay.
    pub method: Method,
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
    /// Until when the customer is sent there; the provider's page may last a little longer.
    pub until: Timestamp,
}

/// A payment as we know it, for finding it at the provider.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// Our id.
    pub payment: &'a PaymentId,
    /// The provider's id of its page or order; none when its answer was lost.
    pub session: Option<&'a str>,
    /// When it was written down, which was before the provider was asked.
    pub since: Timestamp,
    /// Until when the customer was sent there.
    pub until: Timestamp,
}

impl<'a> From<&'a Payment> for Known<'a> {
    fn from(payment: &'a Payment) -> Self {
        Self {
            payment: &payment.id,
            session: payment.session.as_deref(),
            since: payment.created_at,
            until: payment.expires_at,
        }
    }
}

/// Whose access it is, as the provider says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Introduced {
    /// Its name of the merchant's account.
    pub account: String,
    /// Does it move real money?
    pub live: bool,
}

/// The provider's answer to [`Ask`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// The customer goes there.
    Page {
        /// Its id of the page or order.
        session: String,
        /// Where the customer pays.
        pay_url: String,
    },
    /// It does not take this payment, now or later: too small an amount, a method that is switched off there.
    Refused {
        /// The provider's word for why; for the log, not for customers.
        code: String,
    },
}

/// One thing a provider says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Which payment it is about.
    pub about: About,
    /// What happened.
    pub what: What,
}

/// Which payment something is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// One of ours, by our id.
    Ours(PaymentId),
    /// Perhaps one of ours, by the provider's id of the charge.
    Theirs(String),
    /// None.
    Nothing,
}

impl Fact {
    /// Something about a payment of ours.
    #[must_use]
    pub const fn of(payment: PaymentId, what: What) -> Self {
        Self { about: About::Ours(payment), what }
    }
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
#[async_trait]
pub trait Provider: fmt::Debug + Send + Sync {
    /// What it can do.
    fn capabilities(&self) -> Capabilities;

    /// Whose access it is: asked before it is kept.
    ///
    /// # Errors
    /// `Refused` when the provider does not take it.
    async fn introduce(&self) -> Result<Introduced, Unknown>;

    /// Asks for money. Asking again with the same payment gives the same answer and never a second charge.
    ///
    /// # Errors
    /// The outcome is not known; looking it up is always safe.
    async fn ask(&self, ask: &Ask<'_>) -> Result<Asked, Unknown>;

    /// What became of a payment: every charge and every refund it has, and its state where there is no money. Nothing at
    /// all when the provider was never asked for it.
    ///
    /// # Errors
    /// The outcome is not known.
    async fn look_up(&self, known: Known<'_>) -> Result<Vec<Fact>, Unknown>;

    /// Which payment of ours a charge belongs to; none for somebody else's.
    ///
    /// # Errors
    /// The outcome is not known.
    async fn owner(&self, charge: &str) -> Result<Option<PaymentId>, Unknown>;

    /// Gives money back. `key` is our idempotency key of this refund.
    ///
    /// # Errors
    /// The outcome is not known; a look-up tells it.
    async fn refund(&self, known: Known<'_>, amount: Money, key: &str) -> Result<Fact, Unknown>;

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
