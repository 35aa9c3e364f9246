//! The values of an answer to an offer as `decision.typ` reads them: days and time already written out, every letter printable.

use domain::document::Content;
use serde::Serialize;
use text::Words;

use super::{
    AnswerPaper, RenderError,
    letter::{Head, files, info, recipient},
    paper::{one_line, several_lines},
};

/// `paper.json`.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Text {
    #[serde(flatten)]
    head: Head,
    accepted: bool,
    number: String,
    offered_on: String,
    subject: String,
    total: String,
    valid_until: String,
    answered_on: String,
    answered_at: String,
    zone: String,
    /// Empty where it was declined.
    name: String,
    /// Empty where none was given.
    reason: String,
    sha256: String,
}

/// The files that stand beside the template for one answer.
pub(super) fn answer(paper: &AnswerPaper<'_>) -> Result<Vec<(&'static str, Vec<u8>)>, RenderError> {
    let (answer, letterhead, words) = (paper.answer, &paper.letterhead, Words::new(paper.language));
    let (customer, letter, content) = (paper.customer, &paper.facts.letter, &paper.facts.content);
    let answered = answer.zone.local(answer.at);
    let day = answered.date();
    let recipient = recipient(&customer.facts, letterhead.company.country, &words);
    let text = Text {
        head: Head::new(letterhead, &words, day, recipient, info(customer, day, &words)),
        accepted: answer.said.is_accepted(),
        number: one_line(paper.number.as_str()),
        offered_on: words.date(letter.issued_on),
        subject: one_line(&letter.subject),
        total: content.amount().map(|total| words.money(total)).unwrap_or_default(),
        valid_until: if let Content::Offer(offer) = content { words.date(offer.valid_until) } else { String::new() },
        answered_on: words.date(day),
        answered_at: words.time_with_seconds(answered.time()),
        zone: one_line(answer.zone.name()),
        name: one_line(answer.said.name()),
        reason: several_lines(answer.said.reason()),
        sha256: one_line(paper.sha256),
    };
    files(&text, letterhead)
}
