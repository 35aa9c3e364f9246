//! Documents beside invoices (M-91): what kinds there are, what each may say, and what is shown of it in lists.
//!
//! What a document says never changes once issued; only an offer is answered, and an uploaded PDF arrives.

mod answer;
mod content;
mod facts;
mod row;

use serde::{Deserialize, Serialize};

use crate::number::slug;

pub use answer::{Answered, Flaw, NotOpen, OfferAnswer, Said};
pub use content::{
    Confirmation, Content, CreditKind, CreditNote, Delivered, DeliveryNote, Dunned, Dunning, Listing, Offer,
};
pub use facts::{DocumentFacts, Letter};
pub use row::{CreditIssue, Decision, DocumentRow, DocumentState, issue, issue_credit_note};

/// The kinds of documents, by the word that stands in addresses and keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DocumentType {
    /// „Rechnung". Its facts and state are `domain::invoice`.
    Invoice,
    /// „Gutschrift".
    CreditNote,
    /// „Mahnung".
    Dunning,
    /// „Angebot".
    Offer,
    /// „Lieferschein".
    DeliveryNote,
    /// „Auftragsbestätigung".
    Confirmation,
}

impl DocumentType {
    /// All kinds, in the order of M-91.
    pub const ALL: [Self; 6] =
        [Self::Invoice, Self::Dunning, Self::Offer, Self::CreditNote, Self::DeliveryNote, Self::Confirmation];

    /// All kinds beside invoices, in the order of M-91.
    pub const BESIDE_INVOICES: [Self; 5] =
        [Self::Dunning, Self::Offer, Self::CreditNote, Self::DeliveryNote, Self::Confirmation];

    /// The word in addresses and keys, for example `credit-note`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Invoice => "invoice",
            Self::CreditNote => "credit-note",
            Self::Dunning => "dunning",
            Self::Offer => "offer",
            Self::DeliveryNote => "delivery-note",
            Self::Confirmation => "confirmation",
        }
    }

    /// The page of one of its kind in the portal, by the number as people read it.
    #[must_use]
    pub fn page(self, number: &str) -> String {
        match self {
            Self::Invoice => format!("/invoices/{}", slug(number)),
            kind => format!("/documents/{}/{}", kind.code(), slug(number)),
        }
    }

    /// The kind that stands in an address.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}
