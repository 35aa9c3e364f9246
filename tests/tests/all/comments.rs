//! Comments on documents and invoices: written once each by a customer or staff, plain text everywhere, told to the other side,
//! and nobody else's.

use testkit::{Answer, Browser, Customer, Portal, Tenant, Value, json, minutes, seconds};

const OFFER: &str = "/documents/offer/AN1";
const COMPANY: &str = "service@webhosting-ag.example";
const MARKUP: &str = "<script>alert(1)</script> **fett** #strong[x] {{ code }}\n\nhttps://evil.example";

/// A tenant and a customer with an offer and an invoice.
struct House {
    portal: Portal,
    tenant: Tenant,
    tine: Customer,
}

impl House {
    async fn built() -> Self {
        let portal = Portal::start().await;
        let tenant = portal.tenant("webhosting-ag").await;
        let tine = tenant.customer("K5003", |_| {}).await;
        tine.invoice("RE1", |_| {}).await;
        tine.document("offer", "AN1", |_| {}).await;
        Self { portal, tenant, tine }
    }

    async fn work(&self) {
        for _ in 0..3 {
            self.portal.worker.drain().await;
            self.portal.worker.minute().await;
            self.portal.clock.advance(minutes(1));
        }
    }

    /// What staff read.
    async fn texts(&self, document: &str) -> Vec<String> {
        let path = format!("/documents/{document}/comments");
        let read = self.tenant.api.get(&path).await.status(200).json();
        let items = read["items"].as_array().unwrap().iter();
        items.map(|item| format!("{}: {}", item["by"], item["text"]).replace('"', "")).collect()
    }

    async fn answers(&self, document: &str, body: &Value) -> Answer {
        self.tenant.api.post(&format!("/documents/{document}/comments"), body).await
    }

    async fn told(&self) -> Vec<Value> {
        self.portal.clock.advance(seconds(31));
        let feed = self.tenant.api.get("/events?limit=100").await.status(200).json();
        let items = feed["items"].as_array().unwrap().iter();
        items.filter(|item| item["kind"] == "document.commented").cloned().collect()
    }
}

/// Opens a page and sends its form.
async fn writes(browser: &Browser, page: &str, text: &str) -> Answer {
    let shown = browser.get(page).await.status(200);
    let action = shown.html().split("action=\"").find_map(|rest| {
        let action = rest.split('"').next()?;
        action.ends_with("/comments").then(|| action.to_owned())
    });
    browser.post(&action.unwrap(), &[("id", &shown.field("id")), ("comment", text)]).await
}

#[tokio::test]
async fn a_customer_and_staff_write_to_each_other_and_each_is_told_once() {
    let house = House::built().await;
    let browser = house.tine.login().await;
    let sent = writes(&browser, OFFER, "Kommen Sie am Montag?\r\n\r\nGruß, Tine").await.redirects(OFFER);
    browser.follow(&sent).await.status(200).shows("Ihr Kommentar ist bei uns.").shows("Kommen Sie am Montag?");
    assert_eq!(house.texts("offer/AN1").await, ["customer: Kommen Sie am Montag?\\n\\nGruß, Tine"]);
    house.work().await;
    let mail = house.portal.mailbox.last_to(COMPANY);
    assert_eq!(mail.subject, "Webhosting Ag: Kommentar von Kunde K5003 zu Angebot AN1");
    assert!(mail.text.as_ref().unwrap().contains("> Kommen Sie am Montag?\r\n> \r\n> Gruß, Tine"), "{mail:?}");

    let answer = json!({ "text": "Gern.", "name": "Frau Petersen" });
    let written = house.answers("offer/AN1", &answer).await.status(201).json();
    assert_eq!((&written["by"], &written["name"]), (&json!("staff"), &json!("Frau Petersen")));
    house.work().await;
    let mail = house.portal.mailbox.last_to(house.tine.email());
    assert_eq!(mail.subject, "Webhosting Ag: neuer Kommentar zu Angebot AN1");
    let text = mail.text.clone().unwrap();
    assert!(text.contains("Frau Petersen hat Ihnen") && text.contains("> Gern."), "{text}");
    assert!(text.contains(&format!("{}{OFFER}", house.tenant.origin())), "{text}");
    browser.get(OFFER).await.status(200).shows("Frau Petersen, Webhosting Ag").shows("Gern.");
    let program = house.tine.token().await.get(&format!("/api/v1{OFFER}")).await.status(200).json();
    assert_eq!(program["comments"].as_array().unwrap().len(), 2, "{program}");
    assert_eq!(house.portal.mailbox.all_to(COMPANY).len(), 1);

    let told = house.told().await;
    let actors: Vec<String> = told.iter().map(|event| event["actor"].to_string().replace('"', "")).collect();
    assert_eq!(actors, ["customer", "integrator"], "{told:?}");
    assert_eq!(
        (&told[0]["subject"], &told[0]["facts"]["type"], &told[0]["way"]),
        (&json!("AN1"), &json!("offer"), &json!("page"))
    );
    assert!(!json!(told).to_string().contains("Montag"), "the feed tells nothing of the text: {told:?}");
}

