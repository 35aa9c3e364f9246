//! Every adapter against its vendor on loopback.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod contract;
mod gocardless;
mod mollie;
mod mutations;
mod paypal;
mod stripe;
