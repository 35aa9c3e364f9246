//! The few ways in which items are read and written; entity files say what, this file says how. What the SDK sends is
//! pinned on the heap: its futures are large, and everything that awaits them would carry them on its stack.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    operation::query::builders::QueryFluentBuilder,
    types::{AttributeValue, KeysAndAttributes, Select},
};

use crate::{
    Loaded, Store, StoreError, TenantStore,
    error::from_sdk,
    item::{Item, Kind, Raw, read, text},
    key::Key,
};

/// Most items one BatchGet carries.
const BATCH: usize = 100;
/// Times unprocessed keys of a batch are asked for again.
const BATCH_TRIES: usize = 4;
/// Below every sort key there is: none begins with white space, and DynamoDB refuses an empty bound.
const LOWEST: &str = "!";

/// A bounded part of a list and where it goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items, in the order of the list.
    pub items: Vec<T>,
    /// The sort key to go on after; opaque to everybody but the store.
    pub next: Option<String>,
}

/// A range of one partition.
#[derive(Debug, Clone)]
pub(crate) struct Range {
    pub(crate) pk: String,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) newest_first: bool,
    pub(crate) limit: i32,
    pub(crate) after: Option<String>,
    pub(crate) consistent: bool,
}

impl Range {
    /// All items whose sort key begins with a prefix, oldest first; an empty one means the whole partition.
    pub(crate) fn prefix(pk: String, prefix: &str, limit: i32) -> Self {
        // `~` sorts after everything a slug, id or date can contain but slugs' own escapes, hence the highest BMP letter.
        let to = format!("{prefix}\u{ffff}");
        let from = if prefix.is_empty() { LOWEST } else { prefix }.to_owned();
        Self { pk, from, to, newest_first: false, limit, after: None, consistent: false }
    }

    pub(crate) fn newest_first(self) -> Self {
        Self { newest_first: true, ..self }
    }

    pub(crate) fn consistent(self) -> Self {
        Self { consistent: true, ..self }
    }

    pub(crate) fn after(self, after: Option<String>) -> Self {
        Self { after, ..self }
    }
}

pub(crate) async fn get_raw(store: &Store, key: Key, consistent: bool) -> Result<Option<Raw>, StoreError> {
    check_key(&key.pk, &key.sk)?;
    let inner = &store.inner;
    let request = inner
        .dynamo
        .get_item()
        .table_name(&inner.table)
        .key("pk", AttributeValue::S(key.pk))
        .key("sk", AttributeValue::S(key.sk))
        .consistent_read(consistent);
    let answer = Box::pin(request.send()).await.map_err(|error| from_sdk(&error))?;
    Ok(answer.item)
}

pub(crate) async fn get<T: Kind>(store: &Store, key: Key, consistent: bool) -> Result<Option<Loaded<T>>, StoreError> {
    get_raw(store, key, consistent).await?.map(read).transpose()
}

/// Gets many items of any kinds; absent ones are absent from the answer.
pub(crate) async fn batch_get(
    store: &Store,
    keys: Vec<Key>,
    consistent: bool,
) -> Result<HashMap<Key, Raw>, StoreError> {
    keys.iter().try_for_each(|key| check_key(&key.pk, &key.sk))?;
    let mut found = HashMap::with_capacity(keys.len());
    for part in keys.chunks(BATCH) {
        let mut wanted: Vec<HashMap<String, AttributeValue>> = part.iter().map(key_map).collect();
        for _ in 0..BATCH_TRIES {
            if wanted.is_empty() {
                break;
            }
            wanted = batch_once(store, wanted, consistent, &mut found).await?;
        }
        if !wanted.is_empty() {
            return Err(StoreError::Unavailable("batch not processed".into()));
        }
    }
    Ok(found)
}

