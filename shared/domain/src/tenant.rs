//! A tenant and its settings: names, hosts, look, company, texts, login rules and what customers may see.

mod company;
mod look;
mod mails;
mod payments;
mod rules;
mod slug;
mod texts;

use serde::{Deserialize, Serialize};

use crate::{Language, time::Zone, wording::Wordings};

pub use company::{BankAccount, Company};
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
