//! `/api/openapi.json`: the description of both APIs, made from the page tables and committed.

use web::{Answer, AnyContext, Asked, File, Nothing};

/// Held against the page tables by a test; `cargo portal routes --write` makes it anew.
const DESCRIPTION: &str = include_str!("../openapi.json");

/// Hands it out.
pub(crate) async fn show(_: AnyContext, _: Asked<Nothing>) -> Answer<File> {
    Ok(File::plain(DESCRIPTION.as_bytes().to_vec(), "application/json"))
}
