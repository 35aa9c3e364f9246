//! The resources as GoCardless shows them.

use serde_json::{Value, json};

use super::{
    checks,
    ledger::{Ask, BillingRequest, Flow, Ledger, Mandate, Payment, Refund},
    time,
};
use crate::tools::DAY;

/// „Each flow currently lasts for 7 days" (`BillingRequestFlow.cs`).
pub(super) const FLOW: i64 = 7 * DAY;
/// The only creditor.
pub(super) const CREDITOR: &str = "CR000000000001";

pub(super) fn request(request: &BillingRequest) -> Value {
    let made = |ask: &Option<Ask>| ask.as_ref().and_then(|ask| ask.made.clone());
    let mut links = json!({"creditor": CREDITOR, "organisation": "OR000000000001"});
    let optional = [
        ("customer", request.customer.clone()),
        ("customer_bank_account", request.account.clone()),
        ("payment_request_payment", made(&request.payment)),
        ("mandate_request_mandate", made(&request.mandate)),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            links[name] = json!(value);
        }
    }
    json!({
        "id": request.id, "created_at": time(request.created), "status": request.status, "metadata": request.metadata,
        "fallback_enabled": false, "links": links, "actions": actions(request),
        "payment_request": request.payment.as_ref().map(|ask| json!({
            "amount": ask.amount, "currency": ask.currency, "description": ask.description, "scheme": ask.scheme,
            "metadata": ask.metadata, "app_fee": null, "links": {"payment": ask.made}})),
        "mandate_request": request.mandate.as_ref().map(|ask| json!({
            "currency": ask.currency, "scheme": ask.scheme, "description": ask.description, "metadata": ask.metadata,
            "verify": "recommended", "links": {"mandate": ask.made}})),
    })
}

fn actions(request: &BillingRequest) -> Value {
    let status = if request.status == "fulfilled" { "completed" } else { "pending" };
    let names = ["collect_customer_details", "collect_bank_account", "bank_authorisation"];
    names.iter().map(|name| json!({"type": name, "required": true, "status": status})).collect()
}

pub(super) fn flow(flow: &Flow) -> Value {
    json!({
        "id": flow.id, "created_at": time(flow.created), "expires_at": time(flow.created + FLOW),
        "authorisation_url": format!("https://pay-sandbox.gocardless.com/flow/static/billing_request?id={}", flow.id),
        "redirect_uri": flow.redirect_uri, "exit_uri": flow.exit_uri, "auto_fulfil": true, "lock_bank_account": false,
        "lock_customer_details": false, "lock_currency": false, "session_token": null,
        "links": {"billing_request": flow.request},
    })
}

pub(super) fn payment(payment: &Payment, books: &Ledger) -> Value {
    let mut links = json!({"creditor": CREDITOR});
    if let Some(mandate) = &payment.mandate {
        links["mandate"] = json!(mandate);
    }
    if payment.status == "paid_out" {
        links["payout"] = json!("PO000000000001");
    }
    json!({
        "id": payment.id, "created_at": time(payment.created), "charge_date": payment.charge_date,
        "amount": payment.amount, "amount_refunded": books.refunded(&payment.id), "currency": payment.currency,
        "description": payment.description, "reference": payment.reference, "status": payment.status,
        "scheme": payment.scheme, "metadata": payment.metadata, "retry_if_possible": false,
        "fx": {"fx_currency": payment.currency, "fx_amount": null, "exchange_rate": null,
            "estimated_exchange_rate": null},
        "links": links,
    })
}

pub(super) fn refund(refund: &Refund) -> Value {
    json!({
        "id": refund.id, "created_at": time(refund.created), "amount": refund.amount, "currency": refund.currency,
        "status": refund.status, "reference": refund.reference, "metadata": refund.metadata,
        "links": {"payment": refund.payment},
    })
}

pub(super) fn mandate(mandate: &Mandate) -> Value {
    json!({
        "id": mandate.id, "created_at": time(mandate.created), "reference": format!("REF-{}", mandate.id),
        "status": mandate.status, "scheme": mandate.scheme, "metadata": mandate.metadata,
        "next_possible_charge_date": mandate.usable().then(|| crate::tools::day(mandate.created + 5 * DAY)),
        "payments_require_approval": false,
        "links": {"creditor": CREDITOR, "customer": mandate.customer, "customer_bank_account": mandate.account,
            "new_mandate": mandate.new},
    })
}

/// The creditor (`Creditor.cs`), whose scheme is called `sepa` and not `sepa_core`.
pub(super) fn creditor() -> Value {
    let identifier = |scheme: &str, currency: &str, reference: &str| {
        json!({"name": "ACME", "scheme": scheme, "currency": currency, "reference": reference,
            "minimum_advance_notice": 3, "can_specify_mandate_reference": false})
    };
    json!({
        "id": CREDITOR, "created_at": "2026-01-01T00:00:00.000Z", "name": "Acme", "country_code": "DE",
        "verification_status": "successful", "can_create_refunds": true, "links": {},
        "scheme_identifiers": [
            identifier("bacs", "GBP", "420042"), identifier("sepa", "EUR", "DE98ZZZ09999999999")],
    })
}

pub(super) fn customer(id: &str, created: i64) -> Value {
    json!({
        "id": id, "created_at": time(created), "email": "jane@example.org", "given_name": "Jane",
        "family_name": "Doe", "company_name": null, "language": "de", "country_code": "DE", "metadata": {},
    })
}

pub(super) fn account(id: &str, customer: &str, created: i64) -> Value {
    json!({
        "id": id, "created_at": time(created), "account_holder_name": "JANE DOE", "account_number_ending": "00",
        "country_code": "DE", "currency": checks::currency_of("sepa_core"), "bank_name": "COMMERZBANK",
        "enabled": true, "metadata": {}, "links": {"customer": customer},
    })
}
