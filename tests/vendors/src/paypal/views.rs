//! The resources as PayPal shows them.

use serde_json::{Value, json};

use super::{
    checks::written,
    ledger::{Capture, Dispute, Ledger, Order, Pledge, Refund, Token},
};
use crate::tools::stamp;

/// The only payer, as an account.
pub(super) const PAYER: &str = "AJM9JTWQJCFTA";
const EMAIL: &str = "jane@example.org";
/// The merchant's address at PayPal.
const PAYEE: &str = "merchant@example.org";
/// Refunds are written in PayPal's own time, without regard to the season.
const AWAY: i64 = 7 * 3600;

pub(super) fn time(unix: i64) -> String {
    format!("{}Z", stamp(unix))
}

/// With thousandths, as events and disputes have it.
fn fine(unix: i64) -> String {
    format!("{}.000Z", stamp(unix))
}

pub(super) fn money(amount: i64, currency: &str) -> Value {
    json!({"currency_code": currency, "value": written(amount, currency)})
}

/// `$ 2.51 USD`, as summaries have it.
pub(super) fn spoken(amount: i64, currency: &str) -> String {
    let sign = if currency == "USD" { "$" } else { currency };
    format!("{sign} {} {currency}", written(amount, currency))
}

/// Sets a field when there is a value.
fn set(view: &mut Value, name: &str, value: Option<&String>) {
    if let Some(value) = value {
        view[name] = json!(value);
    }
}

fn link(href: String, rel: &str, method: &str) -> Value {
    json!({"href": href, "rel": rel, "method": method})
}

fn payee(books: &Ledger) -> Value {
    json!({"email_address": PAYEE, "merchant_id": books.setup.merchant_id})
}

/// An order; the whole of it, or what is answered unless the caller prefers more.
pub(super) fn order(books: &Ledger, order: &Order, full: bool) -> Value {
    let mut view = json!({"id": order.id, "status": order.status, "links": order_links(books, order)});
    let known = order.approved.is_some() || order.status == "COMPLETED";
    if known {
        view["payment_source"] = json!({"paypal": {
            "email_address": EMAIL, "account_id": PAYER, "account_status": "VERIFIED",
            "name": {"given_name": "Jane", "surname": "Doe"}, "address": {"country_code": "DE"}}});
        view["payer"] = json!({"name": {"given_name": "Jane", "surname": "Doe"}, "email_address": EMAIL,
            "payer_id": PAYER, "address": {"country_code": "DE"}});
    } else if order.sourced {
        view["payment_source"] = json!({"paypal": {}});
    }
    let mut unit = json!({"reference_id": order.reference});
    let captured = order.capture.as_ref().and_then(|id| books.captures.get(id));
    if let Some(found) = captured {
        unit["payments"] = json!({"captures": [capture(books, found, false)]});
        let back = books.refunds.values().filter(|refund| refund.capture == found.id);
        let back: Vec<Value> = back.map(|found| refund(books, found, true)).collect();
        if full && !back.is_empty() {
            unit["payments"]["refunds"] = json!(back);
        }
    }
    if full {
        view["intent"] = json!("CAPTURE");
        view["create_time"] = json!(time(order.created));
        if order.status == "COMPLETED" || (known && books.setup.approval_times) {
            view["update_time"] = json!(time(order.updated));
        }
        unit["amount"] = money(order.amount, &order.currency);
        unit["payee"] = payee(books);
        set(&mut unit, "description", order.description.as_ref());
        set(&mut unit, "custom_id", order.custom.as_ref());
        set(&mut unit, "invoice_id", order.invoice.as_ref());
    }
    if full || captured.is_some() {
        view["purchase_units"] = json!([unit]);
    }
    view
}

fn order_links(books: &Ledger, order: &Order) -> Value {
    let own = format!("{}/v2/checkout/orders/{}", books.base, order.id);
    let own_link = link(own.clone(), "self", "GET");
    let edit = || [link(own.clone(), "update", "PATCH"), link(format!("{own}/capture"), "capture", "POST")];
    let rest = match order.status {
        "PAYER_ACTION_REQUIRED" => vec![link(order.approval(), "payer-action", "GET")],
        "CREATED" => [link(order.approval(), "approve", "GET")].into_iter().chain(edit()).collect(),
        "APPROVED" => edit().to_vec(),
        _ => Vec::new(),
    };
    json!([vec![own_link], rest].concat())
}

