//! Mails about collecting an invoice: what will be charged when, what was declined, and how it can be paid now.

use domain::{
    Language,
    collection::{CollectionMail, CollectionNotice},
    tenant::{Area, Right},
};

use crate::{BrokenTemplate, Rendered, Sender, Template, Variable, mails::built_in};

/// What is told about collecting an invoice.
#[derive(Debug, Clone)]
pub struct Debit<'a> {
    /// In whose name.
    pub sender: Sender<'a>,
    /// As the customer is addressed; may be empty.
    pub greeting_name: &'a str,
    /// Which mail, about which invoice.
    pub notice: &'a CollectionNotice,
    /// What is charged, as people recognise it; may be empty.
    pub method: &'a str,
    /// „Mandatsreferenz" of a direct debit; else empty.
    pub mandate: &'a str,
    /// „Gläubiger-Identifikationsnummer", where the provider says it; else empty.
    pub creditor: &'a str,
    /// Where the invoice can be paid without a login; may be empty.
    pub pay_url: String,
}

/// Renders the mail.
///
/// # Errors
/// Only with a broken built-in template, which a test excludes.
pub fn render_collection(debit: &Debit<'_>) -> Result<Rendered, BrokenTemplate> {
    let language = debit.sender.language;
    let template = match debit.notice.mail {
        CollectionMail::CollectionAnnounced => built_in!("collection-announced", language),
        CollectionMail::CollectionFailed => built_in!("collection-failed", language),
        CollectionMail::CollectionGivenUp => built_in!("collection-given-up", language),
    }?;
    let (words, notice) = (debit.sender.words(), debit.notice);
    let text = |value: &str| Variable::Text(value.to_owned());
    let number = &notice.invoice.number;
    let date = notice.on.map(|on| words.date(on)).unwrap_or_default();
    let variables = vec![
        ("greeting_name", text(debit.greeting_name)),
        ("invoice", text(number.as_str())),
        ("amount", Variable::Text(words.money(notice.amount))),
        ("date", Variable::Text(date)),
        ("method", text(debit.method)),
        ("mandate", text(debit.mandate)),
        ("creditor", text(debit.creditor)),
        ("pay_url", Variable::Address(debit.pay_url.clone())),
        ("invoice_url", debit.sender.page(Area::Invoices, Right::View, &format!("/invoices/{}", number.slug()))),
        ("methods_url", debit.sender.page(Area::PaymentMethods, Right::Change, "/payment-methods")),
    ];
    debit.sender.render(&template, variables)
}
