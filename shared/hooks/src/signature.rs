//! Signatures as Standard Webhooks has them: HMAC-SHA256 over id, time and raw body, once per secret that is good.

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::endpoint::SigningSecret;

/// A secret from fresh random bytes.
#[must_use]
pub fn fresh_secret(random: [u8; 32]) -> SigningSecret {
    SigningSecret::new(format!("{}{}", SigningSecret::PREFIX, STANDARD.encode(random)))
}

/// The value of `webhook-signature`: a signature per secret, with a blank between them.
#[must_use]
pub fn sign<'a>(secrets: impl Iterator<Item = &'a SigningSecret>, id: &str, seconds: i64, body: &[u8]) -> String {
    let mut text = format!("{id}.{seconds}.").into_bytes();
    text.extend_from_slice(body);
    let one = |secret: &SigningSecret| {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key(secret)?), &text);
        Some(format!("v1,{}", STANDARD.encode(tag)))
    };
    secrets.filter_map(one).collect::<Vec<_>>().join(" ")
}

/// The bytes behind a secret's text.
fn key(secret: &SigningSecret) -> Option<Vec<u8>> {
    STANDARD.decode(secret.expose().strip_prefix(SigningSecret::PREFIX)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example that the libraries of Standard Webhooks share.
    const SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    const ID: &str = "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk";
    const SECONDS: i64 = 1_649_367_553;
    const BODY: &[u8] = br#"{"email":"test@example.com","username":"test_user"}"#;
    const SIGNATURE: &str = "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=";

    #[test]
    fn the_standards_own_example_is_signed_as_it_says() {
        let secret = SigningSecret::new(SECRET.to_owned());
        assert_eq!(sign([&secret].into_iter(), ID, SECONDS, BODY), SIGNATURE);
    }

    #[test]
    fn every_secret_signs_for_itself() {
        let [old, new] = [SigningSecret::new(SECRET.to_owned()), fresh_secret([7; 32])];
        let both = sign([&new, &old].into_iter(), ID, SECONDS, BODY);
        let (first, second) = both.split_once(' ').unwrap();
        assert_eq!((first, second), (sign([&new].into_iter(), ID, SECONDS, BODY).as_str(), SIGNATURE));
        assert_ne!(first, second);
    }

    #[test]
    fn id_time_and_body_are_signed() {
        let secret = SigningSecret::new(SECRET.to_owned());
        let signed = |id: &str, seconds, body: &[u8]| sign([&secret].into_iter(), id, seconds, body);
        for other in [signed("msg_2", SECONDS, BODY), signed(ID, SECONDS + 1, BODY), signed(ID, SECONDS, b"{}")] {
            assert_ne!(other, SIGNATURE);
        }
    }
}
