//! GoCardless: billing requests for paying from an online bank account and for mandates, payments for charging a mandate,
//! its events for what became of them. JSON in envelopes both ways.
//!
//! Sources: developer.gocardless.com/api-reference (Billing Requests, Billing Request Flows, Payments, Refunds, Mandates,
//! Events, Creditors, Idempotency keys, Webhooks) and, where pages could not be read, the clients that GoCardless generates
//! from its description of the API (gocardless-dotnet, gocardless-pro-python `tests/fixtures`).

mod calls;
mod events;
mod kept;
mod pages;
mod wire;

use async_trait::async_trait;
use domain::{
    Currency, Money, Secret,
    payment::{Method, ProviderName},
    payment_method::Token,
};
use http::{Method as Verb, StatusCode};
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    Ask, Asked, Capabilities, Client, Fact, Introduced, Kept, Known, KnownMethod, NotVerified, Owner, Provider, Raw,
    Said, Save, Saving, Unknown, Unreadable, Verified, What, WrongAccess,
    client::{json, send},
    signature,
};
use calls::{Made, between, refused};
use kept::{Creditor, Mandate, Standing};
use pages::Page;
use wire::{BillingRequest, Event, Payment, Refund, Resource, is_word};

/// Where GoCardless moves real money.
pub const URL: &str = "https://api.gocardless.com";
/// Where it moves none.
pub const SANDBOX_URL: &str = "https://api-sandbox.gocardless.com";
/// The version of the API that this file is written for, and the only one.
const VERSION: &str = "2015-07-06";
/// Header of the messages.
pub const SIGNATURE_HEADER: &str = "webhook-signature";
/// How long GoCardless remembers a key could not be found in its documents: no more is trusted than a day.
const REMEMBERS_KEYS: SignedDuration = SignedDuration::from_hours(24);
/// Longest description that is sent; no limit is documented.
const MAX_DESCRIPTION: usize = 255;
/// A secret of fewer letters could be guessed.
const MIN_SECRET: usize = 8;

/// A merchant's keys.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    /// „Access token", with read and write access.
    pub access_token: Secret<String>,
    /// Secrets of the webhook endpoint; two while one is exchanged for the other.
    pub webhook_secrets: Vec<Secret<String>>,
    /// Does it move real money? The two environments have addresses of their own.
    pub live: bool,
}

impl Keys {
    /// Do they look like GoCardless's?
    ///
    /// # Errors
    /// The field that does not.
    pub fn check(&self) -> Result<(), WrongAccess> {
        let token = self.access_token.expose();
        let is_plain = token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        if !(MIN_SECRET..=255).contains(&token.len()) || !is_plain {
            return Err(WrongAccess { field: "access_token", expected: "must be an access token" });
        }
        // Tokens that say where they belong are believed; it is nowhere documented that all of them do.
        let other = if self.live { "sandbox_" } else { "live_" };
        if token.starts_with(other) {
            return Err(WrongAccess { field: "live", expected: "must fit the access token: live_… or sandbox_…" });
        }
        let genuine = |secret: &Secret<String>| {
            let secret = secret.expose();
            (MIN_SECRET..=255).contains(&secret.len()) && secret.bytes().all(|b| b.is_ascii_graphic())
        };
        let count = self.webhook_secrets.len();
        if !(1..=2).contains(&count) || !self.webhook_secrets.iter().all(genuine) {
            return Err(WrongAccess {
                field: "webhook_secrets",
                expected: "must be one or two secrets of the webhook endpoint, of 8 letters or more",
            });
        }
        Ok(())
    }
}

/// What became of what a customer was asked for.
#[derive(Debug)]
enum Found {
    /// A payment.
    Payment(Payment),
    /// None yet, or never one.
    Nothing(What),
}

/// One merchant's access to GoCardless.
#[derive(Debug, Clone)]
pub struct GoCardless {
    client: Client,
    base: String,
    keys: Keys,
}

