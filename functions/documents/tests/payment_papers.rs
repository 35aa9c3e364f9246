//! Papers about payments: what stands on them, what other people's tools say about them, and what a banking app scans.

#![allow(clippy::unwrap_used, reason = "a test stops where something is missing")]

mod paper;

use std::path::{Path, PathBuf};

use documents::render::{Letterhead, PaymentPaper, RenderError, payment};
use domain::{
    Currency, Language, Money, Pii,
    change::Actor,
    customer::Customer,
    deposit::DepositNumber,
    girocode::{Remittance, payload},
    id::{CustomerId, PaymentId},
    paper::Paper,
    payment::{Method, Named, NewPayment, Payment, ProviderName, Purpose, Standing, State},
    tenant::{Colour, Company},
    time::Zone,
};
use jiff::{Timestamp, civil::date};
use paper::{company, customer, pages, run, says, text, words};

/// Owned values behind a [`PaymentPaper`].
struct Sample {
    payment: Payment,
    customer: Customer,
    company: Company,
    language: Language,
    sandbox: bool,
}

fn eur(minor: i64) -> Money {
    Money::of_minor(minor, Currency::Eur)
}

fn now() -> Timestamp {
    "2016-12-16T11:12:44Z".parse().unwrap()
}

impl Sample {
    fn of(purpose: Purpose, method: Method) -> Self {
        let account = if matches!(purpose, Purpose::TopUp { .. }) { "00001008" } else { "1000-EUR" };
        let new = NewPayment {
            id: PaymentId::new(now(), [1; 10]),
            customer: CustomerId::new(now(), [2; 10]),
            purpose,
            method,
            provider: ProviderName::first_for(method),
            saved: None,
            account: account.parse().unwrap(),
            amount: eur(10_000),
            deposit: (method == Method::BankTransfer).then(|| DepositNumber::new(now(), 124).to_string()),
            language: Language::De,
        };
        Self {
            payment: Payment::start(new, Actor::Customer, now()).unwrap().into_parts().0,
            customer: customer(),
            company: company(),
            language: Language::De,
            sandbox: false,
        }
    }

    fn deposit() -> Self {
        Self::of(Purpose::TopUp { reference_text: String::new() }, Method::BankTransfer)
    }

    /// A payment over so many invoices, with 5.00 left over.
    fn settled(count: usize) -> Self {
        let mut sample = Self::of(Purpose::Invoices { named: vec![] }, Method::Sandbox);
        for index in 1..=count {
            let invoice = Named { number: format!("RE{index:03}").parse().unwrap(), issued_on: date(2016, 11, 1) };
            sample.payment.standing.push(Standing { invoice, amount: eur(1_591) });
        }
        sample.payment.credit = eur(500);
        sample.arrived(1_591 * i64::try_from(count).unwrap() + 500);
        sample
    }

    fn arrived(&mut self, minor: i64) {
        self.payment.received = eur(minor);
        self.payment.state = State::Paid { at: "2016-12-18T23:30:00Z".parse().unwrap() };
    }

    fn number(&self) -> String {
        self.payment.deposit.clone().unwrap()
    }

    fn paper(&self, paper: Paper) -> PaymentPaper<'_> {
        static ZONE: std::sync::LazyLock<Zone> = std::sync::LazyLock::new(Zone::default);
        PaymentPaper {
            paper,
            payment: &self.payment,
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

    fn render_to(&self, paper: Paper, name: &str) -> PathBuf {
        let pdf = payment(&self.paper(paper)).unwrap_or_else(|error| panic!("{error}"));
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("payment-{name}.pdf"));
        std::fs::write(&file, pdf).unwrap();
        file
    }
}

