//! What PayPal sends: its objects as far as we read them, and what they say of ours.

use domain::{Currency, Money, id::PaymentId};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{About, Fact, Said, Unreadable, What};

/// Longest word that is taken over from PayPal.
pub(super) const MAX_WORD: usize = 120;
/// Most charges that one dispute's message names.
const MAX_DISPUTED: usize = 20;

/// What an access token comes with.
#[derive(Debug, Deserialize)]
pub(super) struct Granted {
    pub(super) access_token: domain::Secret<String>,
    pub(super) expires_in: u64,
}

/// The account behind the keys. Its own id comes only with a scope that most apps lack.
#[derive(Debug, Deserialize)]
pub(super) struct Account {
    #[serde(default)]
    pub(super) payer_id: Option<String>,
    pub(super) user_id: String,
}

#[derive(Debug, Deserialize)]
struct Refusal {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    details: Vec<Detail>,
}

#[derive(Debug, Deserialize)]
struct Detail {
    #[serde(default)]
    issue: Option<String>,
}

/// PayPal's word for why it refused; never more of its answer, which may repeat what was sent.
pub(super) fn issue(body: &[u8]) -> Option<String> {
    let refusal: Refusal = serde_json::from_slice(body).ok()?;
    let issue = refusal.details.into_iter().find_map(|detail| detail.issue).or(refusal.name)?;
    let is_code = issue.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    (is_code && !issue.is_empty() && issue.len() <= MAX_WORD).then_some(issue)
}

/// The payer, their bank or PayPal's review of them said no. Of an order the payer may choose another way to pay.
pub(super) fn is_decline(issue: &str) -> bool {
    matches!(
        issue,
        "INSTRUMENT_DECLINED"
            | "CARD_EXPIRED"
            | "COMPLIANCE_VIOLATION"
            | "MAX_NUMBER_OF_PAYMENT_ATTEMPTS_EXCEEDED"
            | "PAYER_ACCOUNT_LOCKED_OR_CLOSED"
            | "PAYER_ACCOUNT_RESTRICTED"
            | "PAYER_ACTION_REQUIRED"
            | "PAYER_CANNOT_PAY"
            | "REDIRECT_PAYER_FOR_ALTERNATE_FUNDING"
            | "TRANSACTION_REFUSED"
    )
}

#[derive(Debug, Deserialize)]
pub(super) struct Link {
    href: String,
    rel: String,
}

/// The address of a page that a link leads to.
pub(super) fn page(links: &[Link], rels: &[&str]) -> Option<String> {
    let link = links.iter().find(|link| rels.contains(&link.rel.as_str()))?;
    link.href.starts_with("https://").then(|| link.href.clone())
}

/// An amount as PayPal writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Amount {
    currency_code: String,
    value: String,
}

impl Amount {
    /// None for what PayPal cannot write: in its table HUF has no decimals, other than in ISO 4217.
    pub(super) fn of(money: Money) -> Option<Self> {
        let value = match (money.currency(), money.minor() % 100) {
            (Currency::Huf, 0) => (money.minor() / 100).to_string(),
            (Currency::Huf, _) => return None,
            _ => money.decimal(),
        };
        Some(Self { currency_code: money.currency().code().to_owned(), value })
    }

    pub(super) fn money(&self) -> Result<Money, Unreadable> {
        let currency: Currency = self.currency_code.parse().map_err(|_| Unreadable)?;
        let money = Money::parse_decimal(&self.value, currency).map_err(|_| Unreadable)?;
        if money.is_negative() { Err(Unreadable) } else { Ok(money) }
    }
}

#[derive(Debug, Deserialize)]
struct Payee {
    #[serde(default)]
    merchant_id: Option<String>,
}

