//! What a tenant may word itself (M-65): every message with its default, and the check of an own text by the parser that
//! read the product's.
//!
//! Own texts hold on pages and in mails. Papers and names of files keep the product's words, and so does what is said at a
//! payment provider.

use std::collections::BTreeMap;

use domain::{
    FieldErrors, Language,
    mail_template::Place,
    spelling::distance,
    unseen::{is_break, is_unseen},
    wording::{self, MAX_TEXT_CHARS, MAX_TEXTS, OwnWords, Wording},
};
use fluent_syntax::{ast, parser};

use crate::{
    parts::{Case, Kind, Part, arguments, pattern},
    words::CATALOGUE,
};

/// Labels whose words the law gives, and where.
const FIXED_BY_LAW: &[(&str, &str)] = &[
    ("cancelling-submit", "§ 312k Abs. 2 BGB"),
    ("declarations-cancel-submit", "§ 312k Abs. 2 BGB"),
    ("declarations-withdraw-submit", "§ 356a Abs. 3 BGB"),
    ("menu-cancel", "§ 312k Abs. 2 BGB"),
    ("menu-withdraw", "§ 356a Abs. 1 BGB"),
];
/// Longest key that is looked for.
const MAX_KEY_CHARS: usize = 100;
/// What stands before an own text, so that it reads like a file.
const BEFORE: &str = "text = ";

/// A message that tenants may word themselves.
#[derive(Debug)]
pub struct Message {
    pub(crate) key: &'static str,
    pub(crate) arguments: &'static [(&'static str, Kind)],
    /// In the order of `Language::ALL`.
    pub(crate) texts: [&'static str; 2],
}

impl Message {
    /// Area and name, for example `invoices-pay`.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        self.key
    }

    /// The product's text, as it would be typed.
    #[must_use]
    pub const fn text(&self, language: Language) -> &'static str {
        let [german, english] = self.texts;
        match language {
            Language::De => german,
            Language::En => english,
        }
    }

    /// The names of what every text of it must use.
    pub fn arguments(&self) -> impl Iterator<Item = &'static str> {
        self.arguments.iter().map(|(name, _)| *name)
    }

    /// Where the law says its words; then nobody may choose others.
    #[must_use]
    pub fn law(&self) -> Option<&'static str> {
        FIXED_BY_LAW.iter().find(|(key, _)| *key == self.key).map(|(_, paragraph)| *paragraph)
    }

    fn is_worded(&self) -> bool {
        let [german, _] = self.texts;
        let is_of_file = [".pdf", ".csv"].iter().any(|ending| german.ends_with(ending));
        let is_at_provider = ["provider-", "pay-for-"].iter().any(|beginning| self.key.starts_with(beginning));
        !is_of_file && !is_at_provider
    }
}

/// Every message that a tenant may word itself, or would if the law let it; by key.
pub fn messages() -> impl Iterator<Item = &'static Message> {
    CATALOGUE.iter().filter(|message| message.is_worded())
}

/// Reads all own texts of a language, by key.
///
/// # Errors
/// Everything that is wrong, each at its key, with the place where there is one.
pub fn read(texts: &BTreeMap<String, String>, language: Language) -> Result<Wording, FieldErrors> {
    if texts.len() > MAX_TEXTS {
        return Err(FieldErrors::one("", "too_many", format!("must have at most {MAX_TEXTS} texts")));
    }
    let (mut own, mut errors) = (Vec::new(), FieldErrors::default());
    for (key, typed) in texts {
        let source = typed.replace("\r\n", "\n").trim().to_owned();
        match read_one(key, &source, language) {
            Ok(parts) => own.push((key.clone(), OwnWords { source, parts })),
            Err(Flaw { code, message }) => errors.add(shortened(key), code, message),
        }
    }
    errors.into_result()?;
    Ok(own.into_iter().collect())
}

/// What is wrong with a text.
#[derive(Debug)]
struct Flaw {
    code: &'static str,
    message: String,
}

fn flaw(code: &'static str, message: impl Into<String>) -> Flaw {
    Flaw { code, message: message.into() }
}

