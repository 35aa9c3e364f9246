//! What Mollie sends: its objects as far as we read them, and what they say of ours.

use std::collections::BTreeMap;

use domain::{
    Currency, Money,
    id::PaymentId,
    payment_method::{MethodName, Month, Shown, Token},
};
use jiff::{Timestamp, civil::Date};
use serde::Deserialize;
use serde_json::Value;

use crate::{About, Fact, Kept, Owner, Said, Unknown, Unreadable, What};

/// Longest word that is taken over from Mollie.
const MAX_WORD: usize = 120;
/// Longest address of a wallet that is taken over.
const MAX_EMAIL: usize = 320;

/// What changes a payment of ours. Events of other kinds are none of our business.
const KINDS: [&str; 14] = [
    "payment.pending",
    "payment.authorized",
    "payment.paid",
    "payment.canceled",
    "payment.expired",
    "payment.failed",
    "refund.queued",
    "refund.pending",
    "refund.processing",
    "refund.refunded",
    "refund.failed",
    "refund.canceled",
    "chargeback.received",
    "chargeback.reversed",
];

/// Why something was refused; its `detail` is for people and may repeat what was sent.
#[derive(Debug, Deserialize)]
pub(super) struct Refusal {
    #[serde(default)]
    pub(super) detail: String,
    #[serde(default)]
    pub(super) field: Option<String>,
}

/// Whatever has only its id for us.
#[derive(Debug, Deserialize)]
pub(super) struct Named {
    pub(super) id: String,
}

/// One page of a list.
#[derive(Debug, Deserialize)]
pub(super) struct List<T> {
    #[serde(rename = "_embedded")]
    embedded: BTreeMap<String, Vec<T>>,
    #[serde(rename = "_links")]
    links: Links,
}

#[derive(Debug, Default, Deserialize)]
struct Links {
    #[serde(default)]
    next: Option<Link>,
    #[serde(default)]
    checkout: Option<Link>,
}

