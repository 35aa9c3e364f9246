//! What can go wrong below every read and write of a file.

use aws_sdk_s3::{
    config::http::HttpResponse,
    error::{ProvideErrorMetadata, SdkError},
};
use thiserror::Error;

/// A file that was not read or written. The texts carry S3's error code, never a key or a link.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FilesError {
    /// S3 did not answer in time, refused, or the network is down. Trying later may help.
    #[error("the files are not available: {0}")]
    Unavailable(String),
    /// The file is larger than the caller is willing to read.
    #[error("the file has more than {limit_bytes} bytes")]
    TooLarge {
        /// The caller's limit.
        limit_bytes: usize,
    },
    /// Nothing lies under this key.
    #[error("there is no such file")]
    NotFound,
}

/// Sorts an SDK error by what may be done about it.
pub(crate) fn from_sdk<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> FilesError {
    match (error, status(error)) {
        (_, Some(404)) => FilesError::NotFound,
        (SdkError::ServiceError(service), status) => {
            let code = service.err().code().map(str::to_owned);
            FilesError::Unavailable(code.unwrap_or_else(|| format!("status {}", status.unwrap_or_default())))
        }
        (SdkError::TimeoutError(_), _) => FilesError::Unavailable("timeout".to_owned()),
        (SdkError::DispatchFailure(_), _) => FilesError::Unavailable("no connection".to_owned()),
        _ => FilesError::Unavailable("no answer".to_owned()),
    }
}

/// The status S3 answered with, if it answered.
pub(crate) fn status<E>(error: &SdkError<E, HttpResponse>) -> Option<u16> {
    error.raw_response().map(|response| response.status().as_u16())
}
