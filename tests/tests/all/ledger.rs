//! No cent lost or made: postings, their repetitions, and the replay that gives every balance.

use futures_util::future::join_all;
use testkit::{Customer, Portal, Tenant, Value, json, samples};

async fn house() -> (Portal, Tenant, Customer) {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let tine = tenant.customer("K5003", |_| {}).await;
    (portal, tenant, tine)
}

/// The replay finds nothing.
async fn balanced(tenant: &Tenant) -> Value {
    let check = tenant.api.post("/ledger:check", &json!({})).await.status(200).json();
    assert_eq!((&check["balanced"], &check["faulty"]), (&json!(true), &json!([])), "{check}");
    check
}

async fn state(tenant: &Tenant, invoice: &str) -> Value {
    tenant.api.get(&format!("/invoices/{invoice}")).await.status(200).json()["state"].clone()
}

async fn post(tenant: &Tenant, invoice: &str, verb: &str, body: &Value) -> testkit::Answer {
    tenant.api.post(&format!("/invoices/{invoice}:{verb}"), body).await
}

#[tokio::test]
async fn what_was_settled_before_is_paid_from_the_start() {
    let (_, tenant, tine) = house().await;
    for (number, amount, open) in [("RE1", "119.00", "0.00"), ("RE2", "19.00", "100.00")] {
        let settled = json!({ "amount": samples::euros(amount), "date": "2026-11-21" });
        tine.invoice(number, |i| i["settled_before"] = settled.clone()).await.status(201);
        assert_eq!(state(&tenant, number).await["open"], samples::euros(open));
        tine.invoice(number, |i| i["settled_before"] = settled.clone()).await.status(200);
    }
    let settled = json!({ "amount": samples::euros("119.01"), "date": "2026-11-21" });
    let mut facts = samples::invoice("K5003");
    facts["settled_before"] = settled;
    tenant.api.put("/invoices/RE3", &facts).await.status(422).problem("invalid");
    balanced(&tenant).await;
}

#[tokio::test]
async fn a_partial_payment_leaves_the_rest_open_and_a_surplus_becomes_credit() {
    let (portal, tenant, tine) = house().await;
    tine.invoice("RE1", |_| {}).await;
    tine.pays("RE1", "19.00", "bank-1").await.status(200);
    assert_eq!(state(&tenant, "RE1").await["open"], samples::euros("100.00"));
    balanced(&tenant).await;
    tine.pays("RE1", "150.00", "bank-2").await.status(200);
    assert_eq!(state(&tenant, "RE1").await["open"], samples::euros("0.00"));
    balanced(&tenant).await;
    let account = portal.stored().into_iter().find(|item| item["item_kind"]["S"] == "account").unwrap();
    assert!(account.to_string().contains("50.00"), "50.00 are the customer's: {account}");
}

#[tokio::test]
async fn the_same_reference_is_the_same_payment() {
    let (portal, tenant, tine) = house().await;
    tine.invoice("RE1", |_| {}).await;
    tine.invoice("RE2", |_| {}).await;
    tine.pays("RE1", "19.00", "bank-1").await.status(200);
    let items = portal.items();
    tine.pays("RE1", "19.00", "bank-1").await.status(200);
    assert_eq!(state(&tenant, "RE1").await["open"], samples::euros("100.00"));
    tine.pays("RE1", "20.00", "bank-1").await.status(409).problem("conflict").names(&["reference"]);
    tine.pays("RE2", "19.00", "bank-1").await.status(409).problem("conflict").names(&["reference"]);
    assert_eq!(portal.items(), items);
    balanced(&tenant).await;
}

#[tokio::test]
async fn a_payment_is_taken_back_once() {
    let (portal, tenant, tine) = house().await;
    tine.invoice("RE1", |_| {}).await;
    tine.pays("RE1", "119.00", "bank-1").await.status(200);
    let reverse = json!({ "reference": "bank-1" });
    post(&tenant, "RE1", "payment-reverse", &reverse).await.status(200);
    assert_eq!(state(&tenant, "RE1").await["open"], samples::euros("119.00"));
    balanced(&tenant).await;
    let items = portal.items();
    post(&tenant, "RE1", "payment-reverse", &reverse).await.status(200);
    assert_eq!((portal.items(), &state(&tenant, "RE1").await["open"]), (items, &samples::euros("119.00")));
    let unknown = json!({ "reference": "bank-9" });
    post(&tenant, "RE1", "payment-reverse", &unknown).await.status(422).names(&["reference"]);
    // A reference that was taken back is not free again: it names that payment for ever.
    tine.pays("RE1", "119.00", "bank-1").await;
    assert_eq!(state(&tenant, "RE1").await["open"], samples::euros("119.00"));
    balanced(&tenant).await;
}

#[tokio::test]
async fn cancelling_a_paid_invoice_leaves_the_money_as_credit() {
    let (portal, tenant, tine) = house().await;
    tine.invoice("RE1", |_| {}).await;
    tine.pays("RE1", "19.00", "bank-1").await.status(200);
    let cancel = json!({ "date": "2026-11-22" });
    post(&tenant, "RE1", "cancel", &cancel).await.status(200);
    let after = state(&tenant, "RE1").await;
    assert_eq!((&after["open"], &after["cancelled_on"]), (&samples::euros("0.00"), &json!("2026-11-22")), "{after}");
    balanced(&tenant).await;
    let items = portal.items();
    post(&tenant, "RE1", "cancel", &cancel).await.status(200);
    post(&tenant, "RE1", "cancel", &json!({ "date": "2026-11-21" }))
        .await
        .status(409)
        .problem("conflict")
        .names(&["date"]);
    assert_eq!(portal.items(), items);
    // Money for a cancelled invoice is the customer's; taking the first one back still works.
    tine.pays("RE1", "5.00", "bank-2").await.status(200);
    post(&tenant, "RE1", "payment-reverse", &json!({ "reference": "bank-1" })).await.status(200);
    assert_eq!(state(&tenant, "RE1").await["open"], samples::euros("0.00"));
    balanced(&tenant).await;
}

