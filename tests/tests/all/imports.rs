//! Bulk loads: a result per line, good lines in, the same again changes nothing.

use testkit::{Portal, Value, samples};

fn outcomes(result: &Value, outcome: &str) -> usize {
    result["results"].as_array().unwrap().iter().filter(|line| line["outcome"] == outcome).count()
}

#[tokio::test]
async fn a_thousand_invoices_with_bad_lines_among_them_are_in_but_for_those() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    for number in ["K1", "K2", "K3"] {
        tenant.customer(number, |_| {}).await;
    }
    let line = |n: usize| {
        let mut facts = samples::invoice(&format!("K{}", n % 3 + 1));
        match n {
            100 => return "{\"number\": ".to_owned(),
            200 => facts["customer"] = "K9".into(),
            300 => facts["gross"] = samples::euros("1.00"),
            402 => {
                facts["handle"] = "another".into();
                return samples::line("RE399", facts);
            }
            _ => {}
        }
        samples::line(&format!("RE{n}"), facts)
    };
    let lines: Vec<String> = (1..=1_000).map(line).collect();
    let items = portal.items();
    let result = tenant.api.import("/invoices:import", &lines.join("\n")).await.status(200).json();
    let failed: Vec<u64> = result["results"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|line| line["outcome"] == "failed")
        .map(|line| line["line"].as_u64().unwrap())
        .collect();
    assert_eq!((failed, result["failed"].as_u64()), (vec![100, 200, 300, 402], Some(4)));
    assert_eq!(outcomes(&result, "created"), 996);
    let stored = portal.items();
    let again = tenant.api.import("/invoices:import", &lines.join("\n")).await.status(200).json();
    assert_eq!((outcomes(&again, "unchanged"), again["failed"].as_u64()), (996, Some(4)));
    assert_eq!(portal.items(), stored, "the same again stores nothing");
    assert!(stored - items >= 996 * 3, "a row, a body and an entry each");
    let check = tenant.api.post("/ledger:check", &testkit::json!({})).await.status(200).json();
    assert_eq!((&check["balanced"], check["entries"].as_u64()), (&true.into(), Some(996)));
}

#[tokio::test]
async fn more_than_a_thousand_lines_are_not_answered_at_once() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let items = portal.items();
    let refused = tenant.api.import("/customers:import", &"{}\n".repeat(1_001)).await;
    refused.status(422).problem("invalid").names(&["body"]);
    let lines = samples::line("K1", samples::customer("K1"));
    let wrong = tenant.api.request("POST", "/customers:import").body("application/json", lines);
    portal.ask(wrong).await.status(415).problem("unsupported_type");
    assert_eq!(portal.items(), items);
}

#[tokio::test]
async fn a_customer_loaded_again_is_unchanged_and_changed_when_it_differs() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let line = samples::line("K1", samples::customer("K1"));
    let import = async |line: &str| tenant.api.import("/customers:import", line).await.status(200).json();
    assert_eq!(outcomes(&import(&line).await, "created"), 1);
    let items = portal.items();
    assert_eq!(outcomes(&import(&line).await, "unchanged"), 1);
    assert_eq!(portal.items(), items);
    let moved = line.replace("Rosahausen", "Blauhausen");
    assert_eq!(outcomes(&import(&moved).await, "updated"), 1);
    assert_eq!(portal.items(), items + 1, "the change is an event");
    assert_eq!(tenant.api.get("/customers/K1").await.json()["billing_address"]["city"], "Blauhausen");
}

#[tokio::test]
async fn a_stale_revision_is_refused() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    tenant.customer("K1", |_| {}).await;
    let etag = tenant.api.get("/customers/K1").await.header("etag").to_owned();
    let mut facts = samples::customer("K1");
    facts["phone1"] = "+49 30 1".into();
    let put = async |facts: &Value, tag: &str| {
        portal.ask(tenant.api.request("PUT", "/customers/K1").header("if-match", tag).json(facts)).await
    };
    let changed = put(&facts, &etag).await.status(200);
    facts["phone1"] = "+49 30 2".into();
    let items = portal.items();
    put(&facts, &etag).await.status(412).problem("stale");
    put(&facts, "rubbish").await.status(412).problem("stale");
    assert_eq!(portal.items(), items);
    put(&facts, changed.header("etag")).await.status(200);
}

