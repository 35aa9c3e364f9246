//! `/contracts/{number}/cancel`: what cancelling brings about first, then the button (M-54, M-84); and the page that confirms
//! it.

use domain::{
    Pii,
    id::CancellationId,
    number::SubscriptionNumber,
    subscription::{Because, By, NewCancellation, NotAnEnd, Notice, Phase, Subscription},
    tenant::{Area, TrialRule},
    time::written_day,
};
use jiff::{Timestamp, ToSpan, civil::Date};
use serde::{Deserialize, Serialize};
use store::secret;
use text::Words;
use utoipa::ToSchema;
use web::{
    Answer, Asked, CustomerContext, Door as _, Either, Page, Problem, SeeOther, Submitted, area,
    door::Change,
    page::{ErrorSummary, Flash, FormError},
};

use super::deciding::{Ask, find, keep, moment, to_page};

type Cx = CustomerContext<area::Cancel, Change>;

/// So far ahead may a contract be cancelled.
const MAX_YEARS: i64 = 10;

/// What the form sends.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Typed {
    /// A later last day that is wished for; empty is as early as possible.
    pub ends_on: String,
    /// Why, if somebody wants to say so.
    #[schema(value_type = String)]
    pub reason: Pii<String>,
    /// The earliest day as the page showed it: nobody cancels for another one than was seen.
    pub shown: Option<Date>,
}

/// Says when the contract would end.
pub(crate) async fn show(cx: Cx, ask: Asked<Ask>) -> Answer<Either<Page<CancelPage>, SeeOther>> {
    let contract = find(&cx, &ask.0).await?.value;
    Ok(match CancelPage::of(&contract, cx.today(), rule(&cx), Typed::default()) {
        Some(page) => Either::First(Page::new(page)),
        None => Either::Second(to_page(&contract.number, Flash::StandsOtherwise)),
    })
}

/// Cancels. Once more is the same.
pub(crate) async fn submit(cx: Cx, form: Submitted<Typed, Ask>) -> Answer<Either<Page<CancelPage>, SeeOther>> {
    let (ask, typed) = form.into_parts();
    let contract = find(&cx, &ask).await?.value;
    let Some(page) = CancelPage::of(&contract, cx.today(), rule(&cx), typed) else {
        return Ok(Either::Second(already(&contract)));
    };
    let t = Words::new(cx.arrival().language());
    let (ends_on, reason) = match page.read(&contract, rule(&cx), &t) {
        Ok(read) => read,
        Err(errors) => return Ok(Either::First(Page::with_errors(page, errors))),
    };
    let to = match cancel(&cx, &ask, ends_on, reason).await? {
        Ok(contract) => confirmation(&contract.number),
        Err(contract) => already(&contract),
    };
    Ok(Either::Second(to))
}

/// Somebody was faster: the page of what was cancelled, or of the contract as it stands.
fn already(contract: &Subscription) -> SeeOther {
    match &contract.declared.cancellation {
        Some(_) => confirmation(&contract.number),
        None => to_page(&contract.number, Flash::StandsOtherwise),
    }
}

fn confirmation(number: &SubscriptionNumber) -> SeeOther {
    SeeOther::to(format!("/contracts/{}/cancel/confirmation", number.slug()))
}

/// Cancels for a day that was found before; the contract as it stands when somebody was faster.
pub(super) async fn cancel(
    cx: &Cx,
    ask: &Ask,
    ends_on: Date,
    reason: String,
) -> Answer<Result<Subscription, Subscription>> {
    let at = moment(cx);
    let id = CancellationId::new(at.now, secret::entropy());
    let new = NewCancellation { id, ends_on, reason: reason.into() };
    match keep(cx, ask, |contract| contract.cancel(new.clone(), By::customer(cx.way()), at)).await? {
        Ok(contract) => Ok(Ok(contract)),
        Err(_) => Ok(Err(find(cx, ask).await?.value)),
    }
}

pub(super) fn rule(cx: &Cx) -> TrialRule {
    cx.tenant().settings.contracts.cancel_in_trial
}

