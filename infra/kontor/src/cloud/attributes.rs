//! Items in DynamoDB's own JSON, back and forth.

use std::collections::HashMap;

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

/// An item as the SDK knows it.
pub(crate) type Raw = HashMap<String, AttributeValue>;

/// `None` for an attribute of a kind that did not exist when this was written.
pub(crate) fn to_json(item: &Raw) -> Option<Value> {
    let fields = item.iter().map(|(name, value)| Some((name.clone(), value_to_json(value)?)));
    fields.collect::<Option<Map<_, _>>>().map(Value::Object)
}

/// `None` for what is no item.
pub(crate) fn from_json(item: &Value) -> Option<Raw> {
    item.as_object()?.iter().map(|(name, value)| Some((name.clone(), value_from_json(value)?))).collect()
}

fn value_to_json(value: &AttributeValue) -> Option<Value> {
    Some(match value {
        AttributeValue::S(text) => json!({ "S": text }),
        AttributeValue::N(number) => json!({ "N": number }),
        AttributeValue::B(bytes) => json!({ "B": STANDARD.encode(bytes) }),
        AttributeValue::Bool(flag) => json!({ "BOOL": flag }),
        AttributeValue::Null(flag) => json!({ "NULL": flag }),
        AttributeValue::Ss(texts) => json!({ "SS": texts }),
        AttributeValue::Ns(numbers) => json!({ "NS": numbers }),
        AttributeValue::Bs(all) => json!({ "BS": all.iter().map(|bytes| STANDARD.encode(bytes)).collect::<Vec<_>>() }),
        AttributeValue::L(values) => json!({ "L": values.iter().map(value_to_json).collect::<Option<Vec<_>>>()? }),
        AttributeValue::M(fields) => json!({ "M": to_json(fields)? }),
        _ => return None,
    })
}

fn value_from_json(value: &Value) -> Option<AttributeValue> {
    let (kind, value) = value.as_object().filter(|kinds| kinds.len() == 1)?.iter().next()?;
    Some(match (kind.as_str(), value) {
        ("S", Value::String(text)) => AttributeValue::S(text.clone()),
        ("N", Value::String(number)) => AttributeValue::N(number.clone()),
        ("B", bytes) => AttributeValue::B(blob(bytes)?),
        ("BOOL", Value::Bool(flag)) => AttributeValue::Bool(*flag),
        ("NULL", Value::Bool(flag)) => AttributeValue::Null(*flag),
        ("SS", Value::Array(texts)) => AttributeValue::Ss(texts.iter().map(text).collect::<Option<_>>()?),
        ("NS", Value::Array(numbers)) => AttributeValue::Ns(numbers.iter().map(text).collect::<Option<_>>()?),
        ("BS", Value::Array(all)) => AttributeValue::Bs(all.iter().map(blob).collect::<Option<_>>()?),
        ("L", Value::Array(values)) => AttributeValue::L(values.iter().map(value_from_json).collect::<Option<_>>()?),
        ("M", fields) => AttributeValue::M(from_json(fields)?),
        _ => return None,
    })
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn blob(value: &Value) -> Option<Blob> {
    STANDARD.decode(value.as_str()?).ok().map(Blob::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_comes_back_as_it_was() {
        let item = json!({
            "pk": { "S": "T#t" },
            "rev": { "N": "12345678901234567890" },
            "packed": { "B": "AAH/" },
            "flag": { "BOOL": false },
            "none": { "NULL": true },
            "texts": { "SS": ["a", "b"] },
            "numbers": { "NS": ["1"] },
            "blobs": { "BS": ["AA=="] },
            "list": { "L": [{ "M": { "deep": { "L": [] } } }, { "S": "" }] },
        });
        let raw = from_json(&item).unwrap();
        assert_eq!(raw.len(), 9);
        assert_eq!(to_json(&raw), Some(item));
    }

    #[test]
    fn what_is_no_item_is_none() {
        for wrong in [
            json!([]),
            json!({ "a": "b" }),
            json!({ "a": {} }),
            json!({ "a": { "S": 1 } }),
            json!({ "a": { "S": "b", "N": "1" } }),
            json!({ "a": { "B": "not base64!" } }),
            json!({ "a": { "X": "b" } }),
            json!({ "a": { "M": { "b": 1 } } }),
        ] {
            assert_eq!(from_json(&wrong), None, "{wrong}");
        }
    }
}
