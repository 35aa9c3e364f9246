//! `cargo portal platform-key`: the first key of a stage. There is no way in over the API before it, so it is put into the
//! table by whoever may write there.

use std::io::Write;

use serde_json::Value;
use store::{ApiKey, ApiKeyScope};
use web::Clock;

/// A fresh platform key: what is shown once, and its item in DynamoDB's JSON.
///
/// # Errors
/// When the item cannot be written.
pub fn fresh(stage: &str) -> Result<(String, Value), String> {
    let now = Clock::system().now();
    let (key, secret) = ApiKey::create(stage, "platform".to_owned(), vec![ApiKeyScope::Platform], now);
    let item = key.platform_item().map_err(|error| error.to_string())?;
    Ok((secret.expose().clone(), item))
}

/// Prints both; nothing is sent anywhere.
///
/// # Errors
/// When nobody reads.
pub fn show(stage: &str, table: &str) -> Result<(), String> {
    let (key, item) = fresh(stage)?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{key}\n\naws dynamodb put-item --table-name {table} --item '{item}'")
        .map_err(|error| error.to_string())
}
