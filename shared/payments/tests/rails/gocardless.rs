//! GoCardless against its loopback server.

mod mandates;
mod messages;

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use domain::{
    Currency, Money, Secret,
    id::PaymentId,
    payment::{CHECKOUT_LIFETIME, Method, ProviderName},
    payment_method::{Shown, Token},
};
use http::{HeaderMap, HeaderValue, StatusCode};
use jiff::{SignedDuration, Timestamp};
use payments::{
    Access, Asked, Client, Fact, GoCardless, Introduced, Kept, Known, NotVerified, Owner, Provider as _, Raw, Said,
    Save, Saving, Unknown, What, gocardless,
};
use serde_json::json;
use vendors::{
    Fault,
    fixture::Fixture,
    gocardless::{GoCardless as Vendor, Setup, Speed, sign},
};

use crate::contract::{
    World, ask, ask_by, ask_saved, eur, fresh, keeps_the_contract, kept, known, known_method, known_saved, name, save,
};
use crate::mutations;

const TOKEN: &str = "sandbox_Rails-1";
const SECRET: &str = "rails-webhook-secret";
const NOW: i64 = 1_795_000_000;

struct GcWorld {
    vendor: Vendor,
    clock: Arc<AtomicI64>,
    adapter: GoCardless,
    stranger: GoCardless,
}

impl World for GcWorld {
    type Adapter = GoCardless;

    fn adapter(&self) -> &GoCardless {
        &self.adapter
    }

    fn stranger(&self) -> &GoCardless {
        &self.stranger
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.clock.load(Ordering::SeqCst)).unwrap()
    }

    fn method(&self) -> Method {
        Method::OnlineBanking
    }

    fn amounts(&self) -> [Money; 3] {
        // None of its currencies is without decimals.
        [eur(1), eur(99_999_999), Money::of_minor(1_500, Currency::Gbp)]
    }

    fn webhook_url(&self) -> String {
        // It is set in GoCardless's dashboard.
        "https://portal.example/webhooks/gocardless".to_owned()
    }

    async fn pay(&self, asked: &Asked) {
        assert!(self.vendor.fulfil(session(asked), Speed::AtOnce));
    }

    async fn agree(&self, saving: &Saving, _method: Method) {
        assert!(self.vendor.fulfil(page(saving), Speed::AtOnce));
    }

    async fn decline_next(&self, _token: &Token) {
        // A debit is taken, and fails days later: see below.
    }

    async fn arrive(&self, session: &str) {
        assert!(self.vendor.confirm(session));
    }

    async fn end(&self, token: &Token) {
        assert!(self.vendor.mandate_cancelled(&token.method));
    }

    fn odd_message(&self, _payment: &PaymentId) -> Vec<u8> {
        let event = json!({"id": "EV1", "resource_type": "payments", "action": "made_up", "links": {"payment": "PM1"}});
        json!({"events": [event], "meta": {"webhook_id": "WB1"}}).to_string().into_bytes()
    }

    fn signs_its_time(&self) -> bool {
        false
    }

    fn proof(&self, body: &[u8], _at: Timestamp) -> HeaderMap {
        headers(&sign(SECRET, body))
    }
}

impl GcWorld {
    async fn new() -> Self {
        Self::with(|setup| setup).await
    }

    async fn with(change: impl FnOnce(Setup) -> Setup) -> Self {
        let clock = Arc::new(AtomicI64::new(NOW));
        let vendor = Vendor::start(change(Setup::new(TOKEN, SECRET, Arc::clone(&clock)))).await;
        let adapter = |token: &str, secret: &str| access(&vendor, Client::default(), token, &[secret]);
        let (own, stranger) = (adapter(TOKEN, SECRET), adapter("sandbox_other", "another-secret"));
        Self { adapter: own, stranger, vendor, clock }
    }

    fn pass(&self, time: SignedDuration) {
        self.clock.fetch_add(time.as_secs(), Ordering::SeqCst);
    }

    /// What the adapter reads from everything that GoCardless has sent since it was last asked.
    async fn said(&self) -> Vec<Said> {
        let mut said = Vec::new();
        for message in self.vendor.messages() {
            said.extend(self.read(&message.headers, &message.body).await);
        }
        said
    }

