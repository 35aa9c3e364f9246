//! The few cookies there are; with https they carry the `__Host-` prefix, so no neighbouring host can set them. A page in a
//! frame has its own.

use http::HeaderMap;

use crate::Config;

/// Most bytes of cookies looked at.
const MAX_HEADER: usize = 8_192;

/// What browsers say of a page that stands in another one.
const FRAMES: [&str; 4] = ["iframe", "frame", "embed", "object"];

/// Whose cookies a request reads and sets: those of a window, or those of a frame on somebody's page. They have different
/// names, so a browser that does not keep the two apart by itself does not mix them either.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Jar {
    secure: bool,
    framed: bool,
}

impl Jar {
    /// By what the browser says of the place where the answer is shown; no page can say it for the browser.
    #[must_use]
    pub fn of(headers: &HeaderMap, config: &Config) -> Self {
        let place = headers.get("sec-fetch-dest").and_then(|value| value.to_str().ok());
        Self { secure: config.secure_cookies(), framed: place.is_some_and(|place| FRAMES.contains(&place)) }
    }

    /// Is it a frame's?
    #[must_use]
    pub const fn is_framed(self) -> bool {
        self.framed
    }

    /// Before and behind a name.
    const fn marks(self) -> (&'static str, &'static str) {
        match self {
            Self { framed: true, .. } => ("__Host-", "_framed"),
            Self { secure: true, .. } => ("__Host-", ""),
            Self { secure: false, .. } => ("", ""),
        }
    }

    /// In a frame a cookie is sent only if it says that it may be, and kept apart for each page around it. Browsers take
    /// this machine for secure without https.
    const fn attributes(self) -> &'static str {
        match self {
            Self { framed: true, .. } => "SameSite=None; Secure; Partitioned",
            Self { secure: true, .. } => "SameSite=Lax; Secure",
            Self { secure: false, .. } => "SameSite=Lax",
        }
    }
}

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

    fn full(self, jar: Jar) -> String {
        let (prefix, suffix) = jar.marks();
        format!("{prefix}{}{suffix}", self.short())
    }

    /// The value a request carries.
    #[must_use]
    pub fn read(self, headers: &HeaderMap, jar: Jar) -> Option<&str> {
        let name = self.full(jar);
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
    pub fn set(self, value: &str, max_age_seconds: Option<i64>, jar: Jar) -> String {
        let age = max_age_seconds.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
        format!("{}={value}; Path=/; HttpOnly; {}{age}", self.full(jar), jar.attributes())
    }

    /// A `Set-Cookie` value that deletes it.
    #[must_use]
    pub fn clear(self, jar: Jar) -> String {
        self.set("", Some(0), jar)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Jar = Jar { secure: true, framed: false };
    const FRAME: Jar = Jar { secure: true, framed: true };
    const LOCAL: Jar = Jar { secure: false, framed: false };

    #[test]
    fn a_frame_has_cookies_of_its_own() {
        let set = |jar| CookieName::Session.set("x", Some(60), jar);
        assert_eq!(set(WINDOW), "__Host-kk_session=x; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=60");
        assert_eq!(set(LOCAL), "kk_session=x; Path=/; HttpOnly; SameSite=Lax; Max-Age=60");
        let framed = "__Host-kk_session_framed=x; Path=/; HttpOnly; SameSite=None; Secure; Partitioned; Max-Age=60";
        assert_eq!(set(FRAME), framed);
        assert_eq!(set(Jar { secure: false, ..FRAME }), framed, "on this machine too");
    }

    #[test]
    fn neither_the_window_nor_the_frame_reads_the_others() {
        let mut headers = HeaderMap::new();
        let both = "__Host-kk_session=of-the-window; __Host-kk_session_framed=of-the-frame; kk_session=of-a-neighbour";
        headers.insert(http::header::COOKIE, both.parse().unwrap());
        for (jar, wanted) in [(WINDOW, "of-the-window"), (FRAME, "of-the-frame"), (LOCAL, "of-a-neighbour")] {
            assert_eq!(CookieName::Session.read(&headers, jar), Some(wanted));
            assert_eq!(CookieName::Seen.read(&headers, jar), None);
        }
    }
}
