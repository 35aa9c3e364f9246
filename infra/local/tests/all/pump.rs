//! The pump hands the stream's waking items to every consumer and gives up only after three tries.

use crate::{Outcome, any_cloud, dynamodb};
use aws_sdk_dynamodb::types::AttributeValue;
use axum::{Json, Router, extract::Path, routing::post};
use local::{Cloud, Consumer, remote_consumer};
use serde_json::Value;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

type Seen = Arc<Mutex<Vec<Value>>>;

fn seen(events: &Seen) -> Vec<Value> {
    events.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

fn note(events: &Seen, event: Value) {
    events.lock().unwrap_or_else(PoisonError::into_inner).push(event);
}

fn consumer(events: &Seen, answer: Result<(), String>) -> Consumer {
    let (records, minutes) = (events.clone(), events.clone());
    Consumer {
        name: "worker",
        on_records: Arc::new(move |event| {
            note(&records, event);
            Box::pin(std::future::ready(answer.clone()))
        }),
        on_minute: Arc::new(move || {
            note(&minutes, "minute".into());
            Box::pin(std::future::ready(Ok(())))
        }),
    }
}

async fn put(cloud: &Cloud, sk: &str, wake: bool) -> Result<(), Box<dyn std::error::Error>> {
    let mut put = dynamodb(cloud).put_item().table_name(cloud.table_name());
    put = put.item("pk", AttributeValue::S("T#a#SYS".to_owned())).item("sk", AttributeValue::S(sk.to_owned()));
    if wake {
        put = put.item("wake", AttributeValue::S("worker".to_owned()));
    }
    put.send().await?;
    Ok(())
}

#[tokio::test]
async fn only_inserted_items_with_wake_are_handed_over() -> Outcome {
    let cloud = any_cloud().await?;
    put(&cloud, "EVT#0", true).await?;
    let events = Seen::default();
    let pump = cloud.pump(vec![consumer(&events, Ok(()))])?;
    put(&cloud, "EVT#1", true).await?;
    put(&cloud, "EVT#2", false).await?;
    put(&cloud, "EVT#1", true).await?;
    assert_eq!(pump.drain().await, 1);
    assert_eq!(pump.drain().await, 0);
    let [event] = &seen(&events)[..] else { return Err("one event".into()) };
    let [record] = event["Records"].as_array().map(Vec::as_slice).unwrap_or_default() else {
        return Err("one record".into());
    };
    assert_eq!(record["eventName"], "INSERT");
    assert_eq!(record["dynamodb"]["NewImage"]["sk"]["S"], "EVT#1");
    assert_eq!(record["dynamodb"]["NewImage"]["wake"]["S"], "worker");
    cloud.stop().await;
    Ok(())
}

#[tokio::test]
async fn an_item_wakes_only_whom_it_names() -> Outcome {
    let cloud = any_cloud().await?;
    let (worker, documents) = (Seen::default(), Seen::default());
    let second = Consumer { name: "documents", ..consumer(&documents, Ok(())) };
    let pump = cloud.pump(vec![consumer(&worker, Ok(())), second])?;
    put(&cloud, "EVT#1", true).await?;
    assert_eq!(pump.drain().await, 1);
    assert_eq!((seen(&worker).len(), seen(&documents).len()), (1, 0));
    cloud.stop().await;
    Ok(())
}

#[tokio::test]
async fn many_items_come_in_batches_and_in_order() -> Outcome {
    let cloud = any_cloud().await?;
    let events = Seen::default();
    let pump = cloud.pump(vec![consumer(&events, Ok(()))])?;
    for count in 0..60 {
        put(&cloud, &format!("EVT#{count:02}"), true).await?;
    }
    assert_eq!(pump.drain().await, 60);
    let batches = seen(&events);
    assert_eq!(batches.len(), 3);
    let keys = batches.iter().flat_map(|event| event["Records"].as_array().into_iter().flatten());
    let keys: Vec<_> = keys.filter_map(|record| record["dynamodb"]["Keys"]["sk"]["S"].as_str()).collect();
    assert!(keys.is_sorted() && keys.len() == 60, "{keys:?}");
    cloud.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_batch_that_fails_three_times_is_a_dead_letter() -> Outcome {
    let cloud = any_cloud().await?;
    let events = Seen::default();
    let pump = cloud.pump(vec![consumer(&events, Err("no luck".to_owned()))])?;
    put(&cloud, "EVT#1", true).await?;
    pump.drain().await;
    assert_eq!(seen(&events).len(), 3);
    let [letter] = &pump.dead_letters()[..] else { return Err("one letter".into()) };
    assert_eq!((letter.reader.as_str(), letter.error.as_str()), ("worker", "no luck"));
    assert_eq!(letter.event["Records"][0]["dynamodb"]["NewImage"]["sk"]["S"], "EVT#1");
    cloud.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_running_pump_sees_items_soon_and_minutes_when_hurried() -> Outcome {
    let cloud = any_cloud().await?;
    let events = Seen::default();
    let pump = cloud.pump(vec![consumer(&events, Ok(()))])?;
    let running = tokio::spawn(pump.clone().run());
    put(&cloud, "EVT#1", true).await?;
    wait_for(&events, 2).await?;
    pump.hurry();
    wait_for(&events, 3).await?;
    let minutes = seen(&events).iter().filter(|event| **event == "minute").count();
    assert_eq!(minutes, 2);
    running.abort();
    cloud.stop().await;
    Ok(())
}

async fn wait_for(events: &Seen, count: usize) -> Outcome {
    for _ in 0..200 {
        if seen(events).len() >= count {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Err(format!("{count} events were not seen: {:?}", seen(events)).into())
}

#[tokio::test]
async fn a_remote_consumer_is_called_at_the_invoke_endpoint() -> Outcome {
    let events = Seen::default();
    let noted = events.clone();
    let app = Router::new().route(
        "/2015-03-31/functions/{name}/invocations",
        post(move |Path(name): Path<String>, Json(event): Json<Value>| {
            note(&noted, event);
            std::future::ready(if name == "worker" { "null" } else { r#"{"errorType":"Unhandled"}"# })
        }),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    tokio::spawn(axum::serve(listener, app).into_future());
    let worker = remote_consumer("worker", port);
    (worker.on_records)(serde_json::json!({ "Records": [] })).await?;
    (worker.on_minute)().await?;
    assert_eq!(seen(&events)[1]["detail-type"], "Scheduled Event");
    let broken = (remote_consumer("documents", port).on_minute)().await;
    assert!(broken.is_err_and(|error| error.contains("Unhandled")));
    Ok(())
}
