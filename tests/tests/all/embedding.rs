//! The portal in a frame on its operator's pages: on whose pages it stands, and how little a session there can do.

use std::collections::BTreeSet;

use testkit::{Answer, Browser, Portal, Tenant, Value, hours, json, minutes, samples};
use web::{Guard, Route};

use crate::isolation::{House, PAPERS_OF_SOME, ask, is_api, routes};

/// Where the portal may stand.
const SHOP: &str = "https://shop.example";

/// Every page and file that may stand in a frame.
const FRAMED: [&str; 33] = [
    "/",
    "/accounts",
    "/accounts/{number}",
    "/contact",
    "/contracts",
    "/contracts/{number}",
    "/contracts/{number}/cancel/confirmation",
    "/contracts/{number}/cancel/pdf",
    "/data",
    "/data/addresses",
    "/data/erasure",
    "/data/export",
    "/documents",
    "/documents.zip",
    "/documents/{type}/{number}",
    "/documents/{type}/{number}/accept",
    "/documents/{type}/{number}/confirmation",
    "/documents/{type}/{number}/decision",
    "/documents/{type}/{number}/decline",
    "/documents/{type}/{number}/pdf",
    "/documents/{type}/{number}/xml",
    "/embed",
    "/embed/{token}",
    "/files/{id}/{part}",
    "/invoices",
    "/invoices.csv",
    "/invoices/{number}",
    "/invoices/{number}/pdf",
    "/invoices/{number}/xml",
    "/sessions",
    "/statement",
    "/statement.csv",
    "/statement/pdf",
];

/// A customer with two contracts, and a tenant whose shop may show the portal.
async fn house() -> (Portal, Tenant) {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let tine = tenant.customer("K5003", |_| {}).await;
    for number in ["V1", "V2"] {
        tine.contract(number, |_| {}).await;
    }
    allow(&portal, &tenant, &[SHOP]).await;
    (portal, tenant)
}

async fn allow(portal: &Portal, tenant: &Tenant, origins: &[&str]) {
    tenant.settings("embed", &json!({ "origins": origins })).await.status(200);
    // A host is believed for a minute.
    portal.clock.advance(minutes(2));
}

/// A link for a frame: its path, and what was answered.
async fn link(tenant: &Tenant, change: &Value) -> (String, Value) {
    let mut body = json!({ "purpose": "portal", "customer": "K5003", "embed": true });
    body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    let made = tenant.api.post("/links", &body).await.status(201).json();
    let url = made["url"].as_str().unwrap().to_owned();
    (url.strip_prefix(&tenant.origin()).expect("the link is on the tenant's own host").to_owned(), made)
}

/// Opens the portal in a frame of a browser.
async fn open_in(browser: &Browser, tenant: &Tenant, change: &Value) -> Browser {
    let (path, _) = link(tenant, change).await;
    let frame = browser.in_frame();
    frame.get(&path).await.status(200).shows("Kundencenter öffnen");
    let signed_in = frame.post(&path, &[]).await.status(303);
    frame.follow(&signed_in).await.status(200);
    frame
}

/// On whose pages the browser shows the answer.
fn ancestors(answer: &Answer) -> &str {
    answer.header("content-security-policy").split("frame-ancestors ").nth(1).unwrap_or_default()
}

#[tokio::test]
async fn what_may_stand_in_a_frame_follows_from_the_door_for_every_route() {
    let portal = Portal::start().await;
    let house = House::built(&portal, "webhosting-ag", "K-OWN").await;
    let (nobody, shops): (&[&str], &[&str]) = (&[], &[SHOP, "https://www.shop.example:8443"]);
    for (origins, shown_on) in [(nobody, "'none'"), (shops, "https://shop.example https://www.shop.example:8443")] {
        allow(&portal, &house.tenant, origins).await;
        house.owner.get("/").await.status(200);
        let mut framed = 0;
        for route in routes().await.iter().filter(|route| route.method == "GET" && !is_api(&route.path)) {
            let may = FRAMED.contains(&route.path.as_str());
            assert_eq!(route.guard.may_be_framed(), may, "{} asks for another door", route.path);
            let answer = ask(&house.owner, "GET", &house.path(&route.path)).await;
            // What is wrong is said in the window, where it was asked for.
            let stands = may && answer.code() < 400;
            let wanted = if stands { shown_on } else { "'none'" };
            assert_eq!(ancestors(&answer), wanted, "{} ({})", answer.what(), answer.code());
            framed += usize::from(stands);
        }
        // There is no paper of a cancellation or of an answer, no file was put together, and the link is none for a frame.
        assert_eq!(framed, FRAMED.len() - 4);
    }
}

