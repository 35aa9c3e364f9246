//! A mandate's values as `mandate.typ` reads them: every day already written out, every letter printable.

use domain::{
    payment::ProviderName,
    payment_method::{Creditor, Mandate, Shown, State},
};
use serde::Serialize;
use text::Words;

use super::{
    MandatePaper, RenderError,
    letter::{Head, files, info, recipient},
    paper::one_line,
};

/// `paper.json`.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Text {
    #[serde(flatten)]
    head: Head,
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
    let (method, letterhead, words) = (paper.method, &paper.letterhead, Words::new(paper.language));
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
    let recipient = recipient(debtor, creditor.country, &words);
    let text = Text {
        head: Head::new(letterhead, &words, day, recipient, info(paper.customer, day, &words)),
        creditor: creditor_text(creditor, &words),
        identifier: one_line(identifier.as_deref().unwrap_or_default()),
        provider: provider(method.provider),
        reference: one_line(mandate),
        ending: one_line(last4),
        bank: one_line(bank),
        ended,
    };
    files(&text, letterhead)
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
