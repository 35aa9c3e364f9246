//! Somebody who visits the portal as a browser does, and looks at the certificate.

use std::time::Duration;

use http::header::{DATE, HOST};
use jiff::{Timestamp, fmt::rfc2822::DateTimeParser};
use reqwest::{redirect::Policy, tls::TlsInfo};
use url::Url;
use web::Config;

use crate::{Failure, client::innermost};

/// Longest time of one visit.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Longest time for a handshake.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// More of a page is not read.
const MAX_PAGE_BYTES: usize = 1024 * 1024;

/// Visits hosts of one stage.
#[derive(Debug)]
pub(crate) struct Visitor {
    http: reqwest::Client,
    config: Config,
    /// Where all hosts are when they are on this machine: their names need not be known to it.
    here: Option<Url>,
}

/// What was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) status: u16,
    /// By the clock of whoever answered.
    pub(crate) date: Option<Timestamp>,
    pub(crate) body: String,
    /// Of whoever answered, in DER.
    pub(crate) certificate: Option<Vec<u8>>,
}

impl Visitor {
    /// `url` is where a stage on this machine listens; others are found by their names.
    pub(crate) fn new(config: &Config, url: &Url) -> Result<Self, Failure> {
        let http = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .connect_timeout(CONNECT_TIMEOUT)
            .redirect(Policy::none())
            .no_proxy()
            .tls_info(true)
            .build()
            .map_err(|error| Failure::Input(format!("no connection can be made: {error}")))?;
        let mut here = (config.public_scheme == "http").then(|| url.clone());
        if let Some(url) = here.as_mut().filter(|url| url.domain().is_some()) {
            url.set_host(Some("127.0.0.1")).map_err(|error| Failure::Input(format!("--url {url}: {error}")))?;
        }
        Ok(Self { http, config: config.clone(), here })
    }

    /// Is there a certificate to look at?
    pub(crate) const fn is_encrypted(&self) -> bool {
        self.here.is_none()
    }

    /// Asks a host for a page; the text says why none came.
    pub(crate) async fn get(&self, host: &str, path: &str) -> Result<Seen, String> {
        let origin = self.config.origin(host);
        let asking = match &self.here {
            None => self.http.get(format!("{origin}{path}")),
            Some(here) => {
                let address = here.join(path).map_err(|error| error.to_string())?;
                let public = origin.split_once("://").map_or(host, |(_, public)| public);
                self.http.get(address).header(HOST, public)
            }
        };
        let mut answer = asking.send().await.map_err(|error| format!("does not answer: {}", innermost(error)))?;
        let status = answer.status().as_u16();
        let date = answer.headers().get(DATE).and_then(|date| DateTimeParser::new().parse_timestamp(date).ok());
        let tls = answer.extensions().get::<TlsInfo>();
        let certificate = tls.and_then(|tls| tls.peer_certificate()).map(<[u8]>::to_vec);
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(innermost)? {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_PAGE_BYTES {
                break;
            }
        }
        Ok(Seen { status, date, body: String::from_utf8_lossy(&body).into_owned(), certificate })
    }
}
