//! The mail about a card whose time is over soon.

use domain::{
    Language,
    payment_method::Month,
    tenant::{Area, Right},
};

use crate::{BrokenTemplate, Rendered, Sender, Template, Variable, mails::built_in};

/// A card ends.
#[derive(Debug, Clone, Copy)]
pub struct MethodEnds<'a> {
    /// In whose name.
    pub sender: Sender<'a>,
    /// As the customer is addressed; may be empty.
    pub greeting_name: &'a str,
    /// The card, as people recognise it.
    pub method: &'a str,
    /// Its last month.
    pub until: Month,
}

/// Renders the mail.
///
/// # Errors
/// Only with a broken built-in template, which a test excludes.
pub fn render_method_ends(notice: &MethodEnds<'_>) -> Result<Rendered, BrokenTemplate> {
    let Month { year, month } = notice.until;
    let text = |value: &str| Variable::Text(value.to_owned());
    let variables = vec![
        ("greeting_name", text(notice.greeting_name)),
        ("method", text(notice.method)),
        ("until", Variable::Text(format!("{month:02}/{year:04}"))),
        ("methods_url", notice.sender.page(Area::PaymentMethods, Right::Change, "/payment-methods")),
    ];
    notice.sender.render(&built_in!("method-ends", notice.sender.language)?, variables)
}
