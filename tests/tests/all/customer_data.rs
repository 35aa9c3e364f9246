//! Customers change their data and keep billing addresses: what they type is checked, told to staff field by field, and never
//! lost to somebody who was faster.

use testkit::{Answer, Api, Browser, Customer, Portal, Tenant, Value, json, minutes, samples};

struct House {
    portal: Portal,
    tenant: Tenant,
    tine: Customer,
}

impl House {
    async fn built() -> Self {
        let portal = Portal::start().await;
        let tenant = portal.tenant("webhosting-ag").await;
        let tine = tenant.customer("K5003", |_| {}).await;
        Self { portal, tenant, tine }
    }

    /// What happened of this kind, oldest first.
    async fn told(&self, kind: &str) -> Vec<Value> {
        self.portal.clock.advance(minutes(1));
        let events = self.tenant.api.get("/events?limit=100").await.status(200).json();
        let items = events["items"].as_array().unwrap().iter();
        items.filter(|event| event["kind"] == kind).cloned().collect()
    }

    /// Opens an area so far, and waits until every process knows it.
    async fn opens(&self, areas: Value) {
        self.tenant.settings("areas", &areas).await.status(200);
        self.portal.clock.advance(minutes(2));
    }

    async fn patch(&self, program: &Api, path: &str, etag: Option<&str>, body: &Value) -> Answer {
        let request = program.request("PATCH", path);
        let request = match etag {
            Some(etag) => request.header("if-match", etag),
            None => request,
        };
        self.portal.ask(request.json(body)).await
    }
}

/// Sends the form as it stands there, with these fields changed.
async fn saves(browser: &Browser, rev: &str, fields: &[(&str, &str)]) -> Answer {
    browser.post("/data/edit", &[&[("rev", rev)], fields].concat()).await
}

async fn rev_of(browser: &Browser) -> String {
    browser.get("/data/edit").await.status(200).field("rev")
}

/// Adds a billing address and answers where it is.
async fn adds(browser: &Browser, name: &str) -> String {
    let id = browser.get("/data/addresses/new").await.status(200).field("id");
    let fields = [
        ("id", id.as_str()),
        ("name", name),
        ("line1", "Nebenweg 2"),
        ("postal_code", "1010"),
        ("city", "Wien"),
        ("country", "AT"),
    ];
    browser.post("/data/addresses/new", &fields).await.redirects("/data/addresses");
    format!("/data/addresses/{id}")
}

/// Field, before and after.
fn changes(event: &Value) -> Vec<(&str, &str, &str)> {
    fn text<'a>(change: &'a Value, name: &str) -> &'a str {
        change[name].as_str().unwrap()
    }
    let listed = event["changes"].as_array().unwrap().iter();
    listed.map(|change| (text(change, "field"), text(change, "from"), text(change, "to"))).collect()
}

#[tokio::test]
async fn what_a_customer_changes_is_saved_and_told_field_by_field() {
    let house = House::built().await;
    let browser = house.tine.login().await;
    browser.get("/data").await.status(200).shows("Daten ändern").hides("Für eine Änderung der Daten");
    let rev = rev_of(&browser).await;
    let fields = [
        ("phone1", " +49 441 123456 "),
        ("line2", "Hinterhaus"),
        ("postal_code", "1012ab"),
        ("country", "NL"),
        ("invoice_email", "Rechnung@Example.org"),
        ("vat_id", "de 123 456 788"),
    ];
    saves(&browser, &rev, &fields).await.redirects("/data");
    let page = browser.get("/data").await.status(200).shows("Gespeichert.").shows("+49 441 123456");
    page.shows("1012 AB").shows("Niederlande").shows("Rechnung@example.org").shows("DE123456788");
    let told = house.told("customer.updated").await;
    assert_eq!(told.len(), 1);
    let wanted = [
        ("phone1", "", "+49 441 123456"),
        ("invoice_email", "", "Rechnung@example.org"),
        ("vat_id", "", "DE123456788"),
        ("billing_address.line2", "", "Hinterhaus"),
        ("billing_address.postal_code", "56789", "1012 AB"),
        ("billing_address.country", "DE", "NL"),
    ];
    assert_eq!(changes(&told[0]), wanted);
    assert_eq!((&told[0]["actor"], &told[0]["way"]), (&json!("customer"), &json!("page")));
    let loaded = house.tenant.api.get("/customers/K5003").await.status(200).json();
    assert_eq!((&loaded["phone1"], &loaded["vat_id"]), (&json!("+49 441 123456"), &json!("DE123456788")));
}

