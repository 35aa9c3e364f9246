//! Every real provider from its keys to the paid invoice and back: over our routers, its adapter, and the vendor on loopback.

use domain::payment::{Method, ProviderName};
use testkit::{Answer, Customer, Portal, Rails, Request, Tenant, Value, hours, json, minutes, samples};
use vendors::{Fault, Message};

struct House {
    portal: Portal,
    tenant: Tenant,
    tine: Customer,
}

impl House {
    /// A tenant with one open invoice of 119.00 €, not connected yet.
    async fn built() -> Self {
        let portal = Portal::start().await;
        let tenant = portal.tenant("webhosting-ag").await;
        let tine = tenant.customer("K5003", |_| {}).await;
        tine.invoice("RE1", |_| {}).await;
        Self { portal, tenant, tine }
    }

    async fn connect(&self, name: ProviderName) -> Answer {
        self.tenant.api.put(&format!("/settings/providers/{}", name.code()), &Rails::keys(name)).await
    }

    async fn offer(&self, method: Method) -> Answer {
        self.tenant.api.put("/settings/payments", &json!({ "methods": [method.code()] })).await
    }

    async fn settle(&self, method: Method) -> Answer {
        let program = self.tine.token().await;
        let body = json!({ "invoices": ["RE1"], "method": method.code() });
        let request = program.request("POST", "/api/v1/settlements").header("idempotency-key", "one");
        self.portal.ask(request.json(&body)).await
    }

    async fn deliver(&self, name: ProviderName, messages: &[Message], host: &str) -> Vec<u16> {
        let mut answers = Vec::new();
        for message in messages {
            let mut request = Request::new("POST", host, &format!("/webhooks/{}", name.code()));
            for (header, value) in &message.headers {
                request = request.instead(header.as_str(), value.to_str().unwrap());
            }
            let kind = message.headers.get("content-type").and_then(|kind| kind.to_str().ok());
            let kind = kind.unwrap_or("application/json").to_owned();
            answers.push(self.portal.ask(request.body(&kind, message.body.clone())).await.code());
        }
        answers
    }

    async fn open(&self) -> Value {
        self.tenant.api.get("/invoices/RE1").await.json()["state"]["open"].clone()
    }

    /// Of 119.00 € 19.00 € were given back, and nothing waits for anybody.
    async fn is_partly_refunded(&self, payment: &str) {
        let waiting = self.tenant.api.get("/bank-entries?unmatched").await.status(200).json();
        assert_eq!((&waiting["items"], to_look_up(self)), (&json!([]), 0));
        let shown = self.tenant.api.get(&format!("/payments/{payment}")).await.status(200).json();
        let sums = (&shown["received"], &shown["reversed"]);
        assert_eq!(sums, (&samples::euros("119.00"), &samples::euros("19.00")), "{shown}");
        assert_eq!(self.open().await, samples::euros("19.00"));
        let check = self.tenant.api.post("/ledger:check", &json!({})).await.json();
        assert_eq!(check["balanced"], true, "{check}");
    }
}

