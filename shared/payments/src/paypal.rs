//! PayPal: orders for payments, its vault for keeping a wallet and charging it, its events for what became of them. JSON
//! over requests that carry an access token.
//!
//! The payer only approves an order. What collects the money is our capture, and that is done by
//! [`look_up`](Provider::look_up): when the payer comes back, when PayPal tells of the approval, and when time has passed.
//! They pressed „Jetzt bezahlen" there, so an approved order is one that is to be paid. PayPal captures an order once.
//!
//! Nothing is found at PayPal without its own id: orders cannot be listed, and the search of transactions is hours behind.
//! So an answer that was lost stays lost, until the same is asked again or an event tells it. See
//! [`look_up`](Provider::look_up) for what that means.
//!
//! A session is the order's id (or those of the setup token and its customer) and a mark of the app that made it. By the
//! mark an order whose time is over is told from one that other keys cannot see: PayPal answers both with 404.
//!
//! Sources: developer.paypal.com (Orders v2, Payments v2, Payment Method Tokens v3, Webhooks, Identity, Idempotency,
//! Currency codes) and the descriptions in paypal/paypal-rest-api-specifications.

mod certificate;
mod orders;
mod vault;
mod wire;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use domain::{Language, Money, Secret, id::PaymentId, payment::ProviderName, payment_method::Token};
use http::{Method as Verb, StatusCode};
use jiff::SignedDuration;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{
    Ask, Asked, Capabilities, Client, Fact, Introduced, Kept, Known, KnownMethod, NotVerified, Owner, Provider, Raw,
    Said, Save, Saving, Unknown, Unreadable, Verified, What, WrongAccess,
    client::{json as answer, send},
};
use certificate::{Certificates, Proof};
use orders::Found;
use wire::{Account, Amount, Capture, Event, Granted, Refund, is_word, issue};

/// Where PayPal is.
pub const URL: &str = "https://api-m.paypal.com";
/// Where PayPal lets people try it without real money.
pub const SANDBOX_URL: &str = "https://api-m.sandbox.paypal.com";
/// How long before its end an access token is not used any more.
const TOKEN_MARGIN: Duration = Duration::from_mins(2);
/// Longest time that an access token is used, whatever is said of it: PayPal's are good for nine hours.
const MAX_TOKEN_LIFE: Duration = Duration::from_hours(24);
/// Longest key or id of a webhook.
const MAX_KEY: usize = 255;

/// A merchant's keys.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    /// „Client ID" of the app.
    pub client_id: String,
    /// „Secret" of the app.
    pub client_secret: Secret<String>,
    /// „Webhook ID" of the address that PayPal tells what happened: it is part of what is signed.
    pub webhook_id: String,
    /// Does the app move real money?
    pub live: bool,
    /// „Merchant ID" of the account, where it is known: then what events say of others' money is not ours.
    #[serde(default)]
    pub merchant_id: Option<String>,
}

impl Keys {
    /// Do they look like PayPal's?
    ///
    /// # Errors
    /// The field that does not.
    pub fn check(&self) -> Result<(), WrongAccess> {
        // A colon would end the name where both are sent as one.
        let is_key = |text: &str| {
            !text.is_empty()
                && text.len() <= MAX_KEY
                && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':')
        };
        if !is_key(&self.client_id) {
            return Err(WrongAccess { field: "client_id", expected: "must be the client ID of a REST app" });
        }
        if !is_key(self.client_secret.expose()) {
            return Err(WrongAccess { field: "client_secret", expected: "must be the secret of a REST app" });
        }
        let webhook = &self.webhook_id;
        if webhook.is_empty() || webhook.len() > MAX_KEY || !webhook.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(WrongAccess { field: "webhook_id", expected: "must be a webhook ID: letters and digits" });
        }
        let is_merchant = |id: &String| id.len() == 13 && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !self.merchant_id.as_ref().is_none_or(is_merchant) {
            return Err(WrongAccess { field: "merchant_id", expected: "must be a merchant ID: 13 letters and digits" });
        }
        Ok(())
    }

    /// Tells what this app made from what another one did; no secret.
    fn mark(&self) -> String {
        format!("{:08x}", crc32fast::hash(self.client_id.as_bytes()))
    }
}

/// Where PayPal is played, instead of both places of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Without a slash at the end. Certificates are fetched from below it and from nowhere else.
    pub base: String,
    /// The roots, as PEM, that its certificates lead to; none for those of the platform.
    pub authority: Option<String>,
}

#[derive(Debug)]
struct Access {
    token: Secret<String>,
    until: Instant,
}

