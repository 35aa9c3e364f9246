//! Webhooks: whoever asked for it hears of everything, signed, at least once and under one id; whoever does not answer delays
//! nobody.

use std::collections::BTreeSet;

use domain::{id::EventId, payment::Method};
use testkit::{
    Behaviour, Metric, Portal, Received, Receiver, START, Tenant, Value, faults::Kill, hours, json, minutes, samples,
    seconds,
};

/// Where a tenant reads what concerns itself.
const COMPANY: &str = "service@webhosting-ag.example";
/// More calls than a minute takes.
const CALLS: usize = 80;

/// A tenant whose receiver hears of new customers.
struct House {
    portal: Portal,
    tenant: Tenant,
    receiver: Receiver,
    endpoint: Value,
}

impl House {
    async fn built(behaviour: Behaviour) -> Self {
        Self::of(Portal::start().await, "webhosting-ag", behaviour).await
    }

    async fn of(portal: Portal, slug: &str, behaviour: Behaviour) -> Self {
        let (tenant, receiver) = (portal.tenant(slug).await, Receiver::that(behaviour).await);
        let wanted = json!({ "url": receiver.url(), "events": ["customer.created"] });
        let endpoint = tenant.api.post("/webhook-endpoints", &wanted).await.status(201).json();
        Self { portal, tenant, receiver, endpoint }
    }

    fn id(&self) -> &str {
        self.endpoint["id"].as_str().unwrap()
    }

    fn secret(&self) -> &str {
        self.endpoint["secret"].as_str().unwrap()
    }

    /// Something happens that the receiver wants to hear of.
    async fn welcomes(&self, number: &str) {
        self.tenant.customer(number, |_| {}).await;
    }

    /// A minute passes.
    async fn minute(&self) {
        self.portal.clock.advance(minutes(1));
        self.portal.worker.minute().await;
    }

    async fn state(&self) -> String {
        let shown = self.tenant.api.get(&format!("/webhook-endpoints/{}", self.id())).await.status(200).json();
        shown["state"]["name"].as_str().unwrap().to_owned()
    }

    async fn deliveries(&self, query: &str) -> Vec<Value> {
        let path = format!("/webhook-endpoints/{}/deliveries{query}", self.id());
        let page = self.tenant.api.get(&path).await.status(200).json();
        page["items"].as_array().unwrap().clone()
    }

    /// Everything that happened to the tenant.
    async fn feed(&self) -> Vec<Value> {
        let begin = EventId::new(START.parse().unwrap(), [0; 10]);
        let page = self.tenant.api.get(&format!("/events?after={begin}")).await.status(200).json();
        page["items"].as_array().unwrap().clone()
    }
}

#[tokio::test]
async fn an_event_arrives_signed_and_says_what_the_feed_says() {
    let house = House::built(Behaviour::Takes).await;
    house.welcomes("K1").await;
    house.portal.worker.minute().await;
    assert!(house.receiver.received().is_empty(), "what is younger than 30 s waits, as in the feed");
    house.minute().await;
    let message = only(house.receiver.received());
    assert!(message.is_signed_with(house.secret()) && !message.is_signed_with("whsec_AAAA"));
    assert_eq!(message.seconds, house.portal.clock.now().as_second());
    let said = message.json();
    let feed = house.feed().await;
    let line = feed.iter().find(|line| line["id"] == said["data"]["id"]).unwrap();
    assert_eq!((&said["data"], &said["type"], &said["timestamp"]), (line, &line["kind"], &line["at"]));
    assert_eq!(
        (&line["customer"], &line["subject"]),
        (&json!("K1"), &json!("K1")),
        "customers are known by their numbers"
    );
    for _ in 0..3 {
        house.minute().await;
    }
    assert_eq!(house.receiver.received().len(), 1, "it is told once");
    let delivery = only(house.deliveries("").await);
    assert_eq!((&delivery["id"], &delivery["state"]["name"]), (&json!(message.id), &json!("delivered")));
    assert_eq!(delivery["last"]["reaction"], json!({ "name": "answered", "status": 204 }));
}

