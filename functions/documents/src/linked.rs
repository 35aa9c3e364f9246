//! `/d/{token}/pdf`: the document that a link shows, on paper, without a login (M-95).

use domain::{document::DocumentType, link::Scope, number::InvoiceNumber};
use serde::Deserialize;
use store::{DocumentRef, FileKind, secret};
use utoipa::ToSchema;
use web::{Answer, Asked, Problem, PublicContext, SeeOther};

use crate::{Clients, desk::Desk, document, invoice, issued};

/// The token in the address.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct AskToken {
    token: String,
}

/// `/d/{token}/pdf`. Whatever the page of the link does not show is not handed out either; a link that works for ever leads to
/// its page, which asks for the code.
pub(crate) async fn pdf(cx: PublicContext, clients: Clients, ask: Asked<AskToken>) -> Answer<SeeOther> {
    let (store, token) = (cx.store(), &ask.0.token);
    let link = store.link(&secret::hash(token)).await?.ok_or(Problem::NotFound)?.value;
    let Scope::Document { kind, number } = &link.scope else { return Err(Problem::NotFound) };
    link.check(cx.now()).map_err(|_| Problem::Gone)?;
    let settings = &cx.tenant().settings;
    if link.asks(settings.links.permanent_signs_in) {
        return Ok(SeeOther::to(link.scope.path(token)));
    }
    // Kind and customer must be released (M-96).
    if !settings.shows(*kind) {
        return Err(Problem::NotFound);
    }
    let customer = store.customer(&link.customer).await?.filter(|customer| customer.value.access);
    customer.ok_or(Problem::NotFound)?;
    let desk = Desk { store: &store, tenant: cx.tenant(), files: &clients.files, now: cx.now() };
    match kind {
        DocumentType::Invoice => {
            let number = InvoiceNumber::try_from(number.to_string()).map_err(|_| Problem::NotFound)?;
            let document = invoice::find(&store, &link.customer, &number).await?;
            issued::hand_out(&desk, &document, FileKind::Pdf).await
        }
        kind => {
            let document = document::find(&store, &link.customer, &DocumentRef::new(*kind, number)).await?;
            issued::hand_out(&desk, &document, FileKind::Pdf).await
        }
    }
}
