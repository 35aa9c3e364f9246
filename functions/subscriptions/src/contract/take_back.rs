//! `/contracts/{number}/take-back`: „Kündigung zurücknehmen", as long as the contract runs (M-45).

use domain::{
    number::SubscriptionNumber,
    subscription::{By, Phase, Side},
};
use jiff::civil::Date;
use serde::Serialize;
use web::{
    Answer, Asked, ContractContext, Either, Nothing, Page, SeeOther, Submitted, area, door::Change, page::Flash,
};

use super::deciding::{Ask, find, keep, moment, said, to_page};

type Cx = ContractContext<area::TakeBack, Change>;

/// Asks.
pub(crate) async fn show(cx: Cx, ask: Asked<Ask>) -> Answer<Either<Page<TakeBackPage>, SeeOther>> {
    let contract = find(&cx, &ask.0).await?.value;
    Ok(match contract.phase_on(cx.today()) {
        Phase::Cancelled { ends_on, by: Side::Customer, .. } => {
            let rests = contract.rests_on(cx.today());
            let page = TakeBackPage { number: contract.number, plan: contract.facts.plan, ends_on, rests };
            Either::First(Page::new(page))
        }
        _ => Either::Second(to_page(&contract.number, Flash::StandsOtherwise)),
    })
}

/// Takes it back. Once more is the same.
pub(crate) async fn submit(cx: Cx, form: Submitted<Nothing, Ask>) -> Answer<SeeOther> {
    let (ask, _) = form.into_parts();
    let number = ask.number(&cx)?;
    let kept = keep(&cx, &ask, |contract| contract.take_back(By::customer(cx.way()), moment(&cx))).await?;
    Ok(to_page(&number, said(&kept, Flash::TakenBack)))
}

/// The question.
#[derive(Debug, Clone, Serialize)]
pub struct TakeBackPage {
    /// Shown as „Vertrag Nr. 1".
    pub number: SubscriptionNumber,
    /// Plan variant.
    pub plan: String,
    /// When it would end.
    pub ends_on: Date,
    /// Does it rest?
    pub rests: bool,
}

web::page!(TakeBackPage => "pages/subscriptions/contract-take-back.html");

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use web::page::testing;

    use super::*;

    #[test]
    fn the_question_is_sound() {
        let plan = "Webhosting Business L".to_owned();
        let page = TakeBackPage { number: "1".parse().unwrap(), plan, ends_on: date(2026, 12, 31), rests: true };
        testing::check("contract-take-back", &page, |_| {});
        testing::check("contract-take-back-long", &page, testing::extreme);
    }
}
