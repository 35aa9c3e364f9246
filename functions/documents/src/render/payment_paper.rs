//! A payment's values as `payment.typ` reads them: every amount and day already written out, every letter printable.

use domain::{
    Money,
    deposit::DepositNumber,
    girocode::{self, Remittance},
    paper::Paper,
    payment::{Method, Payment, Purpose, State},
    tenant::BankAccount,
};
use jiff::civil::Date;
use serde::Serialize;
use text::Words;

use super::{
    PaymentPaper, RenderError,
    letter::{Head, files, info, recipient},
    paper::{Bank, bank, one_line},
    value,
};

/// `paper.json`.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Text {
    #[serde(flatten)]
    head: Head,
    title: &'static str,
    intro: &'static str,
    facts: Vec<(&'static str, String)>,
    deposit_date: String,
    currency: &'static str,
    amount: String,
    amount_said: String,
    bank: Option<Bank>,
    bank_rows: Vec<(&'static str, String)>,
    remittance: String,
    has_girocode: bool,
    rows: Vec<Row>,
    rest: Vec<(&'static str, String)>,
    taken_back: Vec<(&'static str, String)>,
}

#[derive(Serialize)]
struct Row {
    number: String,
    issued: String,
    amount: String,
}

/// The day a payment counts for on paper: when it was paid, else when it was asked for.
pub(super) fn day(paper: &PaymentPaper<'_>) -> Date {
    match (paper.paper, &paper.payment.state) {
        (Paper::DepositConfirmation | Paper::Receipt, State::Paid { at }) => paper.zone.day(*at),
        _ => paper.zone.day(paper.payment.created_at),
    }
}

/// The files that stand beside the template for one paper.
pub(super) fn payment(paper: &PaymentPaper<'_>) -> Result<Vec<(&'static str, Vec<u8>)>, RenderError> {
    let (payment, letterhead, words) = (paper.payment, &paper.letterhead, Words::new(paper.language));
    let is_request = paper.paper == Paper::DepositRequest;
    let account = if is_request { letterhead.company.bank.as_ref() } else { None };
    if is_request && account.is_none() {
        return Err(RenderError::Value("there is no account to transfer to".to_owned()));
    }
    let amount = if is_request { payment.asked } else { payment.received };
    let deposit = payment.deposit.as_deref().unwrap_or_default();
    let code = account.filter(|_| !letterhead.sandbox).and_then(|account| girocode(account, amount, deposit));
    let day = day(paper);
    let (title, intro) = match paper.paper {
        Paper::DepositRequest => ("deposit-request", ""),
        Paper::DepositConfirmation => ("deposit-confirmation", "confirmed"),
        Paper::Receipt => ("receipt", "received"),
    };
    let recipient = recipient(&paper.customer.facts, letterhead.company.country, &words);
    let text = Text {
        head: Head::new(letterhead, &words, day, recipient, info(paper.customer, day, &words)),
        title,
        intro,
        facts: facts(paper, day, &words),
        deposit_date: words.date(paper.zone.day(payment.created_at)),
        currency: amount.currency().code(),
        amount: words.plain_amount(amount),
        amount_said: words.money(amount),
        bank: account.map(bank),
        bank_rows: account.map(|account| bank_rows(account, deposit)).unwrap_or_default(),
        remittance: deposit.to_owned(),
        has_girocode: code.is_some(),
        rows: rows(paper, &words),
        rest: rest(paper, &words),
        taken_back: taken_back(payment, is_request, &words)?,
    };
    let mut files = files(&text, letterhead)?;
    files.extend(code.map(|svg| ("girocode.svg", svg.into_bytes())));
    Ok(files)
}

/// The code carries the number as a reference of ISO 11649, so that a scanned and a typed transfer agree (M-27).
fn girocode(account: &BankAccount, amount: Money, deposit: &str) -> Option<String> {
    match deposit.parse::<DepositNumber>() {
        Ok(number) => girocode::svg(account, amount, Remittance::Structured(number.creditor_reference().as_str())),
        Err(_) => girocode::svg(account, amount, Remittance::Text(deposit)),
    }
}

/// What the payment is. The reference text keeps its label when it is empty (M-26).
fn facts(paper: &PaymentPaper<'_>, day: Date, words: &Words) -> Vec<(&'static str, String)> {
    let payment = paper.payment;
    let deposit = payment.deposit.as_deref().map(|number| ("deposit", number.to_owned()));
    let top_up = match &payment.purpose {
        Purpose::TopUp { reference_text } => {
            vec![("account", one_line(payment.account.as_str())), ("reference-text", one_line(reference_text))]
        }
        Purpose::Invoices { .. } => vec![],
    };
    let paid = if paper.paper == Paper::DepositRequest {
        vec![]
    } else {
        vec![("received-on", words.date(day)), ("method", method(payment.method).to_owned())]
    };
    deposit.into_iter().chain(top_up).chain(paid).collect()
}

/// The word's name in `words.<language>.typ`.
const fn method(method: Method) -> &'static str {
    match method {
        Method::Sandbox => "method-sandbox",
        Method::Card => "method-card",
        Method::Paypal => "method-paypal",
        Method::OnlineBanking => "method-online",
        Method::SepaDebit => "method-debit",
        Method::BankTransfer => "method-transfer",
        Method::Balance => "method-balance",
    }
}

fn bank_rows(account: &BankAccount, deposit: &str) -> Vec<(&'static str, String)> {
    let Bank { holder, iban, bic, bank } = bank(account);
    let mut rows = vec![("holder", holder)];
    if let Some((code, number)) = account.german_parts() {
        rows.extend([("account-number", number.to_owned()), ("bank-code", code.to_owned())]);
    }
    let further = [("bank", bank), ("iban", iban), ("bic", bic), ("remittance", deposit.to_owned())];
    rows.extend(further.into_iter().filter(|(_, value)| !value.is_empty()));
    rows
}

/// Which invoices got how much.
fn rows(paper: &PaymentPaper<'_>, words: &Words) -> Vec<Row> {
    if paper.paper != Paper::Receipt {
        return Vec::new();
    }
    let row = |standing: &domain::payment::Standing| Row {
        number: one_line(standing.invoice.number.as_str()),
        issued: words.date(standing.invoice.issued_on),
        amount: words.money(standing.amount),
    };
    paper.payment.standing.iter().map(row).collect()
}

/// What stands on no invoice.
fn rest(paper: &PaymentPaper<'_>, words: &Words) -> Vec<(&'static str, String)> {
    if paper.paper != Paper::Receipt {
        return Vec::new();
    }
    let payment = paper.payment;
    let sums = [("credit", payment.credit), ("undistributed", payment.pending)];
    sums.into_iter().filter(|(_, sum)| sum.is_positive()).map(|(key, sum)| (key, words.money(sum))).collect()
}

fn taken_back(payment: &Payment, is_request: bool, words: &Words) -> Result<Vec<(&'static str, String)>, RenderError> {
    if is_request || payment.reversed.is_zero() {
        return Ok(Vec::new());
    }
    let kept = payment.kept().map_err(value)?;
    Ok(vec![("taken-back", words.money(payment.reversed)), ("kept", words.money(kept))])
}
