//! The server against itself: what GoCardless would refuse is refused, what it would repeat is repeated.

use std::sync::{Arc, atomic::AtomicI64};

use serde_json::{Value, json};

use super::{GoCardless, Setup, Speed, sign};
use crate::{
    Fault, Message,
    tools::client::{Answer, call},
};

const NOW: i64 = 1_795_581_616;

async fn start() -> GoCardless {
    GoCardless::start(Setup::new("sandbox_token", "secret", Arc::new(AtomicI64::new(NOW)))).await
}

async fn send(bank: &GoCardless, method: &str, path: &str, key: &str, body: Value) -> Answer {
    let mut headers = vec![("Authorization", "Bearer sandbox_token"), ("GoCardless-Version", "2015-07-06")];
    if !key.is_empty() {
        headers.push(("Idempotency-Key", key));
    }
    call(&bank.url(), method, path, &headers, &body).await
}

async fn post(bank: &GoCardless, path: &str, body: Value) -> Answer {
    send(bank, "POST", path, "", body).await
}

async fn get(bank: &GoCardless, path: &str) -> Value {
    send(bank, "GET", path, "", Value::Null).await.body
}

fn charge(mandate: &str, amount: i64) -> Value {
    json!({"payments": {"amount": amount, "currency": "EUR", "links": {"mandate": mandate}, "metadata": {"payment": "01J"}}})
}

fn refund(payment: &str, amount: i64, total: i64) -> Value {
    json!({"refunds": {"amount": amount, "total_amount_confirmation": total, "links": {"payment": payment}}})
}

fn events(messages: &[Message]) -> Vec<Value> {
    let bodies = messages.iter().map(|message| serde_json::from_slice::<Value>(&message.body).unwrap());
    bodies.flat_map(|body| body["events"].as_array().unwrap().clone()).collect()
}

fn actions(messages: &[Message]) -> Vec<String> {
    let name =
        |event: &Value| format!("{}.{}", event["resource_type"].as_str().unwrap(), event["action"].as_str().unwrap());
    events(messages).iter().map(name).collect()
}

#[tokio::test]
async fn a_billing_request_ends_in_a_payment_and_a_mandate() {
    let bank = start().await;
    let body = json!({"billing_requests": {"metadata": {"payment": "01J"},
        "payment_request": {"amount": 1591, "currency": "EUR", "description": "Invoice", "metadata": {"payment": "01J"}},
        "mandate_request": {"scheme": "sepa_core"}}});
    let made = post(&bank, "/billing_requests", body).await;
    assert_eq!(made.status, 201);
    let id = made.body["billing_requests"]["id"].as_str().unwrap().to_owned();
    let flow = json!({"billing_request_flows": {"redirect_uri": "https://a.example/r", "exit_uri": "https://a.example/x",
        "links": {"billing_request": id}}});
    let answer = post(&bank, "/billing_request_flows", flow.clone()).await;
    assert!(answer.body["billing_request_flows"]["authorisation_url"].is_string());
    assert!(bank.turn_back(&id) && bank.fulfil(&id, Speed::AtOnce) && !bank.fulfil(&id, Speed::AtOnce));
    let shown = get(&bank, &format!("/billing_requests/{id}")).await["billing_requests"].clone();
    assert_eq!(shown["status"], "fulfilled");
    let payment = shown["links"]["payment_request_payment"].as_str().unwrap().to_owned();
    let mandate = shown["links"]["mandate_request_mandate"].as_str().unwrap().to_owned();
    assert_eq!(get(&bank, &format!("/payments/{payment}")).await["payments"]["status"], "confirmed");
    assert_eq!(get(&bank, &format!("/mandates/{mandate}")).await["mandates"]["status"], "active");
    assert_eq!(bank.charges()[0].metadata, json!({"payment": "01J"}));
    let told = actions(&bank.messages());
    assert_eq!(told.last().map(String::as_str), Some("billing_requests.fulfilled"));
    assert!(told.contains(&"payments.confirmed".to_owned()) && told.contains(&"mandates.active".to_owned()));
    let cancel = post(&bank, &format!("/billing_requests/{id}/actions/cancel"), json!({})).await;
    assert_eq!(cancel.body["error"]["errors"][0]["reason"], "cancellation_failed");
    assert_eq!(post(&bank, "/billing_request_flows", flow).await.status, 422);
}

