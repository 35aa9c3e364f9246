//! `/contracts/{number}/cancel`: what cancelling brings about first, then the button (M-54, M-84); and the page that confirms
//! it.

use domain::{
    Pii,
    customer::EmailAddress,
    id::CancellationId,
    link::Reach,
    number::SubscriptionNumber,
    subscription::{Because, By, NewCancellation, NotAnEnd, NotNow, Notice, Phase, Side, Subscription},
    tenant::{Area, TrialRule},
    time::written_day,
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use store::secret;
use text::Words;
use utoipa::ToSchema;
use web::{
    Answer, Asked, ContractContext, Door as _, Either, Page, Problem, SeeOther, Submitted, area,
    door::Change,
    page::{ErrorSummary, Flash, FormError},
};

use super::deciding::{Ask, find, keep, moment, to_page};

type Cx = ContractContext<area::Cancel, Change>;

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
    Ok(match CancelPage::of(&cx, &contract, Typed::default()).await? {
        Some(page) => Either::First(Page::new(page)),
        None => Either::Second(to_page(&contract.number, Flash::StandsOtherwise)),
    })
}

/// Cancels. Once more is the same.
pub(crate) async fn submit(cx: Cx, form: Submitted<Typed, Ask>) -> Answer<Either<Page<CancelPage>, SeeOther>> {
    let (ask, typed) = form.into_parts();
    let contract = find(&cx, &ask).await?.value;
    let wanted = written_day(typed.ends_on.trim());
    let Some(page) = CancelPage::of(&cx, &contract, typed).await? else {
        return Ok(Either::Second(already(&contract, wanted)));
    };
    let t = cx.arrival().words();
    let (ends_on, reason) = match page.read(&cx, &contract, &t) {
        Ok(read) => read,
        Err(errors) => return Ok(Either::First(Page::with_errors(page, errors))),
    };
    let to = match cancel(&cx, &ask, ends_on, reason).await? {
        Ok(contract) => confirmation(&contract.number),
        Err(contract) => already(&contract, Some(ends_on)),
    };
    Ok(Either::Second(to))
}

