//! Contracts are paused, resumed, cancelled and taken back: by their customer on pages and over the API, and by staff.

use testkit::{Api, Browser, Customer, Portal, Tenant, Value, hours, json};

struct House {
    portal: Portal,
    tenant: Tenant,
    tine: Customer,
}

impl House {
    /// A tenant whose customers may pause, with contract 1: a month's notice to the end of the month. It is 22 November 2026.
    async fn built() -> Self {
        let portal = Portal::start().await;
        let tenant = portal.tenant("webhosting-ag").await;
        tenant.settings("areas", &json!({ "pause": "change" })).await.status(200);
        let tine = tenant.customer("K5003", |_| {}).await;
        tine.contract("1", |_| {}).await;
        Self { portal, tenant, tine }
    }

    /// What staff see of contract 1.
    async fn contract(&self) -> Value {
        self.tenant.api.get("/customers/K5003/subscriptions/1").await.status(200).json()
    }

    /// What was done with contract 1, as the feed tells it.
    async fn told(&self) -> Vec<Value> {
        self.portal.clock.advance(testkit::minutes(1));
        let events = self.tenant.api.get("/events?limit=100").await.status(200).json();
        let items = events["items"].as_array().unwrap().iter();
        let done = |one: &&Value| {
            let kind = one["kind"].as_str().unwrap_or_default();
            kind.starts_with("subscription.") && kind != "subscription.created"
        };
        items.filter(done).cloned().collect()
    }

    /// Sorted: in a test all of it happens at one moment.
    async fn kinds(&self) -> Vec<String> {
        let name = |one: &Value| one["kind"].as_str().unwrap_or_default().replace("subscription.", "");
        let mut kinds: Vec<String> = self.told().await.iter().map(name).collect();
        kinds.sort();
        kinds
    }
}

/// Opens the page and presses „jetzt kündigen".
async fn cancels(browser: &Browser, number: &str, fields: &[(&str, &str)]) -> testkit::Answer {
    let path = format!("/contracts/{number}/cancel");
    let shown = browser.get(&path).await.status(200).field("shown");
    browser.post(&path, &[&[("shown", shown.as_str())], fields].concat()).await
}

#[tokio::test]
async fn a_contract_is_cancelled_for_the_day_that_was_shown_and_taken_back() {
    let house = House::built().await;
    let browser = house.tine.login().await;
    browser.get("/contracts/1").await.status(200).shows("Wenn Sie heute kündigen, endet der Vertrag am 31.12.2026.");
    let question = browser.get("/contracts/1/cancel").await.status(200);
    question.shows("endet der Vertrag am 31.12.2026").shows("1 Monat zum Monatsende").shows("jetzt kündigen");
    let sent = cancels(&browser, "1", &[("ends_on", ""), ("reason", "Wir <b>ziehen</b> um.")]).await;
    let done = browser.follow(&sent.redirects("/contracts/1/cancel/confirmation")).await.status(200);
    done.shows("Ihr Vertrag ist gekündigt")
        .shows("31.12.2026")
        .shows("Wir <b>ziehen</b> um.")
        .shows("kommt per E-Mail");
    browser
        .get("/contracts/1")
        .await
        .shows("endet am 31.12.2026")
        .shows("Kündigung zurücknehmen")
        .hides("Vertrag kündigen</a>");

    let cancellation = house.contract().await["declared"]["cancellation"].clone();
    assert_eq!((&cancellation["ends_on"], &cancellation["by"]), (&json!("2026-12-31"), &json!("customer")));
    browser
        .get("/contracts/1/take-back")
        .await
        .status(200)
        .shows("gilt sie nicht mehr, und der Vertrag besteht weiter");
    for _ in 0..2 {
        browser.post("/contracts/1/take-back", &[]).await.redirects("/contracts/1");
    }
    browser.get("/contracts/1").await.hides("endet am 31.12.2026").shows("Vertrag kündigen");
    assert_eq!(house.contract().await["declared"]["cancellation"], Value::Null);
    let told = house.told().await;
    let told = told.iter().find(|one| one["kind"] == "subscription.cancelled").unwrap();
    assert_eq!(house.kinds().await, ["cancellation_taken_back", "cancelled"]);
    assert_eq!((&told["actor"], &told["way"]), (&json!("customer"), &json!("page")));
    let changes = json!([
        { "field": "reason", "from": "", "to": "Wir <b>ziehen</b> um." },
        { "field": "phase", "from": "active", "to": "cancelled" },
        { "field": "ends_on", "from": "", "to": "2026-12-31" },
    ]);
    assert_eq!(told["changes"], changes);
}

