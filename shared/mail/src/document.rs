//! Mails about what is said of a document: to its customer, and to the tenant itself.

use domain::{
    Language, Money,
    comment::Comment,
    customer::Customer,
    document::{DocumentType, OfferAnswer},
};
use text::Words;

use crate::{BrokenTemplate, Rendered, Sender, Template, Variable, mails::built_in, value::unlinked};

/// Something was said of a document: to its customer.
#[derive(Debug, Clone, Copy)]
pub struct DocumentMail<'a> {
    /// In whose name.
    pub sender: Sender<'a>,
    /// As the customer is addressed; may be empty.
    pub greeting_name: &'a str,
    /// Which document, by its kind and number.
    pub document: (DocumentType, &'a str),
    /// May its customer use the portal?
    pub access: bool,
}

/// The same to the tenant itself, in its own language.
#[derive(Debug, Clone, Copy)]
pub struct DocumentTold<'a> {
    /// In whose name, which is also whom it is for.
    pub sender: Sender<'a>,
    /// Whose document it is.
    pub customer: &'a Customer,
    /// Which document, by its kind and number.
    pub document: (DocumentType, &'a str),
}

/// Renders what staff wrote about a document.
///
/// # Errors
/// Only with a broken built-in template, which a test excludes.
pub fn render_comment(mail: &DocumentMail<'_>, comment: &Comment) -> Result<Rendered, BrokenTemplate> {
    let sender = mail.sender;
    let author = if comment.name.is_empty() { &sender.settings.name } else { &*comment.name };
    let mut variables = mail.variables();
    variables
        .extend([("author", Variable::Text(author.clone())), ("comment", Variable::Quote(comment.text.0.clone()))]);
    sender.render(&built_in!("comment", sender.language)?, variables)
}

/// Renders what a customer wrote about a document.
///
/// # Errors
/// Only with a broken built-in template, which a test excludes.
pub fn render_comment_told(told: &DocumentTold<'_>, comment: &Comment) -> Result<Rendered, BrokenTemplate> {
    let mut variables = told.variables();
    variables.push(("comment", Variable::Quote(comment.text.0.clone())));
    told.sender.render(&built_in!("comment-told", told.sender.language)?, variables)
}

/// Renders the confirmation of an answer to an offer, without the paper that goes with it.
///
/// # Errors
/// Only with a broken built-in template, which a test excludes.
pub fn render_answer(
    mail: &DocumentMail<'_>,
    answer: &OfferAnswer,
    total: Option<Money>,
) -> Result<Rendered, BrokenTemplate> {
    let mut variables = mail.variables();
    variables.extend(answered(answer, total, mail.sender.words()));
    mail.sender.render(&built_in!("offer-answered", mail.sender.language)?, variables)
}

/// Renders how a customer answered an offer, likewise.
///
/// # Errors
/// Only with a broken built-in template, which a test excludes.
pub fn render_answer_told(
    told: &DocumentTold<'_>,
    answer: &OfferAnswer,
    total: Option<Money>,
) -> Result<Rendered, BrokenTemplate> {
    let mut variables = told.variables();
    variables.extend(answered(answer, total, told.sender.words()));
    variables.push(("reason", Variable::Quote(answer.said.reason().to_owned())));
    told.sender.render(&built_in!("offer-told", told.sender.language)?, variables)
}

/// What was answered, by whom and when.
fn answered(answer: &OfferAnswer, total: Option<Money>, words: Words) -> Vec<(&'static str, Variable)> {
    let received = answer.zone.local(answer.at);
    let accepted = if answer.said.is_accepted() { "1" } else { "" };
    vec![
        ("accepted", Variable::Text(accepted.to_owned())),
        ("name", Variable::Text(unlinked(answer.said.name()))),
        ("total", Variable::Text(total.map(|total| words.money(total)).unwrap_or_default())),
        ("date", Variable::Text(words.date(received.date()))),
        ("time", Variable::Text(words.time_with_seconds(received.time()))),
    ]
}

impl DocumentMail<'_> {
    fn variables(&self) -> Vec<(&'static str, Variable)> {
        let (kind, number) = self.document;
        let has_page = self.access && self.sender.settings.shows(kind);
        let page = if has_page { format!("{}{}", self.sender.origin, kind.page(number)) } else { String::new() };
        vec![
            ("greeting_name", Variable::Text(self.greeting_name.to_owned())),
            ("document", Variable::Text(self.sender.words().document_title(kind, number))),
            ("document_url", Variable::Address(page)),
        ]
    }
}

impl DocumentTold<'_> {
    fn variables(&self) -> Vec<(&'static str, Variable)> {
        let ((kind, number), facts) = (self.document, &self.customer.facts);
        let company = facts.company.trim();
        let name = if company.is_empty() { facts.display_name() } else { company.to_owned() };
        vec![
            ("document", Variable::Text(self.sender.words().document_title(kind, number))),
            ("customer_number", Variable::Text(self.customer.number.to_string())),
            ("customer_name", Variable::Text(name)),
        ]
    }
}
