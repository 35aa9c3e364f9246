//! The part of Fluent the product uses, read into plain values, and the check that all languages say the same things.

use std::collections::BTreeMap;

use fluent_syntax::{ast, parser, unicode::unescape_unicode_to_string};

/// Folder names below `templates/text`, in the order of `domain::Language::ALL`.
pub(crate) const LANGUAGES: [&str; 2] = ["de", "en"];

/// A piece of a message.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Part {
    /// Fixed text.
    Literal(String),
    /// The value of an argument.
    Argument(String),
    /// One of several texts, chosen by an argument.
    Choice { argument: String, cases: Vec<(Case, Vec<Part>)>, otherwise: Vec<Part> },
}

/// What selects a text of a [`Part::Choice`].
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Case {
    /// `[0]`, `[1]`; `[one]` is exactly 1, in German as in English.
    Number(i64),
    /// `[subscription]`: the operator's word for a contract.
    Subscription,
}

/// What a method takes for an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Anything that can be written.
    Text,
    /// A number that chooses a plural.
    Count,
    /// The operator's word for a contract, always called `$contract`.
    Contract,
}

/// Arguments of a message by name. They become parameters in this order, so rewording a message never swaps two of them.
pub(crate) type Arguments = BTreeMap<String, Kind>;

/// All messages, by key `area.name` and language.
#[derive(Debug, Default)]
pub(crate) struct Catalogue {
    pub(crate) messages: BTreeMap<String, BTreeMap<&'static str, Vec<Part>>>,
    broken: Vec<String>,
}

impl Catalogue {
    /// Reads one file.
    pub(crate) fn read(&mut self, language: &'static str, area: &str, source: &str) {
        let at = |problem: String| format!("text/{language}/{area}.ftl: {problem}");
        let entries = match parser::parse(source) {
            Ok(resource) => resource.body,
            Err((_, errors)) => {
                self.broken.extend(errors.iter().map(|error| at(error.to_string())));
                return;
            }
        };
        for entry in entries {
            match message(&entry) {
                Ok(None) => {}
                Ok(Some((name, parts))) => {
                    let by_language = self.messages.entry(format!("{area}.{name}")).or_default();
                    if by_language.insert(language, parts).is_some() {
                        self.broken.push(at(format!("{name} stands there twice")));
                    }
                }
                Err(problem) => self.broken.push(at(problem)),
            }
        }
    }

    /// Everything that is wrong: unreadable files, messages or arguments that a language lacks.
    pub(crate) fn problems(&self) -> Vec<String> {
        let mut problems = self.broken.clone();
        for (key, by_language) in &self.messages {
            let wanted = arguments_of_all(by_language);
            for language in LANGUAGES {
                let Some(parts) = by_language.get(language) else {
                    problems.push(format!("{key}: missing in {language}"));
                    continue;
                };
                let own = arguments(parts);
                let absent = wanted.keys().filter(|name| !own.contains_key(*name));
                problems.extend(absent.map(|name| format!("{key}: {language} does not use ${name}")));
            }
        }
        problems
    }
}

/// The arguments of a message in any language.
pub(crate) fn arguments_of_all(by_language: &BTreeMap<&'static str, Vec<Part>>) -> Arguments {
    let mut all = Arguments::new();
    by_language.values().for_each(|parts| collect(parts, &mut all));
    all
}

fn arguments(parts: &[Part]) -> Arguments {
    let mut own = Arguments::new();
    collect(parts, &mut own);
    own
}

fn collect(parts: &[Part], into: &mut Arguments) {
    for part in parts {
        match part {
            Part::Literal(_) => {}
            Part::Argument(name) => note(into, name, Kind::Text),
            Part::Choice { argument, cases, otherwise } => {
                let kind = if argument == "contract" { Kind::Contract } else { Kind::Count };
                note(into, argument, kind);
                cases.iter().for_each(|(_, parts)| collect(parts, into));
                collect(otherwise, into);
            }
        }
    }
}

/// An argument that chooses anywhere is a count everywhere.
fn note(into: &mut Arguments, name: &str, kind: Kind) {
    let known = into.entry(name.to_owned()).or_insert(kind);
    *known = (*known).max(kind);
}

fn message(entry: &ast::Entry<&str>) -> Result<Option<(String, Vec<Part>)>, String> {
    match entry {
        ast::Entry::Message(message) => {
            let name = message.id.name;
            let value = message.value.as_ref().filter(|_| message.attributes.is_empty());
            let value = value.ok_or_else(|| format!("{name}: attributes are not supported"))?;
            let parts = pattern(value).map_err(|problem| format!("{name}: {problem}"))?;
            Ok(Some((name.to_owned(), parts)))
        }
        ast::Entry::Term(term) => Err(format!("-{}: terms are not supported", term.id.name)),
        ast::Entry::Junk { content } => Err(format!("cannot read {content:?}")),
        _ => Ok(None),
    }
}

fn pattern(pattern: &ast::Pattern<&str>) -> Result<Vec<Part>, String> {
    let part = |element: &ast::PatternElement<&str>| match element {
        ast::PatternElement::TextElement { value } => Ok(Part::Literal((*value).to_owned())),
        ast::PatternElement::Placeable { expression } => placeable(expression),
    };
    pattern.elements.iter().map(part).collect()
}

fn placeable(expression: &ast::Expression<&str>) -> Result<Part, String> {
    use ast::InlineExpression::{StringLiteral, VariableReference};
    match expression {
        ast::Expression::Inline(VariableReference { id }) => Ok(Part::Argument(id.name.to_owned())),
        ast::Expression::Inline(StringLiteral { value }) => {
            Ok(Part::Literal(unescape_unicode_to_string(value).into_owned()))
        }
        ast::Expression::Select { selector: VariableReference { id }, variants } => choice(id.name, variants),
        _ => Err("only { $argument }, { \"text\" } and { $argument -> … } are supported".to_owned()),
    }
}

fn choice(argument: &str, variants: &[ast::Variant<&str>]) -> Result<Part, String> {
    let (mut cases, mut otherwise) = (Vec::new(), None);
    for variant in variants {
        let parts = pattern(&variant.value)?;
        if variant.default {
            otherwise = Some(parts);
        } else {
            cases.push((case(argument, &variant.key)?, parts));
        }
    }
    let otherwise = otherwise.ok_or("no default variant")?;
    Ok(Part::Choice { argument: argument.to_owned(), cases, otherwise })
}

fn case(argument: &str, key: &ast::VariantKey<&str>) -> Result<Case, String> {
    let name = match key {
        ast::VariantKey::Identifier { name } => *name,
        ast::VariantKey::NumberLiteral { value } => *value,
    };
    match (argument, name) {
        ("contract", "subscription") => Ok(Case::Subscription),
        ("contract", _) => Err(format!("variant [{name}]: only [subscription] and *[contract]")),
        (_, "one") => Ok(Case::Number(1)),
        _ => name.parse().map(Case::Number).map_err(|_| format!("variant [{name}]: only a number, [one] and *[other]")),
    }
}
