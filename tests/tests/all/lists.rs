//! The customer's list of invoices: what is open in every currency, pages without an empty one, numbers and years.

use testkit::{Portal, Tenant, Value, json, samples};

async fn house() -> (Portal, Tenant, testkit::Customer) {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let tine = tenant.customer("K5003", |_| {}).await;
    (portal, tenant, tine)
}

/// The same amounts in Swiss francs.
fn in_francs(facts: &mut Value) {
    let text = facts.to_string().replace("\"EUR\"", "\"CHF\"");
    *facts = serde_json::from_str(&text).unwrap();
}

#[tokio::test]
async fn what_is_open_in_two_currencies_is_two_sums() {
    let (_portal, _tenant, tine) = house().await;
    tine.invoice("RE1", |_| {}).await;
    tine.invoice("RE2", |facts| {
        in_francs(facts);
        facts["issued_on"] = "2026-10-01".into();
        facts["due_on"] = "2026-10-15".into();
    })
    .await;
    tine.invoice("RE3", in_francs).await;
    let browser = tine.login().await;
    for path in ["/", "/invoices"] {
        let page = browser.get(path).await.status(200).shows("119,00 €").shows("238,00 CHF");
        page.shows("davon 119,00 CHF überfällig");
    }
    let listed = tine.token().await.get("/api/v1/invoices").await.status(200).json();
    let francs = |amount: &str| json!({ "amount": amount, "currency": "CHF" });
    assert_eq!(listed["open"]["amounts"], json!([samples::euros("119.00"), francs("238.00")]));
    assert_eq!(listed["open"]["overdue"], json!([francs("119.00")]));
    assert_eq!(tine.pays("RE1", "119.00", "a").await.code(), 200);
    browser.get("/").await.status(200).shows("238,00 CHF");
}

#[tokio::test]
async fn a_last_page_is_never_empty() {
    let (_portal, tenant, tine) = house().await;
    let lines = |from: usize, to: usize| {
        let line = |n: usize| samples::line(&format!("RE{n:03}"), samples::invoice("K5003"));
        (from..=to).map(line).collect::<Vec<_>>().join("\n")
    };
    tenant.api.import("/invoices:import", &lines(1, 40)).await.status(200);
    let (browser, program) = (tine.login().await, tine.token().await);
    let first = browser.get("/invoices").await.status(200).shows("Ältere Rechnungen anzeigen");
    let next = first.html().split("href=\"/invoices?after=").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let last = browser.get(&format!("/invoices?after={next}")).await.status(200).shows("RE001");
    last.hides("Ältere Rechnungen anzeigen");
    for filter in ["", "&filter=open", "&filter=cancelled"] {
        let (mut pages, mut after) = (Vec::new(), String::new());
        loop {
            let path = format!("/api/v1/invoices?limit=10{filter}{after}");
            let page = program.get(&path).await.status(200).json();
            pages.push(page["items"].as_array().unwrap().len());
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => break,
            }
        }
        let wanted = if filter == "&filter=cancelled" { vec![0] } else { vec![10; 4] };
        assert_eq!(pages, wanted, "{filter}");
    }
    tenant.api.import("/invoices:import", &lines(41, 41)).await.status(200);
    let page = program.get("/api/v1/invoices?limit=40").await.status(200).json();
    assert_eq!((page["items"].as_array().unwrap().len(), page["next"].is_string()), (40, true));
}

#[tokio::test]
async fn a_filter_that_finds_nothing_at_first_leads_to_older_ones() {
    let (portal, tenant, tine) = house().await;
    tine.invoice("RE-OLD", |facts| facts["issued_on"] = "2020-01-01".into()).await;
    tenant.api.post("/invoices/RE-OLD:cancel", &json!({ "date": "2026-11-20" })).await.status(200);
    let lines: Vec<String> = (0..510).map(|n| samples::line(&format!("RE{n}"), samples::invoice("K5003"))).collect();
    tenant.api.import("/invoices:import", &lines.join("\n")).await.status(200);
    let browser = tine.login().await;
    let page = browser.get("/invoices?filter=cancelled").await.status(200).shows("Keine stornierten Rechnungen");
    let older = page.html().split("href=\"/invoices?filter=cancelled&#38;after=").nth(1).map(str::to_owned);
    let older = older.or_else(|| page.html().split("filter=cancelled&amp;after=").nth(1).map(str::to_owned));
    let next = older.expect("a way to older ones").split('"').next().unwrap().to_owned();
    browser.get(&format!("/invoices?filter=cancelled&after={next}")).await.status(200).shows("RE-OLD");
    drop(portal);
}

