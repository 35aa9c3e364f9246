//! An invoice is charged on its day, at most twice, and a debit never unannounced.

use jiff::civil::date;

use super::*;
use crate::{
    Currency, Language,
    change::Actor,
    invoice::{issue, tests_support::facts},
    ledger::Account,
    payment::{Ending, NewPayment, ProviderName, Purpose, Saved},
    payment_method::{MethodName, NewMethod, Shown, Token, Wishes},
};

/// Due on 15 November 2026, 119.00 €.
struct House {
    row: InvoiceRow,
    terms: Payments,
    zone: Zone,
    now: Timestamp,
    card: PaymentMethod,
    debit: PaymentMethod,
}

fn customer() -> CustomerId {
    CustomerId::new(Timestamp::UNIX_EPOCH, [1; 10])
}

fn kept(method: Method, shown: Shown, seed: u8) -> PaymentMethod {
    let now = Timestamp::UNIX_EPOCH;
    let new = NewMethod {
        name: MethodName { customer: customer(), id: PaymentMethodId::new(now, [seed; 10]) },
        method,
        provider: ProviderName::Stripe,
        wishes: Wishes::default(),
        link: None,
        language: Language::De,
        mandate: None,
    };
    let token = Token { customer: None, method: format!("m{seed}") };
    let method = PaymentMethod::start(new, Actor::Customer, now).into_parts().0;
    method.saved(token, shown, now).unwrap().into_parts().0
}

impl House {
    fn built() -> Self {
        let now = at(2026, 11, 1, 12);
        let account = Account::receivables(&"K1".parse().unwrap(), Currency::Eur).unwrap();
        let issued = issue(&"RE1".parse().unwrap(), &facts(11_900), &account, Actor::Integrator, now).unwrap();
        let card = Shown::Card { brand: "visa".into(), last4: "4242".into(), valid_until: None };
        let debit =
            Shown::Account { last4: "4844".into(), bank: String::new(), mandate: "MREF-1".into(), creditor: None };
        Self {
            row: issued.into_parts().0.row,
            terms: Payments { collect: Collect::Portal, ..Payments::default() },
            zone: Zone::default(),
            now,
            card: kept(Method::Card, card, 1),
            debit: kept(Method::SepaDebit, debit, 2),
        }
    }

    fn planned(&self) -> Collection {
        Collection::plan(&customer(), &self.row, true, (&self.terms, &self.zone), self.now).unwrap()
    }

    fn seen<'a>(&'a self, chosen: Chosen<'a>, now: Timestamp) -> Seen<'a> {
        Seen { row: &self.row, chosen, is_reachable: true, terms: &self.terms, zone: &self.zone, now }
    }

    fn payment(&self, collection: &Collection) -> Payment {
        let State::Charging { payment, amount, .. } = &collection.state else { panic!("{:?}", collection.state) };
        let new = NewPayment {
            id: payment.clone(),
            customer: customer(),
            purpose: Purpose::Invoices { named: vec![Named::from(&self.row)] },
            method: Method::Card,
            provider: Some(ProviderName::Stripe),
            saved: Some(Saved { id: self.card.name.id.clone(), token: Token { customer: None, method: "m1".into() } }),
            account: self.row.account.clone(),
            amount: *amount,
            deposit: None,
            language: Language::De,
        };
        Payment::start(new, Actor::System, self.now).unwrap().into_parts().0
    }
}

fn at(year: i16, month: i8, day: i8, hour: i8) -> Timestamp {
    date(year, month, day).at(hour, 0, 0, 0).in_tz("Europe/Berlin").unwrap().timestamp()
}

fn id(seed: u8) -> PaymentId {
    PaymentId::new(Timestamp::UNIX_EPOCH, [seed; 10])
}

fn told(next: &Next) -> &Event {
    let Next::Told(change) = next else { panic!("nothing is told: {next:?}") };
    &change.events()[0]
}

#[test]
fn only_what_the_portal_may_collect_is_planned() {
    let house = House::built();
    assert_eq!(house.planned().due_at, Some(house.now), "a notice could be due already");
    let plan = |terms: &Payments, is_collected, now| {
        Collection::plan(&customer(), &house.row, is_collected, (terms, &house.zone), now)
    };
    assert_eq!(plan(&Payments::default(), true, house.now), None, "the tenant collects by itself");
    assert_eq!(plan(&house.terms, false, house.now), None, "something else was agreed");
    assert!(plan(&house.terms, true, at(2026, 11, 15, 23)).is_some(), "due today");
    assert_eq!(plan(&house.terms, true, at(2026, 11, 16, 0)), None, "it was due before the portal knew it");
    let soon = Payments { notice_days: 1, ..house.terms.clone() };
    assert_eq!(plan(&soon, true, house.now).unwrap().due_at, Some(at(2026, 11, 14, 8)));
}

