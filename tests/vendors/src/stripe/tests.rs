//! The server keeps its own rules.

use std::{
    collections::BTreeMap,
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    sync::{Arc, atomic::AtomicI64},
};

use serde_json::Value;

use super::{NEWEST, Next, SavedKind, Stripe, sign};
use crate::fixture::Fixture;

const NOW: i64 = 1_795_000_000;
const KEY: &str = "sk_test_51PortalPortalPortal";
const SECRET: &str = "whsec_portal";
const SESSION: &str = "mode=payment&success_url=https%3A%2F%2Fportal.test%2Fback&locale=de&client_reference_id=pay_1\
    &line_items[0][quantity]=1&line_items[0][price_data][currency]=eur&line_items[0][price_data][unit_amount]=1591\
    &line_items[0][price_data][product_data][name]=Rechnung&payment_intent_data[metadata][payment]=pay_1";
const SAVING: &str = "mode=setup&currency=eur&success_url=https%3A%2F%2Fportal.test%2Fback";

struct Heard {
    status: u16,
    head: String,
    body: Value,
}

async fn shop() -> Stripe {
    Stripe::start(KEY, SECRET, Arc::new(AtomicI64::new(NOW))).await
}

fn say(at: &str, method: &str, path: &str, headers: &str, form: &str) -> Heard {
    let host = at.trim_start_matches("http://");
    let mut line = TcpStream::connect(host).expect("the server listens");
    let length = form.len();
    write!(
        line,
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {length}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n{headers}\r\n{form}"
    )
    .expect("a request");
    let mut text = String::new();
    line.read_to_string(&mut text).expect("an answer");
    let (head, body) = text.split_once("\r\n\r\n").expect("head and body");
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok()).expect("a status");
    Heard { status, head: head.to_lowercase(), body: serde_json::from_str(body).unwrap_or_default() }
}

async fn with(at: String, method: &'static str, path: String, headers: String, form: String) -> Heard {
    tokio::task::spawn_blocking(move || say(&at, method, &path, &headers, &form)).await.expect("a call")
}

fn usual(key: Option<&str>) -> String {
    let key = key.map(|key| format!("Idempotency-Key: {key}\r\n")).unwrap_or_default();
    format!("Authorization: Bearer {KEY}\r\nStripe-Version: {NEWEST}\r\n{key}")
}

async fn post(shop: &Stripe, path: &str, key: Option<&str>, form: &str) -> Heard {
    with(shop.url(), "POST", path.to_owned(), usual(key), form.to_owned()).await
}

async fn get(shop: &Stripe, path: &str) -> Heard {
    with(shop.url(), "GET", path.to_owned(), usual(None), String::new()).await
}

async fn session(shop: &Stripe, form: &str) -> String {
    let heard = post(shop, "/v1/checkout/sessions", None, form).await;
    assert_eq!(heard.status, 200, "{}", heard.body);
    heard.body["id"].as_str().unwrap_or_default().to_owned()
}

/// A customer with a saved card: customer and method.
async fn saved(shop: &Stripe, kind: SavedKind) -> (String, String) {
    let made = post(shop, "/v1/customers", None, "name=Kim").await.body;
    let customer = made["id"].as_str().unwrap_or_default().to_owned();
    let session = session(shop, &format!("{SAVING}&customer={customer}")).await;
    let method = shop.save(&session, &kind).expect("an open session");
    (customer, method)
}

fn card() -> SavedKind {
    SavedKind::Card { brand: "visa".to_owned(), last4: "4242".to_owned(), exp: (12, 2031) }
}

#[tokio::test]
async fn a_key_is_remembered_for_a_day() {
    let shop = shop().await;
    let path = "/v1/checkout/sessions";
    // What never began is not remembered.
    let wrong = post(&shop, path, Some("a"), "mode=payment").await;
    assert_eq!((wrong.status, &wrong.body["error"]["param"]), (400, &Value::from("success_url")));
    let first = post(&shop, path, Some("a"), SESSION).await;
    assert!(first.status == 200 && !first.head.contains("idempotent-replayed"));
    let again = post(&shop, path, Some("a"), SESSION).await;
    assert!(again.head.contains("idempotent-replayed: true"));
    assert_eq!(first.body, again.body);
    let other = post(&shop, path, Some("a"), &SESSION.replace("1591", "1592")).await;
    assert_eq!((other.status, &other.body["error"]["type"]), (400, &Value::from("idempotency_error")));
    let elsewhere = post(&shop, "/v1/customers", Some("a"), "name=Kim").await;
    assert_eq!(elsewhere.status, 400);
    shop.crash(true);
    assert_eq!(post(&shop, path, Some("b"), SESSION).await.status, 500);
    let broken = post(&shop, path, Some("b"), SESSION).await;
    assert!(broken.status == 500 && broken.head.contains("idempotent-replayed: true"));
    shop.set_now(NOW + 24 * 3600);
    let new = post(&shop, path, Some("a"), SESSION).await;
    assert_ne!(first.body["id"], new.body["id"]);
    let long = "k".repeat(256);
    assert_eq!(post(&shop, path, Some(&long), SESSION).await.status, 400);
}

