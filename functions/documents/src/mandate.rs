//! `/payment-methods/{id}/mandate`: what a customer allowed with a bank account, on paper. It is short and rarely asked for,
//! so it is rendered each time and kept nowhere, on today's letter paper, with the names it was given with; one that ended, or
//! was taken away, stays provable.

use domain::{
    id::PaymentMethodId,
    payment_method::{Mandate, MethodName},
};
use serde::Deserialize;
use text::Words;
use utoipa::ToSchema;
use web::{Answer, Asked, CustomerContext, File, Problem, area};

use crate::{
    Clients,
    desk::Desk,
    render::{self, MandatePaper},
};

/// Which way to pay, by its id.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct AskMethod {
    id: String,
}

/// `/payment-methods/{id}/mandate`
pub(crate) async fn pdf(
    cx: CustomerContext<area::PaymentMethods>,
    clients: Clients,
    ask: Asked<AskMethod>,
) -> Answer<File> {
    let id: PaymentMethodId = ask.0.id.parse().map_err(|_| Problem::NotFound)?;
    let name = MethodName { customer: cx.customer().clone(), id };
    let method = cx.store().payment_method(&name).await?.ok_or(Problem::NotFound)?.value;
    let reference = method.mandate.as_deref().and_then(Mandate::reference).ok_or(Problem::NotFound)?;
    // What costs something is made for a checked session only; for all others the answer is thrown away anyway.
    cx.session().await?;
    let store = cx.store();
    let desk = Desk { store: &store, tenant: cx.tenant(), files: &clients.files, now: cx.now() };
    let customer = desk.customer(cx.customer()).await?;
    let (language, zone) = (method.language, &cx.tenant().settings.zone);
    let print = |letterhead: render::Letterhead<'_>| {
        render::mandate(&MandatePaper { method: &method, customer: &customer, language, zone, letterhead })
    };
    let pdf = desk.printed(print).await?;
    Ok(File::download(pdf, "application/pdf", Words::new(language).papers_mandate_file(reference)))
}
