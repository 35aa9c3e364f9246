//! `/payment-methods/link/{token}`: adds a way to pay without a login (M-86 … M-89). It says nothing of the customer but
//! the number, and shows what was just added, nothing else.

use checkout::{BackPage, Counter, address_back, come_back, leaving};
use domain::{
    Language,
    id::PaymentMethodId,
    link::{Link, LinkEnded, Scope},
    payment::{Method, ProviderName},
    payment_method::{MethodName, Wishes},
};
use http::{HeaderValue, header};
use serde::{Deserialize, Serialize};
use store::secret;
use utoipa::ToSchema;
use web::{
    Answer, Asked, Door as _, Either, Page, Problem, Providers, PublicContext, SeeOther, Submitted, With,
    page::{Frame, Html, View},
    reply::GONE,
};

use super::{
    add::{AddPage, Form, Keep, Place, keep, offered},
    one::{Links, MethodPage, current},
};

/// The token in the address, and what was added by it.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Ask {
    token: String,
    method: Option<String>,
    returned: Option<String>,
}

/// Which way to pay a provider sends somebody back from.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Back {
    id: String,
}

/// Where the addresses of this page begin.
const AREA: &str = "payment-methods";

/// A link that works.
struct Open {
    link: Link,
    offered: Vec<(Method, ProviderName)>,
    /// What was added by it: a link is for one.
    added: Option<PaymentMethodId>,
}

type Shown = Either<With<Page<LinkPage>>, SeeOther>;

/// Shows the form, or where that stands which was added.
pub(crate) async fn show(cx: PublicContext, providers: Providers, ask: Asked<Ask>) -> Answer<Shown> {
    let Ask { token, method, returned } = ask.0;
    let open = match find(&cx, &token).await? {
        Ok(open) => open,
        Err(ended) => return private(Page::new(LinkPage::Ended(EndedPage::from(ended))).status(GONE)),
    };
    let Some(method) = method else {
        if let Some(added) = &open.added {
            return Ok(Either::Second(SeeOther::to(address(&token, added, cx.arrival().language()))));
        }
        let place = Place::Link { token, customer: open.link.customer_number };
        let form = AddPage::of(&Form::default(), &open.offered, place, fresh(&cx));
        return private(Page::new(LinkPage::Form(form.of_tenant(&cx.tenant().settings))));
    };
    let id: PaymentMethodId = method.parse().map_err(|_| Problem::NotFound)?;
    let counter = Counter::of(cx.arrival(), cx.tenant(), &providers);
    let kept = counter.kept(&open.link.customer, &id).await?;
    // What was added in another way is none of the link's business.
    let kept = kept.filter(|kept| kept.link.as_ref() == Some(&open.link.id)).ok_or(Problem::NotFound)?;
    let kept = current(&counter, kept, returned.is_some(), &address_back(AREA, id.as_str())).await;
    let language = cx.arrival().language();
    let retry = format!("/payment-methods/link/{token}?language={}", language.code());
    let links = Links { reload: came_back(&token, &id, language), retry };
    let page = MethodPage::of(&kept, returned.is_some(), links, false);
    private(Page::new(LinkPage::Method(Box::new(page))).cookie(leaving(cx.arrival(), id.as_str(), &token)))
}

/// Somebody comes back from a provider's page.
pub(crate) async fn back(cx: PublicContext, ask: Asked<Back>) -> Answer<Either<SeeOther, Page<BackPage>>> {
    let id: PaymentMethodId = ask.0.id.parse().map_err(|_| Problem::NotFound)?;
    Ok(come_back(cx.arrival(), id.as_str(), |token, language| came_back(token, &id, language)))
}

