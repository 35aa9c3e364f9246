//! Budgets: how often something may happen in a window, counted on a hash so that no address stands in a key.
//!
//! access patterns: take one (conditional ADD) · look · reset · keys: T#t#RATE#what#hash / window

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};

use crate::{
    StoreError, TenantStore,
    access::{Update, delete, get_raw, update},
    item::number,
    key::Key,
};

/// A counter that ends with its window.
#[derive(Debug, Clone)]
pub struct Budget<'a> {
    /// What is counted, for example `otp-send`.
    pub what: &'static str,
    /// Hash of whom it is counted for.
    pub subject: &'a str,
    /// How long one window is; `None` counts in a row until a reset.
    pub window: Option<SignedDuration>,
    /// Most takes in one window.
    pub max: u32,
}

/// How long a counter without a window is kept after its last take.
const ROW_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

impl Budget<'_> {
    fn window_name(&self, now: Timestamp) -> String {
        self.window.map_or_else(|| "ROW".to_owned(), |window| (now.as_second() / window.as_secs()).to_string())
    }

    fn ends_at(&self, now: Timestamp) -> i64 {
        match self.window {
            Some(window) => (now.as_second() / window.as_secs() + 1) * window.as_secs(),
            None => now.as_second() + ROW_KEPT.as_secs(),
        }
    }
}

impl TenantStore {
    /// Takes one from a budget; `false` when nothing is left. A hundred takers at once get exactly `max`.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn take(&self, budget: &Budget<'_>, now: Timestamp) -> Result<bool, StoreError> {
        let key = self.budget_key(budget, now);
        let taken = update(
            &self.store,
            Update {
                key,
                expression: "ADD #n :one SET #ttl = :ttl",
                condition: Some("attribute_not_exists(#n) OR #n < :max"),
                names: vec![("#n", "n"), ("#ttl", "ttl")],
                values: vec![
                    (":one", AttributeValue::N("1".into())),
                    (":max", AttributeValue::N(budget.max.to_string())),
                    (":ttl", AttributeValue::N(budget.ends_at(now).to_string())),
                ],
            },
        )
        .await?;
        Ok(taken.is_some())
    }

    /// How many were taken in the current window.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn taken(&self, budget: &Budget<'_>, now: Timestamp) -> Result<u32, StoreError> {
        let raw = get_raw(&self.store, self.budget_key(budget, now), true).await?;
        let count = raw.as_ref().and_then(|raw| number(raw, "n")).unwrap_or(0);
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// Begins counting anew.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn reset(&self, budget: &Budget<'_>, now: Timestamp) -> Result<(), StoreError> {
        delete(&self.store, self.budget_key(budget, now)).await
    }

    fn budget_key(&self, budget: &Budget<'_>, now: Timestamp) -> Key {
        self.scope.budget(budget.what, budget.subject, &budget.window_name(now))
    }
}
