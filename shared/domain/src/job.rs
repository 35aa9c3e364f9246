//! Work that is too long for one answer: asked for once, done in portions, each of which may be repeated, and told how far
//! it is.

use std::ops::RangeInclusive;

use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    change::{Actor, Change, Event, EventKind, Way},
    id::{CustomerId, JobId},
    time::Zone,
};

/// After so many failures in a row a job is given up: a good day, in which whatever is in its way can be mended.
pub const MAX_FAILURES: u64 = 8;
/// Jobs of one kind that a customer may ask for in a day.
pub const JOBS_PER_CUSTOMER_AND_DAY: u32 = 5;
/// How long the files of a customer's job can be fetched.
pub const FILES_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Most files that one job may come to; one that needs more is given up.
pub const MAX_PARTS: usize = 100;

/// Hours in which the check of a ledger begins where its tenant is: nobody works then, and few customers pay. A night in which
/// nothing ran has none.
const NIGHT: RangeInclusive<i8> = 2..=5;

/// What is to be done. Each kind has its own step: of customers' files in `documents`, else in `worker`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum JobKind {
    /// Every customer there is may use the portal, or none (M-93).
    ApplyAccess {
        /// May they?
        access: bool,
    },
    /// Every account is replayed against its entries and its open invoices, once a night.
    CheckLedger,
    /// Everything that is kept about a customer, as files (B-11).
    Export {
        /// Who asked, and whom it is about.
        customer: CustomerId,
    },
    /// A customer's documents of a period, as files (B-11).
    Documents {
        /// Who asked, and whose they are.
        customer: CustomerId,
        /// First day of issue.
        from: Date,
        /// Last day of issue.
        to: Date,
    },
}

impl JobKind {
    /// The name in keys and events.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::ApplyAccess { .. } => "apply_access",
            Self::CheckLedger => "check_ledger",
            Self::Export { .. } => "export",
            Self::Documents { .. } => "documents",
        }
    }

    /// The customer whose it is: nobody else ever sees it. None: it is the tenant's own.
    #[must_use]
    pub const fn customer(&self) -> Option<&CustomerId> {
        match self {
            Self::ApplyAccess { .. } | Self::CheckLedger => None,
            Self::Export { customer } | Self::Documents { customer, .. } => Some(customer),
        }
    }

    /// Does it hand out papers? Then `documents` works it off, which alone can write those that nobody asked for yet.
    #[must_use]
    pub const fn needs_papers(&self) -> bool {
        matches!(self, Self::Export { .. } | Self::Documents { .. })
    }
}

/// A file in the bucket that a job has come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobPart {
    /// SHA-256 of its bytes (base64url), by which it is found.
    pub sha256: String,
    /// Its size in bytes.
    pub size: u64,
    /// How many files are in it.
    pub files: u64,
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
    /// What it has come to, where that is files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<JobPart>,
}

/// What one portion came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Portion {
    /// How many things were done in it.
    pub done: u64,
    /// How many there are altogether, if that was counted.
    pub total: Option<u64>,
    /// Where the next one goes on; none: this was the last.
    pub next: Option<String>,
    /// The file it wrote, if it wrote one.
    pub part: Option<JobPart>,
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
        let event = told(created(&kind), &id, &kind, actor, now);
        let job = Self {
            id,
            kind,
            state: JobState::Waiting,
            done: 0,
            total: None,
            cursor: None,
            created_at: now,
            finished_at: None,
            parts: Vec::new(),
        };
        Change::new(job, event)
    }

    /// The same, asked for by the customer whose it is.
    #[must_use]
    pub fn ask(id: JobId, kind: JobKind, way: Way, now: Timestamp) -> Change<Self> {
        let event = told(created(&kind), &id, &kind, Actor::Customer, now).by(way);
        let (job, _) = Self::create(id, kind, Actor::Customer, now).into_parts();
        Change::new(job, event)
    }

    /// May the check of a ledger begin? `last` is the one before: it must have ended, and on an earlier day than this.
    #[must_use]
    pub fn may_check(last: Option<&Self>, zone: &Zone, now: Timestamp) -> bool {
        let is_night = NIGHT.contains(&zone.local(now).hour());
        is_night && last.is_none_or(|last| last.has_ended() && zone.day(last.created_at) < zone.day(now))
    }

    /// Until when its files can be fetched; none while it is not done.
    #[must_use]
    pub fn files_until(&self) -> Option<Timestamp> {
        self.finished_at.filter(|_| self.state == JobState::Done).map(|at| at + FILES_KEPT)
    }

    /// The file at a position, while it can be fetched.
    #[must_use]
    pub fn part(&self, position: usize, now: Timestamp) -> Option<&JobPart> {
        self.parts.get(position).filter(|_| self.files_until().is_some_and(|until| now < until))
    }

    /// How much of it is done, in percent; never all of it before it has ended.
    #[must_use]
    pub fn percent(&self) -> u64 {
        match (self.state, self.total) {
            (JobState::Done, _) => 100,
            (_, Some(total)) => (self.done.saturating_mul(100) / total.max(1)).min(99),
            (_, None) => 0,
        }
    }

    /// Is it done, or given up?
    #[must_use]
    pub const fn has_ended(&self) -> bool {
        matches!(self.state, JobState::Done | JobState::Failed)
    }

    /// The job after a portion.
    #[must_use]
    pub fn after(&self, portion: Portion, now: Timestamp) -> AfterPortion {
        let Portion { done, total, next, part } = portion;
        let (done, total) = (self.done.saturating_add(done), total.or(self.total));
        let mut goes_on = Self { state: JobState::Running, done, total, cursor: next, ..self.clone() };
        goes_on.parts.extend(part);
        if goes_on.parts.len() > MAX_PARTS {
            return AfterPortion::Ends(self.given_up(now));
        }
        if goes_on.cursor.is_some() {
            return AfterPortion::Goes(goes_on);
        }
        let kind = if self.kind.customer().is_some() { EventKind::ExportReady } else { EventKind::JobDone };
        let event = told(kind, &self.id, &self.kind, Actor::System, now).with("done", done.to_string());
        AfterPortion::Ends(Change::new(Self { state: JobState::Done, finished_at: Some(now), ..goes_on }, event))
    }

    /// The job when it is given up.
    #[must_use]
    pub fn given_up(&self, now: Timestamp) -> Change<Self> {
        let kind = if self.kind.customer().is_some() { EventKind::ExportFailed } else { EventKind::JobFailed };
        let event = told(kind, &self.id, &self.kind, Actor::System, now);
        let event = event.with("done", self.done.to_string());
        Change::new(Self { state: JobState::Failed, finished_at: Some(now), ..self.clone() }, event)
    }
}

