//! Orders: a payer approves them, then they are captured; those on a saved wallet are captured when they are made.

use serde_json::Value;

use super::{
    checks,
    doors::{Answer, Done},
    ledger::{Capture, Ledger, Luck, Order},
    problem::Problem,
    views,
};

/// Orders of several merchants or parcels are not played: one unit.
const UNITS: usize = 10;

/// `POST /v2/checkout/orders`.
pub(super) fn create(books: &mut Ledger, body: &Value, full: bool, keyed: bool) -> Answer {
    checks::known(body, "", "intent purchase_units payment_source")?;
    let intent = checks::needed(body, "", "intent", 255)?;
    if intent != "CAPTURE" {
        return Err(Problem::value("INVALID_PARAMETER_VALUE", "/intent", &intent));
    }
    let order = unit(books, body)?;
    let Some(source) = checks::optional(body, "", "payment_source")? else { return Ok(keep(books, order, full)) };
    if !keyed {
        return Err(Problem::invalid("PAYPAL_REQUEST_ID_REQUIRED", "/payment_source"));
    }
    checks::known(source, "/payment_source", "paypal")?;
    let at = "/payment_source/paypal";
    let wallet = checks::object(source, "/payment_source", "paypal")?;
    checks::known(wallet, at, "vault_id experience_context stored_credential email_address")?;
    checks::text(wallet, at, "email_address", 254)?;
    let (return_url, cancel_url) = checks::experience(wallet, at)?;
    let stored = checks::stored(wallet, at)?;
    let order = Order { sourced: true, return_url, cancel_url, ..order };
    match checks::tag(wallet, at, "vault_id", 255)? {
        Some(vault) => charge(books, order, &vault, full),
        None if stored => {
            Err(Problem::refused_at("INCOMPATIBLE_PARAMETER_VALUE", &format!("{at}/stored_credential"), ""))
        }
        None => Ok(keep(books, Order { status: "PAYER_ACTION_REQUIRED", ..order }, full)),
    }
}

/// What is bought.
fn unit(books: &mut Ledger, body: &Value) -> Result<Order, Problem> {
    let units = match body.get("purchase_units") {
        None | Some(Value::Null) => return Err(Problem::invalid("MISSING_REQUIRED_PARAMETER", "/purchase_units")),
        Some(Value::Array(units)) => units,
        Some(_) => return Err(Problem::invalid("INVALID_PARAMETER_SYNTAX", "/purchase_units")),
    };
    let unit = match units.as_slice() {
        [] => return Err(Problem::invalid("INVALID_ARRAY_MIN_ITEMS", "/purchase_units")),
        [unit] => unit,
        many if many.len() > UNITS => return Err(Problem::invalid("INVALID_ARRAY_MAX_ITEMS", "/purchase_units")),
        _ => return Err(Problem::invalid("NOT_SUPPORTED", "/purchase_units/1")),
    };
    let at = "/purchase_units/0";
    if !unit.is_object() {
        return Err(Problem::invalid("INVALID_PARAMETER_SYNTAX", at));
    }
    checks::known(unit, at, "reference_id amount description custom_id invoice_id soft_descriptor")?;
    let (amount, currency) = checks::money(checks::object(unit, at, "amount")?, &format!("{at}/amount"))?;
    checks::text(unit, at, "soft_descriptor", 22)?;
    let now = books.now();
    Ok(Order {
        id: String::new(),
        status: "CREATED",
        amount,
        currency,
        reference: checks::text(unit, at, "reference_id", 256)?.unwrap_or_else(|| "default".to_owned()),
        description: checks::text(unit, at, "description", 127)?,
        custom: checks::text(unit, at, "custom_id", 255)?,
        invoice: checks::text(unit, at, "invoice_id", 127)?,
        sourced: false,
        return_url: None,
        cancel_url: None,
        capture: None,
        luck: Luck::Fine,
        created: now,
        approved: None,
        updated: now,
    })
}

fn keep(books: &mut Ledger, order: Order, full: bool) -> Done {
    let order = Order { id: books.id("5O19012"), ..order };
    let done = Done::made(&order.id, views::order(books, &order, full));
    books.orders.insert(order.id.clone(), order);
    done
}

/// A charge on a saved wallet; a decline leaves no order. Unconfirmed: which of the two documented refusals a wallet
/// gets that was deleted, and which one that the payer let go.
fn charge(books: &mut Ledger, order: Order, vault: &str, full: bool) -> Answer {
    let at = "/payment_source/paypal/vault_id";
    let token = books.tokens.get_mut(vault).ok_or_else(|| Problem::refused_at("TOKEN_ID_NOT_FOUND", at, vault))?;
    if token.ended {
        return Err(Problem::refused_at("AGREEMENT_ALREADY_CANCELLED", at, vault));
    }
    let luck = std::mem::replace(&mut token.luck, Luck::Fine);
    unused(books, &order)?;
    if luck == Luck::Declined {
        return Err(Problem::declined(None));
    }
    let order = Order { id: books.id("5O19012"), luck, ..order };
    let id = order.id.clone();
    books.orders.insert(id.clone(), order);
    take(books, &id);
    show(books, &id, full).map(|body| Done::made(&id, body))
}

/// Most accounts take each invoice number once.
fn unused(books: &Ledger, order: &Order) -> Result<(), Problem> {
    let Some(invoice) = &order.invoice else { return Ok(()) };
    let taken = |capture: &Capture| capture.invoice.as_ref() == Some(invoice) && capture.status != "DECLINED";
    if books.setup.unique_invoices && books.captures.values().any(taken) {
        return Err(Problem::refused_at("DUPLICATE_INVOICE_ID", "/purchase_units/0/invoice_id", invoice));
    }
    Ok(())
}

/// `POST /v2/checkout/orders/{id}/capture`.
pub(super) fn capture(books: &mut Ledger, id: &str, body: &Value, full: bool) -> Answer {
    checks::known(body, "", "")?;
    let order = books.orders.get(id).ok_or_else(Problem::missing)?;
    match order.status {
        "COMPLETED" => return Err(Problem::refused("ORDER_ALREADY_CAPTURED")),
        "APPROVED" => {}
        _ => return Err(Problem::refused("ORDER_NOT_APPROVED")),
    }
    if order.luck == Luck::Declined {
        return Err(Problem::declined(Some(order.approval())));
    }
    unused(books, order)?;
    take(books, id);
    show(books, id, full).map(|body| Done::made(id, body))
}

/// Takes the money of an order, or waits for it.
fn take(books: &mut Ledger, id: &str) {
    let (capture, now) = (books.id("3C67936"), books.now());
    let Some(order) = books.orders.get_mut(id) else { return };
    (order.status, order.updated, order.capture) = ("COMPLETED", now, Some(capture.clone()));
    let pending = order.luck == Luck::Pending;
    let made = Capture {
        id: capture.clone(),
        order: order.id.clone(),
        amount: order.amount,
        currency: order.currency.clone(),
        status: if pending { "PENDING" } else { "COMPLETED" },
        reason: "PENDING_REVIEW",
        custom: order.custom.clone(),
        invoice: order.invoice.clone(),
        created: now,
        updated: now,
    };
    books.captures.insert(capture.clone(), made);
    books.tell_capture(&capture, if pending { "PAYMENT.CAPTURE.PENDING" } else { "PAYMENT.CAPTURE.COMPLETED" });
}

/// An order that is there.
pub(super) fn show(books: &Ledger, id: &str, full: bool) -> Result<Value, Problem> {
    let order = books.orders.get(id).ok_or_else(Problem::missing)?;
    Ok(views::order(books, order, full))
}
