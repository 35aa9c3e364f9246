//! `/data/email/confirm/{token}`: confirms another login address. Whoever opens the mail does, signed in or not; looking
//! changes nothing, so that mail scanners use nothing up (B-08).

use domain::{
    change::Actor,
    customer::{Customer, EmailAddress},
    email_change::{EmailChange, LIFETIME, NotConfirmed, SETTLING},
    tenant::{Area, Right},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::{Loaded, Session, deciding_again, secret};
use utoipa::ToSchema;
use web::{
    Answer, Asked, Door as _, Either, Nothing, Page, Problem, PublicContext, SeeOther, Submitted, page::Flash,
    reply::GONE,
};

/// The token in the address.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Ask {
    token: String,
}

/// A wish, and whose it is.
struct Found {
    wish: Loaded<EmailChange>,
    person: Loaded<Customer>,
}

/// Shows which address it is; nothing is used up.
pub(crate) async fn show(cx: PublicContext, ask: Asked<Ask>) -> Answer<Either<Page<ConfirmPage>, Page<EndedPage>>> {
    Ok(match find(&cx, &ask.0.token).await? {
        Ok(found) => Either::First(Page::new(ConfirmPage { to: found.wish.value.to })),
        Err(ended) => Either::Second(Page::new(ended).status(GONE)),
    })
}

/// Changes the login address, and ends every session but the one that asked and every link that signs in. Once more is the
/// same, so pressing again does what a process that was killed left undone.
pub(crate) async fn submit(
    cx: PublicContext,
    form: Submitted<Nothing, Ask>,
) -> Answer<Either<SeeOther, Page<EndedPage>>> {
    let (Ask { token }, _) = form.into_parts();
    let (wish, confirmed_at) = match deciding_again(|| confirm(&cx, &token)).await? {
        Ok(confirmed) => confirmed,
        Err(ended) => return Ok(Either::Second(Page::new(ended).status(GONE))),
    };
    // Whatever began later began with the new address.
    let before = confirmed_at + SETTLING;
    cx.store().end_other_sessions(&wish.customer, &wish.asked_by, before, cx.now()).await?;
    deciding_again(|| revoke_links(&cx, &wish, before)).await?;
    let goes_on = cx.settled_session().is_some_and(|session| session.sid_hash == wish.asked_by);
    let next = if goes_on { super::PATH } else { "/login" };
    Ok(Either::First(SeeOther::to(next).saying(Flash::EmailChanged)))
}

/// Which address is to be confirmed.
#[derive(Debug, Clone, Serialize)]
pub struct ConfirmPage {
    /// The new login address.
    pub to: EmailAddress,
}

web::page!(ConfirmPage => "pages/customer/email-confirm.html");

/// A link that confirms nothing: too old, taken back, replaced, unknown, or overtaken. All but the last look the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct EndedPage {
    /// Was the address changed meanwhile in another way?
    pub overtaken: bool,
    /// How long such a link works.
    pub hours: i64,
}

impl EndedPage {
    const UNKNOWN: Self = Self { overtaken: false, hours: LIFETIME.as_hours() };
}

impl From<NotConfirmed> for EndedPage {
    fn from(why: NotConfirmed) -> Self {
        Self { overtaken: why == NotConfirmed::Overtaken, ..Self::UNKNOWN }
    }
}

web::page!(EndedPage => "pages/customer/email-ended.html");

/// The wish of a token, as long as it can be confirmed, or what it says stands because it was.
async fn find(cx: &PublicContext, token: &str) -> Answer<Result<Found, EndedPage>> {
    // Where customers may no longer change their data, no link does.
    if cx.tenant().settings.right(Area::Data) < Right::Change {
        return Err(Problem::NotFound);
    }
    let store = cx.store();
    let Some(wish) = store.email_change_of_token(&secret::hash(token)).await? else {
        return Ok(Err(EndedPage::UNKNOWN));
    };
    let person = store.customer(&wish.value.customer).await?.filter(|person| person.value.access);
    let Some(person) = person else { return Ok(Err(EndedPage::UNKNOWN)) };
    Ok(match wish.value.check(&person.value, cx.now()) {
        Err(why) if wish.value.stands_since(&person.value, cx.now()).is_none() => Err(why.into()),
        Ok(()) | Err(_) => Ok(Found { wish, person }),
    })
}

/// Confirms once, and says when that was: of two that press at the same time the second finds it done.
async fn confirm(cx: &PublicContext, token: &str) -> Answer<Result<(EmailChange, Timestamp), EndedPage>> {
    let Found { wish, person } = match find(cx, token).await? {
        Ok(found) => found,
        Err(ended) => return Ok(Err(ended)),
    };
    if let Some(confirmed_at) = wish.value.stands_since(&person.value, cx.now()) {
        return Ok(Ok((wish.value, confirmed_at)));
    }
    let sessions = cx.store().sessions(&wish.value.customer, cx.now()).await?;
    let others: Vec<Session> = sessions.into_iter().filter(|one| one.sid_hash != wish.value.asked_by).collect();
    let change = match wish.value.confirm(&person.value, others.len(), cx.now()) {
        Ok(change) => change,
        Err(why) => return Ok(Err(why.into())),
    };
    let confirmed = wish.value.confirmed(cx.now());
    cx.store().confirm_email_change((&confirmed, wish.rev), &person, &change, &others).await?;
    Ok(Ok((confirmed, cx.now())))
}

/// Takes back what was made before a moment and signs in: it may lie in the mailbox of the address before.
async fn revoke_links(cx: &PublicContext, wish: &EmailChange, before: Timestamp) -> Answer<()> {
    let (store, now) = (cx.store(), cx.now());
    for (hash, link) in store.links(&wish.customer).await? {
        let signs_in = link.value.scope.reach().is_some() && link.value.check(now).is_ok();
        let revoked = link.value.revoke(Actor::Customer, now).filter(|_| signs_in && link.value.created_at < before);
        if let Some(change) = revoked {
            store.save_link(&hash, &change, Some(link.rev)).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use web::page::testing;

    use super::*;

    #[test]
    fn the_pages_are_sound() {
        let to = "vorstandsassistenz@veranstaltungstechnik-norddeutschland.example".parse().unwrap();
        testing::check("email-confirm", &ConfirmPage { to }, |frame| {
            testing::extreme(frame);
            testing::public(frame);
        });
        testing::check("email-confirm-signed-in", &ConfirmPage { to: "tine@example.org".parse().unwrap() }, |_| {});
        testing::check("email-ended", &EndedPage::from(NotConfirmed::Expired), testing::public);
        testing::check("email-overtaken", &EndedPage::from(NotConfirmed::Overtaken), testing::public);
        assert_eq!(EndedPage::from(NotConfirmed::Expired), EndedPage::UNKNOWN, "nobody learns which of them it is");
    }
}
