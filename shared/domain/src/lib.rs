//! The rules of the house: pure values and decisions, without async, I/O, clocks or HTTP.
//!
//! Architecture Invariant: nothing here reads the time, a random source or the network. `now`, today's date and fresh
//! ids come in as arguments, so every rule can be tested by calling it.

pub mod address;
pub mod bank;
pub mod change;
pub mod collection;
pub mod comment;
pub mod creditor_reference;
pub mod customer;
pub mod declaration;
pub mod delivery;
pub mod deposit;
pub mod device;
pub mod document;
pub mod email_change;
pub mod email_state;
pub mod endpoint;
pub mod erasure;
pub mod fields;
pub mod girocode;
pub mod id;
pub mod invoice;
pub mod job;
pub mod language;
pub mod ledger;
pub mod link;
pub mod mail_template;
pub mod money;
pub mod number;
pub mod otp;
pub mod paper;
mod pattern;
pub mod payment;
pub mod payment_method;
pub mod phone;
pub mod pii;
pub mod postal;
pub mod release;
pub mod spelling;
pub mod subscription;
pub mod tenant;
pub mod time;
pub mod unseen;
pub mod vat_id;
pub mod wording;

pub use change::{Change, Event, EventKind};
pub use fields::{FieldError, FieldErrors};
pub use language::Language;
pub use money::{Currency, Money};
pub use pii::{Pii, Secret};
