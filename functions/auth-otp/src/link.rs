//! `/link/{token}`: a personal link shows a button and signs in by POST only, so that mail scanners use nothing up (M-67,
//! M-68, M-82, B-08).

use domain::{
    link::{Link, LinkEnded, Scope},
    number::{CustomerNumber, SubscriptionNumber},
};
use serde::{Deserialize, Serialize};
use store::secret;
use utoipa::ToSchema;
use web::{Answer, Asked, Either, Nothing, Page, Problem, PublicContext, SeeOther, Submitted, reply::GONE};

use crate::{Clients, sign_in};

/// The token in the address.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Ask {
    token: String,
}

/// Shows whom the link signs in; nothing is used up.
pub(crate) async fn show(cx: PublicContext, ask: Asked<Ask>) -> Answer<Either<Page<LinkPage>, Page<LinkEndedPage>>> {
    let link = find(&cx, &ask.0.token).await?;
    if let Err(ended) = link.check(cx.now()) {
        return Ok(Either::Second(Page::new(LinkEndedPage::from(ended)).status(GONE)));
    }
    let subscription = match &link.scope {
        Scope::Contract { subscription } => Some(subscription.clone()),
        Scope::Portal | Scope::Pay { .. } | Scope::AddMethod { .. } => None,
    };
    Ok(Either::First(Page::new(LinkPage { customer: link.customer_number, subscription })))
}

/// Signs in and goes to a clean address. The link stays good until it ends: it is personal and time-limited, not
/// single-use (M-67).
pub(crate) async fn submit(
    cx: PublicContext,
    clients: Clients,
    form: Submitted<Nothing, Ask>,
) -> Answer<Either<SeeOther, Page<LinkEndedPage>>> {
    let (ask, _) = form.into_parts();
    let link = find(&cx, &ask.token).await?;
    if let Err(ended) = link.check(cx.now()) {
        return Ok(Either::Second(Page::new(LinkEndedPage::from(ended)).status(GONE)));
    }
    let customer = cx.store().customer(&link.customer).await?.filter(|customer| customer.value.access);
    let number = customer.ok_or(Problem::NotFound)?.value.number;
    let target = link.target().ok_or(Problem::NotFound)?;
    sign_in::browser(&cx, &clients, &link.customer, &number, None, &target).await.map(Either::First)
}

/// A link that signs in; those of other purposes are unknown here.
async fn find(cx: &PublicContext, token: &str) -> Answer<Link> {
    let found = cx.store().link(&secret::hash(token)).await?.map(|loaded| loaded.value);
    found.filter(|link| link.target().is_some()).ok_or(Problem::NotFound)
}

/// Whom the link signs in, and one button.
#[derive(Debug, Clone, Serialize)]
pub struct LinkPage {
    /// „Kundennummer".
    pub customer: CustomerNumber,
    /// The contract it lands on, if it is for one.
    pub subscription: Option<SubscriptionNumber>,
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
        let page = LinkPage { customer: "K5003".parse().unwrap(), subscription: None };
        testing::check("link", &page, testing::public);
        testing::check("link-long", &LinkPage { subscription: "1".parse().ok(), ..page }, |frame| {
            testing::extreme(frame);
            testing::public(frame);
        });
        testing::check("link-ended", &LinkEndedPage::from(LinkEnded::Expired), testing::public);
        testing::check("link-revoked", &LinkEndedPage::from(LinkEnded::Revoked), testing::public);
    }
}
