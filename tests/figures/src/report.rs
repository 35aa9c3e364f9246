//! Writes the figures down: `tests/figures.json` for programs, the tables between README's marks for people.

use std::{fmt::Write, fs, path::Path};

use serde::Serialize;
use serde_json::Value;

use crate::{limits, portal::Cost, prices::Bill};

/// Everything that was measured.
#[derive(Debug, Serialize)]
pub(crate) struct Figures {
    /// Cost of each page.
    pub(crate) pages: Vec<PageFigure>,
    /// The login page with everything it loads, compressed.
    pub(crate) first_page_bytes: usize,
    /// From the provider's message until an invoice is paid.
    pub(crate) webhook: Cost,
    /// From process to first answer.
    pub(crate) cold_start: Vec<ColdStart>,
    /// The first request after the start.
    pub(crate) first_request: Vec<FirstRequest>,
    /// Per warm request.
    pub(crate) instructions: Vec<Instructions>,
    /// Of the binaries.
    pub(crate) sizes: Vec<Size>,
    /// An invoice on paper.
    pub(crate) paper: Paper,
    /// US dollars for a million pages.
    pub(crate) million_pages: Vec<Bill>,
    /// US dollars for a million payments told by a provider.
    pub(crate) million_webhooks: Vec<Bill>,
}

/// Cost of one page.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct PageFigure {
    pub(crate) path: String,
    pub(crate) invoices: &'static str,
    #[serde(flatten)]
    pub(crate) cost: Cost,
    pub(crate) bytes: usize,
    pub(crate) head_bytes: usize,
}

/// Start of one function.
#[derive(Debug, Serialize)]
pub(crate) struct ColdStart {
    pub(crate) function: &'static str,
    pub(crate) milliseconds: f64,
    pub(crate) ratio: f64,
}

/// What the first request after the start had to do.
#[derive(Debug, Serialize)]
pub(crate) struct FirstRequest {
    pub(crate) function: &'static str,
    pub(crate) handshakes: usize,
    pub(crate) resident_bytes: u64,
    pub(crate) log_bytes: usize,
}

/// Instructions of one warm request.
#[derive(Debug, Serialize)]
pub(crate) struct Instructions {
    pub(crate) function: &'static str,
    pub(crate) path: &'static str,
    /// All of them.
    pub(crate) instructions: u64,
    /// Of a request of the empty function.
    pub(crate) empty: u64,
    /// Of one call of the SDK, and how many there are.
    pub(crate) call: u64,
    pub(crate) calls: u32,
    /// Without the SDK's calls.
    pub(crate) own: u64,
    /// Own ones against the empty function's.
    pub(crate) ratio: f64,
}

/// Size of one function.
#[derive(Debug, Serialize)]
pub(crate) struct Size {
    pub(crate) function: &'static str,
    pub(crate) binary_bytes: usize,
    pub(crate) zip_bytes: usize,
}

/// An invoice of one page with ten lines and a logo, warm.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Paper {
    pub(crate) milliseconds: f64,
    pub(crate) bytes: usize,
}

/// What costs something else than was committed. Sizes may differ by a fiftieth (masks, dates); depth is only told, for
/// it depends on which of two calls at once is answered first.
pub(crate) fn differences(measured: &[PageFigure], webhook: Cost, committed: &Value) -> Vec<String> {
    let is_known = |known: &Value, cost: Cost| {
        known["calls"] == cost.calls && known["reads"] == cost.reads && known["writes"] == cost.writes
    };
    let told = |Cost { calls, depth, reads, writes }: Cost| {
        format!("{calls} calls, depth {depth}, {reads} read units, {writes} write units")
    };
    let mut differing = Vec::new();
    for page in measured {
        let known = committed["pages"].as_array().and_then(|pages| {
            pages.iter().find(|known| known["path"] == page.path.as_str() && known["invoices"] == page.invoices)
        });
        let same = known.is_some_and(|known| {
            let bytes = known["bytes"].as_u64().unwrap_or(0);
            is_known(known, page.cost) && (page.bytes as u64).abs_diff(bytes) * 50 <= bytes
        });
        if !same {
            let PageFigure { path, invoices, cost, bytes, .. } = page;
            differing.push(format!("{path} with {invoices} invoices: {}, {bytes} bytes", told(*cost)));
        }
    }
    if !is_known(&committed["webhook"], webhook) {
        differing.push(format!("a provider's message: {}", told(webhook)));
    }
    differing
}

