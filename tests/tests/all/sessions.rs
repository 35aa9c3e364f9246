//! Sessions: how long they last, how they end, and which forms they believe.

use testkit::{Browser, Portal, Tenant, Value, json, minutes};

async fn signed_in() -> (Portal, Tenant, Browser) {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let browser = tenant.customer("K5003", |_| {}).await.login().await;
    browser.get("/").await.status(200);
    (portal, tenant, browser)
}

const TO_LOGIN: &str = "/login?return_to=%2Fdata";

#[tokio::test]
async fn a_session_lasts_while_somebody_reads_and_is_renewed_without_a_write() {
    let (portal, _, browser) = signed_in().await;
    let items = portal.stored();
    for _ in 0..24 {
        portal.clock.advance(minutes(29));
        browser.get("/data").await.status(200);
    }
    assert_eq!(portal.stored(), items, "reading writes nothing");
    // 24 × 29 minutes are past; twelve hours are the end, however busy it was.
    portal.clock.advance(minutes(12 * 60 - 24 * 29 - 1));
    browser.get("/data").await.status(200);
    portal.clock.advance(minutes(1));
    browser.get("/data").await.redirects(TO_LOGIN);
}

#[tokio::test]
async fn thirty_idle_minutes_end_a_session_and_a_minute_less_does_not() {
    let (portal, _, browser) = signed_in().await;
    portal.clock.advance(minutes(29));
    browser.get("/data").await.status(200);
    portal.clock.advance(minutes(30));
    browser.get("/data").await.redirects(TO_LOGIN);
    browser.get(TO_LOGIN).await.status(200).shows("Ihre Anmeldung ist abgelaufen.");
}

#[tokio::test]
async fn the_time_last_seen_cannot_be_forged() {
    let (portal, _, browser) = signed_in().await;
    portal.clock.advance(minutes(6));
    browser.get("/data").await.status(200);
    let seen = browser.cookie("kk_seen").unwrap();
    let (_, signature) = seen.split_once('.').unwrap();
    portal.clock.advance(minutes(31));
    let now = portal.clock.now().as_second();
    for forged in [format!("{now}.{signature}"), now.to_string(), format!("{now}."), seen.clone()] {
        browser.set_cookie("kk_seen", &forged);
        browser.get("/data").await.redirects(TO_LOGIN);
    }
}

#[tokio::test]
async fn after_the_session_the_login_knows_the_address_and_leads_back() {
    let (portal, _, browser) = signed_in().await;
    portal.clock.advance(minutes(31));
    browser.get("/invoices?filter=open").await.redirects("/login?return_to=%2Finvoices%3Ffilter%3Dopen");
    let page = browser.get("/login?return_to=%2Finvoices%3Ffilter%3Dopen").await.status(200);
    assert!(page.html().contains("k5003@example.org"), "the address is filled in: {}", page.html());
    let form = [("email", "k5003@example.org"), ("return_to", "/invoices?filter=open")];
    browser.post("/login", &form).await.redirects("/login/code");
    let code = portal.mailbox.code_to("k5003@example.org");
    browser.type_code(&code).await.redirects("/invoices?filter=open");
}

#[tokio::test]
async fn signing_out_ends_this_session_and_no_other() {
    let (portal, tenant, browser) = signed_in().await;
    let other = tenant.login("k5003@example.org").await;
    browser.get("/sessions").await.status(200);
    let items = portal.items();
    browser.post("/logout", &[]).await.redirects("/login");
    browser.get("/login").await.status(200).shows("Sie sind abgemeldet.");
    browser.get("/data").await.redirects(TO_LOGIN);
    other.get("/data").await.status(200);
    assert_eq!(portal.items(), items - 1);
}

#[tokio::test]
async fn signing_out_everywhere_ends_them_all() {
    let (portal, tenant, browser) = signed_in().await;
    let other = tenant.login("k5003@example.org").await;
    let program = tenant.token("k5003@example.org").await;
    browser.post("/logout", &[("everywhere", "1")]).await.redirects("/login");
    browser.get("/login").await.status(200).shows("Sie sind auf allen Geräten abgemeldet.");
    other.get("/data").await.redirects(TO_LOGIN);
    program.get("/api/v1/customer").await.status(401).problem("login_needed");
    assert_eq!(portal.items_like("SESS#"), 0);
}

