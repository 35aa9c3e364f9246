//! Messages of payment providers: proved before anything is written, kept before anything is done, carried out once.

use std::sync::Arc;

use booking::{BookingError, Books, Place};
use domain::{
    Currency, Language, Money,
    change::Actor,
    id::PaymentId,
    ledger::Account,
    payment::{Method, Named, NewPayment, Payment, ProviderName, Purpose, State},
};
use futures_util::future::join_all;
use payments::{Known, Provider, signature};
use store::{Loaded, secret};
use testkit::{Customer, Metric, Portal, Request, Tenant, Value, faults::Fault, hours, json, minutes, samples};

const KILOBYTES: usize = 1024;

/// A tenant that takes the sandbox provider, with one open invoice.
struct House {
    portal: Portal,
    tenant: Tenant,
    customer: Customer,
}

/// A payment that was asked for at the provider.
struct Asked {
    id: PaymentId,
    pay_url: String,
}

impl House {
    async fn built() -> Self {
        Self::of(Portal::start().await, "webhosting-ag").await
    }

    async fn of(portal: Portal, slug: &str) -> Self {
        let tenant = portal.tenant(slug).await;
        tenant.enable(Method::Sandbox).await.status(200);
        let customer = tenant.customer("K5003", |_| {}).await;
        customer.invoice("RE1", |_| {}).await;
        Self { portal, tenant, customer }
    }

    /// The tenant's books, the provider's adapter and the addresses, as settle has them.
    async fn counter(&self) -> (Books, Arc<dyn Provider>, Place) {
        let process = self.portal.another_process().await;
        let host = self.tenant.host().replace(":9000", "");
        let now = self.portal.clock.now();
        let tenant = process.store().tenant_of_host(&host, now).await.unwrap();
        let store = process.store().in_tenant(tenant.scope());
        let providers = self.portal.providers(&process);
        let rail = (Method::Sandbox, ProviderName::Sandbox);
        let sandbox = providers.to_ask(&store, &tenant, rail, now).await.unwrap();
        let place = Place {
            description: "RE1".to_owned(),
            return_url: format!("{}/payments/x", self.tenant.origin()),
            webhook_url: providers.webhook_url(&tenant, ProviderName::Sandbox),
        };
        (Books { store, now, today: tenant.settings.zone.day(now) }, sandbox, place)
    }

    /// Writes down a payment of everything that is open on RE1.
    async fn started(&self, books: &Books) -> Loaded<Payment> {
        let number = "K5003".parse().unwrap();
        let body = books.store.invoice_bodies(&["RE1".parse().unwrap()]).await.unwrap().pop().unwrap();
        let row = books.store.invoice_row(&body).await.unwrap().unwrap().value;
        let new = NewPayment {
            id: PaymentId::new(books.now, secret::entropy()),
            customer: body.customer,
            purpose: Purpose::Invoices { named: vec![Named::from(&row)] },
            method: Method::Sandbox,
            provider: Some(ProviderName::Sandbox),
            saved: None,
            account: Account::receivables_number(&number, Currency::Eur).unwrap(),
            amount: Money::of_minor(11_900, Currency::Eur),
            deposit: None,
            language: Language::De,
        };
        let change = Payment::start(new, Actor::Customer, books.now).unwrap();
        books.store.create_payment(&change).await.unwrap();
        Loaded { value: change.into_parts().0, rev: 1 }
    }

    async fn asked(&self) -> Asked {
        let (books, sandbox, place) = self.counter().await;
        let started = self.started(&books).await;
        let payment = booking::ask(&books, &*sandbox, started, &place).await.unwrap();
        Asked { id: payment.id, pay_url: payment.pay_url.unwrap() }
    }

    async fn payment(&self, id: &PaymentId) -> Value {
        self.tenant.api.get(&format!("/payments/{id}")).await.status(200).json()
    }

    async fn open(&self) -> Value {
        self.tenant.api.get("/invoices/RE1").await.json()["state"]["open"].clone()
    }