#[tokio::test]
async fn of_a_number_that_comes_twice_the_last_line_wins() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    for round in 0..5 {
        let line = |n: usize| {
            let mut facts = samples::customer(&format!("K{}", n % 3));
            facts["company"] = format!("Round {round}, line {n}").into();
            samples::line(&format!("K{}", n % 3), facts)
        };
        let lines: Vec<String> = (0..30).map(line).collect();
        let result = tenant.api.import("/customers:import", &lines.join("\n")).await.status(200).json();
        assert_eq!(result["failed"], 0, "{result}");
        for n in 27..30 {
            let shown = tenant.api.get(&format!("/customers/K{}", n % 3)).await.json();
            assert_eq!(shown["company"], format!("Round {round}, line {n}"));
        }
    }
}

#[tokio::test]
async fn an_invoice_that_is_too_large_fails_alone() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    tenant.customer("K1", |_| {}).await;
    let large = || {
        let mut facts = samples::invoice("K1");
        let line = facts["lines"][0].clone();
        // Hardly compressible: 300 kB packed are too many.
        let mut random = 7_u64;
        let mut word = || {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            format!("{random:016x}")
        };
        let more = (0..450).map(|_| {
            let mut free = line.clone();
            free["details"] = (0..120).map(|_| word()).collect::<String>().into();
            (free["unit_price"], free["net"]) = ("0.00".into(), samples::euros("0.00"));
            free
        });
        let lines: Vec<Value> = std::iter::once(line.clone()).chain(more).collect();
        facts["lines"] = lines.into();
        facts
    };
    let line = |n: usize| samples::line(&format!("RE{n}"), if n == 2 { large() } else { samples::invoice("K1") });
    let lines: Vec<String> = (0..5).map(line).collect();
    let result = tenant.api.import("/invoices:import", &lines.join("\n")).await.status(200).json();
    assert_eq!((outcomes(&result, "created"), result["failed"].as_u64()), (4, Some(1)), "{result}");
    assert_eq!(result["results"][2]["errors"][0]["code"], "too_large", "{result}");
    tenant.api.get("/invoices/RE4").await.status(200);
}

#[tokio::test]
async fn what_makes_too_long_a_key_is_refused_by_its_name() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let tine = tenant.customer("K1", |c| c["company"] = "語".repeat(80).into()).await;
    tine.invoice("RE1", |_| {}).await;
    let slug = |text: &str| text.bytes().map(|byte| format!("~{byte:02X}")).collect::<String>();
    let (fits, long) = ("ä".repeat(60), "語".repeat(60));
    tenant.put(&format!("/customers/{}", slug(&fits)), &samples::customer("K9")).await;
    for (path, body, field) in [
        (format!("/customers/{}", slug(&long)), samples::customer("K2"), "number"),
        (format!("/invoices/{}", slug(&long)), samples::invoice("K1"), "number"),
        (format!("/contacts/{}", slug(&long)), testkit::json!({ "name": "X" }), "number"),
        (format!("/customers/K1/subscriptions/{}", slug(&long)), samples::subscription(), "subscription"),
    ] {
        tenant.api.put(&path, &body).await.status(422).problem("invalid").names(&[field]);
    }
    tine.pays("RE1", "1.00", &"r".repeat(120)).await.status(200);
    tine.pays("RE1", "1.00", &"語".repeat(120)).await.status(422).names(&["reference"]);
    let line = samples::line(&long, samples::customer("K3"));
    let result = tenant.api.import("/customers:import", &line).await.status(200).json();
    assert_eq!(result["results"][0]["errors"][0]["field"], "number", "{result}");
}
