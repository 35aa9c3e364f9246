//! PayPal against its loopback server.

mod messages;
mod wallets;

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use domain::{
    Currency, Money, Secret,
    id::PaymentId,
    payment::{Method, ProviderName},
    payment_method::{Shown, Token},
};
use http::{HeaderMap, HeaderValue, StatusCode};
use jiff::Timestamp;
use payments::{
    About, Access, Asked, Client, Fact, Kept, Known, NotVerified, Owner, Paypal, Provider as _, Raw, Said, Saving,
    Unknown, Urls, What, connect,
    paypal::{self, Place},
};
use serde_json::json;
use vendors::{
    Fault, Message,
    fixture::Fixture,
    paypal::{AUTHORITY, Channel, FOREIGN_AUTHORITY, Forgery, PayPal as Vendor, Setup},
};

use crate::contract::{
    World, ask, ask_saved, eur, fresh, keeps_the_contract, kept, known, known_method, known_saved, name, save,
};
use crate::mutations;

const CLIENT: &str = "app";
const SECRET: &str = "EGnHDxD-loopback";
const WEBHOOK: &str = "1JE4291016473214C";

struct PaypalWorld {
    vendor: Vendor,
    clock: Arc<AtomicI64>,
    adapter: Paypal,
    stranger: Paypal,
}

impl World for PaypalWorld {
    type Adapter = Paypal;

    fn adapter(&self) -> &Paypal {
        &self.adapter
    }

    fn stranger(&self) -> &Paypal {
        &self.stranger
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.clock.load(Ordering::SeqCst)).unwrap()
    }

    fn method(&self) -> Method {
        Method::Paypal
    }

    fn amounts(&self) -> [Money; 3] {
        [eur(1), Money::of_minor(99_999_999, Currency::Chf), Money::of_minor(1_500, Currency::Jpy)]
    }

    fn webhook_url(&self) -> String {
        "https://portal.example/webhooks/paypal".to_owned()
    }

    async fn pay(&self, asked: &Asked) {
        assert!(self.vendor.approve(order(asked)));
    }

    async fn agree(&self, saving: &Saving, _method: Method) {
        assert!(self.vendor.approve_setup(setup(saving)));
    }

    async fn decline_next(&self, token: &Token) {
        assert!(self.vendor.decline_wallet(&token.method));
    }

    async fn arrive(&self, _session: &str) {
        assert!(self.vendor.complete(&self.vendor.captures().last().unwrap().0));
    }

    async fn end(&self, token: &Token) {
        assert!(self.vendor.remove_wallet(&token.method));
    }

    fn odd_message(&self, _payment: &PaymentId) -> Vec<u8> {
        json!({ "id": "WH-1", "event_type": "MADE.UP", "resource": { "id": "1" } }).to_string().into_bytes()
    }

    fn signs_its_time(&self) -> bool {
        false
    }

    fn finds_without_its_session(&self) -> bool {
        false
    }

    fn proof(&self, body: &[u8], _at: Timestamp) -> HeaderMap {
        self.vendor.sign(body).headers
    }
}

impl PaypalWorld {
    async fn new() -> Self {
        Self::of(|_| {}).await
    }

    async fn of(change: impl FnOnce(&mut Setup)) -> Self {
        let clock = Arc::new(AtomicI64::new(1_795_000_000));
        let mut setup = Setup::new(CLIENT, SECRET, WEBHOOK, Arc::clone(&clock));
        change(&mut setup);
        let vendor = Vendor::start(setup).await;
        let adapter = adapter(&vendor, Client::default(), AUTHORITY, keys(CLIENT, WEBHOOK));
        let stranger = self::adapter(&vendor, Client::default(), AUTHORITY, keys("other", "0EH40505U7160970P"));
        Self { vendor, clock, adapter, stranger }
    }

    /// The same adapter with a client that does not wait long, and with an access token.
    async fn hasty() -> Self {
        let world = Self::new().await;
        let client = Client::waiting(Duration::from_millis(300));
        let adapter = adapter(&world.vendor, client, AUTHORITY, keys(CLIENT, WEBHOOK));
        adapter.introduce().await.unwrap();
        Self { adapter, ..world }
    }

    /// What a look-up finds.
    async fn found(&self, payment: &PaymentId, asked: &Asked) -> Vec<What> {
        let facts = self.adapter.look_up(known(self, payment, Some(asked))).await.unwrap();
        assert!(facts.iter().all(|fact| fact.about == About::Ours(payment.clone())));
        facts.into_iter().map(|fact| fact.what).collect()
    }

