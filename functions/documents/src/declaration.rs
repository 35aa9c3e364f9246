//! `/cancel/{id}/pdf` and `/withdraw/{id}/pdf`: the confirmation of a declaration, for whoever has the address of its
//! page. It is rendered once, kept, and handed out by a short-lived address of the bucket.

use domain::{
    declaration::{Declaration, DeclarationKind},
    id::TenantId,
};
use files::Object;
use serde::Deserialize;
use store::{CommitError, StoreError, StoredFile, TenantStore, secret};
use text::Words;
use utoipa::ToSchema;
use web::{Answer, Asked, Problem, PublicContext, SeeOther};

use crate::{
    Clients,
    desk::{Desk, Sheet},
    render::{self, DeclarationPaper},
};

/// Also where the tenant has no such form any more: people were promised their confirmation.
type Cx = PublicContext;

/// Which declaration.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct AskDeclaration {
    /// The token of its page, which is not its id.
    id: String,
}

/// `/cancel/{id}/pdf`
pub(crate) async fn of_cancellation(cx: Cx, clients: Clients, ask: Asked<AskDeclaration>) -> Answer<SeeOther> {
    hand_out(&cx, &clients, DeclarationKind::Cancel, &ask.0.id).await
}

/// `/withdraw/{id}/pdf`
pub(crate) async fn of_withdrawal(cx: Cx, clients: Clients, ask: Asked<AskDeclaration>) -> Answer<SeeOther> {
    hand_out(&cx, &clients, DeclarationKind::Withdraw, &ask.0.id).await
}

async fn hand_out(cx: &Cx, clients: &Clients, kind: DeclarationKind, token: &str) -> Answer<SeeOther> {
    let store = cx.store();
    let declaration = store.declaration_of_page(&secret::hash(token)).await?.map(|loaded| loaded.value);
    let declaration = declaration.filter(|one| one.is_shown_as(kind, cx.now())).ok_or(Problem::NotFound)?;
    let desk = Desk { store: &store, tenant: cx.tenant(), files: &clients.files, now: cx.now() };
    let received_on = declaration.zone.day(declaration.received_at);
    let file_name = Words::new(declaration.language).declaration_file(kind, received_on);
    desk.handed_out(&DeclarationSheet(&declaration), &file_name, false).await
}

/// The paper of a declaration; what was declared never changes.
pub(crate) struct DeclarationSheet<'a>(pub(crate) &'a Declaration);

impl Sheet for DeclarationSheet<'_> {
    async fn noted(&self, store: &TenantStore) -> Result<Option<StoredFile>, StoreError> {
        store.declaration_paper(&self.0.id).await
    }

    async fn rendered(&self, desk: &Desk<'_>) -> Answer<Vec<u8>> {
        let print = |letterhead: render::Letterhead<'_>| {
            render::declaration(&DeclarationPaper { declaration: self.0, letterhead })
        };
        desk.printed(print).await
    }

    fn object<'a>(&'a self, tenant: &'a TenantId, sha256: &'a str) -> Object<'a> {
        Object::DeclarationPdf { tenant, declaration: &self.0.id, sha256 }
    }

    async fn note(&self, store: &TenantStore, file: &StoredFile) -> Result<(), CommitError> {
        store.add_declaration_paper(&self.0.id, file).await
    }
}
