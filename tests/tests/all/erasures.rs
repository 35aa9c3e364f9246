//! Erasing a customer: never before what runs has ended, everything but what must be kept, once, and the rest when its time is over.

use domain::{
    change::Actor,
    id::{JobId, LinkId},
    job::{Job, JobKind},
    link::{Link, Scope},
    payment::Method,
};
use store::CommitError;
use testkit::{Answer, Portal, Tenant, Value, faults::Kill, json, minutes, samples};

use crate::exports::{below, person, work};

const ERASE: &str = "/customers/K5003:erase";
const ERASURE: &str = "/customers/K5003/erasure";
/// Calls of the worker to the table between two places where it is killed.
const STRIDE: usize = 7;
/// More than it takes to come through a whole erasure.
const ROUNDS: usize = 40;
/// What stands in everything that is the customer's, and in nothing else.
const CANARIES: [&str; 2] = ["Kanaria", "kanaria"];

async fn erase(tenant: &Tenant) -> Answer {
    tenant.api.post(ERASE, &json!({ "confirm": "K5003" })).await
}

/// Ends what stands in the way of `person`: its contract, and the invoice of 119.00 €.
async fn settle(tenant: &Tenant, number: &str) {
    let mut ended = samples::subscription();
    ended["plan"] = "Tarif Kanaria".into();
    ended["phase"] = json!({ "name": "ended", "on": "2026-10-31", "how": "expired" });
    tenant.put(&format!("/customers/{number}/subscriptions/V-{number}"), &ended).await;
    let reference = format!("bank-{number}");
    let paid = json!({ "reference": reference, "amount": samples::euros("119.00"), "date": "2026-11-20" });
    tenant.api.post(&format!("/invoices/RE-{number}:payment"), &paid).await.status(200);
}

/// Everything that the table says of the customers, but for the invoices that must be kept.
fn left(portal: &Portal) -> Vec<Value> {
    let said = CANARIES.iter().flat_map(|word| portal.items_saying(word));
    let is_kept = |item: &Value| {
        let of = |name: &str| item[name]["S"].as_str().unwrap_or_default().to_owned();
        of("pk").contains("#DOC#invoice#RE-") || of("sk").contains("#RE-")
    };
    said.filter(|item| !is_kept(item)).collect()
}

#[tokio::test]
async fn what_stands_in_the_way_is_named_and_nothing_is_erased() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let tine = tenant.customer("K5003", |_| {}).await;
    tine.contract("V1", |_| {}).await;
    tine.invoice("RE1", |_| {}).await.status(201);
    let items = portal.items();
    erase(&tenant).await.status(422).problem("invalid").names(&["contracts", "invoices"]);
    let shown = tenant.api.get(ERASURE).await.status(200).json();
    assert_eq!(shown, json!({ "number": "K5003", "in_the_way": ["contracts", "invoices"] }));
    tenant.api.post(ERASE, &json!({ "confirm": "K1" })).await.status(422).names(&["confirm"]);
    tenant.api.post("/customers/K1:erase", &json!({ "confirm": "K1" })).await.status(404).problem("not_found");
    assert_eq!(portal.items(), items);
    tine.pays("RE1", "150.00", "bank-1").await.status(200);
    erase(&tenant).await.status(422).names(&["contracts", "credit"]);
    tenant.api.post("/invoices/RE1:payment-reverse", &json!({ "reference": "bank-1" })).await.status(200);
    erase(&tenant).await.status(422).names(&["contracts", "invoices"]);
    tine.pays("RE1", "119.00", "bank-2").await.status(200);
    erase(&tenant).await.status(422).names(&["contracts"]);
    tine.login().await.get("/data").await.status(200).shows("K5003");
    let ended = json!({ "name": "ended", "on": "2026-10-31", "how": "expired" });
    tine.contract("V1", |facts| facts["phase"] = ended).await;
    erase(&tenant).await.status(202);
}

#[tokio::test]
async fn a_declaration_without_an_answer_stands_in_the_way() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let tine = tenant.customer("K5003", |_| {}).await;
    tine.contract("1", |_| {}).await;
    let browser = tenant.browser();
    let form = browser.get("/withdraw").await.status(200).field("form");
    let typed = [
        ("form", form.as_str()),
        ("name", "Tine Exemplus"),
        ("contract", "Vertrag Nr. 1"),
        ("email", tine.email()),
        ("website", ""),
    ];
    browser.post("/withdraw", &typed).await.status(303);
    let ended = json!({ "name": "ended", "on": "2026-10-31", "how": "expired" });
    tine.contract("1", |facts| facts["phase"] = ended).await;
    erase(&tenant).await.status(422).names(&["declarations"]);
    let open = tenant.api.get("/declarations?open=true").await.status(200).json();
    let id = open["items"][0]["id"].as_str().unwrap();
    let answer = json!({ "outcome": "accepted", "note": "" });
    tenant.api.post(&format!("/declarations/{id}:answer"), &answer).await.status(200);
    erase(&tenant).await.status(202);
}

