//! Writes the Rust source of all messages: one method each, nothing to look up or parse when the portal runs.

use std::{collections::BTreeMap, fmt::Write};

use crate::messages::{Arguments, Case, Catalogue, Kind, Part, arguments_of_all};

/// The whole generated file.
pub(crate) fn words(catalogue: &Catalogue) -> String {
    let mut methods = String::from("impl Words {\n");
    let mut table = String::new();
    for (key, by_language) in &catalogue.messages {
        methods.push_str(&method(key, by_language));
        let text = |language: &str| by_language.get(language).map(|parts| shown(parts)).unwrap_or_default();
        let _ = writeln!(table, "    ({key:?}, {:?}, {:?}, {:?}),", name(key), text("de"), text("en"));
    }
    let list =
        "/// Key, method, German and English text of every message, for the tests of this crate.\n#[cfg(test)]\n";
    format!("{methods}}}\n\n{list}pub(crate) const MESSAGES: &[(&str, &str, &str, &str)] = &[\n{table}];\n")
}

fn name(key: &str) -> String {
    key.replace(['.', '-'], "_")
}

fn method(key: &str, by_language: &BTreeMap<&'static str, Vec<Part>>) -> String {
    let arguments = arguments_of_all(by_language);
    let plain = arguments.is_empty();
    let (parameters, preparation) = signature(&arguments);
    let result = if plain { "&'static str" } else { "String" };
    let arms: String = by_language
        .iter()
        .map(|(language, parts)| {
            format!("            Language::{} => {},\n", variant(language), expression(parts, plain))
        })
        .collect();
    let german = by_language.get("de").map(|parts| shown(parts)).unwrap_or_default();
    format!(
        "    #[doc = {german:?}]\n    #[must_use]\n    pub fn {}(&self{parameters}) -> {result} {{\n{preparation}        match self.language {{\n{arms}        }}\n    }}\n",
        name(key)
    )
}

fn signature(arguments: &Arguments) -> (String, String) {
    let (mut parameters, mut preparation) = (String::new(), String::new());
    for (name, kind) in arguments {
        let (bound, value) = match kind {
            Kind::Text => ("std::fmt::Display", format!("&{name} as &dyn std::fmt::Display")),
            Kind::Count => ("Count", format!("{name}.count()")),
            Kind::Contract => ("Word", format!("{name}.word()")),
        };
        let _ = write!(parameters, ", {name}: impl {bound}");
        let _ = writeln!(preparation, "        let {name} = {value};");
    }
    (parameters, preparation)
}

/// `de` as a variant of `domain::Language`.
fn variant(language: &str) -> String {
    let (first, rest) = language.split_at(1);
    first.to_uppercase() + rest
}

/// A Rust expression that says the parts: a literal when nothing varies, a `match` for a choice alone, else `format!`.
fn expression(parts: &[Part], plain: bool) -> String {
    match parts {
        [Part::Literal(text)] if plain => return format!("{text:?}"),
        [Part::Literal(text)] => return format!("{text:?}.to_owned()"),
        [Part::Choice { argument, cases, otherwise }] => return choice(argument, cases, otherwise),
        _ => {}
    }
    let (mut pattern, mut choices) = (String::new(), String::new());
    for part in parts {
        match part {
            Part::Literal(text) if plain => pattern.push_str(text),
            Part::Literal(text) => pattern.push_str(&text.replace('{', "{{").replace('}', "}}")),
            Part::Argument(name) => {
                let _ = write!(pattern, "{{{name}}}");
            }
            Part::Choice { argument, cases, otherwise } => {
                pattern.push_str("{}");
                let _ = write!(choices, ", {}", choice(argument, cases, otherwise));
            }
        }
    }
    if plain { format!("{pattern:?}") } else { format!("format!({pattern:?}{choices})") }
}

fn choice(argument: &str, cases: &[(Case, Vec<Part>)], otherwise: &[Part]) -> String {
    let arms: String =
        cases.iter().map(|(case, parts)| format!("{} => {}, ", selector(case), expression(parts, false))).collect();
    format!("match {argument} {{ {arms}_ => {} }}", expression(otherwise, false))
}

fn selector(case: &Case) -> String {
    match case {
        Case::Number(number) => number.to_string(),
        Case::Subscription => "ContractWord::Subscription".to_owned(),
    }
}

/// The text as a reader of the file sees it, for documentation and tests.
fn shown(parts: &[Part]) -> String {
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Literal(literal) => text.push_str(literal),
            Part::Argument(name) => {
                let _ = write!(text, "{{{name}}}");
            }
            Part::Choice { cases, otherwise, .. } => {
                let all = cases.iter().map(|(_, parts)| parts).chain([otherwise]);
                let all: Vec<String> = all.map(|parts| shown(parts)).collect();
                text.push_str(&all.join(" | "));
            }
        }
    }
    text
}
