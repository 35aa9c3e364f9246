//! Stripe: Checkout for payments and for keeping a card or mandate, Payment Intents for charging what is kept, its events
//! for what became of them. Form-encoded requests, JSON answers.
//!
//! Sources: docs.stripe.com/api (Checkout Sessions, Customers, Payment Intents, Payment Methods, Setup Intents, Mandates,
//! Refunds, Disputes, Events, Idempotent requests), docs.stripe.com/webhooks (signatures).

mod wire;

use async_trait::async_trait;
use domain::{
    Language, Money, Secret,
    id::PaymentId,
    payment::{Method, ProviderName},
    payment_method::Token,
};
use http::{Method as Verb, StatusCode};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    About, Ask, Asked, Capabilities, Client, Fact, Introduced, Kept, Known, KnownMethod, NotVerified, Owner, Provider,
    Raw, Said, Save, Saving, Unknown, Unreadable, Verified, What, WrongAccess,
    client::{json, send},
    signature,
};
use wire::{
    Account, Dispute, Event, Expandable, Intent, List, MAX_WORD, Mode, Named, Refund, Refusal, Session, is_word, money,
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
/// Longest name of a customer that Stripe takes.
const MAX_NAME: usize = 256;

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

    pub(crate) fn is_live(&self) -> bool {
        self.secret_key.expose().contains("_live_")
    }
}

/// A page that was asked for.
#[derive(Debug, Clone, Copy)]
struct Page<'a> {
    /// Its id; none when the answer was lost.
    session: Option<&'a str>,
    /// What it is for: our id or name.
    reference: &'a str,
    since: Timestamp,
    until: Timestamp,
}

impl<'a> From<Known<'a>> for Page<'a> {
    fn from(known: Known<'a>) -> Self {
        let Known { payment, session, since, until, .. } = known;
        Self { session, reference: payment.as_str(), since, until }
    }
}

/// One merchant's access to Stripe.
#[derive(Debug, Clone)]
pub struct Stripe {
    client: Client,
    base: String,
    keys: Keys,
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

    /// A page of ours, with what hangs on it.
    async fn session(&self, page: Page<'_>, expand: &[&str]) -> Result<Option<Session>, Unknown> {
        let id = match page.session {
            Some(id) => id.to_owned(),
            None => match self.find(page).await? {
                Some(id) => id,
                None => return Ok(None),
            },
        };
        if !is_word(&id) {
            return Err(Unknown::Unreadable);
        }
        // A page that was made and is gone proves nothing: the keys may be another account's now.
        let gone = Unknown::Refused(StatusCode::NOT_FOUND.as_u16());
        let expand: Vec<String> = expand.iter().map(|field| format!("expand[]={field}")).collect();
        let path = format!("/v1/checkout/sessions/{id}?{}", expand.join("&"));
        let session: Session = self.get(&path).await?.ok_or(gone)?;
        let is_ours = session.client_reference_id.as_deref() == Some(page.reference);
        if is_ours { Ok(Some(session)) } else { Err(Unknown::Unreadable) }
    }

    /// Searches the pages that were made while this one was open: unlike Stripe's search, the list is never behind.
    async fn find(&self, page: Page<'_>) -> Result<Option<String>, Unknown> {
        let is_ours = |session: &Session| session.client_reference_id.as_deref() == Some(page.reference);
        let found =
            self.search("/v1/checkout/sessions", page.since, page.until, |one: &Session| &one.id, is_ours).await?;
        Ok(found.map(|session| session.id))
    }

    /// The first of a list, made between two moments, that is wanted.
    async fn search<T: DeserializeOwned>(
        &self,
        list: &str,
        since: Timestamp,
        until: Timestamp,
        id: impl Fn(&T) -> &String,
        is_wanted: impl Fn(&T) -> bool,
    ) -> Result<Option<T>, Unknown> {
        let (from, until) = ((since - CLOCKS_DIFFER).as_second(), (until + CLOCKS_DIFFER).as_second());
        let mut after = String::new();
        for _ in 0..MAX_PAGES {
            let mark = if list.contains('?') { '&' } else { '?' };
            let path = format!("{list}{mark}limit={LIST}&created[gte]={from}&created[lte]={until}{after}");
            let List { mut data, has_more } = json::<List<T>>(self.request(Verb::GET, &path)?).await?;
            if let Some(at) = data.iter().position(&is_wanted) {
                return Ok(Some(data.swap_remove(at)));
            }
            match data.last().map(&id).filter(|last| has_more && is_word(last)) {
                Some(last) => after = format!("&starting_after={last}"),
                None => return Ok(None),
            }
        }
        Err(Unknown::Unfindable)
    }

