//! The notice that mail to one of a customer's addresses came back, while it is still one of theirs.

use domain::{
    customer::{CustomerFacts, EmailAddress},
    tenant::{Area, Right, Settings},
};
use serde::Serialize;
use store::Undelivered;

/// An address that bounced.
#[derive(Debug, Clone, Serialize)]
pub struct UndeliveredNotice {
    /// Which one.
    pub email: EmailAddress,
    /// Where the customer can give another one; none where that is the operator's to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<&'static str>,
}

/// The notices of a customer: of the address to sign in with, and of the one for invoices.
pub(crate) fn notices(facts: &CustomerFacts, bounced: &Undelivered, settings: &Settings) -> Vec<UndeliveredNotice> {
    let may_change = settings.areas.right(Area::Data) == Right::Change;
    let notice = |email: &Option<EmailAddress>, page| {
        let email = email.clone().filter(|email| bounced.has(email))?;
        Some(UndeliveredNotice { email, change: may_change.then_some(page) })
    };
    let login = notice(&facts.email, "/data/email");
    let invoices = notice(&facts.invoice_email, "/data/edit");
    let is_same =
        |one: &UndeliveredNotice| login.as_ref().is_some_and(|login| login.email.folded() == one.email.folded());
    let invoices = invoices.filter(|one| !is_same(one));
    login.into_iter().chain(invoices).collect()
}

/// One that can be changed and one that cannot, for the tests of the pages.
#[cfg(test)]
pub(crate) fn samples() -> Vec<UndeliveredNotice> {
    let notice = |email: &str, change| UndeliveredNotice { email: email.parse().unwrap(), change };
    let long = "vorstandsassistenz@veranstaltungstechnik-norddeutschland.example";
    vec![notice("tine@example.org", Some("/data/email")), notice(long, None)]
}
