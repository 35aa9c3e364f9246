//! The values of a document beside invoices as `document.typ` reads them: every number and day already written out, every
//! letter printable.

use domain::{
    Money,
    document::{Content, CreditNote, Delivered, DeliveryNote, Dunned, Dunning, Letter},
    girocode::{self, Remittance},
    invoice::SettledBefore,
    money::Quantity,
    number::DocumentNumber,
};
use jiff::civil::Date;
use serde::Serialize;
use text::Words;

use super::{
    DocumentPaper, RenderError, colour,
    paper::{Listing, SellerText, is_long, one_line, paragraphs, recipient, several_lines},
    value,
};

/// `paper.json`.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Paper {
    /// The kind's word in addresses: the template's words know it by that.
    kind: &'static str,
    language: &'static str,
    number: String,
    issued: String,
    issued_on: (i16, i8, i8),
    accent: String,
    has_logo: bool,
    sandbox: bool,
    seller: SellerText,
    recipient: Vec<String>,
    info: Vec<(&'static str, String)>,
    subject: String,
    introduction: Vec<String>,
    note: Vec<String>,
    #[serde(flatten)]
    said: Said,
    /// What the transfer says.
    remittance: String,
    has_girocode: bool,
    has_xml: bool,
}

/// What belongs to the kind; the rest is empty.
#[derive(Default, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Said {
    #[serde(flatten)]
    listing: Listing,
    items: Vec<Item>,
    dunned: Vec<DunnedRow>,
    level: String,
    fee: String,
    total: String,
    pay_by: String,
    valid_until: String,
    settled: Option<Settled>,
    /// Sentences at the end, by the names of their words.
    closing: Vec<&'static str>,
}

#[derive(Serialize)]
struct Item {
    position: String,
    long: bool,
    description: String,
    details: String,
    /// An item is delivered on one day, which the letter says.
    period: &'static str,
    quantity: String,
    single: bool,
    unit: String,
}

#[derive(Serialize)]
struct DunnedRow {
    number: String,
    issued: String,
    due: String,
    open: String,
}

#[derive(Serialize)]
struct Settled {
    amount: String,
    date: String,
}

