//! Mollie against its loopback server: payments and refunds.

mod kept;
mod messages;

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use domain::{Currency, Money, Secret, id::PaymentId, payment::Method, payment_method::Token};
use http::{HeaderMap, HeaderValue, StatusCode};
use jiff::{SignedDuration, Timestamp};
use payments::{
    About, Access, Asked, Client, Fact, Introduced, Known, Mollie, NotVerified, Owner, Provider as _, Raw, Said,
    Saving, Unknown, What, mollie,
};
use serde_json::{Value, json};
use vendors::{
    Fault,
    mollie::{Mollie as Vendor, Outcome, Setup, Signed},
};

use crate::contract::{World, ask, ask_by, ask_saved, eur, fresh, keeps_the_contract, kept, known, known_saved};
use crate::mutations;

const KEY: &str = "test_dHar4XY7LxsDOtmnkVtjNVWXLSlXsM";
const SECRET: &str = "mollie-rails-secret";
const HOUR: i64 = 3_600;

struct MollieWorld {
    vendor: Vendor,
    clock: Arc<AtomicI64>,
    adapter: Mollie,
    stranger: Mollie,
}

impl World for MollieWorld {
    type Adapter = Mollie;

    fn adapter(&self) -> &Mollie {
        &self.adapter
    }

    fn stranger(&self) -> &Mollie {
        &self.stranger
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.clock.load(Ordering::SeqCst)).unwrap()
    }

    fn method(&self) -> Method {
        Method::Card
    }

    fn amounts(&self) -> [Money; 3] {
        [eur(1), Money::of_minor(99_999_999, Currency::Chf), Money::of_minor(1_500, Currency::Jpy)]
    }

    fn webhook_url(&self) -> String {
        "https://portal.example/webhooks/mollie".to_owned()
    }

    async fn pay(&self, asked: &Asked) {
        assert!(self.vendor.pay(session(asked)));
    }

    async fn agree(&self, saving: &Saving, _method: Method) {
        assert!(self.vendor.pay(page(saving)));
    }

    async fn decline_next(&self, _token: &Token) {
        self.vendor.next_recurring(Outcome::Failed);
    }

    async fn arrive(&self, session: &str) {
        assert!(self.vendor.pay(session));
    }

    async fn end(&self, token: &Token) {
        assert!(self.vendor.invalidate_mandate(&token.method));
    }

    fn odd_message(&self, _payment: &PaymentId) -> Vec<u8> {
        let event = json!({ "resource": "event", "id": "event_1", "type": "made.up", "entityId": "xyz_1234567" });
        event.to_string().into_bytes()
    }

    fn signs_its_time(&self) -> bool {
        false
    }

    fn makes_equal_refunds(&self) -> bool {
        false
    }

    fn proof(&self, body: &[u8], _at: Timestamp) -> HeaderMap {
        signed(&vendors::mollie::sign(SECRET, body))
    }
}

impl MollieWorld {
    async fn new() -> Self {
        Self::telling(Signed::None).await
    }

    /// With signed messages beside the classic ones.
    async fn telling(signed: Signed) -> Self {
        let clock = Arc::new(AtomicI64::new(1_795_000_000));
        let setup = Setup { signed, ..Setup::new(KEY, SECRET, Arc::clone(&clock)) };
        let vendor = Vendor::start(setup).await;
        let adapter = adapter(Client::default(), &vendor, KEY, &[SECRET]);
        let stranger = self::adapter(Client::default(), &vendor, "test_other", &["somebody-else"]);
        Self { adapter, stranger, vendor, clock }
    }

    fn pass(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::SeqCst);
    }

    /// A payment that was paid, with what we know of it.
    async fn paid(&self, minor: i64) -> (PaymentId, Asked) {
        let payment = fresh(self);
        let asked = ask(self, &payment, eur(minor)).await.unwrap();
        self.pay(&asked).await;
        (payment, asked)
    }

    /// What a look-up finds by the payment's page.
    async fn found(&self, payment: &PaymentId, asked: &Asked) -> Vec<What> {
        let facts = self.adapter.look_up(known(self, payment, Some(asked))).await.unwrap();
        assert!(facts.iter().all(|fact| fact.about == About::Ours(payment.clone())), "{facts:?}");
        facts.into_iter().map(|fact| fact.what).collect()
    }

    async fn verified(&self, headers: &HeaderMap, body: &[u8]) -> Result<Vec<Said>, NotVerified> {
        let verified = self.adapter.verify(Raw { headers, body, now: self.now() }).await?;
        Ok(self.adapter.facts(verified).unwrap())
    }

    /// What the adapter reads from everything that Mollie has sent since it was last asked.
    async fn said(&self) -> Vec<Said> {
        let mut said = Vec::new();
        for message in self.vendor.messages() {
            said.extend(self.verified(&message.headers, &message.body).await.unwrap());
        }
        said
    }
}

