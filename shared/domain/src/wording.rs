//! A tenant's own texts in place of the product's (M-65): as they were typed, and taken apart when they were saved, so that
//! nothing is parsed when one is said.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Language;

/// Most own texts of a tenant in one language.
pub const MAX_TEXTS: usize = 200;
/// Longest own text, in characters.
pub const MAX_TEXT_CHARS: usize = 500;

/// A tenant's own texts in one language by key, for example `invoices-pay`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Wording(BTreeMap<String, OwnWords>);

/// One own text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnWords {
    /// As it was typed.
    pub source: String,
    /// The same, to be said.
    pub parts: Vec<Part>,
}

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Fixed text.
    Text(String),
    /// The value of an argument.
    Argument(String),
    /// One of several texts, chosen by an argument.
    Choice {
        /// Its name.
        argument: String,
        /// What is said in which case.
        cases: Vec<(Case, Vec<Self>)>,
        /// What is said in all others.
        otherwise: Vec<Self>,
    },
}

/// What selects a text of a [`Part::Choice`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Case {
    /// Exactly this number.
    Number(i64),
    /// The operator's word for a contract is „Abonnement".
    Subscription,
}

impl Wording {
    /// Is there no own text?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The own text of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&OwnWords> {
        self.0.get(key)
    }

    /// All of them as they were typed, by key.
    pub fn sources(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, own)| (key.as_str(), own.source.as_str()))
    }
}

impl FromIterator<(String, OwnWords)> for Wording {
    fn from_iter<I: IntoIterator<Item = (String, OwnWords)>>(texts: I) -> Self {
        Self(texts.into_iter().collect())
    }
}

/// Which own texts hold, by language. Only their number travels with the settings; the texts lie beside, and whoever reads
/// the settings for use puts them in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Wordings(BTreeMap<Language, Edition>);

/// One saved state of the own texts in one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edition {
    /// Its number, counted from 1. What was saved under a number never changes.
    pub rev: u64,
    /// The texts, once they were read. They are handed out as the product's own are, so they live as long.
    #[serde(skip)]
    pub wording: Option<&'static Wording>,
}

impl Wordings {
    /// Are there no own texts in any language?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The own texts in a language.
    #[must_use]
    pub fn of(&self, language: Language) -> Option<&'static Wording> {
        self.0.get(&language).and_then(|edition| edition.wording)
    }

    /// What was saved under this number holds from now on; `None`: the product's words.
    pub fn set(&mut self, language: Language, rev: Option<u64>) {
        match rev {
            Some(rev) => self.0.insert(language, Edition { rev, wording: None }),
            None => self.0.remove(&language),
        };
    }

    /// The editions that hold, for putting their texts in.
    pub fn editions(&mut self) -> impl Iterator<Item = (Language, &mut Edition)> {
        self.0.iter_mut().map(|(language, edition)| (*language, edition))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_carry_the_number_of_an_edition_and_not_its_texts() {
        let own = OwnWords { source: "Los".to_owned(), parts: vec![Part::Text("Los".to_owned())] };
        let wording: Wording = [("menu-start".to_owned(), own)].into_iter().collect();
        let mut wordings = Wordings::default();
        wordings.set(Language::De, Some(3));
        for (_, edition) in wordings.editions() {
            edition.wording = Some(Box::leak(Box::new(wording.clone())));
        }
        assert_eq!((wordings.of(Language::De), wordings.of(Language::En)), (Some(&wording), None));
        let stored = serde_json::to_string(&wordings).unwrap();
        assert_eq!(stored, r#"{"de":{"rev":3}}"#);
        let read: Wordings = serde_json::from_str(&stored).unwrap();
        assert_eq!((read.is_empty(), read.of(Language::De)), (false, None));
        wordings.set(Language::De, None);
        assert!(wordings.is_empty());
    }

    #[test]
    fn what_was_taken_apart_is_read_back() {
        let choice = Part::Choice {
            argument: "count".to_owned(),
            cases: vec![(Case::Number(1), vec![Part::Text("ein Tag".to_owned())])],
            otherwise: vec![Part::Argument("count".to_owned()), Part::Text(" Tage".to_owned())],
        };
        let own = OwnWords { source: "x".to_owned(), parts: vec![choice] };
        let wording: Wording = [("formats-days".to_owned(), own)].into_iter().collect();
        let stored = serde_json::to_vec(&wording).unwrap();
        assert_eq!(serde_json::from_slice::<Wording>(&stored).unwrap(), wording);
    }
}
