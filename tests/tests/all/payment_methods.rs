//! Ways to pay that customers keep: added, by link too, made the default, charged, used by contracts, and taken away.

use testkit::{Answer, Browser, Customer, Portal, Tenant, Value, json, samples};

struct House {
    portal: Portal,
    tenant: Tenant,
    tine: Customer,
}

impl House {
    /// A tenant with the sandbox provider, one open invoice of 119.00 € and two contracts.
    async fn built() -> Self {
        let portal = Portal::start().await;
        let tenant = portal.tenant("webhosting-ag").await;
        tenant.settings("payments", &json!({ "methods": ["sandbox", "bank_transfer"] })).await.status(200);
        let tine = tenant.customer("K5003", |_| {}).await;
        tine.invoice("RE1", |_| {}).await;
        for number in ["1", "2"] {
            tine.contract(number, |_| {}).await;
        }
        Self { portal, tenant, tine }
    }

    async fn pay_all(&self, browser: &Browser, choice: &str) -> Answer {
        let check =
            browser.get(&format!("/settle?step=check&how=part&invoice=RE1&amount=119.00&method={choice}")).await;
        let path = check.status(303).header("location").to_owned();
        browser.get(&path).await.status(200).shows("Sie zahlen jetzt");
        browser.post(&path, &[("credit", "0.00")]).await.status(303)
    }

    async fn events(&self) -> Vec<Value> {
        let events = self.tenant.api.get("/events?limit=100").await.status(200).json();
        events["items"].as_array().unwrap().clone()
    }

    async fn open(&self) -> Value {
        self.tenant.api.get("/invoices/RE1").await.json()["state"]["open"].clone()
    }

    async fn link(&self, methods: Value) -> String {
        let body = json!({ "purpose": "add_method", "customer": "K5003", "methods": methods });
        let link = self.tenant.api.post("/links", &body).await.status(201).json();
        let url = link["url"].as_str().unwrap().to_owned();
        url[url.find("/payment-methods").unwrap()..].to_owned()
    }
}

#[tokio::test]
async fn a_way_to_pay_is_kept_once_and_becomes_the_default() {
    let house = House::built().await;
    let browser = house.tine.login().await;
    browser.get("/payment-methods").await.status(200).shows("Noch keine Zahlungsmethode");
    let id = house.tine.keeps(&browser, "pays", &[("as_default", "1"), ("for_contracts", "1")]).await;
    browser
        .get("/payment-methods")
        .await
        .shows("Testzahlung, zahlt sofort")
        .shows("Standard")
        .shows("für Vertrag 1, 2");
    browser.get("/contracts/1").await.status(200).shows("Testzahlung, zahlt sofort");
    let program = house.tine.token().await;
    let listed = program.get("/api/v1/payment-methods").await.status(200).json();
    assert_eq!((listed["items"].as_array().unwrap().len(), &listed["items"][0]["is_default"]), (1, &json!(true)));
    house.portal.clock.advance(jiff::SignedDuration::from_mins(1));
    let events = house.events().await;
    let kinds: Vec<&str> = events.iter().filter_map(|event| event["kind"].as_str()).collect();
    for kind in
        ["payment_method.started", "payment_method.added", "payment_method.default_changed", "payment_method.chosen"]
    {
        assert!(kinds.contains(&kind), "{kind}: {kinds:?}");
    }
    // Told again, late: nothing happens twice.
    browser.get(&format!("/payment-methods/{id}?returned=1")).await.status(200).shows("ist hinterlegt");
    assert_eq!(house.events().await.len(), events.len());
}

#[tokio::test]
async fn what_is_kept_pays_an_invoice_at_once_and_only_once() {
    let house = House::built().await;
    let browser = house.tine.login().await;
    let id = house.tine.keeps(&browser, "pays", &[]).await;
    browser.get("/settle?step=method&how=invoices&invoice=RE1").await.status(200).shows("bei uns hinterlegt");
    let paid = house.pay_all(&browser, &format!("sandbox:{id}")).await;
    browser.follow(&paid).await.status(200).shows("Vielen Dank, Ihre Zahlung ist da");
    assert_eq!(house.open().await, samples::euros("0.00"));
    // The button again: the same payment.
    let again = browser.follow(&paid).await.status(200);
    again.shows("Vielen Dank");
    assert_eq!(house.open().await, samples::euros("0.00"));
}