#[tokio::test]
async fn a_number_is_found_by_programs_too() {
    let (_portal, tenant, tine) = house().await;
    tine.invoice("RE1", |_| {}).await;
    let other = tenant.customer("K1", |_| {}).await;
    other.invoice("RE2", |_| {}).await;
    let program = tine.token().await;
    let found = program.get("/api/v1/invoices?number=RE1").await.status(200).json();
    assert_eq!((found["items"][0]["number"].as_str(), &found["next"]), (Some("RE1"), &json!(null)));
    for absent in ["RE2", "RE9", "%00"] {
        let found = program.get(&format!("/api/v1/invoices?number={absent}")).await.status(200).json();
        assert_eq!(found["items"], json!([]), "{absent}");
    }
}

#[tokio::test]
async fn a_year_is_the_year_of_issue_in_every_filter() {
    let (_portal, _tenant, tine) = house().await;
    tine.invoice("RE1", |facts| {
        facts["issued_on"] = "2025-12-20".into();
        facts["due_on"] = "2026-01-10".into();
    })
    .await;
    let program = tine.token().await;
    for filter in ["all", "open", "overdue"] {
        for (year, count) in [(2025, 1), (2026, 0)] {
            let found = program.get(&format!("/api/v1/invoices?filter={filter}&year={year}")).await.status(200).json();
            assert_eq!(found["items"].as_array().unwrap().len(), count, "{filter} {year}");
        }
    }
}

#[tokio::test]
async fn a_file_says_where_it_stops() {
    let (_portal, tenant, tine) = house().await;
    let import = async |from: usize, to: usize| {
        let line = |n: usize| samples::line(&format!("RE{n}"), samples::invoice("K5003"));
        let lines: Vec<String> = (from..to).map(line).collect();
        tenant.api.import("/invoices:import", &lines.join("\n")).await.status(200);
    };
    import(0, 1_000).await;
    let browser = tine.login().await;
    let whole = browser.get("/invoices.csv").await.status(200);
    assert_eq!(whole.html().lines().count(), 1_001);
    import(1_000, 1_001).await;
    let cut = browser.get("/invoices.csv").await.status(200);
    assert_eq!(cut.html().lines().count(), 1_002);
    assert!(cut.html().lines().last().unwrap().starts_with("Das sind die neuesten 1000 Rechnungen"), "{}", cut.html());
}

#[tokio::test]
async fn long_invoices_make_short_pages_for_integrators() {
    let (_portal, tenant, tine) = house().await;
    let long = |facts: &mut Value| {
        let line = facts["lines"][0].clone();
        let details = "x".repeat(2_000);
        let more = (0..500).map(|_| {
            let mut free = line.clone();
            free["details"] = details.as_str().into();
            (free["unit_price"], free["net"]) = ("0.00".into(), samples::euros("0.00"));
            free
        });
        let lines: Vec<Value> = std::iter::once(line.clone()).chain(more).collect();
        facts["lines"] = lines.into();
    };
    for n in 0..5 {
        tine.invoice(&format!("RE{n}"), long).await;
    }
    let (mut seen, mut pages, mut after) = (Vec::new(), 0, String::new());
    loop {
        let page = tenant.api.get(&format!("/invoices?month=2026-11{after}")).await.status(200);
        let page = page.json();
        let numbers = page["items"].as_array().unwrap().iter().map(|item| item["number"].as_str().unwrap().to_owned());
        seen.extend(numbers);
        pages += 1;
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!((seen, pages > 1), ((0..5).map(|n| format!("RE{n}")).collect(), true));
}
