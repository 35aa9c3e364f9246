//! The contract of payment providers: what every adapter must keep, asked of its own outside world.

use std::sync::atomic::{AtomicU16, Ordering};

use domain::{
    Currency, Language, Money,
    id::{CustomerId, PaymentId, PaymentMethodId},
    payment::{CHECKOUT_LIFETIME, Method},
    payment_method::{MethodName, SAVING_LIFETIME, Token},
};
use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use payments::{About, Ask, Asked, Fact, Kept, Known, KnownMethod, Provider, Raw, Said, Save, Saving, Unknown, What};

/// An adapter with the outside world behind it.
pub(crate) trait World {
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
    /// The customer agrees on the provider's page that something is kept; the merchant is not told.
    async fn agree(&self, saving: &Saving, method: Method);
    /// What is kept is declined at its next charge.
    async fn decline_next(&self, token: &Token);
    /// Money that is on its way arrives, where it is.
    async fn arrive(&self, session: &str);
    /// Somebody at the provider or the bank ends what is kept.
    async fn end(&self, token: &Token);
    /// A message of a kind that is not documented.
    fn odd_message(&self, payment: &PaymentId) -> Vec<u8>;
    /// Does its signature hold for some minutes only?
    fn signs_its_time(&self) -> bool {
        true
    }
    /// Does it make a second refund of the same amount? Some take it for a repetition of the first, whatever its key.
    fn makes_equal_refunds(&self) -> bool {
        true
    }
    /// Is what was asked for found by our own id, when the answer with the provider's was lost?
    fn finds_without_its_session(&self) -> bool {
        true
    }
    /// Headers of a genuine message.
    fn proof(&self, body: &[u8], at: Timestamp) -> HeaderMap;
}

/// Everything an adapter must keep.
pub(crate) async fn keeps_the_contract(world: &impl World) {
    asking_again_is_asking_once(world).await;
    a_look_up_says_what_happened_and_nothing_else(world).await;
    a_refund_is_made_once_per_key(world).await;
    for method in world.adapter().capabilities().name.saves() {
        what_is_kept_is_kept_once(world, *method).await;
        what_is_kept_is_charged_once(world, *method).await;
        what_is_ended_is_charged_no_more(world, *method).await;
    }
    only_genuine_messages_are_verified(world).await;
    a_stranger_is_told_nothing(world).await;
}

pub(crate) fn eur(minor: i64) -> Money {
    Money::of_minor(minor, Currency::Eur)
}

pub(crate) async fn ask(world: &impl World, payment: &PaymentId, amount: Money) -> Result<Asked, Unknown> {
    ask_by(world, payment, amount, world.method()).await
}

/// The same with what the provider keeps.
pub(crate) async fn ask_saved(
    world: &impl World,
    payment: &PaymentId,
    amount: Money,
    (method, saved): (Method, &Token),
) -> Result<Asked, Unknown> {
    asked(world, payment, amount, method, Some(saved)).await
}

pub(crate) async fn ask_by(
    world: &impl World,
    payment: &PaymentId,
    amount: Money,
    method: Method,
) -> Result<Asked, Unknown> {
    asked(world, payment, amount, method, None).await
}

async fn asked(
    world: &impl World,
    payment: &PaymentId,
    amount: Money,
    method: Method,
    saved: Option<&Token>,
) -> Result<Asked, Unknown> {
    let webhook_url = world.webhook_url();
    let ask = Ask {
        payment,
        method,
        saved,
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
pub(crate) fn known<'a>(world: &impl World, payment: &'a PaymentId, asked: Option<&'a Asked>) -> Known<'a> {
    let session = match asked {
        Some(Asked::Page { session, .. } | Asked::Charged { session, .. }) => Some(session.as_str()),
        _ => None,
    };
    Known { payment, session, saved: None, since: world.now(), until: world.now() + CHECKOUT_LIFETIME }
}

/// The same of a charge without a page.
pub(crate) fn known_saved<'a>(
    world: &impl World,
    payment: &'a PaymentId,
    asked: Option<&'a Asked>,
    saved: &'a Token,
) -> Known<'a> {
    Known { saved: Some(saved), ..known(world, payment, asked) }
}

/// A fresh name for something to be kept.
pub(crate) fn name(world: &impl World) -> MethodName {
    MethodName { customer: CustomerId::new(world.now(), entropy()), id: PaymentMethodId::new(world.now(), entropy()) }
}

pub(crate) async fn save(world: &impl World, name: &MethodName, method: Method) -> Result<Saving, Unknown> {
    let webhook_url = world.webhook_url();
    let email = "tine@example.org".parse().unwrap();
    let save = Save {
        name,
        method,
        customer: None,
        holder: "Exemplus „ä“ Tine",
        email: Some(&email),
        currency: Currency::Eur,
        description: "Webhosting AG <b>",
        return_url: "https://portal.example/payment-methods/x",
        webhook_url: &webhook_url,
        language: Language::De,
        until: world.now() + SAVING_LIFETIME,
    };
    world.adapter().save(&save).await
}

