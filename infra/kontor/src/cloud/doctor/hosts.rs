//! The way to the portal: name, certificate, answer, and whose it is. Where everything is on one machine, names and certificates
//! are nobody's matter.

use domain::tenant::Settings;
use jiff::{SignedDuration, Timestamp};
use store::TenantRecord;
use web::{Clock, Config, Stage};

use super::line::{Fault, Verdict, green, not_here};
use crate::cloud::{
    certificate,
    visitor::{Seen, Visitor},
};

const PLATFORM: &str = "BASE_DOMAIN must be the platform's host, and its DNS must point at the stack's PlatformTarget";
const CLOCK: &str = "set this machine's clock: what it signs is refused when it is wrong";
const DNS: &str = "point it at the stack's target: *.BASE_DOMAIN and own domains at TenantTarget (CNAME), BASE_DOMAIN at \
                   PlatformTarget; at the edge, at the distribution";
const CERTIFICATE: &str =
    "ACM must hold a certificate for it and see its validation record in DNS; then it renews itself";
const PORTAL: &str =
    "`kontor domain add` lets the tenant answer there; the name must point at the front door of this stage";
const NOT_ITS_OWN: &str = "kontor domain add SLUG DOMAIN";
/// Less than that, and nobody renewed it.
const LEAST_DAYS: i64 = 21;
/// Signatures are refused after minutes; whoever is off by seconds will be off by more.
const MAX_SKEW: SignedDuration = SignedDuration::from_secs(5);
const ON_THIS_MACHINE: &str = "all is on this machine: no name is looked up, nothing is encrypted";

/// Does the platform's host answer?
pub(super) fn platform(seen: &Result<Seen, String>) -> Verdict {
    match seen {
        Ok(seen) if seen.status == 200 && seen.body == "ok" => green("answers"),
        Ok(seen) => Err(Fault::new(format!("answers with {}", seen.status), PLATFORM)),
        Err(why) => Err(Fault::new(why.clone(), PLATFORM)),
    }
}

/// Do both sides agree on the time?
pub(super) fn clock(seen: &Result<Seen, String>) -> Verdict {
    let there = seen.as_ref().ok().and_then(|seen| seen.date);
    let Some(there) = there else { return not_here("nobody answered with a time") };
    judge_clock(there, Clock::system().now())
}

fn judge_clock(there: Timestamp, here: Timestamp) -> Verdict {
    let skew = here.duration_since(there);
    // The other side says whole seconds.
    if skew.abs() > MAX_SKEW + SignedDuration::from_secs(1) {
        return Err(Fault::new(format!("this machine is {} s off", skew.as_secs()), CLOCK));
    }
    green("agrees with the platform's")
}

/// Does the name lead anywhere? Whether it leads here is seen by who answers.
pub(super) async fn dns(config: &Config, host: &str) -> Verdict {
    if !config.secure_cookies() {
        return not_here(ON_THIS_MACHINE);
    }
    match tokio::net::lookup_host((host, 443)).await {
        Ok(found) => match found.count() {
            0 => Err(Fault::new("has no address", DNS)),
            count => green(format!("{count} addresses")),
        },
        Err(error) => Err(Fault::new(error.to_string(), DNS)),
    }
}

/// Is it valid, and for long enough?
pub(super) async fn certificate(visitor: &Visitor, host: &str) -> Verdict {
    if !visitor.is_encrypted() {
        return not_here(ON_THIS_MACHINE);
    }
    let seen = visitor.get(host, "/healthz").await.map_err(|why| Fault::new(why, CERTIFICATE))?;
    let ends = seen.certificate.as_deref().and_then(certificate::not_after);
    let ends = ends.ok_or_else(|| Fault::new("its end cannot be read", CERTIFICATE))?;
    judge_certificate(ends, Clock::system().now())
}

fn judge_certificate(ends: Timestamp, now: Timestamp) -> Verdict {
    let days = ends.duration_since(now).as_hours() / 24;
    if days < LEAST_DAYS {
        return Err(Fault::new(format!("ends in {days} days"), CERTIFICATE));
    }
    green(format!("valid, {days} days left"))
}

