//! The placeholders there are, each in two spellings, and in which mails they have a value.

use super::MailKind;
use crate::{document::DocumentType, spelling::distance};

/// What a placeholder tells of, as the bracket names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    Client,
    Company,
    Link,
    /// Named by its kind: `[Invoice.number]`, `[Offer.number]`.
    Document,
}

macro_rules! placeholders {
    ($($(#[doc = $doc:literal])+ $name:ident = $brace:literal, $owner:ident $field:literal;)*) => {
        /// Something that a text can have filled in.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Placeholder {
            $($(#[doc = $doc])+ $name,)*
        }

        impl Placeholder {
            /// All of them, in the order of their description.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The name between braces.
            const fn name(self) -> &'static str {
                match self { $(Self::$name => $brace),* }
            }

            /// What it tells of, and the name of its part.
            const fn part(self) -> (Owner, &'static str) {
                match self { $(Self::$name => (Owner::$owner, $field)),* }
            }

            /// What it stands for, in a few words: for the description of the API.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),+).trim_ascii()),* }
            }
        }
    };
}

placeholders! {
    /// Salutation with the customer's name, without a comma: „Guten Tag Frau Exemplus Tine".
    Greeting = "Greeting", Client "greeting";
    /// Number of the customer.
    CustomerNumber = "CustomerNumber", Client "number";
    /// The customer's company, else person.
    CustomerName = "CustomerName", Client "name";
    /// Name of the tenant's company.
    CompanyName = "CompanyName", Company "name";
    /// Phone and e-mail address of the tenant's company.
    Contact = "Contact", Company "contact";
    /// Address of the portal, for signing in.
    PortalUrl = "PortalUrl", Company "portal_url";
    /// Personal link to the portal: in a mail with a link to portal or contract that link.
    SelfServicePortalUrl = "SelfServicePortalUrl", Client "customerportal_url";
    /// Personal link for adding a way to pay.
    AddMethodUrl = "AddMethodUrl", Client "add_method_url";
    /// What a link leads to: the portal, or one contract with its number.
    LinkName = "LinkName", Link "name";
    /// Last day of the personal links in this mail.
    LinkValidUntil = "LinkValidUntil", Link "valid_until";
    /// Personal link to the document.
    DocumentUrl = "DocumentUrl", Document "customerportal_url";
    /// Number of the document.
    DocumentNumber = "DocumentNumber", Document "number";
    /// Date of the document.
    DocumentDate = "DocumentDate", Document "date";
    /// Day on which it is due.
    DueDate = "DueDate", Document "due_date";
    /// Gross amount.
    GrossAmount = "GrossAmount", Document "gross";
    /// What is still to pay.
    OpenAmount = "OpenAmount", Document "open";
    /// Link that takes the payment without a login.
    PayUrl = "PayUrl", Document "pay_url";
    /// Level of dunning.
    DunningLevel = "DunningLevel", Document "level";
    /// Fee of the dunning.
    DunningFee = "DunningFee", Document "fee";
    /// Last day of the offer.
    OfferValidUntil = "OfferValidUntil", Document "valid_until";
}

impl Placeholder {
    /// Is it an address? Only those may stand where a link leads to.
    #[must_use]
    pub const fn is_address(self) -> bool {
        matches!(
            self,
            Self::PortalUrl | Self::SelfServicePortalUrl | Self::AddMethodUrl | Self::DocumentUrl | Self::PayUrl
        )
    }

    /// Has it a value in this mail?
    #[must_use]
    pub fn is_known_to(self, mail: MailKind) -> bool {
        let is_about = |kinds: &[DocumentType]| mail.document().is_some_and(|kind| kinds.contains(&kind));
        match self {
            Self::Greeting
            | Self::CustomerNumber
            | Self::CustomerName
            | Self::CompanyName
            | Self::Contact
            | Self::PortalUrl
            | Self::LinkValidUntil => true,
            Self::SelfServicePortalUrl => mail.releases() || mail == MailKind::Link,
            Self::AddMethodUrl => mail == MailKind::AddMethodLink,
            Self::LinkName => mail == MailKind::Link,
            Self::DocumentNumber => mail.document().is_some(),
            Self::DocumentUrl | Self::DocumentDate => mail.releases(),
            Self::DueDate | Self::OpenAmount => {
                mail.releases() && is_about(&[DocumentType::Invoice, DocumentType::Dunning])
            }
            Self::GrossAmount => {
                let kinds =
                    [DocumentType::Invoice, DocumentType::CreditNote, DocumentType::Offer, DocumentType::Confirmation];
                mail.releases() && is_about(&kinds)
            }
            Self::PayUrl => is_about(&[DocumentType::Invoice, DocumentType::Dunning]),
            Self::DunningLevel | Self::DunningFee => is_about(&[DocumentType::Dunning]),
            Self::OfferValidUntil => is_about(&[DocumentType::Offer]),
        }
    }

    /// As it is written between braces: `{DocumentNumber}`.
    #[must_use]
    pub fn braced(self) -> String {
        format!("{{{}}}", self.name())
    }

    /// As it is written between brackets in this mail: `[Invoice.number]`.
    #[must_use]
    pub fn bracketed(self, mail: MailKind) -> String {
        let (owner, field) = self.part();
        let owner = match owner {
            Owner::Client => "Client",
            Owner::Company => "Company",
            Owner::Link => "Link",
            Owner::Document => mail.document().map_or("Document", word),
        };
        format!("[{owner}.{field}]")
    }

    /// The placeholder of a name between braces.
    pub(super) fn of_brace(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|placeholder| placeholder.name() == name)
    }

    /// The placeholder of an owner and a part between brackets; with the kind of document that the owner names.
    pub(super) fn of_bracket(owner: &str, field: &str) -> Option<(Self, Option<DocumentType>)> {
        let (owner, document) = owner_of(owner)?;
        let found = Self::ALL.iter().copied().find(|placeholder| placeholder.part() == (owner, field))?;
        Some((found, document))
    }

    /// The spelling known to a mail that is most like what was written.
    pub(super) fn nearest(written: &str, mail: MailKind) -> String {
        let known = Self::ALL.iter().copied().filter(|placeholder| placeholder.is_known_to(mail));
        let spellings = known.map(|placeholder| match written.starts_with('[') {
            true => placeholder.bracketed(mail),
            false => placeholder.braced(),
        });
        let written = written.to_lowercase();
        spellings.min_by_key(|spelling| distance(&spelling.to_lowercase(), &written)).unwrap_or_default()
    }
}