/// An order: one purchase, approved by the payer and captured by us.
#[derive(Debug, Deserialize)]
pub(super) struct Order {
    pub(super) id: String,
    /// Missing, as others report, on orders whose capture was declined.
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    create_time: Option<String>,
    #[serde(default)]
    update_time: Option<String>,
    #[serde(default)]
    purchase_units: Vec<Unit>,
    #[serde(default)]
    pub(super) links: Vec<Link>,
}

#[derive(Debug, Deserialize)]
struct Unit {
    #[serde(default)]
    amount: Option<Amount>,
    #[serde(default)]
    custom_id: Option<String>,
    #[serde(default)]
    payee: Option<Payee>,
    #[serde(default)]
    payments: Payments,
}

#[derive(Debug, Default, Deserialize)]
struct Payments {
    #[serde(default)]
    captures: Vec<Capture>,
    #[serde(default)]
    refunds: Vec<Refund>,
}

impl Order {
    /// We ask for orders of one purchase.
    fn unit(&self) -> Option<&Unit> {
        self.purchase_units.first()
    }

    /// Our payment that it is for; none for somebody else's.
    pub(super) fn payment(&self) -> Option<PaymentId> {
        self.unit()?.custom_id.as_deref()?.parse().ok()
    }

    pub(super) fn amount(&self) -> Result<Money, Unreadable> {
        self.unit().and_then(|unit| unit.amount.as_ref()).ok_or(Unreadable)?.money()
    }

    /// The payer approved it, and nothing was collected.
    pub(super) fn awaits_capture(&self) -> bool {
        self.status.as_deref() == Some("APPROVED") && self.unit().is_some_and(|unit| unit.payments.captures.is_empty())
    }

    /// The payer has done their part, now or long ago.
    pub(super) fn is_done_with(&self) -> bool {
        matches!(self.status.as_deref(), Some("APPROVED" | "COMPLETED"))
    }

    /// Tells an approval from the one before it, where the order shows when it changed.
    pub(super) fn approval(&self) -> Option<String> {
        let time = self.update_time.as_ref().filter(|time| Some(*time) != self.create_time.as_ref())?;
        let digits: String = time.chars().filter(char::is_ascii_digit).take(20).collect();
        (!digits.is_empty()).then_some(digits)
    }

    /// The capture that money can be given back of.
    pub(super) fn paid(&self) -> Option<&Capture> {
        self.unit()?.payments.captures.iter().find(|capture| capture.standing() == Ok(Standing::Arrived))
    }

    /// Every charge and every refund that it shows, or what it is while there is no money. Of what was charged without a
    /// page nobody is there to approve it or to choose another way to pay.
    pub(super) fn facts(&self, payment: &PaymentId, without_page: bool) -> Result<Vec<Fact>, Unreadable> {
        let Payments { captures, refunds } = &self.unit().ok_or(Unreadable)?.payments;
        let about = About::Ours(payment.clone());
        let mut facts = Vec::new();
        let mut is_pending = false;
        for capture in captures {
            match capture.standing()? {
                Standing::Arrived => facts.push(Fact { about: about.clone(), what: capture.arrived()? }),
                Standing::Pending => is_pending = true,
                Standing::Failed => {}
            }
        }
        if !facts.is_empty() {
            for refund in refunds {
                facts.extend(refund.facts(&about)?);
            }
            return Ok(facts);
        }
        let what = match self.status.as_deref() {
            _ if is_pending => What::Pending,
            _ if !captures.is_empty() => What::Failed,
            Some("VOIDED") => What::Cancelled,
            Some("CREATED" | "SAVED" | "APPROVED" | "PAYER_ACTION_REQUIRED") if without_page => What::Failed,
            Some("CREATED" | "SAVED" | "APPROVED" | "PAYER_ACTION_REQUIRED") => What::Pending,
            _ => return Err(Unreadable),
        };
        Ok(vec![Fact { about, what }])
    }
}

/// What became of an attempt to collect money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Arrived,
    Pending,
    Failed,
}

