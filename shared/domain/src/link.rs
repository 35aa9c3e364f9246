//! Personal links: what a link may do is part of its type, and a GET never uses one up.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Language,
    change::{Actor, Change, Event, EventKind},
    document::DocumentType,
    id::{CustomerId, LinkId},
    number::{CustomerNumber, DocumentNumber, InvoiceNumber, SubscriptionNumber},
    payment::Method,
};

/// How far a session reaches. It is said where the session begins, and never widened.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "to", rename_all = "snake_case")]
pub enum Reach {
    /// The whole portal.
    #[default]
    Portal,
    /// The pages of one contract, and nothing else of its customer (M-69, M-82).
    Contract {
        /// The contract.
        subscription: SubscriptionNumber,
    },
}

impl Reach {
    /// Is nothing of the portal left out?
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        matches!(self, Self::Portal)
    }

    /// The page that a session begins with, and comes back to.
    #[must_use]
    pub fn home(&self) -> String {
        match self {
            Self::Portal => "/".to_owned(),
            Self::Contract { subscription } => format!("/contracts/{}", subscription.slug()),
        }
    }
}

/// What a link opens. Each purpose has its own limits; a link for one thing can never do another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "purpose", rename_all = "snake_case")]
pub enum Scope {
    /// Signs in to the whole portal after one button (M-68).
    Portal,
    /// Signs in to the pages of one contract (M-69, M-82).
    Contract {
        /// The contract.
        subscription: SubscriptionNumber,
    },
    /// Shows one document; signs nobody in (M-95).
    Document {
        /// Which kind.
        #[serde(rename = "type")]
        kind: DocumentType,
        /// Its number.
        number: DocumentNumber,
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
    /// The name programs know it by.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Portal => "portal",
            Self::Contract { .. } => "contract",
            Self::Document { .. } => "document",
            Self::Pay { .. } => "pay",
            Self::AddMethod { .. } => "add_method",
        }
    }

    /// The page that a token opens, without its origin.
    #[must_use]
    pub fn path(&self, token: &str) -> String {
        match self {
            Self::Portal | Self::Contract { .. } => format!("/link/{token}"),
            Self::Document { .. } => format!("/d/{token}"),
            Self::Pay { .. } => format!("/pay/{token}"),
            Self::AddMethod { .. } => format!("/payment-methods/link/{token}"),
        }
    }

    /// How far a session reaches that such a link begins; none: it begins none.
    #[must_use]
    pub fn reach(&self) -> Option<Reach> {
        match self {
            Self::Portal => Some(Reach::Portal),
            Self::Contract { subscription } => Some(Reach::Contract { subscription: subscription.clone() }),
            Self::Document { .. } | Self::Pay { .. } | Self::AddMethod { .. } => None,
        }
    }

    /// Where in the portal that is what it opens; none for what only a link can do.
    #[must_use]
    pub fn place(&self) -> Option<String> {
        match self {
            Self::Portal | Self::Contract { .. } => self.reach().map(|reach| reach.home()),
            Self::Document { kind, number } => Some(kind.page(number.as_str())),
            Self::Pay { .. } | Self::AddMethod { .. } => None,
        }
    }
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
    /// From then on it is 410. One without an end is permanent: it asks for the code unless the tenant chose otherwise (M-94).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// Set when the operator took it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
    /// Does it work in a frame on the operator's page, and nowhere else (M-55)?
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub embed: bool,
    /// Was it handed out with the access (M-94)? Then the next one takes its place.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub granted: bool,
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
        let event = link.created(actor);
        Change::new(link, event)
    }

    /// A fresh link that goes to its customer by mail, too (M-86). The mail has a token of its own.
    #[must_use]
    pub fn create_and_mail(link: Self, language: Option<Language>, actor: Actor) -> Change<Self> {
        let event = link.created(actor).with("mailed", "true");
        let event = match language {
            Some(language) => event.with("language", language.code()),
            None => event,
        };
        Change::new(link, event)
    }

    fn created(&self, actor: Actor) -> Event {
        let event = Event::new(EventKind::LinkCreated, actor, self.created_at, self.customer_number.as_str())
            .with("link", self.id.as_str())
            .with("purpose", self.scope.code());
        if self.embed { event.with("embed", "true") } else { event }
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
            None if self.expires_at.is_some_and(|end| now >= end) => Err(LinkEnded::Expired),
            None => Ok(()),
        }
    }

    /// The page that its token opens, without its origin.
    #[must_use]
    pub fn path(&self, token: &str) -> String {
        if self.embed { format!("/embed/{token}") } else { self.scope.path(token) }
    }

    /// Does it work until it is taken back?
    #[must_use]
    pub const fn is_permanent(&self) -> bool {
        self.expires_at.is_none()
    }

    /// Does it only fill the address in, and ask for the code (M-94)? What works for ever is asked who holds it.
    #[must_use]
    pub const fn asks(&self, permanent_signs_in: bool) -> bool {
        self.is_permanent() && !permanent_signs_in
    }

    /// The invoice it lets pay; none for links of another purpose.
    #[must_use]
    pub const fn invoice(&self) -> Option<&InvoiceNumber> {
        match &self.scope {
            Scope::Pay { invoice } => Some(invoice),
            Scope::Portal | Scope::Contract { .. } | Scope::Document { .. } | Scope::AddMethod { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(scope: Scope, expires_at: Option<Timestamp>) -> Link {
        let (now, entropy) = (Timestamp::UNIX_EPOCH, [1; 10]);
        Link {
            id: LinkId::new(now, entropy),
            customer: CustomerId::new(now, entropy),
            customer_number: "K5003".parse().unwrap(),
            scope,
            created_at: now,
            expires_at,
            revoked_at: None,
            embed: false,
            granted: false,
        }
    }

    #[test]
    fn a_link_for_a_frame_has_an_address_of_its_own() {
        let plain = link(Scope::Portal, Some(Timestamp::UNIX_EPOCH));
        let framed = Link { embed: true, ..plain.clone() };
        assert_eq!((plain.path("x"), framed.path("x")), ("/link/x".to_owned(), "/embed/x".to_owned()));
        let stored = serde_json::to_value(&plain).unwrap();
        assert!(stored.get("embed").is_none() && serde_json::from_value::<Link>(stored).unwrap() == plain);
        let stored = serde_json::to_value(&framed).unwrap();
        assert_eq!(serde_json::from_value::<Link>(stored).unwrap(), framed);
    }

    #[test]
    fn only_links_to_the_portal_and_to_a_contract_begin_a_session() {
        let contract = Scope::Contract { subscription: "V/1".parse().unwrap() };
        let document = |kind| Scope::Document { kind, number: "RE 1".parse().unwrap() };
        for (scope, home, place) in [
            (Scope::Portal, Some("/"), Some("/")),
            (contract, Some("/contracts/V~2F1"), Some("/contracts/V~2F1")),
            (document(DocumentType::Invoice), None, Some("/invoices/RE~201")),
            (document(DocumentType::Offer), None, Some("/documents/offer/RE~201")),
            (Scope::Pay { invoice: "RE1".parse().unwrap() }, None, None),
            (Scope::AddMethod { methods: vec![] }, None, None),
        ] {
            assert_eq!(scope.reach().map(|reach| reach.home()).as_deref(), home, "{scope:?}");
            assert_eq!(scope.place().as_deref(), place, "{scope:?}");
        }
    }

    #[test]
    fn a_permanent_link_never_expires_asks_who_holds_it_and_can_be_taken_back() {
        let permanent = link(Scope::Portal, None);
        assert_eq!(permanent.check(Timestamp::MAX), Ok(()));
        assert!(permanent.asks(false) && !permanent.asks(true));
        let revoked = permanent.revoke(Actor::Integrator, Timestamp::UNIX_EPOCH).unwrap().into_parts().0;
        assert_eq!(revoked.check(Timestamp::UNIX_EPOCH), Err(LinkEnded::Revoked));
        let ends = link(Scope::Portal, Some(Timestamp::UNIX_EPOCH));
        assert_eq!(ends.check(Timestamp::UNIX_EPOCH), Err(LinkEnded::Expired));
        assert!(!ends.asks(false), "one that ends is trusted while it works");
    }

    #[test]
    fn a_link_that_was_stored_with_an_end_keeps_it() {
        let stored = serde_json::to_value(link(Scope::Portal, Some(Timestamp::UNIX_EPOCH))).unwrap();
        assert_eq!(stored["expires_at"], "1970-01-01T00:00:00Z");
        assert!(serde_json::to_value(link(Scope::Portal, None)).unwrap().get("expires_at").is_none());
        assert_eq!(serde_json::from_value::<Link>(stored).unwrap().expires_at, Some(Timestamp::UNIX_EPOCH));
    }
}
