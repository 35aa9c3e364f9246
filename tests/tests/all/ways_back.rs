//! Ways back: after the login to what was asked for, from a problem to the start page, and after signing out to nobody.

use testkit::{Portal, Request, json};

#[tokio::test]
async fn the_login_leads_back_to_pages_and_files() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let tine = tenant.customer("K5003", |_| {}).await;
    tine.invoice("RE1", |_| {}).await;
    for page in ["/sessions", "/invoices.csv", "/invoices/RE1/pdf", "/invoices/RE1/xml"] {
        portal.clock.advance(testkit::hours(1));
        let browser = tenant.browser();
        let asked = browser.get(page).await;
        asked.clone().redirects(&format!("/login?return_to={}", page.replace('/', "%2F")));
        assert!(browser.follow(&asked).await.status(200).html().contains(&format!("value=\"{page}\"")), "{page}");
        browser.post("/login", &[("email", tine.email()), ("return_to", page)]).await.redirects("/login/code");
        browser.type_code(&portal.mailbox.code_to(tine.email())).await.redirects(page);
    }
}

#[tokio::test]
async fn whoever_is_signed_in_stays_so_on_a_page_about_a_problem() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let browser = tenant.customer("K5003", |_| {}).await.login().await;
    browser.get("/").await.status(200);
    let requests: [(Request, u16); 4] = [
        (browser.request("GET", "/nowhere"), 404),
        (browser.request("GET", "/invoices/RE404"), 404),
        (browser.request("PUT", "/data"), 405),
        (browser.request("GET", "/invoices?after=rubbish"), 422),
    ];
    for (request, status) in requests {
        let answer = browser.send(request).await;
        let status = if answer.code() == 400 { 400 } else { status };
        answer.status(status).shows("Abmelden").shows("Zur Startseite").hides("Zur Anmeldung");
    }
    tenant.browser().get("/nowhere").await.status(404).shows("Zur Anmeldung").hides("Abmelden");
}

#[tokio::test]
async fn who_signed_out_is_forgotten() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let tine = tenant.customer("K5003", |_| {}).await;
    let (here, there) = (tine.login().await, tine.login().await);
    here.get("/").await.status(200);
    let token = here.cookie("kk_session").unwrap();
    here.post("/logout", &[]).await.redirects("/login");
    here.get("/login").await.status(200).hides("k5003@example.org");
    here.set_cookie("kk_session", &token);
    here.get("/login").await.status(200).hides("k5003@example.org");
    there.get("/").await.status(200);
    there.post("/logout", &[("everywhere", "1")]).await.redirects("/login");
    there.set_cookie("kk_session", &token);
    there.get("/login").await.status(200).hides("k5003@example.org");
    let idle = tine.login().await;
    portal.clock.advance(testkit::minutes(31));
    assert!(idle.get("/login").await.html().contains("k5003@example.org"));
}

#[tokio::test]
async fn two_clicks_with_the_right_code_show_no_error() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let tine = tenant.customer("K5003", |_| {}).await;
    let browser = tenant.browser();
    browser.post("/login", &[("email", tine.email()), ("return_to", "/data")]).await.redirects("/login/code");
    let code = portal.mailbox.code_to(tine.email());
    let click =
        || browser.request("POST", "/login/code").header("origin", &tenant.origin()).form(&[("code", code.as_str())]);
    let (one, two) = futures_util::future::join(portal.ask(click()), portal.ask(click())).await;
    one.redirects("/data");
    two.redirects("/data");
    // And a click that comes only after the first one is through.
    portal.ask(click()).await.redirects("/data");
    assert_eq!(portal.items_like("SESS#"), 1);
}

#[tokio::test]
async fn a_link_for_somebody_without_access_is_not_made() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let tine = tenant.customer("K5003", |_| {}).await;
    tenant.put("/customers/K5003/access", &json!({ "access": false })).await;
    let body = json!({ "purpose": "portal", "customer": tine.number() });
    tenant.api.post("/links", &body).await.status(422).problem("invalid").names(&["customer"]);
}

#[tokio::test]
async fn settings_may_be_saved_on_any_revision() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let body = json!({ "accent": "#0057b8" });
    for (seen, status) in [("*", 200), ("\"999\"", 412)] {
        let request = tenant.api.request("PUT", "/settings/branding").header("if-match", seen).json(&body);
        portal.ask(request).await.status(status);
    }
}
