//! What reading an invoice and reading another document have in common: an absent seller is the tenant itself, and
//! everything that is missing is named at once, not only the first field.

use domain::{FieldErrors, invoice::Seller, tenant::Company};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use web::{Problem, input::from_json};

/// A field without which a body says too little, with a harmless stand-in that lets the rest be read and checked too.
pub(crate) type Needed = (&'static str, Value);

/// Stands in for an amount.
pub(crate) fn no_amount() -> Value {
    json!({"amount": "0", "currency": "EUR"})
}

/// Stands in for a day.
pub(crate) fn no_day() -> Value {
    json!("1970-01-01")
}

/// What a line with a price needs.
pub(crate) fn needed_in_line() -> Vec<Needed> {
    vec![
        ("description", json!("")),
        ("quantity", json!("0")),
        ("unit_price", json!("0")),
        ("tax_category", json!("Z")),
        ("tax_rate", json!("0")),
        ("net", no_amount()),
    ]
}

/// Makes the tenant the seller of a body that names none; says whether it named one.
///
/// # Errors
/// When the company's data cannot be written.
pub(crate) fn name_seller(body: &mut Map<String, Value>, company: &Company) -> Result<bool, Problem> {
    if body.contains_key("seller") {
        return Ok(true);
    }
    let seller = serde_json::to_value(seller(company)).map_err(|error| Problem::Internal(error.to_string()))?;
    body.insert("seller".to_owned(), seller);
    Ok(false)
}

/// Names what is missing and puts its stand-in there.
pub(crate) fn fill(body: &mut Map<String, Value>, needed: &[Needed], at: &str, missing: &mut FieldErrors) {
    for (name, stand_in) in needed {
        if body.get(*name).is_none_or(Value::is_null) {
            missing.missing(format!("{at}{name}"), "is needed");
            body.insert((*name).to_owned(), stand_in.clone());
        }
    }
}

/// The same in every row of a list.
pub(crate) fn fill_rows(body: &mut Map<String, Value>, list: &str, needed: &[Needed], missing: &mut FieldErrors) {
    for (position, row) in body.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten().enumerate() {
        if let Some(row) = row.as_object_mut() {
            fill(row, needed, &format!("{list}[{position}]."), missing);
        }
    }
}

/// Reads a filled body. What it cannot read is named together with what is missing.
///
/// # Errors
/// As [`from_json`], together with what is missing.
pub(crate) fn parsed<T: DeserializeOwned>(body: Map<String, Value>, missing: &FieldErrors) -> Result<T, Problem> {
    from_json(Value::Object(body).to_string().as_bytes()).map_err(|problem| {
        let mut errors = missing.clone();
        errors.0.extend(problem.errors());
        Problem::Invalid(errors)
    })
}

/// What is missing together with what the check says. A stand-in is not the sender's mistake; parts of an absent buyer still
/// are, and each is named.
///
/// # Errors
/// Everything that is missing or wrong.
pub(crate) fn together(mut missing: FieldErrors, checked: Result<(), FieldErrors>) -> Result<(), FieldErrors> {
    if let Err(wrong) = checked {
        let is_whole = missing.0.is_empty();
        let more: Vec<_> = wrong.0.into_iter().filter(|error| error.code == "missing" || is_whole).collect();
        missing.0.retain(|error| !more.iter().any(|other| other.field == error.field));
        missing.0.extend(more);
    }
    missing.into_result()
}

/// The tenant as seller, frozen into the document when it is issued.
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
