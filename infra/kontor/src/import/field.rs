//! Where a value belongs in a body: `billing_address.city`, `taxes[0].net.amount`, and `lines[].net.amount` for a row each.

use std::str::FromStr;

use serde_json::{Map, Value};

/// No list of the API is longer.
const MAX_PLACE: usize = 999;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Name(String),
    /// `[2]`
    Place(usize),
    /// `[]`: the place of the row among the rows of its document.
    EachRow,
}

/// The way to a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldPath {
    text: String,
    steps: Vec<Step>,
}

impl FieldPath {
    /// As it was written.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Has every row a value of its own?
    pub(crate) fn is_per_row(&self) -> bool {
        self.steps.contains(&Step::EachRow)
    }

    /// Its place in a body, made on the way; `None` when another value stands there. `row` counts the rows of a document.
    pub(crate) fn place<'v>(&self, body: &'v mut Value, row: usize) -> Option<&'v mut Value> {
        let mut at = body;
        for step in &self.steps {
            at = match step {
                Step::Name(name) => {
                    if at.is_null() {
                        *at = Value::Object(Map::new());
                    }
                    at.as_object_mut()?.entry(name.as_str()).or_insert(Value::Null)
                }
                Step::Place(place) => element(at, *place)?,
                Step::EachRow => element(at, row)?,
            };
        }
        Some(at)
    }
}

fn element(at: &mut Value, place: usize) -> Option<&mut Value> {
    if at.is_null() {
        *at = Value::Array(Vec::new());
    }
    let list = at.as_array_mut()?;
    if list.len() <= place {
        list.resize(place + 1, Value::Null);
    }
    list.get_mut(place)
}

impl FromStr for FieldPath {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no field: it must be written as lines[].net.amount");
        let mut steps = Vec::new();
        for part in text.split('.') {
            let (name, places) = part.find('[').map_or((part, ""), |at| part.split_at(at));
            let is_name = !name.is_empty()
                && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
            if !is_name {
                return Err(wrong());
            }
            steps.push(Step::Name(name.to_owned()));
            let mut rest = places;
            while !rest.is_empty() {
                let inner = rest.strip_prefix('[').and_then(|rest| rest.split_once(']'));
                let (place, behind) = inner.ok_or_else(wrong)?;
                steps.push(match place {
                    "" => Step::EachRow,
                    digits => Step::Place(digits.parse().ok().filter(|place| *place <= MAX_PLACE).ok_or_else(wrong)?),
                });
                rest = behind;
            }
        }
        if steps.iter().filter(|step| **step == Step::EachRow).count() > 1 {
            return Err(format!("`{text}` counts the rows twice"));
        }
        Ok(Self { text: text.to_owned(), steps })
    }
}

/// Takes out places of lists that nobody filled.
pub(crate) fn close_gaps(value: &mut Value) {
    match value {
        Value::Array(list) => {
            list.retain(|one| !one.is_null());
            list.iter_mut().for_each(close_gaps);
        }
        Value::Object(fields) => fields.values_mut().for_each(close_gaps),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn put(body: &mut Value, path: &str, row: usize, value: &str) {
        *path.parse::<FieldPath>().unwrap().place(body, row).unwrap() = json!(value);
    }

    #[test]
    fn a_path_makes_what_is_missing_on_its_way() {
        let mut body = Value::Null;
        put(&mut body, "billing_address.city", 0, "Ort");
        put(&mut body, "billing_address.country", 0, "DE");
        put(&mut body, "taxes[1].net.amount", 0, "1");
        put(&mut body, "lines[].description", 0, "a");
        put(&mut body, "lines[].description", 2, "c");
        close_gaps(&mut body);
        let wanted = json!({
            "billing_address": { "city": "Ort", "country": "DE" },
            "taxes": [{ "net": { "amount": "1" } }],
            "lines": [{ "description": "a" }, { "description": "c" }],
        });
        assert_eq!(body, wanted);
    }

    #[test]
    fn a_path_does_not_go_through_a_value() {
        let mut body = json!({ "net": "1.00", "lines": {} });
        assert!("net.amount".parse::<FieldPath>().unwrap().place(&mut body, 0).is_none());
        assert!("lines[]".parse::<FieldPath>().unwrap().place(&mut body, 0).is_none());
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for text in ["", "a..b", "a.", "[0]", "a[", "a[x]", "a[1000]", "a[1]b", "Ort", "a[].b[].c", "a b"] {
            assert!(text.parse::<FieldPath>().is_err(), "{text}");
        }
        assert!("lines[].period.from".parse::<FieldPath>().unwrap().is_per_row());
        assert!(!"lines[0].period.from".parse::<FieldPath>().unwrap().is_per_row());
    }
}
