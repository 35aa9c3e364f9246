//! On whose pages the portal may stand in a frame (M-55).

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::FieldErrors;

/// Most origins: they all stand in a header of every page.
const MAX_ORIGINS: usize = 20;
/// Longest origin: a name (RFC 1035 §2.3.4) with its scheme and its port.
const MAX_BYTES: usize = "https://".len() + 253 + ":65535".len();

/// On whose pages the portal may stand in a frame; on nobody's unless it is said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = EmbedRules)]
pub struct Embed {
    /// Their origins, for example `https://shop.example`; 20 at most.
    pub origins: Vec<String>,
}

impl Embed {
    /// Checks every origin. One on this machine counts only where everything runs on it.
    ///
    /// # Errors
    /// Every origin that is none.
    pub fn check(&self, is_local: bool) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        errors.require(self.origins.len() <= MAX_ORIGINS, "origins", "too_many", "has at most 20 origins");
        for (position, origin) in self.origins.iter().take(MAX_ORIGINS).enumerate() {
            let message = "must be an https origin such as https://shop.example, without path";
            errors.require(is_origin(origin, is_local), &format!("origins[{position}]"), "invalid", message);
        }
        errors.into_result()
    }

    /// May the portal stand anywhere?
    #[must_use]
    pub fn is_on(&self) -> bool {
        !self.origins.is_empty()
    }
}

/// The text goes into a header as it is, so it is exactly what browsers call the origin, and nothing that means more there: a
/// host is a name in small letters, never a pattern and never a further directive.
fn is_origin(text: &str, is_local: bool) -> bool {
    let Some(url) = Url::parse(text).ok().filter(|_| text.len() <= MAX_BYTES) else { return false };
    let is_known = match url.scheme() {
        "https" => true,
        "http" => is_local && is_this_machine(&url),
        _ => false,
    };
    let is_plain = |host: &str| {
        host.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.'))
    };
    is_known && url.host_str().is_some_and(is_plain) && url.origin().ascii_serialization() == text
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(_)) | None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(origins: &[&str]) -> Embed {
        Embed { origins: origins.iter().map(|origin| (*origin).to_owned()).collect() }
    }

    #[test]
    fn only_plain_https_origins_may_show_the_portal() {
        for good in
            ["https://shop.example", "https://shop.example:8443", "https://a-1.shop.example", "https://192.0.2.7"]
        {
            assert_eq!(on(&[good]).check(false), Ok(()), "{good}");
        }
        for bad in [
            "",
            "*",
            "shop.example",
            "https://",
            "https://*.shop.example",
            "https://shop.example/",
            "https://shop.example/x",
            "https://shop.example:443",
            "https://shop.example:*",
            "https://SHOP.example",
            "https://user@shop.example",
            "https://münchen.example",
            "https://shop.example#x",
            "https://shop.example;script-src",
            "https://shop.example,https://evil.example",
            "https://shop.example https://evil.example",
            "https://shop.example\r\nx: y",
            "https://'self'",
            "https://[::1]",
            "http://shop.example",
            "javascript:alert(1)",
            "data:text/html,x",
        ] {
            for is_local in [false, true] {
                let errors = on(&["https://shop.example", bad]).check(is_local).unwrap_err();
                assert_eq!(errors.0.first().map(|error| error.field.as_str()), Some("origins[1]"), "{bad}");
            }
        }
    }

    #[test]
    fn this_machine_may_show_it_only_where_everything_runs_on_it() {
        for here in ["http://localhost", "http://localhost:5173", "http://shop.localhost:9400", "http://127.0.0.1:9400"]
        {
            assert_eq!(on(&[here]).check(true), Ok(()), "{here}");
            assert!(on(&[here]).check(false).is_err(), "{here}");
        }
        for elsewhere in ["http://localhost.example", "http://mylocalhost", "http://192.0.2.7", "http://localhost/"] {
            assert!(on(&[elsewhere]).check(true).is_err(), "{elsewhere}");
        }
    }

    #[test]
    fn so_many_origins_fit_and_no_more() {
        let many = |count| Embed { origins: vec!["https://shop.example".to_owned(); count] };
        assert_eq!(many(MAX_ORIGINS).check(false), Ok(()));
        assert_eq!(many(MAX_ORIGINS + 1).check(false).unwrap_err().0.first().unwrap().field, "origins");
        let long = format!("https://{}.example", "a".repeat(MAX_BYTES));
        assert!(on(&[&long]).check(false).is_err());
        assert!(!Embed::default().is_on() && on(&["https://shop.example"]).is_on());
    }
}
