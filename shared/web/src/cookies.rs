//! The few cookies there are; with https they carry the `__Host-` prefix, so no neighbouring host can set them.

use http::HeaderMap;

use crate::Config;

/// Most bytes of cookies looked at.
const MAX_HEADER: usize = 8_192;

/// A cookie of the portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CookieName {
    /// The session's token.
    Session,
    /// When the session was last seen, signed with its key.
    Seen,
    /// The login challenge this browser asked for.
    Challenge,
    /// Proves that this browser once signed in to an address.
    Device,
    /// The language chosen in the portal.
    Language,
    /// What just happened.
    Flash,
    /// The link behind which this browser left for a provider's page, and for what.
    Back,
}

impl CookieName {
    const fn short(self) -> &'static str {
        match self {
            Self::Session => "kk_session",
            Self::Seen => "kk_seen",
            Self::Challenge => "kk_challenge",
            Self::Device => "kk_device",
            Self::Language => "kk_language",
            Self::Flash => "kk_flash",
            Self::Back => "kk_back",
        }
    }

    fn full(self, config: &Config) -> String {
        let prefix = if config.secure_cookies() { "__Host-" } else { "" };
        format!("{prefix}{}", self.short())
    }

    /// The value a request carries.
    #[must_use]
    pub fn read<'a>(self, headers: &'a HeaderMap, config: &Config) -> Option<&'a str> {
        let name = self.full(config);
        let values = headers.get_all(http::header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        values
            .filter(|value| value.len() <= MAX_HEADER)
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(key, value)| *key == name && !value.is_empty())
            .map(|(_, value)| value)
    }

    /// A `Set-Cookie` value. Without an age it ends with the browser.
    #[must_use]
    pub fn set(self, value: &str, max_age_seconds: Option<i64>, config: &Config) -> String {
        let secure = if config.secure_cookies() { "; Secure" } else { "" };
        let age = max_age_seconds.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
        format!("{}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}", self.full(config))
    }

    /// A `Set-Cookie` value that deletes it.
    #[must_use]
    pub fn clear(self, config: &Config) -> String {
        self.set("", Some(0), config)
    }
}
