//! What other people's tools say about our PDFs: structure, fonts, e-invoice rules, GiroCode, size.

#![allow(clippy::unwrap_used, reason = "a test stops where something is missing")]

mod paper;

use std::path::Path;

use documents::render::{RenderError, Syntax, invoice, invoice_xml, xrechnung};
use domain::{
    Currency, Language, Money,
    girocode::{Remittance, payload},
    invoice::{SettledBefore, TaxCategory},
};
use en16931_formats::zugferd;
use paper::{Sample, run};

fn samples() -> Vec<(&'static str, Sample)> {
    let mut english = Sample::with_lines(12);
    english.language = Language::En;
    english.sandbox = true;
    english.facts.note = "Thank you for your order.\n\nQuestions? Just reply.".to_owned();
    let mut settled = Sample::with_lines(4);
    settled.facts.settled_before =
        Some(SettledBefore { amount: Money::of_minor(5_000, Currency::Eur), date: jiff::civil::date(2026, 11, 2) });
    settled.facts.period = None;
    settled.facts.delivered_on = Some(jiff::civil::date(2026, 10, 30));
    let mut without_vat_id = Sample::with_lines(2).untaxed(TaxCategory::E);
    without_vat_id.facts.seller.vat_id = String::new();
    let mut within_union = Sample::with_lines(2).untaxed(TaxCategory::K);
    within_union.facts.buyer.country = Some("FR".to_owned().try_into().unwrap());
    within_union.facts.buyer.vat_id = "FR83404833048".to_owned().into();
    let mut discount = Sample::with_lines(3);
    let mut rebate = paper::line(0);
    rebate.unit_price = "-5".parse().unwrap();
    rebate.net = rebate.unit_price.times(rebate.quantity, Currency::Eur).unwrap();
    let lines = discount.facts.lines.iter().cloned().chain([rebate]).collect();
    discount.set_lines(lines);
    vec![
        ("domestic", Sample::with_lines(10)),
        ("many-pages", Sample::with_lines(120)),
        ("english-sandbox", english),
        ("settled", settled),
        ("exempt", without_vat_id),
        ("reverse-charge", Sample::with_lines(2).untaxed(TaxCategory::AE)),
        ("within-union", within_union),
        ("export", Sample::with_lines(2).untaxed(TaxCategory::G)),
        ("outside-vat", Sample::with_lines(2).untaxed(TaxCategory::O)),
        ("zero-rated", Sample::with_lines(2).untaxed(TaxCategory::Z)),
        ("discount", discount),
    ]
}

#[test]
fn every_invoice_is_valid_for_qpdf_and_for_factur_x_with_the_rules_of_en_16931() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/pdf/check_einvoice.py");
    let mut arguments = vec![script.to_str().unwrap().to_owned()];
    for (name, sample) in samples() {
        let file = sample.render_to(&format!("valid-{name}"));
        run("qpdf", &["--check", file.to_str().unwrap()]);
        arguments.push(file.to_str().unwrap().to_owned());
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let verdicts = run("python3", &arguments);
    assert_eq!(verdicts.lines().filter(|line| line.ends_with(": valid")).count(), samples().len(), "{verdicts}");
}

#[test]
fn every_xrechnung_is_valid_in_both_syntaxes() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/pdf/check_xrechnung.py");
    let mut arguments = vec![script.to_str().unwrap().to_owned()];
    for (name, sample) in samples() {
        for (syntax, syntax_name) in [(Syntax::Ubl, "ubl"), (Syntax::Cii, "cii")] {
            let xml = xrechnung(&sample.paper(), syntax).unwrap_or_else(|error| panic!("{name}: {error}"));
            let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("xrechnung-{name}-{syntax_name}.xml"));
            std::fs::write(&file, xml).unwrap();
            arguments.push(file.to_str().unwrap().to_owned());
        }
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let verdicts = run("python3", &arguments);
    assert_eq!(verdicts.lines().filter(|line| line.ends_with(": valid")).count(), 2 * samples().len(), "{verdicts}");
}

#[test]
fn both_syntaxes_of_an_xrechnung_say_the_same() {
    for (name, sample) in samples() {
        let [ubl, cii] = [Syntax::Ubl, Syntax::Cii].map(|syntax| {
            let xml = xrechnung(&sample.paper(), syntax).unwrap();
            en16931_formats::read(xml.as_bytes()).unwrap().invoice
        });
        assert_eq!(ubl, cii, "{name}");
    }
}

#[test]
fn an_invoice_is_an_xrechnung_only_with_what_the_german_rules_want() {
    type Without = fn(&mut Sample);
    let wanted: [(&str, Without); 5] = [
        ("BR-DE-15", |sample| sample.facts.buyer_reference.clear()),
        ("BR-DE-6", |sample| sample.facts.seller.phone.clear()),
        ("BR-DE-7", |sample| sample.facts.seller.email = None),
        ("PEPPOL-EN16931-R010", |sample| sample.facts.buyer.email = None),
        ("PEPPOL-EN16931-R020", |sample| sample.facts.seller.email = None),
    ];
    assert!(Sample::with_lines(2).facts.may_be_xrechnung());
    for (rule, without) in wanted {
        let mut sample = Sample::with_lines(2);
        without(&mut sample);
        let refused = xrechnung(&sample.paper(), Syntax::Ubl);
        assert!(matches!(&refused, Err(RenderError::Rules(rules)) if rules.contains(rule)), "{rule}: {refused:?}");
        assert!(!sample.facts.may_be_xrechnung(), "{rule}: no page offers it");
        assert!(invoice(&sample.paper()).is_ok(), "{rule}: it is an e-invoice all the same");
    }
}

