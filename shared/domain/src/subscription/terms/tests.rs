//! When a contract may end: examples of the law, and properties over all contracts.

use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::{Currency, Money, subscription::Notice};

const MONTH: Interval = Interval { count: 1, unit: IntervalUnit::Month };
const YEAR: Interval = Interval { count: 1, unit: IntervalUnit::Year };

fn facts(party: Party) -> SubscriptionFacts {
    SubscriptionFacts {
        plan: "Webhosting Business L".into(),
        concluded_on: date(2025, 11, 1),
        starts_on: date(2025, 11, 1),
        party,
        minimum_until: None,
        renewal: None,
        notice: Some(Notice { period: MONTH, to: NoticeEnd::MonthEnd }),
        interval: MONTH,
        price: Money::of_minor(5_900, Currency::Eur),
        phase: Phase::Active,
        next_invoice: None,
        components: vec![],
    }
}

fn contract(facts: SubscriptionFacts) -> Subscription {
    let zone = crate::time::Zone::default();
    let now = zone.begin(date(2025, 11, 1));
    let at = crate::subscription::Moment { now, zone: &zone };
    Subscription::create("1".parse().unwrap(), facts, crate::change::Actor::Integrator, at).into_parts().0
}

fn ends(facts: &SubscriptionFacts, today: Date) -> Date {
    contract(facts.clone()).earliest_end(today, TrialRule::EndOfTrial).on
}

#[test]
fn a_month_to_the_end_of_the_month() {
    let facts = facts(Party::Business);
    assert_eq!(ends(&facts, date(2026, 11, 28)), date(2026, 12, 31));
    assert_eq!(ends(&facts, date(2026, 11, 30)), date(2026, 12, 31));
    assert_eq!(ends(&facts, date(2026, 12, 1)), date(2027, 1, 31));
    assert_eq!(ends(&facts, date(2028, 1, 31)), date(2028, 2, 29), "a month from the last day is the last day");
}

#[test]
fn notice_before_the_end_of_the_first_term_ends_it_then() {
    for party in [Party::Consumer, Party::Business] {
        let facts = SubscriptionFacts { minimum_until: Some(date(2026, 10, 31)), ..facts(party) };
        assert_eq!(ends(&facts, date(2025, 11, 2)), date(2026, 10, 31));
        assert_eq!(ends(&facts, date(2026, 9, 30)), date(2026, 10, 31));
    }
}

#[test]
fn whoever_misses_the_first_term_stays_a_month_or_for_the_next_term() {
    let missed = date(2026, 10, 2);
    let consumer =
        SubscriptionFacts { minimum_until: Some(date(2026, 10, 31)), renewal: Some(YEAR), ..facts(Party::Consumer) };
    assert_eq!(ends(&consumer, missed), date(2026, 11, 2), "a consumer's contract runs on for an indefinite time");
    let business = SubscriptionFacts { party: Party::Business, ..consumer };
    assert_eq!(ends(&business, missed), date(2027, 10, 31));
    let indefinite = SubscriptionFacts { renewal: None, ..business };
    assert_eq!(ends(&indefinite, missed), date(2026, 11, 30));
}

#[test]
fn a_consumer_is_bound_for_two_years_and_gives_a_months_notice() {
    let facts = SubscriptionFacts {
        minimum_until: Some(date(2030, 10, 31)),
        notice: Some(Notice { period: Interval { count: 3, unit: IntervalUnit::Month }, to: NoticeEnd::TermEnd }),
        ..facts(Party::Consumer)
    };
    assert_eq!(ends(&facts, date(2027, 9, 30)), date(2027, 10, 31));
    assert_eq!(ends(&facts, date(2027, 10, 1)), date(2027, 11, 1));
    let business = SubscriptionFacts { party: Party::Business, ..facts };
    assert_eq!(ends(&business, date(2027, 9, 30)), date(2030, 10, 31));
    assert_eq!(ends(&business, date(2030, 9, 1)), date(2030, 12, 31), "charged by the month since the first");
}