#[tokio::test]
async fn money_on_its_way_and_money_paid_in_advance_stand_in_the_way_too() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    tenant.enable(Method::Sandbox).await.status(200);
    let tine = tenant.customer("K5003", |_| {}).await;
    tenant.put("/accounts/00001008", &json!({ "customer": "K5003" })).await;
    let top_up = json!({ "account": "00001008", "amount": samples::euros("10.00"), "method": "sandbox" });
    let request = tine.token().await.request("POST", "/api/v1/topups").header("idempotency-key", "1");
    let made = portal.ask(request.json(&top_up)).await.status(201).json();
    assert!(erase(&tenant).await.status(422).fields().contains(&"payments".to_owned()));
    portal.provider.pay(made["next"]["url"].as_str().unwrap()).await;
    assert!(erase(&tenant).await.status(422).fields().contains(&"prepaid".to_owned()));
}

#[tokio::test]
async fn a_wish_is_told_to_staff_once() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let browser = tenant.customer("K5003", |_| {}).await.login().await;
    browser.get("/data/erasure").await.status(200).shows("Rechnungen");
    for _ in 0..2 {
        browser.post("/data/erasure", &[]).await.redirects("/data/erasure");
        work(&portal).await;
    }
    let page = browser.get("/data/erasure").await.status(200);
    assert!(!page.html().contains("action=\"/data/erasure\""), "{}", page.html());
    assert_eq!(portal.mailbox.all_to("service@webhosting-ag.example").len(), 1);
    let shown = tenant.api.get(ERASURE).await.status(200).json();
    assert_eq!((&shown["requested_at"], &shown["in_the_way"]), (&json!("2026-11-22T09:00:00Z"), &json!([])), "{shown}");
}

#[tokio::test]
async fn an_erasure_leaves_what_must_be_kept_until_its_time_is_over_and_nothing_else() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let tine = person(&tenant, "K5003", "Kanaria").await;
    let (browser, program) = (tine.login().await, tine.token().await);
    let mut address = samples::address();
    address["company"] = "Kanaria GmbH, Filiale".into();
    program.post("/api/v1/addresses", &address).await.status(201);
    browser.get("/documents/offer/AN-K5003").await.status(200);
    let accepts = [("name", "Exempla Kanaria"), ("agreed", "1")];
    browser.post("/documents/offer/AN-K5003/accept", &accepts).await.status(303);
    browser.get("/data/export").await.status(200);
    browser.post("/data/export", &[]).await.status(303);
    browser.post("/data/erasure", &[]).await.status(303);
    let link = tine.link().await["url"].as_str().unwrap().trim_start_matches(&tenant.origin()).to_owned();
    settle(&tenant, "K5003").await;
    work(&portal).await;
    assert!(left(&portal).len() > 5 && portal.items_like("/ANSWER#AN-K5003#FILE#pdf") == 1, "it was all there");

    let begun = erase(&tenant).await.status(202).json();
    for _ in 0..4 {
        work(&portal).await;
    }
    let done = tenant.api.get(ERASURE).await.status(200).json();
    assert_eq!((&done["erased_at"], &done["in_the_way"]), (&begun["erased_at"], &json!([])), "{done}");
    assert!(done["done_at"].is_string() && done["kept_until"] == "2034-12-31", "{done}");
    assert_eq!(left(&portal), Vec::<Value>::new());
    for gone in ["#DOC#offer#AN-K5003/", "/ANSWER#", "/SESS#", "/OUT#", "/A#PROFILE"] {
        assert_eq!(portal.items_like(gone), 0, "{gone}");
    }
    let out = browser.get("/data").await.status(303);
    assert!(out.header("location").starts_with("/login"), "{}", out.header("location"));
    program.get("/api/v1/customer").await.status(401).problem("login_needed");
    assert!(matches!(tenant.browser().get(&link).await.code(), 404 | 410), "{link}");
    tenant.api.get("/documents/offer/AN-K5003").await.status(404).problem("not_found");
    let kept = tenant.api.get("/invoices/RE-K5003").await.status(200).json();
    assert_eq!(kept["facts"]["buyer"]["company"], "Kanaria GmbH", "{kept}");
    let books = tenant.api.post("/ledger:check", &json!({})).await.status(200).json();
    assert_eq!((&books["balanced"], &books["faulty"]), (&json!(true), &json!([])), "{books}");

    let account = json!({ "customer": "K5003", "name": "Kanaria neu" });
    tenant.api.put("/accounts/90000012", &account).await.status(422).names(&["customer"]);
    tenant.api.put("/invoices/RE9", &samples::invoice("K5003")).await.status(422).names(&["customer"]);

    let items = portal.stored();
    assert_eq!(erase(&tenant).await.status(202).json(), done, "again is the same");
    assert_eq!(portal.stored(), items);
    let ends = "2034-12-31T23:00:00Z".parse::<jiff::Timestamp>().unwrap();
    portal.clock.advance(ends.duration_since(portal.clock.now()));
    work(&portal).await;
    tenant.api.get("/invoices/RE-K5003").await.status(404).problem("not_found");
    let over = tenant.api.get(ERASURE).await.status(200).json();
    assert_eq!((&over["done_at"], over.get("kept_until")), (&done["done_at"], None), "{over}");
    assert!(CANARIES.iter().all(|word| portal.items_saying(word).is_empty()));
}

