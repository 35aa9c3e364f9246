//! The real binaries under Lambda's runtime API, with events as AWS documents them (`tests/events`): each answers the gateway, works off
//! stream and schedule, hears of mails that came back, and says to Lambda when it could not.

use std::{collections::BTreeMap, path::PathBuf};

use domain::payment::ProviderName;
use lambda::{Lambda, Start};
use testkit::{Portal, Rails, Tenant, Value, json};

const GATEWAY: &str = include_str!("../../events/gateway.json");
const STREAM: &str = include_str!("../../events/stream.json");
const SCHEDULE: &str = include_str!("../../events/schedule.json");
const TOPIC: &str = include_str!("../../events/topic.json");
const BOUNCE: &str = include_str!("../../events/bounce.json");

const ADDRESS: &str = "k5003@example.org";

fn documented(text: &str) -> Value {
    text.parse().unwrap()
}

/// A portal of this moment, as the binaries have no other clock.
async fn house() -> (Portal, Tenant) {
    #[expect(clippy::disallowed_methods, reason = "the binaries run by the real clock")]
    let now = jiff::Timestamp::now();
    let portal = Portal::start_at(&now.to_string()).await;
    let tenant = portal.tenant("webhosting-ag").await;
    (portal, tenant)
}

/// A function's binary, as the workspace's build made it.
fn binary(function: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let binary = test.ancestors().nth(2).unwrap().join(function);
    assert!(binary.exists(), "cargo build --workspace makes {}", binary.display());
    binary
}

fn environment(portal: &Portal, changed: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut all: BTreeMap<String, String> =
        portal.environment().iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    all.extend(changed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    all.into_iter().collect()
}

async fn started(portal: &Portal, function: &str, changed: &[(&str, &str)]) -> Lambda {
    let (binary, environment) = (binary(function), environment(portal, changed));
    let start = Start { binary: &binary, environment: &environment, callgrind: None, line: None };
    Lambda::start(start).await.unwrap()
}

/// What becomes of one event in a function that was started for it.
async fn outcome(portal: &Portal, function: &str, event: Value) -> Result<Value, Value> {
    let mut lambda = started(portal, function, &[]).await;
    let answered = lambda.invoke(event).await.unwrap();
    lambda.end().await.unwrap();
    answered.outcome
}

fn request(method: &str, host: &str, path: &str) -> Value {
    let mut event = documented(GATEWAY);
    event["rawPath"] = path.into();
    event["headers"]["host"] = host.into();
    event["requestContext"]["domainName"] = host.into();
    event["requestContext"]["http"]["method"] = method.into();
    event["requestContext"]["http"]["path"] = path.into();
    event
}

#[tokio::test]
async fn each_function_answers_the_gateway() {
    let (portal, tenant) = house().await;
    tenant.customer("K5003", |_| {}).await;
    tenant.put("/settings/providers/stripe", &Rails::keys(ProviderName::Stripe)).await;
    let bearer = tenant.token(ADDRESS).await.token().to_owned();
    let key = tenant.api.token().to_owned();
    let host = tenant.host();
    for (function, method, path, token, expected) in [
        ("auth-otp", "GET", "/login", "", 200),
        ("customer", "GET", "/", "", 303),
        ("customer", "GET", "/api/v1/customer", bearer.as_str(), 200),
        ("customer", "GET", "/nobody/knows/this", "", 404),
        ("subscriptions", "GET", "/api/v1/subscriptions", &bearer, 200),
        ("invoices", "GET", "/api/v1/invoices", &bearer, 200),
        ("documents", "GET", "/api/v1/invoices/RE1/pdf", &bearer, 404),
        ("prepaid", "GET", "/api/v1/accounts", &bearer, 200),
        ("settle", "GET", "/api/v1/payments", &bearer, 200),
        ("webhooks", "POST", "/webhooks/stripe", "", 401),
        ("sandbox-provider", "GET", "/sandbox-provider/webhosting-ag/checkout.css", "", 200),
        ("backoffice", "GET", "/api/admin/v1/customers", &key, 200),
    ] {
        // The world outside stands at the platform's own host.
        let mut event = request(method, if function == "sandbox-provider" { "localhost:9000" } else { &host }, path);
        if !token.is_empty() {
            event["headers"]["authorization"] = format!("Bearer {token}").into();
        }
        let answer = outcome(&portal, function, event).await.unwrap();
        assert_eq!(answer["statusCode"], expected, "{function} {path}: {answer}");
        assert!(answer["isBase64Encoded"].is_boolean() && answer["headers"].is_object(), "{function}: {answer}");
    }
}

#[tokio::test]
async fn a_body_in_base64_is_read_and_its_cookies_come_apart() {
    let (portal, tenant) = house().await;
    tenant.customer("K5003", |_| {}).await;
    let mut event = request("POST", &tenant.host(), "/api/v1/auth/otp");
    event["headers"]["content-type"] = "application/json".into();
    // {"email":"k5003@example.org"}
    event["body"] = "eyJlbWFpbCI6Ims1MDAzQGV4YW1wbGUub3JnIn0=".into();
    event["isBase64Encoded"] = true.into();
    let answer = outcome(&portal, "auth-otp", event).await.unwrap();
    assert_eq!(answer["statusCode"], 202, "{answer}");
    assert_eq!(portal.mailbox.all_to(ADDRESS).len(), 1);

    let mut event = request("POST", &tenant.host(), "/language");
    event["headers"]["content-type"] = "application/x-www-form-urlencoded".into();
    event["headers"]["origin"] = tenant.origin().into();
    event["body"] = "language=en".into();
    let answer = outcome(&portal, "auth-otp", event).await.unwrap();
    assert_eq!((&answer["statusCode"], answer["cookies"].as_array().map(Vec::len)), (&json!(303), Some(1)), "{answer}");
    assert!(answer["headers"]["set-cookie"].is_null(), "{answer}");
}

/// An inserted item that wakes a reader, as the stream tells of it.
fn woken(portal: &Portal, reader: &str) -> Value {
    let stored = portal.stored();
    let item = stored.iter().find(|item| item["wake"]["S"] == reader).unwrap();
    let mut event = documented(STREAM);
    event["Records"][0]["dynamodb"]["Keys"] = json!({ "pk": item["pk"], "sk": item["sk"] });
    event["Records"][0]["dynamodb"]["NewImage"] = item.clone();
    event
}

#[tokio::test]
async fn what_the_stream_tells_becomes_a_paper_and_what_the_schedule_finds_a_mail() {
    let (portal, tenant) = house().await;
    let tine = tenant.customer("K5003", |_| {}).await;
    tine.invoice("RE1", |invoice| invoice["notify"] = true.into()).await;
    assert!(portal.mailbox.all_to(ADDRESS).is_empty());

    let papers = outcome(&portal, "documents", woken(&portal, "documents")).await;
    assert_eq!(papers, Ok(Value::Null));
    let told = woken(&portal, "worker");
    assert!(told.to_string().contains("OUT#"), "the mail is written down: {told}");
    assert!(portal.mailbox.all_to(ADDRESS).is_empty());

    assert_eq!(outcome(&portal, "worker", documented(SCHEDULE)).await, Ok(Value::Null));
    let mails = portal.mailbox.all_to(ADDRESS);
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].attachments.len(), 1);
    // The stream only hurries: told late, it finds nothing left to do.
    assert_eq!(outcome(&portal, "worker", told).await, Ok(Value::Null));
    assert_eq!(portal.mailbox.all_to(ADDRESS).len(), 1);
}

