//! The connection: time limits, retries and the warm-up.

use std::{sync::Arc, time::Duration};

use aws_sdk_dynamodb::{
    Client,
    config::{retry::RetryConfig, timeout::TimeoutConfig},
};

use crate::{Directory, access, contact::ContactCache, key::global, meter::CountCalls};

/// Longest time one operation may take with all its tries: the page answers 503 within 3 s.
const OPERATION_TIMEOUT: Duration = Duration::from_millis(2_800);
/// Longest time of one try.
const ATTEMPT_TIMEOUT: Duration = Duration::from_millis(1_500);
/// Longest time for a handshake.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(1_000);
/// Tries of one operation.
const ATTEMPTS: u32 = 3;
/// Connections opened while a function initialises: no page asks more at once.
const CONNECTIONS: usize = 5;
/// Longest time the warm-up may hold up the start of a function.
const WARM_TIMEOUT: Duration = Duration::from_secs(1);

/// Where the table is.
#[derive(Debug, Clone)]
pub struct StoreConfig {
    /// Name of the one table.
    pub table: String,
    /// Are all its tenants sandboxes (M-02)?
    pub is_sandbox_stage: bool,
}

/// The table, shared by everything in one process.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) dynamo: Client,
    pub(crate) table: String,
    pub(crate) is_sandbox_stage: bool,
    pub(crate) directory: Directory,
    pub(crate) contacts: ContactCache,
}

impl Store {
    /// A client with the house's limits; nothing is asked yet.
    #[must_use]
    pub fn connect(aws: &aws_config::SdkConfig, config: StoreConfig) -> Self {
        let timeouts = TimeoutConfig::builder()
            .operation_timeout(OPERATION_TIMEOUT)
            .operation_attempt_timeout(ATTEMPT_TIMEOUT)
            .connect_timeout(CONNECT_TIMEOUT)
            .build();
        let retries = RetryConfig::standard()
            .with_max_attempts(ATTEMPTS)
            .with_initial_backoff(Duration::from_millis(50))
            .with_max_backoff(Duration::from_millis(400));
        let sdk = aws_sdk_dynamodb::config::Builder::from(aws)
            .timeout_config(timeouts)
            .retry_config(retries)
            .interceptor(CountCalls)
            .build();
        let inner = Inner {
            dynamo: Client::from_conf(sdk),
            table: config.table,
            is_sandbox_stage: config.is_sandbox_stage,
            directory: Directory::default(),
            contacts: ContactCache::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Opens connections while the function initialises, so that the first request finds them open: as many as it asks at
    /// once, one call each (DynamoDB speaks HTTP/1.1). Errors are ignored: the first request will meet them itself.
    pub async fn warm(&self) {
        let asked = futures_util::future::join_all((0..CONNECTIONS).map(|_| Box::pin(self.ping())));
        let answered = tokio::time::timeout(WARM_TIMEOUT, asked).await;
        if !answered.is_ok_and(|answers| answers.iter().all(|answered| *answered)) {
            tracing::warn!("the warm-up got no answer");
        }
    }

    /// Asks the table the least there is to ask; does it answer?
    pub async fn ping(&self) -> bool {
        access::get_raw(self, global::warm(), false).await.is_ok()
    }
}
