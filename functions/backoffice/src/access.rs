//! `/api/admin/v1/customers/{number}/access`: may a customer use the portal, and the address to hand out (M-94); and the same
//! for all there are, as a job (M-93).

use domain::{
    Event, EventKind,
    change::Actor,
    customer::Customer,
    id::CustomerId,
    job::JobKind,
    link::{Link, Scope},
    number::CustomerNumber,
};
use serde::{Deserialize, Serialize};
use store::{ApiKeyScope, Loaded, deciding_again, secret};
use utoipa::ToSchema;
use web::{Accepted, Answer, Asked, Door as _, IntegratorContext, Json, Problem, Submitted, scope};

use crate::{
    customers::{self, CustomerPath},
    jobs::{self, JobShown},
    links::{self, NewLink},
};

/// May the customer use the portal?
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccessInput {
    access: bool,
}

/// Access, and the portal's address to hand out (M-94).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccessShown {
    access: bool,
    /// Where the tenant has permanent links, each answer to a `PUT` has a fresh one, since it cannot be shown again; the one
    /// before ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    portal_url: Option<String>,
}

/// `GET /api/admin/v1/customers/{number}/access`: the address is the portal's own, which everybody knows.
pub(crate) async fn get(cx: IntegratorContext<scope::Read>, ask: Asked<CustomerPath>) -> Answer<Json<AccessShown>> {
    let (_, customer) = customers::find(&cx.store(), &ask.0.number()?).await?;
    let access = customer.value.access;
    Ok(Json::new(AccessShown { access, portal_url: access.then(|| format!("{}/", cx.arrival().origin())) }))
}

/// `PUT /api/admin/v1/customers/{number}/access`
pub(crate) async fn put(
    cx: IntegratorContext<scope::Write>,
    body: Submitted<AccessInput, CustomerPath>,
) -> Answer<Json<AccessShown>> {
    let (path, AccessInput { access }) = body.into_parts();
    let number = path.number()?;
    let (id, customer) = deciding_again(|| async {
        let (id, seen) = customers::find(&cx.store(), &number).await?;
        if let Some(change) = seen.value.set_access(access, Actor::Integrator, cx.now()) {
            cx.store().update_customer(&id, &seen, &change).await?;
        }
        // Also when access was taken before: whoever sends again may have been told of a failure in between.
        if !access {
            end_sessions(&cx, &id, &number).await?;
            cx.store().revoke_permanent(&id, |_| true, cx.now()).await?;
        }
        Ok::<_, Problem>((id, seen))
    })
    .await?;
    let portal_url = match access {
        true => Some(portal_url(&cx, id, customer).await?),
        false => None,
    };
    Ok(Json::new(AccessShown { access, portal_url }))
}

/// `POST /api/admin/v1/access:apply`: the same for every customer there is.
pub(crate) async fn apply(
    cx: IntegratorContext<scope::Settings>,
    body: Submitted<AccessInput>,
) -> Answer<Accepted<JobShown>> {
    let AccessInput { access } = body.into_inner();
    jobs::ask(&cx.store(), JobKind::ApplyAccess { access }, cx.now()).await.map(Accepted::new)
}

/// Whoever lost access is out at once.
async fn end_sessions(cx: &IntegratorContext<scope::Write>, id: &CustomerId, number: &CustomerNumber) -> Answer<()> {
    let event = Event::new(EventKind::SignedOutEverywhere, Actor::Integrator, cx.now(), number.as_str());
    Ok(cx.store().end_all_sessions(id, event).await?)
}

/// A permanent link where the tenant has them and the key may make links, else the plain address. Who has no address of its own
/// cannot be asked for the code, so a link that asks would open nothing.
async fn portal_url(
    cx: &IntegratorContext<scope::Write>,
    id: CustomerId,
    customer: Loaded<Customer>,
) -> Answer<String> {
    let rules = &cx.tenant().settings.links;
    let can_be_asked = rules.permanent_signs_in || customer.value.facts.email.is_some();
    // It may sign in, so granting access alone must not give one away.
    let makes_links = cx.key_scopes().contains(&ApiKeyScope::Settings);
    if !rules.permanent || !can_be_asked || !makes_links {
        return Ok(format!("{}/", cx.arrival().origin()));
    }
    let new = NewLink {
        customer: id,
        number: customer.value.number,
        scope: Scope::Portal,
        expires_at: None,
        embed: false,
        granted: true,
    };
    let (link, token) = new.made(cx.now());
    let url = links::url(cx.arrival(), &link, &token, None);
    let (store, change) = (cx.store(), Link::create(link, Actor::Integrator));
    store.save_link(&secret::hash(token.expose()), &change, None).await?;
    let Link { id: fresh, customer, .. } = change.next();
    // Of several at once the last one stays, whichever comes to this line first.
    let is_before = |link: &Link| link.granted && link.id < *fresh;
    deciding_again(|| store.revoke_permanent(customer, is_before, cx.now())).await?;
    Ok(url)
}
