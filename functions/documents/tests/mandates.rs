//! Mandates: what stands on them in both languages, and what other people's tools say about them.

#![allow(clippy::unwrap_used, reason = "a test stops where something is missing")]

mod paper;

use std::path::{Path, PathBuf};

use documents::render::{Letterhead, MandatePaper, RenderError, mandate};
use domain::{
    Language, Pii,
    change::Actor,
    customer::Customer,
    id::{CustomerId, PaymentMethodId},
    payment::{Method, ProviderName},
    payment_method::{Mandate, MethodName, NewMethod, PaymentMethod, Shown, Token, Wishes},
    tenant::{Colour, Company},
    time::Zone,
};
use jiff::Timestamp;
use paper::{company, customer, pages, run, says, text, words};

const IDENTIFIER: &str = "DE98ZZZ09999999999";

/// Owned values behind a [`MandatePaper`].
struct Sample {
    method: PaymentMethod,
    customer: Customer,
    company: Company,
    language: Language,
    sandbox: bool,
}

/// In Berlin it is the 28th already.
fn given() -> Timestamp {
    "2026-11-27T23:30:00Z".parse().unwrap()
}

fn kept(provider: ProviderName, method: Method, shown: Shown) -> PaymentMethod {
    let new = NewMethod {
        name: MethodName { customer: CustomerId::new(given(), [1; 10]), id: PaymentMethodId::new(given(), [2; 10]) },
        method,
        provider,
        wishes: Wishes::default(),
        link: None,
        language: Language::De,
        mandate: Some(Mandate::between(&company(), "Demo", &customer().facts)),
    };
    let started = PaymentMethod::start(new, Actor::Customer, given()).into_parts().0;
    let token = Token { customer: None, method: "token_1".to_owned() };
    started.saved(token, shown, given()).unwrap().into_parts().0
}

impl Sample {
    fn of(provider: ProviderName, shown: Shown) -> Self {
        Self {
            method: kept(provider, Method::SepaDebit, shown),
            customer: customer(),
            company: company(),
            language: Language::De,
            sandbox: false,
        }
    }

    /// Of a provider that tells the identifier, the bank, and two digits of the account.
    fn gocardless() -> Self {
        let bank = "Musterbank Musterhausen".to_owned();
        let (mandate, creditor) = ("DEMOAG-4711".to_owned(), Some(IDENTIFIER.to_owned()));
        Self::of(ProviderName::Gocardless, Shown::Account { last4: "11".to_owned(), bank, mandate, creditor })
    }

    /// Of a provider that tells four digits, and neither identifier nor bank.
    fn stripe() -> Self {
        let (last4, mandate) = ("3000".to_owned(), "RAILS-1".to_owned());
        Self::of(ProviderName::Stripe, Shown::Account { last4, bank: String::new(), mandate, creditor: None })
    }

    fn paper(&self) -> MandatePaper<'_> {
        static ZONE: std::sync::LazyLock<Zone> = std::sync::LazyLock::new(Zone::default);
        MandatePaper {
            method: &self.method,
            customer: &self.customer,
            language: self.language,
            zone: &ZONE,
            letterhead: Letterhead {
                company: &self.company,
                tenant_name: "Demo",
                accent: Colour([0x00, 0x57, 0xb8]),
                logo: None,
                sandbox: self.sandbox,
            },
        }
    }

    fn render_to(&self, name: &str) -> PathBuf {
        let pdf = mandate(&self.paper()).unwrap_or_else(|error| panic!("{error}"));
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("mandate-{name}.pdf"));
        std::fs::write(&file, pdf).unwrap();
        file
    }
}

/// A sentence, however it is broken into lines.
fn states(text: &str, sentence: &str) {
    let squeezed = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(squeezed.contains(sentence), "{sentence} is missing in\n{text}");
}

