//! Mails about a payment: all of them know the same about it, each tells its part.

use domain::{
    Language, Money,
    paper::PaymentMail,
    payment::{Payment, Purpose},
    tenant::{Area, Right},
};
use jiff::civil::Date;

use crate::{BrokenTemplate, Rendered, Sender, Template, Variable, mails::built_in};

/// Most invoices that a mail names; its paper names all.
const MAX_NAMED: usize = 5;

/// Something that happened to a payment.
#[derive(Debug, Clone, Copy)]
pub struct PaymentNotice<'a> {
    /// In whose name.
    pub sender: Sender<'a>,
    /// What happened.
    pub mail: PaymentMail,
    /// As the customer is addressed; may be empty.
    pub greeting_name: &'a str,
    /// The payment.
    pub payment: &'a Payment,
    /// The amount it is about.
    pub amount: Money,
    /// The day it happened, in the tenant's zone.
    pub on: Date,
}

/// Renders the mail, without the paper that goes with it.
///
/// # Errors
/// Only with a broken built-in template, which a test excludes.
pub fn render_payment(notice: &PaymentNotice<'_>) -> Result<Rendered, BrokenTemplate> {
    let language = notice.sender.language;
    let template = match notice.mail {
        PaymentMail::DepositRequest => built_in!("deposit-request", language),
        PaymentMail::DepositConfirmation => built_in!("deposit-confirmation", language),
        PaymentMail::PaymentReceived => built_in!("payment-received", language),
        PaymentMail::PaymentFailed => built_in!("payment-failed", language),
        PaymentMail::PaymentReversed => built_in!("payment-reversed", language),
    }?;
    notice.sender.render(&template, variables(notice))
}

fn variables(notice: &PaymentNotice<'_>) -> Vec<(&'static str, Variable)> {
    let (payment, words) = (notice.payment, notice.sender.words());
    let text = |value: &str| Variable::Text(value.to_owned());
    let deposit = payment.deposit.as_deref().unwrap_or_default();
    let (prepaid_account, reference_text) = match &payment.purpose {
        Purpose::TopUp { reference_text } => (payment.account.as_str(), reference_text.as_str()),
        Purpose::Invoices { .. } => ("", ""),
    };
    let bank = notice.sender.settings.company.bank.as_ref();
    let bank = |part: fn(&domain::tenant::BankAccount) -> String| Variable::Text(bank.map(part).unwrap_or_default());
    let credit = if payment.credit.is_positive() { words.money(payment.credit) } else { String::new() };
    // Money that came in parts is told part by part; what else is told is of all of them.
    let is_part = payment.received.is_positive() && payment.received != notice.amount;
    let total = if is_part { words.money(payment.received) } else { String::new() };
    let numbers = invoices(notice);
    let more_invoices = match numbers.len().saturating_sub(MAX_NAMED) {
        0 => String::new(),
        more => more.to_string(),
    };
    vec![
        ("greeting_name", text(notice.greeting_name)),
        ("amount", Variable::Text(words.money(notice.amount))),
        ("total", Variable::Text(total)),
        ("date", Variable::Text(words.date(notice.on))),
        ("deposit", text(deposit)),
        ("account", text(prepaid_account)),
        ("reference_text", text(reference_text)),
        ("invoices", Variable::Text(numbers.iter().take(MAX_NAMED).copied().collect::<Vec<_>>().join(", "))),
        ("more_invoices", Variable::Text(more_invoices)),
        ("credit", Variable::Text(credit)),
        ("holder", bank(|bank| bank.holder.clone())),
        ("iban", bank(domain::tenant::BankAccount::grouped_iban)),
        ("bic", bank(|bank| bank.bic.clone())),
        ("payment_url", notice.sender.page(Area::Payments, Right::View, &path(payment))),
        ("again_url", again(notice)),
    ]
}

/// The payment's page. A top-up by transfer is known by its deposit number.
fn path(payment: &Payment) -> String {
    match (&payment.purpose, &payment.deposit) {
        (Purpose::TopUp { .. }, Some(deposit)) => format!("/prepaid/{deposit}"),
        _ => format!("/payments/{}", payment.id),
    }
}

/// Where the same can be paid again.
fn again(notice: &PaymentNotice<'_>) -> Variable {
    let invoices = |path: &str| notice.sender.page(Area::Invoices, Right::View, path);
    match (&notice.payment.purpose, notice.payment.named()) {
        (Purpose::TopUp { .. }, _) => notice.sender.page(Area::Payments, Right::Change, "/prepaid"),
        (_, [only]) => invoices(&format!("/invoices/{}", only.number.slug())),
        _ => invoices("/invoices"),
    }
}

/// The numbers of the invoices that got something; where nothing came, of those that were to be paid.
fn invoices<'a>(notice: &PaymentNotice<'a>) -> Vec<&'a str> {
    let payment = notice.payment;
    if notice.mail == PaymentMail::PaymentFailed {
        return payment.named().iter().map(|named| named.number.as_str()).collect();
    }
    payment.standing.iter().map(|standing| standing.invoice.number.as_str()).collect()
}
