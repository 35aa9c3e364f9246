//! The mail with a personal link.

use domain::{Language, document::DocumentType, link::Scope};
use jiff::civil::Date;
use text::Words;

use crate::{BrokenTemplate, Rendered, Sender, Template, Variable, mails::built_in};

/// A link that goes to its customer.
#[derive(Debug, Clone)]
pub struct LinkNotice<'a> {
    /// In whose name.
    pub sender: Sender<'a>,
    /// As the customer is addressed; may be empty.
    pub greeting_name: &'a str,
    /// What it opens.
    pub scope: &'a Scope,
    /// The link itself.
    pub url: String,
    /// The last day on which it works, in the tenant's zone.
    pub until: Date,
}

/// Renders the mail.
///
/// # Errors
/// Only with a broken built-in template, which a test excludes.
pub fn render_link(notice: &LinkNotice<'_>) -> Result<Rendered, BrokenTemplate> {
    let language = notice.sender.language;
    let (text, words) = (|value: &str| Variable::Text(value.to_owned()), Words::new(language));
    let contract = match notice.scope {
        Scope::Contract { subscription } => words.contracts_number(notice.sender.settings.contract_word, subscription),
        // A document is called by its name in the same place.
        Scope::Document { kind: DocumentType::Invoice, number } => words.invoices_invoice(number),
        Scope::Document { number, .. } => number.to_string(),
        _ => String::new(),
    };
    let invoice = match notice.scope {
        Scope::Pay { invoice } => invoice.as_str(),
        _ => "",
    };
    let method = if matches!(notice.scope, Scope::AddMethod { .. }) { "1" } else { "" };
    let variables = vec![
        ("greeting_name", text(notice.greeting_name)),
        ("contract", Variable::Text(contract)),
        ("invoice", text(invoice)),
        ("adds_method", text(method)),
        ("until", Variable::Text(words.date(notice.until))),
        ("url", Variable::Address(notice.url.clone())),
    ];
    notice.sender.render(&built_in!("link", language)?, variables)
}