#[tokio::test]
async fn every_provider_pays_an_invoice_once_and_gives_it_back_once() {
    for name in Rails::NAMES {
        let house = House::built().await;
        let method = Rails::method(name);
        house.settle(method).await.status(422).shows("method_not_enabled");
        house.connect(name).await.status(200);
        house.offer(method).await.status(200);
        let settled = house.settle(method).await.status(201).json();
        assert_eq!(settled["next"]["kind"], json!("redirect"), "{name:?}: {settled}");
        let rails = &house.portal.rails;
        rails.pay_last(name, settled["next"]["url"].as_str().unwrap());
        let messages = rails.messages(name);
        assert!(!messages.is_empty(), "{name:?}");
        let forged: Vec<Message> = messages
            .iter()
            .map(|message| Message { body: [&message.body[..], b" "].concat(), ..message.clone() })
            .collect();
        let refused = if name == ProviderName::Gocardless { 498 } else { 401 };
        let codes = house.deliver(name, &forged, &house.tenant.host()).await;
        assert!(codes.iter().all(|code| *code == refused), "{name:?}: {codes:?}");
        assert_eq!(house.open().await, samples::euros("119.00"), "{name:?}");
        let stranger = house.portal.tenant("stadtwerke-muster").await;
        let codes = house.deliver(name, &messages, &stranger.host()).await;
        assert!(codes.iter().all(|code| *code == 404), "{name:?}: {codes:?}");
        for _ in 0..2 {
            let codes = house.deliver(name, &messages, &house.tenant.host()).await;
            assert!(codes.iter().all(|code| *code == 200), "{name:?}: {codes:?}");
            assert_eq!(house.open().await, samples::euros("0.00"), "{name:?}");
        }
        // What capturing and looking up made it say.
        house.deliver(name, &rails.messages(name), &house.tenant.host()).await;
        let path = format!("/payments/{}", settled["payment"].as_str().unwrap());
        let paid = house.tenant.api.get(&path).await.status(200).json();
        assert_eq!((&paid["received"], &paid["provider"]), (&samples::euros("119.00"), &json!(name.code())));
        let refund = json!({ "amount": samples::euros("19.00"), "reference": "credit-1" });
        for _ in 0..2 {
            house.tenant.api.post(&format!("{path}:refund"), &refund).await.status(200);
        }
        house.deliver(name, &rails.messages(name), &house.tenant.host()).await;
        assert_eq!(house.open().await, samples::euros("19.00"), "{name:?}");
        assert_eq!(rails.kept(name), 10_000, "{name:?}: what it kept is what our books say");
    }
}

#[tokio::test]
async fn a_page_asks_the_provider_when_no_message_comes() {
    for name in Rails::NAMES {
        let house = House::built().await;
        let method = Rails::method(name);
        house.connect(name).await.status(200);
        house.offer(method).await.status(200);
        let settled = house.settle(method).await.status(201).json();
        house.portal.rails.pay_last(name, settled["next"]["url"].as_str().unwrap());
        let browser = house.tine.login().await;
        let page = format!("/payments/{}?returned=1", settled["payment"].as_str().unwrap());
        browser.get(&page).await.status(200).shows("Vielen Dank, Ihre Zahlung ist da");
        assert_eq!(house.open().await, samples::euros("0.00"), "{name:?}");
        assert_eq!(house.portal.rails.kept(name), 11_900, "{name:?}");
    }
}

#[tokio::test]
async fn a_message_that_proves_nothing_is_a_reason_to_look_so_often_a_minute() {
    let house = House::built().await;
    let method = Rails::method(ProviderName::Mollie);
    house.connect(ProviderName::Mollie).await.status(200);
    house.offer(method).await.status(200);
    let settled = house.settle(method).await.status(201).json();
    house.portal.rails.pay_last(ProviderName::Mollie, settled["next"]["url"].as_str().unwrap());
    let (theirs, _) = house.portal.rails.mollie.payments().last().cloned().unwrap();
    let told = |id: &str| {
        let request = Request::new("POST", &house.tenant.host(), "/webhooks/mollie");
        house.portal.ask(request.body("application/x-www-form-urlencoded", format!("id={id}")))
    };
    told(&theirs).await.status(200);
    assert_eq!(house.open().await, samples::euros("0.00"));
    // The whole budget of a minute, and one more.
    for _ in 1..120 {
        told("tr_nobody").await.status(200);
    }
    told(&theirs).await.status(429);
    house.portal.clock.advance(minutes(1));
    told(&theirs).await.status(200);
}

