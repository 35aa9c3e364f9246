//! Whole files: every line is accounted for, and a run that was broken off goes on.

use std::fs;

use kontor::{Failure, Outcome};
use testkit::{Portal, Tenant, json, samples};

use crate::{
    desk::Desk,
    files::{Cell, xlsx, zip},
};

/// Columns of a bookkeeping program, and what they are.
const INVOICES: &str = r#"
    decimal = ","
    date = "%d.%m.%Y"

    [columns]
    Rechnung = "number"
    Kunde = "customer"
    Datum = { to = "issued_on", as = "date" }
    Frist = { to = "due_on", as = "date" }
    Firma = "buyer.company"
    Text = "lines[].description"
    Preis = [{ to = "lines[].unit_price", as = "decimal" }, { to = "lines[].net.amount", as = "decimal" }]
    Netto = [{ to = "net.amount", as = "decimal" }, { to = "taxes[0].net.amount", as = "decimal" }]
    Steuer = [{ to = "tax.amount", as = "decimal" }, { to = "taxes[0].tax.amount", as = "decimal" }]
    Brutto = { to = "gross.amount", as = "decimal" }

    [constants]
    delivered_on = "2026-11-20"
    "buyer.line1" = "Exempel Gasse 1"
    "buyer.postal_code" = "56789"
    "buyer.city" = "Rosahausen"
    "buyer.country" = "DE"
    "lines[].quantity" = "1"
    "lines[].tax_category" = "S"
    "lines[].tax_rate" = "19"
    "lines[].net.currency" = "EUR"
    "taxes[0].category" = "S"
    "taxes[0].rate" = "19"
    "taxes[0].net.currency" = "EUR"
    "taxes[0].tax.currency" = "EUR"
    "net.currency" = "EUR"
    "tax.currency" = "EUR"
    "gross.currency" = "EUR"
"#;

async fn tenant() -> (Portal, Tenant) {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    (portal, tenant)
}

fn customers(count: usize) -> String {
    let line = |n: usize| format!("K{n};Firma {n};k{n}@example.org;Ort\n");
    "number;company;email;billing_address.city\n".to_owned() + &(1..=count).map(line).collect::<String>()
}

#[tokio::test]
async fn an_import_that_is_broken_off_goes_on_where_it_was() {
    let (portal, tenant) = tenant().await;
    let desk = Desk::of(&tenant);
    desk.file("k.csv", customers(30));
    let command = "--json import customers k.csv --batch 10 --parallel 1";
    let broken = desk.run_impatiently(command).await;
    assert!(matches!(broken.ended, Err(Failure::Stopped)), "{}", broken.text);
    let last = broken.objects().pop().unwrap();
    assert_eq!((&last["event"], &last["taken"], &last["open"]), (&json!("stopped"), &json!(10), &json!(20)));

    let items = portal.items();
    let resumed = desk.run(command).await;
    let last = resumed.is(Outcome::Right).objects().pop().unwrap();
    assert_eq!((&last["taken"], &last["unchanged"], &last["refused"]), (&json!(30), &json!(0), &json!(0)));
    assert!(portal.items() > items);
    assert_eq!(tenant.api.get("/customers/K30").await.status(200).json()["billing_address"]["city"], "Ort");

    let items = portal.items();
    desk.run("import customers k.csv").await.is(Outcome::Right).says("30 lines: 30 taken, 0 unchanged, 0 refused");
    fs::remove_file(desk.path("k.csv.progress.json")).unwrap();
    desk.run("import customers k.csv").await.is(Outcome::Right).says("30 lines: 0 taken, 30 unchanged, 0 refused");
    assert_eq!(portal.items(), items, "the same again stores nothing");
}

