//! Papers that a mail carries: the event says so, the paper is rendered and kept, the mail is written down. That insert
//! wakes `worker`, which sends it; the event is done here.

use std::sync::Arc;

use domain::{EventKind, paper::PaymentMail};
use store::{About, Due, EventRecord, OutMail, Reader, Store, StoreError, Tenant};
use web::{
    Portal, Problem,
    jobs::{Follow, Followed, Job, Jobs, Undone},
};

use crate::{Clients, declaration, payment::Desk};

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

#[derive(Debug, Clone)]
struct Writer {
    store: Store,
    clients: Clients,
}

impl Follow for Writer {
    const READER: Reader = Reader::Documents;

    async fn follow(&self, job: Job<'_>, due: Due) -> Result<Followed, Undone> {
        match due {
            Due::Event { record, .. } if record.event.kind == EventKind::DeclarationReceived => {
                self.confirm(job, &record).await
            }
            Due::Event { record, .. } => self.write(job, &record).await,
            // Nothing else falls due here.
            Due::Mail { .. }
            | Due::Confirmation(_)
            | Due::Payment(_)
            | Due::PaymentMethod(_)
            | Due::LookUp(_)
            | Due::Collection(_)
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
            Some(paper) => Some(desk.kept(&payment, paper).await.map_err(later)?),
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
        let paper = declaration::kept(&desk, &declaration).await.map_err(later)?;
        if declaration.mailed {
            let about = About::Declaration { declaration: id, paper };
            let out = OutMail::new(about, record.id.clone(), record.event.at);
            job.store.write_confirmation_down(&declaration.id, &out, job.now).await?;
        }
        Ok(Followed::Done)
    }

    async fn tenant(&self, job: Job<'_>) -> Result<Arc<Tenant>, Undone> {
        let tenant = self.store.tenant_of_scope(job.scope, job.now).await?;
        tenant.ok_or_else(|| Undone::Later("the tenant has no host".to_owned()))
    }
}

fn later(problem: Problem) -> Undone {
    Undone::Later(problem.secret_cause().unwrap_or_else(|| problem.code()).to_owned())
}
