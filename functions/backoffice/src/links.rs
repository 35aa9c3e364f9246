//! `/api/admin/v1/links`: personal links to the portal, to one contract, for one payment, for adding a way to pay (M-68, M-69,
//! M-86, M-103). The address is shown once, and goes by mail where that is wanted.

use domain::{
    FieldErrors, Language,
    change::Actor,
    id::{CustomerId, LinkId},
    link::{Link, Scope},
    number::{CustomerNumber, InvoiceNumber, SubscriptionNumber},
    payment::Method,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use store::secret;
use utoipa::ToSchema;
use web::{Answer, Created, Door, IntegratorContext, NoContent, Problem, Submitted, scope as key};

use crate::customers;

/// What a link opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Purpose {
    /// The portal.
    Portal,
    /// One contract.
    Contract,
    /// The payment of one invoice, without signing in.
    Pay,
    /// Adding a way to pay, without signing in.
    AddMethod,
}

/// What a link is made from.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkInput {
    purpose: Purpose,
    customer: CustomerNumber,
    /// Needed for a contract.
    subscription: Option<SubscriptionNumber>,
    /// The invoice's number; needed for pay.
    document: Option<InvoiceNumber>,
    /// The ways to pay that may be added; unless said all that can be kept. Belongs to `add_method`.
    methods: Option<Vec<Method>>,
    /// Seconds, at most 60 days; unless said 24 hours, for pay 60 days, for `add_method` 7 days.
    expires_in: Option<i64>,
    /// Language of the page it opens, and of the mail.
    language: Option<Language>,
    /// Does it go to the customer's address by mail, too? Then it works for 30 days unless said.
    #[serde(default)]
    send_mail: bool,
}

/// A fresh link.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LinkShown {
    id: LinkId,
    /// To hand out; it cannot be shown again.
    url: String,
    expires_at: Timestamp,
}

/// Which link is taken back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RevokeInput {
    id: LinkId,
    customer: CustomerNumber,
}

/// `POST /api/admin/v1/links`
pub(crate) async fn create(
    cx: IntegratorContext<key::Settings>,
    body: Submitted<LinkInput>,
) -> Answer<Created<LinkShown>> {
    let input = body.into_inner();
    let (store, now) = (cx.store(), cx.now());
    let (customer, known) = customers::find(&store, &input.customer)
        .await
        .map_err(|problem| unknown(problem, "customer", "there is no such customer"))?;
    if !known.value.access {
        return Err(FieldErrors::one(
            "customer",
            "no_access",
            "may not use the portal, so the link would open nothing",
        )
        .into());
    }
    if input.send_mail && known.value.facts.email.is_none() {
        return Err(FieldErrors::one("send_mail", "no_address", "the customer has no address to sign in with").into());
    }
    let named = (input.subscription, input.document, input.methods);
    let scope = scope(&cx, &customer, input.purpose, named).await?;
    let usual = if input.send_mail { scope.mailed_lifetime() } else { scope.default_lifetime() };
    let lifetime = input.expires_in.map_or(usual, SignedDuration::from_secs);
    if lifetime <= SignedDuration::ZERO || lifetime > Scope::MAX_LIFETIME {
        return Err(FieldErrors::one("expires_in", "invalid", "must be 1 to 5184000 seconds").into());
    }
    let token = secret::token();
    let link = Link {
        id: LinkId::new(now, secret::entropy()),
        customer,
        customer_number: input.customer,
        scope,
        created_at: now,
        expires_at: now + lifetime,
        revoked_at: None,
    };
    let (id, expires_at, path) = (link.id.clone(), link.expires_at, link.scope.path(token.expose()));
    let change = match input.send_mail {
        true => Link::create_and_mail(link, input.language, Actor::Integrator),
        false => Link::create(link, Actor::Integrator),
    };
    store.save_link(&secret::hash(token.expose()), &change, None).await?;
    let language = input.language.map(|language| format!("?language={}", language.code())).unwrap_or_default();
    let url = format!("{}{path}{language}", cx.arrival().origin());
    Ok(Created::new(LinkShown { id, url, expires_at }))
}

/// What the link opens: each purpose names its own thing and no other.
async fn scope(
    cx: &IntegratorContext<key::Settings>,
    customer: &CustomerId,
    purpose: Purpose,
    (subscription, document, methods): (Option<SubscriptionNumber>, Option<InvoiceNumber>, Option<Vec<Method>>),
) -> Answer<Scope> {
    let store = cx.store();
    let mut errors = FieldErrors::default();
    errors.require(
        subscription.is_none() || purpose == Purpose::Contract,
        "subscription",
        "invalid",
        "belongs to the purpose contract",
    );
    errors.require(document.is_none() || purpose == Purpose::Pay, "document", "invalid", "belongs to the purpose pay");
    errors.require(
        methods.is_none() || purpose == Purpose::AddMethod,
        "methods",
        "invalid",
        "belongs to the purpose add_method",
    );
    errors.into_result()?;
    match purpose {
        Purpose::Portal => Ok(Scope::Portal),
        Purpose::Contract => {
            let missing = || FieldErrors::one("subscription", "missing", "is needed for the purpose contract");
            let subscription = subscription.ok_or_else(missing)?;
            let found = store.subscription(customer, &subscription).await?;
            found.ok_or_else(|| FieldErrors::one("subscription", "unknown", "the customer has no such contract"))?;
            Ok(Scope::Contract { subscription })
        }
        Purpose::Pay => {
            let invoice =
                document.ok_or_else(|| FieldErrors::one("document", "missing", "is needed for the purpose pay"))?;
            let found = store.invoice_bodies(std::slice::from_ref(&invoice)).await?;
            let is_theirs = found.iter().any(|body| body.customer == *customer);
            if !is_theirs {
                return Err(FieldErrors::one("document", "unknown", "the customer has no such invoice").into());
            }
            Ok(Scope::Pay { invoice })
        }
        Purpose::AddMethod => {
            let settings = &cx.tenant().settings;
            let kept = settings.payments.kept(&settings.providers, cx.has_sandbox_provider());
            let methods = methods.unwrap_or_default();
            let can = methods.iter().all(|wanted| kept.iter().any(|(method, _)| method == wanted));
            if !can || kept.is_empty() {
                let message = "has a way to pay that is not offered or cannot be kept";
                return Err(FieldErrors::one("methods", "method_not_enabled", message).into());
            }
            Ok(Scope::AddMethod { methods })
        }
    }
}

/// `DELETE /api/admin/v1/links`: takes a link back; again is the same.
pub(crate) async fn revoke(cx: IntegratorContext<key::Settings>, body: Submitted<RevokeInput>) -> Answer<NoContent> {
    let input = body.into_inner();
    let (customer, _) = customers::find(&cx.store(), &input.customer).await?;
    let (hash, link) = cx.store().link_by_id(&customer, &input.id).await?.ok_or(Problem::NotFound)?;
    if let Some(change) = link.value.revoke(Actor::Integrator, cx.now()) {
        cx.store().save_link(&hash, &change, Some(link.rev)).await?;
    }
    Ok(NoContent)
}

fn unknown(problem: Problem, field: &str, message: &str) -> Problem {
    match problem {
        Problem::NotFound => FieldErrors::one(field, "unknown", message).into(),
        other => other,
    }
}
