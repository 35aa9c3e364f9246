//! A declaration's values as `declaration.typ` reads them: day and time already written out, every letter printable.

use domain::declaration::DeclarationKind;
use serde::Serialize;
use text::Words;

use super::{
    DeclarationPaper, RenderError,
    letter::{Head, files},
    paper::{one_line, several_lines},
};

/// `paper.json`.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Text {
    #[serde(flatten)]
    head: Head,
    title: &'static str,
    received: String,
    /// Labels and values, in the words of the page.
    rows: Vec<(&'static str, String)>,
}

/// The files that stand beside the template for one declaration.
pub(super) fn declaration(paper: &DeclarationPaper<'_>) -> Result<Vec<(&'static str, Vec<u8>)>, RenderError> {
    let (declaration, letterhead) = (paper.declaration, &paper.letterhead);
    let (statement, words) = (&declaration.statement, Words::new(declaration.language));
    let received = declaration.zone.local(declaration.received_at);
    let day = received.date();
    let title = match statement.kind() {
        DeclarationKind::Cancel => "declaration-cancelled",
        DeclarationKind::Withdraw => "declaration-withdrawn",
    };
    let recipient = vec![one_line(&statement.name), one_line(statement.receipt_to.as_str())];
    let rows = words.declared(statement).into_iter().map(|(label, value)| (label, several_lines(&value)));
    let text = Text {
        head: Head::new(letterhead, &words, day, recipient, vec![("date", words.date(day))]),
        title,
        received: words.declaration_received(received),
        rows: rows.collect(),
    };
    files(&text, letterhead)
}
