//! The consumers behind `cargo lambda watch`: the same events, posted to its invoke endpoint.

use crate::{client, pump::Consumer};
use serde_json::{Value, json};
use std::sync::Arc;

/// A consumer that is a binary of its own, called over `port` of `cargo lambda watch`.
#[must_use]
pub fn remote_consumer(name: &'static str, port: u16) -> Consumer {
    let address = format!("http://127.0.0.1:{port}/2015-03-31/functions/{name}/invocations");
    let records_address = address.clone();
    Consumer {
        name,
        on_records: Arc::new(move |event| Box::pin(invoke(records_address.clone(), event))),
        on_minute: Arc::new(move || Box::pin(invoke(address.clone(), minute_event()))),
    }
}

/// What EventBridge sends on a schedule.
pub(crate) fn minute_event() -> Value {
    json!({
        "version": "0",
        "id": "local-minute",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "000000000000",
        "time": web::Clock::system().now(),
        "region": "local",
        "resources": [],
        "detail": {},
    })
}

async fn invoke(address: String, event: Value) -> Result<(), String> {
    let (status, body) = client::post_json(&address, None, &event).await?;
    if status.is_success() && !body.starts_with(b"{\"errorType\"") {
        return Ok(());
    }
    Err(format!("{address} answered {status}: {}", String::from_utf8_lossy(&body)))
}
