//! The mails there are: their built-in templates and what each is told.

use domain::{
    Language,
    id::EndpointId,
    otp::{self, Code},
};
use jiff::civil::{Date, Time};

use crate::{BrokenTemplate, Rendered, Sender, Template, Variable};

macro_rules! built_in {
    ($kind:literal, $language:expr) => {
        Template::parse(match $language {
            Language::De => include_str!(concat!("../../../templates/mail/", $kind, "/de.md")),
            Language::En => include_str!(concat!("../../../templates/mail/", $kind, "/en.md")),
        })
    };
}
pub(crate) use built_in;

/// A code to sign in with (M-36, M-37).
#[derive(Debug, Clone, Copy)]
pub struct OtpMail<'a> {
    /// In whose name.
    pub sender: Sender<'a>,
    /// As the customer is addressed, for example „Frau Exemplus Tine"; may be empty.
    pub greeting_name: &'a str,
    /// The code itself.
    pub code: &'a Code,
    /// Until when it works, in the tenant's zone.
    pub valid_until: Time,
}

/// The error message for an address that no customer has (M-39).
#[derive(Debug, Clone, Copy)]
pub struct UnknownAddressMail<'a> {
    /// In whose name.
    pub sender: Sender<'a>,
}

/// An endpoint of webhooks is disabled: to the tenant itself.
#[derive(Debug, Clone, Copy)]
pub struct EndpointNotice<'a> {
    /// In whose name, which is also whom it is for.
    pub sender: Sender<'a>,
    /// Which endpoint.
    pub id: &'a EndpointId,
    /// Its host; the rest of its address may hold keys.
    pub host: &'a str,
    /// What it is for, in the integrator's words; may be empty.
    pub description: &'a str,
    /// The day since which nothing could be delivered, in the tenant's zone.
    pub failing_since: Date,
}

/// A customer wants to be erased: to the tenant itself.
#[derive(Debug, Clone, Copy)]
pub struct ErasureNotice<'a> {
    /// In whose name, which is also whom it is for.
    pub sender: Sender<'a>,
    /// Which customer.
    pub customer_number: &'a str,
    /// The day on which it was asked for, in the tenant's zone.
    pub requested_on: Date,
}

/// Renders the mail with a code.
///
/// # Errors
/// Only with a broken built-in template, which a test excludes.
pub fn render_otp(mail: &OtpMail<'_>) -> Result<Rendered, BrokenTemplate> {
    let (language, words) = (mail.sender.language, mail.sender.words());
    let text = |value: &str| Variable::Text(value.to_owned());
    let variables = vec![
        ("greeting_name", text(mail.greeting_name)),
        ("code", text(mail.code.as_str())),
        ("code_grouped", text(&mail.code.grouped())),
        ("minutes", Variable::Text(otp::LIFETIME.as_mins().to_string())),
        ("valid_until", Variable::Text(words.time(mail.valid_until))),
        ("host", text(mail.sender.host())),
    ];
    mail.sender.render(&built_in!("otp", language)?, variables)
}

/// Renders the mail to an address that no customer has.
///
/// # Errors
/// Only with a broken built-in template, which a test excludes.
pub fn render_unknown_address(mail: &UnknownAddressMail<'_>) -> Result<Rendered, BrokenTemplate> {
    mail.sender.render(&built_in!("unknown-address", mail.sender.language)?, Vec::new())
}

/// Renders the mail about an endpoint that is disabled.
///
/// # Errors
/// Only with a broken built-in template, which a test excludes.
pub fn render_endpoint_disabled(notice: &EndpointNotice<'_>) -> Result<Rendered, BrokenTemplate> {
    let (language, words) = (notice.sender.language, notice.sender.words());
    let text = |value: &str| Variable::Text(value.to_owned());
    let variables = vec![
        ("endpoint", text(notice.id.as_str())),
        ("endpoint_host", text(notice.host)),
        ("description", text(notice.description)),
        ("failing_since", Variable::Text(words.date(notice.failing_since))),
    ];
    notice.sender.render(&built_in!("endpoint-disabled", language)?, variables)
}

/// Renders the mail about a customer who wants to be erased.
///
/// # Errors
/// Only with a broken built-in template, which a test excludes.
pub fn render_erasure_requested(notice: &ErasureNotice<'_>) -> Result<Rendered, BrokenTemplate> {
    let language = notice.sender.language;
    let variables = vec![
        ("customer_number", Variable::Text(notice.customer_number.to_owned())),
        ("requested_on", Variable::Text(notice.sender.words().date(notice.requested_on))),
    ];
    notice.sender.render(&built_in!("erasure-requested", language)?, variables)
}
