//! The connection to the bucket: time limits, retries, and what is done with a file.

use std::{pin::Pin, time::Duration};

use aws_config::{SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_s3::{
    Client,
    presigning::PresigningConfig,
    primitives::{ByteStream, DateTime, SdkBody},
    types::ObjectLockMode,
};
use domain::id::{CustomerId, TenantId};
use jiff::Timestamp;

use crate::{
    Object,
    disposition::disposition,
    error::{FilesError, from_sdk, status},
    object::packed_of,
};

/// Longest time one operation may take with all its tries, the body included.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(3);
/// Longest time of one try.
const ATTEMPT_TIMEOUT: Duration = Duration::from_millis(1_500);
/// Longest time for a handshake.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(1_000);
/// Tries of one operation.
const ATTEMPTS: u32 = 3;

/// Where the files are.
#[derive(Debug, Clone)]
pub struct FilesConfig {
    /// Name of the one bucket.
    pub bucket: String,
    /// Ask `host/bucket/key` instead of `bucket.host/key`: for endpoints that are not AWS's own, such as the local
    /// cloud's.
    pub path_style: bool,
}

/// The bucket, shared by everything in one process.
#[derive(Debug, Clone)]
pub struct Files {
    s3: Client,
    bucket: String,
}

/// What became of a file that was to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Put {
    /// It lies there now.
    Stored,
    /// Something lay there before, and still does.
    AlreadyThere,
}

/// How a file is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// Its type.
    pub content_type: &'static str,
    /// Until when it is locked: then nobody deletes it but by a right of its own (`s3:BypassGovernanceRetention`). It must lie
    /// ahead, and the bucket must have Object Lock.
    pub until: Option<Timestamp>,
}

impl Kept {
    /// Of this type, and free to go at any time.
    #[must_use]
    pub const fn freely(content_type: &'static str) -> Self {
        Self { content_type, until: None }
    }
}

/// How a file is handed out.
#[derive(Debug, Clone, Copy)]
pub struct Presigned<'a> {
    /// As the browser is told, whatever was stored.
    pub content_type: &'static str,
    /// As the file is called on the customer's disk.
    pub file_name: &'a str,
    /// Shown in the browser instead of saved.
    pub inline: bool,
    /// How long the link works; more than [`Presigned::MAX_LIFETIME`] is cut to that.
    pub lifetime: Duration,
}

impl Presigned<'_> {
    /// Longest life of a link: whoever has it has the file.
    pub const MAX_LIFETIME: Duration = Duration::from_secs(300);
}

impl Files {
    /// A client with the house's limits. Nothing is asked yet: the first call connects.
    #[must_use]
    pub fn connect(aws: &SdkConfig, config: FilesConfig) -> Self {
        let timeouts = TimeoutConfig::builder()
            .operation_timeout(OPERATION_TIMEOUT)
            .operation_attempt_timeout(ATTEMPT_TIMEOUT)
            .connect_timeout(CONNECT_TIMEOUT)
            .build();
        let retries = RetryConfig::standard()
            .with_max_attempts(ATTEMPTS)
            .with_initial_backoff(Duration::from_millis(50))
            .with_max_backoff(Duration::from_millis(400));
        let sdk = aws_sdk_s3::config::Builder::from(aws)
            .timeout_config(timeouts)
            .retry_config(retries)
            .force_path_style(config.path_style)
            .build();
        Self { s3: Client::from_conf(sdk), bucket: config.bucket }
    }