#[test]
fn a_mandate_has_everything_that_the_rulebook_wants() {
    let file = Sample::gocardless().render_to("german");
    assert_eq!(pages(&file), 1);
    let printed = text(&file, 1, 1);
    for (label, value) in [
        ("Kunden-Nr.:", "1000"),
        ("Datum:", "28.11.2026"),
        ("Mandatsreferenz:", "DEMOAG-4711"),
        ("Zahlungsempfänger (Gläubiger):", "Demo AG"),
        ("Anschrift:", "Musterweg 1, 12345 Musterhausen, Deutschland"),
        ("Gläubiger-Identifikationsnummer:", IDENTIFIER),
        ("Zahlungsart:", "wiederkehrende Zahlung"),
        ("Name und Anschrift:", "Kunde Eins AG Herr Max Musterkunde Musterstraße 5 12345 Mustercity"),
        ("IBAN:", "endet auf 11"),
        ("Kreditinstitut:", "Musterbank Musterhausen"),
        ("Erteilt am:", "28.11.2026"),
        ("Form:", "elektronisch erteilt auf der Seite des Zahlungsanbieters GoCardless"),
        ("Ort:", "nicht bekannt"),
    ] {
        says(&printed, label, value);
    }
    for sentence in [
        "SEPA-Lastschriftmandat",
        "Ich ermächtige (A) Demo AG, Zahlungen von meinem Konto mittels Lastschrift einzuziehen. Zugleich (B) weise ich \
         mein Kreditinstitut an, die von Demo AG auf mein Konto gezogenen Lastschriften einzulösen.",
        "Hinweis: Ich kann innerhalb von acht Wochen, beginnend mit dem Belastungsdatum, die Erstattung des belasteten \
         Betrages verlangen. Es gelten dabei die mit meinem Kreditinstitut vereinbarten Bedingungen.",
    ] {
        states(&printed, sentence);
    }
    for nothing in ["Zahlungsdienstleister", "endete", "Testumgebung"] {
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
fn where_the_identifier_is_not_known_the_provider_is_named_instead() {
    let printed = text(&Sample::stripe().render_to("without-identifier"), 1, 1);
    states(&printed, "Das Mandat wurde dem Zahlungsdienstleister Stripe erteilt, der für Demo AG einzieht.");
    states(&printed, "nennt Stripe, wenn die Lastschrift angekündigt wird.");
    says(&printed, "IBAN:", "endet auf 3000");
    // Nothing is promised that is not known.
    for label in ["Gläubiger-Identifikationsnummer:", "Kreditinstitut:"] {
        assert!(!printed.contains(label), "{label} stands in\n{printed}");
    }
}

#[test]
fn an_english_mandate_has_the_english_wording_and_no_german_words() {
    for (sample, name) in [(Sample::gocardless(), "english"), (Sample::stripe(), "english-without-identifier")] {
        let sample = Sample { language: Language::En, ..sample };
        let ended = sample.method.ended("2026-12-01T10:00:00Z".parse().unwrap()).unwrap().into_parts().0;
        let sample = Sample { method: ended, ..sample };
        let printed = text(&sample.render_to(name), 1, 1);
        for sentence in [
            "SEPA Direct Debit Mandate",
            "This mandate ended on 1 Dec 2026.",
            "you authorise (A) Demo AG to send instructions to your bank to debit your account and (B) your bank to debit \
             your account in accordance with the instructions from Demo AG.",
            "you are entitled to a refund from your bank under the terms and conditions of your agreement with your bank. \
             A refund must be claimed within 8 weeks starting from the date on which your account was debited.",
        ] {
            states(&printed, sentence);
        }
        for (label, value) in [
            ("Type of payment:", "recurrent payment"),
            ("Address:", "Musterweg 1, 12345 Musterhausen, Germany"),
            ("IBAN:", "ends in"),
            ("Given on:", "28 Nov 2026"),
            ("Form:", "given electronically on the page of the payment provider"),
            ("Place:", "not known"),
        ] {
            says(&printed, label, value);
        }
        for german in [
            "Lastschrift",
            "Mandats",
            "Gläubiger",
            "Zahlung",
            "Kreditinstitut",
            "Seite",
            "erteilt",
            "Konto",
            "Deutschland",
        ] {
            assert!(!printed.contains(german), "{german} stands in\n{printed}");
        }
    }
}

#[test]
fn a_mandate_that_is_over_stays_provable_and_says_so() {
    let mut sample = Sample::gocardless();
    let ended = sample.method.ended("2026-11-30T23:30:00Z".parse().unwrap()).unwrap().into_parts().0;
    sample.method = ended.clone();
    states(&text(&sample.render_to("ended"), 1, 1), "Dieses Mandat endete am 01.12.2026.");
    sample.method = ended.remove(Actor::Customer, "2026-12-05T10:00:00Z".parse().unwrap()).unwrap().into_parts().0;
    let printed = text(&sample.render_to("removed"), 1, 1);
    states(&printed, "Dieses Mandat endete am 05.12.2026.");
    says(&printed, "Erteilt am:", "28.11.2026");
}

#[test]
fn a_mandate_names_whom_it_was_given_to_whatever_they_are_called_today() {
    let mut sample = Sample::gocardless();
    sample.company.name = "Neue AG".to_owned();
    (sample.company.street, sample.company.city) = ("Neue Straße 2".to_owned(), "Neustadt".to_owned());
    sample.customer.facts.last_name = Pii("Neumann".to_owned());
    sample.customer.facts.billing_address.line1 = Pii("Neuer Weg 3".to_owned());
    let shown = Shown::Account {
        last4: "99".to_owned(),
        bank: "Neue Bank".to_owned(),
        mandate: "NEW-1".to_owned(),
        creditor: None,
    };
    let token = Token { customer: None, method: "token_1".to_owned() };
    sample.method = sample.method.saved(token, shown, given()).unwrap().into_parts().0;
    let printed = text(&sample.render_to("later"), 1, 1);
    for (label, value) in [
        ("Mandatsreferenz:", "DEMOAG-4711"),
        ("Zahlungsempfänger (Gläubiger):", "Demo AG"),
        ("Anschrift:", "Musterweg 1, 12345 Musterhausen, Deutschland"),
        ("Gläubiger-Identifikationsnummer:", IDENTIFIER),
        ("Name und Anschrift:", "Kunde Eins AG Herr Max Musterkunde Musterstraße 5 12345 Mustercity"),
        ("IBAN:", "endet auf 11"),
    ] {
        says(&printed, label, value);
    }
    states(&printed, "Ich ermächtige (A) Demo AG,");
    for later in ["Neumann", "Neuer Weg", "Neue Bank", "NEW-1"] {
        assert!(!printed.contains(later), "{later} stands in\n{printed}");
    }
    // The letter paper is today's.
    states(&printed, "Neue AG");
}

#[test]
fn endless_and_hostile_texts_stay_texts_and_stay_in_their_places() {
    let mut sample = Sample::stripe();
    let word = "Donaudampfschifffahrtsgesellschaftskapitänsmützenfabrikationsbetriebsleitung".repeat(2);
    let shown = Shown::Account {
        last4: "3000".to_owned(),
        bank: word.clone(),
        mandate: "#panic(\"no\") *s* $x$ <l> @r \u{202e}漢".to_owned(),
        creditor: None,
    };
    sample.method = kept(ProviderName::Stripe, Method::SepaDebit, shown);
    let mandate = sample.method.mandate.as_mut().unwrap();
    mandate.debtor.company = Pii(word.clone());
    mandate.debtor.billing_address.line1 = Pii(word.clone());
    mandate.creditor.name.clone_from(&word);
    mandate.creditor.street.clone_from(&word);
    sample.company.name.clone_from(&word);
    sample.company.street.clone_from(&word);
    let file = sample.render_to("hostile");
    let printed = text(&file, 1, pages(&file));
    states(&printed, "#panic(\"no\") *s* $x$ <l> @r ?");
    // A name that has to be broken does not take its sentence away.
    for part in ["Ich ermächtige (A)", "gezogenen Lastschriften einzulösen.", "Zahlungsdienstleister Stripe"] {
        states(&printed, part);
    }
    for word in words(&file) {
        assert!(word.left >= 24.0 && word.right <= 191.0, "{word:?} leaves the margins");
    }
}

#[test]
fn a_sandbox_says_so() {
    let sample = Sample { sandbox: true, ..Sample::stripe() };
    let printed = text(&sample.render_to("sandbox"), 1, 1);
    assert!(printed.contains("Testumgebung – keine echten Rechnungen und Zahlungen"), "{printed}");
}

#[test]
fn every_mandate_is_valid_archival_accessible_and_small() {
    for (sample, name) in [(Sample::gocardless(), "valid"), (Sample::stripe(), "valid-without-identifier")] {
        let file = sample.render_to(name);
        let path = file.to_str().unwrap();
        run("qpdf", &["--check", path]);
        let metadata = run("pdfinfo", &["-meta", path]);
        for part in ["<pdfaid:part>3", "<pdfaid:conformance>A", "<pdfuaid:part>1", "SEPA-Lastschriftmandat"] {
            assert!(metadata.contains(part), "{part} is missing in {metadata}");
        }
        let structure = run("pdfinfo", &["-struct", path]);
        assert!(structure.contains("H1") && structure.contains("H2"), "{structure}");
        assert!(std::fs::metadata(&file).unwrap().len() <= 60_000);
        assert_eq!(std::fs::read(&file).unwrap(), mandate(&sample.paper()).unwrap(), "the same values, the same bytes");
    }
}

#[test]
fn a_card_has_no_mandate() {
    let card = Shown::Card { brand: "visa".to_owned(), last4: "4242".to_owned(), valid_until: None };
    let sample = Sample { method: kept(ProviderName::Stripe, Method::Card, card), ..Sample::stripe() };
    assert!(matches!(mandate(&sample.paper()), Err(RenderError::Value(_))));
}
