//! A mandate's values as `mandate.typ` reads them: every day already written out, every letter printable.

use domain::{
    payment::ProviderName,
    payment_method::{Creditor, Mandate, Shown, State},
};
use serde::Serialize;
use text::Words;

use super::{
    MandatePaper, RenderError, colour,
    paper::{SellerText, one_line},
    payment_paper::{recipient, sender},
    value,
};

/// `paper.json`.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Text {
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
    creditor: CreditorText,
    /// Empty where only the provider knows it.
    identifier: String,
    provider: &'static str,
    reference: String,
    /// As many digits as are known: four, or two.
    ending: String,
    bank: String,
    /// Empty while it holds.
    ended: String,
}

#[derive(Serialize)]
struct CreditorText {
    name: String,
    street: String,
    town: String,
    country: String,
}

/// The files that stand beside the template for one mandate.
pub(super) fn mandate(paper: &MandatePaper<'_>) -> Result<Vec<(&'static str, Vec<u8>)>, RenderError> {
    let (method, company, words) = (paper.method, paper.company, Words::new(paper.language));
    let none = || RenderError::Value("this way to pay has no mandate".to_owned());
    let Mandate { creditor, debtor, given } = method.mandate.as_deref().ok_or_else(none)?;
    let (Some(Shown::Account { last4, bank, mandate, creditor: identifier }), Some(since)) = (given, method.since())
    else {
        return Err(none());
    };
    let day = paper.zone.day(since);
    let ended = match &method.state {
        State::Ended { at, .. } => words.date(paper.zone.day(*at)),
        _ => String::new(),
    };
    let text = Text {
        language: paper.language.code(),
        issued: words.date(day),
        issued_on: (day.year(), day.month(), day.day()),
        accent: colour::readable(paper.accent).to_string(),
        has_logo: paper.logo.is_some(),
        sandbox: paper.sandbox,
        seller: SellerText::of_company(company, paper.tenant_name),
        sender: sender(company, paper.tenant_name),
        recipient: recipient(debtor, creditor.country, &words),
        info: vec![("customer-number", one_line(paper.customer.number.as_str())), ("date", words.date(day))],
        creditor: creditor_text(creditor, &words),
        identifier: one_line(identifier.as_deref().unwrap_or_default()),
        provider: provider(method.provider),
        reference: one_line(mandate),
        ending: one_line(last4),
        bank: one_line(bank),
        ended,
    };
    let mut files = vec![("paper.json", serde_json::to_vec(&text).map_err(value)?)];
    files.extend(paper.logo.map(|logo| ("logo.png", logo.to_vec())));
    Ok(files)
}

fn creditor_text(creditor: &Creditor, words: &Words) -> CreditorText {
    CreditorText {
        name: one_line(&creditor.name),
        street: one_line(&creditor.street),
        town: one_line(&format!("{} {}", creditor.postal_code, creditor.city)),
        country: one_line(&creditor.country.map(|code| words.country(code)).unwrap_or_default()),
    }
}

/// As it calls itself, in every language.
const fn provider(name: ProviderName) -> &'static str {
    match name {
        ProviderName::Sandbox => "Sandbox",
        ProviderName::Stripe => "Stripe",
        ProviderName::Mollie => "Mollie",
        ProviderName::Gocardless => "GoCardless",
        ProviderName::Paypal => "PayPal",
    }
}
