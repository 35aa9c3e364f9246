//! Fresh random bytes, hashes and constant-time comparison: the one place that touches a random source.

use aws_lc_rs::{constant_time, digest, hmac, rand};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{Secret, id::Entropy};

/// `N` fresh random bytes.
///
/// # Panics
/// When the operating system has no random source; nothing safe could follow.
#[must_use]
#[expect(clippy::expect_used, reason = "without randomness no code, token or id may be made")]
#[expect(clippy::disallowed_methods, reason = "the one place that asks for randomness")]
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// The random part of a new id.
#[must_use]
pub fn entropy() -> Entropy {
    random()
}

/// The random part of an id that follows from something: the same text gives the same.
#[must_use]
pub fn entropy_of(text: &str) -> Entropy {
    let mut entropy = Entropy::default();
    let digest = digest::digest(&digest::SHA256, text.as_bytes());
    entropy.copy_from_slice(&digest.as_ref()[..10]);
    entropy
}

/// A fresh token of 256 bits as URL-safe text.
#[must_use]
pub fn token() -> Secret<String> {
    Secret::new(encode(&random::<32>()))
}

/// URL-safe base64 without padding.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads [`encode`]'s text.
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// SHA-256 as URL-safe text: what is stored of a token.
#[must_use]
pub fn hash(secret: &str) -> String {
    digest(secret.as_bytes())
}

/// SHA-256 of bytes as URL-safe text: what is kept of a file.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    encode(digest::digest(&digest::SHA256, bytes).as_ref())
}

/// HMAC-SHA-256.
#[must_use]
pub fn mac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message);
    let mut bytes = [0; 32];
    bytes.copy_from_slice(tag.as_ref());
    bytes
}

/// Are the two equal? The time taken says nothing about where they differ.
#[must_use]
pub fn equal(left: &[u8], right: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(left, right).is_ok()
}

/// Ordinary base64, as PEM uses it.
#[must_use]
pub fn encode_standard(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// Reads [`encode_standard`]'s text.
#[must_use]
pub fn decode_standard(text: &str) -> Option<Vec<u8>> {
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}
