//! Documents over their routes: made once, handed out by signed link, the original byte for byte; mandates at once.

use domain::payment::{Method, ProviderName};
use testkit::{Api, Browser, Portal, Rails, Tenant, Value, faults::FilePut, json, samples, seconds};
use vendors::stripe::SavedKind;

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
async fn what_must_be_kept_by_law_is_locked_in_the_bucket_and_nothing_else_is() {
    let portal = Portal::behind_faults(31).await;
    let tenant = portal.tenant("webhosting-ag").await;
    let logo = include_bytes!("../../../infra/local/demo/webhosting-ag/logo.png");
    let put = tenant.api.request("PUT", "/settings/branding/logo").body("image/png", &logo[..]);
    portal.ask(put).await.status(204);
    tenant.settings("documents", &json!({ "types": ["invoice", "credit-note", "offer"] })).await.status(200);
    portal.clock.advance(seconds(61));
    let tine = tenant.customer("K5003", |_| {}).await;
    tine.invoice("RE1", |_| {}).await;
    tine.invoice("RE2", |_| {}).await;
    let of_2015 = |invoice: &mut Value| {
        (invoice["issued_on"], invoice["due_on"]) = ("2015-03-20".into(), "2015-04-03".into());
        invoice["period"] = json!({ "from": "2015-03-01", "to": "2015-03-31" });
    };
    tine.invoice("RE3", of_2015).await;
    tine.document("credit-note", "GS1", |_| {}).await;
    tine.document("offer", "AN1", |_| {}).await;
    for (kind, number) in [("invoice", "RE2"), ("invoice", "RE3"), ("credit-note", "GS1"), ("offer", "AN1")] {
        tine.original(kind, number).await.status(204);
    }
    tine.login().await.get("/invoices/RE1/pdf").await.status(303);
    let put = portal.s3().files();
    let locks = |part: &str| {
        let files = put.iter().filter(|file| file.path.contains(part));
        files.map(FilePut::locked_until).collect::<Vec<_>>()
    };
    // Eight full years after that of issue, where the tenant is.
    let kept = Some("2034-12-31T23:00:00Z");
    assert_eq!(locks("/invoice/RE1_/rendered-"), [kept, kept], "PDF and data");
    assert_eq!((locks("/invoice/RE2_/original-"), locks("/credit-note/GS1_/original-")), (vec![kept], vec![kept]));
    assert_eq!(locks("/invoice/RE3_/original-"), [None], "its time is over already");
    assert_eq!((locks("/offer/AN1_/original-"), locks("/logo/")), (vec![None], vec![None]));
    assert_eq!(put.len(), 7, "{put:?}");
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

/// Keeps a way to pay at Stripe, and answers its id.
async fn kept(portal: &Portal, program: &Api, method: Method, saved: &SavedKind) -> String {
    let keep = program.request("POST", "/api/v1/payment-methods").header("idempotency-key", method.code());
    let kept = portal.ask(keep.json(&json!({ "method": method.code() }))).await.status(201).json();
    let url = kept["url"].as_str().unwrap();
    let session = url.split(['/', '#', '?']).find(|part| part.starts_with("cs_")).unwrap();
    portal.rails.stripe.save(session, saved).unwrap();
    let id = kept["id"].as_str().unwrap();
    let usable = program.get(&format!("/api/v1/payment-methods/{id}")).await.status(200).json();
    assert_eq!(usable["state"], json!("usable"), "{method:?}: {usable}");
    id.to_owned()
}

#[tokio::test]
async fn a_mandate_is_for_the_customer_who_gave_it_also_when_it_is_over() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    tenant.put("/settings/providers/stripe", &Rails::keys(ProviderName::Stripe)).await;
    let methods = json!({ "methods": [Method::Card.code(), Method::SepaDebit.code()] });
    tenant.put("/settings/payments", &methods).await;
    let tine = tenant.customer("K5003", |_| {}).await;
    let (browser, program) = (tine.login().await, tine.token().await);
    let card = SavedKind::Card { brand: "visa".to_owned(), last4: "4242".to_owned(), exp: (12, 2031) };
    let account = SavedKind::SepaDebit { last4: "3000".to_owned(), mandate: "RAILS/1".to_owned() };
    let card = kept(&portal, &program, Method::Card, &card).await;
    let account = kept(&portal, &program, Method::SepaDebit, &account).await;
    let path = format!("/payment-methods/{account}/mandate");
    let stored = portal.items();
    let first = browser.get(&path).await.status(200).has("content-type", "application/pdf");
    let first = first.has("content-disposition", "attachment; filename=\"SEPA-Mandat-RAILS_1.pdf\"");
    let first = first.has("cache-control", "no-store");
    assert!(first.bytes().starts_with(b"%PDF-"), "{}", first.html());
    assert_eq!(browser.get(&path).await.status(200).bytes(), first.bytes(), "the same values, the same bytes");
    assert_eq!(portal.items(), stored, "it is kept nowhere");
    // Who is called otherwise today gave it all the same.
    let married = |c: &mut Value| {
        c["last_name"] = "Anders".into();
        c["billing_address"]["line1"] = "Neuer Weg 3".into();
    };
    tenant.customer("K5003", married).await;
    assert_eq!(browser.get(&path).await.status(200).bytes(), first.bytes(), "as it was given");
    browser.get(&format!("/payment-methods/{card}/mandate")).await.status(404).problem("not_found");
    browser.get("/payment-methods/nothing-of-ours/mandate").await.status(404).problem("not_found");
    let other = tenant.customer("K1", |_| {}).await.login().await;
    other.get(&path).await.status(404).problem("not_found");
    let nobody = tenant.browser().get(&path).await.status(303);
    assert!(nobody.header("location").starts_with("/login"), "{}", nobody.header("location"));
    // Taken away, it is no longer listed and stays provable.
    let delete = program.request("DELETE", &format!("/api/v1/payment-methods/{account}"));
    portal.ask(delete.json(&json!({}))).await.status(204);
    let over = browser.get(&path).await.status(200).has("content-type", "application/pdf");
    assert_ne!(over.bytes(), first.bytes(), "it says that it is over");
}
