//! What an operator decides about personal links: how long they work, whether one may work for ever, and which shops lead
//! here and back (M-52, M-67, M-94).

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use url::{Origin, Url};

use crate::{FieldErrors, link::Scope};

const HOUR: u32 = 60 * 60;
const DAY: u32 = 24 * HOUR;
/// Shortest lifetime that is set for a purpose.
const SHORTEST: u32 = HOUR;
/// Longest lifetime of a link that ends.
const LONGEST: u32 = 365 * DAY;
/// Most shops that lead here.
const MAX_ORIGINS: usize = 20;
/// Longest address that somebody is led back to.
const MAX_BACK_BYTES: usize = 500;

/// Rules of personal links; lifetimes are seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = LinkRules)]
pub struct Links {
    /// Of a link to the portal.
    pub portal: u32,
    /// Of a link to one contract.
    pub contract: u32,
    /// Of a link to one document.
    pub document: u32,
    /// Of a link that goes out by mail, where its purpose has no longer one: mails are read late.
    pub mailed: u32,
    /// Of a link that takes one invoice's payment.
    pub pay: u32,
    /// Of a link that adds a way to pay.
    pub add_method: u32,
    /// May links to the portal, a contract or a document be made that never expire?
    pub permanent: bool,
    /// Do those open what they are for at once? Unless set they fill the address in and ask for the code.
    pub permanent_signs_in: bool,
    /// Where people may come from and be led back to, for example `https://shop.example`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub return_origins: Vec<String>,
}

impl Default for Links {
    fn default() -> Self {
        Self {
            portal: DAY,
            contract: DAY,
            document: 30 * DAY,
            mailed: 30 * DAY,
            pay: 60 * DAY,
            add_method: 7 * DAY,
            permanent: false,
            permanent_signs_in: false,
            return_origins: Vec::new(),
        }
    }
}

impl Links {
    /// Longest lifetime a caller may ask for.
    pub const MAX_LIFETIME: SignedDuration = seconds(LONGEST);

    /// Checks every lifetime and every origin.
    ///
    /// # Errors
    /// Every field that is wrong.
    pub fn check(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        for (field, lifetime) in [
            ("portal", self.portal),
            ("contract", self.contract),
            ("document", self.document),
            ("mailed", self.mailed),
            ("pay", self.pay),
            ("add_method", self.add_method),
        ] {
            let fits = (SHORTEST..=LONGEST).contains(&lifetime);
            errors.require(fits, field, "invalid", "must be 3600 to 31536000 seconds: an hour to a year");
        }
        if self.return_origins.len() > MAX_ORIGINS {
            errors.add("return_origins", "too_many", "has at most 20 origins");
        }
        for (position, origin) in self.return_origins.iter().take(MAX_ORIGINS).enumerate() {
            let field = format!("return_origins[{position}]");
            let message = "must be an https origin such as https://shop.example, without path";
            errors.require(is_origin(origin), &field, "invalid", message);
        }
        errors.into_result()
    }

    /// How long a link works unless its maker says otherwise.
    #[must_use]
    pub const fn lifetime(&self, scope: &Scope) -> SignedDuration {
        seconds(match scope {
            Scope::Portal => self.portal,
            Scope::Contract { .. } => self.contract,
            Scope::Document { .. } => self.document,
            Scope::Pay { .. } => self.pay,
            Scope::AddMethod { .. } => self.add_method,
        })
    }

    /// How long one works that goes out by mail.
    #[must_use]
    pub fn mailed_lifetime(&self, scope: &Scope) -> SignedDuration {
        self.lifetime(scope).max(seconds(self.mailed))
    }

    /// The way back to where somebody came from; none to where the operator leads nobody. It is offered as a link and
    /// never followed by itself.
    #[must_use]
    pub fn way_back(&self, address: &str) -> Option<WayBack> {
        let url = Url::parse(address).ok().filter(|_| is_harmless(address))?;
        let known = self.return_origins.iter().any(|origin| origin_of(&url).as_ref() == Some(origin));
        let plain = url.username().is_empty() && url.password().is_none();
        let host = url.host_str()?.to_owned();
        (known && plain).then(|| WayBack { url: url.into(), host })
    }
}

/// An address outside the portal that somebody came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WayBack {
    /// The address, as the parser of browsers reads it.
    pub url: String,
    /// Its host, as people read it.
    pub host: String,
}

