//! Offers are accepted or declined, once and for good, until their last day is past; both sides get the answer on paper, and an
//! offer that nobody answered is told to be over, once.

use domain::{id::EventId, time::Zone};
use testkit::{Answer, Browser, Customer, Portal, Tenant, Value, faults::Kill, hours, json, minutes, seconds};

use crate::payment_mails::attached;

const OFFER: &str = "/documents/offer/AN1";
const CONFIRMATION: &str = "/documents/offer/AN1/confirmation";
const COMPANY: &str = "service@webhosting-ag.example";
const MARKUP: &str = "<b>Tine</b> *fett* #strong[x] {{ code }}";
/// Calls of the store that two workers make in a minute, at most.
const CALLS: usize = 80;

/// A tenant and a customer with an offer of 119.00 € that is valid until 30 November 2026. It is the 22nd.
struct House {
    portal: Portal,
    tenant: Tenant,
    tine: Customer,
}

impl House {
    async fn built() -> Self {
        Self::in_portal(Portal::start().await).await
    }

    async fn in_portal(portal: Portal) -> Self {
        let tenant = portal.tenant("webhosting-ag").await;
        let tine = tenant.customer("K5003", |_| {}).await;
        let house = Self { portal, tenant, tine };
        house.offers("AN1").await;
        house.portal.worker.drain().await;
        house
    }

    async fn offers(&self, number: &str) {
        self.tine.document("offer", number, |offer| offer["valid_until"] = "2026-11-30".into()).await;
    }

    async fn work(&self) {
        for _ in 0..3 {
            self.portal.worker.drain().await;
            self.portal.worker.minute().await;
            self.portal.clock.advance(minutes(1));
        }
    }

    /// What happened to offers after they were issued, as the feed tells it.
    async fn told(&self) -> Vec<Value> {
        self.portal.clock.advance(seconds(31));
        let mut told = Vec::new();
        // Before everything that happens in a test.
        let mut after = EventId::new("2026-11-01T00:00:00Z".parse().unwrap(), [0; 10]).to_string();
        loop {
            let feed = self.tenant.api.get(&format!("/events?limit=100&after={after}")).await.status(200).json();
            let items = feed["items"].as_array().unwrap().iter();
            let is_told = |item: &&Value| item["kind"].as_str().is_some_and(|kind| kind.starts_with("offer."));
            told.extend(items.filter(is_told).cloned());
            let next = feed["next"].as_str().unwrap().to_owned();
            if next == after {
                return told;
            }
            after = next;
        }
    }

    async fn kinds(&self) -> Vec<String> {
        self.told().await.iter().map(|item| item["kind"].as_str().unwrap().to_owned()).collect()
    }
}

async fn accepts(browser: &Browser, name: &str) -> Answer {
    browser.get(OFFER).await.status(200);
    browser.post(&format!("{OFFER}/accept"), &[("name", name), ("agreed", "1")]).await
}

async fn declines(browser: &Browser, reason: &str) -> Answer {
    browser.get(OFFER).await.status(200);
    browser.post(&format!("{OFFER}/decline"), &[("reason", reason)]).await
}

