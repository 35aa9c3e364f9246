//! Events: timeline entry, line of the feed and outbox record in one, written in the business transaction.
//!
//! access patterns: timeline of a customer · feed of the tenant by day and shard · what is due (outbox.rs) ·
//! keys: C / EVT#id or T#t#SYS / EVT#id; lists T#t#EVT#day#shard / id; DUE and `wake` if something follows

use domain::{
    Event,
    id::{CustomerId, Entropy, EventId},
};
use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::{
    Loaded, Reader, StoreError, TenantScope, TenantStore,
    access::{Index, Range, query, query_index},
    customer::owner,
    item::{Item, Raw, kind, read, text},
    key::Key,
};

/// Feed partitions of one day, so that no single one takes all writes.
const SHARDS: u8 = 4;
/// What is younger may still be overtaken by a slower commit and is not yet told.
const FEED_DELAY: SignedDuration = SignedDuration::from_secs(30);
/// Days the feed goes back at most in one answer.
const FEED_DAYS: usize = 31;

/// An event with its id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventRecord {
    /// Sorts by time.
    pub id: EventId,
    /// The fact.
    #[serde(flatten)]
    pub event: Event,
    /// How often following it up failed.
    #[serde(default)]
    pub tries: u32,
}

kind! { EventRecord = "event"; }

/// A part of the feed.
#[derive(Debug, Clone)]
pub struct FeedPage {
    /// Oldest first.
    pub items: Vec<(Option<CustomerId>, EventRecord)>,
    /// Go on after this id. Where nothing was found it is no event's, but stands for the day that was reached.
    pub next: EventId,
}

pub(crate) fn event_item(
    scope: &TenantScope,
    customer: Option<&CustomerId>,
    event: &Event,
    entropy: Entropy,
) -> Result<Item, StoreError> {
    let id = EventId::new(event.at, entropy);
    let key = customer.map_or_else(|| scope.tenant_event(&id), |customer| scope.customer_event(customer, &id));
    let record = EventRecord { id: id.clone(), event: event.clone(), tries: 0 };
    let day = utc_day(event.at);
    let item = Item::new(key, &record, 1)?.listed(scope.events_of_day(day, entropy[0] % SHARDS), id.to_string());
    if !event.kind.wakes() {
        return Ok(item);
    }
    let reader = if event.kind.needs_paper() { Reader::Documents } else { Reader::Worker };
    let due = TenantScope::due_at(event.at, &item.key);
    Ok(item.todo(scope.due_of(reader), due).waking(reader))
}

/// Sorts before everything that happens on a day and after everything before it.
fn day_begin(day: Date) -> EventId {
    let midnight = day.to_zoned(TimeZone::UTC).map_or(Timestamp::UNIX_EPOCH, |midnight| midnight.timestamp());
    EventId::new(midnight, [0; 10])
}

fn utc_day(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

impl TenantStore {
    /// One fact about a customer.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn event_of(&self, customer: &CustomerId, id: &EventId) -> Result<Option<EventRecord>, StoreError> {
        let found: Option<Loaded<EventRecord>> = self.get(self.scope.customer_event(customer, id), true).await?;
        Ok(found.map(|loaded| loaded.value))
    }

    /// The last facts about a customer, newest first.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn timeline(&self, customer: &CustomerId, limit: u16) -> Result<Vec<EventRecord>, StoreError> {
        let range = Range::prefix(self.scope.c(customer), "EVT#", i32::from(limit)).newest_first();
        let page = query(&self.store, range).await?;
        page.items.into_iter().map(|raw| read(raw).map(|loaded| loaded.value)).collect()
    }

    /// Everything that happened after an event, oldest first, without gaps: what is younger than 30 s waits.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn feed(
        &self,
        after: Option<(EventId, Timestamp)>,
        limit: usize,
        now: Timestamp,
    ) -> Result<FeedPage, StoreError> {
        let until = now - FEED_DELAY;
        let last_day = utc_day(until);
        let first_day = after.as_ref().map_or(last_day, |(_, at)| utc_day(*at));
        let after_id = after.map(|(id, _)| id);
        let mut rows: Vec<(String, Raw)> = Vec::new();
        let mut day = first_day;
        for _ in 0..FEED_DAYS {
            if day > last_day || rows.len() >= limit {
                break;
            }
            rows.extend(self.rows_of_day(day, after_id.as_ref(), limit).await?);
            day = day.saturating_add(1.day());
        }
        rows.sort_by(|left, right| left.0.cmp(&right.0));
        rows.truncate(limit);
        let raw: Vec<Raw> = rows.into_iter().map(|(_, raw)| raw).collect();
        let owners: Vec<Option<CustomerId>> = raw.iter().map(owner).collect();
        let records = self.get_rows::<EventRecord>(&raw).await?;
        // Never beyond the day that is still told: what it holds later must sort after this.
        let reached = day_begin(day.min(last_day));
        let items: Vec<_> = owners
            .into_iter()
            .zip(records.into_iter().map(|loaded| loaded.value))
            .filter(|(_, record)| record.event.at <= until)
            .collect();
        let last = items.last().map(|(_, record)| record.id.clone());
        let next = last.unwrap_or_else(|| after_id.map_or(reached.clone(), |after| after.max(reached)));
        Ok(FeedPage { items, next })
    }

    async fn rows_of_day(
        &self,
        day: Date,
        after: Option<&EventId>,
        limit: usize,
    ) -> Result<Vec<(String, Raw)>, StoreError> {
        let limit = i32::try_from(limit).unwrap_or(i32::MAX);
        let shards = (0..SHARDS).map(|shard| {
            let mut range = Range::prefix(self.scope.events_of_day(day, shard), "evt_", limit);
            if let Some(after) = after {
                range.from = format!("{after}!");
            }
            query_index(&self.store, Index::Lists, range)
        });
        let pages = futures_util::future::try_join_all(shards).await?;
        let rows = pages.into_iter().flat_map(|page| page.items);
        Ok(rows.filter_map(|raw| Some((text(&raw, "l_sk")?.to_owned(), raw))).collect())
    }
}

/// Where an event lies, for following it up.
pub(crate) fn key_of(raw: &Raw) -> Option<Key> {
    Some(Key { pk: text(raw, "pk")?.to_owned(), sk: text(raw, "sk")?.to_owned() })
}