#[tokio::test]
async fn what_is_wrong_is_told_beside_its_field_and_nothing_is_lost() {
    let house = House::built().await;
    let browser = house.tine.login().await;
    let rev = rev_of(&browser).await;
    let fields = [
        ("first_name", "Annegret"),
        ("last_name", "Ti\u{202e}ne"),
        ("company", "Gewinn: www.example.net"),
        ("postal_code", "5678"),
        ("city", ""),
        ("phone1", "Büro"),
        ("invoice_email", "rechnung@"),
        ("vat_id", "DE123456789"),
        ("country", "DE"),
    ];
    let page = saves(&browser, &rev, &fields).await.status(422);
    let text = page.text();
    for sentence in [
        "Geben Sie die PLZ mit 5 Ziffern ein, zum Beispiel 56789.",
        "Entfernen Sie die unsichtbaren Zeichen aus „Nachname“.",
        "Lassen Sie die Internetadresse in „Firma“ weg.",
        "Füllen Sie „Ort“ aus.",
        "Geben Sie bei „Telefon 1“ eine Telefonnummer mit 5 bis 15 Ziffern ein",
        "Geben Sie eine E-Mail-Adresse wie name@example.org ein.",
        "Diese EU-USt-IdNr. hat eine falsche Prüfziffer. Bitte vergleichen Sie sie mit Ihrem Bescheid.",
    ] {
        assert_eq!(text.matches(sentence).count(), 2, "above the form and beside its field: {sentence}");
    }
    let html = page.html();
    for typed in ["Annegret", "5678", "Büro", "rechnung@", "DE123456789", "Exempel Gasse 1"] {
        assert!(html.contains(&format!("value=\"{typed}\"")), "{typed} is lost");
    }
    assert_eq!(page.field("rev"), rev);
    browser.get("/data").await.hides("Annegret").shows("56789");
    assert!(house.told("customer.updated").await.is_empty());
}

#[tokio::test]
async fn what_a_browser_adds_to_a_form_changes_nothing() {
    let house = House::built().await;
    let browser = house.tine.login().await;
    let rev = rev_of(&browser).await;
    let added = [("extension", "1"), ("extension", "2"), ("autofill", "")];
    saves(&browser, &rev, &[&[("city", "Neustadt")], &added[..]].concat()).await.redirects("/data");
    let told = house.told("customer.updated").await;
    assert_eq!(changes(&told[0]), [("billing_address.city", "Rosahausen", "Neustadt")]);
    let address = adds(&browser, "Buchhaltung").await;
    let rev = browser.get(&address).await.status(200).field("rev");
    let fields = [&[("rev", rev.as_str()), ("name", "Einkauf")], &added[..]].concat();
    browser.post(&address, &fields).await.redirects("/data/addresses");
    browser.get("/data/addresses").await.shows("Einkauf");
}

#[tokio::test]
async fn saving_what_is_there_writes_nothing() {
    let house = House::built().await;
    let browser = house.tine.login().await;
    let rev = rev_of(&browser).await;
    let items = house.portal.items();
    let same = [("salutation", "frau"), ("city", " Rosahausen "), ("country", "DE"), ("phone1", "")];
    saves(&browser, &rev, &same).await.redirects("/data");
    assert_eq!((house.portal.items(), rev_of(&browser).await), (items, rev.clone()));
    // Sent twice: once.
    for _ in 0..2 {
        saves(&browser, &rev, &[("city", "Neustadt")]).await.redirects("/data");
    }
    assert_eq!(house.told("customer.updated").await.len(), 1);
}

