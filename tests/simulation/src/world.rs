//! What customers and the provider do, and how it is told: in any order, more than once, against faults.

use std::{collections::BTreeMap, fmt};

use booking::{Applied, BookingError, apply, finish, spend};
use domain::{
    Language, Money,
    change::Actor,
    id::PaymentId,
    payment::{Method, NewPayment, Payment, ProviderName, Purpose, Refused},
};
use futures_util::StreamExt as _;
use payments::What;
use store::CommitError;
use testkit::{
    Payer,
    faults::{Kill, Mutant},
};

use crate::{
    audit,
    house::{House, eur},
    random::Random,
};

/// What a provider says of a payment.
type News = (PaymentId, What);

/// Payments of one house. The engine in the test takes longer for each write the more there is in its table, so that a long
/// run would spend its time there and meet the store's own time limits instead of the faults it is about.
const HOUSE: u64 = 1_000;
/// Payments that are under way at once.
const BATCH: u64 = 40;
/// Deliveries at once.
const IN_PARALLEL: usize = 6;
/// How often something is told before the run calls it stuck; providers try for three days.
const TELLINGS: usize = 60;
/// Deliveries of a hundred that end in the middle.
const KILLED_PERCENT: u64 = 8;

/// What the provider knows of one payment.
#[derive(Debug, Clone)]
pub(crate) struct Truth {
    pub(crate) payment: Payment,
    /// Charges in the account's currency, by reference.
    pub(crate) charges: BTreeMap<String, Money>,
    /// Refunds, by reference.
    pub(crate) refunds: BTreeMap<String, Money>,
    /// Was it paid from a balance, successfully?
    pub(crate) spent: bool,
}

impl Truth {
    /// Paying from a balance that is too low writes nothing at all.
    pub(crate) fn was_written(&self) -> bool {
        self.spent || self.payment.method != Method::Balance
    }
}

/// What a run did and found.
#[derive(Debug)]
pub(crate) struct Played {
    payments: usize,
    told: usize,
    calls: usize,
    met: usize,
    killed: usize,
    /// Everything that is wrong with the books; empty is right.
    pub(crate) findings: Vec<String>,
}

impl fmt::Display for Played {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { payments, told, calls, met, killed, findings } = self;
        let findings = findings.len();
        write!(
            f,
            "{payments} payments, {told} tellings, {calls} calls, {met} with a fault, {killed} killed: {findings} findings"
        )
    }
}

/// Plays one seed, in as many houses as it needs.
pub(crate) async fn play(seed: u64, payments: u64, faults: u64, mutant: Option<Mutant>) -> Played {
    let mut random = Random::from(seed);
    let mut played = Played { payments: 0, told: 0, calls: 0, met: 0, killed: 0, findings: vec![] };
    let mut left = payments;
    while left > 0 {
        let size = left.min(HOUSE);
        left -= size;
        let house = House::build(seed, size, &mut random).await;
        if let Some(mutant) = mutant {
            house.portal.dynamodb().play(mutant);
        }
        live(&house, size, faults, &mut random, &mut played).await;
    }
    played
}

/// Everything that happens in one house, and the audit of its books.
async fn live(house: &House, payments: u64, faults: u64, random: &mut Random, played: &mut Played) {
    let proxy = house.portal.dynamodb();
    let mut truths: Vec<Truth> = Vec::new();
    let mut left = payments;
    while left > 0 {
        let size = left.min(BATCH);
        left -= size;
        proxy.percent(faults);
        batch(house, size, random, &mut truths, played).await;
        proxy.stop();
    }
    played.payments += truths.len();
    played.calls += proxy.calls();
    played.met += proxy.met();
    for truth in truths.iter().filter(|truth| truth.was_written()) {
        // What the sweep does every minute.
        if let Err(error) = finish(&house.books, &truth.payment.id).await {
            played.findings.push(format!("{} cannot be finished: {error}", truth.payment.id));
        }
    }
    played.findings.extend(audit::compare(house, &truths).await);
}

async fn batch(house: &House, size: u64, random: &mut Random, truths: &mut Vec<Truth>, played: &mut Played) {
    let mut news = Vec::new();
    for _ in 0..size {
        let payer = &house.payers[usize::try_from(random.below(house.payers.len() as u64)).unwrap_or(0)];
        let Some(payment) = write_down(house, payer, random, played).await else { continue };
        if payment.method == Method::Balance {
            let spent = spend_balance(house, payer, &payment, played).await;
            truths.push(Truth { payment, charges: BTreeMap::new(), refunds: BTreeMap::new(), spent });
            continue;
        }
        let (truth, facts) = happenings(payment, random);
        truths.push(truth);
        news.extend(facts);
    }
    random.shuffle(&mut news);
    tell_all(house, news, random, played).await;
}

