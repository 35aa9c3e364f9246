//! „Kündigungsbestätigungen": what stands on them in both languages, and what other people's tools say about them.

#![allow(clippy::unwrap_used, reason = "a test stops where something is missing")]

mod paper;

use std::path::{Path, PathBuf};

use documents::render::{CancellationPaper, Letterhead, cancellation};
use domain::{
    Currency, Language, Money, Pii,
    change::{Actor, Way},
    customer::Customer,
    id::CancellationId,
    subscription::{By, Declared, Moment, NewCancellation, Party, Phase, Subscription, SubscriptionFacts},
    tenant::{Colour, Company, ContractWord},
    time::{Interval, IntervalUnit, Zone},
};
use jiff::{Timestamp, civil::date};
use paper::{company, customer, pages, run, says, text, words};

/// Owned values behind a [`CancellationPaper`].
struct Sample {
    contract: Subscription,
    customer: Customer,
    company: Company,
    language: Language,
    word: ContractWord,
    zone: Zone,
    sandbox: bool,
}

/// In Berlin it is the 23rd already.
fn declared_at() -> Timestamp {
    "2026-11-22T23:30:05Z".parse().unwrap()
}

fn facts(phase: Phase) -> SubscriptionFacts {
    SubscriptionFacts {
        plan: "Webhosting Business L".to_owned(),
        concluded_on: date(2019, 2, 20),
        starts_on: date(2019, 3, 1),
        party: Party::Consumer,
        minimum_until: None,
        renewal: None,
        notice: None,
        interval: Interval { count: 1, unit: IntervalUnit::Month },
        price: Money::of_minor(1_591, Currency::Eur),
        phase,
        next_invoice: None,
        components: Vec::new(),
    }
}

impl Sample {
    fn cancelled(by: By, reason: &str) -> Self {
        Self::of(facts(Phase::Active), by, reason)
    }

    fn of(facts: SubscriptionFacts, by: By, reason: &str) -> Self {
        let zone = Zone::default();
        let number = "V 1/2019".parse().unwrap();
        let contract = Subscription { number, payment_method: None, declared: Declared::default(), facts };
        let new = NewCancellation {
            id: CancellationId::new(declared_at(), [1; 10]),
            ends_on: date(2026, 12, 31),
            reason: Pii(reason.to_owned()),
        };
        let at = Moment { now: declared_at(), zone: &zone };
        let contract = contract.cancel(new, by, at).unwrap().unwrap().into_parts().0;
        Self {
            contract,
            customer: customer(),
            company: company(),
            language: Language::De,
            word: ContractWord::Contract,
            zone,
            sandbox: false,
        }
    }

    fn by_customer() -> Self {
        Self::cancelled(By::customer(Way::Page), "")
    }

    fn render(&self) -> Vec<u8> {
        let paper = CancellationPaper {
            contract: &self.contract,
            cancellation: self.contract.declared.cancellation.as_ref().unwrap(),
            customer: &self.customer,
            language: self.language,
            word: self.word,
            zone: &self.zone,
            letterhead: Letterhead {
                company: &self.company,
                tenant_name: "Demo",
                accent: Colour([0x00, 0x57, 0xb8]),
                logo: None,
                sandbox: self.sandbox,
            },
        };
        cancellation(&paper).unwrap_or_else(|error| panic!("{error}"))
    }

