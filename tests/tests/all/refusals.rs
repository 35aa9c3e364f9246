//! Sessions, hosts, sizes and loads that are refused, each with what was stored.

use testkit::{Api, Portal, Request, Value, hours, json, minutes, samples};

#[tokio::test]
async fn a_forged_session_is_nobodys() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let tine = tenant.customer("K5003", |_| {}).await;
    let browser = tine.login().await;
    let token = browser.cookie("kk_session").unwrap();
    let program = tine.token().await;
    let items = portal.items();
    let (head, signature) = token.rsplit_once('.').unwrap();
    let (header, claims) = head.split_once('.').unwrap();
    let flipped = if signature.starts_with('A') { "B" } else { "A" };
    for forged in [
        format!("{head}.{flipped}{}", &signature[1..]),
        format!("{header}.{}.{signature}", &claims[1..]),
        format!("{head}."),
        "eyJhbGciOiJub25lIn0.e30.".to_owned(),
        "x".repeat(3_000),
    ] {
        browser.set_cookie("kk_session", &forged);
        browser.get("/invoices").await.redirects("/login?return_to=%2Finvoices").hides("Rechnung");
        let answer = Api::new(&portal, &tenant.host(), &forged).get("/api/v1/invoices").await;
        answer.status(401).problem("login_needed").has("www-authenticate", "Bearer");
    }
    // A browser's token is no bearer token and the other way round.
    Api::new(&portal, &tenant.host(), &token).get("/api/v1/invoices").await.status(401).problem("login_needed");
    browser.set_cookie("kk_session", program.token());
    browser.get("/invoices").await.redirects("/login?return_to=%2Finvoices");
    assert_eq!(portal.items(), items);
}

#[tokio::test]
async fn a_stale_session_ends_after_thirty_idle_minutes_and_after_twelve_hours() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let tine = tenant.customer("K5003", |_| {}).await;
    let (idle, busy) = (tine.login().await, tine.login().await);
    let program = tine.token().await;
    let items = portal.items();
    portal.clock.advance(minutes(30));
    idle.get("/invoices").await.redirects("/login?return_to=%2Finvoices");
    idle.get("/login?return_to=%2Finvoices").await.status(200).shows("Ihre Anmeldung ist abgelaufen.");
    busy.get("/invoices").await.redirects("/login?return_to=%2Finvoices");
    program.get("/api/v1/invoices").await.status(200);
    portal.clock.advance(hours(12));
    program.get("/api/v1/invoices").await.status(401).problem("login_needed");
    assert_eq!(portal.items(), items);
}

#[tokio::test]
async fn an_ended_session_stays_ended_even_with_its_genuine_token() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let tine = tenant.customer("K5003", |_| {}).await;
    let browser = tine.login().await;
    browser.get("/").await.status(200);
    let token = browser.cookie("kk_session").unwrap();
    let items = portal.items();
    browser.post("/logout", &[]).await.redirects("/login");
    assert_eq!(portal.items(), items - 1, "the session is gone");
    browser.set_cookie("kk_session", &token);
    browser.get("/invoices").await.redirects("/login?return_to=%2Finvoices");
    let program = tine.token().await;
    program.delete("/api/v1/session", &json!({})).await.status(204);
    program.get("/api/v1/invoices").await.status(401).problem("login_needed");
    assert_eq!(portal.items_like("SESS#"), 0);
}

#[tokio::test]
async fn a_foreign_host_is_told_nothing() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let key = tenant.api.token().to_owned();
    let items = portal.items();
    for host in [
        "evil.example",
        "webhosting-ag.evil.example",
        "stadtwerke.localhost:9000",
        "127.0.0.1:9000",
        "[::1]:9000",
        "localhost:9000",
    ] {
        for path in ["/", "/login", "/invoices", "/imprint", "/nowhere"] {
            let answer = portal.ask(Request::new("GET", host, path)).await.status(404).problem("not_found");
            let text = answer.html().to_lowercase();
            assert!(!text.contains("webhosting") && !text.contains("anmelden"), "{host}{path}: {text}");
        }
        let asked =
            Request::new("GET", host, "/api/admin/v1/customers").header("authorization", &format!("Bearer {key}"));
        portal.ask(asked).await.status(404).problem("not_found");
        // What a proxy could have said counts for nothing.
        let asked = Request::new("GET", host, "/login")
            .header("x-forwarded-host", &tenant.host())
            .header("x-kk-host", &tenant.host());
        portal.ask(asked).await.status(404).problem("not_found");
    }
    assert_eq!(portal.items(), items);
}

