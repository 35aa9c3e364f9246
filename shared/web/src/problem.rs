//! Everything that can be answered instead of what was asked, as RFC 9457 JSON or as a page in the tenant's look.

use domain::{FieldErrors, fields::FieldError};
use http::StatusCode;
use serde::Serialize;
use store::{CommitError, DirectoryError, LostRace, StoreError};

/// Why a request is not answered as asked. `code` is what programs compare.
#[derive(Debug)]
pub enum Problem {
    /// Unknown, foreign and switched off are the same: 404.
    NotFound,
    /// Nobody is signed in, or the session is over: login page, for programs 401.
    LoginNeeded {
        /// A genuine session that is over.
        expired: bool,
    },
    /// Signed in, but this right is not granted: 403.
    NotAllowed,
    /// What changes something or moves money, asked for in a frame on somebody's page: 403, and the way to a window of its own.
    OwnWindow,
    /// A form that did not come from our own page: 403.
    Forged,
    /// A genuine link that has ended: 410.
    Gone,
    /// Fields are missing or wrong: 422.
    Invalid(FieldErrors),
    /// The tenant does not offer this way to pay: 422, for pages 404.
    MethodNotEnabled,
    /// What was paid this way is not given back through the API: 422.
    NotRefundable,
    /// The message's signature does not fit: 401, or what its provider wants.
    BadSignature(StatusCode),
    /// The body is no JSON, no form, or lacks a needed header: 400.
    Malformed(FieldError),
    /// What was sent contradicts what is there: 409.
    Conflict(FieldErrors),
    /// `If-Match` is needed: 428.
    PreconditionRequired,
    /// `If-Match` names an old revision: 412.
    Stale,
    /// The body is too large: 413.
    TooLarge,
    /// The body is of a type this address does not take: 415.
    UnsupportedType(&'static str),
    /// A budget is used up: 429.
    TooMany {
        /// Seconds after which trying again makes sense.
        retry_after: u32,
    },
    /// This address does not know the method: 405.
    MethodNotAllowed,
    /// A part we depend on does not answer: 503.
    Unavailable(String),
    /// A broken invariant: 500. The chain goes to the log, never to the answer.
    Internal(String),
}

/// Seconds a client should wait while a part of ours is down.
const RETRY_AFTER_OUTAGE: u32 = 5;

impl Problem {
    /// HTTP status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::LoginNeeded { .. } => StatusCode::UNAUTHORIZED,
            Self::NotAllowed | Self::OwnWindow | Self::Forged => StatusCode::FORBIDDEN,
            Self::Gone => StatusCode::GONE,
            Self::Invalid(_) | Self::MethodNotEnabled | Self::NotRefundable => StatusCode::UNPROCESSABLE_ENTITY,
            Self::BadSignature(status) => *status,
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::PreconditionRequired => StatusCode::PRECONDITION_REQUIRED,
            Self::Stale => StatusCode::PRECONDITION_FAILED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Stable word for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::LoginNeeded { .. } => "login_needed",
            Self::NotAllowed => "not_allowed",
            Self::OwnWindow => "own_window",
            Self::Forged => "forged",
            Self::Gone => "gone",
            Self::Invalid(_) => "invalid",
            Self::MethodNotEnabled => "method_not_enabled",
            Self::NotRefundable => "not_refundable",
            Self::BadSignature(_) => "bad_signature",
            Self::Malformed(_) => "malformed",
            Self::Conflict(_) => "conflict",
            Self::PreconditionRequired => "precondition_required",
            Self::Stale => "stale",
            Self::TooLarge => "too_large",
            Self::UnsupportedType(_) => "unsupported_type",
            Self::TooMany { .. } => "too_many_requests",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::Unavailable(_) => "unavailable",
            Self::Internal(_) => "internal",
        }
    }

    /// One English sentence for the developer on the other side.
    #[must_use]
    pub const fn title(&self) -> &'static str {
        match self {
            Self::NotFound => "There is nothing at this address.",
            Self::LoginNeeded { .. } => "A valid token or key is needed.",
            Self::NotAllowed => "The key or session does not have this right.",
            Self::OwnWindow => "What changes something or pays needs a window of its own.",
            Self::Forged => "The request did not come from this portal's own page.",
            Self::Gone => "The link has ended.",
            Self::Invalid(_) => "Some fields are missing or wrong.",
            Self::MethodNotEnabled => "This way to pay is not enabled.",
            Self::NotRefundable => {
                "Money that came by transfer or from a balance is not refunded here; transfer it back and book that."
            }
            Self::BadSignature(_) => "The signature does not fit the message.",
            Self::Malformed(_) => "The request cannot be read.",
            Self::Conflict(_) => "The request contradicts what is already stored.",
            Self::PreconditionRequired => "The header If-Match with the current revision is needed.",
            Self::Stale => "The revision in If-Match is not the current one.",
            Self::TooLarge => "The body is larger than this address accepts.",
            Self::UnsupportedType(_) => "The body has a type this address does not accept.",
            Self::TooMany { .. } => "Too many requests; try again later.",
            Self::MethodNotAllowed => "This address does not support the method.",
            Self::Unavailable(_) => "A part of the service does not answer; try again later.",
            Self::Internal(_) => "Something went wrong on our side.",
        }
    }

    /// Seconds for `Retry-After`.
    #[must_use]
    pub const fn retry_after(&self) -> Option<u32> {
        match self {
            Self::TooMany { retry_after } => Some(*retry_after),
            Self::Unavailable(_) => Some(RETRY_AFTER_OUTAGE),
            _ => None,
        }
    }

    /// What is wrong per field.
    #[must_use]
    pub fn errors(&self) -> Vec<FieldError> {
        match self {
            Self::Invalid(errors) | Self::Conflict(errors) => errors.0.clone(),
            Self::Malformed(error) => vec![error.clone()],
            Self::UnsupportedType(expected) => FieldErrors::one("Content-Type", "invalid", *expected).0,
            _ => Vec::new(),
        }
    }

    /// What only the log may know.
    #[must_use]
    pub fn secret_cause(&self) -> Option<&str> {
        match self {
            Self::Unavailable(cause) | Self::Internal(cause) => Some(cause),
            _ => None,
        }
    }

    /// The RFC 9457 body.
    #[must_use]
    pub fn body(&self, request_id: &str) -> ProblemBody {
        ProblemBody {
            r#type: format!("urn:problem:{}", self.code()),
            title: self.title(),
            status: self.status().as_u16(),
            code: self.code(),
            request_id: request_id.to_owned(),
            errors: self.errors(),
        }
    }

    /// A malformed request, with the part that is wrong.
    #[must_use]
    pub fn malformed(field: &str, message: impl Into<String>) -> Self {
        Self::Malformed(FieldError { field: field.to_owned(), code: "malformed", message: message.into() })
    }
}

