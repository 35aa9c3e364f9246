//! Signed messages: who signs, with which certificate, and how a forger would try.
//!
//! The keys and certificates were made once with OpenSSL and are good until 2076: a root that tests trust, an issuer
//! under it, and under that PayPal's certificate, one of another name and one that has run out; and a second root with
//! all that is needed to look like PayPal's.

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{self, KeyPair, RsaKeyPair},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::PayPal;
use crate::{Message, server::lock};

/// The root that PayPal's certificates lead to on loopback, as PEM.
pub const AUTHORITY: &str = include_str!("../../fixtures/paypal/keys/root.pem");
/// A root that nobody should trust, as PEM.
pub const FOREIGN_AUTHORITY: &str = include_str!("../../fixtures/paypal/keys/foreign-root.pem");
/// The name that PayPal's certificate is for.
pub const SIGNER: &str = "messageverificationcerts.paypal.com";

/// Who signs a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hand {
    PayPal,
    Stranger,
    Expired,
    Foreign,
}

/// How a message is forged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forgery {
    /// Signed under PayPal's name by a certificate that leads to another root.
    Foreign,
    /// Signed by a certificate of the right root that is for another name.
    Stranger,
    /// Signed by PayPal's own certificate after it has run out.
    Expired,
    /// Signed for another webhook than the merchant's.
    OtherWebhook,
    /// Changed after it was signed.
    Altered,
    /// Rightly signed, but the certificate lies elsewhere than at PayPal.
    Elsewhere,
}

impl Hand {
    /// Certificate, issuer and key as PEM.
    const fn papers(self) -> (&'static str, &'static str) {
        match self {
            Self::PayPal => (
                include_str!("../../fixtures/paypal/keys/paypal-chain.pem"),
                include_str!("../../fixtures/paypal/keys/paypal-key.pem"),
            ),
            Self::Stranger => (
                include_str!("../../fixtures/paypal/keys/stranger-chain.pem"),
                include_str!("../../fixtures/paypal/keys/stranger-key.pem"),
            ),
            Self::Expired => (
                include_str!("../../fixtures/paypal/keys/expired-chain.pem"),
                include_str!("../../fixtures/paypal/keys/expired-key.pem"),
            ),
            Self::Foreign => (
                include_str!("../../fixtures/paypal/keys/foreign-chain.pem"),
                include_str!("../../fixtures/paypal/keys/foreign-key.pem"),
            ),
        }
    }

    pub(super) const fn certificate(self) -> &'static str {
        match self {
            Self::PayPal => "CERT-360caa42-fca2a594-1a5f47cb",
            Self::Stranger => "CERT-360caa42-fca2a594-00000001",
            Self::Expired => "CERT-360caa42-fca2a594-00000002",
            Self::Foreign => "CERT-360caa42-fca2a594-00000003",
        }
    }

    fn key(self) -> Option<RsaKeyPair> {
        let lines = self.papers().1.lines().filter(|line| !line.starts_with("-----"));
        let der = STANDARD.decode(lines.collect::<String>()).ok()?;
        RsaKeyPair::from_pkcs8(&der).ok()
    }

    /// The public key, as it lies in the certificate.
    #[cfg(test)]
    pub(super) fn public(self) -> Vec<u8> {
        self.key().map(|key| key.public_key().as_ref().to_vec()).unwrap_or_default()
    }
}

/// What a certificate's address serves: leaf and issuer, with the line ends that PayPal has.
pub(super) fn chain(id: &str) -> Option<String> {
    let hands = [Hand::PayPal, Hand::Stranger, Hand::Expired, Hand::Foreign];
    let hand = hands.into_iter().find(|hand| hand.certificate() == id)?;
    Some(hand.papers().0.replace('\n', "\r\n"))
}

/// What is signed.
fn text(id: &str, time: &str, webhook: &str, body: &[u8]) -> String {
    format!("{id}|{time}|{webhook}|{}", crc32fast::hash(body))
}

/// Everything that a message's headers say.
#[derive(Debug, Clone)]
pub(super) struct Envelope {
    pub(super) id: String,
    pub(super) time: String,
    pub(super) webhook: String,
    /// Where the certificates are, without a slash at the end.
    pub(super) certificates: String,
}

