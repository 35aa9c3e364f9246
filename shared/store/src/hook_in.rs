//! Messages of payment providers, as they came: kept before anything is done about them, so that they can be looked at and
//! carried out again.
//!
//! access patterns: keep one · those that failed (todo) ·
//! keys: T#t#HOOKIN#provider / instant#sha256; todo T#t#HOOKINQ / instant#sha256 while it is to be carried out again

use domain::payment::ProviderName;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    StoreError, TenantStore,
    access::{Index, Range, put, query_index},
    item::{Item, kind},
    key::instant,
    secret,
};

/// How long a message is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// A genuine message.
#[derive(Debug, Clone)]
pub struct HookIn {
    /// Whose.
    pub provider: ProviderName,
    /// When it came.
    pub at: Timestamp,
    /// The headers that prove where it comes from: it is proved again before it is carried out again.
    pub headers: Vec<(String, String)>,
    /// Its bytes.
    pub body: Vec<u8>,
}

#[derive(Debug, Serialize, Deserialize)]
struct HookInItem {
    provider: ProviderName,
    at: Timestamp,
    headers: Vec<(String, String)>,
    #[serde(with = "serde_bytes")]
    body: Vec<u8>,
    /// Why it was not carried out, without values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

kind! { HookInItem = "hook_in"; }

impl TenantStore {
    /// Keeps a message. With a reason it is listed as one to be carried out again; without, it is done.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn keep_hook(&self, hook: &HookIn, reason: Option<&str>) -> Result<(), StoreError> {
        let place = format!("{}#{}", instant(hook.at), secret::digest(&hook.body));
        let key = self.scope.hook_in(hook.provider.code(), &place);
        let stored = HookInItem {
            provider: hook.provider,
            at: hook.at,
            headers: hook.headers.clone(),
            body: hook.body.clone(),
            reason: reason.map(str::to_owned),
        };
        let item = Item::new(key, &stored, 1)?.expiring(hook.at + KEPT);
        let item = if reason.is_some() { item.todo(self.scope.hooks_to_replay(), place) } else { item };
        put(&self.store, item).await
    }

    /// Messages that were not carried out, oldest first.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn hooks_to_replay(&self, limit: u16) -> Result<Vec<HookIn>, StoreError> {
        let range = Range::prefix(self.scope.hooks_to_replay(), "", i32::from(limit));
        let page = query_index(&self.store, Index::Todo, range).await?;
        let found = self.get_rows::<HookInItem>(&page.items).await?;
        let hook =
            |item: HookInItem| HookIn { provider: item.provider, at: item.at, headers: item.headers, body: item.body };
        Ok(found.into_iter().map(|loaded| hook(loaded.value)).collect())
    }
}
