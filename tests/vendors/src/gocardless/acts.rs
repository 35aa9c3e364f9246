//! What the merchant does over HTTP, and what comes out of a flow.

use serde_json::{Value, json};

use super::{
    Speed,
    checks::{self, Problem},
    doors::{Answer, envelope},
    ledger::{Ask, BillingRequest, Cause, Flow, Ledger, Mandate, Payment, Refund, by},
    views,
};
use crate::tools::{DAY, day};

/// A payment may be refunded this often in parts.
const REFUNDS: usize = 5;
/// And retried this often.
const RETRIES: u8 = 3;
/// Longest reference on a SEPA statement.
const REFERENCE: usize = 140;

/// `POST /billing_requests`.
pub(super) fn create_request(books: &mut Ledger, body: &Value) -> Answer {
    let at = "/billing_requests";
    let fields = "payment_request mandate_request metadata links fallback_enabled purpose_code \
        payment_context_code payment_purpose_code instalment_schedule_request subscription_request";
    let order = checks::inside(body, "billing_requests", fields)?;
    let asked = |name: &str| order.get(name).filter(|ask| ask.is_object());
    let payment = asked("payment_request").map(|ask| ask_payment(ask, &format!("{at}/payment_request"))).transpose()?;
    let mandate = asked("mandate_request").map(|ask| ask_mandate(ask, &format!("{at}/mandate_request"))).transpose()?;
    if payment.is_none() && mandate.is_none() {
        return Err(Problem::field(&format!("{at}/payment_request"), "can't be blank"));
    }
    let metadata = checks::metadata(order, at)?;
    let customer = checks::linked(order, at, "customer")?;
    if customer.as_ref().is_some_and(|id| !books.customers.contains_key(id)) {
        return Err(Problem::field(&format!("{at}/links/customer"), "does not exist"));
    }
    let (id, created) = (books.id("BRQ"), books.now());
    let request = BillingRequest {
        id: id.clone(),
        status: "pending",
        payment,
        mandate,
        metadata,
        customer,
        account: None,
        created,
    };
    let view = views::request(&request);
    let own = request.metadata.clone();
    books.requests.insert(id.clone(), request);
    let cause = by("api", "billing_request_created", "This billing request was created.");
    books.tell("billing_requests", "created", json!({"billing_request": id}), cause, &own, None);
    Ok((201, envelope("billing_requests", view)))
}

fn ask_payment(ask: &Value, at: &str) -> Result<Ask, Problem> {
    checks::known(
        ask,
        at,
        "amount currency description scheme metadata app_fee funds_settlement reference \
        retry_if_possible",
    )?;
    let amount = checks::amount(ask, at, "amount")?;
    let currency = checks::currency(ask, at, true)?;
    let description = checks::short(ask, at, "description", 255)?;
    if description.is_null() {
        return Err(Problem::field(&format!("{at}/description"), "can't be blank"));
    }
    // gocardless-dotnet `BillingRequestService.cs`: „For Eurozone countries, `sepa_credit_transfer` is used as the default".
    let usual = if currency == "GBP" { "faster_payments" } else { "sepa_credit_transfer" };
    let scheme = checks::text(ask, at, "scheme")?.unwrap_or_else(|| usual.to_owned());
    let known = ["faster_payments", "sepa_credit_transfer", "sepa_instant_credit_transfer"];
    if !known.contains(&scheme.as_str()) {
        return Err(Problem::field(&format!("{at}/scheme"), "is not included in the list"));
    }
    Ok(Ask { amount, currency, scheme, description, metadata: checks::metadata(ask, at)?, made: None })
}

fn ask_mandate(ask: &Value, at: &str) -> Result<Ask, Problem> {
    checks::known(
        ask,
        at,
        "currency scheme description metadata verify reference authorisation_source constraints \
        sweeping payer_requested_dual_signature funds_settlement",
    )?;
    let (scheme, currency) = checks::scheme(ask, at)?;
    let description = checks::short(ask, at, "description", 255)?;
    Ok(Ask { amount: 0, currency, scheme, description, metadata: checks::metadata(ask, at)?, made: None })
}

