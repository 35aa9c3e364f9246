//! Files that are put together for a customer by a job: asked for once at a time, so many a day, and shown as far as they are.

use domain::{
    id::JobId,
    job::{JOBS_PER_CUSTOMER_AND_DAY, Job, JobKind, JobState},
};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use store::{Budget, deciding_again, secret};
use text::Words;
use utoipa::ToSchema;

use crate::{
    Answer, CustomerContext, Problem,
    door::{AreaMark, ReachMark, RightMark},
};

const DAY: SignedDuration = SignedDuration::from_hours(24);
/// Seconds a program should wait when the day's jobs are used up.
const RETRY_AFTER: u32 = 3_600;

/// Where files are handed out, for people and for programs.
const FOR_PEOPLE: &str = "/files";
const FOR_PROGRAMS: &str = "/api/v1/files";

/// Asks for files. While such a job of the customer is under way it is that one, whoever asked for it and however often.
///
/// # Errors
/// 429 beyond [`JOBS_PER_CUSTOMER_AND_DAY`], the table's errors.
pub async fn ask<A: AreaMark, R: RightMark, S: ReachMark>(cx: &CustomerContext<A, R, S>, kind: JobKind) -> Answer<Job> {
    let (store, now) = (cx.store(), cx.now());
    let (what, subject) = (kind.code(), cx.customer().as_str());
    let budget = Budget { what, subject, window: Some(DAY), max: JOBS_PER_CUSTOMER_AND_DAY };
    deciding_again(|| async {
        let (last, seen) = store.last_job(&kind).await?;
        if let Some(last) = last.filter(|last| !last.has_ended()) {
            return Ok(last);
        }
        // Counted by whoever wins: a request that was sent twice uses up one.
        if store.taken(&budget, now).await? >= budget.max {
            return Err(Problem::TooMany { retry_after: RETRY_AFTER });
        }
        let change = Job::ask(JobId::new(now, secret::entropy()), kind.clone(), cx.way(), now);
        store.create_job(&change, seen).await?;
        store.take(&budget, now).await?;
        Ok::<_, Problem>(change.into_parts().0)
    })
    .await
}

/// What became of the last such job of the customer, if it is still known. Of the kind only its name matters.
///
/// # Errors
/// The table's errors.
pub async fn last<A: AreaMark, R: RightMark, S: ReachMark>(
    cx: &CustomerContext<A, R, S>,
    kind: &JobKind,
) -> Answer<Option<Job>> {
    Ok(cx.store().last_job(kind).await?.0)
}

/// A job as its customer sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Packed {
    /// Names it.
    pub id: JobId,
    /// How far it is.
    pub state: JobState,
    /// How much of it is done.
    pub percent: u64,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// Until when its files can be fetched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files_until: Option<Timestamp>,
    /// Its files; none before it is done, and after that time.
    pub files: Vec<PackedFile>,
}

/// One of its files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PackedFile {
    /// From 1.
    pub number: usize,
    /// How many there are.
    pub of: usize,
    /// Its size in bytes.
    pub size: u64,
    /// How many files are in it.
    pub files: u64,
    /// Where it can be fetched.
    pub url: String,
}

impl Packed {
    /// As a page shows it.
    #[must_use]
    pub fn for_people(job: &Job, now: Timestamp) -> Self {
        Self::of(job, FOR_PEOPLE, now)
    }

    /// As a program is told.
    #[must_use]
    pub fn for_programs(job: &Job, now: Timestamp) -> Self {
        Self::of(job, FOR_PROGRAMS, now)
    }

    fn of(job: &Job, base: &str, now: Timestamp) -> Self {
        let file = |position| {
            let part = job.part(position, now)?;
            let (number, of) = (position + 1, job.parts.len());
            let url = format!("{base}/{}/{number}", job.id);
            Some(PackedFile { number, of, size: part.size, files: part.files, url })
        };
        Self {
            id: job.id.clone(),
            state: job.state,
            percent: job.percent(),
            asked_at: job.created_at,
            files_until: job.files_until(),
            files: (0..job.parts.len()).filter_map(file).collect(),
        }
    }

    /// Is it still worked on?
    #[must_use]
    pub const fn is_under_way(&self) -> bool {
        matches!(self.state, JobState::Waiting | JobState::Running)
    }

    /// Was it given up?
    #[must_use]
    pub const fn has_failed(&self) -> bool {
        matches!(self.state, JobState::Failed)
    }
}

impl PackedFile {
    /// „Herunterladen (ZIP, 1,3 MB)", with the part where there are several.
    #[must_use]
    pub fn label(&self, t: &Words) -> String {
        let size = t.megabytes(self.size);
        if self.of == 1 { t.packed_download(size) } else { t.packed_download_part(self.of, self.number, size) }
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        change::Way,
        id::CustomerId,
        job::{FILES_KEPT, JobPart, Portion},
    };

    use super::*;

    #[test]
    fn files_have_their_addresses_while_they_can_be_fetched() {
        let now = Timestamp::UNIX_EPOCH;
        let customer = CustomerId::new(now, [1; 10]);
        let job = Job::ask(JobId::new(now, [2; 10]), JobKind::Export { customer }, Way::Page, now).into_parts().0;
        let waiting = Packed::for_people(&job, now);
        assert!(waiting.is_under_way() && waiting.files.is_empty() && waiting.files_until.is_none());
        let part = Some(JobPart { sha256: "a".to_owned(), size: 1_234_567, files: 3 });
        let job = job.after(Portion { part, ..Portion::default() }, now).job().clone();
        let done = Packed::for_people(&job, now);
        let [file] = done.files.as_slice() else { panic!("{done:?}") };
        assert_eq!((file.number, file.of, file.url.clone()), (1, 1, format!("/files/{}/1", job.id)));
        assert!(file.label(&Words::new(domain::Language::De)).contains("1,3"), "{file:?}");
        let for_programs = Packed::for_programs(&job, now);
        assert!(for_programs.files.iter().all(|file| file.url.starts_with("/api/v1/files/job_")));
        let late = Packed::for_people(&job, now + FILES_KEPT);
        assert!(late.files.is_empty() && !late.is_under_way() && late.percent == 100);
    }
}