/// Does the tenant's login page come, and is it this tenant's?
pub(super) fn login(seen: &Result<Seen, String>, settings: &Settings, stage: Stage) -> Verdict {
    let seen = seen.as_ref().map_err(|why| Fault::new(why.clone(), PORTAL))?;
    if seen.status != 200 {
        return Err(Fault::new(format!("the login page answers with {}", seen.status), PORTAL));
    }
    let title = seen.body.split("<title>").nth(1).and_then(|rest| rest.split("</title>").next()).unwrap_or_default();
    if !unescaped(title).ends_with(&format!("– {}", settings.name)) {
        return Err(Fault::new(format!("somebody answers who is not {}", settings.name), PORTAL));
    }
    // An unset footer is empty where it is in earnest, and nobody else says so (M-07).
    let has_footer = settings.texts.footer.html.get(settings.language).is_some();
    let footer = if stage == Stage::Prod && !has_footer { "; its footer text is not set" } else { "" };
    green(format!("shows {}{footer}", settings.name))
}

/// Was the domain given to the tenant?
pub(super) fn is_of(record: &TenantRecord, host: &str) -> Verdict {
    if record.hosts.iter().any(|own| own == host) {
        return green(format!("is one of {}'s", record.slug));
    }
    Err(Fault::new(format!("is not one of {}'s", record.slug), NOT_ITS_OWN))
}

/// What templates write for the signs that mean something in HTML.
fn unescaped(text: &str) -> String {
    let signs = [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")];
    signs.iter().fold(text.trim().to_owned(), |text, (written, sign)| text.replace(written, sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(status: u16, body: &str) -> Result<Seen, String> {
        Ok(Seen { status, date: None, body: body.to_owned(), certificate: None })
    }

    fn named(name: &str) -> Settings {
        Settings { name: name.to_owned(), ..Settings::default() }
    }

    #[test]
    fn a_page_is_its_tenants_when_its_title_says_so() {
        let page = |name: &str| seen(200, &format!("<head><title>Anmelden – {name}</title></head>"));
        assert!(login(&page("Web &#38; Co"), &named("Web & Co"), Stage::Local).is_ok());
        assert!(login(&page("Other"), &named("Web & Co"), Stage::Local).unwrap_err().said.contains("not Web & Co"));
        assert!(login(&seen(404, ""), &named("a"), Stage::Local).unwrap_err().said.contains("404"));
        assert!(login(&Err("no answer".to_owned()), &named("a"), Stage::Local).is_err());
        let verdict = login(&page("a"), &named("a"), Stage::Prod).unwrap();
        assert!(format!("{verdict:?}").contains("footer"), "{verdict:?}");
    }

    #[test]
    fn a_certificate_is_red_three_weeks_before_its_end() {
        let now: Timestamp = "2026-11-22T09:00:00Z".parse().unwrap();
        assert!(judge_certificate(now + SignedDuration::from_hours(24 * 21), now).is_ok());
        assert!(judge_certificate(now + SignedDuration::from_hours(24 * 21 - 1), now).is_err());
        assert!(judge_certificate(now - SignedDuration::from_hours(24), now).is_err());
    }

    #[test]
    fn a_clock_may_be_off_by_seconds_and_by_no_more() {
        let there: Timestamp = "2026-11-22T09:00:00Z".parse().unwrap();
        for (seconds, is_well) in [(0, true), (5, true), (-5, true), (7, false), (-7, false)] {
            let here = there + SignedDuration::from_secs(seconds);
            assert_eq!(judge_clock(there, here).is_ok(), is_well, "{seconds}");
        }
        assert!(clock(&Err("no answer".to_owned())).is_ok(), "the platform's line says it");
    }

    #[test]
    fn only_a_healthy_platform_says_ok() {
        assert!(platform(&seen(200, "ok")).is_ok());
        assert!(platform(&seen(200, "<html>")).is_err() && platform(&seen(404, "")).is_err());
    }
}
