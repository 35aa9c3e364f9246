//! An invoice's values as `invoice.typ` reads them, and what other documents with lines share with it: every number and day
//! already written out, every letter printable.

use domain::{
    Money,
    girocode::{self, Remittance},
    invoice::{Buyer, Line, Period, Priced, Seller, TaxCategory},
    money::Quantity,
    tenant::{BankAccount, Company},
};
use serde::Serialize;
use text::Words;

use super::{InvoicePaper, RenderError, colour, engine, value};

/// Rows with more text than this may break over pages; all others stay in one piece.
const LONG_ROW_CHARS: usize = 800;

/// `paper.json`.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Paper {
    language: &'static str,
    number: String,
    issued: String,
    issued_on: (i16, i8, i8),
    due: String,
    accent: String,
    has_logo: bool,
    sandbox: bool,
    seller: SellerText,
    recipient: Vec<String>,
    info: Vec<(&'static str, String)>,
    #[serde(flatten)]
    listing: Listing,
    settled: Option<Settled>,
    open: String,
    is_open: bool,
    has_girocode: bool,
    note: Vec<String>,
}

/// What `lines.typ` reads: lines, taxes and sums.
#[derive(Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Listing {
    lines: Vec<Row>,
    net: String,
    taxes: Vec<Tax>,
    gross: String,
    reasons: Vec<String>,
    reverse_charge: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct SellerText {
    name: String,
    street: String,
    town: String,
    phone: String,
    email: String,
    website: String,
    tax_number: String,
    vat_id: String,
    register: String,
    management: String,
    bank: Option<Bank>,
}

#[derive(Serialize)]
pub(super) struct Bank {
    pub(super) holder: String,
    pub(super) iban: String,
    pub(super) bic: String,
    pub(super) bank: String,
}

#[derive(Serialize)]
struct Row {
    position: String,
    long: bool,
    description: String,
    details: String,
    period: String,
    quantity: String,
    single: bool,
    unit: String,
    price: String,
    rate: String,
    net: String,
    /// Net amounts of all lines up to this one: what is carried forward where a page ends here.
    sum: String,
}

#[derive(Serialize)]
struct Tax {
    rate: String,
    base: String,
    amount: String,
}

#[derive(Serialize)]
struct Settled {
    amount: String,
    date: String,
}

/// The files that stand beside the template for one invoice.
pub(super) fn invoice(paper: &InvoicePaper<'_>) -> Result<Vec<(&'static str, Vec<u8>)>, RenderError> {
    let (facts, words) = (paper.facts, Words::new(paper.language));
    let open = einvoice::open(facts).map_err(value)?;
    // Scanned in a sandbox it would move real money.
    let payable = facts.seller.bank.as_ref().filter(|_| !paper.sandbox);
    let code = payable.and_then(|bank| girocode::svg(bank, open, Remittance::Text(paper.number.as_str())));
    let day = facts.issued_on;
    let settled = |money, day| Settled { amount: words.money(money), date: words.date(day) };
    let paper_text = Paper {
        language: paper.language.code(),
        number: one_line(paper.number.as_str()),
        issued: words.date(day),
        issued_on: (day.year(), day.month(), day.day()),
        due: words.date(facts.due_on),
        accent: colour::readable(paper.accent).to_string(),
        has_logo: paper.logo.is_some(),
        sandbox: paper.sandbox,
        seller: SellerText::frozen(&facts.seller, paper.company),
        recipient: recipient(&facts.buyer, &facts.seller, &words),
        info: info(paper, &words),
        listing: Listing::of(facts.priced(), &words)?,
        settled: facts.settled_before.map(|before| settled(before.amount, before.date)),
        open: words.money(open),
        is_open: open.is_positive(),
        has_girocode: code.is_some(),
        note: paragraphs(&facts.note),
    };
    let mut files = vec![("paper.json", serde_json::to_vec(&paper_text).map_err(value)?)];
    files.extend(paper.logo.map(|logo| ("logo.png", logo.to_vec())));
    files.extend(code.map(|svg| ("girocode.svg", svg.into_bytes())));
    Ok(files)
}

impl Listing {
    pub(super) fn of(priced: Priced<'_>, words: &Words) -> Result<Self, RenderError> {
        Ok(Self {
            lines: rows(priced, words)?,
            net: words.money(priced.net),
            taxes: taxes(priced, words),
            gross: words.money(priced.gross),
            reasons: reasons(priced),
            reverse_charge: priced.taxes.iter().any(|total| total.category == TaxCategory::AE),
        })
    }
}

impl SellerText {
    /// The seller as the document was issued; what it does not say is the tenant's of today.
    pub(super) fn frozen(seller: &Seller, company: &Company) -> Self {
        let email = seller.email.as_ref().map_or("", |email| email.as_str());
        Self {
            name: one_line(&seller.name),
            street: one_line(&seller.street),
            town: one_line(&format!("{} {}", seller.postal_code, seller.city)),
            phone: one_line(&seller.phone),
            email: one_line(email),
            website: one_line(&company.website),
            tax_number: one_line(&seller.tax_number),
            vat_id: one_line(&seller.vat_id),
            register: one_line(&company.register),
            management: one_line(&company.management),
            bank: seller.bank.as_ref().map(bank),
        }
    }

