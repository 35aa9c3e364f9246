//! What is declared in the portal: a contract rests, runs again, is cancelled, and is cancelled no more; and what then
//! happens on its day.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use super::{By, Moment, Phase, Subscription, SubscriptionFacts, terms::day_after};
use crate::{
    Pii,
    change::{Actor, Change, Event, EventKind},
    id::CancellationId,
};

/// What was declared in the portal. The tenant's system may send its own view of the contract again at any time: as long as
/// that is the one it had before, what was declared since holds over it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Declared {
    /// Whether it rests or runs, where that differs from `phase`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rest: Option<Rest>,
    /// That it is cancelled. The tenant's system confirms it by saying so itself, or undoes it by saying first that it is
    /// cancelled and then that it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancellation: Option<Cancellation>,
    /// The last day for which it was told that the contract ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_end: Option<Date>,
    /// The last term of which it was told that it is over and the contract goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_term: Option<Date>,
}

/// Whether a contract rests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum Rest {
    /// It rests.
    Paused {
        /// First day of the pause.
        since: Date,
        /// Last day of the pause; none until it is resumed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Date>,
    },
    /// It runs again.
    Running {
        /// From this day on.
        since: Date,
    },
}

/// A cancellation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Cancellation {
    /// Names its confirmation.
    pub id: CancellationId,
    /// When it was declared.
    pub declared_at: Timestamp,
    /// On which day that was in the tenant's zone.
    pub declared_on: Date,
    /// Last day of the contract.
    pub ends_on: Date,
    /// Who declared it.
    pub by: Actor,
    /// Why, in the words of whoever declared it.
    #[serde(default, skip_serializing_if = "nothing")]
    #[schema(value_type = String)]
    pub reason: Pii<String>,
}

fn nothing(text: &Pii<String>) -> bool {
    text.is_empty()
}

/// What a cancellation is made of.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "as in Cancellation")]
pub struct NewCancellation {
    pub id: CancellationId,
    pub ends_on: Date,
    pub reason: Pii<String>,
}

/// As the contract stands, this cannot be done with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the contract is {0}")]
pub struct NotNow(pub &'static str);

/// What a customer is told of a contract that goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContractNotice {
    /// Its cancellation was taken back.
    TakenBack,
    /// It rests.
    Paused,
    /// It runs again.
    Resumed,
}

impl ContractNotice {
    /// The notice of an event.
    #[must_use]
    pub const fn of(kind: EventKind) -> Option<Self> {
        match kind {
            EventKind::SubscriptionCancellationTakenBack => Some(Self::TakenBack),
            EventKind::SubscriptionPaused => Some(Self::Paused),
            EventKind::SubscriptionResumed => Some(Self::Resumed),
            _ => None,
        }
    }

    /// The name of its template.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TakenBack => "contract-taken-back",
            Self::Paused => "contract-paused",
            Self::Resumed => "contract-resumed",
        }
    }

    /// Is it still so, with a contract as it stands on a day?
    #[must_use]
    pub fn is_still_true(self, contract: &Subscription, today: Date) -> bool {
        let phase = contract.phase_on(today);
        match self {
            Self::TakenBack => !matches!(phase, Phase::Cancelled { .. } | Phase::Ended { .. }),
            Self::Paused => matches!(phase, Phase::Paused { .. }),
            Self::Resumed => phase == Phase::Active,
        }
    }
}

impl Phase {
    /// The word in events and errors.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Trial { .. } => "trial",
            Self::Active => "active",
            Self::Paused { .. } => "paused",
            Self::Cancelled { .. } => "cancelled",
            Self::Ended { .. } => "ended",
        }
    }
}

impl Declared {
    /// Was nothing declared or told?
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Of a contract that is new here: what is long past is not told any more.
    pub(super) fn of_new(facts: &SubscriptionFacts, today: Date) -> Self {
        let told_end = match facts.phase {
            Phase::Ended { on, .. } | Phase::Cancelled { ends_on: on, .. } if on < today => Some(on),
            _ => None,
        };
        Self { told_end, told_term: last_term_before(facts, today), ..Self::default() }
    }

    /// After the tenant's system has spoken. Only a phase that is new to us says anything of what was declared since.
    pub(super) fn after_facts(self, before: &SubscriptionFacts, after: &SubscriptionFacts, today: Date) -> Self {
        let has_spoken = before.phase != after.phase;
        let is_cancelled =
            |facts: &SubscriptionFacts| matches!(facts.phase, Phase::Cancelled { .. } | Phase::Ended { .. });
        let is_undone = is_cancelled(before) && !is_cancelled(after);
        let terms_changed = (before.minimum_until, before.renewal, before.party, before.starts_on)
            != (after.minimum_until, after.renewal, after.party, after.starts_on);
        Self {
            rest: self.rest.filter(|_| !has_spoken),
            cancellation: self.cancellation.filter(|_| !is_undone),
            told_term: if terms_changed { last_term_before(after, today) } else { self.told_term },
            ..self
        }
    }

