//! Mails about a contract: cancelled, cancelled no more, resting, running again.

use domain::{
    Language,
    change::Actor,
    subscription::{Cancellation, ContractNotice, Rest, Subscription},
    tenant::{Area, Right},
};
use text::Words;

use crate::{BrokenTemplate, Rendered, Sender, Template, Variable, mails::built_in};

/// Something was declared of a contract.
#[derive(Debug, Clone, Copy)]
pub struct ContractMail<'a> {
    /// In whose name.
    pub sender: Sender<'a>,
    /// As the customer is addressed; may be empty.
    pub greeting_name: &'a str,
    /// The contract, as it stands.
    pub contract: &'a Subscription,
    /// May its customer use the portal?
    pub access: bool,
}

/// Renders the mail that confirms a cancellation, without the paper that goes with it.
///
/// # Errors
/// Only with a broken built-in template, which a test excludes.
pub fn render_cancelled(mail: &ContractMail<'_>, cancellation: &Cancellation) -> Result<Rendered, BrokenTemplate> {
    let (sender, words) = (mail.sender, mail.sender.words());
    // Staff declare to the customer: nothing has reached them, and it is not the customer's to take back.
    let by_customer = cancellation.by == Actor::Customer;
    let received = by_customer.then(|| sender.settings.zone.local(cancellation.declared_at));
    let takes_back = by_customer && mail.has_page() && is_on(sender, Area::TakeBack);
    let received_on = received.map(|received| words.date(received.date()));
    let received_at = received.map(|received| words.time_with_seconds(received.time()));
    let mut variables = mail.variables(&words);
    variables.extend([
        ("received_on", Variable::Text(received_on.unwrap_or_default())),
        ("received_at", Variable::Text(received_at.unwrap_or_default())),
        ("ends_on", Variable::Text(words.date(cancellation.ends_on))),
        ("takes_back", Variable::Text(if takes_back { "1" } else { "" }.to_owned())),
    ]);
    sender.render(&built_in!("contract-cancelled", sender.language)?, variables)
}

/// Renders the mail about a contract that goes on, or rests.
///
/// # Errors
/// Only with a broken built-in template, which a test excludes.
pub fn render_contract(mail: &ContractMail<'_>, notice: ContractNotice) -> Result<Rendered, BrokenTemplate> {
    let (language, words) = (mail.sender.language, mail.sender.words());
    let template = match notice {
        ContractNotice::TakenBack => built_in!("contract-taken-back", language),
        ContractNotice::Paused => built_in!("contract-paused", language),
        ContractNotice::Resumed => built_in!("contract-resumed", language),
    }?;
    let (since, until) = match (notice, mail.contract.declared.rest) {
        (ContractNotice::Paused, Some(Rest::Paused { since, until, .. })) => (Some(since), until),
        (ContractNotice::Resumed, Some(Rest::Running { since })) => (Some(since), None),
        // The tenant's system has said so itself meanwhile.
        _ => (None, None),
    };
    let mut variables = mail.variables(&words);
    variables.extend([
        ("since", Variable::Text(since.map(|day| words.date(day)).unwrap_or_default())),
        ("until", Variable::Text(until.map(|day| words.date(day)).unwrap_or_default())),
    ]);
    mail.sender.render(&template, variables)
}

impl ContractMail<'_> {
    fn variables(&self, words: &Words) -> Vec<(&'static str, Variable)> {
        let (sender, number) = (self.sender, &self.contract.number);
        let page =
            if self.has_page() { format!("{}/contracts/{}", sender.origin, number.slug()) } else { String::new() };
        vec![
            ("greeting_name", Variable::Text(self.greeting_name.to_owned())),
            ("contract", Variable::Text(words.contracts_number(sender.settings.contract_word, number))),
            ("plan", Variable::Text(self.contract.facts.plan.clone())),
            ("contract_url", Variable::Address(page)),
        ]
    }

    /// Can its customer open its page?
    fn has_page(&self) -> bool {
        self.access && is_on(self.sender, Area::Contracts)
    }
}

fn is_on(sender: Sender<'_>, area: Area) -> bool {
    sender.settings.right(area) > Right::Off
}