    fn render_to(&self, name: &str) -> PathBuf {
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("cancellation-{name}.pdf"));
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
fn a_customers_cancellation_is_confirmed_with_its_day_its_time_and_the_contracts_end() {
    let file = Sample::by_customer().render_to("german");
    assert_eq!(pages(&file), 1);
    let printed = text(&file, 1, 1);
    for sentence in [
        "Kündigungsbestätigung",
        "Ihre Kündigung ist am 23.11.2026 um 00:30:05 Uhr bei uns eingegangen.",
        "Vertrag Nr. V 1/2019 endet am 31.12.2026.",
        "Herr Max Musterkunde",
    ] {
        states(&printed, sentence);
    }
    for (label, value) in [
        ("Kunden-Nr.:", "1000"),
        ("Datum:", "23.11.2026"),
        ("Vertrag Nr.:", "V 1/2019"),
        ("Tarif:", "Webhosting Business L"),
        ("Vertragsbeginn:", "01.03.2019"),
        ("Kündigung eingegangen am:", "23.11.2026"),
        ("Vertragsende:", "31.12.2026"),
    ] {
        says(&printed, label, value);
    }
    for nothing in ["Grund:", "Abonnement", "Testumgebung"] {
        assert!(!printed.contains(nothing), "{nothing} stands in\n{printed}");
    }
    let window =
        |word: &&paper::Word| word.left >= 20.0 && word.right <= 105.0 && word.top >= 45.0 && word.bottom <= 90.5;
    let found = words(&file);
    let in_window: Vec<&str> = found.iter().filter(window).map(|word| word.text.as_str()).collect();
    for part in ["Demo", "Kunde", "Musterkunde", "Mustercity"] {
        assert!(in_window.contains(&part), "{part} is not in the window, only {in_window:?}");
    }
}

#[test]
fn an_english_confirmation_has_no_german_words() {
    let cancelled = Sample::cancelled(By::customer(Way::Api), "Moving away");
    let sample = Sample { language: Language::En, ..cancelled };
    let printed = text(&sample.render_to("english"), 1, 1);
    states(&printed, "Confirmation of cancellation");
    states(&printed, "We confirm that your cancellation reached us on 23 Nov 2026 at 00:30:05.");
    states(&printed, "Contract no. V 1/2019 ends on 31 Dec 2026.");
    says(&printed, "Cancellation received on:", "23 Nov 2026");
    says(&printed, "Reason:", "Moving away");
    for german in ["Kündigung", "Vertrag", "Tarif", "Grund", "Kunden", "Seite", "endet"] {
        assert!(!printed.contains(german), "{german} stands in\n{printed}");
    }
}

#[test]
fn what_staff_declared_did_not_reach_us() {
    for (language, name, sentence, absent) in [
        (
            Language::De,
            "staff-german",
            "Ihr Vertrag Nr. V 1/2019 wurde am 23.11.2026 gekündigt und endet am 31.12.2026.",
            "eingegangen",
        ),
        (
            Language::En,
            "staff-english",
            "Contract no. V 1/2019 was cancelled on 23 Nov 2026 and ends on 31 Dec 2026.",
            "reached us",
        ),
    ] {
        let sample = Sample { language, ..Sample::cancelled(By::integrator(), "") };
        assert_eq!(sample.contract.declared.cancellation.as_ref().unwrap().by, Actor::Integrator);
        let printed = text(&sample.render_to(name), 1, 1);
        states(&printed, sentence);
        assert!(!printed.contains(absent) && !printed.contains("received"), "{printed}");
    }
}

#[test]
fn the_operators_word_and_a_trial_change_nothing_else() {
    let facts = facts(Phase::Trial { until: date(2026, 12, 31) });
    let trial = Sample::of(facts, By::customer(Way::Page), "");
    let sample = Sample { word: ContractWord::Subscription, ..trial };
    let printed = text(&sample.render_to("subscription"), 1, 1);
    states(&printed, "Abonnement Nr. V 1/2019 endet am 31.12.2026.");
    says(&printed, "Abonnement Nr.:", "V 1/2019");
    says(&printed, "Vertragsende:", "31.12.2026");
    assert!(!printed.contains("Vertrag Nr."), "{printed}");
}

#[test]
fn endless_and_hostile_texts_stay_texts_and_stay_in_their_places() {
    let word = "Donaudampfschifffahrtsgesellschaftskapitänsmützenfabrikationsbetriebsleitung".repeat(2);
    let hostile = "#panic(\"no\") *s* $x$ <l> @r \u{202e}漢";
    let reason = format!("{hostile}\u{0}\u{1b}[31m\n{word}\n{}", "#set page(fill: red) ".repeat(45));
    let mut sample = Sample::cancelled(By::customer(Way::Page), &reason);
    sample.contract.number = "V".repeat(64).parse().unwrap();
    sample.contract.facts.plan = format!("{hostile} {word}");
    sample.customer.facts.company = Pii(word.clone());
    sample.company.name.clone_from(&word);
    let file = sample.render_to("hostile");
    let printed = text(&file, 1, pages(&file));
    assert_eq!(printed.matches("#panic(\"no\") *s* $x$ <l> @r ?").count(), 2, "{printed}");
    states(&printed, "#set page(fill: red) #set page(fill: red)");
    // A number that has to be broken does not take its sentence away.
    states(&printed, "endet am 31.12.2026.");
    for word in words(&file) {
        assert!(word.left >= 24.0 && word.right <= 191.0, "{word:?} leaves the margins");
    }
}

#[test]
fn a_confirmation_is_valid_archival_accessible_small_and_always_the_same() {
    for (sample, name) in [
        (Sample::by_customer(), "valid"),
        (Sample::cancelled(By::integrator(), "Zahlungsverzug"), "valid-staff"),
        (Sample { sandbox: true, ..Sample::by_customer() }, "valid-sandbox"),
    ] {
        let file = sample.render_to(name);
        let path = file.to_str().unwrap();
        run("qpdf", &["--check", path]);
        let metadata = run("pdfinfo", &["-meta", path]);
        for part in ["<pdfaid:part>3", "<pdfaid:conformance>A", "<pdfuaid:part>1", "Kündigungsbestätigung"] {
            assert!(metadata.contains(part), "{part} is missing in {metadata}");
        }
        let structure = run("pdfinfo", &["-struct", path]);
        assert!(structure.contains("H1"), "{structure}");
        assert_eq!(text(&file, 1, 1).contains("Testumgebung – keine echten Rechnungen"), sample.sandbox);
        assert!(std::fs::metadata(&file).unwrap().len() <= 60_000);
        assert_eq!(std::fs::read(&file).unwrap(), sample.render(), "the same values, the same bytes");
    }
}