fn read_one(key: &str, source: &str, language: Language) -> Result<Vec<wording::Part>, Flaw> {
    let message = messages().find(|message| message.key == key).ok_or_else(|| unknown(key))?;
    if let Some(paragraph) = message.law() {
        return Err(flaw("fixed_by_law", format!("these words are the law's ({paragraph})")));
    }
    if source.is_empty() {
        return Err(flaw("missing", "must not be empty; without its key the product's text holds"));
    }
    if source.chars().count() > MAX_TEXT_CHARS {
        return Err(flaw("too_long", format!("must have at most {MAX_TEXT_CHARS} characters")));
    }
    let parts = parse(source)?;
    check_characters(&parts, source)?;
    check_arguments(&parts, source, message, language)?;
    let compiled = compiled(&parts);
    match compiled.as_slice() {
        [wording::Part::Text(text)] if text.trim().is_empty() => Err(flaw("missing", "must not be empty")),
        _ => Ok(compiled),
    }
}

fn unknown(key: &str) -> Flaw {
    if CATALOGUE.iter().any(|message| message.key == key) {
        return flaw("fixed", "names of files and what is said at a payment provider keep the product's words");
    }
    let nearest = messages().map(Message::key).filter(|_| key.len() <= MAX_KEY_CHARS);
    match nearest.min_by_key(|known| distance(known, key)) {
        Some(nearest) => flaw("unknown", format!("there is no such text; the nearest is {nearest}")),
        None => flaw("unknown", "there is no such text"),
    }
}

fn shortened(key: &str) -> String {
    key.chars().take(MAX_KEY_CHARS).filter(|c| !is_break(*c)).collect()
}

/// Takes a text apart, as if it stood in a file.
fn parse(source: &str) -> Result<Vec<Part>, Flaw> {
    let file = format!("{BEFORE}{source}\n");
    // What is wrong is a piece of the file; how far it is from the file's beginning says where it stands.
    let place = |at: usize| place(source, at.saturating_sub(BEFORE.len()));
    let resource = parser::parse(file.as_str()).map_err(|(_, errors)| match errors.first() {
        Some(error) => flaw("syntax", format!("{}: {}", place(error.pos.start), error.kind)),
        None => flaw("syntax", "cannot be read"),
    })?;
    let only = match resource.body.as_slice() {
        [ast::Entry::Message(message)] if message.attributes.is_empty() => message.value.as_ref(),
        _ => None,
    };
    let only = only.ok_or_else(|| flaw("syntax", "must be one text; only a choice goes over several lines"))?;
    pattern(only).map_err(|wrong| {
        let at = wrong.at.as_ptr().addr().saturating_sub(file.as_ptr().addr());
        flaw("syntax", format!("{}: {}", place(at), wrong.problem))
    })
}

/// The place of a byte. One inside a character counts as that character.
fn place(source: &str, at: usize) -> Place {
    let before = |(position, _): &(usize, char)| *position < at;
    source.char_indices().take_while(before).fold(Place { line: 1, column: 1 }, |place, (_, c)| match c {
        '\n' => Place { line: place.line + 1, column: 1 },
        _ => Place { column: place.column + 1, ..place },
    })
}

/// A text is one line of what people see.
fn check_characters(parts: &[Part], source: &str) -> Result<(), Flaw> {
    let unfit = |c: char| is_break(c) || is_unseen(c);
    for part in parts {
        match part {
            Part::Literal(text) => {
                let Some(c) = text.chars().find(|c| unfit(*c)) else { continue };
                // Not as it is: then it was written as an escape.
                let at = source.find(c).or_else(|| source.find('\\')).unwrap_or_default();
                let what = if c == '\n' { "a line ends here" } else { "there is a character that nobody sees" };
                return Err(flaw("control", format!("{}: {what}", place(source, at))));
            }
            Part::Argument(_) => {}
            Part::Choice { cases, otherwise, .. } => {
                for parts in cases.iter().map(|(_, parts)| parts).chain([otherwise]) {
                    check_characters(parts, source)?;
                }
            }
        }
    }
    Ok(())
}

