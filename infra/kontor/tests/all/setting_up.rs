//! Tenants, domains, keys and the ledger.

use kontor::Outcome;
use testkit::{Portal, json};

use crate::desk::Desk;

#[tokio::test]
async fn a_tenant_is_set_up_once_and_then_stays_as_it_is() {
    let portal = Portal::start().await;
    let desk = Desk::of_platform(&portal);
    let create = "tenant create shop-ag --name Shop --language en --domain kunden.shop.example";
    desk.run(create).await.is(Outcome::Right).says("shop-ag").says("://kunden.shop.example");
    desk.run("tenant create shop-ag --name Other").await.is(Outcome::Right).says("is there already");
    let shown = portal.platform().get("/tenants/shop-ag").await.status(200).json();
    assert_eq!(shown["origins"], json!(["http://shop-ag.localhost:9000", "http://kunden.shop.example"]));
    let listed = desk.run("--json tenant list").await;
    let mut slugs: Vec<String> = listed.objects().iter().map(|one| one["slug"].as_str().unwrap().to_owned()).collect();
    // Made at one moment, they have no order.
    slugs.sort();
    assert_eq!(slugs, ["shop-ag", "shop-ag~sandbox"]);
}

#[tokio::test]
async fn a_domain_is_added_to_those_there_are() {
    let portal = Portal::start().await;
    portal.bare_tenant("shop-ag").await;
    let desk = Desk::of_platform(&portal);
    for domain in ["a.shop.example", "b.shop.example", "a.shop.example"] {
        desk.run(&format!("domain add shop-ag {domain}")).await.is(Outcome::Right).says(domain);
    }
    let shown = portal.platform().get("/tenants/shop-ag").await.status(200).json();
    assert_eq!(shown["origins"].as_array().unwrap().len(), 3, "{shown}");
    let refused = desk.run("domain add shop-ag Not_A_Host").await.ended.unwrap_err().to_string();
    assert!(refused.contains("domains[2]"), "{refused}");
    assert!(desk.run("domain add nobody-ag c.shop.example").await.ended.is_err());
    portal.platform().get("/tenants/nobody-ag").await.status(404);
}

#[tokio::test]
async fn a_key_is_shown_once_works_and_ends() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let made = Desk::of_platform(&portal).run("--json key create --tenant webhosting-ag --label importer").await;
    let made = &made.is(Outcome::Right).objects()[0];
    let (id, key) = (made["id"].as_str().unwrap(), made["key"].as_str().unwrap());
    let desk = Desk::of(&tenant).with_key(key);
    desk.run("ledger check").await.is(Outcome::Right);
    let narrow = desk.run("key create --label reader --scope read").await;
    let narrow = narrow.is(Outcome::Right).text.lines().nth(1).unwrap().to_owned();
    let refused = desk.with_key(&narrow).run(&format!("key revoke {id}")).await.ended.unwrap_err().to_string();
    assert!(refused.contains("scope") && !refused.contains(&narrow), "{refused}");
    desk.run(&format!("key revoke {id}")).await.is(Outcome::Right).says(id);
    let refused = desk.run("ledger check").await.ended.unwrap_err().to_string();
    assert!(refused.contains("revoked") && !refused.contains(key), "{refused}");
}

#[tokio::test]
async fn a_spoilt_balance_is_named() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let tine = tenant.customer("K5003", |_| {}).await;
    tine.invoice("RE1000", |_| {}).await;
    let desk = Desk::of(&tenant);
    desk.run("ledger check")
        .await
        .is(Outcome::Right)
        .says("accounts: 1, entries: 1, faulty: 0; every balance is right");
    assert_eq!(portal.spoil("account", "119.00", "118.00"), 1, "the account was changed");
    let checked = desk.run("--json ledger check").await;
    let objects = checked.is(Outcome::Refused).objects();
    assert_eq!(objects[0]["event"], "faulty");
    assert_eq!(objects.last().unwrap()["balanced"], false);
}

#[tokio::test]
async fn without_a_key_nothing_is_asked() {
    let portal = Portal::start().await;
    let desk = Desk::of_platform(&portal).with_key(" ");
    let refused = desk.run("tenant list").await.ended.unwrap_err().to_string();
    assert!(refused.contains("KONTOR_KEY"), "{refused}");
    desk.file("key.txt", format!("{}\n", portal.platform().token()));
    desk.run("--key-file key.txt tenant list").await.is(Outcome::Right);
}
