//! A cancellation's values as `cancellation.typ` reads them: days and time already written out, every letter printable.

use domain::{change::Actor, tenant::ContractWord};
use serde::Serialize;
use text::Words;

use super::{
    CancellationPaper, RenderError,
    letter::{Head, files, info, recipient},
    paper::{one_line, several_lines},
};

/// `paper.json`.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Text {
    #[serde(flatten)]
    head: Head,
    /// The customer declared it; else it was declared to the customer.
    by_customer: bool,
    /// The operator's word for a contract, as the name of a word in `words.<language>.typ`.
    contract: &'static str,
    number: String,
    plan: String,
    starts_on: String,
    declared_on: String,
    declared_at: String,
    ends_on: String,
    /// Empty where none was given.
    reason: String,
}

/// The files that stand beside the template for one cancellation.
pub(super) fn cancellation(paper: &CancellationPaper<'_>) -> Result<Vec<(&'static str, Vec<u8>)>, RenderError> {
    let (contract, cancellation, letterhead) = (paper.contract, paper.cancellation, &paper.letterhead);
    let (customer, words) = (paper.customer, Words::new(paper.language));
    let declared = paper.zone.local(cancellation.declared_at);
    let day = declared.date();
    let recipient = recipient(&customer.facts, letterhead.company.country, &words);
    let text = Text {
        head: Head::new(letterhead, &words, day, recipient, info(customer, day, &words)),
        by_customer: cancellation.by == Actor::Customer,
        contract: match paper.word {
            ContractWord::Contract => "contract-number",
            ContractWord::Subscription => "subscription-number",
        },
        number: one_line(contract.number.as_str()),
        plan: one_line(&contract.facts.plan),
        starts_on: words.date(contract.facts.starts_on),
        declared_on: words.date(day),
        declared_at: words.time_with_seconds(declared.time()),
        ends_on: words.date(cancellation.ends_on),
        reason: several_lines(&cancellation.reason),
    };
    files(&text, letterhead)
}