    /// What the payment, the invoice and the ledger say, which must agree.
    async fn stands(&self, id: &PaymentId, state: &str, received: &str, open: &str) {
        let payment = self.payment(id).await;
        assert_eq!(payment["state"]["name"], state, "{payment}");
        assert_eq!(payment["received"], samples::euros(received), "{payment}");
        assert_eq!(self.open().await, samples::euros(open));
        let check = self.tenant.api.post("/ledger:check", &json!({})).await.json();
        assert_eq!(check["balanced"], true, "{check}");
    }

    fn kept(&self) -> usize {
        self.portal.items_like("#HOOKIN#")
    }
}

fn message(kind: &str, id: &PaymentId, moved: Option<(&str, Value)>) -> String {
    let mut message = json!({ "id": "msg_by_hand", "type": kind, "reference": id });
    if let Some((id, amount)) = moved {
        message["moved"] = json!({ "id": id, "amount": amount });
    }
    message.to_string()
}

#[tokio::test]
async fn a_message_that_says_paid_pays_the_invoice() {
    let house = House::built().await;
    let asked = house.asked().await;
    house.stands(&asked.id, "pending", "0.00", "119.00").await;
    let back = house.portal.provider.pay(&asked.pay_url).await;
    assert_eq!(back.header("location"), format!("{}/payments/x", house.tenant.origin()));
    house.stands(&asked.id, "paid", "119.00", "0.00").await;
    assert_eq!(house.kept(), 1);
    let shown = house.payment(&asked.id).await;
    assert_eq!(shown["allocations"], json!([{ "invoice": "RE1", "amount": samples::euros("119.00") }]));
    assert_eq!((&shown["customer"], &shown["method"]), (&json!("K5003"), &json!("sandbox")));
}

#[tokio::test]
async fn a_forged_message_is_401_and_leaves_nothing_behind() {
    let house = House::built().await;
    let asked = house.asked().await;
    let neighbour = House::of(house.portal.clone(), "stadtwerke-muster").await;
    let body = message("charge.succeeded", &asked.id, Some(("ch_1", samples::euros("119.00"))));
    let (secret, now) = (house.tenant.sandbox_secret().await, house.portal.clock.now());
    let theirs = neighbour.tenant.sandbox_secret().await;
    let signed = |secret: &str, at, body: &str| signature::sign(secret.as_bytes(), at, body.as_bytes());
    let items = house.portal.items();
    for wrong in [
        String::new(),
        "t=1,v1=00".to_owned(),
        signed("", now, &body),
        signed(&theirs, now, &body),
        signed(&secret, now, &body.replace("119.00", "118.00")),
        signed(&secret, now - minutes(6), &body),
        signed(&secret, now + minutes(6), &body),
    ] {
        house.tenant.webhook(body.clone(), &wrong).await.status(401).problem("bad_signature");
    }
    let unsigned =
        Request::new("POST", &house.tenant.host(), "/webhooks/sandbox").body("application/json", body.clone());
    house.portal.ask(unsigned).await.status(401).problem("bad_signature");
    assert_eq!(house.portal.items(), items);
    assert_eq!(house.portal.told(Metric::WebhooksRefused), [1; 8], "each is told, so that a flood of them is seen");
    house.stands(&asked.id, "pending", "0.00", "119.00").await;
    house.tenant.webhook(body.clone(), &signed(&secret, now, &body)).await.status(200);
    house.stands(&asked.id, "paid", "119.00", "0.00").await;
}

#[tokio::test]
async fn a_doubled_message_and_a_doubled_click_are_one_payment() {
    let house = House::built().await;
    let asked = house.asked().await;
    let provider = &house.portal.provider;
    join_all((0..5).map(|_| provider.pay_telling(&asked.pay_url, "twice"))).await;
    assert_eq!(provider.send_again(&asked.pay_url).await, 1);
    house.portal.clock.advance(hours(1));
    assert_eq!(provider.send_again(&asked.pay_url).await, 1);
    house.stands(&asked.id, "paid", "119.00", "0.00").await;
    provider.page(&asked.pay_url).await.status(200).shows("bezahlt").shows("119,00");
}