    /// A payment that was approved and collected, and its capture.
    async fn paid(&self, amount: Money) -> (PaymentId, Asked, String) {
        let payment = fresh(self);
        let asked = ask(self, &payment, amount).await.unwrap();
        self.pay(&asked).await;
        let [What::Arrived { reference, .. }] = &self.found(&payment, &asked).await[..] else { panic!("not paid") };
        let reference = reference.clone();
        (payment, asked, reference)
    }
}

fn keys(client: &str, webhook: &str) -> paypal::Keys {
    paypal::Keys {
        client_id: client.to_owned(),
        client_secret: Secret::new(SECRET.to_owned()),
        webhook_id: webhook.to_owned(),
        live: false,
        merchant_id: None,
    }
}

fn adapter(vendor: &Vendor, client: Client, authority: &str, keys: paypal::Keys) -> Paypal {
    let place = Place { base: vendor.url(), authority: Some(authority.to_owned()) };
    Paypal::new(client, Some(place), keys)
}

/// PayPal's id in a session.
fn order(asked: &Asked) -> &str {
    let (Asked::Page { session, .. } | Asked::Charged { session, .. }) = asked else { panic!("{asked:?}") };
    session.split('.').next().unwrap()
}

fn setup(saving: &Saving) -> &str {
    let Saving::Page { session, .. } = saving else { panic!("{saving:?}") };
    session.split('.').next().unwrap()
}

/// What the adapter reads from everything that PayPal has sent since it was last asked.
async fn said(world: &PaypalWorld) -> Vec<Said> {
    let mut said = Vec::new();
    for message in world.vendor.messages() {
        said.extend(read(world, &message).await);
    }
    said
}

async fn read(world: &PaypalWorld, message: &Message) -> Vec<Said> {
    let raw = Raw { headers: &message.headers, body: &message.body, now: world.now() };
    world.adapter.facts(world.adapter.verify(raw).await.unwrap()).unwrap()
}

/// Does something, with a fault in the answer to the request after the one whose path ends like this.
async fn broken_after<T>(world: &PaypalWorld, end: &str, fault: Fault, done: impl Future<Output = T>) -> T {
    let before = world.vendor.seen().len();
    let broken = async {
        while !world.vendor.seen().iter().skip(before).any(|seen| seen.path.ends_with(end)) {
            tokio::task::yield_now().await;
        }
        world.vendor.fault(fault);
    };
    tokio::join!(broken, done).1
}

fn arrived(reference: &str, minor: i64) -> What {
    What::Arrived { reference: reference.to_owned(), amount: eur(minor) }
}

fn back(reference: &str, minor: i64) -> What {
    What::TakenBack { reference: reference.to_owned(), amount: eur(minor) }
}

#[tokio::test]
async fn no_changed_message_is_paypals() {
    mutations::are_refused(
        &PaypalWorld::new().await,
        &["paypal-transmission-sig", "paypal-transmission-id", "paypal-transmission-time"],
    )
    .await;
}

#[tokio::test]
async fn paypal_keeps_the_contract() {
    keeps_the_contract(&PaypalWorld::new().await).await;
    let world = PaypalWorld::of(|setup| {
        (setup.approval_times, setup.keeps_declines, setup.unique_invoices) = (true, false, false);
    });
    keeps_the_contract(&world.await).await;
}

#[tokio::test]
async fn an_approved_order_is_collected_once_and_told() {
    let world = PaypalWorld::new().await;
    let payment = fresh(&world);
    let asked = ask(&world, &payment, eur(1_591)).await.unwrap();
    world.pay(&asked).await;
    let [Said::Charge(id)] = &said(&world).await[..] else { panic!("it is to be looked up") };
    assert_eq!(id, order(&asked));
    assert_eq!(world.adapter.owner(id).await, Ok(Some(Owner::Payment(payment.clone()))));
    let asked_again = ask(&world, &payment, eur(1_591)).await.unwrap();
    let Asked::Page { pay_url, .. } = &asked_again else { panic!("{asked_again:?}") };
    assert_eq!(pay_url, "https://portal.example/payments/x", "there is nothing more to do at PayPal");
    let known = known(&world, &payment, Some(&asked));
    let (first, second) = tokio::join!(world.adapter.look_up(known), world.adapter.look_up(known));
    let found = first.unwrap();
    assert_eq!(second.unwrap(), found);
    assert_eq!(world.vendor.charges().len(), 1);
    let [Fact { what: What::Arrived { reference, amount }, .. }] = &found[..] else { panic!("{found:?}") };
    assert_eq!(said(&world).await, [Said::Charge(reference.clone())], "collected once");
    assert_eq!((world.vendor.charges()[0].id.as_str(), *amount), (reference.as_str(), eur(1_591)));
    assert_eq!(world.adapter.owner(reference).await, Ok(Some(Owner::Payment(payment))));
    assert_eq!(world.adapter.owner("9XX00000000000001").await, Ok(None));
    assert_eq!(world.adapter.owner("../oauth2/token").await, Ok(None));
}

