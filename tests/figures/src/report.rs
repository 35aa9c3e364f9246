//! Writes the figures down: `tests/figures.json` for programs, the tables between the marks of two READMEs for people.

use std::{fs, path::Path};

use serde::Serialize;
use serde_json::Value;

use crate::{costs, month::Month, portal::Cost, prices::Bill, tables, units::Units};

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
    /// The first request after the start, of worker and documents a minute of the schedule.
    pub(crate) first_request: Vec<FirstRequest>,
    /// What handshakes over a network add to it.
    pub(crate) handshakes: Vec<Handshakes>,
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
    /// What is done behind the scenes.
    pub(crate) units: Units,
    /// US dollars for a month of one tenant.
    pub(crate) month: Vec<Month>,
    /// US dollars for a month of one more tenant's minutes.
    pub(crate) further_tenant: [(&'static str, f64); 2],
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

/// The first request when each new connection takes 40 ms, and when it takes nothing.
#[derive(Debug, Serialize)]
pub(crate) struct Handshakes {
    pub(crate) function: &'static str,
    pub(crate) without_milliseconds: f64,
    pub(crate) with_milliseconds: f64,
    pub(crate) ratio: f64,
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

/// Size of one function: of the binary that is measured here, and of the zip for arm64.
#[derive(Debug, Serialize)]
pub(crate) struct Size {
    pub(crate) function: &'static str,
    pub(crate) binary_bytes: usize,
    /// Against the empty function's binary.
    pub(crate) ratio: f64,
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

/// What background work costs now and did not when it was committed.
pub(crate) fn other_units(measured: &Value, committed: &Value) -> Vec<String> {
    let is_known = |name: &str, sides: &Value| {
        sides.as_object().into_iter().flatten().all(|(side, units)| {
            let known = committed[name][side.as_str()].as_f64();
            units.as_f64().zip(known).is_some_and(|(units, known)| (units - known).abs() < 1e-6)
        })
    };
    let all = measured.as_object().into_iter().flatten();
    all.filter(|(name, sides)| !is_known(name, sides)).map(|(name, sides)| format!("{name}: {sides}")).collect()
}

impl Figures {
    /// Writes all of it; the file first, which says what was measured even when a reason is missing.
    ///
    /// # Errors
    /// When a file cannot be read or written, or a figure is above its limit without a reason.
    pub(crate) fn write(&self, root: &Path) -> Result<(), String> {
        let json = serde_json::to_string_pretty(self).map_err(|error| error.to_string())?;
        fs::write(root.join("tests/figures.json"), json + "\n").map_err(|error| error.to_string())?;
        let tables = tables::of(self)?;
        write_between(&root.join("infra/README.md"), "costs", &costs::of(self))?;
        write_between(&root.join("README.md"), "figures", &tables)
    }
}

/// Replaces what stands between a file's marks of a name.
fn write_between(file: &Path, name: &str, text: &str) -> Result<(), String> {
    let named = |error: &str| format!("{}: {error}", file.display());
    let (begin, end) = (format!("<!-- {name}: begin -->\n"), format!("<!-- {name}: end -->"));
    let old = fs::read_to_string(file).map_err(|error| named(&error.to_string()))?;
    let (before, rest) = old.split_once(&begin).ok_or_else(|| named("there is no place for them"))?;
    let (_, after) = rest.split_once(&end).ok_or_else(|| named("their place has no end"))?;
    fs::write(file, format!("{before}{begin}{text}{end}{after}")).map_err(|error| named(&error.to_string()))
}