#[tokio::test]
async fn a_session_in_a_frame_reads_and_changes_nothing_for_every_route() {
    let portal = Portal::start().await;
    let house = House::built(&portal, "webhosting-ag", "K-OWN").await;
    allow(&portal, &house.tenant, &[SHOP]).await;
    let frame = open_in(&house.tenant.browser(), &house.tenant, &json!({ "customer": "K-OWN" })).await;
    let (mut read, mut refused) = (0, 0);
    // What ends the session is walked below.
    let is_walked = |route: &&Route| matches!(route.guard, Guard::Customer { .. }) && route.path != "/logout";
    for route in routes().await.iter().filter(is_walked) {
        let items = portal.items();
        let answer = ask(&frame, route.method, &house.path(&route.path)).await;
        let is_api = is_api(&route.path);
        if route.method == "GET" && route.guard.may_be_framed() {
            let has_none = PAPERS_OF_SOME.contains(&route.path.as_str());
            let wanted: &[u16] = if has_none { &[404] } else { &[200, 303] };
            assert!(wanted.contains(&answer.code()), "{}: {} {}", answer.what(), answer.code(), answer.html());
            assert_eq!(ancestors(&answer), if is_api { "'none'" } else { SHOP }, "{}", answer.what());
            read += 1;
        } else {
            let answer = answer.status(403).problem("own_window");
            assert_eq!(ancestors(&answer), if is_api { "'none'" } else { SHOP }, "{}", answer.what());
            assert_eq!(portal.items(), items, "{} wrote something", answer.what());
            refused += 1;
        }
    }
    assert!(read >= 20 && refused >= 40, "{read} were read, {refused} refused");
    let page = frame.get("/contracts/V1/cancel").await.status(403).shows("eigenen Fenster");
    assert!(
        page.html().contains("href=\"/contracts/V1/cancel\" target=\"_blank\" rel=\"noopener\""),
        "{}",
        page.html()
    );
    // What can only be sent has no page to open.
    let page = frame.post("/contracts/V1/resume", &[]).await.status(403);
    assert!(page.html().contains("href=\"/\" target=\"_blank\" rel=\"noopener\""), "{}", page.html());
}

#[tokio::test]
async fn looking_uses_nothing_up_and_a_button_gives_the_frame_cookies_of_its_own() {
    let (portal, tenant) = house().await;
    let (path, made) = link(&tenant, &json!({})).await;
    assert!(path.starts_with("/embed/") && made["expires_at"] == "2026-11-23T09:02:00Z", "{path} {made}");
    let (items, frame) = (portal.stored(), tenant.browser().in_frame());
    for _ in 0..3 {
        let page = frame.get(&path).await.status(200).shows("K5003");
        assert_eq!(ancestors(&page), SHOP);
    }
    assert_eq!(portal.stored(), items, "GET stores nothing");
    let signed_in = frame.post(&path, &[]).await.redirects("/");
    let set = signed_in.headers().get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let set: Vec<&str> = set.collect();
    for cookie in &set {
        let (name, attributes) = (cookie.split('=').next().unwrap(), cookie.split("; ").collect::<BTreeSet<_>>());
        assert!(name.starts_with("__Host-kk_") && name.ends_with("_framed"), "{cookie}");
        for attribute in ["Path=/", "HttpOnly", "SameSite=None", "Secure", "Partitioned"] {
            assert!(attributes.contains(attribute), "{cookie} lacks {attribute}");
        }
        assert!(!cookie.contains("Domain"), "{cookie}");
    }
    assert!(set.iter().any(|cookie| cookie.starts_with("__Host-kk_session_framed=")), "{set:?}");
    assert_eq!(portal.items() - items.len(), 2, "a session and its event");
    frame.get("/").await.status(200).shows("Sie sind erfolgreich angemeldet.");
    // The page around it is loaded again: the same frame goes on, another one asks.
    frame.get(&path).await.redirects("/");
    tenant.browser().in_frame().get(&path).await.status(200).shows("K5003");
    // Another page cannot press the button.
    let forged = frame.request("POST", &path).header("origin", SHOP).form(&[]);
    frame.send(forged).await.status(403).problem("forged");
}