#[tokio::test]
async fn after_a_decline_another_instrument_may_pay_once() {
    for (approval_times, keeps_declines) in [(false, true), (true, true), (false, false), (true, false)] {
        let world = PaypalWorld::of(|setup| {
            (setup.approval_times, setup.keeps_declines) = (approval_times, keeps_declines);
        })
        .await;
        let payment = fresh(&world);
        let asked = ask(&world, &payment, eur(2_000)).await.unwrap();
        assert!(world.vendor.decline(order(&asked)));
        world.pay(&asked).await;
        for _ in 0..2 {
            assert_eq!(world.found(&payment, &asked).await, [What::Pending], "the payer may choose another way to pay");
        }
        world.vendor.set_clock(world.now().as_second() + 60);
        world.pay(&asked).await;
        let found = world.found(&payment, &asked).await;
        assert!(matches!(&found[..], [What::Arrived { amount, .. }] if *amount == eur(2_000)), "{found:?}");
        assert_eq!(world.found(&payment, &asked).await, found);
        assert_eq!(world.vendor.charges().len(), 1);
    }
}

#[tokio::test]
async fn a_capture_that_waits_arrives_or_fails_later() {
    for denial in ["", "PAYMENT.CAPTURE.DENIED", "PAYMENT.CAPTURE.DECLINED"] {
        let world = PaypalWorld::of(|setup| setup.denial = denial).await;
        let payment = fresh(&world);
        let asked = ask(&world, &payment, eur(2_000)).await.unwrap();
        assert!(world.vendor.hold(order(&asked)));
        world.pay(&asked).await;
        assert_eq!(world.found(&payment, &asked).await, [What::Pending]);
        let (capture, _) = world.vendor.captures()[0].clone();
        assert!(said(&world).await.contains(&Said::Charge(capture.clone())));
        let refund = world.adapter.refund(known(&world, &payment, Some(&asked)), eur(1), "r").await;
        assert_eq!(refund, Err(Unknown::Refused(422)), "nothing arrived");
        assert!(if denial.is_empty() { world.vendor.complete(&capture) } else { world.vendor.deny(&capture) });
        let what = if denial.is_empty() { arrived(&capture, 2_000) } else { What::Failed };
        assert_eq!(world.found(&payment, &asked).await, std::slice::from_ref(&what));
        assert_eq!(said(&world).await, [Said::Charge(capture)]);
    }
}

#[tokio::test]
async fn who_turns_back_may_come_again_until_the_time_is_over() {
    let world = PaypalWorld::new().await;
    let payment = fresh(&world);
    let asked = ask(&world, &payment, eur(2_000)).await.unwrap();
    let back = world.vendor.turn_back(order(&asked)).unwrap();
    assert!(back.starts_with("https://portal.example/payments/x?"), "{back}");
    assert_eq!(world.found(&payment, &asked).await, [What::Pending]);
    world.vendor.set_clock(world.now().as_second() + 6 * 3600);
    assert_eq!(world.found(&payment, &asked).await, [What::Expired]);
    let Asked::Page { session, .. } = &asked else { panic!("{asked:?}") };
    let (order, _) = session.split_once('.').unwrap();
    let moved = format!("{order}.00000000");
    let unknown = Known { session: Some(&moved), ..known(&world, &payment, None) };
    assert_eq!(world.adapter.look_up(unknown).await, Err(Unknown::Refused(404)), "another app's order proves nothing");
    // Approved, and nobody collected it in time.
    let late = fresh(&world);
    let asked = ask(&world, &late, eur(2_000)).await.unwrap();
    world.pay(&asked).await;
    said(&world).await;
    assert!(world.vendor.expire(self::order(&asked)));
    assert_eq!(said(&world).await, [Said::Ours(late.clone())]);
    assert_eq!(world.found(&late, &asked).await, [What::Expired]);
    assert_eq!(world.vendor.charges(), []);
}

#[tokio::test]
async fn an_order_of_another_payment_is_not_this_ones() {
    let world = PaypalWorld::new().await;
    let (_, asked, _) = world.paid(eur(2_000)).await;
    let other = fresh(&world);
    assert_eq!(world.adapter.look_up(known(&world, &other, Some(&asked))).await, Err(Unknown::Unreadable));
}

