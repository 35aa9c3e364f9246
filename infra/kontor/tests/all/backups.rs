//! A stage is exported, lost and restored.

use std::fs;

use kontor::Outcome;
use testkit::{Portal, Tenant, Value, json, minutes};

use crate::desk::Desk;

/// What belongs to an installation and not to its tenants.
fn is_of_installation(item: &Value) -> bool {
    item["pk"]["S"] == "PLATFORM"
}

/// Everything of all tenants, in one order.
fn stored(portal: &Portal) -> Vec<String> {
    let items = portal.stored().into_iter().filter(|item| !is_of_installation(item));
    let mut items: Vec<String> = items.map(|item| item.to_string()).collect();
    items.sort();
    items
}

/// Follows up whatever is due.
async fn settle(portal: &Portal) {
    for _ in 0..3 {
        portal.worker.drain().await;
        portal.worker.minute().await;
    }
}

/// A tenant with a customer, an invoice with its uploaded PDF, and something that is due.
async fn shop() -> (Portal, Tenant) {
    let portal = Portal::start().await;
    let tenant = portal.tenant("shop-ag").await;
    let tine = tenant.customer("K1", |_| {}).await;
    tine.invoice("RE1", |_| {}).await.status(201);
    tine.original("invoice", "RE1").await.status(204);
    (portal, tenant)
}

fn folder(desk: &Desk, name: &str) -> String {
    desk.path(name).to_string_lossy().into_owned()
}

/// A part or a file below an export, by how its name begins.
fn first(folder: &str, begins: &str) -> std::path::PathBuf {
    let mut open = vec![std::path::PathBuf::from(folder)];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.file_name().unwrap().to_string_lossy().starts_with(begins) {
                return path;
            }
        }
    }
    panic!("nothing begins with {begins}")
}

#[tokio::test]
async fn the_demo_comes_back_item_for_item_and_hash_for_hash() {
    let portal = Portal::start().await;
    portal.demo().await;
    settle(&portal).await;
    let desk = Desk::of_cloud(&portal);
    let (first, second) = (folder(&desk, "first"), folder(&desk, "second"));
    desk.run_at_cloud(&format!("export --to {first}")).await.is(Outcome::Right).says("exported:");
    desk.run(&format!("backup verify --from {first}")).await.is(Outcome::Right).says("all as exported");

    let fresh = Portal::start().await;
    let other = Desk::of_cloud(&fresh);
    let restored = other.run_at_cloud(&format!("--json restore --from {first}")).await;
    let objects = restored.is(Outcome::Right).objects();
    let ledger = objects.iter().find(|object| object["event"] == "ledger").unwrap();
    assert_eq!((&ledger["balanced"], &ledger["faulty"]), (&json!(true), &json!(0)), "{ledger}");
    assert!(ledger["entries"].as_u64().unwrap() > 10, "{ledger}");
    assert_eq!(stored(&fresh), stored(&portal));

    other.run_at_cloud(&format!("export --to {second}")).await.is(Outcome::Right);
    let files = |folder: &str| -> Value {
        serde_json::from_slice(&fs::read(format!("{folder}/manifest.json")).unwrap()).unwrap()
    };
    assert!(files(&first)["files"][0]["lines"].as_u64().unwrap() > 0);
    assert_eq!(files(&second)["files"], files(&first)["files"], "the same files with the same hashes");
    let tenant = fresh.existing_tenant("webhosting-ag").await;
    tenant.api.get("/customers/K5003").await.status(200);
}

