//! Personal links: a mail scanner uses nothing up, a button signs in, an ended link says so.

use testkit::{Portal, SignedDuration, Tenant, Value, hours, json};

async fn house() -> (Portal, Tenant) {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let tine = tenant.customer("K5003", |_| {}).await;
    tine.contract("V1", |_| {}).await;
    (portal, tenant)
}

async fn link(tenant: &Tenant, change: &Value) -> (String, Value) {
    let mut body = json!({ "purpose": "portal", "customer": "K5003" });
    body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    let made = tenant.api.post("/links", &body).await.status(201).json();
    let url = made["url"].as_str().unwrap().to_owned();
    (url.strip_prefix(&tenant.origin()).expect("the link is on the tenant's own host").to_owned(), made)
}

#[tokio::test]
async fn opening_a_link_uses_nothing_up_and_its_button_signs_in() {
    let (portal, tenant) = house().await;
    let (path, _) = link(&tenant, &json!({})).await;
    let items = portal.stored();
    for _ in 0..3 {
        tenant.browser().get(&path).await.status(200).shows("K5003").has("referrer-policy", "same-origin");
    }
    assert_eq!(portal.stored(), items, "GET stores nothing");
    let browser = tenant.browser();
    browser.get(&path).await.status(200);
    browser.post(&path, &[]).await.redirects("/");
    browser.get("/").await.status(200).shows("Sie sind erfolgreich angemeldet.");
    assert_eq!(portal.items() - items.len(), 2, "a session and its event");
    // Personal and time-limited, not single-use.
    let again = tenant.browser();
    again.post(&path, &[]).await.redirects("/");
}

#[tokio::test]
async fn a_link_to_a_contract_lands_on_it() {
    let (_, tenant) = house().await;
    let (path, _) = link(&tenant, &json!({ "purpose": "contract", "subscription": "V1", "language": "en" })).await;
    assert!(path.ends_with("?language=en"), "{path}");
    let browser = tenant.browser();
    browser.get(&path).await.status(200);
    browser.post(path.trim_end_matches("?language=en"), &[]).await.redirects("/contracts/V1");
    browser.get("/contracts/V1").await.status(200).shows("Webhosting Basis");
    for wrong in [
        json!({ "purpose": "contract" }),
        json!({ "subscription": "V1" }),
        json!({ "purpose": "contract", "subscription": "V9" }),
    ] {
        let mut body = json!({ "purpose": "portal", "customer": "K5003" });
        body.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
        tenant.api.post("/links", &body).await.status(422).names(&["subscription"]);
    }
}

#[tokio::test]
async fn an_expired_link_is_gone() {
    let (portal, tenant) = house().await;
    let (path, made) = link(&tenant, &json!({})).await;
    assert_eq!(made["expires_at"], "2026-11-23T09:00:00Z");
    portal.clock.advance(hours(24) - SignedDuration::from_secs(1));
    tenant.browser().get(&path).await.status(200);
    portal.clock.advance(SignedDuration::from_secs(1));
    let items = portal.items();
    tenant.browser().get(&path).await.status(410).shows("Dieser Link gilt nicht mehr");
    tenant.browser().post(&path, &[]).await.status(410);
    assert_eq!(portal.items(), items);
}

#[tokio::test]
async fn a_link_that_was_taken_back_is_gone() {
    let (portal, tenant) = house().await;
    let (path, made) = link(&tenant, &json!({})).await;
    let revoke = json!({ "id": made["id"], "customer": "K5003" });
    tenant.api.delete("/links", &revoke).await.status(204);
    let items = portal.items();
    tenant.api.delete("/links", &revoke).await.status(204);
    tenant.browser().get(&path).await.status(410);
    tenant.browser().post(&path, &[]).await.status(410);
    assert_eq!(portal.items(), items, "again is the same");
}