/// One merchant's access to PayPal. Cloning shares its access token and the certificates it has seen.
#[derive(Debug, Clone)]
pub struct Paypal {
    client: Client,
    base: String,
    keys: Keys,
    access: Arc<Mutex<Option<Access>>>,
    certificates: Arc<Certificates>,
}

impl Paypal {
    /// Access of one merchant, at PayPal or where it is played.
    #[must_use]
    pub fn new(client: Client, place: Option<Place>, keys: Keys) -> Self {
        let own = if keys.live { URL } else { SANDBOX_URL };
        let base = place.as_ref().map_or_else(|| own.to_owned(), |place| place.base.clone());
        let certificates = Arc::new(Certificates::new(place, keys.live));
        Self { client, base, keys, access: Arc::default(), certificates }
    }

    fn access(&self) -> MutexGuard<'_, Option<Access>> {
        self.access.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An access token that is good for a while: the one that is kept, or a new one.
    async fn token(&self) -> Result<Secret<String>, Unknown> {
        if let Some(kept) = self.access().as_ref().filter(|kept| kept.until > Instant::now()) {
            return Ok(kept.token.clone());
        }
        // Its time begins before it was asked for, not after.
        let asked = Instant::now();
        let request = self.client.request(Verb::POST, &format!("{}/v1/oauth2/token", self.base))?;
        let request = request
            .basic_auth(&self.keys.client_id, Some(self.keys.client_secret.expose()))
            .header("content-type", "application/x-www-form-urlencoded")
            .body("grant_type=client_credentials");
        let Granted { access_token: token, expires_in } = answer(request).await?;
        let life = Duration::from_secs(expires_in).min(MAX_TOKEN_LIFE).saturating_sub(TOKEN_MARGIN);
        *self.access() = Some(Access { token: token.clone(), until: asked + life });
        Ok(token)
    }

    /// One request. A token that is no longer taken is fetched anew, once: nothing was done.
    async fn call(
        &self,
        verb: Verb,
        path: &str,
        key: Option<&str>,
        body: Option<&Value>,
    ) -> Result<(StatusCode, Vec<u8>), Unknown> {
        let mut is_second = false;
        loop {
            let token = self.token().await?;
            let request = self.client.request(verb.clone(), &format!("{}{path}", self.base))?;
            let mut request = request.bearer_auth(token.expose()).header("content-type", "application/json");
            if path.starts_with("/v2/") && body.is_some() {
                // Else the answer to a refund says neither how much nor of what.
                request = request.header("prefer", "return=representation");
            }
            if let Some(key) = key {
                request = request.header("paypal-request-id", key);
            }
            if let Some(body) = body {
                request = request.body(body.to_string());
            }
            let (status, bytes) = send(request).await?;
            if status != StatusCode::UNAUTHORIZED || is_second {
                return Ok((status, bytes));
            }
            is_second = true;
            let mut access = self.access();
            if access.as_ref().is_some_and(|kept| kept.token.expose() == token.expose()) {
                *access = None;
            }
        }
    }

    /// One thing; none when PayPal does not have it.
    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<Option<T>, Unknown> {
        let (status, bytes) = self.call(Verb::GET, path, None, None).await?;
        match status {
            StatusCode::NOT_FOUND => Ok(None),
            status if status.is_success() => serde_json::from_slice(&bytes).map(Some).map_err(|_| Unknown::Unreadable),
            status => Err(Unknown::Refused(status.as_u16())),
        }
    }
}