#[test]
fn a_card_is_charged_on_the_due_day_and_once_more() {
    let house = House::built();
    let card = Chosen::Method(&house.card);
    let early = house.planned().next(&house.seen(card, house.now), id(1));
    assert!(matches!(early, Next::Quiet(_)), "{early:?}");
    assert_eq!(early.collection().due_at, Some(at(2026, 11, 15, 8)));
    let day = at(2026, 11, 15, 8);
    let first = early.collection().next(&house.seen(card, day), id(1));
    assert_eq!(told(&first).kind, EventKind::CollectionStarted);
    assert!(first.collection().has(&id(1)) && !first.collection().has(&id(2)));
    let payment = house.payment(first.collection());
    let waiting = first.collection().after(&payment, &house.seen(card, day));
    assert_eq!(waiting.collection().due_at, Some(day + WHILE_CHARGED));
    let declined = payment.ended(Ending::Failed, day).unwrap().into_parts().0;
    let failed = first.collection().after(&declined, &house.seen(card, day));
    let event = told(&failed);
    assert_eq!((event.kind, event.fact("on")), (EventKind::CollectionFailed, Some("2026-11-22")));
    let notice = CollectionNotice::of(event).unwrap();
    assert_eq!((notice.mail, notice.amount), (CollectionMail::CollectionFailed, house.row.gross));
    assert_eq!((notice.on, &notice.method), (Some(date(2026, 11, 22)), &Some(house.card.name.id.clone())));
    // Late: on the next day the worker runs.
    let again = at(2026, 11, 24, 3);
    let second = failed.collection().next(&house.seen(card, again), id(2));
    assert_eq!(told(&second).fact("attempt"), Some("2"));
    let declined = house.payment(second.collection()).ended(Ending::Failed, again).unwrap().into_parts().0;
    let over = second.collection().after(&declined, &house.seen(card, again));
    assert_eq!((told(&over).kind, told(&over).fact("reason")), (EventKind::CollectionGivenUp, Some("declined")));
    assert_eq!(over.collection().due_at, None);
    assert_eq!(over.collection().payments, [id(1), id(2)]);
}

/// Its mail went out on the day of the event.
fn told_by_mail(next: &Next, house: &House) -> Collection {
    let event = told(next);
    let notice = CollectionNotice::of(event).unwrap();
    next.collection().told(&notice, house.zone.day(event.at)).unwrap()
}

#[test]
fn a_debit_is_announced_with_its_account_its_amount_and_its_day() {
    let mut house = House::built();
    let announced = house.planned().next(&house.seen(Chosen::Method(&house.debit), house.now), id(1));
    let event = told(&announced);
    assert_eq!((event.kind, event.fact("on")), (EventKind::CollectionAnnounced, Some("2026-11-15")));
    let day = at(2026, 11, 15, 9);
    let debit = Chosen::Method(&house.debit);
    let announced = told_by_mail(&announced, &house);
    let charged = announced.next(&house.seen(debit, day), id(1));
    assert_eq!(told(&charged).kind, EventKind::CollectionStarted);
    // Another account has to be announced anew, and so has more than was said.
    let name = MethodName { id: house.card.name.id.clone(), ..house.debit.name.clone() };
    let other = PaymentMethod { name, ..house.debit.clone() };
    let anew = announced.next(&house.seen(Chosen::Method(&other), day), id(1));
    assert_eq!(told(&anew).fact("on"), Some("2026-11-29"));
    house.row.open = Money::of_minor(12_000, Currency::Eur);
    let more = announced.next(&house.seen(Chosen::Method(&house.debit), day), id(1));
    assert_eq!(told(&more).kind, EventKind::CollectionAnnounced);
    house.row.open = Money::of_minor(100, Currency::Eur);
    let less = announced.next(&house.seen(Chosen::Method(&house.debit), day), id(1));
    let (method, amount) = (house.debit.name.id.clone(), house.row.open);
    assert_eq!(less.collection().state, State::Charging { payment: id(1), method, amount });
}

