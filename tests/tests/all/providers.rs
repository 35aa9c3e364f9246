//! The contract of payment providers, asked of the sandbox provider, which lives in the portal; the others are asked in
//! `payments`' own tests.

use domain::{
    Currency, Money,
    id::PaymentId,
    payment::{Method, ProviderName},
    payment_method::Token,
};
use http::{HeaderMap, HeaderValue};
use jiff::Timestamp;
use payments::{Asked, Client, Sandbox, Saving, sandbox::SIGNATURE_HEADER, signature};
use testkit::{Portal, Tenant, json};

use contract::{World, eur, keeps_the_contract};

#[path = "../../../shared/payments/tests/rails/contract.rs"]
mod contract;

struct SandboxWorld {
    portal: Portal,
    tenant: Tenant,
    secret: String,
    adapter: Sandbox,
    stranger: Sandbox,
}

impl World for SandboxWorld {
    type Adapter = Sandbox;

    fn adapter(&self) -> &Sandbox {
        &self.adapter
    }

    fn stranger(&self) -> &Sandbox {
        &self.stranger
    }

    fn now(&self) -> Timestamp {
        self.portal.clock.now()
    }

    fn method(&self) -> Method {
        Method::Sandbox
    }

    fn amounts(&self) -> [Money; 3] {
        [eur(1), Money::of_minor(123_456_789, Currency::Chf), Money::of_minor(1_500, Currency::Jpy)]
    }

    fn webhook_url(&self) -> String {
        format!("{}/webhooks/sandbox", self.tenant.origin())
    }

    async fn pay(&self, asked: &Asked) {
        let Asked::Page { pay_url, .. } = asked else { panic!("{asked:?}") };
        self.portal.provider.pay_telling(pay_url, "later").await;
    }

    async fn agree(&self, saving: &Saving, _method: Method) {
        let Saving::Page { url, .. } = saving else { panic!("{saving:?}") };
        self.portal.provider.press(url, "keep", &[("behaviour", "pays")]).await.status(303);
    }

    async fn decline_next(&self, token: &Token) {
        self.portal.provider.press(&self.page_of(token), "keep", &[("behaviour", "declines")]).await.status(303);
    }

    async fn arrive(&self, _session: &str) {}

    async fn end(&self, token: &Token) {
        self.portal.provider.press(&self.page_of(token), "end", &[]).await.status(303);
    }

    fn odd_message(&self, payment: &PaymentId) -> Vec<u8> {
        json!({ "id": "msg_1", "type": "made.up", "reference": payment, "more": [1, 2] }).to_string().into_bytes()
    }

    fn proof(&self, body: &[u8], at: Timestamp) -> HeaderMap {
        let value = signature::sign(self.secret.as_bytes(), at, body);
        HeaderMap::from_iter([(SIGNATURE_HEADER.parse().unwrap(), HeaderValue::from_str(&value).unwrap())])
    }
}

impl SandboxWorld {
    /// The page on which somebody decides what is kept.
    fn page_of(&self, token: &Token) -> String {
        format!("{}/webhosting-ag/method/{}", self.portal.provider.url(), token.method)
    }
}

#[tokio::test]
async fn the_sandbox_provider_keeps_the_contract() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    tenant.enable(Method::Sandbox).await;
    let secret = tenant.sandbox_secret().await;
    let client = Client::default();
    let base = format!("{}/webhosting-ag", portal.provider.url());
    let sandbox = |secret: &str| Sandbox::new(client.clone(), base.clone(), domain::Secret::new(secret.to_owned()));
    let world = SandboxWorld { adapter: sandbox(&secret), stranger: sandbox("another"), portal, tenant, secret };
    keeps_the_contract(&world).await;
}

#[tokio::test]
async fn a_way_to_pay_that_is_not_offered_is_not_asked() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let process = portal.another_process().await;
    let found = process.store().tenant_of_host("webhosting-ag.localhost", portal.clock.now()).await.unwrap();
    let store = process.store().in_tenant(found.scope());
    let (providers, now) = (portal.providers(&process), portal.clock.now());
    for name in ProviderName::ALL {
        for method in name.methods() {
            let refused = providers.to_ask(&store, &found, (*method, name), now).await;
            assert!(matches!(refused, Err(web::Problem::MethodNotEnabled)), "{name:?} {method:?}");
        }
        assert!(providers.asked(&store, &found, name, now).await.unwrap().is_none(), "nobody ever asked it");
    }
    assert_eq!(tenant.slug(), "webhosting-ag");
}
