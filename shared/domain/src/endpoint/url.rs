//! The address of an endpoint: https, a host of the internet by its name, and nothing that only a browser would need.
//!
//! It is read by the same parser that the HTTP client uses, so both mean the same host. Whether the name leads to a public
//! address is asked when somebody connects, each time anew.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use url::{Host, Url};

/// Longest address.
const MAX_BYTES: usize = 500;

/// How far messages may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// To public addresses, over https on port 443.
    Public,
    /// To this machine as well, over http too and on any port: for the local portal and tests, and nowhere else.
    LoopbackToo,
}

/// A checked address. Its `Debug` tells the host alone: paths and queries often hold keys.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EndpointUrl(String);

/// An address that nothing is sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "must be an https address of at most 500 characters with the name of a public host, on port 443, without user and fragment"
)]
pub struct WrongUrl;

impl EndpointUrl {
    /// Reads an address.
    ///
    /// # Errors
    /// When nothing may be sent there.
    pub fn parse(text: &str, reach: Reach) -> Result<Self, WrongUrl> {
        if text.len() > MAX_BYTES || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(WrongUrl);
        }
        let url = Url::parse(text).map_err(|_| WrongUrl)?;
        let is_plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        let may_be_reached = is_public(&url) || (reach == Reach::LoopbackToo && is_loopback(&url));
        if is_plain && may_be_reached && url.as_str().len() <= MAX_BYTES { Ok(Self(url.into())) } else { Err(WrongUrl) }
    }

    /// The same, once more before something is sent: it may have been stored where more was allowed.
    #[must_use]
    pub fn is_within(&self, reach: Reach) -> bool {
        Self::parse(&self.0, reach).is_ok_and(|again| again == *self)
    }

    /// The address itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its host: all of it that may be told.
    #[must_use]
    pub fn host(&self) -> String {
        Url::parse(&self.0).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
    }
}

impl fmt::Debug for EndpointUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.host())
    }
}

/// A number in place of a name is refused whatever it is: the parser knows all its spellings, and no receiver has a
/// certificate for one.
fn is_public(url: &Url) -> bool {
    let has_name = match url.host() {
        Some(Host::Domain(name)) => name.contains('.') && !name.ends_with('.') && !is_this_machine(name),
        _ => false,
    };
    url.scheme() == "https" && url.port().is_none() && has_name
}

fn is_loopback(url: &Url) -> bool {
    let is_here = match url.host() {
        Some(Host::Domain(name)) => is_this_machine(name),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    matches!(url.scheme(), "http" | "https") && is_here
}

/// Names below `.localhost` are this machine (RFC 6761, 6.3).
fn is_this_machine(name: &str) -> bool {
    name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_named_host_over_https_is_public() {
        for good in [
            "https://hooks.example/portal",
            "https://hooks.example",
            "https://hooks.example:443/a?key=1",
            "https://münchen.example/",
        ] {
            assert!(EndpointUrl::parse(good, Reach::Public).is_ok(), "{good}");
        }
        let long = format!("https://hooks.example/{}", "x".repeat(MAX_BYTES));
        for bad in [
            "http://hooks.example/",
            "https://hooks.example:8443/",
            "https://user@hooks.example/",
            "https://user:password@hooks.example/",
            "https://hooks.example/#part",
            "https://hooks/",
            "https://hooks.example./",
            "https://localhost/",
            "https://a.localhost/",
            "https://127.0.0.1/",
            "https://93.184.216.34/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://017700000001/",
            "https://127.1/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://169.254.169.254/latest/meta-data",
            "ftp://hooks.example/",
            "file:///etc/passwd",
            "data:text/plain,x",
            "https:// hooks.example/",
            "https://hooks.example/\nx",
            "hooks.example",
            "",
            &long,
        ] {
            assert_eq!(EndpointUrl::parse(bad, Reach::Public), Err(WrongUrl), "{bad}");
        }
    }

    #[test]
    fn this_machine_is_within_reach_where_that_is_said_and_nowhere_else() {
        for here in ["http://127.0.0.1:9000/a", "http://localhost:9000/", "http://[::1]:80/", "https://a.localhost/"] {
            let url = EndpointUrl::parse(here, Reach::LoopbackToo).unwrap();
            assert!(url.is_within(Reach::LoopbackToo) && !url.is_within(Reach::Public), "{here}");
        }
        for elsewhere in
            ["http://10.0.0.1/", "http://hooks.example/", "https://192.168.0.1/", "http://169.254.169.254/"]
        {
            assert_eq!(EndpointUrl::parse(elsewhere, Reach::LoopbackToo), Err(WrongUrl), "{elsewhere}");
        }
    }

    #[test]
    fn an_address_tells_its_host_and_nothing_else() {
        let url = EndpointUrl::parse("https://hooks.example/secret?key=1", Reach::Public).unwrap();
        assert_eq!(format!("{url:?}"), "hooks.example");
    }
}
