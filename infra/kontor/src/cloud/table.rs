//! The whole table, as only an operator may have it: no function may scan, and none writes an item it did not make.

use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use futures_util::StreamExt as _;
use serde_json::Value;

use super::{
    attributes::{Raw, from_json, to_json},
    items::{self, DUE},
    place::{Place, refused},
};
use crate::{Failure, client::pause_before};

/// Items of one write, as DynamoDB has it.
const BATCH: usize = 25;
/// Writes under way at once.
const WRITES_AT_ONCE: usize = 8;
/// How often what a table did not take of a write is written again.
const TRIES: u32 = 8;

/// The one table.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    dynamo: aws_sdk_dynamodb::Client,
    name: String,
}

/// A part of it, and where the next one begins.
pub(crate) struct Page {
    pub(crate) items: Vec<Value>,
    pub(crate) next: Option<Raw>,
}

impl Table {
    pub(crate) fn of(place: &Place) -> Result<Self, Failure> {
        Ok(Self { dynamo: place.dynamodb(), name: place.need("TABLE_NAME")?.to_owned() })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Up to a megabyte of items, in no order.
    pub(crate) async fn page(&self, after: Option<Raw>) -> Result<Page, Failure> {
        let asked = self.dynamo.scan().table_name(&self.name).consistent_read(true).set_exclusive_start_key(after);
        let page = Box::pin(asked.send()).await.map_err(refused("the table cannot be read (dynamodb:Scan)"))?;
        let read = page.items.unwrap_or_default().iter().map(to_json).collect::<Option<Vec<Value>>>();
        let items = read.ok_or_else(|| Failure::Cloud("the table holds an attribute of an unknown kind".to_owned()))?;
        Ok(Page { items, next: page.last_evaluated_key })
    }

    /// The one table that it is: its address and when it was made.
    pub(crate) async fn identity(&self) -> Result<String, Failure> {
        let asked = self.dynamo.describe_table().table_name(&self.name).send();
        let found = Box::pin(asked).await.map_err(refused("the table cannot be described (dynamodb:DescribeTable)"))?;
        let table = found.table();
        let made = table.and_then(|table| table.creation_date_time()).map_or(0, |made| made.secs());
        Ok(format!("{} {made}", table.and_then(|table| table.table_arn()).unwrap_or_default()))
    }

    /// Is nothing in it but what a stage has before its first tenant?
    pub(crate) async fn is_empty(&self) -> Result<bool, Failure> {
        let mut after = None;
        loop {
            let page = self.page(after).await?;
            if !page.items.iter().all(items::is_of_installation) {
                return Ok(false);
            }
            after = page.next;
            if after.is_none() {
                return Ok(true);
            }
        }
    }

    /// Puts items, whatever was there.
    pub(crate) async fn put_all(&self, items: &[Value]) -> Result<(), Failure> {
        let writes = items.chunks(BATCH).map(|batch| self.put_batch(batch));
        let mut writes = futures_util::stream::iter(writes).buffer_unordered(WRITES_AT_ONCE);
        while let Some(written) = writes.next().await {
            written?;
        }
        Ok(())
    }

    async fn put_batch(&self, items: &[Value]) -> Result<(), Failure> {
        let mut writes = items.iter().map(put).collect::<Result<Vec<_>, _>>()?;
        for tried in 1..=TRIES {
            let asked = self.dynamo.batch_write_item().request_items(&self.name, writes).send();
            let answer = Box::pin(asked).await;
            let answer = answer.map_err(refused("items cannot be written (dynamodb:BatchWriteItem)"))?;
            writes = answer.unprocessed_items.and_then(|mut left| left.remove(&self.name)).unwrap_or_default();
            if writes.is_empty() {
                return Ok(());
            }
            tokio::time::sleep(pause_before(tried, None, fastrand::f64()).unwrap_or_default()).await;
        }
        Err(Failure::Cloud("the table is too busy to take everything; the same command goes on from here".to_owned()))
    }

    /// Lets items that lie at rest make work again, unless somebody changed them meanwhile: then that says what is to be done.
    pub(crate) async fn wake_all(&self, items: &[Value]) -> Result<(), Failure> {
        let wakings = items.iter().map(|item| self.wake(item));
        let mut wakings = futures_util::stream::iter(wakings).buffer_unordered(WRITES_AT_ONCE);
        while let Some(woken) = wakings.next().await {
            woken?;
        }
        Ok(())
    }

    async fn wake(&self, item: &Value) -> Result<(), Failure> {
        let mut raw = raw(item)?;
        let mut asked = self.dynamo.update_item().table_name(&self.name);
        for name in ["pk", "sk"] {
            asked = asked.key(name, raw.remove(name).unwrap_or(AttributeValue::Null(true)));
        }
        let mut condition = "attribute_exists(pk) AND attribute_not_exists(t_pk)".to_owned();
        if let Some(rev) = raw.remove("rev") {
            condition.push_str(" AND rev = :rev");
            asked = asked.expression_attribute_values(":rev", rev);
        }
        let mut set = Vec::new();
        for name in DUE {
            let Some(value) = raw.remove(name) else { continue };
            set.push(format!("{name} = :{name}"));
            asked = asked.expression_attribute_values(format!(":{name}"), value);
        }
        let asked = asked.update_expression(format!("SET {}", set.join(", "))).condition_expression(condition).send();
        match Box::pin(asked).await {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(error) if error.is_conditional_check_failed_exception() => Ok(()),
                _ => Err(refused("items cannot be made due (dynamodb:UpdateItem)")(error)),
            },
        }
    }
}

fn raw(item: &Value) -> Result<Raw, Failure> {
    from_json(item).ok_or_else(|| Failure::Input("the export holds a line that is no item".to_owned()))
}

fn put(item: &Value) -> Result<WriteRequest, Failure> {
    let put = PutRequest::builder().set_item(Some(raw(item)?)).build();
    let put = put.map_err(|error| Failure::Input(format!("an item cannot be written: {error}")))?;
    Ok(WriteRequest::builder().put_request(put).build())
}
