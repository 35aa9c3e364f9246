//! What is done: by the merchant over HTTP, by the customer at the checkout, and by the bank or the dashboard.

use serde_json::{Value, json};

use super::{
    Mollie,
    checks::{self, Problem},
    doors::{Answer, Call, find, missing},
    ledger::{Chargeback, Customer, HOME, Ledger, Mandate, Outcome, Payment, Refund, Status, kind},
    views,
};
use crate::{server::lock, tools::DAY};

/// A checkout without a chosen method runs out after this many seconds.
const CHECKOUT: i64 = 15 * 60;
/// A bank transfer waits longer.
const TRANSFER: i64 = 12 * DAY;

/// `POST /payments`, or of one customer.
pub(super) fn create_payment(books: &mut Ledger, call: &Call, customer: Option<&str>) -> Answer {
    let mut body = call.body.clone();
    if let (Some(customer), Some(object)) = (customer, body.as_object_mut()) {
        object.insert("customerId".to_owned(), json!(customer));
    }
    let mut order = checks::order(&body)?;
    if let Some(customer) = &order.customer
        && !books.customers.contains_key(customer)
    {
        return Err(Problem::field("customerId", format!("No customer exists with token {customer}.")));
    }
    if order.sequence == "recurring" {
        let mandate = usable(books, &order)?;
        order.method = Some(mandate.method.to_owned());
        order.mandate = Some(mandate.id.clone());
    }
    let (id, now) = (books.id("tr"), books.now());
    if let ("first", Some(method), Some(customer)) = (order.sequence.as_str(), &order.method, &order.customer) {
        order.mandate = Some(books.mandate(customer, kind(method), "pending"));
    }
    let life = if order.method.as_deref() == Some("banktransfer") { TRANSFER } else { CHECKOUT };
    let expires = (order.sequence != "recurring").then_some(now + life);
    if let Some(expires) = expires {
        books.due.insert((expires, id.clone()));
    }
    let payment = Payment {
        id: id.clone(),
        minor: order.minor,
        currency: order.currency,
        description: order.description,
        status: Status::Open,
        // In the documents' examples only transfers and direct debits can be canceled.
        cancelable: order.method.as_deref() == Some("banktransfer"),
        method: order.method,
        sequence: order.sequence,
        redirect_url: order.redirect_url,
        cancel_url: order.cancel_url,
        webhook_url: order.webhook_url,
        locale: order.locale,
        metadata: order.metadata,
        customer: order.customer,
        mandate: order.mandate,
        created: now,
        expires,
        reached: now,
        failure: None,
        refunds: Vec::new(),
        chargebacks: Vec::new(),
    };
    let recurring = payment.sequence == "recurring";
    let debit = payment.method.as_deref() == Some("directdebit");
    books.payments.insert(id.clone(), payment);
    if recurring {
        let usual = if debit { Outcome::Pending } else { Outcome::Paid };
        charge(books, &id, usual);
    }
    Ok((201, views::payment(find(books, &id)?, &call.base)))
}

/// A recurring payment ends by itself.
fn charge(books: &mut Ledger, id: &str, usual: Outcome) {
    match books.outcomes.pop_front().unwrap_or(usual) {
        Outcome::Paid => books.reach(id, Status::Paid),
        Outcome::Failed => fail(books, id),
        Outcome::Pending => {
            books.reach(id, Status::Pending);
            if let Some(payment) = books.payments.get_mut(id) {
                payment.cancelable = payment.method.as_deref() == Some("directdebit");
            }
        }
    }
}

fn fail(books: &mut Ledger, id: &str) {
    if let Some(payment) = books.payments.get_mut(id) {
        payment.failure = Some("insufficient_funds");
    }
    books.reach(id, Status::Failed);
}

/// The mandate that a recurring payment uses: the named one, or any valid one of the customer.
fn usable<'a>(books: &'a Ledger, order: &checks::Order) -> Result<&'a Mandate, Problem> {
    let of = books.mandates.values().filter(|item| Some(&item.customer) == order.customer.as_ref() && !item.gone);
    let named = of.filter(|item| order.mandate.as_ref().is_none_or(|id| *id == item.id));
    let mut fitting = named.filter(|item| order.method.as_deref().is_none_or(|method| method == item.method));
    let found = fitting.find(|item| item.status == "valid");
    let (field, detail) = match &order.mandate {
        Some(id) => ("mandateId", format!("The mandate {id} is invalid")),
        None => ("customerId", "No suitable mandates found for customer.".to_owned()),
    };
    found.ok_or_else(|| Problem::field(field, detail))
}

