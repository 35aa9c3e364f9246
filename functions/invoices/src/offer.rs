//! `/documents/{type}/{number}/accept`, `/decline` and `/confirmation`: an offer is answered once (M-99), and the answer is
//! confirmed.

pub mod accept;
pub mod api;
pub mod confirmation;
pub mod decline;

use domain::{
    document::{DocumentState, DocumentType, Flaw, NotOpen, Said},
    subscription::Moment,
};
use jiff::civil::Date;
use store::{Document, Loaded, deciding_again};
use text::Words;
use web::{
    Answer, CustomerContext, Problem, SeeOther, area,
    page::{ErrorSummary, Flash, FormError},
};

use crate::document::Ask;

/// Whoever may look at documents answers offers, where the tenant lets customers do that.
type Cx = CustomerContext<area::Documents>;

/// An offer of whoever is signed in.
struct Found {
    document: Document,
    row: Loaded<domain::document::DocumentRow>,
}

impl Found {
    /// The offer at an address, also where no more can be answered: what was answered stays to be read.
    async fn at(cx: &Cx, ask: &Ask) -> Answer<Self> {
        let name = ask.name(cx.tenant())?;
        let document = cx.store().document(&name).await?;
        let theirs = document.filter(|document| document.body.customer == *cx.customer() && document.is_visible());
        let document = theirs.filter(|document| document.body.kind() == DocumentType::Offer);
        let document = document.ok_or(Problem::NotFound)?;
        let row = cx.store().document_row(&document.body).await?.ok_or(Problem::NotFound)?;
        Ok(Self { document, row })
    }

    /// The same, where customers may answer offers.
    async fn to_be_answered(cx: &Cx, ask: &Ask) -> Answer<Self> {
        if !cx.tenant().settings.documents.actions.accept_offers {
            return Err(Problem::NotFound);
        }
        Self::at(cx, ask).await
    }

    /// The last day on which it can be answered, or where to go instead.
    fn open(&self, today: Date) -> Result<Date, SeeOther> {
        match self.row.value.state(today) {
            Some(DocumentState::Open { until }) => Ok(until),
            Some(DocumentState::Accepted { .. } | DocumentState::Declined { .. }) => Err(self.confirmation()),
            _ => Err(SeeOther::to(self.page()).saying(Flash::StandsOtherwise)),
        }
    }

    fn page(&self) -> String {
        DocumentType::Offer.page(self.row.value.number.as_str())
    }

    fn confirmation(&self) -> SeeOther {
        SeeOther::to(format!("{}/confirmation", self.page()))
    }
}

/// Answers an offer and keeps that, once; the same again is the same.
async fn answer(cx: &Cx, ask: &Ask, said: &Said) -> Answer<Result<(), NotOpen>> {
    let at = Moment { now: cx.now(), zone: &cx.tenant().settings.zone };
    deciding_again(|| async {
        let row = Found::to_be_answered(cx, ask).await?.row;
        let change = match row.value.answer(said.clone(), cx.way(), at) {
            Ok(Some(change)) => change,
            Ok(None) => return Ok(Ok(())),
            Err(not_open) => return Ok(Err(not_open)),
        };
        cx.store().answer_offer(cx.customer(), &row, &change).await?;
        Ok::<_, Problem>(Ok(()))
    })
    .await
}

/// Where a form leads that was answered: to the confirmation, which says what was decided, or to the offer that is over.
fn after(found: &Found, answered: Result<(), NotOpen>) -> SeeOther {
    match answered {
        Ok(()) => found.confirmation(),
        Err(NotOpen::Answered(_)) => found.confirmation().saying(Flash::StandsOtherwise),
        Err(NotOpen::Expired | NotOpen::NoOffer) => SeeOther::to(found.page()).saying(Flash::StandsOtherwise),
    }
}

/// Each flaw beside its field.
fn summary(flaws: &[Flaw], t: &Words) -> ErrorSummary {
    let error = |flaw: &Flaw| FormError { field: flaw.field().to_owned(), message: message(*flaw, t) };
    ErrorSummary { items: flaws.iter().map(error).collect() }
}

fn message(flaw: Flaw, t: &Words) -> String {
    match flaw {
        Flaw::NameMissing => t.offers_name_missing().to_owned(),
        Flaw::NameTooLong => t.offers_name_too_long(Said::MAX_NAME_CHARS),
        Flaw::NameInvalid => t.offers_name_invalid().to_owned(),
        Flaw::NotAgreed => t.offers_not_agreed().to_owned(),
        Flaw::ReasonTooLong => t.offers_reason_too_long(Said::MAX_REASON_CHARS),
        Flaw::ReasonInvalid => t.offers_reason_invalid().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flaw_has_its_sentence() {
        let all = [
            Flaw::NameMissing,
            Flaw::NameTooLong,
            Flaw::NameInvalid,
            Flaw::NotAgreed,
            Flaw::ReasonTooLong,
            Flaw::ReasonInvalid,
        ];
        for language in domain::Language::ALL {
            let summary = summary(&all, &Words::new(language));
            let mut messages: Vec<String> = summary.items.into_iter().map(|item| item.message).collect();
            assert!(messages.iter().all(|message| message.ends_with('.')), "{messages:?}");
            messages.sort();
            messages.dedup();
            assert_eq!(messages.len(), all.len(), "{messages:?}");
        }
    }
}
