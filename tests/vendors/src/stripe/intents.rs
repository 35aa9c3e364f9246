//! Charging a saved method, and giving money back.

use serde_json::{Map, Value, json};

use super::{
    books::{Books, word},
    door::Call,
    form::Params,
    money,
    objects::{self, Wish},
    play::Next,
    refuse::Refusal,
    rules,
};

const PLAYED: [&str; 14] = [
    "amount",
    "currency",
    "customer",
    "payment_method",
    "off_session",
    "confirm",
    "description",
    "metadata/*",
    "expand/*",
    "return_url",
    "mandate",
    "payment_method_types/*",
    "allowed_payment_method_types/*",
    "automatic_payment_methods/*",
];

const KNOWN: [&str; 24] = [
    "amount_details",
    "application_fee_amount",
    "capture_method",
    "confirmation_method",
    "confirmation_token",
    "customer_account",
    "error_on_requires_action",
    "excluded_payment_method_types",
    "hooks",
    "mandate_data",
    "on_behalf_of",
    "payment_details",
    "payment_method_configuration",
    "payment_method_data",
    "payment_method_options",
    "radar_options",
    "receipt_email",
    "setup_future_usage",
    "shipping",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_data",
    "transfer_group",
    "use_stripe_sdk",
];

/// `POST /v1/payment_intents` with `confirm=true` and `off_session=true`; nothing else is played.
pub(super) fn create(books: &mut Books, call: &Call) -> Result<Value, Refusal> {
    let params = &call.params;
    params.only(&PLAYED, &KNOWN)?;
    let amount = params.whole("amount")?.ok_or_else(|| Refusal::missing("amount"))?;
    let currency = params.need("currency")?.to_owned();
    rules::currency("currency", &currency)?;
    rules::chargeable("amount", amount, &currency, "Amount")?;
    let metadata = params.metadata("metadata")?;
    let types = types(params, call)?;
    if params.flag("confirm")? != Some(true) || params.flag("off_session")? != Some(true) {
        return Err(Refusal::unplayed("an intent without confirm=true and off_session=true"));
    }
    let method = params.need("payment_method")?.to_owned();
    if !books.is("payment_method", &method) {
        return Err(Refusal::no_such("payment_method", &method, "payment_method", false));
    }
    let customer = params.text("customer")?.map(str::to_owned);
    if let Some(id) = customer.as_deref().filter(|id| !books.is("customer", id)) {
        return Err(Refusal::no_such("customer", id, "customer", false));
    }
    owned(books, &method, customer.as_deref())?;
    let kind = books.text(&method, "type");
    if kind == "sepa_debit" && currency != "eur" {
        let message = "The currency provided is invalid for payment method type sepa_debit; it must be eur.";
        return Err(Refusal::parameter(Some("payment_method_currency_mismatch"), "currency", message));
    }
    let wish = Wish {
        amount,
        currency,
        customer: json!(customer),
        description: json!(params.text("description")?),
        metadata,
        types: types.unwrap_or_else(|| json!([kind])),
        later: Value::Null,
    };
    let intent = objects::intent(books, wish);
    let intent = books.add(intent);
    books.tell("payment_intent.created", &intent);
    let usual = if kind == "card" { Next::Succeed } else { Next::Processing };
    match books.next.remove(&method).unwrap_or(usual) {
        Next::Succeed => succeed(books, &intent, &method),
        Next::Processing => process(books, &intent, &method),
        Next::Decline => return Err(refused(books, &intent, &method, "card_declined", "generic_decline")),
        Next::AuthenticationRequired => {
            return Err(refused(books, &intent, &method, "authentication_required", "authentication_required"));
        }
    }
    Ok(books.get(&intent).clone())
}

/// `payment_method_types` went with endive, `allowed_payment_method_types` came a little before.
fn types(params: &Params, call: &Call) -> Result<Option<Value>, Refusal> {
    let version = call.version.as_str();
    if params.has("payment_method_types") {
        if version >= rules::ENDIVE {
            let message = "payment_method_types is no longer supported";
            let code = Some("payment_method_types_no_longer_supported");
            return Err(Refusal::parameter(code, "payment_method_types", message));
        }
        return Ok(Some(json!(params.list("payment_method_types"))));
    }
    if params.has("allowed_payment_method_types") {
        if version < rules::ALLOWED {
            let name = "allowed_payment_method_types";
            let message = format!("Received unknown parameter: {name}");
            return Err(Refusal::parameter(Some("parameter_unknown"), name, &message));
        }
        return Ok(Some(json!(params.list("allowed_payment_method_types"))));
    }
    Ok(None)
}