impl GoCardless {
    /// Access of one merchant. `base` is [`URL`], [`SANDBOX_URL`], or where it is played.
    #[must_use]
    pub const fn new(client: Client, base: String, keys: Keys) -> Self {
        Self { client, base, keys }
    }

    /// Charges a mandate, on the first day on which its bank allows it.
    async fn ask_saved(&self, ask: &Ask<'_>, saved: &Token) -> Result<Asked, Unknown> {
        if ask.method != Method::SepaDebit {
            return Ok(Asked::Refused { code: "method".to_owned() });
        }
        let body = json!({
            "amount": ask.amount.minor(),
            "currency": ask.amount.currency().code(),
            "description": description(ask.description),
            "metadata": { "payment": ask.payment },
            "links": { "mandate": saved.method },
        });
        let payment: Payment = match self.make(ask.payment.as_str(), &body).await? {
            Made::Now(payment) => payment,
            Made::Before(payment) => {
                let is_same = payment.metadata.payment().as_ref() == Some(ask.payment)
                    && payment.amount().map_err(unreadable)? == ask.amount;
                if !is_same {
                    return Err(conflict());
                }
                payment
            }
            Made::Refused(code) => return Ok(Asked::Refused { code }),
        };
        let what = payment.charged().map_err(unreadable)?;
        if is_word(&payment.id) { Ok(Asked::Charged { session: payment.id, what }) } else { Err(Unknown::Unreadable) }
    }

    /// What became of a payment of ours; none when GoCardless was never asked.
    async fn found(&self, known: Known<'_>) -> Result<Option<Found>, Unknown> {
        let is_ours = |payment: &Payment| payment.metadata.payment().as_ref() == Some(known.payment);
        let Some(saved) = known.saved else { return self.found_by_page(known).await };
        let payment = match known.session {
            Some(id) => Some(self.known::<Payment>(id).await?),
            None if is_word(&saved.method) => {
                let filter = format!("&mandate={}{}", saved.method, between(known.since, known.until));
                self.search(&filter, is_ours).await?
            }
            None => return Err(Unknown::Unreadable),
        };
        match payment {
            Some(payment) if is_ours(&payment) => Ok(Some(Found::Payment(payment))),
            Some(_) => Err(Unknown::Unreadable),
            None => Ok(None),
        }
    }

    /// The payment's events, and with them what its money did.
    async fn facts_of(&self, payment: &Payment, is_saved: bool) -> Result<Vec<What>, Unknown> {
        if !is_word(&payment.id) {
            return Err(Unknown::Unreadable);
        }
        let events: Vec<Event> = self.all(&format!("&payment={}", payment.id)).await?;
        let mut facts = events::of_money(payment, &events, is_saved)?;
        if facts.iter().any(|fact| matches!(fact, What::Arrived { .. })) {
            for refund in self.refunds(payment).await? {
                facts.extend(refund.facts().map_err(unreadable)?);
            }
        }
        Ok(facts)
    }

    async fn refunds(&self, payment: &Payment) -> Result<Vec<Refund>, Unknown> {
        self.all(&format!("&payment={}", payment.id)).await
    }

    /// What of ours a payment belongs to. It should carry what its billing request was given for it; where it does not,
    /// the billing requests of its customer are looked through.
    async fn owner_of_payment(&self, id: &str) -> Result<Option<Owner>, Unknown> {
        let Some(payment) = self.get::<Payment>(id).await? else { return Ok(None) };
        if let Some(owner) = payment.metadata.owner() {
            return Ok(Some(owner));
        }
        let Some(mandate) = payment.mandate() else { return Ok(None) };
        let mandate: Option<Mandate> = self.get(mandate).await?;
        let Some(customer) = mandate.and_then(|mandate| mandate.links.customer).filter(|id| is_word(id)) else {
            return Ok(None);
        };
        let is_its = |request: &BillingRequest| request.payment() == Some(id);
        let request = self.search(&format!("&customer={customer}"), is_its).await?;
        Ok(request.and_then(|request| request.metadata.owner()))
    }
}

