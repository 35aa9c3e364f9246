//! The tables of figures that people read: each with its limit, and with a reason where it stands above.

use std::fmt::Write;

use crate::{
    limits,
    portal::Cost,
    prices::Bill,
    report::{ColdStart, Figures, FirstRequest, Handshakes, Instructions, PageFigure, Paper, Size},
};

/// Rows of the second table, and what stands above its limit while nobody says why.
#[derive(Debug, Default)]
struct Rows {
    rows: Vec<[String; 4]>,
    unexplained: Vec<String>,
}

impl Rows {
    /// A figure: its words, what was measured, the limit.
    fn add(&mut self, name: &str, row: [String; 3], is_within: bool) {
        let why = self.why(name, is_within).to_owned();
        let [figure, measured, limit] = row;
        self.rows.push([figure, measured, limit, why]);
    }

    fn why(&mut self, name: &str, is_within: bool) -> &'static str {
        limits::reason(name, is_within).unwrap_or_else(|error| {
            self.unexplained.push(error);
            ""
        })
    }
}

/// Both tables.
///
/// # Errors
/// Figures above their limits without a reason, all of them.
pub(crate) fn of(figures: &Figures) -> Result<String, String> {
    let mut rows = Rows::default();
    let mut text = String::from(
        "Made by `cargo figures`; all of it in `tests/figures.json`. Pages' rows are checked by `cargo figures --check`.\n\n\
         | page | invoices | DynamoDB calls | depth (≤ 2) | read units (≤ 3) | bytes, gzip (≤ 50,000) | why above |\n\
         |---|--:|--:|--:|--:|--:|---|\n",
    );
    for page in &figures.pages {
        let PageFigure { path, invoices, cost: Cost { calls, depth, reads, .. }, bytes, .. } = page;
        let within = *depth <= limits::DEPTH && *reads <= limits::READS && *bytes <= limits::PAGE_BYTES;
        let why = rows.why(path, within);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "| `{path}` | {invoices} | {calls} | {depth} | {reads} | {bytes} | {why} |");
    }
    requests(figures, &mut rows);
    starts(figures, &mut rows);
    sizes(figures, &mut rows);
    money(figures, &mut rows);
    text += "\n| figure | measured | limit | why above |\n|---|--:|--:|---|\n";
    for [figure, measured, limit, why] in &rows.rows {
        let _ = writeln!(text, "| {figure} | {measured} | {limit} | {why} |");
    }
    if rows.unexplained.is_empty() { Ok(text) } else { Err(rows.unexplained.join("\n")) }
}

/// What requests load and compute.
fn requests(figures: &Figures, rows: &mut Rows) {
    let (bytes, limit) = (figures.first_page_bytes, limits::FIRST_PAGE_BYTES);
    let figure = "first page with everything it loads, gzip".to_owned();
    rows.add("first page", [figure, kilobytes(bytes), kilobytes(limit)], bytes <= limit);
    for Instructions { function, path, instructions, call, calls, own, ratio, .. } in &figures.instructions {
        let figure = format!("instructions of a warm request: {function} `{path}`");
        let [all, call, own] = [instructions, call, own].map(|count| count / 1_000);
        let measured = format!("{own} k = {ratio:.1}× (and {calls} SDK calls of {call} k: {all} k)");
        let limit = limits::INSTRUCTIONS_RATIO;
        rows.add(&format!("instructions {path}"), [figure, measured, format!("{limit}×")], *ratio <= limit);
    }
}

