//! Mails that come back: the address is marked once, nothing goes there any more, staff and the customer see it, and staff
//! clear it. SES tells it over SNS, for the tenant whose mail it was.

use testkit::{Answer, Customer, Metric, Portal, Return, Tenant, Value, json, minutes};

const ADDRESS: &str = "k5003@example.org";
const NOTICE: &str = "An k5003@example.org konnten wir zuletzt keine E-Mail zustellen. Bitte prüfen Sie die Adresse.";

async fn house() -> (Portal, Tenant, Customer) {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let tine = tenant.customer("K5003", |_| {}).await;
    (portal, tenant, tine)
}

/// A mail that nobody asked for: a released invoice.
async fn writes(portal: &Portal, customer: &Customer, number: &str) {
    customer.invoice(number, |invoice| invoice["notify"] = true.into()).await;
    settle(portal).await;
}

/// Lets the stream and a few minutes do their work.
async fn settle(portal: &Portal) {
    for _ in 0..3 {
        portal.worker.drain().await;
        portal.worker.minute().await;
        portal.clock.advance(minutes(2));
    }
}

async fn states(tenant: &Tenant, number: &str) -> Value {
    tenant.api.get(&format!("/customers/{number}")).await.status(200).json()["email_state"].clone()
}

/// Kinds of what was told of mails that came back, with customer and place.
async fn told(portal: &Portal, tenant: &Tenant) -> Vec<String> {
    portal.clock.advance(minutes(1));
    let feed = tenant.api.get("/events?limit=100").await.status(200).json();
    let items = feed["items"].as_array().unwrap().iter();
    let ours = items.filter(|item| item["kind"].as_str().unwrap().starts_with("customer.email_"));
    let line = |item: &Value| format!("{} {} {}", item["kind"], item["subject"], item["facts"]["address"]);
    ours.map(|item| line(item).replace('"', "").replace("customer.email_", "")).collect()
}

async fn asks_for_code(tenant: &Tenant, email: &str) -> Answer {
    tenant.browser().ask_for_code(email).await
}

#[tokio::test]
async fn an_address_that_bounced_is_marked_once_and_nothing_goes_there_any_more() {
    let (portal, tenant, tine) = house().await;
    let other = portal.tenant("stadtwerke-muster").await;
    let theirs = other.customer("K5003", |_| {}).await;
    writes(&portal, &tine, "RE1").await;
    assert_eq!(states(&tenant, "K5003").await, json!({ "login": "ok", "invoices": "ok" }));

    portal.mail_returns(ADDRESS, Return::Bounce).await;
    let items = portal.items();
    portal.mail_returns(ADDRESS, Return::Bounce).await;
    portal.mail_returns(ADDRESS, Return::Complaint).await;
    assert_eq!(portal.items(), items, "told again, or of something less bad, nothing is noted");
    assert_eq!(portal.told(Metric::MailsBounced), [1]);
    assert_eq!(states(&tenant, "K5003").await, json!({ "login": "bounced", "invoices": "bounced" }));
    assert_eq!(told(&portal, &tenant).await, ["bounced K5003 login"]);

    let before = portal.mailbox.all_to(ADDRESS).len();
    writes(&portal, &tine, "RE2").await;
    assert_eq!(portal.mailbox.all_to(ADDRESS).len(), before, "no invoice");
    asks_for_code(&tenant, ADDRESS).await.redirects("/login/code");
    assert_eq!(portal.mailbox.all_to(ADDRESS).len(), before, "no code, and the page says nothing of it");

    assert_eq!(states(&other, "K5003").await, json!({ "login": "ok", "invoices": "ok" }));
    assert_eq!(told(&portal, &other).await, Vec::<String>::new());
    writes(&portal, &theirs, "RE1").await;
    asks_for_code(&other, ADDRESS).await.redirects("/login/code");
    assert_eq!(portal.mailbox.all_to(ADDRESS).len(), before + 2, "the other tenant's mails go out");
}

