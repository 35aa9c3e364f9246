//! What GoCardless tells, and answers that are lost.

use super::*;

#[tokio::test]
async fn messages_come_in_bundles_doubled_shuffled_and_with_poison() {
    let world = GcWorld::new().await;
    let mut charges = Vec::new();
    for _ in 0..3 {
        let (token, payment, asked) = world.charged(eur(500)).await;
        charges.push((token, payment, asked));
    }
    for (_, _, asked) in &charges {
        let id = session(asked);
        assert!(world.vendor.confirm(id) && world.vendor.pay_out(id) && world.vendor.charge_back(id));
        world.vendor.poison(json!({"id": 7}));
        world.vendor.poison(json!("no event at all"));
    }
    let messages = world.vendor.bundle(250, Some(7));
    assert_eq!(messages.len(), 1);
    for _ in 0..2 {
        let said = world.read(&messages[0].headers, &messages[0].body).await;
        assert_eq!(said.len(), 4, "three charges and one word for what is broken: {said:?}");
        for (_, _, asked) in &charges {
            assert!(said.contains(&charge(session(asked))));
        }
    }
    for (token, payment, asked) in &charges {
        let whats = world.whats(known_saved(&world, payment, Some(asked), token)).await;
        assert!(matches!(whats.as_slice(), [What::Arrived { .. }, What::TakenBack { .. }]), "{whats:?}");
    }
}

#[tokio::test]
async fn an_answer_of_gocardless_that_is_lost_is_no_second_charge() {
    let world = GcWorld::new().await;
    let hasty = Client::waiting(Duration::from_millis(300));
    let world = GcWorld { adapter: access(&world.vendor, hasty, TOKEN, &[SECRET]), ..world };
    let (_, _, token) = kept(&world, Method::SepaDebit).await;
    let bad = StatusCode::BAD_GATEWAY;
    for fault in [Fault::HangBefore, Fault::HangAfter, Fault::Garbage, Fault::Stumble(bad), Fault::Refuse(bad)] {
        let was_asked = usize::from(!matches!(fault, Fault::HangBefore | Fault::Refuse(_)));
        let payment = fresh(&world);
        world.vendor.fault(fault);
        let asked = ask_saved(&world, &payment, eur(500), (Method::SepaDebit, &token)).await;
        let error = asked.unwrap_err().to_string();
        assert!(!error.contains("127.0.0.1") && !error.contains("html"), "{error}");
        assert_eq!(world.whats(known_saved(&world, &payment, None, &token)).await.len(), was_asked, "{fault:?}");
        let again = ask_saved(&world, &payment, eur(500), (Method::SepaDebit, &token)).await.unwrap();
        assert!(matches!(again, Asked::Charged { what: What::Pending, .. }), "{again:?}");

        let page = fresh(&world);
        world.vendor.fault(fault);
        assert!(ask(&world, &page, eur(500)).await.is_err(), "{fault:?}");
        assert_eq!(world.whats(known(&world, &page, None)).await.len(), was_asked, "{fault:?}");
        let again = ask(&world, &page, eur(500)).await.unwrap();
        assert_eq!(ask(&world, &page, eur(500)).await.unwrap(), again);

        let method = name(&world);
        world.vendor.fault(fault);
        assert!(save(&world, &method, Method::SepaDebit).await.is_err(), "{fault:?}");
        let saving = save(&world, &method, Method::SepaDebit).await.unwrap();
        assert_eq!(save(&world, &method, Method::SepaDebit).await.unwrap(), saving);

        assert!(world.vendor.fulfil(session(&again), Speed::AtOnce));
        let known = known(&world, &page, Some(&again));
        let key = format!("{page}.refund");
        world.vendor.fault(fault);
        assert!(world.adapter.refund(known, eur(100), &key).await.is_err(), "{fault:?}");
        let first = world.adapter.refund(known, eur(100), &key).await.unwrap();
        assert_eq!(world.adapter.refund(known, eur(100), &key).await, Ok(first));
    }
    // One per fault, however often it was asked for; and one per page.
    assert_eq!(world.vendor.payments().len(), 10);
    assert!(world.vendor.charges().iter().all(|charge| charge.refunded == 100));
}

