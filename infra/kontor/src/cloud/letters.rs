//! What was given up: batches of the stream in a bucket, calls in a queue, each in the words of AWS.

use std::collections::VecDeque;

use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_sdk_sqs::types::QueueAttributeName;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::place::{Place, refused};
use crate::Failure;

/// Largest letter: an event, and what AWS says of it.
const MAX_LETTER_BYTES: i64 = 16 * 1024 * 1024;
/// Messages of one answer of a queue.
const AT_ONCE: u16 = 10;
/// How long a message is nobody else's; when this command ends in the middle it is back after that.
const HIDDEN_SECONDS: i32 = 900;
/// Where the schedule says whom it did not reach.
const TARGET: &str = "TARGET_ARN";
/// A queue has several places; so long it looks into all of them.
const LOOK_SECONDS: i32 = 1;

/// What AWS says was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Contents {
    /// The function that did not take it.
    pub(crate) reader: String,
    /// What it was given, as JSON.
    pub(crate) event: String,
    /// When it was given up.
    pub(crate) at: Option<Timestamp>,
}

/// Where a letter lies.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Lies {
    InBucket { key: String },
    InQueue { receipt: String },
}

/// What a letter says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Told {
    /// What its reader should be given.
    Work(Contents),
    /// That this lies in the bucket, where it is a letter itself; or, without one, only that S3 will tell of such.
    Notice { key: Option<String> },
}

/// Something that was given up.
#[derive(Debug, Clone)]
pub(crate) struct Letter {
    lies: Lies,
    /// What people call it.
    pub(crate) id: String,
    /// What it says, or why it cannot be read.
    pub(crate) told: Result<Told, String>,
}

impl Letter {
    /// Whom it was for and what it says.
    pub(crate) fn contents(&self) -> Option<&Contents> {
        match &self.told {
            Ok(Told::Work(contents)) => Some(contents),
            _ => None,
        }
    }
}

/// All of them, one after the other.
#[derive(Debug)]
pub(crate) struct Letters {
    s3: aws_sdk_s3::Client,
    bucket: String,
    sqs: aws_sdk_sqs::Client,
    queue: String,
    worker: String,
    /// Who reads the stream; whoever else a letter names is not called.
    readers: [String; 2],
    batches: Batches,
    received: VecDeque<Letter>,
}

/// How far the bucket is read.
#[derive(Debug, Default)]
struct Batches {
    keys: VecDeque<String>,
    after: Option<String>,
    is_over: bool,
}

impl Letters {
    pub(crate) fn of(place: &Place) -> Result<Self, Failure> {
        Ok(Self {
            s3: place.s3(),
            bucket: place.need("FAILED_BATCHES_NAME")?.to_owned(),
            sqs: place.sqs(),
            queue: place.need("DEAD_LETTERS_URL")?.to_owned(),
            worker: place.worker()?,
            readers: [place.need("WORKER_FUNCTION")?.to_owned(), place.need("DOCUMENTS_FUNCTION")?.to_owned()],
            batches: Batches::default(),
            received: VecDeque::new(),
        })
    }

    /// The next one; batches come first. Calls are nobody else's from then on, until they are taken away or left.
    pub(crate) async fn next(&mut self) -> Result<Option<Letter>, Failure> {
        while let Some(key) = self.next_key().await? {
            // Somebody else may have taken it away meanwhile.
            if let Some(letter) = self.batch(key).await? {
                return Ok(Some(letter));
            }
        }
        if self.received.is_empty() {
            self.receive().await?;
        }
        Ok(self.received.pop_front())
    }

    /// How many there are, up to a thousand batches; nobody is kept from them.
    pub(crate) async fn count(&self) -> Result<usize, Failure> {
        let asked = self.s3.list_objects_v2().bucket(&self.bucket).send();
        let batches = Box::pin(asked).await.map_err(refused("the bucket of batches cannot be listed"))?;
        let asked = self.sqs.get_queue_attributes().queue_url(&self.queue);
        let asked = asked.attribute_names(QueueAttributeName::ApproximateNumberOfMessages).send();
        let answer = Box::pin(asked).await.map_err(refused("the queue of dead letters cannot be read"))?;
        let calls = answer.attributes().and_then(|all| all.get(&QueueAttributeName::ApproximateNumberOfMessages));
        let calls: usize = calls.and_then(|count| count.parse().ok()).unwrap_or_default();
        Ok(batches.contents().len() + calls)
    }

