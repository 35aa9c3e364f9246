//! Invoices that the portal collects: on their day, with what the customer keeps, announced where it is a debit, at most
//! twice, and never twice for the same money.

use domain::{id::EventId, payment::ProviderName};
use testkit::{Customer, Portal, Rails, Tenant, Value, faults::Kill, hours, json, minutes, samples};

/// Calls of the store after which a process is ended at most in the long run.
const CALLS: usize = 23;

struct House {
    portal: Portal,
    tenant: Tenant,
}

impl House {
    /// A tenant that lets the portal collect from what the sandbox provider keeps.
    async fn built() -> Self {
        Self::in_portal(Portal::start().await).await
    }

    async fn in_portal(portal: Portal) -> Self {
        let tenant = portal.tenant("webhosting-ag").await;
        let settings = json!({ "methods": ["sandbox", "bank_transfer"], "collect": "portal", "again_days": 3 });
        tenant.settings("payments", &settings).await.status(200);
        Self { portal, tenant }
    }

    /// A customer whose default behaves so; `none` keeps nothing.
    async fn customer(&self, number: &str, behaviour: &str) -> Customer {
        let customer = self.tenant.customer(number, |_| {}).await;
        if behaviour != "none" {
            let browser = customer.login().await;
            customer.keeps(&browser, behaviour, &[("as_default", "1")]).await;
        }
        customer
    }

    /// The clock moves on to nine o'clock in the morning of a later day, and the worker does what is due by then.
    async fn days_pass(&self, days: i64) {
        self.portal.clock.advance(hours(24 * days));
        self.work().await;
    }

    async fn work(&self) {
        for _ in 0..4 {
            self.portal.worker.drain().await;
            self.portal.worker.minute().await;
            self.portal.clock.advance(minutes(1));
        }
    }

    async fn invoice(&self, number: &str) -> Value {
        self.tenant.api.get(&format!("/invoices/{number}")).await.status(200).json()
    }

    async fn open(&self, number: &str) -> Value {
        self.invoice(number).await["state"]["open"].clone()
    }

    /// What the feed says of an invoice.
    async fn told(&self, subject: &str) -> Vec<String> {
        told(&self.feed().await, subject)
    }

    async fn feed(&self) -> Vec<Value> {
        self.portal.clock.advance(minutes(1));
        let mut events = Vec::new();
        // Before everything that happens in a test.
        let mut after = EventId::new("2026-11-22T00:00:00Z".parse().unwrap(), [0; 10]).to_string();
        loop {
            let page = self.tenant.api.get(&format!("/events?limit=100&after={after}")).await.status(200).json();
            let items = page["items"].as_array().unwrap();
            events.extend(items.iter().cloned());
            let next = page["next"].as_str().unwrap().to_owned();
            if next == after {
                return events;
            }
            after = next;
        }
    }

    fn subjects(&self, customer: &Customer) -> Vec<String> {
        let mails = self.portal.mailbox.all_to(customer.email());
        let subjects = mails.iter().rev().map(|mail| mail.subject.clone());
        subjects.filter(|subject| !subject.contains("Anmeldecode")).collect()
    }

    async fn payments(&self, customer: &Customer) -> Vec<Value> {
        let listed = customer.token().await.get("/api/v1/payments?limit=100").await.status(200).json();
        listed["items"].as_array().unwrap().clone()
    }
}

#[tokio::test]
async fn an_invoice_is_charged_on_its_day_and_said_to_be_paid() {
    let house = House::built().await;
    let tine = house.customer("K5003", "pays").await;
    tine.invoice("RE1", |_| {}).await;
    house.work().await;
    assert_eq!(house.invoice("RE1").await["collection"]["state"], json!({ "name": "planned", "on": "2026-12-04" }));
    tine.login().await.get("/invoices/RE1").await.status(200).shows("buchen wir den offenen Betrag am 04.12.2026 ab");
    house.days_pass(11).await;
    assert_eq!(house.open("RE1").await, samples::euros("119.00"), "the day before");
    house.days_pass(1).await;
    let invoice = house.invoice("RE1").await;
    assert_eq!(invoice["state"]["open"], samples::euros("0.00"), "{invoice}");
    assert_eq!(invoice["collection"]["state"], json!({ "name": "ended", "why": "collected" }));
    assert_eq!(house.told("RE1").await, ["collection.started", "invoice.issued"]);
    let subjects = house.subjects(&tine);
    assert_eq!(subjects.len(), 1, "{subjects:?}");
    assert!(subjects[0].contains("119,00"), "{subjects:?}");
    // Days later there is nothing more.
    house.days_pass(9).await;
    assert_eq!((house.subjects(&tine).len(), house.payments(&tine).await.len()), (1, 1));
}