#[test]
fn a_trial_ends_by_the_tenants_rule_without_notice() {
    let until = date(2026, 12, 11);
    let contract = contract(SubscriptionFacts { phase: Phase::Trial { until }, ..facts(Party::Consumer) });
    let on = |rule| contract.earliest_end(date(2026, 11, 28), rule);
    assert_eq!(on(TrialRule::EndOfTrial), EarliestEnd { on: until, because: Because::Trial });
    assert_eq!(on(TrialRule::AtOnce), EarliestEnd { on: date(2026, 11, 28), because: Because::Trial });
    let later = contract.earliest_end(date(2026, 12, 12), TrialRule::AtOnce);
    assert_eq!(later, EarliestEnd { on: date(2027, 1, 31), because: Because::Notice });
}

#[test]
fn a_later_day_may_be_wished_for_when_the_contract_can_end_then() {
    let contract = contract(facts(Party::Business));
    let on = |wanted| contract.end_on(wanted, date(2026, 11, 28), TrialRule::EndOfTrial);
    assert_eq!(on(None), Ok(date(2026, 12, 31)));
    assert_eq!(on(Some(date(2026, 12, 31))), Ok(date(2026, 12, 31)));
    assert_eq!(on(Some(date(2027, 2, 28))), Ok(date(2027, 2, 28)));
    assert_eq!(on(Some(date(2027, 2, 27))), Err(NotAnEnd::Next(date(2027, 2, 28))));
    assert_eq!(on(Some(date(2026, 12, 30))), Err(NotAnEnd::Next(date(2026, 12, 31))));
    for far in [date(2037, 1, 31), Date::MAX] {
        assert_eq!(on(Some(far)), Err(NotAnEnd::TooFar(date(2036, 11, 28))));
    }
}

#[test]
fn notice_to_the_end_of_a_term_binds_a_consumer_for_one_term_only() {
    let yearly = SubscriptionFacts {
        interval: YEAR,
        notice: Some(Notice { period: MONTH, to: NoticeEnd::TermEnd }),
        ..facts(Party::Consumer)
    };
    assert_eq!(ends(&yearly, date(2026, 3, 1)), date(2026, 10, 31));
    assert_eq!(ends(&yearly, date(2026, 11, 29)), date(2026, 12, 29));
    let for_ten_years = SubscriptionFacts { interval: Interval { count: 10, ..YEAR }, ..yearly };
    assert_eq!(ends(&for_ten_years, date(2026, 3, 1)), date(2027, 10, 31), "two years at most");
}

#[test]
fn whoever_may_withdraw_until_a_sunday_may_on_the_monday() {
    let on = |concluded_on| SubscriptionFacts { concluded_on, ..facts(Party::Consumer) }.withdrawal_until();
    assert_eq!(on(date(2026, 11, 13)), Some(date(2026, 11, 27)));
    assert_eq!(on(date(2026, 11, 14)), Some(date(2026, 11, 30)), "from a Saturday");
    assert_eq!(on(date(2026, 11, 15)), Some(date(2026, 11, 30)), "from a Sunday");
    assert_eq!(facts(Party::Business).withdrawal_until(), None);
}

#[test]
fn a_contract_that_has_not_begun_ends_no_sooner() {
    let facts = SubscriptionFacts { starts_on: date(2027, 3, 1), ..facts(Party::Business) };
    assert_eq!(ends(&facts, date(2026, 11, 29)), date(2027, 3, 31));
}

#[test]
fn periods_are_counted_from_the_first_day() {
    let end = |day| period_end(date(2026, 1, 31), MONTH, day);
    assert_eq!(end(date(2026, 1, 31)), date(2026, 2, 27));
    assert_eq!(end(date(2026, 2, 28)), date(2026, 3, 30));
    assert_eq!(end(date(2025, 1, 1)), date(2026, 2, 27), "before it begins the first one counts");
    let daily = Interval { count: 1, unit: IntervalUnit::Day };
    assert_eq!(period_end(date(1990, 1, 1), daily, date(2026, 5, 5)), date(2026, 5, 5));
}

prop_compose! {
    fn any_day()(days in 0_i64..30_000) -> Date {
        date(2000, 1, 1).checked_add(jiff::ToSpan::days(days)).unwrap()
    }
}

prop_compose! {
    fn any_interval()(count in 1_u16..=36, unit in prop_oneof![
        Just(IntervalUnit::Day), Just(IntervalUnit::Week), Just(IntervalUnit::Month), Just(IntervalUnit::Year)
    ]) -> Interval {
        Interval { count, unit }
    }
}