#[tokio::test]
async fn an_offer_is_accepted_and_both_sides_have_it_on_paper() {
    let house = House::built().await;
    let browser = house.tine.login().await;
    browser.get(OFFER).await.status(200).shows("Offen bis 30.11.2026").shows("Angebot annehmen");
    let question = browser.get(&format!("{OFFER}/accept")).await.status(200);
    question.shows("119,00 €").shows("30.11.2026").shows("Ich nehme das Angebot verbindlich an.");
    let sent = accepts(&browser, " Tine Exemplus ").await.redirects(CONFIRMATION);
    let page = browser.follow(&sent).await.status(200).shows("Sie haben das Angebot angenommen");
    page.shows("Tine Exemplus").shows("22.11.2026, 10:00:00 Uhr").shows("119,00 €");
    browser.get(OFFER).await.status(200).shows("Angenommen am 22.11.2026").hides("Angebot annehmen");
    browser.get("/documents").await.status(200).shows("Angenommen am 22.11.2026");

    let program = house.tine.token().await.get(&format!("/api/v1{OFFER}")).await.status(200).json();
    assert_eq!((&program["answer"]["decision"], &program["answerable"]), (&json!("accepted"), &json!(false)));
    let staff = house.tenant.api.get(OFFER).await.status(200).json();
    assert_eq!(
        (&staff["answer"]["name"], &staff["answer"]["at"]),
        (&json!("Tine Exemplus"), &json!("2026-11-22T09:00:00Z"))
    );
    let told = house.told().await;
    let [event] = &told[..] else { panic!("{told:?}") };
    assert_eq!(
        (&event["kind"], &event["actor"], &event["way"]),
        (&json!("offer.accepted"), &json!("customer"), &json!("page"))
    );
    assert_eq!(event["changes"], json!([{ "field": "name", "from": "", "to": "Tine Exemplus" }]));

    house.work().await;
    house.work().await;
    for (address, subject) in [
        (house.tine.email(), "Webhosting Ag: Angebot AN1 angenommen"),
        (COMPANY, "Webhosting Ag: Angebot AN1 angenommen von Kunde K5003"),
    ] {
        let mails: Vec<_> = house
            .portal
            .mailbox
            .all_to(address)
            .into_iter()
            .filter(|mail| !mail.subject.contains("Anmeldecode"))
            .collect();
        assert_eq!(mails.iter().map(|mail| mail.subject.as_str()).collect::<Vec<_>>(), [subject]);
        let printed = attached(&mails[0]);
        for words in ["Annahme unseres Angebots", "AN1", "Tine Exemplus", "22.11.2026, 10:00:00", "Europe/Berlin"] {
            assert!(printed.contains(words), "{words} is missing in {printed}");
        }
    }
    assert_eq!(house.portal.items_like("/ANSWER#AN1#FILE#pdf"), 1, "the paper is kept once");
    let file = browser.get(&format!("{OFFER}/decision")).await.status(303).file().await;
    assert_eq!(file.bytes, house.portal.mailbox.last_to(COMPANY).attachments[0].content, "and it is the same one");
    assert_eq!(house.portal.items_like("#DOC#offer#AN1/FILE#pdf"), 1, "what was accepted is kept, too");
}

#[tokio::test]
async fn an_offer_is_declined_with_a_reason_or_without() {
    let house = House::built().await;
    house.offers("AN2").await;
    let browser = house.tine.login().await;
    let sent = declines(&browser, "Zu teuer.\r\n<b>Leider</b>").await.redirects(CONFIRMATION);
    browser.follow(&sent).await.status(200).shows("Sie haben das Angebot abgelehnt").shows("<b>Leider</b>");
    browser.get(OFFER).await.shows("Abgelehnt am 22.11.2026");
    let program = house.tine.token().await;
    let declined = program.post("/api/v1/documents/offer/AN2/decline", &json!({})).await.status(200).json();
    assert_eq!((&declined["state"]["name"], &declined["answer"]["reason"]), (&json!("declined"), &json!("")));
    assert_eq!(house.kinds().await, ["offer.declined", "offer.declined"]);
    house.work().await;
    let mails = house.portal.mailbox.all_to(COMPANY);
    let text = mails.iter().find(|mail| mail.subject.contains("AN1")).unwrap().text.clone().unwrap();
    assert!(text.contains("> Zu teuer.\n> <b>Leider</b>"), "{text}");
    let paper = attached(mails.iter().find(|mail| mail.subject.contains("AN2")).unwrap());
    assert!(paper.contains("Ablehnung unseres Angebots") && !paper.contains("Grund:"), "{paper}");
}

#[tokio::test]
async fn whoever_answers_twice_or_at_once_has_answered_once_and_the_first_answer_stands() {
    let house = House::built().await;
    let (browser, other) = (house.tine.login().await, house.tine.login().await);
    other.get(&format!("{OFFER}/accept")).await.status(200);
    browser.get(&format!("{OFFER}/accept")).await.status(200);
    let (accept, fields) = (format!("{OFFER}/accept"), [("name", "Tine"), ("agreed", "1")]);
    let both = tokio::join!(browser.post(&accept, &fields), browser.post(&accept, &fields));
    for sent in [both.0, both.1, browser.post(&accept, &[("name", "Otto"), ("agreed", "1")]).await] {
        sent.redirects(CONFIRMATION);
    }
    // A tab that was opened before sees what was decided, whatever it sends.
    for end in ["accept", "decline"] {
        other.get(&format!("{OFFER}/{end}")).await.redirects(CONFIRMATION);
        let sent = other.post(&format!("{OFFER}/{end}"), &[("name", ""), ("reason", "")]).await.redirects(CONFIRMATION);
        other.follow(&sent).await.status(200).shows("Sie haben das Angebot angenommen").shows("Tine");
    }
    let program = house.tine.token().await;
    let api = |end: &str| format!("/api/v1{OFFER}/{end}");
    let again = program.post(&api("accept"), &json!({ "name": "Otto", "agreed": true })).await.status(200).json();
    assert_eq!(again["answer"]["name"], "Tine");
    let refused = program.post(&api("decline"), &json!({})).await.status(409).problem("conflict").names(&["decision"]);
    assert_eq!(refused.json()["errors"][0]["message"], "it was accepted before");
    assert_eq!(house.kinds().await, ["offer.accepted"]);
    house.work().await;
    assert_eq!(house.portal.mailbox.all_to(COMPANY).len(), 1);
}

