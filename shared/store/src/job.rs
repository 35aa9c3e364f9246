//! Jobs: one item each, with where it goes on. Of each kind the last one is known, a customer's own kinds per customer, so that
//! two of a kind never work against each other.
//!
//! access patterns: one (consistent) · the last of its kind (consistent) · create, if the last one is still that · next
//! portion, end (rev) · what is due (outbox.rs) ·
//! keys: T#t#JOB#id / JOB, T#t#RUN#kind / LAST or C / JOB#kind; DUE of whoever works it off until it has ended, then ttl 90 days

use domain::{
    Event,
    change::Change,
    id::JobId,
    job::{AfterPortion, Job, JobKind},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    CommitError, Loaded, Reader, StoreError, TenantScope, TenantStore,
    item::{Item, kind},
    key::Key,
};

/// How long it can be asked what became of a job.
pub(crate) const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Which job of a kind was asked for last.
#[derive(Debug, Serialize, Deserialize)]
struct LastJob {
    job: JobId,
}

kind! { Job = "job"; LastJob = "last_job"; }

impl TenantStore {
    /// One job.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn job(&self, id: &JobId) -> Result<Option<Loaded<Job>>, StoreError> {
        self.get(self.scope.job(id), true).await
    }

    /// The job of a kind that was asked for last, if it is still known, and the revision of that knowledge.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn last_job(&self, kind: &JobKind) -> Result<(Option<Job>, Option<u64>), StoreError> {
        let last: Option<Loaded<LastJob>> = self.get(self.last_key(kind), true).await?;
        let Some(last) = last else { return Ok((None, None)) };
        Ok((self.job(&last.value.job).await?.map(|loaded| loaded.value), Some(last.rev)))
    }

    /// Keeps a fresh job as the last one of its kind. It is due at once, and its insert wakes whoever works it off.
    ///
    /// # Errors
    /// `Refused("last_job")` when another one was asked for meanwhile, `Refused("customer")` without its customer.
    pub async fn create_job(&self, change: &Change<Job>, last: Option<u64>) -> Result<(), CommitError> {
        let job = change.next();
        let item = self.job_item(job, 1, job.created_at).map(|item| item.waking(reader(&job.kind)));
        let known = Item::new(self.last_key(&job.kind), &LastJob { job: job.id.clone() }, last.unwrap_or(0) + 1);
        let mut commit = self.commit().create("job", item).save("last_job", known, last);
        if let Some(customer) = job.kind.customer() {
            commit = commit.of_living(customer);
        }
        commit.events(job.kind.customer(), change.events()).run().await
    }

    /// Keeps what a portion made of a job; `due_at` is when the next one has its turn. Answers the new revision.
    ///
    /// # Errors
    /// `Refused("job")` when somebody else was faster.
    pub async fn save_job(
        &self,
        seen: &Loaded<Job>,
        after: &AfterPortion,
        due_at: Timestamp,
    ) -> Result<u64, CommitError> {
        let events: &[Event] = match after {
            AfterPortion::Goes(_) => &[],
            AfterPortion::Ends(change) => change.events(),
        };
        let item = self.job_item(after.job(), seen.rev + 1, due_at);
        let commit = self.commit().replace("job", item, seen.rev);
        commit.events(seen.value.kind.customer(), events).run().await?;
        Ok(seen.rev + 1)
    }

    fn job_item(&self, job: &Job, rev: u64, due_at: Timestamp) -> Result<Item, StoreError> {
        let item = Item::new(self.scope.job(&job.id), job, rev)?;
        if let Some(at) = job.finished_at {
            return Ok(item.expiring(at + KEPT));
        }
        let due = TenantScope::due_at(due_at, &item.key);
        Ok(item.todo(self.scope.due_of(reader(&job.kind)), due))
    }

    fn last_key(&self, kind: &JobKind) -> Key {
        match kind.customer() {
            Some(customer) => self.scope.last_job_of(customer, kind.code()),
            None => self.scope.last_job(kind.code()),
        }
    }
}

/// Who works it off.
const fn reader(kind: &JobKind) -> Reader {
    if kind.needs_papers() { Reader::Documents } else { Reader::Worker }
}
