//! Says a text that a tenant worded itself. One that asks for what its message does not give, because the message was
//! changed since, is none: the product's words are said instead.

use std::fmt::{Display, Write as _};

use domain::{
    tenant::ContractWord,
    wording::{Case, Part, Wording},
};

/// The value of an argument.
#[derive(Clone, Copy)]
pub(crate) enum Value<'a> {
    /// Anything that can be written.
    Text(&'a dyn Display),
    /// A number that chooses, and can be written.
    Count(i64),
    /// The operator's word for a contract, which only chooses.
    Contract(ContractWord),
}

impl Value<'_> {
    fn is(self, case: Case) -> bool {
        match (self, case) {
            (Self::Count(count), Case::Number(number)) => count == number,
            (Self::Contract(word), Case::Subscription) => word == ContractWord::Subscription,
            _ => false,
        }
    }
}

/// An own text without arguments.
pub(crate) fn text(wording: &'static Wording, key: &str) -> Option<&'static str> {
    match wording.get(key)?.parts.as_slice() {
        [Part::Text(text)] => Some(text.as_str()),
        _ => None,
    }
}

/// An own text with the values of its arguments.
pub(crate) fn said(wording: &Wording, key: &str, values: &[(&str, Value<'_>)]) -> Option<String> {
    let mut said = String::new();
    say(&wording.get(key)?.parts, values, &mut said)?;
    Some(said)
}

fn say(parts: &[Part], values: &[(&str, Value<'_>)], into: &mut String) -> Option<()> {
    let value = |name: &str| values.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    for part in parts {
        match part {
            Part::Text(text) => into.push_str(text),
            Part::Argument(name) => match value(name)? {
                Value::Text(text) => write!(into, "{text}").ok()?,
                Value::Count(count) => write!(into, "{count}").ok()?,
                Value::Contract(_) => return None,
            },
            Part::Choice { argument, cases, otherwise } => {
                let value = value(argument)?;
                let chosen = cases.iter().find(|(case, _)| value.is(*case)).map_or(otherwise, |(_, parts)| parts);
                say(chosen, values, into)?;
            }
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use domain::wording::OwnWords;

    use super::*;

    fn wording(parts: Vec<Part>) -> &'static Wording {
        let own = OwnWords { source: String::new(), parts };
        let wording: Wording = [("key".to_owned(), own)].into_iter().collect();
        Box::leak(Box::new(wording))
    }

    #[test]
    fn a_text_that_asks_for_what_is_not_given_is_none() {
        let greeting = wording(vec![Part::Text("Moin ".to_owned()), Part::Argument("name".to_owned())]);
        assert_eq!(said(greeting, "key", &[("name", Value::Text(&"Tine"))]).as_deref(), Some("Moin Tine"));
        assert_eq!(said(greeting, "key", &[("other", Value::Text(&"Tine"))]), None);
        assert_eq!(said(greeting, "key", &[("name", Value::Contract(ContractWord::Contract))]), None);
        assert_eq!(said(greeting, "elsewhere", &[]), None);
        assert_eq!(text(greeting, "key"), None, "its message has no arguments any more");
        assert_eq!(text(wording(vec![Part::Text("Moin".to_owned())]), "key"), Some("Moin"));
    }

    #[test]
    fn a_choice_is_made_by_number_and_by_word() {
        let choice = |argument: &str, case| Part::Choice {
            argument: argument.to_owned(),
            cases: vec![(case, vec![Part::Text("eins".to_owned())])],
            otherwise: vec![Part::Text("sonst".to_owned())],
        };
        let plural = wording(vec![choice("count", Case::Number(1))]);
        let counted = |count| said(plural, "key", &[("count", Value::Count(count))]).unwrap();
        assert_eq!((counted(1).as_str(), counted(0).as_str(), counted(2).as_str()), ("eins", "sonst", "sonst"));
        let named = wording(vec![choice("contract", Case::Subscription)]);
        let called = |word| said(named, "key", &[("contract", Value::Contract(word))]).unwrap();
        assert_eq!(called(ContractWord::Subscription), "eins");
        assert_eq!(called(ContractWord::Contract), "sonst");
    }
}