#[async_trait]
impl Provider for GoCardless {
    fn capabilities(&self) -> Capabilities {
        // 498 „Token Invalid" is what GoCardless's documents ask for.
        Capabilities { name: ProviderName::Gocardless, remembers_keys: REMEMBERS_KEYS, refunds: true, forged: 498 }
    }

    async fn introduce(&self) -> Result<Introduced, Unknown> {
        let path = format!("{}?limit={}", Creditor::KIND, Creditor::PAGE);
        let mut answer: Value = json(self.request(Verb::GET, &path)?).await?;
        let creditors = answer.get_mut(Creditor::KIND).map(Value::take).ok_or(Unknown::Unreadable)?;
        let creditors: Vec<Creditor> = serde_json::from_value(creditors).map_err(|_| Unknown::Unreadable)?;
        match creditors.as_slice() {
            [creditor] => Ok(Introduced { account: creditor.id.clone(), live: self.keys.live }),
            [] => Err(Unknown::Unreadable),
            // Each billing request would have to say which one: nobody has told us.
            _ => Err(unprocessable()),
        }
    }

    async fn ask(&self, ask: &Ask<'_>) -> Result<Asked, Unknown> {
        if let Some(saved) = ask.saved {
            return self.ask_saved(ask, saved).await;
        }
        if ask.method != Method::OnlineBanking {
            return Ok(Asked::Refused { code: "method".to_owned() });
        }
        let currency = ask.amount.currency();
        if !matches!(currency, Currency::Eur | Currency::Gbp) {
            return Ok(Asked::Refused { code: "currency".to_owned() });
        }
        let metadata = json!({ "payment": ask.payment });
        let body = json!({
            // Both carry our id: the request is found by its own, the payment that comes of it by the other.
            "metadata": metadata,
            "payment_request": {
                "amount": ask.amount.minor(),
                "currency": currency.code(),
                "description": description(ask.description),
                "metadata": metadata,
            },
        });
        let page = Page { return_url: ask.return_url, language: ask.language, email: None };
        let made = match self.make::<BillingRequest>(ask.payment.as_str(), &body).await? {
            Made::Refused(code) => return Ok(Asked::Refused { code }),
            Made::Now(request) => (self.open(&request, &page).await?, request),
            Made::Before(request) => {
                let is_same = request.metadata.payment().as_ref() == Some(ask.payment)
                    && request.amount().map_err(unreadable)? == ask.amount;
                if !is_same || !request.is_open() {
                    return Err(conflict());
                }
                (self.open_again(&request, &page).await?, request)
            }
        };
        Ok(match made {
            (Ok(pay_url), request) => Asked::Page { session: request.id, pay_url },
            (Err(code), _) => Asked::Refused { code },
        })
    }

    async fn look_up(&self, known: Known<'_>) -> Result<Vec<Fact>, Unknown> {
        let facts = match self.found(known).await? {
            None => vec![],
            Some(Found::Nothing(what)) => vec![what],
            Some(Found::Payment(payment)) => self.facts_of(&payment, known.saved.is_some()).await?,
        };
        Ok(facts.into_iter().map(|what| Fact::of(known.payment.clone(), what)).collect())
    }

    async fn owner(&self, charge: &str) -> Result<Option<Owner>, Unknown> {
        if !is_word(charge) {
            return Ok(None);
        }
        // Ids say by their beginning what they are.
        if charge.starts_with("BRQ") {
            let request: Option<BillingRequest> = self.get(charge).await?;
            return Ok(request.and_then(|request| request.metadata.owner()));
        }
        if charge.starts_with("MD") {
            let mandate: Option<Mandate> = self.get(charge).await?;
            return Ok(mandate.and_then(|mandate| mandate.metadata.owner()));
        }
        if !charge.starts_with("RF") {
            return self.owner_of_payment(charge).await;
        }
        let Some(refund) = self.get::<Refund>(charge).await? else { return Ok(None) };
        match (refund.metadata.owner(), refund.payment()) {
            (Some(owner), _) => Ok(Some(owner)),
            (None, Some(payment)) => self.owner_of_payment(payment).await,
            // A refund of a mandate is nothing that we ask for.
            (None, None) => Ok(None),
        }
    }

