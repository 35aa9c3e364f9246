//! What a mail tells of the personal link that it carries.

use domain::{document::DocumentType, link::Scope, number::SubscriptionNumber};
use jiff::civil::Date;

use crate::released::{DocumentValues, Values};

/// Addresses that open something by themselves; those that are not there are empty. None has a query.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LinkValues {
    /// To the portal, or to one contract.
    pub portal: String,
    /// To the document.
    pub document: String,
    /// To its payment.
    pub pay: String,
    /// For adding a way to pay.
    pub add_method: String,
    /// The contract that the link to the portal lands on.
    pub contract: Option<SubscriptionNumber>,
    /// The document that the link shows, where it is no link to the portal.
    pub shown: Option<(DocumentType, String)>,
    /// The last day on which they work, in the tenant's zone.
    pub until: Option<Date>,
}

impl Values {
    /// What is told of a link alone.
    #[must_use]
    pub fn of_link(scope: &Scope, url: String, until: Option<Date>) -> Self {
        let mut links = LinkValues { until, ..LinkValues::default() };
        let mut document = None;
        match scope {
            Scope::Portal => links.portal = url,
            Scope::Contract { subscription } => {
                links.portal = url;
                links.contract = Some(subscription.clone());
            }
            Scope::Document { kind, number } => {
                links.portal = url;
                links.shown = Some((*kind, number.to_string()));
            }
            Scope::Pay { invoice } => {
                links.pay = url;
                document = Some(DocumentValues { number: invoice.to_string(), ..DocumentValues::default() });
            }
            Scope::AddMethod { .. } => links.add_method = url,
        }
        Self { document, links, ..Self::default() }
    }
}