const BEGIN: &str = "<!-- figures: begin -->\n";
const END: &str = "<!-- figures: end -->";

impl Figures {
    /// Writes both.
    ///
    /// # Errors
    /// When a file cannot be read or written, or a figure is above its limit without a reason.
    pub(crate) fn write(&self, root: &Path) -> Result<(), String> {
        let json = serde_json::to_string_pretty(self).map_err(|error| error.to_string())?;
        fs::write(root.join("tests/figures.json"), json + "\n").map_err(|error| error.to_string())?;
        let tables = self.tables()?;
        let readme = root.join("README.md");
        let text = fs::read_to_string(&readme).map_err(|error| error.to_string())?;
        let (before, rest) = text.split_once(BEGIN).ok_or("README.md has no place for the figures")?;
        let (_, after) = rest.split_once(END).ok_or("README.md has no end of the figures")?;
        fs::write(readme, format!("{before}{BEGIN}{tables}{END}{after}")).map_err(|error| error.to_string())
    }

    fn tables(&self) -> Result<String, String> {
        let mut text = String::from(
            "Made by `cargo figures`; all of it in `tests/figures.json`. A page's row is checked by `cargo figures --check`.\n\n\
             | page | invoices | DynamoDB calls | depth (≤ 2) | read units (≤ 3) | bytes, gzip (≤ 50,000) | why above |\n\
             |---|--:|--:|--:|--:|--:|---|\n",
        );
        for page in &self.pages {
            let PageFigure { path, invoices, cost: Cost { calls, depth, reads, .. }, bytes, .. } = page;
            let within = *depth <= limits::DEPTH && *reads <= limits::READS && *bytes <= limits::PAGE_BYTES;
            let why = limits::reason(path, within)?;
            // Writing to a string cannot fail.
            let _ = writeln!(text, "| `{path}` | {invoices} | {calls} | {depth} | {reads} | {bytes} | {why} |");
        }
        text += "\n| figure | measured | limit | why above |\n|---|--:|--:|---|\n";
        for [figure, measured, limit, why] in self.lines()? {
            let _ = writeln!(text, "| {figure} | {measured} | {limit} | {why} |");
        }
        Ok(text)
    }