#[test]
fn a_deposit_request_has_everything_of_the_sample() {
    let sample = Sample::deposit();
    let (file, number) = (sample.render_to(Paper::DepositRequest, "request"), sample.number());
    assert_eq!(pages(&file), 1);
    let printed = text(&file, 1, 1);
    assert!(printed.contains("Einzahlungsaufforderung Prepaid-Konto"), "{printed}");
    for (label, value) in [
        ("Kunden-Nr.:", "1000"),
        ("Datum:", "16.12.2016"),
        ("Einzahlung:", &format!("{number} vom 16.12.2016")),
        ("Konto:", "00001008"),
        ("Betrag (EUR):", "100,00"),
        ("Bitte überweisen Sie den angeforderten Betrag auf das folgende Bankkonto:", ""),
        ("Kontoinhaber:", "Max von Musterhausen"),
        ("Konto-Nummer:", "88844422"),
        ("Bankleitzahl:", "80020040"),
        ("Kreditinstitut:", "Mega Bank AG"),
        ("IBAN:", "DE02 8002 0040 0088 8444 22"),
        ("BIC:", "MUSTDEMMXXX"),
        ("Verwendungszweck:", &number),
    ] {
        says(&printed, label, value.trim());
    }
    // The label stays although there is no reference.
    assert!(printed.lines().any(|line| line.trim() == "Referenz:"), "{printed}");
    // Sender block, return address, recipient.
    for part in
        ["Demo AG", "Musterweg 1", "12345 Musterhausen", "max@demo.example", "Kunde Eins AG", "Herr Max Musterkunde"]
    {
        assert!(printed.contains(part), "{part} is missing in {printed}");
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
fn a_banking_app_scans_what_is_printed_with_the_number_as_structured_reference() {
    let sample = Sample::deposit();
    let file = sample.render_to(Paper::DepositRequest, "girocode");
    let picture = file.with_extension("");
    run("pdftoppm", &["-png", "-r", "150", "-singlefile", file.to_str().unwrap(), picture.to_str().unwrap()]);
    let picture = picture.with_extension("png");
    let read =
        run("zbarimg", &["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", "-Sbinary", picture.to_str().unwrap()]);
    let number: DepositNumber = sample.number().parse().unwrap();
    let reference = number.creditor_reference();
    let lines: Vec<&str> = read.trim_end().lines().collect();
    let expected = [
        "BCD",
        "002",
        "1",
        "SCT",
        "MUSTDEMMXXX",
        "Max von Musterhausen",
        "DE02800200400088844422",
        "EUR100.00",
        "",
        reference.as_str(),
    ];
    assert_eq!(lines, expected);
    assert!(reference.as_str().starts_with("RF") && reference.as_str().ends_with(number.as_str()));
    let bank = sample.company.bank.as_ref().unwrap();
    let payload = payload(bank, eur(10_000), Remittance::Structured(reference.as_str())).unwrap();
    assert_eq!(read.trim_end(), payload);
}

#[test]
fn a_sandbox_says_so_on_every_page_and_nothing_can_be_scanned() {
    let mut sample = Sample::deposit();
    sample.sandbox = true;
    for (language, sentence) in [
        (Language::De, "Testumgebung – keine echten Rechnungen und Zahlungen"),
        (Language::En, "Test environment – no real invoices or payments"),
    ] {
        sample.language = language;
        let printed = text(&sample.render_to(Paper::DepositRequest, &format!("sandbox-{}", language.code())), 1, 1);
        assert!(printed.contains(sentence) && !printed.contains("GiroCode"), "{printed}");
    }
}

#[test]
fn a_confirmation_tells_what_arrived_and_when_in_the_tenants_zone() {
    let mut sample = Sample::deposit();
    sample.payment.purpose = Purpose::TopUp { reference_text: "Vorgang 4711".to_owned() };
    sample.arrived(9_900);
    let printed = text(&sample.render_to(Paper::DepositConfirmation, "confirmation"), 1, 1);
    let number = sample.number();
    assert!(printed.contains("Einzahlungsbestätigung"), "{printed}");
    for (label, value) in [
        ("Datum:", "19.12.2016"),
        ("Einzahlung:", &format!("{number} vom 16.12.2016")),
        ("Konto:", "00001008"),
        ("Referenz:", "Vorgang 4711"),
        ("Eingang am:", "19.12.2016"),
        ("Zahlungsart:", "Überweisung"),
        ("Betrag (EUR):", "99,00"),
    ] {
        says(&printed, label, value);
    }
    assert!(!printed.contains("Bitte überweisen") && !printed.contains("zurückgebucht"), "{printed}");
}

#[test]
fn a_receipt_tells_which_invoice_got_what_and_what_became_credit() {
    let sample = Sample::settled(3);
    let printed = text(&sample.render_to(Paper::Receipt, "receipt"), 1, 1);
    for (label, value) in [
        ("Quittung", ""),
        ("Zahlungsart:", "Testzahlung"),
        ("Betrag (EUR):", "52,73"),
        ("RE001 01.11.2016", "15,91 €"),
        ("RE003 01.11.2016", "15,91 €"),
        ("Guthaben auf Ihrem Kundenkonto", "5,00 €"),
    ] {
        says(&printed, label, value);
    }
    assert!(!printed.contains("pay_") && !printed.contains("zugeordnet"), "{printed}");
}

#[test]
fn what_was_taken_back_stands_on_the_next_receipt() {
    let mut sample = Sample::settled(2);
    sample.payment.reversed = eur(1_000);
    let printed = text(&sample.render_to(Paper::Receipt, "taken-back"), 1, 1);
    says(&printed, "Davon zurückgebucht:", "10,00 €");
    says(&printed, "Verbleibt:", "26,82 €");
}

#[test]
fn two_hundred_invoices_go_over_pages_and_keep_their_heads() {
    let sample = Sample::settled(200);
    let file = sample.render_to(Paper::Receipt, "many");
    let total = pages(&file);
    assert!(total > 3, "{total}");
    let all = text(&file, 1, total);
    for index in 1..=200 {
        assert!(all.contains(&format!("RE{index:03}")), "RE{index:03}");
    }
    for page in 1..=total {
        let printed = text(&file, page, page);
        assert!(printed.contains(&format!("Seite {page} von {total}")), "{printed}");
        assert!(printed.contains("Rechnungsdatum"), "{printed}");
    }
}

#[test]
fn english_papers_have_no_german_words() {
    let mut sample = Sample::settled(2);
    sample.language = Language::En;
    sample.payment.purpose = Purpose::TopUp { reference_text: "Case 4711".to_owned() };
    sample.payment.method = Method::BankTransfer;
    sample.payment.deposit = Some(DepositNumber::new(now(), 124).to_string());
    for (paper, title) in [
        (Paper::DepositRequest, "Deposit request for prepaid account"),
        (Paper::DepositConfirmation, "Deposit confirmation"),
        (Paper::Receipt, "Receipt"),
    ] {
        let printed = text(&sample.render_to(paper, &format!("english-{}", paper.code())), 1, 1);
        assert!(printed.contains(title), "{printed}");
        says(&printed, "Reference:", "Case 4711");
        for german in ["Einzahlung", "Konto", "Betrag", "Seite", "Kunden", "Rechnung", "Überweisung", "Guthaben", "vom"]
        {
            assert!(!printed.contains(german), "{german} stands in\n{printed}");
        }
    }
}

#[test]
fn every_paper_is_valid_archival_accessible_and_small() {
    let mut deposit = Sample::deposit();
    deposit.arrived(10_000);
    for (sample, paper, title) in [
        (&deposit, Paper::DepositRequest, "Einzahlungsaufforderung Prepaid-Konto"),
        (&deposit, Paper::DepositConfirmation, "Einzahlungsbestätigung"),
        (&Sample::settled(12), Paper::Receipt, "Quittung"),
    ] {
        let file = sample.render_to(paper, &format!("valid-{}", paper.code()));
        let path = file.to_str().unwrap();
        run("qpdf", &["--check", path]);
        let metadata = run("pdfinfo", &["-meta", path]);
        for part in ["<pdfaid:part>3", "<pdfaid:conformance>A", "<pdfuaid:part>1", title] {
            assert!(metadata.contains(part), "{part} is missing in {metadata}");
        }
        let structure = run("pdfinfo", &["-struct", path]);
        assert!(structure.contains("H1"), "{structure}");
        assert_eq!(structure.contains("Figure"), paper == Paper::DepositRequest, "{structure}");
        assert_eq!(structure.contains("TH"), paper == Paper::Receipt, "{structure}");
        assert!(std::fs::metadata(&file).unwrap().len() <= 60_000);
        assert_eq!(
            std::fs::read(&file).unwrap(),
            payment(&sample.paper(paper)).unwrap(),
            "the same values, the same bytes"
        );
    }
}

#[test]
fn hostile_and_endless_texts_stay_texts_and_stay_in_their_places() {
    let mut sample = Sample::deposit();
    let word = "Donaudampfschifffahrtsgesellschaftskapitänsmützenfabrikationsbetriebsleitung".repeat(2);
    sample.payment.purpose = Purpose::TopUp { reference_text: "#panic(\"no\") *s* $x$ <l> @r \u{202e}漢".to_owned() };
    sample.customer.facts.company = Pii(word.clone());
    sample.company.name.clone_from(&word);
    sample.company.bank.as_mut().unwrap().bank.clone_from(&word);
    let file = sample.render_to(Paper::DepositRequest, "hostile");
    assert!(text(&file, 1, 1).contains("#panic(\"no\") *s* $x$ <l> @r ?"), "{}", text(&file, 1, 1));
    for word in words(&file) {
        assert!(word.left >= 24.0 && word.right <= 191.0, "{word:?} leaves the margins");
    }
}

#[test]
fn a_foreign_account_has_no_german_parts_and_francs_have_no_code() {
    let mut sample = Sample::deposit();
    sample.company.bank.as_mut().unwrap().iban = "AT611904300234573201".to_owned();
    sample.payment.asked = Money::of_minor(10_000, Currency::Chf);
    let printed = text(&sample.render_to(Paper::DepositRequest, "foreign"), 1, 1);
    says(&printed, "Betrag (CHF):", "100,00");
    for part in ["Konto-Nummer", "Bankleitzahl", "GiroCode"] {
        assert!(!printed.contains(part), "{part} stands in {printed}");
    }
}

#[test]
fn nobody_is_asked_to_transfer_to_nowhere() {
    let mut sample = Sample::deposit();
    sample.company.bank = None;
    assert!(matches!(payment(&sample.paper(Paper::DepositRequest)), Err(RenderError::Value(_))));
}
