//! The sandbox provider: moves no money, but behaves like one that does. It speaks HTTP like any other, so that everything
//! around it is what it is with a real one. Its own side is the function `sandbox-provider`.
//!
//! `POST {base}/v1/checkouts`, `POST {base}/v1/charges`, `GET {base}/v1/payments/{reference}`, `POST {base}/v1/refunds`,
//! `POST {base}/v1/methods`, `GET {base}/v1/methods/{reference}`, `POST {base}/v1/methods/{id}/forget`, each with the
//! merchant's secret as bearer token; messages carry `Sandbox-Signature` (`signature.rs`).

use async_trait::async_trait;
use domain::{
    Language, Money, Secret,
    id::PaymentId,
    payment::ProviderName,
    payment_method::{MethodName, Shown, Token},
};
use http::{Method as Verb, StatusCode};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    Ask, Asked, Capabilities, Client, Fact, Introduced, Kept, Known, KnownMethod, NotVerified, Owner, Provider, Raw,
    Said, Save, Saving, Unknown, Unreadable, Verified, What,
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

/// Body of `POST /v1/charges`: what the provider keeps is charged at once. Answered by [`PaymentSeen`].
#[derive(Debug, Serialize, Deserialize)]
pub struct NewCharge {
    /// Our payment's id, also the idempotency key.
    pub reference: PaymentId,
    /// The provider's id of what is charged.
    pub method: String,
    /// How much.
    pub amount: Money,
    /// What the customer reads.
    pub description: String,
    /// Where the customer comes back to from the charge's page.
    pub return_url: String,
    /// Where messages go.
    pub webhook_url: String,
    /// Language of its page.
    pub language: Language,
}

/// Body of `POST /v1/methods`.
#[derive(Debug, Serialize, Deserialize)]
pub struct NewMethod {
    /// Our name of it, also the idempotency key.
    pub reference: MethodName,
    /// What the customer reads.
    pub description: String,
    /// Where the customer comes back to.
    pub return_url: String,
    /// Where messages go.
    pub webhook_url: String,
    /// Language of its page.
    pub language: Language,
}

/// What a method does when it is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Behaviour {
    /// It pays at once.
    Pays,
    /// It is declined.
    Declines,
    /// Nothing happens until somebody decides on the charge's page.
    Waits,
}

impl Behaviour {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Pays, Self::Declines, Self::Waits];

    /// The name in forms, and what customers recognise the method by.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Pays => "pays",
            Self::Declines => "declines",
            Self::Waits => "waits",
        }
    }
}

/// State of a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MethodState {
    /// Not decided.
    Open,
    /// It can be charged.
    Kept,
    /// Declined, or the customer turned back.
    Declined,
    /// It was kept and is no more.
    Ended,
}

/// Answer to `GET /v1/methods/{reference}`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MethodSeen {
    /// The provider's id.
    pub id: String,
    /// Our name of it.
    pub reference: MethodName,
    /// Its state.
    pub state: MethodState,
    /// What it does when it is charged, once that is decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub behaviour: Option<Behaviour>,
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
    /// The provider's id of the checkout or charge.
    pub id: String,
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
    /// `charge.succeeded`, `charge.refunded`, `checkout.declined`, `.cancelled`, `.expired`, `method.kept`, `.declined`,
    /// `.ended`; others may come.
    #[serde(rename = "type")]
    pub kind: String,
    /// Our payment's id, or our name of the method.
    pub reference: String,
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

    /// One thing; none when the provider does not have it.
    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<Option<T>, Unknown> {
        let (status, body) = send(self.request(Verb::GET, path)?).await?;
        match status {
            StatusCode::NOT_FOUND => Ok(None),
            status if status.is_success() => serde_json::from_slice(&body).map(Some).map_err(|_| Unknown::Unreadable),
            status => Err(Unknown::Refused(status.as_u16())),
        }
    }

    fn post<T: Serialize>(&self, path: &str, key: &str, body: &T) -> Result<reqwest::RequestBuilder, Unknown> {
        Ok(self.request(Verb::POST, path)?.header("idempotency-key", key).json(body))
    }

    async fn charge(&self, ask: &Ask<'_>, saved: &Token) -> Result<Asked, Unknown> {
        let body = NewCharge {
            reference: ask.payment.clone(),
            method: saved.method.clone(),
            amount: ask.amount,
            description: ask.description.to_owned(),
            return_url: ask.return_url.to_owned(),
            webhook_url: ask.webhook_url.to_owned(),
            language: ask.language,
        };
        let (status, body) = send(self.post("/v1/charges", ask.payment.as_str(), &body)?).await?;
        match status {
            status if status.is_success() => {}
            StatusCode::NOT_FOUND | StatusCode::UNPROCESSABLE_ENTITY => {
                return Ok(Asked::Refused { code: "method".to_owned() });
            }
            status => return Err(Unknown::Refused(status.as_u16())),
        }
        let seen: PaymentSeen = serde_json::from_slice(&body).map_err(|_| Unknown::Unreadable)?;
        let session = seen.id.clone();
        let what = told(seen).into_iter().next().map_or(What::Pending, |fact| fact.what);
        Ok(Asked::Charged { session, what })
    }

    fn request(&self, verb: Verb, path: &str) -> Result<reqwest::RequestBuilder, Unknown> {
        let request = self.client.request(verb, &format!("{}{path}", self.base))?;
        Ok(request.bearer_auth(self.secret.expose()))
    }
}

