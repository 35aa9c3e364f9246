//! What follows from an event, by its kind.

use store::EventRecord;

/// Follows an event up. Being in the timeline is all that follows from today's kinds; mails and outgoing webhooks join
/// here, each under its own kind.
///
/// # Errors
/// Why it must be tried again later, for the log.
pub(crate) fn up(record: &EventRecord) -> Result<(), &'static str> {
    tracing::debug!(event = %record.id, kind = record.event.kind.code(), "in the timeline");
    Ok(())
}