#[derive(Debug, Deserialize)]
struct Link {
    href: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Amount {
    currency: String,
    value: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Payment {
    pub(super) id: String,
    status: String,
    pub(super) amount: Amount,
    #[serde(default)]
    pub(super) description: Option<String>,
    #[serde(default)]
    metadata: Metadata,
    #[serde(default)]
    pub(super) customer_id: Option<String>,
    #[serde(default)]
    pub(super) mandate_id: Option<String>,
    pub(super) created_at: Timestamp,
    #[serde(default, rename = "_links")]
    links: Links,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Refund {
    pub(super) id: String,
    pub(super) amount: Amount,
    status: String,
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Chargeback {
    id: String,
    amount: Amount,
    #[serde(default)]
    reversed_at: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Mandate {
    id: String,
    status: String,
    method: String,
    #[serde(default)]
    details: Option<Details>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Details {
    #[serde(default)]
    card_number: Option<String>,
    #[serde(default)]
    card_label: Option<String>,
    #[serde(default)]
    card_expiry_date: Option<String>,
    /// Of a wallet: the address it belongs to.
    #[serde(default)]
    consumer_account: Option<String>,
}

/// What we hang on Mollie's objects. Others hang there what they like: a text, a list.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
struct Metadata(Value);

impl Metadata {
    fn word(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }
}

/// A signed message: an event, or the bare object that it is about.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Event {
    resource: String,
    /// Of an event.
    #[serde(default, rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    entity_id: Option<String>,
    #[serde(default, rename = "_embedded")]
    embedded: Option<Embedded>,
    /// Of a bare object.
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    payment_id: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Embedded {
    #[serde(default)]
    entity: Option<Entity>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entity {
    #[serde(default)]
    payment_id: Option<String>,
}

impl Event {
    /// Which charge is to be looked up: nothing of what it says is believed.
    pub(super) fn said(self) -> Result<Vec<Said>, Unreadable> {
        let Some(kind) = &self.kind else {
            return match self.resource.as_str() {
                "payment" => charge(self.id),
                "refund" | "chargeback" => charge(self.payment_id),
                other => Ok(vec![other_kind(other)]),
            };
        };
        if self.resource != "event" {
            return Err(Unreadable);
        }
        if !KINDS.contains(&kind.as_str()) {
            return Ok(vec![other_kind(kind)]);
        }
        if kind.starts_with("payment.") {
            return charge(self.entity_id);
        }
        match self.embedded.and_then(|embedded| embedded.entity) {
            Some(entity) => charge(entity.payment_id),
            // The short form names the refund alone, which leads nowhere. Its payment's own message says the same.
            None => Ok(vec![other_kind(kind)]),
        }
    }
}

fn charge(id: Option<String>) -> Result<Vec<Said>, Unreadable> {
    let id = id.filter(|id| is_charge(id)).ok_or(Unreadable)?;
    Ok(vec![Said::Charge(id)])
}

fn other_kind(kind: &str) -> Said {
    let what = What::Other(kind.chars().take(MAX_WORD).collect());
    Fact { about: About::Nothing, what }.into()
}

impl<T> List<T> {
    /// The things of a page, and the id that the next one begins with. Of the address of the next page nothing else is
    /// taken: where Mollie is, we know.
    pub(super) fn into_parts(mut self, name: &str) -> Result<(Vec<T>, Option<String>), Unreadable> {
        let items = self.embedded.remove(name).ok_or(Unreadable)?;
        let Some(next) = self.links.next else { return Ok((items, None)) };
        let query = next.href.split_once('?').map(|(_, query)| query).ok_or(Unreadable)?;
        let from = query.split('&').find_map(|pair| pair.strip_prefix("from=")).filter(|id| is_word(id));
        Ok((items, Some(from.ok_or(Unreadable)?.to_owned())))
    }
}

impl Amount {
    /// Mollie writes as many decimals as ISO 4217 has for every currency that we have.
    pub(super) fn money(&self) -> Result<Money, Unreadable> {
        let currency: Currency = self.currency.parse().map_err(|_| Unreadable)?;
        let money = Money::parse_decimal(&self.value, currency).map_err(|_| Unreadable)?;
        if money.minor() < 0 { Err(Unreadable) } else { Ok(money) }
    }
}

impl Payment {
    pub(super) fn is_for(&self, payment: &PaymentId) -> bool {
        self.metadata.word("payment") == Some(payment.as_str())
    }

    pub(super) fn is_to_keep(&self, name: &str) -> bool {
        self.metadata.word("method") == Some(name)
    }

    pub(super) fn owner(&self) -> Option<Owner> {
        let payment = self.metadata.word("payment").and_then(|id| id.parse::<PaymentId>().ok());
        let method = || self.metadata.word("method").and_then(|name| name.parse::<MethodName>().ok());
        payment.map(Owner::Payment).or_else(|| method().map(Owner::Method))
    }

    pub(super) fn is_paid(&self) -> bool {
        self.status == "paid"
    }

    /// What became of it. A payment whose money was taken back stays paid.
    pub(super) fn what(&self) -> Result<What, Unreadable> {
        match self.status.as_str() {
            "paid" => {
                let amount = self.amount.money()?;
                if !amount.is_positive() {
                    return Err(Unreadable);
                }
                Ok(What::Arrived { reference: word(&self.id)?, amount })
            }
            "open" | "pending" | "authorized" => Ok(What::Pending),
            "canceled" => Ok(What::Cancelled),
            "expired" => Ok(What::Expired),
            "failed" => Ok(What::Failed),
            _ => Err(Unreadable),
        }
    }

    /// What became of a first payment, while there is no money in it: none when it was made, and its mandate must be asked.
    pub(super) fn kept_without_mandate(&self) -> Result<Option<Kept>, Unreadable> {
        match self.status.as_str() {
            "paid" => Ok(self.mandate_id.is_none().then_some(Kept::Pending)),
            "open" | "pending" | "authorized" => Ok(Some(Kept::Pending)),
            "canceled" | "expired" | "failed" => Ok(Some(Kept::Failed)),
            _ => Err(Unreadable),
        }
    }

    /// The page that customers are sent to, with its id.
    pub(super) fn page(self) -> Result<(String, String), Unknown> {
        match self.links.checkout {
            Some(checkout) if is_word(&self.id) => Ok((self.id, checkout.href)),
            _ => Err(Unknown::Unreadable),
        }
    }
}

impl Refund {
    pub(super) fn has_key(&self, key: &str) -> bool {
        self.metadata.word("refund") == Some(key)
    }

    /// A refund that failed is one that came back: in whatever order it is seen, both are booked once.
    pub(super) fn facts(&self, of: &PaymentId) -> Result<Vec<Fact>, Unreadable> {
        let back = match self.status.as_str() {
            "queued" | "pending" | "processing" | "refunded" => None,
            "failed" | "canceled" => Some("failed"),
            _ => return Err(Unreadable),
        };
        taken(of, &self.id, &self.amount, back)
    }

    pub(super) fn fact(&self, of: &PaymentId) -> Result<Fact, Unreadable> {
        self.facts(of)?.into_iter().next().ok_or(Unreadable)
    }
}

impl Chargeback {
    pub(super) fn facts(&self, of: &PaymentId) -> Result<Vec<Fact>, Unreadable> {
        taken(of, &self.id, &self.amount, self.reversed_at.is_some().then_some("reversed"))
    }
}

fn taken(of: &PaymentId, id: &str, amount: &Amount, back: Option<&str>) -> Result<Vec<Fact>, Unreadable> {
    let (id, amount) = (word(id)?, amount.money()?);
    let back = back.map(|how| Fact::of(of.clone(), What::came_back(&id, how, amount)));
    let gone = Fact::of(of.clone(), What::TakenBack { reference: id, amount });
    Ok(std::iter::once(gone).chain(back).collect())
}

impl Mandate {
    /// What a mandate is worth whose first payment was made.
    pub(super) fn kept(self, customer: &str) -> Result<Kept, Unreadable> {
        match self.status.as_str() {
            "valid" => {
                let token = Token { customer: Some(customer.to_owned()), method: word(&self.id)? };
                Ok(Kept::Saved { token, shown: self.shown()? })
            }
            "pending" => Ok(Kept::Pending),
            "invalid" => Ok(Kept::Gone),
            _ => Err(Unreadable),
        }
    }

    /// A label that Mollie leaves out is shown as nothing: the mandate can be charged all the same.
    fn shown(&self) -> Result<Shown, Unreadable> {
        let nothing = Details::default();
        let details = self.details.as_ref().unwrap_or(&nothing);
        let Details { card_number, card_label, card_expiry_date, consumer_account } = details;
        let until = card_expiry_date.as_deref().and_then(|day| day.parse::<Date>().ok());
        match self.method.as_str() {
            "creditcard" => Ok(Shown::Card {
                brand: brand(card_label.as_deref().unwrap_or("card")),
                last4: card_number.as_deref().map_or_else(String::new, last4),
                valid_until: until.map(|day| Month { year: day.year(), month: day.month() }),
            }),
            "paypal" => {
                let email: String = consumer_account.iter().flat_map(|text| text.chars()).take(MAX_EMAIL).collect();
                Ok(Shown::Wallet { email: email.into() })
            }
            _ => Err(Unreadable),
        }
    }
}

/// Mollie writes brands as people do: „American Express".
fn brand(label: &str) -> String {
    match label {
        "American Express" => "amex".to_owned(),
        "Diners Club" => "diners".to_owned(),
        other => other.chars().take(MAX_WORD).collect::<String>().to_lowercase(),
    }
}

fn last4(number: &str) -> String {
    let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
    digits[digits.len().saturating_sub(4)..].iter().collect()
}

pub(super) fn word(text: &str) -> Result<String, Unreadable> {
    if is_word(text) { Ok(text.to_owned()) } else { Err(Unreadable) }
}

/// An id as Mollie makes them: it may stand in an address.
pub(super) fn is_word(id: &str) -> bool {
    !id.is_empty() && id.len() <= MAX_WORD && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// `^[a-z]{2,4}_\w{6,40}$`.
pub(super) fn is_charge(id: &str) -> bool {
    let Some((kind, rest)) = id.split_once('_') else { return false };
    let is_kind = (2..=4).contains(&kind.len()) && kind.bytes().all(|byte| byte.is_ascii_lowercase());
    is_kind && (6..=40).contains(&rest.len()) && is_word(rest)
}