/// What is to be kept as we know it: with its page, unless the provider's answer was lost.
pub(crate) fn known_method<'a>(
    world: &impl World,
    name: &'a MethodName,
    method: Method,
    saving: Option<&'a Saving>,
) -> KnownMethod<'a> {
    let session = match saving {
        Some(Saving::Page { session, .. }) => Some(session.as_str()),
        _ => None,
    };
    KnownMethod { name, method, session, since: world.now(), until: world.now() + SAVING_LIFETIME }
}

/// Something that the provider keeps.
pub(crate) async fn kept(world: &impl World, method: Method) -> (MethodName, Saving, Token) {
    let name = name(world);
    let saving = save(world, &name, method).await.unwrap();
    world.agree(&saving, method).await;
    let kept = world.adapter().look_up_method(known_method(world, &name, method, Some(&saving))).await.unwrap();
    let Kept::Saved { token, .. } = kept else { panic!("{kept:?}") };
    (name, saving, token)
}

async fn what_is_kept_is_kept_once(world: &impl World, method: Method) {
    let adapter = world.adapter();
    let name = name(world);
    assert_eq!(adapter.look_up_method(known_method(world, &name, method, None)).await, Ok(Kept::Unknown));
    let saving = save(world, &name, method).await.unwrap();
    let Saving::Page { session, url } = &saving else { panic!("{saving:?}") };
    assert!(url.starts_with("http") && !session.is_empty());
    assert_eq!(save(world, &name, method).await.unwrap(), saving, "{method:?}");
    for saving in found_by(world, &saving) {
        let kept = adapter.look_up_method(known_method(world, &name, method, saving)).await;
        assert_eq!(kept, Ok(Kept::Pending), "{method:?}");
    }
    world.agree(&saving, method).await;
    let first = adapter.look_up_method(known_method(world, &name, method, Some(&saving))).await.unwrap();
    assert!(matches!(first, Kept::Saved { .. }), "{first:?}");
    for saving in found_by(world, &saving) {
        let again = adapter.look_up_method(known_method(world, &name, method, saving)).await.unwrap();
        assert_eq!(again, first, "a second look says the same, and needs no page where it is found without");
    }
}

async fn what_is_kept_is_charged_once(world: &impl World, method: Method) {
    let adapter = world.adapter();
    let (_, _, token) = kept(world, method).await;
    let payment = fresh(world);
    let unknown = adapter.look_up(known_saved(world, &payment, None, &token)).await;
    if world.finds_without_its_session() {
        assert_eq!(unknown, Ok(vec![]), "nobody asked for it");
    } else {
        assert!(unknown.is_err(), "it may have been charged");
    }
    let first = ask_saved(world, &payment, eur(1_591), (method, &token)).await.unwrap();
    let Asked::Charged { session, what } = &first else { panic!("{first:?}") };
    let again = ask_saved(world, &payment, eur(1_591), (method, &token)).await.unwrap();
    assert!(matches!(&again, Asked::Charged { session: again, .. } if again == session), "{again:?}");
    if *what == What::Pending {
        world.arrive(session).await;
    }
    for asked in found_by(world, &first) {
        let facts = adapter.look_up(known_saved(world, &payment, asked, &token)).await.unwrap();
        let [Fact { about: About::Ours(of), what: What::Arrived { amount, .. } }] = facts.as_slice() else {
            panic!("{facts:?}")
        };
        assert_eq!((of, *amount), (&payment, eur(1_591)));
        assert!(matches!(what, What::Pending) || facts[0].what == *what);
    }
    // Of a charge that is the session itself, or leads to it.
    let lost = known_saved(world, &payment, None, &token);
    let by_itself = adapter.session_of(lost, session.split('.').next().unwrap()).await;
    assert!(matches!(&by_itself, Ok(None)) || by_itself == Ok(Some(session.clone())), "{by_itself:?}");
    assert_eq!(adapter.session_of(known_saved(world, &fresh(world), None, &token), session).await, Ok(None));
    let key = format!("{payment}.refund");
    let refund = adapter.refund(known_saved(world, &payment, Some(&first), &token), eur(500), &key).await;
    assert!(
        matches!(&refund, Ok(Fact { what: What::TakenBack { amount, .. }, .. }) if *amount == eur(500)),
        "{refund:?}"
    );
    let declined = fresh(world);
    world.decline_next(&token).await;
    let asked = ask_saved(world, &declined, eur(700), (method, &token)).await.unwrap();
    let Asked::Charged { what, .. } = &asked else { panic!("a decline is an outcome: {asked:?}") };
    if *what == What::Failed {
        let facts = adapter.look_up(known_saved(world, &declined, Some(&asked), &token)).await.unwrap();
        assert_eq!(facts, [Fact::of(declined.clone(), What::Failed)]);
    } else {
        assert_eq!(*what, What::Pending, "a debit fails later");
    }
}