#[tokio::test]
async fn a_link_of_another_tenant_is_no_link() {
    let (portal, tenant) = house().await;
    let other = portal.tenant("stadtwerke-muster").await;
    let (path, made) = link(&tenant, &json!({})).await;
    let items = portal.items();
    for stranger in [&other, &tenant.sandbox().await] {
        let foreign = stranger.browser().get(&path).await.status(404).problem("not_found");
        let absent = stranger.browser().get("/link/nothing").await;
        assert_eq!(
            foreign.comparable().replace(&path, "[path]"),
            absent.comparable().replace("/link/nothing", "[path]")
        );
        stranger.browser().post(&path, &[]).await.status(404);
    }
    other.customer("K5003", |_| {}).await;
    let revoke = json!({ "id": made["id"], "customer": "K5003" });
    other.api.delete("/links", &revoke).await.status(404).problem("not_found");
    tenant.browser().get(&path).await.status(200);
    assert!(portal.items() > items);
}

#[tokio::test]
async fn a_link_opens_nothing_once_its_customer_has_no_access() {
    let (_, tenant) = house().await;
    let (path, _) = link(&tenant, &json!({})).await;
    tenant.put("/customers/K5003/access", &json!({ "access": false })).await;
    tenant.browser().post(&path, &[]).await.status(404);
}

#[tokio::test]
async fn a_links_lifetime_has_limits() {
    let (_, tenant) = house().await;
    for (seconds, status) in [(0, 422), (-1, 422), (1, 201), (5_184_000, 201), (5_184_001, 422)] {
        let body = json!({ "purpose": "portal", "customer": "K5003", "expires_in": seconds });
        tenant.api.post("/links", &body).await.status(status);
    }
    let unknown = json!({ "purpose": "portal", "customer": "K9" });
    tenant.api.post("/links", &unknown).await.status(422).names(&["customer"]);
}

#[tokio::test]
async fn a_link_goes_by_mail_where_that_is_wanted_and_ends_with_the_other() {
    let (portal, tenant) = house().await;
    let inbox = || portal.mailbox.all_to("k5003@example.org");
    link(&tenant, &json!({})).await;
    portal.worker.drain().await;
    assert!(inbox().is_empty(), "nobody asked for a mail");
    let (path, made) = link(&tenant, &json!({ "send_mail": true, "language": "en" })).await;
    let ends: jiff::Timestamp = made["expires_at"].as_str().unwrap().parse().unwrap();
    assert_eq!(ends.duration_since(portal.clock.now()), hours(30 * 24), "a mail is read late");
    portal.worker.drain().await;
    portal.worker.minute().await;
    let mails = inbox();
    assert_eq!(mails.len(), 1);
    let text = mails[0].text.clone().unwrap();
    assert!(mails[0].subject.contains("your customer portal"), "{}", mails[0].subject);
    let line = text.lines().find(|line| line.contains("/link/")).unwrap_or_else(|| panic!("{text}")).trim();
    let mailed = line.strip_prefix(&tenant.origin()).unwrap().to_owned();
    assert_ne!(mailed, path, "the mail has a token of its own");
    let stored = serde_json::to_string(&portal.stored()).unwrap();
    let token = mailed.rsplit('/').next().unwrap().trim_end_matches("?language=en");
    assert!(!stored.contains(token), "only its hash is stored");
    for path in [&path, &mailed] {
        tenant.browser().get(path).await.status(200).shows("K5003");
    }
    tenant.api.delete("/links", &json!({ "id": made["id"], "customer": "K5003" })).await.status(204);
    for path in [&path, &mailed] {
        tenant.browser().get(path).await.status(410);
    }
    // One that was taken back before its mail went out is not sent.
    let (_, early) = link(&tenant, &json!({ "send_mail": true })).await;
    tenant.api.delete("/links", &json!({ "id": early["id"], "customer": "K5003" })).await.status(204);
    portal.worker.drain().await;
    portal.worker.minute().await;
    assert_eq!(inbox().len(), 1);
}