/// A text uses every argument of its message as the product's does, and no other.
fn check_arguments(parts: &[Part], source: &str, message: &Message, language: Language) -> Result<(), Flaw> {
    let own = arguments(parts);
    let at = |name: &str| source.find(&format!("${name}")).map_or(Place { line: 1, column: 1 }, |at| place(source, at));
    if let Some(name) = own.keys().find(|name| !message.arguments().any(|known| known == name.as_str())) {
        let known: Vec<String> = message.arguments().map(|known| format!("{{ ${known} }}")).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        return Err(flaw("argument", format!("{}: there is no such argument; this text has {known}", at(name))));
    }
    for (name, kind) in message.arguments {
        let chooses = message.text(language).contains(&format!("{{ ${name} ->"));
        let wrong = match (own.get(*name), kind) {
            (None, _) if chooses => format!("must choose by {{ ${name} -> … }}"),
            (None, _) => format!("must have {{ ${name} }}"),
            (Some(Kind::Count | Kind::Contract), Kind::Text) => format!("{}: ${name} cannot choose", at(name)),
            (Some(Kind::Text), _) if chooses => format!("{}: must choose by {{ ${name} -> … }}", at(name)),
            (Some(_), Kind::Contract) if is_said(parts, name) => format!("{}: ${name} only chooses", at(name)),
            _ => continue,
        };
        return Err(flaw("argument", wrong));
    }
    Ok(())
}

/// Does a text have the argument's value itself?
fn is_said(parts: &[Part], name: &str) -> bool {
    parts.iter().any(|part| match part {
        Part::Literal(_) => false,
        Part::Argument(known) => known == name,
        Part::Choice { cases, otherwise, .. } => {
            cases.iter().any(|(_, parts)| is_said(parts, name)) || is_said(otherwise, name)
        }
    })
}

/// The text as it is kept: neighbouring pieces of fixed text are one.
fn compiled(parts: &[Part]) -> Vec<wording::Part> {
    let mut compiled: Vec<wording::Part> = Vec::new();
    for part in parts {
        match (part, compiled.last_mut()) {
            (Part::Literal(more), Some(wording::Part::Text(text))) => text.push_str(more),
            (Part::Literal(text), _) => compiled.push(wording::Part::Text(text.clone())),
            (Part::Argument(name), _) => compiled.push(wording::Part::Argument(name.clone())),
            (Part::Choice { argument, cases, otherwise }, _) => compiled.push(wording::Part::Choice {
                argument: argument.clone(),
                cases: cases.iter().map(|(case, parts)| (kept(*case), self::compiled(parts))).collect(),
                otherwise: self::compiled(otherwise),
            }),
        }
    }
    compiled
}

const fn kept(case: Case) -> wording::Case {
    match case {
        Case::Number(number) => wording::Case::Number(number),
        Case::Subscription => wording::Case::Subscription,
    }
}

#[cfg(test)]
mod tests {
    use domain::tenant::{ContractWord, Settings};

    use super::*;
    use crate::Words;

    const DAYS: &str = "{ $count ->\n    [0] heute\n    [one] ein Tag\n   *[other] { $count } Tage\n}";

    fn texts(texts: &[(&str, &str)]) -> BTreeMap<String, String> {
        texts.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect()
    }

    fn refused(key: &str, text: &str) -> String {
        let errors = read(&texts(&[(key, text)]), Language::De).unwrap_err().0;
        errors.iter().map(|error| format!("{} {} {}", error.field, error.code, error.message)).collect()
    }

    /// The words of a tenant that has these texts in German.
    fn words(own: &[(&str, &str)], language: Language) -> Words {
        let wording = read(&texts(own), Language::De).unwrap();
        let mut settings = Settings::default();
        settings.wordings.set(Language::De, Some(1));
        for (_, edition) in settings.wordings.editions() {
            edition.wording = Some(Box::leak(Box::new(wording.clone())));
        }
        Words::of(&settings, language)
    }

    #[test]
    fn every_default_is_a_text_that_could_be_typed() {
        for message in messages().filter(|message| message.law().is_none()) {
            for language in Language::ALL {
                let text = message.text(language);
                if text.chars().count() <= MAX_TEXT_CHARS {
                    assert_eq!(read(&texts(&[(message.key, text)]), language).map(|_| ()), Ok(()), "{}", message.key);
                }
            }
        }
    }

    #[test]
    fn an_own_text_is_said_in_its_language_and_the_others_stay() {
        let own = [("menu-start", " Übersicht "), ("formats-days", DAYS), ("mails-greeting-name", "Moin { $name }")];
        let (german, english) = (words(&own, Language::De), words(&own, Language::En));
        assert_eq!((german.menu_start(), english.menu_start()), ("Übersicht", Words::new(Language::En).menu_start()));
        assert_eq!(german.menu_invoices(), Words::new(Language::De).menu_invoices());
        assert_eq!([0, 1, 7].map(|count: i64| german.formats_days(count)), ["heute", "ein Tag", "7 Tage"]);
        assert_eq!(german.mails_greeting_name("<b>Tine</b>"), "Moin <b>Tine</b>", "escaping is the page's");
        assert_eq!(words(&[], Language::De).menu_start(), Words::new(Language::De).menu_start());
    }