#[tokio::test]
async fn what_is_declined_is_charged_once_more_and_then_comes_a_link() {
    let house = House::built().await;
    let tine = house.customer("K5003", "declines").await;
    tine.invoice("RE1", |_| {}).await;
    house.days_pass(12).await;
    let invoice = house.invoice("RE1").await;
    assert_eq!(invoice["collection"]["state"]["on"], json!("2026-12-07"), "{invoice}");
    let mail = house.portal.mailbox.last_to(tine.email());
    tine.login().await.get("/invoices/RE1").await.shows("Wir versuchen es am 07.12.2026 noch einmal");
    let text = mail.text.unwrap();
    assert!(mail.subject.contains("RE1 konnte nicht abgebucht werden"), "{}", mail.subject);
    assert!(text.contains("07.12.2026") && text.contains("Testzahlung, wird abgelehnt"), "{text}");
    house.days_pass(3).await;
    assert_eq!(house.invoice("RE1").await["collection"]["state"], json!({ "name": "ended", "why": "given_up" }));
    assert_eq!(
        house.told("RE1").await,
        ["collection.failed", "collection.given_up", "collection.started", "collection.started", "invoice.issued"]
    );
    let subjects = house.subjects(&tine);
    assert_eq!(subjects.len(), 2, "{subjects:?}");
    assert!(subjects[1].contains("Bitte bezahlen Sie Rechnung RE1"), "{subjects:?}");
    let text = house.portal.mailbox.last_to(tine.email()).text.unwrap();
    let link = text.lines().find(|line| line.contains("/pay/")).unwrap_or_else(|| panic!("{text}"));
    let path = link.trim().split_once("localhost:9000").unwrap().1;
    house.tenant.browser().get(path).await.status(200).shows("RE1").shows("119,00").hides("Tine");
    // Once it is given up nobody charges it again.
    house.days_pass(9).await;
    assert_eq!(house.payments(&tine).await.len(), 2);
}

#[tokio::test]
async fn the_contract_s_way_to_pay_comes_before_the_default() {
    let house = House::built().await;
    let tine = house.customer("K5003", "declines").await;
    tine.contract("1", |_| {}).await;
    let browser = tine.login().await;
    let other = tine.keeps(&browser, "pays", &[]).await;
    browser.post("/contracts/1/payment-method", &[("method", other.as_str())]).await.status(303);
    tine.invoice("RE1", |facts| facts["subscription"] = json!("1")).await.status(201);
    tine.invoice("RE2", |_| {}).await;
    house.days_pass(12).await;
    // The other invoice of the same account may have waited for its turn.
    house.portal.clock.advance(minutes(16));
    house.work().await;
    assert_eq!(house.open("RE1").await, samples::euros("0.00"));
    assert_eq!(house.open("RE2").await, samples::euros("119.00"));
    let kept = house.tenant.api.get("/customers/K5003/payment-methods").await.status(200).json();
    let kept = kept["items"].as_array().unwrap();
    let chosen = kept.iter().find(|one| one["id"] == json!(other)).unwrap();
    assert_eq!((kept.len(), &chosen["is_default"], &chosen["subscriptions"]), (2, &json!(false), &json!(["1"])));
    assert!(chosen["reference"]["method"].as_str().is_some_and(|name| !name.is_empty()), "{kept:?}");
}

