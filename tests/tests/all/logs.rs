//! Logs: one short line per request, and never a code, token, bank account or address in any.

use testkit::{Portal, faults::Fault, json};

#[tokio::test]
async fn secrets_and_people_never_stand_in_a_log() {
    let portal = Portal::behind_faults(1).await;
    let tenant = portal.tenant("webhosting-ag").await;
    let canary = "canary.address@example.org";
    let mut company = testkit::samples::company("webhosting-ag");
    company["bank"] = json!({ "holder": "Kanarienvogel", "iban": "DE02800200400088844422", "bic": "MUSTDEMMXXX", "bank": "Mega Bank" });
    tenant.settings("company", &company).await;
    let tine = tenant.customer("K5003", |c| {
        c["email"] = canary.into();
        c["last_name"] = "Kanarienvogel".into();
        c["phone1"] = "+49 555 0123456".into();
        c["billing_address"]["line1"] = "Kanariengasse 7".into();
    });
    let tine = tine.await;
    tine.invoice("RE1", |_| {}).await;
    let link = tine.link().await;
    let browser = tenant.browser();
    browser.ask_for_code(canary).await.redirects("/login/code");
    let code = portal.mailbox.code_to(canary);
    browser.type_code("0000000").await.status(422);
    browser.type_code(&code).await.redirects("/");
    for path in
        ["/", "/data", "/invoices?number=Kanarienvogel", "/nowhere/Kanarienvogel", "/login?return_to=Kanarienvogel"]
    {
        browser.get(path).await;
    }
    let declared = [
        ("termination", "ordinary"),
        ("name", "Kanarienvogel"),
        ("identity", canary),
        ("contract", "Kanarien-Tarif"),
        ("email", canary),
    ];
    let confirmation = browser.post("/cancel", &declared).await.status(303);
    browser.follow(&confirmation).await.status(200);
    browser.post("/withdraw", &[("name", "Kanarienvogel"), ("email", "canary")]).await.status(422);
    let token = link["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    tenant.browser().get(&format!("/link/{token}")).await.status(200);
    tenant.api.put("/customers/K5003", &json!({ "email": canary, "last_name": 7 })).await.status(422);
    tenant.api.import("/customers:import", &format!("{{\"number\": \"{canary}\"")).await.status(200);
    portal.worker.drain().await;
    for proxy in [portal.dynamodb(), portal.ses()] {
        proxy.always(Fault::FailBefore);
        tenant.browser().ask_for_code(canary).await.status(503);
        tenant.api.put("/customers/K5003", &json!({ "email": canary })).await;
        proxy.stop();
    }
    let session = browser.cookie("kk_session").unwrap();
    let challenge_and_key = [tenant.api.token().to_owned(), portal.platform().token().to_owned(), session, token];
    let log = portal.log_lines().join("\n");
    assert!(log.lines().count() > 20);
    let people = [canary, "canary", "Kanarien", "0123456", "Rosahausen", "56789", "DE0280", "88844422", code.as_str()];
    for secret in people.into_iter().chain(challenge_and_key.iter().map(String::as_str)) {
        let told = log.lines().find(|line| line.contains(secret));
        assert_eq!(told, None, "{secret} stands in the log");
    }
}

#[tokio::test]
async fn a_request_is_one_line_of_four_hundred_bytes_at_most() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let tine = tenant.customer("K5003", |_| {}).await;
    let browser = tine.login().await;
    let before = portal.log_lines().len();
    let long = "x".repeat(4_000);
    let mut asked = 0;
    for path in [
        "/",
        "/data",
        "/contracts/V1",
        "/nowhere",
        "/api/v1/invoices",
        &format!("/{long}"),
        &format!("/invoices?number={long}"),
    ] {
        browser.get(path).await;
        asked += 1;
    }
    let lines = portal.log_lines();
    assert_eq!(lines.len() - before, asked, "{:#?}", &lines[before..]);
    for line in &lines {
        assert!(line.len() <= 400, "{} bytes: {line}", line.len());
    }
    let line = portal.log().pop().unwrap();
    for field in ["id", "tenant", "function", "method", "route", "status", "ms", "calls", "reads", "writes"] {
        assert!(!line[field].is_null(), "{field}: {line}");
    }
}

#[tokio::test]
async fn an_error_is_told_to_the_log_and_its_request_id_to_the_page() {
    let portal = Portal::behind_faults(1).await;
    let tenant = portal.tenant("webhosting-ag").await;
    tenant.browser().get("/login").await.status(200);
    portal.dynamodb().always(Fault::FailBefore);
    let page = tenant.browser().ask_for_code("k5003@example.org").await.status(503);
    let id = page.header("x-request-id").to_owned();
    page.shows(&id).hides("table").hides("DynamoDB").hides("InternalServerError");
    let line = portal.log().into_iter().find(|line| line["level"] == "ERROR").unwrap();
    assert_eq!((&line["id"], &line["message"]), (&json!(id), &json!("failed")));
    assert!(line["cause"].as_str().unwrap().contains("InternalServerError"), "{line}");
}