#[tokio::test]
async fn paying_twice_is_two_charges_and_the_second_becomes_credit() {
    let house = House::built().await;
    let asked = house.asked().await;
    house.portal.provider.pay_twice(&asked.pay_url).await;
    house.stands(&asked.id, "paid", "238.00", "0.00").await;
    assert_eq!(house.payment(&asked.id).await["credit"], samples::euros("119.00"));
}

#[tokio::test]
async fn money_that_comes_after_a_refusal_counts_and_a_refusal_after_it_does_not() {
    let house = House::built().await;
    let asked = house.asked().await;
    let provider = &house.portal.provider;
    provider.decline(&asked.pay_url).await;
    house.stands(&asked.id, "failed", "0.00", "119.00").await;
    provider.cancel(&asked.pay_url).await;
    house.stands(&asked.id, "failed", "0.00", "119.00").await;
    provider.later(&asked.pay_url).await;
    provider.pay(&asked.pay_url).await;
    house.stands(&asked.id, "paid", "119.00", "0.00").await;
    assert_eq!(provider.send_again(&asked.pay_url).await, 3, "declined, cancelled, charged");
    house.stands(&asked.id, "paid", "119.00", "0.00").await;
}

#[tokio::test]
async fn a_reversal_before_its_payments_message_is_booked_after_it() {
    let house = House::built().await;
    let asked = house.asked().await;
    house.portal.provider.pay_telling(&asked.pay_url, "later").await;
    house.stands(&asked.id, "pending", "0.00", "119.00").await;
    let (books, sandbox, _) = house.counter().await;
    let payment = books.store.payment(&asked.id).await.unwrap().unwrap().value;
    sandbox.refund(Known::from(&payment), Money::of_minor(1_900, Currency::Eur), "key-1").await.unwrap();
    house.stands(&asked.id, "paid", "119.00", "19.00").await;
    house.portal.provider.send_again(&asked.pay_url).await;
    house.stands(&asked.id, "paid", "119.00", "19.00").await;
    assert_eq!(house.payment(&asked.id).await["reversed"], samples::euros("19.00"));
    assert_eq!(house.portal.items_like("#STRAY"), 0);
}

#[tokio::test]
async fn a_payment_of_another_tenant_is_nobodys() {
    let house = House::built().await;
    let asked = house.asked().await;
    let neighbour = House::of(house.portal.clone(), "stadtwerke-muster").await;
    let body = message("charge.succeeded", &asked.id, Some(("ch_9", samples::euros("119.00"))));
    neighbour.tenant.genuine_webhook(body).await.status(200);
    house.stands(&asked.id, "pending", "0.00", "119.00").await;
    assert_eq!((neighbour.kept(), neighbour.portal.items_like("#STRAY")), (1, 0));
}

#[tokio::test]
async fn money_of_another_currency_waits_for_staff_once() {
    let house = House::built().await;
    let asked = house.asked().await;
    let francs = json!({ "amount": "119.00", "currency": "CHF" });
    let body = message("charge.succeeded", &asked.id, Some(("ch_chf", francs)));
    for _ in 0..3 {
        house.tenant.genuine_webhook(body.clone()).await.status(200);
        house.portal.clock.advance(minutes(1));
    }
    house.stands(&asked.id, "pending", "0.00", "119.00").await;
    assert_eq!((house.portal.items_like("#STRAY"), house.kept()), (1, 3));
}

#[tokio::test]
async fn a_message_may_have_256_kilobytes_and_no_byte_more() {
    let house = House::built().await;
    let asked = house.asked().await;
    let mut body = message("made.up", &asked.id, None);
    body.push_str(&" ".repeat(256 * KILOBYTES - body.len()));
    house.tenant.genuine_webhook(body.clone()).await.status(200);
    assert_eq!(house.kept(), 1);
    body.push(' ');
    house.tenant.genuine_webhook(body).await.status(413).problem("too_large");
    assert_eq!(house.kept(), 1);
}