/// A method can only be charged for the customer it is attached to.
fn owned(books: &Books, method: &str, customer: Option<&str>) -> Result<(), Refusal> {
    let owner = books.text(method, "customer");
    if owner.is_empty() {
        return Err(Refusal::state(
            None,
            "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared \
             with a connected account without Customer attachment, or was detached from a Customer. It may not be used \
             again. To use a PaymentMethod multiple times, you must attach it to a Customer first.",
        ));
    }
    match customer {
        None => {
            let message = format!(
                "The PaymentMethod {method} belongs to a Customer {owner}. Please include the Customer in the \
                 `customer` parameter on the PaymentIntent."
            );
            Err(Refusal::parameter(None, "payment_method", &message))
        }
        Some(customer) if customer == owner => mandated(books, method),
        Some(customer) => {
            let message = format!("The customer {customer} does not own the payment method {method}.");
            Err(Refusal::parameter(None, "payment_method", &message))
        }
    }
}

/// A bank account whose mandate ended cannot be charged; a card has no mandate.
fn mandated(books: &Books, method: &str) -> Result<(), Refusal> {
    let mut mandates = books.all("mandate").filter(|mandate| mandate["payment_method"] == method).peekable();
    if mandates.peek().is_none() || mandates.any(|mandate| mandate["status"] == "active") {
        return Ok(());
    }
    let message = "The provided mandate is invalid and can not be used.";
    Err(Refusal::state(Some("payment_intent_mandate_invalid"), message))
}

/// The money is there.
pub(super) fn succeed(books: &mut Books, intent: &str, method: &str) {
    let charge = money::charge(books, intent, method, "succeeded");
    let charge = books.add(charge);
    take(books, intent, method, &charge);
    books.tell("payment_intent.succeeded", intent);
    books.tell("charge.succeeded", &charge);
}

fn take(books: &mut Books, intent: &str, method: &str, charge: &str) {
    let amount = books.number(intent, "amount");
    books.set(
        intent,
        json!({ "status": "succeeded", "amount_received": amount, "latest_charge": charge, "payment_method": method,
            "last_payment_error": null, "next_action": null, "processing": null }),
    );
}

/// The fees are known a moment after the money: the charge is updated. Checkout's own message comes between.
pub(super) fn book(books: &mut Books, intent: &str) {
    let charge = books.text(intent, "latest_charge");
    let amount = books.number(&charge, "amount");
    let transaction = books.balance(amount, &charge, "charge");
    books.set(&charge, json!({ "balance_transaction": transaction }));
    books.tell_with("charge.updated", &charge, Some(json!({ "balance_transaction": null })));
}

/// The money is on its way for days.
pub(super) fn process(books: &mut Books, intent: &str, method: &str) {
    let charge = money::charge(books, intent, method, "pending");
    let charge = books.add(charge);
    books.set(
        intent,
        json!({ "status": "processing", "latest_charge": charge, "payment_method": method, "last_payment_error": null,
            "next_action": null, "processing": { "type": books.text(method, "type") } }),
    );
    books.tell("payment_intent.processing", intent);
    books.tell("charge.pending", &charge);
}

/// What was on its way arrived.
pub(super) fn arrive(books: &mut Books, intent: &str) {
    let (charge, method) = (books.text(intent, "latest_charge"), books.text(intent, "payment_method"));
    let amount = books.number(&charge, "amount");
    books.set(&charge, json!({ "status": "succeeded", "paid": true, "amount_captured": amount }));
    take(books, intent, &method, &charge);
    books.tell("payment_intent.succeeded", intent);
    books.tell("charge.succeeded", &charge);
}

/// What was on its way does not arrive.
pub(super) fn bounce(books: &mut Books, intent: &str) {
    let (charge, method) = (books.text(intent, "latest_charge"), books.text(intent, "payment_method"));
    let message = "The customer's account has insufficient funds to cover this payment.";
    books.set(
        &charge,
        json!({ "status": "failed", "failure_code": "insufficient_funds", "failure_message": message,
            "captured": false }),
    );
    let error = json!({ "charge": charge, "code": "payment_intent_payment_attempt_failed", "decline_code":
        "insufficient_funds", "message": message, "payment_method": books.get(&method), "type": "card_error" });
    fail(books, intent, error);
    books.tell("charge.failed", &charge);
    books.tell("payment_intent.payment_failed", intent);
}

fn fail(books: &mut Books, intent: &str, error: Value) {
    books.set(
        intent,
        json!({ "status": "requires_payment_method", "last_payment_error": error, "payment_method": null,
            "next_action": null, "processing": null }),
    );
}