#[tokio::test]
async fn what_was_due_is_done_once_after_a_restore() {
    let (portal, tenant) = shop().await;
    let browser = tenant.login("k1@example.org").await;
    settle(&portal).await;
    browser.get("/data/erasure").await.status(200);
    browser.post("/data/erasure", &[]).await.status(303);
    let desk = Desk::of_cloud(&portal);
    let to = folder(&desk, "export");
    desk.run_at_cloud(&format!("export --to {to}")).await.is(Outcome::Right);

    let fresh = Portal::start().await;
    Desk::of_cloud(&fresh).run_at_cloud(&format!("restore --from {to}")).await.is(Outcome::Right);
    assert_eq!(fresh.worker.drain().await, 0, "what comes back hurries nobody");
    assert_eq!(fresh.mailbox.count(), 0);
    settle(&fresh).await;
    let staff = "service@shop-ag.example";
    assert_eq!((fresh.mailbox.all_to(staff).len(), fresh.mailbox.count()), (1, 1), "only what was due");
    assert!(fresh.worker.dead_letters().is_empty(), "{:?}", fresh.worker.dead_letters());
}

#[tokio::test]
async fn whoever_was_erased_after_the_export_is_gone_again() {
    let (portal, tenant) = shop().await;
    tenant.customer("K7", |facts| facts["email"] = "kanaria@example.org".into()).await;
    tenant.customer("K8", |facts| facts["email"] = "meise@example.org".into()).await;
    settle(&portal).await;
    let desk = Desk::of_cloud(&portal);
    let (to, later) = (folder(&desk, "export"), folder(&desk, "later"));
    desk.run_at_cloud(&format!("export --to {to}")).await.is(Outcome::Right).says("0 tombstones");
    tenant.api.post("/customers/K7:erase", &json!({ "confirm": "K7" })).await.status(202);
    settle(&portal).await;
    desk.run_at_cloud(&format!("export --to {later} --tombstones-only")).await.is(Outcome::Right).says("1 tombstones");
    let refused = desk.run_at_cloud(&format!("restore --from {later}")).await.ended.unwrap_err().to_string();
    assert!(refused.contains("--tombstones"), "{refused}");

    let fresh = Portal::start().await;
    let other = Desk::of_cloud(&fresh);
    other.run_at_cloud(&format!("restore --from {to}")).await.is(Outcome::Right).says("is back");
    assert!(!fresh.items_saying("kanaria@example.org").is_empty());
    // The same command, now with the tombstones, goes on from where it was.
    other
        .run_at_cloud(&format!("restore --from {to} --tombstones {later}"))
        .await
        .is(Outcome::Right)
        .says("tombstones: 1 of 1");
    settle(&fresh).await;
    assert_eq!(fresh.items_saying("kanaria@example.org"), Vec::<Value>::new());
    let fresh_tenant = fresh.existing_tenant("shop-ag").await;
    let shown = fresh_tenant.api.get("/customers/K7/erasure").await.status(200).json();
    assert!(shown["done_at"].is_string(), "{shown}");
    fresh_tenant.api.get("/customers/K1").await.status(200);

    // And who was erased still later, by tombstones that are brought later.
    let latest = folder(&desk, "latest");
    tenant.api.post("/customers/K8:erase", &json!({ "confirm": "K8" })).await.status(202);
    settle(&portal).await;
    desk.run_at_cloud(&format!("export --to {latest} --tombstones-only")).await.is(Outcome::Right).says("2 tombstones");
    assert!(!fresh.items_saying("meise@example.org").is_empty());
    other.run_at_cloud(&format!("restore --from {to} --tombstones {latest}")).await.is(Outcome::Right);
    settle(&fresh).await;
    assert_eq!(fresh.items_saying("meise@example.org"), Vec::<Value>::new());
    // Older ones than the export say nothing of it.
    let newer = folder(&desk, "newer");
    portal.clock.advance(minutes(1));
    desk.run_at_cloud(&format!("export --to {newer}")).await.is(Outcome::Right);
    let refused = other.run_at_cloud(&format!("restore --from {newer} --tombstones {later}")).await;
    let refused = refused.ended.unwrap_err().to_string();
    assert!(refused.contains("older"), "{refused}");
}