#[tokio::test]
async fn what_an_integrator_loaded_keeps_nothing_else_from_being_saved() {
    let house = House::built().await;
    let odd = |facts: &mut Value| {
        facts["phone1"] = "im Büro fragen".into();
        facts["vat_id"] = "DE123456789".into();
        facts["billing_address"] = json!({ "postal_code": "1", "country": "XX" });
    };
    house.tenant.customer("K5003", odd).await;
    house.portal.clock.advance(minutes(1));
    let browser = house.tine.login().await;
    let form = browser.get("/data/edit").await.status(200);
    assert!(form.html().contains("<option value=\"XX\" selected>"), "an odd country stays");
    let fields = [
        ("first_name", "Annegret"),
        ("phone1", "im Büro fragen"),
        ("vat_id", "DE123456789"),
        ("postal_code", "1"),
        ("country", "XX"),
    ];
    saves(&browser, &form.field("rev"), &fields).await.redirects("/data");
    browser.get("/data").await.shows("Annegret").shows("im Büro fragen");
    let told = house.told("customer.updated").await;
    let fields: Vec<&str> = changes(&told[0]).into_iter().map(|(field, ..)| field).collect();
    assert_eq!(
        fields,
        [
            "phone1",
            "vat_id",
            "billing_address.line1",
            "billing_address.postal_code",
            "billing_address.city",
            "billing_address.country"
        ]
    );
    assert_eq!((&told[0]["actor"], told[0].get("way")), (&json!("integrator"), None));
    assert_eq!(changes(&told[1]), [("first_name", "Exemplus", "Annegret")]);
}

#[tokio::test]
async fn of_two_people_at_once_nobody_loses_anything() {
    let house = House::built().await;
    let (mine, theirs) = (house.tine.login().await, house.tine.login().await);
    let (my_rev, their_rev) = (rev_of(&mine).await, rev_of(&theirs).await);
    saves(&theirs, &their_rev, &[("city", "Neustadt"), ("salutation", "")]).await.redirects("/data");
    let typed = [("company", "Neue GmbH"), ("city", "Rosahausen"), ("salutation", "frau"), ("country", "DE")];
    let page = saves(&mine, &my_rev, &typed).await.status(409);
    let text = page.text();
    assert_eq!(text.matches("Inzwischen gespeichert: Neustadt").count(), 2);
    assert_eq!(text.matches("Inzwischen gespeichert: Firma K5003").count(), 2);
    assert_eq!(text.matches("Inzwischen gespeichert: kein Eintrag").count(), 2);
    assert!(!text.contains("Inzwischen gespeichert: Deutschland"), "what is the same is not told");
    assert!(page.html().contains("value=\"Neue GmbH\"") && page.html().contains("value=\"Rosahausen\""));
    mine.get("/data").await.shows("Neustadt").hides("Neue GmbH");
    let new_rev = page.field("rev");
    assert_ne!(new_rev, my_rev);
    saves(&mine, &new_rev, &typed).await.redirects("/data");
    mine.get("/data").await.shows("Neue GmbH").shows("Rosahausen").hides("Neustadt");
    // The tenant's own system counts as somebody, too.
    let rev = rev_of(&mine).await;
    house.tenant.customer("K5003", |facts| facts["mobile"] = "0171 1234567".into()).await;
    saves(&mine, &rev, &[("mobile", "0172 7654321")]).await.status(409).shows("Inzwischen gespeichert: 0171 1234567");
}

