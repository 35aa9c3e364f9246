//! `/contracts/{number}/cancel/pdf`: the „Kündigungsbestätigung" of a contract, also when it has ended. A mail takes the same
//! paper along; whichever wants it first has it rendered.

use domain::{
    id::{CustomerId, TenantId},
    number::SubscriptionNumber,
    subscription::{Cancellation, Subscription},
};
use files::Object;
use serde::Deserialize;
use store::{CommitError, StoreError, StoredFile, TenantStore};
use text::Words;
use utoipa::ToSchema;
use web::{Answer, Asked, ContractContext, Problem, SeeOther, area};

use crate::{
    Clients,
    desk::{Desk, Sheet},
    render::{self, CancellationPaper},
};

/// Which contract, as its slug.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct AskContract {
    number: String,
}

/// `/contracts/{number}/cancel/pdf`
pub(crate) async fn pdf(
    cx: ContractContext<area::Contracts>,
    clients: Clients,
    ask: Asked<AskContract>,
) -> Answer<SeeOther> {
    let number = SubscriptionNumber::from_slug(&ask.0.number).map_err(|_| Problem::NotFound)?;
    let store = cx.store();
    let contract = store.subscription(cx.customer(), &number).await?.ok_or(Problem::NotFound)?.value;
    let sheet = CancellationSheet::of(cx.customer(), &contract).ok_or(Problem::NotFound)?;
    // What costs something is made for a checked session only; for all others the answer is thrown away anyway.
    cx.session().await?;
    let desk = Desk { store: &store, tenant: cx.tenant(), files: &clients.files, now: cx.now() };
    let words = Words::new(desk.language(&desk.customer(cx.customer()).await?));
    desk.handed_out(&sheet, &words.papers_cancellation_file(&number), true).await
}

/// The paper of a cancellation, of which there is one for good.
pub(crate) struct CancellationSheet<'a> {
    customer: &'a CustomerId,
    contract: &'a Subscription,
    pub(crate) cancellation: &'a Cancellation,
}

impl<'a> CancellationSheet<'a> {
    /// Of the cancellation that stands; none where a contract has none.
    pub(crate) fn of(customer: &'a CustomerId, contract: &'a Subscription) -> Option<Self> {
        let cancellation = contract.declared.cancellation.as_ref()?;
        Some(Self { customer, contract, cancellation })
    }
}

impl Sheet for CancellationSheet<'_> {
    async fn noted(&self, store: &TenantStore) -> Result<Option<StoredFile>, StoreError> {
        store.cancellation_paper(self.customer, &self.cancellation.id).await
    }

    async fn rendered(&self, desk: &Desk<'_>) -> Answer<Vec<u8>> {
        let (customer, settings) = (desk.customer(self.customer).await?, &desk.tenant.settings);
        let print = |letterhead: render::Letterhead<'_>| {
            render::cancellation(&CancellationPaper {
                contract: self.contract,
                cancellation: self.cancellation,
                customer: &customer,
                language: desk.language(&customer),
                word: settings.contract_word,
                zone: &settings.zone,
                letterhead,
            })
        };
        desk.printed(print).await
    }

    fn object<'a>(&'a self, tenant: &'a TenantId, sha256: &'a str) -> Object<'a> {
        Object::CancellationPdf { tenant, cancellation: &self.cancellation.id, sha256 }
    }

    async fn note(&self, store: &TenantStore, file: &StoredFile) -> Result<(), CommitError> {
        store.add_cancellation_paper(self.customer, &self.cancellation.id, file).await
    }
}
