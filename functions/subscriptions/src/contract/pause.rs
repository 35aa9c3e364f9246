//! `/contracts/{number}/pause` and `/contracts/{number}/resume`: a contract rests, and runs again (M-45, M-76).

use domain::{
    number::SubscriptionNumber,
    subscription::{By, Phase},
    time::{Interval, IntervalUnit, written_day},
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{
    Answer, Asked, ContractContext, Door as _, Either, Nothing, Page, SeeOther, Submitted, area,
    door::Change,
    page::{ErrorSummary, Flash},
};

use super::deciding::{Ask, find, keep, moment, said, to_page};

type Cx = ContractContext<area::Pause, Change>;

/// The last day of a pause lies so far ahead at most.
const LONGEST: Interval = Interval { count: 1, unit: IntervalUnit::Year };

/// What the form sends.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Typed {
    /// Last day of the pause; empty: until it is resumed.
    pub until: String,
}

/// Asks.
pub(crate) async fn show(cx: Cx, ask: Asked<Ask>) -> Answer<Either<Page<PausePage>, SeeOther>> {
    let contract = find(&cx, &ask.0).await?.value;
    Ok(match contract.phase_on(cx.today()) {
        Phase::Active => {
            let (number, plan) = (contract.number, contract.facts.plan);
            Either::First(Page::new(PausePage::of(number, plan, cx.today(), Typed::default())))
        }
        _ => Either::Second(to_page(&contract.number, Flash::StandsOtherwise)),
    })
}

/// Pauses it. Once more is the same.
pub(crate) async fn submit(cx: Cx, form: Submitted<Typed, Ask>) -> Answer<Either<Page<PausePage>, SeeOther>> {
    let (ask, typed) = form.into_parts();
    let number = ask.number(&cx)?;
    let until = match typed.until.trim() {
        "" => None,
        text => match written_day(text).filter(|until| is_last_day(*until, cx.today())) {
            Some(until) => Some(until),
            None => {
                let t = cx.arrival().words();
                let plan = find(&cx, &ask).await?.value.facts.plan;
                let page = PausePage::of(number, plan, cx.today(), typed);
                let message = t.pausing_until_invalid(t.date(page.first), t.date(page.last));
                return Ok(Either::First(Page::with_errors(page, ErrorSummary::one("until", message))));
            }
        },
    };
    let kept = keep(&cx, &ask, |contract| contract.pause(until, By::customer(cx.way()), moment(&cx))).await?;
    Ok(Either::Second(to_page(&number, said(&kept, Flash::Paused))))
}

/// Can a pause that begins today end then?
pub(super) fn is_last_day(until: Date, today: Date) -> bool {
    today <= until && until <= LONGEST.after(today)
}

/// Ends the pause, from the contract's page. Once more is the same.
pub(crate) async fn resume(cx: Cx, form: Submitted<Nothing, Ask>) -> Answer<SeeOther> {
    let (ask, _) = form.into_parts();
    let number = ask.number(&cx)?;
    let kept = keep(&cx, &ask, |contract| contract.resume(By::customer(cx.way()), moment(&cx))).await?;
    Ok(to_page(&number, said(&kept, Flash::Resumed)))
}

/// The question.
#[derive(Debug, Clone, Serialize)]
pub struct PausePage {
    /// Shown as „Vertrag Nr. 1".
    pub number: SubscriptionNumber,
    /// Plan variant.
    pub plan: String,
    /// Its last day lies there at the earliest.
    pub first: Date,
    /// And there at the latest.
    pub last: Date,
    /// What was typed before.
    pub typed: Typed,
}

impl PausePage {
    fn of(number: SubscriptionNumber, plan: String, today: Date, typed: Typed) -> Self {
        Self { number, plan, first: today, last: LONGEST.after(today), typed }
    }
}

web::page!(PausePage => "pages/subscriptions/contract-pause.html");

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use web::page::testing;

    use super::*;

    #[test]
    fn the_question_is_sound() {
        let plan = "Webhosting Business L".to_owned();
        let page = PausePage::of("1".parse().unwrap(), plan, date(2026, 11, 28), Typed::default());
        testing::check("contract-pause", &page, |_| {});
        let wrong = PausePage { typed: Typed { until: "<b>gestern".to_owned() }, ..page };
        testing::check("contract-pause-error", &wrong, |frame| {
            testing::extreme(frame);
            frame.errors = Some(ErrorSummary::one("until", frame.t.pausing_until_invalid("28.11.2026", "28.11.2027")));
        });
    }

    #[test]
    fn a_pause_ends_within_a_year() {
        let today = date(2026, 11, 28);
        assert!(is_last_day(today, today) && is_last_day(date(2027, 11, 28), today));
        assert!(!is_last_day(date(2026, 11, 27), today) && !is_last_day(date(2027, 11, 29), today));
    }
}
