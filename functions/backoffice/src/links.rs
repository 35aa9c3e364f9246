//! `/api/admin/v1/links`: personal links to the portal, to one contract or document, for one payment, for adding a way to pay
//! (M-68, M-69, M-86, M-95, M-103). The address is shown once, and goes by mail where that is wanted.

use domain::{
    FieldErrors, Language, Secret,
    change::Actor,
    customer::Customer,
    document::DocumentType,
    id::{CustomerId, LinkId},
    link::{Link, Scope},
    number::{CustomerNumber, DocumentNumber, InvoiceNumber, SubscriptionNumber},
    payment::Method,
    tenant::{Links, Settings},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use store::secret;
use utoipa::ToSchema;
use web::{
    Answer, Arrival, Asked, Created, Door, IntegratorContext, Json, NoContent, Problem, Submitted, scope as key,
};

use crate::{customers, list::limit};

type Cx = IntegratorContext<key::Settings>;

/// What a link opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Purpose {
    /// The portal.
    Portal,
    /// One contract.
    Contract,
    /// One document, without signing in.
    Document,
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
    /// The document's number; needed for document, and for pay, where it is an invoice's.
    document: Option<DocumentNumber>,
    /// Unless said an invoice. Belongs to document.
    document_type: Option<DocumentType>,
    /// The ways to pay that may be added; unless said all that can be kept. Belongs to `add_method`.
    methods: Option<Vec<Method>>,
    /// Seconds, at most a year; unless said what `settings/links` says of the purpose.
    expires_in: Option<i64>,
    /// Does it work until it is taken back? It asks for the code then, unless the tenant chose otherwise. Belongs to portal,
    /// contract and document, and goes by no mail.
    #[serde(default)]
    permanent: bool,
    /// Is its address for a frame on one of the pages that `settings/embed` names? It works there and nowhere else, and what is
    /// changed or paid opens a window of its own. Belongs to portal and contract, ends, and goes by no mail.
    #[serde(default)]
    embed: bool,
    /// Language of the page it opens, and of the mail.
    language: Option<Language>,
    /// Does it go to the customer's address by mail, too? Then it works for 30 days at least unless said.
    #[serde(default)]
    send_mail: bool,
}

/// A fresh link.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LinkShown {
    id: LinkId,
    /// To hand out; it cannot be shown again.
    url: String,
    /// None where it works until it is taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
}

/// A link in a list: what it opens and how long, and nothing that opens it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LinkRow {
    id: LinkId,
    purpose: Purpose,
    #[serde(skip_serializing_if = "Option::is_none")]
    subscription: Option<SubscriptionNumber>,
    #[serde(skip_serializing_if = "Option::is_none")]
    document_type: Option<DocumentType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<String>,
    created_at: Timestamp,
    /// None where it works until it is taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
    /// When it was taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<Timestamp>,
    /// Does it work in a frame, and nowhere else?
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    embed: bool,
}

/// Links of a customer, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LinkList {
    items: Vec<LinkRow>,
    next: Option<String>,
}

/// What the list's address carries.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct LinksAsk {
    /// Whose.
    customer: CustomerNumber,
    /// Items of one page: 1 to 100, 100 unless said.
    limit: Option<u16>,
    /// `next` of the page before.
    after: Option<String>,
}

/// Which link is taken back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RevokeInput {
    id: LinkId,
    customer: CustomerNumber,
}

/// What a link is that was not made yet.
#[derive(Debug)]
pub(crate) struct NewLink {
    pub(crate) customer: CustomerId,
    pub(crate) number: CustomerNumber,
    pub(crate) scope: Scope,
    /// None is a permanent one.
    pub(crate) expires_at: Option<Timestamp>,
    /// Is it for a frame?
    pub(crate) embed: bool,
    /// With the access?
    pub(crate) granted: bool,
}

/// `GET /api/admin/v1/links?customer=…`
pub(crate) async fn list(cx: Cx, ask: Asked<LinksAsk>) -> Answer<Json<LinkList>> {
    let LinksAsk { customer, limit: asked, after } = ask.0;
    let cursors = cx.cursors(&format!("links {customer}"));
    let (id, _) = customers::find(&cx.store(), &customer).await?;
    let page = cx.store().links_page(&id, limit(asked), cursors.read(after.as_deref())?).await?;
    let items = page.items.into_iter().map(LinkRow::from).collect();
    Ok(Json::new(LinkList { items, next: page.next.map(|next| cursors.sign(&next)) }))
}

