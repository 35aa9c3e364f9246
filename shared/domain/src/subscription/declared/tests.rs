//! What is declared of a contract: every state × every act, what the tenant's system says meanwhile, and its days.

use jiff::civil::date;

use super::*;
use crate::{
    Currency, Money,
    change::Way,
    subscription::{Ending, Notice, NoticeEnd, Party},
    tenant::TrialRule,
    time::{Interval, IntervalUnit, Zone},
};

const MONTH: Interval = Interval { count: 1, unit: IntervalUnit::Month };
const TODAY: Date = date(2026, 11, 28);

fn facts(phase: Phase) -> SubscriptionFacts {
    SubscriptionFacts {
        plan: "Webhosting Business L".into(),
        concluded_on: date(2019, 3, 1),
        starts_on: date(2019, 3, 1),
        party: Party::Business,
        minimum_until: None,
        renewal: None,
        notice: Some(Notice { period: MONTH, to: NoticeEnd::MonthEnd }),
        interval: MONTH,
        price: Money::of_minor(5_900, Currency::Eur),
        phase,
        next_invoice: None,
        components: vec![],
    }
}

/// Noon of a day.
fn on<T>(day: Date, decide: impl FnOnce(Moment<'_>) -> T) -> T {
    let zone = Zone::default();
    let now = zone.begin(day) + jiff::SignedDuration::from_hours(12);
    decide(Moment { now, zone: &zone })
}

fn contract(phase: Phase) -> Subscription {
    let made = |at: Moment<'_>| Subscription::create("1".parse().unwrap(), facts(phase), Actor::Integrator, at);
    on(TODAY, made).into_parts().0
}

fn customer() -> By {
    By::customer(Way::Page)
}

fn new(ends_on: Date) -> NewCancellation {
    NewCancellation {
        id: CancellationId::new(Timestamp::UNIX_EPOCH, [1; 10]),
        ends_on,
        reason: "zu teuer".to_owned().into(),
    }
}

fn cancelled(contract: &Subscription, ends_on: Date) -> Subscription {
    cancelled_by(contract, ends_on, customer())
}

fn cancelled_by(contract: &Subscription, ends_on: Date, by: By) -> Subscription {
    on(TODAY, |at| contract.cancel(new(ends_on), by, at)).unwrap().unwrap().into_parts().0
}

fn taken_back(contract: &Subscription) -> Subscription {
    on(TODAY, |at| contract.take_back(customer(), at)).unwrap().unwrap().into_parts().0
}

fn paused(contract: &Subscription, until: Option<Date>) -> Subscription {
    on(TODAY, |at| contract.pause(until, customer(), at)).unwrap().unwrap().into_parts().0
}

fn told(contract: &Subscription, facts: SubscriptionFacts) -> Subscription {
    let change = on(TODAY, |at| contract.update(facts, Actor::Integrator, at));
    change.map_or_else(|| contract.clone(), |change| change.into_parts().0)
}

#[test]
fn a_cancellation_says_what_it_changed_and_ends_the_contract_on_its_day() {
    let ends_on = date(2026, 12, 31);
    let change = on(TODAY, |at| contract(Phase::Active).cancel(new(ends_on), customer(), at)).unwrap().unwrap();
    let event = &change.events()[0];
    assert_eq!(
        (event.kind, event.way, event.fact("ends_on")),
        (EventKind::SubscriptionCancelled, Some(Way::Page), Some("2026-12-31"))
    );
    let changed: Vec<_> =
        event.changes.iter().map(|one| (one.field.as_str(), one.from.as_str(), one.to.as_str())).collect();
    assert_eq!(changed, [("reason", "", "zu teuer"), ("phase", "active", "cancelled"), ("ends_on", "", "2026-12-31")]);
    let contract = change.into_parts().0;
    assert_eq!(contract.phase_on(ends_on), Phase::Cancelled { declared_on: TODAY, ends_on, by: Side::Customer });
    assert_eq!(contract.phase_on(date(2027, 1, 1)), Phase::Ended { on: ends_on, how: Ending::Cancelled });
    assert_eq!(on(TODAY, |at| contract.cancel(new(ends_on), customer(), at)), Ok(None), "again is the same");
    let other = on(TODAY, |at| contract.cancel(new(date(2027, 1, 31)), customer(), at));
    assert_eq!(other, Err(NotNow("cancelled")));
    let staffs = on(TODAY, |at| contract.cancel(new(date(2026, 12, 1)), By::integrator(), at)).unwrap().unwrap();
    assert_eq!(staffs.next().ends_on(), Some(date(2026, 12, 1)), "staff may set another day");
}

#[test]
fn every_state_takes_what_it_may() {
    let ends_on = date(2026, 12, 31);
    let past = Phase::Ended { on: date(2026, 1, 31), how: Ending::Expired };
    let all = [
        (contract(Phase::Trial { until: date(2026, 12, 11) }), "trial", [false, false, true, true]),
        (contract(Phase::Active), "active", [true, true, true, true]),
        (contract(Phase::Paused { since: date(2026, 11, 1) }), "paused", [true, true, true, true]),
        (paused(&contract(Phase::Active), None), "paused", [true, true, true, true]),
        (cancelled(&contract(Phase::Active), ends_on), "cancelled", [false, false, false, true]),
        (
            contract(Phase::Cancelled { declared_on: TODAY, ends_on, by: Side::Customer }),
            "cancelled",
            [false, false, false, true],
        ),
        (contract(Phase::Cancelled { declared_on: TODAY, ends_on, by: Side::Company }), "cancelled", [false; 4]),
        (cancelled_by(&contract(Phase::Active), ends_on, By::integrator()), "cancelled", [false; 4]),
        (cancelled(&paused(&contract(Phase::Active), None), ends_on), "cancelled", [false, true, false, true]),
        (contract(past), "ended", [false, false, false, false]),
    ];
    for (contract, name, may) in all {
        assert_eq!(contract.phase_on(TODAY).code(), name);
        let done = on(TODAY, |at| {
            [
                contract.pause(None, customer(), at).is_ok(),
                contract.resume(customer(), at).is_ok(),
                contract.cancel(new(date(2027, 2, 28)), customer(), at).is_ok(),
                contract.take_back(customer(), at).is_ok(),
            ]
        });
        assert_eq!(done, may, "{name}");
    }
}

#[test]
fn what_is_taken_back_stands_where_it_stood() {
    let ends_on = date(2026, 12, 31);
    let trial = Phase::Trial { until: date(2026, 12, 11) };
    for before in [contract(trial), contract(Phase::Active), paused(&contract(Phase::Active), None)] {
        let after = taken_back(&cancelled(&before, ends_on));
        assert_eq!(after.phase_on(TODAY), before.phase_on(TODAY));
        assert_eq!(after.ends_on(), None);
    }
    let by_system = contract(Phase::Cancelled { declared_on: TODAY, ends_on, by: Side::Customer });
    let after = taken_back(&by_system);
    assert_eq!((after.phase_on(TODAY), after.ends_on()), (Phase::Active, None));
    let again = cancelled(&after, date(2027, 1, 31));
    assert_eq!(again.ends_on(), Some(date(2027, 1, 31)));
}

#[test]
fn the_tenants_system_undoes_a_declaration_only_by_saying_something_new() {
    let ends_on = date(2026, 12, 31);
    let contract = cancelled(&contract(Phase::Active), ends_on);
    let same = told(&contract, SubscriptionFacts { plan: "Webhosting Business XL".into(), ..facts(Phase::Active) });
    assert_eq!(same.ends_on(), Some(ends_on), "it does not know yet");
    let resting = told(&contract, facts(Phase::Paused { since: TODAY }));
    assert_eq!(resting.ends_on(), Some(ends_on), "a cancellation is not lost by something else");
    let confirmed =
        told(&contract, facts(Phase::Cancelled { declared_on: TODAY, ends_on: date(2026, 12, 30), by: Side::Company }));
    assert_eq!(confirmed.ends_on(), Some(date(2026, 12, 30)), "its own day counts");
    let undone = told(&confirmed, facts(Phase::Active));
    assert_eq!((undone.ends_on(), undone.phase_on(TODAY)), (None, Phase::Active));
    let resting = paused(&super::tests::contract(Phase::Active), Some(date(2027, 1, 31)));
    assert_eq!(told(&resting, facts(Phase::Active)).phase_on(TODAY).code(), "paused");
    let confirmed = told(&resting, facts(Phase::Paused { since: TODAY }));
    assert_eq!(confirmed.pauses_until(), Some(date(2027, 1, 31)), "its last day is not lost");
    let trial = told(&resting, facts(Phase::Trial { until: date(2027, 1, 1) }));
    assert_eq!(trial.phase_on(TODAY).code(), "trial");
}

#[test]
fn what_is_cancelled_anew_is_not_undone_by_what_was_taken_back_before() {
    let by_system = facts(Phase::Cancelled { declared_on: TODAY, ends_on: date(2026, 12, 31), by: Side::Company });
    let confirmed = told(&cancelled(&contract(Phase::Active), date(2026, 12, 31)), by_system);
    let change = on(TODAY, |at| confirmed.update(facts(Phase::Active), Actor::Integrator, at)).unwrap();
    let kinds: Vec<_> = change.events().iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::SubscriptionUpdated, EventKind::SubscriptionCancellationTakenBack]);
    assert_eq!(change.events()[0].changes[0].to.as_str(), "active");
    let anew = cancelled(&taken_back(&confirmed), date(2027, 1, 31));
    let worked_off = told(&anew, facts(Phase::Active));
    assert_eq!(worked_off.ends_on(), Some(date(2027, 1, 31)));
}

