//! What nobody asks for and nothing wakes: once an hour it is counted how much waits, for alarms, and each night the check of
//! every ledger begins.
//!
//! A process remembers which hour it has done, so the other minutes read nothing. One that begins in between does the hour
//! once more, which changes nothing: a check begins where none began that day, and levels are counted anew.

use std::sync::{Arc, Mutex, PoisonError};

use domain::{
    change::Actor,
    id::JobId,
    job::{Job, JobKind},
};
use futures_util::{StreamExt as _, stream};
use jiff::Timestamp;
use store::{CommitError, StoreError, TenantScope, TenantStore, secret};
use web::{
    Portal,
    metrics::{Metric, tell},
};

/// Tenants looked at at once.
const IN_PARALLEL: usize = 16;

/// The watch of one process. Cloning shares it.
#[derive(Debug, Clone)]
pub(crate) struct Watch {
    portal: Portal,
    last: Arc<Mutex<Option<Hour>>>,
}

/// An hour that was done.
#[derive(Debug, Clone, Copy)]
struct Hour {
    /// Counted from 1970.
    number: i64,
    /// What waited then.
    levels: Levels,
}

/// How much waits.
#[derive(Debug, Clone, Copy, Default)]
struct Levels {
    pending: u64,
    unmatched: u64,
}

impl Watch {
    pub(crate) fn over(portal: &Portal) -> Self {
        Self { portal: portal.clone(), last: Arc::default() }
    }

    /// Does what the minute brings.
    ///
    /// # Errors
    /// The table's; the next minute does it again.
    pub(crate) async fn minute(&self) -> Result<(), StoreError> {
        let now = self.portal.clock().now();
        let number = now.as_second().div_euclid(3_600);
        let last = *self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let hour = match last.filter(|last| last.number == number) {
            Some(hour) => hour,
            None => self.hour(number, now).await?,
        };
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(hour);
        // Each minute, so that an alarm over a whole day misses none.
        tell(Metric::PaymentsPendingTooLong, hour.levels.pending, now);
        tell(Metric::TransfersUnmatched, hour.levels.unmatched, now);
        Ok(())
    }

    /// Every tenant has its turn, whatever became of the others. One whose items cannot be read is named and left out: the rest of the
    /// pool is watched all the same.
    async fn hour(&self, number: i64, now: Timestamp) -> Result<Hour, StoreError> {
        let scopes = self.portal.store().scopes().await?;
        let looks = scopes.into_iter().map(|scope| async move { self.look_at(&scope, now).await });
        let looks: Vec<Result<Levels, StoreError>> = stream::iter(looks).buffer_unordered(IN_PARALLEL).collect().await;
        let levels = looks.into_iter().try_fold(Levels::default(), |all, one| Ok::<_, StoreError>(all.and(one?)))?;
        Ok(Hour { number, levels })
    }

    async fn look_at(&self, scope: &TenantScope, now: Timestamp) -> Result<Levels, StoreError> {
        match self.levels(scope, now).await {
            Err(error @ StoreError::Unavailable(_)) => Err(error),
            Err(error) => {
                tracing::error!(tenant = %scope.id(), %error, "what waits there cannot be counted");
                Ok(Levels::default())
            }
            counted => counted,
        }
    }

    async fn levels(&self, scope: &TenantScope, now: Timestamp) -> Result<Levels, StoreError> {
        let store = self.portal.store().in_tenant(scope);
        self.begin_check(scope, &store, now).await?;
        let late = store.pending_too_long(now).await?;
        for payment in &late {
            tracing::warn!(%payment, "a payment waits for its provider for too long");
        }
        Ok(Levels { pending: late.len() as u64, unmatched: store.count_unmatched().await? })
    }

    /// Asks for the night's check of a tenant's ledger, unless it was asked for already.
    async fn begin_check(&self, scope: &TenantScope, store: &TenantStore, now: Timestamp) -> Result<(), StoreError> {
        let Some(tenant) = self.portal.store().tenant_of_scope(scope, now).await? else { return Ok(()) };
        let zone = &tenant.settings.zone;
        // By day nothing is read.
        if !Job::may_check(None, zone, now) {
            return Ok(());
        }
        let (last, seen) = store.last_job(&JobKind::CheckLedger).await?;
        if !Job::may_check(last.as_ref(), zone, now) {
            return Ok(());
        }
        let job = Job::create(JobId::new(now, secret::entropy()), JobKind::CheckLedger, Actor::System, now);
        match store.create_job(&job, seen).await {
            // Another process was faster.
            Ok(()) | Err(CommitError::Refused(_) | CommitError::Conflict) => Ok(()),
            Err(CommitError::Store(error)) => Err(error),
        }
    }
}

impl Levels {
    const fn and(self, other: Self) -> Self {
        Self { pending: self.pending + other.pending, unmatched: self.unmatched + other.unmatched }
    }
}
