//! What the forms of data and addresses have in common: what they send, and what can come of it.
//!
//! Two people may have the same form open. Each form knows the revision it was shown with: when something was saved meanwhile,
//! nothing is saved, and the page shows both, so that saving once more decides.

use domain::customer::{
    CountryCode,
    form::{self, Field, Flaw, Typed},
};
use serde::Deserialize;
use store::Loaded;
use text::Words;
use utoipa::ToSchema;
use web::{
    Answer, Problem,
    page::{ErrorSummary, FormError},
};

/// What a form sends.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(crate) struct Form {
    /// The revision it was shown with.
    #[serde(default)]
    rev: String,
    /// Of something new: fresh with the page, so that sending it twice keeps one.
    #[serde(default)]
    pub(crate) id: String,
    /// The fields.
    #[serde(flatten)]
    pub(crate) typed: Typed,
}

impl Form {
    /// Revisions count from 1: a form without one was shown before everything.
    pub(crate) fn rev(&self) -> u64 {
        self.rev.parse().unwrap_or_default()
    }
}

/// What came of it.
#[derive(Debug)]
pub(crate) enum Outcome<T> {
    /// It is there as it was typed.
    Saved(Loaded<T>),
    /// Nothing is saved: something is wrong.
    Flawed(Loaded<T>, Vec<Flaw>),
    /// Nothing is saved: somebody else was faster, and this is there now.
    Overtaken(Loaded<T>),
}

impl<T> Outcome<T> {
    /// The same for programs; their bodies have an address of this name.
    pub(crate) fn or_problem(self, address: &str) -> Answer<Loaded<T>> {
        match self {
            Self::Saved(saved) => Ok(saved),
            Self::Flawed(_, flaws) => Err(form::errors(&flaws, address).into()),
            Self::Overtaken(_) => Err(Problem::Stale),
        }
    }
}

/// What is wrong, beside each field.
pub(crate) fn flawed(flaws: &[Flaw], t: &Words) -> ErrorSummary {
    let error = |flaw: &Flaw| FormError { field: flaw.field.name().to_owned(), message: t.flaw(*flaw) };
    ErrorSummary { items: flaws.iter().map(error).collect() }
}

/// What was saved meanwhile, beside each field that differs from it.
pub(crate) fn overtaken(typed: &Typed, there: &Typed, t: &Words) -> ErrorSummary {
    let error = |field: Field| {
        let message = match t.field_value(field, there.get(field)).as_str() {
            "" => t.edit_meanwhile_empty().to_owned(),
            value => t.edit_meanwhile(value),
        };
        FormError { field: field.name().to_owned(), message }
    };
    ErrorSummary { items: typed.differing(there).map(error).collect() }
}

/// What can be chosen as country: code, name, and whether it is chosen. An integrator may have loaded a code that is none; it
/// stays until another one is chosen.
pub(crate) fn countries(typed: &Typed, t: &Words) -> Vec<(String, String, bool)> {
    let chosen = typed.get(Field::Country);
    let offered = t.countries();
    let is_offered = chosen.is_empty() || offered.iter().any(|(code, _)| code.as_str() == chosen);
    let unknown = (!is_offered).then(|| (chosen.to_owned(), chosen.to_owned(), true));
    let option = |(code, name): (CountryCode, &'static str)| {
        (code.as_str().to_owned(), name.to_owned(), code.as_str() == chosen)
    };
    unknown.into_iter().chain(offered.into_iter().map(option)).collect()
}

#[cfg(test)]
mod tests {
    use domain::Language;

    use super::*;

    #[test]
    fn every_difference_is_told_in_words() {
        let (mut typed, mut there) = (Typed::default(), Typed::default());
        for (field, mine, theirs) in [
            (Field::City, "Rosahausen", "Neustadt"),
            (Field::Country, "DE", "AT"),
            (Field::Company, "Example GmbH", ""),
            (Field::LastName, "Tine", " Tine "),
        ] {
            typed.set(field, mine);
            there.set(field, theirs);
        }
        let summary = overtaken(&typed, &there, &Words::new(Language::De));
        let told: Vec<(&str, &str)> =
            summary.items.iter().map(|error| (error.field.as_str(), error.message.as_str())).collect();
        let wanted = [
            ("company", "Inzwischen gespeichert: kein Eintrag"),
            ("city", "Inzwischen gespeichert: Neustadt"),
            ("country", "Inzwischen gespeichert: Österreich"),
        ];
        assert_eq!(told, wanted);
    }

    #[test]
    fn a_code_that_is_none_stays_to_be_chosen() {
        let mut typed = Typed::default();
        let t = Words::new(Language::De);
        assert!(countries(&typed, &t).iter().all(|(_, _, chosen)| !chosen));
        typed.set(Field::Country, "XX");
        assert_eq!(countries(&typed, &t).first(), Some(&("XX".to_owned(), "XX".to_owned(), true)));
        typed.set(Field::Country, "AT");
        let chosen: Vec<String> =
            countries(&typed, &t).into_iter().filter(|(_, _, chosen)| *chosen).map(|(_, name, _)| name).collect();
        assert_eq!(chosen, ["Österreich"]);
    }
}
