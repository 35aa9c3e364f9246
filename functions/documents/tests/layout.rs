//! Where things stand on the paper: window, margins, carried totals, sandbox marks, both languages.

#![allow(clippy::unwrap_used, reason = "a test stops where something is missing")]

mod paper;

use domain::{Currency, Language, Money, Pii, invoice::SettledBefore, invoice::TaxCategory};
use paper::{Sample, Word, line, pages, text, words};

/// Left and right margin of DIN 5008, and the edges of what is printed at all.
const LEFT_MM: f64 = 25.0;
const RIGHT_MM: f64 = 190.0;

/// pdftotext's boxes are those of the font, a little larger than the ink.
const TOLERANCE_MM: f64 = 0.6;

fn assert_within_margins(name: &str, words: &[Word]) {
    for word in words {
        // The mark behind sandbox pages is diagonal; its letters are no words of the page.
        let inside = word.left >= LEFT_MM - TOLERANCE_MM && word.right <= RIGHT_MM + TOLERANCE_MM;
        let on_paper = word.top >= 4.0 && word.bottom <= 292.0;
        assert!(inside && on_paper, "{name}: {word:?} leaves the margins");
    }
}

fn assert_in_window(name: &str, words: &[Word], expected: &[&str]) {
    let inside = |word: &&Word| {
        word.page == 1 && word.left >= 20.0 && word.right <= 105.0 && word.top >= 45.0 && word.bottom <= 90.5
    };
    let found: Vec<&str> = words.iter().filter(inside).map(|word| word.text.as_str()).collect();
    for part in expected {
        assert!(found.contains(part), "{name}: {part} is not in the window, only {found:?}");
    }
    let gap = |word: &&Word| word.page == 1 && word.right <= 120.0 && word.top > 90.5 && word.bottom < 98.0;
    assert!(words.iter().find(gap).is_none(), "{name}: something stands between window and subject");
}

