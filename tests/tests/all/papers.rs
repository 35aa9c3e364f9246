//! Documents over their routes: made once, handed out by signed link, the original byte for byte.

use testkit::{Browser, Portal, Tenant, json, samples};

async fn house() -> (Portal, Tenant, Browser) {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let tine = tenant.customer("K5003", |_| {}).await;
    let mut company = samples::company("webhosting-ag");
    company["bank"] =
        json!({ "holder": "Max", "iban": "DE02800200400088844422", "bic": "MUSTDEMMXXX", "bank": "Mega Bank" });
    tenant.settings("company", &company).await;
    tine.invoice("RE1", |_| {}).await;
    let browser = tine.login().await;
    (portal, tenant, browser)
}

/// How many files the table knows.
fn files(portal: &Portal) -> usize {
    portal.items_like("/FILE#")
}

#[tokio::test]
async fn an_invoice_is_rendered_once_and_then_only_handed_out() {
    let (portal, _, browser) = house().await;
    assert_eq!(files(&portal), 0);
    let first = browser.get("/invoices/RE1/pdf").await;
    assert!(matches!(first.code(), 302 | 303 | 307), "{}: {} {}", first.what(), first.code(), first.text());
    assert!(first.header("location").starts_with(&portal.cloud().s3_url()), "{}", first.header("location"));
    let expires = first
        .header("location")
        .split("X-Amz-Expires=")
        .nth(1)
        .and_then(|rest| rest.split('&').next()?.parse::<u32>().ok());
    assert!(expires.is_some_and(|seconds| seconds <= 300), "{}", first.header("location"));
    let stored = portal.items();
    assert!(files(&portal) >= 1);
    browser.get("/invoices/RE1/pdf").await;
    assert_eq!(portal.items(), stored, "nothing is rendered twice");
}

#[tokio::test]
async fn the_original_goes_before_ours_and_a_cancelled_invoice_keeps_it() {
    let (portal, tenant, browser) = house().await;
    let pdf = samples::pdf();
    let put = tenant.api.request("PUT", "/documents/invoice/RE1/pdf").body("application/pdf", pdf.clone());
    let answer = portal.ask(put).await;
    assert!(answer.code() < 300, "{}", answer.html());
    let before = browser.get("/invoices/RE1/pdf").await.header("location").split('?').next().unwrap().to_owned();
    tenant.api.post("/invoices/RE1:cancel", &json!({ "date": "2026-11-22" })).await.status(200);
    let after = browser.get("/invoices/RE1/pdf").await.header("location").split('?').next().unwrap().to_owned();
    assert_eq!(before, after);
    browser.get("/invoices/RE1").await.status(200).shows("Storniert");
}

#[tokio::test]
async fn no_other_customer_gets_the_document() {
    let (portal, tenant, _) = house().await;
    let other = tenant.customer("K1", |_| {}).await;
    let (browser, program) = (other.login().await, other.token().await);
    let stored = portal.items();
    for kind in ["pdf", "xml"] {
        browser.get(&format!("/invoices/RE1/{kind}")).await.status(404).problem("not_found");
        program.get(&format!("/api/v1/invoices/RE1/{kind}")).await.status(404).problem("not_found");
    }
    assert_eq!(portal.items(), stored, "and nothing is rendered for them");
}