#[tokio::test]
async fn a_key_in_use_is_a_conflict() {
    let shop = shop().await;
    shop.hold();
    let first = tokio::spawn(with(
        shop.url(),
        "POST",
        "/v1/checkout/sessions".to_owned(),
        usual(Some("a")),
        SESSION.to_owned(),
    ));
    while shop.seen().is_empty() {
        tokio::task::yield_now().await;
    }
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    let second = post(&shop, "/v1/checkout/sessions", Some("a"), SESSION).await;
    assert_eq!((second.status, &second.body["error"]["code"]), (409, &Value::from("idempotency_key_in_use")));
    shop.release();
    assert_eq!(first.await.expect("the first").status, 200);
}

#[tokio::test]
async fn wrong_requests_are_refused() {
    let shop = shop().await;
    let name = "line_items[0][price_data][currency]";
    for (form, param, code) in [
        (SESSION.replace("&locale=de", "&locale=xx"), "locale", None),
        (SESSION.replace("=eur", "=EUR"), name, None),
        (SESSION.replace("1591", "15.91"), "line_items[0][price_data][unit_amount]", Some("parameter_invalid_integer")),
        (SESSION.replace("1591", "49"), "line_items", Some("amount_too_small")),
        (SESSION.replace("[quantity]=1", "[quantity]=0"), "line_items[0][quantity]", Some("parameter_invalid_integer")),
        (format!("{SESSION}&colour=red"), "colour", Some("parameter_unknown")),
        (format!("{SESSION}&payment_intent_data[metadata][{}]=1", "k".repeat(41)), "", None),
        (format!("{SESSION}&metadata[a]={}", "v".repeat(501)), "metadata[a]", None),
        (format!("{SESSION}&expires_at={}", NOW + 1799), "expires_at", None),
        (format!("{SESSION}&expires_at={}", NOW + 86_401), "expires_at", None),
        (SESSION.replace("=pay_1&", &format!("={}&", "p".repeat(201))), "client_reference_id", None),
        (format!("{SESSION}&customer=cus_none"), "customer", Some("resource_missing")),
        (
            format!("{SESSION}&payment_method_types[]=card"),
            "payment_method_types",
            Some("payment_method_types_no_longer_supported"),
        ),
        (SAVING.replace("&currency=eur", ""), "currency", Some("parameter_missing")),
    ] {
        let heard = post(&shop, "/v1/checkout/sessions", None, &form).await;
        let error = &heard.body["error"];
        assert_eq!((heard.status, &error["type"]), (400, &Value::from("invalid_request_error")), "{form}");
        assert!(param.is_empty() || error["param"] == param, "{form}: {error}");
        assert_eq!(error["code"].as_str(), code, "{form}");
    }
    let bare = |headers: &str| with(shop.url(), "GET", "/v1/account".to_owned(), headers.to_owned(), String::new());
    assert_eq!(bare(&format!("Authorization: Bearer {KEY}\r\n")).await.status, 400);
    assert_eq!(bare(&format!("Authorization: Bearer sk_test_other\r\nStripe-Version: {NEWEST}\r\n")).await.status, 401);
    assert_eq!(get(&shop, "/v1/account").await.status, 200);
    assert_eq!(get(&shop, "/v1/checkout/sessions/cs_none").await.status, 404);
}

#[tokio::test]
async fn a_session_is_declined_then_paid_then_over() {
    let shop = shop().await;
    let id = session(&shop, SESSION).await;
    let intent = shop.decline(&id).expect("an open session");
    assert_eq!(shop.object(&id)["status"], "open");
    assert_eq!(shop.pay(&id).as_deref(), Ok(intent.as_str()));
    assert!(shop.pay(&id).is_err() && shop.expire(&id).is_err());
    let expire = post(&shop, &format!("/v1/checkout/sessions/{id}/expire"), None, "").await;
    assert_eq!(expire.status, 400);
    let path = format!("/v1/checkout/sessions/{id}?expand[]=payment_intent.latest_charge");
    let row = get(&shop, &path).await.body;
    assert_eq!(row["payment_intent"]["latest_charge"]["amount"], 1591);
    assert_eq!(row["payment_intent"]["metadata"]["payment"], "pay_1");
    assert!(row.get("payment_intent_data").is_none());
    let late = session(&shop, SESSION).await;
    shop.set_now(NOW + 86_400);
    assert_eq!(shop.object(&late)["status"], "expired");
    let path = format!("/v1/checkout/sessions?limit=1&created[gte]={NOW}&status=complete");
    let list = get(&shop, &path).await.body;
    assert_eq!((&list["data"][0]["id"], &list["has_more"]), (&Value::from(id), &Value::from(false)));
    let taken = shop.charges();
    assert_eq!((taken.len(), taken[0].amount, taken[0].kept()), (1, 1591, 1591));
    assert_eq!(taken[0].metadata, BTreeMap::from([("payment".to_owned(), "pay_1".to_owned())]));
}

