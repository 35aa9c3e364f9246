//! The two mails about another login address: the new one is asked, the one before is told.

use domain::{Language, customer::EmailAddress};
use jiff::civil::DateTime;

use crate::{BrokenTemplate, Rendered, Sender, Template, Variable, mails::built_in};

/// Is this the new login address? Nobody has proved yet that its reader knows the customer, so it names nobody.
#[derive(Debug, Clone)]
pub struct EmailChangeNotice<'a> {
    /// In whose name.
    pub sender: Sender<'a>,
    /// The link that confirms it.
    pub url: String,
    /// Until when it works, in the tenant's zone.
    pub until: DateTime,
}

/// The login address was changed: to the one before.
#[derive(Debug, Clone, Copy)]
pub struct EmailChangedNotice<'a> {
    /// In whose name.
    pub sender: Sender<'a>,
    /// As the customer is addressed; may be empty.
    pub greeting_name: &'a str,
    /// The new address, which is told masked: whoever reads this may not be the customer any more.
    pub to: &'a EmailAddress,
    /// When it was changed, in the tenant's zone.
    pub at: DateTime,
}

/// Renders the question.
///
/// # Errors
/// Only with a broken built-in template, which a test excludes.
pub fn render_email_change(notice: &EmailChangeNotice<'_>) -> Result<Rendered, BrokenTemplate> {
    let language = notice.sender.language;
    let variables = vec![
        ("url", Variable::Address(notice.url.clone())),
        ("until", Variable::Text(notice.sender.words().date_time(notice.until))),
    ];
    notice.sender.render(&built_in!("email-change", language)?, variables)
}

/// Renders the message to the address before.
///
/// # Errors
/// Only with a broken built-in template, which a test excludes.
pub fn render_email_changed(notice: &EmailChangedNotice<'_>) -> Result<Rendered, BrokenTemplate> {
    let (language, company) = (notice.sender.language, &notice.sender.settings.company);
    let text = |value: &str| Variable::Text(value.to_owned());
    let variables = vec![
        ("greeting_name", text(notice.greeting_name)),
        ("masked", Variable::Text(notice.to.masked())),
        ("at", Variable::Text(notice.sender.words().date_time(notice.at))),
        ("phone", text(&company.phone)),
        ("email", text(company.email.as_ref().map_or("", EmailAddress::as_str))),
    ];
    notice.sender.render(&built_in!("email-changed", language)?, variables)
}