/// The question.
#[derive(Debug, Clone, Serialize)]
pub struct CancelPage {
    /// Shown as „Vertrag Nr. 1".
    pub number: SubscriptionNumber,
    /// Plan variant.
    pub plan: String,
    /// Today, from which on it is reckoned.
    pub today: Date,
    /// The first day on which it can end.
    pub earliest: Date,
    /// What decides that.
    #[serde(skip)]
    pub because: Because,
    /// „Kündigungsfrist".
    pub notice: Option<Notice>,
    /// What was typed before.
    pub typed: Typed,
}

impl CancelPage {
    /// `None` for a contract that is cancelled or has ended.
    fn of(contract: &Subscription, today: Date, rule: TrialRule, typed: Typed) -> Option<Self> {
        if matches!(contract.phase_on(today), Phase::Cancelled { .. } | Phase::Ended { .. }) {
            return None;
        }
        let earliest = contract.earliest_end(today, rule);
        Some(Self {
            number: contract.number.clone(),
            plan: contract.facts.plan.clone(),
            today,
            earliest: earliest.on,
            because: earliest.because,
            notice: contract.facts.notice,
            typed,
        })
    }

    /// The last day and the reason, or everything that is wrong.
    fn read(&self, contract: &Subscription, rule: TrialRule, t: &Words) -> Result<(Date, String), ErrorSummary> {
        let mut items = Vec::new();
        let mut wrong = |field: &str, message: String| items.push(FormError { field: field.to_owned(), message });
        let reason = self.typed.reason.trim().replace("\r\n", "\n");
        if reason.chars().count() > Subscription::MAX_REASON_CHARS {
            wrong("reason", t.cancelling_reason_too_long(Subscription::MAX_REASON_CHARS));
        }
        let typed = self.typed.ends_on.trim();
        let ends_on = match (typed, written_day(typed)) {
            ("", _) if self.typed.shown.is_some_and(|shown| shown != self.earliest) => {
                wrong("ends_on", t.cancelling_earliest_moved(t.date(self.earliest)));
                self.earliest
            }
            ("", _) => self.earliest,
            (_, Some(day)) if day <= self.today.saturating_add(MAX_YEARS.years()) => {
                contract.end_on(Some(day), self.today, rule).unwrap_or_else(|NotAnEnd(next)| {
                    wrong("ends_on", t.cancelling_no_end(t.date(next)));
                    next
                })
            }
            _ => {
                wrong("ends_on", t.cancelling_day_invalid(t.date(self.earliest)));
                self.earliest
            }
        };
        if items.is_empty() { Ok((ends_on, reason)) } else { Err(ErrorSummary { items }) }
    }

    /// Why it ends on that day, in a sentence.
    #[must_use]
    pub fn why(&self, t: &Words, contract: impl text::Word) -> String {
        match (self.because, self.notice) {
            (Because::Trial, _) if self.earliest == self.today => t.cancelling_because_trial_now().to_owned(),
            (Because::Trial, _) => t.cancelling_because_trial().to_owned(),
            (Because::Term, _) => t.cancelling_because_term().to_owned(),
            (Because::Notice, Some(notice)) => t.cancelling_because_notice(t.notice(notice)),
            (Because::Notice, None) => t.cancelling_because_nothing(contract),
        }
    }
}

web::page!(CancelPage => "pages/subscriptions/contract-cancel.html");

/// Says what was cancelled, and when.
pub(crate) async fn confirm(
    cx: CustomerContext<area::Contracts>,
    ask: Asked<Ask>,
) -> Answer<Either<Page<CancelledPage>, SeeOther>> {
    let contract = find(&cx, &ask.0).await?.value;
    let customer = cx.store().customer(cx.customer()).await?.ok_or(Problem::NotFound)?.value;
    let Some(cancellation) = contract.declared.cancellation.clone() else {
        return Ok(Either::Second(to_page(&contract.number, Flash::StandsOtherwise)));
    };
    let is_running = matches!(contract.phase_on(cx.today()), Phase::Cancelled { .. });
    let page = CancelledPage {
        declared_at: cancellation.declared_at,
        ends_on: contract.ends_on().unwrap_or(cancellation.ends_on),
        reason: cancellation.reason,
        mailed_to: customer.invoice_address().map(|address| address.as_str().to_owned().into()),
        may_take_back: is_running && super::may(&cx, Area::TakeBack),
        number: contract.number,
        plan: contract.facts.plan,
    };
    Ok(Either::First(Page::new(page)))
}

