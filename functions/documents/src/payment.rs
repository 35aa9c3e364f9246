//! `/prepaid/{deposit}/pdf`, `/prepaid/{deposit}/confirmation` and `/payments/{id}/receipt`: each version is rendered once,
//! kept, and handed out by a short-lived address of the bucket.

use domain::{
    deposit::DepositNumber,
    id::{PaymentId, TenantId},
    paper::Paper,
    payment::{Payment, State},
};
use files::Object;
use serde::Deserialize;
use store::{CommitError, Reference, ReferenceKind, StoreError, StoredFile, TenantStore};
use text::Words;
use utoipa::ToSchema;
use web::{Answer, Asked, CustomerContext, Problem, SeeOther, area};

use crate::{
    Clients,
    desk::{Desk, Sheet},
    render::{self, PaymentPaper},
};

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
    let sheet = PaymentSheet::of(&payment, paper)?;
    let (store, tenant) = (cx.store(), cx.tenant());
    let desk = Desk { store: &store, tenant, files: &clients.files, now: cx.now() };
    let paid_at = match payment.state {
        State::Paid { at } => at,
        _ => payment.created_at,
    };
    let words = Words::new(desk.language(&desk.customer(&payment.customer).await?));
    let file_name = words.paper_file(paper, &payment, tenant.settings.zone.day(paid_at));
    desk.handed_out(&sheet, &file_name, true).await
}

/// A version of a paper about a payment.
pub(crate) struct PaymentSheet<'a> {
    payment: &'a Payment,
    paper: Paper,
    version: String,
}

impl<'a> PaymentSheet<'a> {
    /// The version of today.
    ///
    /// # Errors
    /// 404 when there is no such paper (yet).
    pub(crate) fn of(payment: &'a Payment, paper: Paper) -> Answer<Self> {
        if !paper.can_be_had(payment) {
            return Err(Problem::NotFound);
        }
        Ok(Self { payment, paper, version: paper.version(payment) })
    }
}

impl Sheet for PaymentSheet<'_> {
    async fn noted(&self, store: &TenantStore) -> Result<Option<StoredFile>, StoreError> {
        store.payment_paper(&self.payment.id, self.paper, &self.version).await
    }

    async fn rendered(&self, desk: &Desk<'_>) -> Answer<Vec<u8>> {
        let settings = &desk.tenant.settings;
        if self.paper == Paper::DepositRequest && settings.company.bank.is_none() {
            return Err(Problem::NotFound);
        }
        let customer = desk.customer(&self.payment.customer).await?;
        let print = |letterhead: render::Letterhead<'_>| {
            render::payment(&PaymentPaper {
                paper: self.paper,
                payment: self.payment,
                customer: &customer,
                language: desk.language(&customer),
                zone: &settings.zone,
                letterhead,
            })
        };
        desk.printed(print).await
    }

    fn object<'a>(&'a self, tenant: &'a TenantId, sha256: &'a str) -> Object<'a> {
        Object::PaymentPdf { tenant, payment: &self.payment.id, sha256 }
    }

    async fn note(&self, store: &TenantStore, file: &StoredFile) -> Result<(), CommitError> {
        store.add_payment_paper(&self.payment.id, self.paper, &self.version, file).await
    }
}
