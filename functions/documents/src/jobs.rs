//! Papers that a mail carries: the event says so, the paper is rendered and kept, the mail is written down. That insert
//! wakes `worker`, which sends it; the event is done here. And the jobs of customers who want their papers (`packing.rs`).

use std::sync::Arc;

use domain::{
    EventKind,
    document::DocumentType,
    id::CustomerId,
    number::{DocumentNumber, SubscriptionNumber},
    paper::PaymentMail,
    release::Release,
    tenant::ReleaseMail,
};
use store::{About, DocumentRef, Due, EventRecord, OutMail, Reader, Store, StoreError, Tenant};
use web::{
    Answer, Portal, Problem,
    jobs::{Follow, Followed, Job, Jobs, Undone},
};

use crate::{
    Clients, answer::AnswerSheet, cancellation::CancellationSheet, declaration::DeclarationSheet, desk::Desk,
    issued::kept_pdf, payment::PaymentSheet,
};

/// The second reader of the stream.
#[derive(Debug, Clone)]
pub struct Papers {
    jobs: Jobs<Writer>,
}

impl Papers {
    /// A reader over a portal's table and clock.
    #[must_use]
    pub fn new(portal: &Portal, clients: &Clients) -> Self {
        let writer = Writer { store: portal.store().clone(), clients: clients.clone() };
        Self { jobs: Jobs::new(portal, writer) }
    }

    /// What the stream or the schedule sends; answers how much was done.
    ///
    /// # Errors
    /// Only the table's: then Lambda gives the batch again.
    pub async fn on_event(&self, event: &serde_json::Value) -> Result<usize, StoreError> {
        self.jobs.on_event(event).await
    }
}

/// Whoever writes papers, and puts them together for customers.
#[derive(Debug, Clone)]
pub(crate) struct Writer {
    store: Store,
    pub(crate) clients: Clients,
}

impl Follow for Writer {
    const READER: Reader = Reader::Documents;

    async fn follow(&self, job: Job<'_>, due: Due) -> Result<Followed, Undone> {
        match due {
            Due::Event { customer, record } => match record.event.kind {
                EventKind::DeclarationReceived => self.confirm(job, &record).await,
                EventKind::SubscriptionCancelled => self.cancelled(job, customer.as_ref(), &record).await,
                EventKind::OfferAccepted | EventKind::OfferDeclined => {
                    self.answered(job, customer.as_ref(), &record).await
                }
                EventKind::DocumentReleased => self.released(job, customer.as_ref(), &record).await,
                _ => self.write(job, &record).await,
            },
            Due::Job(seen) => web::jobs::go_on(job, *seen, self).await,
            // Nothing else falls due here.
            Due::Mail { .. }
            | Due::Confirmation(_)
            | Due::Payment(_)
            | Due::PaymentMethod(_)
            | Due::LookUp(_)
            | Due::Collection(_)
            | Due::Subscription { .. }
            | Due::Offer { .. }
            | Due::Erasure(_)
            | Due::Endpoint(_) => Err(Undone::Later("this is worker's".to_owned())),
        }
    }
}

impl Writer {
    async fn write(&self, job: Job<'_>, record: &EventRecord) -> Result<Followed, Undone> {
        let Ok(id) = record.event.subject.parse() else { return Ok(Followed::Done) };
        let Some(payment) = job.store.payment(&id).await?.map(|loaded| loaded.value) else {
            return Ok(Followed::Done);
        };
        let Some(mail) = PaymentMail::of(record.event.kind, &payment) else { return Ok(Followed::Done) };
        let tenant = self.tenant(job).await?;
        let desk = Desk { store: job.store, tenant: &tenant, files: &self.clients.files, now: job.now };
        let paper = match mail.paper() {
            Some(paper) => Some(desk.kept(&PaymentSheet::of(&payment, paper).map_err(later)?).await.map_err(later)?),
            None => None,
        };
        let amount = PaymentMail::amount(&record.event, &payment);
        let about = About::Payment { mail, payment: payment.id.clone(), amount, paper };
        let out = OutMail::new(about, record.id.clone(), record.event.at);
        job.store.write_mail_down(&payment.customer, &out, job.now).await?;
        Ok(Followed::Done)
    }

    /// The paper is written also where no mail takes it along: its page hands it out.
    async fn confirm(&self, job: Job<'_>, record: &EventRecord) -> Result<Followed, Undone> {
        let Ok(id) = record.event.subject.parse() else { return Ok(Followed::Done) };
        let Some(declaration) = job.store.declaration(&id).await?.map(|loaded| loaded.value) else {
            return Ok(Followed::Done);
        };
        let tenant = self.tenant(job).await?;
        let desk = Desk { store: job.store, tenant: &tenant, files: &self.clients.files, now: job.now };
        let paper = desk.kept(&DeclarationSheet(&declaration)).await.map_err(later)?;
        if declaration.mailed {
            let about = About::Declaration { declaration: id, paper };
            let out = OutMail::new(about, record.id.clone(), record.event.at);
            job.store.write_confirmation_down(&declaration.id, &out, job.now).await?;
        }
        Ok(Followed::Done)
    }

