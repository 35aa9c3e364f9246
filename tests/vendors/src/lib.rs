//! Payment providers on loopback: each answers as its vendor's documents say, refuses what the vendor would refuse, and
//! can be told to fail. They share no code with our adapters, only the vendors' documents.
//!
//! Every vendor has `start` and `url()`, which is what an adapter gets as its base address, `fault` breaks the next
//! answers, and the vendor's own functions play the customer (pays, declines, turns back) and the vendor (times out,
//! disputes). What it would tell the merchant is collected as [`Message`]s; whoever drives it delivers them, in any order.

mod server;
mod tools;

pub mod fixture;
pub mod gocardless;
pub mod mollie;
pub mod paypal;
pub mod stripe;

pub use server::{Fault, Message, Seen, Server};
