//! The mail that confirms a declaration. It goes to an address that anybody may have typed: it says whose words it
//! repeats, and no mail program makes a link of any.

use domain::{
    Language,
    declaration::{DeclarationKind, Statement},
};
use jiff::civil::DateTime;
use text::Words;

use crate::{BrokenTemplate, Rendered, Sender, Template, Variable, mails::built_in, value::unlinked};

/// A declaration has come.
#[derive(Debug, Clone, Copy)]
pub struct DeclarationNotice<'a> {
    /// In whose name.
    pub sender: Sender<'a>,
    /// What was declared.
    pub statement: &'a Statement,
    /// When it came, in the tenant's zone.
    pub received: DateTime,
}

/// Renders the mail, without the paper that goes with it.
///
/// # Errors
/// Only with a broken built-in template, which a test excludes.
pub fn render_declaration(notice: &DeclarationNotice<'_>) -> Result<Rendered, BrokenTemplate> {
    let language = notice.sender.language;
    // Rows are found by their labels, and the paper beside it has the product's.
    let words = Words::new(language);
    let withdrawal = if notice.statement.kind() == DeclarationKind::Withdraw { "1" } else { "" };
    let declared = words.declared(notice.statement);
    let row = |label: &str| {
        let value = declared.iter().find(|(known, _)| *known == label).map(|(_, value)| unlinked(value));
        Variable::Text(value.unwrap_or_default())
    };
    let variables = vec![
        ("withdrawal", Variable::Text(withdrawal.to_owned())),
        ("date", Variable::Text(words.date(notice.received.date()))),
        ("time", Variable::Text(words.time_with_seconds(notice.received.time()))),
        ("termination", row(words.declarations_termination())),
        ("reason", row(words.declarations_reason())),
        ("declared_name", row(words.declarations_name())),
        ("identity", row(words.declarations_identity())),
        ("contract", row(words.declarations_contract())),
        ("ends_on", row(words.declarations_ends_on())),
        ("email", row(words.declarations_email())),
    ];
    notice.sender.render(&built_in!("declaration-received", language)?, variables)
}