#[tokio::test]
async fn a_body_of_eleven_megabytes_is_refused_at_the_door() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let items = portal.items();
    let answer = tenant.api.import("/customers:import", &" ".repeat(11 * 1024 * 1024)).await.status(413);
    assert_eq!(answer.json(), json!({ "message": "Request Entity Too Large" }));
    let browser = tenant.browser();
    browser.post("/login", &[("email", &"a".repeat(11 * 1024 * 1024))]).await.status(413);
    assert_eq!(portal.items(), items);
}

#[tokio::test]
async fn an_event_over_six_megabytes_is_refused_at_the_door() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let items = portal.items();
    // As base64 five megabytes are more than six.
    let answer = tenant.api.import("/customers:import", &" ".repeat(5 * 1024 * 1024)).await.status(413);
    assert_eq!(answer.json(), json!({ "message": "Request Entity Too Large" }));
    // What passes the door is still more than an import may be, and more than a form by far.
    let large = tenant.api.import("/customers:import", &" ".repeat(4 * 1024 * 1024 + 1)).await;
    large.status(413).problem("too_large");
    let form = tenant.browser().post("/login", &[("email", &"a".repeat(65 * 1024))]).await;
    form.status(413).problem("too_large").shows("zu groß");
    assert_eq!(portal.items(), items);
}

#[tokio::test]
async fn a_broken_line_is_reported_with_its_number_and_the_good_ones_are_in() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    tenant.customer("K0", |_| {}).await;
    let items = portal.items();
    tenant.customer("K1", |_| {}).await;
    let per_customer = portal.items() - items;
    let lines = [
        samples::line("K2", samples::customer("K2")),
        "{\"number\": \"K3\", \"company\": ".to_owned(),
        String::new(),
        samples::line("K4", json!({ "company": 7 })),
        "[]".to_owned(),
        samples::line("K5", samples::customer("K5")),
    ];
    let items = portal.items();
    let result = tenant.api.import("/customers:import", &lines.join("\n")).await.status(200).json();
    assert_eq!(result["failed"], 3, "{result}");
    let told: Vec<(u64, &str, &str)> = result["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| {
            (
                line["line"].as_u64().unwrap(),
                line["outcome"].as_str().unwrap(),
                line["errors"][0]["code"].as_str().unwrap_or(""),
            )
        })
        .collect();
    let wanted = [
        (1, "created", ""),
        (2, "failed", "malformed"),
        (4, "failed", "invalid"),
        (5, "failed", "invalid"),
        (6, "created", ""),
    ];
    assert_eq!(told, wanted, "{result}");
    assert_eq!(portal.items() - items, 2 * per_customer);
    tenant.api.get("/customers/K4").await.status(404).problem("not_found");
}

#[tokio::test]
async fn an_invoice_sent_again_with_another_amount_is_refused() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let tine = tenant.customer("K5003", |_| {}).await;
    tine.invoice("RE1000", |_| {}).await.status(201);
    let items = portal.items();
    tine.invoice("RE1000", |_| {}).await.status(200);
    let mut other = samples::invoice("K5003");
    other["lines"][0]["unit_price"] = "200.00".into();
    other["lines"][0]["net"] = samples::euros("200.00");
    other["taxes"][0]["net"] = samples::euros("200.00");
    other["taxes"][0]["tax"] = samples::euros("38.00");
    (other["net"], other["tax"], other["gross"]) =
        (samples::euros("200.00"), samples::euros("38.00"), samples::euros("238.00"));
    let refused = tenant.api.put("/invoices/RE1000", &other).await.status(409).problem("conflict");
    refused.names(&["lines", "taxes", "net", "tax", "gross"]);
    let line = samples::line("RE1000", other);
    let result = tenant.api.import("/invoices:import", &line).await.status(200).json();
    assert_eq!((result["failed"].as_u64(), &result["results"][0]["errors"][0]["code"]), (Some(1), &"immutable".into()));
    assert_eq!(portal.items(), items);
    let shown = tenant.api.get("/invoices/RE1000").await.status(200).json();
    assert_eq!(shown["facts"]["gross"], samples::euros("119.00"));
}

