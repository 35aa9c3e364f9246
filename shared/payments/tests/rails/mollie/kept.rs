//! What Mollie keeps of customers, and charging it.

use domain::{
    payment::Method,
    payment_method::{Month, Shown, Token},
};
use payments::{Asked, Kept, Owner, Provider as _, Said, Saving, Unknown, What};
use serde_json::{Value, json};
use vendors::mollie::Outcome;

use super::{HOUR, MollieWorld, page};
use crate::contract::{World as _, ask_saved, eur, fresh, kept, known_method, name, save};

#[tokio::test]
async fn what_mollie_keeps_is_recognised_and_told() {
    let world = MollieWorld::new().await;
    for method in [Method::Card, Method::Paypal] {
        let name = name(&world);
        let saving = save(&world, &name, method).await.unwrap();
        let id = page(&saving);
        let seen = world.vendor.seen().pop().unwrap();
        let body: Value = serde_json::from_slice(&seen.body).unwrap();
        assert_eq!((&body["amount"]["value"], &body["sequenceType"]), (&json!("0.00"), &json!("first")));
        world.agree(&saving, method).await;
        assert_eq!(world.said().await, [Said::Charge(id.to_owned())]);
        assert_eq!(world.adapter.owner(id).await, Ok(Some(Owner::Method(name.clone()))));
        let known = known_method(&world, &name, method, Some(&saving));
        let Ok(Kept::Saved { token, shown }) = world.adapter.look_up_method(known).await else { panic!("{method:?}") };
        assert!(token.customer.is_some_and(|customer| customer.starts_with("cst_")));
        let expected = if method == Method::Card {
            let valid_until = Some(Month { year: 2029, month: 3 });
            Shown::Card { brand: "mastercard".into(), last4: "6787".into(), valid_until }
        } else {
            Shown::Wallet { email: "jane@example.org".to_owned().into() }
        };
        assert_eq!(shown, expected);
    }
    let debit = save(&world, &name(&world), Method::OnlineBanking).await;
    assert!(matches!(debit, Ok(Saving::Refused { .. })), "{debit:?}");
}

#[tokio::test]
async fn what_was_never_agreed_to_has_failed_and_is_not_gone() {
    let world = MollieWorld::new().await;
    for end in ["failed", "canceled", "expired"] {
        let name = name(&world);
        let saving = save(&world, &name, Method::Card).await.unwrap();
        let known = known_method(&world, &name, Method::Card, Some(&saving));
        let ended = match end {
            "failed" => world.vendor.decline(page(&saving)),
            "canceled" => world.vendor.turn_back(page(&saving)),
            _ => world.vendor.expire(page(&saving)),
        };
        assert!(ended);
        assert_eq!(world.adapter.look_up_method(known).await, Ok(Kept::Failed), "{end}");
        assert!(world.vendor.pay_late(page(&saving)));
        assert!(matches!(world.adapter.look_up_method(known).await, Ok(Kept::Saved { .. })), "late, after {end}");
    }
    let (mine, other) = (name(&world), name(&world));
    let saving = save(&world, &mine, Method::Card).await.unwrap();
    let mixed_up = known_method(&world, &other, Method::Card, Some(&saving));
    assert_eq!(world.adapter.look_up_method(mixed_up).await, Err(Unknown::Unreadable), "another's page");
}

#[tokio::test]
async fn a_charge_of_what_is_kept_is_declined_at_once_or_later() {
    let world = MollieWorld::new().await;
    let (_, _, token) = kept(&world, Method::Paypal).await;
    world.said().await;
    for later in [false, true] {
        let payment = fresh(&world);
        world.vendor.next_recurring(if later { Outcome::Pending } else { Outcome::Failed });
        let asked = ask_saved(&world, &payment, eur(500), (Method::Paypal, &token)).await.unwrap();
        let Asked::Charged { session, what } = &asked else { panic!("{asked:?}") };
        if later {
            assert_eq!(*what, What::Pending);
            assert!(world.vendor.decline(session));
        } else {
            assert_eq!(*what, What::Failed);
        }
        assert_eq!(world.said().await, [Said::Charge(session.clone())]);
        assert_eq!(world.found(&payment, &asked).await, [What::Failed]);
    }
    assert_eq!(world.vendor.charges().iter().filter(|charge| charge.amount > 0).count(), 0);
    let nobody = Token { customer: None, method: token.method.clone() };
    let asked = ask_saved(&world, &fresh(&world), eur(500), (Method::Paypal, &nobody)).await;
    assert!(matches!(asked, Ok(Asked::Refused { .. })), "{asked:?}");
    assert!(world.adapter.forget(&nobody).await.is_err(), "whose mandate?");
}

#[tokio::test]
async fn of_two_pages_the_one_that_was_agreed_to_counts() {
    let world = MollieWorld::new().await;
    let name = name(&world);
    let known = known_method(&world, &name, Method::Card, None);
    let first = save(&world, &name, Method::Card).await.unwrap();
    world.pass(HOUR);
    let second = save(&world, &name, Method::Card).await.unwrap();
    assert_ne!(second, first, "the key's hour is over");
    assert_eq!(world.adapter.look_up_method(known).await, Ok(Kept::Pending));
    assert!(world.vendor.pay_late(page(&first)));
    let kept = world.adapter.look_up_method(known).await;
    assert!(matches!(kept, Ok(Kept::Saved { .. })), "{kept:?}");
}
