//! The whole portal in one process, for tests that read like prose: the real engines, the real mails, a clock that
//! stands still.
//!
//! ```ignore
//! let portal = Portal::start().await;
//! let tenant = portal.tenant("webhosting-ag").await;
//! let tine = tenant.customer("K5003", |_| {}).await;
//! tine.invoice("RE1000", |_| {}).await;
//! tine.login().await.get("/invoices").await.status(200).shows("RE1000");
//! ```

mod answer;
mod api;
mod books;
mod browser;
mod bucket;
mod customer;
mod demo;
mod logs;
mod mailbox;
mod metrics;
mod portal;
mod provider;
mod rails;
mod receiver;
mod request;
mod tenant;
mod visible;

pub mod faults;
pub mod samples;

pub use answer::Answer;
pub use api::Api;
pub use books::Payer;
pub use browser::Browser;
pub use bucket::HandedOut;
pub use customer::Customer;
pub use demo::Demo;
pub use mailbox::{Inbox, code_in};
pub use portal::{Portal, START};
pub use provider::Provider;
pub use rails::{Rails, STRIPE_KEY, STRIPE_SECRET, Taken};
pub use receiver::{Behaviour, Received, Receiver};
pub use request::Request;
pub use tenant::Tenant;
pub use visible::visible;

pub use jiff::SignedDuration;
pub use local::Return;
pub use serde_json::{Value, json};
pub use web::metrics::Metric;

/// Seconds, for `clock.advance`.
#[must_use]
pub const fn seconds(seconds: i64) -> SignedDuration {
    SignedDuration::from_secs(seconds)
}

/// Minutes, for `clock.advance`.
#[must_use]
pub const fn minutes(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}

/// Hours, for `clock.advance`.
#[must_use]
pub const fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}
