//! `/data/email/confirm/{token}`: confirms another login address. Whoever opens the mail does, signed in or not; looking
//! changes nothing, so that mail scanners use nothing up (B-08).

use domain::{
    customer::{Customer, EmailAddress},
    email_change::{EmailChange, LIFETIME, NotConfirmed},
    tenant::{Area, Right},
};
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

/// Changes the login address and ends every session but the one that asked.
pub(crate) async fn submit(
    cx: PublicContext,
    form: Submitted<Nothing, Ask>,
) -> Answer<Either<SeeOther, Page<EndedPage>>> {
    let (Ask { token }, _) = form.into_parts();
    let wish = match deciding_again(|| confirm(&cx, &token)).await? {
        Ok(wish) => wish,
        Err(ended) => return Ok(Either::Second(Page::new(ended).status(GONE))),
    };
    cx.store().end_other_sessions(&wish.customer, &wish.asked_by, cx.now()).await?;
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

/// A link that confirms nothing: used, too old, taken back, unknown, or overtaken. All but the last look the same.
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

/// The wish of a token, as long as it can be confirmed.
async fn find(cx: &PublicContext, token: &str) -> Answer<Result<Found, EndedPage>> {
    // Where customers may no longer change their data, no link does.
    if cx.tenant().settings.areas.right(Area::Data) < Right::Change {
        return Err(Problem::NotFound);
    }
    let store = cx.store();
    let Some(wish) = store.email_change_of_token(&secret::hash(token)).await? else {
        return Ok(Err(EndedPage::UNKNOWN));
    };
    let person = store.customer(&wish.value.customer).await?.filter(|person| person.value.access);
    let Some(person) = person else { return Ok(Err(EndedPage::UNKNOWN)) };
    Ok(match wish.value.check(&person.value, cx.now()) {
        Ok(()) => Ok(Found { wish, person }),
        Err(why) => Err(why.into()),
    })
}

/// Confirms once: of two that press at the same time the second finds the link used.
async fn confirm(cx: &PublicContext, token: &str) -> Answer<Result<EmailChange, EndedPage>> {
    let Found { wish, person } = match find(cx, token).await? {
        Ok(found) => found,
        Err(ended) => return Ok(Err(ended)),
    };
    let sessions = cx.store().sessions(&wish.value.customer, cx.now()).await?;
    let others: Vec<Session> = sessions.into_iter().filter(|one| one.sid_hash != wish.value.asked_by).collect();
    let change = match wish.value.confirm(&person.value, others.len(), cx.now()) {
        Ok(change) => change,
        Err(why) => return Ok(Err(why.into())),
    };
    cx.store().confirm_email_change(&wish, &person, &change, &others).await?;
    Ok(Ok(wish.value))
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