    async fn read(&self, headers: &HeaderMap, body: &[u8]) -> Vec<Said> {
        let raw = Raw { headers, body, now: self.now() };
        self.adapter.facts(self.adapter.verify(raw).await.unwrap()).unwrap()
    }

    /// The same, as far as it asks for a look-up.
    async fn told(&self) -> Vec<Said> {
        let mut said = self.said().await;
        said.retain(|said| !matches!(said, Said::Payment(Fact { what: What::Other(_), .. })));
        said
    }

    async fn whats(&self, known: Known<'_>) -> Vec<What> {
        let facts = self.adapter.look_up(known).await.unwrap();
        facts.into_iter().map(|fact| fact.what).collect()
    }

    /// A mandate that is charged: its payment, and what GoCardless calls it.
    async fn charged(&self, amount: Money) -> (Token, PaymentId, Asked) {
        let (_, _, token) = kept(self, Method::SepaDebit).await;
        let payment = fresh(self);
        let asked = ask_saved(self, &payment, amount, (Method::SepaDebit, &token)).await.unwrap();
        assert!(matches!(asked, Asked::Charged { what: What::Pending, .. }), "{asked:?}");
        let _ = self.said().await;
        (token, payment, asked)
    }
}

fn access(vendor: &Vendor, client: Client, token: &str, secrets: &[&str]) -> GoCardless {
    let secret = |text: &str| Secret::new(text.to_owned());
    let webhook_secrets = secrets.iter().map(|text| secret(text)).collect();
    let keys = gocardless::Keys { access_token: secret(token), webhook_secrets, live: false };
    keys.check().unwrap();
    GoCardless::new(client, vendor.url(), keys)
}

fn headers(signature: &str) -> HeaderMap {
    let name = gocardless::SIGNATURE_HEADER.parse().unwrap();
    HeaderMap::from_iter([(name, HeaderValue::from_str(signature).unwrap())])
}

fn session(asked: &Asked) -> &str {
    match asked {
        Asked::Page { session, .. } | Asked::Charged { session, .. } => session,
        Asked::Refused { code } => panic!("{code}"),
    }
}

fn page(saving: &Saving) -> &str {
    let Saving::Page { session, .. } = saving else { panic!("{saving:?}") };
    session
}

fn arrived(reference: impl Into<String>, amount: Money) -> What {
    What::Arrived { reference: reference.into(), amount }
}

fn charge(id: &str) -> Said {
    Said::Charge(id.to_owned())
}

#[tokio::test]
async fn no_changed_message_is_gocardlesss() {
    mutations::are_refused(&GcWorld::new().await, &["webhook-signature"]).await;
}

#[tokio::test]
async fn gocardless_keeps_the_contract() {
    keeps_the_contract(&GcWorld::new().await).await;
}

#[tokio::test]
async fn it_keeps_the_contract_where_amounts_are_text_and_metadata_stays_behind() {
    let setup = |setup| Setup { text_amounts: true, resource_metadata: false, inherits_metadata: false, ..setup };
    keeps_the_contract(&GcWorld::with(setup).await).await;
}

#[tokio::test]
async fn whose_account_it_is_is_its_creditor() {
    let world = GcWorld::new().await;
    let introduced = Introduced { account: "CR000000000001".to_owned(), live: false };
    assert_eq!(world.adapter.introduce().await, Ok(introduced));
    assert_eq!(world.stranger.introduce().await, Err(Unknown::Refused(401)));
    assert_eq!(world.adapter.capabilities().forged, 498);
    let keys = json!({"access_token": TOKEN, "webhook_secrets": [SECRET], "live": false}).to_string();
    let read = |keys: &str| Access::read(ProviderName::Gocardless, keys.as_bytes());
    assert!(matches!(read(&keys), Ok(Some(Access::Gocardless(_)))));
    assert_eq!(read(&keys.replace("false", "true")).unwrap_err().field, "live");
    assert_eq!(read(&keys.replace("live", "alive")).unwrap_err().field, "");
}