#[tokio::test]
async fn what_is_wrong_is_told_beside_the_field_and_nothing_is_decided() {
    let house = House::built().await;
    let browser = house.tine.login().await;
    let long = "x".repeat(121);
    for (name, agreed, messages) in [
        ("", "", &["Geben Sie Ihren Vor- und Nachnamen ein.", "Setzen Sie das Häkchen"][..]),
        (long.as_str(), "1", &["Kürzen Sie den Namen auf höchstens 120 Zeichen."][..]),
        ("Ti\u{202e}ne", "1", &["Zeichen, die man nicht sieht"][..]),
        ("Tine", "", &["Setzen Sie das Häkchen"][..]),
    ] {
        browser.get(&format!("{OFFER}/accept")).await.status(200);
        let again = browser.post(&format!("{OFFER}/accept"), &[("name", name), ("agreed", agreed)]).await.status(422);
        for message in messages {
            assert!(again.text().contains(message), "{message}: {}", again.text());
        }
        assert!(again.html().contains(&format!("value=\"{name}\"")), "{}", again.html());
    }
    let reason = "x".repeat(1_001);
    declines(&browser, &reason).await.status(422).shows("Kürzen Sie den Grund auf höchstens 1000 Zeichen.");
    let program = house.tine.token().await;
    let api = |end: &str| format!("/api/v1{OFFER}/{end}");
    program.post(&api("accept"), &json!({})).await.status(422).names(&["name", "agreed"]);
    program.post(&api("accept"), &json!({ "name": "Tine", "agreed": false })).await.status(422).names(&["agreed"]);
    program.post(&api("decline"), &json!({ "reason": reason })).await.status(422).names(&["reason"]);
    program.post(&api("decline"), &json!({ "why": "x" })).await.status(422);
    assert!(house.told().await.is_empty());
    browser.get(OFFER).await.status(200).shows("Offen bis 30.11.2026");
    browser.get(CONFIRMATION).await.redirects(OFFER);
    browser.get(&format!("{OFFER}/decision")).await.status(404).problem("not_found");
}

#[tokio::test]
async fn an_offer_can_be_accepted_in_its_last_second_and_not_a_second_later() {
    let house = House::built().await;
    house.offers("AN2").await;
    // Midnight in Berlin.
    let end: jiff::Timestamp = "2026-11-30T23:00:00Z".parse().unwrap();
    house.portal.clock.set(end - seconds(1));
    let (browser, program) = (house.tine.login().await, house.tine.token().await);
    accepts(&browser, "Tine").await.redirects(CONFIRMATION);
    browser.get("/documents/offer/AN2/accept").await.status(200);
    house.portal.clock.advance(seconds(1));
    let late = [("name", "Tine"), ("agreed", "1")];
    let sent = browser.post("/documents/offer/AN2/accept", &late).await.redirects("/documents/offer/AN2");
    browser.follow(&sent).await.status(200).shows("Abgelaufen seit 01.12.2026").hides("Angebot annehmen");
    browser.get("/documents/offer/AN2/decline").await.redirects("/documents/offer/AN2");
    let body = json!({ "name": "Tine", "agreed": true });
    let refused = program.post("/api/v1/documents/offer/AN2/accept", &body).await.status(409).problem("conflict");
    refused.names(&["valid_until"]);
    // The same again stays the same.
    program.post(&format!("/api/v1{OFFER}/accept"), &body).await.status(200);
}

