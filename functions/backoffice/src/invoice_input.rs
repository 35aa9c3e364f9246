//! Reads an invoice as it comes in: absent sellers are the tenant itself, and everything that is missing is named at
//! once, not only the first field.

use domain::{
    FieldErrors,
    invoice::{InvoiceFacts, Seller},
    number::InvoiceNumber,
    tenant::Company,
};
use einvoice::{Said, Source};
use serde_json::{Map, Value, json};
use web::{Problem, input::from_json};

/// An invoice that was read and checked.
#[derive(Debug, Clone)]
pub(crate) struct InvoiceInput {
    pub(crate) facts: InvoiceFacts,
    /// Did the body name its seller? If not, a re-send keeps the one that was frozen into the invoice.
    pub(crate) names_seller: bool,
    /// Does it go to its customer by mail? That is no part of the facts: they never change, and this may come later.
    pub(crate) notify: bool,
}

/// Fields without which a body is no invoice, with a harmless stand-in that lets the rest be read and checked too.
fn needed() -> [(&'static str, Value); 9] {
    let nothing = json!({"amount": "0", "currency": "EUR"});
    [
        ("customer", json!("-")),
        ("issued_on", json!("1970-01-01")),
        ("due_on", json!("1970-01-01")),
        ("buyer", json!({})),
        ("lines", json!([])),
        ("taxes", json!([])),
        ("net", nothing.clone()),
        ("tax", nothing.clone()),
        ("gross", nothing),
    ]
}

/// The same for one line.
fn needed_in_line() -> [(&'static str, Value); 6] {
    [
        ("description", json!("")),
        ("quantity", json!("0")),
        ("unit_price", json!("0")),
        ("tax_category", json!("Z")),
        ("tax_rate", json!("0")),
        ("net", json!({"amount": "0", "currency": "EUR"})),
    ]
}

/// Reads a body.
///
/// # Errors
/// Every field that is missing or wrong.
pub(crate) fn read(mut value: Value, number: &InvoiceNumber, company: &Company) -> Result<InvoiceInput, Problem> {
    let Some(body) = value.as_object_mut() else { return Err(Problem::malformed("body", "must be a JSON object")) };
    let names_seller = body.contains_key("seller");
    if !names_seller {
        let seller = serde_json::to_value(seller(company)).map_err(|error| Problem::Internal(error.to_string()))?;
        body.insert("seller".to_owned(), seller);
    }
    let mut missing = FieldErrors::default();
    let notify = match body.remove("notify") {
        None | Some(Value::Null) => false,
        Some(Value::Bool(notify)) => notify,
        Some(_) => return Err(FieldErrors::one("notify", "invalid", "must be true or false").into()),
    };
    fill(body, &needed(), "", &mut missing);
    for (position, line) in body.get_mut("lines").and_then(Value::as_array_mut).into_iter().flatten().enumerate() {
        if let Some(line) = line.as_object_mut() {
            fill(line, &needed_in_line(), &format!("lines[{position}]."), &mut missing);
        }
    }
    let facts: InvoiceFacts = match from_json(value.to_string().as_bytes()) {
        Ok(facts) => facts,
        Err(problem) => {
            missing.0.extend(problem.errors());
            return Err(Problem::Invalid(missing));
        }
    };
    if let Err(wrong) = facts.check() {
        // A stand-in is not the sender's mistake; parts of an absent buyer still are, and each is named.
        let is_whole = missing.0.is_empty();
        let more: Vec<_> = wrong.0.into_iter().filter(|error| error.code == "missing" || is_whole).collect();
        missing.0.retain(|error| !more.iter().any(|other| other.field == error.field));
        missing.0.extend(more);
    }
    missing.into_result()?;
    // What is taken here must be rendered later; whether a sandbox's makes no difference to the rules.
    einvoice::check(Source { said: Said::Invoice(number, &facts), register: &company.register, sandbox: false })?;
    Ok(InvoiceInput { facts, names_seller, notify })
}

fn fill(body: &mut Map<String, Value>, needed: &[(&str, Value)], at: &str, missing: &mut FieldErrors) {
    for (name, stand_in) in needed {
        if body.get(*name).is_none_or(Value::is_null) {
            missing.missing(format!("{at}{name}"), "is needed");
            body.insert((*name).to_owned(), stand_in.clone());
        }
    }
}

/// The tenant as seller, frozen into the invoice when it is issued.
fn seller(company: &Company) -> Seller {
    let company = company.clone();
    Seller {
        name: company.name,
        street: company.street,
        postal_code: company.postal_code,
        city: company.city,
        country: company.country,
        tax_number: company.tax_number,
        vat_id: company.vat_id,
        email: company.email,
        phone: company.phone,
        bank: company.bank,
    }
}
