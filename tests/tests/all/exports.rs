//! What customers take along: everything that is kept about them, or their documents of a period; of nobody else, once however
//! often it is asked for, whole wherever a process ends, and for a week.

use std::{
    collections::BTreeMap,
    io::{Cursor, Read as _},
};

use domain::id::CustomerId;
use store::TenantStore;
use testkit::{Browser, Customer, HandedOut, Portal, Tenant, Value, faults::Kill, json, minutes, samples, seconds};
use zip::ZipArchive;

const EXPORT: &str = "/data/export";
const EXPORT_API: &str = "/api/v1/customer/export";
const BUNDLE: &str = "/documents.zip";
/// Most jobs of a kind that a customer may ask for in a day.
const A_DAY: usize = 5;

/// Two customers of one tenant, and one of another tenant who has the first one's number.
struct House {
    portal: Portal,
    tenant: Tenant,
    other: Tenant,
    tine: Customer,
    otto: Customer,
    namesake: Customer,
}

impl House {
    async fn built() -> Self {
        let portal = Portal::start().await;
        let tenant = portal.tenant("webhosting-ag").await;
        let other = portal.tenant("stadtwerke-muster").await;
        let tine = person(&tenant, "K5003", "Kanaria").await;
        let otto = person(&tenant, "K7007", "Fremdling").await;
        let namesake = person(&other, "K5003", "Nachbarin").await;
        Self { portal, tenant, other, tine, otto, namesake }
    }
}

/// A customer everything of which says a word: data, contract, invoice, offer, and a comment on it. The numbers are
/// `V-`, `RE-` and `AN-` with the customer's own.
pub(crate) async fn person(tenant: &Tenant, number: &str, word: &str) -> Customer {
    let company = format!("{word} GmbH");
    let customer = tenant
        .customer(number, |facts| {
            facts["company"] = company.as_str().into();
            facts["last_name"] = word.into();
            facts["email"] = format!("{}@example.net", word.to_lowercase()).into();
            facts["billing_address"]["line1"] = format!("{word}weg 1").into();
        })
        .await;
    customer.contract(&format!("V-{number}"), |facts| facts["plan"] = format!("Tarif {word}").into()).await;
    let invoice = |facts: &mut Value| {
        facts["buyer"]["company"] = company.as_str().into();
        facts["lines"][0]["description"] = format!("Hosting {word}").into();
    };
    customer.invoice(&format!("RE-{number}"), invoice).await.status(201);
    let offer = |facts: &mut Value| facts["subject"] = format!("Umzug für {word}").into();
    customer.document("offer", &format!("AN-{number}"), offer).await.status(201);
    let comment = json!({ "text": format!("Notiz für {word}") });
    tenant.api.post(&format!("/documents/offer/AN-{number}/comments"), &comment).await.status(201);
    customer
}

/// Lets the workers do whatever is due.
pub(crate) async fn work(portal: &Portal) {
    for _ in 0..3 {
        portal.worker.drain().await;
        portal.worker.minute().await;
        portal.clock.advance(minutes(1));
    }
}

/// A tenant's table as functions have it, and the customer in it.
pub(crate) async fn below(tenant: &Tenant, number: &str) -> (TenantStore, CustomerId) {
    let (portal, host) = (tenant.portal(), tenant.host());
    let process = portal.another_process().await;
    let host = host.split(':').next().unwrap();
    let found = process.store().tenant_of_host(host, portal.clock.now()).await.unwrap();
    let store = process.store().in_tenant(found.scope());
    let id = store.customer_id(&number.parse().unwrap()).await.unwrap().unwrap();
    (store, id)
}

/// A customer's id, which stands in keys only.
async fn id_of(tenant: &Tenant, number: &str) -> String {
    below(tenant, number).await.1.as_str().to_owned()
}

/// How many events of a kind the table holds.
fn told(portal: &Portal, kind: &str) -> usize {
    let events = portal.stored().into_iter().filter(|item| item["item_kind"]["S"] == "event");
    events.filter(|item| item["kind"]["S"] == kind).count()
}

/// The files of a ZIP, by name.
fn unpacked(zip: &HandedOut) -> BTreeMap<String, Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(zip.bytes.as_slice())).unwrap();
    let names: Vec<String> = archive.file_names().map(str::to_owned).collect();
    let mut files = BTreeMap::new();
    for name in names {
        let mut content = Vec::new();
        archive.by_name(&name).unwrap().read_to_end(&mut content).unwrap();
        files.insert(name, content);
    }
    files
}

fn says(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|window| window == word.as_bytes())
}

