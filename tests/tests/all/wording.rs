//! Single texts in the tenant's own words: said in their language at their tenant, refused at their place, given up again.

use domain::Language;
use testkit::{Portal, Tenant, Value, json, minutes};

const DE: &str = "/settings/wording/de";

async fn house() -> (Portal, Tenant) {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    (portal, tenant)
}

#[tokio::test]
async fn an_own_text_is_said_in_its_language_at_its_tenant_alone() {
    let (portal, tenant) = house().await;
    let other = portal.tenant("stadtwerke-muster").await;
    tenant.customer("K5003", |_| {}).await;
    let visit = async |tenant: &Tenant, path: &str| tenant.browser().get(path).await.status(200);
    visit(&tenant, "/login").await.shows("Impressum");
    let own = json!({ "menu-imprint": "Wer wir <b>sind</b>", "menu-start": " Übersicht " });
    let kept = tenant.put(DE, &own).await.json();
    assert_eq!(kept, json!({ "menu-imprint": "Wer wir <b>sind</b>", "menu-start": "Übersicht" }));
    let page = visit(&tenant, "/login").await.shows("Wer wir <b>sind</b>").hides("Impressum");
    assert!(!page.html().contains("<b>sind"), "a text stays text");
    let browser = tenant.login("k5003@example.org").await;
    browser.get("/").await.status(200).shows("Übersicht");
    visit(&tenant, "/login?language=en").await.shows("Legal notice").hides("Wer wir");
    visit(&other, "/login").await.shows("Impressum").hides("Wer wir");

    tenant.put(DE, &json!({ "menu-start": "Übersicht" })).await;
    visit(&tenant, "/login").await.shows("Impressum");
    tenant.put(DE, &json!({})).await;
    browser.get("/").await.status(200).hides("Übersicht");
}

#[tokio::test]
async fn every_text_is_listed_with_its_default_and_the_own_one() {
    let (portal, tenant) = house().await;
    let before = tenant.api.get(DE).await.status(200).has("etag", "\"0\"").json();
    let imprint = json!({ "default": "Impressum", "arguments": [] });
    assert_eq!(before["texts"]["menu-imprint"], imprint, "{before}");
    assert_eq!(before["texts"]["mails-greeting-name"]["arguments"], json!(["name"]));
    assert_eq!(before["texts"]["menu-cancel"]["fixed_by_law"], "§ 312k Abs. 2 BGB");
    assert!(before["texts"].get("mails-invoice-file").is_none(), "names of files are the product's");
    tenant.put(DE, &json!({ "menu-imprint": "Anbieter" })).await.has("etag", "\"1\"");
    let after = tenant.api.get(DE).await.status(200).has("etag", "\"1\"").json();
    assert_eq!(after["texts"]["menu-imprint"]["own"], "Anbieter");
    let english = tenant.api.get("/settings/wording/en").await.status(200).has("etag", "\"0\"").json();
    assert_eq!(english["texts"]["menu-imprint"]["default"], "Legal notice");
    assert!(english["texts"]["menu-imprint"].get("own").is_none());
    for unknown in ["/settings/wording/fr", "/settings/wording/de-DE", "/settings/wording/DE"] {
        tenant.api.get(unknown).await.status(404);
        tenant.api.put(unknown, &json!({})).await.status(404);
    }
    portal.clock.advance(minutes(1));
    let feed = tenant.api.get("/events?limit=100").await.status(200).json();
    let changed = |item: &&Value| item["kind"] == "settings.changed" && item["subject"] == "wording-de";
    assert_eq!(feed["items"].as_array().unwrap().iter().filter(changed).count(), 1, "{feed}");
}

