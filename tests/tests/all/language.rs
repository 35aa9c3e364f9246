//! The language: chosen → linked → browser → tenant, on the page it was chosen on.

use testkit::{Portal, Tenant, json};

async fn house() -> (Portal, Tenant) {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    tenant.customer("K5003", |_| {}).await;
    (portal, tenant)
}

#[tokio::test]
async fn the_choice_goes_before_the_link_the_link_before_the_browser_the_browser_before_the_tenant() {
    let (_, tenant) = house().await;
    let is = |answer: &testkit::Answer| answer.html().split("<html lang=\"").nth(1).unwrap()[..2].to_owned();
    let english = json!({ "language": "en" });
    let browser = tenant.browser();
    assert_eq!(is(&browser.clone().speaking(None).get("/login").await), "de", "the tenant's");
    tenant.settings("portal", &english).await;
    assert_eq!(is(&browser.clone().speaking(None).get("/login").await), "en", "the tenant's");
    assert_eq!(is(&browser.clone().speaking(Some("fr, nl;q=0.8")).get("/login").await), "en", "the tenant's");
    assert_eq!(
        is(&browser.clone().speaking(Some("fr, de;q=0.5, en;q=0.1")).get("/login").await),
        "de",
        "the browser's"
    );
    assert_eq!(is(&browser.get("/login?language=en").await), "en", "the link's");
    assert_eq!(is(&browser.get("/login?language=xx").await), "de", "the browser's");
    browser.post("/language", &[("language", "en"), ("return_to", "/login")]).await.redirects("/login");
    assert_eq!(is(&browser.get("/login").await), "en", "the choice");
    assert_eq!(is(&browser.get("/login?language=de").await), "en", "the choice");
}

#[tokio::test]
async fn the_choice_keeps_the_page() {
    let (_, tenant) = house().await;
    let browser = tenant.browser();
    let choose = async |page: &str| browser.post("/language", &[("language", "en"), ("return_to", page)]).await;
    for page in
        ["/login", "/login?return_to=%2Finvoices", "/imprint", "/invoices?filter=open", "/contracts/V1", "/login/code"]
    {
        choose(page).await.redirects(page);
    }
    for page in [
        "",
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "/logout",
        "/nowhere",
        "javascript:alert(1)",
        "/login\r\nX: y",
    ] {
        choose(page).await.redirects("/");
    }
    browser.post("/language", &[("language", "xx"), ("return_to", "/login")]).await.status(422);
}

#[tokio::test]
async fn after_signing_in_one_is_sent_to_own_pages_only() {
    let (portal, tenant) = house().await;
    for (wanted, reached) in [
        ("/invoices?filter=open", "/invoices?filter=open"),
        ("/contracts/V1", "/contracts/V1"),
        ("//evil.example", "/"),
        ("https://evil.example", "/"),
        ("/logout", "/"),
        ("/login", "/"),
        ("", "/"),
    ] {
        portal.clock.advance(testkit::hours(1));
        let browser = tenant.browser();
        browser.post("/login", &[("email", "k5003@example.org"), ("return_to", wanted)]).await.redirects("/login/code");
        browser.type_code(&portal.mailbox.code_to("k5003@example.org")).await.redirects(reached);
    }
}

#[tokio::test]
async fn every_page_one_returns_to_is_a_page_of_routes() {
    let tables = local::functions::tables().await.unwrap();
    let routes: Vec<(&str, &str, web::Guard)> = tables
        .iter()
        .flat_map(|(_, routes)| routes.list().iter().map(|route| (route.method, route.path.as_str(), route.guard)))
        .collect();
    let known = |page: &str| routes.iter().find(|(method, path, _)| *method == "GET" && *path == page);
    for page in web::PAGES {
        let (_, _, guard) = known(page).unwrap_or_else(|| panic!("{page} is no page"));
        assert!(matches!(guard, web::Guard::Customer { .. }), "{page} is not behind the login");
    }
    for page in web::PUBLIC_PAGES {
        assert!(known(page).is_some(), "{page} is no page");
    }
    // And all of them can be returned to, files too: what is missing would forget where one wanted to go. Only a part of a
    // page is nowhere to go.
    let parts = ["/settle/preview"];
    for (method, path, guard) in routes.into_iter().filter(|(_, path, _)| !parts.contains(path)) {
        let is_page = method == "GET" && !path.starts_with("/api/") && matches!(guard, web::Guard::Customer { .. });
        let known = web::PAGES.contains(&path) || web::PUBLIC_PAGES.contains(&path);
        assert!(!is_page || known, "{path} cannot be returned to");
    }
}

#[tokio::test]
async fn mails_speak_the_customers_language() {
    let (portal, tenant) = house().await;
    tenant.customer("K1", |c| c["language"] = "en".into()).await;
    tenant.browser().ask_for_code("k1@example.org").await.redirects("/login/code");
    tenant.browser().ask_for_code("k5003@example.org").await.redirects("/login/code");
    let (english, german) = (portal.mailbox.last_to("k1@example.org"), portal.mailbox.last_to("k5003@example.org"));
    assert_ne!(english.subject, german.subject);
    assert!(english.html.unwrap().contains("lang=\"en\"") && german.html.unwrap().contains("lang=\"de\""));
}
