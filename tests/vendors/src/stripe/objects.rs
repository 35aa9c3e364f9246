//! Stripe's objects with the fields its newest version documents, so that an adapter meets what it will meet there
//! (docs.stripe.com/api/…/object; fields compared with stripe-python 16.1.0).

use serde_json::{Map, Value, json};

use super::books::Books;

/// What a customer can pay with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Means<'a> {
    Card { brand: &'a str, last4: &'a str, exp: (i64, i64) },
    SepaDebit { last4: &'a str },
}

/// The card and the account people pay with when nothing else is said.
pub(super) const CARD: Means<'static> = Means::Card { brand: "visa", last4: "4242", exp: (12, 2031) };
pub(super) const DEBIT: Means<'static> = Means::SepaDebit { last4: "3000" };

/// An object with some fields that are null.
pub(super) fn with_nulls(nulls: &[&str], rest: Value) -> Value {
    let mut row: Map<String, Value> = nulls.iter().map(|name| ((*name).to_owned(), Value::Null)).collect();
    if let Value::Object(rest) = rest {
        row.extend(rest);
    }
    Value::Object(row)
}

fn billing() -> Value {
    json!({
        "address": { "city": null, "country": "DE", "line1": null, "line2": null, "postal_code": null, "state": null },
        "email": "kim@example.com",
        "name": "Kim Beispiel",
        "phone": null,
        "tax_id": null,
    })
}

/// `payment_method`
pub(super) fn method(books: &mut Books, means: Means<'_>) -> Value {
    let mut row = json!({
        "id": books.id("pm_"),
        "object": "payment_method",
        "allow_redisplay": "limited",
        "billing_details": billing(),
        "created": books.now,
        "customer": null,
        "customer_account": null,
        "livemode": books.live,
        "metadata": {},
    });
    match means {
        Means::Card { brand, last4, exp } => {
            row["type"] = json!("card");
            row["card"] = json!({
                "brand": brand,
                "checks": { "address_line1_check": null, "address_postal_code_check": null, "cvc_check": "pass" },
                "country": "DE",
                "display_brand": brand,
                "exp_month": exp.0,
                "exp_year": exp.1,
                "fingerprint": "Xt5EWLLDS7FJjR1c",
                "funding": "credit",
                "generated_from": null,
                "last4": last4,
                "networks": { "available": [brand], "preferred": null },
                "regulated_status": "unregulated",
                "three_d_secure_usage": { "supported": true },
                "wallet": null,
            });
        }
        Means::SepaDebit { last4 } => {
            row["type"] = json!("sepa_debit");
            row["sepa_debit"] = json!({
                "bank_code": "37040044",
                "branch_code": "",
                "country": "DE",
                "fingerprint": "vifs0Ho7vwRn1Miu",
                "generated_from": { "charge": null, "setup_attempt": null },
                "last4": last4,
            });
        }
    }
    row
}

/// What a payment intent is made of.
#[derive(Debug)]
pub(super) struct Wish {
    pub(super) amount: i64,
    pub(super) currency: String,
    pub(super) customer: Value,
    pub(super) description: Value,
    pub(super) metadata: Map<String, Value>,
    pub(super) types: Value,
    pub(super) later: Value,
}

