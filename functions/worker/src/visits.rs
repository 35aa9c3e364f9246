//! Visits to endpoints of webhooks: what happened since is written down as deliveries, and what is due is sent.

use std::{
    future::ready,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use domain::{
    delivery::Delivery,
    endpoint::{AfterVisit, Endpoint, Visit},
    id::CustomerId,
};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use hooks::{Client, body};
use jiff::SignedDuration;
use store::{CommitError, Due, EventRecord, FeedPage, Loaded, Reader, StoreError, delivery_id};
use web::{
    jobs::{Follow, Followed, Job, Undone},
    metrics::{Metric, tell},
};

/// Events of the feed that one visit reads; with the endpoint they fit into one transaction.
const EVENTS: usize = 90;
/// Deliveries that one visit tries.
const DELIVERIES: u16 = 100;
/// Deliveries that are tried at once.
const IN_PARALLEL: usize = 4;
/// After so long a visit begins no further try; with the last ones it ends well within its lease.
const TIME: Duration = Duration::from_secs(8);
/// A place in the feed that is older may have days before it that were not looked at yet.
const READ_ON: SignedDuration = SignedDuration::from_hours(48);

/// Whoever visits endpoints.
#[derive(Debug, Clone)]
pub(crate) struct Visits {
    client: Client,
}

/// One visit.
#[derive(Debug, Clone, Copy)]
struct Visiting<'a> {
    client: &'a Client,
    job: Job<'a>,
    endpoint: &'a Endpoint,
    /// Nobody answers: no further try is begun.
    silent: &'a AtomicBool,
}

impl Visits {
    pub(crate) const fn by(client: Client) -> Self {
        Self { client }
    }
}

impl Follow for Visits {
    const READER: Reader = Reader::Hooks;
    /// Most of a visit is waiting.
    const TENANTS_AT_ONCE: usize = 16;

    async fn follow(&self, job: Job<'_>, due: Due) -> Result<Followed, Undone> {
        let Due::Endpoint(seen) = due else {
            return Err(Undone::Later("only endpoints fall due here".to_owned()));
        };
        match visit(&self.client, job, *seen).await {
            // Somebody else has it, or somebody changed it and so made it due again.
            Err(Undone::Later(reason)) => {
                tracing::info!(reason, "a visit ends early");
                Ok(Followed::Saved)
            }
            result => result,
        }
    }
}

async fn visit(client: &Client, job: Job<'_>, seen: Loaded<Endpoint>) -> Result<Followed, Undone> {
    let (seen, fresh, is_behind) = read_on(job, seen).await?;
    let mut due = job.store.due_deliveries(&seen.value.id, job.now, DELIVERIES).await?;
    let is_more = due.len() == usize::from(DELIVERIES);
    // The index may not have them yet.
    let is_new = |one: &Loaded<Delivery>| due.iter().all(|other| other.value.id != one.value.id);
    let fresh: Vec<_> = fresh.into_iter().filter(is_new).collect();
    due.extend(fresh);
    let silent = AtomicBool::new(false);
    let visiting = Visiting { client, job, endpoint: &seen.value, silent: &silent };
    let mut visit = visiting.send(due).await?;
    // What hangs is not asked again at once, however much waits for it.
    visit.unfinished = (visit.unfinished || is_behind || is_more) && !silent.load(Ordering::Relaxed);
    match seen.value.after(visit, job.now) {
        AfterVisit::Goes(next) => job.store.note_endpoint(&seen, &next).await?,
        AfterVisit::Disabled(change) => {
            job.store.save_endpoint(&seen, &change).await?;
            tell(Metric::HooksDisabled, 1, job.now);
        }
    }
    Ok(Followed::Saved)
}

