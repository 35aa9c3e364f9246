//! `/api/admin/v1/settings/{area}`: what an operator sets, area by area, each replaced as a whole.

use domain::{
    FieldErrors, Language,
    change::Actor,
    tenant::{
        Areas, Branding, Colour, Company, ContractWord, Contracts, Documents, Embed, LegalTexts, Links, Login, Mails,
        Payments, Settings,
    },
    time::Zone,
};
use files::{Kept, Object, Put};
use serde::{Deserialize, Serialize};
use store::{SettingsArea, deciding_again};
use utoipa::ToSchema;
use web::{Answer, Asked, Door, IntegratorContext, Json, NoContent, Nothing, Problem, Submitted, Upload, scope};

use crate::{Clients, logo, own_text::TextsInput, theme};

type Cx = IntegratorContext<scope::Settings>;

/// Name, language, zone and words.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PortalInput {
    /// Name in header, mails and titles, 1 to 200 characters.
    name: String,
    /// Language of people who ask for none.
    #[serde(default)]
    language: Language,
    /// IANA name of the zone in which days begin.
    #[serde(default)]
    #[schema(value_type = String)]
    zone: Zone,
    /// Word for a contract.
    #[serde(default)]
    contract_word: ContractWord,
}

/// Look.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BrandingInput {
    /// Any colour; what is shown is derived from it so that everybody can read it.
    accent: Colour,
}

/// Saves one area on the revision that was seen (`If-Match`), or on the current one: then again while others save theirs.
async fn save(
    cx: &Cx,
    area: SettingsArea,
    change: impl Fn(&mut Settings, &mut LegalTexts) + Send + Sync,
) -> Answer<u64> {
    let (if_match, change) = (cx.if_match()?, &change);
    deciding_again(|| async {
        let current = cx.store().settings(cx.tenant(), area).await?.rev;
        if if_match.is_some_and(|seen| seen != current) {
            return Err(Problem::Stale);
        }
        Ok(cx.store().save_settings(cx.tenant(), area, current, change, Actor::Integrator, cx.now()).await?)
    })
    .await
}

async fn load(cx: &Cx, area: SettingsArea) -> Answer<(Settings, u64)> {
    let loaded = cx.store().settings(cx.tenant(), area).await?;
    Ok((loaded.value, loaded.rev))
}

/// `GET /api/admin/v1/settings/portal`
pub(crate) async fn portal(cx: Cx, _: Asked<Nothing>) -> Answer<Json<PortalInput>> {
    let (s, rev) = load(&cx, SettingsArea::Portal).await?;
    Ok(Json::new(PortalInput { name: s.name, language: s.language, zone: s.zone, contract_word: s.contract_word })
        .etag(rev))
}

/// `PUT /api/admin/v1/settings/portal`
pub(crate) async fn put_portal(cx: Cx, body: Submitted<PortalInput>) -> Answer<Json<PortalInput>> {
    let input = body.into_inner();
    let name = input.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > 200 || name.chars().any(char::is_control) {
        return Err(FieldErrors::one("name", "invalid", "must have 1 to 200 characters").into());
    }
    let (language, zone, contract_word) = (input.language, input.zone.clone(), input.contract_word);
    let rev = save(&cx, SettingsArea::Portal, move |settings, _| {
        let (name, zone) = (name.clone(), zone.clone());
        *settings = Settings { name, language, zone, contract_word, ..std::mem::take(settings) };
    })
    .await?;
    Ok(Json::new(input).etag(rev))
}

/// `GET /api/admin/v1/settings/branding`
pub(crate) async fn branding(cx: Cx, _: Asked<Nothing>) -> Answer<Json<BrandingInput>> {
    let (settings, rev) = load(&cx, SettingsArea::Branding).await?;
    Ok(Json::new(BrandingInput { accent: settings.branding.accent }).etag(rev))
}

/// `PUT /api/admin/v1/settings/branding`: the accent sheet is computed now, once.
pub(crate) async fn put_branding(cx: Cx, body: Submitted<BrandingInput>) -> Answer<Json<BrandingInput>> {
    let input = body.into_inner();
    let (accent, theme) = (input.accent, theme::theme(input.accent));
    let rev = save(&cx, SettingsArea::Branding, move |settings, _| {
        let before = std::mem::take(&mut settings.branding);
        settings.branding = Branding { accent, theme_css: theme.css(), link: theme.link(), ..before };
    })
    .await?;
    Ok(Json::new(input).etag(rev))
}

/// `PUT /api/admin/v1/settings/branding/logo`
pub(crate) async fn put_logo(cx: Cx, clients: Clients, upload: Upload) -> Answer<NoContent> {
    save_logo(&cx, &clients, &upload, |branding, picture| branding.logo = Some(picture)).await
}

