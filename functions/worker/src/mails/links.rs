//! Personal links that mails carry. A link is one however often its mail is tried; each try has a token of its own, since
//! only its hash is kept. No address has a query: whoever words a mail may add the language.

use domain::{
    change::Actor,
    id::LinkId,
    link::{Link, Scope},
};
use jiff::civil::Date;
use store::{CommitError, OutMail, deciding_again, secret};
use web::jobs::Undone;

use super::Writing;

/// Where a mail leads.
pub(super) struct Made {
    /// The whole address.
    pub(super) url: String,
    /// The last day on which it works, in the tenant's zone; a page that asks to sign in has none.
    pub(super) until: Option<Date>,
}

/// The link of a mail for one purpose.
///
/// # Errors
/// The table's.
pub(super) async fn made(writing: &Writing<'_>, scope: Scope, out: &OutMail) -> Result<Made, Undone> {
    let (store, now, token) = (writing.job.store, writing.job.now, secret::token());
    let (url, hash) = (address(writing, &scope, token.expose()), secret::hash(token.expose()));
    let link = Link {
        id: LinkId::new(out.at, secret::entropy_of(&format!("{} {}", out.event, scope.code()))),
        customer: writing.customer.clone(),
        customer_number: writing.person.number.clone(),
        expires_at: Some(now + writing.tenant.settings.links.mailed_lifetime(&scope)),
        scope,
        created_at: now,
        revoked_at: None,
        embed: false,
        granted: false,
    };
    let expires_at = deciding_again(|| async {
        if let Some((first, known)) = store.link_by_id(writing.customer, &link.id).await? {
            store.add_token(&first, &hash, &known.value).await?;
            return Ok(known.value.expires_at);
        }
        store.save_link(&hash, &Link::create(link.clone(), Actor::System), None).await?;
        Ok::<_, CommitError>(link.expires_at)
    })
    .await?;
    Ok(Made { url, until: expires_at.map(|at| writing.tenant.settings.zone.day(at)) })
}

/// One more token for a link that the operator made, for its mail; none where the link has ended.
///
/// # Errors
/// The table's.
pub(super) async fn again(writing: &Writing<'_>, id: &LinkId) -> Result<Option<(Scope, Made)>, Undone> {
    let store = writing.job.store;
    let found = store.link_by_id(writing.customer, id).await?;
    // What works for ever is handed out, and goes into no mailbox.
    let works = |link: &Link| link.expires_at.is_some() && link.check(writing.job.now).is_ok();
    let Some((first, link)) = found.filter(|(_, link)| works(&link.value)) else { return Ok(None) };
    let (link, token) = (link.value, secret::token());
    store.add_token(&first, &secret::hash(token.expose()), &link).await?;
    let url = address(writing, &link.scope, token.expose());
    let until = link.expires_at.map(|at| writing.tenant.settings.zone.day(at));
    Ok(Some((link.scope, Made { url, until })))
}

fn address(writing: &Writing<'_>, scope: &Scope, token: &str) -> String {
    format!("{}{}", writing.sender.origin, scope.path(token))
}
