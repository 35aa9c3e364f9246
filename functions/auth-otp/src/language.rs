//! `/language`: the language chosen in the portal, kept in this browser (M-41).

use domain::Language;
use serde::Deserialize;
use utoipa::ToSchema;
use web::{Answer, Door, PublicContext, ReturnTo, SeeOther, Submitted, cookies::CookieName};

/// How long the choice is kept.
const SECONDS: i64 = 365 * 24 * 3600;

/// What the form carries.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct Form {
    language: Language,
    /// The page the form stood on.
    #[serde(default)]
    return_to: String,
}

/// Keeps the choice and shows the same page again.
pub(crate) async fn choose(cx: PublicContext, form: Submitted<Form>) -> Answer<SeeOther> {
    let form = form.into_inner();
    let cookie = CookieName::Language.set(form.language.code(), Some(SECONDS), cx.arrival().jar());
    Ok(SeeOther::to(ReturnTo::same_page(&form.return_to).as_str()).cookie(cookie))
}