#[tokio::test]
async fn a_tenant_without_paypal_has_no_page_method_or_message_of_it() {
    let house = House::built().await;
    house.connect(ProviderName::Stripe).await.status(200);
    house.offer(Method::Card).await.status(200);
    house.offer(Method::Paypal).await.status(422).shows("method_not_enabled");
    let via = json!({ "methods": ["card"], "via": { "paypal": "paypal" } });
    house.tenant.api.put("/settings/payments", &via).await.status(422).shows("method_not_enabled");
    let link = json!({ "purpose": "add_method", "customer": "K5003", "methods": ["paypal"] });
    house.tenant.api.post("/links", &link).await.status(422).shows("method_not_enabled");
    house.settle(Method::Paypal).await.status(422).shows("method_not_enabled");
    let program = house.tine.token().await;
    let keep = program.request("POST", "/api/v1/payment-methods").header("idempotency-key", "keep");
    house.portal.ask(keep.json(&json!({ "method": "paypal" }))).await.status(422).shows("method_not_enabled");
    let browser = house.tine.login().await;
    browser.get("/settle?step=method&how=invoices&invoice=RE1").await.status(200).hides("PayPal");
    browser.get("/settle?step=check&how=part&invoice=RE1&amount=119.00&method=paypal").await.shows("angebotenen");
    browser.get("/payment-methods/add").await.status(200).hides("PayPal");
    browser.post("/payment-methods/add", &[("method", "paypal")]).await.status(422);
    browser.get("/prepaid").await.hides("PayPal");
    let message = house.portal.rails.paypal.sign(b"{\"id\":\"WH-1\",\"event_type\":\"PAYMENT.CAPTURE.COMPLETED\"}");
    assert_eq!(house.deliver(ProviderName::Paypal, &[message], &house.tenant.host()).await, [404]);
}

#[tokio::test]
async fn what_a_provider_keeps_is_charged_and_forgotten() {
    for (name, method) in [(ProviderName::Stripe, Method::Card), (ProviderName::Paypal, Method::Paypal)] {
        let house = House::built().await;
        house.connect(name).await.status(200);
        house.offer(method).await.status(200);
        let program = house.tine.token().await;
        let keep = program.request("POST", "/api/v1/payment-methods").header("idempotency-key", "keep");
        let kept = house.portal.ask(keep.json(&json!({ "method": method.code(), "as_default": true }))).await;
        let kept = kept.status(201).json();
        let rails = &house.portal.rails;
        match name {
            ProviderName::Stripe => {
                let url = kept["url"].as_str().unwrap();
                let session = url.split(['/', '#', '?']).find(|part| part.starts_with("cs_")).unwrap();
                let card =
                    vendors::stripe::SavedKind::Card { brand: "visa".into(), last4: "4242".into(), exp: (12, 2031) };
                rails.stripe.save(session, &card).unwrap();
            }
            _ => {
                let url = kept["url"].as_str().unwrap();
                let token = url.rsplit('=').next().unwrap();
                assert!(rails.paypal.approve_setup(token), "{url}");
            }
        }
        let path = format!("/api/v1/payment-methods/{}", kept["id"].as_str().unwrap());
        let usable = program.get(&path).await.status(200).json();
        assert_eq!(usable["state"], json!("usable"), "{name:?}");
        let browser = house.tine.login().await;
        let words = if name == ProviderName::Stripe { "Visa, endet auf 4242" } else { "PayPal " };
        browser.get("/payment-methods").await.status(200).shows(words).shows("Standard");
        let body =
            json!({ "invoices": ["RE1"], "method": format!("{}:{}", method.code(), kept["id"].as_str().unwrap()) });
        let request = program.request("POST", "/api/v1/settlements").header("idempotency-key", "pay");
        let settled = house.portal.ask(request.json(&body)).await.status(201).json();
        assert_eq!(settled["state"]["name"], json!("paid"), "{name:?}: {settled}");
        assert_eq!((house.open().await, rails.kept(name)), (samples::euros("0.00"), 11_900), "{name:?}");
        let delete = |path: &str| program.request("DELETE", path);
        house.portal.ask(delete(&path).json(&json!({}))).await.status(422).shows("replacement");
        let patch = program.request("PATCH", &path).json(&json!({ "is_default": false }));
        house.portal.ask(patch).await.status(204);
        house.portal.ask(delete(&path).json(&json!({}))).await.status(204);
        browser.get("/payment-methods").await.shows("Noch keine Zahlungsmethode");
    }
}

