//! A function's configuration: environment variables, read once; a wrong one stops the start and says what was expected.

use std::{borrow::Borrow, collections::BTreeMap};

use domain::{
    Secret,
    endpoint::Reach,
    tenant::{Recipients, TenantSlug},
};
use payments::Urls;
use thiserror::Error;

/// A variable that is missing or wrong.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{name} {expected}")]
pub struct WrongVariable {
    /// Which one.
    pub name: &'static str,
    /// What it should be.
    pub expected: &'static str,
}

/// Which stage this is. Functions never branch on it but for the source of secrets, for what is a sandbox, and for how far
/// webhooks may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Stage {
    Sandbox,
    Prod,
    Local,
}

impl Stage {
    /// As it stands in API keys and in the environment.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sandbox => "sandbox",
            Self::Prod => "prod",
            Self::Local => "local",
        }
    }

    /// Has a tenant its sandbox beside it, as `<slug>~sandbox`? On AWS sandboxes are a stage of their own, whose gateway alone
    /// answers below `sandbox.<base domain>`; a tenant is set up there like in the other stage.
    #[must_use]
    pub const fn has_sandboxes_beside(self) -> bool {
        matches!(self, Self::Local)
    }
}

/// Everything a function is told; `infra/template.yaml` sets it.
#[derive(Debug, Clone)]
pub struct Config {
    /// The one table.
    pub table_name: String,
    /// The one bucket.
    pub bucket_name: String,
    /// `https`; `http` only locally.
    pub public_scheme: &'static str,
    /// Neutral domain of all tenants, with port locally.
    pub base_domain: String,
    /// Which stage.
    pub stage: Stage,
    /// Domain of the senders of mails.
    pub mail_from_domain: String,
    /// With which configuration set SES sends, so that it tells of mails that come back; none locally.
    pub mail_configuration_set: Option<String>,
    /// Whom every test environment may write to, beside its own list.
    pub sandbox_recipients: Recipients,
    /// Name of the secret that signs sessions; auth-otp only.
    pub signing_key: Option<String>,
    /// Secrets the edge proves itself with; two values may be valid while they are exchanged.
    pub edge_secrets: Vec<Secret<String>>,
    /// Where the tenants' keys with providers are: a prefix in SSM, locally a file.
    pub provider_secrets: Option<String>,
    /// Where the providers are, when not where their documents say.
    pub provider_urls: Urls,
    /// Where the sandbox payment provider is, without the tenant and without a slash at the end.
    pub sandbox_provider_url: Option<String>,
    /// Through which address the sandbox provider sends its messages instead of straight to their own; tests set it.
    pub sandbox_messages_via: Option<String>,
}

impl Config {
    /// Reads the process's environment.
    ///
    /// # Errors
    /// The first variable that is missing or wrong.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn from_environment() -> Result<Self, WrongVariable> {
        Self::read(|name| std::env::var(name).ok())
    }

    /// Reads given variables, for the local cloud, tests and the operator's command.
    ///
    /// # Errors
    /// The first variable that is missing or wrong.
    pub fn from_map<N: Borrow<str> + Ord>(variables: &BTreeMap<N, String>) -> Result<Self, WrongVariable> {
        Self::read(|name| variables.get(name).cloned())
    }

    fn read(get: impl Fn(&str) -> Option<String>) -> Result<Self, WrongVariable> {
        let get = |name| get(name).filter(|value| !value.is_empty());
        let need = |name, expected| get(name).ok_or(WrongVariable { name, expected });
        let public_scheme = match get("PUBLIC_SCHEME").as_deref() {
            None | Some("https") => "https",
            Some("http") => "http",
            Some(_) => return Err(WrongVariable { name: "PUBLIC_SCHEME", expected: "must be https or http" }),
        };
        let stage = match get("STAGE").as_deref() {
            Some("sandbox") => Stage::Sandbox,
            Some("prod") => Stage::Prod,
            Some("local") => Stage::Local,
            _ => return Err(WrongVariable { name: "STAGE", expected: "must be sandbox, prod or local" }),
        };
        let edge = get("EDGE_SECRET").unwrap_or_default();
        Ok(Self {
            table_name: need("TABLE_NAME", "must be the name of the DynamoDB table")?,
            bucket_name: need("BUCKET_NAME", "must be the name of the S3 bucket")?,
            public_scheme,
            base_domain: need("BASE_DOMAIN", "must be the neutral domain, for example portal.example")?.to_lowercase(),
            stage,
            mail_from_domain: need("MAIL_FROM_DOMAIN", "must be the domain mails are sent from")?,
            mail_configuration_set: get("MAIL_CONFIGURATION_SET"),
            sandbox_recipients: Recipients::of_installation(&get("SANDBOX_RECIPIENTS").unwrap_or_default()).map_err(
                |_| {
                    let expected = "must be e-mail addresses and hosts (@example.org) separated by commas, or *";
                    WrongVariable { name: "SANDBOX_RECIPIENTS", expected }
                },
            )?,
            signing_key: get("SIGNING_KEY"),
            edge_secrets: edge
                .split(',')
                .filter(|secret| !secret.is_empty())
                .map(|secret| Secret::new(secret.to_owned()))
                .collect(),
            provider_secrets: get("PROVIDER_SECRETS"),
            provider_urls: provider_urls(get)?,
            sandbox_provider_url: address(get, "SANDBOX_PROVIDER_URL")?,
            sandbox_messages_via: address(get, "SANDBOX_MESSAGES_VIA")?,
        })
    }

    /// Is the sandbox payment provider registered? Never where real money moves.
    #[must_use]
    pub fn has_sandbox_provider(&self) -> bool {
        self.stage != Stage::Prod
    }

    /// How far webhooks may go: to this machine only where everything runs on it.
    #[must_use]
    pub const fn hooks_reach(&self) -> Reach {
        match self.stage {
            Stage::Local => Reach::LoopbackToo,
            Stage::Sandbox | Stage::Prod => Reach::Public,
        }
    }

    /// The base domain without its port: what hosts are compared with.
    #[must_use]
    pub fn base_host(&self) -> &str {
        self.base_domain.split(':').next().unwrap_or_default()
    }

    /// The public origin of a host: scheme, host and, below the base domain, its port.
    #[must_use]
    pub fn origin(&self, host: &str) -> String {
        let below = host == self.base_host() || host.ends_with(&format!(".{}", self.base_host()));
        let port =
            self.base_domain.split_once(':').filter(|_| below).map(|(_, port)| format!(":{port}")).unwrap_or_default();
        format!("{}://{host}{port}", self.public_scheme)
    }

    /// The neutral host of a tenant.
    #[must_use]
    pub fn host_of(&self, slug: &TenantSlug) -> String {
        slug.host(self.base_host())
    }

    /// Are cookies bound to https (`__Host-`)?
    #[must_use]
    pub fn secure_cookies(&self) -> bool {
        self.public_scheme == "https"
    }
}

