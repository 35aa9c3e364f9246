//! One run: customers pay, providers tell, time passes, and everything meets faults. At the end the books are audited.

use std::{collections::BTreeMap, fmt};

use booking::finish;
use domain::{
    Money,
    payment::{Payment, ProviderName},
};
use testkit::{SignedDuration, faults::Kill, hours};

use crate::{
    audit,
    house::House,
    keeping::Kept,
    life::Life,
    mutant::Mutant,
    post::{Letter, Post},
    random::Random,
};

/// Payments of one house. The engine in the test takes longer for each write the more there is in its table, so that a long
/// run would spend its time there and meet the store's own time limits instead of the faults it is about.
const HOUSE: u64 = 400;
/// Payments that begin together.
const BATCH: u64 = 40;
/// Between two batches: pages end, and idempotency keys are forgotten.
const PAUSE: SignedDuration = hours(2);
/// After the last one: whatever can run out has.
const NIGHT: SignedDuration = hours(8);
/// How often acts and tellings take turns in a batch.
const ROUNDS: usize = 5;
/// Lives of a hundred that go on in one round.
const ACTS_PERCENT: u64 = 60;
/// Things at once.
pub(crate) const IN_PARALLEL: usize = 6;
/// How often something is tried before the run calls it stuck; providers try for three days.
pub(crate) const TRIES: usize = 60;
/// Things of a hundred that end in the middle.
pub(crate) const KILLED_PERCENT: u64 = 8;

/// What a run is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Conditions {
    /// Calls of a hundred that meet a fault.
    pub(crate) faults: u64,
    /// A fault of the product.
    pub(crate) mutant: Option<Mutant>,
    /// Only payments of this provider.
    pub(crate) only: Option<ProviderName>,
}

/// A payment, and who knows the truth about it.
#[derive(Debug)]
pub(crate) struct Truth {
    pub(crate) payment: Payment,
    pub(crate) carried: Carried,
}

/// How a payment is carried, and what is true of it.
#[derive(Debug)]
pub(crate) enum Carried {
    /// Out of a prepaid account; was there enough?
    Balance(bool),
    /// By the sandbox provider: charges and refunds by reference, in the account's currency.
    Sandbox { charges: BTreeMap<String, Money>, refunds: BTreeMap<String, Money> },
    /// By a provider with books of its own.
    Rail,
}

impl Truth {
    /// Paying from a balance that is too low writes nothing at all.
    pub(crate) const fn was_written(&self) -> bool {
        !matches!(self.carried, Carried::Balance(false))
    }

    /// Its name in what a run says.
    pub(crate) fn carrier(&self) -> &'static str {
        self.payment.provider.map_or("balance", ProviderName::code)
    }
}

/// What a run did and found.
#[derive(Debug, Default)]
pub(crate) struct Played {
    payments: BTreeMap<&'static str, usize>,
    /// Payments that charged something kept.
    saved: usize,
    pub(crate) told: usize,
    /// Things that messages left to the worker.
    pub(crate) noted: usize,
    /// Messages that never came.
    pub(crate) lost: usize,
    /// Changed messages that were refused.
    pub(crate) refused: usize,
    calls: usize,
    met: usize,
    pub(crate) killed: usize,
    /// Everything that is wrong with the books; empty is right.
    pub(crate) findings: Vec<String>,
}

impl fmt::Display for Played {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { payments, saved, told, noted, lost, refused, calls, met, killed, findings } = self;
        write!(f, "{} payments (", payments.values().sum::<usize>())?;
        for (carrier, count) in payments {
            write!(f, "{carrier} {count}, ")?;
        }
        write!(f, "{saved} of them with something kept), {told} tellings, {noted} left to the worker, ")?;
        write!(f, "{lost} lost, {refused} changed and refused, ")?;
        write!(f, "{calls} calls, {met} with a fault, {killed} killed: {} findings", findings.len())
    }
}

/// What there is so far of one house.
#[derive(Debug, Default)]
pub(crate) struct Story {
    pub(crate) truths: Vec<Truth>,
    /// Payments at providers that are not over.
    pub(crate) lives: Vec<Life>,
    /// Those that are.
    pub(crate) over: Vec<Life>,
    /// Ways to pay that can be charged.
    pub(crate) kept: Vec<Kept>,
    /// Messages on their way.
    pub(crate) letters: Vec<Letter>,
    /// Has a message left something to the worker?
    pub(crate) has_notes: bool,
}

