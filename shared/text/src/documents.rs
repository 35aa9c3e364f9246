//! What kinds of documents are called.

use domain::document::DocumentType;

use crate::Words;

impl Words {
    /// „Angebot".
    #[must_use]
    pub fn document_kind(&self, kind: DocumentType) -> &'static str {
        match kind {
            DocumentType::Invoice => self.documents_kind_invoice(),
            DocumentType::CreditNote => self.documents_kind_credit_note(),
            DocumentType::Dunning => self.documents_kind_dunning(),
            DocumentType::Offer => self.documents_kind_offer(),
            DocumentType::DeliveryNote => self.documents_kind_delivery_note(),
            DocumentType::Confirmation => self.documents_kind_confirmation(),
        }
    }

    /// „Angebote".
    #[must_use]
    pub fn document_kinds(&self, kind: DocumentType) -> &'static str {
        match kind {
            DocumentType::Invoice => self.invoices_title(),
            DocumentType::CreditNote => self.documents_kinds_credit_note(),
            DocumentType::Dunning => self.documents_kinds_dunning(),
            DocumentType::Offer => self.documents_kinds_offer(),
            DocumentType::DeliveryNote => self.documents_kinds_delivery_note(),
            DocumentType::Confirmation => self.documents_kinds_confirmation(),
        }
    }

    /// „Angebot AN-2026-7".
    #[must_use]
    pub fn document_title(&self, kind: DocumentType, number: &str) -> String {
        format!("{} {number}", self.document_kind(kind))
    }
}