#[tokio::test]
async fn an_invoice_is_commented_likewise_and_the_mail_goes_where_the_tenant_wants_it() {
    let house = House::built().await;
    let inbox = json!({ "comments_to": "vertrieb@webhosting-ag.example" });
    assert_eq!(
        house.tenant.settings("documents", &inbox).await.status(200).json()["comments_to"],
        inbox["comments_to"]
    );
    house.portal.clock.advance(seconds(61));
    let browser = house.tine.login().await;
    writes(&browser, "/invoices/RE1", "Zu hoch?").await.redirects("/invoices/RE1");
    browser.get("/invoices/RE1").await.status(200).shows("Zu hoch?");
    assert_eq!(house.texts("invoice/RE1").await, ["customer: Zu hoch?"]);
    assert!(house.texts("offer/AN1").await.is_empty());
    house.work().await;
    assert!(house.portal.mailbox.last_to("vertrieb@webhosting-ag.example").subject.contains("Rechnung RE1"));
    assert!(house.portal.mailbox.all_to(COMPANY).is_empty());
    let wrong = json!({ "comments_to": "nobody" });
    house.tenant.api.put("/settings/documents", &wrong).await.status(422).names(&["comments_to"]);
}

#[tokio::test]
async fn a_form_that_is_sent_twice_is_one_comment_and_one_that_was_changed_is_another() {
    let house = House::built().await;
    let browser = house.tine.login().await;
    let id = browser.get(OFFER).await.field("id");
    let action = format!("{OFFER}/comments");
    let fields = [("id", id.as_str()), ("comment", "Einmal")];
    let both = tokio::join!(browser.post(&action, &fields), browser.post(&action, &fields));
    for sent in [both.0, both.1, browser.post(&action, &fields).await] {
        sent.redirects(OFFER);
    }
    browser.post(&action, &[("id", &id), ("comment", "Noch etwas")]).await.redirects(OFFER);
    let mut texts = house.texts("offer/AN1").await;
    texts.sort();
    assert_eq!(texts, ["customer: Einmal", "customer: Noch etwas"]);
    house.work().await;
    assert_eq!(house.portal.mailbox.all_to(COMPANY).len(), 2);

    let program = house.tine.token().await;
    let ask = |text: &str| {
        let request = program.request("POST", &format!("/api/v1{action}")).header("idempotency-key", "k-1");
        house.portal.ask(request.json(&json!({ "text": text })))
    };
    let first = ask("Programm").await.status(201).json();
    assert_eq!(ask("Programm").await.status(201).json(), first);
    ask("Anders").await.status(422).names(&["Idempotency-Key"]);
    let staff = || house.tenant.api.request("POST", "/documents/offer/AN1/comments").header("idempotency-key", "k-1");
    let body = json!({ "text": "Antwort" });
    let answered = house.portal.ask(staff().json(&body)).await.status(201).json();
    assert_eq!(house.portal.ask(staff().json(&body)).await.status(201).json(), answered);
    assert_eq!(house.texts("offer/AN1").await.len(), 4);
}

