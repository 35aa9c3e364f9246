//! `/documents/{type}/{number}/decline`: an offer is declined, with a reason or without.

use domain::{Pii, document::Said, number::DocumentNumber};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Answer, Asked, Door as _, Either, Page, SeeOther, Submitted};

use super::{Cx, Found, after, answer, summary};
use crate::document::Ask;

/// What the form sends.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = OfferDeclineForm)]
pub struct Typed {
    /// Why, if somebody wants to say so.
    #[schema(value_type = String)]
    pub reason: Pii<String>,
}

/// Asks.
pub(crate) async fn show(cx: Cx, ask: Asked<Ask>) -> Answer<Either<Page<DeclinePage>, SeeOther>> {
    let found = Found::to_be_answered(&cx, &ask.0).await?;
    Ok(match found.open(cx.today()) {
        Ok(until) => Either::First(Page::new(DeclinePage::of(&found, until, Typed::default()))),
        Err(elsewhere) => Either::Second(elsewhere),
    })
}

/// Declines. Once more is the same.
pub(crate) async fn submit(cx: Cx, form: Submitted<Typed, Ask>) -> Answer<Either<Page<DeclinePage>, SeeOther>> {
    let (ask, typed) = form.into_parts();
    let found = Found::to_be_answered(&cx, &ask).await?;
    let said = match (Said::declined(&typed.reason), found.open(cx.today())) {
        (Ok(said), _) => said,
        (Err(flaws), Ok(until)) => {
            let errors = summary(&flaws, &cx.arrival().words());
            return Ok(Either::First(Page::with_errors(DeclinePage::of(&found, until, typed), errors)));
        }
        (Err(_), Err(elsewhere)) => return Ok(Either::Second(elsewhere)),
    };
    Ok(Either::Second(after(&found, answer(&cx, &ask, &said).await?)))
}

/// The question.
#[derive(Debug, Clone, Serialize)]
pub struct DeclinePage {
    /// Which offer.
    pub number: DocumentNumber,
    /// What it is about.
    pub subject: String,
    /// The last day on which it could be accepted.
    pub valid_until: Date,
    /// What was typed before.
    pub typed: Typed,
}

impl DeclinePage {
    fn of(found: &Found, valid_until: Date, typed: Typed) -> Self {
        let row = &found.row.value;
        Self { number: row.number.clone(), subject: row.subject.clone(), valid_until, typed }
    }
}

web::page!(DeclinePage => "pages/invoices/offer-decline.html");

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use web::page::{ErrorSummary, testing};

    use super::*;

    #[test]
    fn the_question_is_sound() {
        let page = DeclinePage {
            number: "AN-2026/7".parse().unwrap(),
            subject: "Umzug auf den neuen Server".to_owned(),
            valid_until: date(2026, 11, 30),
            typed: Typed::default(),
        };
        testing::check("offer-decline", &page, |_| {});
        let typed = Typed { reason: "Zu <b>teuer</b>\n#strong[x]".to_owned().into() };
        let wrong = DeclinePage { typed, subject: String::new(), ..page };
        testing::check("offer-decline-error", &wrong, |frame| {
            testing::extreme(frame);
            frame.errors = Some(ErrorSummary::one("reason", "Kürzen Sie den Grund."));
        });
    }
}
