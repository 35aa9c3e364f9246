//! `kontor ledger check`: replays every account of a tenant, a page at a time, and names each balance that differs.

use std::collections::BTreeMap;

use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    Failure, Outcome,
    client::{Api, Body, Request},
    tenants::in_query,
    voice::Voice,
};

/// What the replay of a page found.
#[derive(Debug, Deserialize)]
struct Page {
    balanced: bool,
    accounts: u64,
    entries: u64,
    /// Of everything on both sides, per currency in minor units.
    sum: BTreeMap<String, i64>,
    faulty: Vec<Value>,
    next: Option<String>,
}

/// Right when every page is balanced.
pub(crate) async fn check(api: &Api, voice: &mut Voice<'_>) -> Result<Outcome, Failure> {
    let (mut accounts, mut entries, mut faulty, mut balanced) = (0, 0, 0_usize, true);
    let mut path = "/ledger:check".to_owned();
    loop {
        let answer = api.ask(&Request::new(Method::POST, path, Body::Json("{}".to_owned()))).await?.good(api)?;
        let unreadable = |error| Failure::Portal(format!("the answer is no check: {error}"));
        let page = Page::deserialize(&answer).map_err(unreadable)?;
        for account in &page.faulty {
            voice.say(&format!("faulty: {account}"), &json!({ "event": "faulty", "account": account }))?;
        }
        for (currency, minor) in page.sum.iter().filter(|(_, minor)| **minor != 0) {
            let object = json!({ "event": "unbalanced", "currency": currency, "minor": minor });
            voice.say(
                &format!("entries do not cancel out: {minor} {currency} (in minor units) are too many"),
                &object,
            )?;
        }
        accounts += page.accounts;
        entries += page.entries;
        faulty += page.faulty.len();
        balanced &= page.balanced;
        let Some(next) = page.next else { break };
        path = format!("/ledger:check?after={}", in_query(&next));
    }
    let verdict = if balanced { "every balance is right" } else { "not as it should be" };
    let object = json!({
        "event": "done", "balanced": balanced, "accounts": accounts, "entries": entries, "faulty": faulty,
    });
    voice.say(&format!("accounts: {accounts}, entries: {entries}, faulty: {faulty}; {verdict}"), &object)?;
    Ok(if balanced { Outcome::Right } else { Outcome::Refused })
}
