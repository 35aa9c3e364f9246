//! What a file says, ready to be sent: one body per customer, contract or document, which knows its lines in the file.

use std::collections::HashMap;

use domain::{
    document::DocumentType,
    number::{CustomerNumber, NotANumber, SubscriptionNumber},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    field::close_gaps,
    map::FieldMap,
    table::{Row, Table},
};
use crate::client::FieldError;

/// What is imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    Customers,
    Subscriptions,
    Invoices,
    /// Of this kind, or each of its own.
    Documents(Option<DocumentType>),
}

impl What {
    /// As the command line calls it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Customers => "customers",
            Self::Subscriptions => "subscriptions",
            Self::Invoices => "invoices",
            Self::Documents(_) => "documents",
        }
    }

    /// Does the API take many at once?
    pub(crate) const fn takes_lines(self) -> bool {
        !matches!(self, Self::Subscriptions)
    }
}

/// One body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    /// Where it stands in the file.
    pub(crate) lines: Vec<usize>,
    pub(crate) number: String,
    /// Whose it is. What is one customer's is sent in the order of the file.
    pub(crate) owner: String,
    /// Where it goes.
    pub(crate) path: String,
    /// Of documents beside invoices.
    pub(crate) kind: Option<DocumentType>,
    /// JSON on one line.
    pub(crate) body: String,
}

/// What is not in, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Refused {
    pub(crate) lines: Vec<usize>,
    pub(crate) number: String,
    pub(crate) errors: Vec<FieldError>,
}

impl Refused {
    /// A line that is not even a record.
    pub(crate) fn line(line: usize, message: &str) -> Self {
        Self { lines: vec![line], number: String::new(), errors: vec![FieldError::new("", "malformed", message)] }
    }
}

/// A whole file.
#[derive(Debug, Default)]
pub(crate) struct Records {
    pub(crate) records: Vec<Record>,
    pub(crate) refused: Vec<Refused>,
}

impl Records {
    /// Lines that are not empty: all that must be accounted for.
    pub(crate) fn lines(&self) -> usize {
        let records = self.records.iter().map(|record| record.lines.len());
        records.chain(self.refused.iter().map(|refused| refused.lines.len())).sum()
    }

    fn add(&mut self, what: What, lines: Vec<usize>, body: Map<String, Value>) {
        match record(what, lines, body) {
            Ok(record) => self.records.push(record),
            Err(refused) => self.refused.push(refused),
        }
    }

    /// From JSON Lines, each as the API itself takes it.
    pub(crate) fn of_json_lines(bytes: &[u8], what: What) -> Self {
        let mut all = Self::default();
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        for (place, text) in bytes.split(|byte| *byte == b'\n').enumerate() {
            let (line, text) = (place + 1, text.trim_ascii());
            if text.is_empty() {
                continue;
            }
            match serde_json::from_slice(text) {
                Ok(Value::Object(body)) => all.add(what, vec![line], body),
                Ok(_) => all.refused.push(Refused::line(line, "must be a JSON object")),
                Err(_) => all.refused.push(Refused::line(line, "is no JSON")),
            }
        }
        all
    }

    /// From a table; with a field per row, all rows of a number are one document.
    pub(crate) fn of_table(table: Table, map: &FieldMap, what: What) -> Self {
        let mut all = Self { records: Vec::new(), refused: table.refused };
        for rows in grouped(table.rows, map, what) {
            let lines: Vec<usize> = rows.iter().map(|row| row.line).collect();
            match body(&rows, map) {
                Ok(body) => all.add(what, lines, body),
                Err((number, errors)) => all.refused.push(Refused { lines, number, errors }),
            }
        }
        all
    }
}

/// Rows that belong together, in the order of their first ones.
fn grouped(rows: Vec<Row>, map: &FieldMap, what: What) -> Vec<Vec<Row>> {
    if !map.joins_rows() {
        return rows.into_iter().map(|row| vec![row]).collect();
    }
    // Contracts are counted for each customer anew.
    let naming: &[&str] = if what == What::Subscriptions { &["customer", "number"] } else { &["number"] };
    let named_by: Vec<_> = map.targets.iter().filter(|target| naming.contains(&target.path.as_str())).collect();
    let mut places: HashMap<Vec<String>, usize> = HashMap::new();
    let mut groups: Vec<Vec<Row>> = Vec::new();
    for row in rows {
        let cell = |column: usize| row.cells.get(column).map(|cell| cell.text()).unwrap_or_default();
        let key: Vec<String> = named_by.iter().map(|target| cell(target.column)).collect();
        // Rows without a number do not belong together.
        let known = places.get(&key).copied().filter(|_| key.iter().any(|part| !part.is_empty()));
        match known.and_then(|place| groups.get_mut(place)) {
            Some(group) => group.push(row),
            None => {
                places.insert(key, groups.len());
                groups.push(vec![row]);
            }
        }
    }
    groups
}

