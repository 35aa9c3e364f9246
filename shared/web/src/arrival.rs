//! A request that found its tenant: host, language, time and who may be trusted about them.

use std::{
    net::IpAddr,
    sync::{Arc, OnceLock},
};

use domain::{Language, id::RequestId};
use http::{HeaderMap, Method, request::Parts};
use jiff::Timestamp;
use lambda_http::request::RequestContext;
use store::{Session, Tenant, secret};
use text::Words;

use crate::{
    Config, Portal, Problem,
    cookies::{CookieName, Jar},
    door::SANDBOX_PREFIX,
};

/// Longest host name there is (RFC 1035 §2.3.4); a longer one is nobody's, and no key is made of it.
const MAX_HOST_BYTES: usize = 253;

/// Does the caller read pages or JSON?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Wants {
    Page,
    Json,
}

/// A request as the doors see it. Cloning shares it.
#[derive(Debug, Clone)]
pub struct Arrival(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    portal: Portal,
    now: Timestamp,
    request_id: RequestId,
    tenant: Option<Arc<Tenant>>,
    origin: String,
    language: Language,
    wants: Wants,
    reads: bool,
    jar: Jar,
    path: String,
    headers: HeaderMap,
    client: String,
    session: OnceLock<Session>,
}

impl Arrival {
    /// Finds out whose request this is.
    ///
    /// # Errors
    /// 404 for a host nobody has, 503 when that cannot be found out.
    pub(crate) async fn meet(portal: &Portal, parts: &Parts, request_id: RequestId) -> Result<Self, Problem> {
        let config = portal.config();
        let now = portal.clock().now();
        let (host, client) = host_and_client(parts, config);
        if host.is_empty() || host.len() > MAX_HOST_BYTES {
            return Err(Problem::NotFound);
        }
        let platform = host == config.base_host();
        let tenant = if platform { None } else { Some(portal.store().tenant_of_host(&host, now).await?) };
        let jar = Jar::of(&parts.headers, config);
        let default_language = tenant.as_ref().map_or(Language::default(), |tenant| tenant.settings.language);
        Ok(Self(Arc::new(Inner {
            origin: config.origin(&host),
            language: language(parts, jar).unwrap_or(default_language),
            wants: if is_for_programs(parts.uri.path()) { Wants::Json } else { Wants::Page },
            reads: matches!(parts.method, Method::GET | Method::HEAD),
            jar,
            path: parts.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
            headers: parts.headers.clone(),
            portal: portal.clone(),
            now,
            request_id,
            tenant,
            client,
            session: OnceLock::new(),
        })))
    }

    /// Configuration, table and clock.
    #[must_use]
    pub fn portal(&self) -> &Portal {
        &self.0.portal
    }

    /// The time of this request; it does not move while it is answered.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.0.now
    }

    /// Said on error pages and in the log.
    #[must_use]
    pub fn request_id(&self) -> &RequestId {
        &self.0.request_id
    }

    /// The tenant; none on the platform's own host.
    #[must_use]
    pub fn tenant(&self) -> Option<&Arc<Tenant>> {
        self.0.tenant.as_ref()
    }

    /// Our own public origin, as browsers name it.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.0.origin
    }

    /// The language of the page.
    #[must_use]
    pub fn language(&self) -> Language {
        self.0.language
    }

    /// The words of the page: the tenant's own where it has some.
    #[must_use]
    pub fn words(&self) -> Words {
        let language = self.language();
        self.tenant().map_or_else(|| Words::new(language), |tenant| Words::of(&tenant.settings, language))
    }

    /// Page or JSON.
    #[must_use]
    pub fn wants(&self) -> Wants {
        self.0.wants
    }

    /// Does it only look, by its method?
    pub(crate) fn reads(&self) -> bool {
        self.0.reads
    }

    /// Which cookies it has, and which are set for it.
    #[must_use]
    pub fn jar(&self) -> Jar {
        self.0.jar
    }

    /// Is the answer shown in a frame on somebody's page?
    #[must_use]
    pub fn is_framed(&self) -> bool {
        self.0.jar.is_framed()
    }

    /// Path and query.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// The request's headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.0.headers
    }

    /// Hash of the client's address (/64 for IPv6), for budgets; the address itself is not kept.
    #[must_use]
    pub fn client_hash(&self) -> String {
        secret::hash(&self.0.client)
    }

    /// The session of the browser that asks, once it was checked: pages about problems keep their menu.
    pub(crate) fn session(&self) -> Option<&Session> {
        self.0.session.get()
    }

    /// Remembers a session that was checked.
    pub(crate) fn note_session(&self, session: &Session) {
        self.0.session.get_or_init(|| session.clone());
    }

    /// A cookie's value.
    #[must_use]
    pub fn cookie(&self, name: CookieName) -> Option<&str> {
        name.read(&self.0.headers, self.0.jar)
    }

    /// The value of a header, as text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.0.headers.get(name)?.to_str().ok()
    }
}

/// Is this an address for programs?
#[must_use]
pub(crate) fn is_api(path: &str) -> bool {
    path.starts_with("/api/")
}

/// Are answers at this address read by programs? Providers' addresses are no part of our own API.
#[must_use]
pub(crate) fn is_for_programs(path: &str) -> bool {
    let of_sandbox = || path.starts_with(SANDBOX_PREFIX) && path.contains("/v1/");
    is_api(path) || path.starts_with("/webhooks/") || of_sandbox()
}

