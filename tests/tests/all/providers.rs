//! The contract of payment providers: what every adapter must keep, asked of its own outside world.

use domain::{
    Currency, Language, Money,
    id::PaymentId,
    payment::{CHECKOUT_LIFETIME, Method, ProviderName},
};
use http::{HeaderMap, HeaderValue, StatusCode};
use jiff::{SignedDuration, Timestamp};
use payments::{
    About, Ask, Asked, Client, Fact, Known, Provider, Raw, Sandbox, Stripe, Unknown, What, sandbox::SIGNATURE_HEADER,
    signature, stripe,
};
use store::secret;
use testkit::{Portal, STRIPE_KEY, STRIPE_SECRET, Tenant, json};
use vendors::Fault;

/// An adapter with the outside world behind it.
trait World {
    type Adapter: Provider;

    /// The merchant's adapter.
    fn adapter(&self) -> &Self::Adapter;
    /// One with somebody else's secret.
    fn stranger(&self) -> &Self::Adapter;
    fn now(&self) -> Timestamp;
    /// A way to pay that it carries.
    fn method(&self) -> Method;
    /// Amounts that it takes: the least, a large one, and one without decimals.
    fn amounts(&self) -> [Money; 3];
    fn webhook_url(&self) -> String;
    /// The customer pays on the provider's page; the merchant is not told.
    async fn pay(&self, asked: &Asked);
    /// A message of a kind that is not documented.
    fn odd_message(&self, payment: &PaymentId) -> Vec<u8>;
    /// Headers of a genuine message.
    fn proof(&self, body: &[u8], at: Timestamp) -> HeaderMap;
}

/// Everything an adapter must keep.
async fn keeps_the_contract(world: &impl World) {
    asking_again_is_asking_once(world).await;
    a_look_up_says_what_happened_and_nothing_else(world).await;
    a_refund_is_made_once_per_key(world).await;
    only_genuine_messages_are_verified(world);
    a_stranger_is_told_nothing(world).await;
}

fn eur(minor: i64) -> Money {
    Money::of_minor(minor, Currency::Eur)
}

async fn ask(world: &impl World, payment: &PaymentId, amount: Money) -> Result<Asked, Unknown> {
    ask_by(world, payment, amount, world.method()).await
}

async fn ask_by(world: &impl World, payment: &PaymentId, amount: Money, method: Method) -> Result<Asked, Unknown> {
    let webhook_url = world.webhook_url();
    let ask = Ask {
        payment,
        method,
        amount,
        description: "RE1000 „ä“ <b>",
        return_url: "https://portal.example/payments/x",
        webhook_url: &webhook_url,
        language: Language::En,
        until: world.now() + CHECKOUT_LIFETIME,
    };
    world.adapter().ask(&ask).await
}

/// The payment as we know it: with its page, unless the provider's answer was lost.
fn known<'a>(world: &impl World, payment: &'a PaymentId, asked: Option<&'a Asked>) -> Known<'a> {
    let session = match asked {
        Some(Asked::Page { session, .. }) => Some(session.as_str()),
        _ => None,
    };
    Known { payment, session, since: world.now(), until: world.now() + CHECKOUT_LIFETIME }
}

fn fresh(world: &impl World) -> PaymentId {
    PaymentId::new(world.now(), secret::entropy())
}

async fn asking_again_is_asking_once(world: &impl World) {
    let payment = fresh(world);
    let first = ask(world, &payment, eur(1_591)).await.unwrap();
    let Asked::Page { session, pay_url } = &first else { panic!("{first:?}") };
    assert!(pay_url.starts_with("http") && !session.is_empty());
    assert_eq!(ask(world, &payment, eur(1_591)).await.unwrap(), first);
    assert_eq!(ask(world, &payment, eur(1_592)).await, Err(Unknown::Refused(409)), "another amount is another payment");
    assert_ne!(ask(world, &fresh(world), eur(1_591)).await.unwrap(), first);
}

