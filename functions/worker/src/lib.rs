//! Follows up what happened: reads the table's stream, sweeps what is due every minute, one worker at a time per item.
//!
//! Architecture Invariant: the stream only hurries. Whatever it loses, the sweep finds, because the truth is the index of
//! what is due; whatever is done twice is done once, because a lease guards it.

mod follow;

use futures_util::StreamExt as _;
use serde_json::Value;
use store::{Due, DueItem, Outbox, Store, StoreError, TenantScope};
use web::{Clock, Portal};

/// Items of one tenant that one sweep takes.
const BATCH: u16 = 50;
/// Items followed up at once.
const IN_PARALLEL: usize = 8;

/// The worker of one process.
#[derive(Debug, Clone)]
pub struct Worker {
    store: Store,
    clock: Clock,
}

impl Worker {
    /// A worker over a portal's table and clock.
    #[must_use]
    pub fn new(portal: &Portal) -> Self {
        Self { store: portal.store().clone(), clock: portal.clock().clone() }
    }

    /// What the stream or the schedule sends.
    ///
    /// # Errors
    /// Only the table's: then Lambda gives the batch again. What cannot be followed up is put off instead.
    pub async fn on_event(&self, event: &Value) -> Result<usize, StoreError> {
        match event.get("Records").and_then(Value::as_array) {
            Some(records) => self.on_records(records).await,
            None => self.on_minute().await,
        }
    }

    /// Items were inserted that want to be followed up: their tenants are swept at once.
    async fn on_records(&self, records: &[Value]) -> Result<usize, StoreError> {
        let keys = records.iter().filter_map(|record| record.pointer("/dynamodb/Keys/pk/S")?.as_str());
        let mut scopes: Vec<TenantScope> = keys.filter_map(TenantScope::of_stream_key).collect();
        scopes.sort_by(|left, right| left.id().cmp(right.id()));
        scopes.dedup();
        self.sweep(scopes).await
    }

    /// Sweeps every tenant.
    async fn on_minute(&self) -> Result<usize, StoreError> {
        self.sweep(self.store.scopes().await?).await
    }

    async fn sweep(&self, scopes: Vec<TenantScope>) -> Result<usize, StoreError> {
        let mut done = 0;
        for scope in scopes {
            let outbox = self.store.outbox(&scope);
            let due = outbox.due(self.clock.now(), BATCH).await?;
            let work =
                futures_util::stream::iter(due).map(|item| self.one(&outbox, item)).buffer_unordered(IN_PARALLEL);
            let results: Vec<Result<bool, StoreError>> = work.collect().await;
            for result in results {
                done += usize::from(result?);
            }
        }
        Ok(done)
    }

    /// Leases, follows up, and takes the item out of what is due; a failure puts it off.
    async fn one(&self, outbox: &Outbox, item: DueItem) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let Some((leased, due)) = outbox.lease(&item, now).await? else { return Ok(false) };
        let done = match &due {
            Due::Event { record, .. } => follow::up(record),
            // A payment leaves what is due by being saved as final.
            Due::Payment(_) => Err("nobody looks payments up yet"),
        };
        match done {
            Ok(()) => outbox.done(&leased).await,
            Err(reason) => {
                tracing::error!(reason, "put off");
                outbox.failed(&leased, now).await.map(|()| false)
            }
        }
    }
}
