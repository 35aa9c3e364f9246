//! When a contract may end: first term, renewal and notice period, for consumers within the bounds of § 309 no. 9 BGB.
//!
//! A cancellation that arrives on a day reaches the end of its notice period one period later (§§ 187 (1), 188 (2) BGB: a
//! month from 31 January ends on the last day of February). The contract ends on the first day at or after it on which it
//! may end.

use jiff::civil::{Date, Weekday};

use super::{NoticeEnd, Party, Phase, Subscription, SubscriptionFacts};
use crate::{
    tenant::TrialRule,
    time::{Interval, IntervalUnit, days_between},
};

/// Longest first term of a consumer's contract (§ 309 no. 9 a BGB), from its conclusion.
const LONGEST_FIRST_TERM: Interval = Interval { count: 24, unit: IntervalUnit::Month };
/// Longest notice a consumer must give, at the end of the first term as after it (§ 309 no. 9 b and c BGB). Contracts of
/// before March 2022 might ask for more; they get the better terms, too.
const LONGEST_NOTICE: Interval = Interval { count: 1, unit: IntervalUnit::Month };

/// How long before its end a contract is cancelled at most.
const LONGEST_AHEAD: Interval = Interval { count: 10, unit: IntervalUnit::Year };
/// How long a consumer may withdraw from a contract (§ 355 (2) BGB).
const WITHDRAWAL: Interval = Interval { count: 14, unit: IntervalUnit::Day };

/// Why a contract ends on the day on which it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because {
    /// Its notice period is over then.
    Notice,
    /// Its minimum term, or the term for which it was renewed, is over then.
    Term,
    /// Its trial is over then, or is broken off.
    Trial,
}

/// The first day on which a contract can end, and why it is that one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EarliestEnd {
    /// Last day of the contract.
    pub on: Date,
    /// What decides it.
    pub because: Because,
}

/// A contract cannot end on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAnEnd {
    /// The next one on which it can.
    #[error("the contract cannot end on that day; it can on {0}")]
    Next(Date),
    /// Nobody cancels so long before; this is the last day.
    #[error("must not lie after {0}")]
    TooFar(Date),
}

impl SubscriptionFacts {
    /// Last day of the first term. A consumer is bound for two years at most; where notice is given to the end of a term,
    /// the first one is such a term without being called so.
    #[must_use]
    pub fn first_term_end(&self) -> Option<Date> {
        let to_term_end = self.notice.is_some_and(|notice| notice.to == NoticeEnd::TermEnd);
        match self.party {
            Party::Business => self.minimum_until,
            Party::Consumer => {
                let unnamed = to_term_end.then(|| day_before(self.interval.after(self.starts_on)));
                let longest = day_before(LONGEST_FIRST_TERM.after(self.concluded_on));
                self.minimum_until.or(unnamed).map(|end| end.min(longest))
            }
        }
    }

    /// Last day of the first fixed term that ends at or after a day; none when the contract has no fixed term then. A
    /// consumer's contract is never renewed for one.
    #[must_use]
    pub fn term_end_from(&self, day: Date) -> Option<Date> {
        let first = self.first_term_end();
        if let Some(first) = first.filter(|first| day <= *first) {
            return Some(first);
        }
        match (self.party, self.renewal) {
            (Party::Business, Some(renewal)) => Some(period_end(self.renewed_from(), renewal, day)),
            _ => None,
        }
    }

    /// Last day of the last fixed term that was over before a day.
    #[must_use]
    pub fn term_end_before(&self, day: Date) -> Option<Date> {
        let renewed = match (self.party, self.renewal) {
            (Party::Business, Some(renewal)) => {
                let over = periods_until(self.renewed_from(), renewal, day) - 1;
                (over >= 1).then(|| day_before(renewal.times(over, self.renewed_from())))
            }
            _ => None,
        };
        renewed.or_else(|| self.first_term_end().filter(|first| *first < day))
    }

    /// First day of the term for which it is renewed first.
    fn renewed_from(&self) -> Date {
        self.first_term_end().map_or(self.starts_on, day_after)
    }

    /// Last day on which a consumer may withdraw: two weeks from the conclusion (§ 355 (2) BGB), and where that is a Saturday
    /// or Sunday the Monday after it (§ 193 BGB). Holidays differ from place to place: who sends it on one is heard all the
    /// same, only this portal does not promise it.
    #[must_use]
    pub fn withdrawal_until(&self) -> Option<Date> {
        if self.party != Party::Consumer {
            return None;
        }
        let last = WITHDRAWAL.after(self.concluded_on);
        Some(match last.weekday() {
            Weekday::Saturday => day_after(day_after(last)),
            Weekday::Sunday => day_after(last),
            _ => last,
        })
    }

