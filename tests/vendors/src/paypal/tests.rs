//! The server against itself: what PayPal would refuse is refused, what it would repeat is repeated.

use std::sync::{Arc, atomic::AtomicI64};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{Channel, PayPal, Setup};
use crate::{
    Fault, Message,
    tools::client::{Answer, call},
};

const NOW: i64 = 1_795_581_616;
const HOUR: i64 = 3600;

async fn start() -> (PayPal, String) {
    start_as(|_| {}).await
}

async fn start_as(change: impl FnOnce(&mut Setup)) -> (PayPal, String) {
    let mut setup = Setup::new("app", "secret", "1JE4291016473214C", Arc::new(AtomicI64::new(NOW)));
    change(&mut setup);
    let paypal = PayPal::start(setup).await;
    let token = token(&paypal).await;
    (paypal, token)
}

async fn token(paypal: &PayPal) -> String {
    let body = "grant_type=client_credentials";
    let answer = form(paypal, "app:secret", body).await;
    assert!(answer.contains("\"expires_in\":32400") && answer.contains("\"app_id\":\"APP-80W284485P519543T\""));
    let body: Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
    body["access_token"].as_str().unwrap().to_owned()
}

/// A form, which the common client cannot send.
async fn form(paypal: &PayPal, who: &str, body: &str) -> String {
    use std::io::{Read, Write};
    let at = paypal.url().trim_start_matches("http://").to_owned();
    let request = format!(
        "POST /v1/oauth2/token HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\nAuthorization: Basic {}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        STANDARD.encode(who),
        body.len()
    );
    tokio::task::spawn_blocking(move || {
        let mut stream = std::net::TcpStream::connect(at).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    })
    .await
    .unwrap()
}

async fn send(who: &(PayPal, String), method: &str, path: &str, key: &str, body: &Value) -> Answer {
    let bearer = format!("Bearer {}", who.1);
    let mut headers = vec![("Authorization", bearer.as_str())];
    if !key.is_empty() {
        headers.push(("PayPal-Request-Id", key));
    }
    call(&who.0.url(), method, path, &headers, body).await
}

async fn post(who: &(PayPal, String), path: &str, key: &str, body: Value) -> Answer {
    send(who, "POST", path, key, &body).await
}

async fn get(who: &(PayPal, String), path: &str) -> Answer {
    send(who, "GET", path, "", &Value::Null).await
}

fn asked(value: &str, currency: &str) -> Value {
    json!({"intent": "CAPTURE",
        "purchase_units": [{"amount": {"currency_code": currency, "value": value}, "custom_id": "01J",
            "description": "Rechnung 7"}],
        "payment_source": {"paypal": {"experience_context": {"return_url": "https://a.example/r",
            "cancel_url": "https://a.example/x?y=1", "locale": "de-DE", "user_action": "PAY_NOW",
            "shipping_preference": "NO_SHIPPING"}}}})
}

fn issue(answer: &Answer) -> (u16, String) {
    (answer.status, answer.body["details"][0]["issue"].as_str().unwrap_or_default().to_owned())
}

fn id(answer: &Answer) -> String {
    answer.body["id"].as_str().unwrap().to_owned()
}

/// A captured order and its capture.
async fn paid(who: &(PayPal, String), key: &str) -> (String, String) {
    let order = id(&post(who, "/v2/checkout/orders", key, asked("10.00", "EUR")).await);
    assert!(who.0.approve(&order));
    let answer = post(who, &format!("/v2/checkout/orders/{order}/capture"), key, json!({})).await;
    assert_eq!(answer.status, 201);
    let capture = answer.body["purchase_units"][0]["payments"]["captures"][0]["id"].as_str().unwrap();
    (order, capture.to_owned())
}

fn events(messages: &[Message]) -> Vec<Value> {
    messages.iter().map(|message| serde_json::from_slice(&message.body).unwrap()).collect()
}

