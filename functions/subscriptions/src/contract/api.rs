//! `/api/v1/subscriptions/{number}/…`: the same changes for programs. Each answers with the contract afterwards, and once
//! more is the same.

use domain::{
    FieldErrors, Pii,
    subscription::{By, NotNow, Notice, Phase, Subscription},
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Answer, Asked, ContractContext, Json, Nothing, Submitted, area, door::Change};

use super::{
    ContractPage, cancel,
    deciding::{Ask, conflict, find, keep, moment},
    load, pause,
};

/// How long a contract rests.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ContractPauseInput)]
pub(crate) struct PauseInput {
    /// Its last day, within a year; without one until it is resumed.
    until: Option<Date>,
}

/// When a contract shall end.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ContractCancelInput)]
pub(crate) struct CancelInput {
    /// Its last day; without one the earliest that is possible.
    ends_on: Option<Date>,
    /// Why, at most 1,000 characters.
    #[serde(default)]
    #[schema(value_type = String)]
    reason: Pii<String>,
}

/// What cancelling today would bring about.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CancelPreview {
    /// The first day on which the contract can end.
    ends_on: Date,
    /// „Kündigungsfrist".
    #[serde(skip_serializing_if = "Option::is_none")]
    notice: Option<Notice>,
    /// Last day of the fixed term that runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    term_until: Option<Date>,
}

/// `GET /api/v1/subscriptions/{number}/cancel-preview`
pub(crate) async fn cancel_preview(
    cx: ContractContext<area::Cancel, Change>,
    ask: Asked<Ask>,
) -> Answer<Json<CancelPreview>> {
    let (contract, today) = (find(&cx, &ask.0).await?.value, cx.today());
    let phase = contract.phase_on(today);
    if matches!(phase, Phase::Cancelled { .. } | Phase::Ended { .. }) {
        return Err(conflict(NotNow(phase.code())));
    }
    Ok(Json::new(CancelPreview {
        ends_on: contract.earliest_end(today, cancel::rule(&cx)).on,
        notice: contract.facts.notice,
        term_until: contract.facts.term_end_from(today),
    }))
}

/// `POST /api/v1/subscriptions/{number}/cancel`
pub(crate) async fn cancel(
    cx: ContractContext<area::Cancel, Change>,
    body: Submitted<CancelInput, Ask>,
) -> Answer<Json<ContractPage>> {
    let (ask, CancelInput { ends_on, reason }) = body.into_parts();
    if reason.chars().count() > Subscription::MAX_REASON_CHARS {
        return Err(FieldErrors::one("reason", "too_long", "must have at most 1,000 characters").into());
    }
    let (contract, today) = (find(&cx, &ask).await?.value, cx.today());
    let phase = contract.phase_on(today);
    let known = match phase {
        Phase::Cancelled { ends_on: known, .. } => ends_on.is_none_or(|wanted| wanted == known),
        Phase::Ended { .. } => return Err(conflict(NotNow(phase.code()))),
        _ => false,
    };
    if !known {
        let wanted = contract.end_on(ends_on, today, cancel::rule(&cx));
        let ends_on = wanted.map_err(|not_an_end| FieldErrors::one("ends_on", "invalid", not_an_end.to_string()))?;
        let cancelled = cancel::cancel(&cx, &ask, ends_on, reason.0).await?;
        cancelled.map_err(|as_it_stands| conflict(NotNow(as_it_stands.phase_on(today).code())))?;
    }
    shown(&cx, &ask).await
}

/// `POST /api/v1/subscriptions/{number}/take-back`
pub(crate) async fn take_back(
    cx: ContractContext<area::TakeBack, Change>,
    body: Submitted<Nothing, Ask>,
) -> Answer<Json<ContractPage>> {
    let (ask, _) = body.into_parts();
    let kept = keep(&cx, &ask, |contract| contract.take_back(By::customer(cx.way()), moment(&cx))).await?;
    kept.map_err(conflict)?;
    shown(&cx, &ask).await
}

/// `POST /api/v1/subscriptions/{number}/pause`
pub(crate) async fn pause(
    cx: ContractContext<area::Pause, Change>,
    body: Submitted<PauseInput, Ask>,
) -> Answer<Json<ContractPage>> {
    let (ask, PauseInput { until }) = body.into_parts();
    if until.is_some_and(|until| !pause::is_last_day(until, cx.today())) {
        return Err(FieldErrors::one("until", "invalid", "must be a day from today on, within a year").into());
    }
    let kept = keep(&cx, &ask, |contract| contract.pause(until, By::customer(cx.way()), moment(&cx))).await?;
    kept.map_err(conflict)?;
    shown(&cx, &ask).await
}

/// `POST /api/v1/subscriptions/{number}/resume`
pub(crate) async fn resume(
    cx: ContractContext<area::Pause, Change>,
    body: Submitted<Nothing, Ask>,
) -> Answer<Json<ContractPage>> {
    let (ask, _) = body.into_parts();
    let kept = keep(&cx, &ask, |contract| contract.resume(By::customer(cx.way()), moment(&cx))).await?;
    kept.map_err(conflict)?;
    shown(&cx, &ask).await
}

async fn shown<A: web::door::AreaMark>(cx: &ContractContext<A, Change>, ask: &Ask) -> Answer<Json<ContractPage>> {
    load(cx, &ask.number(cx)?).await.map(Json::new)
}
