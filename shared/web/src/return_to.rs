//! Where to go after signing in: only one of our own pages, never an address of somebody else.

use std::{fmt, str::FromStr};

use thiserror::Error;

/// Longest address kept: a selection of invoices to pay is part of its page's address.
const MAX_BYTES: usize = 2_000;

/// The own pages and files one may return to: whatever is read behind the login. A test holds this list against ROUTES.
pub const PAGES: [&str; 52] = [
    "/",
    "/data",
    "/data/addresses",
    "/data/addresses/new",
    "/data/addresses/{id}",
    "/data/addresses/{id}/remove",
    "/data/edit",
    "/data/email",
    "/data/erasure",
    "/data/export",
    "/files/{id}/{part}",
    "/contact",
    "/contracts",
    "/contracts/{number}",
    "/contracts/{number}/cancel",
    "/contracts/{number}/cancel/confirmation",
    "/contracts/{number}/take-back",
    "/contracts/{number}/pause",
    "/contracts/{number}/cancel/pdf",
    "/contracts/{number}/payment-method",
    "/invoices",
    "/invoices.csv",
    "/invoices/{number}",
    "/invoices/{number}/pdf",
    "/invoices/{number}/xml",
    "/documents",
    "/documents.zip",
    "/documents/{type}/{number}",
    "/documents/{type}/{number}/accept",
    "/documents/{type}/{number}/decline",
    "/documents/{type}/{number}/confirmation",
    "/documents/{type}/{number}/decision",
    "/documents/{type}/{number}/pdf",
    "/documents/{type}/{number}/xml",
    "/accounts",
    "/accounts/{number}",
    "/statement",
    "/statement.csv",
    "/statement/pdf",
    "/prepaid",
    "/prepaid/{deposit}",
    "/prepaid/{deposit}/pdf",
    "/prepaid/{deposit}/confirmation",
    "/settle",
    "/payment-methods",
    "/payment-methods/add",
    "/payment-methods/{id}",
    "/payment-methods/{id}/mandate",
    "/payment-methods/{id}/remove",
    "/payments/{id}",
    "/payments/{id}/receipt",
    "/sessions",
];

/// Further own pages that can be shown again in another language.
pub const PUBLIC_PAGES: [&str; 19] = [
    "/login",
    "/login/code",
    "/login/choose",
    "/link/{token}",
    "/embed",
    "/embed/{token}",
    "/d/{token}",
    "/data/email/confirm/{token}",
    "/pay/{token}",
    "/pay/back/{id}",
    "/payment-methods/link/{token}",
    "/payment-methods/back/{id}",
    "/imprint",
    "/privacy",
    "/accessibility",
    "/cancel",
    "/cancel/{id}/confirmation",
    "/withdraw",
    "/withdraw/{id}/confirmation",
];

/// An address of one of our own pages, path and query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnTo(String);

/// Not one of our own pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("is not a page of this portal")]
pub struct NotAPage;

impl ReturnTo {
    /// The start page.
    #[must_use]
    pub fn start() -> Self {
        Self("/".to_owned())
    }

    /// The page a form stood on, for showing it again; else the start page.
    #[must_use]
    pub fn same_page(path: &str) -> Self {
        let own = parse(path, PAGES.iter().chain(&PUBLIC_PAGES));
        own.unwrap_or_else(|_| Self::start())
    }

    /// Path and query.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What was asked for, else the start page.
    #[must_use]
    pub fn or_start(asked: Option<&str>) -> Self {
        asked.and_then(|asked| asked.parse().ok()).unwrap_or_else(Self::start)
    }
}

impl FromStr for ReturnTo {
    type Err = NotAPage;
    fn from_str(text: &str) -> Result<Self, NotAPage> {
        parse(text, PAGES.iter())
    }
}

fn parse<'a>(text: &str, mut pages: impl Iterator<Item = &'a &'a str>) -> Result<ReturnTo, NotAPage> {
    let path = text.split(['?', '#']).next().unwrap_or_default();
    let harmless = text.len() <= MAX_BYTES && text.bytes().all(|byte| (0x21..0x7f).contains(&byte) && byte != b'\\');
    let known = pages.any(|page| matches(page, path));
    if harmless && known { Ok(ReturnTo(text.to_owned())) } else { Err(NotAPage) }
}

impl fmt::Display for ReturnTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn matches(pattern: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (pattern.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(part), Some(text)) if part.starts_with('{') => {
                if text.is_empty() {
                    return false;
                }
            }
            (Some(part), Some(text)) if part == text => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_are_returned_to() {
        for good in [
            "/",
            "/sessions",
            "/invoices",
            "/invoices?filter=open",
            "/invoices/RE~2F1",
            "/invoices/RE1/pdf",
            "/invoices.csv",
        ] {
            assert!(good.parse::<ReturnTo>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "//evil.example",
            "https://evil.example",
            "/\\evil",
            "/logout",
            "/invoices/",
            "/invoices/a/b",
            "/login",
            "/invoices\n",
            "javascript:1",
        ] {
            assert!(bad.parse::<ReturnTo>().is_err(), "{bad}");
        }
    }
}
