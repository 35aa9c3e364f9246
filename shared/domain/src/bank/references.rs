//! What an entry names: the references a caller looks up before it asks whose money it is.

use super::BankEntry;
use crate::{Pii, creditor_reference::CreditorReference, deposit::DepositNumber, number::MAX_CHARS};

/// Most words looked up for one entry: a look-up must stay one round trip.
const MAX_WORDS: usize = 80;
/// Fewest characters of a word: a shorter one is in every other text by chance.
const MIN_WORD_CHARS: usize = 3;
/// An invoice number has at most this many parts, as in `RE-2026/11-4`.
const MAX_PARTS: usize = 4;
/// What people write before a number without a space.
const LABELS: [&str; 8] = ["rechnungsnummer", "rechnungsnr", "rechnung", "invoice", "rgnr", "renr", "rnr", "nr"];

/// References found in one place, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// References of ISO 11649.
    pub creditor: Vec<CreditorReference>,
    /// Deposit numbers, plain or inside such a reference.
    pub deposits: Vec<DepositNumber>,
}

impl Named {
    fn add(&mut self, text: &str) {
        for reference in CreditorReference::find_in(text) {
            if !self.creditor.contains(&reference) {
                self.creditor.push(reference);
            }
        }
        for number in DepositNumber::find_in(text) {
            if !self.deposits.contains(&number) {
                self.deposits.push(number);
            }
        }
    }
}

/// Everything an entry names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct References {
    /// In the fields made for it: `EndToEndId` and `CdtrRefInf`.
    pub structured: Named,
    /// In the free text.
    pub text: Named,
    /// What may be an invoice number, as written, in capitals and without spaces; bounded, most likely first.
    pub words: Vec<Pii<String>>,
}

impl References {
    /// May this invoice number be meant?
    #[must_use]
    pub fn has_word(&self, number: &str) -> bool {
        let number = number.to_uppercase();
        self.words.iter().any(|word| word.to_uppercase() == number)
    }
}

impl BankEntry {
    /// The references to look up before [`super::match_entry`].
    #[must_use]
    pub fn references(&self) -> References {
        let fields = [&self.creditor_reference, &self.end_to_end_id].into_iter().flatten();
        let mut references = References::default();
        for field in fields.clone() {
            references.structured.add(field);
        }
        references.text.add(&self.text);
        for parts in 1..=MAX_PARTS {
            for text in fields.clone().chain([&self.text]) {
                add_words(&mut references.words, text, parts);
            }
        }
        references
    }
}

/// Words of so many neighbouring parts (letters and digits) of a text. The last part has a digit, as numbers do.
fn add_words(words: &mut Vec<Pii<String>>, text: &str, parts: usize) {
    let spans = part_spans(text);
    for window in spans.windows(parts) {
        let (Some((start, _)), Some((last_start, end))) = (window.first(), window.last()) else { continue };
        let (Some(written), Some(last)) = (text.get(*start..*end), text.get(*last_start..*end)) else { continue };
        if !last.contains(|c: char| c.is_ascii_digit()) {
            continue;
        }
        let spaced: Vec<&str> = written.split_whitespace().collect();
        add_word(words, &spaced.join(" "));
        add_word(words, &spaced.concat());
        if parts == 1 {
            add_unlabelled(words, written);
        }
    }
}

/// Start and end of every run of letters and digits.
fn part_spans(text: &str) -> Vec<(usize, usize)> {
    let mut spans = Vec::<(usize, usize)>::new();
    for (at, character) in text.char_indices().filter(|(_, character)| character.is_alphanumeric()) {
        let end = at + character.len_utf8();
        match spans.last_mut() {
            Some(last) if last.1 == at => last.1 = end,
            _ => spans.push((at, end)),
        }
    }
    spans
}

/// `RechnungRE1000` also means `RE1000`.
fn add_unlabelled(words: &mut Vec<Pii<String>>, word: &str) {
    let lower = word.to_ascii_lowercase();
    let label = LABELS.iter().find(|label| lower.starts_with(**label));
    if let Some(rest) = label.and_then(|label| word.get(label.len()..)) {
        add_word(words, rest);
    }
}

fn add_word(words: &mut Vec<Pii<String>>, word: &str) {
    let chars = word.chars().count();
    if !(MIN_WORD_CHARS..=MAX_CHARS).contains(&chars) {
        return;
    }
    for spelling in [word.to_owned(), word.to_uppercase()] {
        if words.len() < MAX_WORDS && !words.iter().any(|known| **known == spelling) {
            words.push(Pii(spelling));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::statement::tests::credit, *};

    #[test]
    fn an_invoice_number_is_found_however_it_is_written() {
        for text in [
            "RE1000",
            "Rechnung RE1000 vom 05.03.2026",
            "re1000",
            "RE 1000",
            "Rechnung:RE1000, danke",
            "RechnungRE1000",
            "Kd. 5003/RE1000",
            "Rechnung RE10\n00",
        ] {
            assert!(credit(1591, text).references().has_word("RE1000"), "{text}");
        }
        for (text, number) in [("RE 2026/11", "RE 2026/11"), ("Zu RE-2026/11-4!", "RE-2026/11-4"), ("Ä 12", "Ä12")] {
            assert!(credit(1591, text).references().has_word(number), "{text}");
        }
        for text in ["RE10001", "XRE1000", "RE", "danke", ""] {
            assert!(!credit(1591, text).references().has_word("RE1000"), "{text}");
        }
    }

    #[test]
    fn fields_made_for_references_are_told_from_free_text() {
        let number = DepositNumber::new("2026-03-05T12:30:45Z".parse().unwrap(), 7);
        let in_field = BankEntry {
            creditor_reference: Some(Pii(number.creditor_reference().as_str().to_owned())),
            ..credit(1, "")
        };
        assert_eq!(in_field.references().structured.deposits, std::slice::from_ref(&number));
        assert_eq!(in_field.references().structured.creditor, [number.creditor_reference()]);
        let in_text = credit(1, &format!("Einzahlung {number}")).references();
        assert_eq!((in_text.text.deposits, in_text.structured), (vec![number], Named::default()));
    }

    #[test]
    fn look_ups_stay_bounded_and_likely_words_come_first() {
        let text: String = (0..500).map(|n| format!("A{n:04} B{n:04}/")).collect();
        let references = credit(1, &text).references();
        assert_eq!(references.words.len(), MAX_WORDS);
        assert_eq!(*references.words[0], "A0000");
    }

    proptest::proptest! {
        #[test]
        fn no_text_stops_the_search(text in "[A-Z0-9 /-]{0,200}|.{0,300}") {
            assert!(credit(1, &text).references().words.len() <= MAX_WORDS);
        }
    }
}