async fn a_look_up_says_what_happened_and_nothing_else(world: &impl World) {
    let adapter = world.adapter();
    let payment = fresh(world);
    assert_eq!(adapter.look_up(known(world, &payment, None)).await, Ok(vec![]), "nobody asked for it");
    for amount in world.amounts() {
        let payment = fresh(world);
        let asked = ask(world, &payment, amount).await.unwrap();
        // Its answer may have been lost: it is found all the same.
        for asked in [Some(&asked), None] {
            let facts = adapter.look_up(known(world, &payment, asked)).await.unwrap();
            assert_eq!(facts, [Fact::of(payment.clone(), What::Pending)]);
        }
        world.pay(&asked).await;
        let facts = adapter.look_up(known(world, &payment, Some(&asked))).await.unwrap();
        let [Fact { about: About::Ours(of), what: What::Arrived { amount: arrived, .. } }] = facts.as_slice() else {
            panic!("{facts:?}")
        };
        assert_eq!((of, *arrived), (&payment, amount));
        let again = adapter.look_up(known(world, &payment, None)).await.unwrap();
        assert_eq!(again, facts, "a second look says the same");
    }
}

async fn a_refund_is_made_once_per_key(world: &impl World) {
    let adapter = world.adapter();
    if !adapter.capabilities().refunds {
        return;
    }
    let payment = fresh(world);
    let asked = ask(world, &payment, eur(2_000)).await.unwrap();
    let known = known(world, &payment, Some(&asked));
    assert!(adapter.refund(known, eur(1), "early").await.is_err(), "nothing was paid");
    world.pay(&asked).await;
    let first = adapter.refund(known, eur(500), "key-1").await.unwrap();
    assert_eq!(adapter.refund(known, eur(500), "key-1").await.unwrap(), first);
    let second = adapter.refund(known, eur(500), "key-2").await.unwrap();
    assert_ne!(second, first);
    assert!(adapter.refund(known, eur(1_001), "key-3").await.is_err(), "more than is left");
    let facts = adapter.look_up(known).await.unwrap();
    assert!(facts.contains(&first) && facts.contains(&second) && facts.len() == 3, "{facts:?}");
}