#[tokio::test]
async fn a_window_and_a_frame_know_nothing_of_each_other() {
    let (_, tenant) = house().await;
    let window = tenant.login("k5003@example.org").await;
    window.get("/data").await.status(200);
    let page = window.in_frame().get("/data").await.status(401).problem("login_needed").hides("K5003");
    assert!(page.html().contains("href=\"/data\" target=\"_blank\" rel=\"noopener\""), "{}", page.html());
    window.set_cookie("__Host-kk_session_framed", &window.cookie("kk_session").unwrap());
    window.in_frame().get("/data").await.status(401);

    let browser = tenant.browser();
    let frame = open_in(&browser, &tenant, &json!({})).await;
    frame.get("/data").await.status(200);
    browser.get("/data").await.redirects("/login?return_to=%2Fdata");
    browser.get("/imprint").await.status(200).hides("K5003");
    browser.set_cookie("kk_session", &browser.cookie("__Host-kk_session_framed").unwrap());
    browser.get("/data").await.redirects("/login?return_to=%2Fdata");
    // Nor is it a program's.
    let token = browser.cookie("__Host-kk_session_framed").unwrap();
    tenant.api.with_token(&token).send("GET", "/api/v1/customer").await.status(401).problem("login_needed");
}

#[tokio::test]
async fn a_link_to_a_contract_opens_that_contract_alone_in_the_frame() {
    let (_, tenant) = house().await;
    let facts = json!({ "purpose": "contract", "subscription": "V1" });
    let frame = open_in(&tenant.browser(), &tenant, &facts).await;
    let page = frame.get("/contracts/V1").await.status(200).shows("Webhosting Basis");
    assert!(page.html().contains("href=\"/contracts/V1/cancel\" target=\"_blank\""), "{}", page.html());
    for other in ["/", "/contracts", "/contracts/V2", "/contracts/V9", "/data", "/invoices", "/settle"] {
        let refused = frame.get(other).await.status(404).problem("not_found");
        assert_eq!(ancestors(&refused), SHOP, "{other}");
    }
    frame.get("/contracts/V1/cancel").await.status(403).problem("own_window");
    frame.post("/contracts/V1/cancel", &[]).await.status(403).problem("own_window");
}

#[tokio::test]
async fn a_link_that_ended_says_so_in_the_frame() {
    let (portal, tenant) = house().await;
    let (revoked, made) = link(&tenant, &json!({})).await;
    let (late, _) = link(&tenant, &json!({})).await;
    tenant.api.delete("/links", &json!({ "id": made["id"], "customer": "K5003" })).await.status(204);
    let gone = async |path: &str| {
        let frame = tenant.browser().in_frame();
        let page = frame.get(path).await.status(410).shows("Dieser Link gilt nicht mehr");
        assert_eq!(ancestors(&page), SHOP);
        assert!(page.html().contains("href=\"/login\" target=\"_blank\""), "{}", page.html());
        frame.post(path, &[]).await.status(410);
    };
    gone(&revoked).await;
    tenant.browser().in_frame().get(&late).await.status(200);
    portal.clock.advance(hours(24));
    gone(&late).await;
    let (lost, _) = link(&tenant, &json!({})).await;
    tenant.put("/customers/K5003/access", &json!({ "access": false })).await;
    tenant.browser().in_frame().post(&lost, &[]).await.status(404);
}

