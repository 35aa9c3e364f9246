//! Jobs that this function works off: those that need no paper. Each kind has a file of its own with its portion.

mod access;
mod ledger;

use domain::job::{Job, JobKind, Portion};
use web::jobs::{Portions, Undone};

/// The portions of these jobs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Work;

impl Portions for Work {
    async fn portion(&self, turn: web::jobs::Job<'_>, job: &Job) -> Result<Portion, Undone> {
        match job.kind {
            JobKind::ApplyAccess { access } => access::portion(turn, job, access).await,
            JobKind::CheckLedger => ledger::portion(turn, job).await,
            // Nothing else falls due here.
            JobKind::Export { .. } | JobKind::Documents { .. } => {
                Err(Undone::Later("documents works this job off".to_owned()))
            }
        }
    }
}
