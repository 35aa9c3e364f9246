//! `/api/admin/v1/settings/wording/{language}`: single texts of the portal in the tenant's own words (M-65), all of a language
//! at once. A text is checked when it is saved, and an error says at which line and column.

use std::collections::BTreeMap;

use domain::{Language, change::Actor};
use serde::{Deserialize, Serialize};
use store::deciding_again;
use text::wording::{messages, read};
use utoipa::ToSchema;
use web::{Answer, Asked, IntegratorContext, Json, Problem, Submitted, scope};

type Cx = IntegratorContext<scope::Settings>;

/// Which language.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct WordingPath {
    language: String,
}

impl WordingPath {
    fn language(&self) -> Answer<Language> {
        Language::ALL.into_iter().find(|known| known.code() == self.language).ok_or(Problem::NotFound)
    }
}

/// A text of the portal.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TextShown {
    /// The product's text, in the syntax of own ones.
    default: &'static str,
    /// The tenant's, which is said in its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    own: Option<String>,
    /// What every text in its place uses, as `{ $name }` or to choose by.
    arguments: Vec<&'static str>,
    /// Where the law says its words: nobody may choose others.
    #[serde(skip_serializing_if = "Option::is_none")]
    fixed_by_law: Option<&'static str>,
}

/// Every text of a language that a tenant may word itself.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WordingShown {
    texts: BTreeMap<String, TextShown>,
}

/// Own texts by key, for example `"invoices-pay": "Jetzt bezahlen"`; a key that is left out has the product's text.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub(crate) struct WordingInput(BTreeMap<String, String>);

/// `GET /api/admin/v1/settings/wording/{language}`: every key with the product's text and the own one.
pub(crate) async fn get(cx: Cx, ask: Asked<WordingPath>) -> Answer<Json<WordingShown>> {
    let language = ask.0.language()?;
    let own = cx.store().wording(language).await?;
    let texts = messages().map(|message| {
        let shown = TextShown {
            default: message.text(language),
            own: own.value.get(message.key()).map(|own| own.source.clone()),
            arguments: message.arguments().collect(),
            fixed_by_law: message.law(),
        };
        (message.key().to_owned(), shown)
    });
    Ok(Json::new(WordingShown { texts: texts.collect() }).etag(own.rev))
}

/// `PUT /api/admin/v1/settings/wording/{language}`: replaces all own texts of the language, on the revision that was seen
/// (`If-Match`) or on the current one.
pub(crate) async fn put(cx: Cx, body: Submitted<WordingInput, WordingPath>) -> Answer<Json<WordingInput>> {
    let (path, WordingInput(texts)) = body.into_parts();
    let language = path.language()?;
    let (if_match, wording) = (cx.if_match()?, read(&texts, language)?);
    let rev = deciding_again(|| async {
        let current = cx.store().wording(language).await?.rev;
        if if_match.is_some_and(|seen| seen != current) {
            return Err(Problem::Stale);
        }
        let store = cx.store();
        Ok(store.save_wording(cx.tenant(), language, current, &wording, Actor::Integrator, cx.now()).await?)
    })
    .await?;
    let kept = wording.sources().map(|(key, text)| (key.to_owned(), text.to_owned()));
    Ok(Json::new(WordingInput(kept.collect())).etag(rev))
}
