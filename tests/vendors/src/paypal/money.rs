//! Captures and what goes back of them.

use serde_json::Value;

use super::{
    checks,
    doors::{Answer, Done},
    ledger::{Capture, Ledger, Refund},
    problem::Problem,
    views,
};
use crate::tools::DAY;

/// Refunds are possible this long. Unconfirmed: the description names the refusal, but no number of days.
const LIMIT: i64 = 180 * DAY;

/// `GET /v2/payments/captures/{id}`.
pub(super) fn capture(books: &Ledger, id: &str) -> Result<Value, Problem> {
    let capture = books.captures.get(id).ok_or_else(Problem::missing)?;
    Ok(views::capture(books, capture, true))
}

/// A refund, as `GET /v2/payments/refunds/{id}` shows it when it is full.
pub(super) fn show(books: &Ledger, id: &str, full: bool) -> Result<Value, Problem> {
    let refund = books.refunds.get(id).ok_or_else(Problem::missing)?;
    Ok(views::refund(books, refund, full))
}

/// `POST /v2/payments/captures/{id}/refund`.
pub(super) fn refund(books: &mut Ledger, id: &str, body: &Value, full: bool) -> Answer {
    checks::known(body, "", "amount custom_id invoice_id note_to_payer")?;
    let asked = checks::optional(body, "", "amount")?.map(|amount| checks::money(amount, "/amount")).transpose()?;
    let custom = checks::text(body, "", "custom_id", 127)?;
    let invoice = checks::text(body, "", "invoice_id", 127)?;
    let note = checks::text(body, "", "note_to_payer", 255)?;
    let capture = books.captures.get(id).ok_or_else(Problem::missing)?;
    let left = refundable(books, capture)?;
    let amount = match &asked {
        Some((_, currency)) if *currency != capture.currency => {
            return Err(Problem::refused_at("REFUND_CAPTURE_CURRENCY_MISMATCH", "/amount/currency_code", currency));
        }
        Some((amount, currency)) if *amount > left => {
            let value = checks::written(*amount, currency);
            return Err(Problem::refused_at("REFUND_AMOUNT_EXCEEDED", "/amount/value", &value));
        }
        Some((amount, _)) => *amount,
        None => left,
    };
    let disputed = books.disputes.values().any(|dispute| dispute.capture == id && dispute.outcome.is_none());
    if disputed && amount < capture.amount {
        return Err(Problem::refused("TRANSACTION_DISPUTED"));
    }
    let mut numbers = books.refunds.values().filter_map(|refund| refund.invoice.as_ref());
    if let Some(invoice) = invoice.as_ref().filter(|invoice| numbers.any(|used| used == *invoice)) {
        return Err(Problem::refused_at("DUPLICATE_INVOICE_ID", "/invoice_id", invoice));
    }
    if books.poor {
        return Err(Problem::refused("REFUND_FAILED_INSUFFICIENT_FUNDS"));
    }
    let status = std::mem::replace(&mut books.next_refund, "COMPLETED");
    let refund = give(books, id, amount, status, false);
    if let Some(refund) = books.refunds.get_mut(&refund) {
        (refund.custom, refund.invoice, refund.note) = (custom, invoice, note);
    }
    books.tell_refund(&refund);
    show(books, &refund, full).map(|body| Done::made(&refund, body))
}

/// What can still be given back.
fn refundable(books: &Ledger, capture: &Capture) -> Result<i64, Problem> {
    match capture.status {
        "PENDING" => return Err(Problem::refused("PENDING_CAPTURE")),
        "COMPLETED" => {}
        _ => return Err(Problem::refused("REFUND_NOT_ALLOWED")),
    }
    let (given, taken) = books.back(&capture.id);
    if taken > 0 {
        return Err(Problem::refused("REFUND_NOT_PERMITTED_DUE_TO_CHARGEBACK"));
    }
    let left = capture.amount - given;
    if left <= 0 {
        return Err(Problem::refused("CAPTURE_FULLY_REFUNDED"));
    }
    if capture.created + LIMIT <= books.now() {
        return Err(Problem::refused("REFUND_TIME_LIMIT_EXCEEDED"));
    }
    Ok(left)
}

/// Writes down that money goes back; the caller tells it.
pub(super) fn give(books: &mut Ledger, capture: &str, amount: i64, status: &'static str, reversal: bool) -> String {
    let id = books.id("1Y10799");
    let (given, taken) = books.back(capture);
    let currency = books.captures.get(capture).map(|capture| capture.currency.clone()).unwrap_or_default();
    let now = books.now();
    let refund = Refund {
        id: id.clone(),
        capture: capture.to_owned(),
        amount,
        currency,
        status,
        reversal,
        custom: None,
        invoice: None,
        note: reversal.then(|| "Payment reversed".to_owned()),
        total: given + taken + amount,
        created: now,
        updated: now,
    };
    books.refunds.insert(id.clone(), refund);
    if let Some(capture) = books.captures.get_mut(capture) {
        capture.updated = now;
    }
    id
}