    /// Writes a file where nothing lies yet (`If-None-Match: *`); never overwrites.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn put_once(&self, object: Object<'_>, bytes: Vec<u8>, kept: Kept) -> Result<Put, FilesError> {
        let put = self.s3.put_object().bucket(&self.bucket).key(object.key()).content_type(kept.content_type);
        let put = put
            .set_object_lock_mode(kept.until.map(|_| ObjectLockMode::Governance))
            .set_object_lock_retain_until_date(kept.until.map(|until| DateTime::from_secs(until.as_second())));
        let put = put.if_none_match("*").body(ByteStream::new(SdkBody::from(bytes))).send();
        match in_time(Box::pin(async { Ok(put.await) })).await? {
            Ok(_) => Ok(Put::Stored),
            Err(error) => match status(&error) {
                Some(412) => Ok(Put::AlreadyThere),
                // Somebody else is writing the same key at this moment: they win, or trying later helps.
                Some(409) if self.exists(object).await? => Ok(Put::AlreadyThere),
                _ => Err(from_sdk(&error)),
            },
        }
    }

    /// Reads a whole file of at most `max_bytes`.
    ///
    /// # Errors
    /// `NotFound`, `TooLarge`, `Unavailable`. Without the permission to list the bucket AWS says „access denied" instead
    /// of „not found", which is `Unavailable`.
    pub async fn get(&self, object: Object<'_>, max_bytes: usize) -> Result<Vec<u8>, FilesError> {
        in_time(Box::pin(async {
            let got = self.s3.get_object().bucket(&self.bucket).key(object.key()).send().await;
            let got = got.map_err(|error| from_sdk(&error))?;
            let promised = got.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or_default();
            let too_large = FilesError::TooLarge { limit_bytes: max_bytes };
            if promised > max_bytes {
                return Err(too_large);
            }
            let (mut bytes, mut body) = (Vec::with_capacity(promised), got.body);
            while let Some(chunk) = body.next().await {
                let chunk = chunk.map_err(|_| FilesError::Unavailable("the file ended early".to_owned()))?;
                if bytes.len() + chunk.len() > max_bytes {
                    return Err(too_large);
                }
                bytes.extend_from_slice(&chunk);
            }
            Ok(bytes)
        }))
        .await
    }

    /// Does a file lie there?
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn exists(&self, object: Object<'_>) -> Result<bool, FilesError> {
        let head = self.s3.head_object().bucket(&self.bucket).key(object.key()).send();
        match in_time(Box::pin(async { head.await.map_err(|error| from_sdk(&error)) })).await {
            Ok(_) => Ok(true),
            Err(FilesError::NotFound) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Takes a file away, there or not. Only an erasure does, and only what no law wants kept.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn delete(&self, object: Object<'_>) -> Result<(), FilesError> {
        self.delete_key(&object.key()).await
    }

    /// Takes away everything that was put together for a customer.
    ///
    /// # Errors
    /// `Unavailable`; some may be gone then, and doing it again is safe.
    pub async fn delete_packed(&self, tenant: &TenantId, customer: &CustomerId) -> Result<(), FilesError> {
        loop {
            let list = self.s3.list_objects_v2().bucket(&self.bucket).prefix(packed_of(tenant, customer)).send();
            let found = in_time(Box::pin(async { list.await.map_err(|error| from_sdk(&error)) })).await?;
            let keys: Vec<&str> = found.contents().iter().filter_map(|object| object.key()).collect();
            if keys.is_empty() {
                return Ok(());
            }
            for key in keys {
                self.delete_key(key).await?;
            }
        }
    }

    async fn delete_key(&self, key: &str) -> Result<(), FilesError> {
        let delete = self.s3.delete_object().bucket(&self.bucket).key(key).send();
        match in_time(Box::pin(async { delete.await.map_err(|error| from_sdk(&error)) })).await {
            Ok(_) | Err(FilesError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// A link that hands one file out for a short time, with its type and name signed in. S3 is not asked: the link is
    /// made even where nothing lies.
    ///
    /// # Errors
    /// `Unavailable` when there are no credentials to sign with.
    pub async fn presigned_get(&self, object: Object<'_>, how: Presigned<'_>) -> Result<String, FilesError> {
        let unsigned = |reason: &str| FilesError::Unavailable(format!("no link: {reason}"));
        let lifetime = how.lifetime.min(Presigned::MAX_LIFETIME);
        let expires = PresigningConfig::expires_in(lifetime).map_err(|_| unsigned("lifetime"))?;
        let get = self.s3.get_object().bucket(&self.bucket).key(object.key());
        let get = get.response_content_type(how.content_type);
        let get = get.response_content_disposition(disposition(how.file_name, how.inline)).presigned(expires);
        let signed = in_time(Box::pin(async { get.await.map_err(|_| unsigned("credentials")) })).await?;
        Ok(signed.uri().to_owned())
    }
}

/// The SDK's own limit ends with the head of an answer; this one holds for its body too. On the heap: the SDK's futures are
/// tens of kilobytes, and everything that awaits them would carry them on its stack.
async fn in_time<T>(asked: Pin<Box<impl Future<Output = Result<T, FilesError>>>>) -> Result<T, FilesError> {
    let timeout = |_| FilesError::Unavailable("timeout".to_owned());
    tokio::time::timeout(OPERATION_TIMEOUT, asked).await.map_err(timeout)?
}
