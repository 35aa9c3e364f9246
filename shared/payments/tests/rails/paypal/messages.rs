//! Who may speak for PayPal and to it: messages, certificates, keys and access tokens.

use super::*;

#[tokio::test]
async fn an_access_token_is_kept_for_its_time_and_renewed_once() {
    let grants =
        |world: &PaypalWorld| world.vendor.seen().iter().filter(|seen| seen.path == "/v1/oauth2/token").count();
    let world = PaypalWorld::new().await;
    for _ in 0..3 {
        ask(&world, &fresh(&world), eur(500)).await.unwrap();
    }
    world.adapter.clone().introduce().await.unwrap();
    assert_eq!(grants(&world), 1, "clones share it");
    world.vendor.revoke();
    let payment = fresh(&world);
    let asked = ask(&world, &payment, eur(500)).await.unwrap();
    assert_eq!(ask(&world, &payment, eur(500)).await.unwrap(), asked);
    assert_eq!(grants(&world), 2, "fetched anew when it is refused");
    world.clock.fetch_add(9 * 3600, Ordering::SeqCst);
    ask(&world, &fresh(&world), eur(500)).await.unwrap();
    assert_eq!(grants(&world), 3);
    // One that is over at once is refused even when it is new, and that is the end of it.
    let world = PaypalWorld::of(|setup| setup.token_life = 0).await;
    assert_eq!(ask(&world, &fresh(&world), eur(500)).await, Err(Unknown::Refused(401)));
    assert_eq!(grants(&world), 2);
    let world = PaypalWorld::of(|setup| setup.token_life = 60).await;
    for _ in 0..2 {
        ask(&world, &fresh(&world), eur(500)).await.unwrap();
    }
    assert_eq!(grants(&world), 2, "one that is nearly over is not used again");
    let said = format!("{:?}", world.adapter);
    assert!(!said.contains("A21AAJ") && !said.contains(SECRET), "{said}");
}

#[tokio::test]
async fn every_message_of_paypals_documents_is_read() {
    let world = PaypalWorld::new().await;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vendors/fixtures/paypal");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|kind| kind != "json") {
            continue;
        }
        let file = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let fixture: Fixture = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        if file.starts_with("answer-") {
            continue;
        }
        count += 1;
        let message = world.vendor.sign(fixture.body.to_string().as_bytes());
        let raw = Raw { headers: &message.headers, body: &message.body, now: world.now() };
        let verified = world.adapter.verify(raw).await.unwrap();
        let Ok(said) = world.adapter.facts(verified) else {
            assert_eq!(file, "poison");
            continue;
        };
        let capture = "3C679366HH908993F";
        let fits = match file.as_str() {
            "order-approved" => said == [Said::Charge("5O190127TN364715T".to_owned())],
            // The documents' custom_id is none of ours.
            "approval-reversed" => is(&said, &What::Other("CHECKOUT.PAYMENT-APPROVAL.REVERSED".to_owned())),
            "unknown-capture" => said == [Said::Charge("9CC00000000000001".to_owned())],
            "token-deleted" => said == [Said::MethodOf("jwgvx42".to_owned())],
            "token-created" => is(&said, &What::Other("VAULT.PAYMENT-TOKEN.CREATED".to_owned())),
            "token-deletion-initiated" => is(&said, &What::Other("VAULT.PAYMENT-TOKEN.DELETION-INITIATED".to_owned())),
            "unknown-type" => is(&said, &What::Other("PAYMENT.CAPTURE.REJOICED".to_owned())),
            of if ["capture-", "refund-", "dispute-"].iter().any(|kind| of.starts_with(kind)) => {
                said == [Said::Charge(capture.to_owned())]
            }
            other => panic!("{other} is new"),
        };
        assert!(fits, "{file}: {said:?}");
    }
    assert_eq!(count, 22);
}

/// One fact, and about nothing of ours.
fn is(said: &[Said], what: &What) -> bool {
    said == [Said::Payment(Fact { about: About::Nothing, what: what.clone() })]
}

