//! What is declared in the portal: a contract rests, runs again, is cancelled, and is cancelled no more; and what then
//! happens on its day.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use super::{By, Moment, Phase, Side, Subscription, SubscriptionFacts, terms::day_after};
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
        /// By whom: customers resume only what is theirs.
        by: Side,
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
            Self::Paused => contract.rests_on(today),
            Self::Resumed => !contract.rests_on(today) && !matches!(phase, Phase::Ended { .. }),
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
        Self { told_end, told_term: facts.term_end_before(today), ..Self::default() }
    }

    /// After the tenant's system has spoken. Only a phase that is new to us says anything of what was declared since, and it
    /// undoes only a cancellation that it had confirmed before.
    pub(super) fn after_facts(self, before: &SubscriptionFacts, after: &SubscriptionFacts, today: Date) -> Self {
        let has_spoken = before.phase != after.phase;
        let is_paused = matches!(after.phase, Phase::Paused { .. });
        let is_cancelled =
            |facts: &SubscriptionFacts| matches!(facts.phase, Phase::Cancelled { .. } | Phase::Ended { .. });
        // What was taken back and cancelled anew was not confirmed: it works off the take-back.
        let is_undone = is_cancelled(before) && !is_cancelled(after) && self.rest.is_none();
        let terms = |facts: &SubscriptionFacts| (facts.minimum_until, facts.renewal, facts.party, facts.starts_on);
        let told_term = if terms(before) == terms(after) { self.told_term } else { after.term_end_before(today) };
        // A pause keeps its last day, which no phase tells.
        let rest = self.rest.filter(|rest| !has_spoken || (is_paused && matches!(rest, Rest::Paused { .. })));
        Self { rest, cancellation: self.cancellation.filter(|_| !is_undone), told_term, ..self }
    }

    /// Whether it rests or runs on a day, of what the tenant's system says and what was declared since.
    fn resting(&self, phase: Phase, day: Date) -> Phase {
        match (phase, self.rest) {
            (Phase::Ended { .. }, _) | (_, None) => phase,
            (_, Some(Rest::Paused { since, until, .. })) if until.is_none_or(|until| day <= until) => {
                Phase::Paused { since }
            }
            (_, Some(_)) => Phase::Active,
        }
    }

    /// What holds on a day: the same, and that it is cancelled.
    pub(super) fn over(&self, phase: Phase, day: Date) -> Phase {
        match (self.resting(phase, day), &self.cancellation) {
            // Whose it was, who only confirms it need not say.
            (Phase::Cancelled { declared_on, ends_on, .. }, Some(Cancellation { by: Actor::Customer, .. })) => {
                Phase::Cancelled { declared_on, ends_on, by: Side::Customer }
            }
            (resting @ (Phase::Ended { .. } | Phase::Cancelled { .. }), _) | (resting, None) => resting,
            (_, Some(Cancellation { declared_on, ends_on, by, .. })) => {
                Phase::Cancelled { declared_on: *declared_on, ends_on: *ends_on, by: Side::of(*by) }
            }
        }
    }
}

/// What happens next by itself, after a day.
#[derive(Debug, Clone, Copy)]
enum Coming {
    /// The pause is over.
    PauseOver,
    /// A fixed term is over.
    TermOver,
    /// The contract has ended.
    Ended,
}

impl Subscription {
    /// Most characters of a reason.
    pub const MAX_REASON_CHARS: usize = 1_000;

    /// It rests from today on, through `until` or until it is resumed. `None` when it does so already.
    ///
    /// # Errors
    /// When it does not run, or rests for another time.
    pub fn pause(&self, until: Option<Date>, by: By, at: Moment<'_>) -> Result<Option<Change<Self>>, NotNow> {
        let today = at.today();
        match self.phase_on(today) {
            Phase::Active => {}
            Phase::Paused { .. } if self.pauses_until() == until => return Ok(None),
            phase => return Err(NotNow(phase.code())),
        }
        let rest = Some(Rest::Paused { since: today, until, by: Side::of(by.actor) });
        let event = self.event(EventKind::SubscriptionPaused, by, at.now);
        let event = match until {
            Some(until) => event.with("until", until.to_string()),
            None => event,
        };
        Ok(Some(self.with_declared(Declared { rest, ..self.declared.clone() }, today, event)))
    }

    /// Does it rest on a day, also where it is cancelled?
    #[must_use]
    pub fn rests_on(&self, day: Date) -> bool {
        matches!(self.declared.resting(self.facts.phase, day), Phase::Paused { .. })
            && !matches!(self.phase_on(day), Phase::Ended { .. })
    }

    /// The last day of its pause, where that was said.
    #[must_use]
    pub const fn pauses_until(&self) -> Option<Date> {
        match self.declared.rest {
            Some(Rest::Paused { until, .. }) => until,
            _ => None,
        }
    }

    /// Whose pause it is; what the tenant's system says of one is no objection.
    #[must_use]
    pub const fn paused_by(&self) -> Side {
        match self.declared.rest {
            Some(Rest::Paused { by, .. }) => by,
            _ => Side::Customer,
        }
    }

    /// It runs again from today on, also where it is cancelled. `None` when it does so already.
    ///
    /// # Errors
    /// When it does not rest, or a customer ends the tenant's pause.
    pub fn resume(&self, by: By, at: Moment<'_>) -> Result<Option<Change<Self>>, NotNow> {
        let today = at.today();
        match self.phase_on(today) {
            Phase::Active => Ok(None),
            _ if self.rests_on(today) && by.actor == Actor::Customer && self.paused_by() != Side::Customer => {
                Err(NotNow("paused by the company"))
            }
            _ if self.rests_on(today) => Ok(Some(self.resumed(today, by, at.now))),
            phase => Err(NotNow(phase.code())),
        }
    }

