//! `/api/v1/customer/email`: the same for programs. Confirming is left to whoever reads the mail.

use domain::{FieldErrors, Pii, customer::EmailAddress};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Accepted, Answer, Problem, Submitted};

use super::{Cx, Flaw, ask};

/// Seconds a program should wait when the day's mails are used up.
const RETRY_AFTER: u32 = 3_600;

/// Another login address.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EmailInput {
    #[schema(value_type = String)]
    email: Pii<String>,
}

/// What waits for its confirmation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EmailChangeShown {
    email: EmailAddress,
    /// Until when the link in the mail works.
    expires_at: Timestamp,
}

/// `POST /api/v1/customer/email`
pub(crate) async fn request(cx: Cx, body: Submitted<EmailInput>) -> Answer<Accepted<EmailChangeShown>> {
    match ask(&cx, body.into_inner().email.trim()).await? {
        Ok(wish) => Ok(Accepted::new(EmailChangeShown { email: wish.to, expires_at: wish.expires_at })),
        Err(flaw) => Err(problem(flaw)),
    }
}

fn problem(flaw: Flaw) -> Problem {
    let error = |code, message: &str| Problem::from(FieldErrors::one("email", code, message));
    match flaw {
        Flaw::Missing => error("missing", "is needed"),
        Flaw::Invalid => error("invalid", "must be an address that mail can be sent to, such as name@example.org"),
        Flaw::Same => error("unchanged", "is the login address already"),
        Flaw::Bounced => error("undeliverable", "cannot be delivered to"),
        Flaw::TooMany => Problem::TooMany { retry_after: RETRY_AFTER },
    }
}
