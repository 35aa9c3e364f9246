//! Webhooks on their way out: endpoints, and one delivery per event and endpoint.
//!
//! access patterns: endpoints of the tenant, one (consistent) · which is to be visited (outbox.rs) · deliveries of an
//! endpoint, newest first, by state · those to be tried by now · one by its id alone ·
//! keys: T#t#HOOK / id, DUE#hooks unless disabled; T#t#HOOK#endpoint / id, todo T#t#HOOK#endpoint#DUE / instant#id while
//! pending, ttl 30 days
//!
//! What an endpoint is told is written down in the transaction that moves its place in the feed: nothing is left out, and
//! nothing is written twice.

use domain::{
    Event,
    change::Change,
    delivery::{Delivery, DeliveryState},
    endpoint::{Endpoint, MAX_ENDPOINTS},
    id::{DeliveryId, EndpointId, Entropy, EventId},
};
use jiff::Timestamp;

use crate::{
    CommitError, Loaded, Page, Reader, StoreError, TenantScope, TenantStore,
    access::{Index, Range, batch_get, query, query_all, query_index},
    item::{Item, Raw, kind, read, text},
    key::{Key, instant},
    secret,
};

/// Rows looked at per read while a filter leaves most of them out.
const FILTER_STEP: i32 = 100;
/// Reads one page may cost.
const FILTER_READS: usize = 5;

kind! { Endpoint = "webhook_endpoint"; Delivery = "webhook_delivery"; }

/// Which deliveries of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DeliveryFilter {
    /// All of them.
    #[default]
    All,
    /// Those that are still tried.
    Pending,
    /// Those that were taken.
    Delivered,
    /// Those that were not.
    GivenUp,
}

impl DeliveryFilter {
    const fn keeps(self, delivery: &Delivery) -> bool {
        match self {
            Self::All => true,
            Self::Pending => matches!(delivery.state, DeliveryState::Pending { .. }),
            Self::Delivered => matches!(delivery.state, DeliveryState::Delivered { .. }),
            Self::GivenUp => matches!(delivery.state, DeliveryState::GivenUp { .. }),
        }
    }
}

