//! The whole bucket, as only an operator may have it.

use aws_sdk_s3::{
    primitives::{ByteStream, DateTime},
    types::ObjectLockMode,
};
use jiff::Timestamp;

use super::place::{Place, refused};
use crate::Failure;

/// Largest file there can be.
const MAX_FILE_BYTES: i64 = 256 * 1024 * 1024;

/// The one bucket.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    s3: aws_sdk_s3::Client,
    name: String,
}

/// A file as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) key: String,
    pub(crate) bytes: u64,
}

/// A file itself.
#[derive(Debug)]
pub(crate) struct Content {
    pub(crate) bytes: Vec<u8>,
    pub(crate) content_type: Option<String>,
    /// Until when nobody may delete it.
    pub(crate) locked_until: Option<Timestamp>,
}

impl Bucket {
    pub(crate) fn of(place: &Place) -> Result<Self, Failure> {
        Ok(Self { s3: place.s3(), name: place.need("BUCKET_NAME")?.to_owned() })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The files whose keys begin so, a thousand at a time; the last key is where the next thousand begins.
    pub(crate) async fn list(&self, prefix: &str, after: Option<String>) -> Result<Vec<Listed>, Failure> {
        let asked = self.s3.list_objects_v2().bucket(&self.name).prefix(prefix).set_start_after(after).send();
        let page = Box::pin(asked).await.map_err(refused("the bucket cannot be listed (s3:ListBucket)"))?;
        let listed = page.contents().iter().filter_map(|object| {
            let bytes = object.size().and_then(|size| u64::try_from(size).ok()).unwrap_or_default();
            Some(Listed { key: object.key()?.to_owned(), bytes })
        });
        Ok(listed.collect())
    }

    /// Is nothing in it?
    pub(crate) async fn is_empty(&self) -> Result<bool, Failure> {
        self.list("", None).await.map(|listed| listed.is_empty())
    }

    /// A file; `None` when it went meanwhile.
    pub(crate) async fn get(&self, key: &str) -> Result<Option<Content>, Failure> {
        let asked = self.s3.get_object().bucket(&self.name).key(key).send();
        let found = match Box::pin(asked).await {
            Ok(found) => found,
            Err(error) if error.as_service_error().is_some_and(|error| error.is_no_such_key()) => return Ok(None),
            Err(error) => return Err(refused("a file cannot be read (s3:GetObject)")(error)),
        };
        if found.content_length().is_some_and(|length| length > MAX_FILE_BYTES) {
            return Err(Failure::Cloud(format!("{key} is larger than any file of the portal")));
        }
        let content_type = found.content_type().map(str::to_owned);
        let locked_until = found.object_lock_retain_until_date();
        let locked_until = locked_until.and_then(|until| Timestamp::from_second(until.secs()).ok());
        let body = found.body.collect().await.map_err(|_| Failure::Cloud(format!("{key} ended early")))?;
        Ok(Some(Content { bytes: body.into_bytes().to_vec(), content_type, locked_until }))
    }

    /// Puts a file where none is; one that is there stays.
    pub(crate) async fn put_once(&self, key: &str, content: Content) -> Result<(), Failure> {
        let asked = self.s3.put_object().bucket(&self.name).key(key).set_content_type(content.content_type);
        let locked_until = content.locked_until.map(|until| DateTime::from_secs(until.as_second()));
        let asked = asked.set_object_lock_mode(locked_until.map(|_| ObjectLockMode::Governance));
        let asked = asked.set_object_lock_retain_until_date(locked_until);
        let asked = asked.if_none_match("*").body(ByteStream::from(content.bytes)).send();
        match Box::pin(asked).await {
            Ok(_) => Ok(()),
            Err(error) if error.raw_response().is_some_and(|answer| answer.status().as_u16() == 412) => Ok(()),
            Err(error) => Err(refused("a file cannot be written (s3:PutObject)")(error)),
        }
    }
}
