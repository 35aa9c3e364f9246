//! `/files/{id}/{part}`: what a job put together for a customer, handed out by a short-lived address of the bucket.

use domain::{
    id::JobId,
    job::{Job, JobKind},
};
use files::{Object, Presigned};
use serde::Deserialize;
use text::Words;
use utoipa::ToSchema;
use web::{Answer, Asked, CustomerContext, Door as _, Problem, SeeOther, area};

use crate::{
    Clients,
    tools::{ADDRESS_LIFETIME, unavailable},
};

/// Which job, and which of its files, from 1.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = PackedFileAsk)]
pub(crate) struct Ask {
    id: String,
    part: String,
}

/// `/files/{id}/{part}`: of one's own jobs; what was there and has ended is 410.
pub(crate) async fn download(cx: CustomerContext<area::Always>, clients: Clients, ask: Asked<Ask>) -> Answer<SeeOther> {
    let id: JobId = ask.0.id.parse().map_err(|_| Problem::NotFound)?;
    let job = cx.store().job(&id).await?.map(|loaded| loaded.value);
    let job = job.filter(|job| job.kind.customer() == Some(cx.customer())).ok_or(Problem::NotFound)?;
    let number: usize = ask.0.part.parse().map_err(|_| Problem::NotFound)?;
    let position = number.checked_sub(1).filter(|position| *position < job.parts.len()).ok_or(Problem::NotFound)?;
    let part = job.part(position, cx.now()).ok_or(Problem::Gone)?;
    let (tenant, sha256) = (cx.tenant().scope().id(), part.sha256.as_str());
    let object = Object::Packed { tenant, customer: cx.customer(), job: &job.id, sha256 };
    let file_name = file_name(&job, number, Words::new(cx.arrival().language()));
    let how =
        Presigned { content_type: "application/zip", file_name: &file_name, inline: false, lifetime: ADDRESS_LIFETIME };
    Ok(SeeOther::to(clients.files.presigned_get(object, how).await.map_err(unavailable)?))
}

fn file_name(job: &Job, number: usize, t: Words) -> String {
    match &job.kind {
        JobKind::Documents { from, to, .. } => t.packed_documents_file(from, number, to),
        JobKind::Export { .. } | JobKind::ApplyAccess { .. } | JobKind::CheckLedger => {
            let day = job.created_at.to_string();
            t.packed_export_file(day.split('T').next().unwrap_or_default(), number)
        }
    }
}
