//! The clock that people and tests may set; the portal owns it, the local cloud only holds a handle.

use jiff::{SignedDuration, Timestamp, civil, tz::TimeZone};
use serde::Deserialize;
use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

/// What to do to the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockChange {
    /// Nothing: only say what time it is.
    Look,
    Set(Timestamp),
    Advance(SignedDuration),
}

/// Changes the clock and answers the time that it shows then.
#[derive(Clone)]
pub struct ClockHandle(pub Arc<dyn Fn(ClockChange) -> Timestamp + Send + Sync>);

impl ClockHandle {
    #[must_use]
    pub fn now(&self) -> Timestamp {
        (self.0)(ClockChange::Look)
    }

    pub fn change(&self, change: ClockChange) -> Timestamp {
        (self.0)(change)
    }

    /// A clock that runs on from `start`, or from the real time without one.
    #[must_use]
    pub fn running(start: Option<Timestamp>) -> Self {
        let ahead = start.map_or(SignedDuration::ZERO, |start| start.duration_since(Timestamp::now()));
        let ahead = Mutex::new(ahead);
        Self(Arc::new(move |change| {
            let mut ahead = ahead.lock().unwrap_or_else(PoisonError::into_inner);
            match change {
                ClockChange::Look => {}
                ClockChange::Set(instant) => *ahead = instant.duration_since(Timestamp::now()),
                ClockChange::Advance(by) => *ahead = ahead.saturating_add(by),
            }
            Timestamp::now().saturating_add(*ahead).unwrap_or(Timestamp::MAX)
        }))
    }
}

impl fmt::Debug for ClockHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClockHandle({})", self.now())
    }
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
        let clock = ClockHandle::running(None);
        let set = clock.change(ClockChange::Set(instant("2030-01-01")?));
        assert!(set.to_string().starts_with("2030-01-01T00:00:00"));
        let later = clock.change(ClockChange::Advance(SignedDuration::from_hours(24)));
        assert!(later.to_string().starts_with("2030-01-02T00:00:"));
        assert!(clock.now() >= later);
        Ok(())
    }
}