/// Signs a message.
pub(super) fn seal(hand: Hand, envelope: &Envelope, body: Vec<u8>) -> Message {
    let signed = text(&envelope.id, &envelope.time, &envelope.webhook, &body);
    let mut signature = Vec::new();
    if let Some(key) = hand.key() {
        signature = vec![0; key.public_modulus_len()];
        let random = SystemRandom::new();
        if key.sign(&signature::RSA_PKCS1_SHA256, &random, signed.as_bytes(), &mut signature).is_err() {
            signature.clear();
        }
    }
    let address = format!("{}/{}", envelope.certificates, hand.certificate());
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("content-type", "application/json"),
        ("user-agent", "PayPal/AUHD-214.0-58391792"),
        ("correlation-id", "8622432c697e5"),
        ("paypal-auth-version", "v2"),
        ("paypal-auth-algo", "SHA256withRSA"),
        ("paypal-transmission-id", &envelope.id),
        ("paypal-transmission-time", &envelope.time),
        ("paypal-transmission-sig", &STANDARD.encode(&signature)),
        ("paypal-cert-url", &address),
    ] {
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
            headers.insert(name, value);
        }
    }
    Message { headers, body }
}

/// Whether PayPal signed this.
pub(super) fn genuine(envelope: &Envelope, address: &str, signature: &str, body: &[u8]) -> bool {
    let Some(key) = Hand::PayPal.key() else { return false };
    let Ok(signature) = STANDARD.decode(signature) else { return false };
    let public = signature::UnparsedPublicKey::new(&signature::RSA_PKCS1_2048_8192_SHA256, key.public_key().as_ref());
    let signed = text(&envelope.id, &envelope.time, &envelope.webhook, body);
    address == format!("{}/{}", envelope.certificates, Hand::PayPal.certificate())
        && public.verify(signed.as_bytes(), &signature).is_ok()
}

/// The same beginning and end around digits that give the whole a checksum.
fn with_checksum(head: &str, tail: &str, wanted: u32) -> Vec<u8> {
    let body = |bits: u64| format!("{head}{bits:064b}{tail}").into_bytes();
    let nothing = crc32fast::hash(&body(0));
    // A checksum is linear: one bit more always changes it in the same way, so those are chosen that make the difference.
    let mut steps: Vec<(u32, u64)> = Vec::new();
    let reduced = |steps: &[(u32, u64)], start: (u32, u64)| {
        steps.iter().fold(
            start,
            |(change, bits), (step, its)| {
                if change ^ step < change { (change ^ step, bits ^ its) } else { (change, bits) }
            },
        )
    };
    for bit in 0..u64::BITS {
        let bits = 1 << bit;
        let step = reduced(&steps, (crc32fast::hash(&body(bits)) ^ nothing, bits));
        if step.0 != 0 {
            steps.push(step);
        }
    }
    body(reduced(&steps, (wanted ^ nothing, 0)).1)
}

impl PayPal {
    /// A message that says something else under the same signature: PayPal signs a checksum of 32 bits, and whoever has
    /// seen a message can make another one with the same. The body is an object of JSON.
    #[must_use]
    pub fn retold(message: &Message, from: &str, to: &str) -> Message {
        let body = String::from_utf8_lossy(&message.body).replace(from, to);
        let head = format!("{},\"note\":\"", body.strip_suffix('}').unwrap_or(&body));
        Message { body: with_checksum(&head, "\"}", crc32fast::hash(&message.body)), ..message.clone() }
    }

    /// The same message as a forger would send it.
    #[must_use]
    pub fn forge(&self, message: &Message, how: Forgery) -> Message {
        let header = |name: &str| message.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let mut envelope = lock(&self.books).envelope();
        envelope.id = header("paypal-transmission-id").to_owned();
        envelope.time = header("paypal-transmission-time").to_owned();
        let body = message.body.clone();
        match how {
            Forgery::Foreign => seal(Hand::Foreign, &envelope, body),
            Forgery::Stranger => seal(Hand::Stranger, &envelope, body),
            Forgery::Expired => seal(Hand::Expired, &envelope, body),
            Forgery::OtherWebhook => {
                seal(Hand::PayPal, &Envelope { webhook: "0EH40505U7160970P".to_owned(), ..envelope }, body)
            }
            Forgery::Altered => {
                let mut message = message.clone();
                message.body.push(b' ');
                message
            }
            Forgery::Elsewhere => {
                let certificates = "https://paypal.com.example/v1/notifications/certs".to_owned();
                seal(Hand::PayPal, &Envelope { certificates, ..envelope }, body)
            }
        }
    }
}
