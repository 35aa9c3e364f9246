//! Confirmations of how offers were answered: what stands on them in both languages, and what other people's tools say about
//! them.

#![allow(clippy::unwrap_used, reason = "a test stops where something is missing")]

mod paper;

use std::path::{Path, PathBuf};

use documents::render::{AnswerPaper, Letterhead, answer};
use domain::{
    Currency, Language, Money, Pii,
    change::Way,
    customer::Customer,
    document::{Content, DocumentFacts, Letter, Listing, Offer, OfferAnswer, Said},
    invoice::{Buyer, Seller},
    number::DocumentNumber,
    tenant::{Colour, Company},
    time::Zone,
};
use jiff::civil::date;
use paper::{company, customer, pages, run, says, text, words};

const SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// Owned values behind an [`AnswerPaper`].
struct Sample {
    number: DocumentNumber,
    facts: DocumentFacts,
    answer: OfferAnswer,
    customer: Customer,
    company: Company,
    language: Language,
    sandbox: bool,
}

impl Sample {
    fn of(said: Said) -> Self {
        let letter = Letter {
            customer: "1000".parse().unwrap(),
            issued_on: date(2026, 11, 16),
            language: None,
            handle: String::new(),
            subscription: None,
            seller: Seller::default(),
            buyer: Buyer::default(),
            subject: "Umzug auf den neuen Server".to_owned(),
            introduction: String::new(),
            note: String::new(),
            uploaded: false,
        };
        let gross = Some(Money::of_minor(11_900, Currency::Eur));
        let offer = Offer { listing: Listing::default(), gross, valid_until: date(2026, 11, 30) };
        // In Berlin it is the 23rd already.
        let at = "2026-11-22T23:30:05Z".parse().unwrap();
        Self {
            number: "AN 7/2026".parse().unwrap(),
            facts: DocumentFacts { letter, content: Content::Offer(offer) },
            answer: OfferAnswer { said, at, zone: Zone::default(), way: Way::Page },
            customer: customer(),
            company: company(),
            language: Language::De,
            sandbox: false,
        }
    }

    fn accepted() -> Self {
        Self::of(Said::accepted("Max Musterkunde", true).unwrap())
    }

    fn render(&self) -> Vec<u8> {
        let paper = AnswerPaper {
            number: &self.number,
            facts: &self.facts,
            answer: &self.answer,
            sha256: SHA256,
            customer: &self.customer,
            language: self.language,
            letterhead: Letterhead {
                company: &self.company,
                tenant_name: "Demo",
                accent: Colour([0x00, 0x57, 0xb8]),
                logo: None,
                sandbox: self.sandbox,
            },
        };
        answer(&paper).unwrap_or_else(|error| panic!("{error}"))
    }

    fn render_to(&self, name: &str) -> PathBuf {
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("answer-{name}.pdf"));
        std::fs::write(&file, self.render()).unwrap();
        file
    }
}

/// A sentence, however it is broken into lines.
fn states(text: &str, sentence: &str) {
    let squeezed = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(squeezed.contains(sentence), "{sentence} is missing in\n{text}");
}

#[test]
fn an_acceptance_says_what_was_accepted_by_whom_and_when_to_the_second() {
    let file = Sample::accepted().render_to("german");
    assert_eq!(pages(&file), 1);
    let printed = text(&file, 1, 1);
    states(&printed, "Annahme unseres Angebots");
    states(&printed, "Unser Angebot AN 7/2026 wurde am 23.11.2026 um 00:30:05 Uhr verbindlich angenommen.");
    for (label, value) in [
        ("Angebot:", "AN 7/2026"),
        ("Angebot vom:", "16.11.2026"),
        ("Betreff:", "Umzug auf den neuen Server"),
        ("Gesamtbetrag:", "119,00 €"),
        ("Gültig bis:", "30.11.2026"),
        ("Angenommen von:", "Max Musterkunde"),
        ("Eingegangen:", "23.11.2026, 00:30:05 Uhr (Europe/Berlin)"),
    ] {
        says(&printed, label, value);
    }
    assert!(!printed.contains("Grund:"), "{printed}");
    // The hash is broken where its column ends.
    let whole: String = printed.chars().filter(|c| !c.is_whitespace() && *c != '\u{200b}').collect();
    assert!(whole.contains(&SHA256[..24]), "{printed}");
}

#[test]
fn a_refusal_in_english_has_its_reason_and_no_german_words() {
    let sample = Sample { language: Language::En, ..Sample::of(Said::declined("Too late\nand too much").unwrap()) };
    let printed = text(&sample.render_to("english"), 1, 1);
    states(&printed, "We confirm that our offer AN 7/2026 was declined on 23 Nov 2026 at 00:30:05.");
    states(&printed, "Too late");
    says(&printed, "Total:", "€119.00");
    for german in ["Angebot ", "Gesamtbetrag", "Grund", "abgelehnt", "Kunden-Nr", "Seite"] {
        assert!(!printed.contains(german), "{german} stands in\n{printed}");
    }
    assert!(!printed.contains("Accepted by"), "{printed}");
}

#[test]
fn endless_and_hostile_texts_stay_texts_and_stay_in_their_places() {
    let hostile = "#panic(\"no\") *s* $x$ <l> @r";
    let long = "Donaudampfschifffahrtsgesellschaftskapitän".repeat(2);
    let mut accepted = Sample::of(Said::accepted(hostile, true).unwrap());
    accepted.facts.letter.subject = format!("{hostile} {long}");
    accepted.customer.facts.company = Pii(long);
    accepted.number = "A".repeat(64).parse().unwrap();
    let reason = format!("{hostile}\n{}", "#set page(fill: red) ".repeat(40));
    for (sample, name, times) in
        [(accepted, "hostile", 2), (Sample::of(Said::declined(&reason).unwrap()), "hostile-reason", 1)]
    {
        let file = sample.render_to(name);
        let printed = text(&file, 1, pages(&file));
        assert_eq!(printed.matches(hostile).count(), times, "{printed}");
        for word in words(&file) {
            assert!(word.left >= 24.0 && word.right <= 191.0, "{word:?} leaves the margins");
        }
    }
}

#[test]
fn a_confirmation_is_valid_archival_accessible_and_always_the_same() {
    for (sample, name) in [
        (Sample::accepted(), "valid"),
        (Sample::of(Said::declined("").unwrap()), "valid-declined"),
        (Sample { sandbox: true, ..Sample::accepted() }, "valid-sandbox"),
    ] {
        let file = sample.render_to(name);
        let path = file.to_str().unwrap();
        run("qpdf", &["--check", path]);
        let metadata = run("pdfinfo", &["-meta", path]);
        for part in ["<pdfaid:part>3", "<pdfaid:conformance>A", "<pdfuaid:part>1", "unseres Angebots"] {
            assert!(metadata.contains(part), "{part} is missing in {metadata}");
        }
        assert_eq!(text(&file, 1, 1).contains("Testumgebung – keine echten Rechnungen"), sample.sandbox);
        assert_eq!(std::fs::read(&file).unwrap(), sample.render(), "the same values, the same bytes");
    }
}
