//! `/api/v1/documents/{type}/{number}/accept` and `/decline`: the same for programs. Each answers with the offer afterwards, and
//! once more is the same.

use domain::{
    FieldErrors, Pii,
    document::{Flaw, NotOpen, Said},
};
use serde::Deserialize;
use utoipa::ToSchema;
use web::{Answer, Json, Problem, Submitted};

use super::{Cx, Found, answer};
use crate::document::{self, Ask, DocumentPage};

/// Who accepts an offer.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = OfferAcceptInput)]
pub struct AcceptInput {
    /// At most 120 characters.
    #[schema(value_type = String)]
    name: Pii<String>,
    /// Must be true: an offer is accepted with binding effect.
    agreed: bool,
}

/// Why an offer is declined.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = OfferDeclineInput)]
pub struct DeclineInput {
    /// At most 1,000 characters; may be left out.
    #[schema(value_type = String)]
    reason: Pii<String>,
}

/// `POST /api/v1/documents/{type}/{number}/accept`
pub(crate) async fn accept(cx: Cx, body: Submitted<AcceptInput, Ask>) -> Answer<Json<DocumentPage>> {
    let (ask, AcceptInput { name, agreed }) = body.into_parts();
    decide(&cx, &ask, Said::accepted(&name, agreed)).await
}

/// `POST /api/v1/documents/{type}/{number}/decline`
pub(crate) async fn decline(cx: Cx, body: Submitted<DeclineInput, Ask>) -> Answer<Json<DocumentPage>> {
    let (ask, DeclineInput { reason }) = body.into_parts();
    decide(&cx, &ask, Said::declined(&reason)).await
}

async fn decide(cx: &Cx, ask: &Ask, said: Result<Said, Vec<Flaw>>) -> Answer<Json<DocumentPage>> {
    // Whose it is comes before everything else: nobody learns that there is one.
    Found::to_be_answered(cx, ask).await?;
    let said = said.map_err(|flaws| Flaw::errors(&flaws))?;
    answer(cx, ask, &said).await?.map_err(conflict)?;
    document::of_customer(cx, ask).await.map(Json::new)
}

/// What a program is told when the offer stands otherwise.
fn conflict(not_open: NotOpen) -> Problem {
    let (field, code) = match not_open {
        NotOpen::Answered(_) => ("decision", "decided"),
        NotOpen::Expired | NotOpen::NoOffer => ("valid_until", "expired"),
    };
    Problem::Conflict(FieldErrors::one(field, code, not_open.to_string()))
}