#[tokio::test]
async fn an_endpoint_for_everything_hears_of_its_own_beginning_first() {
    let portal = Portal::start().await;
    let (tenant, receiver) = (portal.tenant("webhosting-ag").await, Receiver::that(Behaviour::Takes).await);
    portal.clock.advance(seconds(1));
    tenant.endpoint(&receiver.url()).await;
    portal.clock.advance(seconds(1));
    let tine = tenant.customer("K5003", |_| {}).await;
    tine.invoice("RE1", |_| {}).await;
    portal.clock.advance(minutes(1));
    portal.worker.minute().await;
    assert_eq!(receiver.kinds(), ["account.opened", "customer.created", "invoice.issued", "webhook_endpoint.created"]);
    let first = receiver.received().into_iter().min_by(|one, other| one.id.cmp(&other.id)).unwrap();
    assert_eq!(first.kind(), "webhook_endpoint.created", "ids sort as things happened");
}

#[tokio::test]
async fn a_secret_is_shown_where_it_is_made_and_nowhere_else() {
    let house = House::built(Behaviour::Takes).await;
    let path = format!("/webhook-endpoints/{}", house.id());
    let rotated = house.tenant.api.post(&format!("{path}:rotate"), &json!({})).await.status(200).json();
    let fresh = rotated["secret"].as_str().unwrap();
    assert!(fresh.starts_with("whsec_") && fresh != house.secret());
    for answer in [house.tenant.api.get(&path).await, house.tenant.api.get("/webhook-endpoints").await] {
        let shown = answer.status(200).html();
        assert!(!shown.contains("whsec_") && !shown.contains(fresh), "{shown}");
    }
    let log = house.portal.log_lines().join("\n");
    assert!(!log.contains("whsec_") && !log.contains(fresh));
}

#[tokio::test]
async fn both_secrets_sign_for_a_day_after_a_rotation() {
    let house = House::built(Behaviour::Takes).await;
    let path = format!("/webhook-endpoints/{}:rotate", house.id());
    let fresh = house.tenant.api.post(&path, &json!({})).await.status(200).json();
    let fresh = fresh["secret"].as_str().unwrap();
    house.welcomes("K1").await;
    house.minute().await;
    let both = house.receiver.received().pop().unwrap();
    assert!(both.is_signed_with(fresh) && both.is_signed_with(house.secret()));
    house.portal.clock.advance(hours(24));
    house.welcomes("K2").await;
    house.minute().await;
    let one = house.receiver.received().pop().unwrap();
    assert!(one.id != both.id && one.is_signed_with(fresh) && !one.is_signed_with(house.secret()));

    // A rotation whose answer was lost is made again; a third one of a day would end a secret before its time.
    for _ in 0..2 {
        house.tenant.api.post(&path, &json!({})).await.status(200);
    }
    house.tenant.api.post(&path, &json!({})).await.status(409).problem("conflict").names(&["secret"]);
}

#[tokio::test]
async fn what_is_refused_is_tried_again_under_the_same_id_until_it_is_taken() {
    let house = House::built(Behaviour::Refuses(500)).await;
    house.welcomes("K1").await;
    house.minute().await;
    let pending = only(house.deliveries("?state=pending").await);
    assert_eq!((&pending["attempts"], &pending["last"]["reaction"]["status"]), (&json!(1), &json!(500)));
    assert_eq!(house.state().await, "failing");
    house.receiver.behaves(Behaviour::Takes);
    house.minute().await;
    let tries = house.receiver.received();
    let [first, second] = &tries[..] else { panic!("{} tries", tries.len()) };
    assert_eq!((&first.id, &first.body), (&second.id, &second.body));
    assert_ne!(first.seconds, second.seconds, "each try is signed at its own time");
    assert_eq!((house.state().await.as_str(), house.deliveries("?state=delivered").await.len()), ("enabled", 1));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let house = House::built(Behaviour::Redirects).await;
    house.welcomes("K1").await;
    house.minute().await;
    assert_eq!(house.deliveries("").await[0]["last"]["reaction"], json!({ "name": "answered", "status": 307 }));
    assert_eq!(house.receiver.paths(), ["/hooks"]);
}

