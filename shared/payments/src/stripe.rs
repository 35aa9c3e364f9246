//! Stripe: Checkout for payments, its events for what became of them. Form-encoded requests, JSON answers.
//!
//! Sources: docs.stripe.com/api (Checkout Sessions, Payment Intents, Refunds, Disputes, Events, Idempotent requests),
//! docs.stripe.com/webhooks (signatures).

use async_trait::async_trait;
use domain::{
    Currency, Language, Money, Secret,
    id::PaymentId,
    payment::{Method, ProviderName},
};
use http::{Method as Verb, StatusCode};
use jiff::SignedDuration;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    About, Ask, Asked, Capabilities, Client, Fact, Introduced, Known, NotVerified, Provider, Raw, Unknown, Unreadable,
    Verified, What, WrongAccess,
    client::{json, send},
    signature,
};

/// Where Stripe is.
pub const URL: &str = "https://api.stripe.com";
/// The version of the API that this file is written for.
const VERSION: &str = "2026-10-28.endive";
/// Header of the messages.
pub const SIGNATURE_HEADER: &str = "stripe-signature";
/// Stripe takes no page that ends sooner than 30 minutes after it is asked for; we ask until the payment's own end.
const PAGE_OUTLASTS: SignedDuration = SignedDuration::from_mins(35);
/// Clocks differ: a page is searched for from a little before the payment was written down.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_mins(5);
/// Largest page of a list, and pages that a search reads before it says that it does not know.
const LIST: u32 = 100;
const MAX_PAGES: usize = 10;
/// Longest word that is taken over from Stripe.
const MAX_WORD: usize = 120;

/// A merchant's keys.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    /// `sk_…` or `rk_…`; says by itself whether it is live.
    pub secret_key: Secret<String>,
    /// `whsec_…`; two while one is exchanged for the other.
    pub webhook_secrets: Vec<Secret<String>>,
}

impl Keys {
    /// Do they look like Stripe's?
    ///
    /// # Errors
    /// The field that does not.
    pub fn check(&self) -> Result<(), WrongAccess> {
        let plain = |text: &str| text.len() <= 255 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        let key = self.secret_key.expose();
        let starts = ["sk_test_", "sk_live_", "rk_test_", "rk_live_"];
        if !plain(key) || !starts.iter().any(|start| key.starts_with(start) && key.len() > start.len()) {
            return Err(WrongAccess { field: "secret_key", expected: "must be a secret key: sk_… or rk_…" });
        }
        let genuine = |secret: &Secret<String>| {
            let secret = secret.expose();
            secret.starts_with("whsec_") && secret.len() > "whsec_".len() && plain(secret)
        };
        let count = self.webhook_secrets.len();
        if !(1..=2).contains(&count) || !self.webhook_secrets.iter().all(genuine) {
            return Err(WrongAccess {
                field: "webhook_secrets",
                expected: "must be one or two signing secrets: whsec_…",
            });
        }
        Ok(())
    }

    fn is_live(&self) -> bool {
        self.secret_key.expose().contains("_live_")
    }
}

/// One merchant's access to Stripe.
#[derive(Debug, Clone)]
pub struct Stripe {
    client: Client,
    base: String,
    keys: Keys,
}

#[derive(Debug, Deserialize)]
struct Account {
    id: String,
}

#[derive(Debug, Deserialize)]
struct Refusal {
    error: RefusalError,
}

#[derive(Debug, Deserialize)]
struct RefusalError {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    code: Option<String>,
}

#[derive(Debug, Deserialize)]
struct List<T> {
    data: Vec<T>,
    has_more: bool,
}

