//! Lambda, for the readers of the stream alone: called with an event, and asked how far they read it.

use crate::{letters::function_arn, pump::Pump};
use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use http::StatusCode;
use serde_json::{Value, json};
use std::sync::{Arc, OnceLock};

/// Where it answers.
pub(crate) const PATH: &str = "/lambda";
/// Lambda takes no more.
const MAX_EVENT_BYTES: usize = 6 * 1024 * 1024;

/// Whoever knows the readers, as soon as there are any.
pub(crate) type Readers = Arc<OnceLock<Pump>>;

/// The service.
pub(crate) fn router(readers: Readers) -> Router {
    let calls = format!("{PATH}/2015-03-31/functions/{{name}}/invocations");
    let streams = format!("{PATH}/2015-03-31/event-source-mappings");
    Router::new()
        .route(&calls, post(invoke))
        .route(&streams, get(mappings))
        .layer(DefaultBodyLimit::max(MAX_EVENT_BYTES))
        .with_state(readers)
}

/// How far each reader is: AWS has a word for what came of the last batch, and here one is still to come or not.
async fn mappings(State(readers): State<Readers>) -> Response {
    let mapping = |pump: &Pump, name: &str| {
        let last = if pump.is_behind() { "PROBLEM: the stream has more" } else { "OK" };
        json!({ "UUID": name, "FunctionArn": function_arn(name), "State": "Enabled", "LastProcessingResult": last })
    };
    let all = readers.get().into_iter().flat_map(|pump| pump.names().map(move |name| mapping(pump, name)));
    Json(json!({ "EventSourceMappings": all.collect::<Vec<_>>() })).into_response()
}

async fn invoke(State(readers): State<Readers>, Path(name): Path<String>, body: Bytes) -> Response {
    let Ok(event) = serde_json::from_slice::<Value>(&body) else {
        return refusal(StatusCode::BAD_REQUEST, "InvalidRequestContentException", "the event is no JSON");
    };
    let outcome = match readers.get() {
        Some(pump) => pump.call(&name, event).await,
        None => None,
    };
    match outcome {
        None => refusal(StatusCode::NOT_FOUND, "ResourceNotFoundException", "no reader has this name"),
        Some(Ok(())) => Json(Value::Null).into_response(),
        Some(Err(error)) => {
            let answer = Json(json!({ "errorType": "Error", "errorMessage": error }));
            ([("x-amz-function-error", "Unhandled")], answer).into_response()
        }
    }
}

fn refusal(status: StatusCode, code: &'static str, message: &str) -> Response {
    (status, [("x-amzn-errortype", code)], Json(json!({ "Message": message }))).into_response()
}