#[tokio::test]
async fn language_and_signing_out_work_in_the_frame_and_touch_nothing_outside_it() {
    let (_, tenant) = house().await;
    let elsewhere = tenant.login("k5003@example.org").await;
    let browser = tenant.browser();
    let frame = open_in(&browser, &tenant, &json!({})).await;
    frame.post("/language", &[("language", "en"), ("return_to", "/invoices")]).await.redirects("/invoices");
    assert!(frame.get("/invoices").await.status(200).html().contains("<html lang=\"en\""));
    assert!(browser.get("/login").await.status(200).html().contains("<html lang=\"de\""), "the window was not asked");
    frame.get("/sessions").await.status(200);
    frame.post("/logout", &[("everywhere", "1")]).await.status(403).problem("own_window");
    let out = frame.post("/logout", &[]).await.redirects("/embed");
    let closed = frame.follow(&out).await.status(200).shows("You have signed out.").hides("K5003");
    assert_eq!(ancestors(&closed), SHOP);
    frame.get("/data").await.status(401);
    elsewhere.get("/data").await.status(200);
}

#[tokio::test]
async fn a_session_in_a_frame_goes_on_while_it_is_used_and_ends_when_it_is_idle() {
    let (portal, tenant) = house().await;
    let frame = open_in(&tenant.browser(), &tenant, &json!({})).await;
    for _ in 0..4 {
        portal.clock.advance(minutes(20));
        frame.get("/data").await.status(200);
    }
    portal.clock.advance(minutes(31));
    let over = frame.get("/data").await.status(401).problem("login_needed");
    assert_eq!(ancestors(&over), SHOP);
}

#[tokio::test]
async fn only_links_for_a_frame_open_one_and_only_while_the_tenant_names_a_page() {
    let (portal, tenant) = house().await;
    let other = portal.tenant("stadtwerke-muster").await;
    allow(&portal, &other, &[SHOP]).await;
    let (path, made) = link(&tenant, &json!({})).await;
    let plain =
        tenant.api.post("/links", &json!({ "purpose": "portal", "customer": "K5003" })).await.status(201).json();
    let token = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    let (own, plain) = (token(&path), token(plain["url"].as_str().unwrap()));
    let items = portal.items();
    for (browser, path) in [
        (tenant.browser(), format!("/link/{own}")),
        (tenant.browser().in_frame(), format!("/embed/{plain}")),
        (other.browser().in_frame(), path.clone()),
    ] {
        browser.get(&path).await.status(404).problem("not_found");
        browser.post(&path, &[]).await.status(404);
    }
    // In a window it opens nothing and tells nothing.
    let window = tenant.browser();
    let page = window.get(&path).await.status(200).hides("K5003").hides("Kundencenter öffnen");
    assert_eq!(page.link_to("/login"), "/login");
    window.post(&path, &[]).await.status(403).hides("K5003");
    assert_eq!(portal.items(), items);
    let list = tenant.api.get("/links?customer=K5003").await.status(200).json();
    let row = list["items"].as_array().unwrap().iter().find(|row| row["id"] == made["id"]).unwrap();
    assert_eq!((&row["purpose"], &row["embed"]), (&json!("portal"), &json!(true)), "{row}");
    allow(&portal, &tenant, &[]).await;
    tenant.browser().in_frame().get(&path).await.status(404);
    tenant.browser().in_frame().post(&path, &[]).await.status(404);
}

