//! Personal links: what a link may do is part of its type, and a GET never uses one up.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Language,
    change::{Actor, Change, Event, EventKind},
    id::{CustomerId, LinkId},
    number::{CustomerNumber, InvoiceNumber, SubscriptionNumber},
    payment::Method,
};

/// What a link opens. Each purpose has its own limits; a link for one thing can never do another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "purpose", rename_all = "snake_case")]
pub enum Scope {
    /// Signs in to the whole portal after one button (M-68).
    Portal,
    /// Signs in and lands on one contract (M-69, M-82).
    Contract {
        /// The contract.
        subscription: SubscriptionNumber,
    },
    /// Shows what one invoice asks for and takes its payment; signs nobody in (M-103).
    Pay {
        /// The invoice.
        invoice: InvoiceNumber,
    },
    /// Adds a way to pay; signs nobody in (M-86).
    AddMethod {
        /// Those that may be added; none means whatever the tenant offers.
        #[serde(default)]
        methods: Vec<Method>,
    },
}

impl Scope {
    /// How long such a link works unless the caller says otherwise.
    #[must_use]
    pub const fn default_lifetime(&self) -> SignedDuration {
        match self {
            Self::Portal | Self::Contract { .. } => SignedDuration::from_hours(24),
            Self::Pay { .. } => SignedDuration::from_hours(24 * 60),
            Self::AddMethod { .. } => SignedDuration::from_hours(24 * 7),
        }
    }

    /// How long one works that goes out by mail: mails are read late.
    #[must_use]
    pub fn mailed_lifetime(&self) -> SignedDuration {
        self.default_lifetime().max(SignedDuration::from_hours(24 * 30))
    }

    /// The name programs know it by.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Portal => "portal",
            Self::Contract { .. } => "contract",
            Self::Pay { .. } => "pay",
            Self::AddMethod { .. } => "add_method",
        }
    }

    /// The page that a token opens, without its origin.
    #[must_use]
    pub fn path(&self, token: &str) -> String {
        match self {
            Self::Portal | Self::Contract { .. } => format!("/link/{token}"),
            Self::Pay { .. } => format!("/pay/{token}"),
            Self::AddMethod { .. } => format!("/payment-methods/link/{token}"),
        }
    }

    /// Longest lifetime a caller may ask for.
    pub const MAX_LIFETIME: SignedDuration = SignedDuration::from_hours(24 * 60);
}

/// A personal link. Its token is 256 random bits; only the hash is stored, as the key of this item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// For listing and revoking; the token itself cannot be found again.
    pub id: LinkId,
    /// Whom it signs in.
    pub customer: CustomerId,
    /// That customer's number, for the timeline.
    pub customer_number: CustomerNumber,
    /// What it opens.
    pub scope: Scope,
    /// When it was made.
    pub created_at: Timestamp,
    /// From then on it is 410.
    pub expires_at: Timestamp,
    /// Set when the operator took it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
}

/// Why a genuine link no longer works: 410, with a way to the login.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkEnded {
    /// Its lifetime is over.
    #[error("the link has expired")]
    Expired,
    /// The operator took it back.
    #[error("the link was revoked")]
    Revoked,
}

impl Link {
    /// A fresh link.
    #[must_use]
    pub fn create(link: Self, actor: Actor) -> Change<Self> {
        let event = Event::new(EventKind::LinkCreated, actor, link.created_at, link.customer_number.as_str())
            .with("link", link.id.as_str());
        Change::new(link, event)
    }

    /// A fresh link that goes to its customer by mail, too (M-86). The mail has a token of its own.
    #[must_use]
    pub fn create_and_mail(link: Self, language: Option<Language>, actor: Actor) -> Change<Self> {
        let event = Event::new(EventKind::LinkCreated, actor, link.created_at, link.customer_number.as_str())
            .with("link", link.id.as_str())
            .with("mailed", "true");
        let event = match language {
            Some(language) => event.with("language", language.code()),
            None => event,
        };
        Change::new(link, event)
    }

    /// Takes the link back. `None` when that was done already.
    #[must_use]
    pub fn revoke(&self, actor: Actor, now: Timestamp) -> Option<Change<Self>> {
        if self.revoked_at.is_some() {
            return None;
        }
        let event = Event::new(EventKind::LinkRevoked, actor, now, self.customer_number.as_str())
            .with("link", self.id.as_str());
        Some(Change::new(Self { revoked_at: Some(now), ..self.clone() }, event))
    }

    /// Does it still work?
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self, now: Timestamp) -> Result<(), LinkEnded> {
        match self.revoked_at {
            Some(_) => Err(LinkEnded::Revoked),
            None if now >= self.expires_at => Err(LinkEnded::Expired),
            None => Ok(()),
        }
    }

    /// The page it lands on after signing in; none for links that sign nobody in.
    #[must_use]
    pub fn target(&self) -> Option<String> {
        match &self.scope {
            Scope::Portal => Some("/".to_owned()),
            Scope::Contract { subscription } => Some(format!("/contracts/{}", subscription.slug())),
            Scope::Pay { .. } | Scope::AddMethod { .. } => None,
        }
    }

    /// The invoice it lets pay; none for links of another purpose.
    #[must_use]
    pub const fn invoice(&self) -> Option<&InvoiceNumber> {
        match &self.scope {
            Scope::Pay { invoice } => Some(invoice),
            Scope::Portal | Scope::Contract { .. } | Scope::AddMethod { .. } => None,
        }
    }
}