/// `POST /billing_request_flows`.
pub(super) fn create_flow(books: &mut Ledger, body: &Value) -> Answer {
    let at = "/billing_request_flows";
    let fields = "redirect_uri exit_uri auto_fulfil lock_bank_account lock_customer_details lock_currency \
        lock_existing_customer language links prefilled_customer prefilled_bank_account show_redirect_buttons \
        show_success_redirect_button skip_success_screen customer_details_captured";
    let order = checks::inside(body, "billing_request_flows", fields)?;
    let redirect_uri = checks::address(order, at, "redirect_uri")?;
    let exit_uri = checks::address(order, at, "exit_uri")?;
    let pointer = format!("{at}/links/billing_request");
    let request = checks::linked(order, at, "billing_request")?;
    let request = request.ok_or_else(|| Problem::field(&pointer, "can't be blank"))?;
    let found = books.requests.get(&request).ok_or_else(|| Problem::field(&pointer, "does not exist"))?;
    if found.status != "pending" {
        return Err(Problem::state("billing_request_flow_failed", "The billing request is no longer pending"));
    }
    let own = found.metadata.clone();
    let flow = Flow { id: books.id("BRF"), request, redirect_uri, exit_uri, created: books.now() };
    let links = json!({"billing_request": flow.request, "billing_request_flow": flow.id});
    let cause = by("api", "billing_request_flow_created", "A billing request flow was created.");
    books.tell("billing_requests", "flow_created", links, cause, &own, None);
    let view = views::flow(&flow);
    books.flows.insert(flow.id.clone(), flow);
    Ok((201, envelope("billing_request_flows", view)))
}

/// `POST /billing_request_flows/{id}/actions/initialise`: „Returns the flow having generated a fresh session token", the
/// whole of it (`BillingRequestFlowService.cs`, `tests/fixtures/billing_request_flows.json`). Unconfirmed: that it fails
/// when the request is no longer pending or the flow's seven days are over.
pub(super) fn initialise_flow(books: &Ledger, id: &str) -> Answer {
    let flow = books.flows.get(id).ok_or_else(Problem::missing)?;
    let is_open = books.requests.get(&flow.request).is_some_and(|request| request.status == "pending");
    if !is_open || books.now() > flow.created + views::FLOW {
        return Err(Problem::state("billing_request_flow_failed", "The billing request flow is over"));
    }
    let mut view = views::flow(flow);
    view["session_token"] = json!(format!("sesh_{}", books.now()));
    Ok((200, envelope("billing_request_flows", view)))
}

/// Metadata of an action: it is stored on the event only.
fn own_metadata(body: &Value) -> Result<Value, Problem> {
    match body.get("data") {
        Some(data) => checks::metadata(data, "/data"),
        None => Ok(json!({})),
    }
}

/// `POST /billing_requests/{id}/actions/cancel`.
pub(super) fn cancel_request(books: &mut Ledger, id: &str, body: &Value) -> Answer {
    let metadata = own_metadata(body)?;
    let request = books.requests.get_mut(id).ok_or_else(Problem::missing)?;
    if request.status != "pending" {
        return Err(Problem::state("cancellation_failed", "Billing request cannot be cancelled"));
    }
    request.status = "cancelled";
    let (view, own) = (views::request(request), request.metadata.clone());
    let cause = by("api", "billing_request_cancelled", "This billing request was cancelled.");
    books.tell("billing_requests", "cancelled", json!({"billing_request": id}), cause, &own, Some(&metadata));
    Ok((200, envelope("billing_requests", view)))
}

/// `POST /payments`.
pub(super) fn create_payment(books: &mut Ledger, body: &Value) -> Answer {
    let at = "/payments";
    let fields = "amount app_fee charge_date currency description links metadata reference retry_if_possible \
        faster_ach psu_interaction_type";
    let order = checks::inside(body, "payments", fields)?;
    let amount = checks::amount(order, at, "amount")?;
    let currency = checks::currency(order, at, false)?;
    let pointer = format!("{at}/links/mandate");
    let mandate = checks::linked(order, at, "mandate")?.ok_or_else(|| Problem::field(&pointer, "can't be blank"))?;
    let found = books.mandates.get(&mandate).ok_or_else(|| Problem::field(&pointer, "does not exist"))?;
    if checks::currency_of(&found.scheme) != currency {
        return Err(Problem::field(&format!("{at}/currency"), "does not match the mandate's scheme"));
    }
    let (description, metadata) = (checks::short(order, at, "description", 255)?, checks::metadata(order, at)?);
    let reference = checks::short(order, at, "reference", REFERENCE)?;
    let earliest = day(books.now());
    let charge_date = checks::text(order, at, "charge_date")?.unwrap_or_else(|| day(books.now() + 5 * DAY));
    if charge_date < earliest {
        return Err(Problem::field(
            &format!("{at}/charge_date"),
            "must be on or after mandate's next_possible_charge_date",
        ));
    }
    if !found.usable() {
        return Err(Problem::state("mandate_is_inactive", "Mandate is inactive"));
    }
    let (scheme, customer) = (found.scheme.clone(), found.customer.clone());
    let payment = Payment {
        id: books.id("PM"),
        amount,
        currency,
        status: "pending_submission",
        scheme,
        description,
        reference,
        metadata,
        mandate: Some(mandate),
        customer: Some(customer),
        charge_date,
        created: books.now(),
        retries: 0,
        collected: false,
        before: "pending_submission",
    };
    let view = views::payment(&payment, books);
    let id = payment.id.clone();
    books.payments.insert(id.clone(), payment);
    books.payment(&id, None, "created", by("api", "payment_created", "Payment created via the API."), &json!({}));
    Ok((201, envelope("payments", view)))
}

