//! Which EN 16931 terms (BT-…) the XML carries, and that both languages of the paper have the same words.

#![allow(clippy::unwrap_used, reason = "a test stops where something is missing")]

mod paper;

use std::collections::BTreeSet;

use documents::render::invoice_xml;
use domain::{
    Currency, Money,
    invoice::{SettledBefore, TaxCategory},
};
use en16931::{Invoice, invoice::PaymentMeans};
use paper::Sample;

fn read(sample: &Sample) -> Invoice {
    let xml = invoice_xml(&sample.paper()).unwrap_or_else(|error| panic!("{error}"));
    en16931_formats::read(xml.as_bytes()).unwrap().invoice
}

#[test]
fn the_xml_says_what_the_paper_says() {
    let mut sample = Sample::with_lines(3);
    sample.facts.settled_before =
        Some(SettledBefore { amount: Money::of_minor(1_500, Currency::Eur), date: jiff::civil::date(2026, 11, 2) });
    sample.facts.note = "Danke".to_owned();
    let invoice = read(&sample);
    assert_eq!(invoice.number.as_deref(), Some("RE1042"));
    assert_eq!(invoice.currency.unwrap().as_str(), "EUR");
    assert_eq!(invoice.due_date.unwrap().to_string(), "2026-11-15");
    assert_eq!(invoice.buyer_reference.as_deref(), Some("Bestellung 4711/B"));
    assert_eq!(invoice.contract_reference.unwrap().as_str(), "V-1007");
    assert_eq!(invoice.notes[0].note.as_deref(), Some("Danke"));
    assert_eq!(invoice.invoicing_period.unwrap().end.unwrap().to_string(), "2026-11-30");
    assert_eq!(invoice.seller.vat_identifier.as_deref(), Some("DE123456788"));
    assert_eq!(invoice.seller.tax_registration.as_deref(), Some("151/815/08156"));
    assert_eq!(invoice.buyer.electronic_address.unwrap().content(), "rechnung@example.com");
    assert_eq!(invoice.totals.paid.unwrap().to_string(), "15.00");
    let open = sample.facts.gross.minus(Money::of_minor(1_500, Currency::Eur)).unwrap();
    assert_eq!(invoice.totals.due.to_string(), open.decimal());
    assert_eq!(invoice.lines[2].price.net_price.to_string(), "0.0251");
    assert_eq!(invoice.lines[2].unit_code.as_str(), "E34");
    let payment = invoice.payment.unwrap();
    assert_eq!(payment.means_code.unwrap().as_str(), "58");
    assert_eq!(payment.remittance_information.as_deref(), Some("RE1042"));
    let Some(PaymentMeans::CreditTransfer(accounts)) = payment.means else { panic!("no credit transfer") };
    assert_eq!(accounts[0].account_identifier.as_deref(), Some("DE02120300000000202051"));
}

#[test]
fn each_category_without_tax_has_its_reason_and_code() {
    for (category, code) in [
        (TaxCategory::AE, Some("VATEX-EU-AE")),
        (TaxCategory::K, Some("VATEX-EU-IC")),
        (TaxCategory::G, Some("VATEX-EU-G")),
        (TaxCategory::O, Some("VATEX-EU-O")),
        (TaxCategory::E, None),
    ] {
        let total = read(&Sample::with_lines(1).untaxed(category)).vat_breakdown.remove(0);
        assert_eq!(total.exemption_reason_code.as_ref().map(|code| code.as_str()), code, "{category:?}");
        assert!(total.exemption_reason.is_some(), "{category:?}");
    }
}

#[test]
fn a_sandbox_invoice_says_so_in_the_xml_too() {
    let mut sample = Sample::with_lines(1);
    sample.sandbox = true;
    assert!(read(&sample).notes[0].note.as_ref().unwrap().contains("Testumgebung"));
}

#[test]
fn a_discount_has_a_negative_quantity_and_a_positive_price() {
    let mut sample = Sample::with_lines(1);
    let mut rebate = paper::line(0);
    rebate.unit_price = "-5".parse().unwrap();
    rebate.net = rebate.unit_price.times(rebate.quantity, Currency::Eur).unwrap();
    sample.set_lines(vec![paper::line(0), rebate]);
    let line = read(&sample).lines.remove(1);
    assert_eq!((line.quantity.to_string(), line.price.net_price.to_string()), ("-1".to_owned(), "5".to_owned()));
    assert_eq!(line.net_amount.to_string(), "-5.00");
}

#[test]
fn both_languages_have_the_same_words() {
    let keys = |source: &str| -> BTreeSet<String> {
        let entries = source.split(['\n', '(']).filter(|part| !part.trim_start().starts_with("//"));
        let names = entries.flat_map(|part| part.split("), ")).filter_map(|part| part.split_once(':'));
        let plain = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        names.map(|(name, _)| name.trim().trim_matches('"').to_owned()).filter(|name| plain(name)).collect()
    };
    let german = keys(include_str!("../../../templates/documents/words.de.typ"));
    let english = keys(include_str!("../../../templates/documents/words.en.typ"));
    assert!(german.len() > 60, "{german:?}");
    assert_eq!(german, english);
}
