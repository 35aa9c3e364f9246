//! All messages of all files, and the check that all languages say the same things.

use std::collections::BTreeMap;

use fluent_syntax::{ast, parser};

use crate::parts::{Arguments, Part, arguments, collect, pattern};

/// Folder names below `templates/text`, in the order of `domain::Language::ALL`.
pub(crate) const LANGUAGES: [&str; 2] = ["de", "en"];

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

fn message(entry: &ast::Entry<&str>) -> Result<Option<(String, Vec<Part>)>, String> {
    match entry {
        ast::Entry::Message(message) => {
            let name = message.id.name;
            let value = message.value.as_ref().filter(|_| message.attributes.is_empty());
            let value = value.ok_or_else(|| format!("{name}: attributes are not supported"))?;
            let parts = pattern(value).map_err(|wrong| format!("{name}, at {:?}: {}", wrong.at, wrong.problem))?;
            Ok(Some((name.to_owned(), parts)))
        }
        ast::Entry::Term(term) => Err(format!("-{}: terms are not supported", term.id.name)),
        ast::Entry::Junk { content } => Err(format!("cannot read {content:?}")),
        _ => Ok(None),
    }
}
