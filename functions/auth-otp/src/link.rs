//! `/link/{token}`: a personal link shows a button and signs in by POST only, so that mail scanners use nothing up (M-67,
//! M-68, M-82, B-08). One that works for ever only fills the address in: its button asks for the code (M-94).

use domain::{
    customer::Customer,
    link::{Link, LinkEnded, Scope},
    number::{CustomerNumber, SubscriptionNumber},
};
use serde::{Deserialize, Serialize};
use store::secret;
use text::Words;
use utoipa::ToSchema;
use web::{
    Answer, Asked, Door, Either, Nothing, Page, Problem, PublicContext, SeeOther, Submitted,
    cookies::CookieName,
    page::ErrorSummary,
    reply::{GONE, TOO_MANY},
    token::ABSOLUTE,
};

use crate::{
    Clients, code,
    flow::{self, Goal, NotSent},
    sign_in::{self, Guest},
};

/// The token in the address.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Ask {
    token: String,
    /// In which language what it opens is read.
    language: Option<String>,
}

/// A page, or the way on.
type Shown = Either<Either<Page<LinkPage>, Page<LinkEndedPage>>, SeeOther>;

/// Shows whom the link signs in; nothing is used up.
pub(crate) async fn show(cx: PublicContext, ask: Asked<Ask>) -> Answer<Shown> {
    let link = find(&cx, &ask.0.token).await?;
    if let Err(ended) = link.check(cx.now()) {
        return Ok(gone(ended));
    }
    Ok(match asks(&cx, &link) {
        false if link.scope.reach().is_none() => Either::Second(to_what_it_shows(&cx, &link, &ask.0.token)),
        asks => Either::First(Either::First(Page::new(LinkPage::of(&link, asks)))),
    })
}

/// Signs in and goes to a clean address, or sends the code. The link stays good until it ends: it is personal and
/// time-limited, not single-use (M-67).
pub(crate) async fn submit(cx: PublicContext, clients: Clients, form: Submitted<Nothing, Ask>) -> Answer<Shown> {
    let (ask, _) = form.into_parts();
    let link = find(&cx, &ask.token).await?;
    if let Err(ended) = link.check(cx.now()) {
        return Ok(gone(ended));
    }
    let customer = cx.store().customer(&link.customer).await?.filter(|customer| customer.value.access);
    let customer = customer.ok_or(Problem::NotFound)?.value;
    if asks(&cx, &link) {
        return ask_for_code(&cx, &clients, &link, customer).await;
    }
    let (Some(reach), Some(place)) = (link.scope.reach(), link.scope.place()) else {
        return Ok(Either::Second(to_what_it_shows(&cx, &link, &ask.token)));
    };
    let guest = Guest { customer: &link.customer, number: &customer.number, reach, back: None };
    let reply = sign_in::browser(&cx, &clients, guest, None, &place).await?;
    Ok(Either::Second(keeping_language(&cx, ask.language.is_some(), reply)))
}

/// A link says in which language it is read, and so does what it opens.
pub(crate) fn keeping_language(cx: &PublicContext, is_said: bool, reply: SeeOther) -> SeeOther {
    let (language, jar) = (cx.arrival().language().code(), cx.arrival().jar());
    match is_said {
        true => reply.cookie(CookieName::Language.set(language, Some(ABSOLUTE.as_secs()), jar)),
        false => reply,
    }
}

/// Sends the code to the customer's address, whoever holds the link.
async fn ask_for_code(cx: &PublicContext, clients: &Clients, link: &Link, customer: Customer) -> Answer<Shown> {
    let Some(email) = customer.facts.email else { return Ok(Either::Second(SeeOther::to("/login"))) };
    let goal = Goal::page(link.scope.place().and_then(|place| place.parse().ok()));
    match flow::begin(cx, clients, email, goal, cx.arrival().cookie(CookieName::Device)).await {
        Ok(sent) => Ok(Either::Second(code::after_sending(cx, &sent))),
        Err(NotSent::TooMany | NotSent::TooSoon(_) | NotSent::Ended) => {
            let errors = ErrorSummary::one("submit", Words::new(cx.arrival().language()).login_too_many());
            let page = Page::with_errors(LinkPage::of(link, true), errors).status(TOO_MANY);
            Ok(Either::First(Either::First(page)))
        }
        Err(NotSent::NoMailGoesThere | NotSent::Unknown) => Ok(Either::Second(SeeOther::to("/login"))),
        Err(NotSent::Problem(problem)) => Err(problem),
    }
}