#[tokio::test]
async fn a_restore_goes_into_an_empty_stage_alone_and_goes_on_where_it_was_broken_off() {
    let (portal, _tenant) = shop().await;
    let desk = Desk::of_cloud(&portal);
    let to = folder(&desk, "export");
    desk.run_at_cloud(&format!("export --to {to}")).await.is(Outcome::Right);
    let restore = format!("--json restore --from {to}");
    let refused = desk.run_at_cloud(&restore).await.ended.unwrap_err().to_string();
    assert!(refused.contains("not empty"), "{refused}");
    let again = desk.run_at_cloud(&format!("export --to {to}")).await.ended.unwrap_err().to_string();
    assert!(again.contains("already"), "{again}");

    let fresh = Portal::start().await;
    let other = Desk::of_cloud(&fresh);
    let stopped =
        other.run_impatiently(&format!("{restore} --environment environment")).await.ended.unwrap_err().to_string();
    assert!(stopped.contains("goes on"), "{stopped}");
    assert_ne!(stored(&fresh), stored(&portal));
    other.run_at_cloud(&restore).await.is(Outcome::Right);
    assert_eq!(stored(&fresh), stored(&portal));
    other.run_at_cloud(&restore).await.is(Outcome::Right);
    assert_eq!(stored(&fresh), stored(&portal), "again is the same");

    // A stage that is called the same and is another one is begun anew.
    let third = Portal::start().await;
    let desk = Desk::of_cloud(&third);
    desk.run_at_cloud(&restore).await.is(Outcome::Right);
    assert_eq!(stored(&third), stored(&portal));
    let tampered = fs::read_to_string(format!("{to}/manifest.json")).unwrap().replace("\"local\"", "\"prod\"");
    fs::write(format!("{to}/manifest.json"), tampered).unwrap();
    let refused = desk.run_at_cloud(&restore).await.ended.unwrap_err().to_string();
    assert!(refused.contains("stage prod"), "{refused}");
}

#[tokio::test]
async fn one_tenant_is_exported_without_the_others() {
    let (portal, tenant) = shop().await;
    portal.tenant("other-ag").await.customer("K9", |facts| facts["company"] = "Kanaria GmbH".into()).await;
    let desk = Desk::of_cloud(&portal);
    let to = folder(&desk, "export");
    desk.run_at_cloud(&format!("export --to {to} --tenant nobody-ag")).await.ended.unwrap_err();
    desk.run_at_cloud(&format!("export --to {to} --tenant shop-ag")).await.is(Outcome::Right);
    let fresh = Portal::start().await;
    Desk::of_cloud(&fresh).run_at_cloud(&format!("restore --from {to}")).await.is(Outcome::Right);
    assert!(fresh.items_saying("Kanaria").is_empty());
    assert_eq!(fresh.platform().get("/tenants").await.status(200).json()["items"].as_array().unwrap().len(), 1);
    fresh.existing_tenant(tenant.slug()).await.api.get("/invoices/RE1").await.status(200);
}

#[tokio::test]
async fn what_was_spoilt_is_named_and_not_restored() {
    let (portal, _tenant) = shop().await;
    let desk = Desk::of_cloud(&portal);
    let to = folder(&desk, "export");
    desk.run_at_cloud(&format!("export --to {to}")).await.is(Outcome::Right);
    let verify = format!("backup verify --from {to}");
    let fresh = Portal::start().await;
    let other = Desk::of_cloud(&fresh);
    let blob = {
        let shelves = fs::read_dir(format!("{to}/files")).unwrap();
        shelves.map(|shelf| first(&shelf.unwrap().path().to_string_lossy(), "")).next().unwrap()
    };
    for (file, says) in [(blob, "not what was exported"), (first(&to, "items-00000"), "items-00000")] {
        let kept = fs::read(&file).unwrap();
        let mut spoilt = kept.clone();
        *spoilt.last_mut().unwrap() ^= 1;
        fs::write(&file, spoilt).unwrap();
        desk.run(&verify).await.is(Outcome::Refused).says(says);
        let refused = other.run_at_cloud(&format!("restore --from {to}")).await.ended.unwrap_err().to_string();
        assert!(refused.contains("nothing was restored"), "{refused}");
        fs::write(&file, kept).unwrap();
    }
    assert_eq!(stored(&fresh), Vec::<String>::new());
    desk.run(&verify).await.is(Outcome::Right);
}