#[tokio::test]
async fn what_nobody_knows_is_acknowledged_and_kept_and_what_makes_no_sense_is_listed_too() {
    let house = House::built().await;
    let asked = house.asked().await;
    house.tenant.genuine_webhook(message("dispute.opened", &asked.id, None)).await.status(200);
    assert_eq!((house.kept(), listed(&house)), (1, 0));
    house.tenant.genuine_webhook(message("charge.succeeded", &asked.id, None)).await.status(200);
    house.tenant.genuine_webhook("no json").await.status(200);
    assert_eq!((house.kept(), listed(&house)), (3, 2));
    assert_eq!(house.portal.told(Metric::WebhooksFailed), [1, 1]);
    house.stands(&asked.id, "pending", "0.00", "119.00").await;
    let replayed = house.tenant.api.post("/webhooks:replay", &json!({})).await.status(200).json();
    assert_eq!(replayed, json!({ "done": 0, "left": 2 }));
}

fn listed(house: &House) -> usize {
    let stored = house.portal.stored();
    stored.iter().filter(|item| item["t_pk"]["S"].as_str().is_some_and(|pk| pk.ends_with("#HOOKINQ"))).count()
}

#[tokio::test]
async fn a_message_that_cannot_be_carried_out_is_503_and_stays_replayable() {
    let house = House::of(Portal::behind_faults(21).await, "webhosting-ag").await;
    let asked = house.asked().await;
    house.portal.provider.pay_telling(&asked.pay_url, "later").await;
    house.portal.provider_faults().always(Fault::FailBefore);
    let body = message("charge.refunded", &asked.id, Some(("rf_1", samples::euros("19.00"))));
    house.tenant.genuine_webhook(body).await.status(503).problem("unavailable").has("retry-after", "5");
    house.stands(&asked.id, "pending", "0.00", "119.00").await;
    assert_eq!((listed(&house), house.portal.told(Metric::WebhooksFailed)), (1, vec![1]));
    house.portal.provider_faults().stop();
    house.portal.clock.advance(hours(30));
    let replayed = house.tenant.api.post("/webhooks:replay", &json!({})).await.status(200).json();
    assert_eq!(replayed, json!({ "done": 1, "left": 0 }));
    house.stands(&asked.id, "paid", "119.00", "19.00").await;
    assert_eq!((listed(&house), house.kept()), (0, 1));
}

#[tokio::test]
async fn a_message_that_can_never_be_carried_out_is_in_no_other_ones_way() {
    let house = House::of(Portal::behind_faults(23).await, "webhosting-ag").await;
    let (unpaid, paid) = (house.asked().await, house.asked().await);
    let never = message("charge.refunded", &unpaid.id, Some(("rf_never", samples::euros("19.00"))));
    house.tenant.genuine_webhook(never).await.status(503);
    house.portal.provider.pay_telling(&paid.pay_url, "later").await;
    house.portal.provider_faults().always(Fault::FailBefore);
    let early = message("charge.refunded", &paid.id, Some(("rf_early", samples::euros("19.00"))));
    house.tenant.genuine_webhook(early).await.status(503);
    house.portal.provider_faults().stop();
    let replayed = house.tenant.api.post("/webhooks:replay", &json!({})).await.status(200).json();
    assert_eq!(replayed, json!({ "done": 1, "left": 1 }));
    house.stands(&paid.id, "paid", "119.00", "19.00").await;
    house.stands(&unpaid.id, "pending", "0.00", "19.00").await;
}

#[tokio::test]
async fn while_the_table_is_down_a_message_is_503_and_comes_again() {
    let house = House::of(Portal::behind_faults(22).await, "webhosting-ag").await;
    let asked = house.asked().await;
    house.portal.provider.pay_telling(&asked.pay_url, "later").await;
    let body = message("charge.succeeded", &asked.id, Some(("ch_by_hand", samples::euros("119.00"))));
    let secret = house.tenant.sandbox_secret().await;
    let signature = signature::sign(secret.as_bytes(), house.portal.clock.now(), body.as_bytes());
    for fault in [Fault::FailBefore, Fault::DropAnswer, Fault::Throttle] {
        house.portal.dynamodb().always(fault);
        house.tenant.webhook(body.clone(), &signature).await.status(503).has("retry-after", "5");
        house.portal.dynamodb().stop();
    }
    house.tenant.webhook(body.clone(), &signature).await.status(200);
    house.stands(&asked.id, "paid", "119.00", "0.00").await;
}

