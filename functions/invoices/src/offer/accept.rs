//! `/documents/{type}/{number}/accept`: what is accepted stands there first, then name, box and button.

use domain::{Money, Pii, document::Said, number::DocumentNumber};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Answer, Asked, Door as _, Either, Page, SeeOther, Submitted};

use super::{Cx, Found, after, answer, summary};
use crate::document::Ask;

/// What the form sends.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = OfferAcceptForm)]
pub struct Typed {
    /// Who accepts.
    #[schema(value_type = String)]
    pub name: Pii<String>,
    /// Not empty where the box is ticked.
    pub agreed: String,
}

/// Shows what is accepted.
pub(crate) async fn show(cx: Cx, ask: Asked<Ask>) -> Answer<Either<Page<AcceptPage>, SeeOther>> {
    let found = Found::to_be_answered(&cx, &ask.0).await?;
    Ok(match found.open(cx.today()) {
        Ok(until) => Either::First(Page::new(AcceptPage::of(&found, until, Typed::default()))),
        Err(elsewhere) => Either::Second(elsewhere),
    })
}

/// Accepts. Once more is the same.
pub(crate) async fn submit(cx: Cx, form: Submitted<Typed, Ask>) -> Answer<Either<Page<AcceptPage>, SeeOther>> {
    let (ask, typed) = form.into_parts();
    let found = Found::to_be_answered(&cx, &ask).await?;
    let said = match (Said::accepted(&typed.name, !typed.agreed.is_empty()), found.open(cx.today())) {
        (Ok(said), _) => said,
        (Err(flaws), Ok(until)) => {
            let errors = summary(&flaws, &cx.arrival().words());
            return Ok(Either::First(Page::with_errors(AcceptPage::of(&found, until, typed), errors)));
        }
        (Err(_), Err(elsewhere)) => return Ok(Either::Second(elsewhere)),
    };
    Ok(Either::Second(after(&found, answer(&cx, &ask, &said).await?)))
}

/// The question.
#[derive(Debug, Clone, Serialize)]
pub struct AcceptPage {
    /// Which offer.
    pub number: DocumentNumber,
    /// What it is about.
    pub subject: String,
    /// „Datum".
    pub issued_on: Date,
    /// What it comes to, if it says so.
    pub amount: Option<Money>,
    /// The last day on which it can be accepted.
    pub valid_until: Date,
    /// What was typed before.
    pub typed: Typed,
}

impl AcceptPage {
    fn of(found: &Found, valid_until: Date, typed: Typed) -> Self {
        let row = &found.row.value;
        Self {
            number: row.number.clone(),
            subject: row.subject.clone(),
            issued_on: row.issued_on,
            amount: row.amount,
            valid_until,
            typed,
        }
    }
}

web::page!(AcceptPage => "pages/invoices/offer-accept.html");

#[cfg(test)]
mod tests {
    use domain::Currency;
    use jiff::civil::date;
    use web::page::{ErrorSummary, FormError, testing};

    use super::*;

    #[test]
    fn the_question_is_sound() {
        let page = AcceptPage {
            number: "AN-2026/7".parse().unwrap(),
            subject: "Umzug auf den neuen Server".to_owned(),
            issued_on: date(2026, 11, 16),
            amount: Some(Money::of_minor(11_900, Currency::Eur)),
            valid_until: date(2026, 11, 30),
            typed: Typed::default(),
        };
        testing::check("offer-accept", &page, |_| {});
        let typed = Typed { name: "#strong[x] <i>".to_owned().into(), agreed: "1".to_owned() };
        let wrong = AcceptPage { typed, amount: None, subject: String::new(), ..page };
        testing::check("offer-accept-error", &wrong, |frame| {
            testing::extreme(frame);
            let error = |field: &str| FormError { field: field.to_owned(), message: "Das passt nicht.".to_owned() };
            frame.errors = Some(ErrorSummary { items: ["name", "agreed"].map(error).to_vec() });
        });
    }
}
