//! Mails that a tenant words itself (M-70…M-72, M-102): which there are, what a text may say, and its versions.
//!
//! A text is Markdown with placeholders, written `{DocumentNumber}` or `[Invoice.number]`. It is data from beginning to end:
//! no template engine ever reads it, and what a placeholder becomes is never read as Markdown.

mod placeholder;
mod source;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    FieldErrors, Language,
    change::{Actor, Change, Event, EventKind},
    document::DocumentType,
    invoice::MAX_DUNNING_LEVEL,
    link::Scope,
};

pub use placeholder::Placeholder;
pub use source::{Flaw, Part, Place, Wrong, parse, unescaped};

/// Longest subject, in characters.
pub const MAX_SUBJECT_CHARS: usize = 200;
/// Longest body, in characters.
pub const MAX_BODY_CHARS: usize = 20_000;
/// Versions that are listed; older ones stay and can be asked for by their number.
pub const LISTED_VERSIONS: u16 = 50;

/// Names of the templates for one level of dunning each.
const OF_LEVELS: [&str; MAX_DUNNING_LEVEL as usize] = [
    "dunning-1",
    "dunning-2",
    "dunning-3",
    "dunning-4",
    "dunning-5",
    "dunning-6",
    "dunning-7",
    "dunning-8",
    "dunning-9",
];

/// A level of dunning, 1 to 9.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Level(u8);

impl Level {
    /// The level, if there is such a one.
    #[must_use]
    pub const fn new(level: u8) -> Option<Self> {
        if level >= 1 && level <= MAX_DUNNING_LEVEL { Some(Self(level)) } else { None }
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

/// The mails that a tenant may word itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum MailKind {
    /// A document is released; a „Mahnung" of any level.
    Document(DocumentType),
    /// A „Mahnung" of one level.
    Dunning(Level),
    /// A link to the portal or to one contract.
    Link,
    /// A link for adding a way to pay.
    AddMethodLink,
    /// A link that takes the payment of one invoice.
    PayLink,
}

impl MailKind {
    /// All of them, in the order in which they are listed.
    pub fn all() -> impl Iterator<Item = Self> {
        let documents = DocumentType::ALL.into_iter().map(Self::Document);
        let levels = (1..=MAX_DUNNING_LEVEL).filter_map(Level::new).map(Self::Dunning);
        documents.chain(levels).chain([Self::Link, Self::AddMethodLink, Self::PayLink])
    }

    /// The one with which a document is released; `level` is that of a „Mahnung", 0 for none.
    #[must_use]
    pub const fn of_document(document: DocumentType, level: u8) -> Self {
        match (document, Level::new(level)) {
            (DocumentType::Dunning, Some(level)) => Self::Dunning(level),
            _ => Self::Document(document),
        }
    }

    /// The one that a personal link goes out with.
    #[must_use]
    pub const fn of_link(scope: &Scope) -> Self {
        match scope {
            Scope::Portal | Scope::Contract { .. } | Scope::Document { .. } => Self::Link,
            Scope::Pay { .. } => Self::PayLink,
            Scope::AddMethod { .. } => Self::AddMethodLink,
        }
    }

    /// The name in addresses and keys, for example `dunning-2`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Document(document) => document.code(),
            Self::Dunning(level) => OF_LEVELS.get(usize::from(level.0) - 1).copied().unwrap_or_default(),
            Self::Link => "link",
            Self::AddMethodLink => "add-method-link",
            Self::PayLink => "pay-link",
        }
    }

    /// The one of a name.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::all().find(|kind| kind.code() == code)
    }

    /// The one whose text stands in where this one has none (M-72).
    #[must_use]
    pub const fn general(self) -> Option<Self> {
        match self {
            Self::Dunning(_) => Some(Self::Document(DocumentType::Dunning)),
            _ => None,
        }
    }

    /// The kind of document that it is about.
    #[must_use]
    pub const fn document(self) -> Option<DocumentType> {
        match self {
            Self::Document(document) => Some(document),
            Self::Dunning(_) => Some(DocumentType::Dunning),
            Self::PayLink => Some(DocumentType::Invoice),
            Self::Link | Self::AddMethodLink => None,
        }
    }

    /// Is it sent when a document is released?
    #[must_use]
    pub const fn releases(self) -> bool {
        matches!(self, Self::Document(_) | Self::Dunning(_))
    }
}

