//! The books against the provider's.

use std::collections::BTreeMap;

use domain::{
    Money,
    ledger::{AccountRef, Entry, TenantAccount},
    number::AccountNumber,
    payment::Payment,
};

use crate::{
    house::{House, eur},
    world::Truth,
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
    for truth in truths {
        findings.extend(payment(house, truth, &entries).await);
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

async fn payment(house: &House, truth: &Truth, entries: &BTreeMap<String, u32>) -> Vec<String> {
    let id = &truth.payment.id;
    let stored = match house.books.store.payment(id).await {
        Ok(Some(loaded)) => loaded.value,
        Ok(None) if !truth.was_written() => return vec![],
        Ok(None) => return vec![format!("{id} is lost")],
        Err(error) => return vec![format!("{id} cannot be read: {error}")],
    };
    let mut findings = Vec::new();
    let mut expect = |holds: bool, what: &str| {
        if !holds {
            findings.push(format!("{id}: {what}"));
        }
    };
    let sum = |moved: &BTreeMap<String, Money>| eur(moved.values().map(|amount| amount.minor()).sum());
    let received = if truth.spent { truth.payment.asked } else { sum(&truth.charges) };
    expect(stored.received == received, "another sum arrived than the provider charged");
    expect(stored.reversed == sum(&truth.refunds), "another sum was taken back than the provider refunded");
    expect(!stored.is_unfinished() && is_final(&stored), "it is stuck");
    let distributed: i64 = stored.standing.iter().map(|standing| standing.amount.minor()).sum();
    let kept = received.minor() - stored.reversed.minor();
    let goes_to_invoices = !stored.named().is_empty();
    expect(!goes_to_invoices || distributed + stored.credit.minor() == kept, "it is not all distributed");
    for reference in truth.charges.keys().chain(truth.refunds.keys()) {
        expect(entries.get(reference) == Some(&1), "a charge or refund is not booked exactly once");
    }
    findings
}

/// Nobody needs to look at it again, but for one that still waits for its provider.
fn is_final(payment: &Payment) -> bool {
    payment.is_waiting() || payment.due_at.is_none()
}
