//! What providers' messages ask to be looked up, when it is too much for answering in time: one item for each thing that is
//! named, however many messages name it.
//!
//! access patterns: note many · what is due (outbox.rs) ·
//! keys: T#t#LOOKUP#provider / what#name; DUE and `wake` until it was looked up, ttl 30 days
//!
//! A message that names it again writes the item anew. Whoever was looking it up then finds the place in DUE changed, and
//! it is looked up once more: nothing that is told is missed.

use domain::{id::PaymentId, payment::ProviderName, payment_method::MethodName};
use futures_util::{StreamExt as _, TryStreamExt as _};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Reader, StoreError, TenantScope, TenantStore,
    access::put,
    item::{Item, kind},
};

/// How long it is tried to look one up.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Items that are written at once.
const IN_PARALLEL: usize = 16;

/// Something that a provider named, and did not prove or say in full.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", content = "name", rename_all = "snake_case")]
pub enum Sought {
    /// A charge, by the provider's name of it.
    Charge(String),
    /// A payment of ours.
    Payment(PaymentId),
    /// A way to pay that is to be kept, or is.
    Method(MethodName),
    /// The same, by the provider's name of it.
    MethodOf(String),
}

impl Sought {
    /// Its place among what one provider names. Names are the provider's own, so each kind has its own place.
    pub(crate) fn place(&self) -> String {
        match self {
            Self::Charge(name) => format!("charge#{}", domain::number::slug(name)),
            Self::Payment(id) => format!("payment#{id}"),
            Self::Method(name) => format!("method#{}", domain::number::slug(&name.to_string())),
            Self::MethodOf(name) => format!("method_of#{}", domain::number::slug(name)),
        }
    }
}

/// Something to look up at a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookUp {
    /// Where.
    pub provider: ProviderName,
    /// What.
    #[serde(flatten)]
    pub sought: Sought,
    /// When it was named last.
    pub at: Timestamp,
}

kind! { LookUp = "look_up"; }

impl TenantStore {
    /// Notes what is to be looked up, each due at once. Again is the same.
    ///
    /// # Errors
    /// The table's errors; some may be noted then, and noting all of them again is safe.
    pub async fn note_look_ups(
        &self,
        provider: ProviderName,
        sought: Vec<Sought>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let writes = sought.into_iter().map(|sought| async move {
            let key = self.scope.look_up(provider, &sought);
            let item = Item::new(key, &LookUp { provider, sought, at: now }, 1)?;
            let due = TenantScope::due_at(now, &item.key);
            put(&self.store, item.todo(self.scope.due(), due).waking(Reader::Worker).expiring(now + KEPT)).await
        });
        futures_util::stream::iter(writes).buffer_unordered(IN_PARALLEL).try_collect().await
    }
}
