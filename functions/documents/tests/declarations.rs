//! Confirmations of declarations: what stands on them in both languages, whatever was typed.

#![allow(clippy::unwrap_used, reason = "a test stops where something is missing")]

mod paper;

use std::path::{Path, PathBuf};

use documents::render::{DeclarationPaper, Letterhead, declaration};
use domain::{
    Language,
    declaration::{Declaration, DeclarationKind, Match, NewDeclaration, Typed},
    id::DeclarationId,
    tenant::Colour,
    time::Zone,
};
use jiff::Timestamp;
use paper::{company, pages, run, says, text};

/// In Berlin it is the 23rd already.
fn received() -> Timestamp {
    "2026-11-22T23:30:05Z".parse().unwrap()
}

fn typed() -> Typed {
    Typed {
        name: "Tine Exemplus".to_owned().into(),
        identity: "K5003".to_owned().into(),
        contract: "Vertrag Nr. 1".to_owned().into(),
        email: "tine@example.org".to_owned().into(),
        ..Typed::fresh(String::new())
    }
}

fn declared(kind: DeclarationKind, typed: &Typed, language: Language) -> Declaration {
    let new = NewDeclaration {
        id: DeclarationId::new(received(), [1; 10]),
        statement: typed.statement(kind).unwrap(),
        language,
        zone: Zone::default(),
        matched: Match::Open,
        mailed: true,
    };
    Declaration::receive(new, received()).into_parts().0
}

fn render(declared: &Declaration, sandbox: bool) -> Vec<u8> {
    let (company, accent) = (company(), Colour([0x00, 0x57, 0xb8]));
    let letterhead = Letterhead { company: &company, tenant_name: "Demo", accent, logo: None, sandbox };
    declaration(&DeclarationPaper { declaration: declared, letterhead }).unwrap_or_else(|error| panic!("{error}"))
}

fn render_to(declared: &Declaration, name: &str) -> PathBuf {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("declaration-{name}.pdf"));
    std::fs::write(&file, render(declared, false)).unwrap();
    file
}

/// A sentence, however it is broken into lines.
fn states(text: &str, sentence: &str) {
    let squeezed = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(squeezed.contains(sentence), "{sentence} is missing in\n{text}");
}

#[test]
fn a_cancellation_is_confirmed_with_content_date_and_time() {
    let file = render_to(&declared(DeclarationKind::Cancel, &typed(), Language::De), "german");
    assert_eq!(pages(&file), 1);
    let page = text(&file, 1, 1);
    states(&page, "Bestätigung Ihrer Kündigung");
    states(&page, "Eingegangen am 23.11.2026 um 00:30:05 Uhr");
    for (label, value) in [
        ("Art der Kündigung:", "Ordentliche Kündigung"),
        ("Vor- und Nachname:", "Tine Exemplus"),
        ("E-Mail-Adresse oder Kundennummer:", "K5003"),
        ("Vertrag:", "Vertrag Nr. 1"),
        ("Der Vertrag soll enden am:", "zum nächstmöglichen Zeitpunkt"),
        ("E-Mail-Adresse für die Bestätigung:", "tine@example.org"),
    ] {
        says(&page, label, value);
    }
    assert!(!page.contains("Kündigungsgrund"), "{page}");
}

#[test]
fn a_withdrawal_is_confirmed_in_the_language_of_its_page() {
    let file = render_to(&declared(DeclarationKind::Withdraw, &typed(), Language::En), "english");
    let page = text(&file, 1, 1);
    states(&page, "Confirmation of your withdrawal");
    states(&page, "Received on 23 Nov 2026 at 00:30:05");
    says(&page, "Contract:", "Vertrag Nr. 1");
    assert!(!page.contains("Kind of cancellation") && !page.contains("K5003"), "{page}");
}

#[test]
fn whatever_was_typed_is_printed_and_never_read_as_markup() {
    let reason = "#set page(fill: red)\n*Der Anschluss* war $x$ <gestört> @alle ".repeat(30);
    let hostile = Typed {
        termination: "extraordinary".to_owned(),
        reason: reason.into(),
        name: "<script>#panic()</script>".to_owned().into(),
        contract: "漢字 \u{202e}".repeat(20).into(),
        ends_on: "2026-12-31".to_owned(),
        ..typed()
    };
    let file = render_to(&declared(DeclarationKind::Cancel, &hostile, Language::De), "hostile");
    let all = text(&file, 1, pages(&file));
    says(&all, "Der Vertrag soll enden am:", "31.12.2026");
    states(&all, "<script>#panic()</script>");
    states(&all, "*Der Anschluss* war $x$ <gestört> @alle");
}

#[test]
fn the_same_declaration_is_the_same_file_and_a_test_says_so() {
    let declared = declared(DeclarationKind::Cancel, &typed(), Language::De);
    assert_eq!(render(&declared, false), render(&declared, false));
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("declaration-sandbox.pdf");
    std::fs::write(&file, render(&declared, true)).unwrap();
    states(&text(&file, 1, 1), "Testumgebung");
    run("qpdf", &["--check", file.to_str().unwrap()]);
}