fn only_genuine_messages_are_verified(world: &impl World) {
    let (payment, now) = (fresh(world), world.now());
    let body = world.odd_message(&payment);
    let headers = world.proof(&body, now);
    let verify =
        |adapter: &dyn Fn(Raw<'_>) -> bool, headers: &HeaderMap, body: &[u8], now| adapter(Raw { headers, body, now });
    let own = |raw: Raw<'_>| world.adapter().verify(raw).is_ok();
    let stranger = |raw: Raw<'_>| world.stranger().verify(raw).is_ok();
    assert!(verify(&own, &headers, &body, now));
    assert!(!verify(&stranger, &headers, &body, now), "another secret");
    assert!(!verify(&own, &HeaderMap::new(), &body, now), "no signature");
    assert!(!verify(&own, &headers, &[&body[..], b" "].concat(), now), "a byte more");
    assert!(!verify(&own, &headers, &body[1..], now), "a byte less");
    assert!(!verify(&own, &headers, &body, now + SignedDuration::from_mins(6)), "too old");
    for name in world.adapter().proving_headers() {
        let mut without = headers.clone();
        without.remove(*name);
        assert!(!verify(&own, &without, &body, now), "{name} is one of those that prove it");
    }
    let verified = world.adapter().verify(Raw { headers: &headers, body: &body, now }).unwrap();
    let facts = world.adapter().facts(verified).unwrap();
    assert!(facts.iter().all(|fact| matches!(fact.what, What::Other(_))), "{facts:?}");
    let rubbish = b"{\"no\": \"message\"".to_vec();
    let headers = world.proof(&rubbish, now);
    let verified = world.adapter().verify(Raw { headers: &headers, body: &rubbish, now }).unwrap();
    assert!(world.adapter().facts(verified).is_err());
}

async fn a_stranger_is_told_nothing(world: &impl World) {
    let payment = fresh(world);
    ask(world, &payment, eur(100)).await.unwrap();
    let known = known(world, &payment, None);
    assert!(matches!(world.stranger().look_up(known).await, Err(Unknown::Refused(401 | 403))));
    assert!(matches!(world.stranger().refund(known, eur(1), "k").await, Err(Unknown::Refused(401 | 403))));
}

struct SandboxWorld {
    portal: Portal,
    tenant: Tenant,
    secret: String,
    adapter: Sandbox,
    stranger: Sandbox,
}

impl World for SandboxWorld {
    type Adapter = Sandbox;

    fn adapter(&self) -> &Sandbox {
        &self.adapter
    }

    fn stranger(&self) -> &Sandbox {
        &self.stranger
    }

    fn now(&self) -> Timestamp {
        self.portal.clock.now()
    }

    fn method(&self) -> Method {
        Method::Sandbox
    }

    fn amounts(&self) -> [Money; 3] {
        [eur(1), Money::of_minor(123_456_789, Currency::Chf), Money::of_minor(1_500, Currency::Jpy)]
    }

    fn webhook_url(&self) -> String {
        format!("{}/webhooks/sandbox", self.tenant.origin())
    }

    async fn pay(&self, asked: &Asked) {
        let Asked::Page { pay_url, .. } = asked else { panic!("{asked:?}") };
        self.portal.provider.pay_telling(pay_url, "later").await;
    }

    fn odd_message(&self, payment: &PaymentId) -> Vec<u8> {
        json!({ "id": "msg_1", "type": "made.up", "reference": payment, "more": [1, 2] }).to_string().into_bytes()
    }

    fn proof(&self, body: &[u8], at: Timestamp) -> HeaderMap {
        let value = signature::sign(self.secret.as_bytes(), at, body);
        HeaderMap::from_iter([(SIGNATURE_HEADER.parse().unwrap(), HeaderValue::from_str(&value).unwrap())])
    }
}

#[tokio::test]
async fn the_sandbox_provider_keeps_the_contract() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    tenant.enable(Method::Sandbox).await;
    let secret = tenant.sandbox_secret().await;
    let client = Client::default();
    let base = format!("{}/webhosting-ag", portal.provider.url());
    let sandbox = |secret: &str| Sandbox::new(client.clone(), base.clone(), domain::Secret::new(secret.to_owned()));
    let world = SandboxWorld { adapter: sandbox(&secret), stranger: sandbox("another"), portal, tenant, secret };
    keeps_the_contract(&world).await;
}

struct StripeWorld {
    portal: Portal,
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
        self.portal.clock.now()
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
        self.portal.stripe.pay(session).unwrap();
    }

    fn odd_message(&self, _payment: &PaymentId) -> Vec<u8> {
        let data = json!({ "object": { "id": "xyz_1" } });
        json!({ "id": "evt_1", "type": "made.up", "livemode": false, "data": data }).to_string().into_bytes()
    }

    fn proof(&self, body: &[u8], at: Timestamp) -> HeaderMap {
        let value = vendors::stripe::sign(STRIPE_SECRET, at.as_second(), body);
        let name = stripe::SIGNATURE_HEADER.parse().unwrap();
        HeaderMap::from_iter([(name, HeaderValue::from_str(&value).unwrap())])
    }
}

impl StripeWorld {
    async fn new() -> Self {
        let portal = Portal::start().await;
        let adapter = |key: &str, webhook: &str| {
            let secret = |text: &str| domain::Secret::new(text.to_owned());
            let keys = stripe::Keys { secret_key: secret(key), webhook_secrets: vec![secret(webhook)] };
            Stripe::new(Client::default(), portal.stripe.url(), keys)
        };
        Self { adapter: adapter(STRIPE_KEY, STRIPE_SECRET), stranger: adapter("sk_test_other", "whsec_other"), portal }
    }
}

#[tokio::test]
async fn stripe_keeps_the_contract() {
    keeps_the_contract(&StripeWorld::new().await).await;
}