/// Who is asked and who asks. With an edge in front its word counts, but only with its secret; else the gateway's.
fn host_and_client(parts: &Parts, config: &Config) -> (String, String) {
    let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let gateway_client = match parts.extensions.get::<RequestContext>() {
        Some(RequestContext::ApiGatewayV2(context)) => context.http.source_ip.clone().unwrap_or_default(),
        _ => String::new(),
    };
    let edge = header("x-kk-edge").as_bytes();
    let trusted = config.edge_secrets.iter().any(|known| secret::equal(edge, known.expose().as_bytes()));
    let (host, client) = if trusted {
        let viewer = header("cloudfront-viewer-address");
        let viewer = viewer.rsplit_once(':').map_or(viewer, |(address, _port)| address);
        // Our own edge writes the first, CloudFront by itself the second, each over what a request brought under that name. The other one
        // may be the visitor's own word: two that differ say nothing.
        let client = match (header("x-kk-client"), viewer) {
            ("", client) | (client, "") => client,
            (one, other) if one == other => one,
            _ => "",
        };
        (header("x-kk-host"), client.to_owned())
    } else {
        (header("host"), gateway_client)
    };
    (folded_host(host), subnet(&client))
}

/// Lower case, no port, no trailing dot.
fn folded_host(host: &str) -> String {
    let host = host.trim().to_ascii_lowercase();
    let name = host.split(':').next().unwrap_or_default();
    name.trim_end_matches('.').to_owned()
}

/// IPv6 clients own a /64, so that is what budgets count.
fn subnet(address: &str) -> String {
    match address.trim_matches(['[', ']']).parse() {
        Ok(IpAddr::V6(v6)) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        Ok(IpAddr::V4(v4)) => v4.to_string(),
        Err(_) => "unknown".to_owned(),
    }
}

/// Choice made in the portal → `?language` of a link → browser.
fn language(parts: &Parts, jar: Jar) -> Option<Language> {
    let chosen = CookieName::Language.read(&parts.headers, jar).and_then(Language::from_code);
    let linked = || {
        let query = parts.uri.query().unwrap_or_default();
        query.split('&').find_map(|pair| pair.strip_prefix("language=")).and_then(Language::from_code)
    };
    let browser = || {
        let header = parts.headers.get(http::header::ACCEPT_LANGUAGE)?.to_str().ok()?;
        Language::from_accept_language(header)
    };
    chosen.or_else(linked).or_else(browser)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Host and client of a request with these headers, where the edge's secret is `quiet` or, for a while, `old`.
    fn behind_edge(headers: &[(&str, &str)]) -> (String, String) {
        let variables = [
            ("TABLE_NAME", "t"),
            ("BUCKET_NAME", "b"),
            ("BASE_DOMAIN", "portal.example"),
            ("STAGE", "prod"),
            ("MAIL_FROM_DOMAIN", "portal.example"),
            ("EDGE_SECRET", "quiet,old"),
        ];
        let variables = variables.map(|(name, value)| (name, value.to_owned())).into();
        let config = Config::from_map(&variables).unwrap();
        let request =
            headers.iter().fold(http::Request::builder(), |request, (name, value)| request.header(*name, *value));
        host_and_client(&request.body(()).unwrap().into_parts().0, &config)
    }

    #[test]
    fn the_edges_word_counts_with_its_secret_alone() {
        let told = [("host", "gateway.example"), ("x-kk-host", "Shop.example"), ("x-kk-client", "192.0.2.7")];
        let with = |secret: &'static str| behind_edge(&[&told[..], &[("x-kk-edge", secret)]].concat());
        assert_eq!(with("quiet"), ("shop.example".to_owned(), "192.0.2.7".to_owned()));
        assert_eq!(with("old"), with("quiet"));
        let nobody = ("gateway.example".to_owned(), "unknown".to_owned());
        assert_eq!((with("loud"), with(""), behind_edge(&told)), (nobody.clone(), nobody.clone(), nobody));
    }

    #[test]
    fn cloudfronts_own_word_names_the_client_too() {
        let host = [("x-kk-edge", "quiet"), ("x-kk-host", "shop.example")];
        let client =
            |address: &'static str| behind_edge(&[&host[..], &[("cloudfront-viewer-address", address)]].concat()).1;
        assert_eq!(client("192.0.2.7:46532"), "192.0.2.7");
        let both = |own: &'static str| {
            let viewer = [("cloudfront-viewer-address", "192.0.2.7:46532"), ("x-kk-client", own)];
            behind_edge(&[&host[..], &viewer].concat()).1
        };
        assert_eq!((both("192.0.2.7").as_str(), both("192.0.2.8").as_str()), ("192.0.2.7", "unknown"));
        assert_eq!(client("2001:db8:1:2:3:4:5:6:46532"), "2001:db8:1:2::/64");
    }

    #[test]
    fn hosts_are_folded_and_subnets_cut() {
        assert_eq!(folded_host("Webhosting-AG.Localhost.:9000"), "webhosting-ag.localhost");
        assert_eq!(subnet("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(subnet("192.0.2.7"), "192.0.2.7");
    }
}
