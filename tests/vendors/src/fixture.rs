//! Messages as the vendors document them, kept as files: each names the page it was read from, and when.

use serde::Deserialize;

/// One message.
#[derive(Debug, Clone, Deserialize)]
pub struct Fixture {
    /// The vendor's page.
    pub source: String,
    /// The day it was read, `YYYY-MM-DD`.
    pub read_on: String,
    /// What of it the page does not show, and where it was taken from instead; empty when the page shows everything.
    #[serde(default)]
    pub to_check: String,
    /// The message's body as JSON.
    pub body: serde_json::Value,
}
