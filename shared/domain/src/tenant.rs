//! A tenant and its settings: names, hosts, look, company, texts, login rules and what customers may see.

mod company;
mod documents;
mod embed;
mod links;
mod look;
mod mails;
mod payments;
mod rules;
mod slug;
mod texts;

use serde::{Deserialize, Serialize};

use crate::{Language, customer::EmailAddress, document::DocumentType, time::Zone, wording::Wordings};

pub use company::{BankAccount, Company};
pub use documents::{DocumentActions, Documents};
pub use embed::Embed;
pub use links::{Links, WayBack};
pub use look::{Branding, Colour, Picture};
pub use mails::{Mails, NoRecipients, OnRelease, Recipients, ReleaseMail};
pub use payments::{Collect, Connection, Connections, Payments, TopUp};
pub use rules::{Area, Areas, ContractWord, Contracts, Login, Right, SharedEmail, TrialRule, UnknownEmail};
pub use slug::TenantSlug;
pub use texts::{FrameTexts, LegalTexts, OwnText, PerLanguage};

/// Everything about a tenant that every page needs. It travels as one directory item per host.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Name in header, mails and titles.
    pub name: String,
    /// Language of people who ask for none.
    pub language: Language,
    /// Where days begin and end.
    pub zone: Zone,
    /// Word for a contract.
    pub contract_word: ContractWord,
    /// Look.
    pub branding: Branding,
    /// Company data.
    pub company: Company,
    /// Short texts.
    pub texts: FrameTexts,
    /// Login rules.
    pub login: Login,
    /// Switches.
    pub areas: Areas,
    /// Rules of contracts.
    pub contracts: Contracts,
    /// Rules of personal links.
    pub links: Links,
    /// Which documents customers see.
    pub documents: Documents,
    /// On whose pages the portal may stand in a frame.
    pub embed: Embed,
    /// How customers may pay.
    pub payments: Payments,
    /// With whom the tenant has an account for it.
    pub providers: Connections,
    /// Mails: which go out, and whom a test environment may write to.
    pub mails: Mails,
    /// Own texts in place of the product's.
    #[serde(skip_serializing_if = "Wordings::is_empty")]
    pub wordings: Wordings,
}

impl Settings {
    /// How far an area is open, and whether anything in it is released: what shows documents of no kind is shut.
    #[must_use]
    pub fn right(&self, area: Area) -> Right {
        let shows_something = match area {
            Area::Invoices => self.documents.releases(DocumentType::Invoice),
            Area::Documents => DocumentType::BESIDE_INVOICES.iter().any(|kind| self.documents.releases(*kind)),
            _ => true,
        };
        if shows_something { self.areas.right(area) } else { Right::Off }
    }

    /// Do customers see documents of a kind?
    #[must_use]
    pub fn shows(&self, kind: DocumentType) -> bool {
        let area = if kind == DocumentType::Invoice { Area::Invoices } else { Area::Documents };
        self.documents.releases(kind) && self.areas.right(area) > Right::Off
    }

    /// Where the tenant is told what customers do with documents.
    #[must_use]
    pub fn documents_inbox(&self) -> Option<&EmailAddress> {
        self.documents.comments_to.as_ref().or(self.company.email.as_ref())
    }

    /// The kinds beside invoices that customers see.
    #[must_use]
    pub fn documents_shown(&self) -> Vec<DocumentType> {
        DocumentType::BESIDE_INVOICES.into_iter().filter(|kind| self.shows(*kind)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_area_without_a_released_document_is_shut() {
        let mut settings = Settings::default();
        assert_eq!([Area::Invoices, Area::Documents].map(|area| settings.right(area)), [Right::View; 2]);
        settings.documents.types = [DocumentType::Offer].into();
        assert_eq!(settings.right(Area::Invoices), Right::Off);
        assert_eq!(settings.right(Area::Documents), Right::View);
        assert_eq!(settings.documents_shown(), [DocumentType::Offer]);
        settings.documents.types = [DocumentType::Invoice].into();
        assert_eq!(settings.right(Area::Invoices), Right::View);
        assert_eq!(settings.right(Area::Documents), Right::Off);
        settings.documents = Documents::default();
        settings.areas.0.insert(Area::Documents, Right::Off);
        assert!(settings.shows(DocumentType::Invoice) && !settings.shows(DocumentType::Offer));
    }
}
