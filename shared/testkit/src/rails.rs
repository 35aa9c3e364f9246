//! The payment providers of the outside world: each on loopback as its vendor documents it, with the keys it takes.

use std::sync::{Arc, atomic::AtomicI64};

use domain::payment::{Method, ProviderName};
use jiff::Timestamp;
use local::Environment;
use serde_json::{Value, json};
use vendors::{
    Message,
    gocardless::{self, GoCardless, Speed},
    mollie::{self, Mollie},
    paypal::{self, PayPal},
    stripe::Stripe,
};

/// Stripe's key that is let in.
pub const STRIPE_KEY: &str = "sk_test_kundenkontor";
/// Stripe's signing secret.
pub const STRIPE_SECRET: &str = "whsec_kundenkontor";
const PAYPAL_CLIENT: &str = "AeKundenkontorClientId0123456789";
const PAYPAL_SECRET: &str = "EKundenkontorSecret0123456789";
const PAYPAL_WEBHOOK: &str = "1JE4291016473214C";
const MOLLIE_KEY: &str = "test_kundenkontor0123456789abcdefgh";
const MOLLIE_SECRET: &str = "mollie-webhook-secret";
const GOCARDLESS_TOKEN: &str = "sandbox_kundenkontor0123456789";
const GOCARDLESS_SECRET: &str = "gocardless-webhook-secret";

/// All of them.
#[derive(Debug)]
pub struct Rails {
    /// Stripe.
    pub stripe: Stripe,
    /// PayPal.
    pub paypal: PayPal,
    /// Mollie.
    pub mollie: Mollie,
    /// GoCardless.
    pub gocardless: GoCardless,
}

impl Rails {
    /// Providers that real tenants have an account with.
    pub const NAMES: [ProviderName; 4] =
        [ProviderName::Stripe, ProviderName::Paypal, ProviderName::Mollie, ProviderName::Gocardless];

    pub(crate) async fn start(clock: Arc<AtomicI64>) -> Self {
        let paypal = paypal::Setup::new(PAYPAL_CLIENT, PAYPAL_SECRET, PAYPAL_WEBHOOK, Arc::clone(&clock));
        let mut mollie = mollie::Setup::new(MOLLIE_KEY, MOLLIE_SECRET, Arc::clone(&clock));
        mollie.signed = mollie::Signed::Event;
        let gocardless = gocardless::Setup::new(GOCARDLESS_TOKEN, GOCARDLESS_SECRET, Arc::clone(&clock));
        Self {
            stripe: Stripe::start(STRIPE_KEY, STRIPE_SECRET, clock).await,
            paypal: PayPal::start(paypal).await,
            mollie: Mollie::start(mollie).await,
            gocardless: GoCardless::start(gocardless).await,
        }
    }

    /// Tells our functions where they are.
    pub(crate) fn announce(&self, environment: &mut Environment) {
        environment.insert("STRIPE_URL", self.stripe.url());
        environment.insert("PAYPAL_URL", self.paypal.url());
        environment.insert("PAYPAL_AUTHORITY", paypal::AUTHORITY.to_owned());
        environment.insert("MOLLIE_URL", self.mollie.url());
        environment.insert("GOCARDLESS_URL", self.gocardless.url());
    }

    /// The keys that a tenant sets.
    #[must_use]
    pub fn keys(name: ProviderName) -> Value {
        match name {
            ProviderName::Sandbox => json!({}),
            ProviderName::Stripe => json!({ "secret_key": STRIPE_KEY, "webhook_secrets": [STRIPE_SECRET] }),
            ProviderName::Paypal => json!({ "client_id": PAYPAL_CLIENT, "client_secret": PAYPAL_SECRET,
                "webhook_id": PAYPAL_WEBHOOK, "live": false }),
            ProviderName::Mollie => json!({ "api_key": MOLLIE_KEY, "webhook_secrets": [MOLLIE_SECRET] }),
            ProviderName::Gocardless => json!({ "access_token": GOCARDLESS_TOKEN,
                "webhook_secrets": [GOCARDLESS_SECRET], "live": false }),
        }
    }

    /// A way to pay that it carries.
    #[must_use]
    pub fn method(name: ProviderName) -> Method {
        name.methods()[0]
    }