    /// What holds on a day, of what the tenant's system says and what was declared since.
    pub(super) fn over(&self, phase: Phase, day: Date) -> Phase {
        let resting = match (phase, self.rest) {
            (Phase::Ended { .. }, _) | (_, None) => phase,
            (_, Some(Rest::Paused { since, until })) if until.is_none_or(|until| day <= until) => {
                Phase::Paused { since }
            }
            (_, Some(_)) => Phase::Active,
        };
        match (resting, &self.cancellation) {
            (Phase::Ended { .. } | Phase::Cancelled { .. }, _) | (_, None) => resting,
            (_, Some(Cancellation { declared_on, ends_on, .. })) => {
                Phase::Cancelled { declared_on: *declared_on, ends_on: *ends_on }
            }
        }
    }
}

/// The last fixed term that was over before a day.
fn last_term_before(facts: &SubscriptionFacts, day: Date) -> Option<Date> {
    let first = facts.term_end_from(Date::MIN)?;
    let (mut last, mut next) = (None, Some(first));
    // Each step is one term; a contract of a hundred years that is renewed by the day has 36,500.
    while let Some(end) = next.filter(|end| *end < day) {
        (last, next) = (Some(end), facts.term_end_from(day_after(end)));
    }
    last
}

impl Subscription {
    /// Most characters of a reason.
    pub const MAX_REASON_CHARS: usize = 1_000;

    /// It rests from today on, through `until` or until it is resumed. `None` when it does so already.
    ///
    /// # Errors
    /// When it does not run.
    pub fn pause(&self, until: Option<Date>, by: By, at: Moment<'_>) -> Result<Option<Change<Self>>, NotNow> {
        let today = at.today();
        match self.phase_on(today) {
            Phase::Active => {}
            Phase::Paused { .. } if self.pauses_until() == until => return Ok(None),
            Phase::Paused { .. } => {}
            phase => return Err(NotNow(phase.code())),
        }
        let since = match self.phase_on(today) {
            Phase::Paused { since } => since,
            _ => today,
        };
        let rest = Rest::Paused { since, until };
        let event = self.event(EventKind::SubscriptionPaused, by, at.now);
        let event = match until {
            Some(until) => event.with("until", until.to_string()),
            None => event,
        };
        let event = event.changing("phase", self.phase_on(today).code(), "paused");
        Ok(Some(self.with_declared(Declared { rest: Some(rest), ..self.declared.clone() }, event)))
    }

    /// The last day of its pause, where that was said.
    #[must_use]
    pub const fn pauses_until(&self) -> Option<Date> {
        match self.declared.rest {
            Some(Rest::Paused { until, .. }) => until,
            _ => None,
        }
    }

    /// It runs again from today on. `None` when it does so already.
    ///
    /// # Errors
    /// When it does not rest.
    pub fn resume(&self, by: By, at: Moment<'_>) -> Result<Option<Change<Self>>, NotNow> {
        match self.phase_on(at.today()) {
            Phase::Active => Ok(None),
            Phase::Paused { .. } => Ok(Some(self.resumed(at.today(), by, at.now))),
            phase => Err(NotNow(phase.code())),
        }
    }

    fn resumed(&self, since: Date, by: By, now: Timestamp) -> Change<Self> {
        let event = self.event(EventKind::SubscriptionResumed, by, now).changing("phase", "paused", "active");
        self.with_declared(Declared { rest: Some(Rest::Running { since }), ..self.declared.clone() }, event)
    }

