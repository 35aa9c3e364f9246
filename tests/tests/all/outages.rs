//! Outages: what fails, throttles or hangs outside is 503 with `Retry-After` after at most three tries; nothing is half
//! done.

use testkit::{Portal, Tenant, faults::Fault, hours, json, samples};

async fn house(seed: u64) -> (Portal, Tenant) {
    let portal = Portal::behind_faults(seed).await;
    let tenant = portal.tenant("webhosting-ag").await;
    tenant.customer("K5003", |_| {}).await.invoice("RE1", |_| {}).await;
    (portal, tenant)
}

#[tokio::test]
async fn a_table_that_fails_is_503_after_three_tries() {
    let (portal, tenant) = house(1).await;
    let browser = tenant.login("k5003@example.org").await;
    for fault in [Fault::FailBefore, Fault::Throttle, Fault::DropAnswer, Fault::FailAfter] {
        portal.dynamodb().always(fault);
        let calls = portal.dynamodb().calls();
        let answer =
            tenant.api.get("/customers/K5003").await.status(503).problem("unavailable").has("retry-after", "5");
        assert!(!answer.html().contains("injected"), "{}", answer.html());
        assert_eq!(portal.dynamodb().calls() - calls, 3, "{fault:?}");
        browser.get("/invoices").await.status(503).problem("unavailable").has("retry-after", "5");
        portal.dynamodb().stop();
        browser.get("/invoices").await.status(200).shows("RE1");
    }
}

#[tokio::test]
async fn no_list_asks_for_an_empty_key() {
    // The proxy refuses what DynamoDB refuses and the engine does not.
    let (portal, tenant) = house(7).await;
    let tine = tenant.customer("K1", |_| {}).await;
    tine.contract("V1", |_| {}).await;
    tenant.put("/contacts/petersen", &json!({ "name": "Frau Petersen" })).await;
    let declarations = ["/declarations", "/declarations?open"];
    for path in ["/contacts", "/customers", "/subscriptions", "/invoices", "/documents/offer", "/events", "/keys"]
        .into_iter()
        .chain(declarations)
    {
        tenant.api.get(path).await.status(200);
    }
    tenant.api.post("/ledger:check", &json!({})).await.status(200);
    let browser = tine.login().await;
    for path in
        ["/", "/data", "/contracts", "/contracts/V1", "/invoices", "/invoices?filter=open", "/documents", "/sessions"]
    {
        browser.get(path).await.status(200);
    }
    portal.worker.minute().await;
    assert!(portal.worker.dead_letters().is_empty());
}

#[tokio::test]
async fn one_failed_try_is_not_seen_by_anybody() {
    let (portal, tenant) = house(2).await;
    let browser = tenant.login("k5003@example.org").await;
    for fault in [Fault::FailBefore, Fault::Throttle, Fault::DropAnswer] {
        portal.dynamodb().next(&[fault, fault]);
        browser.get("/invoices").await.status(200).shows("RE1");
    }
}

#[tokio::test]
async fn a_table_that_hangs_is_503_after_two_tries() {
    let (portal, tenant) = house(3).await;
    portal.dynamodb().always(Fault::Hang);
    let calls = portal.dynamodb().calls();
    tenant.api.get("/customers/K5003").await.status(503).problem("unavailable").has("retry-after", "5");
    assert_eq!(portal.dynamodb().calls() - calls, 2);
}

#[tokio::test]
async fn a_page_of_a_known_host_says_that_something_is_down_in_the_tenants_look() {
    let (portal, tenant) = house(4).await;
    tenant.browser().get("/login").await.status(200);
    portal.dynamodb().always(Fault::FailBefore);
    let page = tenant.browser().ask_for_code("k5003@example.org").await;
    page.status(503).has("retry-after", "5").shows("Webhosting Ag");
    // Settings are believed a little longer while the table is down; then nothing is known of the host any more.
    portal.clock.advance(testkit::minutes(9));
    tenant.browser().get("/login").await.status(200).shows("Webhosting Ag");
    portal.clock.advance(hours(1));
    tenant.browser().get("/login").await.status(503).has("retry-after", "5");
    let stranger = testkit::Request::new("GET", "evil.example", "/");
    portal.ask(stranger).await.status(503).has("retry-after", "5");
}