impl TenantStore {
    /// All endpoints of the tenant, oldest first, read consistently.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn endpoints(&self) -> Result<Vec<Loaded<Endpoint>>, StoreError> {
        let most = i32::try_from(2 * MAX_ENDPOINTS).unwrap_or(i32::MAX);
        let range = Range::prefix(self.scope.endpoints(), "whe_", most).consistent();
        query_all(&self.store, range).await?.into_iter().map(read).collect()
    }

    /// One endpoint, read consistently.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn endpoint(&self, id: &EndpointId) -> Result<Option<Loaded<Endpoint>>, StoreError> {
        self.get(self.scope.endpoint(id), true).await
    }

    /// Stores a fresh endpoint.
    ///
    /// # Errors
    /// `Refused("endpoint")` when the id is taken.
    pub async fn create_endpoint(&self, change: &Change<Endpoint>) -> Result<(), CommitError> {
        let item = self.endpoint_item(change.next(), 1);
        self.commit().create("endpoint", item).events(None, change.events()).run().await
    }

    /// Stores a change of it.
    ///
    /// # Errors
    /// `Refused("endpoint")` when somebody else was faster.
    pub async fn save_endpoint(&self, seen: &Loaded<Endpoint>, change: &Change<Endpoint>) -> Result<(), CommitError> {
        let item = self.endpoint_item(change.next(), seen.rev + 1);
        self.commit().replace("endpoint", item, seen.rev).events(None, change.events()).run().await
    }

    /// Notes what nobody needs to read: its place in the feed, how it is doing, when it is visited again.
    ///
    /// # Errors
    /// `Refused("endpoint")` when somebody else was faster.
    pub async fn note_endpoint(&self, seen: &Loaded<Endpoint>, next: &Endpoint) -> Result<(), CommitError> {
        self.commit().replace("endpoint", self.endpoint_item(next, seen.rev + 1), seen.rev).run().await
    }

    /// Takes an endpoint away. Its deliveries can no longer be found, and end with their time.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn delete_endpoint(&self, endpoint: &Endpoint, because: Event) -> Result<(), CommitError> {
        self.commit().delete("endpoint", self.scope.endpoint(&endpoint.id)).events(None, &[because]).run().await
    }

    /// Moves an endpoint's place in the feed, and writes down what it is told of the part that was read: at most 99.
    ///
    /// # Errors
    /// `Refused("endpoint")` when somebody else was faster.
    pub async fn fan_out(
        &self,
        seen: &Loaded<Endpoint>,
        next: Endpoint,
        deliveries: &[Delivery],
    ) -> Result<Loaded<Endpoint>, CommitError> {
        let rev = seen.rev + 1;
        let mut commit = self.commit().replace("endpoint", self.endpoint_item(&next, rev), seen.rev);
        for delivery in deliveries {
            commit = commit.create("delivery", self.delivery_item(delivery, 1));
        }
        commit.run().await?;
        Ok(Loaded { value: next, rev })
    }

    /// Deliveries of an endpoint that are to be tried by now, the longest waiting first.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn due_deliveries(
        &self,
        endpoint: &EndpointId,
        now: Timestamp,
        limit: u16,
    ) -> Result<Vec<Loaded<Delivery>>, StoreError> {
        let mut range = Range::prefix(self.scope.deliveries_due(endpoint), "", i32::from(limit));
        range.to = format!("{}#\u{ffff}", instant(now));
        let rows = query_index(&self.store, Index::Todo, range).await?.items;
        let keys: Vec<Key> = rows.iter().filter_map(crate::event::key_of).collect();
        // The index may be behind, and what was taken is not sent again.
        let mut found = batch_get(&self.store, keys.clone(), true).await?;
        let read = keys.iter().filter_map(|key| found.remove(key)).map(read::<Delivery>);
        let mut due = read.collect::<Result<Vec<_>, _>>()?;
        due.retain(|Loaded { value, .. }| value.next_at().is_some_and(|next| next <= now) && now < value.ends_at());
        Ok(due)
    }

    /// Deliveries of an endpoint, newest first. A page of one state may hold fewer than asked for, and still go on.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn deliveries(
        &self,
        endpoint: &EndpointId,
        filter: DeliveryFilter,
        (limit, after): (u16, Option<String>),
        now: Timestamp,
    ) -> Result<Page<Delivery>, StoreError> {
        let limit = usize::from(limit);
        // One row more than is shown: only that tells whether older ones follow.
        let step =
            if filter == DeliveryFilter::All { i32::try_from(limit + 1).unwrap_or(FILTER_STEP) } else { FILTER_STEP };
        let (mut found, mut position) = (Vec::with_capacity(limit + 1), after);
        for _ in 0..FILTER_READS {
            let range = Range::prefix(self.scope.deliveries(endpoint), "whd_", step).newest_first().after(position);
            let page = query(&self.store, range).await?;
            position = page.next;
            for raw in page.items {
                let place = text(&raw, "sk").map(str::to_owned);
                let delivery: Delivery = read(raw)?.value;
                if filter.keeps(&delivery) && now < delivery.ends_at() {
                    found.push((place, delivery));
                }
            }
            if position.is_none() || found.len() > limit {
                break;
            }
        }
        if found.len() > limit {
            found.truncate(limit);
            position = found.last().and_then(|(place, _)| place.clone());
        }
        Ok(Page { items: found.into_iter().map(|(_, delivery)| delivery).collect(), next: position })
    }

    /// A delivery by its id alone, with its endpoint, read consistently.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn delivery(
        &self,
        id: &DeliveryId,
        now: Timestamp,
    ) -> Result<Option<(Loaded<Endpoint>, Loaded<Delivery>)>, StoreError> {
        let endpoints = self.endpoints().await?;
        let keys = endpoints.iter().map(|endpoint| self.scope.delivery(&endpoint.value.id, id)).collect();
        let found: Option<Raw> = batch_get(&self.store, keys, true).await?.into_values().next();
        let Some(delivery) = found.map(read::<Delivery>).transpose()? else { return Ok(None) };
        let of = endpoints.into_iter().find(|endpoint| endpoint.value.id == delivery.value.endpoint);
        Ok(of.filter(|_| now < delivery.value.ends_at()).map(|endpoint| (endpoint, delivery)))
    }

    /// Notes what came of a try.
    ///
    /// # Errors
    /// `Refused("delivery")` when somebody else was faster.
    pub async fn save_delivery(&self, seen: &Loaded<Delivery>, next: &Delivery) -> Result<(), CommitError> {
        self.commit().replace("delivery", self.delivery_item(next, seen.rev + 1), seen.rev).run().await
    }

    /// Stores a delivery that somebody asks for again, and that its endpoint is visited at once.
    ///
    /// # Errors
    /// `Refused("delivery")` or `Refused("endpoint")` when somebody else was faster.
    pub async fn redeliver(
        &self,
        (seen, next): (&Loaded<Delivery>, &Delivery),
        (of, hurried): (&Loaded<Endpoint>, &Endpoint),
    ) -> Result<(), CommitError> {
        self.commit()
            .replace("delivery", self.delivery_item(next, seen.rev + 1), seen.rev)
            .replace("endpoint", self.endpoint_item(hurried, of.rev + 1), of.rev)
            .run()
            .await
    }

    fn endpoint_item(&self, endpoint: &Endpoint, rev: u64) -> Result<Item, StoreError> {
        let item = Item::new(self.scope.endpoint(&endpoint.id), endpoint, rev)?;
        if endpoint.is_disabled() {
            return Ok(item);
        }
        let due = TenantScope::due_at(endpoint.due_at, &item.key);
        Ok(item.todo(self.scope.due_of(Reader::Hooks), due))
    }

    fn delivery_item(&self, delivery: &Delivery, rev: u64) -> Result<Item, StoreError> {
        let key = self.scope.delivery(&delivery.endpoint, &delivery.id);
        let item = Item::new(key, delivery, rev)?.expiring(delivery.ends_at());
        let Some(next_at) = delivery.next_at() else { return Ok(item) };
        let due = format!("{}#{}", instant(next_at), delivery.id);
        Ok(item.todo(self.scope.deliveries_due(&delivery.endpoint), due))
    }
}

/// The id of the delivery that tells an endpoint of an event: the same whoever makes it. It sorts like the event.
#[must_use]
pub fn delivery_id(endpoint: &EndpointId, event: &EventId, at: Timestamp) -> DeliveryId {
    let mark = secret::mac(endpoint.as_str().as_bytes(), event.as_str().as_bytes());
    let mut entropy = Entropy::default();
    entropy.copy_from_slice(&mark[..10]);
    DeliveryId::new(at, entropy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_endpoints_are_told_of_one_event_by_two_deliveries_of_fixed_ids() {
        let at = Timestamp::from_second(1_790_000_000).unwrap();
        let event = EventId::new(at, [1; 10]);
        let [one, other] = [2, 3].map(|seed| EndpointId::new(at, [seed; 10]));
        assert_eq!(delivery_id(&one, &event, at), delivery_id(&one, &event, at));
        assert_ne!(delivery_id(&one, &event, at), delivery_id(&other, &event, at));
        assert_eq!(delivery_id(&one, &event, at).made_at(), Some(at));
    }
}