/// `DELETE /payments/{id}`.
pub(super) fn cancel_payment(books: &mut Ledger, call: &Call, id: &str) -> Answer {
    let payment = find(books, id)?;
    if payment.status.last() || !payment.cancelable {
        return Err(Problem::new(422, "The payment cannot be cancelled"));
    }
    books.reach(id, Status::Canceled);
    Ok((200, views::payment(find(books, id)?, &call.base)))
}

/// `POST /payments/{id}/refunds`.
pub(super) fn create_refund(books: &mut Ledger, call: &Call, id: &str) -> Answer {
    checks::known(&call.body, "amount description metadata reverseRouting routingReversals")?;
    let now = books.now();
    let life = books.setup.duplicate_refund;
    let payment = find(books, id)?;
    if payment.status != Status::Paid {
        return Err(Problem::new(422, "The payment is not in a refundable state"));
    }
    let (minor, currency) = checks::amount(&call.body)?;
    if currency != payment.currency {
        return Err(Problem::field("amount.currency", "The currency must be the same as the payment's"));
    }
    if minor == 0 {
        return Err(Problem::field("amount", "The amount is lower than the minimum"));
    }
    let same = |refund: &&Refund| refund.minor == minor && refund.counts() && now - refund.created < life;
    if payment.refunds.iter().any(|refund| same(&refund)) {
        return Err(Problem::new(409, "A duplicate refund has been detected"));
    }
    if minor > payment.remaining() {
        return Err(Problem::field("amount", "The amount is higher than the maximum"));
    }
    let description = checks::text(&call.body, "description")?.unwrap_or_else(|| payment.description.clone());
    let metadata = checks::metadata(&call.body)?;
    let refund = give_back(books, id, minor, description, metadata).ok_or_else(|| missing("payment", id))?;
    Ok((201, views::refund(&refund, &call.base)))
}

/// Enters a refund that waits for the bank.
fn give_back(books: &mut Ledger, id: &str, minor: i64, description: String, metadata: Value) -> Option<Refund> {
    let (refund, now) = (books.id("re"), books.now());
    let payment = books.payments.get_mut(id)?;
    let refund = Refund {
        id: refund,
        payment: id.to_owned(),
        minor,
        currency: payment.currency.clone(),
        status: "pending",
        description,
        metadata,
        created: now,
    };
    payment.refunds.push(refund.clone());
    books.owners.insert(refund.id.clone(), id.to_owned());
    tell_refund(books, &refund);
    Some(refund)
}

fn tell_refund(books: &mut Ledger, refund: &Refund) {
    if let Some(payment) = books.payments.get(&refund.payment).cloned() {
        books.tell_classic(&payment);
    }
    books.tell_signed(&format!("refund.{}", refund.status), &refund.id, "refunds", views::refund(refund, HOME));
}

/// `DELETE /payments/{id}/refunds/{refund}`: as long as the bank has not got it.
pub(super) fn cancel_refund(books: &mut Ledger, id: &str, refund: &str) -> Answer {
    let found = find(books, id)?.refunds.iter().find(|item| item.id == refund);
    let found = found.ok_or_else(|| missing("refund", refund))?;
    if !matches!(found.status, "queued" | "pending") {
        return Err(Problem::new(422, "The refund can no longer be canceled"));
    }
    turn(books, refund, "canceled");
    Ok((204, Value::Null))
}

/// Puts a refund into another state.
fn turn(books: &mut Ledger, id: &str, status: &'static str) -> bool {
    let Some(owner) = books.owners.get(id).cloned() else { return false };
    let refunds = books.payments.get_mut(&owner).map(|payment| &mut payment.refunds);
    let Some(refund) = refunds.and_then(|refunds| refunds.iter_mut().find(|item| item.id == id)) else { return false };
    refund.status = status;
    let refund = refund.clone();
    tell_refund(books, &refund);
    true
}