/// `POST /api/admin/v1/links`
pub(crate) async fn create(cx: Cx, body: Submitted<LinkInput>) -> Answer<Created<LinkShown>> {
    let input = body.into_inner();
    let (store, now, settings) = (cx.store(), cx.now(), &cx.tenant().settings);
    let (customer, known) = customers::find(&store, &input.customer)
        .await
        .map_err(|problem| unknown(problem, "customer", "there is no such customer"))?;
    input.check(&known.value, settings)?;
    let scope = scope(&cx, &customer, &input).await?;
    let expires_at = match input.permanent {
        true => None,
        false => Some(now + input.lifetime(&scope, &settings.links)?),
    };
    let new = NewLink { customer, number: input.customer, scope, expires_at, embed: input.embed, granted: false };
    let (link, token) = new.made(now);
    let shown = LinkShown { id: link.id.clone(), url: url(cx.arrival(), &link, &token, input.language), expires_at };
    let change = match input.send_mail {
        true => Link::create_and_mail(link, input.language, Actor::Integrator),
        false => Link::create(link, Actor::Integrator),
    };
    store.save_link(&secret::hash(token.expose()), &change, None).await?;
    Ok(Created::new(shown))
}

/// `DELETE /api/admin/v1/links`: takes a link back; again is the same.
pub(crate) async fn revoke(cx: Cx, body: Submitted<RevokeInput>) -> Answer<NoContent> {
    let input = body.into_inner();
    let (customer, _) = customers::find(&cx.store(), &input.customer).await?;
    let (hash, link) = cx.store().link_by_id(&customer, &input.id).await?.ok_or(Problem::NotFound)?;
    if let Some(change) = link.value.revoke(Actor::Integrator, cx.now()) {
        cx.store().save_link(&hash, &change, Some(link.rev)).await?;
    }
    Ok(NoContent)
}

impl NewLink {
    /// The link with the token that opens it, which nobody can find again.
    pub(crate) fn made(self, now: Timestamp) -> (Link, Secret<String>) {
        let link = Link {
            id: LinkId::new(now, secret::entropy()),
            customer: self.customer,
            customer_number: self.number,
            scope: self.scope,
            created_at: now,
            expires_at: self.expires_at,
            revoked_at: None,
            embed: self.embed,
            granted: self.granted,
        };
        (link, secret::token())
    }
}

/// The address to hand out.
pub(crate) fn url(arrival: &Arrival, link: &Link, token: &Secret<String>, language: Option<Language>) -> String {
    let language = language.map(|language| format!("?language={}", language.code())).unwrap_or_default();
    format!("{}{}{language}", arrival.origin(), link.path(token.expose()))
}

impl LinkInput {
    /// Does it open something for this customer, and may it be made so?
    fn check(&self, customer: &Customer, settings: &Settings) -> Result<(), FieldErrors> {
        let (rules, has_address) = (&settings.links, customer.facts.email.is_some());
        if !customer.access {
            let message = "may not use the portal, so the link would open nothing";
            return Err(FieldErrors::one("customer", "no_access", message));
        }
        if self.send_mail && !has_address {
            let message = "the customer has no address to sign in with";
            return Err(FieldErrors::one("send_mail", "no_address", message));
        }
        let mut errors = FieldErrors::default();
        let mut belongs = |named: bool, field: &str, purposes: &[Purpose], message: &str| {
            errors.require(!named || purposes.contains(&self.purpose), field, "invalid", message);
        };
        let (contract, document, pay) = (Purpose::Contract, Purpose::Document, Purpose::Pay);
        belongs(self.subscription.is_some(), "subscription", &[contract], "belongs to the purpose contract");
        belongs(self.document.is_some(), "document", &[pay, document], "belongs to the purposes pay and document");
        belongs(self.document_type.is_some(), "document_type", &[document], "belongs to the purpose document");
        belongs(self.methods.is_some(), "methods", &[Purpose::AddMethod], "belongs to the purpose add_method");
        belongs(self.embed, "embed", &[Purpose::Portal, contract], "belongs to the purposes portal and contract");
        if self.permanent {
            let lasting = [Purpose::Portal, contract, document];
            belongs(true, "permanent", &lasting, "belongs to the purposes portal, contract and document");
            let can_be_asked = rules.permanent_signs_in || has_address;
            errors.require(rules.permanent, "permanent", "not_enabled", "settings/links allows no permanent links");
            errors.require(can_be_asked, "permanent", "no_address", "the customer has no address to ask for the code");
            errors.require(self.expires_in.is_none(), "expires_in", "invalid", "a permanent link does not end");
            errors.require(!self.send_mail, "send_mail", "invalid", "a permanent link is handed out and not mailed");
        }
        if self.embed {
            let is_on = settings.embed.is_on();
            errors.require(is_on, "embed", "not_enabled", "settings/embed names no page that may show it");
            errors.require(!self.permanent, "permanent", "invalid", "a link for a frame ends");
            errors.require(!self.send_mail, "send_mail", "invalid", "a link for a frame goes by no mail");
        }
        errors.into_result()
    }

