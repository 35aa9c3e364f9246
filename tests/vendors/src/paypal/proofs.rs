//! The server against itself: messages are PayPal's, and what is forged is found out.

use std::sync::{Arc, atomic::AtomicI64};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{
    AUTHORITY, FOREIGN_AUTHORITY, Forgery, PayPal, Setup,
    seal::{Envelope, Hand, chain, genuine},
};
use crate::{Message, fixture::Fixture, server::lock, tools::client::call};

const NOW: i64 = 1_795_581_616;
const WEBHOOK: &str = "1JE4291016473214C";

async fn start() -> PayPal {
    PayPal::start(Setup::new("app", "secret", WEBHOOK, Arc::new(AtomicI64::new(NOW)))).await
}

/// The request that asks PayPal about a message; the event lies in it byte for byte.
fn doubt(message: &Message) -> String {
    let header = |name: &str| message.headers[name].to_str().unwrap();
    format!(
        "{{\"auth_algo\":\"{}\",\"cert_url\":\"{}\",\"transmission_id\":\"{}\",\"transmission_sig\":\"{}\",\
         \"transmission_time\":\"{}\",\"webhook_id\":\"{WEBHOOK}\",\"webhook_event\":{}}}",
        header("paypal-auth-algo"),
        header("paypal-cert-url"),
        header("paypal-transmission-id"),
        header("paypal-transmission-sig"),
        header("paypal-transmission-time"),
        String::from_utf8_lossy(&message.body)
    )
}

/// What PayPal says about a message.
async fn asked(paypal: &PayPal, message: &Message) -> Value {
    lock(&paypal.books).access.insert("token".to_owned(), NOW + 60);
    let body: Value = serde_json::from_str(&doubt(message)).unwrap();
    let path = "/v1/notifications/verify-webhook-signature";
    let answer = call(&paypal.url(), "POST", path, &[("Authorization", "Bearer token")], &body).await;
    assert_eq!(answer.status, 200);
    answer.body["verification_status"].clone()
}

/// The first certificate of a chain.
fn leaf(chain: &str) -> Vec<u8> {
    let lines = chain.lines().skip(1).take_while(|line| !line.starts_with("-----"));
    STANDARD.decode(lines.collect::<String>()).unwrap()
}

#[tokio::test]
async fn messages_are_signed_and_forged_ones_are_not_paypals() {
    let paypal = start().await;
    paypal.poison(json!({"id": "WH-1", "event_type": "PAYMENT.CAPTURE.COMPLETED"}));
    let message = paypal.messages().remove(0);
    assert_eq!(message.headers["paypal-transmission-time"], "2026-11-25T04:40:16Z");
    assert_eq!(asked(&paypal, &message).await, "SUCCESS");
    for how in [Forgery::Foreign, Forgery::Stranger, Forgery::Expired, Forgery::OtherWebhook, Forgery::Elsewhere] {
        assert_eq!(asked(&paypal, &paypal.forge(&message, how)).await, "FAILURE", "{how:?}");
    }
    let altered = paypal.forge(&message, Forgery::Altered);
    let envelope = Envelope {
        id: message.headers["paypal-transmission-id"].to_str().unwrap().to_owned(),
        ..lock(&paypal.books).envelope()
    };
    let header = |name: &str| altered.headers[name].to_str().unwrap();
    let (address, signature) = (header("paypal-cert-url"), header("paypal-transmission-sig"));
    assert!(genuine(&envelope, address, signature, &message.body));
    assert!(!genuine(&envelope, address, signature, &altered.body));
    let url = message.headers["paypal-cert-url"].to_str().unwrap();
    let path = url.strip_prefix(&paypal.url()).unwrap();
    let served = call(&paypal.url(), "GET", path, &[], &Value::Null).await;
    assert!(served.status == 200 && served.head.contains("application/x-x509-ca-cert"));
    assert_eq!(call(&paypal.url(), "GET", "/v1/notifications/certs/CERT-1", &[], &Value::Null).await.status, 404);
}

#[test]
fn certificates_belong_to_the_keys_that_sign() {
    for hand in [Hand::PayPal, Hand::Stranger, Hand::Expired, Hand::Foreign] {
        let (leaf, key) = (leaf(&chain(hand.certificate()).unwrap()), hand.public());
        assert!(leaf.windows(key.len()).any(|part| part == key), "{hand:?}");
    }
    assert!(AUTHORITY.starts_with("-----BEGIN CERTIFICATE-----") && AUTHORITY != FOREIGN_AUTHORITY);
    assert_eq!(chain(Hand::PayPal.certificate()).unwrap().matches("BEGIN CERTIFICATE").count(), 2);
}

#[tokio::test]
async fn events_come_in_another_order_and_only_once() {
    let paypal = start().await;
    let numbers = |messages: &[Message]| -> Vec<Value> {
        messages.iter().map(|message| serde_json::from_slice(&message.body).unwrap()).collect()
    };
    let post = || (0..20).for_each(|number| paypal.poison(json!(number)));
    post();
    let shuffled = numbers(&paypal.shuffled(7));
    assert!(!shuffled.is_sorted_by_key(Value::as_i64) && paypal.messages().is_empty());
    post();
    assert_eq!(numbers(&paypal.shuffled(7)), shuffled);
}

#[test]
fn fixtures_can_be_read() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/paypal");
    let mut events = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|kind| kind != "json") {
            continue;
        }
        let fixture: Fixture = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        assert!(fixture.read_on == "2026-11-28" && !fixture.source.is_empty());
        events += u32::from(fixture.body["event_type"].is_string());
    }
    assert!(events > 18);
}
