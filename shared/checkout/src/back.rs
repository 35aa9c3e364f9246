//! The way back from a provider's page to a page behind a link.
//!
//! A link's token is a secret, and a provider keeps the address to which it sends people back. So it is told one that names
//! what it knows anyway, and that opens nothing. The browser that left has the token in a cookie and is led on; in another
//! one, as when a bank's app opens its own, people read that their link shows how it stands.

use domain::Language;
use serde::Serialize;
use web::{Arrival, Either, Page, SeeOther, cookies::CookieName};

/// How long a browser knows the way back: longer than anybody stays on a provider's page.
const KNOWN_SECONDS: i64 = 2 * 60 * 60;

/// Where a provider sends people back to, for what was begun behind a link.
#[must_use]
pub fn address_back(area: &str, id: &str) -> String {
    format!("/{area}/back/{id}")
}

/// The cookie of a page behind a link from which somebody leaves for a provider's page, in whose language they come back.
#[must_use]
pub fn leaving(arrival: &Arrival, id: &str, token: &str) -> String {
    let place = format!("{id}.{token}.{}", arrival.language().code());
    CookieName::Back.set(&place, Some(KNOWN_SECONDS), arrival.jar())
}

/// Leads back to the page behind the link where this browser left from it, else says that the link does.
#[must_use]
pub fn come_back(
    arrival: &Arrival,
    id: &str,
    page: impl FnOnce(&str, Language) -> String,
) -> Either<SeeOther, Page<BackPage>> {
    match token(arrival, id) {
        Some((token, language)) => Either::First(SeeOther::to(page(token, language))),
        None => Either::Second(Page::new(BackPage {})),
    }
}

/// The token of the link behind which this was begun, and the language, if this browser knows them.
fn token<'a>(arrival: &'a Arrival, id: &str) -> Option<(&'a str, Language)> {
    let (left, place) = CookieName::Back.read(arrival.headers(), arrival.jar())?.split_once('.')?;
    // One that left before languages were noted has none.
    let (token, language) = place.split_once('.').unwrap_or((place, ""));
    let is_plain = token.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    (left == id && is_plain).then_some((token, Language::from_code(language).unwrap_or_else(|| arrival.language())))
}

/// Somebody came back, and it is not known from where.
#[derive(Debug, Clone, Serialize)]
pub struct BackPage {}

web::page!(BackPage => "pages/settle/back.html");

#[cfg(test)]
mod tests {
    use web::page::testing;

    use super::*;

    #[test]
    fn the_page_is_sound() {
        testing::check("back", &BackPage {}, testing::public);
    }
}