/// Does a bracket that begins so mean a placeholder? Other words with a dot may be the words of a link.
pub(super) fn is_owner(word: &str) -> bool {
    owner_of(word).is_some()
}

fn owner_of(name: &str) -> Option<(Owner, Option<DocumentType>)> {
    match name {
        "Client" => Some((Owner::Client, None)),
        "Company" => Some((Owner::Company, None)),
        "Link" => Some((Owner::Link, None)),
        _ => {
            let document = DocumentType::ALL.into_iter().find(|document| word(*document) == name)?;
            Some((Owner::Document, Some(document)))
        }
    }
}

/// The seed's word for a kind of document.
const fn word(document: DocumentType) -> &'static str {
    match document {
        DocumentType::Invoice => "Invoice",
        DocumentType::CreditNote => "CreditNote",
        DocumentType::Dunning => "Reminder",
        DocumentType::Offer => "Offer",
        DocumentType::DeliveryNote => "DeliveryNote",
        DocumentType::Confirmation => "Confirmation",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_placeholder_is_found_by_both_spellings_in_every_mail_that_knows_it() {
        for mail in MailKind::all() {
            for placeholder in Placeholder::ALL.iter().copied().filter(|one| one.is_known_to(mail)) {
                let (brace, bracket) = (placeholder.braced(), placeholder.bracketed(mail));
                assert_eq!(Placeholder::of_brace(brace.trim_matches(['{', '}'])), Some(placeholder));
                let (owner, field) = bracket.trim_matches(['[', ']']).split_once('.').unwrap();
                let (found, document) = Placeholder::of_bracket(owner, field).unwrap();
                assert_eq!(found, placeholder, "{bracket}");
                assert!(document.is_none() || document == mail.document(), "{bracket} in {}", mail.code());
            }
        }
    }

    #[test]
    fn the_seeds_spellings_are_known() {
        for (code, bracket) in [
            ("invoice", "[Invoice.customerportal_url]"),
            ("offer", "[Offer.customerportal_url]"),
            ("confirmation", "[Confirmation.customerportal_url]"),
            ("credit-note", "[CreditNote.customerportal_url]"),
            ("delivery-note", "[DeliveryNote.customerportal_url]"),
            ("dunning-3", "[Reminder.customerportal_url]"),
        ] {
            let mail = MailKind::from_code(code).unwrap();
            assert_eq!(Placeholder::DocumentUrl.bracketed(mail), bracket);
            assert_eq!(Placeholder::SelfServicePortalUrl.bracketed(mail), "[Client.customerportal_url]");
        }
        assert_eq!(Placeholder::SelfServicePortalUrl.braced(), "{SelfServicePortalUrl}");
    }

    #[test]
    fn the_nearest_spelling_is_one_that_this_mail_knows() {
        let mail = |code| MailKind::from_code(code).unwrap();
        for (written, code, nearest) in [
            ("{selfserviceportalurl}", "invoice", "{SelfServicePortalUrl}"),
            ("{SelfServicePortalURL }", "link", "{SelfServicePortalUrl}"),
            ("{Greetings}", "link", "{Greeting}"),
            ("[Invoice.nummer]", "invoice", "[Invoice.number]"),
            ("[Reminders.number]", "dunning-1", "[Reminder.number]"),
        ] {
            assert_eq!(Placeholder::nearest(written, mail(code)), nearest);
        }
    }
}
