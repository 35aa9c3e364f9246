//! Proof of PayPal's messages: a signature by a certificate that lies at PayPal, is PayPal's and leads to a root that is
//! trusted.

use std::{
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderMap, Method as Verb};
use jiff::Timestamp;
use rustls_pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime, pem::PemObject as _};
use webpki::{EndEntityCert, KeyUsage, aws_lc_rs::RSA_PKCS1_2048_8192_SHA256};

use super::Place;
use crate::{Client, NotVerified, Unknown, client::send};

/// Headers of a message: what is signed, and by whom.
pub(super) const HEADERS: &[&str] = &[
    "paypal-transmission-id",
    "paypal-transmission-time",
    "paypal-transmission-sig",
    "paypal-cert-url",
    "paypal-auth-algo",
];
/// The only algorithm that PayPal's documents name.
const ALGORITHM: &str = "SHA256withRSA";
/// Longest header that is looked at. PayPal's documents say 500 for the longest of them.
const MAX_HEADER: usize = 1_024;
/// Names that PayPal's signing certificates are for: of live messages, and of those for tests. No page says so; it is
/// the rule of PayPal's own Java SDK (`SSLUtil.validateCertificateChain`).
const SIGNER: &str = "messageverificationcerts.paypal.com";
const TEST_SIGNER: &str = "messageverificationcerts.sandbox.paypal.com";
/// Certificates that one address may give: PayPal's gives a leaf and its issuer.
const MAX_CHAIN: usize = 6;
/// How many chains are kept, and how long: PayPal has one or two in use at a time.
const MAX_KEPT: usize = 4;
const KEPT_FOR: Duration = Duration::from_hours(6);

/// What a message's headers say.
#[derive(Debug, Clone, Copy)]
pub(super) struct Proof<'a> {
    id: &'a str,
    time: &'a str,
    address: &'a str,
    signature: &'a str,
}

impl<'a> Proof<'a> {
    /// Reads them; none when one is missing, comes twice, or is nothing that PayPal would send.
    pub(super) fn read(headers: &'a HeaderMap) -> Option<Self> {
        let one = |name: &str| {
            let mut values = headers.get_all(name).iter();
            let value = values.next()?.to_str().ok()?;
            (values.next().is_none() && !value.is_empty() && value.len() <= MAX_HEADER).then_some(value)
        };
        let proof = Self {
            id: one("paypal-transmission-id")?,
            time: one("paypal-transmission-time")?,
            signature: one("paypal-transmission-sig")?,
            address: one("paypal-cert-url")?,
        };
        (one("paypal-auth-algo")? == ALGORITHM).then_some(proof)
    }
}

/// Certificates as an address gave them, the signer's first.
type Chain = Arc<Vec<CertificateDer<'static>>>;

#[derive(Debug)]
struct Kept {
    address: String,
    chain: Chain,
    until: Instant,
}

/// Where certificates may lie, which of them are believed, and those that were fetched.
#[derive(Debug)]
pub(super) struct Certificates {
    place: Option<Place>,
    live: bool,
    /// Roots of a place of its own; read once.
    own: OnceLock<Vec<TrustAnchor<'static>>>,
    kept: Mutex<Vec<Kept>>,
}

impl Certificates {
    pub(super) const fn new(place: Option<Place>, live: bool) -> Self {
        Self { place, live, own: OnceLock::new(), kept: Mutex::new(Vec::new()) }
    }

    /// Is a message PayPal's, for this webhook?
    ///
    /// The time that it says is signed, but not compared with the clock: PayPal's documents name no tolerance, and do not
    /// say whether a message that comes again, up to three days later, is signed anew. A message that comes twice is
    /// recognised by what it books.
    pub(super) async fn prove(
        &self,
        client: &Client,
        proof: Proof<'_>,
        (webhook, body): (&str, &[u8]),
        now: Timestamp,
    ) -> Result<(), NotVerified> {
        let signature = STANDARD.decode(proof.signature).map_err(|_| NotVerified::Forged)?;
        if !self.is_place_of_certificates(proof.address) {
            return Err(NotVerified::Forged);
        }
        let kept = self.kept(proof.address);
        let chain = match &kept {
            Some(chain) => Arc::clone(chain),
            None => fetch(client, proof.address).await?,
        };
        let text = format!("{}|{}|{webhook}|{}", proof.id, proof.time, crc32fast::hash(body));
        if !self.has_signed(&chain, text.as_bytes(), &signature, now)? {
            return Err(NotVerified::Forged);
        }
        // Only what proved a message is kept: nobody else can push it out.
        if kept.is_none() {
            self.keep(proof.address, chain);
        }
        Ok(())
    }

