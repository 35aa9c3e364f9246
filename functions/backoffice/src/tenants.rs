//! `/api/admin/v1/tenants`: sets tenants up, with their sandboxes; on the platform's host, by platform key.

use domain::{
    FieldErrors, Language,
    change::Actor,
    customer::CustomerFacts,
    id::TenantId,
    tenant::{Branding, Settings, TenantSlug},
    time::Zone,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::{CommitError, DirectoryError, Loaded, Tenant, TenantRecord, deciding_again, secret};
use utoipa::ToSchema;
use web::{Answer, Asked, Config, Door, Json, PlatformContext, Problem, Saved, Submitted};

use crate::{list::ListAsk, theme};

/// What a tenant is set up with; everything else is settings.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TenantInput {
    /// Name in header, mails and titles.
    name: String,
    /// Language of people who ask for none.
    #[serde(default)]
    language: Language,
    /// Own domains beside the neutral host (M-75), lower case, without port.
    #[serde(default)]
    domains: Vec<String>,
}

/// Which tenant.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct TenantPath {
    slug: TenantSlug,
}

/// A tenant as the platform sees it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TenantShown {
    id: TenantId,
    slug: TenantSlug,
    /// Addresses of the portal; the first one is the neutral one.
    origins: Vec<String>,
    /// Slug of its sandbox, a tenant of its own, where the stage has sandboxes beside their tenants.
    #[serde(skip_serializing_if = "Option::is_none")]
    sandbox: Option<TenantSlug>,
    created_at: Timestamp,
}

/// Tenants, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Tenants {
    items: Vec<TenantShown>,
    next: Option<String>,
}

impl TenantShown {
    fn of(record: TenantRecord, config: &Config) -> Self {
        let origins = record.hosts.iter().map(|host| config.origin(host)).collect();
        Self {
            id: record.id,
            sandbox: record.slug.sandbox().filter(|_| config.stage.has_sandboxes_beside()),
            slug: record.slug,
            origins,
            created_at: record.created_at,
        }
    }
}

/// `PUT /api/admin/v1/tenants/{slug}`: sets it up with its sandbox; again it changes the own domains only.
pub(crate) async fn put(cx: PlatformContext, body: Submitted<TenantInput, TenantPath>) -> Answer<Saved<TenantShown>> {
    let (TenantPath { slug }, input) = body.into_parts();
    let config = cx.arrival().portal().config().clone();
    check(&slug, &input, &config)?;
    let is_new = create_if_absent(&cx, &config, &slug, &input).await?;
    if let Some(sandbox) = slug.sandbox().filter(|_| config.stage.has_sandboxes_beside()) {
        create_if_absent(&cx, &config, &sandbox, &input).await?;
    }
    deciding_again(|| async {
        let (record, _) = find(&cx, &slug).await?;
        if record.value.hosts[1..] != input.domains[..] {
            let changed = cx.store().set_hosts(&record, &input.domains, Actor::Platform, cx.now()).await;
            changed.map_err(|error| taken(error, "domains"))?;
        }
        Ok::<_, Problem>(())
    })
    .await?;
    let (record, _) = find(&cx, &slug).await?;
    Ok(Saved::new(TenantShown::of(record.value, &config), is_new))
}

async fn create_if_absent(
    cx: &PlatformContext,
    config: &Config,
    slug: &TenantSlug,
    input: &TenantInput,
) -> Answer<bool> {
    match find(cx, slug).await {
        Ok(_) => Ok(false),
        Err(Problem::NotFound) => create(cx, config, slug, input).await.map(|()| true),
        Err(problem) => Err(problem),
    }
}

fn check(slug: &TenantSlug, input: &TenantInput, config: &Config) -> Result<(), FieldErrors> {
    let mut errors = FieldErrors::default();
    let fits_stage = !slug.is_sandbox() || config.stage.has_sandboxes_beside();
    errors.require(fits_stage, "slug", "invalid", "must be a tenant's own: sandboxes are tenants of the stage sandbox");
    let name = input.name.trim();
    let fits =
        !name.is_empty() && name.chars().count() <= CustomerFacts::MAX_CHARS && !name.chars().any(char::is_control);
    errors.require(fits, "name", "invalid", "must have 1 to 200 characters");
    errors.require(input.domains.len() < 20, "domains", "too_many", "a tenant has at most 19 own domains");
    for (position, domain) in input.domains.iter().enumerate() {
        let label = |label: &str| {
            !label.is_empty()
                && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        let fits = domain.len() <= 253 && domain.contains('.') && domain.split('.').all(label);
        let field = format!("domains[{position}]");
        errors.require(fits, &field, "invalid", "must be a host name in lower case");
        let base = config.base_host();
        let is_ours = domain == base || domain.ends_with(&format!(".{base}"));
        errors.require(!is_ours, &field, "invalid", "must not lie below the base domain: those hosts are slugs");
        let is_again = input.domains[..position].contains(domain);
        errors.require(!is_again, &field, "duplicate", "must not stand there twice");
    }
    errors.into_result()
}

async fn create(cx: &PlatformContext, config: &Config, slug: &TenantSlug, input: &TenantInput) -> Answer<()> {
    let id = TenantId::new(cx.now(), secret::entropy());
    let change = TenantRecord::create(id, slug.clone(), config.host_of(slug), Actor::Platform, cx.now());
    let theme = theme::theme(Branding::DEFAULT_ACCENT);
    let branding = Branding { theme_css: theme.css(), link: theme.link(), ..Branding::default() };
    let settings = Settings {
        name: input.name.trim().to_owned(),
        language: input.language,
        zone: Zone::default(),
        branding,
        ..Settings::default()
    };
    match cx.store().create_tenant(&change, &settings).await {
        // A retry, or a sandbox that was set up before: it is there, which is what was asked for.
        Ok(_) | Err(CommitError::Refused("host")) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn taken(error: CommitError, field: &str) -> Problem {
    match error {
        CommitError::Refused("host") => {
            Problem::Conflict(FieldErrors::one(field, "taken", "one of the hosts is another tenant's"))
        }
        error => error.into(),
    }
}

/// The tenant of a slug.
pub(crate) async fn find(cx: &PlatformContext, slug: &TenantSlug) -> Answer<(Loaded<TenantRecord>, Tenant)> {
    let base = cx.arrival().portal().config().base_host().to_owned();
    cx.store().find_tenant(slug, &base).await.map_err(|error: DirectoryError| error.into())
}

/// `GET /api/admin/v1/tenants/{slug}`
pub(crate) async fn get(cx: PlatformContext, ask: Asked<TenantPath>) -> Answer<Json<TenantShown>> {
    let (record, _) = find(&cx, &ask.0.slug).await?;
    Ok(Json::new(TenantShown::of(record.value, cx.arrival().portal().config())))
}

/// `GET /api/admin/v1/tenants`
pub(crate) async fn list(cx: PlatformContext, ask: Asked<ListAsk>) -> Answer<Json<Tenants>> {
    let cursors = cx.cursors("tenants");
    let (limit, after) = ask.0.read(&cursors)?;
    let page = cx.store().tenants(limit, after).await?;
    let config = cx.arrival().portal().config();
    let items = page.items.into_iter().map(|record| TenantShown::of(record, config)).collect();
    Ok(Json::new(Tenants { items, next: page.next.map(|next| cursors.sign(&next)) }))
}