#[tokio::test]
async fn pressing_twice_cancels_once() {
    let house = House::built().await;
    let browser = house.tine.login().await;
    let shown = browser.get("/contracts/1/cancel").await.field("shown");
    let fields = [("shown", shown.as_str()), ("ends_on", ""), ("reason", "")];
    let both = tokio::join!(browser.post("/contracts/1/cancel", &fields), browser.post("/contracts/1/cancel", &fields));
    for sent in [both.0, both.1, browser.post("/contracts/1/cancel", &fields).await] {
        sent.redirects("/contracts/1/cancel/confirmation");
    }
    browser.get("/contracts/1/cancel").await.redirects("/contracts/1");
    browser.get("/contracts/1").await.shows("Das ist hier zurzeit nicht möglich");
    let other = [("shown", shown.as_str()), ("ends_on", "2027-01-31"), ("reason", "")];
    browser.post("/contracts/1/cancel", &other).await.redirects("/contracts/1");
    assert_eq!(house.kinds().await, ["cancelled"]);
}

#[tokio::test]
async fn nobody_cancels_for_another_day_than_was_seen() {
    let house = House::built().await;
    let browser = house.tine.login().await;
    let shown = browser.get("/contracts/1/cancel").await.field("shown");
    house.portal.clock.advance(hours(24 * 10));
    let browser = house.tine.login().await;
    browser.get("/contracts/1/cancel").await.status(200).shows("endet der Vertrag am 31.01.2027");
    let late = [("shown", shown.as_str()), ("ends_on", ""), ("reason", "Umzug")];
    let again = browser.post("/contracts/1/cancel", &late).await.status(422);
    assert!(again.shows("Der früheste Tag ist inzwischen der 31.01.2027").html().contains(">Umzug</textarea>"));
    assert_eq!(house.contract().await["declared"], Value::Null);
}

#[tokio::test]
async fn what_is_typed_wrongly_is_said_at_the_field_and_kept() {
    let house = House::built().await;
    let browser = house.tine.login().await;
    let long = "x".repeat(1_001);
    for (ends_on, reason, message) in [
        ("morgen", "Umzug", "Geben Sie einen Tag wie 31.12.2026 ein"),
        ("2026-12-30", "Umzug", "Der nächste mögliche Tag ist der 31.12.2026."),
        ("2027-02-27", "Umzug", "Der nächste mögliche Tag ist der 28.02.2027."),
        ("2999-12-31", "Umzug", "Der letzte mögliche Tag ist der 22.11.2036."),
        ("", long.as_str(), "Kürzen Sie den Grund auf höchstens 1000 Zeichen."),
    ] {
        let answer = cancels(&browser, "1", &[("ends_on", ends_on), ("reason", reason)]).await.status(422);
        let html = answer.shows(message).html();
        for kept in [format!("value=\"{ends_on}\""), format!(">{reason}</textarea>")] {
            assert!(html.contains(&kept), "{kept}");
        }
    }
    let sent = cancels(&browser, "1", &[("ends_on", "31.03.2027"), ("reason", "")]).await;
    sent.redirects("/contracts/1/cancel/confirmation");
    assert_eq!(house.contract().await["declared"]["cancellation"]["ends_on"], json!("2027-03-31"));
}

#[tokio::test]
async fn a_trial_ends_by_the_tenants_setting() {
    for (rule, ends_on) in [("end_of_trial", "2026-12-05"), ("at_once", "2026-11-22")] {
        let house = House::built().await;
        let trial = json!({ "name": "trial", "until": "2026-12-05" });
        house.tine.contract("2", |contract| contract["phase"] = trial).await;
        house.tenant.settings("contracts", &json!({ "cancel_in_trial": rule })).await.status(200);
        let browser = house.tine.login().await;
        browser.get("/contracts/2/cancel").await.status(200).shows("Testphase");
        let sent = cancels(&browser, "2", &[("ends_on", ""), ("reason", "")]).await;
        sent.redirects("/contracts/2/cancel/confirmation");
        let contract = house.tenant.api.get("/customers/K5003/subscriptions/2").await.json();
        assert_eq!(contract["declared"]["cancellation"]["ends_on"], json!(ends_on));
        house.portal.clock.advance(hours(24));
        let ended = house.tine.login().await.get("/contracts/2").await.status(200);
        if rule == "at_once" {
            ended.shows("Beendet")
        } else {
            ended.shows("endet am 05.12.2026")
        };
    }
}

