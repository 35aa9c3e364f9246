//! Mollie: payments with its own page, first payments of nothing for keeping a card or a wallet, recurring payments for
//! charging what is kept. JSON both ways.
//!
//! Its messages are taken for what they are, a reason to look: the classic ones are unsigned and name a payment, and of
//! the signed ones nothing else is believed.
//!
//! Sources, read on 2026-11-28: docs.mollie.com (`/reference/create-payment`, `/reference/create-refund`,
//! `/reference/get-mandate`, `/reference/get-current-profile`, `/reference/best-practices` for signatures,
//! `/docs/recurring-payments`, `/docs/pay-by-bank`, `/docs/multicurrency`), `specs.yaml` of github.com/mollie/openapi,
//! `source/overview/api-idempotency.rst` of github.com/mollie/api-documentation, and `SignatureValidator.php` of
//! github.com/mollie/mollie-api-php.

mod keys;
mod wire;

use async_trait::async_trait;
use aws_lc_rs::digest;
use domain::{
    Language, Money,
    id::PaymentId,
    payment::{Method, ProviderName},
    payment_method::Token,
};
use http::{Method as Verb, StatusCode};
use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{
    Ask, Asked, Capabilities, Client, Fact, Introduced, Kept, Known, KnownMethod, NotVerified, Owner, Provider, Raw,
    Said, Save, Saving, Unknown, Unreadable, Verified, What,
    client::{json as read, send},
};
use keys::classic;
pub use keys::{Keys, SIGNATURE_HEADER};
use wire::{Chargeback, Event, List, Mandate, Named, Payment, Refund, Refusal, is_charge, is_word};

/// Where Mollie is.
pub const URL: &str = "https://api.mollie.com";
/// Clocks differ: a payment is searched for from a little before it was written down.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_mins(5);
/// Largest page of a list. Mollie would give 250, but a payment with all its lines has some 10 kB, and of no answer more
/// than 256 kB are read.
const LIST: u32 = 25;
/// Pages that a search reads before it says that it does not know.
const MAX_PAGES: usize = 40;
/// Longest description; Mollie would cut it.
const MAX_DESCRIPTION: usize = 255;
/// Longest name of a customer that is sent.
const MAX_NAME: usize = 255;
/// Longest word of a refusal.
const MAX_CODE: usize = 120;

/// One merchant's access to Mollie.
#[derive(Debug, Clone)]
pub struct Mollie {
    client: Client,
    base: String,
    keys: Keys,
}

impl Mollie {
    /// Access of one merchant. `base` is [`URL`], or where it is played.
    #[must_use]
    pub const fn new(client: Client, base: String, keys: Keys) -> Self {
        Self { client, base, keys }
    }

    fn request(&self, verb: Verb, path: &str) -> Result<reqwest::RequestBuilder, Unknown> {
        let request = self.client.request(verb, &format!("{}/v2{path}", self.base))?;
        Ok(request.bearer_auth(self.keys.api_key.expose()))
    }

    async fn post(&self, path: &str, key: &str, body: &Value) -> Result<(StatusCode, Vec<u8>), Unknown> {
        let request = self.request(Verb::POST, path)?.header("idempotency-key", uuid(key));
        send(request.header("content-type", "application/json").body(body.to_string())).await
    }

    /// One thing; none when Mollie does not have it, or no more.
    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<Option<T>, Unknown> {
        let (status, body) = send(self.request(Verb::GET, path)?).await?;
        match status {
            StatusCode::NOT_FOUND | StatusCode::GONE => Ok(None),
            status if status.is_success() => parse(&body).map(Some),
            status => Err(Unknown::Refused(status.as_u16())),
        }
    }

    /// A list, newest first, as far as it is wanted.
    async fn list<T: DeserializeOwned>(
        &self,
        path: &str,
        name: &str,
        goes_on: impl Fn(&T) -> bool + Send,
    ) -> Result<Vec<T>, Unknown> {
        let (mut all, mut from) = (Vec::new(), String::new());
        for _ in 0..MAX_PAGES {
            let page: List<T> = read(self.request(Verb::GET, &format!("{path}?limit={LIST}{from}"))?).await?;
            let (items, next) = page.into_parts(name).map_err(unreadable)?;
            let is_over = items.last().is_none_or(|last| !goes_on(last));
            all.extend(items);
            match next {
                Some(next) if !is_over => from = format!("&from={next}"),
                _ => return Ok(all),
            }
        }
        Err(Unknown::Unfindable)
    }

