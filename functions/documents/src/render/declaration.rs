//! A declaration's values as `declaration.typ` reads them: day and time already written out, every letter printable.

use domain::declaration::DeclarationKind;
use serde::Serialize;
use text::Words;

use super::{
    DeclarationPaper, RenderError, colour,
    paper::{SellerText, one_line, several_lines},
    payment_paper::sender,
    value,
};

/// `paper.json`.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Text {
    language: &'static str,
    title: &'static str,
    issued: String,
    issued_on: (i16, i8, i8),
    accent: String,
    has_logo: bool,
    sandbox: bool,
    seller: SellerText,
    sender: Vec<String>,
    recipient: Vec<String>,
    info: Vec<(&'static str, String)>,
    received: String,
    /// Labels and values, in the words of the page.
    rows: Vec<(&'static str, String)>,
}

/// The files that stand beside the template for one declaration.
pub(super) fn declaration(paper: &DeclarationPaper<'_>) -> Result<Vec<(&'static str, Vec<u8>)>, RenderError> {
    let (declaration, company) = (paper.declaration, paper.company);
    let (statement, words) = (&declaration.statement, Words::new(declaration.language));
    let received = declaration.zone.local(declaration.received_at);
    let day = received.date();
    let title = match statement.kind() {
        DeclarationKind::Cancel => "declaration-cancelled",
        DeclarationKind::Withdraw => "declaration-withdrawn",
    };
    let rows = words.declared(statement).into_iter().map(|(label, value)| (label, several_lines(&value)));
    let text = Text {
        language: declaration.language.code(),
        title,
        issued: words.date(day),
        issued_on: (day.year(), day.month(), day.day()),
        accent: colour::readable(paper.accent).to_string(),
        has_logo: paper.logo.is_some(),
        sandbox: paper.sandbox,
        seller: SellerText::of_company(company, paper.tenant_name),
        sender: sender(company, paper.tenant_name),
        recipient: vec![one_line(&statement.name), one_line(statement.receipt_to.as_str())],
        info: vec![("date", words.date(day))],
        received: words.declaration_received(received),
        rows: rows.collect(),
    };
    let mut files = vec![("paper.json", serde_json::to_vec(&text).map_err(value)?)];
    files.extend(paper.logo.map(|logo| ("logo.png", logo.to_vec())));
    Ok(files)
}