#[tokio::test]
async fn messages_are_signed() {
    // Made with openssl: printf '1492774577.{}' | openssl dgst -sha256 -hmac whsec_test
    let known = sign("whsec_test", 1_492_774_577, b"{}");
    let hex = "0d0602f6611bd2252dd4b74b58a4528355a7380639a15e6cc21e3059d56d5b8b";
    assert!(known.starts_with(&format!("t=1492774577,v1={hex},v0=")), "{known}");
    let shop = shop().await;
    shop.stranger(500, "eur");
    let messages = shop.messages();
    assert!(messages.len() == 4 && shop.messages().is_empty());
    for message in messages {
        let header = message.headers["stripe-signature"].to_str().expect("a header");
        assert_eq!(header, sign(SECRET, NOW, &message.body));
    }
}

#[tokio::test]
async fn saved_methods_are_charged_and_given_back() {
    let shop = shop().await;
    let (customer, method) = saved(&shop, card()).await;
    let form = format!(
        "amount=1000&currency=eur&customer={customer}&payment_method={method}&confirm=true\
        &off_session=true&metadata[payment]=pay_2"
    );
    for (next, code) in [(Next::Decline, "card_declined"), (Next::AuthenticationRequired, "authentication_required")] {
        shop.next(&method, next);
        let heard = post(&shop, "/v1/payment_intents", None, &form).await;
        let error = &heard.body["error"];
        assert_eq!((heard.status, &error["code"]), (402, &Value::from(code)));
        assert_eq!(error["payment_intent"]["status"], "requires_payment_method");
    }
    let intent = post(&shop, "/v1/payment_intents", None, &form).await.body;
    assert_eq!(intent["status"], "succeeded");
    let id = intent["id"].as_str().unwrap_or_default();
    let back = |amount: i64| format!("payment_intent={id}&amount={amount}");
    assert_eq!(post(&shop, "/v1/refunds", None, &back(1001)).await.status, 400);
    let refund = post(&shop, "/v1/refunds", None, &back(400)).await.body;
    shop.refund(id, 600).expect("there is so much");
    let none = post(&shop, "/v1/refunds", None, &back(1)).await.body;
    assert_eq!(none["error"]["code"], "charge_already_refunded");
    shop.fail_refund(refund["id"].as_str().unwrap_or_default()).expect("it succeeded before");
    assert_eq!(shop.charges()[0].kept(), 400);
    let dispute = shop.dispute(id).expect("something was taken");
    assert_eq!(shop.charges()[0].kept(), 0);
    shop.win(&dispute).expect("it is open");
    assert_eq!(shop.charges()[0].kept(), 400);
    let detached = post(&shop, &format!("/v1/payment_methods/{method}/detach"), None, "").await;
    assert_eq!((detached.status, &detached.body["customer"]), (200, &Value::Null));
    assert_eq!(post(&shop, "/v1/payment_intents", None, &form).await.status, 400);
}

#[tokio::test]
async fn events_have_the_fields_of_the_documents() {
    let shop = shop().await;
    let debit = SavedKind::SepaDebit { last4: "3000".to_owned(), mandate: "MANDATE1".to_owned() };
    let (_, method) = saved(&shop, debit).await;
    shop.end_mandate(&method).expect("a mandate");
    shop.detach(&method).expect("it is attached");
    for arrives in [true, false] {
        let id = session(&shop, SESSION).await;
        shop.pay_later(&id).expect("an open session");
        if arrives { shop.settle(&id) } else { shop.fail_later(&id) }.expect("it is on its way");
    }
    shop.expire(&session(&shop, SESSION).await).expect("an open session");
    let intent = shop.pay(&session(&shop, SESSION).await).expect("an open session");
    let refund = shop.refund(&intent, 100).expect("so much was taken");
    shop.settle_refund(&refund).expect("it did not fail");
    shop.fail_refund(&refund).expect("it did not fail before");
    let dispute = shop.dispute(&intent).expect("something was taken");
    shop.win(&dispute).expect("it is open");
    let events = shop.events();
    let mut unknown = 0;
    for file in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/stripe")).expect("fixtures") {
        let path = file.expect("a file").path();
        let fixture: Fixture = serde_json::from_slice(&fs::read(&path).expect("a file")).expect("a fixture");
        let kind = fixture.body["type"].as_str().unwrap_or_default();
        assert_eq!(path.file_stem().and_then(|stem| stem.to_str()), Some(kind));
        let Some(event) = events.iter().find(|event| event["type"] == kind) else {
            unknown += 1;
            continue;
        };
        let names = |value: &Value| value.as_object().map(|map| map.keys().cloned().collect::<Vec<_>>());
        let (ours, theirs) = (&event["data"]["object"], &fixture.body["data"]["object"]);
        for name in names(theirs).unwrap_or_default() {
            // The method there is a card, here a bank account.
            assert!(name == "card" || ours.get(&name).is_some(), "{kind} lacks {name}");
        }
        assert_eq!(names(event), names(&fixture.body), "{kind}");
    }
    assert_eq!(unknown, 1, "only the type nobody knows");
}