    /// A page's session is its billing request, to which no payment leads.
    async fn session_of(&self, known: Known<'_>, charge: &str) -> Result<Option<String>, Unknown> {
        if known.saved.is_none() || !is_word(charge) {
            return Ok(None);
        }
        let payment: Option<Payment> = self.get(charge).await?;
        let is_its = |payment: &Payment| payment.metadata.payment().as_ref() == Some(known.payment);
        Ok(payment.filter(is_its).map(|payment| payment.id).filter(|id| id == charge))
    }

    async fn refund(&self, known: Known<'_>, amount: Money, key: &str) -> Result<Fact, Unknown> {
        let Some(Found::Payment(payment)) = self.found(known).await? else { return Err(unprocessable()) };
        let taken = |refund: &Refund| {
            let is_its = refund.payment() == Some(payment.id.as_str());
            let is_same = is_its && refund.amount().map_err(unreadable)? == amount;
            let what = refund.taken().map_err(unreadable)?;
            if is_same { Ok(Fact::of(known.payment.clone(), what)) } else { Err(conflict()) }
        };
        // The key may be forgotten there, and the sum that has to be confirmed is another one by now.
        let earlier = self.refunds(&payment).await?;
        if let Some(done) = earlier.iter().find(|refund| refund.metadata.refund.as_deref() == Some(key)) {
            return taken(done);
        }
        let paid = payment.amount().map_err(unreadable)?;
        if !payment.is_held() || paid.currency() != amount.currency() {
            return Err(unprocessable());
        }
        let total = payment.refunded().checked_add(amount.minor()).ok_or(Unknown::Unreadable)?;
        let body = json!({
            "amount": amount.minor(),
            "total_amount_confirmation": total,
            "links": { "payment": payment.id },
            "metadata": { "payment": known.payment, "refund": key },
        });
        match self.make::<Refund>(key, &body).await? {
            Made::Now(refund) | Made::Before(refund) => taken(&refund),
            Made::Refused(_) => Err(unprocessable()),
        }
    }

    async fn save(&self, save: &Save<'_>) -> Result<Saving, Unknown> {
        if save.method != Method::SepaDebit {
            return Ok(Saving::Refused { code: "method".to_owned() });
        }
        if save.currency != Currency::Eur {
            return Ok(Saving::Refused { code: "currency".to_owned() });
        }
        let name = save.name.to_string();
        let metadata = json!({ "method": name });
        let mut body = json!({
            "metadata": metadata,
            "mandate_request": {
                "scheme": "sepa_core",
                "currency": save.currency.code(),
                "description": description(save.description),
                "metadata": metadata,
            },
        });
        let customer = save.customer.filter(|id| is_word(id));
        if let Some(customer) = customer {
            body["links"] = json!({ "customer": customer });
        }
        // One who is known there already is not asked once more.
        let email = save.email.filter(|_| customer.is_none()).map(|email| email.as_str());
        let page = Page { return_url: save.return_url, language: save.language, email };
        let made = match self.make::<BillingRequest>(&name, &body).await? {
            Made::Refused(code) => return Ok(Saving::Refused { code }),
            Made::Now(request) => (self.open(&request, &page).await?, request),
            Made::Before(request) => {
                if request.metadata.method().as_ref() != Some(save.name) || !request.is_open() {
                    return Err(conflict());
                }
                (self.open_again(&request, &page).await?, request)
            }
        };
        Ok(match made {
            (Ok(url), request) => Saving::Page { session: request.id, url },
            (Err(code), _) => Saving::Refused { code },
        })
    }

