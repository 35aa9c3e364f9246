//! One transaction: a few conditional writes and the events that explain them, all or nothing.

use std::time::Duration;

use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, ConditionCheck, Delete, Put, TransactWriteItem, builders::ConditionCheckBuilder,
};
use domain::{
    Event,
    change::Audience,
    id::{CustomerId, Entropy},
};
use thiserror::Error;

use crate::{StoreError, TenantStore, error::from_sdk, event::event_item, item::Item, key::Key, secret};

/// Most actions of one transaction (DynamoDB's own limit).
pub(crate) const MAX_ACTIONS: usize = 100;
/// How often a decision is made anew when somebody else was faster.
pub const MAX_ATTEMPTS: u32 = 8;

/// Why a commit did not happen. Nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CommitError {
    /// A condition did not hold; the tag names the write it stood on.
    #[error("the {0} changed meanwhile or exists already")]
    Refused(&'static str),
    /// Another transaction held an item at that moment: read again and decide again.
    #[error("another transaction was under way")]
    Conflict,
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl CommitError {
    /// May the same decision be made anew on fresh reads?
    #[must_use]
    pub const fn may_decide_again(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::Conflict)
    }
}

/// A transaction being put together.
#[derive(Debug)]
#[must_use = "nothing is written until `run`"]
pub(crate) struct Commit<'a> {
    tenant: &'a TenantStore,
    actions: Vec<TransactWriteItem>,
    tags: Vec<&'static str>,
    /// Of the next event's id.
    entropy: Entropy,
    broken: Option<StoreError>,
}

impl TenantStore {
    pub(crate) fn commit(&self) -> Commit<'_> {
        let mut entropy = secret::entropy();
        // Room to count in the last two bytes.
        entropy[8] &= 0x7f;
        Commit { tenant: self, actions: Vec::new(), tags: Vec::new(), entropy, broken: None }
    }
}

