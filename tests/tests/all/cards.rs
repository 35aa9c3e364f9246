//! A real provider from its keys to the paid invoice: Stripe as its documents describe it, on loopback.

use testkit::{Answer, Customer, Portal, Request, STRIPE_KEY, STRIPE_SECRET, Tenant, Value, json, samples};
use vendors::Message;

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

    /// The same, taking cards.
    async fn taking_cards() -> Self {
        let house = Self::built().await;
        house.connect(STRIPE_KEY).await.status(200);
        house.offer("card").await.status(200);
        house
    }

    async fn connect(&self, key: &str) -> Answer {
        let keys = json!({ "secret_key": key, "webhook_secrets": [STRIPE_SECRET] });
        self.tenant.api.put("/settings/providers/stripe", &keys).await
    }

    async fn offer(&self, method: &str) -> Answer {
        self.tenant.api.put("/settings/payments", &json!({ "methods": [method] })).await
    }

    /// Settles the invoice over the API.
    async fn settle(&self, method: &str) -> Answer {
        let program = self.tine.token().await;
        let body = json!({ "invoices": ["RE1"], "method": method });
        let request = program.request("POST", "/api/v1/settlements").header("idempotency-key", "one");
        self.portal.ask(request.json(&body)).await
    }

    /// Gives messages to our front door, as Stripe would.
    async fn deliver(&self, messages: &[Message], host: &str) -> Vec<u16> {
        let mut answers = Vec::new();
        for message in messages {
            let mut request = Request::new("POST", host, "/webhooks/stripe");
            for (name, value) in &message.headers {
                request = request.instead(name.as_str(), value.to_str().unwrap());
            }
            let answer = self.portal.ask(request.body("application/json", message.body.clone())).await;
            answers.push(answer.code());
        }
        answers
    }

    async fn open(&self) -> Value {
        self.tenant.api.get("/invoices/RE1").await.json()["state"]["open"].clone()
    }
}

/// Stripe's id of the page that the customer is sent to.
fn session(settled: &Value) -> &str {
    let url = settled["next"]["url"].as_str().unwrap();
    url.split(['/', '#', '?']).find(|part| part.starts_with("cs_")).unwrap()
}

#[tokio::test]
async fn a_card_pays_an_invoice_and_a_doubled_message_pays_it_once() {
    let house = House::taking_cards().await;
    let settled = house.settle("card").await.status(201).json();
    assert_eq!(
        (&settled["state"]["name"], &settled["next"]["kind"]),
        (&json!("pending"), &json!("redirect")),
        "{settled}"
    );
    let intent = house.portal.rails.stripe.pay(session(&settled)).unwrap();
    let messages = house.portal.rails.stripe.messages();
    let forged: Vec<Message> = messages
        .iter()
        .map(|message| Message { body: [&message.body[..], b" "].concat(), ..message.clone() })
        .collect();
    assert!(house.deliver(&forged, &house.tenant.host()).await.iter().all(|code| *code == 401));
    assert_eq!(house.open().await, samples::euros("119.00"));
    let stranger = house.portal.tenant("stadtwerke-muster").await;
    assert!(
        house.deliver(&messages, &stranger.host()).await.iter().all(|code| *code == 404),
        "nobody there has Stripe"
    );
    for _ in 0..2 {
        assert!(house.deliver(&messages, &house.tenant.host()).await.iter().all(|code| *code == 200));
        assert_eq!(house.open().await, samples::euros("0.00"));
    }
    let path = format!("/payments/{}", settled["payment"].as_str().unwrap());
    let paid = house.tenant.api.get(&path).await.status(200).json();
    assert_eq!((&paid["received"], &paid["provider"]), (&samples::euros("119.00"), &json!("stripe")));
    // Staff give a part of it back; Stripe's own message about that changes nothing more.
    let refund = json!({ "amount": samples::euros("19.00"), "reference": "credit-1" });
    house.tenant.api.post(&format!("{path}:refund"), &refund).await.status(200);
    assert!(
        house
            .deliver(&house.portal.rails.stripe.messages(), &house.tenant.host())
            .await
            .iter()
            .all(|code| *code == 200)
    );
    assert_eq!(house.open().await, samples::euros("19.00"));
    let taken = house.portal.rails.stripe.charges();
    let one = taken.iter().find(|one| one.payment_intent == intent).unwrap();
    assert_eq!((taken.len(), one.kept()), (1, 10_000), "what Stripe took is what our books say");
}

#[tokio::test]
async fn what_somebody_else_charges_with_the_same_account_is_not_ours() {
    let house = House::taking_cards().await;
    let intent = house.portal.rails.stripe.stranger(5_000, "eur");
    house.portal.rails.stripe.refund(&intent, 5_000).unwrap();
    let messages = house.portal.rails.stripe.messages();
    assert!(messages.len() >= 2);
    assert!(house.deliver(&messages, &house.tenant.host()).await.iter().all(|code| *code == 200));
    let replayed = house.tenant.api.post("/webhooks:replay", &json!({})).await.status(200).json();
    assert_eq!(replayed, json!({ "done": 0, "left": 0 }), "nothing waits for staff");
}

#[tokio::test]
async fn a_method_is_accepted_once_it_is_enabled_and_a_provider_carries_it() {
    let house = House::built().await;
    house.offer("card").await.status(422).shows("method_not_enabled");
    house.settle("card").await.status(422).shows("method_not_enabled");
    house.connect(STRIPE_KEY).await.status(200);
    house.settle("card").await.status(422).shows("method_not_enabled");
    house.offer("paypal").await.status(422).shows("method_not_enabled");
    house.offer("card").await.status(200);
    house.settle("card").await.status(201);
}

#[tokio::test]
async fn keys_are_tried_before_they_are_kept_and_never_shown() {
    let house = House::built().await;
    for (key, reason) in [
        ("sk_test_wrong", "refused"),
        ("pk_test_public", "must be a secret key"),
        ("sk_live_", "must be a secret key"),
        ("sk_test_a b", "must be a secret key"),
    ] {
        house.connect(key).await.status(422).shows(reason).shows("secret_key").hides(key);
    }
    let api = &house.tenant.api;
    let odd = json!({ "secret_key": STRIPE_KEY, "webhook_secrets": [STRIPE_SECRET], "password": "hunter2" });
    api.put("/settings/providers/stripe", &odd).await.status(422).hides("hunter2").hides(STRIPE_KEY);
    let none = json!({ "secret_key": STRIPE_KEY, "webhook_secrets": [] });
    api.put("/settings/providers/stripe", &none).await.status(422).shows("webhook_secrets");
    for unknown in ["sandbox", "nobody"] {
        api.put(&format!("/settings/providers/{unknown}"), &json!({})).await.status(404);
    }
    let before = api.get("/settings/providers").await.status(200).json();
    assert_eq!(before["items"][0]["connected"], json!(false));
    house.connect(STRIPE_KEY).await.status(200).hides(STRIPE_KEY).hides(STRIPE_SECRET).shows("/webhooks/stripe");
    let listed = api.get("/settings/providers").await.status(200).hides(STRIPE_KEY).hides(STRIPE_SECRET).json();
    assert_eq!((&listed["items"][0]["provider"], &listed["items"][0]["connected"]), (&json!("stripe"), &json!(true)));
    let stored: String = house.portal.stored().iter().map(Value::to_string).collect();
    assert!(!stored.contains(STRIPE_KEY) && !stored.contains(STRIPE_SECRET), "keys are not in the table");
}
