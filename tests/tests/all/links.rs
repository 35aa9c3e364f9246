//! Personal links: a mail scanner uses nothing up, a button signs in, an ended link says so, and none opens more than it is
//! for.

use domain::payment::Method;
use testkit::{
    Api, Browser, Metric, Portal, SignedDuration, Tenant, Value, faults::Kill, hours, json, minutes, samples, seconds,
};
use web::{Guard, door::Reaching};

use crate::isolation::{House, PAPERS_OF_SOME, ask, is_api, routes, same_but_for};

/// Everything that a session opens which a link to one contract began.
const OPENED: [(&str, &str); 19] = [
    ("GET", "/contracts/{number}"),
    ("GET", "/contracts/{number}/cancel"),
    ("POST", "/contracts/{number}/cancel"),
    ("GET", "/contracts/{number}/cancel/confirmation"),
    ("GET", "/contracts/{number}/cancel/pdf"),
    ("GET", "/contracts/{number}/take-back"),
    ("POST", "/contracts/{number}/take-back"),
    ("GET", "/contracts/{number}/pause"),
    ("POST", "/contracts/{number}/pause"),
    ("POST", "/contracts/{number}/resume"),
    ("GET", "/contracts/{number}/payment-method"),
    ("POST", "/contracts/{number}/payment-method"),
    ("GET", "/api/v1/subscriptions/{number}"),
    ("GET", "/api/v1/subscriptions/{number}/cancel-preview"),
    ("POST", "/api/v1/subscriptions/{number}/cancel"),
    ("POST", "/api/v1/subscriptions/{number}/take-back"),
    ("POST", "/api/v1/subscriptions/{number}/pause"),
    ("POST", "/api/v1/subscriptions/{number}/resume"),
    ("POST", "/logout"),
];

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
    for (seconds, status) in [(0, 422), (-1, 422), (1, 201), (31_536_000, 201), (31_536_001, 422)] {
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

/// A browser that a link to a contract signed in.
async fn by_contract(tenant: &Tenant, customer: &str, contract: &str) -> Browser {
    let facts = json!({ "purpose": "contract", "customer": customer, "subscription": contract });
    let (path, _) = link(tenant, &facts).await;
    let browser = tenant.browser();
    browser.post(&path, &[]).await.redirects(&format!("/contracts/{contract}"));
    browser.get(&format!("/contracts/{contract}")).await.status(200);
    browser
}

/// One link of every purpose, and what its page says.
async fn one_of_each(portal: &Portal, tenant: &Tenant) -> Vec<(Value, &'static str)> {
    tenant.enable(Method::Sandbox).await;
    tenant.customer("K5003", |_| {}).await.invoice("RE1", |_| {}).await;
    // A host is believed for a minute.
    portal.clock.advance(minutes(2));
    vec![
        (json!({ "purpose": "portal" }), "K5003"),
        (json!({ "purpose": "contract", "subscription": "V1" }), "V1"),
        (json!({ "purpose": "document", "document": "RE1" }), "RE1"),
        (json!({ "purpose": "pay", "document": "RE1" }), "RE1"),
        (json!({ "purpose": "add_method" }), "K5003"),
    ]
}

#[tokio::test]
async fn a_contracts_link_opens_that_contract_and_nothing_else_of_the_portal() {
    let portal = Portal::start().await;
    let house = House::built(&portal, "webhosting-ag", "K-OWN").await;
    house.tenant.put("/customers/K-OWN/subscriptions/V2", &samples::subscription()).await;
    portal.clock.advance(minutes(2));
    let browser = by_contract(&house.tenant, "K-OWN", "V1").await;
    let (mut opened, mut refused) = (0, 0);
    for route in routes().await {
        let Guard::Customer { reaching, .. } = route.guard else { continue };
        let is_open = OPENED.contains(&(route.method, route.path.as_str()));
        assert_eq!(is_open, reaching != Reaching::Portal, "{} {} asks for another door", route.method, route.path);
        let area = if is_api(&route.path) { "/api/v1" } else { "" };
        let (own, nowhere) = (format!("{}?x=1", house.path(&route.path)), format!("{area}/nowhere?x=1"));
        let unknown = same_but_for(&nowhere, &ask(&browser, route.method, &nowhere).await.status(404));
        if !is_open {
            let answer = ask(&browser, route.method, &own).await.status(404).problem("not_found");
            assert_eq!(same_but_for(&own, &answer), unknown, "{} tells that there is something", answer.what());
            refused += 1;
            continue;
        }
        // Another contract of the same customer, and one that nobody has.
        for other in ["/V2", "/V9", "/v1"].iter().filter(|_| own.contains("/V1")) {
            let other = own.replace("/V1", other);
            let answer = ask(&browser, route.method, &other).await.status(404).problem("not_found");
            assert_eq!(same_but_for(&other, &answer), unknown, "{} tells that there is something", answer.what());
        }
        let answer = browser.send(browser.request(route.method, &own)).await;
        let has_none = PAPERS_OF_SOME.contains(&route.path.as_str());
        let wanted: &[u16] = match route.method {
            "GET" if has_none => &[404],
            "GET" => &[200, 303],
            // It comes without the page's token, so whoever passes the door changes nothing.
            _ => &[403],
        };
        assert!(wanted.contains(&answer.code()), "{}: {} {}", answer.what(), answer.code(), answer.html());
        opened += 1;
    }
    assert_eq!(opened, OPENED.len());
    assert!(refused >= 50, "only {refused} routes were refused");
}

#[tokio::test]
async fn the_page_of_a_contracts_link_leads_nowhere_else_and_tells_nothing_else() {
    let (portal, tenant) = house().await;
    let tine = tenant.customer("K5003", |_| {}).await;
    tine.invoice("RE1", |invoice| invoice["subscription"] = "V1".into()).await;
    let browser = by_contract(&tenant, "K5003", "V1").await;
    let page = browser.get("/contracts/V1").await.status(200).shows("Webhosting Basis").hides("RE1");
    for other in ["href=\"/\"", "href=\"/contracts\"", "href=\"/invoices", "href=\"/data", "href=\"/settle"] {
        assert!(!page.html().contains(other), "{other}: {}", page.html());
    }
    assert_eq!(page.link_to("/contracts/V1"), "/contracts/V1", "the brand leads back");
    browser.get("/api/v1/subscriptions/V1").await.status(200).hides("RE1");
    let refused = browser.get("/invoices").await.status(404).shows("Anmelden").shows("Zum Vertrag");
    assert_eq!(refused.link_to("/login"), "/login");
    // Nobody is signed in there, so the login asks; and public pages stay public.
    browser.get("/login").await.status(200).shows("E-Mail-Adresse").hides("k5003@example.org");
    browser.get("/imprint").await.status(200).hides("href=\"/invoices");
    browser.get("/contracts/V1/cancel").await.status(200).shows("k•••@example.org").hides("k5003@example.org");
    portal.clock.advance(minutes(31));
    browser.get("/invoices").await.redirects("/login?return_to=%2Finvoices");
    let over = browser.get("/contracts/V1").await.redirects("/login?return_to=%2Fcontracts%2FV1");
    browser.follow(&over).await.status(200).hides("k5003@example.org");
}

#[tokio::test]
async fn whoever_has_a_contracts_link_acts_by_link_and_ends_nobody_elses_session() {
    let (portal, tenant) = house().await;
    let phone = tenant.login("k5003@example.org").await;
    let browser = by_contract(&tenant, "K5003", "V1").await;
    browser.get("/contracts/V1/cancel").await.status(200);
    browser.post("/contracts/V1/cancel", &[]).await.redirects("/contracts/V1/cancel/confirmation");
    browser.get("/contracts/V1/cancel/confirmation").await.status(200);
    browser.post("/logout", &[("everywhere", "1")]).await.status(404);
    browser.post("/logout", &[]).await.redirects("/login");
    browser.get("/contracts/V1").await.redirects("/login?return_to=%2Fcontracts%2FV1");
    phone.get("/data").await.status(200);
    portal.clock.advance(seconds(31));
    let feed = tenant.api.get("/events").await.status(200).json();
    let told = |kind: &str| feed["items"].as_array().unwrap().iter().find(|event| event["kind"] == kind).cloned();
    let cancelled = told("subscription.cancelled").unwrap();
    assert_eq!((&cancelled["way"], &cancelled["subject"]), (&json!("link"), &json!("V1")), "{cancelled}");
}

#[tokio::test]
async fn a_documents_link_shows_that_document_to_whoever_has_it_and_nothing_else() {
    let (portal, tenant) = house().await;
    let tine = tenant.customer("K5003", |_| {}).await;
    for number in ["RE1", "RECHNUNG-2"] {
        tine.invoice(number, |_| {}).await;
    }
    let (path, made) = link(&tenant, &json!({ "purpose": "document", "document": "RE1" })).await;
    assert!(path.starts_with("/d/") && made["expires_at"] == "2026-12-22T09:00:00Z", "{path} {made}");
    let other = tenant.customer("K-OTHER", |_| {}).await.login().await;
    for browser in [&tenant.browser(), &other] {
        let page =
            browser.get(&path).await.status(200).shows("RE1").shows("119,00").hides("RECHNUNG-2").hides("K-OTHER");
        for (name, value) in
            [("referrer-policy", "no-referrer"), ("cache-control", "no-store"), ("x-robots-tag", "noindex")]
        {
            assert_eq!(page.header(name), value, "{name}");
        }
        for elsewhere in ["href=\"/invoices", "href=\"/contracts", "href=\"/settle", "href=\"/\"", "/logout"] {
            assert!(!page.html().contains(elsewhere), "{elsewhere}: {}", page.html());
        }
        let pdf = page.link_to("/pdf");
        assert_eq!(pdf, format!("{path}/pdf"));
        browser.get(&pdf).await.status(303);
    }
    assert_eq!(portal.items_like("/FILE#pdf"), 1, "it is rendered once");
    let token = path.trim_start_matches("/d/");
    for elsewhere in ["/link", "/pay", "/payment-methods/link"] {
        tenant.browser().get(&format!("{elsewhere}/{token}")).await.status(404).problem("not_found");
    }
    for (wrong, field) in [
        (json!({ "purpose": "document" }), "document"),
        (json!({ "purpose": "document", "document": "RE9" }), "document"),
        (json!({ "purpose": "document", "document": "RE1", "document_type": "offer" }), "document"),
        (json!({ "purpose": "pay", "document": "RE1", "document_type": "invoice" }), "document_type"),
    ] {
        let mut body = json!({ "customer": "K5003" });
        body.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
        tenant.api.post("/links", &body).await.status(422).names(&[field]);
    }
}

#[tokio::test]
async fn a_document_is_shown_only_while_its_kind_and_its_customer_are_released() {
    let (portal, tenant) = house().await;
    tenant.customer("K5003", |_| {}).await.invoice("RE1", |_| {}).await;
    let facts = json!({ "purpose": "document", "customer": "K5003", "document": "RE1" });
    let (path, _) = link(&tenant, &facts).await;
    let shown = async |status: u16| {
        portal.clock.advance(minutes(2));
        tenant.browser().get(&path).await.status(status);
        let pdf = if status == 200 { 303 } else { status };
        tenant.browser().get(&format!("{path}/pdf")).await.status(pdf);
    };
    shown(200).await;
    tenant.settings("areas", &json!({ "invoices": "off" })).await.status(200);
    shown(404).await;
    tenant.api.post("/links", &facts).await.status(422).names(&["document_type"]);
    tenant.settings("areas", &json!({ "invoices": "view" })).await.status(200);
    tenant.put("/customers/K5003/access", &json!({ "access": false })).await;
    shown(404).await;
    tenant.api.post("/links", &facts).await.status(422).names(&["customer"]);
    tenant.put("/customers/K5003/access", &json!({ "access": true })).await;
    shown(200).await;
}

#[tokio::test]
async fn a_link_shows_a_document_of_every_kind_while_that_is_released_and_nobody_elses() {
    let (portal, tenant) = house().await;
    let tine = tenant.customer("K5003", |_| {}).await;
    tine.invoice("RE1", |_| {}).await;
    tenant.customer("K1", |_| {}).await;
    let mut paths = Vec::new();
    for kind in ["credit-note", "dunning", "offer", "delivery-note", "confirmation"] {
        tine.document(kind, "D-1", |_| {}).await;
        let mut facts = json!({ "purpose": "document", "document": "D-1", "document_type": kind });
        let (path, _) = link(&tenant, &facts).await;
        let page = tenant.browser().get(&path).await.status(200).shows("D-1").has("referrer-policy", "no-referrer");
        for elsewhere in ["href=\"/documents", "href=\"/invoices", "href=\"/contracts", "/xml"] {
            assert!(!page.html().contains(elsewhere), "{kind} leads to {elsewhere}: {}", page.html());
        }
        assert_eq!(page.link_to("/pdf"), format!("{path}/pdf"));
        tenant.browser().get(&format!("{path}/pdf")).await.status(303);
        facts["customer"] = "K1".into();
        tenant.api.post("/links", &facts).await.status(422).names(&["document"]);
        paths.push(path);
    }
    tenant.settings("documents", &json!({ "types": ["invoice", "offer"] })).await.status(200);
    portal.clock.advance(minutes(2));
    for (place, path) in paths.iter().enumerate() {
        let (page, pdf) = if place == 2 { (200, 303) } else { (404, 404) };
        tenant.browser().get(path).await.status(page);
        tenant.browser().get(&format!("{path}/pdf")).await.status(pdf);
    }
    let hidden = json!({ "purpose": "document", "customer": "K5003", "document": "D-1", "document_type": "dunning" });
    tenant.api.post("/links", &hidden).await.status(422).names(&["document_type"]);
}

#[tokio::test]
async fn looking_uses_no_link_up_and_is_read_in_its_language() {
    let (portal, tenant) = house().await;
    for (facts, words) in one_of_each(&portal, &tenant).await {
        let mut facts = facts;
        facts["language"] = "en".into();
        let (path, _) = link(&tenant, &facts).await;
        assert!(path.ends_with("?language=en"), "{path}");
        let items = portal.stored();
        for _ in 0..3 {
            let browser = tenant.browser();
            portal.ask(browser.request("HEAD", &path)).await.status(200);
            let page = browser.get(&path).await.status(200).shows(words);
            assert!(page.html().contains("<html lang=\"en\""), "{path}");
        }
        assert_eq!(portal.stored(), items, "{facts}: looking stores nothing");
    }
    // What signs in goes on in the language of the link.
    let (path, _) = link(&tenant, &json!({ "language": "en" })).await;
    let browser = tenant.browser();
    browser.post(&path, &[]).await.redirects("/");
    assert!(browser.get("/").await.status(200).html().contains("<html lang=\"en\""));
}

#[tokio::test]
async fn a_link_of_any_purpose_that_was_taken_back_is_gone_and_stands_in_the_list() {
    let (portal, tenant) = house().await;
    let purposes = one_of_each(&portal, &tenant).await;
    let mut made = Vec::new();
    for (facts, _) in &purposes {
        let (path, shown) = link(&tenant, facts).await;
        tenant.browser().get(&path).await.status(200);
        made.push((path, shown["id"].clone()));
        // Lists are in the order in which they were made.
        portal.clock.advance(seconds(1));
    }
    let list = tenant.api.get("/links?customer=K5003&limit=2").await.status(200).json();
    assert_eq!(list["items"].as_array().unwrap().len(), 2);
    let next = list["next"].as_str().unwrap();
    let rest = tenant.api.get(&format!("/links?customer=K5003&after={next}")).await.status(200).json();
    let listed = [list["items"].as_array().unwrap().clone(), rest["items"].as_array().unwrap().clone()].concat();
    for (((facts, _), (path, id)), row) in purposes.iter().zip(&made).zip(&listed) {
        assert_eq!((&row["id"], &row["purpose"]), (id, &facts["purpose"]), "{row}");
        assert_eq!((&row["document"], &row["subscription"]), (&facts["document"], &facts["subscription"]), "{row}");
        assert!(!row.to_string().contains(path.rsplit('/').next().unwrap()), "the token is nobody's to read: {row}");
        assert!(row["revoked_at"].is_null() && row["expires_at"].is_string(), "{row}");
    }
    for (path, id) in &made {
        tenant.api.delete("/links", &json!({ "id": id, "customer": "K5003" })).await.status(204);
        tenant.browser().get(path).await.status(410).shows("Dieser Link gilt nicht mehr");
    }
    tenant.browser().get(&format!("{}/pdf", made[2].0)).await.status(410).shows("Dieser Link gilt nicht mehr");
    let list = tenant.api.get("/links?customer=K5003").await.status(200).json();
    let items = list["items"].as_array().unwrap();
    assert!(items.len() == 5 && items.iter().all(|row| row["revoked_at"].is_string()), "{list}");
    tenant.api.get("/links?customer=K9").await.status(404);
    tenant.api.get("/links").await.status(422).names(&["customer"]);
}

#[tokio::test]
async fn a_permanent_link_fills_the_address_in_and_asks_for_the_code() {
    let (portal, tenant) = house().await;
    tenant.customer("K5003", |_| {}).await.invoice("RE1", |_| {}).await;
    let lasting = |facts: Value| {
        let mut body = json!({ "customer": "K5003", "permanent": true });
        body.as_object_mut().unwrap().extend(facts.as_object().unwrap().clone());
        body
    };
    tenant.api.post("/links", &lasting(json!({ "purpose": "portal" }))).await.status(422).names(&["permanent"]);
    tenant.settings("links", &json!({ "permanent": true })).await.status(200);
    portal.clock.advance(minutes(2));
    for (wrong, field) in [
        (json!({ "purpose": "pay", "document": "RE1" }), "permanent"),
        (json!({ "purpose": "portal", "expires_in": 60 }), "expires_in"),
        (json!({ "purpose": "portal", "send_mail": true }), "send_mail"),
    ] {
        tenant.api.post("/links", &lasting(wrong)).await.status(422).names(&[field]);
    }
    for (facts, place) in [
        (json!({ "purpose": "portal" }), "/"),
        (json!({ "purpose": "contract", "subscription": "V1" }), "/contracts/V1"),
        (json!({ "purpose": "document", "document": "RE1" }), "/invoices/RE1"),
    ] {
        let (path, made) = link(&tenant, &lasting(facts)).await;
        assert!(made["expires_at"].is_null(), "{made}");
        portal.clock.advance(hours(24 * 400));
        let mails = portal.mailbox.count();
        let browser = tenant.browser();
        let opened = browser.get(&path).await;
        let opened = if opened.code() == 303 { browser.follow(&opened).await } else { opened };
        opened.status(200).shows("Anmeldecode").hides("k5003@example.org");
        assert_eq!(portal.mailbox.count(), mails, "looking sends no code");
        let path = path.replace("/d/", "/link/");
        browser.post(&path, &[]).await.redirects("/login/code");
        browser.type_code(&portal.mailbox.code_to("k5003@example.org")).await.redirects(place);
        browser.get(place).await.status(200);
        // Whoever read the mail is whom it is for.
        browser.get("/data").await.status(200);
        tenant.api.delete("/links", &json!({ "id": made["id"], "customer": "K5003" })).await.status(204);
        tenant.browser().get(&path).await.status(410);
        tenant.browser().post(&path, &[]).await.status(410);
    }
}

#[tokio::test]
async fn a_permanent_link_opens_at_once_where_the_tenant_chose_so() {
    let (portal, tenant) = house().await;
    tenant.customer("K5003", |_| {}).await.invoice("RE1", |_| {}).await;
    tenant.settings("links", &json!({ "permanent": true, "permanent_signs_in": true })).await.status(200);
    portal.clock.advance(minutes(2));
    let facts = json!({ "purpose": "contract", "subscription": "V1", "permanent": true });
    let (contract, _) = link(&tenant, &facts).await;
    let facts = json!({ "purpose": "document", "document": "RE1", "permanent": true });
    let (document, _) = link(&tenant, &facts).await;
    portal.clock.advance(hours(24 * 400));
    let browser = tenant.browser();
    browser.post(&contract, &[]).await.redirects("/contracts/V1");
    browser.get("/contracts/V1").await.status(200);
    browser.get("/data").await.status(404);
    tenant.browser().get(&document).await.status(200).shows("RE1");
    let other = document.replace("/d/", "/link/");
    tenant.browser().get(&other).await.redirects(&format!("{document}?language=de"));
    // What was chosen otherwise since holds at once.
    tenant.settings("links", &json!({ "permanent_signs_in": false })).await.status(200);
    portal.clock.advance(minutes(2));
    tenant.browser().post(&contract, &[]).await.redirects("/login/code");
    tenant.browser().get(&document).await.redirects(&format!("{other}?language=de"));
    tenant.browser().get(&format!("{document}/pdf")).await.redirects(&document);
}

#[tokio::test]
async fn a_tenant_says_how_long_its_links_work_within_bounds() {
    let (portal, tenant) = house().await;
    let known = tenant.api.get("/settings/links").await.status(200).json();
    assert_eq!(
        (&known["portal"], &known["document"], &known["permanent"]),
        (&json!(86_400), &json!(2_592_000), &json!(false))
    );
    let put = async |change: Value| tenant.settings("links", &change).await;
    put(json!({ "portal": 3_600 })).await.status(200);
    portal.clock.advance(minutes(2));
    let (_, made) = link(&tenant, &json!({})).await;
    assert_eq!(made["expires_at"], "2026-11-22T10:02:00Z");
    let body = |field: &str, value: Value| {
        let mut body = json!({});
        body[field] = value;
        body
    };
    for (field, wrong) in [("portal", json!(3_599)), ("pay", json!(31_536_001)), ("mailed", json!(0))] {
        let answer = tenant.api.put("/settings/links", &body(field, wrong)).await.status(422).names(&[field]);
        assert!(answer.html().contains("an hour to a year"), "{}", answer.html());
    }
    let origins = body("return_origins", json!(["https://shop.example/x"]));
    tenant.api.put("/settings/links", &origins).await.status(422).names(&["return_origins[0]"]);
}

#[tokio::test]
async fn access_says_the_portals_address_and_a_permanent_one_where_there_are_such() {
    let (portal, tenant) = house().await;
    let path = "/customers/K5003/access";
    let plain = format!("{}/", tenant.origin());
    let read = tenant.api.get(path).await.status(200).json();
    assert_eq!(read, json!({ "access": true, "portal_url": plain }));
    assert_eq!(tenant.put(path, &json!({ "access": true })).await.json(), read);
    tenant.settings("links", &json!({ "permanent": true })).await.status(200);
    portal.clock.advance(minutes(2));
    let url = tenant.put(path, &json!({ "access": true })).await.json()["portal_url"].as_str().unwrap().to_owned();
    let link = url.strip_prefix(&tenant.origin()).unwrap();
    tenant.browser().get(link).await.status(200).shows("Anmeldecode");
    assert_eq!(tenant.api.get(path).await.status(200).json(), read, "it cannot be shown again");
    portal.clock.advance(minutes(1));
    let fresh = tenant.put(path, &json!({ "access": true })).await.json()["portal_url"].as_str().unwrap().to_owned();
    let fresh = fresh.strip_prefix(&tenant.origin()).unwrap();
    tenant.browser().get(link).await.status(410).problem("gone");
    tenant.browser().get(fresh).await.status(200).shows("Anmeldecode");
    let writer = json!({ "label": "writes alone", "scopes": ["write"] });
    let key = tenant.api.post("/keys", &writer).await.status(201).json()["key"].as_str().unwrap().to_owned();
    let narrow = Api::new(&portal, &tenant.host(), &key);
    let granted = narrow.put(path, &json!({ "access": true })).await.status(200).json();
    assert_eq!(granted["portal_url"], plain.as_str(), "who may make no links gets none");
    // Whoever has no address cannot be asked.
    tenant.customer("K1", |customer| drop(customer.as_object_mut().unwrap().remove("email"))).await;
    let shown = tenant.put("/customers/K1/access", &json!({ "access": true })).await.json();
    assert_eq!(shown["portal_url"], plain.as_str());
    assert_eq!(tenant.put(path, &json!({ "access": false })).await.json(), json!({ "access": false }));
    assert_eq!(tenant.api.get(path).await.status(200).json(), json!({ "access": false }));
    tenant.browser().post(fresh, &[]).await.status(410).problem("gone");
    tenant.put(path, &json!({ "access": true })).await;
    tenant.browser().get(fresh).await.status(410).problem("gone");
}

/// How many events of a kind the table holds.
fn told(portal: &Portal, kind: &str) -> usize {
    let events = portal.stored().into_iter().filter(|item| item["item_kind"]["S"] == "event");
    events.filter(|item| item["kind"]["S"] == kind).count()
}

/// Works until the job has ended; what was leased is free again after a minute.
async fn worked_off(portal: &Portal, tenant: &Tenant, id: &str) -> Value {
    for _ in 0..20 {
        let job = tenant.api.get(&format!("/jobs/{id}")).await.status(200).json();
        if job["state"] == "done" {
            return job;
        }
        portal.worker.minute().await;
        portal.clock.advance(minutes(2));
    }
    panic!("the job does not end");
}

#[tokio::test]
async fn access_for_all_is_a_job_that_is_done_once_wherever_it_is_killed_and_doubled() {
    const CUSTOMERS: usize = 120;
    let portal = Portal::behind_faults(41).await;
    let tenant = portal.tenant("webhosting-ag").await;
    let number = |n: usize| format!("K{n:03}");
    let lines = (0..CUSTOMERS).map(|n| samples::line(&number(n), samples::customer(&number(n))));
    tenant.api.import("/customers:import", &lines.collect::<Vec<_>>().join("\n")).await.status(200);
    let (first, last) = (tenant.login("k000@example.org").await, tenant.login("k119@example.org").await);
    let taken = json!({ "access": false });
    let job = tenant.api.post("/access:apply", &taken).await.status(202).json();
    assert_eq!((&job["state"], &job["done"]), (&json!("waiting"), &json!(0)), "{job}");
    let again = tenant.api.post("/access:apply", &taken).await.status(202).json();
    assert_eq!(again["id"], job["id"], "asked for once more while it is under way it is the same");
    tenant.api.post("/access:apply", &json!({ "access": true })).await.status(409).problem("conflict");
    let (id, second) = (job["id"].as_str().unwrap(), portal.another_worker().await);
    let mut killed = 0;
    for (call, kill) in
        [(4, Kill::Before), (60, Kill::After), (150, Kill::Before), (260, Kill::After), (90, Kill::Before)]
    {
        let minute = json!({});
        let twice = async {
            let (_, other) = tokio::join!(portal.worker.minute(), second.on_event(&minute));
            other.unwrap();
        };
        killed += usize::from(portal.dynamodb().killing_at(call, kill, twice).await.is_none());
        portal.clock.advance(minutes(2));
    }
    assert!(killed >= 2, "it was killed {killed} times");
    let done = worked_off(&portal, &tenant, id).await;
    assert_eq!((&done["done"], &done["total"]), (&json!(CUSTOMERS), &json!(CUSTOMERS)), "{done}");
    assert!(
        done["finished_at"].is_string() && done["kind"] == json!({ "name": "apply_access", "access": false }),
        "{done}"
    );
    assert_eq!(told(&portal, "customer.access_changed"), CUSTOMERS, "each once");
    assert_eq!((told(&portal, "job.created"), told(&portal, "job.done")), (1, 1));
    assert_eq!(portal.items_like("SESS#"), 0);
    for browser in [&first, &last] {
        browser.get("/data").await.redirects("/login?return_to=%2Fdata");
    }
    // And back.
    let back = tenant.api.post("/access:apply", &json!({ "access": true })).await.status(202).json();
    assert_ne!(back["id"], done["id"]);
    worked_off(&portal, &tenant, back["id"].as_str().unwrap()).await;
    assert_eq!(told(&portal, "customer.access_changed"), 2 * CUSTOMERS);
    for n in [0, 50, CUSTOMERS - 1] {
        let read = tenant.api.get(&format!("/customers/{}/access", number(n))).await.status(200).json();
        assert_eq!(read["access"], true, "{n}");
    }
    tenant.api.get("/jobs/job_01AAAAAAAAAAAAAAAAAAAAAAAA").await.status(404).problem("not_found");
}

#[tokio::test]
async fn a_job_that_cannot_go_on_is_given_up_and_holds_up_nothing_else() {
    let (portal, tenant) = house().await;
    let job = tenant.api.post("/access:apply", &json!({ "access": false })).await.status(202).json();
    let path = format!("/jobs/{}", job["id"].as_str().unwrap());
    assert_eq!(portal.spoil("customer", r#""access":{"BOOL":true}"#, r#""access":{"S":"yes"}"#), 1);
    for _ in 0..20 {
        portal.clock.advance(hours(7));
        portal.worker.minute().await;
    }
    let failed = tenant.api.get(&path).await.status(200).json();
    assert_eq!((&failed["state"], &failed["done"]), (&json!("failed"), &json!(0)), "{failed}");
    assert!(failed["finished_at"].is_string() && told(&portal, "job.failed") == 1, "{failed}");
    assert_eq!(portal.told(Metric::JobsGivenUp), [1]);
    // Another one may be asked for then.
    let another = tenant.api.post("/access:apply", &json!({ "access": true })).await.status(202).json();
    assert_ne!(another["id"], job["id"]);
}

#[tokio::test]
async fn a_shop_leads_to_the_login_and_is_offered_as_the_way_back() {
    let (portal, tenant) = house().await;
    let shop = "https://shop.example/cart?id=1";
    let signed_in = async |from: &str| {
        portal.clock.advance(hours(1));
        let browser = tenant.browser();
        browser.post("/login", &[("email", "k5003@example.org"), ("return_to", from)]).await.redirects("/login/code");
        browser.type_code(&portal.mailbox.code_to("k5003@example.org")).await.redirects("/");
        browser
    };
    signed_in(shop).await.get("/").await.status(200).hides("shop.example");
    tenant.settings("links", &json!({ "return_origins": ["https://shop.example"] })).await.status(200);
    portal.clock.advance(minutes(2));
    let asked = tenant.browser().get("/login?return_to=https%3A%2F%2Fshop.example%2Fcart%3Fid%3D1").await.status(200);
    assert!(asked.html().contains(&format!("name=\"return_to\" value=\"{shop}\"")), "{}", asked.html());
    for evil in ["https://evil.example/", "https://shop.example.evil.example/", "https://shop.example@evil.example/"] {
        signed_in(evil).await.get("/").await.status(200).hides("evil.example").hides("shop.example");
    }
    let browser = signed_in(shop).await;
    let page = browser.get("/").await.status(200).shows("Zurück zu shop.example");
    assert_eq!(page.link_to("shop.example"), shop);
    browser.get("/data").await.status(200).shows("Zurück zu shop.example");
    tenant.settings("links", &json!({ "return_origins": [] })).await.status(200);
    portal.clock.advance(minutes(2));
    browser.get("/data").await.status(200).hides("shop.example");
}
