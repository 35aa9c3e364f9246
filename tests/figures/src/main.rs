//! `cargo figures`: measures what the product promises and writes `tests/figures.json`, README's tables, and what a month costs into
//! `infra/README.md`.
//! `cargo figures --check` measures only what pages and background work cost and fails where that differs from the file.
//!
//! Times are only ever compared within one run and printed as ratios to the empty function; counts (DynamoDB calls,
//! units, bytes, instructions) are exact.

mod costs;
mod limits;
mod month;
mod paying;
mod portal;
mod prices;
mod report;
mod runs;
mod starts;
mod tables;
mod units;
mod weight;

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use http::{Method, StatusCode};
use portal::Portal;
use report::{Figures, Instructions, PageFigure, Paper, Size};
use runs::Run;
use starts::Visitor;

/// Port of the measured portal; four more follow it.
const PORT: u16 = 9_400;
/// Requests by which two runs under callgrind differ.
const REQUESTS: usize = 50;
/// All functions.
const FUNCTIONS: [&str; 11] = [
    "auth-otp",
    "backoffice",
    "customer",
    "documents",
    "invoices",
    "prepaid",
    "sandbox-provider",
    "settle",
    "subscriptions",
    "webhooks",
    "worker",
];

#[tokio::main]
#[expect(clippy::disallowed_methods, reason = "a program of the workbench, not a function")]
async fn main() -> Result<(), String> {
    let root = PathBuf::from(".");
    let target = std::env::var("CARGO_TARGET_DIR").map_or_else(|_| root.join("target"), PathBuf::from);
    run("cargo", &["build", "--bin", "local"])?;
    if std::env::args().any(|argument| argument == "--check") {
        return check(&root, &target).await;
    }
    let mut release = vec!["build", "--release", "--bin", "empty", "--bin", "call", "--bin", "paper"];
    for function in FUNCTIONS {
        release.extend(["--bin", function]);
    }
    if !std::env::args().any(|argument| argument == "--as-built") {
        run("cargo", &release)?;
        run("infra/build", &["--any-size"])?;
    }
    let seen = seen(&Portal::of_the_day(&target.join("debug/local"), PORT).await?).await?;
    let portal = Portal::of_now(&target.join("debug/local"), PORT).await?;
    measured(&portal, &root, &target, seen).await?.write(&root)
}

/// What is seen from outside.
struct Seen {
    pages: Vec<PageFigure>,
    first_page_bytes: usize,
    webhook: portal::Cost,
}

async fn seen(portal: &Portal) -> Result<Seen, String> {
    let host = format!("webhosting-ag.localhost:{PORT}");
    let small = portal.sign_in(&host, "tine@example.org").await?;
    let large = portal.sign_in(&host, &bulk_email()?).await?;
    let pages = pages(portal, &host, &small, &large).await?;
    let first_page_bytes = first_page(portal, &host).await?;
    let webhook = paying::webhook(portal, &host, &small).await?;
    Ok(Seen { pages, first_page_bytes, webhook })
}

/// All figures. Those come last for which functions work off what is due.
async fn measured(portal: &Portal, root: &Path, target: &Path, seen: Seen) -> Result<Figures, String> {
    let Seen { pages, first_page_bytes, webhook } = seen;
    let (platform, host) = (format!("localhost:{PORT}"), format!("webhosting-ag.localhost:{PORT}"));
    let small = portal.sign_in(&host, "tine@example.org").await?;
    let large = portal.sign_in(&host, &bulk_email()?).await?;
    let key = portal.key("webhosting-ag")?;
    // Messages of a provider that was never asked are nobody's.
    let _asked_once = paying::webhook(portal, &host, &small).await?;
    let instructions = instructions(portal, target, &host, &small, &pages).await?;
    let cold_start = starts::cold_starts(portal, target, &host).await?;
    let visitor = Visitor { host: &host, platform: &platform, small: &small, large: &large, key: &key };
    let first_request = starts::first_requests(portal, target, &visitor).await?;
    let handshakes = starts::handshakes(portal, target, &visitor).await?;
    let of_one_customer: Vec<PageFigure> =
        pages.iter().filter(|page| page.invoices == "10" && page.path != "/login").cloned().collect();
    let log_bytes = first_request.iter().map(|first| first.log_bytes).max().unwrap_or_default();
    let page = prices::page(&of_one_customer, log_bytes);
    let (paper, units) = (paper(target)?, units::measured()?);
    let measured = costs::measured(page, units, paper.bytes)?;
    Ok(Figures {
        million_pages: prices::a_million(&page),
        million_webhooks: prices::a_million(&prices::message(webhook, log_bytes)),
        month: month::months(&measured),
        further_tenant: month::further_tenant(&units),
        units,
        first_request,
        handshakes,
        first_page_bytes,
        webhook,
        cold_start,
        instructions,
        pages,
        sizes: FUNCTIONS.iter().map(|name| size(root, target, name)).collect::<Result<_, _>>()?,
        paper,
    })
}