/// `POST /customers`.
pub(super) fn create_customer(books: &mut Ledger, call: &Call) -> Answer {
    if !call.body.is_null() {
        checks::known(&call.body, "name email locale metadata")?;
    }
    checks::locale(&call.body)?;
    let metadata = checks::metadata(&call.body)?;
    if let Some(email) = checks::text(&call.body, "email")?
        && !email.contains('@')
    {
        return Err(Problem::field("email", "The email address is invalid"));
    }
    let field = |name: &str| call.body.get(name).cloned().unwrap_or_default();
    let (name, email, locale) = (field("name"), field("email"), field("locale"));
    let customer = Customer { id: books.id("cst"), name, email, locale, metadata, created: books.now() };
    let view = views::customer(&customer, &call.base);
    books.customers.insert(customer.id.clone(), customer);
    Ok((201, view))
}

/// `POST /customers/{id}/mandates`: direct debits and PayPal only.
pub(super) fn create_mandate(books: &mut Ledger, call: &Call, customer: &str) -> Answer {
    let fields = "method consumerName consumerAccount consumerBic consumerEmail signatureDate mandateReference \
        paypalBillingAgreementId payPalVaultId";
    checks::known(&call.body, fields)?;
    let need = |field: &str| {
        let text = checks::text(&call.body, field)?.filter(|text| !text.is_empty());
        text.ok_or_else(|| Problem::field(field, format!("The '{field}' field is missing")))
    };
    let method = match need("method")?.as_str() {
        "directdebit" => "directdebit",
        "paypal" => "paypal",
        _ => return Err(Problem::field("method", "The payment method is invalid")),
    };
    let name = need("consumerName")?;
    let account = need(if method == "directdebit" { "consumerAccount" } else { "consumerEmail" })?;
    if method == "paypal" && call.body.get("payPalVaultId").is_none() {
        need("paypalBillingAgreementId")?;
    }
    if method == "directdebit" && !iban(&account) {
        return Err(Problem::field("consumerAccount", "The bank account is invalid"));
    }
    let id = books.mandate(customer, method, "valid");
    let Some(mandate) = books.mandates.get_mut(&id) else { return Err(missing("mandate", &id)) };
    let field = |name: &str| call.body.get(name).cloned().unwrap_or_default();
    mandate.details = json!({"consumerName": name, "consumerAccount": account, "consumerBic": field("consumerBic")});
    mandate.reference = field("mandateReference");
    mandate.signed = field("signatureDate");
    Ok((201, views::mandate(mandate, &call.base)))
}

/// ISO 13616: the check digits fit.
fn iban(text: &str) -> bool {
    let text: String = text.split_whitespace().collect();
    if !(15..=34).contains(&text.len()) || !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return false;
    }
    let turned = text[4..].chars().chain(text[..4].chars());
    turned
        .filter_map(|letter| letter.to_digit(36))
        .fold(0, |rest, digit| if digit < 10 { (rest * 10 + digit) % 97 } else { (rest * 100 + digit) % 97 })
        == 1
}

impl Mollie {
    /// The customer pays: from open, pending or authorized.
    pub fn pay(&self, id: &str) -> bool {
        self.turn(id, &[Status::Open, Status::Pending, Status::Authorized], Status::Paid)
    }

    /// The customer chooses this method at the checkout and pays.
    pub fn pay_with(&self, id: &str, method: &str) -> bool {
        if let Some(payment) = lock(&self.books).payments.get_mut(id) {
            payment.method = Some(method.to_owned());
        }
        self.pay(id)
    }

    /// The bank was asked and has not answered.
    pub fn wait(&self, id: &str) -> bool {
        self.turn(id, &[Status::Open], Status::Pending)
    }

    /// The amount is held, not yet captured.
    pub fn authorize(&self, id: &str) -> bool {
        self.turn(id, &[Status::Open, Status::Pending], Status::Authorized)
    }

    /// The bank declines.
    pub fn decline(&self, id: &str) -> bool {
        let mut books = lock(&self.books);
        let may = books.payments.get(id).is_some_and(|payment| !payment.status.last());
        if may {
            fail(&mut books, id);
        }
        may
    }

    /// The customer turns back.
    pub fn turn_back(&self, id: &str) -> bool {
        self.turn(id, &[Status::Open, Status::Pending], Status::Canceled)
    }

    /// The payment runs out now.
    pub fn expire(&self, id: &str) -> bool {
        self.turn(id, &[Status::Open, Status::Pending], Status::Expired)
    }

