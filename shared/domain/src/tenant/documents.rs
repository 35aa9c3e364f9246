//! Which documents an operator releases, and what customers may do with them (M-92).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{customer::EmailAddress, document::DocumentType};

/// What is released of documents; everything, unless set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = DocumentRules)]
pub struct Documents {
    /// The kinds that customers see; all unless said. Any other is not there for them.
    pub types: BTreeSet<DocumentType>,
    /// What customers may do with those they see.
    pub actions: DocumentActions,
    /// Where the tenant is told what customers write about documents and how they answer offers; without it at the company's
    /// address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comments_to: Option<EmailAddress>,
}

/// What customers may do with documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DocumentActions {
    /// Write comments on them (M-98).
    pub comment: bool,
    /// Accept and decline offers (M-99).
    pub accept_offers: bool,
}

impl Default for Documents {
    fn default() -> Self {
        Self { types: BTreeSet::from(DocumentType::ALL), actions: DocumentActions::default(), comments_to: None }
    }
}

impl Default for DocumentActions {
    fn default() -> Self {
        Self { comment: true, accept_offers: true }
    }
}

impl Documents {
    /// Is a kind released?
    #[must_use]
    pub fn releases(&self, kind: DocumentType) -> bool {
        self.types.contains(&kind)
    }
}