/// A Checkout Session. Its intent is an id, or the whole where that was asked for.
#[derive(Debug, Deserialize)]
struct Session {
    id: String,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    client_reference_id: Option<String>,
    #[serde(default)]
    status: Option<String>,
    payment_status: String,
    #[serde(default)]
    amount_total: Option<i64>,
    #[serde(default)]
    currency: Option<String>,
    #[serde(default)]
    payment_intent: Option<Expandable<Intent>>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Expandable<T> {
    Whole(Box<T>),
    Id(String),
}

#[derive(Debug, Deserialize)]
struct Intent {
    id: String,
    status: String,
    amount_received: i64,
    currency: String,
    #[serde(default)]
    metadata: Metadata,
    #[serde(default)]
    latest_charge: Option<Expandable<Charge>>,
}

#[derive(Debug, Deserialize)]
struct Charge {
    amount_refunded: i64,
    disputed: bool,
}

#[derive(Debug, Deserialize)]
struct Refund {
    id: String,
    amount: i64,
    currency: String,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    payment_intent: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Dispute {
    id: String,
    amount: i64,
    currency: String,
    #[serde(default)]
    payment_intent: Option<String>,
    /// None, the withdrawal, or the withdrawal and the reinstatement.
    #[serde(default)]
    balance_transactions: Vec<Value>,
}

#[derive(Debug, Default, Deserialize)]
struct Metadata {
    #[serde(default)]
    payment: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Event {
    #[serde(rename = "type")]
    kind: String,
    livemode: bool,
    data: EventData,
}

#[derive(Debug, Deserialize)]
struct EventData {
    object: Value,
}

impl Stripe {
    /// Access of one merchant. `base` is [`URL`], or where it is played.
    #[must_use]
    pub const fn new(client: Client, base: String, keys: Keys) -> Self {
        Self { client, base, keys }
    }

    fn request(&self, verb: Verb, path: &str) -> Result<reqwest::RequestBuilder, Unknown> {
        let request = self.client.request(verb, &format!("{}{path}", self.base))?;
        Ok(request.bearer_auth(self.keys.secret_key.expose()).header("stripe-version", VERSION))
    }

    fn post(&self, path: &str, key: &str, form: &[(&str, String)]) -> Result<reqwest::RequestBuilder, Unknown> {
        let body = serde_html_form::to_string(form).map_err(|_| Unknown::Unreadable)?;
        let request = self.request(Verb::POST, path)?.header("idempotency-key", key);
        Ok(request.header("content-type", "application/x-www-form-urlencoded").body(body))
    }

    /// One thing; none when Stripe does not have it.
    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<Option<T>, Unknown> {
        let (status, body) = send(self.request(Verb::GET, path)?).await?;
        match status {
            StatusCode::NOT_FOUND => Ok(None),
            status if status.is_success() => serde_json::from_slice(&body).map(Some).map_err(|_| Unknown::Unreadable),
            status => Err(Unknown::Refused(status.as_u16())),
        }
    }

    /// The payment's page with what was charged there.
    async fn session(&self, known: Known<'_>) -> Result<Option<Session>, Unknown> {
        let id = match known.session {
            Some(id) => id.to_owned(),
            None => match self.find(known).await? {
                Some(id) => id,
                None => return Ok(None),
            },
        };
        if !is_word(&id) {
            return Err(Unknown::Unreadable);
        }
        // A page that was made and is gone proves nothing: the keys may be another account's now.
        let gone = Unknown::Refused(StatusCode::NOT_FOUND.as_u16());
        let path = format!("/v1/checkout/sessions/{id}?expand[]=payment_intent.latest_charge");
        let session: Session = self.get(&path).await?.ok_or(gone)?;
        let is_ours = session.client_reference_id.as_deref() == Some(known.payment.as_str());
        if is_ours { Ok(Some(session)) } else { Err(Unknown::Unreadable) }
    }

    /// Searches the pages that were made while this payment was open: unlike Stripe's search, the list is never behind.
    async fn find(&self, known: Known<'_>) -> Result<Option<String>, Unknown> {
        let from = (known.since - CLOCKS_DIFFER).as_second();
        let until = (known.until + CLOCKS_DIFFER).as_second();
        let mut after = String::new();
        for _ in 0..MAX_PAGES {
            let path = format!("/v1/checkout/sessions?limit={LIST}&created[gte]={from}&created[lte]={until}{after}");
            let page: List<Session> = json(self.request(Verb::GET, &path)?).await?;
            let ours = |session: &&Session| session.client_reference_id.as_deref() == Some(known.payment.as_str());
            if let Some(found) = page.data.iter().find(ours) {
                return Ok(Some(found.id.clone()));
            }
            match page.data.last().filter(|last| page.has_more && is_word(&last.id)) {
                Some(last) => after = format!("&starting_after={}", last.id),
                None => return Ok(None),
            }
        }
        Err(Unknown::Unreadable)
    }