/// The intent is written before anybody is asked; when the answer is lost it is written again.
async fn write_down(house: &House, payer: &Payer, random: &mut Random, played: &mut Played) -> Option<Payment> {
    let kind = random.below(10);
    let (method, account, purpose) = match kind {
        0..=5 => (Method::Sandbox, &payer.receivables, invoices(payer, random)),
        6 | 7 => (Method::Sandbox, &payer.prepaid, Purpose::TopUp { reference_text: String::new() }),
        _ => (Method::Balance, &payer.receivables, invoices(payer, random)),
    };
    let most = if payer.invoices.len() > 40 { 1_200_000 } else { 40_000 };
    let new = NewPayment {
        id: PaymentId::new(house.books.now, random.entropy()),
        customer: payer.id.clone(),
        purpose,
        method,
        provider: ProviderName::first_for(method),
        saved: None,
        account: account.clone(),
        amount: eur(random.between(1, most)),
        deposit: None,
        language: Language::De,
    };
    let started = Payment::start(new, Actor::Customer, house.books.now).ok()?;
    if method == Method::Balance {
        return Some(started.into_parts().0);
    }
    for _ in 0..TELLINGS {
        match house.books.store.create_payment(&started).await {
            Ok(()) | Err(CommitError::Refused("payment")) => return Some(started.into_parts().0),
            Err(_) => continue,
        }
    }
    played.findings.push("a payment could not be written down".to_owned());
    None
}

fn invoices(payer: &Payer, random: &mut Random) -> Purpose {
    let many = payer.invoices.len() as u64;
    let count = if many > 40 { many } else { 1 + random.below(6) };
    let from = random.below(many - count.min(many) + 1);
    let named = payer.invoices.iter().skip(usize::try_from(from).unwrap_or(0));
    Purpose::Invoices { named: named.take(usize::try_from(count).unwrap_or(1)).cloned().collect() }
}

async fn spend_balance(house: &House, payer: &Payer, payment: &Payment, played: &mut Played) -> bool {
    let nothing = Money::zero(payment.asked.currency());
    for _ in 0..TELLINGS {
        played.told += 1;
        match spend(&house.books, payment, &payer.prepaid, nothing).await {
            Ok(_) => return true,
            Err(BookingError::Refused(Refused::BalanceTooLow)) => return false,
            Err(_) => {}
        }
    }
    played.findings.push(format!("{} could not be spent", payment.id));
    false
}

/// What becomes of a payment at the provider, and everything it tells about it, some of it twice.
fn happenings(payment: Payment, random: &mut Random) -> (Truth, Vec<News>) {
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
        let francs = Money::of_minor(random.between(1, 9_999), domain::Currency::Chf);
        facts.push(fact(What::Arrived { reference: format!("chf-{}", payment.id), amount: francs }));
    }
    let doubled: Vec<News> = facts.iter().filter(|_| random.happens(40)).cloned().collect();
    facts.extend(doubled);
    (Truth { payment, charges, refunds, spent: false }, facts)
}

/// Tells everything until it was understood, as providers do: several at once, some of them ending in the middle.
async fn tell_all(house: &House, mut news: Vec<News>, random: &mut Random, played: &mut Played) {
    for _ in 0..TELLINGS {
        if news.is_empty() {
            return;
        }
        let killed = news.len() * usize::try_from(KILLED_PERCENT).unwrap_or(0) / 100;
        let mut again = Vec::new();
        for fact in news.drain(..killed) {
            let kill = if random.happens(50) { Kill::Before } else { Kill::After };
            let nth = usize::try_from(random.below(5)).unwrap_or(0);
            let work = apply(&house.books, ProviderName::Sandbox, &fact.0, &fact.1);
            let done = house.portal.dynamodb().killing_at(nth, kill, work).await;
            played.told += 1;
            played.killed += usize::from(done.is_none());
            if !understood(done) {
                again.push(fact);
            }
        }
        let telling = futures_util::stream::iter(news.drain(..))
            .map(|fact| async { (apply(&house.books, ProviderName::Sandbox, &fact.0, &fact.1).await, fact) })
            .buffer_unordered(IN_PARALLEL);
        for (done, fact) in telling.collect::<Vec<_>>().await {
            played.told += 1;
            if !understood(Some(done)) {
                again.push(fact);
            }
        }
        news = again;
    }
    played.findings.extend(news.iter().map(|fact| format!("never understood: {:?}", fact.1)));
}

fn understood(done: Option<Result<Applied, BookingError>>) -> bool {
    matches!(done, Some(Ok(Applied::Changed | Applied::Nothing | Applied::ForStaff)))
}