/// The file that a page leads to once it is ready.
async fn fetched(browser: &Browser, page: &str) -> HandedOut {
    let ready = browser.get(page).await.status(200).shows("Ihre Dateien sind fertig");
    browser.get(&ready.link_to("/files/")).await.status(303).file().await
}

/// The documents of October, as a page hands them out.
async fn october(portal: &Portal, browser: &Browser) -> BTreeMap<String, Vec<u8>> {
    browser.get(BUNDLE).await.status(200);
    browser.post(BUNDLE, &[("from", "2026-10-01"), ("to", "2026-10-31")]).await.redirects(BUNDLE);
    work(portal).await;
    browser.get(BUNDLE).await.status(200).shows("Belege vom 01.10.2026 bis 31.10.2026");
    let file = fetched(browser, BUNDLE).await;
    assert!(file.disposition.contains("Belege-2026-10-01-bis-2026-10-31-1.zip"), "{}", file.disposition);
    unpacked(&file)
}

/// One empty page that is as large as an upload may be.
fn large_pdf() -> Vec<u8> {
    let pdf = String::from_utf8(samples::pdf()).unwrap();
    pdf.replace("startxref", &format!("%{}\nstartxref", "x".repeat(4_000_000))).into_bytes()
}

#[tokio::test]
async fn an_export_holds_everything_of_its_customer_and_nothing_of_anybody_else() {
    let house = House::built().await;
    let browser = house.tine.login().await;
    browser.get(EXPORT).await.status(200).shows("Ihre Daten mitnehmen");
    browser.post(EXPORT, &[]).await.redirects(EXPORT);
    browser.get(EXPORT).await.status(200).shows("Wir stellen Ihre Dateien zusammen");
    work(&house.portal).await;
    let zip = fetched(&browser, EXPORT).await;
    assert!(zip.disposition.contains("Meine-Daten-2026-11-22-1.zip"), "{}", zip.disposition);
    let files = unpacked(&zip);
    for (file, word) in [
        ("customer.json", "Kanaria GmbH"),
        ("customer.json", "Kanariaweg 1"),
        ("customer.json", "kanaria@example.net"),
        ("customer.json", "K5003"),
        ("contracts.json", "Tarif Kanaria"),
        ("invoices.json", "Hosting Kanaria"),
        ("accounts.json", "119.00"),
        ("documents.json", "Umzug für Kanaria"),
        ("documents.json", "Notiz für Kanaria"),
        ("events.json", "export.requested"),
        ("sessions.json", "session"),
        ("files/Rechnung-RE-K5003.pdf", "%PDF-"),
        ("files/Rechnung-RE-K5003.xml", "Hosting Kanaria"),
        ("files/Angebot-AN-K5003.pdf", "%PDF-"),
    ] {
        let found = files.get(file).unwrap_or_else(|| panic!("{file} is missing: {:?}", files.keys()));
        assert!(says(found, word), "{file} does not say {word}");
    }
    for (name, json) in files.iter().filter(|(name, _)| name.ends_with(".json")) {
        let items: Value = serde_json::from_slice(json).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(items.as_array().is_some_and(|items| !items.is_empty()), "{name}");
    }
    let mut foreign = ["Fremdling", "fremdling", "K7007", "Nachbarin", "nachbarin"].map(str::to_owned).to_vec();
    foreign.push(id_of(&house.tenant, "K7007").await);
    foreign.push(id_of(&house.other, "K5003").await);
    for ((name, content), word) in files.iter().flat_map(|file| foreign.iter().map(move |word| (file, word))) {
        assert!(!name.contains(word.as_str()) && !says(content, word), "{name} says {word}");
    }
}

#[tokio::test]
async fn an_export_that_is_asked_for_twice_is_one() {
    let house = House::built().await;
    let (browser, program) = (house.tine.login().await, house.tine.token().await);
    assert_eq!(program.get(EXPORT_API).await.status(200).json(), json!({ "latest": null }));
    let ask = async || program.post(EXPORT_API, &json!({})).await.status(202).json();
    let (one, two) = tokio::join!(ask(), ask());
    assert_eq!(one["id"], two["id"]);
    browser.get(EXPORT).await.status(200);
    browser.post(EXPORT, &[]).await.redirects(EXPORT);
    let waiting = program.get(EXPORT_API).await.status(200).json();
    assert_eq!((&waiting["latest"]["id"], &waiting["latest"]["state"]), (&one["id"], &json!("waiting")), "{waiting}");
    work(&house.portal).await;
    assert_eq!((told(&house.portal, "export.requested"), told(&house.portal, "export.ready")), (1, 1));
    let done = program.get(EXPORT_API).await.status(200).json()["latest"].clone();
    assert_eq!((&done["id"], &done["state"], &done["percent"]), (&one["id"], &json!("done"), &json!(100)), "{done}");
    // Once it is done, another one may be asked for.
    assert_ne!(ask().await["id"], one["id"]);
}