#[derive(Debug, Deserialize)]
pub(super) struct Capture {
    pub(super) id: String,
    status: String,
    amount: Amount,
    #[serde(default)]
    custom_id: Option<String>,
    #[serde(default)]
    supplementary_data: Option<Supplement>,
}

/// What something hangs on.
#[derive(Debug, Deserialize)]
struct Supplement {
    #[serde(default)]
    related_ids: Option<Related>,
}

#[derive(Debug, Deserialize)]
struct Related {
    #[serde(default)]
    order_id: Option<String>,
}

impl Capture {
    fn standing(&self) -> Result<Standing, Unreadable> {
        match self.status.as_str() {
            "COMPLETED" | "PARTIALLY_REFUNDED" | "REFUNDED" | "REVERSED" => Ok(Standing::Arrived),
            "PENDING" => Ok(Standing::Pending),
            "DECLINED" | "DENIED" | "FAILED" => Ok(Standing::Failed),
            _ => Err(Unreadable),
        }
    }

    fn arrived(&self) -> Result<What, Unreadable> {
        Ok(What::Arrived { reference: word(&self.id)?, amount: self.amount.money()? })
    }

    pub(super) fn currency(&self) -> Result<Currency, Unreadable> {
        self.amount.money().map(Money::currency)
    }

    /// Our payment that it is for; none for somebody else's.
    pub(super) fn payment(&self) -> Option<PaymentId> {
        self.custom_id.as_deref()?.parse().ok()
    }

    /// The order that it collected. Only a capture that is shown by itself says that.
    pub(super) fn order(&self) -> Option<&str> {
        let related = self.supplementary_data.as_ref()?.related_ids.as_ref()?;
        related.order_id.as_deref().filter(|id| is_word(id))
    }
}

/// Money that went back: given by the merchant, or taken by PayPal.
#[derive(Debug, Deserialize)]
pub(super) struct Refund {
    pub(super) id: String,
    status: String,
    amount: Amount,
}

impl Refund {
    pub(super) fn money(&self) -> Result<Money, Unreadable> {
        self.amount.money()
    }

    /// It came back: a refund that failed or was called off, or what PayPal took for a dispute that was won.
    pub(super) fn is_back(&self) -> bool {
        matches!(self.status.as_str(), "FAILED" | "CANCELLED")
    }

    /// One that came back is both: in whatever order its messages arrive, each is booked once.
    pub(super) fn facts(&self, about: &About) -> Result<Vec<Fact>, Unreadable> {
        if !self.is_back() && !matches!(self.status.as_str(), "COMPLETED" | "PENDING") {
            return Err(Unreadable);
        }
        let (id, amount) = (word(&self.id)?, self.money()?);
        let back = self.is_back().then(|| What::came_back(&id, "failed", amount));
        let gone = What::TakenBack { reference: id, amount };
        Ok([Some(gone), back].into_iter().flatten().map(|what| Fact { about: about.clone(), what }).collect())
    }
}

/// Money that went back, as far as a message of it is read.
#[derive(Debug, Deserialize)]
struct Returned {
    #[serde(default)]
    links: Vec<Link>,
}

impl Returned {
    /// The capture that it is of: its link `up` names it, and nothing else does.
    fn capture(&self) -> Result<String, Unreadable> {
        let up = self.links.iter().find(|link| link.rel == "up").ok_or(Unreadable)?;
        let (rest, id) = up.href.rsplit_once('/').ok_or(Unreadable)?;
        if rest.ends_with("/v2/payments/captures") { word(id) } else { Err(Unreadable) }
    }
}

/// What an approval that was taken back leaves.
#[derive(Debug, Deserialize)]
struct Lapsed {
    #[serde(default)]
    purchase_units: Vec<Unit>,
}

#[derive(Debug, Deserialize)]
struct Dispute {
    disputed_transactions: Vec<Disputed>,
}

#[derive(Debug, Deserialize)]
struct Disputed {
    seller_transaction_id: String,
    #[serde(default)]
    seller: Option<Payee>,
}

