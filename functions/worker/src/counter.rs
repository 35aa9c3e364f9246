//! Where a job about money is done: the tenant's books and providers as they are now.

use std::sync::Arc;

use booking::Books;
use domain::{payment::ProviderName, tenant::Settings};
use payments::Provider;
use store::Tenant;
use web::jobs::{Job, Undone};

use crate::Desk;

/// One tenant's books, and the way to its providers.
#[derive(Debug)]
pub(crate) struct Counter<'a> {
    pub(crate) books: Books,
    desk: &'a Desk,
    tenant: Arc<Tenant>,
}

impl Desk {
    /// Of the job's tenant, at the job's time.
    ///
    /// # Errors
    /// Why it must be tried again later, for the log.
    pub(crate) async fn counter(&self, job: Job<'_>) -> Result<Counter<'_>, Undone> {
        let Some(tenant) = self.store().tenant_of_scope(job.scope, job.now).await? else {
            return Err(Undone::Later("the tenant has no host".to_owned()));
        };
        let today = tenant.settings.zone.day(job.now);
        let books = Books { store: job.store.clone(), now: job.now, today };
        Ok(Counter { books, desk: self, tenant })
    }
}

impl Counter<'_> {
    /// A provider that was asked for something before; none when the tenant is no longer connected to it.
    ///
    /// # Errors
    /// Its keys could not be read.
    pub(crate) async fn provider(&self, name: ProviderName) -> Result<Option<Arc<dyn Provider>>, Undone> {
        let providers = &self.desk.clients.providers;
        let asked = providers.asked(&self.books.store, &self.tenant, name, self.books.now).await;
        asked.map_err(|problem| Undone::Later(format!("{problem:?}")))
    }

    /// The books at this very moment: a job that asks providers takes its time, and what is booked after that must not be
    /// older than the feed of events has been read.
    pub(crate) fn fresh(&self) -> Books {
        Books { now: self.desk.portal.clock().now(), ..self.books.clone() }
    }

    /// The tenant's settings.
    pub(crate) fn settings(&self) -> &Settings {
        &self.tenant.settings
    }

    /// The tenant's own address.
    pub(crate) fn origin(&self) -> String {
        self.desk.portal.config().origin(&self.tenant.host)
    }

    /// Where a provider tells what happened.
    pub(crate) fn webhook_url(&self, name: ProviderName) -> String {
        self.desk.clients.providers.webhook_url(&self.tenant, name)
    }
}
