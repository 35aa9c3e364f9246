//! The DynamoDB-compatible engine, embedded: one table, its stream, and the sweep of expired items.

use crate::table::{self, TableDefinition};
use dynoxide::{
    Database,
    actions::{
        describe_table::DescribeTableRequest,
        get_records::{GetRecordsRequest, Record},
        get_shard_iterator::GetShardIteratorRequest,
        put_item::PutItemRequest,
        query::QueryRequest,
        scan::ScanRequest,
        update_table::UpdateTableRequest,
    },
    streams,
};
use std::{path::Path, time::Duration};
use web::Clock;

const SWEEP_EVERY: Duration = Duration::from_secs(60);
/// Two readings of one clock, one after the other.
const SLACK: Duration = Duration::from_secs(1);

/// The engine with the portal's table in it.
#[derive(Clone)]
pub struct Dynamo {
    database: Database,
    table_name: String,
}

impl std::fmt::Debug for Dynamo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dynamo").field("table_name", &self.table_name).finish_non_exhaustive()
    }
}

impl Dynamo {
    /// Opens the file, or memory without one, and creates the table if it is not there yet.
    pub(crate) fn open(file: Option<&Path>, table_name: &str) -> Result<Self, String> {
        let database = match file {
            None => Database::memory(),
            Some(file) => Database::new(&file.to_string_lossy()),
        }
        .map_err(|error| format!("cannot open the table: {error}"))?;
        let dynamo = Self { database, table_name: table_name.to_owned() };
        dynamo.create_table()?;
        if let Some(file) = file {
            order_the_stream(file).map_err(|error| format!("cannot order the table's stream: {error}"))?;
        }
        Ok(dynamo)
    }

    fn create_table(&self) -> Result<(), String> {
        let known = DescribeTableRequest { table_name: self.table_name.clone() };
        if self.database.describe_table(known).is_ok() {
            return Ok(());
        }
        let TableDefinition { create, time_to_live } = table::definition(&self.table_name)?;
        let wrong = |error| format!("the table of data.yaml was refused: {error}");
        self.database.create_table(create).map_err(wrong)?;
        self.database.update_time_to_live(time_to_live).map_err(wrong)?;
        Ok(())
    }

    /// Serves the table and deletes expired items once a minute, as AWS does within days.
    pub(crate) async fn serve(
        self,
        listener: tokio::net::TcpListener,
        clock: Clock,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), String> {
        let sweeper = tokio::spawn(sweep(self.database.clone(), clock));
        let served = dynoxide::server::serve_with_shutdown(listener, self.database, stop).await;
        sweeper.abort();
        served
    }

    /// Every item of the table, in DynamoDB's JSON: for tests that count what was stored and look for what must not be.
    ///
    /// # Errors
    /// When the engine cannot read its table.
    pub fn items(&self) -> Result<Vec<serde_json::Value>, String> {
        let mut items = Vec::new();
        let mut after = None;
        loop {
            let table_name = self.table_name.clone();
            let request = ScanRequest { table_name, exclusive_start_key: after, ..ScanRequest::default() };
            let page = self.database.scan(request).map_err(|error| error.to_string())?;
            let read = page.items.unwrap_or_default().into_iter().map(serde_json::to_value);
            items.extend(read.collect::<Result<Vec<_>, _>>().map_err(|error| error.to_string())?);
            after = page.last_evaluated_key;
            if after.is_none() {
                return Ok(items);
            }
        }
    }

    /// The items of one partition, as many as fit into one answer (1 MB), in DynamoDB's JSON.
    ///
    /// # Errors
    /// When the engine cannot read its table.
    pub fn partition(&self, key: &str) -> Result<Vec<serde_json::Value>, String> {
        let request = serde_json::json!({
            "TableName": self.table_name,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": { ":pk": { "S": key } },
        });
        let request: QueryRequest = serde_json::from_value(request).map_err(|error| error.to_string())?;
        let page = self.database.query(request).map_err(|error| error.to_string())?;
        let items = page.items.unwrap_or_default().into_iter().map(serde_json::to_value);
        items.collect::<Result<_, _>>().map_err(|error| error.to_string())
    }

    /// Puts an item in DynamoDB's JSON into the table behind everybody's back: for tests that spoil one.
    ///
    /// # Errors
    /// When the engine refuses it.
    pub fn put(&self, item: &serde_json::Value) -> Result<(), String> {
        let request = serde_json::json!({ "TableName": self.table_name, "Item": item });
        let request: PutItemRequest = serde_json::from_value(request).map_err(|error| error.to_string())?;
        self.database.put_item(request).map(|_| ()).map_err(|error| error.to_string())
    }

    /// From now on what is written goes into no stream: for long runs that read none. The engine looks through all of it
    /// before each write, see `order_the_stream`.
    ///
    /// # Errors
    /// When the engine refuses it.
    pub fn end_stream(&self) -> Result<(), String> {
        let request = serde_json::json!({
            "TableName": self.table_name,
            "StreamSpecification": { "StreamEnabled": false },
        });
        let request: UpdateTableRequest = serde_json::from_value(request).map_err(|error| error.to_string())?;
        self.database.update_table(request).map(|_| ()).map_err(|error| error.to_string())
    }

    /// Where the stream ends now: later reads from here see only what is written from now on.
    pub(crate) fn stream_end(&self) -> Result<StreamPosition, String> {
        let request = GetShardIteratorRequest {
            stream_arn: streams::stream_arn(&self.table_name, "local"),
            shard_id: streams::shard_id(&self.table_name),
            shard_iterator_type: "LATEST".to_owned(),
            sequence_number: None,
        };
        let answer = self.database.get_shard_iterator(request).map_err(|error| error.to_string())?;
        answer.shard_iterator.map(StreamPosition).ok_or_else(|| "the table has no stream".to_owned())
    }

    /// At most `limit` changes after `position`, and where they end.
    pub(crate) fn read_stream(
        &self,
        position: &StreamPosition,
        limit: usize,
    ) -> Result<(Vec<Record>, StreamPosition), String> {
        let request = GetRecordsRequest { shard_iterator: position.0.clone(), limit: Some(limit) };
        let answer = self.database.get_records(request).map_err(|error| error.to_string())?;
        let next = answer.next_shard_iterator.map_or_else(|| position.clone(), StreamPosition);
        Ok((answer.records, next))
    }
}

/// The engine looks for the stream's last number before each write, and reads the whole stream to find it: a demo of ten
/// thousand invoices took many minutes. With these orders in its file it is one step. In memory streams are short.
fn order_the_stream(file: &Path) -> rusqlite::Result<()> {
    rusqlite::Connection::open(file)?.execute_batch(
        "CREATE INDEX IF NOT EXISTS _stream_records_last
             ON _stream_records (table_name, CAST(sequence_number AS INTEGER));
         CREATE INDEX IF NOT EXISTS _stream_records_next
             ON _stream_records (table_name, shard_id, CAST(sequence_number AS INTEGER));",
    )
}

/// A place in the table's stream.
#[derive(Debug, Clone)]
pub(crate) struct StreamPosition(String);

/// The engine sweeps by the machine's clock. Where the portal's stands before it, that would delete what has not expired.
async fn sweep(database: Database, clock: Clock) {
    let mut minute = tokio::time::interval(SWEEP_EVERY);
    loop {
        minute.tick().await;
        if clock.now() < Clock::system().now() - SLACK {
            continue;
        }
        let database = database.clone();
        let swept = tokio::task::spawn_blocking(move || database.sweep_ttl()).await;
        if let Ok(Err(error)) = swept {
            tracing::warn!(%error, "expired items were not swept");
        }
    }
}
