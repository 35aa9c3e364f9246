//! What a reader gave up comes home.

use kontor::Outcome;
use testkit::{Portal, Return, Tenant, Value, faults::Fault};

use crate::desk::Desk;

const STAFF: &str = "service@webhosting-ag.example";

/// A portal whose customer K5003 has just signed in, with everything before that followed up.
async fn house() -> (Portal, Tenant, testkit::Browser) {
    let portal = Portal::behind_faults(3).await;
    let tenant = portal.tenant("webhosting-ag").await;
    let browser = tenant.customer("K5003", |_| {}).await.login().await;
    portal.worker.drain().await;
    (portal, tenant, browser)
}

/// The letters of a run, each as reader and state, in no order.
fn letters(objects: &[Value]) -> Vec<(String, String)> {
    let text = |object: &Value, name: &str| object[name].as_str().unwrap_or_default().to_owned();
    let letters = objects.iter().filter(|object| object["event"] == "letter");
    let mut letters: Vec<_> = letters.map(|one| (text(one, "reader"), text(one, "state"))).collect();
    letters.sort();
    letters
}

fn all(state: &str) -> Vec<(String, String)> {
    ["documents", "worker", "worker"].map(|reader| (reader.to_owned(), state.to_owned())).to_vec()
}

#[tokio::test]
async fn what_was_given_up_is_shown_handed_over_and_gone() {
    let (portal, _tenant, browser) = house().await;
    let desk = Desk::of_cloud(&portal);
    desk.run_at_cloud("replay").await.is(Outcome::Right).says("nothing was given up");

    browser.get("/data/erasure").await.status(200);
    browser.post("/data/erasure", &[]).await.status(303);
    portal.dynamodb().always(Fault::FailBefore);
    // A batch of the stream, and a minute of each reader.
    portal.worker.drain().await;
    portal.worker.minute().await;
    assert_eq!(portal.worker.dead_letters().len(), 3);
    for _ in 0..2 {
        let shown = desk.run_at_cloud("--json replay").await;
        assert_eq!(letters(&shown.is(Outcome::Right).objects()), all("waiting"));
        assert!(!shown.text.contains("Records") && !shown.text.contains("T#"), "no content: {}", shown.text);
    }
    let refused = desk.run_at_cloud("--json replay --yes").await;
    assert_eq!(letters(&refused.is(Outcome::Refused).objects()), all("refused"));
    assert_eq!(portal.worker.dead_letters().len(), 3, "what is refused stays");
    assert!(portal.mailbox.all_to(STAFF).is_empty());

    portal.dynamodb().stop();
    desk.run_at_cloud("replay --yes --limit 1").await.is(Outcome::Right).says("1 taken, 0 refused");
    desk.run_at_cloud("replay --yes").await.is(Outcome::Right).says("2 taken, 0 refused");
    assert!(portal.worker.dead_letters().is_empty(), "{:?}", portal.worker.dead_letters());
    assert_eq!(portal.mailbox.all_to(STAFF).len(), 1);
    desk.run_at_cloud("replay --yes").await.is(Outcome::Right).says("nothing was given up");
}

#[tokio::test]
async fn what_the_mail_service_told_comes_home_too() {
    let (portal, tenant, _browser) = house().await;
    portal.dynamodb().always(Fault::Throttle);
    portal.mail_returns("k5003@example.org", Return::Bounce).await;
    portal.dynamodb().stop();
    let state = async || tenant.api.get("/customers/K5003").await.status(200).json()["email_state"]["login"].clone();
    assert_eq!(state().await, "ok");
    Desk::of_cloud(&portal).run_at_cloud("replay --yes").await.is(Outcome::Right).says("1 taken");
    assert_eq!(state().await, "bounced");
}

#[tokio::test]
async fn a_place_that_is_none_is_named() {
    let portal = Portal::start().await;
    let desk = Desk::of_cloud(&portal);
    let missing = desk.run("replay --environment nowhere").await.ended.unwrap_err().to_string();
    assert!(missing.contains("nowhere") && missing.contains("cargo portal"), "{missing}");
    desk.file("bare", "TABLE_NAME=t\nAWS_REGION=eu-central-1\n");
    let bare = desk.run("replay --environment bare").await.ended.unwrap_err().to_string();
    assert!(bare.contains("FAILED_BATCHES_NAME"), "{bare}");
}
