//! Files that customers take with them (B-11): everything that is kept about them, or their documents of a period. A job for
//! each, worked off in portions; what a portion read becomes one ZIP in the bucket.
//!
//! A process that ends between the bucket and the job's save leaves a ZIP that nobody knows: the portion is done once more, and
//! the bucket ends what is left over. Memory is bounded by one ZIP ([`pack`]), time by [`BEGUN_FOR`].
//!
//! This function does it and not `worker`, because papers that nobody asked for yet are written on the way.

mod everything;
mod pack;
mod period;

use std::time::{Duration, Instant};

use domain::{
    document::DocumentType,
    id::CustomerId,
    job::{Job, JobKind, JobPart, Portion},
};
use files::{Kept, Object};
use serde::{Serialize, de::DeserializeOwned};
use store::{DocumentRef, FileKind, IssuedRow, Page, Shelf, Tenant};
use text::Words;
use web::{
    Answer, Problem,
    jobs::{Portions, Undone},
};

use crate::{
    desk::Desk,
    issued::{self, Issued},
    jobs::{Writer, later},
    tools::unavailable,
};
use pack::Pack;

/// After so long a portion begins nothing further.
const BEGUN_FOR: Duration = Duration::from_secs(8);
/// Documents of one step: each has files of up to 8 MB, and what a step began it ends whatever the pack holds by then.
const DOCUMENTS: u16 = 2;
const ZIP: &str = "application/zip";

impl Portions for Writer {
    async fn portion(&self, turn: web::jobs::Job<'_>, job: &Job) -> Result<Portion, Undone> {
        let tenant = self.tenant(turn).await?;
        let desk = Desk { store: turn.store, tenant: &tenant, files: &self.clients.files, now: turn.now };
        // Whoever was erased meanwhile gets nothing more.
        if is_gone(turn, job).await? {
            return Ok(Portion { done: 0, total: None, next: None, part: None });
        }
        let portion = match &job.kind {
            JobKind::Export { customer } => portion(&desk, job, customer, &everything::Everything).await,
            JobKind::Documents { customer, from, to } => {
                let kinds = released(&tenant);
                portion(&desk, job, customer, &period::Period { days: (*from, *to), kinds }).await
            }
            // Nothing else falls due here.
            JobKind::ApplyAccess { .. } | JobKind::CheckLedger => {
                return Err(Undone::Later("worker works this job off".to_owned()));
            }
        };
        let portion = portion.map_err(later)?;
        if let (Some(customer), true) = (job.kind.customer(), is_gone(turn, job).await?) {
            // The erasure may have looked for files before this one lay there.
            let deleted = self.clients.files.delete_packed(turn.scope.id(), customer).await;
            deleted.map_err(|error| Undone::Later(error.to_string()))?;
            return Ok(Portion { next: None, part: None, ..portion });
        }
        Ok(portion)
    }
}

/// Is there no such customer any more?
async fn is_gone(turn: web::jobs::Job<'_>, job: &Job) -> Result<bool, Undone> {
    let Some(customer) = job.kind.customer() else { return Ok(false) };
    Ok(turn.store.customer(customer).await?.is_none())
}

/// Kinds of documents that customers see.
fn released(tenant: &Tenant) -> Vec<DocumentType> {
    DocumentType::ALL.into_iter().filter(|kind| tenant.settings.shows(*kind)).collect()
}

/// What is put together, one step after the other.
trait Contents: Sync {
    /// Where a step begins.
    type Place: Serialize + DeserializeOwned + Send;

    /// The first step.
    fn first(&self) -> Self::Place;