#[tokio::test]
async fn an_erasure_that_is_killed_anywhere_is_done_all_the_same() {
    let portal = Portal::behind_faults(17).await;
    let tenant = portal.tenant("webhosting-ag").await;
    let mut survived = false;
    for (round, kill) in [Kill::Before, Kill::After].into_iter().cycle().enumerate().take(ROUNDS) {
        let number = format!("K{}", 6000 + round);
        person(&tenant, &number, "Kanaria").await;
        settle(&tenant, &number).await;
        work(&portal).await;
        let confirm = json!({ "confirm": number });
        tenant.api.post(&format!("/customers/{number}:erase"), &confirm).await.status(202);
        survived = portal.dynamodb().killing_at(round * STRIDE, kill, portal.worker.minute()).await.is_some();
        // What was leased by the one that ended is free again.
        portal.clock.advance(minutes(2));
        for _ in 0..3 {
            work(&portal).await;
        }
        let shown = tenant.api.get(&format!("/customers/{number}/erasure")).await.status(200).json();
        assert!(shown["done_at"].is_string() && shown["kept_until"] == "2034-12-31", "{kill:?} {round}: {shown}");
        assert_eq!(left(&portal), Vec::<Value>::new(), "{kill:?} {round}");
        if survived {
            break;
        }
    }
    assert!(survived, "{ROUNDS} rounds are too few");
    assert!(portal.worker.dead_letters().is_empty(), "{:?}", portal.worker.dead_letters());
}

/// Who decided before the tombstone and writes after it comes too late.
#[tokio::test]
async fn nothing_comes_in_beside_an_erasure() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    tenant.customer("K5003", |_| {}).await;
    let (store, id) = below(&tenant, "K5003").await;
    erase(&tenant).await.status(202);
    let now = portal.clock.now();
    let link = Link {
        id: LinkId::new(now, [1; 10]),
        customer: id.clone(),
        customer_number: "K5003".parse().unwrap(),
        scope: Scope::Portal,
        created_at: now,
        expires_at: None,
        revoked_at: None,
        embed: false,
        granted: false,
    };
    let job = Job::create(JobId::new(now, [1; 10]), JobKind::Export { customer: id.clone() }, Actor::Customer, now);
    let came = [
        store.save_link("hash", &Link::create(link, Actor::Integrator), None).await,
        store.create_job(&job, None).await,
    ];
    for came in came {
        assert!(matches!(came, Err(CommitError::Refused("customer"))), "{came:?}");
    }
}

#[tokio::test]
async fn an_address_of_somebody_who_was_erased_is_free_and_the_number_is_not() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let tine = person(&tenant, "K5003", "Kanaria").await;
    settle(&tenant, "K5003").await;
    erase(&tenant).await.status(202);
    for _ in 0..2 {
        work(&portal).await;
    }
    let again = samples::customer("K5003");
    tenant.api.put("/customers/K5003", &again).await.status(409).problem("conflict").names(&["number"]);
    let fresh = tenant.customer("K6006", |facts| facts["email"] = tine.email().into()).await;
    let browser = fresh.login().await;
    browser.get("/data").await.status(200).shows("K6006").hides("K5003").hides("Kanaria GmbH");
    browser.get("/invoices").await.status(200).shows("Noch keine Rechnungen").hides("RE-K5003");
    browser.get("/invoices/RE-K5003").await.status(404).problem("not_found");
}
