//! What opens Mollie and what proves its messages.

use aws_lc_rs::hmac;
use domain::Secret;
use serde::Deserialize;

use super::wire::is_charge;
use crate::{Raw, WrongAccess, signature::unhex};

/// Header of the signed messages.
pub const SIGNATURE_HEADER: &str = "x-mollie-signature";
/// Most signatures that are looked at: one per secret, and two secrets while one is exchanged for the other.
const MAX_SIGNATURES: usize = 4;

/// A merchant's keys.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    /// `live_…` or `test_…`.
    pub api_key: Secret<String>,
    /// Of the signed messages, where the merchant subscribes to them; two while one is exchanged for the other.
    #[serde(default)]
    pub webhook_secrets: Vec<Secret<String>>,
}

impl Keys {
    /// Do they look like Mollie's?
    ///
    /// # Errors
    /// The field that does not.
    pub fn check(&self) -> Result<(), WrongAccess> {
        let key = self.api_key.expose();
        let rest = key.strip_prefix("live_").or_else(|| key.strip_prefix("test_")).unwrap_or_default();
        // Organisation and app tokens (`access_…`) would need a profile and a mode with every request.
        if rest.is_empty() || key.len() > 255 || !rest.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(WrongAccess { field: "api_key", expected: "must be an API key: live_… or test_…" });
        }
        let plain = |secret: &Secret<String>| {
            let secret = secret.expose();
            (8..=255).contains(&secret.len()) && secret.bytes().all(|byte| byte.is_ascii_graphic())
        };
        if self.webhook_secrets.len() > 2 || !self.webhook_secrets.iter().all(plain) {
            let expected = "must be at most two signing secrets of 8 to 255 characters";
            return Err(WrongAccess { field: "webhook_secrets", expected });
        }
        Ok(())
    }

    pub(crate) fn is_live(&self) -> bool {
        self.api_key.expose().starts_with("live_")
    }

    /// Does a message come from Mollie, or claim nothing?
    pub(super) fn prove(&self, raw: Raw<'_>) -> bool {
        if !raw.headers.contains_key(SIGNATURE_HEADER) {
            return classic(raw.body).is_some();
        }
        let mut signatures = Vec::new();
        for header in raw.headers.get_all(SIGNATURE_HEADER) {
            let Ok(text) = header.to_str() else { return false };
            // While a secret is exchanged the header comes twice; what stands between may join the two with a comma.
            signatures.extend(text.split(',').map(str::trim).take(MAX_SIGNATURES + 1));
        }
        signatures.len() <= MAX_SIGNATURES && self.signed(&signatures, raw.body)
    }

    /// Is one of the signatures ours?
    fn signed(&self, signatures: &[&str], body: &[u8]) -> bool {
        let tags = || signatures.iter().filter_map(|hex| unhex(hex.strip_prefix("sha256=").unwrap_or(hex)));
        self.webhook_secrets.iter().filter(|secret| !secret.expose().is_empty()).any(|secret| {
            let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
            tags().any(|tag| hmac::verify(&key, body, &tag).is_ok())
        })
    }
}

/// The id that a classic message names, when that is all it is.
pub(super) fn classic(body: &[u8]) -> Option<&str> {
    let id = std::str::from_utf8(body).ok()?.strip_prefix("id=")?;
    is_charge(id).then_some(id)
}
