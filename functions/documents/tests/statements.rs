//! Statements of account on paper: both balances, every entry, and what is carried from page to page.

#![allow(clippy::unwrap_used, reason = "a test stops where something is missing")]

mod paper;

use std::path::{Path, PathBuf};

use documents::render::{Letterhead, StatementPaper, statement};
use domain::{Language, tenant::Colour};
use jiff::civil::date;
use paper::{company, customer, pages, run, says, text};
use statement::{MAX_ENTRIES, Statement, testing};

fn render(statement_of: &Statement, language: Language, sandbox: bool) -> Vec<u8> {
    let (company, customer, accent) = (company(), customer(), Colour([0x00, 0x57, 0xb8]));
    let letterhead = Letterhead { company: &company, tenant_name: "Demo", accent, logo: None, sandbox };
    let day = date(2026, 11, 22);
    let paper = StatementPaper { statement: statement_of, customer: &customer, language, day, letterhead };
    statement(&paper).unwrap_or_else(|error| panic!("{error}"))
}

fn render_to(statement_of: &Statement, language: Language, name: &str) -> PathBuf {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("statement-{name}.pdf"));
    std::fs::write(&file, render(statement_of, language, false)).unwrap();
    file
}

#[test]
fn a_statement_says_both_balances_and_every_entry() {
    let three = testing::statement(3).unwrap();
    let pdf = render_to(&three, Language::De, "de");
    let shown = text(&pdf, 1, 1);
    assert_eq!(pages(&pdf), 1);
    says(&shown, "Konto:", "Kundenkonto K5003-EUR");
    says(&shown, "Zeitraum:", "01.01.2026 bis 31.12.2026");
    says(&shown, "Anfangssaldo", "0,00 €");
    says(&shown, "Endsaldo", "3,00 €");
    assert!(shown.contains("Projekt Messestand 2027") && !shown.contains("Übertrag"), "{shown}");
    let english = render_to(&three, Language::En, "en");
    says(&text(&english, 1, 1), "Closing balance", "€3.00");
}

#[test]
fn an_account_without_entries_opens_and_closes_alike() {
    let shown = text(&render_to(&testing::statement(0).unwrap(), Language::De, "empty"), 1, 1);
    says(&shown, "Anfangssaldo", "0,00 €");
    says(&shown, "Endsaldo", "0,00 €");
}

#[test]
fn every_page_carries_the_balance_to_the_next() {
    let pdf = render_to(&testing::statement(120).unwrap(), Language::De, "pages");
    let last = pages(&pdf);
    assert!(last > 2, "{last} pages");
    for page in 1..=last {
        let shown = text(&pdf, page, page);
        let carried = shown.matches("Übertrag").count();
        assert_eq!(carried, usize::from(page > 1) + usize::from(page < last), "page {page}: {shown}");
    }
    says(&text(&pdf, last, last), "Endsaldo", "120,00 €");
}

#[test]
fn the_longest_statement_is_a_sound_pdf() {
    let file = render_to(&testing::statement(MAX_ENTRIES).unwrap(), Language::De, "longest");
    run("qpdf", &["--check", file.to_str().unwrap()]);
    assert!(std::fs::metadata(&file).unwrap().len() < 4_000_000, "an answer of Lambda takes no more");
    let (one, other) = (testing::statement(3).unwrap(), testing::statement(3).unwrap());
    let [first, second] = [one, other].map(|one| render(&one, Language::De, true));
    assert_eq!(first, second, "the same values, the same bytes");
}