/// Compares what each page and what background work costs with the committed file. A difference is meant: then `cargo figures`
/// writes it down.
async fn check(root: &Path, target: &Path) -> Result<(), String> {
    let portal = Portal::of_the_day(&target.join("debug/local"), PORT).await?;
    let host = format!("webhosting-ag.localhost:{PORT}");
    let small = portal.sign_in(&host, "tine@example.org").await?;
    let large = portal.sign_in(&host, &bulk_email()?).await?;
    let measured = pages(&portal, &host, &small, &large).await?;
    let text = std::fs::read_to_string(root.join("tests/figures.json")).map_err(|error| error.to_string())?;
    let committed: serde_json::Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let webhook = paying::webhook(&portal, &host, &small).await?;
    let units = serde_json::to_value(units::measured()?).map_err(|error| error.to_string())?;
    let mut failed = report::differences(&measured, webhook, &committed);
    failed.extend(report::other_units(&units, &committed["units"]));
    let mut out = std::io::stdout().lock();
    // Nobody is left to tell when this fails.
    for line in &failed {
        let _ = std::io::Write::write_all(&mut out, format!("{line}\n").as_bytes());
    }
    let background = units.as_object().map_or(0, serde_json::Map::len);
    let passed = measured.len() + 1 + background - failed.len();
    let _ = std::io::Write::write_all(&mut out, format!("{passed} passed, {} failed\n", failed.len()).as_bytes());
    if failed.is_empty() { Ok(()) } else { Err("something costs another amount than tests/figures.json says".into()) }
}

fn run(program: &str, arguments: &[&str]) -> Result<(), String> {
    let ended = Command::new(program).args(arguments).status().map_err(|error| format!("{program}: {error}"))?;
    if ended.success() { Ok(()) } else { Err(format!("{program} {} failed", arguments.join(" "))) }
}

/// The customer with ten thousand invoices.
fn bulk_email() -> Result<String, String> {
    let customers =
        std::fs::read_to_string("infra/local/demo/webhosting-ag/customers.jsonl").map_err(|error| error.to_string())?;
    let line = customers.lines().find(|line| line.contains("\"K5102\"")).ok_or("the demo has no K5102")?;
    let customer: serde_json::Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
    customer
        .get("email")
        .and_then(|email| email.as_str())
        .map(str::to_owned)
        .ok_or_else(|| "K5102 has no e-mail".into())
}

/// Each page twice, so that the second one finds the directory's cache warm.
async fn pages(portal: &Portal, host: &str, small: &str, large: &str) -> Result<Vec<PageFigure>, String> {
    let pages = [
        "/",
        "/data",
        "/contact",
        "/contracts",
        "/contracts/1",
        "/invoices",
        "/invoices/RE1000",
        "/invoices?filter=open",
        "/documents",
        "/accounts",
        "/settle",
        "/prepaid",
        "/login",
        "/imprint",
    ];
    let mut figures = Vec::new();
    for path in pages {
        for (invoices, cookie) in [("10", small), ("10,000", large)] {
            if path == "/invoices/RE1000" && invoices == "10,000" {
                continue;
            }
            let cookie = if path == "/login" { "" } else { cookie };
            portal.send(Method::GET, host, path, cookie, "").await?;
            let answer = portal.send(Method::GET, host, path, cookie, "").await?;
            let cost = answer.cost.ok_or_else(|| format!("{path} has no log line"))?;
            if answer.status != StatusCode::OK {
                return Err(format!("{path} answered {}", answer.status));
            }
            let page = PageFigure {
                path: path.to_owned(),
                invoices,
                cost,
                bytes: answer.body.len(),
                head_bytes: answer.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum(),
            };
            figures.push(page);
        }
    }
    Ok(figures)
}