/// The same in the order of the keys.
pub(crate) async fn batch_in_order(store: &Store, keys: Vec<Key>, consistent: bool) -> Result<Vec<Raw>, StoreError> {
    let mut found = batch_get(store, keys.clone(), consistent).await?;
    Ok(keys.iter().filter_map(|key| found.remove(key)).collect())
}

async fn batch_once(
    store: &Store,
    wanted: Vec<HashMap<String, AttributeValue>>,
    consistent: bool,
    found: &mut HashMap<Key, Raw>,
) -> Result<Vec<HashMap<String, AttributeValue>>, StoreError> {
    let inner = &store.inner;
    let request = KeysAndAttributes::builder()
        .set_keys(Some(wanted))
        .consistent_read(consistent)
        .build()
        .map_err(|error| StoreError::Rejected(error.to_string()))?;
    let request = inner.dynamo.batch_get_item().request_items(&inner.table, request);
    let answer = Box::pin(request.send()).await.map_err(|error| from_sdk(&error))?;
    for raw in answer.responses.into_iter().flat_map(|mut tables| tables.remove(&inner.table)).flatten() {
        if let (Some(pk), Some(sk)) = (text(&raw, "pk"), text(&raw, "sk")) {
            found.insert(Key { pk: pk.to_owned(), sk: sk.to_owned() }, raw);
        }
    }
    let left = answer.unprocessed_keys.and_then(|mut tables| tables.remove(&inner.table));
    Ok(left.map(|keys| keys.keys).unwrap_or_default())
}

/// DynamoDB keeps no key that is empty or longer than this; the engines of tests do, so the house's own entrance refuses it.
const MAX_PK_BYTES: usize = 2_048;
const MAX_SK_BYTES: usize = 1_024;

/// Refuses a key that DynamoDB would refuse.
pub(crate) fn check_key(pk: &str, sk: &str) -> Result<(), StoreError> {
    let fits = |part: &str, max: usize| (1..=max).contains(&part.len());
    match fits(pk, MAX_PK_BYTES) && fits(sk, MAX_SK_BYTES) {
        true => Ok(()),
        false => Err(StoreError::Rejected("a key is empty or too long".into())),
    }
}

fn key_map(key: &Key) -> HashMap<String, AttributeValue> {
    HashMap::from([
        ("pk".to_owned(), AttributeValue::S(key.pk.clone())),
        ("sk".to_owned(), AttributeValue::S(key.sk.clone())),
    ])
}

/// One page of a partition of the table.
pub(crate) async fn query(store: &Store, range: Range) -> Result<Page<Raw>, StoreError> {
    check_range(&range)?;
    let start = range.after.clone().map(|sk| key_map(&Key { pk: range.pk.clone(), sk }));
    let request =
        base_query(store, &range, "pk", "sk").consistent_read(range.consistent).set_exclusive_start_key(start);
    run_query(request, "sk").await
}

/// One page of an index partition. `after` is the index's sort key and the item's own key, as [`index_cursor`] makes it.
pub(crate) async fn query_index(store: &Store, index: Index, range: Range) -> Result<Page<Raw>, StoreError> {
    check_range(&range)?;
    let start = range.after.as_deref().and_then(|after| index.start_key(&range.pk, after));
    let (pk, sk) = index.attributes();
    let request = base_query(store, &range, pk, sk).index_name(index.name()).set_exclusive_start_key(start);
    let mut page = run_query(request, sk).await?;
    page.next = page.next.and_then(|_| page.items.last().and_then(|raw| index_cursor(raw, sk)));
    Ok(page)
}

/// One of the two indexes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Index {
    Lists,
    Todo,
}