/// `PUT /api/admin/v1/settings/branding/logo-dark`
pub(crate) async fn put_logo_dark(cx: Cx, clients: Clients, upload: Upload) -> Answer<NoContent> {
    save_logo(&cx, &clients, &upload, |branding, picture| branding.logo_dark = Some(picture)).await
}

async fn save_logo(
    cx: &Cx,
    clients: &Clients,
    upload: &Upload,
    set: impl Fn(&mut Branding, domain::tenant::Picture) + Send + Sync,
) -> Answer<NoContent> {
    let logo = logo::read(&upload.bytes)?;
    let object = Object::Logo { tenant: cx.tenant().scope().id(), file: &logo.picture.file };
    let put = clients.files.put_once(object, logo.png, Kept::freely("image/png")).await;
    let (Put::Stored | Put::AlreadyThere) = put.map_err(|error| Problem::Unavailable(error.to_string()))?;
    save(cx, SettingsArea::Branding, move |settings, _| set(&mut settings.branding, logo.picture.clone())).await?;
    Ok(NoContent)
}

/// `GET /api/admin/v1/settings/company`
pub(crate) async fn company(cx: Cx, _: Asked<Nothing>) -> Answer<Json<Company>> {
    let (settings, rev) = load(&cx, SettingsArea::Company).await?;
    Ok(Json::new(settings.company).etag(rev))
}

/// `PUT /api/admin/v1/settings/company`
pub(crate) async fn put_company(cx: Cx, body: Submitted<Company>) -> Answer<Json<Company>> {
    let company = body.into_inner();
    let mut errors = company.check().err().unwrap_or_default();
    einvoice::check_seller(company.country.as_ref(), &company.vat_id, &mut errors);
    errors.into_result()?;
    let saved = company.clone();
    let rev = save(&cx, SettingsArea::Company, move |settings, _| settings.company = saved.clone()).await?;
    Ok(Json::new(company).etag(rev))
}

/// `PUT /api/admin/v1/settings/texts`
pub(crate) async fn put_texts(cx: Cx, body: Submitted<TextsInput>) -> Answer<NoContent> {
    let (frame, legal) = body.into_inner().read()?;
    save(&cx, SettingsArea::Texts, move |settings, texts| {
        settings.texts = frame.clone();
        *texts = legal.clone();
    })
    .await?;
    Ok(NoContent)
}

/// Sources of the own texts, per text and language.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TextsShown {
    footer: domain::tenant::PerLanguage,
    welcome: domain::tenant::PerLanguage,
    imprint: domain::tenant::PerLanguage,
    privacy: domain::tenant::PerLanguage,
    accessibility: domain::tenant::PerLanguage,
}

/// `GET /api/admin/v1/settings/texts`: the sources, as they were written.
pub(crate) async fn texts(cx: Cx, _: Asked<Nothing>) -> Answer<Json<TextsShown>> {
    let (settings, rev) = load(&cx, SettingsArea::Texts).await?;
    let legal = cx.store().legal_texts().await?;
    let shown = TextsShown {
        footer: settings.texts.footer.source,
        welcome: settings.texts.welcome.source,
        imprint: legal.imprint.source,
        privacy: legal.privacy.source,
        accessibility: legal.accessibility.source,
    };
    Ok(Json::new(shown).etag(rev))
}

/// `GET /api/admin/v1/settings/login`
pub(crate) async fn login(cx: Cx, _: Asked<Nothing>) -> Answer<Json<Login>> {
    let (settings, rev) = load(&cx, SettingsArea::Login).await?;
    Ok(Json::new(settings.login).etag(rev))
}

/// `PUT /api/admin/v1/settings/login`
pub(crate) async fn put_login(cx: Cx, body: Submitted<Login>) -> Answer<Json<Login>> {
    let login = body.into_inner();
    login.check()?;
    let saved = login.clone();
    let rev = save(&cx, SettingsArea::Login, move |settings, _| settings.login = saved.clone()).await?;
    Ok(Json::new(login).etag(rev))
}

/// `GET /api/admin/v1/settings/areas`: every area with the right that holds, so that it can be changed and put back.
pub(crate) async fn areas(cx: Cx, _: Asked<Nothing>) -> Answer<Json<Areas>> {
    let (settings, rev) = load(&cx, SettingsArea::Areas).await?;
    Ok(Json::new(settings.areas.all()).etag(rev))
}

/// `PUT /api/admin/v1/settings/areas`: what is left out has its default, and is answered with it.
pub(crate) async fn put_areas(cx: Cx, body: Submitted<Areas>) -> Answer<Json<Areas>> {
    let areas = body.into_inner();
    let saved = areas.clone();
    let rev = save(&cx, SettingsArea::Areas, move |settings, _| settings.areas = saved.clone()).await?;
    Ok(Json::new(areas.all()).etag(rev))
}

