//! What can go wrong with a template and on the way to SES.

use aws_sdk_ses::error::{ProvideErrorMetadata, SdkError};
use thiserror::Error;

/// A template that cannot be used. The reason names variables and lines of the template, never values.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the template cannot be used: {0}")]
pub struct BrokenTemplate(pub String);

impl From<minijinja::Error> for BrokenTemplate {
    fn from(error: minijinja::Error) -> Self {
        let line = error.line().map(|line| format!(" in line {line}")).unwrap_or_default();
        Self(format!("{}{line}", error.kind()))
    }
}

/// A mail that was not sent. The texts carry SES's error code, never an address or content.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MailError {
    /// SES did not answer in time, is busy, or the network is down. Trying later may help; the mail may have been sent.
    #[error("mail is not available: {0}")]
    Unavailable(String),
    /// This mail will never be sent like this: its address, sender or size is refused.
    #[error("the mail was refused: {0}")]
    Refused(String),
    /// A test environment writes only to those on its list (M-02).
    #[error("the recipient is not on the test environment's list")]
    NotListed,
}

/// SES's codes that stay the same however often one tries.
const FINAL: [&str; 6] = [
    "MessageRejected",
    "InvalidParameterValue",
    "ValidationError",
    "MailFromDomainNotVerifiedException",
    "MailFromDomainNotVerified",
    "ConfigurationSetDoesNotExist",
];

/// Sorts an SDK error by what may be done about it.
pub(crate) fn from_sdk<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> MailError {
    match error {
        SdkError::ServiceError(service) => {
            let code = service.err().code().unwrap_or("service error");
            match FINAL.contains(&code) {
                true => MailError::Refused(code.to_owned()),
                false => MailError::Unavailable(code.to_owned()),
            }
        }
        SdkError::TimeoutError(_) => MailError::Unavailable("timeout".to_owned()),
        SdkError::DispatchFailure(_) => MailError::Unavailable("no connection".to_owned()),
        _ => MailError::Unavailable("no answer".to_owned()),
    }
}