/// A link that signs in, or that asks for the code; those of other purposes, or for a frame, are unknown here.
async fn find(cx: &PublicContext, token: &str) -> Answer<Link> {
    let found = cx.store().link(&secret::hash(token)).await?.map(|loaded| loaded.value);
    let is_ours = |link: &Link| link.scope.reach().is_some() || (link.is_permanent() && link.scope.place().is_some());
    found.filter(|link| is_ours(link) && !link.embed).ok_or(Problem::NotFound)
}

fn asks(cx: &PublicContext, link: &Link) -> bool {
    link.asks(cx.tenant().settings.links.permanent_signs_in)
}

/// What needs no session is shown at its own address.
fn to_what_it_shows(cx: &PublicContext, link: &Link, token: &str) -> SeeOther {
    SeeOther::to(format!("{}?language={}", link.scope.path(token), cx.arrival().language().code()))
}

fn gone(ended: LinkEnded) -> Shown {
    Either::First(Either::Second(Page::new(LinkEndedPage::from(ended)).status(GONE)))
}

/// Whom the link signs in, and one button.
#[derive(Debug, Clone, Serialize)]
pub struct LinkPage {
    /// „Kundennummer".
    pub customer: CustomerNumber,
    /// The contract it lands on, if it is for one.
    pub subscription: Option<SubscriptionNumber>,
    /// Does it land on a document?
    pub document: bool,
    /// Does its button send a code?
    pub asks: bool,
}

impl LinkPage {
    fn of(link: &Link, asks: bool) -> Self {
        let subscription = match &link.scope {
            Scope::Contract { subscription } => Some(subscription.clone()),
            Scope::Portal | Scope::Document { .. } | Scope::Pay { .. } | Scope::AddMethod { .. } => None,
        };
        let document = matches!(link.scope, Scope::Document { .. });
        Self { customer: link.customer_number.clone(), subscription, document, asks }
    }
}

web::page!(LinkPage => "pages/auth-otp/link.html");

/// A genuine link that works no more: 410, and the way to the login.
#[derive(Debug, Clone, Serialize)]
pub struct LinkEndedPage {
    /// Is it taken back, or only too old?
    pub revoked: bool,
}

impl From<LinkEnded> for LinkEndedPage {
    fn from(ended: LinkEnded) -> Self {
        Self { revoked: ended == LinkEnded::Revoked }
    }
}

web::page!(LinkEndedPage => "pages/auth-otp/link-ended.html");

#[cfg(test)]
mod tests {
    use web::page::testing;

    use super::*;

    #[test]
    fn the_link_pages_are_sound() {
        let page = LinkPage { customer: "K5003".parse().unwrap(), subscription: None, document: false, asks: false };
        testing::check("link", &page, testing::public);
        testing::check("link-asks", &LinkPage { asks: true, ..page.clone() }, testing::public);
        testing::check("link-asks-document", &LinkPage { asks: true, document: true, ..page.clone() }, |frame| {
            testing::public(frame);
            frame.errors = Some(ErrorSummary::one("submit", frame.t.login_too_many()));
        });
        testing::check("link-long", &LinkPage { subscription: "1".parse().ok(), ..page }, |frame| {
            testing::extreme(frame);
            testing::public(frame);
        });
        testing::check("link-ended", &LinkEndedPage::from(LinkEnded::Expired), testing::public);
        testing::check("link-revoked", &LinkEndedPage::from(LinkEnded::Revoked), testing::public);
    }
}