#[tokio::test]
async fn a_day_of_refusals_gives_a_delivery_up_until_somebody_asks_for_it() {
    let house = House::built(Behaviour::Refuses(503)).await;
    house.welcomes("K1").await;
    for _ in 0..26 {
        house.portal.clock.advance(hours(1));
        house.portal.worker.minute().await;
    }
    let given_up = only(house.deliveries("?state=given_up").await);
    let tries = house.receiver.received().len();
    assert!((5..=12).contains(&tries), "{tries}");
    assert_eq!(given_up["attempts"], json!(tries));
    house.minute().await;
    assert_eq!(house.receiver.received().len(), tries, "it is tried no more");

    house.receiver.behaves(Behaviour::Takes);
    let path = format!("/deliveries/{}:redeliver", given_up["id"].as_str().unwrap());
    let asked = house.tenant.api.post(&path, &json!({})).await.status(202).json();
    assert_eq!(asked["state"]["name"], "pending");
    house.minute().await;
    let again = house.receiver.received().pop().unwrap();
    assert_eq!((json!(again.id), house.receiver.received().len()), (given_up["id"].clone(), tries + 1));
    assert_eq!(house.deliveries("?state=delivered").await.len(), 1);
    house.tenant.api.post("/deliveries/whd_01AAAAAAAAAAAAAAAAAAAAAAAA:redeliver", &json!({})).await.status(404);
}

#[tokio::test]
async fn five_days_without_a_delivery_disable_an_endpoint_and_enabling_it_goes_on_from_there() {
    let house = House::built(Behaviour::Refuses(500)).await;
    for day in 0..6 {
        assert_ne!(house.state().await, "disabled", "day {day}");
        house.welcomes(&format!("K{day}")).await;
        house.minute().await;
        house.portal.clock.advance(hours(24));
    }
    house.portal.worker.minute().await;
    assert_eq!(house.state().await, "disabled");
    assert_eq!(house.portal.told(Metric::HooksDisabled), [1]);
    for _ in 0..3 {
        house.portal.worker.drain().await;
        house.minute().await;
    }
    let mail = only(house.portal.mailbox.all_to(COMPANY));
    assert_eq!(mail.subject, "Webhosting Ag: Webhooks an 127.0.0.1 sind abgeschaltet");
    assert!(mail.text.as_deref().unwrap().contains(house.id()));
    let told = house.feed().await;
    let disabled = only(told.into_iter().filter(|line| line["kind"] == "webhook_endpoint.disabled").collect());
    assert_eq!(disabled["subject"], house.endpoint["id"]);

    // What happens meanwhile is not sent, and not lost.
    let tries = house.receiver.received().len();
    house.receiver.behaves(Behaviour::Takes);
    house.welcomes("K-MEANWHILE").await;
    house.portal.clock.advance(hours(24 * 10));
    house.portal.worker.minute().await;
    assert_eq!(house.receiver.received().len(), tries);
    let delivery = house.deliveries("").await[0]["id"].as_str().unwrap().to_owned();
    let refused = house.tenant.api.post(&format!("/deliveries/{delivery}:redeliver"), &json!({})).await;
    refused.status(409).problem("conflict");
    let path = format!("/webhook-endpoints/{}:enable", house.id());
    for _ in 0..2 {
        let enabled = house.tenant.api.post(&path, &json!({})).await.status(200).json();
        assert_eq!(enabled["state"]["name"], "enabled", "again is the same");
    }
    house.minute().await;
    let last: BTreeSet<String> = house.receiver.received()[tries..].iter().map(subject).collect();
    assert!(last.contains("K-MEANWHILE") && last.contains("K5"), "{last:?}");
    let given_up = house.deliveries("?state=given_up").await.len();
    assert_eq!(house.deliveries("?state=delivered").await.len() + given_up, 7, "every event is accounted for");
}

