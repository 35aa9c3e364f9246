//! How mails greet, and what documents are called that go with them.

use domain::document::DocumentType;

use crate::Words;

impl Words {
    /// „Guten Tag Frau Exemplus Tine", without a comma; the name may be empty.
    #[must_use]
    pub fn mail_greeting(&self, name: &str) -> String {
        if name.trim().is_empty() { self.mails_greeting().to_owned() } else { self.mails_greeting_name(name) }
    }

    /// The name of a released document's PDF.
    #[must_use]
    pub fn document_file(&self, document: DocumentType, number: &str) -> String {
        match document {
            DocumentType::Invoice => self.mails_invoice_file(number),
            DocumentType::CreditNote => self.mails_credit_note_file(number),
            DocumentType::Dunning => self.mails_dunning_file(number),
            DocumentType::Offer => self.mails_offer_file(number),
            DocumentType::DeliveryNote => self.mails_delivery_note_file(number),
            DocumentType::Confirmation => self.mails_order_confirmation_file(number),
        }
    }
}
