//! `/api/admin/v1/jobs/{id}`: how far work is that goes on after its answer.

use domain::{
    FieldErrors,
    change::Actor,
    id::JobId,
    job::{Job, JobKind, JobState},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::{TenantStore, deciding_again, secret};
use utoipa::ToSchema;
use web::{Answer, Asked, IntegratorContext, Json, Problem, scope};

/// A job, as far as it is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Job)]
pub(crate) struct JobShown {
    id: JobId,
    kind: JobKind,
    state: JobState,
    /// How many things are done.
    done: u64,
    /// How many there are, once that was counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
    created_at: Timestamp,
    /// When it was done or given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_at: Option<Timestamp>,
}

/// Which job.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct JobPath {
    id: String,
}

/// `GET /api/admin/v1/jobs/{id}`
pub(crate) async fn get(cx: IntegratorContext<scope::Read>, ask: Asked<JobPath>) -> Answer<Json<JobShown>> {
    let id: JobId = ask.0.id.parse().map_err(|_| Problem::NotFound)?;
    // A customer's own is for that customer alone.
    let job = cx.store().job(&id).await?.filter(|job| job.value.kind.customer().is_none());
    Ok(Json::new(JobShown::from(job.ok_or(Problem::NotFound)?.value)))
}

/// Asks for work. While the same is under way it is that job; what would work against it waits for its end (409).
pub(crate) async fn ask(store: &TenantStore, kind: JobKind, now: Timestamp) -> Answer<JobShown> {
    deciding_again(|| async {
        let (last, seen) = store.last_job(&kind).await?;
        if let Some(last) = last.filter(|last| !last.has_ended()) {
            if last.kind == kind {
                return Ok(JobShown::from(last));
            }
            let message = format!("the job {} is under way and wants something else", last.id);
            return Err(Problem::Conflict(FieldErrors::one("", "under_way", message)));
        }
        let id = JobId::new(now, secret::entropy());
        let change = Job::create(id, kind.clone(), Actor::Integrator, now);
        store.create_job(&change, seen).await?;
        Ok::<_, Problem>(JobShown::from(change.into_parts().0))
    })
    .await
}

impl From<Job> for JobShown {
    fn from(job: Job) -> Self {
        let Job { id, kind, state, done, total, created_at, finished_at, cursor: _, parts: _ } = job;
        Self { id, kind, state, done, total, created_at, finished_at }
    }
}
