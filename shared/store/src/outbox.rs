//! What is still to be done — events to follow up, mails to send, payments to look at again, what providers named, invoices
//! to collect, offers that are over, jobs, erasures: swept from DUE, one worker at a time by lease, next time written on failure.
//!
//! The stream only hurries; the truth is DUE, which each reader of the stream has for itself. An item that was done leaves
//! the index, so the sweep stays short.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    collection::Collection, document::DocumentRow, endpoint::Endpoint, erasure::Tombstone, id::CustomerId, job::Job,
    payment::Payment, payment_method::PaymentMethod, subscription::Subscription,
};
use jiff::{SignedDuration, Timestamp};

use crate::{
    About, EventRecord, Loaded, LookUp, OutMail, OutMailEnd, Store, StoreError, TenantScope, TenantStore,
    access::{Index, Range, Update, get_raw, query_index, update},
    customer::owner,
    event::key_of,
    item::{KIND, number, read, text},
    key::{Key, instant},
};

/// How long one worker keeps an item to itself.
const LEASE: SignedDuration = SignedDuration::from_secs(60);
/// Pauses after the first, second … failure; the last one repeats.
const PAUSES: [SignedDuration; 5] = [
    SignedDuration::from_mins(1),
    SignedDuration::from_mins(5),
    SignedDuration::from_mins(30),
    SignedDuration::from_hours(2),
    SignedDuration::from_hours(6),
];

/// Who sweeps what is due, each a list of its own. `wake` names those that read the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// Follows up everything but what needs a paper first.
    Worker,
    /// Writes papers, and hands over to `worker`.
    Documents,
    /// Visits endpoints of webhooks, in `worker` too: in a list of its own, so that nothing else waits for somebody else's
    /// server. The stream never wakes it.
    Hooks,
}

impl Reader {
    /// Its function's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Worker => "worker",
            Self::Documents => "documents",
            Self::Hooks => "hooks",
        }
    }
}

/// What is to be done.
#[derive(Debug, Clone)]
pub enum Due {
    /// An event wants to be followed up.
    Event {
        /// Whose timeline it stands in; none: the tenant's own.
        customer: Option<CustomerId>,
        /// The event.
        record: EventRecord,
    },
    /// A mail waits to be sent.
    Mail {
        /// Whom it is for.
        customer: CustomerId,
        /// The mail.
        mail: OutMail,
    },
    /// The confirmation of a declaration waits to be sent; it is for nobody's account.
    Confirmation(OutMail),
    /// A payment waits for its provider, or for its next step.
    Payment(Box<Loaded<Payment>>),
    /// A way to pay waits for its provider, or for what was wished with it.
    PaymentMethod(Box<Loaded<PaymentMethod>>),
    /// An invoice waits to be announced or charged, or for what came of that.
    Collection(Box<Loaded<Collection>>),
    /// A contract ends, is resumed or renewed on its day.
    Subscription {
        /// Whose.
        customer: CustomerId,
        /// The contract.
        contract: Box<Loaded<Subscription>>,
    },
    /// An offer that nobody answered is over on its day.
    Offer {
        /// Whose.
        customer: CustomerId,
        /// Its row.
        row: Box<Loaded<DocumentRow>>,
    },
    /// A provider named something that is to be looked up there.
    LookUp(LookUp),
    /// An endpoint of webhooks is to be visited.
    Endpoint(Box<Loaded<Endpoint>>),
    /// Work that was asked for goes on.
    Job(Box<Loaded<Job>>),
    /// The erasure of a customer goes on.
    Erasure(Box<Loaded<Tombstone>>),
}

/// Something due, as the sweep sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueItem {
    key: Key,
    seen: String,
    tries: u64,
}

/// What one reader has to do for one tenant.
#[derive(Debug, Clone)]
pub struct Outbox {
    inside: TenantStore,
    reader: Reader,
}

impl Store {
    /// What a reader has to do for one tenant, for the job loop.
    #[must_use]
    pub fn outbox(&self, scope: &TenantScope, reader: Reader) -> Outbox {
        Outbox { inside: self.in_tenant(scope), reader }
    }
}

impl DueItem {
    /// How often it failed so far.
    #[must_use]
    pub const fn tries(&self) -> u64 {
        self.tries
    }
}

impl Outbox {
    /// The tenant's part of the table.
    #[must_use]
    pub const fn store(&self) -> &TenantStore {
        &self.inside
    }