#[tokio::test]
async fn a_contract_rests_and_runs_again() {
    let house = House::built().await;
    let browser = house.tine.login().await;
    browser.get("/contracts/1/pause").await.status(200).shows("jetzt pausieren");
    let wrong = browser.post("/contracts/1/pause", &[("until", "2026-11-21")]).await.status(422);
    assert!(
        wrong
            .shows("Geben Sie einen Tag vom 22.11.2026 bis zum 22.11.2027 ein")
            .html()
            .contains("value=\"2026-11-21\"")
    );
    for _ in 0..2 {
        browser.post("/contracts/1/pause", &[("until", "2026-12-24")]).await.redirects("/contracts/1");
    }
    browser.get("/contracts/1").await.shows("ruht bis zum 24.12.2026").shows("Vertrag fortsetzen");
    let cancelled = cancels(&browser, "1", &[("ends_on", ""), ("reason", "")]).await;
    cancelled.redirects("/contracts/1/cancel/confirmation");
    browser.get("/contracts/1").await.shows("Gekündigt").shows("ruht bis zum 24.12.2026").shows("Vertrag fortsetzen");
    browser.post("/contracts/1/take-back", &[]).await.redirects("/contracts/1");
    browser.get("/contracts/1").await.shows("Pausiert");
    for _ in 0..2 {
        browser.post("/contracts/1/resume", &[]).await.redirects("/contracts/1");
    }
    browser.get("/contracts/1").await.shows("Aktiv");
    assert_eq!(house.kinds().await, ["cancellation_taken_back", "cancelled", "paused", "resumed"]);
}

#[tokio::test]
async fn what_the_tenants_system_sends_again_undoes_nothing() {
    let house = House::built().await;
    let browser = house.tine.login().await;
    cancels(&browser, "1", &[("ends_on", ""), ("reason", "")]).await.status(303);
    house.tine.contract("1", |_| {}).await;
    house.tine.contract("1", |contract| contract["plan"] = json!("Webhosting XL")).await;
    browser.get("/contracts/1").await.shows("endet am 31.12.2026").shows("Webhosting XL");
    let confirmed = json!({ "name": "cancelled", "declared_on": "2026-11-22", "ends_on": "2026-12-31" });
    house.tine.contract("1", |contract| contract["phase"] = confirmed).await;
    browser.get("/contracts/1").await.shows("endet am 31.12.2026").shows("Kündigung zurücknehmen");
    house.portal.worker.drain().await;
    house.tine.contract("1", |_| {}).await;
    browser.get("/contracts/1").await.hides("endet am 31.12.2026").shows("Aktiv");
    assert_eq!(house.kinds().await.last().map(String::as_str), Some("updated"));
    house.portal.worker.drain().await;
    let mails = house.portal.mailbox.all_to(house.tine.email());
    assert!(mails.iter().any(|mail| mail.subject.contains("Kündigung zurückgenommen")), "it is told");
}

#[tokio::test]
async fn a_program_does_the_same() {
    let house = House::built().await;
    let program = house.tine.token().await;
    let act = async |what: &str, body: Value| program.post(&format!("/api/v1/subscriptions/1/{what}"), &body).await;
    let preview = program.get("/api/v1/subscriptions/1/cancel-preview").await.status(200).json();
    assert_eq!(preview["ends_on"], json!("2026-12-31"));
    let phase = |contract: &Value| contract["phase"]["name"].as_str().unwrap().to_owned();
    assert_eq!(phase(&act("pause", json!({ "until": "2026-12-01" })).await.status(200).json()), "paused");
    act("pause", json!({ "until": "2028-01-01" })).await.status(422).names(&["until"]);
    assert_eq!(phase(&act("resume", json!({})).await.status(200).json()), "active");
    act("cancel", json!({ "ends_on": "2026-12-30" })).await.status(422).names(&["ends_on"]);
    act("cancel", json!({ "reason": "x".repeat(1_001) })).await.status(422).names(&["reason"]);
    for _ in 0..2 {
        let cancelled = act("cancel", json!({ "reason": "Umzug" })).await.status(200).json();
        assert_eq!((phase(&cancelled), &cancelled["ends_on"]), ("cancelled".to_owned(), &json!("2026-12-31")));
    }
    act("cancel", json!({ "ends_on": "2027-01-31" })).await.status(409).names(&["phase"]);
    house.tine.contract("9", |one| one["notice"]["to"] = json!("term_end")).await;
    for far in ["9999-12-31", "2036-11-23"] {
        let body = json!({ "ends_on": far });
        program.post("/api/v1/subscriptions/9/cancel", &body).await.status(422).names(&["ends_on"]);
    }
    act("pause", json!({})).await.status(409).names(&["phase"]);
    program.get("/api/v1/subscriptions/1/cancel-preview").await.status(409);
    assert_eq!(phase(&act("take-back", json!({})).await.status(200).json()), "active");
    assert_eq!(house.kinds().await, ["cancellation_taken_back", "cancelled", "paused", "resumed"]);
    assert!(house.told().await.iter().all(|one| one["way"] == json!("api")));
}