#[async_trait]
impl Provider for Paypal {
    /// Orders' request ids are remembered for six hours, the vault's for three: half of the one is not more than the other.
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            name: ProviderName::Paypal,
            remembers_keys: SignedDuration::from_hours(6),
            refunds: true,
            forged: 401,
        }
    }

    async fn introduce(&self) -> Result<Introduced, Unknown> {
        let path = "/v1/identity/oauth2/userinfo?schema=paypalv1.1";
        let refused = Unknown::Refused(StatusCode::NOT_FOUND.as_u16());
        let account: Account = self.get(path).await?.ok_or(refused)?;
        let user = account.user_id.rsplit('/').next().unwrap_or_default().to_owned();
        let account = account.payer_id.unwrap_or(user);
        if is_word(&account) { Ok(Introduced { account, live: self.keys.live }) } else { Err(Unknown::Unreadable) }
    }

    async fn ask(&self, ask: &Ask<'_>) -> Result<Asked, Unknown> {
        if let Some(saved) = ask.saved {
            return self.ask_saved(ask, saved).await;
        }
        let wallet = json!({
            "experience_context": {
                "return_url": ask.return_url,
                "cancel_url": ask.return_url,
                "locale": locale(ask.language),
                "user_action": "PAY_NOW",
                "shipping_preference": "NO_SHIPPING",
            },
        });
        let order = match self.create(ask, &wallet).await? {
            Ok(order) => order,
            Err(code) => return Ok(Asked::Refused { code }),
        };
        let page = wire::page(&order.links, &["payer-action", "approve"]);
        // Asked again after the payer approved it: there is nothing more to do at PayPal, and coming back collects it.
        let page = page.or_else(|| order.is_done_with().then(|| ask.return_url.to_owned()));
        let pay_url = page.ok_or(Unknown::Unreadable)?;
        Ok(Asked::Page { session: self.session(&order.id), pay_url })
    }

    /// What became of a payment. An order that the payer approved is captured first: for PayPal, looking it up is what
    /// collects the money. Of an order whose capture was declined the payer may choose another way to pay until its time is
    /// over.
    ///
    /// Without a session, because the answer was lost: nothing for a payment with a page, as nobody has its address. For a
    /// charge of what is kept the outcome is not known; asking again while the request's id is remembered tells it.
    async fn look_up(&self, known: Known<'_>) -> Result<Vec<Fact>, Unknown> {
        let fact = |what| Ok(vec![Fact::of(known.payment.clone(), what)]);
        match self.find(known).await? {
            Found::Nothing => Ok(vec![]),
            Found::Declined => fact(What::Failed),
            Found::Over => fact(What::Expired),
            Found::Order(order) => {
                order.facts(known.payment, known.saved.is_some()).map_err(|Unreadable| Unknown::Unreadable)
            }
        }
    }

    /// Of a capture, as events and disputes name them, or of an order that was approved.
    async fn owner(&self, charge: &str) -> Result<Option<Owner>, Unknown> {
        if !is_word(charge) {
            return Ok(None);
        }
        let capture: Option<Capture> = self.get(&format!("/v2/payments/captures/{charge}")).await?;
        let payment = match capture {
            Some(capture) => capture.payment(),
            None => self.order(charge).await?.and_then(|order| order.payment()),
        };
        Ok(payment.map(Owner::Payment))
    }

    /// A capture names its order, and by that a charge is found whose answer was lost.
    async fn session_of(&self, known: Known<'_>, charge: &str) -> Result<Option<String>, Unknown> {
        if !is_word(charge) {
            return Ok(None);
        }
        let is_its = |payment: Option<PaymentId>| payment.as_ref() == Some(known.payment);
        let capture: Option<Capture> = self.get(&format!("/v2/payments/captures/{charge}")).await?;
        let order = match capture {
            Some(capture) if is_its(capture.payment()) => capture.order().map(str::to_owned),
            Some(_) => None,
            None => {
                let order = self.order(charge).await?;
                order.filter(|order| is_its(order.payment()) && order.id == charge).map(|order| order.id)
            }
        };
        Ok(order.map(|order| self.session(&order)))
    }

    /// A refund's request id is remembered for 45 days. One that PayPal could not carry out was not made.
    async fn refund(&self, known: Known<'_>, amount: Money, key: &str) -> Result<Fact, Unknown> {
        let unpaid = || Unknown::Refused(StatusCode::UNPROCESSABLE_ENTITY.as_u16());
        let Found::Order(order) = self.find(known).await? else { return Err(unpaid()) };
        let capture = order.paid().ok_or_else(unpaid)?;
        let asked = Amount::of(amount).filter(|_| capture.currency() == Ok(amount.currency())).ok_or_else(unpaid)?;
        if !is_word(&capture.id) {
            return Err(Unknown::Unreadable);
        }
        let path = format!("/v2/payments/captures/{}/refund", capture.id);
        let (status, bytes) = self.call(Verb::POST, &path, Some(key), Some(&json!({ "amount": asked }))).await?;
        if !status.is_success() {
            refused(status, &bytes)?;
            return Err(unpaid());
        }
        let refund: Refund = serde_json::from_slice(&bytes).map_err(|_| Unknown::Unreadable)?;
        let given = refund.money().map_err(|Unreadable| Unknown::Unreadable)?;
        if given != amount {
            return Err(Unknown::Refused(StatusCode::CONFLICT.as_u16()));
        }
        if refund.is_back() {
            return Err(unpaid());
        }
        if !is_word(&refund.id) {
            return Err(Unknown::Unreadable);
        }
        Ok(Fact::of(known.payment.clone(), What::TakenBack { reference: refund.id, amount }))
    }

    async fn save(&self, save: &Save<'_>) -> Result<Saving, Unknown> {
        self.pledge(save).await
    }

    /// What became of a wallet. What the payer agreed to is kept first: for PayPal, looking it up is what keeps it.
    async fn look_up_method(&self, known: KnownMethod<'_>) -> Result<Kept, Unknown> {
        self.pledged(known).await
    }

    async fn forget(&self, token: &Token) -> Result<(), Unknown> {
        if !is_word(&token.method) {
            return Err(Unknown::Unreadable);
        }
        let path = format!("/v3/vault/payment-tokens/{}", token.method);
        let (status, _) = self.call(Verb::DELETE, &path, None, None).await?;
        match status {
            StatusCode::NOT_FOUND => Ok(()),
            status if status.is_success() => Ok(()),
            status => Err(Unknown::Refused(status.as_u16())),
        }
    }

    fn proving_headers(&self) -> &'static [&'static str] {
        certificate::HEADERS
    }

    async fn verify<'a>(&self, raw: Raw<'a>) -> Result<Verified<'a>, NotVerified> {
        let proof = Proof::read(raw.headers).ok_or(NotVerified::Forged)?;
        let signed = (self.keys.webhook_id.as_str(), raw.body);
        self.certificates.prove(&self.client, proof, signed, raw.now).await?;
        Ok(Verified::proved(raw.body))
    }

    fn facts(&self, verified: Verified<'_>) -> Result<Vec<Said>, Unreadable> {
        let event: Event = serde_json::from_slice(verified.body()).map_err(|_| Unreadable)?;
        event.said(self.keys.merchant_id.as_deref())
    }
}

