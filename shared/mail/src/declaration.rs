//! The mail that confirms a declaration. It goes to an address that anybody may have typed, so it repeats nothing of
//! what was typed with it; that stands in its paper.

use domain::{Language, declaration::DeclarationKind};
use jiff::civil::DateTime;
use text::Words;

use crate::{BrokenTemplate, Rendered, Sender, Template, Variable, mails::built_in};

/// A declaration has come.
#[derive(Debug, Clone, Copy)]
pub struct DeclarationNotice<'a> {
    /// In whose name.
    pub sender: Sender<'a>,
    /// Which of the two it is.
    pub kind: DeclarationKind,
    /// When it came, in the tenant's zone.
    pub received: DateTime,
}

/// Renders the mail, without the paper that goes with it.
///
/// # Errors
/// Only with a broken built-in template, which a test excludes.
pub fn render_declaration(notice: &DeclarationNotice<'_>) -> Result<Rendered, BrokenTemplate> {
    let language = notice.sender.language;
    let words = Words::new(language);
    let withdrawal = if notice.kind == DeclarationKind::Withdraw { "1" } else { "" };
    let variables = vec![
        ("withdrawal", Variable::Text(withdrawal.to_owned())),
        ("date", Variable::Text(words.date(notice.received.date()))),
        ("time", Variable::Text(words.time_with_seconds(notice.received.time()))),
    ];
    notice.sender.render(&built_in!("declaration-received", language)?, variables)
}