impl Index {
    const fn name(self) -> &'static str {
        match self {
            Self::Lists => "lists",
            Self::Todo => "todo",
        }
    }

    const fn attributes(self) -> (&'static str, &'static str) {
        match self {
            Self::Lists => ("l_pk", "l_sk"),
            Self::Todo => ("t_pk", "t_sk"),
        }
    }

    fn start_key(self, index_pk: &str, after: &str) -> Option<HashMap<String, AttributeValue>> {
        let mut parts = after.split('\u{1}');
        let (index_sk, pk, sk) = (parts.next()?, parts.next()?, parts.next()?);
        let (pk_name, sk_name) = self.attributes();
        let mut start = key_map(&Key { pk: pk.to_owned(), sk: sk.to_owned() });
        start.insert(pk_name.to_owned(), AttributeValue::S(index_pk.to_owned()));
        start.insert(sk_name.to_owned(), AttributeValue::S(index_sk.to_owned()));
        Some(start)
    }
}

pub(crate) fn index_cursor(raw: &Raw, sk_name: &str) -> Option<String> {
    Some([text(raw, sk_name)?, text(raw, "pk")?, text(raw, "sk")?].join("\u{1}"))
}

fn base_query(store: &Store, range: &Range, pk: &str, sk: &str) -> QueryFluentBuilder {
    let inner = &store.inner;
    inner
        .dynamo
        .query()
        .table_name(&inner.table)
        .key_condition_expression("#pk = :pk AND #sk BETWEEN :from AND :to")
        .expression_attribute_names("#pk", pk)
        .expression_attribute_names("#sk", sk)
        .expression_attribute_values(":pk", AttributeValue::S(range.pk.clone()))
        .expression_attribute_values(":from", AttributeValue::S(range.from.clone()))
        .expression_attribute_values(":to", AttributeValue::S(range.to.clone()))
        .scan_index_forward(!range.newest_first)
        .limit(range.limit)
}

/// Bounds are values of the sort key and must be such as could stand in the table.
fn check_range(range: &Range) -> Result<(), StoreError> {
    check_key(&range.pk, &range.from)?;
    check_key(&range.pk, &range.to)
}

async fn run_query(request: QueryFluentBuilder, sk: &str) -> Result<Page<Raw>, StoreError> {
    let answer = Box::pin(request.send()).await.map_err(|error| from_sdk(&error))?;
    let next = answer.last_evaluated_key.as_ref().and_then(|key| text(key, sk).map(str::to_owned));
    Ok(Page { items: answer.items.unwrap_or_default(), next })
}

/// Reads on until the range ends; for partitions that are bounded by a rule of the house.
pub(crate) async fn query_all(store: &Store, range: Range) -> Result<Vec<Raw>, StoreError> {
    let mut items = Vec::new();
    let mut after = range.after.clone();
    loop {
        let page = query(store, range.clone().after(after)).await?;
        items.extend(page.items);
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(items),
        }
    }
}

/// How many items a range has; nothing of them is carried over.
pub(crate) async fn count_all(store: &Store, range: Range) -> Result<u64, StoreError> {
    check_range(&range)?;
    let (mut count, mut start) = (0, None);
    loop {
        let request = base_query(store, &range, "pk", "sk").consistent_read(range.consistent).select(Select::Count);
        let request = request.set_exclusive_start_key(start);
        let answer = Box::pin(request.send()).await.map_err(|error| from_sdk(&error))?;
        count += u64::try_from(answer.count).unwrap_or_default();
        match answer.last_evaluated_key {
            Some(key) => start = Some(key),
            None => return Ok(count),
        }
    }
}

/// How many items an index's range has, at most as many as its limit; nothing of them is carried over.
pub(crate) async fn count_index(store: &Store, index: Index, range: Range) -> Result<u64, StoreError> {
    check_range(&range)?;
    let (pk, sk) = index.attributes();
    let request = base_query(store, &range, pk, sk).index_name(index.name()).select(Select::Count);
    let answer = Box::pin(request.send()).await.map_err(|error| from_sdk(&error))?;
    Ok(u64::try_from(answer.count).unwrap_or_default())
}

/// Reads an index on until the range ends.
pub(crate) async fn query_index_all(store: &Store, index: Index, range: Range) -> Result<Vec<Raw>, StoreError> {
    let mut items = Vec::new();
    let mut after = range.after.clone();
    loop {
        let page = query_index(store, index, range.clone().after(after)).await?;
        items.extend(page.items);
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(items),
        }
    }
}