/// The only one there is.
#[track_caller]
fn only<T: std::fmt::Debug>(all: Vec<T>) -> T {
    let [one] = <[T; 1]>::try_from(all).unwrap_or_else(|all| panic!("there are {}: {all:?}", all.len()));
    one
}

fn subject(message: &Received) -> String {
    message.json()["data"]["subject"].as_str().unwrap().to_owned()
}

/// Has a payment declined, of which the customer hears by mail two minutes later.
async fn declines(house: &House, number: &str) {
    let tine = house.tenant.customer(number, |_| {}).await;
    tine.invoice(&format!("RE-{number}"), |_| {}).await;
    let settlement = json!({ "invoices": [format!("RE-{number}")], "method": "sandbox" });
    let program = tine.token().await.request("POST", "/api/v1/settlements").header("idempotency-key", number);
    let settled = house.portal.ask(program.json(&settlement)).await.status(201).json();
    house.portal.provider.decline(settled["next"]["url"].as_str().unwrap()).await;
    house.portal.worker.drain().await;
}

#[tokio::test]
async fn endpoints_that_hang_for_days_delay_neither_mails_nor_their_neighbours_nor_other_tenants() {
    let house = House::built(Behaviour::Takes).await;
    let neighbour = House::of(house.portal.clone(), "stadtwerke-muster", Behaviour::Takes).await;
    let hanging = [Receiver::that(Behaviour::Hangs).await, Receiver::that(Behaviour::Hangs).await];
    for receiver in &hanging {
        house.tenant.endpoint(&receiver.url()).await;
    }
    house.tenant.enable(Method::Sandbox).await.status(200);
    // A host is believed for a minute.
    house.portal.clock.advance(minutes(2));
    for day in 1..=3 {
        let (number, address) = (format!("K{day}"), format!("k{day}@example.org"));
        declines(&house, &number).await;
        neighbour.welcomes(&number).await;
        let before = house.portal.mailbox.all_to(&address).len();
        let asked = [0, 1].map(|place| hanging[place].received().len());
        house.portal.clock.advance(minutes(2));
        let worker = house.portal.worker.clone();
        let minute = tokio::spawn(async move { worker.minute().await });
        for (receiver, asked) in hanging.iter().zip(asked) {
            receiver.has_received(asked + 1).await;
        }
        house.receiver.has_received(day).await;
        neighbour.receiver.has_received(day).await;
        while house.portal.mailbox.all_to(&address).len() == before && !minute.is_finished() {
            tokio::task::yield_now().await;
        }
        assert_eq!(house.portal.mailbox.all_to(&address).len(), before + 1, "day {day}");
        // All of that came while both let us wait: nothing stood behind them.
        assert!(hanging.iter().all(|receiver| receiver.waiting() > 0), "day {day}");
        minute.await.unwrap();
        house.portal.clock.advance(hours(24));
    }
    let states = house.tenant.api.get("/webhook-endpoints").await.status(200).json();
    let failing = states["items"].as_array().unwrap().iter().filter(|one| one["state"]["name"] == "failing").count();
    assert_eq!(failing, 2);
    for receiver in &hanging {
        assert!(receiver.received().len() <= 3 * 4, "a visit stops where nobody answers");
    }
}

#[tokio::test]
async fn what_is_broken_at_one_tenant_stops_no_other() {
    let house = House::built(Behaviour::Takes).await;
    let neighbour = House::of(house.portal.clone(), "stadtwerke-muster", Behaviour::Takes).await;
    let url = format!("\"url\":{{\"S\":\"{}\"}}", house.receiver.url());
    assert_eq!(house.portal.spoil("webhook_endpoint", &url, "\"url\":{\"N\":\"7\"}"), 1);
    neighbour.welcomes("K1").await;
    house.minute().await;
    assert_eq!(neighbour.receiver.subjects(), ["K1"]);
    let letters = house.portal.worker.dead_letters();
    assert!(letters.len() == 1 && letters[0].error.contains("webhook_endpoint"), "{letters:?}");
}

