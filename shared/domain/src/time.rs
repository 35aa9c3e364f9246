//! Instants for events, civil dates in the tenant's zone for due dates and notice periods.

use jiff::{Span, Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::FieldErrors;

/// The zone in which a tenant's days begin and end, for example `Europe/Berlin`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

/// A name the IANA time zone database does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("must be a name of the IANA time zone database such as Europe/Berlin")]
pub struct UnknownZone;

impl Zone {
    /// Reads an IANA name.
    ///
    /// # Errors
    /// When the bundled database has no such zone.
    pub fn named(name: &str) -> Result<Self, UnknownZone> {
        TimeZone::get(name).map(Self).map_err(|_| UnknownZone)
    }

    /// The IANA name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// The civil date an instant falls on in this zone.
    #[must_use]
    pub fn day(&self, at: Timestamp) -> Date {
        self.local(at).date()
    }

    /// Eight o'clock of a day in this zone, or the first moment after it where clocks leap: when what belongs to a day is done.
    #[must_use]
    pub fn morning(&self, day: Date) -> Timestamp {
        let eight = day.at(8, 0, 0, 0);
        eight.to_zoned(self.0.clone()).map_or(Timestamp::MAX, |morning| morning.timestamp())
    }

    /// The moment in which a day begins in this zone; not always at midnight, where clocks leap then.
    #[must_use]
    pub fn begin(&self, day: Date) -> Timestamp {
        day.to_zoned(self.0.clone()).map_or(Timestamp::MAX, |midnight| midnight.timestamp())
    }

    /// Date and time of day of an instant in this zone.
    #[must_use]
    pub fn local(&self, at: Timestamp) -> jiff::civil::DateTime {
        at.to_zoned(self.0.clone()).datetime()
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self::named("Europe/Berlin").unwrap_or(Self(TimeZone::UTC))
    }
}

impl Serialize for Zone {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::named(&name).map_err(serde::de::Error::custom)
    }
}

/// How often something is charged: every `count` units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Interval {
    /// At least 1.
    pub count: u16,
    /// Day, week, month or year.
    pub unit: IntervalUnit,
}

/// Unit of an [`Interval`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum IntervalUnit {
    Day,
    Week,
    Month,
    Year,
}

impl Interval {
    /// Longest interval of a contract, in years.
    const MAX_YEARS: u16 = 100;

    /// Notes one that is none, or longer than anybody lives by.
    pub fn check(self, errors: &mut FieldErrors, field: &str) {
        let a_year = match self.unit {
            IntervalUnit::Day => 366,
            IntervalUnit::Week => 53,
            IntervalUnit::Month => 12,
            IntervalUnit::Year => 1,
        };
        let fits = (1..=Self::MAX_YEARS * a_year).contains(&self.count);
        errors.require(fits, field, "invalid", "must be at least 1, and 100 years at most");
    }

    /// The day one interval later; the end of a month stays the end (31 January → 28 February).
    #[must_use]
    pub fn after(self, day: Date) -> Date {
        self.times(1, day)
    }

    /// The day so many intervals later, all at once: three months after 30 November is 28 February, four 30 March.
    #[must_use]
    pub fn times(self, times: i64, day: Date) -> Date {
        let count = i64::from(self.count).saturating_mul(times);
        let span = match self.unit {
            IntervalUnit::Day => Span::new().try_days(count),
            IntervalUnit::Week => Span::new().try_weeks(count),
            IntervalUnit::Month => Span::new().try_months(count),
            IntervalUnit::Year => Span::new().try_years(count),
        };
        span.and_then(|span| day.checked_add(span)).unwrap_or(Date::MAX)
    }
}

/// A day as browsers send it and as people write it where they have no calendar: `2026-12-31`, `31.12.2026` or `31.12.26`.
#[must_use]
pub fn written_day(text: &str) -> Option<Date> {
    let is_german = text.contains('.');
    let parts: Vec<&str> = text.split(if is_german { '.' } else { '-' }).map(str::trim).collect();
    let (day, month, year) = match parts[..] {
        [day, month, year] if is_german => (day, month, year),
        [year, month, day] if year.len() == 4 => (day, month, year),
        _ => return None,
    };
    let is_number =
        |part: &str, most: usize| (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(day, 2) || !is_number(month, 2) || !matches!(year.len(), 2 | 4) || !is_number(year, 4) {
        return None;
    }
    let century = if year.len() == 2 { 2_000 } else { 0 };
    let year = century + year.parse::<i16>().ok()?;
    Date::new(year, month.parse().ok()?, day.parse().ok()?).ok().filter(|date| date.year() >= 2_000)
}

/// Notes a day of books that is none: typing errors such as the year 0206, which no system of the other side takes.
pub fn check_day(errors: &mut FieldErrors, field: &str, day: Date) {
    let plausible = (2000..=2100).contains(&day.year());
    errors.require(plausible, field, "invalid", "must lie between the years 2000 and 2100");
}

/// The same of a day of a contract, which may be older and end later.
pub fn check_contract_day(errors: &mut FieldErrors, field: &str, day: Date) {
    let plausible = (1900..=2200).contains(&day.year());
    errors.require(plausible, field, "invalid", "must lie between the years 1900 and 2200");
}

/// Whole days from `from` to `to`, negative when `to` is earlier.
#[must_use]
pub fn days_between(from: Date, to: Date) -> i32 {
    from.until((jiff::Unit::Day, to)).map_or(0, |span| span.get_days())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_day_begins_at_the_tenants_midnight() {
        let zone = Zone::named("Europe/Berlin").unwrap();
        let late_evening_utc: Timestamp = "2026-03-05T23:30:00Z".parse().unwrap();
        assert_eq!(zone.day(late_evening_utc), date(2026, 3, 6));
        assert!(Zone::named("Mars/Olympus").is_err());
    }

    #[test]
    fn a_month_after_the_31st_is_the_last_of_the_next() {
        let monthly = Interval { count: 1, unit: IntervalUnit::Month };
        assert_eq!(monthly.after(date(2026, 1, 31)), date(2026, 2, 28));
        assert_eq!(days_between(date(2026, 1, 31), date(2026, 2, 28)), 28);
    }
}