#[tokio::test]
async fn an_area_on_view_shows_data_and_changes_nothing() {
    let house = House::built().await;
    let (browser, program) = (house.tine.login().await, house.tine.token().await);
    let address = adds(&browser, "Buchhaltung").await;
    house.opens(json!({ "data": "view", "billing_addresses": "view" })).await;
    let page = browser.get("/data").await.status(200).hides("Daten ändern").hides("/data/edit").hides("/data/email");
    page.shows("Hier sehen Sie die bei uns hinterlegten Kundendaten. Für eine Änderung der Daten nehmen Sie bitte Kontakt mit uns auf.");
    browser.get("/data/edit").await.status(404);
    saves(&browser, "1", &[("city", "Neustadt")]).await.status(404);
    let seen = program.get("/api/v1/customer").await.status(200);
    house.patch(&program, "/api/v1/customer", Some(seen.header("etag")), &json!({ "phone1": null })).await.status(404);
    browser.get("/data/addresses").await.status(200).shows("Buchhaltung").hides("hinzufügen").hides("Entfernen");
    for path in ["/data/addresses/new", &address, &format!("{address}/remove")] {
        browser.get(path).await.status(404);
        browser.post(path, &[]).await.status(404);
    }
    browser.post(&format!("{address}/default"), &[]).await.status(404);
    program.post("/api/v1/addresses", &samples::address()).await.status(404);
    program.get("/api/v1/addresses").await.status(200).shows("Buchhaltung");
    browser.get("/").await.shows("Rechnungsadressen");
    house.opens(json!({ "billing_addresses": "off" })).await;
    browser.get("/data/addresses").await.status(404);
    browser.get("/").await.status(200).hides("Rechnungsadressen");
    program.get("/api/v1/addresses").await.status(404);
}

#[tokio::test]
async fn where_data_are_off_their_address_is_neither_shown_nor_chosen() {
    let house = House::built().await;
    let browser = house.tine.login().await;
    let address = adds(&browser, "Buchhaltung").await;
    browser.get("/data").await.status(200).shows("Angemeldete Geräte");
    browser.get("/").await.status(200).hides("Angemeldete Geräte");
    house.opens(json!({ "data": "off" })).await;
    let shut = browser.get("/data/addresses").await.status(200).shows("Buchhaltung").hides("aus Ihren Daten");
    shut.hides("Exempel Gasse 1").hides("/data/edit");
    browser.post(&format!("{address}/default"), &[]).await.redirects("/data/addresses");
    browser.post("/data/addresses/main/default", &[]).await.status(404);
    assert_eq!(house.told("address.default_changed").await.len(), 1);
    let other = adds(&browser, "Einkauf").await;
    browser.post(&format!("{other}/default"), &[]).await.redirects("/data/addresses");
    browser.post(&format!("{address}/remove"), &[]).await.redirects("/data/addresses");
    let start = browser.get("/").await.status(200).shows("Angemeldete Geräte");
    browser.get(&start.link_to("/sessions")).await.status(200);
    house.opens(json!({ "data": "view" })).await;
    browser.get("/data/addresses").await.shows("aus Ihren Daten").shows("Exempel Gasse 1");
    browser.post("/data/addresses/main/default", &[]).await.redirects("/data/addresses");
}