    /// Whether a certificate may be fetched from there: at PayPal over TLS, or below the place that PayPal is played at.
    /// The address is compared as it is written, so that no reader of addresses can understand it otherwise.
    fn is_place_of_certificates(&self, address: &str) -> bool {
        let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/_.-".contains(&byte));
        if let Some(place) = &self.place {
            let path = address.strip_prefix(&place.base);
            return path.is_some_and(|path| path.starts_with('/') && plain(path));
        }
        let Some((host, path)) = address.strip_prefix("https://").and_then(|rest| rest.split_once('/')) else {
            return false;
        };
        // Letters, digits, points and hyphens alone: no user, no port.
        let is_name = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte));
        is_name && host.ends_with(".paypal.com") && plain(path)
    }

    fn kept(&self, address: &str) -> Option<Chain> {
        let now = Instant::now();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|one| one.until > now);
        kept.iter().find(|one| one.address == address).map(|one| Arc::clone(&one.chain))
    }

    fn keep(&self, address: &str, chain: Chain) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|one| one.address != address);
        if kept.len() >= MAX_KEPT {
            kept.remove(0);
        }
        kept.push(Kept { address: address.to_owned(), chain, until: Instant::now() + KEPT_FOR });
    }

    /// Whether the chain is PayPal's when the message came, and its first certificate signed the text.
    fn has_signed(&self, chain: &Chain, text: &[u8], signature: &[u8], now: Timestamp) -> Result<bool, Unknown> {
        let anchors = self.anchors()?;
        let Some((leaf, issuers)) = chain.split_first() else { return Ok(false) };
        let Ok(leaf) = EndEntityCert::try_from(leaf) else { return Ok(false) };
        let seconds = u64::try_from(now.as_second()).unwrap_or_default();
        let at = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        // PayPal signs with certificates as servers have them; one that may be used for other things only is not one.
        let usage = KeyUsage::server_auth();
        let path = leaf.verify_for_usage(webpki::ALL_VERIFICATION_ALGS, anchors, issuers, at, usage, None, None);
        Ok(path.is_ok()
            && self.is_signer(&leaf)
            && leaf.verify_signature(RSA_PKCS1_2048_8192_SHA256, text, signature).is_ok())
    }

    /// Messages about real money are not signed by the certificate for tests.
    fn is_signer(&self, leaf: &EndEntityCert<'_>) -> bool {
        let is = |name: &'static str| {
            ServerName::try_from(name).is_ok_and(|name| leaf.verify_is_valid_for_subject_name(&name).is_ok())
        };
        is(SIGNER) || (!self.live && is(TEST_SIGNER))
    }

    fn anchors(&self) -> Result<&[TrustAnchor<'static>], Unknown> {
        static PLATFORM: OnceLock<Vec<TrustAnchor<'static>>> = OnceLock::new();
        let own = self.place.as_ref().and_then(|place| place.authority.as_deref());
        let anchors = match own {
            Some(pem) => {
                self.own.get_or_init(|| trusted(CertificateDer::pem_slice_iter(pem.as_bytes()).filter_map(Result::ok)))
            }
            // The same roots as those of the connections to PayPal.
            None => PLATFORM.get_or_init(|| trusted(rustls_native_certs::load_native_certs().certs)),
        };
        if anchors.is_empty() {
            return Err(Unknown::NoAnswer("no roots of trust can be read".to_owned()));
        }
        Ok(anchors)
    }
}

fn trusted(roots: impl IntoIterator<Item = CertificateDer<'static>>) -> Vec<TrustAnchor<'static>> {
    let anchor = |root| webpki::anchor_from_trusted_cert(&root).map(|anchor| anchor.to_owned()).ok();
    roots.into_iter().filter_map(anchor).collect()
}

/// Whatever is no chain of certificates is a fault that passes: a page about maintenance, for example.
async fn fetch(client: &Client, address: &str) -> Result<Chain, Unknown> {
    let (status, pem) = send(client.request(Verb::GET, address)?).await?;
    if !status.is_success() {
        return Err(Unknown::Refused(status.as_u16()));
    }
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).take(MAX_CHAIN + 1).collect();
    let chain = chain.map_err(|_| Unknown::Unreadable)?;
    if (1..=MAX_CHAIN).contains(&chain.len()) { Ok(Arc::new(chain)) } else { Err(Unknown::Unreadable) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_lie_at_paypal_and_nowhere_else() {
        let paypal = Certificates::new(None, true);
        for good in [
            "https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-1a5f47cb",
            "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-1",
        ] {
            assert!(paypal.is_place_of_certificates(good), "{good}");
        }
        for bad in [
            "https://evil.example/v1/notifications/certs/CERT-1",
            "https://paypal.com.evil.example/c",
            "https://api.paypal.com@evil.example/c",
            "https://evil.example/https://api.paypal.com/c",
            "https://evilpaypal.com/c",
            "https://paypal.com/c",
            "https://api.paypal.com:8443/c",
            "https://api.paypal.com",
            "https://evil.example\\.paypal.com/c",
            "https://evil.example#.paypal.com/c",
            "https://evil.example?.paypal.com/c",
            "https://evil.example%2f.paypal.com/c",
            "https:///evil.example/.paypal.com/c",
            "http://api.paypal.com/c",
            "HTTPS://api.paypal.com/c",
            "https://api.paypal.com/c?a=b",
            " https://api.paypal.com/c",
            "file:///etc/.paypal.com/c",
            "",
        ] {
            assert!(!paypal.is_place_of_certificates(bad), "{bad}");
        }
        let base = "http://127.0.0.1:4000".to_owned();
        let played = Certificates::new(Some(Place { base, authority: None }), false);
        assert!(played.is_place_of_certificates("http://127.0.0.1:4000/v1/notifications/certs/CERT-1"));
        for bad in ["https://api.paypal.com/c", "http://127.0.0.1:40001/c", "http://127.0.0.1:4000@evil.example/c"] {
            assert!(!played.is_place_of_certificates(bad), "{bad}");
        }
    }
}