/// The body that some rows make together; else its number and what is wrong.
fn body(rows: &[Row], map: &FieldMap) -> Result<Map<String, Value>, (String, Vec<FieldError>)> {
    let mut body = Value::Object(Map::new());
    let mut errors = Vec::new();
    let mut filled = vec![false; rows.len()];
    for (place, row) in rows.iter().enumerate() {
        for target in &map.targets {
            let Some(cell) = row.cells.get(target.column) else { continue };
            let wrong = |message: String| {
                let at = if place == 0 { String::new() } else { format!("line {}: ", row.line) };
                FieldError::new(target.path.as_str(), "invalid", format!("{at}{message}"))
            };
            let value = match map.value(target, cell) {
                Ok(Some(value)) => value,
                Ok(None) => continue,
                Err(message) => {
                    errors.push(wrong(message));
                    continue;
                }
            };
            match target.path.place(&mut body, place) {
                Some(slot) if slot.is_null() => *slot = value,
                Some(slot) if *slot == value => {}
                Some(_) => errors.push(wrong("is another value than before".to_owned())),
                None => errors.push(wrong("has its place inside another column's value".to_owned())),
            }
            if let Some(filled) = filled.get_mut(place).filter(|_| target.path.is_per_row()) {
                *filled = true;
            }
        }
    }
    add_constants(&mut body, map, &filled, &mut errors);
    close_gaps(&mut body);
    let number = body.get("number").and_then(Value::as_str).unwrap_or_default().to_owned();
    match body {
        Value::Object(body) if errors.is_empty() => Ok(body),
        _ => Err((number, errors)),
    }
}

/// Constants fill what no column filled; those of a row only where the row has something of its own.
fn add_constants(body: &mut Value, map: &FieldMap, filled: &[bool], errors: &mut Vec<FieldError>) {
    for (path, value) in &map.constants {
        let places: Vec<usize> = if path.is_per_row() {
            filled.iter().enumerate().filter_map(|(place, filled)| filled.then_some(place)).collect()
        } else {
            vec![0]
        };
        for place in places {
            match path.place(body, place) {
                Some(slot) if slot.is_null() => *slot = value.clone(),
                Some(_) => {}
                None => {
                    let message = "has its place inside another column's value";
                    errors.push(FieldError::new(path.as_str(), "invalid", message));
                }
            }
        }
    }
}

