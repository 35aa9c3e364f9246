//! Credit notes move money: they take from what their invoice asks for, the rest is credit, once and whatever else is booked.

use testkit::{Browser, Customer, Portal, Tenant, Value, json, samples, seconds};

async fn house() -> (Portal, Tenant, Customer, Browser) {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let tine = tenant.customer("K5003", |_| {}).await;
    tine.invoice("RE1", |_| {}).await;
    let browser = tine.login().await;
    (portal, tenant, tine, browser)
}

/// A credit note of this gross amount for an invoice of 119.00 €.
fn of(gross: &str, net: &str, tax: &str) -> impl FnOnce(&mut Value) {
    let [gross, net, tax] = [gross, net, tax].map(samples::euros);
    move |note| {
        note["invoice"] = "RE1".into();
        note["lines"][0]["quantity"] = "1".into();
        note["lines"][0]["unit_price"] = net["amount"].clone();
        note["lines"][0]["net"] = net.clone();
        note["taxes"][0]["net"] = net.clone();
        note["taxes"][0]["tax"] = tax.clone();
        (note["net"], note["tax"], note["gross"]) = (net, tax, gross);
    }
}

async fn books_are_right(tenant: &Tenant) {
    let check = tenant.api.post("/ledger:check", &json!({})).await.status(200).json();
    assert_eq!(check["balanced"], true, "{check}");
}

async fn open(tenant: &Tenant) -> Value {
    tenant.api.get("/invoices/RE1").await.status(200).json()["state"].clone()
}

#[tokio::test]
async fn a_credit_note_takes_from_its_invoice_once() {
    let (portal, tenant, tine, browser) = house().await;
    tine.document("credit-note", "GS1", of("59.50", "50.00", "9.50")).await.status(201);
    tine.document("credit-note", "GS1", of("59.50", "50.00", "9.50")).await.status(200);
    let state = open(&tenant).await;
    assert_eq!((&state["open"]["amount"], &state["credited"]["amount"]), (&json!("59.50"), &json!("59.50")), "{state}");
    let page = browser.get("/invoices/RE1").await.status(200);
    let page = page.shows("Gutschrift GS1: 59,50 €").shows("Teilweise bezahlt");
    assert_eq!(page.link_to("/documents/credit-note/"), "/documents/credit-note/GS1");
    browser.get("/settle").await.status(200).shows("59,50 €");
    books_are_right(&tenant).await;

    portal.clock.advance(seconds(31));
    let feed = tenant.api.get("/events?limit=100").await.status(200).json();
    let kinds: Vec<&str> =
        feed["items"].as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap()).collect();
    for kind in ["document.issued", "invoice.credited"] {
        assert_eq!(kinds.iter().filter(|told| **told == kind).count(), 1, "{kind}: {feed}");
    }
}

#[tokio::test]
async fn what_is_more_than_open_becomes_credit_on_the_account() {
    let (_portal, tenant, tine, browser) = house().await;
    tine.pays("RE1", "100.00", "bank-1").await.status(200);
    tine.document("credit-note", "GS1", of("119.00", "100.00", "19.00")).await.status(201);
    let state = open(&tenant).await;
    assert_eq!((&state["open"]["amount"], &state["credited"]["amount"]), (&json!("0.00"), &json!("19.00")), "{state}");
    browser.get("/accounts/K5003-EUR").await.status(200).shows("Gutschrift GS1").shows("100,00 €");
    books_are_right(&tenant).await;
    // Taken back, the payment opens its share again: what was credited stays credited.
    tenant.api.post("/invoices/RE1:payment-reverse", &json!({ "reference": "bank-1" })).await.status(200);
    assert_eq!(open(&tenant).await["open"]["amount"], "100.00");
    books_are_right(&tenant).await;
}

#[tokio::test]
async fn an_invoice_that_is_credited_whole_says_so_and_may_still_be_cancelled() {
    let (_portal, tenant, tine, browser) = house().await;
    tine.document("credit-note", "GS1", of("119.00", "100.00", "19.00")).await.status(201);
    browser.get("/invoices/RE1").await.status(200).shows("Gutgeschrieben am 20.11.2026");
    tenant.api.post("/invoices/RE1:cancel", &json!({ "date": "2026-11-22" })).await.status(200);
    browser.get("/invoices/RE1").await.status(200).shows("Storniert");
    books_are_right(&tenant).await;
}