#[tokio::test]
async fn a_provider_that_is_not_known_here_is_404() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    tenant.webhook("{}", "t=1,v1=00").await.status(404).problem("not_found");
    let house = House::of(portal, "stadtwerke-muster").await;
    house.asked().await;
    for provider in ["bank_transfer", "balance", "stripe", "nothing"] {
        let request = Request::new("POST", &house.tenant.host(), &format!("/webhooks/{provider}"));
        house.portal.ask(request.json(&json!({}))).await.status(404).problem("not_found");
    }
}

#[tokio::test]
async fn where_real_money_moves_there_is_no_sandbox_provider() {
    let house = House::built().await;
    let asked = house.asked().await;
    let body = message("charge.succeeded", &asked.id, Some(("ch_1", samples::euros("119.00"))));
    let secret = house.tenant.sandbox_secret().await;
    let signature = signature::sign(secret.as_bytes(), house.portal.clock.now(), body.as_bytes());
    let items = house.portal.items();
    let webhook =
        Request::new("POST", &house.tenant.host(), "/webhooks/sandbox").header("sandbox-signature", &signature);
    house.portal.ask_in_prod(webhook.body("application/json", body)).await.status(404).problem("not_found");
    let own = "/sandbox-provider/webhosting-ag";
    let page = asked.pay_url.rsplit('/').next().unwrap().to_owned();
    let bearer = format!("Bearer {secret}");
    for request in [
        Request::new("GET", "localhost:9000", &format!("{own}/checkout/{page}")),
        Request::new("GET", "localhost:9000", &format!("{own}/checkout.css")),
        Request::new("POST", "localhost:9000", &format!("{own}/checkout/{page}")).form(&[("action", "pay")]),
        Request::new("GET", "localhost:9000", &format!("{own}/v1/payments/{}", asked.id))
            .header("authorization", &bearer),
        Request::new("POST", "localhost:9000", &format!("{own}/v1/checkouts"))
            .header("authorization", &bearer)
            .json(&json!({})),
    ] {
        house.portal.ask_in_prod(request).await.status(404);
    }
    let methods = json!({ "methods": ["sandbox"] });
    let settings = house.tenant.api.request("PUT", "/settings/payments").json(&methods);
    house.portal.ask_in_prod(settings).await.status(422).names(&["methods"]);
    assert_eq!(house.portal.items(), items);
}

#[tokio::test]
async fn while_the_provider_is_down_a_payment_stays_written_down_and_is_looked_up() {
    let house = House::of(Portal::behind_faults(23).await, "webhosting-ag").await;
    let (books, sandbox, place) = house.counter().await;
    let started = house.started(&books).await;
    let id = started.value.id.clone();
    for fault in [Fault::FailBefore, Fault::DropAnswer] {
        house.portal.provider_faults().always(fault);
        let unknown = booking::ask(&books, &*sandbox, started.clone(), &place).await;
        assert!(matches!(unknown, Err(BookingError::Provider(_))), "{unknown:?}");
        assert!(booking::look_up(&books, &*sandbox, &id).await.is_err());
        house.stands(&id, "started", "0.00", "119.00").await;
    }
    house.portal.provider_faults().stop();
    // The second try had arrived, only its answer was lost: asking again gives the same checkout.
    let payment = booking::ask(&books, &*sandbox, started, &place).await.unwrap();
    assert_eq!(payment.state, State::Pending);
    house.portal.provider.pay_telling(&payment.pay_url.unwrap(), "later").await;
    booking::look_up(&books, &*sandbox, &id).await.unwrap();
    house.stands(&id, "paid", "119.00", "0.00").await;
}

#[tokio::test]
async fn a_payment_nobody_asked_for_ends_when_its_time_is_over() {
    let house = House::built().await;
    let (books, sandbox, _) = house.counter().await;
    let id = house.started(&books).await.value.id;
    let waiting = booking::look_up(&books, &*sandbox, &id).await.unwrap();
    assert_eq!(waiting.state, State::Started);
    house.portal.clock.advance(hours(2));
    let (books, ..) = house.counter().await;
    booking::look_up(&books, &*sandbox, &id).await.unwrap();
    house.stands(&id, "expired", "0.00", "119.00").await;
}

