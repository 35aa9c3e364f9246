//! `/data/export`: everything that is kept about the customer, as files (B-11). A right that no area takes away.

use domain::job::JobKind;
use serde::Serialize;
use text::Words;
use utoipa::ToSchema;
use web::{
    Accepted, Answer, Asked, CustomerContext, Door as _, Either, Json, Nothing, Page, Problem, SeeOther, Submitted,
    area,
    packed::{self, Packed},
    page::ErrorSummary,
    reply::TOO_MANY,
};

type Cx = CustomerContext<area::Always>;

/// The page's own address.
const PATH: &str = "/data/export";

/// The last export of a customer, as programs see it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LatestExport {
    /// None: nobody asked for one in the last 90 days.
    latest: Option<Packed>,
}

/// What an export holds, and how far the last one is.
pub(crate) async fn show(cx: Cx, _: Asked<Nothing>) -> Answer<Page<ExportPage>> {
    Ok(Page::new(view(&cx).await?))
}

/// Asks for one.
pub(crate) async fn start(cx: Cx, _: Submitted<Nothing>) -> Answer<Either<Page<ExportPage>, SeeOther>> {
    match packed::ask(&cx, kind(&cx)).await {
        Ok(_) => Ok(Either::Second(SeeOther::to(PATH))),
        Err(Problem::TooMany { .. }) => {
            let t = Words::new(cx.arrival().language());
            let errors = ErrorSummary::one("start", t.packed_too_many());
            Ok(Either::First(Page::with_errors(view(&cx).await?, errors).status(TOO_MANY)))
        }
        Err(problem) => Err(problem),
    }
}

/// `GET /api/v1/customer/export`
pub(crate) async fn latest(cx: Cx, _: Asked<Nothing>) -> Answer<Json<LatestExport>> {
    let job = packed::last(&cx, &kind(&cx)).await?;
    Ok(Json::new(LatestExport { latest: job.map(|job| Packed::for_programs(&job, cx.now())) }))
}

/// `POST /api/v1/customer/export`
pub(crate) async fn ask(cx: Cx, _: Submitted<Nothing>) -> Answer<Accepted<Packed>> {
    let job = packed::ask(&cx, kind(&cx)).await?;
    Ok(Accepted::new(Packed::for_programs(&job, cx.now())))
}

/// What an export holds, and how far the last one is.
#[derive(Debug, Clone, Serialize)]
pub struct ExportPage {
    /// The last one.
    pub latest: Option<Packed>,
}

impl ExportPage {
    /// Is one worked on, so that there is nothing to ask for?
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        self.latest.as_ref().is_some_and(Packed::is_under_way)
    }
}

web::page!(ExportPage => "pages/customer/export.html");

async fn view(cx: &Cx) -> Answer<ExportPage> {
    let job = packed::last(cx, &kind(cx)).await?;
    Ok(ExportPage { latest: job.map(|job| Packed::for_people(&job, cx.now())) })
}

fn kind(cx: &Cx) -> JobKind {
    JobKind::Export { customer: cx.customer().clone() }
}

#[cfg(test)]
mod tests {
    use domain::{
        change::Way,
        id::{CustomerId, JobId},
        job::{FILES_KEPT, Job, JobPart, Portion},
    };
    use jiff::Timestamp;
    use web::page::testing;

    use super::*;

    fn job() -> Job {
        let now = Timestamp::UNIX_EPOCH;
        let customer = CustomerId::new(now, [1; 10]);
        Job::ask(JobId::new(now, [2; 10]), JobKind::Export { customer }, Way::Page, now).into_parts().0
    }

    fn page(job: &Job, now: Timestamp) -> ExportPage {
        ExportPage { latest: Some(Packed::for_people(job, now)) }
    }

    #[test]
    fn the_page_is_sound_however_far_the_export_is() {
        let now = Timestamp::UNIX_EPOCH;
        testing::check("export", &ExportPage { latest: None }, |_| {});
        let part = || Some(JobPart { sha256: "a".to_owned(), size: 12_345_678, files: 500 });
        let next =
            |next: Option<&str>| Portion { done: 1, total: Some(3), next: next.map(str::to_owned), part: part() };
        testing::check("export-waiting", &page(&job(), now), testing::extreme);
        let running = job().after(next(Some("x")), now).job().clone();
        testing::check("export-running", &page(&running, now), |_| {});
        let done = running.after(next(None), now).job().clone();
        testing::check("export-done", &page(&done, now), |_| {});
        testing::check("export-ended", &page(&done, now + FILES_KEPT), |_| {});
        testing::check("export-failed", &page(running.given_up(now).next(), now), |frame| {
            frame.errors = Some(ErrorSummary::one("start", frame.t.packed_too_many()));
        });
    }
}