    /// The tenant as it is today, on papers that have no frozen seller.
    pub(super) fn of_company(company: &Company, tenant_name: &str) -> Self {
        let name = if company.name.is_empty() { tenant_name } else { &company.name };
        Self {
            name: one_line(name),
            street: one_line(&company.street),
            town: one_line(&format!("{} {}", company.postal_code, company.city)),
            phone: one_line(&company.phone),
            email: one_line(company.email.as_ref().map_or("", |email| email.as_str())),
            website: one_line(&company.website),
            tax_number: one_line(&company.tax_number),
            vat_id: one_line(&company.vat_id),
            register: one_line(&company.register),
            management: one_line(&company.management),
            bank: company.bank.as_ref().map(bank),
        }
    }
}

pub(super) fn bank(account: &BankAccount) -> Bank {
    Bank {
        holder: one_line(&account.holder),
        // No-break spaces keep the groups together.
        iban: one_line(&account.grouped_iban()).replace(' ', "\u{a0}"),
        bic: one_line(&account.bic),
        bank: one_line(&account.bank),
    }
}

pub(super) fn recipient(buyer: &Buyer, seller: &Seller, words: &Words) -> Vec<String> {
    let town = format!("{} {}", *buyer.postal_code, *buyer.city);
    // DIN 5008 and the UPU want a foreign country on the last line, in capitals.
    let abroad = buyer.country.as_ref().filter(|country| seller.country.as_ref() != Some(country));
    let country = abroad.map(|code| words.country(*code).to_uppercase()).unwrap_or_default();
    let lines = [&*buyer.company, &*buyer.person, &*buyer.line1, &*buyer.line2, &*buyer.line3, &town, &country];
    lines.into_iter().map(|line| one_line(line)).filter(|line| !line.is_empty()).collect()
}

fn period_text(words: &Words, period: Period) -> String {
    if period.from == period.to {
        return words.date(period.from);
    }
    format!("{} – {}", words.date(period.from), words.date(period.to))
}

/// The information block: keys of the words, and values; the template leaves empty ones out.
fn info(paper: &InvoicePaper<'_>, words: &Words) -> Vec<(&'static str, String)> {
    let facts = paper.facts;
    let contract = facts.subscription.as_ref().map_or("", |number| number.as_str());
    vec![
        ("customer", one_line(facts.customer.as_str())),
        ("invoice-number", one_line(paper.number.as_str())),
        ("issued", words.date(facts.issued_on)),
        ("period", facts.period.map(|period| period_text(words, period)).unwrap_or_default()),
        ("delivered", facts.delivered_on.map(|day| words.date(day)).unwrap_or_default()),
        ("due", words.date(facts.due_on)),
        ("contract", one_line(contract)),
        ("reference", one_line(&facts.buyer_reference)),
        ("your-vat-id", one_line(&facts.buyer.vat_id)),
    ]
}

fn rows(priced: Priced<'_>, words: &Words) -> Result<Vec<Row>, RenderError> {
    let mut sum = Money::zero(priced.gross.currency());
    let mut rows = Vec::with_capacity(priced.lines.len());
    for (index, line) in priced.lines.iter().enumerate() {
        sum = sum.plus(line.net).map_err(value)?;
        rows.push(row(index + 1, line, sum, words));
    }
    Ok(rows)
}

fn row(position: usize, line: &Line, sum: Money, words: &Words) -> Row {
    let (description, details) = (one_line(&line.description), several_lines(&line.details));
    Row {
        position: position.to_string(),
        long: is_long(&description, &details),
        description,
        details,
        period: line.period.map(|period| period_text(words, period)).unwrap_or_default(),
        quantity: words.quantity(line.quantity),
        single: line.quantity == Quantity::ONE,
        unit: one_line(&line.unit),
        price: words.unit_price(line.unit_price, line.net.currency()),
        rate: words.tax_rate(line.tax_rate),
        net: words.money(line.net),
        sum: words.money(sum),
    }
}

/// May the row break over pages?
pub(super) fn is_long(description: &str, details: &str) -> bool {
    description.len() + details.len() + 40 * details.matches('\n').count() > LONG_ROW_CHARS
}

fn taxes(priced: Priced<'_>, words: &Words) -> Vec<Tax> {
    let totals = priced.taxes.iter();
    let tax = totals.map(|total| (words.tax_rate(total.rate), words.money(total.net), words.money(total.tax)));
    tax.map(|(rate, base, amount)| Tax { rate, base, amount }).collect()
}

fn reasons(priced: Priced<'_>) -> Vec<String> {
    let said = priced.taxes.iter().filter(|total| total.category.needs_reason()).map(|total| one_line(&total.reason));
    said.filter(|reason| !reason.is_empty()).collect()
}

pub(super) fn paragraphs(text: &str) -> Vec<String> {
    several_lines(text).split("\n\n").map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

/// Text on one line, in letters the typeface has.
pub(super) fn one_line(text: &str) -> String {
    let printable: String = text.chars().filter_map(printable).collect();
    printable.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The same, keeping line breaks.
pub(super) fn several_lines(text: &str) -> String {
    let lines: Vec<String> = text.trim().lines().map(one_line).collect();
    lines.join("\n")
}

/// The character itself, a space, `?` for one the typeface lacks, nothing for an invisible one.
fn printable(character: char) -> Option<char> {
    match character {
        ' '..='~' => Some(character),
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' => None,
        '\u{fe00}'..='\u{fe0f}' | '\u{feff}' => None,
        _ if engine::shows(character) && !character.is_control() => Some(character),
        _ if character.is_control() || character.is_whitespace() => Some(' '),
        _ => Some('?'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_the_typeface_lacks_become_question_marks() {
        assert_eq!(one_line(" Café\tŁódź Ελλάδα Київ 漢字 👩\u{200d}💻\u{0} "), "Café Łódź Ελλάδα Київ ?? ??");
        assert_eq!(several_lines("a\r\n\r\nb\n"), "a\n\nb");
    }
}