/// Most events of one message of GoCardless's: asking about each would take longer than it waits.
const MANY: usize = 250;

/// A message of so many events: those that the provider has to tell, and others of somebody else's payments.
fn crowded(house: &House, many: usize) -> Vec<Message> {
    let gocardless = &house.portal.rails.gocardless;
    let own = gocardless.bundle(MANY, None);
    let [message] = &own[..] else { panic!("{own:?}") };
    let message: Value = serde_json::from_slice(&message.body).unwrap();
    let mut events = message["events"].as_array().unwrap().clone();
    let others = events.len()..many;
    events.extend(others.map(|at| {
        json!({ "id": format!("EVother{at}"), "resource_type": "payments", "action": "confirmed",
            "links": { "payment": format!("PMother{at}") } })
    }));
    for event in events {
        gocardless.poison(event);
    }
    gocardless.bundle(MANY, Some(7))
}

/// An invoice paid on GoCardless's page, and our name of the payment; nothing of it is told yet.
async fn paid_online() -> (House, String) {
    let house = House::built().await;
    house.connect(ProviderName::Gocardless).await.status(200);
    house.offer(Method::OnlineBanking).await.status(200);
    let settled = house.settle(Method::OnlineBanking).await.status(201).json();
    house.portal.rails.pay_last(ProviderName::Gocardless, settled["next"]["url"].as_str().unwrap());
    let ours = settled["payment"].as_str().unwrap().to_owned();
    (house, ours)
}

fn to_look_up(house: &House) -> usize {
    let is_due = |item: &&Value| {
        let attribute = |name: &str| item[name]["S"].as_str().unwrap_or_default().to_owned();
        attribute("pk").contains("#LOOKUP#gocardless") && attribute("t_pk").ends_with("#DUE")
    };
    house.portal.stored().iter().filter(is_due).count()
}

#[tokio::test]
async fn a_message_of_250_events_is_answered_before_anything_is_looked_up() {
    let (house, ours) = paid_online().await;
    let gocardless = &house.portal.rails.gocardless;
    let paid = crowded(&house, MANY);
    let asked = gocardless.seen().len();
    for _ in 0..2 {
        let codes = house.deliver(ProviderName::Gocardless, &paid, &house.tenant.host()).await;
        assert_eq!(codes, [200]);
    }
    assert_eq!(gocardless.seen().len(), asked, "nobody was asked");
    let due = to_look_up(&house);
    assert!((200..=MANY).contains(&due), "each thing that was named is due once: {due}");
    assert_eq!(house.open().await, samples::euros("119.00"));
    house.portal.worker.drain().await;
    assert_eq!((house.open().await, to_look_up(&house)), (samples::euros("0.00"), 0));
    // Nothing is awaited of the payment any more; that its money was taken back is found out all the same.
    let (payment, _) = gocardless.payments().last().unwrap().clone();
    assert!(gocardless.charge_back(&payment));
    let back = crowded(&house, 12);
    for messages in [&back, &paid, &back] {
        house.deliver(ProviderName::Gocardless, messages, &house.tenant.host()).await;
        for _ in 0..3 {
            house.portal.worker.minute().await;
        }
        assert_eq!((house.open().await, to_look_up(&house)), (samples::euros("119.00"), 0));
    }
    let shown = house.tenant.api.get(&format!("/payments/{ours}")).await.status(200).json();
    assert_eq!((&shown["received"], &shown["reversed"]), (&samples::euros("119.00"), &samples::euros("119.00")));
    let check = house.tenant.api.post("/ledger:check", &json!({})).await.json();
    assert_eq!(check["balanced"], true, "{check}");
}

/// An invoice paid at GoCardless of which 19.00 € were given back; the payment's names, theirs and ours.
async fn partly_refunded() -> (House, String, String) {
    let (house, ours) = paid_online().await;
    house.deliver(ProviderName::Gocardless, &crowded(&house, 0), &house.tenant.host()).await;
    assert_eq!(house.open().await, samples::euros("0.00"));
    let refund = json!({ "amount": samples::euros("19.00"), "reference": "credit-1" });
    house.tenant.api.post(&format!("/payments/{ours}:refund"), &refund).await.status(200);
    let (theirs, _) = house.portal.rails.gocardless.payments().last().unwrap().clone();
    (house, theirs, ours)
}

