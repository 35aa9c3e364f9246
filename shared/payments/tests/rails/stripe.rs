//! Stripe against its loopback server.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use domain::{
    Currency, Money, Secret,
    id::PaymentId,
    payment::Method,
    payment_method::{Shown, Token},
};
use http::{HeaderMap, HeaderValue, StatusCode};
use jiff::Timestamp;
use payments::{About, Asked, Client, Fact, Kept, Owner, Provider as _, Raw, Said, Saving, Stripe, What, stripe};
use serde_json::json;
use vendors::{
    Fault,
    stripe::{Next, SavedKind, Stripe as Vendor},
};

use crate::contract::{
    World, ask, ask_by, ask_saved, eur, fresh, keeps_the_contract, kept, known, known_method, name, save,
};
use crate::mutations;

const KEY: &str = "sk_test_51Rails";
const SECRET: &str = "whsec_rails";

struct StripeWorld {
    vendor: Vendor,
    clock: Arc<AtomicI64>,
    adapter: Stripe,
    stranger: Stripe,
}

impl World for StripeWorld {
    type Adapter = Stripe;

    fn adapter(&self) -> &Stripe {
        &self.adapter
    }

    fn stranger(&self) -> &Stripe {
        &self.stranger
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.clock.load(Ordering::SeqCst)).unwrap()
    }

    fn method(&self) -> Method {
        Method::Card
    }

    fn amounts(&self) -> [Money; 3] {
        [eur(50), Money::of_minor(99_999_999, Currency::Chf), Money::of_minor(1_500, Currency::Jpy)]
    }

    fn webhook_url(&self) -> String {
        "https://portal.example/webhooks/stripe".to_owned()
    }

    async fn pay(&self, asked: &Asked) {
        let Asked::Page { session, .. } = asked else { panic!("{asked:?}") };
        self.vendor.pay(session).unwrap();
    }

    async fn agree(&self, saving: &Saving, method: Method) {
        let Saving::Page { session, .. } = saving else { panic!("{saving:?}") };
        let kind = if method == Method::Card { card() } else { account() };
        self.vendor.save(session, &kind).unwrap();
    }

    async fn decline_next(&self, token: &Token) {
        self.vendor.next(&token.method, Next::Decline);
    }

    async fn arrive(&self, session: &str) {
        self.vendor.settle(session).unwrap();
    }

    async fn end(&self, token: &Token) {
        self.vendor.detach(&token.method).unwrap();
    }

    fn odd_message(&self, _payment: &PaymentId) -> Vec<u8> {
        let data = json!({ "object": { "id": "xyz_1" } });
        json!({ "id": "evt_1", "type": "made.up", "livemode": false, "data": data }).to_string().into_bytes()
    }

    fn proof(&self, body: &[u8], at: Timestamp) -> HeaderMap {
        let value = vendors::stripe::sign(SECRET, at.as_second(), body);
        let name = stripe::SIGNATURE_HEADER.parse().unwrap();
        HeaderMap::from_iter([(name, HeaderValue::from_str(&value).unwrap())])
    }
}

impl StripeWorld {
    async fn new() -> Self {
        let clock = Arc::new(AtomicI64::new(1_795_000_000));
        let vendor = Vendor::start(KEY, SECRET, Arc::clone(&clock)).await;
        let adapter = |key: &str, webhook: &str| {
            let secret = |text: &str| Secret::new(text.to_owned());
            let keys = stripe::Keys { secret_key: secret(key), webhook_secrets: vec![secret(webhook)] };
            Stripe::new(Client::default(), vendor.url(), keys)
        };
        Self { adapter: adapter(KEY, SECRET), stranger: adapter("sk_test_other", "whsec_other"), vendor, clock }
    }
}

fn card() -> SavedKind {
    SavedKind::Card { brand: "visa".into(), last4: "4242".into(), exp: (12, 2031) }
}

fn account() -> SavedKind {
    SavedKind::SepaDebit { last4: "3000".into(), mandate: "RAILS-1".into() }
}

#[tokio::test]
async fn no_changed_message_is_stripes() {
    mutations::are_refused(&StripeWorld::new().await, &[stripe::SIGNATURE_HEADER]).await;
}

#[tokio::test]
async fn stripe_keeps_the_contract() {
    keeps_the_contract(&StripeWorld::new().await).await;
}

/// What the adapter reads from everything that Stripe has sent since it was last asked.
async fn said(world: &StripeWorld) -> Vec<Said> {
    let mut said = Vec::new();
    for message in world.vendor.messages() {
        let raw = Raw { headers: &message.headers, body: &message.body, now: world.now() };
        said.extend(world.adapter.facts(world.adapter.verify(raw).await.unwrap()).unwrap());
    }
    said
}