    /// Its reader took it.
    pub(crate) async fn take_away(&self, letter: &Letter) -> Result<(), Failure> {
        match &letter.lies {
            Lies::InBucket { key } => {
                let asked = self.s3.delete_object().bucket(&self.bucket).key(key).send();
                Box::pin(asked).await.map(|_| ()).map_err(refused("a batch cannot be deleted"))
            }
            Lies::InQueue { receipt } => {
                let asked = self.sqs.delete_message().queue_url(&self.queue).receipt_handle(receipt).send();
                Box::pin(asked).await.map(|_| ()).map_err(refused("a call cannot be deleted"))
            }
        }
    }

    /// It stays, for everybody: also what was received and not asked for. What cannot be left at once is back after a while by itself.
    pub(crate) async fn leave(&mut self, seen: Vec<Letter>) {
        for letter in seen.into_iter().chain(std::mem::take(&mut self.received)) {
            let Lies::InQueue { receipt } = letter.lies else { continue };
            let asked = self.sqs.change_message_visibility().queue_url(&self.queue).receipt_handle(receipt);
            let _later = Box::pin(asked.visibility_timeout(0).send()).await;
        }
    }

    /// Does the batch still lie there that a notice tells of?
    pub(crate) async fn lies_there(&self, key: &str) -> Result<bool, Failure> {
        let asked = self.s3.list_objects_v2().bucket(&self.bucket).prefix(key).max_keys(1).send();
        let found = Box::pin(asked).await.map_err(refused("the bucket of batches cannot be listed"))?;
        Ok(found.contents().iter().any(|object| object.key() == Some(key)))
    }

    async fn next_key(&mut self) -> Result<Option<String>, Failure> {
        while self.batches.keys.is_empty() && !self.batches.is_over {
            let asked = self.s3.list_objects_v2().bucket(&self.bucket).set_start_after(self.batches.after.take());
            let page = Box::pin(asked.send()).await.map_err(refused("the bucket of batches cannot be listed"))?;
            self.batches.keys.extend(page.contents().iter().filter_map(|object| object.key().map(str::to_owned)));
            self.batches.after = self.batches.keys.back().cloned();
            self.batches.is_over = page.is_truncated() != Some(true);
        }
        Ok(self.batches.keys.pop_front())
    }

    async fn batch(&self, key: String) -> Result<Option<Letter>, Failure> {
        let asked = self.s3.get_object().bucket(&self.bucket).key(&key).send();
        let found = match Box::pin(asked).await {
            Ok(found) => found,
            Err(error) if matches!(error.as_service_error(), Some(GetObjectError::NoSuchKey(_))) => return Ok(None),
            Err(error) => return Err(refused("a batch cannot be read")(error)),
        };
        let id = key.rsplit('/').next().unwrap_or(&key).to_owned();
        let is_small = found.content_length().is_none_or(|length| length <= MAX_LETTER_BYTES);
        let told = if is_small {
            let body = found.body.collect().await;
            let body = body.map_err(|_| Failure::Cloud("a batch ended early".to_owned()))?.into_bytes();
            self.of_readers(read(&body, &self.worker, None))
        } else {
            Err("is larger than any event".to_owned())
        };
        Ok(Some(Letter { lies: Lies::InBucket { key }, id, told }))
    }

    /// Anybody who may write there could else have any function called in the operator's name.
    fn of_readers(&self, told: Result<Told, String>) -> Result<Told, String> {
        match told {
            Ok(Told::Work(contents)) if !self.readers.iter().any(|reader| is_of(reader, &contents.reader)) => {
                Err("is for a function that reads no stream".to_owned())
            }
            told => told,
        }
    }

    async fn receive(&mut self) -> Result<(), Failure> {
        let asked = self.sqs.receive_message().queue_url(&self.queue).max_number_of_messages(AT_ONCE.into());
        let asked = asked.visibility_timeout(HIDDEN_SECONDS).wait_time_seconds(LOOK_SECONDS);
        let asked = asked.message_attribute_names(TARGET).send();
        let answer = Box::pin(asked).await.map_err(refused("the queue of dead letters cannot be read"))?;
        let letters = answer.messages.unwrap_or_default().into_iter().filter_map(|message| {
            let target = message.message_attributes().and_then(|all| all.get(TARGET)?.string_value());
            let told = self.of_readers(read(message.body().unwrap_or_default().as_bytes(), &self.worker, target));
            let lies = Lies::InQueue { receipt: message.receipt_handle? };
            Some(Letter { lies, id: message.message_id.unwrap_or_default(), told })
        });
        self.received = letters.collect();
        Ok(())
    }
}

