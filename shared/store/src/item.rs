//! Items: a body with its key, kind, schema version, revision and index places around it.

use std::{
    collections::HashMap,
    io::{Read as _, Write as _},
};

use aws_sdk_dynamodb::types::AttributeValue;
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use serde::{Serialize, de::DeserializeOwned};

use crate::{Reader, StoreError, access::check_key, key::Key};

/// A raw item as DynamoDB knows it.
pub(crate) type Raw = HashMap<String, AttributeValue>;

/// Attribute that names an item's kind. Bodies have `kind` fields of their own, so it is spelled out.
pub(crate) const KIND: &str = "item_kind";

/// Attributes that belong to the house, not to the body.
pub(crate) const FRAME: [&str; 11] = ["pk", "sk", KIND, "v", "rev", "ttl", "l_pk", "l_sk", "t_pk", "t_sk", "wake"];

/// A kind of item: its name and the version of its shape.
pub(crate) trait Kind: Serialize + DeserializeOwned {
    /// Name in the attribute [`KIND`].
    const KIND: &'static str;
    /// Version of the shape that is written. Older ones are migrated on read; a newer one, which another version of the portal wrote,
    /// is refused, as writing it back would drop what is new in it.
    const VERSION: u32 = 1;

    /// Brings a body of version `from`, which is older than [`Kind::VERSION`], to the next one.
    fn migrate(_raw: &mut Raw, _from: u32) {}
}

/// Names a type's kind.
macro_rules! kind {
    ($($body:ty = $name:literal;)*) => { $(impl $crate::item::Kind for $body { const KIND: &'static str = $name; })* };
}
pub(crate) use kind;

/// A body together with the revision it had when it was read; a commit holds only if it still has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded<T> {
    /// What was read.
    pub value: T,
    /// Revision, counted from 1.
    pub rev: u64,
}

/// An item to be written.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) key: Key,
    pub(crate) raw: Raw,
}

impl Item {
    /// Wraps a body at a key, as revision `rev`.
    pub(crate) fn new<T: Kind>(key: Key, body: &T, rev: u64) -> Result<Self, StoreError> {
        check_key(&key.pk, &key.sk)?;
        let corrupt = |error: serde_dynamo::Error| StoreError::Corrupt { kind: T::KIND, reason: error.to_string() };
        let mut raw: Raw = serde_dynamo::aws_sdk_dynamodb_1::to_item(body).map_err(corrupt)?;
        raw.insert(KIND.into(), AttributeValue::S(T::KIND.into()));
        raw.insert("v".into(), AttributeValue::N(T::VERSION.to_string()));
        raw.insert("rev".into(), AttributeValue::N(rev.to_string()));
        raw.insert("pk".into(), AttributeValue::S(key.pk.clone()));
        raw.insert("sk".into(), AttributeValue::S(key.sk.clone()));
        Ok(Self { key, raw })
    }

    /// DynamoDB deletes the item some time after this second; code checks expiry itself.
    #[must_use]
    pub(crate) fn expiring(self, at: jiff::Timestamp) -> Self {
        self.with("ttl", AttributeValue::N(at.as_second().to_string()))
    }

    /// Place in the index `lists`.
    #[must_use]
    pub(crate) fn listed(self, pk: String, sk: String) -> Self {
        self.with("l_pk", AttributeValue::S(pk)).with("l_sk", AttributeValue::S(sk))
    }

    /// Place in the index `todo`.
    #[must_use]
    pub(crate) fn todo(self, pk: String, sk: String) -> Self {
        self.with("t_pk", AttributeValue::S(pk)).with("t_sk", AttributeValue::S(sk))
    }

    /// Wakes a reader of the stream when the item is inserted.
    #[must_use]
    pub(crate) fn waking(self, reader: Reader) -> Self {
        self.with("wake", AttributeValue::S(reader.name().into()))
    }

    /// As DynamoDB's own JSON says it.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        self.raw.iter().map(|(name, value)| (name.clone(), value_json(value))).collect::<serde_json::Map<_, _>>().into()
    }

    fn with(mut self, name: &str, value: AttributeValue) -> Self {
        self.raw.insert(name.into(), value);
        self
    }
}

fn value_json(value: &AttributeValue) -> serde_json::Value {
    use serde_json::json;
    match value {
        AttributeValue::S(text) => json!({ "S": text }),
        AttributeValue::N(number) => json!({ "N": number }),
        AttributeValue::Bool(flag) => json!({ "BOOL": flag }),
        AttributeValue::L(items) => json!({ "L": items.iter().map(value_json).collect::<Vec<_>>() }),
        AttributeValue::M(fields) => {
            let fields = fields.iter().map(|(name, value)| (name.clone(), value_json(value)));
            json!({ "M": fields.collect::<serde_json::Map<_, _>>() })
        }
        _ => json!({ "NULL": true }),
    }
}

