//! The objects that money moves with: charges, refunds, disputes, changes of the balance.

use serde_json::{Map, Value, json};

use super::{
    books::{Books, word},
    objects::with_nulls,
};

/// `charge` of an intent with a method. A charge that is no card's has an id with another prefix.
pub(super) fn charge(books: &mut Books, intent: &str, method: &str, status: &str) -> Value {
    const UNSET: [&str; 18] = [
        "application",
        "application_fee",
        "application_fee_amount",
        "balance_transaction",
        "failure_balance_transaction",
        "failure_code",
        "failure_message",
        "on_behalf_of",
        "receipt_email",
        "receipt_number",
        "review",
        "shipping",
        "source",
        "source_transfer",
        "statement_descriptor",
        "statement_descriptor_suffix",
        "transfer_data",
        "transfer_group",
    ];
    let of = books.get(intent).clone();
    let kind = books.text(method, "type");
    let mut details = json!({ "type": kind });
    details[&kind] = books.get(method)[&kind].clone();
    let done = status == "succeeded";
    let rest = json!({
        "id": books.id(if kind == "card" { "ch_" } else { "py_" }),
        "object": "charge",
        "amount": of["amount"],
        "amount_captured": if done { of["amount"].clone() } else { json!(0) },
        "amount_refunded": 0,
        "billing_details": books.get(method)["billing_details"],
        "calculated_statement_descriptor": "PORTAL",
        "captured": status != "failed",
        "created": books.now,
        "currency": of["currency"],
        "customer": of["customer"],
        "description": of["description"],
        "disputed": false,
        "fraud_details": {},
        "livemode": books.live,
        // The intent's metadata is copied when the charge is made.
        "metadata": of["metadata"],
        "outcome": outcome(status),
        "paid": done,
        "payment_intent": intent,
        "payment_method": method,
        "payment_method_details": details,
        "radar_options": {},
        "receipt_url": if done { json!("https://pay.stripe.com/receipts/payment/test") } else { Value::Null },
        "refunded": false,
        "status": status,
    });
    with_nulls(&UNSET, rest)
}

fn outcome(status: &str) -> Value {
    let declined = status == "failed";
    json!({
        "advice_code": null,
        "network_advice_code": null,
        "network_decline_code": if declined { json!("05") } else { Value::Null },
        "network_status": if declined { "declined_by_network" } else { "approved_by_network" },
        "reason": if declined { json!("generic_decline") } else { Value::Null },
        "risk_level": "normal",
        "risk_score": 12,
        "seller_message": if declined { "The bank did not return any further details with this decline." }
            else { "Payment complete." },
        "type": if declined { "issuer_declined" } else { "authorized" },
    })
}

/// `refund` of a charge.
pub(super) fn refund(
    books: &mut Books,
    charge: &str,
    amount: i64,
    metadata: Map<String, Value>,
    reason: Value,
) -> Value {
    let of = books.get(charge).clone();
    let card = charge.starts_with("ch_");
    let destination = if card {
        let card = json!({ "reference_status": "pending", "reference_type": "acquirer_reference_number",
            "type": "refund" });
        json!({ "card": card, "type": "card" })
    } else {
        json!({ "type": "sepa_debit" })
    };
    json!({
        "id": books.id(if card { "re_" } else { "pyr_" }),
        "object": "refund",
        "amount": amount,
        "balance_transaction": null,
        "charge": charge,
        "created": books.now,
        "currency": of["currency"],
        "customer": of["customer"],
        "customer_account": null,
        "destination_details": destination,
        "metadata": metadata,
        "payment_intent": of["payment_intent"],
        "payment_method": of["payment_method"],
        "reason": reason,
        "receipt_number": null,
        "source_transfer_reversal": null,
        "status": "succeeded",
        "transfer_reversal": null,
    })
}

/// `dispute` of a charge.
pub(super) fn dispute(books: &mut Books, charge: &str, amount: i64, status: &str) -> Value {
    const EVIDENCE: [&str; 12] = [
        "access_activity_log",
        "billing_address",
        "cancellation_policy",
        "customer_communication",
        "customer_email_address",
        "customer_name",
        "customer_purchase_ip",
        "customer_signature",
        "product_description",
        "receipt",
        "refund_policy",
        "uncategorized_text",
    ];
    let of = books.get(charge).clone();
    let evidence: Map<String, Value> = EVIDENCE.iter().map(|name| ((*name).to_owned(), Value::Null)).collect();
    let kind = word(&of["payment_method_details"], "type");
    let details = if kind == "card" {
        json!({ "card": { "brand": "visa", "case_type": "chargeback", "network_reason_code": "10" }, "type": "card" })
    } else {
        Value::Null
    };
    json!({
        "id": books.id("du_"),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charge,
        "created": books.now,
        "currency": of["currency"],
        "enhanced_eligibility_types": [],
        "evidence": evidence,
        "evidence_details": { "due_by": books.now + 7 * 86_400, "enhanced_eligibility": {}, "has_evidence": false,
            "past_due": false, "submission_count": 0 },
        "is_charge_refundable": status.starts_with("warning"),
        "livemode": books.live,
        "metadata": {},
        "network_reason_code": "10",
        "payment_intent": of["payment_intent"],
        "payment_method_details": details,
        "reason": "fraudulent",
        "status": status,
    })
}

/// `balance_transaction`
pub(super) fn balance_transaction(books: &mut Books, amount: i64, source: &str, kind: &str) -> Value {
    // A card payment in the EEA, and a dispute, cost about this.
    let fee = match kind {
        "charge" => amount * 15 / 1000 + 25,
        "dispute" => 2000,
        _ => 0,
    };
    json!({
        "id": books.id("txn_"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": books.now + 7 * 86_400,
        "created": books.now,
        "currency": books.get(source)["currency"],
        "description": null,
        "exchange_rate": null,
        "fee": fee,
        "fee_details": [],
        "net": amount - fee,
        "reporting_category": kind,
        "source": source,
        "status": "pending",
        "type": if kind == "dispute" || kind == "dispute_reversal" { "adjustment" } else { kind },
    })
}
