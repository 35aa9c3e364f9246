//! The limits that figures are held against, and why a figure may stand above its limit.

/// Sequential DynamoDB round trips of a page.
pub(crate) const DEPTH: u32 = 2;
/// DynamoDB read units of a page.
pub(crate) const READS: f64 = 3.0;
/// Units from a provider's message until an invoice is paid: table and indexes.
pub(crate) const WEBHOOK_READS: f64 = 2.0;
pub(crate) const WEBHOOK_WRITES: f64 = 12.0 + 4.0;
/// Bytes of a page, and of the first page with everything it loads, compressed.
pub(crate) const PAGE_BYTES: usize = 50_000;
pub(crate) const FIRST_PAGE_BYTES: usize = 30_000;
/// Start against the empty function.
pub(crate) const START_RATIO: f64 = 3.0;
/// Zip of a function, and of documents.
pub(crate) const ZIP_BYTES: usize = 5_000_000;
pub(crate) const DOCUMENTS_ZIP_BYTES: usize = 20_000_000;
/// Resident memory of a function, and of documents.
pub(crate) const RESIDENT_BYTES: u64 = 25_000_000;
pub(crate) const DOCUMENTS_RESIDENT_BYTES: u64 = 90_000_000;
/// A line of the log.
pub(crate) const LOG_BYTES: usize = 400;
/// Instructions against the empty function, without SDK calls and compression.
pub(crate) const INSTRUCTIONS_RATIO: f64 = 10.0;
/// An invoice of one page with ten lines and a logo.
pub(crate) const PAPER_MILLISECONDS: f64 = 15.0;
pub(crate) const PAPER_BYTES: usize = 60_000;
/// US dollars for a million pages in us-east-1.
pub(crate) const MILLION_PAGES: f64 = 3.0;
/// US dollars for a million payments told by a provider, there.
pub(crate) const MILLION_WEBHOOKS: f64 = 12.0;

/// Why what is measured may stand above its limit.
const REASONS: [(&str, &str); 0] = [];

/// The reason, for the table's last column; nothing within the limit.
///
/// # Errors
/// Above the limit without a reason.
pub(crate) fn reason(figure: &str, is_within: bool) -> Result<&'static str, String> {
    if is_within {
        return Ok("");
    }
    let known = REASONS.iter().find(|(name, _)| *name == figure);
    known.map(|(_, reason)| *reason).ok_or_else(|| format!("{figure} is above its limit and nobody says why"))
}