    /// What was charged without a page.
    async fn charge(&self, known: Known<'_>, saved: &Token) -> Result<Option<Intent>, Unknown> {
        let is_ours = |intent: &Intent| intent.metadata.payment().as_ref() == Some(known.payment);
        let id = match (known.session, saved.customer.as_deref()) {
            (Some(id), _) => id.to_owned(),
            (None, Some(customer)) if is_word(customer) => {
                let list = format!("/v1/payment_intents?customer={customer}");
                match self.search(&list, known.since, known.until, |one: &Intent| &one.id, is_ours).await? {
                    Some(intent) => intent.id,
                    None => return Ok(None),
                }
            }
            (None, _) => return Err(Unknown::Unreadable),
        };
        if !is_word(&id) {
            return Err(Unknown::Unreadable);
        }
        let gone = Unknown::Refused(StatusCode::NOT_FOUND.as_u16());
        let path = format!("/v1/payment_intents/{id}?expand[]=latest_charge");
        let intent: Intent = self.get(&path).await?.ok_or(gone)?;
        if is_ours(&intent) { Ok(Some(intent)) } else { Err(Unknown::Unreadable) }
    }

    /// The intent of a payment and what it means where no money arrived; none when Stripe was never asked.
    async fn intent(&self, known: Known<'_>) -> Result<Option<(Option<Intent>, What)>, Unknown> {
        if let Some(saved) = known.saved {
            let Some(intent) = self.charge(known, saved).await? else { return Ok(None) };
            let what = intent.charged().map_err(|Unreadable| Unknown::Unreadable)?;
            return Ok(Some((Some(intent), what)));
        }
        let page = Page::from(known);
        let Some(session) = self.session(page, &["payment_intent.latest_charge"]).await? else { return Ok(None) };
        let (what, intent) = match session.payment_intent {
            Some(Expandable::Whole(ref intent)) => (session.without_money(intent), session.payment_intent),
            _ => (session.without_intent(), None),
        };
        let intent = match intent {
            Some(Expandable::Whole(intent)) => Some(*intent),
            _ => None,
        };
        Ok(Some((intent, what)))
    }

    /// Stripe's customer for what is to be kept: methods are charged by the customer they belong to.
    async fn customer(&self, save: &Save<'_>) -> Result<Result<String, String>, Unknown> {
        if let Some(known) = save.customer {
            return Ok(Ok(known.to_owned()));
        }
        let mut form = vec![("metadata[method]", save.name.to_string())];
        form.extend((!save.holder.is_empty()).then(|| ("name", save.holder.chars().take(MAX_NAME).collect())));
        form.extend(save.email.map(|email| ("email", email.as_str().to_owned())));
        let (status, body) = send(self.post("/v1/customers", &format!("{}.customer", save.name), &form)?).await?;
        if !status.is_success() {
            return refused(status, &body).map(Err);
        }
        let made: Named = serde_json::from_slice(&body).map_err(|_| Unknown::Unreadable)?;
        if is_word(&made.id) { Ok(Ok(made.id)) } else { Err(Unknown::Unreadable) }
    }

    /// Charges what is kept, while nobody is there.
    async fn ask_saved(&self, ask: &Ask<'_>, saved: &Token) -> Result<Asked, Unknown> {
        let Some(customer) = &saved.customer else { return Ok(Asked::Refused { code: "customer".to_owned() }) };
        let form = [
            ("amount", ask.amount.minor().to_string()),
            ("currency", ask.amount.currency().code().to_lowercase()),
            ("customer", customer.clone()),
            ("payment_method", saved.method.clone()),
            ("off_session", "true".to_owned()),
            ("confirm", "true".to_owned()),
            ("description", ask.description.to_owned()),
            ("metadata[payment]", ask.payment.to_string()),
            ("metadata[saved]", "true".to_owned()),
        ];
        let (status, body) = send(self.post("/v1/payment_intents", ask.payment.as_str(), &form)?).await?;
        let intent = if status.is_success() {
            serde_json::from_slice(&body).map_err(|_| Unknown::Unreadable)?
        } else {
            let refusal: Option<Refusal> = serde_json::from_slice(&body).ok();
            match refusal.and_then(|refusal| refusal.error.payment_intent) {
                // Declined, or the bank wants to see the customer first.
                Some(intent) if status == StatusCode::PAYMENT_REQUIRED => intent,
                _ => return refused(status, &body).map(|code| Asked::Refused { code }),
            }
        };
        let what = intent.charged().map_err(|Unreadable| Unknown::Unreadable)?;
        Ok(Asked::Charged { session: intent.id, what })
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
        let remembers_keys = SignedDuration::from_hours(24);
        Capabilities { name: ProviderName::Stripe, remembers_keys, refunds: true, forged: 401 }
    }

    async fn introduce(&self) -> Result<Introduced, Unknown> {
        let account: Account = json(self.request(Verb::GET, "/v1/account")?).await?;
        Ok(Introduced { account: account.id, live: self.keys.is_live() })
    }

    async fn ask(&self, ask: &Ask<'_>) -> Result<Asked, Unknown> {
        if let Some(saved) = ask.saved {
            return self.ask_saved(ask, saved).await;
        }
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
        let Some((intent, what)) = self.intent(known).await? else { return Ok(vec![]) };
        let fact = |what| Fact::of(known.payment.clone(), what);
        let Some(intent) = intent.filter(|intent| intent.amount_received > 0) else { return Ok(vec![fact(what)]) };
        let amount = money(intent.amount_received, &intent.currency).map_err(|Unreadable| Unknown::Unreadable)?;
        let mut facts = vec![fact(What::Arrived { reference: intent.id.clone(), amount })];
        if !intent.is_whole() {
            facts.extend(self.taken_back(known.payment, &intent.id).await?);
        }
        Ok(facts)
    }

