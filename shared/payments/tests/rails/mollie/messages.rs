//! What Mollie tells: proved where it is signed, a reason to look where it is not, and never believed.

use http::{HeaderMap, HeaderValue};
use payments::{About, Client, Fact, Mollie, NotVerified, Provider as _, Raw, Said, What, mollie};
use vendors::{fixture::Fixture, mollie::Signed};

use super::{KEY, MollieWorld, SECRET, adapter, session, signed};
use crate::contract::{World as _, eur, known};

#[tokio::test]
async fn a_classic_message_is_an_id_and_nothing_else() {
    let world = MollieWorld::new().await;
    let none = HeaderMap::new();
    for (body, id) in
        [("id=tr_5B8cwPMGnU6qLbRvo7qEZo", "tr_5B8cwPMGnU6qLbRvo7qEZo"), ("id=ord_kEn1PlbGa", "ord_kEn1PlbGa")]
    {
        let said = world.verified(&none, body.as_bytes()).await;
        assert_eq!(said, Ok(vec![Said::Charge(id.to_owned())]));
        assert_eq!(
            world.verified(&signed("00"), body.as_bytes()).await,
            Err(NotVerified::Forged),
            "a signature counts"
        );
    }
    let long = format!("id=tr_{}", "a".repeat(41));
    let wrong: [&[u8]; 14] = [
        b"",
        b"id=",
        b"id=tr_",
        b"id=tr_12345",
        b"ID=tr_1234567",
        b" id=tr_1234567",
        b"id=tr_1234567\n",
        b"id=tr_1234567&id=tr_7654321",
        b"id=tr_1234567&testByMollie=1",
        b"id=TR_1234567",
        b"id=trtrt_1234567",
        b"id=tr_12345%367",
        b"id=tr_1234567/../x",
        long.as_bytes(),
    ];
    for body in wrong {
        let shown = String::from_utf8_lossy(body);
        assert_eq!(world.verified(&none, body).await, Err(NotVerified::Forged), "{shown}");
    }
}

#[tokio::test]
async fn any_of_two_signatures_with_any_of_two_secrets_is_enough() {
    let world = MollieWorld::new().await;
    let body = br#"{"resource":"event","type":"payment.paid","entityId":"tr_5B8cwPMGnU6qLbRvo7qEZo"}"#;
    let sign = |secret: &str| vendors::mollie::sign(secret, body);
    let two = adapter(Client::default(), &world.vendor, KEY, &["the-old-one", SECRET]);
    let none = adapter(Client::default(), &world.vendor, KEY, &[]);
    let fits = async |adapter: &Mollie, headers: &HeaderMap| {
        adapter.verify(Raw { headers, body, now: world.now() }).await.is_ok()
    };
    let (old, new) = (sign("the-old-one"), sign(SECRET));
    for good in [
        new.clone(),
        format!("sha256={new}"),
        format!("sha256={old}, sha256={new}"),
        format!("{},{new}", "00".repeat(32)),
        old.clone(),
    ] {
        assert!(fits(&two, &signed(&good)).await, "{good}");
        assert!(!fits(&none, &signed(&good)).await, "without a secret nothing is proved");
    }
    let mut twice = signed(&sign("somebody-else"));
    twice.append(mollie::SIGNATURE_HEADER, HeaderValue::from_str(&new).unwrap());
    assert!(fits(&two, &twice).await && fits(&world.adapter, &twice).await);
    for bad in [
        String::new(),
        "sha256=".to_owned(),
        format!("sha512={new}"),
        new[1..].to_owned(),
        format!("{new}00"),
        sign("somebody-else"),
        sign(""),
        format!("{},{new}", [old.as_str(); 4].join(",")),
    ] {
        assert!(!fits(&world.adapter, &signed(&bad)).await, "{bad}");
    }
    let unreadable =
        HeaderMap::from_iter([(mollie::SIGNATURE_HEADER.parse().unwrap(), HeaderValue::from_bytes(b"\xff").unwrap())]);
    assert!(!fits(&world.adapter, &unreadable).await);
}

#[tokio::test]
async fn every_message_of_the_documents_is_read_and_no_other_passes_for_it() {
    let world = MollieWorld::new().await;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vendors/fixtures/mollie");
    let mut before = vendors::mollie::sign(SECRET, b"another message");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_stem().unwrap().to_string_lossy().into_owned();
        let fixture: Fixture = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        count += 1;
        if let Some(text) = fixture.body.as_str() {
            let said = world.verified(&HeaderMap::new(), text.as_bytes()).await.unwrap();
            assert_eq!(said, [Said::Charge(text.trim_start_matches("id=").to_owned())], "{file}");
            continue;
        }
        let body = fixture.body.to_string().into_bytes();
        let signature = vendors::mollie::sign(SECRET, &body);
        let said = world.verified(&signed(&signature), &body).await.unwrap();
        let is_ours = !matches!(file.as_str(), "unknown-type" | "payment-link-paid");
        match said.as_slice() {
            [Said::Charge(id)] if is_ours => assert_eq!(id, "tr_5B8cwPMGnU6qLbRvo7qEZo", "{file}"),
            [Said::Payment(Fact { about: About::Nothing, what: What::Other(_) })] if !is_ours => {}
            other => panic!("{file}: {other:?}"),
        }
        let mut tampered = body.clone();
        let at = body.len() / 2;
        tampered[at] ^= 1;
        assert_eq!(world.verified(&signed(&signature), &tampered).await, Err(NotVerified::Forged), "{file}: tampered");
        assert_eq!(world.verified(&signed(&before), &body).await, Err(NotVerified::Forged), "{file}: swapped");
        assert_eq!(world.verified(&HeaderMap::new(), &body).await, Err(NotVerified::Forged), "{file}: unsigned");
        before = signature;
    }
    assert!(count > 20, "{count}");
}

#[tokio::test]
async fn messages_in_every_form_lead_to_the_payment() {
    for form in [Signed::Event, Signed::Simple, Signed::Snapshot] {
        let world = MollieWorld::telling(form).await;
        let (payment, asked) = world.paid(2_000).await;
        let id = session(&asked).to_owned();
        world.adapter.refund(known(&world, &payment, Some(&asked)), eur(500), "key").await.unwrap();
        world.vendor.charge_back(&id, None).unwrap();
        let said = world.said().await;
        let to_look_up = said.iter().filter(|said| **said == Said::Charge(id.clone())).count();
        // Three events, each twice; the short form of a refund and of a chargeback names no payment.
        let expected = if form == Signed::Simple { 4 } else { 6 };
        assert_eq!((said.len(), to_look_up), (6, expected), "{form:?}: {said:?}");
    }
}
