//! What nobody asks for and nothing wakes: how much waits too long is counted for alarms, and every night each ledger is
//! checked.

use domain::{
    Currency, Money,
    id::{EventId, PaymentId},
    payment::Method,
};
use store::{Reference, ReferenceKind, StrayMoney};
use testkit::{Customer, Metric, Portal, START, Tenant, Value, hours, json, minutes};

/// Half past two at night in Berlin, evening in New York.
const NIGHT: &str = "2026-11-23T01:30:00Z";
/// The next one.
const NEXT_NIGHT: &str = "2026-11-24T01:30:00Z";

/// A tenant with a customer who owes 100.00 of an invoice of 119.00.
async fn house(portal: &Portal, slug: &str) -> (Tenant, Customer) {
    let tenant = portal.tenant(slug).await;
    let tine = tenant.customer("K5003", |_| {}).await;
    tine.invoice("RE1", |_| {}).await;
    tine.pays("RE1", "19.00", "bank-1").await.status(200);
    portal.worker.drain().await;
    (tenant, tine)
}

/// A minute at a given instant, and what it wakes.
async fn minute_at(portal: &Portal, instant: &str) {
    portal.clock.set(instant.parse().unwrap());
    portal.worker.minute().await;
    portal.worker.drain().await;
}

/// What was told about ledgers: accounts that were checked and faults that were found, a pair for each page of accounts; sandboxes have
/// none.
fn checks(portal: &Portal) -> Vec<(u64, u64)> {
    let pages = portal.told(Metric::LedgerChecks).into_iter().zip(portal.told(Metric::LedgerFaults));
    pages.filter(|(accounts, _)| *accounts > 0).collect()
}

/// What staff of a tenant are told of a kind.
async fn events(portal: &Portal, tenant: &Tenant, kind: &str) -> Vec<Value> {
    portal.clock.advance(minutes(1));
    let begin = EventId::new(START.parse().unwrap(), [0; 10]);
    let page = tenant.api.get(&format!("/events?after={begin}")).await.status(200).json();
    page["items"].as_array().unwrap().iter().filter(|event| event["kind"] == kind).cloned().collect()
}

#[tokio::test]
async fn payments_that_no_provider_decides_in_a_day_are_told_each_minute_until_one_does() {
    let portal = Portal::start().await;
    let (tenant, tine) = house(&portal, "webhosting-ag").await;
    tenant.enable(Method::Sandbox).await.status(200);
    let program = tine.token().await.request("POST", "/api/v1/settlements").header("idempotency-key", "one");
    let settlement = json!({ "invoices": ["RE1"], "method": "sandbox" });
    let settled = portal.ask(program.json(&settlement)).await.status(201).json();
    portal.worker.minute().await;
    portal.clock.advance(hours(24) + minutes(1));
    portal.worker.minute().await;
    portal.clock.advance(minutes(1));
    portal.worker.minute().await;
    portal.provider.decline(settled["next"]["url"].as_str().unwrap()).await;
    portal.clock.advance(hours(1));
    portal.worker.minute().await;
    assert_eq!(portal.told(Metric::PaymentsPendingTooLong), [0, 1, 1, 0]);
}

#[tokio::test]
async fn money_that_waits_for_staff_is_counted_over_all_tenants_once_an_hour() {
    let portal = Portal::start().await;
    let process = portal.another_process().await;
    for (slug, number) in [("webhosting-ag", 1), ("stadtwerke-muster", 2)] {
        let tenant = portal.tenant(slug).await;
        let slug = tenant.slug().parse().unwrap();
        let (_, found) = process.store().find_tenant(&slug, process.config().base_host()).await.unwrap();
        let now = portal.clock.now();
        let stray = StrayMoney {
            payment: PaymentId::new(now, [number; 10]),
            reference: Reference { kind: ReferenceKind::ProviderPayment, value: format!("ch_{number}") },
            amount: Money::of_minor(100, Currency::Chf),
            reason: "another currency".to_owned(),
            at: now,
            settled_at: None,
        };
        process.store().in_tenant(found.scope()).note_stray(&stray).await.unwrap();
        for _ in 0..3 {
            portal.worker.minute().await;
            portal.clock.advance(minutes(1));
        }
        portal.clock.advance(hours(1));
    }
    assert_eq!(portal.told(Metric::TransfersUnmatched), [1, 1, 1, 2, 2, 2], "told each minute, counted each hour");
}