#[tokio::test]
async fn what_is_said_of_another_payee_is_not_ours() {
    let world = PaypalWorld::new().await;
    let (_, _, capture) = world.paid(eur(2_000)).await;
    world.vendor.dispute(&capture, None, Channel::PayPal).unwrap();
    let messages = world.vendor.messages();
    for (merchant, is_ours) in [("6QX8PZK3WN7RB", true), ("7QX8PZK3WN7RC", false)] {
        let keys = paypal::Keys { merchant_id: Some(merchant.to_owned()), ..keys(CLIENT, WEBHOOK) };
        let adapter = adapter(&world.vendor, Client::default(), AUTHORITY, keys);
        for message in &messages {
            let raw = Raw { headers: &message.headers, body: &message.body, now: world.now() };
            let said = adapter.facts(adapter.verify(raw).await.unwrap()).unwrap();
            let other = matches!(&said[..], [Said::Payment(Fact { what: What::Other(_), .. })]);
            assert_eq!(!other, is_ours, "{said:?}");
        }
    }
}

#[tokio::test]
async fn no_forged_message_is_believed() {
    let world = PaypalWorld::new().await;
    let event = json!({ "id": "WH-1", "event_type": "PAYMENT.CAPTURE.COMPLETED", "resource": {} });
    let message = world.vendor.sign(event.to_string().as_bytes());
    let verify = async |adapter: &Paypal, message: &Message| {
        let raw = Raw { headers: &message.headers, body: &message.body, now: world.now() };
        adapter.verify(raw).await.map(|_| ())
    };
    assert_eq!(verify(&world.adapter, &message).await, Ok(()));
    for how in [
        Forgery::Foreign,
        Forgery::Stranger,
        Forgery::Expired,
        Forgery::OtherWebhook,
        Forgery::Altered,
        Forgery::Elsewhere,
    ] {
        let forged = world.vendor.forge(&message, how);
        assert_eq!(verify(&world.adapter, &forged).await, Err(NotVerified::Forged), "{how:?}");
    }
    let foreign = adapter(&world.vendor, Client::default(), FOREIGN_AUTHORITY, keys(CLIENT, WEBHOOK));
    assert_eq!(verify(&foreign, &message).await, Err(NotVerified::Forged), "another root is trusted");
    let forged = world.vendor.forge(&message, Forgery::Foreign);
    assert_eq!(verify(&foreign, &forged).await, Ok(()), "which is what made the difference");
    let nobody = adapter(&world.vendor, Client::default(), "", keys(CLIENT, WEBHOOK));
    assert!(matches!(verify(&nobody, &message).await, Err(NotVerified::Unknown(_))), "no root at all");
    let platform = Place { base: world.vendor.url(), authority: None };
    let platform = Paypal::new(Client::default(), Some(platform), keys(CLIENT, WEBHOOK));
    assert!(verify(&platform, &message).await.is_err(), "no root of the platform's signs for it");
    let asked = world.vendor.seen().len();
    for address in [
        "https://evil.example/v1/notifications/certs/CERT-360caa42-fca2a594-1a5f47cb",
        "https://paypal.com.evil.example/v1/notifications/certs/CERT-360caa42-fca2a594-1a5f47cb",
        "https://api.paypal.com@evil.example/v1/notifications/certs/CERT-360caa42-fca2a594-1a5f47cb",
        "https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-1a5f47cb",
    ] {
        let mut moved = message.clone();
        moved.headers.insert("paypal-cert-url", HeaderValue::from_static(address));
        assert_eq!(verify(&world.adapter, &moved).await, Err(NotVerified::Forged), "{address}");
    }
    for (name, value) in [
        ("paypal-auth-algo", "SHA1withRSA"),
        ("paypal-auth-algo", "sha256withrsa"),
        ("paypal-transmission-id", "another"),
        ("paypal-transmission-time", "2026-11-25T04:40:17Z"),
        ("paypal-transmission-sig", "AAAA"),
        ("paypal-transmission-sig", "not base64"),
    ] {
        let mut changed = message.clone();
        changed.headers.insert(name, HeaderValue::from_static(value));
        assert_eq!(verify(&world.adapter, &changed).await, Err(NotVerified::Forged), "{name}: {value}");
    }
    let mut twice = message.clone();
    twice.headers.append("paypal-cert-url", HeaderValue::from_static("https://evil.example/c"));
    assert_eq!(verify(&world.adapter, &twice).await, Err(NotVerified::Forged));
    assert_eq!(world.vendor.seen().len(), asked, "a certificate that is known is not fetched again");
}

