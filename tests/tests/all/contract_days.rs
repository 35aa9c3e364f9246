//! What follows for a contract when something was declared of it or its day has come: on that day where the tenant is, once,
//! told once, and a cancellation with its paper.

use domain::{
    change::{Change, Way},
    id::{CancellationId, CustomerId, EventId},
    subscription::{By, Moment, NewCancellation, NotNow, Phase, Subscription},
    time::Zone,
};
use jiff::civil::{Date, date};
use store::{Loaded, TenantStore};
use testkit::{
    Customer, Portal, Tenant, Value,
    faults::{Fault, Kill},
    hours, json, minutes,
};

use crate::payment_mails::attached;

/// Calls of the store that two workers make in a minute, at most.
const CALLS: usize = 80;
const ENDS_ON: Date = date(2026, 12, 31);
const PAPER: &str = "/contracts/1/cancel/pdf";

/// A tenant and a customer with contract 1, which runs.
struct House {
    portal: Portal,
    tenant: Tenant,
    tine: Customer,
    store: TenantStore,
    customer: CustomerId,
    zone: Zone,
}

impl House {
    async fn built() -> Self {
        Self::in_portal(Portal::start().await).await
    }

    async fn in_portal(portal: Portal) -> Self {
        Self::in_zone(portal, "Europe/Berlin").await
    }

    async fn in_zone(portal: Portal, zone: &str) -> Self {
        let tenant = portal.tenant("webhosting-ag").await;
        tenant.settings("portal", &json!({ "zone": zone })).await;
        let tine = tenant.customer("K5003", |_| {}).await;
        tine.contract("1", |_| {}).await;
        let process = portal.another_process().await;
        let slug = tenant.slug().parse().unwrap();
        let (_, found) = process.store().find_tenant(&slug, process.config().base_host()).await.unwrap();
        let store = process.store().in_tenant(found.scope());
        let customer = store.customer_id(&"K5003".parse().unwrap()).await.unwrap().unwrap();
        portal.worker.drain().await;
        Self { portal, tenant, tine, store, customer, zone: Zone::named(zone).unwrap() }
    }

    fn today(&self) -> Date {
        self.zone.day(self.portal.clock.now())
    }

    async fn contract(&self) -> Loaded<Subscription> {
        self.store.subscription(&self.customer, &"1".parse().unwrap()).await.unwrap().unwrap()
    }