#[tokio::test]
async fn a_credit_note_without_an_invoice_or_settled_before_moves_the_account_alone() {
    let (_portal, tenant, tine, browser) = house().await;
    let alone = |note: &mut Value| {
        of("59.50", "50.00", "9.50")(note);
        note.as_object_mut().unwrap().remove("invoice");
    };
    tine.document("credit-note", "GS1", alone).await.status(201);
    let settled = |note: &mut Value| {
        of("59.50", "50.00", "9.50")(note);
        note["settled_before"] = json!({ "amount": samples::euros("59.50"), "date": "2026-11-20" });
    };
    tine.document("credit-note", "GS2", settled).await.status(201);
    assert_eq!(open(&tenant).await["open"]["amount"], "119.00");
    browser.get("/accounts/K5003-EUR").await.status(200).shows("Gutschrift GS2 schon ausgezahlt oder verrechnet");
    books_are_right(&tenant).await;
}

#[tokio::test]
async fn what_a_credit_note_may_not_correct_is_named() {
    let (_portal, tenant, tine, _) = house().await;
    let other = tenant.customer("K1", |_| {}).await;
    for (customer, invoice) in [(&tine, "RE404"), (&other, "RE1")] {
        let mut note = samples::document("credit-note", customer.number());
        note["invoice"] = invoice.into();
        tenant.api.put("/documents/credit-note/GS1", &note).await.status(422).names(&["invoice"]);
    }
    let mut much = samples::document("credit-note", "K5003");
    much["settled_before"] = json!({ "amount": samples::euros("119.01"), "date": "2026-11-20" });
    tenant.api.put("/documents/credit-note/GS1", &much).await.status(422).names(&["settled_before.amount"]);
    assert_eq!(open(&tenant).await["open"]["amount"], "119.00");
    books_are_right(&tenant).await;
}

#[tokio::test]
async fn two_at_once_for_one_invoice_leave_nothing_below_zero() {
    let (_portal, tenant, tine, _) = house().await;
    let issues = (0..6).map(|number| {
        let tine = tine.clone();
        async move { tine.document("credit-note", &format!("GS{number}"), of("59.50", "50.00", "9.50")).await.code() }
    });
    let mut tasks = tokio::task::JoinSet::new();
    issues.for_each(|issue| {
        tasks.spawn(issue);
    });
    while let Some(code) = tasks.join_next().await {
        assert_eq!(code.unwrap(), 201);
    }
    let state = open(&tenant).await;
    assert_eq!((&state["open"]["amount"], &state["credited"]["amount"]), (&json!("0.00"), &json!("119.00")), "{state}");
    books_are_right(&tenant).await;
}

#[tokio::test]
async fn its_pdf_and_data_are_written_once_and_only_for_whom_they_are() {
    let (_portal, tenant, tine, browser) = house().await;
    tine.document("credit-note", "GS1", of("59.50", "50.00", "9.50")).await.status(201);
    let pdf = browser.get("/documents/credit-note/GS1/pdf").await.status(303).file().await;
    assert!(pdf.bytes.starts_with(b"%PDF-") && pdf.disposition.contains("Gutschrift-GS1.pdf"), "{}", pdf.disposition);
    let xml = browser.get("/documents/credit-note/GS1/xml").await.status(303).file().await.text();
    assert!(xml.contains("<ram:TypeCode>381</ram:TypeCode>") && xml.contains("RE1"), "{xml}");
    assert_eq!(browser.get("/documents/credit-note/GS1/pdf").await.file().await.bytes, pdf.bytes);
    // The German rules want more than this one says.
    browser.get("/documents/credit-note/GS1/xml?format=xrechnung").await.status(404);
    tine.document("offer", "AN1", |_| {}).await.status(201);
    assert!(browser.get("/documents/offer/AN1/pdf").await.status(303).file().await.bytes.starts_with(b"%PDF-"));
    browser.get("/documents/offer/AN1/xml").await.status(404);
    let other = tenant.customer("K1", |_| {}).await.login().await;
    for path in ["/documents/credit-note/GS1/pdf", "/documents/credit-note/GS1/xml", "/documents/offer/AN1/pdf"] {
        other.get(path).await.status(404);
    }
}