/// Takes out of a body what belongs into its address.
fn record(what: What, lines: Vec<usize>, mut body: Map<String, Value>) -> Result<Record, Refused> {
    let said = |body: &Map<String, Value>, field: &str| match body.get(field) {
        Some(Value::String(text)) => Some(text.clone()),
        _ => None,
    };
    let number = said(&body, "number").unwrap_or_default();
    let refuse = |field: &str, code: &str, message: String| {
        let errors = vec![FieldError::new(field, code, message)];
        Refused { lines: lines.clone(), number: number.clone(), errors }
    };
    if number.is_empty() {
        return Err(refuse("number", "missing", "is needed".to_owned()));
    }
    let customer = said(&body, "customer").unwrap_or_default();
    let (path, owner, kind) = match what {
        What::Customers => ("/customers:import".to_owned(), number.clone(), None),
        What::Invoices => ("/invoices:import".to_owned(), customer, None),
        What::Documents(wanted) => {
            let own = said(&body, "type");
            let known = own.as_deref().map_or(wanted, DocumentType::from_code);
            let known = known.filter(|kind| DocumentType::BESIDE_INVOICES.contains(kind));
            let Some(kind) = known.filter(|kind| wanted.is_none_or(|wanted| wanted == *kind)) else {
                return Err(refuse(
                    "type",
                    "invalid",
                    "must be a kind of document, and the one that --type says".to_owned(),
                ));
            };
            (format!("/documents/{}:import", kind.code()), customer, Some(kind))
        }
        What::Subscriptions => {
            let wrong = |field, error: NotANumber| refuse(field, "invalid", error.to_string());
            let owner = customer.parse::<CustomerNumber>().map_err(|error| wrong("customer", error))?;
            let own = number.parse::<SubscriptionNumber>().map_err(|error| wrong("number", error))?;
            body.remove("customer");
            body.remove("number");
            (format!("/customers/{}/subscriptions/{}", owner.slug(), own.slug()), customer, None)
        }
    };
    Ok(Record { lines, number, owner, path, kind, body: Value::Object(body).to_string() })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::*;
    use crate::import::table::Cell;

    const MAP: &str = r#"
        decimal = ","
        [columns]
        Nr = "number"
        Kunde = "customer"
        Text = "lines[].description"
        Netto = { to = "lines[].net.amount", as = "decimal" }
        [constants]
        "lines[].unit" = "C62"
        "lines[].net.currency" = "EUR"
        "gross.currency" = "EUR"
        collect = false
    "#;

    fn table(rows: &[[&str; 4]]) -> Table {
        let names = ["Nr", "Kunde", "Text", "Netto"];
        let cells = |cells: &[&str; 4]| cells.iter().map(|cell| Cell::of_text(cell)).collect();
        let rows = std::iter::once(&names).chain(rows).enumerate();
        Table::of(rows.map(|(place, row)| Row { line: place + 1, cells: cells(row) }))
    }

    fn invoices(rows: &[[&str; 4]]) -> Records {
        let table = table(rows);
        let map = FieldMap::read(Path::new("map.toml"), MAP, &table.columns).unwrap();
        Records::of_table(table, &map, What::Invoices)
    }

    #[test]
    fn rows_of_a_number_are_lines_of_one_document_wherever_they_stand() {
        let all = invoices(&[["RE1", "K1", "a", "1,00"], ["RE2", "K2", "b", "2,00"], ["RE1", "K1", "c", "3,00"]]);
        assert_eq!((all.records.len(), all.refused.len(), all.lines()), (2, 0, 3));
        let first = &all.records[0];
        assert_eq!((first.lines.as_slice(), first.number.as_str(), first.owner.as_str()), (&[2, 4][..], "RE1", "K1"));
        let line = |text: &str, net: &str| json!({ "description": text, "net": { "amount": net, "currency": "EUR" }, "unit": "C62" });
        let wanted = json!({
            "number": "RE1", "customer": "K1", "lines": [line("a", "1.00"), line("c", "3.00")],
            "gross": { "currency": "EUR" }, "collect": false,
        });
        assert_eq!(serde_json::from_str::<Value>(&first.body).unwrap(), wanted);
    }

    #[test]
    fn rows_of_a_number_that_contradict_each_other_are_refused_together() {
        let all = invoices(&[["RE1", "K1", "a", "1,00"], ["RE1", "K2", "b", "x"], ["RE2", "K1", "", ""]]);
        assert_eq!((all.records.len(), all.lines()), (1, 3));
        let refused = &all.refused[0];
        assert_eq!((refused.lines.as_slice(), refused.number.as_str()), (&[2, 3][..], "RE1"));
        let fields: Vec<&str> = refused.errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["customer", "lines[].net.amount"]);
        assert!(refused.errors[0].message.starts_with("line 3: "));
        assert!(!all.records[0].body.contains("lines"), "a row without a line makes none: {}", all.records[0].body);
    }

    #[test]
    fn rows_without_a_number_are_refused_one_by_one() {
        let all = invoices(&[["", "K1", "a", "1,00"], ["", "K1", "b", "1,00"]]);
        assert_eq!((all.records.len(), all.refused.len(), all.lines()), (0, 2, 2));
        assert_eq!(all.refused[0].errors[0].field, "number");
    }

    #[test]
    fn every_json_line_is_accounted_for() {
        let text = "\u{feff}{\"number\": \"K1\"}\n\n[1]\r\n{\"number\": \n{\"company\": \"x\"}\n{\"number\":\"K2\"}";
        let all = Records::of_json_lines(text.as_bytes(), What::Customers);
        assert_eq!(all.records.iter().map(|record| record.lines[0]).collect::<Vec<_>>(), [1, 6]);
        assert_eq!(all.refused.iter().map(|refused| refused.lines[0]).collect::<Vec<_>>(), [3, 4, 5]);
        assert_eq!(all.lines(), 5);
    }

    #[test]
    fn what_belongs_into_the_address_is_taken_out_of_the_body() {
        let one = |what, body: Value| {
            let Value::Object(body) = body else { panic!("no object") };
            record(what, vec![1], body)
        };
        let contract = one(What::Subscriptions, json!({ "customer": "K/1", "number": "2", "plan": "x" })).unwrap();
        assert_eq!(contract.path, "/customers/K~2F1/subscriptions/2");
        assert_eq!(contract.body, r#"{"plan":"x"}"#);
        let offer = json!({ "type": "offer", "number": "AN1", "customer": "K1" });
        let sent = one(What::Documents(None), offer.clone()).unwrap();
        assert_eq!((sent.path.as_str(), sent.kind), ("/documents/offer:import", Some(DocumentType::Offer)));
        assert!(one(What::Documents(Some(DocumentType::Dunning)), offer).is_err());
        assert!(one(What::Documents(None), json!({ "number": "AN1", "customer": "K1" })).is_err());
        assert!(one(What::Documents(None), json!({ "type": "invoice", "number": "RE1" })).is_err());
        assert!(one(What::Subscriptions, json!({ "number": "2" })).is_err());
    }
}