#[tokio::test]
async fn what_is_paid_cancelled_agreed_otherwise_or_not_the_portal_s_is_not_charged() {
    let house = House::built().await;
    let tine = house.customer("K5003", "pays").await;
    for number in ["PAID", "CANCELLED"] {
        tine.invoice(number, |_| {}).await.status(201);
    }
    tine.invoice("AGREED", |facts| facts["collect"] = json!(false)).await.status(201);
    tine.invoice("LATE", |facts| facts["due_on"] = json!("2026-11-21")).await.status(201);
    tine.pays("PAID", "119.00", "bank-1").await.status(200);
    house.tenant.api.post("/invoices/CANCELLED:cancel", &json!({ "date": "2026-11-22" })).await.status(200);
    let nobody = house.customer("K1", "none").await;
    nobody.invoice("NOTHING", |_| {}).await.status(201);
    house.days_pass(13).await;
    assert!(house.payments(&tine).await.is_empty() && house.payments(&nobody).await.is_empty());
    for (number, why) in [("PAID", "settled"), ("CANCELLED", "settled"), ("NOTHING", "no_method")] {
        assert_eq!(house.invoice(number).await["collection"]["state"]["why"], json!(why), "{number}");
    }
    for number in ["AGREED", "LATE"] {
        assert_eq!(house.invoice(number).await["collection"], Value::Null, "{number}");
    }
    // Turned off: what was planned is not done.
    let day = house.portal.clock.now().to_string()[..10].to_owned();
    tine.invoice("OFF", |facts| facts["due_on"] = json!(day)).await.status(201);
    house.tenant.settings("payments", &json!({ "methods": ["sandbox"], "collect": "own_system" })).await.status(200);
    house.days_pass(1).await;
    assert_eq!(house.invoice("OFF").await["collection"]["state"]["why"], json!("turned_off"));
    assert!(house.payments(&tine).await.is_empty());
}

#[tokio::test]
async fn terms_that_make_no_sense_are_refused() {
    let house = House::built().await;
    let wrong = json!({ "collect": "portal", "notice_days": 0, "again_days": 31 });
    house.tenant.api.put("/settings/payments", &wrong).await.status(422).names(&["notice_days", "again_days"]);
    house.tenant.api.put("/settings/payments", &json!({ "collect": "sometimes" })).await.status(422);
}

#[tokio::test]
async fn a_debit_is_announced_by_mail_before_it_comes() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let stripe = ProviderName::Stripe;
    tenant.api.put("/settings/providers/stripe", &Rails::keys(stripe)).await.status(200);
    let settings = json!({ "methods": ["sepa_debit"], "collect": "portal" });
    tenant.api.put("/settings/payments", &settings).await.status(200);
    let house = House { portal, tenant };
    let tine = house.customer("K5003", "none").await;
    let program = tine.token().await;
    let keep = program.request("POST", "/api/v1/payment-methods").header("idempotency-key", "keep");
    let keep = keep.json(&json!({ "method": "sepa_debit", "as_default": true }));
    let kept = house.portal.ask(keep).await.status(201).json();
    let rails = house.portal.rails.clone();
    let session = kept["url"].as_str().unwrap().split(['/', '#', '?']).find(|part| part.starts_with("cs_")).unwrap();
    let account = vendors::stripe::SavedKind::SepaDebit { last4: "3000".into(), mandate: "RAILS-1".into() };
    rails.stripe.save(session, &account).unwrap();
    let path = format!("/api/v1/payment-methods/{}", kept["id"].as_str().unwrap());
    assert_eq!(program.get(&path).await.json()["state"], json!("usable"));
    // Due in twelve days, so the notice of fourteen moves the debit.
    tine.invoice("RE1", |_| {}).await.status(201);
    house.work().await;
    let mail = house.portal.mailbox.last_to(tine.email());
    let text = mail.text.unwrap();
    for words in ["119,00", "06.12.2026", "endet auf 3000", "RAILS-1"] {
        assert!(text.contains(words), "{words} is missing in {text}");
    }
    house.days_pass(13).await;
    assert_eq!(house.told("RE1").await, ["collection.announced", "invoice.issued"]);
    house.days_pass(1).await;
    assert_eq!(house.told("RE1").await, ["collection.announced", "collection.started", "invoice.issued"]);
    let charging = house.invoice("RE1").await["collection"].clone();
    assert_eq!(charging["state"]["name"], json!("charging"), "{charging}");
    // The bank takes its days; nobody charges again meanwhile.
    house.days_pass(3).await;
    assert_eq!(house.invoice("RE1").await["collection"], charging);
    let intents: Vec<Value> = rails.stripe.events();
    let mut objects = intents.iter().filter_map(|event| event["data"]["object"]["id"].as_str());
    let intent = objects.rfind(|id| id.starts_with("pi_")).unwrap().to_owned();
    rails.stripe.settle(&intent).unwrap();
    house.days_pass(1).await;
    assert_eq!(house.open("RE1").await, samples::euros("0.00"));
    assert_eq!(rails.kept(stripe), 11_900);
}