    /// Every figure that is no page's: name, measured, limit, reason.
    fn lines(&self) -> Result<Vec<[String; 4]>, String> {
        let mut lines = Vec::new();
        let mut line = |name: &str, figure: String, measured: String, limit: String, within: bool| {
            let why = limits::reason(name, within)?.to_owned();
            lines.push([figure, measured, limit, why]);
            Ok::<(), String>(())
        };
        let (bytes, limit) = (self.first_page_bytes, limits::FIRST_PAGE_BYTES);
        let figure = "first page with everything it loads, gzip".to_owned();
        line("first page", figure, kilobytes(bytes), kilobytes(limit), bytes <= limit)?;
        for Instructions { function, path, instructions, call, calls, own, ratio, .. } in &self.instructions {
            let figure = format!("instructions of a warm request: {function} `{path}`");
            let [all, call, own] = [instructions, call, own].map(|count| count / 1_000);
            let measured = format!("{own} k = {ratio:.1}× (and {calls} SDK calls of {call} k: {all} k)");
            let limit = limits::INSTRUCTIONS_RATIO;
            line(&format!("instructions {path}"), figure, measured, format!("{limit}×"), *ratio <= limit)?;
        }
        for ColdStart { function, ratio, .. } in self.cold_start.iter().skip(1) {
            let (figure, limit) = (format!("cold start of {function} against the empty function"), limits::START_RATIO);
            line(&format!("start {function}"), figure, format!("{ratio:.1}×"), format!("{limit}×"), *ratio <= limit)?;
        }
        for FirstRequest { function, handshakes, resident_bytes, log_bytes } in &self.first_request {
            let figure = format!("DynamoDB handshakes in the first request of {function}");
            line(&format!("handshakes {function}"), figure, handshakes.to_string(), "0".to_owned(), *handshakes == 0)?;
            let limit =
                if *function == "documents" { limits::DOCUMENTS_RESIDENT_BYTES } else { limits::RESIDENT_BYTES };
            let (figure, measured) =
                (format!("resident memory of {function}"), format!("{} MB", resident_bytes / 1_000_000));
            let within = *resident_bytes <= limit;
            line(&format!("memory {function}"), figure, measured, format!("{} MB", limit / 1_000_000), within)?;
            let (figure, limit) = (format!("log line of {function}"), limits::LOG_BYTES);
            let within = *log_bytes <= limit;
            line(&format!("log {function}"), figure, format!("{log_bytes} B"), format!("{limit} B"), within)?;
        }
        for Size { function, zip_bytes, .. } in &self.sizes {
            let limit = if *function == "documents" { limits::DOCUMENTS_ZIP_BYTES } else { limits::ZIP_BYTES };
            let name = format!("zip {function}");
            line(&name, format!("zip of {function}"), kilobytes(*zip_bytes), kilobytes(limit), *zip_bytes <= limit)?;
        }
        let Paper { milliseconds, bytes } = self.paper;
        let (figure, limit) =
            ("invoice of one page, ten lines and logo: CPU, warm".to_owned(), limits::PAPER_MILLISECONDS);
        line("paper time", figure, format!("{milliseconds:.1} ms"), format!("{limit} ms"), milliseconds <= limit)?;
        let (figure, limit) = ("the same: size".to_owned(), limits::PAPER_BYTES);
        line("paper size", figure, kilobytes(bytes), kilobytes(limit), bytes <= limit)?;
        let Cost { reads, writes, .. } = self.webhook;
        for (side, units, limit) in [("read", reads, limits::WEBHOOK_READS), ("write", writes, limits::WEBHOOK_WRITES)]
        {
            let figure = format!("{side} units from a provider's message until the invoice is paid");
            line(&format!("webhook {side}"), figure, units.to_string(), limit.to_string(), units <= limit)?;
        }
        for (name, what, bills, limit) in [
            ("million pages", "pages", &self.million_pages, limits::MILLION_PAGES),
            ("million webhooks", "payments told by a provider", &self.million_webhooks, limits::MILLION_WEBHOOKS),
        ] {
            for Bill { region, gateway, compute, reads, writes, egress, logs, sum } in bills {
                let figure = format!(
                    "a million {what} in {region}: gateway {gateway:.2}, compute {compute:.2}, reads {reads:.2}, \
                     writes {writes:.2}, egress {egress:.2}, logs {logs:.2}"
                );
                // The limit is one for the region whose prices everybody quotes.
                let (shown, within) = if *region == "us-east-1" {
                    (format!("{limit:.2} $"), *sum <= limit)
                } else {
                    (String::new(), true)
                };
                line(&format!("{name} {region}"), figure, format!("{sum:.2} $"), shown, within)?;
            }
        }
        Ok(lines)
    }
}

fn kilobytes(bytes: usize) -> String {
    if bytes < 100_000 {
        format!("{}.{} kB", bytes / 1_000, bytes % 1_000 / 100)
    } else {
        format!("{} kB", bytes / 1_000)
    }
}