    /// Nothing where that cancellation was taken back meanwhile, or another stands in its place.
    async fn cancelled(
        &self,
        job: Job<'_>,
        customer: Option<&CustomerId>,
        record: &EventRecord,
    ) -> Result<Followed, Undone> {
        let event = &record.event;
        let number: Option<SubscriptionNumber> = event.subject.parse().ok();
        let (Some(customer), Some(number)) = (customer, number) else { return Ok(Followed::Done) };
        let Some(contract) = job.store.subscription(customer, &number).await?.map(|loaded| loaded.value) else {
            return Ok(Followed::Done);
        };
        let sheet = CancellationSheet::of(customer, &contract);
        let Some(sheet) = sheet.filter(|sheet| event.fact("cancellation") == Some(sheet.cancellation.id.as_str()))
        else {
            return Ok(Followed::Done);
        };
        let tenant = self.tenant(job).await?;
        let desk = Desk { store: job.store, tenant: &tenant, files: &self.clients.files, now: job.now };
        let paper = desk.kept(&sheet).await.map_err(later)?;
        let about = About::Cancelled { subscription: number, cancellation: sheet.cancellation.id.clone(), paper };
        let out = OutMail::new(about, record.id.clone(), event.at);
        job.store.write_mail_down(customer, &out, job.now).await?;
        Ok(Followed::Done)
    }

    /// Both sides are told, with the same paper.
    async fn answered(
        &self,
        job: Job<'_>,
        customer: Option<&CustomerId>,
        record: &EventRecord,
    ) -> Result<Followed, Undone> {
        let number: Option<DocumentNumber> = record.event.subject.parse().ok();
        let (Some(customer), Some(number)) = (customer, number) else { return Ok(Followed::Done) };
        let offer = job.store.document(&DocumentRef::new(DocumentType::Offer, &number)).await?;
        let Some(sheet) = offer.as_ref().and_then(AnswerSheet::of) else { return Ok(Followed::Done) };
        let tenant = self.tenant(job).await?;
        let desk = Desk { store: job.store, tenant: &tenant, files: &self.clients.files, now: job.now };
        let paper = desk.kept(&sheet).await.map_err(later)?;
        let to_customer = About::Answered { offer: number.clone(), paper: paper.clone() };
        for about in [to_customer, About::AnswerTold { offer: number, paper }] {
            let out = OutMail::new(about, record.id.clone(), record.event.at);
            job.store.write_mail_down(customer, &out, job.now).await?;
        }
        Ok(Followed::Done)
    }

    /// Nothing where the tenant has mails of such documents switched off meanwhile.
    async fn released(
        &self,
        job: Job<'_>,
        customer: Option<&CustomerId>,
        record: &EventRecord,
    ) -> Result<Followed, Undone> {
        let (Some(customer), Some(release)) = (customer, Release::of(&record.event)) else {
            return Ok(Followed::Done);
        };
        let Release { document, number, level } = release;
        let tenant = self.tenant(job).await?;
        let desk = Desk { store: job.store, tenant: &tenant, files: &self.clients.files, now: job.now };
        let paper = match tenant.settings.mails.on_release.of(document) {
            ReleaseMail::None => return Ok(Followed::Done),
            ReleaseMail::Linked => None,
            ReleaseMail::Attached => match kept(&desk, document, &number).await.map_err(later)? {
                Some(paper) => Some(paper),
                None => return Ok(Followed::Done),
            },
        };
        let about = About::Released { document, number, level, paper };
        let out = OutMail::new(about, record.id.clone(), record.event.at);
        job.store.write_mail_down(customer, &out, job.now).await?;
        Ok(Followed::Done)
    }

    pub(crate) async fn tenant(&self, job: Job<'_>) -> Result<Arc<Tenant>, Undone> {
        let tenant = self.store.tenant_of_scope(job.scope, job.now).await?;
        tenant.ok_or_else(|| Undone::Later("the tenant has no host".to_owned()))
    }
}

/// The hash of a released document's PDF; none without such a document.
async fn kept(desk: &Desk<'_>, document: DocumentType, number: &str) -> Answer<Option<String>> {
    if document == DocumentType::Invoice {
        let Ok(number) = number.parse() else { return Ok(None) };
        let Some(invoice) = desk.store.invoice_document(&number).await? else { return Ok(None) };
        return kept_pdf(desk, &invoice).await.map(Some);
    }
    let Ok(number) = number.parse() else { return Ok(None) };
    let Some(document) = desk.store.document(&DocumentRef::new(document, &number)).await? else { return Ok(None) };
    kept_pdf(desk, &document).await.map(Some)
}

pub(crate) fn later(problem: Problem) -> Undone {
    Undone::Later(problem.secret_cause().unwrap_or_else(|| problem.code()).to_owned())
}