#[test]
fn after_the_end_nothing_happens_and_before_it_each_thing_in_its_turn() {
    let rests = paused(&contract(Phase::Active), Some(date(2026, 12, 10)));
    let contract = cancelled(&rests, date(2026, 12, 31));
    assert!(contract.rests_on(date(2026, 12, 10)) && !contract.rests_on(date(2026, 12, 11)));
    let late = date(2027, 1, 20);
    let resumed = contract.on_day(late, Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(resumed.events()[0].kind, EventKind::SubscriptionResumed);
    assert_eq!(resumed.events()[0].changes, [], "it was cancelled and still is");
    let ended = resumed.next().on_day(late, Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(ended.events()[0].kind, EventKind::SubscriptionEnded);
    assert_eq!(ended.next().on_day(late, Timestamp::UNIX_EPOCH), None);
    let beyond = cancelled(&paused(&self::contract(Phase::Active), Some(date(2027, 1, 10))), date(2026, 12, 31));
    let ended = beyond.on_day(late, Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(ended.events()[0].kind, EventKind::SubscriptionEnded);
    assert_eq!((ended.next().next_day(), ended.next().on_day(late, Timestamp::UNIX_EPOCH)), (None, None));
}

#[test]
fn customers_end_no_pause_that_is_not_theirs() {
    let by_staff = on(TODAY, |at| contract(Phase::Active).pause(None, By::integrator(), at)).unwrap().unwrap();
    let resting = by_staff.into_parts().0;
    assert_eq!(on(TODAY, |at| resting.resume(customer(), at)), Err(NotNow("paused by the company")));
    assert!(on(TODAY, |at| resting.resume(By::integrator(), at)).unwrap().is_some());
}

#[test]
fn a_contract_ends_once_on_the_day_after_its_last_one() {
    let contract = cancelled(&contract(Phase::Active), date(2026, 12, 31));
    assert_eq!(contract.next_day(), Some(date(2027, 1, 1)));
    assert_eq!(contract.on_day(date(2026, 12, 31), Timestamp::UNIX_EPOCH), None);
    let late = contract.on_day(date(2027, 1, 9), Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(late.events()[0].kind, EventKind::SubscriptionEnded);
    assert_eq!(late.events()[0].fact("on"), Some("2026-12-31"));
    let ended = late.into_parts().0;
    assert_eq!((ended.next_day(), ended.on_day(date(2027, 1, 9), Timestamp::UNIX_EPOCH)), (None, None));
}

#[test]
fn a_pause_is_over_once_on_the_day_after_its_last_one() {
    let contract = paused(&contract(Phase::Active), Some(date(2026, 12, 24)));
    assert_eq!(contract.next_day(), Some(date(2026, 12, 25)));
    assert_eq!(contract.phase_on(date(2026, 12, 24)).code(), "paused");
    assert_eq!(contract.phase_on(date(2026, 12, 25)), Phase::Active);
    let resumed = contract.on_day(date(2026, 12, 25), Timestamp::UNIX_EPOCH).unwrap().into_parts().0;
    assert_eq!(resumed.declared.rest, Some(Rest::Running { since: date(2026, 12, 25) }));
    assert_eq!(resumed.next_day(), None);
}

#[test]
fn a_term_that_is_not_cancelled_is_renewed_once() {
    let yearly = Interval { count: 1, unit: IntervalUnit::Year };
    let facts =
        SubscriptionFacts { minimum_until: Some(date(2020, 2, 29)), renewal: Some(yearly), ..facts(Phase::Active) };
    let made = |at: Moment<'_>| Subscription::create("1".parse().unwrap(), facts.clone(), Actor::Integrator, at);
    let contract = on(TODAY, made).into_parts().0;
    assert_eq!(contract.next_day(), Some(date(2027, 3, 1)), "what is past is not told");
    let renewed = contract.on_day(date(2027, 3, 2), Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(renewed.events()[0].kind, EventKind::SubscriptionRenewed);
    assert_eq!(renewed.events()[0].fact("until"), Some("2028-02-29"));
    let renewed = renewed.into_parts().0;
    assert_eq!(renewed.next_day(), Some(date(2028, 3, 1)));
    let end = renewed.earliest_end(date(2027, 3, 2), TrialRule::EndOfTrial).on;
    let cancelled =
        on(date(2027, 3, 2), |at| renewed.cancel(new(end), customer(), at)).unwrap().unwrap().into_parts().0;
    assert_eq!(cancelled.next_day(), Some(date(2028, 3, 1)));
    let ended = cancelled.on_day(date(2028, 3, 1), Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(ended.events()[0].kind, EventKind::SubscriptionEnded, "it ends and is not renewed");
    assert_eq!(ended.next().next_day(), None);
}

#[test]
fn a_consumers_first_term_is_over_once_and_the_contract_runs_on() {
    let facts = SubscriptionFacts {
        party: Party::Consumer,
        minimum_until: Some(date(2026, 12, 31)),
        concluded_on: date(2025, 1, 1),
        ..facts(Phase::Active)
    };
    let made = |at: Moment<'_>| Subscription::create("1".parse().unwrap(), facts.clone(), Actor::Integrator, at);
    let contract = on(TODAY, made).into_parts().0;
    assert_eq!(contract.next_day(), Some(date(2027, 1, 1)));
    let renewed = contract.on_day(date(2027, 1, 1), Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(renewed.events()[0].fact("until"), None);
    assert_eq!(renewed.next().next_day(), None);
}