#[tokio::test]
async fn a_program_says_which_revision_it_changes() {
    let house = House::built().await;
    let program = house.tine.token().await;
    let path = "/api/v1/customer";
    let first = program.get(path).await.status(200).header("etag").to_owned();
    let body = json!({ "phone1": "0441 123456", "company": null, "billing_address": { "city": "Neustadt" } });
    house.patch(&program, path, None, &body).await.status(428).problem("precondition_required");
    let saved = house.patch(&program, path, Some(&first), &body).await.status(200);
    let second = saved.header("etag").to_owned();
    assert_ne!(first, second);
    let customer = saved.json();
    assert_eq!((&customer["phone1"], customer.get("company")), (&json!("0441 123456"), None));
    let address = json!({ "line1": "Exempel Gasse 1", "postal_code": "56789", "city": "Neustadt", "country": "DE" });
    assert_eq!(customer["billing_address"], address);
    // The same once more is there already, something else is too late.
    house.patch(&program, path, Some(&first), &body).await.status(200).has("etag", &second);
    let other = json!({ "phone1": "0441 654321" });
    house.patch(&program, path, Some(&first), &other).await.status(412).problem("stale");
    house.patch(&program, path, Some("rubbish"), &other).await.status(412).problem("stale");
    let told = house.told("customer.updated").await;
    assert_eq!((told.len(), &told[0]["way"]), (1, &json!("api")));
    for (body, field) in [
        (json!({ "billing_address": { "postal_code": "1" } }), "billing_address.postal_code"),
        (json!({ "vat_id": "DE123456789" }), "vat_id"),
        (json!({ "salutation": "dame" }), "salutation"),
        (json!({ "company": "https://example.net" }), "company"),
        (json!({ "billing_address": { "city": "Neu\u{200b}stadt" } }), "billing_address.city"),
        (json!({ "last_name": null, "company": null }), "last_name"),
    ] {
        let refused = house.patch(&program, path, Some(&second), &body).await.status(422).json();
        assert_eq!(refused["errors"][0]["field"], field, "{refused}");
    }
    for body in [json!({ "tax_region": "third_country" }), json!({ "number": "K1" }), json!({ "email": "a@b.example" })]
    {
        house.patch(&program, path, Some(&second), &body).await.status(422).shows("unknown_field");
    }
    let emptied =
        house.patch(&program, path, Some(&second), &json!({ "billing_address": null })).await.status(200).json();
    assert_eq!(emptied["billing_address"], json!({}));
}

#[tokio::test]
async fn markup_stays_text() {
    let house = House::built().await;
    let browser = house.tine.login().await;
    let markup = "<img src=x onerror=alert(1)>\"'{{ 7 }}";
    let rev = rev_of(&browser).await;
    saves(&browser, &rev, &[("company", markup), ("city", markup)]).await.redirects("/data");
    adds(&browser, markup).await;
    for path in ["/data", "/data/edit", "/data/addresses", "/"] {
        let page = browser.get(path).await.status(200);
        assert!(!page.html().contains("<img src=x"), "{path} has markup of a customer");
    }
    browser.get("/data").await.shows(markup);
    browser.get("/data/addresses").await.shows(markup);
}

#[tokio::test]
async fn an_address_is_added_once_becomes_the_default_and_goes() {
    let house = House::built().await;
    let browser = house.tine.login().await;
    let list = browser.get("/data/addresses").await.status(200).shows("Exempel Gasse 1").shows("Standard").html();
    assert_eq!(list.matches("aria-current=\"page\"").count(), 1, "the menu says where one is, once");
    assert!(list.contains("href=\"/data/addresses\" aria-current=\"page\""));
    let id = browser.get("/data/addresses/new").await.status(200).field("id");
    let empty = browser.post("/data/addresses/new", &[("id", id.as_str()), ("city", "Wien")]).await.status(422);
    empty.clone().shows("Geben Sie eine Firma oder einen Namen ein.").shows("Füllen Sie „Adresse 1“ aus.");
    assert!(empty.html().contains("value=\"Wien\"") && empty.field("id") == id);
    let mut fields = vec![("id", id.as_str()), ("name", "Buchhaltung"), ("line1", "Nebenweg 2")];
    fields.extend([("postal_code", "1010"), ("city", "Wien"), ("country", "AT")]);
    for _ in 0..2 {
        browser.post("/data/addresses/new", &fields).await.redirects("/data/addresses");
    }
    let listed = browser.get("/data/addresses").await.status(200).text();
    assert_eq!(listed.matches("Nebenweg 2").count(), 1, "sent twice it is one");
    let address = format!("/data/addresses/{id}");
    browser.post(&format!("{address}/default"), &[]).await.redirects("/data/addresses");
    browser.get("/data").await.shows("Für künftige Verträge und Rechnungen gilt eine andere Rechnungsadresse.");
    let customer = house.tenant.api.get("/customers/K5003").await.json();
    assert_eq!(customer["default_address"], json!(id));
    let kept = house.tenant.api.get("/customers/K5003/addresses").await.status(200).json();
    assert_eq!((&kept["items"][0]["is_default"], &kept["items"][0]["address"]["city"]), (&json!(true), &json!("Wien")));
    // The default stays until another one is.
    browser.get(&format!("{address}/remove")).await.status(200).shows("Das ist Ihre Standard-Adresse.");
    browser.post(&format!("{address}/remove"), &[]).await.status(422).shows("Verwenden Sie zuerst eine andere Adresse");
    browser.post("/data/addresses/main/default", &[]).await.redirects("/data/addresses");
    browser.get(&format!("{address}/remove")).await.status(200).shows("Buchhaltung").shows("Nebenweg 2");
    for _ in 0..2 {
        browser.post(&format!("{address}/remove"), &[]).await.redirects("/data/addresses");
    }
    browser.get("/data/addresses").await.hides("Nebenweg 2");
    browser.get(&address).await.status(404);
    browser.post(&format!("{address}/default"), &[]).await.status(404);
    for (kind, count) in [("address.created", 1), ("address.default_changed", 2), ("address.removed", 1)] {
        assert_eq!(house.told(kind).await.len(), count, "{kind}");
    }
    let removed = house.told("address.removed").await;
    assert_eq!(changes(&removed[0]).first(), Some(&("name", "Buchhaltung", "")));
    assert_eq!(house.portal.items_like("A#ADDR#"), 0, "nothing personal is left");
}

