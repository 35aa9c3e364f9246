//! From a chosen way to pay to a payment that runs: what paying invoices and topping up share.
//!
//! Architecture Invariant: a payment is written down before anybody is asked, once per id. Opening it again goes on with
//! the one that is there, so a double click, a reload or a second tab with the same form never pays twice.

mod back;
mod choice;
mod counter;
mod keep;
mod next;
mod slip;
mod standing;
mod transfer;
mod way;

pub use back::{BackPage, address_back, come_back, leaving};
pub use choice::{Choice, NotAChoice};
pub use counter::{Counter, Opened, Order, problem};
pub use keep::Begun;
pub use next::Next;
pub use slip::Slip;
pub use standing::{Ended, Standing};
pub use transfer::{Transfer, in_groups};
pub use way::{Own, Way, chosen, description, method_name, ways};