#[tokio::test]
async fn a_mail_that_came_back_marks_its_address() {
    let (portal, tenant) = house().await;
    let tine = tenant.customer("K5003", |_| {}).await;
    tine.invoice("RE1", |invoice| invoice["notify"] = true.into()).await;
    for _ in 0..3 {
        portal.worker.drain().await;
        portal.worker.minute().await;
    }
    let mail = portal.mailbox.last_to(ADDRESS);
    let mut told = documented(BOUNCE);
    told["bounce"]["bouncedRecipients"][0]["emailAddress"] = ADDRESS.into();
    told["mail"]["destination"] = json!([ADDRESS]);
    for (name, value) in &mail.tags {
        told["mail"]["tags"][name] = json!([value]);
    }
    let mut event = documented(TOPIC);
    event["Records"][0]["Sns"]["Message"] = told.to_string().into();
    assert_eq!(outcome(&portal, "worker", event).await, Ok(Value::Null));
    let state = tenant.api.get("/customers/K5003").await.status(200).json()["email_state"].clone();
    assert_eq!(state["invoices"], "bounced", "{state}");
}

#[tokio::test]
async fn a_batch_that_the_table_does_not_take_fails_and_is_given_again() {
    let (portal, tenant) = house().await;
    let tine = tenant.customer("K5003", |_| {}).await;
    tine.invoice("RE1", |invoice| invoice["notify"] = true.into()).await;
    let event = woken(&portal, "documents");
    // Nobody listens there.
    let mut lambda = started(&portal, "documents", &[("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:9")]).await;
    let failed = lambda.invoke(event.clone()).await.unwrap().outcome.unwrap_err();
    assert!(failed["errorMessage"].is_string(), "{failed}");
    let log = lambda.end().await.unwrap().log;
    assert!(!log.contains(ADDRESS), "{log}");
    assert_eq!(outcome(&portal, "documents", event).await, Ok(Value::Null));
}

#[tokio::test]
async fn a_function_goes_on_after_an_event_that_makes_no_sense() {
    let (portal, tenant) = house().await;
    let mut lambda = started(&portal, "customer", &[]).await;
    for rubbish in [json!(null), json!({}), json!({ "version": "2.0" }), json!({ "headers": {} })] {
        let answered = lambda.invoke(rubbish.clone()).await.unwrap();
        let is_refused = answered.outcome.as_ref().map_or(true, |answer| answer["statusCode"] == 400);
        assert!(is_refused, "{rubbish}: {answered:?}");
    }
    let answered = lambda.invoke(request("GET", &tenant.host(), "/imprint")).await.unwrap();
    assert_eq!(answered.outcome.unwrap()["statusCode"], 200);
    lambda.end().await.unwrap();
}

#[tokio::test]
async fn a_wrong_variable_stops_the_start_and_is_named() {
    let (portal, _) = house().await;
    let mut lambda = started(&portal, "customer", &[("STAGE", "produktion")]).await;
    let stopped = lambda.invoke(request("GET", "webhosting-ag.localhost:9000", "/")).await.unwrap_err();
    assert!(stopped.contains("ended"), "{stopped}");
    let said = lambda.end().await.unwrap().errors;
    assert!(said.contains("STAGE") && said.contains("must be sandbox, prod or local"), "{said}");
}
