//! Field `:86:`: who paid and what for, structured (`166?00GUTSCHRIFT?20EREF+…?32NAME`) or plain.

use domain::{Pii, bank::read_iban};

use super::super::join_pieces;

/// Characters of one `?20` to `?63`, as the DFÜ-Abkommen cuts them.
const PIECE: usize = 27;
/// Characters of one line of a plain field.
const LINE: usize = 65;
/// Business codes (GVC) of returned payments: direct debits 108, 109, 181, 184, transfers 159.
const RETURNS: [&str; 5] = ["108", "109", "159", "181", "184"];
/// Words that begin a part of the text in SEPA payments.
const TAGS: [&str; 13] = [
    "EREF+", "KREF+", "MREF+", "CRED+", "DEBT+", "COAM+", "OAMT+", "SVWZ+", "ABWA+", "ABWE+", "IBAN+", "BIC+", "PURP+",
];

/// What a field says.
#[derive(Debug, Default)]
pub(super) struct Details {
    pub(super) is_return: bool,
    pub(super) return_reason: Option<String>,
    pub(super) end_to_end_id: Option<Pii<String>>,
    pub(super) text: Pii<String>,
    pub(super) payer_name: Pii<String>,
    pub(super) payer_iban: Option<Pii<String>>,
}

impl Details {
    pub(super) fn read(lines: &[&str]) -> Self {
        // A structured field is one text; its lines are cut anywhere.
        let whole: String = lines.concat();
        match structure(&whole) {
            Some((code, pieces)) => Self::structured(code, &pieces),
            None => Self::of_text(&join_pieces(lines.iter().copied(), LINE)),
        }
    }

    fn structured(code: &str, pieces: &[(u8, &str)]) -> Self {
        let joined = |codes: &[u8]| {
            let wanted = pieces.iter().filter(|(number, _)| codes.contains(number)).map(|(_, piece)| *piece);
            join_pieces(wanted, PIECE)
        };
        let text = joined(&[20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 60, 61, 62, 63]);
        let is_return = RETURNS.contains(&code);
        let reason = joined(&[34]);
        Self {
            is_return,
            return_reason: (is_return && !reason.is_empty()).then_some(reason),
            payer_name: Pii(joined(&[32, 33])),
            payer_iban: [31, 38].into_iter().find_map(|number| read_iban(&joined(&[number]))).map(Pii),
            ..Self::of_text(&text)
        }
    }

    fn of_text(text: &str) -> Self {
        let parts = tagged(text);
        let part = |tag: &str| parts.iter().find(|(name, _)| *name == tag).map(|(_, part)| part.trim());
        let purpose = part("SVWZ+").or_else(|| part("")).unwrap_or_default();
        let end_to_end_id: Option<String> = part("EREF+").map(|id| id.split_whitespace().collect());
        let end_to_end_id = end_to_end_id.filter(|id| !id.is_empty() && id != "NOTPROVIDED");
        Self {
            end_to_end_id: end_to_end_id.map(|id| Pii(id.chars().take(105).collect())),
            text: Pii(purpose.to_owned()),
            ..Self::default()
        }
    }
}

/// Business code and numbered pieces: three digits, a sign of the bank's choice (mostly `?`), and that sign with two digits
/// before each piece.
fn structure(text: &str) -> Option<(&str, Vec<(u8, &str)>)> {
    let code = text.get(..3).filter(|code| code.bytes().all(|byte| byte.is_ascii_digit()))?;
    let rest = text.get(3..)?;
    let sign = rest.chars().next().filter(|sign| !sign.is_alphanumeric() && !sign.is_whitespace())?;
    let number = |at: usize| -> Option<u8> {
        let digits = rest.get(at + sign.len_utf8()..)?.get(..2)?;
        if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().ok() } else { None }
    };
    let starts: Vec<(usize, u8)> = rest.match_indices(sign).filter_map(|(at, _)| Some((at, number(at)?))).collect();
    if starts.first().is_none_or(|(at, _)| *at != 0) {
        return None;
    }
    let ends = starts.iter().skip(1).map(|(at, _)| *at).chain([rest.len()]);
    let pieces = starts
        .iter()
        .zip(ends)
        .filter_map(|((at, number), end)| Some((*number, rest.get(at + sign.len_utf8() + 2..end)?)));
    Some((code, pieces.collect()))
}

/// The text in parts, each with the word that begins it; what stands before the first word has none.
fn tagged(text: &str) -> Vec<(&str, &str)> {
    let mut starts: Vec<(usize, &str)> = TAGS.iter().flat_map(|tag| text.match_indices(tag)).collect();
    starts.sort_unstable_by_key(|(at, _)| *at);
    let ends = starts.iter().map(|(at, _)| *at).chain([text.len()]).collect::<Vec<_>>();
    let mut parts = vec![("", text.get(..ends.first().copied().unwrap_or_default()).unwrap_or_default())];
    for ((at, tag), end) in starts.iter().zip(ends.iter().skip(1)) {
        parts.push((tag, text.get(at + tag.len()..*end).unwrap_or_default()));
    }
    parts.retain(|(tag, part)| !tag.is_empty() || !part.trim().is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_structured_field_is_taken_apart() {
        let details = Details::read(&[
            "166?00SEPA-GUTSCHRIFT?109251?20EREF+E2E-4711?21KREF+NONREF?22SVWZ+Einzahlung 2603051230",
            "450075 danke?23 sehr?30COBADEFFXXX?31DE89370400440532013000?32Tine Exem",
            "plus?33und Co.?34000",
        ]);
        assert_eq!(details.end_to_end_id.as_deref().map(String::as_str), Some("E2E-4711"));
        assert_eq!(*details.text, "Einzahlung 2603051230450075 danke sehr");
        assert_eq!(*details.payer_name, "Tine Exemplus und Co.");
        assert_eq!(details.payer_iban.as_deref().map(String::as_str), Some("DE89370400440532013000"));
        assert!(!details.is_return);
    }

    #[test]
    fn pieces_without_words_are_one_text() {
        let details = Details::read(&["051?00GUTSCHRIFT?20Rechnung RE1000 vom 5. Maer?21z?32Tine"]);
        assert_eq!((details.text.as_str(), details.end_to_end_id), ("Rechnung RE1000 vom 5. Maerz", None));
    }

    #[test]
    fn a_plain_field_is_its_text() {
        let details = Details::read(&["Rechnung RE1000 ?20 Tine Exemplus", "danke"]);
        assert_eq!(*details.text, "Rechnung RE1000 ?20 Tine Exemplus danke");
        let tagged = Details::read(&["EREF+NOTPROVIDED SVWZ+RE1000 ABWA+Jemand"]);
        assert_eq!((tagged.text.as_str(), tagged.end_to_end_id), ("RE1000", None));
    }

    #[test]
    fn a_returned_payment_is_known_by_its_business_code() {
        let details = Details::read(&["109?00RETOURE?20EREF+E1?34914"]);
        assert_eq!((details.is_return, details.return_reason.as_deref()), (true, Some("914")));
        let plain = Details::read(&["166?00GUTSCHRIFT?34914"]);
        assert_eq!((plain.is_return, plain.return_reason), (false, None));
    }

    #[test]
    fn nothing_is_nothing() {
        for lines in [vec![], vec![""], vec!["166"], vec!["166?"], vec!["?20"], vec!["1ä6?20"], vec!["166?2ä"]] {
            let details = Details::read(&lines);
            assert!(details.payer_iban.is_none() && details.payer_name.is_empty(), "{lines:?}");
        }
    }
}
