//! Moves the table's stream and the minute to their consumers, as event source mapping and schedule do on AWS; and what SES
//! tells of mails, as SNS does.

use crate::{
    dynamo::{Dynamo, StreamPosition},
    letters::{DeadLetter, DeadLetters, Way},
    watch::minute_event,
};
use dynoxide::{actions::get_records::Record, types::AttributeValue};
use futures_util::future::{BoxFuture, join_all};
use serde_json::{Value, json};
use std::{fmt, sync::Arc, time::Duration};
use tokio::{
    sync::{Mutex as AsyncMutex, Notify},
    time::{MissedTickBehavior, interval},
};

/// As in the template's event source mappings.
const BATCH_SIZE: usize = 25;
const POLL_EVERY: Duration = Duration::from_millis(100);
const MINUTE: Duration = Duration::from_secs(60);
/// A failed batch is tried again this often before it is given up.
const MAX_TRIES: usize = 3;
/// Only inserted items with this attribute wake anybody; it names whom.
const WAKE: &str = "wake";

type Work = BoxFuture<'static, Result<(), String>>;

/// Somebody who reads the stream and is called once a minute.
#[derive(Clone)]
pub struct Consumer {
    pub name: &'static str,
    /// Gets Lambda's DynamoDB event in JSON; of calls that are made again, any event.
    pub on_records: Arc<dyn Fn(Value) -> Work + Send + Sync>,
    pub on_minute: Arc<dyn Fn() -> Work + Send + Sync>,
}

impl fmt::Debug for Consumer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Consumer").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A handle to the pump; clones turn the same one.
#[derive(Debug, Clone)]
pub struct Pump(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    dynamo: Dynamo,
    consumers: Vec<Consumer>,
    position: AsyncMutex<StreamPosition>,
    letters: DeadLetters,
    minute_is_due: Notify,
}

impl Pump {
    /// Begins at the stream's present end: what fell due earlier is found by the first minute's sweep.
    ///
    /// # Errors
    /// When the table has no stream.
    pub(crate) fn new(dynamo: Dynamo, letters: DeadLetters, consumers: Vec<Consumer>) -> Result<Self, String> {
        let position = AsyncMutex::new(dynamo.stream_end()?);
        Ok(Self(Arc::new(Inner { dynamo, letters, consumers, position, minute_is_due: Notify::new() })))
    }

    /// Runs for ever; the first minute begins at once. A long minute does not hold up the stream.
    pub async fn run(self) {
        tokio::join!(self.run_stream(), self.run_minutes());
    }

    async fn run_stream(&self) {
        let mut poll = interval(POLL_EVERY);
        poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            poll.tick().await;
            self.drain().await;
        }
    }

    async fn run_minutes(&self) {
        let mut minute = interval(MINUTE);
        minute.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = minute.tick() => {}
                () = self.0.minute_is_due.notified() => {}
            }
            self.minute().await;
        }
    }

    /// Lets the running pump begin a minute now, for instance because the clock was set.
    pub fn hurry(&self) {
        self.0.minute_is_due.notify_one();
    }

    /// Hands over everything that the stream holds, also what the consumers write meanwhile; answers how much.
    pub async fn drain(&self) -> usize {
        let mut count = 0;
        let mut position = self.0.position.lock().await;
        loop {
            let (records, next) = match self.0.dynamo.read_stream(&position, BATCH_SIZE) {
                Ok(read) => read,
                Err(error) => {
                    tracing::error!(error, "the stream cannot be read");
                    return count;
                }
            };
            if records.is_empty() {
                return count;
            }
            count += self.hand_over(&records).await;
            *position = next;
        }
    }

    /// Has the stream more than was handed over? Not while it is being handed over.
    pub(crate) fn is_behind(&self) -> bool {
        let Ok(position) = self.0.position.try_lock() else { return false };
        self.0.dynamo.read_stream(&position, 1).is_ok_and(|(records, _)| !records.is_empty())
    }

    /// Who reads it.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.consumers.iter().map(|consumer| consumer.name)
    }

    /// One minute's sweep of every consumer.
    pub async fn minute(&self) {
        let sweeps = self.0.consumers.iter().map(|consumer| async move {
            if let Err(error) = (consumer.on_minute)().await {
                self.0.letters.put(consumer.name, Way::Call, minute_event(), format!("the minute failed: {error}"));
            }
        });
        join_all(sweeps).await;
    }

    /// Brings one consumer an event of somebody else, as often as a batch of the stream.
    pub async fn bring(&self, name: &str, event: Value) {
        for consumer in self.0.consumers.iter().filter(|consumer| consumer.name == name) {
            self.hand_to(consumer, Way::Call, event.clone()).await;
        }
    }

    /// Calls one consumer, once, as somebody who wants to know what comes of it; `None` when nobody has this name.
    pub(crate) async fn call(&self, name: &str, event: Value) -> Option<Result<(), String>> {
        let consumer = self.0.consumers.iter().find(|consumer| consumer.name == name)?;
        Some((consumer.on_records)(event).await)
    }

    /// What was given up, newest first.
    #[must_use]
    pub fn dead_letters(&self) -> Vec<DeadLetter> {
        self.0.letters.list()
    }

    /// Hands each consumer the records that name it; answers how many were handed over.
    async fn hand_over(&self, records: &[Record]) -> usize {
        let handing = self.0.consumers.iter().map(|consumer| async move {
            let waking: Vec<Value> =
                records.iter().filter(|record| wakes(record, consumer.name)).map(event_record).collect();
            let count = waking.len();
            if count > 0 {
                self.hand_to(consumer, Way::Stream, json!({ "Records": waking })).await;
            }
            count
        });
        join_all(handing).await.into_iter().sum()
    }

    async fn hand_to(&self, consumer: &Consumer, way: Way, event: Value) {
        let mut last_error = String::new();
        for _ in 0..MAX_TRIES {
            match (consumer.on_records)(event.clone()).await {
                Ok(()) => return,
                Err(error) => last_error = error,
            }
        }
        self.0.letters.put(consumer.name, way, event, last_error);
    }
}

fn wakes(record: &Record, reader: &str) -> bool {
    let image = record.dynamodb.new_image.as_ref();
    let woken = image.and_then(|item| item.get(WAKE));
    record.event_name == "INSERT" && matches!(woken, Some(AttributeValue::S(name)) if name == reader)
}

fn event_record(record: &Record) -> Value {
    let mut event = serde_json::to_value(record).unwrap_or_default();
    event["eventSourceARN"] = "arn:aws:dynamodb:local:000000000000:table/local/stream/local".into();
    event
}