#[test]
fn nobody_is_debited_who_was_not_told_in_time() {
    let house = House::built();
    let (debit, day) = (Chosen::Method(&house.debit), at(2026, 11, 15, 9));
    let announced = house.planned().next(&house.seen(debit, house.now), id(1));
    // The mail is still on its way on the day: it is announced for a later one, and what it said is no longer so.
    let anew = announced.collection().next(&house.seen(debit, day), id(1));
    assert_eq!((told(&anew).kind, told(&anew).fact("on")), (EventKind::CollectionAnnounced, Some("2026-11-29")));
    let notice = CollectionNotice::of(told(&announced)).unwrap();
    assert!(!anew.collection().is_as(&notice) && anew.collection().told(&notice, date(2026, 11, 15)).is_none());
    // It went out late: the notice is as long as ever.
    let late = announced.collection().told(&notice, date(2026, 11, 5)).unwrap();
    let waits = late.next(&house.seen(debit, day), id(1));
    assert_eq!(waits.collection().due_at, Some(at(2026, 11, 19, 8)));
    assert_eq!(told(&late.next(&house.seen(debit, at(2026, 11, 19, 8)), id(1))).kind, EventKind::CollectionStarted);
    // No mail reaches the customer.
    let unreachable = Seen { is_reachable: false, ..house.seen(debit, day) };
    for before in [&house.planned(), announced.collection()] {
        let over = before.next(&unreachable, id(1));
        assert_eq!(
            (told(&over).kind, told(&over).fact("reason")),
            (EventKind::CollectionGivenUp, Some("not_announced"))
        );
    }
}

#[test]
fn a_declined_debit_comes_again_no_sooner_than_it_may_be_announced() {
    let house = House::built();
    let debit = Chosen::Method(&house.debit);
    let day = at(2026, 11, 15, 8);
    let announced = house.planned().next(&house.seen(debit, house.now), id(1));
    let charged = told_by_mail(&announced, &house).next(&house.seen(debit, day), id(1));
    let declined = house.payment(charged.collection()).ended(Ending::Failed, day).unwrap().into_parts().0;
    let failed = charged.collection().after(&declined, &house.seen(debit, day));
    assert_eq!(told(&failed).fact("on"), Some("2026-11-29"));
    // That mail was the announcement.
    let again = told_by_mail(&failed, &house).next(&house.seen(debit, at(2026, 11, 29, 8)), id(2));
    assert_eq!(told(&again).kind, EventKind::CollectionStarted);
}

#[test]
fn what_came_to_nothing_without_a_decline_is_tried_anew() {
    let house = House::built();
    let (card, day) = (Chosen::Method(&house.card), at(2026, 11, 15, 8));
    let mut collection = house.planned();
    for attempt in 1..=4 {
        let charged = collection.next(&house.seen(card, day), id(attempt));
        let expired = house.payment(charged.collection()).ended(Ending::Expired, day).unwrap().into_parts().0;
        let after = charged.collection().after(&expired, &house.seen(card, day));
        collection = after.collection().clone();
        assert_eq!((collection.declined, collection.payments.len()), (u8::from(attempt == 4), usize::from(attempt)));
    }
    assert!(matches!(collection.state, State::Announced { .. }), "that is not tried for ever: {collection:?}");
}

#[test]
fn what_is_settled_or_turned_off_is_not_charged() {
    let mut house = House::built();
    let (planned, day) = (house.planned(), at(2026, 11, 15, 8));
    let why = |next: &Next| match &next.collection().state {
        State::Ended { why } => *why,
        other => panic!("{other:?}"),
    };
    assert_eq!(why(&planned.next(&house.seen(Chosen::Nothing, day), id(1))), Ended::NoMethod);
    let lost = planned.next(&house.seen(Chosen::Lost, day), id(1));
    assert_eq!((why(&lost), told(&lost).fact("reason")), (Ended::GivenUp, Some("method_ended")));
    let early = planned.next(&house.seen(Chosen::Lost, house.now), id(1));
    assert_eq!(early.collection().due_at, Some(at(2026, 11, 15, 8)), "there is time to choose another one");
    house.row.open = Money::zero(Currency::Eur);
    assert_eq!(why(&planned.next(&house.seen(Chosen::Method(&house.card), day), id(1))), Ended::Settled);
    house.row.open = house.row.gross;
    house.terms.collect = Collect::OwnSystem;
    assert_eq!(why(&planned.next(&house.seen(Chosen::Method(&house.card), day), id(1))), Ended::TurnedOff);
}

#[test]
fn money_ends_it_and_a_payment_that_was_never_written_down_is_forgotten() {
    let house = House::built();
    let (card, day) = (Chosen::Method(&house.card), at(2026, 11, 15, 8));
    let charged = house.planned().next(&house.seen(card, day), id(1));
    let mut paid = house.payment(charged.collection());
    paid.received = paid.asked;
    let over = charged.collection().after(&paid, &house.seen(card, day));
    assert_eq!(over.collection().state, State::Ended { why: Ended::Collected });
    let anew = charged.collection().anew(&house.seen(card, day));
    assert_eq!((anew.payments.len(), anew.due_at), (0, Some(day)));
    let text = serde_json::to_string(charged.collection()).unwrap();
    assert_eq!(&serde_json::from_str::<Collection>(&text).unwrap(), charged.collection());
}
