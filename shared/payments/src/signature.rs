//! `t=<unix seconds>,v1=<hex>`: HMAC-SHA256 over time and raw body, as Stripe and others sign. Others sign the body alone.

use aws_lc_rs::hmac;
use jiff::Timestamp;

use crate::NotVerified;

/// How old a signature may be, and how far ahead of our clock.
pub const TOLERANCE_SECONDS: i64 = 300;
/// Longest header that is looked at.
const MAX_HEADER: usize = 1_024;

/// Signs a body.
#[must_use]
pub fn sign(secret: &[u8], at: Timestamp, body: &[u8]) -> String {
    let seconds = at.as_second();
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), &signed_text(seconds, body));
    let hex: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={seconds},v1={hex}")
}

/// Compares in constant time; any `v1` may match, other versions are ignored.
///
/// # Errors
/// [`NotVerified::Forged`] for a wrong, missing or old signature.
pub fn verify(secret: &[u8], header: &str, now: Timestamp, body: &[u8]) -> Result<(), NotVerified> {
    if header.len() > MAX_HEADER || secret.is_empty() {
        return Err(NotVerified::Forged);
    }
    let parts = || header.split(',').filter_map(|part| part.trim().split_once('='));
    let mut times = parts().filter(|(name, _)| *name == "t").map(|(_, value)| value);
    // `parse` would also take a sign.
    let digits = times.next().filter(|value| value.bytes().all(|byte| byte.is_ascii_digit()));
    let seconds: i64 = digits.and_then(|value| value.parse().ok()).ok_or(NotVerified::Forged)?;
    let age = now.as_second().checked_sub(seconds).ok_or(NotVerified::Forged)?;
    if times.next().is_some() || age.abs() > TOLERANCE_SECONDS {
        return Err(NotVerified::Forged);
    }
    let (key, text) = (hmac::Key::new(hmac::HMAC_SHA256, secret), signed_text(seconds, body));
    let fits = |hex: &str| unhex(hex).is_some_and(|tag| hmac::verify(&key, &text, &tag).is_ok());
    if parts().any(|(name, value)| name == "v1" && fits(value)) { Ok(()) } else { Err(NotVerified::Forged) }
}

/// The same of a signature over the body alone. It never grows old: what guards against a message that is sent again is
/// that nothing in it is booked twice.
///
/// # Errors
/// [`NotVerified::Forged`] for a wrong signature.
pub fn verify_body(secret: &[u8], hex: &str, body: &[u8]) -> Result<(), NotVerified> {
    if secret.is_empty() {
        return Err(NotVerified::Forged);
    }
    let tag = unhex(hex).ok_or(NotVerified::Forged)?;
    hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, secret), body, &tag).map_err(|_| NotVerified::Forged)
}

fn signed_text(seconds: i64, body: &[u8]) -> Vec<u8> {
    let mut text = format!("{seconds}.").into_bytes();
    text.extend_from_slice(body);
    text
}

/// The bytes of a tag of HMAC-SHA256.
pub(crate) fn unhex(hex: &str) -> Option<Vec<u8>> {
    // `from_str_radix` would also take a sign.
    if hex.len() != 64 || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        Timestamp::from_second(1_790_000_000).unwrap()
    }

    #[test]
    fn a_genuine_body_is_verified_and_a_changed_one_is_not() {
        let header = sign(b"secret", now(), b"{}");
        assert_eq!(verify(b"secret", &header, now(), b"{}"), Ok(()));
        assert_eq!(verify(b"secret", &header, now(), b"{ }"), Err(NotVerified::Forged));
        assert_eq!(verify(b"Secret", &header, now(), b"{}"), Err(NotVerified::Forged));
        assert_eq!(verify(b"", &sign(b"x", now(), b"{}"), now(), b"{}"), Err(NotVerified::Forged));
    }

    #[test]
    fn a_signature_lasts_five_minutes_both_ways() {
        let header = sign(b"secret", now(), b"{}");
        for (seconds, fits) in [(300, true), (301, false), (-300, true), (-301, false)] {
            let at = now() + jiff::SignedDuration::from_secs(seconds);
            assert_eq!(verify(b"secret", &header, at, b"{}").is_ok(), fits, "{seconds}");
        }
    }

    #[test]
    fn a_body_alone_is_verified_by_its_tag_alone() {
        // RFC 4231, test case 2.
        let (secret, body) = (b"Jefe", b"what do ya want for nothing?");
        let tag = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(verify_body(secret, tag, body), Ok(()));
        let (short, longer) = (tag[1..].to_owned(), format!("{tag}00"));
        for wrong in [short, longer, String::new(), format!("v1={tag}"), tag.replacen('5', "4", 1), "é".repeat(32)] {
            assert_eq!(verify_body(secret, &wrong, body), Err(NotVerified::Forged), "{wrong}");
        }
        assert_eq!(verify_body(b"", tag, body), Err(NotVerified::Forged));
        assert_eq!(verify_body(secret, tag, b"what do ya want for nothing"), Err(NotVerified::Forged));
    }

    #[test]
    fn one_of_several_signatures_is_enough_and_others_are_ignored() {
        let header = sign(b"new", now(), b"{}");
        let (time, genuine) = header.split_once(',').unwrap();
        let several = format!("{time},v0={},v1={},{genuine}", "00".repeat(32), "ab".repeat(32));
        assert_eq!(verify(b"new", &several, now(), b"{}"), Ok(()));
        let only_old = format!("{time},{}", genuine.replace("v1=", "v0="));
        assert_eq!(verify(b"new", &only_old, now(), b"{}"), Err(NotVerified::Forged));
        let two_times = format!("{time},{header}");
        assert_eq!(verify(b"new", &two_times, now(), b"{}"), Err(NotVerified::Forged));
    }

    #[test]
    fn none_of_a_hundred_thousand_mutations_is_accepted() {
        let body = br#"{"type":"charge.succeeded","amount":"15.91"}"#;
        let header = sign(b"secret", now(), body);
        let mut state = 1_u64;
        let mut random = move || {
            // xorshift64: any sequence does, as long as it is the same each time.
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            usize::try_from(state % 1_000_003).unwrap()
        };
        for _ in 0..100_000 {
            let (mut header, mut body) = (header.clone().into_bytes(), body.to_vec());
            let target = if random() % 2 == 0 { &mut header } else { &mut body };
            let at = random() % target.len();
            let byte = u8::try_from(random() % 95 + 32).unwrap();
            match random() % 3 {
                0 => drop(target.remove(at)),
                1 => target.insert(at, byte),
                _ => target[at] = if target[at] == byte { byte ^ 1 } else { byte },
            }
            let text = String::from_utf8_lossy(&header);
            let upper_case_hex = text.eq_ignore_ascii_case(&sign(b"secret", now(), &body));
            // White space around a part, or an empty part, says the same.
            let says_the_same =
                text.chars().filter(|c| !c.is_whitespace()).collect::<String>().trim_matches(',').replace(",,", ",")
                    == sign(b"secret", now(), &body);
            if !upper_case_hex && !says_the_same {
                assert_eq!(verify(b"secret", &text, now(), &body), Err(NotVerified::Forged), "{text}");
            }
        }
    }
}