#[test]
fn a_ten_line_invoice_fits_on_one_page_with_its_address_in_the_window() {
    let pdf = Sample::with_lines(10).render_to("ten-lines");
    assert_eq!(pages(&pdf), 1);
    let found = words(&pdf);
    assert_within_margins("ten lines", &found);
    assert_in_window("ten lines", &found, &["Example", "GmbH", "Exempel", "56789", "Rosahausen"]);
    let text = text(&pdf, 1, 1);
    for part in [
        "Rechnung RE1042",
        "K5003",
        "01.11.2026 – 30.11.2026",
        "15.11.2026",
        "V-1007",
        "Bestellung 4711/B",
        "Summe netto",
        "DE02 1203 0000 0000 2020 51",
        "Verwendungszweck",
        "Seite 1 von 1",
        "1.480,5 GB",
        "0,0251 €",
        "2,5 Std.",
        "USt-IdNr. DE123456788",
        "Amtsgericht Musterhausen, HRB 1234",
        "webhosting.example",
    ] {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
}

#[test]
fn totals_are_carried_from_page_to_page_and_end_in_the_net_total() {
    let sample = Sample::with_lines(40);
    let pdf = sample.render_to("forty-lines");
    let total = pages(&pdf);
    assert!(total >= 2, "forty lines need a second page");
    assert_within_margins("forty lines", &words(&pdf));
    let mut sum = Money::zero(Currency::Eur);
    let mut printed = 0;
    for page in 1..=total {
        let text = text(&pdf, page, page);
        let carried: Vec<&str> = text.lines().filter(|line| line.trim_start().starts_with("Übertrag")).collect();
        let before = sum;
        while printed < 40 && has_row(&text, printed + 1) {
            sum = sum.plus(sample.facts.lines[printed].net).unwrap();
            printed += 1;
        }
        let mut expected = Vec::new();
        if page > 1 && sum != before {
            expected.push(before);
        }
        if printed < 40 {
            expected.push(sum);
        }
        assert_eq!(carried.len(), expected.len(), "page {page}: {text}");
        for (row, amount) in carried.iter().zip(expected) {
            assert!(row.ends_with(&german(amount)), "page {page}: {row:?} should end with {}", german(amount));
        }
        assert!(text.contains(&format!("Seite {page} von {total}")), "{text}");
    }
    assert_eq!((printed, sum), (40, sample.facts.net));
}

/// Does a page show this position of the table?
fn has_row(page: &str, position: usize) -> bool {
    page.lines().any(|row| row.contains('%') && row.split_whitespace().next() == Some(position.to_string().as_str()))
}

fn german(amount: Money) -> String {
    let (whole, cents) = (amount.minor() / 100, amount.minor() % 100);
    match whole / 1000 {
        0 => format!("{whole},{cents:02} €"),
        thousands => format!("{thousands}.{:03},{cents:02} €", whole % 1000),
    }
}

#[test]
fn a_company_name_of_eighty_characters_stays_in_its_places() {
    let name = "Nordrhein-Westfälische Gesellschaft für Datenverarbeitung und Beratung mbH & Co.";
    assert_eq!(name.chars().count(), 80);
    let mut sample = Sample::with_lines(3);
    sample.facts.seller.name = name.to_owned();
    let buyer = &mut sample.facts.buyer;
    buyer.company = Pii(name.to_owned());
    buyer.line2 = Pii("Gebäude 7, Eingang C, 3. Obergeschoss".to_owned());
    buyer.line3 = Pii("Abteilung Rechnungsprüfung und Zahlungsverkehr".to_owned());
    buyer.country = Some("GB".to_owned().try_into().unwrap());
    let pdf = sample.render_to("long-name");
    let found = words(&pdf);
    assert_within_margins("long name", &found);
    assert_in_window("long name", &found, &["Nordrhein-Westfälische", "Co.", "Exempel", "56789", "KÖNIGREICH"]);
}

#[test]
fn words_without_a_gap_are_broken_instead_of_running_over_the_edge() {
    let mut sample = Sample::with_lines(3);
    let word = "Donaudampfschifffahrtsgesellschaftskapitänsmützenfabrikationsbetriebsleitung".repeat(2);
    let mut long = line(0);
    long.description.clone_from(&word);
    long.details = format!("{word}\n{word}");
    sample.set_lines(vec![long, line(1)]);
    sample.facts.note = format!("Merksatz {word}");
    sample.facts.buyer_reference = "X".repeat(120);
    sample.facts.buyer.company = Pii(word.clone());
    sample.facts.seller.name.clone_from(&word);
    sample.company.register = word;
    let pdf = sample.render_to("long-words");
    assert_within_margins("long words", &words(&pdf));
    assert!(text(&pdf, 1, pages(&pdf)).contains("Merksatz"), "a note with a long word is printed too");
}

#[test]
fn an_english_invoice_has_no_german_words() {
    let mut sample = Sample::with_lines(10);
    sample.language = Language::En;
    sample.facts.settled_before =
        Some(SettledBefore { amount: Money::of_minor(10_000, Currency::Eur), date: jiff::civil::date(2026, 11, 3) });
    let pdf = sample.render_to("english");
    let text = text(&pdf, 1, pages(&pdf));
    for part in [
        "Invoice RE1042",
        "Customer number",
        "1 Nov 2026 – 30 Nov 2026",
        "Net total",
        "plus 19% VAT on",
        "already paid on 3 Nov 2026",
        "−€100.00",
        "Amount due",
        "Payment reference",
        "Page 1 of",
        "€0.0251",
        "2.5 hours",
        "1,480.5 GB",
    ] {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
    for german in
        ["Rechnung ", "Kundennummer", "Betrag", "Seite", "Summe", "Zahlung", "Verwendungszweck", "Umsatzsteuer", "Std."]
    {
        assert!(!text.contains(german), "{german} stands in\n{text}");
    }
}

#[test]
fn reverse_charge_is_said_in_the_words_of_the_law() {
    let pdf = Sample::with_lines(3).untaxed(TaxCategory::AE).render_to("reverse-charge");
    let text = text(&pdf, 1, 1);
    assert!(text.contains("Steuerschuldnerschaft des Leistungsempfängers"), "{text}");
    assert!(text.contains("Umkehrung der Steuerschuldnerschaft nach § 13b UStG"), "{text}");
}

#[test]
fn every_sandbox_page_says_that_nothing_is_real() {
    let mut sample = Sample::with_lines(40);
    sample.sandbox = true;
    for (language, sentence) in [
        (Language::De, "Testumgebung – keine echten Rechnungen und Zahlungen"),
        (Language::En, "Test environment – no real invoices or payments"),
    ] {
        sample.language = language;
        let pdf = sample.render_to(&format!("sandbox-{}", language.code()));
        for page in 1..=pages(&pdf) {
            let text = text(&pdf, page, page);
            assert!(text.contains(sentence), "page {page}: {text}");
        }
    }
}

#[test]
fn a_paid_invoice_asks_for_no_money() {
    let mut sample = Sample::with_lines(2);
    sample.facts.settled_before =
        Some(SettledBefore { amount: sample.facts.gross, date: jiff::civil::date(2026, 11, 1) });
    let pdf = sample.render_to("paid");
    let text = text(&pdf, 1, 1);
    assert!(text.contains("vollständig bezahlt") && !text.contains("Verwendungszweck"), "{text}");
}

#[test]
fn francs_are_asked_for_without_a_girocode_and_no_account_without_a_transfer() {
    let mut sample = Sample::with_lines(1);
    let mut francs = line(0);
    francs.net = francs.unit_price.times(francs.quantity, Currency::Chf).unwrap();
    sample.set_lines(vec![francs]);
    let pdf = sample.render_to("francs");
    let printed = text(&pdf, 1, 1);
    assert!(printed.contains("29,63 CHF") && printed.contains("IBAN") && !printed.contains("GiroCode"), "{printed}");
    sample.facts.seller.bank = None;
    let pdf = sample.render_to("no-account");
    let printed = text(&pdf, 1, 1);
    assert!(
        printed.contains("Bitte zahlen Sie 29,63 CHF bis zum 15.11.2026.") && !printed.contains("IBAN"),
        "{printed}"
    );
}

#[test]
fn a_row_longer_than_a_page_goes_on_on_the_next_one() {
    let mut sample = Sample::with_lines(1);
    let mut long = line(0);
    long.details = (1..=90).map(|number| format!("Abschnitt{number}")).collect::<Vec<_>>().join("\n");
    sample.set_lines(vec![line(1), long, line(2)]);
    sample.facts.note = "Satz mit mehreren Wörtern. ".repeat(70).trim().to_owned();
    let pdf = sample.render_to("long-row");
    let found = words(&pdf);
    assert_within_margins("long row", &found);
    for number in 1..=90 {
        assert!(found.iter().any(|word| word.text == format!("Abschnitt{number}")), "Abschnitt{number} is missing");
    }
    // The printed footer begins with the page number; nothing of the text may run into it.
    for page in 1..=pages(&pdf) {
        let footer = found.iter().find(|word| word.page == page && word.text == "Seite").unwrap().top;
        let sections = found.iter().filter(|word| word.page == page && word.text.starts_with("Abschnitt"));
        assert!(sections.into_iter().all(|word| word.bottom < footer), "page {page} runs into its footer");
    }
}
