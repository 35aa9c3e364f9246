//! How released documents go out (M-70), and whom a test environment may write to (M-02).

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{customer::EmailAddress, document::DocumentType};

/// What an operator sets about mails.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Mails {
    /// Who gets mails of a test environment, at most 100: whole addresses, or everybody at a host as `@example.org`.
    /// Without meaning where real mails are sent.
    #[schema(value_type = Vec<String>)]
    pub sandbox_recipients: Recipients,
    /// How a released document goes to its customer, kind by kind.
    pub on_release: OnRelease,
}

/// How a released document goes to its customer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReleaseMail {
    /// Nobody is mailed.
    None,
    /// A mail with its PDF.
    #[default]
    Attached,
    /// A mail without: the document is behind its link.
    Linked,
}

/// [`ReleaseMail`] for each kind of document.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OnRelease {
    /// „Rechnung".
    pub invoice: ReleaseMail,
    /// „Gutschrift".
    pub credit_note: ReleaseMail,
    /// „Mahnung".
    pub dunning: ReleaseMail,
    /// „Angebot".
    pub offer: ReleaseMail,
    /// „Lieferschein".
    pub delivery_note: ReleaseMail,
    /// „Auftragsbestätigung".
    pub confirmation: ReleaseMail,
}

impl OnRelease {
    /// How one of a kind goes out.
    #[must_use]
    pub const fn of(&self, document: DocumentType) -> ReleaseMail {
        match document {
            DocumentType::Invoice => self.invoice,
            DocumentType::CreditNote => self.credit_note,
            DocumentType::Dunning => self.dunning,
            DocumentType::Offer => self.offer,
            DocumentType::DeliveryNote => self.delivery_note,
            DocumentType::Confirmation => self.confirmation,
        }
    }
}

/// Addresses that may be written to. Empty: nobody.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>")]
pub struct Recipients(Vec<String>);

/// A list that is too long, or an entry that is neither an address nor `@` and a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("must have at most 100 entries, each an e-mail address or @ and a host")]
pub struct NoRecipients;

impl Recipients {
    /// Most entries.
    const MAX: usize = 100;
    /// The entry that means everybody; an installation may have it, a tenant may not.
    const EVERYBODY: &str = "*";

    /// A list of the installation's operator, separated by commas; `*` is everybody.
    ///
    /// # Errors
    /// An entry that is nothing of it.
    pub fn of_installation(text: &str) -> Result<Self, NoRecipients> {
        if text == Self::EVERYBODY {
            return Ok(Self(vec![text.to_owned()]));
        }
        let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        entries.map(str::to_owned).collect::<Vec<_>>().try_into()
    }

    /// May this address be written to?
    #[must_use]
    pub fn cover(&self, address: &EmailAddress) -> bool {
        let address = address.folded();
        self.0.iter().any(|entry| {
            let is_of_host = entry.starts_with('@') && address.ends_with(entry.as_str());
            entry == Self::EVERYBODY || is_of_host || *entry == address
        })
    }
}

impl TryFrom<Vec<String>> for Recipients {
    type Error = NoRecipients;

    fn try_from(entries: Vec<String>) -> Result<Self, NoRecipients> {
        // What is kept is what was checked: it is read by this again. A host is one that some address could have.
        let kept = |entry: String| {
            let entry = entry.trim().to_lowercase();
            let address = if entry.starts_with('@') { format!("a{entry}") } else { entry.clone() };
            address.parse::<EmailAddress>().is_ok().then_some(entry)
        };
        if entries.len() > Self::MAX {
            return Err(NoRecipients);
        }
        entries.into_iter().map(kept).collect::<Option<Vec<_>>>().map(Self).ok_or(NoRecipients)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(entries: &[&str]) -> Result<Recipients, NoRecipients> {
        entries.iter().map(|entry| (*entry).to_owned()).collect::<Vec<_>>().try_into()
    }

    #[test]
    fn addresses_and_hosts_are_covered_and_nobody_else() {
        let recipients = list(&["Tine@example.org", "@test.example"]).unwrap();
        let cover = |recipients: &Recipients, address: &str| recipients.cover(&address.parse().unwrap());
        for address in ["tine@example.org", "TINE@Example.org", "anybody@test.example"] {
            assert!(cover(&recipients, address), "{address}");
        }
        for address in
            ["other@example.org", "anybody@evil-test.example", "anybody@sub.test.example", "xtine@example.org"]
        {
            assert!(!cover(&recipients, address), "{address}");
        }
        assert!(!cover(&Recipients::default(), "tine@example.org"));
        assert!(cover(&Recipients::of_installation("*").unwrap(), "tine@example.org"));
    }

    #[test]
    fn only_addresses_and_hosts_are_entries() {
        for wrong in ["*", "", "@", "example.org", "a b@example.org", "@*"] {
            assert_eq!(list(&[wrong]), Err(NoRecipients), "{wrong}");
        }
        assert!(list(&["@example.org"; 100]).is_ok() && list(&["@example.org"; 101]).is_err());
        assert_eq!(Recipients::of_installation("a@example.org, @b.example"), list(&["a@example.org", "@b.example"]));
        assert_eq!(Recipients::of_installation(""), Ok(Recipients::default()));
        assert_eq!(list(&[" Tine@example.org\n"]), list(&["tine@example.org"]));
    }

    #[test]
    fn what_is_accepted_can_be_read_again() {
        let long = format!("{}@x.org", "İ".repeat(32));
        for entry in ["@İx.org", "@ẞx.org", long.as_str(), "@example.org", "Tine@Example.org "] {
            let Ok(kept) = list(&[entry]) else { continue };
            let written = serde_json::to_string(&kept).unwrap();
            assert_eq!(serde_json::from_str::<Recipients>(&written).unwrap(), kept, "{entry}");
        }
    }
}