/// What an approval that was taken back leaves.
pub(super) fn approval(order: &Order) -> Value {
    let mut unit = json!({"reference_id": order.reference});
    set(&mut unit, "custom_id", order.custom.as_ref());
    set(&mut unit, "invoice_id", order.invoice.as_ref());
    json!({"order_id": order.id, "purchase_units": [unit],
        "payment_source": {"paypal": {"email_address": EMAIL, "account_id": PAYER}}})
}

/// The status that is shown: what went back is on top of a capture's own. Unconfirmed: that what PayPal took back counts
/// like a refund.
pub(super) fn standing(books: &Ledger, capture: &Capture) -> &'static str {
    let (given, taken) = books.back(&capture.id);
    match capture.status {
        "COMPLETED" if given + taken >= capture.amount => "REFUNDED",
        "COMPLETED" if given + taken > 0 => "PARTIALLY_REFUNDED",
        status => status,
    }
}

/// What PayPal keeps; the rate is made up.
fn fee(amount: i64) -> i64 {
    (amount * 3 / 100).max(1).min(amount)
}

/// A capture; alone it also says whose it is and what it belongs to.
pub(super) fn capture(books: &Ledger, capture: &Capture, alone: bool) -> Value {
    let own = format!("{}/v2/payments/captures/{}", books.base, capture.id);
    let sum = |amount: i64| money(amount, &capture.currency);
    let mut view = json!({
        "id": capture.id, "status": standing(books, capture), "amount": sum(capture.amount), "final_capture": true,
        "seller_protection": {"status": "ELIGIBLE",
            "dispute_categories": ["ITEM_NOT_RECEIVED", "UNAUTHORIZED_TRANSACTION"]},
        "create_time": time(capture.created), "update_time": time(capture.updated),
        "links": [link(own.clone(), "self", "GET"), link(format!("{own}/refund"), "refund", "POST"),
            link(format!("{}/v2/checkout/orders/{}", books.base, capture.order), "up", "GET")],
    });
    match capture.status {
        "PENDING" => view["status_details"] = json!({"reason": capture.reason}),
        "COMPLETED" => {
            let kept = fee(capture.amount);
            view["seller_receivable_breakdown"] = json!({"gross_amount": sum(capture.amount),
                "paypal_fee": sum(kept), "net_amount": sum(capture.amount - kept)});
        }
        _ => {
            view["seller_receivable_breakdown"] =
                json!({"gross_amount": sum(capture.amount), "net_amount": sum(capture.amount)});
        }
    }
    set(&mut view, "custom_id", capture.custom.as_ref());
    set(&mut view, "invoice_id", capture.invoice.as_ref());
    if alone {
        view["supplementary_data"] = json!({"related_ids": {"order_id": capture.order}});
        view["payee"] = payee(books);
    }
    view
}

/// A refund; the whole of it, or what is answered unless the caller prefers more.
pub(super) fn refund(books: &Ledger, refund: &Refund, full: bool) -> Value {
    let links = json!([
        link(format!("{}/v2/payments/refunds/{}", books.base, refund.id), "self", "GET"),
        link(format!("{}/v2/payments/captures/{}", books.base, refund.capture), "up", "GET"),
    ]);
    let mut view = json!({"id": refund.id, "status": refund.status, "links": links});
    if !full {
        return view;
    }
    let sum = |amount: i64| money(amount, &refund.currency);
    let there = |unix: i64| format!("{}-07:00", stamp(unix - AWAY));
    view["amount"] = sum(refund.amount);
    view["seller_payable_breakdown"] = json!({"gross_amount": sum(refund.amount), "paypal_fee": sum(0),
        "net_amount": sum(refund.amount), "total_refunded_amount": sum(refund.total)});
    view["create_time"] = json!(there(refund.created));
    view["update_time"] = json!(there(refund.updated));
    if refund.status == "PENDING" {
        view["status_details"] = json!({"reason": "ECHECK"});
    }
    set(&mut view, "custom_id", refund.custom.as_ref());
    set(&mut view, "invoice_id", refund.invoice.as_ref());
    set(&mut view, "note_to_payer", refund.note.as_ref());
    view
}

