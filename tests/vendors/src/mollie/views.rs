//! The resources as Mollie shows them.

use serde_json::{Map, Value, json};

use super::{
    checks,
    ledger::{Chargeback, Customer, Mandate, Payment, Refund, Status},
    time,
};

/// The only profile of the account.
const PROFILE: &str = "pfl_QkEhN94Ba";

/// A link to another resource.
fn hal(href: String) -> Value {
    json!({"href": href, "type": "application/hal+json"})
}

/// A link to a page.
fn page(href: String) -> Value {
    json!({"href": href, "type": "text/html"})
}

fn documentation(name: &str) -> Value {
    page(format!("https://docs.mollie.com/reference/{name}"))
}

fn money(minor: i64, currency: &str) -> Value {
    json!({"currency": currency, "value": checks::written(minor, currency)})
}

/// A payment. What a state does not have is left out, not null.
pub(super) fn payment(payment: &Payment, base: &str) -> Value {
    let mut view = json!({
        "resource": "payment", "id": payment.id, "mode": "test", "createdAt": time(payment.created),
        "amount": money(payment.minor, &payment.currency), "description": payment.description,
        "method": payment.method, "metadata": payment.metadata, "status": payment.status.word(),
        "profileId": PROFILE, "sequenceType": payment.sequence, "redirectUrl": payment.redirect_url,
        "_links": payment_links(payment, base),
    });
    let optional = [
        ("cancelUrl", &payment.cancel_url),
        ("webhookUrl", &payment.webhook_url),
        ("locale", &payment.locale),
        ("customerId", &payment.customer),
        ("mandateId", &payment.mandate),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            view[name] = json!(value);
        }
    }
    if !payment.status.last() {
        view["isCancelable"] = json!(payment.cancelable);
    }
    if payment.status == Status::Open
        && let Some(expires) = payment.expires
    {
        view["expiresAt"] = json!(time(expires));
    }
    if let Some(field) = payment.status.field() {
        view[field] = json!(time(payment.reached));
    }
    if payment.status == Status::Paid {
        view["amountRefunded"] = money(payment.refunded(), &payment.currency);
        view["amountRemaining"] = money(payment.remaining(), &payment.currency);
        if payment.charged_back() != 0 {
            view["amountChargedBack"] = money(payment.charged_back(), &payment.currency);
        }
    }
    if let Some(failure) = payment.failure {
        view["details"] = json!({"failureReason": failure, "failureMessage": "The payment was declined."});
    }
    view
}

fn payment_links(payment: &Payment, base: &str) -> Value {
    let id = &payment.id;
    let mut links = json!({
        "self": hal(format!("{base}/payments/{id}")),
        "dashboard": page(format!("https://www.mollie.com/dashboard/org_12345678/payments/{id}")),
        "documentation": documentation("get-payment"),
    });
    if payment.status == Status::Open && payment.sequence != "recurring" {
        links["checkout"] = page(format!("https://www.mollie.com/checkout/select-method/{}", id.replace("tr_", "")));
    }
    if payment.sequence == "recurring" || payment.status == Status::Paid {
        links["changePaymentState"] = page(format!("https://www.mollie.com/checkout/test-mode?token=3.{id}"));
    }
    if !payment.refunds.is_empty() {
        links["refunds"] = hal(format!("{base}/payments/{id}/refunds"));
    }
    if !payment.chargebacks.is_empty() {
        links["chargebacks"] = hal(format!("{base}/payments/{id}/chargebacks"));
    }
    if let Some(customer) = &payment.customer {
        links["customer"] = hal(format!("{base}/customers/{customer}"));
        if let Some(mandate) = &payment.mandate {
            links["mandate"] = hal(format!("{base}/customers/{customer}/mandates/{mandate}"));
        }
    }
    links
}

pub(super) fn refund(refund: &Refund, base: &str) -> Value {
    let payment = &refund.payment;
    json!({
        "resource": "refund", "id": refund.id, "mode": "test", "description": refund.description,
        "amount": money(refund.minor, &refund.currency), "metadata": refund.metadata, "status": refund.status,
        "paymentId": payment, "createdAt": time(refund.created),
        "_links": {
            "self": hal(format!("{base}/payments/{payment}/refunds/{}", refund.id)),
            "payment": hal(format!("{base}/payments/{payment}")),
            "documentation": documentation("get-refund"),
        },
    })
}

pub(super) fn chargeback(back: &Chargeback, base: &str) -> Value {
    let payment = &back.payment;
    json!({
        "resource": "chargeback", "id": back.id, "amount": money(back.minor, &back.currency), "reason": null,
        "paymentId": payment, "createdAt": time(back.created), "reversedAt": back.reversed.map(time),
        "_links": {
            "self": hal(format!("{base}/payments/{payment}/chargebacks/{}", back.id)),
            "payment": hal(format!("{base}/payments/{payment}")),
            "documentation": documentation("get-chargeback"),
        },
    })
}

pub(super) fn customer(customer: &Customer, base: &str) -> Value {
    let id = &customer.id;
    json!({
        "resource": "customer", "id": id, "mode": "test", "name": customer.name, "email": customer.email,
        "locale": customer.locale, "metadata": customer.metadata, "createdAt": time(customer.created),
        "_links": {
            "self": hal(format!("{base}/customers/{id}")),
            "dashboard": page(format!("https://www.mollie.com/dashboard/org_12345678/customers/{id}")),
            "documentation": documentation("get-customer"),
        },
    })
}

pub(super) fn mandate(mandate: &Mandate, base: &str) -> Value {
    let (id, customer) = (&mandate.id, &mandate.customer);
    json!({
        "resource": "mandate", "id": id, "mode": "test", "status": mandate.status, "method": mandate.method,
        "details": mandate.details, "mandateReference": mandate.reference, "signatureDate": mandate.signed,
        "customerId": customer, "createdAt": time(mandate.created),
        "_links": {
            "self": hal(format!("{base}/customers/{customer}/mandates/{id}")),
            "customer": hal(format!("{base}/customers/{customer}")),
            "documentation": documentation("get-mandate"),
        },
    })
}

/// The profile, as `entity-profile` of the specification has it.
pub(super) fn profile(base: &str) -> Value {
    json!({
        "resource": "profile", "id": PROFILE, "mode": "test", "name": "Webhosting AG",
        "website": "https://portal.example", "email": "info@portal.example", "status": "verified",
        "createdAt": "2024-03-20T09:13:37+00:00",
        "_links": { "self": hal(format!("{base}/profiles/{PROFILE}")), "documentation": documentation("get-profile") },
    })
}

/// One page of a list. `next` is the id that the following page begins with.
pub(super) fn list(name: &str, items: Vec<Value>, at: &str, limit: usize, next: Option<&str>) -> Value {
    let mut embedded = Map::new();
    let count = items.len();
    embedded.insert(name.to_owned(), Value::Array(items));
    json!({
        "count": count, "_embedded": embedded,
        "_links": {
            "self": hal(format!("{at}?limit={limit}")), "previous": null,
            "next": next.map(|from| hal(format!("{at}?from={from}&limit={limit}"))),
            "documentation": documentation("list-payments"),
        },
    })
}
