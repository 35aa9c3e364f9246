//! Documents beside invoices, from the integrator's API to the customer's page: issued once, released by kind, read, filtered,
//! and handed out as they came.

use testkit::{Answer, Customer, Portal, Tenant, Value, hours, json, samples, seconds};

const KINDS: [&str; 5] = ["credit-note", "dunning", "offer", "delivery-note", "confirmation"];

async fn house() -> (Portal, Tenant, Customer) {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let tine = tenant.customer("K5003", |_| {}).await;
    (portal, tenant, tine)
}

/// Releases these kinds alone, and waits until every process knows.
async fn release(portal: &Portal, tenant: &Tenant, kinds: &[&str]) {
    tenant.settings("documents", &json!({ "types": kinds })).await.status(200);
    portal.clock.advance(seconds(61));
}

async fn upload(tenant: &Tenant, path: &str, content_type: &str, bytes: impl Into<Vec<u8>>) -> Answer {
    let request = tenant.api.request("PUT", &format!("/documents/{path}/pdf")).body(content_type, bytes.into());
    tenant.portal().ask(request).await
}

fn numbers(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap();
    items.iter().map(|item| item["number"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_document_of_every_kind_is_issued_once_and_never_changes() {
    let (portal, tenant, tine) = house().await;
    for kind in KINDS {
        let path = format!("/documents/{kind}/D-1");
        let made = tine.document(kind, "D-1", |_| {}).await.status(201).json();
        let again = tine.document(kind, "D-1", |_| {}).await.status(200).json();
        assert_eq!(made, again, "{kind}");
        assert_eq!(tenant.api.get(&path).await.status(200).json(), made);
        assert_eq!((&made["facts"]["type"], &made["state"]["type"]), (&json!(kind), &json!(kind)));
        // What was shown may be sent back.
        tenant.api.put(&path, &made["facts"]).await.status(200);
        let mut changed = samples::document(kind, "K5003");
        changed["note"] = "another".into();
        tenant.api.put(&path, &changed).await.status(409).problem("conflict").names(&["note"]);
        changed["surprise"] = 1.into();
        tenant.api.put(&path, &changed).await.status(422).names(&["surprise"]);
    }
    let stranger = tenant.customer("K1", |_| {}).await;
    let mut theirs = samples::document("offer", stranger.number());
    theirs["buyer"] = samples::document("offer", "K5003")["buyer"].clone();
    tenant.api.put("/documents/offer/D-1", &theirs).await.status(409).names(&["customer"]);
    let nobody = samples::document("offer", "K9");
    tenant.api.put("/documents/offer/D-2", &nobody).await.status(422).names(&["customer"]);
    portal.clock.advance(seconds(31));
    let feed = tenant.api.get("/events?limit=100").await.status(200).json();
    let issued: Vec<&Value> =
        feed["items"].as_array().unwrap().iter().filter(|event| event["kind"] == "document.issued").collect();
    assert_eq!(issued.len(), KINDS.len(), "{feed}");
    assert!(issued.iter().all(|event| event["subject"] == "D-1"), "{feed}");
}

#[tokio::test]
async fn everything_that_is_missing_or_wrong_is_named() {
    let (_portal, tenant, _) = house().await;
    let of_all = ["customer", "issued_on", "buyer", "buyer.company", "buyer.line1", "buyer.postal_code", "buyer.city"];
    for (kind, own) in [
        ("offer", &["valid_until", "lines", "taxes", "net", "tax", "gross"][..]),
        ("dunning", &["level", "invoices", "total", "pay_by"][..]),
        ("delivery-note", &["items"][..]),
    ] {
        let wanted = [&of_all[..], own].concat();
        let answer = tenant.api.put(&format!("/documents/{kind}/D-1"), &json!({})).await;
        answer.status(422).names(&wanted);
    }
    for (kind, field, value, named) in [
        ("offer", "gross", samples::euros("118.99"), "gross"),
        ("offer", "valid_until", "2026-11-19".into(), "valid_until"),
        ("credit-note", "kind", "gift".into(), "kind"),
        ("dunning", "total", samples::euros("119.00"), "total"),
        ("dunning", "level", 10.into(), "level"),
        ("delivery-note", "gross", samples::euros("1.00"), "gross"),
        ("confirmation", "subject", "x".repeat(121).into(), "subject"),
    ] {
        let mut facts = samples::document(kind, "K5003");
        facts[field] = value;
        tenant.api.put(&format!("/documents/{kind}/D-1"), &facts).await.status(422).names(&[named]);
    }
    for kind in ["invoice", "letter"] {
        let facts = samples::document("offer", "K5003");
        tenant.api.put(&format!("/documents/{kind}/D-1"), &facts).await.status(404).problem("not_found");
        tenant.api.get(&format!("/documents/{kind}")).await.status(404);
    }
}

#[tokio::test]
async fn the_integrator_lists_documents_of_a_kind_and_month() {
    let (_portal, tenant, tine) = house().await;
    for (number, day) in [("AN1", "2026-10-31"), ("AN2", "2026-11-01"), ("AN3", "2026-11-30"), ("AN4", "2026-11-30")] {
        tine.document("offer", number, |facts| {
            facts["issued_on"] = day.into();
        })
        .await;
    }
    tine.document("delivery-note", "LS1", |_| {}).await;
    let list = async |path: &str| tenant.api.get(path).await.status(200).json();
    assert_eq!(numbers(&list("/documents/offer").await), ["AN2", "AN3", "AN4"]);
    assert_eq!(numbers(&list("/documents/offer?month=2026-10").await), ["AN1"]);
    assert_eq!(numbers(&list("/documents/delivery-note").await), ["LS1"]);
    assert_eq!(numbers(&list("/documents/dunning").await), Vec::<String>::new());
    let first = list("/documents/offer?limit=2").await;
    let next = first["next"].as_str().unwrap();
    assert_eq!(numbers(&list(&format!("/documents/offer?limit=2&after={next}")).await), ["AN4"]);
    tenant.api.get(&format!("/documents/delivery-note?after={next}")).await.status(400).problem("malformed");
    tenant.api.get("/documents/offer?month=soon").await.status(422).names(&["month"]);
}

#[tokio::test]
async fn lines_of_an_import_are_issued_but_for_bad_ones() {
    let (portal, tenant, tine) = house().await;
    tine.document("offer", "AN1", |_| {}).await;
    let line = |number: &str, customer: &str| samples::line(number, samples::document("offer", customer));
    let mut wrong = samples::document("offer", "K5003");
    wrong["gross"] = samples::euros("1.00");
    let lines = [
        line("AN1", "K5003"),
        line("AN2", "K5003"),
        line("AN3", "K9"),
        "{\"number\": ".to_owned(),
        samples::line("AN4", wrong),
        line("AN2", "K5003"),
    ];
    let result = tenant.api.import("/documents/offer:import", &lines.join("\n")).await.status(200).json();
    let outcomes: Vec<&str> =
        result["results"].as_array().unwrap().iter().map(|line| line["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["unchanged", "created", "failed", "failed", "failed", "unchanged"]);
    assert_eq!(result["failed"], 3);
    let stored = portal.items();
    tenant.api.import("/documents/offer:import", &lines.join("\n")).await.status(200);
    assert_eq!(portal.items(), stored, "the same again stores nothing");
    tenant.api.import("/documents/invoice:import", &lines.join("\n")).await.status(404);
}

#[tokio::test]
async fn the_page_of_a_document_says_everything_it_says() {
    let (portal, _tenant, tine) = house().await;
    tine.invoice("RE1", |_| {}).await;
    for kind in KINDS {
        tine.document(kind, "D-1", |facts| {
            facts["subject"] = "Umzug auf den neuen Server".into();
            facts["introduction"] = "Guten Tag,\ngern.".into();
            facts["note"] = "Wir freuen uns.".into();
            if kind == "credit-note" {
                facts["invoice"] = "RE1".into();
            }
        })
        .await;
    }
    let browser = tine.login().await;
    let page = async |path: &str| browser.get(path).await.status(200);
    for kind in KINDS {
        let page = page(&format!("/documents/{kind}/D-1")).await;
        let page = page.shows("Umzug auf den neuen Server").shows("Guten Tag, gern.").shows("Wir freuen uns.");
        page.shows("Firma K5003").shows("56789 Rosahausen").shows("PDF herunterladen");
    }
    let offer = page("/documents/offer/D-1").await.shows("Angebot D-1").shows("Offen bis 20.12.2026");
    offer.shows("Webhosting").shows("119,00 €").shows("Umsatzsteuer 19 % auf 100,00 €");
    let credit = page("/documents/credit-note/D-1").await.shows("Gutschrift D-1").shows("Zu Rechnung RE1");
    assert!(credit.html().contains("href=\"/invoices/RE1\""), "{}", credit.html());
    let dunning = page("/documents/dunning/D-1").await.shows("Mahnung D-1").shows("Mahnstufe 2");
    dunning.shows("RE1").shows("Mahngebühr 5,00 €").shows("Zu zahlen 124,00 €").shows("Zahlbar bis 04.12.2026");
    page("/documents/confirmation/D-1").await.shows("Auftragsbestätigung D-1").shows("Ihre Bestellung B-17");
    page("/documents/delivery-note/D-1").await.shows("Lieferschein D-1").shows("Server").hides("€");
    portal.clock.advance(hours(24 * 28));
    let late = tine.login().await;
    late.get("/documents/offer/D-1").await.status(200).shows("Offen bis 20.12.2026");
    portal.clock.advance(hours(24));
    tine.login().await.get("/documents").await.status(200).shows("Abgelaufen seit 21.12.2026");
}

#[tokio::test]
async fn customers_list_their_documents_by_kind_and_page_by_page() {
    let (_portal, tenant, tine) = house().await;
    let browser = tine.login().await;
    browser.get("/documents").await.status(200).shows("Noch keine Dokumente").hides("Alle Dokumente anzeigen");
    let line = |n: usize| {
        let mut facts = samples::document("delivery-note", "K5003");
        facts["issued_on"] = format!("2026-{:02}-{:02}", n / 25 + 9, n % 25 + 1).into();
        samples::line(&format!("LS{n:02}"), facts)
    };
    let lines: Vec<String> = (0..53).map(line).collect();
    tenant.api.import("/documents/delivery-note:import", &lines.join("\n")).await.status(200);
    for (kind, number) in [("offer", "AN1"), ("dunning", "MA1")] {
        tine.document(kind, number, |facts| facts["issued_on"] = "2026-11-20".into()).await;
    }
    let program = tine.token().await;
    let (mut pages, mut all, mut after) = (Vec::new(), Vec::new(), String::new());
    loop {
        let page = program.get(&format!("/api/v1/documents?limit=20{after}")).await.status(200).json();
        pages.push(numbers(&page).len());
        all.extend(numbers(&page));
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!(pages, [20, 20, 15]);
    let newest: Vec<String> =
        ["AN1", "MA1"].map(str::to_owned).into_iter().chain((0..53).rev().map(|n| format!("LS{n:02}"))).collect();
    assert_eq!(all, newest, "newest first, each once");
    let first = browser.get("/documents").await.status(200).shows("Angebot AN1").shows("Ältere Dokumente anzeigen");
    let next = first.link_to("/documents?after=");
    browser.get(&next).await.status(200).hides("Angebot AN1").shows("Zurück zu den neuesten Dokumenten");
    let offers = browser.get("/documents?type=offer").await.status(200).shows("Angebot AN1").hides("Lieferschein LS");
    offers.hides("Ältere Dokumente anzeigen");
    browser.get("/documents?type=confirmation").await.status(200).shows("Unter Auftragsbestätigungen steht nichts");
    for wrong in ["invoice", "letter"] {
        let code = browser.get(&format!("/documents?type={wrong}")).await.code();
        assert!(matches!(code, 404 | 422), "{wrong}: {code}");
    }
    let cursor = next.split("after=").nth(1).unwrap();
    browser.get(&format!("/documents?type=offer&after={cursor}")).await.status(400);
}

#[tokio::test]
async fn a_kind_that_is_rare_is_found_behind_hundreds_of_others() {
    let (_portal, tenant, tine) = house().await;
    tine.document("offer", "AN-OLD", |facts| facts["issued_on"] = "2026-01-05".into()).await;
    let line = |n: usize| samples::line(&format!("LS{n}"), samples::document("delivery-note", "K5003"));
    let lines: Vec<String> = (0..505).map(line).collect();
    tenant.api.import("/documents/delivery-note:import", &lines.join("\n")).await.status(200);
    let browser = tine.login().await;
    let page = browser.get("/documents?type=offer").await.status(200).shows("Unter Angebote steht nichts");
    let next = page.link_to("after=").replace("&#38;", "&");
    browser.get(&next).await.status(200).shows("Angebot AN-OLD");
}

#[tokio::test]
async fn another_customers_document_is_the_same_404_as_none() {
    let (_portal, tenant, tine) = house().await;
    let other = tenant.customer("K1", |_| {}).await;
    tine.document("offer", "AN1", |_| {}).await;
    tine.original("offer", "AN1").await.status(204);
    let (browser, program) = (other.login().await, other.token().await);
    browser.get("/documents").await.status(200).shows("Noch keine Dokumente");
    for number in ["AN1", "AN9"] {
        for end in ["", "/pdf"] {
            browser.get(&format!("/documents/offer/{number}{end}")).await.status(404).problem("not_found");
            program.get(&format!("/api/v1/documents/offer/{number}{end}")).await.status(404).problem("not_found");
        }
    }
    // The owner's own number under another kind is none either.
    tine.login().await.get("/documents/confirmation/AN1").await.status(404);
}

#[tokio::test]
async fn what_is_not_released_is_not_there() {
    let (portal, tenant, tine) = house().await;
    tine.invoice("RE1", |_| {}).await;
    tine.document("offer", "AN1", |_| {}).await;
    tine.original("offer", "AN1").await.status(204);
    tine.document("credit-note", "GS1", |_| {}).await;
    release(&portal, &tenant, &["invoice", "credit-note"]).await;
    let (browser, program) = (tine.login().await, tine.token().await);
    for path in ["/documents/offer/AN1", "/documents/offer/AN1/pdf", "/documents?type=offer"] {
        browser.get(path).await.status(404).problem("not_found");
        program.get(&format!("/api/v1{path}")).await.status(404).problem("not_found");
    }
    browser.get("/documents").await.status(200).shows("Gutschrift GS1").hides("AN1").hides("Angebote");
    let portal_of = async |path: &str| tenant.api.get(path).await.status(200).json()["portal"].clone();
    assert_eq!(portal_of("/documents/offer/AN1").await, json!({ "url": null, "missing": ["type"] }));
    let url = format!("{}/documents/credit-note/GS1", tenant.origin());
    assert_eq!(portal_of("/documents/credit-note/GS1").await, json!({ "url": url, "missing": [] }));
    let url = format!("{}/invoices/RE1", tenant.origin());
    assert_eq!(portal_of("/invoices/RE1").await, json!({ "url": url, "missing": [] }));
    tenant.api.put("/customers/K5003/access", &json!({ "access": false })).await.status(200);
    assert_eq!(portal_of("/documents/offer/AN1").await["missing"], json!(["type", "customer"]));
    assert_eq!(portal_of("/invoices/RE1").await, json!({ "url": null, "missing": ["customer"] }));
    tenant.api.put("/customers/K5003/access", &json!({ "access": true })).await.status(200);
    // Without invoices their whole area is shut, without any other kind that of the documents.
    release(&portal, &tenant, &["offer"]).await;
    let browser = tine.login().await;
    for path in ["/invoices", "/invoices/RE1", "/invoices/RE1/pdf", "/invoices.csv", "/api/v1/invoices"] {
        browser.get(path).await.status(404);
    }
    let start = browser.get("/").await.status(200);
    assert!(!start.html().contains("href=\"/invoices"), "{}", start.html());
    assert!(start.html().contains("href=\"/documents\""), "{}", start.html());
    release(&portal, &tenant, &["invoice"]).await;
    let browser = tine.login().await;
    browser.get("/documents").await.status(404);
    let start = browser.get("/").await.status(200);
    assert!(!start.html().contains("href=\"/documents") && start.html().contains("href=\"/invoices\""));
}

#[tokio::test]
async fn the_settings_of_documents_say_what_holds() {
    let (_portal, tenant, _) = house().await;
    let all = ["invoice", "credit-note", "dunning", "offer", "delivery-note", "confirmation"];
    let read = tenant.api.get("/settings/documents").await.status(200).json();
    assert_eq!(read, json!({ "types": all, "actions": { "comment": true, "accept_offers": true } }));
    let some = json!({ "types": ["offer"], "actions": { "comment": false } });
    let saved = tenant.api.put("/settings/documents", &some).await.status(200).json();
    assert_eq!(saved, json!({ "types": ["offer"], "actions": { "comment": false, "accept_offers": true } }));
    assert_eq!(tenant.api.get("/settings/documents").await.status(200).json(), saved);
    tenant.api.put("/settings/documents", &json!({ "types": ["letter"] })).await.status(422);
}

#[tokio::test]
async fn what_is_only_a_pdf_is_seen_once_that_is_there() {
    let (portal, tenant, tine) = house().await;
    let facts = json!({
        "customer": "K5003", "issued_on": "2026-11-20", "uploaded": true, "valid_until": "2026-12-20",
        "gross": samples::euros("119.00"),
    });
    let made = tenant.api.put("/documents/offer/AN1", &facts).await.status(201).json();
    assert_eq!(made["portal"], json!({ "url": null, "missing": ["pdf"] }));
    let (browser, program) = (tine.login().await, tine.token().await);
    browser.get("/documents").await.status(200).shows("Noch keine Dokumente");
    for path in ["/documents/offer/AN1", "/documents/offer/AN1/pdf"] {
        browser.get(path).await.status(404);
        program.get(&format!("/api/v1{path}")).await.status(404);
    }
    upload(&tenant, "offer/AN1", "application/pdf", samples::pdf()).await.status(204);
    let stored = portal.items();
    upload(&tenant, "offer/AN1", "application/pdf", samples::pdf()).await.status(204);
    assert_eq!(portal.items(), stored, "the same again stores nothing");
    assert!(tenant.api.get("/documents/offer/AN1").await.status(200).json()["portal"]["url"].is_string());
    browser.get("/documents").await.status(200).shows("Angebot AN1").shows("119,00 €").shows("Offen bis 20.12.2026");
    browser.get("/documents/offer/AN1").await.status(200).shows("PDF herunterladen").shows("119,00 €");
    let file = browser.get("/documents/offer/AN1/pdf").await.status(303);
    assert!(file.header("location").starts_with(&portal.cloud().s3_url()), "{}", file.header("location"));
    assert!(file.header("location").contains("Angebot-AN1.pdf"), "{}", file.header("location"));
    let mut twice = facts;
    twice["lines"] = samples::document("offer", "K5003")["lines"].clone();
    tenant.api.put("/documents/offer/AN2", &twice).await.status(422).names(&["lines"]);
}

#[tokio::test]
async fn a_pdf_is_checked_and_kept_once_for_every_kind() {
    let (_portal, tenant, tine) = house().await;
    let browser = tine.login().await;
    for kind in KINDS {
        tine.document(kind, "D-1", |_| {}).await;
        let path = format!("{kind}/D-1");
        for broken in [&b"no PDF"[..], b"%PDF-1.7\n%%EOF"] {
            upload(&tenant, &path, "application/pdf", broken).await.status(422).names(&["pdf"]);
        }
        upload(&tenant, &path, "image/png", samples::pdf()).await.status(415).problem("unsupported_type");
        tine.original(kind, "D-1").await.status(204);
        let mut other = samples::pdf();
        other.extend_from_slice(b"\n");
        upload(&tenant, &path, "application/pdf", other).await.status(409).problem("conflict").names(&["pdf"]);
        upload(&tenant, &format!("{kind}/D-9"), "application/pdf", samples::pdf()).await.status(404);
        browser.get(&format!("/documents/{kind}/D-1/pdf")).await.status(303);
    }
    upload(&tenant, "letter/D-1", "application/pdf", samples::pdf()).await.status(404);
}

#[tokio::test]
async fn credit_notes_stand_below_the_invoices_too() {
    let (_portal, tenant, tine) = house().await;
    let browser = tine.login().await;
    browser.get("/invoices").await.status(200).hides("Alle Gutschriften");
    for n in 1..=4 {
        tine.document("credit-note", &format!("GS{n}"), |facts| facts["issued_on"] = format!("2026-11-1{n}").into())
            .await;
    }
    tine.document("offer", "AN1", |_| {}).await;
    // Also where there is no invoice, or not yet.
    browser.get("/invoices").await.status(200).shows("Noch keine Rechnungen").shows("Gutschrift GS4");
    tine.invoice("RE1", |_| {}).await;
    let page = browser.get("/invoices").await.status(200).shows("RE1").shows("Alle Gutschriften");
    let page = page.shows("Gutschrift GS4").shows("Gutschrift GS2").hides("Gutschrift GS1").hides("AN1");
    assert!(page.html().contains("href=\"/documents?type=credit-note\""), "{}", page.html());
    browser.get("/invoices?filter=open").await.status(200).hides("Gutschrift GS4");
    tenant.settings("areas", &json!({ "documents": "off" })).await.status(200);
    tenant.portal().clock.advance(seconds(61));
    browser.get("/invoices").await.status(200).hides("Gutschrift GS4");
}