    async fn look_up_method(&self, known: KnownMethod<'_>) -> Result<Kept, Unknown> {
        let is_ours = |request: &BillingRequest| request.metadata.method().as_ref() == Some(known.name);
        let request = match known.session {
            Some(id) => Some(self.known::<BillingRequest>(id).await?),
            None => self.search(&between(known.since, known.until), is_ours).await?,
        };
        let Some(request) = request else { return Ok(Kept::Unknown) };
        if !is_ours(&request) {
            return Err(Unknown::Unreadable);
        }
        match request.mandate() {
            Some(mandate) => self.kept(mandate).await,
            None => match request.without_payment().map_err(unreadable)? {
                What::Pending => Ok(Kept::Pending),
                _ => Ok(Kept::Failed),
            },
        }
    }

    async fn forget(&self, token: &Token) -> Result<(), Unknown> {
        if !is_word(&token.method) {
            return Err(Unknown::Unreadable);
        }
        let path = format!("{}/{}/actions/cancel", Mandate::KIND, token.method);
        let (status, body) = send(self.post(&path, &json!({}))?).await?;
        if status.is_success() || status == StatusCode::NOT_FOUND {
            return Ok(());
        }
        refused(status, &body)?;
        // One that is over cannot be cancelled.
        match self.get::<Mandate>(&token.method).await? {
            Some(mandate) if mandate.standing() != Ok(Standing::Over) => Err(unprocessable()),
            _ => Ok(()),
        }
    }

    fn proving_headers(&self) -> &'static [&'static str] {
        &[SIGNATURE_HEADER]
    }

    async fn verify<'a>(&self, raw: Raw<'a>) -> Result<Verified<'a>, NotVerified> {
        let header =
            raw.headers.get(SIGNATURE_HEADER).and_then(|value| value.to_str().ok()).ok_or(NotVerified::Forged)?;
        let fits =
            |secret: &Secret<String>| signature::verify_body(secret.expose().as_bytes(), header, raw.body).is_ok();
        if self.keys.webhook_secrets.iter().any(fits) {
            Ok(Verified::proved(raw.body))
        } else {
            Err(NotVerified::Forged)
        }
    }

    fn facts(&self, verified: Verified<'_>) -> Result<Vec<Said>, Unreadable> {
        events::said(verified.body())
    }
}

fn description(text: &str) -> String {
    text.chars().take(MAX_DESCRIPTION).collect()
}

/// Something else was asked for under the same name, or it is past being asked for: looking it up tells.
fn conflict() -> Unknown {
    Unknown::Refused(StatusCode::CONFLICT.as_u16())
}

fn unprocessable() -> Unknown {
    Unknown::Refused(StatusCode::UNPROCESSABLE_ENTITY.as_u16())
}

fn unreadable(Unreadable: Unreadable) -> Unknown {
    Unknown::Unreadable
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_cannot_be_right_are_refused_by_field() {
        let check = |token: &str, secrets: &[&str], live: bool| {
            let secret = |text: &str| Secret::new(text.to_owned());
            let webhook_secrets = secrets.iter().map(|text| secret(text)).collect();
            let keys = Keys { access_token: secret(token), webhook_secrets, live };
            keys.check().map_err(|wrong| wrong.field)
        };
        let secret = "ED7D658C-D8EB-4941-948B-3973214F2D49";
        assert_eq!(check("sandbox_a-B_9", &[secret], false), Ok(()));
        assert_eq!(check("live_a-B_9", &[secret, "another secret".replace(' ', "-").as_str()], true), Ok(()));
        assert_eq!(check("0123456789", &[secret], true), Ok(()), "older tokens do not say where they belong");
        for token in ["", "short", "sandbox_ä", "sandbox_a b", &"a".repeat(256)] {
            assert_eq!(check(token, &[secret], false), Err("access_token"), "{token}");
        }
        assert_eq!(check("sandbox_a-B_9", &[secret], true), Err("live"));
        assert_eq!(check("live_a-B_9", &[secret], false), Err("live"));
        for secrets in [&[][..], &[""], &["short"], &["white space"], &[secret, secret, secret]] {
            assert_eq!(check("sandbox_a-B_9", secrets, false), Err("webhook_secrets"), "{secrets:?}");
        }
    }
}
