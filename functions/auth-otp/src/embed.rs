//! `/embed/{token}`: the portal in a frame on one of its operator's pages (M-55). As everywhere a link signs in by a button; the
//! session lives in that frame alone and reads. What changes or pays opens a window of its own, where one signs in by code.

use domain::{
    link::{Link, LinkEnded, Scope},
    number::{CustomerNumber, SubscriptionNumber},
};
use serde::{Deserialize, Serialize};
use store::secret;
use utoipa::ToSchema;
use web::{
    Answer, Asked, Door, Either, EmbedContext, Nothing, Page, Problem, PublicContext, SeeOther, Submitted,
    reply::{FORBIDDEN, GONE},
};

use crate::{
    Clients,
    link::{LinkEndedPage, keeping_language},
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
type Shown = Either<Either<Page<EmbedPage>, Page<LinkEndedPage>>, SeeOther>;

/// Shows whom the link signs in; whose frame is signed in already goes on at once. Nothing is used up.
pub(crate) async fn show(cx: EmbedContext, ask: Asked<Ask>) -> Answer<Shown> {
    let link = find(cx.public(), &ask.0.token).await?;
    if let Err(ended) = link.check(cx.public().now()) {
        return Ok(gone(ended));
    }
    let (Some(reach), Some(place)) = (link.scope.reach(), link.scope.place()) else { return Err(Problem::NotFound) };
    if cx.arrival().is_framed() && cx.goes_on(&link.customer, &reach).await? {
        return Ok(Either::Second(SeeOther::to(place)));
    }
    Ok(Either::First(Either::First(Page::new(EmbedPage::of(&link)))))
}

/// Signs the frame in and goes to a clean address. In a window of its own the link signs nobody in.
pub(crate) async fn submit(cx: EmbedContext, clients: Clients, form: Submitted<Nothing, Ask>) -> Answer<Shown> {
    let (ask, _) = form.into_parts();
    let cx = cx.public();
    let link = find(cx, &ask.token).await?;
    if let Err(ended) = link.check(cx.now()) {
        return Ok(gone(ended));
    }
    if !cx.arrival().is_framed() {
        return Ok(Either::First(Either::First(Page::new(EmbedPage::of(&link)).status(FORBIDDEN))));
    }
    let customer = cx.store().customer(&link.customer).await?.filter(|customer| customer.value.access);
    let number = customer.ok_or(Problem::NotFound)?.value.number;
    let (Some(reach), Some(place)) = (link.scope.reach(), link.scope.place()) else { return Err(Problem::NotFound) };
    let guest = Guest { customer: &link.customer, number: &number, reach, back: None };
    let reply = sign_in::frame(cx, &clients, guest, &place).await?;
    Ok(Either::Second(keeping_language(cx, ask.language.is_some(), reply)))
}

/// `/embed`: where a frame stands that was signed out. The login stands in no frame, and the page around it has the link.
pub(crate) async fn closed(_: EmbedContext, _: Asked<Nothing>) -> Answer<Page<EmbedClosedPage>> {
    Ok(Page::new(EmbedClosedPage {}))
}

/// A link for a frame; there are none while no page may show the portal.
async fn find(cx: &PublicContext, token: &str) -> Answer<Link> {
    if !cx.tenant().settings.embed.is_on() {
        return Err(Problem::NotFound);
    }
    let found = cx.store().link(&secret::hash(token)).await?.map(|loaded| loaded.value);
    found.filter(|link| link.embed).ok_or(Problem::NotFound)
}

fn gone(ended: LinkEnded) -> Shown {
    Either::First(Either::Second(Page::new(LinkEndedPage::from(ended)).status(GONE)))
}

/// Whom the link signs in, and one button; in a window of its own the way to the login, and no word about anybody.
#[derive(Debug, Clone, Serialize)]
pub struct EmbedPage {
    /// „Kundennummer".
    pub customer: CustomerNumber,
    /// The contract it lands on, if it is for one.
    pub subscription: Option<SubscriptionNumber>,
}

impl EmbedPage {
    fn of(link: &Link) -> Self {
        let subscription = match &link.scope {
            Scope::Contract { subscription } => Some(subscription.clone()),
            Scope::Portal | Scope::Document { .. } | Scope::Pay { .. } | Scope::AddMethod { .. } => None,
        };
        Self { customer: link.customer_number.clone(), subscription }
    }
}

web::page!(EmbedPage => "pages/auth-otp/embed.html");

/// The frame is signed out.
#[derive(Debug, Clone, Serialize)]
pub struct EmbedClosedPage {}

web::page!(EmbedClosedPage => "pages/auth-otp/embed-closed.html");

#[cfg(test)]
mod tests {
    use web::page::{Flash, Frame, testing};

    use super::*;

    fn framed(frame: &mut Frame) {
        testing::public(frame);
        testing::embedded(frame);
    }

    #[test]
    fn the_pages_of_a_frame_are_sound() {
        let page = EmbedPage { customer: "K5003".parse().unwrap(), subscription: None };
        testing::check("embed", &page, framed);
        testing::check("embed-window", &page, testing::public);
        testing::check("embed-long", &EmbedPage { subscription: "1".parse().ok(), ..page }, |frame| {
            testing::extreme(frame);
            framed(frame);
        });
        testing::check("embed-ended", &LinkEndedPage::from(LinkEnded::Expired), framed);
        testing::check("embed-closed", &EmbedClosedPage {}, |frame| {
            framed(frame);
            frame.flash = Some(Flash::SignedOut);
        });
    }
}
