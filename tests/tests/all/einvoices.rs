//! What an invoice needs to be an e-invoice is asked before it is issued: none is taken that could never be rendered.

use testkit::{Portal, Value, json, samples};

fn put(facts: &mut Value, path: &str, value: Value) {
    let (parent, name) = path.rsplit_once('/').unwrap();
    facts.pointer_mut(parent).unwrap()[name] = value;
}

/// Without tax, for the reason that this category has.
fn untaxed(category: &str, seller_vat_id: &str, buyer_vat_id: &str) -> Value {
    let mut facts = samples::invoice("K5003");
    put(&mut facts, "/lines/0/tax_category", category.into());
    put(&mut facts, "/lines/0/tax_rate", "0".into());
    let net = samples::euros("100.00");
    let total =
        json!({ "category": category, "rate": "0", "net": net, "tax": samples::euros("0.00"), "reason": "steuerfrei" });
    facts["taxes"] = json!([total]);
    (facts["tax"], facts["gross"]) = (samples::euros("0.00"), net);
    facts["seller"] = json!({
        "name": "S", "street": "Weg 1", "postal_code": "12345", "city": "Berlin", "country": "DE",
        "vat_id": seller_vat_id, "tax_number": "1/2/3",
    });
    facts["buyer"]["vat_id"] = buyer_vat_id.into();
    facts
}

#[tokio::test]
async fn an_invoice_that_could_not_be_rendered_is_refused_at_its_field() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    tenant.customer("K5003", |_| {}).await;
    let items = portal.items();
    let mut wrong: Vec<(Value, &str)> = [
        ("/lines/0/unit", "ZZ9".into(), "lines[0].unit"),
        ("/lines/0/unit", "c62".into(), "lines[0].unit"),
        ("/lines/0/period", json!({ "from": "2026-12-01", "to": "2026-11-01" }), "lines[0].period.to"),
        ("/buyer/country", "XX".into(), "buyer.country"),
        ("/buyer/country", "AN".into(), "buyer.country"),
        ("/buyer/vat_id", "ZZ123456789".into(), "buyer.vat_id"),
        ("/buyer/vat_id", "123456789".into(), "buyer.vat_id"),
        ("/due_on", "9999-12-31".into(), "due_on"),
        ("/issued_on", "0000-01-01".into(), "issued_on"),
        ("/period", json!({ "from": "0001-01-01", "to": "2026-11-01" }), "period.from"),
    ]
    .into_iter()
    .map(|(path, value, field): (&str, Value, &str)| {
        let mut facts = samples::invoice("K5003");
        put(&mut facts, path, value);
        (facts, field)
    })
    .collect();
    wrong.push((untaxed("K", "DE1", "x"), "buyer.vat_id"));
    wrong.push((untaxed("K", "XX", "FR12345678901"), "seller.vat_id"));
    wrong.push((untaxed("AE", "123", "DE123456788"), "seller.vat_id"));
    for (position, (facts, field)) in wrong.iter().enumerate() {
        let answer = tenant.api.put(&format!("/invoices/RE{position}"), facts).await.status(422).problem("invalid");
        assert!(answer.fields().iter().any(|named| named == field), "{field}: {}", answer.html());
        let line = samples::line(&format!("RE{position}"), facts.clone());
        let result = tenant.api.import("/invoices:import", &line).await.status(200).json();
        let errors = result["results"][0]["errors"].as_array().unwrap();
        assert!(errors.iter().any(|error| error["field"] == *field), "{field}: {result}");
    }
    assert_eq!(portal.items(), items);
}

#[tokio::test]
async fn every_invoice_that_is_taken_can_be_rendered() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let browser = tenant.customer("K5003", |_| {}).await.login().await;
    let mut abroad = samples::invoice("K5003");
    (abroad["buyer"]["country"], abroad["buyer"]["vat_id"]) = ("GR".into(), "EL123456789".into());
    let mut hours = samples::invoice("K5003");
    hours["lines"][0]["unit"] = "HUR".into();
    let vat = "DE123456788";
    let good = [
        abroad,
        hours,
        untaxed("K", vat, "FR12345678901"),
        untaxed("AE", vat, "DE123456789"),
        untaxed("E", vat, ""),
        untaxed("G", vat, ""),
        untaxed("O", "", ""),
    ];
    for (position, facts) in good.iter().enumerate() {
        tenant.api.put(&format!("/invoices/RE{position}"), facts).await.status(201);
        for kind in ["pdf", "xml"] {
            browser.get(&format!("/invoices/RE{position}/{kind}")).await.status(303);
        }
    }
}

