//! When a contract may end: first term, renewal and notice period, for consumers within the bounds of § 309 no. 9 BGB.
//!
//! A cancellation that arrives on a day reaches the end of its notice period one period later (§§ 187 (1), 188 (2) BGB: a
//! month from 31 January ends on the last day of February). The contract ends on the first day at or after it on which it
//! may end.

use jiff::civil::Date;

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

/// No contract may end on a day: the next one on which it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the contract cannot end on that day; it can on {0}")]
pub struct NotAnEnd(pub Date);

impl SubscriptionFacts {
    /// Last day of the first term. A consumer is bound for two years at most.
    #[must_use]
    pub fn first_term_end(&self) -> Option<Date> {
        let end = self.minimum_until?;
        Some(match self.party {
            Party::Consumer => end.min(day_before(LONGEST_FIRST_TERM.after(self.concluded_on))),
            Party::Business => end,
        })
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
            (Party::Business, Some(renewal)) => {
                let begins = first.map_or(self.starts_on, day_after);
                Some(period_end(begins, renewal, day))
            }
            _ => None,
        }
    }

    /// Last day on which a consumer may withdraw: two weeks from the conclusion (§ 355 (2) BGB).
    #[must_use]
    pub fn withdrawal_until(&self) -> Option<Date> {
        (self.party == Party::Consumer).then(|| WITHDRAWAL.after(self.concluded_on))
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
        let reached = self.notice_end(arrived).max(wanted);
        if let Some(end) = self.term_end_from(reached).filter(|_| self.is_bound_on(reached)) {
            return EarliestEnd { on: end, because: Because::Term };
        }
        let fitting = self.fitting(reached);
        let on = match (self.party, self.minimum_until) {
            // After a first term a consumer may leave at any time: notice does not become longer than a month by having to
            // end on a certain day.
            (Party::Consumer, Some(_)) => fitting.min(LONGEST_NOTICE.after(arrived).max(wanted)),
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

    /// The day on which the contract ends when that is wished for: none is the earliest one.
    ///
    /// # Errors
    /// When it cannot end then.
    pub fn end_on(&self, wanted: Option<Date>, today: Date, trial: TrialRule) -> Result<Date, NotAnEnd> {
        let earliest = self.earliest_end(today, trial).on;
        let Some(wanted) = wanted else { return Ok(earliest) };
        if wanted <= earliest {
            return if wanted == earliest { Ok(wanted) } else { Err(NotAnEnd(earliest)) };
        }
        let next = self.facts.end_from(today, wanted).on;
        if next == wanted { Ok(wanted) } else { Err(NotAnEnd(next)) }
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
    let longest_days = match length.unit {
        IntervalUnit::Day => 1,
        IntervalUnit::Week => 7,
        IntervalUnit::Month => 31,
        IntervalUnit::Year => 366,
    };
    let days = days_between(begins, day).max(0);
    // Not more than have passed for sure; the few that are missing are counted.
    let sure = i64::from(days) / (longest_days * i64::from(length.count.max(1)));
    (sure.max(0) + 1..)
        .map(|count| day_before(length.times(count, begins)))
        .find(|end| *end >= day)
        .unwrap_or(Date::MAX)
}

#[cfg(test)]
mod tests;