/// Reads what Lambda tells a failure destination, what SNS could not bring to the worker, what the schedule could not bring to `target`,
/// or what S3 tells of its bucket.
fn read(body: &[u8], worker: &str, target: Option<&str>) -> Result<Told, String> {
    let told: Value = serde_json::from_slice(body).map_err(|_| "is no JSON".to_owned())?;
    let text = |pointer: &str| told.pointer(pointer).and_then(Value::as_str);
    if text("/Records/0/eventSource") == Some("aws:s3") || text("/Event") == Some("s3:TestEvent") {
        return Ok(Told::Notice { key: text("/Records/0/s3/object/key").map(unescaped) });
    }
    let at = ["/timestamp", "/Timestamp", "/time"].into_iter().find_map(text).and_then(|at| at.parse().ok());
    let work = |reader, event| Ok(Told::Work(Contents { reader, event, at }));
    if text("/Type") == Some("Notification") {
        return work(worker.to_owned(), of_sns(&told).to_string());
    }
    if let Some(reader) = target.and_then(called) {
        return work(reader, told.to_string());
    }
    let reader = text("/requestContext/functionArn").and_then(called);
    let reader = reader.ok_or("does not say whom it was for")?;
    match (told.get("requestPayload"), text("/payload")) {
        (Some(event), _) => work(reader, event.to_string()),
        (None, Some(event)) => work(reader, event.to_owned()),
        (None, None) => Err("does not say what its reader was given".to_owned()),
    }
}

/// Is this the function's own name, or an alias of it?
fn is_of(function: &str, called: &str) -> bool {
    called.strip_prefix(function).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
}

/// A key as S3 writes it in events: like a field of a form.
fn unescaped(key: &str) -> String {
    url::form_urlencoded::parse(key.as_bytes()).map(|(key, _)| key.into_owned()).collect()
}

/// How a function is called now: by its alias where it was, but never by a version that is of the past.
fn called(arn: &str) -> Option<String> {
    let mut parts = arn.split(':').skip(6);
    let name = parts.next()?;
    let alias = parts.next().filter(|alias| alias.starts_with(|first: char| first.is_ascii_alphabetic()));
    Some(alias.map_or_else(|| name.to_owned(), |alias| format!("{name}:{alias}")))
}