/// The bank says no; the intent waits for another method.
pub(super) fn decline(books: &mut Books, intent: &str, method: &str, code: &str, decline_code: &str) -> Value {
    let message = match code {
        "authentication_required" => "Your card was declined. This transaction requires authentication.",
        _ => "Your card was declined.",
    };
    let charge = money::charge(books, intent, method, "failed");
    let charge = books.add(charge);
    books.set(&charge, json!({ "failure_code": code, "failure_message": message }));
    books.set(intent, json!({ "latest_charge": charge }));
    let error = json!({ "charge": charge, "code": code, "decline_code": decline_code, "message": message,
        "doc_url": format!("https://stripe.com/docs/error-codes/{code}"), "payment_method": books.get(method),
        "type": "card_error" });
    fail(books, intent, error.clone());
    books.tell("charge.failed", &charge);
    books.tell("payment_intent.payment_failed", intent);
    error
}

fn refused(books: &mut Books, intent: &str, method: &str, code: &str, decline_code: &str) -> Refusal {
    let error = decline(books, intent, method, code, decline_code);
    Refusal::card(code, decline_code, word(&error, "message"))
        .with("charge", error["charge"].clone())
        .with("payment_intent", books.get(intent).clone())
        .with("payment_method", books.get(method).clone())
}

/// `POST /v1/refunds`
pub(super) fn refund(books: &mut Books, call: &Call) -> Result<Value, Refusal> {
    let params = &call.params;
    params.only(
        &["payment_intent", "charge", "amount", "reason", "metadata/*", "expand/*"],
        &["currency", "customer", "instructions_email", "origin", "refund_application_fee", "reverse_transfer"],
    )?;
    let reason = params.one_of("reason", &["duplicate", "fraudulent", "requested_by_customer"])?;
    let metadata = params.metadata("metadata")?;
    let asked = params.whole("amount")?;
    if asked.is_some_and(|asked| asked < 1) {
        let message = "Invalid positive integer";
        return Err(Refusal::parameter(Some("parameter_invalid_integer"), "amount", message));
    }
    let charge = match (params.text("charge")?, params.text("payment_intent")?) {
        (None, None) => {
            let message = "One of the following params should be provided for this request: payment_intent or charge.";
            return Err(Refusal::parameter(Some("parameter_missing"), "payment_intent", message));
        }
        (Some(charge), _) if books.is("charge", charge) => charge.to_owned(),
        (Some(charge), _) => return Err(Refusal::no_such("charge", charge, "charge", false)),
        (None, Some(intent)) if books.is("payment_intent", intent) => books.text(intent, "latest_charge"),
        (None, Some(intent)) => return Err(Refusal::no_such("payment_intent", intent, "payment_intent", false)),
    };
    let id = give_back(books, &charge, asked, metadata, json!(reason))?;
    Ok(books.get(&id).clone())
}

/// Gives back a part of a charge, or what is left of it.
pub(super) fn give_back(
    books: &mut Books,
    charge: &str,
    asked: Option<i64>,
    metadata: Map<String, Value>,
    reason: Value,
) -> Result<String, Refusal> {
    let row = books.get(charge).clone();
    if row["status"] != "succeeded" {
        return Err(Refusal::state(None, "This PaymentIntent does not have a successful charge to refund."));
    }
    // An inquiry can still be answered with a refund, and a dispute that was won is over.
    let lasts = |dispute: &Value| ["needs_response", "under_review", "lost"].contains(&word(dispute, "status"));
    if books.all("dispute").any(|dispute| dispute["charge"] == charge && lasts(dispute)) {
        let message = format!("Charge {charge} has been charged back; cannot issue a refund.");
        return Err(Refusal::state(Some("charge_disputed"), &message));
    }
    let currency = word(&row, "currency").to_owned();
    let left = books.number(charge, "amount") - books.number(charge, "amount_refunded");
    if left == 0 {
        let message = format!("Charge {charge} has already been refunded.");
        return Err(Refusal::state(Some("charge_already_refunded"), &message));
    }
    let amount = asked.unwrap_or(left);
    if amount > left {
        let message = format!(
            "Refund amount ({}) is greater than unrefunded amount on charge ({})",
            rules::written(amount, &currency),
            rules::written(left, &currency)
        );
        return Err(Refusal::state(None, &message).with("param", json!("amount")));
    }
    let refund = money::refund(books, charge, amount, metadata, reason);
    let refund = books.add(refund);
    let transaction = books.balance(-amount, &refund, "refund");
    let slow = books.slow_refunds;
    books.set(&refund, json!({ "balance_transaction": transaction }));
    if slow {
        books.set(&refund, json!({ "status": "pending", "pending_reason": "processing" }));
    }
    let refunded = books.number(charge, "amount_refunded") + amount;
    books.set(charge, json!({ "amount_refunded": refunded, "refunded": amount == left }));
    books.tell("refund.created", &refund);
    books.tell("charge.refunded", charge);
    Ok(refund)
}