    /// What was given back of an intent and what was disputed.
    async fn taken_back(&self, payment: &PaymentId, intent: &str) -> Result<Vec<Fact>, Unknown> {
        let query = format!("payment_intent={intent}&limit={LIST}");
        let refunds: List<Refund> = json(self.request(Verb::GET, &format!("/v1/refunds?{query}"))?).await?;
        let disputes: List<Dispute> = json(self.request(Verb::GET, &format!("/v1/disputes?{query}"))?).await?;
        if refunds.has_more || disputes.has_more {
            return Err(Unknown::Unreadable);
        }
        let mut facts = Vec::new();
        let about = About::Ours(payment.clone());
        for refund in &refunds.data {
            facts.extend(refund.facts(&about).map_err(|Unreadable| Unknown::Unreadable)?);
        }
        for dispute in disputes.data.iter().filter(|dispute| !dispute.balance_transactions.is_empty()) {
            let is_back = dispute.balance_transactions.len() > 1;
            facts.extend(dispute.facts(&about, is_back).map_err(|Unreadable| Unknown::Unreadable)?);
        }
        Ok(facts)
    }
}

#[async_trait]
impl Provider for Stripe {
    fn capabilities(&self) -> Capabilities {
        Capabilities { name: ProviderName::Stripe, remembers_keys: SignedDuration::from_hours(24), refunds: true }
    }

    async fn introduce(&self) -> Result<Introduced, Unknown> {
        let account: Account = json(self.request(Verb::GET, "/v1/account")?).await?;
        Ok(Introduced { account: account.id, live: self.keys.is_live() })
    }

    async fn ask(&self, ask: &Ask<'_>) -> Result<Asked, Unknown> {
        let Some(method) = method_type(ask.method) else {
            return Ok(Asked::Refused { code: "method".to_owned() });
        };
        let payment = ask.payment.to_string();
        let form = [
            ("mode", "payment".to_owned()),
            ("allowed_payment_method_types[0]", method.to_owned()),
            ("line_items[0][quantity]", "1".to_owned()),
            ("line_items[0][price_data][currency]", ask.amount.currency().code().to_lowercase()),
            ("line_items[0][price_data][unit_amount]", ask.amount.minor().to_string()),
            ("line_items[0][price_data][product_data][name]", ask.description.to_owned()),
            ("client_reference_id", payment.clone()),
            ("payment_intent_data[metadata][payment]", payment.clone()),
            ("payment_intent_data[description]", ask.description.to_owned()),
            ("locale", locale(ask.language).to_owned()),
            ("expires_at", (ask.until + PAGE_OUTLASTS).as_second().to_string()),
            ("success_url", ask.return_url.to_owned()),
            ("cancel_url", ask.return_url.to_owned()),
        ];
        let (status, body) = send(self.post("/v1/checkout/sessions", &payment, &form)?).await?;
        if status.is_success() {
            let made: Session = serde_json::from_slice(&body).map_err(|_| Unknown::Unreadable)?;
            let pay_url = made.url.ok_or(Unknown::Unreadable)?;
            return Ok(Asked::Page { session: made.id, pay_url });
        }
        refused(status, &body).map(|code| Asked::Refused { code })
    }

    async fn look_up(&self, known: Known<'_>) -> Result<Vec<Fact>, Unknown> {
        let Some(session) = self.session(known).await? else { return Ok(vec![]) };
        let fact = |what| Fact::of(known.payment.clone(), what);
        let Some(Expandable::Whole(intent)) = &session.payment_intent else {
            return Ok(vec![fact(session.without_intent())]);
        };
        if intent.amount_received <= 0 {
            return Ok(vec![fact(session.without_money(intent))]);
        }
        let amount = money(intent.amount_received, &intent.currency).map_err(|Unreadable| Unknown::Unreadable)?;
        let mut facts = vec![fact(What::Arrived { reference: intent.id.clone(), amount })];
        let is_whole = matches!(&intent.latest_charge,
            Some(Expandable::Whole(charge)) if charge.amount_refunded == 0 && !charge.disputed);
        if !is_whole {
            facts.extend(self.taken_back(known.payment, &intent.id).await?);
        }
        Ok(facts)
    }

    async fn owner(&self, charge: &str) -> Result<Option<PaymentId>, Unknown> {
        if !is_word(charge) {
            return Ok(None);
        }
        let intent: Option<Intent> = self.get(&format!("/v1/payment_intents/{charge}")).await?;
        Ok(intent.and_then(|intent| intent.metadata.ours()))
    }