#[tokio::test]
async fn a_chargeback_of_more_than_is_left_waits_for_staff_once() {
    let (house, theirs, ours) = partly_refunded().await;
    assert!(house.portal.rails.gocardless.charge_back(&theirs));
    let back = crowded(&house, 0);
    for _ in 0..2 {
        assert_eq!(house.deliver(ProviderName::Gocardless, &back, &house.tenant.host()).await, [200]);
        house.portal.worker.drain().await;
        let waiting = house.tenant.api.get("/bank-entries?unmatched").await.status(200).json()["items"].clone();
        assert_eq!(waiting.as_array().map(Vec::len), Some(1), "{waiting}");
        assert_eq!((&waiting[0]["payment"], &waiting[0]["amount"]), (&json!(ours), &samples::euros("119.00")));
        assert_eq!((house.open().await, to_look_up(&house)), (samples::euros("19.00"), 0));
    }
    // The bank gives it back: nobody is needed any more, and what was never booked away is not booked as new money.
    assert!(house.portal.rails.gocardless.cancel_chargeback(&theirs));
    let returned = crowded(&house, 0);
    for told in [&returned, &back, &returned] {
        assert_eq!(house.deliver(ProviderName::Gocardless, told, &house.tenant.host()).await, [200]);
        house.portal.worker.drain().await;
        house.is_partly_refunded(&ours).await;
    }
}

#[tokio::test]
async fn a_chargeback_of_more_than_is_left_that_is_told_with_its_end_moves_nothing() {
    let (house, theirs, ours) = partly_refunded().await;
    let gocardless = &house.portal.rails.gocardless;
    assert!(gocardless.charge_back(&theirs) && gocardless.cancel_chargeback(&theirs));
    let told = crowded(&house, 0);
    for _ in 0..2 {
        assert_eq!(house.deliver(ProviderName::Gocardless, &told, &house.tenant.host()).await, [200]);
        house.portal.worker.drain().await;
        house.is_partly_refunded(&ours).await;
    }
}

#[tokio::test]
async fn what_fails_of_a_message_is_in_no_neighbours_way() {
    let (house, _) = paid_online().await;
    let gocardless = &house.portal.rails.gocardless;
    let told = crowded(&house, 0);
    gocardless.fault(Fault::Refuse(http::StatusCode::BAD_GATEWAY));
    assert_eq!(house.deliver(ProviderName::Gocardless, &told, &house.tenant.host()).await, [200]);
    assert_eq!((house.open().await, to_look_up(&house)), (samples::euros("0.00"), 1), "one of two was not answered");
    house.portal.worker.drain().await;
    assert_eq!(to_look_up(&house), 0);
}

#[tokio::test]
async fn a_message_that_only_its_checksum_proves_books_what_paypal_says_when_asked() {
    let house = House::built().await;
    house.connect(ProviderName::Paypal).await.status(200);
    house.offer(Method::Paypal).await.status(200);
    let settled = house.settle(Method::Paypal).await.status(201).json();
    let (rails, host) = (&house.portal.rails, house.tenant.host());
    rails.pay_last(ProviderName::Paypal, settled["next"]["url"].as_str().unwrap());
    house.deliver(ProviderName::Paypal, &rails.messages(ProviderName::Paypal), &host).await;
    let (capture, _) = rails.paypal.captures().last().unwrap().clone();
    rails.paypal.refund(&capture, Some(1_900)).unwrap();
    let [completed, refunded] = &rails.messages(ProviderName::Paypal)[..] else { panic!("a capture and a refund") };
    let path = format!("/payments/{}", settled["payment"].as_str().unwrap());
    for (message, from, to) in [
        (completed, "\"119.00\"", "\"999.00\""),
        (completed, "CAPTURE.COMPLETED", "CAPTURE.DENIED"),
        (completed, "\"EUR\"", "\"CHF\""),
        (refunded, "\"19.00\"", "\"119.00\""),
        (refunded, "CAPTURE.REFUNDED", "CAPTURE.REVERSED"),
    ] {
        let forged = vendors::paypal::PayPal::retold(message, from, to);
        assert_eq!(house.deliver(ProviderName::Paypal, &[forged], &host).await, [200], "its signature fits");
        let shown = house.tenant.api.get(&path).await.status(200).json();
        let sums = (&shown["received"], &shown["reversed"]);
        assert_eq!(sums, (&samples::euros("119.00"), &samples::euros("19.00")), "{from} {to}");
        assert_eq!(house.open().await, samples::euros("19.00"));
    }
    assert_eq!(house.portal.items_like("#STRAY"), 0);
}