/// The word for a refusal that holds for good.
///
/// # Errors
/// When asking again may help: then the outcome is not known.
fn refused(status: StatusCode, body: &[u8]) -> Result<String, Unknown> {
    match (status.as_u16(), issue(body)) {
        // The vault's word for one id and two requests.
        (400 | 422, Some(issue)) if issue == "PAYPAL_REQUEST_ID_PREVIOUSLY_USED" => Err(Unknown::Refused(409)),
        // „PayPal processes the first request and might fail the second" of two with one id: no conflict of ours.
        (409, _) => Err(Unknown::NoAnswer("the same is being done already".to_owned())),
        (400 | 422, Some(issue)) => Ok(issue),
        (status, _) => Err(Unknown::Refused(status)),
    }
}

const fn locale(language: Language) -> &'static str {
    match language {
        Language::De => "de-DE",
        Language::En => "en-GB",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_holds_for_good_is_a_refusal() {
        let refused = |status: u16, issue: &str| {
            let body = json!({ "name": "X", "details": [{ "issue": issue }] }).to_string();
            refused(StatusCode::from_u16(status).unwrap(), body.as_bytes())
        };
        assert_eq!(refused(422, "MAX_VALUE_EXCEEDED"), Ok("MAX_VALUE_EXCEEDED".to_owned()));
        assert_eq!(refused(400, "INVALID_PARAMETER_VALUE"), Ok("INVALID_PARAMETER_VALUE".to_owned()));
        assert_eq!(refused(422, "PAYPAL_REQUEST_ID_PREVIOUSLY_USED"), Err(Unknown::Refused(409)));
        assert!(matches!(refused(409, "PREVIOUS_REQUEST_IN_PROGRESS"), Err(Unknown::NoAnswer(_))));
        assert_eq!(refused(403, "PERMISSION_DENIED"), Err(Unknown::Refused(403)));
        assert_eq!(refused(422, "not a code"), Err(Unknown::Refused(422)));
        assert_eq!(refused(500, "INTERNAL_SERVER_ERROR"), Err(Unknown::Refused(500)));
    }

    #[test]
    fn the_place_is_paypals_own_unless_another_is_named() {
        let keys = |live| Keys {
            client_id: "app".to_owned(),
            client_secret: Secret::new("s".to_owned()),
            webhook_id: "1".to_owned(),
            live,
            merchant_id: None,
        };
        let base = |place, live| Paypal::new(Client::default(), place, keys(live)).base;
        assert_eq!(base(None, true), URL);
        assert_eq!(base(None, false), SANDBOX_URL);
        let place = || Some(Place { base: "http://127.0.0.1:1".to_owned(), authority: None });
        assert_eq!((base(place(), true), base(place(), false)), (place().unwrap().base, place().unwrap().base));
    }
}
