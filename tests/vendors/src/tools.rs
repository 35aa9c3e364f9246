//! Small things that several vendors need: the time written out, identifiers in creation order, and HMAC.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Seconds of a day.
pub(crate) const DAY: i64 = 86_400;

/// `2026-11-25T04:40:16`, without a zone.
pub(crate) fn stamp(unix: i64) -> String {
    let second = unix.rem_euclid(DAY);
    format!("{}T{:02}:{:02}:{:02}", day(unix), second / 3600, second / 60 % 60, second % 60)
}

/// `2026-11-25`. Counts in eras of 400 years that begin in March, so that the leap day is the last of a year.
pub(crate) fn day(unix: i64) -> String {
    let days = unix.div_euclid(DAY) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let date = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{date:02}")
}

/// `Wed, 25 Nov 2026 04:40:16 GMT`, as in the header `Date`.
pub(crate) fn http_date(unix: i64) -> String {
    // The first of January 1970 was a Thursday.
    let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        [usize::try_from(unix.div_euclid(DAY).rem_euclid(7)).unwrap_or_default()];
    let stamp = stamp(unix);
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = stamp[5..7].parse::<usize>().map_or("Jan", |month| months[month - 1]);
    format!("{weekday}, {} {month} {} {} GMT", &stamp[8..10], &stamp[..4], &stamp[11..])
}

/// Ten letters and digits that sort as their number does, so that a map by identifier is in creation order.
pub(crate) fn tag(number: u64) -> String {
    let mut rest = number;
    let mut letters = [b'0'; 10];
    for letter in letters.iter_mut().rev() {
        *letter = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[usize::try_from(rest % 36).unwrap_or_default()];
        rest /= 36;
    }
    letters.iter().map(|letter| char::from(*letter)).collect()
}

/// Lower-case hex of HMAC-SHA256.
#[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
pub(crate) fn hex_hmac(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key");
    mac.update(body);
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The query or form as pairs.
pub(crate) fn pairs(text: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

/// A plain HTTP client for the vendors' own tests: no client crate is a dependency here.
#[cfg(test)]
pub(crate) mod client {
    use std::{
        io::{Read, Write},
        net::TcpStream,
    };

    use serde_json::Value;

    /// What came back.
    #[derive(Debug)]
    pub(crate) struct Answer {
        /// Status code.
        pub(crate) status: u16,
        /// Header lines in lower case.
        pub(crate) head: String,
        /// The body, `null` when it is no JSON.
        pub(crate) body: Value,
    }

    /// Sends one request on a thread of its own, because the runtime of a test has only one.
    pub(crate) async fn call(url: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let at = url.trim_start_matches("http://").to_owned();
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n{headers}\r\n{body}",
            body.len()
        );
        tokio::task::spawn_blocking(move || {
            let mut stream = TcpStream::connect(at).expect("a listener");
            stream.write_all(request.as_bytes()).expect("sent");
            let mut text = String::new();
            stream.read_to_string(&mut text).expect("an answer");
            let (head, body) = text.split_once("\r\n\r\n").expect("a head");
            let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status");
            Answer { status, head: head.to_lowercase(), body: serde_json::from_str(body).unwrap_or_default() }
        })
        .await
        .expect("the thread ended")
    }
}

#[cfg(test)]
mod tests {
    use super::{day, http_date, stamp, tag};

    #[test]
    fn days_are_written_as_in_the_calendar() {
        assert_eq!(stamp(0), "1970-01-01T00:00:00");
        assert_eq!(stamp(951_782_399), "2000-02-28T23:59:59");
        assert_eq!(day(951_782_400), "2000-02-29");
        assert_eq!(stamp(1_795_581_616), "2026-11-25T04:40:16");
        assert_eq!(http_date(1_795_581_616), "Wed, 25 Nov 2026 04:40:16 GMT");
        assert_eq!(http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
    }

    #[test]
    fn tags_sort_as_their_numbers() {
        assert!(tag(9) < tag(10) && tag(35) < tag(36) && tag(1295) < tag(1296));
        assert_eq!(tag(36), "0000000010");
    }
}