impl Commit<'_> {
    /// Writes an item that must not exist.
    pub(crate) fn create(self, tag: &'static str, item: Result<Item, StoreError>) -> Self {
        self.put(tag, item, Some(("attribute_not_exists(pk)", None)))
    }

    /// Writes an item that must still have the revision it was read with.
    pub(crate) fn replace(self, tag: &'static str, item: Result<Item, StoreError>, seen_rev: u64) -> Self {
        self.put(tag, item, Some(("rev = :seen", Some(seen_rev))))
    }

    /// Creates when `seen` is `None`, else replaces.
    pub(crate) fn save(self, tag: &'static str, item: Result<Item, StoreError>, seen: Option<u64>) -> Self {
        match seen {
            None => self.create(tag, item),
            Some(rev) => self.replace(tag, item, rev),
        }
    }

    /// Writes an item whatever was there.
    pub(crate) fn overwrite(self, tag: &'static str, item: Result<Item, StoreError>) -> Self {
        self.put(tag, item, None)
    }

    /// Deletes an item, there or not.
    pub(crate) fn delete(mut self, tag: &'static str, key: Key) -> Self {
        let delete = Delete::builder()
            .table_name(&self.tenant.store.inner.table)
            .key("pk", AttributeValue::S(key.pk))
            .key("sk", AttributeValue::S(key.sk))
            .build();
        match delete {
            Ok(delete) => self.push(tag, TransactWriteItem::builder().delete(delete).build()),
            Err(error) => self.broken = Some(StoreError::Rejected(error.to_string())),
        }
        self
    }

    /// Deletes an item that must still have the revision it was read with.
    pub(crate) fn remove(mut self, tag: &'static str, key: Key, seen_rev: u64) -> Self {
        let delete = Delete::builder()
            .table_name(&self.tenant.store.inner.table)
            .key("pk", AttributeValue::S(key.pk))
            .key("sk", AttributeValue::S(key.sk))
            .condition_expression("rev = :seen")
            .expression_attribute_values(":seen", AttributeValue::N(seen_rev.to_string()))
            .build();
        match delete {
            Ok(delete) => self.push(tag, TransactWriteItem::builder().delete(delete).build()),
            Err(error) => self.broken = Some(StoreError::Rejected(error.to_string())),
        }
        self
    }

    /// Holds only if an item exists.
    pub(crate) fn exists(self, tag: &'static str, key: Key) -> Self {
        self.check(tag, key, |check| check.condition_expression("attribute_exists(pk)"))
    }

    /// Holds only while there is this customer: nothing comes in beside an erasure.
    pub(crate) fn of_living(self, customer: &CustomerId) -> Self {
        let profile = self.tenant.scope.profile(customer);
        self.exists("customer", profile)
    }

    /// Holds only if an item still has the revision it was read with.
    pub(crate) fn unchanged(self, tag: &'static str, key: Key, seen_rev: u64) -> Self {
        let seen = AttributeValue::N(seen_rev.to_string());
        self.check(tag, key, |check| {
            check.condition_expression("rev = :seen").expression_attribute_values(":seen", seen)
        })
    }

    /// Holds only while an attribute of an item is true.
    pub(crate) fn holds(self, tag: &'static str, key: Key, attribute: &str) -> Self {
        self.check(tag, key, |check| {
            check
                .condition_expression("#attribute = :true")
                .expression_attribute_names("#attribute", attribute)
                .expression_attribute_values(":true", AttributeValue::Bool(true))
        })
    }

    fn check(
        mut self,
        tag: &'static str,
        key: Key,
        condition: impl FnOnce(ConditionCheckBuilder) -> ConditionCheckBuilder,
    ) -> Self {
        let check = ConditionCheck::builder()
            .table_name(&self.tenant.store.inner.table)
            .key("pk", AttributeValue::S(key.pk))
            .key("sk", AttributeValue::S(key.sk));
        match condition(check).build() {
            Ok(check) => self.push(tag, TransactWriteItem::builder().condition_check(check).build()),
            Err(error) => self.broken = Some(StoreError::Rejected(error.to_string())),
        }
        self
    }

    /// Adds facts to the timeline of a customer, or of the tenant where the fact is the tenant's own. Their ids count up, so
    /// that facts of one moment keep their order.
    pub(crate) fn events(mut self, customer: Option<&CustomerId>, events: &[Event]) -> Self {
        for event in events {
            let owner = customer.filter(|_| event.kind.audience() == Audience::Customer);
            let item = event_item(&self.tenant.scope, owner, event, self.entropy);
            let last = u16::from_be_bytes([self.entropy[8], self.entropy[9]]);
            [self.entropy[8], self.entropy[9]] = last.wrapping_add(1).to_be_bytes();
            self = self.create("event", item);
        }
        self
    }

    fn put(
        mut self,
        tag: &'static str,
        item: Result<Item, StoreError>,
        condition: Option<(&str, Option<u64>)>,
    ) -> Self {
        let item = match item {
            Ok(item) => item,
            Err(error) => {
                self.broken = Some(error);
                return self;
            }
        };
        let mut put = Put::builder().table_name(&self.tenant.store.inner.table).set_item(Some(item.raw));
        if let Some((expression, rev)) = condition {
            put = put.condition_expression(expression);
            if let Some(rev) = rev {
                put = put.expression_attribute_values(":seen", AttributeValue::N(rev.to_string()));
            }
        }
        match put.build() {
            Ok(put) => self.push(tag, TransactWriteItem::builder().put(put).build()),
            Err(error) => self.broken = Some(StoreError::Rejected(error.to_string())),
        }
        self
    }

    fn push(&mut self, tag: &'static str, action: TransactWriteItem) {
        self.tags.push(tag);
        self.actions.push(action);
    }

    /// How many writes it has so far.
    pub(crate) fn len(&self) -> usize {
        self.actions.len()
    }

    /// Writes all of it, or nothing.
    pub(crate) async fn run(self) -> Result<(), CommitError> {
        if let Some(error) = self.broken {
            return Err(error.into());
        }
        if self.actions.len() > MAX_ACTIONS {
            return Err(StoreError::Rejected("more than 100 writes in one transaction".into()).into());
        }
        let request = self.tenant.store.inner.dynamo.transact_write_items().set_transact_items(Some(self.actions));
        let Err(error) = Box::pin(request.send()).await else { return Ok(()) };
        let Some(cancelled) = error.as_service_error().and_then(|e| match e {
            aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError::TransactionCanceledException(e) => Some(e),
            _ => None,
        }) else {
            return Err(from_sdk(&error).into());
        };
        Err(why(cancelled.cancellation_reasons(), &self.tags))
    }
}

fn why(reasons: &[CancellationReason], tags: &[&'static str]) -> CommitError {
    let code = |reason: &CancellationReason| reason.code().unwrap_or("None").to_owned();
    if let Some(position) = reasons.iter().position(|reason| code(reason) == "ConditionalCheckFailed") {
        return CommitError::Refused(tags.get(position).copied().unwrap_or("item"));
    }
    match reasons.iter().map(code).find(|code| code != "None").as_deref() {
        Some("TransactionConflict") | None => CommitError::Conflict,
        Some("ItemCollectionSizeLimitExceeded" | "ValidationError") => {
            StoreError::Rejected("an item of the transaction is not acceptable".into()).into()
        }
        Some(other) => StoreError::Unavailable(other.to_owned()).into(),
    }
}

/// Reads, decides and commits again while others are faster, with a short random pause, at most [`MAX_ATTEMPTS`] times.
///
/// # Errors
/// The last refusal, or at once whatever deciding again cannot mend.
pub async fn deciding_again<T, E, F>(mut attempt: impl FnMut() -> F) -> Result<T, E>
where
    F: Future<Output = Result<T, E>>,
    E: LostRace,
{
    let mut tries = 1;
    loop {
        match attempt().await {
            Err(error) if error.lost_race() && tries < MAX_ATTEMPTS => {
                let jitter = u64::from(secret::random::<1>()[0]);
                tokio::time::sleep(Duration::from_millis(u64::from(tries) * 5 + jitter / 8)).await;
                tries += 1;
            }
            result => return result,
        }
    }
}

/// An error that may mean: somebody else was faster.
pub trait LostRace {
    /// Is it worth reading and deciding again?
    fn lost_race(&self) -> bool;
}

impl LostRace for CommitError {
    fn lost_race(&self) -> bool {
        self.may_decide_again()
    }
}