#[tokio::test]
async fn mails_that_cannot_be_sent_are_503_and_a_later_try_succeeds() {
    let (portal, tenant) = house(5).await;
    portal.ses().always(Fault::FailBefore);
    let calls = portal.ses().calls();
    tenant.browser().ask_for_code("k5003@example.org").await.status(503).has("retry-after", "5");
    assert_eq!(portal.ses().calls() - calls, 2);
    assert_eq!(portal.mailbox.count(), 0);
    portal.ses().stop();
    tenant.login("k5003@example.org").await.get("/").await.status(200);
}

#[tokio::test]
async fn files_that_cannot_be_kept_are_503_and_leave_the_settings_as_they_were() {
    let (portal, tenant) = house(6).await;
    portal.s3().always(Fault::FailBefore);
    let items = portal.items();
    let logo = include_bytes!("../../../infra/local/demo/webhosting-ag/logo.png");
    let put = tenant.api.request("PUT", "/settings/branding/logo").body("image/png", &logo[..]);
    portal.ask(put).await.status(503).problem("unavailable").has("retry-after", "5");
    let pdf =
        tenant.api.request("PUT", "/api/admin/v1/documents/invoice/RE1/pdf").body("application/pdf", samples::pdf());
    portal.ask(pdf).await.status(503).problem("unavailable");
    assert_eq!(portal.items(), items);
    assert_eq!(tenant.api.get("/settings/branding").await.json()["logo"], json!(null));
}

#[tokio::test]
async fn payments_through_a_bad_network_are_booked_once_each() {
    for seed in 10..13 {
        let (portal, tenant) = house(seed).await;
        portal.dynamodb().percent(30);
        for n in 0..12 {
            let body =
                json!({ "reference": format!("bank-{n}"), "amount": samples::euros("10.00"), "date": "2026-11-20" });
            // Senders come again until they are told that it is done.
            let mut tries = 0;
            loop {
                let answer = tenant.api.post("/invoices/RE1:payment", &body).await;
                if answer.code() == 200 {
                    break;
                }
                assert!(matches!(answer.code(), 409 | 503), "{} {}", answer.code(), answer.html());
                tries += 1;
                assert!(tries < 100, "seed {seed}: {}", answer.html());
            }
        }
        portal.dynamodb().stop();
        assert!(portal.dynamodb().met() > 10, "seed {seed}");
        let check = tenant.api.post("/ledger:check", &json!({})).await.status(200).json();
        assert_eq!((&check["balanced"], &check["entries"]), (&json!(true), &json!(13)), "seed {seed}: {check}");
        let shown = tenant.api.get("/invoices/RE1").await.json();
        assert_eq!(shown["state"]["open"], samples::euros("0.00"), "seed {seed}");
    }
}

#[tokio::test]
async fn a_login_through_a_bad_network_signs_in_once() {
    let (portal, tenant) = house(20).await;
    portal.dynamodb().percent(15);
    let mut signed_in = None;
    for _ in 0..9 {
        portal.clock.advance(hours(1));
        let browser = tenant.browser();
        if browser.ask_for_code("k5003@example.org").await.code() != 303 {
            continue;
        }
        let answer = browser.type_code(&portal.mailbox.code_to("k5003@example.org")).await;
        if answer.code() == 303 && answer.header("location") == "/" {
            signed_in = Some(browser);
            break;
        }
    }
    portal.dynamodb().stop();
    signed_in.expect("nine tries are enough").get("/").await.status(200).shows("K5003");
}