/// `application/problem+json`.
#[derive(Debug, Serialize)]
pub struct ProblemBody {
    /// Names the problem; `urn:problem:` and the code.
    pub r#type: String,
    /// One sentence.
    pub title: &'static str,
    /// HTTP status.
    pub status: u16,
    /// Stable word.
    pub code: &'static str,
    /// For asking staff.
    pub request_id: String,
    /// Per field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => Self::Unavailable(error.to_string()),
            StoreError::TooLarge(_) => Self::TooLarge,
            StoreError::Corrupt { .. } | StoreError::Rejected(_) => Self::Internal(error.to_string()),
        }
    }
}

impl From<CommitError> for Problem {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Refused(_) | CommitError::Conflict => {
                Self::Conflict(FieldErrors::one("", "changed_meanwhile", error.to_string()))
            }
            CommitError::Store(error) => error.into(),
        }
    }
}

impl LostRace for Problem {
    fn lost_race(&self) -> bool {
        matches!(self, Self::Conflict(errors) if errors.0.iter().any(|error| error.code == "changed_meanwhile"))
    }
}

impl From<DirectoryError> for Problem {
    fn from(error: DirectoryError) -> Self {
        match error {
            DirectoryError::Unknown => Self::NotFound,
            DirectoryError::Store(error) => error.into(),
        }
    }
}

impl From<FieldErrors> for Problem {
    fn from(errors: FieldErrors) -> Self {
        Self::Invalid(errors)
    }
}
