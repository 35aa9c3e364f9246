//! The many invoices of one customer, made from a rule instead of kept as ten thousand lines.

use super::Lines;
use domain::{
    Currency,
    money::{MoneyError, Quantity, Rounding, TaxRate, UnitPrice},
};
use jiff::{ToSpan, civil::Date};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// `bulk.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    customer: String,
    count: u32,
    prefix: String,
    digits: usize,
    /// The invoices are spread over this many days before the start.
    days: i64,
    due_days: i64,
    /// The newest of them are not paid.
    unsettled: u32,
    quantity: Steps,
    template: Template,
}

/// Numbers that look different without chance: `from`, `from + step`, … and again from the beginning at `below`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Steps {
    from: u32,
    step: u32,
    below: u32,
}

/// What all of them share; the line lacks quantity and net, which the rule gives.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Template {
    subscription: String,
    buyer: Value,
    line: Map<String, Value>,
}

/// The lines of an import, oldest first.
pub(super) fn invoices(rule: &str, start: Date) -> Result<Lines, String> {
    let rule: Rule = serde_json::from_str(rule).map_err(|error| format!("bulk.json: {error}"))?;
    let one = |position| invoice(&rule, position, start).map_err(|error| format!("bulk.json: {error}"));
    (0..rule.count).map(one).collect()
}

fn invoice(rule: &Rule, position: u32, start: Date) -> Result<Map<String, Value>, String> {
    let line = &rule.template.line;
    let read = |field: &str| line.get(field).and_then(Value::as_str).unwrap_or_default();
    let wrong = |error: MoneyError| error.to_string();
    let steps = &rule.quantity;
    let quantity = steps.from + (position * steps.step) % (steps.below - steps.from);
    let quantity: Quantity = quantity.to_string().parse().map_err(wrong)?;
    let price: UnitPrice = read("unit_price").parse().map_err(wrong)?;
    let rate: TaxRate = read("tax_rate").parse().map_err(wrong)?;
    let net = price.times(quantity, Currency::Eur).map_err(wrong)?;
    let tax = net.tax(rate, Rounding::HalfUp).map_err(wrong)?;
    let gross = net.plus(tax).map_err(wrong)?;

    let age = rule.days * i64::from(rule.count - position) / i64::from(rule.count);
    let issued = start.saturating_sub(age.days());
    let due = issued.saturating_add(rule.due_days.days());
    let settled = issued.saturating_add((rule.due_days / 2).days());
    let mut full_line = line.clone();
    full_line.insert("quantity".to_owned(), json!(quantity));
    full_line.insert("net".to_owned(), json!(net));
    let mut facts = json!({
        "number": format!("{}{:0width$}", rule.prefix, position + 1, width = rule.digits),
        "customer": rule.customer,
        "issued_on": issued,
        "due_on": due,
        "subscription": rule.template.subscription,
        "delivered_on": issued,
        "buyer": rule.template.buyer,
        "lines": [full_line],
        "taxes": [{ "category": read("tax_category"), "rate": rate, "net": net, "tax": tax }],
        "net": net,
        "tax": tax,
        "gross": gross,
    });
    if position + rule.unsettled < rule.count {
        facts["settled_before"] = json!({ "amount": gross, "date": settled });
    }
    match facts {
        Value::Object(facts) => Ok(facts),
        _ => Err("no object".to_owned()),
    }
}
