//! `POST /api/admin/v1/ledger:check`: replays the entries of a page of accounts and compares every balance.

use std::collections::BTreeMap;

use domain::{
    Money,
    ledger::{AccountRef, Fault, TenantAccount},
    number::AccountNumber,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Answer, IntegratorContext, Json, Nothing, Submitted, scope};

/// Accounts replayed in one answer.
const PAGE: u16 = 50;

/// What the address carries.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct CheckAsk {
    after: Option<String>,
}

/// An account whose replay differs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FaultyAccount {
    account: AccountNumber,
    balance: Money,
    #[schema(value_type = Vec<Object>)]
    faults: Vec<Fault>,
}

/// What the replay of a page found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Check {
    /// Is everything as it should be?
    balanced: bool,
    accounts: usize,
    entries: usize,
    /// Sum of everything on both sides, per currency in minor units: always 0.
    sum: BTreeMap<String, i64>,
    /// Sums of the tenant's side, per account and currency in minor units.
    tenant_side: BTreeMap<String, i64>,
    faulty: Vec<FaultyAccount>,
    next: Option<String>,
}

/// Replays a page of accounts.
pub(crate) async fn check(
    cx: IntegratorContext<scope::Read>,
    body: Submitted<Nothing, CheckAsk>,
) -> Answer<Json<Check>> {
    let (ask, _) = body.into_parts();
    let cursors = cx.cursors("ledger");
    let after = cursors.read(ask.after.as_deref())?;
    let page = cx.store().check_accounts(PAGE, after).await?;
    let (mut sum, mut tenant_side): (BTreeMap<String, i64>, BTreeMap<String, i64>) = Default::default();
    let mut entries = 0;
    let mut faulty = Vec::new();
    let accounts = page.items.len();
    for one in page.items {
        entries += one.entries;
        for ((account, currency), minor) in one.totals {
            *sum.entry(currency.to_owned()).or_default() += minor;
            if let AccountRef::Tenant(side) = account {
                *tenant_side.entry(format!("{} {currency}", name(side))).or_default() += minor;
            }
        }
        if !one.faults.is_empty() {
            faulty.push(FaultyAccount { account: one.account, balance: one.balance, faults: one.faults });
        }
    }
    let balanced = faulty.is_empty() && sum.values().all(|minor| *minor == 0);
    let next = page.next.map(|next| cursors.sign(&next));
    Ok(Json::new(Check { balanced, accounts, entries, sum, tenant_side, faulty, next }))
}

const fn name(side: TenantAccount) -> &'static str {
    match side {
        TenantAccount::Clearing => "clearing",
        TenantAccount::Revenue => "revenue",
        TenantAccount::Opening => "opening",
        TenantAccount::Transit => "transit",
    }
}
