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

/// Something that was given up.
#[derive(Debug, Clone)]
pub(crate) struct Letter {
    lies: Lies,
    /// What people call it.
    pub(crate) id: String,
    /// What it says, or why it cannot be read.
    pub(crate) contents: Result<Contents, String>,
}

/// All of them, one after the other.
#[derive(Debug)]
pub(crate) struct Letters {
    s3: aws_sdk_s3::Client,
    bucket: String,
    sqs: aws_sdk_sqs::Client,
    queue: String,
    worker: String,
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
            worker: place.need("WORKER_FUNCTION")?.to_owned(),
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

    /// It stays, for everybody: also what was received and not asked for.
    pub(crate) async fn leave(&mut self, seen: Vec<Letter>) -> Result<(), Failure> {
        for letter in seen.into_iter().chain(std::mem::take(&mut self.received)) {
            let Lies::InQueue { receipt } = letter.lies else { continue };
            let asked = self.sqs.change_message_visibility().queue_url(&self.queue).receipt_handle(receipt);
            let asked = asked.visibility_timeout(0).send();
            Box::pin(asked).await.map_err(refused("a call cannot be left"))?;
        }
        Ok(())
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
        let contents = if is_small {
            let body = found.body.collect().await;
            let body = body.map_err(|_| Failure::Cloud("a batch ended early".to_owned()))?.into_bytes();
            read(&body, &self.worker)
        } else {
            Err("is larger than any event".to_owned())
        };
        Ok(Some(Letter { lies: Lies::InBucket { key }, id, contents }))
    }

    async fn receive(&mut self) -> Result<(), Failure> {
        let asked = self.sqs.receive_message().queue_url(&self.queue).max_number_of_messages(AT_ONCE.into());
        let asked = asked.visibility_timeout(HIDDEN_SECONDS).wait_time_seconds(LOOK_SECONDS).send();
        let answer = Box::pin(asked).await.map_err(refused("the queue of dead letters cannot be read"))?;
        let letters = answer.messages.unwrap_or_default().into_iter().filter_map(|message| {
            let contents = read(message.body.unwrap_or_default().as_bytes(), &self.worker);
            let lies = Lies::InQueue { receipt: message.receipt_handle? };
            Some(Letter { lies, id: message.message_id.unwrap_or_default(), contents })
        });
        self.received = letters.collect();
        Ok(())
    }
}

/// Reads what Lambda tells a failure destination, or what SNS could not bring to the worker.
fn read(body: &[u8], worker: &str) -> Result<Contents, String> {
    let told: Value = serde_json::from_slice(body).map_err(|_| "is no JSON".to_owned())?;
    let text = |pointer: &str| told.pointer(pointer).and_then(Value::as_str);
    let at = text("/timestamp").or_else(|| text("/Timestamp")).and_then(|at| at.parse().ok());
    if text("/Type") == Some("Notification") {
        return Ok(Contents { reader: worker.to_owned(), event: of_sns(&told).to_string(), at });
    }
    let reader = text("/requestContext/functionArn").and_then(called);
    let reader = reader.ok_or("does not say whom it was for")?;
    let event = match (told.get("requestPayload"), text("/payload")) {
        (Some(event), _) => event.to_string(),
        (None, Some(event)) => event.to_owned(),
        (None, None) => return Err("does not say what its reader was given".to_owned()),
    };
    Ok(Contents { reader, event, at })
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
        read(told.to_string().as_bytes(), "stage-Worker-1")
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
    fn what_is_none_of_these_says_so() {
        assert!(read(b"<xml>", "w").unwrap_err().contains("JSON"));
        assert!(read(b"{}", "w").unwrap_err().contains("whom"));
    }
}