/// Every fixture, by its name.
fn fixtures() -> Vec<(String, Vec<u8>)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vendors/fixtures/gocardless");
    let read = |entry: std::io::Result<std::fs::DirEntry>| {
        let path = entry.unwrap().path();
        let fixture: Fixture = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        (path.file_stem().unwrap().to_str().unwrap().to_owned(), fixture.body.to_string().into_bytes())
    };
    std::fs::read_dir(folder).unwrap().map(read).collect()
}

#[tokio::test]
async fn every_fixture_is_read_and_says_what_its_name_says() {
    let world = GcWorld::new().await;
    let (payment, mandate, request) =
        (charge("PM000000000001"), Said::MethodOf("MD000000000001".to_owned()), charge("BRQ00000000001"));
    let refund = charge("RF000000000001");
    for (name, body) in fixtures() {
        let said = world.read(&headers(&sign(SECRET, &body)), &body).await;
        let of_payments = ["created", "submitted", "granted", "surcharge_fee_debited", "resubmission_requested"];
        let expected = match name.split_once('-') {
            Some(("payments", action)) if !of_payments.iter().any(|word| action.ends_with(word)) => Some(&payment),
            Some(("mandates", action)) if action != "created" => Some(&mandate),
            Some(("billing_requests", "fulfilled" | "fulfilled-mandate" | "cancelled" | "failed")) => Some(&request),
            Some(("refunds", action)) if action != "refund_settled" => Some(&refund),
            _ => None,
        };
        let Some(which) = name.strip_prefix("batch-") else {
            match expected {
                Some(expected) => assert_eq!(said, std::slice::from_ref(expected), "{name}"),
                None => assert!(
                    matches!(said.as_slice(), [Said::Payment(Fact { what: What::Other(_), .. })]),
                    "{name}: {said:?}"
                ),
            }
            continue;
        };
        assert!(said.contains(&payment), "{name}");
        assert_eq!(said.contains(&mandate), which != "out-of-order", "{name}");
        assert_eq!(said.len(), if which == "poison" { 3 } else { 2 }, "{name}: {said:?}");
    }
}

#[tokio::test]
async fn no_fixture_that_was_changed_or_signed_for_another_is_verified() {
    let world = GcWorld::new().await;
    let all = fixtures();
    let verified = async |signature: &str, body: &[u8]| {
        let raw = Raw { headers: &headers(signature), body, now: world.now() };
        world.adapter.verify(raw).await.map(|_| ())
    };
    for (at, (name, body)) in all.iter().enumerate() {
        let signature = sign(SECRET, body);
        assert_eq!(verified(&signature, body).await, Ok(()), "{name}");
        let (_, next) = &all[(at + 1) % all.len()];
        assert_eq!(verified(&signature, next).await, Err(NotVerified::Forged), "{name}");
        let text = String::from_utf8(body.clone()).unwrap();
        let tampered =
            [text.replace("\"EV", "\"EW"), format!("{text}\n"), text[1..].to_owned(), text.replace(':', ": ")];
        for tampered in tampered {
            assert_eq!(verified(&signature, tampered.as_bytes()).await, Err(NotVerified::Forged), "{name}");
        }
        for forged in [sign("another-secret", body), signature[..63].to_owned(), format!("sha256={signature}")] {
            assert_eq!(verified(&forged, body).await, Err(NotVerified::Forged), "{name}");
        }
    }
    let (_, body) = &all[0];
    let both = access(&world.vendor, Client::default(), TOKEN, &["the-new-secret", SECRET]);
    for secret in ["the-new-secret", SECRET] {
        let raw = Raw { headers: &headers(&sign(secret, body)), body, now: world.now() };
        assert!(both.verify(raw).await.is_ok(), "while one secret is exchanged for the other");
    }
}