#[tokio::test]
async fn so_many_exports_a_day_are_enough_and_the_next_one_is_told_so() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let tine = tenant.customer("K5003", |_| {}).await;
    let (browser, program) = (tine.login().await, tine.token().await);
    for _ in 0..A_DAY {
        program.post(EXPORT_API, &json!({})).await.status(202);
        work(&portal).await;
    }
    assert_eq!(told(&portal, "export.ready"), A_DAY);
    program.post(EXPORT_API, &json!({})).await.status(429).problem("too_many_requests");
    browser.get(EXPORT).await.status(200);
    browser.post(EXPORT, &[]).await.status(429).shows("Heute haben Sie schon oft Dateien zusammengestellt");
    assert_eq!(told(&portal, "export.requested"), A_DAY);
    // Documents of a period are counted apart.
    browser.post(BUNDLE, &[("from", "2026-10-01"), ("to", "2026-10-31")]).await.redirects(BUNDLE);
}

#[tokio::test]
async fn files_are_handed_out_to_whoever_asked_for_them_alone() {
    let house = House::built().await;
    let (browser, program) = (house.tine.login().await, house.tine.token().await);
    let id = program.post(EXPORT_API, &json!({})).await.status(202).json()["id"].as_str().unwrap().to_owned();
    let paths = [format!("/files/{id}/1"), format!("/api/v1/files/{id}/1")];
    browser.get(&paths[0]).await.status(404).problem("not_found");
    work(&house.portal).await;
    browser.get(&paths[0]).await.status(303);
    program.get(&paths[1]).await.status(303);
    for customer in [&house.otto, &house.namesake] {
        customer.login().await.get(&paths[0]).await.status(404).problem("not_found");
        let stranger = customer.token().await;
        stranger.get(&paths[1]).await.status(404).problem("not_found");
        assert_eq!(stranger.get(EXPORT_API).await.status(200).json(), json!({ "latest": null }));
    }
    let nobody = house.tenant.browser().get(&paths[0]).await.status(303);
    assert!(nobody.header("location").starts_with("/login"), "{}", nobody.header("location"));
    for wrong in [format!("/files/{id}/0"), format!("/files/{id}/2"), format!("/files/{id}/x"), "/files/job_1/1".into()]
    {
        browser.get(&wrong).await.status(404).problem("not_found");
    }
}

#[tokio::test]
async fn files_are_there_for_seven_days() {
    let house = House::built().await;
    let program = house.tine.token().await;
    program.post(EXPORT_API, &json!({})).await.status(202);
    work(&house.portal).await;
    let latest = program.get(EXPORT_API).await.status(200).json()["latest"].clone();
    let until: jiff::Timestamp = latest["files_until"].as_str().unwrap().parse().unwrap();
    let asked_at: jiff::Timestamp = latest["asked_at"].as_str().unwrap().parse().unwrap();
    assert!(until.duration_since(asked_at) >= testkit::hours(7 * 24), "{latest}");
    let path = latest["files"][0]["url"].as_str().unwrap().trim_start_matches("/api/v1").to_owned();
    house.portal.clock.advance(until.duration_since(house.portal.clock.now()) - seconds(1));
    let browser = house.tine.login().await;
    browser.get(&path).await.status(303).file().await;
    house.portal.clock.advance(seconds(1));
    browser.get(&path).await.status(410).problem("gone");
    browser.get(EXPORT).await.status(200).shows("sind gelöscht").shows("Neu zusammenstellen");
    let late = house.tine.token().await.get(EXPORT_API).await.status(200).json();
    assert_eq!(late["latest"]["files"], json!([]), "{late}");
}

