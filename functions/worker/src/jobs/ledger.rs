//! Every account of a tenant, replayed against its entries and its open invoices, a page after the other.
//!
//! A payment that is booked between two reads looks like a fault. So what is found counts when it is still there a moment later.

use std::time::Duration;

use domain::{
    id::JobId,
    job::{Job, Portion},
    ledger::fault_found,
    number::AccountNumber,
};
use store::{AccountCheck, CommitError};
use web::{
    jobs::Undone,
    metrics::{Metric, tell},
};

/// Accounts of one portion.
const ACCOUNTS: u16 = 50;
/// By then the list of open invoices, which follows its invoices, has caught up.
const MOMENT: Duration = Duration::from_secs(1);

/// The next accounts.
///
/// # Errors
/// Why it must be tried again later, for the log.
pub(super) async fn portion(turn: web::jobs::Job<'_>, job: &Job) -> Result<Portion, Undone> {
    let page = turn.store.check_accounts(ACCOUNTS, job.cursor.clone()).await?;
    let checked = page.items.len() as u64;
    let suspects = page.items.into_iter().filter(is_faulty).map(|check| check.account).collect();
    let faulty = still_faulty(turn, suspects).await?;
    for check in &faulty {
        note(turn, &job.id, check).await?;
    }
    tell(Metric::LedgerChecks, checked, turn.now);
    tell(Metric::LedgerFaults, faulty.len() as u64, turn.now);
    Ok(Portion { done: checked, total: None, next: page.next, part: None })
}

fn is_faulty(check: &AccountCheck) -> bool {
    !check.faults.is_empty()
}

async fn still_faulty(turn: web::jobs::Job<'_>, suspects: Vec<AccountNumber>) -> Result<Vec<AccountCheck>, Undone> {
    if !suspects.is_empty() {
        tokio::time::sleep(MOMENT).await;
    }
    let mut faulty = Vec::new();
    for account in suspects {
        faulty.extend(turn.store.check_again(&account).await?.filter(is_faulty));
    }
    Ok(faulty)
}

/// For the log and for staff. A portion that is done once more says nothing new to them.
async fn note(turn: web::jobs::Job<'_>, check: &JobId, found: &AccountCheck) -> Result<(), Undone> {
    let (account, faults) = (&found.account, &found.faults);
    tracing::error!(account = account.as_str(), ?faults, "an account does not fit its entries");
    let Some(event) = fault_found(account, faults, turn.now) else { return Ok(()) };
    match turn.store.tell_ledger_fault(check, account, event).await {
        Ok(()) | Err(CommitError::Refused("fault")) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