#[tokio::test]
async fn two_people_change_one_address() {
    let house = House::built().await;
    let browser = house.tine.login().await;
    let address = adds(&browser, "Buchhaltung").await;
    let rev = browser.get(&address).await.status(200).field("rev");
    browser
        .post(&address, &[("rev", rev.as_str()), ("city", "Graz"), ("postal_code", "8010")])
        .await
        .redirects("/data/addresses");
    let late =
        browser.post(&address, &[("rev", rev.as_str()), ("name", "Einkauf"), ("city", "Wien")]).await.status(409);
    assert!(late.html().contains("value=\"Einkauf\""));
    let rev = late.clone().shows("Inzwischen gespeichert: Graz").field("rev");
    let wrong = browser.post(&address, &[("rev", rev.as_str()), ("country", "DE")]).await.status(422);
    wrong.shows("Geben Sie die PLZ mit 5 Ziffern ein, zum Beispiel 56789.");
    browser.post(&address, &[("rev", rev.as_str()), ("name", "Einkauf")]).await.redirects("/data/addresses");
    browser.get("/data/addresses").await.shows("Einkauf").shows("8010 Graz");
    let told = house.told("address.updated").await;
    // In a test both happen at one moment.
    assert!(told.iter().any(|one| changes(one) == [("name", "Buchhaltung", "Einkauf")]), "{told:?}");
}

#[tokio::test]
async fn programs_keep_addresses_too() {
    let house = House::built().await;
    let program = house.tine.token().await;
    let path = "/api/v1/addresses";
    let create = async |key: &str, body: &Value| {
        house.portal.ask(program.request("POST", path).header("idempotency-key", key).json(body)).await
    };
    let made = create("one", &samples::address()).await.status(201).json();
    assert_eq!(create("one", &samples::address()).await.status(201).json(), made);
    let other = json!({ "name": "Einkauf", "address": samples::address()["address"] });
    create("one", &other).await.status(422).shows("key_reused");
    let second = program.post(path, &other).await.status(201).json();
    let listed = program.get(path).await.status(200).json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
    let one = format!("{path}/{}", second["id"].as_str().unwrap());
    let etag = program.get(&one).await.status(200).header("etag").to_owned();
    let change = json!({ "address": { "city": "Graz", "postal_code": "8010" }, "is_default": true });
    house.patch(&program, &one, None, &change).await.status(428);
    let changed = house.patch(&program, &one, Some(&etag), &change).await.status(200).json();
    assert_eq!((&changed["address"]["city"], &changed["is_default"]), (&json!("Graz"), &json!(true)));
    let late = json!({ "name": "Zu spät" });
    house.patch(&program, &one, Some(&etag), &late).await.status(412).problem("stale");
    let customer = program.get("/api/v1/customer").await.json();
    assert_eq!(customer["default_address"], second["id"]);
    program.delete(&one, &json!({})).await.status(409).shows("in_use");
    let etag = program.get(&one).await.header("etag").to_owned();
    let plain = house.patch(&program, &one, Some(&etag), &json!({ "is_default": false })).await.status(200).json();
    assert_eq!(plain["is_default"], json!(false));
    for _ in 0..2 {
        program.delete(&one, &json!({})).await.status(204);
    }
    program.get(&one).await.status(404);
    let refused = program.post(path, &json!({ "name": "Einkauf" })).await.status(422).json();
    assert_eq!(refused["errors"][0]["field"], "address.line1", "{refused}");
}