#[tokio::test]
async fn an_export_of_several_files_is_whole_wherever_a_process_that_is_doubled_ends() {
    const OFFERS: usize = 12;
    let portal = Portal::behind_faults(43).await;
    let tenant = portal.tenant("webhosting-ag").await;
    let tine = tenant.customer("K5003", |_| {}).await;
    for n in 0..OFFERS {
        let number = format!("AN{n:02}");
        tine.document("offer", &number, |facts| facts["issued_on"] = format!("2026-11-{:02}", n + 1).into()).await;
        // What one file may hold is full with the first step's four.
        let pdf = if n < 4 { large_pdf() } else { samples::pdf() };
        let path = format!("/documents/offer/{number}/pdf");
        portal.ask(tenant.api.request("PUT", &path).body("application/pdf", pdf)).await.status(204);
    }
    let program = tine.token().await;
    program.post(EXPORT_API, &json!({})).await.status(202);
    let (first, second) = (portal.another_writer().await, portal.another_writer().await);
    let (mut killed, minute) = (0, json!({}));
    for (call, kill) in [
        (4, Kill::Before),
        (25, Kill::After),
        (45, Kill::Before),
        (55, Kill::After),
        (65, Kill::Before),
        (12, Kill::After),
    ] {
        let twice = async {
            let (one, other) = tokio::join!(first.on_event(&minute), second.on_event(&minute));
            (one.unwrap(), other.unwrap())
        };
        killed += usize::from(portal.dynamodb().killing_at(call, kill, twice).await.is_none());
        portal.clock.advance(minutes(2));
    }
    assert!(killed >= 3, "it was killed {killed} times");
    let mut latest = Value::Null;
    for _ in 0..10 {
        latest = program.get(EXPORT_API).await.status(200).json()["latest"].clone();
        if latest["state"] == "done" {
            break;
        }
        portal.worker.minute().await;
        portal.clock.advance(minutes(2));
    }
    assert_eq!(latest["state"], "done", "{latest}");
    let files = latest["files"].as_array().unwrap();
    assert_eq!(files.len(), 2, "{latest}");
    let mut offers = Vec::new();
    for file in files {
        let zip = program.get(file["url"].as_str().unwrap()).await.status(303).file().await;
        let unpacked = unpacked(&zip);
        assert_eq!((json!(zip.bytes.len()), json!(unpacked.len())), (file["size"].clone(), file["files"].clone()));
        offers.extend(unpacked.into_keys().filter(|name| name.starts_with("files/")));
    }
    offers.sort();
    let wanted: Vec<String> = (0..OFFERS).map(|n| format!("files/Angebot-AN{n:02}.pdf")).collect();
    assert_eq!(offers, wanted, "each once");
    assert_eq!((told(&portal, "export.requested"), told(&portal, "export.ready")), (1, 1));
}

#[tokio::test]
async fn documents_of_a_period_come_as_one_file_with_a_list() {
    let house = House::built().await;
    let tine = &house.tine;
    for (number, day) in [("RE1", "2026-09-30"), ("RE2", "2026-10-01"), ("RE3", "2026-10-31"), ("RE4", "2026-11-01")] {
        tine.invoice(number, |facts| facts["issued_on"] = day.into()).await.status(201);
    }
    for (kind, number, day) in [("offer", "AN1", "2026-10-10"), ("credit-note", "GS1", "2026-10-15")] {
        tine.document(kind, number, |facts| facts["issued_on"] = day.into()).await.status(201);
    }
    house.otto.invoice("RE5", |facts| facts["issued_on"] = "2026-10-15".into()).await.status(201);
    let browser = tine.login().await;
    browser.get(BUNDLE).await.status(200).shows("Belege herunterladen");
    for (from, to) in [("2026-10-31", "2026-10-01"), ("", "2026-10-31"), ("2026-10-01", "bald")] {
        let page = browser.post(BUNDLE, &[("from", from), ("to", to)]).await.status(422);
        page.shows("Geben Sie zwei Tage ein");
    }
    let files = october(&house.portal, &browser).await;
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    let wanted = [
        "Angebot-AN1.pdf",
        "Gutschrift-GS1.pdf",
        "Gutschrift-GS1.xml",
        "Rechnung-RE2.pdf",
        "Rechnung-RE2.xml",
        "Rechnung-RE3.pdf",
        "Rechnung-RE3.xml",
        "index.csv",
    ];
    assert_eq!(names, wanted);
    for name in names.iter().filter(|name| name.ends_with(".pdf")) {
        assert!(files[*name].starts_with(b"%PDF-"), "{name}");
    }
    let index = String::from_utf8(files["index.csv"].clone()).unwrap();
    let rows: Vec<&str> = index.lines().skip(1).collect();
    assert_eq!(
        rows,
        [
            "Rechnung;RE2;01.10.2026;119,00;EUR;Rechnung-RE2.pdf",
            "Rechnung;RE3;31.10.2026;119,00;EUR;Rechnung-RE3.pdf",
            "Angebot;AN1;10.10.2026;119,00;EUR;Angebot-AN1.pdf",
            "Gutschrift;GS1;15.10.2026;119,00;EUR;Gutschrift-GS1.pdf",
        ]
    );
    // What is not released is in no file.
    house.tenant.settings("documents", &json!({ "types": ["invoice"] })).await.status(200);
    house.portal.clock.advance(seconds(61));
    let files = october(&house.portal, &browser).await;
    let kinds: Vec<&str> = files.keys().filter_map(|name| name.split('-').next()).collect();
    assert_eq!(kinds, ["Rechnung", "Rechnung", "Rechnung", "Rechnung", "index.csv"]);
}