/// Reads the feed on and writes down what the endpoint is told. Answers the endpoint as it is then, the fresh deliveries, and
/// whether there is more to read.
async fn read_on(
    job: Job<'_>,
    seen: Loaded<Endpoint>,
) -> Result<(Loaded<Endpoint>, Vec<Loaded<Delivery>>, bool), Undone> {
    let cursor = &seen.value.cursor;
    let after = cursor.made_at().map(|at| (cursor.clone(), at));
    let FeedPage { items, next } = job.store.feed(after, EVENTS, job.now).await?;
    let is_full = items.len() == EVENTS;
    let is_old = next.made_at().is_some_and(|at| job.now.duration_since(at) > READ_ON);
    let is_behind = is_full || (is_old && next != *cursor);
    let wanted: Vec<_> = items.into_iter().filter(|(_, record)| seen.value.wants(record.event.kind)).collect();
    let deliveries = deliveries(job, &seen.value, wanted).await?;
    let moved = seen.value.read_up_to(next);
    if deliveries.is_empty() {
        // Its place is noted with what comes of the visit.
        return Ok((Loaded { value: moved, rev: seen.rev }, Vec::new(), is_behind));
    }
    let seen = job.store.fan_out(&seen, moved, &deliveries).await?;
    let fresh = deliveries.into_iter().map(|value| Loaded { value, rev: 1 }).collect();
    Ok((seen, fresh, is_behind))
}

async fn deliveries(
    job: Job<'_>,
    endpoint: &Endpoint,
    wanted: Vec<(Option<CustomerId>, EventRecord)>,
) -> Result<Vec<Delivery>, StoreError> {
    let owners = wanted.iter().filter_map(|(customer, _)| customer.clone()).collect();
    let numbers = job.store.customer_numbers(owners).await?;
    let told = |(customer, record): (Option<CustomerId>, EventRecord)| {
        let id = delivery_id(&endpoint.id, &record.id, record.event.at);
        let number = customer.and_then(|customer| numbers.get(&customer).cloned());
        Delivery::new(id, endpoint.id.clone(), (record.id, record.event), number, job.now)
    };
    Ok(wanted.into_iter().map(told).collect())
}

impl Visiting<'_> {
    /// Tries deliveries until all are, time is up, or nobody answers.
    async fn send(self, due: Vec<Loaded<Delivery>>) -> Result<Visit, Undone> {
        let (begun, wanted) = (Instant::now(), due.len());
        let goes_on = |_: &Loaded<Delivery>| ready(!self.silent.load(Ordering::Relaxed) && begun.elapsed() < TIME);
        let tries =
            stream::iter(due).take_while(goes_on).map(|delivery| self.deliver(delivery)).buffer_unordered(IN_PARALLEL);
        let count = |visit: Visit, taken: bool| {
            let (delivered, failed) = (visit.delivered + usize::from(taken), visit.failed + usize::from(!taken));
            ready(Ok(Visit { delivered, failed, ..visit }))
        };
        let visit = tries.try_fold(Visit::default(), count).await?;
        Ok(Visit { unfinished: visit.delivered + visit.failed < wanted, ..visit })
    }

    /// Tries one delivery and notes what came of it; was it taken?
    async fn deliver(self, seen: Loaded<Delivery>) -> Result<bool, Undone> {
        let Self { client, job, endpoint, silent } = self;
        let id = &seen.value.id;
        let body = body(&seen.value).map_err(|error| Undone::Later(error.to_string()))?;
        let reaction = client.send(endpoint, id, body, job.now).await;
        if reaction.is_silence() {
            silent.store(true, Ordering::Relaxed);
        }
        let kind = seen.value.fact.kind.code();
        tracing::info!(endpoint = %endpoint.id, delivery = %id, kind, ?reaction, "a delivery was tried");
        match job.store.save_delivery(&seen, &seen.value.tried(reaction, job.now)).await {
            // Somebody asked for it again meanwhile, which is heeded.
            Ok(()) | Err(CommitError::Refused(_)) => Ok(reaction.is_taken()),
            Err(error) => Err(error.into()),
        }
    }
}