    /// Payments that were made since a moment, newest first. Mollie cannot be asked for those with our metadata.
    async fn search(
        &self,
        list: &str,
        since: Timestamp,
        is_wanted: impl Fn(&Payment) -> bool + Send,
    ) -> Result<Vec<Payment>, Unknown> {
        let from = since - CLOCKS_DIFFER;
        let mut found = self.list(list, "payments", |last: &Payment| last.created_at >= from).await?;
        found.retain(|payment| is_wanted(payment) && is_word(&payment.id));
        Ok(found)
    }

    /// A payment that was made.
    async fn made(&self, id: &str, is_ours: impl Fn(&Payment) -> bool + Send) -> Result<Payment, Unknown> {
        if !is_word(id) {
            return Err(Unknown::Unreadable);
        }
        // What was made and is gone proves nothing: the keys may be another account's now.
        let gone = Unknown::Refused(StatusCode::NOT_FOUND.as_u16());
        let payment: Payment = self.get(&format!("/payments/{id}")).await?.ok_or(gone)?;
        if is_ours(&payment) && payment.id == id { Ok(payment) } else { Err(Unknown::Unreadable) }
    }

    /// Mollie's payments for one of ours: one, or none; more only if it was asked again after its key's time.
    async fn payments(&self, known: Known<'_>) -> Result<Vec<Payment>, Unknown> {
        let is_ours = |payment: &Payment| payment.is_for(known.payment);
        if let Some(id) = known.session {
            return Ok(vec![self.made(id, is_ours).await?]);
        }
        let list = match known.saved.map(|saved| saved.customer.as_deref()) {
            None => "/payments".to_owned(),
            Some(Some(customer)) if is_word(customer) => format!("/customers/{customer}/payments"),
            Some(_) => return Err(Unknown::Unreadable),
        };
        self.search(&list, known.since, is_ours).await
    }

    /// What was given back of a payment and what was charged back.
    async fn taken_back(&self, of: &PaymentId, payment: &Payment) -> Result<Vec<Fact>, Unknown> {
        let mut facts = Vec::new();
        for refund in self.refunds(payment).await? {
            facts.extend(refund.facts(of).map_err(unreadable)?);
        }
        let path = format!("/payments/{}/chargebacks", payment.id);
        for chargeback in self.list(&path, "chargebacks", |_: &Chargeback| true).await? {
            facts.extend(chargeback.facts(of).map_err(unreadable)?);
        }
        Ok(facts)
    }

    async fn refunds(&self, payment: &Payment) -> Result<Vec<Refund>, Unknown> {
        self.list(&format!("/payments/{}/refunds", payment.id), "refunds", |_: &Refund| true).await
    }

    /// The refund that was made under a key. Mollie forgets keys after an hour, but keeps what hangs on the refund.
    async fn refund_of(&self, of: &PaymentId, payment: &Payment, key: &str) -> Result<Option<Fact>, Unknown> {
        let refunds = self.refunds(payment).await?;
        let found = refunds.iter().find(|refund| refund.has_key(key));
        found.map(|refund| refund.fact(of).map_err(unreadable)).transpose()
    }

    /// Mollie's customer for what is to be kept: mandates belong to customers.
    async fn customer(&self, save: &Save<'_>) -> Result<Result<String, String>, Unknown> {
        if let Some(known) = save.customer {
            return Ok(Ok(known.to_owned()));
        }
        let mut body = json!({ "locale": locale(save.language), "metadata": { "method": save.name.to_string() } });
        if !save.holder.is_empty() {
            body["name"] = save.holder.chars().take(MAX_NAME).collect::<String>().into();
        }
        if let Some(email) = save.email {
            body["email"] = email.as_str().into();
        }
        let (status, answer) = self.post("/customers", &format!("customer:{}", save.name), &body).await?;
        if !status.is_success() {
            return refused(status, &answer).map(Err);
        }
        let made: Named = parse(&answer)?;
        if is_word(&made.id) { Ok(Ok(made.id)) } else { Err(Unknown::Unreadable) }
    }