/// The confirmation.
#[derive(Debug, Clone, Serialize)]
pub struct CancelledPage {
    /// Shown as „Vertrag Nr. 1".
    pub number: SubscriptionNumber,
    /// Plan variant.
    pub plan: String,
    /// When it was cancelled.
    pub declared_at: Timestamp,
    /// Last day of the contract.
    pub ends_on: Date,
    /// Why, if that was said.
    pub reason: Pii<String>,
    /// Where the confirmation goes; none: the customer has no address.
    pub mailed_to: Option<Pii<String>>,
    /// Can it be taken back?
    pub may_take_back: bool,
}

impl CancelledPage {
    /// Where the confirmation goes.
    #[must_use]
    pub fn mail(&self, t: &Words) -> String {
        match &self.mailed_to {
            Some(address) => t.cancelling_mailed_to(address.as_str()),
            None => t.cancelling_not_mailed().to_owned(),
        }
    }

    /// What stands beside that.
    #[must_use]
    pub const fn drawing(&self) -> &'static str {
        if self.mailed_to.is_some() { "done" } else { "info" }
    }
}

web::page!(CancelledPage => "pages/subscriptions/contract-cancelled.html");

#[cfg(test)]
mod tests {
    use domain::{
        subscription::NoticeEnd,
        tenant::ContractWord,
        time::{Interval, IntervalUnit},
    };
    use jiff::civil::date;
    use web::page::testing;

    use super::*;

    fn page() -> CancelPage {
        let month = Interval { count: 1, unit: IntervalUnit::Month };
        CancelPage {
            number: "1".parse().unwrap(),
            plan: "Webhosting Business L".to_owned(),
            today: date(2026, 11, 28),
            earliest: date(2026, 12, 31),
            because: Because::Notice,
            notice: Some(Notice { period: month, to: NoticeEnd::MonthEnd }),
            typed: Typed::default(),
        }
    }

    #[test]
    fn the_question_is_sound() {
        testing::check("contract-cancel", &page(), |_| {});
        let typed = Typed { ends_on: "<b>".to_owned(), reason: "#strong[x] <i>".to_owned().into(), shown: None };
        let wrong = CancelPage { because: Because::Trial, earliest: page().today, typed, ..page() };
        testing::check("contract-cancel-error", &wrong, |frame| {
            testing::extreme(frame);
            let error = |field: &str| FormError { field: field.to_owned(), message: "Das passt nicht.".to_owned() };
            frame.errors = Some(ErrorSummary { items: ["ends_on", "reason"].map(error).to_vec() });
        });
    }

    #[test]
    fn the_confirmation_is_sound() {
        let page = CancelledPage {
            number: "1".parse().unwrap(),
            plan: "Webhosting Business L".to_owned(),
            declared_at: Timestamp::UNIX_EPOCH,
            ends_on: date(2026, 12, 31),
            reason: "Wir ziehen um.\nVielen Dank!".to_owned().into(),
            mailed_to: Some("tine@example.org".to_owned().into()),
            may_take_back: true,
        };
        testing::check("contract-cancelled", &page, |_| {});
        let bare = CancelledPage { reason: String::new().into(), mailed_to: None, may_take_back: false, ..page };
        testing::check("contract-cancelled-bare", &bare, testing::extreme);
    }

    #[test]
    fn every_reason_has_its_sentence() {
        for language in domain::Language::ALL {
            let t = Words::new(language);
            let why = |because, notice| CancelPage { because, notice, ..page() }.why(&t, ContractWord::Contract);
            let now = CancelPage { because: Because::Trial, earliest: page().today, ..page() };
            let mut all = vec![
                why(Because::Notice, page().notice),
                why(Because::Notice, None),
                why(Because::Term, None),
                why(Because::Trial, None),
                now.why(&t, ContractWord::Contract),
            ];
            assert!(all.iter().all(|sentence| sentence.ends_with('.')), "{all:?}");
            all.sort();
            all.dedup();
            assert_eq!(all.len(), 5, "{all:?}");
        }
    }
}