#[tokio::test]
async fn of_a_message_with_the_same_checksum_nothing_is_believed() {
    let world = PaypalWorld::new().await;
    let (payment, asked, capture) = world.paid(eur(2_000)).await;
    let refund = world.vendor.refund(&capture, Some(500)).unwrap();
    let found = world.found(&payment, &asked).await;
    assert_eq!(found, [arrived(&capture, 2_000), back(&refund, 500)]);
    let messages = world.vendor.messages();
    let holds = |message: &&Message, text: &str| String::from_utf8_lossy(&message.body).contains(text);
    let completed = messages.iter().find(|message| holds(message, "CAPTURE.COMPLETED")).unwrap();
    let refunded = messages.iter().find(|message| holds(message, "CAPTURE.REFUNDED")).unwrap();
    for (message, from, to) in [
        (completed, "\"20.00\"", "\"99999.00\""),
        (completed, "CAPTURE.COMPLETED", "CAPTURE.DENIED"),
        (completed, "CAPTURE.COMPLETED", "CAPTURE.PENDING"),
        (completed, payment.as_str(), fresh(&world).as_str()),
        (refunded, "\"5.00\"", "\"20.00\""),
        (refunded, refund.as_str(), "1Y1079900000000ZZ"),
        (refunded, "CAPTURE.REFUNDED", "CAPTURE.REVERSED"),
    ] {
        let forged = Vendor::retold(message, from, to);
        assert_ne!(forged.body, message.body, "{from}");
        // PayPal's signature fits it: this is what makes the difference.
        assert_eq!(read(&world, &forged).await, [Said::Charge(capture.clone())], "{from} {to}");
        assert_eq!(world.found(&payment, &asked).await, found);
    }
}

#[tokio::test]
async fn a_certificate_that_cannot_be_fetched_proves_nothing_yet() {
    let world = PaypalWorld::hasty().await;
    let message = world.vendor.sign(b"{}");
    let raw = Raw { headers: &message.headers, body: &message.body, now: world.now() };
    for fault in [Fault::HangBefore, Fault::Garbage, Fault::Refuse(StatusCode::SERVICE_UNAVAILABLE)] {
        world.vendor.fault(fault);
        let proved = world.adapter.verify(raw).await.map(|_| ());
        assert!(matches!(proved, Err(NotVerified::Unknown(_))), "{fault:?}: {proved:?}");
    }
    assert!(world.adapter.verify(raw).await.is_ok());
}

#[tokio::test]
async fn keys_are_checked_and_open_the_adapter() {
    let read = |json: &str| Access::read(ProviderName::Paypal, json.as_bytes());
    let good =
        r#"{"client_id":"app","client_secret":"EGnHDxD-loopback","webhook_id":"1JE4291016473214C","live":false}"#;
    let Ok(Some(access)) = read(good) else { panic!("good keys") };
    for (from, to, field) in [
        ("app", "a:b", "client_id"),
        ("EGnHDxD-loopback", "", "client_secret"),
        ("1JE4291016473214C", "https://x", "webhook_id"),
        ("\"live\":false", "\"live\":false,\"merchant_id\":\"7\"", "merchant_id"),
        ("\"live\":false", "\"live\":\"no\"", ""),
        ("\"live\":false", "\"live\":false,\"more\":1", ""),
    ] {
        let wrong = read(&good.replacen(from, to, 1));
        assert_eq!(wrong.unwrap_err().field, field, "{to}");
    }
    for attributes in [false, true] {
        let world = PaypalWorld::of(|setup| setup.attributes = attributes).await;
        let place = Place { base: world.vendor.url(), authority: Some(AUTHORITY.to_owned()) };
        let urls = Urls { paypal: Some(place), ..Urls::default() };
        let provider = connect(Client::default(), &urls, access.clone());
        let introduced = provider.introduce().await.unwrap();
        let account = if attributes { "6QX8PZK3WN7RB" } else { "mWq6_1sU85v5EG9yHdPxJRrhGHrnMJ-1PQKtX6pcsmA" };
        assert_eq!((introduced.account.as_str(), introduced.live), (account, false));
        assert_eq!(world.stranger.introduce().await, Err(Unknown::Refused(401)));
    }
}