/// The same, as far as it moves a payment.
async fn told(world: &StripeWorld) -> Vec<Fact> {
    let facts = said(world).await.into_iter().filter_map(|said| match said {
        Said::Payment(fact) => Some(fact),
        _ => None,
    });
    facts.filter(|fact| !matches!(fact.what, What::Other(_) | What::Pending)).collect()
}

#[tokio::test]
async fn what_stripe_tells_of_a_card_is_what_a_look_up_finds() {
    let world = StripeWorld::new().await;
    let payment = fresh(&world);
    let asked = ask(&world, &payment, eur(2_000)).await.unwrap();
    let Asked::Page { session, .. } = &asked else { panic!("{asked:?}") };
    world.vendor.decline(session).unwrap();
    assert_eq!(told(&world).await, [], "one may try again on the page");
    let intent = world.vendor.pay(session).unwrap();
    let arrived = What::Arrived { reference: intent.clone(), amount: eur(2_000) };
    let facts = told(&world).await;
    assert!(
        facts.len() >= 2 && facts.iter().all(|fact| *fact == Fact::of(payment.clone(), arrived.clone())),
        "{facts:?}"
    );
    let refund = world.vendor.refund(&intent, 500).unwrap();
    let back = What::TakenBack { reference: refund.clone(), amount: eur(500) };
    let facts = told(&world).await;
    let theirs = About::Theirs(intent.clone());
    assert!(!facts.is_empty() && facts.iter().all(|fact| *fact == Fact { about: theirs.clone(), what: back.clone() }));
    assert_eq!(world.adapter.owner(&intent).await, Ok(Some(Owner::Payment(payment.clone()))));
    let found = world.adapter.look_up(known(&world, &payment, Some(&asked))).await.unwrap();
    assert_eq!(found, [Fact::of(payment.clone(), arrived), Fact::of(payment.clone(), back)]);
}

#[tokio::test]
async fn a_dispute_that_is_won_comes_back_and_each_is_told_once() {
    let world = StripeWorld::new().await;
    let payment = fresh(&world);
    let asked = ask(&world, &payment, eur(2_000)).await.unwrap();
    let Asked::Page { session, .. } = &asked else { panic!("{asked:?}") };
    let intent = world.vendor.pay(session).unwrap();
    told(&world).await;
    let dispute = world.vendor.dispute(&intent).unwrap();
    let about = About::Theirs(intent);
    let gone = Fact { about: about.clone(), what: What::TakenBack { reference: dispute.clone(), amount: eur(2_000) } };
    assert_eq!(told(&world).await, std::slice::from_ref(&gone));
    world.vendor.win(&dispute).unwrap();
    let back = What::came_back(&dispute, "reinstated", eur(2_000));
    assert_eq!(told(&world).await, [gone, Fact { about, what: back }]);
    let found = world.adapter.look_up(known(&world, &payment, Some(&asked))).await.unwrap();
    assert_eq!(found.len(), 3, "{found:?}");
}

#[tokio::test]
async fn a_direct_debit_is_on_its_way_until_it_arrives_or_fails() {
    let world = StripeWorld::new().await;
    for fails in [false, true] {
        let payment = fresh(&world);
        let asked = ask_by(&world, &payment, eur(2_000), Method::SepaDebit).await.unwrap();
        let Asked::Page { session, .. } = &asked else { panic!("{asked:?}") };
        world.vendor.pay_later(session).unwrap();
        assert_eq!(told(&world).await, []);
        let known = known(&world, &payment, Some(&asked));
        assert_eq!(world.adapter.look_up(known).await.unwrap(), [Fact::of(payment.clone(), What::Pending)]);
        let end = if fails { world.vendor.fail_later(session) } else { world.vendor.settle(session) };
        end.unwrap();
        let facts = told(&world).await;
        let found = world.adapter.look_up(known).await.unwrap();
        assert!(!facts.is_empty() && facts.iter().all(|fact| found.contains(fact)), "{facts:?} {found:?}");
        assert_eq!(found.contains(&Fact::of(payment.clone(), What::Failed)), fails);
    }
}

#[tokio::test]
async fn an_answer_of_stripe_that_is_lost_is_no_second_page() {
    let world = StripeWorld::new().await;
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
    let too_small = ask(&world, &fresh(&world), eur(1)).await;
    assert!(matches!(too_small, Ok(Asked::Refused { .. })), "{too_small:?}");
}

