//! Reads an invoice as it comes in.

use domain::{FieldErrors, invoice::InvoiceFacts, number::InvoiceNumber, tenant::Company};
use einvoice::{Said, Source};
use serde_json::{Value, json};
use web::Problem;

use crate::{
    facts_input::{Needed, fill, fill_rows, name_seller, needed_in_line, no_amount, no_day, parsed, together},
    notify,
};

/// An invoice that was read and checked.
#[derive(Debug, Clone)]
pub(crate) struct InvoiceInput {
    pub(crate) facts: InvoiceFacts,
    /// Did the body name its seller? If not, a re-send keeps the one that was frozen into the invoice.
    pub(crate) names_seller: bool,
    /// Does it go to its customer by mail?
    pub(crate) notify: bool,
}

/// Fields without which a body is no invoice.
fn needed() -> [Needed; 9] {
    [
        ("customer", json!("-")),
        ("issued_on", no_day()),
        ("due_on", no_day()),
        ("buyer", json!({})),
        ("lines", json!([])),
        ("taxes", json!([])),
        ("net", no_amount()),
        ("tax", no_amount()),
        ("gross", no_amount()),
    ]
}

/// Reads a body.
///
/// # Errors
/// Every field that is missing or wrong.
pub(crate) fn read(value: Value, number: &InvoiceNumber, company: &Company) -> Result<InvoiceInput, Problem> {
    let Value::Object(mut body) = value else { return Err(Problem::malformed("body", "must be a JSON object")) };
    let names_seller = name_seller(&mut body, company)?;
    let mut missing = FieldErrors::default();
    let notify = notify::taken(&mut body)?;
    fill(&mut body, &needed(), "", &mut missing);
    fill_rows(&mut body, "lines", &needed_in_line(), &mut missing);
    let facts: InvoiceFacts = parsed(body, &missing)?;
    together(missing, facts.check())?;
    // What is taken here must be rendered later; whether a sandbox's makes no difference to the rules.
    einvoice::check(Source { said: Said::Invoice(number, &facts), register: &company.register, sandbox: false })?;
    Ok(InvoiceInput { facts, names_seller, notify })
}