#[tokio::test]
async fn the_owner_of_a_card_hears_once_that_it_ends() {
    let house = House::built().await;
    house.connect(ProviderName::Stripe).await.status(200);
    house.offer(Method::Card).await.status(200);
    let program = house.tine.token().await;
    let keep = program.request("POST", "/api/v1/payment-methods").header("idempotency-key", "keep");
    let kept = house.portal.ask(keep.json(&json!({ "method": "card", "as_default": true }))).await.status(201).json();
    let session = kept["url"].as_str().unwrap().split(['/', '#', '?']).find(|part| part.starts_with("cs_")).unwrap();
    let card = vendors::stripe::SavedKind::Card { brand: "visa".into(), last4: "4242".into(), exp: (12, 2026) };
    house.portal.rails.stripe.save(session, &card).unwrap();
    let path = format!("/api/v1/payment-methods/{}", kept["id"].as_str().unwrap());
    assert_eq!(program.get(&path).await.json()["state"], json!("usable"));
    let ends = || {
        let mails = house.portal.mailbox.all_to(house.tine.email());
        mails.into_iter().filter(|mail| mail.subject.contains("Ihre Karte läuft ab")).collect::<Vec<_>>()
    };
    for (days, told) in [(8, 0), (1, 1), (20, 1)] {
        house.portal.clock.advance(testkit::hours(24 * days));
        for _ in 0..2 {
            house.portal.worker.drain().await;
            house.portal.worker.minute().await;
        }
        assert_eq!(ends().len(), told, "{}", house.portal.clock.now());
    }
    let text = ends()[0].text.clone().unwrap();
    assert!(text.contains("Visa, endet auf 4242") && text.contains("12/2026"), "{text}");
}

/// A house with a wallet that PayPal keeps, and its name as a way to pay.
async fn with_wallet() -> (House, String) {
    let house = House::built().await;
    house.connect(ProviderName::Paypal).await.status(200);
    house.offer(Method::Paypal).await.status(200);
    let program = house.tine.token().await;
    let keep = program.request("POST", "/api/v1/payment-methods").header("idempotency-key", "keep");
    let kept = house.portal.ask(keep.json(&json!({ "method": "paypal" }))).await.status(201).json();
    assert!(house.portal.rails.paypal.approve_setup(kept["url"].as_str().unwrap().rsplit('=').next().unwrap()));
    let id = kept["id"].as_str().unwrap();
    let usable = program.get(&format!("/api/v1/payment-methods/{id}")).await.status(200).json();
    assert_eq!(usable["state"], json!("usable"), "{usable}");
    (house, format!("paypal:{id}"))
}

async fn charge(house: &House, wallet: &str, key: &str) -> Answer {
    let program = house.tine.token().await;
    let request = program.request("POST", "/api/v1/settlements").header("idempotency-key", key);
    house.portal.ask(request.json(&json!({ "invoices": ["RE1"], "method": wallet }))).await
}

