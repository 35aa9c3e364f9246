//! `/api/admin/v1/templates`: mails in the tenant's own words (M-10, M-70, M-71, M-72), per mail and language: what holds,
//! its versions, and how it looks. A text is checked when it is saved, and an error says at which line and column.

use domain::{
    FieldErrors, Language,
    change::Actor,
    document::DocumentType,
    id::CustomerId,
    mail_template::{MailKind, MailText, Placeholder, TemplateName, Version},
    number::{CustomerNumber, InvoiceNumber},
};
use jiff::Timestamp;
use mail::{DocumentValues, ReleasedMail, Sender, Values, built_in_text, check_text, render_released};
use serde::{Deserialize, Serialize};
use store::{ApiKeyScope, deciding_again};
use text::Words;
use utoipa::ToSchema;
use web::{Answer, Asked, Door as _, IntegratorContext, Json, NoContent, Nothing, Problem, Submitted, scope};

use crate::customers;

type Cx = IntegratorContext<scope::Settings>;

/// Which mail in which language.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct TemplatePath {
    kind: String,
    language: String,
}

impl TemplatePath {
    fn name(&self) -> Answer<TemplateName> {
        name(&self.kind, &self.language)
    }
}

/// Which version of it.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct VersionPath {
    kind: String,
    language: String,
    rev: String,
}

/// Whose words hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TextSource {
    /// The tenant's own.
    Own,
    /// The tenant's own ones of the mail for all levels of dunning.
    General,
    /// The built-in ones.
    BuiltIn,
}

/// A mail in one language, as it is listed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TemplateListed {
    kind: &'static str,
    language: Language,
    source: TextSource,
    /// How often it was saved.
    rev: u64,
    /// When it was saved last.
    #[serde(skip_serializing_if = "Option::is_none")]
    saved_at: Option<Timestamp>,
}

/// Every mail in every language.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Templates {
    items: Vec<TemplateListed>,
    next: Option<String>,
}

/// A placeholder that has a value in a mail, in both spellings.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlaceholderShown {
    brace: String,
    bracket: String,
    /// What it becomes.
    meaning: &'static str,
}

/// The words that hold for a mail in one language.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TemplateShown {
    #[serde(flatten)]
    listed: TemplateListed,
    subject: String,
    body: String,
    /// What may stand in them.
    placeholders: Vec<PlaceholderShown>,
}

/// A mail's own words.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TemplateInput {
    /// One line of 1 to 200 characters.
    subject: String,
    /// Markdown with placeholders, at most 20,000 characters.
    body: String,
}

/// A version, as it is listed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VersionListed {
    rev: u64,
    source: TextSource,
    saved_at: Timestamp,
    by: Actor,
}

/// The last 50 versions, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Versions {
    items: Vec<VersionListed>,
    next: Option<String>,
}

/// A version with its words; it has none where it went back to the built-in ones.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VersionShown {
    #[serde(flatten)]
    listed: VersionListed,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
}

/// Words to look at, and whom and what they are about. Nothing is sent, and links open nothing.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TemplatePreviewInput {
    subject: String,
    body: String,
    /// A customer of the tenant; without one an example. The key must be allowed to read.
    customer: Option<CustomerNumber>,
    /// The number of an invoice, for mails about one.
    document: Option<InvoiceNumber>,
}

/// A mail as it would be sent.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TemplatePreview {
    subject: String,
    html: String,
    text: String,
}

/// `GET /api/admin/v1/templates`
pub(crate) async fn list(cx: Cx, _: Asked<Nothing>) -> Answer<Json<Templates>> {
    let known = cx.store().mail_templates().await?;
    let version = |name: TemplateName| known.iter().find(|(known, _)| *known == name).map(|(_, version)| version);
    let items = MailKind::all().flat_map(|mail| {
        Language::ALL.map(|language| {
            let own = version(TemplateName { mail, language });
            let general = mail.general().and_then(|mail| version(TemplateName { mail, language }));
            listed(TemplateName { mail, language }, own, general)
        })
    });
    Ok(Json::new(Templates { items: items.collect(), next: None }))
}

/// `GET /api/admin/v1/templates/{kind}/{language}`: the words that hold.
pub(crate) async fn get(cx: Cx, ask: Asked<TemplatePath>) -> Answer<Json<TemplateShown>> {
    shown(&cx, ask.0.name()?).await
}