#[tokio::test]
async fn an_address_is_its_customers_alone() {
    let house = House::built().await;
    let address = adds(&house.tine.login().await, "Buchhaltung").await;
    let id = address.rsplit('/').next().unwrap().to_owned();
    let anna = house.tenant.customer("K2", |_| {}).await;
    let neighbour = house.portal.tenant("stadtwerke-muster").await;
    let stranger = neighbour.customer("K5003", |_| {}).await;
    for other in [anna, stranger] {
        let (browser, program) = (other.login().await, other.token().await);
        browser.get("/data/addresses").await.status(200).hides("Buchhaltung");
        for path in [address.clone(), format!("{address}/remove")] {
            browser.get(&path).await.status(404);
            browser.post(&path, &[("name", "x")]).await.status(404);
        }
        browser.post(&format!("{address}/default"), &[]).await.status(404);
        let path = format!("/api/v1/addresses/{id}");
        program.get(&path).await.status(404);
        house.patch(&program, &path, Some("\"1\""), &json!({ "name": "x" })).await.status(404);
        program.delete(&path, &json!({})).await.status(404);
    }
    house.tine.login().await.get("/data/addresses").await.shows("Buchhaltung");
}

#[tokio::test]
async fn of_many_addresses_at_once_no_more_than_twenty_are_kept() {
    let house = House::built().await;
    let program = house.tine.token().await;
    let (path, address, most) = ("/api/v1/addresses", samples::address(), domain::address::MAX_ADDRESSES);
    let answers = futures_util::future::join_all((0..30).map(|_| program.post(path, &address))).await;
    let made = answers.iter().filter(|answer| answer.code() == 201).count();
    assert!((1..=most).contains(&made), "{made}");
    let listed = program.get(path).await.status(200).json()["items"].clone();
    assert_eq!(listed.as_array().unwrap().len(), made, "whoever was told so has one, and nobody else");
    for _ in made..most {
        program.post(path, &address).await.status(201);
    }
    program.post(path, &address).await.status(422).shows("too_many");
    // What goes makes room.
    program.delete(&format!("{path}/{}", listed[0]["id"].as_str().unwrap()), &json!({})).await.status(204);
    program.post(path, &address).await.status(201);
    program.post(path, &address).await.status(422).shows("too_many");
}

#[tokio::test]
async fn a_customer_keeps_twenty_further_addresses_and_no_more() {
    let house = House::built().await;
    let (browser, program) = (house.tine.login().await, house.tine.token().await);
    for _ in 0..domain::address::MAX_ADDRESSES {
        program.post("/api/v1/addresses", &samples::address()).await.status(201);
    }
    program.post("/api/v1/addresses", &samples::address()).await.status(422).shows("too_many");
    browser.get("/data/addresses").await.shows("mehr sind nicht möglich").hides("Rechnungsadresse hinzufügen");
    let fields =
        [("name", "Einkauf"), ("line1", "Weg 1"), ("postal_code", "1010"), ("city", "Wien"), ("country", "AT")];
    let refused = browser.post("/data/addresses/new", &fields).await.status(422);
    refused.clone().shows("Entfernen Sie zuerst eine.");
    assert!(refused.html().contains("value=\"Einkauf\""));
}