type Info = Vec<(&'static str, String)>;

/// The files that stand beside the template for one document.
pub(super) fn document(paper: &DocumentPaper<'_>, has_xml: bool) -> Result<Vec<(&'static str, Vec<u8>)>, RenderError> {
    let (letter, content, words) = (&paper.facts.letter, &paper.facts.content, Words::new(paper.language));
    let (said, own) = said(content, &words)?;
    // Scanned in a sandbox it would move real money.
    let payable = letter.seller.bank.as_ref().filter(|_| !paper.sandbox);
    let asked = asked(content);
    let remittance = remittance(content, paper.number);
    let code = payable.zip(asked).and_then(|(bank, total)| girocode::svg(bank, total, Remittance::Text(&remittance)));
    let day = letter.issued_on;
    let text = Paper {
        kind: content.kind().code(),
        language: paper.language.code(),
        number: one_line(paper.number.as_str()),
        issued: words.date(day),
        issued_on: (day.year(), day.month(), day.day()),
        accent: colour::readable(paper.accent).to_string(),
        has_logo: paper.logo.is_some(),
        sandbox: paper.sandbox,
        seller: SellerText::frozen(&letter.seller, paper.company),
        recipient: recipient(&letter.buyer, &letter.seller, &words),
        info: info(paper, letter, own, &words),
        subject: one_line(&letter.subject),
        introduction: paragraphs(&letter.introduction),
        note: paragraphs(&letter.note),
        said,
        remittance,
        has_girocode: code.is_some(),
        has_xml,
    };
    let mut files = vec![("paper.json", serde_json::to_vec(&text).map_err(value)?)];
    files.extend(paper.logo.map(|logo| ("logo.png", logo.to_vec())));
    files.extend(code.map(|svg| ("girocode.svg", svg.into_bytes())));
    Ok(files)
}

/// What is to be transferred: only a dunning letter asks for money.
const fn asked(content: &Content) -> Option<Money> {
    match content {
        Content::Dunning(dunning) => Some(dunning.total),
        _ => None,
    }
}

/// The information block: what all letters have, then what belongs to the kind; the template leaves empty rows out.
fn info(paper: &DocumentPaper<'_>, letter: &Letter, own: Info, words: &Words) -> Info {
    let contract = letter.subscription.as_ref().map_or("", |number| number.as_str());
    let mut info = vec![
        ("customer", one_line(letter.customer.as_str())),
        ("number", one_line(paper.number.as_str())),
        ("date", words.date(letter.issued_on)),
    ];
    info.extend(own);
    info.push(("contract", one_line(contract)));
    info.push(("your-vat-id", one_line(&letter.buyer.vat_id)));
    info
}

/// What belongs to the kind, and its rows of the information block.
fn said(content: &Content, words: &Words) -> Result<(Said, Info), RenderError> {
    let listing = match content.priced() {
        Some(priced) => Listing::of(priced, words)?,
        None => Listing::default(),
    };
    let day = |day: Option<Date>| day.map(|day| words.date(day)).unwrap_or_default();
    Ok(match content {
        Content::CreditNote(note) => credit_note(note, listing, words),
        Content::Offer(offer) => {
            let until = words.date(offer.valid_until);
            let said = Said { listing, valid_until: until.clone(), closing: vec!["offer"], ..Said::default() };
            (said, vec![("valid-until", until)])
        }
        Content::Confirmation(confirmation) => {
            let ordered = one_line(&confirmation.order_reference);
            let info = vec![("order-reference", ordered), ("delivery-on", day(confirmation.delivery_on))];
            (Said { listing, ..Said::default() }, info)
        }
        Content::Dunning(dunning) => self::dunning(dunning, words),
        Content::DeliveryNote(DeliveryNote { items, order_reference, delivered_on }) => {
            let items = items.iter().enumerate().map(|(index, delivered)| item(index + 1, delivered, words)).collect();
            let info = vec![("order-reference", one_line(order_reference)), ("delivered-on", day(*delivered_on))];
            (Said { items, ..Said::default() }, info)
        }
    })
}

fn credit_note(note: &CreditNote, listing: Listing, words: &Words) -> (Said, Info) {
    let corrects = note.invoice.as_ref().map_or("", |number| number.as_str());
    let info = vec![("corrects", one_line(corrects)), ("reference", one_line(&note.buyer_reference))];
    let settled = note
        .settled_before
        .map(|SettledBefore { amount, date }| Settled { amount: words.money(amount), date: words.date(date) });
    let closing = if settled.is_some() { vec!["credited", "settled"] } else { vec!["credited"] };
    (Said { listing, settled, closing, ..Said::default() }, info)
}

fn dunning(dunning: &Dunning, words: &Words) -> (Said, Info) {
    let row = |dunned: &Dunned| DunnedRow {
        number: one_line(dunned.number.as_str()),
        issued: words.date(dunned.issued_on),
        due: words.date(dunned.due_on),
        open: words.money(dunned.open),
    };
    let pay_by = words.date(dunning.pay_by);
    let said = Said {
        dunned: dunning.invoices.iter().map(row).collect(),
        level: dunning.level.to_string(),
        fee: dunning.fee.filter(|fee| fee.is_positive()).map(|fee| words.money(fee)).unwrap_or_default(),
        total: words.money(dunning.total),
        pay_by: pay_by.clone(),
        closing: vec!["dunning"],
        ..Said::default()
    };
    (said, vec![("pay-by", pay_by)])
}

/// The invoices that are to be paid, as far as a transfer has room: they are what an arriving transfer is known by.
fn remittance(content: &Content, number: &DocumentNumber) -> String {
    let named = match content {
        Content::Dunning(dunning) => {
            dunning.invoices.iter().map(|invoice| invoice.number.as_str()).collect::<Vec<_>>().join(" ")
        }
        _ => String::new(),
    };
    let fits = !named.is_empty() && named.chars().count() <= girocode::MAX_TEXT_CHARS;
    one_line(if fits { &named } else { number.as_str() })
}

fn item(position: usize, delivered: &Delivered, words: &Words) -> Item {
    let (description, details) = (one_line(&delivered.description), several_lines(&delivered.details));
    Item {
        position: position.to_string(),
        long: is_long(&description, &details),
        description,
        details,
        period: "",
        quantity: words.quantity(delivered.quantity),
        single: delivered.quantity == Quantity::ONE,
        unit: one_line(&delivered.unit),
    }
}