#[tokio::test]
async fn an_instant_payment_arrives_at_once_or_a_little_later() {
    let world = GcWorld::new().await;
    for speed in [Speed::AtOnce, Speed::Later] {
        let payment = fresh(&world);
        let asked = ask(&world, &payment, eur(2_000)).await.unwrap();
        let known = known(&world, &payment, Some(&asked));
        assert!(world.vendor.fulfil(session(&asked), speed));
        let told = world.told().await;
        assert!(told.contains(&charge(session(&asked))), "{told:?}");
        let (id, _) = world.vendor.payments().pop().unwrap();
        if speed == Speed::Later {
            assert_eq!(world.whats(known).await, [What::Pending]);
            assert!(world.vendor.confirm(&id));
            assert_eq!(world.told().await, [charge(&id)]);
        } else {
            assert!(told.contains(&charge(&id)), "{told:?}");
        }
        for charge in [session(&asked), &id] {
            assert_eq!(world.adapter.owner(charge).await, Ok(Some(Owner::Payment(payment.clone()))));
        }
        assert_eq!(world.whats(known).await, [arrived(&id, eur(2_000))]);
        assert!(world.vendor.pay_out(&id));
        assert_eq!(world.told().await, [charge(&id)]);
        assert_eq!(world.whats(known).await, [arrived(&id, eur(2_000))], "being paid out is nothing new");
        // It is past its page now.
        assert_eq!(ask(&world, &payment, eur(2_000)).await, Err(Unknown::Refused(409)));
    }
}

#[tokio::test]
async fn a_payment_without_our_metadata_is_found_by_its_billing_request() {
    let world = GcWorld::with(|setup| Setup { inherits_metadata: false, resource_metadata: false, ..setup }).await;
    let payment = fresh(&world);
    let asked = ask(&world, &payment, eur(2_000)).await.unwrap();
    assert!(world.vendor.fulfil(session(&asked), Speed::AtOnce));
    let (id, _) = world.vendor.payments().pop().unwrap();
    let refund = world.vendor.refund(&id, 500).unwrap();
    for charge in [session(&asked), &id, &refund] {
        assert_eq!(world.adapter.owner(charge).await, Ok(Some(Owner::Payment(payment.clone()))), "{charge}");
    }
}

#[tokio::test]
async fn what_belongs_to_somebody_else_is_nobodys() {
    let world = GcWorld::new().await;
    let mandate = world.vendor.mandate(json!({"method": "theirs", "payment": "theirs"}));
    let token = Token { customer: None, method: mandate.clone() };
    let payment = fresh(&world);
    let asked = ask_saved(&world, &payment, eur(100), (Method::SepaDebit, &token)).await.unwrap();
    assert_eq!(world.adapter.owner(session(&asked)).await, Ok(Some(Owner::Payment(payment))));
    for id in [mandate.as_str(), "PM0", "RF0", "BRQ0", "MD0", "", "../creditors", "PO0"] {
        assert_eq!(world.adapter.owner(id).await, Ok(None), "{id}");
    }
}

#[tokio::test]
async fn who_turns_back_or_is_denied_may_try_again() {
    let world = GcWorld::new().await;
    let payment = fresh(&world);
    let asked = ask(&world, &payment, eur(2_000)).await.unwrap();
    let known = known(&world, &payment, Some(&asked));
    assert!(world.vendor.turn_back(session(&asked)) && world.vendor.deny(session(&asked)));
    assert_eq!(world.told().await, []);
    assert_eq!(world.whats(known).await, [What::Pending]);
    assert!(world.vendor.fulfil(session(&asked), Speed::AtOnce));
    assert!(matches!(world.whats(known).await.as_slice(), [What::Arrived { .. }]));
}

#[tokio::test]
async fn a_page_whose_time_is_over_is_closed_when_it_is_looked_up() {
    let world = GcWorld::new().await;
    let payment = fresh(&world);
    let asked = ask(&world, &payment, eur(2_000)).await.unwrap();
    let known = known(&world, &payment, Some(&asked));
    world.pass(CHECKOUT_LIFETIME + SignedDuration::from_mins(30));
    assert_eq!(world.whats(known).await, [What::Pending], "somebody may still be at the bank");
    world.pass(SignedDuration::from_mins(10));
    assert_eq!(world.whats(known).await, [What::Expired]);
    assert!(!world.vendor.fulfil(session(&asked), Speed::AtOnce), "nobody can pay it any more");
    assert_eq!(world.told().await, [charge(session(&asked))]);
    let lost = Known { session: None, ..known };
    for known in [known, lost] {
        assert_eq!(world.whats(known).await, [What::Expired], "a second look says the same");
    }
}