#[tokio::test]
async fn a_flow_is_shown_again_while_it_can_be_used() {
    let bank = start().await;
    let asked = json!({"billing_requests": {"mandate_request": {"scheme": "sepa_core"}}});
    let id = post(&bank, "/billing_requests", asked).await.body["billing_requests"]["id"].as_str().unwrap().to_owned();
    let flow = json!({"billing_request_flows": {"links": {"billing_request": id}}});
    let made = post(&bank, "/billing_request_flows", flow.clone()).await.body["billing_request_flows"].clone();
    let other = post(&bank, "/billing_request_flows", flow).await.body["billing_request_flows"]["id"].clone();
    assert_ne!(made["id"], other, "flows are made anew");
    let again = format!("/billing_request_flows/{}/actions/initialise", made["id"].as_str().unwrap());
    let shown = post(&bank, &again, json!({})).await.body["billing_request_flows"].clone();
    assert_eq!((&shown["id"], &shown["authorisation_url"]), (&made["id"], &made["authorisation_url"]));
    let events = get(&bank, &format!("/events?billing_request={id}&action=flow_created")).await;
    assert_eq!(events["events"][0]["links"]["billing_request_flow"], other, "newest first");
    assert!(bank.fulfil(&id, Speed::AtOnce));
    assert_eq!(post(&bank, &again, json!({})).await.status, 422);
    let answer = call(
        &bank.url(),
        "GET",
        "/creditors",
        &[("Authorization", "Bearer sandbox_token"), ("GoCardless-Version", "2015-07-06")],
        &Value::Null,
    )
    .await;
    assert_eq!(answer.body["creditors"][0]["scheme_identifiers"][1]["scheme"], "sepa");
    assert!(answer.head.contains("date: wed, 25 nov 2026 04:40:16 gmt"), "{}", answer.head);
}

#[tokio::test]
async fn a_key_makes_one_thing_and_names_it_afterwards() {
    let bank = start().await;
    let mandate = bank.mandate(json!({}));
    let wrong = send(&bank, "POST", "/payments", "k", charge(&mandate, 0)).await;
    assert_eq!((wrong.status, wrong.body["error"]["errors"][0]["field"].as_str()), (422, Some("amount")));
    bank.fault(Fault::Stumble(http::StatusCode::GATEWAY_TIMEOUT));
    assert_eq!(send(&bank, "POST", "/payments", "k", charge(&mandate, 100)).await.status, 504);
    let again = send(&bank, "POST", "/payments", "k", charge(&mandate, 200)).await;
    assert_eq!((again.status, again.body["error"]["type"].as_str()), (409, Some("invalid_state")));
    let error = &again.body["error"]["errors"][0];
    assert_eq!(error["reason"], "idempotent_creation_conflict");
    let id = error["links"]["conflicting_resource_id"].as_str().unwrap();
    assert_eq!(get(&bank, &format!("/payments/{id}")).await["payments"]["amount"], 100);
    assert_eq!(bank.payments().len(), 1);
}

#[tokio::test]
async fn money_goes_back_and_forth() {
    let bank = start().await;
    let mandate = bank.mandate(json!({}));
    let made = post(&bank, "/payments", charge(&mandate, 1000)).await;
    let id = made.body["payments"]["id"].as_str().unwrap().to_owned();
    assert!(bank.charges().is_empty());
    assert_eq!(post(&bank, "/refunds", refund(&id, 100, 100)).await.status, 422);
    assert!(bank.submit(&id) && bank.confirm(&id) && bank.pay_out(&id));
    let cancel = post(&bank, &format!("/payments/{id}/actions/cancel"), json!({})).await;
    assert_eq!(cancel.body["error"]["errors"][0]["reason"], "cancellation_failed");
    assert_eq!(post(&bank, "/refunds", refund(&id, 100, 100)).await.status, 201);
    let stale = post(&bank, "/refunds", refund(&id, 100, 100)).await;
    assert_eq!(stale.body["error"]["errors"][0]["reason"], "total_amount_confirmation_invalid");
    let second = post(&bank, "/refunds", refund(&id, 100, 200)).await;
    assert!(bank.settle_refund(second.body["refunds"]["id"].as_str().unwrap()));
    assert!(bank.fail_refund(second.body["refunds"]["id"].as_str().unwrap()));
    assert_eq!(get(&bank, &format!("/payments/{id}")).await["payments"]["amount_refunded"], 100);
    assert!(bank.charge_back(&id));
    assert_eq!(bank.charges()[0].charged_back, 1000);
    assert!(bank.cancel_chargeback(&id) && !bank.cancel_chargeback(&id));
    assert_eq!(get(&bank, &format!("/payments/{id}")).await["payments"]["status"], "paid_out");
    assert!(bank.fail(&id) && bank.settle_late_failure(&id));
    let charge = &bank.charges()[0];
    assert_eq!((charge.refunded, charge.charged_back), (100, 1000));
    assert_eq!(post(&bank, &format!("/payments/{id}/actions/retry"), json!({})).await.status, 200);
    assert!(bank.confirm(&id));
    assert_eq!(bank.charges()[0].charged_back, 0);
}

