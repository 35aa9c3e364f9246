//! Reads a document beside invoices as it comes in: flat, its kind said by the address.

use domain::{
    FieldErrors,
    document::{Confirmation, Content, CreditNote, DocumentFacts, DocumentType, Letter, Listing, Offer},
    tenant::Company,
};
use serde_json::{Map, Value, json};
use web::Problem;

use crate::{
    facts_input::{Needed, fill, fill_rows, name_seller, needed_in_line, no_amount, no_day, parsed, together},
    notify,
};

/// Lines and sums, which some kinds have.
const LISTING: [&str; 4] = ["lines", "taxes", "net", "tax"];

/// A document that was read and checked.
#[derive(Debug, Clone)]
pub(crate) struct DocumentInput {
    pub(crate) facts: DocumentFacts,
    /// Did the body name its seller? If not, a re-send keeps the one that was frozen into the document.
    pub(crate) names_seller: bool,
    /// Does it go to its customer by mail?
    pub(crate) notify: bool,
}

/// Fields without which a body is no document of a kind; of one that is only a PDF what the portal acts on.
fn needed(kind: DocumentType, uploaded: bool) -> Vec<Needed> {
    let mut needed = vec![("customer", json!("-")), ("issued_on", no_day())];
    if !uploaded {
        needed.push(("buyer", json!({})));
    }
    let has_prices = Content::fields(kind).contains(&"lines");
    if has_prices && !uploaded {
        needed.extend([("lines", json!([])), ("taxes", json!([])), ("net", no_amount()), ("tax", no_amount())]);
    }
    match kind {
        DocumentType::CreditNote => needed.push(("gross", no_amount())),
        DocumentType::Offer => needed.push(("valid_until", no_day())),
        DocumentType::Dunning => needed.extend([("level", json!(1)), ("total", no_amount()), ("pay_by", no_day())]),
        DocumentType::Confirmation | DocumentType::DeliveryNote | DocumentType::Invoice => {}
    }
    match kind {
        DocumentType::Offer | DocumentType::Confirmation if !uploaded => needed.push(("gross", no_amount())),
        DocumentType::Dunning if !uploaded => needed.push(("invoices", json!([]))),
        DocumentType::DeliveryNote if !uploaded => needed.push(("items", json!([]))),
        _ => {}
    }
    needed
}

/// Reads a body.
///
/// # Errors
/// Every field that is missing, wrong or none of the kind's.
pub(crate) fn read(kind: DocumentType, value: Value, company: &Company) -> Result<DocumentInput, Problem> {
    let Value::Object(mut body) = value else { return Err(Problem::malformed("body", "must be a JSON object")) };
    let notify = notify::taken(&mut body)?;
    check_fields(kind, &mut body)?;
    let names_seller = name_seller(&mut body, company)?;
    let uploaded = body.get("uploaded") == Some(&Value::Bool(true));
    let mut missing = FieldErrors::default();
    fill(&mut body, &needed(kind, uploaded), "", &mut missing);
    fill_rows(&mut body, "lines", &needed_in_line(), &mut missing);
    let dunned = [("number", json!("-")), ("issued_on", no_day()), ("due_on", no_day()), ("open", no_amount())];
    fill_rows(&mut body, "invoices", &dunned, &mut missing);
    fill_rows(&mut body, "items", &[("description", json!("")), ("quantity", json!("0"))], &mut missing);
    let own = taken(&mut body, Content::fields(kind));
    let letter: Letter = parsed(body, &missing)?;
    let facts = DocumentFacts { letter, content: content(kind, own, &missing)? };
    together(missing, facts.check())?;
    Ok(DocumentInput { facts, names_seller, notify })
}

/// Names fields that the kind does not have. Its own type may stand there, as it does in what is shown.
fn check_fields(kind: DocumentType, body: &mut Map<String, Value>) -> Result<(), FieldErrors> {
    let mut errors = FieldErrors::default();
    if let Some(said) = body.remove("type") {
        errors.require(said == kind.code(), "type", "invalid", "must be the type of the address");
    }
    for name in body.keys() {
        let known = Letter::FIELDS.contains(&name.as_str()) || Content::fields(kind).contains(&name.as_str());
        errors.require(known, name, "unknown_field", "is not a field of this body");
    }
    errors.into_result()
}

