//! A text taken apart: the part of Fluent the product uses. The build reads the product's texts with it, and the running
//! portal a tenant's own, so both know the same.

use std::collections::BTreeMap;

use fluent_syntax::{ast, unicode::unescape_unicode_to_string};

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
#[derive(Debug, Clone, Copy, PartialEq)]
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

/// What the product does not use, and where it stands.
#[derive(Debug)]
pub(crate) struct Wrong<'a> {
    pub(crate) at: &'a str,
    pub(crate) problem: String,
}

/// The arguments of a text.
pub(crate) fn arguments(parts: &[Part]) -> Arguments {
    let mut own = Arguments::new();
    collect(parts, &mut own);
    own
}

/// The same, beside those that are known already.
pub(crate) fn collect(parts: &[Part], into: &mut Arguments) {
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

/// The pieces of a text.
pub(crate) fn pattern<'a>(pattern: &ast::Pattern<&'a str>) -> Result<Vec<Part>, Wrong<'a>> {
    let part = |element: &ast::PatternElement<&'a str>| match element {
        ast::PatternElement::TextElement { value } => Ok(Part::Literal((*value).to_owned())),
        ast::PatternElement::Placeable { expression } => placeable(expression),
    };
    pattern.elements.iter().map(part).collect()
}

fn placeable<'a>(expression: &ast::Expression<&'a str>) -> Result<Part, Wrong<'a>> {
    use ast::InlineExpression::{StringLiteral, VariableReference};
    match expression {
        ast::Expression::Inline(VariableReference { id }) => Ok(Part::Argument(id.name.to_owned())),
        ast::Expression::Inline(StringLiteral { value }) => {
            Ok(Part::Literal(unescape_unicode_to_string(value).into_owned()))
        }
        ast::Expression::Select { selector: VariableReference { id }, variants } => choice(id.name, variants),
        ast::Expression::Inline(other) | ast::Expression::Select { selector: other, .. } => {
            let problem = "only { $argument }, { \"text\" } and { $argument -> … } are supported".to_owned();
            Err(Wrong { at: beginning(other), problem })
        }
    }
}

/// The first word of an expression.
fn beginning<'a>(expression: &ast::InlineExpression<&'a str>) -> &'a str {
    use ast::InlineExpression::{
        FunctionReference, MessageReference, NumberLiteral, Placeable, StringLiteral, TermReference, VariableReference,
    };
    match expression {
        StringLiteral { value } | NumberLiteral { value } => value,
        FunctionReference { id, .. }
        | MessageReference { id, .. }
        | TermReference { id, .. }
        | VariableReference { id } => id.name,
        Placeable { expression } => match expression.as_ref() {
            ast::Expression::Inline(inner) | ast::Expression::Select { selector: inner, .. } => beginning(inner),
        },
    }
}

fn choice<'a>(argument: &'a str, variants: &[ast::Variant<&'a str>]) -> Result<Part, Wrong<'a>> {
    let (mut cases, mut otherwise) = (Vec::new(), None);
    for variant in variants {
        let parts = pattern(&variant.value)?;
        if variant.default {
            otherwise = Some(parts);
        } else {
            cases.push((case(argument, &variant.key)?, parts));
        }
    }
    let otherwise = otherwise.ok_or_else(|| Wrong { at: argument, problem: "no default variant".to_owned() })?;
    Ok(Part::Choice { argument: argument.to_owned(), cases, otherwise })
}

fn case<'a>(argument: &str, key: &ast::VariantKey<&'a str>) -> Result<Case, Wrong<'a>> {
    let name = match key {
        ast::VariantKey::Identifier { name } => *name,
        ast::VariantKey::NumberLiteral { value } => *value,
    };
    let wrong = |allowed: &str| Wrong { at: name, problem: format!("variant [{name}]: only {allowed}") };
    match (argument, name) {
        ("contract", "subscription") => Ok(Case::Subscription),
        ("contract", _) => Err(wrong("[subscription] and *[contract]")),
        (_, "one") => Ok(Case::Number(1)),
        _ => name.parse().map(Case::Number).map_err(|_| wrong("a number, [one] and *[other]")),
    }
}
