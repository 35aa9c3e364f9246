//! `/documents.zip`: invoices, credit notes and other documents of a period as one file (M-54, B-11), put together by a job.

use domain::{document::DocumentType, job::JobKind};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use text::Words;
use utoipa::ToSchema;
use web::{
    Answer, Asked, CustomerContext, Door as _, Either, Nothing, Page, Problem, SeeOther, Submitted, area,
    packed::{self, Packed},
    page::ErrorSummary,
    reply::TOO_MANY,
};

type Cx = CustomerContext<area::Always>;

/// The page's own address.
const PATH: &str = "/documents.zip";

/// First and last day of issue, as they were typed.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub struct Typed {
    from: String,
    to: String,
}

/// The form, and how far the last file is.
pub(crate) async fn show(cx: Cx, _: Asked<Nothing>) -> Answer<Page<BundlePage>> {
    let page = view(&cx, Typed::default()).await?;
    let last = page.latest.as_ref().map(|latest| (latest.from, latest.to));
    let (from, to) = last.unwrap_or_else(|| (cx.today().first_of_year(), cx.today()));
    Ok(Page::new(BundlePage { typed: Typed { from: from.to_string(), to: to.to_string() }, ..page }))
}

/// Asks for the documents of a period.
pub(crate) async fn start(cx: Cx, form: Submitted<Typed>) -> Answer<Either<Page<BundlePage>, SeeOther>> {
    has_documents(&cx)?;
    let (typed, t) = (form.into_inner(), Words::new(cx.arrival().language()));
    let Some((from, to)) = typed.days() else {
        let errors = ErrorSummary::one("from", t.packed_documents_none());
        return Ok(Either::First(Page::with_errors(view(&cx, typed).await?, errors)));
    };
    match packed::ask(&cx, JobKind::Documents { customer: cx.customer().clone(), from, to }).await {
        Ok(_) => Ok(Either::Second(SeeOther::to(PATH))),
        Err(Problem::TooMany { .. }) => {
            let errors = ErrorSummary::one("from", t.packed_too_many());
            Ok(Either::First(Page::with_errors(view(&cx, typed).await?, errors).status(TOO_MANY)))
        }
        Err(problem) => Err(problem),
    }
}

impl Typed {
    /// The days, where they are two and in their order.
    fn days(&self) -> Option<(Date, Date)> {
        let day = |typed: &str| typed.trim().parse::<Date>().ok().filter(|day| (1900..=9999).contains(&day.year()));
        Some((day(&self.from)?, day(&self.to)?)).filter(|(from, to)| from <= to)
    }
}

/// The form, and how far the last file is.
#[derive(Debug, Clone, Serialize)]
pub struct BundlePage {
    /// What stands in the fields.
    pub typed: Typed,
    /// The last one, and its period.
    pub latest: Option<Latest>,
}

/// A file of a period.
#[derive(Debug, Clone, Serialize)]
pub struct Latest {
    /// How far it is.
    pub packed: Packed,
    /// First day of issue.
    pub from: Date,
    /// Last day of issue.
    pub to: Date,
}

impl BundlePage {
    /// What stands in a field.
    #[must_use]
    pub fn value(&self, field: &str) -> &str {
        if field == "from" { &self.typed.from } else { &self.typed.to }
    }

    /// Is one worked on, so that there is nothing to ask for?
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        self.latest.as_ref().is_some_and(|latest| latest.packed.is_under_way())
    }
}

web::page!(BundlePage => "pages/invoices/bundle.html");

async fn view(cx: &Cx, typed: Typed) -> Answer<BundlePage> {
    has_documents(cx)?;
    let today = cx.today();
    let any = JobKind::Documents { customer: cx.customer().clone(), from: today, to: today };
    let latest = packed::last(cx, &any).await?.and_then(|job| match job.kind {
        JobKind::Documents { from, to, .. } => Some(Latest { packed: Packed::for_people(&job, cx.now()), from, to }),
        JobKind::Export { .. } | JobKind::ApplyAccess { .. } | JobKind::CheckLedger => None,
    });
    Ok(BundlePage { typed, latest })
}

/// Where no kind of document is shown there is nothing to take along.
fn has_documents(cx: &Cx) -> Answer<()> {
    let settings = &cx.tenant().settings;
    if DocumentType::ALL.into_iter().any(|kind| settings.shows(kind)) { Ok(()) } else { Err(Problem::NotFound) }
}

#[cfg(test)]
mod tests {
    use domain::{
        change::Way,
        id::{CustomerId, JobId},
        job::{Job, JobPart, Portion},
    };
    use jiff::{Timestamp, civil::date};
    use web::page::testing;

    use super::*;

    fn typed(from: &str, to: &str) -> Typed {
        Typed { from: from.to_owned(), to: to.to_owned() }
    }

    #[test]
    fn a_period_has_two_days_in_their_order() {
        assert_eq!(typed("2026-01-01", " 2026-12-31").days(), Some((date(2026, 1, 1), date(2026, 12, 31))));
        assert_eq!(typed("2026-01-01", "2026-01-01").days(), Some((date(2026, 1, 1), date(2026, 1, 1))));
        for (from, to) in
            [("2026-01-02", "2026-01-01"), ("", "2026-01-01"), ("2026-01-01", "soon"), ("0001-01-01", "2026-01-01")]
        {
            assert_eq!(typed(from, to).days(), None, "{from} {to}");
        }
    }

    #[test]
    fn the_page_is_sound_however_far_the_file_is() {
        let (now, customer) = (Timestamp::UNIX_EPOCH, CustomerId::new(Timestamp::UNIX_EPOCH, [1; 10]));
        let (from, to) = (date(2026, 1, 1), date(2026, 12, 31));
        let kind = JobKind::Documents { customer, from, to };
        let job = Job::ask(JobId::new(now, [2; 10]), kind, Way::Page, now).into_parts().0;
        let page = |job: &Job| BundlePage {
            typed: typed("2026-01-01", "2026-12-31"),
            latest: Some(Latest { packed: Packed::for_people(job, now), from, to }),
        };
        testing::check("bundle", &BundlePage { latest: None, ..page(&job) }, |_| {});
        testing::check("bundle-waiting", &page(&job), testing::extreme);
        let part = Some(JobPart { sha256: "a".to_owned(), size: 1, files: 1 });
        let done = job.after(Portion { part, ..Portion::default() }, now).job().clone();
        testing::check("bundle-done", &page(&done), |_| {});
        testing::check("bundle-error", &BundlePage { typed: typed("<b>", ""), ..page(&done) }, |frame| {
            frame.errors = Some(ErrorSummary::one("from", frame.t.packed_documents_none()));
        });
    }
}