#[tokio::test]
async fn an_invoice_without_what_paragraph_14_needs_is_refused_with_every_field_named() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    tenant.customer("K5003", |_| {}).await;
    let items = portal.items();
    let empty = tenant.api.put("/invoices/RE1", &json!({})).await.status(422).problem("invalid");
    for field in ["customer", "issued_on", "due_on", "lines", "taxes", "net", "tax", "gross"] {
        assert!(empty.fields().iter().any(|named| named == field), "{field}: {:?}", empty.fields());
    }
    for (path, field) in [
        ("/issued_on", "issued_on"),
        ("/due_on", "due_on"),
        ("/buyer/city", "buyer.city"),
        ("/buyer/company", "buyer.company"),
        ("/lines/0/description", "lines[0].description"),
        ("/lines/0/quantity", "lines[0].quantity"),
        ("/lines/0/tax_rate", "lines[0].tax_rate"),
        ("/taxes", "taxes"),
        ("/net", "net"),
        ("/gross", "gross"),
    ] {
        let refused = tenant.api.put("/invoices/RE1", &lacking(path)).await.status(422).problem("invalid");
        assert!(refused.fields().iter().any(|named| named == field), "{path}: {:?}", refused.fields());
    }
    let mut no_period = samples::invoice("K5003");
    no_period.as_object_mut().unwrap().remove("period");
    let refused = tenant.api.put("/invoices/RE1", &no_period).await.status(422).problem("invalid");
    assert!(!refused.fields().is_empty());
    assert_eq!(portal.items(), items, "nothing of it is in");
    let bare = portal.bare_tenant("ohne-daten").await;
    bare.customer("K5003", |_| {}).await;
    let items = portal.items();
    let refused = bare.api.put("/invoices/RE1", &samples::invoice("K5003")).await.status(422).problem("invalid");
    for field in ["seller.name", "seller.street", "seller.postal_code", "seller.city"] {
        assert!(refused.fields().iter().any(|named| named == field), "{field}: {:?}", refused.fields());
    }
    assert!(
        refused
            .fields()
            .iter()
            .any(|named| named.starts_with("seller.") && named.contains("tax") || named.contains("vat"))
    );
    assert_eq!(portal.items(), items);
}

#[tokio::test]
async fn an_invoice_with_a_wrong_account_or_period_is_refused() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    tenant.customer("K5003", |_| {}).await;
    let mut facts = samples::invoice("K5003");
    facts["seller"] = samples::company("webhosting-ag");
    facts["seller"]["bank"] = json!({ "holder": "Max von Musterhausen", "iban": "DE123456789" });
    facts["lines"][0]["period"] = json!({ "from": "2026-11-30", "to": "2026-11-01" });
    let refused = tenant.api.put("/invoices/RE1", &facts).await.status(422).problem("invalid");
    refused.names(&["seller.bank.iban", "lines[0].period.to"]);
    facts["seller"]["bank"]["iban"] = "DE02120300000000202051".into();
    facts["lines"][0]["period"] = json!({ "from": "2026-11-01", "to": "2026-11-01" });
    tenant.api.put("/invoices/RE1", &facts).await.status(201);
}

/// A good invoice without one of its parts.
fn lacking(path: &str) -> Value {
    let mut facts = samples::invoice("K5003");
    let (parent, name) = path.rsplit_once('/').unwrap();
    facts.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name);
    facts
}