    /// Charges what is kept, while nobody is there.
    async fn ask_saved(&self, ask: &Ask<'_>, saved: &Token) -> Result<Asked, Unknown> {
        let Some(customer) = &saved.customer else { return Ok(Asked::Refused { code: "customer".to_owned() }) };
        let body = json!({
            "amount": priced(ask.amount),
            "description": shortened(ask.description),
            "sequenceType": "recurring",
            "customerId": customer,
            "mandateId": saved.method,
            "webhookUrl": reachable(ask.webhook_url),
            "metadata": { "payment": ask.payment.as_str() },
        });
        let (status, answer) = self.post("/payments", &format!("payment:{}", ask.payment), &body).await?;
        if !status.is_success() {
            return refused(status, &answer).map(|code| Asked::Refused { code });
        }
        let charged: Payment = parse(&answer)?;
        let what = match charged.what().map_err(unreadable)? {
            // Nobody is there to try again.
            What::Cancelled | What::Expired => What::Failed,
            what => what,
        };
        if is_word(&charged.id) { Ok(Asked::Charged { session: charged.id, what }) } else { Err(Unknown::Unreadable) }
    }
}

#[async_trait]
impl Provider for Mollie {
    fn capabilities(&self) -> Capabilities {
        // The page on idempotency says both 24 hours and 1 hour; the shorter one is safe.
        Capabilities {
            name: ProviderName::Mollie,
            remembers_keys: SignedDuration::from_hours(1),
            refunds: true,
            forged: 401,
        }
    }

    async fn introduce(&self) -> Result<Introduced, Unknown> {
        // `organizations/me` is for tokens of organisations; an API key belongs to a profile.
        let profile: Named = read(self.request(Verb::GET, "/profiles/me")?).await?;
        let account = wire::word(&profile.id).map_err(unreadable)?;
        Ok(Introduced { account, live: self.keys.is_live() })
    }

    async fn ask(&self, ask: &Ask<'_>) -> Result<Asked, Unknown> {
        if let Some(saved) = ask.saved {
            return self.ask_saved(ask, saved).await;
        }
        let Some(method) = method_name(ask.method) else {
            return Ok(Asked::Refused { code: "method".to_owned() });
        };
        let body = json!({
            "amount": priced(ask.amount),
            "description": shortened(ask.description),
            "method": method,
            "redirectUrl": ask.return_url,
            "cancelUrl": ask.return_url,
            "webhookUrl": reachable(ask.webhook_url),
            "locale": locale(ask.language),
            "metadata": { "payment": ask.payment.as_str() },
        });
        let (status, answer) = self.post("/payments", &format!("payment:{}", ask.payment), &body).await?;
        if !status.is_success() {
            return refused(status, &answer).map(|code| Asked::Refused { code });
        }
        let (session, pay_url) = parse::<Payment>(&answer)?.page()?;
        Ok(Asked::Page { session, pay_url })
    }

    async fn look_up(&self, known: Known<'_>) -> Result<Vec<Fact>, Unknown> {
        let (mut money, mut states) = (Vec::new(), Vec::new());
        for payment in self.payments(known).await? {
            let what = payment.what().map_err(unreadable)?;
            if payment.is_paid() {
                money.push(Fact::of(known.payment.clone(), what));
                money.extend(self.taken_back(known.payment, &payment).await?);
            } else {
                states.push(what);
            }
        }
        if money.is_empty() {
            // As long as one can still be paid, it is not over.
            let at = states.iter().position(|what| *what == What::Pending).unwrap_or_default();
            money.extend(states.into_iter().nth(at).map(|what| Fact::of(known.payment.clone(), what)));
        }
        Ok(money)
    }

    async fn owner(&self, charge: &str) -> Result<Option<Owner>, Unknown> {
        // Classic messages also name orders, links and subscriptions, of which we have none.
        if !is_charge(charge) || !charge.starts_with("tr_") {
            return Ok(None);
        }
        let payment: Option<Payment> = self.get(&format!("/payments/{charge}")).await?;
        Ok(payment.and_then(|payment| payment.owner()))
    }

    async fn session_of(&self, known: Known<'_>, charge: &str) -> Result<Option<String>, Unknown> {
        if !is_charge(charge) || !charge.starts_with("tr_") {
            return Ok(None);
        }
        let found: Option<Payment> = self.get(&format!("/payments/{charge}")).await?;
        Ok(found.filter(|found| found.is_for(known.payment) && found.id == charge).map(|found| found.id))
    }

