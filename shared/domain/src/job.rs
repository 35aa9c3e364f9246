//! Work that is too long for one answer: asked for once, done in portions, each of which may be repeated, and told how far
//! it is.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    change::{Actor, Change, Event, EventKind},
    id::JobId,
};

/// After so many failures in a row a job is given up: a good day, in which whatever is in its way can be mended.
pub const MAX_FAILURES: u64 = 8;

/// What is to be done. Each kind has its own step, in `worker`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum JobKind {
    /// Every customer there is may use the portal, or none (M-93).
    ApplyAccess {
        /// May they?
        access: bool,
    },
}

impl JobKind {
    /// The name in keys and events.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::ApplyAccess { .. } => "apply_access",
        }
    }
}

/// How far a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Nothing was done yet.
    Waiting,
    /// A part is done.
    Running,
    /// All is done.
    Done,
    /// It was given up; what was done stays done.
    Failed,
}

/// A job. What stands here is decided by its last portion that was saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Asked for by it.
    pub id: JobId,
    /// What is to be done.
    pub kind: JobKind,
    /// How far it is.
    pub state: JobState,
    /// How many things are done.
    pub done: u64,
    /// How many there are, once that was counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// Where it goes on; its kind knows what that means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it was done or given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
}

/// What one portion came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portion {
    /// How many things were done in it.
    pub done: u64,
    /// How many there are altogether, if that was counted.
    pub total: Option<u64>,
    /// Where the next one goes on; none: this was the last.
    pub next: Option<String>,
}

/// What a portion makes of a job.
#[derive(Debug, Clone, PartialEq)]
pub enum AfterPortion {
    /// There is more to do. That is no fact for anybody.
    Goes(Job),
    /// It is done.
    Ends(Change<Job>),
}

impl AfterPortion {
    /// The job as it is then.
    #[must_use]
    pub const fn job(&self) -> &Job {
        match self {
            Self::Goes(job) => job,
            Self::Ends(change) => change.next(),
        }
    }
}

impl Job {
    /// A job that nothing was done for yet.
    #[must_use]
    pub fn create(id: JobId, kind: JobKind, actor: Actor, now: Timestamp) -> Change<Self> {
        let event = told(EventKind::JobCreated, &id, &kind, actor, now);
        let job = Self {
            id,
            kind,
            state: JobState::Waiting,
            done: 0,
            total: None,
            cursor: None,
            created_at: now,
            finished_at: None,
        };
        Change::new(job, event)
    }

    /// Is it done, or given up?
    #[must_use]
    pub const fn has_ended(&self) -> bool {
        matches!(self.state, JobState::Done | JobState::Failed)
    }

    /// The job after a portion.
    #[must_use]
    pub fn after(&self, portion: Portion, now: Timestamp) -> AfterPortion {
        let Portion { done, total, next } = portion;
        let (done, total) = (self.done.saturating_add(done), total.or(self.total));
        let goes_on = Self { state: JobState::Running, done, total, cursor: next, ..self.clone() };
        if goes_on.cursor.is_some() {
            return AfterPortion::Goes(goes_on);
        }
        let event = told(EventKind::JobDone, &self.id, &self.kind, Actor::System, now).with("done", done.to_string());
        AfterPortion::Ends(Change::new(Self { state: JobState::Done, finished_at: Some(now), ..goes_on }, event))
    }

    /// The job when it is given up.
    #[must_use]
    pub fn given_up(&self, now: Timestamp) -> Change<Self> {
        let event = told(EventKind::JobFailed, &self.id, &self.kind, Actor::System, now);
        let event = event.with("done", self.done.to_string());
        Change::new(Self { state: JobState::Failed, finished_at: Some(now), ..self.clone() }, event)
    }
}

fn told(what: EventKind, id: &JobId, kind: &JobKind, actor: Actor, now: Timestamp) -> Event {
    Event::new(what, actor, now, id.as_str()).with("kind", kind.code())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh() -> Job {
        let id = JobId::new(Timestamp::UNIX_EPOCH, [1; 10]);
        let kind = JobKind::ApplyAccess { access: false };
        Job::create(id, kind, Actor::Integrator, Timestamp::UNIX_EPOCH).into_parts().0
    }

    fn portion(done: u64, total: Option<u64>, next: Option<&str>) -> Portion {
        Portion { done, total, next: next.map(str::to_owned) }
    }

    #[test]
    fn a_job_goes_on_from_where_its_last_portion_ended_and_tells_its_end_once() {
        let first = fresh().after(portion(50, Some(60), Some("K50")), Timestamp::UNIX_EPOCH);
        let AfterPortion::Goes(running) = first else { panic!("{first:?}") };
        assert_eq!((running.state, running.done, running.total), (JobState::Running, 50, Some(60)));
        assert_eq!((running.cursor.as_deref(), running.finished_at), (Some("K50"), None));
        let AfterPortion::Ends(change) = running.after(portion(10, None, None), Timestamp::UNIX_EPOCH) else {
            panic!("it has ended");
        };
        let (done, events) = change.into_parts();
        assert_eq!((done.state, done.done, done.total, done.cursor.clone()), (JobState::Done, 60, Some(60), None));
        assert!(done.has_ended() && done.finished_at.is_some());
        let [event] = events.as_slice() else { panic!("{events:?}") };
        assert_eq!(
            (event.kind, event.fact("done"), event.subject.as_str()),
            (EventKind::JobDone, Some("60"), done.id.as_str())
        );
    }

    #[test]
    fn a_job_that_is_given_up_keeps_what_it_did() {
        let AfterPortion::Goes(running) = fresh().after(portion(50, None, Some("K50")), Timestamp::UNIX_EPOCH) else {
            panic!("it goes on");
        };
        let (failed, events) = running.given_up(Timestamp::UNIX_EPOCH).into_parts();
        assert_eq!((failed.state, failed.done, failed.has_ended()), (JobState::Failed, 50, true));
        assert_eq!(events.iter().map(|event| event.kind).collect::<Vec<_>>(), [EventKind::JobFailed]);
    }

    #[test]
    fn a_portion_of_nothing_ends_a_job_that_has_nothing_to_do() {
        let ended = fresh().after(portion(0, Some(0), None), Timestamp::UNIX_EPOCH);
        assert_eq!((ended.job().state, ended.job().done, ended.job().total), (JobState::Done, 0, Some(0)));
    }
}
