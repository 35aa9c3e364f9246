//! `cargo figures`: measures what the product promises and writes `tests/figures.json` and README's table.
//! `cargo figures --check` measures only what each page costs and fails where that differs from the file.
//!
//! Times are only ever compared within one run and printed as ratios to the empty function; counts (DynamoDB calls,
//! units, bytes, instructions) are exact.

mod lambda;
mod portal;
mod report;

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use flate2::{Compression, write::DeflateEncoder};
use http::Method;
use portal::Portal;
use report::{ColdStart, Figures, Instructions, PageFigure, Size};

/// Port of the measured portal; four more follow it.
const PORT: u16 = 9_400;
/// Starts of each binary; the median counts.
const STARTS: usize = 9;
/// Requests by which two runs under callgrind differ.
const REQUESTS: usize = 50;
/// Functions whose sizes are measured.
const FUNCTIONS: [&str; 7] = ["auth-otp", "backoffice", "customer", "documents", "invoices", "subscriptions", "worker"];

#[tokio::main]
#[expect(clippy::disallowed_methods, reason = "a program of the workbench, not a function")]
async fn main() -> Result<(), String> {
    let root = PathBuf::from(".");
    let target = std::env::var("CARGO_TARGET_DIR").map_or_else(|_| root.join("target"), PathBuf::from);
    build(&["build", "--bin", "local"])?;
    if std::env::args().any(|argument| argument == "--check") {
        return check(&root, &target).await;
    }
    let mut release = vec!["build", "--release", "--bin", "empty"];
    for function in FUNCTIONS {
        release.extend(["--bin", function]);
    }
    if !std::env::args().any(|argument| argument == "--as-built") {
        build(&release)?;
    }
    let portal = Portal::start(&target.join("debug/local"), PORT).await?;
    let host = format!("webhosting-ag.localhost:{PORT}");
    let small = portal.sign_in(&host, "tine@example.org").await?;
    let large = portal.sign_in(&host, &bulk_email()?).await?;
    let figures = Figures {
        pages: pages(&portal, &host, &small, &large).await?,
        first_page_bytes: first_page(&portal, &host).await?,
        cold_start: cold_starts(&portal, &target, &host).await?,
        instructions: instructions(&portal, &target, &host, &small).await?,
        sizes: FUNCTIONS.iter().map(|name| size(&target, name)).collect::<Result<_, _>>()?,
        pdf: pdf(&portal, &host, &small).await?,
    };
    figures.write(&root)
}

/// Compares what each page costs with the committed file. A difference is meant: then `cargo figures` writes it down.
async fn check(root: &Path, target: &Path) -> Result<(), String> {
    let portal = Portal::start(&target.join("debug/local"), PORT).await?;
    let host = format!("webhosting-ag.localhost:{PORT}");
    let small = portal.sign_in(&host, "tine@example.org").await?;
    let large = portal.sign_in(&host, &bulk_email()?).await?;
    let measured = pages(&portal, &host, &small, &large).await?;
    let text = std::fs::read_to_string(root.join("tests/figures.json")).map_err(|error| error.to_string())?;
    let committed: serde_json::Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let failed = report::differences(&measured, &committed);
    let mut out = std::io::stdout().lock();
    // Nobody is left to tell when this fails.
    for line in &failed {
        let _ = std::io::Write::write_all(&mut out, format!("{line}\n").as_bytes());
    }
    let passed = measured.len() - failed.len();
    let _ = std::io::Write::write_all(&mut out, format!("{passed} passed, {} failed\n", failed.len()).as_bytes());
    if failed.is_empty() { Ok(()) } else { Err("pages cost something else than tests/figures.json says".into()) }
}

fn build(arguments: &[&str]) -> Result<(), String> {
    let built = Command::new("cargo").args(arguments).status().map_err(|error| error.to_string())?;
    if built.success() { Ok(()) } else { Err(format!("cargo {} failed", arguments.join(" "))) }
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
            let (calls, depth, units) = answer.cost.ok_or_else(|| format!("{path} has no log line"))?;
            let page = PageFigure {
                path: path.to_owned(),
                invoices,
                status: answer.status.as_u16(),
                calls,
                depth,
                units,
                bytes: answer.body.len(),
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
    let mut html = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(page.body.as_slice()), &mut html)
        .map_err(|error| error.to_string())?;
    let mut files: Vec<&str> = html.split('"').filter(|part| part.starts_with("/assets/")).collect();
    files.sort_unstable();
    files.dedup();
    for file in files {
        total += portal.send(Method::GET, host, file, "", "").await?.body.len();
    }
    Ok(total)
}