#[test]
fn a_reader_of_zugferd_finds_the_xml_and_nothing_that_contradicts_it() {
    for (name, sample) in samples() {
        let rendered = sample.render();
        let read = zugferd::extract(&rendered.pdf, &zugferd::Limits::default()).unwrap();
        assert!(read.divergence.is_empty(), "{name}: {:?}", read.divergence);
        assert_eq!(String::from_utf8(read.xml).unwrap(), rendered.xml, "{name}");
    }
}

#[test]
fn every_font_is_embedded_as_a_subset_with_unicode() {
    let file = Sample::with_lines(10).render_to("fonts");
    let listed = run("pdffonts", &[file.to_str().unwrap()]);
    let fonts: Vec<&str> = listed.lines().skip(2).collect();
    assert_eq!(fonts.len(), 2, "{listed}");
    for font in fonts {
        assert!(font.contains("+LetterSans-"), "{listed}");
        let flags: Vec<&str> = font.split_whitespace().filter(|word| matches!(*word, "yes" | "no")).collect();
        assert_eq!(flags, ["yes", "yes", "yes"], "embedded, subset, unicode in {listed}");
    }
}

#[test]
fn the_pdf_says_that_it_is_archival_accessible_tagged_and_titled() {
    let file = Sample::with_lines(10).render_to("metadata");
    let file = file.to_str().unwrap();
    let metadata = run("pdfinfo", &["-meta", file]);
    for part in [
        "<pdfaid:part>3",
        "<pdfaid:conformance>A",
        "<pdfuaid:part>1",
        "<fx:ConformanceLevel>EN 16931",
        "Rechnung RE1042",
    ] {
        assert!(metadata.contains(part), "{part} is missing in {metadata}");
    }
    let facts = run("pdfinfo", &["-isodates", file]);
    assert!(facts.contains("Tagged:          yes") && facts.contains("2026-11-01"), "{facts}");
    assert!(facts.contains("Page size:       595.276 x 841.89 pts (A4)"), "{facts}");
    let structure = run("pdfinfo", &["-struct", file]);
    for tag in ["H1", "H2", "Table", "TH", "TD", "Figure"] {
        assert!(structure.contains(tag), "{tag} is missing in {structure}");
    }
}

#[test]
fn a_banking_app_reads_the_transfer_from_the_girocode() {
    let mut sample = Sample::with_lines(10);
    sample.facts.seller.bank.as_mut().unwrap().holder =
        "Müller & Söhne Großhandel für Übergrößen in Königswusterhausen KG".to_owned();
    let file = sample.render_to("girocode");
    let picture = file.with_extension("");
    run("pdftoppm", &["-png", "-r", "150", "-singlefile", file.to_str().unwrap(), picture.to_str().unwrap()]);
    let picture = picture.with_extension("png");
    let read =
        run("zbarimg", &["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", "-Sbinary", picture.to_str().unwrap()]);
    let bank = sample.facts.seller.bank.as_ref().unwrap();
    let expected = payload(bank, sample.facts.gross, Remittance::Text("RE1042")).unwrap();
    assert_eq!(read.trim_end(), expected);
}

#[test]
fn a_ten_line_invoice_with_a_logo_stays_below_sixty_kilobytes() {
    let mut sample = Sample::with_lines(10);
    sample.logo = Some(include_bytes!("paper/logo.png").to_vec());
    let size = std::fs::metadata(sample.render_to("with-logo")).unwrap().len();
    assert!(size <= 60_000, "{size} bytes");
}

#[test]
fn the_same_invoice_gives_the_same_bytes() {
    let sample = Sample::with_lines(30);
    let first = sample.render();
    assert_eq!(first, sample.render());
    assert_eq!(first.xml, invoice_xml(&sample.paper()).unwrap());
}

#[test]
fn text_that_looks_like_markup_is_printed_as_text() {
    let mut sample = Sample::with_lines(1);
    sample.facts.note = "#panic(\"no\") *stars* $x^2$ <line> @ref [a](b) \\".to_owned();
    let file = sample.render_to("markup");
    let text = paper::text(&file, 1, 1);
    assert!(text.contains("#panic(\"no\") *stars* $x^2$ <line> @ref [a](b) \\"), "{text}");
}

#[test]
fn letters_no_typeface_has_do_not_stop_the_invoice() {
    let mut sample = Sample::with_lines(1);
    sample.facts.buyer.company = "漢字 Łódź Ελλάδα Київ 👩‍💻 \u{202e}GmbH".to_owned().into();
    let file = sample.render_to("letters");
    assert!(paper::text(&file, 1, 1).contains("?? Łódź Ελλάδα Київ ?? GmbH"));
}

#[test]
fn an_invoice_that_breaks_the_standard_is_refused_with_its_rule() {
    let mut sample = Sample::with_lines(1).untaxed(TaxCategory::AE);
    sample.facts.buyer.vat_id = String::new().into();
    let Err(RenderError::Rules(rules)) = invoice(&sample.paper()) else { panic!("it was rendered") };
    assert!(rules.contains("BR-AE-02"), "{rules}");
}