#[async_trait]
impl Provider for Sandbox {
    fn capabilities(&self) -> Capabilities {
        let remembers_keys = SignedDuration::from_hours(24);
        Capabilities { name: ProviderName::Sandbox, remembers_keys, refunds: true, forged: 401 }
    }

    async fn introduce(&self) -> Result<Introduced, Unknown> {
        Ok(Introduced { account: "sandbox".to_owned(), live: false })
    }

    async fn ask(&self, ask: &Ask<'_>) -> Result<Asked, Unknown> {
        if let Some(saved) = ask.saved {
            return self.charge(ask, saved).await;
        }
        let body = NewCheckout {
            reference: ask.payment.clone(),
            amount: ask.amount,
            description: ask.description.to_owned(),
            return_url: ask.return_url.to_owned(),
            webhook_url: ask.webhook_url.to_owned(),
            language: ask.language,
        };
        let made: CheckoutMade = json(self.post("/v1/checkouts", ask.payment.as_str(), &body)?).await?;
        Ok(Asked::Page { session: made.id, pay_url: made.url })
    }

    async fn look_up(&self, Known { payment, .. }: Known<'_>) -> Result<Vec<Fact>, Unknown> {
        // None: it was never asked there, or the asking is still under way.
        let seen: Option<PaymentSeen> = self.get(&format!("/v1/payments/{payment}")).await?;
        let Some(seen) = seen else { return Ok(vec![]) };
        if seen.reference != *payment {
            return Err(Unknown::Unreadable);
        }
        Ok(told(seen))
    }

    async fn owner(&self, _charge: &str) -> Result<Option<Owner>, Unknown> {
        // Everything it says names our payment.
        Ok(None)
    }

    async fn session_of(&self, _known: Known<'_>, _charge: &str) -> Result<Option<String>, Unknown> {
        // It finds everything by our id.
        Ok(None)
    }

    async fn refund(&self, Known { payment, .. }: Known<'_>, amount: Money, key: &str) -> Result<Fact, Unknown> {
        let body = NewRefund { reference: payment.clone(), amount };
        let moved: Moved = json(self.post("/v1/refunds", key, &body)?).await?;
        Ok(Fact::of(payment.clone(), What::TakenBack { reference: moved.id, amount: moved.amount }))
    }

    async fn save(&self, save: &Save<'_>) -> Result<Saving, Unknown> {
        let body = NewMethod {
            reference: save.name.clone(),
            description: save.description.to_owned(),
            return_url: save.return_url.to_owned(),
            webhook_url: save.webhook_url.to_owned(),
            language: save.language,
        };
        let made: CheckoutMade = json(self.post("/v1/methods", &save.name.to_string(), &body)?).await?;
        Ok(Saving::Page { session: made.id, url: made.url })
    }

    async fn look_up_method(&self, known: KnownMethod<'_>) -> Result<Kept, Unknown> {
        let seen: Option<MethodSeen> = self.get(&format!("/v1/methods/{}", known.name)).await?;
        let Some(seen) = seen else { return Ok(Kept::Unknown) };
        if seen.reference != *known.name {
            return Err(Unknown::Unreadable);
        }
        match (seen.state, seen.behaviour) {
            (MethodState::Open, _) => Ok(Kept::Pending),
            (MethodState::Declined, _) => Ok(Kept::Failed),
            (MethodState::Ended, _) => Ok(Kept::Gone),
            (MethodState::Kept, Some(behaviour)) => Ok(Kept::Saved {
                token: Token { customer: None, method: seen.id },
                shown: Shown::Test { label: behaviour.code().to_owned() },
            }),
            (MethodState::Kept, None) => Err(Unknown::Unreadable),
        }
    }

    async fn forget(&self, token: &Token) -> Result<(), Unknown> {
        let path = format!("/v1/methods/{}/forget", token.method);
        let (status, _) = send(self.request(Verb::POST, &path)?).await?;
        match status {
            StatusCode::NOT_FOUND => Ok(()),
            status if status.is_success() => Ok(()),
            status => Err(Unknown::Refused(status.as_u16())),
        }
    }

    fn proving_headers(&self) -> &'static [&'static str] {
        &[SIGNATURE_HEADER]
    }

    async fn verify<'a>(&self, raw: Raw<'a>) -> Result<Verified<'a>, NotVerified> {
        let header =
            raw.headers.get(SIGNATURE_HEADER).and_then(|value| value.to_str().ok()).ok_or(NotVerified::Forged)?;
        signature::verify(self.secret.expose().as_bytes(), header, raw.now, raw.body)?;
        Ok(Verified::proved(raw.body))
    }

    fn facts(&self, verified: Verified<'_>) -> Result<Vec<Said>, Unreadable> {
        let message: Message = serde_json::from_slice(verified.body()).map_err(|_| Unreadable)?;
        if message.kind.starts_with("method.") {
            return Ok(vec![Said::Method(message.reference.parse().map_err(|_| Unreadable)?)]);
        }
        let payment = message.reference.parse().map_err(|_| Unreadable)?;
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
        Ok(vec![Fact::of(payment, what).into()])
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