#[tokio::test]
async fn staff_set_the_day_by_hand() {
    let house = House::built().await;
    let staff = &house.tenant.api;
    let act =
        async |what: &str, body: Value| staff.post(&format!("/customers/K5003/subscriptions/1/{what}"), &body).await;
    for _ in 0..2 {
        act("cancel", json!({ "date": "2026-11-25", "reason": "Zahlungsverzug" })).await.status(200);
    }
    act("cancel", json!({ "date": "2026-11-30" })).await.status(200);
    let browser = house.tine.login().await;
    browser.get("/contracts/1").await.shows("endet am 30.11.2026");
    assert!(!browser.get("/contracts/1").await.html().contains("/contracts/1/take-back"), "it is not the customer's");
    browser.post("/contracts/1/take-back", &[]).await.redirects("/contracts/1");
    browser.get("/contracts/1").await.shows("endet am 30.11.2026");
    act("take-back", json!({})).await.status(200);
    act("pause", json!({ "until": "2026-11-01" })).await.status(422).names(&["until"]);
    act("pause", json!({})).await.status(200);
    browser.post("/contracts/1/resume", &[]).await.redirects("/contracts/1");
    browser.get("/contracts/1").await.shows("Pausiert").hides("Vertrag fortsetzen");
    act("resume", json!({})).await.status(200);
    act("cancel", json!({ "date": "2026-02-28" })).await.status(409).names(&["phase"]);
    act("cancel", json!({ "date": "0206-11-30" })).await.status(422).names(&["date"]);
    act("cancel", json!({ "date": "2026-11-21" })).await.status(200);
    browser.get("/contracts/1").await.shows("Beendet");
    act("take-back", json!({})).await.status(409).names(&["phase"]);
    staff.post("/customers/K5003/subscriptions/404/cancel", &json!({ "date": "2026-12-31" })).await.status(404);
    let kinds = house.kinds().await;
    assert_eq!(kinds, ["cancellation_taken_back", "cancelled", "cancelled", "cancelled", "paused", "resumed"]);
}

#[tokio::test]
async fn a_tenant_decides_what_customers_may_do() {
    let house = House::built().await;
    let off = json!({ "cancel": "off", "take_back": "off", "pause": "off" });
    house.tenant.settings("areas", &off).await.status(200);
    house.portal.clock.advance(hours(1));
    let (browser, program): (Browser, Api) = (house.tine.login().await, house.tine.token().await);
    browser.get("/contracts/1").await.status(200).hides("Vertrag kündigen</a>").hides("pausieren");
    for what in ["cancel", "take-back", "pause"] {
        browser.get(&format!("/contracts/1/{what}")).await.status(404);
        program.post(&format!("/api/v1/subscriptions/1/{what}"), &json!({})).await.status(404);
    }
    house.tenant.settings("areas", &json!({ "contracts": "off" })).await.status(200);
    house.portal.clock.advance(hours(1));
    let browser = house.tine.login().await;
    for what in ["cancel", "cancel/confirmation", "take-back"] {
        browser.get(&format!("/contracts/1/{what}")).await.status(404);
    }
}

#[tokio::test]
async fn a_young_contract_of_a_consumer_shows_where_to_withdraw() {
    let house = House::built().await;
    house.tine.contract("2", |contract| contract["concluded_on"] = json!("2026-11-15")).await;
    house
        .tine
        .contract("3", |contract| {
            contract["concluded_on"] = json!("2026-11-15");
            contract["party"] = json!("business");
        })
        .await;
    let browser = house.tine.login().await;
    browser.get("/contracts/2").await.shows("Bis zum 30.11.2026 können Sie den Vertrag widerrufen.");
    for other in ["/contracts/1", "/contracts/3"] {
        browser.get(other).await.hides("können Sie den Vertrag widerrufen");
    }
}
