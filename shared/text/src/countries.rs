//! Names of all countries of ISO 3166-1 in both languages (from Unicode CLDR).

use domain::{Language, customer::CountryCode};

use crate::Words;

/// Whoever speaks German is looked for most: these stand first in a list.
const FIRST: [&str; 3] = ["DE", "AT", "CH"];

/// One line per country, sorted by code: code, German name, English name.
const TABLE: &str = include_str!("countries.tsv");

impl Words {
    /// The name of a country; an unassigned code is shown as it is.
    #[must_use]
    pub fn country(&self, code: CountryCode) -> String {
        self.country_name(code).unwrap_or(code.as_str()).to_owned()
    }

    /// All countries to choose from: Germany, Austria and Switzerland, then every other by its name.
    #[must_use]
    pub fn countries(&self) -> Vec<(CountryCode, &'static str)> {
        let named = |code: CountryCode| Some((code, self.country_name(code)?));
        let mut countries: Vec<_> = CountryCode::assigned().filter_map(named).collect();
        let place = |code: &CountryCode| FIRST.iter().position(|first| *first == code.as_str()).unwrap_or(FIRST.len());
        countries.sort_by_cached_key(|(code, name)| (place(code), sortable(name)));
        countries
    }

    fn country_name(&self, code: CountryCode) -> Option<&'static str> {
        let line = TABLE.lines().find(|line| line.starts_with(code.as_str()))?;
        let column = match self.language {
            Language::De => 1,
            Language::En => 2,
        };
        line.split('\t').nth(column)
    }
}

/// As dictionaries sort (DIN 5007-1): letters with marks like those without.
fn sortable(name: &str) -> String {
    let plain = |c: char| match c {
        'ä' | 'å' | 'á' | 'ã' => 'a',
        'ö' | 'ô' | 'ó' => 'o',
        'ü' => 'u',
        'é' => 'e',
        'í' => 'i',
        'ç' => 'c',
        c => c,
    };
    name.to_lowercase().chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(code: &str, language: Language) -> String {
        Words::new(language).country(CountryCode::try_from(code.to_owned()).unwrap())
    }

    #[test]
    fn countries_have_a_name_in_both_languages() {
        assert_eq!(named("DE", Language::De), "Deutschland");
        assert_eq!(named("DE", Language::En), "Germany");
        assert_eq!(named("CI", Language::De), "Côte d’Ivoire");
        assert_eq!(named("XX", Language::De), "XX");
    }

    #[test]
    fn a_list_begins_with_its_neighbours_and_goes_on_by_name() {
        for (language, third, fourth, last) in [
            (Language::De, "Schweiz", "Afghanistan", "Zypern"),
            (Language::En, "Switzerland", "Afghanistan", "Zimbabwe"),
        ] {
            let countries = Words::new(language).countries();
            let names: Vec<&str> = countries.iter().map(|(_, name)| *name).collect();
            assert_eq!((names.len(), names[2], names[3]), (249, third, fourth));
            assert_eq!(names.last(), Some(&last));
        }
        let german = Words::new(Language::De).countries();
        let place = |code: &str| german.iter().position(|(known, _)| known.as_str() == code);
        assert!(place("AF") < place("EG") && place("EG") < place("AL"), "Ägypten stands among the As");
    }

    #[test]
    fn the_table_names_what_iso_assigned() {
        for (line, code) in TABLE.lines().zip(CountryCode::assigned()) {
            assert!(line.starts_with(code.as_str()), "{line}");
        }
    }

    #[test]
    fn the_table_is_complete_and_sorted() {
        let lines: Vec<Vec<&str>> = TABLE.lines().map(|line| line.split('\t').collect()).collect();
        assert_eq!(lines.len(), 249);
        assert!(lines.iter().all(|line| line.len() == 3 && line.iter().all(|part| !part.is_empty())));
        assert!(lines.is_sorted_by(|a, b| a[0] < b[0]));
    }
}
