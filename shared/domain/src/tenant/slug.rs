//! The tenant's name in addresses.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The tenant's name in addresses, for example `webhosting-ag`; its sandbox is `webhosting-ag~sandbox`, a tenant of its
/// own (M-02).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String)]
pub struct TenantSlug(String);

/// Suffix of a sandbox's slug.
const SANDBOX: &str = "~sandbox";

/// Names that must never become a tenant's host: they are the platform's, or look like it.
const RESERVED: [&str; 14] = [
    "www",
    "api",
    "admin",
    "app",
    "sandbox",
    "mail",
    "smtp",
    "static",
    "assets",
    "cdn",
    "status",
    "login",
    "backoffice",
    "portal",
];

impl TenantSlug {
    /// The slug as it stands in addresses of the platform API.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Is it a sandbox?
    #[must_use]
    pub fn is_sandbox(&self) -> bool {
        self.0.ends_with(SANDBOX)
    }

    /// The sandbox beside this tenant; a sandbox has none.
    #[must_use]
    pub fn sandbox(&self) -> Option<Self> {
        (!self.is_sandbox()).then(|| Self(format!("{}{SANDBOX}", self.0)))
    }

    /// The host below a base domain: `webhosting-ag.example.com`, `webhosting-ag.sandbox.example.com` (M-01, M-02).
    #[must_use]
    pub fn host(&self, base_domain: &str) -> String {
        match self.0.strip_suffix(SANDBOX) {
            Some(name) => format!("{name}.sandbox.{base_domain}"),
            None => format!("{}.{base_domain}", self.0),
        }
    }
}

impl FromStr for TenantSlug {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name = text.strip_suffix(SANDBOX).unwrap_or(text);
        let label = (3..=40).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && !name.starts_with('-')
            && !name.ends_with('-');
        if !label {
            return Err("must have 3 to 40 lower-case letters, digits and inner hyphens");
        }
        if RESERVED.contains(&name) { Err("is reserved") } else { Ok(Self(text.to_owned())) }
    }
}

impl TryFrom<String> for TenantSlug {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<TenantSlug> for String {
    fn from(slug: TenantSlug) -> Self {
        slug.0
    }
}

impl fmt::Display for TenantSlug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sandbox_is_a_tenant_of_its_own() {
        let slug: TenantSlug = "webhosting-ag".parse().unwrap();
        let sandbox = slug.sandbox().unwrap();
        assert_eq!(slug.host("localhost"), "webhosting-ag.localhost");
        assert_eq!(sandbox.host("localhost"), "webhosting-ag.sandbox.localhost");
        assert_eq!(sandbox.sandbox(), None);
        for wrong in
            ["", "ab", "Webhosting", "-abc", "abc-", "api", "sandbox", "a.b.c", "api~sandbox", "x~sandbox~sandbox"]
        {
            assert!(wrong.parse::<TenantSlug>().is_err(), "{wrong}");
        }
    }
}