/// `POST /payments/{id}/actions/cancel`.
pub(super) fn cancel_payment(books: &mut Ledger, id: &str, body: &Value) -> Answer {
    let metadata = own_metadata(body)?;
    let payment = books.payments.get_mut(id).ok_or_else(Problem::missing)?;
    if payment.status != "pending_submission" {
        return Err(Problem::state("cancellation_failed", "Payment cannot be cancelled"));
    }
    payment.status = "cancelled";
    let own = payment.metadata.clone();
    let cause = by("api", "payment_cancelled", "The payment was cancelled at your request.");
    books.tell("payments", "cancelled", json!({"payment": id}), cause, &own, Some(&metadata));
    shown(books, id)
}

/// `POST /payments/{id}/actions/retry`.
pub(super) fn retry_payment(books: &mut Ledger, id: &str, body: &Value) -> Answer {
    let metadata = own_metadata(body)?;
    let payment = books.payments.get(id).ok_or_else(Problem::missing)?;
    let active = payment.mandate.as_ref().and_then(|id| books.mandates.get(id)).is_some_and(Mandate::usable);
    if payment.status != "failed" || payment.retries >= RETRIES || !active {
        return Err(Problem::state("retry_failed", "Payment cannot be retried"));
    }
    let own = payment.metadata.clone();
    if let Some(payment) = books.payments.get_mut(id) {
        payment.status = "pending_submission";
        payment.retries += 1;
    }
    let cause = by("api", "payment_retried", "A request to resubmit the payment was made via the API.");
    books.tell("payments", "resubmission_requested", json!({"payment": id}), cause, &own, Some(&metadata));
    shown(books, id)
}

fn shown(books: &Ledger, id: &str) -> Answer {
    let payment = books.payments.get(id).ok_or_else(Problem::missing)?;
    Ok((200, envelope("payments", views::payment(payment, books))))
}

/// `POST /refunds`.
pub(super) fn create_refund(books: &mut Ledger, body: &Value) -> Answer {
    let at = "/refunds";
    let order = checks::inside(body, "refunds", "amount links metadata reference total_amount_confirmation")?;
    let amount = checks::amount(order, at, "amount")?;
    let pointer = format!("{at}/links/payment");
    let payment = checks::linked(order, at, "payment")?.ok_or_else(|| Problem::field(&pointer, "can't be blank"))?;
    let (metadata, reference) = (checks::metadata(order, at)?, checks::short(order, at, "reference", REFERENCE)?);
    let total = checks::amount(order, at, "total_amount_confirmation")?;
    let found = books.payments.get(&payment).ok_or_else(|| Problem::field(&pointer, "does not exist"))?;
    if !found.held() {
        return Err(Problem::state("refund_payment_invalid_state", "The payment cannot be refunded in its state"));
    }
    let given = books.refunded(&payment);
    if total != given + amount {
        let message = "Total amount confirmation does not match the total amount refunded for the payment";
        return Err(Problem::state("total_amount_confirmation_invalid", message));
    }
    if total > found.amount {
        return Err(Problem::field(&format!("{at}/amount"), "is greater than the amount of the payment"));
    }
    let earlier = books.refunds.values().filter(|refund| refund.payment == payment).count();
    if earlier >= REFUNDS {
        return Err(Problem::state("number_of_refunds_exceeded", "The payment has been refunded too often"));
    }
    let currency = found.currency.clone();
    let (id, created) = (books.id("RF"), books.now());
    let refund = Refund { id, payment, amount, currency, status: "created", reference, metadata, created };
    let view = views::refund(&refund);
    let (id, own) = (refund.id.clone(), refund.metadata.clone());
    books.refunds.insert(id.clone(), refund);
    let cause = by("api", "payment_refunded", "The refund has been created.");
    books.tell("refunds", "created", json!({"refund": id}), cause, &own, None);
    Ok((201, envelope("refunds", view)))
}

