//! Invoices: facts that never change once issued, and the state that postings change.
//!
//! Who owns „paid": the tenant's system says what an invoice is; only postings say what is paid. Paid and open are
//! derived from them, and open is never negative.

mod facts;
mod state;

pub use facts::{Buyer, InvoiceFacts, Line, Period, Seller, SettledBefore, TaxCategory, TaxTotal};
pub use state::{
    Cancel, InvoiceRow, Issue, MAX_DUNNING_LEVEL, Payment, PaymentRecord, PaymentRefused, PaymentReversal, Status,
    cancel, issue, pay, reverse, set_dunning_level,
};