/// Somebody was faster: the page of what was cancelled, where that is what was wanted, else of the contract as it stands.
fn already(contract: &Subscription, wanted: Option<Date>) -> SeeOther {
    match &contract.declared.cancellation {
        Some(known) if wanted.is_none_or(|wanted| wanted == known.ends_on) => confirmation(&contract.number),
        _ => to_page(&contract.number, Flash::StandsOtherwise),
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
    let decide = |contract: &Subscription| {
        // Decided on what is written over: its terms may have changed since the day was found.
        let is_open = !matches!(contract.phase_on(at.today()), Phase::Cancelled { .. } | Phase::Ended { .. });
        if is_open && contract.end_on(Some(ends_on), at.today(), rule(cx)) != Ok(ends_on) {
            return Err(NotNow("not to end on that day any more"));
        }
        contract.cancel(new.clone(), By::customer(cx.way()), at)
    };
    match keep(cx, ask, decide).await? {
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
    /// The last day for which it can be cancelled today.
    pub latest: Date,
    /// Does it rest?
    pub rests: bool,
    /// Can the cancellation be taken back?
    pub may_take_back: bool,
    /// Where the confirmation goes; none: the customer has no address.
    pub mailed_to: Option<Pii<String>>,
    /// What was typed before.
    pub typed: Typed,
}

impl CancelPage {
    /// `None` for a contract that is cancelled or has ended.
    async fn of(cx: &Cx, contract: &Subscription, typed: Typed) -> Answer<Option<Self>> {
        let today = cx.today();
        if matches!(contract.phase_on(today), Phase::Cancelled { .. } | Phase::Ended { .. }) {
            return Ok(None);
        }
        let customer = cx.store().customer(cx.customer()).await?.ok_or(Problem::NotFound)?.value;
        let earliest = contract.earliest_end(today, rule(cx));
        // A link to the contract tells nobody an address that was not known before.
        let named = |address: &EmailAddress| match cx.reach() {
            Reach::Portal => address.as_str().to_owned(),
            Reach::Contract { .. } => address.masked(),
        };
        Ok(Some(Self {
            number: contract.number.clone(),
            plan: contract.facts.plan.clone(),
            today,
            earliest: earliest.on,
            because: earliest.because,
            notice: contract.facts.notice,
            latest: Subscription::latest_end(today),
            rests: contract.rests_on(today),
            may_take_back: super::may(cx, Area::TakeBack),
            mailed_to: customer.contract_address().map(|address| named(address).into()),
            typed,
        }))
    }

    /// The last day and the reason, or everything that is wrong.
    fn read(&self, cx: &Cx, contract: &Subscription, t: &Words) -> Result<(Date, String), ErrorSummary> {
        let (rule, word) = (rule(cx), cx.tenant().settings.contract_word);
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
            (_, Some(day)) => contract.end_on(Some(day), self.today, rule).unwrap_or_else(|not_an_end| {
                let message = match not_an_end {
                    NotAnEnd::Next(next) => t.cancelling_no_end(word, t.date(next)),
                    NotAnEnd::TooFar(latest) => t.cancelling_too_far(t.date(latest)),
                };
                wrong("ends_on", message);
                self.earliest
            }),
            _ => {
                wrong("ends_on", t.cancelling_day_invalid(t.date(self.earliest)));
                self.earliest
            }
        };
        if items.is_empty() { Ok((ends_on, reason)) } else { Err(ErrorSummary { items }) }
    }

    /// Where the confirmation goes.
    #[must_use]
    pub fn mail(&self, t: &Words) -> String {
        match &self.mailed_to {
            Some(address) => t.cancelling_what_happens(address.as_str()),
            None => t.cancelling_what_happens_here().to_owned(),
        }
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
    cx: ContractContext<area::Contracts>,
    ask: Asked<Ask>,
) -> Answer<Either<Page<CancelledPage>, SeeOther>> {
    let contract = find(&cx, &ask.0).await?.value;
    let customer = cx.store().customer(cx.customer()).await?.ok_or(Problem::NotFound)?.value;
    let phase = contract.phase_on(cx.today());
    let Some(cancellation) = contract.declared.cancellation.clone() else {
        return Ok(Either::Second(to_page(&contract.number, Flash::StandsOtherwise)));
    };
    let page = CancelledPage {
        declared_at: cancellation.declared_at,
        ends_on: contract.ends_on().unwrap_or(cancellation.ends_on),
        reason: cancellation.reason,
        is_mailed: customer.contract_address().is_some(),
        has_ended: matches!(phase, Phase::Ended { .. }),
        may_take_back: matches!(phase, Phase::Cancelled { by: Side::Customer, .. }) && super::may(&cx, Area::TakeBack),
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
    /// Does the confirmation go out by mail? Not to a customer without an address.
    pub is_mailed: bool,
    /// Has it ended by now?
    pub has_ended: bool,
    /// Can it be taken back?
    pub may_take_back: bool,
}

impl CancelledPage {
    /// What becomes of the confirmation.
    #[must_use]
    pub fn mail(&self, t: &Words) -> &'static str {
        if self.is_mailed { t.cancelling_mailed() } else { t.cancelling_not_mailed() }
    }

    /// What stands beside that.
    #[must_use]
    pub const fn drawing(&self) -> &'static str {
        if self.is_mailed { "done" } else { "info" }
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
            latest: date(2036, 11, 28),
            rests: true,
            may_take_back: true,
            mailed_to: Some("tine@example.org".to_owned().into()),
            typed: Typed::default(),
        }
    }

    #[test]
    fn the_question_is_sound() {
        testing::check("contract-cancel", &page(), |_| {});
        let typed = Typed { ends_on: "<b>".to_owned(), reason: "#strong[x] <i>".to_owned().into(), shown: None };
        let wrong = CancelPage { because: Because::Trial, earliest: page().today, mailed_to: None, typed, ..page() };
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
            is_mailed: true,
            has_ended: false,
            may_take_back: true,
        };
        testing::check("contract-cancelled", &page, |_| {});
        let reason = String::new().into();
        let bare = CancelledPage { reason, is_mailed: false, has_ended: true, may_take_back: false, ..page };
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