#[tokio::test]
async fn a_refund_gives_money_back_once_per_reference() {
    let house = House::built().await;
    let asked = house.asked().await;
    house.portal.provider.pay(&asked.pay_url).await;
    let path = format!("/payments/{}:refund", asked.id);
    let refund = |amount: &str, reference: &str| {
        let (api, path) = (house.tenant.api.clone(), path.clone());
        let body = json!({ "amount": samples::euros(amount), "reference": reference });
        async move { api.post(&path, &body).await }
    };
    let first = refund("19.00", "GS/1").await.status(200).json();
    assert_eq!(refund("19.00", "GS/1").await.status(200).json(), first);
    house.stands(&asked.id, "paid", "119.00", "19.00").await;
    refund("20.00", "GS/1").await.status(409).names(&["reference"]);
    refund("100.01", "GS/2").await.status(422).names(&["amount"]);
    refund("-1.00", "GS/3").await.status(422).names(&["amount"]);
    refund("0.00", "GS/3").await.status(422).names(&["amount"]);
    refund("1.00", " ").await.status(422).names(&["reference"]);
    refund("100.00", "GS/2").await.status(200);
    house.stands(&asked.id, "paid", "119.00", "119.00").await;
    assert_eq!(house.payment(&asked.id).await["reversed"], samples::euros("119.00"));
    let unknown = PaymentId::new(house.portal.clock.now(), [9; 10]);
    let body = json!({ "amount": samples::euros("1.00"), "reference": "x" });
    house.tenant.api.post(&format!("/payments/{unknown}:refund"), &body).await.status(404);
    house.tenant.api.get(&format!("/payments/{unknown}")).await.status(404);
    assert_eq!(house.customer.number(), "K5003");
}

#[tokio::test]
async fn what_came_by_transfer_is_not_refunded_here() {
    let house = House::built().await;
    let (books, ..) = house.counter().await;
    let started = house.started(&books).await.value;
    let new = NewPayment {
        id: PaymentId::new(books.now, secret::entropy()),
        customer: started.customer,
        purpose: started.purpose,
        method: Method::BankTransfer,
        provider: None,
        saved: None,
        account: started.account,
        amount: started.asked,
        deposit: None,
        language: Language::De,
    };
    let change = Payment::start(new, Actor::Customer, books.now).unwrap();
    books.store.create_payment(&change).await.unwrap();
    let body = json!({ "amount": samples::euros("1.00"), "reference": "x" });
    let path = format!("/payments/{}:refund", change.next().id);
    house.tenant.api.post(&path, &body).await.status(422).problem("not_refundable");
}

#[tokio::test]
async fn the_checkout_page_is_a_test_page_of_its_own_and_takes_no_foreign_form() {
    let house = House::built().await;
    let asked = house.asked().await;
    let provider = &house.portal.provider;
    let page =
        provider.page(&asked.pay_url).await.status(200).shows("Testzahlung").shows("119,00").hides("Firma K5003");
    let policy = page.header("content-security-policy").to_owned();
    assert!(policy.contains(&format!("form-action 'self' {};", house.tenant.origin())), "{policy}");
    let path = format!("/sandbox-provider/{}", asked.pay_url.splitn(4, '/').nth(3).unwrap());
    for origin in ["http://evil.example", "null"] {
        let forged = Request::new("POST", "localhost:9000", &path).header("origin", origin).form(&[("action", "pay")]);
        house.portal.ask(forged).await.status(403);
    }
    house.stands(&asked.id, "pending", "0.00", "119.00").await;
    let elsewhere = Request::new("GET", &house.tenant.host(), &path);
    house.portal.ask(elsewhere).await.status(404);
    provider.page(&asked.pay_url.replace("webhosting-ag", "nobody")).await.status(404);
    provider.page(&format!("{}x", asked.pay_url)).await.status(404);
    provider.expire(&asked.pay_url).await;
    provider.pay(&asked.pay_url).await;
    provider.page(&asked.pay_url).await.status(200).shows("abgelaufen");
    house.stands(&asked.id, "expired", "0.00", "119.00").await;
}
