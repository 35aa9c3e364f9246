//! Wallets that PayPal keeps, and charges of them.

use super::*;

#[tokio::test]
async fn a_wallet_is_recognised_and_ends_when_its_owner_says_so() {
    let world = PaypalWorld::new().await;
    let name = name(&world);
    let saving = save(&world, &name, Method::Paypal).await.unwrap();
    world.agree(&saving, Method::Paypal).await;
    let known = known_method(&world, &name, Method::Paypal, Some(&saving));
    let (first, second) = tokio::join!(world.adapter.look_up_method(known), world.adapter.look_up_method(known));
    let Kept::Saved { token, shown } = first.unwrap() else { panic!("it was agreed to") };
    assert!(matches!(second, Ok(Kept::Saved { token: again, .. }) if again == token), "kept once");
    assert_eq!(world.vendor.wallets(), [token.method.as_str()]);
    assert!(matches!(&shown, Shown::Wallet { email } if email.0 == "jane@example.org"));
    assert!(
        said(&world)
            .await
            .iter()
            .all(|said| matches!(said, Said::Payment(fact) if matches!(fact.what, What::Other(_))))
    );
    let again = save(&world, &name, Method::Paypal).await.unwrap();
    assert!(matches!(again, Saving::Page { url, .. } if url == "https://portal.example/payment-methods/x"));
    // The setup token is gone after three days, the wallet is not.
    world.vendor.set_clock(world.now().as_second() + 4 * 86_400);
    assert!(
        matches!(world.adapter.look_up_method(known).await, Ok(Kept::Saved { token: again, .. }) if again == token)
    );
    assert!(world.vendor.remove_wallet(&token.method));
    assert_eq!(said(&world).await, [Said::MethodOf(token.method.clone())]);
    assert_eq!(world.adapter.look_up_method(known).await, Ok(Kept::Gone));
    let Saving::Page { session, .. } = &saving else { panic!("{saving:?}") };
    let moved = format!("{}.00000000", session.rsplit_once('.').unwrap().0);
    let moved = payments::KnownMethod { session: Some(&moved), ..known };
    assert_eq!(world.adapter.look_up_method(moved).await, Err(Unknown::Refused(404)), "another app's proves nothing");
}

#[tokio::test]
async fn an_answer_about_a_wallet_that_is_lost_keeps_it_once() {
    let world = PaypalWorld::hasty().await;
    let name = name(&world);
    world.vendor.fault(Fault::HangAfter);
    assert!(save(&world, &name, Method::Paypal).await.is_err());
    let lost = known_method(&world, &name, Method::Paypal, None);
    assert_eq!(world.adapter.look_up_method(lost).await, Ok(Kept::Unknown), "nobody has the address");
    let saving = save(&world, &name, Method::Paypal).await.unwrap();
    world.agree(&saving, Method::Paypal).await;
    let known = known_method(&world, &name, Method::Paypal, Some(&saving));
    world.vendor.fault(Fault::Garbage);
    assert!(world.adapter.look_up_method(known).await.is_err());
    // The second request of a look-up makes the payment token.
    for fault in [Fault::HangBefore, Fault::HangAfter] {
        let looked = broken_after(&world, setup(&saving), fault, world.adapter.look_up_method(known)).await;
        assert!(looked.is_err(), "{looked:?}");
        assert_eq!(world.vendor.wallets().len(), usize::from(fault == Fault::HangAfter));
    }
    assert!(matches!(world.adapter.look_up_method(known).await, Ok(Kept::Saved { .. })));
    assert_eq!(world.vendor.wallets().len(), 1);
}

#[tokio::test]
async fn a_wallet_that_is_declined_is_charged_nothing() {
    for keeps_declines in [true, false] {
        let world = PaypalWorld::of(|setup| setup.keeps_declines = keeps_declines).await;
        let (_, _, token) = kept(&world, Method::Paypal).await;
        world.vendor.decline_wallet(&token.method);
        let payment = fresh(&world);
        let asked = ask_saved(&world, &payment, eur(500), (Method::Paypal, &token)).await.unwrap();
        assert!(matches!(&asked, Asked::Charged { what: What::Failed, .. }), "{asked:?}");
        let known = known_saved(&world, &payment, Some(&asked), &token);
        for _ in 0..2 {
            assert_eq!(world.adapter.look_up(known).await, Ok(vec![Fact::of(payment.clone(), What::Failed)]));
        }
        if keeps_declines {
            assert_eq!(ask_saved(&world, &payment, eur(500), (Method::Paypal, &token)).await, Ok(asked.clone()));
        }
        assert_eq!(world.vendor.charges(), []);
        assert!(world.adapter.refund(known, eur(1), "r").await.is_err());
    }
}

#[tokio::test]
async fn a_charge_of_a_wallet_may_wait() {
    let world = PaypalWorld::new().await;
    let (_, _, token) = kept(&world, Method::Paypal).await;
    world.vendor.hold_wallet(&token.method);
    let payment = fresh(&world);
    let asked = ask_saved(&world, &payment, eur(500), (Method::Paypal, &token)).await.unwrap();
    let Asked::Charged { session, what: What::Pending } = &asked else { panic!("{asked:?}") };
    world.arrive(session).await;
    let facts = world.adapter.look_up(known_saved(&world, &payment, Some(&asked), &token)).await.unwrap();
    assert!(matches!(&facts[..], [Fact { what: What::Arrived { .. }, .. }]), "{facts:?}");
}

#[tokio::test]
async fn a_payment_that_was_charged_before_is_not_refused() {
    let world = PaypalWorld::new().await;
    let (_, _, token) = kept(&world, Method::Paypal).await;
    let payment = fresh(&world);
    ask_saved(&world, &payment, eur(500), (Method::Paypal, &token)).await.unwrap();
    world.clock.fetch_add(7 * 3600, Ordering::SeqCst);
    let late = ask_saved(&world, &payment, eur(500), (Method::Paypal, &token)).await;
    assert_eq!(late, Err(Unknown::Refused(422)), "its request id is forgotten, its invoice number is not");
    assert_eq!(world.vendor.charges().len(), 1);
}
