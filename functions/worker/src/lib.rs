//! Follows up what happened: reads the table's stream, sweeps what is due every minute, one worker at a time per item; hears
//! of mails that came back.
//!
//! How a mail goes out, at most once per event and never lost:
//!
//! 1. A business transaction writes its event, due for one reader: `documents` when its mail carries a paper, else here.
//! 2. That reader writes the mail down beside the event (`OUT#event#template`), if it is not there yet; `documents` has
//!    rendered and kept the paper before, and the mail names it by its hash. Only then is the event done. Both may be
//!    repeated at any point: a version of a paper is noted once, and so is a mail.
//! 3. The mail's insert wakes this function. It leases the mail for a minute, asks whether it is still true and whether
//!    the address has bounced, gives it to SES in one try of at most 3 s, and marks it. An item that ended is no longer due.
//!
//! A process that ends between SES's yes and the mark leaves the mail due: it goes out once more, after its lease. That is
//! the one place where a duplicate can come from; ending anywhere else repeats nothing that anybody sees. What fails is put
//! off for longer and longer; only a mail that SES refuses again and again is given up, with a line in the log.
//!
//! The confirmation of a declaration goes the same way, but to the address that was given with it (`confirmations.rs`): it lies
//! beside the declaration, and a tenant sends so many an hour.
//!
//! A contract ends, runs again after a pause or goes on for another term on its day (`contracts.rs`): it is due by itself, when
//! that day begins where the tenant is, and a mail follows from its event like any other. So is an offer that nobody answered
//! (`offers.rs`), of which only its event tells.
//!
//! What is too long for one answer is a job (`jobs.rs`): due until it is done, one portion after the other, each of which may
//! be repeated. Whoever asked for it reads how far it is. Jobs that hand out papers are due for `documents`.
//!
//! The erasure of a customer (`erasure.rs`) is due while something of it is left, and again when what had to be kept need not be
//! kept any more.
//!
//! What comes back is told by SES over SNS (`returned.rs`): an address that bounced for good, or whose reader complained, is
//! marked, and step 3 asks for that mark.
//!
//! How an endpoint of webhooks hears of what happened, at least once and never out of turn with anything else:
//!
//! 1. Each minute every endpoint that is due is visited (`visits.rs`), in a list of its own: nothing else waits for it.
//! 2. A visit reads the feed on from where the endpoint stands, and writes down one delivery per event it wants in the
//!    transaction that moves its place.
//! 3. It sends what is due, four at a time, and notes each answer. When nobody answers it stops: a server that hangs costs
//!    three seconds of a visit, and the visits become rarer.
//!
//! A process that ends between an answer and its note sends that message once more, with the same `webhook-id`.
//!
//! What nobody waits for is looked at once an hour (`watch.rs`): how much waits too long, for alarms, and at night whether every
//! account fits its entries, which is a job like any other (`jobs/ledger.rs`).
//!
//! Architecture Invariant: the stream only hurries (`web::jobs`). No function invokes another.

mod collections;
mod confirmations;
mod contracts;
mod counter;
mod disabled;
mod erasure;
mod erasure_wishes;
mod follow;
mod jobs;
mod look_ups;
mod mails;
mod methods;
mod offers;
mod payments;
mod returned;
mod visits;
mod watch;

use files::{Files, FilesConfig};
use mail::Mailer;
use store::{Due, Reader, Store, StoreError};
use web::{
    Portal, Providers,
    jobs::{Follow, Followed, Job, Jobs, Undone},
};

use crate::{visits::Visits, watch::Watch};

/// What this function has beside table and clock.
#[derive(Debug, Clone)]
pub struct Clients {
    files: Files,
    mailer: Mailer,
    providers: Providers,
    hooks: hooks::Client,
}

impl Clients {
    /// Makes the clients, each for its own outside system; nothing is asked yet.
    #[must_use]
    pub fn connect(portal: &Portal, s3: &aws_config::SdkConfig, ses: &aws_config::SdkConfig) -> Self {
        let config = portal.config();
        Self {
            files: Files::connect(s3, FilesConfig { bucket: config.bucket_name.clone(), path_style: true }),
            mailer: Mailer::in_one_try(ses, &config.mail_from_domain, &config.sandbox_recipients)
                .telling_by(config.mail_configuration_set.as_deref()),
            providers: Providers::connect(config, ses),
            hooks: hooks::Client::new(config.hooks_reach()),
        }
    }
}

/// The worker of one process.
#[derive(Debug, Clone)]
pub struct Worker {
    portal: Portal,
    jobs: Jobs<Desk>,
    visits: Jobs<Visits>,
    watch: Watch,
}

impl Worker {
    /// A worker over a portal's table and clock.
    #[must_use]
    pub fn new(portal: &Portal, clients: &Clients) -> Self {
        let desk = Desk { portal: portal.clone(), clients: clients.clone() };
        let visits = Visits::by(clients.hooks.clone());
        let (jobs, visits) = (Jobs::new(portal, desk), Jobs::new(portal, visits));
        Self { portal: portal.clone(), jobs, visits, watch: Watch::over(portal) }
    }

    /// What the stream, the schedule or SES sends; answers how much was done. Endpoints of webhooks are visited by the minute.
    ///
    /// # Errors
    /// Only the table's: then Lambda gives the batch again. What cannot be followed up is put off instead.
    pub async fn on_event(&self, event: &serde_json::Value) -> Result<usize, StoreError> {
        if let Some(messages) = returned::messages(event) {
            return returned::note(&self.portal, messages).await;
        }
        if event.get("Records").is_some() {
            return self.jobs.on_event(event).await;
        }
        let (followed, visited) =
            futures_util::future::join(self.jobs.on_event(event), self.visits.on_event(event)).await;
        // What is due goes before what nobody waits for.
        self.watch.minute().await?;
        Ok(followed? + visited?)
    }
}

/// Everything following up needs.
#[derive(Debug, Clone)]
pub(crate) struct Desk {
    portal: Portal,
    clients: Clients,
}

impl Desk {
    fn store(&self) -> &Store {
        self.portal.store()
    }
}

impl Follow for Desk {
    const READER: Reader = Reader::Worker;

    async fn follow(&self, job: Job<'_>, due: Due) -> Result<Followed, Undone> {
        match due {
            Due::Event { customer, record } => follow::up(self, job, customer.as_ref(), &record).await,
            Due::Mail { customer, mail } => mails::send(self, job, &customer, &mail).await,
            Due::Confirmation(mail) => confirmations::send(self, job, &mail).await,
            Due::Payment(payment) => payments::look_at(self, job, &payment).await,
            Due::PaymentMethod(method) => methods::look_at(self, job, &method.value).await,
            Due::Collection(collection) => {
                let collection = &collection.value;
                collections::go_on(self, job, &collection.customer, &collection.invoice.number).await
            }
            Due::Subscription { customer, contract } => contracts::look_at(self, job, &customer, &contract).await,
            Due::Offer { customer, row } => offers::look_at(self, job, &customer, &row).await,
            Due::LookUp(named) => look_ups::look_at(self, job, &named).await,
            Due::Erasure(seen) => erasure::go_on(self, job, *seen).await,
            Due::Job(seen) => web::jobs::go_on(job, *seen, &jobs::Work).await,
            // Nothing else falls due here.
            Due::Endpoint(_) => Err(Undone::Later("endpoints have a list of their own".to_owned())),
        }
    }
}
