//! Mandates and what they are charged, from GoCardless's loopback server.

use super::*;

#[tokio::test]
async fn a_debit_arrives_or_fails_days_later() {
    let world = GcWorld::new().await;
    for fails in [false, true] {
        let (token, payment, asked) = world.charged(eur(500)).await;
        let (id, known) = (session(&asked), known_saved(&world, &payment, Some(&asked), &token));
        assert!(world.vendor.submit(id));
        assert_eq!(world.told().await, []);
        assert_eq!(world.whats(known).await, [What::Pending]);
        assert!(if fails { world.vendor.fail(id) } else { world.vendor.confirm(id) });
        assert_eq!(world.told().await, [charge(id)]);
        let what = if fails { What::Failed } else { arrived(id, eur(500)) };
        assert_eq!(world.whats(known).await, std::slice::from_ref(&what));
        let again = ask_saved(&world, &payment, eur(500), (Method::SepaDebit, &token)).await;
        assert_eq!(again, Ok(Asked::Charged { session: id.to_owned(), what }));
        let other = ask_saved(&world, &payment, eur(501), (Method::SepaDebit, &token)).await;
        assert_eq!(other, Err(Unknown::Refused(409)));
    }
}

#[tokio::test]
async fn a_debit_that_failed_may_be_tried_again_and_arrive_late() {
    let world = GcWorld::new().await;
    for by_itself in [true, false] {
        let (token, payment, asked) = world.charged(eur(500)).await;
        let (id, known) = (session(&asked), known_saved(&world, &payment, Some(&asked), &token));
        assert!(if by_itself { world.vendor.fail_for_now(id) } else { world.vendor.fail(id) });
        let state = if by_itself { What::Pending } else { What::Failed };
        assert_eq!(world.whats(known).await, [state]);
        assert!(world.vendor.retry_itself(id));
        assert_eq!(world.whats(known).await, [What::Pending]);
        assert!(world.vendor.confirm(id));
        assert_eq!(world.whats(known).await, [arrived(id, eur(500))]);
    }
}

/// Walks a debit through what happens to its money. After each step a look-up finds what it found before, and more.
async fn walk(world: &GcWorld, steps: &[fn(&Vendor, &str) -> bool]) -> (String, Vec<What>) {
    let (token, payment, asked) = world.charged(eur(500)).await;
    let (id, known) = (session(&asked), known_saved(world, &payment, Some(&asked), &token));
    assert!(world.vendor.confirm(id));
    let mut before = world.whats(known).await;
    for step in steps {
        assert!(step(&world.vendor, id));
        let whats = world.whats(known).await;
        assert!(whats.starts_with(&before), "{whats:?} after {before:?}");
        before = whats;
    }
    let told = world.told().await;
    assert_eq!(told, [charge(id)], "each thing is looked up once per message");
    (id.to_owned(), before)
}

#[tokio::test]
async fn a_chargeback_takes_back_once_and_comes_back_when_it_is_cancelled() {
    let world = GcWorld::new().await;
    let (id, whats) = walk(&world, &[Vendor::pay_out, Vendor::charge_back, Vendor::settle_chargeback]).await;
    let [first, What::TakenBack { reference, amount }] = whats.as_slice() else { panic!("{whats:?}") };
    assert_eq!((first, *amount), (&arrived(&id, eur(500)), eur(500)));
    assert!(reference.starts_with("EV"));
    let steps: &[fn(&Vendor, &str) -> bool] =
        &[Vendor::charge_back, Vendor::cancel_chargeback, Vendor::charge_back, Vendor::settle_chargeback];
    let (_, whats) = walk(&world, steps).await;
    let [
        What::Arrived { .. },
        What::TakenBack { reference: one, .. },
        What::CameBack { reference: back, taken, .. },
        What::TakenBack { reference: two, .. },
    ] = whats.as_slice()
    else {
        panic!("{whats:?}")
    };
    assert_eq!((taken, back.as_str()), (one, format!("{one}:reinstated").as_str()));
    assert_ne!(one, two, "two episodes");
}

#[tokio::test]
async fn a_late_failure_takes_back_once_and_a_retry_brings_it_back() {
    let world = GcWorld::new().await;
    let steps: &[fn(&Vendor, &str) -> bool] =
        &[Vendor::pay_out, Vendor::fail, Vendor::settle_late_failure, Vendor::retry_itself, Vendor::confirm];
    let (_, whats) = walk(&world, steps).await;
    let [What::Arrived { .. }, What::TakenBack { reference, .. }, What::CameBack { reference: back, amount, .. }] =
        whats.as_slice()
    else {
        panic!("{whats:?}")
    };
    assert_eq!((back.as_str(), *amount), (format!("{reference}:reinstated").as_str(), eur(500)));
}

