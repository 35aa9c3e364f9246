//! The operator's own texts, per language.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Language;

/// One text in each language; a missing language falls back to the other.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(transparent)]
pub struct PerLanguage(pub BTreeMap<Language, String>);

impl PerLanguage {
    /// The text for a language, else the one there is.
    #[must_use]
    pub fn get(&self, language: Language) -> Option<&str> {
        let text = self.0.get(&language).or_else(|| self.0.get(&language.other()));
        text.map(String::as_str).filter(|text| !text.is_empty())
    }
}

/// The operator's own texts („Dokumente und Texte", M-10). `source` is what was written (Markdown or HTML), `html` what is
/// shown: sanitised when it was saved.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OwnText {
    /// As the operator wrote it.
    pub source: PerLanguage,
    /// Sanitised HTML, safe to put into a page.
    pub html: PerLanguage,
}

/// The texts every page needs; they travel with the directory item.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FrameTexts {
    /// Footer text (M-07).
    pub footer: OwnText,
    /// Welcome text (M-09).
    pub welcome: OwnText,
}

/// The long texts, each read by its own page only.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LegalTexts {
    /// „Impressum" (M-08).
    pub imprint: OwnText,
    /// „Datenschutz".
    pub privacy: OwnText,
    /// „Barrierefreiheit".
    pub accessibility: OwnText,
}