/// `PUT /api/admin/v1/templates/{kind}/{language}`: own words; the ones before stay in the history. The same again is fine.
pub(crate) async fn put(cx: Cx, body: Submitted<TemplateInput, TemplatePath>) -> Answer<Json<TemplateShown>> {
    let (path, TemplateInput { subject, body }) = body.into_parts();
    let name = path.name()?;
    let text = MailText::typed(&subject, &body);
    check_text(&text, name.mail)?;
    save(&cx, name, Some(text)).await?;
    shown(&cx, name).await
}

/// `DELETE /api/admin/v1/templates/{kind}/{language}`: the built-in words hold again; the history stays.
pub(crate) async fn reset(cx: Cx, body: Submitted<Nothing, TemplatePath>) -> Answer<NoContent> {
    let (path, _) = body.into_parts();
    save(&cx, path.name()?, None).await?;
    Ok(NoContent)
}

/// `GET /api/admin/v1/templates/{kind}/{language}/history`
pub(crate) async fn history(cx: Cx, ask: Asked<TemplatePath>) -> Answer<Json<Versions>> {
    let versions = cx.store().mail_template_versions(ask.0.name()?).await?;
    Ok(Json::new(Versions { items: versions.iter().map(version_listed).collect(), next: None }))
}

/// `GET /api/admin/v1/templates/{kind}/{language}/history/{rev}`
pub(crate) async fn version(cx: Cx, ask: Asked<VersionPath>) -> Answer<Json<VersionShown>> {
    let VersionPath { kind, language, rev } = &ask.0;
    let (name, number) = (name(kind, language)?, rev.parse::<u64>().map_err(|_| Problem::NotFound)?);
    let version = cx.store().mail_template_version(name, number).await?.ok_or(Problem::NotFound)?;
    let listed = version_listed(&version);
    let (subject, body) = version.text.map(|text| (text.subject, text.body)).unzip();
    Ok(Json::new(VersionShown { listed, subject, body }))
}

/// `POST /api/admin/v1/templates/{kind}/{language}/preview`: how words look in the tenant's frame. Nothing is kept or sent.
pub(crate) async fn preview(
    cx: Cx,
    body: Submitted<TemplatePreviewInput, TemplatePath>,
) -> Answer<Json<TemplatePreview>> {
    let (path, input) = body.into_parts();
    let name = path.name()?;
    let text = MailText::typed(&input.subject, &input.body);
    check_text(&text, name.mail)?;
    let values = values(&cx, name, &input).await?;
    let tenant = cx.tenant();
    let sender = Sender {
        settings: &tenant.settings,
        origin: cx.arrival().origin(),
        sandbox: tenant.is_sandbox(),
        language: name.language,
    };
    let rendered = render_released(&ReleasedMail { sender, mail: name.mail, text: &text, values: &values });
    let rendered = rendered.map_err(|error| Problem::Internal(error.to_string()))?;
    Ok(Json::new(TemplatePreview { subject: rendered.subject, html: rendered.html, text: rendered.text }))
}

fn name(mail: &str, language: &str) -> Answer<TemplateName> {
    let mail = MailKind::from_code(mail).ok_or(Problem::NotFound)?;
    let language = Language::ALL.into_iter().find(|known| known.code() == language).ok_or(Problem::NotFound)?;
    Ok(TemplateName { mail, language })
}

/// Saves the next version on the one that was seen (`If-Match`), or on the current one.
async fn save(cx: &Cx, name: TemplateName, text: Option<MailText>) -> Answer<()> {
    let (if_match, text) = (cx.if_match()?, &text);
    deciding_again(|| async {
        let seen = cx.store().mail_template(name).await?;
        let rev = seen.as_ref().map_or(0, |seen| seen.number);
        if if_match.is_some_and(|asked| asked != rev) {
            return Err(Problem::Stale);
        }
        let change = Version::after(seen.as_ref(), name, text.clone(), Actor::Integrator, cx.now());
        let Some(change) = change else { return Ok(()) };
        Ok(cx.store().save_mail_template(name, &change).await?)
    })
    .await
}