/// Where the providers are, unless they are where they always are.
fn provider_urls(get: impl Fn(&'static str) -> Option<String> + Copy) -> Result<Urls, WrongVariable> {
    let own = Urls::default();
    let authority = get("PAYPAL_AUTHORITY");
    let paypal = address(get, "PAYPAL_URL")?.map(|base| payments::paypal::Place { base, authority });
    Ok(Urls {
        stripe: address(get, "STRIPE_URL")?.unwrap_or(own.stripe),
        paypal,
        mollie: address(get, "MOLLIE_URL")?.unwrap_or(own.mollie),
        gocardless: address(get, "GOCARDLESS_URL")?,
    })
}

/// An origin with or without a path, which must not end with a slash.
fn address(get: impl Fn(&'static str) -> Option<String>, name: &'static str) -> Result<Option<String>, WrongVariable> {
    let wrong = WrongVariable { name, expected: "must be an address without a slash at the end" };
    match get(name) {
        Some(url) if !url.starts_with("http://") && !url.starts_with("https://") || url.ends_with('/') => Err(wrong),
        url => Ok(url),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables() -> BTreeMap<&'static str, String> {
        [
            ("TABLE_NAME", "t"),
            ("BUCKET_NAME", "b"),
            ("BASE_DOMAIN", "localhost:9000"),
            ("STAGE", "local"),
            ("PUBLIC_SCHEME", "http"),
            ("MAIL_FROM_DOMAIN", "mail.example"),
        ]
        .map(|(name, value)| (name, value.to_owned()))
        .into()
    }

    #[test]
    fn a_missing_variable_is_named() {
        for name in ["TABLE_NAME", "BUCKET_NAME", "BASE_DOMAIN", "STAGE", "MAIL_FROM_DOMAIN"] {
            let mut without = variables();
            without.remove(name);
            assert_eq!(Config::from_map(&without).unwrap_err().name, name);
        }
    }

    #[test]
    fn webhooks_reach_this_machine_only_where_everything_runs_on_it() {
        for (stage, reach) in [("local", Reach::LoopbackToo), ("sandbox", Reach::Public), ("prod", Reach::Public)] {
            let mut variables = variables();
            variables.insert("STAGE", stage.to_owned());
            assert_eq!(Config::from_map(&variables).unwrap().hooks_reach(), reach, "{stage}");
        }
    }

    #[test]
    fn only_hosts_below_the_base_domain_have_its_port() {
        let config = Config::from_map(&variables()).unwrap();
        assert_eq!(config.origin("a.localhost"), "http://a.localhost:9000");
        assert_eq!(config.origin("kunden.example"), "http://kunden.example");
    }
}