fn adapter(client: Client, vendor: &Vendor, key: &str, secrets: &[&str]) -> Mollie {
    let secret = |text: &&str| Secret::new((*text).to_owned());
    let keys = mollie::Keys { api_key: secret(&key), webhook_secrets: secrets.iter().map(secret).collect() };
    Mollie::new(client, vendor.url(), keys)
}

fn session(asked: &Asked) -> &str {
    let (Asked::Page { session, .. } | Asked::Charged { session, .. }) = asked else { panic!("{asked:?}") };
    session
}

fn page(saving: &Saving) -> &str {
    let Saving::Page { session, .. } = saving else { panic!("{saving:?}") };
    session
}

fn signed(signature: &str) -> HeaderMap {
    let name = mollie::SIGNATURE_HEADER.parse().unwrap();
    HeaderMap::from_iter([(name, HeaderValue::from_str(signature).unwrap())])
}

#[tokio::test]
async fn no_changed_message_is_mollies() {
    mutations::are_refused(&MollieWorld::new().await, &["x-mollie-signature"]).await;
}

#[tokio::test]
async fn mollie_keeps_the_contract() {
    keeps_the_contract(&MollieWorld::new().await).await;
}

#[tokio::test]
async fn a_profile_introduces_itself_and_a_stranger_does_not() {
    let world = MollieWorld::new().await;
    let profile = Introduced { account: "pfl_QkEhN94Ba".to_owned(), live: false };
    assert_eq!(world.adapter.introduce().await, Ok(profile));
    assert_eq!(world.stranger.introduce().await, Err(Unknown::Refused(401)));
}

