//! What every way of signing in ends with: a session in the table and a signed token.

use domain::{
    Secret,
    change::{Actor, Change, Event, EventKind},
    customer::EmailAddress,
    device::Device,
    id::{CustomerId, SessionId},
    link::Reach,
    number::CustomerNumber,
};
use store::{CommitError, LoginCandidate, Session, deciding_again, secret};
use web::{
    Answer, Door, Problem, PublicContext, SeeOther,
    cookies::{CookieName, Jar},
    page::Flash,
    token::{ABSOLUTE, Claims, TokenScope},
};

use crate::{Clients, device};

/// Whom a session is for, and how far it goes.
#[derive(Debug, Clone)]
pub(crate) struct Guest<'a> {
    /// Whom.
    pub(crate) customer: &'a CustomerId,
    /// That customer's number.
    pub(crate) number: &'a CustomerNumber,
    /// How far.
    pub(crate) reach: Reach,
    /// Where the person came from, if that is a shop that leads here.
    pub(crate) back: Option<String>,
}

impl<'a> Guest<'a> {
    /// Somebody who proved to read the customer's mail: the whole portal is open.
    pub(crate) fn proved(candidate: &'a LoginCandidate, back: Option<String>) -> Self {
        Self { customer: &candidate.customer, number: &candidate.number, reach: Reach::Portal, back }
    }
}

/// Begins a session and signs its token. Whoever lost access since the code was sent begins anew.
pub(crate) async fn token(
    cx: &PublicContext,
    clients: &Clients,
    guest: Guest<'_>,
    scope: TokenScope,
) -> Answer<Secret<String>> {
    let (now, customer) = (cx.now(), guest.customer);
    let sid = SessionId::new(now, secret::entropy());
    let claims = Claims {
        tenant: cx.tenant().scope().id().clone(),
        customer: customer.clone(),
        sid,
        scope,
        reach: guest.reach.clone(),
        iat: now.as_second(),
    };
    let event = Event::new(EventKind::SignedIn, Actor::Customer, now, guest.number.as_str());
    let event = match &guest.reach {
        Reach::Portal => event,
        Reach::Contract { subscription } => event.with("subscription", subscription.as_str()),
    };
    let event = if scope == TokenScope::Embedded { event.with("embedded", "true") } else { event };
    let session = Session {
        sid_hash: claims.sid_hash(),
        number: guest.number.clone(),
        created_at: now,
        ends_at: now + ABSOLUTE,
        key: secret::token().expose().clone(),
        device: cx.arrival().header("user-agent").and_then(Device::of_user_agent),
        reach: guest.reach,
        back: guest.back,
    };
    let change = Change::new(session, event);
    deciding_again(|| async {
        match cx.store().begin_session(customer, &change).await {
            Err(CommitError::Refused("access")) => Err(Problem::LoginNeeded { expired: false }),
            begun => begun.map_err(Problem::from),
        }
    })
    .await?;
    clients.signer.sign(&claims).map_err(|error| Problem::Internal(error.to_string()))
}

/// Signs a browser in and goes to a page. `address` is there when the browser proved that it reads its mail.
pub(crate) async fn browser(
    cx: &PublicContext,
    clients: &Clients,
    guest: Guest<'_>,
    address: Option<&EmailAddress>,
    to: &str,
) -> Answer<SeeOther> {
    let token = token(cx, clients, guest, TokenScope::Browser).await?;
    let jar = cx.arrival().jar();
    let mut reply = kept(&token, jar, to).cookie(CookieName::Challenge.clear(jar));
    if let Some(address) = address {
        let proof = device::proof(clients, cx, &clients.keyed("address", &address.folded()));
        reply = reply.cookie(CookieName::Device.set(&proof, Some(device::SECONDS), jar));
    }
    Ok(reply.saying(Flash::SignedIn))
}

/// Signs a frame on somebody's page in and goes to a page. Nothing is known of the browser around it, nor kept there.
pub(crate) async fn frame(cx: &PublicContext, clients: &Clients, guest: Guest<'_>, to: &str) -> Answer<SeeOther> {
    let token = token(cx, clients, guest, TokenScope::Embedded).await?;
    Ok(kept(&token, cx.arrival().jar(), to).saying(Flash::SignedIn))
}

/// To a page, with the token in the browser's cookies.
fn kept(token: &Secret<String>, jar: Jar, to: &str) -> SeeOther {
    SeeOther::to(to)
        .cookie(CookieName::Session.set(token.expose(), Some(ABSOLUTE.as_secs()), jar))
        .cookie(CookieName::Seen.clear(jar))
}
