//! Starts of every function: how long until the first answer, what the first event opens and holds, and what handshakes over a
//! network would add to it.

use std::{path::Path, time::Duration};

use lambda::Line;
use serde_json::Value;

use crate::{
    FUNCTIONS,
    portal::Portal,
    report::{ColdStart, FirstRequest, Handshakes},
    runs::{self, Run, Started},
};

/// Starts of each binary; the median counts.
const STARTS: usize = 9;
/// What a TLS handshake takes within a region, to whatever a function speaks.
const HANDSHAKE: Duration = Duration::from_millis(40);
/// As a function names the places it speaks to; the others are the operator's.
const ENDPOINTS: [&str; 3] = [TABLE, "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_SES"];
/// The one of them whose connections are opened before the first event.
const TABLE: &str = "AWS_ENDPOINT_URL_DYNAMODB";

/// Whoever asks the functions first.
#[derive(Debug)]
pub(crate) struct Visitor<'a> {
    /// The tenant's host.
    pub(crate) host: &'a str,
    /// The platform's.
    pub(crate) platform: &'a str,
    /// Cookies of the customer with ten invoices, and with ten thousand.
    pub(crate) small: &'a str,
    pub(crate) large: &'a str,
    /// The tenant's API key.
    pub(crate) key: &'a str,
}

/// What a function is given first.
#[derive(Debug)]
struct First {
    function: &'static str,
    /// What of it, where it does two things.
    name: &'static str,
    event: Value,
    /// Status of the answer; work has none.
    expected: Option<u16>,
}

impl First {
    fn request(function: &'static str, event: Value, expected: u16) -> Self {
        Self { function, name: function, event, expected: Some(expected) }
    }

    fn minute(function: &'static str, name: &'static str) -> Result<Self, String> {
        Ok(Self { function, name, event: runs::minute_event()?, expected: None })
    }
}

impl Visitor<'_> {
    /// Every function with its first event. Each run asks for an invoice that was never rendered; worker comes last, for it works.
    fn firsts(&self, run: usize) -> Result<Vec<First>, String> {
        let page = |path: &str, cookie: &str| runs::get_event(self.host, path, cookie);
        let paper = page(&format!("/invoices/BM{:05}/pdf", run + 1), self.large);
        let mut message = page("/webhooks/sandbox", "");
        message["requestContext"]["http"]["method"] = "POST".into();
        let checkout = runs::get_event(self.platform, "/sandbox-provider/webhosting-ag/checkout/unknown", "");
        let mut listed = page("/api/admin/v1/customers", "");
        listed["headers"]["authorization"] = format!("Bearer {}", self.key).into();
        Ok(vec![
            First::request("auth-otp", page("/login", ""), 200),
            First::request("customer", page("/", self.small), 200),
            First::request("subscriptions", page("/contracts", self.small), 200),
            First::request("invoices", page("/invoices", self.small), 200),
            First::request("prepaid", page("/accounts", self.small), 200),
            First::request("settle", page("/settle", self.small), 200),
            First { name: "documents, a new paper", ..First::request("documents", paper, 303) },
            First::request("webhooks", message, 401),
            First::request("sandbox-provider", checkout, 404),
            First::request("backoffice", listed, 200),
            First::minute("documents", "documents, a minute")?,
            First::minute("worker", "worker, a minute")?,
        ])
    }
}

/// From starting the process to the first answer, clients built and connections open; the table costs no time.
pub(crate) async fn cold_starts(portal: &Portal, target: &Path, host: &str) -> Result<Vec<ColdStart>, String> {
    let mut environment = portal.environment()?;
    environment.push((TABLE.to_owned(), runs::empty_table().await?));
    let names = ["empty"].into_iter().chain(FUNCTIONS);
    let mut times: Vec<(&str, Vec<f64>)> = names.map(|name| (name, Vec::new())).collect();
    for _ in 0..STARTS {
        for (name, times) in &mut times {
            let event = match *name {
                "empty" => runs::get_event(host, "/", ""),
                "worker" => runs::minute_event()?,
                _ => runs::get_event(host, "/unknown", ""),
            };
            let binary = target.join("release").join(*name);
            let environment = environment.as_slice();
            let run =
                Run { binary: &binary, environment, events: vec![event], waits: false, callgrind: None, line: None };
            times.push(milliseconds(runs::run(run).await?.first_answer));
        }
    }
    let medians: Vec<(&'static str, f64)> = times.iter().map(|(name, times)| (*name, median(times))).collect();
    let empty = medians.first().map_or(f64::NAN, |(_, milliseconds)| *milliseconds);
    let figure = |(function, milliseconds): (&'static str, f64)| ColdStart {
        function,
        milliseconds,
        ratio: milliseconds / empty,
    };
    Ok(medians.into_iter().map(figure).collect())
}

/// What the first event after the start opens, and what the process holds after it.
pub(crate) async fn first_requests(
    portal: &Portal,
    target: &Path,
    visitor: &Visitor<'_>,
) -> Result<Vec<FirstRequest>, String> {
    let mut figures = Vec::new();
    for first in visitor.firsts(0)? {
        let name = first.name;
        let Started { handshakes, resident, log_bytes, .. } = start(portal, target, first, Duration::ZERO).await?;
        figures.push(FirstRequest { function: name, handshakes, resident_bytes: resident, log_bytes });
    }
    Ok(figures)
}

/// How long the first event takes after the initialisation, when a new connection to table, bucket or mails takes a handshake, and
/// when it takes none.
pub(crate) async fn handshakes(
    portal: &Portal,
    target: &Path,
    visitor: &Visitor<'_>,
) -> Result<Vec<Handshakes>, String> {
    let mut times: Vec<(&'static str, [Vec<f64>; 2])> = Vec::new();
    for run in 0..STARTS {
        for (side, handshake) in [Duration::ZERO, HANDSHAKE].into_iter().enumerate() {
            for (at, first) in visitor.firsts(1 + 2 * run + side)?.into_iter().enumerate() {
                if times.len() <= at {
                    times.push((first.name, [Vec::new(), Vec::new()]));
                }
                let started = start(portal, target, first, handshake).await?;
                times[at].1[side].push(milliseconds(started.first_answer));
            }
        }
    }
    let figure = |(function, [without, with]): &(&'static str, [Vec<f64>; 2])| {
        let (without, with) = (median(without), median(with));
        Handshakes { function, without_milliseconds: without, with_milliseconds: with, ratio: with / without }
    };
    Ok(times.iter().map(figure).collect())
}

/// Starts a function, and gives it its first event when it asks for one. Lines lie between it and everything it speaks to.
async fn start(portal: &Portal, target: &Path, first: First, handshake: Duration) -> Result<Started, String> {
    let First { function, name, event, expected } = first;
    let (mut environment, mut table) = (Vec::new(), None);
    for (variable, value) in portal.environment()? {
        if !ENDPOINTS.contains(&variable.as_str()) {
            environment.push((variable, value));
            continue;
        }
        let port = value.rsplit(':').next().and_then(|port| port.parse().ok());
        let (line, begin) = Line::to(port.ok_or_else(|| format!("{variable} has no port"))?, handshake).await?;
        if variable == TABLE {
            table = Some(line);
        }
        environment.push((variable, begin));
    }
    let binary = target.join("release").join(function);
    let line = table.as_ref();
    let run =
        Run { binary: &binary, environment: &environment, events: vec![event], waits: true, callgrind: None, line };
    let started = runs::run(run).await?;
    if started.statuses == [expected] {
        Ok(started)
    } else {
        Err(format!("{name} answered {:?} instead of {expected:?}", started.statuses))
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

fn median(times: &[f64]) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}