#[tokio::test]
async fn what_gocardless_refuses_points_to_the_field() {
    let bank = start().await;
    let mandate = bank.mandate(json!({}));
    let cases = [
        ("/payments/currency", json!({"currency": "XXX"})),
        ("/payments/currency", json!({"currency": "GBP"})),
        ("/payments/amount", json!({"amount": "1,00"})),
        ("/payments/links/mandate", json!({"links": {"mandate": "MD0"}})),
        ("/payments/metadata", json!({"metadata": {"a": "1", "b": "2", "c": "3", "d": "4"}})),
        ("/payments/metadata", json!({"metadata": {"x".repeat(51): "1"}})),
        ("/payments/metadata/a", json!({"metadata": {"a": "x".repeat(501)}})),
        ("/payments/metadata/a", json!({"metadata": {"a": 1}})),
        ("/payments/charge_date", json!({"charge_date": "2026-11-24"})),
        ("/payments/reference", json!({"reference": "x".repeat(141)})),
        ("/payments/amonut", json!({"amonut": 1})),
    ];
    for (pointer, change) in cases {
        let mut body = charge(&mandate, 100);
        body["payments"].as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let answer = post(&bank, "/payments", body).await;
        assert_eq!((answer.status, answer.body["error"]["type"].as_str()), (422, Some("validation_failed")));
        assert_eq!(answer.body["error"]["errors"][0]["request_pointer"], pointer, "{change}");
    }
    assert_eq!(get(&bank, "/payments/PM0").await["error"]["code"], 404);
    let none = call(&bank.url(), "GET", "/payments", &[("Authorization", "Bearer sandbox_token")], &Value::Null).await;
    assert_eq!(none.status, 400);
    assert_eq!(call(&bank.url(), "GET", "/payments", &[], &Value::Null).await.status, 401);
    let empty = post(&bank, "/billing_requests", json!({"billing_requests": {}})).await;
    assert_eq!(empty.status, 422);
}

#[tokio::test]
async fn a_mandate_that_ends_takes_its_waiting_payments_along() {
    let bank = start().await;
    let mandate = bank.mandate(json!({"customer": "7"}));
    let id = post(&bank, "/payments", charge(&mandate, 100)).await.body["payments"]["id"].as_str().unwrap().to_owned();
    let _ = bank.messages();
    assert!(bank.mandate_cancelled(&mandate));
    let told = events(&bank.messages());
    assert_eq!(told[0]["resource_metadata"]["customer"], "7");
    assert_eq!(
        (told[1]["links"]["payment"].as_str(), told[1]["action"].as_str()),
        (Some(id.as_str()), Some("cancelled"))
    );
    assert_eq!(told[1]["links"]["parent_event"], told[0]["id"]);
    let answer = post(&bank, "/payments", charge(&mandate, 100)).await;
    assert_eq!(answer.body["error"]["errors"][0]["reason"], "mandate_is_inactive");
    let other = bank.mandate(json!({}));
    let new = bank.mandate_replaced(&other).unwrap();
    assert_eq!(get(&bank, &format!("/mandates/{new}")).await["mandates"]["status"], "active");
    assert_eq!(post(&bank, &format!("/mandates/{new}/actions/cancel"), json!({})).await.status, 200);
    assert_eq!(post(&bank, &format!("/mandates/{new}/actions/cancel"), json!({})).await.status, 422);
}

#[tokio::test]
async fn messages_are_signed_batched_and_shuffled() {
    let bank = start().await;
    let mandate = bank.mandate(json!({}));
    for _ in 0..300 {
        post(&bank, "/payments", charge(&mandate, 100)).await;
    }
    bank.poison(json!({"id": 7}));
    let messages = bank.bundle(1000, Some(7));
    assert_eq!(messages.len(), 2);
    let sizes: Vec<usize> = messages.iter().map(|message| events(std::slice::from_ref(message)).len()).collect();
    assert_eq!(sizes, [250, 54]);
    for message in &messages {
        assert_eq!(message.headers["webhook-signature"].to_str().unwrap(), sign("secret", &message.body));
    }
    let ids: Vec<Value> = events(&messages).iter().map(|event| event["id"].clone()).collect();
    assert!(!ids.is_sorted_by_key(Value::to_string) && bank.messages().is_empty());
    let page = get(&bank, "/events?limit=100&resource_type=payments").await;
    let after = page["meta"]["cursors"]["after"].as_str().unwrap().to_owned();
    let next = get(&bank, &format!("/events?limit=500&resource_type=payments&after={after}")).await;
    assert_eq!(next["events"].as_array().unwrap().len(), 200);
    assert_eq!(next["meta"]["cursors"]["after"], Value::Null);
    let none = get(&bank, "/payments?created_at[gt]=2026-11-25T04:40:16Z").await;
    assert!(none["payments"].as_array().unwrap().is_empty());
    assert_eq!(get(&bank, "/payments?metadata[payment]=01J").await["error"]["code"], 400);
    let few = get(&bank, &format!("/payments?mandate={mandate}&status=pending_submission&limit=3")).await;
    assert_eq!(few["payments"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn amounts_may_be_text() {
    let clock = Arc::new(AtomicI64::new(NOW));
    let bank = GoCardless::start(Setup { text_amounts: true, ..Setup::new("sandbox_token", "secret", clock) }).await;
    let mandate = bank.mandate(json!({}));
    let made = post(&bank, "/payments", charge(&mandate, 100)).await.body;
    assert_eq!((&made["payments"]["amount"], &made["payments"]["amount_refunded"]), (&json!("100"), &json!("0")));
}

#[test]
fn fixtures_can_be_read() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/gocardless");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let fixture: crate::fixture::Fixture = serde_json::from_str(&text).unwrap();
        assert!(fixture.body["events"].is_array());
        count += 1;
    }
    assert!(count > 30);
}
