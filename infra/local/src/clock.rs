//! The clock that people and tests may set: the portal's own, set from the mailbox's pages.

use jiff::{SignedDuration, Timestamp, civil, tz::TimeZone};
use serde::Deserialize;
use web::Clock;

/// What to do to the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockChange {
    /// Nothing: only say what time it is.
    Look,
    Set(Timestamp),
    Advance(SignedDuration),
}

/// Changes the portal's clock and answers the time that it shows then.
pub(crate) fn change(clock: &Clock, change: ClockChange) -> Timestamp {
    match change {
        ClockChange::Look => {}
        ClockChange::Set(to) => clock.set(to),
        ClockChange::Advance(by) => clock.advance(by),
    }
    clock.now()
}

/// `{"now": "2026-12-31"}`, `{"now": "2026-12-31T08:00:00Z"}` or `{"advance_seconds": 60}`.
#[derive(Debug, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub(crate) enum ClockOrder {
    Now { now: String },
    Advance { advance_seconds: i64 },
}

impl ClockOrder {
    pub(crate) fn change(&self) -> Result<ClockChange, String> {
        match self {
            ClockOrder::Now { now } => instant(now).map(ClockChange::Set),
            ClockOrder::Advance { advance_seconds } => {
                Ok(ClockChange::Advance(SignedDuration::from_secs(*advance_seconds)))
            }
        }
    }
}

/// Reads an instant, or a day, which starts at midnight UTC.
///
/// # Errors
/// Says what was expected when `text` is neither.
pub(crate) fn instant(text: &str) -> Result<Timestamp, String> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(instant);
    }
    text.parse::<civil::Date>()
        .and_then(|day| day.to_zoned(TimeZone::UTC))
        .map(|midnight| midnight.timestamp())
        .map_err(|_| format!("{text:?} is neither a day like 2026-12-31 nor an instant like 2026-12-31T08:00:00Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_and_an_instant_is_itself() {
        assert_eq!(instant("2026-12-31").map(|t| t.to_string()), Ok("2026-12-31T00:00:00Z".to_owned()));
        assert_eq!(instant("2026-12-31T08:00:00+01:00").map(|t| t.to_string()), Ok("2026-12-31T07:00:00Z".to_owned()));
        assert!(instant("tomorrow").is_err());
    }

    #[test]
    fn a_set_clock_runs_on_and_can_be_advanced() -> Result<(), String> {
        let clock = Clock::running_from(instant("2026-12-31")?);
        let set = change(&clock, ClockChange::Set(instant("2030-01-01")?));
        assert!(set.to_string().starts_with("2030-01-01T00:00:00"));
        let later = change(&clock, ClockChange::Advance(SignedDuration::from_hours(1)));
        assert!(later.to_string().starts_with("2030-01-01T01:00:00"));
        Ok(())
    }
}