/// Reads a body back.
pub(crate) fn read<T: Kind>(mut raw: Raw) -> Result<Loaded<T>, StoreError> {
    let corrupt = |reason: String| StoreError::Corrupt { kind: T::KIND, reason };
    if text(&raw, KIND) != Some(T::KIND) {
        return Err(corrupt("it is of another kind".into()));
    }
    let rev = number(&raw, "rev").ok_or_else(|| corrupt("it has no revision".into()))?;
    let version = number(&raw, "v").and_then(|version| u32::try_from(version).ok());
    let version = version.ok_or_else(|| corrupt("it has no version".into()))?;
    if version > T::VERSION {
        return Err(corrupt(format!("it is of version {version}, known is {}", T::VERSION)));
    }
    for name in FRAME {
        raw.remove(name);
    }
    for from in version..T::VERSION {
        T::migrate(&mut raw, from);
    }
    let value = serde_dynamo::aws_sdk_dynamodb_1::from_item(raw).map_err(|error| corrupt(error.to_string()))?;
    Ok(Loaded { value, rev })
}

/// Largest packed body; DynamoDB's own limit for an item is 400 kB.
const MAX_PACKED_BYTES: usize = 300_000;
/// Largest body once unpacked; a bound for the reader.
const MAX_UNPACKED_BYTES: u64 = 16_000_000;

/// A long body as compressed JSON: a read pays for bytes.
pub(crate) fn pack<T: Serialize>(kind: &'static str, body: &T) -> Result<Vec<u8>, StoreError> {
    let broken = |reason: String| StoreError::Corrupt { kind, reason };
    let json = serde_json::to_vec(body).map_err(|error| broken(error.to_string()))?;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let packed = encoder.write_all(&json).and_then(|()| encoder.finish()).map_err(|error| broken(error.to_string()))?;
    if packed.len() > MAX_PACKED_BYTES {
        return Err(StoreError::TooLarge(kind));
    }
    Ok(packed)
}

/// Reads [`pack`]'s bytes.
pub(crate) fn unpack<T: DeserializeOwned>(kind: &'static str, packed: &[u8]) -> Result<T, StoreError> {
    let broken = |reason: String| StoreError::Corrupt { kind, reason };
    let mut json = Vec::new();
    let mut decoder = GzDecoder::new(packed).take(MAX_UNPACKED_BYTES);
    decoder.read_to_end(&mut json).map_err(|error| broken(error.to_string()))?;
    serde_json::from_slice(&json).map_err(|error| broken(error.to_string()))
}

/// How long [`pack`]'s bytes are once unpacked: gzip keeps it in its last four bytes.
pub(crate) fn unpacked_bytes(packed: &[u8]) -> usize {
    packed.last_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes) as usize)
}

/// A text attribute.
pub(crate) fn text<'a>(raw: &'a Raw, name: &str) -> Option<&'a str> {
    raw.get(name)?.as_s().ok().map(String::as_str)
}

/// A numeric attribute.
pub(crate) fn number(raw: &Raw, name: &str) -> Option<u64> {
    raw.get(name)?.as_n().ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    /// A body as it was, and as it came to be: its name became two, then it got a size.
    #[derive(Debug, Serialize, Deserialize)]
    struct Old {
        name: String,
    }

    #[derive(Debug, Serialize, Deserialize, PartialEq, Eq)]
    struct New {
        first: String,
        last: String,
        size: u32,
    }

    kind! { Old = "body"; }

    impl Kind for New {
        const KIND: &'static str = "body";
        const VERSION: u32 = 3;

        fn migrate(raw: &mut Raw, from: u32) {
            if from == 1 {
                let name = text(raw, "name").unwrap_or_default().to_owned();
                let (first, last) = name.split_once(' ').unwrap_or(("", &name));
                raw.insert("first".into(), AttributeValue::S(first.into()));
                raw.insert("last".into(), AttributeValue::S(last.into()));
            } else {
                raw.insert("size".into(), AttributeValue::N("1".into()));
            }
        }
    }

    fn key() -> Key {
        Key { pk: "T#ten_1".into(), sk: "BODY".into() }
    }

    #[test]
    fn an_older_body_is_migrated_one_version_after_the_other() {
        let old = Item::new(key(), &Old { name: "Exemplus Tine".into() }, 4).unwrap();
        let read = read::<New>(old.raw).unwrap();
        let new = New { first: "Exemplus".into(), last: "Tine".into(), size: 1 };
        assert_eq!((read.value, read.rev), (new, 4));
    }

    #[test]
    fn a_newer_body_is_left_to_who_knows_it() {
        let new = Item::new(key(), &New { first: "Exemplus".into(), last: "Tine".into(), size: 1 }, 1).unwrap();
        let refused = read::<Old>(new.raw).unwrap_err();
        assert!(refused.to_string().contains("version 3"), "{refused}");
    }
}