#[tokio::test]
async fn refused_lines_are_named_and_come_in_once_what_they_lacked_is_there() {
    let (_portal, tenant) = tenant().await;
    tenant.customer("K1", |_| {}).await;
    let desk = Desk::of(&tenant);
    let line = |number: &str, customer: &str| samples::line(number, samples::invoice(customer));
    let mut wrong = samples::invoice("K1");
    wrong["gross"] = samples::euros("1.00");
    let text = [line("RE1", "K1"), "{".to_owned(), line("RE2", "K2"), samples::line("RE3", wrong), line("RE1", "K1")];
    desk.file("re.jsonl", text.join("\n"));
    let said = desk.run("import invoices re.jsonl").await;
    said.is(Outcome::Refused).says("5 lines: 1 taken, 1 unchanged, 3 refused (see ");
    let errors = desk.read("re.jsonl.errors.csv");
    let rows: Vec<&str> = errors.lines().collect();
    assert_eq!(rows[1], "2,,,is no JSON");
    assert!(rows[2].starts_with("3,RE2,customer,") && rows[3].starts_with("4,RE3,gross,"), "{errors}");
    assert_eq!(rows.len(), 4, "{errors}");

    tenant.customer("K2", |_| {}).await;
    desk.run("import invoices re.jsonl").await.is(Outcome::Refused).says("5 lines: 2 taken, 1 unchanged, 2 refused");
    tenant.api.get("/invoices/RE2").await.status(200);
}

#[tokio::test]
async fn a_stray_cell_far_to_the_right_is_named_and_costs_nothing() {
    let (_portal, tenant) = tenant().await;
    let desk = Desk::of(&tenant);
    let wide = (0..=1_000).map(|_| Cell::Text("x")).collect();
    desk.file("wide.xlsx", xlsx(&[vec![Cell::Text("number")], wide]));
    let refused = desk.run("import customers wide.xlsx --dry-run").await.ended.unwrap_err().to_string();
    assert!(refused.contains("line 2") && refused.contains("column 1001"), "{refused}");
}

#[tokio::test]
async fn rows_of_a_spreadsheet_become_invoices_with_lines() {
    use Cell::{Day, Nothing, Number, Text};
    let (_portal, tenant) = tenant().await;
    tenant.customer("K1", |_| {}).await;
    let names = ["Rechnung", "Kunde", "Datum", "Frist", "Firma", "Text", "Preis", "Netto", "Steuer", "Brutto"];
    let invoice = |number, customer, text, price: f64| {
        let (net, tax, gross) = (Number(30.0), Number(5.7), Number(35.7));
        let (issued, due) = (Day(46_346), Day(46_360));
        vec![Text(number), Text(customer), issued, due, Text("A GmbH"), Text(text), Number(price), net, tax, gross]
    };
    let more = vec![Text("RE1"), Nothing, Nothing, Nothing, Nothing, Text("Domain"), Number(0.1 + 0.2 + 9.7)];
    let sheet = [
        names.map(Text).into(),
        invoice("RE1", "K1", "Hosting", 20.0),
        more,
        invoice("RE2", "K9", "Hosting", 30.0),
        invoice("RE3", "K1", "Hosting", 31.0),
    ];
    let desk = Desk::of(&tenant);
    desk.file("re.xlsx", xlsx(&sheet));
    desk.file("map.toml", INVOICES);
    let said = desk.run("import invoices re.xlsx --map map.toml").await;
    said.is(Outcome::Refused).says("4 lines: 2 taken, 0 unchanged, 2 refused");
    let errors = desk.read("re.xlsx.errors.csv");
    assert!(errors.contains("\n4,RE2,customer,") && errors.contains("\n5,RE3,"), "{errors}");
    let facts = &tenant.api.get("/invoices/RE1").await.status(200).json()["facts"];
    assert_eq!((&facts["issued_on"], &facts["due_on"]), (&json!("2026-11-20"), &json!("2026-12-04")));
    let lines: Vec<_> = facts["lines"].as_array().unwrap().iter().map(|line| &line["net"]["amount"]).collect();
    assert_eq!(lines, ["20.00", "10.00"]);

    let text = "Rechnung;Kunde;Datum;Frist;Firma;Text;Preis;Netto;Steuer;Brutto\n\
                RE4;K1;20.11.2026;04.12.2026;M\u{fc}ller;Umzug;1.000,00;1.000,00;190,00;1.190,00\n";
    let windows: Vec<u8> = text.chars().map(|letter| u8::try_from(letter).unwrap()).collect();
    desk.file("re.csv", windows);
    let command = "import invoices re.csv --map map.toml --encoding windows-1252";
    desk.run(command).await.is(Outcome::Right).says("1 lines: 1 taken, 0 unchanged, 0 refused");
    let facts = &tenant.api.get("/invoices/RE4").await.status(200).json()["facts"];
    assert_eq!((&facts["buyer"]["company"], &facts["gross"]["amount"]), (&json!("Müller"), &json!("1190.00")));
}