#[tokio::test]
async fn nobody_may_show_the_portal_unless_the_tenant_names_the_page() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    tenant.customer("K5003", |_| {}).await;
    assert_eq!(tenant.api.get("/settings/embed").await.status(200).json(), json!({ "origins": [] }));
    let wish = |change: Value| {
        let mut body = json!({ "purpose": "portal", "customer": "K5003", "embed": true });
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        body
    };
    tenant.api.post("/links", &wish(json!({}))).await.status(422).names(&["embed"]);
    for wrong in ["https://*.shop.example", "https://shop.example/x", "http://shop.example", "https://a.example;x"] {
        let body = json!({ "origins": [SHOP, wrong] });
        tenant.api.put("/settings/embed", &body).await.status(422).names(&["origins[1]"]);
    }
    // Here everything runs on this machine.
    tenant.settings("embed", &json!({ "origins": [SHOP, "http://127.0.0.1:9400"] })).await.status(200);
    tenant.settings("links", &json!({ "permanent": true })).await.status(200);
    portal.clock.advance(minutes(2));
    for (wrong, field) in [
        (json!({ "purpose": "pay", "document": "RE1" }), "embed"),
        (json!({ "purpose": "document", "document": "RE1" }), "embed"),
        (json!({ "purpose": "add_method" }), "embed"),
        (json!({ "permanent": true }), "permanent"),
        (json!({ "send_mail": true }), "send_mail"),
    ] {
        tenant.api.post("/links", &wish(wrong)).await.status(422).names(&[field]);
    }
    tenant.api.post("/links", &wish(json!({}))).await.status(201);
}

/// Where a page leads, each with whether it opens a window of its own.
fn links_of(html: &str) -> Vec<(String, bool)> {
    let tags = html.split("<a ").skip(1).filter_map(|rest| rest.split('>').next());
    let read = |tag: &str| {
        let href = tag.split("href=\"").nth(1)?.split('"').next()?.replace("&#38;", "&");
        href.starts_with('/').then(|| (href, tag.contains("target=\"_blank\" rel=\"noopener\"")))
    };
    tags.filter_map(read).collect()
}

#[tokio::test]
async fn every_link_in_the_frame_stands_there_or_leads_out_of_it() {
    let portal = Portal::start().await;
    let house = House::built(&portal, "webhosting-ag", "K-OWN").await;
    let mut cancelled = samples::subscription();
    cancelled["phase"] =
        json!({ "name": "cancelled", "declared_on": "2026-11-20", "ends_on": "2026-12-31", "by": "customer" });
    house.tenant.put("/customers/K-OWN/subscriptions/V2", &cancelled).await;
    allow(&portal, &house.tenant, &[SHOP]).await;
    let frame = open_in(&house.tenant.browser(), &house.tenant, &json!({ "customer": "K-OWN" })).await;
    let (mut inside, mut outside, mut waiting) = (BTreeSet::new(), BTreeSet::new(), vec!["/".to_owned()]);
    while let Some(path) = waiting.pop() {
        let answer = frame.get(&path).await;
        assert!(matches!(answer.code(), 200 | 303), "{}: {}", answer.what(), answer.code());
        assert_eq!(ancestors(&answer), SHOP, "{} stands in no frame", answer.what());
        let html = answer.html();
        for (href, leads_out) in links_of(&html) {
            if leads_out {
                outside.insert(href);
            } else if inside.insert(href.clone()) {
                waiting.push(href);
            }
        }
        for form in html.split("<form ").skip(1).filter_map(|rest| rest.split('>').next()) {
            let is_kept =
                ["action=\"/language\"", "action=\"/logout\"", "method=\"get\""].iter().any(|part| form.contains(part));
            assert!(is_kept, "{path} sends {form}");
        }
    }
    for page in ["/", "/accounts", "/contact", "/contracts/V1", "/data/addresses", "/invoices/RE1", "/invoices/RE1/pdf"]
    {
        assert!(inside.contains(page), "{page} was not found in {inside:?}");
    }
    for page in ["/settle", "/prepaid", "/payment-methods", "/data/edit", "/contracts/V1/cancel", "/imprint", "/cancel"]
    {
        assert!(outside.contains(page) && !inside.contains(page), "{page} does not lead out: {outside:?}");
    }
}
