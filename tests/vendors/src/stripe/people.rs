//! Customers and their saved methods.

use serde_json::{Value, json};

use super::{books::Books, door::Call, look, objects, refuse::Refusal};

const PLAYED: [&str; 11] = [
    "name",
    "email",
    "description",
    "phone",
    "metadata/*",
    "preferred_locales/*",
    "address/*",
    "individual_name",
    "business_name",
    "expand/*",
    "tax_exempt",
];

const KNOWN: [&str; 12] = [
    "balance",
    "cash_balance",
    "invoice_prefix",
    "invoice_settings",
    "next_invoice_sequence",
    "payment_method",
    "shipping",
    "source",
    "tax",
    "tax_id_data",
    "test_clock",
    "validate",
];

/// `POST /v1/customers` and `POST /v1/customers/{id}`
pub(super) fn customer(books: &mut Books, call: &Call, id: Option<&str>) -> Result<Value, Refusal> {
    let params = &call.params;
    params.only(&PLAYED, &KNOWN)?;
    let metadata = params.metadata("metadata")?;
    let mut changes = json!({});
    for (name, most) in [("name", 256), ("email", 512), ("description", 350), ("phone", 20)] {
        if params.has(name) {
            changes[name] = json!(params.short(name, most)?);
        }
    }
    if changes["email"].as_str().is_some_and(|email| !email.contains('@')) {
        let message = format!("Invalid email address: {}", changes["email"].as_str().unwrap_or_default());
        return Err(Refusal::parameter(Some("email_invalid"), "email", &message));
    }
    let fresh = id.is_none();
    let id = match id {
        Some(id) if books.is("customer", id) => id.to_owned(),
        Some(id) => return Err(Refusal::no_such("customer", id, "customer", true)),
        None => {
            let row = objects::customer(books);
            books.add(row)
        }
    };
    let known = books.get(&id)["metadata"].clone();
    let mut merged = known.as_object().cloned().unwrap_or_default();
    for (key, value) in metadata {
        // An empty value unsets a key.
        if value == "" {
            merged.remove(&key);
        } else {
            merged.insert(key, value);
        }
    }
    changes["metadata"] = json!(merged);
    books.set(&id, changes);
    books.tell(if fresh { "customer.created" } else { "customer.updated" }, &id);
    Ok(books.get(&id).clone())
}

/// `GET /v1/customers/{id}/payment_methods`
pub(super) fn methods(books: &Books, call: &Call, id: &str) -> Result<Value, Refusal> {
    if !books.is("customer", id) {
        return Err(Refusal::no_such("customer", id, "customer", true));
    }
    look::list_of(books, call, "payment_method", &["type"], Some(id))
}

/// `POST /v1/payment_methods/{id}/detach`
pub(super) fn detach(books: &mut Books, call: &Call, id: &str) -> Result<Value, Refusal> {
    call.params.only(&["expand/*"], &[])?;
    if !books.is("payment_method", id) {
        return Err(Refusal::no_such("payment_method", id, "payment_method", true));
    }
    if books.get(id)["customer"].is_null() {
        let message = "The payment method you provided is not attached to a customer so detachment is impossible.";
        return Err(Refusal::state(None, message));
    }
    let_go(books, id);
    Ok(books.get(id).clone())
}

/// Ends the bond between a method and its customer; it can never be used again, nor can its mandates.
pub(super) fn let_go(books: &mut Books, id: &str) {
    let owner = books.get(id)["customer"].clone();
    books.set(id, json!({ "customer": null }));
    books.tell_with("payment_method.detached", id, Some(json!({ "customer": owner })));
}

/// Bonds a method to a customer.
pub(super) fn attach(books: &mut Books, id: &str, customer: &Value) {
    books.set(id, json!({ "customer": customer }));
    books.tell("payment_method.attached", id);
}
