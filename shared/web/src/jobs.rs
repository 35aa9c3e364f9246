//! The job loop of a function that reads the table's stream and is called every minute: what is due is leased, followed
//! up, and taken out of what is due; a failure puts it off.
//!
//! Architecture Invariant: the stream only hurries. Whatever it loses, the sweep finds, because the truth is the index of
//! what is due; whatever is done twice is done once, because a lease guards it.

mod portions;

pub use portions::{Portions, go_on};

use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use jiff::Timestamp;
use serde_json::Value;
use store::{CommitError, Due, DueItem, OutMailEnd, Outbox, Reader, Store, StoreError, TenantScope, TenantStore};

use crate::{
    Clock, Portal,
    metrics::{Metric, tell},
};

/// Items of one tenant that one round takes.
const BATCH: u16 = 50;
/// Items of one tenant followed up at once.
const IN_PARALLEL: usize = 8;
/// Tenants swept at once, unless a reader says otherwise: one whose work takes its time holds up none of the others.
const TENANTS_AT_ONCE: usize = 4;
/// Rounds of one sweep: what the first one wrote down, a mail for instance, the next one takes up.
const ROUNDS: usize = 4;
/// After so long a sweep begins no further round: what is left is due the next minute too.
const ROUNDS_FOR: Duration = Duration::from_secs(30);

/// One thing to do, and the place it is done in.
#[derive(Debug, Clone, Copy)]
pub struct Job<'a> {
    /// Whose.
    pub scope: &'a TenantScope,
    /// The tenant's part of the table.
    pub store: &'a TenantStore,
    /// When it was leased.
    pub now: Timestamp,
    /// How often it failed before.
    pub tries: u64,
}

/// What came of one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Followed {
    /// It leaves what is due.
    Done,
    /// A mail ended, and says how.
    Mail(OutMailEnd),
    /// It was saved meanwhile, which says whether it is still due.
    Saved,
}

/// Why something is not done yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undone {
    /// It is put off; the reason goes to the log and holds no values.
    Later(String),
    /// Nothing is wrong, it is only not its turn before then.
    NotBefore(Timestamp),
    /// The table did not answer. Its lease ends by itself.
    Table(StoreError),
}

impl From<StoreError> for Undone {
    fn from(error: StoreError) -> Self {
        Self::Table(error)
    }
}

impl From<CommitError> for Undone {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Store(error) => Self::Table(error),
            error => Self::Later(error.to_string()),
        }
    }
}

/// What a reader of the stream does with one thing that is due.
pub trait Follow: Send + Sync {
    /// Who it is.
    const READER: Reader;
    /// How many tenants it works for at once.
    const TENANTS_AT_ONCE: usize = TENANTS_AT_ONCE;

    /// Does it. Whatever was begun may be begun again: a process ends where it likes.
    fn follow(&self, job: Job<'_>, due: Due) -> impl Future<Output = Result<Followed, Undone>> + Send;
}

/// The job loop of one process.
#[derive(Debug, Clone)]
pub struct Jobs<F> {
    store: Store,
    clock: Clock,
    follow: F,
}

impl<F: Follow> Jobs<F> {
    /// A loop over a portal's table and clock.
    #[must_use]
    pub fn new(portal: &Portal, follow: F) -> Self {
        Self { store: portal.store().clone(), clock: portal.clock().clone(), follow }
    }

    /// What the stream or the schedule sends; answers how much was done.
    ///
    /// # Errors
    /// Only the table's: then Lambda gives the batch again. What cannot be followed up is put off instead.
    pub async fn on_event(&self, event: &Value) -> Result<usize, StoreError> {
        match event.get("Records").and_then(Value::as_array) {
            Some(records) => self.sweep(tenants(records)).await,
            None => {
                let mut scopes = self.store.scopes().await?;
                // Each minute begins with another tenant: whoever was left out comes first soon.
                let minute = usize::try_from(self.clock.now().as_second() / 60).unwrap_or(0);
                let first = minute % scopes.len().max(1);
                scopes.rotate_left(first);
                self.sweep(scopes).await
            }
        }
    }

    /// Every tenant has its turn, whatever became of the others; the first error is told at the end.
    async fn sweep(&self, scopes: Vec<TenantScope>) -> Result<usize, StoreError> {
        let begun = Instant::now();
        let turns = scopes.into_iter().map(|scope| async move { self.turn(&scope, begun).await });
        let turns = futures_util::stream::iter(turns).buffer_unordered(F::TENANTS_AT_ONCE);
        let results: Vec<Result<usize, StoreError>> = turns.collect().await;
        results.into_iter().sum()
    }

    /// What is due for one tenant, and what falls due by that.
    async fn turn(&self, scope: &TenantScope, begun: Instant) -> Result<usize, StoreError> {
        if begun.elapsed() > ROUNDS_FOR {
            return Ok(0);
        }
        let mut done = 0;
        for _ in 0..ROUNDS {
            let now_done = self.round(scope).await?;
            done += now_done;
            if now_done == 0 || begun.elapsed() > ROUNDS_FOR {
                break;
            }
        }
        Ok(done)
    }

    async fn round(&self, scope: &TenantScope) -> Result<usize, StoreError> {
        let outbox = self.store.outbox(scope, F::READER);
        let due = outbox.due(self.clock.now(), BATCH).await?;
        let work =
            futures_util::stream::iter(due).map(|item| self.one(scope, &outbox, item)).buffer_unordered(IN_PARALLEL);
        let results: Vec<Result<bool, StoreError>> = work.collect().await;
        results.into_iter().try_fold(0, |done, one| Ok(done + usize::from(one?)))
    }

    async fn one(&self, scope: &TenantScope, outbox: &Outbox, item: DueItem) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let Some((leased, due)) = outbox.lease(&item, now).await? else { return Ok(false) };
        let job = Job { scope, store: outbox.store(), now, tries: leased.tries() };
        match self.follow.follow(job, due).await {
            Ok(Followed::Done) => outbox.done(&leased).await,
            Ok(Followed::Mail(end)) => outbox.ended(&leased, end).await,
            Ok(Followed::Saved) => Ok(true),
            Err(Undone::Later(reason)) => {
                tracing::error!(reason, "put off");
                tell(Metric::PutOff, 1, now);
                outbox.failed(&leased, now).await.map(|()| false)
            }
            // It is out of the way: what stands behind it has its turn in the next round.
            Err(Undone::NotBefore(then)) => outbox.put_off(&leased, then).await.map(|()| true),
            Err(Undone::Table(error)) => Err(error),
        }
    }
}

/// Items were inserted that want to be followed up: their tenants.
fn tenants(records: &[Value]) -> Vec<TenantScope> {
    let keys = records.iter().filter_map(|record| record.pointer("/dynamodb/Keys/pk/S")?.as_str());
    let mut scopes: Vec<TenantScope> = keys.filter_map(TenantScope::of_stream_key).collect();
    scopes.sort_by(|left, right| left.id().cmp(right.id()));
    scopes.dedup();
    scopes
}
