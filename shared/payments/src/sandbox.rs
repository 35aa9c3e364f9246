//! The sandbox provider: moves no money, but behaves like one that does. It speaks HTTP like any other, so that everything
//! around it is what it is with a real one. Its own side is the function `sandbox-provider`.
//!
//! `POST {base}/v1/checkouts`, `GET {base}/v1/payments/{reference}`, `POST {base}/v1/refunds`, each with the merchant's
//! secret as bearer token; messages carry `Sandbox-Signature` (`signature.rs`).

use async_trait::async_trait;
use domain::{Language, Money, Secret, id::PaymentId, payment::ProviderName};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::{
    Ask, Asked, Capabilities, Client, Fact, Introduced, Known, NotVerified, Provider, Raw, Unknown, Unreadable,
    Verified, What,
    client::{json, send},
    signature,
};

/// Header of the messages.
pub const SIGNATURE_HEADER: &str = "sandbox-signature";
/// Longest id of a charge or refund.
const MAX_REFERENCE: usize = 120;

/// One merchant's access to the sandbox provider.
#[derive(Debug, Clone)]
pub struct Sandbox {
    client: Client,
    base: String,
    secret: Secret<String>,
}

/// Body of `POST /v1/checkouts`.
#[derive(Debug, Serialize, Deserialize)]
pub struct NewCheckout {
    /// Our payment's id, also the idempotency key.
    pub reference: PaymentId,
    /// How much.
    pub amount: Money,
    /// What the customer reads.
    pub description: String,
    /// Where the customer comes back to.
    pub return_url: String,
    /// Where messages go.
    pub webhook_url: String,
    /// Language of its page.
    pub language: Language,
}

/// Answer to `POST /v1/checkouts`.
#[derive(Debug, Serialize, Deserialize)]
pub struct CheckoutMade {
    /// Its id.
    pub id: String,
    /// Where the customer pays.
    pub url: String,
}

/// State of a checkout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckoutState {
    /// Not decided.
    Open,
    /// Paid at least once.
    Paid,
    /// Declined.
    Declined,
    /// The customer turned back.
    Cancelled,
    /// Can no longer be paid.
    Expired,
}

/// Money that moved: a charge or a refund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// The provider's id.
    pub id: String,
    /// How much.
    pub amount: Money,
}

/// Answer to `GET /v1/payments/{reference}`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PaymentSeen {
    /// Our payment's id.
    pub reference: PaymentId,
    /// Its state.
    pub state: CheckoutState,
    /// Every charge.
    pub charges: Vec<Moved>,
    /// Every refund.
    pub refunds: Vec<Moved>,
}

/// Body of `POST /v1/refunds`, with an `Idempotency-Key`.
#[derive(Debug, Serialize, Deserialize)]
pub struct NewRefund {
    /// Our payment's id.
    pub reference: PaymentId,
    /// How much.
    pub amount: Money,
}

/// A message to us.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Its id; the same message again has the same.
    pub id: String,
    /// `charge.succeeded`, `charge.refunded`, `checkout.declined`, `.cancelled`, `.expired`; others may come.
    #[serde(rename = "type")]
    pub kind: String,
    /// Our payment's id.
    pub reference: PaymentId,
    /// The charge or refund.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved: Option<Moved>,
}

impl Sandbox {
    /// Access of one merchant. `base` is its address there, without a slash at the end.
    #[must_use]
    pub const fn new(client: Client, base: String, secret: Secret<String>) -> Self {
        Self { client, base, secret }
    }

    fn request(&self, verb: http::Method, path: &str) -> Result<reqwest::RequestBuilder, Unknown> {
        let request = self.client.request(verb, &format!("{}{path}", self.base))?;
        Ok(request.bearer_auth(self.secret.expose()))
    }
}

#[async_trait]
impl Provider for Sandbox {
    fn capabilities(&self) -> Capabilities {
        Capabilities { name: ProviderName::Sandbox, remembers_keys: SignedDuration::from_hours(24), refunds: true }
    }

    async fn introduce(&self) -> Result<Introduced, Unknown> {
        Ok(Introduced { account: "sandbox".to_owned(), live: false })
    }