    #[test]
    fn the_operators_word_for_a_contract_still_chooses() {
        let own = "{ $contract ->\n [subscription] Abos\n *[contract] Verträge bei uns\n}";
        let words = words(&[("menu-contracts", own)], Language::De);
        assert_eq!(words.menu_contracts(ContractWord::Subscription), "Abos");
        assert_eq!(words.menu_contracts(ContractWord::Contract), "Verträge bei uns");
    }

    #[test]
    fn what_is_wrong_is_named_at_its_place() {
        for (key, text, wanted) in [
            ("menu-strat", "x", "menu-strat unknown there is no such text; the nearest is menu-start"),
            ("menu-start", "  ", "menu-start missing must not be empty"),
            ("menu-start", "{ \"\" }", "menu-start missing must not be empty"),
            ("menu-start", "Über } sicht", "menu-start syntax line 1, column 6: Unbalanced closing brace"),
            ("menu-start", "A { -b } c", "menu-start syntax line 1, column 6: only { $argument }"),
            ("menu-start", "A { other }", "menu-start syntax line 1, column 5: only { $argument }"),
            ("menu-start", "A\nother = B", "menu-start syntax must be one text"),
            ("menu-start", "A\n    B", "menu-start control line 1, column 2: a line ends here"),
            ("menu-start", "A\u{7}", "menu-start control line 1, column 2: there is a character that nobody sees"),
            ("menu-start", "{ \"\\u202E\" }A", "menu-start control line 1, column 4: "),
            ("menu-start", "Für { $name }", "menu-start argument line 1, column 7: there is no such argument; this"),
            ("mails-greeting-name", "Moin", "mails-greeting-name argument must have { $name }"),
            (
                "mails-greeting-name",
                "{ $name ->\n [one] a\n *[other] b\n}",
                "mails-greeting-name argument line 1, column 3: $name cannot choose",
            ),
            ("formats-days", "Tage", "formats-days argument must choose by { $count -> … }"),
            ("formats-days", "{ $count } Tage", "formats-days argument line 1, column 3: must choose by"),
            (
                "formats-days",
                "{ $count ->\n [few] x\n *[other] { $count }\n}",
                "formats-days syntax line 2, column 3: variant [few]",
            ),
            ("menu-contracts", "Verträge", "menu-contracts argument must choose by { $contract -> … }"),
            (
                "menu-contracts",
                "{ $contract ->\n [subscription] A\n *[contract] B\n} { $contract }",
                "menu-contracts argument line 1, column 3: $contract only chooses",
            ),
            ("mails-invoice-file", "x { $number }.pdf", "mails-invoice-file fixed "),
            ("provider-title", "x", "provider-title fixed "),
        ] {
            let refused = refused(key, text);
            assert!(refused.starts_with(wanted), "{key} = {text}: {refused}");
        }
    }

    #[test]
    fn words_of_the_law_stay_and_their_keys_exist() {
        for (key, paragraph) in FIXED_BY_LAW {
            assert!(messages().any(|message| message.key == *key), "{key}");
            assert_eq!(
                refused(key, "Weg damit"),
                format!("{key} fixed_by_law these words are the law's ({paragraph})")
            );
        }
    }

    #[test]
    fn lengths_and_numbers_have_limits() {
        let long = |chars: usize| read(&texts(&[("menu-start", &"ä".repeat(chars))]), Language::De);
        assert!(long(MAX_TEXT_CHARS).is_ok());
        assert_eq!(long(MAX_TEXT_CHARS + 1).unwrap_err().0[0].code, "too_long");
        let free = messages().filter(|message| message.law().is_none());
        let all: BTreeMap<String, String> =
            free.map(|message| (message.key.to_owned(), message.text(Language::De).to_owned())).collect();
        assert_eq!(read(&all, Language::De).unwrap_err().0[0].code, "too_many");
        let some = all.into_iter().take(MAX_TEXTS).collect();
        assert_eq!(read(&some, Language::De).unwrap().sources().count(), MAX_TEXTS);
        let key = "x".repeat(5_000);
        assert_eq!(refused(&key, "x").len(), MAX_KEY_CHARS + " unknown there is no such text".len());
    }
}
