//! The confirmation of a declaration, sent to the address that was given with it. Nobody has proved that it is theirs: so
//! the mail says whose words it repeats and links none of them, and a tenant sends so many an hour and no more. What is
//! over that waits for the next hour; its page has shown the same and handed out the paper at once.

use domain::{declaration::MAILS_PER_TENANT_AND_HOUR, id::DeclarationId};
use files::Object;
use jiff::{SignedDuration, Timestamp};
use mail::{Attachment, DeclarationNotice, Sender, render_declaration};
use store::{About, Budget, OutMail, OutMailEnd, secret};
use text::Words;
use web::jobs::{Followed, Job, Undone};

use crate::{
    Desk,
    mails::{give, refused},
};

const HOUR: SignedDuration = SignedDuration::from_hours(1);
/// One for all addresses of a tenant.
const OF_TENANT: Budget<'_> =
    Budget { what: "declare-mail-tenant", subject: "all", window: Some(HOUR), max: MAILS_PER_TENANT_AND_HOUR };

/// Sends it with its paper.
///
/// # Errors
/// Why it must be tried again later, for the log.
pub(crate) async fn send(desk: &Desk, job: Job<'_>, out: &OutMail) -> Result<Followed, Undone> {
    let ended = |end| Ok(Followed::Mail(end));
    let About::Declaration { declaration, paper: sha256 } = &out.about else { return ended(OutMailEnd::Outdated) };
    let Some(declaration) = job.store.declaration(declaration).await?.map(|loaded| loaded.value) else {
        return ended(OutMailEnd::Outdated);
    };
    let to = &declaration.statement.receipt_to;
    if let Some(end) = refused(job, to, out).await? {
        return ended(end);
    }
    let Some(tenant) = desk.store().tenant_of_scope(job.scope, job.now).await? else {
        return Err(Undone::Later("the tenant has no host".to_owned()));
    };
    if !job.store.take(&OF_TENANT, job.now).await? {
        return Err(Undone::NotBefore(turn(&declaration.id, job.now)));
    }
    let object = Object::DeclarationPdf { tenant: tenant.scope().id(), declaration: &declaration.id, sha256 };
    let bytes = desk.clients.files.get(object, Attachment::MAX_BYTES).await;
    let bytes = bytes.map_err(|error| Undone::Later(error.to_string()))?;
    let (language, kind) = (declaration.language, declaration.statement.kind());
    let received = declaration.zone.local(declaration.received_at);
    let origin = desk.portal.config().origin(&tenant.host);
    let sender = Sender { settings: &tenant.settings, origin: &origin, sandbox: tenant.is_sandbox(), language };
    let rendered = render_declaration(&DeclarationNotice { sender, statement: &declaration.statement, received });
    let mut rendered = rendered.map_err(|error| Undone::Later(error.to_string()))?;
    let file_name = Words::new(language).declaration_file(kind, received.date());
    rendered.attachments.push(Attachment { file_name, content_type: "application/pdf", bytes });
    give(desk, job, (&rendered, None), to).await
}

/// Some time in the first minutes of the next hour, so that not all of those that wait come at once.
fn turn(declaration: &DeclarationId, now: Timestamp) -> Timestamp {
    let hour = HOUR.as_secs();
    let begins = (now.as_second() / hour + 1) * hour;
    let [spread, ..] = secret::entropy_of(declaration.as_str());
    Timestamp::from_second(begins + i64::from(spread)).unwrap_or(now + HOUR)
}