    async fn refund(&self, known: Known<'_>, amount: Money, key: &str) -> Result<Fact, Unknown> {
        let unfit = Unknown::Refused(StatusCode::UNPROCESSABLE_ENTITY.as_u16());
        let mut paid = self.payments(known).await?;
        paid.retain(Payment::is_paid);
        let payment = match paid.as_slice() {
            [payment] => payment,
            [] => return Err(unfit),
            // Somebody must say which.
            _ => return Err(Unknown::Unreadable),
        };
        if payment.amount.money().map(Money::currency) != Ok(amount.currency()) {
            return Err(unfit);
        }
        let conflict = Unknown::Refused(StatusCode::CONFLICT.as_u16());
        if let Some(made) = self.refund_of(known.payment, payment, key).await? {
            let is_same = matches!(&made.what, What::TakenBack { amount: of, .. } if *of == amount);
            return if is_same { Ok(made) } else { Err(conflict) };
        }
        let description = payment.description.as_deref().unwrap_or(known.payment.as_str());
        let body = json!({
            "amount": priced(amount),
            "description": shortened(description),
            "metadata": { "payment": known.payment.as_str(), "refund": key },
        });
        let path = format!("/payments/{}/refunds", payment.id);
        let (status, answer) = self.post(&path, &format!("refund:{}:{key}", known.payment), &body).await?;
        if status.is_success() {
            return parse::<Refund>(&answer)?.fact(known.payment).map_err(unreadable);
        }
        if status != StatusCode::CONFLICT {
            refused(status, &answer)?;
            return Err(unfit);
        }
        // Mollie takes it for a repetition: of this one, which is on its way, or of another one with the same amount, and
        // then nothing was given back.
        self.refund_of(known.payment, payment, key).await?.ok_or(conflict)
    }

    async fn save(&self, save: &Save<'_>) -> Result<Saving, Unknown> {
        let Some(method) = method_name(save.method).filter(|_| ProviderName::Mollie.saves().contains(&save.method))
        else {
            return Ok(Saving::Refused { code: "method".to_owned() });
        };
        let customer = match self.customer(save).await? {
            Ok(customer) => customer,
            Err(code) => return Ok(Saving::Refused { code }),
        };
        let body = json!({
            // Cards and PayPal leave a mandate without a charge.
            "amount": priced(Money::zero(save.currency)),
            "description": shortened(save.description),
            "method": method,
            "sequenceType": "first",
            "customerId": customer,
            "redirectUrl": save.return_url,
            "cancelUrl": save.return_url,
            "webhookUrl": reachable(save.webhook_url),
            "locale": locale(save.language),
            "metadata": { "method": save.name.to_string() },
        });
        let (status, answer) = self.post("/payments", &format!("method:{}", save.name), &body).await?;
        if !status.is_success() {
            return refused(status, &answer).map(|code| Saving::Refused { code });
        }
        let (session, url) = parse::<Payment>(&answer)?.page()?;
        Ok(Saving::Page { session, url })
    }

    async fn look_up_method(&self, known: KnownMethod<'_>) -> Result<Kept, Unknown> {
        let name = known.name.to_string();
        let is_ours = |payment: &Payment| payment.is_to_keep(&name);
        let firsts = match known.session {
            Some(id) => vec![self.made(id, is_ours).await?],
            None => self.search("/payments", known.since, is_ours).await?,
        };
        let Some(first) = firsts.iter().find(|first| first.is_paid()).or_else(|| firsts.first()) else {
            return Ok(Kept::Unknown);
        };
        if let Some(kept) = first.kept_without_mandate().map_err(unreadable)? {
            return Ok(kept);
        }
        let (Some(customer), Some(mandate)) = (&first.customer_id, &first.mandate_id) else {
            return Err(Unknown::Unreadable);
        };
        if !is_word(customer) || !is_word(mandate) {
            return Err(Unknown::Unreadable);
        }
        let mandate: Option<Mandate> = self.get(&format!("/customers/{customer}/mandates/{mandate}")).await?;
        mandate.map_or(Ok(Kept::Gone), |mandate| mandate.kept(customer)).map_err(unreadable)
    }