    /// Somebody decides something about contract 1, and it is saved.
    async fn declares(
        &self,
        decide: impl FnOnce(&Subscription, Moment<'_>) -> Result<Option<Change<Subscription>>, NotNow>,
    ) {
        let Loaded { value: contract, rev } = self.contract().await;
        let at = Moment { now: self.portal.clock.now(), zone: &self.zone };
        let change = decide(&contract, at).unwrap().unwrap();
        self.store.save_subscription(&self.customer, &change, Some(rev)).await.unwrap();
    }

    async fn cancels(&self, by: By, reason: &str) {
        let id = CancellationId::new(self.portal.clock.now(), [1; 10]);
        let new = NewCancellation { id, ends_on: ENDS_ON, reason: reason.to_owned().into() };
        self.declares(|contract, at| contract.cancel(new, by, at)).await;
    }

    async fn takes_back(&self) {
        self.declares(|contract, at| contract.take_back(tine(), at)).await;
    }

    async fn pauses(&self, until: Option<Date>) {
        self.declares(|contract, at| contract.pause(until, tine(), at)).await;
    }

    /// The stream is read and some minutes pass, as long as something may still come.
    async fn work(&self) {
        for _ in 0..4 {
            self.portal.worker.drain().await;
            self.portal.worker.minute().await;
            self.portal.clock.advance(minutes(1));
        }
    }

    /// The same from another instant on.
    async fn work_on(&self, instant: &str) {
        self.portal.clock.set(instant.parse().unwrap());
        self.work().await;
    }

    /// Everything the integrator can read in the feed.
    async fn feed(&self) -> Vec<Value> {
        self.portal.clock.advance(minutes(1));
        let mut events = Vec::new();
        // Before everything that happens in a test.
        let mut after = EventId::new("2026-10-01T00:00:00Z".parse().unwrap(), [0; 10]).to_string();
        loop {
            let page = self.tenant.api.get(&format!("/events?limit=100&after={after}")).await.status(200).json();
            events.extend(page["items"].as_array().unwrap().iter().cloned());
            let next = page["next"].as_str().unwrap().to_owned();
            if next == after {
                return events;
            }
            after = next;
        }
    }

    /// What the feed says of a contract after it was loaded, oldest first.
    async fn told(&self, number: &str) -> Vec<Value> {
        let is_told = |event: &Value| {
            let kind = event["kind"].as_str().unwrap();
            kind.starts_with("subscription.") && kind != "subscription.created" && event["subject"] == number
        };
        self.feed().await.into_iter().filter(is_told).collect()
    }

    async fn kinds(&self, number: &str) -> Vec<String> {
        let told = self.told(number).await;
        told.iter()
            .map(|event| event["kind"].as_str().unwrap().trim_start_matches("subscription.").to_owned())
            .collect()
    }

    /// Subjects of the mails to the customer, oldest first.
    fn subjects(&self) -> Vec<String> {
        let mails = self.portal.mailbox.all_to(self.tine.email());
        let subjects = mails.into_iter().rev().map(|mail| mail.subject);
        subjects.filter(|subject| !subject.contains("Anmeldecode")).collect()
    }

    /// Text and HTML of the newest mail to the customer, and its paper.
    fn last_mail(&self) -> (String, String, String) {
        let mail = self.portal.mailbox.last_to(self.tine.email());
        let paper = attached(&mail).split_whitespace().collect::<Vec<_>>().join(" ");
        (mail.text.unwrap(), mail.html.unwrap(), paper)
    }
}

/// The customer, on a page.
fn tine() -> By {
    By::customer(Way::Page)
}

#[tokio::test]
async fn a_cancellation_is_confirmed_once_by_mail_with_the_paper_that_its_page_hands_out() {
    let house = House::built().await;
    let browser = house.tine.login().await;
    browser.get(PAPER).await.status(404).problem("not_found");
    house.cancels(tine(), "Umzug").await;
    let (writer, worker) = (house.portal.another_writer().await, house.portal.another_worker().await);
    let minute = json!({});
    for _ in 0..3 {
        let (_, written, sent) =
            tokio::join!(house.portal.worker.drain(), writer.on_event(&minute), worker.on_event(&minute));
        written.unwrap();
        sent.unwrap();
        house.portal.clock.advance(minutes(2));
    }
    house.work().await;
    assert_eq!(house.subjects(), ["Webhosting Ag: Kündigungsbestätigung, Vertrag Nr. 1"]);
    let mail = house.portal.mailbox.last_to(house.tine.email());
    assert_eq!(mail.attachments[0].name, "Kündigungsbestätigung-1.pdf");
    let (text, _, paper) = house.last_mail();
    for part in ["am 22.11.2026 um 10:00:00\u{a0}Uhr", "Vertrag Nr. 1: Webhosting Basis", "31.12.2026", "/contracts/1"]
    {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
    for part in ["Ihre Kündigung ist am 22.11.2026 um 10:00:00 Uhr", "Vertrag Nr. 1 endet am 31.12.2026.", "Umzug"] {
        assert!(paper.contains(part), "{part} is missing in {paper}");
    }
    assert_eq!(house.portal.items_like("#FILE#pdf"), 1, "its paper was kept once");
    let items = house.portal.items();
    let handed_out = browser.get(PAPER).await.status(303).header("location").to_owned();
    assert!(handed_out.starts_with(&house.portal.cloud().s3_url()), "{handed_out}");
    assert_eq!(house.portal.items(), items, "nothing is rendered twice");
    // Also when the contract has ended.
    house.work_on("2027-01-05T09:00:00Z").await;
    assert_eq!(house.kinds("1").await, ["cancelled", "ended"]);
    house.tine.login().await.get(PAPER).await.status(303);
    let other = house.tenant.customer("K1", |_| {}).await;
    other.login().await.get(PAPER).await.status(404).problem("not_found");
    assert_eq!(house.subjects().len(), 1);
}

#[tokio::test]
async fn a_paper_that_is_asked_for_first_is_the_one_that_the_mail_carries() {
    let house = House::built().await;
    let browser = house.tine.login().await;
    house.cancels(tine(), "").await;
    browser.get(PAPER).await.status(303);
    assert_eq!(house.portal.items_like("#FILE#pdf"), 1);
    house.work().await;
    assert_eq!((house.subjects().len(), house.portal.items_like("#FILE#pdf")), (1, 1));
    assert!(house.last_mail().2.contains("Kündigungsbestätigung"));
}

#[tokio::test]
async fn what_staff_cancel_is_told_in_other_words() {
    let house = House::built().await;
    house.cancels(By::integrator(), "Zahlungsverzug").await;
    house.work().await;
    let (text, _, paper) = house.last_mail();
    assert!(text.contains("Ihr Vertrag Nr. 1 wurde gekündigt") && !text.contains("eingegangen"), "{text}");
    assert!(paper.contains("Ihr Vertrag Nr. 1 wurde am 22.11.2026 gekündigt und endet am 31.12.2026."), "{paper}");
    assert!(paper.contains("Grund: Zahlungsverzug") && !paper.contains("eingegangen"), "{paper}");
    assert_eq!(house.subjects().len(), 1);
}

#[tokio::test]
async fn the_customers_language_and_the_operators_word_decide() {
    let house = House::built().await;
    house.tenant.settings("portal", &json!({ "contract_word": "subscription" })).await;
    house.tenant.customer("K5003", |customer| customer["language"] = "en".into()).await;
    // Settings are believed for a minute.
    house.portal.clock.advance(minutes(2));
    house.cancels(tine(), "").await;
    house.work().await;
    assert_eq!(house.subjects(), ["Webhosting Ag: confirmation of cancellation, Subscription no. 1"]);
    let mail = house.portal.mailbox.last_to(house.tine.email());
    assert_eq!(mail.attachments[0].name, "Cancellation-1.pdf");
    let (_, _, paper) = house.last_mail();
    assert!(paper.contains("Subscription no. 1 ends on 31 Dec 2026."), "{paper}");
}

#[tokio::test]
async fn a_cancellation_that_was_taken_back_is_confirmed_no_more() {
    let house = House::built().await;
    house.cancels(tine(), "").await;
    house.portal.clock.advance(minutes(1));
    house.takes_back().await;
    house.work().await;
    assert_eq!(house.subjects(), ["Webhosting Ag: Kündigung zurückgenommen, Vertrag Nr. 1"]);
    assert_eq!(house.portal.items_like("#FILE#pdf"), 0, "no paper is made of it");
    house.tine.login().await.get(PAPER).await.status(404).problem("not_found");
}

#[tokio::test]
async fn what_waited_for_the_mail_service_is_not_told_once_it_is_no_longer_so() {
    let house = House::in_portal(Portal::behind_faults(32).await).await;
    house.portal.ses().always(Fault::FailBefore);
    house.cancels(tine(), "").await;
    house.portal.worker.drain().await;
    house.portal.clock.advance(minutes(1));
    house.takes_back().await;
    house.portal.worker.drain().await;
    house.portal.clock.advance(minutes(1));
    house.cancels(tine(), "Doch").await;
    house.portal.worker.drain().await;
    assert_eq!((house.subjects().len(), house.portal.items_like("/OUT#")), (0, 3));
    house.portal.ses().stop();
    for _ in 0..3 {
        house.portal.clock.advance(minutes(10));
        house.work().await;
    }
    // The contract is cancelled, by the second cancellation.
    assert_eq!(house.subjects(), ["Webhosting Ag: Kündigungsbestätigung, Vertrag Nr. 1"]);
    assert!(house.last_mail().2.contains("Grund: Doch"));
}

#[tokio::test]
async fn markup_in_plan_and_reason_stays_text_in_mail_and_paper() {
    let house = House::built().await;
    let plan = "<b>Basis</b> *fett* #panic() [x](https://evil.example)";
    let reason = "#set page(fill: red) <script>alert(1)</script> $x$ _y_";
    house.tine.contract("1", |contract| contract["plan"] = plan.into()).await;
    house.cancels(tine(), reason).await;
    house.work().await;
    let (text, html, paper) = house.last_mail();
    assert!(text.contains(plan), "{text}");
    assert!(
        !html.contains("<b>Basis") && !html.contains("<em>fett") && !html.contains("href=\"https://evil"),
        "{html}"
    );
    assert!(paper.contains(plan) && paper.contains(reason), "{paper}");
    assert!(!text.contains("alert(1)") && !html.contains("alert(1)"), "the reason is for the paper alone: {text}");
}

/// Each is told once, whatever becomes of the job that tells it.
#[tokio::test]
async fn a_cancelled_contract_ends_once_wherever_a_job_that_is_doubled_and_late_is_killed() {
    let house = House::in_portal(Portal::behind_faults(31).await).await;
    let second = house.portal.another_worker().await;
    let mut contracts = Vec::new();
    for kill in [Kill::Before, Kill::After] {
        let mut survived = false;
        for call in 0..CALLS {
            let (number, day) = (format!("{kill:?}-{call}"), house.today().to_string());
            let phase = json!({ "name": "cancelled", "declared_on": day, "ends_on": day });
            house.tine.contract(&number, |contract| contract["phase"] = phase).await;
            contracts.push((number, day));
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
    let feed = house.feed().await;
    for (number, day) in contracts {
        let is_end = |event: &&Value| event["kind"] == "subscription.ended" && event["subject"] == number.as_str();
        let ends: Vec<&Value> = feed.iter().filter(is_end).collect();
        let [end] = &ends[..] else { panic!("{number} ended {} times", ends.len()) };
        assert_eq!((&end["facts"], &end["actor"]), (&json!({ "on": day }), &json!("system")), "{number}");
    }
    assert!(house.portal.worker.dead_letters().is_empty(), "{:?}", house.portal.worker.dead_letters());
}

#[tokio::test]
async fn a_pause_ends_when_its_last_day_does_where_the_tenant_is() {
    let (november, berlin) = (date(2026, 11, 30), "Europe/Berlin");
    for (begin, zone, until, before, after) in [
        ("2026-11-22T09:00:00Z", berlin, november, "2026-11-30T22:30:00Z", "2026-11-30T23:30:00Z"),
        ("2026-11-22T09:00:00Z", "America/Los_Angeles", november, "2026-12-01T07:30:00Z", "2026-12-01T08:30:00Z"),
        ("2026-11-22T09:00:00Z", "Pacific/Kiritimati", november, "2026-11-30T09:30:00Z", "2026-11-30T10:30:00Z"),
        // The days on which clocks are put back and forward: 25 and 23 hours.
        ("2026-10-20T09:00:00Z", berlin, date(2026, 10, 25), "2026-10-25T22:30:00Z", "2026-10-25T23:30:00Z"),
        ("2027-03-20T09:00:00Z", berlin, date(2027, 3, 28), "2027-03-28T21:30:00Z", "2027-03-28T22:30:00Z"),
    ] {
        let house = House::in_zone(Portal::start_at(begin).await, zone).await;
        house.portal.clock.advance(minutes(2));
        house.pauses(Some(until)).await;
        house.work().await;
        house.work_on(before).await;
        assert_eq!(house.kinds("1").await, ["paused"], "{zone} {before}");
        house.work_on(after).await;
        let told = house.told("1").await;
        assert_eq!(house.kinds("1").await, ["paused", "resumed"], "{zone} {after}");
        assert_eq!(told[1]["actor"], "system", "{told:?}");
        house.portal.clock.advance(hours(72));
        house.work().await;
        assert_eq!(house.kinds("1").await.len(), 2, "{zone}: once");
        assert_eq!(house.contract().await.value.phase_on(house.today()), Phase::Active);
        let pre = "Webhosting Ag: Vertrag Nr. 1";
        assert_eq!(house.subjects(), [format!("{pre} ist pausiert"), format!("{pre} läuft wieder")], "{zone}");
    }
}

#[tokio::test]
async fn a_pause_that_is_over_again_is_not_told_late() {
    let house = House::in_portal(Portal::behind_faults(33).await).await;
    house.portal.ses().always(Fault::FailBefore);
    house.pauses(None).await;
    house.portal.worker.drain().await;
    house.portal.clock.advance(minutes(1));
    house.declares(|contract, at| contract.resume(tine(), at)).await;
    house.portal.worker.drain().await;
    house.portal.ses().stop();
    for _ in 0..2 {
        house.portal.clock.advance(minutes(10));
        house.work().await;
    }
    assert_eq!(house.subjects(), ["Webhosting Ag: Vertrag Nr. 1 läuft wieder"]);
}

#[tokio::test]
async fn a_fixed_term_that_is_over_is_told_once_and_the_contract_goes_on() {
    let house = House::built().await;
    let for_terms = |contract: &mut Value| {
        contract["party"] = json!("business");
        contract["minimum_until"] = json!("2026-11-30");
        contract["renewal"] = json!({ "count": 1, "unit": "month" });
    };
    house.tine.contract("2", for_terms).await;
    house.work_on("2026-11-30T22:30:00Z").await;
    assert!(house.kinds("2").await.is_empty());
    // A day late.
    for instant in ["2026-12-02T09:00:00Z", "2026-12-03T09:00:00Z", "2026-12-31T22:30:00Z"] {
        house.work_on(instant).await;
        let told = house.told("2").await;
        let [renewed] = &told[..] else { panic!("{told:?}") };
        assert_eq!(renewed["kind"], "subscription.renewed");
        assert_eq!(renewed["facts"], json!({ "term_ended_on": "2026-11-30", "until": "2026-12-31" }));
    }
    house.work_on("2026-12-31T23:30:00Z").await;
    assert_eq!(house.kinds("2").await, ["renewed", "renewed"]);
    assert!(house.subjects().is_empty(), "{:?}", house.subjects());
}

#[tokio::test]
async fn what_happened_stands_in_the_feed_and_in_the_customers_timeline() {
    let house = House::built().await;
    let a_minute = || house.portal.clock.advance(minutes(1));
    a_minute();
    house.pauses(Some(date(2026, 12, 5))).await;
    a_minute();
    house.declares(|contract, at| contract.resume(tine(), at)).await;
    a_minute();
    house.cancels(tine(), "Umzug").await;
    a_minute();
    house.takes_back().await;
    a_minute();
    house.cancels(By::integrator(), "").await;
    house.work_on("2027-01-01T09:00:00Z").await;
    let told = house.told("1").await;
    let kinds = ["paused", "resumed", "cancelled", "cancellation_taken_back", "cancelled", "ended"];
    assert_eq!(house.kinds("1").await, kinds);
    assert!(told.iter().all(|event| event["customer"] == "K5003"), "{told:?}");
    let actors: Vec<&str> = told.iter().map(|event| event["actor"].as_str().unwrap()).collect();
    assert_eq!(actors, ["customer", "customer", "customer", "customer", "integrator", "system"]);
    assert_eq!((&told[0]["facts"]["until"], &told[5]["facts"]["on"]), (&json!("2026-12-05"), &json!("2026-12-31")));
    let timeline = house.store.timeline(&house.customer, 100).await.unwrap();
    let mine = timeline.iter().rev().map(|record| record.event.kind.code());
    let mine: Vec<&str> = mine.filter_map(|kind| kind.strip_prefix("subscription.")).collect();
    assert_eq!(mine, [&["created"][..], &kinds[..]].concat());
}
