//! Writes the Rust source of all messages: one method each, nothing to look up or parse when the portal runs.

use std::{collections::BTreeMap, fmt::Write};

use crate::{
    messages::{Catalogue, LANGUAGES, arguments_of_all},
    parts::{Arguments, Case, Kind, Part},
};

/// The whole generated file.
pub(crate) fn words(catalogue: &Catalogue) -> String {
    let mut methods = String::from("impl Words {\n");
    let (mut table, mut rows) = (String::new(), String::new());
    for (key, by_language) in &catalogue.messages {
        methods.push_str(&method(key, by_language));
        rows.push_str(&row(key, by_language));
        let text = |language: &str| by_language.get(language).map(|parts| shown(parts)).unwrap_or_default();
        let _ = writeln!(table, "    ({key:?}, {:?}, {:?}, {:?}),", name(key), text("de"), text("en"));
    }
    let list =
        "/// Key, method, German and English text of every message, for the tests of this crate.\n#[cfg(test)]\n";
    let catalogue = format!(
        "/// Every message, for tenants that word it themselves.\npub(crate) static CATALOGUE: &[Message] = &[\n{rows}];\n"
    );
    format!(
        "{methods}}}\n\n{catalogue}\n{list}pub(crate) const MESSAGES: &[(&str, &str, &str, &str)] = &[\n{table}];\n"
    )
}

fn name(key: &str) -> String {
    key.replace(['.', '-'], "_")
}

/// The key as tenants know it: `invoices-pay`.
fn public_key(key: &str) -> String {
    key.replace('.', "-")
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
    let own = own(key, &arguments);
    format!(
        "    #[doc = {german:?}]\n    #[must_use]\n    pub fn {}(&self{parameters}) -> {result} {{\n{preparation}        if let Some(own) = {own} {{\n            return own;\n        }}\n        match self.language {{\n{arms}        }}\n    }}\n",
        name(key)
    )
}

/// An expression for the tenant's own text.
fn own(key: &str, arguments: &Arguments) -> String {
    let key = public_key(key);
    let values = arguments.iter().map(|(name, kind)| format!("({name:?}, Value::{kind:?}({name}))"));
    match arguments.is_empty() {
        true => format!("self.own_text({key:?})"),
        false => format!("self.own_saying({key:?}, &[{}])", values.collect::<Vec<_>>().join(", ")),
    }
}

/// What the catalogue says of a message.
fn row(key: &str, by_language: &BTreeMap<&'static str, Vec<Part>>) -> String {
    let arguments = arguments_of_all(by_language);
    let arguments = arguments.iter().map(|(name, kind)| format!("({name:?}, Kind::{kind:?})"));
    let texts = LANGUAGES.map(|language| by_language.get(language).map(|parts| source(parts)).unwrap_or_default());
    let (key, arguments) = (public_key(key), arguments.collect::<Vec<_>>().join(", "));
    format!("    Message {{ key: {key:?}, arguments: &[{arguments}], texts: {texts:?} }},\n")
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

/// The text as Fluent again, so that a tenant can begin with it.
fn source(parts: &[Part]) -> String {
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Literal(literal) => literal.chars().for_each(|c| match c {
                '{' => text.push_str("{ \"{\" }"),
                '}' => text.push_str("{ \"}\" }"),
                c => text.push(c),
            }),
            Part::Argument(name) => {
                let _ = write!(text, "{{ ${name} }}");
            }
            Part::Choice { argument, cases, otherwise } => {
                let _ = writeln!(text, "{{ ${argument} ->");
                for (case, parts) in cases {
                    let _ = writeln!(text, "    [{}] {}", written(case), source(parts));
                }
                let default = if argument == "contract" { "contract" } else { "other" };
                let _ = write!(text, "   *[{default}] {}\n}}", source(otherwise));
            }
        }
    }
    text
}

fn written(case: &Case) -> String {
    match case {
        Case::Number(1) => "one".to_owned(),
        Case::Number(number) => number.to_string(),
        Case::Subscription => "subscription".to_owned(),
    }
}
