//! `/imprint`, `/privacy`, `/accessibility`: the tenant's own texts, for everybody (M-08).

use domain::tenant::{LegalTexts, OwnText};
use serde::Serialize;
use text::Words;
use web::{Answer, Asked, Door, Nothing, Page, PublicContext, page::SafeHtml};

/// `/imprint`
pub(crate) async fn imprint(cx: PublicContext, _: Asked<Nothing>) -> Answer<Page<LegalPage>> {
    show(&cx, LegalText::Imprint, |texts| texts.imprint).await
}

/// `/privacy`
pub(crate) async fn privacy(cx: PublicContext, _: Asked<Nothing>) -> Answer<Page<LegalPage>> {
    show(&cx, LegalText::Privacy, |texts| texts.privacy).await
}

/// `/accessibility`
pub(crate) async fn accessibility(cx: PublicContext, _: Asked<Nothing>) -> Answer<Page<LegalPage>> {
    show(&cx, LegalText::Accessibility, |texts| texts.accessibility).await
}

async fn show(
    cx: &PublicContext,
    kind: LegalText,
    pick: impl FnOnce(LegalTexts) -> OwnText,
) -> Answer<Page<LegalPage>> {
    let own = pick(cx.store().legal_texts().await?);
    let html = own.html.get(cx.arrival().language()).map(SafeHtml::from_sanitised);
    Ok(Page::new(LegalPage { kind, html }))
}

/// Which of the three.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LegalText {
    /// „Impressum".
    Imprint,
    /// „Datenschutz".
    Privacy,
    /// „Barrierefreiheit".
    Accessibility,
}

impl LegalText {
    /// Title of the page.
    #[must_use]
    pub fn title(self, t: &Words) -> &'static str {
        match self {
            Self::Imprint => t.menu_imprint(),
            Self::Privacy => t.menu_privacy(),
            Self::Accessibility => t.menu_accessibility(),
        }
    }
}

/// One text, or the statement that it is not there yet.
#[derive(Debug, Clone, Serialize)]
pub struct LegalPage {
    /// Which one.
    pub kind: LegalText,
    /// The tenant's text.
    pub html: Option<SafeHtml>,
}

web::page!(LegalPage => "pages/customer/legal.html");

#[cfg(test)]
mod tests {
    use web::page::testing;

    use super::*;

    #[test]
    fn the_legal_pages_are_sound() {
        for (name, kind) in [
            ("imprint", LegalText::Imprint),
            ("privacy", LegalText::Privacy),
            ("accessibility", LegalText::Accessibility),
        ] {
            let html =
                Some(SafeHtml::from_sanitised("<h2>Angaben gemäß § 5 DDG</h2><p>Webhosting AG<br>Musterweg 1</p>"));
            testing::check(name, &LegalPage { kind, html }, testing::public);
            testing::check(&format!("{name}-empty"), &LegalPage { kind, html: None }, testing::public);
        }
    }
}
