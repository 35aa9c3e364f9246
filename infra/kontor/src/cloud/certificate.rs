//! When a certificate ends: the one fact of X.509 that the TLS library checks and does not tell.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

const INTEGER: u8 = 0x02;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
/// `[0]`, in which the version stands.
const VERSION: u8 = 0xa0;

/// `notAfter` of a certificate in DER; `None` for what is none.
pub(crate) fn not_after(der: &[u8]) -> Option<Timestamp> {
    let (certificate, _) = value(der, SEQUENCE)?;
    let (mut facts, _) = value(certificate, SEQUENCE)?;
    if let Some((_, rest)) = value(facts, VERSION) {
        facts = rest;
    }
    // Serial number, algorithm, issuer.
    for tag in [INTEGER, SEQUENCE, SEQUENCE] {
        (_, facts) = value(facts, tag)?;
    }
    let (validity, _) = value(facts, SEQUENCE)?;
    let (_, ends) = time(validity)?;
    time(ends).map(|(ends, _)| ends)
}

/// What stands in the first value, if it has this tag, and what comes behind it.
fn value(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&[found, length], rest) = der.split_first_chunk()?;
    if found != tag {
        return None;
    }
    if length < 0x80 {
        return rest.split_at_checked(length.into());
    }
    let (octets, rest) = rest.split_at_checked((length & 0x7f).into())?;
    // No certificate is longer than two octets can say.
    let length = match *octets {
        [length] => usize::from(length),
        [high, low] => usize::from(u16::from_be_bytes([high, low])),
        _ => return None,
    };
    rest.split_at_checked(length)
}

/// The first of two times, each in either way of RFC 5280: always UTC, always with seconds.
fn time(der: &[u8]) -> Option<(Timestamp, &[u8])> {
    if let Some((text, rest)) = value(der, UTC_TIME) {
        let text = std::str::from_utf8(text).ok()?;
        // Two digits of a year: 50 and later are of the last century.
        let century = if text < "50" { "20" } else { "19" };
        return Some((instant(&format!("{century}{text}"))?, rest));
    }
    let (text, rest) = value(der, GENERALIZED_TIME)?;
    Some((instant(std::str::from_utf8(text).ok()?)?, rest))
}

fn instant(text: &str) -> Option<Timestamp> {
    let at = DateTime::strptime("%Y%m%d%H%M%SZ", text).ok()?;
    at.to_zoned(TimeZone::UTC).ok().map(|at| at.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tagged(tag: u8, inside: &[u8]) -> Vec<u8> {
        let length = u16::try_from(inside.len()).unwrap();
        let [high, low] = length.to_be_bytes();
        let head = if length < 0x80 { vec![tag, low] } else { vec![tag, 0x82, high, low] };
        [head.as_slice(), inside].concat()
    }

    /// The beginning of every certificate, up to its times; an issuer long enough for a length of two octets.
    fn certificate(has_version: bool, ends: &[u8]) -> Vec<u8> {
        let version = tagged(VERSION, &tagged(INTEGER, &[2]));
        let begins = tagged(UTC_TIME, b"260101000000Z");
        let facts = [
            if has_version { version } else { Vec::new() },
            tagged(INTEGER, &[1, 2, 3]),
            tagged(SEQUENCE, &[]),
            tagged(SEQUENCE, &[0x31; 200]),
            tagged(SEQUENCE, &[begins.as_slice(), ends].concat()),
            tagged(SEQUENCE, b"subject and key"),
        ];
        tagged(SEQUENCE, &tagged(SEQUENCE, &facts.concat()))
    }

    #[test]
    fn both_ways_of_writing_a_time_are_read() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let short = tagged(UTC_TIME, b"261231235959Z");
        assert_eq!(not_after(&certificate(true, &short)), Some(at("2026-12-31T23:59:59Z")));
        assert_eq!(not_after(&certificate(false, &short)), Some(at("2026-12-31T23:59:59Z")));
        let long = tagged(GENERALIZED_TIME, b"20510101000000Z");
        assert_eq!(not_after(&certificate(true, &long)), Some(at("2051-01-01T00:00:00Z")));
        let old = tagged(UTC_TIME, b"991231235959Z");
        assert_eq!(not_after(&certificate(true, &old)), Some(at("1999-12-31T23:59:59Z")));
    }

    #[test]
    fn what_breaks_off_is_no_certificate() {
        let whole = certificate(true, &tagged(UTC_TIME, b"261231235959Z"));
        for length in 0..whole.len() {
            assert_eq!(not_after(&whole[..length]), None, "{length}");
        }
        assert_eq!(not_after(&certificate(true, &tagged(UTC_TIME, b"2612312359"))), None);
    }
}