    /// Money comes for a payment that had ended. Mollie calls failed, expired and canceled „definitive", so no document
    /// shows this; our own rule is that only money is final.
    pub fn pay_late(&self, id: &str) -> bool {
        self.turn(id, &[Status::Failed, Status::Expired, Status::Canceled], Status::Paid)
    }

    /// How the next recurring payments end, one by one; without it cards are paid and direct debits wait.
    pub fn next_recurring(&self, outcome: Outcome) {
        lock(&self.books).outcomes.push_back(outcome);
    }

    /// Lets `DELETE` cancel an open or waiting payment, as some methods do.
    pub fn cancelable(&self, id: &str, may: bool) {
        if let Some(payment) = lock(&self.books).payments.get_mut(id) {
            payment.cancelable = may;
        }
    }

    /// The bank takes money back, all of it when no amount is given. The payment stays `paid`.
    pub fn charge_back(&self, id: &str, minor: Option<i64>) -> Option<String> {
        let mut books = lock(&self.books);
        let (back, created) = (books.id("chb"), books.now());
        let payment = books.payments.get_mut(id).filter(|payment| payment.status == Status::Paid)?;
        let (minor, currency) = (minor.unwrap_or(payment.minor), payment.currency.clone());
        let chargeback = Chargeback { id: back, payment: id.to_owned(), minor, currency, created, reversed: None };
        payment.chargebacks.push(chargeback.clone());
        let payment = payment.clone();
        books.owners.insert(chargeback.id.clone(), id.to_owned());
        books.tell_classic(&payment);
        let entity = views::chargeback(&chargeback, HOME);
        books.tell_signed("chargeback.received", &chargeback.id, "chargebacks", entity);
        Some(chargeback.id)
    }

    /// The bank gives it again.
    pub fn reverse_chargeback(&self, id: &str) -> bool {
        let mut books = lock(&self.books);
        let now = books.now();
        let Some(owner) = books.owners.get(id).cloned() else { return false };
        let Some(payment) = books.payments.get_mut(&owner) else { return false };
        let Some(back) = payment.chargebacks.iter_mut().find(|item| item.id == id && item.reversed.is_none()) else {
            return false;
        };
        back.reversed = Some(now);
        let (back, payment) = (back.clone(), payment.clone());
        books.tell_classic(&payment);
        books.tell_signed("chargeback.reversed", id, "chargebacks", views::chargeback(&back, HOME));
        true
    }

    /// Somebody refunds in the dashboard; nothing when the payment is not paid or less is left.
    pub fn refund(&self, id: &str, minor: i64) -> Option<String> {
        let mut books = lock(&self.books);
        let payment = books.payments.get(id)?;
        if payment.status != Status::Paid || minor > payment.remaining() {
            return None;
        }
        let description = payment.description.clone();
        give_back(&mut books, id, minor, description, Value::Null).map(|refund| refund.id)
    }

    /// Somebody cancels the refund in the dashboard, as long as the bank has not got it.
    pub fn cancel_refund(&self, id: &str) -> bool {
        let mut books = lock(&self.books);
        let Some(payment) = books.owners.get(id).cloned() else { return false };
        cancel_refund(&mut books, &payment, id).is_ok()
    }

    /// The bank has got the refund.
    pub fn process_refund(&self, id: &str) -> bool {
        turn(&mut lock(&self.books), id, "processing")
    }

    /// The customer has got the refund.
    pub fn settle_refund(&self, id: &str) -> bool {
        turn(&mut lock(&self.books), id, "refunded")
    }

    /// The refund comes back, even after it was settled.
    pub fn fail_refund(&self, id: &str) -> bool {
        turn(&mut lock(&self.books), id, "failed")
    }

    /// The customer's bank ends the mandate. Nobody is told: Mollie has no event for it.
    pub fn invalidate_mandate(&self, id: &str) -> bool {
        lock(&self.books).mandates.get_mut(id).map(|mandate| mandate.status = "invalid").is_some()
    }

    fn turn(&self, id: &str, from: &[Status], to: Status) -> bool {
        let mut books = lock(&self.books);
        let may = books.payments.get(id).is_some_and(|payment| from.contains(&payment.status));
        if may {
            books.reach(id, to);
        }
        may
    }
}