#[tokio::test]
async fn losing_access_ends_every_session_at_once() {
    let (portal, tenant, browser) = signed_in().await;
    let program = tenant.token("k5003@example.org").await;
    let shown = tenant.put("/customers/K5003/access", &json!({ "access": false })).await.json();
    assert_eq!(shown["portal_url"], json!(null));
    browser.get("/data").await.redirects(TO_LOGIN);
    program.get("/api/v1/customer").await.status(401).problem("login_needed");
    let mails = portal.mailbox.count();
    tenant.browser().ask_for_code("k5003@example.org").await.redirects("/login/code");
    assert_eq!(testkit::code_in(&portal.mailbox.last_to("k5003@example.org")), None, "{mails}");
    let shown = tenant.put("/customers/K5003/access", &json!({ "access": true })).await.json();
    assert_eq!(shown["portal_url"], format!("{}/", tenant.origin()));
    portal.clock.advance(minutes(61));
    tenant.login("k5003@example.org").await.get("/data").await.status(200);
}

#[tokio::test]
async fn a_sign_in_that_is_under_way_ends_with_the_access() {
    let (portal, tenant, _) = signed_in().await;
    portal.clock.advance(minutes(61));
    let link = tenant.api.post("/links", &json!({ "purpose": "portal", "customer": "K5003" })).await.status(201).json();
    let token = link["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    // Access is taken behind the reads a sign-in decides on: nobody told its sessions' end.
    assert_eq!(portal.spoil("customer", r#""access":{"BOOL":true}"#, r#""access":{"BOOL":false}"#), 1);
    let browser = tenant.browser();
    browser.ask_for_code("k5003@example.org").await.redirects("/login/code");
    browser.type_code(&portal.mailbox.code_to("k5003@example.org")).await.redirects("/login");
    browser.get("/data").await.redirects(TO_LOGIN);
    browser.post(&format!("/link/{token}"), &[]).await;
    browser.get("/data").await.redirects(TO_LOGIN);
    // The same again ends what is left.
    let before = portal.items_like("SESS#");
    assert!(before > 0, "the sessions from before are still there");
    tenant.put("/customers/K5003/access", &json!({ "access": false })).await;
    assert_eq!(portal.items_like("SESS#"), 0);
    let items = portal.items();
    tenant.put("/customers/K5003/access", &json!({ "access": false })).await;
    assert_eq!(portal.items(), items, "once more writes nothing");
}

#[tokio::test]
async fn the_list_of_sessions_is_returned_to() {
    let (_, tenant, browser) = signed_in().await;
    browser.post("/logout", &[]).await.redirects("/login");
    tenant.browser().get("/sessions").await.redirects("/login?return_to=%2Fsessions");
}

#[tokio::test]
async fn a_form_without_its_own_token_is_refused() {
    let (portal, tenant, browser) = signed_in().await;
    let other = tenant.login("k5003@example.org").await;
    other.get("/").await.status(200);
    let items = portal.items();
    let foreign = other.csrf().unwrap();
    let own = browser.csrf().unwrap();
    let flipped = if own.starts_with('A') { "B" } else { "A" };
    for token in ["", "rubbish", &foreign, &format!("{flipped}{}", &own[1..]), &own[1..]] {
        browser.post("/logout", &[("csrf", token)]).await.status(403).problem("forged");
    }
    let bare = browser.request("POST", "/logout").header("origin", &tenant.origin()).form(&[]);
    portal.ask(bare).await.status(403).problem("forged");
    assert_eq!(portal.items(), items);
    browser.post("/logout", &[("csrf", &own)]).await.redirects("/login");
}

#[tokio::test]
async fn a_form_of_a_neighbouring_tenant_is_refused() {
    let (portal, tenant, browser) = signed_in().await;
    let neighbour = portal.tenant("stadtwerke-muster").await;
    let token = browser.csrf().unwrap();
    let items = portal.items();
    let sandbox = "http://webhosting-ag.sandbox.localhost:9000".to_owned();
    for origin in [
        neighbour.origin(),
        sandbox,
        "null".to_owned(),
        tenant.origin().replace("http:", "https:"),
        tenant.origin().replace(":9000", ""),
    ] {
        for (path, field) in [
            ("/logout", ("csrf", token.as_str())),
            ("/login", ("email", "k5003@example.org")),
            ("/language", ("language", "en")),
        ] {
            let request = browser.request("POST", path).header("origin", &origin).form(&[field]);
            portal.ask(request).await.status(403).problem("forged");
        }
    }
    for (name, value) in [("sec-fetch-site", "same-site"), ("sec-fetch-site", "cross-site"), ("x-nothing", "")] {
        let request = browser.request("POST", "/logout").header(name, value).form(&[("csrf", &token)]);
        portal.ask(request).await.status(403).problem("forged");
    }
    assert_eq!(portal.items(), items);
    let request = browser.request("POST", "/logout").header("sec-fetch-site", "same-origin").form(&[("csrf", &token)]);
    portal.ask(request).await.redirects("/login");
}

#[tokio::test]
async fn a_session_of_one_host_is_nobodys_at_another() {
    let (portal, tenant, browser) = signed_in().await;
    let neighbour = portal.tenant("stadtwerke-muster").await;
    neighbour.customer("K5003", |_| {}).await;
    browser.carried_to(&neighbour.host()).get("/data").await.redirects(TO_LOGIN);
    browser.carried_to(&tenant.sandbox().await.host()).get("/data").await.redirects(TO_LOGIN);
}

#[tokio::test]
async fn the_session_cookie_is_for_the_server_alone() {
    let (_, tenant, _) = signed_in().await;
    let browser = tenant.browser();
    let answer = browser.sign_in("k5003@example.org").await;
    let cookies: Vec<&str> =
        answer.headers().get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect();
    assert!(cookies.iter().any(|cookie| cookie.starts_with("kk_session=")), "{cookies:?}");
    for cookie in cookies {
        assert!(cookie.contains("; Path=/; HttpOnly; SameSite=Lax"), "{cookie}");
        assert!(!cookie.contains("Domain"), "{cookie}");
    }
}

#[tokio::test]
async fn the_list_of_sessions_shows_this_one_first() {
    let (portal, tenant, browser) = signed_in().await;
    portal.clock.advance(minutes(5));
    tenant.login("k5003@example.org").await;
    let page = browser.get("/sessions").await.status(200);
    assert_eq!(page.text().matches("Gerät angemeldet seit 22.11.2026").count(), 2, "{}", page.text());
}

/// A browser that says what it is.
const FIREFOX: &str = "Mozilla/5.0 (Android 15; Mobile; rv:144.0) Gecko/144.0 Firefox/144.0";

/// Signs K5003 in with that browser.
async fn with_firefox(tenant: &Tenant) -> Browser {
    let browser = tenant.browser();
    browser.get("/login").await.status(200);
    browser.ask_for_code("k5003@example.org").await.redirects("/login/code");
    let code = tenant.portal().mailbox.code_to("k5003@example.org");
    let request = browser.request("POST", "/login/code").header("origin", &tenant.origin());
    browser.send(request.header("user-agent", FIREFOX).form(&[("code", code.as_str())])).await.status(303);
    browser
}

/// The name of the session that began with that browser.
fn of_firefox(shown: &Value) -> String {
    let items = shown["items"].as_array().unwrap().iter();
    let named: Vec<&Value> = items.filter(|one| one["device"]["browser"] == "firefox").collect();
    let [one] = named[..] else { panic!("{shown}") };
    assert_eq!((&one["device"]["system"], &one["current"]), (&json!("android"), &json!(false)));
    one["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn one_of_several_sessions_is_ended_and_no_other() {
    let (portal, tenant, browser) = signed_in().await;
    let (phone, other) = (with_firefox(&tenant).await, tenant.login("k5003@example.org").await);
    let name = of_firefox(&browser.get("/api/v1/sessions").await.status(200).json());
    let path = format!("/sessions/{name}/end");
    let page = browser.get("/sessions").await.status(200).shows("Firefox auf Android");
    assert!(page.html().contains(&format!("action=\"{path}\"")), "{}", page.html());
    assert_eq!(page.html().matches("/end\"").count(), 2, "this device has no such button");
    browser.post(&path, &[]).await.redirects("/sessions");
    browser.get("/sessions").await.status(200).shows("Das Gerät ist abgemeldet.").hides("Firefox");
    phone.get("/data").await.redirects(TO_LOGIN);
    for still in [&browser, &other] {
        still.get("/data").await.status(200);
    }
    let items = portal.items();
    browser.post(&path, &[]).await.redirects("/sessions");
    assert_eq!(portal.items(), items, "pressed twice");
    portal.clock.advance(minutes(1));
    let feed = tenant.api.get("/events").await.status(200).json();
    let events = feed["items"].as_array().unwrap().iter();
    let told: Vec<&Value> = events.filter(|event| event["kind"] == "customer.session_ended").collect();
    let [told] = told[..] else { panic!("{told:?}") };
    assert_eq!((&told["facts"], &told["way"]), (&json!({ "session": name }), &json!("page")));
}

#[tokio::test]
async fn a_session_is_ended_by_its_own_customer_alone() {
    let (portal, tenant, browser) = signed_in().await;
    let phone = with_firefox(&tenant).await;
    let name = of_firefox(&browser.get("/api/v1/sessions").await.status(200).json());
    let stranger = tenant.customer("K6000", |_| {}).await.login().await;
    stranger.get("/sessions").await.status(200).hides("Firefox");
    let keys: Vec<String> = portal
        .stored()
        .iter()
        .filter_map(|item| Some(item["sk"]["S"].as_str()?.strip_prefix("SESS#")?.to_owned()))
        .collect();
    let before = portal.items_like("SESS#");
    assert_eq!((keys.len(), before), (3, 3));
    stranger.post(&format!("/sessions/{name}/end"), &[]).await.status(404).problem("not_found");
    for wrong in keys.iter().map(String::as_str).chain(["rubbish", "%C3%B6"]) {
        assert_ne!(wrong, name, "what opens a session is not what names it");
        browser.post(&format!("/sessions/{wrong}/end"), &[]).await.status(404).problem("not_found");
    }
    assert_eq!(portal.items_like("SESS#"), before);
    phone.get("/data").await.status(200);
}

#[tokio::test]
async fn a_program_lists_and_ends_sessions_too() {
    let (portal, tenant, _) = signed_in().await;
    let phone = with_firefox(&tenant).await;
    let program = tenant.token("k5003@example.org").await;
    let shown = program.get("/api/v1/sessions").await.status(200).json();
    let items = shown["items"].as_array().unwrap();
    let current: Vec<bool> = items.iter().map(|one| one["current"] == true).collect();
    assert_eq!(current, [true, false, false], "{shown}");
    let path = format!("/api/v1/sessions/{}", of_firefox(&shown));
    for _ in 0..2 {
        program.delete(&path, &json!({})).await.status(204);
    }
    phone.get("/data").await.redirects(TO_LOGIN);
    program.delete("/api/v1/sessions/rubbish", &json!({})).await.status(404).problem("not_found");
    let own = items[0]["id"].as_str().unwrap();
    program.delete(&format!("/api/v1/sessions/{own}"), &json!({})).await.status(204);
    program.get("/api/v1/sessions").await.status(401).problem("login_needed");
    assert_eq!(portal.items_like("SESS#"), 1);
}

#[tokio::test]
async fn of_a_browser_two_words_are_kept() {
    let (portal, tenant, _) = signed_in().await;
    with_firefox(&tenant).await;
    let stored = portal.stored().iter().map(ToString::to_string).collect::<String>();
    assert!(stored.contains("firefox") && !stored.contains("Gecko") && !stored.contains("rv:144"), "{stored}");
    assert!(!portal.log_lines().join("\n").contains("Gecko"));
}