    /// The customer pays at the page that was made last.
    ///
    /// # Panics
    /// When there is none that can be paid.
    pub fn pay_last(&self, name: ProviderName, url: &str) {
        let paid = match name {
            ProviderName::Sandbox => false,
            ProviderName::Stripe => {
                let session = url.split(['/', '#', '?']).find(|part| part.starts_with("cs_"));
                session.is_some_and(|session| self.stripe.pay(session).is_ok())
            }
            ProviderName::Paypal => self.paypal.orders().last().is_some_and(|(id, _)| self.paypal.approve(id)),
            ProviderName::Mollie => self.mollie.payments().last().is_some_and(|(id, _)| self.mollie.pay(id)),
            ProviderName::Gocardless => {
                let request = self.gocardless.billing_requests().last().cloned();
                request.is_some_and(|(id, _)| self.gocardless.fulfil(&id, Speed::AtOnce))
            }
        };
        assert!(paid, "{name:?} has no page that can be paid");
    }

    /// What it has sent since it was last asked.
    #[must_use]
    pub fn messages(&self, name: ProviderName) -> Vec<Message> {
        match name {
            ProviderName::Sandbox => Vec::new(),
            ProviderName::Stripe => self.stripe.messages(),
            ProviderName::Paypal => self.paypal.messages(),
            ProviderName::Mollie => self.mollie.messages(),
            ProviderName::Gocardless => self.gocardless.messages(),
        }
    }

    /// What it took, oldest first, as its own books say.
    #[must_use]
    pub fn taken(&self, name: ProviderName) -> Vec<Taken> {
        let named = |metadata: &Value| metadata["payment"].as_str().map(str::to_owned);
        match name {
            ProviderName::Sandbox => Vec::new(),
            ProviderName::Stripe => {
                let taken = |one: vendors::stripe::Taken| Taken {
                    payment: one.metadata.get("payment").cloned(),
                    returned: one.refunded + one.disputed,
                    charge: one.payment_intent,
                    amount: one.amount,
                };
                self.stripe.charges().into_iter().map(taken).collect()
            }
            ProviderName::Paypal => {
                let taken = |one: paypal::Charge| Taken {
                    payment: one.custom_id,
                    returned: one.refunded + one.reversed,
                    charge: one.id,
                    amount: one.amount,
                };
                self.paypal.charges().into_iter().map(taken).collect()
            }
            ProviderName::Mollie => {
                let taken = |one: mollie::Charge| Taken {
                    payment: named(&one.metadata),
                    returned: one.refunded + one.charged_back,
                    charge: one.id,
                    amount: one.amount,
                };
                self.mollie.charges().into_iter().map(taken).collect()
            }
            ProviderName::Gocardless => {
                let taken = |one: gocardless::Charge| Taken {
                    payment: named(&one.metadata),
                    returned: one.refunded + one.charged_back,
                    charge: one.id,
                    amount: one.amount,
                };
                self.gocardless.charges().into_iter().map(taken).collect()
            }
        }
    }

    /// How much money it took and kept, in minor units.
    #[must_use]
    pub fn kept(&self, name: ProviderName) -> i64 {
        self.taken(name).iter().map(Taken::kept).sum()
    }

    /// Sets the clock that all of them share.
    pub fn set_clock(&self, now: Timestamp) {
        self.stripe.set_now(now.as_second());
    }

    /// From now on so many of their answers of a hundred fail, drawn from the seed.
    pub fn unreliable(&self, percent: u64, seed: u64) {
        self.stripe.unreliable(percent, seed);
        self.paypal.unreliable(percent, seed.rotate_left(16));
        self.mollie.unreliable(percent, seed.rotate_left(32));
        self.gocardless.unreliable(percent, seed.rotate_left(48));
    }
}

/// Money that a provider took from a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Our payment, where it names one.
    pub payment: Option<String>,
    /// The provider's name of the charge, which is the one in our books.
    pub charge: String,
    /// How much, in minor units.
    pub amount: i64,
    /// What of it was given back, charged back or disputed, and has not come again.
    pub returned: i64,
}

impl Taken {
    /// What the merchant has of it, before fees.
    #[must_use]
    pub const fn kept(&self) -> i64 {
        self.amount - self.returned
    }
}
