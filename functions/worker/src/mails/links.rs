//! Personal links that mails carry. A link is one however often its mail is tried; each try has a token of its own, since
//! only its hash is kept. No address has a query: whoever words a mail may add the language.

use domain::{
    change::Actor,
    id::LinkId,
    link::{Link, Scope},
};
use jiff::civil::Date;
use store::{OutMail, secret};
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
    let id = LinkId::new(out.at, secret::entropy_of(&format!("{} {}", out.event, scope.code())));
    let day = |at| Some(writing.tenant.settings.zone.day(at));
    if let Some((first, known)) = store.link_by_id(writing.customer, &id).await? {
        store.add_token(&first, &hash, &known.value).await?;
        return Ok(Made { url, until: known.value.expires_at.and_then(day) });
    }
    let expires_at = now + writing.tenant.settings.links.mailed_lifetime(&scope);
    let link = Link {
        id,
        customer: writing.customer.clone(),
        customer_number: writing.person.number.clone(),
        scope,
        created_at: now,
        expires_at: Some(expires_at),
        revoked_at: None,
        embed: false,
    };
    store.save_link(&hash, &Link::create(link, Actor::System), None).await?;
    Ok(Made { url, until: day(expires_at) })
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
