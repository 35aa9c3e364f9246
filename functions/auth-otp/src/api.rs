//! `/api/v1/auth/otp…`, `/api/v1/session…`: the same two steps for programs; the challenge's id stands in for the cookie.

use domain::{Pii, customer::EmailAddress, fields::FieldErrors, otp::Code};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{
    Accepted, Answer, Asked, CustomerContext, Json, NoContent, Nothing, Problem, PublicContext, Submitted,
    area::Always,
    token::{ABSOLUTE, TokenScope},
};

use crate::{
    Clients, choose,
    flow::{self, Goal, NotRight, NotSent, Right, Sent},
    sessions::{self, SessionPath, SessionsPage},
    sign_in::{self, Guest},
};

/// Seconds a program should wait when a budget is used up.
const RETRY_AFTER: u32 = 3_600;

/// Asks for a code.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OtpRequest {
    email: EmailAddress,
}

/// Asks for another one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResendRequest {
    challenge: String,
}

/// A code is on its way, if somebody has the address.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OtpSent {
    challenge: String,
    expires_at: Timestamp,
    resend_at: Timestamp,
}

/// Tries a code.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VerifyRequest {
    challenge: String,
    code: String,
}

/// Chooses one of several customers.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChooseRequest {
    choice_token: String,
    customer: String,
}

/// A session for a program, or the customers to choose from.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Verified {
    /// Signed in.
    Token {
        /// Bearer token.
        access_token: String,
        /// `Bearer`.
        token_type: &'static str,
        /// Seconds.
        expires_in: i64,
    },
    /// Several customers share the address.
    Choice {
        /// Newest first.
        choices: Vec<Choice>,
        /// For `choose`.
        choice_token: String,
    },
}

/// One of several customers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Choice {
    customer: String,
    name: Pii<String>,
    city: Pii<String>,
}

/// `POST /api/v1/auth/otp`
pub(crate) async fn request(
    cx: PublicContext,
    clients: Clients,
    body: Submitted<OtpRequest>,
) -> Answer<Accepted<OtpSent>> {
    answer_sent(flow::begin(&cx, &clients, body.into_inner().email, Goal::default(), None).await, &cx)
}

/// `POST /api/v1/auth/otp/resend`
pub(crate) async fn resend(
    cx: PublicContext,
    clients: Clients,
    body: Submitted<ResendRequest>,
) -> Answer<Accepted<OtpSent>> {
    answer_sent(flow::resend(&cx, &clients, body.into_inner().challenge, None).await, &cx)
}

fn answer_sent(sent: Result<Sent, NotSent>, cx: &PublicContext) -> Answer<Accepted<OtpSent>> {
    match sent {
        Ok(Sent { challenge_id, challenge }) => {
            let (expires_at, resend_at) = (challenge.expires_at(), challenge.resend_at);
            Ok(Accepted::new(OtpSent { challenge: challenge_id, expires_at, resend_at }))
        }
        Err(NotSent::TooSoon(challenge)) => {
            let seconds = challenge.resend_at.duration_since(cx.now()).as_secs();
            Err(Problem::TooMany { retry_after: u32::try_from(seconds).unwrap_or(1).max(1) })
        }
        Err(NotSent::TooMany) => Err(Problem::TooMany { retry_after: RETRY_AFTER }),
        Err(NotSent::Unknown) => Err(FieldErrors::one("email", "unknown", "no customer has this address").into()),
        Err(NotSent::NoMailGoesThere) => {
            Err(FieldErrors::one("email", "invalid", "must have plain ASCII letters before the @").into())
        }
        Err(NotSent::Ended) => Err(ended("challenge")),
        Err(NotSent::Problem(problem)) => Err(problem),
    }
}

fn ended(field: &str) -> Problem {
    FieldErrors::one(field, "ended", "is unknown, used or expired").into()
}

/// `POST /api/v1/auth/otp/verify`
pub(crate) async fn verify(
    cx: PublicContext,
    clients: Clients,
    body: Submitted<VerifyRequest>,
) -> Answer<Json<Verified>> {
    let VerifyRequest { challenge, code } = body.into_inner();
    let code = Code::typed(&code).ok_or_else(|| FieldErrors::one("code", "invalid", "must have 6 to 10 digits"))?;
    let right = flow::try_code(&cx, &clients, &challenge, &code, None).await;
    signed_in(&cx, &clients, right, challenge).await
}

/// `POST /api/v1/auth/otp/choose`
pub(crate) async fn choose(
    cx: PublicContext,
    clients: Clients,
    body: Submitted<ChooseRequest>,
) -> Answer<Json<Verified>> {
    let ChooseRequest { choice_token, customer } = body.into_inner();
    let right = flow::choose(&cx, &choice_token, &customer).await;
    if matches!(right, Err(NotRight::Wrong(_))) {
        return Err(FieldErrors::one("customer", "unknown", "is none of the choices").into());
    }
    signed_in(&cx, &clients, right, choice_token).await
}

async fn signed_in(
    cx: &PublicContext,
    clients: &Clients,
    right: Result<Right, NotRight>,
    challenge: String,
) -> Answer<Json<Verified>> {
    match right {
        Ok(Right::One { candidate, .. }) => {
            let token = sign_in::token(cx, clients, Guest::proved(&candidate, None), TokenScope::Program).await?;
            let access_token = token.expose().clone();
            Ok(Json::new(Verified::Token { access_token, token_type: "Bearer", expires_in: ABSOLUTE.as_secs() }))
        }
        Ok(Right::Several) => {
            let known = flow::choices(cx, &challenge).await.map_err(refused)?.1;
            let named = choose::named(cx, &known).await?;
            let choice = |c: choose::Choice| Choice { customer: c.customer.to_string(), name: c.name, city: c.city };
            Ok(Json::new(Verified::Choice {
                choices: named.into_iter().map(choice).collect(),
                choice_token: challenge,
            }))
        }
        Err(not_right) => Err(refused(not_right)),
    }
}

fn refused(not_right: NotRight) -> Problem {
    match not_right {
        NotRight::Wrong(_) => FieldErrors::one("code", "wrong", "is not the code").into(),
        NotRight::Ended => ended("challenge"),
        NotRight::TooMany => Problem::TooMany { retry_after: RETRY_AFTER },
        NotRight::Problem(problem) => problem,
    }
}

/// What the address carries.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct EndAsk {
    /// Ends every session of the customer.
    #[serde(default)]
    everywhere: bool,
}

/// `DELETE /api/v1/session`
pub(crate) async fn end(cx: CustomerContext<Always>, body: Submitted<Nothing, EndAsk>) -> Answer<NoContent> {
    let (ask, _) = body.into_parts();
    sessions::end(&cx, ask.everywhere).await?;
    Ok(NoContent)
}

/// `GET /api/v1/sessions`
pub(crate) async fn list_sessions(cx: CustomerContext<Always>, _: Asked<Nothing>) -> Answer<Json<SessionsPage>> {
    Ok(Json::new(sessions::load(&cx).await?))
}

/// `DELETE /api/v1/sessions/{id}`
pub(crate) async fn end_session(
    cx: CustomerContext<Always>,
    body: Submitted<Nothing, SessionPath>,
) -> Answer<NoContent> {
    let (path, _) = body.into_parts();
    sessions::end_named(&cx, &path.id).await?;
    Ok(NoContent)
}
