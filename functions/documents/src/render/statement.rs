//! A statement's values as `statement.typ` reads them: every amount and day already written out, every letter printable.

use ::statement::EntryRow;
use serde::Serialize;
use text::Words;

use super::{
    RenderError, StatementPaper,
    letter::{Head, files, info, recipient},
    paper::one_line,
};

/// `paper.json`.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Text {
    #[serde(flatten)]
    head: Head,
    account: String,
    period: String,
    opening: String,
    entries: Vec<Row>,
    closing: String,
    /// What the signs mean, where that is not plain.
    signs: String,
}

#[derive(Serialize)]
struct Row {
    on: String,
    what: String,
    reference: String,
    amount: String,
    /// What is carried forward where a page ends here.
    balance: String,
}

/// The files that stand beside the template for one statement.
pub(super) fn statement(paper: &StatementPaper<'_>) -> Result<Vec<(&'static str, Vec<u8>)>, RenderError> {
    let (statement, letterhead, words) = (paper.statement, &paper.letterhead, Words::new(paper.language));
    let row = |entry: &EntryRow| Row {
        on: words.date(entry.on),
        what: one_line(&entry.what.words(&words)),
        reference: one_line(&entry.reference),
        amount: words.money(entry.amount),
        balance: words.money(entry.balance),
    };
    let recipient = recipient(&paper.customer.facts, letterhead.company.country, &words);
    let text = Text {
        head: Head::new(letterhead, &words, paper.day, recipient, info(paper.customer, paper.day, &words)),
        account: one_line(&statement.account_word(&words)),
        period: words.statement_days_of(words.date(statement.from), words.date(statement.to)),
        opening: words.money(statement.opening),
        entries: statement.entries.iter().map(row).collect(),
        closing: words.money(statement.closing),
        signs: if statement.shows_debts() { words.statement_signs().to_owned() } else { String::new() },
    };
    files(&text, letterhead)
}
