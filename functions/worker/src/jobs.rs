//! Jobs that are too long for one answer, one portion after the other. A portion is done first and saved then, with where the
//! next one goes on: a process that ends in between has it done once more, which changes nothing. Each kind has a file of its
//! own with its portion.

mod access;

use domain::job::{AfterPortion, Job, JobKind, MAX_FAILURES, Portion};
use jiff::SignedDuration;
use store::{CommitError, Loaded, StoreError};
use web::jobs::{Followed, Undone};

/// Portions of one visit; what is left is due at once, behind what waits already.
const PORTIONS: usize = 10;
/// So long nobody else takes up a job that goes on.
const HELD: SignedDuration = SignedDuration::from_secs(60);

/// Takes a job some portions further.
///
/// # Errors
/// Why it must be tried again later, for the log.
pub(crate) async fn go_on(turn: web::jobs::Job<'_>, mut seen: Loaded<Job>) -> Result<Followed, Undone> {
    let mut failures = turn.tries;
    for left in (0..PORTIONS).rev() {
        let after = match portion(turn, &seen.value).await.map_err(of_this_job) {
            Ok(portion) => seen.value.after(portion, turn.now),
            Err(Undone::Later(reason)) if failures >= MAX_FAILURES => {
                tracing::error!(reason, job = %seen.value.id, "a job is given up");
                AfterPortion::Ends(seen.value.given_up(turn.now))
            }
            Err(undone) => return Err(undone),
        };
        let due_at = if left == 0 { turn.now } else { turn.now + HELD };
        let rev = match turn.store.save_job(&seen, &after, due_at).await {
            Ok(rev) => rev,
            // Somebody else has taken it up.
            Err(CommitError::Refused("job")) => return Ok(Followed::Saved),
            Err(error) => return Err(error.into()),
        };
        seen = Loaded { value: after.job().clone(), rev };
        if seen.value.has_ended() {
            break;
        }
        failures = 0;
    }
    Ok(Followed::Saved)
}

/// One portion of a job, by its kind.
async fn portion(turn: web::jobs::Job<'_>, job: &Job) -> Result<Portion, Undone> {
    match job.kind {
        JobKind::ApplyAccess { access } => access::portion(turn, job, access).await,
    }
}

/// What asking the table once more does not mend is this job's own failure, and holds up nothing else.
fn of_this_job(undone: Undone) -> Undone {
    match undone {
        Undone::Table(StoreError::Unavailable(_)) | Undone::Later(_) | Undone::NotBefore(_) => undone,
        Undone::Table(error) => Undone::Later(error.to_string()),
    }
}