    async fn forget(&self, token: &Token) -> Result<(), Unknown> {
        let customer = token.customer.as_deref().filter(|customer| is_word(customer)).ok_or(Unknown::Unreadable)?;
        if !is_word(&token.method) {
            return Err(Unknown::Unreadable);
        }
        let path = format!("/customers/{customer}/mandates/{}", token.method);
        let (status, _) = send(self.request(Verb::DELETE, &path)?).await?;
        match status {
            StatusCode::NOT_FOUND | StatusCode::GONE => Ok(()),
            status if status.is_success() => Ok(()),
            status => Err(Unknown::Refused(status.as_u16())),
        }
    }

    fn proving_headers(&self) -> &'static [&'static str] {
        &[SIGNATURE_HEADER]
    }

    async fn verify<'a>(&self, raw: Raw<'a>) -> Result<Verified<'a>, NotVerified> {
        match self.keys.prove(raw) {
            true if raw.headers.contains_key(keys::SIGNATURE_HEADER) => Ok(Verified::proved(raw.body)),
            true => Ok(Verified::asking(raw.body)),
            false => Err(NotVerified::Forged),
        }
    }

    fn facts(&self, verified: Verified<'_>) -> Result<Vec<Said>, Unreadable> {
        if let Some(id) = classic(verified.body()) {
            return Ok(vec![Said::Charge(id.to_owned())]);
        }
        let event: Event = serde_json::from_slice(verified.body()).map_err(|_| Unreadable)?;
        event.said()
    }
}

/// The word for a refusal that holds for good.
///
/// # Errors
/// When asking again may help, or the key was used for something else: then the outcome is not known.
fn refused(status: StatusCode, body: &[u8]) -> Result<String, Unknown> {
    let refusal: Option<Refusal> = serde_json::from_slice(body).ok();
    match (status, refusal) {
        (StatusCode::UNPROCESSABLE_ENTITY, Some(refusal)) => {
            let field = refusal.field.unwrap_or_else(|| "unprocessable".to_owned());
            Ok(field.chars().take(MAX_CODE).collect())
        }
        // Mollie answers 400 for a key that belongs to another request, and only its words tell.
        (StatusCode::BAD_REQUEST, Some(refusal)) if refusal.detail.to_ascii_lowercase().contains("idempotency") => {
            Err(Unknown::Refused(StatusCode::CONFLICT.as_u16()))
        }
        (status, _) => Err(Unknown::Refused(status.as_u16())),
    }
}

/// An idempotency key as Mollie wants them, a UUID v4, that is the same for the same request every time.
fn uuid(of: &str) -> String {
    let hash = digest::digest(&digest::SHA256, of.as_bytes());
    let hex: String = hash.as_ref().iter().take(16).enumerate().fold(String::new(), |hex, (at, byte)| {
        let byte = match at {
            6 => byte & 0x0f | 0x40,
            8 => byte & 0x3f | 0x80,
            _ => *byte,
        };
        let dash = if matches!(at, 4 | 6 | 8 | 10) { "-" } else { "" };
        format!("{hex}{dash}{byte:02x}")
    });
    hex
}

fn priced(money: Money) -> Value {
    json!({ "currency": money.currency().code(), "value": money.decimal() })
}

fn shortened(text: &str) -> String {
    text.chars().take(MAX_DESCRIPTION).collect()
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Unknown> {
    serde_json::from_slice(body).map_err(|_| Unknown::Unreadable)
}

const fn unreadable(_: Unreadable) -> Unknown {
    Unknown::Unreadable
}

/// Paying by online banking is `paybybank` for customers in Germany: giropay and SOFORT ended in 2024, EPS is for Austria,
/// and Trustly wants a name and an address, which a payment does not tell.
const fn method_name(method: Method) -> Option<&'static str> {
    match method {
        Method::Card => Some("creditcard"),
        Method::Paypal => Some("paypal"),
        Method::OnlineBanking => Some("paybybank"),
        _ => None,
    }
}

const fn locale(language: Language) -> &'static str {
    match language {
        Language::De => "de_DE",
        Language::En => "en_GB",
    }
}

/// Mollie refuses an address that it cannot reach, such as one of the own machine; there a look-up tells what happened.
fn reachable(url: &str) -> Option<&str> {
    let host = url.split("://").nth(1).unwrap_or(url);
    let host = host.split(['/', ':']).next().unwrap_or_default();
    (host != "localhost" && !host.ends_with(".localhost")).then_some(url)
}