    async fn ask(&self, ask: &Ask<'_>) -> Result<Asked, Unknown> {
        let body = NewCheckout {
            reference: ask.payment.clone(),
            amount: ask.amount,
            description: ask.description.to_owned(),
            return_url: ask.return_url.to_owned(),
            webhook_url: ask.webhook_url.to_owned(),
            language: ask.language,
        };
        let request =
            self.request(http::Method::POST, "/v1/checkouts")?.header("idempotency-key", ask.payment.as_str());
        let made: CheckoutMade = json(request.json(&body)).await?;
        Ok(Asked::Page { session: made.id, pay_url: made.url })
    }

    async fn look_up(&self, Known { payment, .. }: Known<'_>) -> Result<Vec<Fact>, Unknown> {
        let request = self.request(http::Method::GET, &format!("/v1/payments/{payment}"))?;
        let (status, body) = send(request).await?;
        if status == http::StatusCode::NOT_FOUND {
            // It was never asked there, or the asking is still under way.
            return Ok(vec![]);
        }
        if !status.is_success() {
            return Err(Unknown::Refused(status.as_u16()));
        }
        let seen: PaymentSeen = serde_json::from_slice(&body).map_err(|_| Unknown::Unreadable)?;
        if seen.reference != *payment {
            return Err(Unknown::Unreadable);
        }
        Ok(told(seen))
    }

    async fn owner(&self, _charge: &str) -> Result<Option<PaymentId>, Unknown> {
        // Everything it says names our payment.
        Ok(None)
    }

    async fn refund(&self, Known { payment, .. }: Known<'_>, amount: Money, key: &str) -> Result<Fact, Unknown> {
        let body = NewRefund { reference: payment.clone(), amount };
        let request = self.request(http::Method::POST, "/v1/refunds")?.header("idempotency-key", key);
        let moved: Moved = json(request.json(&body)).await?;
        Ok(Fact::of(payment.clone(), What::TakenBack { reference: moved.id, amount: moved.amount }))
    }

    fn proving_headers(&self) -> &'static [&'static str] {
        &[SIGNATURE_HEADER]
    }

    fn verify<'a>(&self, raw: Raw<'a>) -> Result<Verified<'a>, NotVerified> {
        let header = raw.headers.get(SIGNATURE_HEADER).and_then(|value| value.to_str().ok()).ok_or(NotVerified)?;
        signature::verify(self.secret.expose().as_bytes(), header, raw.now, raw.body)?;
        Ok(Verified::proved(raw.body))
    }

    fn facts(&self, verified: Verified<'_>) -> Result<Vec<Fact>, Unreadable> {
        let message: Message = serde_json::from_slice(verified.body()).map_err(|_| Unreadable)?;
        let moved = |message: &Message| {
            message
                .moved
                .clone()
                .filter(|moved| !moved.id.is_empty() && moved.id.len() <= MAX_REFERENCE)
                .ok_or(Unreadable)
        };
        let what = match message.kind.as_str() {
            "charge.succeeded" => moved(&message).map(|one| What::Arrived { reference: one.id, amount: one.amount })?,
            "charge.refunded" => {
                moved(&message).map(|one| What::TakenBack { reference: one.id, amount: one.amount })?
            }
            "checkout.declined" => What::Failed,
            "checkout.cancelled" => What::Cancelled,
            "checkout.expired" => What::Expired,
            other => What::Other(other.chars().take(MAX_REFERENCE).collect()),
        };
        Ok(vec![Fact::of(message.reference, what)])
    }
}

fn told(seen: PaymentSeen) -> Vec<Fact> {
    let fact = |what| Fact::of(seen.reference.clone(), what);
    let charges = seen.charges.iter().map(|one| What::Arrived { reference: one.id.clone(), amount: one.amount });
    let refunds = seen.refunds.iter().map(|one| What::TakenBack { reference: one.id.clone(), amount: one.amount });
    let mut facts: Vec<Fact> = charges.chain(refunds).map(fact).collect();
    if facts.is_empty() {
        facts.push(fact(match seen.state {
            CheckoutState::Open | CheckoutState::Paid => What::Pending,
            CheckoutState::Declined => What::Failed,
            CheckoutState::Cancelled => What::Cancelled,
            CheckoutState::Expired => What::Expired,
        }));
    }
    facts
}