/// The login page with everything it loads, compressed.
async fn first_page(portal: &Portal, host: &str) -> Result<usize, String> {
    let page = portal.send(Method::GET, host, "/login", "", "").await?;
    let mut total = page.body.len();
    let html = page.text()?;
    let mut files: Vec<&str> = html.split('"').filter(|part| part.starts_with("/assets/")).collect();
    files.sort_unstable();
    files.dedup();
    for file in files {
        total += portal.send(Method::GET, host, file, "", "").await?.body.len();
    }
    Ok(total)
}

/// Instructions of one warm request, and how many of them are not the SDK's. Compression is not asked for.
async fn instructions(
    portal: &Portal,
    target: &Path,
    host: &str,
    cookie: &str,
    pages: &[PageFigure],
) -> Result<Vec<Instructions>, String> {
    let environment = portal.environment()?;
    let empty = instructions_of(portal, target, &environment, "empty", runs::get_event(host, "/", "")).await?;
    let read = instructions_of(portal, target, &environment, "call", runs::get_event(host, "/", "")).await?;
    let call = read.saturating_sub(empty);
    let mut figures = Vec::new();
    for (function, path) in [
        ("auth-otp", "/login"),
        ("customer", "/"),
        ("subscriptions", "/contracts"),
        ("invoices", "/invoices"),
        ("invoices", "/invoices/RE1000"),
        ("prepaid", "/accounts"),
        ("settle", "/settle"),
    ] {
        let page = pages.iter().find(|page| page.path == path && page.invoices == "10");
        let calls = page.map(|page| page.cost.calls).ok_or_else(|| format!("{path} was not measured"))?;
        let cookie = if path == "/login" { "" } else { cookie };
        let event = runs::get_event(host, path, cookie);
        let instructions = instructions_of(portal, target, &environment, function, event).await?;
        let own = instructions.saturating_sub(u64::from(calls) * call);
        #[expect(clippy::cast_precision_loss, reason = "a ratio")]
        let ratio = own as f64 / empty as f64;
        figures.push(Instructions { function, path, instructions, empty, call, calls, own, ratio });
    }
    Ok(figures)
}

/// Of one warm request, as the difference of two runs.
async fn instructions_of(
    portal: &Portal,
    target: &Path,
    environment: &[(String, String)],
    function: &str,
    event: serde_json::Value,
) -> Result<u64, String> {
    let mut counted = Vec::new();
    for requests in [5, 5 + REQUESTS] {
        let events = vec![event.clone(); requests];
        let out = portal.data.join(format!("callgrind-{function}-{requests}"));
        let binary = target.join("release").join(function);
        let run = Run { binary: &binary, environment, events, waits: false, callgrind: Some(&out), line: None };
        let started = runs::run(run).await?;
        if let Some(wrong) = started.statuses.iter().find(|status| **status != Some(200)) {
            return Err(format!("{function} answered {wrong:?}"));
        }
        counted.push(started.instructions.ok_or_else(|| format!("callgrind counted nothing for {function}"))?);
    }
    Ok(counted[1].saturating_sub(counted[0]) / REQUESTS as u64)
}

/// A function's binary against the empty one's, and the zip that Lambda gets.
fn size(root: &Path, target: &Path, function: &'static str) -> Result<Size, String> {
    let length = |file: PathBuf| {
        let found = std::fs::metadata(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        usize::try_from(found.len()).map_err(|error| error.to_string())
    };
    let release = target.join("release");
    let (binary_bytes, empty) = (length(release.join(function))?, length(release.join("empty"))?);
    let zip_bytes = length(root.join("target/lambda").join(format!("{function}.zip")))?;
    #[expect(clippy::cast_precision_loss, reason = "a ratio")]
    let ratio = binary_bytes as f64 / empty as f64;
    Ok(Size { function, binary_bytes, ratio, zip_bytes })
}

/// CPU time and size of an invoice, from a program that renders and does nothing else.
fn paper(target: &Path) -> Result<Paper, String> {
    let measured = Command::new(target.join("release/paper")).output().map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&measured.stdout).into_owned();
    let figures = said.trim().split_once(' ').and_then(|(time, size)| Some((time.parse().ok()?, size.parse().ok()?)));
    let (milliseconds, bytes) = figures.ok_or_else(|| format!("paper said {said:?}"))?;
    Ok(Paper { milliseconds, bytes })
}
