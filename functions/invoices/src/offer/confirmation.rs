//! `/documents/{type}/{number}/confirmation`: what was decided of an offer, by whom and when, also when nothing more can be
//! answered.

use domain::{Money, document::OfferAnswer, number::DocumentNumber};
use jiff::civil::Date;
use serde::Serialize;
use text::Words;
use web::{Answer, Asked, Either, Page, Problem, SeeOther, page::Flash};

use super::{Cx, Found};
use crate::document::Ask;

/// Says what was decided; an offer that nobody answered has its own page only.
pub(crate) async fn show(cx: Cx, ask: Asked<Ask>) -> Answer<Either<Page<ConfirmationPage>, SeeOther>> {
    let found = Found::at(&cx, &ask.0).await?;
    let Some(answer) = found.document.answer.clone() else {
        return Ok(Either::Second(SeeOther::to(found.page()).saying(Flash::StandsOtherwise)));
    };
    let customer = cx.store().customer(cx.customer()).await?.ok_or(Problem::NotFound)?.value;
    let row = found.row.value;
    Ok(Either::First(Page::new(ConfirmationPage {
        issued_on: row.issued_on,
        amount: row.amount,
        subject: row.subject,
        number: row.number,
        answer,
        is_mailed: customer.invoice_address().is_some(),
    })))
}

/// The confirmation.
#[derive(Debug, Clone, Serialize)]
pub struct ConfirmationPage {
    /// Which offer.
    pub number: DocumentNumber,
    /// What it is about.
    pub subject: String,
    /// „Datum".
    pub issued_on: Date,
    /// What it comes to, if it says so.
    pub amount: Option<Money>,
    /// What was decided.
    pub answer: OfferAnswer,
    /// Does it go out by mail? Not to a customer without an address.
    pub is_mailed: bool,
}

impl ConfirmationPage {
    /// „Sie haben das Angebot angenommen".
    #[must_use]
    pub fn title(&self, t: &Words) -> &'static str {
        if self.answer.said.is_accepted() { t.offers_accepted_title() } else { t.offers_declined_title() }
    }

    /// „23.11.2026, 00:30:05 Uhr".
    #[must_use]
    pub fn received(&self, t: &Words) -> String {
        let at = self.answer.zone.local(self.answer.at);
        format!("{}, {}", t.date(at.date()), t.time_with_seconds(at.time()))
    }

    /// What becomes of the confirmation.
    #[must_use]
    pub fn mail(&self, t: &Words) -> &'static str {
        if self.is_mailed { t.offers_mailed() } else { t.offers_not_mailed() }
    }

    /// What stands beside that.
    #[must_use]
    pub const fn drawing(&self) -> &'static str {
        if self.is_mailed { "done" } else { "info" }
    }
}

web::page!(ConfirmationPage => "pages/invoices/offer-confirmation.html");

#[cfg(test)]
mod tests {
    use domain::{Currency, Language, change::Way, document::Said, time::Zone};
    use jiff::civil::date;
    use web::page::{View as _, testing};

    use super::*;

    #[test]
    fn both_answers_are_confirmed_to_the_second() {
        let answer = |said| OfferAnswer {
            said,
            at: "2026-11-22T23:30:05Z".parse().unwrap(),
            zone: Zone::default(),
            way: Way::Page,
        };
        let accepted = ConfirmationPage {
            number: "AN-2026/7".parse().unwrap(),
            subject: "Umzug auf den neuen Server".to_owned(),
            issued_on: date(2026, 11, 16),
            amount: Some(Money::of_minor(11_900, Currency::Eur)),
            answer: answer(Said::accepted("Tine <b>Exemplus</b>", true).unwrap()),
            is_mailed: true,
        };
        testing::check("offer-accepted", &accepted, |_| {});
        let html = accepted.html(&testing::frame(Language::De)).unwrap();
        assert!(html.contains("23.11.2026, 00:30:05") && !html.contains("<b>Exemplus"), "{html}");
        let declined = ConfirmationPage {
            answer: answer(Said::declined("Zu teuer\n*und* zu spät").unwrap()),
            amount: None,
            subject: String::new(),
            is_mailed: false,
            ..accepted
        };
        testing::check("offer-declined", &declined, testing::extreme);
    }
}