impl TryFrom<String> for MailKind {
    type Error = &'static str;
    fn try_from(code: String) -> Result<Self, Self::Error> {
        Self::from_code(&code).ok_or("must be the name of a mail such as invoice or dunning-2")
    }
}

impl From<MailKind> for String {
    fn from(kind: MailKind) -> Self {
        kind.code().to_owned()
    }
}

/// One mail in one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TemplateName {
    /// Which mail.
    pub mail: MailKind,
    /// In which language.
    pub language: Language,
}

/// The words of a mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailText {
    /// One line.
    pub subject: String,
    /// Markdown.
    pub body: String,
}

impl MailText {
    /// The words as they were typed, without what editors put at ends of lines.
    #[must_use]
    pub fn typed(subject: &str, body: &str) -> Self {
        Self { subject: subject.trim().to_owned(), body: body.replace("\r\n", "\n") }
    }

    /// Checks lengths and placeholders.
    ///
    /// # Errors
    /// Everything that is wrong, each at its line and column.
    pub fn check(&self, mail: MailKind) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        let subject = check_part(&mut errors, ("subject", MAX_SUBJECT_CHARS), &self.subject, mail);
        if self.subject.contains(['\n', '\t']) {
            errors.add("subject", "invalid", "must be one line");
        }
        for part in subject {
            if let Part::Placeholder(placeholder, place) = part
                && placeholder.is_address()
            {
                errors.add("subject", "address", format!("{place}: a link does not belong into the subject"));
            }
        }
        check_part(&mut errors, ("body", MAX_BODY_CHARS), &self.body, mail);
        errors.into_result()
    }

    /// Does it have this placeholder? No link is made that nobody gets.
    #[must_use]
    pub fn uses(&self, mail: MailKind, wanted: Placeholder) -> bool {
        let parts = parse(&self.body, mail).unwrap_or_default();
        parts.iter().any(|part| matches!(part, Part::Placeholder(placeholder, _) if *placeholder == wanted))
    }
}

fn check_part<'a>(
    errors: &mut FieldErrors,
    (field, max): (&str, usize),
    text: &'a str,
    mail: MailKind,
) -> Vec<Part<'a>> {
    if text.trim().is_empty() {
        errors.missing(field, "must not be empty");
        return Vec::new();
    }
    if text.chars().count() > max {
        errors.add(field, "too_long", format!("must have at most {max} characters"));
        return Vec::new();
    }
    parse(text, mail).unwrap_or_else(|wrong| {
        for wrong in wrong {
            errors.add(field, wrong.flaw.code(), wrong.to_string());
        }
        Vec::new()
    })
}

/// What a tenant made of one mail in one language, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// Counted from 1.
    pub number: u64,
    /// Its words; none where it went back to the built-in ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<MailText>,
    /// Since when.
    pub saved_at: Timestamp,
    /// By whom.
    pub by: Actor,
}