/// `payment_intent`, before anybody tried to pay.
pub(super) fn intent(books: &mut Books, wish: Wish) -> Value {
    const UNSET: [&str; 21] = [
        "allowed_payment_method_types",
        "application",
        "application_fee_amount",
        "canceled_at",
        "cancellation_reason",
        "customer_account",
        "excluded_payment_method_types",
        "last_payment_error",
        "latest_charge",
        "next_action",
        "on_behalf_of",
        "payment_method",
        "processing",
        "receipt_email",
        "review",
        "shipping",
        "source",
        "statement_descriptor",
        "statement_descriptor_suffix",
        "transfer_data",
        "transfer_group",
    ];
    let id = books.id("pi_");
    let rest = json!({
        "id": id,
        "object": "payment_intent",
        "amount": wish.amount,
        "amount_capturable": 0,
        "amount_details": { "tip": {} },
        "amount_received": 0,
        "automatic_payment_methods": { "allow_redirects": "always", "enabled": true },
        "capture_method": "automatic_async",
        "client_secret": format!("{id}_secret_test"),
        "confirmation_method": "automatic",
        "created": books.now,
        "currency": wish.currency,
        "customer": wish.customer,
        "description": wish.description,
        "livemode": books.live,
        "metadata": wish.metadata,
        "payment_method_configuration_details": { "id": "pmc_test", "parent": null },
        "payment_method_options": {},
        "payment_method_types": wish.types,
        "setup_future_usage": wish.later,
        "status": "requires_payment_method",
    });
    with_nulls(&UNSET, rest)
}

/// `setup_intent`
pub(super) fn setup(books: &mut Books, customer: &Value, metadata: Map<String, Value>, types: &Value) -> Value {
    let id = books.id("seti_");
    json!({
        "id": id,
        "object": "setup_intent",
        "allowed_payment_method_types": null,
        "application": null,
        "automatic_payment_methods": null,
        "cancellation_reason": null,
        "client_secret": format!("{id}_secret_test"),
        "created": books.now,
        "customer": customer,
        "customer_account": null,
        "description": null,
        "excluded_payment_method_types": null,
        "flow_directions": null,
        "last_setup_error": null,
        "latest_attempt": null,
        "livemode": books.live,
        "mandate": null,
        "metadata": metadata,
        "next_action": null,
        "on_behalf_of": null,
        "payment_method": null,
        "payment_method_configuration_details": null,
        "payment_method_options": {},
        "payment_method_types": types,
        "single_use_mandate": null,
        "status": "requires_payment_method",
        "usage": "off_session",
    })
}

/// `mandate` for a method.
pub(super) fn mandate(books: &mut Books, reference: &str, method: &str) -> Value {
    json!({
        "id": books.id("mandate_"),
        "object": "mandate",
        "customer_acceptance": { "accepted_at": books.now, "online": { "ip_address": "203.0.113.7",
            "user_agent": "Mozilla/5.0" }, "type": "online" },
        "livemode": books.live,
        "multi_use": {},
        "payment_method": method,
        "payment_method_details": { "sepa_debit": { "reference": reference,
            "url": format!("https://hooks.stripe.com/adapter/sepa_debit/file/{reference}") }, "type": "sepa_debit" },
        "status": "active",
        "type": "multi_use",
    })
}

/// `customer`
pub(super) fn customer(books: &mut Books) -> Value {
    json!({
        "id": books.id("cus_"),
        "object": "customer",
        "address": null,
        "balance": 0,
        "created": books.now,
        "currency": null,
        "customer_account": null,
        "default_source": null,
        "delinquent": false,
        "description": null,
        "discount": null,
        "email": null,
        "invoice_prefix": "0759376C",
        "invoice_settings": { "custom_fields": null, "default_payment_method": null, "footer": null,
            "rendering_options": null },
        "livemode": books.live,
        "metadata": {},
        "name": null,
        "next_invoice_sequence": 1,
        "phone": null,
        "preferred_locales": [],
        "shipping": null,
        "tax_exempt": "none",
        "test_clock": null,
    })
}

/// `account`, the merchant's own.
pub(super) fn account(books: &Books) -> Value {
    json!({
        "id": books.account,
        "object": "account",
        "business_type": "company",
        "capabilities": { "card_payments": "active", "sepa_debit_payments": "active", "transfers": "active" },
        "charges_enabled": true,
        "country": "DE",
        "default_currency": "eur",
        "details_submitted": true,
        "email": "shop@example.com",
        "metadata": {},
        "payouts_enabled": true,
        "settings": { "dashboard": { "display_name": "Portal", "timezone": "Europe/Berlin" } },
        "type": "standard",
    })
}