/// The environment of a function beside the measured portal.
fn environment(portal: &Portal) -> Result<Vec<(String, String)>, String> {
    let text = std::fs::read_to_string(portal.data.join("environment")).map_err(|error| error.to_string())?;
    Ok(text
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect())
}

async fn cold_starts(portal: &Portal, target: &Path, host: &str) -> Result<Vec<ColdStart>, String> {
    let environment = environment(portal)?;
    let mut times: Vec<(&str, Vec<f64>, u64)> =
        vec![("empty", vec![], 0), ("auth-otp", vec![], 0), ("invoices", vec![], 0)];
    for _ in 0..STARTS {
        for (name, times, resident) in &mut times {
            let path = if *name == "empty" { "/" } else { "/unknown" };
            let event = lambda::get_event(host, path, "");
            let started = lambda::run(&target.join("release").join(*name), &environment, vec![event], None).await?;
            times.push(started.first_answer.as_secs_f64() * 1_000.0);
            *resident = started.resident;
        }
    }
    let median = |times: &[f64]| {
        let mut sorted = times.to_vec();
        sorted.sort_by(f64::total_cmp);
        sorted[sorted.len() / 2]
    };
    let empty = median(&times[0].1);
    let figure = |(name, times, resident): &(&'static str, Vec<f64>, u64)| ColdStart {
        function: name,
        milliseconds: median(times),
        ratio: median(times) / empty,
        resident_bytes: *resident,
    };
    Ok(times.iter().map(figure).collect())
}

/// Instructions of one warm request, as the difference of two runs, with all its SDK calls and compression.
async fn instructions(portal: &Portal, target: &Path, host: &str, cookie: &str) -> Result<Vec<Instructions>, String> {
    let environment = environment(portal)?;
    let mut figures: Vec<Instructions> = Vec::new();
    for (function, path) in [
        ("empty", "/"),
        ("auth-otp", "/login"),
        ("customer", "/"),
        ("subscriptions", "/contracts"),
        ("invoices", "/invoices"),
        ("invoices", "/invoices/RE1000"),
    ] {
        let mut counted = Vec::new();
        for requests in [5, 5 + REQUESTS] {
            let cookie = if function == "empty" || function == "auth-otp" { "" } else { cookie };
            let events = vec![lambda::get_event(host, path, cookie); requests];
            let out = portal.data.join(format!("callgrind-{function}-{requests}"));
            let started = lambda::run(&target.join("release").join(function), &environment, events, Some(&out)).await?;
            if let Some(wrong) = started.statuses.iter().find(|status| **status != 200) {
                return Err(format!("{function} {path} answered {wrong}"));
            }
            counted.push(started.instructions.ok_or_else(|| format!("callgrind counted nothing for {function}"))?);
        }
        let instructions = counted[1].saturating_sub(counted[0]) / REQUESTS as u64;
        let empty = figures.first().map_or(instructions, |figure| figure.instructions);
        #[expect(clippy::cast_precision_loss, reason = "a ratio")]
        let ratio = instructions as f64 / empty as f64;
        figures.push(Instructions { function, path, instructions, ratio });
    }
    Ok(figures)
}

/// Size of a binary as Lambda gets it: compressed like a zip.
fn size(target: &Path, function: &'static str) -> Result<Size, String> {
    let bytes = std::fs::read(target.join("release").join(function)).map_err(|error| format!("{function}: {error}"))?;
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    std::io::Write::write_all(&mut encoder, &bytes).map_err(|error| error.to_string())?;
    let packed = encoder.finish().map_err(|error| error.to_string())?;
    Ok(Size { function, binary_bytes: bytes.len(), zip_bytes: packed.len() })
}

/// Size of RE1000 as it is handed out.
async fn pdf(portal: &Portal, host: &str, cookie: &str) -> Result<usize, String> {
    let to = portal.send(Method::GET, host, "/invoices/RE1000/pdf", cookie, "").await?;
    let address = to.headers.get("location").and_then(|value| value.to_str().ok()).ok_or("the PDF has no address")?;
    let path = address.splitn(4, '/').nth(3).map(|rest| format!("/{rest}")).unwrap_or_default();
    let authority = address.split('/').nth(2).unwrap_or_default().to_owned();
    let request = http::Request::get(format!("http://{authority}{path}"))
        .body(axum::body::Body::empty())
        .map_err(|error| error.to_string())?;
    let client: hyper_util::client::legacy::Client<_, axum::body::Body> =
        hyper_util::client::legacy::Client::builder(hyper_util::rt::TokioExecutor::new()).build_http();
    let answer = client.request(request).await.map_err(|error| error.to_string())?;
    let body = axum::body::to_bytes(axum::body::Body::new(answer.into_body()), 8 << 20)
        .await
        .map_err(|error| error.to_string())?;
    Ok(body.len())
}