    /// As asked for, else as the tenant says.
    fn lifetime(&self, scope: &Scope, rules: &Links) -> Result<SignedDuration, FieldErrors> {
        let usual = if self.send_mail { rules.mailed_lifetime(scope) } else { rules.lifetime(scope) };
        let lifetime = self.expires_in.map_or(usual, SignedDuration::from_secs);
        if lifetime <= SignedDuration::ZERO || lifetime > Links::MAX_LIFETIME {
            return Err(FieldErrors::one("expires_in", "invalid", "must be 1 to 31536000 seconds"));
        }
        Ok(lifetime)
    }
}

/// What the link opens: each purpose names its own thing, and that is the customer's.
async fn scope(cx: &Cx, customer: &CustomerId, input: &LinkInput) -> Answer<Scope> {
    match input.purpose {
        Purpose::Portal => Ok(Scope::Portal),
        Purpose::Contract => {
            let missing = || FieldErrors::one("subscription", "missing", "is needed for the purpose contract");
            let subscription = input.subscription.clone().ok_or_else(missing)?;
            let found = cx.store().subscription(customer, &subscription).await?;
            found.ok_or_else(|| FieldErrors::one("subscription", "unknown", "the customer has no such contract"))?;
            Ok(Scope::Contract { subscription })
        }
        Purpose::Document => document(cx, customer, input).await,
        Purpose::Pay => {
            let missing = || FieldErrors::one("document", "missing", "is needed for the purpose pay");
            let number = input.document.clone().ok_or_else(missing)?;
            if !is_theirs(cx, customer, DocumentType::Invoice, &number).await? {
                return Err(FieldErrors::one("document", "unknown", "the customer has no such invoice").into());
            }
            let invoice = InvoiceNumber::try_from(String::from(number));
            let invoice = invoice.map_err(|error| FieldErrors::one("document", "invalid", error.to_string()))?;
            Ok(Scope::Pay { invoice })
        }
        Purpose::AddMethod => {
            let settings = &cx.tenant().settings;
            let kept = settings.payments.kept(&settings.providers, cx.has_sandbox_provider());
            let methods = input.methods.clone().unwrap_or_default();
            let can = methods.iter().all(|wanted| kept.iter().any(|(method, _)| method == wanted));
            if !can || kept.is_empty() {
                let message = "has a way to pay that is not offered or cannot be kept";
                return Err(FieldErrors::one("methods", "method_not_enabled", message).into());
            }
            Ok(Scope::AddMethod { methods })
        }
    }
}

/// A document needs its kind and its customer released (M-96): the answer says which of the two is missing.
async fn document(cx: &Cx, customer: &CustomerId, input: &LinkInput) -> Answer<Scope> {
    let missing = || FieldErrors::one("document", "missing", "is needed for the purpose document");
    let number = input.document.clone().ok_or_else(missing)?;
    let kind = input.document_type.unwrap_or(DocumentType::Invoice);
    if !cx.tenant().settings.shows(kind) {
        let message = "settings/documents does not release it, or settings/areas shows none";
        return Err(FieldErrors::one("document_type", "not_released", message).into());
    }
    if !is_theirs(cx, customer, kind, &number).await? {
        return Err(FieldErrors::one("document", "unknown", "the customer has no such document").into());
    }
    Ok(Scope::Document { kind, number })
}

async fn is_theirs(cx: &Cx, customer: &CustomerId, kind: DocumentType, number: &DocumentNumber) -> Answer<bool> {
    Ok(cx.store().document_owner(kind, number).await?.as_ref() == Some(customer))
}

impl From<Link> for LinkRow {
    fn from(link: Link) -> Self {
        let Link { id, scope, created_at, expires_at, revoked_at, embed, .. } = link;
        let (mut subscription, mut document_type, mut document) = (None, None, None);
        let purpose = match scope {
            Scope::Portal => Purpose::Portal,
            Scope::Contract { subscription: number } => {
                subscription = Some(number);
                Purpose::Contract
            }
            Scope::Document { kind, number } => {
                (document_type, document) = (Some(kind), Some(number.into()));
                Purpose::Document
            }
            Scope::Pay { invoice } => {
                document = Some(invoice.into());
                Purpose::Pay
            }
            Scope::AddMethod { .. } => Purpose::AddMethod,
        };
        Self { id, purpose, subscription, document_type, document, created_at, expires_at, revoked_at, embed }
    }
}

fn unknown(problem: Problem, field: &str, message: &str) -> Problem {
    match problem {
        Problem::NotFound => FieldErrors::one(field, "unknown", message).into(),
        other => other,
    }
}