/// A dispute as its events and its own page show it.
pub(super) fn dispute(books: &Ledger, dispute: &Dispute) -> Value {
    let mut disputed = json!({"seller_transaction_id": dispute.capture, "items": [],
        "seller": {"merchant_id": books.setup.merchant_id, "name": "Loopback Store"},
        "seller_protection_eligible": true});
    if let Some(capture) = books.captures.get(&dispute.capture) {
        disputed["gross_amount"] = money(capture.amount, &capture.currency);
        set(&mut disputed, "custom", capture.custom.as_ref());
        set(&mut disputed, "invoice_number", capture.invoice.as_ref());
    }
    let own = format!("{}/v1/customer/disputes/{}", books.base, dispute.id);
    let mut view = json!({
        "dispute_id": dispute.id, "create_time": fine(dispute.created), "update_time": fine(dispute.updated),
        "disputed_transactions": [disputed], "reason": "MERCHANDISE_OR_SERVICE_NOT_RECEIVED",
        "status": if dispute.outcome.is_some() { "RESOLVED" } else { "OPEN" },
        "dispute_amount": money(dispute.amount, &dispute.currency),
        "dispute_life_cycle_stage": dispute.stage, "dispute_channel": dispute.channel,
        "messages": [], "links": [link(own, "self", "GET")],
    });
    if let Some(outcome) = dispute.outcome {
        view["dispute_outcome"] = json!({"outcome_code": outcome});
        if outcome == "RESOLVED_BUYER_FAVOUR" {
            view["dispute_outcome"]["amount_refunded"] = money(dispute.amount, &dispute.currency);
        }
    }
    if !dispute.movements.is_empty() {
        view["fund_movements"] = json!(dispute.movements);
    }
    view
}

/// Money that moved because of a dispute. Unconfirmed: names and values other than party, amount and reason.
pub(super) fn movement(dispute: &Dispute, kind: &str, unix: i64) -> Value {
    json!({"party": "SELLER", "amount": money(dispute.amount, &dispute.currency), "initiated_time": fine(unix),
        "type": kind, "reason": "DISPUTE_SETTLEMENT"})
}

fn customer(id: &str, merchant: Option<&String>) -> Value {
    let mut view = json!({"id": id});
    set(&mut view, "merchant_customer_id", merchant);
    view
}

/// A link of the vault says what it encodes.
fn vault_link(href: String, rel: &str, method: &str) -> Value {
    json!({"href": href, "rel": rel, "method": method, "encType": "application/json"})
}

fn owner(wallet: &Value) -> Value {
    let mut wallet = wallet.clone();
    wallet["email_address"] = json!(EMAIL);
    wallet["payer_id"] = json!(PAYER);
    wallet["name"] = json!({"given_name": "Jane", "surname": "Doe", "full_name": "Jane Doe"});
    wallet
}

pub(super) fn pledge(books: &Ledger, pledge: &Pledge) -> Value {
    let own = format!("{}/v3/vault/setup-tokens/{}", books.base, pledge.id);
    let next = match pledge.status {
        "PAYER_ACTION_REQUIRED" => Some(vault_link(
            format!("https://www.sandbox.paypal.com/agreements/approve?approval_session_id={}", pledge.id),
            "approve",
            "GET",
        )),
        "APPROVED" => Some(vault_link(format!("{}/v3/vault/payment-tokens", books.base), "confirm", "POST")),
        _ => None,
    };
    let wallet = if pledge.status == "PAYER_ACTION_REQUIRED" { pledge.wallet.clone() } else { owner(&pledge.wallet) };
    let links: Vec<Value> = [Some(vault_link(own, "self", "GET")), next].into_iter().flatten().collect();
    json!({
        "id": pledge.id, "customer": customer(&pledge.customer, pledge.merchant_customer.as_ref()),
        "status": pledge.status, "payment_source": {"paypal": wallet}, "links": links,
    })
}

pub(super) fn token(books: &Ledger, token: &Token) -> Value {
    let own = format!("{}/v3/vault/payment-tokens/{}", books.base, token.id);
    json!({
        "id": token.id, "customer": customer(&token.customer, token.merchant_customer.as_ref()),
        "payment_source": {"paypal": owner(&token.wallet)},
        "links": [vault_link(own.clone(), "self", "GET"), vault_link(own, "delete", "DELETE")],
    })
}