    /// It ends on a day, which the caller has found (`end_on`) or staff have chosen. `None` when it ends on that day already.
    ///
    /// # Errors
    /// When it is cancelled for another day, or has ended.
    pub fn cancel(&self, new: NewCancellation, by: By, at: Moment<'_>) -> Result<Option<Change<Self>>, NotNow> {
        let (today, NewCancellation { id, ends_on, reason }) = (at.today(), new);
        let phase = self.phase_on(today);
        match phase {
            Phase::Cancelled { ends_on: known, .. } | Phase::Ended { on: known, .. } if known == ends_on => {
                return Ok(None);
            }
            // Staff may set another day as long as it runs.
            Phase::Cancelled { .. } if by.actor != Actor::Customer => {}
            Phase::Cancelled { .. } | Phase::Ended { .. } => return Err(NotNow(phase.code())),
            _ => {}
        }
        let event = self
            .event(EventKind::SubscriptionCancelled, by, at.now)
            .with("cancellation", id.as_str())
            .with("ends_on", ends_on.to_string())
            .changing("phase", phase.code(), "cancelled")
            .changing("ends_on", self.ends_on().map(|day| day.to_string()).unwrap_or_default(), ends_on.to_string())
            .changing("reason", "", reason.as_str());
        let cancellation = Cancellation { id, declared_at: at.now, declared_on: today, ends_on, by: by.actor, reason };
        // What the tenant's system says of an earlier cancellation no longer holds.
        let rest = match (self.facts.phase, self.declared.rest) {
            (Phase::Cancelled { .. }, None) => Some(Rest::Running { since: today }),
            (_, rest) => rest,
        };
        let declared = Declared { rest, cancellation: Some(cancellation), ..self.declared.clone() };
        Ok(Some(self.with_declared(declared, event)))
    }

    /// It runs on as if it had not been cancelled, resting where it rested. `None` when it is not cancelled.
    ///
    /// # Errors
    /// When it has ended.
    pub fn take_back(&self, by: By, at: Moment<'_>) -> Result<Option<Change<Self>>, NotNow> {
        let today = at.today();
        let ends_on = match self.phase_on(today) {
            Phase::Cancelled { ends_on, .. } => ends_on,
            phase @ Phase::Ended { .. } => return Err(NotNow(phase.code())),
            _ => return Ok(None),
        };
        let rest = match (self.facts.phase, self.declared.rest) {
            (Phase::Cancelled { .. }, None) => Some(Rest::Running { since: today }),
            (_, rest) => rest,
        };
        let declared = Declared { rest, cancellation: None, ..self.declared.clone() };
        let event = self.event(EventKind::SubscriptionCancellationTakenBack, by, at.now);
        let next = Self { declared, ..self.clone() };
        let event = event.changing("phase", "cancelled", next.phase_on(today).code()).changing(
            "ends_on",
            ends_on.to_string(),
            "",
        );
        Ok(Some(Change::new(next, event)))
    }

    /// The next day on which something happens by itself; none when nothing does.
    #[must_use]
    pub fn next_day(&self) -> Option<Date> {
        let ends_on = self.ends_on();
        let end = ends_on.filter(|end| self.declared.told_end != Some(*end));
        let is_running_by = |day: &Date| ends_on.is_none_or(|end| *day < end);
        let pause = self.pauses_until().filter(is_running_by);
        let term = self.next_term_end().filter(is_running_by);
        [end, pause, term].into_iter().flatten().min().map(day_after)
    }

    /// Last day of the first fixed term of which nothing was told yet.
    fn next_term_end(&self) -> Option<Date> {
        self.facts.term_end_from(self.declared.told_term.map_or(Date::MIN, day_after))
    }

    /// What has happened by itself up to a day, each thing once. `None` when nothing has.
    #[must_use]
    pub fn on_day(&self, today: Date, now: Timestamp) -> Option<Change<Self>> {
        if self.next_day().is_none_or(|day| today < day) {
            return None;
        }
        let system = By { actor: Actor::System, way: None };
        if let Some(end) = self.ends_on().filter(|end| *end < today && self.declared.told_end != Some(*end)) {
            let event = self.event(EventKind::SubscriptionEnded, system, now).with("on", end.to_string());
            let event = event.changing("phase", "cancelled", "ended");
            return Some(self.with_declared(Declared { told_end: Some(end), ..self.declared.clone() }, event));
        }
        if let Some(until) = self.pauses_until().filter(|until| *until < today) {
            return Some(self.resumed(day_after(until), system, now));
        }
        let term = last_term_before(&self.facts, today)?;
        let event = self.event(EventKind::SubscriptionRenewed, system, now).with("term_ended_on", term.to_string());
        let event = match self.facts.term_end_from(day_after(term)) {
            Some(next) => event.with("until", next.to_string()),
            None => event,
        };
        Some(self.with_declared(Declared { told_term: Some(term), ..self.declared.clone() }, event))
    }

    fn with_declared(&self, declared: Declared, event: Event) -> Change<Self> {
        Change::new(Self { declared, ..self.clone() }, event)
    }

    fn event(&self, kind: EventKind, by: By, now: Timestamp) -> Event {
        let event = Event::new(kind, by.actor, now, self.number.as_str());
        match by.way {
            Some(way) => event.by(way),
            None => event,
        }
    }
}

#[cfg(test)]
mod tests;