#[tokio::test]
async fn an_invoice_is_not_cancelled_before_its_day_and_not_paid_with_nothing() {
    let (portal, tenant, tine) = house().await;
    tine.invoice("RE1", |_| {}).await;
    let items = portal.items();
    post(&tenant, "RE1", "cancel", &json!({ "date": "2026-11-19" })).await.status(422).names(&["date"]);
    for amount in ["0.00", "-1.00"] {
        tine.pays("RE1", amount, "bank-1").await.status(422).problem("invalid").names(&["amount"]);
    }
    let dollars =
        json!({ "reference": "bank-1", "amount": { "amount": "1.00", "currency": "USD" }, "date": "2026-11-20" });
    post(&tenant, "RE1", "payment", &dollars).await.status(422).names(&["amount"]);
    tine.pays("RE1", "1.00", "").await.status(422).names(&["reference"]);
    tine.pays("RE1", "1.00", &"x".repeat(121)).await.status(422).names(&["reference"]);
    tine.pays("RE9", "1.00", "bank-1").await.status(404).problem("not_found");
    assert_eq!(portal.items(), items);
}

#[tokio::test]
async fn fifty_payments_at_once_are_booked_once_per_reference() {
    let (portal, tenant, tine) = house().await;
    tine.invoice("RE1", |_| {}).await;
    let items = portal.items();
    // Ten references, each sent five times.
    let sent = (0..50).map(|n| (tine.clone(), format!("bank-{}", n % 10)));
    let answers =
        join_all(sent.map(|(tine, reference)| async move { tine.pays("RE1", "10.00", &reference).await })).await;
    let mut refused = 0;
    for answer in &answers {
        assert!(matches!(answer.code(), 200 | 409 | 503), "{}: {} {}", answer.what(), answer.code(), answer.html());
        refused += usize::from(answer.code() != 200);
        if answer.code() == 200 {
            let open = answer.json()["state"]["open"]["amount"].as_str().unwrap().to_owned();
            assert!(!open.starts_with('-'), "{open}");
        }
    }
    // Whoever lost eight races or waited too long was told to come again, as every sender does.
    for n in 0..10 {
        tine.pays("RE1", "10.00", &format!("bank-{n}")).await.status(200);
    }
    assert_eq!(state(&tenant, "RE1").await["open"], samples::euros("19.00"), "{refused} were refused meanwhile");
    let check = balanced(&tenant).await;
    assert_eq!(check["entries"], 11, "one for the invoice, ten for the payments");
    assert_eq!(portal.items() - items, 40, "each payment is a record, its reference, an entry and an event");
}

#[tokio::test]
async fn fifty_surplus_payments_at_once_never_make_an_invoice_negative() {
    let (_, tenant, tine) = house().await;
    tine.invoice("RE1", |_| {}).await;
    let sent = (0..50).map(|n| (tine.clone(), format!("bank-{n}")));
    join_all(sent.map(|(tine, reference)| async move { tine.pays("RE1", "10.00", &reference).await })).await;
    for n in 0..50 {
        tine.pays("RE1", "10.00", &format!("bank-{n}")).await.status(200);
    }
    assert_eq!(state(&tenant, "RE1").await["open"], samples::euros("0.00"));
    assert_eq!(balanced(&tenant).await["entries"], 51);
}

#[tokio::test]
async fn the_replay_finds_a_balance_that_does_not_follow_from_its_entries() {
    let (portal, tenant, tine) = house().await;
    tine.invoice("RE1", |_| {}).await;
    balanced(&tenant).await;
    assert_eq!(portal.spoil("account", "119.00", "118.00"), 1, "the account was changed");
    let check = tenant.api.post("/ledger:check", &json!({})).await.status(200).json();
    assert_eq!(check["balanced"], false, "{check}");
    assert_eq!(check["faulty"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_demos_ledgers_replay_to_every_balance() {
    let portal = Portal::start().await;
    let demo = portal.demo().await;
    let (mut accounts, mut entries) = (0, 0);
    for tenant in demo.tenants() {
        let mut path = "/ledger:check".to_owned();
        loop {
            let check = tenant.api.post(&path, &json!({})).await.status(200).json();
            assert_eq!(
                (&check["balanced"], &check["faulty"]),
                (&json!(true), &json!([])),
                "{}: {check}",
                tenant.slug()
            );
            assert!(check["sum"].as_object().unwrap().values().all(|sum| sum == 0), "{check}");
            accounts += check["accounts"].as_u64().unwrap();
            entries += check["entries"].as_u64().unwrap();
            let Some(next) = check["next"].as_str() else { break };
            path = format!("/ledger:check?after={next}");
        }
    }
    assert!(accounts >= 10 && entries >= 50, "{accounts} accounts with {entries} entries are no demo");
}
