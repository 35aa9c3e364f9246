//! Payment providers behind one trait, and the formats of banks: one outside system or format per file.
//!
//! Architecture Invariant: bytes from outside become facts only after [`Provider::verify`]; there is no other constructor of
//! [`Verified`]. What comes from outside becomes a value of `domain` or an error, never half of either: amount, currency and
//! reference are the sender's own, and whose money it is decides `domain`.

mod access;
mod client;
mod provider;

pub mod bank;
pub mod gocardless;
pub mod mollie;
pub mod paypal;
pub mod sandbox;
pub mod signature;
pub mod stripe;

pub use access::{Access, Urls, WrongAccess, connect};
pub use client::Client;
pub use gocardless::GoCardless;
pub use mollie::Mollie;
pub use paypal::Paypal;
pub use provider::{
    About, Ask, Asked, Capabilities, Fact, Introduced, Kept, Known, KnownMethod, NotVerified, Owner, Provider, Raw,
    Said, Save, Saving, Unknown, Unreadable, Verified, What,
};
pub use sandbox::Sandbox;
pub use stripe::Stripe;