/// Writes it down once, asks its provider, and leads to its page.
pub(crate) async fn submit(cx: PublicContext, providers: Providers, form: Submitted<Form, Ask>) -> Answer<Shown> {
    let (Ask { token, .. }, form) = form.into_parts();
    let open = match find(&cx, &token).await? {
        Ok(open) => open,
        Err(ended) => return private(Page::new(LinkPage::Ended(EndedPage::from(ended))).status(GONE)),
    };
    let language = cx.arrival().language();
    if let Some(added) = &open.added {
        return Ok(Either::Second(SeeOther::to(address(&token, added, language))));
    }
    let counter = Counter::of(cx.arrival(), cx.tenant(), &providers);
    let id = form.id.as_deref().and_then(|id| id.parse().ok()).unwrap_or_else(|| fresh(&cx));
    let name = MethodName { customer: open.link.customer.clone(), id };
    let t = cx.arrival().words();
    let wishes = Wishes { for_contracts: form.for_contracts.is_some(), for_failed: true, as_default: true };
    let back = address_back(AREA, name.id.as_str());
    let place = Keep { name: &name, back: &back, link: Some(&open.link.id), wishes };
    match keep(&counter, &form, &open.offered, place, &t).await? {
        None => Ok(Either::Second(SeeOther::to(address(&token, &name.id, language)))),
        Some(errors) => {
            let place = Place::Link { token, customer: open.link.customer_number };
            let form = AddPage::of(&form, &open.offered, place, name.id);
            private(Page::with_errors(LinkPage::Form(form.of_tenant(&cx.tenant().settings)), errors))
        }
    }
}

/// Where that stands which was added. A link says in which language it is read, and so does what it leads to.
fn address(token: &str, id: &PaymentMethodId, language: Language) -> String {
    format!("/payment-methods/link/{token}?method={id}&language={}", language.code())
}

/// The same, for one who comes back.
fn came_back(token: &str, id: &PaymentMethodId, language: Language) -> String {
    format!("{}&returned=1", address(token, id, language))
}

fn fresh(cx: &PublicContext) -> PaymentMethodId {
    PaymentMethodId::new(cx.now(), secret::entropy())
}

/// The link and what it lets keep. Links of other purposes are unknown here.
async fn find(cx: &PublicContext, token: &str) -> Answer<Result<Open, LinkEnded>> {
    let link = cx.store().link(&secret::hash(token)).await?.ok_or(Problem::NotFound)?.value;
    let Scope::AddMethod { methods } = &link.scope else { return Err(Problem::NotFound) };
    if let Err(ended) = link.check(cx.now()) {
        return Ok(Err(ended));
    }
    let customer = cx.store().customer(&link.customer).await?.filter(|customer| customer.value.access);
    customer.ok_or(Problem::NotFound)?;
    let mut offered = offered(&cx.tenant().settings, cx.has_sandbox_provider());
    if !methods.is_empty() {
        offered.retain(|(method, _)| methods.contains(method));
    }
    let there = cx.store().payment_methods(&link.customer).await?.into_iter().map(|method| method.value);
    let added = there.into_iter().find(|method| method.link.as_ref() == Some(&link.id) && method.token().is_some());
    Ok(Ok(Open { added: added.map(|method| method.name.id), link, offered }))
}

/// The address holds the token: it is neither kept by proxies nor told to other sites.
fn private(page: Page<LinkPage>) -> Answer<Shown> {
    Ok(Either::First(With::header(page, header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"))))
}

/// What a link shows.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum LinkPage {
    /// What can be added.
    Form(AddPage),
    /// What was added.
    Method(Box<MethodPage>),
    /// The link works no more: 410.
    Ended(EndedPage),
}

impl View for LinkPage {
    fn html(&self, frame: &Frame) -> Html {
        match self {
            Self::Form(page) => page.html(frame),
            Self::Method(page) => page.html(frame),
            Self::Ended(page) => page.html(frame),
        }
    }
}

/// A genuine link that works no more.
#[derive(Debug, Clone, Serialize)]
pub struct EndedPage {
    /// Is it taken back, or only too old?
    pub revoked: bool,
}

impl From<LinkEnded> for EndedPage {
    fn from(ended: LinkEnded) -> Self {
        Self { revoked: ended == LinkEnded::Revoked }
    }
}

web::page!(EndedPage => "pages/auth-otp/link-ended.html");
