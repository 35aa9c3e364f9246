//! Names of all countries of ISO 3166-1 in both languages (from Unicode CLDR).

use domain::{Language, customer::CountryCode};

use crate::Words;

/// One line per country, sorted by code: code, German name, English name.
const TABLE: &str = include_str!("countries.tsv");

impl Words {
    /// The name of a country; an unassigned code is shown as it is.
    #[must_use]
    pub fn country(&self, code: CountryCode) -> String {
        let line = TABLE.lines().find(|line| line.starts_with(code.as_str()));
        let column = match self.language {
            Language::De => 1,
            Language::En => 2,
        };
        line.and_then(|line| line.split('\t').nth(column)).unwrap_or(code.as_str()).to_owned()
    }
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
    fn the_table_is_complete_and_sorted() {
        let lines: Vec<Vec<&str>> = TABLE.lines().map(|line| line.split('\t').collect()).collect();
        assert_eq!(lines.len(), 249);
        assert!(lines.iter().all(|line| line.len() == 3 && line.iter().all(|part| !part.is_empty())));
        assert!(lines.is_sorted_by(|a, b| a[0] < b[0]));
    }
}