#[tokio::test]
async fn a_mandate_that_the_bank_ends_takes_its_waiting_debits_along() {
    let world = GcWorld::new().await;
    let ends: [fn(&Vendor, &str) -> bool; 4] =
        [Vendor::mandate_cancelled, Vendor::mandate_failed, Vendor::mandate_expired, Vendor::mandate_blocked];
    for end in ends {
        let (method, saving, token) = kept(&world, Method::SepaDebit).await;
        let payment = fresh(&world);
        let asked = ask_saved(&world, &payment, eur(500), (Method::SepaDebit, &token)).await.unwrap();
        let _ = world.said().await;
        assert!(end(&world.vendor, &token.method));
        let told = world.told().await;
        assert_eq!(told, [Said::Method(method.clone()), charge(session(&asked))]);
        let known_method = known_method(&world, &method, Method::SepaDebit, Some(&saving));
        assert_eq!(world.adapter.look_up_method(known_method).await, Ok(Kept::Gone));
        assert_eq!(world.whats(known_saved(&world, &payment, Some(&asked), &token)).await, [What::Failed]);
        let refused = ask_saved(&world, &fresh(&world), eur(500), (Method::SepaDebit, &token)).await;
        assert_eq!(refused, Ok(Asked::Refused { code: "mandate_is_inactive".to_owned() }));
        world.adapter.forget(&token).await.unwrap();
    }
    let unknown = Token { customer: None, method: "MD0".to_owned() };
    world.adapter.forget(&unknown).await.unwrap();
}

#[tokio::test]
async fn a_mandate_is_recognised_and_stays_itself_when_it_is_replaced() {
    for resource_metadata in [true, false] {
        let world = GcWorld::with(|setup| Setup { resource_metadata, ..setup }).await;
        let name = name(&world);
        let saving = save(&world, &name, Method::SepaDebit).await.unwrap();
        assert_eq!(world.told().await, []);
        assert!(world.vendor.fulfil(page(&saving), Speed::AtOnce));
        let (mandate, _) = world.vendor.mandates().pop().unwrap();
        let told = world.told().await;
        if resource_metadata {
            assert_eq!(told, [Said::Method(name.clone())]);
        } else {
            assert_eq!(told, [Said::MethodOf(mandate.clone()), charge(page(&saving))]);
        }
        for id in [page(&saving), &mandate] {
            assert_eq!(world.adapter.owner(id).await, Ok(Some(Owner::Method(name.clone()))), "{id}");
        }
        let known = known_method(&world, &name, Method::SepaDebit, Some(&saving));
        let Ok(Kept::Saved { token, shown }) = world.adapter.look_up_method(known).await else { panic!() };
        assert_eq!(token.method, mandate);
        assert!(token.customer.as_deref().is_some_and(|customer| customer.starts_with("CU")));
        let account = Shown::Account {
            // GoCardless shows no more of an IBAN.
            last4: "00".to_owned(),
            bank: "COMMERZBANK".to_owned(),
            mandate: format!("REF-{mandate}"),
            creditor: Some("DE98ZZZ09999999999".to_owned()),
        };
        assert_eq!(shown, account);
        let new = world.vendor.mandate_replaced(&mandate).unwrap();
        assert!(!world.told().await.is_empty());
        let Ok(Kept::Saved { token, .. }) = world.adapter.look_up_method(known).await else { panic!() };
        assert_eq!(token.method, new);
    }
}

#[tokio::test]
async fn one_who_is_known_there_gives_another_mandate_under_the_same_name() {
    let world = GcWorld::new().await;
    let (_, _, token) = kept(&world, Method::SepaDebit).await;
    let (name, email, webhook_url) = (name(&world), "tine@example.org".parse().unwrap(), world.webhook_url());
    let customer = token.customer.as_deref();
    let mut save = Save {
        name: &name,
        method: Method::SepaDebit,
        customer,
        holder: "Exemplus Tine",
        email: Some(&email),
        currency: Currency::Eur,
        description: "Webhosting AG",
        return_url: "https://portal.example/payment-methods/x",
        webhook_url: &webhook_url,
        language: domain::Language::De,
        until: world.now() + CHECKOUT_LIFETIME,
    };
    assert!(matches!(world.adapter.save(&save).await, Ok(Saving::Page { .. })));
    let seen = world.vendor.seen();
    let sent = |path: &str| {
        let found = seen.iter().rfind(|seen| seen.method == "POST" && seen.path == path).unwrap();
        serde_json::from_slice::<serde_json::Value>(&found.body).unwrap()
    };
    assert_eq!(sent("/billing_requests")["billing_requests"]["links"]["customer"].as_str(), customer);
    assert!(sent("/billing_request_flows")["billing_request_flows"].get("prefilled_customer").is_none());
    save.currency = Currency::Chf;
    assert!(matches!(world.adapter.save(&save).await, Ok(Saving::Refused { .. })));
}
