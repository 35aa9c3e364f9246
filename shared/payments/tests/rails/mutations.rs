//! 100,000 changed messages: none is taken for the one that was signed.

use http::{HeaderMap, HeaderValue};
use jiff::SignedDuration;
use payments::{Provider as _, Raw};

use crate::contract::{World, fresh};

/// Changed messages of one provider.
pub(crate) const MUTATIONS: u32 = 25_000;

/// A fixed sequence of numbers, so that a failure comes again.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

/// Changes body, header, time and key, each in turn; `changed` are the headers whose every letter counts.
pub(crate) async fn are_refused(world: &impl World, changed: &[&str]) {
    let body = world.odd_message(&fresh(world));
    let now = world.now();
    let headers = world.proof(&body, now);
    let genuine = Raw { headers: &headers, body: &body, now };
    assert!(world.adapter().verify(genuine).await.is_ok());
    let others: Vec<HeaderMap> = (b'0'..=b'9').map(|digit| world.proof(&[&body[..], &[digit]].concat(), now)).collect();
    let mut dice = Dice(1);
    for number in 0..MUTATIONS {
        let (mut body, mut headers, mut now) = (body.clone(), headers.clone(), now);
        let what = match number % 4 {
            0 => {
                let at = dice.roll(body.len());
                body[at] ^= 1 << dice.roll(8);
                format!("bit of byte {at} of the body")
            }
            1 => {
                let name = changed[dice.roll(changed.len())];
                change(&mut headers, name, &mut dice)
            }
            2 if world.signs_its_time() => {
                let seconds = 301 + i64::try_from(dice.roll(10_000_000)).unwrap();
                let ahead = dice.roll(2) == 0;
                now += SignedDuration::from_secs(if ahead { seconds } else { -seconds });
                format!("{seconds} s, ahead: {ahead}")
            }
            2 => {
                let cut = dice.roll(body.len());
                body.truncate(cut);
                format!("cut at {cut}")
            }
            _ => {
                headers = others[dice.roll(others.len())].clone();
                "the signature of another body".to_owned()
            }
        };
        let raw = Raw { headers: &headers, body: &body, now };
        assert!(world.adapter().verify(raw).await.is_err(), "{number}: {what}");
        if number % 100 == 0 {
            assert!(world.stranger().verify(genuine).await.is_err(), "another key");
        }
    }
}

/// Another letter at one place of a header.
fn change(headers: &mut HeaderMap, name: &str, dice: &mut Dice) -> String {
    let mut value = headers[name].to_str().unwrap().as_bytes().to_vec();
    // Stripe's `v0` is a signature of another scheme, and ignored.
    let counts = value.windows(4).position(|part| part == b",v0=").unwrap_or(value.len());
    let at = loop {
        let at = dice.roll(counts);
        if value[at].is_ascii_alphanumeric() {
            break at;
        }
    };
    let before = value[at];
    while value[at].eq_ignore_ascii_case(&before) {
        value[at] = b"0123456789abcdefghij"[dice.roll(20)];
    }
    headers.insert(http::HeaderName::try_from(name).unwrap(), HeaderValue::from_bytes(&value).unwrap());
    format!("letter {at} of {name}")
}