/// What starts cost, and what a function holds then.
fn starts(figures: &Figures, rows: &mut Rows) {
    for ColdStart { function, milliseconds, ratio } in figures.cold_start.iter().skip(1) {
        let (figure, limit) = (format!("cold start of {function} against the empty function"), limits::START_RATIO);
        let measured = format!("{ratio:.1}× ({milliseconds:.1} ms)");
        rows.add(&format!("start {function}"), [figure, measured, format!("{limit}×")], *ratio <= limit);
    }
    for Handshakes { function, without_milliseconds, with_milliseconds, ratio } in &figures.handshakes {
        let figure = format!("first event of {function} with handshakes of 40 ms against none");
        let measured = format!("{ratio:.2}× ({with_milliseconds:.1} ms against {without_milliseconds:.1} ms)");
        let limit = limits::HANDSHAKE_MILLISECONDS;
        let within = with_milliseconds - without_milliseconds <= limit;
        rows.add(&format!("handshake {function}"), [figure, measured, format!("{limit} ms more")], within);
    }
    for FirstRequest { function, handshakes, resident_bytes, log_bytes } in &figures.first_request {
        let figure = format!("DynamoDB handshakes in the first event of {function}");
        rows.add(&format!("handshakes {function}"), [figure, handshakes.to_string(), "0".to_owned()], *handshakes == 0);
        let is_paper = function.starts_with("documents");
        let limit = if is_paper { limits::DOCUMENTS_RESIDENT_BYTES } else { limits::RESIDENT_BYTES };
        let megabytes = [resident_bytes, &limit].map(|bytes| format!("{} MB", bytes / 1_000_000));
        let [measured, shown] = megabytes;
        let figure = format!("resident memory of {function}");
        rows.add(&format!("memory {function}"), [figure, measured, shown], *resident_bytes <= limit);
        // Work has no line of its own.
        if *log_bytes > 0 {
            let (figure, limit) = (format!("log line of {function}"), limits::LOG_BYTES);
            let row = [figure, format!("{log_bytes} B"), format!("{limit} B")];
            rows.add(&format!("log {function}"), row, *log_bytes <= limit);
        }
    }
}

/// Zips and papers.
fn sizes(figures: &Figures, rows: &mut Rows) {
    for Size { function, zip_bytes, ratio, .. } in &figures.sizes {
        let limit = if *function == "documents" { limits::DOCUMENTS_ZIP_BYTES } else { limits::ZIP_BYTES };
        let measured = format!("{} (its binary here: {ratio:.1}× the empty function's)", kilobytes(*zip_bytes));
        let row = [format!("zip of {function} for arm64"), measured, kilobytes(limit)];
        let is_within = *zip_bytes <= limit;
        rows.add(&format!("zip {function}"), row, is_within);
        if !is_within && !limits::is_excepted(function, *zip_bytes) {
            rows.unexplained.push(format!("zip {function} is larger than any reason allows"));
        }
    }
    let Paper { milliseconds, bytes } = figures.paper;
    let (figure, limit) = ("invoice of one page, ten lines and logo: CPU, warm".to_owned(), limits::PAPER_MILLISECONDS);
    rows.add("paper time", [figure, format!("{milliseconds:.1} ms"), format!("{limit} ms")], milliseconds <= limit);
    let (figure, limit) = ("the same: size".to_owned(), limits::PAPER_BYTES);
    rows.add("paper size", [figure, kilobytes(bytes), kilobytes(limit)], bytes <= limit);
}

/// Units of a payment that was told, and a million of the two most frequent things.
fn money(figures: &Figures, rows: &mut Rows) {
    let Cost { reads, writes, .. } = figures.webhook;
    for (side, units, limit) in [("read", reads, limits::WEBHOOK_READS), ("write", writes, limits::WEBHOOK_WRITES)] {
        let figure = format!("{side} units from a provider's message until the invoice is paid");
        rows.add(&format!("webhook {side}"), [figure, units.to_string(), limit.to_string()], units <= limit);
    }
    for (name, what, bills, limit) in [
        ("million pages", "pages", &figures.million_pages, limits::MILLION_PAGES),
        ("million webhooks", "payments told by a provider", &figures.million_webhooks, limits::MILLION_WEBHOOKS),
    ] {
        for Bill { region, gateway, compute, reads, writes, egress, logs, sum } in bills {
            let figure = format!(
                "a million {what} in {region}: gateway {gateway:.2}, compute {compute:.2}, reads {reads:.2}, \
                 writes {writes:.2}, egress {egress:.2}, logs {logs:.2}"
            );
            // The limit is one for the region whose prices everybody quotes.
            let (shown, within) =
                if *region == "us-east-1" { (format!("{limit:.2} $"), *sum <= limit) } else { (String::new(), true) };
            rows.add(&format!("{name} {region}"), [figure, format!("{sum:.2} $"), shown], within);
        }
    }
}

fn kilobytes(bytes: usize) -> String {
    if bytes < 100_000 {
        format!("{}.{} kB", bytes / 1_000, bytes % 1_000 / 100)
    } else {
        format!("{} kB", bytes / 1_000)
    }
}