/// Writes one item whatever was there.
pub(crate) async fn put(store: &Store, item: Item) -> Result<(), StoreError> {
    let inner = &store.inner;
    let request = inner.dynamo.put_item().table_name(&inner.table).set_item(Some(item.raw));
    let sent = Box::pin(request.send()).await;
    sent.map(|_| ()).map_err(|error| from_sdk(&error))
}

/// Deletes one item, there or not.
pub(crate) async fn delete(store: &Store, key: Key) -> Result<(), StoreError> {
    let inner = &store.inner;
    let request = inner.dynamo.delete_item().table_name(&inner.table).set_key(Some(key_map(&key)));
    let sent = Box::pin(request.send()).await;
    sent.map(|_| ()).map_err(|error| from_sdk(&error))
}

/// A conditional update of single attributes.
#[derive(Debug)]
pub(crate) struct Update {
    pub(crate) key: Key,
    pub(crate) expression: &'static str,
    pub(crate) condition: Option<&'static str>,
    pub(crate) names: Vec<(&'static str, &'static str)>,
    pub(crate) values: Vec<(&'static str, AttributeValue)>,
}

/// Runs an update; `None` when its condition did not hold, else the item afterwards.
pub(crate) async fn update(store: &Store, update: Update) -> Result<Option<Raw>, StoreError> {
    let inner = &store.inner;
    let mut request = inner
        .dynamo
        .update_item()
        .table_name(&inner.table)
        .set_key(Some(key_map(&update.key)))
        .update_expression(update.expression)
        .set_condition_expression(update.condition.map(str::to_owned))
        .return_values(aws_sdk_dynamodb::types::ReturnValue::AllNew);
    for (placeholder, name) in update.names {
        request = request.expression_attribute_names(placeholder, name);
    }
    for (placeholder, value) in update.values {
        request = request.expression_attribute_values(placeholder, value);
    }
    match Box::pin(request.send()).await {
        Ok(answer) => Ok(Some(answer.attributes.unwrap_or_default())),
        Err(error) if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => Ok(None),
        Err(error) => Err(from_sdk(&error)),
    }
}

impl TenantStore {
    pub(crate) async fn get<T: Kind>(&self, key: Key, consistent: bool) -> Result<Option<Loaded<T>>, StoreError> {
        get(&self.store, key, consistent).await
    }

    /// Items named by an index row, in the order of the rows.
    pub(crate) async fn get_rows<T: Kind>(&self, rows: &[Raw]) -> Result<Vec<Loaded<T>>, StoreError> {
        let keys: Vec<Key> = rows
            .iter()
            .filter_map(|raw| Some(Key { pk: text(raw, "pk")?.to_owned(), sk: text(raw, "sk")?.to_owned() }))
            .collect();
        batch_in_order(&self.store, keys, false).await?.into_iter().map(read).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_bound_of_a_range_is_empty() {
        for prefix in ["", "A#"] {
            let range = Range::prefix("T#t#CONTACT".to_owned(), prefix, 1);
            assert_eq!(check_range(&range), Ok(()), "{range:?}");
            assert!(range.from.as_str() <= "A#PROFILE" && range.to.as_str() > "A#PROFILE", "{range:?}");
        }
    }

    #[test]
    fn a_key_that_dynamodb_refuses_is_refused_here() {
        assert_eq!(check_key("p", "s"), Ok(()));
        assert_eq!(check_key(&"p".repeat(2_048), &"s".repeat(1_024)), Ok(()));
        for (pk, sk) in [("", "s"), ("p", ""), (&"p".repeat(2_049), "s"), ("p", &"s".repeat(1_025))] {
            assert!(matches!(check_key(pk, sk), Err(StoreError::Rejected(_))), "{} {}", pk.len(), sk.len());
        }
    }
}
