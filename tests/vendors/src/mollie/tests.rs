//! The server against itself: what Mollie would refuse is refused, what it would repeat is repeated.

use std::sync::{Arc, atomic::AtomicI64};

use serde_json::{Value, json};

use super::{Mollie, Outcome, Setup, Signed, sign};
use crate::{
    Fault,
    tools::client::{Answer, call},
};

const KEY: &str = "test_dHar4XY7LxsDOtmnkVtjNVWXLSlXsM";
const NOW: i64 = 1_795_581_616;

async fn start(signed: Signed) -> Mollie {
    let setup = Setup { signed, ..Setup::new(KEY, "secret", Arc::new(AtomicI64::new(NOW))) };
    Mollie::start(setup).await
}

async fn send(mollie: &Mollie, method: &str, path: &str, key: &str, body: Value) -> Answer {
    let bearer = format!("Bearer {KEY}");
    let mut headers = vec![("Authorization", bearer.as_str())];
    if !key.is_empty() {
        headers.push(("Idempotency-Key", key));
    }
    call(&mollie.url(), method, path, &headers, &body).await
}

async fn post(mollie: &Mollie, path: &str, body: Value) -> Answer {
    send(mollie, "POST", path, "", body).await
}

async fn get(mollie: &Mollie, path: &str) -> Value {
    send(mollie, "GET", path, "", Value::Null).await.body
}

fn order(value: &str) -> Value {
    json!({"amount": {"currency": "EUR", "value": value}, "description": "Invoice 1", "redirectUrl": "https://a.example/r",
        "webhookUrl": "https://a.example/hook", "metadata": {"payment": "01J"}})
}