/// The kinds of events of one thing by name: the clock stands still, so those of one moment come in any order.
fn told(feed: &[Value], subject: &str) -> Vec<String> {
    let told = feed.iter().filter(|event| event["subject"] == subject);
    let mut told: Vec<String> = told.map(|event| event["kind"].as_str().unwrap().to_owned()).collect();
    told.sort();
    told
}

/// Every invoice is charged at most once for its money, whatever happens to the job: it runs twice at once, days late, and is
/// ended in the middle.
#[tokio::test]
async fn thirty_days_of_a_job_that_is_doubled_late_and_killed_charge_every_invoice_at_most_once() {
    let house = House::in_portal(Portal::behind_faults(30).await).await;
    let mut customers = Vec::new();
    for (number, behaviour) in [("P1", "pays"), ("D1", "declines"), ("W1", "waits"), ("N1", "none")] {
        let customer = house.customer(number, behaviour).await;
        for (index, due) in ["2026-11-22", "2026-11-30", "2026-12-04", "2026-12-11"].into_iter().enumerate() {
            let issue = |facts: &mut Value| facts["due_on"] = json!(due);
            customer.invoice(&format!("{number}-{index}"), issue).await.status(201);
        }
        customers.push((customer, behaviour));
    }
    let second = house.portal.another_worker().await;
    for day in 0..30_usize {
        house.portal.clock.advance(hours(24));
        // A day on which nothing runs.
        if day % 7 == 6 {
            continue;
        }
        for round in 0..3_usize {
            let twice = async {
                house.portal.worker.drain().await;
                let minute = json!({});
                let (_, other) = tokio::join!(house.portal.worker.minute(), second.on_event(&minute));
                other.unwrap();
            };
            let call = (day * 2 + round) % CALLS;
            match round {
                0 => drop(house.portal.dynamodb().killing_at(call, Kill::Before, twice).await),
                1 => drop(house.portal.dynamodb().killing_at(call, Kill::After, twice).await),
                _ => twice.await,
            }
            // What was leased by the one that ended is free again.
            house.portal.clock.advance(minutes(16));
        }
    }
    house.work().await;
    let feed = house.feed().await;
    for (customer, behaviour) in &customers {
        let payments = house.payments(customer).await;
        for index in 0..4 {
            let number = format!("{}-{index}", customer.number());
            let invoice = house.invoice(&number).await;
            let charged = invoice["collection"]["payments"].as_array().unwrap().len();
            let names =
                |payment: &&Value| payment["invoices"].as_array().unwrap().iter().any(|one| one == &json!(number));
            let made = payments.iter().filter(names).count();
            let (wanted, open) = match *behaviour {
                "pays" => (1, "0.00"),
                "declines" => (2, "119.00"),
                "waits" => (1, "119.00"),
                _ => (0, "119.00"),
            };
            assert_eq!((charged, made), (wanted, wanted), "{number}: {invoice}");
            assert_eq!(invoice["state"]["open"], samples::euros(open), "{number}");
            let told = told(&feed, &number);
            assert_eq!(told.iter().filter(|kind| *kind == "collection.started").count(), wanted, "{number}: {told:?}");
            let given_up = usize::from(*behaviour == "declines");
            assert_eq!(told.iter().filter(|kind| *kind == "collection.given_up").count(), given_up, "{number}");
        }
        let mails = house.subjects(customer).len();
        let wanted = match *behaviour {
            "pays" => 4,
            "declines" => 8,
            _ => 0,
        };
        // One that ends between the mail service's yes and its mark sends that mail again.
        assert!(
            (wanted..=wanted + wanted / 4).contains(&mails),
            "{}: {:?}",
            customer.number(),
            house.subjects(customer)
        );
    }
    let ledger = house.tenant.api.post("/ledger:check", &json!({})).await.status(200);
    assert_eq!((&ledger.json()["balanced"], &ledger.json()["faulty"]), (&json!(true), &json!([])), "{}", ledger.text());
}