    fn resumed(&self, since: Date, by: By, now: Timestamp) -> Change<Self> {
        let declared = Declared { rest: Some(Rest::Running { since }), ..self.declared.clone() };
        let next = Self { declared, ..self.clone() };
        let event = self.event(EventKind::SubscriptionResumed, by, now);
        // Of a pause that is over by itself its last day is told, and the one after it.
        let last = self.pauses_until().filter(|until| *until < since).unwrap_or(since);
        let event = event.changing("phase", self.phase_on(last).code(), next.phase_on(since).code());
        Change::new(next, event)
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
        if ends_on < self.facts.starts_on {
            return Err(NotNow("not begun on that day"));
        }
        let event = self
            .event(EventKind::SubscriptionCancelled, by, at.now)
            .with("cancellation", id.as_str())
            .with("ends_on", ends_on.to_string())
            .changing("reason", "", reason.as_str());
        let cancellation = Cancellation { id, declared_at: at.now, declared_on: today, ends_on, by: by.actor, reason };
        // What the tenant's system says of an earlier cancellation no longer holds.
        let rest = match (self.facts.phase, self.declared.rest) {
            (Phase::Cancelled { .. }, None) => Some(Rest::Running { since: today }),
            (_, rest) => rest,
        };
        let declared = Declared { rest, cancellation: Some(cancellation), ..self.declared.clone() };
        Ok(Some(self.with_declared(declared, today, event)))
    }

    /// It runs on as if it had not been cancelled, resting where it rested. `None` when it is not cancelled.
    ///
    /// # Errors
    /// When it has ended, or a customer takes back what the tenant declared.
    pub fn take_back(&self, by: By, at: Moment<'_>) -> Result<Option<Change<Self>>, NotNow> {
        let today = at.today();
        match self.phase_on(today) {
            Phase::Cancelled { by: Side::Company, .. } if by.actor == Actor::Customer => {
                return Err(NotNow("cancelled by the company"));
            }
            Phase::Cancelled { .. } => {}
            phase @ Phase::Ended { .. } => return Err(NotNow(phase.code())),
            _ => return Ok(None),
        }
        let rest = match (self.facts.phase, self.declared.rest) {
            (Phase::Cancelled { .. }, None) => Some(Rest::Running { since: today }),
            (_, rest) => rest,
        };
        let declared = Declared { rest, cancellation: None, ..self.declared.clone() };
        let event = self.event(EventKind::SubscriptionCancellationTakenBack, by, at.now);
        Ok(Some(self.with_declared(declared, today, event)))
    }

    /// The next day on which something happens by itself; none when nothing does.
    #[must_use]
    pub fn next_day(&self) -> Option<Date> {
        self.coming().map(|(last, _)| day_after(last))
    }

    /// What happens next, and after which day. After the end nothing does.
    fn coming(&self) -> Option<(Date, Coming)> {
        let end = self.ends_on();
        if end.is_some() && end == self.declared.told_end {
            return None;
        }
        let is_before = |day: &Date| end.is_none_or(|end| *day < end);
        let pause = self.pauses_until().filter(is_before).map(|until| (until, Coming::PauseOver));
        let term = self.facts.term_end_from(self.declared.told_term.map_or(Date::MIN, day_after));
        let term = term.filter(is_before).map(|end| (end, Coming::TermOver));
        let end = end.map(|end| (end, Coming::Ended));
        [pause, term, end].into_iter().flatten().min_by_key(|(day, _)| *day)
    }

    /// What has happened by itself up to a day, the earliest first and each thing once. `None` when nothing has.
    #[must_use]
    pub fn on_day(&self, today: Date, now: Timestamp) -> Option<Change<Self>> {
        let (last, coming) = self.coming().filter(|(last, _)| *last < today)?;
        let system = By { actor: Actor::System, way: None };
        Some(match coming {
            Coming::PauseOver => self.resumed(day_after(last), system, now),
            Coming::TermOver => self.renewed(today, system, now),
            Coming::Ended => {
                let event = self.event(EventKind::SubscriptionEnded, system, now).with("on", last.to_string());
                let event = event.changing("phase", self.phase_on(last).code(), "ended");
                let declared = Declared { told_end: Some(last), ..self.declared.clone() };
                Change::new(Self { declared, ..self.clone() }, event)
            }
        })
    }

    /// Tells the last of the terms that are over: nobody needs to hear of those before it.
    fn renewed(&self, today: Date, by: By, now: Timestamp) -> Change<Self> {
        let until = self.ends_on().map_or(today, |end| today.min(end));
        let term = self.facts.term_end_before(until);
        let event = self.event(EventKind::SubscriptionRenewed, by, now);
        let event = event.with("term_ended_on", term.map(|term| term.to_string()).unwrap_or_default());
        let event = match self.facts.term_end_from(until) {
            Some(next) => event.with("until", next.to_string()),
            None => event,
        };
        Change::new(Self { declared: Declared { told_term: term, ..self.declared.clone() }, ..self.clone() }, event)
    }

    fn with_declared(&self, declared: Declared, today: Date, event: Event) -> Change<Self> {
        let next = Self { declared, ..self.clone() };
        let event = self.changing_to(&next, today, event);
        Change::new(next, event)
    }

    /// Tells what becomes of phase and last day.
    pub(super) fn changing_to(&self, next: &Self, today: Date, event: Event) -> Event {
        let last_day = |one: &Self| one.ends_on().map(|day| day.to_string()).unwrap_or_default();
        event.changing("phase", self.phase_on(today).code(), next.phase_on(today).code()).changing(
            "ends_on",
            last_day(self),
            last_day(next),
        )
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
