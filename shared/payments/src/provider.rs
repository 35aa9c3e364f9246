//! What every payment provider can be asked and what it tells, whatever it is called outside.

use std::fmt;

use async_trait::async_trait;
use domain::{
    Currency, Language, Money,
    customer::EmailAddress,
    id::PaymentId,
    payment::{Method, Payment, ProviderName},
    payment_method::{MethodName, PaymentMethod, Shown, Token},
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
    /// Status with which it wants a message answered whose origin is not proved.
    pub forged: u16,
}

/// What is asked of a provider. The payment's id is the idempotency key.
#[derive(Debug, Clone)]
pub struct Ask<'a> {
    /// Our id.
    pub payment: &'a PaymentId,
    /// How the customer wants to pay.
    pub method: Method,
    /// What it keeps of the customer's and charges at once; none sends the customer to a page.
    pub saved: Option<&'a Token>,
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
    /// What was to be charged, where it was no page that was asked for.
    pub saved: Option<&'a Token>,
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
            saved: payment.saved.as_ref().map(|saved| &saved.token),
            since: payment.created_at,
            until: payment.expires_at,
        }
    }
}

/// What is asked of a provider that is to keep a way to pay. Its name is the idempotency key.
#[derive(Debug, Clone)]
pub struct Save<'a> {
    /// Our name of it.
    pub name: &'a MethodName,
    /// What it is.
    pub method: Method,
    /// The provider's name of the customer, where it keeps something of the same customer already.
    pub customer: Option<&'a str>,
    /// Full name of the person or the company; may be empty.
    pub holder: &'a str,
    /// The customer's address.
    pub email: Option<&'a EmailAddress>,
    /// What it will be charged in.
    pub currency: Currency,
    /// What the customer reads there, for example the tenant's name.
    pub description: &'a str,
    /// Where the customer comes back to; shows a state and proves nothing.
    pub return_url: &'a str,
    /// Where the provider tells what happened.
    pub webhook_url: &'a str,
    /// Language of the provider's page.
    pub language: Language,
    /// Until when the customer is sent there.
    pub until: Timestamp,
}

/// A way to pay as we know it, for finding it at the provider.
#[derive(Debug, Clone, Copy)]
pub struct KnownMethod<'a> {
    /// Our name of it.
    pub name: &'a MethodName,
    /// What it is.
    pub method: Method,
    /// The provider's id of its page or order; none when its answer was lost.
    pub session: Option<&'a str>,
    /// When it was written down, which was before the provider was asked.
    pub since: Timestamp,
    /// Until when the customer was sent there.
    pub until: Timestamp,
}

impl<'a> From<&'a PaymentMethod> for KnownMethod<'a> {
    fn from(method: &'a PaymentMethod) -> Self {
        Self {
            name: &method.name,
            method: method.method,
            session: method.session.as_deref(),
            since: method.created_at,
            until: method.until(),
        }
    }
}

/// The provider's answer to [`Save`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Saving {
    /// The customer goes there.
    Page {
        /// Its id of the page or order.
        session: String,
        /// Where the customer agrees.
        url: String,
    },
    /// It keeps nothing of that kind.
    Refused {
        /// The provider's word for why; for the log, not for customers.
        code: String,
    },
}

/// What became of a way to pay that a provider was to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// It can be charged.
    Saved {
        /// What the provider calls it.
        token: Token,
        /// What people recognise it by.
        shown: Shown,
    },
    /// The customer has not decided, or the bank has not.
    Pending,
    /// Declined, given up, or too late.
    Failed,
    /// It was kept and is no more.
    Gone,
    /// The provider was never asked for it.
    Unknown,
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
    /// What it keeps was charged, or will be.
    Charged {
        /// Its id of the charge.
        session: String,
        /// [`What::Arrived`], [`What::Pending`] or [`What::Failed`].
        what: What,
    },
    /// It does not take this payment, now or later: too small an amount, a method that is switched off there.
    Refused {
        /// The provider's word for why; for the log, not for customers.
        code: String,
    },
}

/// What a message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// Something about a payment.
    Payment(Fact),
    /// Something happened to a charge, and the message does not say what, or does not prove it: it must be looked up.
    Charge(String),
    /// The same of a payment of ours, where the message names no charge.
    Ours(PaymentId),
    /// Something happened to a way to pay that is to be kept, or is: it must be looked up.
    Method(MethodName),
    /// The same, by the provider's name of it.
    MethodOf(String),
}

