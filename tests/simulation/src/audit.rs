//! The books against the providers'.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    Money,
    ledger::{AccountRef, Entry, TenantAccount},
    number::AccountNumber,
    payment::Payment,
};
use testkit::Taken;

use crate::{
    house::House,
    world::{Carried, Truth},
};

/// Entries of one page.
const PAGE: u16 = 1_000;

/// Everything that is wrong.
pub(crate) async fn compare(house: &House, truths: &[Truth]) -> Vec<String> {
    let mut findings = ledgers(house).await;
    let mut entries: BTreeMap<String, u32> = BTreeMap::new();
    for payer in &house.payers {
        for number in [&payer.receivables, &payer.prepaid] {
            for entry in all_entries(house, number).await {
                if let Some(reference) = entry.reference {
                    *entries.entry(reference).or_default() += 1;
                }
            }
        }
    }
    let taken = taken(house, truths, &mut findings);
    for truth in truths {
        let charges = taken.get(truth.payment.id.as_str()).map_or(&[][..], Vec::as_slice);
        findings.extend(payment(house, &Expected::of(truth, charges), truth, &entries).await);
    }
    findings
}

/// Each account replays, all of them sum to zero, and nothing is on its way.
async fn ledgers(house: &House) -> Vec<String> {
    let mut findings = Vec::new();
    let (mut sum, mut transit, mut after) = (0_i64, 0_i64, None);
    loop {
        let page = match house.books.store.check_accounts(100, after).await {
            Ok(page) => page,
            Err(error) => return vec![format!("the ledger cannot be read: {error}")],
        };
        for account in page.items {
            findings.extend(account.faults.iter().map(|fault| format!("{}: {fault}", account.account)));
            sum += account.totals.values().sum::<i64>();
            let in_transit =
                account.totals.iter().filter(|((side, _), _)| *side == AccountRef::Tenant(TenantAccount::Transit));
            transit += in_transit.map(|(_, minor)| minor).sum::<i64>();
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    if sum != 0 {
        findings.push(format!("the ledger sums to {sum}, not to zero"));
    }
    if transit != 0 {
        findings.push(format!("{transit} are in transit for ever"));
    }
    findings
}

async fn all_entries(house: &House, number: &AccountNumber) -> Vec<Entry> {
    let (mut entries, mut after) = (Vec::new(), None);
    while let Ok(page) = house.books.store.account_entries(number, PAGE, after).await {
        entries.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    entries
}

/// What the providers took, by the payment that it was taken for. Each was taken once, and none for nothing.
fn taken(house: &House, truths: &[Truth], findings: &mut Vec<String>) -> BTreeMap<String, Vec<Taken>> {
    let known: BTreeSet<&str> = truths.iter().map(|truth| truth.payment.id.as_str()).collect();
    let mut taken: BTreeMap<String, Vec<Taken>> = BTreeMap::new();
    for rail in &house.rails {
        // Keeping a way to pay is a charge of nothing at some.
        for one in rail.taken().into_iter().filter(|one| one.amount > 0) {
            match one.payment.clone().filter(|id| known.contains(id.as_str())) {
                Some(id) => taken.entry(id).or_default().push(one),
                None => findings.push(format!("{:?} took {} that nobody asked for", rail.name, one.charge)),
            }
        }
    }
    let twice = taken.iter().filter(|(_, charges)| charges.len() > 1);
    findings.extend(twice.map(|(id, charges)| format!("{id} was charged {} times", charges.len())));
    taken
}

/// What our books should say of a payment.
struct Expected<'a> {
    /// What arrived and was taken back, each in sum; of a provider's own books only the difference is known.
    moved: Option<(i64, i64)>,
    kept: i64,
    /// Booked exactly once each.
    references: Vec<&'a str>,
}

impl<'a> Expected<'a> {
    fn of(truth: &'a Truth, charges: &'a [Taken]) -> Self {
        let (moved, references) = match &truth.carried {
            Carried::Balance(is_spent) => {
                let received = if *is_spent { truth.payment.asked.minor() } else { 0 };
                ((received, 0), vec![])
            }
            Carried::Sandbox { charges, refunds } => {
                let sum =
                    |moved: &BTreeMap<String, Money>| -> i64 { moved.values().map(|amount| amount.minor()).sum() };
                ((sum(charges), sum(refunds)), charges.keys().chain(refunds.keys()).map(String::as_str).collect())
            }
            Carried::Rail => {
                let kept = charges.iter().map(Taken::kept).sum();
                let references = charges.iter().map(|charge| charge.charge.as_str()).collect();
                return Self { moved: None, kept, references };
            }
        };
        Self { moved: Some(moved), kept: moved.0 - moved.1, references }
    }
}

async fn payment(
    house: &House,
    expected: &Expected<'_>,
    truth: &Truth,
    entries: &BTreeMap<String, u32>,
) -> Vec<String> {
    let id = &truth.payment.id;
    let stored = match house.books.store.payment(id).await {
        Ok(Some(loaded)) => loaded.value,
        Ok(None) if !truth.was_written() => return vec![],
        Ok(None) => return vec![format!("{id} is lost")],
        Err(error) => return vec![format!("{id} cannot be read: {error}")],
    };
    let carrier = truth.carrier();
    let mut findings = Vec::new();
    let mut expect = |holds: bool, what: &str| {
        if !holds {
            findings.push(format!("{id} ({carrier}): {what}"));
        }
    };
    let (received, reversed) = (stored.received.minor(), stored.reversed.minor());
    if let Some((charged, refunded)) = expected.moved {
        expect(received == charged, "another sum arrived than the provider charged");
        expect(reversed == refunded, "another sum was taken back than the provider refunded");
    }
    let kept = received - reversed;
    let differs = format!("the provider kept {} for us, our books say {received} - {reversed}", expected.kept);
    expect(kept == expected.kept, &differs);
    expect(!stored.is_unfinished() && is_final(&stored), "it is stuck");
    let distributed: i64 = stored.standing.iter().map(|standing| standing.amount.minor()).sum();
    let goes_to_invoices = !stored.named().is_empty();
    expect(!goes_to_invoices || distributed + stored.credit.minor() == kept, "it is not all distributed");
    for reference in &expected.references {
        expect(entries.get(*reference) == Some(&1), "a charge or refund is not booked exactly once");
    }
    findings
}

/// Nobody needs to look at it again, but for one that still waits for its provider.
fn is_final(payment: &Payment) -> bool {
    payment.is_waiting() || payment.due_at.is_none()
}
