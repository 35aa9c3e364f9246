//! The feed has no gaps and is never ahead of itself; the worker follows everything up once.

use testkit::{Portal, Tenant, hours, json, samples, seconds};

async fn house() -> (Portal, Tenant) {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    (portal, tenant)
}

/// Reads the feed to its end in pages; answers subjects and ids.
async fn feed(tenant: &Tenant, limit: usize, from: Option<&str>) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let mut after = from.map(str::to_owned);
    loop {
        let cursor = after.as_ref().map(|after| format!("&after={after}")).unwrap_or_default();
        let page = tenant.api.get(&format!("/events?limit={limit}{cursor}")).await.status(200).json();
        let items = page["items"].as_array().unwrap();
        let text = |value: &testkit::Value| value.as_str().unwrap().to_owned();
        all.extend(items.iter().map(|item| (text(&item["subject"]), text(&item["id"]))));
        if items.is_empty() {
            return all;
        }
        after = Some(text(&page["next"]));
    }
}

#[tokio::test]
async fn what_is_younger_than_thirty_seconds_waits() {
    let (portal, tenant) = house().await;
    portal.clock.advance(hours(1));
    let before = feed(&tenant, 100, None).await.len();
    tenant.customer("K1", |_| {}).await;
    portal.clock.advance(seconds(29));
    assert_eq!(feed(&tenant, 100, None).await.len(), before);
    portal.clock.advance(seconds(1));
    let after = feed(&tenant, 100, None).await;
    assert_eq!((after.len(), after.last().unwrap().0.as_str()), (before + 1, "K1"));
}

#[tokio::test]
async fn a_reader_in_small_pages_misses_nothing_and_reads_nothing_twice() {
    let (portal, tenant) = house().await;
    for n in 0..40 {
        tenant.customer(&format!("K{n}"), |_| {}).await;
        if n % 4 == 0 {
            portal.clock.advance(seconds(7));
        }
    }
    portal.clock.advance(seconds(31));
    let whole = feed(&tenant, 100, None).await;
    for limit in [1, 3, 7] {
        assert_eq!(feed(&tenant, limit, None).await, whole);
    }
    for n in 0..40 {
        let times = whole.iter().filter(|(subject, _)| *subject == format!("K{n}")).count();
        assert_eq!(times, 1, "K{n}");
    }
    let mut sorted = whole.clone();
    sorted.sort_by(|left, right| left.1.cmp(&right.1));
    assert_eq!(sorted, whole, "oldest first");
}

#[tokio::test]
async fn facts_of_one_moment_keep_their_order() {
    let (portal, tenant) = house().await;
    tenant.customer("K1", |_| {}).await;
    let numbers: Vec<String> = (1..=15).map(|n| format!("RE{n}")).collect();
    let lines: Vec<String> = numbers.iter().map(|number| samples::line(number, samples::invoice("K1"))).collect();
    tenant.api.import("/invoices:import", &lines.join("\n")).await.status(200);
    portal.clock.advance(seconds(31));
    let told = feed(&tenant, 100, None).await;
    let told: Vec<&str> =
        told.iter().map(|(subject, _)| subject.as_str()).filter(|one| one.starts_with("RE")).collect();
    assert_eq!(told, numbers);
}

#[tokio::test]
async fn a_reader_goes_on_after_midnight() {
    let (portal, tenant) = house().await;
    tenant.customer("K1", |_| {}).await;
    portal.clock.advance(seconds(31));
    let (_, last) = feed(&tenant, 100, None).await.pop().unwrap();
    for day in 0..3 {
        portal.clock.advance(hours(24));
        tenant.customer(&format!("D{day}"), |_| {}).await;
    }
    portal.clock.advance(seconds(31));
    let subjects: Vec<String> = feed(&tenant, 2, Some(&last)).await.into_iter().map(|(subject, _)| subject).collect();
    assert_eq!(subjects, ["D0", "D1", "D2"]);
    tenant.api.get("/events?after=rubbish").await.status(422).problem("invalid");
}

/// Asks for pages until one has something, as a reader does that comes again; answers the cursor after it.
async fn next_of(tenant: &Tenant, after: Option<&str>) -> (Vec<String>, String) {
    let cursor = after.map(|after| format!("?after={after}")).unwrap_or_default();
    let page = tenant.api.get(&format!("/events{cursor}")).await.status(200).json();
    let subjects = page["items"].as_array().unwrap().iter().map(|item| item["subject"].as_str().unwrap().to_owned());
    (subjects.collect(), page["next"].as_str().expect("a cursor on every page").to_owned())
}