#[tokio::test]
async fn a_charge_that_is_under_way_is_not_made_twice() {
    let house = House::built().await;
    let browser = house.tine.login().await;
    let id = house.tine.keeps(&browser, "waits", &[]).await;
    let program = house.tine.token().await;
    let body = json!({ "invoices": ["RE1"], "method": format!("sandbox:{id}") });
    let settle = async |key: &str| {
        let request = program.request("POST", "/api/v1/settlements").header("idempotency-key", key);
        house.portal.ask(request.json(&body)).await
    };
    let first = settle("one").await.status(201).json();
    assert_eq!((&first["state"]["name"], &first["next"]["kind"]), (&json!("pending"), &json!("none")), "{first}");
    assert_eq!(settle("one").await.status(201).json(), first);
    settle("two").await.status(409).shows("running");
    // A debit takes days: as long as nobody knows its end, the same invoice is not charged again.
    house.portal.clock.advance(jiff::SignedDuration::from_mins(16));
    settle("three").await.status(409).shows("running");
}

#[tokio::test]
async fn a_link_adds_one_that_becomes_the_default_and_pays_what_failed() {
    let house = House::built().await;
    let browser = house.tine.login().await;
    let broken = house.tine.keeps(&browser, "declines", &[("as_default", "1")]).await;
    let failed = house.pay_all(&browser, &format!("sandbox:{broken}")).await;
    browser.follow(&failed).await.status(200).shows("Die Zahlung wurde abgelehnt");
    let link = house.link(json!(["sandbox"])).await;
    let visitor = house.tenant.browser();
    let form = visitor.get(&link).await.status(200).shows("K5003").hides("119,00").hides("Tine");
    let fields = [("id", form.field("id")), ("method", "sandbox".to_owned()), ("for_contracts", "1".to_owned())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let going = visitor.post(&link, &fields).await.status(303);
    assert_eq!(visitor.post(&link, &fields).await.status(303).header("location"), going.header("location"));
    let page = visitor.follow(&going).await.status(200).shows("Weiter zum Zahlungsanbieter");
    let sent_back =
        house.portal.provider.press(&page.link_to("/method/"), "keep", &[("behaviour", "pays")]).await.status(303);
    // The provider is not told the token of the link; only the browser that left knows it.
    let address = sent_back.header("location").strip_prefix(&house.tenant.origin()).unwrap();
    assert!(!address.contains(link.rsplit('/').next().unwrap()), "{address}");
    let back = format!("{}&returned=1", going.header("location"));
    visitor.get(address).await.redirects(&back);
    house.tenant.browser().get(address).await.status(200).shows("Sie sind zurück").hides("K5003");
    visitor.get(&back).await.status(200).shows("ist hinterlegt").shows("künftige Verträge und Rechnungen");
    // A link is for one: it now shows what it added.
    visitor.get(&link).await.redirects(going.header("location"));
    visitor.post(&link, &[("method", "sandbox")]).await.redirects(going.header("location"));
    house.portal.worker.drain().await;
    house.portal.worker.minute().await;
    assert_eq!(house.open().await, samples::euros("0.00"), "what failed is paid");
    browser.get("/payment-methods").await.shows("zahlt sofort").shows("für Vertrag 1, 2");
    let listed = house.tine.token().await.get("/api/v1/payment-methods").await.json();
    let default = listed["items"].as_array().unwrap().iter().find(|one| one["is_default"] == json!(true)).unwrap();
    assert_eq!(default["shown"]["label"], json!("pays"));
    // Once more: the wish was fulfilled, and what is paid is not paid again.
    house.portal.worker.drain().await;
    house.portal.worker.minute().await;
    let account = house.tenant.api.get("/accounts?customer=K5003").await;
    assert!(account.code() == 200 || account.code() == 404);
    assert_eq!(house.open().await, samples::euros("0.00"));
}

#[tokio::test]
async fn a_link_opens_nothing_but_what_it_is_for() {
    let house = House::built().await;
    let browser = house.tine.login().await;
    let own = house.tine.keeps(&browser, "pays", &[]).await;
    let link = house.link(json!([])).await;
    let token = link.rsplit('/').next().unwrap();
    let visitor = house.tenant.browser();
    visitor.get(&format!("{link}?method={own}")).await.status(404);
    visitor.get(&format!("/link/{token}")).await.status(404);
    visitor.get(&format!("/pay/{token}")).await.status(404);
    visitor.get(&format!("/payment-methods/{own}")).await.status(303);
    let stranger = house.portal.tenant("stadtwerke-muster").await;
    stranger.browser().get(&link).await.status(404);
    let wrong = json!({ "purpose": "add_method", "customer": "K5003", "methods": ["paypal"] });
    house.tenant.api.post("/links", &wrong).await.status(422).shows("method_not_enabled");
    let odd = json!({ "purpose": "portal", "customer": "K5003", "methods": ["sandbox"] });
    house.tenant.api.post("/links", &odd).await.status(422).shows("methods");
    house.portal.clock.advance(jiff::SignedDuration::from_hours(24 * 7));
    visitor.get(&link).await.status(410);
    visitor.post(&link, &[("method", "sandbox")]).await.status(410);
}

#[tokio::test]
async fn what_is_used_needs_a_replacement_before_it_goes() {
    let house = House::built().await;
    let browser = house.tine.login().await;
    let first = house.tine.keeps(&browser, "pays", &[("as_default", "1"), ("for_contracts", "1")]).await;
    let remove = format!("/payment-methods/{first}/remove");
    browser.get(&remove).await.status(200).shows("Hinterlegen Sie zuerst eine andere");
    browser.post(&remove, &[]).await.status(422).shows("an ihre Stelle");
    let second = house.tine.keeps(&browser, "waits", &[]).await;
    browser.get(&remove).await.status(200).shows("für Vertrag 1, 2").shows("wartet auf eine Entscheidung");
    browser.post(&remove, &[("replacement", first.as_str())]).await.status(422);
    browser.post(&remove, &[("replacement", second.as_str())]).await.status(303);
    browser.post(&remove, &[("replacement", second.as_str())]).await.status(303);
    browser.get("/payment-methods").await.hides("zahlt sofort").shows("für Vertrag 1, 2").shows("Standard");
    // The provider has forgotten it, too.
    let program = house.tine.token().await;
    let body = json!({ "invoices": ["RE1"], "method": format!("sandbox:{first}") });
    let request = program.request("POST", "/api/v1/settlements").header("idempotency-key", "one");
    house.portal.ask(request.json(&body)).await.status(422).shows("method_not_enabled");
    browser.post("/payment-methods/no-default", &[]).await.status(303);
    browser.post("/contracts/1/payment-method", &[("method", "")]).await.status(303);
    browser.post("/contracts/2/payment-method", &[("method", "")]).await.status(303);
    browser.post(&format!("/payment-methods/{second}/remove"), &[]).await.status(303);
    browser.get("/payment-methods").await.shows("Noch keine Zahlungsmethode");
}

#[tokio::test]
async fn a_contract_uses_what_was_chosen_for_it_and_else_the_default() {
    let house = House::built().await;
    let browser = house.tine.login().await;
    let default = house.tine.keeps(&browser, "pays", &[("as_default", "1")]).await;
    let other = house.tine.keeps(&browser, "declines", &[]).await;
    browser.get("/contracts/1").await.shows("Standard-Zahlungsmethode (Testzahlung, zahlt sofort)");
    browser.get("/contracts/1/payment-method").await.status(200).shows("Testzahlung, wird abgelehnt");
    browser.post("/contracts/1/payment-method", &[("method", other.as_str())]).await.status(303);
    browser.get("/contracts/1").await.shows("Testzahlung, wird abgelehnt").hides("zahlt sofort");
    browser.get("/contracts/2").await.shows("zahlt sofort");
    browser.post("/contracts/9/payment-method", &[("method", other.as_str())]).await.status(404);
    let gone = browser.post("/contracts/1/payment-method", &[("method", "pm_01JDQX5Z8G0000000000000000")]).await;
    gone.status(422).shows("Wählen Sie eine der angebotenen Zahlungsmethoden").shows("Testzahlung");
    // The tenant's import of the contract keeps what the customer chose.
    house.tine.contract("1", |contract| contract["plan"] = json!("Webhosting Business XL")).await;
    browser.get("/contracts/1").await.shows("Business XL").shows("Testzahlung, wird abgelehnt");
    assert_ne!(default, other);
}

#[tokio::test]
async fn what_the_bank_ends_is_said_and_charged_no_more() {
    let house = House::built().await;
    let browser = house.tine.login().await;
    let form = browser.get("/payment-methods/add").await.status(200);
    let fields = [("id", form.field("id")), ("method", "sandbox".to_owned())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let going = browser.post("/payment-methods/add", &fields).await.status(303);
    let page = browser.follow(&going).await.link_to("/method/");
    house.portal.provider.press(&page, "keep", &[("behaviour", "pays")]).await.status(303);
    browser.get("/payment-methods").await.shows("zahlt sofort").hides("nicht mehr gültig");
    house.portal.provider.press(&page, "end", &[]).await.status(303);
    browser.get("/payment-methods").await.shows("nicht mehr gültig");
    browser.get("/settle?step=method&how=invoices&invoice=RE1").await.status(200).hides("bei uns hinterlegt");
}

#[tokio::test]
async fn only_what_the_tenant_offers_is_kept() {
    let house = House::built().await;
    let browser = house.tine.login().await;
    let program = house.tine.token().await;
    browser.get("/payment-methods/add").await.status(200);
    let create = async |method: &str, key: &str| {
        let request = program.request("POST", "/api/v1/payment-methods").header("idempotency-key", key);
        house.portal.ask(request.json(&json!({ "method": method }))).await
    };
    for method in ["card", "paypal", "sepa_debit", "bank_transfer", "balance", "online_banking"] {
        create(method, method).await.status(422).shows("method_not_enabled");
        browser.post("/payment-methods/add", &[("method", method)]).await.status(422).shows("angebotenen");
    }
    let first = create("sandbox", "one").await.status(201).json();
    assert_eq!(create("sandbox", "one").await.status(201).json()["id"], first["id"]);
    assert_eq!(first["state"], json!("pending"));
    house.tenant.settings("payments", &json!({ "methods": ["bank_transfer"] })).await.status(200);
    browser.get("/payment-methods/add").await.status(200).shows("Zurzeit kann hier keine");
    create("sandbox", "two").await.status(422).shows("method_not_enabled");
    house.tenant.settings("areas", &json!({ "payment_methods": "view" })).await.status(200);
    browser.get("/payment-methods").await.status(200).hides("/payment-methods/add");
    browser.get("/payment-methods/add").await.status(404);
    house.tenant.settings("areas", &json!({ "payment_methods": "off" })).await.status(200);
    browser.get("/payment-methods").await.status(404);
    browser.get("/contracts/1").await.status(200).hides("/payment-method");
}

#[tokio::test]
async fn what_is_over_is_no_longer_read_with_every_page() {
    let house = House::built().await;
    let browser = house.tine.login().await;
    let id = house.tine.keeps(&browser, "pays", &[]).await;
    let program = house.tine.token().await;
    let keep = program.request("POST", "/api/v1/payment-methods").header("idempotency-key", "one");
    let made = house.portal.ask(keep.json(&json!({ "method": "sandbox" }))).await.status(201).json();
    let (other, page) = (made["id"].as_str().unwrap().to_owned(), made["url"].as_str().unwrap().to_owned());
    let places = || (house.portal.items_like("/A#PM#"), house.portal.items_like("/PM#"));
    assert_eq!(places(), (2, 0));
    house.portal.provider.press(&page, "decline", &[]).await.status(303);
    assert_eq!(places(), (1, 1));
    browser.get(&format!("/payment-methods/{other}")).await.status(200).shows("nicht hinterlegt");
    // Somebody agrees after all.
    house.portal.provider.press(&page, "keep", &[("behaviour", "waits")]).await.status(303);
    assert_eq!(places(), (2, 0));
    for _ in 0..2 {
        browser.post(&format!("/payment-methods/{id}/remove"), &[]).await.status(303);
        assert_eq!(places(), (1, 1));
    }
    house.portal.worker.minute().await;
    assert_eq!(places(), (1, 1), "also once the provider has forgotten it");
    let program = house.tine.token().await;
    let listed = program.get("/api/v1/payment-methods").await.status(200).json();
    let ids: Vec<&Value> = listed["items"].as_array().unwrap().iter().map(|item| &item["id"]).collect();
    assert_eq!(ids, [&json!(other)]);
}
