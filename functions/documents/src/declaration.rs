//! `/cancel/{id}/pdf` and `/withdraw/{id}/pdf`: the confirmation of a declaration, for whoever has the address of its
//! page. It is rendered once, kept, and handed out by a short-lived address of the bucket.

use domain::declaration::{Declaration, DeclarationKind};
use files::{Object, Presigned, Put};
use serde::Deserialize;
use store::{CommitError, FileKind, StoredFile, secret};
use text::Words;
use utoipa::ToSchema;
use web::{Answer, Asked, Problem, PublicContext, SeeOther};

use crate::{
    Clients,
    payment::{ADDRESS_LIFETIME, Desk},
    render,
    tools::{logo, unavailable, with_deep_stack},
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
    let declaration = cx.store().declaration_of_page(&secret::hash(token)).await?.map(|loaded| loaded.value);
    let declaration = declaration.filter(|one| one.is_shown_as(kind, cx.now())).ok_or(Problem::NotFound)?;
    let (store, tenant) = (cx.store(), cx.tenant());
    let desk = Desk { store: &store, tenant, files: &clients.files, now: cx.now() };
    let sha256 = kept(&desk, &declaration).await?;
    let object = Object::DeclarationPdf { tenant: tenant.scope().id(), declaration: &declaration.id, sha256: &sha256 };
    let received_on = declaration.zone.day(declaration.received_at);
    let file_name = Words::new(declaration.language).declaration_file(kind, received_on);
    let how =
        Presigned { content_type: "application/pdf", file_name: &file_name, inline: false, lifetime: ADDRESS_LIFETIME };
    let address = clients.files.presigned_get(object, how).await.map_err(unavailable)?;
    Ok(SeeOther::to(address))
}

/// The hash under which the paper of a declaration lies. What was declared never changes, so there is one; of two
/// renderers at once whoever notes it first wins.
///
/// # Errors
/// When it cannot be rendered or kept.
pub(crate) async fn kept(desk: &Desk<'_>, declaration: &Declaration) -> Answer<String> {
    if let Some(file) = desk.store.declaration_paper(&declaration.id).await? {
        return Ok(file.sha256);
    }
    let bytes = rendered(desk, declaration).await?;
    let (sha256, size) = (secret::digest(&bytes), bytes.len() as u64);
    let object =
        Object::DeclarationPdf { tenant: desk.tenant.scope().id(), declaration: &declaration.id, sha256: &sha256 };
    let (Put::Stored | Put::AlreadyThere) =
        desk.files.put_once(object, bytes, "application/pdf").await.map_err(unavailable)?;
    let file = StoredFile {
        kind: FileKind::Pdf,
        object: object.key(),
        sha256: sha256.clone(),
        size,
        original: false,
        format: String::new(),
        stored_at: desk.now,
    };
    match desk.store.add_declaration_paper(&declaration.id, &file).await {
        Ok(()) => Ok(sha256),
        Err(CommitError::Refused("file")) => {
            let kept = desk.store.declaration_paper(&declaration.id).await?;
            kept.map(|file| file.sha256).ok_or_else(|| Problem::Internal("a kept paper is gone".into()))
        }
        Err(error) => Err(error.into()),
    }
}

async fn rendered(desk: &Desk<'_>, declaration: &Declaration) -> Answer<Vec<u8>> {
    let settings = &desk.tenant.settings;
    let logo = logo(desk.files, desk.tenant).await?;
    let paper = render::DeclarationPaper {
        declaration,
        company: &settings.company,
        tenant_name: &settings.name,
        accent: settings.branding.accent,
        logo: logo.as_deref(),
        sandbox: desk.tenant.is_sandbox(),
    };
    let rendered = with_deep_stack(|| render::declaration(&paper))?;
    rendered.map_err(|error| Problem::Internal(error.to_string()))
}