fn id(answer: &Answer) -> String {
    answer.body["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_payment_is_made_paid_refunded_and_charged_back() {
    let mollie = start(Signed::None).await;
    let made = post(&mollie, "/v2/payments", order("15.91")).await;
    assert_eq!(made.status, 201);
    assert!(made.head.contains("application/hal+json"));
    assert!(made.body["_links"]["checkout"]["href"].is_string());
    assert!(made.body.get("amountRefunded").is_none() && made.body["isCancelable"] == false);
    let id = id(&made);
    assert!(mollie.pay(&id) && !mollie.decline(&id));
    let refunds = format!("/v2/payments/{id}/refunds");
    let five = json!({"amount": {"currency": "EUR", "value": "5.00"}});
    let refund = post(&mollie, &refunds, five.clone()).await;
    assert_eq!((refund.status, refund.body["status"].as_str()), (201, Some("pending")));
    assert_eq!(post(&mollie, &refunds, five.clone()).await.status, 409);
    let more = json!({"amount": {"currency": "EUR", "value": "10.92"}});
    assert_eq!(post(&mollie, &refunds, more).await.body["field"], "amount");
    let back = mollie.charge_back(&id, Some(100)).unwrap();
    let shown = get(&mollie, &format!("/v2/payments/{id}?embed=refunds,chargebacks")).await;
    assert_eq!(shown["status"], "paid");
    assert_eq!(shown["amountRefunded"]["value"], "5.00");
    assert_eq!(shown["amountRemaining"]["value"], "9.91");
    assert_eq!(shown["amountChargedBack"]["value"], "1.00");
    assert_eq!(shown["_embedded"]["refunds"].as_array().unwrap().len(), 1);
    assert!(mollie.reverse_chargeback(&back) && mollie.fail_refund(refund.body["id"].as_str().unwrap()));
    let charge = &mollie.charges()[0];
    assert_eq!((charge.amount, charge.refunded, charge.charged_back), (1591, 0, 0));
    let bodies: Vec<_> = mollie.messages().into_iter().map(|message| message.body).collect();
    // paid, refund, chargeback, reversal, failed refund: always the same two words.
    assert_eq!(bodies, vec![format!("id={id}").into_bytes(); 5]);
    assert_eq!(post(&mollie, &refunds, five).await.status, 201, "a failed refund is no duplicate");
}

#[tokio::test]
async fn what_mollie_refuses_names_the_field() {
    let mollie = start(Signed::None).await;
    let cases = [
        ("amount.value", json!({"amount": {"currency": "EUR", "value": "16.1"}})),
        ("amount.value", json!({"amount": {"currency": "EUR", "value": 16.10}})),
        ("amount.value", json!({"amount": {"currency": "JPY", "value": "16.10"}})),
        ("amount.currency", json!({"amount": {"currency": "XXX", "value": "1.00"}})),
        ("amount", json!({"amount": {"currency": "EUR", "value": "0.00"}})),
        ("description", json!({"description": null})),
        ("redirectUrl", json!({"redirectUrl": null})),
        ("redirectUrl", json!({"redirectUrl": "a.example"})),
        ("webhookUrl", json!({"webhookUrl": "http://localhost:3000/hook"})),
        ("webhookUrl", json!({"webhookUrl": "https://127.0.0.1/hook"})),
        ("locale", json!({"locale": "german"})),
        ("method", json!({"method": "cash"})),
        ("metadata", json!({"metadata": {"a": "x".repeat(1100)}})),
        ("customerId", json!({"customerId": "cst_none"})),
        ("customerId", json!({"sequenceType": "first"})),
        ("sequenceType", json!({"sequenceType": "last"})),
    ];
    for (field, change) in cases {
        let mut body = order("1.00");
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let answer = post(&mollie, "/v2/payments", body).await;
        assert_eq!((answer.status, answer.body["field"].as_str()), (422, Some(field)), "{change}");
        assert_eq!(answer.body["title"], "Unprocessable Entity");
    }
    let mut body = order("1.00");
    body["testmode"] = json!(true);
    assert_eq!(post(&mollie, "/v2/payments", body).await.status, 400);
    let mut body = order("1.00");
    body["description"] = json!("x".repeat(300));
    let cut = post(&mollie, "/v2/payments", body).await;
    assert_eq!(cut.body["description"].as_str().unwrap().len(), 255);
    assert_eq!(get(&mollie, "/v2/payments/tr_none").await["status"], 404);
    assert_eq!(get(&mollie, "/v2/profiles/me").await["mode"], "test");
    assert_eq!(call(&mollie.url(), "GET", "/v2/payments", &[], &Value::Null).await.status, 401);
    assert!(mollie.charges().is_empty());
}

#[tokio::test]
async fn a_key_gives_the_first_answer_again_for_an_hour() {
    let mollie = start(Signed::None).await;
    let first = send(&mollie, "POST", "/v2/payments", "k", order("1.00")).await;
    let second = send(&mollie, "POST", "/v2/payments", "k", order("1.00")).await;
    assert_eq!(first.body, second.body);
    assert!(!first.head.contains("idempotent-replayed") && second.head.contains("idempotent-replayed: true"));
    assert_eq!(send(&mollie, "POST", "/v2/payments", "k", order("2.00")).await.status, 400);
    assert_eq!(send(&mollie, "POST", "/v2/customers", "k", json!({})).await.status, 400);
    mollie.set_clock(NOW + 3600);
    let later = send(&mollie, "POST", "/v2/payments", "k", order("1.00")).await;
    assert_ne!(first.body["id"], later.body["id"]);
}

#[tokio::test]
async fn a_lost_answer_is_found_in_the_list() {
    let mollie = start(Signed::None).await;
    mollie.fault(Fault::Stumble(http::StatusCode::BAD_GATEWAY));
    assert_eq!(post(&mollie, "/v2/payments", order("1.00")).await.status, 502);
    for _ in 0..3 {
        post(&mollie, "/v2/payments", order("2.00")).await;
    }
    let page = get(&mollie, "/v2/payments?limit=2").await;
    assert_eq!(page["count"], 2);
    let next = page["_links"]["next"]["href"].as_str().unwrap().trim_start_matches(&mollie.url()).to_owned();
    let page = get(&mollie, &next).await;
    assert_eq!(page["_embedded"]["payments"][1]["amount"]["value"], "1.00");
    assert_eq!(page["_links"]["next"], Value::Null);
    assert_eq!(get(&mollie, "/v2/payments?limit=251").await["field"], "limit");
}

#[tokio::test]
async fn a_mandate_comes_out_of_a_first_payment_and_is_charged() {
    let mollie = start(Signed::None).await;
    let customer = id(&post(&mollie, "/v2/customers", json!({"name": "Jane"})).await);
    let mut body = order("1.00");
    body["sequenceType"] = json!("first");
    body["customerId"] = json!(customer);
    body["method"] = json!("creditcard");
    let first = post(&mollie, "/v2/payments", body).await;
    let mandate = first.body["mandateId"].as_str().unwrap().to_owned();
    let path = format!("/v2/customers/{customer}/mandates/{mandate}");
    assert_eq!(get(&mollie, &path).await["status"], "pending");
    let body = json!({"amount": {"currency": "EUR", "value": "9.00"}, "description": "Later", "customerId": customer,
        "sequenceType": "recurring", "mandateId": mandate});
    assert_eq!(post(&mollie, "/v2/payments", body.clone()).await.body["field"], "mandateId");
    assert!(mollie.pay(&id(&first)));
    let charged = post(&mollie, "/v2/payments", body.clone()).await;
    assert_eq!((charged.status, charged.body["status"].as_str()), (201, Some("paid")));
    assert!(charged.body["_links"].get("checkout").is_none());
    mollie.next_recurring(Outcome::Failed);
    assert_eq!(post(&mollie, "/v2/payments", body.clone()).await.body["status"], "failed");
    mollie.next_recurring(Outcome::Pending);
    assert_eq!(post(&mollie, "/v2/payments", body.clone()).await.body["status"], "pending");
    assert_eq!(send(&mollie, "DELETE", &path, "", Value::Null).await.status, 204);
    assert_eq!(get(&mollie, &path).await["status"], 410);
    assert_eq!(post(&mollie, "/v2/payments", body).await.status, 422);
    assert_eq!(mollie.charges().len(), 2);
    let mandates = format!("/v2/customers/{customer}/mandates");
    let debit = json!({"method": "directdebit", "consumerName": "Jane", "consumerAccount": "DE89370400440532013000"});
    assert_eq!(post(&mollie, &mandates, debit).await.body["status"], "valid");
    let wrong = json!({"method": "directdebit", "consumerName": "Jane", "consumerAccount": "DE89370400440532013001"});
    assert_eq!(post(&mollie, &mandates, wrong).await.body["field"], "consumerAccount");
}

#[tokio::test]
async fn a_payment_runs_out_and_may_still_be_paid_late() {
    let mollie = start(Signed::Event).await;
    let made = id(&post(&mollie, "/v2/payments", order("1.00")).await);
    mollie.set_clock(NOW + 15 * 60);
    assert_eq!(get(&mollie, &format!("/v2/payments/{made}")).await["status"], "expired");
    assert_eq!(send(&mollie, "DELETE", &format!("/v2/payments/{made}"), "", Value::Null).await.status, 422);
    assert!(!mollie.pay(&made) && mollie.pay_late(&made));
    let messages = mollie.messages();
    assert_eq!(messages.len(), 4);
    let event: Value = serde_json::from_slice(&messages[3].body).unwrap();
    assert_eq!((event["type"].as_str(), event["entityId"].as_str()), (Some("payment.paid"), Some(made.as_str())));
    assert_eq!(event["_embedded"]["entity"]["metadata"]["payment"], "01J");
    let signature = messages[3].headers["x-mollie-signature"].to_str().unwrap();
    assert_eq!(signature, sign("secret", &messages[3].body));
    assert!(mollie.messages().is_empty());
}

#[test]
fn fixtures_can_be_read() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/mollie");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let fixture: crate::fixture::Fixture = serde_json::from_str(&text).unwrap();
        assert_eq!(fixture.read_on, "2026-11-25");
        count += 1;
    }
    assert!(count > 20);
}

#[test]
fn a_signature_is_hex_of_the_body() {
    // RFC 4231, case 2.
    let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    assert_eq!(sign("Jefe", b"what do ya want for nothing?"), expected);
}
