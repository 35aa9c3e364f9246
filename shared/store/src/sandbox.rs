//! The sandbox provider's own books: checkouts, and the secret it shares with the tenant. It is an outside system that
//! happens to live here; nothing of the portal reads its checkouts.
//!
//! access patterns: one checkout or way to pay by its id (consistent) · the last checkouts · the secret, made when first asked for ·
//! keys: T#t#SBX#id / CHECKOUT or METHOD; T#t#SBX / SECRET; lists T#t#LIST#SBX / created#id

use domain::{Language, Money, Secret, id::PaymentId, payment_method::MethodName};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    CommitError, Loaded, StoreError, TenantStore,
    access::{Index, Range, query_index},
    item::{Item, kind},
    key::instant,
    secret,
};

/// Longest id of a checkout.
const MAX_ID: usize = 60;

/// One checkout, as the provider keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SandboxCheckout {
    /// Its id; whoever knows it may pay.
    pub id: String,
    /// The merchant's id of the payment.
    pub reference: PaymentId,
    /// How much.
    pub amount: Money,
    /// What the customer reads.
    pub description: String,
    /// Where the customer comes back to.
    pub return_url: String,
    /// Where messages go.
    pub webhook_url: String,
    /// Language of its page.
    pub language: Language,
    /// When it was made.
    pub created_at: Timestamp,
    /// How it ended without money: `declined`, `cancelled`, `expired`; none while it is open or once it is paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<SandboxEnding>,
    /// Money that was charged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub charges: Vec<SandboxMove>,
    /// Money that was given back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refunds: Vec<SandboxMove>,
    /// What it tells the merchant, sent or not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<SandboxMessage>,
}

/// How a checkout ended without money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SandboxEnding {
    /// Declined.
    Declined,
    /// The customer turned back.
    Cancelled,
    /// Can no longer be paid.
    Expired,
}

/// A charge or a refund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SandboxMove {
    /// Its id.
    pub id: String,
    /// How much.
    pub amount: Money,
    /// The merchant's idempotency key, of refunds.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub key: String,
}

/// A message to the merchant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SandboxMessage {
    /// Its id: the same however often it is sent.
    pub id: String,
    /// For example `charge.succeeded`.
    pub kind: String,
    /// Id of the charge or refund it tells of; empty for an ending.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub about: String,
    /// How often it was sent.
    #[serde(default)]
    pub sent: u32,
    /// HTTP status of the merchant's last answer; 0 when there was none.
    #[serde(default)]
    pub answer: u16,
}

/// A way to pay that the provider keeps for a customer of the merchant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SandboxMethod {
    /// Its id; whoever knows it may decide.
    pub id: String,
    /// The merchant's name of it.
    pub reference: MethodName,
    /// What the customer reads.
    pub description: String,
    /// Where the customer comes back to.
    pub return_url: String,
    /// Where messages go.
    pub webhook_url: String,
    /// Language of its page.
    pub language: Language,
    /// When it was made.
    pub created_at: Timestamp,
    /// Where it stands.
    pub state: SandboxMethodState,
}

/// Where a way to pay stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum SandboxMethodState {
    /// Not decided.
    Open,
    /// It can be charged.
    Kept {
        /// What it does then, as the provider calls it.
        behaviour: String,
    },
    /// Declined, or the customer turned back.
    Declined,
    /// It was kept and is no more.
    Ended,
}

/// What both sides sign and prove themselves with.
#[derive(Debug, Serialize, Deserialize)]
struct SecretItem {
    secret: String,
}

kind! { SandboxCheckout = "sandbox_checkout"; SandboxMethod = "sandbox_method"; SecretItem = "sandbox_secret"; }

impl TenantStore {
    /// The tenant's secret at the sandbox provider, if there is one yet.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn sandbox_secret(&self) -> Result<Option<Secret<String>>, StoreError> {
        let found: Option<Loaded<SecretItem>> = self.get(self.scope.sandbox_secret(), true).await?;
        Ok(found.map(|item| Secret::new(item.value.secret)))
    }

    /// The same, made if there is none. Whoever is first makes it for all.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn sandbox_secret_or_new(&self) -> Result<Secret<String>, StoreError> {
        if let Some(secret) = self.sandbox_secret().await? {
            return Ok(secret);
        }
        let fresh = SecretItem { secret: secret::token().expose().clone() };
        match self.commit().create("secret", Item::new(self.scope.sandbox_secret(), &fresh, 1)).run().await {
            Ok(()) => Ok(Secret::new(fresh.secret)),
            Err(CommitError::Refused(_) | CommitError::Conflict) => {
                let lost = || StoreError::Unavailable("the secret is being made".into());
                self.sandbox_secret().await?.ok_or_else(lost)
            }
            Err(CommitError::Store(error)) => Err(error),
        }
    }

    /// One checkout, read consistently.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn sandbox_checkout(&self, id: &str) -> Result<Option<Loaded<SandboxCheckout>>, StoreError> {
        // What is longer was never made, and fits into no key.
        if id.len() > MAX_ID {
            return Ok(None);
        }
        self.get(self.scope.sandbox_checkout(id), true).await
    }

    /// Stores a fresh checkout or its next state. Outside systems tell the portal by message only: no event.
    ///
    /// # Errors
    /// `Refused("checkout")` when somebody else was faster.
    pub async fn save_sandbox_checkout(&self, next: &SandboxCheckout, seen: Option<u64>) -> Result<(), CommitError> {
        let item = Item::new(self.scope.sandbox_checkout(&next.id), next, seen.unwrap_or(0) + 1);
        let item = item.map(|item| {
            let sort = format!("{}#{}", instant(next.created_at), next.id);
            item.listed(self.scope.all("SBX"), sort)
        });
        self.commit().save("checkout", item, seen).run().await
    }

    /// One way to pay, read consistently.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn sandbox_method(&self, id: &str) -> Result<Option<Loaded<SandboxMethod>>, StoreError> {
        if id.len() > MAX_ID {
            return Ok(None);
        }
        self.get(self.scope.sandbox_method(id), true).await
    }

    /// Stores a fresh way to pay or its next state.
    ///
    /// # Errors
    /// `Refused("method")` when somebody else was faster.
    pub async fn save_sandbox_method(&self, next: &SandboxMethod, seen: Option<u64>) -> Result<(), CommitError> {
        let item = Item::new(self.scope.sandbox_method(&next.id), next, seen.unwrap_or(0) + 1);
        self.commit().save("method", item, seen).run().await
    }

    /// The last checkouts, newest first.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn sandbox_checkouts(&self, limit: u16) -> Result<Vec<SandboxCheckout>, StoreError> {
        let range = Range::prefix(self.scope.all("SBX"), "", i32::from(limit)).newest_first();
        let page = query_index(&self.store, Index::Lists, range).await?;
        let found = self.get_rows::<SandboxCheckout>(&page.items).await?;
        Ok(found.into_iter().map(|loaded| loaded.value).collect())
    }
}