#[tokio::test]
async fn every_ledger_is_checked_once_a_night_where_its_tenant_is() {
    let portal = Portal::start().await;
    house(&portal, "webhosting-ag").await;
    let (overseas, _) = house(&portal, "stadtwerke-muster").await;
    overseas.settings("portal", &json!({ "zone": "Asia/Tokyo" })).await;
    portal.worker.minute().await;
    assert!(checks(&portal).is_empty(), "not by day");
    for hour in ["01:30", "02:30", "03:30"] {
        minute_at(&portal, &format!("2026-11-23T{hour}:00Z")).await;
        assert_eq!(checks(&portal), [(1, 0)], "{hour}");
    }
    minute_at(&portal, "2026-11-23T17:30:00Z").await;
    assert_eq!(checks(&portal), [(1, 0), (1, 0)]);
    // A process that knows nothing yet does not begin a second one.
    let fresh = portal.another_worker().await;
    fresh.on_event(&json!({})).await.unwrap();
    portal.worker.drain().await;
    assert_eq!(checks(&portal).len(), 2);
    minute_at(&portal, NEXT_NIGHT).await;
    assert_eq!(checks(&portal).len(), 3);
}

#[tokio::test]
async fn two_workers_at_once_begin_one_check() {
    let portal = Portal::start().await;
    let (tenant, _) = house(&portal, "webhosting-ag").await;
    portal.clock.set(NIGHT.parse().unwrap());
    let (first, second) = (portal.another_worker().await, portal.another_worker().await);
    let minute = json!({});
    let (one, two) = futures_util::future::join(first.on_event(&minute), second.on_event(&minute)).await;
    assert_eq!((one.is_ok(), two.is_ok()), (true, true));
    portal.worker.drain().await;
    assert_eq!(checks(&portal), [(1, 0)]);
    let ended = events(&portal, &tenant, "job.done").await;
    assert_eq!(ended.len(), 1, "{ended:?}");
    assert_eq!((&ended[0]["facts"]["kind"], &ended[0]["facts"]["done"]), (&json!("check_ledger"), &json!("1")));
}

#[tokio::test]
async fn an_account_that_does_not_fit_is_told_to_alarms_to_the_log_and_to_its_own_staff() {
    let portal = Portal::start().await;
    let (tenant, _) = house(&portal, "webhosting-ag").await;
    let neighbour = portal.tenant("stadtwerke-muster").await;
    neighbour.customer("K5003", |_| {}).await.invoice("RE1", |_| {}).await;
    let amount = |euros: &str| format!(r#"{{"S":"{euros}"}}"#);
    assert_eq!(portal.spoil("account", &amount("100.00"), &amount("100.01")), 1);
    for instant in [NIGHT, "2026-11-23T02:30:00Z", NEXT_NIGHT] {
        minute_at(&portal, instant).await;
    }
    let found: u64 = portal.told(Metric::LedgerFaults).into_iter().sum();
    assert_eq!((found, checks(&portal).len()), (2, 4), "again each night until it is mended");
    let told = events(&portal, &tenant, "ledger.fault").await;
    assert_eq!(told.len(), 2, "{told:?}");
    for event in &told {
        assert_eq!((&event["subject"], &event["actor"]), (&json!("K5003-EUR"), &json!("system")));
        let facts = json!({ "faults": "2", "first": "the account does not say what its entries sum to" });
        assert_eq!(event["facts"], facts);
    }
    assert_eq!(events(&portal, &neighbour, "ledger.fault").await, Vec::<Value>::new());
    let lines = portal.log();
    let line = lines.iter().find(|line| line["message"] == "an account does not fit its entries").unwrap();
    assert_eq!((&line["level"], &line["account"]), (&json!("ERROR"), &json!("K5003-EUR")));
}
