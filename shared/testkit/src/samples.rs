//! Facts that are complete and right; tests change the one thing they are about.

use serde_json::{Value, json};

/// An amount in euros.
#[must_use]
pub fn euros(amount: &str) -> Value {
    json!({ "amount": amount, "currency": "EUR" })
}

/// The company data that invoices need.
#[must_use]
pub fn company(slug: &str) -> Value {
    json!({
        "name": format!("{slug} GmbH"),
        "street": "Musterweg 1",
        "postal_code": "12345",
        "city": "Musterhausen",
        "country": "DE",
        "phone": "+49 30 23125 100",
        "email": format!("service@{slug}.example").replace("~sandbox", ""),
        "vat_id": "DE123456788",
    })
}

/// A customer that signs in with `<number>@example.org`.
#[must_use]
pub fn customer(number: &str) -> Value {
    json!({
        "salutation": "frau",
        "company": format!("Firma {number}"),
        "first_name": "Exemplus",
        "last_name": format!("Tine {number}"),
        "email": format!("{}@example.org", number.to_lowercase()),
        "billing_address": { "line1": "Exempel Gasse 1", "postal_code": "56789", "city": "Rosahausen", "country": "DE" },
        "tax_region": "domestic",
    })
}

/// A further billing address.
#[must_use]
pub fn address() -> Value {
    json!({
        "company": "Example GmbH, Filiale",
        "address": { "line1": "Nebenweg 2", "postal_code": "1010", "city": "Wien", "country": "AT" },
    })
}

/// A running contract.
#[must_use]
pub fn subscription() -> Value {
    json!({
        "plan": "Webhosting Basis",
        "concluded_on": "2026-03-01",
        "starts_on": "2026-03-01",
        "notice": { "period": { "count": 1, "unit": "month" }, "to": "month_end" },
        "interval": { "count": 1, "unit": "month" },
        "price": euros("15.91"),
        "phase": { "name": "active" },
    })
}

/// An invoice of 119.00 €, due in two weeks.
#[must_use]
pub fn invoice(customer: &str) -> Value {
    json!({
        "customer": customer,
        "issued_on": "2026-11-20",
        "due_on": "2026-12-04",
        "period": { "from": "2026-11-01", "to": "2026-11-30" },
        "buyer": {
            "company": format!("Firma {customer}"), "line1": "Exempel Gasse 1", "postal_code": "56789",
            "city": "Rosahausen", "country": "DE",
        },
        "lines": [{
            "description": "Webhosting", "quantity": "1", "unit": "C62", "unit_price": "100.00",
            "tax_category": "S", "tax_rate": "19", "net": euros("100.00"),
        }],
        "taxes": [{ "category": "S", "rate": "19", "net": euros("100.00"), "tax": euros("19.00") }],
        "net": euros("100.00"),
        "tax": euros("19.00"),
        "gross": euros("119.00"),
    })
}

/// A document beside invoices, by its kind in addresses; those with prices come to 119.00 €.
///
/// # Panics
/// For a kind that is none.
#[must_use]
pub fn document(kind: &str, customer: &str) -> Value {
    let priced = invoice(customer);
    let mut facts = json!({ "customer": customer, "issued_on": "2026-11-20", "buyer": priced["buyer"] });
    if matches!(kind, "offer" | "credit-note" | "confirmation") {
        for field in ["lines", "taxes", "net", "tax", "gross"] {
            facts[field] = priced[field].clone();
        }
    }
    match kind {
        "offer" => facts["valid_until"] = "2026-12-20".into(),
        "credit-note" => {}
        "confirmation" => facts["order_reference"] = "B-17".into(),
        "delivery-note" => facts["items"] = json!([{ "description": "Server", "quantity": "1" }]),
        "dunning" => {
            let open = json!({
                "number": "RE1", "issued_on": "2026-10-01", "due_on": "2026-10-15", "open": euros("119.00"),
            });
            facts["level"] = 2.into();
            facts["invoices"] = json!([open]);
            facts["fee"] = euros("5.00");
            facts["total"] = euros("124.00");
            facts["pay_by"] = "2026-12-04".into();
        }
        other => panic!("{other} is no kind of document"),
    }
    facts
}

/// One line of an import: facts with their number.
#[must_use]
pub fn line(number: &str, mut facts: Value) -> String {
    facts["number"] = number.into();
    facts.to_string()
}

/// One empty page.
#[must_use]
pub fn pdf() -> Vec<u8> {
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/MediaBox[0 0 99 99]/Parent 2 0 R>>",
    ];
    let mut pdf = "%PDF-1.4\n".to_owned();
    let mut places = String::new();
    for (number, object) in objects.iter().enumerate() {
        places.push_str(&format!("{:010} 00000 n \n", pdf.len()));
        pdf.push_str(&format!("{} 0 obj{object}endobj\n", number + 1));
    }
    let start = pdf.len();
    pdf.push_str(&format!(
        "xref\n0 4\n0000000000 65535 f \n{places}trailer<</Size 4/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n"
    ));
    pdf.into_bytes()
}