#[tokio::test]
async fn what_cannot_be_said_is_refused_at_its_key_and_place_and_changes_nothing() {
    let (portal, tenant) = house().await;
    tenant.put(DE, &json!({ "menu-imprint": "Anbieter" })).await;
    let items = portal.items();
    let refused = async |texts: &Value| {
        let answer = tenant.api.put(DE, texts).await.status(422).problem("invalid").json();
        let said =
            |error: &Value| format!("{} {} {}", error["field"], error["code"], error["message"]).replace('"', "");
        answer["errors"].as_array().unwrap().iter().map(said).collect::<Vec<_>>()
    };
    let errors = refused(&json!({
        "menu-imprnt": "x",
        "menu-start": "Zum { $ort }",
        "formats-days": "Tage",
        "menu-privacy": "Daten { schutz",
        "menu-cancel": "Bleiben Sie doch",
        "menu-data": "ä".repeat(501),
        "menu-settle": "a\u{7}b",
    }))
    .await;
    for wanted in [
        "menu-imprnt unknown there is no such text; the nearest is menu-imprint",
        "menu-start argument line 1, column 7: there is no such argument; this text has none",
        "formats-days argument must choose by { $count -> … }",
        "menu-privacy syntax line 1, column ",
        "menu-cancel fixed_by_law these words are the law's (§ 312k Abs. 2 BGB)",
        "menu-data too_long must have at most 500 characters",
        "menu-settle control line 1, column 2: there is a character that nobody sees",
    ] {
        assert!(errors.iter().any(|error| error.starts_with(wanted)), "{wanted}: {errors:#?}");
    }
    assert_eq!(errors.len(), 7, "{errors:#?}");
    let many: serde_json::Map<String, Value> = (0..201).map(|n| (format!("key-{n}"), json!("x"))).collect();
    assert_eq!(refused(&Value::Object(many)).await, [" too_many must have at most 200 texts"]);
    tenant.api.put(DE, &json!({ "menu-start": 7 })).await.status(422).names(&["menu-start"]);
    assert_eq!(portal.items(), items, "nothing is kept");
    tenant.browser().get("/login").await.shows("Anbieter");
}

#[tokio::test]
async fn a_revision_that_is_not_the_current_one_is_refused() {
    let (_, tenant) = house().await;
    let put = async |rev: &str, text: &str| {
        let request = tenant.api.request("PUT", DE).header("if-match", rev).json(&json!({ "menu-imprint": text }));
        tenant.portal().ask(request).await
    };
    put("\"0\"", "Eins").await.status(200).has("etag", "\"1\"");
    put("\"0\"", "Zwei").await.status(412).problem("stale");
    put("\"1\"", "Zwei").await.status(200).has("etag", "\"2\"");
    tenant.browser().get("/login").await.shows("Zwei");
    // Another area is another revision, and keeps the texts.
    tenant.settings("login", &json!({ "shared_email": "choose" })).await.status(200);
    tenant.browser().get("/login").await.shows("Zwei");
}

#[tokio::test]
async fn another_process_says_it_a_minute_later_and_reads_each_edition_once() {
    let (portal, tenant) = house().await;
    let process = portal.another_process().await;
    let host = tenant.host();
    let host = host.split(':').next().unwrap();
    let said = async || {
        let tenant = process.store().tenant_of_host(host, portal.clock.now()).await.unwrap();
        let wording = tenant.settings.wordings.of(Language::De);
        wording.and_then(|own| own.get("menu-imprint")).map(|own| own.source.clone())
    };
    assert_eq!(said().await, None);
    tenant.put(DE, &json!({ "menu-imprint": "Eins" })).await;
    assert_eq!(said().await, None, "settings are believed for a minute");
    portal.clock.advance(minutes(1));
    assert_eq!(said().await.as_deref(), Some("Eins"));
    // Were the edition read again, it could not be.
    assert!(portal.spoil("settings", "\"wording\":", "\"worded\":") > 0);
    portal.clock.advance(minutes(1));
    assert_eq!(said().await.as_deref(), Some("Eins"));
}

#[tokio::test]
async fn mails_have_the_tenants_words_and_files_the_products() {
    let (portal, tenant) = house().await;
    tenant.put(DE, &json!({ "mails-greeting-name": "Moin { $name }" })).await;
    let tine = tenant.customer("K5003", |_| {}).await;
    let max = tenant.customer("K1", |c| c["language"] = "en".into()).await;
    for (customer, number) in [(&tine, "RE1"), (&max, "RE2")] {
        customer.invoice(number, |invoice| invoice["notify"] = true.into()).await.status(201);
    }
    for _ in 0..3 {
        portal.worker.drain().await;
        portal.worker.minute().await;
        portal.clock.advance(minutes(2));
    }
    let german = portal.mailbox.last_to(tine.email());
    assert!(german.text.as_ref().unwrap().contains("Moin Frau Exemplus"), "{german:?}");
    assert_eq!(german.attachments[0].name, "Rechnung-RE1.pdf");
    let english = portal.mailbox.last_to(max.email());
    assert!(english.text.as_ref().unwrap().contains("Hello Ms Exemplus"), "{english:?}");
}