    async fn refund(&self, known: Known<'_>, amount: Money, key: &str) -> Result<Fact, Unknown> {
        let intent = match self.session(known).await?.and_then(|session| session.payment_intent) {
            Some(Expandable::Whole(intent)) if intent.amount_received > 0 => intent,
            _ => return Err(Unknown::Refused(StatusCode::UNPROCESSABLE_ENTITY.as_u16())),
        };
        if money(intent.amount_received, &intent.currency).map(Money::currency) != Ok(amount.currency()) {
            return Err(Unknown::Refused(StatusCode::UNPROCESSABLE_ENTITY.as_u16()));
        }
        let form = [
            ("payment_intent", intent.id),
            ("amount", amount.minor().to_string()),
            ("metadata[payment]", known.payment.to_string()),
        ];
        let (status, body) = send(self.post("/v1/refunds", key, &form)?).await?;
        if !status.is_success() {
            refused(status, &body)?;
            return Err(Unknown::Refused(StatusCode::UNPROCESSABLE_ENTITY.as_u16()));
        }
        let refund: Refund = serde_json::from_slice(&body).map_err(|_| Unknown::Unreadable)?;
        let amount = money(refund.amount, &refund.currency).map_err(|Unreadable| Unknown::Unreadable)?;
        Ok(Fact::of(known.payment.clone(), What::TakenBack { reference: refund.id, amount }))
    }

    fn proving_headers(&self) -> &'static [&'static str] {
        &[SIGNATURE_HEADER]
    }

    fn verify<'a>(&self, raw: Raw<'a>) -> Result<Verified<'a>, NotVerified> {
        let header = raw.headers.get(SIGNATURE_HEADER).and_then(|value| value.to_str().ok()).ok_or(NotVerified)?;
        let fits =
            |secret: &Secret<String>| signature::verify(secret.expose().as_bytes(), header, raw.now, raw.body).is_ok();
        if self.keys.webhook_secrets.iter().any(fits) { Ok(Verified::proved(raw.body)) } else { Err(NotVerified) }
    }

    fn facts(&self, verified: Verified<'_>) -> Result<Vec<Fact>, Unreadable> {
        let event: Event = serde_json::from_slice(verified.body()).map_err(|_| Unreadable)?;
        // An endpoint in test mode must never move real books, and the other way round.
        if event.livemode != self.keys.is_live() {
            return Err(Unreadable);
        }
        let EventData { object } = event.data;
        match event.kind.as_str() {
            "checkout.session.completed" | "checkout.session.async_payment_succeeded" => {
                let session: Session = read(object)?;
                session.fact(session.paid()?)
            }
            "checkout.session.async_payment_failed" => read::<Session>(object)?.fact(What::Failed),
            "checkout.session.expired" => read::<Session>(object)?.fact(What::Expired),
            "payment_intent.succeeded" => read::<Intent>(object)?.arrived(),
            // On Stripe's page one may try again after a decline: only the end of the page is an end.
            "payment_intent.processing" | "payment_intent.payment_failed" => {
                let intent: Intent = read(object)?;
                Ok(vec![Fact { about: intent.metadata.about(&intent.id), what: What::Pending }])
            }
            "refund.created" | "refund.updated" | "refund.failed" => {
                let refund: Refund = read(object)?;
                refund.facts(&theirs(refund.payment_intent.as_deref()))
            }
            "charge.dispute.funds_withdrawn" => {
                let dispute: Dispute = read(object)?;
                dispute.facts(&theirs(dispute.payment_intent.as_deref()), false)
            }
            "charge.dispute.funds_reinstated" => {
                let dispute: Dispute = read(object)?;
                dispute.facts(&theirs(dispute.payment_intent.as_deref()), true)
            }
            other => {
                let what = What::Other(other.chars().take(MAX_WORD).collect());
                Ok(vec![Fact { about: About::Nothing, what }])
            }
        }
    }
}

impl Session {
    /// What the page's end says: paid at once, or on its way.
    fn paid(&self) -> Result<What, Unreadable> {
        if self.payment_status != "paid" {
            return Ok(What::Pending);
        }
        let (Some(total), Some(currency), Some(intent)) = (self.amount_total, &self.currency, &self.payment_intent)
        else {
            return Err(Unreadable);
        };
        let reference = match intent {
            Expandable::Id(id) => id.clone(),
            Expandable::Whole(intent) => intent.id.clone(),
        };
        if !is_word(&reference) {
            return Err(Unreadable);
        }
        Ok(What::Arrived { reference, amount: money(total, currency)? })
    }

    /// A fact about our payment; a page that somebody else asked for says nothing to us.
    fn fact(&self, what: What) -> Result<Vec<Fact>, Unreadable> {
        let ours = self.client_reference_id.as_deref().and_then(|id| id.parse().ok());
        Ok(vec![Fact { about: ours.map_or(About::Nothing, About::Ours), what }])
    }