/// `POST /mandates/{id}/actions/cancel`.
pub(super) fn cancel_mandate(books: &mut Ledger, id: &str, body: &Value) -> Answer {
    let metadata = own_metadata(body)?;
    let mandate = books.mandates.get(id).ok_or_else(Problem::missing)?;
    if !mandate.usable() {
        return Err(Problem::state("cancellation_failed", "Mandate cannot be cancelled"));
    }
    let cause = by("api", "mandate_cancelled", "The mandate was cancelled at your request.");
    end(books, id, "cancelled", "cancelled", cause, Some(&metadata), json!({"mandate": id}));
    let mandate = books.mandates.get(id).ok_or_else(Problem::missing)?;
    Ok((200, envelope("mandates", views::mandate(mandate))))
}

/// Ends a mandate: its payments that were not sent yet are cancelled with it, and point to its event.
pub(super) fn end(
    books: &mut Ledger,
    id: &str,
    status: &'static str,
    action: &str,
    cause: Cause,
    metadata: Option<&Value>,
    links: Value,
) -> bool {
    let Some(mandate) = books.mandates.get_mut(id).filter(|mandate| mandate.usable()) else { return false };
    mandate.status = status;
    let own = mandate.metadata.clone();
    let parent = books.tell("mandates", action, links, cause, &own, metadata);
    let waits = |payment: &&Payment| payment.mandate.as_deref() == Some(id) && payment.status == "pending_submission";
    let waiting: Vec<String> = books.payments.values().filter(waits).map(|payment| payment.id.clone()).collect();
    for payment in waiting {
        let cause = by("gocardless", "mandate_cancelled", "The mandate for this payment was cancelled.");
        books.payment(&payment, Some("cancelled"), "cancelled", cause, &json!({"parent_event": parent}));
    }
    true
}

/// A customer with a bank account, as a flow leaves them.
pub(super) fn person(books: &mut Ledger) -> (String, String) {
    let now = books.now();
    let (customer, account) = (books.id("CU"), books.id("BA"));
    books.customers.insert(customer.clone(), now);
    books.accounts.insert(account.clone(), (customer.clone(), now));
    (customer, account)
}

/// A mandate that the banks have taken.
pub(super) fn activate(books: &mut Ledger, ask: &Ask, customer: &str, account: &str) -> String {
    let id = books.id("MD");
    let mandate = Mandate {
        id: id.clone(),
        status: "active",
        scheme: ask.scheme.clone(),
        customer: customer.to_owned(),
        account: account.to_owned(),
        metadata: ask.metadata.clone(),
        created: books.now(),
        new: None,
    };
    books.mandates.insert(id.clone(), mandate);
    for (action, cause) in [
        ("created", by("api", "mandate_created", "Mandate created via the API.")),
        ("submitted", by("gocardless", "mandate_submitted", "The mandate has been submitted to the banks.")),
        ("active", by("gocardless", "mandate_activated", "The mandate is now active.")),
    ] {
        books.tell("mandates", action, json!({"mandate": id}), cause, &ask.metadata, None);
    }
    id
}

/// The payment of a billing request. Unconfirmed: that it carries the payment request's metadata, and that it is taken by
/// a mandate of its own, which `Mandate.cs` calls `consumed` („only applies to schemes that are per-payment authorised").
pub(super) fn collect(books: &mut Ledger, ask: &Ask, customer: &str, account: &str, speed: Speed) -> String {
    let mandate = Mandate {
        id: books.id("MD"),
        status: "consumed",
        scheme: ask.scheme.clone(),
        customer: customer.to_owned(),
        account: account.to_owned(),
        metadata: json!({}),
        created: books.now(),
        new: None,
    };
    let taken_by = mandate.id.clone();
    books.mandates.insert(taken_by.clone(), mandate);
    let metadata = if books.setup.inherits_metadata { ask.metadata.clone() } else { json!({}) };
    let payment = Payment {
        id: books.id("PM"),
        amount: ask.amount,
        currency: ask.currency.clone(),
        status: "pending_submission",
        scheme: ask.scheme.clone(),
        description: ask.description.clone(),
        reference: Value::Null,
        metadata,
        mandate: Some(taken_by),
        customer: Some(customer.to_owned()),
        charge_date: day(books.now()),
        created: books.now(),
        retries: 0,
        collected: false,
        before: "pending_submission",
    };
    let id = payment.id.clone();
    books.payments.insert(id.clone(), payment);
    let none = json!({});
    books.payment(&id, None, "created", by("api", "payment_created", "Payment created via the API."), &none);
    let sent = by("gocardless", "payment_submitted", "Payment submitted to the banks.");
    books.payment(&id, Some("submitted"), "submitted", sent, &none);
    if speed == Speed::AtOnce {
        books.payment(&id, Some("confirmed"), "confirmed", CONFIRMED, &none);
    }
    id
}

/// Why a payment is confirmed.
pub(super) const CONFIRMED: Cause = by("gocardless", "payment_confirmed", "This payment is now confirmed.");