#[tokio::test]
async fn a_text_stays_text_on_the_page_and_in_the_mail() {
    let house = House::built().await;
    let browser = house.tine.login().await;
    writes(&browser, OFFER, MARKUP).await.redirects(OFFER);
    house.answers("offer/AN1", &json!({ "text": MARKUP, "name": "<b>Petersen</b>" })).await.status(201);
    let page = browser.get(OFFER).await.status(200).shows("<script>alert(1)</script> **fett** #strong[x]");
    for wrong in ["<script>alert", "<b>Petersen", "href=\"https://evil", "<strong>fett"] {
        assert!(!page.html().contains(wrong), "{wrong}: {}", page.html());
    }
    house.work().await;
    for address in [COMPANY, house.tine.email()] {
        let mail = house.portal.mailbox.last_to(address);
        let (text, html) = (mail.text.clone().unwrap(), mail.html.clone().unwrap());
        assert!(
            text.contains("> <script>alert(1)</script> **fett** #strong[x] {{ code }}\r\n> \r\n> https: //evil"),
            "{text}"
        );
        assert!(
            !html.contains("<script") && !html.contains("<strong>fett") && !html.contains("//evil.example\""),
            "{html}"
        );
    }
}

#[tokio::test]
async fn what_is_wrong_is_told_beside_the_field_and_nothing_is_lost() {
    let house = House::built().await;
    let browser = house.tine.login().await;
    let long = "ä".repeat(2_001);
    for (text, message) in [
        (" \r\n ", "Schreiben Sie, was Sie uns sagen möchten."),
        (long.as_str(), "Kürzen Sie den Kommentar auf höchstens 2000 Zeichen."),
        ("a\u{7}b", "unsichtbare Steuerzeichen"),
    ] {
        let again = writes(&browser, OFFER, text).await.status(422).shows(message);
        assert!(again.html().contains("aria-describedby=\"comment-hint comment-error\""), "{}", again.html());
        assert!(again.html().contains("Angebot AN1"), "the document stands around it");
    }
    assert!(writes(&browser, OFFER, &long).await.html().contains(&long));
    let program = house.tine.token().await;
    let path = format!("/api/v1{OFFER}/comments");
    for text in [" ", &long] {
        program.post(&path, &json!({ "text": text })).await.status(422).names(&["text"]);
    }
    program.post(&path, &json!({ "body": "x" })).await.status(422);
    house.answers("offer/AN1", &json!({ "text": "" })).await.status(422).names(&["text"]);
    let name = json!({ "text": "x", "name": "x".repeat(81) });
    house.answers("offer/AN1", &name).await.status(422).names(&["name"]);
    assert!(house.texts("offer/AN1").await.is_empty());
}

#[tokio::test]
async fn a_customer_writes_so_much_in_an_hour_and_a_document_holds_so_much() {
    let house = House::built().await;
    let browser = house.tine.login().await;
    for number in 0..20 {
        writes(&browser, OFFER, &format!("Kommentar {number}")).await.redirects(OFFER);
    }
    let refused = writes(&browser, OFFER, "Einer zu viel").await.status(429).shows("in einer Stunde noch einmal");
    assert!(refused.html().contains("Einer zu viel"), "{}", refused.html());
    let program = house.tine.token().await;
    let refused = program.post("/api/v1/documents/invoice/RE1/comments", &json!({ "text": "x" })).await;
    assert_eq!(refused.status(429).problem("too_many_requests").header("retry-after"), "3600");
    for number in 20..200 {
        house.answers("offer/AN1", &json!({ "text": format!("Antwort {number}") })).await.status(201);
    }
    house.answers("offer/AN1", &json!({ "text": "Einer zu viel" })).await.status(422).names(&["text"]);
    assert_eq!(house.texts("offer/AN1").await.len(), 200);
    house.portal.clock.advance(minutes(61));
    let browser = house.tine.login().await;
    browser.get(OFFER).await.status(200).shows("Kommentar 19").hides("Kommentar senden");
    let late = browser.post(&format!("{OFFER}/comments"), &[("comment", "Noch einer")]).await;
    late.status(422).shows("schon 200 Kommentare");
}