#[tokio::test]
async fn that_an_offer_is_over_is_told_once_also_late_and_by_two_workers() {
    let house = House::built().await;
    house.offers("AN2").await;
    let browser = house.tine.login().await;
    accepts(&browser, "Tine").await.redirects(CONFIRMATION);
    house.work().await;
    let past = |offer: &mut Value| {
        offer["issued_on"] = "2026-01-02".into();
        offer["valid_until"] = "2026-02-01".into();
    };
    house.tine.document("offer", "AN-OLD", past).await;
    let almost: jiff::Timestamp = "2026-11-30T22:30:00Z".parse().unwrap();
    house.portal.clock.set(almost);
    house.portal.worker.minute().await;
    assert_eq!(house.kinds().await, ["offer.accepted"]);
    house.portal.clock.advance(hours(30));
    let (one, two) = (house.portal.another_worker().await, house.portal.another_worker().await);
    let minute = json!({});
    let (first, second) = futures_util::future::join(one.on_event(&minute), two.on_event(&minute)).await;
    first.unwrap();
    second.unwrap();
    for _ in 0..2 {
        house.portal.clock.advance(hours(24));
        house.work().await;
    }
    let told = house.told().await;
    let over: Vec<&Value> = told.iter().filter(|event| event["kind"] == "offer.expired").collect();
    let [event] = &over[..] else { panic!("{told:?}") };
    assert_eq!((&event["subject"], &event["actor"]), (&json!("AN2"), &json!("system")));
    assert_eq!(event["facts"]["valid_until"], "2026-11-30");
}

/// Each is told once, whatever becomes of the job that tells it.
#[tokio::test]
async fn an_offer_is_over_once_wherever_a_job_that_is_doubled_and_late_is_killed() {
    let house = House::in_portal(Portal::behind_faults(99).await).await;
    let second = house.portal.another_worker().await;
    let mut numbers = Vec::new();
    for kill in [Kill::Before, Kill::After] {
        let mut survived = false;
        for call in 0..CALLS {
            let number = format!("{kill:?}-{call}");
            let today = Zone::default().day(house.portal.clock.now()).to_string();
            let until_today = |offer: &mut Value| {
                offer["issued_on"] = today.as_str().into();
                offer["valid_until"] = today.as_str().into();
            };
            house.tine.document("offer", &number, until_today).await;
            numbers.push(number);
            // A day late.
            house.portal.clock.advance(hours(48));
            let twice = async {
                let minute = json!({});
                let (_, other) = tokio::join!(house.portal.worker.minute(), second.on_event(&minute));
                other.unwrap();
            };
            survived = house.portal.dynamodb().killing_at(call, kill, twice).await.is_some();
            // What was leased by the one that ended is free again.
            house.portal.clock.advance(minutes(2));
            house.portal.worker.minute().await;
            if survived {
                break;
            }
        }
        assert!(survived, "{CALLS} calls are too few");
    }
    let told = house.told().await;
    for number in numbers {
        let over = told.iter().filter(|event| event["kind"] == "offer.expired" && event["subject"] == number.as_str());
        assert_eq!(over.count(), 1, "{number}");
    }
    assert!(house.portal.worker.dead_letters().is_empty(), "{:?}", house.portal.worker.dead_letters());
}

#[tokio::test]
async fn where_the_tenant_lets_nobody_answer_there_is_nothing_and_what_was_answered_stays() {
    let house = House::built().await;
    house.offers("AN2").await;
    let browser = house.tine.login().await;
    accepts(&browser, "Tine").await.redirects(CONFIRMATION);
    house.tenant.settings("documents", &json!({ "actions": { "accept_offers": false } })).await.status(200);
    house.portal.clock.advance(seconds(61));
    browser.get("/documents/offer/AN2").await.status(200).shows("Offen bis").hides("Angebot annehmen");
    let program = house.tine.token().await;
    for end in ["accept", "decline"] {
        let path = format!("/documents/offer/AN2/{end}");
        browser.get(&path).await.status(404).problem("not_found");
        browser.post(&path, &[("name", "Tine"), ("agreed", "1")]).await.status(404);
        program.post(&format!("/api/v1{path}"), &json!({})).await.status(404).problem("not_found");
    }
    browser.get(CONFIRMATION).await.status(200).shows("Tine");
    browser.get(&format!("{OFFER}/decision")).await.status(303);
    assert_eq!(house.kinds().await, ["offer.accepted"]);
}