fn names(messages: &[Message]) -> Vec<String> {
    events(messages).iter().map(|event| event["event_type"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn an_order_is_approved_and_captured() {
    let who = start().await;
    let made = post(&who, "/v2/checkout/orders", "k", asked("15.91", "EUR")).await;
    assert_eq!((made.status, made.body["status"].as_str()), (201, Some("PAYER_ACTION_REQUIRED")));
    assert_eq!(made.body["links"][1]["rel"], "payer-action");
    let order = id(&made);
    assert_eq!(order.len(), 17);
    let capture = format!("/v2/checkout/orders/{order}/capture");
    assert_eq!(issue(&post(&who, &capture, "c", json!({})).await), (422, "ORDER_NOT_APPROVED".to_owned()));
    assert_eq!(who.0.turn_back(&order).unwrap(), format!("https://a.example/x?y=1&token={order}"));
    assert!(who.0.approve(&order) && !who.0.approve(&order));
    assert!(who.0.return_url(&order).unwrap().contains("&PayerID="));
    let shown = get(&who, &format!("/v2/checkout/orders/{order}")).await.body;
    assert_eq!((shown["status"].as_str(), shown["intent"].as_str()), (Some("APPROVED"), Some("CAPTURE")));
    assert_eq!(shown["purchase_units"][0]["payee"]["merchant_id"], "6QX8PZK3WN7RB");
    let done = post(&who, &capture, "c", json!({})).await;
    assert_eq!((done.status, done.body["status"].as_str()), (201, Some("COMPLETED")));
    assert_eq!(issue(&post(&who, &capture, "d", json!({})).await), (422, "ORDER_ALREADY_CAPTURED".to_owned()));
    let again = post(&who, &capture, "c", json!({})).await;
    assert_eq!((again.status, again.body), (200, done.body.clone()));
    let taken = &done.body["purchase_units"][0]["payments"]["captures"][0];
    assert_eq!((&taken["amount"]["value"], &taken["custom_id"]), (&json!("15.91"), &json!("01J")));
    let alone = get(&who, &format!("/v2/payments/captures/{}", taken["id"].as_str().unwrap())).await.body;
    assert_eq!(alone["supplementary_data"]["related_ids"]["order_id"], order);
    let charge = &who.0.charges()[0];
    assert_eq!((charge.amount, charge.custom_id.as_deref(), &charge.order), (1591, Some("01J"), &order));
    assert_eq!(names(&who.0.messages()), ["CHECKOUT.ORDER.APPROVED", "PAYMENT.CAPTURE.COMPLETED"]);
}

#[tokio::test]
async fn a_request_id_makes_one_thing_while_it_is_remembered() {
    let who = start().await;
    who.0.fault(Fault::Stumble(http::StatusCode::GATEWAY_TIMEOUT));
    assert_eq!(post(&who, "/v2/checkout/orders", "k", asked("1.00", "EUR")).await.status, 504);
    let first = post(&who, "/v2/checkout/orders", "k", asked("2.00", "EUR")).await;
    assert_eq!((first.status, who.0.orders().len()), (200, 1));
    let shown = get(&who, &format!("/v2/checkout/orders/{}", id(&first))).await.body;
    assert_eq!(shown["purchase_units"][0]["amount"]["value"], "1.00");
    assert!(who.0.approve(&id(&first)));
    who.0.set_clock(NOW + 5 * HOUR);
    let later = post(&who, "/v2/checkout/orders", "k", asked("1.00", "EUR")).await;
    assert_eq!((later.status, later.body["status"].as_str()), (200, Some("APPROVED")));
    who.0.set_clock(NOW + 6 * HOUR);
    let other = post(&who, "/v2/checkout/orders", "k", asked("1.00", "EUR")).await;
    assert_eq!((other.status, id(&other) == id(&first)), (201, false));
    let long = "x".repeat(109);
    let answer = post(&who, "/v2/checkout/orders", &long, asked("1.00", "EUR")).await;
    assert_eq!(issue(&answer), (400, "INVALID_STRING_LENGTH".to_owned()));
    let none = post(&who, "/v2/checkout/orders", "", asked("1.00", "EUR")).await;
    assert_eq!(issue(&none), (400, "PAYPAL_REQUEST_ID_REQUIRED".to_owned()));
}

#[tokio::test]
async fn a_decline_sends_the_payer_back_and_an_unused_approval_lapses() {
    let who = start().await;
    let order = id(&post(&who, "/v2/checkout/orders", "k", asked("15.91", "EUR")).await);
    let capture = format!("/v2/checkout/orders/{order}/capture");
    assert!(who.0.approve(&order) && who.0.decline(&order));
    let answer = post(&who, &capture, "c", json!({})).await;
    assert_eq!(issue(&answer), (422, "INSTRUMENT_DECLINED".to_owned()));
    let redirect = &answer.body["links"][1];
    assert_eq!(redirect["rel"], "redirect");
    assert_eq!(redirect["href"], format!("https://www.sandbox.paypal.com/checkoutnow?token={order}"));
    assert!(who.0.approve(&order));
    assert_eq!(post(&who, &capture, "c", json!({})).await.status, 422);
    assert!(who.0.hold(&order));
    assert_eq!(post(&who, &capture, "d", json!({})).await.status, 201);
    let (taken, status) = who.0.captures()[0].clone();
    assert_eq!((status, who.0.charges().len()), ("PENDING", 0));
    let refund = post(&who, &format!("/v2/payments/captures/{taken}/refund"), "r", json!({})).await;
    assert_eq!(issue(&refund), (422, "PENDING_CAPTURE".to_owned()));
    assert!(who.0.deny(&taken) && !who.0.complete(&taken));
    let second = id(&post(&who, "/v2/checkout/orders", "l", asked("1.00", "EUR")).await);
    assert!(who.0.approve(&second));
    let _ = who.0.messages();
    who.0.set_clock(NOW + 6 * HOUR);
    let told = events(&who.0.messages());
    assert_eq!(told[0]["event_type"], "CHECKOUT.PAYMENT-APPROVAL.REVERSED");
    assert_eq!(told[0]["resource"]["order_id"], second);
    assert_eq!(issue(&get(&who, &format!("/v2/checkout/orders/{second}")).await).0, 404);
}

#[tokio::test]
async fn money_goes_back_and_forth() {
    let who = start().await;
    let (_, capture) = paid(&who, "a").await;
    let path = format!("/v2/payments/captures/{capture}/refund");
    let part = |value: &str, currency: &str| json!({"amount": {"value": value, "currency_code": currency}});
    let first = post(&who, &path, "1", part("4.00", "EUR")).await;
    assert_eq!((first.status, first.body["status"].as_str()), (201, Some("COMPLETED")));
    assert_eq!(post(&who, &path, "1", part("4.00", "EUR")).await.status, 200);
    let shown = get(&who, &format!("/v2/payments/refunds/{}", id(&first))).await.body;
    assert_eq!(shown["seller_payable_breakdown"]["total_refunded_amount"]["value"], "4.00");
    assert!(shown["create_time"].as_str().unwrap().ends_with("-07:00"));
    for (change, expected) in [
        (part("6.01", "EUR"), "REFUND_AMOUNT_EXCEEDED"),
        (part("1.00", "USD"), "REFUND_CAPTURE_CURRENCY_MISMATCH"),
        (part("0.00", "EUR"), "CANNOT_BE_ZERO_OR_NEGATIVE"),
    ] {
        assert_eq!(issue(&post(&who, &path, "", change).await), (422, expected.to_owned()));
    }
    who.0.slow_refund();
    let slow = post(&who, &path, "2", json!({})).await;
    assert_eq!(slow.body["status"], "PENDING");
    assert_eq!(issue(&post(&who, &path, "3", json!({})).await), (422, "CAPTURE_FULLY_REFUNDED".to_owned()));
    assert!(who.0.fail_refund(&id(&slow)));
    assert_eq!(who.0.captures(), [(capture.clone(), "PARTIALLY_REFUNDED")]);
    assert!(who.0.refund(&capture, None).is_some() && who.0.refund(&capture, None).is_none());
    assert_eq!((who.0.charges()[0].refunded, who.0.captures()[0].1), (1000, "REFUNDED"));
    let told = events(&who.0.messages());
    assert_eq!(told.len(), 4);
    let up = &told[3]["resource"]["links"][1];
    assert_eq!((up["rel"].as_str(), up["href"].as_str().unwrap().ends_with(&capture)), (Some("up"), true));
    let (_, other) = paid(&who, "b").await;
    who.0.poor(true);
    let poor = post(&who, &format!("/v2/payments/captures/{other}/refund"), "4", json!({})).await;
    assert_eq!(issue(&poor), (422, "REFUND_FAILED_INSUFFICIENT_FUNDS".to_owned()));
}

#[tokio::test]
async fn disputes_take_money_and_may_give_it_back() {
    let who = start().await;
    let (_, capture) = paid(&who, "a").await;
    let dispute = who.0.dispute(&capture, Some(600), Channel::PayPal).unwrap();
    assert!(who.0.dispute(&capture, None, Channel::Bank).is_none());
    assert_eq!(who.0.charges()[0].reversed, 0);
    let path = format!("/v2/payments/captures/{capture}/refund");
    let part = json!({"amount": {"value": "1.00", "currency_code": "EUR"}});
    assert_eq!(issue(&post(&who, &path, "r", part).await), (422, "TRANSACTION_DISPUTED".to_owned()));
    assert!(who.0.lose(&dispute) && !who.0.win(&dispute));
    assert_eq!(who.0.charges()[0].reversed, 600);
    let (_, second) = paid(&who, "b").await;
    let case = who.0.dispute(&second, None, Channel::Bank).unwrap();
    assert_eq!((who.0.charges()[1].reversed, who.0.captures()[1].1), (1000, "REFUNDED"));
    let path = format!("/v2/payments/captures/{second}/refund");
    let refused = issue(&post(&who, &path, "r", json!({})).await);
    assert_eq!(refused, (422, "REFUND_NOT_PERMITTED_DUE_TO_CHARGEBACK".to_owned()));
    assert!(who.0.win(&case));
    assert_eq!(who.0.charges()[1].reversed, 0);
    let shown = get(&who, &format!("/v1/customer/disputes/{case}")).await.body;
    assert_eq!(shown["dispute_outcome"]["outcome_code"], "RESOLVED_SELLER_FAVOUR");
    assert_eq!(
        (&shown["fund_movements"][0]["type"], &shown["fund_movements"][1]["type"]),
        (&json!("DEBIT"), &json!("CREDIT"))
    );
    assert_eq!(shown["disputed_transactions"][0]["seller_transaction_id"], second);
    let told = names(&who.0.messages());
    let rest = ["CHECKOUT.ORDER.APPROVED", "PAYMENT.CAPTURE.COMPLETED"];
    let first = ["CUSTOMER.DISPUTE.CREATED", "PAYMENT.CAPTURE.REVERSED", "CUSTOMER.DISPUTE.RESOLVED"];
    let last = ["PAYMENT.CAPTURE.REVERSED", "CUSTOMER.DISPUTE.CREATED", "CUSTOMER.DISPUTE.RESOLVED"];
    assert_eq!(told, [&rest[..], &first, &rest, &last].concat());
}

#[tokio::test]
async fn a_wallet_is_saved_charged_and_removed() {
    let who = start().await;
    let ask = json!({"customer": {"merchant_customer_id": "7"}, "payment_source": {"paypal": {
        "usage_type": "MERCHANT", "description": "Rent", "experience_context": {
            "return_url": "https://a.example/r", "cancel_url": "https://a.example/x"}}}});
    assert_eq!(post(&who, "/v3/vault/setup-tokens", "", ask.clone()).await.status, 400);
    let made = post(&who, "/v3/vault/setup-tokens", "s", ask.clone()).await;
    assert_eq!((made.status, made.body["links"][1]["rel"].as_str()), (201, Some("approve")));
    let change = json!({"payment_source": {}});
    let reused = issue(&post(&who, "/v3/vault/setup-tokens", "s", change).await);
    assert_eq!(reused, (422, "PAYPAL_REQUEST_ID_PREVIOUSLY_USED".to_owned()));
    let setup = id(&made);
    let swap = json!({"payment_source": {"token": {"id": setup, "type": "SETUP_TOKEN"}}});
    let early = issue(&post(&who, "/v3/vault/payment-tokens", "t", swap.clone()).await);
    assert_eq!(early, (422, "PAYER_ACTION_REQUIRED".to_owned()));
    assert!(who.0.approve_setup(&setup) && !who.0.approve_setup(&setup));
    assert_eq!(get(&who, &format!("/v3/vault/setup-tokens/{setup}")).await.body["status"], "APPROVED");
    let saved = post(&who, "/v3/vault/payment-tokens", "t", swap.clone()).await;
    assert_eq!(
        (saved.status, &saved.body["payment_source"]["paypal"]["email_address"]),
        (201, &json!("jane@example.org"))
    );
    assert_eq!(post(&who, "/v3/vault/payment-tokens", "t", swap.clone()).await.status, 200);
    let twice = issue(&post(&who, "/v3/vault/payment-tokens", "u", swap).await);
    assert_eq!(twice, (422, "SETUP_TOKEN_ALREADY_TOKENIZED".to_owned()));
    let token = id(&saved);
    let customer = saved.body["customer"]["id"].as_str().unwrap().to_owned();
    let listed = get(&who, &format!("/v3/vault/payment-tokens?customer_id={customer}")).await.body;
    assert_eq!(listed["payment_tokens"][0]["id"], token);
    let mut order = asked("15.91", "EUR");
    order["payment_source"] = json!({"paypal": {"vault_id": token, "stored_credential": {
        "payment_initiator": "MERCHANT", "usage": "SUBSEQUENT", "usage_pattern": "RECURRING_POSTPAID"}}});
    let charged = post(&who, "/v2/checkout/orders", "1", order.clone()).await;
    assert_eq!((charged.status, charged.body["status"].as_str()), (201, Some("COMPLETED")));
    assert_eq!(charged.body["purchase_units"][0]["payments"]["captures"][0]["status"], "COMPLETED");
    assert!(who.0.decline_wallet(&token));
    let declined = post(&who, "/v2/checkout/orders", "2", order.clone()).await;
    assert_eq!(issue(&declined), (422, "INSTRUMENT_DECLINED".to_owned()));
    assert_eq!(post(&who, "/v2/checkout/orders", "2", order.clone()).await.status, 422);
    assert_eq!((post(&who, "/v2/checkout/orders", "1", order.clone()).await.status, who.0.charges().len()), (200, 1));
    assert!(who.0.remove_wallet(&token));
    let ended = issue(&post(&who, "/v2/checkout/orders", "3", order.clone()).await);
    assert_eq!(ended, (422, "AGREEMENT_ALREADY_CANCELLED".to_owned()));
    let other = who.0.wallet();
    assert_eq!(send(&who, "DELETE", &format!("/v3/vault/payment-tokens/{other}"), "", &Value::Null).await.status, 204);
    assert_eq!(get(&who, &format!("/v3/vault/payment-tokens/{other}")).await.status, 404);
    let told = names(&who.0.messages());
    assert!(told.contains(&"VAULT.PAYMENT-TOKEN.CREATED".to_owned()) && who.0.wallets().is_empty());
    assert_eq!(told.iter().filter(|name| *name == "VAULT.PAYMENT-TOKEN.DELETED").count(), 2);
}

#[tokio::test]
async fn what_paypal_refuses_points_to_the_field() {
    let who = start().await;
    let value = "/purchase_units/0/amount/value";
    for (text, currency, expected) in [
        ("1,00", "EUR", (400, "INVALID_PARAMETER_SYNTAX")),
        ("1.", "EUR", (400, "INVALID_PARAMETER_SYNTAX")),
        ("1.001", "EUR", (422, "DECIMAL_PRECISION")),
        ("100.00", "JPY", (422, "DECIMALS_NOT_SUPPORTED")),
        ("-1.00", "EUR", (422, "CANNOT_BE_ZERO_OR_NEGATIVE")),
        ("9999999999999999.00", "EUR", (422, "MAX_VALUE_EXCEEDED")),
    ] {
        let answer = post(&who, "/v2/checkout/orders", "k", asked(text, currency)).await;
        assert_eq!(issue(&answer), (expected.0, expected.1.to_owned()), "{text}");
        assert_eq!(answer.body["details"][0]["field"], value);
    }
    let unknown = post(&who, "/v2/checkout/orders", "k", asked("1.00", "XXX")).await;
    assert_eq!(issue(&unknown), (422, "INVALID_CURRENCY_CODE".to_owned()));
    for (pointer, field, change, expected) in [
        ("/purchase_units/0", "custom_id", json!("x".repeat(256)), "INVALID_STRING_LENGTH"),
        ("/purchase_units/0", "invoice_id", json!(7), "INVALID_PARAMETER_SYNTAX"),
        ("/purchase_units/0", "items", json!([]), "NOT_SUPPORTED"),
        ("/payment_source/paypal/experience_context", "locale", json!("de_DE"), "INVALID_PARAMETER_SYNTAX"),
        ("/payment_source/paypal/experience_context", "user_action", json!("PAY"), "INVALID_PARAMETER_VALUE"),
        ("/payment_source/paypal/experience_context", "return_url", json!("a.example"), "INVALID_PARAMETER_SYNTAX"),
        ("", "intent", Value::Null, "MISSING_REQUIRED_PARAMETER"),
        ("", "purchase_units", json!([]), "INVALID_ARRAY_MIN_ITEMS"),
    ] {
        let mut body = asked("1.00", "EUR");
        body.pointer_mut(pointer).unwrap()[field] = change;
        let answer = post(&who, "/v2/checkout/orders", "k", body).await;
        assert_eq!(issue(&answer), (400, expected.to_owned()), "{field}");
        assert_eq!(answer.body["details"][0]["field"], format!("{pointer}/{field}"));
    }
    let whole = post(&who, "/v2/checkout/orders", "k", asked("100", "HUF")).await;
    assert_eq!((whole.status, who.0.charges().len()), (201, 0));
    assert_eq!(post(&who, "/v2/checkout/orders", "l", json!([])).await.status, 400);
}

#[tokio::test]
async fn access_tokens_run_out_and_accounts_tell_who_they_are() {
    let mut who = start().await;
    assert!(form(&who.0, "app:wrong", "grant_type=client_credentials").await.contains("invalid_client"));
    assert!(form(&who.0, "app:secret", "").await.starts_with("HTTP/1.1 400"));
    let me = get(&who, "/v1/identity/oauth2/userinfo?schema=paypalv1.1").await.body;
    assert!(me["user_id"].is_string() && me["payer_id"].is_null());
    assert_eq!(get(&who, "/v1/identity/oauth2/userinfo").await.status, 400);
    who.0.set_clock(NOW + 9 * HOUR);
    let answer = get(&who, "/v2/checkout/orders/5O").await;
    assert_eq!((answer.status, answer.body["error"].as_str()), (401, Some("invalid_token")));
    let none = call(&who.0.url(), "GET", "/v2/checkout/orders/5O", &[], &Value::Null).await;
    assert_eq!((none.status, none.body["name"].as_str()), (401, Some("AUTHENTICATION_FAILURE")));
    who.1 = token(&who.0).await;
    assert_eq!(issue(&get(&who, "/v2/checkout/orders/5O").await), (404, "INVALID_RESOURCE_ID".to_owned()));
    let open = start_as(|setup| setup.attributes = true).await;
    let me = get(&open, "/v1/identity/oauth2/userinfo?schema=paypalv1.1").await.body;
    assert_eq!(me["payer_id"], "6QX8PZK3WN7RB");
}

#[tokio::test]
async fn answers_are_small_unless_more_is_preferred() {
    let who = start_as(|setup| setup.refund_events = true).await;
    let (_, capture) = paid(&who, "a").await;
    let bearer = format!("Bearer {}", who.1);
    let url = who.0.url();
    let path = format!("/v2/payments/captures/{capture}/refund");
    let ask = async |prefer: &str| {
        let headers = [("Authorization", bearer.as_str()), ("Prefer", prefer)];
        call(&url, "POST", &path, &headers, &json!({"amount": {"value": "1.00", "currency_code": "EUR"}})).await
    };
    assert!(ask("return=minimal").await.body["amount"].is_null());
    who.0.slow_refund();
    let full = ask("return=representation").await;
    assert_eq!((&full.body["amount"]["value"], &full.body["status"]), (&json!("1.00"), &json!("PENDING")));
    assert_eq!(issue(&ask("return=all").await), (400, "INVALID_PARAMETER_VALUE".to_owned()));
    assert!(who.0.fail_refund(&id(&full)));
    let told = names(&who.0.messages());
    assert_eq!(told[2..], ["PAYMENT.CAPTURE.REFUNDED", "PAYMENT.REFUND.PENDING", "PAYMENT.REFUND.FAILED"]);
}