#[tokio::test]
async fn payments_and_companies_are_of_this_world() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    tenant.customer("K5003", |_| {}).await.invoice("RE1", |_| {}).await;
    for date in ["0206-11-20", "9999-12-31"] {
        let payment = json!({ "reference": "a", "amount": samples::euros("1.00"), "date": date });
        tenant.api.post("/invoices/RE1:payment", &payment).await.status(422).names(&["date"]);
        tenant.api.post("/invoices/RE1:cancel", &json!({ "date": date })).await.status(422).names(&["date"]);
    }
    let company = |field: &str, value: &str| {
        let mut company = samples::company("webhosting-ag");
        company[field] = value.into();
        company
    };
    for (field, value) in [("country", "ZZ"), ("vat_id", "XX"), ("vat_id", "123"), ("website", "javascript:alert(1)")] {
        tenant.api.put("/settings/company", &company(field, value)).await.status(422).names(&[field]);
    }
    for (field, value) in [("vat_id", "EL123456789"), ("website", "https://webhosting.example"), ("website", "")] {
        tenant.api.put("/settings/company", &company(field, value)).await.status(200);
    }
}

#[tokio::test]
async fn an_original_that_is_nested_without_end_is_refused_and_the_portal_lives() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    tenant.customer("K5003", |_| {}).await.invoice("RE1", |_| {}).await;
    for levels in [100, 500, 50_000] {
        let pages = "/Type/Pages/Kids[3 0 R]/Count 1";
        let deep = format!("{pages}/X {}1{}", "<</A ".repeat(levels), ">>".repeat(levels));
        let pdf = String::from_utf8(samples::pdf()).unwrap();
        let (before, after) = pdf.split_once(pages).unwrap();
        let (table, rest) = after.split_once("0000000000 65535 f \n").unwrap();
        // Everything behind the pages has moved.
        let moved = deep.len() - pages.len();
        let places: String = rest
            .lines()
            .map(|line| match line.strip_suffix(" 00000 n ") {
                Some(place) if place.parse::<usize>().unwrap() > before.len() => {
                    format!("{:010} 00000 n \n", place.parse::<usize>().unwrap() + moved)
                }
                _ => match line.parse::<usize>() {
                    Ok(start) => format!("{}\n", start + moved),
                    Err(_) => format!("{line}\n"),
                },
            })
            .collect();
        let pdf = format!("{before}{deep}{table}0000000000 65535 f \n{places}");
        let upload = tenant.api.request("PUT", "/documents/invoice/RE1/pdf").body("application/pdf", pdf);
        portal.ask(upload).await.status(422).names(&["pdf"]);
    }
    tenant.api.get("/invoices/RE1").await.status(200);
}

#[tokio::test]
async fn an_invoice_with_a_buyer_reference_can_be_had_as_xrechnung_in_both_syntaxes() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let tine = tenant.customer("K5003", |_| {}).await;
    let mut public = samples::invoice("K5003");
    put(&mut public, "/buyer_reference", "04011000-12345-03".into());
    put(&mut public, "/buyer/email", "rechnung@behoerde.example".into());
    public["seller"] = json!({
        "name": "S", "street": "Weg 1", "postal_code": "12345", "city": "Berlin", "country": "DE",
        "vat_id": "DE123456788", "email": "fragen@s.example", "phone": "+49 30 1234",
    });
    tenant.api.put("/invoices/RE1", &public).await.status(201);
    tenant.api.put("/invoices/RE2", &samples::invoice("K5003")).await.status(201);
    let tine = tine.login().await;
    let offered = tine.get("/invoices/RE1").await.status(200).html();
    assert!(offered.contains("/invoices/RE1/xml?format=xrechnung"), "{offered}");
    assert!(!tine.get("/invoices/RE2").await.status(200).html().contains("format=xrechnung"));

    for (format, begins, name) in [
        ("xrechnung", "<Invoice", "Rechnung-RE1-XRechnung.xml"),
        ("xrechnung-cii", "<rsm:CrossIndustryInvoice", "Rechnung-RE1-XRechnung-CII.xml"),
        ("factur-x", "<rsm:CrossIndustryInvoice", "Rechnung-RE1.xml"),
    ] {
        let path = format!("/invoices/RE1/xml?format={format}");
        let file = tine.get(&path).await.status(303).file().await;
        assert_eq!(tine.get(&path).await.file().await.bytes, file.bytes, "{format}");
        let xml = file.text();
        assert!(xml.contains(begins), "{format}: {xml}");
        assert_eq!(xml.contains("xrechnung_3.0"), format != "factur-x", "{format}");
        assert!(file.disposition.contains(name), "{}", file.disposition);
    }
    tine.get("/invoices/RE2/xml?format=xrechnung").await.status(404);
    tine.get("/invoices/RE2/xml").await.status(303);
    tine.get("/invoices/RE1/xml?format=odt").await.status(422);
}