#[tokio::test]
async fn what_stripe_keeps_is_recognised_and_told() {
    let world = StripeWorld::new().await;
    for (method, kind) in [(Method::Card, card()), (Method::SepaDebit, account())] {
        let name = name(&world);
        let saving = save(&world, &name, method).await.unwrap();
        let Saving::Page { session, .. } = &saving else { panic!("{saving:?}") };
        let id = world.vendor.save(session, &kind).unwrap();
        let said = said(&world).await;
        assert!(said.contains(&Said::Method(name.clone())), "{said:?}");
        let known = known_method(&world, &name, method, Some(&saving));
        let Ok(Kept::Saved { token, shown }) = world.adapter.look_up_method(known).await else { panic!("{method:?}") };
        assert_eq!(token.method, id);
        let is_shown = match &shown {
            Shown::Card { brand, last4, valid_until } => {
                brand == "visa" && last4 == "4242" && valid_until.is_some_and(|until| until.year == 2031)
            }
            Shown::Account { last4, mandate, .. } => last4 == "3000" && mandate == "RAILS-1",
            _ => false,
        };
        assert!(is_shown, "{shown:?}");
    }
    let (name, saving, token) = kept(&world, Method::SepaDebit).await;
    self::said(&world).await;
    world.vendor.end_mandate(&token.method).unwrap();
    assert!(self::said(&world).await.contains(&Said::MethodOf(token.method.clone())));
    let known = known_method(&world, &name, Method::SepaDebit, Some(&saving));
    assert_eq!(world.adapter.look_up_method(known).await, Ok(Kept::Gone), "the bank ended the mandate");
}

#[tokio::test]
async fn a_bank_that_wants_to_see_the_customer_is_a_decline() {
    let world = StripeWorld::new().await;
    let (_, _, token) = kept(&world, Method::Card).await;
    said(&world).await;
    for next in [Next::AuthenticationRequired, Next::Decline] {
        world.vendor.next(&token.method, next);
        let payment = fresh(&world);
        let asked = ask_saved(&world, &payment, eur(500), (Method::Card, &token)).await.unwrap();
        assert!(matches!(asked, Asked::Charged { what: What::Failed, .. }), "{asked:?}");
        assert_eq!(told(&world).await, [Fact::of(payment, What::Failed)], "without a page a decline is final");
    }
}

#[tokio::test]
async fn a_debit_of_what_is_kept_fails_days_later() {
    let world = StripeWorld::new().await;
    let (_, _, token) = kept(&world, Method::SepaDebit).await;
    said(&world).await;
    let payment = fresh(&world);
    let asked = ask_saved(&world, &payment, eur(500), (Method::SepaDebit, &token)).await.unwrap();
    let Asked::Charged { session, what: What::Pending } = &asked else { panic!("{asked:?}") };
    assert_eq!(told(&world).await, []);
    world.vendor.fail_later(session).unwrap();
    assert_eq!(told(&world).await, [Fact::of(payment, What::Failed)]);
}

#[tokio::test]
async fn an_answer_that_hangs_is_no_second_charge() {
    let world = StripeWorld::new().await;
    let hasty = Client::waiting(std::time::Duration::from_millis(300));
    let secret = |text: &str| Secret::new(text.to_owned());
    let keys = stripe::Keys { secret_key: secret(KEY), webhook_secrets: vec![secret(SECRET)] };
    let world = StripeWorld { adapter: Stripe::new(hasty, world.vendor.url(), keys), ..world };
    let (_, _, token) = kept(&world, Method::Card).await;
    for fault in [Fault::HangBefore, Fault::HangAfter] {
        let payment = fresh(&world);
        world.vendor.fault(fault);
        let asked = ask_saved(&world, &payment, eur(500), (Method::Card, &token)).await;
        assert!(matches!(asked, Err(payments::Unknown::NoAnswer(_))), "{asked:?}");
        let found = world.adapter.look_up(crate::contract::known_saved(&world, &payment, None, &token)).await.unwrap();
        assert_eq!(found.len(), usize::from(fault == Fault::HangAfter), "{fault:?}");
        let again = ask_saved(&world, &payment, eur(500), (Method::Card, &token)).await.unwrap();
        assert!(matches!(again, Asked::Charged { what: What::Arrived { .. }, .. }), "{again:?}");
        let page = fresh(&world);
        world.vendor.fault(fault);
        assert!(ask(&world, &page, eur(500)).await.is_err());
        let found = world.adapter.look_up(known(&world, &page, None)).await.unwrap();
        assert_eq!(found.len(), usize::from(fault == Fault::HangAfter), "{fault:?}");
    }
    assert_eq!(world.vendor.charges().len(), 2);
}
