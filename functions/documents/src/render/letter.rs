//! What `letter.typ` itself reads from `paper.json`: who writes to whom, on which day, and how the letter paper looks.

use domain::{
    customer::{CountryCode, Customer, CustomerFacts},
    tenant::Company,
};
use jiff::civil::Date;
use serde::Serialize;
use text::Words;

use super::{
    Letterhead, RenderError, colour,
    paper::{SellerText, one_line},
    value,
};

/// The head of every paper that has no frozen seller; each adds what it is about.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Head {
    language: &'static str,
    issued: String,
    issued_on: (i16, i8, i8),
    accent: String,
    has_logo: bool,
    sandbox: bool,
    seller: SellerText,
    sender: Vec<String>,
    recipient: Vec<String>,
    info: Vec<(&'static str, String)>,
}

impl Head {
    /// A letter of a day, to whom its lines say, with the rows of its information block.
    pub(super) fn new(
        letterhead: &Letterhead<'_>,
        words: &Words,
        day: Date,
        recipient: Vec<String>,
        info: Vec<(&'static str, String)>,
    ) -> Self {
        let Letterhead { company, tenant_name, accent, logo, sandbox } = *letterhead;
        Self {
            language: words.language.code(),
            issued: words.date(day),
            issued_on: (day.year(), day.month(), day.day()),
            accent: colour::readable(accent).to_string(),
            has_logo: logo.is_some(),
            sandbox,
            seller: SellerText::of_company(company, tenant_name),
            sender: sender(company, tenant_name),
            recipient,
            info,
        }
    }
}

/// The files that stand beside a template: its values, and the logo where there is one.
pub(super) fn files(
    text: &impl Serialize,
    letterhead: &Letterhead<'_>,
) -> Result<Vec<(&'static str, Vec<u8>)>, RenderError> {
    let mut files = vec![("paper.json", serde_json::to_vec(text).map_err(value)?)];
    files.extend(letterhead.logo.map(|logo| ("logo.png", logo.to_vec())));
    Ok(files)
}

/// The information block of a letter to a customer.
pub(super) fn info(customer: &Customer, day: Date, words: &Words) -> Vec<(&'static str, String)> {
    vec![("customer-number", one_line(customer.number.as_str())), ("date", words.date(day))]
}

/// The customer with the billing address, line by line.
pub(super) fn recipient(facts: &CustomerFacts, home: Option<CountryCode>, words: &Words) -> Vec<String> {
    let address = &facts.billing_address;
    let has_person = !(facts.first_name.trim().is_empty() && facts.last_name.trim().is_empty());
    let person = if has_person { words.addressed(facts) } else { String::new() };
    let town = format!("{} {}", *address.postal_code, *address.city);
    // DIN 5008 and the UPU want a foreign country on the last line, in capitals.
    let abroad = address.country.filter(|country| home != Some(*country));
    let country = abroad.map(|code| words.country(code).to_uppercase()).unwrap_or_default();
    let lines = [&*facts.company, &person, &*address.line1, &*address.line2, &*address.line3, &town, &country];
    lines.into_iter().map(|line| one_line(line)).filter(|line| !line.is_empty()).collect()
}

/// Name, street, town, e-mail address.
fn sender(company: &Company, tenant_name: &str) -> Vec<String> {
    let name = if company.name.is_empty() { tenant_name } else { &company.name };
    let town = format!("{} {}", company.postal_code, company.city);
    let email = company.email.as_ref().map_or("", |email| email.as_str());
    let lines = [name, &company.street, &town, email];
    lines.into_iter().map(one_line).filter(|line| !line.is_empty()).collect()
}
