//! What Stripe sends: its objects as far as we read them, and what they say of ours.

use domain::{
    Currency, Money,
    id::PaymentId,
    payment_method::{MethodName, Month, Shown, Token},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{About, Fact, Kept, Owner, Said, Unreadable, What};

/// Longest word that is taken over from Stripe.
pub(super) const MAX_WORD: usize = 120;

#[derive(Debug, Deserialize)]
pub(super) struct Account {
    pub(super) id: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Refusal {
    pub(super) error: RefusalError,
}

#[derive(Debug, Deserialize)]
pub(super) struct RefusalError {
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) code: Option<String>,
    /// Of a charge that was declined.
    #[serde(default)]
    pub(super) payment_intent: Option<Intent>,
}

#[derive(Debug, Deserialize)]
pub(super) struct List<T> {
    pub(super) data: Vec<T>,
    pub(super) has_more: bool,
}

/// Whatever has only its id for us.
#[derive(Debug, Deserialize)]
pub(super) struct Named {
    pub(super) id: String,
}

/// A Checkout Session. What hangs on it is an id, or the whole where that was asked for.
#[derive(Debug, Deserialize)]
pub(super) struct Session {
    pub(super) id: String,
    pub(super) mode: Mode,
    #[serde(default)]
    pub(super) url: Option<String>,
    #[serde(default)]
    pub(super) client_reference_id: Option<String>,
    #[serde(default)]
    status: Option<String>,
    payment_status: String,
    #[serde(default)]
    amount_total: Option<i64>,
    #[serde(default)]
    currency: Option<String>,
    #[serde(default)]
    pub(super) customer: Option<String>,
    #[serde(default)]
    pub(super) payment_intent: Option<Expandable<Intent>>,
    #[serde(default)]
    setup_intent: Option<Expandable<Setup>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Mode {
    Payment,
    Setup,
    Subscription,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Expandable<T> {
    Whole(Box<T>),
    Id(String),
}

#[derive(Debug, Deserialize)]
pub(super) struct Intent {
    pub(super) id: String,
    pub(super) status: String,
    pub(super) amount_received: i64,
    pub(super) currency: String,
    #[serde(default)]
    pub(super) metadata: Metadata,
    #[serde(default)]
    pub(super) latest_charge: Option<Expandable<Charge>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Charge {
    amount_refunded: i64,
    disputed: bool,
}

#[derive(Debug, Deserialize)]
struct Setup {
    status: String,
    #[serde(default)]
    metadata: Metadata,
    #[serde(default)]
    payment_method: Option<Expandable<Method>>,
    #[serde(default)]
    mandate: Option<Expandable<Mandate>>,
}

#[derive(Debug, Deserialize)]
struct Method {
    id: String,
    /// None once it is detached.
    #[serde(default)]
    customer: Option<String>,
    #[serde(default)]
    card: Option<Card>,
    #[serde(default)]
    sepa_debit: Option<SepaDebit>,
}

#[derive(Debug, Deserialize)]
struct Card {
    brand: String,
    last4: String,
    exp_month: i8,
    exp_year: i16,
}

#[derive(Debug, Deserialize)]
struct SepaDebit {
    #[serde(default)]
    last4: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Mandate {
    status: String,
    payment_method: Expandable<Named>,
    payment_method_details: MandateDetails,
}

#[derive(Debug, Deserialize)]
struct MandateDetails {
    #[serde(default)]
    sepa_debit: Option<MandateOfDebit>,
}

#[derive(Debug, Deserialize)]
struct MandateOfDebit {
    reference: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Refund {
    pub(super) id: String,
    pub(super) amount: i64,
    pub(super) currency: String,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    payment_intent: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Dispute {
    id: String,
    amount: i64,
    currency: String,
    #[serde(default)]
    payment_intent: Option<String>,
    /// None, the withdrawal, or the withdrawal and the reinstatement.
    #[serde(default)]
    pub(super) balance_transactions: Vec<Value>,
}

/// What we hang on Stripe's objects.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Metadata {
    #[serde(default)]
    payment: Option<String>,
    #[serde(default)]
    method: Option<String>,
    /// On what was charged without a page: there a decline is final.
    #[serde(default)]
    saved: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Event {
    #[serde(rename = "type")]
    kind: String,
    pub(super) livemode: bool,
    data: EventData,
}

#[derive(Debug, Deserialize)]
struct EventData {
    object: Value,
}

impl Event {
    /// What it says of ours.
    pub(super) fn said(self) -> Result<Vec<Said>, Unreadable> {
        let EventData { object } = self.data;
        match self.kind.as_str() {
            "checkout.session.completed" | "checkout.session.async_payment_succeeded" => {
                let session: Session = read(object)?;
                session.said(Session::paid)
            }
            "checkout.session.async_payment_failed" => read::<Session>(object)?.said(|_| Ok(What::Failed)),
            "checkout.session.expired" => read::<Session>(object)?.said(|_| Ok(What::Expired)),
            "payment_intent.succeeded" => read::<Intent>(object)?.arrived(),
            "payment_intent.processing" | "payment_intent.payment_failed" => {
                let intent: Intent = read(object)?;
                // On Stripe's page one may try again after a decline: only the end of the page is an end.
                let is_final = self.kind.ends_with("failed") && intent.metadata.saved.is_some();
                let what = if is_final { What::Failed } else { What::Pending };
                Ok(vec![Fact { about: intent.metadata.about(&intent.id), what }.into()])
            }
            "refund.created" | "refund.updated" | "refund.failed" => {
                let refund: Refund = read(object)?;
                refund.facts(&theirs(refund.payment_intent.as_deref())).map(said)
            }
            "charge.dispute.funds_withdrawn" => {
                let dispute: Dispute = read(object)?;
                dispute.facts(&theirs(dispute.payment_intent.as_deref()), false).map(said)
            }
            "charge.dispute.funds_reinstated" => {
                let dispute: Dispute = read(object)?;
                dispute.facts(&theirs(dispute.payment_intent.as_deref()), true).map(said)
            }
            "setup_intent.succeeded" => {
                let setup: Setup = read(object)?;
                Ok(setup.metadata.method().map(Said::Method).into_iter().collect())
            }
            "payment_method.detached" | "payment_method.updated" | "payment_method.automatically_updated" => {
                let method: Named = read(object)?;
                if is_word(&method.id) { Ok(vec![Said::MethodOf(method.id)]) } else { Err(Unreadable) }
            }
            "mandate.updated" => match read::<Mandate>(object)?.payment_method {
                Expandable::Id(id) if is_word(&id) => Ok(vec![Said::MethodOf(id)]),
                Expandable::Id(_) | Expandable::Whole(_) => Err(Unreadable),
            },
            other => {
                let what = What::Other(other.chars().take(MAX_WORD).collect());
                Ok(vec![Fact { about: About::Nothing, what }.into()])
            }
        }
    }
}

fn said(facts: Vec<Fact>) -> Vec<Said> {
    facts.into_iter().map(Said::Payment).collect()
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

    /// A fact about our payment, or that a way to pay must be looked up; a page that somebody else asked for says nothing
    /// to us.
    fn said(&self, what: impl FnOnce(&Self) -> Result<What, Unreadable>) -> Result<Vec<Said>, Unreadable> {
        let reference = self.client_reference_id.as_deref();
        if self.mode == Mode::Setup {
            let ours = reference.and_then(|name| name.parse().ok());
            return Ok(ours.map(Said::Method).into_iter().collect());
        }
        let ours = reference.and_then(|id| id.parse().ok());
        Ok(vec![Fact { about: ours.map_or(About::Nothing, About::Ours), what: what(self)? }.into()])
    }

    pub(super) fn without_intent(&self) -> What {
        if self.status.as_deref() == Some("expired") { What::Expired } else { What::Pending }
    }

    /// The state of a page at which no money arrived yet. Delayed methods fail after the page was completed.
    pub(super) fn without_money(&self, intent: &Intent) -> What {
        match (self.status.as_deref(), intent.status.as_str()) {
            (_, "processing") => What::Pending,
            (_, "canceled") => What::Cancelled,
            (Some("complete"), "requires_payment_method") => What::Failed,
            _ => self.without_intent(),
        }
    }

    /// What became of the way to pay that was to be kept.
    pub(super) fn kept(&self) -> Result<Kept, Unreadable> {
        let Some(Expandable::Whole(setup)) = &self.setup_intent else { return Err(Unreadable) };
        match (self.status.as_deref(), setup.status.as_str()) {
            (Some("expired"), _) | (_, "canceled") => Ok(Kept::Failed),
            (Some("complete"), "requires_payment_method") => Ok(Kept::Failed),
            (_, "succeeded") => setup.kept(self.customer.as_deref()),
            _ => Ok(Kept::Pending),
        }
    }
}

impl Setup {
    fn kept(&self, customer: Option<&str>) -> Result<Kept, Unreadable> {
        let Some(Expandable::Whole(method)) = &self.payment_method else { return Err(Unreadable) };
        let mandate = match &self.mandate {
            Some(Expandable::Whole(mandate)) => Some(mandate),
            Some(Expandable::Id(_)) => return Err(Unreadable),
            None => None,
        };
        if method.customer.is_none() || mandate.is_some_and(|mandate| mandate.status == "inactive") {
            return Ok(Kept::Gone);
        }
        let shown = match (&method.card, &method.sepa_debit) {
            (Some(card), _) => Shown::Card {
                brand: word(&card.brand)?,
                last4: word(&card.last4)?,
                valid_until: Some(Month { year: card.exp_year, month: card.exp_month }),
            },
            (None, Some(debit)) => {
                let terms = mandate.and_then(|mandate| mandate.payment_method_details.sepa_debit.as_ref());
                let mandate = terms.ok_or(Unreadable)?.reference.chars().take(MAX_WORD).collect();
                let last4 = word(debit.last4.as_deref().unwrap_or_default())?;
                Shown::Account { last4, bank: String::new(), mandate, creditor: None }
            }
            (None, None) => return Err(Unreadable),
        };
        let token = Token { customer: customer.map(str::to_owned), method: word(&method.id)? };
        Ok(Kept::Saved { token, shown })
    }
}

impl Intent {
    pub(super) fn arrived(&self) -> Result<Vec<Said>, Unreadable> {
        let amount = money(self.amount_received, &self.currency)?;
        let what = What::Arrived { reference: self.id.clone(), amount };
        let about = self.metadata.payment().map_or(About::Nothing, About::Ours);
        if is_word(&self.id) { Ok(vec![Fact { about, what }.into()]) } else { Err(Unreadable) }
    }

    /// What became of a charge that was asked for without a page.
    pub(super) fn charged(&self) -> Result<What, Unreadable> {
        match self.status.as_str() {
            "succeeded" => {
                let amount = money(self.amount_received, &self.currency)?;
                Ok(What::Arrived { reference: self.id.clone(), amount })
            }
            "canceled" => Ok(What::Cancelled),
            // Nobody is there to confirm or to give another card: the customer pays in another way.
            "requires_action" | "requires_payment_method" => Ok(What::Failed),
            // Seen while the charge itself is still being asked for, or on its way.
            _ => Ok(What::Pending),
        }
    }

    /// Nothing of what arrived was given back or disputed.
    pub(super) fn is_whole(&self) -> bool {
        matches!(&self.latest_charge,
            Some(Expandable::Whole(charge)) if charge.amount_refunded == 0 && !charge.disputed)
    }
}

impl Refund {
    /// A refund that failed is one that came back: in whatever order its messages arrive, both are booked once.
    pub(super) fn facts(&self, about: &About) -> Result<Vec<Fact>, Unreadable> {
        let is_back = matches!(self.status.as_deref(), Some("failed" | "canceled"));
        taken(about, &self.id, money(self.amount, &self.currency)?, is_back.then_some("failed"))
    }
}

impl Dispute {
    pub(super) fn facts(&self, about: &About, is_back: bool) -> Result<Vec<Fact>, Unreadable> {
        taken(about, &self.id, money(self.amount, &self.currency)?, is_back.then_some("reinstated"))
    }
}

fn taken(about: &About, id: &str, amount: Money, back: Option<&str>) -> Result<Vec<Fact>, Unreadable> {
    if !is_word(id) {
        return Err(Unreadable);
    }
    let fact = |what| Fact { about: about.clone(), what };
    let gone = fact(What::TakenBack { reference: id.to_owned(), amount });
    let back = back.map(|how| fact(What::came_back(id, how, amount)));
    Ok(std::iter::once(gone).chain(back).collect())
}

impl Metadata {
    pub(super) fn payment(&self) -> Option<PaymentId> {
        self.payment.as_deref()?.parse().ok()
    }

    fn method(&self) -> Option<MethodName> {
        self.method.as_deref()?.parse().ok()
    }

    pub(super) fn owner(&self) -> Option<Owner> {
        self.payment().map(Owner::Payment)
    }

    fn about(&self, intent: &str) -> About {
        self.payment().map_or_else(|| theirs(Some(intent)), About::Ours)
    }
}

fn theirs(intent: Option<&str>) -> About {
    intent.filter(|id| is_word(id)).map_or(About::Nothing, |id| About::Theirs(id.to_owned()))
}

fn read<T: DeserializeOwned>(object: Value) -> Result<T, Unreadable> {
    serde_json::from_value(object).map_err(|_| Unreadable)
}

/// Stripe counts in the minor units of ISO 4217 for every currency that we have; it differs for others (ISK, UGX).
pub(super) fn money(minor: i64, currency: &str) -> Result<Money, Unreadable> {
    let currency: Currency = currency.to_uppercase().parse().map_err(|_| Unreadable)?;
    if (0..=Money::MAX_MINOR).contains(&minor) { Ok(Money::of_minor(minor, currency)) } else { Err(Unreadable) }
}

fn word(text: &str) -> Result<String, Unreadable> {
    if is_word(text) { Ok(text.to_owned()) } else { Err(Unreadable) }
}

/// An id as Stripe makes them: it may stand in an address.
pub(super) fn is_word(id: &str) -> bool {
    !id.is_empty() && id.len() <= MAX_WORD && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
