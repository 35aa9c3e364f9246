//! SQS, as far as dead letters are read: one queue, in the JSON protocol. Received messages are hidden for a while, and come
//! back unless they are deleted.

use crate::letters::DeadLetters;
use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    response::{IntoResponse, Response},
    routing::post,
};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Where it answers.
pub(crate) const PATH: &str = "/sqs";
/// Before the name of every operation.
const TARGET: &str = "AmazonSQS.";
/// Of one answer, as SQS has it.
const MAX_MESSAGES: usize = 10;
/// When nobody says how long.
const HIDDEN_SECONDS: u64 = 30;

#[derive(Debug, Clone)]
struct Queue {
    letters: DeadLetters,
    hidden: Arc<Mutex<HashMap<String, Instant>>>,
}

/// What is asked for; each operation has some of it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Asked {
    max_number_of_messages: Option<usize>,
    visibility_timeout: Option<u64>,
    receipt_handle: String,
}

/// The queue of what was given up.
pub(crate) fn router(letters: DeadLetters) -> Router {
    let queue = Queue { letters, hidden: Arc::default() };
    // Clients put the path of a call, which is `/`, behind the address they were given.
    Router::new().route(PATH, post(call)).route(&format!("{PATH}/"), post(call)).with_state(queue)
}

async fn call(State(queue): State<Queue>, head: HeaderMap, body: Bytes) -> Response {
    let target = head.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let operation = target.strip_prefix(TARGET).unwrap_or(target);
    let Ok(asked) = serde_json::from_slice::<Asked>(&body) else {
        return refusal("InvalidParameterValue", "the body is no JSON of SQS");
    };
    match operation {
        "ReceiveMessage" => Json(queue.receive(&asked)).into_response(),
        "ChangeMessageVisibility" => {
            queue.hide(&asked.receipt_handle, asked.visibility_timeout.unwrap_or(HIDDEN_SECONDS));
            Json(json!({})).into_response()
        }
        "DeleteMessage" => {
            queue.letters.remove_call(&asked.receipt_handle);
            queue.hidden().remove(&asked.receipt_handle);
            Json(json!({})).into_response()
        }
        "GetQueueAttributes" => {
            let count = queue.letters.calls().len().to_string();
            Json(json!({ "Attributes": { "ApproximateNumberOfMessages": count } })).into_response()
        }
        _ => refusal("UnsupportedOperation", "the local queue does not know this operation"),
    }
}

impl Queue {
    fn receive(&self, asked: &Asked) -> Value {
        let at_most = asked.max_number_of_messages.unwrap_or(1).min(MAX_MESSAGES);
        let is_visible = |id: &str| self.hidden().get(id).is_none_or(|until| *until <= Instant::now());
        let calls = self.letters.calls().into_iter().filter(|(id, _)| is_visible(id)).take(at_most);
        let messages = calls.map(|(id, body)| {
            self.hide(&id, asked.visibility_timeout.unwrap_or(HIDDEN_SECONDS));
            json!({ "MessageId": id, "ReceiptHandle": id, "Body": body })
        });
        json!({ "Messages": messages.collect::<Vec<_>>() })
    }

    fn hide(&self, id: &str, seconds: u64) {
        self.hidden().insert(id.to_owned(), Instant::now() + Duration::from_secs(seconds));
    }

    fn hidden(&self) -> MutexGuard<'_, HashMap<String, Instant>> {
        self.hidden.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn refusal(code: &str, message: &str) -> Response {
    let problem = json!({ "__type": format!("com.amazonaws.sqs#{code}"), "message": message });
    (StatusCode::BAD_REQUEST, Json(problem)).into_response()
}