/// Anything, as far as it is named.
#[derive(Debug, Deserialize)]
struct Named {
    id: String,
    #[serde(default)]
    payee: Option<Payee>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Event {
    event_type: String,
    resource: Value,
}

impl Event {
    /// What of ours it asks to be looked up. PayPal signs a checksum of a message: whoever has seen one can make another one
    /// that the signature fits. So nothing is believed but that there is something to look at, and all that a made-up one
    /// costs is a look. An event about another payee's money is not ours.
    pub(super) fn said(self, merchant: Option<&str>) -> Result<Vec<Said>, Unreadable> {
        let Self { event_type, resource } = self;
        let other = || {
            let what = What::Other(event_type.chars().take(MAX_WORD).collect());
            Ok(vec![Fact { about: About::Nothing, what }.into()])
        };
        let is_foreign = |payee: Option<&Payee>| {
            let named = payee.and_then(|payee| payee.merchant_id.as_deref());
            merchant.zip(named).is_some_and(|(ours, named)| ours != named)
        };
        match event_type.as_str() {
            // It says that money can be collected: looking it up does that.
            "CHECKOUT.ORDER.APPROVED" | "CHECKOUT.ORDER.COMPLETED" => {
                let order: Order = read(resource)?;
                if is_foreign(order.unit().and_then(|unit| unit.payee.as_ref())) {
                    return other();
                }
                Ok(vec![Said::Charge(word(&order.id)?)])
            }
            "CHECKOUT.PAYMENT-APPROVAL.REVERSED" => {
                // The order is gone: only our own id leads to what became of it.
                let lapsed: Lapsed = read(resource)?;
                let ours = lapsed.purchase_units.first().and_then(|unit| unit.custom_id.as_deref()?.parse().ok());
                ours.map_or_else(other, |payment| Ok(vec![Said::Ours(payment)]))
            }
            "PAYMENT.CAPTURE.COMPLETED"
            | "PAYMENT.CAPTURE.PENDING"
            | "PAYMENT.CAPTURE.DENIED"
            | "PAYMENT.CAPTURE.DECLINED" => {
                let capture: Named = read(resource)?;
                if is_foreign(capture.payee.as_ref()) {
                    return other();
                }
                Ok(vec![Said::Charge(word(&capture.id)?)])
            }
            "PAYMENT.CAPTURE.REFUNDED"
            | "PAYMENT.CAPTURE.REVERSED"
            | "PAYMENT.REFUND.COMPLETED"
            | "PAYMENT.REFUND.PENDING"
            | "PAYMENT.REFUND.FAILED" => Ok(vec![Said::Charge(read::<Returned>(resource)?.capture()?)]),
            "VAULT.PAYMENT-TOKEN.DELETED" => Ok(vec![Said::MethodOf(word(&read::<Named>(resource)?.id)?)]),
            // What a dispute moves is told of the charge, and no event tells what it gives back.
            dispute if dispute.starts_with("CUSTOMER.DISPUTE.") => {
                let disputed = read::<Dispute>(resource)?.disputed_transactions;
                if disputed.len() > MAX_DISPUTED {
                    return Err(Unreadable);
                }
                let ours = disputed.iter().filter(|one| !is_foreign(one.seller.as_ref()));
                let charges: Result<Vec<_>, _> =
                    ours.map(|one| word(&one.seller_transaction_id).map(Said::Charge)).collect();
                let charges = charges?;
                if charges.is_empty() { other() } else { Ok(charges) }
            }
            _ => other(),
        }
    }
}

pub(super) fn read<T: DeserializeOwned>(resource: Value) -> Result<T, Unreadable> {
    serde_json::from_value(resource).map_err(|_| Unreadable)
}

pub(super) fn word(text: &str) -> Result<String, Unreadable> {
    if is_word(text) { Ok(text.to_owned()) } else { Err(Unreadable) }
}

/// An id as PayPal makes them: it may stand in an address.
pub(super) fn is_word(id: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    !id.is_empty() && id.len() <= MAX_WORD && id.bytes().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_the_decimals_of_paypals_table() {
        for (minor, currency, text) in [
            (1_591, Currency::Eur, Some("15.91")),
            (5, Currency::Eur, Some("0.05")),
            (1_500, Currency::Jpy, Some("1500")),
            (150_000, Currency::Huf, Some("1500")),
            (150_050, Currency::Huf, None),
        ] {
            let money = Money::of_minor(minor, currency);
            let amount = Amount::of(money);
            assert_eq!(amount.as_ref().map(|amount| amount.value.as_str()), text);
            assert!(amount.is_none_or(|amount| amount.money() == Ok(money)));
        }
        let read = |value: &str| Amount { currency_code: "EUR".into(), value: value.into() }.money();
        assert_eq!(read("-1.00"), Err(Unreadable));
        assert_eq!(read("1.001"), Err(Unreadable));
        assert_eq!(Amount { currency_code: "XXX".into(), value: "1.00".into() }.money(), Err(Unreadable));
    }

    #[test]
    fn only_a_code_is_taken_over_from_a_refusal() {
        let issue = |text: &str| issue(text.as_bytes());
        assert_eq!(
            issue(r#"{"name":"X","details":[{"issue":"INSTRUMENT_DECLINED"}]}"#).as_deref(),
            Some("INSTRUMENT_DECLINED")
        );
        assert_eq!(issue(r#"{"name":"AUTHENTICATION_FAILURE"}"#).as_deref(), Some("AUTHENTICATION_FAILURE"));
        assert_eq!(issue(r#"{"details":[{"issue":"jane@example.org"}]}"#), None);
        assert_eq!(issue("<html>"), None);
    }

    #[test]
    fn an_order_says_what_its_captures_say() {
        let payment: PaymentId = PaymentId::new(jiff::Timestamp::UNIX_EPOCH, [1; 10]);
        let facts = |status: Option<&str>, captures: &[&str], without_page: bool| {
            let amount = serde_json::json!({ "currency_code": "EUR", "value": "1.00" });
            let captures = captures.iter().enumerate();
            let captures: Vec<Value> = captures
                .map(|(at, status)| serde_json::json!({ "id": format!("C{at}"), "status": status, "amount": amount }))
                .collect();
            let unit = serde_json::json!({ "custom_id": payment, "payments": { "captures": captures } });
            let order = serde_json::json!({ "id": "O", "status": status, "purchase_units": [unit] });
            let order: Order = read(order).unwrap();
            let facts = order.facts(&payment, without_page)?;
            Ok::<Vec<What>, Unreadable>(facts.into_iter().map(|fact| fact.what).collect())
        };
        // As merchants saw them: no status, or one that says nothing, once the only capture was declined.
        assert_eq!(facts(None, &["DECLINED"], false), Ok(vec![What::Failed]));
        assert_eq!(facts(Some("COMPLETED"), &["DECLINED"], false), Ok(vec![What::Failed]));
        assert_eq!(facts(Some("COMPLETED"), &["FAILED", "PENDING"], false), Ok(vec![What::Pending]));
        let arrived = facts(Some("COMPLETED"), &["DECLINED", "REFUNDED"], false).unwrap();
        assert!(matches!(&arrived[..], [What::Arrived { reference, .. }] if reference == "C1"));
        assert_eq!(facts(Some("PAYER_ACTION_REQUIRED"), &[], false), Ok(vec![What::Pending]));
        assert_eq!(facts(Some("PAYER_ACTION_REQUIRED"), &[], true), Ok(vec![What::Failed]));
        assert_eq!(facts(Some("VOIDED"), &[], false), Ok(vec![What::Cancelled]));
        for unknown in [facts(None, &[], false), facts(Some("COMPLETED"), &[], false), facts(None, &["NEW"], false)] {
            assert_eq!(unknown, Err(Unreadable));
        }
    }
}