#[tokio::test]
async fn where_the_tenant_wants_no_comments_there_is_no_form_and_no_address() {
    let house = House::built().await;
    let browser = house.tine.login().await;
    writes(&browser, OFFER, "Davor").await.redirects(OFFER);
    house.tenant.settings("documents", &json!({ "actions": { "comment": false } })).await.status(200);
    house.portal.clock.advance(seconds(61));
    browser.get(OFFER).await.status(200).shows("Davor").hides("Kommentar senden");
    let program = house.tine.token().await;
    for document in ["offer/AN1", "invoice/RE1"] {
        let path = format!("/documents/{document}/comments");
        browser.post(&path, &[("comment", "Danach")]).await.status(404).problem("not_found");
        program.post(&format!("/api/v1{path}"), &json!({ "text": "Danach" })).await.status(404).problem("not_found");
    }
    assert_eq!(house.texts("offer/AN1").await, ["customer: Davor"]);
    // Kinds and areas that are shut take theirs along.
    house.tenant.settings("documents", &json!({ "types": ["invoice"], "actions": { "comment": true } })).await;
    house.portal.clock.advance(seconds(61));
    browser.get("/invoices").await.status(200);
    browser.post(&format!("{OFFER}/comments"), &[("comment", "Danach")]).await.status(404);
    browser.post("/documents/invoice/RE1/comments", &[("comment", "Danach")]).await.redirects("/invoices/RE1");
}

#[tokio::test]
async fn another_customers_document_is_the_same_404_as_none_and_a_link_shows_no_comments() {
    let house = House::built().await;
    house.answers("offer/AN1", &json!({ "text": "Vertraulich" })).await.status(201);
    let other = house.tenant.customer("K1", |_| {}).await;
    let (browser, program) = (other.login().await, other.token().await);
    browser.get("/documents").await.status(200);
    for number in ["AN1", "AN9"] {
        let path = format!("/documents/offer/{number}/comments");
        browser.post(&path, &[("comment", "x")]).await.status(404).problem("not_found");
        program.post(&format!("/api/v1{path}"), &json!({ "text": "x" })).await.status(404).problem("not_found");
    }
    for path in ["/documents/offer/AN9/comments", "/documents/letter/AN1/comments", "/documents/invoice/RE9/comments"] {
        house.tenant.api.get(path).await.status(404);
        house.tenant.api.post(path, &json!({ "text": "x" })).await.status(404);
    }
    let facts = json!({ "purpose": "document", "customer": "K5003", "document": "AN1", "document_type": "offer" });
    let link = house.tenant.api.post("/links", &facts).await.status(201).json();
    let path = link["url"].as_str().unwrap().strip_prefix(&house.tenant.origin()).unwrap().to_owned();
    house.tenant.browser().get(&path).await.status(200).shows("AN1").hides("Vertraulich").hides("Kommentar");
}

#[tokio::test]
async fn whoever_has_no_address_is_not_told_and_nothing_waits() {
    let house = House::built().await;
    let company = json!({ "email": null });
    house.tenant.settings("company", &company).await;
    house.portal.clock.advance(seconds(61));
    let browser = house.tine.login().await;
    let mails = house.portal.mailbox.count();
    writes(&browser, OFFER, "Hallo?").await.redirects(OFFER);
    house.work().await;
    assert_eq!(house.portal.mailbox.count(), mails);
    assert_eq!(house.portal.items_like("OUT#"), 1, "it is written down and ended");
    assert_eq!(house.portal.worker.dead_letters().len(), 0);
}
