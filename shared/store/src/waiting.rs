//! How much waits for somebody, counted for alarms: enough to be seen, within a bound.
//!
//! access patterns: what waits for staff (count) · payments among what falls due within a day, and those that wait too long ·
//! keys: UNMATCHED (payment.rs, bank.rs), DUE (payment.rs)

use domain::{
    id::PaymentId,
    payment::{PENDING_AT_MOST, Payment},
};
use jiff::{SignedDuration, Timestamp};

use crate::{
    StoreError, TenantStore,
    access::{Index, Range, batch_get, count_index, query_index},
    event::key_of,
    item::read,
    key::{Key, instant},
};

/// Items of one list that are looked at.
const MAX_COUNTED: i32 = 1_000;
/// A payment that its provider has not decided is looked up once a day at least, so until then it is due.
const LOOKED_UP_WITHIN: SignedDuration = SignedDuration::from_hours(25);

impl TenantStore {
    /// How much money waits for staff, as far as it is counted.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn count_unmatched(&self) -> Result<u64, StoreError> {
        count_index(&self.store, Index::Todo, Range::prefix(self.scope.unmatched(), "", MAX_COUNTED)).await
    }

    /// Which payments wait for their provider too long. Where more falls due than is looked at, those that are due last
    /// are left out until their time comes nearer.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn pending_too_long(&self, now: Timestamp) -> Result<Vec<PaymentId>, StoreError> {
        let mut range = Range::prefix(self.scope.due(), "", MAX_COUNTED);
        range.to = format!("{}#\u{ffff}", instant(now + LOOKED_UP_WITHIN));
        let page = query_index(&self.store, Index::Todo, range).await?;
        // An id says when its payment began: the young ones are not read.
        let is_old = |id: &PaymentId| id.made_at().is_some_and(|at| now.duration_since(at) > PENDING_AT_MOST);
        let place = |raw| key_of(raw).filter(|key: &Key| self.scope.payment_at(key).as_ref().is_some_and(is_old));
        let old: Vec<Key> = page.items.iter().filter_map(place).collect();
        let mut late = Vec::new();
        for raw in batch_get(&self.store, old, false).await?.into_values() {
            let payment = read::<Payment>(raw)?.value;
            late.extend(payment.pends_too_long(now).then_some(payment.id));
        }
        Ok(late)
    }
}