#[tokio::test]
async fn a_full_mailbox_is_no_mark() {
    let (portal, tenant, tine) = house().await;
    writes(&portal, &tine, "RE1").await;
    let items = portal.items();
    portal.mail_returns(ADDRESS, Return::SoftBounce).await;
    assert_eq!(portal.items(), items);
    assert_eq!(states(&tenant, "K5003").await["login"], "ok");
}

#[tokio::test]
async fn after_a_complaint_only_what_is_asked_for_goes_out() {
    let (portal, tenant, tine) = house().await;
    writes(&portal, &tine, "RE1").await;
    portal.mail_returns(ADDRESS, Return::Complaint).await;
    assert_eq!(states(&tenant, "K5003").await, json!({ "login": "complained", "invoices": "complained" }));
    assert_eq!(told(&portal, &tenant).await, ["complained K5003 login"]);
    let before = portal.mailbox.all_to(ADDRESS).len();
    writes(&portal, &tine, "RE2").await;
    assert_eq!(portal.mailbox.all_to(ADDRESS).len(), before);
    let browser = tenant.login(ADDRESS).await;
    browser.get("/").await.status(200).hides("konnten wir zuletzt keine E-Mail zustellen");

    portal.mail_returns(ADDRESS, Return::Bounce).await;
    assert_eq!(states(&tenant, "K5003").await["login"], "bounced", "a bounce is worse");
}

#[tokio::test]
async fn the_customer_is_told_until_the_address_is_another_one() {
    let (portal, tenant, tine) = house().await;
    tenant.settings("areas", &json!({ "data": "change" })).await;
    let browser = tine.login().await;
    for page in ["/", "/data"] {
        browser.get(page).await.status(200).hides(NOTICE);
    }
    portal.mail_returns(ADDRESS, Return::Bounce).await;
    for page in ["/", "/data"] {
        let shown = browser.get(page).await.status(200).shows(NOTICE);
        assert_eq!(shown.html().matches("Adresse ändern</a>").count(), 1, "{}", shown.html());
        assert_eq!(shown.link_to("/data/email"), "/data/email");
    }
    tenant.settings("areas", &json!({ "data": "view" })).await;
    let shown = browser.get("/").await.shows(NOTICE);
    assert!(!shown.html().contains("Adresse ändern"), "who may not change it finds no way to");

    let mut moved = testkit::samples::customer("K5003");
    moved["email"] = "neu@example.org".into();
    tenant.put("/customers/K5003", &moved).await;
    for page in ["/", "/data"] {
        browser.get(page).await.status(200).hides("konnten wir zuletzt keine E-Mail zustellen");
    }
    assert_eq!(states(&tenant, "K5003").await, json!({ "login": "ok", "invoices": "ok" }));
    tenant.put("/customers/K5003", &testkit::samples::customer("K5003")).await;
    assert_eq!(states(&tenant, "K5003").await["login"], "bounced", "the mark is the address's and stays");
}

#[tokio::test]
async fn an_address_for_invoices_is_its_customers_alone() {
    let (portal, tenant, _) = house().await;
    let max = tenant.customer("K1", |c| c["invoice_email"] = "Rechnung@müller.example".into()).await;
    tenant.customer("K2", |c| c["email"] = ADDRESS.into()).await;
    let browser = max.login().await;
    writes(&portal, &max, "RE1").await;
    // SES names the host as it was given it.
    portal.mail_returns("Rechnung@xn--mller-kva.example", Return::Bounce).await;
    assert_eq!(states(&tenant, "K1").await, json!({ "login": "ok", "invoices": "bounced" }));
    assert_eq!(told(&portal, &tenant).await, ["bounced K1 invoices"]);
    browser.get("/").await.status(200).shows("An Rechnung@müller.example konnten wir zuletzt keine E-Mail zustellen.");

    // Two customers sign in with the other address: both are told.
    asks_for_code(&tenant, ADDRESS).await.redirects("/login/code");
    portal.mail_returns(ADDRESS, Return::Bounce).await;
    let mut all = told(&portal, &tenant).await;
    all.sort();
    assert_eq!(all, ["bounced K1 invoices", "bounced K2 login", "bounced K5003 login"]);
}