#[tokio::test]
async fn a_process_that_ends_anywhere_loses_nothing_and_repeats_only_under_the_same_id() {
    let mut number = 0;
    for kill in [Kill::Before, Kill::After] {
        let house = House::of(Portal::behind_faults(7).await, "webhosting-ag", Behaviour::Takes).await;
        let mut survived = false;
        for calls in 0..CALLS {
            number += 1;
            let customer = format!("K{number}");
            house.welcomes(&customer).await;
            house.portal.clock.advance(minutes(1));
            survived = house.portal.dynamodb().killing_at(calls, kill, house.portal.worker.minute()).await.is_some();
            house.portal.clock.advance(minutes(2));
            for _ in 0..2 {
                house.minute().await;
            }
            let told: Vec<Received> = house.receiver.received();
            let told: Vec<&Received> = told.iter().filter(|message| subject(message) == customer).collect();
            assert!((1..=2).contains(&told.len()), "{} times at call {calls} ({kill:?})", told.len());
            assert!(told.iter().all(|message| message.id == told[0].id && message.body == told[0].body));
            if survived {
                break;
            }
        }
        assert!(survived, "{CALLS} calls are too few");
    }
}

#[tokio::test]
async fn two_workers_at_once_tell_everything_once() {
    let house = House::built(Behaviour::Takes).await;
    for number in 0..9 {
        house.welcomes(&format!("K{number}")).await;
    }
    house.portal.clock.advance(minutes(1));
    let (first, second) = (house.portal.another_worker().await, house.portal.another_worker().await);
    let minute = json!({});
    let (one, two) = futures_util::future::join(first.on_event(&minute), second.on_event(&minute)).await;
    assert_eq!((one.is_ok(), two.is_ok()), (true, true));
    assert_eq!((house.receiver.received().len(), house.receiver.subjects().len()), (9, 9));
}

#[tokio::test]
async fn a_flood_of_events_arrives_whole_within_a_minute() {
    let house = House::built(Behaviour::Takes).await;
    let numbers: Vec<String> = (0..200).map(|number| format!("K{number:03}")).collect();
    let lines: Vec<String> = numbers.iter().map(|number| samples::line(number, samples::customer(number))).collect();
    house.tenant.api.import("/customers:import", &lines.join("\n")).await.status(200);
    house.minute().await;
    assert_eq!(house.receiver.subjects(), numbers);
    assert_eq!(house.receiver.received().len(), 200, "each once");
}