#[tokio::test]
async fn a_dry_run_names_what_is_wrong_and_sends_nothing() {
    let (portal, tenant) = tenant().await;
    let desk = Desk::of(&tenant).with_key("");
    let items = portal.items();
    desk.file("k.csv", customers(3) + "K4;;k4@example.org;Ort\nK5;Firma;no address;Ort\n");
    let said = desk.run("import customers k.csv --dry-run").await;
    said.is(Outcome::Refused).says("5 lines: 3 would be taken, 0 unchanged, 2 refused");
    let errors = desk.read("k.csv.errors.csv");
    assert!(errors.contains("\n5,K4,last_name,") && errors.contains("\n6,K5,email,"), "{errors}");
    assert!(!errors.contains("no address"), "an error repeats no value: {errors}");
    assert!(!desk.path("k.csv.progress.json").exists());
    assert_eq!(portal.items(), items);
}

#[tokio::test]
async fn contracts_and_documents_come_in_each_at_its_own_address() {
    let (_portal, tenant) = tenant().await;
    tenant.customer("K1", |_| {}).await;
    let desk = Desk::of(&tenant);
    let contract = |customer: &str, number: &str| {
        let mut facts = samples::subscription();
        facts["customer"] = customer.into();
        samples::line(number, facts)
    };
    desk.file("v.jsonl", [contract("K1", "1"), contract("K1", "2"), contract("K9", "1")].join("\n"));
    let said = desk.run("import subscriptions v.jsonl").await;
    said.is(Outcome::Refused).says("3 lines: 2 taken, 0 unchanged, 1 refused");
    assert!(desk.read("v.jsonl.errors.csv").contains("3,1,customer,there is no such customer"));
    tenant.api.get("/customers/K1/subscriptions/2").await.status(200);

    let document = |kind: &str, number: &str| {
        let mut facts = samples::document(kind, "K1");
        facts["type"] = kind.into();
        samples::line(number, facts)
    };
    let text = [document("offer", "AN1"), document("delivery-note", "LS1"), document("offer", "AN2")];
    desk.file("d.jsonl", text.join("\n"));
    desk.run("import documents d.jsonl").await.is(Outcome::Right).says("3 lines: 3 taken");
    tenant.api.get("/documents/delivery-note/LS1").await.status(200);
    let said = desk.run("import documents d.jsonl --type offer").await;
    said.is(Outcome::Refused).says("3 lines: 0 taken, 2 unchanged, 1 refused");
}

#[tokio::test]
async fn old_pdfs_go_to_the_documents_that_their_names_say() {
    let (_portal, tenant) = tenant().await;
    let tine = tenant.customer("K1", |_| {}).await;
    tine.invoice("RE1", |_| {}).await;
    let desk = Desk::of(&tenant);
    let pdf = samples::pdf();
    let files: [(&str, &[u8]); 4] =
        [("2019/Rechnung_RE1.pdf", &pdf), ("Rechnung_RE9.pdf", &pdf), ("list.txt", b"x"), ("Rechnung_RE1.PDF", b"%")];
    desk.file("old.zip", zip(&files));
    let said = desk.run("import pdfs old.zip --name Rechnung_{number}.pdf --parallel 1").await;
    said.is(Outcome::Refused).says("4 lines: 1 taken, 0 unchanged, 3 refused");
    let errors = desk.read("old.zip.errors.csv");
    assert!(errors.contains("2,Rechnung_RE9.pdf,number,there is no such document"), "{errors}");
    assert!(errors.contains("3,list.txt,pdf,must be called as --name says"), "{errors}");
    assert!(errors.contains("4,Rechnung_RE1.PDF,"), "{errors}");
}

#[tokio::test]
async fn another_tenants_host_takes_nothing() {
    let (portal, tenant) = tenant().await;
    let other = portal.tenant("stadtwerke-muster").await;
    let desk = Desk::of(&other).with_key(tenant.api.token());
    desk.file("k.csv", customers(1));
    let items = portal.items();
    let refused = desk.run("import customers k.csv").await.ended.unwrap_err().to_string();
    assert!(refused.contains("stadtwerke-muster.localhost:9000"), "{refused}");
    assert_eq!(portal.items(), items);
    assert!(!desk.path("k.csv.progress.json").exists());
}