#[test]
fn only_api_keys_are_taken_for_keys() {
    let read = |json: &str| Access::read(domain::payment::ProviderName::Mollie, json.as_bytes());
    for good in [
        r#"{"api_key":"test_dHar4XY7LxsDOtmnkVtjNVWXLSlXsM"}"#,
        r#"{"api_key":"live_dHar4XY7LxsDOtmnkVtjNVWXLSlXsM","webhook_secrets":["12345678","abcdefgh"]}"#,
    ] {
        assert!(matches!(read(good), Ok(Some(Access::Mollie(_)))), "{good}");
    }
    for (bad, field) in [
        (r#"{"api_key":"access_dHar4XY7LxsDOtmnkVtjNVWXLSlXsM"}"#, "api_key"),
        (r#"{"api_key":"live_"}"#, "api_key"),
        (r#"{"api_key":"live_a b"}"#, "api_key"),
        (r#"{"api_key":"live_a","webhook_secrets":[""]}"#, "webhook_secrets"),
        (r#"{"api_key":"live_a","webhook_secrets":["12345678","12345678","12345678"]}"#, "webhook_secrets"),
        (r#"{"api_key":"live_a","more":1}"#, ""),
    ] {
        assert_eq!(read(bad).unwrap_err().field, field, "{bad}");
    }
}

#[tokio::test]
async fn what_is_asked_is_what_mollie_wants_to_read() {
    let world = MollieWorld::new().await;
    let cases = [
        (Method::Card, eur(1_591), "creditcard", "15.91"),
        (Method::Paypal, Money::of_minor(150_000, Currency::Huf), "paypal", "1500.00"),
        (Method::OnlineBanking, eur(5), "paybybank", "0.05"),
        (Method::Card, Money::of_minor(1_500, Currency::Jpy), "creditcard", "1500"),
    ];
    let mut keys = BTreeSet::new();
    for (method, amount, name, value) in cases {
        let payment = fresh(&world);
        let asked = ask_by(&world, &payment, amount, method).await.unwrap();
        let seen = world.vendor.seen().pop().unwrap();
        let body: Value = serde_json::from_slice(&seen.body).unwrap();
        assert_eq!(body["amount"], json!({ "currency": amount.currency().code(), "value": value }));
        assert_eq!((&body["method"], &body["locale"]), (&json!(name), &json!("en_GB")));
        assert_eq!(body["metadata"], json!({ "payment": payment.as_str() }));
        let key = seen.headers["idempotency-key"].to_str().unwrap().to_owned();
        let shape: Vec<usize> = key.split('-').map(str::len).collect();
        assert_eq!(shape, [8, 4, 4, 4, 12]);
        assert!(key[14..].starts_with('4') && "89ab".contains(&key[19..20]), "{key} is no UUID v4");
        assert!(keys.insert(key), "one key per payment");
        world.pay(&asked).await;
        let arrived = What::Arrived { reference: session(&asked).to_owned(), amount };
        assert_eq!(world.found(&payment, &asked).await, [arrived]);
    }
    let other = ask_by(&world, &fresh(&world), eur(100), Method::SepaDebit).await;
    assert!(matches!(other, Ok(Asked::Refused { .. })), "{other:?}");
    let nothing = ask(&world, &fresh(&world), eur(0)).await;
    assert_eq!(nothing, Ok(Asked::Refused { code: "amount".to_owned() }));
}

#[tokio::test]
async fn a_payment_ends_as_the_customer_or_the_bank_ends_it_and_may_be_paid_late() {
    let world = MollieWorld::telling(Signed::Event).await;
    for (end, what) in [("failed", What::Failed), ("canceled", What::Cancelled), ("expired", What::Expired)] {
        let payment = fresh(&world);
        let asked = ask(&world, &payment, eur(2_000)).await.unwrap();
        let id = session(&asked);
        assert!(world.vendor.wait(id));
        assert_eq!(world.found(&payment, &asked).await, [What::Pending]);
        let ended = match end {
            "failed" => world.vendor.decline(id),
            "canceled" => world.vendor.turn_back(id),
            _ => world.vendor.expire(id),
        };
        assert!(ended);
        assert_eq!(world.found(&payment, &asked).await, [what], "{end}");
        assert!(world.vendor.pay_late(id));
        let arrived = What::Arrived { reference: id.to_owned(), amount: eur(2_000) };
        assert_eq!(world.found(&payment, &asked).await, [arrived], "only money is final");
        let said = world.said().await;
        let all_to_look_up = said.iter().all(|said| *said == Said::Charge(id.to_owned()));
        assert!(said.len() >= 4 && all_to_look_up, "nothing is believed: {said:?}");
        assert_eq!(world.adapter.owner(id).await, Ok(Some(Owner::Payment(payment))));
    }
    let payment = fresh(&world);
    let asked = ask(&world, &payment, eur(2_000)).await.unwrap();
    world.pass(15 * 60);
    assert_eq!(world.found(&payment, &asked).await, [What::Expired], "it ran out");
    assert_eq!(world.adapter.owner("tr_unknown0000").await, Ok(None));
    assert_eq!(world.adapter.owner("ord_unknown0000").await, Ok(None));
}

#[tokio::test]
async fn a_chargeback_that_is_reversed_comes_back_and_a_second_does_not() {
    let world = MollieWorld::telling(Signed::Event).await;
    let (payment, asked) = world.paid(2_000).await;
    let id = session(&asked);
    world.said().await;
    let one = world.vendor.charge_back(id, Some(700)).unwrap();
    let other = world.vendor.charge_back(id, Some(300)).unwrap();
    assert!(world.vendor.reverse_chargeback(&one));
    let said = world.said().await;
    assert_eq!(said, vec![Said::Charge(id.to_owned()); 6], "classic and signed, three times");
    let found = world.found(&payment, &asked).await;
    for what in [
        What::Arrived { reference: id.to_owned(), amount: eur(2_000) },
        What::TakenBack { reference: one.clone(), amount: eur(700) },
        What::came_back(&one, "reversed", eur(700)),
        What::TakenBack { reference: other, amount: eur(300) },
    ] {
        assert!(found.contains(&what), "{what:?} is not in {found:?}");
    }
    assert_eq!(found.len(), 4, "{found:?}");
}

#[tokio::test]
async fn a_refund_that_fails_or_is_cancelled_comes_back() {
    let world = MollieWorld::telling(Signed::Event).await;
    let (payment, asked) = world.paid(2_000).await;
    let id = session(&asked);
    let gone = |refund: &str, minor| What::TakenBack { reference: refund.to_owned(), amount: eur(minor) };
    let of_ours = world.adapter.refund(known(&world, &payment, Some(&asked)), eur(500), "key").await.unwrap();
    let What::TakenBack { reference: ours, .. } = &of_ours.what else { panic!("{of_ours:?}") };
    let of_staff = world.vendor.refund(id, 300).unwrap();
    for step in ["pending", "processing", "refunded"] {
        let found = world.found(&payment, &asked).await;
        assert!(found.contains(&gone(ours, 500)) && found.contains(&gone(&of_staff, 300)), "{step}: {found:?}");
        assert_eq!(found.len(), 3, "{step}: {found:?}");
        for refund in [ours, &of_staff] {
            let _ = if step == "pending" {
                world.vendor.process_refund(refund)
            } else {
                world.vendor.settle_refund(refund)
            };
        }
    }
    assert!(world.vendor.fail_refund(ours));
    let found = world.found(&payment, &asked).await;
    assert!(found.contains(&What::came_back(ours, "failed", eur(500))), "{found:?}");
    assert_eq!(found.len(), 4, "{found:?}");
    let cancelled = world.vendor.refund(id, 200).unwrap();
    assert!(world.vendor.cancel_refund(&cancelled) && !world.vendor.cancel_refund(&of_staff));
    let found = world.found(&payment, &asked).await;
    assert!(found.contains(&What::came_back(&cancelled, "failed", eur(200))), "{found:?}");
    assert_eq!(found.len(), 6, "{found:?}");
    let again = world.adapter.refund(known(&world, &payment, Some(&asked)), eur(500), "key").await;
    assert_eq!(again, Ok(of_ours), "the same key is the same refund, even one that came back");
    assert_eq!(world.vendor.charges()[0].refunded, 300);
    let said = world.said().await;
    assert!(said.iter().all(|said| *said == Said::Charge(id.to_owned())), "{said:?}");
}

#[tokio::test]
async fn a_refund_that_mollie_takes_for_a_repetition_was_not_made() {
    let world = MollieWorld::new().await;
    let (payment, asked) = world.paid(2_000).await;
    let known = known(&world, &payment, Some(&asked));
    let first = world.adapter.refund(known, eur(500), "one").await.unwrap();
    assert_eq!(world.adapter.refund(known, eur(500), "two").await, Err(Unknown::Refused(409)));
    assert_eq!(world.adapter.refund(known, eur(400), "one").await, Err(Unknown::Refused(409)), "another amount");
    assert_eq!(world.vendor.charges()[0].refunded, 500);
    world.pass(HOUR);
    assert_eq!(world.adapter.refund(known, eur(500), "one").await, Ok(first.clone()), "the key's hour is over");
    assert_eq!(world.vendor.charges()[0].refunded, 500, "and it was made once");
    let second = world.adapter.refund(known, eur(500), "two").await.unwrap();
    assert_ne!(second, first);
    let other_currency = world.adapter.refund(known, Money::of_minor(1, Currency::Chf), "three").await;
    assert_eq!(other_currency, Err(Unknown::Refused(422)));
}

#[tokio::test]
async fn an_answer_about_a_refund_that_is_lost_is_no_second_refund() {
    let world = MollieWorld::new().await;
    for fault in [Fault::Garbage, Fault::Stumble(StatusCode::BAD_GATEWAY)] {
        let (payment, asked) = world.paid(2_000).await;
        let known = known(&world, &payment, Some(&asked));
        let lost = refund_whose_answer_is_lost(&world, fault, known).await;
        assert!(lost.is_err(), "{lost:?}");
        let refund = world.adapter.refund(known, eur(500), "lost").await.unwrap();
        assert!(world.found(&payment, &asked).await.contains(&refund.what));
        assert_eq!(world.vendor.charges().last().unwrap().refunded, 500, "{fault:?}");
    }
}

/// What is paid and what was refunded is asked first; the third answer is the refund's own.
async fn refund_whose_answer_is_lost(world: &MollieWorld, fault: Fault, known: Known<'_>) -> Result<Fact, Unknown> {
    let before = world.vendor.seen().len();
    // A fault is used up by the next answer, so it is set once both questions have come.
    let set_fault = async {
        while world.vendor.seen().len() < before + 2 {
            tokio::task::yield_now().await;
        }
        world.vendor.fault(fault);
    };
    tokio::join!(world.adapter.refund(known, eur(500), "lost"), set_fault).0
}

#[tokio::test]
async fn an_answer_of_mollie_that_is_lost_is_no_second_page() {
    let world = MollieWorld::new().await;
    for fault in [Fault::Garbage, Fault::Stumble(StatusCode::BAD_GATEWAY), Fault::Refuse(StatusCode::BAD_GATEWAY)] {
        let payment = fresh(&world);
        world.vendor.fault(fault);
        assert!(ask(&world, &payment, eur(2_000)).await.is_err(), "{fault:?}");
        let found = world.adapter.look_up(known(&world, &payment, None)).await.unwrap();
        let was_asked = !matches!(fault, Fault::Refuse(_));
        assert_eq!(found.len(), usize::from(was_asked), "{fault:?}");
        let again = ask(&world, &payment, eur(2_000)).await.unwrap();
        assert_eq!(ask(&world, &payment, eur(2_000)).await.unwrap(), again);
    }
    assert_eq!(world.vendor.payments().len(), 3);
}

#[tokio::test]
async fn an_answer_that_hangs_is_no_second_charge() {
    let world = MollieWorld::new().await;
    let hasty = Client::waiting(Duration::from_millis(300));
    let world = MollieWorld { adapter: adapter(hasty, &world.vendor, KEY, &[SECRET]), ..world };
    let (_, _, token) = kept(&world, Method::Card).await;
    let before = world.vendor.charges().len();
    for fault in [Fault::HangBefore, Fault::HangAfter] {
        let payment = fresh(&world);
        world.vendor.fault(fault);
        let asked = ask_saved(&world, &payment, eur(500), (Method::Card, &token)).await;
        assert!(matches!(asked, Err(Unknown::NoAnswer(_))), "{asked:?}");
        let found = world.adapter.look_up(known_saved(&world, &payment, None, &token)).await.unwrap();
        assert_eq!(found.len(), usize::from(fault == Fault::HangAfter), "{fault:?}");
        let again = ask_saved(&world, &payment, eur(500), (Method::Card, &token)).await.unwrap();
        assert!(matches!(again, Asked::Charged { what: What::Arrived { .. }, .. }), "{again:?}");
        let page = fresh(&world);
        world.vendor.fault(fault);
        assert!(ask(&world, &page, eur(500)).await.is_err());
        let found = world.adapter.look_up(known(&world, &page, None)).await.unwrap();
        assert_eq!(found.len(), usize::from(fault == Fault::HangAfter), "{fault:?}");
    }
    assert_eq!(world.vendor.charges().len(), before + 2);
}

#[tokio::test]
async fn after_its_hour_a_key_is_a_new_one_and_a_look_up_finds_both() {
    let world = MollieWorld::new().await;
    let capable = world.adapter.capabilities().remembers_keys;
    assert_eq!(capable, SignedDuration::from_secs(HOUR), "so long is it sent again, and no longer");
    let payment = fresh(&world);
    let known = known(&world, &payment, None);
    let first = ask(&world, &payment, eur(2_000)).await.unwrap();
    world.pass(HOUR - 1);
    assert_eq!(ask(&world, &payment, eur(2_000)).await.unwrap(), first);
    world.pass(1);
    let second = ask(&world, &payment, eur(2_000)).await.unwrap();
    assert_ne!(second, first);
    let facts = world.adapter.look_up(known).await.unwrap();
    assert_eq!(facts, [Fact::of(payment.clone(), What::Pending)], "the first has run out, the second has not");
    world.pay(&second).await;
    assert!(world.vendor.pay_late(session(&first)));
    let facts = world.adapter.look_up(known).await.unwrap();
    assert_eq!(facts.len(), 2, "both charges are told: {facts:?}");
    assert_eq!(world.adapter.refund(known, eur(1), "which").await, Err(Unknown::Unreadable), "of which?");
}

#[tokio::test]
async fn a_search_reads_many_pages_and_then_does_not_know() {
    let world = MollieWorld::new().await;
    let lost = fresh(&world);
    ask(&world, &lost, eur(100)).await.unwrap();
    let lost_known = known(&world, &lost, None);
    for _ in 0..120 {
        ask(&world, &fresh(&world), eur(100)).await.unwrap();
    }
    let found = world.adapter.look_up(lost_known).await.unwrap();
    assert_eq!(found, [Fact::of(lost.clone(), What::Pending)], "on the fifth page");
    world.pass(10 * 60);
    let before = world.vendor.seen().len();
    let later = fresh(&world);
    assert_eq!(world.adapter.look_up(known(&world, &later, None)).await, Ok(vec![]));
    assert_eq!(world.vendor.seen().len(), before + 1, "the first page is older than the payment");
    for _ in 0..900 {
        ask(&world, &fresh(&world), eur(100)).await.unwrap();
    }
    assert_eq!(world.adapter.look_up(lost_known).await, Err(Unknown::Unfindable));
    let (id, _) = world.vendor.payments()[0].clone();
    assert_eq!(world.adapter.session_of(lost_known, &id).await, Ok(Some(id.clone())), "but by its own name it is");
    assert_eq!(world.adapter.session_of(known(&world, &later, None), &id).await, Ok(None), "of another payment")
}
