//! What can go wrong below every read and write.

use thiserror::Error;

/// A read or write that gave no answer, or one that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StoreError {
    /// DynamoDB did not answer in time, refused for capacity, or the network is down. Trying later may help.
    #[error("the table is not available: {0}")]
    Unavailable(String),
    /// An item does not have the shape its kind has.
    #[error("an item of kind {kind} cannot be read: {reason}")]
    Corrupt {
        /// The kind.
        kind: &'static str,
        /// What is wrong with it, without values.
        reason: String,
    },
    /// A body that is larger than an item may be.
    #[error("{0} is larger than the table keeps")]
    TooLarge(&'static str),
    /// A request that can never be answered, for example an item over 400 kB.
    #[error("the table refused the request: {0}")]
    Rejected(String),
}

/// Sorts an SDK error by what may be done about it.
pub(crate) fn from_sdk<E, R>(error: &aws_sdk_dynamodb::error::SdkError<E, R>) -> StoreError
where
    E: aws_sdk_dynamodb::error::ProvideErrorMetadata,
{
    use aws_sdk_dynamodb::error::SdkError;
    let code = error.as_service_error().and_then(|e| e.meta().code());
    match (error, code) {
        (SdkError::ServiceError(_), Some("ValidationException" | "ItemCollectionSizeLimitExceededException")) => {
            let message = error.as_service_error().and_then(|e| e.meta().message());
            StoreError::Rejected(message.unwrap_or("validation").to_owned())
        }
        (SdkError::ServiceError(_), code) => StoreError::Unavailable(code.unwrap_or("service error").to_owned()),
        (SdkError::TimeoutError(_), _) => StoreError::Unavailable("timeout".to_owned()),
        (SdkError::DispatchFailure(_), _) => StoreError::Unavailable("no connection".to_owned()),
        _ => StoreError::Unavailable("no answer".to_owned()),
    }
}