async fn shown(cx: &Cx, name: TemplateName) -> Answer<Json<TemplateShown>> {
    let own = cx.store().mail_template(name).await?;
    let general = match name.mail.general() {
        Some(mail) => cx.store().mail_template(TemplateName { mail, ..name }).await?,
        None => None,
    };
    let listed = listed(name, own.as_ref(), general.as_ref());
    let text = [own, general].into_iter().flatten().find_map(|version| version.text);
    let text = match text {
        Some(text) => text,
        None => built_in_text(name.mail, name.language).map_err(|error| Problem::Internal(error.to_string()))?,
    };
    let known = Placeholder::ALL.iter().filter(|placeholder| placeholder.is_known_to(name.mail));
    let placeholders = known.map(|placeholder| PlaceholderShown {
        brace: placeholder.braced(),
        bracket: placeholder.bracketed(name.mail),
        meaning: placeholder.meaning(),
    });
    let (rev, MailText { subject, body }) = (listed.rev, text);
    Ok(Json::new(TemplateShown { listed, subject, body, placeholders: placeholders.collect() }).etag(rev))
}

fn listed(name: TemplateName, own: Option<&Version>, general: Option<&Version>) -> TemplateListed {
    let has_text = |version: Option<&Version>| version.is_some_and(|version| version.text.is_some());
    let source = match (has_text(own), has_text(general)) {
        (true, _) => TextSource::Own,
        (false, true) => TextSource::General,
        (false, false) => TextSource::BuiltIn,
    };
    TemplateListed {
        kind: name.mail.code(),
        language: name.language,
        source,
        rev: own.map_or(0, |own| own.number),
        saved_at: own.map(|own| own.saved_at),
    }
}

fn version_listed(version: &Version) -> VersionListed {
    VersionListed {
        rev: version.number,
        source: if version.text.is_some() { TextSource::Own } else { TextSource::BuiltIn },
        saved_at: version.saved_at,
        by: version.by,
    }
}

/// What a preview tells: of those who are named, else an example.
async fn values(cx: &Cx, name: TemplateName, input: &TemplatePreviewInput) -> Answer<Values> {
    let sample = Values::sample(name.mail, cx.arrival().origin(), cx.today());
    if input.customer.is_none() && input.document.is_none() {
        return Ok(sample);
    }
    if !cx.key_scopes().contains(&ApiKeyScope::Read) {
        return Err(Problem::NotAllowed);
    }
    let named = match &input.customer {
        Some(number) => Some(customers::find(&cx.store(), number).await.map_err(|problem| match problem {
            Problem::NotFound => unknown("customer", "there is no such customer"),
            other => other,
        })?),
        None => None,
    };
    let owner = named.as_ref().map(|(id, _)| id);
    let invoice = match &input.document {
        Some(number) => Some(invoice(cx, name.mail, number, owner).await?),
        None => None,
    };
    let customer = match (named, &invoice) {
        (Some((_, customer)), _) => Some(customer.value),
        (None, Some((owner, _))) => cx.store().customer(owner).await?.map(|customer| customer.value),
        (None, None) => None,
    };
    let document = invoice.map(|(_, values)| values).or(sample.document);
    let values = Values { document, links: sample.links, ..Values::default() };
    let words = Words::of(&cx.tenant().settings, name.language);
    customer.map(|customer| values.for_customer(&customer, words)).ok_or(Problem::NotFound)
}

/// An invoice, of this customer where one is named, and whose it is.
async fn invoice(
    cx: &Cx,
    mail: MailKind,
    number: &InvoiceNumber,
    owner: Option<&CustomerId>,
) -> Answer<(CustomerId, DocumentValues)> {
    if mail.document() != Some(DocumentType::Invoice) {
        return Err(FieldErrors::one("document", "invalid", "belongs to mails about an invoice").into());
    }
    let body = cx.store().invoice_bodies(std::slice::from_ref(number)).await?.pop();
    let body = body.filter(|body| owner.is_none_or(|owner| body.customer == *owner));
    let body = body.ok_or_else(|| unknown("document", "there is no such invoice, or not of this customer"))?;
    let row = cx.store().invoice_row(&body).await?.ok_or(Problem::NotFound)?.value;
    Ok((body.customer, DocumentValues::of_invoice(&row)))
}

fn unknown(field: &str, message: &str) -> Problem {
    FieldErrors::one(field, "unknown", message).into()
}