impl Version {
    /// The version after one that was seen. `None` when nothing differs, so that a retry writes nothing.
    #[must_use]
    pub fn after(
        seen: Option<&Self>,
        name: TemplateName,
        text: Option<MailText>,
        by: Actor,
        now: Timestamp,
    ) -> Option<Change<Self>> {
        if seen.and_then(|seen| seen.text.as_ref()) == text.as_ref() {
            return None;
        }
        let number = seen.map_or(0, |seen| seen.number) + 1;
        let event = Event::new(EventKind::TemplateChanged, by, now, name.mail.code())
            .with("language", name.language.code())
            .with("rev", number.to_string())
            .with("text", if text.is_some() { "own" } else { "built_in" });
        Some(Change::new(Self { number, text, saved_at: now, by }, event))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(subject: &str, body: &str) -> MailText {
        MailText::typed(subject, body)
    }

    fn kind(code: &str) -> MailKind {
        MailKind::from_code(code).unwrap()
    }

    #[test]
    fn every_mail_has_a_name_of_its_own() {
        let codes: Vec<&str> = MailKind::all().map(MailKind::code).collect();
        assert_eq!(codes.len(), 18);
        for (index, code) in codes.iter().enumerate() {
            assert!(!code.is_empty() && !codes[..index].contains(code), "{code}");
            let written = serde_json::to_string(&kind(code)).unwrap();
            assert_eq!(serde_json::from_str::<MailKind>(&written).unwrap(), kind(code));
        }
        for unknown in ["dunning-0", "dunning-10", "otp", ""] {
            assert_eq!(MailKind::from_code(unknown), None);
        }
    }

    #[test]
    fn a_level_of_dunning_falls_back_to_the_general_mail() {
        assert_eq!(MailKind::of_document(DocumentType::Dunning, 2), kind("dunning-2"));
        assert_eq!(MailKind::of_document(DocumentType::Dunning, 0), kind("dunning"));
        assert_eq!(MailKind::of_document(DocumentType::Dunning, 10), kind("dunning"));
        assert_eq!(MailKind::of_document(DocumentType::Invoice, 2), kind("invoice"));
        assert_eq!(kind("dunning-2").general(), Some(kind("dunning")));
        assert_eq!(kind("dunning").general(), None);
    }

    #[test]
    fn a_text_has_its_limits() {
        let invoice = kind("invoice");
        let longest = text(&"ä".repeat(MAX_SUBJECT_CHARS), &"ä".repeat(MAX_BODY_CHARS));
        assert_eq!(longest.check(invoice), Ok(()));
        let codes = |text: MailText| {
            let errors = text.check(invoice).unwrap_err().0;
            errors.iter().map(|error| format!("{} {}", error.field, error.code)).collect::<Vec<_>>()
        };
        let longer = text(&"ä".repeat(MAX_SUBJECT_CHARS + 1), &"ä".repeat(MAX_BODY_CHARS + 1));
        assert_eq!(codes(longer), ["subject too_long", "body too_long"]);
        assert_eq!(codes(text(" ", "\n")), ["subject missing", "body missing"]);
        assert_eq!(codes(text("a\nb", "x")), ["subject invalid"]);
        assert_eq!(codes(text("a\u{7}", "x\u{0}")), ["subject control", "body control"]);
        assert_eq!(codes(text("{PayUrl}", "{PayUrl}")), ["subject address"]);
    }

    #[test]
    fn an_error_says_where_it_is_and_what_was_meant() {
        let errors =
            text("Rechnung", "Guten Tag,\n\nIhre Rechnung {DocumentNummer}").check(kind("invoice")).unwrap_err();
        let error = errors.of("body").unwrap();
        assert_eq!(error.code, "unknown_placeholder");
        assert!(error.message.starts_with("line 3, column 15: "), "{}", error.message);
        assert!(error.message.contains("{DocumentNumber}"), "{}", error.message);
    }

    #[test]
    fn a_version_follows_only_where_something_differs() {
        let (name, now) = (TemplateName { mail: kind("invoice"), language: Language::De }, Timestamp::UNIX_EPOCH);
        let after = |seen: Option<&Version>, text| Version::after(seen, name, text, Actor::Integrator, now);
        assert!(after(None, None).is_none(), "it has no text to lose");
        let (first, events) = after(None, Some(text("A", "B"))).unwrap().into_parts();
        assert_eq!((first.number, events[0].fact("rev"), events[0].fact("text")), (1, Some("1"), Some("own")));
        assert!(after(Some(&first), Some(text("A", "B"))).is_none());
        let (second, events) = after(Some(&first), None).unwrap().into_parts();
        assert_eq!((second.number, events[0].fact("text")), (2, Some("built_in")));
        assert_eq!(after(Some(&second), Some(text("A", "B"))).unwrap().next().number, 3);
    }

    #[test]
    fn a_text_says_which_placeholders_it_has() {
        let (invoice, with_link) = (kind("invoice"), text("A", "[hier]([Invoice.pay_url]) \\{DocumentUrl\\}"));
        assert!(with_link.uses(invoice, Placeholder::PayUrl));
        assert!(!with_link.uses(invoice, Placeholder::DocumentUrl));
    }
}