#[tokio::test]
async fn months_without_an_event_are_passed() {
    let (portal, tenant) = house().await;
    portal.clock.advance(seconds(31));
    let (_, mut cursor) = next_of(&tenant, None).await;
    portal.clock.advance(hours(24 * 100));
    tenant.customer("K1", |_| {}).await;
    portal.clock.advance(seconds(31));
    let mut found = Vec::new();
    for _ in 0..5 {
        let (subjects, next) = next_of(&tenant, Some(&cursor)).await;
        assert!(next >= cursor, "a cursor never goes back: {cursor} {next}");
        found.extend(subjects);
        cursor = next;
    }
    assert_eq!(found, ["K1"]);
}

#[tokio::test]
async fn a_reader_of_an_empty_feed_loses_nothing_around_midnight() {
    for began in ["23:59:20", "23:59:45", "23:59:59", "00:00:10"] {
        let day = if began.starts_with("00") { 23 } else { 22 };
        let portal = Portal::start().await;
        let tenant = portal.tenant("webhosting-ag").await;
        portal.clock.set(format!("2026-11-{day}T{began}Z").parse().unwrap());
        let (_, mut cursor) = next_of(&tenant, None).await;
        let mut found = Vec::new();
        for n in 0..14 {
            tenant.customer(&format!("K{n}"), |_| {}).await;
            portal.clock.advance(seconds(5));
            let (subjects, next) = next_of(&tenant, Some(&cursor)).await;
            found.extend(subjects);
            cursor = next;
        }
        portal.clock.advance(seconds(60));
        found.extend(next_of(&tenant, Some(&cursor)).await.0);
        found.retain(|subject| subject.starts_with('K') && subject.len() < 5);
        assert_eq!(found, (0..14).map(|n| format!("K{n}")).collect::<Vec<_>>(), "from {began}");
    }
}

#[tokio::test]
async fn no_tenant_reads_anothers_feed() {
    let (portal, tenant) = house().await;
    let other = portal.tenant("stadtwerke-muster").await;
    tenant.customer("K1", |_| {}).await;
    portal.clock.advance(seconds(31));
    let (_, last) = feed(&tenant, 100, None).await.pop().unwrap();
    assert!(feed(&other, 100, None).await.iter().all(|(subject, _)| subject != "K1"));
    assert!(feed(&other, 100, Some(&last)).await.iter().all(|(subject, _)| subject != "K1"));
}

#[tokio::test]
async fn the_worker_follows_up_what_the_stream_tells() {
    let (portal, tenant) = house().await;
    let tine = tenant.customer("K5003", |_| {}).await;
    tine.invoice("RE1", |_| {}).await;
    portal.worker.drain().await;
    tine.pays("RE1", "10.00", "bank-1").await.status(200);
    assert_eq!(due(&portal), 1);
    assert_eq!(portal.worker.drain().await, 1);
    assert_eq!((due(&portal), portal.worker.drain().await), (0, 0));
    assert!(portal.worker.dead_letters().is_empty());
}

#[tokio::test]
async fn what_the_stream_lost_the_minute_finds() {
    let (portal, tenant) = house().await;
    let tine = tenant.customer("K5003", |_| {}).await;
    tine.invoice("RE1", |_| {}).await;
    for n in 0..7 {
        tine.pays("RE1", "10.00", &format!("bank-{n}")).await.status(200);
    }
    assert_eq!(due(&portal), 7);
    portal.worker.minute().await;
    assert_eq!(due(&portal), 0);
}

#[tokio::test]
async fn two_workers_at_once_do_everything_once() {
    let (portal, tenant) = house().await;
    let tine = tenant.customer("K5003", |_| {}).await;
    tine.invoice("RE1", |_| {}).await;
    for n in 0..11 {
        tine.pays("RE1", "10.00", &format!("bank-{n}")).await.status(200);
    }
    let (first, second) = (portal.another_worker().await, portal.another_worker().await);
    let minute = json!({});
    let (one, two) = futures_util::future::join(first.on_event(&minute), second.on_event(&minute)).await;
    assert_eq!(one.unwrap() + two.unwrap(), 11, "each was done by one of them");
    assert_eq!(due(&portal), 0);
}

fn due(portal: &Portal) -> usize {
    portal.stored().iter().filter(|item| item["t_pk"]["S"].as_str().is_some_and(|key| key.ends_with("#DUE"))).count()
}