/// The same, while PayPal's answer to it fails like this. Before it is asked, it gives an access token.
async fn charge_unanswered(house: &House, wallet: &str, fault: Fault) -> Answer {
    let paypal = &house.portal.rails.paypal;
    let before = paypal.seen().len();
    let broken = async {
        while !paypal.seen().iter().skip(before).any(|seen| seen.path == "/v1/oauth2/token") {
            tokio::task::yield_now().await;
        }
        paypal.fault(fault);
    };
    tokio::join!(broken, charge(house, wallet, "one")).1
}

#[tokio::test]
async fn a_charge_that_nobody_can_find_out_about_is_decided_by_staff() {
    for was_charged in [true, false] {
        let (house, wallet) = with_wallet().await;
        let paypal = &house.portal.rails.paypal;
        let bad = http::StatusCode::BAD_GATEWAY;
        let fault = if was_charged { Fault::Stumble(bad) } else { Fault::Refuse(bad) };
        let started = charge_unanswered(&house, &wallet, fault).await.status(201).json();
        assert_eq!((&started["state"]["name"], paypal.charges().len()), (&json!("started"), usize::from(was_charged)));
        // PayPal forgets what was asked under which key; nobody asks again then, for it would be a second charge.
        house.portal.clock.advance(hours(4));
        house.portal.worker.minute().await;
        let waiting =
            async || house.tenant.api.get("/bank-entries?unmatched").await.status(200).json()["items"].clone();
        let listed = waiting().await;
        let id = started["payment"].as_str().unwrap();
        assert_eq!((&listed[0]["kind"], &listed[0]["payment"]), (&json!("undecided_payment"), &json!(id)), "{listed}");
        assert_eq!(listed[0]["amount"], samples::euros("119.00"));
        charge(&house, &wallet, "two").await.status(409).shows("running");
        house.portal.clock.advance(hours(48));
        house.portal.worker.minute().await;
        assert_eq!((paypal.charges().len(), waiting().await), (usize::from(was_charged), listed), "it waits for staff");
        let path = format!("/payments/{id}:decide");
        let decide = async |body: Value| house.tenant.api.post(&path, &body).await;
        decide(json!({ "outcome": "maybe" })).await.status(422);
        let not_charged = json!({ "outcome": "not_charged" });
        if was_charged {
            let capture = paypal.charges()[0].id.clone();
            let wrong = json!({ "outcome": "charged", "charge": "9XX00000000000001" });
            decide(wrong).await.status(422).names(&["charge"]);
            let charged = json!({ "outcome": "charged", "charge": capture });
            for _ in 0..2 {
                assert_eq!(decide(charged.clone()).await.status(200).json()["state"]["name"], json!("paid"));
            }
            decide(not_charged).await.status(409).names(&["outcome"]);
            assert_eq!(house.open().await, samples::euros("0.00"));
        } else {
            for _ in 0..2 {
                assert_eq!(decide(not_charged.clone()).await.status(200).json()["state"]["name"], json!("failed"));
            }
            decide(json!({ "outcome": "charged", "charge": "9XX00000000000001" })).await.status(409);
            assert_eq!(charge(&house, &wallet, "three").await.status(201).json()["state"]["name"], json!("paid"));
            assert_eq!(house.open().await, samples::euros("0.00"));
        }
        assert_eq!((paypal.charges().len(), waiting().await), (1, json!([])));
    }
}

#[tokio::test]
async fn a_message_finds_out_about_a_charge_whose_answer_was_lost() {
    let (house, wallet) = with_wallet().await;
    let paypal = &house.portal.rails.paypal;
    drop(paypal.messages());
    charge_unanswered(&house, &wallet, Fault::Stumble(http::StatusCode::BAD_GATEWAY)).await.status(201);
    house.portal.clock.advance(hours(4));
    house.portal.worker.minute().await;
    assert_eq!(house.open().await, samples::euros("119.00"));
    house.deliver(ProviderName::Paypal, &paypal.messages(), &house.tenant.host()).await;
    assert_eq!(house.open().await, samples::euros("0.00"));
    let waiting = house.tenant.api.get("/bank-entries?unmatched").await.status(200).json();
    assert_eq!(waiting["items"], json!([]));
}