/// One batch: where it happens, what is drawn and what came of it.
pub(crate) struct Batch<'a> {
    pub(crate) house: &'a House,
    pub(crate) conditions: Conditions,
    pub(crate) random: &'a mut Random,
    pub(crate) story: &'a mut Story,
    pub(crate) played: &'a mut Played,
}

/// Plays one seed, in as many houses as it needs.
pub(crate) async fn play(seed: u64, payments: u64, conditions: Conditions) -> Played {
    let mut random = Random::from(seed);
    let mut played = Played::default();
    let mut left = payments;
    while left > 0 {
        let size = left.min(HOUSE);
        left -= size;
        let mut house = House::build(seed, size, conditions.mutant, &mut random).await;
        live(&mut house, size, conditions, &mut random, &mut played).await;
    }
    played
}

/// Everything that happens in one house, and the audit of its books.
async fn live(house: &mut House, payments: u64, conditions: Conditions, random: &mut Random, played: &mut Played) {
    let mut story = Story::default();
    let mut left = payments;
    while left > 0 {
        let size = left.min(BATCH);
        left -= size;
        house.pass(PAUSE).await;
        house.trouble(conditions.faults, random.next());
        Batch { house, conditions, random, story: &mut story, played }.happen(size).await;
        house.calm();
    }
    house.pass(NIGHT).await;
    house.trouble(conditions.faults, random.next());
    Batch { house, conditions, random, story: &mut story, played }.settle().await;
    house.calm();
    let proxy = house.portal.dynamodb();
    played.calls += proxy.calls();
    played.met += proxy.met();
    for truth in &story.truths {
        *played.payments.entry(truth.carrier()).or_default() += 1;
        played.saved += usize::from(truth.payment.saved.is_some());
    }
    for truth in story.truths.iter().filter(|truth| truth.was_written()) {
        // What the sweep does every minute.
        if let Err(error) = finish(&house.books, &truth.payment.id).await {
            played.findings.push(format!("{} cannot be finished: {error}", truth.payment.id));
        }
    }
    let mut findings = audit::compare(house, &story.truths).await;
    for finding in &mut findings {
        let life = story.lives.iter().chain(&story.over).find(|life| finding.contains(life.id().as_str()));
        finding.extend(life.map(|life| format!(" ({life})")));
    }
    played.findings.extend(findings);
}

impl Batch<'_> {
    /// Customers begin to pay, one way to pay is added and perhaps one taken away, and then everything happens at once.
    async fn happen(&mut self, size: u64) {
        self.keep_another().await;
        let mut news = Vec::new();
        for _ in 0..size {
            news.extend(self.begin().await);
        }
        // Whoever began to pay with it before is charged with what is no longer there.
        self.take_one_away().await;
        self.ask_for_all().await;
        self.tell_all(news).await;
        for _ in 0..ROUNDS {
            self.round().await;
        }
        self.settle().await;
    }

    /// Some lives go on by an act, and some of what is on its way arrives.
    async fn round(&mut self) {
        self.collect(Post::Some);
        for at in 0..self.story.lives.len() {
            if self.random.happens(ACTS_PERCENT) {
                self.act(at).await;
            }
        }
        self.deliver(false).await;
    }

    /// Everything arrives; then the sweep asks what became of payments that still wait, and what that makes providers say
    /// arrives too.
    async fn settle(&mut self) {
        self.deliver_all().await;
        self.look_into_notes().await;
        self.sweep().await;
        self.deliver_all().await;
        self.look_into_notes().await;
    }

    /// Does something as a process that may end in the middle; `None` when it did.
    pub(crate) async fn perhaps_killed<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        if self.random.happens(KILLED_PERCENT) { self.killed(work).await } else { Some(work.await) }
    }

    /// Does something as a process that ends at one of its first calls to the table; what it came to if it made fewer.
    pub(crate) async fn killed<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        let kill = if self.random.happens(50) { Kill::Before } else { Kill::After };
        let nth = usize::try_from(self.random.below(5)).unwrap_or(0);
        let done = self.house.portal.dynamodb().killing_at(nth, kill, work).await;
        self.played.killed += usize::from(done.is_none());
        done
    }

    pub(crate) fn find(&mut self, what: impl Into<String>) {
        self.played.findings.push(what.into());
    }
}
