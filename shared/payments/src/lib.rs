//! Payment providers behind one trait: one outside system per file.
//!
//! Architecture Invariant: bytes from outside become facts only after [`Provider::verify`]; there is no other constructor of
//! [`Verified`]. What an adapter reports is booked as it says: amount, currency and reference are the provider's own.

mod client;
mod provider;

pub mod sandbox;
pub mod signature;

pub use client::Client;
pub use provider::{Ask, Asked, Capabilities, Fact, NotVerified, Provider, Raw, Unknown, Unreadable, Verified, What};
pub use sandbox::Sandbox;