const fn seconds(seconds: u32) -> SignedDuration {
    SignedDuration::from_secs(seconds as i64)
}

/// The same text is read as the same address by everybody: no white space, no backslash, nothing beyond ASCII.
fn is_harmless(address: &str) -> bool {
    address.len() <= MAX_BACK_BYTES
        && address.bytes().all(|byte| byte.is_ascii_graphic() && !b"\\\"'<>".contains(&byte))
}

/// `https://shop.example`: what two addresses of one shop have in common.
fn origin_of(url: &Url) -> Option<String> {
    match url.origin() {
        Origin::Tuple(scheme, ..) if scheme == "https" => Some(url.origin().ascii_serialization()),
        _ => None,
    }
}

fn is_origin(text: &str) -> bool {
    let read = Url::parse(text).ok().filter(|_| is_harmless(text)).and_then(|url| origin_of(&url));
    read.as_deref() == Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(origins: &[&str]) -> Links {
        Links { return_origins: origins.iter().map(|origin| (*origin).to_owned()).collect(), ..Links::default() }
    }

    #[test]
    fn lifetimes_are_an_hour_to_a_year() {
        for (lifetime, fits) in [(SHORTEST - 1, false), (SHORTEST, true), (LONGEST, true), (LONGEST + 1, false)] {
            assert_eq!(Links { pay: lifetime, ..Links::default() }.check().is_ok(), fits, "{lifetime}");
        }
        let wrong = Links { portal: 0, mailed: u32::MAX, ..Links::default() }.check().unwrap_err();
        assert_eq!(wrong.0.iter().map(|error| error.field.as_str()).collect::<Vec<_>>(), ["portal", "mailed"]);
    }

    #[test]
    fn a_mail_gives_a_link_no_shorter_life_than_it_has() {
        let links = Links::default();
        let pay = Scope::Pay { invoice: "RE1".parse().unwrap() };
        assert_eq!(links.lifetime(&Scope::Portal), SignedDuration::from_hours(24));
        assert_eq!(links.mailed_lifetime(&Scope::Portal), SignedDuration::from_hours(30 * 24));
        assert_eq!(links.mailed_lifetime(&pay), SignedDuration::from_hours(60 * 24));
    }

    #[test]
    fn only_plain_https_origins_lead_here() {
        for good in ["https://shop.example", "https://shop.example:8443", "https://www.shop.example"] {
            assert_eq!(to(&[good]).check(), Ok(()), "{good}");
        }
        for bad in [
            "",
            "shop.example",
            "http://shop.example",
            "https://shop.example/",
            "https://shop.example/x",
            "https://shop.example:443",
            "https://SHOP.example",
            "https://user@shop.example",
            "https://münchen.example",
            "https://shop.example#x",
            "javascript:alert(1)",
        ] {
            let errors = to(&["https://shop.example", bad]).check().unwrap_err();
            assert_eq!(errors.0.first().map(|error| error.field.as_str()), Some("return_origins[1]"), "{bad}");
        }
        let many = vec!["https://shop.example"; MAX_ORIGINS + 1];
        assert_eq!(to(&many).check().unwrap_err().0.first().unwrap().field, "return_origins");
    }

    #[test]
    fn nobody_is_led_anywhere_but_to_an_origin_that_is_known() {
        let links = to(&["https://shop.example"]);
        for good in ["https://shop.example", "https://shop.example/", "https://shop.example/cart?id=1#end"] {
            let back = links.way_back(good).unwrap_or_else(|| panic!("{good}"));
            assert!(back.host == "shop.example" && back.url.starts_with("https://shop.example/"), "{back:?}");
        }
        for bad in [
            "",
            "/invoices",
            "//shop.example/",
            "http://shop.example/",
            "https://shop.example.evil.example/",
            "https://shop.example@evil.example/",
            "https://user@shop.example/",
            "https://shop.example:8443/",
            "https://evil.example/https://shop.example",
            "https:\\\\shop.example/",
            "https://shop.example/ x",
            "https://shop.example/\nx",
            "javascript:https://shop.example",
        ] {
            assert_eq!(links.way_back(bad), None, "{bad}");
        }
        assert_eq!(links.way_back(&format!("https://shop.example/{}", "x".repeat(MAX_BACK_BYTES))), None);
        assert_eq!(Links::default().way_back("https://shop.example/"), None, "nobody leads here unless it is said");
    }
}