#[tokio::test]
async fn staff_clear_a_mark_for_everybody_who_has_the_address() {
    let (portal, tenant, tine) = house().await;
    let browser = tine.login().await;
    tenant.customer("K2", |c| c["email"] = ADDRESS.into()).await;
    let narrow = tenant.key(&["read"]).await;
    writes(&portal, &tine, "RE1").await;
    portal.mail_returns(ADDRESS, Return::Bounce).await;
    narrow.delete("/customers/K5003/bounce", &json!({})).await.status(403).problem("not_allowed");
    tenant.api.delete("/customers/K9/bounce", &json!({})).await.status(404);
    tenant.api.delete("/customers/K5003/bounce", &json!({})).await.status(204);
    let items = portal.items();
    tenant.api.delete("/customers/K5003/bounce", &json!({})).await.status(204);
    assert_eq!(portal.items(), items, "again is the same");
    for number in ["K5003", "K2"] {
        assert_eq!(states(&tenant, number).await, json!({ "login": "ok", "invoices": "ok" }));
    }
    assert_eq!(portal.items_like("A#BOUNCE"), 0);
    let cleared = told(&portal, &tenant).await.into_iter().filter(|line| line.starts_with("bounce_cleared")).count();
    assert_eq!(cleared, 2);
    let before = portal.mailbox.all_to(ADDRESS).len();
    writes(&portal, &tine, "RE2").await;
    assert_eq!(portal.mailbox.all_to(ADDRESS).len(), before + 1);
    browser.get("/").await.status(200).hides("konnten wir zuletzt keine E-Mail zustellen");
    portal.mail_returns(ADDRESS, Return::Bounce).await;
    assert_eq!(states(&tenant, "K5003").await["login"], "bounced", "what comes back later counts again");
}

#[tokio::test]
async fn what_names_no_tenant_of_ours_or_cannot_be_read_changes_nothing() {
    let (portal, tenant, tine) = house().await;
    writes(&portal, &tine, "RE1").await;
    let genuine = portal.cloud().mailbox().returned(ADDRESS, Return::Bounce).unwrap();
    let told: Value = serde_json::from_str(genuine["Records"][0]["Sns"]["Message"].as_str().unwrap()).unwrap();
    let with = |change: &dyn Fn(&mut Value)| {
        let mut told = told.clone();
        change(&mut told);
        told.to_string()
    };
    let items = portal.items();
    for message in [
        String::new(),
        "{".to_owned(),
        "[]".to_owned(),
        with(&|told| told["mail"]["tags"] = json!({})),
        with(&|told| told["mail"]["tags"]["tenant"] = json!(["ten_01AAAAAAAAAAAAAAAAAAAAAAAA"])),
        with(&|told| told["mail"]["tags"]["tenant"] = json!(["T#x"])),
        with(&|told| told["mail"]["tags"]["tenant"] = json!([7])),
        with(&|told| told["bounce"]["bouncedRecipients"][0]["emailAddress"] = json!("nobody")),
        with(&|told| told["bounce"]["bouncedRecipients"] = json!([])),
        with(&|told| told["eventType"] = json!("Delivery")),
    ] {
        let event = json!({ "Records": [{ "EventSource": "aws:sns", "Sns": { "Message": message } }] });
        portal.told_by_ses(event).await;
    }
    portal.told_by_ses(json!({ "Records": [{ "EventSource": "aws:sns" }] })).await;
    assert_eq!(portal.items(), items);
    assert_eq!(states(&tenant, "K5003").await["login"], "ok");
    assert!(portal.worker.dead_letters().is_empty(), "{:?}", portal.worker.dead_letters());
    assert!(portal.log_lines().iter().all(|line| !line.contains(ADDRESS)), "no address is logged");
    portal.told_by_ses(genuine).await;
    assert_eq!(states(&tenant, "K5003").await["login"], "bounced");
}