/// Some fields of a body, taken out of it.
fn taken(body: &mut Map<String, Value>, names: &[&str]) -> Map<String, Value> {
    names.iter().filter_map(|name| body.remove_entry(*name)).collect()
}

/// Lines are read apart: inside what is flattened, an error would not say where it stands.
fn content(kind: DocumentType, mut own: Map<String, Value>, missing: &FieldErrors) -> Result<Content, Problem> {
    let listing: Listing = parsed(taken(&mut own, &LISTING), missing)?;
    Ok(match kind {
        DocumentType::CreditNote => Content::CreditNote(CreditNote { listing, ..parsed(own, missing)? }),
        DocumentType::Offer => Content::Offer(Offer { listing, ..parsed(own, missing)? }),
        DocumentType::Confirmation => Content::Confirmation(Confirmation { listing, ..parsed(own, missing)? }),
        DocumentType::Dunning => Content::Dunning(parsed(own, missing)?),
        DocumentType::DeliveryNote => Content::DeliveryNote(parsed(own, missing)?),
        DocumentType::Invoice => return Err(Problem::NotFound),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(kind: DocumentType, body: Value) -> Vec<String> {
        let problem = read(kind, body, &Company::default()).unwrap_err();
        problem.errors().into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn what_is_missing_is_named_at_once() {
        let seller = json!({ "name": "AG", "street": "Weg 1", "postal_code": "1", "city": "Ort" });
        let buyer = json!({ "person": "Tine", "line1": "Gasse 1", "postal_code": "2", "city": "Ort" });
        let parties = json!({ "seller": seller, "buyer": buyer, "customer": "K1", "issued_on": "2026-11-02" });
        for (kind, mut wanted) in [
            (DocumentType::Offer, vec!["lines", "taxes", "net", "tax", "gross", "valid_until"]),
            (DocumentType::Confirmation, vec!["lines", "taxes", "net", "tax", "gross"]),
            (DocumentType::Dunning, vec!["level", "total", "pay_by", "invoices"]),
            (DocumentType::DeliveryNote, vec!["items"]),
        ] {
            let mut named = fields(kind, parties.clone());
            named.sort();
            wanted.sort_unstable();
            assert_eq!(named, wanted, "{kind:?}");
        }
        let mut uploaded = json!({ "customer": "K1", "issued_on": "2026-11-02", "uploaded": true });
        assert_eq!(fields(DocumentType::CreditNote, uploaded.clone()), ["gross"]);
        assert!(read(DocumentType::DeliveryNote, uploaded.clone(), &Company::default()).is_ok());
        uploaded["items"] = json!([{ "quantity": "x" }]);
        assert_eq!(fields(DocumentType::DeliveryNote, uploaded), ["items[0].description", "items[0].quantity"]);
    }

    #[test]
    fn an_error_says_where_it_stands_and_a_foreign_field_is_none() {
        let body = json!({
            "customer": "K1", "issued_on": "2026-11-02", "valid_until": "2026-11-30", "uploaded": true,
            "lines": [{
                "description": "x", "quantity": "1", "unit_price": "1", "tax_category": "S", "tax_rate": "19",
                "net": { "amount": "1,00", "currency": "EUR" },
            }],
        });
        assert_eq!(fields(DocumentType::Offer, body), ["lines[0].net"]);
        let priced = json!({ "customer": "K1", "issued_on": "2026-11-02", "uploaded": true, "gross": no_amount() });
        assert_eq!(fields(DocumentType::DeliveryNote, priced), ["gross"]);
        let other = json!({ "type": "offer", "customer": "K1", "issued_on": "2026-11-02", "uploaded": true });
        assert_eq!(fields(DocumentType::DeliveryNote, other), ["type"]);
    }
}
