//! The contract of payment providers: what every adapter must keep, asked of its own outside world.

use domain::{Currency, Language, Money, id::PaymentId, payment::Method};
use http::{HeaderMap, HeaderValue};
use jiff::{SignedDuration, Timestamp};
use payments::{Ask, Asked, Fact, Provider, Raw, Sandbox, Unknown, What, sandbox::SIGNATURE_HEADER, signature};
use store::secret;
use testkit::{Portal, Tenant, json};
use web::Providers;

/// An adapter with the outside world behind it.
trait World {
    type Adapter: Provider;

    /// The merchant's adapter.
    fn adapter(&self) -> &Self::Adapter;
    /// One with somebody else's secret.
    fn stranger(&self) -> &Self::Adapter;
    fn now(&self) -> Timestamp;
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
    let webhook_url = world.webhook_url();
    let ask = Ask {
        payment,
        amount,
        description: "RE1000 „ä“ <b>",
        return_url: "https://portal.example/payments/x",
        webhook_url: &webhook_url,
        language: Language::En,
    };
    world.adapter().ask(&ask).await
}

fn fresh(world: &impl World) -> PaymentId {
    PaymentId::new(world.now(), secret::entropy())
}

async fn asking_again_is_asking_once(world: &impl World) {
    let payment = fresh(world);
    let first = ask(world, &payment, eur(1_591)).await.unwrap();
    assert!(first.pay_url.starts_with("http") && !first.session.is_empty());
    assert_eq!(ask(world, &payment, eur(1_591)).await.unwrap(), first);
    assert_eq!(ask(world, &payment, eur(1_592)).await, Err(Unknown::Refused(409)), "another amount is another payment");
    assert_ne!(ask(world, &fresh(world), eur(1_591)).await.unwrap(), first);
}

async fn a_look_up_says_what_happened_and_nothing_else(world: &impl World) {
    let adapter = world.adapter();
    let payment = fresh(world);
    assert_eq!(adapter.look_up(&payment).await, Ok(vec![]), "nobody asked for it");
    for amount in [eur(1), Money::of_minor(123_456_789, Currency::Chf), Money::of_minor(1_500, Currency::Jpy)] {
        let payment = fresh(world);
        let asked = ask(world, &payment, amount).await.unwrap();
        let pending = Fact { payment: Some(payment.clone()), what: What::Pending };
        assert_eq!(adapter.look_up(&payment).await.unwrap(), [pending]);
        world.pay(&asked).await;
        let facts = adapter.look_up(&payment).await.unwrap();
        let [Fact { payment: Some(of), what: What::Arrived { amount: arrived, .. } }] = facts.as_slice() else {
            panic!("{facts:?}")
        };
        assert_eq!((of, *arrived), (&payment, amount));
        assert_eq!(adapter.look_up(&payment).await.unwrap(), facts, "a second look says the same");
    }
}

async fn a_refund_is_made_once_per_key(world: &impl World) {
    let adapter = world.adapter();
    if !adapter.capabilities().refunds {
        return;
    }
    let payment = fresh(world);
    let asked = ask(world, &payment, eur(2_000)).await.unwrap();
    assert!(adapter.refund(&payment, eur(1), "early").await.is_err(), "nothing was paid");
    world.pay(&asked).await;
    let first = adapter.refund(&payment, eur(500), "key-1").await.unwrap();
    assert_eq!(adapter.refund(&payment, eur(500), "key-1").await.unwrap(), first);
    let second = adapter.refund(&payment, eur(500), "key-2").await.unwrap();
    assert_ne!(second, first);
    assert!(adapter.refund(&payment, eur(1_001), "key-3").await.is_err(), "more than is left");
    let facts = adapter.look_up(&payment).await.unwrap();
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
    assert!(matches!(world.stranger().look_up(&payment).await, Err(Unknown::Refused(401 | 403))));
    assert!(matches!(world.stranger().refund(&payment, eur(1), "k").await, Err(Unknown::Refused(401 | 403))));
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

    fn webhook_url(&self) -> String {
        format!("{}/webhooks/sandbox", self.tenant.origin())
    }

    async fn pay(&self, asked: &Asked) {
        self.portal.provider.pay_telling(&asked.pay_url, "later").await;
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
    let process = portal.another_process().await;
    let client = Providers::new(process.config()).client().unwrap();
    let base = format!("{}/webhosting-ag", portal.provider.url());
    let sandbox = |secret: &str| Sandbox::new(client.clone(), base.clone(), domain::Secret::new(secret.to_owned()));
    let world = SandboxWorld { adapter: sandbox(&secret), stranger: sandbox("another"), portal, tenant, secret };
    keeps_the_contract(&world).await;
}

#[tokio::test]
async fn a_way_to_pay_that_is_not_offered_is_not_asked() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let process = portal.another_process().await;
    let found = process.store().tenant_of_host("webhosting-ag.localhost", portal.clock.now()).await.unwrap();
    let store = process.store().in_tenant(found.scope());
    let providers = Providers::new(process.config());
    let refused = providers.sandbox(&store, &found).await;
    assert!(matches!(refused, Err(web::Problem::MethodNotEnabled)));
    assert!(providers.sandbox_asked(&store, &found).await.unwrap().is_none(), "and nobody ever asked it");
    assert_eq!(tenant.slug(), "webhosting-ag");
}