/// A message of a topic, as Lambda gives it to a function.
fn of_sns(message: &Value) -> Value {
    json!({ "Records": [{ "EventSource": "aws:sns", "EventVersion": "1.0", "Sns": message }] })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_json(told: &Value) -> Result<Contents, String> {
        match read(told.to_string().as_bytes(), "stage-Worker-1", None)? {
            Told::Work(contents) => Ok(contents),
            Told::Notice { .. } => Err("is a notice".to_owned()),
        }
    }

    /// As in AWS's documentation of asynchronous invocations.
    #[test]
    fn a_call_names_its_function_and_its_event() {
        let told = json!({
            "version": "1.0",
            "timestamp": "2019-11-14T18:16:05.568Z",
            "requestContext": {
                "requestId": "e4b46cbf-b738-xmpl-8880-a18cdf61200e",
                "functionArn": "arn:aws:lambda:us-east-2:123456789012:function:my-function:$LATEST",
                "condition": "RetriesExhausted",
                "approximateInvokeCount": 3
            },
            "requestPayload": { "ORDER_IDS": ["9e07af03-ce31-4ff3-xmpl-36dce652cb4f"] },
            "responseContext": { "statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled" },
            "responsePayload": { "errorMessage": "Process exited before completing request" }
        });
        let contents = read_json(&told).unwrap();
        assert_eq!(contents.reader, "my-function");
        assert_eq!(contents.event, r#"{"ORDER_IDS":["9e07af03-ce31-4ff3-xmpl-36dce652cb4f"]}"#);
        assert_eq!(contents.at, Some("2019-11-14T18:16:05.568Z".parse().unwrap()));
    }

    /// As in AWS's documentation of failed batches of a stream; only a bucket is given the whole event.
    #[test]
    fn a_batch_holds_its_event_as_text() {
        let mut told = json!({
            "requestContext": {
                "requestId": "316aa6d0-8154-xmpl-9af7-85d5f4a6bc81",
                "functionArn": "arn:aws:lambda:us-east-2:123456789012:function:myfunction",
                "condition": "RetryAttemptsExhausted",
                "approximateInvokeCount": 1
            },
            "responseContext": { "statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled" },
            "version": "1.0",
            "timestamp": "2019-11-14T00:13:49.717Z",
            "DDBStreamBatchInfo": { "shardId": "shardId-00000001573689847184-864758bb", "batchSize": 1 },
            "payload": "{\"Records\":[]}"
        });
        let contents = read_json(&told).unwrap();
        assert_eq!((contents.reader.as_str(), contents.event.as_str()), ("myfunction", "{\"Records\":[]}"));
        told.as_object_mut().unwrap().remove("payload");
        assert!(read_json(&told).unwrap_err().contains("given"));
    }

    #[test]
    fn what_a_topic_could_not_bring_goes_to_the_worker_as_a_topic_brings_it() {
        let told = json!({ "Type": "Notification", "MessageId": "1", "Message": "{}", "Timestamp": "2026-11-22T09:00:00.000Z" });
        let contents = read_json(&told).unwrap();
        assert_eq!(contents.reader, "stage-Worker-1");
        let event: Value = serde_json::from_str(&contents.event).unwrap();
        assert_eq!((&event["Records"][0]["EventSource"], &event["Records"][0]["Sns"]), (&json!("aws:sns"), &told));
        assert!(contents.at.is_some());
    }

    /// As in AWS's documentation of EventBridge's dead letters: the event alone, and the rest beside it.
    #[test]
    fn a_minute_that_reached_nobody_says_beside_it_whom_it_was_for() {
        let event = json!({ "source": "aws.events", "detail-type": "Scheduled Event", "time": "2026-11-22T09:00:00Z" });
        let target = "arn:aws:lambda:eu-central-1:123456789012:function:stage-Worker-1:live";
        let told = read(event.to_string().as_bytes(), "w", Some(target)).unwrap();
        let at = Some("2026-11-22T09:00:00Z".parse().unwrap());
        assert_eq!(told, Told::Work(Contents { reader: "stage-Worker-1:live".into(), event: event.to_string(), at }));
    }

    #[test]
    fn what_s3_tells_of_its_bucket_is_a_notice() {
        let object = json!({ "bucket": { "name": "b" }, "object": { "key": "aws/lambda/1/shard-2026-11-22T09%3A00" } });
        let record =
            json!({ "eventVersion": "2.1", "eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": object });
        let told = |told: &Value| read(told.to_string().as_bytes(), "w", None).unwrap();
        let key = Some("aws/lambda/1/shard-2026-11-22T09:00".to_owned());
        assert_eq!(told(&json!({ "Records": [record] })), Told::Notice { key });
        let test = json!({ "Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b" });
        assert_eq!(told(&test), Told::Notice { key: None });
    }

    #[test]
    fn a_reader_is_called_by_its_alias_and_by_no_version() {
        let called = |behind: &str| called(&format!("arn:aws:lambda:eu-central-1:1:function:w{behind}"));
        assert_eq!(called("").as_deref(), Some("w"));
        assert_eq!(called(":live").as_deref(), Some("w:live"));
        assert_eq!(called(":$LATEST").as_deref(), Some("w"));
        assert_eq!(called(":12").as_deref(), Some("w"));
        assert_eq!(super::called("arn:aws:lambda"), None);
    }

    #[test]
    fn an_alias_is_of_its_function_and_another_function_is_not() {
        assert!(is_of("worker", "worker") && is_of("worker", "worker:live"));
        assert!(!is_of("worker", "worker2") && !is_of("worker", "backoffice") && !is_of("worker", "worker/../x"));
    }

    #[test]
    fn what_is_none_of_these_says_so() {
        assert!(read(b"<xml>", "w", None).unwrap_err().contains("JSON"));
        assert!(read(b"{}", "w", None).unwrap_err().contains("whom"));
    }
}