#[tokio::test]
async fn asking_again_finds_the_page_or_opens_another() {
    let world = GcWorld::new().await;
    let payment = fresh(&world);
    let first = ask(&world, &payment, eur(2_000)).await.unwrap();
    let flows = || world.vendor.seen().iter().filter(|seen| seen.path == "/billing_request_flows").count();
    assert_eq!(ask(&world, &payment, eur(2_000)).await.unwrap(), first);
    assert_eq!(flows(), 1);
    // A flow lasts for seven days.
    world.pass(SignedDuration::from_hours(8 * 24));
    let other = ask(&world, &payment, eur(2_000)).await.unwrap();
    assert_eq!((session(&other), flows()), (session(&first), 2));
    assert_ne!(other, first);
    assert_eq!(ask(&world, &payment, eur(2_000)).await.unwrap(), other);
}

#[tokio::test]
async fn what_it_does_not_carry_is_refused() {
    let world = GcWorld::new().await;
    let (_, _, token) = kept(&world, Method::SepaDebit).await;
    let before = world.vendor.seen().len();
    let refused = [
        ask_by(&world, &fresh(&world), eur(100), Method::Card).await,
        ask_by(&world, &fresh(&world), eur(100), Method::SepaDebit).await,
        ask(&world, &fresh(&world), Money::of_minor(100, Currency::Chf)).await,
        ask_saved(&world, &fresh(&world), eur(100), (Method::Card, &token)).await,
    ];
    assert!(refused.iter().all(|asked| matches!(asked, Ok(Asked::Refused { .. }))), "{refused:?}");
    assert!(matches!(save(&world, &name(&world), Method::Card).await, Ok(Saving::Refused { .. })));
    assert_eq!(world.vendor.seen().len(), before, "nobody is asked");
    let too_large = ask(&world, &fresh(&world), eur(100_000_001)).await;
    assert_eq!(too_large, Ok(Asked::Refused { code: "amount".to_owned() }));
    let pounds = Money::of_minor(1, Currency::Gbp);
    let other_currency = ask_saved(&world, &fresh(&world), pounds, (Method::SepaDebit, &token)).await;
    assert_eq!(other_currency, Ok(Asked::Refused { code: "currency".to_owned() }));
}

#[tokio::test]
async fn a_refund_that_does_not_reach_the_customer_comes_back() {
    let world = GcWorld::new().await;
    let payment = fresh(&world);
    let asked = ask(&world, &payment, eur(2_000)).await.unwrap();
    assert!(world.vendor.fulfil(session(&asked), Speed::AtOnce));
    let known = known(&world, &payment, Some(&asked));
    let _ = world.said().await;
    let fact = world.adapter.refund(known, eur(500), "key").await.unwrap();
    let What::TakenBack { reference, .. } = &fact.what else { panic!("{fact:?}") };
    assert_eq!(world.told().await, [charge(reference)]);
    assert_eq!(world.adapter.owner(reference).await, Ok(Some(Owner::Payment(payment.clone()))));
    assert!(world.vendor.settle_refund(reference));
    assert_eq!(world.told().await, [], "being taken out of a payout is nothing new");
    assert!(world.vendor.fail_refund(reference));
    assert_eq!(world.told().await, [charge(reference)]);
    let back = What::came_back(reference, "failed", eur(500));
    assert_eq!(world.whats(known).await[1..], [fact.what.clone(), back.clone()]);
    assert!(world.vendor.return_refund(reference));
    assert_eq!(world.whats(known).await[1..], [fact.what.clone(), back]);
    world.vendor.forget_keys();
    let again = world.adapter.refund(known, eur(500), "key").await;
    assert_eq!(again, Ok(fact), "the same key is the same refund, even when it is forgotten there");
    assert_eq!(world.adapter.refund(known, eur(501), "key").await, Err(Unknown::Refused(409)));
    assert_eq!(world.adapter.refund(known, Money::of_minor(1, Currency::Gbp), "k").await, Err(Unknown::Refused(422)));
    world.adapter.refund(known, eur(2_000), "all").await.unwrap();
    let other = fresh(&world);
    let asked = ask(&world, &other, eur(500)).await.unwrap();
    assert!(world.vendor.fulfil(session(&asked), Speed::AtOnce));
    let other = crate::contract::known(&world, &other, Some(&asked));
    assert_eq!(world.adapter.refund(other, eur(500), "all").await, Err(Unknown::Refused(409)), "another's key");
}
