//! The ledger of every tenant, replayed as `ledger check` does it, but at the table and without a key.

use std::collections::BTreeMap;

use serde_json::json;
use store::{Store, TenantStore};

use crate::{Failure, Outcome, Stop, voice::Voice};

/// Accounts of one page.
const PAGE: u16 = 50;

/// What the replay found.
#[derive(Debug, Default)]
struct Found {
    accounts: usize,
    entries: usize,
    faulty: usize,
    /// Of everything on both sides, per tenant and currency in minor units; all zero.
    sums: BTreeMap<(String, &'static str), i64>,
}

/// Right when every balance is.
pub(crate) async fn check(store: &Store, stop: &Stop, voice: &mut Voice<'_>) -> Result<Outcome, Failure> {
    let scopes = store.scopes().await;
    let scopes = scopes.map_err(|error| Failure::Cloud(format!("the tenants cannot be read: {error}")))?;
    let mut found = Found::default();
    for scope in &scopes {
        Box::pin(replay(&store.in_tenant(scope), scope.id().as_str(), stop, &mut found)).await?;
    }
    let unbalanced = found.sums.values().filter(|minor| **minor != 0).count();
    let Found { accounts, entries, faulty, .. } = found;
    let is_balanced = faulty == 0 && unbalanced == 0;
    let verdict = if is_balanced { "every balance is right" } else { "not as it should be; `ledger check` says where" };
    let object = json!({
        "event": "ledger", "balanced": is_balanced, "accounts": accounts, "entries": entries, "faulty": faulty,
    });
    let words = format!("{} tenants, {accounts} accounts, {entries} entries, {faulty} faulty; {verdict}", scopes.len());
    voice.say(&words, &object)?;
    Ok(if is_balanced { Outcome::Right } else { Outcome::Refused })
}

async fn replay(inside: &TenantStore, tenant: &str, stop: &Stop, found: &mut Found) -> Result<(), Failure> {
    let mut after = None;
    loop {
        if stop.is_told() {
            return Err(Failure::Stopped);
        }
        let page = Box::pin(inside.check_accounts(PAGE, after)).await;
        let page = page.map_err(|error| Failure::Cloud(format!("the ledger cannot be read: {error}")))?;
        for account in page.items {
            found.accounts += 1;
            found.entries += account.entries;
            found.faulty += usize::from(!account.faults.is_empty());
            for ((_, currency), minor) in account.totals {
                *found.sums.entry((tenant.to_owned(), currency)).or_default() += minor;
            }
        }
        after = page.next;
        if after.is_none() {
            return Ok(());
        }
    }
}