#[tokio::test]
async fn nobody_answers_what_is_no_offer_or_is_another_customers() {
    let house = House::built().await;
    house.tine.invoice("RE1", |_| {}).await;
    house.tine.document("confirmation", "AB1", |_| {}).await;
    let other = house.tenant.customer("K1", |_| {}).await;
    let (tine, stranger) = (house.tine.login().await, other.login().await);
    tine.get("/documents").await.status(200);
    stranger.get("/documents").await.status(200);
    let fields = [("name", "Tine"), ("agreed", "1")];
    for end in ["accept", "decline", "confirmation", "decision"] {
        stranger.get(&format!("{OFFER}/{end}")).await.status(404).problem("not_found");
        for document in ["invoice/RE1", "confirmation/AB1", "offer/AN9"] {
            tine.get(&format!("/documents/{document}/{end}")).await.status(404).problem("not_found");
        }
    }
    for end in ["accept", "decline"] {
        stranger.post(&format!("{OFFER}/{end}"), &fields).await.status(404).problem("not_found");
        for document in ["invoice/RE1", "confirmation/AB1", "offer/AN9"] {
            tine.post(&format!("/documents/{document}/{end}"), &fields).await.status(404).problem("not_found");
        }
    }
    let body = json!({ "name": "Tine", "agreed": true });
    other.token().await.post(&format!("/api/v1{OFFER}/accept"), &body).await.status(404).problem("not_found");
    assert!(house.told().await.is_empty());
}

#[tokio::test]
async fn a_link_shows_an_offer_and_leads_to_the_login_to_answer_it() {
    let house = House::built().await;
    let facts = json!({ "purpose": "document", "customer": "K5003", "document": "AN1", "document_type": "offer" });
    let link = house.tenant.api.post("/links", &facts).await.status(201).json();
    let path = link["url"].as_str().unwrap().strip_prefix(&house.tenant.origin()).unwrap().to_owned();
    let visitor = house.tenant.browser();
    let page = visitor.get(&path).await.status(200).shows("Zum Annehmen anmelden");
    let login = page.link_to("/login?return_to=");
    visitor.post(&format!("{OFFER}/accept"), &[("name", "Tine"), ("agreed", "1")]).await.status(303);
    assert!(house.told().await.is_empty(), "a link answers nothing");
    let return_to = format!("{OFFER}/accept");
    let page = visitor.get(&login).await.status(200);
    assert!(page.html().contains(&format!("name=\"return_to\" value=\"{return_to}\"")), "{}", page.html());
    let fields = [("email", house.tine.email()), ("return_to", return_to.as_str())];
    visitor.post("/login", &fields).await.redirects("/login/code");
    let code = house.portal.mailbox.code_to(house.tine.email());
    visitor.type_code(&code).await.redirects(&format!("{OFFER}/accept"));
    accepts(&visitor, "Tine").await.redirects(CONFIRMATION);
    let again = house.tenant.browser().get(&path).await.status(200).shows("Angenommen am 22.11.2026");
    again.hides("Tine").hides("anmelden").hides("/confirmation");
}

#[tokio::test]
async fn what_was_typed_stays_text_on_the_page_in_the_mails_and_on_paper() {
    let house = House::built().await;
    house.offers("AN2").await;
    let browser = house.tine.login().await;
    let sent = accepts(&browser, MARKUP).await.redirects(CONFIRMATION);
    let page = browser.follow(&sent).await.status(200).shows("<b>Tine</b> *fett* #strong[x]");
    assert!(!page.html().contains("<b>Tine"), "{}", page.html());
    browser.get("/documents/offer/AN2").await.status(200);
    browser.post("/documents/offer/AN2/decline", &[("reason", MARKUP)]).await.status(303);
    house.work().await;
    let mails = [house.portal.mailbox.all_to(COMPANY), house.portal.mailbox.all_to(house.tine.email())].concat();
    for mail in mails.iter().filter(|mail| !mail.attachments.is_empty()) {
        let printed = attached(mail);
        assert!(printed.contains("<b>Tine</b> *fett* #strong[x]"), "{printed}");
        let html = mail.html.clone().unwrap();
        assert!(!html.contains("<b>Tine") && !html.contains("<em>fett"), "{html}");
    }
    assert_eq!(mails.iter().filter(|mail| !mail.attachments.is_empty()).count(), 4);
    let logs = house.portal.log_lines().join("\n");
    assert!(!logs.contains("#strong[x]"), "nothing of it stands in a log");
}
