//! Cross-site request forgery: tokens masked per answer, and the origin check that every submission passes.

use http::HeaderMap;
use store::{Session, secret};

/// Name of the hidden field.
pub const FIELD: &str = "csrf";
/// Name of the header for scripts.
pub const HEADER: &str = "x-csrf";

fn plain(session: &Session) -> [u8; 32] {
    secret::mac(session.key.as_bytes(), b"csrf")
}

/// A fresh mask over the session's token, so that no answer repeats bytes (compression attacks).
#[must_use]
pub fn masked(session: &Session) -> String {
    let mask: [u8; 32] = secret::random();
    let mut bytes = mask.to_vec();
    bytes.extend(plain(session).iter().zip(mask).map(|(token, mask)| token ^ mask));
    secret::encode(&bytes)
}

/// Is this a masked token of the session?
#[must_use]
pub fn accepts(session: &Session, sent: &str) -> bool {
    let Some(bytes) = secret::decode(sent).filter(|bytes| bytes.len() == 64) else { return false };
    let (mask, hidden) = bytes.split_at(32);
    let unmasked: Vec<u8> = hidden.iter().zip(mask).map(|(byte, mask)| byte ^ mask).collect();
    secret::equal(&unmasked, &plain(session))
}

/// Did the request come from our own page? `Origin` must be ours; without it, the browser's own word decides
/// (same-origin, or typed by the user). Tenants below one base domain are same-site, so `SameSite` protects nothing.
#[must_use]
pub fn is_own(headers: &HeaderMap, own_origin: &str) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (text("origin"), text("sec-fetch-site")) {
        // A page with `no-referrer` (paylinks) hides its origin even from us; the browser's own word still stands.
        (Some("null"), Some(site)) => site == "same-origin",
        (Some(origin), _) => origin == own_origin,
        (None, Some(site)) => matches!(site, "same-origin" | "none"),
        (None, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn session(key: &str) -> Session {
        Session {
            sid_hash: String::new(),
            number: "K1".parse().unwrap(),
            created_at: Timestamp::UNIX_EPOCH,
            ends_at: Timestamp::UNIX_EPOCH,
            key: key.into(),
            device: None,
            reach: domain::link::Reach::Portal,
            back: None,
        }
    }

    #[test]
    fn a_masked_token_is_good_for_its_session_only() {
        let (mine, other) = (session("a"), session("b"));
        let (first, second) = (masked(&mine), masked(&mine));
        assert_ne!(first, second);
        assert!(accepts(&mine, &first) && accepts(&mine, &second));
        assert!(!accepts(&other, &first) && !accepts(&mine, "") && !accepts(&mine, &first[1..]));
    }

    #[test]
    fn a_neighbouring_tenant_is_a_stranger() {
        let headers = |pairs: &[(&'static str, &'static str)]| -> HeaderMap {
            pairs
                .iter()
                .map(|(name, value)| (http::HeaderName::from_static(name), http::HeaderValue::from_static(value)))
                .collect()
        };
        let own = "https://a.example";
        for (pairs, accepted) in [
            (vec![("origin", "https://a.example")], true),
            (vec![("origin", "https://b.example"), ("sec-fetch-site", "same-site")], false),
            (vec![("origin", "null")], false),
            (vec![("origin", "null"), ("sec-fetch-site", "same-origin")], true),
            (vec![("origin", "null"), ("sec-fetch-site", "cross-site")], false),
            (vec![("origin", "null"), ("sec-fetch-site", "none")], false),
            (vec![("sec-fetch-site", "same-origin")], true),
            (vec![("sec-fetch-site", "none")], true),
            (vec![("sec-fetch-site", "same-site")], false),
            (vec![], false),
        ] {
            assert_eq!(is_own(&headers(&pairs), own), accepted, "{pairs:?}");
        }
    }
}