/// `GET /api/admin/v1/settings/contracts`
pub(crate) async fn contracts(cx: Cx, _: Asked<Nothing>) -> Answer<Json<Contracts>> {
    let (settings, rev) = load(&cx, SettingsArea::Contracts).await?;
    Ok(Json::new(settings.contracts).etag(rev))
}

/// `PUT /api/admin/v1/settings/contracts`
pub(crate) async fn put_contracts(cx: Cx, body: Submitted<Contracts>) -> Answer<Json<Contracts>> {
    let contracts = body.into_inner();
    let rev = save(&cx, SettingsArea::Contracts, move |settings, _| settings.contracts = contracts).await?;
    Ok(Json::new(contracts).etag(rev))
}

/// `GET /api/admin/v1/settings/links`
pub(crate) async fn links(cx: Cx, _: Asked<Nothing>) -> Answer<Json<Links>> {
    let (settings, rev) = load(&cx, SettingsArea::Links).await?;
    Ok(Json::new(settings.links).etag(rev))
}

/// `PUT /api/admin/v1/settings/links`: of links that were made before only what permanent ones do changes.
pub(crate) async fn put_links(cx: Cx, body: Submitted<Links>) -> Answer<Json<Links>> {
    let links = body.into_inner();
    links.check()?;
    let saved = links.clone();
    let rev = save(&cx, SettingsArea::Links, move |settings, _| settings.links = saved.clone()).await?;
    Ok(Json::new(links).etag(rev))
}

/// `GET /api/admin/v1/settings/documents`
pub(crate) async fn documents(cx: Cx, _: Asked<Nothing>) -> Answer<Json<Documents>> {
    let (settings, rev) = load(&cx, SettingsArea::Documents).await?;
    Ok(Json::new(settings.documents).etag(rev))
}

/// `PUT /api/admin/v1/settings/documents`: what is left out has its default.
pub(crate) async fn put_documents(cx: Cx, body: Submitted<Documents>) -> Answer<Json<Documents>> {
    let documents = body.into_inner();
    let saved = documents.clone();
    let rev = save(&cx, SettingsArea::Documents, move |settings, _| settings.documents = saved.clone()).await?;
    Ok(Json::new(documents).etag(rev))
}

/// `GET /api/admin/v1/settings/embed`
pub(crate) async fn embed(cx: Cx, _: Asked<Nothing>) -> Answer<Json<Embed>> {
    let (settings, rev) = load(&cx, SettingsArea::Embed).await?;
    Ok(Json::new(settings.embed).etag(rev))
}

/// `PUT /api/admin/v1/settings/embed`
pub(crate) async fn put_embed(cx: Cx, body: Submitted<Embed>) -> Answer<Json<Embed>> {
    let embed = body.into_inner();
    embed.check(cx.arrival().portal().config().public_scheme == "http")?;
    let saved = embed.clone();
    let rev = save(&cx, SettingsArea::Embed, move |settings, _| settings.embed = saved.clone()).await?;
    Ok(Json::new(embed).etag(rev))
}

/// `GET /api/admin/v1/settings/payments`
pub(crate) async fn payments(cx: Cx, _: Asked<Nothing>) -> Answer<Json<Payments>> {
    let (settings, rev) = load(&cx, SettingsArea::Payments).await?;
    Ok(Json::new(settings.payments).etag(rev))
}

/// `PUT /api/admin/v1/settings/payments`: only methods that this stage has.
pub(crate) async fn put_payments(cx: Cx, body: Submitted<Payments>) -> Answer<Json<Payments>> {
    let payments = body.into_inner();
    // Past the cache: a provider may have been connected a moment ago by another process.
    let (settings, _) = load(&cx, SettingsArea::Payments).await?;
    payments.check(&settings.providers, cx.has_sandbox_provider())?;
    let saved = payments.clone();
    let rev = save(&cx, SettingsArea::Payments, move |settings, _| settings.payments = saved.clone()).await?;
    Ok(Json::new(payments).etag(rev))
}

/// `GET /api/admin/v1/settings/mails`
pub(crate) async fn mails(cx: Cx, _: Asked<Nothing>) -> Answer<Json<Mails>> {
    let (settings, rev) = load(&cx, SettingsArea::Mails).await?;
    Ok(Json::new(settings.mails).etag(rev))
}

/// `PUT /api/admin/v1/settings/mails`
pub(crate) async fn put_mails(cx: Cx, body: Submitted<Mails>) -> Answer<Json<Mails>> {
    let mails = body.into_inner();
    let saved = mails.clone();
    let rev = save(&cx, SettingsArea::Mails, move |settings, _| settings.mails = saved.clone()).await?;
    Ok(Json::new(mails).etag(rev))
}
