//! How much DynamoDB keeps, and bills, of what is stored: the sizes of items as AWS documents them, with what stands in indexes.

use serde::Serialize;
use testkit::{Portal, Value};

/// What DynamoDB adds to each item of a table and of an index.
const OVERHEAD: usize = 100;
/// What lists keep of an item, and the to-do list (`infra/data.yaml`).
const LISTS: [&str; 4] = ["pk", "sk", "l_pk", "l_sk"];
const TODO: [&str; 11] = ["pk", "sk", "t_pk", "t_sk", "open", "gross", "currency", "due", "number", "account", "lease"];

/// Bytes in the table and in its indexes: recovery to a point in time is billed for the first alone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub(crate) struct Weight {
    pub(crate) table: f64,
    pub(crate) indexes: f64,
}

impl Weight {
    /// What has come since `before`, of each of so many.
    pub(crate) fn since(self, before: Self, of: f64) -> Self {
        Self { table: (self.table - before.table) / of, indexes: (self.indexes - before.indexes) / of }
    }

    /// Both.
    pub(crate) fn all(self) -> f64 {
        self.table + self.indexes
    }
}

/// Everything that stays: what ends by itself is gone within three months.
pub(crate) fn of_table(portal: &Portal) -> Weight {
    let stays = portal.stored().into_iter().filter(|item| item.get("ttl").is_none());
    let (mut table, mut indexes) = (0, 0);
    for item in stays {
        let (own, others) = of_item(&item);
        (table, indexes) = (table + own, indexes + others);
    }
    #[expect(clippy::cast_precision_loss, reason = "megabytes")]
    let [table, indexes] = [table, indexes].map(|bytes: usize| bytes as f64);
    Weight { table, indexes }
}

/// One item, and its places in indexes, in DynamoDB's JSON.
fn of_item(item: &Value) -> (usize, usize) {
    let whole = item
        .as_object()
        .map_or(0, |fields| fields.iter().map(|(name, value)| of_attribute(name, value)).sum::<usize>());
    let kept = |names: &[&str]| -> usize {
        let attributes = names.iter().filter_map(|name| Some(of_attribute(name, item.get(*name)?)));
        OVERHEAD + attributes.sum::<usize>()
    };
    let lists = if item.get("l_pk").is_some() { kept(&LISTS) } else { 0 };
    let todo = if item.get("t_pk").is_some() { kept(&TODO) } else { 0 };
    (OVERHEAD + whole, lists + todo)
}

fn of_attribute(name: &str, value: &Value) -> usize {
    name.len() + of_value(value)
}

/// A value is an object with one field, its type.
fn of_value(value: &Value) -> usize {
    let Some((kind, value)) = value.as_object().and_then(|typed| typed.iter().next()) else { return 0 };
    match (kind.as_str(), value) {
        ("S", Value::String(text)) => text.len(),
        // Two digits a byte, and one more.
        ("N", Value::String(digits)) => digits.len().div_ceil(2) + 1,
        // Base64.
        ("B", Value::String(text)) => text.len() / 4 * 3,
        ("L", Value::Array(items)) => 3 + items.iter().map(|item| 1 + of_value(item)).sum::<usize>(),
        ("M", Value::Object(fields)) => {
            3 + fields.iter().map(|(name, value)| 1 + of_attribute(name, value)).sum::<usize>()
        }
        (_, Value::Array(set)) => set.iter().filter_map(Value::as_str).map(str::len).sum(),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use testkit::json;

    use super::*;

    #[test]
    fn an_item_weighs_what_aws_says() {
        let item = json!({
            "pk": { "S": "T#1" },
            "sk": { "S": "C" },
            "open": { "BOOL": true },
            "n": { "N": "12345" },
            "m": { "M": { "ab": { "S": "cde" } } },
            "l": { "L": [{ "NULL": true }] },
        });
        let attributes = (2 + 3) + (2 + 1) + (4 + 1) + (1 + 4) + (1 + 3 + 1 + 2 + 3) + (1 + 3 + 1 + 1);
        assert_eq!(of_item(&item), (100 + attributes, 0));
    }

    #[test]
    fn an_item_in_an_index_weighs_there_too() {
        let mut item = json!({ "pk": { "S": "T#1" }, "sk": { "S": "C" }, "text": { "S": "not listed" } });
        let (alone, nowhere) = of_item(&item);
        assert_eq!(nowhere, 0);
        item["l_pk"] = json!({ "S": "L" });
        item["l_sk"] = json!({ "S": "1" });
        let keys = (4 + 1) * 2;
        assert_eq!(of_item(&item), (alone + keys, 100 + (2 + 3) + (2 + 1) + keys));
    }
}
