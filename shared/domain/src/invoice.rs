//! Invoices: facts that never change once issued, and the state that postings change.
//!
//! Who owns „paid": the tenant's system says what an invoice is; only postings say what is paid. Paid and open are
//! derived from them, and open is never negative.

mod credited;
mod facts;
pub(crate) mod parties;
pub(crate) mod priced;
mod state;

pub use credited::{Credit, CreditShare, Credited, credit};
pub use facts::{InvoiceFacts, SettledBefore};
pub use parties::{Buyer, Seller};
pub use priced::{Line, Period, Priced, TaxCategory, TaxTotal};
pub use state::{
    Cancel, InvoiceRow, Issue, MAX_DUNNING_LEVEL, MAX_MOVEMENTS, Moved, Movement, Payment, PaymentRecord,
    PaymentRefused, PaymentReversal, Status, cancel, issue, pay, reverse, set_dunning_level,
};

/// Facts that tests of several rules issue.
#[cfg(test)]
pub(crate) mod tests_support {
    use jiff::civil::date;

    use super::{Buyer, InvoiceFacts, Seller};
    use crate::{Currency, Money};

    /// An invoice of one amount.
    pub(crate) fn facts(gross: i64) -> InvoiceFacts {
        let eur = |minor| Money::of_minor(minor, Currency::Eur);
        InvoiceFacts {
            customer: "K1".parse().unwrap(),
            issued_on: date(2026, 11, 1),
            due_on: date(2026, 11, 15),
            language: None,
            handle: String::new(),
            subscription: None,
            period: None,
            delivered_on: Some(date(2026, 11, 1)),
            buyer_reference: String::new(),
            seller: Seller::default(),
            buyer: Buyer::default(),
            lines: vec![],
            taxes: vec![],
            net: eur(gross),
            tax: eur(0),
            gross: eur(gross),
            note: String::new(),
            settled_before: None,
            collect: true,
        }
    }
}