/// What is told of a customer's job stands in that customer's timeline.
fn created(kind: &JobKind) -> EventKind {
    if kind.customer().is_some() { EventKind::ExportRequested } else { EventKind::JobCreated }
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
        Portion { done, total, next: next.map(str::to_owned), part: None }
    }

    fn of_customer() -> Job {
        let customer = CustomerId::new(Timestamp::UNIX_EPOCH, [2; 10]);
        let id = JobId::new(Timestamp::UNIX_EPOCH, [1; 10]);
        let change = Job::ask(id, JobKind::Export { customer }, Way::Page, Timestamp::UNIX_EPOCH);
        let [event] = change.events() else { panic!("{change:?}") };
        assert_eq!(
            (event.kind, event.actor, event.way),
            (EventKind::ExportRequested, Actor::Customer, Some(Way::Page))
        );
        change.into_parts().0
    }

    fn part() -> JobPart {
        JobPart { sha256: "abc".to_owned(), size: 1, files: 1 }
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

    #[test]
    fn the_files_of_a_customers_job_are_there_once_it_is_done_and_for_a_week() {
        let now = Timestamp::UNIX_EPOCH;
        let first = of_customer().after(Portion { part: Some(part()), ..portion(1, Some(2), Some("x")) }, now);
        assert_eq!((first.job().parts.len(), first.job().part(0, now), first.job().percent()), (1, None, 50));
        let AfterPortion::Ends(change) =
            first.job().after(Portion { part: Some(part()), ..portion(9, None, None) }, now)
        else {
            panic!("it has ended");
        };
        let (done, events) = change.into_parts();
        assert_eq!(events.iter().map(|event| event.kind).collect::<Vec<_>>(), [EventKind::ExportReady]);
        assert_eq!((done.part(1, now), done.part(2, now), done.percent()), (Some(&part()), None, 100));
        let last = now + FILES_KEPT - SignedDuration::from_secs(1);
        assert!(done.part(0, last).is_some() && done.part(0, now + FILES_KEPT).is_none());
    }

    #[test]
    fn a_job_that_comes_to_too_many_files_is_given_up() {
        let mut job = of_customer();
        job.parts = vec![part(); MAX_PARTS];
        let after = job.after(Portion { part: Some(part()), ..portion(1, None, Some("x")) }, Timestamp::UNIX_EPOCH);
        let AfterPortion::Ends(change) = after else { panic!("{after:?}") };
        assert_eq!(change.next().state, JobState::Failed);
        assert_eq!(change.events().iter().map(|event| event.kind).collect::<Vec<_>>(), [EventKind::ExportFailed]);
    }

    #[test]
    fn a_ledger_is_checked_once_a_night_where_the_tenant_is() {
        let at = |instant: &str| instant.parse::<Timestamp>().unwrap();
        let berlin = Zone::default();
        let may = |last: Option<&Job>, instant: &str| Job::may_check(last, &berlin, at(instant));
        assert!(may(None, "2026-11-23T01:00:00Z") && may(None, "2026-11-23T04:59:59Z"), "from two to six");
        assert!(!may(None, "2026-11-23T00:59:59Z") && !may(None, "2026-11-23T05:00:00Z"));
        assert!(Job::may_check(None, &Zone::named("America/New_York").unwrap(), at("2026-11-23T07:00:00Z")));
        let begun = Job { created_at: at("2026-11-23T01:00:00Z"), ..fresh() };
        assert!(!may(Some(&begun), "2026-11-24T01:00:00Z"), "the one before still runs");
        let done = Job { state: JobState::Done, ..begun };
        assert!(!may(Some(&done), "2026-11-23T04:00:00Z") && may(Some(&done), "2026-11-24T01:00:00Z"));
    }

    #[test]
    fn percent_never_says_all_before_the_end() {
        let mut job = of_customer();
        assert_eq!(job.percent(), 0);
        (job.total, job.done) = (Some(0), 5);
        assert_eq!(job.percent(), 99);
    }
}
