//! Mails on their way out: each is written down once before it is sent, and marked once it is.
//!
//! access patterns: write down if absent · what is due (outbox.rs) · keys: C / OUT#event#template, or
//! T#t#DECL#id / OUT#event#template; DUE until it ended, ttl 90 days

use domain::{
    Language, Money,
    collection::CollectionNotice,
    comment::{Author, CommentNotice},
    document::DocumentType,
    id::{CancellationId, CustomerId, DeclarationId, EmailChangeId, EventId, LinkId, PaymentId, PaymentMethodId},
    number::{DocumentNumber, SubscriptionNumber},
    paper::PaymentMail,
    subscription::ContractNotice,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    CommitError, Reader, TenantScope, TenantStore,
    item::{Item, kind},
    key::Key,
};

/// How long it is known that a mail went out.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// A mail that follows from an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutMail {
    /// Which one, about what.
    pub about: About,
    /// Why.
    pub event: EventId,
    /// When it happened.
    pub at: Timestamp,
    /// How often sending failed.
    #[serde(default)]
    pub tries: u32,
    /// How it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<OutMailEnd>,
}

/// What a mail is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum About {
    /// A payment.
    Payment {
        /// Which mail.
        mail: PaymentMail,
        /// Which payment.
        payment: PaymentId,
        /// The amount it tells.
        amount: Money,
        /// SHA-256 of the paper that goes with it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        paper: Option<String>,
    },
    /// Collecting an invoice.
    Collection(CollectionNotice),
    /// A card whose time is over soon.
    MethodEnds {
        /// Which one.
        method: PaymentMethodId,
    },
    /// A personal link.
    Link {
        /// Which one.
        link: LinkId,
        /// Language of its page and of the mail; else the customer's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        language: Option<Language>,
    },
    /// A document was released.
    Released {
        /// Its kind.
        document: DocumentType,
        /// Its number.
        number: String,
        /// Level of a „Mahnung"; 0 for all others.
        #[serde(default)]
        level: u8,
        /// SHA-256 of the PDF that goes with it; none where the mail only leads to it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        paper: Option<String>,
    },
    /// Somebody wrote a comment on a document. It goes to the other side: to the customer, or to the tenant itself.
    Commented(CommentNotice),
    /// A customer answered an offer. It goes to the customer.
    Answered {
        /// Which offer.
        offer: DocumentNumber,
        /// SHA-256 of the paper that goes with it.
        paper: String,
    },
    /// The same, to the tenant itself.
    AnswerTold {
        /// Which offer.
        offer: DocumentNumber,
        /// SHA-256 of the paper that goes with it.
        paper: String,
    },
    /// A contract was cancelled.
    Cancelled {
        /// Which contract.
        subscription: SubscriptionNumber,
        /// Which cancellation: it may have been taken back meanwhile.
        cancellation: CancellationId,
        /// SHA-256 of the paper that goes with it.
        paper: String,
    },
    /// A contract rests, runs again, or is cancelled no more.
    Contract {
        /// What was done with it.
        notice: ContractNotice,
        /// Which contract.
        subscription: SubscriptionNumber,
    },
    /// Another login address waits for its confirmation. It goes there.
    EmailChange {
        /// Which wish.
        wish: EmailChangeId,
    },
    /// The login address was changed. It goes to the one before, which the event tells.
    EmailChanged,
    /// A declaration that somebody made without signing in. It goes to the address that was given with it.
    Declaration {
        /// Which one.
        declaration: DeclarationId,
        /// SHA-256 of the paper that goes with it.
        paper: String,
    },
}

impl About {
    /// The name of its template.
    const fn code(&self) -> &'static str {
        match self {
            Self::Payment { mail, .. } => mail.code(),
            Self::Collection(notice) => notice.mail.code(),
            Self::MethodEnds { .. } => "method-ends",
            Self::Link { .. } => "link",
            Self::Released { document, .. } => document.code(),
            Self::Commented(notice) => notice.code(),
            Self::Answered { .. } => "offer-answered",
            Self::AnswerTold { .. } => "offer-told",
            Self::Cancelled { .. } => "contract-cancelled",
            Self::Contract { notice, .. } => notice.code(),
            Self::EmailChange { .. } => "email-change",
            Self::EmailChanged => "email-changed",
            Self::Declaration { .. } => "declaration-received",
        }
    }

    /// Has whoever reads it asked for it just now?
    #[must_use]
    pub const fn is_asked_for(&self) -> bool {
        matches!(self, Self::EmailChange { .. } | Self::Declaration { .. })
    }

    /// Does it go to the tenant itself, and to no customer?
    #[must_use]
    pub const fn is_for_tenant(&self) -> bool {
        matches!(self, Self::Commented(CommentNotice { by: Author::Customer, .. }) | Self::AnswerTold { .. })
    }

    /// How long it waits before it is sent.
    const fn pause(&self) -> SignedDuration {
        match self {
            Self::Payment { mail, .. } => mail.pause(),
            Self::Collection(_)
            | Self::MethodEnds { .. }
            | Self::Link { .. }
            | Self::Released { .. }
            | Self::Commented(_)
            | Self::Answered { .. }
            | Self::AnswerTold { .. }
            | Self::Cancelled { .. }
            | Self::Contract { .. }
            | Self::EmailChange { .. }
            | Self::EmailChanged
            | Self::Declaration { .. } => SignedDuration::ZERO,
        }
    }
}

impl OutMail {
    /// A mail about something that happened, not sent yet.
    #[must_use]
    pub const fn new(about: About, event: EventId, at: Timestamp) -> Self {
        Self { about, event, at, tries: 0, ended: None }
    }
}

/// How a mail ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutMailEnd {
    /// It went out.
    Sent,
    /// What it would have told is no longer so.
    Outdated,
    /// The customer has no address.
    NoAddress,
    /// Nothing is sent to an address that bounced hard.
    Bounced,
    /// Nothing that was not asked for is sent to an address whose reader complained.
    Complained,
    /// It was refused for good.
    Refused,
    /// The customer is not on the test environment's list.
    NotListed,
}

impl OutMailEnd {
    /// The name in the item.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Outdated => "outdated",
            Self::NoAddress => "no_address",
            Self::Bounced => "bounced",
            Self::Complained => "complained",
            Self::Refused => "refused",
            Self::NotListed => "not_listed",
        }
    }
}

kind! { OutMail = "out_mail"; }

impl TenantStore {
    /// Writes a mail down, due at once or after its pause; again is the same. Its insert wakes `worker`.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn write_mail_down(
        &self,
        customer: &CustomerId,
        mail: &OutMail,
        now: Timestamp,
    ) -> Result<(), CommitError> {
        self.write_down_at(self.scope.out_mail(customer, &mail.event, mail.about.code()), mail, now).await
    }

    /// The same for the confirmation of a declaration, which is no customer's mail.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn write_confirmation_down(
        &self,
        declaration: &DeclarationId,
        mail: &OutMail,
        now: Timestamp,
    ) -> Result<(), CommitError> {
        let part = format!("OUT#{}#{}", mail.event, mail.about.code());
        self.write_down_at(self.scope.declaration_part(declaration, &part), mail, now).await
    }

    async fn write_down_at(&self, key: Key, mail: &OutMail, now: Timestamp) -> Result<(), CommitError> {
        let item = Item::new(key, mail, 1).map(|item| {
            let due = TenantScope::due_at(now + mail.about.pause(), &item.key);
            item.todo(self.scope.due(), due).waking(Reader::Worker).expiring(now + KEPT)
        });
        match self.commit().create("mail", item).run().await {
            Ok(()) | Err(CommitError::Refused("mail")) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