#[tokio::test]
async fn a_refund_that_waits_is_gone_and_one_that_fails_comes_back() {
    let world = PaypalWorld::of(|setup| setup.refund_events = true).await;
    let (payment, asked, capture) = world.paid(eur(2_000)).await;
    said(&world).await;
    let known = known(&world, &payment, Some(&asked));
    world.vendor.slow_refund();
    let Ok(Fact { what: What::TakenBack { reference, .. }, .. }) = world.adapter.refund(known, eur(500), "slow").await
    else {
        panic!("it is on its way")
    };
    let named = [Said::Charge(capture.clone())];
    assert_eq!(said(&world).await, named);
    assert_eq!(world.found(&payment, &asked).await, [arrived(&capture, 2_000), back(&reference, 500)]);
    let (conflict, foreign) = (world.adapter.refund(known, eur(400), "slow"), Money::of_minor(500, Currency::Usd));
    assert_eq!(conflict.await, Err(Unknown::Refused(409)), "one key, two amounts");
    assert_eq!(world.adapter.refund(known, foreign, "usd").await, Err(Unknown::Refused(422)));
    assert!(world.vendor.fail_refund(&reference));
    assert_eq!(said(&world).await, named);
    let came = What::came_back(&reference, "failed", eur(500));
    assert_eq!(world.found(&payment, &asked).await, [arrived(&capture, 2_000), back(&reference, 500), came]);
    world.vendor.failed_refund();
    assert_eq!(world.adapter.refund(known, eur(500), "failed").await, Err(Unknown::Refused(422)));
    world.vendor.poor(true);
    assert_eq!(world.adapter.refund(known, eur(500), "poor").await, Err(Unknown::Refused(422)));
    world.vendor.poor(false);
    // Half of the rest on PayPal's own pages.
    let own = world.vendor.refund(&capture, Some(700)).unwrap();
    assert!(said(&world).await.contains(&Said::Charge(capture)));
    assert!(world.found(&payment, &asked).await.contains(&back(&own, 700)));
}

#[tokio::test]
async fn a_dispute_moves_what_a_look_up_shows() {
    let world = PaypalWorld::new().await;
    for (channel, wins) in
        [(Channel::Bank, true), (Channel::Bank, false), (Channel::PayPal, true), (Channel::PayPal, false)]
    {
        let (payment, asked, capture) = world.paid(eur(2_000)).await;
        said(&world).await;
        let case = world.vendor.dispute(&capture, None, channel).unwrap();
        let first = said(&world).await;
        assert!(first.contains(&Said::Charge(capture.clone())), "{first:?}");
        assert_eq!(
            first.len(),
            if channel == Channel::Bank { 2 } else { 1 },
            "the money's own message, and the dispute's"
        );
        assert!(if wins { world.vendor.win(&case) } else { world.vendor.lose(&case) });
        let last = said(&world).await;
        assert!(last.contains(&Said::Charge(capture.clone())), "{last:?}");
        assert_eq!(world.adapter.owner(&capture).await, Ok(Some(Owner::Payment(payment.clone()))));
        let found = world.found(&payment, &asked).await;
        match (channel, wins, &found[..]) {
            (Channel::PayPal, true, [What::Arrived { .. }]) => {}
            (_, false, [What::Arrived { .. }, What::TakenBack { amount, .. }]) => assert_eq!(*amount, eur(2_000)),
            (Channel::Bank, true, [What::Arrived { .. }, What::TakenBack { reference, .. }, last]) => {
                assert_eq!(*last, What::came_back(reference, "failed", eur(2_000)));
            }
            _ => panic!("{channel:?} {wins} {found:?}"),
        }
    }
}

#[tokio::test]
async fn a_reversal_is_told_and_found() {
    let world = PaypalWorld::new().await;
    let (payment, asked, capture) = world.paid(eur(2_000)).await;
    said(&world).await;
    let id = world.vendor.reverse(&capture, Some(1_200)).unwrap();
    assert_eq!(said(&world).await, [Said::Charge(capture.clone())]);
    assert_eq!(world.found(&payment, &asked).await, [arrived(&capture, 2_000), back(&id, 1_200)]);
}

