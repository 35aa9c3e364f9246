//! What a program asked for under an `Idempotency-Key`: the same key again is the same payment, with another body it is
//! a mistake.
//!
//! Architecture Invariant: the key's first use fixes the id of the payment before anything else is written, and a
//! payment of one id exists once. So whoever goes on with a key that was left half done repeats nothing.
//!
//! access patterns: one (consistent) · claim · keep the answer · keys: T#t#IDEM#principal / key; ttl 7 d

use domain::id::{CustomerId, PaymentId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    CommitError, Loaded, StoreError, TenantStore,
    item::{Item, kind},
};

/// How long a key is remembered.
const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A key that was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyUse {
    /// SHA-256 of address and body (base64url).
    pub request: String,
    /// The payment it is for.
    pub payment: PaymentId,
    /// The answer, once there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// From then on the key is unknown.
    pub ends_at: Timestamp,
}

kind! { KeyUse = "idempotency"; }

impl KeyUse {
    /// A fresh use.
    #[must_use]
    pub fn new(request: String, payment: PaymentId, now: Timestamp) -> Self {
        Self { request, payment, answer: None, ends_at: now + KEPT }
    }
}

impl TenantStore {
    /// What a customer's key was used for, if it was.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn key_use(
        &self,
        principal: &CustomerId,
        key: &str,
        now: Timestamp,
    ) -> Result<Option<Loaded<KeyUse>>, StoreError> {
        let found: Option<Loaded<KeyUse>> = self.get(self.scope.idempotency(principal, key), true).await?;
        Ok(found.filter(|found| now < found.value.ends_at))
    }

    /// Stores a use: a fresh one where nobody was faster, or the answer of a known one. A use that has ended is replaced
    /// like one that is absent.
    ///
    /// # Errors
    /// `Refused("key")` when somebody else was faster.
    pub async fn save_key_use(
        &self,
        principal: &CustomerId,
        key: &str,
        next: &KeyUse,
        seen: Option<u64>,
        now: Timestamp,
    ) -> Result<(), CommitError> {
        let place = self.scope.idempotency(principal, key);
        let seen = match seen {
            Some(rev) => Some(rev),
            None => {
                let old: Option<Loaded<KeyUse>> = self.get(place.clone(), true).await?;
                old.filter(|old| old.value.ends_at <= now).map(|old| old.rev)
            }
        };
        let item = Item::new(place, next, seen.unwrap_or(0) + 1).map(|item| item.expiring(next.ends_at));
        self.commit().save("key", item, seen).run().await
    }
}