    /// How many things there are, as [`Contents::step`] counts them.
    fn total(&self, desk: &Desk<'_>, customer: &CustomerId) -> impl Future<Output = Answer<u64>> + Send;

    /// One step: what it found goes into the pack. Answers how many things it did, and where the next one begins.
    fn step(
        &self,
        desk: &Desk<'_>,
        customer: &CustomerId,
        place: Self::Place,
        pack: &mut Pack,
    ) -> impl Future<Output = Answer<(u64, Option<Self::Place>)>> + Send;

    /// What every pack has beside what its steps found.
    fn finish(&self, desk: &Desk<'_>, pack: &mut Pack) -> Answer<()>;
}

/// Steps until the pack is full, the time is up, or all is done; what they found lies in the bucket then.
async fn portion<C: Contents>(desk: &Desk<'_>, job: &Job, customer: &CustomerId, contents: &C) -> Answer<Portion> {
    let begun = Instant::now();
    let total = match job.total {
        Some(_) => None,
        None => Some(contents.total(desk, customer).await?),
    };
    let mut place = Some(match &job.cursor {
        Some(cursor) => serde_json::from_str(cursor).map_err(|error| Problem::Internal(error.to_string()))?,
        None => contents.first(),
    });
    let (mut pack, mut done) = (Pack::default(), 0);
    while let Some(at) = place.take() {
        let (did, next) = contents.step(desk, customer, at, &mut pack).await?;
        (done, place) = (done + did, next);
        if pack.is_full() || begun.elapsed() > BEGUN_FOR {
            break;
        }
    }
    let part = match pack.is_empty() && (place.is_some() || !job.parts.is_empty()) {
        true => None,
        // Also where there is nothing: who asked gets a file that says so.
        false => {
            contents.finish(desk, &mut pack)?;
            Some(kept(desk, job, customer, pack).await?)
        }
    };
    let next = place.map(|place| serde_json::to_string(&place)).transpose();
    Ok(Portion { done, total, next: next.map_err(|error| Problem::Internal(error.to_string()))?, part })
}

/// Puts a pack into the bucket. Another content has another place, so what was noted of it is always what lies there.
async fn kept(desk: &Desk<'_>, job: &Job, customer: &CustomerId, pack: Pack) -> Answer<JobPart> {
    let (bytes, part) = pack.into_zip()?;
    let tenant = desk.tenant.scope().id();
    let object = Object::Packed { tenant, customer, job: &job.id, sha256: &part.sha256 };
    let (files::Put::Stored | files::Put::AlreadyThere) =
        desk.files.put_once(object, bytes, Kept::freely(ZIP)).await.map_err(unavailable)?;
    Ok(part)
}

/// A document of a customer with everything that its files are made from.
enum Found {
    Invoice(Box<store::InvoiceDocument>),
    Document(Box<store::Document>),
}

/// The document of a row; none where it is gone, or not the customer's.
async fn found(desk: &Desk<'_>, customer: &CustomerId, row: &IssuedRow) -> Answer<Option<Found>> {
    Ok(match row {
        IssuedRow::Invoice(row) => {
            let document = desk.store.invoice_document(&row.number).await?;
            let document = document.filter(|document| document.body.customer == *customer);
            document.map(|document| Found::Invoice(Box::new(document)))
        }
        IssuedRow::Document(row) => {
            let document = desk.store.document(&DocumentRef::new(row.kind, &row.number)).await?;
            let document = document.filter(|document| document.body.customer == *customer && document.is_visible());
            document.map(|document| Found::Document(Box::new(document)))
        }
    })
}

impl Found {
    /// A file's bytes; none where there is no such file, or none can be made. One document that cannot be printed keeps nobody
    /// from all the others: that is for the log.
    async fn bytes(&self, desk: &Desk<'_>, kind: FileKind) -> Answer<Option<Vec<u8>>> {
        let made = match self {
            Self::Invoice(document) => issued::bytes(desk, &**document, kind).await,
            Self::Document(document) => issued::bytes(desk, &**document, kind).await,
        };
        match made {
            Ok(bytes) => Ok(Some(bytes)),
            Err(Problem::NotFound) => Ok(None),
            Err(Problem::Internal(cause)) => {
                tracing::error!(cause, "a document cannot be put into a file");
                Ok(None)
            }
            Err(problem) => Err(problem),
        }
    }

    /// Writes its paper, where nobody asked for it yet.
    async fn written(&self, desk: &Desk<'_>) -> Answer<()> {
        let is_there = match self {
            Self::Invoice(document) => document.file(FileKind::Pdf).is_some(),
            Self::Document(document) => document.file(FileKind::Pdf).is_some(),
        };
        if !is_there {
            self.bytes(desk, FileKind::Pdf).await?;
        }
        Ok(())
    }

    fn kind(&self) -> DocumentType {
        match self {
            Self::Invoice(document) => document.kind(),
            Self::Document(document) => document.kind(),
        }
    }

    fn number(&self) -> &str {
        match self {
            Self::Invoice(document) => document.number(),
            Self::Document(document) => document.number(),
        }
    }

    /// The name of a file of it: „Rechnung-RE1000.pdf". A number stands there as in addresses, so no two have one name.
    fn file_name(&self, kind: FileKind, t: &Words) -> String {
        let number = domain::number::slug(self.number());
        format!("{}-{number}{}", t.document_kind(self.kind()), issued::ending(kind))
    }
}

/// The next rows of a shelf.
async fn rows(
    desk: &Desk<'_>,
    customer: &CustomerId,
    (shelf, days): (Shelf, Option<(jiff::civil::Date, jiff::civil::Date)>),
    after: Option<String>,
) -> Answer<Page<IssuedRow>> {
    Ok(desk.store.issued_rows(customer, shelf, days, DOCUMENTS, after).await?)
}