    fn without_intent(&self) -> What {
        if self.status.as_deref() == Some("expired") { What::Expired } else { What::Pending }
    }

    /// The state of a page at which no money arrived yet. Delayed methods fail after the page was completed.
    fn without_money(&self, intent: &Intent) -> What {
        match (self.status.as_deref(), intent.status.as_str()) {
            (_, "processing") => What::Pending,
            (_, "canceled") => What::Cancelled,
            (Some("complete"), "requires_payment_method") => What::Failed,
            _ => self.without_intent(),
        }
    }
}

impl Intent {
    fn arrived(&self) -> Result<Vec<Fact>, Unreadable> {
        let amount = money(self.amount_received, &self.currency)?;
        let what = What::Arrived { reference: self.id.clone(), amount };
        let about = self.metadata.ours().map_or(About::Nothing, About::Ours);
        if is_word(&self.id) { Ok(vec![Fact { about, what }]) } else { Err(Unreadable) }
    }
}

impl Refund {
    /// A refund that failed is one that came back: in whatever order its messages arrive, both are booked once.
    fn facts(&self, about: &About) -> Result<Vec<Fact>, Unreadable> {
        let is_back = matches!(self.status.as_deref(), Some("failed" | "canceled"));
        taken(about, &self.id, money(self.amount, &self.currency)?, is_back.then_some("failed"))
    }
}

impl Dispute {
    fn facts(&self, about: &About, is_back: bool) -> Result<Vec<Fact>, Unreadable> {
        taken(about, &self.id, money(self.amount, &self.currency)?, is_back.then_some("reinstated"))
    }
}

fn taken(about: &About, id: &str, amount: Money, back: Option<&str>) -> Result<Vec<Fact>, Unreadable> {
    if !is_word(id) {
        return Err(Unreadable);
    }
    let fact = |what| Fact { about: about.clone(), what };
    let gone = fact(What::TakenBack { reference: id.to_owned(), amount });
    let back = back.map(|how| fact(What::Arrived { reference: format!("{id}:{how}"), amount }));
    Ok(std::iter::once(gone).chain(back).collect())
}

impl Metadata {
    fn ours(&self) -> Option<PaymentId> {
        self.payment.as_deref().and_then(|id| id.parse().ok())
    }

    fn about(&self, intent: &str) -> About {
        self.ours().map_or_else(|| theirs(Some(intent)), About::Ours)
    }
}

fn theirs(intent: Option<&str>) -> About {
    intent.filter(|id| is_word(id)).map_or(About::Nothing, |id| About::Theirs(id.to_owned()))
}

fn read<T: DeserializeOwned>(object: Value) -> Result<T, Unreadable> {
    serde_json::from_value(object).map_err(|_| Unreadable)
}

/// The word for a refusal that holds for good.
///
/// # Errors
/// When asking again may help: then the outcome is not known.
fn refused(status: StatusCode, body: &[u8]) -> Result<String, Unknown> {
    let refusal: Option<Refusal> = serde_json::from_slice(body).ok();
    match (status.as_u16(), refusal.map(|refusal| refusal.error)) {
        (400, Some(error)) if error.kind == "idempotency_error" => Err(Unknown::Refused(409)),
        (400 | 402, Some(error)) => Ok(error.code.unwrap_or(error.kind).chars().take(MAX_WORD).collect()),
        (status, _) => Err(Unknown::Refused(status)),
    }
}

const fn method_type(method: Method) -> Option<&'static str> {
    match method {
        Method::Card => Some("card"),
        Method::SepaDebit => Some("sepa_debit"),
        _ => None,
    }
}

const fn locale(language: Language) -> &'static str {
    match language {
        Language::De => "de",
        Language::En => "en",
    }
}

/// Stripe counts in the minor units of ISO 4217 for every currency that we have; it differs for others (ISK, UGX).
fn money(minor: i64, currency: &str) -> Result<Money, Unreadable> {
    let currency: Currency = currency.to_uppercase().parse().map_err(|_| Unreadable)?;
    if (0..=Money::MAX_MINOR).contains(&minor) { Ok(Money::of_minor(minor, currency)) } else { Err(Unreadable) }
}

/// An id as Stripe makes them: it may stand in an address.
fn is_word(id: &str) -> bool {
    !id.is_empty() && id.len() <= MAX_WORD && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
