//! `/prepaid/{deposit}/pdf`, `/prepaid/{deposit}/confirmation` and `/payments/{id}/receipt`: each version is rendered once,
//! kept, and handed out by a short-lived address of the bucket.

use std::time::Duration;

use domain::{
    deposit::DepositNumber,
    id::PaymentId,
    paper::Paper,
    payment::{Payment, State},
};
use files::{Files, Object, Presigned, Put};
use jiff::Timestamp;
use serde::Deserialize;
use store::{CommitError, FileKind, Reference, ReferenceKind, StoredFile, Tenant, TenantStore, secret};
use text::Words;
use utoipa::ToSchema;
use web::{Answer, Asked, CustomerContext, Problem, SeeOther, area};

use crate::{
    Clients, render,
    tools::{logo, unavailable, with_deep_stack},
};

/// How long the bucket's address works.
pub(crate) const ADDRESS_LIFETIME: Duration = Duration::from_secs(300);

/// Which deposit, by its number.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct AskDeposit {
    deposit: String,
}

/// Which payment, by its id.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct AskPayment {
    id: String,
}

/// `/prepaid/{deposit}/pdf`
pub(crate) async fn request(
    cx: CustomerContext<area::Payments>,
    clients: Clients,
    ask: Asked<AskDeposit>,
) -> Answer<SeeOther> {
    by_deposit(&cx, &clients, &ask.0.deposit, Paper::DepositRequest).await
}

/// `/prepaid/{deposit}/confirmation`
pub(crate) async fn confirmation(
    cx: CustomerContext<area::Payments>,
    clients: Clients,
    ask: Asked<AskDeposit>,
) -> Answer<SeeOther> {
    by_deposit(&cx, &clients, &ask.0.deposit, Paper::DepositConfirmation).await
}

/// `/payments/{id}/receipt`
pub(crate) async fn receipt(
    cx: CustomerContext<area::Payments>,
    clients: Clients,
    ask: Asked<AskPayment>,
) -> Answer<SeeOther> {
    let id: PaymentId = ask.0.id.parse().map_err(|_| Problem::NotFound)?;
    hand_out(&cx, &clients, &id, Paper::Receipt).await
}

async fn by_deposit(
    cx: &CustomerContext<area::Payments>,
    clients: &Clients,
    number: &str,
    paper: Paper,
) -> Answer<SeeOther> {
    let number: DepositNumber = number.parse().map_err(|_| Problem::NotFound)?;
    let reference = Reference { kind: ReferenceKind::Deposit, value: number.to_string() };
    let id = cx.store().payment_of(&reference).await?.ok_or(Problem::NotFound)?;
    hand_out(cx, clients, &id, paper).await
}

async fn hand_out(
    cx: &CustomerContext<area::Payments>,
    clients: &Clients,
    id: &PaymentId,
    paper: Paper,
) -> Answer<SeeOther> {
    let payment = cx.store().payment(id).await?.map(|loaded| loaded.value);
    let payment = payment.filter(|payment| payment.customer == *cx.customer()).ok_or(Problem::NotFound)?;
    // What costs something is made for a checked session only; for all others the answer is thrown away anyway.
    cx.session().await?;
    let (store, tenant) = (cx.store(), cx.tenant());
    let desk = Desk { store: &store, tenant, files: &clients.files, now: cx.now() };
    let sha256 = desk.kept(&payment, paper).await?;
    let object = Object::PaymentPdf { tenant: tenant.scope().id(), payment: id, sha256: &sha256 };
    let paid_at = match payment.state {
        State::Paid { at } => at,
        _ => payment.created_at,
    };
    let words = Words::new(desk.language(&payment).await?);
    let file_name = words.paper_file(paper, &payment, tenant.settings.zone.day(paid_at));
    let how =
        Presigned { content_type: "application/pdf", file_name: &file_name, inline: true, lifetime: ADDRESS_LIFETIME };
    let address = clients.files.presigned_get(object, how).await.map_err(unavailable)?;
    Ok(SeeOther::to(address))
}

/// Where a paper is made: for a request, or for a mail.
pub(crate) struct Desk<'a> {
    pub(crate) store: &'a TenantStore,
    pub(crate) tenant: &'a Tenant,
    pub(crate) files: &'a Files,
    pub(crate) now: Timestamp,
}

impl Desk<'_> {
    /// The hash under which this version of a paper lies. Two renderers at once leave one file: whoever notes it first
    /// wins, and everybody hands out that one.
    ///
    /// # Errors
    /// 404 when there is no such paper (yet).
    pub(crate) async fn kept(&self, payment: &Payment, paper: Paper) -> Answer<String> {
        if !paper.can_be_had(payment) {
            return Err(Problem::NotFound);
        }
        let version = paper.version(payment);
        if let Some(file) = self.store.payment_paper(&payment.id, paper, &version).await? {
            return Ok(file.sha256);
        }
        let bytes = self.render(payment, paper).await?;
        self.keep(payment, paper, &version, bytes).await
    }

    async fn keep(&self, payment: &Payment, paper: Paper, version: &str, bytes: Vec<u8>) -> Answer<String> {
        let (sha256, size) = (secret::digest(&bytes), bytes.len() as u64);
        let object = Object::PaymentPdf { tenant: self.tenant.scope().id(), payment: &payment.id, sha256: &sha256 };
        let (Put::Stored | Put::AlreadyThere) =
            self.files.put_once(object, bytes, "application/pdf").await.map_err(unavailable)?;
        let file = StoredFile {
            kind: FileKind::Pdf,
            object: object.key(),
            sha256: sha256.clone(),
            size,
            original: false,
            format: String::new(),
            stored_at: self.now,
        };
        match self.store.add_payment_paper(&payment.id, paper, version, &file).await {
            Ok(()) => Ok(sha256),
            Err(CommitError::Refused("file")) => {
                let kept = self.store.payment_paper(&payment.id, paper, version).await?;
                kept.map(|file| file.sha256).ok_or_else(|| Problem::Internal("a kept paper is gone".into()))
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn render(&self, payment: &Payment, paper: Paper) -> Answer<Vec<u8>> {
        let settings = &self.tenant.settings;
        if paper == Paper::DepositRequest && settings.company.bank.is_none() {
            return Err(Problem::NotFound);
        }
        let logo = logo(self.files, self.tenant).await?;
        let customer = self.store.customer(&payment.customer).await?.ok_or(Problem::NotFound)?.value;
        let paper = render::PaymentPaper {
            paper,
            payment,
            customer: &customer,
            language: customer.facts.language.unwrap_or(settings.language),
            company: &settings.company,
            tenant_name: &settings.name,
            zone: &settings.zone,
            accent: settings.branding.accent,
            logo: logo.as_deref(),
            sandbox: self.tenant.is_sandbox(),
        };
        let rendered = with_deep_stack(|| render::payment(&paper))?;
        rendered.map_err(|error| Problem::Internal(error.to_string()))
    }

    /// The customer's language, else the tenant's.
    async fn language(&self, payment: &Payment) -> Answer<domain::Language> {
        let customer = self.store.customer(&payment.customer).await?;
        let chosen = customer.and_then(|customer| customer.value.facts.language);
        Ok(chosen.unwrap_or(self.tenant.settings.language))
    }
}