impl From<Fact> for Said {
    fn from(fact: Fact) -> Self {
        Self::Payment(fact)
    }
}

/// What of ours a charge belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// A payment.
    Payment(PaymentId),
    /// A way to pay: some providers keep one by charging it a first time.
    Method(MethodName),
}

/// One thing a provider says of a payment.
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
    /// What was taken back is here again: a refund that did not reach the customer, a dispute that was won. Who says this
    /// says that it was taken back, too.
    CameBack {
        /// The provider's id of what had been taken back.
        taken: String,
        /// Our name of it.
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

impl What {
    /// What was taken back under this id is here again. How that came is a part of its name, as providers have none for it.
    #[must_use]
    pub fn came_back(taken: &str, how: &str, amount: Money) -> Self {
        Self::CameBack { taken: taken.to_owned(), reference: format!("{taken}:{how}"), amount }
    }
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
    unsigned: bool,
}

impl<'a> Verified<'a> {
    /// Only an adapter's `verify` calls this, after comparing signatures.
    pub(crate) const fn proved(body: &'a [u8]) -> Self {
        Self { body, unsigned: false }
    }

    /// Of a provider that does not sign: a request to look something up, which proves and claims nothing.
    pub(crate) const fn asking(body: &'a [u8]) -> Self {
        Self { body, unsigned: true }
    }

    /// Does it only ask us to look something up?
    #[must_use]
    pub const fn is_unsigned(&self) -> bool {
        self.unsigned
    }

    /// The bytes.
    #[must_use]
    pub const fn body(&self) -> &'a [u8] {
        self.body
    }
}

/// The origin was not proved.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NotVerified {
    /// The signature does not fit, and nothing more is said.
    #[error("the signature does not fit")]
    Forged,
    /// What proves it could not be read; the message must come again.
    #[error("the signature could not be checked: {0}")]
    Unknown(#[from] Unknown),
}

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
    /// Its answer was lost, and it does not find things by our name of them, or not among so many: no later look-up tells
    /// more.
    #[error("it cannot be found at the provider")]
    Unfindable,
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

    /// What of ours a charge belongs to; none for somebody else's.
    ///
    /// # Errors
    /// The outcome is not known.
    async fn owner(&self, charge: &str) -> Result<Option<Owner>, Unknown>;

    /// The session of a payment, by one of its charges: for one whose answer was lost. None where the charge is not that
    /// payment's, and where it does not lead to the page that was asked for.
    ///
    /// # Errors
    /// The outcome is not known.
    async fn session_of(&self, known: Known<'_>, charge: &str) -> Result<Option<String>, Unknown>;

    /// Gives money back. `key` is our idempotency key of this refund.
    ///
    /// # Errors
    /// The outcome is not known; a look-up tells it.
    async fn refund(&self, known: Known<'_>, amount: Money, key: &str) -> Result<Fact, Unknown>;

    /// Asks it to keep a way to pay for later charges. Asking again with the same name gives the same answer.
    ///
    /// # Errors
    /// The outcome is not known; looking it up is always safe.
    async fn save(&self, save: &Save<'_>) -> Result<Saving, Unknown>;

    /// What became of a way to pay.
    ///
    /// # Errors
    /// The outcome is not known.
    async fn look_up_method(&self, known: KnownMethod<'_>) -> Result<Kept, Unknown>;

    /// Lets it forget a way to pay. One that it does not have is forgotten.
    ///
    /// # Errors
    /// The outcome is not known; forgetting again is safe.
    async fn forget(&self, token: &Token) -> Result<(), Unknown>;

    /// The headers that [`verify`](Self::verify) reads: they are kept with a message, so that it can be proved again when
    /// it is carried out again.
    fn proving_headers(&self) -> &'static [&'static str];

    /// Proves where a message comes from, before a byte of it is read. Of a provider that does not sign, only what asks to
    /// be looked up passes ([`Said::Charge`]): it claims nothing.
    ///
    /// # Errors
    /// See [`NotVerified`].
    async fn verify<'a>(&self, raw: Raw<'a>) -> Result<Verified<'a>, NotVerified>;

    /// What a genuine message says.
    ///
    /// # Errors
    /// When it is not as documented. It is kept for looking at.
    fn facts(&self, verified: Verified<'_>) -> Result<Vec<Said>, Unreadable>;
}