    async fn owner(&self, charge: &str) -> Result<Option<Owner>, Unknown> {
        if !is_word(charge) {
            return Ok(None);
        }
        let intent: Option<Intent> = self.get(&format!("/v1/payment_intents/{charge}")).await?;
        Ok(intent.and_then(|intent| intent.metadata.owner()))
    }

    /// A page's session is its own, to which no charge leads.
    async fn session_of(&self, known: Known<'_>, charge: &str) -> Result<Option<String>, Unknown> {
        if known.saved.is_none() || !is_word(charge) {
            return Ok(None);
        }
        let intent: Option<Intent> = self.get(&format!("/v1/payment_intents/{charge}")).await?;
        let is_its = |intent: &Intent| intent.metadata.payment().as_ref() == Some(known.payment);
        Ok(intent.filter(is_its).map(|intent| intent.id).filter(|id| id == charge))
    }

    async fn refund(&self, known: Known<'_>, amount: Money, key: &str) -> Result<Fact, Unknown> {
        let intent = self.intent(known).await?.and_then(|(intent, _)| intent);
        let unpaid = Unknown::Refused(StatusCode::UNPROCESSABLE_ENTITY.as_u16());
        let intent = intent.filter(|intent| intent.amount_received > 0).ok_or(unpaid)?;
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

    async fn save(&self, save: &Save<'_>) -> Result<Saving, Unknown> {
        let Some(method) = method_type(save.method) else {
            return Ok(Saving::Refused { code: "method".to_owned() });
        };
        let customer = match self.customer(save).await? {
            Ok(customer) => customer,
            Err(code) => return Ok(Saving::Refused { code }),
        };
        let name = save.name.to_string();
        let form = [
            ("mode", "setup".to_owned()),
            ("allowed_payment_method_types[0]", method.to_owned()),
            ("customer", customer),
            ("client_reference_id", name.clone()),
            ("setup_intent_data[metadata][method]", name.clone()),
            ("setup_intent_data[description]", save.description.to_owned()),
            ("locale", locale(save.language).to_owned()),
            ("expires_at", (save.until + PAGE_OUTLASTS).as_second().to_string()),
            ("success_url", save.return_url.to_owned()),
            ("cancel_url", save.return_url.to_owned()),
        ];
        let (status, body) = send(self.post("/v1/checkout/sessions", &name, &form)?).await?;
        if !status.is_success() {
            return refused(status, &body).map(|code| Saving::Refused { code });
        }
        let made: Session = serde_json::from_slice(&body).map_err(|_| Unknown::Unreadable)?;
        let url = made.url.ok_or(Unknown::Unreadable)?;
        Ok(Saving::Page { session: made.id, url })
    }

    async fn look_up_method(&self, known: KnownMethod<'_>) -> Result<Kept, Unknown> {
        let name = known.name.to_string();
        let page = Page { session: known.session, reference: &name, since: known.since, until: known.until };
        let expand = ["setup_intent.payment_method", "setup_intent.mandate"];
        let Some(session) = self.session(page, &expand).await? else { return Ok(Kept::Unknown) };
        if session.mode != Mode::Setup {
            return Err(Unknown::Unreadable);
        }
        session.kept().map_err(|Unreadable| Unknown::Unreadable)
    }

    async fn forget(&self, token: &Token) -> Result<(), Unknown> {
        if !is_word(&token.method) {
            return Err(Unknown::Unreadable);
        }
        let path = format!("/v1/payment_methods/{}/detach", token.method);
        let (status, body) = send(self.post(&path, &format!("{}.detach", token.method), &[])?).await?;
        match status.as_u16() {
            // Not there, or not attached to anybody: forgotten.
            200 | 404 => Ok(()),
            _ => refused(status, &body).map(|_| ()),
        }
    }

    fn proving_headers(&self) -> &'static [&'static str] {
        &[SIGNATURE_HEADER]
    }

    async fn verify<'a>(&self, raw: Raw<'a>) -> Result<Verified<'a>, NotVerified> {
        let header =
            raw.headers.get(SIGNATURE_HEADER).and_then(|value| value.to_str().ok()).ok_or(NotVerified::Forged)?;
        let fits =
            |secret: &Secret<String>| signature::verify(secret.expose().as_bytes(), header, raw.now, raw.body).is_ok();
        if self.keys.webhook_secrets.iter().any(fits) {
            Ok(Verified::proved(raw.body))
        } else {
            Err(NotVerified::Forged)
        }
    }

    fn facts(&self, verified: Verified<'_>) -> Result<Vec<Said>, Unreadable> {
        let event: Event = serde_json::from_slice(verified.body()).map_err(|_| Unreadable)?;
        // An endpoint in test mode must never move real books, and the other way round.
        if event.livemode == self.keys.is_live() { event.said() } else { Err(Unreadable) }
    }
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
