//! What providers, banks and customers say about money, carried out: load, decide, commit, and again when somebody else was
//! faster. Four functions book money (webhooks, settle, worker, backoffice); here is the one way in which they do.
//!
//! Architecture Invariant: nothing here decides. Amounts, orders and refusals are `domain::payment`'s; every write is one
//! transaction of `store` with the guard of what it books, so doing it again is doing nothing.

mod apply;
mod ask;
mod bank;
mod collect;
mod error;
mod hear;
mod methods;
mod money;
mod saved;

pub use apply::{Applied, apply};
pub use ask::{Place, ask, end_uncharged, look_up, look_up_charge, may_ask_again};
pub use bank::{AssignError, BankDesk, Taken, TakenStatement};
pub use collect::{collect, note_told};
pub use error::BookingError;
pub use hear::{Heard, LOOKED_UP_AT_ONCE, apply_in_order, hear, look_into};
pub use methods::{
    InUse, Keeping, ask_to_keep, choose_for, clear_default, forget, look_up_method, remove, set_default, tell_of_end,
};
pub use money::{Books, Outcome, finish, receive, reverse, spend};
pub use saved::{Started, start_again, start_saved, started_again};
