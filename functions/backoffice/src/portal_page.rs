//! Where a document's customer finds it, or what is missing for that (M-95, M-96).

use domain::{document::DocumentType, id::CustomerId};
use serde::Serialize;
use utoipa::ToSchema;
use web::{Answer, Door as _, IntegratorContext, door::ScopeMark};

/// The page of a document in the portal.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PortalPage {
    /// Its address, for whoever signs in as its customer; none while something is missing.
    url: Option<String>,
    /// What is missing.
    missing: Vec<Missing>,
}

/// Why a customer does not see a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Missing {
    /// Its kind is not released, or its area is switched off.
    Type,
    /// Its customer may not use the portal.
    Customer,
    /// It is only a PDF, and that is not uploaded yet.
    Pdf,
}

impl PortalPage {
    /// The page of a document, by its path in the portal. `waits` for its PDF what is nothing else.
    ///
    /// # Errors
    /// The table's errors.
    pub(crate) async fn of<S: ScopeMark>(
        cx: &IntegratorContext<S>,
        kind: DocumentType,
        customer: &CustomerId,
        waits: bool,
        path: &str,
    ) -> Answer<Self> {
        let known = cx.store().customer(customer).await?;
        let missing: Vec<Missing> = [
            (!cx.tenant().settings.shows(kind)).then_some(Missing::Type),
            known.is_none_or(|known| !known.value.access).then_some(Missing::Customer),
            waits.then_some(Missing::Pdf),
        ]
        .into_iter()
        .flatten()
        .collect();
        let url = missing.is_empty().then(|| format!("{}{path}", cx.arrival().origin()));
        Ok(Self { url, missing })
    }
}