#[tokio::test]
async fn an_answer_of_paypal_that_is_lost_is_no_second_charge() {
    let world = PaypalWorld::hasty().await;
    let (_, _, token) = kept(&world, Method::Paypal).await;
    let bad = StatusCode::BAD_GATEWAY;
    let faults = [Fault::HangBefore, Fault::HangAfter, Fault::Garbage, Fault::Stumble(bad), Fault::Refuse(bad)];
    for (count, fault) in faults.into_iter().enumerate() {
        let payment = fresh(&world);
        world.vendor.fault(fault);
        assert!(ask_saved(&world, &payment, eur(500), (Method::Paypal, &token)).await.is_err(), "{fault:?}");
        let lost = known_saved(&world, &payment, None, &token);
        assert_eq!(world.adapter.look_up(lost).await, Err(Unknown::Unfindable), "it may have been charged");
        let again = ask_saved(&world, &payment, eur(500), (Method::Paypal, &token)).await.unwrap();
        assert!(matches!(again, Asked::Charged { what: What::Arrived { .. }, .. }), "{again:?}");
        // Once its request id is forgotten, only a message leads to it.
        let (capture, named) = (world.vendor.charges().last().unwrap().id.clone(), said(&world).await);
        assert!(named.contains(&Said::Charge(capture.clone())), "{named:?}");
        let Asked::Charged { session, .. } = &again else { panic!("{again:?}") };
        for name in [capture.as_str(), order(&again)] {
            assert_eq!(world.adapter.session_of(lost, name).await, Ok(Some(session.clone())), "{name}");
        }
        let (other, strange) = (fresh(&world), ["9XX00000000000001", "../oauth2/token"]);
        let of_another = world.adapter.session_of(known_saved(&world, &other, None, &token), &capture).await;
        assert_eq!(of_another, Ok(None));
        for none in strange {
            assert_eq!(world.adapter.session_of(lost, none).await, Ok(None), "{none}");
        }

        let page = fresh(&world);
        world.vendor.fault(fault);
        assert!(ask(&world, &page, eur(500)).await.is_err(), "{fault:?}");
        assert_eq!(world.adapter.look_up(known(&world, &page, None)).await, Ok(vec![]), "nobody has its address");
        let asked = ask(&world, &page, eur(500)).await.unwrap();
        assert_eq!(ask(&world, &page, eur(500)).await.unwrap(), asked);
        world.pay(&asked).await;
        // Reading the order, and capturing it: each answer may be lost.
        let known = known(&world, &page, Some(&asked));
        world.vendor.fault(fault);
        assert!(world.adapter.look_up(known).await.is_err(), "{fault:?}");
        assert_eq!(world.found(&page, &asked).await.len(), 1);
        assert_eq!(world.vendor.charges().len(), 2 * (count + 1));
        // So may that of a refund.
        let key = format!("{page}.r");
        let refund = broken_after(&world, order(&asked), fault, world.adapter.refund(known, eur(100), &key)).await;
        assert!(refund.is_err(), "{fault:?}");
        world.adapter.refund(known, eur(100), &key).await.unwrap();
        world.adapter.refund(known, eur(100), &key).await.unwrap();
        assert_eq!(world.vendor.charges().last().unwrap().refunded, 100);
    }
}

#[tokio::test]
async fn a_capture_whose_answer_is_lost_is_one_capture() {
    for approval_times in [false, true] {
        let world = PaypalWorld::of(|setup| setup.approval_times = approval_times).await;
        for how in ["garbage", "stumble"] {
            let payment = fresh(&world);
            let asked = ask(&world, &payment, eur(500)).await.unwrap();
            world.pay(&asked).await;
            let known = known(&world, &payment, Some(&asked));
            let broken = if how == "garbage" { Fault::Garbage } else { Fault::Stumble(StatusCode::BAD_GATEWAY) };
            let charges = world.vendor.charges().len();
            let found = broken_after(&world, order(&asked), broken, world.adapter.look_up(known)).await;
            assert!(found.is_err(), "{found:?}");
            assert_eq!(world.vendor.charges().len(), charges + 1);
            assert_eq!(world.found(&payment, &asked).await.len(), 1);
            assert_eq!(world.vendor.charges().len(), charges + 1);
        }
    }
}

#[tokio::test]
async fn amounts_that_paypal_cannot_write_are_refused() {
    let world = PaypalWorld::new().await;
    for (minor, currency) in [(150_050, Currency::Huf), (100, Currency::Ron)] {
        let asked = ask(&world, &fresh(&world), Money::of_minor(minor, currency)).await;
        assert!(matches!(asked, Ok(Asked::Refused { .. })), "{asked:?}");
    }
    let payment = fresh(&world);
    let forints = Money::of_minor(150_000, Currency::Huf);
    let asked = ask(&world, &payment, forints).await.unwrap();
    world.pay(&asked).await;
    assert!(matches!(&world.found(&payment, &asked).await[..], [What::Arrived { amount, .. }] if *amount == forints));
    assert_eq!(world.vendor.charges()[0].amount, 1_500);
}
