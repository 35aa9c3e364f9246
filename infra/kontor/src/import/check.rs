//! A dry run: every body is read into the portal's own types and checked by the portal's own rules, and nothing is sent.
//!
//! What only the portal can know it cannot see: whether the customer is there, and what was issued before.

use domain::{
    FieldErrors,
    customer::CustomerFacts,
    document::{Content, DocumentFacts, DocumentType, Letter},
    invoice::InvoiceFacts,
    number::{CustomerNumber, DocumentNumber, InvoiceNumber, NotANumber},
    subscription::SubscriptionFacts,
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::record::{Record, What};
use crate::client::FieldError;

/// Everything that is wrong with a body; nothing when the portal would take it.
pub(crate) fn check(what: What, record: &Record) -> Vec<FieldError> {
    let body = match serde_json::from_str(&record.body) {
        Ok(Value::Object(body)) => body,
        _ => return vec![FieldError::new("", "malformed", "must be a JSON object")],
    };
    let checked = match (what, record.kind) {
        (What::Customers, _) => number::<CustomerNumber>(&record.number).and_then(|()| customer(body)),
        (What::Subscriptions, _) => shaped::<SubscriptionFacts>(body).and_then(|facts| facts.check()),
        (What::Invoices, _) => number::<InvoiceNumber>(&record.number).and_then(|()| invoice(body)),
        (What::Documents(_), Some(kind)) => {
            number::<DocumentNumber>(&record.number).and_then(|()| document(body, kind))
        }
        (What::Documents(_), None) => Err(FieldErrors::one("type", "missing", "is needed")),
    };
    checked.err().map(FieldError::of).unwrap_or_default()
}

fn number<T: std::str::FromStr<Err = NotANumber>>(number: &str) -> Result<(), FieldErrors> {
    number.parse::<T>().map(|_| ()).map_err(|error| FieldErrors::one("number", "invalid", error.to_string()))
}

fn customer(mut body: Map<String, Value>) -> Result<(), FieldErrors> {
    body.remove("number");
    shaped::<CustomerFacts>(body)?.check()
}

fn invoice(mut body: Map<String, Value>) -> Result<(), FieldErrors> {
    body.remove("number");
    take_wish(&mut body)?;
    name_seller(&mut body);
    shaped::<InvoiceFacts>(body)?.check()
}

/// Read in two halves, for a letter has no foreign fields, and what belongs to the kind has none of the letter's.
fn document(mut body: Map<String, Value>, kind: DocumentType) -> Result<(), FieldErrors> {
    body.remove("number");
    body.remove("type");
    take_wish(&mut body)?;
    name_seller(&mut body);
    let mut foreign = FieldErrors::default();
    for name in body.keys().map(String::as_str) {
        let is_known = Letter::FIELDS.contains(&name) || Content::fields(kind).contains(&name);
        foreign.require(is_known, name, "unknown_field", "is not a field of this body");
    }
    foreign.into_result()?;
    let mut own: Map<String, Value> =
        Content::fields(kind).iter().filter_map(|name| body.remove_entry(*name)).collect();
    own.insert("type".to_owned(), json!(kind.code()));
    let (letter, content) = (shaped::<Letter>(body)?, shaped::<Content>(own)?);
    DocumentFacts { letter, content }.check()
}

/// `notify` is a wish and no fact.
fn take_wish(body: &mut Map<String, Value>) -> Result<(), FieldErrors> {
    match body.remove("notify") {
        None | Some(Value::Null | Value::Bool(_)) => Ok(()),
        Some(_) => Err(FieldErrors::one("notify", "invalid", "must be true or false")),
    }
}

/// Left out, the seller is the tenant itself, whose company data are the portal's: here somebody stands in who is complete.
fn name_seller(body: &mut Map<String, Value>) {
    let tenant = || {
        json!({
            "name": "-", "street": "-", "postal_code": "-", "city": "-", "country": "DE", "vat_id": "DE123456788",
        })
    };
    body.entry("seller").or_insert_with(tenant);
}

/// Reads a body; what is wrong names its field and never repeats a value.
fn shaped<T: DeserializeOwned>(body: Map<String, Value>) -> Result<T, FieldErrors> {
    serde_path_to_error::deserialize(Value::Object(body))
        .map_err(|error| FieldErrors::of_shape(error.path().to_string(), &error.inner().to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(what: What, kind: Option<DocumentType>, body: &Value) -> Vec<String> {
        let number = body["number"].as_str().unwrap_or_default().to_owned();
        let (owner, path) = (String::new(), String::new());
        let record = Record { lines: vec![1], number, owner, path, kind, body: body.to_string() };
        check(what, &record).into_iter().map(|error| error.field).collect()
    }

    fn invoice() -> Value {
        let eur = |amount: &str| json!({ "amount": amount, "currency": "EUR" });
        json!({
            "number": "RE1", "customer": "K1", "issued_on": "2026-11-20", "due_on": "2026-12-04",
            "delivered_on": "2026-11-20",
            "buyer": { "person": "Frau Tine", "line1": "Gasse 1", "postal_code": "5", "city": "Ort", "country": "DE" },
            "lines": [{
                "description": "Webhosting", "quantity": "1", "unit_price": "100.00", "tax_category": "S",
                "tax_rate": "19", "net": eur("100.00"),
            }],
            "taxes": [{ "category": "S", "rate": "19", "net": eur("100.00"), "tax": eur("19.00") }],
            "net": eur("100.00"), "tax": eur("19.00"), "gross": eur("119.00"), "notify": false,
        })
    }

    #[test]
    fn a_customer_is_checked_as_the_portal_checks() {
        let one = |body: Value| found(What::Customers, None, &body);
        assert_eq!(one(json!({ "number": "K1", "company": "A" })), Vec::<String>::new());
        assert_eq!(one(json!({ "number": "K1" })), ["last_name"]);
        assert_eq!(one(json!({ "number": " K1", "company": "A" })), ["number"]);
        assert_eq!(one(json!({ "number": "K1", "company": "A", "emial": "x" })), ["emial"]);
        assert_eq!(
            one(json!({ "number": "K1", "billing_address": { "country": "Deutschland" } })),
            ["billing_address.country"]
        );
    }

    #[test]
    fn an_invoice_is_checked_with_its_sums_and_without_a_seller() {
        assert_eq!(found(What::Invoices, None, &invoice()), Vec::<String>::new());
        let mut wrong = invoice();
        wrong["gross"]["amount"] = "1.00".into();
        assert_eq!(found(What::Invoices, None, &wrong), ["gross"]);
        let mut missing = invoice();
        missing["lines"][0].as_object_mut().unwrap().remove("net");
        assert_eq!(found(What::Invoices, None, &missing), ["lines[0].net"]);
        let mut wish = invoice();
        wish["notify"] = "yes".into();
        assert_eq!(found(What::Invoices, None, &wish), ["notify"]);
    }

    #[test]
    fn a_document_has_the_fields_of_its_kind_and_no_others() {
        let mut offer = invoice();
        for field in ["due_on", "delivered_on"] {
            offer.as_object_mut().unwrap().remove(field);
        }
        offer["type"] = "offer".into();
        offer["valid_until"] = "2026-12-20".into();
        let kind = Some(DocumentType::Offer);
        assert_eq!(found(What::Documents(None), kind, &offer), Vec::<String>::new());
        offer["due_on"] = "2026-12-04".into();
        assert_eq!(found(What::Documents(kind), kind, &offer), ["due_on"]);
        assert_eq!(found(What::Documents(None), None, &offer), ["type"]);
    }
}
