//! The sandbox provider, without itself: what it would say is drawn and told straight to the books, so that charges for
//! other amounts, twice or in another currency come too, which no vendor's page makes.

use std::collections::BTreeMap;

use booking::{Applied, BookingError, apply};
use domain::{
    Currency, Money,
    id::PaymentId,
    payment::{Payment, ProviderName},
};
use futures_util::StreamExt as _;
use payments::What;

use crate::{
    house::eur,
    random::Random,
    world::{Batch, Carried, IN_PARALLEL, KILLED_PERCENT, TRIES},
};

/// What a provider says of a payment.
pub(crate) type News = (PaymentId, What);

/// What becomes of a payment at the provider, and everything it tells about it, some of it twice.
pub(crate) fn happenings(payment: &Payment, random: &mut Random) -> (Carried, Vec<News>) {
    let (mut charges, mut refunds, mut facts) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
    let fact = |what| (payment.id.clone(), what);
    let times = match random.below(20) {
        0..=1 => 0,
        2 => 2,
        _ => 1,
    };
    for at in 0..times {
        let amount = match random.below(10) {
            0 => eur(random.between(1, payment.asked.minor())),
            1 => eur(payment.asked.minor() + random.between(1, 5_000)),
            _ => payment.asked,
        };
        let reference = format!("ch-{}-{at}", payment.id);
        facts.push(fact(What::Arrived { reference: reference.clone(), amount }));
        charges.insert(reference, amount);
    }
    let mut kept: i64 = charges.values().map(|amount| amount.minor()).sum();
    while kept > 0 && random.happens(25) {
        let amount = random.between(1, kept);
        kept -= amount;
        let reference = format!("re-{}-{}", payment.id, refunds.len());
        facts.push(fact(What::TakenBack { reference: reference.clone(), amount: eur(amount) }));
        refunds.insert(reference, eur(amount));
    }
    if times == 0 || random.happens(10) {
        facts.push(fact(if random.happens(50) { What::Failed } else { What::Expired }));
    }
    if random.happens(2) {
        let francs = Money::of_minor(random.between(1, 9_999), Currency::Chf);
        facts.push(fact(What::Arrived { reference: format!("chf-{}", payment.id), amount: francs }));
    }
    let doubled: Vec<News> = facts.iter().filter(|_| random.happens(40)).cloned().collect();
    facts.extend(doubled);
    (Carried::Sandbox { charges, refunds }, facts)
}

impl Batch<'_> {
    /// Tells everything in any order until it was understood, as providers do: several at once, some of them ending in the
    /// middle.
    pub(crate) async fn tell_all(&mut self, mut news: Vec<News>) {
        let house = self.house;
        self.random.shuffle(&mut news);
        for _ in 0..TRIES {
            if news.is_empty() {
                return;
            }
            let killed = news.len() * usize::try_from(KILLED_PERCENT).unwrap_or(0) / 100;
            let mut again = Vec::new();
            for fact in news.drain(..killed) {
                let work = apply(&house.books, ProviderName::Sandbox, &fact.0, &fact.1);
                let done = self.killed(work).await;
                self.played.told += 1;
                if !understood(done) {
                    again.push(fact);
                }
            }
            let telling = futures_util::stream::iter(news.drain(..))
                .map(|fact| async { (apply(&house.books, ProviderName::Sandbox, &fact.0, &fact.1).await, fact) })
                .buffer_unordered(IN_PARALLEL);
            for (done, fact) in telling.collect::<Vec<_>>().await {
                self.played.told += 1;
                if !understood(Some(done)) {
                    again.push(fact);
                }
            }
            news = again;
        }
        self.played.findings.extend(news.iter().map(|fact| format!("never understood: {:?}", fact.1)));
    }
}

fn understood(done: Option<Result<Applied, BookingError>>) -> bool {
    matches!(done, Some(Ok(Applied::Changed | Applied::Nothing | Applied::ForStaff)))
}