prop_compose! {
    fn any_facts()(
        concluded_on in any_day(),
        delay in 0_i64..60,
        party in prop_oneof![Just(Party::Consumer), Just(Party::Business)],
        minimum in proptest::option::of(0_i64..2_000),
        renewal in proptest::option::of(any_interval()),
        notice in proptest::option::of((any_interval(), prop_oneof![
            Just(NoticeEnd::AnyDay), Just(NoticeEnd::MonthEnd), Just(NoticeEnd::TermEnd)
        ])),
        interval in any_interval(),
    ) -> SubscriptionFacts {
        let starts_on = concluded_on.saturating_add(jiff::ToSpan::days(delay));
        SubscriptionFacts {
            concluded_on,
            starts_on,
            minimum_until: minimum.map(|days| starts_on.saturating_add(jiff::ToSpan::days(days))),
            renewal,
            notice: notice.map(|(period, to)| Notice { period, to }),
            interval,
            ..facts(party)
        }
    }
}

proptest! {
    #[test]
    fn a_contract_never_ends_before_its_notice(facts in any_facts(), today in any_day()) {
        let end = ends(&facts, today);
        prop_assert!(end >= facts.notice_end(today));
        prop_assert!(end >= today);
        prop_assert!(end >= facts.starts_on);
        let first = facts.first_term_end().filter(|first| facts.notice_end(today).max(facts.starts_on) <= *first);
        prop_assert!(first.is_none_or(|first| end == first), "it ends with the first term where notice reaches it");
    }

    #[test]
    fn a_contract_never_runs_beyond_the_next_term(facts in any_facts(), today in any_day()) {
        let (end, notice) = (ends(&facts, today), facts.notice_end(today).max(facts.starts_on));
        let next = facts.term_end_from(notice).unwrap_or_else(|| {
            let periods = period_end(facts.starts_on, facts.interval, notice);
            periods.max(notice.last_of_month())
        });
        prop_assert!(end <= next, "{end} is after {next}");
    }

    #[test]
    fn a_consumer_is_never_bound_longer_than_the_law_allows(facts in any_facts(), today in any_day()) {
        let facts = SubscriptionFacts { party: Party::Consumer, ..facts };
        let month_later = LONGEST_NOTICE.after(today);
        let two_years = day_before(LONGEST_FIRST_TERM.after(facts.concluded_on));
        prop_assert!(facts.notice_end(today) <= month_later);
        let is_bound = facts.first_term_end().is_some() || facts.renewal.is_some();
        if is_bound {
            prop_assert!(ends(&facts, today) <= month_later.max(two_years).max(facts.starts_on));
        }
    }

    #[test]
    fn whoever_cancels_later_never_leaves_earlier(facts in any_facts(), today in any_day()) {
        prop_assert!(ends(&facts, today) <= ends(&facts, day_after(today)));
    }

    #[test]
    fn what_is_proposed_for_a_wished_day_is_accepted(facts in any_facts(), today in any_day(), wanted in any_day()) {
        let contract = contract(facts);
        if let Err(NotAnEnd::Next(next)) = contract.end_on(Some(wanted), today, TrialRule::EndOfTrial) {
            prop_assert_eq!(contract.end_on(Some(next), today, TrialRule::EndOfTrial), Ok(next));
        }
    }

    #[test]
    fn terms_follow_each_other(facts in any_facts(), day in any_day()) {
        if let Some(end) = facts.term_end_from(day) {
            prop_assert!(end >= day);
            prop_assert_eq!(facts.term_end_from(end), Some(end));
        }
        if let Some(before) = facts.term_end_before(day) {
            prop_assert!(before < day);
            prop_assert_eq!(facts.term_end_from(before), Some(before));
            prop_assert!(facts.term_end_from(day_after(before)).is_none_or(|next| next >= day));
        }
    }

    #[test]
    fn no_day_takes_for_ever(facts in any_facts(), today in any_day()) {
        for day in [Date::MIN, today, Date::MAX] {
            let _ends = (facts.term_end_from(day), facts.term_end_before(day), ends(&facts, day));
        }
    }
}