#[tokio::test]
async fn deliveries_are_listed_in_pages_and_by_state() {
    let house = House::built(Behaviour::Takes).await;
    for number in 0..5 {
        house.welcomes(&format!("K{number}")).await;
        house.portal.clock.advance(seconds(1));
    }
    house.minute().await;
    let path = format!("/webhook-endpoints/{}/deliveries", house.id());
    let (mut after, mut subjects) = (String::new(), Vec::new());
    loop {
        let page = house.tenant.api.get(&format!("{path}?limit=2{after}")).await.status(200).json();
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 2);
        subjects.extend(items.iter().map(|item| item["subject"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(subjects, ["K4", "K3", "K2", "K1", "K0"], "newest first");
    let count = async |state: &str| house.deliveries(&format!("?state={state}")).await.len();
    assert_eq!((count("delivered").await, count("pending").await, count("given_up").await), (5, 0, 0));
    house.tenant.api.get(&format!("{path}?state=lost")).await.status(422).names(&["state"]);
    house.portal.clock.advance(hours(30 * 24));
    assert_eq!(house.deliveries("").await.len(), 0, "after 30 days they are gone");
}

#[tokio::test]
async fn an_address_inside_is_refused_where_it_counts() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    for url in [
        "http://hooks.example/",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://hooks.example:8443/",
        "https://user:password@hooks.example/",
        "https://hooks.example/#part",
        "hooks.example",
    ] {
        let request = tenant.api.request("POST", "/webhook-endpoints").json(&json!({ "url": url }));
        let refused = portal.ask_in_prod(request).await.status(422).names(&["url"]);
        assert!(!refused.html().contains("password"), "{url}");
    }
    let public = tenant.api.request("POST", "/webhook-endpoints").json(&json!({ "url": "https://hooks.example/a" }));
    portal.ask_in_prod(public).await.status(201);
    tenant.api.post("/webhook-endpoints", &json!({ "url": "http://10.0.0.1/" })).await.status(422).names(&["url"]);
}

#[tokio::test]
async fn an_endpoint_that_makes_no_sense_is_refused() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let create = async |body: Value| tenant.api.post("/webhook-endpoints", &body).await;
    let url = |number: usize| format!("https://hooks.example/{number}");
    create(json!({})).await.status(422).names(&["url"]);
    create(json!({ "url": url(0), "events": [] })).await.status(422).names(&["events"]);
    create(json!({ "url": url(0), "events": ["customer.vanished"] })).await.status(422).names(&["events[0]"]);
    create(json!({ "url": url(0), "description": "x".repeat(201) })).await.status(422).names(&["description"]);
    for number in 0..10 {
        create(json!({ "url": url(number) })).await.status(201);
    }
    create(json!({ "url": url(10) })).await.status(422).names(&["url"]);
    let all = tenant.api.get("/webhook-endpoints").await.status(200).json();
    let last = all["items"].as_array().unwrap().iter().find(|endpoint| endpoint["url"] == json!(url(9))).unwrap();
    let path = format!("/webhook-endpoints/{}", last["id"].as_str().unwrap());
    tenant.api.delete(&path, &json!({})).await.status(204);
    create(json!({ "url": url(3) })).await.status(409).problem("conflict").names(&["url"]);
}

#[tokio::test]
async fn what_is_taken_away_hears_nothing_more() {
    let house = House::built(Behaviour::Refuses(500)).await;
    house.welcomes("K1").await;
    house.minute().await;
    let path = format!("/webhook-endpoints/{}", house.id());
    house.tenant.api.delete(&path, &json!({})).await.status(204);
    house.receiver.behaves(Behaviour::Takes);
    house.welcomes("K2").await;
    for _ in 0..3 {
        house.minute().await;
    }
    assert_eq!(house.receiver.received().len(), 1);
    for gone in [path.clone(), format!("{path}/deliveries")] {
        house.tenant.api.get(&gone).await.status(404).problem("not_found");
    }
    house.tenant.api.delete(&path, &json!({})).await.status(404);
    let kinds: Vec<Value> = house.feed().await.iter().map(|line| line["kind"].clone()).collect();
    assert!(kinds.contains(&json!("webhook_endpoint.deleted")), "{kinds:?}");
}

#[tokio::test]
async fn addresses_bodies_and_secrets_never_stand_in_a_log() {
    let portal = Portal::start().await;
    let (tenant, receiver) = (portal.tenant("webhosting-ag").await, Receiver::that(Behaviour::Refuses(500)).await);
    let endpoint = tenant.endpoint(&format!("{}?key=Kanarienvogel", receiver.url())).await;
    tenant.endpoint("http://127.0.0.1:1/Kanarienvogel").await;
    tenant.customer("K-CANARY", |_| {}).await;
    portal.clock.advance(minutes(1));
    portal.worker.minute().await;
    assert!(!receiver.received().is_empty());
    let log = portal.log_lines().join("\n");
    assert!(log.contains("a delivery was tried") && log.contains("NotConnected"));
    for secret in ["Kanarienvogel", "K-CANARY", "whsec_", endpoint["secret"].as_str().unwrap()] {
        let told = log.lines().find(|line| line.contains(secret));
        assert_eq!(told, None, "{secret} stands in the log");
    }
}