    /// The last day of the notice period of a cancellation that arrives on a day.
    #[must_use]
    pub fn notice_end(&self, arrived: Date) -> Date {
        let agreed = self.notice.map_or(arrived, |notice| notice.period.after(arrived));
        match self.party {
            Party::Consumer => agreed.min(LONGEST_NOTICE.after(arrived)),
            Party::Business => agreed,
        }
    }

    /// The first day at or after `day` on which a contract without a fixed term may end.
    fn fitting(&self, day: Date) -> Date {
        match self.notice.map_or(NoticeEnd::AnyDay, |notice| notice.to) {
            NoticeEnd::AnyDay => day,
            NoticeEnd::MonthEnd => day.last_of_month(),
            NoticeEnd::TermEnd => period_end(self.starts_on, self.interval, day),
        }
    }

    /// The first day at or after `wanted` on which a contract may end that is cancelled on a day.
    fn end_from(&self, arrived: Date, wanted: Date) -> EarliestEnd {
        let reached = self.notice_end(arrived).max(wanted).max(self.starts_on);
        if let Some(end) = self.term_end_from(reached).filter(|_| self.is_bound_on(reached)) {
            return EarliestEnd { on: end, because: Because::Term };
        }
        let fitting = self.fitting(reached);
        // After a first term a consumer may leave at any time: notice does not become longer than a month by having to end on
        // a certain day.
        let is_renewed = self.first_term_end().is_some() || self.renewal.is_some();
        let on = match self.party {
            Party::Consumer if is_renewed => fitting.min(LONGEST_NOTICE.after(arrived).max(reached)),
            _ => fitting,
        };
        EarliestEnd { on, because: Because::Notice }
    }

    /// Does a fixed term run on a day?
    fn is_bound_on(&self, day: Date) -> bool {
        self.first_term_end().is_some_and(|first| day <= first)
            || (self.party == Party::Business && self.renewal.is_some())
    }
}

impl Subscription {
    /// The first day on which the contract ends when it is cancelled on a day. In its trial the tenant's rule holds (M-84)
    /// and no notice.
    #[must_use]
    pub fn earliest_end(&self, today: Date, trial: TrialRule) -> EarliestEnd {
        match self.phase_on(today) {
            Phase::Trial { until } => EarliestEnd {
                on: match trial {
                    TrialRule::AtOnce => today,
                    TrialRule::EndOfTrial => until,
                },
                because: Because::Trial,
            },
            _ => self.facts.end_from(today, today),
        }
    }

    /// The last day for which a contract can be cancelled on a day.
    #[must_use]
    pub fn latest_end(today: Date) -> Date {
        LONGEST_AHEAD.after(today)
    }

    /// The day on which the contract ends when that is wished for: none is the earliest one.
    ///
    /// # Errors
    /// When it cannot end then.
    pub fn end_on(&self, wanted: Option<Date>, today: Date, trial: TrialRule) -> Result<Date, NotAnEnd> {
        let earliest = self.earliest_end(today, trial).on;
        let wanted = match wanted {
            Some(wanted) if wanted != earliest => wanted,
            _ => return Ok(earliest),
        };
        let latest = Self::latest_end(today);
        if wanted > latest {
            return Err(NotAnEnd::TooFar(latest));
        }
        let next = if wanted < earliest { earliest } else { self.facts.end_from(today, wanted).on };
        match next {
            next if next == wanted => Ok(wanted),
            next if next > latest && wanted > earliest => Err(NotAnEnd::TooFar(latest)),
            next => Err(NotAnEnd::Next(next)),
        }
    }
}

fn day_before(day: Date) -> Date {
    day.yesterday().unwrap_or(Date::MIN)
}

pub(super) fn day_after(day: Date) -> Date {
    day.tomorrow().unwrap_or(Date::MAX)
}

/// Last day of the period that a day lies in, of periods of one length that begin on a day. Each is counted from that day:
/// what begins on the 31st ends before the last of a short month and before the 31st again.
fn period_end(begins: Date, length: Interval, day: Date) -> Date {
    day_before(length.times(periods_until(begins, length, day), begins))
}

/// How many periods it takes until a day is over; at least one.
fn periods_until(begins: Date, length: Interval, day: Date) -> i64 {
    let longest_days = match length.unit {
        IntervalUnit::Day => 1,
        IntervalUnit::Week => 7,
        IntervalUnit::Month => 31,
        IntervalUnit::Year => 366,
    };
    let days = days_between(begins, day).max(0);
    // Not more than have passed for sure; the few that are missing are counted, and time itself ends.
    let sure = i64::from(days) / (longest_days * i64::from(length.count.max(1)));
    let is_over = |count: &i64| {
        let next = length.times(*count, begins);
        next > day || next == Date::MAX
    };
    (sure + 1..).find(is_over).unwrap_or(1)
}

#[cfg(test)]
mod tests;