    /// What is due by now, earliest first.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn due(&self, now: Timestamp, limit: u16) -> Result<Vec<DueItem>, StoreError> {
        let mut range = Range::prefix(self.inside.scope.due_of(self.reader), "", i32::from(limit));
        range.to = format!("{}#\u{ffff}", instant(now));
        let page = query_index(&self.inside.store, Index::Todo, range).await?;
        let item = |raw| Some(DueItem { key: key_of(raw)?, seen: text(raw, "t_sk")?.to_owned(), tries: 0 });
        Ok(page.items.iter().filter_map(item).collect())
    }

    /// Takes an item for 60 s; `None` when somebody else has it or it is done.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn lease(&self, item: &DueItem, now: Timestamp) -> Result<Option<(DueItem, Due)>, StoreError> {
        let until = TenantScope::due_at(now + LEASE, &item.key);
        let Some(leased) = self.move_to(item, &until, "SET t_sk = :next").await? else { return Ok(None) };
        let Some(raw) = get_raw(&self.inside.store, item.key.clone(), true).await? else { return Ok(None) };
        let leased = DueItem { tries: number(&raw, "tries").unwrap_or(0), ..leased };
        let due = match text(&raw, KIND) {
            Some("payment") => Due::Payment(Box::new(read(raw)?)),
            Some("payment_method") => Due::PaymentMethod(Box::new(read(raw)?)),
            Some("collection") => Due::Collection(Box::new(read(raw)?)),
            Some("subscription") => Due::Subscription {
                customer: owner(&raw)
                    .ok_or(StoreError::Corrupt { kind: "subscription", reason: "it has no owner".into() })?,
                contract: Box::new(read(raw)?),
            },
            Some("document") => Due::Offer {
                customer: owner(&raw)
                    .ok_or(StoreError::Corrupt { kind: "document", reason: "it has no owner".into() })?,
                row: Box::new(read(raw)?),
            },
            Some("look_up") => Due::LookUp(read::<LookUp>(raw)?.value),
            Some("webhook_endpoint") => Due::Endpoint(Box::new(read(raw)?)),
            Some("job") => Due::Job(Box::new(read(raw)?)),
            Some("tombstone") => Due::Erasure(Box::new(read(raw)?)),
            Some("out_mail") => match owner(&raw) {
                Some(customer) => Due::Mail { customer, mail: read(raw)?.value },
                None => Due::Confirmation(confirmation(read::<OutMail>(raw)?.value)?),
            },
            _ => Due::Event { customer: owner(&raw), record: read(raw)?.value },
        };
        Ok(Some((leased, due)))
    }

    /// The item is done: it leaves the index.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn done(&self, item: &DueItem) -> Result<bool, StoreError> {
        self.leave(item, "REMOVE t_pk, t_sk, wake", None).await
    }

    /// A mail ended: it leaves the index and says how.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn ended(&self, item: &DueItem, end: OutMailEnd) -> Result<bool, StoreError> {
        self.leave(item, "SET ended = :ended REMOVE t_pk, t_sk, wake", Some(end)).await
    }

    async fn leave(
        &self,
        item: &DueItem,
        expression: &'static str,
        end: Option<OutMailEnd>,
    ) -> Result<bool, StoreError> {
        let mut values = vec![(":seen", AttributeValue::S(item.seen.clone()))];
        values.extend(end.map(|end| (":ended", AttributeValue::S(end.name().to_owned()))));
        let change =
            Update { key: item.key.clone(), expression, condition: Some("t_sk = :seen"), names: vec![], values };
        Ok(update(&self.inside.store, change).await?.is_some())
    }

    /// The item failed: it comes again later, after longer and longer pauses.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn failed(&self, item: &DueItem, now: Timestamp) -> Result<(), StoreError> {
        let tries = usize::try_from(item.tries).unwrap_or(usize::MAX);
        let pause = PAUSES[tries.min(PAUSES.len() - 1)];
        let next = TenantScope::due_at(now + pause, &item.key);
        self.move_to(item, &next, "SET t_sk = :next ADD tries :one").await.map(|_| ())
    }

    /// It is not the item's turn yet: it comes again then, and has failed no more often.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn put_off(&self, item: &DueItem, then: Timestamp) -> Result<(), StoreError> {
        let next = TenantScope::due_at(then, &item.key);
        self.move_to(item, &next, "SET t_sk = :next").await.map(|_| ())
    }

    async fn move_to(
        &self,
        item: &DueItem,
        next: &str,
        expression: &'static str,
    ) -> Result<Option<DueItem>, StoreError> {
        let mut values =
            vec![(":seen", AttributeValue::S(item.seen.clone())), (":next", AttributeValue::S(next.to_owned()))];
        if expression.contains(":one") {
            values.push((":one", AttributeValue::N("1".into())));
        }
        let change =
            Update { key: item.key.clone(), expression, condition: Some("t_sk = :seen"), names: vec![], values };
        let moved = update(&self.inside.store, change).await?;
        Ok(moved.map(|_| DueItem { key: item.key.clone(), seen: next.to_owned(), tries: item.tries }))
    }
}
/// Every other mail belongs to a customer.
fn confirmation(mail: OutMail) -> Result<OutMail, StoreError> {
    match mail.about {
        About::Declaration { .. } => Ok(mail),
        _ => Err(StoreError::Corrupt { kind: "out_mail", reason: "it belongs to no customer".into() }),
    }
}
