//! Webhooks on their way out: what they say, how they are signed, and a client that reaches public addresses alone.

mod address;
mod client;
mod message;
mod signature;

pub use address::is_public;
pub use client::Client;
pub use message::{EventShown, HEADERS, body, body_schema, body_schemas};
pub use signature::{fresh_secret, sign};