async fn what_is_ended_is_charged_no_more(world: &impl World, method: Method) {
    let adapter = world.adapter();
    for by_us in [true, false] {
        let (name, saving, token) = kept(world, method).await;
        if by_us {
            adapter.forget(&token).await.unwrap();
            adapter.forget(&token).await.unwrap();
        } else {
            world.end(&token).await;
        }
        let seen = adapter.look_up_method(known_method(world, &name, method, Some(&saving))).await;
        assert_eq!(seen, Ok(Kept::Gone), "{method:?}, by us: {by_us}");
        let asked = ask_saved(world, &fresh(world), eur(1_591), (method, &token)).await;
        let is_refused = matches!(&asked, Ok(Asked::Refused { .. } | Asked::Charged { what: What::Failed, .. }));
        assert!(is_refused, "{method:?}, by us: {by_us}: {asked:?}");
    }
}

/// What is asked for by its session, and where it can be, as if the answer with that was lost.
fn found_by<'a, T>(world: &impl World, asked: &'a T) -> Vec<Option<&'a T>> {
    if world.finds_without_its_session() { vec![Some(asked), None] } else { vec![Some(asked)] }
}

fn entropy() -> [u8; 10] {
    static COUNT: AtomicU16 = AtomicU16::new(0);
    let mut entropy = [0; 10];
    entropy[8..].copy_from_slice(&COUNT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    // Ids outlive a run at the sandbox provider's side: two runs never meet.
    entropy[..4].copy_from_slice(&std::process::id().to_be_bytes());
    entropy
}

pub(crate) fn fresh(world: &impl World) -> PaymentId {
    PaymentId::new(world.now(), entropy())
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
        for asked in found_by(world, &asked) {
            let facts = adapter.look_up(known(world, &payment, asked)).await.unwrap();
            assert_eq!(facts, [Fact::of(payment.clone(), What::Pending)]);
        }
        world.pay(&asked).await;
        let facts = adapter.look_up(known(world, &payment, Some(&asked))).await.unwrap();
        let [Fact { about: About::Ours(of), what: What::Arrived { amount: arrived, .. } }] = facts.as_slice() else {
            panic!("{facts:?}")
        };
        assert_eq!((of, *arrived), (&payment, amount));
        for asked in found_by(world, &asked) {
            let again = adapter.look_up(known(world, &payment, asked)).await.unwrap();
            assert_eq!(again, facts, "a second look says the same");
        }
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
    let amount = if world.makes_equal_refunds() { eur(500) } else { eur(501) };
    let second = adapter.refund(known, amount, "key-2").await.unwrap();
    assert_ne!(second, first);
    assert!(adapter.refund(known, eur(1_001), "key-3").await.is_err(), "more than is left");
    let facts = adapter.look_up(known).await.unwrap();
    assert!(facts.contains(&first) && facts.contains(&second) && facts.len() == 3, "{facts:?}");
}

async fn only_genuine_messages_are_verified(world: &impl World) {
    let (payment, now) = (fresh(world), world.now());
    let body = world.odd_message(&payment);
    let headers = world.proof(&body, now);
    let own =
        async |headers: &HeaderMap, body: &[u8], now| world.adapter().verify(Raw { headers, body, now }).await.is_ok();
    assert!(own(&headers, &body, now).await);
    let stranger = world.stranger().verify(Raw { headers: &headers, body: &body, now }).await;
    assert!(stranger.is_err(), "another secret");
    assert!(!own(&HeaderMap::new(), &body, now).await, "no signature");
    assert!(!own(&headers, &[&body[..], b" "].concat(), now).await, "a byte more");
    assert!(!own(&headers, &body[1..], now).await, "a byte less");
    let late = own(&headers, &body, now + SignedDuration::from_mins(6)).await;
    assert_eq!(late, !world.signs_its_time(), "too old, where the time is signed");
    for name in world.adapter().proving_headers() {
        let mut without = headers.clone();
        without.remove(*name);
        assert!(!own(&without, &body, now).await, "{name} is one of those that prove it");
    }
    let verified = world.adapter().verify(Raw { headers: &headers, body: &body, now }).await.unwrap();
    let said = world.adapter().facts(verified).unwrap();
    assert!(said.iter().all(|said| matches!(said, Said::Payment(Fact { what: What::Other(_), .. }))), "{said:?}");
    let rubbish = b"{\"no\": \"message\"".to_vec();
    let headers = world.proof(&rubbish, now);
    let verified = world.adapter().verify(Raw { headers: &headers, body: &rubbish, now }).await.unwrap();
    assert!(world.adapter().facts(verified).is_err());
}

async fn a_stranger_is_told_nothing(world: &impl World) {
    let payment = fresh(world);
    let asked = ask(world, &payment, eur(100)).await.unwrap();
    // A stranger who is not even told the session has nothing to ask for where nothing is found without.
    let known = known(world, &payment, (!world.finds_without_its_session()).then_some(&asked));
    assert!(matches!(world.stranger().look_up(known).await, Err(Unknown::Refused(401 | 403))));
    assert!(matches!(world.stranger().refund(known, eur(1), "k").await, Err(Unknown::Refused(401 | 403))));
}