/// What the adapter reads from everything that Stripe has sent since it was last asked.
fn told(world: &StripeWorld) -> Vec<Fact> {
    let messages = world.portal.stripe.messages();
    let facts = messages.iter().flat_map(|message| {
        let raw = Raw { headers: &message.headers, body: &message.body, now: world.now() };
        world.adapter.facts(world.adapter.verify(raw).unwrap()).unwrap()
    });
    facts.filter(|fact| !matches!(fact.what, What::Other(_) | What::Pending)).collect()
}

#[tokio::test]
async fn what_stripe_tells_of_a_card_is_what_a_look_up_finds() {
    let world = StripeWorld::new().await;
    let payment = fresh(&world);
    let asked = ask(&world, &payment, eur(2_000)).await.unwrap();
    let Asked::Page { session, .. } = &asked else { panic!("{asked:?}") };
    world.portal.stripe.decline(session).unwrap();
    assert_eq!(told(&world), [], "one may try again on the page");
    let intent = world.portal.stripe.pay(session).unwrap();
    let arrived = What::Arrived { reference: intent.clone(), amount: eur(2_000) };
    let facts = told(&world);
    assert!(
        facts.len() >= 2 && facts.iter().all(|fact| *fact == Fact::of(payment.clone(), arrived.clone())),
        "{facts:?}"
    );
    let refund = world.portal.stripe.refund(&intent, 500).unwrap();
    let back = What::TakenBack { reference: refund.clone(), amount: eur(500) };
    let facts = told(&world);
    let theirs = About::Theirs(intent.clone());
    assert!(!facts.is_empty() && facts.iter().all(|fact| *fact == Fact { about: theirs.clone(), what: back.clone() }));
    assert_eq!(world.adapter.owner(&intent).await, Ok(Some(payment.clone())));
    let found = world.adapter.look_up(known(&world, &payment, Some(&asked))).await.unwrap();
    assert_eq!(found, [Fact::of(payment.clone(), arrived), Fact::of(payment.clone(), back)]);
}

#[tokio::test]
async fn a_dispute_that_is_won_comes_back_and_each_is_told_once() {
    let world = StripeWorld::new().await;
    let payment = fresh(&world);
    let asked = ask(&world, &payment, eur(2_000)).await.unwrap();
    let Asked::Page { session, .. } = &asked else { panic!("{asked:?}") };
    let intent = world.portal.stripe.pay(session).unwrap();
    told(&world);
    let dispute = world.portal.stripe.dispute(&intent).unwrap();
    let about = About::Theirs(intent);
    let gone = Fact { about: about.clone(), what: What::TakenBack { reference: dispute.clone(), amount: eur(2_000) } };
    assert_eq!(told(&world), std::slice::from_ref(&gone));
    world.portal.stripe.win(&dispute).unwrap();
    let back = What::Arrived { reference: format!("{dispute}:reinstated"), amount: eur(2_000) };
    assert_eq!(told(&world), [gone, Fact { about, what: back }]);
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
        world.portal.stripe.pay_later(session).unwrap();
        assert_eq!(told(&world), []);
        let known = known(&world, &payment, Some(&asked));
        assert_eq!(world.adapter.look_up(known).await.unwrap(), [Fact::of(payment.clone(), What::Pending)]);
        let end = if fails { world.portal.stripe.fail_later(session) } else { world.portal.stripe.settle(session) };
        end.unwrap();
        let facts = told(&world);
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
        world.portal.stripe.fault(fault);
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
async fn a_way_to_pay_that_is_not_offered_is_not_asked() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let process = portal.another_process().await;
    let found = process.store().tenant_of_host("webhosting-ag.localhost", portal.clock.now()).await.unwrap();
    let store = process.store().in_tenant(found.scope());
    let (providers, now) = (portal.providers(&process), portal.clock.now());
    for name in ProviderName::ALL {
        for method in name.methods() {
            let refused = providers.to_ask(&store, &found, (*method, name), now).await;
            assert!(matches!(refused, Err(web::Problem::MethodNotEnabled)), "{name:?} {method:?}");
        }
        assert!(providers.asked(&store, &found, name, now).await.unwrap().is_none(), "nobody ever asked it");
    }
    assert_eq!(tenant.slug(), "webhosting-ag");
}
