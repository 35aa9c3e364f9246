//! Jobs that are too long for one answer, one portion after the other. A portion is done first and saved then, with where the
//! next one goes on: a process that ends in between has it done once more, which changes nothing.

use std::time::{Duration, Instant};

use domain::job::{AfterPortion, JobState, MAX_FAILURES, Portion};
use jiff::SignedDuration;
use store::{CommitError, Loaded, StoreError};

use super::{Followed, Job, Undone};
use crate::metrics::{Metric, tell};

/// Portions of one visit; what is left is due at once, behind what waits already.
const PORTIONS: usize = 10;
/// After so long a visit begins no further portion.
const PORTIONS_FOR: Duration = Duration::from_secs(20);
/// So long nobody else takes up a job that goes on.
const HELD: SignedDuration = SignedDuration::from_secs(60);

/// Whoever does the portions of jobs, each kind its own.
pub trait Portions: Sync {
    /// The next portion of a job.
    fn portion(&self, turn: Job<'_>, job: &domain::job::Job) -> impl Future<Output = Result<Portion, Undone>> + Send;
}

/// Takes a job some portions further.
///
/// # Errors
/// Why it must be tried again later, for the log.
pub async fn go_on(
    turn: Job<'_>,
    mut seen: Loaded<domain::job::Job>,
    portions: &impl Portions,
) -> Result<Followed, Undone> {
    let (mut failures, begun) = (turn.tries, Instant::now());
    for left in (0..PORTIONS).rev() {
        let after = match portions.portion(turn, &seen.value).await.map_err(of_this_job) {
            Ok(portion) => seen.value.after(portion, turn.now),
            Err(Undone::Later(reason)) if failures >= MAX_FAILURES => {
                tracing::error!(reason, job = %seen.value.id, "a job is given up");
                AfterPortion::Ends(seen.value.given_up(turn.now))
            }
            Err(undone) => return Err(undone),
        };
        let is_last = left == 0 || begun.elapsed() > PORTIONS_FOR;
        let due_at = if is_last { turn.now } else { turn.now + HELD };
        let rev = match turn.store.save_job(&seen, &after, due_at).await {
            Ok(rev) => rev,
            // Somebody else has taken it up.
            Err(CommitError::Refused("job")) => return Ok(Followed::Saved),
            Err(error) => return Err(error.into()),
        };
        seen = Loaded { value: after.job().clone(), rev };
        if seen.value.state == JobState::Failed {
            tell(Metric::JobsGivenUp, 1, turn.now);
        }
        if is_last || seen.value.has_ended() {
            break;
        }
        failures = 0;
    }
    Ok(Followed::Saved)
}

/// What asking the table once more does not mend is this job's own failure, and holds up nothing else.
fn of_this_job(undone: Undone) -> Undone {
    match undone {
        Undone::Table(StoreError::Unavailable(_)) | Undone::Later(_) | Undone::NotBefore(_) => undone,
        Undone::Table(error) => Undone::Later(error.to_string()),
    }
}
